/* The formulas of the decision: what is compared with which threshold. They are functions of a few numbers
 * and nothing else, so that each threshold can be tested on both sides. */
#ifndef FPS_MATCH_MATCH_FORMULA_H
#define FPS_MATCH_MATCH_FORMULA_H

#include "match/match_thresholds.h"

#include <fpscan/result.h>
#include <math.h>

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

/* True for a text that may be the name of a function: __func__ puts it into an object, and tables of an interface do. */
static inline bool fps__is_identifier(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!((text[i] | 32) >= 'a' && (text[i] | 32) <= 'z') && !(text[i] >= '0' && text[i] <= '9') &&
            text[i] != '_' && text[i] != ':')
            return false;
    return true;
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

/* True when a component of this share of the object's texts explains much of the object. */
static inline bool fps__explains_object(double share)
{
    return share >= FPS__OWN_SHARE;
}

/* True when the exported names of an object are a component's, which has `own` of all `names`. */
static inline bool fps__explains_exports(uint32_t own, size_t names)
{
    return own && own >= FPS__OWN_EXPORTS * (double)names;
}

/* True when an object exports as good as nothing but a component's names (`exports`: they are a good part of what it exports). */
static inline bool fps__is_the_export(bool exports, uint32_t own, size_t names)
{
    return exports && own >= FPS__ALL_EXPORTS * (double)names;
}

/* True when code that refers to `used` of a component's `count` texts has as good as nothing to do with them. */
static inline bool fps__texts_are_unused(size_t count, size_t used)
{
    return count >= FPS__TEXTS_TOLD && used <= count / FPS__TEXTS_UNUSED;
}

/* True for a small `part` of a component's texts, of which code refers to hardly any, a share of `used`, and which are a `share` of
 * the object's among others: a table in the object's data, as others may have copied it. */
static inline bool fps__texts_are_a_table(double used, double part, double share)
{
    return share < FPS__PART_SHARE && part < FPS__TABLE_PART && used < FPS__TABLE_USED;
}

/* True when there is too little code to use `count` texts. */
static inline bool fps__code_is_too_small(size_t count, uint64_t code_bytes)
{
    return count >= FPS__TEXTS_TOLD && code_bytes < (uint64_t)count * FPS__TEXT_CODE;
}

/* True when so much of what is expected of the active units was found that a fork's copy of them does not explain it. */
static inline bool fps__family_member_is_whole(double found, double expected)
{
    return found >= FPS__FAMILY_WHOLE * expected;
}

/* True when a member of a family has so much of its own, beside what it shares with another, that it is told from that. */
static inline bool fps__tells_member(double own, double shared)
{
    return own >= FPS__FAMILY_OWN && own >= FPS__FAMILY_PART * shared;
}

/* True when the functions of one unit are all that there is. */
static inline bool fps__code_stands_alone(double evidence, uint32_t units)
{
    return evidence < FPS__FILE_TEXTS && units == 1;
}

static inline bool fps__component_has_many_files(uint32_t code_units)
{
    return code_units >= FPS__FILE_MANY;
}

/* True when exported names are an interface: of the literals that go with them, as good as none are there. */
static inline bool fps__is_interface(double expected, double found)
{
    return expected >= FPS__INTERFACE_FEW && found < FPS__INTERFACE_LITERALS * expected;
}

/* True for exported names that stand alone, without any text, and are few by themselves or a small `part` of those of their
 * component. */
static inline bool fps__names_are_few(double names, double literals, double part)
{
    return literals <= 0 && (names < FPS__ADMIT_NAMES || part < FPS__NAMES_PART);
}

/* True when a component has `worth` texts in an object, and hardly any of them is evidence for it: the others were there before it. */
static inline bool fps__is_mostly_shared(double evidence, double worth)
{
    return evidence < FPS__SHARED_OWN * worth;
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

/* What all missing groups of a source file say against a release; a logarithm, as the sum of each. */
static inline double fps__history_file_misses(double sum)
{
    return sum > -FPS__HISTORY_FILE_MISSED ? sum : -FPS__HISTORY_FILE_MISSED;
}

/* What single words say of a release, where they say `most` of another; logarithms. */
static inline double fps__history_words(double sum, double most)
{
    return sum - most > -FPS__HISTORY_WORDS ? sum - most : -FPS__HISTORY_WORDS;
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

/* What a release that the history does not list is less likely than the one before it; a logarithm. */
static inline double fps__history_unlisted(void)
{
    return FPS__HISTORY_UNLISTED;
}

/* ---- the posterior of the releases ---- */

/* How an object names a version, the best ways first. */
typedef enum fps__reading_kind {
    FPS__READING_TEXT,   /* in a text of the component's own */
    FPS__READING_NUMBER, /* packed into a number: how, is a guess, and it may be the version of an interface */
    FPS__READING_BARE,   /* a version alone, which may be another's */
} fps__reading_kind;

static inline double fps__posterior_reading_worth(fps__reading_kind kind)
{
    static const double worth[] = {FPS__POSTERIOR_READING, FPS__POSTERIOR_NUMBER, FPS__POSTERIOR_BARE};
    return worth[kind];
}

/* How much less a version text is worth for a release whose name says more; `listed`: the text is a release's as well. */
static inline double fps__posterior_reading_less(bool listed)
{
    return listed ? FPS__POSTERIOR_LESS : 0;
}

/* What speaks against a release whose build by the same compiler lacks so many functions; a logarithm. */
static inline double fps__posterior_lacks(uint32_t functions)
{
    double sum = functions * FPS__POSTERIOR_LACKS;
    return sum < FPS__POSTERIOR_CODE ? sum : FPS__POSTERIOR_CODE;
}

/* What speaks against a release that the compiler did not build, when so many functions equal those of one it built. */
static inline double fps__posterior_unbuilt(uint32_t functions, bool same_builder)
{
    double sum = functions * (same_builder ? FPS__POSTERIOR_ABSENT : FPS__POSTERIOR_CHANGED);
    return sum < FPS__POSTERIOR_UNBUILT ? sum : FPS__POSTERIOR_UNBUILT;
}

/* The weight of a release beside a version text, where the most likely one has `most`: it may be a patched one. */
static inline double fps__posterior_patched(double weight, double most)
{
    return weight > most - FPS__POSTERIOR_PATCHED ? weight : most - FPS__POSTERIOR_PATCHED;
}

/* That of a release whose build equals the object. */
static inline double fps__posterior_equal(double most)
{
    return most + FPS__POSTERIOR_EQUAL;
}

static inline bool fps__posterior_is_enough(double mass)
{
    return mass >= FPS__POSTERIOR_MASS;
}

/* ---- the day of a build ---- */

static inline bool fps__build_is_told(size_t dated_parts)
{
    return dated_parts >= FPS__BUILD_PARTS;
}

/* The days that are compared: the first one and those that follow it. */
static inline uint32_t fps__build_day_at(uint32_t first, uint32_t step)
{
    return first + step * FPS__BUILD_DAY_STEP;
}

/* True when a build of `day` may have a release of `release_day`. */
static inline bool fps__build_is_out(uint32_t release_day, uint32_t day)
{
    return release_day <= day + FPS__BUILD_DAY_EARLY;
}

/* How likely a build has what is current, at one of BUILD_RATES rates. */
static inline double fps__build_rate(uint32_t rate)
{
    return (rate + 1) * FPS__BUILD_CURRENT;
}

/* How much less likely a release is that was replaced so many days ago. */
static inline double fps__build_age(double days)
{
    return exp(-days / FPS__BUILD_AGE);
}

/* The probability of one of `older` replaced releases, when one of them is there; `share`: by their ages. */
static inline double fps__build_older(double share, uint32_t older)
{
    return (1 - FPS__BUILD_OLD) * share + FPS__BUILD_OLD / older;
}

/* The probability of one of `releases` releases, `p` by the days: these may be wrong. */
static inline double fps__build_with_error(double p, uint32_t releases)
{
    return (1 - FPS__BUILD_ERROR) * p + FPS__BUILD_ERROR / releases;
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

/* The first of `count` fingerprinted releases, oldest first, that is compared. */
static inline uint32_t fps__first_compared(uint32_t count)
{
    return count > FPS__MAX_FINGERPRINTS ? count - FPS__MAX_FINGERPRINTS : 0;
}

/* What speaks against a release, in features: found ones that it cannot have, and ones that every build of it has. */
static inline double fps__release_distance(double extra, double missing)
{
    return FPS__EXTRA_WEIGHT * extra + missing;
}

/* What the features of one unit say against a release: they come and go together, and are one piece of evidence. */
static inline double fps__release_piece(double features)
{
    return features < 0 ? 0 : features > FPS__FINGERPRINT_UNIT ? FPS__FINGERPRINT_UNIT : features;
}

/* What speaks against releases that nobody built for this alone: between two that were, which look different or not, or
 * before the first and behind the last. Where a history tells of each release, nothing. */
static inline double fps__release_unbuilt(bool end, bool differ, bool history)
{
    if (history)
        return 0;
    return end ? FPS__FINGERPRINT_END : differ ? FPS__FINGERPRINT_BETWEEN : 0;
}

/* The logarithm of the likelihood of a release so far away, where the nearest one is `best` away. */
static inline double fps__release_weight(double away, double best)
{
    return -(away - best) * FPS__FINGERPRINT_WORTH / (1 + best / FPS__FINGERPRINT_SCALE);
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

/* True when sonames of a library are its releases, as those of so many other releases are. */
static inline bool fps__sonames_are_releases(uint32_t others)
{
    return others >= FPS__SONAME_RELEASES;
}

/* True when so many of the functions that a build of one state of a patch has tell that state. */
static inline bool fps__patch_is_told(size_t there, size_t functions)
{
    return there && (double)there >= FPS__PATCH_PART * (double)functions;
}

#endif
