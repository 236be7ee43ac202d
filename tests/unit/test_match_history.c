/* Proves versions by release histories: what the texts of an object say of releases that nobody built. */
#include "history_fixture.h"
#include "scan_fixture.h"

enum { RELEASES = HISTORY_RELEASES, STEP = 20, ALL = RELEASES * STEP };

/* A set with a build of 6.0, which has all texts, and a history of 1.0 to 6.0. */
static fps_database *make_set(void)
{
    static const uint32_t days[RELEASES] = {17000, 17365, 17730, 18095, 18460, 18825};
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "alpha"}, NULL);
    corpus_release(&corpus, "alpha", "6.0", TEXTS({"alpha", 0, ALL, 0}));
    fps__corpus_history history = history_of(&corpus, "alpha", ALL, STEP, days);
    corpus.histories = &history;
    corpus.history_count = 1;
    fps_database *database = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return database;
}

/* The version of alpha in an object with its texts [first, end); the result holds it. */
static const fps_version_answer *find_version(const fps_database *database, uint32_t first, uint32_t end,
                                              fps_result **result)
{
    char folder[256];
    fixture_folder(folder);
    write_elf(folder, "file", TEXTS({"alpha", first, end, 0}));
    *result = scan_tree(folder, database, NULL);
    remove_tree(folder);
    assert_true(result_has(*result, "/file", "alpha"));
    return &fps_result_finding(*result, 0)->version;
}

static bool has(const fps_version_answer *answer, const char *version)
{
    for (size_t i = 0; i < answer->candidate_count; i++)
        if (strcmp(answer->candidates[i], version) == 0)
            return true;
    return false;
}

/* Texts that are there exclude the releases before them at once; one whose texts are missing may have left them out. */
static void a_release_that_nobody_built_is_told_by_its_texts(void **state)
{
    (void)state;
    fps_result *result;
    fps_database *database = make_set();
    for (uint32_t release = 3; release < RELEASES; release++) {
        char version[16], before[16], newest[] = "6.0";
        snprintf(version, sizeof version, "%u.0", release);
        snprintf(before, sizeof before, "%u.0", release - 1);
        const fps_version_answer *answer = find_version(database, 0, release * STEP, &result);
        assert_true(has(answer, version));
        assert_false(has(answer, before));
        assert_int_equal(has(answer, newest), release + 1 == RELEASES);
        assert_true(answer->candidate_count <= 2);
        fps_result_free(result);
    }
    fps_database_free(database);
}

static void a_build_that_leaves_texts_out_keeps_the_releases_that_have_the_others(void **state)
{
    (void)state;
    fps_result *result;
    fps_database *database = make_set();
    /* a few texts of 5.0 are there, most of those of 4.0 are not: no older release is possible */
    const fps_version_answer *answer = find_version(database, 3 * STEP + 14, 5 * STEP, &result);
    assert_true(has(answer, "5.0"));
    assert_false(has(answer, "4.0"));
    fps_result_free(result);
    fps_database_free(database);
}

static void the_newest_release_may_be_a_newer_one(void **state)
{
    (void)state;
    fps_result *result;
    fps_database *database = make_set();
    const fps_version_answer *answer =
        find_version(database, 0, ALL - 2, &result); /* not equal to the build */
    assert_int_equal(answer->kind, FPS_VERSION_INTERVAL);
    assert_true(answer->open_above);
    assert_true(has(answer, "6.0"));
    assert_false(has(answer, "5.0"));
    fps_result_free(result);
    fps_database_free(database);
}

static void an_object_that_equals_a_build_is_that(void **state)
{
    (void)state;
    fps_result *result;
    fps_database *database = make_set();
    const fps_version_answer *answer = find_version(database, 0, ALL, &result);
    assert_int_equal(answer->kind, FPS_VERSION_EXACT);
    assert_string_equal(answer->version, "6.0");
    fps_result_free(result);
    fps_database_free(database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_release_that_nobody_built_is_told_by_its_texts),
        cmocka_unit_test(a_build_that_leaves_texts_out_keeps_the_releases_that_have_the_others),
        cmocka_unit_test(the_newest_release_may_be_a_newer_one),
        cmocka_unit_test(an_object_that_equals_a_build_is_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
