/* Proves that identifiers are whole and well-formed, or absent. */
#include "report/report_bom.h"
#include "report/report_identifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void purls_take_the_version_before_the_qualifiers(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"pkg:generic/zlib", "1.2.13", "pkg:generic/zlib@1.2.13"},
        {"pkg:generic/zlib", NULL, "pkg:generic/zlib"},
        {"pkg:deb/debian/x?arch=amd64#sub", "1:2~3", "pkg:deb/debian/x@1:2~3?arch=amd64#sub"},
        {"pkg:npm/%40a/b", "1 2", "pkg:npm/%40a/b@1%202"},
        {"pkg:generic/\033[m", "1", "pkg:generic/%1B%5Bm@1"},
        {"pkg:deb/debian/x@1%3A2?arch=amd64", NULL, "pkg:deb/debian/x@1%3A2?arch=amd64"},
        {"pkg:generic/x", "\xFF", ""},
        {"pkg:generic/x%C0%AF", NULL, ""},
        {"pkg:generic/100%", NULL, ""},
        {"pkg:generic/%4", NULL, ""},
        {"", "1", ""},
        {"no purl", "1", ""},
    };
    char text[FPS__IDENTIFIER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fps__purl_text(cases[i][0], cases[i][1], text, sizeof text), strlen(cases[i][2]));
        assert_string_equal(text, cases[i][2]);
    }
    assert_int_equal(fps__purl_text("pkg:generic/zlib", "1.2.13", text, 23), 0);
    assert_int_equal(fps__purl_text("pkg:generic/zlib", "1.2.13", text, 24), 23);
}

static void cpes_are_bound_and_escaped(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"cpe:2.3:a:zlib:zlib", "1.2.13", "cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*"},
        {"cpe:2.3:a:zlib:zlib:*:*:*:*:*:*:*:*", "1.3", "cpe:2.3:a:zlib:zlib:1.3:*:*:*:*:*:*:*"},
        {"cpe:2.3:a:openbsd:openssh", "9.2p1", "cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*"},
        {"cpe:2.3:a:x:mp3", "1.p2", "cpe:2.3:a:x:mp3:1.p2:*:*:*:*:*:*:*"},
        {"cpe:2.3:a:gnu:gcc", NULL, "cpe:2.3:a:gnu:gcc:*:*:*:*:*:*:*:*"},
        {"cpe:2.3:a:x:a\\:b", "1.0+Git", "cpe:2.3:a:x:a\\:b:1.0\\+git:*:*:*:*:*:*:*"},
        {"cpe:/a:zlib:zlib", "1", ""},
        {"cpe:2.3:a:zlib", "1", ""},
        {"cpe:2.3:a:evil\n:x", "1", ""},
        {"", "1", ""},
    };
    char text[FPS__IDENTIFIER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__cpe_text(cases[i][0], cases[i][1], text, sizeof text);
        assert_string_equal(text, cases[i][2]);
    }
}

static void references_differ_where_answers_differ(void **state)
{
    (void)state;
    const char *const one[] = {"1", "2", "4"}, *const other[] = {"1", "3", "4"};
    fps_version_answer a = {.kind = FPS_VERSION_INTERVAL, .candidates = one, .candidate_count = 3};
    fps_version_answer b = {.kind = FPS_VERSION_INTERVAL, .candidates = other, .candidate_count = 3};
    fps_component component = {.id = "a@b c", .version = &a};
    char first[FPS__IDENTIFIER_SIZE], second[FPS__IDENTIFIER_SIZE], long_id[2000];
    fps__reference_text(&component, first, sizeof first);
    assert_memory_equal(first, "a%40b%20c@interval:", 19);
    component.version = &b;
    fps__reference_text(&component, second, sizeof second);
    assert_string_not_equal(first, second);
    memset(long_id, 'x', sizeof long_id - 1);
    long_id[sizeof long_id - 1] = '\0';
    component.id = long_id;
    assert_true(fps__reference_text(&component, first, sizeof first) > 0);
}

static void uuids_are_version_5_and_stable(void **state)
{
    (void)state;
    char first[FPS__UUID_SIZE], second[FPS__UUID_SIZE];
    for (int i = 0; i < 2; i++) {
        void *uuid = fps__uuid_create();
        assert_non_null(uuid);
        assert_int_equal(fps__uuid_add(uuid, "ab", 2), FPS_OK);
        assert_int_equal(fps__uuid_add(uuid, "c", 1), FPS_OK);
        assert_true(fps__uuid_finish(uuid, i ? second : first));
    }
    assert_string_equal(first, second);
    /* Python: uuid5(uuid5(NAMESPACE_URL, "fpscan:result"), "abc") */
    assert_string_equal(first, "urn:uuid:f339856d-eb7c-525b-98e6-8957145723c5");
}

static void an_image_is_named_with_its_repository_and_tag(void **state)
{
    (void)state;
    static const struct {
        const char *format, *reference, *purl;
    } cases[] = {
        {"oci-archive", "a.example.org/Team/Shop:1.0",
         "pkg:oci/shop@sha256:44?repository_url=a.example.org%2Fteam%2Fshop&tag=1.0"},
        {"oci-dir", "localhost:5000/a", "pkg:oci/a@sha256:44?repository_url=localhost:5000%2Fa"},
        {"docker-archive", "debian:12", "pkg:oci/debian@sha256:44?tag=12"},
        {"docker-archive", "team/shop:1", "pkg:oci/shop@sha256:44?tag=1"},
        {"oci-dir", "team/shop:1", "pkg:oci/shop@sha256:44?tag=1"},
        {"oci-dir", "a.b/c@sha256:55", "pkg:oci/c@sha256:44?repository_url=a.b%2Fc"},
        {"oci-dir", "latest", ""},
    };
    const fps_image archive = {
        .format = "docker-archive", .reference = "example.org/a:1", .manifest = "", .architecture = "arm64"};
    const fps_image nameless = {
        .format = "docker-archive", .reference = "a.b/c", .manifest = "", .architecture = ""};
    char other[FPS__IDENTIFIER_SIZE];
    assert_true(fps__bom_image_purl(&archive, other, sizeof other));
    assert_string_equal(other, "pkg:oci/a?arch=arm64&repository_url=example.org%2Fa&tag=1");
    assert_int_equal(fps__bom_image_purl(&nameless, other, sizeof other), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const fps_image image = {.format = cases[i].format,
                                 .reference = cases[i].reference,
                                 .manifest = "sha256:44",
                                 .architecture = ""};
        char text[FPS__IDENTIFIER_SIZE];
        assert_int_equal(fps__bom_image_purl(&image, text, sizeof text), strlen(cases[i].purl));
        assert_string_equal(text, cases[i].purl);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_named_with_its_repository_and_tag),
        cmocka_unit_test(purls_take_the_version_before_the_qualifiers),
        cmocka_unit_test(cpes_are_bound_and_escaped),
        cmocka_unit_test(references_differ_where_answers_differ),
        cmocka_unit_test(uuids_are_version_5_and_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
