/* Opens any bytes as a file system or disk and reads every file in it, within a small budget.
 *
 * Reaches: fps__volume_read fps__unpack fps__lzo_unpack fps__erofs_packed_read fps__partitions_read fps__disk_open fps__utf16_name
 * fps__xfs_log_is_dirty fps__btrfs_next fps__disk_find_inner
 */
#include "util/error.h"
#include "volume/volume.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

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

static void read_all(fps__volume *volume, purse *left)
{
    enum { MOST_READ = 100000 };
    static uint8_t room[MOST_READ];
    fps__volume_entry entry;
    fps_error error;
    fps_status status = FPS_OK;
    for (int i = 0; i < 3000 && !status; i++) {
        status = fps__volume_next(volume, &entry, &error);
        size_t part = entry.size < MOST_READ ? (size_t)entry.size : MOST_READ;
        bool good = !status && entry.type == FPS__VOLUME_FILE && !spend(left, part, 0, NULL);
        if (good && fps__volume_read(volume, 0, room, part, &error) == FPS_OK && part > 3)
            (void)fps__volume_read(volume, part / 3, room, part / 2, &error);
        if (status == FPS_ERROR_CORRUPT || status == FPS_ERROR_UNSUPPORTED)
            status = FPS_OK;
    }
}

/* The same bytes behind a callback, as a disk that is too large for memory is read. */
static fps_status read_part(void *user, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    const fps__span *bytes = user;
    if (!fps__span_has(*bytes, offset, size))
        abort(); /* nobody may ask for what is not there */
    (void)error;
    if (size)
        memcpy(to, bytes->data + offset, size);
    return FPS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps__span bytes = {data, size};
    purse left = {16 << 20, 2000};
    fps__volume_budget budget = {&left, spend};
    fps__volume_source source = {&bytes, read_part, size};
    fps__volume *volume;
    (void)fps__volume_identify(bytes);
    (void)fps__volume_unread(bytes, false);
    if (fps__volume_open(&volume, bytes, &budget, NULL) == FPS_OK)
        read_all(volume, &left);
    fps__volume_free(volume);
    left = (purse){16 << 20, 2000};
    if (fps__volume_open_source(&volume, &source, &budget, NULL) == FPS_OK) {
        (void)fps__volume_choose_root(volume);
        read_all(volume, &left);
    }
    fps__volume_free(volume);
    return 0;
}
