/* Gates: which terms and ranges there are, and on which components, packages and drift they close. */
#include "report_fixture.h"

#include <fpscan/gate.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static fps_gate *parsed(const char *term)
{
    fps_gate *gate;
    fps_error error = {.message = ""};
    if (fps_gate_parse(&gate, term, &error) != FPS_OK)
        fail_msg("'%s': %s", term, error.message);
    return gate;
}

static void assert_refused(const char *term, const char *reason)
{
    fps_error error = {.message = ""};
    fps_gate *gate = (fps_gate *)&error;
    fps_status status = fps_gate_parse(&gate, term, &error);
    if (status != FPS_ERROR_ARGUMENT || gate || !strstr(error.message, reason))
        fail_msg("'%s': status %d, \"%s\" does not say \"%s\"", term, status, error.message, reason);
}

/* What the term says of the result; `reason` has 256 bytes. */
static fps_gate_verdict verdict_of(const fps_result *result, const char *term, bool all_layers, char *reason)
{
    fps_gate *gate = parsed(term);
    fps_report_options options = {.all_layers = all_layers};
    fps_gate_verdict verdict = fps_gate_check(gate, result, &options, reason, 256);
    assert_int_equal(*reason != '\0', verdict != FPS_GATE_OPEN);
    assert_int_equal(fps_gate_check(gate, result, all_layers ? &options : NULL, reason, 256), verdict);
    fps_gate_free(gate);
    return verdict;
}

static void assert_closed(const fps_result *result, const char *term, const char *expected)
{
    char reason[256];
    if (verdict_of(result, term, false, reason) != FPS_GATE_CLOSED)
        fail_msg("'%s' is open", term);
    assert_string_equal(reason, expected);
}

static void assert_open(const fps_result *result, const char *term)
{
    char reason[256];
    if (verdict_of(result, term, false, reason) != FPS_GATE_OPEN)
        fail_msg("'%s': %s", term, reason);
}

/* One file with one present component of this answer, and nothing else. */
static fps_result *one_component(fps_version_kind kind, const char *versions, bool open_below,
                                 bool open_above)
{
    fps_result *r = fixture_empty();
    fps_version_answer answer = fixture_version(r, kind, versions);
    answer.open_below = open_below;
    answer.open_above = open_above;
    fixture_finding(r, fixture_file(r, "/bin/tool"), ZLIB, FPS_STATE_PRESENT, answer);
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    return r;
}

static void assert_ranges(fps_result *r, const char *const *closed, const char *const *open)
{
    char term[100], reason[256];
    for (; *closed; closed++) {
        snprintf(term, sizeof term, "component=zlib@%s", *closed);
        if (verdict_of(r, term, false, reason) != FPS_GATE_CLOSED)
            fail_msg("'%s' is open", term);
    }
    for (; *open; open++) {
        snprintf(term, sizeof term, "component=zlib@%s", *open);
        assert_open(r, term);
    }
    fps_result_free(r);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void a_term_that_is_none_is_refused_with_those_that_there_are(void **state)
{
    static const char *const terms[] = {"",          "Drift",          "drift ", "unowned=1",
                                        "component", "Component=zlib", "zlib"};
    (void)state;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        assert_refused(
            terms[i],
            "the terms are drift, unowned, new-component, component=NAME[@RANGE], critical, high, medium, low, kev and risk>=N");
    assert_refused("component=", "needs a name");
    fps_gate_free(NULL);
}

static void a_range_that_is_none_is_refused(void **state)
{
    static const char *const ranges[] = {
        "",
        "<",
        ">=",
        "banana",
        "<banana",
        "1.2..banana",
        "..",
        "1.2..",
        "..1.3",
        "1.2..1.3..1.4",
        "1.2...1.3",
        "=",
        "<1.2<",
        "1.2<1.3",
        "1.2>=1.1",
        "=1.2=1.3",
        "=1.2>1",
        ">1=2",
        "<>1.2",
        "=<1.2",
        "=>1.2",
        " 1.2",
        "1.2 ",
        "> 1.2",
        "1.2,1.3",
        "<1.2 >1",
        ">1..2",
        "><",
        ">1.2..",
        "\x1b[31m1",
        "*",
        "1.2\n..1.3",
        ">1>2>3>4>5>6>7>8>9",
    };
    char term[200];
    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        snprintf(term, sizeof term, "component=zlib@%s", ranges[i]);
        assert_refused(term, "is not a range of versions");
    }
    snprintf(term, sizeof term, "component=zlib@%0150d", 1);
    assert_refused(term, "is not a range of versions");
}

/* A gate that no version can close would let everything pass. */
static void a_range_without_a_version_in_it_is_refused(void **state)
{
    static const char *const ranges[] = {"1.3..1.2",  ">1.2<1.2", ">=1.3<1.2",
                                         ">1.2<=1.2", "<1>2",     ">=1.2<1.2"};
    char term[200];
    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        snprintf(term, sizeof term, "component=zlib@%s", ranges[i]);
        assert_refused(term, "no version is in the range");
    }
    fps_gate_free(parsed("component=zlib@1.2..1.2"));
    fps_gate_free(parsed("component=zlib@>=1.2<=1.2"));
}

static void every_form_of_a_range_is_understood(void **state)
{
    (void)state;
    assert_ranges(one_component(FPS_VERSION_EXACT, "1.2.13", false, false),
                  LIST("1.2.13", "=1.2.13", "==1.2.13", "1.2.13..1.2.13", "1.2.9..1.3", "1.2.13..2",
                       "1..1.2.13", "<1.3", "<=1.2.13", ">=1.2.13", ">1.2.12", ">1.2<1.3", "<1.3>1.2",
                       ">=1.2.13<=1.2.13"),
                  LIST("1.2", "1.2.1", "1.2.14..1.3", "1.2.2..1.2.12", "<1.2.13", "<=1.2.12", ">=1.2.14",
                       ">1.2.13", ">=1.2<1.2.13", ">1.2.13<2"));
    /* a pre-release comes before its release */
    assert_ranges(one_component(FPS_VERSION_EXACT, "3.0rc1", false, false), LIST("<3.0", ">2.9"),
                  LIST(">=3.0", "3.0"));
}

static void one_of_several_releases_in_the_range_closes_and_says_so(void **state)
{
    fps_result *r = one_component(FPS_VERSION_INTERVAL, "1.2.11 1.2.12 1.2.13", false, false);
    (void)state;
    assert_closed(r, "component=zlib@<1.2.12",
                  "component zlib 1.2.11 .. 1.2.13 in /bin/tool can be in the range");
    assert_closed(r, "component=zlib@1.2.12",
                  "component zlib 1.2.11 .. 1.2.13 in /bin/tool can be in the range");
    assert_closed(r, "component=zlib@<1.3", "component zlib 1.2.11 .. 1.2.13 in /bin/tool");
    assert_closed(r, "component=zlib", "component zlib 1.2.11 .. 1.2.13 in /bin/tool");
    assert_open(r, "component=zlib@<1.2.11");
    assert_open(r, "component=zlib@>1.2.13");
    fps_result_free(r);
    /* a release between two candidates that the set does not hold */
    assert_ranges(one_component(FPS_VERSION_INTERVAL, "1.2.3 1.2.5", false, false),
                  LIST("1.2.4", ">1.2.3<1.2.5"), LIST(">1.2.5", "<1.2.3"));
}

static void an_unknown_version_can_be_in_any_range(void **state)
{
    fps_result *r = one_component(FPS_VERSION_UNKNOWN, "", false, false);
    char reason[256];
    (void)state;
    assert_int_equal(verdict_of(r, "component=zlib@<0.1", false, reason), FPS_GATE_CLOSED);
    assert_non_null(strstr(reason, "can be in the range"));
    assert_int_equal(verdict_of(r, "component=zlib", false, reason), FPS_GATE_CLOSED);
    assert_null(strstr(reason, "can be in the range"));
    fps_result_free(r);
}

static void an_answer_that_is_open_is_never_certain_and_has_no_end(void **state)
{
    fps_result *r = one_component(FPS_VERSION_INTERVAL, "1.2.11", false, true);
    char reason[256];
    (void)state;
    assert_int_equal(verdict_of(r, "component=zlib@1.2.11", false, reason), FPS_GATE_CLOSED);
    assert_non_null(strstr(reason, "can be in the range"));
    fps_result_free(r);
    assert_ranges(one_component(FPS_VERSION_INTERVAL, "1.2 2.0", false, true),
                  LIST("1.2", "2.0", "1.9..3", "<1.3", "<=1.2", ">=2.0", ">3", "9"),
                  LIST("<1.2", "1.1.9", "0.1..1.1"));
    assert_ranges(one_component(FPS_VERSION_INTERVAL, "1.2 2.0", true, false),
                  LIST("1.2", "0.1", "1.9..3", "<0.3", ">1.9.9"), LIST(">2.0", "2.0.1", "2.1..3"));
}

static void a_component_is_known_by_its_id_and_by_its_name(void **state)
{
    fps_result *r = fixture_empty();
    (void)state;
    uint32_t file = fixture_file(r, "/bin/tool");
    fixture_finding(r, file, OPENSSL, FPS_STATE_PRESENT, fixture_version(r, FPS_VERSION_EXACT, "3.0.9"));
    fixture_finding(r, file, CURL, FPS_STATE_LIKELY, fixture_version(r, FPS_VERSION_EXACT, "8.0"));
    fixture_finding(r, file, ZLIB, FPS_STATE_MENTIONED, fixture_version(r, FPS_VERSION_UNKNOWN, ""));
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    assert_closed(r, "component=openssl", "component openssl 3.0.9 in /bin/tool");
    assert_closed(r, "component=OpenSSL@<3.1", "component openssl 3.0.9 in /bin/tool");
    assert_open(r, "component=OPENSSL");
    assert_open(r, "component=open");
    assert_open(r, "component=curl"); /* only what is present */
    assert_open(r, "component=zlib");
    fps_result_free(r);
}

static void hidden_files_count_with_all_layers_only(void **state)
{
    static const fps_visibility hidden[] = {FPS_VISIBILITY_DELETED, FPS_VISIBILITY_SHADOWED};
    char reason[256];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fps_result *r = fixture_empty();
        uint32_t old = fixture_image_file(r, "/bin/old", 0, hidden[i], UINT32_MAX);
        fixture_found(r, old, ZLIB, "1.2.8", FPS_LINKAGE_STATIC);
        fixture_found(r, fixture_file(r, "/bin/tool"), ZLIB, "1.3", FPS_LINKAGE_STATIC);
        assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
        assert_open(r, "component=zlib@<1.3");
        assert_int_equal(verdict_of(r, "component=zlib@<1.3", true, reason), FPS_GATE_CLOSED);
        assert_string_equal(reason, "component zlib 1.2.8 in /bin/old");
        assert_closed(r, "component=zlib", "component zlib 1.3 in /bin/tool");
        fps_result_free(r);
    }
}

static fps_result *with_packages(const fps_package *packages, size_t count)
{
    fps_result *r = fixture_empty();
    r->components.count = 0;
    assert_true(FPS__ARRAY_RESERVE(&r->packages, count, 100) == FPS_OK);
    memcpy(r->packages.items, packages, count * sizeof *packages);
    r->packages.count = count;
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    return r;
}

static void a_package_is_known_by_its_name_and_its_source_with_its_upstream_version(void **state)
{
    static const fps_package packages[] = {
        {.kind = FPS_PACKAGE_DEB, .name = "libssl3", .version = "1:3.0.13-1~deb12u1", .source = "openssl"},
        {.kind = FPS_PACKAGE_APK, .name = "musl", .version = "1.2.4_git20230717-r4", .source = "musl"},
        {.kind = FPS_PACKAGE_RPM, .name = "bash", .version = "5:5.1.8-6.el9", .source = "bash"},
        {.kind = FPS_PACKAGE_NPM, .name = "@scope/left", .version = "v2.0.0", .source = "@scope/left"},
        {.kind = FPS_PACKAGE_PYPI, .name = "nothing", .version = "", .source = ""},
    };
    fps_result *r = with_packages(packages, sizeof packages / sizeof *packages);
    (void)state;
    assert_closed(r, "component=openssl@3.0.13",
                  "package libssl3 1:3.0.13-1~deb12u1 (deb), as the target says");
    assert_closed(r, "component=libssl3@<3.0.14",
                  "package libssl3 1:3.0.13-1~deb12u1 (deb), as the target says");
    assert_open(r, "component=openssl@>3.0.13");
    assert_open(r, "component=openssl@<3.0.13");
    assert_closed(r, "component=musl@>1.2.4<1.2.5",
                  "package musl 1.2.4_git20230717-r4 (apk), as the target says");
    assert_open(r, "component=musl@1.2.4");
    assert_closed(r, "component=bash@5.1.8", "package bash 5:5.1.8-6.el9 (rpm), as the target says");
    assert_open(r, "component=bash@5.1.9..6");
    assert_closed(r, "component=@scope/left", "package @scope/left v2.0.0 (npm), as the target says");
    assert_closed(r, "component=@scope/left@2.0.0", "package @scope/left v2.0.0 (npm), as the target says");
    assert_open(r, "component=@scope/left@<2.0.0");
    assert_open(r, "component=scope/left");
    assert_closed(r, "component=nothing", "package nothing  (pypi), as the target says");
    assert_closed(r, "component=nothing@<1",
                  "package nothing  (pypi), as the target says, can be in the range");
    fps_result_free(r);
}

static void a_family_answer_closes_for_each_member(void **state)
{
    (void)state;
    fps_result *r = fixture_empty();
    fps_finding *f = fixture_finding(r, fixture_file(r, "/bin/tool"), OPENSSL, FPS_STATE_PRESENT,
                                     fixture_version(r, FPS_VERSION_EXACT, "1.1.1"));
    fixture_family(r, f);
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    static const char *const names[] = {"openssl",  "OpenSSL",  "pkg:generic/openssl",        "boringssl",
                                        "libressl", "LibreSSL", "pkg:github/google/boringssl"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char term[100], reason[256];
        snprintf(term, sizeof term, "component=%s", names[i]);
        assert_int_equal(verdict_of(r, term, false, reason), FPS_GATE_CLOSED);
        assert_non_null(strstr(reason, "component openssl, boringssl or libressl "));
        assert_non_null(strstr(reason, " in /bin/tool can be it"));
    }
    assert_closed(r, "component=openssl@<3",
                  "component openssl, boringssl or libressl 1.1.1 in /bin/tool can be in the range");
    assert_open(r, "component=openssl@>=3");
    /* of another member no version is known */
    assert_closed(r, "component=boringssl@>=3",
                  "component openssl, boringssl or libressl ? in /bin/tool can be in the range");
    assert_open(r, "component=aws-lc");
    assert_open(r, "component=pkg:github/google/boring");
    fps_result_free(r);
}

static void a_package_url_names_a_component_or_a_package(void **state)
{
    (void)state;
    fps_result *r = fixture_image();
    assert_closed(r, "component=pkg:generic/zlib", "component zlib 1.2.8 in /usr/bin/rsync");
    assert_closed(r, "component=pkg:generic/zlib@>1.2.9", "component zlib 1.2.13 in /opt/app.whl");
    assert_open(r, "component=pkg:generic/zlib@>1.3");
    assert_closed(r, "component=pkg:pypi/numpy@1.26.0", "package numpy 1.26.0 (pypi), as the target says");
    assert_closed(r, "component=pkg:deb/debian/rsync", "package rsync 3.2.7-1 (deb), as the target says");
    assert_open(r, "component=pkg:deb/debian/rsyn");
    fps_result_free(r);
}

static void assert_unknown(const fps_names *names, const char *term, const char *message)
{
    fps_error error = {.message = ""};
    fps_gate *gate = parsed(term);
    assert_int_equal(fps_gate_know(gate, names, &error), *message ? FPS_ERROR_NOT_FOUND : FPS_OK);
    assert_string_equal(error.message, message);
    fps_gate_free(gate);
}

static void a_gate_on_a_name_that_nothing_has_suggests_the_nearest(void **state)
{
    (void)state;
    fps_names *names;
    fps_result *r = fixture_image();
    assert_int_equal(fps_names_create(&names, NULL), FPS_OK);
    assert_int_equal(fps_names_add_components(names, r, NULL), FPS_OK);
    assert_unknown(names, "drift", "");
    assert_unknown(names, "unowned", "");
    assert_unknown(names, "component=openssl@<3", "");
    assert_unknown(names, "component=pkg:generic/openssl@<3", "");
    assert_unknown(names, "component=opnessl@<3",
                   "no component, rule or package is called 'opnessl': did you mean openssl?");
    assert_unknown(names, "component=pkg:generic/opensl",
                   "no component, rule or package is called 'pkg:generic/opensl': did you mean "
                   "pkg:generic/openssl?");
    assert_unknown(names, "component=banana", "no component, rule or package is called 'banana'");
    assert_unknown(names, "component=rsync", "no component, rule or package is called 'rsync'");
    assert_int_equal(fps_names_add_packages(names, r, NULL), FPS_OK);
    assert_unknown(names, "component=rsync", "");
    fps_names_free(names);
    fps_result_free(r);
}

static fps_result *with_drift(const fps_drift *items, size_t count, bool known)
{
    fps_result *r = fixture_empty();
    assert_int_equal(fps__result_finish(r, NULL), FPS_OK);
    r->drift = fps__arena_array(&r->arena, count + 1, sizeof *items);
    if (count)
        memcpy(r->drift, items, count * sizeof *items);
    r->drift_count = count;
    r->info.packages_known = known;
    return r;
}

static void drift_without_a_package_database_is_no_data(void **state)
{
    char reason[256];
    fps_result *r = with_drift(NULL, 0, false);
    (void)state;
    assert_int_equal(verdict_of(r, "drift", false, reason), FPS_GATE_NO_DATA);
    assert_non_null(strstr(reason, "no package database"));
    assert_int_equal(verdict_of(r, "unowned", false, reason), FPS_GATE_NO_DATA);
    assert_open(r, "component=zlib"); /* asks for none */
    r->info.packages_known = true;
    assert_open(r, "drift");
    assert_open(r, "unowned");
    fps_result_free(r);
}

static void notes_do_not_close_and_unowned_looks_at_unowned_files_alone(void **state)
{
    static const fps_drift items[] = {
        {.kind = FPS_DRIFT_UNOWNED, .level = FPS_DRIFT_LEVEL_NOTE, .path = "/a", .message = "first"},
        {.kind = FPS_DRIFT_COMPONENT, .level = FPS_DRIFT_LEVEL_NOTE, .path = "/b", .message = "second"},
        {.kind = FPS_DRIFT_VERSION, .level = FPS_DRIFT_LEVEL_DRIFT, .path = "/c", .message = "third"},
        {.kind = FPS_DRIFT_UNOWNED, .level = FPS_DRIFT_LEVEL_DRIFT, .path = "/d", .message = "fourth"},
    };
    (void)state;
    fps_result *r = with_drift(items, 2, true);
    assert_open(r, "drift");
    assert_open(r, "unowned");
    fps_result_free(r);
    r = with_drift(items, 3, true);
    assert_closed(r, "drift", "1 place; the first is /c: third");
    assert_open(r, "unowned");
    fps_result_free(r);
    r = with_drift(items, 4, true);
    assert_closed(r, "drift", "2 places; the first is /c: third");
    assert_closed(r, "unowned", "1 place; the first is /d: fourth");
    fps_result_free(r);
}

static void vulnerabilities_are_counted_and_the_first_few_named(void **state)
{
    static const fps_vulnerability items[] = {
        {.id = "CVE-2026-0001", .severity = FPS_SEVERITY_HIGH, .known_exploited = true, .version = "1.2.11"},
        {.id = "CVE-2026-0002", .severity = FPS_SEVERITY_CRITICAL, .version = "1.2.11"},
        {.id = "CVE-2026-0003",
         .severity = FPS_SEVERITY_HIGH,
         .suppression = FPS_SUPPRESSED_VEX,
         .version = "1.2.11"},
        {.id = "CVE-2026-0004",
         .severity = FPS_SEVERITY_HIGH,
         .verdict = FPS_VERDICT_DEPENDS,
         .version = "1.2.11"},
        {.id = "CVE-2026-0005", .severity = FPS_SEVERITY_LOW, .version = "1.2.11"},
        {.id = "CVE-2026-0006", .severity = FPS_SEVERITY_HIGH, .version = "1.2.11"}};
    static const uint32_t file = 0;
    (void)state;
    fps_result *r = one_component(FPS_VERSION_EXACT, "1.2.11", false, false);
    r->info.vulnerabilities_checked = true;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        fps_vulnerability item = items[i];
        item.fixed = "";
        item.code = "";
        item.package = UINT32_MAX;
        item.files = &file;
        item.file_count = 1;
        assert_int_equal(FPS__ARRAY_PUSH(&r->vulnerabilities, &item, 99), FPS_OK);
    }
    assert_closed(r, "kev", "1 vulnerability: CVE-2026-0001 in zlib 1.2.11 (high, exploited)");
    assert_closed(r, "critical", "1 vulnerability: CVE-2026-0002 in zlib 1.2.11 (critical)");
    assert_closed(r, "CRITICAL", "1 vulnerability: CVE-2026-0002 in zlib 1.2.11 (critical)");
    assert_closed(
        r, "high",
        "4 vulnerabilities: CVE-2026-0001 in zlib 1.2.11 (high, exploited), CVE-2026-0002 in zlib 1.2.11 (critical) and 2 more");
    assert_closed(
        r, "low",
        "5 vulnerabilities: CVE-2026-0001 in zlib 1.2.11 (high, exploited), CVE-2026-0002 in zlib 1.2.11 (critical) and 3 more");
    r->vulnerabilities.items[0] = r->vulnerabilities.items[3]; /* its name is the longest */
    assert_closed(
        r, "high",
        "4 vulnerabilities: CVE-2026-0004 in zlib 1.2.11 (high, depends on the release), CVE-2026-0002 in zlib 1.2.11 (critical) and 2 more");
    fps_result_free(r);
}

static void a_vulnerability_with_long_names_stays_a_line(void **state)
{
    static const uint32_t file = 0;
    char id[600], reason[256];
    (void)state;
    fps_result *r = one_component(FPS_VERSION_EXACT, "1.2.11", false, false);
    r->info.vulnerabilities_checked = true;
    memset(id, 'x', sizeof id);
    id[sizeof id - 1] = '\0';
    const fps_vulnerability item = {.id = id,
                                    .severity = FPS_SEVERITY_CRITICAL,
                                    .verdict = FPS_VERDICT_DEPENDS,
                                    .known_exploited = true,
                                    .version = id,
                                    .fixed = "",
                                    .code = "",
                                    .package = UINT32_MAX,
                                    .files = &file,
                                    .file_count = 1};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(FPS__ARRAY_PUSH(&r->vulnerabilities, &item, 99), FPS_OK);
    assert_int_equal(verdict_of(r, "low", false, reason), FPS_GATE_CLOSED);
    assert_true(strlen(reason) < 200);
    assert_non_null(strstr(reason, " and 2 more"));
    fps_result_free(r);
}

static void a_reason_is_cut_to_its_room(void **state)
{
    static const char *const terms[] = {"component=zlib", "drift", "component=bash"};
    static const fps_drift drift = {
        .kind = FPS_DRIFT_VERSION, .level = FPS_DRIFT_LEVEL_DRIFT, .path = "/c", .message = "third"};
    static const fps_package bash = {
        .kind = FPS_PACKAGE_RPM, .name = "bash", .version = "5", .source = "bash"};
    (void)state;
    fps_result *r = one_component(FPS_VERSION_EXACT, "1.3", false, false);
    assert_true(FPS__ARRAY_RESERVE(&r->packages, 1, 1) == FPS_OK);
    r->packages.items[r->packages.count++] = bash;
    r->drift = memcpy(fps__arena_array(&r->arena, 1, sizeof drift), &drift, sizeof drift);
    r->drift_count = 1;
    r->info.packages_known = true;
    for (size_t i = 0; i < 3; i++) {
        fps_gate *gate = parsed(terms[i]);
        char whole[256];
        assert_int_equal(fps_gate_check(gate, r, NULL, whole, sizeof whole), FPS_GATE_CLOSED);
        for (size_t size = 0; size < 12; size++) {
            char *room = malloc(size ? size : 1); /* a sanitizer sees a write behind it */
            *room = 'x';
            assert_int_equal(fps_gate_check(gate, r, NULL, room, size), FPS_GATE_CLOSED);
            if (size) {
                assert_int_equal(strlen(room), size - 1);
                assert_memory_equal(room, whole, size - 1);
            } else {
                assert_int_equal(*room, 'x');
            }
            free(room);
        }
        fps_gate_free(gate);
    }
    fps_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_term_that_is_none_is_refused_with_those_that_there_are),
        cmocka_unit_test(a_range_that_is_none_is_refused),
        cmocka_unit_test(a_range_without_a_version_in_it_is_refused),
        cmocka_unit_test(every_form_of_a_range_is_understood),
        cmocka_unit_test(one_of_several_releases_in_the_range_closes_and_says_so),
        cmocka_unit_test(an_unknown_version_can_be_in_any_range),
        cmocka_unit_test(an_answer_that_is_open_is_never_certain_and_has_no_end),
        cmocka_unit_test(a_component_is_known_by_its_id_and_by_its_name),
        cmocka_unit_test(hidden_files_count_with_all_layers_only),
        cmocka_unit_test(a_package_is_known_by_its_name_and_its_source_with_its_upstream_version),
        cmocka_unit_test(a_family_answer_closes_for_each_member),
        cmocka_unit_test(a_package_url_names_a_component_or_a_package),
        cmocka_unit_test(a_gate_on_a_name_that_nothing_has_suggests_the_nearest),
        cmocka_unit_test(drift_without_a_package_database_is_no_data),
        cmocka_unit_test(notes_do_not_close_and_unowned_looks_at_unowned_files_alone),
        cmocka_unit_test(vulnerabilities_are_counted_and_the_first_few_named),
        cmocka_unit_test(a_vulnerability_with_long_names_stays_a_line),
        cmocka_unit_test(a_reason_is_cut_to_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
