/* The posterior of a component's releases: from weights to the answer. */
#include "match/match_posterior.h"

#include "util/version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Releases that are kept, and most of those that are likely enough to matter. */
enum { SCORES = 40, MAX_SCORES = 512 };
static const double LEAST_SCORE = 1e-4;

fps_status fps__posterior_start(fps__posterior *p)
{
    p->releases = p->component->release_count;
    p->fits = FPS__NONE;
    p->hypotheses = p->releases + 2 + p->reading_count;
    size_t room = (size_t)p->hypotheses;
    p->weight = calloc(3 * room, sizeof *p->weight);
    if (!p->weight)
        return FPS_ERROR_MEMORY;
    p->held = p->weight + room;
    p->found = p->held + room;
    return FPS_OK;
}

double fps__posterior_most(const fps__posterior *p)
{
    double most = -INFINITY;
    for (uint32_t i = 0; i < fps__posterior_reading(p, 0); i++)
        most = fmax(most, p->weight[i]);
    return most;
}

void fps__posterior_free(fps__posterior *p)
{
    free(p->weight);
    p->weight = p->held = p->found = NULL;
}

/* The weight of a version that no set lists: that of the releases around it, of which it is one more. */
static double weight_between(const fps__posterior *p, const char *version)
{
    uint32_t at = 0;
    while (at < p->releases && fps__version_compare(p->component->releases[at], version) < 0)
        at++;
    double before = p->weight[at > 0 ? at - 1 : fps__posterior_older(p)];
    double behind = p->weight[at < p->releases ? at : fps__posterior_newer(p)];
    return fmax(before, behind);
}

/* Whoever patches a release makes it look like another one, so nothing is less likely than by POSTERIOR_PATCHED. Where that
 * holds for what was read, it is remembered what the rest fits. */
static void bound_weights(fps__posterior *p)
{
    double most = fps__posterior_most(p);
    uint32_t best = 0;
    while (best < p->releases && p->weight[best] < most)
        best++;
    for (uint32_t i = 0; i < p->reading_count && best < p->releases; i++) {
        uint32_t release = p->readings[i].release;
        if (release != FPS__NONE && p->readings[i].kind == FPS__READING_TEXT &&
            fps__posterior_patched(p->weight[release], most) > p->weight[release])
            p->fits = best;
    }
    for (uint32_t i = 0; i < fps__posterior_reading(p, 0); i++)
        p->weight[i] = fps__posterior_patched(p->weight[i], most);
}

/* What a version text says of a release: that it is the one, or may be, because the text says less than the release's name
 * (1.1 of 1.1.2 or 1.1+git). 0: nothing. */
static double worth_of(const fps__reading *reading, const char *release, bool listed)
{
    double worth = fps__posterior_reading_worth(reading->kind);
    const char *read = reading->version;
    size_t length = strlen(read), least = length;
    if (fps__version_compare(release, read) == 0)
        return worth;
    while (least > 2 && strncmp(read + least - 2, ".0", 2) == 0)
        least -= 2;
    if (strncmp(release, read, least) == 0 && release[least] == 0) /* 16.1 is 16.1.0 */
        return worth;
    bool more = strncmp(release, read, length) == 0 && (release[length] < '0' || release[length] > '9');
    return more ? worth - fps__posterior_reading_less(listed) : 0;
}

void fps__posterior_read(fps__posterior *p)
{
    if (p->reading_count)
        bound_weights(p);
    for (uint32_t i = 0; i < p->reading_count; i++) {
        const fps__reading *reading = &p->readings[i];
        p->weight[fps__posterior_reading(p, i)] =
            reading->release == FPS__NONE
                ? weight_between(p, reading->version) + fps__posterior_reading_worth(reading->kind)
                : -INFINITY;
    }
    for (uint32_t i = 0; i < p->reading_count; i++)
        for (uint32_t r = 0; r < p->releases; r++)
            p->weight[r] +=
                worth_of(&p->readings[i], p->component->releases[r], p->readings[i].release != FPS__NONE);
    p->told |= p->reading_count > 0;
}

/* ---- probabilities ---- */

static void settle(fps__posterior *p)
{
    double most = -INFINITY, sum = 0;
    for (uint32_t i = 0; i < p->hypotheses; i++)
        most = fmax(most, p->weight[i]);
    for (uint32_t i = 0; i < p->hypotheses; i++)
        sum += p->weight[i] = exp(p->weight[i] - most);
    for (uint32_t i = 0; i < p->hypotheses; i++)
        p->weight[i] /= sum;
}

static int compare_shares(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a < b) - (a > b);
}

/* The probability from which on hypotheses are in the smallest set with the mass that is asked for; NAN without memory. */
static double find_bound(const fps__posterior *p, double *mass)
{
    double *shares = malloc(p->hypotheses * sizeof *shares), bound = 0;
    if (!shares)
        return NAN;
    memcpy(shares, p->weight, p->hypotheses * sizeof *shares);
    qsort(shares, p->hypotheses, sizeof *shares, compare_shares);
    *mass = 0;
    for (uint32_t i = 0; i < p->hypotheses && !fps__posterior_is_enough(*mass); i++) {
        bound = shares[i];
        *mass += bound;
    }
    free(shares);
    *mass = fmin(*mass, 1); /* a sum of shares may be a little more */
    return bound;
}

/* ---- the answer ---- */

/* Puts a version into its place in a list that ascends. */
static void insert(const char **list, size_t *count, const char *version)
{
    size_t at = (*count)++;
    for (; at > 0 && fps__version_compare(list[at - 1], version) > 0; at--)
        list[at] = list[at - 1];
    list[at] = version;
}

static bool list_candidates(const fps__posterior *p, double bound, fps__arena *arena,
                            fps_version_answer *answer)
{
    const char **list = fps__arena_array(arena, (size_t)p->hypotheses + 1, sizeof *list);
    size_t count = 0;
    if (!list)
        return false;
    for (uint32_t r = 0; r < p->releases; r++)
        if (p->weight[r] >= bound)
            list[count++] = p->component->releases[r];
    for (uint32_t i = 0; i < p->reading_count; i++) {
        const fps__reading *reading = &p->readings[i];
        uint32_t stands_for = reading->release == FPS__NONE ? fps__posterior_reading(p, i) : reading->release;
        if (p->weight[stands_for] < bound)
            continue;
        if (reading->release == FPS__NONE)
            insert(list, &count, reading->version);
        if (!answer->template_version || reading->kind != FPS__READING_BARE)
            answer->template_version = reading->version;
    }
    answer->open_below = p->releases && p->weight[fps__posterior_older(p)] >= bound;
    answer->open_above = p->releases && p->weight[fps__posterior_newer(p)] >= bound;
    if (!count && answer->open_above) /* newer than all: the newest is the end that can be named */
        list[count++] = p->component->releases[p->releases - 1];
    else if (!count && answer->open_below)
        list[count++] = p->component->releases[0];
    bool exact = count == 1 && !answer->open_above && !answer->open_below;
    answer->kind = exact ? FPS_VERSION_EXACT : count ? FPS_VERSION_INTERVAL : FPS_VERSION_UNKNOWN;
    answer->candidates = list;
    answer->candidate_count = count;
    answer->version = exact ? list[0] : NULL;
    return true;
}

/* What was read and is not the answer, or no release that is known. */
static bool note_readings(const fps__posterior *p, double bound, fps__arena *arena,
                          fps_version_answer *answer)
{
    const char *against = NULL, *unlisted = NULL,
               *fits = p->fits != FPS__NONE ? p->component->releases[p->fits] : NULL;
    char text[256];
    for (uint32_t i = 0; i < p->reading_count; i++) {
        const fps__reading *reading = &p->readings[i];
        bool listed = reading->release != FPS__NONE;
        double share = p->weight[listed ? reading->release : fps__posterior_reading(p, i)];
        if ((share < bound || fits) && reading->kind == FPS__READING_TEXT && !against)
            against = reading->version;
        if (share >= bound && !listed)
            unlisted = reading->version;
    }
    if (!against && !unlisted)
        return true;
    if (against)
        snprintf(text, sizeof text,
                 "a version text reads %.70s, the rest fits %.70s: a backport, a fork or a second copy",
                 against, fits ? fits : "another");
    else
        snprintf(text, sizeof text, "%.100s is a release that the catalogue does not list", unlisted);
    return (answer->note = fps__arena_string(arena, text)) != NULL;
}

static int compare_scores(const void *left, const void *right)
{
    const fps_version_score *a = left, *b = right;
    int order = (a->score < b->score) - (a->score > b->score);
    return order ? order : strcmp(b->version, a->version);
}

static uint32_t rounded(double value)
{
    return value > 0 ? (uint32_t)(value + .5) : 0;
}

/* Each hypothesis with what it has of the texts compared, and its probability: for explain, and for what other components
 * say of the version (build_day.h). */
static bool list_scores(const fps__posterior *p, double bound, fps__arena *arena, fps_version_answer *answer)
{
    fps_version_score *list = fps__arena_array(arena, (size_t)p->hypotheses + 1, sizeof *list);
    size_t count = 0;
    if (!list)
        return false;
    for (uint32_t i = 0; i < p->hypotheses; i++) {
        char text[FPS__MAX_VERSION + 8];
        bool older = i == fps__posterior_older(p), newer = i == fps__posterior_newer(p);
        if ((older || newer) && !p->releases)
            continue;
        uint32_t like = older ? 0 : newer ? p->releases - 1 : i;
        fps_version_score *score = &list[count];
        *score = (fps_version_score){.score = p->weight[i], .beyond = older || newer};
        if (i > fps__posterior_newer(p)) {
            score->version = p->readings[i - fps__posterior_reading(p, 0)].version;
        } else {
            score->version = p->component->releases[like];
            score->built = !older && !newer && p->component->built[like];
            score->hits = rounded(p->found[like]);
            score->misses = rounded(p->held[like] - p->found[like]);
        }
        if (older || newer) {
            snprintf(text, sizeof text, "%c %.*s", older ? '<' : '>', FPS__MAX_VERSION, score->version);
            score->version = fps__arena_string(arena, text);
        }
        if (!score->version)
            return false;
        if (p->weight[i] < bound)
            score->excluded_by = "less likely than those of the answer";
        count += p->weight[i] > 0;
    }
    if (count)
        qsort(list, count, sizeof *list, compare_scores);
    size_t kept = count < SCORES ? count : SCORES;
    while (kept < count && kept < MAX_SCORES && list[kept].score >= LEAST_SCORE)
        kept++;
    answer->scores = list;
    answer->score_count = kept;
    return true;
}

fps_status fps__posterior_answer(fps__posterior *p, fps__arena *arena, fps_version_answer *answer)
{
    if (!p->told)
        return FPS_OK;
    settle(p);
    double bound = find_bound(p, &answer->confidence);
    if (isnan(bound) || !list_candidates(p, bound, arena, answer) ||
        !note_readings(p, bound, arena, answer) || !list_scores(p, bound, arena, answer))
        return FPS_ERROR_MEMORY;
    if (answer->kind == FPS_VERSION_UNKNOWN)
        answer->confidence = 0;
    return FPS_OK;
}
