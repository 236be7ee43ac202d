/* One level of an archive in memory, file by file, within limits that nested levels share; libarchive does
 * the unpacking.
 *
 * Two readers stand behind each other: one unpacks compressed data, the other reads the headers of a tar from what comes
 * out. So it is known of both where they end, and what lies behind their end.
 */
#include "archive/archive.h"

#include "archive/archive_budget.h"
#include "archive/archive_cpio.h"
#include "archive/archive_form.h"
#include "archive/contents.h"
#include "archive/reader_open.h"
#include "archive/stream_end.h"
#include "archive/zip_members.h"
#include "util/error.h"
#include "volume/volume.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

enum {
    HEAD_SIZE = 512,
    TAR_RECORD = 512,
    VOLUME_HEAD = 4096, /* magics of file systems lie behind the first 512 bytes */
    FIRST_ROOM = 64 * 1024,
};

typedef int support(struct archive *);

struct fps__archive {
    fps__span data;            /* all of it, packed */
    fps__reader_memory memory; /* what the unpacker reads; without one, what the reader does */
    fps__archive_budget *budget;
    form form;
    struct archive *unpacker;  /* of compressed data, else NULL */
    struct archive *reader;    /* of tar, zip and ar, else NULL */
    fps__zip_members *members; /* of a zip with a directory, else NULL */
    bool inflating;            /* one of them is the current file, else the reader unpacks it */
    fps__cpio *cpio;           /* of cpio, else NULL */
    fps__contents *contents;   /* of FORM_CONTENTS, else NULL */
    size_t given_files;        /* files of it that were given */
    fps__volume *volume;       /* of a file system or disk, else NULL */
    fps__volume_budget volume_budget;
    fps__volume_entry file; /* of it: the current file */
    fps__span pending;      /* unpacked bytes that were taken to tell the form by, and not yet used */
    uint8_t *start;         /* memory for them; NULL where they are somebody else's */
    fps__span given;        /* the block that the reader was given last */
    uint64_t given_total;   /* bytes that it was given */
    fps_status failed;      /* why the unpacker gives no more; FPS_ERROR_NOT_FOUND at its end */
    fps_error failure;
    uint64_t counted; /* of the reader's unpacked bytes, already in the budget */
    uint8_t *room;    /* bytes of the current file */
    size_t used, capacity;
    uint64_t at;                 /* where in the current file the next byte belongs */
    bool at_end;                 /* of the current file */
    bool begun;                  /* the one file of FORM_SINGLE was given */
    bool damaged;                /* it was said that a header is damaged */
    struct archive_entry *whole; /* of the unpacker: all that it unpacks */
    struct archive_entry *found; /* what the reader said last */
    int got;
    bool waiting; /* that was not yet given */
    int64_t bare; /* end of the header of an entry without bytes, in a compressed tar; 0 behind others */
};

/* Want of memory stands in the error alone: libarchive also asks for as much as an archive says that it needs, and what lies beside that
 * archive can be read. */
static fps_status fail_reader(struct archive *reader, fps_status status, fps_error *error)
{
    const char *text = archive_error_string(reader);
    if (archive_errno(reader) == ENOMEM || errno == ENOMEM) {
        fps__fail_memory(error);
        return status;
    }
    return fps__fail(error, status, NULL, UINT64_MAX, "%s", text && *text ? text : "unreadable archive");
}

/* ---- limits ---- */

/* Charges what the reader has read of bytes in memory since the last time: what is unpacked is charged where it is
 * unpacked. `extra`: bytes that a file of a zip or a sparse file adds. */
static fps_status charge(fps__archive *archive, uint64_t extra, fps_error *error)
{
    int64_t read = archive->unpacker    ? 0
                   : archive->inflating ? (int64_t)fps__zip_members_offset(archive->members)
                                        : archive_filter_bytes(archive->reader, 0);
    uint64_t now = read > 0 ? (uint64_t)read : 0;
    if (now > archive->counted) {
        extra += now - archive->counted;
        archive->counted = now;
    }
    return fps__archive_charge(archive->budget, extra, error);
}

/* What a volume spends. */
static fps_status spend_on_volume(void *user, uint64_t bytes, uint64_t entries, fps_error *error)
{
    fps__archive *archive = user;
    fps_status status = fps__archive_charge(archive->budget, bytes, error);
    for (uint64_t i = 0; i < entries && !status; i++)
        status = fps__archive_charge_entry(archive->budget, error);
    return status;
}

/* ---- unpacked bytes ---- */

/* The next of them, at least one; FPS_ERROR_NOT_FOUND at their end. They live until the next call. */
static fps_status next_block(fps__archive *archive, fps__span *block, fps_error *error)
{
    *block = archive->pending;
    archive->pending = (fps__span){NULL, 0};
    while (!block->size && !archive->failed) {
        const void *data;
        size_t size = 0;
        int64_t offset;
        int got = archive->unpacker ? archive_read_data_block(archive->unpacker, &data, &size, &offset)
                                    : ARCHIVE_EOF;
        if (got == ARCHIVE_EOF)
            archive->failed = FPS_ERROR_NOT_FOUND;
        else if (got < ARCHIVE_WARN)
            archive->failed = fail_reader(archive->unpacker, FPS_ERROR_CORRUPT, &archive->failure);
        else if (!(archive->failed = fps__archive_charge(archive->budget, size, &archive->failure)))
            *block = (fps__span){data, size};
    }
    if (block->size)
        return FPS_OK;
    if (archive->failed != FPS_ERROR_NOT_FOUND && error)
        *error = archive->failure;
    return archive->failed;
}

static fps_status next_cpio_block(void *user, fps__span *block, fps_error *error)
{
    return next_block(user, block, error);
}

/* The callback by which libarchive reads a compressed tar. */
static la_ssize_t give_block(struct archive *reader, void *user, const void **data)
{
    fps__archive *archive = user;
    fps_error error;
    fps_status status = next_block(archive, &archive->given, &error);
    *data = archive->given.data;
    archive->given_total += archive->given.size;
    if (!status || status == FPS_ERROR_NOT_FOUND)
        return (la_ssize_t)archive->given.size;
    archive_set_error(reader, EIO, "%s", error.message);
    return ARCHIVE_FATAL;
}

/* Why the reader fails: the unpacker may be to blame. */
static fps_status fail_reading(fps__archive *archive, fps_error *error)
{
    if (!archive->unpacker || !archive->failed || archive->failed == FPS_ERROR_NOT_FOUND)
        return fail_reader(archive->reader, FPS_ERROR_CORRUPT, error);
    if (error)
        *error = archive->failure;
    return archive->failed;
}

/* ---- opening ---- */

static bool add_all(struct archive *reader, support *const *choices, size_t count)
{
    for (size_t i = 0; reader && i < count; i++)
        if (choices[i](reader) < ARCHIVE_WARN)
            return false;
    return reader;
}

/* Named filters alone, all of them in this process: libarchive's other filters start programs. NULL where the data is not
 * compressed. */
static fps_status open_unpacker(fps__archive *archive, fps_error *error)
{
    static support *const filters[] = {
        archive_read_support_filter_gzip,  archive_read_support_filter_bzip2,
        archive_read_support_filter_xz,    archive_read_support_filter_lzma,
        archive_read_support_filter_zstd,  archive_read_support_filter_lz4,
        archive_read_support_filter_rpm,   archive_read_support_filter_compress,
        archive_read_support_filter_lzip,  archive_read_support_format_raw,
        archive_read_support_format_empty,
    };
    archive->unpacker = archive_read_new();
    if (!add_all(archive->unpacker, filters, sizeof filters / sizeof *filters))
        return fps__fail_memory(error);
    fps__span stream = fps__span_part(archive->data, 0, fps__stream_end(archive->data));
    if (fps__reader_open_memory(archive->unpacker, &archive->memory, stream) != ARCHIVE_OK)
        return fail_reader(archive->unpacker, FPS_ERROR_CORRUPT, error);
    int got = fps__reader_next(archive->unpacker, &archive->whole);
    bool packed = archive_filter_count(archive->unpacker) > 1;
    if (packed && got < ARCHIVE_WARN)
        archive->failed = fail_reader(archive->unpacker, FPS_ERROR_CORRUPT, &archive->failure);
    else if (packed && got == ARCHIVE_EOF)
        archive->failed = FPS_ERROR_NOT_FOUND;
    if (packed)
        return FPS_OK;
    archive_read_free(archive->unpacker);
    archive->unpacker = NULL;
    return FPS_OK;
}

/* Takes the first unpacked bytes to tell the form by; a short block is joined with those that follow. */
static fps_status take_start(fps__archive *archive, fps__span *head)
{
    fps_status status = next_block(archive, head, NULL);
    archive->pending = *head;
    if (status || head->size >= HEAD_SIZE)
        return FPS_OK;
    archive->start = malloc(HEAD_SIZE);
    if (!archive->start)
        return FPS_ERROR_MEMORY;
    size_t used = 0;
    fps__span block = *head;
    archive->pending = (fps__span){NULL, 0};
    while (!status) {
        size_t part = block.size < HEAD_SIZE - used ? block.size : HEAD_SIZE - used;
        memcpy(archive->start + used, block.data, part);
        used += part;
        if (used == HEAD_SIZE && part < block.size) { /* the rest of the block follows in memory of its own */
            uint8_t *grown = realloc(archive->start, HEAD_SIZE + block.size - part);
            if (!grown)
                return FPS_ERROR_MEMORY;
            memcpy(grown + used, block.data + part, block.size - part);
            archive->start = grown;
            used += block.size - part;
        }
        status = used < HEAD_SIZE ? next_block(archive, &block, NULL) : FPS_ERROR_NOT_FOUND;
    }
    *head = archive->pending = (fps__span){archive->start, used};
    return FPS_OK;
}

static form find_form(const fps__archive *archive, fps__span head)
{
    if (fps__cpio_identify(head))
        return FORM_CPIO;
    if (fps__is_tar(head))
        return FORM_TAR;
    if (archive->unpacker)
        return FORM_SINGLE;
    if (fps__span_has(head, 0, 4) && memcmp(head.data, "PK", 2) == 0)
        return FORM_ZIP;
    if (fps__span_has(head, 0, 8) && memcmp(head.data, "!<arch>\n", 8) == 0)
        return FORM_AR;
    const fps__packed_form *packed = fps__find_packed_form(head);
    return packed ? packed->form : FORM_NONE;
}

static fps_status open_cpio(fps__archive *archive, fps_error *error)
{
    archive->cpio = calloc(1, sizeof *archive->cpio);
    if (!archive->cpio)
        return fps__fail_memory(error);
    archive->cpio->next_block = next_cpio_block;
    archive->cpio->user = archive;
    return FPS_OK;
}

/* Only the formats that packages are made of: fewer parsers meet hostile bytes. */
static fps_status open_reader(fps__archive *archive, bool by_local_headers, fps_error *error)
{
    const fps__packed_form *packed = fps__find_packed_form(archive->data);
    support *add = archive->form == FORM_TAR  ? archive_read_support_format_tar
                   : archive->form == FORM_AR ? archive_read_support_format_ar
                   : packed                   ? packed->add
                   : by_local_headers         ? archive_read_support_format_zip_streamable
                                              : archive_read_support_format_zip;
    archive->reader = archive_read_new();
    if (!add_all(archive->reader, &add, 1) ||
        (archive->form == FORM_TAR &&
         archive_read_set_format(archive->reader, ARCHIVE_FORMAT_TAR) != ARCHIVE_OK))
        return fps__fail_memory(error);
    if (archive->form == FORM_ZIP && !by_local_headers &&
        fps__zip_members_open(&archive->members, archive->data) != FPS_OK)
        return fps__fail_memory(error);
    int opened = archive->unpacker
                     ? fps__reader_open(archive->reader, archive, give_block)
                     : fps__reader_open_memory(archive->reader, &archive->memory, archive->data);
    return opened == ARCHIVE_OK ? FPS_OK : fail_reading(archive, error);
}

/* FPS_ERROR_FORMAT when the data is no container that lists its files. */
static fps_status open_contents(fps__archive *archive, fps_error *error)
{
    archive->contents = calloc(1, sizeof *archive->contents);
    if (!archive->contents)
        return fps__fail_memory(error);
    fps_status status = fps__contents_read(archive->contents, archive->data, error);
    archive->form = status ? FORM_NONE : FORM_CONTENTS;
    return status;
}

static fps_status open_volume(fps__archive *archive, fps_error *error)
{
    archive->form = FORM_VOLUME;
    archive->volume_budget = (fps__volume_budget){archive, spend_on_volume};
    return fps__volume_open(&archive->volume, archive->data, &archive->volume_budget, error);
}

static fps_status open_all(fps__archive *archive, bool by_local_headers, fps_error *error)
{
    fps__span head = archive->data;
    if (fps__contents_identify(head))
        return open_contents(archive, error);
    if (fps__archive_find_volume(head))
        return open_volume(archive, error);
    fps_status status = open_unpacker(archive, error);
    if (!status && archive->unpacker && take_start(archive, &head))
        return fps__fail_memory(error);
    if (status)
        return status;
    archive->form = find_form(archive, head);
    if (archive->form == FORM_CPIO && !archive->unpacker)
        archive->pending = archive->data;
    if (archive->form == FORM_CPIO)
        return open_cpio(archive, error);
    if (archive->form == FORM_SINGLE)
        return FPS_OK;
    if (archive->form == FORM_NONE) {
        status = open_contents(archive, NULL);
        return status == FPS_ERROR_MEMORY ? fps__fail_memory(error) : FPS_OK;
    }
    return open_reader(archive, by_local_headers, error);
}

static fps_status open_archive(fps__archive **archive, fps__span data, bool by_local_headers,
                               fps__archive_budget *budget, fps_error *error)
{
    errno = 0; /* malloc tells in it what libarchive may not */
    *archive = NULL;
    fps__archive *made = calloc(1, sizeof *made);
    if (!made)
        return fps__fail_memory(error);
    made->data = data;
    made->budget = budget;
    made->at_end = true;
    fps_status status = open_all(made, by_local_headers, error);
    if (status)
        fps__archive_free(made);
    else
        *archive = made;
    return status;
}

fps_status fps__archive_open(fps__archive **archive, fps__span data, fps__archive_budget *budget,
                             fps_error *error)
{
    return open_archive(archive, data, false, budget, error);
}

fps_status fps__archive_open_local(fps__archive **archive, fps__span data, fps__archive_budget *budget,
                                   fps_error *error)
{
    return open_archive(archive, data, true, budget, error);
}

void fps__archive_free(fps__archive *archive)
{
    if (!archive)
        return;
    archive_read_free(archive->reader);
    archive_read_free(archive->unpacker);
    archive_entry_free(archive->whole);
    archive_entry_free(archive->found);
    fps__zip_members_free(archive->members);
    fps__volume_free(archive->volume);
    free(archive->start);
    free(archive->cpio);
    if (archive->contents)
        fps__contents_free(archive->contents);
    free(archive->contents);
    free(archive->room);
    free(archive);
}

/* ---- the bytes of a file ---- */

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

static fps_status fail_size(const fps__archive *archive, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "file of more than %llu bytes",
                     (unsigned long long)archive->budget->limits.file_size);
}

/* Puts bytes behind those of the current file. */
static fps_status append(fps__archive *archive, fps__span bytes, fps_error *error)
{
    uint64_t limit = archive->budget->limits.file_size;
    if (archive->used > limit || bytes.size > limit - archive->used)
        return fail_size(archive, error);
    if (!make_room(archive, archive->used + bytes.size))
        return fps__fail_memory(error);
    if (bytes.size)
        memcpy(archive->room + archive->used, bytes.data, bytes.size);
    archive->used += bytes.size;
    return FPS_OK;
}

/* The next block of the one compressed file. Sets at_end. */
static fps_status read_single(fps__archive *archive, bool keep, fps_error *error)
{
    fps__span block;
    fps_status status = next_block(archive, &block, error);
    archive->at_end = status == FPS_ERROR_NOT_FOUND;
    if (archive->at_end)
        return FPS_OK;
    return status || !keep ? status : append(archive, block, error);
}

/* True when what the reader gives is not in its input as it is. */
static bool unpacks_itself(const fps__archive *archive)
{
    return archive->form == FORM_ZIP || (archive->form >= FORM_7Z && archive->form <= FORM_XAR);
}

/* Begins a file of a zip: libarchive has read its local header. Its method is asked again, of libarchive, because that may
 * have found another directory. */
static bool begins_member(fps__archive *archive)
{
    const char *method = archive->members ? archive_format_name(archive->reader) : NULL;
    return method && strstr(method, "(deflation)") && archive_entry_filetype(archive->found) == AE_IFREG &&
           fps__zip_members_begin(archive->members, (uint64_t)archive_filter_bytes(archive->reader, 0));
}

/* The next block of a member. When it is damaged, the reader begins it anew. Sets at_end. */
static fps_status read_member(fps__archive *archive, fps_error *error)
{
    size_t size;
    if (!make_room(archive, archive->used + FPS__ZIP_BLOCK))
        return fps__fail_memory(error);
    archive->inflating =
        fps__zip_members_next(archive->members, archive->room + archive->used, &size, &archive->at_end);
    if (!archive->inflating) {
        archive->at_end = false;
        archive->used = 0;
        return fps__archive_charge(archive->budget, size, error);
    }
    fps_status status = charge(archive, size, error);
    if (status)
        return status;
    uint64_t limit = archive->budget->limits.file_size;
    if (archive->used > limit || size > limit - archive->used)
        return fail_size(archive, error);
    archive->used += size;
    return FPS_OK;
}

/* Reads the next block of the current file; keeps it when `keep`. Sets at_end. */
static fps_status read_block(fps__archive *archive, bool keep, fps_error *error)
{
    const void *block;
    size_t size;
    int64_t offset;
    if (archive->form == FORM_SINGLE)
        return read_single(archive, keep, error);
    if (archive->inflating)
        return read_member(archive, error);
    int got = archive_read_data_block(archive->reader, &block, &size, &offset);
    if (got == ARCHIVE_EOF) {
        archive->at_end = true;
        return charge(archive, 0, error);
    }
    if (got < ARCHIVE_WARN)
        return fail_reading(archive, error);
    uint64_t start = offset > 0 ? (uint64_t)offset : 0;
    if (start < archive->at)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "blocks of a file overlap");
    uint64_t hole = start - archive->at, limit = archive->budget->limits.file_size;
    uint64_t uncounted = (unpacks_itself(archive) ? size : 0) + (keep && hole <= limit ? hole : 0);
    fps_status status = charge(archive, uncounted, error);
    if (status || !keep) {
        archive->at = start + size;
        return status;
    }
    if (start > limit || size > limit - start)
        return fail_size(archive, error);
    if (!make_room(archive, (size_t)start + size))
        return fps__fail_memory(error);
    memset(archive->room + archive->used, 0, (size_t)hole);
    if (size)
        memcpy(archive->room + start, block, size);
    archive->at = start + size;
    archive->used = (size_t)archive->at;
    return FPS_OK;
}

/* Of a large member whose first block alone was wanted no checksum has told: isa-l takes some codes that zlib refuses. The block was
 * charged when it was inflated. */
static fps_status check_member(fps__archive *archive, fps_error *error)
{
    const void *block;
    size_t size;
    int64_t offset;
    bool checked = !archive->inflating || archive->at_end;
    archive->inflating = false;
    if (checked || archive_read_data_block(archive->reader, &block, &size, &offset) >= ARCHIVE_WARN)
        return FPS_OK;
    return fail_reading(archive, error);
}

/* Runs over what is left of the current file block by block, so that the budget is charged on the way. */
static fps_status skip_rest(fps__archive *archive, fps_error *error)
{
    if (archive->form == FORM_ZIP)
        return check_member(archive, error);
    fps_status status = FPS_OK;
    while (!archive->at_end && !status)
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

static fps_status read_head(fps__archive *archive, fps_error *error)
{
    archive->used = 0;
    archive->at = 0;
    archive->at_end = false;
    archive->inflating = begins_member(archive);
    fps_status status = FPS_OK;
    while (!archive->at_end && archive->used < HEAD_SIZE && !status)
        status = read_block(archive, true, error);
    return status;
}

/* ---- cpio ---- */

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
        status = fps__archive_charge_entry(archive->budget, error);
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
        return fail_size(archive, error);
    return fill_from_cpio(archive, UINT64_MAX, error);
}

/* ---- containers that list their files ---- */

/* Bytes of a listed file that were unpacked: the first ones end it where no more are wanted. */
typedef struct contained_sink {
    fps__archive *archive;
    bool head_alone;
} contained_sink;

static fps_status take_contained(void *user, fps__span block, fps_error *error)
{
    contained_sink *sink = user;
    fps_status status = fps__archive_charge(sink->archive->budget, block.size, error);
    if (!status)
        status = append(sink->archive, block, error);
    bool enough = sink->head_alone && sink->archive->used >= HEAD_SIZE;
    return status ? status : enough ? FPS_ERROR_CANCELLED : FPS_OK;
}

static fps_status unpack_contained(fps__archive *archive, bool head_alone, fps_error *error)
{
    contained_sink taker = {archive, head_alone};
    const fps__contents_sink sink = {&taker, take_contained};
    archive->used = 0;
    fps_status status =
        fps__contents_unpack(archive->contents, &archive->contents->files.items[archive->given_files - 1],
                             archive->data, &sink, error);
    return status == FPS_ERROR_CANCELLED ? FPS_OK : status;
}

/* Says a fault of the container, behind which it is read on. */
static fps_status tell_contained(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    const char *fault = archive->contents->fault;
    archive->contents->fault = NULL;
    *entry = (fps__archive_entry){.path = "", .single = true};
    return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "%s: %s", archive->contents->what,
                     fault);
}

/* Stored files are given where they are. */
static bool is_stored(const fps__contained *file)
{
    return file->storage == FPS__STORED_PLAIN && file->unpacked >= file->size;
}

static fps_status next_contained(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    const fps__contents *contents = archive->contents;
    if (contents->fault)
        return tell_contained(archive, entry, error);
    if (archive->given_files >= contents->files.count)
        return FPS_ERROR_NOT_FOUND;
    const fps__contained *file = &contents->files.items[archive->given_files++];
    *entry = (fps__archive_entry){.path = clean_path(file->name), .single = contents->single};
    fps_status status = fps__archive_charge_entry(archive->budget, error);
    if (!status && is_stored(file)) {
        entry->head =
            fps__span_part(archive->data, file->offset, file->size < HEAD_SIZE ? file->size : HEAD_SIZE);
        return fps__archive_charge(archive->budget, 0, error);
    }
    if (!status)
        status = unpack_contained(archive, true, error);
    entry->head = (fps__span){archive->room, archive->used};
    if (status != FPS_ERROR_CORRUPT || contents->single)
        return status;
    return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, file->offset, "damaged file in %s", contents->what);
}

static fps_status load_contained(fps__archive *archive, fps__span *data, fps_error *error)
{
    const fps__contained *file = &archive->contents->files.items[archive->given_files - 1];
    fps_status status;
    if (is_stored(file)) {
        status = file->size > archive->budget->limits.file_size
                     ? fail_size(archive, error)
                     : fps__archive_charge(archive->budget, file->size, error);
        *data = status ? (fps__span){NULL, 0} : fps__span_part(archive->data, file->offset, file->size);
        return status;
    }
    status = unpack_contained(archive, false, error);
    if (!status)
        *data = (fps__span){archive->room, archive->used};
    return status == FPS_ERROR_CORRUPT && !archive->contents->single ? FPS_ERROR_UNSUPPORTED : status;
}

/* ---- file systems ---- */

/* Reads on in the current file until `wanted` bytes of it are in the room, or all. Each step is paid before it is read. */
static fps_status fill_from_volume(fps__archive *archive, uint64_t wanted, fps_error *error)
{
    enum { STEP = 1024 * 1024 };
    uint64_t end = wanted < archive->file.size ? wanted : archive->file.size;
    while (archive->used < end) {
        size_t part = end - archive->used < STEP ? (size_t)(end - archive->used) : STEP;
        fps_status status = fps__archive_charge(archive->budget, part, error);
        if (!status && !make_room(archive, archive->used + part))
            status = fps__fail_memory(error);
        if (!status)
            status =
                fps__volume_read(archive->volume, archive->used, archive->room + archive->used, part, error);
        if (status)
            return status;
        archive->used += part;
    }
    return FPS_OK;
}

/* Files alone, and each under its first name, as of a tar. */
static fps_status next_in_volume(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    fps_status status;
    do
        status = fps__volume_next(archive->volume, &archive->file, error);
    while (!status && (archive->file.type != FPS__VOLUME_FILE || archive->file.link));
    archive->used = 0;
    fps__span bytes = archive->file.bytes;
    if (!status && !bytes.size)
        status = fill_from_volume(archive, VOLUME_HEAD, error);
    if (!bytes.size)
        bytes = (fps__span){archive->room, archive->used};
    *entry = (fps__archive_entry){
        .path = archive->file.path,
        .head = fps__span_part(bytes, 0, bytes.size < VOLUME_HEAD ? bytes.size : VOLUME_HEAD),
        .single = !*archive->file.path, /* a failure of the whole */
        .modified = archive->file.modified};
    return status;
}

static fps_status load_from_volume(fps__archive *archive, fps__span *data, fps_error *error)
{
    if (archive->file.bytes.size) {
        *data = archive->file.bytes;
        return fps__archive_charge(archive->budget, data->size, error);
    }
    if (archive->file.size > archive->budget->limits.file_size)
        return fail_size(archive, error);
    fps_status status = fill_from_volume(archive, UINT64_MAX, error);
    if (!status)
        *data = (fps__span){archive->room, archive->used};
    return status;
}

bool fps__archive_survives_damage(const fps__archive *archive)
{
    return archive->form == FORM_VOLUME;
}

/* ---- all forms ---- */

static fps_status next_single(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    if (archive->begun) {
        fps_status status = skip_rest(archive, error);
        return status ? status : FPS_ERROR_NOT_FOUND;
    }
    archive->begun = true;
    *entry = (fps__archive_entry){.path = "", .single = true};
    if (archive->failed == FPS_ERROR_NOT_FOUND && !archive->pending.size)
        return FPS_ERROR_NOT_FOUND;
    fps_status status = fps__archive_charge_entry(archive->budget, error);
    if (!status)
        status = read_head(archive, error);
    entry->head = (fps__span){archive->room, archive->used};
    return status;
}

/* Says a fault of a tar behind which it is read on. */
static fps_status tell(fps__archive_entry *entry, const char *fault, fps_error *error)
{
    *entry = (fps__archive_entry){.path = "", .single = true};
    return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "%s", fault);
}

static fps_status read_header(fps__archive *archive, fps_error *error)
{
    archive->got = fps__reader_next(archive->reader, &archive->found);
    fps_status status = charge(archive, 0, error);
    return status || archive->got == ARCHIVE_EOF ? status : fps__archive_charge_entry(archive->budget, error);
}

/* The header of the next entry. A tar is read on behind a damaged one, and that is said once. */
static fps_status next_header(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    for (;;) {
        int64_t before = archive_filter_bytes(archive->reader, 0);
        fps_status status = archive->waiting ? FPS_OK : read_header(archive, error);
        archive->waiting =
            !status && archive->bare && archive_read_header_position(archive->reader) > archive->bare;
        archive->bare = 0;
        if (archive->waiting)
            return tell(entry, "an entry that is no file has bytes", error);
        if (status)
            return status;
        if (archive->got == ARCHIVE_EOF)
            return FPS_ERROR_NOT_FOUND;
        if (archive->got == ARCHIVE_OK || archive->got == ARCHIVE_WARN)
            return FPS_OK;
        if (archive->got != ARCHIVE_RETRY || archive_filter_bytes(archive->reader, 0) <= before)
            return fail_reading(archive, error);
        bool told = archive->damaged;
        archive->damaged = true;
        if (!told)
            return tell(entry, "the tar is damaged; it was read on behind that", error);
    }
}

/* An entry of a tar in memory that is no file, and yet has bytes by its header: a hard link, or a name with '/' behind it.
 * One reader sees them, another skips them, a third reads headers there; libarchive does not give them. */
static fps_status take_bare_bytes(fps__archive *archive, fps_error *error)
{
    enum { SIZE = 124, DIGITS = 12 };
    int64_t end = archive_filter_bytes(archive->reader, 0);
    uint64_t size = 0;
    archive->used = 0;
    fps__span record = end >= TAR_RECORD
                           ? fps__span_part(archive->data, (uint64_t)end - TAR_RECORD, TAR_RECORD)
                           : (fps__span){NULL, 0};
    for (size_t i = 0; record.size && i < DIGITS; i++) {
        uint8_t c = record.data[SIZE + i];
        if (c >= '0' && c <= '7')
            size = size << 3 | (uint64_t)(c - '0');
    }
    fps__span bytes = fps__span_part(archive->data, size ? (uint64_t)end : 0, size);
    fps_status status =
        fps__archive_charge(archive->budget, bytes.size, error); /* entries may say the same bytes */
    return status ? status : append(archive, bytes, error);
}

/* Sets *taken when the entry has bytes; they are in the room then, or its first ones. */
static fps_status read_found(fps__archive *archive, bool *taken, fps_error *error)
{
    struct archive_entry *found = archive->found;
    bool plain = archive_entry_filetype(found) == AE_IFREG && !archive_entry_hardlink(found);
    plain |= unpacks_itself(archive) && archive_entry_size(found) > 0; /* the type is a word of its maker */
    fps_status status = FPS_OK;
    archive->at_end = true;
    archive->bare = 0;
    *taken = true;
    if (plain)
        return read_head(archive, error);
    bool streamed = archive->form == FORM_TAR && archive->unpacker;
    if (streamed) /* the next header shows whether bytes lay in between */
        archive->bare = archive_filter_bytes(archive->reader, 0);
    else if (archive->form == FORM_TAR)
        status = take_bare_bytes(archive, error);
    *taken = archive->form == FORM_TAR && !archive->unpacker && archive->used;
    return status;
}

static fps_status next_in_reader(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    for (;;) {
        bool taken;
        fps_status status = skip_rest(archive, error);
        if (!status)
            status = next_header(archive, entry, error);
        if (status)
            return status;
        entry->single = false;
        entry->path = clean_path(archive_entry_pathname(archive->found));
        entry->modified =
            archive_entry_mtime_is_set(archive->found) ? archive_entry_mtime(archive->found) : 0;
        archive->at_end = true;
        if (archive_entry_is_encrypted(archive->found))
            return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "encrypted file in the archive");
        status = read_found(archive, &taken, error);
        entry->head = (fps__span){archive->room, archive->used};
        if (status || taken)
            return status;
    }
}

fps_status fps__archive_next(fps__archive *archive, fps__archive_entry *entry, fps_error *error)
{
    switch (archive->form) {
    case FORM_NONE:
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "not an archive");
    case FORM_SINGLE:
        return next_single(archive, entry, error);
    case FORM_CPIO:
        return next_in_cpio(archive, entry, error);
    case FORM_CONTENTS:
        return next_contained(archive, entry, error);
    case FORM_VOLUME:
        return next_in_volume(archive, entry, error);
    default:
        return next_in_reader(archive, entry, error);
    }
}

fps_status fps__archive_load(fps__archive *archive, fps__span *data, fps_error *error)
{
    *data = (fps__span){NULL, 0};
    if (archive->form == FORM_CONTENTS)
        return load_contained(archive, data, error);
    if (archive->form == FORM_VOLUME)
        return load_from_volume(archive, data, error);
    fps_status status = archive->cpio ? load_from_cpio(archive, error) : FPS_OK;
    while (!archive->cpio && !archive->at_end && !status)
        status = read_block(archive, true, error);
    if (!status)
        *data = (fps__span){archive->room, archive->used};
    return status;
}

/* ---- behind the end ---- */

static fps__span strip_zeros(fps__span bytes)
{
    while (bytes.size && !bytes.data[0])
        bytes = (fps__span){bytes.data + 1, bytes.size - 1};
    return bytes;
}

/* What of its last block the reader of a compressed tar has not used. */
static fps__span unused_block(const fps__archive *archive)
{
    int64_t used = archive_filter_bytes(archive->reader, 0);
    uint64_t left =
        used >= 0 && (uint64_t)used <= archive->given_total ? archive->given_total - (uint64_t)used : 0;
    left = left < archive->given.size ? left : archive->given.size;
    return fps__span_part(archive->given, archive->given.size - left, left);
}

/* Collects what is left of the unpacked bytes, from the first that is not zero. */
static fps_status collect_unpacked(fps__archive *archive, fps_error *error)
{
    fps_status status = FPS_OK;
    fps__span block = archive->cpio ? archive->cpio->block : unused_block(archive);
    archive->used = 0;
    while (!status) {
        if (!archive->used)
            block = strip_zeros(block);
        status = append(archive, block, error);
        if (!status)
            status = next_block(archive, &block, error);
    }
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

fps_status fps__archive_rest(fps__archive *archive, fps__archive_behind *behind, fps_error *error)
{
    fps__span data = archive->data;
    int64_t end = (int64_t)data.size;
    *behind = (fps__archive_behind){.packed_offset = data.size};
    fps_status status = FPS_OK;
    if (archive->unpacker) {
        if (archive->form != FORM_SINGLE)
            status = collect_unpacked(archive, error);
        if (!status && archive->form != FORM_SINGLE)
            behind->unpacked = (fps__span){archive->room, archive->used};
        end = archive_filter_bytes(archive->unpacker, -1);
    } else if (archive->form == FORM_CONTENTS) {
        end = (int64_t)archive->contents->end;
    } else if (archive->form == FORM_VOLUME) {
        end = (int64_t)fps__volume_end(archive->volume);
    } else if (archive->form == FORM_CPIO) {
        end = (int64_t)(data.size - archive->cpio->block.size);
    } else if (archive->form == FORM_7Z || archive->form == FORM_CABINET) {
        end = (int64_t)fps__packed_end(archive->form, data);
    } else if (archive->form != FORM_AR) {
        end = archive_filter_bytes(archive->reader, 0);
    }
    if (end >= 0 && archive->form == FORM_ZIP && (uint64_t)end < archive->counted)
        end = (int64_t)archive->counted; /* members are read beside the reader */
    if (end >= 0 && (uint64_t)end < data.size)
        behind->packed_offset = (uint64_t)end;
    behind->packed =
        strip_zeros(fps__span_part(data, behind->packed_offset, data.size - behind->packed_offset));
    return status;
}
