/* bzip2, xz, lzma and lz4 through libarchive's filters: rare in images, so their speed does not count. A
 * fault before the first unpacked byte looks to libarchive like an empty file, so that no bytes at all are
 * taken for damage. */
#include "archive/reader_open.h"
#include "archive/stream_codec.h"
#include "util/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

typedef struct filter {
    fps__feed *feed;
    struct archive *reader;
    struct archive_entry *entry;
    bool begun;
    fps__span given;   /* the block that libarchive has last been given */
    fps_status status; /* of the input */
    fps_error *error;  /* where the input's failure goes */
    const char *name;
} filter;

static ssize_t give(struct archive *reader, void *user, const void **data)
{
    filter *f = user;
    *data = NULL;
    if (!f->feed->block.size) {
        f->status = fps__feed_more(f->feed, f->error);
        if (f->status == FPS_ERROR_NOT_FOUND)
            f->status = FPS_OK;
        else if (f->status)
            archive_set_error(reader, EIO, "no more input");
        if (f->status)
            return -1;
    }
    f->given = f->feed->block;
    f->feed->block = (fps__span){NULL, 0};
    *data = f->given.data;
    return (ssize_t)f->given.size;
}

static void close_filter(void *state)
{
    filter *f = state;
    archive_read_free(f->reader);
    archive_entry_free(f->entry);
    free(f);
}

static fps_status open_filter(void **state, fps__feed *feed, int code, const char *name, fps_error *error)
{
    filter *made = calloc(1, sizeof *made);
    struct archive *reader = archive_read_new();
    if (!made || !reader || archive_read_append_filter(reader, code) < ARCHIVE_WARN ||
        archive_read_support_format_raw(reader) < ARCHIVE_WARN) {
        archive_read_free(reader);
        free(made);
        return fps__fail_memory(error);
    }
    made->feed = feed;
    made->reader = reader;
    made->name = name;
    *state = made;
    return FPS_OK;
}

static fps_status fail(const filter *f, fps_error *error)
{
    const char *text = archive_error_string(f->reader);
    if (f->status)
        return f->status;
    return fps__fail(error, FPS_ERROR_CORRUPT, f->feed->name, fps__feed_offset(f->feed),
                     "the %s data is damaged: %s", f->name, text && *text ? text : "unreadable");
}

/* What libarchive's filter did not use of its last block lies behind the end of the compressed data. */
static fps_status end(filter *f, fps_error *error)
{
    int64_t used = archive_filter_bytes(f->reader, -1);
    uint64_t rest = used < 0 || (uint64_t)used > f->feed->taken ? 0 : f->feed->taken - (uint64_t)used;
    if (rest > f->given.size)
        return fps__feed_corrupt(f->feed, "data behind the end of the compressed data", error);
    if (rest)
        f->feed->block = fps__span_part(f->given, f->given.size - rest, rest);
    return fps__feed_end(f->feed, error);
}

static fps_status next_filter(void *state, fps__span *block, fps_error *error)
{
    filter *f = state;
    const void *data;
    size_t size = 0;
    int64_t offset;
    int got = ARCHIVE_OK;
    f->error = error;
    if (!f->begun) {
        got = fps__reader_open(f->reader, f, give);
        if (got == ARCHIVE_OK)
            got = fps__reader_next(f->reader, &f->entry);
        f->begun = got == ARCHIVE_OK;
    }
    while (got == ARCHIVE_OK && !size)
        got = archive_read_data_block(f->reader, &data, &size, &offset);
    if (got == ARCHIVE_EOF && !f->status)
        return end(f, error);
    if (got != ARCHIVE_OK)
        return fail(f, error);
    *block = (fps__span){data, size};
    return FPS_OK;
}

static bool probe_bzip2(fps__span head)
{
    return head.size >= 10 && !memcmp(head.data, "BZh", 3) && head.data[3] >= '1' && head.data[3] <= '9' &&
           (!memcmp(head.data + 4, "\x31\x41\x59\x26\x53\x59", 6) ||
            !memcmp(head.data + 4, "\x17\x72\x45\x38\x50\x90", 6));
}

static bool probe_xz(fps__span head)
{
    return head.size >= 6 && !memcmp(head.data, "\xfd\x37zXZ\0", 6);
}

/* Properties byte of every known writer, a dictionary of 4 KiB to 128 MiB that is a power of two, and a size
 * that is unknown or below 256 GiB. */
static bool probe_lzma(fps__span head)
{
    if (head.size < 13 || head.data[0] != 0x5d)
        return false;
    uint32_t dictionary = fps__get32le(head.data + 1);
    uint64_t size = fps__get64le(head.data + 5);
    return dictionary >= 1 << 12 && dictionary <= 1 << 27 && !(dictionary & (dictionary - 1)) &&
           (size == UINT64_MAX || size < (uint64_t)1 << 38);
}

static bool probe_lz4(fps__span head)
{
    return head.size >= 4 && (fps__get32le(head.data) == 0x184d2204 || fps__get32le(head.data) == 0x184c2102);
}

static fps_status open_bzip2(void **state, fps__feed *feed, fps_error *error)
{
    return open_filter(state, feed, ARCHIVE_FILTER_BZIP2, "bzip2", error);
}

static fps_status open_xz(void **state, fps__feed *feed, fps_error *error)
{
    return open_filter(state, feed, ARCHIVE_FILTER_XZ, "xz", error);
}

static fps_status open_lzma(void **state, fps__feed *feed, fps_error *error)
{
    return open_filter(state, feed, ARCHIVE_FILTER_LZMA, "lzma", error);
}

static fps_status open_lz4(void **state, fps__feed *feed, fps_error *error)
{
    return open_filter(state, feed, ARCHIVE_FILTER_LZ4, "lz4", error);
}

const fps__codec fps__codec_bzip2 = {"bzip2", probe_bzip2, open_bzip2, next_filter, close_filter};
const fps__codec fps__codec_xz = {"xz", probe_xz, open_xz, next_filter, close_filter};
const fps__codec fps__codec_lzma = {"lzma", probe_lzma, open_lzma, next_filter, close_filter};
const fps__codec fps__codec_lz4 = {"lz4", probe_lz4, open_lz4, next_filter, close_filter};
