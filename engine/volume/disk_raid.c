/* A mirror of Linux' software RAID: the device holds all bytes, some way behind its start. The layout: Linux,
 * include/uapi/linux/raid/md_p.h, version 1.1 or 1.2; with other versions the bytes begin at the start, and need no reader. */
#include "util/error.h"
#include "volume/disk.h"

#include <stdlib.h>

enum { SUPERBLOCK = 256, SECTOR = 512, PLACE_2 = 4096, MIRROR = 1 };

/* The superblock, which says itself where it is in sectors; NULL for none. */
static const uint8_t *find_superblock(fps__span head)
{
    for (uint32_t at = 0; at <= PLACE_2; at += PLACE_2) {
        const uint8_t *p = fps__span_has(head, at, SUPERBLOCK) ? head.data + at : NULL;
        if (p && fps__get32le(p) == 0xa92b4efc && fps__get32le(p + 4) == 1 && !fps__get32le(p + 12) &&
            fps__get64le(p + 144) == at / SECTOR)
            return p;
    }
    return NULL;
}

static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    return find_superblock(head);
}

static fps_status open_raid(fps__disk *disk, fps_error *error)
{
    enum { LEVEL = 72, DISKS = 92, START = 128, SIZE = 136 };
    uint8_t room[PLACE_2 + SUPERBLOCK];
    const uint8_t *bytes, *p;
    size_t size = disk->image.size < sizeof room ? (size_t)disk->image.size : sizeof room;
    fps_status status = fps__medium_get(&disk->image, 0, size, room, &bytes, error);
    if (status)
        return status;
    p = find_superblock((fps__span){bytes, size});
    if (!p || (fps__get32le(p + LEVEL) != MIRROR && fps__get32le(p + DISKS) != 1))
        return fps__filesystem_unsupported(error, "a member of a Linux RAID that is no mirror");
    uint64_t start = fps__get64le(p + START), length = fps__get64le(p + SIZE),
             most = disk->image.size / SECTOR;
    uint64_t *state = disk->state = malloc(sizeof *state);
    if (!state)
        return fps__fail_memory(error);
    if (start > most)
        return fps__filesystem_corrupt(error, UINT64_MAX,
                                       "a member of a Linux RAID that begins behind its end");
    *state = start * SECTOR;
    disk->size = (length < most - start ? length : most - start) * SECTOR;
    return FPS_OK;
}

static fps_status find_piece(fps__disk *disk, uint64_t offset, fps__piece *piece, fps_error *error)
{
    (void)error;
    *piece = (fps__piece){.kind = FPS__PIECE_PLAIN,
                          .length = disk->size - offset,
                          .at = *(const uint64_t *)disk->state + offset};
    return FPS_OK;
}

static void list_volumes(const fps__disk *disk, fps__partitions *found)
{
    *found = (fps__partitions){.kind = "volume", .count = disk->size > 0};
    found->items[0] = (fps__partition){.size = disk->size, .number = 1};
}

const fps__disk_format fps__raid = {
    "a member of a Linux RAID", identify, open_raid, find_piece, NULL, list_volumes};
