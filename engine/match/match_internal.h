/* What the parts of the decision share; private to the match stage. */
#ifndef FPS_MATCH_MATCH_INTERNAL_H
#define FPS_MATCH_MATCH_INTERNAL_H

#include "database/set.h"
#include "match/match.h"
#include "util/array.h"

/* One open set and where its ids lie in the pool. */
typedef struct fps__merged_set {
    const fps_database *database;
    uint32_t *component; /* pool index of each component */
    uint32_t *release;   /* pool release (within its component) of each release of the set */
    uint32_t component_count;
    uint32_t *
        *fingerprints; /* for each component: its fingerprinted releases, as numbers within the component */
    uint32_t *fingerprint_count;
} fps__merged_set;

/* Thresholds, in features of full weight. bench/README.md says on which files they were chosen. */

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

/* Literals open a component only where some of them are sentences: texts of several words. Single words come
 * in tables that many programs hold (names of keys, errors, system calls, charsets), however many they are.
 * Names, functions or a naming rule speak for a component in their place. With MANY_SENTENCES in active units
 * it does not matter how many other units are touched. */
#define OPEN_SENTENCES 1.0
#define SENTENCES_PART 0.10
#define MANY_SENTENCES 150.0
#define NAMES_SPEAK    2.0

/* All the texts that a small component has: OPEN_WHOLE features, and this part of what one of its releases
 * holds. */
#define OPEN_WHOLE  10.0
#define WHOLE_SHARE 0.80

/* Functions that open a component: their evidence in active units of code, each worth one from 40
 * instructions on and less below, and how many there must be. CODE_WORTH is what one such function is worth
 * in literals. */
#define OPEN_CODE      1.7
#define OPEN_FUNCTIONS 3
#define CODE_WORTH     1.5

/* Code tells the version where one build explains nearly all functions found, and where nearly all functions
 * that stand between the found ones of a unit are found ones of that build as well (research: experiments,
 * section 3: else the nearest compiler wins). The second pair is for many functions, where a neighbour of the
 * true build would miss some. */
#define CODE_EXPLAINS      0.98
#define CODE_DENSE         0.80
#define CODE_MANY_EXPLAINS 0.99
#define CODE_MANY_DENSE    0.70

/* A runtime is linked in by dozens of its members, or not at all. */
#define RUNTIME_UNITS 6

#define RAW_MINIMUM 1.0 /* with less evidence, a component is not looked at */

struct fps__matcher {
    fps__arena arena;
    fps__merged_set *sets;
    uint32_t set_count;
    fps__merged_component *components; /* sorted by id */
    uint32_t component_count;
};

enum {
    FPS__MAX_FINGERPRINTS =
        64, /* fingerprinted releases of a component that the resolver looks at: the newest */
};

/* A feature of the object that some component holds. */
typedef struct fps__hit {
    uint32_t component; /* pool */
    uint32_t set;
    uint32_t local;    /* component of that set */
    uint32_t unit;     /* of that set, FPS__NONE for none */
    uint32_t feature;  /* index in features->items */
    uint32_t any, all; /* bit sets of that set */
    uint16_t weight;   /* 1/16 */
    uint16_t flags;
    fps__feature_kind kind; /* of the object's feature: USE hits come from NAME keys */
    bool claimed;           /* by a better explained component */
} fps__hit;

/* How a component does in an object, over the hits that nobody else claimed. */
typedef struct fps__candidate {
    uint32_t component;
    size_t first, end;      /* its hits */
    double literals, names; /* evidence of active units, in features */
    double sentences;       /* the part of `literals` that are texts of several words, before unit evidence */
    double raw;             /* summed weight of all its literals and names, active or not */
    double focused;         /* the part of it in active units */
    double text;            /* what the hit texts are worth before rarity: for the share */
    double expected, found; /* of active units: for the coverage */
    double best_coverage;
    double uses;
    double whole; /* of a small component: the part of all texts of a release that was found, at its best */
    double code;  /* evidence of functions in active units, in functions of 40 instructions */
    double code_explained; /* function hits, also those that others own */
    uint32_t code_units_active, code_units_touched;
    uint32_t function_count;
    uint32_t open_functions; /* of 16 instructions and more, in active units */
    uint32_t units_active, units_touched;
    uint32_t literal_count, name_count, use_count, exact_count;
    double rule_bonus;
    const char *rule_version; /* read by a rule, not NUL-terminated, NULL */
    uint32_t rule_version_length;
    bool equal; /* an object of the component holds the same features of it, all of them and no others */
    bool soname;
    bool runtime;      /* of role runtime */
    bool whole_member; /* an archive member was found for the most part */
    bool decided;
    fps_state state;
    bool shown; /* reported at all */
    double share;
} fps__candidate;

struct fps__match_scratch {
    const fps__matcher *matcher;
    FPS__ARRAY(fps__hit) hits;
    FPS__ARRAY(fps__candidate) cases;
    FPS__ARRAY(uint64_t) keys;
    FPS__ARRAY(uint32_t) postings;
    FPS__ARRAY(uint32_t) owner; /* by feature: 1 + index of the case that claimed it */
};

/* The unit with hits [first, end): all of one component, set and unit. Summed over fingerprinted releases. */
typedef struct fps__unit_sum {
    uint32_t set, unit;
    size_t first, end;
    uint32_t hits;          /* distinct unclaimed features */
    double weight;          /* summed, in features */
    double coverage;        /* best over releases: found / expected */
    double expected, found; /* at that best release, in features */
    bool names;
    bool active;
} fps__unit_sum;

/* ---- match_case.c ---- */

/* Looks all features up in all sets; sorts the hits by component, set, unit. False without memory. */
bool fps__match_look_up(fps__match_scratch *scratch, const fps__features *features);
/* Makes a case of each component that has enough to be looked at. */
bool fps__match_make_cases(fps__match_scratch *scratch, const fps__match_input *input);
void fps__match_apply_rules(fps__match_scratch *scratch, const fps__match_input *input);
/* Weighs a component again, over the hits that are not claimed. */
void fps__match_weigh(const fps__match_scratch *scratch, const fps__features *features,
                      fps__candidate *candidate);
double fps__candidate_evidence(const fps__candidate *candidate);
/* What a text is worth before rarity: short ones and those with few letters are met by chance. */
double fps__feature_worth(const fps__feature *feature);
bool fps__match_clear_owners(fps__match_scratch *scratch, size_t features);
void fps__match_unit(const fps__matcher *matcher, const fps__hit *hits, size_t first, size_t limit,
                     fps__unit_sum *sum);

/* Looks the content of a component in the object up: the posting of all its literals and names together.
 * FPS__NONE when no object of set `set_id` holds just these. */
uint32_t fps__match_content(const fps__matcher *matcher, const fps__hit *hits, size_t first, size_t end,
                            const fps__features *features, uint32_t set_id);

/* ---- match_code.c ---- */

/* The functions of a unit: hits [first, end), all of one component, set and unit. */
typedef struct fps__code_sum {
    uint32_t set, unit;
    size_t first, end;
    uint32_t hits;   /* distinct unclaimed functions that it owns */
    uint32_t open;   /* of these, of 16 instructions and more */
    double evidence; /* of these, by size and rarity */
    double coverage; /* best over code builds: weight found / weight of all its functions */
    bool active;
} fps__code_sum;
void fps__match_code_unit(const fps__matcher *matcher, const fps__features *features, const fps__hit *hits,
                          size_t first, size_t limit, fps__code_sum *sum);
/* Adds what the functions of a case say to it. */
void fps__match_weigh_code(const fps__match_scratch *scratch, const fps__features *features,
                           fps__candidate *candidate);
bool fps__candidate_opens_by_code(const fps__candidate *candidate, double part);

/* How the code builds of a component do in an object. */
typedef struct fps__code_verdict {
    uint32_t hits;  /* functions found, of any build */
    uint32_t best;  /* functions found that the best build holds */
    double density; /* of the functions between found ones of a unit, the part that the best build holds */
    const char *toolchain;
    uint64_t releases[64]; /* bit by release of the set's component: those of the best builds */
    uint64_t compared[64]; /* those of which some build has functions in the units found; of others nothing is
                              said */
    bool decides;
} fps__code_verdict;
/* FPS_ERROR_MEMORY. */
fps_status fps__match_code_verdict(const fps__match_scratch *scratch, const fps__features *features,
                                   const fps__candidate *candidate, uint32_t set_id, uint32_t local,
                                   fps__code_verdict *verdict);

/* ---- match_finding.c, match_version.c, match_evidence.c ---- */

fps_status fps__match_finding(const fps__matcher *matcher, fps__match_scratch *scratch,
                              const fps__match_input *input, const fps__candidate *candidate,
                              fps__arena *arena, fps_finding *finding);

/* The version of a decided case. */
fps_status fps__match_version(const fps__matcher *matcher, const fps__match_scratch *scratch,
                              const fps__match_input *input, const fps__candidate *candidate,
                              fps__arena *arena, fps_version_answer *answer);

/* A printable copy of at most 200 bytes of target text. */
const char *fps__match_text(fps__arena *arena, const char *text, size_t length);
fps_status fps__match_evidence(const fps__matcher *matcher, const fps__match_scratch *scratch,
                               const fps__match_input *input, const fps__candidate *candidate,
                               fps__arena *arena, fps_finding *finding);

#endif
