/* What speaks against a component that is admitted: it is no more than likely then, and the finding says why. */
#include "match/match_internal.h"

#include "database/unit_name.h"

#include <string.h>

/* ---- one source file of many ---- */

static uint32_t count_code_units(const fps_database *database, uint32_t local)
{
    fps__set_component component;
    fps__set_unit unit;
    uint32_t count = 0;
    if (!fps__database_component(database, local, &component))
        return 0;
    for (uint32_t u = 0; u < component.unit_count; u++)
        count += fps__database_unit(database, component.unit_first + u, &unit) && unit.code;
    return count;
}

/* True when all that is there of a large library are the functions of one source file. Such a file may well be one that
 * the library has from elsewhere (a tree, a hash, a random generator), as others have. */
static bool is_one_file(const fps__match_scratch *s, const fps__candidate *c)
{
    const fps__hit *hit = fps__match_main_hit(s->hits.items, c->first, c->end);
    return fps__code_stands_alone(c->texts.evidence + c->rule_worth, c->code.units_active) &&
           fps__component_has_many_files(count_code_units(s->matcher->sets[hit->set].database, hit->local));
}

/* ---- an interface ---- */

/* The weight of the literals of the objects and members whose exported names were found, in the release that has most. */
static double expected_literals(const fps__match_scratch *s, const fps__hit *hit, const char *stem,
                                size_t length)
{
    const fps__merged_set *set = &s->matcher->sets[hit->set];
    fps__set_component component;
    double most = 0;
    if (!fps__database_component(set->database, hit->local, &component))
        return 0;
    for (uint32_t k = 0; k < set->fingerprint_count[hit->local]; k++) {
        double total = 0;
        for (uint32_t u = 0; u < component.unit_count; u++) {
            fps__set_unit unit;
            uint32_t id = component.unit_first + u;
            if (fps__database_unit(set->database, id, &unit) && !unit.code &&
                !fps__unit_is_of_names(unit.kind) && strncmp(unit.name, stem, length) == 0)
                total += fps__entry_weight(
                    fps__database_unit_total(set->database, id, set->fingerprints[hit->local][k]));
        }
        most = total > most ? total : most;
    }
    return most;
}

/* True when the object exports what the component does and has nothing else of it, neither a literal nor a function, though
 * the component's own objects with these names hold many: another implementation of the interface. */
static bool is_interface(const fps__match_scratch *s, const fps__candidate *c)
{
    if (c->texts.soname || c->texts.names <= 0 || c->code.admitting || c->rule_worth > 0)
        return false;
    double expected = 0;
    for (size_t i = c->first; i < c->end;) {
        fps__unit_sum sum;
        fps__set_unit unit;
        fps__match_unit(s->matcher, s->hits.items, i, c->end, &sum);
        const fps__hit *hit = &s->hits.items[i];
        i = sum.end;
        if (!sum.active || !sum.names ||
            !fps__database_unit(s->matcher->sets[sum.set].database, sum.unit, &unit))
            continue;
        size_t length = strcspn(unit.name, "!");
        expected += expected_literals(s, hit, unit.name, length);
    }
    return fps__is_interface(expected, c->texts.literals);
}

fps_doubt fps__match_doubt(const fps__match_scratch *s, const fps__match_input *input,
                           const fps__candidate *c)
{
    if (fps__match_has_texts_only(s, input, c))
        return FPS_DOUBT_TEXTS_ONLY;
    if (c->port && !c->code.admitting)
        return FPS_DOUBT_PORT;
    if (c->equal || fps__explains_object(c->share))
        return FPS_DOUBT_NONE;
    if (is_interface(s, c))
        return FPS_DOUBT_INTERFACE;
    return is_one_file(s, c) ? FPS_DOUBT_ONE_FILE : FPS_DOUBT_NONE;
}

const char *fps_doubt_text(fps_doubt doubt)
{
    static const char *const texts[] = {
        [FPS_DOUBT_NONE] = NULL,
        [FPS_DOUBT_TEXTS_ONLY] =
            "texts only: its texts are there, and the code of the object uses none of them",
        [FPS_DOUBT_INTERFACE] =
            "interface only: the object exports its names, and has none of its texts and functions",
        [FPS_DOUBT_ONE_FILE] =
            "one file only: the functions of one source file of many are there, which others may have as well",
        [FPS_DOUBT_PORT] =
            "port: a translation of it into another language is there, which has its texts and not its code",
        [FPS_DOUBT_FORK] = "fork: another member of its family is there, which explains what was found",
    };
    return (size_t)doubt < sizeof texts / sizeof *texts ? texts[doubt] : NULL;
}
