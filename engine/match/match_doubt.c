/* What speaks against a component that is admitted: it is no more than likely then, and the finding says why. */
#include "match/match_internal.h"

#include "database/unit_name.h"

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

/* Units [first, end) of one object, in one set. */
typedef struct object_units {
    uint32_t set, first, end;
} object_units;

/* Finds the units beside unit `id` that are of the same object: a component's units are sorted by name. */
static void find_object(const fps__match_scratch *s, const fps__hit *hit, object_units *object)
{
    const fps_database *database = s->matcher->sets[hit->set].database;
    fps__set_component component;
    fps__set_unit names, unit;
    *object = (object_units){hit->set, hit->unit, hit->unit};
    if (!fps__database_component(database, hit->local, &component) ||
        !fps__database_unit(database, hit->unit, &names))
        return;
    while (object->first > component.unit_first && fps__database_unit(database, object->first - 1, &unit) &&
           fps__unit_is_of_same_object(&unit, &names))
        object->first--;
    while (object->end < component.unit_first + component.unit_count &&
           fps__database_unit(database, object->end, &unit) && fps__unit_is_of_same_object(&unit, &names))
        object->end++;
}

/* The weight of the literals of an object, in the release of component `local` that has most of them. */
static double most_literals(const fps__match_scratch *s, const object_units *object, uint32_t local)
{
    const fps__merged_set *set = &s->matcher->sets[object->set];
    double most = 0;
    for (uint32_t k = 0; k < set->compared[local].count; k++) {
        double total = fps__match_weight_of_units(set->database, object->first, object->end,
                                                  set->compared[local].releases[k], false);
        most = total > most ? total : most;
    }
    return most;
}

/* True when the object exports names of the component, and no function and no text that names it is there. */
static bool has_names_only(const fps__candidate *c)
{
    return c->texts.names > 0 && !c->code.admitting && c->rule_worth <= 0;
}

/* True when these names stand alone, and are few for the component. */
static bool has_few_names(const fps__match_scratch *s, const fps__candidate *c)
{
    const fps__hit *hit = fps__match_main_hit(s->hits.items, c->first, c->end);
    return fps__names_are_few(c->texts.names, c->texts.no_names,
                              fps__match_part(s->matcher, hit, c->texts.names, true));
}

/* True when the component's own objects with the exported names hold many literals, and this one as good as none. */
static bool is_interface(const fps__match_scratch *s, const fps__candidate *c)
{
    object_units object = {FPS__NONE, 0, 0};
    double expected = 0;
    for (size_t i = c->first; i < c->end;) {
        fps__unit_sum sum;
        const fps__hit *hit = &s->hits.items[i];
        fps__match_unit(s->matcher, s->hits.items, i, c->end, &sum);
        i = sum.end;
        bool counted = sum.set == object.set && sum.unit >= object.first && sum.unit < object.end;
        if (!sum.active || !sum.names || counted)
            continue;
        find_object(s, hit, &object);
        expected += most_literals(s, &object, hit->local);
    }
    return fps__is_interface(expected, c->texts.no_names);
}

fps_doubt fps__match_doubt(const fps__match_scratch *s, const fps__match_input *input,
                           const fps__candidate *c)
{
    if (fps__match_has_texts_only(s, input, c))
        return FPS_DOUBT_TEXTS_ONLY;
    if (c->port && !c->code.admitting)
        return FPS_DOUBT_PORT;
    if (!c->equal && fps__is_mostly_shared(fps__candidate_evidence(c), c->texts.worth))
        return FPS_DOUBT_SHARED;
    if (c->equal || fps__explains_object(c->share))
        return FPS_DOUBT_NONE;
    if (has_names_only(c) && (has_few_names(s, c) || is_interface(s, c)))
        return FPS_DOUBT_INTERFACE;
    return is_one_file(s, c) ? FPS_DOUBT_ONE_FILE : FPS_DOUBT_NONE;
}

const char *fps_doubt_text(fps_doubt doubt)
{
    static const char *const texts[] = {
        [FPS_DOUBT_NONE] = NULL,
        [FPS_DOUBT_TEXTS_ONLY] =
            "texts only: its texts are there, and the code of the object uses none or hardly any of them",
        [FPS_DOUBT_INTERFACE] =
            "interface only: the object exports its names, and has none of its texts and functions",
        [FPS_DOUBT_ONE_FILE] =
            "one file only: the functions of one source file of many are there, which others may have as well",
        [FPS_DOUBT_PORT] =
            "port: a translation of it into another language is there, which has its texts and not its code",
        [FPS_DOUBT_SHARED] =
            "shared parts: others have as well what is there of it, and hardly anything is its own",
        [FPS_DOUBT_FORK] = "fork: another member of its family is there, which explains what was found",
    };
    return (size_t)doubt < sizeof texts / sizeof *texts ? texts[doubt] : NULL;
}
