/* What bills and VEX documents state of a vulnerability that several findings have, of files that differ. */
#include "report_fixture.h"
#include "report_render.h"

#define PATCHED "patched: inflate at 0x10 in /opt/new: the code of builds with the fix (gcc 12)"

enum { OLD_FILE, NEW_FILE, OTHER_FILE, FILES };
static const uint32_t files[] = {OLD_FILE, NEW_FILE, OTHER_FILE};

/* zlib 1.2.13 in two files and 1.2.8 in a third one; no package has them. */
static fps_result *three_files(void)
{
    static const char *const paths[FILES] = {"/opt/a_old", "/opt/new", "/opt/other"};
    static const char *const versions[FILES] = {"1.2.13", "1.2.13", "1.2.8"};
    fps_result *r = fixture_empty();
    for (size_t i = 0; i < FILES; i++)
        fixture_finding(r, fixture_file(r, paths[i]), ZLIB, FPS_STATE_PRESENT,
                        fixture_version(r, FPS_VERSION_EXACT, versions[i]));
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    r->info.vulnerabilities_checked = true;
    return r;
}

static uint32_t component_of(const fps_result *r, uint32_t file)
{
    return fps_result_finding(r, fps_result_file(r, file)->findings_first)->component;
}

static void has(fps_result *r, const uint32_t *file, size_t count, fps_suppression suppression)
{
    fps_vulnerability made = fixture_vulnerability("CVE-2026-0003", UINT32_MAX);
    made.packages = NULL;
    made.package_count = 0;
    made.component = component_of(r, *file);
    made.version = "1.2.13";
    made.files = file;
    made.file_count = count;
    made.suppression = suppression;
    made.suppressed_by = suppression ? PATCHED : "";
    made.patch = suppression == FPS_SUPPRESSED_FIXED ? FPS_PATCH_PATCHED : FPS_PATCH_UNKNOWN;
    assert_int_equal(FPS__ARRAY_PUSH(&r->vulnerabilities, &made, 9), FPS_OK);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

/* Writes the result and counts words in the document. */
static void expect_counts(const fps_result *r, const char *format, const char *const *words,
                          const size_t *counts)
{
    const fps_report_options options = {.timestamp = -1, .suppressed = true};
    char *text = render(r, format, &options);
    for (size_t i = 0; words[i]; i++)
        if (count_of(text, words[i]) != counts[i])
            fail_msg("%s: '%s' is there %zu times, not %zu:\n%s", format, words[i], count_of(text, words[i]),
                     counts[i], text);
    free(text);
}

static void a_component_is_as_bad_as_its_worst_file(void **state)
{
    (void)state;
    static const char *const cyclonedx[] = {"\"id\": \"CVE-2026-0003\"",
                                            "\"exploitable\"",
                                            "\"resolved\"",
                                            "\"bom-ref\": \"vulnerability:CVE-2026-0003/zlib@1.2.13\"",
                                            "elsewhere: " PATCHED,
                                            NULL};
    static const char *const openvex[] = {"\"name\": \"CVE-2026-0003\"", "\"status\": \"affected\"",
                                          "\"status\": \"fixed\"", "elsewhere: " PATCHED, NULL};
    static const char *const spdx3[] = {"security_VexAffectedVuln", "security_VexFixedVuln",
                                        "elsewhere: " PATCHED, NULL};
    static const char *const spdx[] = {"\"comment\": \"vulnerability CVE-2026-0003", "elsewhere: " PATCHED,
                                       "\"referenceType\": \"advisory\"", NULL};
    for (int turn = 0; turn < 2; turn++) { /* whichever finding comes first */
        fps_result *r = three_files();
        has(r, &files[turn ? OLD_FILE : NEW_FILE], 1, turn ? FPS_SUPPRESSED_NOT : FPS_SUPPRESSED_FIXED);
        has(r, &files[turn ? NEW_FILE : OLD_FILE], 1, turn ? FPS_SUPPRESSED_FIXED : FPS_SUPPRESSED_NOT);
        expect_counts(r, "cyclonedx", cyclonedx, (const size_t[]){1, 1, 0, 1, 1});
        expect_counts(r, "openvex", openvex, (const size_t[]){1, 1, 0, 1});
        expect_counts(r, "spdx-json@3.0", spdx3, (const size_t[]){1, 0, 1});
        expect_counts(r, "spdx-json@2.3", spdx, (const size_t[]){1, 1, 1});
        fps_result_free(r);
    }
}

static void a_finding_speaks_for_each_of_its_components_once(void **state)
{
    (void)state;
    static const char *const cyclonedx[] = {"\"id\": \"CVE-2026-0003\"", "\"versions\": [",
                                            "\"status\": \"affected\"", NULL};
    fps_result *r = three_files();
    has(r, files, FILES, FPS_SUPPRESSED_NOT);
    expect_counts(r, "cyclonedx", cyclonedx, (const size_t[]){1, 2, 2}); /* of three files two components */
    fps_result_free(r);
}

static void what_is_fixed_in_one_component_is_said_of_that_one(void **state)
{
    (void)state;
    static const char *const openvex[] = {"\"status\": \"affected\"", "\"status\": \"fixed\"", "elsewhere",
                                          "pkg:generic/zlib@1.2.8\",\n", NULL};
    fps_result *r = three_files();
    has(r, &files[OLD_FILE], 2, FPS_SUPPRESSED_NOT);
    has(r, &files[NEW_FILE], 2, FPS_SUPPRESSED_FIXED); /* of these the first is in the finding above, too */
    expect_counts(r, "openvex", openvex, (const size_t[]){1, 1, 1, 1});
    fps_result_free(r);
}

static void what_a_baseline_has_is_there(void **state)
{
    (void)state;
    static const char *const cyclonedx[] = {"\"exploitable\"", "\"status\": \"affected\"", "unaffected",
                                            NULL};
    fps_result *r = three_files();
    has(r, &files[OLD_FILE], 1, FPS_SUPPRESSED_BASELINE);
    expect_counts(r, "cyclonedx", cyclonedx, (const size_t[]){1, 1, 0});
    fps_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_component_is_as_bad_as_its_worst_file),
        cmocka_unit_test(a_finding_speaks_for_each_of_its_components_once),
        cmocka_unit_test(what_is_fixed_in_one_component_is_said_of_that_one),
        cmocka_unit_test(what_a_baseline_has_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
