/* Conda environments: conda-meta has a JSON file for each package, with its files. The format: conda's documentation of
 * package metadata (conda-meta, paths.json). */
#include "inventory/manifest.h"
#include "inventory/name_list.h"

#include "util/lines.h"

enum { PATH_SIZE = 4096 };

static const char *const patterns[] = {"conda-meta/*.json", NULL};

/* "main" of "https://host/pkgs/main/linux-64", where the platform may be left out; what is no URL stays as it is. */
static fps__span channel_of(const json_t *root)
{
    fps__span channel = fps__manifest_member(root, "channel"), part, last = channel, before = channel;
    fps__span platform = fps__manifest_member(root, "subdir");
    if (!fps__span_starts(channel, "http"))
        return channel;
    while (fps__span_cut(&channel, "/", &part))
        if (part.size) {
            before = last;
            last = part;
        }
    bool ends_in_platform = fps__span_is(last, "noarch") ||
                            (last.size == platform.size && !memcmp(last.data, platform.data, last.size));
    return ends_in_platform ? before : last;
}

static const char *qualifiers_of(fps__inventory_reading *reading, const json_t *root)
{
    char text[1024];
    fps__cursor out = {text, sizeof text, 0, false};
    fps__span file = fps__manifest_member(root, "fn");
    const struct {
        const char *key;
        fps__span value;
    } known[] = {{"build", fps__manifest_member(root, "build")},
                 {"channel", channel_of(root)},
                 {"type", file.size > 6 && !memcmp(file.data + file.size - 6, ".conda", 6)
                              ? fps__span_of("conda")
                          : file.size > 8 && !memcmp(file.data + file.size - 8, ".tar.bz2", 8)
                              ? fps__span_of("tar.bz2")
                              : (fps__span){NULL, 0}}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!known[i].value.size || memchr(known[i].value.data, '\n', known[i].value.size))
            continue;
        fps__cursor_text(&out, known[i].key);
        fps__cursor_text(&out, "=");
        fps__cursor_put(&out, (const char *)known[i].value.data, known[i].value.size);
        fps__cursor_text(&out, "\n");
    }
    size_t size = fps__cursor_finish(&out);
    return fps__inventory_text(reading, text, size);
}

static const char *depends_of(fps__inventory_reading *reading, const json_t *list, size_t size)
{
    fps__name_list names;
    const char *text = "";
    bool memory = fps__name_list_init(&names, 2 * size);
    for (size_t i = 0; memory && i < json_array_size(list); i++) {
        fps__span term = fps__manifest_text(json_array_get(list, i)), name;
        if (fps__span_cut(&term, " ", &name))
            fps__name_list_add(&names, name);
    }
    memory = memory && fps__name_list_finish(&names, &reading->inventory->arena, &text);
    reading->no_memory |= !memory;
    return text;
}

/* The digest is of the file as it was installed: where the prefix was written into it that is another one. */
static void add_path(fps__inventory_reading *reading, const char *prefix, fps__span name, const json_t *entry)
{
    fps__owned_path *owned = fps__inventory_add_path(reading, fps__inventory_path(reading, prefix, name));
    if (!owned)
        return;
    fps__span type = fps__manifest_member(entry, "path_type"),
              digest = fps__manifest_member(entry, "sha256_in_prefix");
    if (!digest.size && !json_object_get(entry, "prefix_placeholder"))
        digest = fps__manifest_member(entry, "sha256");
    if (fps__span_is(type, "softlink"))
        owned->flags = FPS__OWNED_LINK;
    else if (fps__owned_path_hex(owned, FPS__DIGEST_SHA256, digest))
        owned->flags = FPS__OWNED_REGULAR;
}

static void add_paths(fps__inventory_reading *reading, const char *prefix, const json_t *root)
{
    const json_t *names = json_object_get(root, "files"),
                 *entries = json_object_get(json_object_get(root, "paths_data"), "paths");
    for (size_t i = 0; i < json_array_size(entries) && !reading->full && !reading->no_memory; i++)
        add_path(reading, prefix, fps__manifest_member(json_array_get(entries, i), "_path"),
                 json_array_get(entries, i));
    for (size_t i = 0; i < json_array_size(names) && !reading->full && !reading->no_memory; i++)
        add_path(reading, prefix, fps__manifest_text(json_array_get(names, i)), NULL);
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    json_t *root = fps__manifest_json(reading, file);
    fps__span name = fps__manifest_member(root, "name"), version = fps__manifest_member(root, "version");
    fps__inventory_package *package =
        name.size && version.size ? fps__manifest_add(reading, FPS_PACKAGE_CONDA, file, name, version) : NULL;
    if (root && (!name.size || !version.size))
        fps__manifest_damaged(reading, file);
    if (package) {
        package->facts.architecture = fps__inventory_value(reading, fps__manifest_member(root, "subdir"));
        package->facts.license = fps__inventory_value(reading, fps__manifest_member(root, "license"));
        package->qualifiers = qualifiers_of(reading, root);
        package->depends = depends_of(reading, json_object_get(root, "depends"), file->bytes.size);
        /* the files of an environment are hard links to those of the extracted package */
        fps__span extracted = fps__manifest_member(root, "extracted_package_dir");
        char folder[PATH_SIZE];
        fps__cursor out = {folder, sizeof folder, 0, false};
        fps__cursor_put(&out, (const char *)extracted.data, extracted.size);
        if (fps__cursor_finish(&out) && fps__span_is(fps__path_part(folder, 1), "pkgs"))
            package->root = fps__path_below(reading, fps__path_above(reading, folder, 1), "/", extracted);
        package->paths_known = json_is_array(json_object_get(root, "files"));
        add_paths(reading, fps__path_above(reading, file->path, 2), root);
        fps__inventory_end_paths(reading, package);
    }
    json_decref(root);
}

const fps__inventory_reader fps__reader_conda = {.patterns = patterns, .read_file = read_package};
