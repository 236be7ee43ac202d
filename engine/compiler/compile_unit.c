/* sigbuild compile, fourth part: units of a component, and in which releases each feature is.
 *
 * An archive member is a unit. A shared object or program has none, so its literals, in the order of their
 * addresses, are cut into clusters. Programs of one source share much, each another part; so features are
 * first put together by the set of objects that hold them, and clusters are cut inside these groups: a unit
 * is then in an object as a whole, or not at all, and stays the same from release to release.
 */
#include "compiler/compile_unit.h"
#include "compiler/compile_parameters.h"

#include "database/set.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- weights ---- */

/* Takes the weights of the features that this component owns, 0 for all others it holds. */
static void take_weights(fps__unit_work *w)
{
    const uint32_t unseen = FPS__NONE - 1;
    for (size_t i = 0; i < w->object_count; i++)
        for (uint32_t k = 0; k < w->objects[i].object->feature_count; k++)
            w->unit_of[w->objects[i].object->features[k]] = unseen;
    for (size_t i = 0; i < w->object_count; i++) {
        for (uint32_t k = 0; k < w->objects[i].object->feature_count; k++) {
            uint32_t feature = w->objects[i].object->features[k];
            if (w->unit_of[feature] != unseen)
                continue;
            w->unit_of[feature] = FPS__NONE;
            w->weight[feature] = 0;
            if (fps__feature_kind_of(w->c->corpus->features[feature].key) == FPS__FEATURE_FUNCTION)
                continue; /* compile_function.c's */
            for (uint64_t p = w->c->pair_start[feature]; p < w->c->pair_start[feature + 1]; p++) {
                if (w->c->pairs[p] != w->component || !w->c->weight[feature])
                    continue;
                if (fps__compile_owns(w->c, p))
                    w->weight[feature] = w->c->weight[feature];
                else if (fps__compile_is_foreign(w->c, p))
                    fps__unit_add_foreign(w, feature, 0);
            }
        }
    }
}

static bool list_tuples(fps__unit_work *w)
{
    size_t total = 0;
    for (size_t i = 0; i < w->object_count; i++)
        total += w->objects[i].object->feature_count;
    w->tuples = malloc((total + 1) * sizeof *w->tuples);
    if (!w->tuples)
        return false;
    for (size_t i = 0; i < w->object_count; i++) {
        const fps__object_ref *ref = &w->objects[i];
        for (uint32_t k = 0; k < ref->object->feature_count; k++) {
            uint32_t feature = ref->object->features[k];
            if (w->weight[feature])
                w->tuples[w->tuple_count++] =
                    (uint64_t)feature << 32 | (uint64_t)ref->stem_id << 16 | (uint64_t)ref->release;
        }
    }
    qsort(w->tuples, w->tuple_count, sizeof *w->tuples, fps__compare_u64);
    return true;
}

static uint32_t tuple_feature(uint64_t tuple)
{
    return (uint32_t)(tuple >> 32);
}

static uint32_t tuple_stem(uint64_t tuple)
{
    return (uint32_t)(tuple >> 16) & UINT16_MAX;
}

static uint32_t tuple_release(uint64_t tuple)
{
    return (uint32_t)tuple & UINT16_MAX;
}

/* ---- groups ---- */

typedef struct membership {
    uint64_t signature;
    uint32_t feature, stem;
    bool single;
} membership;

static uint64_t stem_signature(uint32_t stem)
{
    return XXH3_64bits(&stem, sizeof stem);
}

/* Tuples [first, end) are one feature's. A feature of an archive member belongs to that member alone. */
static membership find_membership(const fps__unit_work *w, size_t first, size_t end)
{
    uint32_t stems[FPS__GROUP_STEMS], count = 0;
    for (size_t i = first; i < end; i++) {
        uint32_t stem = tuple_stem(w->tuples[i]);
        if (w->stems[stem].member)
            return (membership){stem_signature(stem), tuple_feature(w->tuples[first]), stem, true};
        if ((!count || stems[count - 1] != stem) && count < FPS__GROUP_STEMS)
            stems[count++] = stem;
    }
    return (membership){count == 1 ? stem_signature(stems[0]) : XXH3_64bits(stems, count * sizeof *stems),
                        tuple_feature(w->tuples[first]), stems[0], count == 1};
}

static int compare_memberships(const void *a, const void *b)
{
    const membership *left = a, *right = b;
    if (left->signature != right->signature)
        return left->signature < right->signature ? -1 : 1;
    return (left->feature > right->feature) - (left->feature < right->feature);
}

static size_t same_signature(const membership *list, size_t count, size_t first)
{
    size_t end = first;
    while (end < count && list[end].signature == list[first].signature)
        end++;
    return end;
}

static bool make_groups(fps__unit_work *w)
{
    membership *list = malloc((w->tuple_count + 1) * sizeof *list);
    size_t count = 0;
    if (!list)
        return false;
    for (size_t i = 0, end; i < w->tuple_count; i = end) {
        for (end = i; end < w->tuple_count && tuple_feature(w->tuples[end]) == tuple_feature(w->tuples[i]);)
            end++;
        list[count++] = find_membership(w, i, end);
    }
    qsort(list, count, sizeof *list, compare_memberships);
    for (size_t i = 0, end; i < count; i = end) { /* small shared groups go to their first object */
        end = same_signature(list, count, i);
        for (size_t k = i; k < end && !list[k].single && end - i < FPS__GROUP_FEATURES; k++)
            list[k].single = true;
    }
    for (size_t i = 0; i < count; i++)
        if (list[i].single)
            list[i].signature = stem_signature(list[i].stem);
    qsort(list, count, sizeof *list, compare_memberships);
    w->groups = malloc((count + 1) * sizeof *w->groups);
    for (size_t i = 0, end; w->groups && i < count; i = end, w->group_count++) {
        end = same_signature(list, count, i);
        w->groups[w->group_count] = (fps__feature_group){.signature = list[i].signature,
                                                         .stem = list[i].stem,
                                                         .single = list[i].single,
                                                         .count = (uint32_t)(end - i),
                                                         .literal_unit = FPS__NONE,
                                                         .name_unit = FPS__NONE};
        for (size_t k = i; k < end; k++)
            w->group_of[list[k].feature] = (uint32_t)w->group_count;
    }
    free(list);
    return w->groups != NULL;
}

/* ---- units ---- */

static uint32_t make_unit(fps__unit_work *w, const fps__feature_group *group, bool names)
{
    fps__stem *stem = &w->stems[group->stem];
    fps__unit_kind kind;
    if (stem->member)
        kind = names ? FPS__UNIT_MEMBER_NAMES : FPS__UNIT_MEMBER;
    else if (group->single)
        kind = names ? FPS__UNIT_NAMES : FPS__UNIT_CLUSTER;
    else
        kind = names ? FPS__UNIT_SHARED_NAMES : FPS__UNIT_SHARED_CLUSTER;
    return fps__unit_make(w, stem, kind, false);
}

static uint32_t literal_unit(fps__unit_work *w, fps__feature_group *group)
{
    bool full = group->literal_size >= FPS__CLUSTER_LITERALS && !w->stems[group->stem].member;
    if (group->literal_unit == FPS__NONE || full) {
        group->literal_unit = make_unit(w, group, false);
        group->literal_size = 0;
    }
    group->literal_size++;
    return group->literal_unit;
}

static void assign_units(fps__unit_work *w, const fps__object_ref *ref)
{
    for (uint32_t i = 0; i < ref->object->feature_count && w->sink->status == FPS_OK; i++) {
        uint32_t feature = ref->object->features[i];
        if (!w->weight[feature] || w->unit_of[feature] != FPS__NONE)
            continue;
        fps__feature_group *group = &w->groups[w->group_of[feature]];
        fps__feature_kind kind = fps__feature_kind_of(w->c->corpus->features[feature].key);
        if (kind == FPS__FEATURE_LITERAL) {
            w->unit_of[feature] = literal_unit(w, group);
        } else if (kind == FPS__FEATURE_NAME) {
            if (group->name_unit == FPS__NONE)
                group->name_unit = make_unit(w, group, true);
            w->unit_of[feature] = group->name_unit;
        }
    }
}

/* ---- releases of each feature ---- */

/* Tuples [first, end) are one feature's. any: releases with the feature. all: releases in which every object
 * of each stem that ever held the feature holds it. */
static void find_releases(const fps__unit_work *w, size_t first, size_t end, fps__release_bits *any,
                          fps__release_bits *all)
{
    fps__release_bits none = {{0}};
    *any = *all = none;
    for (size_t i = first; i < end;) {
        uint32_t stem = tuple_stem(w->tuples[i]);
        const uint16_t *builds = &w->builds[(size_t)stem * w->release_count];
        uint32_t checked = 0;
        for (; checked < w->release_count; checked++) {
            if (!builds[checked])
                continue;
            unsigned held = 0;
            for (; i < end && tuple_stem(w->tuples[i]) == stem && tuple_release(w->tuples[i]) == checked; i++)
                held++;
            if (held)
                fps__bits_set(any->words, checked);
            fps__bits_set((held >= builds[checked] ? all : &none)->words, checked);
        }
    }
    for (uint32_t k = 0; k < FPS__RELEASE_WORDS; k++)
        all->words[k] &= ~none.words[k];
}

static void add_features(fps__unit_work *w)
{
    uint32_t words = (uint32_t)fps__bits_words(w->release_count);
    for (size_t i = 0, end; i < w->tuple_count && w->sink->status == FPS_OK; i = end) {
        fps__release_bits any, all;
        uint32_t feature = tuple_feature(w->tuples[i]);
        for (end = i; end < w->tuple_count && tuple_feature(w->tuples[end]) == feature;)
            end++;
        find_releases(w, i, end, &any, &all);
        fps__set_entry entry = {.component = w->component, .unit = w->unit_of[feature]};
        entry.any = fps__sink_bit_set(w->sink, any.words, words);
        entry.all = fps__sink_bit_set(w->sink, all.words, words);
        entry.weight = w->weight[feature];
        fps__sink_add_entry(w->sink, w->c->corpus->features[feature].key, &entry);
    }
}

/* ---- contents ---- */

typedef struct content {
    uint64_t key;
    uint32_t release;
} content;

static int compare_contents(const void *a, const void *b)
{
    const content *left = a, *right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return (left->release > right->release) - (left->release < right->release);
}

/* The key of all that the set holds of an object; 0 when that is too little. */
static uint64_t content_key(const fps__unit_work *w, const fps__corpus_object *object)
{
    uint64_t sum = 0, count = 0;
    for (uint32_t i = 0; i < object->feature_count && !object->member; i++) {
        uint64_t key = w->c->corpus->features[object->features[i]].key;
        fps__feature_kind kind = fps__feature_kind_of(key);
        if (!w->weight[object->features[i]] || (kind != FPS__FEATURE_LITERAL && kind != FPS__FEATURE_NAME))
            continue;
        sum += key;
        count++;
    }
    return count >= FPS__CONTENT_FEATURES ? fps__feature_content_key(sum, count) : 0;
}

/* Says for each whole object in which releases one with the same features is. False without memory. */
static bool add_contents(fps__unit_work *w)
{
    static const uint64_t none[1] = {0};
    content *list = malloc((w->object_count + 1) * sizeof *list);
    size_t count = 0;
    if (!list)
        return false;
    for (size_t i = 0; i < w->object_count; i++) {
        list[count] = (content){content_key(w, w->objects[i].object), w->objects[i].release};
        count += list[count].key != 0;
    }
    qsort(list, count, sizeof *list, compare_contents);
    for (size_t i = 0, end; i < count; i = end) {
        fps__release_bits any = {{0}};
        for (end = i; end < count && list[end].key == list[i].key; end++)
            fps__bits_set(any.words, list[end].release);
        fps__set_entry entry = {.component = w->component, .unit = FPS__NONE};
        entry.any = fps__sink_bit_set(w->sink, any.words, FPS__RELEASE_WORDS);
        entry.all = fps__sink_bit_set(w->sink, none, 0);
        fps__sink_add_entry(w->sink, list[i].key, &entry);
    }
    free(list);
    return true;
}

static fps_status make_units(fps__unit_work *w, fps_error *error)
{
    if (!w->weight || !w->unit_of || !w->group_of)
        return fps__fail_memory(error);
    fps_status status = fps__unit_list_objects(w, false, error);
    if (status != FPS_OK)
        return status;
    take_weights(w);
    if (!list_tuples(w) || !make_groups(w))
        return fps__fail_memory(error);
    for (size_t i = 0; i < w->object_count; i++)
        assign_units(w, &w->objects[i]);
    add_features(w);
    return add_contents(w) ? fps__sink_status(w->sink, error) : fps__fail_memory(error);
}

fps_status fps__compile_units(fps__compilation *c, uint32_t component, fps__compile_sink *sink,
                              fps_error *error)
{
    fps__unit_work w = {.c = c, .sink = sink, .component = component};
    size_t features = (size_t)c->corpus->feature_count + 1;
    w.release_count = c->components[component].release_count;
    if (w.release_count > FPS__MAX_RELEASES)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "component %s has %u releases, %d is the most", c->components[component].facts->id,
                         w.release_count, FPS__MAX_RELEASES);
    w.weight = malloc(features * sizeof *w.weight);
    w.unit_of = malloc(features * sizeof *w.unit_of);
    w.group_of = malloc(features * sizeof *w.group_of);
    fps_status status = make_units(&w, error);
    free(w.weight);
    free(w.unit_of);
    free(w.group_of);
    free(w.objects);
    free(w.builds);
    free(w.groups);
    free(w.tuples);
    return status;
}
