/* Findings of packages: what the facts about their versions say. */
#include "advisory/advisory_state.h"

#include "util/error.h"

#include <string.h>

/* What is fixed is fixed in a source package of Debian's: its version is compared. */
static const char *compared_version(const fps_package *package)
{
    bool source =
        (package->kind == FPS_PACKAGE_DEB || package->kind == FPS_PACKAGE_OPKG) && *package->source_version;
    return source ? package->source_version : package->version;
}

/* Findings of one set, for the first package that has it. A language's packages have suppressed ones where a source says that a
 * version is not affected; the facts of a distribution without a range that says otherwise are no findings. */
static fps_status add_findings(fps__matching *now, uint32_t set, uint32_t package, fps_error *error)
{
    const fps__fact_set *facts = &now->sets.items[set];
    const fps_package *about = &now->result->packages.items[package];
    for (size_t i = facts->first; i < facts->first + facts->count; i++) {
        const fps__fact *fact = &now->facts.items[i];
        if (fact->state != FPS__FACT_AFFECTED && fact->state != FPS__FACT_CONDITIONAL)
            continue;
        const fps__found made = {.group = fact->group,
                                 .component = FPS__NO_INDEX,
                                 .package = package,
                                 .set = set,
                                 .verdict = fact->state == FPS__FACT_AFFECTED ? FPS_VERDICT_AFFECTED
                                                                              : FPS_VERDICT_CONDITIONAL,
                                 .fact = *fact,
                                 .version = compared_version(about)};
        fps_status status = FPS__ARRAY_PUSH(&now->found, &made, FPS__MAX_FOUND);
        if (status)
            return status == FPS_ERROR_LIMIT
                       ? fps__fail(error, status, NULL, UINT64_MAX, "too many vulnerabilities")
                       : fps__fail_memory(error);
    }
    return FPS_OK;
}

static fps_status find_set(fps__matching *now, uint32_t index, fps_error *error)
{
    const fps_package *package = &now->result->packages.items[index];
    fps__subjects subjects;
    now->package_sets[index] = FPS__NO_INDEX;
    fps__subjects_of_package(now, package, &subjects);
    const char *version = compared_version(package);
    return subjects.count && *version
               ? fps__facts_of(now, &subjects, version, &now->package_sets[index], error)
               : FPS_OK;
}

fps_status fps__match_packages(fps__matching *now, fps_error *error)
{
    size_t count = now->result->packages.count;
    now->package_sets = fps__arena_array(&now->scratch, count + 1, sizeof *now->package_sets);
    if (!now->package_sets)
        return fps__fail_memory(error);
    fps_status status = FPS_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = find_set(now, (uint32_t)i, error);
    now->package_found =
        status ? NULL : fps__arena_array(&now->scratch, now->sets.count + 1, sizeof *now->package_found);
    if (!status && !now->package_found)
        return fps__fail_memory(error);
    for (size_t i = 0; i < now->sets.count && !status; i++)
        now->package_found[i] = FPS__NO_INDEX;
    for (size_t i = 0; i < count && !status; i++) {
        uint32_t set = now->package_sets[i];
        if (set == FPS__NO_INDEX)
            continue;
        if (now->package_found[set] == FPS__NO_INDEX) {
            now->package_found[set] = (uint32_t)now->found.count;
            status = add_findings(now, set, (uint32_t)i, error);
        }
        uint32_t package = (uint32_t)i;
        for (size_t k = now->package_found[set];
             !status && k < now->found.count && now->found.items[k].set == set; k++)
            if (FPS__ARRAY_PUSH(&now->found.items[k].packages, &package, FPS__MAX_FOUND))
                status = fps__fail_memory(error);
    }
    return status;
}
