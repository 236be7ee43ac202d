/* The log of an XFS file system: whether it was closed. */
#ifndef FPS_VOLUME_XFS_LOG_H
#define FPS_VOLUME_XFS_LOG_H

#include "volume/filesystem.h"

/* *dirty: the last record of the log is not the one that an unmount writes, or there is none that can be found. Reads and pays for
 * some 550 sectors at most. Failures of the medium and of the budget. */
fps_status fps__xfs_log_is_dirty(const fps__filesystem *fs, const fps__medium *log, bool *dirty,
                                 fps_error *error);

#endif
