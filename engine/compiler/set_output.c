/* The file that a set is written to: sections under a temporary name that becomes the real one at the end. */
#include "compiler/set_output.h"

#include "util/bytes.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { BUFFER_SIZE = 1024 * 1024, MAX_SECTIONS = 64, NAME_TRIES = 100 };

struct fps__set_output {
    const char *path;
    char *temporary;
    int file;
    int failure;     /* errno of the first write that failed, 0 so far */
    uint64_t offset; /* of the buffer's first byte in the file */
    size_t used;     /* bytes in the buffer */
    size_t mark;     /* bytes of the buffer that the section checksum has taken or need not take */
    XXH3_state_t *digest, *checksum;
    uint8_t table[MAX_SECTIONS][FPS__TABLE_ENTRY_SIZE];
    uint32_t section_count;
    uint32_t item_size;
    uint64_t section_offset;
    uint8_t buffer[BUFFER_SIZE];
};

static void write_all(fps__set_output *output, const uint8_t *data, size_t size, uint64_t offset)
{
    while (size > 0 && output->failure == 0) {
        ssize_t wrote = pwrite(output->file, data, size, (off_t)offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            output->failure = wrote < 0 ? errno : ENOSPC;
            return;
        }
        data += wrote;
        size -= (size_t)wrote;
        offset += (uint64_t)wrote;
    }
}

static void flush(fps__set_output *output)
{
    XXH3_64bits_update(output->checksum, output->buffer + output->mark, output->used - output->mark);
    XXH3_128bits_update(output->digest, output->buffer, output->used);
    write_all(output, output->buffer, output->used, output->offset);
    output->offset += output->used;
    output->used = 0;
    output->mark = 0;
}

/* Creates "PATH.PID-N.tmp", a name that nobody has. */
static fps_status create_temporary(fps__set_output *output, fps_error *error)
{
    size_t size = strlen(output->path) + 48;
    output->temporary = malloc(size);
    if (!output->temporary)
        return fps__fail_memory(error);
    int failure = EEXIST;
    for (int i = 0; i < NAME_TRIES && failure == EEXIST; i++) {
        snprintf(output->temporary, size, "%s.%ld-%d.tmp", output->path, (long)getpid(), i);
        output->file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (output->file >= 0)
            return FPS_OK;
        failure = errno;
    }
    free(output->temporary); /* not ours to remove */
    output->temporary = NULL;
    return fps__fail_io(error, output->path, failure, "cannot create");
}

fps_status fps__set_output_open(fps__set_output **result, const char *path, fps_error *error)
{
    *result = NULL;
    fps__set_output *output = calloc(1, sizeof *output);
    if (!output)
        return fps__fail_memory(error);
    output->path = path;
    output->file = -1;
    output->offset = FPS__HEADER_SIZE;
    output->digest = XXH3_createState();
    output->checksum = XXH3_createState();
    fps_status status = output->digest && output->checksum ? FPS_OK : fps__fail_memory(error);
    if (status == FPS_OK)
        status = create_temporary(output, error);
    if (status != FPS_OK) {
        fps__set_output_free(output);
        return status;
    }
    XXH3_128bits_reset(output->digest);
    XXH3_64bits_reset(output->checksum);
    *result = output;
    return FPS_OK;
}

uint8_t *fps__set_output_room(fps__set_output *output, size_t size)
{
    if (BUFFER_SIZE - output->used < size)
        flush(output);
    uint8_t *room = output->buffer + output->used;
    output->used += size;
    return room;
}

void fps__set_output_bytes(fps__set_output *output, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    while (size > 0) {
        size_t part = size < FPS__MAX_SET_OUTPUT_ROOM ? size : FPS__MAX_SET_OUTPUT_ROOM;
        memcpy(fps__set_output_room(output, part), bytes, part);
        bytes += part;
        size -= part;
    }
}

/* Zeros up to the next multiple of `alignment` in the file. */
static void align(fps__set_output *output, uint64_t alignment)
{
    uint64_t end = output->offset + output->used;
    size_t gap = (size_t)((alignment - end % alignment) % alignment);
    memset(fps__set_output_room(output, gap), 0, gap);
}

void fps__set_output_begin(fps__set_output *output, enum fps__layout_section kind, uint32_t item_size,
                           uint32_t feature, uint32_t parameters)
{
    align(output, FPS__LAYOUT_ALIGNMENT);
    XXH3_64bits_reset(output->checksum);
    output->mark = output->used;
    output->section_offset = output->offset + output->used;
    output->item_size = item_size;
    uint8_t *entry = output->table[output->section_count];
    fps__put32le(entry + FPS__TABLE_KIND, kind);
    fps__put32le(entry + FPS__TABLE_FEATURE, feature);
    fps__put32le(entry + FPS__TABLE_PARAMETERS, parameters);
    fps__put32le(entry + FPS__TABLE_ITEM_SIZE, item_size);
    fps__put64le(entry + FPS__TABLE_OFFSET, output->section_offset);
}

void fps__set_output_end(fps__set_output *output)
{
    uint8_t *entry = output->table[output->section_count++];
    uint64_t size = output->offset + output->used - output->section_offset;
    XXH3_64bits_update(output->checksum, output->buffer + output->mark, output->used - output->mark);
    output->mark = output->used;
    fps__put64le(entry + FPS__TABLE_COUNT, size / output->item_size);
    fps__put64le(entry + FPS__TABLE_CHECKSUM, XXH3_64bits_digest(output->checksum));
}

static void write_header(fps__set_output *output, uint64_t table_offset, uint64_t table_checksum)
{
    uint8_t header[FPS__HEADER_SIZE] = {0};
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(output->digest));
    memcpy(header + FPS__HEADER_MAGIC, FPS__LAYOUT_MAGIC, 8);
    fps__put16le(header + FPS__HEADER_MAJOR, FPS__LAYOUT_MAJOR);
    fps__put16le(header + FPS__HEADER_MINOR, FPS__LAYOUT_MINOR);
    fps__put32le(header + FPS__HEADER_SECTION_COUNT, output->section_count);
    fps__put64le(header + FPS__HEADER_FILE_SIZE, output->offset);
    fps__put64le(header + FPS__HEADER_TABLE_OFFSET, table_offset);
    memcpy(header + FPS__HEADER_DIGEST, digest.digest, sizeof digest.digest);
    fps__put64le(header + FPS__HEADER_TABLE_CHECKSUM, table_checksum);
    fps__put64le(header + FPS__HEADER_CHECKSUM, XXH3_64bits(header, FPS__HEADER_CHECKSUM));
    write_all(output, header, sizeof header, 0);
}

/* So that the new name survives a power cut; a file system that cannot do it is no failure. */
static void flush_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int file = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (file >= 0) {
        fsync(file);
        close(file);
    }
    free(folder);
}

fps_status fps__set_output_finish(fps__set_output *output, fps_error *error)
{
    align(output, 8);
    uint64_t table_offset = output->offset + output->used;
    size_t table_size = (size_t)output->section_count * FPS__TABLE_ENTRY_SIZE;
    fps__set_output_bytes(output, output->table, table_size);
    flush(output);
    write_header(output, table_offset, XXH3_64bits(output->table, table_size));
    if (output->failure == 0 && fsync(output->file) != 0)
        output->failure = errno;
    if (close(output->file) != 0 && output->failure == 0)
        output->failure = errno;
    output->file = -1;
    if (output->failure != 0)
        return fps__fail_io(error, output->path, output->failure, "cannot write");
    if (rename(output->temporary, output->path) != 0)
        return fps__fail_io(error, output->path, errno, "cannot rename the finished set");
    free(output->temporary);
    output->temporary = NULL;
    flush_folder(output->path);
    return FPS_OK;
}

void fps__set_output_free(fps__set_output *output)
{
    if (!output)
        return;
    if (output->file >= 0)
        close(output->file);
    if (output->temporary)
        unlink(output->temporary);
    free(output->temporary);
    XXH3_freeState(output->digest);
    XXH3_freeState(output->checksum);
    free(output);
}
