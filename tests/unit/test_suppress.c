/* Ignore files and baselines: what they suppress and what not, what is refused, and that every format says so. */
#include "report_fixture.h"
#include "report_render.h"

#include <fpscan/gate.h>
#include <fpscan/suppress.h>

enum { NOW = 1717200000 }; /* 2024-06-01 */

/* A component in two files, a package, two items of drift, a vulnerability and a partial diagnostic. */
static fps_result *made(void)
{
    fps_result *r = fixture_empty();
    static const uint32_t first = 0;
    static const char *const names[] = {"GHSA-1"};
    uint32_t opt = fixture_file(r, "/opt/lib/libz.so.1"), usr = fixture_file(r, "/usr/lib/libz.so.1");
    fixture_finding(r, opt, ZLIB, FPS_STATE_PRESENT, fixture_version(r, FPS_VERSION_EXACT, "1.2.11"));
    fixture_finding(r, usr, ZLIB, FPS_STATE_PRESENT, fixture_version(r, FPS_VERSION_EXACT, "1.2.13"));
    const fps_package package = {.kind = FPS_PACKAGE_DEB,
                                 .name = "zlib1g",
                                 .version = "1:1.2.13",
                                 .architecture = "amd64",
                                 .source = "zlib",
                                 .source_version = "",
                                 .license = "",
                                 .supplier = "",
                                 .purl = "pkg:deb/debian/zlib1g@1%3A1.2.13",
                                 .location = "/var/lib/dpkg/status",
                                 .layer = UINT32_MAX,
                                 .parent = UINT32_MAX};
    const fps_drift drift[] = {{.kind = FPS_DRIFT_UNOWNED,
                                .level = FPS_DRIFT_LEVEL_DRIFT,
                                .path = "/opt/lib/libz.so.1",
                                .file = 0,
                                .package = UINT32_MAX,
                                .other = UINT32_MAX,
                                .message = "unowned"},
                               {.kind = FPS_DRIFT_VERSION,
                                .level = FPS_DRIFT_LEVEL_DRIFT,
                                .path = "/opt/lib/libz.so.1",
                                .file = 0,
                                .package = UINT32_MAX,
                                .other = 0,
                                .component = "zlib",
                                .claimed = "1.2.13",
                                .found = "1.2.11",
                                .message = "other version"}};
    fps_vulnerability vulnerability = fixture_empty_vulnerability();
    vulnerability.id = "CVE-2024-1";
    vulnerability.names = names;
    vulnerability.name_count = 1;
    vulnerability.severity = FPS_SEVERITY_HIGH;
    vulnerability.component = 0;
    vulnerability.version = "1.2.11";
    vulnerability.source = "s";
    vulnerability.files = &first;
    vulnerability.file_count = 1;
    fixture_diagnostic(r, FPS_DIAGNOSTIC_PARTIAL, "unreadable-archive", "/srv/x.7z", 0);
    r->drift = fps__arena_copy(&r->arena, drift, 2, sizeof *drift);
    r->drift_count = 2;
    r->info.packages_known = r->info.vulnerabilities_checked = true;
    if (FPS__ARRAY_PUSH(&r->packages, &package, 9) || fps__result_finish(r, NULL) ||
        FPS__ARRAY_PUSH(&r->vulnerabilities, &vulnerability, 9))
        abort();
    return r;
}

/* What of it counts: a letter for each thing, in small letters when it is suppressed. */
static void look(const fps_result *r, char seen[8])
{
    snprintf(
        seen, 8, "%c%c%c%c%c%c%c", fps_result_finding(r, 0)->suppressed ? 'c' : 'C',
        fps_result_finding(r, 1)->suppressed ? 'c' : 'C', fps_result_package(r, 0)->suppressed ? 'p' : 'P',
        fps_result_drift(r, 0)->suppressed ? 'u' : 'U', fps_result_drift(r, 1)->suppressed ? 'v' : 'V',
        fps_result_vulnerability(r, 0)->suppression ? 'x' : 'X', fps_result_get_info(r)->partial ? 'D' : 'd');
}

static fps_status read_text(fps_suppressions *list, const char *text, fps_error *error)
{
    return fps_suppressions_read(list, "file", text, strlen(text), error);
}

static void entries_suppress_what_they_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *seen;
    } cases[] = {
        {"", "CCPUVXD"},
        {"# CVE-2024-1\n\n", "CCPUVXD"},
        {"CVE-2024-1\n", "CCPUVxD"},
        {"GHSA-1 exp:2024-06-01 # still today\n", "CCPUVxD"},
        {"CVE-2024-1 exp:2024-05-31\n", "CCPUVXD"},
        {"CVE-2024-1 path:/usr/*\n", "CCPUVXD"},
        {"CVE-2024-1 component:zlib version:1.2.11 path:*/libz.so.?\n", "CCPUVxD"},
        {"component:zlib\n", "ccpUvxD"}, /* the package has it as its source */
        {"component:zlib path:/opt/*\n", "cCPUvxD"},
        {"component:zlib version:1.2.13 kind:component\n", "CcPUVXD"},
        {"component:curl\n", "CCPUVXD"},
        {"kind:drift path:/opt/*\n", "CCPuvXD"},
        {"kind:drift/unowned\n", "CCPuVXD"},
        {"kind:drift/missing\n", "CCPUVXD"},
        {"kind:package product:pkg:deb/debian/zlib1g\n", "CCpUVXD"},
        {"code:unreadable-archive path:/srv/*.7z # a test\n", "CCPUVXd"},
        {"kind:partial path:/other\n", "CCPUVXD"},
        {"{\"ignore\": [{\"id\": \"CVE-2024-1\", \"reason\": \"r\", \"product\": \"pkg:generic/zlib@1.2.11\"}]}",
         "CCPUVxD"},
        {"{\"ignore\": [{\"id\": \"CVE-2024-1\", \"reason\": \"r\", \"product\": \"pkg:generic/zlib@1.2.12\"}]}",
         "CCPUVXD"},
        {"{\"ignore\": [{\"component\": \"zlib\", \"reason\": \"r\", \"expires\": \"2024-01-01\"}]}",
         "CCPUVXD"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_suppressions *list;
        fps_result *r = made();
        fps_error error = {.message = ""};
        char seen[8];
        assert_int_equal(fps_suppressions_create(&list, NOW, &error), FPS_OK);
        if (read_text(list, cases[i].text, &error) != FPS_OK)
            fail_msg("%s: %s", cases[i].text, error.message);
        assert_int_equal(fps_suppressions_apply(list, r, &error), FPS_OK);
        look(r, seen);
        if (strcmp(seen, cases[i].seen) != 0)
            fail_msg("'%s': %s, not %s", cases[i].text, seen, cases[i].seen);
        fps_suppressions_free(list);
        fps_result_free(r);
    }
}

static void what_is_no_entry_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        fps_status status;
        const char *reason;
    } cases[] = {
        {"CVE-1 CVE-2\n", FPS_ERROR_CORRUPT, "one word too many"},
        {"vulnerabilities:\n  - id: CVE-1\n", FPS_ERROR_CORRUPT, "line 1: YAML is not read"},
        {"- id: CVE-1\n", FPS_ERROR_CORRUPT, "YAML is not read"},
        {"pkg:npm/left # why\n", FPS_ERROR_CORRUPT, "line 1: \"pkg:npm/left\" is no id: write component:"},
        {"CVE-1 exp:soon\n", FPS_ERROR_CORRUPT, "entry 1: the day"},
        {"\nkind:everything\n", FPS_ERROR_CORRUPT, "entry 2: a kind is"},
        {"kind:component\n", FPS_ERROR_CORRUPT, "else it would suppress all"},
        {"version:1.2\n", FPS_ERROR_CORRUPT, "else it would suppress all"},
        {"exp:2030-01-01\n", FPS_ERROR_CORRUPT, "else it would suppress all"},
        {"CVE-1 kind:drift\n", FPS_ERROR_CORRUPT, "has an id"},
        {"code:no-such-code\n", FPS_ERROR_CORRUPT, "no diagnostic has this code"},
        {"path:\n", FPS_ERROR_CORRUPT, "empty or too long"},
        {"{\"ignore\": [{\"id\": \"CVE-1\"}]}", FPS_ERROR_CORRUPT, "needs a reason"},
        {"{\"ignore\": [{\"id\": \"CVE-1\", \"reason\": \"r\", \"paths\": []}]}", FPS_ERROR_CORRUPT,
         "\"paths\" is no text"},
        {"{\"ignore\": [7]}", FPS_ERROR_CORRUPT, "needs a reason"},
        {"{\"ignored\": []}", FPS_ERROR_FORMAT, "a list \"ignore\""},
        {"{", FPS_ERROR_CORRUPT, "line 1"},
        {"{\"fpscanBaseline\": 2}\n", FPS_ERROR_VERSION, "this program reads 1"},
        {"{\"fpscanBaseline\": \"x\"}\n", FPS_ERROR_CORRUPT, "is no number"},
        {"{\"fpscanBaseline\": 1}\n[]\n", FPS_ERROR_CORRUPT, "line 2: is no object"},
        {"{\"fpscanBaseline\": 1}\n{\"kind\": \"files\"}\n", FPS_ERROR_CORRUPT, "line 2: a kind is"},
        {"{\"fpscanBaseline\": 1}\n{\"kind\": \"drift\", \"name\": \"a\", \"value\": 7, \"path\": \"\"}\n",
         FPS_ERROR_CORRUPT, "line 2: a line has"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_suppressions *list;
        fps_error error = {.message = ""};
        assert_int_equal(fps_suppressions_create(&list, NOW, &error), FPS_OK);
        fps_status status = read_text(list, cases[i].text, &error);
        if (status != cases[i].status || !strstr(error.message, cases[i].reason))
            fail_msg("'%s': status %d, \"%s\"", cases[i].text, status, error.message);
        fps_suppressions_free(list);
    }
}

static void too_many_entries_are_a_limit(void **state)
{
    (void)state;
    enum { ENTRIES = 10001, SIZE = 8 };
    char *text = malloc(ENTRIES * SIZE + 1);
    fps_suppressions *list;
    fps_error error;
    for (size_t i = 0; i < ENTRIES; i++)
        snprintf(text + i * SIZE, SIZE + 1, "X-%05zu\n", i % 100000);
    assert_int_equal(fps_suppressions_create(&list, NOW, &error), FPS_OK);
    assert_int_equal(fps_suppressions_read(list, "file", text, ENTRIES * SIZE, &error), FPS_ERROR_LIMIT);
    fps_suppressions_free(list);
    free(text);
}

static void a_glob_of_many_stars_ends(void **state)
{
    (void)state;
    char text[1024] = "path:", path[4001];
    fps_suppressions *list;
    fps_error error;
    for (size_t i = strlen(text); i < 900; i += 2)
        memcpy(text + i, "*a", 3);
    strcat(text, "*b");
    memset(path, 'a', 4000);
    path[4000] = '\0';
    fps_result *r = fixture_empty();
    fixture_finding(r, fixture_file(r, path), ZLIB, FPS_STATE_PRESENT,
                    fixture_version(r, FPS_VERSION_EXACT, "1"));
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    assert_int_equal(fps_suppressions_create(&list, NOW, &error), FPS_OK);
    assert_int_equal(read_text(list, text, &error), FPS_OK);
    assert_int_equal(fps_suppressions_apply(list, r, &error), FPS_OK);
    assert_null(fps_result_finding(r, 0)->suppressed);
    fps_suppressions_free(list);
    fps_result_free(r);
}

/* ---- baselines ---- */

static char *baseline_of(const fps_result *r)
{
    rendered out = {NULL, 0};
    fps_error error;
    assert_int_equal(fps_baseline_write(r, NULL, collect, &out, &error), FPS_OK);
    return out.bytes;
}

/* What counts in `r` after a baseline that holds `text`. */
static void apply_baseline(const char *text, fps_result *r, char seen[8])
{
    fps_suppressions *list;
    fps_error error = {.message = ""};
    assert_int_equal(fps_suppressions_create(&list, NOW, &error), FPS_OK);
    if (read_text(list, text, &error) != FPS_OK)
        fail_msg("%s", error.message);
    assert_int_equal(fps_suppressions_apply(list, r, &error), FPS_OK);
    assert_true(fps_result_get_info(r)->has_baseline);
    look(r, seen);
    fps_suppressions_free(list);
}

static void a_baseline_excuses_what_it_holds_and_no_partial_diagnostic(void **state)
{
    (void)state;
    fps_result *r = made();
    char *text = baseline_of(r), seen[8], reason[256];
    fps_gate *gate;
    const fps_report_options options = {.timestamp = -1};
    assert_int_equal(fps_gate_parse(&gate, "new-component", NULL), FPS_OK);
    assert_int_equal(fps_gate_check(gate, r, &options, reason, sizeof reason), FPS_GATE_NO_DATA);
    apply_baseline(text, r, seen);
    assert_string_equal(seen, "ccpuvxD");
    assert_int_equal(fps_result_vulnerability(r, 0)->suppression, FPS_SUPPRESSED_BASELINE);
    assert_int_equal(fps_gate_check(gate, r, &options, reason, sizeof reason), FPS_GATE_OPEN);
    apply_baseline("{\"fpscanBaseline\": 1}\n", r, seen); /* what was said before is forgotten */
    assert_string_equal(seen, "CCPUVXD");
    assert_int_equal(fps_gate_check(gate, r, &options, reason, sizeof reason), FPS_GATE_CLOSED);
    assert_string_equal(reason, "2 new; the first is component zlib 1.2.11 in /opt/lib/libz.so.1");
    char *again = baseline_of(r);
    assert_string_equal(again, text);
    fps_gate_free(gate);
    free(again);
    free(text);
    fps_result_free(r);
}

static void what_is_old_stays_old_in_the_next_baseline(void **state)
{
    (void)state;
    fps_result *first = made(), *r = made();
    fps_suppressions *list;
    fps_error error = {.message = ""};
    char *text = baseline_of(first), seen[8];
    apply_baseline(text, first, seen);
    assert_string_equal(seen, "ccpuvxD");
    char *next = baseline_of(first);
    assert_string_equal(next, text);
    assert_int_equal(fps_suppressions_create(&list, NOW, &error), FPS_OK); /* as `fpscan diff` does */
    assert_int_equal(fps_suppressions_add_result(list, "before", first, NULL, &error), FPS_OK);
    assert_int_equal(fps_suppressions_apply(list, r, &error), FPS_OK);
    look(r, seen);
    assert_string_equal(seen, "ccpuvxD");
    fps_suppressions_free(list);
    assert_int_equal(fps_suppressions_create(&list, NOW, &error), FPS_OK);
    assert_int_equal(read_text(list, "CVE-2024-1\n", &error), FPS_OK);
    assert_int_equal(fps_suppressions_apply(list, first, &error), FPS_OK);
    free(next);
    next = baseline_of(first); /* what an ignore file names is not old: its entry may expire */
    assert_null(strstr(next, "CVE-2024-1"));
    fps_suppressions_free(list);
    free(next);
    free(text);
    fps_result_free(first);
    fps_result_free(r);
}

static void moved_things_match_and_other_versions_do_not(void **state)
{
    (void)state;
    static const char moved[] =
        "{\"fpscanBaseline\": 1}\n"
        "{\"kind\": \"components\", \"name\": \"zlib\", \"value\": \"1.2.11\", \"path\": \"/old/libz.so\"}\n"
        "{\"kind\": \"components\", \"name\": \"zlib\", \"value\": \"1.2.12\", \"path\": \"/usr/lib/libz.so.1\"}\n"
        "{\"kind\": \"drift\", \"name\": \"version zlib\", \"value\": \"drift: 1.2.11, not 1.2.13\", \"path\": \"/old\"}\n"
        "{\"kind\": \"drift\", \"name\": \"unowned\", \"value\": \"drift: \", \"content\": \"other\", \"path\": \"/old\"}\n"
        "{\"kind\": \"vulnerabilities\", \"name\": \"CVE-2024-1 zlib\", \"value\": \"low\", \"path\": \"/old\"}\n"
        "{\"kind\": \"packages\", \"name\": \"deb/zlib1g amd64\", \"value\": \"1:1.2.12\", \"path\": \"/var/lib/dpkg/status\"}\n";
    fps_result *r = made();
    char seen[8];
    apply_baseline(moved, r, seen);
    assert_string_equal(seen, "cCPUvxD");
    fps_result_free(r);
}

static void a_file_that_has_not_changed_is_old_whatever_is_said_of_it(void **state)
{
    (void)state;
    static const char lines[] =
        "{\"fpscanBaseline\": 1}\n"
        "{\"kind\": \"components\", \"name\": \"zlib\", \"value\": \"1.2.10 .. 1.2.12\", \"path\": \"/opt/lib/libz.so.1\", "
        "\"digest\": \"da39a30000000000000000000000000000000000\"}\n"
        "{\"kind\": \"components\", \"name\": \"zlib\", \"value\": \"?\", \"path\": \"/usr/lib/libz.so.1\", \"digest\": "
        "\"00\"}\n"
        "{\"kind\": \"components\", \"name\": \"zlib\", \"value\": \"?\", \"path\": \"/usr/lib/libz.so.1\"}\n";
    fps_result *r = made();
    char seen[8];
    apply_baseline(lines, r, seen);
    assert_string_equal(seen, "cCPUVXD");
    fps_result_free(r);
}

static void one_thing_of_a_baseline_excuses_one_thing(void **state)
{
    (void)state;
    fps_result *r = fixture_empty();
    static const char text[] =
        "{\"fpscanBaseline\": 1}\n"
        "{\"kind\": \"components\", \"name\": \"zlib\", \"value\": \"1.2.11\", \"path\": \"/b\"}\n";
    const char *const paths[] = {"/a", "/b", "/c"};
    for (size_t i = 0; i < 3; i++)
        fixture_finding(r, fixture_file(r, paths[i]), ZLIB, FPS_STATE_PRESENT,
                        fixture_version(r, FPS_VERSION_EXACT, "1.2.11"));
    fps_suppressions *list;
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    assert_int_equal(fps_suppressions_create(&list, 0, NULL), FPS_OK);
    assert_int_equal(read_text(list, text, NULL), FPS_OK);
    assert_int_equal(fps_suppressions_apply(list, r, NULL), FPS_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fps_result_finding(r, i)->suppressed != NULL, i == 1);
    fps_suppressions_free(list);
    fps_result_free(r);
}

static void every_format_with_a_place_for_it_says_what_is_suppressed(void **state)
{
    (void)state;
    static const char *const formats[] = {"table",     "drift",         "json", "csv",      "markdown",
                                          "cyclonedx", "cyclonedx-xml", "spdx", "spdx@3.0", "spdx-tag-value",
                                          "sarif",     "gitlab",        "html", "junit"};
    fps_suppressions *list;
    fps_result *r = made();
    assert_int_equal(fps_suppressions_create(&list, NOW, NULL), FPS_OK);
    assert_int_equal(read_text(list, "component:zlib # the<reason>\n", NULL), FPS_OK);
    assert_int_equal(read_text(list, "kind:drift path:/opt/* # the<reason>\n", NULL), FPS_OK);
    assert_int_equal(fps_suppressions_apply(list, r, NULL), FPS_OK);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const fps_report_options options = {.timestamp = -1, .suppressed = true};
        char *out = render(r, formats[i], &options);
        if (!strstr(out, "the<reason>") && !strstr(out, "the&lt;reason&gt;") &&
            !strstr(out, "the&#60;reason&#62;"))
            fail_msg("%s does not give the reason:\n%s", formats[i], out);
        free(out);
    }
    fps_suppressions_free(list);
    fps_suppressions_free(NULL);
    fps_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_suppress_what_they_name),
        cmocka_unit_test(what_is_no_entry_is_refused),
        cmocka_unit_test(too_many_entries_are_a_limit),
        cmocka_unit_test(a_glob_of_many_stars_ends),
        cmocka_unit_test(a_baseline_excuses_what_it_holds_and_no_partial_diagnostic),
        cmocka_unit_test(what_is_old_stays_old_in_the_next_baseline),
        cmocka_unit_test(moved_things_match_and_other_versions_do_not),
        cmocka_unit_test(a_file_that_has_not_changed_is_old_whatever_is_said_of_it),
        cmocka_unit_test(one_thing_of_a_baseline_excuses_one_thing),
        cmocka_unit_test(every_format_with_a_place_for_it_says_what_is_suppressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
