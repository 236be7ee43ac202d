/* Sorts and indexes a gathered result, so that it does not depend on the order in which workers finished. */
#include "result/result_build.h"
#include "util/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_text(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int compare_number(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* `indexes` 0 .. count-1, in the arena; NULL without memory. */
static uint32_t *make_indexes(fps_result *result, size_t count)
{
    uint32_t *indexes = fps__arena_array(&result->arena, count + 1, sizeof *indexes);
    for (size_t i = 0; indexes && i < count; i++)
        indexes[i] = (uint32_t)i;
    return indexes;
}

static int compare_files(const void *left, const void *right, void *user)
{
    const fps_result *result = user;
    uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;
    const fps_file *a = &result->files.items[l], *b = &result->files.items[r];
    int order = compare_text(a->path, b->path);
    if (!order)
        order = compare_text(a->archive_path, b->archive_path);
    if (!order)
        order = compare_number(a->layer, b->layer);
    return order ? order : compare_number(l, r);
}

/* Sorts the files and points findings and their evidence to the new places. */
static bool sort_files(fps_result *result)
{
    size_t count = result->files.count;
    uint32_t *order = make_indexes(result, count), *place = make_indexes(result, count);
    fps_file *sorted = calloc(count + 1, sizeof *sorted);
    if (!order || !place || !sorted) {
        free(sorted);
        return false;
    }
    if (count)
        qsort_r(order, count, sizeof *order, compare_files, result);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = result->files.items[order[i]];
        place[order[i]] = (uint32_t)i;
    }
    free(result->files.items);
    result->files.items = sorted;
    result->files.capacity = count + 1;
    for (size_t i = 0; i < result->findings.count; i++) {
        fps_finding *finding = &result->findings.items[i];
        finding->file = place[finding->file];
        fps_evidence *evidence = (fps_evidence *)finding->evidence; /* of this result's arena */
        for (size_t e = 0; e < finding->evidence_count; e++)
            evidence[e].file = finding->file;
    }
    return true;
}

/* Order of answers: by kind with the unknown last, then by the releases in turn. 0: the same answer in the
 * sense of result.h. */
static int compare_answers(const fps_version_answer *a, const fps_version_answer *b)
{
    int order = compare_number(a->kind == FPS_VERSION_UNKNOWN, b->kind == FPS_VERSION_UNKNOWN);
    if (!order)
        order = compare_number(a->kind, b->kind);
    for (size_t i = 0; !order && i < a->candidate_count && i < b->candidate_count; i++) {
        order = strverscmp(a->candidates[i], b->candidates[i]);
        if (!order)
            order = strcmp(a->candidates[i], b->candidates[i]);
    }
    if (!order)
        order = compare_number(a->candidate_count, b->candidate_count);
    if (!order)
        order = compare_number(a->open_below, b->open_below);
    return order ? order : compare_number(a->open_above, b->open_above);
}

static int compare_relatives(const void *left, const void *right)
{
    const fps_relative *a = left, *b = right;
    int order = strcmp(a->id, b->id);
    order = order ? order : strcmp(a->name, b->name);
    order = order ? order : strcmp(a->purl, b->purl);
    return order ? order : strcmp(a->cpe, b->cpe);
}

/* Order of family answers: one without relatives first. 0: the same candidates. */
static int compare_families(const fps_finding *a, const fps_finding *b)
{
    int order = 0;
    for (size_t i = 0; !order && i < a->relative_count && i < b->relative_count; i++)
        order = strcmp(a->relatives[i].id, b->relatives[i].id);
    return order ? order : compare_number(a->relative_count, b->relative_count);
}

static int compare_by_component(const fps_result *result, const fps_finding *a, const fps_finding *b)
{
    int order = strcmp(result->components.items[a->component].id, result->components.items[b->component].id);
    order = order ? order : compare_answers(&a->version, &b->version);
    return order ? order : compare_families(a, b);
}

static uint64_t first_offset(const fps_finding *finding)
{
    return finding->evidence_count ? finding->evidence[0].offset : UINT64_MAX;
}

static int compare_findings(const void *left, const void *right, void *user)
{
    const fps_finding *a = left, *b = right;
    int order = compare_number(a->file, b->file);
    if (!order)
        order = compare_by_component(user, a, b);
    if (!order)
        order = compare_number(a->state, b->state);
    if (!order)
        order = (a->confidence < b->confidence) - (a->confidence > b->confidence);
    if (!order)
        order = compare_number(a->linkage, b->linkage);
    return order ? order : compare_number(first_offset(a), first_offset(b));
}

static void index_files(fps_result *result)
{
    size_t next = 0;
    for (size_t i = 0; i < result->files.count; i++) {
        fps_file *file = &result->files.items[i];
        file->findings_first = (uint32_t)next;
        while (next < result->findings.count && result->findings.items[next].file == i)
            next++;
        file->findings_count = (uint32_t)(next - file->findings_first);
    }
}

static int compare_groups(const void *left, const void *right, void *user)
{
    const fps_result *result = user;
    uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;
    int order = compare_by_component(result, &result->findings.items[l], &result->findings.items[r]);
    return order ? order : compare_number(l, r);
}

static bool is_better(const fps_finding *a, const fps_finding *b)
{
    return a->state != b->state ? a->state < b->state : a->confidence > b->confidence;
}

/* One group of findings as a component; `members` stay as its table. */
static fps_component make_component(const fps_result *result, const uint32_t *members, size_t count)
{
    const fps_finding *best = &result->findings.items[members[0]];
    fps_component component = result->components.items[best->component];
    for (size_t i = 1; i < count; i++)
        if (is_better(&result->findings.items[members[i]], best))
            best = &result->findings.items[members[i]];
    component.state = best->state;
    component.confidence = best->confidence;
    component.linkage = best->linkage;
    component.version = &best->version;
    component.relatives = best->relatives;
    component.relative_count = best->relative_count;
    component.findings = members;
    component.finding_count = count;
    return component;
}

/* Replaces the facts in `components` by the groups of findings. */
static bool group_components(fps_result *result)
{
    size_t count = result->findings.count, groups = 0;
    uint32_t *order = make_indexes(result, count);
    fps_component *components = calloc(count + 1, sizeof *components);
    uint32_t *group_of = calloc(count + 1, sizeof *group_of);
    if (!order || !components || !group_of) {
        free(components);
        free(group_of);
        return false;
    }
    if (count)
        qsort_r(order, count, sizeof *order, compare_groups, result);
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first; next < count; next++) {
            if (compare_by_component(result, &result->findings.items[order[first]],
                                     &result->findings.items[order[next]]))
                break;
            group_of[order[next]] = (uint32_t)groups;
        }
        components[groups++] = make_component(result, order + first, next - first);
    }
    for (size_t i = 0; i < count; i++)
        result->findings.items[i].component = group_of[i];
    free(group_of);
    free(result->components.items);
    result->components.items = components;
    result->components.count = groups;
    result->components.capacity = count + 1;
    return true;
}

static int compare_diagnostics(const void *left, const void *right)
{
    const fps_diagnostic *a = left, *b = right;
    int order = compare_text(a->path, b->path);
    if (!order)
        order = compare_number(a->offset, b->offset);
    if (!order)
        order = compare_text(a->code, b->code);
    if (!order)
        order = compare_text(a->message, b->message);
    return order ? order : compare_number(a->level, b->level);
}

void fps__result_sort_diagnostics(fps_result *result)
{
    result->info.partial = false;
    if (result->diagnostics.count)
        qsort(result->diagnostics.items, result->diagnostics.count, sizeof *result->diagnostics.items,
              compare_diagnostics);
    for (size_t i = 0; i < result->diagnostics.count; i++)
        if (result->diagnostics.items[i].level == FPS_DIAGNOSTIC_PARTIAL)
            result->info.partial = true;
}

static void sort_relatives(fps_result *result)
{
    for (size_t i = 0; i < result->findings.count; i++) {
        fps_finding *finding = &result->findings.items[i];
        if (finding->relative_count > 1)
            qsort((fps_relative *)finding->relatives, finding->relative_count, sizeof *finding->relatives,
                  compare_relatives); /* of this result's arena */
    }
}

static bool indexes_are_right(const fps_result *result)
{
    if (result->files.count >= UINT32_MAX || result->findings.count >= UINT32_MAX)
        return false;
    for (size_t i = 0; i < result->findings.count; i++) {
        const fps_finding *finding = &result->findings.items[i];
        if (finding->file >= result->files.count || finding->component >= result->components.count)
            return false;
    }
    return true;
}

/* Shares and confidences have four digits, so that a report holds them whole. Nothing is rounded up to certainty. */
static double rounded(double value)
{
    double near = round(value * 1e4) / 1e4;
    return value < 1 && near >= 1 ? 0.9999 : near;
}

static void round_shares(fps_result *result)
{
    for (size_t i = 0; i < result->findings.count; i++) {
        fps_finding *finding = &result->findings.items[i];
        fps_evidence *evidence = (fps_evidence *)finding->evidence; /* of this result's arena */
        fps_version_answer *alone = (fps_version_answer *)finding->version.alone;
        finding->confidence = rounded(finding->confidence);
        finding->coverage = rounded(finding->coverage);
        finding->share = rounded(finding->share);
        finding->version.confidence = rounded(finding->version.confidence);
        if (alone)
            alone->confidence = rounded(alone->confidence);
        for (size_t e = 0; e < finding->evidence_count; e++)
            evidence[e].weight = rounded(evidence[e].weight);
    }
}

fps_status fps__result_finish(fps_result *result, fps_error *error)
{
    if (!indexes_are_right(result))
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                         "a finding names a file or component that is not there");
    round_shares(result);
    sort_relatives(result);
    if (!sort_files(result))
        return fps__fail_memory(error);
    if (result->findings.count)
        qsort_r(result->findings.items, result->findings.count, sizeof *result->findings.items,
                compare_findings, result);
    index_files(result);
    if (!group_components(result))
        return fps__fail_memory(error);
    fps__result_sort_diagnostics(result);
    return FPS_OK;
}
