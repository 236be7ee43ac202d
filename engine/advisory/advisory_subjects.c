/* Under which names of advisories a package, or a component, is looked up. */
#include "advisory/advisory_state.h"

#include "util/package_kind.h"

#include <string.h>

static void add(fps__subjects *subjects, const char *space, const char *name)
{
    if (subjects->count < FPS__MAX_SUBJECTS &&
        fps__subject_set(&subjects->items[subjects->count], space, name))
        subjects->count++;
}

static void add_system(fps__subjects *subjects, const char *type, const char *system, const char *release,
                       const char *name)
{
    char space[FPS__MAX_SPACE];
    if (fps__space_of_system(space, type, system, release))
        add(subjects, space, name);
}

/* Distributions that are built from another one's packages: where nothing is said of their own, what is said of that one's holds. */
static const char *parent_of(const char *system)
{
    static const struct {
        const char *system, *parent;
    } parents[] = {
        {"centos", "rhel"}, {"rocky", "rhel"}, {"almalinux", "rhel"}, {"ol", "rhel"}, {"raspbian", "debian"}};
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++)
        if (!strcmp(parents[i].system, system))
            return parents[i].parent;
    return NULL;
}

/* First the release, then all releases, then the parent; advisories name source packages, those of rpm also binary ones. A bill may be of
 * several systems: a package that says its own is of that one. */
static void add_distribution(const fps__matching *now, const fps_package *package, fps__subjects *subjects)
{
    const fps_result_info *info = fps_result_get_info(now->result);
    const char *type = fps_package_kind_name(package->kind),
               *source = *package->source ? package->source : package->name;
    char own[FPS__MAX_SPACE], own_release[FPS__MAX_SPACE];
    bool bill = info->target_type && !strcmp(info->target_type, "bill");
    bool says = bill && fps__distribution_of_purl(package->purl, own, own_release);
    const char *system = says ? own : info->os_id, *release = says ? own_release : info->os_version_id;
    const char *parent = parent_of(system);
    const char *names[2] = {
        source, strcmp(source, package->name) && package->kind == FPS_PACKAGE_RPM ? package->name : NULL};
    for (size_t i = 0; i < 2 && names[i]; i++) {
        add_system(subjects, type, system, release, names[i]);
        add_system(subjects, type, system, "", names[i]);
        if (parent)
            add_system(subjects, type, parent, release, names[i]);
    }
}

void fps__subjects_of_package(const fps__matching *now, const fps_package *package, fps__subjects *subjects)
{
    const fps__package_kind *kind = fps__package_kind_of(package->kind);
    fps__subject named;
    *subjects = (fps__subjects){.system = kind->system};
    bool distribution = package->kind == FPS_PACKAGE_DEB || package->kind == FPS_PACKAGE_RPM ||
                        package->kind == FPS_PACKAGE_APK;
    if (distribution && *fps_result_get_info(now->result)->os_id)
        add_distribution(now, package, subjects);
    else if (fps__subject_of_purl(&named, package->purl, NULL))
        add(subjects, named.space, named.name);
    /* What is no part of OTP was published on Hex, where advisories name it. */
    if (package->kind == FPS_PACKAGE_OTP)
        add(subjects, "hex", package->name);
}

/* The catalogue's CPE name and package URL, the id where sources use it, and the further names of the database. */
fps_status fps__subjects_of_component(fps__matching *now, const fps_component *component,
                                      fps__subjects *subjects, fps_error *error)
{
    fps__subject named;
    sqlite3_stmt *links = now->lookup.links;
    const fps_advisory_database *database = now->lookup.database;
    *subjects = (fps__subjects){.count = 0};
    for (size_t i = 0; i < database->source_count;
         i++) /* a source that is named like the component is the project's own */
        if (!strcmp(database->sources[i].name, component->id))
            subjects->own = database->sources[i].name;
    if (*component->cpe && fps__subject_of_cpe(&named, component->cpe, NULL, NULL))
        add(subjects, named.space, named.name);
    if (*component->purl && fps__subject_of_purl(&named, component->purl, NULL))
        add(subjects, named.space, named.name);
    if (strcmp(subjects->count ? subjects->items[subjects->count - 1].space : "", "generic") != 0)
        add(subjects, "generic", component->id);
    add(subjects, "oss-fuzz", component->id);
    sqlite3_reset(links);
    sqlite3_bind_text(links, 1, component->id, -1, SQLITE_TRANSIENT);
    fps_status status;
    while (!(status = fps__lookup_step(&now->lookup, links, error)))
        add(subjects, fps__advisory_text(links, 0), fps__advisory_text(links, 1));
    sqlite3_reset(links);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}
