/* Perl distributions that a CPAN client installed: .meta/DISTRIBUTION/MYMETA.json in the folder of architecture's
 * modules, and auto/NAME/.packlist with the files. The formats: CPAN::Meta::Spec and ExtUtils::Packlist. */
#include "inventory/manifest.h"
#include "inventory/name_list.h"

#include "util/lines.h"

#include <stdio.h>

static const char *const patterns[] = {".meta/*/MYMETA.json", ".meta/*/install.json", ".packlist", NULL};

enum { PATH_SIZE = 4096 };

/* What CPAN::Meta::Spec calls a licence, in SPDX; the word itself where it names none alone. */
static fps__span license_of(fps__span word)
{
    static const char *const known[][2] = {{"agpl_3", "AGPL-3.0-only"},
                                           {"apache_1_1", "Apache-1.1"},
                                           {"apache_2_0", "Apache-2.0"},
                                           {"artistic_1", "Artistic-1.0"},
                                           {"artistic_2", "Artistic-2.0"},
                                           {"freebsd", "BSD-2-Clause"},
                                           {"gpl_1", "GPL-1.0-only"},
                                           {"gpl_2", "GPL-2.0-only"},
                                           {"gpl_3", "GPL-3.0-only"},
                                           {"lgpl_2_1", "LGPL-2.1-only"},
                                           {"lgpl_3_0", "LGPL-3.0-only"},
                                           {"mit", "MIT"},
                                           {"mozilla_1_1", "MPL-1.1"},
                                           {"perl_5", "Artistic-1.0-Perl OR GPL-1.0-or-later"},
                                           {"zlib", "Zlib"},
                                           {"unknown", ""}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fps__span_is(word, known[i][0]))
            return fps__span_of(known[i][1]);
    return word;
}

/* Lines "PATH" or "PATH key=value"; the list of Foo-Bar is auto/Foo/Bar/.packlist beside ".meta". */
static void take_files(fps__inventory_reading *reading, const fps__inventory_file *file,
                       fps__inventory_package *package, const char *distribution)
{
    char path[PATH_SIZE];
    const char *above = fps__path_above(reading, file->path, 3);
    int size = snprintf(path, sizeof path, "%s/auto/%s/.packlist", above, distribution);
    if (size < 0 || (size_t)size >= sizeof path)
        return;
    for (char *c = path + strlen(above); *c; c++)
        *c = *c == '-' ? '/' : *c;
    const fps__inventory_file *list = fps__inventory_take(reading, path);
    package->paths_known = list != NULL;
    size_t at = 0;
    for (fps__span line, name; list && fps__line_next(list->bytes, &at, &line);)
        if (fps__span_cut(&line, " \t", &name))
            fps__inventory_add_path(reading, fps__inventory_path(reading, "/", name));
    fps__inventory_end_paths(reading, package);
}

/* Package URLs of CPAN need who published the distribution: it is in the path that install.json was fetched by,
 * "M/ML/MLEHMANN/JSON-XS-4.03.tar.gz". Without it the name stands alone. */
static const char *published_name(fps__inventory_reading *reading, const fps__inventory_file *file,
                                  const char *distribution)
{
    bool installed = fps__path_is_like(file->path, patterns[1]);
    const fps__inventory_file *from = installed ? file : fps__manifest_beside(reading, file, "install.json");
    json_t *root = from ? fps__manifest_json(reading, from) : NULL;
    fps__span rest = fps__manifest_member(root, "pathname"), author = {NULL, 0};
    char name[PATH_SIZE];
    for (unsigned part = 0; part < 3; part++)
        if (!fps__span_cut(&rest, "/", &author))
            author.size = 0;
    bool good = author.size && rest.size && author.size < 64;
    for (size_t i = 0; good && i < author.size; i++)
        good = (author.data[i] >= 'A' && author.data[i] <= 'Z') ||
               (i && ((author.data[i] >= '0' && author.data[i] <= '9') || author.data[i] == '-'));
    int size = good ? snprintf(name, sizeof name, "%.*s/%s", (int)author.size, (const char *)author.data,
                               distribution)
                    : 0;
    json_decref(root);
    return size > 0 && (size_t)size < sizeof name ? fps__inventory_text(reading, name, (size_t)size)
                                                  : distribution;
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    bool described = fps__path_is_like(file->path, patterns[0]);
    if (!described &&
        (!fps__path_is_like(file->path, patterns[1]) || fps__manifest_beside(reading, file, "MYMETA.json")))
        return;
    json_t *root = fps__manifest_json(reading, file);
    fps__span folder = fps__path_part(file->path, 1), version = fps__manifest_member(root, "version"),
              name = fps__manifest_member(root, "name"), cut;
    if (root && !described && fps__manifest_split(folder, true, &name, &cut))
        version = version.size ? version : cut;
    fps__inventory_package *package =
        root ? fps__manifest_add(reading, FPS_PACKAGE_CPAN, file, name, version) : NULL;
    if (root && !name.size)
        fps__manifest_damaged(reading, file);
    if (package) {
        const json_t *licenses = json_object_get(root, "license"),
                     *author = json_array_get(json_object_get(root, "author"), 0);
        fps__span license = fps__manifest_text(json_array_get(licenses, 0));
        package->facts.license = json_array_size(licenses) > 1
                                     ? fps__manifest_join(reading, licenses, " OR ")
                                     : fps__inventory_value(reading, license_of(license));
        package->facts.supplier = fps__inventory_value(reading, fps__manifest_text(author));
        const char *distribution = package->facts.name;
        take_files(reading, file, package, distribution);
        package->facts.name = published_name(reading, file, distribution);
    }
    json_decref(root);
}

const fps__inventory_reader fps__reader_cpan = {.patterns = patterns, .read_file = read_package};
