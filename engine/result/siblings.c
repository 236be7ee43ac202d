/* Narrowing versions by files of the same component and package, or packages of one source.
 *
 * Small libraries of a large source, such as libnss_compat of the C library, are the same in many releases;
 * what else the package holds is not. That is evidence as good as a feature of the object itself only where it is
 * not contradicted, so one exact version that differs ends it. A file of another owner is no evidence: whoever can
 * put one file into an image would decide what is said of all others. And a package can lie too, so the answer
 * keeps what the file alone allows, which is what gates ask.
 */
#include "result/siblings.h"

#include "util/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct member {
    const char *component, *path;
    uint32_t owner; /* package: the first one of its source and version */
    size_t folder;  /* length of the folder part of `path` */
    fps_finding *finding;
} member;

static int compare_folder(const member *a, const member *b)
{
    size_t shorter = a->folder < b->folder ? a->folder : b->folder;
    int order = memcmp(a->path, b->path, shorter);
    return order ? order : (a->folder > b->folder) - (a->folder < b->folder);
}

static int compare_members(const void *a, const void *b)
{
    const member *left = a, *right = b;
    int order = strcmp(left->component, right->component);
    if (!order)
        order = (left->owner > right->owner) - (left->owner < right->owner);
    if (!order)
        order = compare_folder(left, right);
    return order ? order : strcmp(left->path, right->path);
}

static int compare_sources(const void *left, const void *right, void *user)
{
    uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;
    const fps_package *packages = user, *a = &packages[l], *b = &packages[r];
    int order = ((int)a->kind > (int)b->kind) - ((int)a->kind < (int)b->kind);
    order = order ? order : strcmp(a->source, b->source);
    order = order ? order : strcmp(a->source_version, b->source_version);
    return order ? order : (l > r) - (l < r);
}

/* By package: the first one that was built from the same source; the package itself where that is not known. */
static uint32_t *list_builds(const fps_result *result)
{
    size_t count = result->packages.count;
    fps_package *packages = result->packages.items;
    uint32_t *order = malloc((count + 1) * sizeof *order), *first = malloc((count + 1) * sizeof *first);
    for (uint32_t i = 0; order && first && i < count; i++)
        order[i] = first[i] = i;
    if (order && first && count)
        qsort_r(order, count, sizeof *order, compare_sources, packages);
    for (size_t i = 1; order && first && i < count; i++) {
        const fps_package *a = &packages[order[i - 1]], *b = &packages[order[i]];
        if (a->kind == b->kind && *a->source && *a->source_version && strcmp(a->source, b->source) == 0 &&
            strcmp(a->source_version, b->source_version) == 0)
            first[order[i]] = first[order[i - 1]];
    }
    if (!order) {
        free(first);
        first = NULL;
    }
    free(order);
    return first;
}

static member *list_members(fps_result *result, size_t *count)
{
    uint32_t *builds = list_builds(result);
    member *list = builds ? malloc((result->findings.count + 1) * sizeof *list) : NULL;
    *count = 0;
    for (size_t i = 0; list && i < result->findings.count; i++) {
        fps_finding *finding = &result->findings.items[i];
        const fps_file *file = &result->files.items[finding->file];
        /* The version of a family answer is that of one of several: it narrows none, and none narrows it. */
        if (finding->relative_count || finding->state != FPS_STATE_PRESENT ||
            finding->linkage != FPS_LINKAGE_OWN || file->visibility != FPS_VISIBILITY_VISIBLE ||
            file->owner == UINT32_MAX)
            continue;
        const char *slash = strrchr(file->path, '/');
        list[(*count)++] =
            (member){.component = result->components.items[finding->component].id,
                     .path = file->path,
                     .owner = file->owner < result->packages.count ? builds[file->owner] : file->owner,
                     .folder = slash ? (size_t)(slash - file->path) : 0,
                     .finding = finding};
    }
    free(builds);
    if (list && *count)
        qsort(list, *count, sizeof *list, compare_members);
    return list;
}

/* The member whose exact version all exact ones of [first, end) share; NULL when there is none, or they
 * differ. */
static const member *find_witness(const member *list, size_t first, size_t end)
{
    const member *witness = NULL;
    for (size_t i = first; i < end; i++) {
        const fps_version_answer *version = &list[i].finding->version;
        if (version->kind != FPS_VERSION_EXACT)
            continue;
        if (witness && fps__version_compare(witness->finding->version.version, version->version) != 0)
            return NULL;
        if (!witness || (version->template_version && !witness->finding->version.template_version))
            witness = &list[i];
    }
    return witness;
}

static bool allows(const fps_version_answer *answer, const char *version)
{
    for (size_t i = 0; i < answer->candidate_count; i++)
        if (fps__version_compare(answer->candidates[i], version) == 0)
            return true;
    return false;
}

static bool narrow(fps_result *result, const member *file, const member *witness)
{
    fps_version_answer *answer = &file->finding->version;
    const char *version = witness->finding->version.version;
    bool open = answer->kind == FPS_VERSION_INTERVAL && !answer->note;
    if (!open || !allows(answer, version))
        return true;
    char text[512];
    snprintf(text, sizeof text, "alone it allows %s .. %s; narrowed by %.300s", answer->candidates[0],
             answer->candidates[answer->candidate_count - 1], witness->path);
    const char **candidates = fps__arena_array(&result->arena, 2, sizeof *candidates);
    fps_version_answer *alone = fps__arena_alloc(&result->arena, sizeof *alone);
    const char *note = fps__arena_string(&result->arena, text);
    if (!candidates || !alone || !note)
        return false;
    *alone = *answer;
    answer->alone = alone;
    answer->note = note;
    candidates[0] = version;
    answer->kind = FPS_VERSION_EXACT;
    answer->version = version;
    answer->candidates = candidates;
    answer->candidate_count = 1;
    answer->open_below = answer->open_above = false;
    answer->confidence = .9;
    return true;
}

static bool narrow_folders(fps_result *result, const member *list, size_t first, size_t end)
{
    for (size_t i = first, next; i < end; i = next) {
        for (next = i; next < end && compare_folder(&list[next], &list[i]) == 0;)
            next++;
        const member *witness = find_witness(list, i, next);
        for (size_t k = i; witness && k < next; k++)
            if (!narrow(result, &list[k], witness))
                return false;
    }
    return true;
}

bool fps__siblings_narrow(fps_result *result)
{
    size_t count;
    member *list = list_members(result, &count);
    bool ok = list != NULL;
    for (size_t i = 0, next; ok && i < count; i = next) {
        for (next = i; next < count && list[next].owner == list[i].owner &&
                       strcmp(list[next].component, list[i].component) == 0;)
            next++;
        const member *witness = find_witness(list, i, next);
        for (size_t k = i; ok && witness && k < next; k++)
            ok = narrow(result, &list[k], witness);
        if (ok && !witness)
            ok = narrow_folders(result, list, i, next);
    }
    free(list);
    return ok;
}
