/* Disks: images that have to be put together, and tables of partitions. */
#ifndef FPS_VOLUME_DISK_H
#define FPS_VOLUME_DISK_H

#include "volume/filesystem.h"

/* A format of disk images, whose bytes do not lie there as the disk has them. */
typedef struct fps__disk_format {
    const char *name;
    bool (*identify)(fps__span head, uint64_t size);
    /* Makes `disk` out of the bytes of `image`; *state is freed by `close`, also after a failure. `end` becomes the bytes of
     * `image` that belong to it. FPS_ERROR_UNSUPPORTED with what is not supported, FPS_ERROR_CORRUPT, FPS_ERROR_MEMORY. */
    fps_status (*open)(const fps__medium *image, const fps__volume_budget *budget, fps__medium *disk,
                       void **state, uint64_t *end, fps_error *error);
    void (*close)(void *state);
} fps__disk_format;

typedef struct fps__partition {
    uint64_t offset, size; /* bytes */
    uint32_t number;       /* as the system counts them */
} fps__partition;

enum { FPS__MOST_PARTITIONS = 256 };
typedef struct fps__partitions {
    fps__partition items[FPS__MOST_PARTITIONS];
    uint32_t count;
    bool damaged; /* the table names partitions that cannot be read, or more than are read */
} fps__partitions;

extern const fps__disk_format *const fps__disk_formats[]; /* ends with NULL */

/* True when a table of partitions (GPT, or MBR) begins the disk, and each that it names begins on the disk. `head` has at
 * least the first 1,536 bytes. */
bool fps__partitions_identify(fps__span head, uint64_t size);
/* Reads the table. FPS_ERROR_CORRUPT. */
fps_status fps__partitions_read(const fps__medium *disk, fps__partitions *found, fps_error *error);

#endif
