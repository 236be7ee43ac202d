/* Disk images: what all formats share. A piece at a time is found, and unpacked where it is compressed. */
#include "volume/disk.h"

#include "util/error.h"

#include <stdlib.h>

enum { MOST_BLOCK = 2 << 20 }; /* bytes of a compressed block: a cluster of qcow2 has no more */

static const fps__disk_format *const formats[] = {
    &fps__qcow, &fps__vhd, &fps__vmdk, &fps__vdi, &fps__android_sparse, &fps__ubi, &fps__lvm, &fps__raid,
};

const fps__disk_format *fps__disk_find(fps__span head, uint64_t size)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i]->identify(head, size))
            return formats[i];
    return NULL;
}

const fps__disk_format *fps__disk_find_inner(fps__span head, uint64_t size)
{
    return fps__lvm.identify(head, size) ? &fps__lvm : fps__raid.identify(head, size) ? &fps__raid : NULL;
}

/* The block of the cache that has the piece, or the one that was not used for longest. */
static fps__unpacked_block *choose_block(fps__disk *disk, const fps__piece *piece)
{
    fps__unpacked_block *oldest = &disk->unpacked[0];
    for (size_t i = 0; i < FPS__DISK_CACHED; i++) {
        fps__unpacked_block *block = &disk->unpacked[i];
        if (block->at == piece->at + 1 && block->size >= piece->unpacked)
            return block;
        oldest = block->used < oldest->used ? block : oldest;
    }
    oldest->at = 0;
    return oldest;
}

/* Unpacks the compressed block of a piece, and pays for it. */
static fps_status unpack_block(fps__disk *disk, const fps__piece *piece, fps__unpacked_block **found,
                               fps_error *error)
{
    const uint8_t *packed;
    fps__unpacked_block *block = *found = choose_block(disk, piece);
    block->used = ++disk->uses;
    if (block->at)
        return FPS_OK;
    if (piece->packed > 2 * MOST_BLOCK || piece->unpacked > MOST_BLOCK)
        return fps__filesystem_corrupt(error, piece->at, "a compressed block of the disk image is too large");
    fps_status status = disk->budget->spend(disk->budget->user, piece->unpacked, 0, error);
    if (status)
        return status;
    uint8_t *room = realloc(block->bytes, piece->unpacked + 1);
    uint8_t *packed_room = disk->image.read ? realloc(disk->packed_room, piece->packed + 1) : NULL;
    block->bytes = room ? room : block->bytes;
    disk->packed_room = packed_room ? packed_room : disk->packed_room;
    if (!room || (disk->image.read && !packed_room))
        return fps__fail_memory(error);
    uint64_t left = piece->at < disk->image.size ? disk->image.size - piece->at : 0;
    size_t size = piece->partial && left < piece->packed ? (size_t)left : piece->packed;
    status = fps__medium_get(&disk->image, piece->at, size, packed_room, &packed, error);
    if (!status)
        status = fps__unpack(piece->packing, (fps__span){packed, size}, room, piece->unpacked, piece->partial,
                             &block->size, error);
    if (!status && block->size < piece->unpacked)
        return fps__filesystem_corrupt(error, piece->at,
                                       "a compressed block of the disk image unpacks to too little");
    block->at = status ? 0 : piece->at + 1;
    return status;
}

static fps_status read_disk(void *user, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    fps__disk *disk = user;
    while (size) {
        fps__unpacked_block *block = NULL;
        fps__piece piece = {.kind = FPS__PIECE_ZERO};
        fps_status status = disk->format->find(disk, offset, &piece, error);
        size_t part = piece.length < size ? (size_t)piece.length : size;
        if (!status && piece.kind == FPS__PIECE_PLAIN)
            status = fps__medium_copy(&disk->image, piece.at, part, to, error);
        else if (!status && piece.kind == FPS__PIECE_PACKED)
            status = unpack_block(disk, &piece, &block, error);
        else if (!status)
            memset(to, 0, part);
        if (status)
            return status;
        if (block)
            memcpy(to, block->bytes + piece.skipped, part);
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

static uint64_t find_hole(void *user, uint64_t offset)
{
    fps__disk *disk = user;
    fps__piece piece = {.kind = FPS__PIECE_PLAIN};
    if (disk->format->find(disk, offset, &piece, NULL) != FPS_OK || piece.kind != FPS__PIECE_ZERO)
        return 0;
    return piece.length;
}

fps_status fps__disk_open(fps__disk *disk, const fps__disk_format *format, fps__medium *medium,
                          fps_error *error)
{
    disk->format = format;
    disk->end = disk->image.size;
    fps_status status = format->open(disk, error);
    disk->end = disk->end < disk->image.size ? disk->end : disk->image.size;
    *medium = (fps__medium){.read = read_disk, .hole = find_hole, .user = disk, .size = disk->size};
    return status;
}

void fps__disk_close(fps__disk *disk)
{
    if (disk->format && disk->format->close)
        disk->format->close(disk);
    free(disk->state);
    for (size_t i = 0; i < FPS__DISK_CACHED; i++)
        free(disk->unpacked[i].bytes);
    free(disk->packed_room);
}
