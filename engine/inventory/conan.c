/* Conan packages: conaninfo.txt in the folder of each binary package. The path says which package it is, in the cache of
 * Conan 1 (data/NAME/VERSION/USER/CHANNEL/package/ID) and where Conan 2 deploys (full_deploy/host/NAME/VERSION/...). */
#include "inventory/conan.h"
#include "inventory/manifest.h"

#include "util/lines.h"

#include <stdio.h>

static const char *const patterns[] = {"data/*/*/*/*/package/*/conaninfo.txt",
                                       "full_deploy/*/*/*/conaninfo.txt",
                                       "full_deploy/*/*/*/*/conaninfo.txt",
                                       "full_deploy/*/*/*/*/*/conaninfo.txt",
                                       "p/cache.sqlite3",
                                       NULL};

const char *fps__conan_origin(fps__inventory_reading *reading, fps__span user, fps__span channel)
{
    char text[512];
    if (!user.size || !channel.size || fps__span_is(user, "_") || fps__span_is(channel, "_") ||
        user.size + channel.size > 400)
        return "";
    int size = snprintf(text, sizeof text, "user=%.*s\nchannel=%.*s\n", (int)user.size,
                        (const char *)user.data, (int)channel.size, (const char *)channel.data);
    return fps__inventory_text(reading, text, size > 0 ? (size_t)size : 0);
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    static const unsigned versions[] = {5, 1, 2, 3}; /* where the version stands in the path, from its end */
    unsigned form = 0;
    while (form < sizeof versions / sizeof *versions && !fps__path_is_like(file->path, patterns[form]))
        form++;
    if (form == sizeof versions / sizeof *versions) {
        fps__conan_read_cache(reading, file);
        return;
    }
    fps__inventory_package *package =
        fps__manifest_add(reading, FPS_PACKAGE_CONAN, file, fps__path_part(file->path, versions[form] + 1),
                          fps__path_part(file->path, versions[form]));
    if (!package)
        return;
    if (form == 0)
        package->qualifiers =
            fps__conan_origin(reading, fps__path_part(file->path, 4), fps__path_part(file->path, 3));
    package->root = fps__path_above(reading, file->path, 1);
}

const fps__inventory_reader fps__reader_conan = {.patterns = patterns, .read_file = read_package};
