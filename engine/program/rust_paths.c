/* Crates of a Rust program by the paths of panic locations, which stay when symbols go:
 *
 *   /rustc/COMMIT/library/core/src/...                                    the standard library, and which release's
 *   HOME/.cargo/registry/src/index.example.org-HASH/NAME-VERSION/src/...    a crate of a registry
 *   HOME/.cargo/git/checkouts/NAME-HASH/REVISION/src/...                  a crate of a repository
 *   vendor/NAME/src/...                                                   a crate whose version is not told
 *
 * Rust's texts are cut by length and lie one behind the other, so that a path may have another one before it. */
#include "program/program_reading.h"
#include "program/rust_releases.h"

#include "util/lines.h"
#include "util/search.h"

#include <xxhash.h>

enum {
    MAX_PATH = 512,
    COMMIT = 40,
    MAX_PARTS = 64,
    MAX_FOLDERS = 1 << 18, /* that are looked at in one object */
    CHECKOUT_HASH = 16,    /* hexadecimal digits behind the name of a checkout */
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_hex(fps__span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_digit(text.data[i]) && !(text.data[i] >= 'a' && text.data[i] <= 'f'))
            return false;
    return text.size > 0;
}

static bool is_path_byte(uint8_t c)
{
    return is_digit(c) || is_letter(c) || (c && strchr("/\\.-+@~: ", c));
}

/* "1.2.3", with what may follow it: "-alpha.1", "+build". */
static bool is_version(fps__span text)
{
    size_t at = 0;
    for (unsigned number = 0; number < 3; number++) {
        size_t start = at;
        while (at < text.size && is_digit(text.data[at]))
            at++;
        if (at == start || at - start > 9 || (number < 2 && (at == text.size || text.data[at++] != '.')))
            return false;
    }
    if (at < text.size && text.data[at] != '-' && text.data[at] != '+')
        return false;
    for (; at < text.size; at++)
        if (!is_digit(text.data[at]) && !is_letter(text.data[at]) && !memchr(".-+", text.data[at], 3))
            return false;
    return true;
}

/* "NAME-1.2.3" */
static bool split_crate(fps__span part, fps__span *name, fps__span *version)
{
    if (!part.size || !is_letter(part.data[0]))
        return false;
    for (size_t i = 1; i + 1 < part.size; i++) {
        *version = fps__span_part(part, i + 1, part.size - i - 1);
        if (part.data[i] == '-' && is_version(*version)) {
            *name = fps__span_part(part, 0, i);
            return true;
        }
        if (!is_letter(part.data[i]) && !is_digit(part.data[i]) && part.data[i] != '-')
            return false;
    }
    return false;
}

static void add_crate(fps__program_reading *reading, fps__span name, fps__span version,
                      const char *properties)
{
    fps__listed listed = {.kind = FPS_PACKAGE_CARGO, .properties = properties, .likely = true};
    listed.name = fps__program_text(reading, name);
    listed.version = fps__program_text(reading, version);
    fps__program_add(reading, &listed);
}

/* ---- the standard library ---- */

static const char *release_of(fps__span commit)
{
    size_t found;
    FPS__LOWER_BOUND(found, fps__rust_release_count, at,
                     memcmp(fps__rust_releases[at].commit, commit.data, COMMIT) < 0);
    bool same =
        found < fps__rust_release_count && !memcmp(fps__rust_releases[found].commit, commit.data, COMMIT);
    return same ? fps__rust_releases[found].version : "";
}

/* What the compiler writes into .comment, "rustc version 1.63.0 (...)": the version, "" for none. */
static const char *commented_release(fps__program_reading *reading)
{
    static const char mark[] = "rustc version ";
    for (size_t i = 0; i < fps_object_text_count(reading->object, FPS_TEXT_COMMENT); i++) {
        const char *found = strstr(fps_object_text(reading->object, FPS_TEXT_COMMENT, i), mark);
        fps__span version = found ? fps__span_of(found + sizeof mark - 1) : (fps__span){NULL, 0};
        version.size = found ? strcspn((const char *)version.data, " ") : 0;
        if (is_version(version))
            return fps__program_text(reading, version);
    }
    return "";
}

static void add_standard_library(fps__program_reading *reading, const char *version, fps__span commit)
{
    char text[64] = "commit=";
    fps__listed listed = {.kind = FPS_PACKAGE_CARGO, .name = "std", .properties = "", .likely = true};
    if (commit.size) {
        memcpy(text + strlen(text), commit.data, COMMIT);
        listed.properties = fps__program_text(reading, fps__span_of(text));
    }
    listed.version = *version ? version : commented_release(reading);
    fps__program_add(reading, &listed);
}

/* ---- paths ---- */

typedef struct parts {
    fps__span items[MAX_PARTS];
    size_t count;
} parts;

static void split(fps__span path, parts *p)
{
    p->count = 0;
    for (size_t start = 0, at = 0; at <= path.size && p->count < MAX_PARTS; at++)
        if (at == path.size || path.data[at] == '/' || path.data[at] == '\\') {
            p->items[p->count++] = fps__span_part(path, start, at - start);
            start = at + 1;
        }
}

/* The place of the last part that ends with `text`, before `before`; p->count for none. A part that has another text
 * before it, as the first one may, ends with it too. */
static size_t find_part(const parts *p, const char *text, size_t before)
{
    size_t size = strlen(text);
    for (size_t i = before; i-- > 0;)
        if (p->items[i].size >= size && !memcmp(p->items[i].data + p->items[i].size - size, text, size))
            return i;
    return p->count;
}

/* "/rustc/COMMIT/library/..." and "/usr/src/rustc-1.63.0/library/..." are of the standard library, and so is what it brings
 * along: "/rust/deps/NAME-VERSION/...", "rustc-1.63.0/vendor/NAME/...". */
static bool take_standard(fps__program_reading *reading, const parts *p)
{
    static const char name[] = "rustc-";
    for (size_t i = 0; i + 1 < p->count; i++) {
        fps__span part = p->items[i], next = p->items[i + 1];
        if (i && fps__span_is(p->items[i - 1], "rust") && fps__span_is(part, "deps"))
            return true;
        if (i && fps__span_is(part, "rustc") && next.size == COMMIT && is_hex(next)) {
            add_standard_library(reading, release_of(next), next);
            return true;
        }
        if (i && fps__span_is(p->items[i - 1], "src") && fps__span_is(part, "rust") &&
            fps__span_is(next, "library")) {
            add_standard_library(reading, "", (fps__span){NULL, 0}); /* built from rustup's sources */
            return true;
        }
        bool source =
            fps__span_starts(part, name) &&
            (fps__span_is(next, "library") || fps__span_is(next, "vendor") || fps__span_is(next, "src"));
        fps__span version = source ? fps__span_part(part, sizeof name - 1, part.size - sizeof name + 1)
                                   : (fps__span){NULL, 0};
        for (size_t k = 0; k < version.size; k++) /* "1.71.1-src" */
            if (!is_digit(version.data[k]) && version.data[k] != '.')
                version.size = k;
        if (is_version(version)) {
            add_standard_library(reading, fps__program_text(reading, version), (fps__span){NULL, 0});
            return true;
        }
    }
    return false;
}

/* ".../git/checkouts/NAME-0123456789abcdef/0123abc/..." */
static bool take_checkout(fps__program_reading *reading, const parts *p)
{
    char text[64] = "source=git\nrevision=";
    size_t at = find_part(p, "checkouts", p->count), source = p->count;
    if (at + 3 >= p->count || !at || !fps__span_is(p->items[at - 1], "git"))
        return false;
    fps__span name = p->items[at + 1], revision = p->items[at + 2];
    if (name.size <= CHECKOUT_HASH + 1 || !is_hex(revision) || revision.size > 40)
        return false;
    name.size -= CHECKOUT_HASH + 1;
    for (size_t i = at + 3; i < p->count && source == p->count; i++)
        source = fps__span_is(p->items[i], "src") ? i : source;
    if (source > at + 3 && source < p->count) /* one of several crates in the repository */
        name = p->items[source - 1];
    memcpy(text + strlen(text), revision.data, revision.size);
    add_crate(reading, name, (fps__span){NULL, 0}, fps__arena_string(reading->arena, text));
    return true;
}

/* A part with a whole part before it, "NAME-VERSION". */
static bool take_versioned(fps__program_reading *reading, const parts *p)
{
    for (size_t i = p->count - 1; i-- > 1;) {
        fps__span name, version;
        if (!split_crate(p->items[i], &name, &version))
            continue;
        add_crate(reading, name, version, "");
        return true;
    }
    return false;
}

static void take_path(fps__program_reading *reading, fps__span path, bool crates)
{
    parts p;
    split(path, &p);
    if (p.count < 2 || take_standard(reading, &p) || !crates || take_checkout(reading, &p) ||
        take_versioned(reading, &p))
        return;
    size_t vendor = find_part(&p, "vendor", p.count - 1);
    fps__span name = vendor + 2 < p.count ? p.items[vendor + 1] : (fps__span){NULL, 0};
    bool good = name.size && is_letter(name.data[0]);
    for (size_t i = 0; good && i < name.size; i++)
        good = is_letter(name.data[i]) || is_digit(name.data[i]) || name.data[i] == '-';
    if (good)
        add_crate(reading, name, (fps__span){NULL, 0}, "");
}

/* A folder has many files: it is looked at once. */
static bool is_new(fps__program_reading *reading, fps__key_map *seen, fps__span path)
{
    size_t size = path.size;
    while (size && path.data[size - 1] != '/' && path.data[size - 1] != '\\')
        size--;
    bool fresh = false;
    uint64_t key = XXH3_64bits(path.data, size);
    if (size && seen->count < MAX_FOLDERS && !fps__key_map_add(seen, key ? key : 1, &fresh))
        reading->no_memory = true;
    return fresh;
}

/* Paths end with ".rs"; what is before them belongs to them as far as it can be a path, and no other one ends there. */
static void search(fps__program_reading *reading, fps__key_map *seen, fps__span bytes, bool crates)
{
    static const char suffix[] = ".rs";
    size_t from = 0;
    const uint8_t *at;
    while (!fps__alarm_rings(&reading->alarm) &&
           (at = memmem(bytes.data + from, bytes.size - from, suffix, sizeof suffix - 1))) {
        size_t dot = (size_t)(at - bytes.data), start = dot;
        while (start > from && dot - start < MAX_PATH && is_path_byte(bytes.data[start - 1]))
            start--;
        from = dot + sizeof suffix - 1;
        fps__span path = fps__span_part(bytes, start, dot - start);
        if (is_new(reading, seen, path))
            take_path(reading, path, crates);
    }
}

/* Every program of Rust has paths of its standard library; the search for these is cheap. */
static bool names_rust(const fps__program_reading *reading)
{
    static const char mark[] = "/rust";
    for (size_t i = 0; (reading->marks & FPS__MARK_RUST) && i < fps_object_region_count(reading->object);
         i++) {
        fps__span bytes = fps__program_data(reading, i);
        if (bytes.size && memmem(bytes.data, bytes.size, mark, sizeof mark - 1))
            return true;
    }
    return false;
}

/* Without a path of the standard library a path that has no version in it is any text. */
static void drop_doubtful(fps__program_reading *reading)
{
    size_t kept = 0;
    for (size_t i = 0; i < reading->items.count; i++)
        if (*reading->items.items[i].version || !reading->items.items[i].likely)
            reading->items.items[kept++] = reading->items.items[i];
    reading->items.count = kept;
}

void fps__rust_paths_read(fps__program_reading *reading, bool crates)
{
    fps__key_map seen = {NULL, NULL, 0, 0};
    bool standard = false, any = names_rust(reading);
    for (size_t i = 0; any && i < fps_object_region_count(reading->object) && !reading->no_memory; i++) {
        fps__span bytes = fps__program_data(reading, i);
        if (bytes.size)
            search(reading, &seen, bytes, crates);
    }
    fps__key_map_free(&seen);
    for (size_t i = 0; i < reading->items.count; i++)
        standard |= strcmp(reading->items.items[i].name, "std") == 0;
    if (!standard)
        drop_doubtful(reading);
}
