/* Components that are known from their sources alone: what they are found by, and what is not theirs. */
#include "database/layout.h"
#include "match_fixture.h"
#include "util/search.h"

enum { RELEASES = 6, TEXTS_OF_ONE = 40 };

static int compare_texts(const void *left, const void *right)
{
    const fps__corpus_history_text *a = left, *b = right;
    return FPS__COMPARE(a->hash, b->hash);
}

/* The history of a component: texts [first, end) of `stem`, sentences or single words, in one source file, in all releases. */
static void add_texts(fps__corpus *corpus, const char *component, const char *stem, uint32_t first,
                      uint32_t end, bool sentences)
{
    static const char *versions[RELEASES] = {"1.0", "2.0", "3.0", "4.0", "5.0", "6.0"};
    static const uint32_t days[RELEASES] = {17000, 17365, 17730, 18095, 18460, 18825};
    static const char *units[] = {"parse.c"};
    fps__corpus_range *ranges = corpus_array(corpus, 2, sizeof *ranges);
    fps__corpus_list *lists = corpus_array(corpus, 2, sizeof *lists);
    ranges[0] = (fps__corpus_range){0, RELEASES - 1};
    ranges[1] = (fps__corpus_range){0, 0};
    lists[0] = (fps__corpus_list){0, 1};
    lists[1] = (fps__corpus_list){1, 1};
    fps__corpus_history_text *own = corpus_array(corpus, end - first, sizeof *own);
    const texts some = {stem, 0, 0, 0};
    for (uint32_t n = first; n < end; n++) {
        const char *text = numbered_text(&corpus->arena, &some, n);
        own[n - first] = (fps__corpus_history_text){.hash = text_key(FPS__FEATURE_LITERAL, text),
                                                    .length = (uint32_t)strlen(text),
                                                    .units = 1,
                                                    .releases = 0,
                                                    .text_class = FPS__CORPUS_TEXT_LETTERS |
                                                                  (sentences ? FPS__CORPUS_TEXT_WORDS : 0)};
    }
    qsort(own, end - first, sizeof *own, compare_texts);
    fps__corpus_history *list = corpus_array(corpus, corpus->history_count + 1U, sizeof *list);
    for (uint32_t h = 0; h < corpus->history_count; h++)
        list[h] = corpus->histories[h];
    list[corpus->history_count++] = (fps__corpus_history){.component = component,
                                                          .versions = versions,
                                                          .days = days,
                                                          .release_count = RELEASES,
                                                          .lists = lists,
                                                          .ranges = ranges,
                                                          .texts = own,
                                                          .text_count = end - first,
                                                          .units = units,
                                                          .unit_count = 1};
    corpus->histories = list;
}

static void add_history(fps__corpus *corpus, const char *component, const char *stem, uint32_t first,
                        uint32_t end)
{
    add_texts(corpus, component, stem, first, end, true);
}

static const char *const all_releases[] = {"1.0", "2.0", "3.0", "4.0", "5.0", "6.0", NULL};

static void a_component_without_a_build_is_found(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "fork"}, all_releases);
    add_history(&corpus, "fork", "fork", 0, TEXTS_OF_ONE);
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"fork", 0, 30, 0}), NULL);
    assert_true(is_present(&t, "fork"));
    trial_match(&t, TEXTS({"other", 0, 30, 0}), NULL);
    assert_null(finding_of(&t, "fork"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void what_others_hold_is_not_its_own(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "built"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "first"}, all_releases);
    corpus_component(&corpus, (fps__corpus_component){.id = "second"}, all_releases);
    corpus_release(&corpus, "built", "1.0", TEXTS({"built", 0, 60, 0}));
    corpus_negative(&corpus, "unrelated", TEXTS({"common", 0, 30, 0}));
    add_history(&corpus, "first", "built", 0, 60); /* carries another component along */
    add_history(&corpus, "second", "common", 0, 30);
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"built", 0, 60, 0}), NULL);
    assert_true(is_present(&t, "built"));
    assert_null(finding_of(&t, "first"));
    trial_match(&t, TEXTS({"common", 0, 30, 0}), NULL);
    assert_null(finding_of(&t, "second"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* A fork brings texts of its own, and some of its origin's. */
static void a_fork_is_not_its_origin(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "fork", .family = "origin"}, all_releases);
    corpus_component(&corpus, (fps__corpus_component){.id = "origin"}, NULL);
    corpus_release(&corpus, "origin", "1.0", TEXTS({"origin", 0, 100, 0}));
    add_history(&corpus, "fork", "fork", 0, TEXTS_OF_ONE);
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"fork", 0, TEXTS_OF_ONE, 0}, {"origin", 0, 30, 0}, {"origin", 50, 80, 0}), NULL);
    assert_true(is_present(&t, "fork"));
    assert_int_equal(finding_of(&t, "origin")->state, FPS_STATE_LIKELY);
    trial_match(&t, TEXTS({"fork", 0, TEXTS_OF_ONE, 0}, {"origin", 0, 100, 0}), NULL); /* both, whole */
    assert_true(is_present(&t, "fork"));
    assert_true(is_present(&t, "origin"));
    trial_match(&t, TEXTS({"origin", 0, 60, 0}), NULL);
    assert_true(is_present(&t, "origin"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* A set of a component whose build of 6.0 has its first 60 texts, and whose sources have 40 more. */
static fps_database *built_set(fps__corpus *corpus, bool sentences)
{
    corpus_make(corpus);
    corpus_component(corpus, (fps__corpus_component){.id = "lib"}, all_releases);
    corpus_release(corpus, "lib", "6.0", TEXTS({"lib", 0, 60, 0}));
    add_texts(corpus, "lib", "lib", 0, 100, sentences);
    return corpus_set(corpus, NULL);
}

/* Another system's build, or an older release, has texts of source files that nobody built. */
static void texts_that_no_build_has_show_a_built_component(void **state)
{
    (void)state;
    for (int sentences = 0; sentences < 2; sentences++) {
        fps__corpus corpus;
        trial t;
        fps_database *database = built_set(&corpus, sentences);
        trial_start(&t, database, NULL);
        trial_match(&t, TEXTS({"lib", 60, 100, 0}), NULL);
        assert_int_equal(is_present(&t, "lib"), sentences); /* single words may be anyone's */
        trial_match(&t, TEXTS({"lib", 0, 60, 0}), NULL);
        assert_true(is_present(&t, "lib"));
        trial_end(&t);
        fps_database_free(database);
        corpus_free(&corpus);
    }
}

/* Texts of sources tell nothing of how much of the builds is there, nor do they stand for builds of their releases. */
static void what_only_sources_hold_is_not_missing_in_a_build(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = built_set(&corpus, true);
    uint32_t built = 0;
    for (uint32_t r = 0; r < RELEASES; r++) {
        fps__set_release release;
        assert_true(fps__database_release(database, r, &release));
        assert_true(release.fingerprinted);
        built += release.built;
    }
    assert_int_equal(built, 1);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"lib", 0, 40, 0}), NULL);
    uint32_t touched = finding_of(&t, "lib")->units_total;
    trial_match(&t, TEXTS({"lib", 0, 40, 0}, {"lib", 60, 63, 0}), NULL);
    assert_true(is_present(&t, "lib"));
    assert_int_equal(finding_of(&t, "lib")->units_total, touched);
    /* the texts of a file of a few releases are no whole component */
    trial_match(&t, TEXTS({"lib", 0, 6, 0}, {"lib", 60, 68, 0}), NULL);
    assert_false(is_present(&t, "lib"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* A file of the sources left for another component, whose builds have its texts. */
static void texts_in_anothers_build_are_not_its_own(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "lib"}, all_releases);
    corpus_component(&corpus, (fps__corpus_component){.id = "other"}, NULL);
    corpus_release(&corpus, "lib", "6.0", TEXTS({"lib", 0, 60, 0}));
    corpus_release(&corpus, "other", "1.0", TEXTS({"lib", 60, 100, 0}, {"other", 0, 20, 0}));
    add_history(&corpus, "lib", "lib", 0, 100);
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"lib", 60, 100, 0}, {"other", 0, 20, 0}), NULL);
    assert_true(is_present(&t, "other"));
    assert_false(is_present(&t, "lib"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* Makes a group of features as an imported set has them. */
static void imported_group(fps__corpus *corpus, fps__corpus_group *group, const texts *some)
{
    static const char *versions[] = {"1.0"};
    *group = (fps__corpus_group){.component = "imported",
                                 .unit = "libimported#0",
                                 .any = versions,
                                 .all = versions,
                                 .any_count = 1,
                                 .all_count = 1,
                                 .weight = 16};
    group->features = corpus_features(corpus, some, &group->feature_count);
    for (uint32_t i = 0; i < group->feature_count; i++) /* no more is known of an imported key */
        corpus->features[group->features[i]].key =
            fps__layout_stored_key(corpus->features[group->features[i]].key);
}

/* Whether an imported component of so many texts is found that so many unrelated files hold. */
static void judge_imported(uint32_t size, uint32_t present_below)
{
    for (uint32_t unrelated = 0; unrelated < 4; unrelated++) {
        static const char *const sources[] = {"a", "b", "c"};
        fps__corpus corpus;
        trial t;
        corpus_make(&corpus);
        corpus_component(&corpus, (fps__corpus_component){.id = "imported"},
                         (const char *const[]){"1.0", NULL});
        corpus.groups = corpus_array(&corpus, 1, sizeof *corpus.groups);
        corpus.group_count = 1;
        imported_group(&corpus, corpus.groups, TEXTS({"imported", 0, size, 0}));
        for (uint32_t i = 0; i < unrelated; i++)
            corpus_negative(&corpus, sources[i], TEXTS({"imported", 0, size, 0}));
        fps_database *database = corpus_set(&corpus, NULL);
        trial_start(&t, database, NULL);
        trial_match(&t, TEXTS({"imported", 0, size, 0}), NULL);
        assert_int_equal(is_present(&t, "imported"), unrelated < present_below);
        trial_end(&t);
        fps_database_free(database);
        corpus_free(&corpus);
    }
}

/* Unrelated files that are added to an imported set lower what it says. */
static void imported_texts_that_unrelated_files_hold_say_less(void **state)
{
    (void)state;
    judge_imported(30, 3);
}

/* The weight of an imported function in the set, beside unrelated files that hold it, and so many of its component's texts. */
static uint32_t weight_of_imported_function(uint32_t texts_held)
{
    static const char *const sources[] = {"a", "b", "c"};
    const texts one = {"lib", 0, 1, FPS__FEATURE_FUNCTION};
    fps__corpus corpus;
    fps__set_entry entry = {.weight = 0};
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "imported"}, (const char *const[]){"1.0", NULL});
    corpus.groups = corpus_array(&corpus, 2, sizeof *corpus.groups);
    corpus.group_count = 2;
    imported_group(&corpus, &corpus.groups[0], TEXTS({"lib", 0, 60, 0}));
    imported_group(&corpus, &corpus.groups[1], TEXTS({"lib", 0, 1, FPS__FEATURE_FUNCTION}));
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        corpus_negative(&corpus, sources[i],
                        TEXTS({"lib", 0, 1, FPS__FEATURE_FUNCTION}, {"lib", 0, texts_held, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    uint32_t posting = fps__database_probe_one(
        database, text_key(FPS__FEATURE_FUNCTION, numbered_text(&corpus.arena, &one, 0)));
    assert_int_not_equal(posting, FPS__NONE);
    assert_true(fps__database_entry(database, posting, 0, &entry));
    fps_database_free(database);
    corpus_free(&corpus);
    return entry.weight;
}

static void imported_functions_that_unrelated_files_hold_say_less(void **state)
{
    (void)state;
    assert_int_equal(weight_of_imported_function(1), 0);
    assert_int_equal(weight_of_imported_function(60), 16); /* copies of the component */
}

/* A file with a copy of the component is not unrelated. */
static void a_copy_in_an_unrelated_file_does_not_count(void **state)
{
    (void)state;
    judge_imported(60, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_component_without_a_build_is_found),
        cmocka_unit_test(what_others_hold_is_not_its_own),
        cmocka_unit_test(a_fork_is_not_its_origin),
        cmocka_unit_test(texts_that_no_build_has_show_a_built_component),
        cmocka_unit_test(what_only_sources_hold_is_not_missing_in_a_build),
        cmocka_unit_test(texts_in_anothers_build_are_not_its_own),
        cmocka_unit_test(imported_texts_that_unrelated_files_hold_say_less),
        cmocka_unit_test(imported_functions_that_unrelated_files_hold_say_less),
        cmocka_unit_test(a_copy_in_an_unrelated_file_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
