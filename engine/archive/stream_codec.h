/* The inside of streams: the packed side that codecs read from, and the table of codecs. */
#ifndef FPS_ARCHIVE_STREAM_CODEC_H
#define FPS_ARCHIVE_STREAM_CODEC_H

#include "archive/stream.h"

#include <openssl/evp.h>

/* Packed bytes on their way to a codec, hashed and counted when they are taken from the input. */
typedef struct fps__feed {
    fps__stream_input input;
    EVP_MD_CTX *hash;  /* NULL: not wanted */
    fps__span block;   /* taken from the input, not yet used by the codec */
    fps__span pending; /* what comes behind `block` */
    uint64_t taken;
    bool at_end;
    const char *name;
    uint8_t head[16]; /* the first bytes, when the first block was too short to judge by */
} fps__feed;

/* Puts the next bytes into the empty `feed->block`. FPS_ERROR_NOT_FOUND at the end; the input's failures. */
fps_status fps__feed_more(fps__feed *feed, fps_error *error);
/* Marks the first `size` bytes of the block as used. */
void fps__feed_use(fps__feed *feed, size_t size);
/* Where the first unused byte lies on the packed side. */
uint64_t fps__feed_offset(const fps__feed *feed);
/* FPS_ERROR_CORRUPT with the place of the first unused byte. */
fps_status fps__feed_corrupt(const fps__feed *feed, const char *what, fps_error *error);
/* Uses all that is left: FPS_ERROR_NOT_FOUND when these are zeros, else FPS_ERROR_CORRUPT. */
fps_status fps__feed_end(fps__feed *feed, fps_error *error);

/* `next` gives unpacked bytes, valid until the next call, and may give the last of them together with a
 * failure. FPS_ERROR_NOT_FOUND at the end, when the feed is used up. */
typedef struct fps__codec {
    const char *name;
    bool (*probe)(fps__span head);
    fps_status (*open)(void **state, fps__feed *feed, fps_error *error);
    fps_status (*next)(void *state, fps__span *block, fps_error *error);
    void (*close)(void *state);
} fps__codec;

enum { FPS__CODEC_HEAD = 14 /* bytes that probes look at */, FPS__CODEC_ROOM = 256 * 1024 };

extern const fps__codec fps__codec_gzip, fps__codec_zstd, fps__codec_bzip2, fps__codec_xz, fps__codec_lzma,
    fps__codec_lz4;

#endif
