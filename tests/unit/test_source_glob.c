/* Skip patterns against paths. */
#include "source_tree.h"

#include "source/source_glob.h"

static void matches_single_globs(void **state)
{
    static const struct {
        const char *glob, *text;
        bool expected;
    } table[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "a", true},
        {"a", "", false},
        {"*", "", true},
        {"*", "a/b", true},
        {"*.so", "x/libz.so", true},
        {"*.so", "libz.so.1", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"?", "", false},
        {"[abc]", "b", true},
        {"[a-c]x", "bx", true},
        {"[!a-c]", "b", false},
        {"[^a-c]", "d", true},
        {"[]]", "]", true},
        {"[!]]", "]", false},
        {"[a", "[a", true},
        {"[a", "a", false},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"\\", "\\", true},
        {"[\\]]", "]", true},
        {"[a-]", "-", true},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYbZ", false},
        {"*a*a*a*b", "aaaaaaaaaaaaaa", false},
        {"\xff*", "\xff\xfe", true},
        {"[\x80-\xff]", "\xc3", true},
        {"[z-a]", "m", false},
        {"*?", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (fps__glob_match(table[i].glob, table[i].text) != table[i].expected)
            fail_msg("\"%s\" against \"%s\"", table[i].glob, table[i].text);
    }
}

static void matches_paths_as_documented(void **state)
{
    static const struct {
        const char *pattern, *path;
        bool expected;
    } table[] = {
        {"cache", "/cache", true},
        {"cache", "/var/cache", true},
        {"cache", "/var/cache/x", false},
        {"cache/", "/var/cache", true},
        {"/cache", "/cache", true},
        {"/cache", "/var/cache", false},
        {"var/cache", "/var/cache", true},
        {"/var/cache/", "/var/cache", true},
        {"var/cache", "/a/var/cache", false},
        {"**/cache", "/cache", true},
        {"**/cache", "/a/b/cache", true},
        {"a/**/b", "/a/b", true},
        {"a/**/b", "/a/x/y/b", true},
        {"a/**/b", "/ab", false},
        {"*.pyc", "/usr/lib/x.pyc", true},
        {"usr/*.so", "/usr/lib/x.so", true},
        {"/", "/", true},
        {"/**/x", "/x", true},
        {"a/**/**/b", "/a/b", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fps__globs globs;
        const char *patterns[] = {"never-there", table[i].pattern, NULL};
        assert_int_equal(fps__globs_init(&globs, patterns, NULL), FPS_OK);
        if (fps__globs_match(&globs, table[i].path) != table[i].expected)
            fail_msg("\"%s\" against \"%s\"", table[i].pattern, table[i].path);
        fps__globs_free(&globs);
    }
}

static void no_patterns_match_nothing(void **state)
{
    fps__globs globs;
    (void)state;
    assert_int_equal(fps__globs_init(&globs, NULL, NULL), FPS_OK);
    assert_false(fps__globs_match(&globs, "/anything"));
    fps__globs_free(&globs);
}

/* A backtracking matcher would need longer than the universe for this. */
static void hostile_paths_take_no_more_than_pattern_times_path(void **state)
{
    enum { LENGTH = 1024 * 1024 };
    char *path = malloc(LENGTH + 1);
    (void)state;
    memset(path, 'a', LENGTH);
    path[LENGTH] = '\0';
    assert_false(fps__glob_match("*a*a*a*a*a*a*a*a*ab", path));
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_single_globs),
        cmocka_unit_test(matches_paths_as_documented),
        cmocka_unit_test(no_patterns_match_nothing),
        cmocka_unit_test(hostile_paths_take_no_more_than_pattern_times_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
