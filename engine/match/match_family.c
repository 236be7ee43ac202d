/* Which members of a family are there: a fork, an ancestor and a sibling hold much of what the others do.
 *
 * Two members are compared by what each has in the object and the other never has. The one that explains most was decided
 * first and leads. A member with nothing of its own beside it is not there for what is known. Where neither has anything of
 * its own, nothing tells which of them it is, and the finding names both. A member that has functions alone of its own, beside
 * one that texts tell, has nothing: they may be the other's, made by a compiler by which the set knows this one alone.
 */
#include "match/match_internal.h"

#include <string.h>

/* In seen_by: the other member has the feature; it was counted. */
enum { IN_OTHER = UINT32_MAX, COUNTED = UINT32_MAX - 1 };

static void mark(fps__match_scratch *s, const fps__candidate *c, uint32_t value)
{
    for (size_t i = c->first; i < c->end; i++)
        s->seen_by.items[s->hits.items[i].feature] = value;
}

/* What a feature of one member is worth beside another. `by_sources`: of the other only sources are known, which tell no
 * functions and no data, but what a person wrote. */
static double evidence_of(const fps__hit *hit, const fps__features *features, bool by_sources)
{
    const fps__feature *feature = &features->items[hit->feature];
    if (fps__hit_is_evidence(hit))
        return !by_sources ||
                       (hit->kind == FPS__FEATURE_LITERAL && fps__is_sentence(feature->text, feature->length))
                   ? fps__entry_weight(hit->weight)
                   : 0;
    if (by_sources || !fps__hit_is_function(hit) || (hit->flags & FPS__ENTRY_FOREIGN))
        return 0;
    return fps__function_admits(feature->instructions, hit->weight)
               ? FPS__CODE_WORTH * fps__function_worth(feature->instructions) * fps__entry_weight(hit->weight)
               : 0;
}

bool fps__match_is_known_by_sources(const fps__match_scratch *s, const fps__candidate *c)
{
    const fps__hit *hit = fps__match_main_hit(s->hits.items, c->first, c->end);
    const fps__compared *compared = &s->matcher->sets[hit->set].compared[hit->local];
    return compared->count && !compared->built;
}

/* What one member has beside another, in features: those that the other lacks and that no third component was given, and those
 * that both have. */
typedef struct evidence_beside {
    double own, shared;
    double own_texts; /* a part of `own`: all but functions */
} evidence_beside;

static evidence_beside compare_members(fps__match_scratch *s, const fps__features *features,
                                       const fps__candidate *c, const fps__candidate *other)
{
    evidence_beside sum = {0, 0, 0};
    bool by_sources = fps__match_is_known_by_sources(s, other);
    mark(s, other, IN_OTHER);
    for (size_t i = c->first; i < c->end; i++) {
        const fps__hit *hit = &s->hits.items[i];
        uint32_t *seen = &s->seen_by.items[hit->feature];
        double worth = hit->discounted || *seen == COUNTED ? 0 : evidence_of(hit, features, by_sources);
        if (worth <= 0)
            continue;
        *(*seen == IN_OTHER ? &sum.shared : &sum.own) += worth;
        sum.own_texts += *seen != IN_OTHER && !fps__hit_is_function(hit) ? worth : 0;
        *seen = COUNTED;
    }
    mark(s, c, 0);
    mark(s, other, 0);
    return sum;
}

/* True when the object equals one of the component's, in more than chance gives. */
static bool is_own_object(const fps__candidate *c)
{
    return c->equal && c->texts.evidence >= FPS__ADMIT_WHOLE_OBJECT;
}

bool fps__match_are_of_one_family(const fps__match_scratch *s, const fps__candidate *a,
                                  const fps__candidate *b)
{
    return strcmp(fps__matcher_component(s->matcher, a->component)->family,
                  fps__matcher_component(s->matcher, b->component)->family) == 0;
}

static void hide(fps__candidate *c, fps_doubt doubt)
{
    c->state = FPS_STATE_MENTIONED;
    c->doubt = doubt;
    c->shown = false;
}

/* True when `c` is in doubt beside a fork that has something of its own: of the fork only sources are known, which do not tell
 * all that it has, and `c` is not whole. */
static bool is_doubtful_beside(const fps__match_scratch *s, const fps__candidate *c,
                               const fps__candidate *fork)
{
    return c->state == FPS_STATE_PRESENT && !is_own_object(c) && fps__match_is_known_by_sources(s, fork) &&
           !fps__match_is_known_by_sources(s, c) &&
           !fps__family_member_is_whole(c->texts.found, c->texts.expected);
}

/* Settles what the leader of a family leaves to another member that would be admitted without it. */
static void settle(fps__match_scratch *s, const fps__features *features, fps__candidate *leader,
                   fps__candidate *member)
{
    evidence_beside left = compare_members(s, features, leader, member);
    evidence_beside its = compare_members(s, features, member, leader);
    bool own = fps__tells_member(its.own, left.shared) &&
               (its.own_texts > 0 || !fps__tells_member(left.own_texts, left.shared));
    bool leads = fps__tells_member(left.own, left.shared);
    if (!own && !leads)
        member->leader = leader->component;
    if (!own && !is_own_object(member)) {
        hide(member, FPS_DOUBT_FORK);
        return;
    }
    if (!leads && !is_own_object(leader) && member->state == FPS_STATE_PRESENT) {
        hide(leader, FPS_DOUBT_FORK);
        return;
    }
    fps__candidate *doubtful = is_doubtful_beside(s, member, leader)   ? member
                               : is_doubtful_beside(s, leader, member) ? leader
                                                                       : NULL;
    if (doubtful) {
        doubtful->state = FPS_STATE_LIKELY;
        doubtful->doubt = FPS_DOUBT_FORK;
    }
}

/* Doubts a member that has nothing of its own beside one with more evidence, which was not admitted: what is there is not known well
 * enough to be named, and it is rather the other. */
static void doubt_beside(fps__match_scratch *s, const fps__features *features, fps__candidate *c,
                         const fps__candidate *stronger)
{
    evidence_beside left = compare_members(s, features, c, stronger);
    if (c->state == FPS_STATE_PRESENT && !is_own_object(c) && !fps__tells_member(left.own, left.shared)) {
        c->state = FPS_STATE_LIKELY;
        c->doubt = FPS_DOUBT_FORK;
    }
}

static bool is_found(const fps__candidate *c)
{
    return c->shown && c->state != FPS_STATE_MENTIONED;
}

void fps__match_settle_families(fps__match_scratch *s, const fps__features *features)
{
    fps__candidate *list = s->candidates.items;
    for (size_t i = 0; i < s->candidates.count; i++) {
        for (size_t k = 0; k < s->candidates.count && is_found(&list[i]); k++) {
            if (k == i || list[i].order > list[k].order ||
                !fps__match_are_of_one_family(s, &list[i], &list[k]))
                continue;
            if (list[k].alone || is_found(&list[k]))
                settle(s, features, &list[i], &list[k]);
            else if (fps__candidate_evidence(&list[k]) > fps__candidate_evidence(&list[i]))
                doubt_beside(s, features, &list[i], &list[k]);
        }
    }
}
