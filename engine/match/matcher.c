/* All open sets as one: components of equal ids are merged, with the releases of all sets. */
#include "match/match_internal.h"

#include "util/error.h"
#include "util/search.h"
#include "util/version.h"

#include <stdlib.h>
#include <string.h>

static int compare_ids(const void *a, const void *b)
{
    const fps__merged_component *left = a, *right = b;
    return strcmp(left->id, right->id);
}

static bool list_components(fps__matcher *m)
{
    size_t total = 0;
    for (uint32_t s = 0; s < m->set_count; s++)
        total += fps_database_component_count(m->sets[s].database);
    m->components = fps__arena_array(&m->arena, total + 1, sizeof *m->components);
    if (!m->components)
        return false;
    size_t count = 0;
    for (uint32_t s = 0; s < m->set_count; s++) {
        for (size_t i = 0; i < fps_database_component_count(m->sets[s].database); i++) {
            fps_component_info info;
            if (!fps_database_read_component(m->sets[s].database, i, &info))
                continue;
            m->components[count++] = (fps__merged_component){.id = info.id,
                                                             .name = info.name,
                                                             .purl = info.purl,
                                                             .cpe = info.cpe,
                                                             .license = info.license,
                                                             .family = *info.family ? info.family : info.id,
                                                             .role = info.role,
                                                             .since = info.since};
        }
    }
    if (count)
        qsort(m->components, count, sizeof *m->components, compare_ids);
    for (size_t i = 0; i < count; i++)
        if (!m->component_count || strcmp(m->components[m->component_count - 1].id, m->components[i].id) != 0)
            m->components[m->component_count++] = m->components[i];
    return true;
}

uint32_t fps__matcher_find(const fps__matcher *m, const char *id)
{
    fps__merged_component key = {.id = id};
    const fps__merged_component *found =
        m->component_count ? bsearch(&key, m->components, m->component_count, sizeof key, compare_ids) : NULL;
    return found ? (uint32_t)(found - m->components) : UINT32_MAX;
}

static int compare_versions(const void *a, const void *b)
{
    const char *left = *(const char *const *)a, *right = *(const char *const *)b;
    int order = fps__version_compare(left, right);
    return order ? order : strcmp(left, right);
}

/* The place of a version in the merged list. `likely` is tried first: if only one set has the component, it is there. Comparing versions
 * takes time, and there are tens of thousands. */
static uint32_t release_index(const fps__merged_component *component, const char *version, uint32_t likely)
{
    const char **list = component->releases;
    size_t found;
    if (likely < component->release_count && list[likely] == version)
        return likely;
    FPS__LOWER_BOUND(found, component->release_count, at, fps__version_compare(list[at], version) < 0);
    return found < component->release_count ? (uint32_t)found : 0;
}

static const char *id_in_set(const fps_database *database, size_t index)
{
    fps_component_info info;
    return fps_database_read_component(database, index, &info) ? info.id : "";
}

/* Index of a component id in a set, whose components are sorted by it; SIZE_MAX when it has none. */
static size_t find_in_set(const fps_database *database, const char *id, fps_component_info *info)
{
    size_t count = fps_database_component_count(database), found;
    FPS__LOWER_BOUND(found, count, at, strcmp(id_in_set(database, at), id) < 0);
    if (found == count || !fps_database_read_component(database, found, info) || strcmp(info->id, id) != 0)
        return SIZE_MAX;
    return found;
}

/* Puts the releases that a set gives for component `id` into `list`, and behind them those of its history that are not among them: in
 * an undamaged set there are none. With room 0, it counts both. */
static uint32_t releases_of(const fps_database *database, const char *id, const char **list, uint32_t room)
{
    fps_component_info info;
    fps__set_history history = {.count = 0};
    uint32_t count = 0;
    size_t index = find_in_set(database, id, &info);
    for (uint32_t r = 0; index != SIZE_MAX && r < info.release_count; r++) {
        const char *version = fps_database_release(database, index, r, NULL);
        if (version && list && count < room)
            list[count] = version;
        count += version != NULL;
    }
    if (index == SIZE_MAX || !fps__database_history(database, (uint32_t)index, &history))
        return count;
    uint32_t own = room ? count : 0, at = 0; /* both lists are in the same order */
    for (uint32_t r = 0; r < history.count; r++) {
        fps__set_history_release release;
        if (!fps__database_history_release(database, history.first + r, &release))
            continue;
        while (at < own && list[at] != release.version)
            at++;
        if (at < own)
            continue;
        if (count < room)
            list[count] = release.version;
        count++;
    }
    return count;
}

static bool merge_releases(fps__matcher *m, fps__merged_component *component)
{
    uint32_t total = 0;
    for (uint32_t s = 0; s < m->set_count; s++)
        total += releases_of(m->sets[s].database, component->id, NULL, 0);
    component->releases = fps__arena_array(&m->arena, total + 1, sizeof *component->releases);
    component->built = fps__arena_array(&m->arena, total + 1, sizeof *component->built);
    if (!component->releases || !component->built)
        return false;
    uint32_t count = 0;
    for (uint32_t s = 0; s < m->set_count; s++)
        count += releases_of(m->sets[s].database, component->id, component->releases + count, total - count);
    bool ascending = true;
    for (uint32_t i = 1; i < count && ascending; i++)
        ascending = fps__version_compare(component->releases[i - 1], component->releases[i]) < 0;
    if (ascending) {
        component->release_count = count;
        return true;
    }
    qsort(component->releases, count, sizeof *component->releases, compare_versions);
    for (uint32_t i = 0; i < count; i++)
        if (!component->release_count ||
            fps__version_compare(component->releases[component->release_count - 1], component->releases[i]) !=
                0)
            component->releases[component->release_count++] = component->releases[i];
    return true;
}

/* The newest of a list of releases, oldest first, that are compared. */
static const uint32_t *newest(const uint32_t *releases, uint32_t all, uint32_t *count)
{
    uint32_t first = fps__first_compared(all);
    *count = all - first;
    return releases + first;
}

/* Maps the releases of component `id` of a set to those of its merged component, and lists those that are compared. */
static bool map_releases(fps__matcher *m, fps__merged_set *set, uint32_t id, const fps__set_component *info)
{
    fps__merged_component *merged = &m->components[set->component[id]];
    fps__compared *compared = &set->compared[id];
    uint32_t known_count = 0, built_count = 0;
    uint32_t *known = fps__arena_array(&m->arena, info->release_count + 1, sizeof *known);
    uint32_t *built = fps__arena_array(&m->arena, info->release_count + 1, sizeof *built);
    if (!known || !built)
        return false;
    for (uint32_t r = 0; r < info->release_count; r++) {
        fps__set_release release;
        if (!fps__database_release(set->database, info->release_first + r, &release))
            continue;
        uint32_t index = release_index(merged, release.version, r);
        set->release[info->release_first + r] = index;
        if (release.fingerprinted)
            known[known_count++] = r;
        if (!release.built)
            continue;
        merged->built[index] = true;
        built[built_count++] = r;
    }
    compared->built = built_count > 0;
    compared->known = newest(known, known_count, &compared->known_count);
    compared->releases = newest(compared->built ? built : known, compared->built ? built_count : known_count,
                                &compared->count);
    return true;
}

/* Maps the ids of one set to merged ones. */
static bool map_set(fps__matcher *m, fps__merged_set *set)
{
    fps__set_counts counts;
    fps__database_counts(set->database, &counts);
    set->component_count = (uint32_t)counts.components;
    set->component = fps__arena_array(&m->arena, counts.components + 1, sizeof *set->component);
    set->release = fps__arena_array(&m->arena, counts.releases + 1, sizeof *set->release);
    set->compared = fps__arena_array(&m->arena, counts.components + 1, sizeof *set->compared);
    bool ok = set->component && set->release && set->compared;
    for (uint32_t i = 0; i < counts.history_releases; i++) {
        fps__set_history_release release;
        if (fps__database_history_release(set->database, i, &release) && release.day > set->history_day)
            set->history_day = release.day;
    }
    if (ok && counts.patches)
        ok = (set->local = fps__arena_array(&m->arena, (size_t)m->component_count + 1, sizeof *set->local)) !=
             NULL;
    for (uint32_t i = 0; set->local && i < m->component_count; i++)
        set->local[i] = FPS__NONE;
    for (uint32_t i = 0; ok && i < set->component_count; i++) {
        fps__set_component info;
        set->component[i] =
            fps__database_component(set->database, i, &info) ? fps__matcher_find(m, info.id) : FPS__NONE;
        if (set->local && set->component[i] != FPS__NONE)
            set->local[set->component[i]] = i;
        ok = set->component[i] == FPS__NONE || map_releases(m, set, i, &info);
    }
    return ok;
}

fps_status fps__matcher_create(fps__matcher **matcher, const fps_database *const *databases, size_t count,
                               fps_error *error)
{
    fps__matcher *m = calloc(1, sizeof *m);
    *matcher = NULL;
    if (!m)
        return fps__fail_memory(error);
    m->set_count = (uint32_t)count;
    m->sets = fps__arena_array(&m->arena, count + 1, sizeof *m->sets);
    bool ok = m->sets != NULL;
    for (size_t s = 0; ok && s < count; s++)
        m->sets[s].database = databases[s];
    ok = ok && list_components(m);
    for (uint32_t i = 0; ok && i < m->component_count; i++)
        ok = merge_releases(m, &m->components[i]);
    for (uint32_t s = 0; ok && s < m->set_count; s++)
        ok = map_set(m, &m->sets[s]);
    if (!ok) {
        fps__matcher_free(m);
        return fps__fail_memory(error);
    }
    *matcher = m;
    return FPS_OK;
}

void fps__matcher_free(fps__matcher *matcher)
{
    if (!matcher)
        return;
    fps__arena_free(&matcher->arena);
    free(matcher);
}

const fps__merged_component *fps__matcher_component(const fps__matcher *matcher, size_t index)
{
    return index < matcher->component_count ? &matcher->components[index] : NULL;
}

/* Both lists are in the order of versions. */
static void add_days(const fps_database *database, const fps__set_history *history,
                     const fps__merged_component *component, uint32_t *days)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < history->count; i++) {
        fps__set_history_release release;
        int order = -1;
        if (!fps__database_history_release(database, history->first + i, &release))
            continue;
        while (at < component->release_count &&
               (order = fps__version_compare(component->releases[at], release.version)) < 0)
            at++;
        if (at < component->release_count && order == 0 && !days[at])
            days[at] = release.day;
    }
}

void fps__matcher_days(const fps__matcher *matcher, size_t index, uint32_t *days)
{
    const fps__merged_component *component = &matcher->components[index];
    memset(days, 0, component->release_count * sizeof *days);
    for (uint32_t s = 0; s < matcher->set_count; s++) {
        const fps__merged_set *set = &matcher->sets[s];
        for (uint32_t local = 0; local < set->component_count; local++) {
            fps__set_history history;
            if (set->component[local] == index && fps__database_history(set->database, local, &history))
                add_days(set->database, &history, component, days);
        }
    }
}
