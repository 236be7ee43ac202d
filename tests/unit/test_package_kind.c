/* Proves that every place that deals with kinds of packages knows every kind. A kind that is added to the table
 * is tested here without a change. */
#include "cache/cache_codec.h"
#include "inventory/inventory_reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static fps_package package_of(fps_package_kind kind)
{
    fps_package package = fps__inventory_facts(kind);
    package.name = "group:Some-Name";
    package.version = "1.2-3";
    package.architecture = "x86_64";
    return package;
}

static void every_kind_has_facts_and_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < FPS__PACKAGE_KIND_COUNT; i++) {
        const fps__package_kind *kind = fps__package_kind_of((fps_package_kind)i);
        assert_non_null(kind->name);
        assert_string_equal(fps_package_kind_name((fps_package_kind)i), kind->name);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(fps_package_kind_name((fps_package_kind)k), kind->name);
        assert_true(!kind->system || *kind->ecosystem);
    }
    assert_string_equal(fps_package_kind_name((fps_package_kind)FPS__PACKAGE_KIND_COUNT), "unknown");
    assert_string_equal(fps_package_kind_name((fps_package_kind)-1), "unknown");
}

static void every_kind_has_a_package_url_of_its_type(void **state)
{
    (void)state;
    fps__arena arena = {0};
    for (int i = 0; i < FPS__PACKAGE_KIND_COUNT; i++) {
        fps_package package = package_of((fps_package_kind)i);
        char start[64];
        snprintf(start, sizeof start, "pkg:%s/", fps_package_kind_name(package.kind));
        const char *purl = fps__inventory_purl(&arena, &package, "some-os", "", "");
        assert_int_equal(strncmp(purl, start, strlen(start)), 0);
        const char *space = strstr(purl, "/some-os/");
        bool distributed = fps__package_kind_of(package.kind)->purl_namespace != NULL;
        assert_true(distributed ? space == purl + strlen(start) - 1 : !space);
    }
    fps__arena_free(&arena);
}

static void every_system_package_has_its_upstream_version_taken_out(void **state)
{
    (void)state;
    static const char *const versions[] = {[FPS__VERSION_PLAIN] = "v1.2.3",
                                           [FPS__VERSION_DEBIAN] = "1:1.2.3+dfsg-1",
                                           [FPS__VERSION_RPM] = "1:1.2.3-1.fc39",
                                           [FPS__VERSION_ALPINE] = "1.2.3-r1"};
    for (int i = 0; i < FPS__PACKAGE_KIND_COUNT; i++) {
        const fps__package_kind *kind = fps__package_kind_of((fps_package_kind)i);
        char upstream[FPS__MAX_VERSION];
        assert_true(!kind->system || kind->version != FPS__VERSION_PLAIN);
        assert_true(kind->version < sizeof versions / sizeof *versions);
        assert_true(fps__version_upstream(versions[kind->version], kind->version, upstream));
        assert_string_equal(upstream, "1.2.3");
    }
}

static void every_kind_survives_the_cache(void **state)
{
    (void)state;
    fps_package packages[FPS__PACKAGE_KIND_COUNT];
    for (int i = 0; i < FPS__PACKAGE_KIND_COUNT; i++)
        packages[i] = package_of((fps_package_kind)i);
    const fps__analysed_file file = {.packages = packages, .package_count = FPS__PACKAGE_KIND_COUNT};
    fps__analysed_file back;
    fps__buffer bytes = {0};
    fps__arena arena = {0};
    assert_true(fps__analysed_encode(&file, &bytes));
    assert_int_equal(fps__analysed_decode((fps__span){bytes.items, bytes.count}, &arena, &back, NULL),
                     FPS_OK);
    assert_int_equal(back.package_count, FPS__PACKAGE_KIND_COUNT);
    for (int i = 0; i < FPS__PACKAGE_KIND_COUNT; i++)
        assert_int_equal(back.packages[i].kind, i);
    free(bytes.items);
    fps__arena_free(&arena);
}

/* The text of the schema of JSON reports. */
static char *read_schema(void)
{
    const char *objects = getenv("FPS_OBJECT_TESTS");
    char path[4096];
    if (!objects)
        return NULL;
    snprintf(path, sizeof path, "%s/../../engine/report/report.schema.json", objects);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    size_t size = fread(text, 1, (1 << 20) - 1, file);
    assert_true(size > 0 && feof(file));
    fclose(file);
    return text;
}

static void every_kind_is_in_the_schema_of_reports(void **state)
{
    (void)state;
    char *schema = read_schema();
    if (!schema)
        skip();
    char *kinds = strstr(schema, "\"The type of its package URL\"");
    assert_non_null(kinds);
    char *end = strchr(kinds, ']');
    assert_non_null(end);
    *end = '\0';
    size_t listed = 0;
    for (const char *at = strchr(kinds, '['); *at; at++)
        listed += *at == '"';
    assert_int_equal(listed, 2 * FPS__PACKAGE_KIND_COUNT);
    for (int i = 0; i < FPS__PACKAGE_KIND_COUNT; i++) {
        char quoted[64];
        snprintf(quoted, sizeof quoted, "\"%s\"", fps_package_kind_name((fps_package_kind)i));
        assert_non_null(strstr(kinds, quoted));
    }
    free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_facts_and_a_name_of_its_own),
        cmocka_unit_test(every_kind_has_a_package_url_of_its_type),
        cmocka_unit_test(every_system_package_has_its_upstream_version_taken_out),
        cmocka_unit_test(every_kind_survives_the_cache),
        cmocka_unit_test(every_kind_is_in_the_schema_of_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
