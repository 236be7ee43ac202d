/* Bytes in order: a range of a file, or what another stream gives, decompressed and hashed on the way.
 *
 *   fps__stream_open(&stream, &input, &options, &error)
 *   while (fps__stream_next(stream, &block, &error) == FPS_OK)  use block
 *   fps__stream_digests(stream, packed, unpacked)               at the end: SHA-256 of both sides
 *   fps__stream_close(stream)
 *
 * gzip (also of several members, as eStargz writes), zstd (also with skippable frames, as zstd:chunked
 * writes), and what libarchive's filters read (bzip2, xz, lzma, lz4); anything else is passed through. One
 * owner at a time.
 */
#ifndef FPS_ARCHIVE_STREAM_H
#define FPS_ARCHIVE_STREAM_H

#include "util/bytes.h"

#include <fpscan/status.h>

typedef struct fps__stream fps__stream;

/* Where packed bytes come from. `next` gives the next block, at least one byte, valid until the call after;
 * FPS_ERROR_NOT_FOUND at the end. `size` is how many there are, UINT64_MAX when unknown. */
typedef struct fps__stream_input {
    void *user;
    fps_status (*next)(void *user, fps__span *block, fps_error *error);
    uint64_t size;
} fps__stream_input;

typedef struct fps__stream_options {
    bool hash;        /* SHA-256 of the packed and of the unpacked bytes */
    bool as_is;       /* do not unpack */
    uint64_t limit;   /* most unpacked bytes; 0: 64 GiB */
    uint64_t ratio;   /* most unpacked bytes for a packed one, beyond the first 64 MiB; 0: 200. Held against
                         all of the input where its size is known, else against what was taken so far */
    const char *name; /* for messages, outlives the stream; may be NULL */
} fps__stream_options;

/* `input` is copied, its user must outlive the stream. FPS_ERROR_MEMORY; failures of the input. */
fps_status fps__stream_open(fps__stream **stream, const fps__stream_input *input,
                            const fps__stream_options *options, fps_error *error);
/* Says that `bytes` of what the stream gave are passed over: up to 4 GiB of them do not count for the ratio. A swap file of
 * zeros in a layer is no bomb. */
void fps__stream_excuse(fps__stream *stream, uint64_t bytes);
/* The next block of unpacked bytes, at least one, valid until the next call. FPS_ERROR_NOT_FOUND at the end;
 * FPS_ERROR_CORRUPT damaged or cut off (offset: of the packed side); FPS_ERROR_LIMIT; FPS_ERROR_IO;
 * FPS_ERROR_MEMORY. What lies behind the last gzip member or zstd frame is CORRUPT, unless it is all zeros.
 */
fps_status fps__stream_next(fps__stream *stream, fps__span *block, fps_error *error);
uint64_t fps__stream_packed(const fps__stream *stream);   /* bytes taken from the input so far */
uint64_t fps__stream_unpacked(const fps__stream *stream); /* bytes given so far */
/* After the end; false when it was not reached or `hash` was off. */
bool fps__stream_digests(const fps__stream *stream, uint8_t packed[32], uint8_t unpacked[32]);
void fps__stream_close(fps__stream *stream); /* NULL is fine */

/* [offset, offset + size) of an open file, read in blocks of 1 MiB with pread. */
typedef struct fps__stream_range fps__stream_range;
fps_status fps__stream_range_create(fps__stream_range **range, int fd, uint64_t offset, uint64_t size,
                                    fps__stream_input *input, fps_error *error);
void fps__stream_range_free(fps__stream_range *range);

#endif
