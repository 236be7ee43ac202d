/* PHP packages: vendor/composer/installed.json, which Composer writes beside what it installs. */
#include "inventory/manifest.h"
#include "inventory/name_list.h"

#include "util/lines.h"

static const char *const patterns[] = {"composer/installed.json", NULL};

static const char *depends_of(fps__inventory_reading *reading, json_t *wanted, size_t size)
{
    fps__name_list names;
    const char *text = "", *name;
    json_t *constraint;
    if (!json_object_size(wanted))
        return "";
    bool memory = fps__name_list_init(&names, size);
    if (memory) {
        json_object_foreach(wanted, name, constraint)
            fps__name_list_add(&names, strchr(name, '/') ? fps__span_of(name) : (fps__span){NULL, 0});
        memory = fps__name_list_finish(&names, &reading->inventory->arena, &text);
    }
    reading->no_memory |= !memory;
    return text;
}

/* The folder of a package: as the list says since version 2, else that of its name. It lies in the project. */
static const char *folder_of(fps__inventory_reading *reading, const char *composer, const json_t *item,
                             const char *name)
{
    fps__span place = fps__manifest_member(item, "install-path");
    const char *vendor = fps__path_above(reading, composer, 1),
               *project = fps__path_above(reading, vendor, 1);
    return place.size ? fps__path_below(reading, *project ? project : vendor, composer, place)
                      : fps__path_below(reading, vendor, vendor, fps__span_of(name));
}

static bool read_item(fps__inventory_reading *reading, const fps__inventory_file *file, const json_t *item,
                      const char *composer)
{
    fps__span name = fps__manifest_member(item, "name");
    fps__inventory_package *package =
        fps__manifest_add(reading, FPS_PACKAGE_COMPOSER, file, name, fps__manifest_member(item, "version"));
    if (!package)
        return name.size > 0;
    const json_t *author = json_array_get(json_object_get(item, "authors"), 0);
    package->facts.license = fps__manifest_join(reading, json_object_get(item, "license"), " OR ");
    package->facts.supplier = fps__inventory_value(reading, fps__manifest_member(author, "name"));
    package->depends = depends_of(reading, json_object_get(item, "require"), file->bytes.size);
    package->root = folder_of(reading, composer, item, package->facts.name);
    return true;
}

/* A list, since version 2 the member "packages" of an object. */
static void read_list(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    json_t *root = fps__manifest_json(reading, file);
    const json_t *list = json_is_array(root) ? root : json_object_get(root, "packages");
    const char *composer = fps__path_above(reading, file->path, 1);
    bool good = !root || json_is_array(list);
    for (size_t i = 0; i < json_array_size(list) && !reading->full && !reading->no_memory; i++)
        good &= read_item(reading, file, json_array_get(list, i), composer);
    if (!good)
        fps__manifest_damaged(reading, file);
    json_decref(root);
}

const fps__inventory_reader fps__reader_composer = {.patterns = patterns, .read_file = read_list};
