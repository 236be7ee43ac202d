/* The decision: greedy cover and states.
 *
 * A component is opened by evidence inside units of which a good part was found: true components show 27 to
 * 95 % of the literals of the units they use, false ones 1 to 5 % (research: experiments, section 6). The
 * best explained component claims its features, then the others are weighed again.
 */
#include "match/match_internal.h"

#include "feature/template.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the object's literals and names are worth together: the base of the share that a component explains.
 */
static double object_text(const fps__features *features)
{
    double sum = 0;
    for (size_t i = 0; i < features->literal_count + features->name_count; i++)
        sum += fps__feature_worth(&features->items[i]);
    return sum;
}

static bool opens(const fps__candidate *c, double part)
{
    double evidence = fps__candidate_evidence(c);
    if (c->equal && c->raw >= OPEN_EQUAL * part)
        return true;
    if (fps__candidate_opens_by_code(c, part))
        return true;
    bool scattered = c->focused < PART_FOCUS * c->raw || c->units_active < PART_UNITS * c->units_touched;
    scattered &= c->sentences < MANY_SENTENCES;
    scattered |= c->runtime && c->units_active < RUNTIME_UNITS;
    if (c->whole >= WHOLE_SHARE && c->found >= OPEN_WHOLE * part)
        return true;
    if ((c->sentences < OPEN_SENTENCES * part || c->sentences < SENTENCES_PART * c->focused) &&
        c->names < NAMES_SPEAK && c->function_count < 2 && c->rule_bonus <= 0)
        return false;
    if (c->share < PART_SHARE && (scattered || (c->units_active < 2 && !c->whole_member)))
        return false;
    if (c->literals + c->rule_bonus >= OPEN_LITERALS * part || c->names >= OPEN_NAMES * part)
        return true;
    if (c->literals + c->names / 2 >= OPEN_LITERALS * part && c->best_coverage >= .5)
        return true;
    return evidence >= OPEN_SMALL * part && c->literal_count + c->name_count >= 3 &&
           c->share >= SMALL_SHARE && c->best_coverage >= .5;
}

static void claim(fps__match_scratch *s, const fps__candidate *c)
{
    for (size_t i = c->first; i < c->end; i++)
        if (!s->hits.items[i].claimed && s->hits.items[i].kind != FPS__FEATURE_USE)
            s->owner.items[s->hits.items[i].feature] = c->component + 1;
    for (size_t i = 0; i < s->hits.count; i++) {
        fps__hit *hit = &s->hits.items[i];
        uint32_t owner = s->owner.items[hit->feature];
        if (owner && owner != hit->component + 1)
            hit->claimed = true;
    }
}

/* True when `a` is to be decided before `b`: one that opens by evidence of its own before one that does not;
 * of those that open, the one that explains most of the object, also by what it shares with others, and of
 * equals (forks) the older; else the one with the most evidence. */
static bool goes_before(const fps__match_scratch *s, const fps__candidate *a, const fps__candidate *b)
{
    bool a_opens = opens(a, 1), b_opens = opens(b, 1);
    if (a_opens != b_opens)
        return a_opens;
    if (!a_opens)
        return fps__candidate_evidence(a) > fps__candidate_evidence(b);
    double a_explains = a->text + a->code_explained, b_explains = b->text + b->code_explained;
    if (a_explains > b_explains * 1.02 || b_explains > a_explains * 1.02)
        return a_explains > b_explains;
    uint32_t a_since = s->matcher->components[a->component].since,
             b_since = s->matcher->components[b->component].since;
    return a_since && b_since && a_since != b_since ? a_since < b_since : a_explains > b_explains;
}

static fps__candidate *best_undecided(fps__match_scratch *s, double object)
{
    fps__candidate *best = NULL;
    for (size_t i = 0; i < s->cases.count; i++) {
        fps__candidate *c = &s->cases.items[i];
        if (c->decided)
            continue;
        c->share = object > 0 ? c->text / object : 0;
        if (!best || goes_before(s, c, best))
            best = c;
    }
    return best;
}

static void decide(fps__candidate *c)
{
    c->decided = true;
    c->shown = true;
    if (opens(c, 1))
        c->state = FPS_STATE_PRESENT;
    else if (opens(c, LIKELY_PART))
        c->state = FPS_STATE_LIKELY;
    else
        c->state = FPS_STATE_MENTIONED;
    if (c->state == FPS_STATE_MENTIONED)
        c->shown = c->raw >= 3 || c->uses >= 3;
}

static bool cover(fps__match_scratch *s, const fps__match_input *input)
{
    if (!fps__match_clear_owners(s, input->features->count))
        return false;
    double object = object_text(input->features);
    for (fps__candidate *c; (c = best_undecided(s, object));) {
        decide(c);
        if (c->state == FPS_STATE_MENTIONED)
            continue;
        claim(s, c);
        for (size_t i = 0; i < s->cases.count; i++)
            if (!s->cases.items[i].decided)
                fps__match_weigh(s, input->features, &s->cases.items[i]);
    }
    return true;
}

/* ---- code ---- */

/* Bytes of functions that a present or likely component claims, and of those that say nothing: too small, or
 * known and claimed by none. */
static void attribute_code(const fps__match_scratch *s, const fps__features *features,
                           fps__match_output *output)
{
    output->code_generic = features->small_code_bytes;
    for (size_t i = 0; i < s->hits.count; i++) {
        const fps__hit *hit = &s->hits.items[i];
        bool again = false;
        if (hit->kind != FPS__FEATURE_FUNCTION)
            continue;
        uint32_t *owner = &s->owner.items[hit->feature];
        again = *owner == FPS__NONE;
        uint32_t size = features->items[hit->feature].size;
        if (!again)
            *(*owner ? &output->code_attributed : &output->code_generic) += size;
        *owner = FPS__NONE; /* each function once */
    }
    uint64_t code = features->code_bytes;
    if (output->code_attributed > code)
        output->code_attributed = code;
    if (output->code_generic > code - output->code_attributed)
        output->code_generic = code - output->code_attributed;
}

/* ---- one object ---- */

static int compare_findings(const void *a, const void *b)
{
    const fps_finding *left = a, *right = b;
    return (left->component > right->component) - (left->component < right->component);
}

fps_status fps__match_object(const fps__matcher *matcher, fps__match_scratch *s,
                             const fps__match_input *input, fps__arena *arena, fps__match_output *output,
                             fps_error *error)
{
    *output = (fps__match_output){.code_generic = input->features->small_code_bytes};
    if (!fps__match_look_up(s, input->features))
        return fps__fail_memory(error);
    if (!s->hits.count)
        return FPS_OK;
    if (!fps__match_make_cases(s, input))
        return fps__fail_memory(error);
    fps__match_apply_rules(s, input);
    if (!cover(s, input))
        return fps__fail_memory(error);
    output->findings = fps__arena_array(arena, s->cases.count + 1, sizeof *output->findings);
    if (!output->findings)
        return fps__fail_memory(error);
    for (size_t i = 0; i < s->cases.count; i++) {
        const fps__candidate *c = &s->cases.items[i];
        if (!c->shown && !(input->keep_excluded && c->raw >= RAW_MINIMUM))
            continue;
        if (fps__match_finding(matcher, s, input, c, arena, &output->findings[output->count++]) != FPS_OK)
            return fps__fail_memory(error);
    }
    qsort(output->findings, output->count, sizeof *output->findings, compare_findings);
    attribute_code(s, input->features, output);
    return FPS_OK;
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
    free(scratch->cases.items);
    free(scratch->keys.items);
    free(scratch->postings.items);
    free(scratch->owner.items);
    free(scratch);
}
