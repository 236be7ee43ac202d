/* What reading a layer stands on: its diagnostics, and the blocks of the stream under the archive reader. */
#include "image/layer_state.h"
#include "util/error.h"

#include <errno.h>

static const fps__diagnostic_kind diagnostic_kinds[FPS__DIAGNOSTIC_KINDS] = {
    [FPS__LAYER_TRUNCATED] = {FPS_DIAGNOSTIC_PARTIAL, "truncated-layer", "the tar ends too early"},
    [FPS__LAYER_NO_END] = {FPS_DIAGNOSTIC_NOTE, "no-end-mark", "the tar has no end mark"},
    [FPS__LAYER_DAMAGED] = {FPS_DIAGNOSTIC_PARTIAL, "damaged-layer", "the tar is damaged"},
    [FPS__LAYER_LIMIT] = {FPS_DIAGNOSTIC_PARTIAL, "layer-limit", "the layer has more than the limit allows"},
    [FPS__LAYER_TRAILING] = {FPS_DIAGNOSTIC_PARTIAL, "trailing-data", "data behind the end of the tar"},
    [FPS__LAYER_ESCAPE] = {FPS_DIAGNOSTIC_NOTE, "path-escape", "a name would leave the root"},
    [FPS__LAYER_DUPLICATE] = {FPS_DIAGNOSTIC_NOTE, "duplicate-path", "a path comes twice; the last counts"},
    [FPS__LAYER_WHITEOUT] = {FPS_DIAGNOSTIC_NOTE, "bad-whiteout",
                             "a whiteout that removes nothing, or has bytes"},
    [FPS__LAYER_LONG_NAME] = {FPS_DIAGNOSTIC_NOTE, "name-too-long",
                              "a name of more than 4,096 bytes was cut"},
};

/* Keeps a diagnostic in the layer. Without memory for it the reading fails: nothing is to go unsaid. */
static void keep_diagnostic(void *user, const fps_diagnostic *diagnostic)
{
    fps__layer_reader *reader = user;
    fps__layer *layer = reader->layer;
    fps_diagnostic kept = *diagnostic;
    kept.message = fps__arena_string(&layer->arena, diagnostic->message);
    kept.path = diagnostic->path ? fps__arena_string(&layer->arena, diagnostic->path) : NULL;
    bool texts = kept.message && !diagnostic->path == !kept.path;
    if (texts && FPS__ARRAY_RESERVE(&layer->diagnostics, 1, SIZE_MAX) == FPS_OK)
        layer->diagnostics.items[layer->diagnostics.count++] = kept;
    else if (!reader->status)
        reader->status = fps__fail_memory(reader->error);
}

void fps__layer_diagnose(fps__layer_reader *reader, fps__layer_diagnostic kind, const char *path,
                         const char *message)
{
    la_int64_t at = archive_read_header_position(reader->archive);
    fps__diagnostics_add(&reader->diagnostics, kind, path, at < 0 ? UINT64_MAX : (uint64_t)at, message);
}

void fps__layer_diagnostics_init(fps__layer_reader *reader)
{
    reader->diagnostics =
        (fps__diagnostics){.kinds = diagnostic_kinds, .diagnostic = keep_diagnostic, .user = reader};
}

/* ---- the stream ---- */

static bool is_interrupted(const fps__layer_reader *reader)
{
    const fps__layer_visitor *visitor = reader->visitor;
    return visitor->interrupted && visitor->interrupted(visitor->user);
}

static void keep_tail(fps__layer_reader *reader)
{
    size_t part = reader->block.size < FPS__LAYER_TAIL ? reader->block.size : FPS__LAYER_TAIL;
    if (!part)
        return;
    memmove(reader->tail, reader->tail + part, FPS__LAYER_TAIL - part);
    memcpy(reader->tail + FPS__LAYER_TAIL - part, reader->block.data + reader->block.size - part, part);
}

/* False at the end of the stream, and when it fails. */
bool fps__layer_next_block(fps__layer_reader *reader)
{
    if (reader->status || reader->at_end)
        return false;
    keep_tail(reader);
    reader->block_start += reader->block.size;
    reader->block = (fps__span){NULL, 0};
    if (is_interrupted(reader))
        reader->status = fps__fail(reader->error, FPS_ERROR_CANCELLED, NULL, UINT64_MAX, "interrupted");
    else
        reader->status = fps__stream_next(reader->stream, &reader->block, reader->error);
    if (reader->passing_over)
        fps__stream_excuse(reader->stream, reader->block.size);
    if (reader->status == FPS_ERROR_NOT_FOUND) {
        reader->status = FPS_OK;
        reader->at_end = true;
    }
    return !reader->status && !reader->at_end;
}

la_ssize_t fps__layer_read_block(struct archive *archive, void *user, const void **data)
{
    fps__layer_reader *reader = user;
    if (fps__layer_next_block(reader)) {
        *data = reader->block.data;
        return (la_ssize_t)reader->block.size;
    }
    if (!reader->status)
        return 0;
    archive_set_error(archive, EIO, "the stream failed");
    return ARCHIVE_FATAL;
}

static bool is_zero(fps__span bytes)
{
    return !bytes.size || (!bytes.data[0] && !memcmp(bytes.data, bytes.data + 1, bytes.size - 1));
}

/* Bytes [from, to) of the stream that are still in memory: the tail and the current block. */
bool fps__layer_is_zero(const fps__layer_reader *reader, uint64_t from, uint64_t to)
{
    uint64_t start = reader->block_start, tail = start < FPS__LAYER_TAIL ? start : FPS__LAYER_TAIL;
    if (from < start) {
        uint64_t end = to < start ? to : start;
        if (start - from > tail)
            return false;
        if (!is_zero((fps__span){reader->tail + FPS__LAYER_TAIL - (start - from), (size_t)(end - from)}))
            return false;
        from = end;
    }
    return from >= to || is_zero(fps__span_part(reader->block, from - start, to - from));
}

bool fps__layer_lacks_padding(const fps__layer_reader *reader)
{
    return reader->at_end && !reader->status && reader->block_start >= reader->data_end &&
           reader->block_start < reader->data_end + FPS__TAR_RECORD;
}
