/* The advisory database: one SQLite file that vulnbuild writes and fpscan reads.
 *
 * A range of versions is half-open over keys (util/version_key.h): lo <= key < hi. No key begins another one, so that a key with a
 * NUL behind it is the least that comes after the version: "from 1.2 on, but not 1.2 itself" is lo = key 00, "up to and with 1.2" is
 * hi = key 00. No lower end is an empty lo, no upper end is hi = ff. What a package's versions are compared by is in its row. */
#ifndef FPS_ADVISORY_ADVISORY_DATABASE_H
#define FPS_ADVISORY_ADVISORY_DATABASE_H

#include "advisory/advisory_space.h"

#include <fpscan/advisory.h>
#include <sqlite3.h>

enum {
    FPS__ADVISORY_APPLICATION = 0x46504156, /* "FPAV", SQLite's application_id */
    FPS__ADVISORY_VERSION = 1,              /* user_version */
    FPS__MAX_ROWS_OF_PACKAGE =
        20000, /* ranges of one package that a look-up reads: the Linux kernel has the most, 15,000 */
};

/* What a row of `affected` says of the versions in its range. The numbers are stored and do not change. */
typedef enum fps__affected_kind {
    FPS__AFFECTED = 0,
    FPS__AFFECTED_IF = 1,  /* only under the condition in the note: a platform, another product */
    FPS__NOT_AFFECTED = 2, /* the source says that they are not */
    FPS__FIXED_FROM = 3,   /* hi is a version with the fix; nothing is said of those before it */
    FPS__AFFECTED_IGNORED =
        4, /* affected, and the distribution says that it will not, or not soon, be fixed */
} fps__affected_kind;

extern const char fps__advisory_schema[];  /* tables */
extern const char fps__advisory_indexes[]; /* what only imports need: left out of packed databases */

/* Opens the file at `path`, read-only or, with `write`, read-write and created where there is none. Strangers' triggers, views and
 * functions do not run. *db is NULL on failure. FPS_ERROR_FORMAT: no advisory database; FPS_ERROR_VERSION; FPS_ERROR_CORRUPT;
 * FPS_ERROR_IO; FPS_ERROR_MEMORY. */
fps_status fps__advisory_open(sqlite3 **db, const char *path, bool write, fps_error *error);
/* Opens bytes in memory for reading; they must outlive the handle. */
fps_status fps__advisory_open_bytes(sqlite3 **db, const void *data, size_t size, const char *path,
                                    fps_error *error);
/* SQLite's last failure as an error. */
fps_status fps__advisory_fail(sqlite3 *db, const char *path, fps_error *error);
/* A column of the current row as text, "" for NULL. */
const char *fps__advisory_text(sqlite3_stmt *row, int column);

struct fps_advisory_database {
    sqlite3 *db;
    char *path;
    fps_advisory_source *sources;
    size_t source_count;
    char **texts; /* of the sources */
    size_t text_count;
};

#endif
