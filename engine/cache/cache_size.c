/* How large the result cache is, and making it smaller. */
#include "cache/cache_internal.h"

enum { STEP = 256 }; /* rows that one transaction removes: others wait no longer than for these */

bool fps__cache_size(fps__cache_database *database, uint64_t *bytes, uint64_t *used)
{
    sqlite3_stmt *row = fps__cache_prepare(database, FPS__CACHE_PAGES);
    bool good = row && sqlite3_step(row) == SQLITE_ROW;
    if (good) {
        uint64_t pages = (uint64_t)sqlite3_column_int64(row, 0),
                 free_pages = (uint64_t)sqlite3_column_int64(row, 1),
                 page = (uint64_t)sqlite3_column_int64(row, 2);
        *bytes = pages * page;
        if (used)
            *used = free_pages < pages ? (pages - free_pages) * page : 0;
    }
    if (row)
        sqlite3_reset(row);
    return good;
}

/* Gives free pages back to the file system, also those of the log. */
static bool give_back(fps__cache_database *database)
{
    return sqlite3_exec(database->db, "PRAGMA incremental_vacuum", NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_wal_checkpoint_v2(database->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK;
}

/* How many rows hold about `excess` bytes when all rows together take `used`. */
static int64_t rows_of(fps__cache_database *database, uint64_t excess, uint64_t used)
{
    sqlite3_stmt *row = fps__cache_prepare(database, FPS__CACHE_ROWS);
    int64_t rows = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    if (row)
        sqlite3_reset(row);
    double wanted = (double)rows * ((double)excess / (double)used);
    return wanted < STEP ? (int64_t)wanted + 1 : STEP;
}

bool fps__cache_shrink(fps__cache_database *database, uint64_t target)
{
    uint64_t bytes, used;
    if (!fps__cache_size(database, &bytes, &used))
        return false;
    while (used > target) {
        sqlite3_stmt *drop = fps__cache_prepare(database, FPS__CACHE_DROP_OLDEST);
        if (!drop)
            return false;
        sqlite3_bind_int64(drop, 1, rows_of(database, used - target, used));
        if (!fps__cache_step(drop) || !fps__cache_size(database, &bytes, &used))
            return false;
        if (!sqlite3_changes(database->db))
            break;
    }
    return give_back(database);
}

bool fps__cache_forget(fps__cache_database *database, int64_t time)
{
    do {
        sqlite3_stmt *drop = fps__cache_prepare(database, FPS__CACHE_DROP_UNUSED);
        if (!drop)
            return false;
        sqlite3_bind_int64(drop, 1, time);
        sqlite3_bind_int64(drop, 2, STEP);
        if (!fps__cache_step(drop))
            return false;
    } while (sqlite3_changes(database->db));
    return give_back(database);
}
