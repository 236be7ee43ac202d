/* Any bytes as the SQLite file of a workbench. */
#ifndef FPS_TESTS_FUZZ_WORKBENCH_H
#define FPS_TESTS_FUZZ_WORKBENCH_H

#include "workbench/workbench_internal.h"

#include <stdlib.h>
#include <string.h>

/* A hostile schema may make a query run forever. */
static inline int stop_at_some_point(void *user)
{
    return ++*(int *)user > 200;
}

/* Calls `use` with a workbench of these bytes when its database passes the check. */
static inline void fuzz_workbench(const uint8_t *data, size_t size, void (*use)(fps_workbench *bench))
{
    fps_workbench *bench = calloc(1, sizeof *bench);
    if (!bench || !(bench->path = strdup(":memory:")))
        abort();
    unsigned char *copy = sqlite3_malloc64(size + 1);
    int steps = 0;
    if (copy && !fps__workbench_open_database(bench, true, NULL)) {
        memcpy(copy, data, size);
        sqlite3_progress_handler(bench->db, 1000, stop_at_some_point, &steps);
        unsigned flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE;
        int got =
            sqlite3_deserialize(bench->db, "main", copy, (sqlite3_int64)size, (sqlite3_int64)size, flags);
        copy = NULL;
        if (got == SQLITE_OK && !fps__workbench_check_database(bench, NULL))
            use(bench);
    }
    sqlite3_free(copy);
    fps_workbench_free(bench);
}

#endif
