/* The inside of the result cache: its file, its tables, and who does what.
 *
 *   cache_database.c  opens the file with its checks, makes tables and secret; statements; SQLite failures
 *   cache.c           digests, get, put and the values that wait to be written
 *   cache_size.c      how large it is, and making it smaller
 *   cache_manage.c    fps_cache_read_info, fps_cache_prune, fps_cache_clear
 */
#ifndef FPS_CACHE_CACHE_INTERNAL_H
#define FPS_CACHE_CACHE_INTERNAL_H

#include "cache/cache.h"
#include "util/array.h"

#include <sqlite3.h>

#define FPS__CACHE_NAME "results.db"

enum {
    FPS__CACHE_SECRET = 192,             /* bytes: what XXH3 takes by default */
    FPS__CACHE_APPLICATION = 0x46505352, /* "FPSR" */
    FPS__CACHE_VERSION = 1,              /* of the tables */
};

typedef enum fps__cache_statement {
    FPS__CACHE_BEGIN,
    FPS__CACHE_COMMIT,
    FPS__CACHE_ROLLBACK,
    FPS__CACHE_SECRET_READ, /* bytes */
    FPS__CACHE_GET,         /* id: value, sum, used */
    FPS__CACHE_PUT,         /* id, sum, used, kind, value */
    FPS__CACHE_DROP,        /* id, sum */
    FPS__CACHE_TOUCH,       /* id, sum, used */
    FPS__CACHE_PAGES,       /* pages, free pages, bytes a page */
    FPS__CACHE_ROWS,        /* how many */
    FPS__CACHE_DROP_OLDEST, /* how many */
    FPS__CACHE_DROP_UNUSED, /* used before, how many */
    FPS__CACHE_COUNT,       /* kind, rows, bytes of values, oldest, newest */
    FPS__CACHE_STATEMENTS,
} fps__cache_statement;

/* One connection; one thread at a time. */
typedef struct fps__cache_database {
    sqlite3 *db;
    char *path;
    int code; /* of a failure that a later call would hide; 0: the last one of SQLite's */
    sqlite3_stmt *statements[FPS__CACHE_STATEMENTS];
} fps__cache_database;

/* Opens the cache's folder. `create`: makes what is missing. FPS_ERROR_NOT_FOUND (only without `create`),
 * FPS_ERROR_ARGUMENT, FPS_ERROR_IO, FPS_ERROR_MEMORY. */
fps_status fps__cache_folder_open(const char *folder, bool create, int *fd, fps_error *error);
/* Opens a connection to the cache in `folder`, and makes it where `create` is set and there is none; `secret`
 * (may be NULL) receives its secret. To be closed after a failure too. As fps__cache_folder_open, and
 * FPS_ERROR_CORRUPT, FPS_ERROR_VERSION (made by a newer program). */
fps_status fps__cache_database_open(fps__cache_database *database, const char *folder, bool create,
                                    uint8_t secret[FPS__CACHE_SECRET], fps_error *error);
void fps__cache_database_close(fps__cache_database *database);
/* The last failure of SQLite in words: FPS_ERROR_CORRUPT, FPS_ERROR_MEMORY or FPS_ERROR_IO. */
fps_status fps__cache_fail(const fps__cache_database *database, fps_error *error);
/* The prepared statement, reset; NULL when it cannot be had. */
sqlite3_stmt *fps__cache_prepare(fps__cache_database *database, fps__cache_statement which);
/* Steps a statement that gives no rows, and resets it; NULL is a failure. */
bool fps__cache_step(sqlite3_stmt *statement);
bool fps__cache_run(fps__cache_database *database, fps__cache_statement which);
/* Reads the secret that the file has now. */
bool fps__cache_read_secret(fps__cache_database *database, uint8_t secret[FPS__CACHE_SECRET]);

/* Bytes of the file; `used` (may be NULL): without free pages. */
bool fps__cache_size(fps__cache_database *database, uint64_t *bytes, uint64_t *used);
/* Forgets the least recently used until at most `target` bytes are in use, and gives free pages back. */
bool fps__cache_shrink(fps__cache_database *database, uint64_t target);
/* Forgets what was last used before `time`, in seconds since 1970. */
bool fps__cache_forget(fps__cache_database *database, int64_t time);

#endif
