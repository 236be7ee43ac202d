/* LuaRocks: lib/luarocks/rocks-LUA/NAME/VERSION with a rockspec, and a manifest of the files that were deployed to
 * share/lua, lib/lua and bin. Both are Lua tables; nothing of them is run. */
#include "inventory/manifest.h"

#include "util/cursor.h"
#include "util/lines.h"

/* up to LuaRocks 2 there was one tree for all versions of Lua */
static const char *const patterns[] = {"rocks-*/*/*/*.rockspec", "luarocks/rocks/*/*/*.rockspec",
                                       "rocks-*/*/*/rock_manifest", "luarocks/rocks/*/*/rock_manifest", NULL};

enum { PATH_SIZE = 4096, MAX_DEPTH = 32 };

static bool is_word(uint8_t c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The text of `KEY = "TEXT"`, wherever it stands in a line: a table may be written in one. */
static fps__span text_of(fps__span rockspec, const char *key)
{
    size_t at = 0, size = strlen(key);
    for (fps__span line; fps__line_next(rockspec, &at, &line);) {
        line = fps__span_trim(line);
        if (line.size > 1 && !memcmp(line.data, "--", 2))
            continue;
        for (size_t i = 0; i + size < line.size; i++) {
            fps__span rest = fps__span_part(line, i, line.size - i), name, value;
            size_t start = 0;
            if (memcmp(rest.data, key, size) != 0 || is_word(rest.data[size]) ||
                (i && is_word(line.data[i - 1])))
                continue;
            if (fps__line_split(rest, '=', &name, &value) && name.size == size &&
                fps__manifest_next_quoted(value, &start, &value))
                return value;
            break;
        }
    }
    return (fps__span){NULL, 0};
}

/* The folder below the prefix where the files of a part of the manifest were put. */
static const char *deployed(fps__span part, fps__span lua, char *folder, size_t size)
{
    fps__cursor out = {folder, size, 0, false};
    bool modules = fps__span_is(part, "lua"), libraries = fps__span_is(part, "lib");
    fps__cursor_text(&out, modules ? "/share/lua/" : libraries ? "/lib/lua/" : "/bin");
    if (modules || libraries)
        fps__cursor_put(&out, (const char *)lua.data, lua.size);
    return modules || libraries || fps__span_is(part, "bin") ? (fps__cursor_finish(&out), folder) : NULL;
}

typedef struct manifest {
    fps__inventory_reading *reading;
    const char *prefix; /* of the installation: "/usr/local" */
    fps__span lua;      /* version of Lua: "5.4" */
    fps__span folders[MAX_DEPTH];
    size_t depth; /* tables around what is read; the outermost is rock_manifest itself */
} manifest;

static void take_file(manifest *m, fps__span name, fps__span digest)
{
    char path[PATH_SIZE], folder[64];
    const char *start = m->depth > 1 ? deployed(m->folders[1], m->lua, folder, sizeof folder) : NULL;
    if (!start)
        return;
    fps__cursor out = {path, sizeof path, 0, false};
    fps__cursor_text(&out, m->prefix);
    fps__cursor_text(&out, start);
    for (size_t i = 2; i < m->depth; i++) {
        fps__cursor_text(&out, "/");
        fps__cursor_put(&out, (const char *)m->folders[i].data, m->folders[i].size);
    }
    fps__cursor_text(&out, "/");
    fps__cursor_put(&out, (const char *)name.data, name.size);
    size_t size = fps__cursor_finish(&out);
    fps__span whole = {(const uint8_t *)path, size};
    fps__owned_path *owned =
        fps__inventory_add_path(m->reading, size ? fps__inventory_path(m->reading, "/", whole) : NULL);
    if (owned && fps__owned_path_hex(owned, FPS__DIGEST_MD5, digest) && !fps__span_is(m->folders[1], "bin"))
        owned->flags = FPS__OWNED_REGULAR;
    else if (owned)
        owned->digest_kind = FPS__DIGEST_NONE; /* a program is a wrapper that was written for this place */
}

/* Tables `NAME = { ["NAME"] = { ... }, NAME = "MD5" }`. */
static bool read_manifest(manifest *m, fps__span text)
{
    fps__span key = {NULL, 0};
    for (size_t at = 0; at < text.size;) {
        uint8_t c = text.data[at];
        if (c == '"') {
            const uint8_t *end = memchr(text.data + at + 1, '"', text.size - at - 1);
            if (!end)
                return false;
            fps__span quoted = {text.data + at + 1, (size_t)(end - text.data) - at - 1};
            bool is_key = at && text.data[at - 1] == '[';
            if (is_key)
                key = quoted;
            else
                take_file(m, key, quoted);
            at += quoted.size + 2;
        } else if (c == '{' || c == '}') {
            if (c == '{' ? m->depth == MAX_DEPTH : !m->depth)
                return false;
            if (c == '{')
                m->folders[m->depth++] = key;
            else
                m->depth--;
            at++;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') {
            key = (fps__span){text.data + at, 0};
            while (at < text.size && (text.data[at] > ' ' && !strchr("=,{}[]\"", text.data[at]))) {
                key.size++;
                at++;
            }
        } else {
            at++;
        }
    }
    return !m->depth;
}

static void take_files(fps__inventory_reading *reading, const fps__inventory_file *rockspec,
                       fps__inventory_package *package)
{
    const fps__inventory_file *file = fps__manifest_beside(reading, rockspec, "rock_manifest");
    fps__span rocks = fps__path_part(rockspec->path, 3);
    manifest m = {.reading = reading,
                  .prefix = fps__path_above(reading, rockspec->path, 6),
                  .lua = rocks.size > 6 ? fps__span_part(rocks, 6, rocks.size - 6) : fps__span_of("5.1")};
    package->paths_known = file != NULL;
    if (file && !read_manifest(&m, file->bytes))
        fps__inventory_diagnose(reading, file->path, "list of files is damaged");
    fps__inventory_end_paths(reading, package);
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    if (!fps__path_is_like(file->path, patterns[0]) && !fps__path_is_like(file->path, patterns[1]))
        return;
    fps__inventory_package *package = fps__manifest_add(
        reading, FPS_PACKAGE_LUAROCKS, file, fps__path_part(file->path, 2), fps__path_part(file->path, 1));
    if (!package)
        return;
    package->facts.license = fps__inventory_license(reading, text_of(file->bytes, "license"));
    package->facts.supplier = fps__inventory_value(reading, text_of(file->bytes, "maintainer"));
    package->root = fps__path_above(reading, file->path, 1);
    take_files(reading, file, package);
}

const fps__inventory_reader fps__reader_luarocks = {.patterns = patterns, .read_file = read_package};
