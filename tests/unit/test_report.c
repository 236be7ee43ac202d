/* Proves that each writer shows what the result holds, the same bytes each time, and no byte that a terminal
 * would obey. `test_report FORMAT sample|empty|image|layers` writes a document to stdout, for the schema
 * tests. */
#include "report/report_view.h"
#include "report_fixture.h"
#include "report_render.h"

#include <jansson.h>

static const fps_report_options everything = {.states = 7,
                                              .timestamp = 1700000000,
                                              .runtime = true,
                                              .tool_version = "1.2.3",
                                              .evidence = FPS_REPORT_EVIDENCE_ALL};
static const char *const names[] = {"table",         "json",          "cyclonedx-json", "cyclonedx@1.4",
                                    "cyclonedx@1.5", "cyclonedx@1.7", "cyclonedx-xml",  "spdx",
                                    "spdx@3.0",      "csv",           "explain",        "sarif",
                                    "drift",         "markdown",      "gitlab",         "spdx-tag-value",
                                    "html"};
enum { NAMES = sizeof names / sizeof *names };

static void two_orders_give_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        fps_result *a = fixture_sample(false), *b = fixture_sample(true);
        char *first = render(a, names[i], &everything), *second = render(b, names[i], &everything);
        assert_string_equal(first, second);
        free(first);
        free(second);
        fps_result_free(a);
        fps_result_free(b);
    }
}

static void expect_printable(const fps_result *r, const char *name)
{
    fps_report_options options = everything;
    options.all_layers = true;
    char *out = render(r, name, &options);
    size_t size = strlen(out);
    assert_non_null(strstr(out, "evil"));
    for (size_t p = 0; p < size;) {
        size_t length = fps_report_printable(out + p, size - p);
        if (out[p] == '\n' || (strcmp(name, "csv") == 0 && memcmp(out + p, "\r\n", 2) == 0))
            length = 1;
        if (!length)
            fail_msg("%s: byte %02x at %zu", name, (unsigned char)out[p], p);
        p += length;
    }
    free(out);
}

static void no_writer_passes_a_control_character(void **state)
{
    (void)state;
    fps_result *sample = fixture_sample(false), *image = fixture_image();
    for (size_t i = 0; i < NAMES; i++) {
        expect_printable(sample, names[i]);
        expect_printable(image, names[i]);
    }
    fps_result_free(sample);
    fps_result_free(image);
}

static void printable_knows_its_limits(void **state)
{
    (void)state;
    static const char *const good[] = {"a", " ", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    static const char *const bad[] = {
        "\033",         "\n",       "\x7F", "\xC2\x9B", "\xC0\xAF",     "\xED\xA0\x80",    "\xF5\x80\x80\x80",
        "\xE2\x80\xAE", "\xE2\x82", "\x80", "\xFF",     "\xEF\xBB\xBF", "\xF4\x90\x80\x80"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(fps_report_printable(good[i], strlen(good[i])), strlen(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(fps_report_printable(bad[i], strlen(bad[i])), 0);
    assert_int_equal(fps_report_printable("a", 0), 0);
}

static void the_table_shows_versions_and_ways(void **state)
{
    (void)state;
    fps_result *r = fixture_sample(false);
    char *out = render(r, "table", &everything);
    static const char *const expected[] = {
        "COMPONENT",
        "1.2.13 ",
        "between 3.0.9 and 3.0.11",
        "7.88.0 or 7.88.1",
        "1.3.1 or newer",
        " unknown ",
        "renamed",
        "linked",
        "embedded",
        "mentioned",
        "Looked at 12 files with 5 ELF, PE or Mach-O objects (1.2 MiB): 5 components in 5 files.",
        "Partial: 2 places",
        "/opt/embed at byte 512: truncated-section:",
        "1 remark without loss"};
    expect_all(out, expected, sizeof expected / sizeof *expected);
    free(out);
    fps_report_options narrow = {.width = 80, .timestamp = -1};
    out = render(r, "table", &narrow);
    assert_null(strstr(out, "glibc"));
    assert_null(strstr(out, "mentioned"));
    assert_non_null(strstr(out, "Not listed: 1 runtime component, 1 less certain finding (see --states)"));
    free(out);
    fps_report_options one = {.component = "OpenSSL", .timestamp = -1};
    out = render(r, "table", &one);
    assert_null(strstr(out, "zlib"));
    assert_non_null(strstr(out, "openssl"));
    free(out);
    fps_result_free(r);
}

static void the_table_says_how_long_the_scan_took(void **state)
{
    (void)state;
    static const struct {
        uint64_t scan_ms;
        const char *text;
    } cases[] = {{1, " in 0.1 s: "},          {3420, " in 3.4 s: "},        {9949, " in 9.9 s: "},
                 {9950, " in 10 s: "},        {59499, " in 59 s: "},        {59500, " in 1 min 0 s: "},
                 {125000, " in 2 min 5 s: "}, {3599600, " in 1 h 0 min: "}, {7384000, " in 2 h 3 min: "}};
    fps_result *r = fixture_sample(false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const fps_report_options options = {.scan_ms = cases[i].scan_ms, .timestamp = -1};
        char *out = render(r, "table", &options);
        assert_non_null(strstr(out, cases[i].text));
        free(out);
    }
    fps_result_free(r);
}

static void the_summary_is_broken_between_words(void **state)
{
    (void)state;
    fps_result *r = fixture_sample(false);
    for (size_t width = 20; width <= 120; width += 20) {
        const fps_report_options options = {.width = (unsigned)width, .color = width == 40, .timestamp = -1};
        char *out = render(r, "table", &options), *line = strstr(out, "Looked at ");
        assert_non_null(line);
        for (char *end; *line; line = end + 1) {
            size_t columns = 0;
            end = strchr(line, '\n');
            for (char *at = line; at < end; at++) {
                if (*at == '\033')
                    at = strchr(at, 'm');
                else
                    columns++;
            }
            if (columns > width &&
                memchr(line + strspn(line, " "), ' ', (size_t)(end - line) - strspn(line, " ")))
                fail_msg("%zu columns of %zu: %.*s", columns, width, (int)(end - line), line);
        }
        free(out);
    }
    fps_report_options narrow = {.width = 60, .timestamp = -1};
    char *out = render(r, "table", &narrow);
    assert_non_null(strstr(out, "Looked at 12 files with 5 ELF, PE or Mach-O objects (1.2\n  MiB): "));
    free(out);
    fps_result_free(r);
}

static void rows_of_vulnerabilities_fit_a_terminal_of_80_columns(void **state)
{
    (void)state;
    static const uint32_t files[] = {0, 1};
    const fps_vulnerability item = {
        .id = "CVE-2026-12345",
        .title = "a title that is long enough to be cut at the end of the line, wherever that is",
        .link = "https://localhost/",
        .severity = FPS_SEVERITY_CRITICAL,
        .known_exploited = true,
        .component = 0,
        .package = UINT32_MAX,
        .version = "2.13.0 .. 2.14.2",
        .fixed = "1.2.3.4.5.6",
        .note = "",
        .code = "",
        .files = files,
        .file_count = 2};
    fps_result *r = fixture_image();
    r->info.vulnerabilities_checked = true;
    assert_int_equal(FPS__ARRAY_PUSH(&r->vulnerabilities, &item, 9), FPS_OK);
    const fps_report_options options = {.width = 80, .all_layers = true, .timestamp = -1};
    char *out = render(r, "table", &options), *line = strstr(out, "RISK");
    assert_non_null(line);
    size_t lines = 0;
    for (char *end; *line != '\n'; line = end + 1, lines++) {
        end = strchr(line, '\n');
        if (end - line > 80)
            fail_msg("%d columns: %.*s", (int)(end - line), (int)(end - line), line);
    }
    assert_int_equal(lines, 3); /* headings, a row and its title: none is broken */
    free(out);
    fps_result_free(r);
}

static void spdx_names_advisories_whose_link_is_one(void **state)
{
    (void)state;
    static const char *const links[] = {"https://localhost/a", "javascript:x", "https://localhost/a b\nc",
                                        ""};
    static const char *const formats[] = {"spdx", "spdx@3.0", "spdx-tag-value"};
    static const char tags[] = "ExternalRef: SECURITY advisory https://localhost/a\n"
                               "ExternalRefComment: <text>CVE-2026-1 (high), fixed in 1.3</text>\n";
    static const char *const wanted[] = {"\"referenceType\": \"advisory\"", "\"securityAdvisory\"", tags};
    static const uint32_t packages[] = {0};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        const fps_vulnerability item = {.id = "CVE-2026-1",
                                        .code = "",
                                        .title = "",
                                        .link = links[i],
                                        .severity = FPS_SEVERITY_HIGH,
                                        .component = UINT32_MAX,
                                        .package = 0,
                                        .packages = packages,
                                        .package_count = 1,
                                        .version = "1.2",
                                        .fixed = "1.3",
                                        .note = "",
                                        .vector = "",
                                        .suppressed_by = "",
                                        .epss = -1};
        fps_result *r = fixture_image();
        r->info.vulnerabilities_checked = true;
        assert_int_equal(FPS__ARRAY_PUSH(&r->vulnerabilities, &item, 9), FPS_OK);
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
            const fps_report_options options = {.timestamp = -1};
            char *out = render(r, formats[f], &options);
            assert_int_equal(strstr(out, wanted[f]) != NULL, i == 0);
            bool profile = strcmp(formats[f], "spdx@3.0") == 0;
            assert_non_null(strstr(out, profile ? "\"security_VexAffectedVulnAssessmentRelationship\""
                                                : "vulnerability CVE-2026-1 (high)"));
            free(out);
        }
        fps_result_free(r);
    }
}

static void an_empty_result_says_so(void **state)
{
    (void)state;
    fps_result *r = fixture_empty();
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    char *out = render(r, "table", NULL);
    assert_non_null(strstr(out, "no component of the sets was found"));
    assert_null(strstr(out, "package"));
    free(out);
    const fps_package package = {.kind = FPS_PACKAGE_NPM, .name = "a", .version = "1", .purl = "pkg:npm/a@1"};
    assert_int_equal(FPS__ARRAY_PUSH(&r->packages, &package, 9), FPS_OK);
    out = render(r, "table", NULL);
    assert_non_null(strstr(out, "1 package (-o purls lists them)"));
    free(out);
    r->info.regular_files = 0; /* as in an image that removes all of them */
    out = render(r, "table", NULL);
    assert_null(strstr(out, "no regular file"));
    free(out);
    r->info.objects = 0;
    out = render(r, "table", NULL);
    assert_non_null(strstr(out, "no regular file"));
    free(out);
    out = render(r, "explain", NULL);
    assert_non_null(strstr(out, "no ELF, PE or Mach-O file"));
    free(out);
    fps_result_free(r);
}

static void explain_sums_functions_and_shows_the_best(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "code: 20,000 executable bytes\n",
        "attributed                                8,020   40.1 %\n",
        "curl 7.88.0, 7.88.1                     8,020   40.1 %  100 functions\n",
        "generic                                   2,000   10.0 %  held by many",
        "unknown                                   9,980   49.9 %\n",
        "toolchain    gcc-12",
        "code         100 functions of 6,950 instructions in 8,020 bytes, 40.1 % of the file's executable "
        "bytes",
        "evidence     100 pieces in 25 units, best first",
        "\n      unit_00.o: 13 functions (455 instructions, 1,300 bytes)\n"
        "        0x402770     0x2770       function  0.75    95 instructions\n"
        "        0x401fa0     0x1fa0       function  0.75    70 instructions: function_50\n",
        "        ... and 7 more functions\n",
        "      ... and 5 more units with 15 functions\n",
    };
    static const char *const cut[] = {"... and 7 more", "more units with", "unit_09.o"};
    fps_result *r = fixture_sample(false);
    char *out = render(r, "explain", &everything);
    expect_all(out, expected, sizeof expected / sizeof *expected);
    assert_null(strstr(out, cut[2]));
    free(out);
    fps_report_options all = everything;
    all.all = true;
    out = render(r, "explain", &all);
    assert_null(strstr(out, cut[0]));
    assert_null(strstr(out, cut[1]));
    assert_non_null(strstr(out, cut[2]));
    free(out);
    fps_result_free(r);
}

static void the_table_says_how_much_code_is_known(void **state)
{
    (void)state;
    fps_result *r = fixture_sample(false);
    fps_report_options options = {.code = true, .timestamp = -1};
    char *out = render(r, "table", &options);
    assert_non_null(strstr(out, "Code: 19.5 KiB that can run, of which 40.1 % attributed to components, "
                                "10.0 % generic, 49.9 % unknown.\n"));
    free(out);
    fps_result_free(r);
}

static void more_attributed_than_there_is_stays_a_part(void **state)
{
    (void)state;
    fps_file file = {.code_bytes = 100, .code_attributed = 70, .code_generic = 60};
    fps__code_share share = fps__code_share_of(&file);
    assert_int_equal(share.attributed + share.generic + share.unknown, 100);
    assert_int_equal(share.unknown, 0);
    file.code_attributed = UINT64_MAX;
    assert_int_equal(fps__code_share_of(&file).attributed, 100);
}

static void json_tells_code_and_functions(void **state)
{
    (void)state;
    fps_result *r = fixture_sample(false);
    char *out = render(r, "json", &everything);
    json_t *document = json_loads(out, JSON_REJECT_DUPLICATES, NULL);
    json_t *component, *piece, *file;
    size_t i, n, functions = 0, measured = 0;
    json_array_foreach(json_object_get(document, "components"), i, component)
    {
        if (strcmp(json_string_value(json_object_get(component, "id")), "curl") != 0)
            continue;
        assert_string_equal(json_string_value(json_object_get(component, "versionToolchain")), "gcc-12");
        json_array_foreach(json_object_get(component, "evidence"), n, piece)
        {
            assert_string_equal(json_string_value(json_object_get(piece, "kind")), "function");
            assert_true(json_integer_value(json_object_get(piece, "instructions")) >= 20);
            assert_int_equal(json_integer_value(json_object_get(piece, "size")), 100);
            functions++;
        }
    }
    json_array_foreach(json_object_get(document, "files"), i, file)
    {
        json_t *code = json_object_get(file, "code");
        if (json_is_null(code))
            continue;
        assert_int_equal(json_integer_value(json_object_get(code, "executable")), 20000);
        assert_int_equal(json_integer_value(json_object_get(code, "unknown")), 9980);
        measured++;
    }
    assert_int_equal(functions, FIXTURE_FUNCTIONS);
    assert_int_equal(measured, 1);
    json_decref(document);
    free(out);
    fps_result_free(r);
}

static void numbers_are_grouped_and_texts_are_cut(void **state)
{
    (void)state;
    rendered t = {NULL, 0};
    fps__output out;
    fps__output_start(&out, collect, &t);
    const uint64_t numbers[] = {0, 999, 1000, 1234567, UINT64_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        fps__output_number(&out, numbers[i], 6);
        fps__output_text(&out, "|");
    }
    fps__output_percent(&out, 9999, 10000, 0);
    fps__output_percent(&out, 0, 0, 3);
    fps__output_percent(&out, UINT64_MAX, UINT64_MAX, 3);
    fps__output_text(&out, "|");
    fps__output_cut(&out, "abcdef", 6);
    fps__output_cut(&out, "abcdefg", 6);
    fps__output_cut(&out, "\n\n\n", 10);
    fps__output_cut(&out, "abc", 0);
    fps__output_cut(&out, "abcd", 1);
    assert_int_equal(fps__output_finish(&out, NULL), FPS_OK);
    assert_string_equal(t.bytes, "     0|   999| 1,000|1,234,567|18,446,744,073,709,551,615|"
                                 "99.9 %  0.0 %100.0 %|abcdefabc...\\x0a...abc...");
    free(t.bytes);
}

static void json_reads_back_with_all_digits(void **state)
{
    (void)state;
    fps_result *r = fixture_sample(false);
    char *out = render(r, "json", &everything);
    json_t *document = json_loads(out, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    json_t *components = json_object_get(document, "components");
    assert_int_equal(json_array_size(components), fps_result_component_count(r));
    json_t *zlib = json_array_get(components, json_array_size(components) - 1);
    json_t *evidence = json_array_get(json_object_get(zlib, "evidence"), 1);
    assert_true(json_integer_value(json_object_get(evidence, "offset")) == INT64_C(0xfffffffffff));
    evidence = json_array_get(json_object_get(zlib, "evidence"), 0);
    assert_string_equal(json_string_value(json_object_get(evidence, "address")), "0xffffffff81000000");
    json_decref(document);
    free(out);
    fps_result_free(r);
}

static void cyclonedx_names_versions_only_where_there_is_one(void **state)
{
    (void)state;
    fps_result *r = fixture_sample(false);
    fps_report_options options = {.timestamp = -1};
    char *out = render(r, "cyclonedx@1.6", &options);
    json_t *document = json_loads(out, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    assert_null(strstr(out, "timestamp"));
    assert_memory_equal(json_string_value(json_object_get(document, "serialNumber")), "urn:uuid:", 9);
    size_t index, without = 0;
    json_t *component;
    json_array_foreach(json_object_get(document, "components"), index, component)
    {
        const char *name = json_string_value(json_object_get(component, "name"));
        const char *version = json_string_value(json_object_get(component, "version"));
        const char *purl = json_string_value(json_object_get(component, "purl"));
        if (strcmp(name, "zlib") == 0) {
            assert_string_equal(version, "1.2.13");
            assert_string_equal(purl, "pkg:generic/zlib@1.2.13");
            assert_string_equal(json_string_value(json_object_get(component, "cpe")),
                                "cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*");
        }
        if (strcmp(name, "OpenSSL") == 0 && version) { /* the answer of a family */
            assert_string_equal(version, "1.1.1");
            assert_string_equal(purl, "pkg:generic/openssl@1.1.1?vendor=x");
        } else if (strcmp(name, "OpenSSL") == 0) {
            assert_string_equal(purl, "pkg:generic/openssl?vendor=x");
            without++;
        }
    }
    assert_int_equal(without, 1);
    json_decref(document);
    free(out);
    fps_result_free(r);
}

static fps_status refuse(void *user, const char *bytes, size_t size)
{
    (void)user, (void)bytes, (void)size;
    return FPS_ERROR_IO;
}

static void formats_and_failures_are_named(void **state)
{
    (void)state;
    const fps_report_format *format = NULL;
    fps_error error;
    assert_int_equal(fps_report_format_find("spdx@2.2", &format, &error), FPS_ERROR_ARGUMENT);
    assert_int_equal(fps_report_format_find("word", &format, &error), FPS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "cyclonedx-json"));
    assert_int_equal(fps_report_format_find("cyclonedx@1.2", &format, &error), FPS_ERROR_ARGUMENT);
    assert_int_equal(fps_report_format_find("", &format, &error), FPS_ERROR_ARGUMENT);
    assert_int_equal(fps_report_format_find("json", &format, &error), FPS_OK);
    fps_result *r = fixture_sample(false);
    assert_int_equal(fps_report_write(r, format, NULL, refuse, NULL, &error), FPS_ERROR_IO);
    assert_int_equal(fps_report_explain(r, NULL, refuse, NULL, &error), FPS_ERROR_IO);
    fps_result_free(r);
}

static fps_status to_stdout(void *user, const char *bytes, size_t size)
{
    (void)user;
    return fwrite(bytes, 1, size, stdout) == size ? FPS_OK : FPS_ERROR_IO;
}

static int write_document(const char *name, const char *what)
{
    const fps_report_format *format = NULL;
    fps_report_options options = everything;
    options.all_layers = strcmp(what, "layers") == 0;
    fps_result *r = strcmp(what, "sample") == 0       ? fixture_sample(false)
                    : strcmp(what, "empty") == 0      ? fixture_empty()
                    : strcmp(what, "vulnerable") == 0 ? fixture_vulnerable()
                                                      : fixture_image();
    fps_status status = strcmp(what, "empty") == 0 ? fps__result_finish(r, NULL) : FPS_OK;
    if (status == FPS_OK && strcmp(name, "explain") == 0)
        status = fps_report_explain(r, &options, to_stdout, NULL, NULL);
    else if (status == FPS_OK && strcmp(name, "drift") == 0)
        status = fps_report_drift(r, &options, to_stdout, NULL, NULL);
    else if (status == FPS_OK)
        status = fps_report_format_find(name, &format, NULL);
    if (status == FPS_OK && format)
        status = fps_report_write(r, format, &options, to_stdout, NULL, NULL);
    fps_result_free(r);
    return status == FPS_OK ? 0 : 1;
}

/* What a version range specifier takes for its own is encoded. */
static void versions_are_ranges_for_programs(void **state)
{
    static const char *const two[] = {"1.2.11", "1.3.1"}, *const odd[] = {"1.0+dfsg|*"};
    const struct {
        fps_version_answer answer;
        const char *range;
    } cases[] = {
        {{.kind = FPS_VERSION_EXACT, .candidates = two, .candidate_count = 1}, "vers:generic/1.2.11"},
        {{.kind = FPS_VERSION_INTERVAL, .candidates = two, .candidate_count = 2},
         "vers:generic/>=1.2.11|<=1.3.1"},
        {{.kind = FPS_VERSION_INTERVAL, .candidates = two, .candidate_count = 2, .open_above = true},
         "vers:generic/>=1.2.11"},
        {{.kind = FPS_VERSION_INTERVAL, .candidates = two, .candidate_count = 2, .open_below = true},
         "vers:generic/<=1.3.1"},
        {{.kind = FPS_VERSION_INTERVAL,
          .candidates = two,
          .candidate_count = 2,
          .open_below = true,
          .open_above = true},
         "vers:generic/*"},
        {{.kind = FPS_VERSION_UNKNOWN}, "vers:generic/*"},
        {{.kind = FPS_VERSION_EXACT, .candidates = odd, .candidate_count = 1},
         "vers:generic/1.0%2Bdfsg%7C%2A"},
    };
    char text[64];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fps__version_range(&cases[i].answer, text, sizeof text), strlen(cases[i].range));
        assert_string_equal(text, cases[i].range);
        assert_int_equal(fps__version_range(&cases[i].answer, text, 8), 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_ranges_for_programs),
        cmocka_unit_test(two_orders_give_the_same_bytes),
        cmocka_unit_test(no_writer_passes_a_control_character),
        cmocka_unit_test(printable_knows_its_limits),
        cmocka_unit_test(the_table_shows_versions_and_ways),
        cmocka_unit_test(the_table_says_how_long_the_scan_took),
        cmocka_unit_test(the_summary_is_broken_between_words),
        cmocka_unit_test(rows_of_vulnerabilities_fit_a_terminal_of_80_columns),
        cmocka_unit_test(spdx_names_advisories_whose_link_is_one),
        cmocka_unit_test(an_empty_result_says_so),
        cmocka_unit_test(explain_sums_functions_and_shows_the_best),
        cmocka_unit_test(the_table_says_how_much_code_is_known),
        cmocka_unit_test(more_attributed_than_there_is_stays_a_part),
        cmocka_unit_test(json_tells_code_and_functions),
        cmocka_unit_test(numbers_are_grouped_and_texts_are_cut),
        cmocka_unit_test(json_reads_back_with_all_digits),
        cmocka_unit_test(cyclonedx_names_versions_only_where_there_is_one),
        cmocka_unit_test(formats_and_failures_are_named),
    };
    return argc == 3 ? write_document(argv[1], argv[2]) : cmocka_run_group_tests(tests, NULL, NULL);
}
