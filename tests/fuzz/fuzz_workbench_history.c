/* Opens any bytes as the SQLite file of a workbench, and loads the histories and releases of its components.
 *
 * Reaches: fps__workbench_load_history, fps__workbench_load_releases, fps__history_merge
 */
#include "fuzz_workbench.h"
#include "workbench/workbench_history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    fuzz_workbench(data, size, load);
    return 0;
}
