/* Packed programs: unpacks what is packed by UPX, and says of others that they cannot be looked into.
 *
 *   fps__packed_open(bytes, &limits, &unpacked, &error)     FPS_OK: the program as it was before it was packed
 *   fps__packed_sign(object, bytes)                         why a program is taken for packed, NULL for most
 *   free(unpacked.data)
 *
 * Nothing relies on the marks of a packer ("UPX!", names of sections): who does not want to be unpacked changes them. What
 * the program's own loader needs must be there, and that is what is read. Thread-safe.
 */
#ifndef FPS_PACKED_PACKED_H
#define FPS_PACKED_PACKED_H

#include "util/bytes.h"

#include <fpscan/object.h>

typedef struct fps__packed_limits {
    uint64_t size;        /* most bytes of memory at a time, the unpacked program included */
    uint64_t deadline_ms; /* of util/clock.h; 0: none */
} fps__packed_limits;

typedef struct fps__unpacked {
    uint8_t *data; /* the caller's, by free() */
    size_t size;
    const char *method; /* "NRV2E", "LZMA"; static */
    uint64_t start;     /* where the packed blocks begin, bytes from the start of the packed file */
    uint64_t end;       /* where the packed program ends in its file: what lies behind it is no part of it */
    uint64_t
        foreign; /* bytes before `end` that are neither packed nor zero nor part of the result: its loader */
    const char
        *lacks; /* what could not be unpacked beside the loaded bytes; static, NULL when nothing lacks */
} fps__unpacked;

enum {
    /* Most bytes that a packer's loader has: those of UPX have 1 to 14 KiB, beside headers and tables. What has more of its own
     * is not only a packed program. */
    FPS__PACKED_LOADER = 64 * 1024,
};

/* Unpacks `bytes`, an ELF or PE file. FPS_ERROR_NOT_FOUND: it is not packed in a way that is known. Packed, and *error says
 * why it stays so: FPS_ERROR_CORRUPT, FPS_ERROR_UNSUPPORTED, FPS_ERROR_LIMIT, FPS_ERROR_CANCELLED (the deadline),
 * FPS_ERROR_MEMORY. `error` may be NULL. */
fps_status fps__packed_open(fps__span bytes, const fps__packed_limits *limits, fps__unpacked *out,
                            fps_error *error);

/* The sign by which a program that fps__packed_open does not know is taken for packed or encrypted ("nearly all of its code
 * is compressed or encrypted"); NULL for none. Static text. */
const char *fps__packed_sign(const fps_object *object, fps__span bytes);

#endif
