/* R packages: DESCRIPTION in the folder of each installed package. The format: Writing R Extensions, 1.1.1. */
#include "inventory/control.h"
#include "inventory/manifest.h"

#include "util/cursor.h"

static const char *const patterns[] = {"*/DESCRIPTION", NULL};

/* "a (>= 1), b" and more of the same as one list. */
static const char *join(fps__inventory_reading *reading, const fps__span *lists, size_t count)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++)
        size += lists[i].size + 2;
    char *text = fps__arena_alloc(&reading->inventory->arena, size);
    if (!text) {
        reading->no_memory = true;
        return "";
    }
    fps__cursor out = {text, size, 0, false};
    for (size_t i = 0; i < count; i++) {
        fps__cursor_put(&out, ", ", out.used && lists[i].size ? 2 : 0);
        fps__cursor_put(&out, (const char *)lists[i].data, lists[i].size);
    }
    return fps__inventory_value(reading, (fps__span){(const uint8_t *)text, fps__cursor_finish(&out)});
}

/* Installed packages say with which R they were built, and lie in a library under their name; sources do neither. */
static bool is_installed(const char *path, fps__span name, fps__span built)
{
    fps__span folder = fps__path_part(path, 1), library = fps__path_part(path, 2);
    bool named = folder.size == name.size && !memcmp(folder.data, name.data, name.size);
    return built.size ||
           (named && library.size >= 7 && !memcmp(library.data + library.size - 7, "library", 7));
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__span name, version, license, maintainer, built, needs[3];
    const fps__control_field known[] = {
        {"Package", &name}, {"Version", &version},  {"License", &license},  {"Maintainer", &maintainer},
        {"Built", &built},  {"Depends", &needs[0]}, {"Imports", &needs[1]}, {"LinkingTo", &needs[2]}};
    size_t at = 0;
    bool damaged = false;
    fps__control_paragraph(file->bytes, &at, known, sizeof known / sizeof *known, &damaged);
    if (!name.size || !is_installed(file->path, name, built))
        return;
    if (!version.size || damaged)
        fps__manifest_damaged(reading, file);
    fps__inventory_package *package = fps__manifest_add(reading, FPS_PACKAGE_CRAN, file, name, version);
    if (!package)
        return;
    package->facts.license = fps__inventory_license(reading, license);
    package->facts.supplier = fps__inventory_value(reading, maintainer);
    package->depends = join(reading, needs, sizeof needs / sizeof *needs);
    package->root = fps__path_above(reading, file->path, 1);
}

const fps__inventory_reader fps__reader_cran = {.patterns = patterns, .read_file = read_package};
