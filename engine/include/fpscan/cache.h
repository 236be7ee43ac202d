/* Maintenance of the result cache: its size, pruning, emptying.
 *
 *   fps_cache_read_info(folder, &info, &error)
 *   fps_cache_prune(folder, 1 << 30, 0, &info, &error)
 *   fps_cache_clear(folder, &error)
 *
 * `folder` is the cache_dir of fps_scan_options. Everything here is thread-safe, and safe while scans of this
 * or other processes use the same cache.
 */
#ifndef FPSCAN_CACHE_H
#define FPSCAN_CACHE_H

#include <fpscan/status.h>
#include <stdbool.h>

FPS_BEGIN_DECLS

/* Default limit of a scan's cache: 2 GiB, in bytes. */
#define FPS_CACHE_LIMIT (UINT64_C(2) << 30)

typedef struct fps_cache_info {
    uint64_t bytes;                   /* size of the cache file */
    uint64_t files, layers;           /* cached results of each sort */
    uint64_t file_bytes, layer_bytes; /* what they take, in bytes */
    int64_t oldest, newest; /* last use of the oldest and newest, seconds since 1970; 0 when empty */
} fps_cache_info;

/* Fills *info. FPS_ERROR_NOT_FOUND: there is no cache in `folder`; FPS_ERROR_CORRUPT; FPS_ERROR_VERSION: a
 * newer program made it; FPS_ERROR_IO; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_cache_read_info(const char *folder, fps_cache_info *info, fps_error *error);
/* Removes results that were not used for `age` seconds (0: any age is kept), then the least recently used
 * until at most `limit` bytes are left. `info` (may be NULL) gets what is left. Statuses are those of
 * fps_cache_read_info. */
FPS_API fps_status fps_cache_prune(const char *folder, uint64_t limit, uint64_t age, fps_cache_info *info,
                                   fps_error *error);
/* Removes all results and the secret that protects them, also of a damaged cache. FPS_OK also when there was
 * no cache; FPS_ERROR_IO; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_cache_clear(const char *folder, fps_error *error);

FPS_END_DECLS

#endif
