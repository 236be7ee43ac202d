/* Installed npm packages: package.json in folders of node_modules. */
#include "inventory/language.h"
#include "inventory/manifest.h"

#include "util/json_document.h"
#include "util/lines.h"

/* Below the last node_modules of the path: "NAME/package.json" or "@SCOPE/NAME/package.json". */
bool fps__language_is_npm(const char *path)
{
    static const char folder[] = "/node_modules/";
    const char *last = NULL;
    if (!fps__path_stem(path, "/package.json"))
        return false;
    for (const char *at = path; (at = strstr(at, folder)); at++)
        last = at + sizeof folder - 1;
    if (!last || *last == '.')
        return false;
    const char *slash = strchr(last, '/');
    if (slash && *last == '@')
        slash = strchr(slash + 1, '/');
    return slash && slash != last && !strcmp(slash, "/package.json");
}

/* "MIT", {"type": "MIT"}, or a list of those, of which any may be chosen. */
static void put_license(fps__cursor *out, const json_t *license)
{
    if (json_is_object(license))
        license = json_object_get(license, "type");
    if (!json_is_string(license))
        return;
    fps__cursor_put(out, " OR ", out->used ? 4 : 0);
    fps__cursor_put(out, json_string_value(license), json_string_length(license));
}

static bool take_license(fps__arena *arena, const json_t *root, const char **license)
{
    char text[512];
    fps__cursor out = {text, sizeof text, 0, false};
    const json_t *list = json_object_get(root, "licenses");
    put_license(&out, json_object_get(root, "license"));
    if (!out.used && json_is_array(list))
        for (size_t i = 0; i < json_array_size(list) && !out.full; i++)
            put_license(&out, json_array_get(list, i));
    else if (!out.used)
        put_license(&out, list);
    size_t size = fps__cursor_finish(&out);
    return fps__language_take(arena, (fps__span){(const uint8_t *)text, size}, license);
}

/* "Name <address> (page)" or an object with these; the author goes before the maintainers. */
static bool take_supplier(fps__arena *arena, const json_t *root, const char **supplier)
{
    const json_t *person = json_object_get(root, "author");
    if (!json_is_string(person) && !json_is_object(person))
        person = json_array_get(json_object_get(root, "maintainers"), 0);
    fps__span name =
                  json_is_object(person) ? fps__manifest_member(person, "name") : fps__manifest_text(person),
              address = json_is_object(person) ? fps__manifest_member(person, "email") : (fps__span){NULL, 0};
    char text[512];
    fps__cursor out = {text, sizeof text, 0, false};
    fps__cursor_put(&out, (const char *)name.data, name.size);
    if (address.size) {
        fps__cursor_text(&out, name.size ? " <" : "<");
        fps__cursor_put(&out, (const char *)address.data, address.size);
        fps__cursor_text(&out, ">");
    }
    size_t size = fps__cursor_finish(&out);
    return fps__language_take(arena, (fps__span){(const uint8_t *)text, size}, supplier);
}

static bool take_depends(fps__arena *arena, json_t *root, size_t size, const char **depends)
{
    static const char *const fields[] = {"dependencies", "optionalDependencies", "peerDependencies"};
    fps__name_list list;
    if (!fps__name_list_init(&list, size))
        return false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const char *name;
        json_t *wanted;
        json_object_foreach(json_object_get(root, fields[i]), name, wanted)
            fps__name_list_add(&list, fps__span_of(name));
    }
    return fps__name_list_finish(&list, arena, depends);
}

fps_status fps__language_parse_npm(fps__arena *arena, fps__span text, fps_package *facts,
                                   const char **depends)
{
    if (text.size >= 3 && !memcmp(text.data, "\xEF\xBB\xBF", 3))
        text = fps__span_part(text, 3, text.size - 3);
    json_error_t error;
    json_t *root = fps__json_load(text, 0, &error);
    if (!root)
        return fps__json_no_memory(&error) ? FPS_ERROR_MEMORY : FPS_ERROR_CORRUPT;
    bool memory = fps__language_take(arena, fps__manifest_member(root, "name"), &facts->name) &&
                  fps__language_take(arena, fps__manifest_member(root, "version"), &facts->version) &&
                  take_license(arena, root, &facts->license) &&
                  take_supplier(arena, root, &facts->supplier) &&
                  take_depends(arena, root, text.size, depends);
    json_decref(root);
    return memory ? fps__language_complete(facts) : FPS_ERROR_MEMORY;
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__inventory_package *package =
        fps__language_add(reading, file, FPS_PACKAGE_NPM, fps__language_parse_npm);
    if (package)
        package->root = fps__inventory_text(reading, file->path, fps__path_stem(file->path, "/package.json"));
}

static bool wants(const char *path, uint64_t size)
{
    return size <= FPS__MAX_METADATA && fps__language_is_npm(path);
}

static void read_packages(fps__inventory_reading *reading)
{
    fps__language_read(reading, fps__language_is_npm, read_package);
}

const fps__inventory_reader fps__reader_npm = {.wants = wants, .read = read_packages};
