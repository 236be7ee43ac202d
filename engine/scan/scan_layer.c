/* Reading one layer, or a plain tar: its wanted files go to the workers, its package databases are kept. */
#include "scan/scan_layer.h"

#include "scan/file_kind.h"
#include "scan/linked_places.h"
#include "source/source_glob.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One layer while it is read. */
typedef struct reading {
    fps__scan_run *run;
    fps__workers *workers;
    fps__stream *stream;
    uint32_t index;
    uint64_t before, total; /* bytes of blobs that were gone through before, and of all */
    unsigned kind;          /* of the entry that `wants` was asked about last: its bytes come next */
} reading;

static unsigned wants(void *user, const fps__layer_entry *entry, fps__span head)
{
    reading *r = user;
    const fps_scan_options *options = &r->run->scan->options;
    unsigned wanted = options->verify_digests ? FPS__WANT_DIGESTS : 0;
    r->kind = fps__scan_file_kind(r->run, entry->path, entry->size, head);
    if (fps__inventory_wants(entry->path, entry->size) &&
        fps__scan_may_capture(r->run, entry->path, entry->size))
        r->kind |= FPS__FILE_PACKAGES;
    if (!r->kind)
        return wanted;
    if (!(r->kind & FPS__FILE_PACKAGES) && fps__scan_may_be_preallocated(r->run, entry->size, head)) {
        fps__scan_add_diagnostic(r->run, FPS_DIAGNOSTIC_NOTE, "preallocated-file", entry->path,
                                 "a large file that begins with a page of one byte was passed over");
        return wanted | FPS__WANT_PADDING;
    }
    uint64_t limit = fps__scan_file_limit(r->run);
    if (entry->size > limit) {
        char message[128];
        snprintf(message, sizeof message, "not looked at: %llu bytes are more than the limit of %llu%s",
                 (unsigned long long)entry->size, (unsigned long long)limit,
                 limit < options->file_limit ? "; raise --memory" : "");
        fps__scan_add_diagnostic(r->run, FPS_DIAGNOSTIC_PARTIAL, "too-large", entry->path, message);
        return wanted;
    }
    return fps__workers_reserve(r->workers, entry->size) ? wanted | FPS__WANT_BYTES : wanted;
}

static bool capture(fps__layer *layer, const fps__layer_entry *entry, fps__span bytes)
{
    fps__content *content = &layer->contents.items[entry->content];
    uint8_t *copy = fps__arena_alloc(&layer->arena, bytes.size + 1);
    if (!copy)
        return false;
    if (bytes.size)
        memcpy(copy, bytes.data, bytes.size);
    content->captured = (fps__span){copy, bytes.size};
    content->flags |= FPS__CONTENT_CAPTURED;
    return true;
}

static fps_status take_bytes(void *user, fps__layer *layer, const fps__layer_entry *entry,
                             fps__source_content *content)
{
    reading *r = user;
    fps_status status = FPS_OK;
    if ((r->kind & FPS__FILE_PACKAGES) && !capture(layer, entry, content->bytes))
        status = FPS_ERROR_MEMORY;
    if (status == FPS_OK && (r->kind & FPS__FILE_ANALYSED)) {
        fps__source_entry file = {.path = strdup(entry->path),
                                  .size = entry->size,
                                  .mode = entry->mode,
                                  .tag = (uint64_t)r->index << 32 | entry->content,
                                  .kind = r->kind};
        if (file.path) {
            fps__workers_push(r->workers, &file, content);
            return FPS_OK;
        }
        status = FPS_ERROR_MEMORY;
    }
    fps__workers_unreserve(r->workers, entry->size);
    return status;
}

static void take_loss(void *user, const fps__layer_entry *entry)
{
    reading *r = user;
    fps__workers_unreserve(r->workers, entry->size);
}

static bool is_interrupted(void *user)
{
    reading *r = user;
    fps__workers_progress(r->workers, r->before + fps__stream_packed(r->stream), r->total);
    return fps__workers_stopping(r->workers);
}

fps_status fps__scan_read_layer(fps__scan_run *run, fps__workers *workers, fps__stream *stream,
                                const fps__scan_layer_place *place, fps_error *error)
{
    reading r = {.run = run,
                 .workers = workers,
                 .stream = stream,
                 .index = place->index,
                 .before = place->before,
                 .total = place->total};
    const fps_scan_options *options = &run->scan->options;
    fps__layer_visitor visitor = {&r, wants, take_bytes, take_loss, is_interrupted};
    fps__layer_options layer_options = {.whiteouts = place->whiteouts,
                                        .windows = place->windows,
                                        .memory = fps__quota_left(&run->names_left),
                                        .file_limit = options->file_limit,
                                        .skip_dirs = options->skip_dirs,
                                        .skip_files = options->skip_files};
    fps__layer *layer = &run->layers[place->index];
    if (!layer_options.memory) /* 0 means the default */
        return fps__fail(
            error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
            "the names of the layers before it use all the memory that names may use; raise --memory");
    fps_status status = fps__layer_read(layer, stream, &layer_options, &visitor, error);
    uint64_t used = fps__layer_memory(layer), left = fps__quota_left(&run->names_left);
    fps__quota_take(&run->names_left, used < left ? used : left);
    return status;
}

bool fps__scan_tell_layer(fps__scan_run *run, uint32_t index)
{
    const fps__layer *layer = &run->layers[index];
    bool whole = true;
    for (size_t i = 0; i < layer->diagnostics.count; i++) {
        char message[512];
        fps_diagnostic told = layer->diagnostics.items[i];
        whole &= told.level != FPS_DIAGNOSTIC_PARTIAL || strcmp(told.code, "trailing-data") == 0;
        if (run->result->info.image) {
            snprintf(message, sizeof message, "layer %u: %s", index, told.message);
            told.message = message;
        }
        fps__scan_diagnose(run, &told);
    }
    run->incomplete |= !whole;
    return whole;
}

/* ---- package databases behind links, and files that patterns leave out under one of their names alone ---- */

/* Contents of the layers that are wanted though nobody knew it when the layers were read. */
typedef struct second_reading {
    fps__scan_run *run;
    uint8_t **wanted; /* by layer: a byte for each content; NULL: none of it */
    unsigned kind;    /* of the entry that `wants` was asked about last */
    uint32_t index;   /* of the layer that is read once more, entry by entry the same */
    uint64_t deadline_ms;
    bool no_memory;
} second_reading;

/* The content that a node stands for, NULL for none; its place in *layer and *content. */
static const fps__content *content_at(const second_reading *s, uint32_t node, uint32_t *layer,
                                      uint32_t *content)
{
    fps__tree_node found;
    fps__tree_content place;
    if (!fps__tree_get(s->run->names, node, &found) ||
        !fps__tree_get_content(s->run->names, found.content, &place) || place.layer >= s->run->layer_count)
        return NULL;
    *layer = s->run->same_as ? s->run->same_as[place.layer] : place.layer;
    *content = place.content;
    return *content < s->run->layers[*layer].contents.count ? &s->run->layers[*layer].contents.items[*content]
                                                            : NULL;
}

static bool want(second_reading *s, uint32_t layer, uint32_t content)
{
    uint8_t **wanted = &s->wanted[layer];
    if (!*wanted)
        *wanted = calloc(s->run->layers[layer].contents.count, 1);
    s->no_memory |= !*wanted;
    if (*wanted)
        (*wanted)[content] = 1;
    return *wanted;
}

static bool want_content(void *user, const char *path, uint32_t node)
{
    second_reading *s = user;
    uint32_t layer, content;
    const fps__content *found = content_at(s, node, &layer, &content);
    if (!found || (found->flags & FPS__CONTENT_CAPTURED) || (s->wanted[layer] && s->wanted[layer][content]) ||
        !fps__scan_may_capture(s->run, path, found->size))
        return true;
    return want(s, layer, content);
}

/* Wants what was left out under the name of its entry and has another name that the patterns leave in. */
static fps_status want_named(second_reading *s, fps_error *error)
{
    const fps_scan_options *options = &s->run->scan->options;
    fps__globs files = {NULL, 0}, folders = {NULL, 0};
    char *path = malloc(1 << 16), *scratch = malloc(1 << 16);
    fps_status status =
        path && scratch ? fps__globs_init(&files, options->skip_files, error) : FPS_ERROR_MEMORY;
    if (status == FPS_OK)
        status = fps__globs_init(&folders, options->skip_dirs, error);
    for (uint32_t i = 0; status == FPS_OK && i < fps__tree_count(s->run->names); i++) {
        uint32_t layer, content;
        const fps__content *found = content_at(s, i, &layer, &content);
        if (found && (found->flags & FPS__CONTENT_SKIPPED) &&
            fps__tree_path(s->run->names, i, path, 1 << 16) &&
            !fps__globs_skip(&files, &folders, path, scratch) && !want(s, layer, content))
            status = FPS_ERROR_MEMORY;
    }
    fps__globs_free(&files);
    fps__globs_free(&folders);
    free(path);
    free(scratch);
    return status == FPS_ERROR_MEMORY ? fps__fail_memory(error) : status;
}

static unsigned want_again(void *user, const fps__layer_entry *entry, fps__span head)
{
    second_reading *s = user;
    const fps__layer *layer = &s->run->layers[s->index];
    if (entry->content >= layer->contents.count || !s->wanted[s->index][entry->content] ||
        layer->contents.items[entry->content].size != entry->size)
        return 0;
    if (!(layer->contents.items[entry->content].flags & FPS__CONTENT_SKIPPED))
        return FPS__WANT_BYTES;
    s->kind = fps__scan_file_kind(s->run, entry->path, entry->size, head) & FPS__FILE_ANALYSED;
    bool fits = entry->size <= fps__scan_file_limit(s->run);
    if (s->kind && !fits)
        fps__scan_add_diagnostic(s->run, FPS_DIAGNOSTIC_PARTIAL, "too-large", entry->path,
                                 "not looked at: larger than the limit");
    if (!s->kind || !fits)
        s->wanted[s->index][entry->content] = 0;
    return s->kind && fits ? FPS__WANT_BYTES : 0;
}

static fps_status take_again(void *user, fps__layer *again, const fps__layer_entry *entry,
                             fps__source_content *content)
{
    second_reading *s = user;
    fps__layer *layer = &s->run->layers[s->index];
    (void)again;
    s->wanted[s->index][entry->content] = 0;
    if (layer->contents.items[entry->content].flags & FPS__CONTENT_SKIPPED) {
        const fps__source_entry file = {.path = (char *)(uintptr_t)entry->path, /* the analysis copies it */
                                        .size = entry->size,
                                        .mode = entry->mode,
                                        .tag = (uint64_t)s->index << 32 | entry->content,
                                        .kind = s->kind};
        fps__scan_analyse(s->run, 0, &file, content, s->deadline_ms);
        return FPS_OK;
    }
    return capture(layer, entry, content->bytes) ? FPS_OK : FPS_ERROR_MEMORY;
}

static bool is_late(void *user)
{
    second_reading *s = user;
    return fps__deadline_passed(s->deadline_ms);
}

/* Reads layer s->index once more for what is wanted of it, and says what could not be had. */
static void read_again(second_reading *s, const fps__scan_reopen *reopen)
{
    fps__stream *stream = NULL;
    fps_error reason = {.message = ""};
    fps__layer layer = {0};
    const fps_scan_options *options = &s->run->scan->options;
    fps__layer_visitor visitor = {s, want_again, take_again, NULL, is_late};
    fps__layer_options layer_options = {.whiteouts = reopen->whiteouts,
                                        .windows = reopen->windows,
                                        .memory = fps__scan_names_memory(s->run),
                                        .file_limit = options->file_limit};
    fps_status status = reopen->open(reopen->user, s->index, &stream, &reason);
    if (status == FPS_OK) {
        status = fps__layer_read(&layer, stream, &layer_options, &visitor, &reason);
        reopen->close(reopen->user, s->index, stream);
    }
    s->no_memory |= status == FPS_ERROR_MEMORY;
    for (size_t i = 0; i < s->run->layers[s->index].entries.count; i++) {
        const fps__layer_entry *entry = &s->run->layers[s->index].entries.items[i];
        if (entry->content != FPS__NO_CONTENT && s->wanted[s->index][entry->content])
            fps__scan_add_diagnostic(
                s->run, FPS_DIAGNOSTIC_PARTIAL, "broken-package-database", entry->path,
                "a package database behind a link, or a file of another name, could not be "
                "read");
    }
    fps__layer_free(&layer);
}

static fps_status read_again_where_wanted(fps__scan_run *run, const fps__scan_reopen *reopen,
                                          fps_error *error)
{
    second_reading s = {.run = run,
                        .wanted = calloc((size_t)run->layer_count + 1, sizeof *s.wanted),
                        .deadline_ms = run->deadline_ms};
    if (!s.wanted)
        return fps__fail_memory(error);
    const fps_scan_options *options = &run->scan->options;
    s.no_memory = !fps__find_linked_files(run->names, want_content, &s);
    fps_status status = options->skip_dirs || options->skip_files ? want_named(&s, error) : FPS_OK;
    for (s.index = 0; status == FPS_OK && !s.no_memory && s.index < run->layer_count; s.index++)
        if (s.wanted[s.index])
            read_again(&s, reopen);
    for (uint32_t i = 0; i < run->layer_count; i++)
        free(s.wanted[i]);
    free(s.wanted);
    return s.no_memory ? fps__fail_memory(error) : status;
}

fps_status fps__scan_merge(fps__scan_run *run, const fps__scan_reopen *reopen, fps_error *error)
{
    fps_status status = fps__tree_create(&run->names, 0, error);
    if (status == FPS_OK)
        fps__tree_set_limits(run->names, fps__scan_names_memory(run), run->deadline_ms);
    for (uint32_t i = 0; status == FPS_OK && i < run->layer_count; i++)
        status = fps__tree_apply(run->names, &run->layers[i], i, fps__scan_diagnose_run, run, error);
    if (status == FPS_OK)
        status = read_again_where_wanted(run, reopen, error);
    if (status != FPS_ERROR_LIMIT)
        return status;
    fps__tree_free(run->names);
    run->names = NULL;
    if (fps__deadline_passed(run->deadline_ms))
        fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_PARTIAL, "timeout", NULL,
                                 "the time for the scan ran out before the layers were merged");
    else
        fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_PARTIAL, "too-many-names", NULL,
                                 "more names than are kept: the layers were looked at, but not merged");
    return FPS_OK;
}
