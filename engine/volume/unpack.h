/* Unpacking one block of a file system: the whole input at once, into room of a known size. */
#ifndef FPS_VOLUME_UNPACK_H
#define FPS_VOLUME_UNPACK_H

#include "util/bytes.h"

#include <fpscan/status.h>

typedef enum fps__packing {
    FPS__PACKING_NONE,
    FPS__PACKING_ZLIB,    /* RFC 1950 */
    FPS__PACKING_DEFLATE, /* RFC 1951 */
    FPS__PACKING_XZ,
    FPS__PACKING_LZMA,      /* with the header of 13 bytes of .lzma files */
    FPS__PACKING_MICROLZMA, /* EROFS: liblzma's MicroLZMA; the room is exactly as large as what comes out */
    FPS__PACKING_LZO,       /* LZO1X, a block without a header */
    FPS__PACKING_LZ4,       /* a block without a frame */
    FPS__PACKING_ZSTD,
    FPS__PACKING_RTIME, /* of JFFS2 */
} fps__packing;

/* Unpacks `packed` into to[0..room); *got is how many bytes came out. With `partial`, room that is filled before the input
 * ends is no failure. FPS_ERROR_CORRUPT, FPS_ERROR_MEMORY, FPS_ERROR_UNSUPPORTED. Thread-safe. Takes no more memory than the
 * dictionary of LZMA, which is held to about 30 MiB. */
fps_status fps__unpack(fps__packing packing, fps__span packed, uint8_t *to, size_t room, bool partial,
                       size_t *got, fps_error *error);

/* LZO1X as Linux describes it in Documentation/staging/lzo.rst, bitstream version 0. False: damaged, or too little room. */
bool fps__lzo_unpack(fps__span packed, uint8_t *to, size_t room, size_t *got);

#endif
