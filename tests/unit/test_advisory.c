/* Names of advisories from package URLs, CPE names and ecosystems; and what is said of findings of a small result. */
#include "advisory/advisory_space.h"
#include "advisory/advisory_state.h"
#include "result/result_build.h"
#include "temporary.h"

#include <fpscan/advisory_build.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- names ---- */

static void assert_subject(const fps__subject *subject, const char *space, const char *name)
{
    assert_string_equal(subject->space, space);
    assert_string_equal(subject->name, name);
}

static void package_urls_name_subjects(void **state)
{
    (void)state;
    static const struct {
        const char *purl, *space, *name, *version;
    } cases[] = {
        {"pkg:pypi/Foo_Bar.baz@1.0", "pypi", "foo-bar-baz", "1.0"},
        {"pkg:npm/%40angular/core@12.0.0?x=y#z", "npm", "@angular/core", "12.0.0"},
        {"pkg:golang/github.com/a/b@v1.2.3", "golang", "github.com/a/b", "v1.2.3"},
        {"pkg:maven/org.a/b@1", "maven", "org.a:b", "1"},
        {"pkg:deb/debian/openssl@1:1.0-1?arch=amd64&distro=debian-12", "deb/debian@12", "openssl", "1:1.0-1"},
        {"pkg:deb/debian/curl@1?distro=bookworm", "deb/debian@12", "curl", "1"},
        {"pkg:deb/ubuntu/curl?distro=ubuntu-22.04", "deb/ubuntu@22.04", "curl", ""},
        {"pkg:apk/alpine/zlib@1.2?distro=alpine-3.18.4", "apk/alpine@3.18", "zlib", "1.2"},
        {"pkg:rpm/redhat/openssl@1.1.1k-5.el8?distro=rhel-8.5", "rpm/redhat@8", "openssl", "1.1.1k-5.el8"},
        {"pkg:generic/Demo@1.0", "generic", "demo", "1.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__subject subject;
        char version[FPS__MAX_KEY_VERSION];
        assert_true(fps__subject_of_purl(&subject, cases[i].purl, version));
        assert_subject(&subject, cases[i].space, cases[i].name);
        assert_string_equal(version, cases[i].version);
    }
    fps__subject subject;
    static const char *const bad[] = {"", "pkg:", "pkg:npm", "pkg:npm/", "cpe:/a:b", "pkg:npm/a%00b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(fps__subject_of_purl(&subject, bad[i], NULL));
}

static void cpe_names_name_subjects(void **state)
{
    (void)state;
    fps__subject subject;
    char version[FPS__MAX_KEY_VERSION], target[FPS__MAX_NAME];
    assert_true(
        fps__subject_of_cpe(&subject, "cpe:2.3:a:OpenSSL:openssl:1.0.2:beta1:*:*:*:*:*:*", version, target));
    assert_subject(&subject, "cpe", "openssl:openssl");
    assert_string_equal(version, "1.0.2beta1");
    assert_string_equal(target, "");
    assert_true(
        fps__subject_of_cpe(&subject, "cpe:2.3:a:a\\-b:c\\:d:-:*:*:*:*:node.js:*:*", version, target));
    assert_subject(&subject, "cpe", "a-b:c:d");
    assert_string_equal(version, "");
    assert_string_equal(target, "node.js");
    assert_true(fps__subject_of_cpe(&subject, "cpe:/o:redhat:enterprise_linux:8::baseos", version, NULL));
    assert_subject(&subject, "cpe", "redhat:enterprise_linux");
    assert_string_equal(version, "8");
    assert_false(fps__subject_of_cpe(&subject, "cpe:2.3:a", version, target));
    assert_false(fps__subject_of_cpe(&subject, "pkg:npm/a", version, target));
}

static void ecosystems_name_spaces(void **state)
{
    (void)state;
    static const struct {
        const char *ecosystem, *space;
    } cases[] = {
        {"PyPI", "pypi"},
        {"Debian:12", "deb/debian@12"},
        {"Debian", "deb/debian"},
        {"Ubuntu:22.04:LTS", "deb/ubuntu@22.04"},
        {"Alpine:v3.20", "apk/alpine@3.20"},
        {"Red Hat:enterprise_linux:8::baseos", "rpm/redhat@8"},
        {"Rocky Linux:9", "rpm/rocky@9"},
        {"OSS-Fuzz", "oss-fuzz"},
        {"opam", "opam"},
    };
    fps__subject subject;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(fps__subject_of_osv(&subject, cases[i].ecosystem, "x"));
        assert_string_equal(subject.space, cases[i].space);
    }
    /* the same subject as pkg:swift/github.com/apple/swift-nio */
    assert_true(fps__subject_of_osv(&subject, "SwiftURL", "https://github.com/apple/swift-nio.git"));
    assert_subject(&subject, "swift", "github.com/apple/swift-nio");
    assert_false(fps__subject_of_osv(&subject, "Nothing", "x"));
    assert_false(fps__subject_of_osv(&subject, "PyPI", ""));
}

static void schemes_follow_spaces(void **state)
{
    (void)state;
    assert_int_equal(fps__space_scheme("deb/debian@12", "x"), FPS__KEY_DEBIAN);
    assert_int_equal(fps__space_scheme("pypi", "x"), FPS__KEY_PEP440);
    assert_int_equal(fps__space_scheme("cpe", "a:b"), FPS__KEY_GENERIC);
    assert_int_equal(fps__space_scheme("cpe", "openssl:openssl"), FPS__KEY_OPENSSL);
    assert_int_equal(fps__space_scheme("github", "openssl/openssl"), FPS__KEY_OPENSSL);
    assert_int_equal(fps__space_scheme("cpe", "rust-openssl:rust-openssl"), FPS__KEY_GENERIC);
}

/* ---- findings ---- */

static char folder[TEMPORARY_SIZE];
static fps_advisory_database *advisories;

#define IMPORTS "\"ecosystem_specific\": {\"imports\": [{\"symbols\": [\"inflate\", \"deflate\"]}]}"

static const char record[] =
    "[{\"id\": \"GHSA-1\", \"modified\": \"2024-01-01\", \"aliases\": [\"CVE-2024-0001\"], \"affected\": [{\"package\": {\"ecosystem\": \"generic\","
    " \"name\": \"zlib\"}, \"ranges\": [{\"type\": \"SEMVER\", \"events\": [{\"introduced\": \"1.2.0\"}, {\"fixed\": \"1.2.12\"}]}], " IMPORTS
    "}]},"
    " {\"id\": \"CVE-2024-0001\", \"modified\": \"2024-01-01\", \"summary\": \"a fault\", \"affected\": [{\"package\": {\"ecosystem\": \"generic\","
    " \"name\": \"zlib\"}, \"ranges\": [{\"type\": \"SEMVER\", \"events\": [{\"introduced\": \"1.2.3\"}, {\"fixed\": \"1.2.12\"}]}], " IMPORTS
    "}]},"
    " {\"id\": \"X-1\", \"modified\": \"2024-01-01\", \"aliases\": [\"GHSA-1\"], \"affected\": [{\"package\": {\"ecosystem\": \"generic\","
    " \"name\": \"zlib\"}, \"ranges\": [{\"type\": \"SEMVER\", \"events\": [{\"introduced\": \"0\"}]}]}]},"
    " {\"id\": \"CVE-2024-0003\", \"modified\": \"2024-01-01\", \"affected\": [{\"package\": {\"ecosystem\": \"generic\", \"name\": \"fig\"},"
    " \"ranges\": [{\"type\": \"SEMVER\", \"events\": [{\"introduced\": \"0\"}, {\"fixed\": \"1.2.12\"}]}]}]}]";

static int open_database(void **state)
{
    (void)state;
    fps_error error;
    fps_advisory_import_result result;
    if (!mkdtemp(temporary_name(folder, "fps-advisory")))
        return -1;
    const char *path = temporary_path(folder, "a.json"), *database = temporary_path(folder, "a.db");
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    fputs(record, file);
    fclose(file);
    return fps_advisory_import(database, "test", &path, 1, NULL, &result, &error) ||
                   fps_advisory_open(&advisories, database, &error)
               ? -1
               : 0;
}

static int close_database(void **state)
{
    char command[TEMPORARY_SIZE + 16];
    (void)state;
    fps_advisory_free(advisories);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void a_package_url_names_the_distribution_of_its_package(void **state)
{
    (void)state;
    static const struct {
        const char *purl, *system, *release;
    } cases[] = {
        {"pkg:deb/debian/curl@1?arch=amd64&distro=debian-12", "debian", "12"},
        {"pkg:deb/debian/curl@1?distro=bookworm", "debian", "bookworm"},
        {"pkg:rpm/opensuse/curl@1?distro=opensuse-leap-15.6", "opensuse-leap", "15.6"},
        {"pkg:deb/debian/curl@1?arch=amd64", NULL, NULL},
        {"pkg:deb/curl", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char system[FPS__MAX_SPACE], release[FPS__MAX_SPACE];
        bool found = fps__distribution_of_purl(cases[i].purl, system, release);
        assert_int_equal(found, cases[i].system != NULL);
        if (!found)
            continue;
        assert_string_equal(system, cases[i].system);
        assert_string_equal(release, cases[i].release);
    }
}

/* A bill of two systems: each package is looked up in its own. */
static void packages_of_a_mixed_bill_are_of_their_own_systems(void **state)
{
    (void)state;
    fps_result *result;
    assert_int_equal(fps__result_create(&result, NULL), FPS_OK);
    result->info.os_id = "debian";
    result->info.os_version_id = "12";
    const fps_package package = {.kind = FPS_PACKAGE_APK,
                                 .name = "curl",
                                 .source = "",
                                 .purl = "pkg:apk/alpine/curl@8?distro=alpine-3.18.4"};
    const fps__matching now = {.result = result};
    fps__subjects subjects;
    result->info.target_type = "bill";
    fps__subjects_of_package(&now, &package, &subjects);
    assert_string_equal(subjects.items[0].space, "apk/alpine@3.18");
    result->info.target_type = "image"; /* its os-release decides */
    fps__subjects_of_package(&now, &package, &subjects);
    assert_string_not_equal(subjects.items[0].space, "apk/alpine@3.18");
    fps_result_free(result);
}

/* A result with zlib in two files, with two version answers. */
static fps_result *make_result(fps_version_answer answers[2])
{
    static const uint32_t first[] = {0}, second[] = {1};
    fps_result *result;
    assert_int_equal(fps__result_create(&result, NULL), FPS_OK);
    result->info.os_id = result->info.os_version_id = result->info.os_name = "";
    for (uint32_t i = 0; i < 2; i++) {
        const fps_component component = {.id = "zlib",
                                         .name = "zlib",
                                         .purl = "pkg:generic/zlib",
                                         .cpe = "cpe:2.3:a:zlib:zlib",
                                         .version = &answers[i],
                                         .findings = i ? second : first,
                                         .finding_count = 1};
        const fps_file file = {.path = i ? "/opt/b" : "/opt/a", .layer = UINT32_MAX, .owner = UINT32_MAX};
        const fps_finding finding = {
            .file = i, .component = i, .state = FPS_STATE_PRESENT, .version = answers[i]};
        assert_int_equal(FPS__ARRAY_PUSH(&result->components, &component, 2), FPS_OK);
        assert_int_equal(FPS__ARRAY_PUSH(&result->files, &file, 2), FPS_OK);
        assert_int_equal(FPS__ARRAY_PUSH(&result->findings, &finding, 2), FPS_OK);
    }
    return result;
}

static fps_version_answer exact(const char *const *version)
{
    return (fps_version_answer){
        .kind = FPS_VERSION_EXACT, .version = *version, .candidates = version, .candidate_count = 1};
}

static const char *const old_version[] = {"1.2.11"}, *const new_version[] = {"1.2.12"};

static void names_in_a_circle_are_one_finding_with_two_places(void **state)
{
    (void)state;
    fps_version_answer answers[2] = {exact(old_version), exact(old_version)};
    fps_result *result = make_result(answers);
    assert_int_equal(fps_advisory_match(advisories, result, NULL, NULL), FPS_OK);
    assert_int_equal(fps_result_vulnerability_count(result), 1);
    const fps_vulnerability *found = fps_result_vulnerability(result, 0);
    assert_string_equal(found->id, "CVE-2024-0001");
    assert_int_equal(found->name_count, 2);
    assert_int_equal(found->file_count, 2);
    assert_string_equal(found->title, "a fault");
    assert_int_equal(found->routine_count, 2); /* which two advisories name */
    assert_string_equal(found->routines[0], "deflate");
    fps_result_free(result);
}

static void an_answer_without_candidates_gives_no_finding(void **state)
{
    (void)state;
    fps_version_answer answers[2] = {{.kind = FPS_VERSION_UNKNOWN}, {.kind = FPS_VERSION_UNKNOWN}};
    fps_result *result = make_result(answers);
    assert_int_equal(fps_advisory_match(advisories, result, NULL, NULL), FPS_OK);
    assert_int_equal(fps_result_vulnerability_count(result), 0);
    assert_true(fps_result_get_info(result)->vulnerabilities_checked);
    fps_result_free(result);
}

/* VEX documents, and whether they suppress the finding of 1.2.11. */
static const struct {
    const char *text;
    fps_status status;
    fps_suppression expected;
} statements[] = {
    {"{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [{\"vulnerability\": {\"name\": \"GHSA-1\"}, \"products\": [{\"@id\":"
     " \"pkg:generic/zlib@1.2.11\"}], \"status\": \"not_affected\", \"justification\": \"component_not_present\"}]}",
     FPS_OK, FPS_SUPPRESSED_VEX},
    {"{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [{\"vulnerability\": \"CVE-2024-0001\", \"products\": [{\"@id\":"
     " \"pkg:generic/zlib@1.2.10\"}], \"status\": \"not_affected\"}]}",
     FPS_OK, FPS_SUPPRESSED_NOT}, /* another version */
    {"{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [{\"vulnerability\": \"CVE-2024-0001\", \"status\": \"fixed\","
     " \"timestamp\": \"2024-01-01\"}, {\"vulnerability\": \"CVE-2024-0001\", \"status\": \"affected\", \"timestamp\": \"2024-02-01\"}]}",
     FPS_OK, FPS_SUPPRESSED_NOT}, /* the later statement wins */
    {"{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [{\"vulnerability\": \"CVE-2024-0001\", \"status\": \"affected\","
     " \"timestamp\": \"2024-01-01\"}, {\"vulnerability\": \"CVE-2024-0001\", \"status\": \"fixed\", \"timestamp\": \"2024-02-01\"}]}",
     FPS_OK, FPS_SUPPRESSED_VEX},
    {"{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [{\"vulnerability\": \"CVE-2024-0001\", \"products\": [{\"@id\":"
     " \"pkg:oci/image@sha256:1\", \"subcomponents\": [{\"@id\": \"pkg:generic/zlib\"}]}], \"status\": \"not_affected\"}]}",
     FPS_OK, FPS_SUPPRESSED_VEX},
    {"{\"document\": {\"csaf_version\": \"2.0\"}, \"product_tree\": {\"branches\": [{\"branches\": [{\"product\": {\"product_id\": \"Z\","
     " \"product_identification_helper\": {\"cpe\": \"cpe:2.3:a:zlib:zlib:1.2.11:*:*:*:*:*:*:*\"}}}]}]}, \"vulnerabilities\": [{\"cve\":"
     " \"CVE-2024-0001\", \"product_status\": {\"known_not_affected\": [\"Z\"]}}]}",
     FPS_OK, FPS_SUPPRESSED_VEX},
    {"{\"bomFormat\": \"CycloneDX\", \"components\": [{\"bom-ref\": \"z\", \"purl\": \"pkg:generic/zlib@1.2.11\"}], \"vulnerabilities\": [{\"id\":"
     " \"CVE-2024-0001\", \"analysis\": {\"state\": \"false_positive\"}, \"affects\": [{\"ref\": \"z\"}]}]}",
     FPS_OK, FPS_SUPPRESSED_VEX},
    {"{\"bomFormat\": \"CycloneDX\", \"vulnerabilities\": [{\"id\": \"CVE-2024-0001\", \"analysis\": {\"state\": \"in_triage\"}}]}",
     FPS_OK, FPS_SUPPRESSED_NOT},
    {"{\"something\": \"else\"}", FPS_ERROR_FORMAT, FPS_SUPPRESSED_NOT},
    {"{\"@context\":", FPS_ERROR_CORRUPT, FPS_SUPPRESSED_NOT},
};

static void statements_suppress_what_they_are_about(void **state)
{
    (void)state;
    enum { NOW = 1717200000 }; /* 2024-06-01 */
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        fps_version_answer answers[2] = {exact(old_version), exact(new_version)};
        fps_result *result = make_result(answers);
        const fps_advisory_document document = {"statements", statements[i].text, strlen(statements[i].text)};
        const fps_advisory_options options = {
            .keep_suppressed = true, .vex = &document, .vex_count = 1, .now = NOW};
        fps_error error;
        fps_status status = fps_advisory_match(advisories, result, &options, &error);
        if (status != statements[i].status)
            fail_msg("statement %zu: status %d, not %d", i, status, statements[i].status);
        const fps_vulnerability *found = fps_result_vulnerability(result, 0);
        if (!status && (!found || found->suppression != statements[i].expected))
            fail_msg("statement %zu: %s", i, found ? fps_suppression_name(found->suppression) : "no finding");
        fps_result_free(result);
    }
}

static void options_choose_whether_suppressed_findings_are_kept(void **state)
{
    (void)state;
    fps_version_answer answers[2] = {exact(old_version), exact(new_version)};
    fps_result *result = make_result(answers);
    static const char vex[] =
        "{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [{\"vulnerability\": "
        "\"CVE-2024-0001\", \"status\": \"not_affected\"}]}";
    const fps_advisory_document document = {"i", vex, sizeof vex - 1};
    const fps_advisory_options options = {.vex = &document, .vex_count = 1};
    assert_int_equal(fps_advisory_match(advisories, result, &options, NULL), FPS_OK);
    /* What is left is X-1 for 1.2.12: its only other name is of an advisory that has a CVE, which is suppressed, too. */
    assert_int_equal(fps_result_vulnerability_count(result), 0);
    fps_result_free(result);
}

/* ---- what the code shows ---- */

static const fps_patch_function with_fix = {"inflate", true, 0x1f00, 99, "gcc-12", "debian bookworm gcc-12"},
                                before_fix = {"inflate", false, 0x1f00, 90, "gcc-12", ""};
static const fps_patch patched = {"CVE-2024-0003", FPS_PATCH_PATCHED, &with_fix, 1},
                       unpatched = {"CVE-2024-0003", FPS_PATCH_UNPATCHED, &before_fix, 1},
                       undecided = {"CVE-2024-0003", FPS_PATCH_UNKNOWN, &before_fix, 1},
                       another = {"CVE-2024-0009", FPS_PATCH_PATCHED, &with_fix, 1};

/* The component fig in two files, whose code shows these patches; NULL: nothing. */
static fps_result *match_patches(fps_version_answer answers[2], const fps_patch *first,
                                 const fps_patch *second)
{
    fps_result *result = make_result(answers);
    const fps_patch *shown[2] = {first, second};
    const fps_advisory_options options = {.keep_suppressed = true};
    for (size_t i = 0; i < 2; i++) {
        result->components.items[i].id = result->components.items[i].name = "fig";
        result->components.items[i].purl = result->components.items[i].cpe = "";
        result->findings.items[i].patches = shown[i];
        result->findings.items[i].patch_count = shown[i] != NULL;
    }
    assert_int_equal(fps_advisory_match(advisories, result, &options, NULL), FPS_OK);
    return result;
}

/* Vulnerability `index` is of the file, and of no other. */
static const fps_vulnerability *only_of(const fps_result *result, size_t index, uint32_t file)
{
    const fps_vulnerability *found = fps_result_vulnerability(result, index);
    assert_non_null(found);
    assert_int_equal(found->file_count, 1);
    assert_int_equal(found->files[0], file);
    return found;
}

static void code_with_the_fix_is_suppressed_and_named(void **state)
{
    (void)state;
    fps_version_answer answers[2] = {exact(old_version), exact(old_version)};
    fps_result *result = match_patches(answers, &patched, &patched);
    assert_int_equal(fps_result_vulnerability_count(result), 1); /* each place has the fix: nothing is left */
    const fps_vulnerability *found = fps_result_vulnerability(result, 0);
    assert_int_equal(found->suppression, FPS_SUPPRESSED_FIXED);
    assert_int_equal(found->patch, FPS_PATCH_PATCHED);
    assert_int_equal(found->file_count, 2);
    assert_string_equal(found->suppressed_by, found->code);
    assert_string_equal(
        found->code, "patched: inflate at 0x1f00 in /opt/a: the code of builds with the fix (debian bookworm "
                     "gcc-12); also in 1 other file");
    fps_result_free(result);
}

static void each_file_answers_for_itself(void **state)
{
    (void)state;
    fps_version_answer answers[2] = {exact(old_version), exact(old_version)};
    fps_result *result = match_patches(answers, &patched, NULL);
    assert_int_equal(fps_result_vulnerability_count(result), 2);
    const fps_vulnerability *left = only_of(result, 0, 1), *gone = only_of(result, 1, 0);
    assert_int_equal(left->suppression, FPS_SUPPRESSED_NOT);
    assert_string_equal(left->code, "");
    assert_int_equal(gone->suppression, FPS_SUPPRESSED_FIXED);
    fps_result_free(result);
    result = match_patches(answers, &patched, &unpatched);
    left = only_of(result, 0, 1);
    assert_int_equal(left->patch, FPS_PATCH_UNPATCHED);
    assert_string_equal(left->code,
                        "unpatched: inflate at 0x1f00 in /opt/b: the code of builds before the fix (gcc-12)");
    assert_int_equal(only_of(result, 1, 0)->suppression, FPS_SUPPRESSED_FIXED);
    fps_result_free(result);
}

static void code_before_the_fix_decides_what_the_version_leaves_open(void **state)
{
    (void)state;
    static const char *const both[] = {"1.2.11", "1.2.12"};
    const fps_version_answer open = {.kind = FPS_VERSION_INTERVAL, .candidates = both, .candidate_count = 2};
    fps_version_answer answers[2] = {open, open};
    fps_result *result = match_patches(answers, &unpatched, &undecided);
    const fps_vulnerability *found = only_of(result, 0, 0);
    assert_int_equal(found->verdict, FPS_VERDICT_AFFECTED);
    assert_int_equal(found->affected_count, 0);
    assert_int_equal(found->patch, FPS_PATCH_UNPATCHED);
    const fps_vulnerability *unsure = only_of(result, 1, 1);
    assert_int_equal(unsure->verdict, FPS_VERDICT_DEPENDS);
    assert_int_equal(unsure->suppression, FPS_SUPPRESSED_NOT);
    fps_result_free(result);
}

/* The patch of another vulnerability says nothing, and a version without the vulnerability gets none for its code. */
static void code_makes_no_vulnerability(void **state)
{
    (void)state;
    fps_version_answer answers[2] = {exact(old_version), exact(new_version)};
    fps_result *result = match_patches(answers, &another, &unpatched);
    assert_int_equal(fps_result_vulnerability_count(result), 1);
    assert_int_equal(only_of(result, 0, 0)->patch, FPS_PATCH_UNKNOWN);
    assert_int_equal(only_of(result, 0, 0)->suppression, FPS_SUPPRESSED_NOT);
    fps_result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_package_url_names_the_distribution_of_its_package),
        cmocka_unit_test(packages_of_a_mixed_bill_are_of_their_own_systems),
        cmocka_unit_test(package_urls_name_subjects),
        cmocka_unit_test(cpe_names_name_subjects),
        cmocka_unit_test(ecosystems_name_spaces),
        cmocka_unit_test(schemes_follow_spaces),
        cmocka_unit_test(names_in_a_circle_are_one_finding_with_two_places),
        cmocka_unit_test(an_answer_without_candidates_gives_no_finding),
        cmocka_unit_test(statements_suppress_what_they_are_about),
        cmocka_unit_test(options_choose_whether_suppressed_findings_are_kept),
        cmocka_unit_test(code_with_the_fix_is_suppressed_and_named),
        cmocka_unit_test(each_file_answers_for_itself),
        cmocka_unit_test(code_before_the_fix_decides_what_the_version_leaves_open),
        cmocka_unit_test(code_makes_no_vulnerability),
    };
    return cmocka_run_group_tests(tests, open_database, close_database);
}
