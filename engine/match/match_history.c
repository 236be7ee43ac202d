/* What a component's release history says of its version: which release's sources hold the texts that were found, and
 * lack those that were not.
 *
 *   A piece of evidence is a group: the texts of one source file that the same releases hold. A source file counts
 *   (is active) when a good part of what some release has in it was found; of other files nothing is said.
 *
 *   p           the share of its texts that the best release shows: what the build left of them
 *   seen        of a release that has the group: 1 - (1 - p)^n, n texts; of one that lacks it: chance, HISTORY_CHANCE
 *   words       groups of which single words alone were found may be names of functions, which the compiler puts there:
 *               all together they say no more than HISTORY_WORDS
 *   not seen    of a release that has it: (1 - p)^n, or it was left out by configuration (HISTORY_LEFT_OUT); of one
 *               that lacks it: nearly 1
 *   newer       a release newer than all known: a group stays as the newest release has it (HISTORY_STAYS). Before
 *               the evidence it weighs as many releases as should have come out since. Older ones likewise.
 *   unlisted    a release that the history does not list, between two that it does, is like the one before it, and a
 *               little less likely. Of one that was built the build tells (match_fingerprint.c).
 *
 * What a file lacks it lacks together: all that is missing of it says no more than HISTORY_FILE_MISSED against a release.
 * Groups are not independent, so the sum of their logarithms counts by HISTORY_TEMPER.
 */
#include "match/match_posterior.h"

#include "match/match_formula.h"

#include "util/search.h"
#include "util/version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_HITS = 8,                       /* groups of one text */
    MAX_COUNTED = 3,                    /* texts of a group that count: they come and go together */
    LEAST_DATED = 4,                    /* releases with a date that a rate takes */
    UNIT_WORDS = (UINT16_MAX + 1) / 64, /* a bit for each source file of a history */
};
#define LEAST_SHARE .05 /* of p; */
#define MOST_SHARE  .95 /* no build is that empty or whole for sure */

typedef struct group {
    fps__set_history_range range;
    uint32_t found; /* of its texts */
    uint32_t words; /* of these, such as are one word */
} group;

typedef struct telling {
    const fps_database *database;
    fps__set_history history;
    uint32_t releases; /* of the history */
    group *groups;     /* by unit */
    double *sums;      /* arrays of releases + 2 items: */
    double *texts, *seen, *part_texts, *part_seen, *weight, *words;
    double older, newer; /* weights of a release before the first and one behind the last */
    double p;
    uint32_t hits, units;
} telling;

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
                const fps__history_hit hit = {
                    set, ids[k], fps__is_identifier(features->items[i].text, features->items[i].length)};
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

/* The hits of the history among those of all: [first, end). */
static void find_hits(const telling *p, const fps__match_scratch *scratch, uint32_t set, size_t *first,
                      size_t *end)
{
    const fps__history_hit *hits = scratch->history_hits.items;
    const fps__history_hit from = {set, p->history.first_range, false},
                           to = {set, p->history.first_range + p->history.range_count, false};
    FPS__LOWER_BOUND(*first, scratch->history_hits.count, i, compare_hits(&hits[i], &from) < 0);
    FPS__LOWER_BOUND(*end, scratch->history_hits.count, i, compare_hits(&hits[i], &to) < 0);
}

/* Reads the groups of the source files of which something was found, with what was found of each, by unit: others are never
 * active. False without memory. */
static bool read_groups(telling *p, const fps__match_scratch *scratch, size_t at, size_t end)
{
    const fps__history_hit *hits = scratch->history_hits.items;
    uint64_t *units = calloc(UNIT_WORDS, sizeof *units);
    uint32_t kept = 0;
    p->groups = calloc((size_t)p->history.range_count + 1, sizeof *p->groups);
    if (!p->groups || !units) {
        free(units);
        return false;
    }
    for (size_t i = at; i < end; i++) {
        fps__set_history_range range;
        if (fps__database_history_range(p->database, hits[i].range, &range))
            fps__bits_set(units, range.unit & UINT16_MAX);
    }
    for (uint32_t i = 0; i < p->history.range_count; i++) {
        group g = {.found = 0};
        if (!fps__database_history_range(p->database, p->history.first_range + i, &g.range) ||
            !fps__bits_has(units, g.range.unit & UINT16_MAX))
            continue;
        for (; at < end && hits[at].range < p->history.first_range + i;)
            at++;
        for (; at < end && hits[at].range == p->history.first_range + i; at++) {
            g.words += hits[at].word;
            g.found += g.found < g.range.texts;
        }
        p->hits += g.found;
        p->groups[kept++] = g;
    }
    p->history.range_count = kept;
    free(units);
    qsort(p->groups, kept, sizeof *p->groups, compare_units);
    return true;
}

/* ---- sums over releases ---- */

/* Adds `value` to the releases of a group, in an array of differences. */
static void add_to_releases(const telling *p, const group *g, double *differences, double value)
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

/* True when the oldest or newest release of the history has the group. */
static bool holds_end(const telling *p, const group *g, bool newest)
{
    uint32_t first, last, pair = newest ? g->range.pair_count - 1U : 0;
    return g->range.pair_count &&
           fps__database_history_pair(p->database, g->range.pairs + pair, &first, &last) &&
           (newest ? last + 1 == p->releases : first == 0);
}

static void sum_up(double *differences, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        differences[i] += differences[i - 1];
}

/* True when a good part of what some release has in the unit of groups [first, end) was found. */
static bool is_active(telling *p, uint32_t first, uint32_t end)
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
static void choose_units(telling *p)
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

/* ---- likelihoods ---- */

/* What a group says of a release that has it, beside one that lacks it; a logarithm. */
static double weigh_group(const telling *p, const group *g)
{
    uint32_t texts = g->range.texts < MAX_COUNTED ? g->range.texts : MAX_COUNTED;
    double gone = pow(1 - p->p, texts);
    if (!texts)
        return 0;
    if (g->found)
        return log(fmax(1 - gone, LEAST_SHARE)) - log(fps__history_by_chance(g->found));
    return log(fps__history_is_missed(gone)) - log(1 - fps__history_by_chance(1));
}

/* What the groups of one source file say of a release: of those that were found, and of those that were not. */
typedef struct file_weight {
    double seen, missed;
} file_weight;

/* The same of a release beyond the ends of the history, where a group is as at the end or not. */
static void add_beyond(const telling *p, const group *g, double weight, bool newest, file_weight *sum)
{
    double stays = fps__history_stays(holds_end(p, g, newest));
    *(g->found ? &sum->seen : &sum->missed) += log(stays * exp(weight) + 1 - stays);
}

/* Adds up the groups [first, end) of one source file. What is missing of it was left out together, if it was. */
static void weigh_file(telling *p, uint32_t first, uint32_t end)
{
    file_weight newer = {0, 0}, older = {0, 0};
    memset(p->part_texts, 0, (p->releases + 2) * sizeof *p->part_texts);
    memset(p->part_seen, 0, (p->releases + 2) * sizeof *p->part_seen);
    for (uint32_t i = first; i < end; i++) {
        const group *g = &p->groups[i];
        double weight = weigh_group(p, g);
        bool words = g->found && g->words == g->found;
        add_to_releases(p, g, words ? p->words : g->found ? p->part_seen : p->part_texts, weight);
        if (words)
            continue;
        add_beyond(p, g, weight, true, &newer);
        add_beyond(p, g, weight, false, &older);
    }
    sum_up(p->part_texts, p->releases);
    sum_up(p->part_seen, p->releases);
    for (uint32_t r = 0; r < p->releases; r++)
        p->weight[r] += p->part_seen[r] + fps__history_file_misses(p->part_texts[r]);
    p->newer += newer.seen + fps__history_file_misses(newer.missed);
    p->older += older.seen + fps__history_file_misses(older.missed);
}

/* Logarithms of the likelihoods, beside a release that lacks all groups. */
static void weigh_groups(telling *p)
{
    for (uint32_t first = 0, end; first < p->history.range_count; first = end) {
        for (end = first;
             end < p->history.range_count && p->groups[end].range.unit == p->groups[first].range.unit;)
            end++;
        weigh_file(p, first, end);
    }
    double most = -INFINITY;
    sum_up(p->words, p->releases);
    for (uint32_t r = 0; r < p->releases; r++)
        most = fmax(most, p->words[r] = fps__history_temper(p->words[r]));
    for (uint32_t r = 0; r < p->releases; r++)
        p->weight[r] = fps__history_temper(p->weight[r]) + fps__history_words(p->words[r], most);
    p->newer = fps__history_temper(p->newer);
    p->older = fps__history_temper(p->older);
}

/* How many releases should have come out since the newest that is known, up to `today`, in days since 1970: the day of
 * the newest release in the set, so that an answer does not depend on when it is asked for. */
static double expect_newer(const telling *p, uint32_t today)
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

/* ---- from the history's releases to the component's ---- */

static const char *release_version(const telling *p, uint32_t release)
{
    fps__set_history_release read;
    return fps__database_history_release(p->database, p->history.first + release, &read) ? read.version : "";
}

/* Adds the weights of the history to those of the component's releases; both lists are in order. */
static void add_weights(const telling *p, fps__posterior *all)
{
    uint32_t next = 0; /* releases of the history up to the one in hand */
    double most = -INFINITY;
    for (uint32_t r = 0; r < p->releases; r++)
        most = fmax(most, p->weight[r]);
    for (uint32_t r = 0; r < all->releases; r++) {
        const char *version = all->component->releases[r];
        int order = -1;
        while (next < p->releases && (order = fps__version_compare(release_version(p, next), version)) <= 0) {
            next++;
            if (order == 0)
                break;
        }
        uint32_t like = next ? next - 1 : 0;
        bool listed = next && order == 0;
        all->weight[r] += listed                             ? p->weight[like]
                          : all->component->built[r]         ? most - fps__history_unlisted()
                          : next == 0                        ? p->older
                          : next == p->releases && order < 0 ? p->newer
                                                             : p->weight[like] - fps__history_unlisted();
        all->held[r] = listed ? p->texts[like] : 0; /* of others the builds may know */
        all->found[r] = listed ? p->seen[like] : 0;
    }
    all->weight[fps__posterior_older(all)] += p->older;
    all->weight[fps__posterior_newer(all)] += p->newer;
}

fps_status fps__match_history(fps__match_scratch *scratch, const fps__features *features, fps__posterior *all,
                              bool *told)
{
    telling p = {.database = scratch->matcher->sets[all->set_id].database};
    *told = false;
    if (!fps__database_history(p.database, all->local, &p.history) || !p.history.count)
        return FPS_OK;
    if (find_texts(scratch, features) != FPS_OK)
        return FPS_ERROR_MEMORY;
    size_t first, end;
    find_hits(&p, scratch, all->set_id, &first, &end);
    if (!fps__history_is_told((uint32_t)(end - first)))
        return FPS_OK;
    p.releases = p.history.count;
    size_t size = (size_t)p.releases + 2;
    p.sums = calloc(6 * size, sizeof *p.sums);
    bool good = p.sums && read_groups(&p, scratch, first, end);
    if (good && fps__history_is_told(p.hits)) {
        p.texts = p.sums;
        p.seen = p.sums + size;
        p.part_texts = p.sums + 2 * size;
        p.part_seen = p.sums + 3 * size;
        p.weight = p.sums + 4 * size;
        p.words = p.sums + 5 * size;
        choose_units(&p);
        weigh_groups(&p);
        *told = p.units > 0;
        if (*told) {
            add_weights(&p, all);
            all->weight[fps__posterior_newer(all)] +=
                log(expect_newer(&p, scratch->matcher->sets[all->set_id].history_day));
            all->weight[fps__posterior_older(all)] += log(fps__history_newer(0));
        }
    }
    free(p.groups);
    free(p.sums);
    return good ? FPS_OK : FPS_ERROR_MEMORY;
}
