/* Version keys: memcmp puts them into the order of each ecosystem. bench/versions/run compares with package managers. */
#include "util/version_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Versions in ascending order; "=" before one: equal to the one before. */
typedef struct order_case {
    fps__key_scheme scheme;
    const char *versions[24];
} order_case;

static const order_case orders[] = {
    {FPS__KEY_DEBIAN, {"1.0~~",      "1.0~~a", "1.0~",     "1.0~rc1-1", "1.0",   "=1.0-0", "=0:1.0",
                       "1.0-1~bpo1", "1.0-1",  "1.0-1+b1", "1.0-1.1",   "1.0-2", "1.0a",   "1.0+dfsg",
                       "1.0.1",      "1.2",    "1.10",     "=1.010",    "2",     "1:0.1",  "2:0"}},
    {FPS__KEY_RPM,
     {"1.0~rc1", "1.0~rc1-1", "1.0", "1.0-1", "1.0-1.el8", "=1.0-1_el8", "1.0-1.el8_5", "1.0-2", "1.0^git1-1",
      "1.0a-1", "1.0.1-1", "1.0.10-1", "1:0.1-1", "2:0.0-1"}},
    {FPS__KEY_APK,
     {"1.0_alpha", "1.0_alpha1", "1.0_beta2", "1.0_pre1", "1.0_rc1", "1.0", "1.0-r0", "1.0-r1", "1.0-r10",
      "1.0_git20200101", "1.0_p1", "1.0_p2-r1", "1.0a", "1.0b-r1", "1.0.05", "1.0.1", "1.1", "1.10"}},
    {FPS__KEY_SEMVER,
     {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
      "1.0.0-rc.1", "1.0.0", "=1.0.0+build5", "=v1.0", "=1", "1.0.1", "1.2.0", "1.10.0", "2.0.0-0", "2.0.0"}},
    {FPS__KEY_GO,
     {"v0.0.0-20200101000000-abcdefabcdef", "v0.0.0", "go1.21rc2", "go1.21rc3", "go1.21", "=1.21.0",
      "v1.21.1", "=1.21.1+incompatible"}},
    {FPS__KEY_PEP440,
     {"1.0.dev1",       "1.0a1.dev2", "1.0a1",  "=1.0-alpha.1", "1.0a2",    "1.0b1",     "1.0rc1",
      "=1.0c1",         "1.0",        "=1.0.0", "=v1.0",        "1.0+abc",  "1.0+abc.5", "1.0+5",
      "1.0.post1.dev1", "1.0.post1",  "=1.0-1", "1.0.1",        "1.1.dev1", "1.10",      "1!0.1"}},
    {FPS__KEY_MAVEN,
     {"1-alpha", "1-alpha-1", "=1.0.0-alpha1", "=1a1", "1-beta-2", "1-milestone-1", "1-rc1", "=1-cr1",
      "1-SNAPSHOT", "1", "=1.0", "=1-ga", "=1.0.final", "1-sp", "1-foo", "1-1", "1.0.1", "1.1", "1.10"}},
    {FPS__KEY_GEM,
     {"1.a", "=1.0.0.a", "1.0.0-rc1", "1.0.rc1", "1.0", "=1", "=1.0.0", "1.0.0.1", "1.0.1.pre", "1.0.1",
      "1.10"}},
    {FPS__KEY_OPENSSL,
     {"0.9.8zg", "0.9.8zh", "1.0.0-beta3", "1.0.0", "1.0.0a", "1.0.2k", "1.0.2z", "1.0.2za", "1.0.2zb",
      "1.1.0-pre1", "1.1.0", "1.1.1w", "3.0.0-alpha1", "3.0.0-alpha17", "3.0.0-beta1", "3.0.0", "=3.0",
      "3.0.1", "3.0.10"}},
    {FPS__KEY_GENERIC,
     {"1.0alpha1", "1.0beta1", "1.0rc1", "1.0.0-b1", "1.0", "=1.0.0", "=v1", "1.0p1", "=1.0patch1", "1.0.1",
      "1.0a", "1.0b", "1.1", "1.2.3~1", "1.2.3", "=1.2.3.0", "1.2.3+git5", "1.2.3.1", "1.2.10"}},
};

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static void memcmp_gives_the_order_of_each_ecosystem(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof orders / sizeof *orders; c++) {
        const order_case *now = &orders[c];
        int rank[24] = {0}, count = 0;
        for (; count < 24 && now->versions[count]; count++)
            rank[count] = count ? rank[count - 1] + (now->versions[count][0] != '=') : 0;
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++) {
                bool known;
                const char *a = now->versions[i] + (now->versions[i][0] == '='),
                           *b = now->versions[j] + (now->versions[j][0] == '=');
                int got = sign(fps__version_key_compare(now->scheme, a, b, &known));
                if (!known || got != sign(rank[i] - rank[j]))
                    fail_msg("%s: %s and %s: %d, not %d", fps__key_scheme_name(now->scheme), a, b, got,
                             sign(rank[i] - rank[j]));
            }
    }
}

/* A bound that excludes or includes a version is its key, or its key and a NUL: that needs keys of which none begins another. */
static void no_key_is_the_beginning_of_another(void **state)
{
    (void)state;
    uint8_t keys[24][FPS__MAX_KEY];
    size_t sizes[24];
    for (size_t c = 0; c < sizeof orders / sizeof *orders; c++) {
        size_t count = 0;
        for (; count < 24 && orders[c].versions[count]; count++) {
            const char *text = orders[c].versions[count];
            sizes[count] = fps__version_key(orders[c].scheme, text + (*text == '='), keys[count]);
            assert_true(sizes[count] > 0 && keys[count][0] != 0xff);
        }
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < count; j++)
                if (sizes[i] < sizes[j])
                    assert_int_not_equal(memcmp(keys[i], keys[j], sizes[i]), 0);
    }
}

static void what_is_no_version_has_no_key(void **state)
{
    (void)state;
    uint8_t key[FPS__MAX_KEY];
    static const struct {
        fps__key_scheme scheme;
        const char *text;
    } bad[] = {{FPS__KEY_GENERIC, ""},       {FPS__KEY_GENERIC, "***"},  {FPS__KEY_SEMVER, "latest"},
               {FPS__KEY_PEP440, "1.0-foo"}, {FPS__KEY_PEP440, "trunk"}, {FPS__KEY_APK, "1.0_foo1"},
               {FPS__KEY_APK, "abc"},        {FPS__KEY_GEM, "rc1"},      {FPS__KEY_OPENSSL, "stable"},
               {FPS__KEY_SCHEMES, "1.0"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(fps__version_key(bad[i].scheme, bad[i].text, key), 0);
    char longest[FPS__MAX_KEY_VERSION + 1];
    memset(longest, '9', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (int scheme = 0; scheme < FPS__KEY_SCHEMES; scheme++) {
        assert_int_equal(fps__version_key((fps__key_scheme)scheme, longest, key), 0);
        assert_true(fps__version_key((fps__key_scheme)scheme, longest + 1, key) > 0);
    }
}

static void what_is_no_version_is_in_ranges_without_an_end_alone(void **state)
{
    (void)state;
    uint8_t legacy[FPS__MAX_KEY], other[FPS__MAX_KEY], known[FPS__MAX_KEY];
    for (int scheme = 0; scheme < FPS__KEY_SCHEMES; scheme++) {
        size_t size = fps__version_key_exact((fps__key_scheme)scheme, "99999!9.9", known);
        assert_true(size > 0 && known[0] < 0xff);
        size = fps__version_key_exact((fps__key_scheme)scheme, "99999.9", known);
        assert_true(size > 0 && known[0] < 0xfe); /* below every text that is no version */
    }
    size_t size = fps__version_key_exact(FPS__KEY_PEP440, "4.11-final", legacy);
    assert_true(size > 0 && legacy[0] == 0xfe);
    assert_int_equal(fps__version_key_exact(FPS__KEY_PEP440, "4.11-finale", other), size + 1);
    assert_memory_not_equal(legacy, other, size);
    assert_int_equal(fps__version_key_exact(FPS__KEY_PEP440, "", other), 0);
}

static void schemes_are_found_by_name(void **state)
{
    (void)state;
    for (int i = 0; i < FPS__KEY_SCHEMES; i++) {
        fps__key_scheme found;
        assert_true(fps__key_scheme_find(fps__key_scheme_name((fps__key_scheme)i), &found));
        assert_int_equal(found, i);
    }
    fps__key_scheme none;
    assert_false(fps__key_scheme_find("nothing", &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memcmp_gives_the_order_of_each_ecosystem),
        cmocka_unit_test(no_key_is_the_beginning_of_another),
        cmocka_unit_test(what_is_no_version_has_no_key),
        cmocka_unit_test(what_is_no_version_is_in_ranges_without_an_end_alone),
        cmocka_unit_test(schemes_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
