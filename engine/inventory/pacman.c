/* pacman's local database: a folder for each package, with its facts, its files, and a manifest of these.
 * The formats: libalpm (lib/libalpm/be_local.c), and mtree(5) for the manifest. */
#include "archive/stream.h"
#include "inventory/inventory_reading.h"
#include "inventory/name_list.h"

#include "util/error.h"
#include "util/lines.h"

#include <stdio.h>
#include <stdlib.h>

#define LOCAL   "/var/lib/pacman/local/"
#define VERSION LOCAL "ALPM_DB_VERSION"

#define DATABASE_VERSION "9" /* since pacman 4.2 */

enum {
    MAX_MANIFEST = 64 << 20, /* bytes of one manifest, unpacked ... */
    MAX_MANIFESTS = 1 << 30, /* ... and of all of them */
    MAX_FOLDER = 512,        /* bytes of the path of a package's folder */
    MAX_LICENSE = 1024,
    MAX_PATH = 4096,
};

typedef struct pacman_reader {
    fps__inventory_reading *reading;
    char folder[MAX_FOLDER];      /* of the package that is being read, with a '/' at the end */
    FPS__ARRAY(uint8_t) manifest; /* unpacked */
    uint64_t unpacked;            /* bytes of all manifests so far */
} pacman_reader;

/* The name of a file in a package's folder, NULL for any other path. */
static const char *name_in_folder(const char *path)
{
    if (strncmp(path, LOCAL, sizeof LOCAL - 1) != 0)
        return NULL;
    const char *slash = strchr(path + sizeof LOCAL - 1, '/');
    return slash && slash != path + sizeof LOCAL - 1 ? slash + 1 : NULL;
}

static bool wants(const char *path, uint64_t size)
{
    (void)size;
    const char *name = name_in_folder(path);
    return name ? !strcmp(name, "desc") || !strcmp(name, "files") || !strcmp(name, "mtree")
                : !strcmp(path, VERSION);
}

static const fps__inventory_file *find_file(const pacman_reader *pacman, const char *name)
{
    char path[MAX_FOLDER + 8];
    snprintf(path, sizeof path, "%s%s", pacman->folder, name);
    return fps__inventory_find(pacman->reading, path);
}

/* ---- the facts: "%NAME%", its values one a line, and an empty line ---- */

/* The next value of a file, and the key that it stands under, which is empty for a value under none. */
static bool next_value(fps__span text, size_t *at, fps__span *key, fps__span *value)
{
    while (fps__line_next(text, at, value)) {
        *value = fps__span_trim(*value);
        if (!value->size)
            *key = (fps__span){NULL, 0};
        else if (value->size > 2 && value->data[0] == '%' && value->data[value->size - 1] == '%')
            *key = fps__span_part(*value, 1, value->size - 2);
        else
            return true;
    }
    return false;
}

/* All values of a key as "a, b". */
static const char *read_names(fps__inventory_reading *reading, fps__span text, const char *wanted)
{
    fps__name_list list;
    const char *names = "";
    bool memory = fps__name_list_init(&list, 2 * text.size);
    if (memory) {
        size_t at = 0;
        for (fps__span key = {NULL, 0}, value; next_value(text, &at, &key, &value);)
            if (fps__span_is(key, wanted))
                fps__name_list_add(&list, value);
        memory = fps__name_list_finish(&list, &reading->inventory->arena, &names);
    }
    reading->no_memory |= !memory;
    return names;
}

/* Each value is a licence that holds, in newer packages as an SPDX expression. */
static const char *read_license(fps__inventory_reading *reading, fps__span text)
{
    char expression[MAX_LICENSE];
    fps__cursor out = {expression, sizeof expression, 0, false};
    fps__span only = {NULL, 0};
    size_t at = 0, count = 0;
    for (fps__span key = {NULL, 0}, value; next_value(text, &at, &key, &value);) {
        if (!fps__span_is(key, "LICENSE"))
            continue;
        bool compound = memchr(value.data, ' ', value.size);
        only = value;
        fps__cursor_text(&out, count++ ? " AND " : "");
        fps__cursor_text(&out, compound ? "(" : "");
        fps__cursor_put(&out, (const char *)value.data, value.size);
        fps__cursor_text(&out, compound ? ")" : "");
    }
    if (count > 1)
        only = (fps__span){(const uint8_t *)expression, fps__cursor_finish(&out)};
    return fps__inventory_value(reading, only);
}

/* Fills in what `desc` says; false when it does not say which package it is. */
static bool read_facts(fps__inventory_reading *reading, fps__span text, fps__inventory_package *package)
{
    const struct {
        const char *key, **text;
    } facts[] = {{"NAME", &package->facts.name},
                 {"VERSION", &package->facts.version},
                 {"ARCH", &package->facts.architecture},
                 {"PACKAGER", &package->facts.supplier},
                 {"BASE", &package->facts.source}};
    size_t at = 0;
    for (fps__span key = {NULL, 0}, value; next_value(text, &at, &key, &value);)
        for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
            if (fps__span_is(key, facts[i].key) && !**facts[i].text)
                *facts[i].text = fps__inventory_value(reading, value);
    if (!*package->facts.name || !*package->facts.version)
        return false;
    package->facts.license = read_license(reading, text);
    package->depends = read_names(reading, text, "DEPENDS");
    package->provides = read_names(reading, text, "PROVIDES");
    return true;
}

/* ---- the files ---- */

static fps__owned_path *add_path(pacman_reader *pacman, fps__span path, unsigned flags)
{
    fps__inventory_reading *reading = pacman->reading;
    fps__owned_path *owned = fps__inventory_add_path(reading, fps__inventory_path(reading, "/", path));
    if (owned)
        owned->flags = (uint8_t)flags;
    return owned;
}

/* "usr/lib/" and "usr/lib/libz.so" of %FILES%; "etc/pacman.conf", a tab and an MD5 of %BACKUP%. */
static bool read_list(pacman_reader *pacman, fps__span text)
{
    bool good = !text.size || text.data[text.size - 1] == '\n';
    size_t at = 0;
    for (fps__span key = {NULL, 0}, value, path; next_value(text, &at, &key, &value);) {
        bool owned = true;
        if (fps__span_is(key, "FILES"))
            owned = add_path(pacman, value, value.data[value.size - 1] == '/' ? FPS__OWNED_DIRECTORY : 0);
        else if (fps__span_is(key, "BACKUP") && fps__span_cut(&value, "\t", &path))
            owned = add_path(pacman, path, FPS__OWNED_CONFIG);
        good &= key.size && (owned || pacman->reading->full);
    }
    return good;
}

/* ---- the manifest ---- */

/* What a line says of a file, or "/set" of the ones that follow. */
typedef struct manifest_entry {
    unsigned flags;
    fps__span md5, sha256; /* hexadecimal; empty: not given */
} manifest_entry;

static bool take_keyword(manifest_entry *entry, fps__span name, fps__span value)
{
    if (fps__span_is(name, "type"))
        entry->flags = fps__span_is(value, "file")   ? FPS__OWNED_REGULAR
                       : fps__span_is(value, "dir")  ? FPS__OWNED_DIRECTORY
                       : fps__span_is(value, "link") ? FPS__OWNED_LINK
                                                     : 0;
    if (fps__span_is(name, "md5") || fps__span_is(name, "md5digest"))
        entry->md5 = value;
    if (fps__span_is(name, "sha256") || fps__span_is(name, "sha256digest"))
        entry->sha256 = value;
    return value.size > 0;
}

static bool take_keywords(manifest_entry *entry, fps__span line)
{
    bool good = true;
    for (fps__span word, name, value; fps__span_cut(&line, " \t", &word);)
        if (fps__line_split(word, '=', &name, &value))
            good &= take_keyword(entry, name, value);
    return good;
}

/* A path without its escapes, a backslash and three octal digits, in `buffer` of MAX_PATH bytes; empty when
 * it is too long. */
static fps__span unescape(fps__span path, uint8_t *buffer)
{
    size_t used = 0;
    for (size_t i = 0; i < path.size; i++) {
        const uint8_t *at = path.data + i;
        bool octal = *at == '\\' && path.size - i > 3 && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' &&
                     at[2] <= '7' && at[3] >= '0' && at[3] <= '7';
        if (used == MAX_PATH)
            return (fps__span){NULL, 0};
        buffer[used++] = (uint8_t)(octal ? ((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0')) : *at);
        i += octal ? 3 : 0;
    }
    return (fps__span){buffer, used};
}

/* Adds the path once more; it is merged with that of the list. */
static bool take_entry(pacman_reader *pacman, fps__span path, const manifest_entry *entry)
{
    uint8_t buffer[MAX_PATH];
    fps__owned_path *owned = add_path(pacman, unescape(path, buffer), entry->flags);
    if (!owned)
        return pacman->reading->full;
    if (!(entry->flags & FPS__OWNED_REGULAR))
        return true;
    if (entry->sha256.size)
        return fps__owned_path_hex(owned, FPS__DIGEST_SHA256, entry->sha256);
    return !entry->md5.size || fps__owned_path_hex(owned, FPS__DIGEST_MD5, entry->md5);
}

/* Lines "./usr/bin/zip mode=755 size=3 sha256digest=...". What makepkg adds for itself, "./.PKGINFO", is not
 * installed. */
static bool read_entries(pacman_reader *pacman, fps__span text)
{
    manifest_entry defaults = {0};
    bool good = !text.size || text.data[text.size - 1] == '\n';
    size_t at = 0;
    for (fps__span line, word; fps__line_next(text, &at, &line);) {
        line = fps__span_trim(line);
        if (!line.size || line.data[0] == '#' || !fps__span_cut(&line, " \t", &word))
            continue;
        manifest_entry entry = defaults;
        if (fps__span_is(word, "/set"))
            good &= take_keywords(&defaults, line);
        else if (fps__span_is(word, "/unset"))
            defaults = (manifest_entry){0};
        else if (fps__span_starts(word, "./.") || fps__span_is(word, "."))
            continue;
        else
            good &= take_keywords(&entry, line) && take_entry(pacman, word, &entry);
    }
    return good;
}

static fps_status next_block(void *user, fps__span *block, fps_error *error)
{
    fps__span *rest = user;
    (void)error;
    *block = *rest;
    *rest = (fps__span){NULL, 0};
    return block->size ? FPS_OK : FPS_ERROR_NOT_FOUND;
}

/* Unpacks a manifest, gzip or plain. FPS_ERROR_LIMIT when it is larger than is read. */
static fps_status unpack(pacman_reader *pacman, fps__span packed, fps_error *error)
{
    const uint64_t left = MAX_MANIFESTS - pacman->unpacked;
    if (!left)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "the manifests are too large in all");
    const fps__stream_input input = {&packed, next_block, packed.size};
    const fps__stream_options options = {.limit = left < MAX_MANIFEST ? left : MAX_MANIFEST};
    fps__stream *stream = NULL;
    pacman->manifest.count = 0;
    fps_status status = fps__stream_open(&stream, &input, &options, error);
    for (fps__span block; !status && !(status = fps__stream_next(stream, &block, error));) {
        status = FPS__ARRAY_RESERVE(&pacman->manifest, block.size, MAX_MANIFEST);
        if (!status) {
            memcpy(pacman->manifest.items + pacman->manifest.count, block.data, block.size);
            pacman->manifest.count += block.size;
        }
    }
    pacman->unpacked += pacman->manifest.count;
    fps__stream_close(stream);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

/* What a damaged manifest says before the damage is kept. */
static void read_manifest(pacman_reader *pacman, const fps__inventory_file *file)
{
    fps_error error = {.message = ""};
    fps_status status = unpack(pacman, file->bytes, &error);
    bool good = read_entries(pacman, (fps__span){pacman->manifest.items, pacman->manifest.count});
    if (status == FPS_ERROR_MEMORY)
        pacman->reading->no_memory = true;
    else if (status)
        fps__inventory_diagnose(pacman->reading, file->path, error.message);
    else if (!good)
        fps__inventory_diagnose(pacman->reading, file->path, "manifest of the package is damaged");
}

/* ---- the database ---- */

static void read_package(pacman_reader *pacman, const fps__inventory_file *desc)
{
    fps__inventory_reading *reading = pacman->reading;
    fps__inventory_package *package = fps__inventory_add(reading, FPS_PACKAGE_ALPM);
    if (!package)
        return;
    if (!read_facts(reading, desc->bytes, package)) {
        reading->inventory->packages.count--;
        fps__inventory_diagnose(reading, desc->path, "description of the package is damaged");
        return;
    }
    const fps__inventory_file *list = find_file(pacman, "files"), *manifest = find_file(pacman, "mtree");
    package->facts.location = fps__inventory_text(reading, desc->path, strlen(desc->path));
    package->paths_known = list != NULL;
    if (!list || !read_list(pacman, list->bytes))
        fps__inventory_diagnose(reading, list ? list->path : desc->path,
                                list ? "list of files is damaged" : "the package has no list of files");
    if (manifest)
        read_manifest(pacman, manifest);
    fps__inventory_end_paths(reading, package);
}

static void check_version(fps__inventory_reading *reading)
{
    const fps__inventory_file *file = fps__inventory_find(reading, VERSION);
    fps__span line = {NULL, 0};
    size_t at = 0;
    if (!file)
        return;
    fps__line_next(file->bytes, &at, &line);
    if (!fps__span_is(fps__span_trim(line), DATABASE_VERSION))
        fps__inventory_diagnose(reading, VERSION, "version of pacman's database is not known");
}

static void read_database(fps__inventory_reading *reading)
{
    pacman_reader pacman = {.reading = reading};
    check_version(reading);
    for (size_t i = fps__inventory_first(reading, LOCAL); i < reading->count && !reading->no_memory; i++) {
        const fps__inventory_file *file = &reading->files[i];
        if (strncmp(file->path, LOCAL, sizeof LOCAL - 1) != 0)
            break;
        const char *name = name_in_folder(file->path);
        size_t folder = name ? (size_t)(name - file->path) : sizeof pacman.folder;
        if (folder >= sizeof pacman.folder)
            continue;
        memcpy(pacman.folder, file->path, folder);
        pacman.folder[folder] = '\0';
        if (!strcmp(name, "desc"))
            read_package(&pacman, file);
        else if (!strcmp(name, "files") && !find_file(&pacman, "desc"))
            fps__inventory_diagnose(reading, file->path, "the package has no description");
    }
    free(pacman.manifest.items);
}

static const char *const linked_places[] = {"/var/lib/pacman/local", NULL};

const fps__inventory_reader fps__reader_pacman = {
    .wants = wants, .read = read_database, .places = linked_places};
