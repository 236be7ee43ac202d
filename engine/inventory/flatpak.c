/* Flatpak: the folder of each installed application and runtime, {app,runtime}/NAME/ARCHITECTURE/BRANCH/COMMIT, with
 * a key file in it. The version of an application stands in its AppStream metadata alone. */
#include "inventory/manifest.h"

#include "util/lines.h"

#include <stdio.h>

#define DEPLOYED "/*/*/*/*/"

static const char *const metadata[] = {"flatpak/app" DEPLOYED "metadata",
                                       "flatpak/runtime" DEPLOYED "metadata", NULL};
static const char *const patterns[] = {"flatpak/app" DEPLOYED "metadata",
                                       "flatpak/runtime" DEPLOYED "metadata",
                                       "flatpak/app" DEPLOYED "files/share/metainfo/*.xml",
                                       "flatpak/app" DEPLOYED "files/share/appdata/*.xml", NULL};

/* The version of the first release that the AppStream file lists: the newest stands first. */
static fps__span first_release(fps__span text)
{
    static const char start[] = "<release ", key[] = "version=";
    const uint8_t *at = text.size ? memmem(text.data, text.size, start, sizeof start - 1) : NULL;
    if (!at)
        return (fps__span){NULL, 0};
    size_t left = text.size - (size_t)(at - text.data);
    const uint8_t *close = memchr(at, '>', left);
    at = close ? memmem(at, (size_t)(close - at), key, sizeof key - 1) : NULL;
    if (!at || at + sizeof key >= close)
        return (fps__span){NULL, 0};
    at += sizeof key - 1;
    const uint8_t *end = memchr(at + 1, *at, (size_t)(close - at) - 1);
    return end ? (fps__span){at + 1, (size_t)(end - at) - 1} : (fps__span){NULL, 0};
}

static fps__span version_of(fps__inventory_reading *reading, const fps__inventory_file *file, fps__span name)
{
    static const char *const places[][2] = {
        {"metainfo", "metainfo"}, {"metainfo", "appdata"}, {"appdata", "appdata"}};
    fps__span version = {NULL, 0};
    for (size_t i = 0; !version.size && name.size < 256 && i < sizeof places / sizeof *places; i++) {
        char path[512];
        snprintf(path, sizeof path, "files/share/%s/%.*s.%s.xml", places[i][0], (int)name.size,
                 (const char *)name.data, places[i][1]);
        const fps__inventory_file *found = fps__manifest_beside(reading, file, path);
        version = found ? first_release(found->bytes) : version;
    }
    return version;
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    if (!fps__path_is_like(file->path, metadata[0]) && !fps__path_is_like(file->path, metadata[1]))
        return;
    fps__span name = fps__path_part(file->path, 4), branch = fps__path_part(file->path, 2);
    fps__span version = version_of(reading, file, name);
    fps__inventory_package *package =
        fps__manifest_add(reading, FPS_PACKAGE_FLATPAK, file, name, version.size ? version : branch);
    if (!package)
        return;
    package->facts.architecture = fps__inventory_value(reading, fps__path_part(file->path, 3));
    package->root = fps__path_above(reading, file->path, 1);
}

const fps__inventory_reader fps__reader_flatpak = {.patterns = patterns, .read_file = read_package};
