/* The catalogue: its text, the place of each fault, and which component a source package is. */
#include "workbench/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static fps_status parse(fps__catalogue *catalogue, const char *text, fps_error *error)
{
    return fps__catalogue_parse(catalogue, (fps__span){(const uint8_t *)text, strlen(text)}, "c.txt", error);
}

static void stanza_gives_all_facts(void **state)
{
    (void)state;
    fps__catalogue catalogue = {.arena = {0}};
    static const char text[] =
        "# first\nComponent: zlib\nName: zlib library\nPurl: pkg:generic/zlib\nSince: 1995\n"
        "Role: runtime\nSources: debian:zlib\n  rpm:zlib\nReleases: 1.2.9 1.2.10\n# between\n"
        " 1.3.1 1.2.10 1.3-rc1 1.3\nVendors: rsync\n\n\nComponent: abc\r\nNote: x\r\n";
    assert_int_equal(parse(&catalogue, text, NULL), FPS_OK);
    assert_int_equal(catalogue.components.count, 2);
    const fps__catalogue_component *zlib = fps__catalogue_find(&catalogue, "zlib");
    assert_non_null(zlib);
    assert_string_equal(zlib->name, "zlib library");
    assert_string_equal(zlib->sources, "debian:zlib rpm:zlib");
    assert_int_equal(zlib->since, 1995);
    assert_int_equal(zlib->role, FPS_COMPONENT_RUNTIME);
    static const char *const order[] = {"1.2.9", "1.2.10", "1.3-rc1", "1.3", "1.3.1"};
    assert_int_equal(zlib->release_count, 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(zlib->releases[i], order[i]);
    assert_string_equal(fps__catalogue_find(&catalogue, "abc")->name, "abc");
    assert_string_equal(fps__catalogue_find(&catalogue, "abc")->note, "x");
    assert_null(fps__catalogue_find(&catalogue, "b"));
    fps__catalogue_free(&catalogue);
}

static void fault_names_file_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place;
    } faults[] = {
        {"Component: a\nColour: red\n", "c.txt:2: unknown field"},
        {"Component: a\nName: b\nName: c\n", "c.txt:3: field given twice"},
        {"Name: b\n\n", "c.txt:1: stanza without a Component"},
        {"Component: a\nno field\n", "c.txt:2: a field has"},
        {" continued\n", "c.txt:1: a continuation"},
        {"Component: a b\n", "c.txt:1: a component id"},
        {"\nComponent: a\nSince: soon\n", "c.txt:3: Since is a year"},
        {"Component: a\nRole: hero\n", "c.txt:2: Role is"},
        {"Component: a\n\nComponent: b\n\nComponent: a\n", "c.txt:5: component \"a\""},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        fps__catalogue catalogue = {.arena = {0}};
        fps_error error;
        assert_int_equal(parse(&catalogue, faults[i].text, &error), FPS_ERROR_CORRUPT);
        assert_memory_equal(error.message, faults[i].place, strlen(faults[i].place));
        fps__catalogue_free(&catalogue);
    }
}

static void best_pattern_wins(void **state)
{
    (void)state;
    fps__catalogue catalogue = {.arena = {0}};
    static const char text[] = "Component: gcc\nSources: debian:gcc-*\n\n"
                               "Component: libstdcxx\nSources: debian:gcc-*/libstdc++6\n\n"
                               "Component: gcc-defaults\nSources: debian:gcc-defaults\n\n"
                               "Component: any\nSources: curl rpm:curl-minimal\n";
    assert_int_equal(parse(&catalogue, text, NULL), FPS_OK);
    static const struct {
        const char *ecosystem, *source, *package, *component;
    } cases[] = {
        {"debian", "gcc-12", "libgcc-s1", "gcc"},
        {"debian", "gcc-12", "libstdc++6", "libstdcxx"},
        {"debian", "gcc-defaults", "gcc", "gcc-defaults"},
        {"rpm", "gcc-12", "gcc", NULL},
        {"apk", "curl", "curl", "any"},
        {"debian", "curl-minimal", "x", NULL},
        {"debian", "", "x", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__catalogue_source source = {cases[i].ecosystem, cases[i].source, cases[i].package};
        const fps__catalogue_component *found = fps__catalogue_match(&catalogue, &source);
        if (!cases[i].component)
            assert_null(found);
        else
            assert_string_equal(found->id, cases[i].component);
    }
    fps__catalogue_free(&catalogue);
}

static void wildcards_match_any_run(void **state)
{
    (void)state;
    assert_true(fps__wildcard_match("*", ""));
    assert_true(fps__wildcard_match("a*b*c", "aXXbYYbc"));
    assert_false(fps__wildcard_match("a*b*c", "aXXbYYb"));
    assert_true(fps__wildcard_match("llvm-toolchain-*", "llvm-toolchain-14"));
    assert_false(fps__wildcard_match("", "a"));
    assert_false(fps__wildcard_match("*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stanza_gives_all_facts),
        cmocka_unit_test(fault_names_file_and_line),
        cmocka_unit_test(best_pattern_wins),
        cmocka_unit_test(wildcards_match_any_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
