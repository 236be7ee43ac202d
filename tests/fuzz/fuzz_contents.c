/* Lists any bytes as a container of files, or as what carries one, and unpacks every file in it; and reads them as an archive, as
 * nested ones are read.
 *
 * Reaches: fps__contents_unpack, fps__list_uimage, fps__list_device_tree, fps__list_android_boot, fps__list_lzop, fps__list_asar,
 * Reaches: fps__list_compound, fps__list_node_blob, fps__list_kernel, fps__list_pyinstaller, fps__list_dotnet, fps__list_deno,
 * Reaches: fps__list_bun, fps__lzop_unpack, fps__archive_load
 *
 * Seeds: test_contents writes them, see there.
 */
#include "archive/archive.h"
#include "archive/contents.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static fps_status take(void *user, fps__span block, fps_error *error)
{
    uint64_t *left = user;
    volatile uint8_t last = block.data[block.size - 1];
    (void)error;
    (void)last;
    if (block.size > *left)
        return FPS_ERROR_CANCELLED;
    *left -= block.size;
    return FPS_OK;
}

static void read_archive(fps__span bytes)
{
    fps__archive_limits limits = {.file_size = 1 << 20, .total_size = 4 << 20, .entries = 100};
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_entry entry;
    fps__archive_behind behind;
    fps__span file;
    fps_error error;
    fps__archive_budget_init(&budget, &limits, bytes.size);
    if (fps__archive_open(&archive, bytes, &budget, NULL))
        return;
    fps_status status = FPS_OK;
    for (int i = 0; i < 100 && (!status || status == FPS_ERROR_UNSUPPORTED); i++) {
        status = fps__archive_next(archive, &entry, &error);
        if (!status && i % 2 == 0)
            status = fps__archive_load(archive, &file, &error);
    }
    if (status == FPS_ERROR_NOT_FOUND && fps__archive_rest(archive, &behind, NULL) == FPS_OK &&
        behind.packed_offset > bytes.size)
        abort();
    fps__archive_free(archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps__span bytes = {data, size};
    fps__contents contents = {0};
    fps_error error = {.message = ""};
    uint64_t left = 4 << 20;
    const fps__contents_sink sink = {&left, take};
    if (fps__contents_read(&contents, bytes, &error) == FPS_OK) {
        if (contents.start > contents.end || contents.end > size)
            abort();
        for (size_t i = 0; i < contents.files.count && i < 200; i++) {
            fps_status status =
                fps__contents_unpack(&contents, &contents.files.items[i], bytes, &sink, &error);
            if (status == FPS_ERROR_MEMORY)
                abort();
        }
    }
    fps__contents_free(&contents);
    read_archive(bytes);
    return 0;
}
