/* Walks what is imported: files, folders, and what archives hold; every file is given with its bytes. */
#ifndef FPS_FEED_FEED_WALK_H
#define FPS_FEED_FEED_WALK_H

#include "util/bytes.h"

#include <fpscan/status.h>
#include <stdbool.h>

/* Called with each file. `alone`: it is what the user named, and no part of a folder or archive. The bytes and the path are valid
 * during the call. A failure ends the walk. */
typedef fps_status (*fps__feed_file_callback)(void *user, fps__span bytes, const char *path, bool alone,
                                              fps_error *error);

/* Gives the files of `path` in the order of their names; `unpack`: archives are opened, else they are files. Hidden files and symbolic
 * links in folders are left out. FPS_ERROR_IO, FPS_ERROR_LIMIT, FPS_ERROR_CORRUPT (an archive), FPS_ERROR_MEMORY; what the callback
 * returns. */
fps_status fps__feed_walk(const char *path, bool unpack, fps__feed_file_callback callback, void *user,
                          fps_error *error);

#endif
