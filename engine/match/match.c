/* The decision: in which order components are decided, and what becomes of their features.
 *
 * The component that explains most of the object is decided first. When it is admitted, it is given its
 * features, and the others are weighed again without them.
 */
#include "match/match_internal.h"

#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

/* What the object's literals and names are worth together: the base of the share that a component
 * explains. */
static double object_worth(const fps__features *features)
{
    double sum = 0;
    for (size_t i = 0; i < features->literal_count + features->name_count; i++)
        sum += fps__feature_worth(&features->items[i]);
    return sum;
}

/* Gives an admitted component the features that it has, and discounts them everywhere else. */
static void assign_features(fps__match_scratch *s, const fps__candidate *c)
{
    for (size_t i = c->first; i < c->end; i++)
        if (!s->hits.items[i].discounted && s->hits.items[i].kind != FPS__FEATURE_USE)
            s->owner.items[s->hits.items[i].feature] = c->component + 1;
    for (size_t i = 0; i < s->hits.count; i++) {
        fps__hit *hit = &s->hits.items[i];
        uint32_t owner = s->owner.items[hit->feature];
        if (owner && owner != hit->component + 1)
            hit->discounted = true;
    }
}

/* True when `a` is to be decided before `b`: one that is admitted before one that is not; of those that are,
 * the one that explains most of the object, also by what it shares with others, and of equals (forks) the
 * older; else the one with the most evidence. */
static bool goes_before(const fps__match_scratch *s, const fps__candidate *a, const fps__candidate *b)
{
    bool a_admitted = fps__match_admit(a, 1) != NULL, b_admitted = fps__match_admit(b, 1) != NULL;
    if (a_admitted != b_admitted)
        return a_admitted;
    if (!a_admitted)
        return fps__candidate_evidence(a) > fps__candidate_evidence(b);
    double a_explains = a->texts.worth + a->code.explained, b_explains = b->texts.worth + b->code.explained;
    if (fps__explains_more(a_explains, b_explains) || fps__explains_more(b_explains, a_explains))
        return a_explains > b_explains;
    uint32_t a_since = s->matcher->components[a->component].since,
             b_since = s->matcher->components[b->component].since;
    return a_since && b_since && a_since != b_since ? a_since < b_since : a_explains > b_explains;
}

/* How much of an object of this worth the candidate explains. */
static double share_of(const fps__candidate *c, double object)
{
    return object > 0 ? c->texts.worth / object : 0;
}

static fps__candidate *best_undecided(fps__match_scratch *s, double object)
{
    fps__candidate *best = NULL;
    for (size_t i = 0; i < s->candidates.count; i++) {
        fps__candidate *c = &s->candidates.items[i];
        if (c->decided)
            continue;
        c->share = share_of(c, object);
        if (!best || goes_before(s, c, best))
            best = c;
    }
    return best;
}

static void decide(fps__match_scratch *s, const fps__match_input *input, fps__candidate *c, uint32_t order)
{
    c->decided = true;
    c->order = order;
    c->shown = true;
    c->state = FPS_STATE_PRESENT;
    c->admitted_by = fps__match_admit(c, 1);
    if (c->admitted_by) {
        c->doubt = fps__match_doubt(s, input, c);
        if (c->doubt != FPS_DOUBT_NONE)
            c->state = FPS_STATE_LIKELY;
        return;
    }
    c->state = FPS_STATE_LIKELY;
    c->admitted_by = fps__match_admit(c, FPS__LIKELY_SCALE);
    if (c->admitted_by)
        return;
    c->state = FPS_STATE_MENTIONED;
    c->shown = fps__mention_is_shown(c->texts.evidence, c->texts.uses);
}

/* Decides all candidates. FPS_ERROR_MEMORY. */
static fps_status decide_all(fps__match_scratch *s, const fps__match_input *input)
{
    size_t features = input->features->count;
    fps_status status = FPS__ARRAY_RESERVE(&s->owner, features, SIZE_MAX / sizeof *s->owner.items);
    if (status != FPS_OK)
        return status;
    memset(s->owner.items, 0, features * sizeof *s->owner.items);
    double object = object_worth(input->features);
    uint32_t order = 0;
    for (size_t i = 0; i < s->candidates.count; i++) {
        fps__candidate *c = &s->candidates.items[i];
        /* Of sources nobody knows how much of an object they are: a fork has the texts of its origin. */
        c->share = fps__match_is_known_by_sources(s, c) ? 0 : share_of(c, object);
        c->alone = fps__match_admit(c, 1) != NULL;
    }
    for (fps__candidate *c; (c = best_undecided(s, object));) {
        decide(s, input, c, order++);
        if (c->state == FPS_STATE_MENTIONED)
            continue;
        assign_features(s, c);
        for (size_t i = 0; i < s->candidates.count; i++) {
            fps__candidate *other = &s->candidates.items[i];
            if (other->decided)
                continue;
            /* what a naming rule reads, a fork keeps */
            if (fps__match_are_of_one_family(s, c, other))
                other->rule_worth = 0;
            fps__match_weigh(s, input->features, other);
        }
    }
    fps__match_settle_families(s, input->features);
    return FPS_OK;
}

/* ---- code ---- */

/* Bytes of functions that a present or likely component was given, and of those that say nothing: too small,
 * or known and given to none. FPS_ERROR_MEMORY. */
static fps_status attribute_code(fps__match_scratch *s, const fps__features *features,
                                 fps__match_output *output)
{
    size_t words = fps__bits_words(features->count);
    fps_status status = FPS__ARRAY_RESERVE(&s->counted, words, SIZE_MAX / sizeof *s->counted.items);
    if (status != FPS_OK)
        return status;
    memset(s->counted.items, 0, words * sizeof *s->counted.items);
    output->code_generic = features->small_code_bytes;
    for (size_t i = 0; i < s->hits.count; i++) {
        const fps__hit *hit = &s->hits.items[i];
        if (!fps__hit_is_function(hit) || fps__bits_has(s->counted.items, hit->feature))
            continue;
        fps__bits_set(s->counted.items, hit->feature);
        uint32_t size = features->items[hit->feature].size;
        *(s->owner.items[hit->feature] ? &output->code_attributed : &output->code_generic) += size;
    }
    uint64_t code = features->code_bytes;
    if (output->code_attributed > code)
        output->code_attributed = code;
    if (output->code_generic > code - output->code_attributed)
        output->code_generic = code - output->code_attributed;
    return FPS_OK;
}

/* ---- one object ---- */

static int compare_findings(const void *a, const void *b)
{
    const fps_finding *left = a, *right = b;
    return FPS__COMPARE(left->component, right->component);
}

static fps_status write_findings(const fps__matcher *matcher, fps__match_scratch *s,
                                 const fps__match_input *input, fps__arena *arena, fps__match_output *output)
{
    fps_status status = FPS_OK;
    output->findings = fps__arena_array(arena, s->candidates.count + 1, sizeof *output->findings);
    if (!output->findings)
        return FPS_ERROR_MEMORY;
    for (size_t i = 0; status == FPS_OK && i < s->candidates.count; i++) {
        const fps__candidate *c = &s->candidates.items[i];
        if (c->shown || (input->keep_excluded && c->texts.evidence >= FPS__CANDIDATE_EVIDENCE))
            status = fps__match_finding(matcher, s, input, c, arena, &output->findings[output->count++]);
    }
    qsort(output->findings, output->count, sizeof *output->findings, compare_findings);
    return status;
}

fps_status fps__match_object(const fps__matcher *matcher, fps__match_scratch *s,
                             const fps__match_input *input, fps__arena *arena, fps__match_output *output,
                             fps_error *error)
{
    *output = (fps__match_output){.code_generic = input->features->small_code_bytes};
    fps_status status = fps__match_look_up(s, input->features);
    if (status == FPS_OK && !s->hits.count)
        return FPS_OK;
    if (status == FPS_OK)
        status = fps__match_make_candidates(s, input);
    if (status == FPS_OK) {
        fps__match_apply_rules(s, input);
        status = decide_all(s, input);
    }
    if (status == FPS_OK)
        status = write_findings(matcher, s, input, arena, output);
    if (status == FPS_OK)
        status = attribute_code(s, input->features, output);
    return status == FPS_OK ? FPS_OK : fps__fail_memory(error);
}

fps_status fps__match_scratch_create(fps__match_scratch **scratch, const fps__matcher *matcher,
                                     fps_error *error)
{
    *scratch = calloc(1, sizeof **scratch);
    if (!*scratch)
        return fps__fail_memory(error);
    (*scratch)->matcher = matcher;
    return FPS_OK;
}

void fps__match_scratch_free(fps__match_scratch *scratch)
{
    if (!scratch)
        return;
    free(scratch->hits.items);
    free(scratch->candidates.items);
    free(scratch->keys.items);
    free(scratch->postings.items);
    free(scratch->owner.items);
    free(scratch->seen_by.items);
    free(scratch->counted.items);
    free(scratch->named.items);
    free(scratch->history_hits.items);
    free(scratch->seen_patches.items);
    free(scratch->sought_functions.items);
    fps__key_map_free(&scratch->functions);
    free(scratch);
}
