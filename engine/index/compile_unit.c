/* sigbuild compile, fourth part: units of a component, and in which releases each feature is.
 *
 * An archive member is a unit. A shared object or program has none, so its literals, in the order of their
 * addresses, are cut into clusters; a literal that an earlier object already put into a unit keeps it and
 * draws its neighbours into it, so that units stay the same from release to release.
 */
#include "index/compile_internal.h"

#include "index/set.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLUSTER = 48 }; /* literals of a cluster of addresses before the next one begins */

/* A unit of this component while it grows. */
typedef struct growing_unit {
    uint32_t stem_id, size;
} growing_unit;

typedef struct object_ref {
    const fps__corpus_object *object;
    const char *stem;
    uint32_t stem_id, release;
} object_ref;

/* Work on one component. */
typedef struct unit_work {
    fps__compilation *c;
    fps__compile_sink *sink;
    uint32_t component;
    object_ref *objects;
    size_t object_count;
    uint32_t stem_count;
    uint16_t *builds; /* [stem * release_count + release]: objects of that stem and release */
    uint32_t release_count;
    uint32_t *unit_of;                /* of every corpus feature, FPS__NONE when it has none yet */
    uint32_t first_unit;              /* ids of this component's units begin here */
    FPS__ARRAY(growing_unit) growing; /* by id - first_unit */
    uint64_t *tuples;                 /* feature << 32 | stem << 16 | release, sorted */
    size_t tuple_count;
} unit_work;

/* ---- stems ---- */

static bool is_place(const char *folder, size_t length)
{
    static const char *const places[] = {"lib",  "lib64",   "lib32", "libx32", "bin",
                                         "sbin", "libexec", "usr",   "local"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (length == strlen(places[i]) && memcmp(folder, places[i], length) == 0)
            return true;
    return length > 10 && (memmem(folder, length, "-linux-", 7) != NULL);
}

/* Cuts what changes from release to release off a file name: everything behind ".so" or, for others, a
 * version at the end. */
static size_t stem_length(const char *name, size_t length)
{
    const char *so = strstr(name, ".so");
    if (so && so > name && (so[3] == '.' || so[3] == '\0')) {
        size_t end = (size_t)(so - name);
        const char *tag = memmem(name, end, ".cpython-", 9);
        return tag && tag > name ? (size_t)(tag - name) : end;
    }
    return length;
}

char *fps__object_stem(const char *path, bool member, fps__arena *arena)
{
    const char *paren = member ? strchr(path, '(') : NULL;
    size_t path_length = paren ? (size_t)(paren - path) : strlen(path);
    const char *slash = memrchr(path, '/', path_length);
    const char *name = slash ? slash + 1 : path;
    size_t length = path_length - (size_t)(name - path);
    size_t folder = 0;
    if (!member) {
        length = stem_length(name, length);
        const char *before = slash ? memrchr(path, '/', (size_t)(slash - path)) : NULL;
        const char *start = slash ? (before ? before + 1 : path) : name;
        folder = slash && !is_place(start, (size_t)(slash - start)) ? (size_t)(slash - start) : 0;
    }
    size_t tail = paren ? strlen(paren) : 0;
    char *stem = fps__arena_alloc(arena, folder + 1 + length + tail + 1);
    if (!stem)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < folder; i++) /* versions in folder names do not matter: "perl/5.36" */
        if (!strchr("0123456789.", slash[(ptrdiff_t)i - (ptrdiff_t)folder]))
            stem[used++] = slash[(ptrdiff_t)i - (ptrdiff_t)folder];
    if (used)
        stem[used++] = '/';
    memcpy(stem + used, name, length);
    used += length;
    while (!member && used > 1 && strchr("0123456789.-_", stem[used - 1])) /* "libdb-5.3", "python3.11" */
        used--;
    memcpy(stem + used, paren ? paren : "", tail);
    stem[used + tail] = '\0';
    return stem;
}

/* ---- objects in the order in which they found units: members, then the newest release ---- */

static int compare_objects(const void *a, const void *b)
{
    const object_ref *left = a, *right = b;
    if (left->object->member != right->object->member)
        return left->object->member ? -1 : 1;
    if (left->release != right->release)
        return left->release > right->release ? -1 : 1;
    int order = strcmp(left->stem, right->stem);
    return order ? order : (left->object > right->object) - (left->object < right->object);
}

static int compare_stems(const void *a, const void *b)
{
    const object_ref *left = *(object_ref *const *)a, *right = *(object_ref *const *)b;
    return strcmp(left->stem, right->stem);
}

static bool number_stems(unit_work *w)
{
    object_ref **order = malloc((w->object_count + 1) * sizeof *order);
    if (!order)
        return false;
    for (size_t i = 0; i < w->object_count; i++)
        order[i] = &w->objects[i];
    qsort(order, w->object_count, sizeof *order, compare_stems);
    for (size_t i = 0; i < w->object_count; i++) {
        if (i && strcmp(order[i]->stem, order[i - 1]->stem) != 0 && w->stem_count < UINT16_MAX)
            w->stem_count++;
        order[i]->stem_id = w->stem_count;
    }
    w->stem_count++;
    free(order);
    w->builds = calloc((size_t)w->stem_count * w->release_count, sizeof *w->builds);
    for (size_t i = 0; w->builds && i < w->object_count; i++)
        w->builds[(size_t)w->objects[i].stem_id * w->release_count + w->objects[i].release]++;
    return w->builds != NULL;
}

static bool list_objects(unit_work *w)
{
    const fps__compile_component *component = &w->c->components[w->component];
    size_t total = 0;
    for (size_t b = 0; b < component->builds.count; b++)
        total += w->c->build_object[component->builds.items[b] + 1] -
                 w->c->build_object[component->builds.items[b]];
    w->objects = malloc((total + 1) * sizeof *w->objects);
    if (!w->objects)
        return false;
    for (size_t b = 0; b < component->builds.count; b++) {
        uint32_t build = component->builds.items[b];
        for (uint32_t i = w->c->build_object[build]; i < w->c->build_object[build + 1]; i++) {
            const fps__corpus_object *object = &w->c->corpus->objects[i];
            object_ref ref = {object, fps__object_stem(object->path, object->member, w->c->arena), 0,
                              w->c->build_release[build]};
            if (!ref.stem)
                return false;
            w->objects[w->object_count++] = ref;
        }
    }
    qsort(w->objects, w->object_count, sizeof *w->objects, compare_objects);
    return number_stems(w);
}

/* ---- units ---- */

static uint32_t make_unit(unit_work *w, const object_ref *ref, const char *suffix)
{
    char name[512];
    snprintf(name, sizeof name, "%.480s%s", ref->stem, suffix);
    uint32_t unit = fps__sink_unit(w->sink, w->component, name);
    while (unit != FPS__NONE && w->growing.count <= unit - w->first_unit) {
        if (!FPS__ARRAY_ROOM(&w->growing, 1, UINT32_MAX)) {
            w->sink->no_memory = true;
            return FPS__NONE;
        }
        w->growing.items[w->growing.count++] = (growing_unit){ref->stem_id, 0};
    }
    return unit;
}

/* Names and exact hashes have a unit of their own an object: they come and go together. */
static uint32_t side_unit(unit_work *w, const object_ref *ref, fps__feature_kind kind, uint32_t side[2])
{
    unsigned which = kind == FPS__FEATURE_EXACT;
    if (side[which] == FPS__NONE)
        side[which] = make_unit(w, ref, which ? "=" : "!");
    return side[which];
}

/* A cluster takes in what is new between its literals, but only in builds of its own object, and not without
 * end. */
static bool takes_in(const unit_work *w, uint32_t unit, const object_ref *ref, uint32_t limit)
{
    if (unit == FPS__NONE)
        return false;
    const growing_unit *growing = &w->growing.items[unit - w->first_unit];
    return growing->stem_id == ref->stem_id && (ref->object->member || growing->size < limit);
}

static uint32_t cluster_for(unit_work *w, const object_ref *ref, uint32_t current, uint32_t *own,
                            unsigned *clusters)
{
    if (takes_in(w, current, ref, 2 * CLUSTER))
        return current;
    if (takes_in(w, *own, ref, CLUSTER))
        return *own;
    char suffix[32] = "";
    if (!ref->object->member)
        snprintf(suffix, sizeof suffix, "#%u", (*clusters)++);
    *own = make_unit(w, ref, suffix);
    return takes_in(w, *own, ref, CLUSTER) || ref->object->member
               ? *own
               : cluster_for(w, ref, FPS__NONE, own, clusters);
}

static void assign_units(unit_work *w, const object_ref *ref)
{
    uint32_t current = FPS__NONE, own = FPS__NONE, side[2] = {FPS__NONE, FPS__NONE};
    unsigned clusters = 0;
    for (uint32_t i = 0; i < ref->object->feature_count && !w->sink->no_memory; i++) {
        uint32_t feature = ref->object->features[i], *unit = &w->unit_of[feature];
        fps__feature_kind kind = fps__feature_kind_of(w->c->corpus->features[feature].key);
        if (!w->c->weight[feature])
            continue;
        if (kind == FPS__FEATURE_NAME || kind == FPS__FEATURE_EXACT) {
            if (*unit == FPS__NONE)
                *unit = side_unit(w, ref, kind, side);
        } else if (kind == FPS__FEATURE_LITERAL) {
            if (*unit == FPS__NONE) {
                *unit = cluster_for(w, ref, current, &own, &clusters);
                if (*unit != FPS__NONE)
                    w->growing.items[*unit - w->first_unit].size++;
            }
            current = *unit;
        }
    }
}

/* ---- releases of each feature ---- */

static int compare_u64(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static bool list_tuples(unit_work *w)
{
    size_t total = 0;
    for (size_t i = 0; i < w->object_count; i++)
        total += w->objects[i].object->feature_count;
    w->tuples = malloc((total + 1) * sizeof *w->tuples);
    if (!w->tuples)
        return false;
    for (size_t i = 0; i < w->object_count; i++) {
        const object_ref *ref = &w->objects[i];
        for (uint32_t k = 0; k < ref->object->feature_count; k++) {
            uint32_t feature = ref->object->features[k];
            if (w->unit_of[feature] != FPS__NONE)
                w->tuples[w->tuple_count++] =
                    (uint64_t)feature << 32 | (uint64_t)ref->stem_id << 16 | (uint64_t)ref->release;
        }
    }
    qsort(w->tuples, w->tuple_count, sizeof *w->tuples, compare_u64);
    return true;
}

static void set_bit(uint64_t *words, uint32_t index)
{
    words[index / 64] |= (uint64_t)1 << (index % 64);
}

/* Tuples [first, end) are one feature's. any: releases with the feature. all: releases in which every object
 * of each stem that ever held the feature holds it. */
static void find_releases(const unit_work *w, size_t first, size_t end, uint64_t *any, uint64_t *all,
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

static bool claim_features(unit_work *w)
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
        entry.weight = w->c->weight[feature];
        fps__sink_claim(w->sink, w->c->corpus->features[feature].key, &entry);
    }
    return !w->sink->no_memory;
}

/* What this component holds and another one owns: it explains such features in its own files, without a vote. */
static void claim_foreign(unit_work *w, uint32_t feature)
{
    static const uint64_t none[1] = {0};
    fps__set_entry entry = {.component = w->component, .unit = FPS__NONE, .flags = FPS__ENTRY_FOREIGN};
    entry.any = entry.all = fps__sink_bit_set(w->sink, none, 0);
    fps__sink_claim(w->sink, w->c->corpus->features[feature].key, &entry);
}

/* Takes the weights of the features that this component owns into `weight`, 0 for all others. */
static void take_weights(unit_work *w, uint16_t *weight)
{
    for (size_t i = 0; i < w->object_count; i++)
        for (uint32_t k = 0; k < w->objects[i].object->feature_count; k++)
            w->unit_of[w->objects[i].object->features[k]] = FPS__NONE - 1; /* not looked at yet */
    for (size_t i = 0; i < w->object_count; i++) {
        for (uint32_t k = 0; k < w->objects[i].object->feature_count; k++) {
            uint32_t feature = w->objects[i].object->features[k];
            if (w->unit_of[feature] == FPS__NONE)
                continue;
            w->unit_of[feature] = FPS__NONE;
            weight[feature] = 0;
            for (uint64_t p = w->c->pair_start[feature]; p < w->c->pair_start[feature + 1]; p++) {
                if (w->c->pairs[p] != w->component || !w->c->weight[feature])
                    continue;
                if (fps__compile_owns(w->c, p))
                    weight[feature] = w->c->weight[feature];
                else if (fps__compile_is_foreign(w->c, p))
                    claim_foreign(w, feature);
            }
        }
    }
}

fps_status fps__compile_units(fps__compilation *c, uint32_t component, fps__compile_sink *sink,
                              fps_error *error)
{
    unit_work w = {.c = c, .sink = sink, .component = component};
    w.release_count = c->components[component].release_count;
    w.first_unit = (uint32_t)sink->units.count;
    uint16_t *own_weight = malloc(((size_t)c->corpus->feature_count + 1) * sizeof *own_weight);
    uint16_t *all_weight = c->weight;
    w.unit_of = malloc(((size_t)c->corpus->feature_count + 1) * sizeof *w.unit_of);
    fps_status status = FPS_OK;
    if (w.release_count > UINT16_MAX || w.release_count > 64 * 64)
        status = fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                           "component %s has %u releases, 4096 is the most",
                           c->components[component].facts->id, w.release_count);
    else if (!own_weight || !w.unit_of || !list_objects(&w))
        status = fps__fail_memory(error);
    if (status == FPS_OK) {
        take_weights(&w, own_weight);
        c->weight = own_weight;
        for (size_t i = 0; i < w.object_count; i++)
            assign_units(&w, &w.objects[i]);
        if (!list_tuples(&w) || !claim_features(&w))
            status = fps__fail_memory(error);
        c->weight = all_weight;
    }
    free(own_weight);
    free(w.unit_of);
    free(w.objects);
    free(w.builds);
    free(w.tuples);
    free(w.growing.items);
    return status;
}
