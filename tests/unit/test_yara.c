/* Users' YARA files: what a match says, what a faulty file says, time-outs, and several threads. */
#include "match/rules.h"
#include "temporary.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Opens rule text through a temporary file. */
static fps_status open_text(fps__yara **yara, const char *text, fps_error *error)
{
    char path[TEMPORARY_SIZE];
    int fd = mkstemp(temporary_name(path, "fps-test-yara"));
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    fps_status status = fps__yara_open(yara, path, error);
    unlink(path);
    return status;
}

static void print_hit(void *user, const fps__yara_hit *hit)
{
    char *out = user;
    size_t used = strlen(out);
    snprintf(out + used, 1024 - used, "%s %s '%s' %s %s %llu %s\n", hit->rule,
             hit->component ? hit->component : "-", hit->version, hit->purl ? hit->purl : "-",
             hit->license ? hit->license : "-", (unsigned long long)hit->offset, hit->text);
}

static void expect_hits(const char *rules, const char *data, size_t size, const char *expected)
{
    fps__yara *yara;
    char out[1024] = "";
    fps_error error = {.message = ""};
    fps_status status = open_text(&yara, rules, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, FPS_OK);
    assert_int_equal(fps__yara_match(yara, data, size, 10, print_hit, out, NULL), FPS_OK);
    assert_string_equal(out, expected);
    fps__yara_free(yara);
}

static void a_match_carries_the_rules_meta(void **state)
{
    static const char data[] = "....Acme engine 4.13.2 (release)\x01\0....acme_init";
    (void)state;
    expect_hits("rule plain { meta: component = \"acme\" version = \"9\" purl = \"pkg:generic/acme\" license "
                "= \"MIT\""
                " strings: $a = \"acme_init\" condition: $a }",
                data, sizeof data, "plain acme '9' pkg:generic/acme MIT 38 acme_init\n");
    expect_hits("rule named { meta: component = \"acme\" version_string = \"$v\" version_pattern = \"e "
                "(?<version>[0-9.]+)\""
                " strings: $a = \"....\" $v = /engine [0-9.]+/ condition: all of them }",
                data, sizeof data, "named acme '4.13.2' - - 0 ....\n");
    expect_hits("rule guessed { meta: component = \"acme\" version_string = \"$v\" strings: $v = /engine "
                "[0-9.]+ \\([a-z]+\\)./"
                " condition: $v }",
                data, sizeof data, "guessed acme '4.13.2' - - 9 engine 4.13.2 (release).\n");
    expect_hits("rule bare { condition: filesize > 3 } private rule hidden { condition: true }", data,
                sizeof data, "bare - '' - - 0 \n");
    expect_hits("rule absent { strings: $a = \"not there\" condition: $a }", data, sizeof data, "");
    expect_hits("rule empty { strings: $a = \"x\" condition: $a }", "", 0, "");
}

static void a_faulty_file_names_path_and_line(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"rule a {\n condition: true }\nrule b {\n strings: $x = \"\" condition: nonsense }\n", "line 4"},
        {"rule a {\n condition: true }\nrule b {\n", "line 3"},
        {"include \"/etc/hostname\"\n", "include"},
        {"rule c { meta: component = \"c\" version_pattern = \"(\" condition: true }",
         "rule c: version_pattern"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__yara *yara;
        fps_error error;
        assert_int_equal(open_text(&yara, cases[i].text, &error), FPS_ERROR_CORRUPT);
        assert_null(yara);
        assert_non_null(strstr(error.message, cases[i].part));
        assert_non_null(strstr(error.path, "fps-test-yara"));
    }
}

static void a_file_that_cannot_be_read_is_said_so(void **state)
{
    fps__yara *yara;
    fps_error error;
    (void)state;
    assert_int_equal(fps__yara_open(&yara, "/nonexistent/rules.yar", &error), FPS_ERROR_IO);
    assert_string_equal(error.path, "/nonexistent/rules.yar");
    assert_int_equal(fps__yara_open(&yara, "/", &error), FPS_ERROR_IO);
    assert_int_equal(fps__yara_open(&yara, "/dev/zero", &error), FPS_ERROR_IO);
}

static void a_slow_rule_is_cut_off(void **state)
{
    fps__yara *yara;
    fps_error error;
    char out[1024] = "";
    (void)state;
    assert_int_equal(
        open_text(&yara, "rule slow { condition: for all i in (0..1000000000000) : (i + filesize >= 0) }",
                  NULL),
        FPS_OK);
    assert_int_equal(fps__yara_match(yara, "data", 4, 1, print_hit, out, &error), FPS_ERROR_LIMIT);
    assert_string_equal(out, "");
    fps__yara_free(yara);
}

static void *match_many(void *user)
{
    for (int i = 0; i < 50; i++) {
        char out[1024] = "";
        fps__yara *own;
        if (fps__yara_match(user, "xx acme 1.2", 11, 10, print_hit, out, NULL) != FPS_OK ||
            strcmp(out, "r acme '1.2' - - 3 acme 1.2\n") != 0)
            return "a match went wrong";
        if (open_text(&own, "rule o { condition: true }", NULL) != FPS_OK)
            return "a file could not be opened";
        fps__yara_free(own);
    }
    return NULL;
}

static void threads_share_compiled_rules(void **state)
{
    fps__yara *yara;
    pthread_t threads[4];
    (void)state;
    assert_int_equal(
        open_text(&yara,
                  "rule r { meta: component = \"acme\" version_string = \"$v\" strings: $v = /acme [0-9.]+/"
                  " condition: $v }",
                  NULL),
        FPS_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, match_many, yara), 0);
    for (size_t i = 0; i < 4; i++) {
        void *fault;
        assert_int_equal(pthread_join(threads[i], &fault), 0);
        assert_null(fault);
    }
    fps__yara_free(yara);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_match_carries_the_rules_meta),
        cmocka_unit_test(a_faulty_file_names_path_and_line),
        cmocka_unit_test(a_file_that_cannot_be_read_is_said_so),
        cmocka_unit_test(a_slow_rule_is_cut_off),
        cmocka_unit_test(threads_share_compiled_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
