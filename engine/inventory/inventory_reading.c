/* What the readers of package databases share: packages, texts, paths, digests. */
#include "inventory/inventory_reading.h"
#include "util/license_words.h"

#include "util/digest.h"
#include "util/lines.h"
#include "util/search.h"

#include <stdlib.h>

enum {
    MAX_PACKAGES = 1 << 20,
    MAX_PATHS = 1 << 22, /* in one inventory */
    MAX_PATH_BYTES = 4096,
};

void fps__inventory_diagnose(fps__inventory_reading *reading, const char *path, const char *message)
{
    if (reading->diagnostic)
        reading->diagnostic(reading->user, &(fps_diagnostic){.level = FPS_DIAGNOSTIC_PARTIAL,
                                                             .code = "broken-package-database",
                                                             .path = path,
                                                             .offset = UINT64_MAX,
                                                             .message = message});
}

bool fps__inventory_room(fps__inventory_reading *reading, fps_status reserved, const char *limit_message)
{
    if (reserved == FPS_ERROR_LIMIT && !reading->full) {
        fps__inventory_diagnose(reading, NULL, limit_message);
        reading->full = true;
    }
    reading->no_memory |= reserved == FPS_ERROR_MEMORY;
    return reserved == FPS_OK;
}

size_t fps__inventory_first(const fps__inventory_reading *reading, const char *prefix)
{
    size_t first;
    FPS__LOWER_BOUND(first, reading->count, at, strcmp(reading->files[at].path, prefix) < 0);
    return first;
}

const fps__inventory_file *fps__inventory_find(const fps__inventory_reading *reading, const char *path)
{
    size_t at = fps__inventory_first(reading, path);
    return at < reading->count && !strcmp(reading->files[at].path, path) ? reading->files + at : NULL;
}

const fps__inventory_file *fps__inventory_take(fps__inventory_reading *reading, const char *path)
{
    const fps__inventory_file *file = fps__inventory_find(reading, path);
    if (!file || reading->taken[file - reading->files])
        return NULL;
    reading->taken[file - reading->files] = 1;
    return file;
}

bool fps__inventory_late(fps__inventory_reading *reading)
{
    bool told = reading->alarm.rang;
    if (fps__alarm_rings(&reading->alarm) && !told && reading->diagnostic)
        reading->diagnostic(reading->user,
                            &(fps_diagnostic){.level = FPS_DIAGNOSTIC_PARTIAL,
                                              .code = "timeout",
                                              .offset = UINT64_MAX,
                                              .message =
                                                  "the time for the scan ran out while package databases "
                                                  "were read: packages are missing"});
    return reading->alarm.rang;
}

/* Whether `part` is `pattern` with any bytes in place of its '*'. */
static bool part_is_like(const char *part, size_t size, const char *pattern, size_t pattern_size)
{
    const char *star = memchr(pattern, '*', pattern_size);
    size_t head = star ? (size_t)(star - pattern) : pattern_size, tail = star ? pattern_size - head - 1 : 0;
    return (star ? size >= head + tail : size == head) && !memcmp(part, pattern, head) &&
           !memcmp(part + size - tail, star ? star + 1 : pattern, tail);
}

bool fps__path_is_like(const char *path, const char *pattern)
{
    size_t end = strlen(path), pattern_end = strlen(pattern);
    for (;;) {
        size_t start = end, pattern_start = pattern_end;
        while (start && path[start - 1] != '/')
            start--;
        while (pattern_start && pattern[pattern_start - 1] != '/')
            pattern_start--;
        if (!part_is_like(path + start, end - start, pattern + pattern_start, pattern_end - pattern_start))
            return false;
        if (!pattern_start)
            return true;
        if (!start || pattern_start == 1)
            return start == pattern_start;
        end = start - 1;
        pattern_end = pattern_start - 1;
    }
}

fps_package fps__inventory_facts(fps_package_kind kind)
{
    return (fps_package){.kind = kind,
                         .name = "",
                         .version = "",
                         .architecture = "",
                         .source = "",
                         .source_version = "",
                         .supplier = "",
                         .license = "",
                         .purl = "",
                         .location = "",
                         .layer = UINT32_MAX,
                         .parent = UINT32_MAX};
}

fps__inventory_package *fps__inventory_add(fps__inventory_reading *reading, fps_package_kind kind)
{
    fps__inventory *inventory = reading->inventory;
    if (fps__inventory_late(reading))
        return NULL;
    fps_status reserved = FPS__ARRAY_RESERVE(&inventory->packages, 1, MAX_PACKAGES);
    if (!fps__inventory_room(reading, reserved, "more packages than are kept"))
        return NULL;
    fps__inventory_package *package = &inventory->packages.items[inventory->packages.count++];
    *package = (fps__inventory_package){.facts = fps__inventory_facts(kind),
                                        .depends = "",
                                        .provides = "",
                                        .built_using = "",
                                        .root = "",
                                        .qualifiers = ""};
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
    while (value.size && strchr(" \t\r\n", value.data[value.size - 1]) && value.data[value.size - 1])
        value.size--;
    while (value.size && strchr(" \t\r\n", value.data[0]) && value.data[0])
        value = fps__span_part(value, 1, value.size - 1);
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

const char *fps__inventory_person(fps__arena *arena, fps__span value)
{
    const char *copy = fps__inventory_copy(arena, value);
    if (!copy || *copy != '"' || !strchr(copy, '<'))
        return copy;
    char *plain = fps__arena_text(arena, copy, strlen(copy)), *out = plain;
    for (const char *in = plain; in && *in; in++)
        if (*in != '"' && !(*in == '\\' && in[1]))
            *out++ = *in;
    if (out)
        *out = '\0';
    return plain;
}

const char *fps__inventory_license(fps__inventory_reading *reading, fps__span words)
{
    char expression[FPS__LICENSE_WORDS_SIZE];
    words = fps__span_trim(words);
    return fps__inventory_value(reading,
                                fps__license_words(words, expression) ? fps__span_of(expression) : words);
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

/* ---- paths ---- */

fps__owned_path *fps__inventory_add_path(fps__inventory_reading *reading, const char *path)
{
    if (!path || fps__inventory_late(reading))
        return NULL;
    fps_status reserved = FPS__ARRAY_RESERVE(&reading->paths, 1, MAX_PATHS - reading->paths_total);
    if (!fps__inventory_room(reading, reserved, "packages claim more paths than are kept"))
        return NULL;
    fps__owned_path *owned = &reading->paths.items[reading->paths.count++];
    *owned = (fps__owned_path){.path = path};
    return owned;
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(((const fps__owned_path *)left)->path, ((const fps__owned_path *)right)->path);
}

/* Keeps each path once: with the flags of all its entries, and a digest where one of them has it. */
static size_t merge_paths(fps__owned_path *paths, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        fps__owned_path *last = kept ? &paths[kept - 1] : NULL;
        if (!last || strcmp(last->path, paths[i].path) != 0) {
            paths[kept++] = paths[i];
            continue;
        }
        last->flags |= paths[i].flags;
        if (last->digest_kind == FPS__DIGEST_NONE) {
            last->digest_kind = paths[i].digest_kind;
            memcpy(last->digest, paths[i].digest, sizeof last->digest);
        }
    }
    return kept;
}

void fps__inventory_end_paths(fps__inventory_reading *reading, fps__inventory_package *package)
{
    size_t count = reading->paths.count;
    reading->paths.count = 0;
    if (!count)
        return;
    qsort(reading->paths.items, count, sizeof *reading->paths.items, compare_paths);
    count = merge_paths(reading->paths.items, count);
    package->paths = fps__arena_copy(&reading->inventory->arena, reading->paths.items, count,
                                     sizeof *reading->paths.items);
    if (!package->paths) {
        reading->no_memory = true;
        return;
    }
    package->path_count = count;
    reading->paths_total += count;
}

static size_t digest_size(fps__digest_kind kind)
{
    return kind == FPS__DIGEST_MD5 ? 16 : kind == FPS__DIGEST_SHA1 ? 20 : kind == FPS__DIGEST_SHA256 ? 32 : 0;
}

bool fps__owned_path_hex(fps__owned_path *owned, fps__digest_kind kind, fps__span text)
{
    size_t size = digest_size(kind);
    if (!size || !fps__hex_read((const char *)text.data, text.size, owned->digest, size))
        return false;
    owned->digest_kind = (uint8_t)kind;
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

bool fps__owned_path_base64(fps__owned_path *owned, fps__digest_kind kind, fps__span text)
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
            owned->digest[made++] = (uint8_t)(bits >> held);
        }
    }
    owned->digest_kind = (uint8_t)kind;
    return made == size;
}
