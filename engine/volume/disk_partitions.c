/* Tables of partitions: GPT (UEFI Specification 2.10, 5.3) and MBR with its chain of extended partitions. */
#include "volume/disk.h"

#include <stdlib.h>

enum {
    SECTOR = 512,
    MBR_TABLE = 446,
    MBR_ENTRY = 16,
    MOST_LOGICAL = 128, /* partitions of a chain, which may loop */
    GPT_ENTRY = 128,    /* bytes of an entry: at least */
    GPT_MOST_ENTRY = 4096,
    CHECKED_GAPS = 16 << 20, /* bytes of all gaps that are looked at: one behind them is taken for full */
    CHECKED_HOLES = 1 << 20,
};

/* What the gaps of a disk may still cost. */
typedef struct gap_budget {
    uint64_t bytes, holes;
} gap_budget;

static bool is_extended(uint8_t type)
{
    return type == 0x05 || type == 0x0f || type == 0x85;
}

/* The table of an MBR, by all of its fields: boot sectors of file systems and kernels have its two bytes of magic too. Each
 * partition begins on the disk. */
static bool is_mbr(fps__span head, uint64_t size)
{
    unsigned used = 0;
    if (!fps__span_has(head, 0, SECTOR) || head.data[510] != 0x55 || head.data[511] != 0xaa)
        return false;
    for (unsigned i = 0; i < 4; i++) {
        const uint8_t *p = head.data + MBR_TABLE + i * MBR_ENTRY;
        uint32_t start = fps__get32le(p + 8), length = fps__get32le(p + 12);
        if (p[0] & 0x7f)
            return false;
        if (!p[4] && !length)
            continue;
        used++;
        if (!p[4] || !start || !length || (uint64_t)start * SECTOR >= size)
            return false;
    }
    return used;
}

/* The size of sectors by which a GPT header lies on the disk; 0: there is none. */
static uint32_t gpt_sector(fps__span head)
{
    static const uint32_t sizes[] = {512, 4096};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const uint8_t *p = head.data + sizes[i];
        if (fps__span_has(head, sizes[i], 92) && memcmp(p, "EFI PART", 8) == 0 &&
            fps__get32le(p + 84) >= GPT_ENTRY && fps__get32le(p + 84) <= GPT_MOST_ENTRY)
            return sizes[i];
    }
    return 0;
}

bool fps__partitions_identify(fps__span head, uint64_t size)
{
    return gpt_sector(head) || is_mbr(head, size);
}

/* ---- reading ---- */

/* Puts a partition into the list. One that does not lie on the disk, or too many, make the table a damaged one. */
static void add(fps__partitions *found, const fps__medium *disk, uint64_t offset, uint64_t size,
                uint32_t number)
{
    found->damaged |=
        offset >= disk->size || size > disk->size - offset || found->count >= FPS__MOST_PARTITIONS;
    if (offset >= disk->size || !size || found->count >= FPS__MOST_PARTITIONS)
        return;
    size = size < disk->size - offset ? size : disk->size - offset;
    found->items[found->count++] = (fps__partition){.offset = offset, .size = size, .number = number};
}

/* Each sector of the chain has a logical partition, and where the next one is. */
static fps_status read_chain(const fps__medium *disk, uint32_t base, fps__partitions *found, fps_error *error)
{
    uint64_t at = base;
    for (uint32_t number = 5; number < 5 + MOST_LOGICAL; number++) {
        uint8_t room[SECTOR];
        const uint8_t *p;
        fps_status status = fps__medium_get(disk, at * SECTOR, SECTOR, room, &p, error);
        if (status || p[510] != 0x55 || p[511] != 0xaa) {
            found->damaged = true;
            return FPS_OK;
        }
        const uint8_t *first = p + MBR_TABLE, *next = first + MBR_ENTRY;
        if (first[4] && fps__get32le(first + 12))
            add(found, disk, (at + fps__get32le(first + 8)) * SECTOR,
                (uint64_t)fps__get32le(first + 12) * SECTOR, number);
        if (!is_extended(next[4]) || !fps__get32le(next + 8))
            return FPS_OK;
        at = (uint64_t)base + fps__get32le(next + 8);
    }
    found->damaged = true;
    return FPS_OK;
}

static fps_status read_mbr(const fps__medium *disk, const uint8_t *sector, fps__partitions *found,
                           fps_error *error)
{
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < 4 && !status; i++) {
        const uint8_t *p = sector + MBR_TABLE + i * MBR_ENTRY;
        uint32_t start = fps__get32le(p + 8), length = fps__get32le(p + 12);
        if (p[4] && is_extended(p[4]))
            status = read_chain(disk, start, found, error);
        else if (p[4] && length)
            add(found, disk, (uint64_t)start * SECTOR, (uint64_t)length * SECTOR, i + 1);
    }
    return status;
}

static fps_status read_gpt(const fps__medium *disk, const uint8_t *header, uint32_t sector,
                           fps__partitions *found, fps_error *error)
{
    uint64_t table = fps__get64le(header + 72);
    uint32_t count = fps__get32le(header + 80), size = fps__get32le(header + 84);
    static const uint8_t unused[16] = {0};
    uint64_t taken = ((uint64_t)count * size + sector - 1) / sector * sector;
    found->damaged |= count > FPS__MOST_PARTITIONS;
    count = count < FPS__MOST_PARTITIONS ? count : FPS__MOST_PARTITIONS;
    if (table > disk->size / sector)
        return fps__filesystem_corrupt(error, sector, "a GPT whose entries lie behind the end of the disk");
    /* The table comes twice: behind its header, and at the end of the disk. */
    if (table * sector + taken > found->behind_table)
        found->behind_table = table * sector + taken;
    if (disk->size > taken + sector)
        found->behind_last = disk->size / sector * sector - taken - sector;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t room[GPT_ENTRY];
        const uint8_t *p;
        fps_status status =
            fps__medium_get(disk, table * sector + (uint64_t)i * size, GPT_ENTRY, room, &p, error);
        if (status)
            return status;
        uint64_t first = fps__get64le(p + 32), last = fps__get64le(p + 40);
        if (memcmp(p, unused, sizeof unused) == 0)
            continue;
        if (first > last || first > disk->size / sector || last - first >= UINT64_MAX / sector)
            found->damaged = true;
        else
            add(found, disk, first * sector, (last - first + 1) * sector, i + 1);
    }
    return FPS_OK;
}

static int compare(const void *left, const void *right)
{
    const fps__partition *a = left, *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* True when all bytes of a range are the same. Holes of a disk image cost nothing but a look at its tables. */
static bool is_padding(const fps__medium *disk, uint64_t offset, uint64_t size, gap_budget *left)
{
    uint8_t room[65536];
    int value = -1;
    while (size) {
        const uint8_t *p;
        uint64_t hole = 0;
        if (disk->hole && left->holes) {
            left->holes--;
            hole = disk->hole(disk->user, disk->start + offset);
        }
        size_t part = size < sizeof room ? (size_t)size : sizeof room;
        if (hole) {
            hole = hole < size ? hole : size;
            offset += hole;
            size -= hole;
            if (value > 0)
                return false;
            value = 0;
            continue;
        }
        if (part > left->bytes)
            return false;
        left->bytes -= part;
        if (fps__medium_get(disk, offset, part, room, &p, NULL))
            return false;
        value = value < 0 ? p[0] : value;
        if (p[0] != value || memcmp(p, p + 1, part - 1) != 0)
            return false;
        offset += part;
        size -= part;
    }
    return true;
}

/* Adds what lies between the partitions, where boot loaders are. */
static void add_gaps(const fps__medium *disk, fps__partitions *found)
{
    uint32_t count = found->count;
    uint64_t start = found->behind_table;
    gap_budget left = {CHECKED_GAPS, CHECKED_HOLES};
    for (uint32_t i = 0; i <= count; i++) {
        uint64_t end = i < count ? found->items[i].offset : found->behind_last;
        if (end > start && !is_padding(disk, start, end - start, &left))
            found->items[found->count++] = (fps__partition){.offset = start, .size = end - start};
        uint64_t behind = i < count ? end + found->items[i].size : end;
        start = behind > start ? behind : start;
    }
}

fps_status fps__partitions_read(const fps__medium *disk, fps__partitions *found, fps_error *error)
{
    enum { HEAD = 8192 };
    uint8_t room[HEAD];
    const uint8_t *p;
    size_t size = disk->size < HEAD ? (size_t)disk->size : HEAD;
    *found = (fps__partitions){.kind = "partition", .behind_table = SECTOR, .behind_last = disk->size};
    fps_status status = fps__medium_get(disk, 0, size, room, &p, error);
    if (status)
        return status;
    uint32_t sector = gpt_sector((fps__span){p, size});
    if (sector)
        status = read_gpt(disk, p + sector, sector, found, error);
    else
        status = read_mbr(disk, p, found, error);
    if (found->count)
        qsort(found->items, found->count, sizeof *found->items, compare);
    if (!status)
        add_gaps(disk, found);
    return status;
}
