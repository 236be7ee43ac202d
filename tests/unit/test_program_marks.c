/* Marks of compilers and generators in programs, packages of Haskell, and modules of Python that a bundle has frozen. */
#include "container_recipes.h"
#include "program_fixture.h"

#include "../object/elf_builder.h"

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

/* The texts that each run time leaves, which were read in stripped programs of OCaml 4.13.1, Nim 1.6.10 and by Nuitka's sources. */
static void run_times_are_known_by_two_things(void **state)
{
    (void)state;
    static const char segv[] = "@SIGSEGV: Illegal storage access. (Attempt to read from nil?)\n";
    assert_string_equal(LISTED(segv, "ReraiseDefect"), "nim@;");
    assert_string_equal(LISTED(segv, "ReraiseError", "/x/nim-1.2.6/lib/system/io.nim"), "nim@1.2.6;");
    assert_string_equal(LISTED(segv, "/nim-1.2.6/lib/"), "");
    assert_string_equal(LISTED("ReraiseDefect"), "");
    assert_string_equal(LISTED("compiled_function", "compiled_generator", "__nuitka_version__"), "nuitka@;");
    assert_string_equal(LISTED("compiled_function", "__nuitka_version__"), "");
}

/* A value of OCaml: a header with the number of words, the text, and the zeros behind it, whose last byte says how many they are. */
static void put_ocaml(const char *text)
{
    size_t length = strlen(text), words = length / 8 + 1;
    image_put(&image, 8, "", 0);
    image_number(&image, image_put(&image, 8, "\0\0\0\0\0\0\0", 8), words << 10 | 0x300 | 252, 8);
    size_t at = image_put(&image, 1, text, length);
    while ((image.size - at) % 8 != 7)
        image_put(&image, 1, "", 1);
    image.bytes[image.size++] = (uint8_t)(words * 8 - 1 - length);
}

static const char *listed_ocaml(const char *const *texts)
{
    fps__program program;
    fps_object *object;
    fps__arena_free(&arena);
    image_begin(&image, true, false);
    image_put(&image, 1, "\0OCAMLRUNPARAM", 15);
    for (; *texts; texts++)
        put_ocaml(*texts);
    image_end(&image);
    assert_int_equal(fps_object_open(&object, image.bytes, image.size, NULL, NULL), FPS_OK);
    assert_int_equal(fps__program_read(&program, object, (fps__span){image.bytes, image.size}, 0, &arena),
                     FPS_OK);
    fps_object_free(object);
    return text_of(&program);
}

#define OCAML(...) listed_ocaml((const char *const[]){__VA_ARGS__, NULL})

static void ocaml_states_its_version_as_a_value(void **state)
{
    (void)state;
    assert_string_equal(OCAML("Undefined_recursive_module", "4.13.1"), "ocaml@4.13.1;");
    assert_string_equal(OCAML("Undefined_recursive_module", "5.2.0+flambda"), "ocaml@5.2.0;");
    assert_string_equal(OCAML("Undefined_recursive_module", "4.5.1", "3.13.1", "5.20.0"), "ocaml@;");
    assert_string_equal(OCAML("Undefined_recursive_module", "4.13.1", "5.2.0"), "ocaml@;"); /* which one? */
    assert_string_equal(OCAML("Sys_blocked_io", "4.13.1"), "");
    assert_string_equal(LISTED("OCAMLRUNPARAM", "Undefined_recursive_module"), ""); /* a text, and no value */
}

/* What a shared library with these sections lists. A name that begins with '=' is the comment, one with '"' a text of .rodata; else it is that
 * of a section, of which each has the header of native .NET code, or of all but its first number. */
static const char *listed_sections(const char *const *names, uint8_t first)
{
    static elf_builder b;
    const uint8_t ready[20] = {'R', 'T', 'R', 0, 16, 0, 0, 0, 0, 0, 0, 0, 34, 0, 24, 1, first};
    fps__program program;
    fps_object *object;
    fps__arena_free(&arena);
    elf_begin(&b, true, false, ET_DYN, EM_X86_64);
    size_t loaded = elf_align(&b, 8);
    for (; *names; names++) {
        bool comment = **names == '=', text = **names == '"', debug = strcmp(*names, ".debug_str") == 0;
        size_t at = elf_align(&b, 8);
        if (comment || text)
            elf_put_bytes(&b, *names + 1, strlen(*names));
        else if (debug)
            elf_put_bytes(&b, "x\0zig 0.13.0", 13);
        else
            elf_put_bytes(&b, ready, sizeof ready);
        const char *name = comment ? ".comment" : text ? ".rodata" : *names;
        elf_section(&b, name, SHT_PROGBITS, comment || debug ? 0 : SHF_ALLOC | SHF_WRITE, at, b.size - at);
        loaded = comment || debug ? loaded : b.size;
    }
    elf_segment(&b, PT_LOAD, PF_R | PF_W, 0, loaded);
    elf_finish(&b);
    assert_int_equal(fps_object_open(&object, b.data, b.size, NULL, NULL), FPS_OK);
    assert_int_equal(fps__program_read(&program, object, (fps__span){b.data, b.size}, 0, &arena), FPS_OK);
    fps_object_free(object);
    return text_of(&program);
}

#define SECTIONS(first, ...) listed_sections((const char *const[]){__VA_ARGS__, NULL}, first)

static void run_times_are_known_by_sections(void **state)
{
    (void)state;
    enum { NATIVE = 201, LOADED = 101 };
    const char *ilc = "=.NET: ilc 10.0.13-servicing.26504.104+4099f8",
               *rc = "=.NET: ilc 11.0.0-rc.2.26504.105+8202";
    assert_string_equal(SECTIONS(NATIVE, "__modules", "__managedcode"), "dotnet-nativeaot@;");
    assert_string_equal(SECTIONS(NATIVE, "__modules", "__managedcode", ilc), "dotnet-nativeaot@10.0.13;");
    assert_string_equal(SECTIONS(NATIVE, "__modules", "__managedcode", rc),
                        "dotnet-nativeaot@11.0.0-rc.2.26504.105;");
    assert_string_equal(SECTIONS(LOADED, "__modules", "__managedcode"), "");
    assert_string_equal(SECTIONS(NATIVE, "__modules", ilc), "");
    assert_string_equal(SECTIONS(0, "swift5_types", "swift5_fieldmd"), "swift@;");
    assert_string_equal(SECTIONS(0, "swift5_types"), "");
    assert_string_equal(SECTIONS(0, "minfo", "=ldc version 1.30.0"), "ldc@1.30.0;");
    assert_string_equal(SECTIONS(0, "__minfo", "\"object.Throwable core.exception.RangeError"), "druntime@;");
    assert_string_equal(SECTIONS(0, "__minfo", "\"object.Throwable"), "");
    assert_string_equal(SECTIONS(0, "=ldc version 1.30.0"), "");
    assert_string_equal(SECTIONS(0, "=Linker: LLD 20.1.2 (https://github.com/ziglang/zig-bootstrap c6bc)"),
                        "zig@;");
    assert_string_equal(SECTIONS(0, "\"text", "=Linker: LLD 21.1.0", ".debug_str"), "zig@0.13.0;");
    assert_string_equal(SECTIONS(0, "=Linker: LLD 21.1.0"), "");
    assert_string_equal(SECTIONS(0, "\"text", ".debug_str"), ""); /* a debugger may know the name */
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
        cmocka_unit_test(run_times_are_known_by_two_things),
        cmocka_unit_test(ocaml_states_its_version_as_a_value),
        cmocka_unit_test(run_times_are_known_by_sections),
        cmocka_unit_test(modules_of_haskell_name_their_packages),
        cmocka_unit_test(frozen_modules_tell_packages_and_versions),
        cmocka_unit_test(a_damaged_table_of_modules_is_said),
        cmocka_unit_test(modules_that_lie_on_each_other_are_paid_for),
        cmocka_unit_test(the_specimen_is_kept_as_a_seed),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
