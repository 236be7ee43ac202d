/* Marks of compilers and generators in programs, packages of Haskell, and modules of Python that a bundle has frozen. */
#include "container_recipes.h"
#include "program_fixture.h"

#include "program/python_archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static program_image image;
static fps__arena arena;
static recipe made;

static const char *text_of(const fps__program *program)
{
    static char text[2000];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < program->count; i++) {
        const fps__listed *item = &program->items[i];
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s@%s%s%s;", item->likely ? "?" : "",
                             item->name, item->version, item->purl ? " " : "", item->purl ? item->purl : "");
    }
    if (program->fault)
        snprintf(text + used, sizeof text - used, "!");
    return text;
}

/* What a program that holds these texts lists. */
static const char *listed(const char *const *texts)
{
    fps__program program;
    fps_object *object;
    fps__arena_free(&arena);
    image_begin(&image, true, false);
    image_put(&image, 1, "", 1);
    for (; *texts; texts++)
        image_put(&image, 1, *texts, strlen(*texts) + 1);
    image_end(&image);
    assert_int_equal(fps_object_open(&object, image.bytes, image.size, NULL, NULL), FPS_OK);
    assert_int_equal(fps__program_read(&program, object, (fps__span){image.bytes, image.size}, 0, &arena),
                     FPS_OK);
    fps_object_free(object);
    return text_of(&program);
}

#define LISTED(...) listed((const char *const[]){__VA_ARGS__, NULL})

static void generators_and_compilers_leave_their_version(void **state)
{
    (void)state;
    assert_string_equal(LISTED("_cython_0_29_32", "_cython_0_29_32.cython_function_or_method"),
                        "cython@0.29.32;");
    assert_string_equal(LISTED("_cython_", "_cython_x_1_2", "_cython_3"), "");
    assert_string_equal(LISTED("FPC 3.2.2+dfsg-20 [2023/03/30] for x86_64 - Linux"), "fpc@3.2.2;");
    assert_string_equal(LISTED("FPC 3.2.2 is a compiler"), "");
}

static void modules_of_haskell_name_their_packages(void **state)
{
    (void)state;
    assert_string_equal(
        LISTED("ghc-prim", "GHC.Types", "text-1.2.5.0", "base", "aeson-2.0.3.0-4IN8x9FCDQNHDD2Xpzltgi",
               "/usr/lib/haskell-packages/ghc/lib/x86_64-linux-ghc-9.0.2/x", "part-1", "UTF-16.5x"),
        "aeson@2.0.3.0 pkg:hackage/aeson@2.0.3.0;ghc@9.0.2;text@1.2.5.0 pkg:hackage/text@1.2.5.0;");
    assert_string_equal(LISTED("GHC.Types", "text-1.2.5.0", "x-ghc-9.0.2/"), ""); /* of another language */
    assert_string_equal(LISTED("[ghc-prim]", "[GHC.Types]", "text-1.2.5.0"), ""); /* a scanner's own marks */
}

/* ---- modules of Python ---- */

typedef struct frozen {
    const char *name, *code;
    size_t size;
} frozen;

static void put_marshal_text(const char *text)
{
    put_le(&made, 'z', 1);
    put_le(&made, strlen(text), 1);
    put_text(&made, text);
}

/* An archive of these modules; the third text of each entry's tuple refers to an earlier value where it can. */
static void make_archive(const frozen *modules, size_t count)
{
    size_t places[16], sizes[16];
    made.size = 0;
    put_bytes(&made, "PYZ\0\xa7\x0d\x0d\x0a\0\0\0\0", 12);
    for (size_t i = 0; i < count; i++) {
        places[i] = made.size;
        put_deflated(&made, modules[i].code, modules[i].size, true);
        sizes[i] = made.size - places[i];
    }
    set_be(&made, 8, made.size, 4);
    put_le(&made, '[' | 0x80, 1); /* reference 0 */
    put_le(&made, count, 4);
    for (size_t i = 0; i < count; i++) {
        put_le(&made, ')', 1);
        put_le(&made, 2, 1);
        put_marshal_text(modules[i].name);
        put_le(&made, ')', 1);
        put_le(&made, 3, 1);
        put_le(&made, i ? 'r' : 'i' | 0x80, 1); /* reference 1: a number */
        put_le(&made, i ? 1 : 0, 4);
        put_le(&made, 'i', 1);
        put_le(&made, places[i], 4);
        put_le(&made, 'i', 1);
        put_le(&made, sizes[i], 4);
    }
}

static const char *frozen_packages(void)
{
    fps__program program;
    fps__arena_free(&arena);
    assert_int_equal(fps__python_archive_read(&program, (fps__span){made.data, made.size}, 0, &arena),
                     FPS_OK);
    return text_of(&program);
}

#define CODE(text) text, sizeof text - 1

static const frozen modules[] = {
    {"requests", CODE("\xe3__version__\xfa\x05hello")},
    {"requests.__version__", CODE("\xe3\xda\x0b__version__\xfa\x06"
                                  "2.34.2\xda\x01x")},
    {"yaml", CODE("z\x0b__version__z\x05"
                  "6.0.1")},
    {"json", CODE("z\x0b__version__z\x05"
                  "2.0.9")},
    {"two", CODE("z\x0b__version__z\x05"
                 "1.0.0z\x05"
                 "2.0.0")},
    {"app.tools", CODE("z\x0b__version__z\x05"
                       "9.9.9")},
    {"other", CODE("z\x05"
                   "7.7.7 of something")},
};
enum { MODULES = sizeof modules / sizeof *modules };

static void frozen_modules_tell_packages_and_versions(void **state)
{
    (void)state;
    make_archive(modules, MODULES);
    assert_true(fps__is_python_archive((fps__span){made.data, made.size}));
    assert_string_equal(frozen_packages(), "?pyyaml@6.0.1;?requests@2.34.2;");
}

static void a_damaged_table_of_modules_is_said(void **state)
{
    (void)state;
    make_archive(modules, MODULES);
    made.size -= 3;
    assert_string_equal(frozen_packages(), "?pyyaml@6.0.1;?requests@2.34.2;!");
    make_archive(modules, MODULES);
    set_be(&made, 8, made.size - 1, 4);
    assert_string_equal(frozen_packages(), "!");
    set_be(&made, 8, made.size, 4);
    assert_string_equal(frozen_packages(), "");    /* no archive */
    for (size_t cut = 0; cut < made.size; cut++) { /* the sanitizer sees a read behind the end */
        make_archive(modules, MODULES);
        fps__program program;
        uint8_t *exact = malloc(cut + 1);
        assert_non_null(exact);
        memcpy(exact, made.data, cut);
        fps__arena_free(&arena);
        assert_int_equal(fps__python_archive_read(&program, (fps__span){exact, cut}, 0, &arena), FPS_OK);
        free(exact);
    }
}

/* A table may name the same bytes as often as it likes: what is unpacked has a limit, and time does not depend on it. */
static void modules_that_lie_on_each_other_are_paid_for(void **state)
{
    enum { SIZE = 60000, COUNT = 2600 };
    static char zeros[SIZE];
    (void)state;
    make_archive(modules, 0);
    size_t place = made.size - 5;
    made.size = place;
    put_deflated(&made, zeros, SIZE, true);
    size_t size = made.size - place;
    set_be(&made, 8, made.size, 4);
    put_le(&made, '[', 1);
    put_le(&made, COUNT, 4);
    for (size_t i = 0; i < COUNT; i++) {
        put_bytes(&made, ")\x02z\x01m)\x03i\0\0\0\0i", 13);
        put_le(&made, place, 4);
        put_le(&made, 'i', 1);
        put_le(&made, size, 4);
    }
    assert_string_equal(frozen_packages(), "!");
}

static void the_specimen_is_kept_as_a_seed(void **state)
{
    (void)state;
    const char *folder = getenv("FPS_SEEDS");
    char path[500];
    make_archive(modules, MODULES);
    assert_in_range(made.size, 200, 2000);
    if (!folder)
        return;
    snprintf(path, sizeof path, "%s/modules.pyz", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(made.data, 1, made.size, file), made.size);
    fclose(file);
}

static int end(void **state)
{
    (void)state;
    fps__arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generators_and_compilers_leave_their_version),
        cmocka_unit_test(modules_of_haskell_name_their_packages),
        cmocka_unit_test(frozen_modules_tell_packages_and_versions),
        cmocka_unit_test(a_damaged_table_of_modules_is_said),
        cmocka_unit_test(modules_that_lie_on_each_other_are_paid_for),
        cmocka_unit_test(the_specimen_is_kept_as_a_seed),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
