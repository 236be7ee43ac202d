/* Which build of a component an object's functions are of. They speak for a version only where they are so
 * dense that the compiler must be a known one: else the nearest compiler would pass for the version. */
#include "match/match_internal.h"

#include "database/unit_name.h"

#include <stdlib.h>

/* Functions by build, and how many stand between the found ones. */
typedef struct census {
    const fps_database *database;
    const fps__features *features;
    const fps__hit *hits;
    uint32_t *held;  /* by build: functions found */
    uint32_t *dense; /* by build: of these, in runs that have functions between found ones */
    uint32_t build_count;
    uint32_t found;
    uint32_t between; /* functions of the object in these runs, found or not */
    unsigned shift;   /* the set has one in 2^shift functions of the unit in hand: runs count only those */
} census;

/* Functions that tables or symbols name among features [first, last], of the sample. */
static uint32_t count_between(const census *all, uint32_t first, uint32_t last)
{
    uint32_t count = 0;
    for (uint32_t i = first; i <= last; i++) {
        const fps__feature *feature = &all->features->items[i];
        count += !feature->uncertain_start && fps__sample_has(feature->key, all->shift);
    }
    return count;
}

static bool is_sampled(const census *all, const fps__hit *hit)
{
    const fps__feature *feature = &all->features->items[hit->feature];
    return fps__hit_votes_by_code(hit) && !feature->uncertain_start &&
           fps__sample_has(feature->key, all->shift);
}

/* Counts the hits [first, end) of a unit, which stand near each other, by build. */
static void count_run(census *all, size_t first, size_t end)
{
    uint32_t run = 0, last = 0;
    for (size_t i = first; i < end; i++) {
        bool sampled = is_sampled(all, &all->hits[i]);
        run += sampled;
        last = sampled ? all->hits[i].feature : last;
    }
    bool has_between = fps__run_has_between(run);
    for (size_t i = first; i < end; i++) {
        fps__bit_set any;
        if (!fps__hit_votes_by_code(&all->hits[i]) ||
            !fps__database_bit_set(all->database, all->hits[i].any, &any))
            continue;
        bool dense = has_between && is_sampled(all, &all->hits[i]);
        all->found++;
        for (uint32_t b = 0; b < all->build_count; b++) {
            bool held = fps__bit_set_has(any, b);
            all->held[b] += held;
            all->dense[b] += dense && held;
        }
    }
    if (has_between)
        all->between += count_between(all, all->hits[first].feature, last);
}

static bool is_member(const fps_database *database, uint32_t id)
{
    fps__set_unit unit;
    return id != FPS__NONE && fps__database_unit(database, id, &unit) && fps__unit_is_member(unit.kind);
}

/* The hits of a unit come in the order of their addresses; a long gap between two ends a run. */
static void count_unit(census *all, const fps__code_sum *sum)
{
    size_t first = sum->first;
    while (first < sum->end && !fps__hit_votes_by_code(&all->hits[first]))
        first++;
    uint32_t last = first < sum->end ? all->hits[first].feature : 0;
    for (size_t i = first; i < sum->end; i++) {
        if (!fps__hit_votes_by_code(&all->hits[i]))
            continue;
        if (fps__run_ends(all->hits[i].feature, last, all->shift)) {
            count_run(all, first, i);
            first = i;
        }
        last = all->hits[i].feature;
    }
    if (first < sum->end)
        count_run(all, first, sum->end);
}

/* Marks the releases whose builds can be compared by a unit: they have functions in it, or, when it is a
 * member of an archive, have archives: then they lack it. */
static void mark_compared(const fps_database *database, const fps__set_component *component, uint32_t unit,
                          fps__build_verdict *v)
{
    bool member = is_member(database, unit);
    for (uint32_t b = 0; unit != FPS__NONE && b < component->build_count; b++) {
        fps__set_code_build build;
        if (fps__database_code_build(database, component->build_first + b, &build) &&
            build.release < FPS__MAX_RELEASES &&
            ((member && build.archives) || fps__database_unit_total(database, unit, b)))
            fps__bits_set(v->compared.words, build.release);
    }
}

/* The releases of the builds that hold as many of the found functions as the best. */
static void choose_builds(const census *all, const fps__set_component *component, fps__build_verdict *v)
{
    v->hits = all->found;
    for (uint32_t b = 0; b < all->build_count; b++)
        v->best = all->held[b] > v->best ? all->held[b] : v->best;
    for (uint32_t b = 0; b < all->build_count && v->best; b++) {
        fps__set_code_build build;
        if (all->held[b] < v->best ||
            !fps__database_code_build(all->database, component->build_first + b, &build) ||
            build.release >= FPS__MAX_RELEASES)
            continue;
        fps__bits_set(v->releases.words, build.release);
        if (!v->toolchain && *build.toolchain)
            v->toolchain = build.toolchain;
        double density = all->between ? (double)all->dense[b] / all->between : 0;
        v->density = density > v->density ? density : v->density;
    }
}

static void count_candidate(const fps__match_scratch *s, const fps__candidate *c, uint32_t set_id,
                            const fps__set_component *component, census *all, fps__build_verdict *v)
{
    for (size_t i = c->first; i < c->end;) {
        fps__code_sum sum;
        if (!fps__hit_is_function(&all->hits[i]) || all->hits[i].set != set_id) {
            i++;
            continue;
        }
        fps__match_code_unit(s->matcher, all->features, all->hits, i, c->end, &sum);
        i = sum.end;
        all->shift =
            is_member(all->database, sum.unit) ? component->sample_members : component->sample_others;
        count_unit(all, &sum);
        if (sum.active)
            mark_compared(all->database, component, sum.unit, v);
    }
}

fps_status fps__match_build(const fps__match_scratch *s, const fps__features *features,
                            const fps__candidate *c, uint32_t set_id, uint32_t local, fps__build_verdict *v)
{
    census all = {.database = s->matcher->sets[set_id].database, .features = features, .hits = s->hits.items};
    fps__set_component component;
    *v = (fps__build_verdict){0};
    if (!c->code.count || !fps__database_component(all.database, local, &component) || !component.build_count)
        return FPS_OK;
    all.build_count = component.build_count;
    all.held = calloc((size_t)component.build_count * 2, sizeof *all.held);
    if (!all.held)
        return FPS_ERROR_MEMORY;
    all.dense = all.held + component.build_count;
    count_candidate(s, c, set_id, &component, &all, v);
    choose_builds(&all, &component, v);
    v->decides = fps__build_decides(v->best, v->hits, v->density) &&
                 !fps__functions_are_assembly(c->code.units_active, c->texts.units_active);
    free(all.held);
    return FPS_OK;
}
