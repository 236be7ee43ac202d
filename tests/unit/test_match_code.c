/* The decision by functions: what a few of them open, what they do not, and which build's release they tell.
 */
#include "match_fixture.h"

#define CODE FPS__FEATURE_FUNCTION

/* A library in two releases, one archive member each; members hold functions alone. The second release shares
 * `shared` of its 20 functions with the first. */
static fps_database *make_library(fps__corpus *corpus, uint32_t shared)
{
    corpus_make(corpus);
    corpus_component(corpus, (fps__corpus_component){.id = "lz"}, NULL);
    corpus_component(corpus, (fps__corpus_component){.id = "other"}, NULL);
    corpus_build(corpus, "lz", "1.0");
    corpus_object(corpus, "usr/lib/liblz.a(lz.o)", TEXTS({"lz", 0, 20, CODE}));
    corpus_build(corpus, "lz", "1.1");
    corpus_object(corpus, "usr/lib/liblz.a(lz.o)", TEXTS({"lz", 20 - shared, 40 - shared, CODE}));
    corpus_release(corpus, "other", "1", TEXTS({"other", 0, 60, 0}));
    return corpus_set(corpus, NULL);
}

static void functions_alone_open_a_component(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = make_library(&corpus, 0);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"lz", 0, 20, CODE}), NULL);
    assert_true(is_present(&t, "lz"));
    assert_int_equal(finding_of(&t, "lz")->functions, 20);
    assert_int_equal(t.output.code_attributed, 2000);
    trial_match(&t, TEXTS({"stranger", 0, 20, CODE}), NULL);
    assert_false(is_present(&t, "lz"));
    assert_int_equal(t.output.code_attributed, 0);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void few_or_small_functions_open_nothing(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = make_library(&corpus, 0);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"lz", 0, 2, CODE}), NULL); /* two of twenty: scattered */
    assert_false(is_present(&t, "lz"));
    t.instructions = 12;
    trial_match(&t, TEXTS({"lz", 0, 20, CODE}), NULL);
    assert_false(is_present(&t, "lz"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void the_build_with_all_functions_tells_the_release(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = make_library(&corpus, 15);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"lz", 0, 20, CODE}), NULL);
    assert_versions(&t, "lz", FPS_VERSION_EXACT, "1.0");
    trial_match(&t, TEXTS({"lz", 5, 25, CODE}), NULL);
    assert_versions(&t, "lz", FPS_VERSION_EXACT, "1.1");
    trial_match(&t, TEXTS({"lz", 5, 20, CODE}), NULL); /* what both hold */
    assert_versions(&t, "lz", FPS_VERSION_INTERVAL, "1.0 1.1");
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* Every third function is known: another compiler's work. The nearest build must not pass for the version. */
static void sparse_functions_tell_no_release(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = make_library(&corpus, 0);
    trial_start(&t, database, NULL);
    trial_match(&t,
                TEXTS({"lz", 0, 1, CODE}, {"new", 0, 2, CODE}, {"lz", 1, 2, CODE}, {"new", 2, 4, CODE},
                      {"lz", 2, 3, CODE}, {"new", 4, 6, CODE}, {"lz", 3, 4, CODE}, {"new", 6, 8, CODE},
                      {"lz", 4, 5, CODE}, {"new", 8, 10, CODE}, {"lz", 5, 7, CODE}),
                NULL);
    const fps_finding *finding = finding_of(&t, "lz");
    assert_non_null(finding);
    assert_null(finding->version.toolchain);
    assert_int_not_equal(finding->version.kind, FPS_VERSION_EXACT);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void functions_of_unrelated_packages_are_nobodys(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "lz"}, NULL);
    corpus_build(&corpus, "lz", "1.0");
    corpus_object(&corpus, "usr/lib/liblz.a(lz.o)", TEXTS({"lz", 0, 20, CODE}));
    corpus_negative(&corpus, "one", TEXTS({"lz", 0, 20, CODE}));
    corpus_negative(&corpus, "three", TEXTS({"lz", 0, 20, CODE}));
    corpus_negative(&corpus, "two", TEXTS({"lz", 0, 20, CODE}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"lz", 0, 20, CODE}), NULL);
    assert_false(is_present(&t, "lz"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* Of the ancestor the set knows a compiler that it does not know of the fork: functions of both pass for the ancestor's alone. */
static void functions_alone_are_no_member_beside_anothers_texts(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "new", .family = "codec"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "old", .family = "codec"}, NULL);
    corpus_release(&corpus, "new", "2.0", TEXTS({"new", 0, 60, 0}));
    corpus_build(&corpus, "old", "1.0");
    corpus_object(&corpus, "libold.a(sad.o)", TEXTS({"code", 0, 20, CODE}));
    corpus_object(&corpus, "libold.a(old.o)", TEXTS({"old", 0, 20, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"code", 0, 20, CODE}), NULL);
    assert_true(is_present(&t, "old"));
    trial_match(&t, TEXTS({"new", 0, 60, 0}, {"code", 0, 20, CODE}), NULL);
    assert_true(is_present(&t, "new"));
    assert_false(is_present(&t, "old"));
    trial_match(&t, TEXTS({"new", 0, 60, 0}, {"code", 0, 20, CODE}, {"old", 0, 15, 0}), NULL);
    assert_true(is_present(&t, "new"));
    assert_true(is_present(&t, "old"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_alone_open_a_component),
        cmocka_unit_test(few_or_small_functions_open_nothing),
        cmocka_unit_test(the_build_with_all_functions_tells_the_release),
        cmocka_unit_test(sparse_functions_tell_no_release),
        cmocka_unit_test(functions_of_unrelated_packages_are_nobodys),
        cmocka_unit_test(functions_alone_are_no_member_beside_anothers_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
