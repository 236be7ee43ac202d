/* Packed bytes in memory, and inputs that give them in blocks of any size, for tests of streams. */
#ifndef FPS_TESTS_STREAM_FIXTURE_H
#define FPS_TESTS_STREAM_FIXTURE_H

#include "archive/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

/* Bytes that the caller frees. */
typedef struct fixture_bytes {
    uint8_t *data;
    size_t size;
} fixture_bytes;

/* `size` bytes that compress about as well as programs do. */
static inline fixture_bytes fixture_content(size_t size)
{
    fixture_bytes made = {malloc(size ? size : 1), size};
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        made.data[i] = (uint8_t)(state >> 24 & (i / 512 % 2 ? 0x0f : 0xff));
    }
    return made;
}

/* Packs with one of libarchive's write filters ("gzip", "zstd", "xz", "bzip2", "lzma", "lz4"). */
static inline fixture_bytes fixture_pack(const char *filter, const void *data, size_t size)
{
    size_t capacity = size + size / 8 + 65536, used = 0;
    fixture_bytes made = {malloc(capacity), 0};
    struct archive *writer = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    archive_write_set_format_raw(writer);
    archive_write_add_filter_by_name(writer, filter);
    archive_write_set_bytes_in_last_block(writer, 1);
    archive_write_open_memory(writer, made.data, capacity, &used);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_pathname(entry, "data");
    archive_write_header(writer, entry);
    archive_write_data(writer, data, size);
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
    made.size = used;
    return made;
}

/* Joins two pieces and puts a NUL behind them; frees neither. */
static inline fixture_bytes fixture_join(const void *a, size_t a_size, const void *b, size_t b_size)
{
    fixture_bytes made = {malloc(a_size + b_size + 1), a_size + b_size};
    memcpy(made.data, a, a_size);
    memcpy(made.data + a_size, b, b_size);
    made.data[a_size + b_size] = 0;
    return made;
}

/* An input over memory. Each block is a copy of its own, so that a sanitizer sees reads outside it. */
typedef struct fixture_feed {
    fps__span bytes;
    size_t step; /* bytes a block */
    size_t at;
    uint8_t *block;
    fps_status fails; /* instead of the end */
} fixture_feed;

static inline fps_status fixture_feed_next(void *user, fps__span *block, fps_error *error)
{
    fixture_feed *feed = user;
    (void)error;
    free(feed->block);
    feed->block = NULL;
    if (feed->at == feed->bytes.size)
        return feed->fails ? feed->fails : FPS_ERROR_NOT_FOUND;
    size_t left = feed->bytes.size - feed->at, part = left < feed->step ? left : feed->step;
    feed->block = malloc(part);
    memcpy(feed->block, feed->bytes.data + feed->at, part);
    feed->at += part;
    *block = (fps__span){feed->block, part};
    return FPS_OK;
}

static inline fps__stream_input fixture_feed_input(fixture_feed *feed)
{
    return (fps__stream_input){feed, fixture_feed_next, UINT64_MAX};
}

#endif
