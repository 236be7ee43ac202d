/* Upstream versions out of real distribution versions, and the order of releases. */
#include "util/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct example {
    fps__version_scheme scheme;
    const char *version, *upstream;
} example;

static const example examples[] = {
    {FPS__VERSION_DEBIAN, "1:1.3.dfsg+really1.3.1-1+b1", "1.3.1"},
    {FPS__VERSION_DEBIAN, "2.12.7+dfsg+really2.9.14-0.1", "2.9.14"},
    {FPS__VERSION_DEBIAN, "22.01+really26.01+dfsg-0+deb12u1", "26.01"},
    {FPS__VERSION_DEBIAN, "3.0.15-1~deb12u1", "3.0.15"},
    {FPS__VERSION_DEBIAN, "7.88.1-10+deb12u8", "7.88.1"},
    {FPS__VERSION_DEBIAN, "1:1.2.13.dfsg-1", "1.2.13"},
    {FPS__VERSION_DEBIAN, "2:8.2402.0-1", "8.2402.0"},
    {FPS__VERSION_DEBIAN, "1:9.2p1-2+deb12u3", "9.2p1"},
    {FPS__VERSION_DEBIAN, "6.4-4", "6.4"},
    {FPS__VERSION_DEBIAN, "6.5+20250216-2", "6.5+20250216"},
    {FPS__VERSION_DEBIAN, "20220623.1-1+deb12u2", "20220623.1"},
    {FPS__VERSION_DEBIAN, "2024a-0+deb12u1", "2024a"},
    {FPS__VERSION_DEBIAN, "5.36.0-7+deb12u1", "5.36.0"},
    {FPS__VERSION_DEBIAN, "1.1.1w-0+deb11u1", "1.1.1w"},
    {FPS__VERSION_DEBIAN, "3.1.0~rc1-1", "3.1.0rc1"},
    {FPS__VERSION_DEBIAN, "4.0~beta2+dfsg-3", "4.0beta2"},
    {FPS__VERSION_DEBIAN, "5.2.5-2.1~deb11u1", "5.2.5"},
    {FPS__VERSION_DEBIAN, "1.46.2-2", "1.46.2"},
    {FPS__VERSION_DEBIAN, "2.36-9+deb12u13", "2.36"},
    {FPS__VERSION_DEBIAN, "12.2.0-14+deb12u1", "12.2.0"},
    {FPS__VERSION_DEBIAN, "1.0~ds2-1", "1.0"},
    {FPS__VERSION_DEBIAN, "2.1.27+dfsg2-3+deb12u1", "2.1.27"},
    {FPS__VERSION_DEBIAN, "4.19.0+~4.0.0-1", "4.19.0"},
    {FPS__VERSION_DEBIAN, "1.2.3+repack1-2", "1.2.3"},
    {FPS__VERSION_DEBIAN, "3.4.1+nmu2", "3.4.1"},
    {FPS__VERSION_DEBIAN, "2.0+b2", "2.0"},
    {FPS__VERSION_DEBIAN, "1.8.12~bpo10+1", "1.8.12"},
    {FPS__VERSION_DEBIAN, "0.3.2+git20200114-1", "0.3.2+git20200114"},
    {FPS__VERSION_DEBIAN, "102.15.1esr-1~deb12u1", "102.15.1esr"},
    {FPS__VERSION_DEBIAN, "6.0.1+r16-1", "6.0.1+r16"},
    {FPS__VERSION_DEBIAN, "2:2.1.2-1", "2.1.2"},
    {FPS__VERSION_DEBIAN, "1:4.13+dfsg1-1+deb12u1", "4.13"},
    {FPS__VERSION_DEBIAN, "1.9.4.dfsg.1-2", "1.9.4"},
    {FPS__VERSION_RPM, "1:1.1.1k-12.el8_9", "1.1.1k"},
    {FPS__VERSION_RPM, "3.2.2~rc1-1.fc40", "3.2.2rc1"},
    {FPS__VERSION_RPM, "1.0^20230101git1234-3.fc39", "1.0^20230101git1234"},
    {FPS__VERSION_RPM, "1:1.3.1-2", "1.3.1"}, /* pacman's, as the next two */
    {FPS__VERSION_RPM, "2.39+r52+gf8e4623421-1", "2.39+r52+gf8e4623421"},
    {FPS__VERSION_RPM, "1.0rc1-1.1", "1.0rc1"},
    {FPS__VERSION_ALPINE, "1.3.1-r2", "1.3.1"},
    {FPS__VERSION_ALPINE, "9.3_p2-r1", "9.3p2"},
    {FPS__VERSION_ALPINE, "1.37.0_rc2-r0", "1.37.0rc2"},
    {FPS__VERSION_ALPINE, "2.4_git20230717-r4", "2.4+git20230717"},
    {FPS__VERSION_PLAIN, "v1.2.3", "1.2.3"},
    {FPS__VERSION_PLAIN, "vlc", "vlc"},
};

static void upstream_version_of_real_distribution_versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        char upstream[FPS__MAX_VERSION];
        assert_true(fps__version_upstream(examples[i].version, examples[i].scheme, upstream));
        assert_string_equal(upstream, examples[i].upstream);
    }
}

static void version_without_content_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ":", "1:", "-", "~", "+b1", "...", "1:-1"};
    char upstream[FPS__MAX_VERSION], longest[400];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(fps__version_upstream(bad[i], FPS__VERSION_DEBIAN, upstream));
    memset(longest, '1', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_false(fps__version_upstream(longest, FPS__VERSION_PLAIN, upstream));
}

static const char *const ascending[] = {
    "0.9",        "0.9.8",       "0.9.8zg",    "0.9.8zh",    "1.0.2~git2019", "1.0.2dev1",
    "1.0.2alpha", "1.0.2-beta1", "1.0.2beta2", "1.0.2rc1",   "1.0.2-rc2",     "1.0.2rc10",
    "1.0.2",      "1.0.2a",      "1.0.2b",     "1.0.2z",     "1.0.2za",       "1.0.2+20200101",
    "1.0.2.1",    "1.0.10",      "1.1",        "3.0a1",      "3.0b2",         "3.0",
    "3.3",        "3.3a",        "6b",         "9.2p1",      "9.2p2",         "9.10p1",
    "2022a",      "2024b",       "20220623",   "20220623.1",
};

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void releases_are_in_upstream_order(void **state)
{
    (void)state;
    size_t count = sizeof ascending / sizeof *ascending;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            assert_int_equal(sign(fps__version_compare(ascending[i], ascending[k])), (i > k) - (i < k));
}

/* The order in the manual of pacman's vercmp, without "1.0a", "1.0b" and "1.0p": there these come before 1.0, but
 * upstream 1.1.1a comes after 1.1.1, and versions of packages are compared with releases of upstream. */
static void releases_are_in_the_order_that_vercmp_documents(void **state)
{
    (void)state;
    static const char *const letters[] = {"1.0beta", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1"};
    static const char *const numbers[] = {"1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0"};
    for (size_t i = 0; i + 1 < sizeof letters / sizeof *letters; i++)
        assert_true(fps__version_compare(letters[i], letters[i + 1]) < 0);
    for (size_t i = 0; i + 1 < sizeof numbers / sizeof *numbers; i++)
        assert_true(fps__version_compare(numbers[i], numbers[i + 1]) < 0);
}

static void separators_do_not_matter(void **state)
{
    (void)state;
    assert_int_equal(fps__version_compare("1.2.3", "1_2-3"), 0);
    assert_int_equal(fps__version_compare("1.0-rc1", "1.0rc1"), 0);
    assert_int_equal(fps__version_compare("1.02", "1.2"), 0);
}

static void order_of_any_texts_is_transitive(void **state)
{
    (void)state;
    static const char alphabet[] = "019ab~+.-rc";
    char texts[60][8];
    uint32_t seed = 1;
    for (size_t i = 0; i < 60; i++)
        for (size_t k = 0; k < 8; k++) {
            seed = seed * 1664525u + 1013904223u;
            texts[i][k] = k == 7 || (seed >> 29) == 0 ? '\0' : alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
    for (size_t i = 0; i < 60; i++)
        for (size_t k = 0; k < 60; k++) {
            int ik = sign(fps__version_compare(texts[i], texts[k]));
            assert_int_equal(ik, -sign(fps__version_compare(texts[k], texts[i])));
            for (size_t m = 0; m < 60 && ik <= 0; m++)
                if (fps__version_compare(texts[k], texts[m]) <= 0)
                    assert_true(fps__version_compare(texts[i], texts[m]) <= 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upstream_version_of_real_distribution_versions),
        cmocka_unit_test(version_without_content_is_refused),
        cmocka_unit_test(releases_are_in_upstream_order),
        cmocka_unit_test(releases_are_in_the_order_that_vercmp_documents),
        cmocka_unit_test(separators_do_not_matter),
        cmocka_unit_test(order_of_any_texts_is_transitive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
