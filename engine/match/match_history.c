/* The version of a component by its release history: which release's sources hold the texts that were found, and lack
 * those that were not. One model:
 *
 *   A piece of evidence is a group: the texts of one source file that the same releases hold. A source file counts
 *   (is active) when a good part of what some release has in it was found; of other files nothing is said.
 *
 *   p           the share of its texts that the best release shows: what the build left of them
 *   seen        of a release that has the group: 1 - (1 - p)^n, n texts; of one that lacks it: chance, HISTORY_CHANCE
 *   not seen    of a release that has it: (1 - p)^n, or it was left out by configuration (HISTORY_LEFT_OUT); of one
 *               that lacks it: nearly 1
 *   newer       the hypothesis of a release newer than all known: a group stays as the newest release has it
 *               (HISTORY_STAYS). Before the evidence it weighs as many releases as should have come out since.
 *   reading     a version text of the component in the object multiplies that release by exp(HISTORY_READING)
 *
 * Groups are not independent, so the sum of their logarithms counts by HISTORY_TEMPER. The answer is the smallest set of
 * releases that holds HISTORY_MASS of the posterior.
 */
#include "match/match_history.h"

#include "match/match_formula.h"

#include "util/search.h"
#include "util/version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_HITS = 8,    /* groups of one text */
    MAX_COUNTED = 3, /* texts of a group that count: they come and go together */
    LEAST_DATED = 4, /* releases with a date that a rate takes */
    MAX_SCORES = 40, /* in the table for explain */
};
#define LEAST_SHARE .05 /* of p; */
#define MOST_SHARE  .95 /* no build is that empty or whole for sure */

typedef struct group {
    fps__set_history_range range;
    uint32_t found;
} group;

typedef struct posterior {
    const fps_database *database;
    fps__set_history history;
    uint32_t releases; /* of the history; index `releases` is a newer one, those behind it are readings */
    uint32_t hypotheses;
    group *groups; /* by unit */
    double *sums;  /* arrays of releases + 2 items: */
    double *texts, *seen, *part_texts, *part_seen, *weight;
    double p;
    uint32_t hits, units;
    uint32_t *listed; /* by reading: the release that it names, FPS__NONE when the history does not list it */
} posterior;

/* ---- what was found ---- */

static int compare_hits(const void *left, const void *right)
{
    const fps__history_hit *a = left, *b = right;
    return a->set != b->set ? FPS__COMPARE(a->set, b->set) : FPS__COMPARE(a->range, b->range);
}

/* Finds the texts of all histories in the object, when that was not done for it yet. */
static fps_status find_texts(fps__match_scratch *scratch, const fps__features *features)
{
    const fps__matcher *matcher = scratch->matcher;
    if (scratch->history_known)
        return FPS_OK;
    scratch->history_known = true;
    scratch->history_hits.count = 0;
    for (uint32_t set = 0; set < matcher->set_count; set++) {
        const fps_database *database = matcher->sets[set].database;
        for (size_t i = 0; fps__database_history_count(database) && i < features->literal_count; i++) {
            uint32_t ids[MAX_HITS];
            size_t count = fps__database_history_find(database, features->items[i].key, ids, MAX_HITS);
            for (size_t k = 0; k < count && k < MAX_HITS; k++) {
                const fps__history_hit hit = {set, ids[k]};
                if (FPS__ARRAY_PUSH(&scratch->history_hits, &hit, UINT32_MAX) != FPS_OK)
                    return FPS_ERROR_MEMORY;
            }
        }
    }
    if (scratch->history_hits.count)
        qsort(scratch->history_hits.items, scratch->history_hits.count, sizeof *scratch->history_hits.items,
              compare_hits);
    return FPS_OK;
}

static int compare_units(const void *left, const void *right)
{
    const group *a = left, *b = right;
    return FPS__COMPARE(a->range.unit, b->range.unit);
}

/* Reads the groups of the history with what was found of each, by unit. False without memory. */
static bool read_groups(posterior *p, const fps__match_scratch *scratch, uint32_t set)
{
    const fps__history_hit *hits = scratch->history_hits.items;
    const fps__history_hit wanted = {set, p->history.first_range};
    size_t at;
    p->groups = calloc((size_t)p->history.range_count + 1, sizeof *p->groups);
    if (!p->groups)
        return false;
    FPS__LOWER_BOUND(at, scratch->history_hits.count, i, compare_hits(&hits[i], &wanted) < 0);
    for (uint32_t i = 0; i < p->history.range_count; i++) {
        group *g = &p->groups[i];
        if (!fps__database_history_range(p->database, p->history.first_range + i, &g->range))
            g->range = (fps__set_history_range){.texts = 0};
        for (; at < scratch->history_hits.count && hits[at].set == set &&
               hits[at].range == p->history.first_range + i;
             at++)
            g->found += g->found < g->range.texts;
        p->hits += g->found;
    }
    qsort(p->groups, p->history.range_count, sizeof *p->groups, compare_units);
    return true;
}

/* ---- sums over releases ---- */

/* Adds `value` to the releases of a group, in an array of differences. */
static void add_to_releases(const posterior *p, const group *g, double *differences, double value)
{
    for (uint32_t i = 0; i < g->range.pair_count; i++) {
        uint32_t first, last;
        if (!fps__database_history_pair(p->database, g->range.pairs + i, &first, &last) ||
            last >= p->releases)
            continue;
        differences[first] += value;
        differences[last + 1] -= value;
    }
}

static bool holds_newest(const posterior *p, const group *g)
{
    uint32_t first, last;
    return g->range.pair_count &&
           fps__database_history_pair(p->database, g->range.pairs + g->range.pair_count - 1, &first, &last) &&
           last + 1 == p->releases;
}

static void sum_up(double *differences, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        differences[i] += differences[i - 1];
}

/* True when a good part of what some release has in the unit of groups [first, end) was found. */
static bool is_active(posterior *p, uint32_t first, uint32_t end)
{
    bool any = false;
    for (uint32_t i = first; i < end; i++)
        any |= p->groups[i].found;
    if (!any)
        return false;
    memset(p->part_texts, 0, (p->releases + 2) * sizeof *p->part_texts);
    memset(p->part_seen, 0, (p->releases + 2) * sizeof *p->part_seen);
    for (uint32_t i = first; i < end; i++) {
        add_to_releases(p, &p->groups[i], p->part_texts, p->groups[i].range.texts);
        add_to_releases(p, &p->groups[i], p->part_seen, p->groups[i].found);
    }
    sum_up(p->part_texts, p->releases);
    sum_up(p->part_seen, p->releases);
    for (uint32_t r = 0; r < p->releases; r++)
        if (fps__history_unit_is_active(p->part_seen[r], p->part_texts[r]))
            return true;
    return false;
}

/* Drops the groups of units that are not active, and finds p. */
static void choose_units(posterior *p)
{
    uint32_t kept = 0;
    for (uint32_t first = 0, end; first < p->history.range_count; first = end) {
        for (end = first;
             end < p->history.range_count && p->groups[end].range.unit == p->groups[first].range.unit;)
            end++;
        if (!is_active(p, first, end))
            continue;
        p->units++;
        for (uint32_t r = 0; r < p->releases; r++) {
            p->texts[r] += p->part_texts[r];
            p->seen[r] += p->part_seen[r];
        }
        for (uint32_t i = first; i < end; i++)
            p->groups[kept++] = p->groups[i];
    }
    p->history.range_count = kept;
    for (uint32_t r = 0; r < p->releases; r++) {
        double share = (p->seen[r] + .5) / (p->texts[r] + 1.5);
        p->p = p->texts[r] > 0 && share > p->p ? share : p->p;
    }
    p->p = fmin(fmax(p->p, LEAST_SHARE), MOST_SHARE);
}

/* ---- the posterior ---- */

/* Logarithms of the likelihoods. The array of differences starts with what a release has that lacks all groups. */
static void weigh_groups(posterior *p)
{
    double lacking = 0, newer = 0;
    for (uint32_t i = 0; i < p->history.range_count; i++) {
        const group *g = &p->groups[i];
        uint32_t texts = g->range.texts < MAX_COUNTED ? g->range.texts : MAX_COUNTED;
        double gone = pow(1 - p->p, texts), has, lacks;
        if (!texts)
            continue;
        if (g->found) {
            has = fmax(1 - gone, LEAST_SHARE);
            lacks = fps__history_by_chance(g->found);
        } else {
            has = fps__history_is_missed(gone);
            lacks = 1 - fps__history_by_chance(1);
        }
        double stays = fps__history_stays(holds_newest(p, g));
        lacking += log(lacks);
        newer += log(stays * has + (1 - stays) * lacks);
        add_to_releases(p, g, p->weight, log(has) - log(lacks));
    }
    sum_up(p->weight, p->releases);
    for (uint32_t r = 0; r < p->releases; r++)
        p->weight[r] = fps__history_temper(p->weight[r] + lacking);
    p->weight[p->releases] = fps__history_temper(newer);
}

/* How many releases should have come out since the newest that is known, up to `today`, in days since 1970: the day of
 * the newest release in the set, so that an answer does not depend on when it is asked for. */
static double expect_newer(const posterior *p, uint32_t today)
{
    uint32_t oldest = UINT32_MAX, newest = 0, dated = 0;
    for (uint32_t r = 0; r < p->releases; r++) {
        fps__set_history_release release;
        if (!fps__database_history_release(p->database, p->history.first + r, &release) || !release.day)
            continue;
        oldest = release.day < oldest ? release.day : oldest;
        newest = release.day > newest ? release.day : newest;
        dated++;
    }
    if (dated < LEAST_DATED || newest <= oldest || newest >= today)
        return fps__history_newer(0);
    double rate = (double)dated / (newest - oldest);
    return fps__history_newer(rate * (today - newest));
}

/* A version text that the history does not list is a hypothesis of its own: like the release before it, or like a newer
 * one. */
static void weigh_readings(posterior *p, const fps__history_reading *readings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double worth = fps__history_reading_worth(readings[i].bare);
        double before = -INFINITY;
        bool listed = false, last = true;
        for (uint32_t r = 0; r < p->releases; r++) {
            fps__set_history_release release;
            if (!fps__database_history_release(p->database, p->history.first + r, &release))
                continue;
            int order = fps__version_compare(release.version, readings[i].version);
            if (order == 0) {
                p->weight[r] += worth;
                p->listed[i] = r;
                listed = true;
            }
            last &= order < 0;
            before = order < 0 ? p->weight[r] : before;
        }
        uint32_t own = p->releases + 1 + (uint32_t)i;
        p->weight[own] = listed ? -INFINITY : (last ? p->weight[p->releases] : before) + worth;
    }
}

static void make_shares(posterior *p)
{
    double most = -INFINITY, sum = 0;
    for (uint32_t r = 0; r < p->hypotheses; r++)
        most = fmax(most, p->weight[r]);
    for (uint32_t r = 0; r < p->hypotheses; r++)
        sum += p->weight[r] = exp(p->weight[r] - most);
    for (uint32_t r = 0; r < p->hypotheses; r++)
        p->weight[r] /= sum;
}

/* The share from which on releases are in the smallest set with the mass that is asked for. */
static int compare_shares(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a < b) - (a > b);
}

static double find_bound(posterior *p, double *mass)
{
    memcpy(p->part_seen, p->weight, p->hypotheses * sizeof *p->part_seen);
    qsort(p->part_seen, p->hypotheses, sizeof *p->part_seen, compare_shares);
    *mass = 0;
    for (uint32_t i = 0; i < p->hypotheses; i++) {
        *mass += p->part_seen[i];
        if (fps__history_is_enough(*mass))
            return p->part_seen[i];
    }
    return 0;
}

static int compare_scores(const void *left, const void *right)
{
    const fps_version_score *a = left, *b = right;
    return (a->score < b->score) - (a->score > b->score);
}

/* The table for explain: what each release has of the active source files, what of that was found, and its probability. */
static bool list_scores(const posterior *p, double bound, fps__arena *arena, fps__history_answer *answer)
{
    fps_version_score *list = fps__arena_array(arena, (size_t)p->releases + 1, sizeof *list);
    size_t count = 0;
    char text[FPS__MAX_VERSION + 8];
    for (uint32_t r = 0; list && r <= p->releases; r++) {
        fps__set_history_release release = {.version = NULL};
        bool newer = r == p->releases;
        uint32_t like = newer ? r - 1 : r;
        if (!fps__database_history_release(p->database, p->history.first + like, &release))
            continue;
        snprintf(text, sizeof text, "> %.*s", FPS__MAX_VERSION, release.version);
        list[count++] = (fps_version_score){
            .version = newer ? fps__arena_string(arena, text) : release.version,
            .fingerprinted = true,
            .hits = (uint32_t)(p->seen[like] + .5),
            .misses = (uint32_t)(p->texts[like] - p->seen[like] + .5),
            .score = p->weight[r],
            .excluded_by = p->weight[r] >= bound ? NULL : "less likely than those of the answer"};
        if (!list[count - 1].version)
            return false;
    }
    if (count)
        qsort(list, count, sizeof *list, compare_scores);
    answer->scores = list;
    answer->score_count = count < MAX_SCORES ? count : MAX_SCORES;
    return list != NULL;
}

/* The versions of the answer in their order: releases of the history, and readings that it does not list. */
static bool list_answer(posterior *p, const fps__history_reading *readings, size_t count, fps__arena *arena,
                        fps__history_answer *answer)
{
    double bound = find_bound(p, &answer->confidence);
    answer->versions = fps__arena_array(arena, (size_t)p->hypotheses + 1, sizeof *answer->versions);
    if (!answer->versions)
        return false;
    for (uint32_t r = 0; r < p->releases; r++) {
        fps__set_history_release release;
        if (!fps__database_history_release(p->database, p->history.first + r, &release))
            continue;
        answer->newest = release.version;
        if (p->weight[r] >= bound)
            answer->versions[answer->count++] = release.version;
    }
    answer->newer = p->weight[p->releases] >= bound;
    for (size_t i = 0; i < count; i++) {
        if (p->listed[i] != FPS__NONE) {
            answer->read = p->weight[p->listed[i]] >= bound ? readings[i].version : answer->read;
            continue;
        }
        if (p->weight[p->releases + 1 + i] < bound)
            continue;
        size_t at = answer->count++;
        for (; at > 0 && fps__version_compare(answer->versions[at - 1], readings[i].version) > 0; at--)
            answer->versions[at] = answer->versions[at - 1];
        answer->versions[at] = readings[i].version;
        answer->read = readings[i].version;
    }
    return list_scores(p, bound, arena, answer);
}

fps_status fps__match_history(fps__match_scratch *scratch, const fps__features *features, uint32_t set_id,
                              uint32_t local, const fps__history_reading *readings, size_t reading_count,
                              fps__arena *arena, fps__history_answer *answer, bool *found)
{
    posterior p = {.database = scratch->matcher->sets[set_id].database};
    bool good = true;
    *found = false;
    *answer = (fps__history_answer){.count = 0};
    if (!fps__database_history(p.database, local, &p.history) || !p.history.count)
        return FPS_OK;
    if (find_texts(scratch, features) != FPS_OK)
        return FPS_ERROR_MEMORY;
    p.releases = p.history.count;
    p.hypotheses = p.releases + 1 + (uint32_t)reading_count;
    size_t size = (size_t)p.hypotheses + 1;
    p.listed = fps__arena_array(arena, reading_count + 1, sizeof *p.listed);
    for (size_t i = 0; p.listed && i < reading_count; i++)
        p.listed[i] = FPS__NONE;
    p.sums = calloc(5 * size, sizeof *p.sums);
    good = p.sums && p.listed && read_groups(&p, scratch, set_id);
    if (good && fps__history_is_told(p.hits)) {
        p.texts = p.sums;
        p.seen = p.sums + size;
        p.part_texts = p.sums + 2 * size;
        p.part_seen = p.sums + 3 * size;
        p.weight = p.sums + 4 * size;
        choose_units(&p);
        weigh_groups(&p);
        p.weight[p.releases] += log(expect_newer(&p, scratch->matcher->sets[set_id].history_day));
        weigh_readings(&p, readings, reading_count);
        make_shares(&p);
        good = list_answer(&p, readings, reading_count, arena, answer);
        *found = good && p.units > 0;
    }
    free(p.groups);
    free(p.sums);
    return good ? FPS_OK : FPS_ERROR_MEMORY;
}
