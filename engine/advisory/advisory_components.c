/* Findings of components: what is said of each release of their version answers, and what the packages that own their files say. */
#include "advisory/advisory_state.h"

#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { WORDS_SIZE = 512 };

/* The reason of what the code suppresses, until its files are known. */
#define BY_CODE "patched"

/* In words, why a fact speaks against a finding: "fixed in 1.2-3 (debian: DSA-1)". */
static const char *words_of(fps__matching *now, const fps__fact *fact)
{
    char text[WORDS_SIZE];
    const char *detail = *fact->note ? fact->note : fact->advisory;
    if (fact->state == FPS__FACT_FIXED)
        snprintf(text, sizeof text, "fixed in %s (%s: %s)", fact->fixed, fact->source, detail);
    else
        snprintf(text, sizeof text, "not affected (%s: %s)", fact->source, detail);
    return fps__arena_string(&now->scratch, text);
}

/* What the candidates of one version answer say of one group. */
typedef struct tally {
    uint32_t group;
    size_t affected, conditional;
    size_t first, last; /* indexes of facts, of the affected candidates; last: plus 1, 0 for none */
    uint64_t which[FPS__MAX_CANDIDATES / 64]; /* bits of the affected candidates */
} tally;

typedef struct component_matching {
    fps__matching *matching;
    const fps_component *component;
    uint32_t index;
    FPS__ARRAY(tally) tallies;
    fps__key_map places; /* group + 1: index in tallies, plus 1 */
    fps__key_map merged; /* hash of component, group, verdict and reason: index of the finding, plus 1 */
} component_matching;

static fps_status count_candidate(component_matching *on, uint32_t set, size_t candidate, fps_error *error)
{
    fps__matching *now = on->matching;
    const fps__fact_set *facts = &now->sets.items[set];
    for (size_t i = facts->first; i < facts->first + facts->count; i++) {
        const fps__fact *fact = &now->facts.items[i];
        bool fresh;
        if (fact->state != FPS__FACT_AFFECTED && fact->state != FPS__FACT_CONDITIONAL)
            continue;
        uint32_t *place = fps__key_map_add(&on->places, (uint64_t)fact->group + 1, &fresh);
        const tally made = {.group = fact->group};
        if (!place || (!*place && FPS__ARRAY_PUSH(&on->tallies, &made, FPS__MAX_GROUPS)))
            return fps__fail_memory(error);
        *place = *place ? *place : (uint32_t)on->tallies.count;
        tally *at = &on->tallies.items[*place - 1];
        at->which[candidate / 64] |= UINT64_C(1) << candidate % 64;
        at->affected++;
        at->conditional += fact->state == FPS__FACT_CONDITIONAL;
        at->first = at->last ? at->first : i;
        at->last = i + 1;
    }
    return FPS_OK;
}

/* True when a release beyond an open end of the answer may be out of the ranges. */
static bool open_end_matters(const fps__matching *now, const fps_version_answer *answer, const tally *at)
{
    bool above = answer->open_above && now->facts.items[at->last - 1].ends,
         below = answer->open_below && now->facts.items[at->first].begins;
    return above || below;
}

static fps_status set_verdict(component_matching *on, const tally *at, fps__found *made, fps_error *error)
{
    const fps_version_answer *answer = on->component->version;
    size_t count =
        answer->candidate_count < FPS__MAX_CANDIDATES ? answer->candidate_count : FPS__MAX_CANDIDATES;
    bool certain = at->affected == count && answer->candidate_count == count &&
                   !open_end_matters(on->matching, answer, at);
    made->fact = on->matching->facts.items[at->last - 1];
    made->verdict = !certain                          ? FPS_VERDICT_DEPENDS
                    : at->conditional == at->affected ? FPS_VERDICT_CONDITIONAL
                                                      : FPS_VERDICT_AFFECTED;
    if (certain)
        return FPS_OK;
    const char **list = fps__arena_array(&on->matching->result->arena, at->affected, sizeof *list);
    if (!list)
        return fps__fail_memory(error);
    for (size_t i = 0; i < count; i++)
        if (at->which[i / 64] >> i % 64 & 1)
            list[made->affected_count++] = answer->candidates[i];
    made->affected = list;
    return FPS_OK;
}

/* The finding of the package that owns a file, for this group; NULL for none. */
static fps__found *package_finding(fps__matching *now, uint32_t package, uint32_t group)
{
    uint32_t set = package < now->result->packages.count ? now->package_sets[package] : FPS__NO_INDEX;
    size_t i = set == FPS__NO_INDEX ? now->found.count : now->package_found[set];
    for (; i < now->found.count && now->found.items[i].set == set &&
           now->found.items[i].package != FPS__NO_INDEX;
         i++)
        if (now->found.items[i].group == group)
            return &now->found.items[i];
    return NULL;
}

/* The finding of the same component, verdict and reason, whatever the version answer: one finding with several places. Made where
 * there is none. `against` is the fact that is the reason; NULL: the code is, or there is no reason. */
static fps_status same_finding(component_matching *on, const fps__found *made, const fps__fact *against,
                               const char *why, fps__found **found, fps_error *error)
{
    fps__matching *now = on->matching;
    const uint64_t numbers[] = {made->group, made->verdict};
    uint64_t key = XXH3_64bits(on->component->id, strlen(on->component->id));
    key = XXH3_64bits_withSeed(numbers, sizeof numbers, key);
    key = why ? XXH3_64bits_withSeed(why, strlen(why), key) : key;
    bool fresh;
    uint32_t *place = fps__key_map_add(&on->merged, key ? key : 1, &fresh);
    if (!place)
        return fps__fail_memory(error);
    if (!*place) {
        fps__found copy = *made;
        copy.suppression = !why                                            ? FPS_SUPPRESSED_NOT
                           : !against || against->state == FPS__FACT_FIXED ? FPS_SUPPRESSED_FIXED
                                                                           : FPS_SUPPRESSED_DENIED;
        copy.suppressed_by = why;
        fps_status status = FPS__ARRAY_PUSH(&now->found, &copy, FPS__MAX_FOUND);
        if (status)
            return status == FPS_ERROR_LIMIT
                       ? fps__fail(error, status, NULL, UINT64_MAX, "too many vulnerabilities")
                       : fps__fail_memory(error);
        *place = (uint32_t)now->found.count;
    }
    *found = &now->found.items[*place - 1];
    if (on->component->version->kind == FPS_VERSION_EXACT &&
        now->result->components.items[(*found)->component].version->kind != FPS_VERSION_EXACT)
        (*found)->component = on->index; /* the answer that says most is shown */
    return FPS_OK;
}

/* Puts one place where it belongs: to the finding of its package; to one that the package's facts suppress, or the code; or to the
 * component's (advisory_patch.c has the rule). */
static fps_status put_place(component_matching *on, const fps__found *version, const fps_finding *finding,
                            fps_error *error)
{
    fps__matching *now = on->matching;
    fps__found made = *version;
    uint32_t file = finding->file;
    uint32_t owner = now->result->files.items[file].owner;
    uint32_t set = owner < now->result->packages.count ? now->package_sets[owner] : FPS__NO_INDEX;
    const fps__fact *fact = fps__facts_find(now, set, made.group);
    fps__found *target = package_finding(now, owner, made.group);
    bool against = fact && !target;
    const fps_patch *patch = fact || target ? NULL : fps__patch_of(finding, &now->groups.items[made.group]);
    const char *why = against                                      ? words_of(now, fact)
                      : patch && patch->state == FPS_PATCH_PATCHED ? BY_CODE
                                                                   : NULL;
    if (against && !why)
        return fps__fail_memory(error);
    if (patch && patch->state == FPS_PATCH_UNPATCHED && made.verdict == FPS_VERDICT_DEPENDS) {
        made.verdict = FPS_VERDICT_AFFECTED;
        made.affected_count = 0;
    }
    if (!target) {
        fps_status status = same_finding(on, &made, fact, why, &target, error);
        if (status)
            return status;
    }
    if (patch)
        fps__note_patch(target, patch, file);
    return FPS__ARRAY_PUSH(&target->files, &file, FPS__MAX_FOUND) ? fps__fail_memory(error) : FPS_OK;
}

/* What later layers hide counts, too: reports leave out what has no visible place unless all layers are asked for. */
static bool counts(const fps_finding *finding)
{
    return finding->state == FPS_STATE_PRESENT && !finding->against;
}

static fps_status put_findings(component_matching *on, fps_error *error)
{
    fps__matching *now = on->matching;
    fps_status status = FPS_OK;
    for (size_t i = 0; i < on->tallies.count && !status; i++) {
        fps__found made = {.group = on->tallies.items[i].group,
                           .component = on->index,
                           .package = FPS__NO_INDEX,
                           .set = FPS__NO_INDEX};
        status = set_verdict(on, &on->tallies.items[i], &made, error);
        for (size_t k = 0; k < on->component->finding_count && !status; k++) {
            const fps_finding *finding = &now->result->findings.items[on->component->findings[k]];
            if (counts(finding))
                status = put_place(on, &made, finding, error);
        }
    }
    return status;
}

static fps_status match_component(component_matching *on, fps_error *error)
{
    fps__subjects subjects;
    const fps_version_answer *answer = on->component->version;
    fps_status status = fps__subjects_of_component(on->matching, on->component, &subjects, error);
    on->tallies.count = 0;
    fps__key_map_clear(&on->places);
    for (size_t i = 0; i < answer->candidate_count && i < FPS__MAX_CANDIDATES && !status; i++) {
        uint32_t set;
        status = fps__facts_of(on->matching, &subjects, answer->candidates[i], &set, error);
        if (!status && set != FPS__NO_INDEX)
            status = count_candidate(on, set, i, error);
    }
    return status ? status : put_findings(on, error);
}

/* An answer without candidates is no version: nothing can be said, and nothing is guessed. */
fps_status fps__match_components(fps__matching *now, fps_error *error)
{
    component_matching on = {.matching = now};
    fps_status status = FPS_OK;
    for (size_t i = 0; i < now->result->components.count && !status; i++) {
        on.component = &now->result->components.items[i];
        on.index = (uint32_t)i;
        if (on.component->version && on.component->version->candidate_count)
            status = match_component(&on, error);
    }
    free(on.tallies.items);
    fps__key_map_free(&on.places);
    fps__key_map_free(&on.merged);
    return status;
}
