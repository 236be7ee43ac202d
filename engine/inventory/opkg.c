/* opkg's database: status, and a list of files for each package. OpenWrt and Yocto keep it in different folders. */
#include "inventory/control.h"
#include "inventory/manifest.h"

#include <stdio.h>

static const char *const folders[] = {"/usr/lib/opkg", "/var/lib/opkg", "/opt/lib/opkg", "/lib/opkg", NULL};
static const char *const patterns[] = {"lib/opkg/status", "lib/opkg/info/*.list", "lib/opkg/info/*.control",
                                       NULL};

enum { PATH_SIZE = 4096 };

typedef struct paragraph {
    fps__span name, version, architecture, status, depends, provides, license, maintainer, source;
} paragraph;

static bool next_paragraph(fps__span text, size_t *at, paragraph *fields, bool *damaged)
{
    const fps__control_field known[] = {{"Package", &fields->name},
                                        {"Version", &fields->version},
                                        {"Architecture", &fields->architecture},
                                        {"Status", &fields->status},
                                        {"Depends", &fields->depends},
                                        {"Provides", &fields->provides},
                                        {"License", &fields->license},
                                        {"Maintainer", &fields->maintainer},
                                        {"SourceName", &fields->source}};
    return fps__control_paragraph(text, at, known, sizeof known / sizeof *known, damaged);
}

/* What the status does not say and the package's own control file does. */
static void take_control(fps__inventory_reading *reading, const fps__inventory_file *control,
                         fps__inventory_package *package)
{
    paragraph fields;
    size_t at = 0;
    bool damaged = false;
    if (!control || !next_paragraph(control->bytes, &at, &fields, &damaged))
        return;
    package->facts.license = fps__inventory_value(reading, fields.license);
    package->facts.supplier = fps__inventory_value(reading, fields.maintainer);
    package->facts.source = fps__inventory_value(reading, fields.source);
}

/* Lines "/path", in newer versions with a tab, the mode and the target of a link behind it. */
static void take_list(fps__inventory_reading *reading, const fps__inventory_file *list,
                      fps__inventory_package *package)
{
    size_t at = 0;
    package->paths_known = list != NULL;
    for (fps__span line, path; list && fps__line_next(list->bytes, &at, &line);)
        if (fps__span_cut(&line, "\t", &path))
            fps__inventory_add_path(reading, fps__inventory_path(reading, "/", path));
    fps__inventory_end_paths(reading, package);
}

/* Beside the status, else in the folder of another system: some keep the two halves apart. */
static const fps__inventory_file *find_info(fps__inventory_reading *reading, const char *folder,
                                            fps__span name, const char *kind)
{
    const fps__inventory_file *file = NULL;
    for (size_t i = 0; !file && (i == 0 || folders[i - 1]); i++) {
        char path[PATH_SIZE];
        int size = snprintf(path, sizeof path, "%s/info/%.*s.%s", i ? folders[i - 1] : folder,
                            name.size < 512 ? (int)name.size : 0, (const char *)name.data, kind);
        file = size > 0 && (size_t)size < sizeof path ? fps__inventory_take(reading, path) : NULL;
    }
    return file;
}

/* A package is there in all states but "not-installed"; what was removed keeps its paragraph. */
static bool is_installed(fps__span status)
{
    fps__span state = {NULL, 0};
    for (fps__span word; fps__span_cut(&status, " ", &word);)
        state = word.size ? word : state;
    return !fps__span_is(state, "not-installed");
}

static void read_status(fps__inventory_reading *reading, const char *folder)
{
    char path[64];
    snprintf(path, sizeof path, "%s/status", folder);
    const fps__inventory_file *file = fps__inventory_find(reading, path);
    paragraph fields;
    bool damaged = false;
    for (size_t at = 0; file && !reading->no_memory && next_paragraph(file->bytes, &at, &fields, &damaged);) {
        damaged |= !fields.name.size || !fields.version.size;
        if (!fields.version.size || !is_installed(fields.status))
            continue;
        fps__inventory_package *package =
            fps__manifest_add(reading, FPS_PACKAGE_OPKG, file, fields.name, fields.version);
        if (!package)
            continue;
        package->facts.architecture = fps__inventory_value(reading, fields.architecture);
        package->depends = fps__inventory_value(reading, fields.depends);
        package->provides = fps__inventory_value(reading, fields.provides);
        take_control(reading, find_info(reading, folder, fields.name, "control"), package);
        take_list(reading, find_info(reading, folder, fields.name, "list"), package);
    }
    if (damaged)
        fps__inventory_diagnose(reading, path, "database of opkg is damaged");
}

static void read_database(fps__inventory_reading *reading)
{
    for (size_t i = 0; folders[i]; i++)
        read_status(reading, folders[i]);
}

const fps__inventory_reader fps__reader_opkg = {
    .read = read_database, .places = folders, .patterns = patterns};
