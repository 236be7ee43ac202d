/* Looking at one file: what the cache knows of its bytes, or the object or archive that it is. */
#include "scan/scan_internal.h"

#include "archive/zip_layout.h"
#include "scan/embedded.h"
#include "scan/file_kind.h"

#include <fpscan/object.h>
#include <stdio.h>
#include <stdlib.h>

unsigned fps__scan_file_kind(fps__scan_run *run, const char *path, uint64_t size, fps__span head)
{
    if (run->scan->options.no_archives)
        return fps__file_object_kind(head, false);
    unsigned kind = fps__file_kind(head);
    const char *container = kind ? NULL : fps__unread_container(head);
    if (container) {
        char message[128];
        snprintf(message, sizeof message, "%s: fpscan cannot look into it", container);
        fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_PARTIAL, "unread-container", path, message);
    }
    return kind || container || !fps__may_hide(head, size) ? kind : FPS__FILE_OPAQUE;
}

bool fps__scan_may_be_preallocated(const fps__scan_run *run, uint64_t size, fps__span head)
{
    return size > run->scan->options.memory_limit / 2 && fps__is_padding(head);
}

bool fps__scan_is_preallocated(void *user, const fps__source_file *file, uint64_t deadline_ms)
{
    fps__scan_run *run = user;
    if (!fps__scan_may_be_preallocated(run, file->size, (fps__span){file->head, file->head_size}) ||
        !fps__source_file_is_padding(file, deadline_ms))
        return false;
    fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_NOTE, "preallocated-file", file->entry->path,
                             "a large file that holds one byte again and again was passed over");
    return true;
}

unsigned fps__scan_wants(void *user, const fps__source_entry *entry, fps__span head)
{
    fps__scan_run *run = user;
    unsigned kind = fps__scan_file_kind(run, entry->path, entry->size, head);
    if (!run->is_directory)
        return kind;
    if (fps__inventory_wants(entry->path, entry->size) &&
        fps__scan_may_capture(run, entry->path, entry->size))
        kind |= FPS__FILE_PACKAGES;
    if (run->scan->options.verify_digests && (kind || entry->size <= run->scan->options.file_limit))
        kind |= FPS__FILE_DIGESTS;
    return kind;
}

bool fps__scan_needs_digests(const fps__scan_run *run, const fps__analysed_file *found)
{
    for (size_t m = 0; run->layers && m < found->count; m++) {
        const fps__analysed *a = &found->members[m].analysed;
        for (size_t i = 0; i < a->count; i++)
            if (a->findings[i].state == FPS_STATE_PRESENT && a->facts[i].role != FPS_COMPONENT_RUNTIME)
                return true;
    }
    return false;
}

/* ---- the cache ---- */

static fps__cache_key key_of(const fps__scan_run *run, const uint8_t id[16])
{
    fps__cache_key key = {.digest = {0}};
    memcpy(key.digest, id, 16);
    memcpy(key.analysis, run->analysis, sizeof key.analysis);
    return key;
}

bool fps__scan_recall(fps__scan_run *run, const uint8_t id[16], fps__arena *arena, fps__analysed_file *found)
{
    fps__span value;
    fps__cache_key key = key_of(run, id);
    return run->cache && fps__cache_get(run->cache, FPS__CACHE_FILE, &key, arena, &value) &&
           fps__analysed_decode(value, arena, found, NULL) == FPS_OK;
}

static void remember(fps__scan_run *run, const uint8_t id[16], const fps__analysed_file *found)
{
    fps__buffer bytes = {NULL, 0, 0};
    fps__cache_key key = key_of(run, id);
    if (run->cache && fps__analysed_encode(found, &bytes))
        fps__cache_put(run->cache, FPS__CACHE_FILE, &key, (fps__span){bytes.items, bytes.count});
    free(bytes.items);
}

void fps__scan_keep_digests(fps__scan_run *run, const uint8_t id[16], fps__span bytes,
                            const fps__digests *digests)
{
    uint8_t now[16];
    fps__arena arena = {NULL, 0, 0};
    fps__analysed_file found;
    if (!run->cache)
        return;
    fps__cache_digest(run->cache, bytes, now);
    if (memcmp(now, id, sizeof now) == 0 && fps__scan_recall(run, id, &arena, &found)) {
        found.has_digests = true;
        found.digests = *digests;
        remember(run, id, &found);
    }
    fps__arena_free(&arena);
}

/* ---- one file of a worker ---- */

/* Takes the answer for these bytes from the cache, or analyses them; a complete answer is kept. */
static bool recall_or_analyse(fps__scan_run *run, fps__scan_worker *worker, unsigned kind, fps__span bytes,
                              uint64_t deadline_ms, fps__scanned *s)
{
    bool incomplete = false, verify = run->scan->options.verify_digests && run->is_directory;
    fps__cache_digest(run->cache, bytes, s->id);
    bool known = fps__scan_recall(run, s->id, &worker->kept, &s->found);
    if (!known && (kind & FPS__FILE_ANALYSED) &&
        !fps__scan_analyse_contents(run, worker, kind, bytes, deadline_ms, &s->found, &incomplete))
        return false;
    bool missing = !s->found.has_digests && (verify || fps__scan_needs_digests(run, &s->found));
    if (missing) {
        s->found.has_digests = fps__digests_compute(bytes, &s->found.digests);
        if (!s->found.has_digests)
            return false;
    }
    if (!incomplete && (!known || missing))
        remember(run, s->id, &s->found);
    return true;
}

/* Names of a file that was walked; those of a layer are known when all layers are merged. */
static bool copy_names(fps__scan_worker *worker, const fps__source_entry *entry, fps__scanned *s)
{
    const char **links = fps__arena_array(&worker->kept, entry->link_count + 1, sizeof *links);
    s->path = fps__arena_string(&worker->kept, entry->path);
    for (size_t i = 0; links && i < entry->link_count; i++)
        if (!(links[i] = fps__arena_string(&worker->kept, entry->links[i])))
            return false;
    s->links = links;
    s->link_count = entry->link_count;
    return s->path && links;
}

static bool capture(fps__scan_run *run, fps__scan_worker *worker, const char *path, fps__span bytes)
{
    fps__inventory_file file = {fps__arena_string(&worker->kept, path), {NULL, bytes.size}};
    uint8_t *copy = fps__arena_alloc(&worker->kept, bytes.size + 1);
    if (!file.path || !copy)
        return false;
    if (bytes.size)
        memcpy(copy, bytes.data, bytes.size);
    file.bytes.data = copy;
    pthread_mutex_lock(&run->lock);
    bool room = FPS__ARRAY_RESERVE(&run->captured, 1, UINT32_MAX) == FPS_OK;
    if (room)
        run->captured.items[run->captured.count++] = file;
    pthread_mutex_unlock(&run->lock);
    return room;
}

static bool put(fps__scan_run *run, const fps__scanned *s)
{
    pthread_mutex_lock(&run->lock);
    bool room = FPS__ARRAY_RESERVE(&run->scanned, 1, UINT32_MAX) == FPS_OK;
    if (room)
        run->scanned.items[run->scanned.count++] = *s;
    pthread_mutex_unlock(&run->lock);
    return room;
}

/* Digest of a file that is read in parts small enough to stay in the processor's cache: a known file costs no
 * memory. */
static bool digest_parts(const fps__scan_run *run, fps__scan_worker *worker, const fps__source_file *file,
                         uint8_t id[16])
{
    /* what begins inside of a page is copied slowly by some processors */
    enum { PAGE = 4096, PART = 64 * PAGE };
    uint64_t done = file->head_size;
    worker->head_buffer = worker->head_buffer ? worker->head_buffer : aligned_alloc(PAGE, PART);
    fps__cache_hash *hash = worker->head_buffer ? fps__cache_hash_create(run->cache) : NULL;
    if (!hash)
        return false;
    fps__cache_hash_add(hash, (fps__span){file->head, file->head_size});
    while (done < file->size) {
        size_t size = file->size - done < PART ? (size_t)(file->size - done) : PART;
        size_t got = fps__source_file_part(file, done, worker->head_buffer, size);
        if (got != size)
            break;
        fps__cache_hash_add(hash, (fps__span){worker->head_buffer, got});
        done += got;
    }
    fps__cache_hash_finish(hash, id);
    return done == file->size;
}

bool fps__scan_try_cached(void *user, unsigned worker_number, const fps__source_entry *entry,
                          const fps__source_file *file)
{
    fps__scan_run *run = user;
    fps__scan_worker *worker = &run->workers[worker_number];
    fps__scanned s = {.layer = FPS__NO_LAYER, .content = FPS__NO_CONTENT};
    if (file->changed || (entry->kind & FPS__FILE_PACKAGES) || !digest_parts(run, worker, file, s.id) ||
        !fps__scan_recall(run, s.id, &worker->kept, &s.found))
        return false;
    if (!s.found.has_digests && run->scan->options.verify_digests)
        return false;
    return copy_names(worker, entry, &s) && put(run, &s);
}

void fps__scan_analyse(void *user, unsigned worker_number, const fps__source_entry *entry,
                       const fps__source_content *content, uint64_t deadline_ms)
{
    fps__scan_run *run = user;
    fps__scan_worker *worker = &run->workers[worker_number];
    fps__scanned s = {.layer = FPS__NO_LAYER, .content = FPS__NO_CONTENT};
    bool good = true;
    if (run->layers) {
        s.layer = (uint32_t)(entry->tag >> 32);
        s.content = (uint32_t)entry->tag;
    } else if (entry->kind & FPS__FILE_PACKAGES) {
        good = capture(run, worker, entry->path, content->bytes);
    }
    if (good && (entry->kind & (FPS__FILE_ANALYSED | FPS__FILE_DIGESTS)))
        good = copy_names(worker, entry, &s) &&
               recall_or_analyse(run, worker, entry->kind, content->bytes, deadline_ms, &s) && put(run, &s);
    if (!good) /* one file that takes too much does not end the scan of the others */
        fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_PARTIAL, "out-of-memory", entry->path,
                                 "not looked at: there is not enough memory");
}
