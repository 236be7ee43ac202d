/* What the builds of a set say of a component's version. Two things speak against a release whose builds are known:
 * features in the object that no build of it has (extra), and features that every build of it has in the active units
 * and the object lacks (missing). The features of one unit come and go together, with the release or with the
 * configuration: they are one piece of evidence (FINGERPRINT_UNIT).
 *
 * Nobody built most releases. One that lies between two known ones can hold whatever either holds, so against it speak
 * only what neither has and what both always have. Such a release is FINGERPRINT_BETWEEN less likely where its
 * neighbours differ; beyond the first and the last known one by FINGERPRINT_END. Where a release history tells of each
 * release, neither holds.
 *
 * A foreign build leaves more out and has more than a known one, so a difference counts the less the further even the
 * best release is from the object (FINGERPRINT_SCALE). */
#include "match/match_posterior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct score {
    uint32_t local;   /* release within the set's component */
    uint32_t release; /* within the merged component */
    double hits, extra, missing;
    double extra_between; /* features that neither this release nor the known one before it has */
    double lacks;         /* all that is missing, however many a unit */
    struct {
        double extra, missing, extra_between;
    } unit;     /* the same, of the unit in hand */
    bool equal; /* an object of this release holds the same features, all of them and no others */
} score;

typedef struct comparison {
    const fps__match_scratch *scratch;
    const fps__posterior *p;
    score scores[FPS__MAX_FINGERPRINTS]; /* oldest first */
    uint32_t count;
    bool equal;   /* to some release */
    bool history; /* a release history tells of each release */
} comparison;

/* A set need not list its releases in the order of the merged component, and two of them may be one there. */
static void start_scores(comparison *c)
{
    const fps__merged_set *set = c->p->set;
    fps__set_component component;
    if (!fps__database_component(set->database, c->p->local, &component))
        return;
    const fps__compared *compared = &set->compared[c->p->local];
    for (uint32_t k = 0; k < compared->count; k++) {
        uint32_t local = compared->releases[k], at = c->count;
        fps__set_release info;
        if (!fps__database_release(set->database, component.release_first + local, &info))
            continue;
        uint32_t release = set->release[component.release_first + local];
        if (release >= c->p->releases)
            continue;
        for (; at > 0 && c->scores[at - 1].release > release; at--)
            c->scores[at] = c->scores[at - 1];
        c->scores[at] = (score){.local = local, .release = release};
        c->count++;
    }
}

static void score_hit(comparison *c, const fps__hit *hit)
{
    fps__bit_set any, all;
    if (!fps__database_bit_set(c->p->set->database, hit->any, &any) ||
        !fps__database_bit_set(c->p->set->database, hit->all, &all))
        return;
    double weight = fps__entry_weight(hit->weight);
    bool before = false; /* the release before the one in hand has it */
    for (uint32_t k = 0; k < c->count; k++) {
        score *s = &c->scores[k];
        bool has = fps__bit_set_has(any, s->local);
        if (fps__bit_set_has(all, s->local))
            s->unit.missing -= weight;
        *(has ? &s->hits : &s->unit.extra) += weight;
        if (!has && !before)
            s->unit.extra_between += weight;
        before = has;
    }
}

static void score_unit(comparison *c, const fps__unit_sum *sum)
{
    for (uint32_t k = 0; k < c->count; k++) {
        score *s = &c->scores[k];
        memset(&s->unit, 0, sizeof s->unit);
        s->unit.missing =
            fps__entry_weight(fps__database_unit_total(c->p->set->database, sum->unit, s->local));
    }
    for (size_t i = sum->first; i < sum->end; i++) {
        const fps__hit *hit = &c->scratch->hits.items[i];
        if (fps__hit_is_text(hit))
            score_hit(c, hit);
    }
    for (uint32_t k = 0; k < c->count; k++) {
        score *s = &c->scores[k];
        s->extra += fps__release_piece(s->unit.extra);
        s->missing += fps__release_piece(s->unit.missing);
        s->lacks += fmax(s->unit.missing, 0);
        s->extra_between += fps__release_piece(s->unit.extra_between);
    }
}

/* What only sources hold is left to the release history, where builds are compared. */
static void score_releases(comparison *c, const fps__candidate *candidate)
{
    for (size_t i = candidate->first; i < candidate->end;) {
        fps__unit_sum sum;
        fps__match_unit(c->scratch->matcher, c->scratch->hits.items, i, candidate->end, &sum);
        i = sum.end;
        if (sum.active && sum.set == c->p->set_id && !sum.beside_builds)
            score_unit(c, &sum);
    }
}

/* Marks the releases of which an object holds the same features of this component as the one before us. */
static void find_equal(comparison *c, const fps__features *features, const fps__candidate *candidate)
{
    const fps_database *database = c->p->set->database;
    uint32_t posting = fps__match_content(c->scratch->matcher, c->scratch->hits.items, candidate->first,
                                          candidate->end, features, c->p->set_id);
    for (uint32_t i = 0; posting != FPS__NONE && i < fps__database_posting_size(database, posting); i++) {
        fps__set_entry entry;
        fps__bit_set any;
        if (!fps__database_entry(database, posting, i, &entry) || entry.component != c->p->local ||
            !fps__database_bit_set(database, entry.any, &any))
            continue;
        for (uint32_t k = 0; k < c->count; k++)
            c->scores[k].equal |= fps__bit_set_has(any, c->scores[k].local);
    }
    for (uint32_t k = 1; k < c->count; k++) /* two releases of the set may be one of the component */
        if (c->scores[k].release == c->scores[k - 1].release)
            c->scores[k].equal = c->scores[k - 1].equal = c->scores[k].equal || c->scores[k - 1].equal;
    for (uint32_t k = 0; k < c->count; k++)
        c->equal |= c->scores[k].equal;
}

static double distance(const score *s)
{
    return fps__release_distance(s->extra, s->missing);
}

/* What speaks against the releases that nobody built before score `next`; c->count: behind the last. */
static double distance_between(const comparison *c, uint32_t next)
{
    if (next == 0 || next == c->count) {
        const score *end = &c->scores[next ? c->count - 1 : 0];
        return distance(end) + fps__release_unbuilt(true, false, c->history);
    }
    const score *before = &c->scores[next - 1], *behind = &c->scores[next];
    double missing = fmin(before->missing, behind->missing);
    bool differ = fabs(distance(before) - distance(behind)) > 0;
    return fps__release_distance(behind->extra_between, missing) +
           fps__release_unbuilt(false, differ, c->history);
}

/* The text evidence of the builds: see the top. */
static void weigh_texts(const comparison *c, fps__posterior *p)
{
    double best = INFINITY;
    for (uint32_t k = 0; k < c->count; k++)
        best = fmin(best, distance(&c->scores[k]));
    for (uint32_t r = 0, next = 0; r < p->releases; r++) {
        while (next < c->count && c->scores[next].release < r)
            next++;
        bool known = next < c->count && c->scores[next].release == r;
        double away = known ? distance(&c->scores[next]) : distance_between(c, next);
        p->weight[r] += fps__release_weight(away, best);
        if (known && p->held[r] == 0) {
            p->found[r] = c->scores[next].hits;
            p->held[r] = c->scores[next].hits + c->scores[next].lacks;
        }
    }
    p->weight[fps__posterior_older(p)] += fps__release_weight(distance_between(c, 0), best);
    p->weight[fps__posterior_newer(p)] += fps__release_weight(distance_between(c, c->count), best);
    p->told = true;
}

fps_status fps__match_fingerprints(const fps__match_scratch *scratch, const fps__features *features,
                                   const fps__candidate *candidate, bool history, fps__posterior *p)
{
    comparison *c = calloc(1, sizeof *c);
    if (!c)
        return FPS_ERROR_MEMORY;
    c->scratch = scratch;
    c->p = p;
    c->history = history;
    start_scores(c);
    if (c->count) {
        find_equal(c, features, candidate);
        score_releases(c, candidate);
        weigh_texts(c, p);
    }
    double most = fps__posterior_most(p);
    for (uint32_t k = 0; k < c->count && c->equal; k++)
        if (c->scores[k].equal)
            p->weight[c->scores[k].release] = fps__posterior_equal(most);
    free(c);
    return FPS_OK;
}
