/* Bitnami's applications: a bill in SPDX in the folder of each, and .bitnami_components.json, a list of all of them. */
#include "inventory/bill.h"
#include "inventory/manifest.h"

#include "util/cursor.h"
#include "util/lines.h"

static const char *const patterns[] = {"bitnami/*/.spdx-*.spdx", "bitnami/.bitnami_components.json", NULL};

/* The application comes first; what it carries is listed behind it. Its folder is its own. */
static void read_application(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    size_t first = reading->inventory->packages.count;
    fps__bill_read(reading, file);
    const char *root = fps__path_above(reading, file->path, 1);
    for (size_t i = first; i < reading->inventory->packages.count; i++) {
        fps__inventory_package *package = &reading->inventory->packages.items[i];
        package->billed = package->facts.kind != FPS_PACKAGE_BITNAMI;
        package->root = package->billed ? "" : root;
    }
}

static bool is_listed(const fps__inventory *inventory, const char *name)
{
    for (size_t i = 0; i < inventory->packages.count; i++)
        if (inventory->packages.items[i].facts.kind == FPS_PACKAGE_BITNAMI &&
            !strcmp(inventory->packages.items[i].facts.name, name))
            return true;
    return false;
}

typedef struct folder_search {
    const char *name;
    bool found;
} folder_search;

static void compare_folder(void *user, const char *name)
{
    folder_search *search = user;
    search->found |= !strcmp(name, search->name);
}

/* The folder of an application; what has none of its own lies in "common". */
static const char *folder_of(fps__inventory_reading *reading, const char *home, const char *name)
{
    folder_search search = {name, false};
    if (reading->options->children)
        reading->options->children(reading->options->user, home, compare_folder, &search);
    const char *folder = search.found || !reading->options->children ? name : "common";
    const char *path = fps__inventory_path(reading, home, fps__span_of(folder));
    return path ? path : "";
}

/* {"NAME": {"version": "1.2.3-4", "arch": "amd64", "distro": "debian-12"}}: those that have no bill. */
static void read_list(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    enum { MAX_APPLICATIONS = 256 };
    json_t *root = fps__manifest_json(reading, file), *item;
    const char *name, *home = fps__path_above(reading, file->path, 1);
    size_t seen = 0;
    if (root && (!json_is_object(root) || json_object_size(root) > MAX_APPLICATIONS))
        fps__manifest_damaged(reading, file);
    json_object_foreach(root, name, item)
    {
        fps__span distro = fps__manifest_member(item, "distro");
        if (seen++ == MAX_APPLICATIONS)
            break;
        fps__inventory_package *package =
            is_listed(reading->inventory, name)
                ? NULL
                : fps__manifest_add(reading, FPS_PACKAGE_BITNAMI, file, fps__span_of(name),
                                    fps__manifest_member(item, "version"));
        if (!package)
            continue;
        package->facts.architecture = fps__inventory_value(reading, fps__manifest_member(item, "arch"));
        char text[128];
        fps__cursor out = {text, sizeof text, 0, false};
        fps__cursor_text(&out, distro.size ? "distro=" : "");
        fps__cursor_put(&out, (const char *)distro.data, distro.size);
        size_t size = fps__cursor_finish(&out);
        package->qualifiers = fps__inventory_text(reading, text, size);
        package->root = folder_of(reading, home, package->facts.name);
    }
    json_decref(root);
}

/* Bills before the list. */
static void read_all(fps__inventory_reading *reading)
{
    for (int list = 0; list < 2; list++)
        for (size_t i = 0; i < reading->count && !reading->no_memory; i++)
            if (fps__path_is_like(reading->files[i].path, patterns[list]))
                (list ? read_list : read_application)(reading, &reading->files[i]);
}

const fps__inventory_reader fps__reader_bitnami = {.read = read_all, .patterns = patterns};
