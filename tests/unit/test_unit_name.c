/* Names of units: what the compiler makes is read back, whatever the stem holds. */
#include "database/unit_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void each_kind_is_read_back_from_its_name(void **state)
{
    (void)state;
    static const char *const stems[] = {"libz", "perl/perl", "libstdc++", "lib#1!x", "a+3", "7zz"};
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++) {
        for (int kind = FPS__UNIT_CLUSTER; kind < FPS__UNIT_KINDS; kind++) {
            char name[64];
            bool code = kind == FPS__UNIT_RUN;
            fps__unit_name(name, sizeof name, (fps__unit_kind)kind, stems[i], 12);
            assert_int_equal(fps__unit_kind_of_name(name, code), kind);
        }
    }
    assert_int_equal(fps__unit_kind_of_name("libz.a(inflate.o)", false), FPS__UNIT_MEMBER);
    assert_int_equal(fps__unit_kind_of_name("libz.a(inflate.o)", true), FPS__UNIT_MEMBER);
    assert_int_equal(fps__unit_kind_of_name("libz.a(inflate.o)!", false), FPS__UNIT_MEMBER_NAMES);
    static const char *const others[] = {"", "inflate.o", "12", "a1", "-1"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(fps__unit_kind_of_name(others[i], false), FPS__UNIT_SOURCE);
}

static void names_look_as_in_reports(void **state)
{
    (void)state;
    static const struct {
        fps__unit_kind kind;
        const char *stem, *name;
    } cases[] = {
        {FPS__UNIT_MEMBER, "libz.a(inflate.o)", "libz.a(inflate.o)"},
        {FPS__UNIT_MEMBER_NAMES, "libz.a(inflate.o)", "libz.a(inflate.o)!"},
        {FPS__UNIT_CLUSTER, "libz", "libz#3"},
        {FPS__UNIT_RUN, "libz", "libz#3"},
        {FPS__UNIT_NAMES, "libz", "libz!"},
        {FPS__UNIT_SHARED_CLUSTER, "libz", "libz+3"},
        {FPS__UNIT_SHARED_NAMES, "libz", "libz!+3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[64];
        fps__unit_name(name, sizeof name, cases[i].kind, cases[i].stem, 3);
        assert_string_equal(name, cases[i].name);
    }
}

static void the_stem_is_the_file_name_of_one_object(void **state)
{
    (void)state;
    static const struct {
        const char *name, *stem; /* "": none */
    } cases[] = {
        {"libz.a(inflate.o)", "libz"}, {"libz.a(inflate.o)!", "libz"}, {"libz#3", "libz"}, {"libz!", "libz"},
        {"perl/perl#12", "perl"},      {"tool(x.o)", "tool"},          {"libz+3", ""},     {"libz!+3", ""},
        {"libstdc++#1", ""},           {"inflate.o", "inflate.o"},     {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *stem;
        fps__set_unit unit = {.name = cases[i].name, .kind = fps__unit_kind_of_name(cases[i].name, false)};
        size_t length = fps__unit_stem(&unit, &stem);
        assert_int_equal(length, strlen(cases[i].stem));
        assert_memory_equal(stem, cases[i].stem, length);
    }
}

static bool are_of_same_object(const char *a, const char *b)
{
    fps__set_unit one = {.name = a, .kind = fps__unit_kind_of_name(a, false)};
    fps__set_unit other = {.name = b, .kind = fps__unit_kind_of_name(b, false)};
    return fps__unit_is_of_same_object(&one, &other) && fps__unit_is_of_same_object(&other, &one);
}

static void names_and_literals_of_one_object_go_together(void **state)
{
    (void)state;
    assert_true(are_of_same_object("libz!", "libz#12"));
    assert_true(are_of_same_object("libz!+3", "libz+2"));
    assert_true(are_of_same_object("libz.a(inflate.o)!", "libz.a(inflate.o)"));
    assert_false(are_of_same_object("libz!", "libzstd#0"));
    assert_false(are_of_same_object("libz.a(inflate.o)!", "libz.a(inflate.o.2)"));
    assert_false(are_of_same_object("libz!", "lib#0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_read_back_from_its_name),
        cmocka_unit_test(names_look_as_in_reports),
        cmocka_unit_test(the_stem_is_the_file_name_of_one_object),
        cmocka_unit_test(names_and_literals_of_one_object_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
