/* Swift packages that were checked out for a build: .build/workspace-state.json says which, and in which version. */
#include "inventory/manifest.h"

#include "util/lines.h"

#include <stdio.h>

static const char *const patterns[] = {".build/workspace-state.json", NULL};

/* "github.com/apple/swift-nio" of "https://github.com/apple/swift-nio.git" and "git@github.com:apple/swift-nio". */
static const char *name_of(fps__inventory_reading *reading, fps__span location)
{
    char text[512];
    size_t used = 0;
    const uint8_t *start = location.size ? memmem(location.data, location.size, "://", 3) : NULL;
    size_t skip = start ? (size_t)(start - location.data) + 3 : 0;
    const uint8_t *user = memchr(location.data + skip, '@', location.size - skip);
    skip = user ? (size_t)(user - location.data) + 1 : skip;
    for (; skip < location.size && used < sizeof text; skip++)
        text[used++] = (char)(location.data[skip] == ':' ? '/' : location.data[skip]);
    if (used > 4 && !memcmp(text + used - 4, ".git", 4))
        used -= 4;
    return fps__inventory_value(reading, (fps__span){(const uint8_t *)text, used});
}

static void read_dependency(fps__inventory_reading *reading, const fps__inventory_file *file,
                            const json_t *dependency)
{
    const json_t *reference = json_object_get(dependency, "packageRef");
    fps__span location = fps__manifest_member(reference, "location"), folder;
    if (!location.size)
        location = fps__manifest_member(reference, "path"); /* what older versions call it */
    const json_t *state = json_object_get(json_object_get(dependency, "state"), "checkoutState");
    fps__span version = fps__manifest_member(state, "version");
    if (!version.size)
        version = fps__manifest_member(state, "revision");
    if (!location.size || location.data[0] == '/' || !version.size)
        return; /* a folder of the same project */
    const char *name = name_of(reading, location);
    fps__inventory_package *package =
        fps__manifest_add(reading, FPS_PACKAGE_SWIFT, file, fps__span_of(name), version);
    folder = fps__manifest_member(dependency, "subpath");
    const char *checkouts =
        fps__inventory_path(reading, fps__path_above(reading, file->path, 1), fps__span_of("checkouts"));
    if (package && folder.size && checkouts)
        package->root = fps__path_below(reading, checkouts, checkouts, folder);
}

static void read_list(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    json_t *root = fps__manifest_json(reading, file);
    const json_t *list = json_object_get(json_object_get(root, "object"), "dependencies");
    if (root && !json_is_array(list))
        fps__manifest_damaged(reading, file);
    for (size_t i = 0; i < json_array_size(list) && !reading->full && !reading->no_memory; i++)
        read_dependency(reading, file, json_array_get(list, i));
    json_decref(root);
}

const fps__inventory_reader fps__reader_swift = {.patterns = patterns, .read_file = read_list};
