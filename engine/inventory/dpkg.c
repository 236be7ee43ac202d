/* dpkg's database: status, status.d of images without dpkg, lists and digests of files, diversions, filters.
 */
#include "inventory/dpkg.h"
#include "inventory/control.h"

#include "source/source_glob.h"

#include <stdio.h>

#define ADMIN   "/var/lib/dpkg/"
#define INFO    ADMIN "info/"
#define STATUSD ADMIN "status.d/"
#define CONFIG  "/etc/dpkg/dpkg.cfg"

enum {
    MAX_COPYRIGHT = 256 * 1024, /* bytes */
    NAME_SIZE = 512,
    MAX_PATTERNS = 256,
};

static bool starts(const char *path, const char *prefix)
{
    return !strncmp(path, prefix, strlen(prefix));
}

static bool ends(const char *path, const char *suffix)
{
    size_t size = strlen(path), tail = strlen(suffix);
    return size > tail && !strcmp(path + size - tail, suffix);
}

static bool wants(const char *path, uint64_t size)
{
    if (starts(path, INFO))
        return ends(path, ".list") || ends(path, ".md5sums") || ends(path, ".conffiles");
    if (starts(path, ADMIN))
        return starts(path, STATUSD) || !strcmp(path, ADMIN "status") || !strcmp(path, ADMIN "diversions");
    if (starts(path, CONFIG))
        return !strcmp(path, CONFIG) || starts(path, CONFIG ".d/");
    return size <= MAX_COPYRIGHT && starts(path, FPS__DPKG_DOCUMENTS) && ends(path, "/copyright");
}

/* What one reading of the database keeps. */
typedef struct dpkg_reader {
    fps__inventory_reading *reading;
    uint64_t glob_work;      /* steps that patterns may still take */
    size_t listed, unlisted; /* installed packages with and without a list of files */
} dpkg_reader;

/* The fields of a paragraph that are read. */
typedef struct paragraph {
    fps__span package, version, status, architecture, source, maintainer, depends, pre_depends, provides,
        built_using, static_built_using, conffiles;
} paragraph;

/* False when the paragraph has the field already, which dpkg refuses. */
static bool take_field(paragraph *fields, fps__span name, fps__span value)
{
    const struct {
        const char *name;
        fps__span *value;
    } known[] = {{"Package", &fields->package},
                 {"Version", &fields->version},
                 {"Status", &fields->status},
                 {"Architecture", &fields->architecture},
                 {"Source", &fields->source},
                 {"Maintainer", &fields->maintainer},
                 {"Depends", &fields->depends},
                 {"Pre-Depends", &fields->pre_depends},
                 {"Provides", &fields->provides},
                 {"Built-Using", &fields->built_using},
                 {"Static-Built-Using", &fields->static_built_using},
                 {"Conffiles", &fields->conffiles}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fps__span_is(name, known[i].name)) {
            bool first = !known[i].value->data;
            if (first)
                *known[i].value = value;
            return first;
        }
    return true;
}

/* STATE of "WANT FLAG STATE"; a paragraph without the field (status.d) is installed. */
static fps__span state_of(fps__span status)
{
    fps__span word = fps__span_of("installed");
    for (fps__span part; fps__span_cut(&status, " ", &part);)
        if (part.size)
            word = part;
    return word;
}

/* Whether files of the package are there: states from half-installed on count. */
static bool is_installed(fps__span status)
{
    fps__span state = state_of(status);
    return !fps__span_is(state, "not-installed") && !fps__span_is(state, "config-files");
}

/* "a" and "b" as "a, b", on one line. */
static const char *join(fps__inventory_reading *reading, fps__span first, fps__span second)
{
    if (!first.size || !second.size)
        return fps__inventory_value(reading, first.size ? first : second);
    char *text = fps__arena_alloc(&reading->inventory->arena, first.size + second.size + 3);
    if (!text) {
        reading->no_memory = true;
        return "";
    }
    memcpy(text, first.data, first.size);
    memcpy(text + first.size, ", ", 2);
    memcpy(text + first.size + 2, second.data, second.size);
    for (size_t i = 0; i < first.size + second.size + 2; i++)
        if ((unsigned char)text[i] < ' ')
            text[i] = ' ';
    return text;
}

static void fill(fps__inventory_reading *reading, const paragraph *fields, fps__inventory_package *package)
{
    fps_package *facts = &package->facts;
    facts->name = fps__inventory_value(reading, fields->package);
    facts->version = fps__inventory_value(reading, fields->version);
    facts->architecture = fps__inventory_value(reading, fields->architecture);
    const char *maintainer = fps__inventory_person(&reading->inventory->arena, fields->maintainer);
    reading->no_memory |= !maintainer;
    facts->supplier = maintainer ? maintainer : "";
    fps__span rest = fields->source, source, version;
    if (fps__span_cut(&rest, "(", &source)) {
        facts->source = fps__inventory_value(reading, source);
        if (fps__span_cut(&rest, ")", &version))
            facts->source_version = fps__inventory_value(reading, version);
    }
    package->depends = join(reading, fields->pre_depends, fields->depends);
    package->provides = fps__inventory_value(reading, fields->provides);
    package->built_using = join(reading, fields->built_using, fields->static_built_using);
}

/* ---- the files of a package ---- */

/* INFO's file of the package: "NAME.KIND", or "NAME:ARCH.KIND" where several architectures may be installed. It is read
 * for one package alone: paragraphs that repeat a name do not multiply the work. */
static const fps__inventory_file *find_info(fps__inventory_reading *reading, const fps_package *facts,
                                            const char *kind)
{
    char path[NAME_SIZE];
    for (int plain = 1; plain >= 0; plain--) {
        int size = snprintf(path, sizeof path, INFO "%s%s%s.%s", facts->name, plain ? "" : ":",
                            plain ? "" : facts->architecture, kind);
        const fps__inventory_file *file =
            size > 0 && (size_t)size < sizeof path ? fps__inventory_take(reading, path) : NULL;
        if (file)
            return file;
    }
    return NULL;
}

static void read_list(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    bool damaged = file->bytes.size && file->bytes.data[file->bytes.size - 1] != '\n';
    size_t at = 0;
    for (fps__span line; fps__line_next(file->bytes, &at, &line);) {
        bool good = line.size && line.data[0] == '/' && !memchr(line.data, 0, line.size);
        damaged |= !good;
        fps__owned_path *owned =
            good ? fps__inventory_add_path(reading, fps__inventory_path(reading, "/", line)) : NULL;
        fps__owned_path *above = owned && reading->paths.count > 1 ? owned - 1 : NULL;
        size_t size = above ? strlen(above->path) : 0;
        if (above && !strncmp(above->path, owned->path, size) && owned->path[size] == '/')
            above->flags |= FPS__OWNED_DIRECTORY;
    }
    if (damaged)
        fps__inventory_diagnose(reading, file->path, "list of files is damaged");
}

/* Lines "MD5  path"; adds each path once more; it is merged with that of the list. */
static void read_digests(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    bool damaged = false;
    size_t at = 0;
    for (fps__span line; fps__line_next(file->bytes, &at, &line);) {
        fps__span digest, rest = line;
        if (!line.size)
            continue;
        fps__owned_path read = {0};
        fps__span_cut(&rest, " ", &digest);
        rest = fps__span_part(rest, 1, rest.size ? rest.size - 1 : 0);
        fps__owned_path *owned = NULL;
        bool good = fps__owned_path_hex(&read, FPS__DIGEST_MD5, digest) && rest.size;
        if (good)
            owned = fps__inventory_add_path(reading, fps__inventory_path(reading, "/", rest));
        damaged |= !good;
        if (!owned)
            continue;
        read.path = owned->path;
        read.flags = FPS__OWNED_REGULAR;
        *owned = read;
    }
    if (damaged)
        fps__inventory_diagnose(reading, file->path, "list of digests is damaged");
}

/* Lines "/path" or "remove-on-upgrade /path" of a package's own list. */
static void read_conffiles(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    size_t at = 0;
    for (fps__span line; fps__line_next(file->bytes, &at, &line);) {
        line = fps__span_trim(line);
        if (!line.size || line.data[0] != '/')
            continue;
        fps__owned_path *owned = fps__inventory_add_path(reading, fps__inventory_path(reading, "/", line));
        if (owned)
            owned->flags = FPS__OWNED_CONFIG;
    }
}

/* Lines " /path MD5 [obsolete] [remove-on-upgrade]" of the status. The digest is of the file as it was
 * delivered. */
static void read_conffiles_field(fps__inventory_reading *reading, fps__span field)
{
    size_t at = 0;
    for (fps__span line; fps__line_next(field, &at, &line);) {
        fps__span rest = fps__span_trim(line), path, digest = {NULL, 0}, word;
        if (!fps__span_cut(&rest, " ", &path) || !path.size || path.data[0] != '/')
            continue;
        fps__span_cut(&rest, " ", &digest);
        unsigned flags = FPS__OWNED_CONFIG;
        while (fps__span_cut(&rest, " ", &word))
            if (word.size)
                flags |= FPS__OWNED_OPTIONAL;
        fps__owned_path *owned = fps__inventory_add_path(reading, fps__inventory_path(reading, "/", path));
        if (!owned)
            continue;
        owned->flags = (uint8_t)flags;
        fps__owned_path_hex(owned, FPS__DIGEST_MD5, digest);
    }
}

static bool is_documentation(const char *path)
{
    static const char *const folders[] = {"doc/",  "man/",        "info/",     "locale/",
                                          "help/", "lintian/",    "doc-base/", "gtk-doc/",
                                          "omf/",  "gnome/help/", "bug/",      "linda/"};
    static const char share[] = "/usr/share/";
    if (!starts(path, share))
        return false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (starts(path + sizeof share - 1, folders[i]))
            return true;
    return false;
}

/* Whether the filters of dpkg.cfg keep a path from being unpacked: the last one that matches decides. */
static bool is_excluded(dpkg_reader *dpkg, const char *path)
{
    const fps__inventory *inventory = dpkg->reading->inventory;
    for (size_t i = inventory->excluded.count; i-- > 0;) {
        const char *pattern = inventory->excluded.items[i];
        bool include = *pattern == '!';
        pattern += include;
        size_t literal = strcspn(pattern, "*?[\\");
        if (strncmp(pattern, path, literal) != 0)
            continue;
        uint64_t work = (uint64_t)strlen(pattern) * strlen(path);
        if (work > dpkg->glob_work) {
            if (dpkg->glob_work)
                fps__inventory_diagnose(dpkg->reading, CONFIG, "filters of paths take too long");
            dpkg->glob_work = 0;
            return false;
        }
        dpkg->glob_work -= work;
        if (fps__glob_match(pattern, path))
            return !include;
    }
    return false;
}

static void mark_optional(dpkg_reader *dpkg)
{
    fps__inventory_reading *reading = dpkg->reading;
    for (size_t i = 0; i < reading->paths.count; i++) {
        fps__owned_path *owned = &reading->paths.items[i];
        if (is_documentation(owned->path) || is_excluded(dpkg, owned->path))
            owned->flags |= FPS__OWNED_OPTIONAL;
    }
}

/* `digests` is the path of the list beside a file of status.d, NULL for a package of status. */
static void read_files(dpkg_reader *dpkg, const paragraph *fields, fps__inventory_package *package,
                       const char *digests)
{
    fps__inventory_reading *reading = dpkg->reading;
    const fps_package *facts = &package->facts;
    const fps__inventory_file *list = find_info(reading, facts, "list");
    const fps__inventory_file *sums = digests ? fps__inventory_take(reading, digests) : NULL;
    if (!sums) /* some images keep the lists of status.d where those of status are */
        sums = find_info(reading, facts, "md5sums");
    const fps__inventory_file *conffiles = find_info(reading, facts, "conffiles");
    package->paths_known = list || (digests && sums);
    if (!digests && fps__span_is(state_of(fields->status), "installed"))
        *(list ? &dpkg->listed : &dpkg->unlisted) += 1;
    if (list)
        read_list(reading, list);
    if (sums)
        read_digests(reading, sums);
    if (conffiles)
        read_conffiles(reading, conffiles);
    read_conffiles_field(reading, fields->conffiles);
    mark_optional(dpkg);
    fps__inventory_end_paths(reading, package);
}

/* ---- the database ---- */

/* False when the paragraph does not say which package it is. */
static bool add_package(dpkg_reader *dpkg, const paragraph *fields, const char *location, const char *digests)
{
    fps__inventory_reading *reading = dpkg->reading;
    bool installed = is_installed(fields->status);
    if (!fields->package.size || (installed && !fields->version.size))
        return false;
    fps__inventory_package *package = installed ? fps__inventory_add(reading, FPS_PACKAGE_DEB) : NULL;
    if (!package)
        return true;
    fill(reading, fields, package);
    if (!*package->facts.name) { /* line ends alone */
        reading->inventory->packages.count--;
        return reading->no_memory;
    }
    package->facts.location = fps__inventory_text(reading, location, strlen(location));
    read_files(dpkg, fields, package, digests);
    return true;
}

/* All paragraphs of a file. */
static void read_paragraphs(dpkg_reader *dpkg, const fps__inventory_file *file, const char *digests)
{
    paragraph fields = {0};
    bool damaged = memchr(file->bytes.data ? file->bytes.data : (const uint8_t *)"", 0, file->bytes.size);
    bool any = false;
    size_t at = 0;
    for (fps__control_token token = FPS__CONTROL_BREAK; token != FPS__CONTROL_END;) {
        fps__span name, value;
        token = fps__control_next(file->bytes, &at, &name, &value);
        damaged |= token == FPS__CONTROL_DAMAGE;
        if (token == FPS__CONTROL_FIELD && fps__span_is(name, "Package") && fields.package.data) {
            /* the empty line between two packages is missing */
            add_package(dpkg, &fields, file->path, digests);
            fields = (paragraph){.package = value};
            damaged = true;
        } else if (token == FPS__CONTROL_FIELD) {
            damaged |= !take_field(&fields, name, value);
            any = true;
        } else if (token != FPS__CONTROL_DAMAGE && any) {
            damaged |= !add_package(dpkg, &fields, file->path, digests);
            fields = (paragraph){0};
            any = false;
        }
    }
    if (damaged)
        fps__inventory_diagnose(dpkg->reading, file->path, "database of dpkg is damaged");
}

static void read_status(dpkg_reader *dpkg)
{
    const fps__inventory_file *file = fps__inventory_find(dpkg->reading, ADMIN "status");
    if (!file)
        return;
    read_paragraphs(dpkg, file, NULL);
    if (file->bytes.size && file->bytes.data[file->bytes.size - 1] != '\n')
        fps__inventory_diagnose(dpkg->reading, file->path, "database of dpkg is cut off");
    if (dpkg->listed && dpkg->unlisted) {
        char message[80];
        snprintf(message, sizeof message, "%zu installed packages have no list of files", dpkg->unlisted);
        fps__inventory_diagnose(dpkg->reading, file->path, message);
    }
}

static void read_status_parts(dpkg_reader *dpkg)
{
    fps__inventory_reading *reading = dpkg->reading;
    for (size_t i = fps__inventory_first(reading, STATUSD);
         i < reading->count && starts(reading->files[i].path, STATUSD); i++) {
        const fps__inventory_file *file = &reading->files[i];
        char digests[NAME_SIZE];
        int size = snprintf(digests, sizeof digests, "%s.md5sums", file->path);
        if (!ends(file->path, ".md5sums") && size > 0 && (size_t)size < sizeof digests)
            read_paragraphs(dpkg, file, digests);
    }
}

/* Three lines each: where it was, where it is, and whose package stays. */
static void read_diversions(fps__inventory_reading *reading)
{
    const fps__inventory_file *file = fps__inventory_find(reading, ADMIN "diversions");
    size_t at = 0;
    fps__span from, to, by;
    while (file && fps__line_next(file->bytes, &at, &from)) {
        bool whole = fps__line_next(file->bytes, &at, &to) && fps__line_next(file->bytes, &at, &by);
        const char *paths[2] = {whole ? fps__inventory_path(reading, "/", from) : NULL,
                                whole ? fps__inventory_path(reading, "/", to) : NULL};
        if (!paths[0] || !paths[1] || from.data[0] != '/' || to.data[0] != '/') {
            fps__inventory_diagnose(reading, file->path, "diversions are damaged");
            return;
        }
        fps__diversion diversion = {paths[0], paths[1], fps__inventory_value(reading, by)};
        if (FPS__ARRAY_PUSH(&reading->inventory->diversions, &diversion, SIZE_MAX) != FPS_OK) {
            reading->no_memory = true;
            return;
        }
    }
}

static void add_pattern(fps__inventory_reading *reading, fps__span pattern, bool include)
{
    fps__inventory *inventory = reading->inventory;
    fps_status reserved = FPS__ARRAY_RESERVE(&inventory->excluded, 1, MAX_PATTERNS);
    if (!fps__inventory_room(reading, reserved, "more filters of paths than are kept"))
        return;
    char *text = fps__arena_alloc(&inventory->arena, pattern.size + 2);
    if (!text) {
        reading->no_memory = true;
        return;
    }
    text[0] = '!';
    memcpy(text + 1, pattern.data, pattern.size);
    inventory->excluded.items[inventory->excluded.count++] = include ? text : text + 1;
}

/* Lines "path-exclude=GLOB" and "path-include GLOB". */
static void read_config(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    size_t at = 0;
    for (fps__span line, name; fps__line_next(file->bytes, &at, &line);) {
        line = fps__span_trim(line);
        if (fps__span_starts(line, "#") || !fps__span_cut(&line, "= \t", &name))
            continue;
        fps__span pattern = fps__span_trim(line);
        bool include = fps__span_is(name, "path-include");
        if (pattern.size && (include || fps__span_is(name, "path-exclude")))
            add_pattern(reading, pattern, include);
    }
}

static void read_configs(fps__inventory_reading *reading)
{
    for (size_t i = fps__inventory_first(reading, CONFIG ".d/");
         i < reading->count && starts(reading->files[i].path, CONFIG ".d/"); i++)
        read_config(reading, &reading->files[i]);
    const fps__inventory_file *file = fps__inventory_find(reading, CONFIG);
    if (file)
        read_config(reading, file);
}

static void read_database(fps__inventory_reading *reading)
{
    dpkg_reader dpkg = {.reading = reading, .glob_work = (uint64_t)1 << 31};
    read_configs(reading);
    read_diversions(reading);
    size_t first = reading->inventory->packages.count;
    read_status(&dpkg);
    read_status_parts(&dpkg);
    fps__dpkg_read_licenses(reading, first);
}

static const char *const linked_places[] = {"/var/lib/dpkg", "/var/lib/dpkg/info", "/var/lib/dpkg/status.d",
                                            CONFIG,          CONFIG ".d",          NULL};

const fps__inventory_reader fps__reader_dpkg = {
    .wants = wants, .read = read_database, .places = linked_places};
