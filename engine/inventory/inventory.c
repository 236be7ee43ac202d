/* One inventory: runs all readers over the captured files, sorts what they found, and has what they share. */
#include "inventory/inventory.h"

#include "util/error.h"
#include "util/lines.h"

#include <stdlib.h>

enum {
    MAX_PACKAGES = 1 << 20,
    MAX_CLAIMS = 1 << 22, /* in one inventory */
    MAX_PATH_BYTES = 4096,
};

bool fps__inventory_wants(const char *path, uint64_t size)
{
    return !strcmp(path, "/etc/os-release") || !strcmp(path, "/usr/lib/os-release") ||
           fps__inventory_wants_dpkg(path, size) || fps__inventory_wants_apk(path) ||
           fps__inventory_wants_rpm(path) || fps__inventory_wants_language(path, size);
}

static int compare_packages(const void *left, const void *right)
{
    const fps_package *a = &((const fps__inventory_package *)left)->facts,
                      *b = &((const fps__inventory_package *)right)->facts;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = strcmp(a->name, b->name);
    if (!order)
        order = strcmp(a->version, b->version);
    if (!order)
        order = strcmp(a->location, b->location);
    return order ? order : strcmp(a->architecture, b->architecture);
}

static void finish_packages(fps__inventory_reading *reading)
{
    fps__inventory *inventory = reading->inventory;
    for (size_t i = 0; i < inventory->packages.count; i++) {
        fps_package *facts = &inventory->packages.items[i].facts;
        if (!*facts->source)
            facts->source = facts->name;
        if (!*facts->source_version)
            facts->source_version = facts->version;
        facts->purl =
            fps__inventory_purl(&inventory->arena, facts, inventory->os_id, inventory->os_version_id);
    }
    if (inventory->packages.count)
        qsort(inventory->packages.items, inventory->packages.count, sizeof *inventory->packages.items,
              compare_packages);
    fps__inventory_link(reading);
}

fps_status fps__inventory_read(fps__inventory *inventory, const fps__inventory_file *files, size_t count,
                               fps__diagnostic_callback diagnostic, void *user, fps_error *error)
{
    *inventory = (fps__inventory){.os_id = "", .os_version_id = "", .os_name = "", .os_like = ""};
    fps__inventory_reading reading = {
        .inventory = inventory, .files = files, .count = count, .diagnostic = diagnostic, .user = user};
    fps__inventory_read_os_release(&reading);
    fps__inventory_read_dpkg(&reading);
    fps__inventory_read_apk(&reading);
    fps__inventory_read_rpm(&reading);
    fps__inventory_read_language(&reading);
    finish_packages(&reading);
    free(reading.claims.items);
    if (!reading.no_memory)
        return FPS_OK;
    fps__inventory_free(inventory);
    return fps__fail_memory(error);
}

void fps__inventory_free(fps__inventory *inventory)
{
    if (!inventory)
        return;
    free(inventory->packages.items);
    free(inventory->diversions.items);
    free((void *)inventory->excluded.items);
    fps__arena_free(&inventory->arena);
    *inventory = (fps__inventory){.os_id = "", .os_version_id = "", .os_name = "", .os_like = ""};
}

/* ---- for the readers ---- */

/* Without memory, or at a limit: then the rest is left out, and that is said once. */
static void no_room(fps__inventory_reading *reading, bool limit, const char *message)
{
    if (!limit)
        reading->no_memory = true;
    else if (!reading->full)
        fps__inventory_diagnose(reading, NULL, message);
    reading->full = reading->full || limit;
}

void fps__inventory_diagnose(fps__inventory_reading *reading, const char *path, const char *message)
{
    if (reading->diagnostic)
        reading->diagnostic(reading->user, &(fps_diagnostic){.level = FPS_DIAGNOSTIC_PARTIAL,
                                                             .code = "broken-package-database",
                                                             .path = path,
                                                             .offset = UINT64_MAX,
                                                             .message = message});
}

size_t fps__inventory_first(const fps__inventory_reading *reading, const char *prefix)
{
    size_t low = 0, high = reading->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(reading->files[middle].path, prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const fps__inventory_file *fps__inventory_find(const fps__inventory_reading *reading, const char *path)
{
    size_t at = fps__inventory_first(reading, path);
    return at < reading->count && !strcmp(reading->files[at].path, path) ? reading->files + at : NULL;
}

fps_package fps__inventory_facts(fps_package_kind kind)
{
    return (fps_package){.kind = kind,
                         .name = "",
                         .version = "",
                         .architecture = "",
                         .source = "",
                         .source_version = "",
                         .license = "",
                         .purl = "",
                         .location = "",
                         .layer = UINT32_MAX,
                         .parent = UINT32_MAX};
}

fps__inventory_package *fps__inventory_add(fps__inventory_reading *reading, fps_package_kind kind)
{
    fps__inventory *inventory = reading->inventory;
    if (FPS__ARRAY_RESERVE(&inventory->packages, 1, MAX_PACKAGES) != FPS_OK) {
        no_room(reading, inventory->packages.count >= MAX_PACKAGES, "more packages than are kept");
        return NULL;
    }
    fps__inventory_package *package = &inventory->packages.items[inventory->packages.count++];
    *package = (fps__inventory_package){
        .facts = fps__inventory_facts(kind), .depends = "", .provides = "", .built_using = "", .root = ""};
    return package;
}

const char *fps__inventory_text(fps__inventory_reading *reading, const char *text, size_t length)
{
    if (!text || !length)
        return "";
    const char *copy = fps__arena_text(&reading->inventory->arena, text, length);
    if (!copy)
        reading->no_memory = true;
    return copy ? copy : "";
}

const char *fps__inventory_copy(fps__arena *arena, fps__span value)
{
    value = fps__span_trim(value);
    if (!value.size)
        return "";
    char *copy = fps__arena_text(arena, (const char *)value.data, value.size);
    for (char *c = copy; copy && c < copy + value.size; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return copy;
}

const char *fps__inventory_value(fps__inventory_reading *reading, fps__span value)
{
    const char *copy = fps__inventory_copy(&reading->inventory->arena, value);
    if (!copy)
        reading->no_memory = true;
    return copy ? copy : "";
}

/* Appends the parts of `name` to the normalised path of `*used` bytes. */
static bool append_path(char *path, size_t *used, fps__span name)
{
    for (size_t at = 0; at < name.size;) {
        const uint8_t *part = name.data + at, *slash = memchr(part, '/', name.size - at);
        size_t size = slash ? (size_t)(slash - part) : name.size - at;
        at += size + 1;
        if (size == 0 || (size == 1 && part[0] == '.'))
            continue;
        if (size == 2 && part[0] == '.' && part[1] == '.') {
            while (*used && path[--*used] != '/')
                continue;
            continue;
        }
        if (size + 1 > MAX_PATH_BYTES - *used)
            return false;
        path[*used] = '/';
        memcpy(path + *used + 1, part, size);
        *used += size + 1;
    }
    return true;
}

const char *fps__inventory_path(fps__inventory_reading *reading, const char *base, fps__span name)
{
    char path[MAX_PATH_BYTES];
    size_t used = 0;
    if (!name.size || memchr(name.data, 0, name.size))
        return NULL;
    bool fits = name.data[0] == '/' || append_path(path, &used, fps__span_of(base));
    if (!fits || !append_path(path, &used, name) || !used)
        return NULL;
    const char *copy = fps__arena_text(&reading->inventory->arena, path, used);
    if (!copy)
        reading->no_memory = true;
    return copy;
}

/* ---- claims ---- */

fps__owned_path *fps__inventory_add_path(fps__inventory_reading *reading, const char *path)
{
    if (!path)
        return NULL;
    size_t most = MAX_CLAIMS - reading->paths_total;
    if (FPS__ARRAY_RESERVE(&reading->claims, 1, most) != FPS_OK) {
        no_room(reading, reading->claims.count >= most, "packages claim more paths than are kept");
        return NULL;
    }
    fps__owned_path *claim = &reading->claims.items[reading->claims.count++];
    *claim = (fps__owned_path){.path = path};
    return claim;
}

static int compare_claims(const void *left, const void *right)
{
    return strcmp(((const fps__owned_path *)left)->path, ((const fps__owned_path *)right)->path);
}

/* One claim for each path: with the flags of all, and a digest where one of them has it. */
static size_t merge_claims(fps__owned_path *claims, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        fps__owned_path *last = kept ? &claims[kept - 1] : NULL;
        if (!last || strcmp(last->path, claims[i].path) != 0) {
            claims[kept++] = claims[i];
            continue;
        }
        last->flags |= claims[i].flags;
        if (last->digest_kind == FPS__DIGEST_NONE) {
            last->digest_kind = claims[i].digest_kind;
            memcpy(last->digest, claims[i].digest, sizeof last->digest);
        }
    }
    return kept;
}

void fps__inventory_end_paths(fps__inventory_reading *reading, fps__inventory_package *package)
{
    size_t count = reading->claims.count;
    reading->claims.count = 0;
    if (!count)
        return;
    qsort(reading->claims.items, count, sizeof *reading->claims.items, compare_claims);
    count = merge_claims(reading->claims.items, count);
    fps__owned_path *claims = fps__arena_array(&reading->inventory->arena, count, sizeof *claims);
    if (!claims) {
        reading->no_memory = true;
        return;
    }
    memcpy(claims, reading->claims.items, count * sizeof *claims);
    package->claims = claims;
    package->path_count = count;
    reading->paths_total += count;
}

static size_t digest_size(fps__digest_kind kind)
{
    return kind == FPS__DIGEST_MD5 ? 16 : kind == FPS__DIGEST_SHA1 ? 20 : kind == FPS__DIGEST_SHA256 ? 32 : 0;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool fps__owned_path_hex(fps__owned_path *claim, fps__digest_kind kind, fps__span text)
{
    size_t size = digest_size(kind);
    if (!size || text.size != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        claim->digest[i] = (uint8_t)(high << 4 | low);
    }
    claim->digest_kind = (uint8_t)kind;
    return true;
}

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

bool fps__owned_path_base64(fps__owned_path *claim, fps__digest_kind kind, fps__span text)
{
    size_t size = digest_size(kind), made = 0;
    while (text.size && text.data[text.size - 1] == '=')
        text.size--;
    if (!size || text.size != (size * 4 + 2) / 3)
        return false;
    uint32_t bits = 0, held = 0;
    for (size_t i = 0; i < text.size; i++) {
        int digit = base64_digit(text.data[i]);
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        held += 6;
        if (held >= 8 && made < size) {
            held -= 8;
            claim->digest[made++] = (uint8_t)(bits >> held);
        }
    }
    claim->digest_kind = (uint8_t)kind;
    return made == size;
}
