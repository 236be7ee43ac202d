/* Reads the header of an rpm package: finds tags, and takes numbers and strings out of them. */
#include "archive/rpm_header.h"

#include "util/error.h"

#include <stdio.h>

enum {
    INTRO_SIZE = 8, /* number of entries, bytes of data */
    MAGIC_SIZE = 8, /* magic, version, four bytes that are reserved */
    ENTRY_SIZE = 16,
    MAX_ENTRIES = 65536,
    MAX_DATA = 256 * 1024 * 1024, /* rpm's own limits since 4.15 */
    MAX_VERSION = 4096,           /* bytes of a version or release that are kept */
};

typedef enum rpm_type {
    TYPE_CHAR = 1,
    TYPE_INT8 = 2,
    TYPE_INT16 = 3,
    TYPE_INT32 = 4,
    TYPE_STRING = 6,
    TYPE_STRING_ARRAY = 8,
    TYPE_I18N_STRING = 9,
} rpm_type;

static fps_status open_at(fps__rpm_header *header, fps__span bytes, size_t start, size_t *end,
                          fps_error *error)
{
    fps__span intro = fps__span_part(bytes, start, INTRO_SIZE);
    if (!intro.size)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, start, "rpm header is cut short");
    uint32_t count = fps__get32be(intro.data), size = fps__get32be(intro.data + 4);
    if (count > MAX_ENTRIES || size > MAX_DATA)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, start, "rpm header of %u entries and %u bytes", count,
                         size);
    size_t index = start + INTRO_SIZE, index_size = (size_t)count * ENTRY_SIZE, data = index + index_size;
    if (!fps__span_has(bytes, index, index_size) || !fps__span_has(bytes, data, size))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, start,
                         "rpm header runs beyond the end of its bytes");
    header->index = fps__span_part(bytes, index, index_size);
    header->data = fps__span_part(bytes, data, size);
    *end = data + size;
    return FPS_OK;
}

fps_status fps__rpm_header_open(fps__rpm_header *header, fps__span bytes, fps_error *error)
{
    size_t end;
    return open_at(header, bytes, 0, &end, error);
}

fps_status fps__rpm_header_open_at(fps__rpm_header *header, fps__span file, size_t start, size_t *end,
                                   fps_error *error)
{
    static const uint8_t magic[] = {0x8e, 0xad, 0xe8, 0x01};
    fps__span found = fps__span_part(file, start, MAGIC_SIZE);
    if (!found.size || memcmp(found.data, magic, sizeof magic))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, start, "no rpm header here");
    return open_at(header, file, start + MAGIC_SIZE, end, error);
}

bool fps__rpm_header_find(const fps__rpm_header *header, uint32_t tag, fps__rpm_value *value)
{
    *value = (fps__rpm_value){0, 0, {NULL, 0}};
    for (size_t at = 0; at < header->index.size; at += ENTRY_SIZE) {
        const uint8_t *entry = header->index.data + at;
        uint32_t offset = fps__get32be(entry + 8);
        if (fps__get32be(entry) != tag || offset >= header->data.size)
            continue;
        value->type = fps__get32be(entry + 4);
        value->count = fps__get32be(entry + 12);
        value->data = fps__span_part(header->data, offset, header->data.size - offset);
        return true;
    }
    return false;
}

fps__span fps__rpm_header_text(const fps__rpm_header *header, uint32_t tag)
{
    fps__rpm_value value;
    fps__span text = {NULL, 0};
    fps__rpm_header_find(header, tag, &value);
    fps__rpm_value_next(&value, &text);
    return text;
}

bool fps__rpm_value_number(const fps__rpm_value *value, uint32_t index, uint32_t *number)
{
    if (index >= value->count)
        return false;
    size_t width = value->type == TYPE_INT32   ? 4
                   : value->type == TYPE_INT16 ? 2
                   : value->type == TYPE_INT8  ? 1
                   : value->type == TYPE_CHAR  ? 1
                                               : 0;
    fps__span bytes = fps__span_part(value->data, (uint64_t)index * width, width);
    if (!bytes.size)
        return false;
    *number = width == 4 ? fps__get32be(bytes.data) : width == 2 ? fps__get16be(bytes.data) : bytes.data[0];
    return true;
}

bool fps__rpm_value_next(fps__rpm_value *value, fps__span *text)
{
    bool strings =
        value->type == TYPE_STRING || value->type == TYPE_STRING_ARRAY || value->type == TYPE_I18N_STRING;
    const uint8_t *end =
        strings && value->count && value->data.size ? memchr(value->data.data, 0, value->data.size) : NULL;
    if (!end)
        return false;
    *text = (fps__span){value->data.data, (size_t)(end - value->data.data)};
    value->data = fps__span_part(value->data, text->size + 1, value->data.size - text->size - 1);
    value->count--;
    return true;
}

const char *fps__rpm_header_version(const fps__rpm_header *header, fps__arena *arena)
{
    fps__span version = fps__rpm_header_text(header, FPS__RPM_TAG_VERSION);
    fps__span release = fps__rpm_header_text(header, FPS__RPM_TAG_RELEASE);
    if (!version.size)
        return "";
    version.size = version.size < MAX_VERSION ? version.size : MAX_VERSION;
    release.size = release.size < MAX_VERSION ? release.size : MAX_VERSION;
    fps__rpm_value value;
    uint32_t epoch = 0;
    fps__rpm_header_find(header, FPS__RPM_TAG_EPOCH, &value);
    fps__rpm_value_number(&value, 0, &epoch);
    char prefix[16] = "";
    if (epoch)
        snprintf(prefix, sizeof prefix, "%u:", epoch);
    size_t before = strlen(prefix), size = before + version.size + 1 + release.size + 1;
    char *joined = fps__arena_alloc(arena, size);
    if (!joined)
        return NULL;
    memcpy(joined, prefix, before);
    memcpy(joined + before, version.data, version.size);
    if (release.size) {
        joined[before + version.size] = '-';
        memcpy(joined + before + version.size + 1, release.data, release.size);
    }
    for (char *c = joined; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return joined;
}

bool fps__rpm_split_source(fps__span file, fps__span *source, fps__span *version)
{
    static const char *const suffixes[] = {".src.rpm", ".nosrc.rpm"};
    size_t length = file.size;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t suffix = strlen(suffixes[i]);
        if (length > suffix && !memcmp(file.data + length - suffix, suffixes[i], suffix))
            length -= suffix;
    }
    size_t dash = length, dashes = 0;
    while (dash && dashes < 2)
        dashes += file.data[--dash] == '-';
    if (dashes < 2 || !dash)
        return false;
    *source = fps__span_part(file, 0, dash);
    *version = fps__span_part(file, dash + 1, length - dash - 1);
    return true;
}
