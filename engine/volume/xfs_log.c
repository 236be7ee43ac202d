/* Finds the last record of the log of an XFS file system, as a mount does (Linux, fs/xfs/xfs_log_recover.c, xlog_find_head and
 * xlog_check_unmount_rec; the layout: libxfs/xfs_log_format.h). */
#include "volume/xfs_log.h"

enum {
    SECTOR = 512,
    CYCLE_BYTES = 32768,    /* what one sector of a header is for */
    MOST_RECORD = 512 + 16, /* sectors: 256 KiB, and its header */
    UNMOUNT = 0x20,
};
static const uint32_t RECORD = 0xfeedbabe;

typedef struct log_reading {
    const fps__filesystem *fs;
    const fps__medium *log;
    uint8_t room[SECTOR];
    const uint8_t *bytes; /* of the sector that was read last */
} log_reading;

static fps_status read_sector(log_reading *r, uint64_t sector, fps_error *error)
{
    fps_status status = fps__filesystem_spend(r->fs, SECTOR, error);
    return status ? status : fps__medium_get(r->log, sector * SECTOR, SECTOR, r->room, &r->bytes, error);
}

/* How often the log had been filled when the sector was written: the first word, or the one behind the mark of a record. */
static fps_status read_cycle(log_reading *r, uint64_t sector, uint32_t *cycle, fps_error *error)
{
    fps_status status = read_sector(r, sector, error);
    if (!status)
        *cycle = fps__get32be(r->bytes + (fps__get32be(r->bytes) == RECORD ? 4 : 0));
    return status;
}

/* The sector behind the one that was written last. */
static fps_status find_head(log_reading *r, uint64_t sectors, uint64_t *head, fps_error *error)
{
    uint32_t first = 0, last = 0, cycle = 0;
    uint64_t low = 0, high = sectors - 1; /* the first is of the newest cycle, the last one is not */
    fps_status status = read_cycle(r, 0, &first, error);
    if (!status)
        status = read_cycle(r, sectors - 1, &last, error);
    *head = sectors;
    if (status || first == last)
        return status;
    while (!status && high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        status = read_cycle(r, middle, &cycle, error);
        if (cycle == first)
            low = middle;
        else
            high = middle;
    }
    *head = high;
    return status;
}

/* Whether the record at a sector ends at the head, and holds the mark of an unmount alone. */
static fps_status is_unmount(log_reading *r, uint64_t at, uint64_t head, uint64_t sectors, bool *is,
                             fps_error *error)
{
    uint32_t version = fps__get32be(r->bytes + 8), length = fps__get32be(r->bytes + 12);
    uint32_t operations = fps__get32be(r->bytes + 40), size = fps__get32be(r->bytes + 320);
    uint64_t headers = version == 2 && size > CYCLE_BYTES ? (size + CYCLE_BYTES - 1) / CYCLE_BYTES : 1;
    *is = false;
    if (operations != 1 || at + headers >= sectors ||
        head != at + headers + ((uint64_t)length + SECTOR - 1) / SECTOR)
        return FPS_OK;
    fps_status status = read_sector(r, at + headers, error);
    *is = !status && r->bytes[9] & UNMOUNT; /* the flags of an operation */
    return status;
}

fps_status fps__xfs_log_is_dirty(const fps__filesystem *fs, const fps__medium *log, bool *dirty,
                                 fps_error *error)
{
    log_reading r = {.fs = fs, .log = log};
    uint64_t sectors = log->size / SECTOR, head;
    *dirty = true;
    if (sectors < 2)
        return FPS_OK;
    fps_status status = find_head(&r, sectors, &head, error);
    for (uint64_t back = 1; !status && back <= head && back <= MOST_RECORD; back++) {
        status = read_sector(&r, head - back, error);
        if (status || fps__get32be(r.bytes) != RECORD)
            continue;
        bool closed = false;
        status = is_unmount(&r, head - back, head, sectors, &closed, error);
        *dirty = !closed;
        return status;
    }
    return status;
}
