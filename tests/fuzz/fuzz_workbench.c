/* Opens any bytes as the SQLite file of a workbench, and checks, lists and loads it.
 *
 * Reaches: fps__workbench_decode, fps__workbench_load
 */
#include "fuzz_workbench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static fps_status drop_row(void *user, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *(size_t *)user += strlen(columns[i]);
    return FPS_OK;
}

static void load(fps_workbench *bench)
{
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_workbench(data, size, load);
    return 0;
}
