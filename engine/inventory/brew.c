/* Homebrew: a receipt in the folder of each installed formula, Cellar/NAME/VERSION. */
#include "inventory/manifest.h"
#include "inventory/name_list.h"

#include "util/lines.h"

#include <stdio.h>

static const char *const patterns[] = {"Cellar/*/*/INSTALL_RECEIPT.json", NULL};

/* The formula's own name in the main tap, "OWNER/TAP/NAME" in any other. */
static fps__span full_name(fps__span name, fps__span tap, char *buffer, size_t size)
{
    if (!tap.size || fps__span_is(tap, "homebrew/core") || tap.size + name.size + 2 > size)
        return name;
    memcpy(buffer, tap.data, tap.size);
    buffer[tap.size] = '/';
    memcpy(buffer + tap.size + 1, name.data, name.size);
    return (fps__span){(const uint8_t *)buffer, tap.size + 1 + name.size};
}

static const char *depends_of(fps__inventory_reading *reading, const json_t *list, size_t size)
{
    fps__name_list names;
    const char *text = "";
    bool memory = fps__name_list_init(&names, 2 * size);
    for (size_t i = 0; memory && i < json_array_size(list); i++)
        fps__name_list_add(&names, fps__manifest_member(json_array_get(list, i), "full_name"));
    memory = memory && fps__name_list_finish(&names, &reading->inventory->arena, &text);
    reading->no_memory |= !memory;
    return text;
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    char buffer[512];
    json_t *root = fps__manifest_json(reading, file);
    if (!root)
        return;
    fps__span tap = fps__manifest_member(json_object_get(root, "source"), "tap");
    fps__span name = full_name(fps__path_part(file->path, 2), tap, buffer, sizeof buffer);
    fps__inventory_package *package =
        fps__manifest_add(reading, FPS_PACKAGE_BREW, file, name, fps__path_part(file->path, 1));
    if (package) {
        package->root = fps__path_above(reading, file->path, 1);
        package->depends =
            depends_of(reading, json_object_get(root, "runtime_dependencies"), file->bytes.size);
    }
    json_decref(root);
}

const fps__inventory_reader fps__reader_brew = {.patterns = patterns, .read_file = read_package};
