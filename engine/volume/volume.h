/* File systems and disk images in memory, entry by entry, like archives; read-only.
 *
 *   fps__volume_open(&volume, data, &budget, &error)
 *   while (fps__volume_next(volume, &entry, &error) == FPS_OK)     each file, directory and link
 *       fps__volume_read(volume, offset, to, size, &error)         bytes of the file that _next gave
 *   fps__volume_end(volume)                                        where the volume ends in `data`
 *   fps__volume_free(volume)
 *
 * A file that is damaged is a failure of that file; the next one can be read. One owner at a time.
 */
#ifndef FPS_VOLUME_VOLUME_H
#define FPS_VOLUME_VOLUME_H

#include "util/bytes.h"

#include <fpscan/status.h>

enum { FPS__VOLUME_PATH = 4096 }; /* most bytes of a path, with its NUL */

typedef enum fps__volume_type {
    FPS__VOLUME_FILE,
    FPS__VOLUME_DIRECTORY,
    FPS__VOLUME_SYMLINK,
    FPS__VOLUME_OTHER, /* device, pipe, socket */
} fps__volume_type;

typedef struct fps__volume_entry {
    const char
        *path; /* without leading "/"; "PARTITION!PATH" on a disk with partitions; until the next call */
    fps__volume_type type;
    uint64_t size;    /* of a file, bytes */
    int64_t modified; /* seconds since 1970; 0 when the file system does not say */
    uint32_t mode;    /* permission bits */
    const char
        *link; /* the first name of a file that had one already (a hard link), or NULL; until the next call */
    const char *target; /* of a symbolic link, NUL-terminated; "" when it cannot be read */
    fps__span bytes;    /* all bytes of the file, where they lie in memory as they are; else empty */
} fps__volume_entry;

/* Who pays. `spend` is called before the work: `bytes` are about to be unpacked or copied, `entries` to be kept. Its
 * failure (FPS_ERROR_LIMIT) ends the volume. */
typedef struct fps__volume_budget {
    void *user;
    fps_status (*spend)(void *user, uint64_t bytes, uint64_t entries, fps_error *error);
} fps__volume_budget;

typedef struct fps__volume fps__volume;

/* The name of the volume ("a squashfs file system") that the first bytes begin, NULL when they begin none that can be
 * read. A format that cannot be told by its magic alone is left out. Thread-safe. */
const char *fps__volume_identify(fps__span head);
/* The same for all bytes of a file, by whole headers, and for all formats. */
const char *fps__volume_find(fps__span data);

/* The name of a file system, disk image or volume that all bytes of a file are and that cannot be read ("an F2FS file system"); NULL
 * for anything else. `inside`: one that may begin amid other bytes, where these begin. Thread-safe. */
const char *fps__volume_unread(fps__span data, bool inside);

/* `data` and what `budget` names must outlive the volume. FPS_ERROR_FORMAT, FPS_ERROR_UNSUPPORTED (with what is not
 * supported), FPS_ERROR_CORRUPT, FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__volume_open(fps__volume **volume, fps__span data, const fps__volume_budget *budget,
                            fps_error *error);
/* Bytes that do not lie in memory: `read` gives `size` of them at `offset`, both inside of the size. */
typedef struct fps__volume_source {
    void *user;
    fps_status (*read)(void *user, uint64_t offset, uint8_t *to, size_t size, fps_error *error);
    uint64_t size; /* bytes */
} fps__volume_source;
/* The same for such bytes. `source` is copied. */
fps_status fps__volume_open_source(fps__volume **volume, const fps__volume_source *source,
                                   const fps__volume_budget *budget, fps_error *error);
/* Called before the first _next: the first file system that holds the root of a system becomes the root, whose paths have nothing
 * before them, and other partitions become folders. False when there is none. */
bool fps__volume_choose_root(fps__volume *volume);
/* FPS_ERROR_NOT_FOUND at the end. FPS_ERROR_CORRUPT and FPS_ERROR_UNSUPPORTED: this entry, of which `entry` has the path, or
 * what a directory holds cannot be read; the next call goes on. FPS_ERROR_LIMIT and FPS_ERROR_MEMORY end the volume. */
fps_status fps__volume_next(fps__volume *volume, fps__volume_entry *entry, fps_error *error);
/* `size` bytes at `offset` of the file that _next gave last; both must lie inside of its size. In order is fast. */
fps_status fps__volume_read(fps__volume *volume, uint64_t offset, uint8_t *to, size_t size, fps_error *error);
/* Bytes of `data` that the volume takes by its own headers; at most the size of `data`. */
uint64_t fps__volume_end(const fps__volume *volume);
void fps__volume_free(fps__volume *volume); /* NULL is fine */

#endif
