/* Reading PE and PE32+: imports, exports, COFF symbols, regions; cut anywhere and with wild values anywhere.
 */
#include "../object/object_check.h"
#include "../object/pe_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static pe_builder built;

static fps_object *open_exact(size_t size, void **copy)
{
    fps_object *object = NULL;
    *copy = malloc(size ? size : 1);
    assert_non_null(*copy);
    memcpy(*copy, built.data, size);
    fps_status status = fps_object_open(&object, *copy, size, NULL, NULL);
    if (status != FPS_OK && status != FPS_ERROR_CORRUPT && status != FPS_ERROR_FORMAT)
        fail_msg("status %s", fps_status_name(status));
    const char *wrong = object ? object_check(object, *copy, size) : NULL;
    if (wrong)
        fail_msg("%s", wrong);
    return object;
}

static void close_exact(fps_object *object, void *copy)
{
    fps_object_free(object);
    free(copy);
}

static const fps_symbol *find_symbol(const fps_object *object, const char *name)
{
    for (size_t i = 0; i < fps_object_symbol_count(object); i++) {
        if (strcmp(fps_object_symbol(object, i)->name, name) == 0)
            return fps_object_symbol(object, i);
    }
    fail_msg("there is no symbol %s", name);
    return NULL;
}

static fps_region_kind kind_at(const fps_object *object, size_t offset)
{
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        if (offset >= region->offset && offset - region->offset < region->size)
            return region->kind;
    }
    return FPS_REGION_OTHER;
}

static bool has_diagnostic(const fps_object *object, const char *code, fps_diagnostic_level level)
{
    for (size_t i = 0; i < fps_object_diagnostic_count(object); i++) {
        const fps_diagnostic *diagnostic = fps_object_diagnostic(object, i);
        if (strcmp(diagnostic->code, code) == 0 && diagnostic->level == level)
            return true;
    }
    return false;
}

static void expect_import(const fps_object *object, const char *name, const char *library)
{
    const fps_symbol *symbol = find_symbol(object, name);
    assert_false(symbol->defined);
    assert_true(symbol->dynamic);
    assert_string_equal(symbol->library, library);
}

static void both_forms_read_the_same(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        void *copy;
        pe_build(&built, wide);
        fps_object *object = open_exact(built.size, &copy);
        const fps_object_info *info = fps_object_get_info(object);
        assert_int_equal(fps_object_diagnostic_count(object), 0);
        assert_int_equal(info->format, FPS_FORMAT_PE);
        assert_int_equal(info->type, FPS_OBJECT_SHARED);
        assert_int_equal(info->bits, wide ? 64 : 32);
        assert_string_equal(info->machine_name, wide ? "x86-64" : "i386");
        assert_string_equal(info->soname, "built.dll");
        assert_int_equal(info->entry, PE_TEXT);
        assert_string_equal(fps_object_text(object, FPS_TEXT_NEEDED, 0), "used.dll");
        assert_string_equal(fps_object_text(object, FPS_TEXT_NEEDED, 1), "later.dll");
        expect_import(object, "used_function", "used.dll");
        expect_import(object, "#8", "later.dll");
        expect_import(object, "later_function", "later.dll");
        assert_int_equal(find_symbol(object, "first")->address, PE_TEXT + 4);
        assert_int_equal(find_symbol(object, "first")->type, FPS_SYMBOL_FUNCTION);
        assert_int_equal(find_symbol(object, "sent")->address, 0); /* a forwarder */
        assert_int_equal(find_symbol(object, "short")->type, FPS_SYMBOL_FUNCTION);
        assert_false(find_symbol(object, "a_long_local_name")->global);
        assert_int_equal(fps_object_symbol_count(object), 9);
        close_exact(object, copy);
    }
}

static void what_is_exported_or_imported_by_number_alone_is_named_by_it(void **state)
{
    (void)state;
    void *copy;
    pe_build(&built, true);
    fps_object *object = open_exact(built.size, &copy);
    size_t found = 0;
    for (size_t i = 0; i < fps_object_symbol_count(object); i++) {
        const fps_symbol *symbol = fps_object_symbol(object, i);
        if (strcmp(symbol->name, "#7") == 0) {
            assert_int_equal(symbol->defined, found == 0); /* exports come first */
            assert_int_equal(symbol->address == PE_TEXT + 8, found == 0);
            found++;
        }
    }
    assert_int_equal(found, 2);
    close_exact(object, copy);
}

static void names_of_imports_and_exports_are_no_literals(void **state)
{
    (void)state;
    void *copy;
    pe_build(&built, true);
    fps_object *object = open_exact(built.size, &copy);
    assert_int_equal(kind_at(object, PE_DATA_FILE), FPS_REGION_READ_ONLY);
    assert_int_equal(kind_at(object, PE_HEADERS), FPS_REGION_CODE);
    assert_int_equal(kind_at(object, built.exports), FPS_REGION_SYMBOL_TABLE);
    static const char *const names[] = {"used.dll", "used_function", "later_function", "used.elsewhere",
                                        "first"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const uint8_t *at = memmem(built.data, built.size, names[i], strlen(names[i]) + 1);
        assert_int_equal(kind_at(object, (size_t)(at - built.data)), FPS_REGION_SYMBOL_TABLE);
    }
    close_exact(object, copy);
}

static void a_file_cut_anywhere_is_partial_and_still_read(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        pe_build(&built, wide);
        for (size_t size = 0; size < built.size; size++) {
            void *copy;
            fps_object *object = open_exact(size, &copy);
            bool partial =
                object && (has_diagnostic(object, "truncated-section", FPS_DIAGNOSTIC_PARTIAL) ||
                           has_diagnostic(object, "section-out-of-file", FPS_DIAGNOSTIC_PARTIAL) ||
                           has_diagnostic(object, "truncated-section-table", FPS_DIAGNOSTIC_PARTIAL));
            assert_int_equal(partial, object && size < PE_DATA_FILE + 0x400);
            close_exact(object, copy);
        }
    }
}

static void wild_values_everywhere_are_harmless(void **state)
{
    (void)state;
    static const uint32_t values[] = {0, 1, UINT32_MAX, INT32_MAX, PE_DATA, PE_DATA + 0x3ff, PE_TEXT};
    for (int wide = 0; wide < 2; wide++) {
        pe_build(&built, wide);
        for (size_t at = 0; at < built.size; at += at == built.data_end ? 0x100 : 2) {
            uint32_t saved;
            memcpy(&saved, built.data + at, 4);
            for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
                void *copy;
                pe_set(&built, at, values[i], 4);
                fps_object *object = open_exact(built.size, &copy);
                close_exact(object, copy);
            }
            memcpy(built.data + at, &saved, 4);
        }
    }
}

static void import_tables_that_overlap_end(void **state)
{
    (void)state;
    void *copy;
    pe_build(&built, true);
    size_t thunk = PE_DATA_FILE + 0x100; /* thunks without an end, and many libraries that share them */
    for (size_t at = thunk; at + 8 <= built.imports; at += 8)
        pe_set(&built, at, (uint64_t)1 << 63, 8);
    memset(built.data + thunk, 0x80, 0x400 - 0x100);
    for (size_t at = built.imports; at + 20 <= PE_DATA_FILE + 0x400; at += 20) {
        pe_set(&built, at, PE_DATA + 0x100, 4);
        pe_set(&built, at + 12, PE_DATA, 4);
        pe_set(&built, at + 16, PE_DATA + 0x100, 4);
    }
    fps_object *object = open_exact(built.size, &copy);
    assert_non_null(object);
    assert_true(has_diagnostic(object, "import-table-damaged", FPS_DIAGNOSTIC_NOTE));
    close_exact(object, copy);
}

static void a_pe_is_known_by_its_header_alone(void **state)
{
    (void)state;
    pe_build(&built, true);
    assert_int_equal(fps_object_identify(built.data, built.size), FPS_FORMAT_PE);
    pe_set(&built, 0x3c, UINT32_MAX, 4);
    assert_int_equal(fps_object_identify(built.data, built.size), FPS_FORMAT_NONE);
    assert_int_equal(fps_object_identify("MZ", 2), FPS_FORMAT_NONE);
    pe_build(&built, true);
    pe_set(&built, built.optional, 0x999, 2);
    fps_object *object;
    fps_error error;
    assert_int_equal(fps_object_open(&object, built.data, built.size, NULL, &error), FPS_ERROR_CORRUPT);
    assert_int_equal(error.offset, built.optional);
}

static void put_block(uint32_t page, uint32_t size, uint16_t first, uint16_t second)
{
    pe_put(&built, page, 4);
    pe_put(&built, size, 4);
    pe_put(&built, first, 2);
    pe_put(&built, second, 2);
}

/* Base relocations tell where 32-bit code holds addresses; a block that lies about its size ends them. */
static void base_relocations_of_code_are_read(void **state)
{
    (void)state;
    void *copy;
    for (int wide = 0; wide < 2; wide++) {
        pe_build(&built, wide);
        built.size = (built.data_end + 3) & ~(size_t)3;
        size_t table = built.size;
        put_block(PE_DATA, 12, 0x3000 | 8, 0);                 /* in data */
        put_block(PE_TEXT, 12, 0x3000 | 0x20, 0x3000 | 4);     /* in code, in any order */
        put_block(PE_TEXT, 12, 0xa000 | 0x40, 0x3000 | 0x1fe); /* another type; runs out of the section */
        put_block(PE_TEXT, 4000, 0x3000 | 0x60, 0);
        pe_directory(&built, 5, table, built.size - table);
        built.size = PE_CAPACITY;
        fps_object *object = open_exact(built.size, &copy);
        assert_non_null(object);
        assert_int_equal(fps_object_relocation_count(object), wide ? 0 : 2);
        if (!wide) {
            assert_int_equal(fps_object_relocation(object, 0)->offset, PE_HEADERS + 4);
            assert_int_equal(fps_object_relocation(object, 1)->offset, PE_HEADERS + 0x20);
        }
        close_exact(object, copy);
    }
}

/* ---- how the file was made ---- */

/* Pairs of product and build with a number of objects, hidden by a key (undocumented; as link.exe writes it). */
static void put_rich(size_t at, uint32_t key)
{
    static const uint32_t words[] = {0x536e6144, 0, 0, 0, 261u << 16 | 30133, 12, 260u << 16 | 30133, 3};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        pe_set(&built, at + 4 * i, words[i] ^ key, 4);
    memcpy(built.data + at + sizeof words, "Rich", 4);
    pe_set(&built, at + sizeof words + 4, key, 4);
}

/* An assembly with two references (ECMA-335, II.22.2 and II.22.5): its metadata have the tables Module, Assembly, AssemblyRef. */
static size_t put_assembly(void)
{
    static const char strings[] = "\0Own\0System.One\0Two";
    enum { OWN = 1, ONE = 5, TWO = 16 };
    built.size = (built.data_end + 7) & ~(size_t)7;
    size_t header = built.size;
    built.size += 72;
    size_t root = built.size;
    pe_put(&built, 0x424a5342, 4);
    pe_put(&built, 0x00010001, 4);
    pe_put(&built, 0, 4);
    pe_put(&built, 4, 4);
    pe_put(&built, 0x302e3176, 4); /* "v1.0" */
    pe_put(&built, 2u << 16, 4);
    size_t tables = pe_put(&built, 0, 8);
    memcpy(built.data + built.size, "#~\0\0", 4);
    built.size += 4;
    size_t heap = pe_put(&built, 0, 8);
    memcpy(built.data + built.size, "#Strings\0\0\0\0", 12);
    built.size += 12;
    size_t start = built.size;
    pe_put(&built, 0, 8);
    pe_put(&built, 1ull << 0x00 | 1ull << 0x20 | 1ull << 0x23, 8);
    pe_put(&built, 0, 8);
    pe_put(&built, 1, 4);
    pe_put(&built, 1, 4);
    pe_put(&built, 2, 4);
    built.size += 10;          /* Module */
    pe_put(&built, 0x8004, 4); /* Assembly: hash, version, flags, key, name, culture */
    pe_put(&built, 4ull << 48 | 3ull << 32 | 2u << 16 | 1, 8);
    pe_put(&built, 0, 6);
    pe_put(&built, OWN, 4);
    for (size_t i = 0; i < 2; i++) { /* AssemblyRef: version, flags, key, name, culture, hash */
        pe_put(&built, 8 + i, 8);
        pe_put(&built, 0, 6);
        pe_put(&built, i ? TWO : ONE, 6);
    }
    pe_set(&built, tables, start - root, 4);
    pe_set(&built, tables + 4, built.size - start, 4);
    size_t texts = built.size;
    memcpy(built.data + texts, strings, sizeof strings);
    built.size += sizeof strings;
    pe_set(&built, heap, texts - root, 4);
    pe_set(&built, heap + 4, sizeof strings, 4);
    pe_set(&built, header + 8, pe_address(root), 4);
    pe_set(&built, header + 12, built.size - root, 4);
    pe_directory(&built, 14, header, 72);
    return root;
}

static void a_file_says_how_it_was_made(void **state)
{
    (void)state;
    void *copy;
    pe_build(&built, true);
    put_rich(0x40, 0x12345678);
    size_t root = put_assembly(), end = built.size;
    pe_set(&built, built.directories + 4 * 8, PE_CAPACITY - 64, 4);
    pe_set(&built, built.directories + 4 * 8 + 4, 64, 4);
    built.size = PE_CAPACITY;
    fps_object *object = open_exact(built.size, &copy);
    const fps_object_info *info = fps_object_get_info(object);
    assert_string_equal(info->assembly, "Own 1.2.3.4");
    assert_int_equal(fps_object_text_count(object, FPS_TEXT_REFERENCE), 2);
    assert_string_equal(fps_object_text(object, FPS_TEXT_REFERENCE, 0), "System.One 8.0.0.0");
    assert_string_equal(fps_object_text(object, FPS_TEXT_REFERENCE, 1), "Two 9.0.0.0");
    assert_string_equal(fps_object_text(object, FPS_TEXT_COMMENT, 0),
                        "Rich: product 261, build 30133, objects 12");
    assert_string_equal(fps_object_text(object, FPS_TEXT_COMMENT, 1),
                        "Rich: product 260, build 30133, objects 3");
    assert_true(info->has_certificate);
    close_exact(object, copy);
    for (size_t at = root; at < end; at++) { /* wild values in the metadata, byte by byte */
        uint8_t old = built.data[at];
        for (unsigned wild = 0; wild < 3; wild++) {
            built.data[at] = (uint8_t)(wild == 0 ? 0xff : wild == 1 ? 0 : old ^ 0x80);
            object = open_exact(built.size, &copy);
            close_exact(object, copy);
        }
        built.data[at] = old;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_read_the_same),
        cmocka_unit_test(what_is_exported_or_imported_by_number_alone_is_named_by_it),
        cmocka_unit_test(names_of_imports_and_exports_are_no_literals),
        cmocka_unit_test(a_file_cut_anywhere_is_partial_and_still_read),
        cmocka_unit_test(wild_values_everywhere_are_harmless),
        cmocka_unit_test(import_tables_that_overlap_end),
        cmocka_unit_test(a_pe_is_known_by_its_header_alone),
        cmocka_unit_test(base_relocations_of_code_are_read),
        cmocka_unit_test(a_file_says_how_it_was_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
