/* Opens any bytes as a package: reads the metadata, then walks all nested archives.
 *
 * Reaches: fps__archive_load
 */
#include "archive/package.h"
#include "util/package_kind.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static fps_status begin(void *user, const fps__package_info *info, const char *path, fps__span bytes)
{
    char upstream[FPS__MAX_VERSION];
    (void)path;
    (void)bytes;
    *(size_t *)user += strlen(info->name) + strlen(info->source) + strlen(info->built_using);
    fps__version_upstream(info->source_version, fps__package_kind_of(info->kind)->version, upstream);
    return FPS_OK;
}

static bool wanted(void *user, const char *path, fps__span head)
{
    (void)user;
    (void)path;
    return head.size && head.data[0] == 0x7f;
}

static fps_status file(void *user, const char *path, fps__span bytes)
{
    *(size_t *)user += strlen(path) + bytes.size;
    return FPS_OK;
}

static void end(void *user)
{
    (void)user;
}

static void diagnostic(void *user, const fps_diagnostic *found)
{
    *(size_t *)user += strlen(found->message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    typedef fps_status (*parser)(fps__span, fps__arena *, fps__package_info *, fps_error *);
    static const parser parsers[] = {fps__package_parse_control, fps__package_parse_pkginfo,
                                     fps__package_parse_wheel, fps__package_parse_rpm};
    static const fps__archive_limits limits = {.file_size = 1 << 20, .total_size = 4 << 20, .entries = 200};
    size_t seen = 0;
    for (size_t i = 0; i < sizeof parsers / sizeof *parsers; i++) {
        fps__arena arena = {NULL, 0, 0};
        fps__package_info info;
        if (!parsers[i]((fps__span){data, size}, &arena, &info, NULL))
            seen += strlen(info.name) + strlen(info.version);
        fps__arena_free(&arena);
    }
    fps__package_visitor visitor = {&seen, begin, wanted, file, end, diagnostic, NULL, NULL};
    fps__package_read("fuzz", (fps__span){data, size}, &limits, &visitor, NULL);
    return 0;
}
