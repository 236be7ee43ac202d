/* Images: choosing one of several by platform and by reference. */
#include "image_recipe.h"

#include <sys/utsname.h>

/* ---- platforms ---- */

static const recipe platforms[] = {
    {.architecture = "amd64"},
    {.architecture = "arm64", .variant = "v8"},
    {.architecture = "arm", .variant = "v7"},
    {.architecture = "arm", .variant = "v6"},
    {.os = "windows", .architecture = "amd64", .os_version = "10.0.17763.1"},
    {.os = "windows", .architecture = "amd64", .os_version = "10.0.20348.9"},
};
enum { PLATFORMS = sizeof platforms / sizeof *platforms };

/* An index of all platforms and two attestations, nested `depth` times. `say`: platforms are in the index. */
static void make_platforms(image_files *files, unsigned depth, bool say)
{
    char index[2 * IMAGE_JSON] = "{\"schemaVersion\":2,\"manifests\":[", descriptor[256];
    for (size_t i = 0; i < PLATFORMS; i++) {
        const recipe *r = &platforms[i];
        add_manifest(files, r, descriptor);
        size_t used = strlen(index);
        snprintf(index + used, sizeof index - used, "%s%s", i ? "," : "", descriptor);
        used = strlen(index);
        if (say)
            snprintf(index + used, sizeof index - used,
                     ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\",\"variant\":\"%s\",\"os.version\":"
                     "\"%s\"}}",
                     or (r->os, "linux"), r->architecture, or (r->variant, ""), or (r->os_version, ""));
        else
            strcat(index, "}");
    }
    strcat(index, ",{\"mediaType\":\"" OCI "manifest.v1+json\",\"digest\":\"sha256:00\",\"size\":1,"
                  "\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}},"
                  "{\"mediaType\":\"" OCI "manifest.v1+json\",\"digest\":\"sha256:00\",\"size\":1,"
                  "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}}]}");
    for (unsigned i = 0; i < depth; i++) {
        image_json(files, i % 2 ? OCI "index.v1+json" : DOCKER "distribution.manifest.list.v2+json", index,
                   descriptor, sizeof descriptor);
        snprintf(index, sizeof index, "{\"schemaVersion\":2,\"manifests\":[%s}]}", descriptor);
    }
    image_text(files, "index.json", "%s", index);
    add_layout(files);
}

static void platform_chooses_the_manifest(void **state)
{
    (void)state;
    static const struct {
        const char *platform, *architecture, *variant, *os_version;
    } cases[] = {
        {"linux/amd64", "amd64", "", ""},
        {"linux/x86_64", "amd64", "", ""},
        {"linux/arm64", "arm64", "v8", ""},
        {"linux/arm64/v8", "arm64", "v8", ""},
        {"linux/aarch64", "arm64", "v8", ""},
        {"linux/arm", "arm", "v7", ""},
        {"linux/arm/v7", "arm", "v7", ""},
        {"linux/arm/v6", "arm", "v6", ""},
        {"windows(10.0.17763)/amd64", "amd64", "", "10.0.17763.1"},
        {"windows(10.0.20348.9)/amd64", "amd64", "", "10.0.20348.9"},
    };
    for (int say = 0; say < 2; say++) {
        image_files files = {.count = 0};
        make_platforms(&files, 1, say);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            opened o = open_files(&files, &(how){.platform = cases[i].platform});
            assert_int_equal(o.status, FPS_OK);
            assert_string_equal(o.info->architecture, cases[i].architecture);
            assert_string_equal(o.info->variant, cases[i].variant);
            assert_string_equal(o.info->os_version, cases[i].os_version);
            shut(&o);
        }
        image_files_free(&files);
    }
}

static void without_a_platform_it_is_the_hosts(void **state)
{
    (void)state;
    struct utsname host;
    image_files files = {.count = 0};
    make_platforms(&files, 1, true);
    uname(&host);
    opened o = open_files(&files, &(how){.platform = NULL});
    if (strcmp(host.machine, "x86_64") == 0 || strcmp(host.machine, "aarch64") == 0) {
        assert_int_equal(o.status, FPS_OK);
        assert_string_equal(o.info->os, "linux");
        assert_string_equal(o.info->architecture, host.machine[0] == 'x' ? "amd64" : "arm64");
    }
    shut(&o);
    image_files_free(&files);
    recipe other = {.architecture = "s390x"};
    make_oci(&files, &other, "");
    o = open_files(&files, &(how){.platform = NULL});
    assert_int_equal(o.status, FPS_OK); /* the only one there is */
    shut(&o);
    assert_fault(&files, &(how){.platform = "linux/riscv64"}, FPS_ERROR_NOT_FOUND, "linux/s390x");
    image_files_free(&files);
}

static void artifacts_are_left_out_and_images_that_state_a_type_are_not(void **state)
{
    (void)state;
    recipe r = {.os = "linux"};
    image_files files = {.count = 0};
    make_oci(&files, &r, ",\"artifactType\":\"" OCI "config.v1+json\"");
    opened o = open_files(&files, &(how){.reference = NULL});
    assert_int_equal(o.status, FPS_OK);
    shut(&o);
    image_files_free(&files);
    make_oci(&files, &r, ",\"artifactType\":\"application/spdx+json\"");
    o = open_files(&files, &(how){.reference = NULL});
    assert_int_equal(o.status, FPS_ERROR_UNSUPPORTED);
    shut(&o);
    image_files_free(&files);
}

static void a_platform_that_is_not_there_lists_what_is(void **state)
{
    (void)state;
    image_files files = {.count = 0};
    make_platforms(&files, 1, true);
    assert_fault(&files, &(how){.platform = "linux/s390x"}, FPS_ERROR_NOT_FOUND,
                 "linux/amd64, linux/arm64, linux/arm, linux/arm/v6, windows(10.0.17763.1)/amd64");
    assert_fault(&files, &(how){.platform = "windows/amd64"}, FPS_ERROR_NOT_FOUND,
                 "several manifests fit that platform: there is windows(10.0.17763.1)/amd64, "
                 "windows(10.0.20348.9)/amd64");
    static const char *const bad[] = {
        "", "linux", "/amd64", "linux/", "linux/arm/v7/x", "windows(10/amd64", "linux/arm/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fault(&files, &(how){.platform = bad[i]}, FPS_ERROR_ARGUMENT, NULL);
    image_files_free(&files);
}

static void indexes_nest_four_deep_and_no_deeper(void **state)
{
    (void)state;
    image_files files = {.count = 0};
    make_platforms(&files, 4, true);
    opened o = open_files(&files, &(how){.platform = "linux/arm64"});
    assert_int_equal(o.status, FPS_OK);
    shut(&o);
    image_files_free(&files);
    make_platforms(&files, 5, true);
    assert_fault(&files, &(how){.platform = "linux/arm64"}, FPS_ERROR_LIMIT, "nested deeper");
    image_files_free(&files);
}

static void manifests_that_were_left_out_are_named(void **state)
{
    (void)state;
    image_files files = {.count = 0};
    make_platforms(&files, 1, true);
    char digest[DIGEST_TEXT], name[IMAGE_NAME];
    opened o = open_files(&files, &(how){.platform = "linux/arm64"});
    snprintf(digest, sizeof digest, "%s", o.info->manifest);
    shut(&o);
    snprintf(name, sizeof name, "blobs/sha256/%s", digest + 7);
    strcpy(image_find(&files, name)->name, "elsewhere");
    assert_fault(&files, &(how){.platform = "linux/arm64"}, FPS_ERROR_NOT_FOUND,
                 "linux/arm64 (not included)");
    image_files_free(&files);
}

/* ---- several images ---- */

/* Three images: two with names, one with a name twice. */
static void make_several(image_files *files)
{
    static const recipe recipes[] = {{.content = "one"}, {.content = "two"}, {.content = "three"}};
    char descriptors[3][256];
    for (int i = 0; i < 3; i++)
        add_manifest(files, &recipes[i], descriptors[i]);
    image_text(
        files, "index.json",
        "{\"manifests\":[%s,\"annotations\":{\"io.containerd.image.name\":\"example.com/team/one:latest\","
        "\"org.opencontainers.image.ref.name\":\"latest\"}},"
        "%s,\"annotations\":{\"org.opencontainers.image.ref.name\":\"two:1.0\"}},"
        "%s,\"annotations\":{\"org.opencontainers.image.ref.name\":\"three:1.0\"}},"
        "%s,\"annotations\":{\"org.opencontainers.image.ref.name\":\"three:stable\"}}]}",
        descriptors[0], descriptors[1], descriptors[2], descriptors[2]);
    add_layout(files);
}

static void assert_reference(const image_files *files, const char *reference, const char *name,
                             const char *content)
{
    recipe r = {.content = content};
    opened o = open_files(files, &(how){.reference = reference});
    assert_int_equal(o.status, FPS_OK);
    assert_string_equal(o.info->reference, name);
    assert_layers(&o, &r);
    shut(&o);
}

static void reference_chooses_the_image(void **state)
{
    (void)state;
    image_files files = {.count = 0};
    make_several(&files);
    assert_reference(&files, "example.com/team/one:latest", "example.com/team/one:latest", "one");
    assert_reference(&files, "team/one:latest", "example.com/team/one:latest", "one");
    assert_reference(&files, "one", "example.com/team/one:latest", "one");
    assert_reference(&files, "latest", "latest", "one");
    assert_reference(&files, "two:1.0", "two:1.0", "two");
    assert_reference(&files, "stable", "three:stable", "three");
    opened o = open_files(&files, &(how){.reference = "two:1.0"});
    char digest[DIGEST_TEXT], config[DIGEST_TEXT];
    strcpy(digest, o.info->manifest);
    strcpy(config, o.info->config);
    shut(&o);
    assert_reference(&files, digest, "two:1.0", "two");
    assert_reference(&files, config, "two:1.0", "two");
    digest[7 + 12] = '\0';
    assert_reference(&files, digest, "two:1.0", "two");
    assert_reference(&files, digest + 7, "two:1.0", "two");
    assert_fault(&files, &(how){.reference = NULL}, FPS_ERROR_NOT_FOUND,
                 "several images, of which one must be chosen: there is example.com/team/one:latest, "
                 "two:1.0, three:1.0");
    assert_fault(&files, &(how){.reference = "four"}, FPS_ERROR_NOT_FOUND,
                 "no image of that name: there is example.com");
    assert_fault(&files, &(how){.reference = "1.0"}, FPS_ERROR_NOT_FOUND, "several");
    image_files_free(&files);
}

static void reference_chooses_among_docker_images(void **state)
{
    (void)state;
    image_files files = {.count = 0}, second = {.count = 0};
    recipe one = {.content = "one"}, two = {.content = "two"};
    make_docker(&files, &one, DOCKER_SKOPEO);
    make_docker(&second, &two, DOCKER_LATEST);
    image_file *manifest = image_find(&files, "manifest.json"), *other = image_find(&second, "manifest.json");
    fixture_bytes joined =
        fixture_join(manifest->bytes.data, manifest->bytes.size, other->bytes.data, other->bytes.size);
    joined.data[manifest->bytes.size - 1] = ',';
    joined.data[manifest->bytes.size] = ' ';
    char *tag = strstr((char *)joined.data + manifest->bytes.size, "team/app:1.0");
    tag[5] = 'x';
    tag = strstr(tag, "app:latest");
    tag[0] = 'x';
    free(manifest->bytes.data);
    manifest->bytes = joined;
    for (size_t i = 0; i < second.count; i++)
        if (strncmp(second.items[i].name, "blobs/", 6) == 0)
            image_add(&files, second.items[i].name, second.items[i].bytes.data, second.items[i].bytes.size);
    assert_reference(&files, "team/app:1.0", "example.com/team/app:1.0", "one");
    assert_reference(&files, "xpp", "xpp:latest", "two");
    assert_fault(&files, &(how){.reference = NULL}, FPS_ERROR_NOT_FOUND,
                 "example.com/team/app:1.0, example.com/team/xpp:1.0");
    image_files_free(&files);
    image_files_free(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(platform_chooses_the_manifest),
        cmocka_unit_test(without_a_platform_it_is_the_hosts),
        cmocka_unit_test(artifacts_are_left_out_and_images_that_state_a_type_are_not),
        cmocka_unit_test(a_platform_that_is_not_there_lists_what_is),
        cmocka_unit_test(indexes_nest_four_deep_and_no_deeper),
        cmocka_unit_test(manifests_that_were_left_out_are_named),
        cmocka_unit_test(reference_chooses_the_image),
        cmocka_unit_test(reference_chooses_among_docker_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
