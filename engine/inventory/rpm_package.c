/* Makes a package of the inventory out of one rpm header: what it is, what it needs, which files it has. */
#include "inventory/rpm.h"

#include "archive/rpm_header.h"
#include "util/cursor.h"
#include "util/error.h"
#include "util/lines.h"

#include <stdlib.h>
#include <sys/stat.h>

enum {
    MAX_FOLDERS = 1 << 20,   /* of one package */
    MAX_NAMES = 1024 * 1024, /* bytes of a list of names that are kept */
    RPM_FILE_CONFIG = 1,     /* RPMFILE_ flags */
    RPM_FILE_DOC = 2,
    RPM_FILE_MISSING_OK = 8,
    RPM_FILE_GHOST = 64,
    RPM_VERIFY_DIGEST = 1,
    STATE_NORMAL = 0, /* RPMFILE_STATE_; others are left out, or on a shared file system */
    STATE_REPLACED = 1,
    STATE_WRONG_COLOR = 4,
    ALGORITHM_MD5 = 1, /* of OpenPGP, RFC 4880 section 9.4 */
    ALGORITHM_SHA1 = 2,
    ALGORITHM_SHA256 = 8,
};

/* ---- lists of names ---- */

typedef FPS__ARRAY(char) text_buffer;

/* Appends "NAME" or "NAME (= VERSION)", after ", " when it is not the first. FPS_ERROR_LIMIT,
 * FPS_ERROR_MEMORY; the list is unchanged then. */
static fps_status append_name(text_buffer *list, fps__span name, fps__span version)
{
    static const char between[] = ", ", open[] = " (= ", shut[] = ")";
    const fps__span parts[] = {{(const uint8_t *)between, list->count ? sizeof between - 1 : 0},
                               name,
                               {(const uint8_t *)open, version.size ? sizeof open - 1 : 0},
                               version,
                               {(const uint8_t *)shut, version.size ? sizeof shut - 1 : 0}};
    size_t before = list->count;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i].size)
            continue;
        fps_status status = FPS__ARRAY_RESERVE(list, parts[i].size, MAX_NAMES);
        if (status) {
            list->count = before;
            return status;
        }
        memcpy(list->items + list->count, parts[i].data, parts[i].size);
        list->count += parts[i].size;
    }
    return FPS_OK;
}

/* False when no further name can be added, which is said. */
static bool add_name(fps__inventory_reading *reading, text_buffer *list, fps__span name, fps__span version)
{
    return fps__inventory_room(reading, append_name(list, name, version),
                               "a package has more names than are kept");
}

/* A name as rpm allows it: it can stand in a list, without blank, control character or comma. */
static bool is_plain(fps__span name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] <= ' ' || name.data[i] == ',')
            return false;
    return name.size > 0;
}

/* The names of a tag, each once in a row: rpm sorts them, and repeats those with several versions. What rpm
 * itself must be able to do is no package, what is bundled has a list of its own, and conditions ("(a if b)")
 * name nothing that is surely needed. */
static void list_names(fps__inventory_reading *reading, const fps__rpm_header *header, uint32_t tag,
                       text_buffer *list)
{
    const fps__span no_version = {NULL, 0};
    fps__rpm_value names;
    fps__span name, last = {NULL, 0};
    fps__rpm_header_find(header, tag, &names);
    while (fps__rpm_value_next(&names, &name)) {
        bool repeated = name.size && name.size == last.size && !memcmp(name.data, last.data, name.size);
        last = name;
        if (repeated || !is_plain(name) || name.data[0] == '(' || fps__span_starts(name, "rpmlib(") ||
            fps__span_starts(name, "bundled("))
            continue;
        if (!add_name(reading, list, name, no_version))
            return;
    }
}

/* "bundled(zlib) = 1.2.11" becomes "zlib (= 1.2.11)". */
static void list_bundled(fps__inventory_reading *reading, const fps__rpm_header *header, text_buffer *list)
{
    const size_t prefix = strlen("bundled(");
    fps__rpm_value names, versions;
    fps__span name, version;
    fps__rpm_header_find(header, FPS__RPM_TAG_PROVIDE_NAMES, &names);
    fps__rpm_header_find(header, FPS__RPM_TAG_PROVIDE_VERSIONS, &versions);
    while (fps__rpm_value_next(&names, &name)) {
        if (!fps__rpm_value_next(&versions, &version) || !is_plain(version))
            version = (fps__span){NULL, 0};
        if (!fps__span_starts(name, "bundled(") || name.data[name.size - 1] != ')' || !is_plain(name))
            continue;
        if (!add_name(reading, list, fps__span_part(name, prefix, name.size - prefix - 1), version))
            return;
    }
}

/* A copy of the list, which is empty then. */
static const char *keep_list(fps__inventory_reading *reading, text_buffer *list)
{
    const char *text = fps__inventory_text(reading, list->items, list->count);
    list->count = 0;
    return text;
}

static void add_names(fps__inventory_reading *reading, const fps__rpm_header *header,
                      fps__inventory_package *package)
{
    text_buffer list = {NULL, 0, 0};
    list_names(reading, header, FPS__RPM_TAG_REQUIRE_NAMES, &list);
    package->depends = keep_list(reading, &list);
    list_names(reading, header, FPS__RPM_TAG_PROVIDE_NAMES, &list);
    package->provides = keep_list(reading, &list);
    list_bundled(reading, header, &list);
    package->built_using = keep_list(reading, &list);
    free(list.items);
}

/* ---- files ---- */

/* The tags that describe files, read side by side. */
typedef struct file_list {
    fps__rpm_value names, digests; /* the rest of them */
    fps__rpm_value folder_of, flags, modes, states, verify;
    fps__span *folders;
    size_t folder_count;
    fps__digest_kind digest_kind;
    uint32_t at;
} file_list;

typedef struct file_entry {
    fps__span folder, name, digest;
    uint32_t flags, mode, state, verify;
} file_entry;

static fps__digest_kind digest_kind(const fps__rpm_header *header)
{
    fps__rpm_value value;
    uint32_t algorithm = ALGORITHM_MD5; /* as it was before rpm could do others */
    fps__rpm_header_find(header, FPS__RPM_TAG_FILE_DIGEST_ALGORITHM, &value);
    fps__rpm_value_number(&value, 0, &algorithm);
    return algorithm == ALGORITHM_MD5      ? FPS__DIGEST_MD5
           : algorithm == ALGORITHM_SHA1   ? FPS__DIGEST_SHA1
           : algorithm == ALGORITHM_SHA256 ? FPS__DIGEST_SHA256
                                           : FPS__DIGEST_OTHER;
}

/* Packages of rpm 3 name their files as whole paths. False without memory. */
static bool open_files(const fps__rpm_header *header, file_list *files)
{
    *files = (file_list){.digest_kind = digest_kind(header)};
    if (!fps__rpm_header_find(header, FPS__RPM_TAG_BASE_NAMES, &files->names))
        fps__rpm_header_find(header, FPS__RPM_TAG_OLD_FILE_NAMES, &files->names);
    fps__rpm_header_find(header, FPS__RPM_TAG_DIR_INDEXES, &files->folder_of);
    fps__rpm_header_find(header, FPS__RPM_TAG_FILE_DIGESTS, &files->digests);
    fps__rpm_header_find(header, FPS__RPM_TAG_FILE_FLAGS, &files->flags);
    fps__rpm_header_find(header, FPS__RPM_TAG_FILE_MODES, &files->modes);
    fps__rpm_header_find(header, FPS__RPM_TAG_FILE_STATES, &files->states);
    fps__rpm_header_find(header, FPS__RPM_TAG_FILE_VERIFY_FLAGS, &files->verify);
    fps__rpm_value names;
    fps__rpm_header_find(header, FPS__RPM_TAG_DIR_NAMES, &names);
    size_t count = names.count < MAX_FOLDERS ? names.count : MAX_FOLDERS;
    if (count > names.data.size)
        count = names.data.size;
    files->folders = calloc(count ? count : 1, sizeof *files->folders);
    if (!files->folders)
        return false;
    while (files->folder_count < count && fps__rpm_value_next(&names, &files->folders[files->folder_count]))
        files->folder_count++;
    return true;
}

/* The next file; false at the end. A folder that does not exist gives an empty name. */
static bool next_file(file_list *files, file_entry *entry)
{
    *entry = (file_entry){.verify = RPM_VERIFY_DIGEST};
    if (!fps__rpm_value_next(&files->names, &entry->name))
        return false;
    uint32_t folder, at = files->at++;
    fps__rpm_value_next(&files->digests, &entry->digest);
    if (fps__rpm_value_number(&files->folder_of, at, &folder)) {
        if (folder < files->folder_count)
            entry->folder = files->folders[folder];
        else
            entry->name.size = 0;
    }
    fps__rpm_value_number(&files->flags, at, &entry->flags);
    fps__rpm_value_number(&files->modes, at, &entry->mode);
    fps__rpm_value_number(&files->states, at, &entry->state);
    fps__rpm_value_number(&files->verify, at, &entry->verify);
    return true;
}

static uint8_t path_flags(const file_entry *entry)
{
    uint8_t flags = 0;
    if (entry->flags & RPM_FILE_CONFIG || !(entry->verify & RPM_VERIFY_DIGEST))
        flags |= FPS__OWNED_CONFIG; /* what rpm itself does not compare may be changed */
    if (entry->flags & RPM_FILE_GHOST)
        flags |= FPS__OWNED_GHOST;
    if (entry->flags & (RPM_FILE_DOC | RPM_FILE_MISSING_OK) || entry->state != STATE_NORMAL)
        flags |= FPS__OWNED_OPTIONAL;
    if (S_ISREG(entry->mode))
        flags |= FPS__OWNED_REGULAR;
    else if (S_ISDIR(entry->mode))
        flags |= FPS__OWNED_DIRECTORY;
    else if (S_ISLNK(entry->mode))
        flags |= FPS__OWNED_LINK;
    return flags;
}

/* A digest that is not of the length of its kind is one that cannot be compared, and so is that of a file
 * which rpm did not install. */
static void take_digest(const file_entry *entry, fps__digest_kind kind, fps__owned_path *owned)
{
    if (!entry->digest.size || entry->flags & RPM_FILE_GHOST || entry->state != STATE_NORMAL)
        return;
    if (!fps__owned_path_hex(owned, kind, entry->digest))
        owned->digest_kind = FPS__DIGEST_OTHER;
}

/* Files that another package replaced, or that are of the other word size, are that package's. */
static bool is_owned(const file_entry *entry)
{
    return entry->state != STATE_REPLACED && entry->state != STATE_WRONG_COLOR;
}

/* "/" itself is nobody's. */
static bool is_root(const file_entry *entry)
{
    return entry->folder.size + entry->name.size == 1 &&
           (entry->folder.size ? entry->folder : entry->name).data[0] == '/';
}

/* Short names in few long folders become long paths: what all of them take is bounded by the caller. */
static fps_status add_paths(fps__rpm_adding *adding, file_list *files, const char *package, fps_error *error)
{
    file_entry entry;
    while (next_file(files, &entry)) {
        uint64_t size = sizeof(fps__owned_path) + entry.folder.size + entry.name.size + 1;
        if (size > adding->budget)
            return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                             "the files of %s are more than a database of this size has", package);
        adding->budget -= size;
        if (!is_owned(&entry) || is_root(&entry))
            continue;
        /* A folder ends in a NUL in the header. */
        const char *base = entry.folder.size ? (const char *)entry.folder.data : "";
        const char *path = fps__inventory_path(adding->reading, base, entry.name);
        fps__owned_path *owned = fps__inventory_add_path(adding->reading, path);
        if (owned) {
            owned->flags = path_flags(&entry);
            take_digest(&entry, files->digest_kind, owned);
        }
        adding->bad_names += path == NULL;
    }
    return FPS_OK;
}

/* ---- packages ---- */

/* Of a module its label is what advisories are looked up by, too. */
static const char *module_of(fps__inventory_reading *reading, const fps__rpm_header *header)
{
    char text[512];
    fps__span label = fps__rpm_header_text(header, FPS__RPM_TAG_MODULARITY_LABEL);
    fps__cursor out = {text, sizeof text, 0, false};
    fps__cursor_text(&out, label.size && is_plain(label) ? "rpmmod=" : "");
    fps__cursor_put(&out, (const char *)label.data, is_plain(label) ? label.size : 0);
    size_t size = fps__cursor_finish(&out);
    return fps__inventory_text(reading, text, size);
}

static void add_facts(fps__inventory_reading *reading, const fps__rpm_header *header, const char *location,
                      fps_package *facts)
{
    fps__span vendor = fps__rpm_header_text(header, FPS__RPM_TAG_VENDOR);
    if (!vendor.size)
        vendor = fps__rpm_header_text(header, FPS__RPM_TAG_PACKAGER);
    facts->supplier = fps__inventory_value(reading, vendor);
    facts->name = fps__inventory_value(reading, fps__rpm_header_text(header, FPS__RPM_TAG_NAME));
    facts->architecture = fps__inventory_value(reading, fps__rpm_header_text(header, FPS__RPM_TAG_ARCH));
    facts->license = fps__inventory_value(reading, fps__rpm_header_text(header, FPS__RPM_TAG_LICENSE));
    facts->location = fps__inventory_text(reading, location, strlen(location));
    facts->source = facts->name;
    facts->source_version = facts->version;
    fps__span source, version;
    if (fps__rpm_split_source(fps__rpm_header_text(header, FPS__RPM_TAG_SOURCE_RPM), &source, &version)) {
        facts->source = fps__inventory_value(reading, source);
        facts->source_version = fps__inventory_value(reading, version);
    }
}

static bool is_public_key(fps__span name)
{
    return name.size == strlen("gpg-pubkey") && fps__span_starts(name, "gpg-pubkey");
}

fps_status fps__rpm_add_package(fps__rpm_adding *adding, fps__span bytes, fps_error *error)
{
    fps__rpm_header header;
    fps_status status = fps__rpm_header_open(&header, bytes, error);
    if (status)
        return status;
    fps__span name = fps__rpm_header_text(&header, FPS__RPM_TAG_NAME);
    if (is_public_key(name))
        return FPS_OK;
    const char *version = fps__rpm_header_version(&header, &adding->reading->inventory->arena);
    if (!version)
        return fps__fail_memory(error);
    if (!is_plain(name) || !is_plain(fps__span_of(version)))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                         "rpm header without a package name and a version");
    fps__inventory_package *package = fps__inventory_add(adding->reading, FPS_PACKAGE_RPM);
    if (!package) /* that the inventory is full has been said */
        return adding->reading->no_memory ? fps__fail_memory(error) : FPS_OK;
    package->facts.version = version;
    package->qualifiers = module_of(adding->reading, &header);
    add_facts(adding->reading, &header, adding->location, &package->facts);
    add_names(adding->reading, &header, package);
    file_list files;
    if (!open_files(&header, &files))
        return fps__fail_memory(error);
    status = add_paths(adding, &files, package->facts.name, error);
    fps__inventory_end_paths(adding->reading, package);
    package->paths_known = true;
    free(files.folders);
    return adding->reading->no_memory ? fps__fail_memory(error) : status;
}
