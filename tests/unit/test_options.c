/* Proves that the table of options is followed on the command line, in the environment and in the config
 * file. */
#include "common/options.h"
#include "temporary.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct settings {
    bool quiet, exact;
    unsigned verbose;
    const char *name, *config, *format;
    option_list sets, states, kinds;
    uint64_t parallel, memory, timeout;
    double confidence;
};
typedef struct settings settings;

#define FIELD(member) .offset = offsetof(settings, member)

static const char *kind_word(size_t index)
{
    static const char *const kinds[] = {"timeout", "too-large"};
    return index < 2 ? kinds[index] : NULL;
}

static const option_verb verbs[] = {
    {.name = "scan", .arguments = "TARGET", .help = "scans", .least = 1, .most = 1},
    {.name = "set list", .arguments = "", .help = "lists"},
    {.name = "set info", .arguments = "[FILE]", .help = "shows", .most = 1},
};

static const option_spec specs[] = {
    {.name = "quiet", .letter = 'q', .kind = OPTION_FLAG, FIELD(quiet), .help = "be quiet"},
    {.name = "no-exact", .letter = 'x', .kind = OPTION_FLAG, FIELD(exact), .help = "no exact"},
    {.name = "verbose", .letter = 'v', .kind = OPTION_COUNT, FIELD(verbose), .help = "say more"},
    {.name = "name",
     .letter = 'n',
     .kind = OPTION_TEXT,
     FIELD(name),
     .value = "NAME",
     .help = "the name",
     .verbs = 1},
    {.name = "set", .kind = OPTION_LIST, FIELD(sets), .value = "FILE", .help = "a set"},
    {.name = "states",
     .kind = OPTION_COMMA_LIST,
     FIELD(states),
     .value = "LIST",
     .choices = "present likely",
     .help = "states"},
    {.name = "parallel",
     .kind = OPTION_NUMBER,
     FIELD(parallel),
     .value = "N",
     .help = "threads",
     .minimum = 0,
     .maximum = 64},
    {.name = "kinds",
     .kind = OPTION_COMMA_LIST,
     FIELD(kinds),
     .value = "KIND,...",
     .words = kind_word,
     .help = "kinds",
     .flags = OPTION_ONLY_WORDS},
    {.name = "format",
     .kind = OPTION_TEXT,
     FIELD(format),
     .value = "FORMAT",
     .words = kind_word,
     .help = "format"},
    {.name = "memory", .kind = OPTION_SIZE, FIELD(memory), .value = "SIZE", .help = "memory"},
    {.name = "timeout", .kind = OPTION_DURATION, FIELD(timeout), .value = "TIME", .help = "time"},
    {.name = "min-confidence",
     .kind = OPTION_REAL,
     FIELD(confidence),
     .value = "X",
     .help = "least",
     .maximum = 1},
    {.name = "config",
     .kind = OPTION_TEXT,
     FIELD(config),
     .value = "FILE",
     .help = "config",
     .flags = OPTION_ONLY_COMMAND},
};

static const char *version(void)
{
    return "1.0";
}

static const int exits[] = {0, 1, -1};

static const option_program program = {
    .name = "prog",
    .version = version,
    .summary = "tests options",
    .verbs = verbs,
    .verb_count = 3,
    .default_verb = 0,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .prefix = "PROGTEST",
    .exits = exits,
};

/* Parses words that end with NULL. */
static option_status parse(settings *s, option_result *result, const char *const *words)
{
    char *argv[32] = {(char *)"prog"};
    int argc = 1;
    while (*words)
        argv[argc++] = (char *)*words++;
    return option_parse(&program, argc, argv, s, result);
}

#define PARSE(s, result, ...) parse((s), (result), (const char *const[]){__VA_ARGS__, NULL})

static void every_form_of_value_is_read(void **state)
{
    (void)state;
    settings s = {0};
    option_result r;
    assert_int_equal(PARSE(&s, &r, "--set=a", "-qvv", "--set", "b", "dir", "-nfoo", "--parallel", "4",
                           "--memory=2G", "--timeout", "90s", "--min-confidence=0.25", "--states",
                           "present,likely", "--set", "c=d"),
                     OPTION_RUN);
    assert_true(s.quiet);
    assert_false(s.exact);
    assert_int_equal(s.verbose, 2);
    assert_string_equal(s.name, "foo");
    assert_int_equal(s.sets.count, 3);
    assert_string_equal(s.sets.items[0], "a");
    assert_string_equal(s.sets.items[2], "c=d");
    assert_null(s.sets.items[3]);
    assert_int_equal(s.states.count, 2);
    assert_int_equal(s.parallel, 4);
    assert_int_equal(s.memory, 2ull << 30);
    assert_int_equal(s.timeout, 90000);
    assert_true(s.confidence > 0.249 && s.confidence < 0.251);
    assert_ptr_equal(r.verb, &verbs[0]);
    assert_int_equal(r.operand_count, 1);
    assert_string_equal(r.operands[0], "dir");
    option_free(&r);
}

static void dashes_and_verbs(void **state)
{
    (void)state;
    settings s = {0};
    option_result r;
    assert_int_equal(PARSE(&s, &r, "--", "--set"), OPTION_RUN);
    assert_string_equal(r.operands[0], "--set");
    option_free(&r);
    assert_int_equal(PARSE(&s, &r, "-"), OPTION_RUN);
    assert_string_equal(r.operands[0], "-");
    option_free(&r);
    assert_int_equal(PARSE(&s, &r, "scan", "scan"), OPTION_RUN);
    assert_string_equal(r.operands[0], "scan");
    option_free(&r);
    assert_int_equal(PARSE(&s, &r, "--", "scan"), OPTION_RUN);
    assert_string_equal(r.operands[0], "scan");
    option_free(&r);
    assert_int_equal(PARSE(&s, &r, "set", "-q", "info", "file"), OPTION_RUN);
    assert_ptr_equal(r.verb, &verbs[2]);
    assert_string_equal(r.operands[0], "file");
    option_free(&r);
}

static void bad_command_lines_are_refused(void **state)
{
    (void)state;
    static const char *const bad[][4] = {
        {"--nope", "dir"},
        {"-z", "dir"},
        {"--quiet=1", "dir"},
        {"dir", "--set"},
        {"--parallel=x", "dir"},
        {"--parallel=65", "dir"},
        {"--parallel=-1", "dir"},
        {"--memory=2X", "dir"},
        {"--memory=", "dir"},
        {"--timeout=1y", "dir"},
        {"--min-confidence=2", "dir"},
        {"--states=present,maybe", "dir"},
        {"a", "b"},
        {"set"},
        {"set", "nothing", "more"},
        {"set", "list", "x"},
        {"set", "list", "-nx"},
        {"--parallel=99999999999999999999", "dir"},
        {"--memory=nan", "dir"},
        {"--min-confidence=1e-3", "dir"},
        {"--completion=tcsh"},
        {"--memory=1e3"},
        {"--kinds=timeout,to-large", "dir"},
        {"--kinds=timeou", "dir"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        settings s = {0};
        option_result r;
        assert_int_equal(parse(&s, &r, bad[i]), OPTION_FAIL);
        option_free(&r);
    }
}

static void words_bind_only_where_they_are_said_to(void **state)
{
    (void)state;
    settings s = {0};
    option_result r;
    assert_int_equal(PARSE(&s, &r, "dir", "--kinds=timeout,too-large", "--format=other"), OPTION_RUN);
    assert_int_equal(s.kinds.count, 2);
    assert_string_equal(s.kinds.items[1], "too-large");
    assert_string_equal(s.format, "other");
    option_free(&r);
}

static void flags_win_over_environment_over_file(void **state)
{
    (void)state;
    char path[TEMPORARY_SIZE];
    int fd = mkstemp(temporary_name(path, "test_options"));
    FILE *file = fdopen(fd, "w");
    fputs("{\"set\": [\"f1\", \"f2\"], \"name\": \"file\", \"parallel\": 3, \"quiet\": true, \"memory\": "
          "\"1K\"}",
          file);
    fclose(file);
    setenv("PROGTEST_SET", "e1:e2:", 1);
    setenv("PROGTEST_PARALLEL", "7", 1);
    setenv("PROGTEST_NO_EXACT", "yes", 1);
    settings s = {0};
    option_result r;
    assert_int_equal(PARSE(&s, &r, "dir", "--config", path, "--parallel=9"), OPTION_RUN);
    assert_int_equal(s.parallel, 9);
    assert_int_equal(s.sets.count, 2);
    assert_string_equal(s.sets.items[1], "e2");
    assert_string_equal(s.name, "file");
    assert_true(s.quiet && s.exact);
    assert_int_equal(s.memory, 1024);
    option_free(&r);
    unsetenv("PROGTEST_SET");
    unsetenv("PROGTEST_PARALLEL");
    setenv("PROGTEST_NO_EXACT", "maybe", 1);
    assert_int_equal(PARSE(&s, &r, "dir"), OPTION_FAIL);
    option_free(&r);
    unsetenv("PROGTEST_NO_EXACT");
    unlink(path);
}

static void bad_config_files_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "[]",
                                      "{\"nope\": 1}",
                                      "{\"set\": {}}",
                                      "{\"quiet\": 1}",
                                      "{\"name\"",
                                      "{\"parallel\": 1.5}",
                                      "{\"parallel\": 99}",
                                      "{\"config\": \"x\"}",
                                      "{\"verbose\": -1}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char path[TEMPORARY_SIZE];
        int fd = mkstemp(temporary_name(path, "test_options"));
        assert_int_equal(write(fd, bad[i], strlen(bad[i])), (ssize_t)strlen(bad[i]));
        close(fd);
        settings s = {0};
        option_result r;
        assert_int_equal(PARSE(&s, &r, "dir", "--config", path), OPTION_FAIL);
        option_free(&r);
        unlink(path);
    }
    settings s = {0};
    option_result r;
    assert_int_equal(PARSE(&s, &r, "dir", "--config", "/nonexistent/file"), OPTION_FAIL);
    option_free(&r);
}

static void long_lists_keep_their_order(void **state)
{
    (void)state;
    char value[2000] = "present";
    for (int i = 0; i < 100; i++)
        strcat(value, i % 2 ? ",present" : ",likely");
    settings s = {0};
    option_result r;
    assert_int_equal(PARSE(&s, &r, "dir", "--states", value), OPTION_RUN);
    assert_int_equal(s.states.count, 101);
    for (size_t i = 1; i < s.states.count; i++)
        assert_string_equal(s.states.items[i], i % 2 ? "likely" : "present");
    assert_null(s.states.items[101]);
    option_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_value_is_read),
        cmocka_unit_test(dashes_and_verbs),
        cmocka_unit_test(bad_command_lines_are_refused),
        cmocka_unit_test(words_bind_only_where_they_are_said_to),
        cmocka_unit_test(flags_win_over_environment_over_file),
        cmocka_unit_test(bad_config_files_are_refused),
        cmocka_unit_test(long_lists_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
