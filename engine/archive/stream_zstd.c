/* zstd (RFC 8878): frames and skippable frames one behind the other. */
#include "archive/stream_codec.h"
#include "util/error.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG = 27 /* 128 MiB, as much as zstd itself takes unasked */ };

typedef struct zstd {
    fps__feed *feed;
    ZSTD_DCtx *context;
    bool inside;      /* a frame */
    bool more_output; /* the last call filled the room: there may be more without input */
    uint8_t room[FPS__CODEC_ROOM];
} zstd;

static bool probe(fps__span head)
{
    return head.size >= 4 &&
           (fps__get32le(head.data) == ZSTD_MAGICNUMBER ||
            (fps__get32le(head.data) & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START);
}

static void close_zstd(void *state)
{
    zstd *z = state;
    ZSTD_freeDCtx(z->context);
    free(z);
}

static fps_status open_zstd(void **state, fps__feed *feed, fps_error *error)
{
    zstd *made = malloc(sizeof *made);
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!made || !context || ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, WINDOW_LOG))) {
        ZSTD_freeDCtx(context);
        free(made);
        return fps__fail_memory(error);
    }
    made->feed = feed;
    made->context = context;
    made->inside = made->more_output = false;
    *state = made;
    return FPS_OK;
}

static fps_status fail(const zstd *z, size_t code, fps_error *error)
{
    uint64_t offset = fps__feed_offset(z->feed);
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return fps__fail_memory(error);
    case ZSTD_error_frameParameter_windowTooLarge:
        return fps__fail(error, FPS_ERROR_LIMIT, z->feed->name, offset,
                         "zstd data with a window of more than %d MiB", 1 << (WINDOW_LOG - 20));
    case ZSTD_error_prefix_unknown:
        return fps__feed_corrupt(z->feed, "data behind the end of the compressed data", error);
    default:
        return fps__fail(error, FPS_ERROR_CORRUPT, z->feed->name, offset, "the zstd data is damaged: %s",
                         ZSTD_getErrorName(code));
    }
}

/* By the first byte of its magic number: neither padding nor a format from before RFC 8878. */
static bool begins_frame(uint8_t byte)
{
    return byte == (ZSTD_MAGICNUMBER & 0xff) || (byte & 0xf0) == (ZSTD_MAGIC_SKIPPABLE_START & 0xf0);
}

static fps_status unpack_some(zstd *z, ZSTD_outBuffer *out, fps_error *error)
{
    fps__feed *feed = z->feed;
    if (!feed->block.size && !z->more_output) {
        fps_status status = fps__feed_more(feed, error);
        if (status == FPS_ERROR_NOT_FOUND && z->inside)
            return fps__feed_corrupt(feed, "the zstd data is cut off", error);
        if (status)
            return status;
    }
    if (!z->inside && !begins_frame(feed->block.data[0]))
        return fps__feed_end(feed, error);
    ZSTD_inBuffer in = {feed->block.data, feed->block.size, 0};
    size_t left = ZSTD_decompressStream(z->context, out, &in);
    fps__feed_use(feed, in.pos);
    if (ZSTD_isError(left))
        return fail(z, left, error);
    z->inside = left != 0;
    z->more_output = left != 0 && out->pos == out->size;
    return FPS_OK;
}

static fps_status next_zstd(void *state, fps__span *block, fps_error *error)
{
    zstd *z = state;
    ZSTD_outBuffer out = {z->room, FPS__CODEC_ROOM, 0};
    fps_status status = FPS_OK;
    while (!status && out.pos < out.size)
        status = unpack_some(z, &out, error);
    *block = (fps__span){z->room, out.pos};
    return status;
}

const fps__codec fps__codec_zstd = {"zstd", probe, open_zstd, next_zstd, close_zstd};
