/* Reads any bytes as the tar of a layer, in blocks of any size, and merges it; the first three bytes choose
 * how.
 *
 * Reaches: fps__layer_read_file, fps__tree_apply
 */
#include "image/tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct feed {
    const uint8_t *data;
    size_t size, step, at;
    uint8_t *block; /* a copy, so that a sanitizer sees reads out of bounds */
    unsigned want;
    uint32_t given, lost;
} feed;

static fps_status next_block(void *user, fps__span *block, fps_error *error)
{
    feed *from = user;
    (void)error;
    free(from->block);
    from->block = NULL;
    size_t left = from->size - from->at, part = left < from->step ? left : from->step;
    if (!part)
        return FPS_ERROR_NOT_FOUND;
    from->block = malloc(part);
    if (!from->block)
        return FPS_ERROR_MEMORY;
    memcpy(from->block, from->data + from->at, part);
    from->at += part;
    *block = (fps__span){from->block, part};
    return FPS_OK;
}

static unsigned wants(void *user, const fps__layer_entry *entry, fps__span head)
{
    const feed *from = user;
    if (head.size != (entry->size < FPS__SOURCE_HEAD ? entry->size : FPS__SOURCE_HEAD))
        abort();
    return from->want;
}

static fps_status on_bytes(void *user, fps__layer *layer, const fps__layer_entry *entry,
                           fps__source_content *content)
{
    feed *from = user;
    volatile uint8_t last = content->bytes.size ? content->bytes.data[content->bytes.size - 1] : 0;
    (void)last;
    if (content->bytes.size != entry->size || entry->content >= layer->contents.count)
        abort();
    from->given++;
    return FPS_OK;
}

static void on_lost(void *user, const fps__layer_entry *entry)
{
    (void)entry;
    ((feed *)user)->lost++;
}

static fps_status no_text(void *user, const char *text, size_t length)
{
    (void)user;
    (void)text;
    (void)length;
    return FPS_OK;
}

/* The guarantees of a layer: clean paths, and a diagnostic for everything that is dropped. */
static void check(const fps__layer *layer)
{
    bool partial = false;
    for (size_t i = 0; i < layer->diagnostics.count; i++)
        partial = partial || layer->diagnostics.items[i].level == FPS_DIAGNOSTIC_PARTIAL;
    for (size_t i = 0; i < layer->entries.count; i++) {
        const fps__layer_entry *entry = &layer->entries.items[i];
        size_t length = strlen(entry->path);
        if (entry->path[0] != '/' || length > FPS__LAYER_PATH || strstr(entry->path, "//") ||
            strstr(entry->path, "/../") || (length > 1 && entry->path[length - 1] == '/'))
            abort();
        if (entry->type == FPS__ENTRY_FILE && !partial &&
            (layer->contents.items[entry->content].flags & FPS__CONTENT_LOST))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    feed from = {.data = data + 3, .size = size - 3, .step = 1 + data[1] + 256u * (data[2] & 15u)};
    from.want = data[0] & 3u;
    const fps__layer_visitor visitor = {&from, wants, on_bytes, on_lost, NULL};
    const fps__layer_options options = {
        .whiteouts = data[0] & 4, .windows = data[0] & 8, .entries = 1000, .file_limit = 1 << 20};
    fps__stream_input input = {&from, next_block, UINT64_MAX};
    fps__stream *stream;
    fps__layer layer;
    fps__tree *tree;
    if (fps__stream_open(&stream, &input, &(fps__stream_options){.as_is = true}, NULL))
        return 0;
    fps_status status = fps__layer_read(&layer, stream, &options, &visitor, NULL);
    fps__stream_close(stream);
    check(&layer);
    if (!status && !fps__tree_create(&tree, 5000, NULL)) {
        if (!fps__tree_apply(tree, &layer, 0, NULL, NULL, NULL) &&
            !fps__tree_apply(tree, &layer, 1, NULL, NULL, NULL))
            fps__tree_dump(tree, no_text, NULL);
        fps__tree_free(tree);
    }
    fps__layer_free(&layer);
    free(from.block);
    return 0;
}
