/* Whole scans of small trees: the same report with one worker and with several, damaged files, empty trees.
 */
#include "scan_fixture.h"

#include <sys/stat.h>

static fps_database *two_components(void)
{
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "program"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib", .purl = "pkg:generic/zlib"}, NULL);
    corpus_release(&corpus, "program", "1", TEXTS({"program", 0, 100, 0}));
    corpus_release(&corpus, "zlib", "1.2", TEXTS({"zlib", 0, 50, 0}));
    corpus_release(&corpus, "zlib", "1.3", TEXTS({"zlib", 10, 60, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return database;
}

/* Sixty files of several kinds in five folders, made in an order that has nothing to do with their names. */
static void make_tree(const char *folder)
{
    char name[64], path[400];
    for (unsigned i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/d%u", folder, i);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    for (unsigned i = 0; i < 60; i++) {
        unsigned number = i * 37 % 60;
        snprintf(name, sizeof name, "d%u/file%02u", number % 5, number);
        switch (number % 4) {
        case 0:
            write_elf(folder, name, TEXTS({"program", 0, 100, 0}));
            break;
        case 1:
            write_elf(folder, name, TEXTS({"program", 0, 100, 0}, {"zlib", 0, 50, 0}));
            break;
        case 2:
            write_elf(folder, name, TEXTS({"zlib", 10, 60, 0}));
            break;
        default:
            write_elf(folder, name, TEXTS({"nobody", 0, 40, 0}));
        }
    }
}

static void the_report_does_not_depend_on_the_number_of_workers(void **state)
{
    (void)state;
    char folder[256];
    fixture_folder(folder);
    make_tree(folder);
    fps_database *database = two_components();
    report_text first = {NULL, 0};
    static const unsigned workers[] = {1, 4, 2, 4};
    for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
        fps_result *result = scan_tree(folder, database, &(fps_scan_options){.workers = workers[i]});
        assert_int_equal(fps_result_get_info(result)->objects, 60);
        assert_true(result_has(result, "/d0/file00", "program"));
        assert_true(result_has(result, "/d1/file01", "zlib"));
        assert_true(result_has(result, "/d2/file02", "zlib"));
        assert_false(result_has(result, "/d2/file02", "program"));
        report_text report = json_of(result);
        if (i == 0) {
            first = report;
        } else {
            assert_int_equal(report.size, first.size);
            assert_memory_equal(report.text, first.text, first.size);
            free(report.text);
        }
        fps_result_free(result);
    }
    free(first.text);
    fps_database_free(database);
    remove_tree(folder);
}

static void a_truncated_file_is_said_and_the_rest_is_scanned(void **state)
{
    (void)state;
    char folder[256];
    elf_builder *b = malloc(sizeof *b);
    assert_non_null(b);
    fixture_folder(folder);
    fps_database *database = two_components();
    elf_with_texts(b, TEXTS({"program", 0, 100, 0}));
    write_bytes(folder, "truncated", b->data, b->size / 2);
    write_bytes(folder, "whole", b->data, b->size);
    write_bytes(folder, "head", b->data, 20);
    fps_result *result = scan_tree(folder, database, &(fps_scan_options){.workers = 2});
    assert_true(result_has(result, "/whole", "program"));
    assert_true(fps_result_get_info(result)->partial);
    unsigned truncated = 0, head = 0, whole = 0;
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(result, i);
        if (diagnostic->level != FPS_DIAGNOSTIC_PARTIAL || !diagnostic->path)
            continue;
        truncated += strcmp(diagnostic->path, "/truncated") == 0;
        head += strcmp(diagnostic->path, "/head") == 0;
        whole += strcmp(diagnostic->path, "/whole") == 0;
    }
    assert_true(truncated > 0 && head > 0);
    assert_int_equal(whole, 0);
    fps_result_free(result);
    fps_database_free(database);
    free(b);
    remove_tree(folder);
}

static void an_empty_tree_has_an_empty_result(void **state)
{
    (void)state;
    char folder[256];
    fixture_folder(folder);
    fps_database *database = two_components();
    fps_result *result = scan_tree(folder, database, NULL);
    const fps_result_info *info = fps_result_get_info(result);
    assert_int_equal(info->regular_files, 0);
    assert_int_equal(info->objects, 0);
    assert_false(info->partial);
    assert_int_equal(fps_result_file_count(result), 0);
    assert_int_equal(fps_result_component_count(result), 0);
    assert_null(fps_result_file(result, 0));
    report_text report = json_of(result);
    assert_non_null(strstr(report.text, "\"components\""));
    free(report.text);
    fps_result_free(result);
    fps_database_free(database);
    remove_tree(folder);
}

static void one_file_is_a_target_and_a_missing_one_an_error(void **state)
{
    (void)state;
    char folder[256], path[300];
    fixture_folder(folder);
    write_elf(folder, "one", TEXTS({"program", 0, 100, 0}));
    fps_database *database = two_components();
    snprintf(path, sizeof path, "%s/one", folder);
    fps_result *result = scan_tree(path, database, NULL);
    assert_int_equal(fps_result_get_info(result)->objects, 1);
    assert_int_equal(fps_result_component_count(result), 1);
    assert_string_equal(fps_result_component(result, 0)->id, "program");
    fps_result_free(result);
    fps_scan *scan;
    fps_error error = {0};
    snprintf(path, sizeof path, "%s/missing", folder);
    assert_int_equal(fps_scan_create(&scan, NULL, NULL), FPS_OK);
    assert_int_equal(fps_scan_add_database(scan, database, NULL), FPS_OK);
    assert_int_equal(fps_scan_run(scan, path, &result, &error), FPS_ERROR_NOT_FOUND);
    assert_null(result);
    assert_true(error.message[0] != '\0');
    fps_scan_free(scan);
    fps_database_free(database);
    remove_tree(folder);
}

/* "name" and `bytes` as a member of an ar archive. */
static size_t put_member(uint8_t *to, const char *name, fps__span bytes)
{
    char head[61];
    snprintf(head, sizeof head, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name, 0, 0, 0, "100644", bytes.size);
    memcpy(to, head, 60);
    memcpy(to + 60, bytes.data, bytes.size);
    to[60 + bytes.size] = '\n';
    return 60 + bytes.size + bytes.size % 2;
}

static void members_of_an_archive_that_are_no_elf_files_are_said(void **state)
{
    (void)state;
    char folder[256];
    fixture_folder(folder);
    fps__span elf = elf_bytes("program", 0, 100), other = {(const uint8_t *)"\x64\x86 coff", 7};
    uint8_t *archive = malloc(elf.size + 1024);
    assert_non_null(archive);
    memcpy(archive, "!<arch>\n", 8);
    size_t size = 8, first;
    size += put_member(archive + size, "a.o/", elf);
    first = size + 60;
    size += put_member(archive + size, "b.obj/", other);
    size += put_member(archive + size, "c.obj/", other);
    write_bytes(folder, "lib.a", archive, size);
    fps_database *database = two_components();
    fps_result *result = scan_tree(folder, database, NULL);
    assert_true(result_has(result, "/lib.a", "program"));
    assert_int_equal(fps_result_diagnostic_count(result), 1);
    const fps_diagnostic *d = fps_result_diagnostic(result, 0);
    assert_string_equal(d->code, "other-members");
    assert_string_equal(d->path, "/lib.a");
    assert_int_equal(d->offset, first);
    assert_int_equal(d->level, FPS_DIAGNOSTIC_NOTE);
    assert_string_equal(d->message, "2 members that are no objects were not looked at");
    fps_result_free(result);
    fps_database_free(database);
    free((void *)elf.data);
    free(archive);
    remove_tree(folder);
}

static void hard_links_are_one_file_with_several_names(void **state)
{
    (void)state;
    char folder[256], from[300], to[300];
    fixture_folder(folder);
    write_elf(folder, "b", TEXTS({"program", 0, 100, 0}));
    snprintf(from, sizeof from, "%s/b", folder);
    snprintf(to, sizeof to, "%s/a", folder);
    assert_int_equal(link(from, to), 0);
    fps_database *database = two_components();
    fps_result *result = scan_tree(folder, database, &(fps_scan_options){.workers = 2});
    assert_int_equal(fps_result_file_count(result), 1);
    const fps_file *file = fps_result_file(result, 0);
    assert_string_equal(file->path, "/a");
    assert_int_equal(file->link_count, 1);
    assert_string_equal(file->links[0], "/b");
    fps_result_free(result);
    fps_database_free(database);
    remove_tree(folder);
}

/* A component of 100 texts and so many that the files of a test lack. */
static fps_database *program_with_more_texts(uint32_t more)
{
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "program"}, NULL);
    corpus_release(&corpus, "program", "1",
                   TEXTS({"program", 0, 100, 0}, {"more", 0, more, 0}, {"api", 0, 6, FPS__FEATURE_NAME}));
    fps_database *database = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return database;
}

static void texts_that_no_code_uses_are_at_most_likely(void **state)
{
    (void)state;
    static const struct {
        size_t step;     /* code uses one in so many */
        uint32_t more;   /* texts of the component that are not there */
        uint32_t others; /* texts of nobody that are there */
        uint32_t exports;
        bool texts_only;
    } rows[] = {{1, 0, 0, 0, false},      {100, 0, 0, 0, false},    {0, 0, 0, 0, true},
                {1, 4000, 200, 0, false}, {100, 4000, 0, 0, false}, {100, 4000, 200, 0, true},
                {100, 0, 200, 0, false},  {0, 0, 0, 6, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char folder[256];
        fixture_folder(folder);
        fps_database *database = program_with_more_texts(rows[i].more);
        elf_builder *b = malloc(sizeof *b);
        assert_non_null(b);
        elf_with_used_texts(b,
                            TEXTS({"program", 0, 100, 0}, {"others", 0, rows[i].others, 0},
                                  {"api", 0, rows[i].exports, FPS__FEATURE_NAME}),
                            rows[i].step);
        write_bytes(folder, "file", b->data, b->size);
        fps_result *result = scan_tree(folder, database, NULL);
        assert_int_equal(result_has(result, "/file", "program"), !rows[i].texts_only);
        const fps_finding *finding = fps_result_finding(result, 0);
        assert_int_equal(finding->state, rows[i].texts_only ? FPS_STATE_LIKELY : FPS_STATE_PRESENT);
        assert_int_equal(finding->doubt, rows[i].texts_only ? FPS_DOUBT_TEXTS_ONLY : FPS_DOUBT_NONE);
        assert_int_equal(finding->against && strstr(finding->against, "texts only"), rows[i].texts_only);
        fps_result_free(result);
        fps_database_free(database);
        remove_tree(folder);
        free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_no_code_uses_are_at_most_likely),
        cmocka_unit_test(the_report_does_not_depend_on_the_number_of_workers),
        cmocka_unit_test(a_truncated_file_is_said_and_the_rest_is_scanned),
        cmocka_unit_test(an_empty_tree_has_an_empty_result),
        cmocka_unit_test(one_file_is_a_target_and_a_missing_one_an_error),
        cmocka_unit_test(members_of_an_archive_that_are_no_elf_files_are_said),
        cmocka_unit_test(hard_links_are_one_file_with_several_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
