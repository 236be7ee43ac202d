/* vcpkg's database: installed/vcpkg/status, the increments in updates/, and a list of files for each port. The format is
 * that of Debian's control files. */
#include "inventory/control.h"
#include "inventory/manifest.h"

#include <stdio.h>

static const char *const patterns[] = {"vcpkg/status", "vcpkg/updates/*", "vcpkg/info/*.list", NULL};

enum {
    PATH_SIZE = 4096,
    MAX_PORTS = 4096,      /* of one database: each update looks through them */
    MAX_UPDATES = 1 << 16, /* paragraphs of one file of updates */
};

typedef struct port {
    fps__span name, version, port_version, triplet, status, depends, feature;
} port;

static bool next_port(fps__span text, size_t *at, port *fields, bool *damaged)
{
    const fps__control_field known[] = {{"Package", &fields->name},
                                        {"Version", &fields->version},
                                        {"Port-Version", &fields->port_version},
                                        {"Architecture", &fields->triplet},
                                        {"Status", &fields->status},
                                        {"Depends", &fields->depends},
                                        {"Feature", &fields->feature}};
    return fps__control_paragraph(text, at, known, sizeof known / sizeof *known, damaged);
}

/* "NAME_VERSION_TRIPLET.list", where the version may have "#PORT-VERSION" behind it; paths below installed/. */
static void take_files(fps__inventory_reading *reading, const char *home, const port *fields,
                       fps__inventory_package *package)
{
    char path[PATH_SIZE];
    const fps_package *facts = &package->facts;
    int size = snprintf(path, sizeof path, "%s/vcpkg/info/%s_%s%s%.*s_%s.list", home, facts->name,
                        facts->version, fields->port_version.size ? "#" : "",
                        fields->port_version.size < 16 ? (int)fields->port_version.size : 0,
                        (const char *)fields->port_version.data, facts->architecture);
    const fps__inventory_file *list =
        size > 0 && (size_t)size < sizeof path ? fps__inventory_take(reading, path) : NULL;
    if (!list) {
        size = snprintf(path, sizeof path, "%s/vcpkg/info/%s_%s_%s.list", home, facts->name, facts->version,
                        facts->architecture);
        list = size > 0 && (size_t)size < sizeof path ? fps__inventory_take(reading, path) : NULL;
    }
    package->paths_known = list != NULL;
    size_t at = 0;
    for (fps__span line; list && fps__line_next(list->bytes, &at, &line);)
        fps__inventory_add_path(reading, fps__inventory_path(reading, home, line));
    fps__inventory_end_paths(reading, package);
}

/* The package of a port and triplet that this database has added, SIZE_MAX for none. */
static size_t find_port(const fps__inventory *inventory, size_t first, const port *fields)
{
    for (size_t i = first; i < inventory->packages.count; i++) {
        const fps_package *facts = &inventory->packages.items[i].facts;
        if (fps__span_is(fields->name, facts->name) && fps__span_is(fields->triplet, facts->architecture))
            return i;
    }
    return SIZE_MAX;
}

static void add_port(fps__inventory_reading *reading, const fps__inventory_file *file, const char *home,
                     const port *fields)
{
    fps__inventory_package *package =
        fps__manifest_add(reading, FPS_PACKAGE_VCPKG, file, fields->name, fields->version);
    if (!package)
        return;
    char text[64];
    package->facts.architecture = fps__inventory_value(reading, fields->triplet);
    package->depends = fps__inventory_value(reading, fields->depends);
    int size = fields->port_version.size && fields->port_version.size < 16
                   ? snprintf(text, sizeof text, "port_version=%.*s\n", (int)fields->port_version.size,
                              (const char *)fields->port_version.data)
                   : 0;
    package->qualifiers = fps__inventory_text(reading, text, size > 0 ? (size_t)size : 0);
    take_files(reading, home, fields, package);
}

/* What a later file says of a port replaces what an earlier one said. Features of a port are paragraphs of their own. */
static void read_paragraphs(fps__inventory_reading *reading, const fps__inventory_file *file,
                            const char *home, size_t first)
{
    port fields;
    bool damaged = false;
    size_t at = 0, seen = 0;
    while (!reading->no_memory && next_port(file->bytes, &at, &fields, &damaged)) {
        if (!fields.name.size || fields.feature.size)
            continue;
        if (reading->inventory->packages.count - first >= MAX_PORTS || ++seen > MAX_UPDATES) {
            fps__inventory_diagnose(reading, file->path, "more ports than are kept");
            return;
        }
        size_t known = fps__path_is_like(file->path, patterns[1])
                           ? find_port(reading->inventory, first, &fields)
                           : SIZE_MAX;
        if (known != SIZE_MAX)
            reading->inventory->packages.items[known] =
                reading->inventory->packages.items[--reading->inventory->packages.count];
        if (fps__span_is(fields.status, "install ok installed"))
            add_port(reading, file, home, &fields);
    }
    if (damaged)
        fps__inventory_diagnose(reading, file->path, "database of vcpkg is damaged");
}

static void read_database(fps__inventory_reading *reading, const fps__inventory_file *status)
{
    if (!fps__path_is_like(status->path, patterns[0]))
        return;
    const char *home = fps__path_above(reading, status->path, 2);
    size_t first = reading->inventory->packages.count, size = strlen(home);
    read_paragraphs(reading, status, home, first);
    for (size_t i = (size_t)(status - reading->files) + 1; i < reading->count; i++) {
        const fps__inventory_file *update = &reading->files[i];
        if (strncmp(update->path, home, size) != 0)
            break;
        if (!strncmp(update->path + size, "/vcpkg/updates/", 15))
            read_paragraphs(reading, update, home, first);
    }
}

const fps__inventory_reader fps__reader_vcpkg = {.patterns = patterns, .read_file = read_database};
