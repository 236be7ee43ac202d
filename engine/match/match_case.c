/* What each component has in an object: look-ups, units, and the sums that a decision is made from. */
#include "match/match_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    const fps__merged_set *pool = &s->matcher->sets[set];
    uint32_t count = fps__database_posting_size(pool->database, posting);
    for (uint32_t i = 0; i < count; i++) {
        fps__set_entry entry;
        if (!fps__database_entry(pool->database, posting, i, &entry) ||
            entry.component >= pool->component_count || pool->component[entry.component] == FPS__NONE)
            continue;
        if (FPS__ARRAY_RESERVE(&s->hits, 1, SIZE_MAX / sizeof(fps__hit)) != FPS_OK)
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

bool fps__match_look_up(fps__match_scratch *s, const fps__features *features)
{
    size_t count = features->count;
    s->keys.count = s->postings.count = s->hits.count = 0;
    if (FPS__ARRAY_RESERVE(&s->keys, count, SIZE_MAX / 8) != FPS_OK ||
        FPS__ARRAY_RESERVE(&s->postings, count, SIZE_MAX / 8) != FPS_OK)
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
    if (s->hits.count)
        qsort(s->hits.items, s->hits.count, sizeof *s->hits.items, compare_hits);
    return true;
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
    const fps__merged_set *set = &matcher->sets[sum->set];
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
    unsigned names = 0;
    while (sum->end < limit && hits[sum->end].set == sum->set && hits[sum->end].unit == sum->unit) {
        const fps__hit *hit = &hits[sum->end++];
        if (hit->claimed)
            continue;
        if (!is_evidence(hit))
            continue;
        names += hit->kind == FPS__FEATURE_NAME;
        sum->hits++;
        sum->weight += hit->weight / 16.0;
    }
    sum->names = names * 2 > sum->hits;
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

double fps__feature_worth(const fps__feature *feature)
{
    if (fps__feature_kind_of(feature->key) == FPS__FEATURE_NAME)
        return 1;
    size_t letters = 0;
    for (uint32_t i = 0; i < feature->length && letters < 4; i++)
        letters += (feature->text[i] | 32) >= 'a' && (feature->text[i] | 32) <= 'z';
    return letters < 4 ? .25 : feature->length < 8 ? .5 : 1;
}

/* True for a text with at least two words of two letters, a space between them. */
static bool is_sentence(const fps__feature *feature)
{
    uint32_t words = 0, letters = 0;
    for (uint32_t i = 0; i <= feature->length && words < 2; i++) {
        bool end = i == feature->length || feature->text[i] == ' ';
        bool letter = !end && (feature->text[i] | 32) >= 'a' && (feature->text[i] | 32) <= 'z';
        words += end && letters >= 2;
        letters = end ? 0 : letters + letter;
    }
    return words >= 2;
}

/* The weight of the sentences of an active unit. */
static double unit_sentences(const fps__hit *hits, const fps__features *features, const fps__unit_sum *sum)
{
    double weight = 0;
    for (size_t i = sum->first; i < sum->end; i++)
        if (!hits[i].claimed && hits[i].kind == FPS__FEATURE_LITERAL && is_evidence(&hits[i]) &&
            is_sentence(&features->items[hits[i].feature]))
            weight += hits[i].weight / 16.0;
    return weight;
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

static void count_hit(fps__candidate *c, const fps__hit *hit, const fps__feature *feature, bool new_feature)
{
    if (hit->claimed || !new_feature)
        return;
    if (hit->kind == FPS__FEATURE_USE)
        c->use_count++, c->uses += hit->weight / 16.0;
    if (hit->kind == FPS__FEATURE_EXACT)
        c->exact_count++;
    if (is_text(hit))
        c->text += fps__feature_worth(feature);
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

/* The part of all texts of a release that active units show, at its best; 0 for components of many units, of
 * which one would not expect all. */
static double whole_part(const fps__matcher *matcher, const fps__hit *hit, double found)
{
    enum { UNITS = 64 };
    const fps__merged_set *set = &matcher->sets[hit->set];
    fps__set_component component;
    double best = 0;
    if (!fps__database_component(set->database, hit->local, &component) || component.unit_count > UNITS)
        return 0;
    for (uint32_t k = 0; k < set->fingerprint_count[hit->local]; k++) {
        double total = 0;
        for (uint32_t u = 0; u < component.unit_count; u++) {
            fps__set_unit unit;
            uint32_t id = component.unit_first + u;
            if (fps__database_unit(set->database, id, &unit) && !unit.code &&
                !strchr(unit.name, '!')) /* units of names are "libz!": exports vanish in programs */
                total += fps__database_unit_total(set->database, id, set->fingerprints[hit->local][k]) / 16.0;
        }
        if (total > 0 && found / total > best)
            best = found / total;
    }
    return best;
}

/* Weighs a component over the hits that are not claimed. */
void fps__match_weigh(const fps__match_scratch *s, const fps__features *features, fps__candidate *c)
{
    fps__candidate fresh = {.component = c->component,
                            .first = c->first,
                            .end = c->end,
                            .rule_bonus = c->rule_bonus,
                            .rule_version = c->rule_version,
                            .rule_version_length = c->rule_version_length,
                            .equal = c->equal,
                            .runtime = s->matcher->components[c->component].role == FPS_COMPONENT_RUNTIME};
    *c = fresh;
    fps__match_weigh_code(s, features, c);
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
        c->sentences += unit_sentences(hits, features, &sum);
        c->whole_member |= sum.coverage >= .5 && is_member(s->matcher, &sum);
        *(sum.names ? &c->names : &c->literals) += unit_evidence(&sum);
        c->expected += sum.expected;
        c->found += sum.found;
        if (sum.coverage > c->best_coverage)
            c->best_coverage = sum.coverage;
    }
    if (c->found >= OPEN_WHOLE * LIKELY_PART)
        c->whole = whole_part(s->matcher, &hits[c->first], c->found);
}

double fps__candidate_evidence(const fps__candidate *c)
{
    return c->literals + c->names + c->rule_bonus + CODE_WORTH * c->code;
}

bool fps__match_clear_owners(fps__match_scratch *s, size_t features)
{
    if (FPS__ARRAY_RESERVE(&s->owner, features, SIZE_MAX / 8) != FPS_OK)
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

bool fps__match_make_cases(fps__match_scratch *s, const fps__match_input *input)
{
    s->cases.count = 0;
    if (!fps__match_clear_owners(s, input->features->count))
        return false;
    for (size_t i = 0, end; i < s->hits.count; i = end) {
        for (end = i; end < s->hits.count && s->hits.items[end].component == s->hits.items[i].component;)
            end++;
        if (FPS__ARRAY_RESERVE(&s->cases, 1, SIZE_MAX / sizeof(fps__candidate)) != FPS_OK)
            return false;
        fps__candidate *c = &s->cases.items[s->cases.count];
        *c = (fps__candidate){.component = s->hits.items[i].component, .first = i, .end = end};
        if (s->hits.items[i].set != s->hits.items[end - 1].set)
            count_once(s, i, end);
        fps__match_weigh(s, input->features, c);
        for (size_t k = i; k < end && !c->equal; k++)
            if (k == i || s->hits.items[k].set != s->hits.items[k - 1].set)
                c->equal = fps__match_content(s->matcher, s->hits.items, i, end, input->features,
                                              s->hits.items[k].set) != FPS__NONE;
        if (c->raw >= RAW_MINIMUM || c->uses > 0 || c->exact_count || c->function_count >= 2)
            s->cases.count++;
    }
    return true;
}

static fps__candidate *find_case(fps__match_scratch *s, uint32_t component)
{
    for (size_t i = 0; i < s->cases.count; i++)
        if (s->cases.items[i].component == component)
            return &s->cases.items[i];
    return NULL;
}

/* Rules read versions; a naming rule also adds evidence. */
void fps__match_apply_rules(fps__match_scratch *s, const fps__match_input *input)
{
    enum { NAME_RULE_WORTH = 3 };
    for (size_t i = 0; i < input->rule_count; i++) {
        const fps__rule_hit *hit = &input->rules[i];
        fps__candidate *c = find_case(s, fps__matcher_find(s->matcher, hit->component));
        if (!c || (hit->effect == FPS__RULE_VERSION && c->literal_count + c->name_count < hit->needs))
            continue;
        if (hit->effect == FPS__RULE_NAME)
            c->rule_bonus = NAME_RULE_WORTH;
        if (!hit->version_length || c->rule_version)
            continue;
        const fps__feature *literal = &input->features->items[hit->literal];
        c->rule_version = literal->text + hit->version_start;
        c->rule_version_length = hit->version_length;
    }
}
