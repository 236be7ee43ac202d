/* The worker pool of a scan: files go to workers, largest first within a bounded window, and results come back in any order.
 */
#ifndef FPS_SCAN_POOL_H
#define FPS_SCAN_POOL_H

#include "source/source.h"

#include <fpscan/scan.h>

/* Looks at one file. Called from a worker; `worker` is 0 .. workers-1, so that scratch can be kept per worker. `deadline_ms` is
 * on the CLOCK_MONOTONIC scale, 0 for none. `entry` stays the pool's; take what is needed. */
typedef void (*fps__pool_analyse)(void *user, unsigned worker, const fps__source_entry *entry,
                                  const fps__source_content *content, uint64_t deadline_ms);

typedef struct fps__pool_options {
    unsigned workers;
    uint64_t file_limit, memory_limit, timeout_ms, file_timeout_ms;
    fps__pool_analyse analyse;
    void (*diagnostic)(void *user, const fps_diagnostic *diagnostic); /* may be called from any worker: serialised by the pool */
    void (*progress)(void *user, const fps_scan_progress *progress);
    void *progress_user;
    void *user;
} fps__pool_options;

/* Drains `source` through the workers. Returns when every file is done, or the timeout has passed (each file not looked at is
 * then a partial diagnostic "timeout"). FPS_ERROR_MEMORY, FPS_ERROR_IO (no thread could be made). */
fps_status fps__pool_run(fps__source *source, const fps__pool_options *options, fps_error *error);

#endif
