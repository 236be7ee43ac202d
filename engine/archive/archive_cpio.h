/* Reads a cpio archive (initial RAM disks, the payload of an .rpm) from a stream of blocks: "newc", "odc" and the old
 * binary format in both orders of bytes. A name or file never takes memory before its bytes are there: libarchive's
 * reader allocates what a header claims, up to 4 GiB. The formats: cpio(5).
 */
#ifndef FPS_ARCHIVE_ARCHIVE_CPIO_H
#define FPS_ARCHIVE_ARCHIVE_CPIO_H

#include "util/bytes.h"

#include <fpscan/status.h>
#include <stdbool.h>

enum { FPS__CPIO_PATH = 4096 };

/* Gives the next block of the stream, which lives until the next call; FPS_ERROR_NOT_FOUND at its end. */
typedef fps_status (*fps__cpio_block)(void *user, fps__span *block, fps_error *error);

typedef struct fps__cpio {
    fps__cpio_block next_block;
    void *user;
    fps__span block;    /* not yet taken */
    uint64_t file_left; /* bytes of the current file that are not yet taken */
    uint32_t padding;   /* bytes behind it */
    char path[FPS__CPIO_PATH + 1];
} fps__cpio;

/* True when the bytes begin a cpio archive. */
bool fps__cpio_identify(fps__span data);
/* The next entry with bytes in it that is no symbolic link: its name is in cpio->path, its size in cpio->file_left.
 * FPS_ERROR_NOT_FOUND at the end; FPS_ERROR_CORRUPT, or a failure of the stream. */
fps_status fps__cpio_next(fps__cpio *cpio, fps_error *error);
/* Takes the next `size` bytes of the current file, at most what is left of it. */
fps_status fps__cpio_read(fps__cpio *cpio, uint8_t *out, size_t size, fps_error *error);

#endif
