/* The file that a set is written to: sections in a file without a name that gets the real one at the end. What is killed
 * leaves nothing behind. Where the file system or the lack of /proc does not allow that, the file has a temporary name. */
#include "compiler/set_output.h"

#include "util/bytes.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { BUFFER_SIZE = 1024 * 1024, MAX_SECTIONS = 64, NAME_TRIES = 100, LINK_SIZE = 40 };

struct fps__set_output {
    const char *path;
    char *temporary; /* its name; room for one while it has none */
    size_t temporary_size;
    bool named;
    int file;
    int failure;     /* errno of the first write that failed, 0 so far */
    uint64_t offset; /* of the buffer's first byte in the file */
    size_t used;     /* bytes in the buffer */
    size_t mark;     /* bytes of the buffer that the section checksum has taken or need not take */
    XXH3_state_t *digest, *checksum;
    uint8_t table[MAX_SECTIONS][FPS__TABLE_ENTRY_SIZE];
    uint32_t section_count;
    uint16_t minor; /* version that has all that was written so far */
    uint32_t item_size, width;
    uint64_t pending; /* fields of packed items that do not fill a byte yet, and how many bits they have */
    unsigned pending_bits;
    uint64_t field_bits; /* of the section so far */
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

/* The folder that `path` lies in; the caller frees it. NULL without memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
}

/* What gives a name to the open file; linkat follows it. */
static void set_link(const fps__set_output *output, char link[LINK_SIZE])
{
    snprintf(link, LINK_SIZE, "/proc/self/fd/%d", output->file);
}

static void create_nameless(fps__set_output *output)
{
    char link[LINK_SIZE];
    struct stat info;
    char *folder = folder_of(output->path);
    output->file = folder ? open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666) : -1;
    free(folder);
    set_link(output, link);
    if (output->file >= 0 && stat(link, &info) != 0) { /* no /proc: it could never get a name */
        close(output->file);
        output->file = -1;
    }
}

/* Gives the file the name "PATH.PID-N.tmp", which nobody has; creates it where it is not open yet. errno of the failure,
 * or 0. */
static int name_temporary(fps__set_output *output)
{
    char link[LINK_SIZE];
    int failure = EEXIST;
    set_link(output, link);
    for (int i = 0; i < NAME_TRIES && failure == EEXIST; i++) {
        bool open_already = output->file >= 0;
        snprintf(output->temporary, output->temporary_size, "%s.%ld-%d.tmp", output->path, (long)getpid(), i);
        if (!open_already)
            output->file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        output->named = open_already
                            ? linkat(AT_FDCWD, link, AT_FDCWD, output->temporary, AT_SYMLINK_FOLLOW) == 0
                            : output->file >= 0;
        failure = output->named ? 0 : errno;
    }
    return failure;
}

static fps_status create_file(fps__set_output *output, fps_error *error)
{
    output->temporary_size = strlen(output->path) + 48;
    output->temporary = malloc(output->temporary_size);
    if (!output->temporary)
        return fps__fail_memory(error);
    create_nameless(output);
    int failure = output->file >= 0 ? 0 : name_temporary(output);
    return failure ? fps__fail_io(error, output->path, failure, "cannot create") : FPS_OK;
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
    output->minor = FPS__LAYOUT_MINOR_WITHOUT_PATCHES;
    output->digest = XXH3_createState();
    output->checksum = XXH3_createState();
    fps_status status = output->digest && output->checksum ? FPS_OK : fps__fail_memory(error);
    if (status == FPS_OK)
        status = create_file(output, error);
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

void fps__set_output_field(fps__set_output *output, uint64_t value, unsigned bits)
{
    output->pending |= value << output->pending_bits;
    output->pending_bits += bits;
    output->field_bits += bits;
    for (; output->pending_bits >= 8; output->pending_bits -= 8, output->pending >>= 8)
        *fps__set_output_room(output, 1) = (uint8_t)output->pending;
}

/* Ends the last byte of a packed section, and the zeros behind it. */
static void end_fields(fps__set_output *output)
{
    if (output->pending_bits)
        *fps__set_output_room(output, 1) = (uint8_t)output->pending;
    output->pending = 0;
    output->pending_bits = 0;
    memset(fps__set_output_room(output, FPS__PACKED_PADDING), 0, FPS__PACKED_PADDING);
}

void fps__set_output_needs(fps__set_output *output, uint16_t minor)
{
    output->minor = minor > output->minor ? minor : output->minor;
}

void fps__set_output_begin(fps__set_output *output, const fps__set_section *section)
{
    align(output, FPS__LAYOUT_ALIGNMENT);
    XXH3_64bits_reset(output->checksum);
    output->mark = output->used;
    output->section_offset = output->offset + output->used;
    output->item_size = section->item_size;
    output->width = section->width;
    output->field_bits = 0;
    uint8_t *entry = output->table[output->section_count];
    if (section->kind >= FPS__SECTION_PATCHES)
        fps__set_output_needs(output, FPS__LAYOUT_MINOR_WITHOUT_DAYS);
    fps__put32le(entry + FPS__TABLE_KIND, section->kind);
    entry[FPS__TABLE_FEATURE] = (uint8_t)section->feature;
    entry[FPS__TABLE_HASH_BITS] = (uint8_t)section->hash_bits;
    fps__put16le(entry + FPS__TABLE_WIDTH, (uint16_t)section->width);
    fps__put32le(entry + FPS__TABLE_PARAMETERS, section->parameters);
    fps__put32le(entry + FPS__TABLE_ITEM_SIZE, section->item_size);
    fps__put64le(entry + FPS__TABLE_OFFSET, output->section_offset);
}

void fps__set_output_end(fps__set_output *output)
{
    uint8_t *entry = output->table[output->section_count++];
    if (output->width)
        end_fields(output);
    uint64_t size = output->offset + output->used - output->section_offset;
    XXH3_64bits_update(output->checksum, output->buffer + output->mark, output->used - output->mark);
    output->mark = output->used;
    fps__put64le(entry + FPS__TABLE_COUNT,
                 output->width ? output->field_bits / output->width : size / output->item_size);
    fps__put64le(entry + FPS__TABLE_CHECKSUM, XXH3_64bits_digest(output->checksum));
}

static void write_header(fps__set_output *output, uint64_t table_offset, uint64_t table_checksum)
{
    uint8_t header[FPS__HEADER_SIZE] = {0};
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(output->digest));
    memcpy(header + FPS__HEADER_MAGIC, FPS__LAYOUT_MAGIC, 8);
    fps__put16le(header + FPS__HEADER_MAJOR, FPS__LAYOUT_MAJOR);
    fps__put16le(header + FPS__HEADER_MINOR, output->minor);
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
    char *folder = folder_of(path);
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
    if (output->failure == 0 && !output->named)
        output->failure = name_temporary(output);
    if (close(output->file) != 0 && output->failure == 0)
        output->failure = errno;
    output->file = -1;
    if (output->failure != 0)
        return fps__fail_io(error, output->path, output->failure, "cannot write");
    if (rename(output->temporary, output->path) != 0)
        return fps__fail_io(error, output->path, errno, "cannot rename the finished set");
    output->named = false;
    flush_folder(output->path);
    return FPS_OK;
}

void fps__set_output_free(fps__set_output *output)
{
    if (!output)
        return;
    if (output->file >= 0)
        close(output->file);
    if (output->named)
        unlink(output->temporary);
    free(output->temporary);
    XXH3_freeState(output->digest);
    XXH3_freeState(output->checksum);
    free(output);
}
