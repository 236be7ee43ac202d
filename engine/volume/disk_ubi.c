/* UBI, the layer of volumes on raw flash. The layout: Linux, drivers/mtd/ubi/ubi-media.h.
 *
 * It is read as a disk on which the volumes lie one behind the other, each a partition. */
#include "util/array.h"
#include "util/error.h"
#include "volume/disk.h"

#include <isa-l/crc.h>
#include <stdlib.h>

enum {
    HEADER = 64,
    LEAST_BLOCK = 2048, /* bytes of an erase block, and the step by which its size is looked for */
    MOST_BLOCK = 16 << 20,
    MOST_BLOCKS = 1 << 20,
    MOST_VOLUMES = 128,
};
static const uint32_t INTERNAL = 0x7fffefff; /* volumes from here on are UBI's own */

/* A logical erase block, and where the newest copy of it is. */
typedef struct block {
    uint32_t volume, number;
    uint64_t sequence;
    uint64_t at; /* of its data, in the image */
    uint32_t padding;
} block;

typedef struct volume {
    uint32_t id;
    uint64_t start, size; /* on the disk */
    size_t first, count;  /* of its blocks */
    uint64_t block_size;
} volume;

typedef struct ubi {
    block *blocks; /* sorted by volume and number */
    size_t count;
    volume volumes[MOST_VOLUMES];
    unsigned volume_count;
} ubi;

static bool is_erase_header(const uint8_t *p)
{
    return memcmp(p, "UBI#", 4) == 0 && p[4] == 1 && fps__get32be(p + 16) >= HEADER &&
           fps__get32be(p + 20) > fps__get32be(p + 16) && fps__get32be(p + 20) < MOST_BLOCK &&
           fps__get32be(p + 60) == ~crc32_gzip_refl(0, p, 60);
}

static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    return fps__span_has(head, 0, HEADER) && is_erase_header(head.data);
}

/* The distance to the next header of an erase block; all that there is when none follows. */
static fps_status find_block_size(const fps__medium *image, uint64_t *size, fps_error *error)
{
    for (uint64_t at = LEAST_BLOCK; at + HEADER <= image->size && at <= MOST_BLOCK; at += LEAST_BLOCK) {
        uint8_t room[HEADER];
        const uint8_t *p;
        fps_status status = fps__medium_get(image, at, HEADER, room, &p, error);
        if (status)
            return status;
        if (is_erase_header(p)) {
            *size = at;
            return FPS_OK;
        }
    }
    *size = image->size;
    return FPS_OK;
}

/* Reads both headers of an erase block. *used: it holds a logical one; *erase: it is one of UBI's. */
static fps_status read_block(const fps__medium *image, uint64_t at, block *b, bool *used, bool *erase,
                             fps_error *error)
{
    uint8_t room[HEADER];
    const uint8_t *p;
    *used = *erase = false;
    fps_status status = fps__medium_get(image, at, HEADER, room, &p, error);
    if (status || !is_erase_header(p))
        return status;
    *erase = true;
    uint32_t header = fps__get32be(p + 16), data = fps__get32be(p + 20);
    if (header > image->size - at || image->size - at - header < HEADER)
        return FPS_OK;
    status = fps__medium_get(image, at + header, HEADER, room, &p, error);
    if (status || memcmp(p, "UBI!", 4) != 0)
        return status;
    *b = (block){fps__get32be(p + 8), fps__get32be(p + 12), fps__get64be(p + 40), at + data,
                 fps__get32be(p + 28)};
    *used = b->volume < INTERNAL;
    return FPS_OK;
}

static int compare(const void *left, const void *right)
{
    const block *a = left, *b = right;
    if (a->volume != b->volume)
        return a->volume < b->volume ? -1 : 1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    if (a->sequence != b->sequence)
        return a->sequence > b->sequence ? -1 : 1; /* the newest copy first */
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Makes volumes of the blocks; older copies go. */
static void collect_volumes(fps__disk *disk, ubi *u, uint64_t block_size)
{
    size_t kept = 0;
    volume *v = NULL;
    for (size_t i = 0; i < u->count; i++) {
        const block b = u->blocks[i];
        if (kept && u->blocks[kept - 1].volume == b.volume && u->blocks[kept - 1].number == b.number)
            continue;
        if (!v || v->id != b.volume) {
            if (u->volume_count == MOST_VOLUMES)
                break;
            v = &u->volumes[u->volume_count++];
            uint64_t data = b.at % block_size;
            *v = (volume){.id = b.volume,
                          .start = disk->size,
                          .first = kept,
                          .block_size = block_size - data > b.padding ? block_size - data - b.padding : 0};
        }
        u->blocks[kept++] = b;
        v->count++;
        uint64_t end = v->block_size * ((uint64_t)b.number + 1);
        if (b.number < MOST_BLOCKS && end > v->size) {
            disk->size += end - v->size;
            v->size = end;
        }
    }
    u->count = kept;
}

static fps_status read_blocks(fps__disk *disk, ubi *u, uint64_t block_size, fps_error *error)
{
    FPS__ARRAY(block) blocks = {NULL, 0, 0};
    fps_status status = FPS_OK;
    uint64_t at = 0, empty = 0;
    disk->end = 0;
    /* A block that is damaged or erased is passed over; behind several something else begins. */
    enum { MOST_EMPTY = 64 };
    for (; at < disk->image.size && empty < MOST_EMPTY && !status; at += block_size) {
        block b;
        bool used = false, erase = false;
        if (disk->image.size - at < HEADER)
            break;
        status = read_block(&disk->image, at, &b, &used, &erase, error);
        empty = erase ? 0 : empty + 1;
        if (erase)
            disk->end = at + block_size;
        if (!status && used)
            status = FPS__ARRAY_PUSH(&blocks, &b, MOST_BLOCKS);
    }
    u->blocks = blocks.items;
    u->count = blocks.count;
    if (status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    return status == FPS_ERROR_LIMIT
               ? fps__fail(error, status, NULL, at, "UBI with more than %d blocks", MOST_BLOCKS)
               : status;
}

static fps_status open_ubi(fps__disk *disk, fps_error *error)
{
    uint64_t block_size = 0;
    ubi *u = disk->state = calloc(1, sizeof *u);
    fps_status status = u ? find_block_size(&disk->image, &block_size, error) : fps__fail_memory(error);
    if (!status)
        status = read_blocks(disk, u, block_size, error);
    if (status)
        return status;
    if (u->count)
        qsort(u->blocks, u->count, sizeof *u->blocks, compare);
    collect_volumes(disk, u, block_size);
    return FPS_OK;
}

static void close_ubi(fps__disk *disk)
{
    ubi *u = disk->state;
    if (u)
        free(u->blocks);
}

static void list_volumes(const fps__disk *disk, fps__partitions *found)
{
    const ubi *u = disk->state;
    *found = (fps__partitions){.kind = "volume"};
    for (unsigned i = 0; i < u->volume_count; i++)
        if (u->volumes[i].size)
            found->items[found->count++] = (fps__partition){
                .offset = u->volumes[i].start, .size = u->volumes[i].size, .number = u->volumes[i].id + 1};
}

static fps_status find_piece(fps__disk *disk, uint64_t offset, fps__piece *piece, fps_error *error)
{
    const ubi *u = disk->state;
    unsigned n = 0;
    (void)error;
    while (n + 1 < u->volume_count &&
           (u->volumes[n].start + u->volumes[n].size <= offset || !u->volumes[n].size))
        n++;
    const volume *v = &u->volumes[n];
    uint64_t number = (offset - v->start) / v->block_size, in_block = (offset - v->start) % v->block_size;
    *piece = (fps__piece){.kind = FPS__PIECE_ZERO, .length = v->block_size - in_block};
    size_t low = v->first, high = v->first + v->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (u->blocks[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < v->first + v->count && u->blocks[low].number == number) {
        piece->kind = FPS__PIECE_PLAIN;
        piece->at = u->blocks[low].at + in_block;
    }
    return FPS_OK;
}

const fps__disk_format fps__ubi = {"a UBI image", identify, open_ubi, find_piece, close_ubi, list_volumes};
