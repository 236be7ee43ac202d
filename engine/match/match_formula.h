/* The formulas of the decision: what is compared with which threshold. They are functions of a few numbers
 * and nothing else, so that each threshold can be tested on both sides. */
#ifndef FPS_MATCH_MATCH_FORMULA_H
#define FPS_MATCH_MATCH_FORMULA_H

#include "match/match_thresholds.h"

#include <fpscan/result.h>

/* ---- texts ---- */

/* True for a text with words that are separated by spaces. */
static inline bool fps__is_sentence(const char *text, size_t length)
{
    uint32_t words = 0, letters = 0;
    for (size_t i = 0; i <= length && words < FPS__SENTENCE_WORDS; i++) {
        bool end = i == length || text[i] == ' ';
        bool letter = !end && (text[i] | 32) >= 'a' && (text[i] | 32) <= 'z';
        words += end && letters >= FPS__WORD_LETTERS;
        letters = end ? 0 : letters + letter;
    }
    return words >= FPS__SENTENCE_WORDS;
}

/* ---- units of literals and names ---- */

static inline bool fps__unit_is_active(double coverage, uint32_t hits)
{
    return coverage >= FPS__UNIT_COVERAGE && (hits >= FPS__UNIT_HITS || coverage >= FPS__UNIT_COVERAGE_ALONE);
}

/* The part of the weight of an active unit that is evidence: few hits may be chance, however small the
 * unit. */
static inline double fps__unit_factor(uint32_t hits)
{
    switch (hits) {
    case 0:
        return 0;
    case 1:
        return FPS__UNIT_ONE;
    case 2:
        return FPS__UNIT_TWO;
    case 3:
        return FPS__UNIT_THREE;
    default:
        return 1;
    }
}

static inline bool fps__unit_counts_as_names(uint32_t names, uint32_t hits)
{
    return names * FPS__NAMES_MAJORITY > hits;
}

static inline bool fps__member_is_whole(double coverage)
{
    return coverage >= FPS__MEMBER_COVERAGE;
}

/* True when all the texts of a component of so many units can be expected in one object. */
static inline bool fps__component_is_small(uint32_t units)
{
    return units <= FPS__WHOLE_UNITS;
}

/* True when a unit tells the name of the object that it is of. */
static inline bool fps__unit_tells_name(uint32_t hits, double coverage)
{
    return hits >= FPS__NAMED_HITS && coverage >= FPS__NAMED_COVERAGE;
}

/* ---- units of functions ---- */

/* What a function is worth by its size: chance and copies are too common among small ones. */
static inline double fps__function_worth(uint32_t instructions)
{
    if (instructions < FPS__FUNCTION_ADMITS)
        return 0;
    if (instructions < FPS__FUNCTION_SMALL)
        return FPS__FUNCTION_SMALL_WORTH;
    return instructions < FPS__FUNCTION_FULL ? FPS__FUNCTION_MEDIUM_WORTH : 1;
}

/* True for a function that may admit a component: of some size, and its own (`weight` in sixteenths). */
static inline bool fps__function_admits(uint32_t instructions, uint32_t weight)
{
    return instructions >= FPS__FUNCTION_ADMITS && weight > FPS__FUNCTION_SHARED;
}

static inline bool fps__code_unit_is_active(uint32_t admitting, uint32_t hits, double coverage)
{
    return admitting > 0 && ((coverage >= FPS__CODE_UNIT_COVERAGE && hits >= FPS__CODE_UNIT_HITS) ||
                             coverage >= FPS__CODE_UNIT_COVERAGE_ALONE);
}

/* ---- decisions ---- */

/* True when one component explains clearly more of the object than another. */
static inline bool fps__explains_more(double one, double other)
{
    return one > other * FPS__EXPLAINS_MORE;
}

/* True when code that refers to `used` of a component's `count` texts has as good as nothing to do with them. */
static inline bool fps__texts_are_unused(size_t count, size_t used)
{
    return count >= FPS__TEXTS_TOLD && used <= count / FPS__TEXTS_UNUSED;
}

/* True when there is too little code to use `count` texts. */
static inline bool fps__code_is_too_small(size_t count, uint64_t code_bytes)
{
    return count >= FPS__TEXTS_TOLD && code_bytes < (uint64_t)count * FPS__TEXT_CODE;
}

static inline bool fps__mention_is_shown(double evidence, double uses)
{
    return evidence >= FPS__MENTION_EVIDENCE || uses >= FPS__MENTION_USES;
}

/* ---- the posterior by a release history ---- */

static inline bool fps__history_is_told(uint32_t found)
{
    return found >= FPS__HISTORY_HITS;
}

/* True for a source file of which a release has `all` texts, and `seen` were found. */
static inline bool fps__history_unit_is_active(double seen, double all)
{
    return seen > 0 && seen >= FPS__HISTORY_UNIT * all;
}

/* The probability that `found` texts of a group are there though the release lacks them: several are less by chance. */
static inline double fps__history_by_chance(uint32_t found)
{
    return found == 1 ? FPS__HISTORY_CHANCE : FPS__HISTORY_CHANCE * .3;
}

/* The probability that a group is not there though the release has it; `gone`: that no text of it was built in. */
static inline double fps__history_is_missed(double gone)
{
    return FPS__HISTORY_LEFT_OUT + (1 - FPS__HISTORY_LEFT_OUT) * gone;
}

/* The probability that a release newer than all known has a group. */
static inline double fps__history_stays(bool newest_has_it)
{
    return newest_has_it ? FPS__HISTORY_STAYS : 1 - FPS__HISTORY_STAYS;
}

static inline double fps__history_temper(double logarithm)
{
    return FPS__HISTORY_TEMPER * logarithm;
}

/* Releases that count as newer than all known, of those that should have come out. */
static inline double fps__history_newer(double expected)
{
    if (expected < FPS__HISTORY_NEWER)
        return FPS__HISTORY_NEWER;
    return expected < FPS__HISTORY_NEWER_MOST ? expected : FPS__HISTORY_NEWER_MOST;
}

static inline double fps__history_reading_worth(bool bare)
{
    return bare ? FPS__HISTORY_BARE : FPS__HISTORY_READING;
}

static inline bool fps__history_is_enough(double mass)
{
    return mass >= FPS__HISTORY_MASS;
}

/* The confidence that a component is there. */
static inline double fps__component_confidence(double evidence, double share, fps_state state)
{
    double doubt = 1;
    if (share >= FPS__SMALL_SHARE)
        evidence += FPS__CONFIDENCE_SHARE;
    for (; evidence >= FPS__CONFIDENCE_HALF; evidence -= FPS__CONFIDENCE_HALF)
        doubt /= 2;
    doubt *= 1 - evidence / (2 * FPS__CONFIDENCE_HALF);
    if (state == FPS_STATE_PRESENT)
        doubt *= FPS__CONFIDENCE_PRESENT;
    double confidence = doubt < FPS__CONFIDENCE_LEAST_DOUBT ? FPS__CONFIDENCE_MOST : 1 - doubt;
    return state == FPS_STATE_MENTIONED && confidence > FPS__CONFIDENCE_MENTION ? FPS__CONFIDENCE_MENTION
                                                                                : confidence;
}

/* ---- versions by functions ---- */

/* True when function `feature` is too far behind the one found before to be of the same run. `shift`: one in
 * 2^shift functions is in the set. */
static inline bool fps__run_ends(uint32_t feature, uint32_t last, unsigned shift)
{
    return feature > last + ((uint32_t)FPS__RUN_GAP << shift);
}

static inline bool fps__run_has_between(uint32_t hits)
{
    return hits >= FPS__RUN_HITS;
}

/* True when the best build, which holds `best` of the `hits` functions found and `density` of those between
 * them, must be the compiler's that made the object: else the nearest compiler would pass for the version.
 * Among many functions a neighbour of the true build would miss some. */
static inline bool fps__build_decides(uint32_t best, uint32_t hits, double density)
{
    double explained = hits ? (double)best / hits : 0;
    return (best >= FPS__BUILD_HITS && explained >= FPS__BUILD_EXPLAINS && density >= FPS__BUILD_DENSE) ||
           (best >= FPS__BUILD_MANY && explained >= FPS__BUILD_MANY_EXPLAINS &&
            density >= FPS__BUILD_MANY_DENSE);
}

/* True when the functions found are few beside the texts: assembly, which is the same under every
 * compiler. */
static inline bool fps__functions_are_assembly(uint32_t code_units, uint32_t text_units)
{
    return code_units * FPS__ASSEMBLY_UNITS < text_units;
}

/* ---- versions by literals and names ---- */

/* What an object has and lacks of a release, in features. */
typedef struct fps__release_sums {
    double hits;     /* found, and some build has them */
    double extra;    /* found, and no build has them */
    double missing;  /* every build has them in the active units, and they were not found */
    double expected; /* what every build has there */
} fps__release_sums;

/* The first of `count` fingerprinted releases, oldest first, that is compared. */
static inline uint32_t fps__first_compared(uint32_t count)
{
    return count > FPS__MAX_FINGERPRINTS ? count - FPS__MAX_FINGERPRINTS : 0;
}

/* What speaks against a release. */
static inline double fps__release_distance(const fps__release_sums *release)
{
    return FPS__EXTRA_WEIGHT * release->extra + release->missing;
}

static inline bool fps__release_has_extra(const fps__release_sums *release)
{
    return release->extra >= FPS__EXTRA_EXCLUDES;
}

/* True when a release is excluded beside the best one. */
static inline bool fps__release_is_excluded(const fps__release_sums *release, const fps__release_sums *best)
{
    double more_missing = release->missing - best->missing;
    return (fps__release_has_extra(release) && release->extra > best->extra + FPS__EXTRA_MARGIN) ||
           (more_missing >= FPS__MISSING_EXCLUDES &&
            more_missing >= FPS__MISSING_SHARE * release->expected) ||
           release->extra + release->missing >
               FPS__DISTANCE_FACTOR * (best->extra + best->missing) + FPS__DISTANCE_MARGIN;
}

/* True when even the best release cannot be the object's. */
static inline bool fps__release_is_nearest(const fps__release_sums *best)
{
    return best->extra >= FPS__NEAREST_EXTRA * FPS__EXTRA_EXCLUDES &&
           best->extra + best->missing > FPS__NEAREST_SHARE * best->hits;
}

/* True for a range of releases that is too wide to be an answer. */
static inline bool fps__range_is_wide(size_t releases)
{
    return releases > FPS__WIDE_RANGE;
}

/* The confidence of a version that the features tell; parts are more often built otherwise. */
static inline double fps__version_confidence(double share)
{
    return share >= FPS__PART_SHARE ? FPS__VERSION_WHOLE : FPS__VERSION_PART;
}

/* ---- versions by texts ---- */

/* True for a literal of the component so close to a bare number; distances are in literals. */
static inline bool fps__is_neighbour(uint32_t distance)
{
    return distance > 0 && distance <= FPS__HOME_DISTANCE;
}

/* True when a bare number among so many literals of the component is its own: the whole object is the
 * component's, or its literals stand around the number. A large program holds the versions of many things. */
static inline bool fps__is_at_home(double share, uint32_t neighbours)
{
    return share >= FPS__HOME_SHARE || neighbours >= FPS__HOME_NEIGHBOURS;
}

#endif
