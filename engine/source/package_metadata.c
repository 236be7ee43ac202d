/* Reads the metadata that packages carry: Debian control, Alpine .PKGINFO, wheel METADATA and the header of
 * an .rpm. */
#include "source/package.h"

#include "source/rpm_header.h"
#include "util/error.h"

enum {
    VALUE_MAX = 4096, /* bytes of a value that is kept */
    RPM_LEAD_SIZE = 96,
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

/* A copy of the text of a tag, "" when it is not there; NULL without memory. */
static const char *tag_text(const fps__rpm_header *header, uint32_t tag, fps__arena *arena)
{
    return copy_value(arena, fps__rpm_header_text(header, tag));
}

fps_status fps__package_parse_rpm(fps__span data, fps__arena *arena, fps__package_info *info,
                                  fps_error *error)
{
    clear_info(info, FPS__PACKAGE_RPM);
    fps__rpm_header header;
    size_t end;
    fps_status status = fps__rpm_header_open_at(&header, data, RPM_LEAD_SIZE, &end, error); /* signature */
    if (!status)
        status = fps__rpm_header_open_at(&header, data, (end + 7) & ~(size_t)7, &end, error);
    if (status)
        return status;
    info->name = tag_text(&header, FPS__RPM_TAG_NAME, arena);
    info->version = fps__rpm_header_version(&header, arena);
    info->architecture = tag_text(&header, FPS__RPM_TAG_ARCH, arena);
    info->license = tag_text(&header, FPS__RPM_TAG_LICENSE, arena);
    fps__span source, version;
    if (fps__rpm_split_source(fps__rpm_header_text(&header, FPS__RPM_TAG_SOURCE_RPM), &source, &version)) {
        info->source = copy_value(arena, source);
        info->source_version = copy_value(arena, version);
    }
    if (!info->name || !info->version || !info->architecture || !info->license || !info->source ||
        !info->source_version)
        return fps__fail_memory(error);
    return finish_info(info, "rpm header", error);
}
