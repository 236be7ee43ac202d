/* Packages of distributions and languages: finds their metadata and walks the files in them, however they are
 * nested. */
#include "archive/package.h"

#include "archive/zip_layout.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_PATH_BYTES = 4096,
    PKGINFO_WITHIN = 8,         /* .PKGINFO is among the first files of an .apk */
    PKGINFO_SIZE = 1024 * 1024, /* most bytes unpacked to look for it */
    TOLD_FAULTS = 20,           /* of one file system: a damaged one may have as many as files */
};

/* One outermost file and all that is nested in it. */
typedef struct fps__package_reading {
    const fps__package_visitor *visitor;
    const char *name; /* of the outermost file */
    fps__archive_budget budget;
    uint32_t depth;
    fps_error *error;
} reading;

static fps_status read_nested(reading *now, const char *path, fps__span data, uint64_t *used);

/* ---- finding the metadata ---- */

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

static bool is_control_tar(const char *path)
{
    return starts_with(path, "control.tar");
}

static bool is_data_tar(const char *path)
{
    return starts_with(path, "data.tar");
}

static bool is_control(const char *path)
{
    return !strcmp(path, "control");
}

static bool is_pkginfo(const char *path)
{
    return !strcmp(path, ".PKGINFO");
}

static bool is_wheel_metadata(const char *path)
{
    const char *slash = strchr(path, '/');
    static const char suffix[] = ".dist-info";
    size_t length = slash ? (size_t)(slash - path) : 0, tail = sizeof suffix - 1;
    return length > tail && !strncmp(slash - tail, suffix, tail) && !strcmp(slash, "/METADATA");
}

/* Opens `data` and loads the first file that `match` names, looking at no more than `most` (0: all). The
 * archive is the caller's to free, whatever the status. */
static fps_status find_file(fps__span data, fps__archive_budget *budget, bool (*match)(const char *),
                            size_t most, fps__archive **archive, fps__span *found, fps_error *error)
{
    fps_status status = fps__archive_open(archive, data, budget, error);
    for (size_t seen = 0; !status && (!most || seen < most); seen++) {
        fps__archive_entry entry;
        status = fps__archive_next(*archive, &entry, error);
        if (!status && !entry.single && match(entry.path))
            return fps__archive_load(*archive, found, error);
    }
    return status ? status : FPS_ERROR_NOT_FOUND;
}

static fps_status read_control(fps__span data, fps__archive_budget *budget, fps__arena *arena,
                               fps__package_info *info, fps_error *error)
{
    fps__archive *outer = NULL, *inner = NULL;
    fps__span tar, text;
    fps_status status = find_file(data, budget, is_control_tar, 0, &outer, &tar, error);
    if (!status)
        status = find_file(tar, budget, is_control, 0, &inner, &text, error);
    if (!status)
        status = fps__package_parse_control(text, arena, info, error);
    if (status == FPS_ERROR_NOT_FOUND)
        status = fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a .deb without a control file");
    fps__archive_free(inner);
    fps__archive_free(outer);
    return status;
}

/* Opens an .apk or a wheel, and finds the text of its metadata file. The archive is the caller's to free. That may cost what is left
 * in the budget, and is not charged: the walk through the archive costs as much, and is. */
static fps_status find_pkginfo(fps__span data, const fps__archive_budget *left, fps__archive **archive,
                               fps__span *text, fps_error *error)
{
    fps__archive_limits limits = {.total_size = PKGINFO_SIZE, .deadline_ms = left->limits.deadline_ms};
    fps__archive_budget budget;
    fps__archive_budget_init(&budget, &limits, data.size);
    return find_file(data, &budget, is_pkginfo, PKGINFO_WITHIN, archive, text, error);
}

static fps_status find_wheel_metadata(fps__span data, const fps__archive_budget *left, fps__archive **archive,
                                      fps__span *text, fps_error *error)
{
    fps__archive_budget budget = *left;
    return find_file(data, &budget, is_wheel_metadata, 0, archive, text, error);
}

typedef fps_status metadata_finder(fps__span data, const fps__archive_budget *left, fps__archive **archive,
                                   fps__span *text, fps_error *error);
typedef fps_status metadata_parser(fps__span text, fps__arena *arena, fps__package_info *info,
                                   fps_error *error);

static fps_status read_metadata(fps__span data, const fps__archive_budget *left, metadata_finder *find,
                                metadata_parser *parse, fps__arena *arena, fps__package_info *info,
                                fps_error *error)
{
    fps__archive *archive = NULL;
    fps__span text;
    fps_status status = find(data, left, &archive, &text, error);
    if (!status)
        status = parse(text, arena, info, error);
    fps__archive_free(archive);
    return status;
}

static bool has_metadata(fps__span data, const fps__archive_budget *left, metadata_finder *find)
{
    fps__archive *archive = NULL;
    fps__span text;
    fps_status status = find(data, left, &archive, &text, NULL);
    fps__archive_free(archive);
    return !status;
}

static bool has_pkginfo(fps__span data, const fps__archive_budget *left)
{
    return has_metadata(data, left, find_pkginfo);
}

static bool has_wheel_metadata(fps__span data, const fps__archive_budget *left)
{
    return has_metadata(data, left, find_wheel_metadata);
}

static fps_status read_rpm(fps__span data, fps__archive_budget *budget, fps__arena *arena,
                           fps__package_info *info, fps_error *error)
{
    (void)budget;
    return fps__package_parse_rpm(data, arena, info, error);
}

static fps_status read_apk(fps__span data, fps__archive_budget *budget, fps__arena *arena,
                           fps__package_info *info, fps_error *error)
{
    return read_metadata(data, budget, find_pkginfo, fps__package_parse_pkginfo, arena, info, error);
}

static fps_status read_wheel(fps__span data, fps__archive_budget *budget, fps__arena *arena,
                             fps__package_info *info, fps_error *error)
{
    return read_metadata(data, budget, find_wheel_metadata, fps__package_parse_wheel, arena, info, error);
}

/* What tells a package from a plain archive, and where its metadata and its files are. */
typedef struct package_format {
    fps_package_kind kind;
    const char *magic;
    size_t magic_size;
    /* For a magic that other archives have too; NULL where it is enough. */
    bool (*confirm)(fps__span data, const fps__archive_budget *left);
    fps_status (*read)(fps__span data, fps__archive_budget *budget, fps__arena *arena,
                       fps__package_info *info, fps_error *error);
    bool (*payload)(
        const char *path); /* the members that the files lie in; NULL: its members are the files */
} package_format;

#define MAGIC(text) text, sizeof text - 1

static const package_format formats[] = {
    {FPS_PACKAGE_DEB, MAGIC("!<arch>\ndebian-binary"), NULL, read_control, is_data_tar},
    {FPS_PACKAGE_RPM, MAGIC("\xed\xab\xee\xdb"), NULL, read_rpm, NULL},
    {FPS_PACKAGE_APK, MAGIC("\x1f\x8b"), has_pkginfo, read_apk, NULL},
    {FPS_PACKAGE_PYPI, MAGIC("PK\3\4"), has_wheel_metadata, read_wheel, NULL},
};

/* The format of a package, NULL for a plain archive and everything else. */
static const package_format *find_format(fps__span data, const fps__archive_budget *left)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const package_format *format = &formats[i];
        if (data.size >= format->magic_size && !memcmp(data.data, format->magic, format->magic_size) &&
            (!format->confirm || format->confirm(data, left)))
            return format;
    }
    return NULL;
}

fps_package_kind fps__package_identify(fps__span data)
{
    fps__archive_budget budget;
    fps__archive_budget_init(&budget, NULL, data.size);
    const package_format *format = find_format(data, &budget);
    return format ? format->kind : FPS_PACKAGE_GENERIC;
}

/* ---- walking the files ---- */

static void tell(reading *now, const char *code, const char *path, const fps_error *error)
{
    fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_PARTIAL, code, path, error->offset, error->message};
    if (now->visitor->diagnostic)
        now->visitor->diagnostic(now->visitor->user, &diagnostic);
}

/* Turns a failure that lies in the input into a diagnostic. What the machine or the visitor lacks stays a
 * failure. */
static fps_status report(reading *now, const char *path, fps_status status, const fps_error *error)
{
    if (status == FPS_ERROR_MEMORY) {
        if (now->error)
            *now->error = *error;
        return status;
    }
    const char *code = error->status == FPS_ERROR_MEMORY ? "out-of-memory"
                       : status == FPS_ERROR_LIMIT       ? "archive-limit"
                       : status == FPS_ERROR_UNSUPPORTED ? "unsupported-archive"
                                                         : "unreadable-archive";
    tell(now, code, path, error);
    return FPS_OK;
}

static bool join_path(const reading *now, char joined[MAX_PATH_BYTES], const char *prefix,
                      const fps__archive_entry *entry)
{
    const char *mark = *prefix && !entry->single ? "!" : "";
    const char *path = entry->single && !*prefix ? now->name : entry->path;
    int length = snprintf(joined, MAX_PATH_BYTES, "%s%s%s", prefix, mark, path);
    return length >= 0 && length < MAX_PATH_BYTES;
}

/* True when the rest of the archive can still be read after `status`. */
static bool goes_on(const fps__archive_budget *budget, const fps__archive *archive, fps_status status,
                    bool loading)
{
    bool used_up = budget->unpacked >= budget->limits.total_size ||
                   budget->entries > budget->limits.entries ||
                   budget->unpacked / budget->limits.ratio > budget->packed;
    if (status == FPS_ERROR_CORRUPT && fps__archive_survives_damage(archive))
        return true;
    return status == FPS_ERROR_UNSUPPORTED || (loading && status == FPS_ERROR_LIMIT && !used_up);
}

/* One archive on the way through it. */
typedef struct walking {
    fps__archive *archive;
    const char *prefix;
    bool (*only)(const char *); /* chooses entries and drops their names, as for a .deb; NULL: all */
    char *path;
    bool found;      /* an entry that `only` wants */
    bool stop;       /* the rest cannot be read */
    uint64_t faults; /* of entries behind which it was read on */
} walking;

/* Reports what is wrong with one entry. Of a file system that is damaged, the first faults are told one by one. */
static fps_status report_entry(reading *now, walking *walk, const char *path, fps_status status,
                               const fps_error *error)
{
    bool one = fps__archive_survives_damage(walk->archive) && !walk->stop && status != FPS_ERROR_MEMORY;
    if (one && ++walk->faults > TOLD_FAULTS)
        return FPS_OK;
    return report(now, path, status, error);
}

static void tell_more_faults(reading *now, const walking *walk)
{
    fps_error error = {.offset = UINT64_MAX};
    if (walk->faults <= TOLD_FAULTS)
        return;
    snprintf(error.message, sizeof error.message, "%llu more entries of the file system could not be read",
             (unsigned long long)(walk->faults - TOLD_FAULTS));
    report(now, walk->prefix, FPS_ERROR_CORRUPT, &error);
}

/* Hands on one file of an archive, or goes into it. */
static fps_status read_entry(reading *now, walking *walk, const char *path, fps__span head)
{
    bool wanted = now->visitor->wanted(now->visitor->user, path, head), nested = fps__archive_identify(head);
    if (!wanted && !nested)
        return FPS_OK;
    fps_error error = {.message = ""};
    fps__span bytes;
    fps_status status = fps__archive_load(walk->archive, &bytes, &error);
    if (status) {
        walk->stop = !goes_on(&now->budget, walk->archive, status, true);
        return report_entry(now, walk, path, status, &error);
    }
    return wanted ? now->visitor->file(now->visitor->user, path, bytes) : read_nested(now, path, bytes, NULL);
}

static fps_status report_text(reading *now, const char *path, fps_status status, const char *text)
{
    fps_error error = {.offset = UINT64_MAX};
    snprintf(error.message, sizeof error.message, "%s", text);
    return report(now, path, status, &error);
}

static fps_status walk_entry(reading *now, walking *walk, const fps__archive_entry *entry)
{
    const char *path = walk->prefix;
    if (walk->only && !walk->only(entry->path))
        return FPS_OK;
    walk->found = true;
    if (!walk->only) {
        if (!join_path(now, walk->path, walk->prefix, entry))
            return report_text(now, walk->prefix, FPS_ERROR_LIMIT, "path of a file is too long");
        path = walk->path;
    }
    return read_entry(now, walk, path, entry->head);
}

static fps_status walk_entries(reading *now, walking *walk)
{
    fps_error error = {.message = ""};
    fps_status status = FPS_OK;
    while (!walk->stop && !status) {
        fps__archive_entry entry;
        fps_status got = fps__archive_next(walk->archive, &entry, &error);
        if (got == FPS_ERROR_NOT_FOUND) {
            if (walk->only && !walk->found)
                status = report_text(now, walk->prefix, FPS_ERROR_CORRUPT, "no data.tar in the .deb");
            break;
        }
        walk->stop = got && !goes_on(&now->budget, walk->archive, got, false);
        bool tar = !fps__archive_survives_damage(walk->archive);
        if (got == FPS_ERROR_UNSUPPORTED && entry.single && tar) { /* of no entry */
            tell(now, "damaged-archive", walk->prefix, &error);
            continue;
        }
        bool named = got && !walk->stop && *entry.path && join_path(now, walk->path, walk->prefix, &entry);
        status = got ? report_entry(now, walk, named ? walk->path : walk->prefix, got, &error)
                     : walk_entry(now, walk, &entry);
    }
    return status;
}

/* Bytes that no entry of an archive is made of. */
static fps_status hand_rest(reading *now, const char *path, fps__span bytes, uint64_t offset)
{
    if (!bytes.size || !now->visitor->rest)
        return FPS_OK;
    return now->visitor->rest(now->visitor->user, path, bytes, offset);
}

/* What lies behind the end of an archive that was read to its end. `used`: see walk_archive. */
static fps_status read_rest(reading *now, walking *walk, uint64_t *used)
{
    fps_error error = {.message = ""};
    fps__archive_behind behind;
    fps_status status = fps__archive_rest(walk->archive, &behind, &error);
    if (status)
        return report(now, walk->prefix, status, &error);
    status = hand_rest(now, walk->prefix, behind.unpacked, 0);
    if (used)
        *used = behind.packed_offset;
    else if (!status)
        status = hand_rest(now, walk->prefix, behind.packed, behind.packed_offset);
    return status;
}

/* Goes through the entries of an archive and what lies behind them. `local`: of a zip by its local headers. */
static fps_status walk_once(reading *now, walking *walk, fps__span data, bool local, bool rest,
                            uint64_t *used)
{
    fps_error error = {.message = ""};
    fps_status status =
        (local ? fps__archive_open_local : fps__archive_open)(&walk->archive, data, &now->budget, &error);
    if (status)
        return report(now, walk->prefix, status, &error);
    status = walk_entries(now, walk);
    tell_more_faults(now, walk);
    walk->faults = 0;
    if (!status && rest && !walk->stop && now->visitor->rest)
        status = read_rest(now, walk, used);
    fps__archive_free(walk->archive);
    walk->archive = NULL;
    return status;
}

/* A zip archive is read as its directory says. What that does not cover is handed on, and where the local headers say
 * something else it is read by them too. Without a directory there are only they. */
static fps_status walk_zip(reading *now, walking *walk, fps__span data, uint64_t *used)
{
    fps__zip_layout layout;
    fps_error error = {.message = "its directory and its local headers contradict each other",
                       .offset = UINT64_MAX};
    fps_error missing = {.message = "its directory is missing or cut off: it was read by its local headers",
                         .offset = UINT64_MAX};
    fps_status status = fps__zip_layout_read(&layout, data);
    fps__span archive = layout.known ? fps__span_part(data, 0, layout.end) : data;
    if (status)
        fps__fail_memory(now->error);
    else
        status = walk_once(now, walk, archive, layout.displaced || !layout.known, !layout.known, used);
    if (!status && !layout.known)
        tell(now, "damaged-archive", walk->prefix, &missing);
    if (!status && layout.known && used)
        *used = layout.end;
    if (!status && layout.differs) {
        tell(now, "ambiguous-archive", walk->prefix, &error);
        walk->stop = false;
        if (!layout.displaced)
            status = walk_once(now, walk, archive, true, false, NULL);
    }
    for (size_t i = 0; !status && i < layout.gaps.count; i++) {
        const fps__zip_gap *gap = &layout.gaps.items[i];
        if (!used || gap->offset < layout.end)
            status = hand_rest(now, walk->prefix, fps__span_part(data, gap->offset, gap->size), gap->offset);
    }
    fps__zip_layout_free(&layout);
    return status;
}

/* `used` may be NULL: what lies behind the end is handed on. Else it becomes the offset of that, and its size where the end
 * is unknown. */
static fps_status walk_archive(reading *now, const char *prefix, fps__span data, bool (*only)(const char *),
                               uint64_t *used)
{
    walking walk = {.prefix = prefix, .only = only, .path = malloc(MAX_PATH_BYTES)};
    if (used)
        *used = data.size;
    if (!walk.path)
        return fps__fail_memory(now->error);
    bool zip = now->visitor->rest && data.size >= 4 && memcmp(data.data, "PK", 2) == 0;
    fps_status status =
        zip ? walk_zip(now, &walk, data, used) : walk_once(now, &walk, data, false, true, used);
    free(walk.path);
    return status;
}

static fps_status read_package(reading *now, const package_format *format, const char *path, fps__span data,
                               uint64_t *used)
{
    fps__arena arena = {NULL, 0, 0};
    fps__package_info info;
    fps_error error = {.message = ""};
    fps_status status = format->read(data, &now->budget, &arena, &info, &error);
    if (used)
        *used = data.size;
    if (status) {
        status = report(now, path, status, &error);
        fps__arena_free(&arena);
        return status;
    }
    status = now->visitor->begin(now->visitor->user, &info, path, data);
    if (!status)
        status = walk_archive(now, "", data, format->payload, used);
    now->visitor->end(now->visitor->user);
    fps__arena_free(&arena);
    return status == FPS_ERROR_CANCELLED ? FPS_OK : status;
}

static fps_status read_nested(reading *now, const char *path, fps__span data, uint64_t *used)
{
    if (now->depth >= now->budget.limits.depth) {
        char text[64];
        snprintf(text, sizeof text, "more than %u archives inside each other", now->budget.limits.depth);
        if (used)
            *used = data.size;
        return report_text(now, path, FPS_ERROR_LIMIT, text);
    }
    now->depth++;
    const package_format *format = find_format(data, &now->budget);
    fps_status status =
        format ? read_package(now, format, path, data, used) : walk_archive(now, path, data, NULL, used);
    now->depth--;
    return status;
}

fps_status fps__package_read_file(const char *path, fps__span data, const fps__archive_limits *limits,
                                  const fps__package_visitor *visitor, fps_error *error)
{
    reading now = {.visitor = visitor, .name = path, .error = error};
    fps__archive_budget_init(&now.budget, limits, data.size);
    if (visitor->wanted(visitor->user, path, data))
        return visitor->file(visitor->user, path, data);
    return fps__archive_identify(data) ? read_nested(&now, path, data, NULL) : FPS_OK;
}

fps_status fps__package_read_part(fps__package_reading *now, const char *path, fps__span data, uint64_t *used)
{
    return read_nested(now, path, data, used);
}

/* A plain archive is its own root: paths in it begin at its top. */
static fps_status read_plain(reading *now, const char *name, fps__span data, bool wanted)
{
    fps__package_info info = {FPS_PACKAGE_GENERIC, name, "", "", "", "", "", ""};
    fps_status status = now->visitor->begin(now->visitor->user, &info, name, data);
    if (!status && wanted)
        status = now->visitor->file(now->visitor->user, name, data);
    else if (!status)
        status = walk_archive(now, "", data, NULL, NULL);
    now->visitor->end(now->visitor->user);
    return status == FPS_ERROR_CANCELLED ? FPS_OK : status;
}

fps_status fps__package_read(const char *name, fps__span data, const fps__archive_limits *limits,
                             const fps__package_visitor *visitor, fps_error *error)
{
    reading now = {.visitor = visitor, .name = name, .depth = 1, .error = error};
    fps__archive_budget_init(&now.budget, limits, data.size);
    if (visitor->started)
        visitor->started(visitor->user, &now);
    bool wanted = visitor->wanted(visitor->user, name, data);
    if (!wanted && !fps__archive_identify(data))
        return FPS_OK;
    const package_format *format = wanted ? NULL : find_format(data, &now.budget);
    return format ? read_package(&now, format, name, data, NULL) : read_plain(&now, name, data, wanted);
}
