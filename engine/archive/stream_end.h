/* Where compressed data ends that other bytes follow. */
#ifndef FPS_ARCHIVE_STREAM_END_H
#define FPS_ARCHIVE_STREAM_END_H

#include "util/bytes.h"

/* Bytes of the zstd frames or xz streams that `data` begins with, without unpacking them: libarchive takes whatever stands
 * behind them for damage. All of `data` when it begins with neither, or when the end is not there. The work is that of
 * reading the headers of blocks (zstd), or of looking for "YZ" (xz). Thread-safe. */
size_t fps__stream_end(fps__span data);

#endif
