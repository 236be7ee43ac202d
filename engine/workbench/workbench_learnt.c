/* What a set learnt of each component, and what tells its releases apart: counted from the model that compile made. */
#include "workbench/workbench_internal.h"

#include "compiler/compile.h"
#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

/* The two ways in which an entry speaks of a release, as odd factors of a hash. */
#define IN_ANY UINT64_C(0x9e3779b97f4a7c15)
#define IN_ALL UINT64_C(0xc2b2ae3d27d4eb4f)

typedef struct tally {
    const fps__corpus *corpus;
    const fps__set_model *model;
    fps_workbench_learnt *learnt; /* of each component */
    uint64_t *entry_hash;         /* of each entry: the sum over its keys */
    uint64_t *release_hash;       /* of each release: the sum over what says something of it */
    bool *built;                  /* of each component: a build was added */
} tally;

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 31) * UINT64_C(0x7fb5d329728ea185);
    return value ^ value >> 29;
}

/* FPS__NONE: the set does not have it. */
static uint32_t find_component(const fps__set_model *model, const char *id)
{
    size_t found;
    FPS__LOWER_BOUND(found, model->component_count, at, strcmp(model->components[at].id, id) < 0);
    return found < model->component_count && strcmp(model->components[found].id, id) == 0 ? (uint32_t)found
                                                                                          : FPS__NONE;
}

/* ---- what counts as evidence ---- */

static void count_key(fps_workbench_learnt *learnt, fps__feature_kind kind)
{
    learnt->texts += kind == FPS__FEATURE_LITERAL;
    learnt->names += kind == FPS__FEATURE_NAME;
    learnt->functions += kind == FPS__FEATURE_FUNCTION;
}

/* Hashes of a whole file know that file again, and tell nothing of another build of the same release. */
static bool is_of_one_file(fps__feature_kind kind)
{
    return kind == FPS__FEATURE_EXACT || kind == FPS__FEATURE_CONTENT;
}

/* A key counts once for each component of which an entry gives it weight; entries of one component are neighbours. */
static void count_keys(tally *t)
{
    for (uint64_t k = 0; k < t->model->key_count; k++) {
        const fps__set_posting *posting = &t->model->postings[t->model->key_posting[k]];
        fps__feature_kind kind = fps__feature_kind_of(t->model->keys[k]);
        uint32_t last = FPS__NONE;
        for (uint32_t i = 0; i < posting->count; i++) {
            const fps__set_entry *entry = &t->model->entries[posting->entries[i]];
            t->entry_hash[posting->entries[i]] += is_of_one_file(kind) ? 0 : mix(t->model->keys[k]);
            if (!entry->weight || (entry->flags & FPS__ENTRY_FOREIGN) || entry->component == last)
                continue;
            last = entry->component;
            count_key(&t->learnt[last], kind);
        }
    }
}

/* ---- releases that nothing tells apart ---- */

/* What functions say is said of code builds: a release has a function when a code build of it does. */
static void add_entry(tally *t, const fps__set_entry *entry, uint64_t hash)
{
    const fps__set_model *model = t->model;
    const fps__set_component *component = &model->components[entry->component];
    uint64_t *releases = &t->release_hash[component->release_first];
    fps__bit_set any = model->bit_sets[entry->any], all = model->bit_sets[entry->all];
    uint32_t last = FPS__NONE; /* code builds of a release are neighbours */
    if (entry->flags & FPS__ENTRY_CODE) {
        for (uint32_t b = 0; b < component->build_count; b++) {
            uint32_t release = model->code_builds[component->build_first + b].release;
            if (fps__bit_set_has(any, b) && release != last)
                releases[last = release] += hash * IN_ANY;
        }
        return;
    }
    for (uint32_t r = 0; r < component->release_count; r++)
        releases[r] +=
            (fps__bit_set_has(any, r) ? hash * IN_ANY : 0) + (fps__bit_set_has(all, r) ? hash * IN_ALL : 0);
}

static uint32_t find_release(const fps__set_model *model, const fps__set_component *component,
                             const char *version)
{
    for (uint32_t r = component->release_first; r < component->release_first + component->release_count; r++)
        if (strcmp(model->releases[r].version, version) == 0)
            return r;
    return FPS__NONE;
}

/* Sources tell releases apart, too. FPS_ERROR_MEMORY. */
static fps_status add_history(tally *t, uint32_t index)
{
    const fps__set_histories *all = &t->model->histories;
    const fps__set_history *history = &all->items[index];
    uint32_t component = all->components[index];
    uint32_t *places = malloc(history->count * sizeof *places + 1);
    if (!places)
        return FPS_ERROR_MEMORY;
    for (uint32_t i = 0; i < history->count; i++)
        places[i] = find_release(t->model, &t->model->components[component],
                                 all->releases[history->first + i].version);
    for (uint32_t r = history->first_range; r < history->first_range + history->range_count; r++) {
        const fps__set_history_range *range = &all->ranges[r];
        for (uint32_t p = range->pairs; p < range->pairs + range->pair_count; p++)
            for (uint32_t i = all->pairs[p].first; i <= all->pairs[p].last; i++)
                if (places[i] != FPS__NONE)
                    t->release_hash[places[i]] += mix(r) * IN_ANY;
    }
    free(places);
    return FPS_OK;
}

static int compare_hashes(const void *a, const void *b)
{
    return FPS__COMPARE(*(const uint64_t *)a, *(const uint64_t *)b);
}

/* Counts the releases with a build, and those of them that look like another one. Moves their hashes to the front. What sources
 * alone tell has no builds: some of its releases stand for all. */
static void count_releases(tally *t, uint32_t index)
{
    const fps__set_component *component = &t->model->components[index];
    fps_workbench_learnt *learnt = &t->learnt[index];
    uint64_t *hashes = &t->release_hash[component->release_first];
    for (uint32_t r = 0; r < component->release_count && t->built[index]; r++)
        if (t->model->releases[component->release_first + r].built)
            hashes[learnt->releases++] = hashes[r];
    if (learnt->releases)
        qsort(hashes, learnt->releases, sizeof *hashes, compare_hashes);
    for (uint32_t r = 0; r < learnt->releases; r++)
        learnt->alike +=
            (r && hashes[r - 1] == hashes[r]) || (r + 1 < learnt->releases && hashes[r + 1] == hashes[r]);
}

/* ---- texts that unrelated files hold ---- */

typedef struct owned_object {
    uint32_t component, object;
} owned_object;

static int compare_owned(const void *a, const void *b)
{
    const owned_object *l = a, *r = b;
    return l->component != r->component ? FPS__COMPARE(l->component, r->component)
                                        : FPS__COMPARE(l->object, r->object);
}

/* Each text once a component: `seen` has the last component that it was counted for, and one. */
static void count_texts(tally *t, const owned_object *owned, size_t count, const bool *unrelated,
                        uint32_t *seen)
{
    for (size_t i = 0; i < count; i++) {
        const fps__corpus_object *object = &t->corpus->objects[owned[i].object];
        fps_workbench_learnt *learnt = &t->learnt[owned[i].component];
        for (uint32_t k = 0; k < object->feature_count; k++) {
            uint32_t feature = object->features[k];
            if (seen[feature] == owned[i].component + 1 ||
                fps__feature_kind_of(t->corpus->features[feature].key) != FPS__FEATURE_LITERAL)
                continue;
            seen[feature] = owned[i].component + 1;
            learnt->built_texts++;
            learnt->unrelated_texts += unrelated[feature];
        }
    }
}

static fps_status count_unrelated(tally *t)
{
    const fps__corpus *corpus = t->corpus;
    size_t count = 0, features = (size_t)corpus->feature_count + 1;
    owned_object *owned = malloc(corpus->object_count * sizeof *owned + 1);
    bool *unrelated = calloc(features, sizeof *unrelated);
    uint32_t *seen = calloc(features, sizeof *seen);
    if (owned && unrelated && seen) {
        for (uint32_t n = 0; n < corpus->negative_count; n++)
            for (uint32_t k = 0; k < corpus->negatives[n].feature_count; k++)
                unrelated[corpus->negatives[n].features[k]] = true;
        for (uint32_t i = 0; i < corpus->object_count; i++) {
            uint32_t component = find_component(t->model, corpus->builds[corpus->objects[i].build].component);
            if (component != FPS__NONE)
                owned[count++] = (owned_object){component, i};
        }
        if (count)
            qsort(owned, count, sizeof *owned, compare_owned);
        count_texts(t, owned, count, unrelated, seen);
    }
    bool good = owned && unrelated && seen;
    free(owned);
    free(unrelated);
    free(seen);
    return good ? FPS_OK : FPS_ERROR_MEMORY;
}

/* ---- all of it ---- */

/* A component is the workbench's own when a build or sources of it were added, and not only a compiled set. */
static void find_own(tally *t)
{
    const fps__corpus *corpus = t->corpus;
    for (uint32_t c = 0; c < t->model->component_count; c++)
        t->learnt[c] =
            (fps_workbench_learnt){.component = t->model->components[c].id, .version = "", .imported = true};
    for (uint32_t b = 0; b < corpus->build_count; b++) {
        uint32_t component = find_component(t->model, corpus->builds[b].component);
        if (component == FPS__NONE || corpus->builds[b].imported)
            continue;
        t->learnt[component].imported = false;
        t->built[component] = true;
    }
    for (uint32_t h = 0; h < corpus->history_count; h++) {
        uint32_t component = find_component(t->model, corpus->histories[h].component);
        if (component != FPS__NONE && fps__compile_is_whole_history(&corpus->histories[h]))
            t->learnt[component].imported = false;
    }
}

static fps_status count_all(tally *t)
{
    const fps__set_model *model = t->model;
    fps_status status = FPS_OK;
    find_own(t);
    count_keys(t);
    for (uint32_t e = 0; e < model->entry_count; e++)
        if (!t->learnt[model->entries[e].component].imported)
            add_entry(t, &model->entries[e], t->entry_hash[e]);
    for (uint32_t h = 0; h < model->histories.count && !status; h++) {
        fps_workbench_learnt *learnt = &t->learnt[model->histories.components[h]];
        learnt->history_releases = model->histories.items[h].count;
        status = learnt->imported ? FPS_OK : add_history(t, h);
    }
    for (uint32_t c = 0; c < model->component_count; c++)
        count_releases(t, c);
    return status ? status : count_unrelated(t);
}

fps_status fps__workbench_say_learnt(const fps__corpus *corpus, const fps__set_model *model,
                                     const fps_workbench_compile_options *options, fps_error *error)
{
    tally t = {.corpus = corpus,
               .model = model,
               .learnt = malloc(model->component_count * sizeof *t.learnt + 1),
               .entry_hash = calloc((size_t)model->entry_count + 1, sizeof *t.entry_hash),
               .release_hash = calloc((size_t)model->release_count + 1, sizeof *t.release_hash),
               .built = calloc((size_t)model->component_count + 1, sizeof *t.built)};
    bool good = t.learnt && t.entry_hash && t.release_hash && t.built;
    fps_status status = good ? count_all(&t) : FPS_ERROR_MEMORY;
    for (uint32_t c = 0; c < model->component_count && !status; c++)
        options->learnt(options->user, &t.learnt[c]);
    free(t.learnt);
    free(t.entry_hash);
    free(t.release_hash);
    free(t.built);
    return status ? fps__fail_memory(error) : FPS_OK;
}
