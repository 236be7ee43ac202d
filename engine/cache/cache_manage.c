/* Looking after the result cache: how large it is, making it smaller, emptying it. */
#include "cache/cache_internal.h"
#include "util/error.h"
#include "util/private_files.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

static bool gather(fps__cache_database *database, fps_cache_info *info)
{
    *info = (fps_cache_info){0};
    sqlite3_stmt *row = fps__cache_prepare(database, FPS__CACHE_COUNT);
    int got = row ? sqlite3_step(row) : SQLITE_NOMEM;
    for (; got == SQLITE_ROW; got = sqlite3_step(row)) {
        bool layers = sqlite3_column_int64(row, 0) == FPS__CACHE_LAYER;
        *(layers ? &info->layers : &info->files) += (uint64_t)sqlite3_column_int64(row, 1);
        *(layers ? &info->layer_bytes : &info->file_bytes) += (uint64_t)sqlite3_column_int64(row, 2);
        int64_t oldest = sqlite3_column_int64(row, 3), newest = sqlite3_column_int64(row, 4);
        if (!info->oldest || oldest < info->oldest)
            info->oldest = oldest;
        if (newest > info->newest)
            info->newest = newest;
    }
    if (row)
        sqlite3_reset(row);
    return got == SQLITE_DONE && fps__cache_size(database, &info->bytes, NULL);
}

fps_status fps_cache_read_info(const char *folder, fps_cache_info *info, fps_error *error)
{
    fps__cache_database database;
    fps_status status = fps__cache_database_open(&database, folder, false, NULL, error);
    if (status == FPS_OK && !gather(&database, info))
        status = fps__cache_fail(&database, error);
    fps__cache_database_close(&database);
    return status;
}

/* The moment `age` seconds ago. */
static int64_t before(uint64_t age)
{
    int64_t now = (int64_t)time(NULL);
    return age < (uint64_t)now ? now - (int64_t)age : 0;
}

fps_status fps_cache_prune(const char *folder, uint64_t limit, uint64_t age, fps_cache_info *info,
                           fps_error *error)
{
    fps__cache_database database;
    fps_cache_info unused;
    fps_status status = fps__cache_database_open(&database, folder, false, NULL, error);
    if (status == FPS_OK &&
        ((age && !fps__cache_forget(&database, before(age))) || !fps__cache_shrink(&database, limit) ||
         !gather(&database, info ? info : &unused)))
        status = fps__cache_fail(&database, error);
    fps__cache_database_close(&database);
    return status;
}

/* The files are taken away whole, so that a damaged one is mended, too. Programs that have them open go on
 * with what has no name any more; while the folder is locked, none opens one of them. */
fps_status fps_cache_clear(const char *folder, fps_error *error)
{
    static const char *const names[] = {FPS__CACHE_NAME, FPS__CACHE_NAME "-wal", FPS__CACHE_NAME "-shm"};
    int fd;
    fps_status status = fps__cache_folder_open(folder, false, &fd, error);
    if (status == FPS_ERROR_NOT_FOUND)
        return FPS_OK;
    if (status != FPS_OK)
        return status;
    status = fps__private_lock(fd, true, folder, "result cache", error);
    for (size_t i = 0; i < sizeof names / sizeof *names && status == FPS_OK; i++)
        if (unlinkat(fd, names[i], 0) != 0 && errno != ENOENT)
            status = fps__fail_io(error, names[i], errno, "remove result cache");
    close(fd);
    return status;
}
