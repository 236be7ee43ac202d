/* Opens any bytes as the SQLite file of a workbench, and checks, lists and loads it.
 *
 * Reaches: fps__workbench_decode, fps__workbench_load
 */
#include "workbench/workbench_internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static fps_status drop_row(void *user, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *(size_t *)user += strlen(columns[i]);
    return FPS_OK;
}

/* A hostile schema may make a query run forever. */
static int stop_at_some_point(void *user)
{
    return ++*(int *)user > 200;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
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
        if (got == SQLITE_OK && !fps__workbench_check_database(bench, NULL)) {
            size_t seen = 0;
            fps__corpus corpus;
            fps_workbench_stats stats;
            fps_workbench_read_stats(bench, &stats, NULL);
            for (int list = FPS_WORKBENCH_COMPONENTS; list <= FPS_WORKBENCH_NEGATIVES; list++)
                fps_workbench_list(bench, (fps_workbench_list_kind)list, NULL, drop_row, &seen, NULL);
            if (!fps__workbench_load(bench, &corpus, NULL))
                fps__corpus_free(&corpus);
            fps__workbench_load_keys(bench, NULL);
        }
    }
    sqlite3_free(copy);
    fps_workbench_free(bench);
    return 0;
}
