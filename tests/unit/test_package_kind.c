/* Every kind of packages is known to everything that has to know it. */
#include "cache/cache_codec.h"
#include "inventory/inventory.h"
#include "util/package_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static fps_package package_of(fps_package_kind kind)
{
    fps_package facts = fps__inventory_facts(kind);
    facts.name = "group:name";
    facts.version = "1.0";
    return facts;
}

static void every_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < FPS__PACKAGE_KIND_COUNT; a++) {
        const char *name = fps_package_kind_name((fps_package_kind)a);
        assert_string_not_equal(name, "unknown");
        assert_true(*name != '\0');
        for (int b = 0; b < a; b++)
            assert_string_not_equal(name, fps_package_kind_name((fps_package_kind)b));
    }
    assert_string_equal(fps_package_kind_name((fps_package_kind)FPS__PACKAGE_KIND_COUNT), "unknown");
}

static void every_kind_has_a_package_url_of_its_type(void **state)
{
    (void)state;
    fps__arena arena = {0};
    for (int kind = 0; kind < FPS__PACKAGE_KIND_COUNT; kind++) {
        char start[64];
        fps_package facts = package_of((fps_package_kind)kind);
        snprintf(start, sizeof start, "pkg:%s/", fps__package_kind((fps_package_kind)kind)->type);
        const char *purl = fps__inventory_purl(&arena, &facts, "", "");
        assert_int_equal(strncmp(purl, start, strlen(start)), 0);
    }
    fps__arena_free(&arena);
}

static void every_kind_survives_the_cache(void **state)
{
    (void)state;
    for (int kind = 0; kind < FPS__PACKAGE_KIND_COUNT; kind++) {
        fps__arena arena = {0};
        fps__buffer bytes = {NULL, 0, 0};
        fps_package facts = package_of((fps_package_kind)kind);
        fps__analysed_file file = {.packages = &facts, .package_count = 1}, again;
        assert_true(fps__analysed_encode(&file, &bytes));
        assert_int_equal(fps__analysed_decode((fps__span){bytes.items, bytes.count}, &arena, &again, NULL),
                         FPS_OK);
        assert_int_equal(again.package_count, 1);
        assert_int_equal(again.packages[0].kind, kind);
        free(bytes.items);
        fps__arena_free(&arena);
    }
}

/* The schema of the JSON report names every kind: it is read as text, "enum" lists are all it has of them. */
static void every_kind_is_in_the_schema(void **state)
{
    (void)state;
    static char text[1 << 20];
    const char *path = getenv("FPS_REPORT_SCHEMA");
    FILE *file = path ? fopen(path, "r") : NULL;
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *list = strstr(text, "The type of its package URL"), *end = list ? strchr(list, ']') : NULL;
    assert_non_null(end);
    for (int kind = 0; kind < FPS__PACKAGE_KIND_COUNT; kind++) {
        char quoted[64];
        snprintf(quoted, sizeof quoted, "\"%s\"", fps_package_kind_name((fps_package_kind)kind));
        const char *found = strstr(list, quoted);
        assert_true(found && found < end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
        cmocka_unit_test(every_kind_has_a_package_url_of_its_type),
        cmocka_unit_test(every_kind_survives_the_cache),
        cmocka_unit_test(every_kind_is_in_the_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
