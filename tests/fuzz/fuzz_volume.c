/* Opens any bytes as a file system or disk and reads every file in it, within a small budget.
 *
 * Reaches: fps__volume_read fps__unpack fps__lzo_unpack fps__erofs_packed_read fps__partitions_read fps__disk_open fps__utf16_name
 */
#include "util/error.h"
#include "volume/volume.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct purse {
    uint64_t bytes, entries;
} purse;

static fps_status spend(void *user, uint64_t bytes, uint64_t entries, fps_error *error)
{
    purse *left = user;
    if (bytes > left->bytes || entries > left->entries)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "the budget is spent");
    left->bytes -= bytes;
    left->entries -= entries;
    return FPS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST_READ = 100000 };
    static uint8_t room[MOST_READ];
    purse left = {16 << 20, 2000};
    fps__volume_budget budget = {&left, spend};
    fps__volume *volume;
    fps__volume_entry entry;
    fps_error error;
    fps_status status = fps__volume_open(&volume, (fps__span){data, size}, &budget, &error);
    (void)fps__volume_identify((fps__span){data, size});
    for (int i = 0; i < 3000 && !status; i++) {
        status = fps__volume_next(volume, &entry, &error);
        size_t part = entry.size < MOST_READ ? (size_t)entry.size : MOST_READ;
        bool good = !status && entry.type == FPS__VOLUME_FILE && !spend(&left, part, 0, NULL);
        if (good && fps__volume_read(volume, 0, room, part, &error) == FPS_OK && part > 3)
            (void)fps__volume_read(volume, part / 3, room, part / 2, &error);
        if (status == FPS_ERROR_CORRUPT || status == FPS_ERROR_UNSUPPORTED)
            status = FPS_OK;
    }
    fps__volume_free(volume);
    return 0;
}
