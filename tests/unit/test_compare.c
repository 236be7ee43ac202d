/* Comparisons: what is a change and what is none, hostile texts in every format, and the order of everything. */
#include "report_fixture.h"
#include "report_render.h"

#include <fpscan/compare.h>

typedef struct place {
    const char *path, *component_versions; /* "zlib" at these versions, "" for none */
    uint32_t layer;
    uint64_t code;
} place;

/* A result with one object for each place; each has a digest of its `code`. */
static fps_result *made(const place *places, size_t count)
{
    fps_result *r = fixture_empty();
    for (size_t i = 0; i < count; i++) {
        uint32_t file = fixture_file(r, places[i].path);
        uint8_t *sha1 = fps__arena_alloc(&r->arena, 20);
        memcpy(sha1, &places[i].code, sizeof places[i].code);
        r->files.items[file].sha1 = sha1;
        r->files.items[file].code_bytes = places[i].code;
        r->files.items[file].layer = places[i].layer;
        if (*places[i].component_versions)
            fixture_finding(r, file, ZLIB, FPS_STATE_PRESENT,
                            fixture_version(r, FPS_VERSION_EXACT, places[i].component_versions));
    }
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    return r;
}

static fps_comparison *compared(const fps_result *before, const fps_result *after)
{
    fps_comparison *comparison;
    fps_error error = {.message = ""};
    if (fps_compare(&comparison, before, after, NULL, &error) != FPS_OK)
        fail_msg("%s", error.message);
    return comparison;
}

/* All changes as lines "section kind name before after path layer count". */
static char *changes_of(const place *before, size_t befores, const place *after, size_t afters)
{
    static const char kinds[] = "+-~";
    fps_result *left = made(before, befores), *right = made(after, afters);
    fps_comparison *comparison = compared(left, right);
    const fps_change *change;
    rendered out = {NULL, 0};
    collect(&out, "", 0);
    for (size_t i = 0; (change = fps_comparison_change(comparison, i)); i++) {
        char line[256];
        const fps_change_place *at = change->places;
        int length = snprintf(line, sizeof line, "%d%c %s %s>%s %s>%s %zu\n", change->section,
                              kinds[change->kind], change->name, change->before ? change->before : "",
                              change->after ? change->after : "", at->path_before ? at->path_before : "",
                              at->path_after ? at->path_after : "", change->place_count);
        collect(&out, line, (size_t)length);
    }
    fps_comparison_free(comparison);
    fps_result_free(left);
    fps_result_free(right);
    return out.bytes;
}

#define CHANGES(before, after, expected)                                                                     \
    do {                                                                                                     \
        char *seen =                                                                                         \
            changes_of(before, sizeof before / sizeof *before, after, sizeof after / sizeof *after);         \
        assert_string_equal(seen, expected);                                                                 \
        free(seen);                                                                                          \
    } while (0)

static void a_renamed_file_and_a_rebuilt_layer_are_no_change(void **state)
{
    (void)state;
    const place before[] = {{"/lib/libz.so.1", "1.2.13", 3, 100}, {"/bin/a", "1.2.11", 1, 200}};
    const place renamed[] = {{"/usr/lib/z.so", "1.2.13", 7, 100}, {"/bin/a", "1.2.11", 9, 200}};
    CHANGES(before, before, "");
    CHANGES(before, renamed, "");
}

static void versions_that_came_went_and_changed_are_told_apart(void **state)
{
    (void)state;
    const place before[] = {{"/a", "1.2.11", 0, 1}, {"/b", "1.2.11", 0, 2}, {"/c", "1.2.13", 0, 3}};
    const place upgraded[] = {{"/a", "1.3", 0, 11}, {"/b", "1.3", 0, 12}, {"/c", "1.2.13", 0, 3}};
    const place fewer[] = {{"/c", "1.2.13", 0, 3}};
    const place swapped[] = {{"/a", "1.2.13", 0, 3}, {"/b", "1.2.11", 0, 1}, {"/c", "1.2.11", 0, 2}};
    CHANGES(before, upgraded,
            "0~ zlib 1.2.11>1.3 /a>/a 2\n"
            "4~ /a 1 bytes, 1 unknown>11 bytes, 11 unknown /a>/a 1\n"
            "4~ /b 2 bytes, 2 unknown>12 bytes, 12 unknown /b>/b 1\n");
    CHANGES(before, fewer,
            "0- zlib 1.2.11> /a> 2\n"
            "4- /a 1 bytes, 1 unknown> /a> 1\n"
            "4- /b 2 bytes, 2 unknown> /b> 1\n");
    CHANGES(fewer, before,
            "0+ zlib >1.2.11 >/a 2\n"
            "4+ /a >1 bytes, 1 unknown >/a 1\n"
            "4+ /b >2 bytes, 2 unknown >/b 1\n");
    CHANGES(before, swapped, "");
}

static void a_file_with_other_bytes_at_another_path_is_another_file(void **state)
{
    (void)state;
    const place before[] = {{"/a", "", 0, 5}, {"/b", "", 0, 6}},
                after[] = {{"/a", "", 0, 5}, {"/x", "", 0, 7}};
    CHANGES(before, after,
            "4- /b 6 bytes, 6 unknown> /b> 1\n"
            "4+ /x >7 bytes, 7 unknown >/x 1\n");
}

static void what_cannot_be_compared_is_not_called_the_same(void **state)
{
    (void)state;
    fps_result *before = fixture_sample(false), *after = fixture_sample(false);
    after->info.vulnerabilities_checked = true;
    fps_comparison *comparison = compared(before, after);
    assert_false(fps_comparison_counts(comparison, FPS_COMPARE_VULNERABILITIES).compared);
    assert_true(fps_comparison_counts(comparison, FPS_COMPARE_COMPONENTS).compared);
    assert_int_equal(fps_comparison_change_count(comparison), 0);
    rendered out = {NULL, 0};
    assert_int_equal(fps_comparison_write(comparison, FPS_COMPARISON_TABLE, NULL, collect, &out, NULL),
                     FPS_OK);
    expect_all(out.bytes,
               (const char *const[]){"Vulnerabilities: not compared",
                                     "vulnerabilities are not compared: none were looked up before\n"},
               2);
    free(out.bytes);
    fps_comparison_free(comparison);
    fps_result_free(before);
    fps_result_free(after);
}

static void hostile_texts_are_harmless_in_every_format(void **state)
{
    (void)state;
    fps_result *before = fixture_empty(), *after = fixture_sample(false);
    assert_int_equal(fps__result_finish(before, NULL), FPS_OK);
    fps_comparison *comparison = compared(before, after);
    for (size_t format = 0; fps_comparison_format_name(format); format++) {
        rendered out = {NULL, 0};
        const fps_report_options options = {.timestamp = -1, .width = 80};
        assert_int_equal(
            fps_comparison_write(comparison, (fps_comparison_format)format, &options, collect, &out, NULL),
            FPS_OK);
        if (strchr(out.bytes, '\033') || strstr(out.bytes, "\xE2\x80\xAE"))
            fail_msg("hostile bytes in %s", fps_comparison_format_name(format));
        if (format == FPS_COMPARISON_HTML && (strstr(out.bytes, "\"\\<") || strstr(out.bytes, "<script")))
            fail_msg("markup of the target in the page");
        for (char *line = strtok(out.bytes, "\n"); format == FPS_COMPARISON_TABLE && line;
             line = strtok(NULL, "\n"))
            if (strlen(line) > 80 && strncmp(line, "note: ", 6) != 0)
                fail_msg("a line of %zu columns: %s", strlen(line), line);
        free(out.bytes);
    }
    assert_null(fps_comparison_change(comparison, fps_comparison_change_count(comparison)));
    fps_comparison_free(comparison);
    fps_comparison_free(NULL);
    fps_result_free(before);
    fps_result_free(after);
}

static void functions_of_what_is_no_program_are_a_note(void **state)
{
    (void)state;
    const place places[] = {{"/a", "1.2.11", 0, 1}};
    fps_result *result = made(places, 1);
    fps_comparison *comparison = compared(result, result);
    fps_error error;
    assert_int_equal(fps_comparison_add_functions(comparison, "text", 4, "text", 4, &error),
                     FPS_ERROR_FORMAT);
    rendered out = {NULL, 0};
    assert_int_equal(fps_comparison_write(comparison, FPS_COMPARISON_JSON, NULL, collect, &out, NULL),
                     FPS_OK);
    expect_all(out.bytes, (const char *const[]){"functions are not compared: ", "\"functions\": null"}, 2);
    free(out.bytes);
    fps_comparison_free(comparison);
    fps_result_free(result);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_renamed_file_and_a_rebuilt_layer_are_no_change),
        cmocka_unit_test(versions_that_came_went_and_changed_are_told_apart),
        cmocka_unit_test(a_file_with_other_bytes_at_another_path_is_another_file),
        cmocka_unit_test(what_cannot_be_compared_is_not_called_the_same),
        cmocka_unit_test(hostile_texts_are_harmless_in_every_format),
        cmocka_unit_test(functions_of_what_is_no_program_are_a_note),
    };
    if (argc == 2 && strcmp(argv[1], "sample") ==
                         0) { /* for check_comparison.py: a comparison with the sample of reports */
        fps_result *before = fixture_empty(), *after = fixture_sample(false);
        rendered out = {NULL, 0};
        fps__result_finish(before, NULL);
        fps_comparison *comparison = compared(before, after);
        fps_comparison_write(comparison, FPS_COMPARISON_JSON, NULL, collect, &out, NULL);
        puts(out.bytes);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
