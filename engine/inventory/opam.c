/* OCaml packages: opam's switches, with the description of each installed package, and a list of what it changed. The
 * formats: the opam manual, and opam's .changes files. */
#include "inventory/manifest.h"
#include "inventory/name_list.h"

#include "util/lines.h"

#include <stdio.h>

static const char *const patterns[] = {".opam-switch/packages/*/opam", ".opam-switch/install/*.changes",
                                       NULL};

enum { PATH_SIZE = 4096 };

/* What stands behind "KEY:" up to the end of the line, or of the list that begins there. */
static fps__span value_of(fps__span text, const char *key)
{
    size_t at = 0;
    for (fps__span line, name, value; fps__line_next(text, &at, &line);) {
        if (!line.size || line.data[0] <= ' ' || !fps__line_split(line, ':', &name, &value) ||
            !fps__span_is(name, key))
            continue;
        value = fps__span_trim(value);
        if (!value.size || value.data[0] != '[')
            return value;
        size_t start = (size_t)(value.data - text.data);
        const uint8_t *end = memchr(value.data, ']', text.size - start);
        return fps__span_part(text, start, end ? (size_t)(end - value.data) : text.size - start);
    }
    return (fps__span){NULL, 0};
}

/* The texts of a value, with `joiner` between them. */
static const char *texts_of(fps__inventory_reading *reading, fps__span value, const char *joiner)
{
    char joined[PATH_SIZE];
    fps__cursor out = {joined, sizeof joined, 0, false};
    size_t at = 0;
    for (fps__span text; fps__manifest_next_quoted(value, &at, &text);) {
        fps__cursor_text(&out, out.used ? joiner : "");
        fps__cursor_put(&out, (const char *)text.data, text.size);
    }
    size_t size = fps__cursor_finish(&out);
    return fps__inventory_value(reading, (fps__span){(const uint8_t *)joined, size});
}

/* "lib/x/META" {"F:DIGEST"}: paths below the switch. Folders are listed too, which own nothing. */
static void take_files(fps__inventory_reading *reading, const fps__inventory_file *file,
                       fps__inventory_package *package)
{
    char path[PATH_SIZE];
    const char *home = fps__path_above(reading, file->path, 4);
    int size = snprintf(path, sizeof path, "%s/.opam-switch/install/%s.changes", home, package->facts.name);
    const fps__inventory_file *list =
        size > 0 && (size_t)size < sizeof path ? fps__inventory_take(reading, path) : NULL;
    package->paths_known = list != NULL;
    size_t at = 0;
    for (fps__span name; list && fps__manifest_next_quoted(list->bytes, &at, &name);)
        fps__inventory_add_path(reading, fps__inventory_path(reading, home, name));
    fps__inventory_end_paths(reading, package);
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__span whole = fps__path_part(file->path, 1), name;
    if (!fps__path_is_like(file->path, patterns[0]) || !fps__span_cut(&whole, ".", &name))
        return;
    fps__inventory_package *package = fps__manifest_add(reading, FPS_PACKAGE_OPAM, file, name, whole);
    if (!package)
        return;
    package->facts.license = texts_of(reading, value_of(file->bytes, "license"), " AND ");
    package->facts.supplier = texts_of(reading, value_of(file->bytes, "maintainer"), ", ");
    package->depends = texts_of(reading, value_of(file->bytes, "depends"), ", ");
    take_files(reading, file, package);
}

const fps__inventory_reader fps__reader_opam = {.patterns = patterns, .read_file = read_package};
