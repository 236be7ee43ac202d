/* sigbuild compile, first pass: components, their releases in order, and which builds count. */
#include "compiler/compile_internal.h"

#include "database/unit_name.h"
#include "util/error.h"
#include "util/search.h"
#include "util/version.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool is_left_out(const fps__compilation *c, const fps__corpus_build *build)
{
    const char *const *patterns = c->options->leave_out;
    for (size_t i = 0; patterns && patterns[i]; i++) {
        const char *equals = strchr(patterns[i], '=');
        if (patterns[i][0] == '@') {
            if (fnmatch(patterns[i] + 1, build->package_version, 0) == 0 ||
                (build->origin && fnmatch(patterns[i] + 1, build->origin, 0) == 0))
                return true;
        } else if (equals && strncmp(patterns[i], build->component, (size_t)(equals - patterns[i])) == 0 &&
                   build->component[equals - patterns[i]] == '\0' &&
                   strcmp(equals + 1, build->version) == 0) {
            return true;
        }
    }
    return false;
}

uint32_t fps__compile_find_component(const fps__compilation *c, const char *id)
{
    size_t found;
    FPS__LOWER_BOUND(found, c->component_count, at, strcmp(c->components[at].facts->id, id) < 0);
    return found < c->component_count && strcmp(c->components[found].facts->id, id) == 0 ? (uint32_t)found
                                                                                         : FPS__NONE;
}

static int compare_version(const void *a, const void *b)
{
    const char *left = *(const char *const *)a, *right = *(const char *const *)b;
    int order = fps__version_compare(left, right);
    return order ? order : strcmp(left, right);
}

/* All versions that the catalogue knows or that were built, oldest first, equal ones once. */
static bool order_releases(fps__compilation *c, fps__compile_component *component)
{
    uint32_t known = component->facts->release_count, count = 0;
    const char **all = fps__arena_array(c->arena, known + component->builds.count + 1, sizeof *all);
    if (!all)
        return false;
    for (uint32_t i = 0; i < known; i++)
        all[count++] = component->facts->releases[i];
    for (size_t i = 0; i < component->builds.count; i++)
        all[count++] = c->corpus->builds[component->builds.items[i]].version;
    qsort(all, count, sizeof *all, compare_version);
    component->releases = all;
    for (uint32_t i = 0; i < count; i++)
        if (!component->release_count || fps__version_compare(all[component->release_count - 1], all[i]) != 0)
            all[component->release_count++] = all[i];
    return true;
}

uint32_t fps__compile_find_release(const fps__compile_component *component, const char *version)
{
    const char **list = component->releases;
    size_t count = component->release_count, found;
    FPS__LOWER_BOUND(found, count, at, fps__version_compare(list[at], version) < 0);
    return found < count && fps__version_compare(list[found], version) == 0 ? (uint32_t)found : FPS__NONE;
}

static bool take_components(fps__compilation *c)
{
    const fps__corpus *corpus = c->corpus;
    c->component_count = corpus->component_count;
    c->components = fps__arena_array(c->arena, c->component_count, sizeof *c->components);
    if (!c->components)
        return false;
    for (uint32_t i = 0; i < c->component_count; i++) {
        c->components[i].facts = &corpus->components[i];
        c->components[i].family = i;
        const char *family = corpus->components[i].family;
        for (uint32_t k = 0; *family && k < i; k++) {
            if (strcmp(corpus->components[k].family, family) == 0) {
                c->components[i].family = c->components[k].family;
                break;
            }
        }
    }
    return true;
}

static bool take_builds(fps__compilation *c)
{
    const fps__corpus *corpus = c->corpus;
    c->build_component = fps__arena_array(c->arena, corpus->build_count, sizeof *c->build_component);
    c->build_release = fps__arena_array(c->arena, corpus->build_count, sizeof *c->build_release);
    c->build_object = fps__arena_array(c->arena, (size_t)corpus->build_count + 1, sizeof *c->build_object);
    if (!c->build_component || !c->build_release || !c->build_object)
        return false;
    for (uint32_t i = 0; i < corpus->object_count; i++)
        c->build_object[corpus->objects[i].build + 1]++;
    for (uint32_t i = 0; i < corpus->build_count; i++)
        c->build_object[i + 1] += c->build_object[i];
    for (uint32_t i = 0; i < corpus->build_count; i++) {
        const fps__corpus_build *build = &corpus->builds[i];
        uint32_t component =
            is_left_out(c, build) ? FPS__NONE : fps__compile_find_component(c, build->component);
        c->build_component[i] = component;
        if (component == FPS__NONE)
            continue;
        fps__compile_component *owner = &c->components[component];
        if (FPS__ARRAY_PUSH(&owner->builds, &i, UINT32_MAX) != FPS_OK)
            return false;
    }
    return true;
}

/* A program that uses nothing from outside holds its libraries and the C library: their features would seem
 * to be shared. */
static bool is_static_program(const fps__compilation *c, const fps__corpus_object *object)
{
    if (object->type != FPS_OBJECT_EXECUTABLE)
        return false;
    for (uint32_t i = 0; i < object->feature_count; i++)
        if (fps__feature_kind_of(c->corpus->features[object->features[i]].key) == FPS__FEATURE_USE)
            return false;
    return true;
}

/* Leaves the static programs of a component out, unless it has nothing else. */
static bool leave_out_static(fps__compilation *c)
{
    c->left_out = fps__arena_array(c->arena, (size_t)c->corpus->object_count + 1, sizeof *c->left_out);
    bool *has_other = fps__arena_array(c->arena, c->component_count, sizeof *has_other);
    if (!c->left_out || !has_other)
        return false;
    for (uint32_t i = 0; i < c->corpus->object_count; i++) {
        uint32_t component = c->build_component[c->corpus->objects[i].build];
        if (component == FPS__NONE)
            continue;
        c->left_out[i] = c->components[component].facts->role != FPS_COMPONENT_RUNTIME &&
                         is_static_program(c, &c->corpus->objects[i]);
        has_other[component] |= !c->left_out[i];
    }
    for (uint32_t i = 0; i < c->corpus->object_count; i++) {
        uint32_t component = c->build_component[c->corpus->objects[i].build];
        c->left_out[i] = component != FPS__NONE && c->left_out[i] && has_other[component];
    }
    return true;
}

bool fps__compile_is_source_file(const char *unit)
{
    return unit[strspn(unit, "0123456789")] != '\0';
}

bool fps__compile_is_whole_history(const fps__corpus_history *history)
{
    for (uint32_t u = 0; u < history->unit_count; u++)
        if (fps__compile_is_source_file(history->units[u]))
            return true;
    return false;
}

/* True for what compile_source.c makes of a component without builds: units are source files, or hold the names that sources
 * declare. */
static bool is_from_sources(const fps__corpus_group *group)
{
    bool code = group->flags & FPS__ENTRY_CODE;
    if (code || !*group->unit)
        return !code && (group->flags & FPS__ENTRY_FOREIGN);
    fps__unit_kind kind = fps__unit_kind_of_name(group->unit, false);
    return kind == FPS__UNIT_SOURCE || kind == FPS__UNIT_NAMES;
}

/* Components whose histories are here, and whether an imported set has builds of them. */
static bool find_made_anew(fps__compilation *c)
{
    c->has_history = fps__arena_array(c->arena, (size_t)c->component_count + 1, sizeof *c->has_history);
    c->made_anew = fps__arena_array(c->arena, (size_t)c->component_count + 1, sizeof *c->made_anew);
    if (!c->has_history || !c->made_anew)
        return false;
    for (uint32_t h = 0; h < c->corpus->history_count; h++) {
        uint32_t component = fps__compile_find_component(c, c->corpus->histories[h].component);
        if (component != FPS__NONE && fps__compile_is_whole_history(&c->corpus->histories[h]))
            c->made_anew[component] = c->has_history[component] = true;
    }
    for (uint32_t g = 0; g < c->corpus->group_count; g++) {
        uint32_t component = fps__compile_find_component(c, c->corpus->groups[g].component);
        if (component != FPS__NONE && !is_from_sources(&c->corpus->groups[g]))
            c->made_anew[component] = false;
    }
    return true;
}

bool fps__compile_is_made_anew(const fps__compilation *c, const fps__corpus_group *group)
{
    uint32_t component = fps__compile_find_component(c, group->component);
    if (component == FPS__NONE)
        return false;
    bool source = *group->unit && !(group->flags & FPS__ENTRY_CODE) &&
                  fps__unit_kind_of_name(group->unit, false) == FPS__UNIT_SOURCE;
    return c->made_anew[component] || (source && c->has_history[component]);
}

fps_status fps__compile_components(fps__compilation *c, fps_error *error)
{
    if (!take_components(c) || !take_builds(c) || !leave_out_static(c) || !find_made_anew(c))
        return fps__fail_memory(error);
    if (!c->component_count)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "the workbench holds no component");
    for (uint32_t i = 0; i < c->component_count; i++) {
        fps__compile_component *component = &c->components[i];
        if (!order_releases(c, component))
            return fps__fail_memory(error);
        for (size_t b = 0; b < component->builds.count; b++) {
            uint32_t build = component->builds.items[b];
            c->build_release[build] = fps__compile_find_release(component, c->corpus->builds[build].version);
        }
    }
    return FPS_OK;
}
