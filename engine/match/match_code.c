/* What the functions of an object say: which units of code are there, and which build of a component they are
 * of.
 *
 * A function's hash is met by chance far less than a text is; what is met is shared code (research:
 * experiments, sections 1 and 6). So a few functions of 16 instructions and more, in units of which a good
 * part is there, open a component. For the version they only speak where they are so dense that the compiler
 * must be a known one.
 */
#include "match/match_internal.h"

#include "code/code.h"

#include <stdlib.h>
#include <string.h>

enum { SHARED_WEIGHT = 4 }; /* of a function that two families hold, or one and unrelated packages */

static bool is_function(const fps__hit *hit)
{
    return hit->kind == FPS__FEATURE_FUNCTION;
}

static bool votes(const fps__hit *hit)
{
    return is_function(hit) && !hit->claimed && !(hit->flags & FPS__ENTRY_FOREIGN);
}

/* What a function of so many instructions is worth: below 16, chance and copies are too common to open
 * anything. */
static double size_worth(uint32_t instructions)
{
    if (instructions < FPS__CODE_OPEN)
        return 0;
    return instructions < 24 ? .6 : instructions < 40 ? .8 : 1;
}

/* The best part of the unit's functions, by weight, that one code build has and the object shows. */
static double best_coverage(const fps__matcher *matcher, const fps__hit *hits, const fps__code_sum *sum)
{
    const fps_database *database = matcher->sets[sum->set].database;
    fps__set_component component;
    double best = 0;
    if (!fps__database_component(database, hits[sum->first].local, &component))
        return 0;
    for (uint32_t b = 0; b < component.build_count; b++) {
        double total = fps__database_unit_total(database, sum->unit, b) / 16.0, found = 0;
        for (size_t i = sum->first; total > 0 && i < sum->end; i++) {
            fps__bit_set any;
            if (votes(&hits[i]) && fps__database_bit_set(database, hits[i].any, &any) &&
                fps__bit_set_has(any, b))
                found += hits[i].weight / 16.0;
        }
        if (total > 0 && found / total > best)
            best = found / total;
    }
    return best;
}

void fps__match_code_unit(const fps__matcher *matcher, const fps__features *features, const fps__hit *hits,
                          size_t first, size_t limit, fps__code_sum *sum)
{
    *sum = (fps__code_sum){.set = hits[first].set, .unit = hits[first].unit, .first = first, .end = first};
    while (sum->end < limit && hits[sum->end].set == sum->set && hits[sum->end].unit == sum->unit) {
        const fps__hit *hit = &hits[sum->end++];
        if (!votes(hit))
            continue;
        double worth = size_worth(features->items[hit->feature].instructions) * hit->weight / 16.0;
        sum->hits++;
        sum->open += worth > 0 && hit->weight > SHARED_WEIGHT;
        sum->evidence += worth;
    }
    if (!sum->hits || sum->unit == FPS__NONE)
        return;
    sum->coverage = best_coverage(matcher, hits, sum);
    sum->active = sum->open && ((sum->coverage >= .3 && sum->hits >= 2) || sum->coverage >= .7);
}

void fps__match_weigh_code(const fps__match_scratch *s, const fps__features *features, fps__candidate *c)
{
    const fps__hit *hits = s->hits.items;
    for (size_t i = c->first; i < c->end;) {
        if (!is_function(&hits[i])) {
            i++;
            continue;
        }
        fps__code_sum sum;
        fps__match_code_unit(s->matcher, features, hits, i, c->end, &sum);
        for (size_t k = i; k < sum.end; k++)
            c->code_explained += is_function(&hits[k]) && !hits[k].claimed;
        i = sum.end;
        c->function_count += sum.hits;
        c->code_units_touched += sum.hits > 0;
        if (!sum.active)
            continue;
        c->code_units_active++;
        c->code += sum.evidence;
        c->open_functions += sum.open;
    }
}

bool fps__candidate_opens_by_code(const fps__candidate *c, double part)
{
    if (c->runtime && c->code_units_active < RUNTIME_UNITS)
        return false;
    return c->code >= OPEN_CODE * part && c->open_functions >= OPEN_FUNCTIONS * part;
}

/* ---- which build ---- */

static bool is_member(const fps_database *database, uint32_t id)
{
    fps__set_unit unit;
    return id != FPS__NONE && fps__database_unit(database, id, &unit) && strchr(unit.name, '(');
}

/* Functions by build, and how many stand between the found ones. */
typedef struct census {
    uint32_t *hits;  /* by build */
    uint32_t *dense; /* by build: of these, in units with a span */
    uint32_t build_count;
    uint32_t found;
    uint32_t between; /* functions of the object in these runs, found or not */
    unsigned shift;   /* sample of the unit in hand: only what passes it is counted in runs */
} census;

/* Functions that tables or symbols name among features [first, last], of the sample. */
static uint32_t count_between(const fps__features *features, uint32_t first, uint32_t last, unsigned shift)
{
    uint32_t count = 0;
    for (uint32_t i = first; i <= last; i++)
        count += !features->items[i].uncertain_start && fps__sample_has(features->items[i].key, shift);
    return count;
}

static bool is_sampled(const fps__features *features, const fps__hit *hit, unsigned shift)
{
    const fps__feature *feature = &features->items[hit->feature];
    return votes(hit) && !feature->uncertain_start && fps__sample_has(feature->key, shift);
}

/* Counts the hits [first, end) of a unit, which stand near each other, by build. */
static void count_run(const fps_database *database, const fps__features *features, const fps__hit *hits,
                      size_t first, size_t end, census *all)
{
    uint32_t run = 0, last = 0;
    for (size_t i = first; i < end; i++) {
        bool sampled = is_sampled(features, &hits[i], all->shift);
        run += sampled;
        last = sampled ? hits[i].feature : last;
    }
    for (size_t i = first; i < end; i++) {
        fps__bit_set any;
        if (!votes(&hits[i]) || !fps__database_bit_set(database, hits[i].any, &any))
            continue;
        all->found++;
        for (uint32_t b = 0; b < all->build_count; b++) {
            all->hits[b] += fps__bit_set_has(any, b);
            all->dense[b] +=
                run >= 2 && is_sampled(features, &hits[i], all->shift) && fps__bit_set_has(any, b);
        }
    }
    if (run >= 2)
        all->between += count_between(features, hits[first].feature, last, all->shift);
}

/* What sample of the functions of a unit is in the set. */
static unsigned unit_sample(const fps_database *database, const fps__set_component *component, uint32_t id)
{
    return is_member(database, id) ? component->sample_members : component->sample_others;
}

/* The hits of a unit come in the order of their places; a long gap between two ends a run. */
static void count_unit(const fps_database *database, const fps__features *features, const fps__hit *hits,
                       const fps__code_sum *sum, census *all)
{
    enum { GAP = 6 };
    size_t first = sum->first;
    while (first < sum->end && !votes(&hits[first]))
        first++;
    uint32_t last = first < sum->end ? hits[first].feature : 0;
    for (size_t i = first; i < sum->end; i++) {
        if (!votes(&hits[i]))
            continue;
        if (hits[i].feature > last + ((uint32_t)GAP << all->shift)) {
            count_run(database, features, hits, first, i, all);
            first = i;
        }
        last = hits[i].feature;
    }
    if (first < sum->end)
        count_run(database, features, hits, first, sum->end, all);
}

/* Marks the releases whose builds can be compared by a unit: they have functions in it, or, when it is a
 * member of an archive, have archives: then they lack it. */
static void mark_compared(const fps_database *database, const fps__set_component *component, uint32_t unit,
                          fps__code_verdict *v)
{
    bool member = is_member(database, unit);
    for (uint32_t b = 0; unit != FPS__NONE && b < component->build_count; b++) {
        fps__set_code_build build;
        if (fps__database_code_build(database, component->build_first + b, &build) &&
            build.release / 64 < 64 &&
            ((member && build.archives) || fps__database_unit_total(database, unit, b)))
            v->compared[build.release / 64] |= (uint64_t)1 << (build.release % 64);
    }
}

/* The releases of the builds that hold as many of the found functions as the best. */
static void choose_builds(const fps_database *database, const fps__set_component *component,
                          const census *all, fps__code_verdict *v)
{
    for (uint32_t b = 0; b < all->build_count; b++)
        v->best = all->hits[b] > v->best ? all->hits[b] : v->best;
    for (uint32_t b = 0; b < all->build_count && v->best; b++) {
        fps__set_code_build build;
        if (all->hits[b] < v->best ||
            !fps__database_code_build(database, component->build_first + b, &build) ||
            build.release / 64 >= 64)
            continue;
        v->releases[build.release / 64] |= (uint64_t)1 << (build.release % 64);
        if (!v->toolchain && *build.toolchain)
            v->toolchain = build.toolchain;
        double density = all->between ? (double)all->dense[b] / all->between : 0;
        v->density = density > v->density ? density : v->density;
    }
}

fps_status fps__match_code_verdict(const fps__match_scratch *s, const fps__features *features,
                                   const fps__candidate *c, uint32_t set_id, uint32_t local,
                                   fps__code_verdict *v)
{
    enum { FOUND_LEAST = 3, MANY = 20 };
    const fps_database *database = s->matcher->sets[set_id].database;
    const fps__hit *hits = s->hits.items;
    fps__set_component component;
    memset(v, 0, sizeof *v);
    if (!c->function_count || !fps__database_component(database, local, &component) || !component.build_count)
        return FPS_OK;
    census all = {.build_count = component.build_count};
    all.hits = calloc((size_t)component.build_count * 2, sizeof *all.hits);
    if (!all.hits)
        return FPS_ERROR_MEMORY;
    all.dense = all.hits + component.build_count;
    for (size_t i = c->first; i < c->end;) {
        fps__code_sum sum;
        if (!is_function(&hits[i]) || hits[i].set != set_id) {
            i++;
            continue;
        }
        fps__match_code_unit(s->matcher, features, hits, i, c->end, &sum);
        i = sum.end;
        all.shift = unit_sample(database, &component, sum.unit);
        count_unit(database, features, hits, &sum, &all);
        if (sum.active)
            mark_compared(database, &component, sum.unit, v);
    }
    v->hits = all.found;
    choose_builds(database, &component, &all, v);
    double explained = v->hits ? (double)v->best / v->hits : 0;
    bool sparse = c->code_units_active * 2 < c->units_active; /* assembly, the same under every compiler */
    v->decides = v->best >= FOUND_LEAST && explained >= CODE_EXPLAINS && v->density >= CODE_DENSE;
    v->decides |= v->best >= MANY && explained >= CODE_MANY_EXPLAINS && v->density >= CODE_MANY_DENSE;
    v->decides &= !sparse;
    free(all.hits);
    return FPS_OK;
}
