/* Metadata of language packages inside archives: which files hold it, and which package they tell of. */
#ifndef FPS_SCAN_ARCHIVE_METADATA_H
#define FPS_SCAN_ARCHIVE_METADATA_H

#include "util/arena.h"
#include "util/bytes.h"

#include <fpscan/result.h>

/* True when a file of this path inside an archive is read as metadata. */
bool fps__metadata_wants(const char *path);
/* The package that the file tells of; false when it tells of none, or without memory. `path` is the file's,
 * inside the outermost archive; *root (in `arena`) is what the paths of the package's own files begin with.
 * Texts live in `arena`. */
bool fps__metadata_read(const char *path, fps__span bytes, fps__arena *arena, fps_package *package,
                        const char **root);

#endif
