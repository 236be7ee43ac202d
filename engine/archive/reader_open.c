/* Opens libarchive's readers. */
#include "archive/reader_open.h"

#include <errno.h>
#include <stdio.h>

static int no_memory(struct archive *reader)
{
    archive_set_error(reader, ENOMEM, "out of memory");
    return ARCHIVE_FATAL;
}

int fps__reader_open(struct archive *reader, void *user, archive_read_callback *give)
{
    archive_read_set_read_callback(reader, give);
    bool set = archive_read_set_callback_data(reader, user) == ARCHIVE_OK;
    return set ? archive_read_open1(reader) : no_memory(reader);
}

static la_ssize_t give_rest(struct archive *reader, void *user, const void **block)
{
    fps__reader_memory *memory = user;
    size_t left = memory->bytes.size - memory->at;
    (void)reader;
    *block = left ? memory->bytes.data + memory->at : NULL;
    memory->at = memory->bytes.size;
    return (la_ssize_t)left;
}

static la_int64_t skip_bytes(struct archive *reader, void *user, la_int64_t wanted)
{
    fps__reader_memory *memory = user;
    size_t left = memory->bytes.size - memory->at;
    size_t step = wanted < 0 ? 0 : (uint64_t)wanted > left ? left : (size_t)wanted;
    (void)reader;
    memory->at += step;
    return (la_int64_t)step;
}

static la_int64_t seek_byte(struct archive *reader, void *user, la_int64_t offset, int whence)
{
    fps__reader_memory *memory = user;
    la_int64_t size = (la_int64_t)memory->bytes.size;
    la_int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (la_int64_t)memory->at : size;
    (void)reader;
    if (offset < -base || offset > size - base)
        return ARCHIVE_FAILED;
    memory->at = (size_t)(base + offset);
    return base + offset;
}

int fps__reader_open_memory(struct archive *reader, fps__reader_memory *memory, fps__span bytes)
{
    *memory = (fps__reader_memory){.bytes = bytes};
    archive_read_set_seek_callback(reader, seek_byte);
    archive_read_set_skip_callback(reader, skip_bytes);
    return fps__reader_open(reader, memory, give_rest);
}

int fps__reader_next(struct archive *reader, struct archive_entry **entry)
{
    *entry = *entry ? *entry : archive_entry_new2(reader);
    return *entry ? archive_read_next_header2(reader, *entry) : no_memory(reader);
}
