/* Which packages need which: names in `depends` are looked up among names and `provides` of their own kind.
 */
#include "inventory/inventory_reading.h"

#include "util/lines.h"
#include "util/search.h"

#include <stdlib.h>

enum {
    MAX_MATCHES = 64,      /* packages that are taken for one name: more is no dependency but an attack */
    MAX_DEPENDS = 1 << 14, /* of one package */
    NAME_SIZE = 256,
    PATH_SIZE = 4096 + 8, /* bytes of the longest path, with room for "/usr" */
    MAX_PATHS = 1 << 20,
};

/* A name that a package goes by: its own, one that it provides, for npm the folder it lies in, for rpm a file
 * that another one needs. */
typedef struct provider {
    fps__span name;
    fps_package_kind kind;
    bool provided; /* not its own name */
    uint32_t package;
} provider;

typedef struct linkage {
    fps__inventory_reading *reading;
    fps__inventory_package *packages;
    FPS__ARRAY(provider) providers; /* sorted by kind, name, provided, package */
    FPS__ARRAY(uint32_t) found;
    FPS__ARRAY(fps__span) paths; /* that rpm packages need, sorted */
} linkage;

static int compare_names(fps__span a, fps__span b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.data, b.data, size) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_providers(const void *left, const void *right)
{
    const provider *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = compare_names(a->name, b->name);
    if (!order)
        order = a->provided - b->provided;
    return order ? order : (a->package > b->package) - (a->package < b->package);
}

static int compare_indexes(const void *left, const void *right)
{
    return FPS__COMPARE(*(const uint32_t *)left, *(const uint32_t *)right);
}

/* The name at the beginning of "name (>= 1)", "name:any", "so:libz.so.1=1.2"; empty for what is none. */
static fps__span name_of(fps_package_kind kind, fps__span term)
{
    const char *ends = fps__package_kind_of(kind)->name_ends;
    fps__span name = {term.data, 0};
    bool none = term.size && (kind == FPS_PACKAGE_RPM ? term.data[0] == '(' : term.data[0] == '!');
    for (; !none && name.size < term.size; name.size++) {
        int c = term.data[name.size];
        if (!c || strchr(" \t\n", c) || strchr(ends, c))
            break;
    }
    return name;
}

/* The name of a Python package as PEP 503 compares them, in `buffer` of NAME_SIZE bytes. */
static fps__span pypi_key(fps__span name, char *buffer)
{
    size_t used = 0;
    for (size_t i = 0; i < name.size && used < NAME_SIZE; i++) {
        char c = (char)name.data[i];
        bool run = c == '-' || c == '_' || c == '.';
        if (run && used && buffer[used - 1] == '-')
            continue;
        buffer[used++] = run ? '-' : (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return (fps__span){(const uint8_t *)buffer, used};
}

static void add_provider(linkage *linker, uint32_t package, fps__span name, bool provided)
{
    fps_package_kind kind = linker->packages[package].facts.kind;
    if (!name.size)
        return;
    if (kind == FPS_PACKAGE_PYPI) {
        char buffer[NAME_SIZE];
        fps__span key = pypi_key(name, buffer);
        name = fps__span_of(fps__inventory_text(linker->reading, (const char *)key.data, key.size));
    }
    provider made = {name, kind, provided, package};
    fps_status pushed = FPS__ARRAY_PUSH(&linker->providers, &made, UINT32_MAX);
    fps__inventory_room(linker->reading, pushed, "packages provide more names than are kept");
}

static void add_providers(linkage *linker, uint32_t index)
{
    const fps__inventory_package *package = &linker->packages[index];
    if (package->facts.kind == FPS_PACKAGE_NPM) {
        add_provider(linker, index, fps__span_of(package->root), false);
        return;
    }
    add_provider(linker, index, fps__span_of(package->facts.name), false);
    fps__span rest = fps__span_of(package->provides);
    for (fps__span term; fps__span_cut(&rest, ",", &term);)
        add_provider(linker, index, name_of(package->facts.kind, term), true);
}

/* ---- files that rpm packages need: "/bin/sh" ---- */

/* The place of a path where /bin, /sbin and /lib lie in /usr, in `buffer` of PATH_SIZE bytes; empty when it
 * is longer.
 */
static fps__span merged_path(fps__span path, char *buffer)
{
    static const char *const moved[] = {"/bin/", "/sbin/", "/lib/", "/lib64/"};
    size_t prefix = 0;
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        if (fps__span_starts(path, moved[i]))
            prefix = 4;
    if (path.size + prefix > PATH_SIZE)
        return (fps__span){NULL, 0};
    memcpy(buffer, "/usr", prefix);
    memcpy(buffer + prefix, path.data, path.size);
    return (fps__span){(const uint8_t *)buffer, prefix + path.size};
}

static int compare_spans(const void *left, const void *right)
{
    return compare_names(*(const fps__span *)left, *(const fps__span *)right);
}

/* All paths that the package needs, as they are where /usr is merged. */
static void add_wanted_paths(linkage *linker, const fps__inventory_package *package)
{
    char buffer[PATH_SIZE];
    fps__span rest = fps__span_of(package->depends);
    for (fps__span term; fps__span_cut(&rest, ",", &term);) {
        if (!fps__span_starts(term, "/"))
            continue;
        fps__span path = merged_path(name_of(FPS_PACKAGE_RPM, term), buffer);
        path = fps__span_of(fps__inventory_text(linker->reading, (const char *)path.data, path.size));
        fps_status pushed = FPS__ARRAY_PUSH(&linker->paths, &path, MAX_PATHS);
        if (!fps__inventory_room(linker->reading, pushed, "packages need more paths than are looked up"))
            return;
    }
}

/* Makes the packages that own a wanted path its providers. */
static void add_path_providers(linkage *linker, size_t count)
{
    char buffer[PATH_SIZE];
    for (size_t i = 0; i < count; i++)
        if (linker->packages[i].facts.kind == FPS_PACKAGE_RPM)
            add_wanted_paths(linker, &linker->packages[i]);
    if (!linker->paths.count)
        return;
    qsort(linker->paths.items, linker->paths.count, sizeof *linker->paths.items, compare_spans);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0;
             linker->packages[i].facts.kind == FPS_PACKAGE_RPM && c < linker->packages[i].path_count; c++) {
            fps__span path = merged_path(fps__span_of(linker->packages[i].paths[c].path), buffer);
            const fps__span *known = bsearch(&path, linker->paths.items, linker->paths.count,
                                             sizeof *linker->paths.items, compare_spans);
            if (known)
                add_provider(linker, (uint32_t)i, *known, true);
        }
}

static void take(linkage *linker, uint32_t package)
{
    fps_status pushed = FPS__ARRAY_PUSH(&linker->found, &package, MAX_DEPENDS);
    fps__inventory_room(linker->reading, pushed, "a package needs more packages than are kept");
}

/* Packages of one architecture need each other, and those that fit all. */
static bool fits(const linkage *linker, uint32_t from, uint32_t to)
{
    const char *a = linker->packages[from].facts.architecture, *b = linker->packages[to].facts.architecture;
    return !strcmp(a, b) || !strcmp(a, "all") || !strcmp(b, "all");
}

/* Takes what goes by `name`: packages of that name, else those that provide it; of a fitting architecture
 * where there are such. False when there is none. */
static bool take_name(linkage *linker, uint32_t from, fps__span name)
{
    provider wanted = {name, linker->packages[from].facts.kind, false, 0};
    size_t low;
    FPS__LOWER_BOUND(low, linker->providers.count, at,
                     compare_providers(&linker->providers.items[at], &wanted) < 0);
    if (low == linker->providers.count)
        return false;
    const provider *first = linker->providers.items + low;
    size_t count = 0;
    bool any_fits = false;
    while (count < MAX_MATCHES && low + count < linker->providers.count && first[count].kind == wanted.kind &&
           !compare_names(first[count].name, name) && first[count].provided == first[0].provided)
        any_fits |= fits(linker, from, first[count++].package);
    for (size_t i = 0; i < count; i++)
        if (first[i].package != from && (!any_fits || fits(linker, from, first[i].package)))
            take(linker, first[i].package);
    return count > 0;
}

/* As node resolves names: node_modules of the package itself, then of each folder above it. */
static void take_npm(linkage *linker, uint32_t from, fps__span name)
{
    const char *root = linker->packages[from].root;
    size_t size = strlen(root);
    char path[PATH_SIZE];
    static const char folder[] = "/node_modules/";
    if (!name.size || size + sizeof folder + name.size > sizeof path)
        return;
    memcpy(path, root, size);
    for (;;) {
        memcpy(path + size, folder, sizeof folder - 1);
        memcpy(path + size + sizeof folder - 1, name.data, name.size);
        fps__span key = {(const uint8_t *)path, size + sizeof folder - 1 + name.size};
        if (take_name(linker, from, key) || !size)
            return;
        memcpy(path, root, size);
        while (size && path[--size] != '/')
            continue;
    }
}

static void take_term(linkage *linker, uint32_t from, fps__span term)
{
    fps_package_kind kind = linker->packages[from].facts.kind;
    char key[PATH_SIZE];
    for (fps__span choice; !fps__inventory_late(linker->reading) &&
                           fps__span_cut(&term, kind == FPS_PACKAGE_DEB ? "|" : "", &choice);) {
        fps__span name = name_of(kind, choice);
        if (kind == FPS_PACKAGE_PYPI)
            name = pypi_key(name, key);
        if (kind == FPS_PACKAGE_RPM && fps__span_starts(name, "/"))
            name = merged_path(name, key);
        if (kind == FPS_PACKAGE_NPM)
            take_npm(linker, from, name);
        else if (take_name(linker, from, name))
            return;
    }
}

static void link_package(linkage *linker, uint32_t index)
{
    fps__inventory_package *package = &linker->packages[index];
    linker->found.count = 0;
    fps__span rest = fps__span_of(package->depends);
    for (fps__span term; fps__span_cut(&rest, ",", &term);)
        take_term(linker, index, term);
    uint32_t *found = linker->found.items;
    size_t count = 0;
    if (!linker->found.count)
        return;
    qsort(found, linker->found.count, sizeof *found, compare_indexes);
    for (size_t i = 0; i < linker->found.count; i++)
        if (!count || found[count - 1] != found[i])
            found[count++] = found[i];
    package->facts.depends = fps__arena_copy(&linker->reading->inventory->arena, found, count, sizeof *found);
    package->facts.depend_count = package->facts.depends ? count : 0;
    linker->reading->no_memory |= !package->facts.depends;
}

void fps__inventory_link(fps__inventory_reading *reading)
{
    size_t count = reading->inventory->packages.count;
    linkage links = {.reading = reading, .packages = reading->inventory->packages.items};
    for (size_t i = 0; i < count; i++)
        add_providers(&links, (uint32_t)i);
    add_path_providers(&links, count);
    if (links.providers.count)
        qsort(links.providers.items, links.providers.count, sizeof *links.providers.items, compare_providers);
    for (size_t i = 0; i < count; i++)
        link_package(&links, (uint32_t)i);
    free(links.providers.items);
    free(links.found.items);
    free(links.paths.items);
}
