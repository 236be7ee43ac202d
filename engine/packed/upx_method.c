/* The methods of UPX: NRV by upx_nrv.c, LZMA by liblzma, DEFLATE by ISA-L, Zstandard by libzstd. */
#include "packed/upx_internal.h"

#include "util/clock.h"

#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <stdlib.h>
#include <zstd.h>

enum { STEP = 1 << 20 }; /* bytes that come out between two looks at the clock */

bool fps__upx_knows(unsigned method)
{
    return (method >= FPS__UPX_NRV2B_LE32 && method <= FPS__UPX_NRV2E_LE16) || method == FPS__UPX_LZMA ||
           method == FPS__UPX_DEFLATE || method == FPS__UPX_ZSTD;
}

const char *fps__upx_method_name(unsigned method)
{
    static const char *const nrv[] = {"NRV2B", "NRV2D", "NRV2E"};
    if (method >= FPS__UPX_NRV2B_LE32 && method <= FPS__UPX_NRV2E_LE16)
        return nrv[(method - FPS__UPX_NRV2B_LE32) / 3];
    return method == FPS__UPX_LZMA      ? "LZMA"
           : method == FPS__UPX_DEFLATE ? "DEFLATE"
           : method == FPS__UPX_ZSTD    ? "Zstandard"
                                        : "no compression";
}

/* Two bytes of properties go before the stream: the number of position bits, below their sum of literal bits, which the
 * loader uses; then literal position bits and literal context bits (UPX, src/compress/compress_lzma.cpp). */
static bool read_properties(fps__span packed, lzma_options_lzma *options)
{
    if (packed.size < 3)
        return false;
    options->pb = packed.data[0] & 7;
    options->lp = packed.data[1] >> 4;
    options->lc = packed.data[1] & 15;
    return options->pb <= LZMA_PB_MAX && options->lc + options->lp <= LZMA_LCLP_MAX &&
           packed.data[0] >> 3 == (int)(options->lc + options->lp);
}

/* The stream has no end mark: it ends where the room is full. */
static fps_status expand_lzma(fps__upx_run *run)
{
    lzma_options_lzma options = {.dict_size = LZMA_DICT_SIZE_MIN};
    lzma_filter filters[] = {{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    lzma_stream stream = LZMA_STREAM_INIT;
    if (!read_properties(run->packed, &options))
        return FPS_ERROR_CORRUPT;
    if (run->room > UINT32_MAX)
        return FPS_ERROR_LIMIT;
    if (run->room > options.dict_size)
        options.dict_size = (uint32_t)run->room;
    uint64_t needed = lzma_raw_decoder_memusage(filters);
    if (needed > run->memory)
        return FPS_ERROR_LIMIT;
    lzma_ret state = lzma_raw_decoder(&stream, filters);
    stream.next_in = run->packed.data + 2;
    stream.avail_in = run->packed.size - 2;
    stream.next_out = run->out;
    while (state == LZMA_OK && run->made < run->room && !fps__deadline_passed(run->deadline_ms)) {
        size_t step = run->room - run->made < STEP ? run->room - run->made : STEP;
        stream.avail_out = step;
        state = lzma_code(&stream, LZMA_RUN);
        run->made += step - stream.avail_out;
    }
    run->used = run->packed.size - stream.avail_in;
    lzma_end(&stream);
    if (state == LZMA_MEM_ERROR)
        return FPS_ERROR_MEMORY;
    if (state == LZMA_OK && run->made < run->room)
        return FPS_ERROR_CANCELLED;
    return state == LZMA_STREAM_END || run->made == run->room ? FPS_OK : FPS_ERROR_CORRUPT;
}

static fps_status expand_deflate(fps__upx_run *run)
{
    struct inflate_state *state = malloc(sizeof *state);
    if (!state)
        return FPS_ERROR_MEMORY;
    isal_inflate_init(state);
    state->crc_flag = ISAL_DEFLATE;
    state->next_in = (uint8_t *)(uintptr_t)run->packed.data;
    state->avail_in = run->packed.size < UINT32_MAX ? (uint32_t)run->packed.size : UINT32_MAX;
    state->next_out = run->out;
    int result = ISAL_DECOMP_OK;
    bool ended = false, stuck = false, late = false;
    while (!result && !ended && !stuck && !late) {
        uint32_t step = run->room - run->made < STEP ? (uint32_t)(run->room - run->made) : STEP;
        state->avail_out = step;
        result = isal_inflate(state);
        run->made += step - state->avail_out;
        ended = state->block_state == ISAL_BLOCK_FINISH;
        stuck = state->avail_out != 0 || run->made == run->room;
        late = fps__deadline_passed(run->deadline_ms);
    }
    run->used = (size_t)(state->next_in - run->packed.data);
    free(state);
    if (ended && !result)
        return FPS_OK;
    return late && !result && !stuck ? FPS_ERROR_CANCELLED : FPS_ERROR_CORRUPT;
}

static fps_status expand_zstd(fps__upx_run *run)
{
    if (run->packed.size < 4 || fps__get32le(run->packed.data) != ZSTD_MAGICNUMBER)
        return FPS_ERROR_CORRUPT;
    run->used = run->packed.size; /* also of a run that fails: it was read */
    size_t made = ZSTD_decompress(run->out, run->room, run->packed.data, run->packed.size);
    if (ZSTD_isError(made) || !made)
        return FPS_ERROR_CORRUPT;
    run->made = made;
    return FPS_OK;
}

fps_status fps__upx_expand(fps__upx_run *run)
{
    run->made = run->used = 0;
    if (fps__deadline_passed(run->deadline_ms))
        return FPS_ERROR_CANCELLED;
    switch (run->method) {
    case FPS__UPX_LZMA:
        return expand_lzma(run);
    case FPS__UPX_DEFLATE:
        return expand_deflate(run);
    case FPS__UPX_ZSTD:
        return expand_zstd(run);
    default:
        return fps__upx_knows(run->method) ? fps__upx_expand_nrv(run) : FPS_ERROR_UNSUPPORTED;
    }
}
