/* Targets: what a text names, by its scheme or by what lies there. */
#include "package_fixture.h"
#include "source_tree.h"

#include "scan/target.h"

#include <fpscan/target.h>

static fps__target found_at(const char *target)
{
    fps__target found;
    fps_error error = {.message = ""};
    if (fps__target_find(target, 0, &found, &error) != FPS_OK)
        fail_msg("'%s': %s", target, error.message);
    return found;
}

static void assert_target(const char *target, fps__target_kind kind, fps__image_kind image, const char *path)
{
    fps__target found = found_at(target);
    if (found.kind != kind || found.image != image || strcmp(found.path, path) != 0)
        fail_msg("'%s' is %d, %d, '%s'", target, found.kind, found.image, found.path);
}

static void assert_no_target(const char *target, fps_status status, const char *reason)
{
    fps__target found;
    fps_error error = {.message = ""};
    fps_status got = fps__target_find(target, 0, &found, &error);
    if (got != status || !strstr(error.message, reason))
        fail_msg("'%s': status %d, \"%s\"", target, got, error.message);
}

static void write_file(const char *path, fps__span bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    assert_int_equal(fclose(file), 0);
}

static void write_archive(const char *path, const char *format, const char *filter, const char *const *names)
{
    fixture_file files[8];
    size_t count = 0;
    for (; names[count]; count++)
        files[count] = fixture_text_file(names[count], "content");
    fps__span archive = fixture_archive(format, filter, files, count);
    write_file(path, archive);
    free((void *)archive.data);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void each_scheme_gives_its_kind_and_the_path_behind_it(void **state)
{
    static const struct {
        const char *name;
        fps__target_kind kind;
        fps__image_kind image;
    } schemes[] = {
        {"dir", FPS__TARGET_TREE, FPS__IMAGE_ANY},
        {"file", FPS__TARGET_TREE, FPS__IMAGE_ANY},
        {"tar", FPS__TARGET_TAR, FPS__IMAGE_ANY},
        {"oci-dir", FPS__TARGET_IMAGE, FPS__IMAGE_OCI_DIRECTORY},
        {"oci-archive", FPS__TARGET_IMAGE, FPS__IMAGE_OCI_ARCHIVE},
        {"docker-archive", FPS__TARGET_IMAGE, FPS__IMAGE_DOCKER_ARCHIVE},
    };
    static const char *const paths[][2] = {
        {"some/where", "some/where"},
        {"/root", "/root"},
        {"//relative", "relative"},
        {"///root", "/root"},
        {"a:b", "a:b"},
        {"//a:b//c", "a:b//c"},
        {" x", " x"},
        {"dir:in", "dir:in"},
        {"/", "/"},
    };
    char target[100];
    (void)state;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
            snprintf(target, sizeof target, "%s:%s", schemes[i].name, paths[k][0]);
            assert_target(target, schemes[i].kind, schemes[i].image, paths[k][1]);
        }
        snprintf(target, sizeof target, "%s:", schemes[i].name);
        assert_no_target(target, FPS_ERROR_ARGUMENT, "the target is empty");
        snprintf(target, sizeof target, "%s://", schemes[i].name);
        assert_no_target(target, FPS_ERROR_ARGUMENT, "the target is empty");
    }
}

static void an_unknown_scheme_is_refused_with_those_that_there_are(void **state)
{
    static const char *const targets[] = {"docker:alpine", "DIR:x", "oci:x", "di:x", "dirs:x", "http://x/y"};
    static const char *const schemes[] = {
        "dir:", "file:", "tar:", "oci-dir:", "oci-archive:", "docker-archive:"};
    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
            assert_no_target(targets[i], FPS_ERROR_UNSUPPORTED, schemes[k]);
}

static void what_is_no_scheme_is_a_path(void **state)
{
    static const char *const paths[] = {"absent", "./docker:alpine", "/a:b", ":x", "a.b:c", "a b:c", "..:x"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_target(paths[i], FPS__TARGET_TREE, FPS__IMAGE_ANY, paths[i]);
}

static void a_path_that_exists_is_no_scheme(void **state)
{
    (void)state;
    make_file("docker:alpine", "text");
    make_directory("tar:");
    make_file("tar:/file", "text");
    make_file("oci-dir:x", "");
    assert_target("docker:alpine", FPS__TARGET_TREE, FPS__IMAGE_ANY, "docker:alpine");
    assert_target("tar:/file", FPS__TARGET_TREE, FPS__IMAGE_ANY, "tar:/file");
    assert_target("tar:", FPS__TARGET_TREE, FPS__IMAGE_ANY, "tar:");
    assert_target("oci-dir:x", FPS__TARGET_TREE, FPS__IMAGE_ANY, "oci-dir:x");
    assert_target("oci-dir:y", FPS__TARGET_IMAGE, FPS__IMAGE_OCI_DIRECTORY, "y");
    assert_target("file:docker:alpine", FPS__TARGET_TREE, FPS__IMAGE_ANY, "docker:alpine");
}

/* A document is known by how it begins; what only looks like one is a file, and sbom: reads anything. */
static void a_bill_or_report_is_known_by_its_first_bytes(void **state)
{
    static const struct {
        const char *bytes;
        fps__target_kind kind;
    } cases[] = {
        {"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\"}", FPS__TARGET_DOCUMENT},
        {"\xEF\xBB\xBF\n {\"spdxVersion\": \"SPDX-2.3\"}", FPS__TARGET_DOCUMENT},
        {"{\"@context\": \"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\"}", FPS__TARGET_DOCUMENT},
        {"{\"schemaVersion\": \"2.1\", \"tool\": {\"name\": \"fpscan\"}}", FPS__TARGET_DOCUMENT},
        {"<?xml version=\"1.0\"?><bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"/>", FPS__TARGET_DOCUMENT},
        {"SPDXVersion: SPDX-2.3\n", FPS__TARGET_DOCUMENT},
        {"# made by hand\n\n#\n SPDXVersion: SPDX-2.3\n", FPS__TARGET_DOCUMENT},
        {"# SPDXVersion: SPDX-2.3\n", FPS__TARGET_TREE},
        {"{\"name\": \"CycloneDX\"}", FPS__TARGET_TREE},
        {"{\"schemaVersion\": 2, \"layers\": []}", FPS__TARGET_TREE},
        {"[{\"bomFormat\": \"CycloneDX\"}]", FPS__TARGET_TREE},
        {"SPDX-License-Identifier: MIT\n", FPS__TARGET_TREE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        make_file("document", cases[i].bytes);
        assert_target("document", cases[i].kind, FPS__IMAGE_ANY, "document");
        assert_target("sbom:document", FPS__TARGET_DOCUMENT, FPS__IMAGE_ANY, "document");
        assert_target("file:document", FPS__TARGET_TREE, FPS__IMAGE_ANY, "document");
    }
}

static void the_path_of_a_target_is_what_follows_its_scheme(void **state)
{
    (void)state;
    make_file("docker-archive:x", "text");
    assert_string_equal(fps_target_path("oci-dir:some/where"), "some/where");
    assert_string_equal(fps_target_path("tar:///root.tar"), "/root.tar");
    assert_string_equal(fps_target_path("docker:alpine"), "docker:alpine");
    assert_string_equal(fps_target_path("docker-archive:x"), "docker-archive:x");
    assert_string_equal(fps_target_path("usr/lib"), "usr/lib");
    assert_int_equal(fps_target_scheme_count(), 7);
    assert_string_equal(fps_target_scheme(0), "dir:");
    assert_null(fps_target_scheme(7));
}

static void a_directory_with_a_layout_is_an_image_unless_it_is_said_to_be_none(void **state)
{
    (void)state;
    make_directory("plain");
    make_file("plain/index.json", "{}");
    make_directory("image");
    make_file("image/oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    make_file("image/index.json", "{}");
    assert_target("plain", FPS__TARGET_TREE, FPS__IMAGE_ANY, "plain");
    assert_target("image", FPS__TARGET_IMAGE, FPS__IMAGE_OCI_DIRECTORY, "image");
    assert_target("image/", FPS__TARGET_IMAGE, FPS__IMAGE_OCI_DIRECTORY, "image/");
    assert_target("dir:image", FPS__TARGET_TREE, FPS__IMAGE_ANY, "image");
}

static void a_tar_is_a_root_when_its_folders_are_those_of_one(void **state)
{
    static const char *const filters[] = {"none", "gzip", "xz", "zstd", "bzip2"};
    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        write_archive("root", "ustar", filters[i], NAMES("./etc/os-release", "usr/bin/tool", "/var/x"));
        assert_target("root", FPS__TARGET_TAR, FPS__IMAGE_ANY, "root");
        assert_target("file:root", FPS__TARGET_TREE, FPS__IMAGE_ANY, "root");
        write_archive("source", "ustar", filters[i], NAMES("tool-1.0/configure", "tool-1.0/usr/x"));
        assert_target("source", FPS__TARGET_TREE, FPS__IMAGE_ANY, "source");
        assert_target("tar:source", FPS__TARGET_TAR, FPS__IMAGE_ANY, "source");
    }
    write_archive("mixed", "ustar", "none", NAMES("usr/bin/tool", "README", "etc/x"));
    assert_target("mixed", FPS__TARGET_TREE, FPS__IMAGE_ANY, "mixed");
    write_archive("similar", "ustar", "none", NAMES("usrx/tool", "etcetera"));
    assert_target("similar", FPS__TARGET_TREE, FPS__IMAGE_ANY, "similar");
    write_archive("zip", "zip", "none", NAMES("etc/x", "usr/y"));
    assert_target("zip", FPS__TARGET_TREE, FPS__IMAGE_ANY, "zip");
}

static void assert_alike(const char *target, bool alike, const char *why)
{
    fps__target found = found_at(target);
    if (found.kind != FPS__TARGET_TREE || found.alike != alike || (alike && !strstr(found.why.message, why)))
        fail_msg("'%s' is %d, %d, \"%s\"", target, found.kind, found.alike, found.why.message);
}

static void a_tar_with_parts_of_an_image_that_is_none_is_alike(void **state)
{
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    static const char *const filters[] = {"none", "gzip"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *filter = filters[i];
        write_archive("layer", "ustar", filter, NAMES("config.json", "./0/layer.tar"));
        assert_alike("layer", true, "has neither manifest.json nor index.json");
        write_archive("blob", "ustar", filter, NAMES("blobs/sha256/" DIGEST));
        assert_alike("blob", true, "has neither manifest.json nor index.json");
        write_archive("named", "ustar", filter, NAMES(DIGEST ".tar", "manifest.json"));
        assert_alike("named", true, filter[0] == 'n' ? "is not valid JSON" : "is not a JSON document");
        write_archive("layout", "ustar", filter, NAMES("oci-layout"));
        assert_alike("layout", true, filter[0] == 'n' ? "is not valid JSON" : "is not a JSON document");
        write_archive("web", "ustar", filter, NAMES("manifest.json", "index.json", "repositories"));
        assert_alike("web", false, "");
        write_archive("source", "ustar", filter,
                      NAMES("x-1/tests/a/layer.tar", "x-1/blobs/sha256/" DIGEST, "blobs/sha256/README",
                            DIGEST, "layer.tar"));
        assert_alike("source", false, "");
    }
}

static void what_is_empty_or_damaged_is_a_file(void **state)
{
    fixture_file file = fixture_text_file("usr/bin/tool", "content");
    fps__span packed = fixture_archive("ustar", "gzip", &file, 1);
    (void)state;
    make_file("empty", "");
    make_file("text", "no archive");
    write_file("cut", (fps__span){packed.data, 20});
    write_archive("no-entries", "ustar", "none", NAMES(NULL));
    assert_int_equal(symlink("gone", "dangling"), 0);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    static const char *const names[] = {"empty", "text", "cut", "no-entries", "dangling", "pipe"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_target(names[i], FPS__TARGET_TREE, FPS__IMAGE_ANY, names[i]);
    free((void *)packed.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_scheme_gives_its_kind_and_the_path_behind_it, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(an_unknown_scheme_is_refused_with_those_that_there_are, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(what_is_no_scheme_is_a_path, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(a_path_that_exists_is_no_scheme, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(the_path_of_a_target_is_what_follows_its_scheme, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(a_bill_or_report_is_known_by_its_first_bytes, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(a_directory_with_a_layout_is_an_image_unless_it_is_said_to_be_none,
                                        tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(a_tar_is_a_root_when_its_folders_are_those_of_one, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(a_tar_with_parts_of_an_image_that_is_none_is_alike, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(what_is_empty_or_damaged_is_a_file, tree_enter, tree_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
