/* Links between findings and packages: tables that all writers share. */
#include "report/report_packages.h"

#include "report/report_view.h"
#include "util/package_kind.h"
#include "util/project_name.h"

#include <stdlib.h>
#include <string.h>

static uint32_t *make_table(size_t count)
{
    uint32_t *table = malloc((count + 1) * sizeof *table);
    for (size_t i = 0; table && i <= count; i++)
        table[i] = FPS__NONE;
    return table;
}

static void number_files(fps__package_links *links, const fps__view *view)
{
    uint32_t next = 0;
    for (size_t i = 0; i < fps_result_file_count(view->result); i++)
        if (fps__view_shows_file(view, fps_result_file(view->result, i)))
            links->shown_index[i] = next++;
}

static void note_contradiction(fps__package_links *links, const fps_result *result, uint32_t index)
{
    const fps_drift *drift = fps_result_drift(result, index);
    const fps_file *file = fps_result_file(result, drift->file);
    bool contradicts = drift->kind == FPS_DRIFT_COMPONENT || drift->kind == FPS_DRIFT_VERSION ||
                       drift->kind == FPS_DRIFT_REPLACED;
    for (size_t i = 0; file && contradicts && i < file->findings_count; i++) {
        size_t at = (size_t)file->findings_first + i;
        const fps_finding *finding = fps_result_finding(result, at);
        const fps_component *component = finding ? fps_result_component(result, finding->component) : NULL;
        if (component && links->contradiction[at] == FPS__NONE &&
            (!drift->component || strcmp(drift->component, component->id) == 0))
            links->contradiction[at] = index;
    }
}

static int compare_findings(const void *left, const void *right, void *user)
{
    uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;
    const fps_finding *a = fps_result_finding(user, l), *b = fps_result_finding(user, r);
    if (a->component != b->component)
        return a->component < b->component ? -1 : 1;
    return (l > r) - (l < r);
}

static uint32_t finding_owner(const fps__view *view, const fps_finding *finding)
{
    const fps_file *file = fps_result_file(view->result, finding->file);
    return file && fps__view_shows(view, finding) ? fps__package_links_owner(view->result, file) : FPS__NONE;
}

/* Sorts the shown findings by the package that owns their file. */
static void sort_by_package(fps__package_links *links, const fps__view *view)
{
    const fps_result *result = view->result;
    size_t packages = fps_result_package_count(result), count = fps_result_finding_count(result);
    uint32_t total = 0;
    memset(links->first, 0, (packages + 1) * sizeof *links->first);
    for (size_t i = 0; i < count; i++) {
        uint32_t owner = finding_owner(view, fps_result_finding(result, i));
        if (owner != FPS__NONE)
            links->first[owner]++;
    }
    for (size_t p = 0; p <= packages; p++)
        links->first[p] = total += links->first[p];
    /* Each range is filled from its end, so that `first` ends up at its start. */
    for (size_t i = count; i-- > 0;) {
        uint32_t owner = finding_owner(view, fps_result_finding(result, i));
        if (owner != FPS__NONE)
            links->findings[--links->first[owner]] = (uint32_t)i;
    }
    for (size_t p = 0; p < packages; p++)
        if (links->first[p + 1] > links->first[p] + 1)
            qsort_r(links->findings + links->first[p], links->first[p + 1] - links->first[p],
                    sizeof *links->findings, compare_findings, (void *)result);
}

static void count_namesakes(fps__package_links *links, const fps_result *result)
{
    for (size_t i = 0; i < fps_result_package_count(result); i++) {
        const fps_package *package = fps_result_package(result, i);
        const fps_package *before = i ? fps_result_package(result, i - 1) : NULL;
        bool same = before && before->kind == package->kind && strcmp(before->name, package->name) == 0 &&
                    strcmp(before->version, package->version) == 0;
        links->ordinal[i] = same ? links->ordinal[i - 1] + 1 : 0;
    }
}

/* Keeps the better of two findings; the first if they are equal. */
static void keep_best(const fps_result *result, uint32_t *best, size_t index)
{
    const fps_finding *a = fps_result_finding(result, index), *b = fps_result_finding(result, *best);
    if (!b || a->state < b->state || (a->state == b->state && a->confidence > b->confidence))
        *best = (uint32_t)index;
}

static void find_best(fps__package_links *links, const fps__view *view)
{
    for (size_t i = 0; i < fps_result_finding_count(view->result); i++) {
        const fps_finding *finding = fps_result_finding(view->result, i);
        if (!fps__view_shows(view, finding))
            continue;
        if (fps__package_links_merges(view, finding))
            keep_best(view->result, &links->identity[finding_owner(view, finding)], i);
        else
            keep_best(view->result, &links->own[finding->component], i);
    }
}

/* The package that contains all findings of a component's own entry; FPS__NONE if there are several. */
static uint32_t find_home(const fps__view *view, const fps_component *component)
{
    uint32_t home = FPS__NONE;
    bool first = true;
    for (size_t i = 0; i < component->finding_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, component->findings[i]);
        if (!finding || !fps__view_shows(view, finding) || fps__package_links_merges(view, finding))
            continue;
        uint32_t owner = finding_owner(view, finding);
        if (owner == FPS__NONE || (!first && owner != home))
            return FPS__NONE;
        home = owner;
        first = false;
    }
    return home;
}

bool fps__package_links_make(fps__package_links *links, const fps__view *view)
{
    const fps_result *result = view->result;
    size_t findings = fps_result_finding_count(result), packages = fps_result_package_count(result),
           components = fps_result_component_count(result);
    *links = (fps__package_links){.shown_index = make_table(fps_result_file_count(result)),
                                  .contradiction = make_table(findings),
                                  .first = make_table(packages),
                                  .findings = make_table(findings),
                                  .ordinal = make_table(packages),
                                  .identity = make_table(packages),
                                  .own = make_table(components),
                                  .number = make_table(components),
                                  .home = make_table(components)};
    if (!links->shown_index || !links->contradiction || !links->first || !links->findings ||
        !links->ordinal || !links->identity || !links->own || !links->number || !links->home)
        return false;
    number_files(links, view);
    for (size_t i = 0; i < fps_result_drift_count(result); i++)
        note_contradiction(links, result, (uint32_t)i);
    sort_by_package(links, view);
    count_namesakes(links, result);
    find_best(links, view);
    uint32_t entries = 0;
    for (size_t i = 0; i < components; i++) {
        links->number[i] = entries;
        entries += links->own[i] != FPS__NONE;
    }
    for (size_t i = 0; i < components; i++)
        links->home[i] = find_home(view, fps_result_component(result, i));
    return true;
}

void fps__package_links_free(fps__package_links *links)
{
    free(links->shown_index);
    free(links->contradiction);
    free(links->first);
    free(links->findings);
    free(links->ordinal);
    free(links->identity);
    free(links->own);
    free(links->number);
    free(links->home);
    *links = (fps__package_links){0};
}

uint32_t fps__package_links_owner(const fps_result *result, const fps_file *file)
{
    return file->owner < fps_result_package_count(result) ? file->owner : FPS__NONE;
}

const fps_drift *fps__package_links_contradiction(const fps__view *view, const fps_finding *finding)
{
    size_t index = (size_t)(finding - fps_result_finding(view->result, 0));
    return fps_result_drift(view->result, view->links->contradiction[index]);
}

uint32_t fps__package_links_explainer(const fps__view *view, const fps_finding *finding)
{
    const fps_file *file = fps_result_file(view->result, finding->file);
    if (!file || fps__package_links_contradiction(view, finding))
        return FPS__NONE;
    return fps__package_links_owner(view->result, file);
}

/* True when a package is called as a component is that a finding may mean. */
static bool has_name_of_one(const char *name, const fps_component *component)
{
    const char *group = strrchr(name, ':');
    name = group ? group + 1 : name;
    const char *scope = strrchr(name, '/');
    name = scope ? scope + 1 : name;
    bool agrees =
        fps__project_names_agree(name, component->id) || fps__project_names_agree(name, component->name);
    for (size_t i = 0; i < component->relative_count && !agrees; i++)
        agrees = fps__project_names_agree(name, component->relatives[i].id) ||
                 fps__project_names_agree(name, component->relatives[i].name);
    return agrees;
}

/* Drift tells of an installed package of a distribution what its source does not explain. Nobody tells it of any other: a
 * wheel or jar, and a package that is a file, carry libraries of other projects, and are a component only by name. */
static bool is_component(const fps_package *package, const fps_file *file, const fps_component *component)
{
    bool checked = fps__package_kind_of(package->kind)->system && !file->archive_path;
    return checked || has_name_of_one(package->name, component) ||
           has_name_of_one(package->source, component);
}

bool fps__package_links_merges(const fps__view *view, const fps_finding *finding)
{
    if (finding->linkage != FPS_LINKAGE_OWN)
        return false;
    const fps_package *package =
        fps_result_package(view->result, fps__package_links_explainer(view, finding));
    const fps_component *component = fps_result_component(view->result, finding->component);
    const fps_file *file = fps_result_file(view->result, finding->file);
    return package && component && is_component(package, file, component);
}
