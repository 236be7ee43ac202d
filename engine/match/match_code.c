/* What the functions of one unit show: how much of the unit is in the object.
 *
 * A function's hash is met by chance far less than a text is; what is met is shared code. So a few functions
 * of some size, in units of which a good part is there, admit a component.
 */
#include "match/match_internal.h"

/* The weight of the functions of a unit that a code build holds. */
static double weight_of_build(const fps_database *database, const fps__hit *hits, const fps__code_sum *sum,
                              uint32_t build)
{
    double found = 0;
    for (size_t i = sum->first; i < sum->end; i++) {
        fps__bit_set any;
        if (fps__hit_votes_by_code(&hits[i]) && fps__database_bit_set(database, hits[i].any, &any) &&
            fps__bit_set_has(any, build))
            found += fps__entry_weight(hits[i].weight);
    }
    return found;
}

/* The best part of the unit's functions, by weight, that one code build has and the object shows. */
static double best_coverage(const fps__matcher *matcher, const fps__hit *hits, const fps__code_sum *sum)
{
    const fps_database *database = matcher->sets[sum->set].database;
    fps__set_component component;
    double best = 0;
    if (!fps__database_component(database, hits[sum->first].local, &component))
        return 0;
    for (uint32_t b = 0; b < component.build_count; b++) {
        double total = fps__entry_weight(fps__database_unit_total(database, sum->unit, b));
        if (total <= 0)
            continue;
        double found = weight_of_build(database, hits, sum, b);
        if (found / total > best)
            best = found / total;
    }
    return best;
}

void fps__match_code_unit(const fps__matcher *matcher, const fps__features *features, const fps__hit *hits,
                          size_t first, size_t limit, fps__code_sum *sum)
{
    *sum = (fps__code_sum){.set = hits[first].set, .unit = hits[first].unit, .first = first, .end = first};
    while (sum->end < limit && hits[sum->end].set == sum->set && hits[sum->end].unit == sum->unit) {
        const fps__hit *hit = &hits[sum->end++];
        if (!fps__hit_votes_by_code(hit))
            continue;
        uint32_t instructions = features->items[hit->feature].instructions;
        sum->hits++;
        sum->admitting += fps__function_admits(instructions, hit->weight);
        sum->evidence += fps__function_worth(instructions) * fps__entry_weight(hit->weight);
    }
    if (!sum->hits || sum->unit == FPS__NONE)
        return;
    sum->coverage = best_coverage(matcher, hits, sum);
    sum->active = fps__code_unit_is_active(sum->admitting, sum->hits, sum->coverage);
}
