/* Drift, packages as components: which component each package is, and which packages are a component. */
#include "drift/drift_internal.h"

#include "util/package_kind.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

/* ---- patterns ---- */

typedef struct pattern {
    const char *text, *source; /* source: where the name of the source package begins */
    size_t size, source_size;
    uint32_t component;
    bool whole; /* of the source, whatever the binary package */
    bool id;    /* no pattern: the component's own id */
} pattern;

typedef struct patterns {
    FPS__ARRAY(pattern) exact; /* sorted by source */
    FPS__ARRAY(pattern) wild;  /* with a "*" in the source */
    uint64_t *ecosystems;      /* by component: bits of those whose patterns it has */
} patterns;

enum { MAX_PATTERNS = 10000000 };

/* Bit of an ecosystem of system packages; 0 for any other. */
static uint64_t ecosystem_bit(const char *name, size_t size)
{
    for (unsigned i = 0; i < FPS__PACKAGE_KIND_COUNT; i++) {
        const fps__package_kind *kind = fps__package_kind_of((fps_package_kind)i);
        if (kind->system && strlen(kind->ecosystem) == size && memcmp(kind->ecosystem, name, size) == 0)
            return UINT64_C(1) << i;
    }
    return 0;
}

static pattern read_pattern(const char *text, size_t size, uint32_t component)
{
    pattern made = {.text = text, .size = size, .component = component};
    const char *colon = memchr(text, ':', size);
    made.source = colon ? colon + 1 : text;
    made.source_size = size - (size_t)(made.source - text);
    const char *slash = memchr(made.source, '/', made.source_size);
    if (slash)
        made.source_size = (size_t)(slash - made.source);
    made.whole = !slash;
    return made;
}

/* The patterns of a component, and its id. */
static bool add_patterns(patterns *all, const char *list, const char *id, uint32_t component)
{
    const char *text;
    size_t size;
    pattern own = {id, id, strlen(id), strlen(id), component, true, true};
    if (FPS__ARRAY_PUSH(&all->exact, &own, MAX_PATTERNS) != FPS_OK)
        return false;
    while ((text = fps__source_pattern_next(&list, &size))) {
        pattern made = read_pattern(text, size, component);
        bool everywhere = made.source == text;
        all->ecosystems[component] |=
            everywhere ? UINT64_MAX : ecosystem_bit(text, (size_t)(made.source - text) - 1);
        bool wild = memchr(made.source, '*', made.source_size);
        fps_status pushed = wild ? FPS__ARRAY_PUSH(&all->wild, &made, MAX_PATTERNS)
                                 : FPS__ARRAY_PUSH(&all->exact, &made, MAX_PATTERNS);
        if (pushed != FPS_OK)
            return false;
    }
    return true;
}

static int compare_texts(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

static int compare_patterns(const void *a, const void *b)
{
    const pattern *first = a, *second = b;
    int order = compare_texts(first->source, first->source_size, second->source, second->source_size);
    return order ? order : (first->component > second->component) - (first->component < second->component);
}

/* Index of the first exact pattern whose source is not before `source`. */
static size_t find_source(const patterns *all, const char *source)
{
    const pattern *exact = all->exact.items;
    size_t first, size = strlen(source);
    FPS__LOWER_BOUND(first, all->exact.count, at,
                     compare_texts(exact[at].source, exact[at].source_size, source, size) < 0);
    return first;
}

static void rate(const pattern *candidate, const fps__source_name *name, size_t *best, uint32_t *component)
{
    size_t rated = fps__source_pattern_rate(candidate->text, candidate->size, name);
    if (rated > *best || (rated && rated == *best && candidate->component < *component)) {
        *best = rated;
        *component = candidate->component;
    }
}

/* Where the catalogue does not say what a component is called in the ecosystem of a system package, a source
 * that is called as elsewhere is taken for it. */
static bool is_namesake(const patterns *all, const pattern *candidate, uint64_t ecosystem)
{
    return ecosystem && candidate->whole && !(all->ecosystems[candidate->component] & ecosystem);
}

static uint32_t best_component(const patterns *all, const fps__source_name *name)
{
    uint32_t component = UINT32_MAX, namesake = UINT32_MAX;
    uint64_t ecosystem = ecosystem_bit(name->ecosystem, strlen(name->ecosystem));
    size_t best = 0, size = strlen(name->source);
    for (size_t i = find_source(all, name->source); i < all->exact.count; i++) {
        const pattern *at = &all->exact.items[i];
        if (compare_texts(at->source, at->source_size, name->source, size) != 0)
            break;
        if (!at->id)
            rate(at, name, &best, &component);
        if (is_namesake(all, at, ecosystem) && at->component < namesake)
            namesake = at->component;
    }
    for (size_t i = 0; i < all->wild.count; i++)
        rate(&all->wild.items[i], name, &best, &component);
    return component != UINT32_MAX ? component : namesake;
}

/* ---- providers ---- */

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool collect_ids(fps__providers *providers, const fps__drift_input *input)
{
    FPS__ARRAY(const char *) ids = {0};
    const char *id;
    size_t kept = 0;
    bool done = true;
    for (size_t i = 0; done && input->known && (id = input->known(input->user, i)); i++)
        done = FPS__ARRAY_PUSH(&ids, &id, MAX_PATTERNS) == FPS_OK;
    for (size_t i = 0; done && i < input->component_count; i++)
        done = FPS__ARRAY_PUSH(&ids, &input->components[i].id, MAX_PATTERNS) == FPS_OK;
    if (ids.count)
        qsort(ids.items, ids.count, sizeof *ids.items, compare_ids);
    for (size_t i = 0; i < ids.count; i++)
        if (!kept || strcmp(ids.items[kept - 1], ids.items[i]) != 0)
            ids.items[kept++] = ids.items[i];
    providers->ids = ids.items;
    providers->id_count = kept;
    return done;
}

/* Lists the system packages of each component. */
static bool list_packages(fps__providers *providers, const fps__inventory *inventory)
{
    providers->first = calloc(providers->id_count + 2, sizeof *providers->first);
    providers->packages = calloc(inventory->packages.count + 1, sizeof *providers->packages);
    if (!providers->first || !providers->packages)
        return false;
    size_t *next = providers->first + 1; /* while it is filled: where the next package of a component goes */
    for (size_t p = 0; p < inventory->packages.count; p++)
        if (providers->component_of[p] != UINT32_MAX && fps__is_system_package(&inventory->packages.items[p]))
            next[providers->component_of[p]]++;
    for (size_t i = 0, before = 0; i < providers->id_count; i++) {
        size_t count = next[i];
        next[i] = before;
        before += count;
    }
    for (size_t p = 0; p < inventory->packages.count; p++)
        if (providers->component_of[p] != UINT32_MAX && fps__is_system_package(&inventory->packages.items[p]))
            providers->packages[next[providers->component_of[p]]++] = (uint32_t)p;
    return true;
}

bool fps__providers_create(fps__providers *providers, const fps__drift_input *input)
{
    const fps__inventory *inventory = input->inventory;
    patterns all = {.exact = {0}, .wild = {0}};
    *providers = (fps__providers){0};
    bool done = collect_ids(providers, input);
    all.ecosystems = calloc(providers->id_count + 1, sizeof *all.ecosystems);
    done = done && all.ecosystems;
    for (size_t i = 0; done && i < providers->id_count; i++)
        done = add_patterns(&all, input->sources(input->user, providers->ids[i]), providers->ids[i],
                            (uint32_t)i);
    if (all.exact.count)
        qsort(all.exact.items, all.exact.count, sizeof *all.exact.items, compare_patterns);
    providers->component_of = calloc(inventory->packages.count + 1, sizeof *providers->component_of);
    done = done && providers->component_of;
    for (size_t p = 0; done && p < inventory->packages.count; p++) {
        fps__source_name name = fps__source_name_of(&inventory->packages.items[p].facts);
        providers->component_of[p] = best_component(&all, &name);
    }
    free(all.exact.items);
    free(all.wild.items);
    free(all.ecosystems);
    return done && list_packages(providers, inventory);
}

void fps__providers_free(fps__providers *providers)
{
    free(providers->ids);
    free(providers->component_of);
    free(providers->first);
    free(providers->packages);
    *providers = (fps__providers){0};
}

uint32_t fps__providers_find(const fps__providers *providers, const char *id)
{
    size_t found;
    FPS__LOWER_BOUND(found, providers->id_count, at, strcmp(providers->ids[at], id) < 0);
    return found < providers->id_count && strcmp(providers->ids[found], id) == 0 ? (uint32_t)found
                                                                                 : UINT32_MAX;
}
