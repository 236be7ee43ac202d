/* The version of a component: an interval over the catalogue's releases, narrowed only by features that
 * exclude others.
 *
 * Two things speak against a fingerprinted release: features in the object that no build of it has (extra),
 * and features that every build of it has in the active units and the object lacks (missing). Counting hits
 * would favour newer versions, which hold the texts of older ones. Releases that were never fingerprinted are
 * not excluded by silence: they stay in the interval up to the next excluded release. Where an object holds
 * just what a fingerprinted one does, all of it and nothing else, only the releases that differ are excluded;
 * where that leaves a range too wide to help, the answer says "nearest".
 */
#include "match/match_history.h"

#include "feature/template.h"
#include "util/search.h"
#include "util/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct score {
    uint32_t local;   /* release within the set's component */
    uint32_t release; /* within the merged component */
    fps__release_sums sums;
    const fps__hit *extra_hit; /* the heaviest */
    bool excluded;
    bool equal; /* an object of this release holds the same features, all of them and no others */
} score;

typedef struct resolver {
    const fps__matcher *matcher;
    fps__match_scratch *scratch;
    const fps__match_input *input;
    const fps__candidate *c;
    const fps__merged_component *component;
    const fps__merged_set *set;
    uint32_t set_id, local;
    score scores[FPS__MAX_FINGERPRINTS]; /* oldest first */
    uint32_t count;
    bool equal;         /* to some release */
    uint32_t low, high; /* the answer, releases of the merged component; low > high: none */
    bool nearest;
    fps__build_verdict code;
    fps__arena *arena;
} resolver;

/* ---- scores ---- */

/* A set need not list its releases in the order of the merged component, and two of them may be one there. */
static void start_scores(resolver *r)
{
    fps__set_component component;
    if (!fps__database_component(r->set->database, r->local, &component))
        return;
    for (uint32_t k = 0; k < r->set->fingerprint_count[r->local]; k++) {
        uint32_t local = r->set->fingerprints[r->local][k], at = r->count;
        fps__set_release info;
        if (!fps__database_release(r->set->database, component.release_first + local, &info))
            continue;
        uint32_t release = r->set->release[component.release_first + local];
        if (release >= r->component->release_count)
            continue;
        for (; at > 0 && r->scores[at - 1].release > release; at--)
            r->scores[at] = r->scores[at - 1];
        r->scores[at] = (score){.local = local, .release = release};
        r->count++;
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
        double weight = fps__entry_weight(hit->weight);
        if (fps__bit_set_has(all, s->local))
            s->sums.missing -= weight;
        if (fps__bit_set_has(any, s->local)) {
            s->sums.hits += weight;
        } else {
            s->sums.extra += weight;
            if (!s->extra_hit || hit->weight > s->extra_hit->weight)
                s->extra_hit = hit;
        }
    }
}

static void score_unit(resolver *r, const fps__unit_sum *sum)
{
    for (uint32_t k = 0; k < r->count; k++) {
        score *s = &r->scores[k];
        double expected = fps__entry_weight(fps__database_unit_total(r->set->database, sum->unit, s->local));
        s->sums.expected += expected;
        s->sums.missing += expected;
    }
    for (size_t i = sum->first; i < sum->end; i++) {
        const fps__hit *hit = &r->scratch->hits.items[i];
        if (fps__hit_is_text(hit))
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
        if (r->scores[k].sums.missing < 0)
            r->scores[k].sums.missing = 0;
}

/* ---- the interval ---- */

static uint32_t best_score(const resolver *r)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < r->count; k++)
        if (fps__release_distance(&r->scores[k].sums) < fps__release_distance(&r->scores[best].sums))
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

/* Lets the answer span the scores `first` to `last`, and the never fingerprinted releases beside them. */
static void span(resolver *r, uint32_t first, uint32_t last)
{
    uint32_t low = r->scores[first].release, high = r->scores[last].release;
    uint32_t before = first > 0 ? r->scores[first - 1].release + 1 : 0;
    uint32_t behind = last + 1 < r->count ? r->scores[last + 1].release : r->component->release_count;
    r->low = before < low ? before : low;
    r->high = behind > high ? behind - 1 : high;
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
    span(r, first, last);
    return first;
}

static void exclude(resolver *r, uint32_t best)
{
    for (uint32_t k = 0; k < r->count; k++)
        r->scores[k].excluded =
            k != best && fps__release_is_excluded(&r->scores[k].sums, &r->scores[best].sums);
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
    r->nearest = fps__release_is_nearest(&r->scores[best].sums);
    span(r, first, last);
    return best;
}

/* ---- functions ---- */

static bool has_release(const fps__release_bits *bits, uint32_t release)
{
    return release < FPS__MAX_RELEASES && fps__bits_has(bits->words, release);
}

/* Where functions decide, those releases stay that the texts allow and whose builds hold most of the
 * functions, or have none of the units found, so that nothing is known of them. Where none is left, the
 * functions win, if some release that the texts allow was compared at all. Never fingerprinted releases stay
 * between two that do. */
static void narrow_by_code(resolver *r)
{
    bool stays[FPS__MAX_FINGERPRINTS], some_stay = false;
    uint32_t low = UINT32_MAX, high = 0;
    for (uint32_t k = 0; k < r->count; k++) {
        const score *s = &r->scores[k];
        stays[k] = !s->excluded &&
                   (has_release(&r->code.releases, s->local) || !has_release(&r->code.compared, s->local));
        some_stay |= stays[k];
    }
    for (uint32_t k = 0; k < r->count; k++) {
        score *s = &r->scores[k];
        s->excluded = some_stay ? !stays[k] : !has_release(&r->code.releases, s->local);
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

/* Never fingerprinted releases are not excluded. */
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

/* A bare number is read only where it is the component's own. */
static bool is_at_home(const resolver *r, uint32_t literal)
{
    uint32_t neighbours = 0;
    for (size_t i = r->c->first; i < r->c->end && !fps__is_at_home(r->c->share, neighbours); i++) {
        const fps__hit *hit = &r->scratch->hits.items[i];
        uint32_t distance = hit->feature > literal ? hit->feature - literal : literal - hit->feature;
        neighbours += hit->kind == FPS__FEATURE_LITERAL && !(hit->flags & FPS__ENTRY_FOREIGN) &&
                      fps__is_neighbour(distance);
    }
    return fps__is_at_home(r->c->share, neighbours);
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
    return answer->note && give(r, answer, FPS_VERSION_NEAREST, equal, count, FPS__VERSION_NEAREST);
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
    return give(r, answer, count == 1 ? FPS_VERSION_EXACT : FPS_VERSION_INTERVAL, list, count,
                FPS__VERSION_BUILD);
}

static bool give_interval(resolver *r, fps_version_answer *answer, uint32_t best)
{
    const char **releases = r->component->releases;
    if (r->nearest) {
        answer->note =
            "nearest, not exact: the object holds features that no fingerprinted release has together";
        return give(r, answer, FPS_VERSION_NEAREST, releases + r->scores[best].release, 1,
                    FPS__VERSION_NEAREST);
    }
    size_t count = r->high - r->low + 1;
    if (r->equal && fps__range_is_wide(count))
        return give_wide(r, answer);
    return give(r, answer, count == 1 ? FPS_VERSION_EXACT : FPS_VERSION_INTERVAL, releases + r->low, count,
                fps__version_confidence(r->c->share));
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
        return give(r, answer, FPS_VERSION_EXACT, &text, 1,
                    is_inside(r, release) ? FPS__VERSION_READ : FPS__VERSION_OUTSIDE);
    }
    const char *both[] = {text, r->component->releases[r->scores[best].release]};
    answer->note =
        note(r, "a version text reads %s, the features fit %s: a backport, a fork or a second copy", both[0],
             both[1]);
    return give(r, answer, FPS_VERSION_INTERVAL, both, 2, FPS__VERSION_CONTRADICTED);
}

static int compare_scores(const void *a, const void *b)
{
    const score *left = a, *right = b;
    double l = fps__release_distance(&left->sums), r = fps__release_distance(&right->sums);
    return l != r ? FPS__COMPARE(l, r) : FPS__COMPARE(right->release, left->release);
}

static uint32_t rounded(double value)
{
    return (uint32_t)(value + .5);
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
                                      .hits = (uint32_t)s->sums.hits,
                                      .misses = rounded(s->sums.extra + s->sums.missing),
                                      .score = s->sums.hits - s->sums.extra - s->sums.missing};
        if (!s->excluded)
            continue;
        list[k].excluded_by = "its builds hold fewer of the functions found";
        if (r->code.decides)
            continue;
        const fps__feature *extra = s->extra_hit ? &r->input->features->items[s->extra_hit->feature] : NULL;
        list[k].excluded_by = extra && fps__release_has_extra(&s->sums)
                                  ? fps__match_text(r->arena, extra->text, extra->length)
                                  : "lacks what every build of it has";
        if (!list[k].excluded_by)
            return false;
    }
    answer->scores = list;
    answer->score_count = r->count;
    return true;
}

/* ---- the release history ---- */

/* A version text that no feature speaks against is the answer, whatever the history says. */
static bool is_read_without_contradiction(const resolver *r, const readings *strong)
{
    for (uint32_t i = 0; i < strong->count; i++) {
        uint32_t release = strong->release[i];
        if (is_inside(r, release) || release == FPS__NONE || !r->component->fingerprinted[release])
            return true;
    }
    return false;
}

static bool give_history(resolver *r, fps_version_answer *answer, const fps__history_answer *found)
{
    answer->template_version = found->read;
    if (!found->count) {
        answer->open_above = true;
        return give(r, answer, FPS_VERSION_INTERVAL, &found->newest, 1, found->confidence);
    }
    answer->open_above = found->newer;
    bool exact = found->count == 1 && !found->newer;
    return give(r, answer, exact ? FPS_VERSION_EXACT : FPS_VERSION_INTERVAL, found->versions, found->count,
                found->confidence);
}

/* Answers by the history where there is one: unless the object equals a build, or functions tell one, or a text of its
 * own says the version. False without memory. */
static bool answer_by_history(resolver *r, fps_version_answer *answer, const readings *strong,
                              const readings *bare, bool *answered)
{
    fps__history_reading list[2 * MAX_READINGS];
    fps__history_answer found;
    size_t count = 0;
    *answered = false;
    if (r->equal || r->code.decides || is_read_without_contradiction(r, strong))
        return true;
    for (uint32_t i = 0; i < strong->count; i++)
        list[count++] = (fps__history_reading){strong->texts[i], false};
    for (uint32_t i = 0; i < bare->count; i++)
        list[count++] = (fps__history_reading){bare->texts[i], true};
    if (fps__match_history(r->scratch, r->input->features, r->set_id, r->local, list, count, r->arena, &found,
                           answered) != FPS_OK)
        return false;
    if (!*answered)
        return true;
    answer->scores = found.scores;
    answer->score_count = found.score_count;
    answer->posterior = true;
    return give_history(r, answer, &found);
}

/* Chooses among the ways to tell the version: a text of its own, a bare number inside the interval, the
 * functions, the features. False without memory. */
static bool answer_with(resolver *r, fps_version_answer *answer, const readings *strong, const readings *bare,
                        uint32_t best)
{
    uint32_t release = bare_release(r, bare);
    if (strong->count)
        return give_reading(r, answer, strong, best);
    if (release != FPS__NONE) {
        answer->template_version = r->component->releases[release];
        return give(r, answer, FPS_VERSION_EXACT, &r->component->releases[release], 1, FPS__VERSION_BARE);
    }
    if (r->code.decides)
        return give_code(r, answer);
    return !r->count || give_interval(r, answer, best);
}

fps_status fps__match_version(const fps__matcher *matcher, fps__match_scratch *scratch,
                              const fps__match_input *input, const fps__candidate *candidate,
                              fps__arena *arena, fps_version_answer *answer)
{
    *answer = (fps_version_answer){.kind = FPS_VERSION_UNKNOWN};
    if (candidate->state == FPS_STATE_MENTIONED)
        return FPS_OK;
    const fps__hit *hit = fps__match_main_hit(scratch->hits.items, candidate->first, candidate->end);
    resolver r = {.matcher = matcher,
                  .scratch = scratch,
                  .input = input,
                  .c = candidate,
                  .component = fps__matcher_component(matcher, candidate->component),
                  .set = &matcher->sets[hit->set], /* whose releases are compared */
                  .set_id = hit->set,
                  .local = hit->local,
                  .low = 1,
                  .high = 0,
                  .arena = arena};
    readings strong = {.count = 0}, bare = {.count = 0};
    score_releases(&r);
    uint32_t best = r.count ? make_interval(&r) : 0;
    fps_status status = fps__match_build(scratch, input->features, candidate, r.set_id, r.local, &r.code);
    if (status != FPS_OK)
        return status;
    if (r.code.decides)
        narrow_by_code(&r);
    if (r.code.decides)
        answer->toolchain = r.code.toolchain;
    bool answered = false;
    bool ok = read_versions(&r, &strong, &bare) && answer_by_history(&r, answer, &strong, &bare, &answered) &&
              (answered || answer_with(&r, answer, &strong, &bare, best));
    return ok && (answered || list_scores(&r, answer)) ? FPS_OK : FPS_ERROR_MEMORY;
}
