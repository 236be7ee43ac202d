/* Unpacks one block of a file system, by the library of each packing. */
#include "volume/unpack.h"

#include "util/error.h"

#include <isa-l/igzip_lib.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <zstd.h>

enum {
    LZMA_MEMORY = 32 << 20,         /* bytes: blocks have up to 1 MiB, and their dictionaries need no more */
    MICROLZMA_DICTIONARY = 8 << 20, /* bytes: EROFS allows no more (Linux, fs/erofs/erofs_fs.h) */
};

static fps_status damaged(fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a compressed block is damaged");
}

static fps_status inflate_block(fps__span packed, bool zlib, uint8_t *to, size_t room, bool partial,
                                size_t *got, fps_error *error)
{
    struct inflate_state *state = malloc(sizeof *state);
    if (!state)
        return fps__fail_memory(error);
    isal_inflate_init(state);
    state->crc_flag = zlib ? ISAL_ZLIB : ISAL_DEFLATE;
    state->next_in = (uint8_t *)packed.data; /* is only read */
    state->avail_in = (uint32_t)packed.size;
    state->next_out = to;
    state->avail_out = (uint32_t)room;
    int result = isal_inflate(state);
    *got = room - state->avail_out;
    bool good = result == ISAL_DECOMP_OK &&
                (state->block_state == ISAL_BLOCK_FINISH || (partial && !state->avail_out));
    free(state);
    return good ? FPS_OK : damaged(error);
}

/* Runs a decoder of liblzma over all of the input. */
static fps_status run_lzma(lzma_stream *stream, lzma_ret ready, fps__span packed, uint8_t *to, size_t room,
                           bool partial, size_t *got, fps_error *error)
{
    stream->next_in = packed.data;
    stream->avail_in = packed.size;
    stream->next_out = to;
    stream->avail_out = room;
    lzma_ret result = ready == LZMA_OK ? lzma_code(stream, LZMA_FINISH) : ready;
    *got = room - stream->avail_out;
    /* A block of .lzma that tells its size may have no end mark. */
    bool good = result == LZMA_STREAM_END || (partial && !stream->avail_out);
    lzma_end(stream);
    if (result == LZMA_MEM_ERROR)
        return fps__fail_memory(error);
    if (result == LZMA_MEMLIMIT_ERROR)
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "a dictionary of more than 30 MiB");
    return good ? FPS_OK : damaged(error);
}

static fps_status unpack_lzma(fps__packing packing, fps__span packed, uint8_t *to, size_t room, bool partial,
                              size_t *got, fps_error *error)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_ret ready = packing == FPS__PACKING_XZ ? lzma_stream_decoder(&stream, LZMA_MEMORY, 0)
                     : packing == FPS__PACKING_LZMA
                         ? lzma_alone_decoder(&stream, LZMA_MEMORY)
                         : lzma_microlzma_decoder(&stream, packed.size, room, !partial, MICROLZMA_DICTIONARY);
    return run_lzma(&stream, ready, packed, to, room, partial, got, error);
}

static fps_status unpack_lz4(fps__span packed, uint8_t *to, size_t room, bool partial, size_t *got,
                             fps_error *error)
{
    if (packed.size > LZ4_MAX_INPUT_SIZE || room > LZ4_MAX_INPUT_SIZE)
        return damaged(error);
    const char *from = (const char *)packed.data;
    int size = partial ? LZ4_decompress_safe_partial(from, (char *)to, (int)packed.size, (int)room, (int)room)
                       : LZ4_decompress_safe(from, (char *)to, (int)packed.size, (int)room);
    *got = size > 0 ? (size_t)size : 0;
    return size >= 0 ? FPS_OK : damaged(error);
}

static fps_status unpack_zstd(fps__span packed, uint8_t *to, size_t room, bool partial, size_t *got,
                              fps_error *error)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!context)
        return fps__fail_memory(error);
    ZSTD_inBuffer in = {packed.data, packed.size, 0};
    ZSTD_outBuffer out = {to, room, 0};
    size_t left = 1;
    while (left && !ZSTD_isError(left) && out.pos < room) {
        size_t before = in.pos + out.pos;
        left = ZSTD_decompressStream(context, &out, &in);
        if (in.pos + out.pos == before)
            break;
    }
    ZSTD_freeDCtx(context);
    *got = out.pos;
    return !ZSTD_isError(left) && (!left || (partial && out.pos == room)) ? FPS_OK : damaged(error);
}

/* JFFS2: each byte is followed by how often what came behind its last occurrence repeats (Linux,
 * fs/jffs2/compr_rtime.c). */
static fps_status unpack_rtime(fps__span packed, uint8_t *to, size_t room, size_t *got, fps_error *error)
{
    size_t last[256] = {0}, used = 0;
    for (size_t at = 0; at + 2 <= packed.size && used < room; at += 2) {
        uint8_t value = packed.data[at];
        size_t from = last[value], count = packed.data[at + 1];
        to[used++] = value;
        last[value] = used;
        if (count > room - used)
            return damaged(error);
        for (size_t i = 0; i < count; i++, used++)
            to[used] = to[from + i];
    }
    *got = used;
    return FPS_OK;
}

fps_status fps__unpack(fps__packing packing, fps__span packed, uint8_t *to, size_t room, bool partial,
                       size_t *got, fps_error *error)
{
    *got = 0;
    if (packed.size > UINT32_MAX || room > UINT32_MAX)
        return damaged(error);
    switch (packing) {
    case FPS__PACKING_NONE:
        *got = packed.size < room ? packed.size : room;
        if (*got)
            memcpy(to, packed.data, *got);
        return packed.size <= room || partial ? FPS_OK : damaged(error);
    case FPS__PACKING_ZLIB:
    case FPS__PACKING_DEFLATE:
        return inflate_block(packed, packing == FPS__PACKING_ZLIB, to, room, partial, got, error);
    case FPS__PACKING_LZO:
        return fps__lzo_unpack(packed, to, room, got) ? FPS_OK : damaged(error);
    case FPS__PACKING_LZ4:
        return unpack_lz4(packed, to, room, partial, got, error);
    case FPS__PACKING_ZSTD:
        return unpack_zstd(packed, to, room, partial, got, error);
    case FPS__PACKING_RTIME:
        return unpack_rtime(packed, to, room, got, error);
    default:
        return unpack_lzma(packing, packed, to, room, partial, got, error);
    }
}
