/* The day of a build: what releases with known days say of each other (match/build_day.h), and of the versions in a file. */
#include "history_fixture.h"
#include "scan_fixture.h"

#include "match/build_day.h"
#include "match/match_formula.h"

#include <math.h>

enum { RELEASES = HISTORY_RELEASES, STEP = 20, TEXTS_OF_EACH = RELEASES * STEP };

/* A part with the releases of `days`, of which `known` is certain; -1: nothing is known of it. */
typedef struct part {
    uint32_t days[RELEASES];
    int known;
    double shares[RELEASES], factors[RELEASES];
} part;

/* Fills the factors, and the days of the first part. */
static fps__build_part judge(part *parts, size_t count)
{
    fps__build_part list[8];
    for (size_t i = 0; i < count; i++) {
        for (int r = 0; r < RELEASES; r++)
            parts[i].shares[r] = parts[i].known < 0 ? 1.0 / RELEASES : r == parts[i].known;
        list[i] = (fps__build_part){RELEASES, parts[i].days, parts[i].shares, parts[i].factors, 0, 0};
    }
    assert_int_equal(fps__build_day(list, count), FPS_OK);
    return list[0];
}

static int likeliest(const part *p)
{
    int best = 0;
    for (int r = 1; r < RELEASES; r++)
        best = p->factors[r] > p->factors[best] ? r : best;
    return best;
}

/* Releases of one component every 300 days, of the others between them. */
#define EVERY(first)                                                                                         \
    {                                                                                                        \
        (first), (first) + 300, (first) + 600, (first) + 900, (first) + 1200, (first) + 1500                 \
    }

static void what_was_current_on_the_day_of_the_others_is_likeliest(void **state)
{
    (void)state;
    for (int release = 1; release < RELEASES - 1; release++) {
        part parts[] = {{EVERY(15000), -1, {0}, {0}},
                        {EVERY(15100), release, {0}, {0}},
                        {EVERY(15060), release, {0}, {0}},
                        {EVERY(15140), release, {0}, {0}}};
        uint32_t last = 15140 + 300 * (uint32_t)release;
        fps__build_part days = judge(parts, 4);
        assert_int_equal(likeliest(&parts[0]), release);
        assert_true(parts[0].factors[release] > 3); /* of 6, if it were certain */
        assert_in_range(days.from, last - FPS__BUILD_DAY_EARLY - FPS__BUILD_DAY_STEP, last + 300);
        assert_true(days.from < days.to && days.to < last + 600);
        assert_true(parts[0].factors[0] > .01); /* a system's library may be of any age */
        assert_true(release > 3 || parts[0].factors[release + 2] < .1); /* it was not out */
    }
}

/* Where the others are of all ages, so may this one be. */
static void a_build_of_old_releases_says_less(void **state)
{
    (void)state;
    part fresh[] = {{EVERY(15000), -1, {0}, {0}},
                    {EVERY(15100), 4, {0}, {0}},
                    {EVERY(15060), 4, {0}, {0}},
                    {EVERY(15140), 4, {0}, {0}}};
    part mixed[] = {{EVERY(15000), -1, {0}, {0}},
                    {EVERY(15100), 4, {0}, {0}},
                    {EVERY(15060), 1, {0}, {0}},
                    {EVERY(15140), 2, {0}, {0}}};
    judge(fresh, 4);
    judge(mixed, 4);
    assert_true(mixed[0].factors[4] < .8 * fresh[0].factors[4]);
    assert_true(mixed[0].factors[2] > 2 * fresh[0].factors[2]);
}

static void nothing_is_said_without_days(void **state)
{
    (void)state;
    part alone[] = {{EVERY(15000), -1, {0}, {0}}};
    assert_int_equal(judge(alone, 1).to, 0);
    part dateless[] = {{EVERY(15000), -1, {0}, {0}}, {{0}, 3, {0}, {0}}};
    assert_int_equal(judge(dateless, 2).to, 0);
    for (int r = 0; r < RELEASES; r++)
        assert_true(alone[0].factors[r] == 1 && dateless[0].factors[r] == 1 && dateless[1].factors[r] == 1);
    /* a release without a day stays as likely as it was */
    part some[] = {{{15000, 0, 15600, 15900, 16200, 16500}, -1, {0}, {0}}, {EVERY(15100), 4, {0}, {0}}};
    assert_true(judge(some, 2).to > 0);
    assert_true(some[0].factors[1] == 1);
}

/* A set says what it likes of days. */
static void days_of_any_kind_give_numbers(void **state)
{
    (void)state;
    static const uint32_t days[][RELEASES] = {{UINT32_MAX, 1, UINT32_MAX, 1, UINT32_MAX, 1},
                                              {7, 7, 7, 7, 7, 7},
                                              {0, 0, 0, 0, 0, 1},
                                              {6, 5, 4, 3, 2, 1},
                                              {1, UINT32_MAX - 1, 0, 0, 0, 0}};
    enum { KINDS = sizeof days / sizeof *days };
    for (size_t a = 0; a < KINDS; a++)
        for (size_t b = 0; b < KINDS; b++) {
            part parts[2] = {{.known = -1}, {.known = 3}};
            memcpy(parts[0].days, days[a], sizeof days[a]);
            memcpy(parts[1].days, days[b], sizeof days[b]);
            judge(parts, 2);
            for (int r = 0; r < RELEASES; r++)
                assert_true(isfinite(parts[0].factors[r]) && parts[0].factors[r] >= 0);
        }
}

/* ---- in a file ---- */

static const uint32_t days_of_alpha[RELEASES] = EVERY(15000), days_of_beta[RELEASES] = EVERY(15100),
                      days_of_gamma[RELEASES] = EVERY(15060), days_of_delta[RELEASES] = EVERY(15140);

/* Nothing in alpha changed from 1.0 to 6.0; each release of the others brought texts. `days_alone`: only the days of their releases
 * are known, not the sources. */
static fps_database *make_set(bool days_alone)
{
    uint32_t read = days_alone ? 0 : TEXTS_OF_EACH;
    fps__corpus corpus;
    corpus_make(&corpus);
    fps__corpus_history histories[] = {
        history_of(&corpus, "alpha", TEXTS_OF_EACH, 0, days_of_alpha),
        history_of(&corpus, "beta", read, STEP, days_of_beta),
        history_of(&corpus, "delta", read, STEP, days_of_delta),
        history_of(&corpus, "gamma", read, STEP, days_of_gamma),
    };
    for (size_t i = 0; i < sizeof histories / sizeof *histories; i++) {
        const char *id = histories[i].component;
        corpus_component(&corpus, (fps__corpus_component){.id = id}, NULL);
        for (uint32_t r = i ? 0 : RELEASES - 1; r < RELEASES; r++)
            corpus_release(&corpus, id, histories[i].versions[r],
                           TEXTS({id, 0, i ? STEP * (r + 1) : TEXTS_OF_EACH, 0}));
    }
    corpus.histories = histories;
    corpus.history_count = sizeof histories / sizeof *histories;
    fps_database *database = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return database;
}

static const fps_version_answer *version_of(const fps_result *result, const char *id)
{
    for (size_t i = 0; i < fps_result_finding_count(result); i++) {
        const fps_finding *finding = fps_result_finding(result, i);
        if (strcmp(fps_result_component(result, finding->component)->id, id) == 0)
            return &finding->version;
    }
    fail_msg("%s was not found", id);
    return NULL;
}

static fps_result *scan_file(const fps_database *database, const texts *some)
{
    char folder[256];
    fixture_folder(folder);
    write_elf(folder, "file", some);
    fps_result *result = scan_tree(folder, database, NULL);
    remove_tree(folder);
    return result;
}

static void narrow_alpha(bool days_alone)
{
    enum { TO_3 = 3 * STEP };
    fps_database *database = make_set(days_alone);
    fps_database_info info;
    fps_error error;
    fps_database_read_info(database, &info);
    assert_int_equal(info.version_minor, days_alone ? 3 : 1);
    assert_int_equal(fps_database_verify(database, &error), FPS_OK);
    fps_result *alone = scan_file(database, TEXTS({"alpha", 0, TEXTS_OF_EACH - 1, 0}));
    fps_result *among = scan_file(database, TEXTS({"alpha", 0, TEXTS_OF_EACH - 1, 0}, {"beta", 0, TO_3, 0},
                                                  {"delta", 0, TO_3, 0}, {"gamma", 0, TO_3, 0}));
    const fps_version_answer *wide = version_of(alone, "alpha"), *narrow = version_of(among, "alpha");
    assert_int_equal(wide->kind, FPS_VERSION_INTERVAL);
    assert_null(wide->alone);
    assert_int_equal(wide->candidate_count, RELEASES);
    assert_true(narrow->candidate_count < RELEASES);
    assert_string_equal(narrow->candidates[narrow->candidate_count - 1], "4.0"); /* later ones were not out */
    assert_non_null(strstr(narrow->note, "the other components of this file are of 2013-"));
    assert_int_equal(narrow->alone->candidate_count, RELEASES); /* which is what gates ask */
    assert_true(narrow->confidence >= FPS__POSTERIOR_MASS && narrow->confidence <= 1);
    fps_result_free(alone);
    fps_result_free(among);
    fps_database_free(database);
}

static void what_else_is_in_a_file_narrows_an_interval(void **state)
{
    (void)state;
    narrow_alpha(false);
}

static void days_are_enough(void **state)
{
    (void)state;
    narrow_alpha(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_current_on_the_day_of_the_others_is_likeliest),
        cmocka_unit_test(a_build_of_old_releases_says_less),
        cmocka_unit_test(nothing_is_said_without_days),
        cmocka_unit_test(days_of_any_kind_give_numbers),
        cmocka_unit_test(what_else_is_in_a_file_narrows_an_interval),
        cmocka_unit_test(days_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
