/* sigbuild compile: the code builds of each component, over which its functions are compared.
 *
 * A function's hash depends on the compiler as much as on the version, so what one release's builds for a
 * machine and an origin hold is kept apart from what others do.
 */
#include "compiler/code_build.h"
#include "compiler/compile_internal.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CODE_BUILDS = FPS__MAX_RELEASES }; /* of one component: they share the bit sets of releases */

/* A code build and how many objects name this compiler for it. */
typedef struct candidate {
    fps__set_code_build build;
    uint32_t objects;
} candidate;

typedef FPS__ARRAY(candidate) candidates;

static bool has_functions(const fps__compilation *c, const fps__corpus_object *object)
{
    for (uint32_t i = object->feature_count; i-- > 0;)
        if (fps__feature_kind_of(c->corpus->features[object->features[i]].key) == FPS__FEATURE_FUNCTION)
            return true;
    return false;
}

static fps_status add_candidate(const fps__compile_component *component, candidates *list,
                                const fps__set_code_build *build, fps_error *error)
{
    for (size_t i = list->count; i-- > 0;) {
        if (fps__code_build_compare(&list->items[i].build, build) == 0) {
            list->items[i].build.archives |= build->archives;
            list->items[i].objects++;
            return FPS_OK;
        }
    }
    candidate added = {*build, 1};
    fps_status status = FPS__ARRAY_PUSH(list, &added, MAX_CODE_BUILDS);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX,
                         "component %s has more than %d builds for its functions", component->facts->id,
                         MAX_CODE_BUILDS);
    return status == FPS_OK ? FPS_OK : fps__fail_memory(error);
}

static fps_status add_objects(const fps__compilation *c, const fps__compile_component *component,
                              candidates *list, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t b = 0; status == FPS_OK && b < component->builds.count; b++) {
        uint32_t build = component->builds.items[b];
        for (uint32_t i = c->build_object[build]; status == FPS_OK && i < c->build_object[build + 1]; i++) {
            const fps__corpus_object *object = &c->corpus->objects[i];
            if (c->left_out[i] || !has_functions(c, object))
                continue;
            fps__set_code_build made = {.release = c->build_release[build],
                                        .machine = object->machine,
                                        .toolchain = object->toolchain,
                                        .origin = c->corpus->builds[build].origin,
                                        .archives = object->member};
            status = add_candidate(component, list, &made, error);
        }
    }
    return status;
}

static int compare_candidates(const void *a, const void *b)
{
    const candidate *left = a, *right = b;
    return fps__code_build_compare(&left->build, &right->build);
}

static bool same_build(const fps__set_code_build *a, const fps__set_code_build *b)
{
    return a->release == b->release && a->machine == b->machine && strcmp(a->origin, b->origin) == 0;
}

/* Sorts, and keeps the compiler that most objects of a build name. */
static void keep_compilers(candidates *list, fps__set_code_build *kept, uint32_t *count)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare_candidates);
    *count = 0;
    for (size_t i = 0, end; i < list->count; i = end) {
        size_t best = i;
        bool archives = false;
        for (end = i; end < list->count && same_build(&list->items[end].build, &list->items[i].build);
             end++) {
            archives |= list->items[end].build.archives;
            if (list->items[end].objects > list->items[best].objects)
                best = end;
        }
        kept[*count] = list->items[best].build;
        kept[(*count)++].archives = archives;
    }
}

/* Component and list of builds of a group of functions of an imported set. */
typedef struct imported {
    uint32_t component;
    const fps__corpus_group *group;
} imported;

static int compare_imported(const void *a, const void *b)
{
    const imported *left = a, *right = b;
    if (left->component != right->component)
        return left->component < right->component ? -1 : 1;
    uintptr_t l = (uintptr_t)left->group->any, r = (uintptr_t)right->group->any;
    return (l > r) - (l < r);
}

/* The groups of functions by component; many share one list. NULL without memory. */
static imported *list_imported(const fps__compilation *c, size_t *count)
{
    imported *list = malloc(((size_t)c->corpus->group_count + 1) * sizeof *list);
    *count = 0;
    for (uint32_t g = 0; list && g < c->corpus->group_count; g++) {
        const fps__corpus_group *group = &c->corpus->groups[g];
        if (group->flags & FPS__ENTRY_CODE)
            list[(*count)++] = (imported){fps__compile_find_component(c, group->component), group};
    }
    if (list && *count)
        qsort(list, *count, sizeof *list, compare_imported);
    return list;
}

/* Of what an imported set lacks nothing can be said, so its sample is the least that is taken. */
static void take_samples(fps__compile_component *component, const uint8_t samples[2])
{
    if (samples[0] > component->sample_members)
        component->sample_members = samples[0];
    if (samples[1] > component->sample_others)
        component->sample_others = samples[1];
}

/* Adds the code builds that groups [first, end), all of one component, name. */
static fps_status add_imported(fps__compilation *c, const imported *first, const imported *end,
                               candidates *list, fps_error *error)
{
    for (const imported *at = first; at < end; at++) {
        const fps__corpus_group *group = at->group;
        uint32_t component = at->component;
        bool again = at > first && at[-1].group->any == group->any;
        for (uint32_t i = 0; !again && i < group->any_count; i++) {
            fps__set_code_build build;
            const char *version;
            uint8_t samples[2];
            if (!fps__code_build_parse(group->any[i], c->arena, &build, &version, samples))
                return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                                 "imported functions of %s name a build that is none", group->component);
            build.release = fps__compile_find_release(&c->components[component], version);
            if (build.release == FPS__NONE)
                return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                                 "imported functions of %s name a release that the workbench does not know",
                                 group->component);
            take_samples(&c->components[component], samples);
            fps_status status = add_candidate(&c->components[component], list, &build, error);
            if (status != FPS_OK)
                return status;
        }
    }
    return FPS_OK;
}

static fps_status find_code_builds(fps__compilation *c, fps__compile_component *component,
                                   const imported *first, const imported *end, candidates *list,
                                   fps_error *error)
{
    list->count = 0;
    fps_status status = add_objects(c, component, list, error);
    if (status == FPS_OK)
        status = add_imported(c, first, end, list, error);
    if (status != FPS_OK)
        return status;
    component->code_builds = fps__arena_array(c->arena, list->count + 1, sizeof *component->code_builds);
    if (!component->code_builds)
        return fps__fail_memory(error);
    keep_compilers(list, component->code_builds, &component->code_build_count);
    return FPS_OK;
}

fps_status fps__compile_code_builds(fps__compilation *c, fps_error *error)
{
    candidates list = {0};
    size_t group_count, group = 0;
    imported *groups = list_imported(c, &group_count);
    fps_status status = groups ? FPS_OK : fps__fail_memory(error);
    for (uint32_t i = 0; status == FPS_OK && i < c->component_count; i++) {
        size_t first = group;
        while (group < group_count && groups[group].component == i)
            group++;
        status = find_code_builds(c, &c->components[i], groups + first, groups + group, &list, error);
    }
    free(list.items);
    free(groups);
    return status;
}

uint32_t fps__compile_find_code_build(const fps__compile_component *component,
                                      const fps__set_code_build *build)
{
    for (uint32_t i = 0; i < component->code_build_count; i++)
        if (same_build(&component->code_builds[i], build))
            return i;
    return FPS__NONE;
}
