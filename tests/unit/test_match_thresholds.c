/* Every number of the decision on both sides of its value, and the page that lists them.
 *
 * usage: test_match_thresholds [--table]    --table prints the table of bench/thresholds.md
 */
#include "match_fixture.h"
#include "scan_fixture.h"
#include "version_thresholds.h"

#include "match/match_internal.h"
#include "match/rules_text.h"

/* How the decision depends on the value: it holds from the value on; only above it; with this value alone. */
typedef enum side { FROM, ABOVE, EXACTLY } side;

typedef struct boundary {
    const char *name;
    bool (*holds)(double x); /* what is decided when the number that is compared, or used, is x */
    side side;
} boundary;

static uint32_t whole(double x)
{
    return (uint32_t)(x + .5);
}

/* ---- texts ---- */

static unsigned worth_of(size_t letters, size_t length)
{
    char text[64];
    memset(text, '1', sizeof text);
    memset(text, 'a', letters);
    return fps__text_worth(text, length);
}

static bool letters_are_enough(double x)
{
    return worth_of(whole(x), 20) > FPS__WORTH_FEW;
}

static bool few_letters_are_worth(double x)
{
    return worth_of(0, 20) == whole(x);
}

static bool length_is_enough(double x)
{
    return worth_of(whole(x), whole(x)) > FPS__WORTH_SHORT;
}

static bool short_text_is_worth(double x)
{
    return worth_of(5, 5) == whole(x);
}

static bool words_are_a_sentence(double x)
{
    char text[64] = "";
    for (uint32_t i = 0; i < whole(x); i++)
        strcat(text, i ? " word" : "word");
    return fps__is_sentence(text, strlen(text));
}

static bool letters_are_a_word(double x)
{
    char text[64] = "";
    for (uint32_t i = 0; i < whole(x); i++)
        strcat(text, "a");
    strcat(text, " word");
    return fps__is_sentence(text, strlen(text));
}

/* ---- units ---- */

static bool unit_is_covered(double x)
{
    return fps__unit_is_active(x, FPS__UNIT_HITS);
}

static bool unit_has_hits(double x)
{
    return fps__unit_is_active(FPS__UNIT_COVERAGE, whole(x));
}

static bool unit_is_covered_by_one(double x)
{
    return fps__unit_is_active(x, 1);
}

static bool one_hit_counts(double x)
{
    return fps__unit_factor(1) == x;
}

static bool two_hits_count(double x)
{
    return fps__unit_factor(2) == x;
}

static bool three_hits_count(double x)
{
    return fps__unit_factor(3) == x && fps__unit_factor(4) == 1;
}

static bool names_are_no_majority(double x)
{
    return !fps__unit_counts_as_names(1, whole(x));
}

static bool component_is_not_small(double x)
{
    return !fps__component_is_small(whole(x));
}

static bool function_admits(double x)
{
    return fps__function_admits(whole(x), FPS__WEIGHT_FULL) && fps__function_worth(whole(x)) > 0;
}

static bool function_is_medium(double x)
{
    return fps__function_worth(whole(x)) > FPS__FUNCTION_SMALL_WORTH;
}

static bool small_function_is_worth(double x)
{
    return fps__function_worth(FPS__FUNCTION_ADMITS) == x;
}

static bool function_is_full(double x)
{
    return fps__function_worth(whole(x)) == 1;
}

static bool medium_function_is_worth(double x)
{
    return fps__function_worth(FPS__FUNCTION_SMALL) == x;
}

static bool function_is_not_shared(double x)
{
    return fps__function_admits(FPS__FUNCTION_FULL, whole(x));
}

static bool code_unit_is_covered(double x)
{
    return fps__code_unit_is_active(1, FPS__CODE_UNIT_HITS, x);
}

static bool code_unit_has_hits(double x)
{
    return fps__code_unit_is_active(1, whole(x), FPS__CODE_UNIT_COVERAGE);
}

static bool code_unit_is_covered_by_one(double x)
{
    return fps__code_unit_is_active(1, 1, x);
}

/* ---- candidates and admission ---- */

static bool evidence_is_considered(double x)
{
    fps__candidate c = {.texts.evidence = x};
    return fps__candidate_is_considered(&c);
}

static bool functions_are_considered(double x)
{
    fps__candidate c = {.code.count = whole(x)};
    return fps__candidate_is_considered(&c);
}

/* A candidate that explains the whole object, with sentences in two active units; not yet admitted. */
static fps__candidate good_candidate(void)
{
    return (fps__candidate){.share = 1,
                            .texts = {.sentences = 10,
                                      .evidence = 10,
                                      .focused = 10,
                                      .best_coverage = FPS__ADMIT_COVERAGE,
                                      .units_active = 2,
                                      .units_touched = 2}};
}

static bool is_admitted_by(const fps__candidate *c, const char *rule)
{
    const char *name = fps__match_admit(c, 1);
    return name && strcmp(name, rule) == 0;
}

static bool whole_object_admits(double x)
{
    fps__candidate c = {.equal = true, .texts.evidence = x};
    return is_admitted_by(&c, "whole-object");
}

static bool code_admits(double x)
{
    fps__candidate c = {.code = {.evidence = x, .admitting = FPS__ADMIT_FUNCTIONS}};
    return is_admitted_by(&c, "functions");
}

static bool functions_admit(double x)
{
    fps__candidate c = {.code = {.evidence = FPS__ADMIT_CODE, .admitting = whole(x)}};
    return is_admitted_by(&c, "functions");
}

static bool whole_admits(double x)
{
    fps__candidate c = {.texts = {.whole = FPS__WHOLE_SHARE, .found = x}};
    return is_admitted_by(&c, "whole-component");
}

static bool whole_share_admits(double x)
{
    fps__candidate c = {.texts = {.whole = x, .found = FPS__ADMIT_WHOLE}};
    return is_admitted_by(&c, "whole-component");
}

static bool literals_admit(double x)
{
    fps__candidate c = good_candidate();
    c.texts.literals = x;
    return is_admitted_by(&c, "literals");
}

static bool names_admit(double x)
{
    fps__candidate c = good_candidate();
    c.texts.names = x;
    c.texts.best_coverage = 0;
    return is_admitted_by(&c, "names");
}

static bool names_add_up(double x)
{
    fps__candidate c = good_candidate();
    c.texts.literals = FPS__ADMIT_LITERALS - 1;
    c.texts.names = x;
    return is_admitted_by(&c, "literals-and-names");
}

static bool coverage_admits(double x)
{
    fps__candidate c = good_candidate();
    c.texts.literals = c.texts.names = FPS__ADMIT_LITERALS - 1;
    c.texts.best_coverage = x;
    return is_admitted_by(&c, "literals-and-names");
}

static fps__candidate small_candidate(double evidence, uint32_t features, double share)
{
    fps__candidate c = good_candidate();
    c.texts.literals = evidence;
    c.texts.literal_count = features;
    c.share = share;
    return c;
}

static bool little_evidence_admits(double x)
{
    fps__candidate c = small_candidate(x, FPS__SMALL_FEATURES, 1);
    return is_admitted_by(&c, "most-of-object");
}

static bool few_features_admit(double x)
{
    fps__candidate c = small_candidate(FPS__ADMIT_SMALL, whole(x), 1);
    return is_admitted_by(&c, "most-of-object");
}

static bool small_share_admits(double x)
{
    fps__candidate c = small_candidate(FPS__ADMIT_SMALL, FPS__SMALL_FEATURES, x);
    return is_admitted_by(&c, "most-of-object");
}

static bool scaled_evidence_is_likely(double x)
{
    fps__candidate c = good_candidate();
    c.texts.literals = FPS__ADMIT_LITERALS * x;
    return !fps__match_admit(&c, 1) && fps__match_admit(&c, FPS__LIKELY_SCALE);
}

static bool a_function_is_worth(double x)
{
    fps__candidate c = {.code.evidence = 1};
    return fps__candidate_evidence(&c) == x;
}

/* Enough literals, of which `sentences` and other things speak for the component. */
static fps__candidate literal_candidate(double sentences, double focused)
{
    fps__candidate c = good_candidate();
    c.texts.literals = FPS__ADMIT_LITERALS;
    c.texts.sentences = sentences;
    c.texts.focused = focused;
    return c;
}

static bool sentences_speak(double x)
{
    fps__candidate c = literal_candidate(x, 1);
    return is_admitted_by(&c, "literals");
}

static bool share_of_sentences_speaks(double x)
{
    fps__candidate c = literal_candidate(x * 100, 100);
    return is_admitted_by(&c, "literals");
}

static bool names_speak(double x)
{
    fps__candidate c = literal_candidate(0, 1);
    c.texts.names = x;
    return is_admitted_by(&c, "literals");
}

static bool functions_speak(double x)
{
    fps__candidate c = literal_candidate(0, 1);
    c.code.count = whole(x);
    return is_admitted_by(&c, "literals");
}

/* Enough literals in a small part of an object. */
static fps__candidate part_candidate(void)
{
    fps__candidate c = literal_candidate(10, 10);
    c.share = FPS__PART_SHARE / 2;
    return c;
}

static bool share_is_no_part(double x)
{
    fps__candidate c = part_candidate();
    c.texts.units_active = 1;
    c.share = x;
    return is_admitted_by(&c, "literals");
}

static bool part_is_focused(double x)
{
    fps__candidate c = part_candidate();
    c.texts.evidence = 10;
    c.texts.focused = 10 * x;
    return is_admitted_by(&c, "literals");
}

static bool part_is_active(double x)
{
    fps__candidate c = part_candidate();
    c.texts.units_touched = 1000000000;
    c.texts.units_active = whole(x * c.texts.units_touched);
    return is_admitted_by(&c, "literals");
}

static bool part_has_units(double x)
{
    fps__candidate c = part_candidate();
    c.texts.units_active = c.texts.units_touched = whole(x);
    return is_admitted_by(&c, "literals");
}

static bool many_sentences_are_not_scattered(double x)
{
    fps__candidate c = part_candidate();
    c.texts.evidence = 1000;
    c.texts.sentences = x;
    return is_admitted_by(&c, "literals");
}

static bool runtime_has_units(double x)
{
    fps__candidate part = part_candidate(), code = {.runtime = true};
    part.runtime = true;
    part.texts.units_active = part.texts.units_touched = whole(x);
    code.code = (fps__function_sums){.evidence = 10, .admitting = 10, .units_active = whole(x)};
    bool by_code = is_admitted_by(&code, "functions");
    assert_int_equal(by_code, is_admitted_by(&part, "literals"));
    return by_code;
}

/* ---- order, report, confidence ---- */

static bool explains_more(double x)
{
    return fps__explains_more(x, 1);
}

static bool texts_lie_unused(double x)
{
    return fps__texts_are_unused(whole(x), 1);
}

static bool texts_are_used_by_code(double x)
{
    return !fps__texts_are_a_table(x, 0, 0);
}

static bool texts_are_more_than_a_table(double x)
{
    return !fps__texts_are_a_table(0, x, 0);
}

static bool names_are_no_interface(double x)
{
    return !fps__names_are_few(1000, 0, x);
}

static bool features_of_a_unit_are(double x)
{
    return !(fps__release_piece(1000) > x) && !(fps__release_piece(1000) < x);
}

static bool texts_are_asked_about(double x)
{
    return fps__texts_are_unused(whole(x), 0) && fps__code_is_too_small(whole(x), 0);
}

static bool code_is_large_enough(double x)
{
    return !fps__code_is_too_small(100, 100 * whole(x));
}

static bool own_evidence_tells_member(double x)
{
    return fps__tells_member(x, 0);
}

static bool own_part_tells_member(double x)
{
    return fps__tells_member(1000 * x, 1000);
}

static bool texts_stand_beside_a_file(double x)
{
    return !fps__code_stands_alone(x, 1);
}

static bool a_file_is_one_of_many(double x)
{
    return fps__component_has_many_files(whole(x));
}

static bool own_texts_are_enough(double x)
{
    return !fps__is_mostly_shared(1000 * x, 1000);
}

static bool literals_beside_names_are_enough(double x)
{
    return !fps__is_interface(100, 100 * x);
}

static bool literals_go_with_names(double x)
{
    return fps__is_interface(x, 0);
}

static bool mention_has_evidence(double x)
{
    return fps__mention_is_shown(x, 0);
}

static bool mention_has_uses(double x)
{
    return fps__mention_is_shown(0, x);
}

static bool share_owns(double x)
{
    fps__candidate c = {.state = FPS_STATE_PRESENT, .share = x};
    return fps__match_linkage(&(fps__match_scratch){0}, &c, &(fps__features){0}, true, true) ==
           FPS_LINKAGE_OWN;
}

static bool exports_are_all(double x)
{
    return fps__is_the_export(true, whole(1e9 * x), 1000000000);
}

static bool exports_own(double x)
{
    return fps__explains_exports(whole(1e9 * x), 1000000000);
}

static bool touched_units_are_embedded(double x)
{
    fps__candidate c = {.state = FPS_STATE_PRESENT, .texts = {.units_active = 1, .units_touched = whole(x)}};
    return fps__match_linkage(&(fps__match_scratch){0}, &c, &(fps__features){0}, false, false) ==
           FPS_LINKAGE_EMBEDDED;
}

static bool hits_tell_the_name(double x)
{
    return fps__unit_tells_name(whole(x), 1);
}

static bool coverage_tells_the_name(double x)
{
    return fps__unit_tells_name(FPS__NAMED_HITS, x);
}

static bool evidence_halves_the_doubt(double x)
{
    return fps__component_confidence(x, 0, FPS_STATE_LIKELY) >= .5;
}

static bool share_adds_confidence(double x)
{
    return fps__component_confidence(0, FPS__SMALL_SHARE, FPS_STATE_LIKELY) ==
           fps__component_confidence(x, 0, FPS_STATE_LIKELY);
}

static bool presence_leaves_doubt(double x)
{
    return fps__component_confidence(0, 0, FPS_STATE_PRESENT) == 1 - x;
}

/* Evidence that leaves a doubt of x, between 2^-10 and 2^-9. */
static bool doubt_is_stated(double x)
{
    double evidence = (9 + (1 - x * 512) * 2) * FPS__CONFIDENCE_HALF;
    return fps__component_confidence(evidence, 0, FPS_STATE_LIKELY) < FPS__CONFIDENCE_MOST - 1e-12;
}

static bool most_confidence_is(double x)
{
    return fps__component_confidence(1000, 0, FPS_STATE_PRESENT) == x;
}

static bool confidence_of_a_mention_is(double x)
{
    return fps__component_confidence(1000, 0, FPS_STATE_MENTIONED) == x;
}

/* ---- rules ---- */

/* What is added by `count` hits of a naming rule, and as many of another behind them. */
static double worth_of_naming_rules(size_t count)
{
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1", TEXTS({"zlib", 0, 60, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"zlib", 0, 60, 0}), NULL);
    fps__rule_hit *hits = calloc(2 * count, sizeof *hits);
    assert_non_null(hits);
    for (size_t i = 0; i < 2 * count; i++)
        hits[i] = (fps__rule_hit){
            .rule = i < count ? "first" : "second", .component = "zlib", .effect = FPS__RULE_NAME};
    const fps__match_input input = {.features = &t.features, .rules = hits, .rule_count = 2 * count};
    fps__match_apply_rules(t.scratch, &input);
    double worth = t.scratch->candidates.items[0].rule_worth;
    free(hits);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
    return worth;
}

static bool naming_rule_is_worth(double x)
{
    return worth_of_naming_rules(1) == 2 * x;
}

/* An object can hold a million texts that rules read: they are counted in one pass. */
static void a_naming_rule_counts_once(void **state)
{
    (void)state;
    assert_true(worth_of_naming_rules(1 << 19) == worth_of_naming_rules(1));
}

static bool version_rule_needs(double x)
{
    static const char text[] = "Rule: r\nComponent: c\nMatch: ^v(?<version>[0-9]+)\nEffect: version\n";
    fps__arena arena = {0};
    fps__rule_array rules = {0};
    assert_int_equal(fps__rules_parse(&rules, &arena, text, strlen(text), NULL), FPS_OK);
    uint32_t needs = rules.items[0].needs;
    fps__rules_clear(&rules);
    fps__arena_free(&arena);
    return needs == whole(x);
}

static bool yara_rule_is_sure(double x)
{
    static const char rule[] =
        "rule r { meta: component = \"zlib\" version = \"1\" strings: $a = \"zlib says\" condition: $a }";
    char folder[256], path[300];
    fps_scan *scan;
    fps_result *result;
    fixture_folder(folder);
    write_elf(folder, "one.so", TEXTS({"zlib", 0, 3, 0}));
    write_bytes(folder, "rules.yar", rule, strlen(rule));
    snprintf(path, sizeof path, "%s/rules.yar", folder);
    assert_int_equal(fps_scan_create(&scan, NULL, NULL), FPS_OK);
    assert_int_equal(fps_scan_add_yara(scan, path, NULL), FPS_OK);
    assert_int_equal(fps_scan_run(scan, folder, &result, NULL), FPS_OK);
    assert_int_equal(fps_result_finding_count(result), 1);
    const fps_finding *finding = fps_result_finding(result, 0);
    assert_string_equal(finding->admitted_by, FPS__ADMITTED_BY_YARA);
    bool same = finding->confidence == x && finding->version.confidence == x;
    fps_result_free(result);
    fps_scan_free(scan);
    remove_tree(folder);
    return same;
}

/* ---- versions ---- */

static bool oldest_is_not_compared(double x)
{
    return fps__first_compared(whole(x)) > 0;
}

static bool functions_decide(double x)
{
    return fps__build_decides(whole(x), whole(x), FPS__BUILD_DENSE);
}

static bool explained_functions_decide(double x)
{
    return fps__build_decides(whole(x * 1e9), 1000000000, FPS__BUILD_DENSE);
}

static bool dense_functions_decide(double x)
{
    return fps__build_decides(FPS__BUILD_HITS, FPS__BUILD_HITS, x);
}

static bool many_functions_decide(double x)
{
    return fps__build_decides(whole(x), whole(x), FPS__BUILD_MANY_DENSE);
}

static bool many_explained_functions_decide(double x)
{
    return fps__build_decides(whole(x * 1e9), 1000000000, FPS__BUILD_MANY_DENSE);
}

static bool many_dense_functions_decide(double x)
{
    return fps__build_decides(FPS__BUILD_MANY, FPS__BUILD_MANY, x);
}

static bool gap_ends_a_run(double x)
{
    return fps__run_ends(whole(x), 0, 0) && fps__run_ends(4 * whole(x), 0, 2);
}

static bool run_has_between(double x)
{
    return fps__run_has_between(whole(x));
}

static bool functions_are_assembly(double x)
{
    return fps__functions_are_assembly(1, whole(x));
}

static bool share_is_home(double x)
{
    return fps__is_at_home(x, 0);
}

static bool literal_is_far(double x)
{
    return !fps__is_neighbour(whole(x));
}

static bool neighbours_are_home(double x)
{
    return fps__is_at_home(0, whole(x));
}

static bool sonames_are_releases(double x)
{
    return fps__sonames_are_releases(whole(x));
}

static bool functions_tell_a_patch(double x)
{
    return fps__patch_is_told((size_t)(x * 1e15), (size_t)1e15);
}

/* ---- the table ---- */

static const boundary boundaries[] = {
    {"WORTH_LETTERS", letters_are_enough, FROM},
    {"WORTH_FEW", few_letters_are_worth, EXACTLY},
    {"WORTH_LENGTH", length_is_enough, FROM},
    {"WORTH_SHORT", short_text_is_worth, EXACTLY},
    {"SENTENCE_WORDS", words_are_a_sentence, FROM},
    {"WORD_LETTERS", letters_are_a_word, FROM},
    {"UNIT_COVERAGE", unit_is_covered, FROM},
    {"UNIT_HITS", unit_has_hits, FROM},
    {"UNIT_COVERAGE_ALONE", unit_is_covered_by_one, FROM},
    {"UNIT_ONE", one_hit_counts, EXACTLY},
    {"UNIT_TWO", two_hits_count, EXACTLY},
    {"UNIT_THREE", three_hits_count, EXACTLY},
    {"NAMES_MAJORITY", names_are_no_majority, FROM},
    {"MEMBER_COVERAGE", fps__member_is_whole, FROM},
    {"WHOLE_UNITS", component_is_not_small, ABOVE},
    {"FUNCTION_ADMITS", function_admits, FROM},
    {"FUNCTION_SMALL", function_is_medium, FROM},
    {"FUNCTION_SMALL_WORTH", small_function_is_worth, EXACTLY},
    {"FUNCTION_FULL", function_is_full, FROM},
    {"FUNCTION_MEDIUM_WORTH", medium_function_is_worth, EXACTLY},
    {"FUNCTION_SHARED", function_is_not_shared, ABOVE},
    {"CODE_UNIT_COVERAGE", code_unit_is_covered, FROM},
    {"CODE_UNIT_HITS", code_unit_has_hits, FROM},
    {"CODE_UNIT_COVERAGE_ALONE", code_unit_is_covered_by_one, FROM},
    {"CANDIDATE_EVIDENCE", evidence_is_considered, FROM},
    {"CANDIDATE_FUNCTIONS", functions_are_considered, FROM},
    {"RULE_WORTH", naming_rule_is_worth, EXACTLY},
    {"RULE_NEEDS", version_rule_needs, EXACTLY},
    {"ADMIT_WHOLE_OBJECT", whole_object_admits, FROM},
    {"ADMIT_CODE", code_admits, FROM},
    {"ADMIT_FUNCTIONS", functions_admit, FROM},
    {"ADMIT_WHOLE", whole_admits, FROM},
    {"WHOLE_SHARE", whole_share_admits, FROM},
    {"ADMIT_LITERALS", literals_admit, FROM},
    {"ADMIT_NAMES", names_admit, FROM},
    {"NAME_FACTOR", names_add_up, FROM},
    {"ADMIT_COVERAGE", coverage_admits, FROM},
    {"ADMIT_SMALL", little_evidence_admits, FROM},
    {"SMALL_FEATURES", few_features_admit, FROM},
    {"SMALL_SHARE", small_share_admits, FROM},
    {"LIKELY_SCALE", scaled_evidence_is_likely, FROM},
    {"CODE_WORTH", a_function_is_worth, EXACTLY},
    {"SENTENCES", sentences_speak, FROM},
    {"SENTENCES_SHARE", share_of_sentences_speaks, FROM},
    {"SENTENCES_NAMES", names_speak, FROM},
    {"SENTENCES_FUNCTIONS", functions_speak, FROM},
    {"PART_SHARE", share_is_no_part, FROM},
    {"PART_FOCUS", part_is_focused, FROM},
    {"PART_ACTIVE", part_is_active, FROM},
    {"PART_UNITS", part_has_units, FROM},
    {"MANY_SENTENCES", many_sentences_are_not_scattered, FROM},
    {"RUNTIME_UNITS", runtime_has_units, FROM},
    {"EXPLAINS_MORE", explains_more, ABOVE},
    {"MENTION_EVIDENCE", mention_has_evidence, FROM},
    {"HISTORY_HITS", history_is_told, FROM},
    {"HISTORY_UNIT", history_unit_is_active, FROM},
    {"HISTORY_CHANCE", history_is_by_chance, EXACTLY},
    {"HISTORY_LEFT_OUT", history_is_left_out, EXACTLY},
    {"HISTORY_STAYS", history_stays, EXACTLY},
    {"HISTORY_TEMPER", history_is_tempered, EXACTLY},
    {"HISTORY_UNLISTED", history_lacks_unlisted, EXACTLY},
    {"HISTORY_FILE_MISSED", history_file_is_missed, EXACTLY},
    {"HISTORY_WORDS", history_hears_words, EXACTLY},
    {"FINGERPRINT_BETWEEN", release_is_between, EXACTLY},
    {"FINGERPRINT_END", release_is_beyond, EXACTLY},
    {"FINGERPRINT_WORTH", distance_is_worth, EXACTLY},
    {"FINGERPRINT_SCALE", distance_counts_half, EXACTLY},
    {"POSTERIOR_MASS", posterior_has_mass, FROM},
    {"POSTERIOR_EQUAL", posterior_is_equal, EXACTLY},
    {"POSTERIOR_LACKS", posterior_lacks, EXACTLY},
    {"POSTERIOR_CODE", posterior_lacks_most, EXACTLY},
    {"POSTERIOR_CHANGED", posterior_may_have_changed, EXACTLY},
    {"POSTERIOR_ABSENT", posterior_is_absent, EXACTLY},
    {"POSTERIOR_UNBUILT", posterior_is_unbuilt, EXACTLY},
    {"POSTERIOR_PATCHED", posterior_is_patched, EXACTLY},
    {"POSTERIOR_READING", posterior_is_read, EXACTLY},
    {"POSTERIOR_NUMBER", posterior_is_packed, EXACTLY},
    {"POSTERIOR_BARE", posterior_is_bare, EXACTLY},
    {"POSTERIOR_LESS", posterior_is_less, EXACTLY},
    {"BUILD_PARTS", build_has_parts, FROM},
    {"BUILD_DAY_STEP", build_steps, EXACTLY},
    {"BUILD_DAY_EARLY", build_is_early, ABOVE},
    {"BUILD_RATES", build_has_rates, EXACTLY},
    {"BUILD_CURRENT", build_takes_current, EXACTLY},
    {"BUILD_AGE", build_ages, EXACTLY},
    {"BUILD_OLD", build_is_of_any_age, EXACTLY},
    {"BUILD_ERROR", build_days_are_wrong, EXACTLY},
    {"HISTORY_NEWER", history_has_newer, EXACTLY},
    {"HISTORY_NEWER_MOST", history_has_few_newer, EXACTLY},
    {"FAMILY_WHOLE", family_member_is_whole, FROM},
    {"TEXTS_TOLD", texts_are_asked_about, FROM},
    {"TEXTS_UNUSED", texts_lie_unused, FROM},
    {"FINGERPRINT_UNIT", features_of_a_unit_are, EXACTLY},
    {"TABLE_USED", texts_are_used_by_code, FROM},
    {"TABLE_PART", texts_are_more_than_a_table, FROM},
    {"NAMES_PART", names_are_no_interface, FROM},
    {"TEXT_CODE", code_is_large_enough, FROM},
    {"MENTION_USES", mention_has_uses, FROM},
    {"FAMILY_OWN", own_evidence_tells_member, FROM},
    {"FAMILY_PART", own_part_tells_member, FROM},
    {"SHARED_OWN", own_texts_are_enough, FROM},
    {"FILE_TEXTS", texts_stand_beside_a_file, FROM},
    {"FILE_MANY", a_file_is_one_of_many, FROM},
    {"INTERFACE_LITERALS", literals_beside_names_are_enough, FROM},
    {"INTERFACE_FEW", literals_go_with_names, FROM},
    {"OWN_SHARE", share_owns, FROM},
    {"OWN_EXPORTS", exports_own, FROM},
    {"ALL_EXPORTS", exports_are_all, FROM},
    {"STATIC_UNITS", touched_units_are_embedded, ABOVE},
    {"NAMED_HITS", hits_tell_the_name, FROM},
    {"NAMED_COVERAGE", coverage_tells_the_name, FROM},
    {"CONFIDENCE_HALF", evidence_halves_the_doubt, FROM},
    {"CONFIDENCE_SHARE", share_adds_confidence, EXACTLY},
    {"CONFIDENCE_PRESENT", presence_leaves_doubt, EXACTLY},
    {"CONFIDENCE_LEAST_DOUBT", doubt_is_stated, ABOVE},
    {"CONFIDENCE_MOST", most_confidence_is, EXACTLY},
    {"CONFIDENCE_MENTION", confidence_of_a_mention_is, EXACTLY},
    {"CONFIDENCE_YARA", yara_rule_is_sure, EXACTLY},
    {"MAX_FINGERPRINTS", oldest_is_not_compared, ABOVE},
    {"EXTRA_WEIGHT", extra_weighs, EXACTLY},
    {"BUILD_HITS", functions_decide, FROM},
    {"BUILD_EXPLAINS", explained_functions_decide, FROM},
    {"BUILD_DENSE", dense_functions_decide, FROM},
    {"BUILD_MANY", many_functions_decide, FROM},
    {"BUILD_MANY_EXPLAINS", many_explained_functions_decide, FROM},
    {"BUILD_MANY_DENSE", many_dense_functions_decide, FROM},
    {"RUN_GAP", gap_ends_a_run, ABOVE},
    {"RUN_HITS", run_has_between, FROM},
    {"ASSEMBLY_UNITS", functions_are_assembly, ABOVE},
    {"HOME_SHARE", share_is_home, FROM},
    {"HOME_DISTANCE", literal_is_far, ABOVE},
    {"HOME_NEIGHBOURS", neighbours_are_home, FROM},
    {"SONAME_RELEASES", sonames_are_releases, FROM},
    {"PATCH_PART", functions_tell_a_patch, FROM},
};
enum { BOUNDARIES = sizeof boundaries / sizeof *boundaries };

static const fps__threshold *threshold_of(const char *name)
{
    size_t count;
    const fps__threshold *list = fps__match_thresholds(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    fail_msg("no threshold is named %s", name);
    return NULL;
}

static void each_threshold_decides_at_its_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < BOUNDARIES; i++) {
        const boundary *b = &boundaries[i];
        const fps__threshold *threshold = threshold_of(b->name);
        double value = threshold->value, step = threshold->is_count ? 1 : 1e-9;
        bool below = b->holds(value - step), at = b->holds(value), above = b->holds(value + step);
        if (below || at != (b->side != ABOVE) || above != (b->side != EXACTLY))
            fail_msg("%s: %d below, %d at, %d above %g", b->name, below, at, above, value);
    }
}

static void each_threshold_has_a_boundary(void **state)
{
    (void)state;
    size_t count;
    const fps__threshold *list = fps__match_thresholds(&count);
    assert_int_equal(count, BOUNDARIES);
    for (size_t i = 0; i < count; i++) {
        size_t found = 0;
        for (size_t k = 0; k < BOUNDARIES; k++)
            found += strcmp(boundaries[k].name, list[i].name) == 0;
        if (found != 1)
            fail_msg("%s has %zu boundary tests", list[i].name, found);
    }
}

/* ---- rules and pages ---- */

/* Letters that stand alone are bytes of a table. */
static void a_text_without_a_word_is_worth_little(void **state)
{
    (void)state;
    static const char table[] = "\tq\tq\tr\tq\tq\tr\tq\t", text[] = "out of range";
    assert_int_equal(fps__text_worth(table, sizeof table - 1), FPS__TEXT_WORTH_FEW);
    assert_int_equal(fps__text_worth(text, sizeof text - 1), FPS__TEXT_WORTH_FULL);
}

static void each_rule_has_an_explanation(void **state)
{
    (void)state;
    static const char *const names[] = {"whole-object", "functions",          "whole-component", "literals",
                                        "names",        "literals-and-names", "most-of-object",  "yara-rule"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_non_null(fps_admission_explanation(names[i]));
    assert_null(fps_admission_explanation("no-such-rule"));
    assert_null(fps_admission_explanation(NULL));
}

static void a_finding_names_the_rule_that_admitted_it(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1", TEXTS({"zlib", 0, 60, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"zlib", 0, 60, 0}), NULL);
    assert_string_equal(finding_of(&t, "zlib")->admitted_by, "whole-object");
    trial_match(&t, TEXTS({"zlib", 0, 50, 0}), NULL);
    assert_string_equal(finding_of(&t, "zlib")->admitted_by, "whole-component");
    trial_match(&t, TEXTS({"program", 0, 900, 0}, {"zlib", 0, 1, 0}), NULL);
    assert_int_equal(finding_of(&t, "zlib")->state, FPS_STATE_MENTIONED);
    assert_null(finding_of(&t, "zlib")->admitted_by);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

typedef struct page {
    char text[65536];
    size_t size;
} page;

static fps_status append(void *user, const char *text, size_t length)
{
    page *p = user;
    assert_true(p->size + length < sizeof p->text);
    memcpy(p->text + p->size, text, length);
    p->size += length;
    p->text[p->size] = '\0';
    return FPS_OK;
}

static void the_page_of_thresholds_is_the_table(void **state)
{
    (void)state;
    static page table;
    const char *source = getenv("FPS_SOURCE");
    char path[1024];
    size_t size;
    snprintf(path, sizeof path, "%s/bench/thresholds.md", source ? source : ".");
    char *text = (char *)fixture_read(path, &size);
    text[size] = '\0';
    assert_int_equal(fps__match_thresholds_dump(append, &table), FPS_OK);
    if (!strstr(text, table.text))
        fail_msg("%s does not hold the table that test_match_thresholds --table prints", path);
    free(text);
}

static fps_status print(void *user, const char *text, size_t length)
{
    return fwrite(text, 1, length, user) == length ? FPS_OK : FPS_ERROR_IO;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--table") == 0)
        return fps__match_thresholds_dump(print, stdout) != FPS_OK;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_threshold_decides_at_its_value),
        cmocka_unit_test(each_threshold_has_a_boundary),
        cmocka_unit_test(a_text_without_a_word_is_worth_little),
        cmocka_unit_test(each_rule_has_an_explanation),
        cmocka_unit_test(a_finding_names_the_rule_that_admitted_it),
        cmocka_unit_test(the_page_of_thresholds_is_the_table),
        cmocka_unit_test(a_naming_rule_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
