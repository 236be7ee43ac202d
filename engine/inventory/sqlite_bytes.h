/* A hostile SQLite database in memory, opened so that nothing of it but plain tables is run.
 *
 *   status = fps__sqlite_open(&base, bytes, size, &error);
 *   if (!status)
 *       status = fps__sqlite_check_table(&base, "Packages", "name = 'blob'", 1, "rpm", &error);
 *   ... sqlite3_prepare_v2(base.db, "SELECT ... FROM Packages NOT INDEXED ...") ...
 *   sqlite3_close(base.db);
 */
#ifndef FPS_INVENTORY_SQLITE_BYTES_H
#define FPS_INVENTORY_SQLITE_BYTES_H

#include <fpscan/status.h>
#include <sqlite3.h>
#include <stdint.h>

typedef struct fps__sqlite {
    sqlite3 *db;    /* for sqlite3_close, after a failure too */
    uint64_t looks; /* of SQLite at its work that are left: their number follows the size of the database */
} fps__sqlite;

/* Opens the bytes, which must stay until the database is closed, and are not changed. `base` must stay, too.
 * FPS_ERROR_FORMAT, FPS_ERROR_CORRUPT, FPS_ERROR_MEMORY. */
fps_status fps__sqlite_open(fps__sqlite *base, uint8_t *bytes, size_t size, fps_error *error);
/* The table is one of stored columns, has pages of its own and no trigger: reading it runs no code of the database's.
 * `columns` is a trusted condition on the table's columns, which must be true for `count` of them; `maker` is named in the message. FPS_ERROR_UNSUPPORTED
 * for any other table, and as below. */
fps_status fps__sqlite_check_table(fps__sqlite *base, const char *table, const char *columns, int64_t count,
                                   const char *maker, fps_error *error);
/* The failure that a code of SQLite's means: FPS_ERROR_LIMIT when the looks are used up. */
fps_status fps__sqlite_fail(const fps__sqlite *base, int code, fps_error *error);

#endif
