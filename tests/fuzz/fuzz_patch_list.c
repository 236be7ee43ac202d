/* Reads any bytes as a list of patches, into an empty workbench that knows one component.
 *
 * Reaches: fps_workbench_add_patches, fps__edit_distance
 */
#include "workbench/workbench_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static fps_workbench *make_workbench(void)
{
    const fps__catalogue_component acme = {.id = "acme",
                                           .name = "",
                                           .purl = "",
                                           .cpe = "",
                                           .license = "",
                                           .family = "",
                                           .sources = "",
                                           .vendors = ""};
    fps_workbench *bench;
    if (fps_workbench_open(&bench, ":memory:", NULL) ||
        fps__workbench_write_component(bench, &acme, FPS__WORKBENCH_FROM_HAND, NULL))
        abort();
    return bench;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fps_workbench *bench;
    char path[64];
    fps_error error = {.message = ""};
    fps_workbench_patch_result result;
    int file = memfd_create("list", MFD_CLOEXEC);
    bench = bench ? bench : make_workbench();
    if (file < 0 || write(file, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    fps_status status = fps_workbench_add_patch_list(bench, path, NULL, &result, &error);
    if (status && !error.message[0])
        abort();
    close(file);
    return 0;
}
