/* QEMU's qcow2, versions 2 and 3. The layout: QEMU, docs/interop/qcow2.txt. */
#include "util/error.h"
#include "volume/disk.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    HEADER = 104,
    LEAST_BITS = 9,
    MOST_BITS = 21,
    ENTRY = 8,                         /* bytes of an entry of either table */
    DIRTY_CORRUPT_PACKING = 1 | 2 | 8, /* features that change nothing here, or are read */
};
static const uint64_t OFFSET = 0x00fffffffffffe00, COMPRESSED = (uint64_t)1 << 62;

typedef struct qcow {
    uint32_t bits, clusters; /* of a cluster; entries of the first table */
    uint64_t first_table;
    fps__packing packing;
} qcow;

static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    return fps__span_has(head, 0, 72) && memcmp(head.data, "QFI\xfb", 4) == 0 &&
           fps__get32be(head.data + 4) >= 2 && fps__get32be(head.data + 4) <= 3 &&
           fps__get32be(head.data + 20) >= LEAST_BITS && fps__get32be(head.data + 20) <= MOST_BITS;
}

static fps_status read_features(qcow *q, const uint8_t *p, fps_error *error)
{
    uint64_t incompatible = fps__get64be(p + 72);
    if (incompatible & ~(uint64_t)DIRTY_CORRUPT_PACKING)
        return fps__filesystem_unsupported(
            error, "a qcow2 image with a data file, extended tables or a new feature");
    if (fps__get32be(p + 100) > HEADER && p[104] > 1)
        return fps__filesystem_unsupported(error, "a qcow2 image with an unknown compression");
    if (fps__get32be(p + 100) > HEADER && p[104])
        q->packing = FPS__PACKING_ZSTD;
    return FPS_OK;
}

static fps_status open_qcow(fps__disk *disk, fps_error *error)
{
    uint8_t room[HEADER + 8];
    const uint8_t *p;
    qcow *q = disk->state = calloc(1, sizeof *q);
    fps_status status =
        q ? fps__medium_get(&disk->image, 0, sizeof room, room, &p, error) : fps__fail_memory(error);
    if (status)
        return status;
    q->bits = fps__get32be(p + 20);
    q->clusters = fps__get32be(p + 36);
    q->first_table = fps__get64be(p + 40);
    q->packing = FPS__PACKING_DEFLATE;
    disk->size = fps__get64be(p + 24);
    if (fps__get32be(p + 32))
        return fps__filesystem_unsupported(error, "an encrypted qcow2 image");
    if (fps__get64be(p + 8))
        snprintf(disk->remark, sizeof disk->remark, "its backing file lies elsewhere and was not looked at");
    else if (fps__get32be(p + 60))
        snprintf(disk->remark, sizeof disk->remark, "its %u snapshots were not looked at",
                 (unsigned)fps__get32be(p + 60));
    return fps__get32be(p + 4) == 3 ? read_features(q, p, error) : FPS_OK;
}

static fps_status get_entry(const fps__disk *disk, uint64_t table, uint64_t index, uint64_t *entry,
                            fps_error *error)
{
    uint8_t room[ENTRY];
    const uint8_t *p = room;
    fps_status status =
        table > disk->image.size
            ? fps__filesystem_corrupt(error, table, "a table of a qcow2 image lies behind its end")
            : fps__medium_get(&disk->image, table + index * ENTRY, ENTRY, room, &p, error);
    *entry = status ? 0 : fps__get64be(p);
    return status;
}

static fps_status find_piece(fps__disk *disk, uint64_t offset, fps__piece *piece, fps_error *error)
{
    const qcow *q = disk->state;
    uint64_t size = (uint64_t)1 << q->bits, cluster = offset >> q->bits, in_cluster = offset & (size - 1);
    uint64_t in_table = size / ENTRY, entry;
    *piece = (fps__piece){.kind = FPS__PIECE_ZERO, .length = size - in_cluster};
    if (cluster / in_table >= q->clusters)
        return fps__filesystem_corrupt(error, UINT64_MAX, "the tables of a qcow2 image end early");
    fps_status status = get_entry(disk, q->first_table, cluster / in_table, &entry, error);
    if (status)
        return status;
    if (!(entry & OFFSET)) {
        piece->length = (in_table - cluster % in_table) * size - in_cluster;
        return FPS_OK;
    }
    status = get_entry(disk, entry & OFFSET, cluster % in_table, &entry, error);
    if (status)
        return status;
    if (entry & COMPRESSED) {
        unsigned shift = 62 - (q->bits - 8);
        uint64_t at = entry & (((uint64_t)1 << shift) - 1);
        uint64_t sectors = (entry & (COMPRESSED - 1)) >> shift;
        *piece = (fps__piece){.kind = FPS__PIECE_PACKED,
                              .length = size - in_cluster,
                              .at = at,
                              .packed = (uint32_t)((sectors + 1) * 512 - (at & 511)),
                              .unpacked = (uint32_t)size,
                              .skipped = (uint32_t)in_cluster,
                              .packing = q->packing,
                              .partial = true};
    } else if (entry & OFFSET && !(entry & 1)) {
        piece->kind = FPS__PIECE_PLAIN;
        piece->at = (entry & OFFSET) + in_cluster;
    }
    return FPS_OK;
}

const fps__disk_format fps__qcow = {"a qcow2 disk image", identify, open_qcow, find_piece, NULL, NULL};
