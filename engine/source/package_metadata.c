/* Reads the metadata that packages carry: Debian control, Alpine .PKGINFO, wheel METADATA and the header of
 * an .rpm. */
#include "source/package.h"

#include "util/error.h"

#include <stdio.h>

enum {
    VALUE_MAX = 4096, /* bytes of a value that is kept */
    RPM_LEAD_SIZE = 96,
    RPM_INTRO_SIZE = 16,
    RPM_ENTRY_SIZE = 16,
    RPM_ENTRIES_MAX = 65536,
    RPM_DATA_MAX = 256 * 1024 * 1024,
    RPM_TYPE_INT32 = 4,
    RPM_TYPE_STRING = 6,
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Trimmed copy; control characters become spaces so that values stay on one line. */
static const char *copy_value(fps__arena *arena, fps__span value)
{
    while (value.size && is_blank(value.data[0]))
        value = fps__span_part(value, 1, value.size - 1);
    while (value.size && is_blank(value.data[value.size - 1]))
        value.size--;
    if (value.size > VALUE_MAX)
        value.size = VALUE_MAX;
    char *copy = fps__arena_text(arena, (const char *)value.data, value.size);
    for (char *c = copy; c && c < copy + value.size; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return copy;
}

/* The next line of `text` from `*at`, without its newline. False at the end. */
static bool next_line(fps__span text, size_t *at, fps__span *line)
{
    if (*at >= text.size)
        return false;
    const uint8_t *start = text.data + *at, *end = memchr(start, '\n', text.size - *at);
    line->data = start;
    line->size = end ? (size_t)(end - start) : text.size - *at;
    *at += line->size + (end ? 1 : 0);
    return true;
}

/* Splits "name SEPARATOR value"; trims the name. */
static bool split_field(fps__span line, char separator, fps__span *name, fps__span *value)
{
    const uint8_t *found = line.size ? memchr(line.data, separator, line.size) : NULL;
    if (!found)
        return false;
    *name = (fps__span){line.data, (size_t)(found - line.data)};
    *value = fps__span_part(line, name->size + 1, line.size - name->size - 1);
    while (name->size && is_blank(name->data[name->size - 1]))
        name->size--;
    return name->size > 0;
}

static char lower(uint8_t c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool is_name(fps__span name, const char *wanted)
{
    if (strlen(wanted) != name.size)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (lower(name.data[i]) != lower((uint8_t)wanted[i]))
            return false;
    return true;
}

typedef struct field {
    const char *name;
    const char **value; /* the first field of a name wins */
} field;

static fps_status take_field(fps__span name, fps__span value, const field *fields, size_t count,
                             fps__arena *arena)
{
    for (size_t i = 0; i < count; i++)
        if (is_name(name, fields[i].name) && !**fields[i].value) {
            *fields[i].value = copy_value(arena, value);
            return *fields[i].value ? FPS_OK : FPS_ERROR_MEMORY;
        }
    return FPS_OK;
}

/* Reads the wanted fields of one paragraph. Continuation lines belong to fields that are not read, or add to
 * them nothing. */
static fps_status take_paragraph(fps__span text, char separator, const field *fields, size_t count,
                                 fps__arena *arena)
{
    size_t at = 0;
    for (fps__span line, name, value; next_line(text, &at, &line);) {
        bool empty = line.size == 0 || (line.size == 1 && line.data[0] == '\r');
        if (empty && separator == ':')
            break;
        if (empty || is_blank(line.data[0]) || line.data[0] == '#' ||
            !split_field(line, separator, &name, &value))
            continue;
        if (take_field(name, value, fields, count, arena))
            return FPS_ERROR_MEMORY;
    }
    return FPS_OK;
}

static void clear_info(fps__package_info *info, fps__package_kind kind)
{
    *info = (fps__package_info){kind, "", "", "", "", "", "", ""};
}

/* Without a name and a version nothing can be told of a package. */
static fps_status finish_info(fps__package_info *info, const char *what, fps_error *error)
{
    if (!*info->name || !*info->version)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                         "%s without a package name and a version", what);
    if (!*info->source)
        info->source = info->name;
    if (!*info->source_version)
        info->source_version = info->version;
    return FPS_OK;
}

/* "zlib (1:1.2.13)" to its two parts. */
static fps_status split_source(fps__package_info *info, fps__arena *arena)
{
    const char *open = strchr(info->source, '('), *shut = open ? strchr(open, ')') : NULL;
    if (!open || !shut)
        return FPS_OK;
    info->source_version =
        copy_value(arena, (fps__span){(const uint8_t *)open + 1, (size_t)(shut - open - 1)});
    info->source =
        copy_value(arena, (fps__span){(const uint8_t *)info->source, (size_t)(open - info->source)});
    return info->source && info->source_version ? FPS_OK : FPS_ERROR_MEMORY;
}

fps_status fps__package_parse_control(fps__span text, fps__arena *arena, fps__package_info *info,
                                      fps_error *error)
{
    clear_info(info, FPS__PACKAGE_DEB);
    const field fields[] = {{"Package", &info->name},
                            {"Version", &info->version},
                            {"Architecture", &info->architecture},
                            {"Source", &info->source},
                            {"Built-Using", &info->built_using}};
    if (take_paragraph(text, ':', fields, sizeof fields / sizeof *fields, arena) || split_source(info, arena))
        return fps__fail_memory(error);
    return finish_info(info, "control file", error);
}

fps_status fps__package_parse_pkginfo(fps__span text, fps__arena *arena, fps__package_info *info,
                                      fps_error *error)
{
    clear_info(info, FPS__PACKAGE_APK);
    const field fields[] = {{"pkgname", &info->name},
                            {"pkgver", &info->version},
                            {"arch", &info->architecture},
                            {"origin", &info->source},
                            {"license", &info->license}};
    if (take_paragraph(text, '=', fields, sizeof fields / sizeof *fields, arena))
        return fps__fail_memory(error);
    return finish_info(info, ".PKGINFO", error);
}

fps_status fps__package_parse_wheel(fps__span text, fps__arena *arena, fps__package_info *info,
                                    fps_error *error)
{
    clear_info(info, FPS__PACKAGE_WHEEL);
    const field fields[] = {{"Name", &info->name}, {"Version", &info->version}, {"License", &info->license}};
    if (take_paragraph(text, ':', fields, sizeof fields / sizeof *fields, arena))
        return fps__fail_memory(error);
    return finish_info(info, "METADATA", error);
}

/* ---- rpm ---- */

/* One header structure: an index of entries and the data that they point into. */
typedef struct rpm_header {
    fps__span index, data;
    size_t end; /* bytes from the start of the file */
} rpm_header;

static fps_status open_header(fps__span file, size_t start, rpm_header *header, fps_error *error)
{
    static const uint8_t magic[] = {0x8e, 0xad, 0xe8, 0x01};
    fps__span intro = fps__span_part(file, start, RPM_INTRO_SIZE);
    if (!intro.size || memcmp(intro.data, magic, sizeof magic))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, start, "no rpm header here");
    uint32_t count = fps__get32be(intro.data + 8), size = fps__get32be(intro.data + 12);
    if (count > RPM_ENTRIES_MAX || size > RPM_DATA_MAX)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, start, "rpm header of %u entries and %u bytes", count,
                         size);
    size_t index = start + RPM_INTRO_SIZE, data = index + (size_t)count * RPM_ENTRY_SIZE;
    if (!fps__span_has(file, index, (size_t)count * RPM_ENTRY_SIZE) || !fps__span_has(file, data, size))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, start, "rpm header runs beyond the end of the file");
    header->index = fps__span_part(file, index, (size_t)count * RPM_ENTRY_SIZE);
    header->data = fps__span_part(file, data, size);
    header->end = data + size;
    return FPS_OK;
}

static const uint8_t *find_tag(const rpm_header *header, uint32_t tag, uint32_t type, fps__span *value)
{
    for (size_t at = 0; at + RPM_ENTRY_SIZE <= header->index.size; at += RPM_ENTRY_SIZE) {
        const uint8_t *entry = header->index.data + at;
        uint32_t offset = fps__get32be(entry + 8);
        if (fps__get32be(entry) != tag || fps__get32be(entry + 4) != type || offset >= header->data.size)
            continue;
        *value = fps__span_part(header->data, offset, header->data.size - offset);
        return value->data;
    }
    return NULL;
}

/* The text of a string tag, "" when it is not there; NULL without memory. */
static const char *tag_text(const rpm_header *header, uint32_t tag, fps__arena *arena)
{
    fps__span value;
    if (!find_tag(header, tag, RPM_TYPE_STRING, &value))
        return "";
    const uint8_t *end = memchr(value.data, 0, value.size);
    value.size = end ? (size_t)(end - value.data) : 0;
    return copy_value(arena, value);
}

/* "zlib-1.2.11-40.el9.src.rpm" names its source package in front of the last two dashes. */
static bool split_source_rpm(const char *file, fps__arena *arena, fps__package_info *info)
{
    size_t length = strlen(file);
    static const char *const suffixes[] = {".src.rpm", ".nosrc.rpm"};
    for (size_t i = 0; i < 2; i++) {
        size_t suffix = strlen(suffixes[i]);
        if (length > suffix && !strcmp(file + length - suffix, suffixes[i]))
            length -= suffix;
    }
    size_t version = length, dashes = 0;
    while (version && dashes < 2)
        dashes += file[--version] == '-';
    if (dashes < 2 || !version)
        return true;
    info->source = fps__arena_text(arena, file, version);
    info->source_version = fps__arena_text(arena, file + version + 1, length - version - 1);
    return info->source && info->source_version;
}

static fps_status join_version(const rpm_header *header, fps__arena *arena, fps__package_info *info)
{
    enum { TAG_VERSION = 1001, TAG_RELEASE = 1002, TAG_EPOCH = 1003 };
    const char *version = tag_text(header, TAG_VERSION, arena),
               *release = tag_text(header, TAG_RELEASE, arena);
    if (!version || !release)
        return FPS_ERROR_MEMORY;
    fps__span epoch;
    char prefix[16] = "";
    if (find_tag(header, TAG_EPOCH, RPM_TYPE_INT32, &epoch) && epoch.size >= 4 && fps__get32be(epoch.data))
        snprintf(prefix, sizeof prefix, "%u:", fps__get32be(epoch.data));
    size_t size = strlen(prefix) + strlen(version) + strlen(release) + 2;
    char *joined = fps__arena_alloc(arena, size);
    if (!joined)
        return FPS_ERROR_MEMORY;
    if (*version)
        snprintf(joined, size, "%s%s%s%s", prefix, version, *release ? "-" : "", release);
    info->version = joined;
    return FPS_OK;
}

fps_status fps__package_parse_rpm(fps__span data, fps__arena *arena, fps__package_info *info,
                                  fps_error *error)
{
    enum { TAG_NAME = 1000, TAG_LICENSE = 1014, TAG_ARCH = 1022, TAG_SOURCE_RPM = 1044 };
    clear_info(info, FPS__PACKAGE_RPM);
    rpm_header header;
    fps_status status = open_header(data, RPM_LEAD_SIZE, &header, error); /* the signature */
    if (!status)
        status = open_header(data, (header.end + 7) & ~(size_t)7, &header, error);
    if (status)
        return status;
    info->name = tag_text(&header, TAG_NAME, arena);
    info->architecture = tag_text(&header, TAG_ARCH, arena);
    info->license = tag_text(&header, TAG_LICENSE, arena);
    const char *source = tag_text(&header, TAG_SOURCE_RPM, arena);
    if (!info->name || !info->architecture || !info->license || !source)
        return fps__fail_memory(error);
    if (join_version(&header, arena, info) || !split_source_rpm(source, arena, info))
        return fps__fail_memory(error);
    return finish_info(info, "rpm header", error);
}
