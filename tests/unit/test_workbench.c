/* The workbench: what add writes, again and again; how damage, newer files and other orders are met; import
 * and merge. */
#include "database/set.h"
#include "temporary.h"
#include "workbench/workbench_internal.h"

#include "package_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A folder of its own for each test. */
typedef struct scratch {
    char folder[64];
    char path[64][128];
    int used;
} scratch;

static const char *scratch_path(scratch *area, const char *name)
{
    char *path = area->path[area->used++ % 64];
    strcpy(path, area->folder);
    strcat(path, "/");
    return strncat(path, name, 60);
}

static int set_up(void **state)
{
    scratch *area = calloc(1, sizeof *area);
    temporary_name(area->folder, "test-workbench");
    *state = area;
    return mkdtemp(area->folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    scratch *area = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", area->folder);
    int failed = system(command);
    free(area);
    return failed;
}

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

static fps__span read_object(const char *name)
{
    char path[512];
    const char *tests = getenv("FPS_OBJECT_TESTS");
    fps__span data;
    snprintf(path, sizeof path, "%s/objects/%s", tests ? tests : "tests/object", name);
    assert_int_equal(fps__workbench_read_file(path, &data, NULL), FPS_OK);
    return data;
}

static const char catalogue_text[] =
    "Component: sample\nName: Sample\nSources: debian:sample*\nReleases: 1.0 1.1 2.0\n";

/* A .deb of the source package "sample" with two objects. */
static void write_deb(const char *path, const char *version, const char *source)
{
    char control[256];
    fps__span first = read_object("sample-aarch64.so"), second = read_object("sample-linked");
    fixture_file files[] = {{"./usr/lib/libsample.so.1", first.data, first.size},
                            {"./usr/bin/sample", second.data, second.size},
                            fixture_text_file("./usr/share/doc/readme", "no object")};
    snprintf(control, sizeof control, "Package: libsample1\nSource: %s\nVersion: %s\nArchitecture: arm64\n",
             source, version);
    fps__span deb = fixture_deb(control, files, 3);
    write_file(path, deb.data, deb.size);
    free((void *)deb.data);
    free((void *)first.data);
    free((void *)second.data);
}

static fps_workbench *open_bench(scratch *area, const char *name)
{
    fps_workbench *bench;
    fps_error error;
    const char *catalogue = scratch_path(area, "catalogue.txt");
    write_file(catalogue, catalogue_text, sizeof catalogue_text - 1);
    assert_int_equal(fps_workbench_open(&bench, scratch_path(area, name), &error), FPS_OK);
    assert_int_equal(fps_workbench_load_catalogue(bench, catalogue, &error), FPS_OK);
    return bench;
}

static void package_is_added_once(void **state)
{
    scratch *area = *state;
    const char *deb = scratch_path(area, "a.deb"), *other = scratch_path(area, "b.deb");
    write_deb(deb, "1:1.1+dfsg-2+b1", "sample");
    write_deb(other, "3-1", "stranger");
    fps_workbench *bench = open_bench(area, "w.db");
    fps_workbench_add_result result;
    assert_int_equal(fps_workbench_add(bench, &deb, 1, NULL, &result, NULL), FPS_OK);
    assert_int_equal(result.packages, 1);
    assert_int_equal(result.objects, 2);
    assert_true(result.features > 10);
    assert_int_equal(fps_workbench_add(bench, &deb, 1, NULL, &result, NULL), FPS_OK);
    assert_int_equal(result.packages, 0);
    assert_int_equal(result.unchanged, 1);
    fps_workbench_add_options options = {.name = "other", .version = "9"};
    assert_int_equal(fps_workbench_add(bench, &deb, 1, &options, &result, NULL), FPS_OK);
    assert_int_equal(result.replaced, 1);
    assert_int_equal(fps_workbench_add(bench, &other, 1, NULL, &result, NULL), FPS_OK);
    assert_int_equal(result.skipped, 1);
    fps_workbench_stats stats;
    assert_int_equal(fps_workbench_read_stats(bench, &stats, NULL), FPS_OK);
    assert_int_equal(stats.builds, 1);
    assert_int_equal(stats.objects, 2);
    fps_workbench_free(bench);
}

static void corpus_holds_what_was_added(void **state)
{
    scratch *area = *state;
    const char *deb = scratch_path(area, "a.deb");
    write_deb(deb, "1:1.1+dfsg-2+b1", "sample (1.0-1)");
    fps_workbench *bench = open_bench(area, "w.db");
    fps_workbench_add_options options = {.origin = "debian test"}, unrelated = {.negative = true};
    assert_int_equal(fps_workbench_add(bench, &deb, 1, &options, NULL, NULL), FPS_OK);
    assert_int_equal(fps_workbench_add(bench, &deb, 1, &unrelated, NULL, NULL), FPS_OK);
    fps__corpus corpus;
    assert_int_equal(fps__workbench_load(bench, &corpus, NULL), FPS_OK);
    assert_int_equal(corpus.build_count, 1);
    assert_string_equal(corpus.builds[0].component, "sample");
    assert_string_equal(corpus.builds[0].version, "1.0");
    assert_string_equal(corpus.builds[0].package_version, "1:1.1+dfsg-2+b1");
    assert_string_equal(corpus.builds[0].architecture, "arm64");
    assert_string_equal(corpus.builds[0].origin, "debian test");
    assert_int_equal(corpus.component_count, 1);
    assert_int_equal(corpus.components[0].release_count, 3);
    assert_int_equal(corpus.object_count, 2);
    assert_string_equal(corpus.objects[0].path, "usr/bin/sample");
    assert_string_equal(corpus.objects[1].path, "usr/lib/libsample.so.1");
    assert_int_equal(corpus.negative_count, 2);
    assert_string_equal(corpus.negatives[0].source, "sample");
    for (uint32_t i = 1; i < corpus.feature_count; i++)
        assert_true(corpus.features[i - 1].key < corpus.features[i].key);
    for (uint32_t o = 0; o < 2; o++)
        for (uint32_t i = 0; i < corpus.objects[o].feature_count; i++)
            assert_true(corpus.objects[o].features[i] < corpus.feature_count);
    fps__corpus_free(&corpus);
    fps_workbench_free(bench);
}

static fps__span compile_bytes(scratch *area, fps_workbench *bench)
{
    fps__span bytes;
    const char *path = scratch_path(area, "out.fpdb");
    assert_int_equal(fps_workbench_compile(bench, path, NULL, NULL, NULL), FPS_OK);
    assert_int_equal(fps__workbench_read_file(path, &bytes, NULL), FPS_OK);
    return bytes;
}

static void assert_same_bytes(fps__span a, fps__span b)
{
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    free((void *)a.data);
    free((void *)b.data);
}

static void set_depends_neither_on_order_nor_threads_nor_merging(void **state)
{
    scratch *area = *state;
    const char *one = scratch_path(area, "one.deb"), *two = scratch_path(area, "two.deb");
    write_deb(one, "1.0-1", "sample");
    write_deb(two, "2.0-1", "sample");
    const char *forward[] = {one, two}, *backward[] = {two, one};
    fps_workbench_add_options single = {.parallel = 1}, many = {.parallel = 4};
    fps_workbench *a = open_bench(area, "a.db"), *b = open_bench(area, "b.db"), *c = open_bench(area, "c.db");
    assert_int_equal(fps_workbench_add(a, forward, 2, &single, NULL, NULL), FPS_OK);
    assert_int_equal(fps_workbench_add(b, backward, 2, &many, NULL, NULL), FPS_OK);
    assert_same_bytes(compile_bytes(area, a), compile_bytes(area, b));
    assert_int_equal(fps_workbench_add(c, &two, 1, NULL, NULL, NULL), FPS_OK);
    fps_workbench_free(b);
    assert_int_equal(fps_workbench_merge(c, scratch_path(area, "b.db"), NULL), FPS_OK);
    assert_same_bytes(compile_bytes(area, a), compile_bytes(area, c));
    fps_workbench_free(a);
    fps_workbench_free(c);
}

static void imported_set_compiles_to_itself(void **state)
{
    scratch *area = *state;
    const char *deb = scratch_path(area, "a.deb");
    write_deb(deb, "1.0-1", "sample");
    fps_workbench *bench = open_bench(area, "a.db"), *imported;
    assert_int_equal(fps_workbench_add(bench, &deb, 1, NULL, NULL, NULL), FPS_OK);
    fps__span bytes = compile_bytes(area, bench);
    fps_database *database;
    assert_int_equal(fps_database_open_memory(&database, bytes.data, bytes.size, "a", NULL), FPS_OK);
    assert_int_equal(fps_workbench_open(&imported, scratch_path(area, "i.db"), NULL), FPS_OK);
    for (int again = 0; again < 2; again++)
        assert_int_equal(fps_workbench_import(imported, database, NULL), FPS_OK);
    fps_database_free(database);
    assert_same_bytes(bytes, compile_bytes(area, imported));
    fps_workbench_free(imported);
    fps_workbench_free(bench);
}

/* A history of the component, and one of a component that nothing else knows. The hashes are of no text. */
static const char *write_history(scratch *area, const char *file, const char *component)
{
    const char *path = scratch_path(area, file);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fprintf(out, "fpscan-history\t1\ncomponent\t%s\nsource\there\t-\t2024-01-01\n", component);
    fprintf(out, "release\t0\t0.9\tv0.9\t1970-01-02\nrelease\t1\t1.0\tv1.0\t2000-02-29\n"
                 "release\t2\t2.5\tv2.5\t\nrelease\t3\t3.0\tv3.0\t2024-12-31\n"
                 "unit\t0\ta.c\nunit\t1\tb.c\n");
    const char *ranges[] = {"0-3", "0", "1-3", "0,2-3", "3"};
    for (uint32_t i = 0; i < 100; i++)
        fprintf(out, "t\t%016llx\t20\t3\t%u\t%s\n",
                (unsigned long long)(i * 0x9e3779b97f4a7c15 ^ strlen(component) << 40), i % 2, ranges[i % 5]);
    fclose(out);
    return path;
}

static uint32_t day_of(const fps_database *database, uint32_t id)
{
    fps__set_history_release release;
    assert_true(fps__database_history_release(database, id, &release));
    return release.day;
}

static void histories_come_into_a_set_and_back(void **state)
{
    scratch *area = *state;
    const char *paths[] = {scratch_path(area, "a.deb"), write_history(area, "sample.tsv", "sample"),
                           write_history(area, "unknown.tsv", "unknown")};
    write_deb(paths[0], "1.0-1", "sample");
    fps_workbench *bench = open_bench(area, "a.db"), *imported;
    fps_workbench_compile_result result;
    assert_int_equal(fps_workbench_add(bench, paths, 3, NULL, NULL, NULL), FPS_OK);
    const char *out = scratch_path(area, "out.fpdb");
    assert_int_equal(fps_workbench_compile(bench, out, NULL, &result, NULL), FPS_OK);
    assert_int_equal(result.histories, 2);
    assert_int_equal(result.history_texts, 2 * 5 * 8);
    fps__span bytes = compile_bytes(area, bench);
    fps_database *database;
    assert_int_equal(fps_database_open_memory(&database, bytes.data, bytes.size, "a", NULL), FPS_OK);
    assert_int_equal(fps_database_verify(database, NULL), FPS_OK);
    /* the component that nothing else knows is there, too; the other one has the releases of all */
    static const char *const releases[] = {"0.9", "1.0", "1.1", "2.0", "2.5", "3.0"};
    assert_int_equal(fps_database_component_count(database), 2);
    for (size_t r = 0; r < 6; r++)
        assert_string_equal(fps_database_release(database, 0, r, NULL), releases[r]);
    assert_null(fps_database_release(database, 0, 6, NULL));
    assert_int_equal(day_of(database, 0), 1);
    assert_int_equal(day_of(database, 1), 11016);
    assert_int_equal(day_of(database, 2), 0);
    assert_int_equal(day_of(database, 3), 20088);
    assert_int_equal(fps_workbench_open(&imported, scratch_path(area, "i.db"), NULL), FPS_OK);
    for (int again = 0; again < 2; again++)
        assert_int_equal(fps_workbench_import(imported, database, NULL), FPS_OK);
    fps_database_free(database);
    assert_same_bytes(bytes, compile_bytes(area, imported));
    /* the history itself beside what was kept of it changes nothing but for the texts that there is room for */
    bytes = compile_bytes(area, imported);
    assert_int_equal(fps_workbench_add(imported, &paths[1], 1, NULL, NULL, NULL), FPS_OK);
    assert_same_bytes(bytes, compile_bytes(area, imported));
    fps_workbench_free(imported);
    fps_workbench_free(bench);
}

static void strangers_and_newer_files_are_refused(void **state)
{
    scratch *area = *state;
    fps_workbench *bench;
    fps_error error;
    const char *text = scratch_path(area, "text"), *newer = scratch_path(area, "newer.db");
    write_file(text, "this is no database at all, only a long enough text", 51);
    assert_int_equal(fps_workbench_open(&bench, text, &error), FPS_ERROR_FORMAT);
    assert_int_equal(fps_workbench_open_existing(&bench, scratch_path(area, "none"), &error), FPS_ERROR_IO);
    sqlite3 *db;
    sqlite3_open(newer, &db);
    sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL);
    assert_int_equal(fps_workbench_open(&bench, newer, &error), FPS_ERROR_FORMAT);
    sqlite3_exec(db, "PRAGMA application_id = 1179669335; PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_int_equal(fps_workbench_open(&bench, newer, &error), FPS_ERROR_VERSION);
    assert_non_null(strstr(error.message, "99"));
    assert_non_null(strstr(error.message, "version 4"));
}

/* A function's key is made as this program makes it. */
#define PARAMETERS "1"

static void damaged_rows_are_told(void **state)
{
    assert_int_equal(fps__feature_parameters(FPS__FEATURE_FUNCTION), 1);
    static const char *const damage[] = {
        "UPDATE object SET features = x'ffffffffff'",
        "UPDATE object SET feature_count = 1000000",
        "UPDATE object SET feature_count = -1",
        "UPDATE version_text SET feature = 1000000000",
        "DELETE FROM feature WHERE id = 1",
        "UPDATE feature SET key = 0",
        "DROP TABLE version_text",
        "INSERT INTO patch_function SELECT 'sample', 'CVE-2026-1000', 16, 1, '', '', 62, 'f', " PARAMETERS,
        "INSERT INTO patch_function SELECT 'sample', '', 22, 1, '', '', 62, 'f', " PARAMETERS,
        "INSERT INTO patch_function SELECT 'sample', 'CVE-2026-1000', 22, 1, '', '', 65536, 'f', " PARAMETERS,
        "DROP TABLE patch_function",
    };
    scratch *area = *state;
    const char *deb = scratch_path(area, "a.deb");
    write_deb(deb, "1.0-1", "sample");
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        char name[32];
        snprintf(name, sizeof name, "d%zu.db", i);
        fps_workbench *bench = open_bench(area, name);
        assert_int_equal(fps_workbench_add(bench, &deb, 1, NULL, NULL, NULL), FPS_OK);
        fps_workbench_free(bench);
        char path[128];
        snprintf(path, sizeof path, "%s/%s", area->folder, name);
        sqlite3 *db;
        sqlite3_open(path, &db);
        assert_int_equal(sqlite3_exec(db, damage[i], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        fps__corpus corpus;
        fps_status status = fps_workbench_open_existing(&bench, path, NULL);
        if (!status)
            status = fps__workbench_load(bench, &corpus, NULL);

        if (i != 3) /* a version text of a feature that is nowhere is left out */
            assert_int_equal(status, FPS_ERROR_CORRUPT);
        else
            fps__corpus_free(&corpus);
        fps_workbench_free(bench);
    }
}

static void other_feature_parameters_are_refused_by_compile(void **state)
{
    scratch *area = *state;
    const char *deb = scratch_path(area, "a.deb");
    write_deb(deb, "1.0-1", "sample");
    fps_workbench *bench = open_bench(area, "w.db");
    fps_error error;
    assert_int_equal(fps_workbench_add(bench, &deb, 1, NULL, NULL, NULL), FPS_OK);
    assert_int_equal(fps__workbench_execute(bench, "UPDATE build SET parameters = '1=00000000'", &error),
                     FPS_OK);
    assert_int_equal(fps_workbench_compile(bench, scratch_path(area, "o.fpdb"), NULL, NULL, &error),
                     FPS_ERROR_VERSION);
    fps_workbench_add_result result;
    assert_int_equal(fps_workbench_add(bench, &deb, 1, NULL, &result, NULL), FPS_OK);
    assert_int_equal(result.replaced, 1);
    assert_int_equal(fps_workbench_compile(bench, scratch_path(area, "o.fpdb"), NULL, NULL, &error), FPS_OK);
    fps_workbench_free(bench);
}

static void folder_of_files_is_one_build(void **state)
{
    scratch *area = *state;
    const char *folder = scratch_path(area, "folder");
    fps__span object = read_object("sample-aarch64.so");
    mkdir(folder, 0777);
    write_file(scratch_path(area, "folder/lib.so"), object.data, object.size);
    write_file(scratch_path(area, "folder/text"), "text", 4);
    fps_workbench *bench = open_bench(area, "w.db");
    fps_workbench_add_result result;
    assert_int_equal(fps_workbench_add(bench, &folder, 1, NULL, &result, NULL), FPS_OK);
    assert_int_equal(result.skipped, 1);
    fps_workbench_add_options options = {.name = "mine", .version = "1.0", .purl = "pkg:generic/mine"};
    assert_int_equal(fps_workbench_add(bench, &folder, 1, &options, &result, NULL), FPS_OK);
    assert_int_equal(result.packages, 1);
    assert_int_equal(result.objects, 1);
    assert_int_equal(fps_workbench_add(bench, &folder, 1, &options, &result, NULL), FPS_OK);
    assert_int_equal(result.unchanged, 1);
    write_file(scratch_path(area, "folder/text"), "tent", 4);
    assert_int_equal(fps_workbench_add(bench, &folder, 1, &options, &result, NULL), FPS_OK);
    assert_int_equal(result.packages, 1);
    fps__corpus corpus;
    assert_int_equal(fps__workbench_load(bench, &corpus, NULL), FPS_OK);
    assert_string_equal(corpus.components[0].id, "mine");
    assert_string_equal(corpus.components[0].purl, "pkg:generic/mine");
    assert_string_equal(corpus.objects[0].path, "lib.so");
    fps__corpus_free(&corpus);
    free((void *)object.data);
    fps_workbench_free(bench);
}

static void feature_lists_come_back(void **state)
{
    (void)state;
    static const uint32_t ids[] = {1, 2, 3, 4294967290u, 5, 100000, 99999, 1};
    enum { COUNT = sizeof ids / sizeof *ids };
    uint8_t list[COUNT * 5];
    uint32_t back[COUNT];
    size_t size = fps__workbench_encode(list, ids, COUNT);
    assert_true(fps__workbench_decode(list, size, back, COUNT, UINT32_MAX));
    assert_memory_equal(ids, back, sizeof ids);
    assert_false(fps__workbench_decode(list, size, back, COUNT, 1000));
    assert_false(fps__workbench_decode(list, size - 1, back, COUNT, UINT32_MAX));
    assert_false(fps__workbench_decode(list, size, back, COUNT - 1, UINT32_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(package_is_added_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(corpus_holds_what_was_added, set_up, tear_down),
        cmocka_unit_test_setup_teardown(set_depends_neither_on_order_nor_threads_nor_merging, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(imported_set_compiles_to_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(histories_come_into_a_set_and_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strangers_and_newer_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_rows_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_feature_parameters_are_refused_by_compile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folder_of_files_is_one_build, set_up, tear_down),
        cmocka_unit_test(feature_lists_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
