/* sigbuild compile, fourth part: units of a component, and in which releases each feature is.
 *
 * An archive member is a unit. A shared object or program has none, so its literals, in the order of their
 * addresses, are cut into clusters. Programs of one source share much, each another part; so features are
 * first put together by the set of objects that hold them, and clusters are cut inside these groups: a unit
 * is then in an object as a whole, or not at all, and stays the same from release to release.
 */
#include "compiler/compile_unit.h"

#include "database/set.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    CLUSTER = 48,         /* literals of a cluster of addresses before the next one begins */
    GROUP_MINIMUM = 3,    /* features of a shared group; smaller ones go to their first object's own */
    CONTENT_MINIMUM = 4,  /* features of an object whose content is worth a key of its own */
    SIGNATURE_STEMS = 64, /* stems that tell groups apart: features of more are one group */
};

/* ---- weights ---- */

/* What this component holds and another one owns: it explains such features in its own files, without a vote.
 */
static void claim_foreign(fps__unit_work *w, uint32_t feature)
{
    static const uint64_t none[1] = {0};
    fps__set_entry entry = {.component = w->component, .unit = FPS__NONE, .flags = FPS__ENTRY_FOREIGN};
    entry.any = entry.all = fps__sink_bit_set(w->sink, none, 0);
    fps__sink_add_entry(w->sink, w->c->corpus->features[feature].key, &entry);
}

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
                continue; /* compile_function.c claims them */
            for (uint64_t p = w->c->pair_start[feature]; p < w->c->pair_start[feature + 1]; p++) {
                if (w->c->pairs[p] != w->component || !w->c->weight[feature])
                    continue;
                if (fps__compile_owns(w->c, p))
                    w->weight[feature] = w->c->weight[feature];
                else if (fps__compile_is_foreign(w->c, p))
                    claim_foreign(w, feature);
            }
        }
    }
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
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
    qsort(w->tuples, w->tuple_count, sizeof *w->tuples, compare_u64);
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
    uint32_t stems[SIGNATURE_STEMS], count = 0;
    for (size_t i = first; i < end; i++) {
        uint32_t stem = tuple_stem(w->tuples[i]);
        if (w->stems[stem].member)
            return (membership){stem_signature(stem), tuple_feature(w->tuples[first]), stem, true};
        if ((!count || stems[count - 1] != stem) && count < SIGNATURE_STEMS)
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
        for (size_t k = i; k < end && !list[k].single && end - i < GROUP_MINIMUM; k++)
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

/* "libz#0" and "libz!" are units of one object's literals and names; "libz+3" and "libz!+3" are shared by
 * several. */
static uint32_t make_unit(fps__unit_work *w, const fps__feature_group *group, bool names)
{
    fps__stem *stem = &w->stems[group->stem];
    char name[512];
    if (stem->member || (names && group->single))
        snprintf(name, sizeof name, "%.480s%s", stem->name, names ? "!" : "");
    else
        snprintf(name, sizeof name, "%.480s%s%c%u", stem->name, names ? "!" : "", group->single ? '#' : '+',
                 stem->clusters++);
    return fps__sink_unit(w->sink, w->component, name, false);
}

static uint32_t literal_unit(fps__unit_work *w, fps__feature_group *group)
{
    bool full = group->literal_size >= CLUSTER && !w->stems[group->stem].member;
    if (group->literal_unit == FPS__NONE || full) {
        group->literal_unit = make_unit(w, group, false);
        group->literal_size = 0;
    }
    group->literal_size++;
    return group->literal_unit;
}

static void assign_units(fps__unit_work *w, const fps__object_ref *ref)
{
    for (uint32_t i = 0; i < ref->object->feature_count && !w->sink->no_memory; i++) {
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

static void set_bit(uint64_t *words, uint32_t index)
{
    words[index / 64] |= (uint64_t)1 << (index % 64);
}

/* Tuples [first, end) are one feature's. any: releases with the feature. all: releases in which every object
 * of each stem that ever held the feature holds it. */
static void find_releases(const fps__unit_work *w, size_t first, size_t end, uint64_t *any, uint64_t *all,
                          uint32_t words)
{
    uint64_t none[64] = {0};
    memset(any, 0, words * sizeof *any);
    memset(all, 0, words * sizeof *all);
    for (size_t i = first; i < end;) {
        uint32_t stem = (uint32_t)(w->tuples[i] >> 16) & UINT16_MAX;
        const uint16_t *builds = &w->builds[(size_t)stem * w->release_count];
        uint32_t checked = 0;
        for (; checked < w->release_count; checked++) {
            if (!builds[checked])
                continue;
            unsigned held = 0;
            for (; i < end && ((w->tuples[i] >> 16) & UINT16_MAX) == stem &&
                   (w->tuples[i] & UINT16_MAX) == checked;
                 i++)
                held++;
            if (held)
                set_bit(any, checked);
            set_bit(held >= builds[checked] ? all : none, checked);
        }
    }
    for (uint32_t k = 0; k < words; k++)
        all[k] &= ~none[k];
}

static bool claim_features(fps__unit_work *w)
{
    uint32_t words = (w->release_count + 63) / 64;
    uint64_t any[64], all[64];
    if (words > 64)
        return false;
    for (size_t i = 0, end; i < w->tuple_count; i = end) {
        uint32_t feature = (uint32_t)(w->tuples[i] >> 32);
        for (end = i; end < w->tuple_count && w->tuples[end] >> 32 == feature;)
            end++;
        find_releases(w, i, end, any, all, words);
        fps__set_entry entry = {.component = w->component, .unit = w->unit_of[feature]};
        entry.any = fps__sink_bit_set(w->sink, any, words);
        entry.all = fps__sink_bit_set(w->sink, all, words);
        entry.weight = w->weight[feature];
        fps__sink_add_entry(w->sink, w->c->corpus->features[feature].key, &entry);
    }
    return !w->sink->no_memory;
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
    return count >= CONTENT_MINIMUM ? fps__feature_content_key(sum, count) : 0;
}

/* Says for each whole object in which releases one with the same features is. */
static bool claim_contents(fps__unit_work *w)
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
        uint64_t any[64] = {0};
        for (end = i; end < count && list[end].key == list[i].key; end++)
            set_bit(any, list[end].release);
        fps__set_entry entry = {.component = w->component, .unit = FPS__NONE};
        entry.any = fps__sink_bit_set(w->sink, any, 64);
        entry.all = fps__sink_bit_set(w->sink, none, 0);
        fps__sink_add_entry(w->sink, list[i].key, &entry);
    }
    free(list);
    return !w->sink->no_memory;
}

static fps_status make_units(fps__unit_work *w, fps_error *error)
{
    if (!w->weight || !w->unit_of || !w->group_of || !fps__unit_list_objects(w, false))
        return fps__fail_memory(error);
    take_weights(w);
    if (!list_tuples(w) || !make_groups(w))
        return fps__fail_memory(error);
    for (size_t i = 0; i < w->object_count; i++)
        assign_units(w, &w->objects[i]);
    if (w->sink->no_memory || !claim_features(w) || !claim_contents(w))
        return fps__fail_memory(error);
    return FPS_OK;
}

fps_status fps__compile_units(fps__compilation *c, uint32_t component, fps__compile_sink *sink,
                              fps_error *error)
{
    fps__unit_work w = {.c = c, .sink = sink, .component = component};
    size_t features = (size_t)c->corpus->feature_count + 1;
    w.release_count = c->components[component].release_count;
    if (w.release_count > 64 * 64)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "component %s has %u releases, 4096 is the most", c->components[component].facts->id,
                         w.release_count);
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
