/* gzip (RFC 1952), any number of members one behind the other, inflated by isa-l. */
#include "archive/stream_codec.h"
#include "util/error.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

enum { FLAG_HCRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAGS_RESERVED = 0xe0 };

typedef struct gzip {
    fps__feed *feed;
    bool inside;         /* a member */
    bool more_output;    /* the last call filled the room: there may be more without input */
    uint32_t header_crc; /* of the header that is being read */
    struct inflate_state inflate;
    uint8_t room[FPS__CODEC_ROOM];
} gzip;

static bool probe(fps__span head)
{
    return head.size >= 3 && !memcmp(head.data, "\x1f\x8b\x08", 3);
}

static fps_status open_gzip(void **state, fps__feed *feed, fps_error *error)
{
    gzip *made = malloc(sizeof *made);
    if (!made)
        return fps__fail_memory(error);
    made->feed = feed;
    made->inside = made->more_output = false;
    isal_inflate_init(&made->inflate);
    *state = made;
    return FPS_OK;
}

/* ---- the header of a member ---- */

static fps_status cut_off(const gzip *g, fps_error *error)
{
    return fps__feed_corrupt(g->feed, "the gzip data is cut off", error);
}

static fps_status take_byte(gzip *g, uint8_t *byte, fps_error *error)
{
    if (!g->feed->block.size) {
        fps_status status = fps__feed_more(g->feed, error);
        if (status)
            return status == FPS_ERROR_NOT_FOUND ? cut_off(g, error) : status;
    }
    *byte = g->feed->block.data[0];
    fps__feed_use(g->feed, 1);
    g->header_crc = crc32_gzip_refl(g->header_crc, byte, 1);
    return FPS_OK;
}

static fps_status take_bytes(gzip *g, uint8_t *bytes, size_t count, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = take_byte(g, &bytes[i], error);
    return status;
}

static fps_status skip_extra(gzip *g, fps_error *error)
{
    uint8_t bytes[2], skipped;
    fps_status status = take_bytes(g, bytes, 2, error);
    for (unsigned left = fps__get16le(bytes); !status && left; left--)
        status = take_byte(g, &skipped, error);
    return status;
}

static fps_status skip_text(gzip *g, fps_error *error)
{
    uint8_t byte = 1;
    fps_status status = FPS_OK;
    while (byte && !status)
        status = take_byte(g, &byte, error);
    return status;
}

static fps_status check_header_crc(gzip *g, fps_error *error)
{
    uint16_t computed = (uint16_t)g->header_crc;
    uint8_t bytes[2];
    fps_status status = take_bytes(g, bytes, 2, error);
    if (!status && fps__get16le(bytes) != computed)
        return fps__feed_corrupt(g->feed, "a gzip header whose checksum differs", error);
    return status;
}

static fps_status read_header(gzip *g, fps_error *error)
{
    uint8_t fixed[10];
    g->header_crc = 0;
    fps_status status = take_bytes(g, fixed, sizeof fixed, error);
    if (status)
        return status;
    if (memcmp(fixed, "\x1f\x8b\x08", 3) != 0)
        return fps__feed_corrupt(g->feed, "data behind the end of the compressed data", error);
    if (fixed[3] & FLAGS_RESERVED)
        return fps__feed_corrupt(g->feed, "a gzip header with unknown flags", error);
    if (!status && (fixed[3] & FLAG_EXTRA))
        status = skip_extra(g, error);
    if (!status && (fixed[3] & FLAG_NAME))
        status = skip_text(g, error);
    if (!status && (fixed[3] & FLAG_COMMENT))
        status = skip_text(g, error);
    if (!status && (fixed[3] & FLAG_HCRC))
        status = check_header_crc(g, error);
    return status;
}

/* Between members: another one, zeros, or the end. */
static fps_status start_member(gzip *g, fps_error *error)
{
    fps__feed *feed = g->feed;
    fps_status status = feed->block.size ? FPS_OK : fps__feed_more(feed, error);
    if (!status)
        status = feed->block.data[0] == 0x1f ? read_header(g, error) : fps__feed_end(feed, error);
    if (status)
        return status;
    uint8_t *next_out = g->inflate.next_out;
    uint32_t avail_out = g->inflate.avail_out;
    isal_inflate_reset(&g->inflate);
    g->inflate.next_out = next_out;
    g->inflate.avail_out = avail_out;
    g->inflate.crc_flag = ISAL_GZIP_NO_HDR_VER; /* checksum and length of the trailer are compared */
    g->inside = true;
    g->more_output = false;
    return FPS_OK;
}

static fps_status inflate_some(gzip *g, fps_error *error)
{
    fps__feed *feed = g->feed;
    struct inflate_state *z = &g->inflate;
    if (!feed->block.size && !g->more_output) {
        fps_status status = fps__feed_more(feed, error);
        if (status)
            return status == FPS_ERROR_NOT_FOUND ? cut_off(g, error) : status;
    }
    uint32_t given = feed->block.size < 1 << 30 ? (uint32_t)feed->block.size : 1 << 30;
    uint32_t room = z->avail_out;
    z->next_in = (uint8_t *)feed->block.data;
    z->avail_in = given;
    int got = isal_inflate(z);
    bool idle = z->avail_in == given && z->avail_out == room;
    fps__feed_use(feed, given - z->avail_in);
    g->more_output = z->avail_out == 0;
    if (got == ISAL_INCORRECT_CHECKSUM)
        return fps__feed_corrupt(feed, "the checksum of the gzip data differs", error);
    g->inside = z->block_state != ISAL_BLOCK_FINISH;
    if (got < 0 || (g->inside && idle && given))
        return fps__feed_corrupt(feed, "the gzip data is damaged", error);
    return FPS_OK;
}

static fps_status next_gzip(void *state, fps__span *block, fps_error *error)
{
    gzip *g = state;
    fps_status status = FPS_OK;
    g->inflate.next_out = g->room;
    g->inflate.avail_out = FPS__CODEC_ROOM;
    while (!status && g->inflate.avail_out)
        status = g->inside ? inflate_some(g, error) : start_member(g, error);
    *block = (fps__span){g->room, FPS__CODEC_ROOM - g->inflate.avail_out};
    return status;
}

const fps__codec fps__codec_gzip = {"gzip", probe, open_gzip, next_gzip, free};
