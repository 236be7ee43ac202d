/* The names that a user can mean, and the one that is most like a mistyped one. */
#include "report/called.h"
#include "util/arena.h"
#include "util/array.h"
#include "util/edit_distance.h"
#include "util/error.h"
#include "util/project_name.h"
#include "util/source_pattern.h"

#include <fpscan/names.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    LEAST_BEFORE_STAR = 5 /* "linux-*" names a project, "lib*" none */
};

struct fps_names {
    fps__arena arena;
    FPS__ARRAY(const char *) items;
    FPS__ARRAY(const fps_database *) databases;
};

/* ---- filling ---- */

fps_status fps_names_create(fps_names **names, fps_error *error)
{
    *names = calloc(1, sizeof **names);
    return *names ? FPS_OK : fps__fail_memory(error);
}

void fps_names_free(fps_names *names)
{
    if (!names)
        return;
    free(names->items.items);
    free(names->databases.items);
    fps__arena_free(&names->arena);
    free(names);
}

/* The first `length` bytes of a name. */
static fps_status add_part(fps_names *names, const char *name, size_t length, fps_error *error)
{
    if (!length)
        return FPS_OK;
    const char *copy = fps__arena_text(&names->arena, name, length);
    if (!copy || FPS__ARRAY_PUSH(&names->items, &copy, UINT32_MAX) != FPS_OK)
        return fps__fail_memory(error);
    return FPS_OK;
}

fps_status fps_names_add(fps_names *names, const char *name, fps_error *error)
{
    return name ? add_part(names, name, strlen(name), error) : FPS_OK;
}

static fps_status add_three(fps_names *names, const char *id, const char *name, const char *purl,
                            fps_error *error)
{
    fps_status status = fps_names_add(names, id, error);
    if (status == FPS_OK && name && (!id || strcmp(id, name) != 0))
        status = fps_names_add(names, name, error);
    if (status == FPS_OK && purl)
        status = add_part(names, purl, fps__purl_base(purl), error);
    return status;
}

fps_status fps_names_add_database(fps_names *names, const fps_database *database, fps_error *error)
{
    fps_component_info info;
    fps_status status = FPS_OK;
    for (size_t i = 0; status == FPS_OK && fps_database_read_component(database, i, &info); i++)
        status = add_three(names, info.id, info.name, info.purl, error);
    if (status == FPS_OK && FPS__ARRAY_PUSH(&names->databases, &database, UINT32_MAX) != FPS_OK)
        status = fps__fail_memory(error);
    return status;
}

fps_status fps_names_add_components(fps_names *names, const fps_result *result, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; status == FPS_OK && i < fps_result_component_count(result); i++) {
        const fps_component *c = fps_result_component(result, i);
        status = add_three(names, c->id, c->name, c->purl, error);
        for (size_t k = 0; status == FPS_OK && k < c->relative_count; k++)
            status = add_three(names, c->relatives[k].id, c->relatives[k].name, c->relatives[k].purl, error);
    }
    return status;
}

fps_status fps_names_add_packages(fps_names *names, const fps_result *result, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; status == FPS_OK && i < fps_result_package_count(result); i++) {
        const fps_package *p = fps_result_package(result, i);
        status = add_three(names, p->name, p->source, p->purl, error);
    }
    return status;
}

/* ---- asking ---- */

/* True when the pattern of `size` bytes fits. One whose "*" comes after a few letters fits too much to know a name by. */
static bool pattern_names(const char *pattern, size_t size, const char *name)
{
    const fps__source_name source = {"", name, NULL};
    const char *star = memchr(pattern, '*', size);
    return (!star || star - pattern >= LEAST_BEFORE_STAR) &&
           fps__source_pattern_rate(pattern, size, &source) > 0;
}

/* True when a pattern of the list names a source or package that is called so, in whatever ecosystem. */
static bool list_names(const char *list, const char *name)
{
    const char *pattern;
    size_t size;
    while ((pattern = fps__source_pattern_next(&list, &size))) {
        const char *colon = memchr(pattern, ':', size);
        size_t skipped = colon ? (size_t)(colon + 1 - pattern) : 0;
        const char *slash = memchr(pattern + skipped, '/', size - skipped);
        size_t length = slash ? (size_t)(slash - pattern) - skipped : size - skipped;
        if (pattern_names(pattern + skipped, length, name) ||
            (slash && pattern_names(slash + 1, size - (size_t)(slash + 1 - pattern), name)))
            return true;
    }
    return false;
}

bool fps_names_has(const fps_names *names, const char *name)
{
    for (size_t i = 0; i < names->items.count; i++)
        if (fps__means(name, names->items.items[i], NULL, names->items.items[i]))
            return true;
    for (size_t d = 0; d < names->databases.count; d++) {
        fps_component_info info;
        for (size_t i = 0; fps_database_read_component(names->databases.items[d], i, &info); i++)
            if (list_names(info.sources, name))
                return true;
    }
    return false;
}

static bool is_purl(const char *name)
{
    return strncmp(name, "pkg:", 4) == 0;
}

/* By alphabet; small letters first, as ids have them. */
static bool goes_before(const char *a, const char *b)
{
    int order = strcasecmp(a, b);
    return order < 0 || (order == 0 && strcmp(a, b) > 0);
}

const char *fps_names_nearest(const fps_names *names, const char *name)
{
    const char *nearest = NULL;
    size_t limit = fps__edit_limit(name), best = 2 * limit + 2; /* best: in half letters */
    for (size_t i = 0; i < names->items.count; i++) {
        const char *item = names->items.items[i];
        if (is_purl(item) != is_purl(name))
            continue;
        size_t apart = 2 * fps__edit_distance(name, item, limit);
        if (apart > 1 && fps__project_names_agree(name, item))
            apart = 1; /* goes before a name with one letter more or less */
        if (apart > 2 * limit)
            continue;
        if (apart < best || (apart == best && goes_before(item, nearest))) {
            best = apart;
            nearest = item;
        }
    }
    return nearest;
}
