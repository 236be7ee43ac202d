/* The worker pool of a scan: files go to workers, largest first within a bounded window, and results come
 * back in any order.
 *
 * The thread that calls fps__pool_run walks the source and calls `progress`; workers open the files, ask
 * `wants` about the first bytes, read what is wanted within one memory budget, and call `analyse`. At most
 * FPS__POOL_WINDOW entries wait.
 */
#ifndef FPS_SCAN_POOL_H
#define FPS_SCAN_POOL_H

#include "source/source.h"

#include <fpscan/scan.h>

enum {
    FPS__POOL_WORKERS = 64,      /* most threads */
    FPS__POOL_WINDOW = 4096,     /* entries that may wait, of which the largest goes first */
    FPS__POOL_PROGRESS_MS = 100, /* least time between two calls of `progress` */
};

/* True when the rest of the file is wanted. `head` is its first FPS__SOURCE_HEAD bytes, or all of it. Called
 * from a worker. */
typedef bool (*fps__pool_wants)(void *user, const fps__source_entry *entry, fps__span head);

/* Looks at one file. Called from a worker; `worker` is 0 .. workers-1, so that scratch can be kept per
 * worker. `deadline_ms` is on the CLOCK_MONOTONIC scale, 0 for none. `entry` and `content` stay the pool's;
 * take what is needed. */
typedef void (*fps__pool_analyse)(void *user, unsigned worker, const fps__source_entry *entry,
                                  const fps__source_content *content, uint64_t deadline_ms);

/* Zero means: one worker, no limit, no deadline, every file wanted, no callback. `analyse` must be given. */
typedef struct fps__pool_options {
    unsigned workers;         /* threads, at most FPS__POOL_WORKERS */
    uint64_t file_limit;      /* bytes; a larger wanted file is a partial diagnostic "too-large" */
    uint64_t memory_limit;    /* bytes of files in memory at once; a larger file is read while no other is.
                               * Buffers that    are kept for the next file may add an eighth */
    uint64_t timeout_ms;      /* of the whole run */
    uint64_t file_timeout_ms; /* of one file */
    fps__pool_wants wants;
    fps__pool_analyse analyse;
    bool (*cancelled)(void *user); /* true to stop; asked between entries from the calling thread */
    fps__diagnostic_callback
        diagnostic; /* from any thread, one call at a time; also gets those of the walk while it runs */
    void (*progress)(void *user, const fps_scan_progress *progress); /* from the calling thread */
    void *progress_user;
    void *user;
} fps__pool_options;

/* Drains `source` through the workers. Returns when every file is done, or the timeout has passed: each file
 * that waits and is not looked at is then a partial diagnostic "timeout", and one without a path says that
 * the walk was stopped. Other diagnostics: partial "unreadable", "too-large", "out-of-memory",
 * "changed-while-read"; note "vanished". FPS_ERROR_MEMORY, FPS_ERROR_IO (no thread could be made),
 * FPS_ERROR_CANCELLED. */
fps_status fps__pool_run(fps__source *source, const fps__pool_options *options, fps_error *error);

#endif
