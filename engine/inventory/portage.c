/* Portage's database: a folder for each package, with one file for each fact. The format: portage(5), /var/db/pkg. */
#include "inventory/manifest.h"

#include "util/lines.h"

static const char *const patterns[] = {"/var/db/pkg/*/*/CONTENTS", "/var/db/pkg/*/*/LICENSE", NULL};
static const char *const places[] = {"/var/db/pkg", NULL};

/* "obj PATH MD5 TIME", "sym PATH -> TARGET TIME", "dir PATH": a path may hold blanks. False for any other line. */
static bool take_line(fps__inventory_reading *reading, fps__span line)
{
    fps__span path = fps__span_part(line, 4, line.size < 4 ? 0 : line.size - 4), digest = {NULL, 0};
    bool file = fps__span_starts(line, "obj "), link = fps__span_starts(line, "sym "),
         folder = fps__span_starts(line, "dir ");
    for (unsigned cut = 0; file && cut < 2; cut++) {
        const uint8_t *blank = path.size ? memrchr(path.data, ' ', path.size) : NULL;
        if (!blank)
            return false;
        size_t size = (size_t)(blank - path.data);
        digest = fps__span_part(path, size + 1, path.size - size - 1);
        path.size = size;
    }
    for (size_t i = 0; link && i + 4 < path.size; i++)
        if (!memcmp(path.data + i, " -> ", 4))
            path.size = i;
    if (!file && !link && !folder)
        return fps__span_starts(line, "fif ") || fps__span_starts(line, "dev ");
    fps__owned_path *owned = fps__inventory_add_path(reading, fps__inventory_path(reading, "/", path));
    if (!owned)
        return reading->full || reading->alarm.rang;
    bool config = !strncmp(owned->path, "/etc/", 5); /* CONFIG_PROTECT, as every profile has it */
    owned->flags = file ? FPS__OWNED_REGULAR : link ? FPS__OWNED_LINK : FPS__OWNED_DIRECTORY;
    owned->flags |= config ? FPS__OWNED_CONFIG : 0;
    return !file || fps__owned_path_hex(owned, FPS__DIGEST_MD5, digest);
}

/* "CATEGORY/NAME-VERSION/CONTENTS" */
static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__span last = fps__path_part(file->path, 0), folder = fps__path_part(file->path, 1),
              category = fps__path_part(file->path, 2), name, version, line;
    if (!fps__span_is(last, "CONTENTS"))
        return;
    if (!fps__manifest_split(folder, true, &name, &version)) {
        fps__manifest_damaged(reading, file);
        return;
    }
    /* the category stands before the name in the path */
    fps__span whole = {category.data, (size_t)(name.data + name.size - category.data)};
    fps__inventory_package *package = fps__manifest_add(reading, FPS_PACKAGE_EBUILD, file, whole, version);
    if (!package)
        return;
    package->facts.source = fps__inventory_value(reading, name);
    const fps__inventory_file *license = fps__manifest_beside(reading, file, "LICENSE");
    size_t start = 0;
    if (license && fps__line_next(license->bytes, &start, &line))
        package->facts.license = fps__inventory_value(reading, line);
    package->paths_known = true;
    bool good = true;
    for (size_t at = 0; fps__line_next(file->bytes, &at, &line);)
        good &= !line.size || take_line(reading, line);
    fps__inventory_end_paths(reading, package);
    if (!good)
        fps__inventory_diagnose(reading, file->path, "list of files is damaged");
}

const fps__inventory_reader fps__reader_portage = {
    .places = places, .patterns = patterns, .read_file = read_package};
