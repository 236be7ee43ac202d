/* Reads the metadata that packages carry: Debian control, Alpine .PKGINFO, wheel METADATA and the header of
 * an .rpm. */
#include "archive/package.h"

#include "archive/rpm_header.h"
#include "util/error.h"
#include "util/lines.h"

enum {
    MAX_VALUE = 4096, /* bytes of a value that is kept */
    RPM_LEAD_SIZE = 96,
};

/* Trimmed copy; control characters become spaces so that values stay on one line. */
static const char *copy_value(fps__arena *arena, fps__span value)
{
    value = fps__span_trim(value);
    if (value.size > MAX_VALUE)
        value.size = MAX_VALUE;
    char *copy = fps__arena_text(arena, (const char *)value.data, value.size);
    for (char *c = copy; c && c < copy + value.size; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return copy;
}

typedef struct field {
    const char *name;
    const char **value; /* the first field of a name wins */
} field;

static fps_status take_field(fps__span name, fps__span value, const field *fields, size_t count,
                             fps__arena *arena)
{
    for (size_t i = 0; i < count; i++)
        if (fps__span_is(name, fields[i].name) && !**fields[i].value) {
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
    for (fps__span line, name, value; fps__line_next(text, &at, &line);) {
        bool empty = line.size == 0 || (line.size == 1 && line.data[0] == '\r');
        if (empty && separator == ':')
            break;
        if (empty || memchr(" \t\r", line.data[0], 3) || line.data[0] == '#' ||
            !fps__line_split(line, separator, &name, &value))
            continue;
        if (take_field(name, value, fields, count, arena))
            return FPS_ERROR_MEMORY;
    }
    return FPS_OK;
}

static void clear_info(fps__package_info *info, fps_package_kind kind)
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
    clear_info(info, FPS_PACKAGE_DEB);
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
    clear_info(info, FPS_PACKAGE_APK);
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
    clear_info(info, FPS_PACKAGE_PYPI);
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
    clear_info(info, FPS_PACKAGE_RPM);
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
