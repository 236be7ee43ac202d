/* Narrowing versions by what else is in the same build: a package, or a file that no package owns. */
#include "scan/scan_build_day.h"

#include "match/build_day.h"
#include "match/match_formula.h"
#include "result/result_build.h"
#include "util/clock.h"
#include "util/search.h"
#include "util/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A finding that tells, or asks for, the day of its build. */
typedef struct member {
    bool owned;         /* by a package */
    uint32_t build;     /* that package, else the file */
    uint32_t component; /* of the matcher */
    fps_finding *finding;
} member;

typedef struct build {
    fps__scan_run *run;
    const member *members; /* of one build, by component */
    size_t count;
    fps__build_part *parts; /* one for each component */
    size_t part_count;
} build;

/* ---- who takes part ---- */

static int compare_members(const void *left, const void *right)
{
    const member *a = left, *b = right;
    if (a->owned != b->owned)
        return FPS__COMPARE(a->owned, b->owned);
    if (a->build != b->build)
        return FPS__COMPARE(a->build, b->build);
    if (a->component != b->component)
        return FPS__COMPARE(a->component, b->component);
    return FPS__COMPARE(a->finding, b->finding);
}

/* The version of a family answer is that of one of several. */
static bool takes_part(const fps_file *file, const fps_finding *finding)
{
    return finding->state == FPS_STATE_PRESENT && !finding->relative_count && finding->version.score_count &&
           file->visibility == FPS_VISIBILITY_VISIBLE;
}

static member *list_members(const fps__scan_run *run, size_t *count)
{
    const fps_result *result = run->result;
    member *list = malloc((result->findings.count + 1) * sizeof *list);
    *count = 0;
    for (size_t i = 0; list && i < result->findings.count; i++) {
        fps_finding *finding = &result->findings.items[i];
        const fps_file *file = &result->files.items[finding->file];
        uint32_t component = fps__matcher_find(run->matcher, result->components.items[finding->component].id);
        bool owned = file->owner != UINT32_MAX;
        if (component != UINT32_MAX && takes_part(file, finding))
            list[(*count)++] = (member){owned, owned ? file->owner : finding->file, component, finding};
    }
    if (list && *count)
        qsort(list, *count, sizeof *list, compare_members);
    return list;
}

static bool may_be_narrowed(const fps_version_answer *answer)
{
    return answer->kind == FPS_VERSION_INTERVAL && !answer->note;
}

/* ---- the parts of a build ---- */

/* The release that a score is of; UINT32_MAX when it is of none that is listed. */
static uint32_t release_of(const fps__merged_component *component, const fps_version_score *score)
{
    const char **list = component->releases;
    size_t found;
    FPS__LOWER_BOUND(found, component->release_count, at, fps__version_compare(list[at], score->version) < 0);
    bool listed = !score->beyond && found < component->release_count &&
                  fps__version_compare(list[found], score->version) == 0;
    return listed ? (uint32_t)found : UINT32_MAX;
}

/* A component speaks by the file that says most of its version: members[first, end). */
static bool make_part(const build *b, size_t first, size_t end, fps__build_part *part)
{
    const fps__merged_component *component =
        fps__matcher_component(b->run->matcher, b->members[first].component);
    size_t count = (size_t)component->release_count + 1;
    uint32_t *days = calloc(count, sizeof *days);
    double *shares = calloc(2 * count, sizeof *shares);
    *part = (fps__build_part){.count = component->release_count,
                              .days = days,
                              .shares = shares,
                              .factors = shares ? shares + count : NULL};
    if (!days || !shares)
        return false;
    const fps_version_answer *best = &b->members[first].finding->version;
    for (size_t i = first + 1; i < end; i++)
        if (b->members[i].finding->version.scores->score > best->scores->score)
            best = &b->members[i].finding->version;
    fps__matcher_days(b->run->matcher, b->members[first].component, days);
    for (size_t i = 0; i < best->score_count; i++) {
        uint32_t release = release_of(component, &best->scores[i]);
        if (release != UINT32_MAX)
            shares[release] += best->scores[i].score;
    }
    return true;
}

static bool make_parts(build *b)
{
    bool good = (b->parts = calloc(b->count + 1, sizeof *b->parts)) != NULL;
    for (size_t i = 0, next; good && i < b->count; i = next) {
        for (next = i; next < b->count && b->members[next].component == b->members[i].component;)
            next++;
        good = make_part(b, i, next, &b->parts[b->part_count++]);
    }
    return good;
}

static void free_parts(build *b)
{
    for (size_t i = 0; i < b->part_count; i++) {
        free((void *)b->parts[i].days);
        free((void *)b->parts[i].shares);
    }
    free(b->parts);
}

/* ---- the answers ---- */

/* A release, or all beyond an end, with its probability by all evidence. */
typedef struct chance {
    const fps_version_score *score;
    double probability;
} chance;

static int compare_chances(const void *left, const void *right)
{
    const chance *a = left, *b = right;
    int order = (a->probability < b->probability) - (a->probability > b->probability);
    return order ? order : FPS__COMPARE(a->score, b->score);
}

/* The smallest set that is likely enough, likeliest first: [0, *kept). NULL without memory. */
static chance *list_chances(const build *b, const member *m, const fps__build_part *part, size_t *kept)
{
    const fps__merged_component *component = fps__matcher_component(b->run->matcher, m->component);
    const fps_version_answer *answer = &m->finding->version;
    chance *list = malloc(answer->score_count * sizeof *list);
    double sum = 0, mass = 0;
    for (size_t i = 0; list && i < answer->score_count; i++) {
        uint32_t release = release_of(component, &answer->scores[i]);
        double factor = release == UINT32_MAX ? 1 : part->factors[release];
        list[i] = (chance){&answer->scores[i], answer->scores[i].score * factor};
        sum += list[i].probability;
    }
    if (list)
        qsort(list, answer->score_count, sizeof *list, compare_chances);
    *kept = 0;
    while (list && *kept < answer->score_count && !fps__posterior_is_enough(mass))
        mass += list[(*kept)++].probability /= sum;
    return list;
}

/* "2021-08" */
static void put_month(uint32_t day, char *text, size_t size)
{
    time_t seconds = (time_t)day * 24 * 60 * 60;
    struct tm date;
    if (!gmtime_r(&seconds, &date) || !strftime(text, size, "%Y-%m", &date))
        *text = 0;
}

/* "alone it allows 1.0 .. 1.3; the other components of this package are of 2021-08 to 2021-10" */
static const char *describe(const build *b, const member *m, const fps__build_part *part)
{
    char text[512], from[32], to[32];
    const fps_version_answer *answer = &m->finding->version;
    put_month(part->from, from, sizeof from);
    put_month(part->to, to, sizeof to);
    bool one = strcmp(from, to) == 0;
    snprintf(text, sizeof text,
             "alone it allows %.100s .. %.100s; the other components of this %s are of %s%s%s",
             answer->candidates[0], answer->candidates[answer->candidate_count - 1],
             m->owned ? "package" : "file", from, one ? "" : " to ", one ? "" : to);
    return fps__arena_string(&b->run->result->arena, text);
}

static int compare_versions(const void *left, const void *right)
{
    return fps__version_compare(*(const char *const *)left, *(const char *const *)right);
}

/* Makes the answer what is kept, where that is less than it was. False without memory. */
static bool narrow(const build *b, const member *m, const fps__build_part *part, const chance *list,
                   size_t kept)
{
    fps__arena *arena = &b->run->result->arena;
    fps_version_answer *answer = &m->finding->version, now = *answer;
    size_t before = answer->candidate_count + answer->open_below + answer->open_above;
    const char **candidates = fps__arena_array(arena, kept + 1, sizeof *candidates);
    if (!candidates)
        return false;
    now.confidence = 0;
    now.candidate_count = 0;
    now.open_below = now.open_above = false;
    for (size_t i = 0; i < kept; i++) {
        const fps_version_score *score = list[i].score;
        now.confidence += list[i].probability;
        now.open_below |= score->beyond && *score->version == '<';
        now.open_above |= score->beyond && *score->version == '>';
        if (!score->beyond)
            candidates[now.candidate_count++] = score->version;
    }
    if (!now.candidate_count || kept >= before)
        return true;
    qsort(candidates, now.candidate_count, sizeof *candidates, compare_versions);
    now.kind = kept == 1 ? FPS_VERSION_EXACT : FPS_VERSION_INTERVAL;
    now.version = kept == 1 ? candidates[0] : NULL;
    now.candidates = candidates;
    now.note = describe(b, m, part);
    fps_version_answer *alone = fps__arena_alloc(arena, sizeof *alone);
    if (!now.note || !alone)
        return false;
    *alone = *answer;
    now.alone = alone;
    *answer = now;
    return true;
}

static bool narrow_member(const build *b, const member *m, const fps__build_part *part)
{
    size_t kept;
    if (!may_be_narrowed(&m->finding->version) || !part->to)
        return true;
    chance *list = list_chances(b, m, part, &kept);
    bool good = list && narrow(b, m, part, list, kept);
    free(list);
    return good;
}

static bool narrow_build(fps__scan_run *run, const member *members, size_t count)
{
    build b = {.run = run, .members = members, .count = count};
    bool asked = false;
    for (size_t i = 0; i < count; i++)
        asked |= may_be_narrowed(&members[i].finding->version);
    if (!asked || members[0].component == members[count - 1].component)
        return true;
    bool good = make_parts(&b) && fps__build_day(b.parts, b.part_count) == FPS_OK;
    for (size_t i = 0, part = 0; good && i < count; i++) {
        part += i && members[i].component != members[i - 1].component;
        good = narrow_member(&b, &members[i], &b.parts[part]);
    }
    free_parts(&b);
    return good;
}

bool fps__scan_build_day(fps__scan_run *run)
{
    size_t count;
    member *list = list_members(run, &count);
    bool good = list != NULL;
    for (size_t i = 0, next; good && i < count && !fps__deadline_passed(run->deadline_ms); i = next) {
        for (next = i;
             next < count && list[next].owned == list[i].owned && list[next].build == list[i].build;)
            next++;
        good = narrow_build(run, &list[i], next - i);
    }
    free(list);
    return good;
}
