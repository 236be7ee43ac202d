/* Disk images that are a table of blocks: VHD, VMDK (sparse, also compressed as in an .ova), VDI; and Android's sparse images,
 * which are a list of pieces.
 *
 * The layouts: "Virtual Hard Disk Image Format Specification" 1.0; VMware, "Virtual Disk Format 5.0"; QEMU, block/vdi.c; Android,
 * system/core/libsparse/sparse_format.h. */
#include "util/error.h"
#include "volume/disk.h"

#include <stdio.h>
#include <stdlib.h>

enum { SECTOR = 512 };

/* A disk of blocks of one size, each of which the table has the place of. */
typedef struct blocks {
    uint64_t table;      /* in the image */
    uint64_t count;      /* entries */
    uint64_t block_size; /* bytes; 0: the image is the disk, as it is */
    uint64_t skipped;    /* bytes of a block before its data */
    uint64_t base;       /* where the block 0 lies, of VDI */
    /* VMDK: the table is two deep */
    uint32_t in_table;
    bool compressed;
} blocks;

static bool is_power_of_two(uint64_t value)
{
    return value && !(value & (value - 1));
}

static fps_status get_word(const fps__disk *disk, uint64_t table, uint64_t index, const uint8_t **p,
                           uint8_t room[4], fps_error *error)
{
    if (table > disk->image.size || index > UINT32_MAX)
        return fps__filesystem_corrupt(error, table, "a table of the disk image lies behind its end");
    return fps__medium_get(&disk->image, table + index * 4, 4, room, p, error);
}

/* ---- VHD ---- */

enum { VHD_FOOTER = 512, VHD_HEADER = 1024, VHD_FIXED = 2, VHD_DYNAMIC = 3 };

static bool is_vhd_footer(const uint8_t *p)
{
    return memcmp(p, "conectix", 8) == 0 && fps__get32be(p + 12) >> 16 == 1;
}

/* A fixed disk is told by its end alone. */
static bool identify_vhd(fps__span head, uint64_t size)
{
    if (fps__span_has(head, 0, VHD_FOOTER) && is_vhd_footer(head.data))
        return true;
    return size == head.size && size > VHD_FOOTER && is_vhd_footer(head.data + size - VHD_FOOTER);
}

static fps_status open_vhd(fps__disk *disk, fps_error *error)
{
    uint8_t room[VHD_FOOTER], header_room[VHD_HEADER];
    const uint8_t *p, *header;
    blocks *b = disk->state = calloc(1, sizeof *b);
    fps_status status =
        b ? fps__medium_get(&disk->image, 0, VHD_FOOTER, room, &p, error) : fps__fail_memory(error);
    if (!status && !is_vhd_footer(p))
        status = fps__medium_get(&disk->image, disk->image.size - VHD_FOOTER, VHD_FOOTER, room, &p, error);
    if (status)
        return status;
    uint32_t type = fps__get32be(p + 60);
    uint64_t at = fps__get64be(p + 16);
    disk->size = fps__get64be(p + 48);
    if (type == VHD_FIXED) {
        disk->size = disk->image.size - VHD_FOOTER; /* whatever the footer says */
        return FPS_OK;
    }
    if (type != VHD_DYNAMIC)
        return fps__filesystem_unsupported(error, "a VHD disk image whose parent lies elsewhere");
    status = fps__medium_get(&disk->image, at, VHD_HEADER, header_room, &header, error);
    if (status)
        return status;
    b->table = fps__get64be(header + 16);
    b->count = fps__get32be(header + 28);
    b->block_size = fps__get32be(header + 32);
    if (memcmp(header, "cxsparse", 8) != 0 || !is_power_of_two(b->block_size) || b->block_size < SECTOR)
        return fps__filesystem_corrupt(error, at, "a damaged header of a VHD disk image");
    b->skipped = (b->block_size / SECTOR / 8 + SECTOR - 1) / SECTOR * SECTOR; /* a bit for each sector */
    return FPS_OK;
}

static fps_status find_vhd(fps__disk *disk, uint64_t offset, fps__piece *piece, fps_error *error)
{
    const blocks *b = disk->state;
    uint8_t room[4];
    const uint8_t *p;
    if (!b->block_size) {
        *piece = (fps__piece){.kind = FPS__PIECE_PLAIN, .length = disk->size - offset, .at = offset};
        return FPS_OK;
    }
    uint64_t index = offset / b->block_size, in_block = offset % b->block_size;
    *piece = (fps__piece){.kind = FPS__PIECE_ZERO, .length = b->block_size - in_block};
    if (index >= b->count)
        return FPS_OK;
    fps_status status = get_word(disk, b->table, index, &p, room, error);
    if (!status && fps__get32be(p) != UINT32_MAX) {
        piece->kind = FPS__PIECE_PLAIN;
        piece->at = (uint64_t)fps__get32be(p) * SECTOR + b->skipped + in_block;
    }
    return status;
}

/* ---- VMDK ---- */

enum { VMDK_HEADER = 512, VMDK_COMPRESSED = 0x10000, GRAIN_HEADER = 12, MOST_GRAIN = 1 << 20 };

static bool identify_vmdk(fps__span head, uint64_t size)
{
    (void)size;
    return fps__span_has(head, 0, VMDK_HEADER) && memcmp(head.data, "KDMV", 4) == 0 &&
           fps__get32le(head.data + 4) >= 1 && fps__get32le(head.data + 4) <= 3;
}

static fps_status open_vmdk(fps__disk *disk, fps_error *error)
{
    uint8_t room[VMDK_HEADER];
    const uint8_t *p;
    blocks *b = disk->state = calloc(1, sizeof *b);
    fps_status status =
        b ? fps__medium_get(&disk->image, 0, VMDK_HEADER, room, &p, error) : fps__fail_memory(error);
    if (!status &&
        fps__get64le(p + 56) == UINT64_MAX) /* written as a stream: the header is repeated at the end */
        status = disk->image.size < 2 * VMDK_HEADER
                     ? fps__filesystem_corrupt(error, 0, "a VMDK disk image ends early")
                     : fps__medium_get(&disk->image, disk->image.size - 2 * VMDK_HEADER, VMDK_HEADER, room,
                                       &p, error);
    if (status)
        return status;
    uint64_t sectors = fps__get64le(p + 12), grain = fps__get64le(p + 20), directory = fps__get64le(p + 56);
    b->in_table = fps__get32le(p + 44);
    b->compressed = fps__get32le(p + 8) & VMDK_COMPRESSED;
    if (memcmp(p, "KDMV", 4) != 0 || !is_power_of_two(grain) || grain > MOST_GRAIN / SECTOR || !b->in_table ||
        sectors > UINT64_MAX / SECTOR || directory > disk->image.size / SECTOR)
        return fps__filesystem_corrupt(error, 0, "a damaged header of a VMDK disk image");
    b->table = directory * SECTOR;
    b->block_size = grain * SECTOR;
    disk->size = sectors * SECTOR;
    return FPS_OK;
}

static fps_status find_vmdk(fps__disk *disk, uint64_t offset, fps__piece *piece, fps_error *error)
{
    const blocks *b = disk->state;
    uint8_t room[4], header_room[GRAIN_HEADER];
    const uint8_t *p, *header;
    uint64_t index = offset / b->block_size, in_block = offset % b->block_size;
    *piece = (fps__piece){.kind = FPS__PIECE_ZERO, .length = b->block_size - in_block};
    fps_status status = get_word(disk, b->table, index / b->in_table, &p, room, error);
    if (status || !fps__get32le(p))
        return status;
    status = get_word(disk, (uint64_t)fps__get32le(p) * SECTOR, index % b->in_table, &p, room, error);
    if (status || fps__get32le(p) <= 1)
        return status;
    uint64_t at = (uint64_t)fps__get32le(p) * SECTOR;
    if (!b->compressed) {
        piece->kind = FPS__PIECE_PLAIN;
        piece->at = at + in_block;
        return FPS_OK;
    }
    status = fps__medium_get(&disk->image, at, GRAIN_HEADER, header_room, &header, error);
    if (status)
        return status;
    uint64_t left = disk->size - index * b->block_size;
    *piece = (fps__piece){.kind = FPS__PIECE_PACKED,
                          .length = b->block_size - in_block,
                          .at = at + GRAIN_HEADER,
                          .packed = fps__get32le(header + 8),
                          .unpacked = (uint32_t)(left < b->block_size ? left : b->block_size),
                          .skipped = (uint32_t)in_block,
                          .packing = FPS__PACKING_ZLIB,
                          .partial = true};
    return FPS_OK;
}

/* ---- VDI ---- */

enum { VDI_HEADER = 512, VDI_DYNAMIC = 1, VDI_FIXED = 2 };

static bool identify_vdi(fps__span head, uint64_t size)
{
    (void)size;
    return fps__span_has(head, 0, VDI_HEADER) && fps__get32le(head.data + 0x40) == 0xbeda107f &&
           fps__get32le(head.data + 0x44) == 0x00010001;
}

static fps_status open_vdi(fps__disk *disk, fps_error *error)
{
    uint8_t room[VDI_HEADER];
    const uint8_t *p;
    blocks *b = disk->state = calloc(1, sizeof *b);
    fps_status status =
        b ? fps__medium_get(&disk->image, 0, VDI_HEADER, room, &p, error) : fps__fail_memory(error);
    if (status)
        return status;
    uint32_t type = fps__get32le(p + 76);
    b->table = fps__get32le(p + 340);
    b->base = fps__get32le(p + 344);
    disk->size = fps__get64le(p + 368);
    b->block_size = fps__get32le(p + 376);
    b->skipped = fps__get32le(p + 380);
    b->count = fps__get32le(p + 384);
    if (type != VDI_DYNAMIC && type != VDI_FIXED)
        return fps__filesystem_unsupported(error, "a VDI disk image whose parent lies elsewhere");
    return is_power_of_two(b->block_size) && b->block_size >= SECTOR
               ? FPS_OK
               : fps__filesystem_corrupt(error, 0, "a damaged header of a VDI disk image");
}

static fps_status find_vdi(fps__disk *disk, uint64_t offset, fps__piece *piece, fps_error *error)
{
    const blocks *b = disk->state;
    uint8_t room[4];
    const uint8_t *p;
    uint64_t index = offset / b->block_size, in_block = offset % b->block_size;
    *piece = (fps__piece){.kind = FPS__PIECE_ZERO, .length = b->block_size - in_block};
    if (index >= b->count)
        return FPS_OK;
    fps_status status = get_word(disk, b->table, index, &p, room, error);
    if (!status && fps__get32le(p) < UINT32_MAX - 1) { /* the last two: never written, and zero */
        piece->kind = FPS__PIECE_PLAIN;
        piece->at = b->base + fps__get32le(p) * (b->block_size + b->skipped) + b->skipped + in_block;
    }
    return status;
}

/* ---- Android's sparse images ---- */

enum { SPARSE_HEADER = 28, CHUNK = 12, RAW = 0xcac1, FILL = 0xcac2, SKIP = 0xcac3, CHECKSUM = 0xcac4 };

/* Where a chunk begins on the disk, and its bytes in the image. */
typedef struct chunk {
    uint64_t start, at;
    fps__piece_kind kind;
} chunk;

typedef struct chunks {
    uint32_t count;
    chunk items[];
} chunks;

static bool identify_android(fps__span head, uint64_t size)
{
    (void)size;
    return fps__span_has(head, 0, SPARSE_HEADER) && fps__get32le(head.data) == 0xed26ff3a &&
           fps__get16le(head.data + 4) == 1 && fps__get16le(head.data + 8) >= SPARSE_HEADER &&
           fps__get16le(head.data + 10) >= CHUNK && is_power_of_two(fps__get32le(head.data + 12));
}

/* Reads the headers of all chunks. A fill that is not zero is read as zeros: four bytes again and again are no program. */
static fps_status list_chunks(fps__disk *disk, chunks *list, uint64_t at, uint16_t header, uint32_t block,
                              fps_error *error)
{
    uint64_t start = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        uint8_t room[CHUNK];
        const uint8_t *p;
        fps_status status = fps__medium_get(&disk->image, at, CHUNK, room, &p, error);
        if (status)
            return status;
        uint64_t length = (uint64_t)fps__get32le(p + 4) * block, taken = fps__get32le(p + 8);
        uint16_t type = fps__get16le(p);
        if (taken < header || (type == RAW && taken - header < length) || length > UINT64_MAX / 2 - start)
            return fps__filesystem_corrupt(error, at, "a damaged piece of an Android sparse image");
        list->items[i] = (chunk){start, at + header, type == RAW ? FPS__PIECE_PLAIN : FPS__PIECE_ZERO};
        start += type == CHECKSUM ? 0 : length;
        at += taken;
    }
    disk->size = start;
    disk->end = at;
    return FPS_OK;
}

static fps_status open_android(fps__disk *disk, fps_error *error)
{
    uint8_t room[SPARSE_HEADER];
    const uint8_t *p;
    fps_status status = fps__medium_get(&disk->image, 0, SPARSE_HEADER, room, &p, error);
    if (status)
        return status;
    uint32_t count = fps__get32le(p + 20);
    if (count > disk->image.size / CHUNK)
        return fps__filesystem_corrupt(error, 20,
                                       "an Android sparse image that claims more pieces than it can hold");
    status = disk->budget->spend(disk->budget->user, (uint64_t)count * sizeof(chunk), 0, error);
    if (status)
        return status;
    chunks *list = disk->state = calloc(1, sizeof *list + (size_t)count * sizeof *list->items);
    if (!list)
        return fps__fail_memory(error);
    list->count = count;
    return list_chunks(disk, list, fps__get16le(p + 8), fps__get16le(p + 10), fps__get32le(p + 12), error);
}

static fps_status find_android(fps__disk *disk, uint64_t offset, fps__piece *piece, fps_error *error)
{
    const chunks *list = disk->state;
    uint32_t low = 0, high = list->count;
    (void)error;
    while (high - low > 1) { /* the last one that begins at or before the offset */
        uint32_t middle = low + (high - low) / 2;
        if (list->items[middle].start <= offset)
            low = middle;
        else
            high = middle;
    }
    const chunk *found = &list->items[low];
    uint64_t end = low + 1 < list->count ? list->items[low + 1].start : disk->size;
    *piece =
        (fps__piece){.kind = found->kind, .length = end - offset, .at = found->at + (offset - found->start)};
    return FPS_OK;
}

const fps__disk_format fps__vhd = {"a VHD disk image", identify_vhd, open_vhd, find_vhd, NULL, NULL};
const fps__disk_format fps__vmdk = {"a VMDK disk image", identify_vmdk, open_vmdk, find_vmdk, NULL, NULL};
const fps__disk_format fps__vdi = {"a VDI disk image", identify_vdi, open_vdi, find_vdi, NULL, NULL};
const fps__disk_format fps__android_sparse = {
    "an Android sparse image", identify_android, open_android, find_android, NULL, NULL};
