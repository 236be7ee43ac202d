/* Damaged ELF files: cut anywhere, wild values anywhere, tables that loop or lie; bounded time and honest
 * diagnostics. */
#include "../object/elf_library.h"
#include "../object/object_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static library built;

/* Opens bytes that end where the allocation ends, so that the sanitizer sees any read behind them. */
static fps_object *open_exact(const void *data, size_t size, void **copy)
{
    fps_object *object = NULL;
    *copy = malloc(size ? size : 1);
    assert_non_null(*copy);
    memcpy(*copy, data, size);
    fps_status status = fps_object_open(&object, *copy, size, NULL, NULL);
    if (status != FPS_OK && status != FPS_ERROR_CORRUPT && status != FPS_ERROR_FORMAT)
        fail_msg("status %s", fps_status_name(status));
    const char *wrong = object ? object_check(object, *copy, size) : NULL;
    if (wrong)
        fail_msg("%s", wrong);
    return object;
}

static const fps_diagnostic *find_diagnostic(const fps_object *object, const char *code)
{
    for (size_t i = 0; i < fps_object_diagnostic_count(object); i++) {
        if (strcmp(fps_object_diagnostic(object, i)->code, code) == 0)
            return fps_object_diagnostic(object, i);
    }
    return NULL;
}

static bool is_partial(const fps_object *object)
{
    for (size_t i = 0; i < fps_object_diagnostic_count(object); i++) {
        if (fps_object_diagnostic(object, i)->level == FPS_DIAGNOSTIC_PARTIAL)
            return true;
    }
    return false;
}

static void a_file_cut_anywhere_is_partial_and_still_read(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 8; form++) {
        const library_options options = {.wide = form & 1, .big = form & 2, .sections = form & 4};
        library_build(&built, &options);
        for (size_t size = 0; size < built.b.size; size++) {
            void *copy;
            fps_object *object = open_exact(built.b.data, size, &copy);
            if (size < elf_header_size(&built.b))
                assert_null(object);
            else if (size < built.end)
                assert_true(object && is_partial(object)); /* loaded bytes are missing */
            else
                assert_false(!object || is_partial(object));
            fps_object_free(object);
            free(copy);
        }
    }
}

static void a_relocatable_object_cut_before_its_section_table_is_partial(void **state)
{
    (void)state;
    elf_builder *b = &built.b;
    void *copy;
    elf_begin(b, true, false, ET_REL, EM_X86_64);
    size_t text = elf_put_text(b, "code");
    elf_section(b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, text, 5);
    elf_finish(b);
    fps_object *object = open_exact(b->data, b->section_table, &copy);
    assert_true(is_partial(object));
    assert_non_null(find_diagnostic(object, "section-table-damaged"));
    fps_object_free(object);
    free(copy);
}

static void try_value(size_t at, uint64_t value, size_t bytes)
{
    uint8_t saved[8];
    void *copy;
    memcpy(saved, built.b.data + at, bytes);
    elf_set(&built.b, at, value, bytes);
    fps_object_free(open_exact(built.b.data, built.b.size, &copy));
    free(copy);
    memcpy(built.b.data + at, saved, bytes);
}

static void wild_values(size_t start, size_t end)
{
    const uint64_t values[] = {
        0, 1, UINT64_MAX, INT64_MAX, UINT32_MAX, built.b.size - 1, ELF_BASE + built.b.size - 3};
    size_t word = elf_word(&built.b);
    for (size_t at = start; at + word <= end; at += 4) {
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            try_value(at, values[i], 4);
            if (word == 8)
                try_value(at, values[i], 8);
        }
    }
}

static void wild_values_everywhere_are_harmless(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 4; form++) {
        const library_options options = {.wide = form & 1,
                                         .big = form & 2,
                                         .sections = true,
                                         .hash = form & 1 ? LIBRARY_GNU : LIBRARY_SYSV};
        library_build(&built, &options);
        wild_values(16, elf_header_size(&built.b) + built.b.segment_count * elf_segment_size(&built.b));
        wild_values(built.note, built.dynstr);
        wild_values(built.dynsym, built.rela);
        wild_values(built.dynamic, built.dynamic_end);
        wild_values(built.b.section_table, built.b.size);
    }
}

static void header_tables_that_lie_are_noted(void **state)
{
    (void)state;
    const library_options options = {.wide = true, .sections = true};
    void *copy;
    library_build(&built, &options);
    elf_set(&built.b, elf_shoff_at(&built.b), UINT64_MAX, 8);
    fps_object *object = open_exact(built.b.data, built.b.size, &copy);
    assert_int_equal(find_diagnostic(object, "section-table-damaged")->level, FPS_DIAGNOSTIC_NOTE);
    assert_false(fps_object_get_info(object)->has_sections);
    assert_string_equal(fps_object_get_info(object)->soname, "libtest.so.1");
    fps_object_free(object);
    free(copy);
    library_build(&built, &options);
    elf_set(&built.b, elf_phnum_at(&built.b) - 2, 3, 2); /* e_phentsize */
    object = open_exact(built.b.data, built.b.size, &copy);
    assert_int_equal(find_diagnostic(object, "program-headers-damaged")->level, FPS_DIAGNOSTIC_PARTIAL);
    assert_string_equal(fps_object_get_info(object)->soname, "libtest.so.1");
    fps_object_free(object);
    free(copy);
}

static void version_records_that_loop_end(void **state)
{
    (void)state;
    const library_options options = {.wide = true};
    void *copy;
    library_build(&built, &options);
    elf_set(&built.b, built.verneed + 2, UINT16_MAX, 2);  /* count */
    elf_set(&built.b, built.verneed + 12, 0, 4);          /* no next file */
    elf_set(&built.b, built.verneed + 28, UINT32_MAX, 4); /* next version: far behind */
    elf_set(&built.b, built.verdef + 16, 1, 4);           /* next definition: overlapping */
    fps_object *object = open_exact(built.b.data, built.b.size, &copy);
    assert_non_null(find_diagnostic(object, "version-table-damaged"));
    fps_object_free(object);
    free(copy);
}

static void hash_tables_that_lie_do_not_hide_the_end(void **state)
{
    (void)state;
    const library_options options = {.wide = true, .hash = LIBRARY_GNU};
    void *copy;
    library_build(&built, &options);
    elf_set(&built.b, built.hash, UINT32_MAX, 4);
    fps_object *object = open_exact(built.b.data, built.b.size, &copy);
    assert_non_null(find_diagnostic(object, "hash-table-damaged"));
    assert_int_equal(fps_object_symbol_count(object), LIBRARY_SYMBOLS - 1);
    fps_object_free(object);
    free(copy);
}

enum { MANY = 200000 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void put32(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

static void put64(uint8_t *p, uint64_t value)
{
    put32(p, (uint32_t)value);
    put32(p + 4, (uint32_t)(value >> 32));
}

/* A relocatable file: MANY symbols, all of the name that `names` gives, and the string table behind them. */
static uint8_t *many_symbols(const char *names, size_t names_size, bool same_address, size_t *size)
{
    size_t symbols = 64 + 3 * 64, strings = symbols + (size_t)MANY * 24;
    *size = strings + names_size;
    uint8_t *data = calloc(1, *size), *section = data + 64 + 64;
    if (!data)
        return NULL;
    memcpy(data,
           "\x7f"
           "ELF\2\1\1",
           7);
    data[16] = ET_REL;
    data[18] = EM_X86_64;
    put64(data + 40, 64);
    data[58] = 64;
    data[60] = 3;
    put32(section + 4, SHT_SYMTAB);
    put64(section + 24, symbols);
    put64(section + 32, (uint64_t)MANY * 24);
    put32(section + 40, 2);
    section += 64;
    put32(section + 4, SHT_STRTAB);
    put64(section + 24, strings);
    put64(section + 32, names_size);
    for (size_t i = 0; i < MANY; i++) {
        uint8_t *symbol = data + symbols + i * 24;
        put32(symbol, 1 + (uint32_t)(i % 2000));
        symbol[4] = 0x12;
        symbol[6] = 1;
        put64(symbol + 8, same_address ? 0 : i);
    }
    memcpy(data + strings, names, names_size);
    return data;
}

static void many_symbols_with_long_shared_names_take_bounded_time(void **state)
{
    (void)state;
    static char names[4090];
    memset(names + 1, 'a', sizeof names - 2);
    for (int same = 0; same < 2; same++) {
        size_t size;
        uint8_t *data = many_symbols(names, sizeof names, same, &size);
        assert_non_null(data);
        fps_object *object;
        double start = seconds();
        assert_int_equal(fps_object_open(&object, data, size, NULL, NULL), FPS_OK);
        assert_true(seconds() - start < 20);
        assert_int_equal(fps_object_symbol_count(object), same ? 2000 : MANY - 1);
        fps_object_free(object);
        free(data);
    }
}

static void names_that_are_copied_many_times_take_bounded_memory(void **state)
{
    (void)state;
    static char names[4090];
    memset(names + 1, 'a', sizeof names - 2);
    names[sizeof names - 3] = '@'; /* each name must be split from the version behind it */
    size_t size;
    uint8_t *data = many_symbols(names, sizeof names, false, &size);
    assert_non_null(data);
    fps_object *object;
    assert_int_equal(fps_object_open(&object, data, size, NULL, NULL), FPS_OK);
    assert_non_null(find_diagnostic(object, "name-limit"));
    assert_int_equal(fps_object_symbol_count(object), MANY - 1);
    fps_object_free(object);
    free(data);
}

static void many_sections_that_overlap_take_bounded_time(void **state)
{
    (void)state;
    size_t count = 60000, size = 64 + count * 64;
    uint8_t *data = calloc(1, size);
    assert_non_null(data);
    memcpy(data,
           "\x7f"
           "ELF\2\1\1",
           7);
    data[16] = ET_REL;
    put64(data + 40, 64);
    data[58] = 64;
    data[60] = (uint8_t)count;
    data[61] = (uint8_t)(count >> 8);
    for (size_t i = 1; i < count; i++) {
        uint8_t *section = data + 64 + i * 64;
        put32(section + 4, SHT_PROGBITS);
        put64(section + 8, i % 3 ? SHF_ALLOC : 0);
        put64(section + 24, i * 7);
        put64(section + 32, size / 2);
    }
    fps_object *object;
    double start = seconds();
    assert_int_equal(fps_object_open(&object, data, size, NULL, NULL), FPS_OK);
    assert_true(seconds() - start < 10);
    assert_null(object_check(object, data, size));
    fps_object_free(object);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_cut_anywhere_is_partial_and_still_read),
        cmocka_unit_test(a_relocatable_object_cut_before_its_section_table_is_partial),
        cmocka_unit_test(wild_values_everywhere_are_harmless),
        cmocka_unit_test(header_tables_that_lie_are_noted),
        cmocka_unit_test(version_records_that_loop_end),
        cmocka_unit_test(hash_tables_that_lie_do_not_hide_the_end),
        cmocka_unit_test(many_symbols_with_long_shared_names_take_bounded_time),
        cmocka_unit_test(names_that_are_copied_many_times_take_bounded_memory),
        cmocka_unit_test(many_sections_that_overlap_take_bounded_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
