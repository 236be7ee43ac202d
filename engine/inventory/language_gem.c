/* Installed Ruby gems: the specifications that RubyGems writes when it installs them. */
#include "inventory/language.h"

#include "util/lines.h"

#include <stdio.h>

enum { PATH_SIZE = 4096 };

/* The folder above "specifications/" (or "specifications/default/") and the file's name without its suffix;
 * false for another path. */
static bool split_path(const char *path, fps__span *home, fps__span *stem)
{
    static const char *const folders[] = {"/specifications/default/", "/specifications/"};
    size_t size = fps__path_stem(path, ".gemspec"), base = size;
    while (base && path[base - 1] != '/')
        base--;
    for (size_t i = 0; i < 2 && base < size; i++) {
        size_t folder = strlen(folders[i]);
        if (base < folder || strncmp(path + base - folder, folders[i], folder) != 0)
            continue;
        *home = (fps__span){(const uint8_t *)path, base - folder};
        *stem = (fps__span){(const uint8_t *)path + base, size - base};
        return true;
    }
    return false;
}

bool fps__language_is_gem(const char *path)
{
    fps__span home, stem;
    return split_path(path, &home, &stem);
}

/* The next text in quotes, '"' or "'" or %q<>, cut off `rest`. */
static bool next_quoted(fps__span *rest, fps__span *text)
{
    for (size_t i = 0; i < rest->size; i++) {
        uint8_t mark = rest->data[i];
        bool percent =
            mark == '%' && rest->size - i > 2 && rest->data[i + 1] == 'q' && rest->data[i + 2] == '<';
        if (mark != '"' && mark != '\'' && !percent)
            continue;
        size_t start = i + (percent ? 3 : 1);
        const uint8_t *end =
            start < rest->size ? memchr(rest->data + start, percent ? '>' : mark, rest->size - start) : NULL;
        if (!end)
            return false;
        *text = (fps__span){rest->data + start, (size_t)(end - rest->data) - start};
        size_t used = (size_t)(end - rest->data) + 1;
        *rest = fps__span_part(*rest, used, rest->size - used);
        return true;
    }
    return false;
}

/* What `line` does to the specification: the name behind "s.", empty for another line. `rest` follows. */
static fps__span attribute(fps__span line, fps__span *rest)
{
    fps__span name = {NULL, 0};
    size_t at = 0;
    line = fps__span_trim(line);
    while (at < line.size && ((line.data[at] >= 'a' && line.data[at] <= 'z') || line.data[at] == '_'))
        at++;
    if (!at || at >= line.size || line.data[at] != '.')
        return name;
    name = (fps__span){line.data + at + 1, 0};
    while (at + 1 + name.size < line.size &&
           ((name.data[name.size] >= 'a' && name.data[name.size] <= 'z') || name.data[name.size] == '_'))
        name.size++;
    *rest = fps__span_part(line, at + 1 + name.size, line.size - at - 1 - name.size);
    return name;
}

/* The texts of a list, with `joiner` between them. */
static bool take_list(fps__arena *arena, fps__span list, const char *joiner, const char **joined)
{
    char text[512];
    fps__cursor out = {text, sizeof text, 0, false};
    for (fps__span name; next_quoted(&list, &name);) {
        fps__cursor_text(&out, out.used ? joiner : "");
        fps__cursor_put(&out, (const char *)name.data, name.size);
    }
    size_t size = fps__cursor_finish(&out);
    return fps__language_take(arena, (fps__span){(const uint8_t *)text, size}, joined);
}

/* "# stub: NAME VERSION PLATFORM PATHS", which RubyGems itself reads in place of the rest. */
static bool take_stub(fps__arena *arena, fps__span line, fps_package *facts)
{
    fps__span rest = fps__span_part(line, 8, line.size - 8), name, version, platform;
    if (!fps__span_cut(&rest, " ", &name) || !fps__span_cut(&rest, " ", &version) ||
        !fps__span_cut(&rest, " ", &platform))
        return true;
    return fps__language_take(arena, name, &facts->name) &&
           fps__language_take(arena, version, &facts->version) &&
           (fps__span_is(platform, "ruby") || fps__language_take(arena, platform, &facts->architecture));
}

static bool take_line(fps__arena *arena, fps__span line, fps_package *facts, fps__name_list *list)
{
    fps__span rest = {NULL, 0}, text;
    if (fps__span_starts(line, "# stub: "))
        return take_stub(arena, line, facts);
    fps__span name = attribute(line, &rest);
    if (fps__span_is(name, "license") || fps__span_is(name, "licenses"))
        return take_list(arena, rest, " OR ", &facts->license);
    if (fps__span_is(name, "author") || fps__span_is(name, "authors"))
        return take_list(arena, rest, ", ", &facts->supplier);
    bool depends = fps__span_is(name, "add_runtime_dependency") || fps__span_is(name, "add_dependency");
    bool is_name = fps__span_is(name, "name"), is_version = fps__span_is(name, "version");
    if ((!depends && !is_name && !is_version) || !next_quoted(&rest, &text))
        return true;
    if (depends)
        fps__name_list_add(list, text);
    else if (is_name && !*facts->name)
        return fps__language_take(arena, text, &facts->name);
    else if (is_version && !*facts->version)
        return fps__language_take(arena, text, &facts->version);
    return true;
}

fps_status fps__language_parse_gem(fps__arena *arena, fps__span text, fps_package *facts,
                                   const char **depends)
{
    fps__name_list list;
    if (!fps__name_list_init(&list, text.size))
        return FPS_ERROR_MEMORY;
    bool memory = true;
    size_t at = 0;
    for (fps__span line; memory && fps__line_next(text, &at, &line);)
        memory = take_line(arena, line, facts, &list);
    memory &= fps__name_list_finish(&list, arena, depends);
    return memory ? fps__language_complete(facts) : FPS_ERROR_MEMORY;
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__span home, stem;
    fps__inventory_package *package =
        split_path(file->path, &home, &stem)
            ? fps__language_add(reading, file, FPS_PACKAGE_GEM, fps__language_parse_gem)
            : NULL;
    char root[PATH_SIZE];
    int size = package ? snprintf(root, sizeof root, "%.*s/gems/%.*s", (int)home.size,
                                  (const char *)home.data, (int)stem.size, (const char *)stem.data)
                       : 0;
    if (size > 0 && (size_t)size < sizeof root)
        package->root = fps__inventory_text(reading, root, (size_t)size);
}

static bool wants(const char *path, uint64_t size)
{
    return size <= FPS__MAX_METADATA && fps__language_is_gem(path);
}

static void read_packages(fps__inventory_reading *reading)
{
    fps__language_read(reading, fps__language_is_gem, read_package);
}

const fps__inventory_reader fps__reader_gem = {.wants = wants, .read = read_packages};
