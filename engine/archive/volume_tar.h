/* A file system or disk that holds a root, in an open file, as the stream of a tar: whatever reads layers reads it too.
 *
 *   fps__volume_tar_probe(fd, size, deadline)                   is there a root?
 *   fps__volume_tar_create(&tar, fd, size, &options, &input, &error)
 *   fps__stream_open(&stream, &input, ...)
 *   fps__volume_tar_free(tar)
 *
 * The image is read as it is needed, with pread; 1 MiB and the names of the directories on one path are in memory. Of a disk the first
 * partition that holds a root is the root; what else it has lies in folders, "partition-1".
 */
#ifndef FPS_ARCHIVE_VOLUME_TAR_H
#define FPS_ARCHIVE_VOLUME_TAR_H

#include "archive/stream.h"

typedef struct fps__volume_tar fps__volume_tar;

typedef struct fps__volume_tar_options {
    uint64_t ratio;       /* most bytes for a byte of the image, beyond the first 64 MiB; 0: 200 */
    uint64_t deadline_ms; /* of util/clock.h; 0: none */
    /* What cannot be read; the rest goes on. `path` inside the root, "" for all of a file system. A file that is damaged has zeros from
     * there on. May be NULL. */
    void (*fault)(void *user, const char *path, fps_status status, const char *message);
    void *user;
} fps__volume_tar_options;

/* True when the file is a file system that holds a root, or a disk with one. Thread-safe. */
bool fps__volume_tar_probe(int fd, uint64_t size, uint64_t deadline_ms);
/* `input` belongs to the tar; the file stays open as long. FPS_ERROR_FORMAT when there is no root, FPS_ERROR_MEMORY, and what
 * fps__volume_open says. */
fps_status fps__volume_tar_create(fps__volume_tar **tar, int fd, uint64_t size,
                                  const fps__volume_tar_options *options, fps__stream_input *input,
                                  fps_error *error);
void fps__volume_tar_free(fps__volume_tar *tar); /* NULL is fine */

#endif
