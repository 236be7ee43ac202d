/* The version of a component: an interval over the catalogue's releases, narrowed only by features that
 * exclude others.
 *
 * Two things speak against a fingerprinted release: features in the object that no build of it has (extra),
 * and features that every build of it has in the active units and the object lacks (missing). Plain counting
 * of hits would favour newer versions, which hold the texts of older ones (research: experiments, section 3).
 * Releases that were never fingerprinted are not excluded by silence: they stay in the interval up to the
 * next excluded release. Where an object holds just what a fingerprinted one does, all of it and nothing
 * else, only the releases that differ are excluded; where that leaves a range too wide to help, the answer
 * says "nearest".
 */
#include "match/match_internal.h"

#include "feature/template.h"
#include "util/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXTRA_EXCLUDES 0.9 /* features: one of nearly full weight */
#define EXTRA_WEIGHT                                                                                         \
    5.0 /* a feature that a release cannot have tells more than one that a build may leave out */
#define MISSING_EXCLUDES 2.0  /* features more than the best release lacks */
#define MISSING_PART     0.05 /* ... and this part of what it expects */
#define WIDE_RANGE       8    /* releases: a longer answer helps nobody */

typedef struct score {
    uint32_t local;   /* release within the set's component */
    uint32_t release; /* within the pool's component */
    double hits, extra, missing, expected;
    const fps__hit *extra_hit; /* the heaviest */
    bool excluded;
    bool code;  /* a build of it holds as many of the functions found as any */
    bool stays; /* by texts and functions */
    bool equal; /* an object of this release holds the same features, all of them and no others */
} score;

typedef struct resolver {
    const fps__matcher *matcher;
    const fps__match_scratch *scratch;
    const fps__match_input *input;
    const fps__candidate *c;
    const fps__merged_component *component;
    const fps__merged_set *set;
    uint32_t set_id, local;
    score scores[FPS__MAX_FINGERPRINTS]; /* oldest first */
    uint32_t count;
    bool equal;         /* to some release */
    uint32_t low, high; /* the answer, releases of the pool's component; low > high: none */
    bool nearest;
    fps__code_verdict code;
    fps__arena *arena;
} resolver;

/* ---- scores ---- */

/* The set with the most hits for the component: its releases are compared. */
static bool choose_set(resolver *r)
{
    size_t best = 0, run = 0;
    const fps__hit *hits = r->scratch->hits.items;
    r->set = NULL;
    for (size_t i = r->c->first; i < r->c->end; i++) {
        run = i > r->c->first && hits[i].set == hits[i - 1].set ? run + 1 : 1;
        if (run <= best)
            continue;
        best = run;
        r->set_id = hits[i].set;
        r->local = hits[i].local;
        r->set = &r->matcher->sets[hits[i].set];
    }
    return r->set != NULL;
}

static void start_scores(resolver *r)
{
    fps__set_component component;
    if (!fps__database_component(r->set->database, r->local, &component))
        return;
    for (uint32_t k = 0; k < r->set->fingerprint_count[r->local]; k++) {
        uint32_t local = r->set->fingerprints[r->local][k];
        fps__set_release release;
        if (fps__database_release(r->set->database, component.release_first + local, &release))
            r->scores[r->count++] =
                (score){.local = local, .release = r->set->release[component.release_first + local]};
    }
}

static void score_hit(resolver *r, const fps__hit *hit)
{
    fps__bit_set any, all;
    if (!fps__database_bit_set(r->set->database, hit->any, &any) ||
        !fps__database_bit_set(r->set->database, hit->all, &all))
        return;
    for (uint32_t k = 0; k < r->count; k++) {
        score *s = &r->scores[k];
        double weight = hit->weight / 16.0;
        if (fps__bit_set_has(all, s->local))
            s->missing -= weight;
        if (fps__bit_set_has(any, s->local)) {
            s->hits += weight;
        } else {
            s->extra += weight;
            if (!s->extra_hit || hit->weight > s->extra_hit->weight)
                s->extra_hit = hit;
        }
    }
}

static void score_unit(resolver *r, const fps__unit_sum *sum)
{
    for (uint32_t k = 0; k < r->count; k++) {
        double expected = fps__database_unit_total(r->set->database, sum->unit, r->scores[k].local) / 16.0;
        r->scores[k].expected += expected;
        r->scores[k].missing += expected;
    }
    for (size_t i = sum->first; i < sum->end; i++) {
        const fps__hit *hit = &r->scratch->hits.items[i];
        if (hit->kind == FPS__FEATURE_LITERAL || hit->kind == FPS__FEATURE_NAME)
            score_hit(r, hit);
    }
}

static void score_releases(resolver *r)
{
    start_scores(r);
    for (size_t i = r->c->first; i < r->c->end;) {
        fps__unit_sum sum;
        fps__match_unit(r->matcher, r->scratch->hits.items, i, r->c->end, &sum);
        i = sum.end;
        if (sum.active && sum.set == r->set_id)
            score_unit(r, &sum);
    }
    for (uint32_t k = 0; k < r->count; k++)
        if (r->scores[k].missing < 0)
            r->scores[k].missing = 0;
}

/* ---- the interval ---- */

static double penalty(const score *s)
{
    return EXTRA_WEIGHT * s->extra + s->missing;
}

static uint32_t best_score(const resolver *r)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < r->count; k++)
        if (penalty(&r->scores[k]) < penalty(&r->scores[best]))
            best = k;
    return best;
}

/* Marks the releases of which an object holds the same features of this component as the one before us. */
static void find_equal(resolver *r)
{
    uint32_t posting = fps__match_content(r->matcher, r->scratch->hits.items, r->c->first, r->c->end,
                                          r->input->features, r->set_id);
    for (uint32_t i = 0; posting != FPS__NONE && i < fps__database_posting_size(r->set->database, posting);
         i++) {
        fps__set_entry entry;
        fps__bit_set any;
        if (!fps__database_entry(r->set->database, posting, i, &entry) || entry.component != r->local ||
            !fps__database_bit_set(r->set->database, entry.any, &any))
            continue;
        for (uint32_t k = 0; k < r->count; k++)
            r->scores[k].equal |= fps__bit_set_has(any, r->scores[k].local);
    }
    for (uint32_t k = 0; k < r->count; k++)
        r->equal |= r->scores[k].equal;
}

/* The interval of an object that equals some fingerprinted releases: those, and the never fingerprinted ones
 * beside them up to the next that differs. */
static uint32_t equal_interval(resolver *r)
{
    uint32_t first = 0, last = r->count - 1;
    while (!r->scores[first].equal)
        first++;
    while (!r->scores[last].equal)
        last--;
    for (uint32_t k = 0; k < r->count; k++)
        r->scores[k].excluded = k < first || k > last;
    r->low = first > 0 ? r->scores[first - 1].release + 1 : 0;
    r->high = last + 1 < r->count ? r->scores[last + 1].release - 1 : r->component->release_count - 1;
    return first;
}

static void exclude(resolver *r, uint32_t best)
{
    for (uint32_t k = 0; k < r->count; k++) {
        score *s = &r->scores[k];
        double more_missing = s->missing - r->scores[best].missing;
        s->excluded = s->extra >= EXTRA_EXCLUDES && s->extra > r->scores[best].extra + .4;
        s->excluded |= more_missing >= MISSING_EXCLUDES && more_missing >= MISSING_PART * s->expected;
        s->excluded |= s->extra + s->missing > 2 * (r->scores[best].extra + r->scores[best].missing) + 4;
    }
    r->scores[best].excluded = false;
}

/* The answer spans the releases that are left, and the never fingerprinted ones beside them. */
static uint32_t make_interval(resolver *r)
{
    find_equal(r);
    if (r->equal)
        return equal_interval(r);
    uint32_t best = best_score(r), first = best, last = best;
    exclude(r, best);
    while (first > 0 && !r->scores[first - 1].excluded)
        first--;
    while (last + 1 < r->count && !r->scores[last + 1].excluded)
        last++;
    const score *b = &r->scores[best];
    r->nearest = b->extra >= 2 * EXTRA_EXCLUDES && b->extra + b->missing > .02 * b->hits;
    r->low = first > 0 ? r->scores[first - 1].release + 1 : 0;
    r->high = last + 1 < r->count ? r->scores[last + 1].release - 1 : r->component->release_count - 1;
    return best;
}

/* ---- functions ---- */

static bool has_release(const uint64_t bits[64], uint32_t release)
{
    return release / 64 < 64 && (bits[release / 64] >> (release % 64) & 1);
}

/* Where functions decide, those releases stay that the texts allow and whose builds hold most of the
 * functions, or have none of the units found, so that nothing is known of them. Where none is left, the
 * functions win, if some release that the texts allow was compared at all. Never fingerprinted releases stay
 * between two that do. */
static void narrow_by_code(resolver *r)
{
    uint32_t kept = 0, low = UINT32_MAX, high = 0;
    for (uint32_t k = 0; k < r->count; k++) {
        score *s = &r->scores[k];
        s->code = has_release(r->code.releases, s->local);
        bool silent = !has_release(r->code.compared, s->local);
        s->stays = !s->excluded && (s->code || silent);
        kept += s->stays;
    }
    for (uint32_t k = 0; k < r->count; k++) {
        score *s = &r->scores[k];
        s->excluded = kept ? !s->stays : !s->code;
        if (s->excluded)
            continue;
        low = s->release < low ? s->release : low;
        high = s->release > high ? s->release : high;
    }
    if (low > high) {
        r->code.decides = false;
        return;
    }
    r->low = low;
    r->high = high;
    r->nearest = false;
}

/* Is a release of the pool excluded? Never fingerprinted ones are not. */
static bool is_excluded(const resolver *r, uint32_t release)
{
    for (uint32_t k = 0; k < r->count; k++)
        if (r->scores[k].release == release)
            return r->scores[k].excluded;
    return false;
}

/* ---- version texts ---- */

enum { MAX_READINGS = 32 };

/* Distinct version texts that templates or rules read. */
typedef struct readings {
    const char *texts[MAX_READINGS];
    uint32_t release[MAX_READINGS]; /* FPS__NONE: not in the catalogue */
    uint32_t count;
} readings;

static uint32_t find_release(const fps__merged_component *component, const char *version)
{
    for (uint32_t i = 0; i < component->release_count; i++)
        if (fps__version_compare(component->releases[i], version) == 0)
            return i;
    return FPS__NONE;
}

static bool add_reading(resolver *r, readings *list, const char *text, size_t length)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strlen(list->texts[i]) == length && memcmp(list->texts[i], text, length) == 0)
            return true;
    if (list->count == MAX_READINGS)
        return true;
    char *copy = fps__arena_text(r->arena, text, length);
    if (!copy)
        return false;
    list->texts[list->count] = copy;
    list->release[list->count++] = find_release(r->component, copy);
    return true;
}

/* A bare number is read only where the component's own literals stand around it, unless the whole object is
 * the component's: a large program holds the versions of many things. */
static bool is_at_home(const resolver *r, uint32_t literal)
{
    enum { NEIGHBOURHOOD = 12, NEIGHBOURS = 3 };
    uint32_t near = 0;
    if (r->c->share >= .5)
        return true;
    for (size_t i = r->c->first; i < r->c->end && near < NEIGHBOURS; i++) {
        const fps__hit *hit = &r->scratch->hits.items[i];
        uint32_t distance = hit->feature > literal ? hit->feature - literal : literal - hit->feature;
        near += hit->kind == FPS__FEATURE_LITERAL && !(hit->flags & FPS__ENTRY_FOREIGN) && distance > 0 &&
                distance <= NEIGHBOURHOOD;
    }
    return near >= NEIGHBOURS;
}

static bool read_versions(resolver *r, readings *strong, readings *bare)
{
    for (size_t i = r->c->first; i < r->c->end; i++) {
        const fps__hit *hit = &r->scratch->hits.items[i];
        if (hit->kind != FPS__FEATURE_TEMPLATE)
            continue;
        const fps__feature *feature = &r->input->features->items[hit->feature];
        bool is_bare = hit->flags & FPS__ENTRY_TEMPLATE_BARE;
        readings *list = is_bare ? bare : strong;
        if (is_bare && !is_at_home(r, feature->ordinal))
            continue;
        if (feature->version && !add_reading(r, list, feature->version, feature->version_length))
            return false;
    }
    return !r->c->rule_version || add_reading(r, strong, r->c->rule_version, r->c->rule_version_length);
}

static bool is_inside(const resolver *r, uint32_t release)
{
    return release != FPS__NONE && release >= r->low && release <= r->high;
}

/* The one bare text that is a release inside the interval; FPS__NONE when there are none or several. */
static uint32_t bare_release(const resolver *r, const readings *bare)
{
    uint32_t found = FPS__NONE;
    for (uint32_t i = 0; i < bare->count; i++) {
        if (!is_inside(r, bare->release[i]) || bare->release[i] == found)
            continue;
        if (found != FPS__NONE)
            return FPS__NONE;
        found = bare->release[i];
    }
    return found;
}

/* ---- the answer ---- */

static const char *note(resolver *r, const char *format, const char *first, const char *second)
{
    char text[256];
    snprintf(text, sizeof text, format, first, second);
    return fps__arena_string(r->arena, text);
}

static bool give(resolver *r, fps_version_answer *answer, fps_version_kind kind, const char *const *versions,
                 size_t count, double confidence)
{
    const char **list = fps__arena_array(r->arena, count + 1, sizeof *list);
    if (!list)
        return false;
    for (size_t i = 0; i < count; i++)
        list[i] = versions[i];
    answer->kind = kind;
    answer->candidates = list;
    answer->candidate_count = count;
    answer->version = kind == FPS_VERSION_EXACT && count == 1 ? list[0] : NULL;
    answer->confidence = confidence;
    return true;
}

/* A range too wide to help: the fingerprinted releases that the object equals stand for it, and it is said
 * that they do. */
static bool give_wide(resolver *r, fps_version_answer *answer)
{
    const char *equal[FPS__MAX_FINGERPRINTS];
    size_t count = 0;
    for (uint32_t k = 0; k < r->count; k++)
        if (r->scores[k].equal)
            equal[count++] = r->component->releases[r->scores[k].release];
    answer->range_first = r->component->releases[r->low];
    answer->range_last = r->component->releases[r->high];
    answer->note = note(r, "nearest, not exact: nothing in the object tells the releases from %s to %s apart",
                        answer->range_first, answer->range_last);
    return answer->note && give(r, answer, FPS_VERSION_NEAREST, equal, count, .5);
}

/* The releases that the functions leave. */
static bool give_code(resolver *r, fps_version_answer *answer)
{
    const char **list = fps__arena_array(r->arena, (size_t)(r->high - r->low) + 2, sizeof *list);
    size_t count = 0;
    if (!list)
        return false;
    for (uint32_t release = r->low; release <= r->high; release++)
        if (!is_excluded(r, release))
            list[count++] = r->component->releases[release];
    return give(r, answer, count == 1 ? FPS_VERSION_EXACT : FPS_VERSION_INTERVAL, list, count, .98);
}

static bool give_interval(resolver *r, fps_version_answer *answer, uint32_t best)
{
    const char **releases = r->component->releases;
    if (r->nearest) {
        answer->note =
            "nearest, not exact: the object holds features that no fingerprinted release has together";
        return give(r, answer, FPS_VERSION_NEAREST, releases + r->scores[best].release, 1, .5);
    }
    size_t count = r->high - r->low + 1;
    if (r->equal && count > WIDE_RANGE)
        return give_wide(r, answer);
    return give(r, answer, count == 1 ? FPS_VERSION_EXACT : FPS_VERSION_INTERVAL, releases + r->low, count,
                r->c->share >= PART_SHARE ? .98 : .88); /* parts are built otherwise more often */
}

/* A template that is this component's alone reads a version. Where the features agree, or never saw that
 * release, it stands; where they exclude it, both are in the answer and the contradiction is said. */
static bool give_reading(resolver *r, fps_version_answer *answer, const readings *strong, uint32_t best)
{
    const char *text = strong->texts[0];
    uint32_t release = strong->release[0];
    for (uint32_t i = 1; i < strong->count; i++) { /* several texts: those that the features allow */
        if (is_inside(r, strong->release[i]) && !is_inside(r, release)) {
            text = strong->texts[i];
            release = strong->release[i];
        }
    }
    answer->template_version = text;
    if (strong->count > 1)
        answer->note = note(r, "version texts read %s and %s: a fork, a patched copy or two copies",
                            strong->texts[0], strong->texts[1]);
    bool known = release != FPS__NONE && r->component->fingerprinted[release];
    if (is_inside(r, release) || !known || r->nearest || r->count == 0) {
        if (release == FPS__NONE && !answer->note)
            answer->note = "a release that the catalogue does not list";
        return give(r, answer, FPS_VERSION_EXACT, &text, 1, is_inside(r, release) ? .99 : .9);
    }
    const char *both[] = {text, r->component->releases[r->scores[best].release]};
    answer->note =
        note(r, "a version text reads %s, the features fit %s: a backport, a fork or a second copy", both[0],
             both[1]);
    return give(r, answer, FPS_VERSION_INTERVAL, both, 2, .8);
}

static int compare_scores(const void *a, const void *b)
{
    const score *left = a, *right = b;
    if (penalty(left) != penalty(right))
        return penalty(left) < penalty(right) ? -1 : 1;
    return (left->release < right->release) - (left->release > right->release);
}

/* The table for explain; sorts the scores, so it comes last. */
static bool list_scores(resolver *r, fps_version_answer *answer)
{
    fps_version_score *list = fps__arena_array(r->arena, r->count + 1, sizeof *list);
    if (!list)
        return false;
    if (r->count)
        qsort(r->scores, r->count, sizeof *r->scores, compare_scores);
    for (uint32_t k = 0; k < r->count; k++) {
        const score *s = &r->scores[k];
        list[k] = (fps_version_score){.version = r->component->releases[s->release],
                                      .fingerprinted = true,
                                      .hits = (uint32_t)s->hits,
                                      .misses = (uint32_t)(s->extra + s->missing + .5),
                                      .score = s->hits - s->extra - s->missing};
        if (!s->excluded)
            continue;
        list[k].excluded_by = "its builds hold fewer of the functions found";
        if (r->code.decides)
            continue;
        const fps__feature *extra = s->extra_hit ? &r->input->features->items[s->extra_hit->feature] : NULL;
        list[k].excluded_by = extra && s->extra >= EXTRA_EXCLUDES
                                  ? fps__match_text(r->arena, extra->text, extra->length)
                                  : "lacks what every build of it has";
        if (!list[k].excluded_by)
            return false;
    }
    answer->scores = list;
    answer->score_count = r->count;
    return true;
}

fps_status fps__match_version(const fps__matcher *matcher, const fps__match_scratch *scratch,
                              const fps__match_input *input, const fps__candidate *candidate,
                              fps__arena *arena, fps_version_answer *answer)
{
    resolver r = {.matcher = matcher,
                  .scratch = scratch,
                  .input = input,
                  .c = candidate,
                  .arena = arena,
                  .component = fps__matcher_component(matcher, candidate->component),
                  .low = 1,
                  .high = 0};
    readings strong = {.count = 0}, bare = {.count = 0};
    *answer = (fps_version_answer){.kind = FPS_VERSION_UNKNOWN};
    if (candidate->state == FPS_STATE_MENTIONED || !choose_set(&r))
        return FPS_OK;
    score_releases(&r);
    uint32_t best = 0;
    if (r.count)
        best = make_interval(&r);
    fps_status status =
        fps__match_code_verdict(scratch, input->features, candidate, r.set_id, r.local, &r.code);
    if (status != FPS_OK)
        return status;
    if (r.code.decides)
        narrow_by_code(&r);
    if (r.code.decides)
        answer->toolchain = r.code.toolchain;
    if (!read_versions(&r, &strong, &bare))
        return FPS_ERROR_MEMORY;
    bool ok = true;
    uint32_t release = bare_release(&r, &bare);
    if (strong.count) {
        ok = give_reading(&r, answer, &strong, best);
    } else if (release != FPS__NONE) {
        answer->template_version = r.component->releases[release];
        ok = give(&r, answer, FPS_VERSION_EXACT, &r.component->releases[release], 1, .97);
    } else if (r.code.decides) {
        ok = give_code(&r, answer);
    } else if (r.count) {
        ok = give_interval(&r, answer, best);
    }
    return ok && list_scores(&r, answer) ? FPS_OK : FPS_ERROR_MEMORY;
}
