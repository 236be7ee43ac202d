/* The decision: look-ups, cases, greedy cover and states.
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

/* Thresholds, in features of full weight. Chosen on the development roots, checked on others:
 * bench/README.md. */

/* What opens a component: literals in active units; exported names in active units; both together in an
 * object that it explains for the most part; all that one of its objects has of it, and nothing more.
 * LIKELY_PART of it makes it likely. */
#define OPEN_LITERALS 5.0
#define OPEN_NAMES    8.0
#define OPEN_SMALL    2.5
#define SMALL_SHARE   0.40
#define OPEN_EQUAL    3.0
#define LIKELY_PART   0.5

/* Below PART_SHARE of the object's texts, a component is a part among others. Then this part of its evidence
 * must lie in active units, and this part of the units that it touches must be active, two at least:
 * vocabulary touches many and fills none. */
#define PART_SHARE 0.40
#define PART_FOCUS 0.50
#define PART_UNITS 0.40

#define RAW_MINIMUM 1.0 /* with less evidence, a component is not looked at */

/* ---- look-ups ---- */

static uint64_t lookup_key(const fps__feature *feature)
{
    if (fps__feature_kind_of(feature->key) == FPS__FEATURE_USE)
        return fps__feature_key(feature->key, FPS__FEATURE_NAME);
    return feature->key;
}

static bool add_hits(fps__match_scratch *s, uint32_t set, uint32_t feature, const fps__feature *f,
                     uint32_t posting)
{
    const fps__pool_set *pool = &s->matcher->sets[set];
    uint32_t count = fps__database_posting_size(pool->database, posting);
    for (uint32_t i = 0; i < count; i++) {
        fps__set_entry entry;
        if (!fps__database_entry(pool->database, posting, i, &entry) ||
            entry.component >= pool->component_count || pool->component[entry.component] == FPS__NONE)
            continue;
        if (!FPS__ARRAY_ROOM(&s->hits, 1, SIZE_MAX / sizeof(fps__hit)))
            return false;
        s->hits.items[s->hits.count++] = (fps__hit){.component = pool->component[entry.component],
                                                    .set = set,
                                                    .local = entry.component,
                                                    .unit = entry.unit,
                                                    .feature = feature,
                                                    .any = entry.any,
                                                    .all = entry.all,
                                                    .weight = entry.weight,
                                                    .flags = entry.flags,
                                                    .kind = fps__feature_kind_of(f->key)};
    }
    return true;
}

static bool look_up(fps__match_scratch *s, const fps__features *features)
{
    size_t count = features->count;
    s->keys.count = s->postings.count = s->hits.count = 0;
    if (!FPS__ARRAY_ROOM(&s->keys, count, SIZE_MAX / 8) ||
        !FPS__ARRAY_ROOM(&s->postings, count, SIZE_MAX / 8))
        return false;
    for (size_t i = 0; i < count; i++)
        s->keys.items[i] = lookup_key(&features->items[i]);
    for (uint32_t set = 0; set < s->matcher->set_count; set++) {
        fps__database_probe(s->matcher->sets[set].database, s->keys.items, count, s->postings.items);
        for (size_t i = 0; i < count; i++)
            if (s->postings.items[i] != FPS__NONE &&
                !add_hits(s, set, (uint32_t)i, &features->items[i], s->postings.items[i]))
                return false;
    }
    return true;
}

static int compare_hits(const void *a, const void *b)
{
    const fps__hit *left = a, *right = b;
    const uint32_t l[] = {left->component, left->set, left->unit, left->feature, (uint32_t)left->kind};
    const uint32_t r[] = {right->component, right->set, right->unit, right->feature, (uint32_t)right->kind};
    for (size_t i = 0; i < sizeof l / sizeof *l; i++)
        if (l[i] != r[i])
            return l[i] < r[i] ? -1 : 1;
    return 0;
}

/* ---- units ---- */

static bool is_text(const fps__hit *hit)
{
    return hit->kind == FPS__FEATURE_LITERAL || hit->kind == FPS__FEATURE_NAME;
}

static bool is_evidence(const fps__hit *hit)
{
    return is_text(hit) && !(hit->flags & FPS__ENTRY_FOREIGN);
}

/* Chooses the release that explains the unit best. A release that lacks much of what was found explains
 * little, so what it lacks counts as expected too. */
static void cover_unit(const fps__matcher *matcher, const fps__hit *hits, fps__unit_sum *sum)
{
    const fps__pool_set *set = &matcher->sets[sum->set];
    uint32_t local = hits[sum->first].local;
    for (uint32_t k = 0; k < set->fingerprint_count[local]; k++) {
        uint32_t release = set->fingerprints[local][k];
        double total = fps__database_unit_total(set->database, sum->unit, release) / 16.0, found = 0;
        for (size_t i = sum->first; i < sum->end; i++) {
            fps__bit_set all;
            if (!hits[i].claimed && is_evidence(&hits[i]) &&
                fps__database_bit_set(set->database, hits[i].all, &all) && fps__bit_set_has(all, release))
                found += hits[i].weight / 16.0;
        }
        if (total > 0 && found / total > sum->coverage) {
            sum->coverage = found / total;
            sum->expected = total;
            sum->found = found;
        }
    }
}

void fps__match_unit(const fps__matcher *matcher, const fps__hit *hits, size_t first, size_t limit,
                     fps__unit_sum *sum)
{
    *sum = (fps__unit_sum){.set = hits[first].set, .unit = hits[first].unit, .first = first, .end = first};
    unsigned names = 0, exact = 0;
    while (sum->end < limit && hits[sum->end].set == sum->set && hits[sum->end].unit == sum->unit) {
        const fps__hit *hit = &hits[sum->end++];
        if (hit->claimed)
            continue;
        exact += hit->kind == FPS__FEATURE_EXACT;
        if (!is_evidence(hit))
            continue;
        names += hit->kind == FPS__FEATURE_NAME;
        sum->hits++;
        sum->weight += hit->weight / 16.0;
    }
    sum->names = names * 2 > sum->hits;
    sum->exact = exact > 0 && !sum->hits;
    if (sum->unit == FPS__NONE || !sum->hits)
        return;
    cover_unit(matcher, hits, sum);
    sum->active = sum->coverage >= .3 && (sum->hits >= 2 || sum->coverage >= .95);
}

/* What an active unit adds. One or two hits may be chance, however small the unit. */
static double unit_evidence(const fps__unit_sum *sum)
{
    static const double by_hits[] = {0, .25, .5, .8};
    return sum->weight * (sum->hits < 4 ? by_hits[sum->hits] : 1.0);
}

static double text_value(const fps__feature *feature)
{
    if (fps__feature_kind_of(feature->key) == FPS__FEATURE_NAME)
        return 1;
    size_t letters = 0;
    for (uint32_t i = 0; i < feature->length && letters < 4; i++)
        letters += (feature->text[i] | 32) >= 'a' && (feature->text[i] | 32) <= 'z';
    return letters < 4 ? .25 : feature->length < 8 ? .5 : 1;
}

uint32_t fps__match_content(const fps__matcher *matcher, const fps__hit *hits, size_t first, size_t end,
                            const fps__features *features, uint32_t set_id)
{
    uint64_t sum = 0, count = 0;
    for (size_t i = first; i < end; i++) {
        if (hits[i].set != set_id || !is_evidence(&hits[i]))
            continue;
        sum += features->items[hits[i].feature].key;
        count++;
    }
    return fps__database_probe_one(matcher->sets[set_id].database, fps__feature_content_key(sum, count));
}

/* ---- cases ---- */

static void count_hit(fps__case *c, const fps__hit *hit, const fps__feature *feature, bool new_feature)
{
    if (hit->claimed || !new_feature)
        return;
    if (hit->kind == FPS__FEATURE_USE)
        c->use_count++, c->uses += hit->weight / 16.0;
    if (hit->kind == FPS__FEATURE_EXACT)
        c->exact_count++;
    if (is_text(hit))
        c->text += text_value(feature);
    if (!is_evidence(hit))
        return;
    c->literal_count += hit->kind == FPS__FEATURE_LITERAL;
    c->name_count += hit->kind == FPS__FEATURE_NAME;
    c->raw += hit->weight / 16.0;
    if (hit->kind == FPS__FEATURE_NAME && feature->length > 3 &&
        memmem(feature->text, feature->length, ".so", 3))
        c->soname = true;
}

/* An archive member is pulled into a program alone; a cluster of addresses of a whole library is not. */
static bool is_member(const fps__matcher *matcher, const fps__unit_sum *sum)
{
    fps__set_unit unit;
    return fps__database_unit(matcher->sets[sum->set].database, sum->unit, &unit) && strchr(unit.name, '(');
}

/* Weighs a component over the hits that are not claimed. */
static void weigh(const fps__match_scratch *s, const fps__features *features, fps__case *c)
{
    fps__case fresh = {.component = c->component,
                       .first = c->first,
                       .end = c->end,
                       .rule_bonus = c->rule_bonus,
                       .rule_version = c->rule_version,
                       .rule_version_length = c->rule_version_length,
                       .equal = c->equal,
                       .rule_name = c->rule_name};
    *c = fresh;
    const fps__hit *hits = s->hits.items;
    for (size_t i = c->first; i < c->end; i++)
        count_hit(c, &hits[i], &features->items[hits[i].feature],
                  i == c->first || hits[i].feature != hits[i - 1].feature);
    for (size_t i = c->first; i < c->end;) {
        fps__unit_sum sum;
        fps__match_unit(s->matcher, hits, i, c->end, &sum);
        i = sum.end;
        c->units_touched += sum.hits > 0;
        if (!sum.active)
            continue;
        c->units_active++;
        c->focused += sum.weight;
        c->whole_member |= sum.coverage >= .5 && is_member(s->matcher, &sum);
        *(sum.names ? &c->names : &c->literals) += unit_evidence(&sum);
        c->expected += sum.expected;
        c->found += sum.found;
        if (sum.coverage > c->best_coverage)
            c->best_coverage = sum.coverage;
    }
}

static double total_evidence(const fps__case *c)
{
    return c->literals + c->names + c->rule_bonus;
}

static bool clear_owners(fps__match_scratch *s, size_t features)
{
    if (!FPS__ARRAY_ROOM(&s->owner, features, SIZE_MAX / 8))
        return false;
    memset(s->owner.items, 0, features * sizeof *s->owner.items);
    return true;
}

static uint32_t set_with_most_hits(const fps__hit *hits, size_t first, size_t end)
{
    size_t best = 0, run = 0;
    uint32_t set = hits[first].set;
    for (size_t i = first; i < end; i++) {
        run = i > first && hits[i].set == hits[i - 1].set ? run + 1 : 1;
        if (run > best) {
            best = run;
            set = hits[i].set;
        }
    }
    return set;
}

/* A feature that several sets give to one component counts once: in the set with the most hits, whose
 * releases are compared, or else in the first that has it. */
static void count_once(fps__match_scratch *s, size_t first, size_t end)
{
    fps__hit *hits = s->hits.items;
    uint32_t main_set = set_with_most_hits(hits, first, end), mark = hits[first].component + 1;
    for (size_t i = first; i < end; i++)
        if (hits[i].set == main_set)
            s->owner.items[hits[i].feature] = mark;
    for (size_t i = first; i < end; i++) {
        if (hits[i].set == main_set)
            continue;
        hits[i].claimed = s->owner.items[hits[i].feature] == mark;
        s->owner.items[hits[i].feature] = mark;
    }
}

static bool make_cases(fps__match_scratch *s, const fps__match_input *input)
{
    s->cases.count = 0;
    if (!clear_owners(s, input->features->count))
        return false;
    for (size_t i = 0, end; i < s->hits.count; i = end) {
        for (end = i; end < s->hits.count && s->hits.items[end].component == s->hits.items[i].component;)
            end++;
        if (!FPS__ARRAY_ROOM(&s->cases, 1, SIZE_MAX / sizeof(fps__case)))
            return false;
        fps__case *c = &s->cases.items[s->cases.count];
        *c = (fps__case){.component = s->hits.items[i].component, .first = i, .end = end};
        if (s->hits.items[i].set != s->hits.items[end - 1].set)
            count_once(s, i, end);
        weigh(s, input->features, c);
        for (size_t k = i; k < end && !c->equal; k++)
            if (k == i || s->hits.items[k].set != s->hits.items[k - 1].set)
                c->equal = fps__match_content(s->matcher, s->hits.items, i, end, input->features,
                                              s->hits.items[k].set) != FPS__NONE;
        if (c->raw >= RAW_MINIMUM || c->uses > 0 || c->exact_count)
            s->cases.count++;
    }
    return true;
}

static fps__case *find_case(fps__match_scratch *s, uint32_t component)
{
    for (size_t i = 0; i < s->cases.count; i++)
        if (s->cases.items[i].component == component)
            return &s->cases.items[i];
    return NULL;
}

/* Rules read versions; a naming rule also adds evidence. */
static void apply_rules(fps__match_scratch *s, const fps__match_input *input)
{
    enum { NAME_RULE_WORTH = 3 };
    for (size_t i = 0; i < input->rule_count; i++) {
        const fps__rule_hit *hit = &input->rules[i];
        fps__case *c = find_case(s, fps__matcher_find(s->matcher, hit->component));
        if (!c || (hit->effect == FPS__RULE_VERSION && c->literal_count + c->name_count < hit->needs))
            continue;
        if (hit->effect == FPS__RULE_NAME)
            c->rule_bonus = NAME_RULE_WORTH;
        if (!hit->version_length || c->rule_version)
            continue;
        const fps__feature *literal = &input->features->items[hit->literal];
        c->rule_version = literal->text + hit->version_start;
        c->rule_version_length = hit->version_length;
        c->rule_name = hit->rule;
    }
}

/* ---- cover and states ---- */

/* What the object's literals and names are worth together: the base of the share that a component explains.
 */
static double object_text(const fps__features *features)
{
    double sum = 0;
    for (size_t i = 0; i < features->literal_count + features->name_count; i++)
        sum += text_value(&features->items[i]);
    return sum;
}

static bool opens(const fps__case *c, double part)
{
    double evidence = total_evidence(c);
    if (c->equal && c->raw >= OPEN_EQUAL * part)
        return true;
    bool scattered = c->focused < PART_FOCUS * c->raw || c->units_active < PART_UNITS * c->units_touched;
    if (c->share < PART_SHARE && (scattered || (c->units_active < 2 && !c->whole_member)))
        return false;
    if (c->literals + c->rule_bonus >= OPEN_LITERALS * part || c->names >= OPEN_NAMES * part)
        return true;
    if (c->literals + c->names / 2 >= OPEN_LITERALS * part && c->best_coverage >= .5)
        return true;
    return evidence >= OPEN_SMALL * part && c->literal_count + c->name_count >= 3 &&
           c->share >= SMALL_SHARE && c->best_coverage >= .5;
}

static void claim(fps__match_scratch *s, const fps__case *c)
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
static bool goes_before(const fps__match_scratch *s, const fps__case *a, const fps__case *b)
{
    bool a_opens = opens(a, 1), b_opens = opens(b, 1);
    if (a_opens != b_opens)
        return a_opens;
    if (!a_opens)
        return total_evidence(a) > total_evidence(b);
    if (a->text > b->text * 1.02 || b->text > a->text * 1.02)
        return a->text > b->text;
    uint32_t a_since = s->matcher->components[a->component].since,
             b_since = s->matcher->components[b->component].since;
    return a_since && b_since && a_since != b_since ? a_since < b_since : a->text > b->text;
}

static fps__case *best_undecided(fps__match_scratch *s, double object)
{
    fps__case *best = NULL;
    for (size_t i = 0; i < s->cases.count; i++) {
        fps__case *c = &s->cases.items[i];
        if (c->decided)
            continue;
        c->share = object > 0 ? c->text / object : 0;
        if (!best || goes_before(s, c, best))
            best = c;
    }
    return best;
}

static void decide(fps__case *c)
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
    if (!clear_owners(s, input->features->count))
        return false;
    double object = object_text(input->features);
    for (fps__case *c; (c = best_undecided(s, object));) {
        decide(c);
        if (c->state == FPS_STATE_MENTIONED)
            continue;
        claim(s, c);
        for (size_t i = 0; i < s->cases.count; i++)
            if (!s->cases.items[i].decided)
                weigh(s, input->features, &s->cases.items[i]);
    }
    return true;
}

/* ---- findings ---- */

static const fps__case *dominant(const fps__match_scratch *s)
{
    const fps__case *best = NULL;
    for (size_t i = 0; i < s->cases.count; i++) {
        const fps__case *c = &s->cases.items[i];
        if (c->shown && c->state == FPS_STATE_PRESENT && (!best || c->text > best->text))
            best = c;
    }
    return best;
}

static fps_linkage linkage_of(const fps__match_scratch *s, const fps__case *c)
{
    const fps__case *main_case = dominant(s);
    if (c->state == FPS_STATE_MENTIONED)
        return FPS_LINKAGE_DYNAMIC;
    if (c == main_case && (c->share >= .3 || c->soname || c->names >= OPEN_NAMES))
        return FPS_LINKAGE_OWN;
    return c->units_active * 2 >= c->units_touched ? FPS_LINKAGE_STATIC : FPS_LINKAGE_EMBEDDED;
}

/* The confidence that a component is there: halves its distance to 1 with each 1.5 features of evidence. */
static double confidence_of(const fps__case *c)
{
    double evidence = total_evidence(c), rest = 1;
    if (c->share >= SMALL_SHARE)
        evidence += 2;
    for (; evidence >= 1.5; evidence -= 1.5)
        rest /= 2;
    rest *= 1 - evidence / 3;
    double confidence = rest < .001 ? .999 : 1 - rest;
    return c->state == FPS_STATE_MENTIONED && confidence > .3 ? .3 : confidence;
}

static const char *why_not(const fps__case *c, fps__arena *arena)
{
    char text[256];
    if (c->state == FPS_STATE_PRESENT)
        return NULL;
    snprintf(text, sizeof text,
             "%u literals and %u names in %u units, of which %u are covered to .30; evidence %.1f of %.1f, "
             "share %.2f; "
             "%u uses",
             c->literal_count, c->name_count, c->units_touched, c->units_active, total_evidence(c),
             OPEN_LITERALS, c->share, c->use_count);
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

/* True when the object holds units of another object's own as a whole, and none of an object of the file's
 * name. */
static bool is_renamed(const fps__match_scratch *s, const fps__case *c, const char *path)
{
    enum { WHOLE = 4 }; /* features of a unit that tell whose it is */
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *stem;
    bool other = false;
    for (size_t i = c->first; i < c->end;) {
        fps__unit_sum sum;
        fps__set_unit unit;
        fps__match_unit(s->matcher, s->hits.items, i, c->end, &sum);
        i = sum.end;
        if (!sum.hits || !fps__database_unit(s->matcher->sets[sum.set].database, sum.unit, &unit))
            continue;
        size_t length = unit_stem(unit.name, &stem);
        if (length && strncmp(name, stem, length) == 0)
            return false;
        other |= length && sum.hits >= WHOLE && sum.coverage >= .9;
    }
    return other;
}

/* A file with several names is renamed when none of them fits. */
static bool has_other_name(const fps__match_scratch *s, const fps__match_input *input, const fps__case *c)
{
    bool renamed = is_renamed(s, c, input->path);
    for (size_t i = 0; renamed && i < input->link_count; i++)
        renamed = is_renamed(s, c, input->links[i]);
    return renamed;
}

static fps_status make_finding(const fps__matcher *matcher, fps__match_scratch *s,
                               const fps__match_input *input, const fps__case *c, fps__arena *arena,
                               fps_finding *f)
{
    *f = (fps_finding){.component = c->component,
                       .state = c->state,
                       .linkage = linkage_of(s, c),
                       .confidence = confidence_of(c),
                       .share = c->share,
                       .units_active = c->units_active,
                       .units_total = c->units_touched,
                       .literals = c->literal_count,
                       .names = c->name_count,
                       .uses = c->use_count,
                       .exact = c->exact_count};
    f->coverage = c->expected > 0 ? c->found / c->expected : 0;
    f->renamed = f->linkage == FPS_LINKAGE_OWN && has_other_name(s, input, c);
    f->against = why_not(c, arena);
    fps_status status = fps__match_version(matcher, s, input, c, arena, &f->version);
    return status == FPS_OK ? fps__match_evidence(matcher, s, input, c, arena, f) : status;
}

static int compare_findings(const void *a, const void *b)
{
    const fps_finding *left = a, *right = b;
    return (left->component > right->component) - (left->component < right->component);
}

fps_status fps__match_object(const fps__matcher *matcher, fps__match_scratch *s,
                             const fps__match_input *input, fps__arena *arena, fps__match_output *output,
                             fps_error *error)
{
    *output = (fps__match_output){NULL, 0};
    if (!look_up(s, input->features))
        return fps__fail_memory(error);
    if (!s->hits.count)
        return FPS_OK;
    qsort(s->hits.items, s->hits.count, sizeof *s->hits.items, compare_hits);
    if (!make_cases(s, input))
        return fps__fail_memory(error);
    apply_rules(s, input);
    if (!cover(s, input))
        return fps__fail_memory(error);
    output->findings = fps__arena_array(arena, s->cases.count + 1, sizeof *output->findings);
    if (!output->findings)
        return fps__fail_memory(error);
    for (size_t i = 0; i < s->cases.count; i++) {
        const fps__case *c = &s->cases.items[i];
        if (!c->shown && !(input->keep_excluded && c->raw >= RAW_MINIMUM))
            continue;
        if (make_finding(matcher, s, input, c, arena, &output->findings[output->count++]) != FPS_OK)
            return fps__fail_memory(error);
    }
    qsort(output->findings, output->count, sizeof *output->findings, compare_findings);
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
