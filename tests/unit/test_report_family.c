/* Family answers and doubts in every report, and "renamed" where no package says what a file is. */
#include "report/report_identifier.h"
#include "report/report_view.h"
#include "report_fixture.h"
#include "report_render.h"

#define BORING "pkg:github/google/boringssl"

static const fps_report_options options = {.states = 3, .timestamp = -1, .tool_version = "1.2.3"};

static void a_family_reads_as_a_person_would_write_it(void **state)
{
    static const fps_relative all[] = {{"bb", "B", "", ""}, {"cc", "", "", ""}, {"dd", "D", "", ""}};
    static const fps_relative many[12] = {{"r", "", "", ""}, {"r", "", "", ""}, {"r", "", "", ""},
                                          {"r", "", "", ""}, {"r", "", "", ""}, {"r", "", "", ""},
                                          {"r", "", "", ""}, {"r", "", "", ""}, {"r", "", "", ""},
                                          {"r", "", "", ""}, {"r", "", "", ""}, {"r", "", "", ""}};
    static const struct {
        size_t count, size;
        bool by_name;
        const char *text;
    } rows[] = {{0, 64, false, "aa"},
                {1, 64, false, "aa or bb"},
                {2, 64, true, "aa, B or cc"},
                {3, 64, false, "aa, bb, cc or dd"},
                {3, 17, false, "aa, bb, cc or dd"},
                {3, 16, false, "aa or 3 others"},
                {3, 14, false, "aa"},
                {3, 2, false, "a"},
                {3, 1, false, ""}};
    char text[64];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = fps_family_text(text, rows[i].size, "aa", all, rows[i].count, rows[i].by_name);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(length, strlen(text));
    }
    fps_family_text(text, sizeof text, "a", many, 12, false);
    assert_string_equal(text, "a, r, r, r, r, r, r, r, r or 4 others");
}

static void findings_with_other_relatives_are_another_component(void **state)
{
    (void)state;
    fps_result *r = fixture_empty();
    uint32_t file[] = {fixture_file(r, "/a"), fixture_file(r, "/b"), fixture_file(r, "/c")};
    for (int i = 0; i < 3; i++) {
        fps_finding *f = fixture_finding(r, file[i], OPENSSL, FPS_STATE_PRESENT,
                                         fixture_version(r, FPS_VERSION_EXACT, "1.1.1"));
        if (i != 1)
            fixture_family(r, f);
    }
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    assert_int_equal(fps_result_component_count(r), 2);
    const fps_component *sure = fps_result_component(r, 0), *family = fps_result_component(r, 1);
    assert_int_equal(sure->relative_count, 0);
    assert_int_equal(sure->finding_count, 1);
    assert_int_equal(family->relative_count, 2);
    assert_int_equal(family->finding_count, 2);
    assert_string_equal(family->relatives[0].id, "boringssl"); /* by id, whatever the order they came in */
    assert_string_equal(family->relatives[1].id, "libressl");
    char first[200], second[200];
    assert_true(fps__reference_text(sure, first, sizeof first) > 0);
    assert_true(fps__reference_text(family, second, sizeof second) > 0);
    assert_string_not_equal(first, second);
    fps_result_free(r);
}

static void every_format_names_the_candidates_and_the_doubt(void **state)
{
    static const struct {
        const char *format;
        const char *expected[6];
    } rows[] = {
        {"table",
         {"openssl, boringssl or libressl    ", "one file only",
          "Likely, not present:\n  one file only: the "}},
        {"markdown", {"| openssl, boringssl or libressl | 1.1.1 |", "| one file only |", "| likely |"}},
        {"csv", {",doubt,candidates,", "\"one-file\",\"" BORING " libressl\",", ",,\"" BORING " libressl\""}},
        {"json",
         {"\"candidates\": []", "\"candidates\": [", "\"id\": \"boringssl\"", "\"purl\": \"" BORING "\"",
          "\"kind\": \"one-file\"", "\"doubt\": null"}},
        {"cyclonedx@1.6",
         {"\"name\": \"fpscan:candidate\"", "\"value\": \"" BORING "\"", "\"value\": \"libressl\"",
          "\"concludedValue\": \"" BORING "\"", "\"name\": \"fpscan:doubt\"", "\"value\": \"one-file\""}},
        {"cyclonedx@1.4", {"\"name\": \"fpscan:candidate\"", "\"value\": \"" BORING "\""}},
        {"cyclonedx-xml",
         {"<property name=\"fpscan:candidate\">" BORING "</property>", "<concludedValue>" BORING}},
        {"gitlab", {"\"name\": \"fpscan:candidate\""}},
        {"spdx",
         {"\"referenceLocator\": \"" BORING "\"", "\"referenceLocator\": \"cpe:2.3:a:openbsd:libressl:*",
          "\"comment\": \"candidate: the component may be", "it is openssl, boringssl or libressl",
          "one file only: the functions"}},
        {"spdx-tag-value",
         {"ExternalRef: PACKAGE-MANAGER purl " BORING "\nExternalRefComment: <text>candidate: "}},
        {"spdx@3.0", {"\"identifier\": \"" BORING "\"", "\"comment\": \"candidate: the component may be"}},
        {"github", {"\"candidates\": \"" BORING " libressl\"", "\"doubt\": \"one-file\""}},
        {"purls", {"\n" BORING "\n", "pkg:generic/openssl@1.1.1?vendor=x\n"}},
        {"explain",
         {"    family       openssl, boringssl or libressl: nothing in the file tells them apart\n",
          "    or           " BORING "\n", "    or           libressl\n",
          "    doubt        one file only: the functions of one source file"}},
    };
    (void)state;
    fps_result *r = fixture_sample(false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *out = render(r, rows[i].format, &options);
        for (size_t k = 0; k < 6 && rows[i].expected[k]; k++)
            if (!strstr(out, rows[i].expected[k]))
                fail_msg("%s does not say '%s':\n%s", rows[i].format, rows[i].expected[k], out);
        free(out);
    }
    fps_result_free(r);
}

static void the_table_names_as_many_candidates_as_its_width_has_room_for(void **state)
{
    (void)state;
    fps_report_options narrow = options;
    fps_result *r = fixture_sample(false);
    narrow.width = 80;
    char *out = render(r, "table", &narrow);
    assert_non_null(strstr(out, "openssl or 2 others  "));
    assert_null(strstr(out, "boringssl"));
    free(out);
    narrow.width = 140;
    out = render(r, "table", &narrow);
    assert_non_null(strstr(out, "openssl, boringssl or libressl  "));
    free(out);
    fps_result_free(r);
}

static void a_member_of_a_family_is_asked_for_by_its_name(void **state)
{
    (void)state;
    fps_report_options one = options;
    fps_result *r = fixture_sample(false);
    one.component = "LibreSSL";
    char *out = render(r, "table", &one);
    assert_non_null(strstr(out, "openssl, boringssl or libressl"));
    assert_null(strstr(out, "zlib"));
    assert_null(strstr(out, "3.0.9 .. 3.0.11")); /* openssl for sure */
    free(out);
    fps_result_free(r);
}

static void the_drift_of_a_family_names_the_candidates_in_sarif(void **state)
{
    (void)state;
    fps_result *r = fixture_image();
    for (size_t i = 0; i < r->findings.count; i++)
        if (strcmp(r->components.items[r->findings.items[i].component].id, "openssl") == 0)
            fixture_family(r, &r->findings.items[i]);
    char *out = render(r, "sarif", &options);
    assert_non_null(strstr(out, "\"candidates\": ["));
    assert_non_null(strstr(out, BORING));
    free(out);
    fps_result_free(r);
}

/* Every word that HOW can be is in the order of tables, and a doubt's is what its text begins with. */
static void how_says_the_doubt_in_short(void **state)
{
    (void)state;
    for (unsigned d = FPS_DOUBT_TEXTS_ONLY; d <= FPS_DOUBT_SHARED; d++) {
        const fps_finding finding = {.state = FPS_STATE_LIKELY, .doubt = (fps_doubt)d};
        const char *how = fps__how(NULL, &finding), *text = fps_doubt_text((fps_doubt)d);
        size_t place = 0;
        assert_memory_equal(text, how, strlen(how));
        assert_int_equal(text[strlen(how)], ':');
        while (fps__how_word(place) && strcmp(fps__how_word(place), how) != 0)
            place++;
        assert_non_null(fps__how_word(place));
    }
    assert_null(fps_doubt_text(FPS_DOUBT_NONE));
    assert_string_equal(fps_doubt_name(FPS_DOUBT_NONE), "none");
}

/* The libz of the image is in a file of its own package; the tool in /opt is of none. */
static void renamed_is_not_said_where_a_package_of_the_component_owns_the_file(void **state)
{
    (void)state;
    fps_result *r = fixture_image();
    for (size_t i = 0; i < r->findings.count; i++)
        r->findings.items[i].renamed = r->findings.items[i].linkage == FPS_LINKAGE_OWN;
    char *out = render(r, "table", &options);
    const char *tool = strstr(out, "/opt/a b%/tool"), *libz = strstr(out, "/usr/lib/libz.so.1");
    assert_non_null(tool);
    assert_non_null(libz);
    const char *line = tool;
    while (line > out && line[-1] != '\n')
        line--;
    assert_non_null(strstr(line, "renamed"));
    assert_true(strstr(line, "renamed") < tool);
    for (line = libz; line > out && line[-1] != '\n';)
        line--;
    assert_true(!strstr(line, "renamed") || strstr(line, "renamed") > libz);
    free(out);
    out = render(r, "json", &options);
    size_t renamed = 0;
    for (const char *at = out; (at = strstr(at, "\"renamed\": true")); at++)
        renamed++;
    assert_int_equal(renamed, 1);
    free(out);
    fps_result_free(r);
}

static void what_is_only_mentioned_is_no_row_by_default(void **state)
{
    static const char *const formats[] = {"table",         "json", "csv",  "markdown",
                                          "cyclonedx@1.6", "spdx", "purls"};
    (void)state;
    fps_report_options defaults = {.timestamp = -1};
    fps_result *r = fixture_empty();
    fps_finding *f = fixture_finding(r, fixture_file(r, "/bin/user"), CURL, FPS_STATE_MENTIONED,
                                     fixture_version(r, FPS_VERSION_UNKNOWN, ""));
    f->linkage = FPS_LINKAGE_DYNAMIC;
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        defaults.states = 0;
        char *out = render(r, formats[i], &defaults);
        if (out && strstr(out, "curl"))
            fail_msg("%s: %s", formats[i], out);
        free(out);
        defaults.states = 1u << FPS_STATE_MENTIONED;
        out = render(r, formats[i], &defaults);
        if (!out || !strstr(out, "curl"))
            fail_msg("%s: %s", formats[i], out ? out : "");
        free(out);
    }
    fps_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_reads_as_a_person_would_write_it),
        cmocka_unit_test(findings_with_other_relatives_are_another_component),
        cmocka_unit_test(every_format_names_the_candidates_and_the_doubt),
        cmocka_unit_test(the_table_names_as_many_candidates_as_its_width_has_room_for),
        cmocka_unit_test(a_member_of_a_family_is_asked_for_by_its_name),
        cmocka_unit_test(the_drift_of_a_family_names_the_candidates_in_sarif),
        cmocka_unit_test(how_says_the_doubt_in_short),
        cmocka_unit_test(renamed_is_not_said_where_a_package_of_the_component_owns_the_file),
        cmocka_unit_test(what_is_only_mentioned_is_no_row_by_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
