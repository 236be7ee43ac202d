/* .NET packages: APPLICATION.deps.json, which is deployed with an application and says what it needs at run time. The
 * format: the .NET runtime's design documents, runtime configuration files. */
#include "inventory/manifest.h"
#include "inventory/name_list.h"

#include "util/lines.h"

static const char *const patterns[] = {"*.deps.json", NULL};

enum { MAX_PLATFORMS = 8 }; /* that are looked at: a deployed application has one or two */

/* Each asset lies beside the list, by its own path or, where the application was published for one platform, by its
 * name alone. */
static void add_assets(fps__inventory_reading *reading, const char *folder, json_t *assets)
{
    const char *name;
    json_t *facts;
    json_object_foreach(assets, name, facts)
    {
        const char *slash = strrchr(name, '/');
        fps__owned_path *whole =
            fps__inventory_add_path(reading, fps__inventory_path(reading, folder, fps__span_of(name)));
        if (whole)
            whole->flags = FPS__OWNED_OPTIONAL;
        fps__owned_path *flat =
            slash ? fps__inventory_add_path(reading,
                                            fps__inventory_path(reading, folder, fps__span_of(slash + 1)))
                  : NULL;
        if (flat)
            flat->flags = FPS__OWNED_OPTIONAL;
    }
}

/* The entry of a package for one platform: its files, and what it needs. */
static void take_target(fps__inventory_reading *reading, const char *folder, const json_t *target,
                        fps__inventory_package *package, size_t size)
{
    static const char *const assets[] = {"runtime", "native", "resources", "runtimeTargets"};
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++)
        add_assets(reading, folder, json_object_get(target, assets[i]));
    json_t *needs = json_object_get(target, "dependencies"), *version;
    const char *name;
    fps__name_list list;
    if (!json_object_size(needs))
        return;
    bool memory = fps__name_list_init(&list, size);
    if (memory) {
        json_object_foreach(needs, name, version) fps__name_list_add(&list, fps__span_of(name));
        memory = fps__name_list_finish(&list, &reading->inventory->arena, &package->depends);
    }
    reading->no_memory |= !memory;
}

/* "NAME/VERSION". Projects are the application's own, and no packages. */
static void read_library(fps__inventory_reading *reading, const fps__inventory_file *file, json_t *root,
                         const char *key)
{
    const json_t *library = json_object_get(json_object_get(root, "libraries"), key);
    fps__span type = fps__manifest_member(library, "type"), whole = fps__span_of(key), name;
    if (fps__span_is(type, "project") || fps__span_is(type, "reference") ||
        !fps__span_cut(&whole, "/", &name))
        return;
    if (fps__span_starts(name, "runtimepack."))
        name = fps__span_part(name, 12, name.size - 12);
    fps__inventory_package *package = fps__manifest_add(reading, FPS_PACKAGE_NUGET, file, name, whole);
    if (!package)
        return;
    const char *folder = fps__path_above(reading, file->path, 1), *platform;
    json_t *targets = json_object_get(root, "targets"), *target;
    size_t seen = 0;
    json_object_foreach(targets, platform, target)
    {
        if (seen++ == MAX_PLATFORMS)
            break;
        take_target(reading, folder, json_object_get(target, key), package, file->bytes.size);
    }
    fps__inventory_end_paths(reading, package);
}

static void read_list(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    json_t *root = fps__manifest_json(reading, file), *libraries = json_object_get(root, "libraries"), *value;
    const char *key;
    if (root && !json_is_object(libraries))
        fps__manifest_damaged(reading, file);
    json_object_foreach(libraries, key, value)
    {
        if (!reading->full && !reading->no_memory)
            read_library(reading, file, root, key);
    }
    json_decref(root);
}

const fps__inventory_reader fps__reader_nuget = {.patterns = patterns, .read_file = read_list};
