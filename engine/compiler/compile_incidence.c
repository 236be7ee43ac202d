/* sigbuild compile, second pass: which components hold a feature, which unrelated packages hold it, what is
 * shared. */
#include "compiler/compile_internal.h"
#include "compiler/compile_parameters.h"
#include "database/layout.h"

#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

static bool is_text(const fps__corpus_feature *feature)
{
    fps__feature_kind kind = fps__feature_kind_of(feature->key);
    return kind == FPS__FEATURE_LITERAL || kind == FPS__FEATURE_NAME;
}

/* A feature of `object` that takes part in ownership and weights. Archive members are not met as files: their
 * exact hashes would fill the set for nothing. */
static bool counts(const fps__corpus_feature *feature, const fps__corpus_object *object)
{
    fps__feature_kind kind = fps__feature_kind_of(feature->key);
    return is_text(feature) || kind == FPS__FEATURE_FUNCTION ||
           (kind == FPS__FEATURE_EXACT && !object->member);
}

/* Calls for every (object of a compiled build, its component). */
typedef void (*object_callback)(fps__compilation *c, const fps__corpus_object *object, uint32_t component,
                                void *user);

static void each_object(fps__compilation *c, object_callback callback, void *user)
{
    for (uint32_t i = 0; i < c->corpus->object_count; i++) {
        const fps__corpus_object *object = &c->corpus->objects[i];
        uint32_t component = c->build_component[object->build];
        if (component != FPS__NONE && !c->left_out[i])
            callback(c, object, component, user);
    }
}

/* Sees each feature once a component: objects come grouped by component because builds are sorted by it. */
typedef struct seen {
    uint32_t *component_of_feature; /* the last component that was counted for a feature */
    uint64_t *fill;                 /* second pass: the next free pair of a feature */
} seen;

static void count_pairs(fps__compilation *c, const fps__corpus_object *object, uint32_t component, void *user)
{
    seen *s = user;
    for (uint32_t i = 0; i < object->feature_count; i++) {
        uint32_t feature = object->features[i];
        if (s->component_of_feature[feature] == component || !counts(&c->corpus->features[feature], object))
            continue;
        s->component_of_feature[feature] = component;
        if (s->fill)
            c->pairs[s->fill[feature]++] = component;
        else
            c->pair_start[feature + 1]++;
    }
}

static void count_overlap(fps__compilation *c)
{
    for (uint32_t f = 0; f < c->corpus->feature_count; f++) {
        uint64_t first = c->pair_start[f], end = c->pair_start[f + 1];
        bool text = is_text(&c->corpus->features[f]);
        for (uint64_t a = first; a < end && text; a++) {
            c->components[c->pairs[a]].feature_total++;
            for (uint64_t b = first; b < end && end - first <= FPS__OVERLAP_COMPONENTS; b++)
                if (a != b)
                    c->overlap[(size_t)c->pairs[a] * c->component_count + c->pairs[b]]++;
        }
    }
}

fps_status fps__compile_incidence(fps__compilation *c, fps_error *error)
{
    uint32_t features = c->corpus->feature_count;
    seen s = {malloc(((size_t)features + 1) * sizeof *s.component_of_feature), NULL};
    c->pair_start = fps__arena_array(c->arena, (size_t)features + 1, sizeof *c->pair_start);
    c->overlap =
        fps__arena_array(c->arena, (size_t)c->component_count * c->component_count, sizeof *c->overlap);
    if (!s.component_of_feature || !c->pair_start || !c->overlap)
        goto out;
    memset(s.component_of_feature, 0xff, (size_t)features * sizeof *s.component_of_feature);
    each_object(c, count_pairs, &s);
    for (uint32_t f = 0; f < features; f++)
        c->pair_start[f + 1] += c->pair_start[f];
    c->pairs = fps__arena_array(c->arena, c->pair_start[features], sizeof *c->pairs);
    s.fill = malloc((size_t)features * sizeof *s.fill + 1);
    if (!c->pairs || !s.fill)
        goto out;
    memcpy(s.fill, c->pair_start, (size_t)features * sizeof *s.fill);
    memset(s.component_of_feature, 0xff, (size_t)features * sizeof *s.component_of_feature);
    each_object(c, count_pairs, &s);
    count_overlap(c);
    free(s.component_of_feature);
    free(s.fill);
    return FPS_OK;
out:
    free(s.component_of_feature);
    free(s.fill);
    return fps__fail_memory(error);
}

/* ---- copies in unrelated files ---- */

/* A literal or function that one component alone has. */
typedef struct sole_feature {
    uint64_t key; /* what a set stores of it */
    uint32_t component;
    bool literal;
} sole_feature;

/* Who holds a copy of what: for builds and for imported sets, whose keys are cut and whose features are others. */
typedef struct copies {
    FPS__ARRAY(sole_feature) imported; /* ascending by key */
    uint32_t *imported_total;          /* by component: such literals */
    uint32_t *built,
        *of_import; /* by component: how many the file in hand holds; then whether that is a copy */
} copies;

static int compare_sole_features(const void *a, const void *b)
{
    const sole_feature *left = a, *right = b;
    return left->key != right->key ? FPS__COMPARE(left->key, right->key)
                                   : FPS__COMPARE(left->component, right->component);
}

static fps_status gather_imported(const fps__compilation *c, copies *found)
{
    fps_status status = FPS_OK;
    for (uint32_t g = 0; g < c->corpus->group_count && !status; g++) {
        const fps__corpus_group *group = &c->corpus->groups[g];
        uint32_t component = fps__compile_find_component(c, group->component);
        if (component == FPS__NONE || (group->flags & FPS__ENTRY_FOREIGN))
            continue;
        for (uint32_t i = 0; i < group->feature_count && !status; i++) {
            uint64_t key = c->corpus->features[group->features[i]].key;
            fps__feature_kind kind = fps__feature_kind_of(key);
            const sole_feature made = {fps__layout_stored_key(key), component, kind == FPS__FEATURE_LITERAL};
            if (kind == FPS__FEATURE_LITERAL || kind == FPS__FEATURE_FUNCTION)
                status = FPS__ARRAY_PUSH(&found->imported, &made, UINT32_MAX);
        }
    }
    return status;
}

/* Keeps what one component each has. */
static void keep_sole_features(copies *found)
{
    sole_feature *list = found->imported.items;
    size_t kept = 0, count = found->imported.count;
    if (count)
        qsort(list, count, sizeof *list, compare_sole_features);
    for (size_t i = 0, end; i < count; i = end) {
        bool sole = true;
        for (end = i + 1; end < count && list[end].key == list[i].key; end++)
            sole &= list[end].component == list[i].component;
        if (!sole)
            continue;
        found->imported_total[list[i].component] += list[i].literal;
        list[kept++] = list[i];
    }
    found->imported.count = kept;
}

static uint32_t sole_holder(const copies *found, uint64_t key)
{
    size_t at;
    const sole_feature *list = found->imported.items;
    key = fps__layout_stored_key(key);
    FPS__LOWER_BOUND(at, found->imported.count, i, list[i].key < key);
    return at < found->imported.count && list[at].key == key ? list[at].component : FPS__NONE;
}

/* True for many literals that are a good part of all. */
static bool is_a_copy(uint32_t held, uint64_t total)
{
    return held >= FPS__COPY_FEATURES && held * (uint64_t)FPS__COPY_PART >= total;
}

/* Components of which an unrelated file holds a copy, rather than a few common texts: it has many features that no other
 * component has, and those are a good part of the component. Such a file does not count against them. */
static void find_copies(const fps__compilation *c, const fps__corpus_negative *file, copies *found)
{
    memset(found->built, 0, c->component_count * sizeof *found->built);
    memset(found->of_import, 0, c->component_count * sizeof *found->of_import);
    for (uint32_t i = 0; i < file->feature_count; i++) {
        uint32_t f = file->features[i];
        if (!is_text(&c->corpus->features[f]))
            continue;
        if (c->pair_start[f + 1] - c->pair_start[f] == 1)
            found->built[c->pairs[c->pair_start[f]]]++;
        uint32_t holder = sole_holder(found, c->corpus->features[f].key);
        if (holder != FPS__NONE)
            found->of_import[holder]++;
    }
    for (uint32_t k = 0; k < c->component_count; k++) {
        found->built[k] = is_a_copy(found->built[k], c->components[k].feature_total);
        found->of_import[k] = is_a_copy(found->of_import[k], found->imported_total[k]);
    }
}

static bool is_copy_of_owner(const fps__compilation *c, uint32_t feature, const copies *found)
{
    uint64_t first = c->pair_start[feature];
    if (c->pair_start[feature + 1] - first == 1)
        return found->built[c->pairs[first]];
    uint32_t holder = sole_holder(found, c->corpus->features[feature].key);
    return holder != FPS__NONE && found->of_import[holder];
}

static void free_copies(copies *found)
{
    free(found->imported.items);
    free(found->imported_total);
    free(found->built);
    free(found->of_import);
}

static fps_status start_copies(const fps__compilation *c, copies *found)
{
    size_t count = (size_t)c->component_count + 1;
    *found = (copies){.imported_total = calloc(count, sizeof(uint32_t)),
                      .built = calloc(count, sizeof(uint32_t)),
                      .of_import = calloc(count, sizeof(uint32_t))};
    if (!found->imported_total || !found->built || !found->of_import)
        return FPS_ERROR_MEMORY;
    fps_status status = gather_imported(c, found);
    if (status == FPS_OK)
        keep_sole_features(found);
    return status;
}

static int compare_stored_keys(const void *a, const void *b, void *user)
{
    const fps__corpus_feature *features = user;
    return FPS__COMPARE(fps__layout_stored_key(features[*(const uint32_t *)a].key),
                        fps__layout_stored_key(features[*(const uint32_t *)b].key));
}

static bool list_unrelated(fps__compilation *c)
{
    uint32_t count = 0;
    for (uint32_t f = 0; f < c->corpus->feature_count; f++)
        count += c->negative[f] > 0;
    c->unrelated = fps__arena_array(c->arena, (size_t)count + 1, sizeof *c->unrelated);
    for (uint32_t f = 0; c->unrelated && f < c->corpus->feature_count; f++)
        if (c->negative[f])
            c->unrelated[c->unrelated_count++] = f;
    if (c->unrelated && count)
        qsort_r(c->unrelated, count, sizeof *c->unrelated, compare_stored_keys, c->corpus->features);
    return c->unrelated != NULL;
}

uint32_t fps__compile_unrelated(const fps__compilation *c, uint64_t key)
{
    uint64_t stored = fps__layout_stored_key(key);
    uint32_t most = 0;
    size_t at;
    FPS__LOWER_BOUND(at, c->unrelated_count, i,
                     fps__layout_stored_key(c->corpus->features[c->unrelated[i]].key) < stored);
    for (; at < c->unrelated_count &&
           fps__layout_stored_key(c->corpus->features[c->unrelated[at]].key) == stored;
         at++)
        most = c->negative[c->unrelated[at]] > most ? c->negative[c->unrelated[at]] : most;
    return most;
}

fps_status fps__compile_negative(fps__compilation *c, fps_error *error)
{
    uint32_t features = c->corpus->feature_count;
    uint32_t *last =
        malloc(((size_t)features + 1) * sizeof *last); /* the last source that was counted for a feature */
    copies found;
    c->negative = fps__arena_array(c->arena, (size_t)features + 1, sizeof *c->negative);
    if (start_copies(c, &found) != FPS_OK || !last || !c->negative) {
        free(last);
        free_copies(&found);
        return fps__fail_memory(error);
    }
    memset(last, 0, ((size_t)features + 1) * sizeof *last);
    uint32_t source = 0; /* negatives come sorted by source */
    for (uint32_t n = 0; n < c->corpus->negative_count; n++) {
        const fps__corpus_negative *file = &c->corpus->negatives[n];
        if (n == 0 || strcmp(file->source, c->corpus->negatives[n - 1].source) != 0)
            source++;
        find_copies(c, file, &found);
        for (uint32_t i = 0; i < file->feature_count; i++) {
            uint32_t f = file->features[i];
            if (last[f] == source || is_copy_of_owner(c, f, &found))
                continue;
            last[f] = source;
            if (c->negative[f] < UINT16_MAX)
                c->negative[f]++;
        }
    }
    free(last);
    free_copies(&found);
    return list_unrelated(c) ? FPS_OK : fps__fail_memory(error);
}
