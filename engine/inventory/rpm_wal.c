/* Applies the write-ahead log of a SQLite database in memory: its frames, up to the last commit.
 *
 * All numbers are big-endian, but checksums go over words of the byte order that the magic names. The log
 * begins with 32 bytes: magic, version, page size, checkpoint, two salts, two checksums. A frame has 24
 * bytes: page, size of the database in pages when it commits, else 0, the salts of the log, checksums of all
 * up to here; and then the page. The format: SQLite, "WAL-mode File Format".
 */
#include "inventory/rpm.h"

#include "util/error.h"

#include <stdlib.h>

enum {
    DATABASE_HEADER = 100,
    WRITE_VERSION = 18, /* of the database's header: 2 where it needs a log */
    READ_VERSION = 19,
    LOG_HEADER = 32,
    LOG_MAGIC = 0x377f0682, /* the lowest bit: checksums are big-endian */
    LOG_VERSION = 3007000,
    FRAME_HEADER = 24,
    PAGE_MIN = 512,
    MAX_PAGE = 65536,
};

typedef struct wal_log {
    fps__span bytes;
    uint32_t page_size;
    bool big_endian;
    uint32_t sum[2];
    size_t committed; /* frames up to the last commit */
    uint32_t pages;   /* of the database, as that commit says */
} wal_log;

static void add_sum(wal_log *log, const uint8_t *bytes, size_t size)
{
    uint32_t first = log->sum[0], second = log->sum[1];
    for (size_t at = 0; at + 8 <= size; at += 8) {
        first += (log->big_endian ? fps__get32be(bytes + at) : fps__get32le(bytes + at)) + second;
        second += (log->big_endian ? fps__get32be(bytes + at + 4) : fps__get32le(bytes + at + 4)) + first;
    }
    log->sum[0] = first;
    log->sum[1] = second;
}

static bool has_sum(const wal_log *log, const uint8_t *at)
{
    return fps__get32be(at) == log->sum[0] && fps__get32be(at + 4) == log->sum[1];
}

static const uint8_t *frame_at(const wal_log *log, size_t index)
{
    uint64_t size = (uint64_t)log->page_size + FRAME_HEADER;
    return fps__span_part(log->bytes, LOG_HEADER + index * size, size).data;
}

static bool open_log(wal_log *log)
{
    fps__span header = fps__span_part(log->bytes, 0, LOG_HEADER);
    if (!header.size)
        return false;
    uint32_t magic = fps__get32be(header.data);
    log->page_size = fps__get32be(header.data + 8);
    log->big_endian = magic & 1;
    add_sum(log, header.data, 24);
    return (magic & ~1u) == LOG_MAGIC && fps__get32be(header.data + 4) == LOG_VERSION &&
           log->page_size >= PAGE_MIN && log->page_size <= MAX_PAGE &&
           !(log->page_size & (log->page_size - 1)) && has_sum(log, header.data + 24);
}

/* Finds the last commit. Frames of other salts are left from an earlier round of the log; false when one of
 * these salts is damaged. */
static bool find_commit(wal_log *log)
{
    const uint8_t *frame;
    for (size_t i = 0; (frame = frame_at(log, i)); i++) {
        if (memcmp(frame + 8, log->bytes.data + 16, 8) != 0)
            return true;
        add_sum(log, frame, 8);
        add_sum(log, frame + FRAME_HEADER, log->page_size);
        if (!has_sum(log, frame + 16) || !fps__get32be(frame))
            return false;
        uint32_t pages = fps__get32be(frame + 4);
        if (pages) {
            log->committed = i + 1;
            log->pages = pages;
        }
    }
    return true;
}

static void copy_frames(const wal_log *log, uint8_t *copy)
{
    for (size_t i = 0; i < log->committed; i++) {
        const uint8_t *frame = frame_at(log, i);
        uint32_t page = fps__get32be(frame) - 1;
        if (page < log->pages)
            memcpy(copy + (size_t)page * log->page_size, frame + FRAME_HEADER, log->page_size);
    }
}

static uint32_t database_page_size(fps__span database)
{
    uint32_t size = database.size < DATABASE_HEADER ? 0 : fps__get16be(database.data + 16);
    return size == 1 ? 65536 : size;
}

/* What stands in the way of the log's use, NULL for nothing. */
static const char *read_log(wal_log *log, fps__span database, fps__span wal)
{
    log->bytes = wal;
    if (!wal.size)
        return NULL;
    if (!open_log(log))
        return "the write-ahead log has a damaged header";
    if (database.size && database_page_size(database) != log->page_size)
        return "the write-ahead log has pages of another size";
    if (!find_commit(log))
        return "the write-ahead log is damaged, its last changes may be missing";
    return log->committed || !frame_at(log, 0) ? NULL : "the write-ahead log has no complete change";
}

fps_status fps__rpm_apply_wal(fps__span database, fps__span wal, uint8_t **copy, size_t *size,
                              const char **ignored, fps_error *error)
{
    wal_log log = {.pages = 0};
    *ignored = read_log(&log, database, wal);
    uint64_t wanted = log.committed ? (uint64_t)log.pages * log.page_size : database.size;
    /* Pages that were never written are free ones: more than those that were is no database. */
    if (wanted > 2 * ((uint64_t)database.size + wal.size))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                         "the write-ahead log makes a database of %u pages", log.pages);
    if (wanted < DATABASE_HEADER)
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, 0, "not a SQLite database");
    uint8_t *bytes = calloc((size_t)wanted, 1);
    if (!bytes)
        return fps__fail_memory(error);
    if (database.size)
        memcpy(bytes, database.data, database.size < wanted ? database.size : (size_t)wanted);
    copy_frames(&log, bytes);
    bytes[WRITE_VERSION] = bytes[READ_VERSION] = 1;
    *copy = bytes;
    *size = (size_t)wanted;
    return FPS_OK;
}
