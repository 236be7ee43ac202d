/* Files of one component beside each other: who narrows whom, and who does not. */
#include "result/siblings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fpscan/gate.h>

static const char *const from_1_to_3[] = {"1.1", "1.2", "1.3"};
static const char *const only_2[] = {"1.2"}, *const only_3[] = {"1.3"}, *const only_9[] = {"9"};

static fps_result *make_result(void)
{
    fps_result *result;
    assert_int_equal(fps__result_create(&result, NULL), FPS_OK);
    return result;
}

/* Adds a file with one finding of component `id` that is present, and returns the finding's place. */
static size_t add(fps_result *result, const char *path, const char *id, fps_version_kind kind,
                  const char *const *versions, size_t count)
{
    assert_true(FPS__ARRAY_RESERVE(&result->files, 1, 100) == FPS_OK &&
                FPS__ARRAY_RESERVE(&result->findings, 1, 100) == FPS_OK &&
                FPS__ARRAY_RESERVE(&result->components, 1, 100) == FPS_OK);
    fps_finding finding = {.state = FPS_STATE_PRESENT, .linkage = FPS_LINKAGE_OWN};
    finding.file = (uint32_t)result->files.count;
    finding.component = (uint32_t)result->components.count;
    finding.version = (fps_version_answer){.kind = kind, .candidates = versions, .candidate_count = count};
    finding.version.version = kind == FPS_VERSION_EXACT ? versions[0] : NULL;
    result->files.items[result->files.count++] = (fps_file){.path = path};
    result->components.items[result->components.count++] = (fps_component){.id = id, .name = id};
    result->findings.items[result->findings.count] = finding;
    return result->findings.count++;
}

static const fps_version_answer *answer(const fps_result *result, size_t place)
{
    return &result->findings.items[place].version;
}

static void an_exact_file_narrows_those_that_allow_it(void **state)
{
    (void)state;
    fps_result *result = make_result();
    size_t wide = add(result, "/lib/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    size_t far = add(result, "/opt/libfar.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    size_t other = add(result, "/lib/libother.so", "other", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    add(result, "/lib/libb.so", "demo", FPS_VERSION_EXACT, only_2, 1);
    assert_true(fps__siblings_narrow(result));
    assert_int_equal(answer(result, wide)->kind, FPS_VERSION_EXACT);
    assert_string_equal(answer(result, wide)->version, "1.2");
    assert_non_null(strstr(answer(result, wide)->note, "/lib/libb.so"));
    assert_string_equal(answer(result, far)->version, "1.2"); /* nobody in the target contradicts */
    assert_int_equal(answer(result, other)->kind, FPS_VERSION_INTERVAL);
    fps_result_free(result);
}

static void what_is_not_allowed_stays(void **state)
{
    (void)state;
    fps_result *result = make_result();
    size_t wide = add(result, "/lib/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    add(result, "/lib/libb.so", "demo", FPS_VERSION_EXACT, only_9, 1);
    assert_true(fps__siblings_narrow(result));
    assert_int_equal(answer(result, wide)->kind, FPS_VERSION_INTERVAL);
    assert_int_equal(answer(result, wide)->candidate_count, 3);
    fps_result_free(result);
}

static void where_files_disagree_only_the_own_folder_counts(void **state)
{
    (void)state;
    fps_result *result = make_result();
    size_t here = add(result, "/lib/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    size_t alone = add(result, "/srv/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    add(result, "/lib/libb.so", "demo", FPS_VERSION_EXACT, only_2, 1);
    add(result, "/opt/libb.so", "demo", FPS_VERSION_EXACT, only_3, 1);
    assert_true(fps__siblings_narrow(result));
    assert_string_equal(answer(result, here)->version, "1.2");
    assert_int_equal(answer(result, alone)->kind, FPS_VERSION_INTERVAL);
    fps_result_free(result);
}

static void copies_inside_other_files_neither_narrow_nor_are_narrowed(void **state)
{
    (void)state;
    fps_result *result = make_result();
    size_t embedded = add(result, "/bin/tool", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    size_t library = add(result, "/lib/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    size_t exact = add(result, "/bin/other", "demo", FPS_VERSION_EXACT, only_2, 1);
    result->findings.items[embedded].linkage = FPS_LINKAGE_STATIC;
    result->findings.items[exact].linkage = FPS_LINKAGE_EMBEDDED;
    assert_true(fps__siblings_narrow(result));
    assert_int_equal(answer(result, embedded)->kind, FPS_VERSION_INTERVAL);
    assert_int_equal(answer(result, library)->kind, FPS_VERSION_INTERVAL);
    fps_result_free(result);
}

static void family_answers_neither_narrow_nor_are_narrowed(void **state)
{
    static const fps_relative fork = {"fork", "fork", "", ""};
    (void)state;
    fps_result *result = make_result();
    size_t family = add(result, "/lib/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    size_t wide = add(result, "/lib/libb.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    size_t exact = add(result, "/lib/libc.so", "demo", FPS_VERSION_EXACT, only_2, 1);
    result->findings.items[family].relatives = result->findings.items[exact].relatives = &fork;
    result->findings.items[family].relative_count = result->findings.items[exact].relative_count = 1;
    assert_true(fps__siblings_narrow(result));
    assert_int_equal(answer(result, family)->kind, FPS_VERSION_INTERVAL);
    assert_int_equal(answer(result, wide)->kind, FPS_VERSION_INTERVAL);
    result->findings.items[exact].relative_count = 0;
    assert_true(fps__siblings_narrow(result));
    assert_int_equal(answer(result, family)->kind, FPS_VERSION_INTERVAL);
    assert_int_equal(answer(result, wide)->kind, FPS_VERSION_EXACT);
    fps_result_free(result);
}

static void an_open_answer_is_narrowed_too(void **state)
{
    (void)state;
    fps_result *result = make_result();
    size_t wide = add(result, "/lib/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    result->findings.items[wide].version.open_above = true;
    add(result, "/lib/libb.so", "demo", FPS_VERSION_EXACT, only_2, 1);
    assert_true(fps__siblings_narrow(result));
    assert_int_equal(answer(result, wide)->kind, FPS_VERSION_EXACT);
    assert_string_equal(answer(result, wide)->version, "1.2");
    assert_false(answer(result, wide)->open_above);
    fps_result_free(result);
}

static void files_of_another_package_or_of_none_neither_narrow_nor_are_narrowed(void **state)
{
    (void)state;
    fps_result *result = make_result();
    size_t wide = add(result, "/lib/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    size_t other = add(result, "/lib/libb.so", "demo", FPS_VERSION_EXACT, only_2, 1);
    size_t loose = add(result, "/lib/libc.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    size_t planted = add(result, "/lib/libd.so", "demo", FPS_VERSION_EXACT, only_3, 1);
    result->files.items[result->findings.items[other].file].owner = 1;
    result->files.items[result->findings.items[loose].file].owner = UINT32_MAX;
    result->files.items[result->findings.items[planted].file].owner = UINT32_MAX;
    assert_true(fps__siblings_narrow(result));
    assert_int_equal(answer(result, wide)->kind, FPS_VERSION_INTERVAL);
    assert_int_equal(answer(result, loose)->kind, FPS_VERSION_INTERVAL);
    fps_result_free(result);
}

static void packages_of_one_source_are_one_build(void **state)
{
    (void)state;
    static const struct {
        const char *source, *version;
        bool narrowed;
    } rows[] = {{"src", "1-1", true}, {"src", "1-2", false}, {"other", "1-1", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fps_result *result = make_result();
        size_t wide = add(result, "/lib/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
        add(result, "/lib/libb.so", "demo", FPS_VERSION_EXACT, only_2, 1);
        result->files.items[0].owner = 1;
        assert_int_equal(FPS__ARRAY_RESERVE(&result->packages, 2, 2), FPS_OK);
        result->packages.items[0] = (fps_package){.source = "src", .source_version = "1-1"};
        result->packages.items[1] =
            (fps_package){.source = rows[i].source, .source_version = rows[i].version};
        result->packages.count = 2;
        assert_true(fps__siblings_narrow(result));
        assert_int_equal(answer(result, wide)->kind == FPS_VERSION_EXACT, rows[i].narrowed);
        fps_result_free(result);
    }
}

static fps_gate_verdict check_gate(const fps_result *result, const char *term)
{
    char reason[512];
    fps_gate *gate;
    assert_int_equal(fps_gate_parse(&gate, term, NULL), FPS_OK);
    fps_gate_verdict verdict = fps_gate_check(gate, result, NULL, reason, sizeof reason);
    fps_gate_free(gate);
    return verdict;
}

static void a_gate_asks_what_the_file_alone_allows(void **state)
{
    (void)state;
    fps_result *result = make_result();
    size_t wide = add(result, "/lib/liba.so", "demo", FPS_VERSION_INTERVAL, from_1_to_3, 3);
    add(result, "/lib/libb.so", "demo", FPS_VERSION_EXACT, only_3, 1);
    assert_true(fps__siblings_narrow(result));
    assert_non_null(answer(result, wide)->alone);
    assert_int_equal(answer(result, wide)->alone->candidate_count, 3);
    assert_int_equal(fps__result_finish(result, NULL), FPS_OK);
    assert_int_equal(check_gate(result, "component=demo@<1.2"), FPS_GATE_CLOSED);
    assert_int_equal(check_gate(result, "component=demo@<1.1"), FPS_GATE_OPEN);
    fps_result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exact_file_narrows_those_that_allow_it),
        cmocka_unit_test(what_is_not_allowed_stays),
        cmocka_unit_test(where_files_disagree_only_the_own_folder_counts),
        cmocka_unit_test(copies_inside_other_files_neither_narrow_nor_are_narrowed),
        cmocka_unit_test(family_answers_neither_narrow_nor_are_narrowed),
        cmocka_unit_test(an_open_answer_is_narrowed_too),
        cmocka_unit_test(files_of_another_package_or_of_none_neither_narrow_nor_are_narrowed),
        cmocka_unit_test(packages_of_one_source_are_one_build),
        cmocka_unit_test(a_gate_asks_what_the_file_alone_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
