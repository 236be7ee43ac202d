/* Packed programs: which reader knows a file. */
#include "packed/packed.h"

#include "packed/upx_internal.h"

#include <stdlib.h>

fps_status fps__upx_reserve(const fps__packed_limits *limits, uint64_t size, fps__unpacked *out,
                            fps_error *error)
{
    if (size > limits->size)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "it unpacks to %llu bytes, more than the limits of size, memory or ratio allow",
                         (unsigned long long)size);
    out->data = calloc(1, size ? (size_t)size : 1);
    out->size = (size_t)size;
    return out->data ? FPS_OK : fps__fail_memory(error);
}

fps_status fps__upx_fail_run(fps_status status, uint64_t offset, fps_error *error)
{
    const char *text = status == FPS_ERROR_CANCELLED ? "the time ran out while it was unpacked"
                       : status == FPS_ERROR_LIMIT   ? "it needs more memory than it may take"
                       : status == FPS_ERROR_MEMORY  ? "out of memory"
                                                     : "its compressed bytes are damaged";
    return fps__fail(error, status, NULL, offset, "%s", text);
}

static int compare_ranges(const void *left, const void *right)
{
    const fps__upx_range *a = left, *b = right;
    return (a->from > b->from) - (a->from < b->from);
}

void fps__upx_sort_ranges(fps__upx_range *ranges, size_t count)
{
    if (count)
        qsort(ranges, count, sizeof *ranges, compare_ranges);
}

uint64_t fps__upx_count_bytes(fps__span bytes, uint64_t from, uint64_t to)
{
    uint64_t count = 0;
    for (uint64_t i = from; i < to && i < bytes.size; i++)
        count += bytes.data[i] != 0;
    return count;
}

fps_status fps__packed_open(fps__span bytes, const fps__packed_limits *limits, fps__unpacked *out,
                            fps_error *error)
{
    *out = (fps__unpacked){.data = NULL, .start = UINT64_MAX};
    fps_format format = fps_object_identify(bytes.data, bytes.size);
    fps_status status = format == FPS_FORMAT_ELF  ? fps__upx_open_elf(bytes, limits, out, error)
                        : format == FPS_FORMAT_PE ? fps__upx_open_pe(bytes, limits, out, error)
                                                  : FPS_ERROR_NOT_FOUND;
    if (status) {
        free(out->data);
        out->data = NULL;
        out->size = 0;
    }
    return status;
}
