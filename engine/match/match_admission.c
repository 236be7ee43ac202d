/* Whether what a component has in an object is enough: rules that admit it or keep it out. The first one that
 * applies decides; where none does, the component is not admitted.
 *
 * Evidence admits inside units of which a good part was found: generic texts touch many units and cover none.
 */
#include "match/match_internal.h"
#include "match/self_name.h"

#include <string.h>

/* `scale` is the part of the evidence that is asked for: 1, or LIKELY_SCALE for state likely. */
typedef bool (*condition)(const fps__candidate *c, double scale);

typedef enum outcome { ADMIT, REJECT } outcome;

typedef struct rule {
    const char *name, *explanation;
    condition applies;
    outcome outcome;
} rule;

double fps__candidate_evidence(const fps__candidate *c)
{
    return c->texts.literals + c->texts.names + c->rule_worth + FPS__CODE_WORTH * c->code.evidence;
}

static bool is_a_whole_object(const fps__candidate *c, double scale)
{
    return c->equal && c->texts.evidence >= FPS__ADMIT_WHOLE_OBJECT * scale;
}

static bool has_functions(const fps__candidate *c, double scale)
{
    if (c->runtime && c->code.units_active < FPS__RUNTIME_UNITS)
        return false;
    return c->code.evidence >= FPS__ADMIT_CODE * scale && c->code.admitting >= FPS__ADMIT_FUNCTIONS * scale;
}

static bool is_a_whole_component(const fps__candidate *c, double scale)
{
    return c->texts.whole >= FPS__WHOLE_SHARE && c->texts.found >= FPS__ADMIT_WHOLE * scale;
}

/* Single words come in tables that many programs hold (names of keys, errors, system calls, charsets),
 * however many they are. Sentences, names, functions or a naming rule must stand beside them. */
static bool has_single_words_only(const fps__candidate *c, double scale)
{
    const fps__text_sums *t = &c->texts;
    return (t->sentences < FPS__SENTENCES * scale || t->sentences < FPS__SENTENCES_SHARE * t->focused) &&
           t->names < FPS__SENTENCES_NAMES && c->code.count < FPS__SENTENCES_FUNCTIONS && c->rule_worth <= 0;
}

/* A runtime is linked in by dozens of its members, or not at all. */
static bool is_scattered(const fps__candidate *c)
{
    const fps__text_sums *t = &c->texts;
    if (c->runtime && t->units_active < FPS__RUNTIME_UNITS)
        return true;
    return t->sentences < FPS__MANY_SENTENCES && (t->focused < FPS__PART_FOCUS * t->evidence ||
                                                  t->units_active < FPS__PART_ACTIVE * t->units_touched);
}

static bool is_a_scattered_part(const fps__candidate *c, double scale)
{
    (void)scale;
    return c->rule_worth <= 0 && c->share < FPS__PART_SHARE && !c->texts.exports &&
           (is_scattered(c) || (c->texts.units_active < FPS__PART_UNITS && !c->texts.whole_member));
}

static bool has_literals(const fps__candidate *c, double scale)
{
    return c->texts.literals + c->rule_worth >= FPS__ADMIT_LITERALS * scale;
}

static bool has_names(const fps__candidate *c, double scale)
{
    return (!c->runtime || c->texts.soname) && c->texts.names >= FPS__ADMIT_NAMES * scale;
}

static bool has_literals_and_names(const fps__candidate *c, double scale)
{
    return (!c->runtime || c->texts.soname) &&
           c->texts.literals + c->texts.names / FPS__NAME_FACTOR >= FPS__ADMIT_LITERALS * scale &&
           c->texts.best_coverage >= FPS__ADMIT_COVERAGE;
}

/* Names of a runtime say little: what it exports is a standard's, which other runtimes have as well. */
static double evidence_without_standards(const fps__candidate *c)
{
    return fps__candidate_evidence(c) - (c->runtime && !c->texts.soname ? c->texts.names : 0);
}

static bool explains_the_object(const fps__candidate *c, double scale)
{
    return evidence_without_standards(c) >= FPS__ADMIT_SMALL * scale &&
           c->texts.literal_count + c->texts.name_count >= FPS__SMALL_FEATURES &&
           (c->share >= FPS__SMALL_SHARE || c->texts.exports) &&
           c->texts.best_coverage >= FPS__ADMIT_COVERAGE;
}

static const rule rules[] = {
    {"whole-object",
     "all literals and names of one of its objects are there, and none that this object lacks",
     is_a_whole_object, ADMIT},
    {"functions", "functions of its own, in units of which a good part is there", has_functions, ADMIT},
    {"whole-component", "nearly all literals of a small component are there", is_a_whole_component, ADMIT},
    {"single-words", "its literals are single words, which many programs hold", has_single_words_only,
     REJECT},
    {"scattered", "a small part of the object and its exports, scattered over many units or in one",
     is_a_scattered_part, REJECT},
    {"literals", "literals of its own, in units of which a good part is there", has_literals, ADMIT},
    {"names", "names that it exports, in units of which a good part is there", has_names, ADMIT},
    {"literals-and-names", "literals and exported names together, half of some unit", has_literals_and_names,
     ADMIT},
    {"most-of-object", "little evidence that explains a good part of the object or of its exports",
     explains_the_object, ADMIT},
};
enum { RULES = sizeof rules / sizeof *rules };

const char *fps__match_admit(const fps__candidate *c, double scale)
{
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].applies(c, scale))
            return rules[i].outcome == ADMIT ? rules[i].name : NULL;
    return NULL;
}

const char *fps_admission_explanation(const char *name)
{
    if (name && strcmp(name, FPS__ADMITTED_BY_YARA) == 0)
        return "a YARA rule of the user's names it";
    if (name && strcmp(name, FPS__ADMITTED_BY_ITSELF) == 0)
        return "a text of its own names it, its version and its build";
    for (size_t i = 0; name && i < RULES; i++)
        if (strcmp(rules[i].name, name) == 0)
            return rules[i].explanation;
    return NULL;
}
