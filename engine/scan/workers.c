/* The worker pool of a scan: files go to workers, largest first within a bounded window, and results come
 * back in any order.
 *
 * Entries change hands in batches, so that a tree of small files does not spend its time on wake-ups. One
 * lock guards what waits and the counters, one the memory budget, one keeps diagnostics apart; none is taken
 * while another is held.
 */
#include "scan/workers.h"

#include "scan/budget.h"
#include "util/clock.h"
#include "util/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    PUSH_BATCH = 64,                  /* entries that the walk hands over at once */
    PUSH_DELAY_MS = 10,               /* or what there is after that time */
    TAKE_BATCH = 16,                  /* files that a worker takes at once */
    TAKE_BYTES = 128 * 1024,          /* while they are not larger than this together */
    WAITING_BYTES = 64 * 1024 * 1024, /* of entries that wait, names included */
    KEPT_BYTES = 32 * 1024 * 1024,    /* a worker's buffer above this is given back after each file */
    KEPT_SHARE = 8,                   /* and all buffers that are kept are at most this part of the budget */
    TICK_MS = 10,                     /* between two looks for a reason to stop */
};

typedef enum stop_reason { STOP_NOT = 0, STOP_TIMEOUT, STOP_INTERRUPTED, STOP_CANCELLED } stop_reason;

/* A file that waits, with its bytes when they are there. */
struct item {
    fps__source_entry entry;
    fps__source_content content;
    bool loaded;
};

struct fps__workers {
    const fps__workers_options *options;
    fps__source *source;
    fps__source_options before; /* the source's own callbacks, put back at the end */
    pthread_mutex_t lock;       /* guards what follows, down to `path` */
    pthread_cond_t filled,
        emptied;          /* there is work, or none will come; there is room, or a worker has left */
    struct item *waiting; /* heap of FPS__WORKERS_WINDOW, the largest first */
    size_t waiting_count, waiting_bytes;
    bool walked;                   /* nothing will be added */
    unsigned idle, running, busy;  /* workers */
    uint64_t produced, to_produce; /* bytes of a producer */
    unsigned layer, layers;        /* of a producer */
    uint64_t files_done, bytes_done, files_queued, bytes_queued;
    char path[1024]; /* of a file that is being looked at, "" for none */
    atomic_int stop; /* stop_reason */
    fps__budget memory;
    pthread_mutex_t diagnostic_lock;
    uint64_t kept_bytes;                          /* by each worker between two files */
    uint64_t deadline_ms, ticked_ms, progress_ms; /* of the calling thread */
};

struct worker {
    fps__workers *pool;
    unsigned number;
    pthread_t thread;
    fps__source_content content;
};

struct batch {
    struct item items[PUSH_BATCH];
    size_t count;
};

static bool is_stopped(fps__workers *pool)
{
    return atomic_load_explicit(&pool->stop, memory_order_relaxed) != STOP_NOT;
}

/* Diagnostics, of workers and of the walk alike. */

static void forward(void *user, const fps_diagnostic *diagnostic)
{
    fps__workers *pool = user;
    pthread_mutex_lock(&pool->diagnostic_lock);
    if (pool->options->diagnostic)
        pool->options->diagnostic(pool->options->user, diagnostic);
    else if (pool->before.diagnostic)
        pool->before.diagnostic(pool->before.user, diagnostic);
    pthread_mutex_unlock(&pool->diagnostic_lock);
}

static void report(fps__workers *pool, fps_diagnostic_level level, const char *code, const char *path,
                   const char *message)
{
    forward(pool, &(fps_diagnostic){level, code, path, UINT64_MAX, message});
}

static void report_failure(fps__workers *pool, fps_status status, const char *path, const fps_error *error)
{
    if (status == FPS_ERROR_NOT_FOUND)
        report(pool, FPS_DIAGNOSTIC_NOTE, "vanished", path, error->message);
    else
        report(pool, FPS_DIAGNOSTIC_PARTIAL,
               status == FPS_ERROR_LIMIT    ? "timeout"
               : status == FPS_ERROR_MEMORY ? "out-of-memory"
                                            : "unreadable",
               path, error->message);
}

static void item_free(fps__workers *pool, struct item *item)
{
    if (item->loaded) {
        fps__source_release(&item->content);
        fps__budget_give(&pool->memory, item->entry.size);
    }
    fps__source_entry_free(&item->entry);
}

/* Says that a file was never looked at, when the run ended before it. */
static void report_left_out(fps__workers *pool, const char *path)
{
    int reason = atomic_load_explicit(&pool->stop, memory_order_relaxed);
    if (reason == STOP_TIMEOUT)
        report(pool, FPS_DIAGNOSTIC_PARTIAL, "timeout", path, "not looked at: the time for the scan ran out");
    else if (reason == STOP_INTERRUPTED)
        report(pool, FPS_DIAGNOSTIC_PARTIAL, "interrupted", path, "not looked at: the scan was interrupted");
}

static void give_up(fps__workers *pool, struct item *item)
{
    report_left_out(pool, item->entry.path);
    item_free(pool, item);
}

/* The budget. */

/* Waits until `size` bytes may be used. False when the run stops first. */
static bool reserve(fps__workers *pool, uint64_t size, void (*wait)(void *user))
{
    fps__budget_take(&pool->memory, size, wait, pool);
    if (!is_stopped(pool))
        return true;
    fps__budget_give(&pool->memory, size);
    return false;
}

static void give_back(fps__workers *pool, uint64_t size)
{
    fps__budget_give(&pool->memory, size);
}

/* What waits. */

static size_t entry_memory(const fps__source_entry *entry)
{
    size_t bytes = sizeof *entry + strlen(entry->path);
    for (size_t i = 0; i < entry->link_count; i++)
        bytes += sizeof *entry->links + strlen(entry->links[i]);
    return bytes;
}

static void heap_push(fps__workers *pool, const struct item *item)
{
    size_t at = pool->waiting_count++;
    while (at && pool->waiting[(at - 1) / 2].entry.size < item->entry.size) {
        pool->waiting[at] = pool->waiting[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    pool->waiting[at] = *item;
    pool->waiting_bytes += entry_memory(&item->entry);
}

static void heap_pop(fps__workers *pool, struct item *item)
{
    *item = pool->waiting[0];
    struct item last = pool->waiting[--pool->waiting_count];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < pool->waiting_count) {
        if (child + 1 < pool->waiting_count &&
            pool->waiting[child + 1].entry.size > pool->waiting[child].entry.size)
            child++;
        if (pool->waiting[child].entry.size <= last.entry.size)
            break;
        pool->waiting[at] = pool->waiting[child];
        at = child;
    }
    pool->waiting[at] = last;
    pool->waiting_bytes -= entry_memory(&item->entry);
}

/* Workers. */

/* Takes the largest file, or several small ones; 0 when there is nothing left to do. */
static size_t take(fps__workers *pool, struct item *taken)
{
    size_t count = 0;
    uint64_t bytes = 0;
    pthread_mutex_lock(&pool->lock);
    while (!pool->waiting_count && !pool->walked && !is_stopped(pool)) {
        pool->idle++;
        pthread_cond_wait(&pool->filled, &pool->lock);
        pool->idle--;
    }
    while (!is_stopped(pool) && count < TAKE_BATCH && pool->waiting_count && (!count || bytes < TAKE_BYTES)) {
        heap_pop(pool, &taken[count]);
        bytes += taken[count++].entry.size;
    }
    pool->busy += count > 0;
    if (count && pool->options->progress)
        snprintf(pool->path, sizeof pool->path, "%s", taken[0].entry.path);
    pthread_cond_signal(&pool->emptied);
    pthread_mutex_unlock(&pool->lock);
    return count;
}

static uint64_t file_deadline(const fps__workers *pool)
{
    return fps__deadline_earlier(pool->deadline_ms, fps__deadline_after(pool->options->file_timeout_ms));
}

static void report_change(fps__workers *pool, const fps__source_entry *entry)
{
    report(pool, FPS_DIAGNOSTIC_PARTIAL, "changed-while-read", entry->path,
           "the file's size changed during the scan; what was there was looked at");
}

/* True when a file's first bytes went away since it was listed: nobody knows what it was. */
static bool lost_its_head(const fps__source_entry *entry, const fps__source_file *file)
{
    return file->head_size < FPS__SOURCE_HEAD && file->head_size < entry->size;
}

/* Reads what is left of a wanted file and has it analysed. */
static void read_and_analyse(struct worker *worker, fps__source_file *file)
{
    fps_error error;
    fps__workers *pool = worker->pool;
    uint64_t size = file->size;
    const fps__source_entry *entry = file->entry;
    if (!reserve(pool, size, NULL)) {
        report_left_out(pool, entry->path);
        return;
    }
    uint64_t deadline = file_deadline(pool); /* from here on: the wait for memory is not the file's fault */
    fps_status status = fps__source_file_read(file, deadline, &worker->content, &error);
    fps__source_file_close(file);
    if (status != FPS_OK) {
        report_failure(pool, status, entry->path, &error);
    } else {
        if (worker->content.changed)
            report_change(pool, entry);
        pool->options->analyse(pool->options->user, worker->number, entry, &worker->content, deadline);
    }
    if (worker->content.capacity > pool->kept_bytes)
        fps__source_release(&worker->content);
    give_back(pool, size);
}

static void look_at_loaded(struct worker *worker, const struct item *item)
{
    fps__workers *pool = worker->pool;
    pool->options->analyse(pool->options->user, worker->number, &item->entry, &item->content,
                           file_deadline(pool));
}

static void look_at(struct worker *worker, fps__source_entry *entry)
{
    fps_error error;
    fps__source_file file;
    const fps__workers_options *options = worker->pool->options;
    fps_status status = fps__source_file_open(worker->pool->source, entry, &file, &error);
    if (status != FPS_OK) {
        report_failure(worker->pool, status, entry->path, &error);
        return;
    }
    if (options->wants)
        entry->kind = options->wants(options->user, entry, (fps__span){file.head, file.head_size});
    uint64_t limit = options->file_limit_now ? options->file_limit_now(options->user) : options->file_limit;
    if (options->wants && !entry->kind) {
        if (lost_its_head(entry, &file))
            report_change(worker->pool, entry);
    } else if (options->passed_over &&
               options->passed_over(options->user, &file, file_deadline(worker->pool))) {
        /* there is a remark */
    } else if (limit && file.size > limit) {
        char message[128];
        snprintf(message, sizeof message, "not looked at: %llu bytes are more than the limit of %llu%s",
                 (unsigned long long)file.size, (unsigned long long)limit,
                 limit < options->file_limit ? "; raise --memory" : "");
        report(worker->pool, FPS_DIAGNOSTIC_PARTIAL, "too-large", entry->path, message);
    } else if (!options->try_cached || !options->try_cached(options->user, worker->number, entry, &file)) {
        read_and_analyse(worker, &file);
    }
    fps__source_file_close(&file);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    fps__workers *pool = worker->pool;
    struct item taken[TAKE_BATCH];
    size_t count;
    while ((count = take(pool, taken))) {
        uint64_t bytes = 0, done = 0;
        for (size_t i = 0; i < count; i++) {
            if (is_stopped(pool)) {
                give_up(pool, &taken[i]);
                continue;
            }
            if (taken[i].loaded)
                look_at_loaded(worker, &taken[i]);
            else
                look_at(worker, &taken[i].entry);
            bytes += taken[i].entry.size;
            done++;
            item_free(pool, &taken[i]);
        }
        pthread_mutex_lock(&pool->lock);
        pool->files_done += done;
        pool->bytes_done += bytes;
        pool->busy--;
        pthread_cond_signal(&pool->emptied);
        pthread_mutex_unlock(&pool->lock);
    }
    fps__source_release(&worker->content);
    pthread_mutex_lock(&pool->lock);
    pool->running--;
    pthread_cond_signal(&pool->emptied);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* The calling thread. */

static void show_progress(fps__workers *pool)
{
    fps__source_counts counts = {0};
    char path[sizeof pool->path];
    if (pool->source)
        fps__source_counts_get(pool->source, &counts);
    pthread_mutex_lock(&pool->lock);
    fps_scan_progress progress = {.entries_seen = counts.entries,
                                  .files_done = pool->files_done,
                                  .bytes_done = pool->bytes_done,
                                  .files_queued = pool->files_queued,
                                  .bytes_queued = pool->bytes_queued,
                                  .walk_finished = pool->walked,
                                  .packed_done = pool->produced,
                                  .packed_total = pool->to_produce,
                                  .layer = pool->layer,
                                  .layers = pool->layers,
                                  .path = pool->path[0] ? path : NULL};
    memcpy(path, pool->path, sizeof path);
    pthread_mutex_unlock(&pool->lock);
    pool->options->progress(pool->options->progress_user, &progress);
}

/* Looks at the clock and at the caller's wishes; no lock is held. Returns the time. */
static uint64_t tick(fps__workers *pool)
{
    uint64_t now = fps__clock_ms();
    if (now < pool->ticked_ms + TICK_MS)
        return now;
    pool->ticked_ms = now;
    stop_reason reason = STOP_NOT;
    if (pool->options->cancelled && pool->options->cancelled(pool->options->user))
        reason = STOP_CANCELLED;
    else if (pool->options->interrupted && pool->options->interrupted(pool->options->progress_user))
        reason = STOP_INTERRUPTED;
    else if (pool->deadline_ms && now >= pool->deadline_ms)
        reason = STOP_TIMEOUT;
    if (reason != STOP_NOT && !is_stopped(pool)) {
        pthread_mutex_lock(&pool->lock);
        atomic_store(&pool->stop, (int)reason);
        pthread_cond_broadcast(&pool->filled);
        pthread_mutex_unlock(&pool->lock);
    }
    if (pool->options->progress && now >= pool->progress_ms + FPS__PROGRESS_INTERVAL_MS) {
        pool->progress_ms = now;
        show_progress(pool);
    }
    return now;
}

static void tick_only(void *user)
{
    tick(user);
}

/* Waits for `emptied`, but not for long; the lock is held, and let go for a tick. */
static void wait_a_little(fps__workers *pool)
{
    struct timespec until = fps__clock_after(FPS__PROGRESS_INTERVAL_MS / 2);
    pthread_cond_timedwait(&pool->emptied, &pool->lock, &until);
    pthread_mutex_unlock(&pool->lock);
    tick(pool);
    pthread_mutex_lock(&pool->lock);
}

/* Asked by the walk between names, which may be many before there is a file. */
static bool is_interrupted(void *user)
{
    fps__workers *pool = user;
    tick(pool);
    return is_stopped(pool) || (pool->before.interrupted && pool->before.interrupted(pool->before.user));
}

static void push(fps__workers *pool, struct batch *batch)
{
    size_t next = 0;
    pthread_mutex_lock(&pool->lock);
    while (next < batch->count && !is_stopped(pool)) {
        if (pool->waiting_count == FPS__WORKERS_WINDOW || pool->waiting_bytes > WAITING_BYTES) {
            wait_a_little(pool);
            continue;
        }
        heap_push(pool, &batch->items[next]);
        pool->files_queued++;
        pool->bytes_queued += batch->items[next++].entry.size;
        if (pool->idle)
            pthread_cond_signal(&pool->filled);
    }
    pthread_mutex_unlock(&pool->lock);
    for (; next < batch->count; next++)
        give_up(pool, &batch->items[next]);
    batch->count = 0;
}

bool fps__workers_reserve(fps__workers *pool, uint64_t size)
{
    return reserve(pool, size, tick_only);
}

void fps__workers_unreserve(fps__workers *pool, uint64_t size)
{
    give_back(pool, size);
}

void fps__workers_push(fps__workers *pool, fps__source_entry *entry, fps__source_content *content)
{
    struct batch batch = {.count = 1};
    batch.items[0] = (struct item){.entry = *entry, .loaded = content != NULL};
    if (content) {
        batch.items[0].content = *content;
        *content = (fps__source_content){.capacity = 0};
    }
    *entry = (fps__source_entry){0};
    push(pool, &batch);
    tick(pool);
}

bool fps__workers_stopping(fps__workers *pool)
{
    tick(pool);
    return is_stopped(pool);
}

void fps__workers_progress(fps__workers *pool, uint64_t done, uint64_t total)
{
    pthread_mutex_lock(&pool->lock);
    pool->produced = done;
    pool->to_produce = total;
    pthread_mutex_unlock(&pool->lock);
}

void fps__workers_layer(fps__workers *pool, unsigned layer, unsigned layers)
{
    pthread_mutex_lock(&pool->lock);
    pool->layer = layer;
    pool->layers = layers;
    pthread_mutex_unlock(&pool->lock);
}

void fps__workers_drain(fps__workers *pool)
{
    pthread_mutex_lock(&pool->lock);
    while ((pool->waiting_count || pool->busy) && pool->running && !is_stopped(pool))
        wait_a_little(pool);
    pthread_mutex_unlock(&pool->lock);
}

static void say_walked(fps__workers *pool)
{
    int reason = atomic_load(&pool->stop);
    if (reason == STOP_TIMEOUT)
        report(pool, FPS_DIAGNOSTIC_PARTIAL, "timeout", NULL,
               "the time for the scan ran out before all files were seen");
    else if (reason == STOP_INTERRUPTED)
        report(pool, FPS_DIAGNOSTIC_PARTIAL, "interrupted", NULL,
               "the scan was interrupted before all files were seen");
    pthread_mutex_lock(&pool->lock);
    pool->walked = true;
    pthread_cond_broadcast(&pool->filled);
    pthread_mutex_unlock(&pool->lock);
}

/* The caller's own producer, in the place of the walk. */
static fps_status produce(fps__workers *pool, fps_error *error)
{
    fps_status status = pool->options->produce(pool->options->produce_user, pool, error);
    if (status == FPS_ERROR_CANCELLED && is_stopped(pool))
        status = FPS_OK; /* the caller sees why */
    say_walked(pool);
    return status;
}

static fps_status walk(fps__workers *pool, fps_error *error)
{
    struct batch batch = {.count = 0};
    fps_status status = FPS_OK;
    uint64_t pushed = fps__clock_ms();
    while (!is_stopped(pool)) {
        batch.items[batch.count] = (struct item){.loaded = false};
        status = fps__source_next(pool->source, &batch.items[batch.count].entry, error);
        if (status != FPS_OK)
            break;
        uint64_t now = tick(pool);
        if (++batch.count < PUSH_BATCH && now < pushed + PUSH_DELAY_MS)
            continue;
        push(pool, &batch);
        pushed = now;
    }
    push(pool, &batch);
    if (status == FPS_ERROR_CANCELLED && is_stopped(pool))
        status = FPS_OK; /* the caller of walk() sees why */
    say_walked(pool);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static void wait_for_workers(fps__workers *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->running)
        wait_a_little(pool);
    pthread_mutex_unlock(&pool->lock);
}

static fps_status run(fps__workers *pool, struct worker *workers, unsigned wanted, fps_error *error)
{
    unsigned made = 0;
    int failure = 0;
    pool->running = wanted;
    for (; made < wanted && !failure; made += !failure) {
        workers[made] = (struct worker){.pool = pool, .number = made};
        failure = pthread_create(&workers[made].thread, NULL, work, &workers[made]);
    }
    if (!made)
        return fps__fail_io(error, NULL, failure, "cannot start a thread");
    pthread_mutex_lock(&pool->lock);
    pool->running -= wanted - made;
    pthread_mutex_unlock(&pool->lock);
    fps_status status = pool->options->produce ? produce(pool, error) : walk(pool, error);
    wait_for_workers(pool);
    for (unsigned i = 0; i < made; i++)
        pthread_join(workers[i].thread, NULL);
    while (pool->waiting_count) {
        struct item item;
        heap_pop(pool, &item);
        give_up(pool, &item);
    }
    if (pool->options->progress)
        show_progress(pool);
    if (status == FPS_OK && atomic_load(&pool->stop) == STOP_CANCELLED)
        status = fps__fail(error, FPS_ERROR_CANCELLED, NULL, UINT64_MAX, "the scan was cancelled");
    return status;
}

static void init_locks(fps__workers *pool)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    fps__budget_init(&pool->memory, pool->options->memory_limit);
    pthread_mutex_init(&pool->diagnostic_lock, NULL);
    pthread_cond_init(&pool->filled, NULL);
    pthread_cond_init(&pool->emptied, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void destroy_locks(fps__workers *pool)
{
    pthread_mutex_destroy(&pool->lock);
    fps__budget_destroy(&pool->memory);
    pthread_mutex_destroy(&pool->diagnostic_lock);
    pthread_cond_destroy(&pool->filled);
    pthread_cond_destroy(&pool->emptied);
}

static uint64_t kept_bytes(uint64_t memory_limit, unsigned workers)
{
    uint64_t share = memory_limit / KEPT_SHARE / workers;
    return memory_limit && share < KEPT_BYTES ? share : KEPT_BYTES;
}

fps_status fps__workers_run(fps__source *source, const fps__workers_options *options, fps_error *error)
{
    unsigned wanted = options->workers ? options->workers : 1;
    wanted = wanted < FPS__MAX_WORKERS ? wanted : FPS__MAX_WORKERS;
    uint64_t start = fps__clock_ms();
    struct fps__workers pool = {.options = options,
                                .source = source,
                                .waiting = malloc(FPS__WORKERS_WINDOW * sizeof(struct item)),
                                .kept_bytes = kept_bytes(options->memory_limit, wanted),
                                .deadline_ms = options->deadline_ms,
                                .progress_ms = start};
    struct worker *workers = calloc(wanted, sizeof *workers);
    fps__source_options callbacks = {.diagnostic = forward, .interrupted = is_interrupted, .user = &pool};
    fps_status status;
    if (pool.waiting && workers) {
        init_locks(&pool);
        if (source)
            fps__source_redirect(source, &callbacks, &pool.before);
        status = run(&pool, workers, wanted, error);
        if (source)
            fps__source_redirect(source, &pool.before, NULL);
        destroy_locks(&pool);
    } else {
        status = fps__fail_memory(error);
    }
    free(workers);
    free(pool.waiting);
    return status;
}
