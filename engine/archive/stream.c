/* Streams of bytes: finding out how they are packed, unpacking and hashing them, and the limits of it. */
#include "archive/stream.h"

#include "archive/stream_codec.h"
#include "util/error.h"

#include <stdlib.h>

enum { FREE_OF_RATIO = 64 * 1024 * 1024, DEFAULT_RATIO = 200 };
static const uint64_t MOST_EXCUSED = (uint64_t)4 << 30;
static const uint64_t DEFAULT_LIMIT = (uint64_t)64 << 30;

struct fps__stream {
    fps__feed feed;
    fps__stream_options options;
    const fps__codec *codec; /* NULL: bytes are passed through */
    void *state;             /* of the codec */
    EVP_MD_CTX *hash;        /* of the unpacked side, NULL when it is the packed one or not wanted */
    uint64_t unpacked;
    uint64_t excused; /* of these, for the ratio */
    bool hashed;      /* the digests are there */
    uint8_t packed_digest[32], unpacked_digest[32];
    fps_status ended; /* what every further call returns */
    fps_error ended_error;
};

/* ---- the packed side ---- */

fps_status fps__feed_more(fps__feed *feed, fps_error *error)
{
    if (feed->pending.size) {
        feed->block = feed->pending;
        feed->pending = (fps__span){NULL, 0};
        return FPS_OK;
    }
    feed->block = (fps__span){NULL, 0};
    if (feed->at_end)
        return FPS_ERROR_NOT_FOUND;
    fps_status status = feed->input.next(feed->input.user, &feed->block, error);
    if (status) {
        feed->at_end = status == FPS_ERROR_NOT_FOUND;
        feed->block = (fps__span){NULL, 0};
        return status;
    }
    feed->taken += feed->block.size;
    if (feed->hash && !EVP_DigestUpdate(feed->hash, feed->block.data, feed->block.size))
        return fps__fail_memory(error);
    return FPS_OK;
}

void fps__feed_use(fps__feed *feed, size_t size)
{
    if (!size) /* of no block at all, perhaps */
        return;
    feed->block.data += size;
    feed->block.size -= size;
}

uint64_t fps__feed_offset(const fps__feed *feed)
{
    return feed->taken - feed->block.size - feed->pending.size;
}

fps_status fps__feed_corrupt(const fps__feed *feed, const char *what, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, feed->name, fps__feed_offset(feed), "%s", what);
}

fps_status fps__feed_end(fps__feed *feed, fps_error *error)
{
    for (;;) {
        size_t zeros = 0;
        while (zeros < feed->block.size && feed->block.data[zeros] == 0)
            zeros++;
        fps__feed_use(feed, zeros);
        if (feed->block.size)
            return fps__feed_corrupt(feed, "data behind the end of the compressed data", error);
        fps_status status = fps__feed_more(feed, error);
        if (status)
            return status;
    }
}

/* Takes enough from the input to judge it by; a short first block is joined with those that follow. */
static fps_status take_head(fps__feed *feed, fps_error *error)
{
    fps_status status = fps__feed_more(feed, error);
    if (status || feed->block.size >= FPS__CODEC_HEAD)
        return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
    size_t used = 0;
    while (!status) {
        size_t part = FPS__CODEC_HEAD - used < feed->block.size ? FPS__CODEC_HEAD - used : feed->block.size;
        memcpy(feed->head + used, feed->block.data, part);
        used += part;
        fps__feed_use(feed, part);
        if (used == FPS__CODEC_HEAD)
            break;
        status = fps__feed_more(feed, error);
    }
    feed->pending = feed->block;
    feed->block = (fps__span){feed->head, used};
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

/* ---- the stream ---- */

static const fps__codec *choose_codec(fps__span head)
{
    static const fps__codec *const codecs[] = {&fps__codec_gzip, &fps__codec_zstd, &fps__codec_bzip2,
                                               &fps__codec_xz,   &fps__codec_lz4,  &fps__codec_lzma};
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (codecs[i]->probe(head))
            return codecs[i];
    return NULL;
}

static bool start_hash(EVP_MD_CTX **hash)
{
    *hash = EVP_MD_CTX_new();
    return *hash && EVP_DigestInit_ex(*hash, EVP_sha256(), NULL);
}

static fps_status start(fps__stream *stream, fps_error *error)
{
    if (stream->options.hash && !start_hash(&stream->feed.hash))
        return fps__fail_memory(error);
    fps_status status = take_head(&stream->feed, error);
    if (status || stream->options.as_is)
        return status;
    stream->codec = choose_codec(stream->feed.block);
    if (!stream->codec)
        return FPS_OK;
    if (stream->options.hash && !start_hash(&stream->hash))
        return fps__fail_memory(error);
    return stream->codec->open(&stream->state, &stream->feed, error);
}

fps_status fps__stream_open(fps__stream **stream, const fps__stream_input *input,
                            const fps__stream_options *options, fps_error *error)
{
    *stream = NULL;
    fps__stream *made = calloc(1, sizeof *made);
    if (!made)
        return fps__fail_memory(error);
    made->options = *options;
    made->options.limit = options->limit ? options->limit : DEFAULT_LIMIT;
    made->options.ratio = options->ratio ? options->ratio : DEFAULT_RATIO;
    made->feed.input = *input;
    made->feed.name = options->name;
    fps_status status = start(made, error);
    if (status) {
        fps__stream_close(made);
        return status;
    }
    *stream = made;
    return FPS_OK;
}

void fps__stream_close(fps__stream *stream)
{
    if (!stream)
        return;
    if (stream->state)
        stream->codec->close(stream->state);
    EVP_MD_CTX_free(stream->feed.hash);
    EVP_MD_CTX_free(stream->hash);
    free(stream);
}

static fps_status pass_through(fps__stream *stream, fps__span *block, fps_error *error)
{
    fps__feed *feed = &stream->feed;
    fps_status status = feed->block.size ? FPS_OK : fps__feed_more(feed, error);
    *block = feed->block;
    feed->block = (fps__span){NULL, 0};
    return status;
}

void fps__stream_excuse(fps__stream *stream, uint64_t bytes)
{
    uint64_t left = MOST_EXCUSED - stream->excused;
    stream->excused += bytes < left ? bytes : left;
}

/* Counts unpacked bytes and holds them against both limits. */
static fps_status charge(fps__stream *stream, size_t size, fps_error *error)
{
    const fps__stream_options *options = &stream->options;
    const fps__feed *feed = &stream->feed;
    uint64_t packed = feed->input.size != UINT64_MAX ? feed->input.size : feed->taken;
    if (size > options->limit - stream->unpacked)
        return fps__fail(error, FPS_ERROR_LIMIT, feed->name, fps__feed_offset(feed),
                         "unpacks to more than %llu bytes", (unsigned long long)options->limit);
    stream->unpacked += size;
    uint64_t counted =
        stream->unpacked - (stream->excused < stream->unpacked ? stream->excused : stream->unpacked);
    if (stream->codec && counted > FREE_OF_RATIO && (counted - FREE_OF_RATIO) / options->ratio > packed)
        return fps__fail(error, FPS_ERROR_LIMIT, feed->name, fps__feed_offset(feed),
                         "unpacks to more than %llu times its size of %llu bytes",
                         (unsigned long long)options->ratio, (unsigned long long)packed);
    return FPS_OK;
}

static fps_status finish_hashes(fps__stream *stream, fps_error *error)
{
    if (!stream->options.hash)
        return FPS_OK;
    if (!EVP_DigestFinal_ex(stream->feed.hash, stream->packed_digest, NULL) ||
        (stream->hash && !EVP_DigestFinal_ex(stream->hash, stream->unpacked_digest, NULL)))
        return fps__fail_memory(error);
    if (!stream->hash)
        memcpy(stream->unpacked_digest, stream->packed_digest, sizeof stream->packed_digest);
    stream->hashed = true;
    return FPS_ERROR_NOT_FOUND;
}

/* Unpacks one block into *block; on failure *block may still hold what came before it. */
static fps_status unpack(fps__stream *stream, fps__span *block, fps_error *error)
{
    fps_status status =
        stream->codec ? stream->codec->next(stream->state, block, error) : pass_through(stream, block, error);
    if (!block->size)
        return status;
    fps_status charged = charge(stream, block->size, error);
    if (!charged && stream->hash && !EVP_DigestUpdate(stream->hash, block->data, block->size))
        charged = fps__fail_memory(error);
    if (!charged)
        return status;
    *block = (fps__span){NULL, 0};
    return charged;
}

fps_status fps__stream_next(fps__stream *stream, fps__span *block, fps_error *error)
{
    *block = (fps__span){NULL, 0};
    if (!stream->ended)
        stream->ended = unpack(stream, block, &stream->ended_error);
    if (!stream->ended || block->size)
        return FPS_OK;
    if (stream->ended == FPS_ERROR_NOT_FOUND && stream->options.hash && !stream->hashed)
        stream->ended = finish_hashes(stream, &stream->ended_error);
    if (error && stream->ended != FPS_ERROR_NOT_FOUND)
        *error = stream->ended_error;
    return stream->ended;
}

uint64_t fps__stream_packed(const fps__stream *stream)
{
    return stream->feed.taken;
}

uint64_t fps__stream_unpacked(const fps__stream *stream)
{
    return stream->unpacked;
}

bool fps__stream_digests(const fps__stream *stream, uint8_t packed[32], uint8_t unpacked[32])
{
    if (!stream->hashed)
        return false;
    memcpy(packed, stream->packed_digest, 32);
    memcpy(unpacked, stream->unpacked_digest, 32);
    return true;
}
