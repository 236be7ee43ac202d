/* Reads a zip archive a second time, by libarchive alone, and compares each file with what fps__archive gives: path, bytes,
 * and what is said of it. For test programs that may stop where the two differ.
 */
#ifndef FPS_ZIP_ORACLE_H
#define FPS_ZIP_ORACLE_H

#include "archive/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct zip_oracle {
    uint64_t files, bytes;
    const char *differs; /* what differs; NULL: nothing */
    char path[256];      /* of the file that does */
} zip_oracle;

/* The next file that has bytes, as fps__archive_next chooses. ARCHIVE_EOF, or a failure. */
static int oracle_next(struct archive *reader, struct archive_entry **entry)
{
    for (;;) {
        int got = archive_read_next_header(reader, entry);
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
            return got;
        bool plain = archive_entry_filetype(*entry) == AE_IFREG && !archive_entry_hardlink(*entry);
        if (plain || archive_entry_size(*entry) > 0 || archive_entry_is_encrypted(*entry))
            return got;
    }
}

/* Appends blocks until `wanted` bytes are there, or all. A failure of libarchive, else ARCHIVE_OK. */
static int oracle_read(struct archive *reader, uint8_t **room, size_t *used, size_t wanted)
{
    const void *block;
    size_t size;
    int64_t offset;
    while (*used < wanted) {
        int got = archive_read_data_block(reader, &block, &size, &offset);
        if (got == ARCHIVE_EOF)
            return ARCHIVE_OK;
        if (got < ARCHIVE_WARN)
            return got;
        uint8_t *grown = realloc(*room, *used + size + 1);
        if (!grown)
            abort();
        *room = grown;
        if (size)
            memcpy(grown + *used, block, size);
        *used += size;
    }
    return ARCHIVE_OK;
}

static bool oracle_same(const uint8_t *bytes, size_t size, fps__span span)
{
    return size == span.size && (!size || memcmp(bytes, span.data, size) == 0);
}

/* Compares what is left of a file that libarchive cannot read to its end. "end": equal, and libarchive reads no more. A whole file is
 * right also where zlib refuses the codes that it is packed by: its size and checksum are those of the directory. Of a large one
 * the first block alone says nothing yet; then reading it, or going on, must fail in libarchive's words. */
static const char *oracle_compare_damaged(struct archive *reader, fps__archive *archive, int64_t whole,
                                          fps__span head, bool load)
{
    fps__archive_entry next;
    fps__span all;
    fps_error error = {.message = ""};
    if (whole >= 0 && head.size == (uint64_t)whole)
        return "end";
    fps_status status =
        load ? fps__archive_load(archive, &all, &error) : fps__archive_next(archive, &next, &error);
    if (load && !status && whole >= 0 && all.size == (uint64_t)whole)
        return "end";
    const char *text = archive_error_string(reader);
    return status == FPS_ERROR_CORRUPT && text && strcmp(error.message, text) == 0 ? "end"
                                                                                   : "what is said of damage";
}

static const char *oracle_compare_file(struct archive *reader, fps__archive *archive, int64_t whole,
                                       fps__span head, bool load, uint64_t *bytes)
{
    enum { HEAD = 512 };
    uint8_t *room = NULL;
    size_t used = 0;
    fps__span all;
    fps_error error;
    const char *differs = NULL;
    int got = oracle_read(reader, &room, &used, HEAD);
    if (!got && !oracle_same(room, used, head)) {
        differs = "first bytes";
    } else if (!got && load) {
        got = oracle_read(reader, &room, &used, SIZE_MAX);
        if (!got && (fps__archive_load(archive, &all, &error) || !oracle_same(room, used, all)))
            differs = "bytes";
        *bytes += used;
    }
    free(room);
    return differs || !got ? differs : oracle_compare_damaged(reader, archive, whole, head, load);
}

/* Why fps__archive_next gives no file, when libarchive gives none either. */
static const char *oracle_compare_end(struct archive *reader, int got, fps_status status,
                                      const fps_error *error)
{
    if (got == ARCHIVE_EOF)
        return status == FPS_ERROR_NOT_FOUND ? NULL : "the end";
    if (status == FPS_ERROR_NOT_FOUND)
        return "a failure";
    const char *text = archive_error_string(reader); /* it has not always one */
    return strcmp(error->message, text ? text : "unreadable archive") == 0 ? NULL
                                                                           : "what is said of a failure";
}

/* `load`: of how many files all bytes are compared, and not the first alone: 1 all, 2 every other. */
static zip_oracle zip_oracle_compare(fps__archive *archive, fps__span data, unsigned load)
{
    zip_oracle result = {.differs = NULL};
    struct archive *reader = archive_read_new();
    struct archive_entry *entry;
    archive_read_support_format_zip(reader);
    int got = archive_read_open_memory(reader, data.data, data.size);
    fps__archive_entry file;
    fps_error error = {.message = ""};
    while (!result.differs) {
        fps_status status = fps__archive_next(archive, &file, &error);
        got = got ? got : oracle_next(reader, &entry);
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN) {
            result.differs = oracle_compare_end(reader, got, status, &error);
            break;
        }
        const char *path = archive_entry_pathname(entry);
        snprintf(result.path, sizeof result.path, "%s", path ? path : "");
        bool encrypted = archive_entry_is_encrypted(entry);
        got = ARCHIVE_OK;
        if (encrypted != (status == FPS_ERROR_UNSUPPORTED)) {
            result.differs = "encrypted or not";
        } else if (status == FPS_ERROR_CORRUPT) { /* its first bytes cannot be read */
            uint8_t *room = NULL;
            size_t used = 0;
            got = oracle_read(reader, &room, &used, 512);
            free(room);
            result.differs = got ? oracle_compare_end(reader, got, status, &error) : "a failure";
            break;
        } else if (status && !encrypted) {
            result.differs = "a failure";
        } else if (!encrypted) {
            result.differs = oracle_compare_file(reader, archive, archive_entry_size(entry), file.head,
                                                 result.files % load == 0, &result.bytes);
        }
        result.files++;
    }
    if (result.differs && strcmp(result.differs, "end") == 0)
        result.differs = NULL;
    archive_read_free(reader);
    return result;
}

#endif
