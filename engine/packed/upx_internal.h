/* What the readers of files packed by UPX share. The layouts are those of UPX 3 and 4 (src/stub/src/include/linux.h,
 * packhead.cpp, conf.h), the methods those of UCL 1.03. */
#ifndef FPS_PACKED_UPX_INTERNAL_H
#define FPS_PACKED_UPX_INTERNAL_H

#include "packed/packed.h"
#include "util/error.h"

/* Methods (UPX, src/conf.h, M_). */
enum {
    FPS__UPX_NRV2B_LE32 = 2, /* then _8, _LE16, and the same three of NRV2D and NRV2E */
    FPS__UPX_NRV2E_LE16 = 10,
    FPS__UPX_LZMA = 14,
    FPS__UPX_DEFLATE = 15,
    FPS__UPX_ZSTD = 16,
};

/* A compressed run and the room for what comes out. */
typedef struct fps__upx_run {
    unsigned method;
    fps__span packed;
    uint8_t *out;
    size_t room;          /* bytes of `out` */
    uint64_t memory;      /* bytes that the decoder may take beside it */
    uint64_t deadline_ms; /* 0: none */
    size_t made;          /* receives the bytes that came out, also of a run that fails */
    size_t used;          /* receives the bytes of `packed` that were read */
} fps__upx_run;

/* True for a method that fps__upx_expand knows. */
bool fps__upx_knows(unsigned method);
/* "NRV2E", "LZMA" ... */
const char *fps__upx_method_name(unsigned method);
/* Decompresses a run. FPS_OK at the end of its stream, or when the room is full. FPS_ERROR_CORRUPT, FPS_ERROR_LIMIT (more
 * memory than allowed), FPS_ERROR_CANCELLED, FPS_ERROR_MEMORY. */
fps_status fps__upx_expand(fps__upx_run *run);
/* upx_nrv.c: the same for methods 2 to 10. */
fps_status fps__upx_expand_nrv(fps__upx_run *run);

/* A filter: a change of the code that makes it compress better, by its number (UPX, src/filter/filter_impl.cpp). */
typedef struct fps__upx_filter {
    unsigned id;   /* 0: none */
    uint8_t mark;  /* the byte by which changed branches are known ("cto") */
    uint32_t base; /* what was added to each target beside its place */
} fps__upx_filter;

/* Takes a filter back in `bytes`. False when its number is not known or the bytes cannot come from it. */
bool fps__upx_unfilter(const fps__upx_filter *filter, uint8_t *bytes, size_t size);
/* Finds the filter of x86 code by itself, where no header tells: the byte that follows most calls is the mark. */
fps__upx_filter fps__upx_guess_filter(const uint8_t *bytes, size_t size, uint32_t base);

/* FPS_ERROR_NOT_FOUND: not packed. See fps__packed_open. */
fps_status fps__upx_open_elf(fps__span bytes, const fps__packed_limits *limits, fps__unpacked *out,
                             fps_error *error);
fps_status fps__upx_open_pe(fps__span bytes, const fps__packed_limits *limits, fps__unpacked *out,
                            fps_error *error);

/* Room for `size` zeroed bytes of the result, within the limits; sets out->data and out->size. */
fps_status fps__upx_reserve(const fps__packed_limits *limits, uint64_t size, fps__unpacked *out,
                            fps_error *error);
/* The text and status of a run that failed at `offset` of the file. */
fps_status fps__upx_fail_run(fps_status status, uint64_t offset, fps_error *error);
/* Bytes of a file from one offset to the other. */
typedef struct fps__upx_range {
    uint64_t from, to;
} fps__upx_range;
/* By where they begin. */
void fps__upx_sort_ranges(fps__upx_range *ranges, size_t count);
/* Bytes in [from, to) that are not zero; an empty range has none. */
uint64_t fps__upx_count_bytes(fps__span bytes, uint64_t from, uint64_t to);

#endif
