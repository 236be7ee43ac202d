/* Dart packages in the cache of pub: hosted/HOST/NAME-VERSION/pubspec.yaml. */
#include "inventory/manifest.h"

#include "util/lines.h"

static const char *const patterns[] = {"hosted/*/*/pubspec.yaml", NULL};

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__span name = fps__manifest_field(file->bytes, "name"),
              version = fps__manifest_field(file->bytes, "version");
    if (!name.size || !version.size) {
        fps__manifest_damaged(reading, file);
        return;
    }
    fps__inventory_package *package = fps__manifest_add(reading, FPS_PACKAGE_PUB, file, name, version);
    if (package)
        package->root = fps__path_above(reading, file->path, 1);
}

const fps__inventory_reader fps__reader_pub = {.patterns = patterns, .read_file = read_package};
