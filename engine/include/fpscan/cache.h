/* Looking after the result cache: how large it is, making it smaller, emptying it.
 *
 *   fps_cache_read_info(folder, &info, &error)
 *   fps_cache_prune(folder, 1 << 30, 0, &info, &error)
 *
 * Safe beside scans that use the same cache. Thread-safe.
 */
#ifndef FPSCAN_CACHE_H
#define FPSCAN_CACHE_H

#include <fpscan/status.h>
#include <stdbool.h>

/* Bytes that a scan keeps at most unless it is told otherwise. */
#define FPS_CACHE_LIMIT (UINT64_C(2) << 30)

typedef struct fps_cache_info {
    uint64_t bytes;         /* of the file */
    uint64_t files, layers; /* results kept */
    uint64_t file_bytes, layer_bytes;
    int64_t oldest, newest; /* seconds since 1970 of the last use; 0 when empty */
} fps_cache_info;

/* FPS_ERROR_NOT_FOUND there is no cache in `folder`; FPS_ERROR_CORRUPT; FPS_ERROR_IO; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_cache_read_info(const char *folder, fps_cache_info *info, fps_error *error);
/* Forgets what was not used for `age` seconds (0: no limit), then the least recently used until at most
 * `limit` bytes are left. `info` (may be NULL): what is left. */
FPS_API fps_status fps_cache_prune(const char *folder, uint64_t limit, uint64_t age, fps_cache_info *info,
                                   fps_error *error);
/* Removes all results and the secret. FPS_OK when there was nothing. */
FPS_API fps_status fps_cache_clear(const char *folder, fps_error *error);

#endif
