/* Snaps that are unpacked or mounted in the target: meta/snap.yaml in the folder of each revision. */
#include "inventory/manifest.h"

#include "util/lines.h"

static const char *const patterns[] = {"snap/*/*/meta/snap.yaml", NULL};

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__span name = fps__manifest_field(file->bytes, "name");
    fps__inventory_package *package =
        fps__manifest_add(reading, FPS_PACKAGE_SNAP, file, name, fps__manifest_field(file->bytes, "version"));
    if (!name.size)
        fps__manifest_damaged(reading, file);
    if (!package)
        return;
    package->facts.license = fps__inventory_value(reading, fps__manifest_field(file->bytes, "license"));
    package->root = fps__path_above(reading, file->path, 2);
}

const fps__inventory_reader fps__reader_snap = {.patterns = patterns, .read_file = read_package};
