/* What the literals and names of one unit show: how much of the unit is in the object. */
#include "match/match_internal.h"

#include "database/unit_name.h"

/* The weight of the hits of a unit that every build of a release holds. */
static double weight_of_release(const fps_database *database, const fps__hit *hits, const fps__unit_sum *sum,
                                uint32_t release)
{
    double found = 0;
    for (size_t i = sum->first; i < sum->end; i++) {
        fps__bit_set all;
        if (!hits[i].discounted && fps__hit_is_evidence(&hits[i]) &&
            fps__database_bit_set(database, hits[i].all, &all) && fps__bit_set_has(all, release))
            found += fps__entry_weight(hits[i].worth);
    }
    return found;
}

/* Chooses the release that explains the unit best. A release that lacks much of what was found explains
 * little, so what it lacks counts as expected too. */
static void cover_unit(const fps__matcher *matcher, const fps__hit *hits, fps__unit_sum *sum)
{
    const fps__merged_set *set = &matcher->sets[sum->set];
    const fps__compared *compared = &set->compared[hits[sum->first].local];
    fps__set_unit unit;
    sum->beside_builds = compared->built && fps__database_unit(set->database, sum->unit, &unit) &&
                         unit.kind == FPS__UNIT_SOURCE;
    const uint32_t *releases = sum->beside_builds ? compared->known : compared->releases;
    uint32_t count = sum->beside_builds ? compared->known_count : compared->count;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t release = releases[k];
        double total = fps__entry_weight(fps__database_unit_total(set->database, sum->unit, release));
        if (total <= 0)
            continue;
        double found = weight_of_release(set->database, hits, sum, release);
        if (found / total > sum->coverage) {
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
    uint32_t names = 0;
    while (sum->end < limit && hits[sum->end].set == sum->set && hits[sum->end].unit == sum->unit) {
        const fps__hit *hit = &hits[sum->end++];
        if (hit->discounted || !fps__hit_is_evidence(hit))
            continue;
        names += hit->kind == FPS__FEATURE_NAME;
        sum->hits++;
        sum->weight += fps__entry_weight(hit->worth);
    }
    sum->names = fps__unit_counts_as_names(names, sum->hits);
    if (sum->unit == FPS__NONE || !sum->hits)
        return;
    cover_unit(matcher, hits, sum);
    sum->active = fps__unit_is_active(sum->coverage, sum->hits);
}

double fps__unit_sentences(const fps__hit *hits, const fps__features *features, const fps__unit_sum *sum)
{
    double weight = 0;
    for (size_t i = sum->first; i < sum->end; i++) {
        const fps__feature *feature = &features->items[hits[i].feature];
        if (!hits[i].discounted && hits[i].kind == FPS__FEATURE_LITERAL && fps__hit_is_evidence(&hits[i]) &&
            fps__is_sentence(feature->text, feature->length))
            weight += fps__entry_weight(hits[i].weight);
    }
    return weight;
}

bool fps__unit_sum_is_member(const fps__matcher *matcher, const fps__unit_sum *sum)
{
    fps__set_unit unit;
    return fps__database_unit(matcher->sets[sum->set].database, sum->unit, &unit) &&
           fps__unit_is_member(unit.kind);
}

double fps__match_weight_of_units(const fps_database *database, uint32_t first, uint32_t end,
                                  uint32_t release, bool names)
{
    double total = 0;
    for (uint32_t id = first; id < end; id++) {
        fps__set_unit unit;
        if (fps__database_unit(database, id, &unit) && !unit.code &&
            fps__unit_is_of_names(unit.kind) == names)
            total += fps__entry_weight(fps__database_unit_total(database, id, release));
    }
    return total;
}

double fps__match_part(const fps__matcher *matcher, const fps__hit *hit, double found, bool names)
{
    const fps__merged_set *set = &matcher->sets[hit->set];
    const fps__compared *compared = &set->compared[hit->local];
    fps__set_component component;
    double best = 0;
    if (!fps__database_component(set->database, hit->local, &component))
        return 0;
    uint32_t first = component.unit_first, end = first + component.unit_count;
    for (uint32_t k = 0; k < compared->count; k++) {
        double total = fps__match_weight_of_units(set->database, first, end, compared->releases[k], names);
        if (total > 0 && found / total > best)
            best = found / total;
    }
    return best;
}

uint32_t fps__match_content(const fps__matcher *matcher, const fps__hit *hits, size_t first, size_t end,
                            const fps__features *features, uint32_t set_id)
{
    uint64_t sum = 0, count = 0;
    for (size_t i = first; i < end; i++) {
        if (hits[i].set != set_id || !fps__hit_is_evidence(&hits[i]))
            continue;
        sum += features->items[hits[i].feature].key;
        count++;
    }
    return fps__database_probe_one(matcher->sets[set_id].database, fps__feature_content_key(sum, count));
}
