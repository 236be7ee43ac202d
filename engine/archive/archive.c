/* One level of an archive in memory, file by file, within limits that nested levels share; libarchive does
 * the unpacking. */
#include "archive/archive.h"

#include "archive/archive_cpio.h"
#include "util/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

enum {
    HEAD_SIZE = 512,
    FREE_OF_RATIO = 64 * 1024 * 1024,
    FIRST_ROOM = 64 * 1024,
};

struct fps__archive {
    struct archive *reader;
    fps__archive_budget *budget;
    uint64_t counted; /* of the reader's unpacked bytes, already in the budget */
    uint8_t *room;    /* bytes of the current file */
    size_t used, capacity;
    uint64_t at;         /* where in the current file the next byte belongs */
    bool at_end;         /* of the current file */
    bool zip;            /* skipping a file costs nothing */
    fps__cpio *cpio;     /* reads what the compression holds; NULL for other formats */
    uint8_t *cpio_start; /* the bytes by which it was known */
};

void fps__archive_budget_init(fps__archive_budget *budget, const fps__archive_limits *limits, uint64_t packed)
{
    static const fps__archive_limits defaults = {8, (uint64_t)1 << 30, (uint64_t)32 << 30, 1000, 4000000};
    fps__archive_limits used = limits ? *limits : defaults;
    used.depth = used.depth ? used.depth : defaults.depth;
    used.file_size = used.file_size ? used.file_size : defaults.file_size;
    used.total_size = used.total_size ? used.total_size : defaults.total_size;
    used.ratio = used.ratio ? used.ratio : defaults.ratio;
    used.entries = used.entries ? used.entries : defaults.entries;
    *budget = (fps__archive_budget){.limits = used, .packed = packed};
}

bool fps__archive_identify(fps__span data)
{
    static const struct {
        uint16_t offset;
        uint8_t length;
        char bytes[21];
    } magics[] = {
        {0, 2, "\x1f\x8b"},
        {0, 3, "BZh"},
        {0, 6,
         "\xfd"
         "7zXZ"},
        {0, 4, "\x28\xb5\x2f\xfd"},
        {0, 4, "\x04\x22\x4d\x18"},
        {0, 5, "\x5d\0\0\x80\0"},
        {0, 4, "PK\x03\x04"},
        {0, 4, "\xed\xab\xee\xdb"},
        {257, 5, "ustar"},
        {0, 6, "070701"},
        {0, 6, "070702"},

        {0, 21, "!<arch>\ndebian-binary"},
        {0, 2, "\x1f\x9d"},
        {0, 4, "PK\x05\x06"},
    };
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (fps__span_has(data, magics[i].offset, magics[i].length) &&
            !memcmp(data.data + magics[i].offset, magics[i].bytes, magics[i].length))
            return true;
    return false;
}

static fps_status fail_reader(struct archive *reader, fps_status status, fps_error *error)
{
    const char *text = archive_error_string(reader);
    return fps__fail(error, status, NULL, UINT64_MAX, "%s", text && *text ? text : "unreadable archive");
}

/* Only the formats that packages are made of: fewer parsers meet hostile bytes. */
static bool choose_formats(struct archive *reader)
{
    int (*const choices[])(struct archive *) = {
        archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
        archive_read_support_filter_xz,   archive_read_support_filter_lzma,
        archive_read_support_filter_zstd, archive_read_support_filter_lz4,
        archive_read_support_filter_rpm,  archive_read_support_filter_compress,
        archive_read_support_format_ar,   archive_read_support_format_tar,
        archive_read_support_format_zip,  archive_read_support_format_raw,
    };
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (choices[i](reader) < ARCHIVE_WARN)
            return false;
    return true;
}

fps_status fps__archive_open(fps__archive **archive, fps__span data, fps__archive_budget *budget,
                             fps_error *error)
{
    *archive = NULL;
    fps__archive *made = calloc(1, sizeof *made);
    struct archive *reader = archive_read_new();
    if (!made || !reader || !choose_formats(reader)) {
        free(made);
        archive_read_free(reader);
        return fps__fail_memory(error);
    }
    made->reader = reader;
    made->budget = budget;
    made->at_end = true;
    if (archive_read_open_memory(reader, data.data, data.size) != ARCHIVE_OK) {
        fps_status status = fail_reader(reader, FPS_ERROR_CORRUPT, error);
        fps__archive_free(made);
        return status;
    }
    *archive = made;
    return FPS_OK;
}

void fps__archive_free(fps__archive *archive)
{
    if (!archive)
        return;
    archive_read_free(archive->reader);
    free(archive->cpio_start);
    free(archive->cpio);
    free(archive->room);
    free(archive);
}

/* Charges what the reader has unpacked since the last time. `extra`: bytes that a sparse file adds. */
static fps_status charge(fps__archive *archive, uint64_t extra, fps_error *error)
{
    fps__archive_budget *budget = archive->budget;
    int64_t unpacked = archive_filter_bytes(archive->reader, 0);
    uint64_t now = unpacked > 0 ? (uint64_t)unpacked : 0;
    if (now > archive->counted) {
        extra += now - archive->counted;
        archive->counted = now;
    }
    if (extra > budget->limits.total_size - budget->unpacked) {
        budget->unpacked = budget->limits.total_size;
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than %llu bytes unpacked",
                         (unsigned long long)budget->limits.total_size);
    }
    budget->unpacked += extra;
    if (budget->unpacked > FREE_OF_RATIO && budget->unpacked / budget->limits.ratio > budget->packed)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "unpacks to more than %llu times its size of %llu bytes",
                         (unsigned long long)budget->limits.ratio, (unsigned long long)budget->packed);
    return FPS_OK;
}

static bool make_room(fps__archive *archive, size_t wanted)
{
    if (archive->room && wanted <= archive->capacity)
        return true;
    size_t capacity = archive->capacity ? archive->capacity : FIRST_ROOM;
    while (capacity < wanted)
        capacity = capacity > SIZE_MAX / 2 ? wanted : capacity * 2;
    uint8_t *room = realloc(archive->room, capacity);
    if (!room)
        return false;
    archive->room = room;
    archive->capacity = capacity;
    return true;
}

/* Reads the next block of the current file; keeps it when `keep`. Sets at_end. */
static fps_status read_block(fps__archive *archive, bool keep, fps_error *error)
{
    const void *block;
    size_t size;
    int64_t offset;
    int got = archive_read_data_block(archive->reader, &block, &size, &offset);
    if (got == ARCHIVE_EOF) {
        archive->at_end = true;
        return charge(archive, 0, error);
    }
    if (got < ARCHIVE_WARN)
        return fail_reader(archive->reader, FPS_ERROR_CORRUPT, error);
    uint64_t start = offset > 0 ? (uint64_t)offset : 0;
    if (start < archive->at)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "blocks of a file overlap");
    uint64_t hole = start - archive->at, limit = archive->budget->limits.file_size;
    uint64_t uncounted = (archive->zip ? size : 0) + (keep && hole <= limit ? hole : 0);
    fps_status status = charge(archive, uncounted, error);
    if (status || !keep) {
        archive->at = start + size;
        return status;
    }
    if (start > limit || size > limit - start)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "file of more than %llu bytes",
                         (unsigned long long)limit);
    if (!make_room(archive, (size_t)start + size))
        return fps__fail_memory(error);
    memset(archive->room + archive->used, 0, (size_t)hole);
    if (size)
        memcpy(archive->room + start, block, size);
    archive->at = start + size;
    archive->used = (size_t)archive->at;
    return FPS_OK;
}

/* Runs over what is left of the current file block by block, so that the budget is charged on the way. */
static fps_status skip_rest(fps__archive *archive, fps_error *error)
{
    fps_status status = FPS_OK;
    while (!archive->at_end && !archive->zip && !status)
        status = read_block(archive, false, error);
    return status;
}

static const char *clean_path(const char *path)
{
    if (!path)
        return "";
    for (;;) {
        if (path[0] == '/')
            path++;
        else if (path[0] == '.' && path[1] == '/')
            path += 2;
        else
            return path;
    }
}

static bool is_regular(struct archive_entry *entry, bool single)
{
    if (single)
        return true;
    return archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry);
}

static fps_status read_head(fps__archive *archive, fps_error *error)
{
    archive->used = 0;
    archive->at = 0;
    archive->at_end = false;
    fps_status status = FPS_OK;
    while (!archive->at_end && archive->used < HEAD_SIZE && !status)
        status = read_block(archive, true, error);
    return status;
}

static fps_status check_entry_count(fps__archive *archive, fps_error *error)
{
    if (++archive->budget->entries <= archive->budget->limits.entries)
        return FPS_OK;
    return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than %llu entries",
                     (unsigned long long)archive->budget->limits.entries);
}

/* ---- cpio, inside what libarchive takes for a single file ---- */

static fps_status next_cpio_block(void *user, fps__span *block, fps_error *error)
{
    fps__archive *archive = user;
    const void *data;
    size_t size;
    int64_t offset;
    int got = archive_read_data_block(archive->reader, &data, &size, &offset);
    *block = (fps__span){NULL, 0};
    if (got == ARCHIVE_EOF)
        return FPS_ERROR_NOT_FOUND;
    if (got < ARCHIVE_WARN)
        return fail_reader(archive->reader, FPS_ERROR_CORRUPT, error);
    *block = (fps__span){data, size};
    return charge(archive, 0, error);
}

/* The room holds the first bytes: they become the start of the stream. */
static fps_status start_cpio(fps__archive *archive, fps_error *error)
{
    archive->cpio = calloc(1, sizeof *archive->cpio);
    if (!archive->cpio)
        return fps__fail_memory(error);
    archive->cpio_start = archive->room;
    archive->cpio->next_block = next_cpio_block;
    archive->cpio->user = archive;
    archive->cpio->block = (fps__span){archive->room, archive->used};
    archive->room = NULL;
    archive->used = archive->capacity = 0;
    return FPS_OK;
}

/* Reads on in the current file until `wanted` bytes of it are in the room, or all. */
static fps_status fill_from_cpio(fps__archive *archive, uint64_t wanted, fps_error *error)
{
    enum { STEP = 1024 * 1024 };
    while (archive->used < wanted && archive->cpio->file_left) {
        uint64_t part = wanted - archive->used;
        part = part < STEP ? part : STEP;
        part = part < archive->cpio->file_left ? part : archive->cpio->file_left;
        if (!make_room(archive, archive->used + (size_t)part))
            return fps__fail_memory(error);
        fps_status status = fps__cpio_read(archive->cpio, archive->room + archive->used, (size_t)part, error);
        if (status)
            return status;
        archive->used += (size_t)part;
    }
    return FPS_OK;
}

static fps_status next_in_cpio(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    fps_status status = fps__cpio_next(archive->cpio, error);
    if (!status)
        status = check_entry_count(archive, error);
    if (status)
        return status;
    archive->used = 0;
    status = fill_from_cpio(archive, HEAD_SIZE, error);
    entry->single = false;
    entry->modified = 0;
    entry->path = clean_path(archive->cpio->path);
    entry->head = (fps__span){archive->room, archive->used};
    return status;
}

static fps_status load_from_cpio(fps__archive *archive, fps_error *error)
{
    uint64_t limit = archive->budget->limits.file_size;
    if (archive->cpio->file_left > limit - (archive->used < limit ? archive->used : limit))
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "file of more than %llu bytes",
                         (unsigned long long)limit);
    return fill_from_cpio(archive, UINT64_MAX, error);
}

/* ---- all formats ---- */

/* What libarchive takes for a single file may be a cpio archive; without compression it is nothing else that
 * is wanted. */
static fps_status judge_single(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    if (fps__cpio_identify(entry->head)) {
        fps_status status = start_cpio(archive, error);
        return status ? status : next_in_cpio(archive, entry, error);
    }
    if (archive_filter_count(archive->reader) < 2)
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "not an archive");
    return FPS_OK;
}

fps_status fps__archive_next(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    if (archive->cpio)
        return next_in_cpio(archive, entry, error);
    for (;;) {
        fps_status status = skip_rest(archive, error);
        if (status)
            return status;
        struct archive_entry *found;
        int got = archive_read_next_header(archive->reader, &found);
        status = charge(archive, 0, error);
        if (status)
            return status;
        if (got == ARCHIVE_EOF)
            return FPS_ERROR_NOT_FOUND;
        if (got < ARCHIVE_WARN)
            return fail_reader(archive->reader, FPS_ERROR_CORRUPT, error);
        status = check_entry_count(archive, error);
        if (status)
            return status;
        int format = archive_format(archive->reader) & ARCHIVE_FORMAT_BASE_MASK;
        archive->zip = format == ARCHIVE_FORMAT_ZIP;
        archive->at_end = true;
        entry->single = format == ARCHIVE_FORMAT_RAW;
        entry->modified = archive_entry_mtime_is_set(found) ? archive_entry_mtime(found) : 0;
        if (!is_regular(found, entry->single))
            continue;
        entry->path = entry->single ? "" : clean_path(archive_entry_pathname(found));
        if (archive_entry_is_encrypted(found))
            return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "encrypted file in the archive");
        status = read_head(archive, error);
        entry->head = (fps__span){archive->room, archive->used};
        return status || !entry->single ? status : judge_single(archive, entry, error);
    }
}

fps_status fps__archive_load(fps__archive *archive, fps__span *data, fps_error *error)
{
    *data = (fps__span){NULL, 0};
    fps_status status = archive->cpio ? load_from_cpio(archive, error) : FPS_OK;
    while (!archive->cpio && !archive->at_end && !status)
        status = read_block(archive, true, error);
    if (!status)
        *data = (fps__span){archive->room, archive->used};
    return status;
}
