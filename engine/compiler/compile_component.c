/* sigbuild compile, first part: components, their releases in order, and which builds count. */
#include "compiler/compile_internal.h"

#include "util/error.h"
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

static uint32_t find_component(const fps__compilation *c, const char *id)
{
    uint32_t low = 0, high = c->component_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(c->components[middle].facts->id, id);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return FPS__NONE;
}

uint32_t fps__compile_find_component(const fps__compilation *c, const char *id)
{
    return find_component(c, id);
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
    uint32_t low = 0, high = component->release_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = fps__version_compare(component->releases[middle], version);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return FPS__NONE;
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
        uint32_t component = is_left_out(c, build) ? FPS__NONE : find_component(c, build->component);
        c->build_component[i] = component;
        if (component == FPS__NONE)
            continue;
        fps__compile_component *owner = &c->components[component];
        if (FPS__ARRAY_RESERVE(&owner->builds, 1, UINT32_MAX) != FPS_OK)
            return false;
        owner->builds.items[owner->builds.count++] = i;
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

fps_status fps__compile_components(fps__compilation *c, fps_error *error)
{
    if (!take_components(c) || !take_builds(c) || !leave_out_static(c))
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
