/* Every number that decides in match/, in one table: the constants, and the table in bench/thresholds.md.
 *
 *   REAL(name, value, unit, meaning, source, guard)      a double FPS__name
 *   COUNT(name, value, unit, meaning, source, guard)     an enumerator FPS__name
 *
 * "features" are features of full weight: a literal or name that one component alone has. `source` says what the value
 * was chosen on, `guard` names the suites of bench/accuracy whose results show a change of it. Each row has a test on
 * both sides of its value (tests/unit/test_match_thresholds.c).
 */
#ifndef FPS_MATCH_MATCH_THRESHOLDS_H
#define FPS_MATCH_MATCH_THRESHOLDS_H

#include "code/code.h"
#include "feature/text_worth.h"

#include <fpscan/object.h>
#include <fpscan/status.h>
#include <stdbool.h>

#define FPS__TUNED                                                                                           \
    "tuned" /* with the development suites in view: root, without, negative judge, static, npm */
#define FPS__BUILDS     "builds"     /* after a look at which libraries the suite `builds` missed */
#define FPS__CALIBRATED "calibrated" /* so that stated confidence agrees with reliability.csv */
#define FPS__MEASURED                                                                                        \
    "measured" /* bench_linked_functions -s: of such functions .92 % are met under two names */
#define FPS__MEASURED_TEXTS                                                                                  \
    "measured" /* on a Debian root and wheels: code refers to one text in 40 and more of what is really there */
#define FPS__FOREIGN   "foreign builds" /* wheels whose name begins with a to m, versions by sonames */
#define FPS__JUDGEMENT "judgement"      /* no suite was run to choose it */

/* clang-format off */
#define FPS__MATCH_THRESHOLDS(REAL, COUNT)                                                                               \
    /* ---- what a text is worth (feature/text_worth.h) ---- */                                                          \
    COUNT(WORTH_LETTERS, FPS__TEXT_LETTERS, "letters", "in a row: a text of fewer is worth little",                                \
          FPS__JUDGEMENT, "root, negative")                                                                              \
    COUNT(WORTH_FEW, FPS__TEXT_WORTH_FEW, "sixteenths", "what a text without a word is worth",                           \
          FPS__JUDGEMENT, "root, negative")                                                                              \
    COUNT(WORTH_LENGTH, FPS__TEXT_LENGTH, "bytes", "a shorter text is worth half",                                       \
          FPS__JUDGEMENT, "root, negative")                                                                              \
    COUNT(WORTH_SHORT, FPS__TEXT_WORTH_SHORT, "sixteenths", "what a short text is worth",                                \
          FPS__JUDGEMENT, "root, negative")                                                                              \
    COUNT(SENTENCE_WORDS, 2, "words", "a text of so many words is a sentence", FPS__TUNED, "negative, root")             \
    COUNT(WORD_LETTERS, 2, "letters", "of a word", FPS__TUNED, "negative, root")                                         \
    /* ---- units of literals and names ---- */                                                                          \
    REAL(UNIT_COVERAGE, .3, "share", "of a unit's weight in one release that makes the unit active",                     \
         FPS__TUNED, "root, without, negative")                                                                          \
    COUNT(UNIT_HITS, 2, "features", "and so many of them", FPS__TUNED, "root, negative")                                 \
    REAL(UNIT_COVERAGE_ALONE, .95, "share", "that makes it active with any number of features",                          \
         FPS__TUNED, "root, static")                                                                                     \
    REAL(UNIT_ONE, .25, "factor", "of the evidence of an active unit with one hit", FPS__TUNED, "root, negative")        \
    REAL(UNIT_TWO, .5, "factor", "with two hits", FPS__TUNED, "root, negative")                                          \
    REAL(UNIT_THREE, .8, "factor", "with three hits", FPS__TUNED, "root, negative")                                      \
    COUNT(NAMES_MAJORITY, 2, "factor", "a unit counts as names when so many times its names exceed its hits",                \
          FPS__JUDGEMENT, "root, negative")                                                                              \
    REAL(MEMBER_COVERAGE, .5, "share", "of an archive member that makes the member whole", FPS__TUNED, "static")         \
    COUNT(WHOLE_UNITS, 64, "units", "of a small component, which can be there with all its texts",                       \
          FPS__BUILDS, "builds, negative")                                                                               \
    /* ---- units of functions ---- */                                                                                   \
    COUNT(FUNCTION_ADMITS, FPS__CODE_OPEN, "instructions", "a smaller function is no evidence",                          \
          FPS__MEASURED, "static, builds, negative code")                                                                \
    COUNT(FUNCTION_SMALL, 24, "instructions", "a smaller function is worth FUNCTION_SMALL_WORTH",                        \
          FPS__TUNED, "static, builds, negative code")                                                                   \
    REAL(FUNCTION_SMALL_WORTH, .6, "functions", "what a small function is worth", FPS__TUNED, "static, builds")          \
    COUNT(FUNCTION_FULL, 40, "instructions", "a smaller function is worth FUNCTION_MEDIUM_WORTH, others one",            \
          FPS__TUNED, "static, builds, negative code")                                                                   \
    REAL(FUNCTION_MEDIUM_WORTH, .8, "functions", "what a medium function is worth", FPS__TUNED, "static, builds")        \
    COUNT(FUNCTION_SHARED, 4, "sixteenths", "a function up to this weight is shared and admits nothing",                 \
          FPS__TUNED, "static, negative code")                                                                           \
    REAL(CODE_UNIT_COVERAGE, .3, "share", "of a unit's weight in one build that makes the unit active",                  \
         FPS__TUNED, "static, builds, negative code")                                                                    \
    COUNT(CODE_UNIT_HITS, 2, "functions", "and so many of them", FPS__TUNED, "static, negative code")                    \
    REAL(CODE_UNIT_COVERAGE_ALONE, .7, "share", "that makes it active with one function",                                \
         FPS__TUNED, "static, negative code")                                                                            \
    /* ---- which components are looked at ---- */                                                                       \
    REAL(CANDIDATE_EVIDENCE, 1.0, "features", "a component with less literals and names is not looked at",               \
         FPS__JUDGEMENT, "root, negative")                                                                               \
    COUNT(CANDIDATE_FUNCTIONS, 2, "functions", "unless it has so many functions", FPS__JUDGEMENT, "static")              \
    REAL(RULE_WORTH, 3.0, "features", "what a naming rule adds to the literals", FPS__JUDGEMENT, "root, negative")       \
    COUNT(RULE_NEEDS, 3, "features", "of a component that a version rule needs beside it, when it does not say",         \
          FPS__JUDGEMENT, "root")                                                                                        \
    /* ---- what admits a component (match_admission.c) ---- */                                                          \
    REAL(ADMIT_WHOLE_OBJECT, 3.0, "features", "of an object that holds exactly what one of the component's does",        \
         FPS__TUNED, "root, without, negative")                                                                          \
    REAL(ADMIT_CODE, 1.7, "functions", "of 40 instructions, in active units of code",                                    \
         FPS__TUNED, "static, builds, unseen, negative code")                                                            \
    COUNT(ADMIT_FUNCTIONS, 3, "functions", "and so many that are neither small nor shared",                              \
          FPS__TUNED, "static, builds, negative code")                                                                   \
    REAL(ADMIT_WHOLE, 10.0, "features", "of a small component that is there with WHOLE_SHARE of its texts",              \
         FPS__BUILDS, "builds, negative")                                                                                \
    REAL(WHOLE_SHARE, .80, "share", "of the texts of one release of a small component", FPS__BUILDS, "builds, negative") \
    REAL(ADMIT_LITERALS, 5.0, "features", "literals in active units", FPS__TUNED, "root, without, negative")             \
    REAL(ADMIT_NAMES, 8.0, "features", "exported names in active units", FPS__TUNED, "root, without, negative")          \
    REAL(NAME_FACTOR, 2.0, "factor", "names for one literal, where both are added up", FPS__TUNED, "root, negative")     \
    REAL(ADMIT_COVERAGE, .5, "share", "of some unit, where literals and names are added up or evidence is small",        \
         FPS__TUNED, "root, negative")                                                                                   \
    REAL(ADMIT_SMALL, 2.5, "features", "of all kinds, in an object that the component explains for the most part",       \
         FPS__TUNED, "root, negative")                                                                                   \
    COUNT(SMALL_FEATURES, 3, "features", "literals and names that this takes", FPS__TUNED, "root, negative")             \
    REAL(SMALL_SHARE, .40, "share", "of the object's texts that this takes", FPS__TUNED, "root, negative")               \
    REAL(LIKELY_SCALE, .5, "factor", "of the evidence that admits, for state likely", FPS__TUNED, "static, negative")    \
    REAL(CODE_WORTH, 1.5, "features", "what a function of full size is worth beside literals",                           \
         FPS__TUNED, "static, builds")                                                                                   \
    /* ---- what keeps a component out ---- */                                                                           \
    REAL(SENTENCES, 1.0, "features", "of sentences that literals need beside them", FPS__TUNED, "negative, root")        \
    REAL(SENTENCES_SHARE, .10, "share", "of the evidence in active units that sentences must be",                        \
         FPS__TUNED, "negative, root")                                                                                   \
    REAL(SENTENCES_NAMES, 2.0, "features", "of names that stand for sentences", FPS__TUNED, "negative, root")            \
    COUNT(SENTENCES_FUNCTIONS, 2, "functions", "that stand for sentences", FPS__TUNED, "negative, static")               \
    REAL(PART_SHARE, .40, "share", "of the object's texts, below which a component is a part among others",              \
         FPS__TUNED, "root, negative, static")                                                                           \
    REAL(PART_FOCUS, .50, "share", "of a part's evidence that must be in active units", FPS__TUNED, "root, negative")    \
    REAL(PART_ACTIVE, .40, "share", "of the units that a part touches that must be active",                              \
         FPS__TUNED, "root, negative")                                                                                   \
    COUNT(PART_UNITS, 2, "units", "that a part must have active, unless a whole archive member is there",                \
          FPS__TUNED, "root, negative")                                                                                  \
    REAL(MANY_SENTENCES, 150.0, "features", "of sentences, with which a component is never scattered",                   \
         FPS__TUNED, "npm, static, negative")                                                                            \
    COUNT(RUNTIME_UNITS, 6, "units", "active units of a runtime that is linked in",                                      \
          FPS__TUNED, "static, debian-static, negative")                                                                 \
    /* ---- the order of the decisions, and what is reported ---- */                                                     \
    REAL(EXPLAINS_MORE, 1.02, "factor", "by which a component must explain more than another to go first",               \
         FPS__JUDGEMENT, "root, without")                                                                                \
    COUNT(TEXTS_TOLD, 8, "texts", "of fewer it is not asked whether code uses them", FPS__MEASURED_TEXTS, "root")        \
    COUNT(TEXTS_UNUSED, 200, "texts", "for each one that code refers to, from which they are said to lie unused",         \
          FPS__MEASURED_TEXTS, "root, npm")                                                                              \
    REAL(TABLE_USED, .1, "share", "of a component's texts, below which code uses hardly any",                            \
         FPS__FOREIGN, "foreign, unrelated")                                                                             \
    REAL(TABLE_PART, .05, "share", "of the texts of a release, below which those are a table that others may copy",      \
         FPS__FOREIGN, "foreign, unrelated")                                                                             \
    COUNT(TEXT_CODE, 4, "bytes", "of code that each text takes, where it is not known what code refers to",              \
          FPS__JUDGEMENT, "root")                                                                                        \
    REAL(FAMILY_WHOLE, .85, "share", "of its active units, from which a component is there beside its fork",             \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(FAMILY_OWN, 3.0, "features", "of its own that tell a member of a family from another",                         \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(FAMILY_PART, .05, "share", "of what two members have in common, that one must have of its own as well",         \
         FPS__JUDGEMENT, "foreign, root")                                                                                \
    REAL(FILE_TEXTS, 2.0, "features", "of texts, with which functions of one source file do not stand alone",            \
         FPS__JUDGEMENT, "negative, static")                                                                             \
    COUNT(FILE_MANY, 16, "units", "of functions, from which one source file is but one of many",                         \
          FPS__JUDGEMENT, "negative, static")                                                                            \
    REAL(NAMES_PART, .05, "share", "of the names of a release, below which exported names alone are an interface",        \
         FPS__FOREIGN, "foreign, unrelated")                                                                             \
    REAL(INTERFACE_LITERALS, .02, "share", "of the literals that go with the exported names, below which they are an interface", \
         FPS__JUDGEMENT, "negative, foreign")                                                                            \
    REAL(INTERFACE_FEW, 10.0, "features", "of literals that must go with the names, or else nothing is missing",         \
         FPS__JUDGEMENT, "negative, foreign")                                                                            \
    REAL(SHARED_OWN, .02, "share", "of a component's texts in an object, own or not, that must be evidence for it",      \
         FPS__FOREIGN, "foreign, unrelated")                                                                             \
    REAL(MENTION_EVIDENCE, 3.0, "features", "of literals and names, from which a mention is reported",                   \
         FPS__JUDGEMENT, "unit tests")                                                                                   \
    REAL(MENTION_USES, 3.0, "features", "of imports, from which a mention is reported", FPS__JUDGEMENT, "unit tests")    \
    REAL(OWN_SHARE, .3, "share", "of the object's texts, from which the first component owns the object",                \
         FPS__TUNED, "root")                                                                                             \
    REAL(OWN_EXPORTS, .25, "share", "of the names that the object exports, from which a component explains them",         \
         FPS__JUDGEMENT, "root, foreign")                                                                                \
    REAL(ALL_EXPORTS, .9, "share", "of these names, from which the object is the component's own",                      \
         FPS__JUDGEMENT, "root")                                                                                         \
    COUNT(STATIC_UNITS, 2, "factor", "linked where so many times the active units reach the units touched",              \
          FPS__JUDGEMENT, "unit tests")                                                                                  \
    COUNT(NAMED_HITS, 4, "features", "of a unit that tells which object it is of", FPS__JUDGEMENT, "variants")           \
    REAL(NAMED_COVERAGE, .9, "share", "of that unit", FPS__JUDGEMENT, "variants")                                        \
    /* ---- how sure a component is ---- */                                                                              \
    REAL(CONFIDENCE_HALF, 1.5, "features", "of evidence that halve the doubt", FPS__JUDGEMENT, "reliability.csv")       \
    REAL(CONFIDENCE_SHARE, 2.0, "features", "added where the share reaches SMALL_SHARE",                                 \
         FPS__JUDGEMENT, "reliability.csv")                                                                             \
    REAL(CONFIDENCE_PRESENT, .2, "factor", "of the doubt where the component is present",                                \
         FPS__CALIBRATED, "reliability.csv")                                                                             \
    REAL(CONFIDENCE_LEAST_DOUBT, .001, "probability", "a smaller doubt counts as none", FPS__JUDGEMENT, "reliability.csv") \
    REAL(CONFIDENCE_MOST, .999, "probability", "stated then", FPS__JUDGEMENT, "reliability.csv")                         \
    REAL(CONFIDENCE_MENTION, .3, "probability", "most that is stated of a mention", FPS__JUDGEMENT, "unit tests")        \
    REAL(CONFIDENCE_YARA, .9, "probability", "of what a user's YARA rule names, and of its version",                     \
         FPS__JUDGEMENT, "unit tests")                                                                                   \
    /* ---- versions by literals and names ---- */                                                                       \
    COUNT(MAX_FINGERPRINTS, 64, "releases", "of a component that are compared: the newest",                              \
          FPS__JUDGEMENT, "root, without")                                                                               \
    REAL(EXTRA_WEIGHT, 3.0, "factor", "of what a release cannot have over what a build may leave out",                   \
         FPS__FOREIGN, "foreign, root")                                                                                \
    REAL(FINGERPRINT_UNIT, 1.0, "features", "most that the features of one unit say against a release",                    \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(FINGERPRINT_BETWEEN, 1.0, "features", "of distance that a release between two different builds has for sure",   \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(FINGERPRINT_END, 3.0, "features", "of distance that a release beyond the first or last build has for sure",     \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(FINGERPRINT_WORTH, 1.2, "logarithm", "that a feature of distance is worth", FPS__FOREIGN, "foreign, root")      \
    REAL(FINGERPRINT_SCALE, 3.0, "features", "of distance of the nearest release, with which others count half",        \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    /* ---- versions by functions ---- */                                                                                \
    COUNT(BUILD_HITS, 3, "functions", "of one build that decide the version", FPS__TUNED, "static, builds, unseen")      \
    REAL(BUILD_EXPLAINS, .98, "share", "of the functions found that this build holds", FPS__TUNED, "builds, unseen")     \
    REAL(BUILD_DENSE, .80, "share", "of the functions between found ones that this build holds",                         \
         FPS__TUNED, "builds, unseen")                                                                                   \
    COUNT(BUILD_MANY, 20, "functions", "from which the next two decide as well", FPS__TUNED, "builds, unseen, npm")      \
    REAL(BUILD_MANY_EXPLAINS, .99, "share", "of the functions found", FPS__TUNED, "builds, unseen, npm")                 \
    REAL(BUILD_MANY_DENSE, .70, "share", "of the functions between found ones", FPS__TUNED, "builds, unseen, npm")       \
    COUNT(RUN_GAP, 6, "functions", "between two found ones of a unit, beyond which a run ends",                          \
          FPS__TUNED, "builds, unseen")                                                                                  \
    COUNT(RUN_HITS, 2, "functions", "of a run that has functions between found ones", FPS__TUNED, "builds, unseen")      \
    COUNT(ASSEMBLY_UNITS, 2, "factor", "units of code active so many times must reach the active units of texts",        \
          FPS__TUNED, "builds, unseen")                                                                                  \
    /* ---- versions by texts ---- */                                                                                    \
    REAL(HOME_SHARE, .5, "share", "of the object's texts, from which a bare number is the component's own",              \
         FPS__TUNED, "without, npm")                                                                                     \
    COUNT(HOME_DISTANCE, 12, "literals", "around a bare number, where literals are its neighbours",                      \
          FPS__TUNED, "without, npm")                                                                                    \
    COUNT(HOME_NEIGHBOURS, 3, "literals", "of the component that make a bare number its own", FPS__TUNED, "without, npm") \
    COUNT(SONAME_RELEASES, 1, "releases", "others after which sonames are called, so that a soname tells the release",   \
          FPS__JUDGEMENT, "unit tests")                                                                                  \
    /* ---- patches ---- */                                                                                              \
    REAL(PATCH_PART, .5, "share", "of the functions that a build of a patch's state has, which tells that state",        \
         FPS__FOREIGN, "patches")                                                                                        \
    /* ---- the posterior by a release history (match_history.c) ---- */                                                 \
    COUNT(HISTORY_HITS, 2, "texts", "of a history, without which it says nothing", FPS__FOREIGN, "foreign")              \
    REAL(HISTORY_UNIT, .15, "share", "of what a release has in a source file, from which the file counts",               \
         FPS__FOREIGN, "foreign")                                                                                        \
    REAL(HISTORY_CHANCE, .02, "probability", "that a text is there though the release lacks it", FPS__FOREIGN, "foreign") \
    REAL(HISTORY_LEFT_OUT, .2, "probability", "that a configuration left the texts of a file and release out",           \
         FPS__FOREIGN, "foreign")                                                                                        \
    REAL(HISTORY_FILE_MISSED, 3.0, "logarithm", "most that the missing texts of a file say against a release",          \
         FPS__FOREIGN, "foreign")                                                                                        \
    REAL(HISTORY_WORDS, 4.0, "logarithm", "most that single words say against a release", FPS__FOREIGN, "foreign, root") \
    REAL(HISTORY_STAYS, .998, "probability", "that a newer release has texts as the newest known has them",              \
         FPS__FOREIGN, "foreign")                                                                                        \
    REAL(HISTORY_TEMPER, .5, "factor", "of the evidence, whose pieces come and go together", FPS__FOREIGN, "foreign")    \
    REAL(HISTORY_NEWER, .5, "releases", "least that is expected to be newer than the newest known",                      \
         FPS__FOREIGN, "foreign")                                                                                        \
    REAL(HISTORY_NEWER_MOST, 12.0, "releases", "most that is expected to be newer", FPS__FOREIGN, "foreign")             \
    REAL(HISTORY_UNLISTED, 2.0, "logarithm", "that a release which the history does not list is less likely",            \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    /* ---- the posterior of the releases (match_posterior.c) ---- */                                                    \
    REAL(POSTERIOR_MASS, .97, "probability", "that the answer holds", FPS__FOREIGN, "foreign")                           \
    REAL(POSTERIOR_EQUAL, 3.0, "logarithm", "by which a release is likelier whose build equals the object",              \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(POSTERIOR_LACKS, 1.5, "logarithm", "against a release for each function that its build lacks",                  \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(POSTERIOR_CODE, 8.0, "logarithm", "most that functions say against a release that was built",                   \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(POSTERIOR_CHANGED, .05, "logarithm", "against a release that the compiler did not build, for each function",    \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(POSTERIOR_ABSENT, .5, "logarithm", "the same, where the builder of the set's builds may have made the object",    \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(POSTERIOR_UNBUILT, 4.0, "logarithm", "most that functions say against one",                                     \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(POSTERIOR_PATCHED, 8.0, "logarithm", "most that is said against a release beside a version text: it may be patched", \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(POSTERIOR_READING, 13.0, "logarithm", "what a version text of the component's own is worth", FPS__FOREIGN, "foreign") \
    REAL(POSTERIOR_NUMBER, 10.5, "logarithm", "what a number is worth that a function of its own returns",               \
         FPS__FOREIGN, "foreign")                                                                                        \
    REAL(POSTERIOR_LESS, 6.0, "logarithm", "less of it, for a release whose name goes on where the text ends",           \
         FPS__FOREIGN, "foreign, root")                                                                                  \
    REAL(POSTERIOR_BARE, 9.0, "logarithm", "what a bare number is worth", FPS__FOREIGN, "foreign")                       \
    /* ---- the day of a build (build_day.h) ---- */                                                                     \
    COUNT(BUILD_PARTS, 2, "components", "with known days, without which a build has none", FPS__JUDGEMENT, "foreign")    \
    COUNT(BUILD_DAY_STEP, 14, "days", "between those that are compared", FPS__JUDGEMENT, "foreign")                      \
    COUNT(BUILD_DAY_EARLY, 14, "days", "before its own on which a release counts as out", FPS__FOREIGN, "foreign")       \
    COUNT(BUILD_RATES, 3, "rates", "of having what is current, each as likely as the others", FPS__FOREIGN, "foreign")        \
    REAL(BUILD_CURRENT, .3, "probability", "that a build has what is current, at the first rate; twice at the second",   \
         FPS__FOREIGN, "foreign")                                                                                        \
    REAL(BUILD_AGE, 1000.0, "days", "since a release was replaced, by which it is e times less likely",                  \
         FPS__FOREIGN, "foreign")                                                                                        \
    REAL(BUILD_OLD, .2, "share", "of the replaced releases whose age does not count", FPS__FOREIGN, "foreign")           \
    REAL(BUILD_ERROR, .0001, "probability", "that the days say nothing of a release", FPS__FOREIGN, "foreign")
/* clang-format on */

#define FPS__THRESHOLD_REAL(name, value, ...)  static const double FPS__##name = value;
#define FPS__THRESHOLD_COUNT(name, value, ...) FPS__##name = (value),
#define FPS__THRESHOLD_NONE(...)
FPS__MATCH_THRESHOLDS(FPS__THRESHOLD_REAL, FPS__THRESHOLD_NONE)
enum { FPS__MATCH_THRESHOLDS(FPS__THRESHOLD_NONE, FPS__THRESHOLD_COUNT) };
#undef FPS__THRESHOLD_REAL
#undef FPS__THRESHOLD_COUNT
#undef FPS__THRESHOLD_NONE

/* A row of the table. */
typedef struct fps__threshold {
    const char *name;
    double value;
    bool is_count;
    const char *unit, *meaning, *source, *guard;
} fps__threshold;
const fps__threshold *fps__match_thresholds(size_t *count);

/* Writes the rows as a Markdown table. What the callback refuses with is returned. */
fps_status fps__match_thresholds_dump(fps_write_callback write, void *user);

#endif
