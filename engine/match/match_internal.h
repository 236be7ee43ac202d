/* What the files of the decision share; private to match/. Each file calls only files below it:
 *
 *   match.c                    one object: the order of the decisions, and the findings
 *   match_finding.c            a decided candidate as a finding
 *   match_version.c            its version: the evidence for each release
 *   match_history.c            texts in the sources of releases
 *   match_fingerprint.c        texts in builds of releases
 *   match_build.c              functions in builds of releases
 *   match_soname.c             sonames that say the release
 *   match_posterior.c          the answer that follows
 *   match_evidence.c           its evidence
 *   match_patch.c              patches of vulnerabilities in its code
 *   match_candidate.c          what each component has in the object
 *   match_family.c             which members of a family
 *   match_doubt.c              what speaks against one that is admitted
 *   match_admission.c          whether what it has is enough
 *   match_unit.c, match_code.c what it has in one unit: literals and names, or functions
 *   match_hit.c                look-ups in the open sets
 *   matcher.c                  the open sets as one
 *   match_formula.h            the formulas, over the numbers of match_thresholds.h
 */
#ifndef FPS_MATCH_MATCH_INTERNAL_H
#define FPS_MATCH_MATCH_INTERNAL_H

#include "database/set.h"
#include "match/match.h"
#include "match/match_formula.h"
#include "util/array.h"
#include "util/bits.h"
#include "util/table.h"

/* ---- matcher.c ---- */

/* Releases of a component of a set that an object is compared with, oldest first. */
typedef struct fps__compared {
    const uint32_t *
        releases; /* those that were built; of a component without builds, those that its sources stand for */
    uint32_t count;
    const uint32_t *known; /* both, for texts that sources hold beside builds */
    uint32_t known_count;
    bool built; /* some of them was */
} fps__compared;

/* One open set and where its ids lie among the merged components. */
typedef struct fps__merged_set {
    const fps_database *database;
    uint32_t *component; /* merged component of each component, FPS__NONE for a damaged one */
    uint32_t *release;   /* release of its merged component of each release of the set */
    uint32_t component_count;
    uint32_t history_day;    /* of the newest release in its histories, since 1970; 0: none */
    fps__compared *compared; /* for each component */
    /* Component of the set of each merged one, FPS__NONE for none. NULL: the set has no patches. */
    uint32_t *local;
} fps__merged_set;

struct fps__matcher {
    fps__arena arena;
    fps__merged_set *sets;
    uint32_t set_count;
    fps__merged_component *components; /* sorted by id */
    uint32_t component_count;
};

/* ---- match_hit.c: a feature of the object that some component holds ---- */

typedef struct fps__hit {
    uint32_t component; /* merged */
    uint32_t set;
    uint32_t local;    /* component of that set */
    uint32_t unit;     /* of that set, FPS__NONE for none */
    uint32_t feature;  /* index in features->items */
    uint32_t any, all; /* bit sets of that set */
    uint16_t weight;   /* sixteenths, as the set has it: for the version */
    uint16_t worth;    /* the same, for presence: at most what the text is worth by itself */
    uint16_t flags;
    fps__feature_kind kind; /* of the object's feature: USE hits come from NAME keys */
    bool discounted;        /* a better explained component has the feature, or it counts in another set */
} fps__hit;

/* A text of the object that a release history holds. */
typedef struct fps__history_hit {
    uint32_t set, range; /* the id of its group in that set */
    bool word;           /* it is one word, as the name of a function is */
} fps__history_hit;

struct fps__match_scratch {
    const fps__matcher *matcher;
    FPS__ARRAY(fps__hit) hits; /* sorted by component, set, unit, feature, kind */
    FPS__ARRAY(struct fps__candidate) candidates;
    FPS__ARRAY(uint64_t) keys;
    FPS__ARRAY(uint32_t) postings;
    FPS__ARRAY(uint32_t) owner;   /* by feature: 1 + the component that it was given to, 0 for none */
    FPS__ARRAY(uint32_t) seen_by; /* by feature: 1 + the component that it was counted for, in some set */
    FPS__ARRAY(uint64_t) counted; /* bit by feature: its bytes are attributed */
    FPS__ARRAY(uint64_t) named;   /* bit by component: a text of the object names it */
    FPS__ARRAY(fps__history_hit) history_hits; /* sorted; of the object, once history_known */
    bool history_known;
    /* Keys of the object's functions, once functions_known: index in features->items, plus 1. */
    fps__key_map functions;
    bool functions_known;
    FPS__ARRAY(struct fps__seen_patch) seen_patches;          /* of the finding in hand */
    FPS__ARRAY(struct fps__sought_function) sought_functions; /* of the patch in hand */
};

/* Looks all features up in all sets. FPS_ERROR_MEMORY. */
fps_status fps__match_look_up(fps__match_scratch *scratch, const fps__features *features);

/* A hit of hits [first, end), which are not none, in the set that has the most of them. */
const fps__hit *fps__match_main_hit(const fps__hit *hits, size_t first, size_t end);

/* True for a literal or name of the object. */
static inline bool fps__hit_is_text(const fps__hit *hit)
{
    return hit->kind == FPS__FEATURE_LITERAL || hit->kind == FPS__FEATURE_NAME;
}

/* True for one that votes for its component. */
static inline bool fps__hit_is_evidence(const fps__hit *hit)
{
    return fps__hit_is_text(hit) && !(hit->flags & FPS__ENTRY_FOREIGN);
}

static inline bool fps__hit_is_function(const fps__hit *hit)
{
    return hit->kind == FPS__FEATURE_FUNCTION;
}

/* True for a function that counts for its component. */
static inline bool fps__hit_votes_by_code(const fps__hit *hit)
{
    return fps__hit_is_function(hit) && !hit->discounted && !(hit->flags & FPS__ENTRY_FOREIGN);
}

/* ---- match_unit.c: literals and names of a unit ---- */

/* The unit with hits [first, end): all of one component, set and unit. Sums over the hits that count. */
typedef struct fps__unit_sum {
    uint32_t set, unit;
    size_t first, end;
    uint32_t hits;          /* distinct features */
    double weight;          /* of these, in features */
    double coverage;        /* best over releases: found / expected */
    double expected, found; /* of that release, in features */
    bool names;             /* exported names for the most part */
    bool beside_builds;     /* texts that sources hold, of a component with builds that lack them */
    bool active;
} fps__unit_sum;

/* The unit of the hit at `first`; hits from `limit` on are another component's. */
void fps__match_unit(const fps__matcher *matcher, const fps__hit *hits, size_t first, size_t limit,
                     fps__unit_sum *sum);

/* The weight of the sentences of a unit. */
double fps__unit_sentences(const fps__hit *hits, const fps__features *features, const fps__unit_sum *sum);
/* The weight of what a release has in units [first, end) of its component, in features: of its literals, or, for `names`, of
 * the names that it exports. */
double fps__match_weight_of_units(const fps_database *database, uint32_t first, uint32_t end,
                                  uint32_t release, bool names);
/* The share of all literals or exported names of a release that active units show, at its best: `found` is their weight, in
 * features, and `hit` one of the component's. Takes time in proportion to the component's units and releases. */
double fps__match_part(const fps__matcher *matcher, const fps__hit *hit, double found, bool names);
bool fps__unit_sum_is_member(const fps__matcher *matcher, const fps__unit_sum *sum);

/* The posting of an object of set `set_id` that holds all the literals and names of hits [first, end) and no
 * others of their component; FPS__NONE for none. */
uint32_t fps__match_content(const fps__matcher *matcher, const fps__hit *hits, size_t first, size_t end,
                            const fps__features *features, uint32_t set_id);

/* ---- match_code.c: functions of a unit ---- */

/* The functions of a unit: hits [first, end), all of one component, set and unit. */
typedef struct fps__code_sum {
    uint32_t set, unit;
    size_t first, end;
    uint32_t hits;      /* distinct functions that count */
    uint32_t admitting; /* of these, such as may admit a component */
    double evidence;    /* of these, by size and rarity */
    double coverage;    /* best over code builds: weight found / weight of all its functions */
    bool active;
} fps__code_sum;

void fps__match_code_unit(const fps__matcher *matcher, const fps__features *features, const fps__hit *hits,
                          size_t first, size_t limit, fps__code_sum *sum);

/* ---- match_candidate.c: what a component has in the object ---- */

/* Sums over its literals, names, uses and exact hashes that count. Evidence is in features. */
typedef struct fps__text_sums {
    double literals, names; /* evidence of active units, by what the units are made of for the most part */
    double no_names;        /* evidence of literals that are no names of functions, in active units or not */
    double sentences;       /* literals of several words in active units */
    double evidence;        /* literals and names, in active units or not */
    double focused;         /* of these, in active units */
    double worth;           /* of its texts before rarity: what it explains of the object */
    double expected, found; /* of active units: their coverage */
    double best_coverage;   /* of an active unit */
    double uses;
    double whole; /* of a small component: the share of all texts of a release, at its best */
    uint32_t units_active, units_touched;
    uint32_t literal_count, name_count, use_count, exact_count;
    bool soname;
    bool exports;      /* a good part of the names that the object exports are its own */
    bool whole_member; /* an archive member is there for the most part */
} fps__text_sums;

/* Sums over its functions that count. */
typedef struct fps__function_sums {
    double evidence;  /* of active units, in functions of full size */
    double explained; /* functions, also those that others own */
    uint32_t units_active, units_touched;
    uint32_t count;
    uint32_t admitting; /* in active units */
} fps__function_sums;

/* Of one component: what more add to rule_worth decides nothing. */
enum { FPS__MAX_NAMING_RULES = 8 };

typedef struct fps__candidate {
    /* Set once, by fps__match_make_candidates. */
    uint32_t component;
    size_t first, end; /* its hits */
    bool runtime;      /* the component's role */
    bool equal; /* an object of the component holds the same features of it, all of them and no others */

    /* Set once, by fps__match_apply_rules. */
    double rule_worth;                               /* features, for the naming rules */
    const char *naming_rules[FPS__MAX_NAMING_RULES]; /* the names of those that were counted */
    uint32_t naming_rule_count;
    bool port;                /* a rule says that a translation of the component is there */
    const char *rule_version; /* read by a rule, not NUL-terminated; NULL */
    uint32_t rule_version_length;

    /* Set by fps__match_weigh: at first, and again whenever another component was given features. */
    fps__text_sums texts;
    fps__function_sums code;

    /* Set by match.c: the share in each round, the rest when the candidate is decided. */
    double share; /* of the object's texts that it explains */
    bool decided;
    bool shown; /* reported at all */
    fps_state state;
    const char *admitted_by; /* name of the rule, NULL for none */
    fps_doubt doubt;         /* why it is no more than likely though it was admitted */
    bool alone;              /* it would be admitted if no other component were there */
    uint32_t order;          /* in which it was decided */
    uint32_t leader;         /* member of its family that explains the same as it does, FPS__NONE for none */
} fps__candidate;

/* Makes a candidate of each component that has enough to be looked at, and weighs it. FPS_ERROR_MEMORY. */
fps_status fps__match_make_candidates(fps__match_scratch *scratch, const fps__match_input *input);
void fps__match_apply_rules(fps__match_scratch *scratch, const fps__match_input *input);
void fps__match_weigh(const fps__match_scratch *scratch, const fps__features *features,
                      fps__candidate *candidate);
/* True when a component has enough to be looked at. */
bool fps__candidate_is_considered(const fps__candidate *candidate);
/* What a text of the object is worth before rarity, in features. */
double fps__feature_worth(const fps__feature *feature);

/* ---- match_admission.c ---- */

/* The name of the rule that admits a candidate with `scale` of the evidence that each rule asks for; NULL for
 * none. */
const char *fps__match_admit(const fps__candidate *candidate, double scale);
/* All evidence for a candidate, in features. */
double fps__candidate_evidence(const fps__candidate *candidate);

/* ---- match_doubt.c, match_texts.c ---- */

/* What makes an admitted candidate no more than likely. */
fps_doubt fps__match_doubt(const fps__match_scratch *scratch, const fps__match_input *input,
                           const fps__candidate *candidate);

/* True when the candidate is admitted by texts alone and the object's code has nothing to do with them (whoever makes an
 * object can put any texts into it), or hardly anything, and they are a small part of the component's: a table of data that others
 * may have copied. False where that cannot be told. */
bool fps__match_has_texts_only(const fps__match_scratch *scratch, const fps__match_input *input,
                               const fps__candidate *candidate);

/* ---- match_family.c ---- */

bool fps__match_are_of_one_family(const fps__match_scratch *scratch, const fps__candidate *a,
                                  const fps__candidate *b);
/* True for a component that is known from its sources alone. */
bool fps__match_is_known_by_sources(const fps__match_scratch *scratch, const fps__candidate *candidate);
/* Settles which members of each family are there, when all candidates are decided. */
void fps__match_settle_families(fps__match_scratch *scratch, const fps__features *features);

/* ---- match_version.c, match_evidence.c, match_finding.c: all live in `arena` ---- */

/* The version of a decided candidate. FPS_ERROR_MEMORY. */
fps_status fps__match_version(const fps__matcher *matcher, fps__match_scratch *scratch,
                              const fps__match_input *input, const fps__candidate *candidate,
                              fps__arena *arena, fps_version_answer *answer);

/* Fills the evidence of a finding. FPS_ERROR_MEMORY. */
fps_status fps__match_evidence(const fps__matcher *matcher, const fps__match_scratch *scratch,
                               const fps__match_input *input, const fps__candidate *candidate,
                               fps__arena *arena, fps_finding *finding);

/* What the code says of the patches of a finding of state PRESENT, whose component and relatives are known. FPS_ERROR_MEMORY. */
fps_status fps__match_patches(const fps__matcher *matcher, fps__match_scratch *scratch,
                              const fps__match_input *input, fps__arena *arena, fps_finding *finding);

/* How a decided component got into the object. `dominant`: of the present ones it explains most;
 * `executable`: the object is a program. */
fps_linkage fps__match_linkage(const fps__match_scratch *scratch, const fps__candidate *candidate,
                               const fps__features *features, bool dominant, bool executable);
/* FPS_ERROR_MEMORY. */
fps_status fps__match_finding(const fps__matcher *matcher, fps__match_scratch *scratch,
                              const fps__match_input *input, const fps__candidate *candidate,
                              fps__arena *arena, fps_finding *finding);

#endif
