/* Making an advisory database from the files of its sources.
 *
 *   fps_advisory_import("a.db", "oss-fuzz", paths, count, &options, &result, &error)       as often as needed
 *   fps_advisory_pack("a.db", "advisories.fpav", "signatures/catalogue", &error)           what fpscan ships
 *
 * An import replaces all that the source of this name brought before, in one transaction: it is there as a whole or not at all, also
 * after a kill. Importing the same bytes again changes nothing. All functions may return FPS_ERROR_IO, FPS_ERROR_CORRUPT,
 * FPS_ERROR_FORMAT (not an advisory database), FPS_ERROR_VERSION (made by a newer program) and FPS_ERROR_MEMORY.
 */
#ifndef FPSCAN_ADVISORY_BUILD_H
#define FPSCAN_ADVISORY_BUILD_H

#include <fpscan/advisory.h>

FPS_BEGIN_DECLS

/* The zero value of each member means the default. */
typedef struct fps_advisory_import_options {
    const char *format; /* name of the format of all files; NULL: each file says what it is */
    const char *date;   /* of the source where its records say none, "2026-08-21"; NULL: none */
    bool force;         /* import again what is there with the same bytes */
    /* Called for each record that was skipped, at most 20 times for each reason: the file or record, and the reason. NULL: not
     * wanted. */
    void (*skipped)(void *user, const char *record, const char *reason);
    void *user;
} fps_advisory_import_options;

typedef struct fps_advisory_import_result {
    uint64_t files, ignored; /* read; of no known format (licences, notes) */
    uint64_t records, bad;   /* read; records and parts of records that were skipped */
    uint64_t ranges;         /* rows that say what is affected */
    uint64_t names;          /* further names of advisories */
    bool unchanged;          /* the source was there with these bytes */
} fps_advisory_import_result;

/* The formats: name and what it is; NULL when `index` is out of range. */
FPS_API const char *fps_advisory_format_name(size_t index);
FPS_API const char *fps_advisory_format_about(size_t index);

/* Imports files, folders and archives (.zip, .tar.*, .gz, .xz ...) as the source `source`; NULL: the name of the first path without
 * folders and suffixes. `options` and `result` may be NULL. FPS_ERROR_FORMAT: no file is of a known format; FPS_ERROR_CORRUPT: a file
 * is damaged as a whole (the database is then as it was); FPS_ERROR_LIMIT; FPS_ERROR_ARGUMENT: no such format. */
FPS_API fps_status fps_advisory_import(const char *database, const char *source, const char *const *paths,
                                       size_t count, const fps_advisory_import_options *options,
                                       fps_advisory_import_result *result, fps_error *error);
/* What a changelog says that it fixed. */
typedef struct fps_advisory_fact {
    const char *source, *version, *distribution, *cve;
    bool negative; /* the entry speaks of something else than a fix: "not affected", "revert" */
} fps_advisory_fact;
typedef fps_status (*fps_advisory_fact_callback)(void *user, const fps_advisory_fact *fact);

/* Reads Debian changelogs: files, folders, source packages (.debian.tar.xz) and binary packages (.deb). Gives each CVE that an entry
 * names, newest entry first, with the source package that the file begins with. FPS_ERROR_FORMAT: no changelog among the files;
 * FPS_ERROR_LIMIT; or what `fact` returned. */
FPS_API fps_status fps_advisory_changelog(const char *const *paths, size_t count,
                                          fps_advisory_fact_callback fact, void *user, fps_error *error);
/* Removes a source. FPS_ERROR_NOT_FOUND. */
FPS_API fps_status fps_advisory_remove(const char *database, const char *source, fps_error *error);

/* Writes to `path` what fpscan needs of a database: no indexes of imports, no retracted advisories, and of what is known by CPE names
 * alone the products that the catalogue at `catalogue` names (a file or folder of signatures/catalogue; NULL: all). The file appears
 * whole or not at all. */
FPS_API fps_status fps_advisory_pack(const char *database, const char *path, const char *catalogue,
                                     fps_error *error);

/* Lists and their columns. */
typedef enum fps_advisory_list_kind {
    FPS_ADVISORY_SOURCES = 0, /* source, format, date, files, records, bad */
    FPS_ADVISORY_BAD = 1,     /* source, format, reason, count, example */
    FPS_ADVISORY_SPACES = 2,  /* space, packages, ranges */
    FPS_ADVISORY_COUNTS = 3,  /* what, count */
} fps_advisory_list_kind;

/* Receives one row: columns[0..count), valid during the call. Returns FPS_OK to go on. */
typedef fps_status (*fps_advisory_row_callback)(void *user, const char *const *columns, size_t count);

FPS_API fps_status fps_advisory_list(const char *database, fps_advisory_list_kind kind,
                                     fps_advisory_row_callback row, void *user, fps_error *error);
/* All that is known of a CVE or another name: rows of advisory, source, name, severity, title; of names; of ranges. Each row begins
 * with what it is ("advisory", "name", "range", "epss", "kev", "ssvc", "routine"). FPS_ERROR_NOT_FOUND. */
FPS_API fps_status fps_advisory_show(const char *database, const char *name, fps_advisory_row_callback row,
                                     void *user, fps_error *error);
/* What differs between two databases: "+" or "-", advisory, package space, name, range, fixed. */
FPS_API fps_status fps_advisory_diff(const char *before, const char *after, fps_advisory_row_callback row,
                                     void *user, fps_error *error);
/* Checks the file and what its rows promise: SQLite's own check, keys that fit their versions, rows that refer to rows.
 * FPS_ERROR_CORRUPT names the first fault. */
FPS_API fps_status fps_advisory_verify(const char *database, fps_error *error);

FPS_END_DECLS

#endif
