/* A file in the user's cache that only the user can have written: read, and written through a temporary name.
 */
#ifndef FPS_MATCH_RULES_CACHE_H
#define FPS_MATCH_RULES_CACHE_H

#include <fpscan/status.h>
#include <stddef.h>

/* Reads `name` in `folder` into *data (the caller frees it). FPS_ERROR_NOT_FOUND when it is not there;
 * FPS_ERROR_ARGUMENT when it or the folder is a symbolic link, belongs to another user or can be written by
 * one; FPS_ERROR_CORRUPT when its checksum is wrong; FPS_ERROR_IO; FPS_ERROR_MEMORY. */
fps_status fps__rules_cache_load(const char *folder, const char *name, void **data, size_t *size,
                                 fps_error *error);

/* Writes `data` behind a header with its checksum, mode 0600; the folder is made when it is not there (mode
 * 0700). The same refusals as above. */
fps_status fps__rules_cache_store(const char *folder, const char *name, const void *data, size_t size,
                                  fps_error *error);

#endif
