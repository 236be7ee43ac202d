/* Validation of a set model before it is written: counts, order, ids, bits. */
#include "compiler/set_check.h"

#include "database/layout.h"
#include "feature/feature.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

/* One failure, with the model's place in words. */
#define FAIL(...) fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, __VA_ARGS__)

static fps_status check_counts(const fps__set_model *model, fps_error *error)
{
    const struct {
        const char *what;
        uint64_t count, most;
    } limits[] = {
        {"components", model->component_count, INT32_MAX},
        {"releases", model->release_count, FPS__NONE - 1},
        {"units", model->unit_count, INT32_MAX},
        {"bit sets", model->bit_set_count, FPS__NONE - 2},
        {"entries", model->entry_count, INT32_MAX},
        {"postings", model->posting_count, FPS__NONE - 1},
        {"templates", model->template_count, FPS__NONE - 1},
        {"keys", model->key_count, FPS__NONE - 1},
        {"lists of releases", model->histories.range_count, FPS__HISTORY_RANGE_MASK + 1},
        {"releases of histories", model->histories.release_count, FPS__NONE - 1},
        {"pairs of releases", model->histories.pair_count, FPS__NONE - 1},
        {"keys of histories", model->histories.key_count, FPS__NONE - 1},
        {"patches", model->patches.count, FPS__NONE - 1},
        {"functions of patches", model->patches.function_count, FPS__NONE - 1},
        {"bytes of rules", model->rules_size, FPS__NONE - 2},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (limits[i].count > limits[i].most)
            return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "%llu %s, the format holds %llu",
                             (unsigned long long)limits[i].count, limits[i].what,
                             (unsigned long long)limits[i].most);
    }
    uint64_t words = 0, lists = 0;
    for (uint32_t i = 0; i < model->bit_set_count; i++)
        words += model->bit_sets[i].word_count;
    for (uint32_t i = 0; i < model->posting_count; i++)
        lists += (uint64_t)model->postings[i].count + 1;
    if (words >= FPS__NONE || lists > INT32_MAX)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "%llu words of bit sets and %llu of postings", (unsigned long long)words,
                         (unsigned long long)lists);
    return FPS_OK;
}

/* Components come in the order of their ids, and their releases and units follow one another in the same
 * order. */
static fps_status check_components(const fps__set_model *model, fps_error *error)
{
    uint64_t release = 0, unit = 0;
    for (uint32_t i = 0; i < model->component_count; i++) {
        const fps__set_component *component = &model->components[i];
        if (!component->id || !*component->id)
            return FAIL("component %u has no id", i);
        if (i > 0 && strcmp(model->components[i - 1].id, component->id) >= 0)
            return FAIL("components are not sorted by id: \"%s\" before \"%s\"", model->components[i - 1].id,
                        component->id);
        if ((component->release_count && component->release_first != release) ||
            (component->unit_count && component->unit_first != unit))
            return FAIL("releases or units of component \"%s\" do not follow those before them",
                        component->id);
        if ((int)component->role < 0 || component->role > FPS_COMPONENT_RUNTIME)
            return FAIL("component \"%s\" has role %d", component->id, (int)component->role);
        release += component->release_count;
        unit += component->unit_count;
    }
    if (release != model->release_count || unit != model->unit_count)
        return FAIL("components claim %llu releases and %llu units, the set has %u and %u",
                    (unsigned long long)release, (unsigned long long)unit, model->release_count,
                    model->unit_count);
    return FPS_OK;
}

static fps_status check_code_builds(const fps__set_model *model, fps_error *error)
{
    uint64_t next = 0;
    for (uint32_t c = 0; c < model->component_count; c++) {
        const fps__set_component *component = &model->components[c];
        if (component->build_count && component->build_first != next)
            return FAIL("code builds of component \"%s\" do not follow those before them", component->id);
        next += component->build_count;
        for (uint32_t b = 0; b < component->build_count && next <= model->code_build_count; b++)
            if (model->code_builds[component->build_first + b].release >= component->release_count)
                return FAIL("code build %u of component \"%s\" is of release %u of %u", b, component->id,
                            model->code_builds[component->build_first + b].release, component->release_count);
    }
    if (next != model->code_build_count)
        return FAIL("components claim %llu code builds, the set has %u", (unsigned long long)next,
                    model->code_build_count);
    return FPS_OK;
}

static fps_status check_units(const fps__set_model *model, fps_error *error)
{
    for (uint32_t c = 0; c < model->component_count; c++) {
        const fps__set_component *component = &model->components[c];
        const fps__set_release *releases = model->releases + component->release_first;
        for (uint32_t r = 0; r < component->release_count; r++)
            if (releases[r].built && !releases[r].fingerprinted)
                return FAIL("release %u of component \"%s\" is built and not fingerprinted", r,
                            component->id);
        for (uint32_t u = component->unit_first; u - component->unit_first < component->unit_count; u++) {
            const fps__set_unit *unit = &model->units[u];
            if (unit->component != c)
                return FAIL("unit %u is of component %u and stands among those of %u", u, unit->component, c);
            if ((unsigned)unit->kind >= FPS__UNIT_KINDS)
                return FAIL("unit %u is of kind %d", u, (int)unit->kind);
            for (uint32_t r = 0; unit->totals && !unit->code && r < component->release_count; r++) {
                if (unit->totals[r] && !releases[r].fingerprinted)
                    return FAIL("unit \"%s\" of component \"%s\" has a total for release %u, which is not "
                                "fingerprinted",
                                unit->name ? unit->name : "", component->id, r);
            }
        }
    }
    return FPS_OK;
}

/* True when a bit set may be used for a component. */
static bool fits(const fps__set_model *model, const uint64_t *lengths, uint32_t bit_set, uint32_t component,
                 bool code)
{
    const fps__set_component *owner = &model->components[component];
    return bit_set < model->bit_set_count &&
           lengths[bit_set] <= (code ? owner->build_count : owner->release_count);
}

static fps_status check_entries(const fps__set_model *model, const uint64_t *lengths, fps_error *error)
{
    for (uint32_t i = 0; i < model->entry_count; i++) {
        const fps__set_entry *entry = &model->entries[i];
        if (entry->component >= model->component_count)
            return FAIL("entry %u has component %u of %u", i, entry->component, model->component_count);
        if (entry->unit != FPS__NONE &&
            (entry->unit >= model->unit_count || model->units[entry->unit].component != entry->component))
            return FAIL("entry %u has unit %u, which is not of its component", i, entry->unit);
        bool code = entry->flags & FPS__ENTRY_CODE;
        if (!fits(model, lengths, entry->any, entry->component, code) ||
            !fits(model, lengths, entry->all, entry->component, code))
            return FAIL("entry %u has bit sets %u and %u, which do not fit its component", i, entry->any,
                        entry->all);
        if (entry->weight > FPS__WEIGHT_FULL)
            return FAIL("entry %u has weight %u and flags %#x", i, entry->weight, entry->flags);
    }
    for (uint32_t i = 0; i < model->template_count; i++) {
        const fps__set_template *template_ = &model->templates[i];
        if (template_->component >= model->component_count ||
            !fits(model, lengths, template_->learnt_from, template_->component, false))
            return FAIL("template %u has component %u and bit set %u", i, template_->component,
                        template_->learnt_from);
        if (template_->key != fps__layout_stored_key(template_->key))
            return FAIL("template %u has hash bits that a set does not keep", i);
    }
    return FPS_OK;
}

static fps_status check_bits(const fps__set_model *model, fps_error *error)
{
    uint64_t *lengths = malloc(((size_t)model->bit_set_count + 1) * sizeof *lengths);
    if (!lengths)
        return fps__fail_memory(error);
    for (uint32_t i = 0; i < model->bit_set_count; i++)
        lengths[i] = fps__bit_set_length(model->bit_sets[i]);
    fps_status status = check_entries(model, lengths, error);
    free(lengths);
    return status;
}

static fps_status check_postings(const fps__set_model *model, fps_error *error)
{
    for (uint32_t i = 0; i < model->posting_count; i++) {
        const fps__set_posting *posting = &model->postings[i];
        for (uint32_t j = 0; j < posting->count; j++) {
            if (posting->entries[j] >= model->entry_count ||
                (j > 0 && posting->entries[j - 1] >= posting->entries[j]))
                return FAIL("posting %u has entry %u of %u or is not ascending", i, posting->entries[j],
                            model->entry_count);
        }
    }
    return FPS_OK;
}

static fps_status check_keys(const fps__set_model *model, fps_error *error)
{
    for (uint64_t i = 0; i < model->key_count; i++) {
        if (i > 0 && model->keys[i - 1] >= model->keys[i])
            return FAIL("keys are not strictly ascending at position %llu", (unsigned long long)i);
        if (model->keys[i] != fps__layout_stored_key(model->keys[i]))
            return FAIL("key at position %llu has hash bits that a set does not keep", (unsigned long long)i);
        if (model->key_posting[i] >= model->posting_count)
            return FAIL("key at position %llu has posting %u of %u", (unsigned long long)i,
                        model->key_posting[i], model->posting_count);
        if (fps__feature_parameters(fps__feature_kind_of(model->keys[i])) == 0)
            return FAIL("key at position %llu is of unknown feature kind %u", (unsigned long long)i,
                        (unsigned)fps__feature_kind_of(model->keys[i]));
    }
    return FPS_OK;
}

/* The pairs of a range: those behind `first`, ascending with gaps between, of releases below `releases`. */
static bool pairs_are_good(const fps__set_histories *all, const fps__set_history_range *range, uint64_t first,
                           uint32_t releases)
{
    uint64_t least = 0;
    if (range->pairs != first || !range->pair_count || range->pair_count > UINT8_MAX ||
        range->pair_count > all->pair_count - first)
        return false;
    for (uint32_t i = 0; i < range->pair_count; i++) {
        const fps__set_history_pair *pair = &all->pairs[first + i];
        if (pair->first < least || pair->last < pair->first || pair->last >= releases)
            return false;
        least = (uint64_t)pair->last + 2;
    }
    return true;
}

static fps_status check_histories(const fps__set_model *model, fps_error *error)
{
    const fps__set_histories *all = &model->histories;
    uint64_t release = 0, range = 0, pair = 0;
    for (uint32_t h = 0; h < all->count; h++) {
        const fps__set_history *history = &all->items[h];
        if (all->components[h] >= model->component_count ||
            (h > 0 && all->components[h - 1] >= all->components[h]))
            return FAIL("histories are not in the order of the components at history %u", h);
        if (history->first != release || history->first_range != range || !history->count ||
            history->count > all->release_count - release ||
            history->range_count > all->range_count - range || history->count > UINT16_MAX)
            return FAIL("releases or ranges of history %u do not follow those before them", h);
        for (uint32_t r = 0; r < history->range_count; r++, range++) {
            const fps__set_history_range *one = &all->ranges[range];
            if (one->component != all->components[h] || !one->texts || one->texts > UINT8_MAX ||
                one->unit > UINT16_MAX || !pairs_are_good(all, one, pair, history->count))
                return FAIL("range %llu of history %u cannot be", (unsigned long long)range, h);
            pair += one->pair_count;
        }
        release += history->count;
    }
    if (release != all->release_count || range != all->range_count || pair != all->pair_count)
        return FAIL("histories claim %llu releases, %llu ranges and %llu pairs", (unsigned long long)release,
                    (unsigned long long)range, (unsigned long long)pair);
    for (uint32_t i = 0; i < all->key_count; i++)
        if ((i > 0 && all->keys[i - 1] >= all->keys[i]) ||
            (all->keys[i] & FPS__HISTORY_RANGE_MASK) >= all->range_count)
            return FAIL("history key at position %u is not ascending, or of no range", i);
    return FPS_OK;
}

static fps_status check_patch_functions(const fps__set_patches *all, uint32_t patch, fps_error *error)
{
    const fps__set_patch_function *functions = &all->functions[all->items[patch].first];
    for (uint32_t i = 0; i < all->items[patch].count; i++)
        if (fps__feature_kind_of(functions[i].key) != FPS__FEATURE_FUNCTION ||
            (i > 0 && functions[i - 1].key >= functions[i].key))
            return FAIL("function %u of patch %u is none, or not ascending by key", i, patch);
    return FPS_OK;
}

static fps_status check_patches(const fps__set_model *model, fps_error *error)
{
    const fps__set_patches *all = &model->patches;
    uint64_t function = 0;
    for (uint32_t p = 0; p < all->count; p++) {
        const fps__set_patch *patch = &all->items[p], *before = p ? patch - 1 : NULL;
        if (patch->component >= model->component_count || !patch->cve || !*patch->cve)
            return FAIL("patch %u is of component %u of %u, or of no vulnerability", p, patch->component,
                        model->component_count);
        if (before && (before->component > patch->component ||
                       (before->component == patch->component && strcmp(before->cve, patch->cve) >= 0)))
            return FAIL("patches are not ascending by component and name at patch %u", p);
        if (patch->first != function || !patch->count || patch->count > all->function_count - function)
            return FAIL("functions of patch %u do not follow those before them", p);
        fps_status status = check_patch_functions(all, p, error);
        if (status != FPS_OK)
            return status;
        function += patch->count;
    }
    return function == all->function_count ? FPS_OK
                                           : FAIL("patches claim %llu functions, the set has %u",
                                                  (unsigned long long)function, all->function_count);
}

fps_status fps__set_check(const fps__set_model *model, fps_error *error)
{
    fps_status status = check_counts(model, error);
    if (status == FPS_OK)
        status = check_components(model, error);
    if (status == FPS_OK)
        status = check_code_builds(model, error);
    if (status == FPS_OK)
        status = check_units(model, error);
    if (status == FPS_OK)
        status = check_bits(model, error);
    if (status == FPS_OK)
        status = check_postings(model, error);
    if (status == FPS_OK)
        status = check_keys(model, error);
    if (status == FPS_OK)
        status = check_histories(model, error);
    if (status == FPS_OK)
        status = check_patches(model, error);
    return status;
}
