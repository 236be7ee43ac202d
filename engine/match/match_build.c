/* Which build of a component an object's functions are of. They speak for a version only where they are so dense that the
 * compiler must be a known one: else the nearest compiler would pass for the version. Then they speak against releases
 * that this compiler built and that lack functions, and less against those that it did not build for us: little where the
 * object itself names another compiler, for then the builder is not the one of the set. */
#include "match/match_posterior.h"

#include "code/toolchain.h"
#include "database/unit_name.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_COMMENTS = 64, /* of an object that are read: one for each compiler */
    MAX_COMMENT = 256, /* bytes of each: a compiler names itself at once */
};

/* Functions by build, and how many stand between the found ones. */
typedef struct census {
    const fps_database *database;
    const fps_object *object; /* NULL when there are several */
    const fps__features *features;
    const fps__hit *hits;
    uint32_t *held;   /* by build: functions found */
    uint32_t *dense;  /* by build: of these, in runs that have functions between found ones */
    bool *comparable; /* by build: it was looked for in the units found; of others nothing is known */
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

/* Marks the builds that can be compared by a unit: they have functions in it, or, when it is a member of an archive, have
 * archives: then they lack it. */
static void mark_comparable(census *all, const fps__set_component *component, uint32_t unit)
{
    bool member = is_member(all->database, unit);
    for (uint32_t b = 0; unit != FPS__NONE && b < all->build_count; b++) {
        fps__set_code_build build;
        if (!all->comparable[b] &&
            fps__database_code_build(all->database, component->build_first + b, &build))
            all->comparable[b] =
                (member && build.archives) || fps__database_unit_total(all->database, unit, b);
    }
}

static void count_candidate(const fps__match_scratch *s, const fps__candidate *c, uint32_t set_id,
                            const fps__set_component *component, census *all)
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
            mark_comparable(all, component, sum.unit);
    }
}

/* ---- what that says of the releases ---- */

/* The builds that hold most of the functions found. */
typedef struct best_builds {
    uint32_t held;
    double density; /* of the functions between found ones of a unit, the part that one of them holds */
} best_builds;

static best_builds find_best(const census *all)
{
    best_builds best = {0, 0};
    for (uint32_t b = 0; b < all->build_count; b++)
        best.held = all->held[b] > best.held ? all->held[b] : best.held;
    for (uint32_t b = 0; b < all->build_count && all->between; b++) {
        double density = (double)all->dense[b] / all->between;
        if (all->held[b] == best.held && density > best.density)
            best.density = density;
    }
    return best;
}

/* True when the same compiler made both for the same machine, as far as is known: that of a distribution's suite, in which
 * updates and backports are built as well ("debian bookworm-security"), or one that is named. */
static bool same_compiler(const fps__set_code_build *a, const fps__set_code_build *b)
{
    if (a->machine != b->machine || strcmp(a->toolchain, b->toolchain) != 0)
        return false;
    size_t length = strcspn(a->origin, "-");
    if (*a->toolchain)
        return strcmp(a->origin, b->origin) == 0;
    return strcspn(b->origin, "-") == length && memcmp(a->origin, b->origin, length) == 0;
}

static bool is_of_best_compiler(const census *all, const fps__set_component *component,
                                const best_builds *best, const fps__set_code_build *build)
{
    for (uint32_t b = 0; b < all->build_count; b++) {
        fps__set_code_build other;
        if (all->held[b] == best->held &&
            fps__database_code_build(all->database, component->build_first + b, &other) &&
            same_compiler(build, &other))
            return true;
    }
    return false;
}

static bool contains_word(const char *text, const char *word, size_t length)
{
    for (size_t i = 0; i < MAX_COMMENT && text[i]; i++)
        if (strncasecmp(text + i, word, length) == 0)
            return true;
    return false;
}

/* True unless the object says who compiled it, and that is another than a build's: a distribution whose name it lacks
 * ("GCC: (Debian 12.2.0-14) 12.2.0"), or another compiler. */
static bool may_be_compiler(const fps_object *object, const fps__set_code_build *build)
{
    size_t count = object ? fps_object_text_count(object, FPS_TEXT_COMMENT) : 0;
    char name[FPS__MAX_TOOLCHAIN];
    if (!count)
        return true;
    if (*build->toolchain) {
        fps__toolchain_name(object, name);
        return !*name || strcmp(name, build->toolchain) == 0;
    }
    for (size_t i = 0; i < count && i < MAX_COMMENTS; i++)
        if (contains_word(fps_object_text(object, FPS_TEXT_COMMENT, i), build->origin,
                          strcspn(build->origin, " ")))
            return true;
    return false;
}

/* Adds to each release what speaks against it: the functions that its build by the same compiler lacks, or that nobody
 * built it with that compiler. */
static bool weigh(const census *all, const fps__set_component *component, const best_builds *best,
                  fps__posterior *p, const char **toolchain)
{
    uint32_t *most = calloc((size_t)component->release_count + 1, sizeof *most); /* held, and one */
    bool proved = false;
    if (!most)
        return false;
    for (uint32_t b = 0; b < all->build_count; b++) {
        fps__set_code_build build;
        if (!fps__database_code_build(all->database, component->build_first + b, &build) ||
            build.release >= component->release_count)
            continue;
        if (all->held[b] == best->held) {
            proved |= may_be_compiler(all->object, &build);
            *toolchain = !*toolchain && *build.toolchain ? build.toolchain : *toolchain;
        }
        if (all->comparable[b] && all->held[b] + 1 > most[build.release] &&
            is_of_best_compiler(all, component, best, &build))
            most[build.release] = all->held[b] + 1;
    }
    double unbuilt = fps__posterior_unbuilt(best->held, proved);
    for (uint32_t i = 0; i < p->hypotheses; i++)
        p->weight[i] -= unbuilt;
    for (uint32_t k = 0; k < component->release_count; k++) {
        uint32_t release = p->set->release[component->release_first + k];
        if (release < p->releases && most[k])
            p->weight[release] += unbuilt - fps__posterior_lacks(best->held + 1 - most[k]);
    }
    free(most);
    return true;
}

fps_status fps__match_build(const fps__match_scratch *s, const fps__match_input *input,
                            const fps__candidate *c, fps__posterior *p, const char **toolchain)
{
    census all = {.database = s->matcher->sets[p->set_id].database,
                  .object = input->object,
                  .features = input->features,
                  .hits = s->hits.items};
    fps__set_component component;
    *toolchain = NULL;
    if (!c->code.count || !fps__database_component(all.database, p->local, &component) ||
        !component.build_count)
        return FPS_OK;
    all.build_count = component.build_count;
    all.held = calloc((size_t)component.build_count, 2 * sizeof *all.held + sizeof *all.comparable);
    if (!all.held)
        return FPS_ERROR_MEMORY;
    all.dense = all.held + component.build_count;
    all.comparable = (bool *)(all.dense + component.build_count);
    count_candidate(s, c, p->set_id, &component, &all);
    best_builds best = find_best(&all);
    bool good = true;
    if (fps__build_decides(best.held, all.found, best.density) &&
        !fps__functions_are_assembly(c->code.units_active, c->texts.units_active)) {
        good = weigh(&all, &component, &best, p, toolchain);
        p->told = true;
    }
    free(all.held);
    return good ? FPS_OK : FPS_ERROR_MEMORY;
}
