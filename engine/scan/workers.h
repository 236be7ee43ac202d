/* The worker pool of a scan: files go to workers, largest first within a bounded window, and results come
 * back in any order.
 *
 * The thread that calls fps__workers_run walks the source and calls `progress`; workers open the files, ask
 * `wants` about the first bytes, read what is wanted within one memory budget, and call `analyse`. At most
 * FPS__WORKERS_WINDOW entries wait.
 */
#ifndef FPS_SCAN_WORKERS_H
#define FPS_SCAN_WORKERS_H

#include "source/source.h"

#include <fpscan/scan.h>

enum {
    FPS__MAX_WORKERS = 64,           /* most threads */
    FPS__WORKERS_WINDOW = 4096,      /* entries that may wait, of which the largest goes first */
    FPS__PROGRESS_INTERVAL_MS = 100, /* least time between two calls of `progress` */
};

/* What the file is, 0 when the rest of it is not wanted; `analyse` and `try_cached` find the answer in entry->kind.
 * `head` is its first FPS__SOURCE_HEAD bytes, or all of it. Called from a worker. */
typedef unsigned (*fps__workers_wants)(void *user, const fps__source_entry *entry, fps__span head);

/* Looks at one file. Called from a worker; `worker` is 0 .. workers-1, so that scratch can be kept per
 * worker. `deadline_ms` is on the CLOCK_MONOTONIC scale, 0 for none. `entry` and `content` stay the pool's;
 * take what is needed. */
typedef void (*fps__workers_analyse)(void *user, unsigned worker, const fps__source_entry *entry,
                                     const fps__source_content *content, uint64_t deadline_ms);

typedef struct fps__workers fps__workers; /* while it runs */

/* Zero means: one worker, no limit, no deadline, every file wanted, no callback. `analyse` must be given. */
typedef struct fps__workers_options {
    unsigned workers;    /* threads, at most FPS__MAX_WORKERS */
    uint64_t file_limit; /* bytes; a larger wanted file is a partial diagnostic "too-large" */
    /* The same, asked before each file, where it changes during the run; NULL: `file_limit`. From any thread. */
    uint64_t (*file_limit_now)(void *user);
    /* Bytes of files in memory at once; a larger file is read while no other is. Buffers that are kept for the next
     * file may add an eighth. */
    uint64_t memory_limit;
    /* Asked about a wanted file before it is read as a whole: true when it is passed over, with a remark. Called from a
     * worker; NULL: never. */
    bool (*passed_over)(void *user, const fps__source_file *file, uint64_t deadline_ms);
    uint64_t deadline_ms;     /* of the whole run, on the scale of util/clock.h; 0: none */
    uint64_t file_timeout_ms; /* of one file */
    fps__workers_wants wants;
    /* Asked about a wanted file before it is read as a whole: true when nothing is left to do, as for bytes
     * that are known. Called from a worker; NULL: never. */
    bool (*try_cached)(void *user, unsigned worker, const fps__source_entry *entry,
                       const fps__source_file *file);
    fps__workers_analyse analyse;
    /* Called in the place of a walk, from the calling thread: gives files to the workers by fps__workers_push.
     * Its failure becomes that of the run. NULL: the source is walked. */
    fps_status (*produce)(void *user, fps__workers *pool, fps_error *error);
    void *produce_user;
    bool (*interrupted)(
        void *user); /* with progress_user: true ends the run as the deadline does; asked likewise */
    bool (*cancelled)(void *user); /* true to stop; asked between entries from the calling thread */
    /* From any thread, one call at a time; also gets those of the walk while it runs. */
    fps__diagnostic_callback diagnostic;
    void (*progress)(void *user, const fps_scan_progress *progress); /* from the calling thread */
    void *progress_user;
    void *user;
} fps__workers_options;

/* For `produce`. Waits until `size` bytes may be in memory; false when the run stops (then nothing is held).
 */
bool fps__workers_reserve(fps__workers *pool, uint64_t size);
/* Hands a file over, and waits while too many wait. `entry` is taken in any case. With `content` its bytes
 * are what `analyse` gets: they are taken too, and entry->size bytes that were reserved are given back after
 * it. Without, the file is opened and read as one that was walked. With a memory limit, files with and
 * without bytes must not be mixed: a worker would wait for what the first hold while they wait for it. */
void fps__workers_push(fps__workers *pool, fps__source_entry *entry, fps__source_content *content);
/* Gives back what was reserved for bytes that never came. */
void fps__workers_unreserve(fps__workers *pool, uint64_t size);
/* Shows progress; true when the run is to stop. To be called often. */
bool fps__workers_stopping(fps__workers *pool);
/* Which layer of how many the producer reads now, from 1. */
void fps__workers_layer(fps__workers *pool, unsigned layer, unsigned layers);
/* How many of how many bytes the producer has gone through: the estimate of progress. */
void fps__workers_progress(fps__workers *pool, uint64_t done, uint64_t total);
/* Waits until the workers have done all that was pushed. */
void fps__workers_drain(fps__workers *pool);

/* Drains `source` through the workers. With `produce` the source may be NULL when every file brings its
 * bytes. Returns when every file is done, or the timeout has passed: each file that waits and is not looked
 * at is then a partial diagnostic "timeout", and one without a path says that the walk was stopped. Other
 * diagnostics: partial "unreadable", "too-large", "out-of-memory", "changed-while-read"; note "vanished".
 * FPS_ERROR_MEMORY, FPS_ERROR_IO (no thread could be made), FPS_ERROR_CANCELLED. */
fps_status fps__workers_run(fps__source *source, const fps__workers_options *options, fps_error *error);

#endif
