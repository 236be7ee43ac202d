/* Tables of partitions. */
#include "volume/disk.h"

const fps__disk_format *const fps__disk_formats[] = {NULL};

bool fps__partitions_identify(fps__span head, uint64_t size)
{
    (void)head;
    (void)size;
    return false;
}
fps_status fps__partitions_read(const fps__medium *disk, fps__partitions *found, fps_error *error)
{
    (void)disk;
    found->count = 0;
    return fps__filesystem_corrupt(error, 0, "no table");
}
