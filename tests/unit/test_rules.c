/* Rules: the text they are written in, the expression that cuts versions out, the cache of their compiled
 * form, matching. */
#include "match/rules.h"
#include "match/rules_cache.h"
#include "match/rules_expression.h"
#include "temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- expressions ---- */

/* Searches `text` and writes "match|version", or "-" when nothing matches, "?" when the expression is
 * refused. */
static const char *search(const char *expression_text, const char *text)
{
    static char answer[512];
    fps__expression *expression;
    fps__expression_scratch scratch = {0};
    fps__expression_match match;
    fps__expression_input input = {text, strlen(text), true, true};
    if (fps__expression_compile(&expression, expression_text, strlen(expression_text), NULL) != FPS_OK)
        return "?";
    if (fps__expression_search(expression, &scratch, &input, &match) == FPS_OK)
        snprintf(answer, sizeof answer, "%.*s|%.*s", (int)match.length, text + match.start,
                 (int)match.version_length, text + match.version_start);
    else
        snprintf(answer, sizeof answer, "-");
    fps__expression_scratch_clear(&scratch);
    fps__expression_free(expression);
    return answer;
}

static void expressions_match_as_perl_does(void **state)
{
    static const struct {
        const char *expression, *text, *answer;
    } cases[] = {
        {"abc", "xxabcxx", "abc|"},
        {"^abc", "xabc", "-"},
        {"abc$", "abcx", "-"},
        {"^$", "", "|"},
        {"a|b|cd", "xcd", "cd|"},
        {"(?<version>[0-9]+\\.[0-9]+)", "v 1.25 ", "1.25|1.25"},
        {"BusyBox v(?<version>[0-9]+(?:\\.[0-9]+){1,2})", "BusyBox v1.35.0 (Debian)",
         "BusyBox v1.35.0|1.35.0"},
        {"a{2,3}", "aaaa", "aaa|"},
        {"a{2,3}?", "aaaa", "aa|"},
        {"a{2}", "a", "-"},
        {"a{2,}b", "aaaaab", "aaaaab|"},
        {"x(?<version>a*?)b?$", "xaab", "xaab|aa"},
        {"(a|ab)(c|bcd)", "abcd", "abcd|"},
        {"[^0-9]+", "12ab34", "ab|"},
        {"[]x]+", "a]x", "]x|"},
        {"[a\\-z]+", "b-a", "-a|"},
        {"\\d+\\s\\w+\\.", "12 ab_1.", "12 ab_1.|"},
        {"\\x41\\t", "A\t", "A\t|"},
        {"(?:(?<version>1)|2)+", "12", "12|1"},
        {"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", "-"},
        {".b",
         "\x01"
         "b",
         "\x01"
         "b|"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(search(cases[i].expression, cases[i].text), cases[i].answer);
}

static void faulty_and_oversized_expressions_are_refused(void **state)
{
    static const char *const cases[] = {
        "(",
        ")",
        "[",
        "[a",
        "a\\",
        "*a",
        "a{",
        "a{2",
        "a{3,2}",
        "a{256}",
        "a{,2}",
        "\\b",
        "\\1",
        "(?=a)",
        "(?i)a",
        "[b-a]",
        "[[:alpha:]]",
        "\\xg0",
        "(?<v>a)",
        "[\\d-z]",
        "(?<version>a)(?<version>b)",
        "((((((a{255}){255}){255}){255}))",
        "((((a{255}){255}){255}){255})",
        "((((){255}){255}){255}){255}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(search(cases[i], "a"), "?");
    char deep[101];
    memset(deep, '(', 50);
    memset(deep + 50, ')', 50);
    deep[100] = '\0';
    assert_string_equal(search(deep, "a"), "?");
}

/* ---- rule text ---- */

#define RULE "Rule: r\nComponent: c\nMatch: version (?<version>[0-9.]+)\nEffect: version\n"

static fps_status check_rules(const char *text, size_t size, fps_error *error)
{
    fps__rules *rules;
    fps_status status = fps__rules_open(&rules, text, size, (fps__span){NULL, 0}, NULL, NULL, NULL, error);
    fps__rules_free(rules);
    return status;
}

static void a_fault_in_rule_text_names_its_line(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"# remark\n\nRule: r\nColour: blue\n", "line 4"},
        {"Rule: r\nRule: s\n", "line 2"},
        {"Rule: r\nMatch: (\n", "line 2"},
        {"Rule: r\nEffect: maybe\n", "line 2"},
        {"Rule: r\nNeeds: many\n", "line 2"},
        {"Rule:\n", "line 1"},
        {"nonsense\n", "line 1"},
        {"Rule: r\nComponent: c\nEffect: name\n\n", "line 4"},
        {"Rule: r\nComponent: c\nMatch: abc\nEffect: version\n\n", "group named version"},
        {RULE "\n" RULE, "two rules"},
        {"Rule: r\nComponent: c\nMatch: x*\nEffect: name\n", "line 1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_error error;
        assert_int_equal(check_rules(cases[i].text, strlen(cases[i].text), &error), FPS_ERROR_FORMAT);
        assert_non_null(strstr(error.message, cases[i].part));
    }
    assert_int_equal(check_rules(RULE, strlen(RULE), NULL), FPS_OK);
    assert_int_equal(check_rules("", 0, NULL), FPS_OK);
}

/* ---- matching ---- */

typedef struct hits {
    char text[4096];
    size_t count;
    const fps__features *features;
} hits;

static void remember(void *user, const fps__rule_hit *hit)
{
    hits *list = user;
    const fps__feature *feature = &list->features->items[hit->literal];
    size_t used = strlen(list->text);
    snprintf(list->text + used, sizeof list->text - used, "%s %s %u %.*s\n", hit->rule, hit->component,
             hit->literal, (int)hit->version_length, feature->text + hit->version_start);
    list->count++;
}

static fps__rules *open_rules(const char *text, const char *cache)
{
    fps__rules *rules;
    assert_int_equal(
        fps__rules_open(&rules, text, strlen(text), (fps__span){NULL, 0}, cache, NULL, NULL, NULL), FPS_OK);
    return rules;
}

/* Matches twice with one scratch, which must not change the answer. */
static void match_all(const fps__rules *rules, fps__feature *items, size_t count, hits *list)
{
    fps__rules_scratch *scratch;
    fps__features features = {.items = items, .count = count, .literal_count = count};
    hits first = {.features = &features};
    assert_int_equal(fps__rules_scratch_create(rules, &scratch, NULL), FPS_OK);
    assert_int_equal(fps__rules_match(rules, scratch, &features, remember, &first), FPS_OK);
    memset(list, 0, sizeof *list);
    list->features = &features;
    assert_int_equal(fps__rules_match(rules, scratch, &features, remember, list), FPS_OK);
    assert_string_equal(list->text, first.text);
    fps__rules_scratch_free(scratch);
}

static fps__feature literal(const char *text, size_t length)
{
    fps__feature feature = {.text = text, .length = (uint32_t)length};
    return feature;
}

static void a_rule_sees_one_literal_at_a_time(void **state)
{
    static const char text[] =
        "Rule: start\nComponent: a\nMatch: ^one (?<version>[0-9.]+)$\nEffect: version\n\n"
        "Rule: across\nComponent: b\nMatch: alpha\\s+beta\nEffect: name\n";
    fps__feature items[] = {
        literal("one 1.2", 7),    literal("x one 1.3", 9), literal("alpha", 5),
        literal("beta", 4),       literal("one 1.4\n", 8), literal("alpha \n beta", 12),
        literal("y\none 1.5", 9), literal("one 1.6", 7),
    };
    hits list;
    fps__rules *rules = open_rules(text, NULL);
    (void)state;
    match_all(rules, items, sizeof items / sizeof *items, &list);
    assert_string_equal(list.text, "start a 0 1.2\nacross b 5 \nstart a 7 1.6\n");
    fps__rules_free(rules);
}

/* Where a rule's text goes on behind the version, vendors may have put something between. */
static void a_suffix_that_nobody_foresaw_belongs_to_the_version(void **state)
{
    static const char text[] =
        "Rule: date\nComponent: a\nMatch: ^a (?<version>[0-9.]+[a-z]?) +[0-9]+\nEffect: version\n\n"
        "Rule: dash\nComponent: b\nMatch: ^b-(?<version>[0-9]+(?:\\.[0-9]+){1,2})-\nEffect: version\n\n"
        "Rule: open\nComponent: c\nMatch: ^c (?<version>[0-9.]+)\nEffect: version\n";
    fps__feature items[] = {
        literal("a 1.1.1k-fips  25 Mar", 21),
        literal("a 1.1.1+quic 7", 14),
        literal("a 1.1.1-pre9 7", 14),
        literal("a 1.1.1 7", 9),
        literal("b-1.20.1-final", 14),
        literal("b-1.2-beta1-x", 13),
        literal("c 1.2-sse2", 10),
    };
    hits list;
    fps__rules *rules = open_rules(text, NULL);
    (void)state;
    match_all(rules, items, sizeof items / sizeof *items, &list);
    assert_string_equal(list.text,
                        "date a 0 1.1.1k-fips\ndate a 1 1.1.1+quic\ndate a 2 1.1.1-pre9\ndate a 3 1.1.1\n"
                        "dash b 4 1.20.1\ndash b 5 1.2\nopen c 6 1.2\n");
    fps__rules_free(rules);
}

static void long_literals_and_many_literals_are_matched(void **state)
{
    fps__rules *rules = open_rules(RULE, NULL);
    size_t size = 1u << 20;
    char *large = malloc(size);
    fps__feature *items = calloc(40001, sizeof *items);
    hits list;
    (void)state;
    assert_true(large && items);
    memset(large, 'x', size);
    memcpy(large + 700000, "version 7.8.9", 13);
    for (size_t i = 0; i < 40000; i++)
        items[i] = i == 39999 ? literal("version 3.4", 11) : literal("nothing here", 12);
    items[40000] = literal(large, size);
    match_all(rules, items, 40001, &list);
    assert_string_equal(list.text, "r c 39999 3.4\nr c 40000 7.8.9\n");
    free(items);
    free(large);
    fps__rules_free(rules);
}

/* ---- the cache ---- */

typedef struct remarks {
    size_t count;
    char code[64];
} remarks;

static void count_remark(void *user, const fps_diagnostic *diagnostic)
{
    remarks *seen = user;
    seen->count++;
    snprintf(seen->code, sizeof seen->code, "%s", diagnostic->code);
}

static void make_folder(char folder[64])
{
    assert_non_null(mkdtemp(temporary_name(folder, "fps-test-rules")));
}

static void remove_folder(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

/* The path of the one file of compiled rules in `folder`. */
static void find_cached(const char *folder, char path[256])
{
    char command[300], name[128] = "";
    snprintf(command, sizeof command, "ls -A '%s' | grep hsdb", folder);
    FILE *list = popen(command, "r");
    assert_non_null(list);
    assert_non_null(fgets(name, sizeof name, list));
    assert_int_equal(fgetc(list), EOF);
    pclose(list);
    name[strcspn(name, "\n")] = '\0';
    snprintf(path, 256, "%.100s/%s", folder, name);
}

/* Opens the rules with a cache, sees that they work, and gives the number of remarks and the code of the
 * last. */
static size_t open_with_cache(const char *folder, char code[64])
{
    remarks seen = {0};
    fps__rules *rules;
    hits list;
    fps__feature item = literal("version 5.6", 11);
    assert_int_equal(
        fps__rules_open(&rules, RULE, strlen(RULE), (fps__span){NULL, 0}, folder, count_remark, &seen, NULL),
        FPS_OK);
    match_all(rules, &item, 1, &list);
    assert_string_equal(list.text, "r c 0 5.6\n");
    fps__rules_free(rules);
    memcpy(code, seen.code, sizeof seen.code);
    return seen.count;
}

static void compiled_rules_are_kept_and_used_again(void **state)
{
    char folder[64], path[256], code[64];
    struct stat first, second;
    (void)state;
    make_folder(folder);
    assert_int_equal(open_with_cache(folder, code), 0);
    find_cached(folder, path);
    assert_int_equal(stat(path, &first), 0);
    assert_int_equal(first.st_mode & 0777, 0600);
    assert_int_equal(open_with_cache(folder, code), 0);
    assert_int_equal(stat(path, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    remove_folder(folder);
}

static void damaged_compiled_rules_are_made_again(void **state)
{
    char folder[64], path[256], code[64];
    (void)state;
    make_folder(folder);
    open_with_cache(folder, code);
    find_cached(folder, path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 100, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, 100, SEEK_SET), 0);
    fputc(byte ^ 1, file);
    fclose(file);
    assert_int_equal(open_with_cache(folder, code), 1);
    assert_string_equal(code, "rules-cache-refused");
    assert_int_equal(open_with_cache(folder, code), 0);
    assert_int_equal(truncate(path, 10), 0);
    assert_int_equal(open_with_cache(folder, code), 1);
    remove_folder(folder);
}

static void a_cache_that_others_can_write_is_refused(void **state)
{
    char folder[64], path[256], code[64], outer[128];
    (void)state;
    make_folder(folder);
    open_with_cache(folder, code);
    find_cached(folder, path);
    assert_int_equal(chmod(path, 0622), 0);
    assert_int_equal(open_with_cache(folder, code), 1);
    assert_string_equal(code, "rules-cache-refused");
    assert_int_equal(open_with_cache(folder, code), 0); /* it was replaced by one of our own */

    snprintf(outer, sizeof outer, "%s/elsewhere", folder);
    assert_int_equal(rename(path, outer), 0);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_int_equal(open_with_cache(folder, code), 1);
    assert_string_equal(code, "rules-cache-refused");

    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(open_with_cache(folder, code), 2); /* neither read nor written */
    assert_string_equal(code, "rules-cache-not-written");
    remove_folder(folder);
}

static void a_linked_cache_folder_is_refused_and_a_missing_one_made(void **state)
{
    char folder[64], code[64], path[128], link[128], file[256];
    (void)state;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/a/b", folder);
    assert_int_equal(open_with_cache(path, code), 0);
    find_cached(path, file);
    snprintf(link, sizeof link, "%s/link", folder);
    assert_int_equal(symlink("a/b", link), 0);
    assert_int_equal(open_with_cache(link, code), 2);
    remove_folder(folder);
}

/* Rules that were compiled with the program hit the same; those of other rules, cut ones and damaged ones are compiled anew. */
static void rules_compiled_before_hit_the_same(void **state)
{
    (void)state;
    static const char other[] = "Rule: o\nComponent: c\nMatch: nothing of this\nEffect: name\n";
    static const char text[] = "version 1.2.3";
    uint8_t *bytes, *others;
    size_t size, others_size;
    assert_int_equal(fps__rules_compile(RULE, strlen(RULE), &bytes, &size, NULL), FPS_OK);
    assert_int_equal(fps__rules_compile(other, strlen(other), &others, &others_size, NULL), FPS_OK);
    const fps__span ready[] = {
        {bytes, size}, {others, others_size}, {bytes, size / 2}, {bytes, 3}, {NULL, 0}};
    for (size_t i = 0; i < sizeof ready / sizeof *ready; i++) {
        fps__rules *rules;
        hits list;
        fps__feature item = literal(text, strlen(text));
        assert_int_equal(fps__rules_open(&rules, RULE, strlen(RULE), ready[i], NULL, NULL, NULL, NULL),
                         FPS_OK);
        match_all(rules, &item, 1, &list);
        assert_string_equal(list.text, "r c 0 1.2.3\n");
        fps__rules_free(rules);
    }
    free(bytes);
    free(others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_match_as_perl_does),
        cmocka_unit_test(faulty_and_oversized_expressions_are_refused),
        cmocka_unit_test(a_fault_in_rule_text_names_its_line),
        cmocka_unit_test(a_rule_sees_one_literal_at_a_time),
        cmocka_unit_test(a_suffix_that_nobody_foresaw_belongs_to_the_version),
        cmocka_unit_test(long_literals_and_many_literals_are_matched),
        cmocka_unit_test(compiled_rules_are_kept_and_used_again),
        cmocka_unit_test(damaged_compiled_rules_are_made_again),
        cmocka_unit_test(a_cache_that_others_can_write_is_refused),
        cmocka_unit_test(a_linked_cache_folder_is_refused_and_a_missing_one_made),
        cmocka_unit_test(rules_compiled_before_hit_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
