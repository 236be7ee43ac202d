/* Reads JSON reports back: every format comes out of a report as out of the scan, and hostile reports are refused by name. */
#include "report_fixture.h"
#include "report_render.h"
#include "result/result_read.h"
#include "util/json_document.h"

#include <fpscan/report.h>
#include <stdio.h>

#define FILE_DOUBT "\"textsOnly\": false,\n          \"doubt\": "

enum { MEMORY = 64 * 1024 * 1024 };

static fps_result *read_back(const char *text, size_t memory, fps_error *error)
{
    fps_result *result = NULL;
    json_t *root =
        fps__json_parse((fps__span){(const uint8_t *)text, strlen(text)}, memory, "report.json", error);
    if (root)
        fps__result_read(&result, root, "report.json", memory, error);
    json_decref(root);
    return result;
}

/* Every format and version, with these options. */
static void compare_formats(const fps_result *scanned, const fps_report_options *options)
{
    fps_error error = {.offset = UINT64_MAX};
    char *report = render(scanned, "json", options);
    fps_result *read = read_back(report, MEMORY, &error);
    if (!read)
        fail_msg("%s", error.message);
    for (size_t i = 0; i < fps_report_format_count(); i++) {
        const fps_report_format *format = fps_report_format_entry(i);
        char name[80];
        bool versioned = *fps_report_format_version(format);
        snprintf(name, sizeof name, "%s%s%s", fps_report_format_name(format), versioned ? "@" : "",
                 fps_report_format_version(format));
        char *expected = render(scanned, name, options), *found = render(read, name, options);
        size_t same = 0;
        while (expected[same] && expected[same] == found[same])
            same++;
        size_t start = same > 200 ? same - 200 : 0;
        if (expected[same] || found[same])
            fail_msg("%s differs at byte %zu:\n%.400s\n---- from the report:\n%.400s", name, same,
                     expected + start, found + start);
        free(expected);
        free(found);
    }
    fps_result_free(read);
    free(report);
}

static void every_format_comes_out_of_a_report_as_out_of_the_scan(void **state)
{
    (void)state;
    fps_result *results[] = {fixture_sample(false), fixture_image()};
    fps_report_options options = {.timestamp = 1700000000, .tool_version = "1.2.3"};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        options.states = 0;
        compare_formats(results[i], &options);
        options.states = 1u << FPS_STATE_PRESENT | 1u << FPS_STATE_LIKELY | 1u << FPS_STATE_MENTIONED;
        options.all_layers = true;
        compare_formats(results[i], &options);
        options.all_layers = false;
        fps_result_free(results[i]);
    }
}

static void what_a_report_leaves_out_is_counted(void **state)
{
    (void)state;
    fps_error error = {.offset = UINT64_MAX};
    fps_report_options options = {.timestamp = -1, .evidence = FPS_REPORT_EVIDENCE_NONE};
    fps_result *scanned = fixture_sample(false);
    char *report = render(scanned, "json", &options);
    fps_result *read = read_back(report, MEMORY, &error);
    assert_non_null(read);
    assert_true(fps_result_get_info(read)->from_report);
    assert_int_equal(fps_result_get_info(read)->report_time, -1);
    assert_true(fps_result_get_info(read)->omitted > 0);
    assert_null(strstr(report, "\"address\""));
    fps_result_free(read);
    fps_result_free(scanned);
    free(report);
}

/* A copy of `text` with the first `old` replaced. */
static char *replaced(const char *text, const char *old, const char *with)
{
    const char *at = strstr(text, old);
    char *copy = NULL;
    assert_non_null(at);
    assert_true(asprintf(&copy, "%.*s%s%s", (int)(at - text), text, with, at + strlen(old)) >= 0);
    return copy;
}

static void hostile_reports_are_refused_and_the_place_is_named(void **state)
{
    static const struct {
        const char *old, *with, *message;
        fps_status status;
    } cases[] = {
        {"\"schemaVersion\": \"2.", "\"schemaVersion\": \"3.", "version 3.", FPS_ERROR_VERSION},
        {"\"components\": [", "\"components\": 1, \"x\": [", "components: is no list", FPS_ERROR_CORRUPT},
        {"\"layers\": [", "\"layer\": [", "layers: is missing", FPS_ERROR_CORRUPT},
        {"\"visibility\": \"visible\"", "\"visibility\": \"dim\"", "words that it can be", FPS_ERROR_CORRUPT},
        {"\"file\": 0", "\"file\": 4294967296", "is no index of an item", FPS_ERROR_CORRUPT},
        {"\"file\": 0", "\"file\": -1", "is no index of an item", FPS_ERROR_CORRUPT},
        {"\"file\": 0", "\"file\": null", "names no file", FPS_ERROR_CORRUPT},
        {"\"coverage\": 0", "\"coverage\": 7", "is no number from 0 to 1", FPS_ERROR_CORRUPT},
        {"\"id\": \"", "\"id\": 5, \"y\": \"", "id: is no text", FPS_ERROR_CORRUPT},
        {"\"id\": \"", "\"id\": \"a\", \"id\": \"", "duplicate object key", FPS_ERROR_CORRUPT},
        {"\"id\": \"", "\"id\": \"\xFF", "in line", FPS_ERROR_CORRUPT},
        {"\"path\": \"/", "\"path\": \"zzz/", "is not in the order of paths", FPS_ERROR_CORRUPT},
        {"\"address\": \"0x", "\"address\": \"0xg", "is no address", FPS_ERROR_CORRUPT},
        {"\"created\": null", "\"created\": \"yesterday\"", "created: is no time", FPS_ERROR_CORRUPT},
        {"\"candidates\": [", "\"candidates\": 1, \"w\": [", "candidates: is no list", FPS_ERROR_CORRUPT},
        {"\"id\": \"boringssl\"", "\"id\": 7", "id: is no text", FPS_ERROR_CORRUPT},
        {FILE_DOUBT "{\n            \"kind\": \"one-file\"",
         FILE_DOUBT "{\n            \"kind\": \"no-file\"", "words that it can be", FPS_ERROR_CORRUPT},
        {FILE_DOUBT "{", FILE_DOUBT "1, \"v\": {", "doubt: is no object", FPS_ERROR_CORRUPT},
        {"\"features\": {", "\"features\": 1, \"z\": {", "features: is no object", FPS_ERROR_CORRUPT},
    };
    (void)state;
    fps_report_options options = {.timestamp = -1};
    fps_result *scanned = fixture_sample(false);
    char *report = render(scanned, "json", &options);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_error error = {.offset = UINT64_MAX};
        const char *files = strstr(report, "\"files\": [");
        bool in_files = strncmp(cases[i].old, "\"path\"", 6) == 0;
        char *wrong = in_files ? replaced(files, cases[i].old, cases[i].with)
                               : replaced(report, cases[i].old, cases[i].with);
        if (in_files) {
            char *whole = NULL;
            assert_true(asprintf(&whole, "%.*s%s", (int)(files - report), report, wrong) >= 0);
            free(wrong);
            wrong = whole;
        }
        fps_result *read = read_back(wrong, MEMORY, &error);
        if (read || error.status != cases[i].status || !strstr(error.message, cases[i].message))
            fail_msg("case %zu: %s: %s", i, fps_status_name(error.status), error.message);
        free(wrong);
    }
    fps_result_free(scanned);
    free(report);
}

/* What a program says of how it was linked: lines of any bytes, also none. */
#define PROPERTIES "\nflags=\xFF\xC3(\\x41 \033[0m\u202e\n\nlast=\xED\xA0\x80\"\\"

/* The sample of images with a vulnerability of a package and one of a component, and with statements of the user's. */
static fps_result *marked(void)
{
    static const fps_suppressed ignored = {"not reachable", "team.ignore", false},
                                old = {"it was there before", "old", true};
    static const char *const names[] = {"GHSA-1", "X-2"}, *const versions[] = {"1.2"};
    static const fps_vulnerability_source source = {"debian", "debian", "2026-08-01", true};
    static const uint32_t places[] = {0, 1};
    static const fps_patch_function functions[] = {{HOSTILE, true, 0x1f00, 60, "gcc-12", HOSTILE},
                                                   {"inflate", false, UINT64_MAX, 50, "", ""}};
    static const fps_patch patches[] = {{"CVE-2026-1", FPS_PATCH_PATCHED, functions, 1},
                                        {"CVE-2026-2", FPS_PATCH_UNKNOWN, functions, 2}};
    fps_result *r = fixture_image();
    fps_vulnerability both[] = {{.id = "CVE-2026-1",
                                 .names = names,
                                 .name_count = 2,
                                 .title = "a fault",
                                 .link = "https://example.org/1",
                                 .severity = FPS_SEVERITY_HIGH,
                                 .score = 7.5,
                                 .vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
                                 .component = 0,
                                 .package = UINT32_MAX,
                                 .version = "1.2",
                                 .verdict = FPS_VERDICT_DEPENDS,
                                 .affected = versions,
                                 .affected_count = 1,
                                 .range = "before 1.3",
                                 .fixed = "1.3",
                                 .note = "",
                                 .source = "debian",
                                 .advisory = "D-1",
                                 .suppressed_by = "",
                                 .patch = FPS_PATCH_UNPATCHED,
                                 .code = HOSTILE,
                                 .epss = .25,
                                 .percentile = .75,
                                 .known_exploited = true,
                                 .ransomware = true,
                                 .kev_added = "2026-01-01",
                                 .kev_due = "2026-02-01",
                                 .exploitation = "poc",
                                 .automatable = "yes",
                                 .impact = "total",
                                 .routines = names,
                                 .routine_count = 1,
                                 .risk = 61.5,
                                 .files = places,
                                 .file_count = 2},
                                fixture_empty_vulnerability()};
    fps_vulnerability *hostile = &both[1];
    hostile->id = hostile->title = hostile->version = hostile->note = HOSTILE;
    hostile->source = hostile->advisory = hostile->suppressed_by = HOSTILE;
    hostile->package = 0;
    hostile->verdict = FPS_VERDICT_CONDITIONAL;
    hostile->wont_fix = true;
    hostile->suppression = FPS_SUPPRESSED_BASELINE;
    hostile->packages = places;
    hostile->package_count = 2;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(FPS__ARRAY_PUSH(&r->vulnerabilities, &both[i], 9), FPS_OK);
    r->info.vulnerabilities_checked = r->info.has_baseline = true;
    r->info.vulnerability_sources = &source;
    r->info.vulnerability_source_count = 1;
    r->findings.items[0].suppressed = r->packages.items[1].suppressed = &old;
    r->findings.items[1].suppressed = r->drift[0].suppressed = &ignored;
    r->packages.items[0].properties = PROPERTIES;
    r->findings.items[0].patches = patches;
    r->findings.items[0].patch_count = 2;
    return r;
}

static void vulnerabilities_and_what_is_suppressed_come_back(void **state)
{
    (void)state;
    const fps_report_options options = {.timestamp = -1, .suppressed = true, .states = 7, .all_layers = true};
    fps_error error = {.offset = UINT64_MAX};
    fps_result *scanned = marked();
    compare_formats(scanned, &options);
    char *report = render(scanned, "json", &options);
    fps_result *read = read_back(report, MEMORY, &error);
    assert_non_null(read);
    assert_int_equal(fps_result_vulnerability_count(read), 2);
    assert_true(fps_result_get_info(read)->has_baseline);
    assert_int_equal(fps_result_vulnerability(read, 0)->component, 0);
    assert_string_equal(fps_result_vulnerability(read, 1)->title, HOSTILE);
    assert_string_equal(fps_result_package(read, 0)->properties, PROPERTIES);
    fps_result_free(read);
    const struct {
        const char *old, *with, *message;
    } cases[] = {
        {"\"score\": 7.5", "\"score\": 11", "vulnerabilities[0].score: is no number in its range"},
        {"\"risk\": 61.5", "\"risk\": -1", "risk: is no number in its range"},
        {"\"severity\": \"high\"", "\"severity\": \"grave\"", "severity: is none of the words"},
        {"\"suppression\": \"none\"", "\"suppression\": \"some\"", "suppression: is none of the words"},
        {"\"aliases\": [", "\"aliases\": [7, ", "aliases: is no text"},
        {"\"vulnerabilities\": [", "\"vulnerabilities\": {}, \"w\": [", "vulnerabilities: is no list"},
        {"\"reason\": \"", "\"reason\": 5, \"x\": \"", "reason: is no text"},
        {"\"suppressed\": {", "\"suppressed\": 5, \"y\": {", "suppressed: is no object"},
        {"\"suppressed\": {", "\"suppressed\": null, \"y\": {", "suppressed: is no object"},
        {"\"kind\": \"baseline\"", "\"kind\": \"old\"", "suppressed: has a kind that is neither"},
        {"\"properties\": [", "\"properties\": 5, \"v\": [", "packages[0].properties: is no list"},
        {"\"properties\": [", "\"properties\": [5, ", "packages[0].properties: is no text"},
        {"\"properties\": [", "\"properties\": [\"a\\\\x0ab\", ",
         "packages[0].properties: is no list of texts"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *wrong = replaced(report, cases[i].old, cases[i].with);
        read = read_back(wrong, MEMORY, &error);
        if (read || !strstr(error.message, cases[i].message))
            fail_msg("case %zu: %s", i, error.message);
        free(wrong);
    }
    free(report);
    fps_result_free(scanned);
}

static void a_report_without_doubts_and_candidates_is_read(void **state)
{
    (void)state;
    fps_report_options options = {.timestamp = -1};
    fps_error error = {.offset = UINT64_MAX};
    fps_result *scanned = fixture_sample(false);
    char *report = render(scanned, "json", &options), *at;
    /* members that nobody knows are passed over: so is what has another name now */
    while ((at = strstr(report, "\"candidates\"")) || (at = strstr(report, "\"doubt\"")))
        at[1] = 'X';
    char *older = replaced(report, "\"textsOnly\": false", "\"textsOnly\": true");
    fps_result *read = read_back(older, MEMORY, &error);
    assert_non_null(read);
    size_t doubts = 0;
    for (size_t i = 0; i < fps_result_finding_count(read); i++) {
        const fps_finding *finding = fps_result_finding(read, i);
        assert_int_equal(finding->relative_count, 0);
        doubts += finding->doubt == FPS_DOUBT_TEXTS_ONLY;
    }
    assert_int_equal(doubts, 1);
    fps_result_free(read);
    fps_result_free(scanned);
    free(older);
    free(report);
}

static void depth_and_memory_are_bounded(void **state)
{
    enum { DEPTH = 1 << 20 };
    (void)state;
    fps_error error = {.offset = UINT64_MAX};
    char *deep = malloc(DEPTH + 1);
    assert_non_null(deep);
    memset(deep, '[', DEPTH);
    deep[DEPTH] = '\0';
    assert_null(read_back(deep, (size_t)1 << 30, &error));
    assert_int_equal(error.status, FPS_ERROR_CORRUPT);
    assert_non_null(strstr(error.message, "depth"));
    assert_null(read_back(deep, 1 << 20, &error));
    assert_int_equal(error.status, FPS_ERROR_LIMIT);
    assert_non_null(strstr(error.message, "--memory"));
    free(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_comes_out_of_a_report_as_out_of_the_scan),
        cmocka_unit_test(what_a_report_leaves_out_is_counted),
        cmocka_unit_test(hostile_reports_are_refused_and_the_place_is_named),
        cmocka_unit_test(vulnerabilities_and_what_is_suppressed_come_back),
        cmocka_unit_test(a_report_without_doubts_and_candidates_is_read),
        cmocka_unit_test(depth_and_memory_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
