/* Reading Mach-O: regions, symbols, libraries, identity; cut anywhere and with wild values anywhere. */
#include "../object/object_check.h"
#include "program_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static program_image image;

static fps_object *open_copy(uint8_t **copy, size_t size)
{
    fps_object *object = NULL;
    *copy = malloc(size ? size : 1);
    assert_non_null(*copy);
    memcpy(*copy, image.bytes, size);
    fps_status status = fps_object_open(&object, *copy, size, NULL, NULL);
    if (status != FPS_OK && status != FPS_ERROR_CORRUPT && status != FPS_ERROR_FORMAT)
        fail_msg("status %s", fps_status_name(status));
    const char *wrong = object ? object_check(object, *copy, size) : NULL;
    if (wrong)
        fail_msg("%s", wrong);
    return object;
}

static void put_symbol(uint32_t name, uint8_t type, uint8_t section, uint64_t value)
{
    uint8_t kind[4] = {type, section};
    image_u32(&image, name);
    image_put(&image, 1, kind, 4);
    image_word(&image, value);
}

/* The fixture's program, and behind its segment a symbol table, a library and an identity as further load commands: they
 * must stand behind the first one, so that the section begins later. */
static void build(void)
{
    enum { COMMANDS = 72 + 80 + 24 + 48 + 24, START = 32 + COMMANDS };
    static const char names[] = "\0_main\0_deflate";
    size_t at = 32 + 72 + 80;
    macho_begin(&image, "__const");
    image_number(&image, 16, 4, 4);
    image_number(&image, 20, COMMANDS, 4);
    image.size = START;
    image_number(&image, 32 + 72 + 32, IMAGE_BASE + START, 8);
    image_number(&image, 32 + 72 + 48, START, 4);
    image_put(&image, 1, "a text of the program", 22);
    size_t symbols = image_put(&image, 8, "", 0);
    put_symbol(1, 0x0f, 1, IMAGE_BASE + START);
    put_symbol(7, 0x01, 0, 0);
    size_t strings = image_put(&image, 1, names, sizeof names);
    const uint32_t table[] = {2, 24, (uint32_t)symbols, 2, (uint32_t)strings, sizeof names, 0xc, 48, 24, 0,
                              0, 0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        image_number(&image, at + 4 * i, table[i], 4);
    memcpy(image.bytes + at + 48, "/usr/lib/libz.1.dylib", 21);
    image_number(&image, at + 72, 0x1b, 4);
    image_number(&image, at + 76, 24, 4);
    memset(image.bytes + at + 80, 0x5a, 16);
    image_number(&image, 32 + 32, image.size, 8);
    image_number(&image, 32 + 48, image.size, 8);
    image_number(&image, 32 + 72 + 40, 22, 8);
}

static void a_program_has_regions_symbols_libraries_and_an_identity(void **state)
{
    uint8_t *copy;
    (void)state;
    build();
    fps_object *object = open_copy(&copy, image.size);
    assert_non_null(object);
    const fps_object_info *info = fps_object_get_info(object);
    assert_int_equal(info->format, FPS_FORMAT_MACHO);
    assert_int_equal(info->type, FPS_OBJECT_EXECUTABLE);
    assert_string_equal(info->machine_name, "aarch64");
    assert_int_equal(info->build_id_size, 16);
    assert_int_equal(fps_object_diagnostic_count(object), 0);
    assert_string_equal(fps_object_text(object, FPS_TEXT_NEEDED, 0), "/usr/lib/libz.1.dylib");
    assert_int_equal(fps_object_symbol_count(object), 2);
    assert_string_equal(fps_object_symbol(object, 0)->name, "main");
    assert_true(fps_object_symbol(object, 0)->defined);
    assert_string_equal(fps_object_symbol(object, 1)->name, "deflate");
    assert_false(fps_object_symbol(object, 1)->defined);
    const fps_region *found = NULL;
    for (size_t i = 0; i < fps_object_region_count(object); i++)
        if (strcmp(fps_object_region(object, i)->name, "__const") == 0)
            found = fps_object_region(object, i);
    assert_non_null(found);
    assert_int_equal(found->kind, FPS_REGION_DATA);
    assert_int_equal(found->size, 22);
    assert_int_equal(found->address, IMAGE_BASE + found->offset);
    fps_object_free(object);
    free(copy);
}

static void magic_numbers_of_other_formats_are_refused(void **state)
{
    static const char java[] = "\xca\xfe\xba\xbe\0\0\0\x34 a class of Java, or files of several machines";
    (void)state;
    assert_int_equal(fps_object_identify(java, sizeof java), FPS_FORMAT_NONE);
    build();
    image_number(&image, 12, 99, 4); /* no kind of file */
    assert_int_equal(fps_object_identify(image.bytes, image.size), FPS_FORMAT_NONE);
}

static void a_file_that_is_cut_off_says_so(void **state)
{
    uint8_t *copy;
    (void)state;
    build();
    for (size_t size = 0; size < image.size; size++) {
        fps_object *object = open_copy(&copy, size);
        if (object)
            assert_true(fps_object_diagnostic_count(object) > 0);
        fps_object_free(object);
        free(copy);
    }
}

static void wild_values_are_survived(void **state)
{
    static const uint8_t wild[] = {0x00, 0x7f, 0xff};
    static program_image whole;
    uint8_t *copy;
    (void)state;
    build();
    whole = image;
    for (size_t at = 4; at < whole.size; at++)
        for (size_t i = 0; i < sizeof wild; i++) {
            image = whole;
            image.bytes[at] = wild[i];
            fps_object_free(open_copy(&copy, image.size));
            free(copy);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_has_regions_symbols_libraries_and_an_identity),
        cmocka_unit_test(magic_numbers_of_other_formats_are_refused),
        cmocka_unit_test(a_file_that_is_cut_off_says_so),
        cmocka_unit_test(wild_values_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
