/* What each component has in an object: the sums that a decision is made from. */
#include "match/match_internal.h"

#include "util/search.h"

#include <string.h>

double fps__feature_worth(const fps__feature *feature)
{
    if (fps__feature_kind_of(feature->key) == FPS__FEATURE_NAME)
        return 1;
    return fps__text_worth(feature->text, feature->length) / (double)FPS__TEXT_WORTH_FULL;
}

/* ---- sums ---- */

/* Counts a feature of the object; a feature has one hit for each unit and kind, and counts once. */
static void count_hit(fps__text_sums *sums, const fps__hit *hit, const fps__feature *feature,
                      bool new_feature)
{
    if (hit->discounted || !new_feature)
        return;
    if (hit->kind == FPS__FEATURE_USE) {
        sums->use_count++;
        sums->uses += fps__entry_weight(hit->weight);
    }
    if (hit->kind == FPS__FEATURE_EXACT)
        sums->exact_count++;
    if (fps__hit_is_text(hit))
        sums->worth += fps__feature_worth(feature);
    if (!fps__hit_is_evidence(hit))
        return;
    if (hit->kind == FPS__FEATURE_LITERAL && !fps__is_identifier(feature->text, feature->length))
        sums->no_names += fps__entry_weight(hit->worth);
    sums->literal_count += hit->kind == FPS__FEATURE_LITERAL;
    sums->name_count += hit->kind == FPS__FEATURE_NAME;
    sums->evidence += fps__entry_weight(hit->worth);
    if (hit->kind == FPS__FEATURE_NAME && feature->length > strlen(".so") &&
        memmem(feature->text, feature->length, ".so", strlen(".so")))
        sums->soname = true;
}

/* True for a component of few units. */
static bool is_small(const fps__matcher *matcher, const fps__hit *hit)
{
    fps__set_component component;
    return fps__database_component(matcher->sets[hit->set].database, hit->local, &component) &&
           fps__component_is_small(component.unit_count);
}

static void add_unit(const fps__match_scratch *s, const fps__features *features, const fps__unit_sum *unit,
                     fps__text_sums *sums)
{
    /* A few texts of a file that nobody built say nothing, neither for the component nor of how it is scattered. */
    if (unit->beside_builds && !unit->active) {
        sums->evidence -= unit->weight;
        return;
    }
    sums->units_touched += unit->hits > 0;
    if (!unit->active)
        return;
    sums->units_active++;
    sums->focused += unit->weight;
    sums->sentences += fps__unit_sentences(s->hits.items, features, unit);
    sums->whole_member |= fps__member_is_whole(unit->coverage) && fps__unit_sum_is_member(s->matcher, unit);
    /* chance gives a few of many names, and not those that an object exports */
    double factor = unit->names && sums->exports ? 1 : fps__unit_factor(unit->hits);
    *(unit->names ? &sums->names : &sums->literals) += unit->weight * factor;
    sums->expected += unit->expected;
    sums->found += unit->found;
    if (unit->coverage > sums->best_coverage)
        sums->best_coverage = unit->coverage;
}

static fps__text_sums sum_texts(const fps__match_scratch *s, const fps__features *features,
                                const fps__candidate *c)
{
    fps__text_sums sums = {0};
    const fps__hit *hits = s->hits.items;
    for (size_t i = c->first; i < c->end; i++)
        count_hit(&sums, &hits[i], &features->items[hits[i].feature],
                  i == c->first || hits[i].feature != hits[i - 1].feature);
    /* names of a runtime are in many objects: its headers put them there */
    sums.exports = !c->runtime && fps__explains_exports(sums.name_count, features->name_count);
    for (size_t i = c->first; i < c->end;) {
        fps__unit_sum unit;
        fps__match_unit(s->matcher, hits, i, c->end, &unit);
        i = unit.end;
        add_unit(s, features, &unit, &sums);
    }
    if (sums.found >= FPS__ADMIT_WHOLE * FPS__LIKELY_SCALE && is_small(s->matcher, &hits[c->first]))
        sums.whole = fps__match_part(s->matcher, &hits[c->first], sums.found, false);
    return sums;
}

static fps__function_sums sum_functions(const fps__match_scratch *s, const fps__features *features,
                                        const fps__candidate *c)
{
    fps__function_sums sums = {0};
    const fps__hit *hits = s->hits.items;
    for (size_t i = c->first; i < c->end;) {
        if (!fps__hit_is_function(&hits[i])) {
            i++;
            continue;
        }
        fps__code_sum unit;
        fps__match_code_unit(s->matcher, features, hits, i, c->end, &unit);
        for (size_t k = i; k < unit.end; k++)
            sums.explained += fps__hit_is_function(&hits[k]) && !hits[k].discounted;
        i = unit.end;
        sums.count += unit.hits;
        sums.units_touched += unit.hits > 0;
        if (!unit.active)
            continue;
        sums.units_active++;
        sums.evidence += unit.evidence;
        sums.admitting += unit.admitting;
    }
    return sums;
}

void fps__match_weigh(const fps__match_scratch *s, const fps__features *features, fps__candidate *c)
{
    c->texts = sum_texts(s, features, c);
    c->code = sum_functions(s, features, c);
}

/* ---- candidates ---- */

/* A feature that several sets give to one component counts once: in the set with the most hits, whose
 * releases are compared, or else in the first that has it. */
static void count_once(fps__match_scratch *s, size_t first, size_t end)
{
    fps__hit *hits = s->hits.items;
    uint32_t main_set = fps__match_main_hit(hits, first, end)->set, mark = hits[first].component + 1;
    for (size_t i = first; i < end; i++)
        if (hits[i].set == main_set)
            s->seen_by.items[hits[i].feature] = mark;
    for (size_t i = first; i < end; i++) {
        if (hits[i].set == main_set)
            continue;
        hits[i].discounted = s->seen_by.items[hits[i].feature] == mark;
        s->seen_by.items[hits[i].feature] = mark;
    }
}

/* True when some set has an object that holds the same features of the component, all of them and no
 * others. */
static bool equals_an_object(const fps__match_scratch *s, const fps__features *features, size_t first,
                             size_t end)
{
    const fps__hit *hits = s->hits.items;
    for (size_t i = first; i < end; i++)
        if ((i == first || hits[i].set != hits[i - 1].set) &&
            fps__match_content(s->matcher, hits, first, end, features, hits[i].set) != FPS__NONE)
            return true;
    return false;
}

bool fps__candidate_is_considered(const fps__candidate *c)
{
    return c->texts.evidence >= FPS__CANDIDATE_EVIDENCE || c->texts.uses > 0 || c->texts.exact_count ||
           c->code.count >= FPS__CANDIDATE_FUNCTIONS;
}

/* Marks the components that texts of the object name. FPS_ERROR_MEMORY. */
static fps_status mark_named(fps__match_scratch *s, const fps__match_input *input)
{
    size_t words = fps__bits_words(s->matcher->component_count);
    fps_status status = FPS__ARRAY_RESERVE(&s->named, words, SIZE_MAX / sizeof *s->named.items);
    if (status != FPS_OK)
        return status;
    memset(s->named.items, 0, words * sizeof *s->named.items);
    for (size_t i = 0; i < input->rule_count; i++) {
        uint32_t component = input->rules[i].effect == FPS__RULE_NAME
                                 ? fps__matcher_find(s->matcher, input->rules[i].component)
                                 : FPS__NONE;
        if (component < s->matcher->component_count)
            fps__bits_set(s->named.items, component);
    }
    return FPS_OK;
}

fps_status fps__match_make_candidates(fps__match_scratch *s, const fps__match_input *input)
{
    size_t features = input->features->count;
    s->candidates.count = 0;
    fps_status status = FPS__ARRAY_RESERVE(&s->seen_by, features, SIZE_MAX / sizeof *s->seen_by.items);
    if (status != FPS_OK)
        return status;
    memset(s->seen_by.items, 0, features * sizeof *s->seen_by.items);
    status = mark_named(s, input);
    for (size_t i = 0, end; status == FPS_OK && i < s->hits.count; i = end) {
        uint32_t component = s->hits.items[i].component;
        for (end = i; end < s->hits.count && s->hits.items[end].component == component;)
            end++;
        if (s->hits.items[i].set != s->hits.items[end - 1].set)
            count_once(s, i, end);
        fps__candidate c = {.component = component,
                            .first = i,
                            .end = end,
                            .leader = FPS__NONE,
                            .runtime = s->matcher->components[component].role == FPS_COMPONENT_RUNTIME,
                            .equal = equals_an_object(s, input->features, i, end)};
        fps__match_weigh(s, input->features, &c);
        if (fps__candidate_is_considered(&c) || fps__bits_has(s->named.items, component))
            status = FPS__ARRAY_PUSH(&s->candidates, &c, SIZE_MAX / sizeof c);
    }
    return status;
}

static fps__candidate *find_candidate(fps__match_scratch *s, uint32_t component)
{
    const fps__candidate *list = s->candidates.items;
    size_t found;
    FPS__LOWER_BOUND(found, s->candidates.count, i, list[i].component < component);
    return found < s->candidates.count && list[found].component == component ? &s->candidates.items[found]
                                                                             : NULL;
}

/* Counts a naming rule once, in however many texts it was met. */
static void count_rule(fps__candidate *c, const char *rule)
{
    for (uint32_t i = 0; i < c->naming_rule_count; i++)
        if (strcmp(c->naming_rules[i], rule) == 0)
            return;
    if (c->naming_rule_count == FPS__MAX_NAMING_RULES)
        return;
    c->naming_rules[c->naming_rule_count++] = rule;
    c->rule_worth += FPS__RULE_WORTH;
}

/* A fork keeps the texts that name its origin: beside a younger member of the family that is named, they name nothing. */
static void drop_names_of_origins(fps__match_scratch *s)
{
    fps__candidate *list = s->candidates.items;
    for (size_t i = 0; i < s->candidates.count; i++)
        for (size_t k = 0; list[i].rule_worth > 0 && k < s->candidates.count; k++)
            if (list[k].rule_worth > 0 && fps__match_are_of_one_family(s, &list[i], &list[k]) &&
                s->matcher->components[list[k].component].since >
                    s->matcher->components[list[i].component].since)
                list[i].rule_worth = 0;
}

/* Rules read versions; each naming rule also adds evidence, once. The candidates are sorted by component here. */
void fps__match_apply_rules(fps__match_scratch *s, const fps__match_input *input)
{
    for (size_t i = 0; i < input->rule_count; i++) {
        const fps__rule_hit *hit = &input->rules[i];
        fps__candidate *c = find_candidate(s, fps__matcher_find(s->matcher, hit->component));
        uint32_t others = c ? c->texts.literal_count + c->texts.name_count + c->code.count : 0;
        if (!c || (hit->effect != FPS__RULE_PORT && others < hit->needs))
            continue;
        if (hit->effect == FPS__RULE_PORT) {
            c->port = true;
            continue;
        }
        if (hit->effect == FPS__RULE_NAME)
            count_rule(c, hit->rule);
        if (!hit->version_length || c->rule_version)
            continue;
        const fps__feature *literal = &input->features->items[hit->literal];
        c->rule_version = literal->text + hit->version_start;
        c->rule_version_length = hit->version_length;
    }
    drop_names_of_origins(s);
}
