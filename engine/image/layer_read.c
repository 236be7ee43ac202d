/* Reading a layer: the entries of a tar from a stream, through libarchive, and what lies behind its end.
 *
 * libarchive parses the headers; what a container runtime would make of an entry and libarchive does not is
 * put right here, so that nothing hides in the difference: a directory or a hard link that has bytes, names
 * behind a damaged header, data behind the end of the tar.
 */
#include "image/layer_state.h"

#include "archive/reader_open.h"
#include "util/error.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>

static const uint64_t default_entries = 4000000, default_file = (uint64_t)4 << 30;
static const uint64_t default_memory = (uint64_t)1 << 30;

/* ---- the end of the tar ---- */

/* Some tools end a layer behind its last byte. Its digest tells whether it is whole; a plain tar has none. */
static void diagnose_no_end(fps__layer_reader *reader)
{
    fps__layer_diagnostic kind = reader->options.whiteouts ? FPS__LAYER_NO_END : FPS__LAYER_TRUNCATED;
    fps__layer_diagnose(reader, kind, NULL, "the tar has no end mark");
}

/* Reads what lies behind the end of the tar, which libarchive has reached. */
static void check_trailing(fps__layer_reader *reader)
{
    la_int64_t consumed = archive_filter_bytes(reader->archive, 0);
    uint64_t end = consumed < 0 ? 0 : (uint64_t)consumed;
    if (end < FPS__TAR_RECORD || !fps__layer_is_zero(reader, end - FPS__TAR_RECORD, end))
        diagnose_no_end(reader);
    bool zero = fps__layer_is_zero(reader, end, reader->block_start + reader->block.size);
    while (zero && fps__layer_next_block(reader))
        zero = fps__layer_is_zero(reader, reader->block_start, reader->block_start + reader->block.size);
    if (!zero)
        fps__diagnostics_add(&reader->diagnostics, FPS__LAYER_TRAILING, NULL, end, NULL);
}

/* ---- entries ---- */

static fps__entry_type type_of(struct archive_entry *found)
{
    if (archive_entry_hardlink(found))
        return FPS__ENTRY_HARDLINK;
    switch (archive_entry_filetype(found)) {
    case AE_IFREG:
        return FPS__ENTRY_FILE;
    case AE_IFDIR: /* with bytes: a regular file whose name ends in '/', and which runtimes unpack as a file
                    */
        return archive_entry_size(found) > 0 ? FPS__ENTRY_FILE : FPS__ENTRY_DIRECTORY;
    case AE_IFLNK:
        return FPS__ENTRY_SYMLINK;
    default:
        return FPS__ENTRY_OTHER;
    }
}

static bool clean(fps__layer_reader *reader, const char *name, char *path)
{
    bool escapes, fits = fps__layer_path(name ? name : "", reader->options.windows, path, &escapes);
    if (escapes)
        fps__layer_diagnose(reader, FPS__LAYER_ESCAPE, path, NULL);
    if (!fits)
        fps__layer_diagnose(reader, FPS__LAYER_LONG_NAME, NULL, NULL);
    return fits;
}

/* The marks that eStargz leaves in a layer. With more bytes it is a file like any other. */
static bool is_landmark(const fps__layer_entry *entry, const char *path)
{
    return entry->type == FPS__ENTRY_FILE && entry->size <= 1 &&
           (!strcmp(path, "/.prefetch.landmark") || !strcmp(path, "/.no.prefetch.landmark"));
}

/* Gives a path of a layer its meaning. False when it makes no entry. */
static bool classify(fps__layer_reader *reader, fps__layer_entry *entry)
{
    if (!reader->options.whiteouts)
        return true;
    bool bytes = entry->type == FPS__ENTRY_FILE && entry->size;
    switch (fps__layer_classify(reader->path)) {
    case FPS__KIND_WHITEOUT:
        entry->type = FPS__ENTRY_WHITEOUT;
        break;
    case FPS__KIND_OPAQUE:
        entry->type = FPS__ENTRY_OPAQUE;
        break;
    case FPS__KIND_BAD_WHITEOUT:
        fps__layer_diagnose(reader, FPS__LAYER_WHITEOUT, reader->path, NULL);
        return bytes;
    case FPS__KIND_METADATA: /* files there are the bytes of hard links: they are looked at */
        return bytes;
    default:
        return !is_landmark(entry, reader->path);
    }
    entry->size = 0;
    if (bytes)
        fps__layer_diagnose(reader, FPS__LAYER_WHITEOUT, reader->path, NULL);
    return true;
}

static const char *keep_name(fps__layer_reader *reader, const char *name)
{
    size_t length = strlen(name);
    reader->memory += length + 1;
    return fps__arena_text(&reader->layer->arena, name, length);
}

static void diagnose_duplicate(fps__layer_reader *reader, const fps__layer_entry *entry)
{
    size_t earlier;
    if (entry->type == FPS__ENTRY_WHITEOUT || entry->type == FPS__ENTRY_OPAQUE ||
        !fps__layer_names_add(&reader->names, reader->layer, reader->path, &earlier))
        return;
    bool directories = entry->type == FPS__ENTRY_DIRECTORY &&
                       reader->layer->entries.items[earlier].type == FPS__ENTRY_DIRECTORY;
    if (!directories)
        fps__layer_diagnose(reader, FPS__LAYER_DUPLICATE, reader->path, NULL);
}

/* Adds an entry whose path, and target of a hard link, are in the reader's buffers. */
static fps_status add_entry(fps__layer_reader *reader, fps__layer_entry *entry, const char *target)
{
    fps__layer *layer = reader->layer;
    diagnose_duplicate(reader, entry);
    reader->memory += sizeof *entry + (entry->type == FPS__ENTRY_FILE ? sizeof(fps__content) : 0);
    entry->path = keep_name(reader, reader->path);
    entry->target = target ? keep_name(reader, target) : NULL;
    entry->content = FPS__NO_CONTENT;
    if (!entry->path || (target && !entry->target) ||
        FPS__ARRAY_RESERVE(&layer->entries, 1, UINT32_MAX - 1) != FPS_OK)
        return fps__fail_memory(reader->error);
    if (entry->type == FPS__ENTRY_FILE) {
        if (FPS__ARRAY_RESERVE(&layer->contents, 1, FPS__NO_CONTENT) != FPS_OK)
            return fps__fail_memory(reader->error);
        entry->content = (uint32_t)layer->contents.count;
        layer->contents.items[layer->contents.count++] = (fps__content){.size = entry->size};
    }
    layer->entries.items[layer->entries.count++] = *entry;
    return FPS_OK;
}

/* The archive reader cannot go on: says why, unless the stream is to blame. */
static void diagnose_failure(fps__layer_reader *reader, const char *path)
{
    if (!reader->status)
        fps__layer_diagnose(reader, reader->at_end ? FPS__LAYER_TRUNCATED : FPS__LAYER_DAMAGED, path,
                            archive_error_string(reader->archive));
}

/* One entry of the tar. `failed`: the archive reader cannot go on. */
static fps_status read_entry(fps__layer_reader *reader, struct archive_entry *found, bool *failed)
{
    la_int64_t size = archive_entry_size(found);
    fps__layer_entry entry = {.type = type_of(found), .mode = archive_entry_perm(found)};
    const char *target = NULL;
    clean(reader, archive_entry_pathname(found), reader->path);
    if (entry.type == FPS__ENTRY_FILE)
        entry.size = size > 0 ? (uint64_t)size : 0;
    bool hidden =
        size > 0 && (entry.type == FPS__ENTRY_HARDLINK || archive_entry_filetype(found) == AE_IFDIR);
    if (hidden)
        fps__layer_diagnose(reader, FPS__LAYER_DAMAGED, reader->path, "a hard link or a directory has bytes");
    if (entry.type == FPS__ENTRY_HARDLINK) {
        clean(reader, archive_entry_hardlink(found), reader->target);
        target = reader->target;
    } else if (entry.type == FPS__ENTRY_SYMLINK) {
        target = archive_entry_symlink(found);
        target = target ? target : "";
    }
    if (!classify(reader, &entry))
        return FPS_OK;
    if (entry.type == FPS__ENTRY_WHITEOUT || entry.type == FPS__ENTRY_OPAQUE)
        target = NULL;
    fps_status status = add_entry(reader, &entry, target);
    if (status || entry.type != FPS__ENTRY_FILE)
        return status;
    if (fps__globs_skip(&reader->skip_files, &reader->skip_dirs, entry.path, reader->path)) {
        reader->layer->contents.items[entry.content].flags = FPS__CONTENT_SKIPPED;
        return FPS_OK;
    }
    if (hidden) { /* libarchive does not give them */
        reader->layer->contents.items[entry.content].flags = FPS__CONTENT_LOST;
        return FPS_OK;
    }
    status = fps__layer_read_file(reader, reader->layer->entries.count - 1, failed);
    if (*failed)
        diagnose_failure(reader, entry.path);
    return status;
}

static bool is_full(fps__layer_reader *reader)
{
    if (reader->layer->entries.count < reader->options.entries && reader->memory <= reader->options.memory)
        return false;
    fps__layer_diagnose(reader, FPS__LAYER_LIMIT, NULL,
                        reader->memory > reader->options.memory
                            ? "its names need more memory than names may use; raise --memory"
                            : "too many entries");
    return true;
}

/* libarchive drops the size of a link that has bytes, and passes over them: then the next header lies further on. */
static void check_bare(fps__layer_reader *reader)
{
    la_int64_t header = archive_read_header_position(reader->archive);
    if (reader->bare_end && header > 0 && (uint64_t)header > reader->bare_end)
        fps__layer_diagnose(reader, FPS__LAYER_DAMAGED, NULL, "an entry that is no file has bytes");
    reader->bare_end = 0;
}

/* Reads all entries. `ended`: at the end of the tar. */
static fps_status read_entries(fps__layer_reader *reader, bool *ended)
{
    bool failed = false;
    fps_status status = FPS_OK;
    *ended = false;
    while (!failed && !status && !reader->status) {
        la_int64_t before = archive_filter_bytes(reader->archive, 0);
        int got = fps__reader_next(reader->archive, &reader->entry);
        struct archive_entry *found = reader->entry;
        if (got == ARCHIVE_EOF) {
            check_bare(reader);
            *ended = true;
            break;
        }
        if (got == ARCHIVE_RETRY) { /* not a header: what follows may be */
            diagnose_failure(reader, NULL);
            failed = archive_filter_bytes(reader->archive, 0) <= before;
        } else if (got < ARCHIVE_WARN) {
            if (fps__layer_lacks_padding(reader))
                diagnose_no_end(reader);
            else
                diagnose_failure(reader, NULL);
            failed = true;
        } else if (is_full(reader)) {
            failed = true;
        } else {
            check_bare(reader);
            la_int64_t start = archive_filter_bytes(reader->archive, 0), size = archive_entry_size(found);
            bool stored = size > 0 && archive_entry_sparse_count(found) == 0;
            reader->data_end = (start > 0 ? (uint64_t)start : 0) + (stored ? (uint64_t)size : 0);
            reader->bare_end = size > 0 || archive_entry_sparse_count(found) ? 0 : reader->data_end;
            status = read_entry(reader, found, &failed);
        }
    }
    return status;
}

static fps_status open_archive(fps__layer_reader *reader)
{
    reader->archive = archive_read_new();
    if (!reader->archive || archive_read_support_format_tar(reader->archive) != ARCHIVE_OK ||
        archive_read_set_format(reader->archive, ARCHIVE_FORMAT_TAR) != ARCHIVE_OK ||
        !fps__layer_hashes_init(&reader->hashes))
        return fps__fail_memory(reader->error);
    fps_status status = fps__globs_init(&reader->skip_dirs, reader->options.skip_dirs, reader->error);
    if (!status)
        status = fps__globs_init(&reader->skip_files, reader->options.skip_files, reader->error);
    return status;
}

/* Reads the tar, what lies behind it, and the rest of the stream. */
static fps_status read_all(fps__layer_reader *reader)
{
    bool ended = false;
    fps_status status = FPS_OK;
    if (fps__reader_open(reader->archive, reader, fps__layer_read_block) == ARCHIVE_OK)
        status = read_entries(reader, &ended);
    else
        diagnose_failure(reader, NULL);
    if (ended && !status && !reader->status)
        check_trailing(reader);
    while (!status && fps__layer_next_block(reader))
        ;
    return status ? status : reader->status;
}

uint64_t fps__layer_memory(const fps__layer *layer)
{
    uint64_t memory = layer->contents.count * sizeof(fps__content);
    for (size_t i = 0; i < layer->entries.count; i++) {
        const fps__layer_entry *entry = &layer->entries.items[i];
        memory += sizeof *entry + strlen(entry->path) + 1 + (entry->target ? strlen(entry->target) + 1 : 0);
    }
    return memory;
}

fps_status fps__layer_read(fps__layer *layer, fps__stream *stream, const fps__layer_options *options,
                           const fps__layer_visitor *visitor, fps_error *error)
{
    *layer = (fps__layer){0};
    fps__layer_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return fps__fail_memory(error);
    reader->layer = layer;
    reader->stream = stream;
    reader->visitor = visitor;
    reader->error = error;
    fps__layer_diagnostics_init(reader);
    if (options)
        reader->options = *options;
    if (!reader->options.entries)
        reader->options.entries = default_entries;
    if (!reader->options.memory)
        reader->options.memory = default_memory;
    if (!reader->options.file_limit)
        reader->options.file_limit = default_file;
    /* In the locale of a program libarchive would convert and normalise names; in this one it leaves the
     * bytes as they are. */
    locale_t bytes = newlocale(LC_ALL_MASK, "C", (locale_t)0),
             before = bytes ? uselocale(bytes) : (locale_t)0;
    fps_status status = bytes ? open_archive(reader) : fps__fail_memory(error);
    if (!status)
        status = read_all(reader);
    if (bytes) {
        uselocale(before);
        freelocale(bytes);
    }
    fps__diagnostics_finish(&reader->diagnostics);
    status = status ? status : reader->status;
    archive_read_free(reader->archive);
    archive_entry_free(reader->entry);
    fps__layer_hashes_free(&reader->hashes);
    fps__globs_free(&reader->skip_dirs);
    fps__globs_free(&reader->skip_files);
    fps__layer_names_free(&reader->names);
    fps__source_release(&reader->content);
    free(reader);
    return status;
}
