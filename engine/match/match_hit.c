/* The features of an object that components of the open sets hold. */
#include "match/match_internal.h"

#include "util/search.h"

#include <stdlib.h>

/* What is imported is looked up as what is exported. */
static uint64_t lookup_key(const fps__feature *feature)
{
    if (fps__feature_kind_of(feature->key) == FPS__FEATURE_USE)
        return fps__feature_key(feature->key, FPS__FEATURE_NAME);
    return feature->key;
}

/* What a feature says for the component of an entry: a text that says little by itself does not say more for being rare. */
static uint16_t worth_of(const fps__set_entry *entry, const fps__feature *feature)
{
    if (fps__feature_kind_of(feature->key) != FPS__FEATURE_LITERAL)
        return entry->weight;
    unsigned worth = fps__text_worth(feature->text, feature->length);
    return entry->weight < worth ? entry->weight : (uint16_t)worth;
}

/* Adds a hit for each component that has the posting of a feature. */
static fps_status add_hits(fps__match_scratch *s, uint32_t set, const fps__features *features,
                           uint32_t feature, uint32_t posting)
{
    const fps__merged_set *merged = &s->matcher->sets[set];
    uint32_t count = fps__database_posting_size(merged->database, posting);
    fps_status status = FPS_OK;
    for (uint32_t i = 0; status == FPS_OK && i < count; i++) {
        fps__set_entry entry;
        if (!fps__database_entry(merged->database, posting, i, &entry) ||
            entry.component >= merged->component_count || merged->component[entry.component] == FPS__NONE)
            continue;
        fps__hit hit = {.component = merged->component[entry.component],
                        .set = set,
                        .local = entry.component,
                        .unit = entry.unit,
                        .feature = feature,
                        .any = entry.any,
                        .all = entry.all,
                        .weight = entry.weight,
                        .worth = worth_of(&entry, &features->items[feature]),
                        .flags = entry.flags,
                        .kind = fps__feature_kind_of(features->items[feature].key)};
        status = FPS__ARRAY_PUSH(&s->hits, &hit, SIZE_MAX / sizeof hit);
    }
    return status;
}

static int compare_hits(const void *a, const void *b)
{
    const fps__hit *left = a, *right = b;
    const uint32_t l[] = {left->component, left->set, left->unit, left->feature, (uint32_t)left->kind};
    const uint32_t r[] = {right->component, right->set, right->unit, right->feature, (uint32_t)right->kind};
    for (size_t i = 0; i < sizeof l / sizeof *l; i++)
        if (l[i] != r[i])
            return FPS__COMPARE(l[i], r[i]);
    return 0;
}

fps_status fps__match_look_up(fps__match_scratch *s, const fps__features *features)
{
    size_t count = features->count;
    s->keys.count = s->postings.count = s->hits.count = 0;
    s->history_known = s->functions_known = false;
    fps_status status = FPS__ARRAY_RESERVE(&s->keys, count, SIZE_MAX / sizeof *s->keys.items);
    if (status == FPS_OK)
        status = FPS__ARRAY_RESERVE(&s->postings, count, SIZE_MAX / sizeof *s->postings.items);
    for (size_t i = 0; status == FPS_OK && i < count; i++)
        s->keys.items[i] = lookup_key(&features->items[i]);
    for (uint32_t set = 0; status == FPS_OK && set < s->matcher->set_count; set++) {
        fps__database_probe(s->matcher->sets[set].database, s->keys.items, count, s->postings.items);
        for (size_t i = 0; status == FPS_OK && i < count; i++)
            if (s->postings.items[i] != FPS__NONE)
                status = add_hits(s, set, features, (uint32_t)i, s->postings.items[i]);
    }
    if (status == FPS_OK && s->hits.count)
        qsort(s->hits.items, s->hits.count, sizeof *s->hits.items, compare_hits);
    return status;
}

const fps__hit *fps__match_main_hit(const fps__hit *hits, size_t first, size_t end)
{
    const fps__hit *main_hit = &hits[first];
    size_t best = 0, run = 0;
    for (size_t i = first; i < end; i++) {
        run = i > first && hits[i].set == hits[i - 1].set ? run + 1 : 1;
        if (run > best) {
            best = run;
            main_hit = &hits[i];
        }
    }
    return main_hit;
}
