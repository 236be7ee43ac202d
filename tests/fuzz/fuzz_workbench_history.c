/* Opens any bytes as the SQLite file of a workbench, and loads the histories and releases of its components.
 *
 * Reaches: fps__workbench_load_history, fps__workbench_load_releases, fps__history_merge
 */
#include "workbench/workbench_history.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A hostile schema may make a query run forever. */
static int stop_at_some_point(void *user)
{
    return ++*(int *)user > 200;
}

static void load(fps_workbench *bench)
{
    fps__arena arena = {.limit = 64 << 20};
    const char *const *ids = NULL;
    size_t count = 0;
    fps__workbench_history_components(bench, &arena, &ids, &count, NULL);
    for (size_t i = 0; i < count && i < 20; i++) {
        const fps__known_release *releases;
        fps__history *history;
        size_t known;
        fps__workbench_load_releases(bench, ids[i], &arena, &releases, &known, NULL);
        if (fps__workbench_load_history(bench, ids[i], &history, NULL))
            continue;
        for (size_t k = 1; k < history->texts.count; k++)
            if (history->texts.items[k - 1].hash >= history->texts.items[k].hash)
                abort();
        fps__history_free(history);
    }
    fps__arena_free(&arena);
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
        if (got == SQLITE_OK && !fps__workbench_check_database(bench, NULL))
            load(bench);
    }
    sqlite3_free(copy);
    fps_workbench_free(bench);
    return 0;
}
