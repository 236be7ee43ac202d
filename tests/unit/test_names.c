/* Names that a user can mean: which are known, and which is the nearest to a mistyped one. */
#include "report/called.h"

#include <fpscan/names.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static fps_names *make(const char *const *list, size_t count)
{
    fps_names *names;
    assert_int_equal(fps_names_create(&names, NULL), FPS_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fps_names_add(names, list[i], NULL), FPS_OK);
    return names;
}

static const char *const some[] = {"openssl",     "OpenSSL", "boringssl", "zlib",
                                   "zlib-ng",     "expat",   "libxml2",   "pkg:github/google/boringssl",
                                   "pkg:npm/@a/b"};

static void the_nearest_name_is_found_by_letters_and_by_project(void **state)
{
    static const struct {
        const char *name, *nearest;
    } rows[] = {
        {"opensl", "openssl"},
        {"openssll", "openssl"},
        {"opnessl", "openssl"},
        {"OPENSSL", "openssl"},
        {"open-ssl", "openssl"},
        {"borngssl", "boringssl"},
        {"libexpat1", "expat"},
        {"zlb", "zlib"},
        {"zlibng", "zlib-ng"},
        {"libxml", "libxml2"},
        {"banana", NULL},
        {"", NULL},
        {"q", NULL},
        {"none", NULL},
        {"pkg:github/google/boringsl", "pkg:github/google/boringssl"},
        {"pkg:github/x/y", NULL},
    };
    (void)state;
    fps_names *names = make(some, sizeof some / sizeof *some);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *nearest = fps_names_nearest(names, rows[i].name);
        if (!nearest != !rows[i].nearest || (nearest && strcmp(nearest, rows[i].nearest) != 0))
            fail_msg("%s: %s", rows[i].name, nearest ? nearest : "(none)");
    }
    fps_names_free(names);
}

static void a_name_is_known_as_it_is_written_and_a_package_url_without_its_version(void **state)
{
    static const char *const known[] = {"openssl",
                                        "OpenSSL",
                                        "pkg:github/google/boringssl",
                                        "pkg:github/google/boringssl@1.2",
                                        "pkg:github/google/boringssl?a=b",
                                        "pkg:npm/@a/b",
                                        "pkg:npm/@a/b@1.0#x"};
    static const char *const unknown[] = {
        "Openssl",           "",           "opens",    "pkg:github/google/boringssl/x",
        "pkg:github/google", "pkg:npm/@a", "openssl@3"};
    (void)state;
    fps_names *names = make(some, sizeof some / sizeof *some);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!fps_names_has(names, known[i]))
            fail_msg("%s is not known", known[i]);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        if (fps_names_has(names, unknown[i]))
            fail_msg("%s is known", unknown[i]);
    fps_names_free(names);
}

static void nothing_is_known_and_near_without_names(void **state)
{
    char longest[4096];
    (void)state;
    fps_names *names = make(NULL, 0);
    assert_false(fps_names_has(names, "zlib"));
    assert_null(fps_names_nearest(names, "zlib"));
    assert_int_equal(fps_names_add(names, NULL, NULL), FPS_OK);
    assert_int_equal(fps_names_add(names, "", NULL), FPS_OK);
    assert_false(fps_names_has(names, ""));
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(fps_names_add(names, longest, NULL), FPS_OK);
    assert_true(fps_names_has(names, longest));
    longest[0] = 'b';
    assert_non_null(longest);
    fps_names_nearest(names, longest); /* longer than what is compared letter by letter: no overrun */
    fps_names_free(names);
    fps_names_free(NULL);
}

static void the_base_of_a_package_url_ends_before_its_version(void **state)
{
    static const struct {
        const char *purl, *base;
    } rows[] = {{"pkg:deb/debian/zlib1g@1%3A1.2?arch=amd64", "pkg:deb/debian/zlib1g"},
                {"pkg:npm/@scope/name", "pkg:npm/@scope/name"},
                {"pkg:npm/%40scope/name@1.0", "pkg:npm/%40scope/name"},
                {"pkg:generic/openssl?vendor=x@y", "pkg:generic/openssl"},
                {"pkg:npm/@name", "pkg:npm/@name"},
                {"@", "@"},
                {"", ""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(fps__purl_base(rows[i].purl), strlen(rows[i].base));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_name_is_found_by_letters_and_by_project),
        cmocka_unit_test(a_name_is_known_as_it_is_written_and_a_package_url_without_its_version),
        cmocka_unit_test(nothing_is_known_and_near_without_names),
        cmocka_unit_test(the_base_of_a_package_url_ends_before_its_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
