/* Gathers the findings of a table for people, and puts what needs attention first. */
#include "report/table_rows.h"

#include "report/report_summary.h"
#include "report/report_vulnerabilities.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

/* What is known of a component, or of a package, by its index. */
typedef struct weakness {
    size_t count;
    fps_severity worst;
    bool exploited;
    double risk;
} weakness;

typedef struct gathering {
    const fps__view *view;
    fps__rows *rows;
    weakness *components, *packages;
} gathering;

static void add_weakness(weakness *to, const fps_vulnerability *vulnerability)
{
    to->count++;
    to->worst = vulnerability->severity > to->worst ? vulnerability->severity : to->worst;
    to->exploited |= vulnerability->known_exploited;
    to->risk = vulnerability->risk > to->risk ? vulnerability->risk : to->risk;
}

static bool gather_weaknesses(gathering *g)
{
    const fps_result *result = g->view->result;
    const fps_vulnerability *vulnerability;
    g->components = calloc(fps_result_component_count(result) + 1, sizeof *g->components);
    g->packages = calloc(fps_result_package_count(result) + 1, sizeof *g->packages);
    if (!g->components || !g->packages)
        return false;
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(result, i)); i++) {
        if (vulnerability->suppression != FPS_SUPPRESSED_NOT ||
            !fps__shows_vulnerability(g->view, vulnerability))
            continue;
        if (fps_result_component(result, vulnerability->component))
            add_weakness(&g->components[vulnerability->component], vulnerability);
        for (size_t k = 0; k < vulnerability->package_count; k++)
            if (fps_result_package(result, vulnerability->packages[k]))
                add_weakness(&g->packages[vulnerability->packages[k]], vulnerability);
    }
    return true;
}

static fps__attention attention_of(const gathering *g, const fps__row *row)
{
    bool known = fps_result_get_info(g->view->result)->packages_known;
    bool certain = row->best->state == FPS_STATE_PRESENT;
    if (row->drift && row->drift->level != FPS_DRIFT_LEVEL_NOTE)
        return FPS__ATTENTION_CONTRADICTED;
    if (known && row->package == FPS__NONE && certain)
        return FPS__ATTENTION_UNEXPLAINED;
    if (row->exploited || row->worst >= FPS_SEVERITY_HIGH)
        return FPS__ATTENTION_VULNERABLE;
    if (certain && row->package == FPS__NONE && row->best->version.kind == FPS_VERSION_UNKNOWN)
        return FPS__ATTENTION_UNKNOWN;
    return FPS__ATTENTION_NONE;
}

static uint32_t group_of(const fps__view *view, const fps_finding *finding, uint32_t package)
{
    switch (view->options->group) {
    case FPS_REPORT_GROUP_FILE:
        return finding->file;
    case FPS_REPORT_GROUP_PACKAGE:
        return package;
    case FPS_REPORT_GROUP_LAYER:
        return fps__introduced(view->result, finding);
    default:
        return FPS__NONE;
    }
}

/* A row of its own has what differs in group, attention, state or how it came in. What packages explain is one row a component,
 * unless everything is to be listed. */
static bool go_together(const fps__view *view, const fps__row *row, const fps__row *other)
{
    bool explained = row->package != FPS__NONE;
    if (row->group != other->group || row->attention != other->attention ||
        explained != (other->package != FPS__NONE) || row->relatives != other->relatives)
        return false;
    if (fps__how(view, row->best) != fps__how(view, other->best))
        return false;
    if (explained && row->attention == FPS__ATTENTION_NONE && !view->options->runtime)
        return true; /* whatever its versions are: the package tells */
    return row->component == other->component && row->best->state == other->best->state;
}

/* Of a row that several findings share: what says most. */
static bool is_better(const fps_finding *finding, const fps_finding *than)
{
    bool exact = finding->version.kind == FPS_VERSION_EXACT, other = than->version.kind == FPS_VERSION_EXACT;
    if (finding->state != than->state)
        return finding->state < than->state;
    return exact != other ? exact : finding->confidence > than->confidence;
}

static void add_package_weakness(const gathering *g, fps__row *row)
{
    if (row->package == FPS__NONE)
        return;
    const weakness *w = &g->packages[row->package];
    row->vulnerabilities += w->count;
    row->worst = w->worst > row->worst ? w->worst : row->worst;
    row->exploited |= w->exploited;
    row->risk = w->risk > row->risk ? w->risk : row->risk;
}

static bool add_finding(gathering *g, const fps_component *component, uint32_t index, size_t first)
{
    const fps_finding *finding = fps_result_finding(g->view->result, component->findings[index]);
    const weakness *own = &g->components[finding->component];
    fps__row row = {.component = component,
                    .best = finding,
                    .files = 1,
                    .relatives = component->relative_count,
                    .drift = fps__package_links_contradiction(g->view, finding),
                    .package = fps__package_links_explainer(g->view, finding),
                    .vulnerabilities = own->count,
                    .worst = own->worst,
                    .exploited = own->exploited,
                    .risk = own->risk};
    add_package_weakness(g, &row);
    row.group = group_of(g->view, finding, row.package);
    row.attention = attention_of(g, &row);
    for (size_t i = first; i < g->rows->items.count; i++) {
        fps__row *other = &g->rows->items.items[i];
        if (!go_together(g->view, other, &row))
            continue;
        other->files++;
        if (is_better(finding, other->best)) {
            row.files = other->files;
            *other = row;
        }
        return true;
    }
    return FPS__ARRAY_PUSH(&g->rows->items, &row, UINT32_MAX) == FPS_OK;
}

static bool gather_component(gathering *g, const fps_component *component)
{
    size_t first = g->rows->items.count;
    while (first && strcmp(g->rows->items.items[first - 1].component->id, component->id) == 0)
        first--;
    for (uint32_t i = 0; i < component->finding_count; i++) {
        const fps_finding *finding = fps_result_finding(g->view->result, component->findings[i]);
        if (fps__view_shows(g->view, finding) && !add_finding(g, component, i, first))
            return false;
    }
    return true;
}

/* ---- the order ---- */

static int compare_sort(const fps__view *view, const fps__row *a, const fps__row *b)
{
    switch (view->options->sort) {
    case FPS_REPORT_SORT_FILES:
        return (a->files < b->files) - (a->files > b->files);
    case FPS_REPORT_SORT_RISK:
        return (a->risk < b->risk) - (a->risk > b->risk);
    case FPS_REPORT_SORT_LAYER:
        return FPS__COMPARE(fps__introduced(view->result, a->best), fps__introduced(view->result, b->best));
    default:
        return 0;
    }
}

/* What is the same by all that was asked for stays in the order of components and files. */
static int compare_rows(const void *left, const void *right, void *user)
{
    const fps__row *a = left, *b = right;
    const fps__view *view = user;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->attention != b->attention)
        return a->attention < b->attention ? -1 : 1;
    int order = compare_sort(view, a, b);
    if (order)
        return order;
    if (a->component != b->component)
        return a->component < b->component ? -1 : 1;
    if (a->best->state != b->best->state)
        return a->best->state < b->best->state ? -1 : 1;
    return FPS__COMPARE(a->best->file, b->best->file);
}

bool fps__rows_make(const fps__view *view, fps__rows *rows)
{
    gathering g = {.view = view, .rows = rows};
    *rows = (fps__rows){{NULL, 0, 0}};
    bool good = gather_weaknesses(&g);
    for (size_t i = 0; good && i < fps_result_component_count(view->result); i++) {
        const fps_component *component = fps_result_component(view->result, i);
        good = fps__hides_runtime(view, component) || gather_component(&g, component);
    }
    if (good && rows->items.count)
        qsort_r(rows->items.items, rows->items.count, sizeof *rows->items.items, compare_rows, (void *)view);
    free(g.components);
    free(g.packages);
    return good;
}
