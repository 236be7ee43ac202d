/* Reading ELF: both classes and byte orders, with and without section headers, symbol tables and their
 * versions. */
#include "../object/elf_library.h"
#include "../object/object_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static library built;

static fps_object *open_bytes(const void *data, size_t size)
{
    fps_object *object = NULL;
    fps_error error = {0};
    fps_status status = fps_object_open(&object, data, size, NULL, &error);
    if (status != FPS_OK)
        fail_msg("cannot be opened: %s", error.message);
    const char *wrong = object_check(object, data, size);
    if (wrong)
        fail_msg("%s", wrong);
    return object;
}

static fps_object *open_library(const library_options *options)
{
    library_build(&built, options);
    return open_bytes(built.b.data, built.b.size);
}

static const fps_symbol *find_symbol(const fps_object *object, const char *name)
{
    for (size_t i = 0; i < fps_object_symbol_count(object); i++) {
        if (strcmp(fps_object_symbol(object, i)->name, name) == 0)
            return fps_object_symbol(object, i);
    }
    return NULL;
}

static const fps_region *region_at(const fps_object *object, size_t offset)
{
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        if (offset >= region->offset && offset - region->offset < region->size)
            return region;
    }
    return NULL;
}

static const fps_diagnostic *find_diagnostic(const fps_object *object, const char *code)
{
    for (size_t i = 0; i < fps_object_diagnostic_count(object); i++) {
        if (strcmp(fps_object_diagnostic(object, i)->code, code) == 0)
            return fps_object_diagnostic(object, i);
    }
    return NULL;
}

static void expect_text(const fps_object *object, fps_text_list list, size_t index, const char *text)
{
    const char *found = fps_object_text(object, list, index);
    assert_non_null(found);
    assert_string_equal(found, text);
}

static void expect_facts(const fps_object *object, const library_options *options)
{
    const fps_object_info *info = fps_object_get_info(object);
    assert_int_equal(info->format, FPS_FORMAT_ELF);
    assert_int_equal(info->type, FPS_OBJECT_SHARED);
    assert_int_equal(info->bits, options->wide ? 64 : 32);
    assert_int_equal(info->big_endian, options->big);
    assert_int_equal(info->has_sections, options->sections);
    assert_string_equal(info->machine_name, options->wide ? "x86-64" : "i386");
    assert_string_equal(info->soname, "libtest.so.1");
    assert_string_equal(info->package_note, "{\"name\":\"test\"}");
    assert_int_equal(info->build_id_size, 8);
    assert_int_equal(info->build_id[7], 8);
    assert_int_equal(fps_object_note_count(object), 2);
    assert_string_equal(fps_object_note(object, 1)->owner, "FDO");
    assert_int_equal(fps_object_text_count(object, FPS_TEXT_VERSION_DEFINED), 2);
    expect_text(object, FPS_TEXT_NEEDED, 0, "libneeded.so.2");
    expect_text(object, FPS_TEXT_RUNPATH, 0, "/opt/test");
    expect_text(object, FPS_TEXT_VERSION_DEFINED, 0, "TEST_1.0");
    expect_text(object, FPS_TEXT_VERSION_DEFINED, 1, "TEST_2.0");
    expect_text(object, FPS_TEXT_VERSION_NEEDED, 0, "libneeded.so.2:NEED_1.0");
}

static void expect_symbols(const fps_object *object)
{
    assert_int_equal(fps_object_symbol_count(object), LIBRARY_SYMBOLS - 1);
    const fps_symbol *symbol = fps_object_symbol(object, 0);
    assert_string_equal(symbol->name, "imported");
    assert_string_equal(symbol->version, "NEED_1.0");
    assert_false(symbol->defined);
    symbol = find_symbol(object, "used_data");
    assert_true(symbol->weak && symbol->global && !symbol->defined && !symbol->version);
    symbol = find_symbol(object, "exported");
    assert_string_equal(symbol->version, "TEST_1.0");
    assert_int_equal(symbol->address, ELF_BASE + built.text);
    assert_int_equal(symbol->size, 4);
    assert_int_equal(symbol->type, FPS_SYMBOL_FUNCTION);
    assert_true(symbol->defined && symbol->dynamic && symbol->global && !symbol->hidden);
    symbol = find_symbol(object, "exported_data");
    assert_string_equal(symbol->version, "TEST_2.0");
    assert_int_equal(symbol->type, FPS_SYMBOL_OBJECT);
}

static void expect_region(const fps_object *object, size_t offset, fps_region_kind kind)
{
    const fps_region *region = region_at(object, offset);
    if (!region || region->kind != kind)
        fail_msg("the bytes at %zu are of kind %d and should be %d", offset, region ? (int)region->kind : -1,
                 kind);
    assert_int_equal(region->address, region->loaded ? ELF_BASE + region->offset : 0);
}

static void expect_regions(const fps_object *object, const library_options *options)
{
    expect_region(object, built.note, FPS_REGION_NOTE);
    expect_region(object, built.dynstr + 3, FPS_REGION_STRING_TABLE);
    expect_region(object, built.dynstr + built.dynstr_size - 1, FPS_REGION_STRING_TABLE);
    expect_region(object, built.text, FPS_REGION_CODE);
    expect_region(object, built.data, FPS_REGION_DATA);
    expect_region(object, built.dynsym, FPS_REGION_SYMBOL_TABLE);
    expect_region(object, built.versym, FPS_REGION_SYMBOL_TABLE);
    expect_region(object, built.verdef, FPS_REGION_SYMBOL_TABLE);
    expect_region(object, built.verneed + 31, FPS_REGION_SYMBOL_TABLE);
    expect_region(object, built.rela, FPS_REGION_RELOCATION);
    expect_region(object, built.dynamic, FPS_REGION_OTHER);
    if (options->hash != LIBRARY_NO_HASH)
        expect_region(object, built.hash + built.hash_size - 1, FPS_REGION_SYMBOL_TABLE);
    const fps_region *literal = region_at(object, built.rodata);
    assert_int_equal(literal->from_segment, !options->sections);
    assert_int_equal(literal->kind, options->sections ? FPS_REGION_READ_ONLY : FPS_REGION_CODE);
}

static void every_form_of_the_library_reads_the_same(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 24; form++) {
        library_options options = {.wide = form & 1, .big = form & 2, .sections = form & 4, .hash = form / 8};
        fps_object *object = open_library(&options);
        assert_int_equal(fps_object_diagnostic_count(object), 0);
        expect_facts(object, &options);
        expect_symbols(object);
        expect_regions(object, &options);
        if (options.sections) {
            expect_text(object, FPS_TEXT_COMMENT, 0, "Compiler 1.0");
            expect_text(object, FPS_TEXT_COMMENT, 1, "Other 2.0");
            assert_string_equal(fps_object_get_info(object)->debug_link, "test.debug");
        }
        fps_object_free(object);
    }
}

static void a_gnu_hash_without_exports_leaves_the_count_to_the_layout(void **state)
{
    (void)state;
    const library_options options = {.wide = true, .hash = LIBRARY_GNU};
    library_build(&built, &options);
    elf_set(&built.b, built.hash + 4, 1,
            4); /* as GNU ld writes it for programs: hashed from 1 on, and no buckets */
    elf_set(&built.b, built.hash + 24, 0, 4);
    fps_object *object = open_bytes(built.b.data, built.b.size);
    expect_symbols(object);
    fps_object_free(object);
}

static void a_section_table_that_hides_code_hides_nothing(void **state)
{
    (void)state;
    const library_options options = {.wide = true, .sections = true};
    library_build(&built, &options);
    size_t text = elf_section_header(&built.b, 1);
    elf_set(&built.b, text + 4, SHT_NOBITS, 4);
    size_t rodata = elf_section_header(&built.b, 11);
    elf_set(&built.b, rodata + 24, built.data, 8); /* .rodata claims to be elsewhere */
    memset(built.b.data + built.text, 0xcc, 16);
    fps_object *object = open_bytes(built.b.data, built.b.size);
    assert_non_null(find_diagnostic(object, "section-mismatch"));
    const fps_region *code = region_at(object, built.text);
    assert_true(code && code->from_segment && code->kind == FPS_REGION_CODE);
    assert_non_null(region_at(object, built.rodata));
    fps_object_free(object);
}

static void a_section_type_alone_does_not_hide_literals(void **state)
{
    (void)state;
    static const uint32_t types[] = {SHT_STRTAB, SHT_SYMTAB_SHNDX, SHT_HASH, SHT_GNU_verdef};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const library_options options = {.wide = true, .sections = true};
        library_build(&built, &options);
        elf_set(&built.b, elf_section_header(&built.b, 11) + 4, types[i], 4); /* .rodata */
        fps_object *object = open_bytes(built.b.data, built.b.size);
        assert_string_equal(region_at(object, built.rodata)->name, ".rodata");
        assert_int_equal(region_at(object, built.rodata)->kind, FPS_REGION_READ_ONLY);
        fps_object_free(object);
    }
}

static void sections_that_overlap_are_clipped(void **state)
{
    (void)state;
    const library_options options = {.wide = true, .sections = true};
    library_build(&built, &options);
    for (uint32_t i = 1; i < built.b.section_count; i++)
        elf_set(&built.b, elf_section_header(&built.b, i) + 32, built.data - 64, 8);
    fps_object_free(open_bytes(built.b.data, built.b.size)); /* object_check tells */
}

static void without_program_headers_the_sections_are_enough(void **state)
{
    (void)state;
    library_options options = {.wide = true, .big = true, .sections = true};
    library_build(&built, &options);
    elf_set(&built.b, elf_phnum_at(&built.b), 0, 2);
    fps_object *object = open_bytes(built.b.data, built.b.size);
    expect_facts(object, &options);
    expect_symbols(object);
    expect_regions(object, &options);
    fps_object_free(object);
}

enum { RELOCATABLE_NAMES = 64 };

/* A relocatable object whose symbols are given as NAME and section number; SHN_XINDEX goes through its own
 * table. */
static fps_object *open_relocatable(bool wide, const char *const *names, const uint16_t *sections,
                                    size_t count)
{
    elf_builder *b = &built.b;
    elf_begin(b, wide, !wide, ET_REL, EM_AARCH64);
    size_t text = elf_put_text(b, "text"), strings = b->size;
    uint32_t offsets[RELOCATABLE_NAMES];
    elf_put(b, 0, 1);
    for (size_t i = 0; i < count; i++)
        offsets[i] = (uint32_t)(elf_put_text(b, names[i]) - strings);
    size_t strings_end = b->size, symbols = elf_align(b, 8);
    elf_put_symbol(b, 0, 0, 0, 0, 0);
    for (size_t i = 0; i < count; i++)
        elf_put_symbol(b, offsets[i], 4, 8, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), sections[i]);
    size_t symbols_end = b->size;
    elf_put(b, 0, 4);
    for (size_t i = 0; i < count; i++)
        elf_put(b, 70000, 4);
    elf_section(b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, text, 5);
    uint32_t names_at = elf_section(b, ".strtab", SHT_STRTAB, 0, strings, strings_end - strings);
    uint32_t table = elf_section(b, ".symtab", SHT_SYMTAB, 0, symbols, symbols_end - symbols);
    b->sections[table].link = names_at;
    uint32_t wide_table = elf_section(b, ".symtab_shndx", SHT_SYMTAB_SHNDX, 0, symbols_end, 4 * (count + 1));
    b->sections[wide_table].link = table;
    elf_finish(b);
    return open_bytes(b->data, b->size);
}

static void symbols_of_a_relocatable_object(void **state)
{
    (void)state;
    static const char *const names[] = {"plain", "needed@VERS_1", "kept@@VERS_2", "far"};
    static const uint16_t sections[] = {1, SHN_UNDEF, 1, SHN_XINDEX};
    for (int wide = 0; wide < 2; wide++) {
        fps_object *object = open_relocatable(wide, names, sections, 4);
        const fps_object_info *info = fps_object_get_info(object);
        assert_int_equal(info->type, FPS_OBJECT_RELOCATABLE);
        assert_true(info->has_symbol_table);
        assert_int_equal(fps_object_symbol_count(object), 4);
        assert_int_equal(find_symbol(object, "plain")->address, 4);
        assert_false(find_symbol(object, "plain")->dynamic);
        assert_string_equal(find_symbol(object, "needed")->version, "VERS_1");
        assert_false(find_symbol(object, "needed")->defined);
        assert_string_equal(find_symbol(object, "kept")->version, "VERS_2");
        assert_int_equal(find_symbol(object, "far")->section, 70000);
        assert_int_equal(fps_object_region(object, 0)->address, 0);
        assert_int_equal(fps_object_region(object, 0)->kind, FPS_REGION_CODE);
        fps_object_free(object);
    }
}

static void the_same_symbol_is_kept_once(void **state)
{
    (void)state;
    static const char *const names[] = {"twice", "twice", "twice@@V1", "twice"};
    static const uint16_t sections[] = {1, 1, 1, SHN_UNDEF};
    fps_object *object = open_relocatable(true, names, sections, 4);
    assert_int_equal(fps_object_symbol_count(object), 2); /* defined and not */
    assert_string_equal(fps_object_symbol(object, 0)->version, "V1");
    fps_object_free(object);
}

static void a_name_without_end_is_cut(void **state)
{
    (void)state;
    static char name[6000];
    memset(name, 'n', sizeof name - 1);
    const char *const names[] = {name, "short"};
    static const uint16_t sections[] = {1, 1};
    fps_object *object = open_relocatable(true, names, sections, 2);
    assert_int_equal(strlen(fps_object_symbol(object, 0)->name), 4096);
    assert_string_equal(fps_object_symbol(object, 1)->name, "short");
    assert_non_null(find_diagnostic(object, "name-cut"));
    fps_object_free(object);
}

static void limits_that_bite_are_said(void **state)
{
    (void)state;
    const library_options options = {.wide = true, .sections = true};
    library_build(&built, &options);
    fps_object *object;
    const fps_object_limits few = {.symbols = 2, .sections = 4};
    assert_int_equal(fps_object_open(&object, built.b.data, built.b.size, &few, NULL), FPS_OK);
    assert_int_equal(fps_object_symbol_count(object), 2);
    assert_int_equal(find_diagnostic(object, "symbol-limit")->level, FPS_DIAGNOSTIC_PARTIAL);
    assert_non_null(find_diagnostic(object, "truncated-section-table"));
    fps_object_free(object);
    const fps_object_limits tiny = {.memory = 1};
    assert_int_equal(fps_object_open(&object, built.b.data, built.b.size, &tiny, NULL), FPS_ERROR_MEMORY);
    assert_null(object);
}

static void programs_and_libraries_are_told_apart(void **state)
{
    (void)state;
    library_options options = {.wide = true};
    library_build(&built, &options);
    elf_set(&built.b, 24, ELF_BASE + built.text, 8); /* an entry makes no program of what has a soname */
    fps_object *object = open_bytes(built.b.data, built.b.size);
    assert_int_equal(fps_object_get_info(object)->type, FPS_OBJECT_SHARED);
    assert_int_equal(fps_object_get_info(object)->entry, ELF_BASE + built.text);
    fps_object_free(object);
    elf_set(&built.b, built.dynamic, DT_FLAGS_1, 8);
    elf_set(&built.b, built.dynamic + 8, DF_1_PIE, 8);
    object = open_bytes(built.b.data, built.b.size);
    assert_int_equal(fps_object_get_info(object)->type, FPS_OBJECT_EXECUTABLE);
    fps_object_free(object);
    static const uint16_t types[][2] = {
        {ET_EXEC, FPS_OBJECT_EXECUTABLE}, {ET_CORE, FPS_OBJECT_CORE}, {77, 0}};
    for (size_t i = 0; i < 3; i++) {
        elf_set(&built.b, 16, types[i][0], 2);
        object = open_bytes(built.b.data, built.b.size);
        assert_int_equal(fps_object_get_info(object)->type, types[i][1]);
        fps_object_free(object);
    }
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    fps_object *object;
    fps_error error;
    assert_int_equal(fps_object_identify(NULL, 0), FPS_FORMAT_NONE);
    assert_int_equal(fps_object_identify("\x7f"
                                         "ELF",
                                         4),
                     FPS_FORMAT_ELF);
    assert_int_equal(fps_object_identify("\x7f"
                                         "EL",
                                         3),
                     FPS_FORMAT_NONE);
    assert_int_equal(fps_object_open(&object, NULL, 0, NULL, &error), FPS_ERROR_FORMAT);
    assert_int_equal(fps_object_open(&object, "text", 4, NULL, &error), FPS_ERROR_FORMAT);
    assert_int_equal(fps_object_open(&object, "!<arch>\n", 8, NULL, &error), FPS_ERROR_FORMAT);
    assert_int_equal(fps_object_open(&object,
                                     "\x7f"
                                     "ELF\2\1\1",
                                     8, NULL, &error),
                     FPS_ERROR_CORRUPT);
    assert_null(object);
    fps_object_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_the_library_reads_the_same),
        cmocka_unit_test(a_gnu_hash_without_exports_leaves_the_count_to_the_layout),
        cmocka_unit_test(a_section_table_that_hides_code_hides_nothing),
        cmocka_unit_test(a_section_type_alone_does_not_hide_literals),
        cmocka_unit_test(sections_that_overlap_are_clipped),
        cmocka_unit_test(without_program_headers_the_sections_are_enough),
        cmocka_unit_test(symbols_of_a_relocatable_object),
        cmocka_unit_test(the_same_symbol_is_kept_once),
        cmocka_unit_test(a_name_without_end_is_cut),
        cmocka_unit_test(limits_that_bite_are_said),
        cmocka_unit_test(programs_and_libraries_are_told_apart),
        cmocka_unit_test(what_is_no_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
