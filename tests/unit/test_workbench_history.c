/* Release histories in a workbench: added, left alone, replaced, merged, migrated; and nothing of a bad one. */
#include "temporary.h"
#include "workbench/workbench_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[TEMPORARY_SIZE];

static const char *path_of(const char *name)
{
    return temporary_path(folder, name);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(temporary_name(folder, "test-workbench-history")) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

#define FIRST                                                                                                \
    "fpscan-history\t1\ncomponent\tacme\nsource\tw\tc\t2020-01-01\nrelease\t0\t1.0\tv1.0\t2020-01-01\n"      \
    "release\t1\t1.1\tv1.1\t2020-02-02\nunit\t0\ta.c\nunit\t1\tb.c\n"                                        \
    "t\tf123456789abcdef\t5\t3\t0-1\t0\nt\t0123456789abcdef\t5\t1\t0\t0-1\nn\t0123456789abcdef\t1\n"
#define SECOND                                                                                                          \
    "fpscan-history\t1\ncomponent\tacme\nsource\tw2\tc\t\nrelease\t0\t1.1\tv1.1\t\nrelease\t1\t2.0\tv2.0\t2021-01-01\n" \
    "unit\t0\tb.c\nt\t0123456789abcdef\t5\t1\t0\t1\n"

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static char seen[1024];

static void note(void *user, const fps_diagnostic *diagnostic)
{
    (void)user;
    snprintf(seen, sizeof seen, "%s: %s (%s)", diagnostic->path, diagnostic->message, diagnostic->code);
}

static fps_workbench *open_bench(const char *name)
{
    fps_workbench *bench;
    fps_error error;
    if (fps_workbench_open(&bench, path_of(name), &error))
        fail_msg("%s", error.message);
    return bench;
}

static fps_workbench_add_result add(fps_workbench *bench, const char *name)
{
    const char *path = path_of(name);
    fps_workbench_add_options options = {.diagnostic = note};
    fps_workbench_add_result result;
    fps_error error;
    seen[0] = '\0';
    if (fps_workbench_add(bench, &path, 1, &options, &result, &error))
        fail_msg("%s", error.message);
    return result;
}

static uint64_t count(fps_workbench *bench)
{
    fps_workbench_stats stats;
    fps_error error;
    assert_int_equal(fps_workbench_read_stats(bench, &stats, &error), FPS_OK);
    return stats.histories * 1000 + stats.history_releases * 100 + stats.history_texts * 10 +
           stats.history_names;
}

static void assert_history(fps_workbench *bench, const char *expected)
{
    fps__history *history;
    fps_error error;
    char *text;
    size_t size;
    assert_int_equal(fps__workbench_load_history(bench, "acme", &history, &error), FPS_OK);
    assert_int_equal(fps__history_render(history, &text, &size, &error), FPS_OK);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(text, expected, size);
    free(text);
    fps__history_free(history);
}

static void test_a_history_comes_back_sorted(void **state)
{
    (void)state;
    fps_workbench *bench = open_bench("one.db");
    write_text("acme.tsv", FIRST);
    assert_int_equal(add(bench, "acme.tsv").histories, 1);
    assert_int_equal(count(bench), 1221);
    assert_history(
        bench,
        "fpscan-history\t1\ncomponent\tacme\nsource\tw\tc\t2020-01-01\n"
        "release\t0\t1.0\tv1.0\t2020-01-01\nrelease\t1\t1.1\tv1.1\t2020-02-02\nunit\t0\ta.c\nunit\t1\tb.c\n"
        "t\t0123456789abcdef\t5\t1\t0\t0-1\nt\tf123456789abcdef\t5\t3\t0-1\t0\nn\t0123456789abcdef\t1\n");
    fps_workbench_add_result again = add(bench, "acme.tsv");
    assert_int_equal(again.histories, 0);
    assert_int_equal(again.unchanged, 1);
    assert_int_equal(count(bench), 1221);
    fps_workbench_free(bench);
}

static void test_two_files_of_a_component_are_one_history(void **state)
{
    (void)state;
    static const char both[] =
        "fpscan-history\t1\ncomponent\tacme\nsource\tw2\tc\t\nsource\tw\tc\t2020-01-01\n"
        "release\t0\t1.0\tv1.0\t2020-01-01\nrelease\t1\t1.1\tv1.1\t2020-02-02\nrelease\t2\t2.0\tv2.0\t2021-01-01\n"
        "unit\t0\tb.c\nunit\t1\ta.c\n"
        "t\t0123456789abcdef\t5\t1\t0-1\t0-2\nt\tf123456789abcdef\t5\t3\t0-1\t0\nn\t0123456789abcdef\t1\n";
    fps_workbench *bench = open_bench("one.db"), *other;
    write_text("acme-git.tsv", SECOND);
    assert_int_equal(add(bench, "acme-git.tsv").histories, 1);
    assert_history(bench, both);
    fps__arena arena = {0};
    const fps__known_release *releases;
    const char *const *ids;
    size_t amount;
    fps_error error;
    assert_int_equal(fps__workbench_load_releases(bench, "acme", &arena, &releases, &amount, &error), FPS_OK);
    assert_int_equal(amount, 3);
    assert_string_equal(releases[1].version, "1.1");
    assert_string_equal(releases[1].date, "2020-02-02");
    assert_int_equal(releases[2].origins, FPS__RELEASE_HISTORY);
    assert_int_equal(fps__workbench_history_components(bench, &arena, &ids, &amount, &error), FPS_OK);
    assert_int_equal(amount, 1);
    assert_string_equal(ids[0], "acme");
    fps__arena_free(&arena);
    fps_workbench_free(bench);
    other = open_bench("merged.db");
    assert_int_equal(fps_workbench_merge(other, path_of("one.db"), &error), FPS_OK);
    assert_history(other, both);
    assert_int_equal(fps_workbench_merge(other, path_of("one.db"), &error), FPS_OK);
    assert_int_equal(count(other), 2000 + 400 + 30 + 1);
    fps_workbench_free(other);
}

/* 1.1 has no day of its own; 1.5 is a release whose sources nobody has read. */
static void test_days_alone_are_lent_to_what_others_know(void **state)
{
    (void)state;
    fps_workbench *bench = open_bench("days.db");
    write_text("acme.tsv", "fpscan-history\t1\ncomponent\tacme\nrelease\t0\t1.0\tv1.0\t2020-01-01\n"
                           "release\t1\t1.1\tv1.1\t\nunit\t0\ta.c\nt\t0123456789abcdef\t5\t1\t0\t0-1\n");
    write_text("acme-days.tsv", "fpscan-history\t1\ncomponent\tacme\nrelease\t0\t1.0\t\t2019-01-01\n"
                                "release\t1\t1.1\t\t2020-02-02\nrelease\t2\t1.5\t\t2020-05-05\n");
    assert_int_equal(add(bench, "acme-days.tsv").histories, 1);
    assert_history(bench, "fpscan-history\t1\ncomponent\tacme\nrelease\t0\t1.0\t\t2019-01-01\n"
                          "release\t1\t1.1\t\t2020-02-02\nrelease\t2\t1.5\t\t2020-05-05\n");
    assert_int_equal(add(bench, "acme.tsv").histories, 1);
    assert_history(bench,
                   "fpscan-history\t1\ncomponent\tacme\nrelease\t0\t1.0\tv1.0\t2020-01-01\n"
                   "release\t1\t1.1\tv1.1\t2020-02-02\nunit\t0\ta.c\nt\t0123456789abcdef\t5\t1\t0\t0-1\n");
    fps_workbench_free(bench);
}

static void test_a_changed_file_takes_the_place_of_the_old_one(void **state)
{
    (void)state;
    fps_workbench *bench = open_bench("replaced.db");
    write_text("acme.tsv", FIRST);
    add(bench, "acme.tsv");
    write_text("acme.tsv", SECOND);
    assert_int_equal(add(bench, "acme.tsv").replaced, 1);
    assert_int_equal(count(bench), 1000 + 200 + 10);
    fps_workbench_free(bench);
}

static void test_a_bad_history_is_named_and_leaves_nothing(void **state)
{
    (void)state;
    fps_workbench *bench = open_bench("bad.db");
    write_text("bad.tsv", FIRST "t\t0123456789abcdef\t5\t1\t0\t7\n");
    fps_workbench_add_result result = add(bench, "bad.tsv");
    assert_int_equal(result.histories, 0);
    assert_int_equal(result.damaged, 1);
    assert_non_null(strstr(seen, "bad.tsv: line 11: 7 is none of the 2 releases (unreadable-history)"));
    assert_int_equal(count(bench), 0);
    write_text("other.tsv", "something else\n");
    assert_int_equal(add(bench, "other.tsv").damaged, 1);
    assert_non_null(strstr(seen, "line 1: not a history"));
    fps_workbench_free(bench);
}

/* The transaction fails in its middle: a table is gone. */
static void test_a_failed_write_is_rolled_back(void **state)
{
    (void)state;
    fps_workbench *bench = open_bench("rolled.db");
    write_text("acme.tsv", FIRST);
    assert_int_equal(sqlite3_exec(bench->db, "DROP TABLE history_name", NULL, NULL, NULL), SQLITE_OK);
    const char *path = path_of("acme.tsv");
    fps_error error;
    assert_int_not_equal(fps_workbench_add(bench, &path, 1, NULL, NULL, &error), FPS_OK);
    sqlite3_stmt *rows;
    assert_int_equal(fps__workbench_prepare(bench,
                                            "SELECT (SELECT count(*) FROM history) + (SELECT count(*) FROM"
                                            " history_text) + (SELECT count(*) FROM history_list)",
                                            &rows, &error),
                     FPS_OK);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(rows, 0), 0);
    sqlite3_finalize(rows);
    fps_workbench_free(bench);
}

static void test_damaged_rows_are_refused(void **state)
{
    (void)state;
    static const char *const damage[] = {"UPDATE history_list SET ranges = x'00ff'",
                                         "UPDATE history_list SET ranges = x''",
                                         "UPDATE history_list SET ranges = x'ffffffff0f00'",
                                         "UPDATE history_list SET ranges = x'7f00'",
                                         "DELETE FROM history_list",
                                         "UPDATE history_text SET class = 99",
                                         "UPDATE history_text SET length = -1",
                                         "UPDATE history_text SET units = -5"};
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        unlink(path_of("damaged.db"));
        fps_workbench *bench = open_bench("damaged.db");
        write_text("acme.tsv", "fpscan-history\t1\ncomponent\tacme\nrelease\t0\t1\tv\t\nunit\t0\ta.c\n"
                               "t\t0123456789abcdef\t5\t1\t0\t0\n");
        add(bench, "acme.tsv");
        assert_int_equal(sqlite3_exec(bench->db, damage[i], NULL, NULL, NULL), SQLITE_OK);
        fps__history *history;
        fps_error error;
        assert_int_equal(fps__workbench_load_history(bench, "acme", &history, &error), FPS_ERROR_CORRUPT);
        assert_null(history);
        fps_workbench_free(bench);
    }
}

static void test_a_workbench_of_version_2_gets_the_tables(void **state)
{
    (void)state;
    fps_workbench *bench = open_bench("old.db");
    assert_int_equal(
        sqlite3_exec(bench->db,
                     "DROP TABLE history; DROP TABLE history_source; DROP TABLE history_release;"
                     "DROP TABLE history_unit; DROP TABLE history_list; DROP TABLE history_text;"
                     "DROP TABLE history_name; DROP TABLE patch_function; PRAGMA user_version = 2",
                     NULL, NULL, NULL),
        SQLITE_OK);
    fps_workbench_free(bench);
    bench = open_bench("old.db");
    write_text("acme.tsv", FIRST);
    assert_int_equal(add(bench, "acme.tsv").histories, 1);
    assert_int_equal(count(bench), 1221);
    fps_workbench_free(bench);
}

static void test_a_workbench_of_version_3_gets_the_table_of_patches(void **state)
{
    (void)state;
    fps_workbench_stats stats;
    fps_workbench *bench = open_bench("third.db");
    assert_int_equal(
        sqlite3_exec(bench->db, "DROP TABLE patch_function; PRAGMA user_version = 3", NULL, NULL, NULL),
        SQLITE_OK);
    write_text("acme.tsv", FIRST);
    assert_int_equal(add(bench, "acme.tsv").histories, 1);
    fps_workbench_free(bench);
    bench = open_bench("third.db");
    assert_int_equal(fps_workbench_read_stats(bench, &stats, NULL), FPS_OK);
    assert_int_equal(stats.patches, 0);
    assert_int_equal(stats.histories, 1);
    fps_workbench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_history_comes_back_sorted),
        cmocka_unit_test(test_two_files_of_a_component_are_one_history),
        cmocka_unit_test(test_days_alone_are_lent_to_what_others_know),
        cmocka_unit_test(test_a_changed_file_takes_the_place_of_the_old_one),
        cmocka_unit_test(test_a_bad_history_is_named_and_leaves_nothing),
        cmocka_unit_test(test_a_failed_write_is_rolled_back),
        cmocka_unit_test(test_damaged_rows_are_refused),
        cmocka_unit_test(test_a_workbench_of_version_2_gets_the_tables),
        cmocka_unit_test(test_a_workbench_of_version_3_gets_the_table_of_patches),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
