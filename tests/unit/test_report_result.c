/* Proves that a finished result is sorted, indexed and grouped, whatever the order in which it was gathered.
 */
#include "report_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void files_and_findings_are_sorted_and_linked(void **state)
{
    (void)state;
    for (int backwards = 0; backwards < 2; backwards++) {
        fps_result *r = fixture_sample(backwards);
        const char *last = "";
        size_t covered = 0;
        for (size_t i = 0; i < fps_result_file_count(r); i++) {
            const fps_file *file = fps_result_file(r, i);
            assert_true(strcmp(last, file->path) < 0);
            last = file->path;
            assert_int_equal(file->findings_first, covered);
            for (size_t f = 0; f < file->findings_count; f++) {
                const fps_finding *finding = fps_result_finding(r, covered + f);
                assert_int_equal(finding->file, i);
                for (size_t e = 0; e < finding->evidence_count; e++)
                    assert_int_equal(finding->evidence[e].file, i);
            }
            covered += file->findings_count;
        }
        assert_int_equal(covered, fps_result_finding_count(r));
        assert_string_equal(fps_result_file(r, 0)->path, "/opt/embed");
        assert_null(fps_result_file(r, 5));
        assert_null(fps_result_finding(r, 1000));
        fps_result_free(r);
    }
}

static void components_group_findings_with_the_same_answer(void **state)
{
    (void)state;
    fps_result *r = fixture_sample(true);
    size_t grouped = 0;
    for (size_t i = 0; i < fps_result_component_count(r); i++) {
        const fps_component *component = fps_result_component(r, i);
        grouped += component->finding_count;
        for (size_t f = 0; f < component->finding_count; f++) {
            const fps_finding *finding = fps_result_finding(r, component->findings[f]);
            assert_int_equal(finding->component, i);
            assert_true(f == 0 || component->findings[f - 1] < component->findings[f]);
            assert_true(finding->state >= component->state);
        }
        if (i)
            assert_true(strcmp(fps_result_component(r, i - 1)->id, component->id) <= 0);
    }
    assert_int_equal(grouped, fps_result_finding_count(r));
    const fps_component *zlib = fps_result_component(r, fps_result_component_count(r) - 2);
    assert_string_equal(zlib->id, "zlib");
    assert_string_equal(zlib->version->version, "1.2.13");
    assert_int_equal(zlib->finding_count, 2);
    assert_int_equal(zlib->linkage, FPS_LINKAGE_STATIC); /* the better of the two */
    assert_true(zlib->confidence > 0.99);
    fps_result_free(r);
}

static void diagnostics_are_sorted_and_make_it_partial(void **state)
{
    (void)state;
    fps_result *r = fixture_sample(false);
    assert_true(fps_result_get_info(r)->partial);
    assert_null(fps_result_diagnostic(r, 0)->path);
    assert_string_equal(fps_result_diagnostic(r, 1)->path, "/opt/embed");
    fps_result_free(r);
}

static void a_wrong_index_is_refused(void **state)
{
    (void)state;
    fps_error error;
    fps_result *r = fixture_empty();
    uint32_t file = fixture_file(r, "/a");
    fixture_finding(r, file + 1, ZLIB, FPS_STATE_PRESENT, fixture_version(r, FPS_VERSION_UNKNOWN, ""));
    assert_int_equal(fps__result_finish(r, &error), FPS_ERROR_ARGUMENT);
    fps_result_free(r);
    r = fixture_empty();
    file = fixture_file(r, "/a");
    fixture_finding(r, file, FIXTURE_COMPONENTS, FPS_STATE_PRESENT,
                    fixture_version(r, FPS_VERSION_UNKNOWN, ""));
    assert_int_equal(fps__result_finish(r, &error), FPS_ERROR_ARGUMENT);
    fps_result_free(r);
}

static void no_memory_is_a_status(void **state)
{
    (void)state;
    fps_error error;
    for (size_t room = 0; room < 3; room++) {
        fps_result *r = fixture_empty();
        uint32_t file = fixture_file(r, "/a");
        fixture_finding(r, file, ZLIB, FPS_STATE_PRESENT, fixture_version(r, FPS_VERSION_UNKNOWN, ""));
        r->arena.limit = r->arena.used + 16 * room;
        assert_int_equal(fps__result_finish(r, &error), FPS_ERROR_MEMORY);
        fps_result_free(r);
    }
}

static void an_empty_result_finishes(void **state)
{
    (void)state;
    fps_result *r = fixture_empty();
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    assert_int_equal(fps_result_component_count(r), 0);
    assert_false(fps_result_get_info(r)->partial);
    fps_result_free(r);
    fps_result_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_findings_are_sorted_and_linked),
        cmocka_unit_test(components_group_findings_with_the_same_answer),
        cmocka_unit_test(diagnostics_are_sorted_and_make_it_partial),
        cmocka_unit_test(a_wrong_index_is_refused),
        cmocka_unit_test(no_memory_is_a_status),
        cmocka_unit_test(an_empty_result_finishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
