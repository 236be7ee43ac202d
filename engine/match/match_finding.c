/* A decided component as a finding: linkage, confidence, name, and what spoke against it. */
#include "match/match_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const fps__candidate *dominant(const fps__match_scratch *s)
{
    const fps__candidate *best = NULL;
    for (size_t i = 0; i < s->cases.count; i++) {
        const fps__candidate *c = &s->cases.items[i];
        if (c->shown && c->state == FPS_STATE_PRESENT && (!best || c->text > best->text))
            best = c;
    }
    return best;
}

static fps_linkage linkage_of(const fps__match_scratch *s, const fps__match_input *input,
                              const fps__candidate *c)
{
    const fps__candidate *main_case = dominant(s);
    if (c->state == FPS_STATE_MENTIONED)
        return FPS_LINKAGE_DYNAMIC;
    if (c->runtime && input->info->type == FPS_OBJECT_EXECUTABLE && !c->equal)
        return FPS_LINKAGE_STATIC; /* the most of a small static program, and yet not whose it is */
    if (c == main_case && (c->share >= .3 || c->soname || c->names >= OPEN_NAMES))
        return FPS_LINKAGE_OWN;
    uint32_t active = c->units_active + c->code_units_active,
             touched = c->units_touched + c->code_units_touched;
    return active * 2 >= touched ? FPS_LINKAGE_STATIC : FPS_LINKAGE_EMBEDDED;
}

/* The confidence that a component is there: halves its distance to 1 with each 1.5 features of evidence. */
static double confidence_of(const fps__candidate *c)
{
    double evidence = fps__candidate_evidence(c), rest = 1;
    if (c->share >= SMALL_SHARE)
        evidence += 2;
    for (; evidence >= 1.5; evidence -= 1.5)
        rest /= 2;
    rest *= 1 - evidence / 3;
    if (c->state == FPS_STATE_PRESENT) /* of judged files, what opens was right far more often than that */
        rest *= .2;
    double confidence = rest < .001 ? .999 : 1 - rest;
    return c->state == FPS_STATE_MENTIONED && confidence > .3 ? .3 : confidence;
}

static const char *why_not(const fps__candidate *c, fps__arena *arena)
{
    char text[256];
    if (c->state == FPS_STATE_PRESENT)
        return NULL;
    snprintf(
        text, sizeof text,
        "%u literals and %u names in %u units, of which %u are covered to .30; %u functions in %u units, of "
        "which %u are active; evidence %.1f of %.1f, share %.2f; %u uses",
        c->literal_count, c->name_count, c->units_touched, c->units_active, c->function_count,
        c->code_units_touched, c->code_units_active, fps__candidate_evidence(c), OPEN_LITERALS, c->share,
        c->use_count);
    return fps__arena_string(arena, text);
}

/* The stem of the one object that a unit belongs to, and its length; 0 for a unit that several objects share.
 * "libz.so.1" holds units "libz#0" and "libz!" of its own, and perhaps "libz+2", shared. */
static size_t unit_stem(const char *unit, const char **stem)
{
    const char *slash = strrchr(unit, '/');
    *stem = slash ? slash + 1 : unit;
    size_t length = strcspn(*stem, "#!=(+");
    const char *mark = *stem + length;
    if (mark[0] == '+' || (mark[0] == '!' && mark[1] == '+'))
        return 0;
    return length >= 2 && mark[0] == '(' && memcmp(mark - 2, ".a", 2) == 0 ? length - 2 : length;
}

/* Stems of the objects whose own units were found, NULL-ended: a file that carries none of them is called
 * something else than it is. *names is NULL when no such object is there as a whole, so that nothing can be
 * said. */
static fps_status file_names(const fps__match_scratch *s, const fps__candidate *c, fps__arena *arena,
                             const char *const **names)
{
    enum { WHOLE = 4, MOST = 1024 }; /* features of a unit that tell whose it is; names that are kept */
    const char *found[MOST + 1], *stem;
    size_t count = 0;
    bool whole = false;
    *names = NULL;
    for (size_t i = c->first; i < c->end && count < MOST;) {
        fps__unit_sum sum;
        fps__set_unit unit;
        fps__match_unit(s->matcher, s->hits.items, i, c->end, &sum);
        i = sum.end;
        if (!sum.hits || !fps__database_unit(s->matcher->sets[sum.set].database, sum.unit, &unit))
            continue;
        size_t length = unit_stem(unit.name, &stem);
        if (!length)
            continue;
        whole |= sum.hits >= WHOLE && sum.coverage >= .9;
        if (count && strlen(found[count - 1]) == length && strncmp(found[count - 1], stem, length) == 0)
            continue;
        if (!(found[count++] = fps__arena_text(arena, stem, length)))
            return FPS_ERROR_MEMORY;
    }
    if (!whole)
        return FPS_OK;
    const char **list = fps__arena_array(arena, count + 1, sizeof *list);
    for (size_t i = 0; list && i < count; i++)
        list[i] = found[i];
    *names = list;
    return list ? FPS_OK : FPS_ERROR_MEMORY;
}

/* True when the last part of `path` begins with one of the names. */
static bool fits(const char *const *names, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (size_t i = 0; names[i]; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

bool fps__match_is_renamed(const fps_finding *finding, const char *path, const char *const *links,
                           size_t link_count)
{
    if (!finding->file_names || fits(finding->file_names, path))
        return false;
    for (size_t i = 0; i < link_count; i++)
        if (fits(finding->file_names, links[i]))
            return false;
    return true;
}

fps_status fps__match_finding(const fps__matcher *matcher, fps__match_scratch *s,
                              const fps__match_input *input, const fps__candidate *c, fps__arena *arena,
                              fps_finding *f)
{
    *f = (fps_finding){.component = c->component,
                       .state = c->state,
                       .linkage = linkage_of(s, input, c),
                       .confidence = confidence_of(c),
                       .share = c->share,
                       .units_active = c->units_active + c->code_units_active,
                       .units_total = c->units_touched + c->code_units_touched,
                       .literals = c->literal_count,
                       .names = c->name_count,
                       .uses = c->use_count,
                       .functions = c->function_count,
                       .exact = c->exact_count};
    f->coverage = c->expected > 0 ? c->found / c->expected : 0;
    f->against = why_not(c, arena);
    fps_status status = f->linkage == FPS_LINKAGE_OWN ? file_names(s, c, arena, &f->file_names) : FPS_OK;
    if (status == FPS_OK)
        status = fps__match_version(matcher, s, input, c, arena, &f->version);
    return status == FPS_OK ? fps__match_evidence(matcher, s, input, c, arena, f) : status;
}
