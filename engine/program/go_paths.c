/* Modules of a Go program by its table of functions, which no tool strips: paths of source files hold modules with their
 * versions ("/go/pkg/mod/github.com/foo/bar@v1.2.3/a.go"), names of functions hold the packages of all others. */
#include "program/program_reading.h"

#include "code/pclntab.h"
#include "util/lines.h"
#include "util/search.h"

#include <stdlib.h>
#include <xxhash.h>

enum {
    MAX_TEXTS = 1 << 18, /* packages, folders */
    MAX_PATH = 2048,     /* bytes of a path */
    PROBES = 16,         /* texts that must make sense before a table is believed */
    MAX_PARTS = 64,      /* of a path, where a module may begin */
    MAX_VERSIONS = 256,  /* places that may hold the version of Go */
    MAX_VERSION = 32,
};

typedef struct spans {
    FPS__ARRAY(fps__span) items;
    fps__table known;
} spans;

typedef struct paths {
    fps__program_reading *reading;
    fps__pclntab table;
    spans packages, folders, modules;
    uint64_t search_left; /* bytes that may be searched for variables */
    fps__span version;    /* of Go, "go1.22.3"; empty when it is not known */
} paths;

static bool goes_on(paths *p)
{
    return !p->reading->no_memory && !fps__alarm_rings(&p->reading->alarm);
}

/* ---- sets of texts ---- */

/* True when the text was not there. */
static bool add_span(paths *p, spans *set, fps__span text)
{
    fps__table_slot *slot;
    uint64_t hash = XXH3_64bits(text.data, text.size);
    if (!text.size || text.size > MAX_PATH || set->items.count >= MAX_TEXTS)
        return false;
    if (fps__table_reserve(&set->known, 1) != FPS_OK) {
        p->reading->no_memory = true;
        return false;
    }
    FPS__TABLE_FIND(slot, &set->known, hash, id,
                    set->items.items[id - 1].size == text.size &&
                        memcmp(set->items.items[id - 1].data, text.data, text.size) == 0);
    if (slot->id)
        return false;
    if (FPS__ARRAY_PUSH(&set->items, &text, MAX_TEXTS) != FPS_OK) {
        p->reading->no_memory = true;
        return false;
    }
    fps__table_add(&set->known, slot, hash, (uint32_t)set->items.count);
    return true;
}

static bool has_span(const spans *set, fps__span text)
{
    fps__table_slot *slot;
    if (!set->known.size)
        return false;
    FPS__TABLE_FIND(slot, &set->known, XXH3_64bits(text.data, text.size), id,
                    set->items.items[id - 1].size == text.size &&
                        memcmp(set->items.items[id - 1].data, text.data, text.size) == 0);
    return slot->id != 0;
}

/* True when the text, or what is left of it at one of its slashes, is in the set. */
static bool has_beginning(const spans *set, fps__span text)
{
    for (size_t i = 1; i <= text.size; i++)
        if ((i == text.size || text.data[i] == '/') && has_span(set, fps__span_part(text, 0, i)))
            return true;
    return false;
}

/* ---- packages ---- */

/* The package path in the name of a function: what is before the first '.' behind the last '/'. Type arguments and
 * receivers have slashes of their own. */
static fps__span package_in(fps__span name)
{
    size_t end = 0, slash = 0;
    while (end < name.size && !memchr("[({ ", name.data[end], 4))
        end++;
    for (size_t i = 0; i < end; i++)
        slash = name.data[i] == '/' ? i + 1 : slash;
    const uint8_t *dot = slash < end ? memchr(name.data + slash, '.', end - slash) : NULL;
    if (!dot || fps__span_starts(name, "type:") || fps__span_starts(name, "type..") ||
        fps__span_starts(name, "go:") || fps__span_starts(name, "go."))
        return (fps__span){NULL, 0};
    return fps__span_part(name, 0, (size_t)(dot - name.data));
}

/* The linker writes dots of a path's last part as "%2e". */
static fps__span decode(paths *p, fps__span package)
{
    if (!package.size || !memchr(package.data, '%', package.size))
        return package;
    uint8_t *plain = fps__arena_alloc(p->reading->arena, package.size);
    size_t used = 0;
    if (!plain) {
        p->reading->no_memory = true;
        return package;
    }
    for (size_t i = 0; i < package.size; i++) {
        bool dot = package.size - i > 2 && memcmp(package.data + i, "%2e", 3) == 0;
        plain[used++] = dot ? '.' : package.data[i];
        i += dot ? 2 : 0;
    }
    return (fps__span){plain, used};
}

/* What is behind the last "/vendor/" of a path. */
static fps__span without_vendor(fps__span path)
{
    static const char folder[] = "/vendor/";
    for (size_t i = path.size; i >= sizeof folder; i--)
        if (memcmp(path.data + i - (sizeof folder - 1), folder, sizeof folder - 1) == 0)
            return fps__span_part(path, i, path.size - i);
    return path;
}

static void take_name(paths *p, spans *seen, fps__span name)
{
    fps__span package = package_in(name);
    /* packages that the standard library brings along are a part of it */
    if (!package.size || fps__span_starts(package, "vendor/") || !add_span(p, seen, package))
        return;
    add_span(p, &p->packages, without_vendor(decode(p, package)));
}

static int compare_spans(const void *left, const void *right)
{
    const fps__span *a = left, *b = right;
    int order = memcmp(a->data, b->data, a->size < b->size ? a->size : b->size);
    return order ? order : FPS__COMPARE(a->size, b->size);
}

static void list_packages(paths *p)
{
    spans seen = {.items = {NULL, 0, 0}};
    fps__span name;
    size_t at = 0;
    bool together = p->table.names_end > p->table.names;
    while (together && fps__pclntab_next_name(&p->table, &at, &name) && goes_on(p))
        take_name(p, &seen, name);
    for (size_t i = 0; !together && i < p->table.count && !fps__alarm_rings(&p->reading->alarm); i++) {
        fps__pclntab_function function;
        if (fps__pclntab_read(&p->table, i, &function) && function.name)
            take_name(p, &seen, fps__span_of(function.name));
    }
    free(seen.items.items);
    fps__table_free(&seen.known);
}

/* ---- folders ---- */

static fps__span above(fps__span path)
{
    const uint8_t *slash = path.size ? memrchr(path.data, '/', path.size) : NULL;
    return slash ? fps__span_part(path, 0, (size_t)(slash - path.data)) : (fps__span){NULL, 0};
}

static void list_folders(paths *p)
{
    fps__span path;
    size_t at = 0;
    while (fps__pclntab_next_file(&p->table, &at, &path) && goes_on(p))
        add_span(p, &p->folders, above(path));
}

/* The cache of modules writes a capital letter as '!' and its small one. */
static fps__span unescape(fps__span text, uint8_t *plain, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < text.size && used < size; i++) {
        bool capital =
            text.data[i] == '!' && i + 1 < text.size && text.data[i + 1] >= 'a' && text.data[i + 1] <= 'z';
        plain[used++] = capital ? (uint8_t)(text.data[i + 1] - 32) : text.data[i];
        i += capital;
    }
    return (fps__span){plain, used};
}

/* True when a package that has functions begins with the path. */
static bool begins_package(const paths *p, fps__span path)
{
    size_t first;
    FPS__LOWER_BOUND(first, p->packages.items.count, at,
                     compare_spans(&p->packages.items.items[at], &path) < 0);
    if (first == p->packages.items.count)
        return false;
    fps__span found = p->packages.items.items[first];
    return found.size >= path.size && memcmp(found.data, path.data, path.size) == 0 &&
           (found.size == path.size || found.data[path.size] == '/');
}

/* Where the module's path begins in a path that ends with it: behind the cache's folder; at its first byte, where paths are
 * trimmed; else where a known package begins, or a host. */
static size_t module_start(const paths *p, fps__span path)
{
    static const char cache[] = "/pkg/mod/";
    uint8_t plain[MAX_PATH];
    size_t host = SIZE_MAX;
    unsigned left = MAX_PARTS;
    for (size_t i = path.size; i >= sizeof cache; i--)
        if (memcmp(path.data + i - (sizeof cache - 1), cache, sizeof cache - 1) == 0)
            return i;
    for (size_t i = 0; i < path.size && left; i++) {
        if (i && path.data[i - 1] != '/')
            continue;
        left--;
        fps__span rest = unescape(fps__span_part(path, i, path.size - i), plain, sizeof plain);
        if (begins_package(p, rest))
            return i;
        if (host == SIZE_MAX && fps__go_module_of(rest).size)
            host = i;
    }
    return host;
}

static bool is_version(fps__span text)
{
    return text.size > 1 && text.data[0] == 'v' && text.data[1] >= '0' && text.data[1] <= '9' &&
           memchr(text.data, '.', text.size);
}

/* "golang.org/toolchain@v0.0.1-go1.22.3.linux-amd64" is where Go itself was downloaded to. */
static bool take_toolchain(paths *p, fps__span module, fps__span version)
{
    static const char before[] = "v0.0.1-";
    if (!fps__span_is(module, "golang.org/toolchain"))
        return false;
    if (fps__span_starts(version, before)) {
        fps__span rest = fps__span_part(version, sizeof before - 1, version.size - sizeof before + 1);
        const uint8_t *dash = memchr(rest.data, '-', rest.size);
        const uint8_t *dot = dash ? memrchr(rest.data, '.', (size_t)(dash - rest.data)) : NULL;
        p->version = dot ? fps__span_part(rest, 0, (size_t)(dot - rest.data)) : p->version;
    }
    return true;
}

static void take_folder(paths *p, fps__span folder)
{
    uint8_t plain[MAX_PATH], plain_version[MAX_PATH];
    const uint8_t *mark = memrchr(folder.data, '@', folder.size);
    if (!mark) {
        add_span(p, &p->packages,
                 folder.data[0] == '/' ? (fps__span){NULL, 0} : folder); /* trimmed: a package */
        return;
    }
    fps__span path = fps__span_part(folder, 0, (size_t)(mark - folder.data));
    fps__span rest = fps__span_part(folder, path.size + 1, folder.size - path.size - 1);
    const uint8_t *slash = memchr(rest.data, '/', rest.size);
    fps__span version = fps__span_part(rest, 0, slash ? (size_t)(slash - rest.data) : rest.size);
    size_t start = is_version(version) ? module_start(p, path) : SIZE_MAX;
    if (start >= path.size)
        return;
    fps__span module = unescape(fps__span_part(path, start, path.size - start), plain, sizeof plain);
    if (take_toolchain(p, module, version))
        return;
    version = unescape(version, plain_version, sizeof plain_version);
    fps__listed listed = {.kind = FPS_PACKAGE_GOLANG,
                          .name = fps__program_text(p->reading, module),
                          .version = fps__program_text(p->reading, version),
                          .properties = ""};
    add_span(p, &p->modules, fps__span_of(listed.name));
    fps__program_add(p->reading, &listed);
}

/* Packages whose files lie in no folder of a module: those of the main module, replaced and vendored ones. Where a module
 * ends is then a guess. */
static void take_package(paths *p, fps__span package)
{
    fps__span module = fps__go_module_of(package);
    if (!module.size || has_beginning(&p->modules, package))
        return;
    fps__listed listed = {.kind = FPS_PACKAGE_GOLANG,
                          .name = fps__program_text(p->reading, module),
                          .version = "",
                          .properties = "",
                          .likely = true};
    fps__program_add(p->reading, &listed);
}

/* ---- the version of Go ---- */

static size_t version_size(fps__span text)
{
    size_t size = 2;
    while (size < text.size && size < MAX_VERSION && memchr(".0123456789rcbeta", text.data[size], 17))
        size++;
    return size;
}

/* True when a variable holds the first bytes of the text at `address` as a string; *size becomes its length. */
static bool is_variable(paths *p, uint64_t address, size_t most, size_t *size)
{
    const fps__program_reading *reading = p->reading;
    size_t word = p->table.word;
    uint8_t bytes[8];
    for (size_t i = 0; i < word; i++)
        bytes[reading->info->big_endian ? word - 1 - i : i] = (uint8_t)(address >> 8 * i);
    for (size_t i = 0; i < fps_object_region_count(reading->object); i++) {
        fps__span data = fps__program_data(reading, i);
        if (fps_object_region(reading->object, i)->kind != FPS_REGION_DATA || !data.size ||
            data.size > p->search_left)
            continue;
        p->search_left -= data.size;
        const uint8_t *at = memmem(data.data, data.size, bytes, word);
        if (!at || data.size - (size_t)(at - data.data) < 2 * word)
            continue;
        uint64_t length = 0;
        for (size_t k = 0; k < word; k++)
            length |= (uint64_t)at[word + (reading->info->big_endian ? word - 1 - k : k)] << 8 * k;
        *size = (size_t)length;
        if (length > 4 && length <= most)
            return true;
    }
    return false;
}

/* runtime.buildVersion is a variable, and no other variable holds a release of Go. */
static void find_version(paths *p)
{
    const fps__program_reading *reading = p->reading;
    unsigned left = MAX_VERSIONS;
    for (size_t i = 0; i < fps_object_region_count(reading->object) && !p->version.size; i++) {
        fps__span rest = fps__program_data(reading, i);
        uint64_t base = reading->image_base + fps_object_region(reading->object, i)->address;
        const uint8_t *start = rest.data, *at;
        while (left && rest.size && (at = memmem(rest.data, rest.size, "go1.", 4))) {
            size_t size = 0, skip = (size_t)(at - rest.data);
            rest = fps__span_part(rest, skip, rest.size - skip);
            left--;
            if (is_variable(p, base + (uint64_t)(at - start), version_size(rest), &size)) {
                p->version = fps__span_part(rest, 0, size);
                return;
            }
            rest = fps__span_part(rest, 4, rest.size - 4);
        }
    }
}

/* ---- all of it ---- */

/* A table by chance, or of damage, holds no paths of Go's files. */
static bool is_believable(const fps__pclntab *table)
{
    fps__span path;
    size_t at = 0, good = 0, count = 0;
    for (; count < PROBES && fps__pclntab_next_file(table, &at, &path); count++)
        good += path.size > 3 && (memcmp(path.data + path.size - 3, ".go", 3) == 0 || path.data[0] == '<' ||
                                  memcmp(path.data + path.size - 2, ".s", 2) == 0);
    return good && good * 2 >= count;
}

static bool find_table(paths *p)
{
    bool big = p->reading->info->big_endian;
    fps__pclntab_search search;
    fps__pclntab_search_init(&search, big);
    for (size_t i = 0; i < fps_object_region_count(p->reading->object); i++) {
        fps__span bytes = fps__program_data(p->reading, i);
        for (size_t at = 0; bytes.size && !fps__alarm_rings(&p->reading->alarm); at++) {
            at = fps__pclntab_next(&search, bytes, at);
            if (at >= bytes.size)
                break;
            if (fps__pclntab_open(&p->table, (fps__span){bytes.data + at, bytes.size - at}, big) &&
                is_believable(&p->table))
                return true;
        }
    }
    return false;
}

static void read_table(paths *p)
{
    list_packages(p);
    if (p->packages.items.count)
        qsort(p->packages.items.items, p->packages.items.count, sizeof(fps__span), compare_spans);
    list_folders(p);
    for (size_t i = 0; i < p->folders.items.count && goes_on(p); i++)
        take_folder(p, p->folders.items.items[i]);
    for (size_t i = 0; i < p->packages.items.count && goes_on(p); i++) /* and trimmed folders */
        take_package(p, p->packages.items.items[i]);
    if (!p->version.size)
        find_version(p);
    fps__listed library = {.kind = FPS_PACKAGE_GOLANG, .name = "stdlib", .version = "", .properties = ""};
    fps__span release;
    if (fps__go_release(p->version, &release))
        library.version = fps__program_text(p->reading, release);
    fps__program_add(p->reading, &library);
}

bool fps__go_paths_read(fps__program_reading *reading, fps__span version)
{
    paths p = {.reading = reading, .version = version, .search_left = (uint64_t)1 << 30};
    if (!find_table(&p))
        return false;
    read_table(&p);
    spans *sets[] = {&p.packages, &p.folders, &p.modules};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        free(sets[i]->items.items);
        fps__table_free(&sets[i]->known);
    }
    return true;
}
