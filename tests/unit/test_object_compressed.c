/* Sections of ELF files that are compressed, and the symbols in .gnu_debugdata. */
#include "../object/elf_builder.h"
#include "../object/object_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <zstd.h>

enum { CODE = 256, TYPE_OLD = 0, TYPE_ZLIB = 1, TYPE_ZSTD = 2 }; /* TYPE_OLD: .zdebug */

static elf_builder outer, inner;

static fps_object *open_built(const elf_builder *b)
{
    fps_object *object = NULL;
    fps_error error = {.message = ""};
    if (fps_object_open(&object, b->data, b->size, NULL, &error))
        fail_msg("cannot be opened: %s", error.message);
    const char *wrong = object_check(object, b->data, b->size);
    if (wrong)
        fail_msg("%s", wrong);
    return object;
}

static const fps_symbol *find_symbol(const fps_object *object, const char *name)
{
    for (size_t i = 0; i < fps_object_symbol_count(object); i++)
        if (strcmp(fps_object_symbol(object, i)->name, name) == 0)
            return fps_object_symbol(object, i);
    return NULL;
}

static bool is_damaged(const fps_object *object)
{
    for (size_t i = 0; i < fps_object_diagnostic_count(object); i++)
        if (strcmp(fps_object_diagnostic(object, i)->code, "symbol-table-damaged") == 0)
            return true;
    return false;
}

/* A program of one segment. */
static size_t begin(elf_builder *b, bool wide)
{
    elf_begin(b, wide, false, ET_EXEC, wide ? EM_X86_64 : EM_386);
    size_t code = elf_align(b, 16);
    for (int i = 0; i < CODE; i++)
        elf_put(b, 0x90, 1);
    elf_segment(b, PT_LOAD, PF_R | PF_X, 0, b->size);
    return code;
}

static size_t put_symbols(elf_builder *b, uint64_t address)
{
    size_t at = elf_align(b, 8);
    elf_put_symbol(b, 0, 0, 0, 0, 0);
    elf_put_symbol(b, 1, address, 32, ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 1);
    elf_put_symbol(b, 1 + sizeof "acme_hidden", address + 32, 16, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 1);
    return at;
}

static const char names[] = "\0acme_hidden\0acme_other";

static void add_tables(elf_builder *b, size_t symbols, size_t symbols_size, uint32_t flags)
{
    size_t texts = elf_put_bytes(b, names, sizeof names);
    uint32_t strings = elf_section(b, ".strtab", SHT_STRTAB, 0, texts, sizeof names);
    uint32_t table = elf_section(b, ".symtab", SHT_SYMTAB, flags, symbols, symbols_size);
    b->sections[table].link = strings;
    b->sections[table].entry = b->wide ? 24 : 16;
}

/* A file of symbols alone, as objcopy makes it for .gnu_debugdata. */
static void make_inner(bool wide, uint64_t address)
{
    elf_begin(&inner, wide, false, ET_EXEC, wide ? EM_X86_64 : EM_386);
    size_t at = put_symbols(&inner, address);
    add_tables(&inner, at, inner.size - at, 0);
}

static size_t pack_xz(const elf_builder *b, uint8_t *out, size_t room)
{
    size_t used = 0;
    assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, b->data, b->size, out, &used, room),
                     LZMA_OK);
    return used;
}

/* A stripped program with `size` bytes of .gnu_debugdata. */
static fps_object *open_with(bool wide, const uint8_t *bytes, size_t size, unsigned times)
{
    begin(&outer, wide);
    for (unsigned i = 0; i < times; i++)
        elf_section(&outer, ".gnu_debugdata", SHT_PROGBITS, 0, elf_put_bytes(&outer, bytes, size), size);
    elf_finish(&outer);
    return open_built(&outer);
}

static uint8_t packed[ELF_CAPACITY];

static void symbols_of_debug_data_are_the_objects(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        make_inner(wide, ELF_BASE + 0x100);
        elf_finish(&inner);
        size_t size = pack_xz(&inner, packed, sizeof packed);
        fps_object *object = open_with(wide, packed, size, 1);
        const fps_symbol *symbol = find_symbol(object, "acme_hidden");
        assert_non_null(symbol);
        assert_true(symbol->defined && !symbol->dynamic && symbol->type == FPS_SYMBOL_FUNCTION);
        assert_int_equal(symbol->address, ELF_BASE + 0x100);
        assert_int_equal(symbol->size, 32);
        assert_non_null(find_symbol(object, "acme_other"));
        assert_true(fps_object_get_info(object)->has_debug_data);
        assert_false(fps_object_get_info(object)->has_symbol_table);
        assert_false(is_damaged(object));
        fps_object_free(object);
    }
}

static void debug_data_that_may_hide_something_is_not_passed_over(void **state)
{
    (void)state;
    make_inner(true, ELF_BASE);
    size_t hidden = inner.size;
    for (int i = 0; i < 8000; i++)
        elf_put(&inner, (uint64_t)i * 7, 1);
    elf_section(&inner, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, hidden, 8000);
    elf_finish(&inner);
    size_t size = pack_xz(&inner, packed, sizeof packed);
    fps_object *object = open_with(true, packed, size, 1);
    assert_non_null(find_symbol(object, "acme_hidden"));
    assert_false(fps_object_get_info(object)->has_debug_data);
    fps_object_free(object);

    make_inner(true, ELF_BASE);
    elf_finish(&inner);
    size = pack_xz(&inner, packed, sizeof packed);
    object = open_with(true, packed, size, 2); /* nobody looks at the second */
    assert_false(fps_object_get_info(object)->has_debug_data);
    fps_object_free(object);
    memset(packed + size, 0x41, 100);
    object = open_with(true, packed, size + 100, 1);
    assert_false(fps_object_get_info(object)->has_debug_data);
    fps_object_free(object);
}

static void damaged_debug_data_is_said(void **state)
{
    (void)state;
    make_inner(true, ELF_BASE);
    elf_finish(&inner);
    size_t size = pack_xz(&inner, packed, sizeof packed);
    packed[size / 2] ^= 0x55;
    fps_object *object = open_with(true, packed, size, 1);
    assert_true(is_damaged(object));
    assert_null(find_symbol(object, "acme_hidden"));
    fps_object_free(object);

    make_inner(false, ELF_BASE); /* of another machine */
    elf_finish(&inner);
    size = pack_xz(&inner, packed, sizeof packed);
    object = open_with(true, packed, size, 1);
    assert_true(is_damaged(object));
    fps_object_free(object);
}

static void debug_data_inside_of_debug_data_is_not_opened(void **state)
{
    (void)state;
    make_inner(true, ELF_BASE);
    elf_finish(&inner);
    size_t size = pack_xz(&inner, packed, sizeof packed);
    elf_begin(&inner, true, false, ET_EXEC, EM_X86_64);
    elf_section(&inner, ".gnu_debugdata", SHT_PROGBITS, 0, elf_put_bytes(&inner, packed, size), size);
    elf_finish(&inner);
    size = pack_xz(&inner, packed, sizeof packed);
    fps_object *object = open_with(true, packed, size, 1);
    assert_null(find_symbol(object, "acme_hidden"));
    fps_object_free(object);
}

static size_t pack_zlib(const uint8_t *raw, size_t size, uint8_t *out, size_t room)
{
    struct isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.next_in = (uint8_t *)(uintptr_t)raw;
    stream.avail_in = (uint32_t)size;
    stream.next_out = out;
    stream.avail_out = (uint32_t)room;
    stream.end_of_stream = 1;
    stream.gzip_flag = IGZIP_ZLIB;
    assert_int_equal(isal_deflate_stateless(&stream), COMP_OK);
    return stream.total_out;
}

/* A program whose table of symbols is compressed; the header says that it has `claimed` more bytes than it has. */
static fps_object *open_compressed(bool wide, unsigned type, int64_t claimed)
{
    static uint8_t raw[4096];
    size_t code = begin(&outer, wide), at = put_symbols(&outer, ELF_BASE + code), size = outer.size - at;
    memcpy(raw, outer.data + at, size);
    outer.size = at;
    uint64_t told = (uint64_t)((int64_t)size + claimed);
    if (type == TYPE_OLD) {
        elf_put_bytes(&outer, "ZLIB", 4);
        for (int i = 7; i >= 0; i--)
            elf_put(&outer, told >> 8 * i, 1);
    } else {
        elf_put(&outer, type, 4);
        if (wide)
            elf_put(&outer, 0, 4);
        elf_put_word(&outer, told);
        elf_put_word(&outer, 8);
    }
    if (type == TYPE_ZSTD) {
        outer.size += ZSTD_compress(outer.data + outer.size, 4096, raw, size, 3);
    } else {
        outer.size += pack_zlib(raw, size, outer.data + outer.size, 4096);
    }
    add_tables(&outer, at, outer.size - at, type == TYPE_OLD ? 0 : SHF_COMPRESSED);
    outer.sections[outer.section_count - 1].name = type == TYPE_OLD ? ".zsymtab" : ".symtab";
    elf_finish(&outer);
    return open_built(&outer);
}

static void compressed_tables_are_read(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++)
        for (unsigned type = TYPE_OLD; type <= TYPE_ZSTD; type++) {
            fps_object *object = open_compressed(wide, type, 0);
            assert_non_null(find_symbol(object, "acme_hidden"));
            assert_non_null(find_symbol(object, "acme_other"));
            assert_false(is_damaged(object));
            fps_object_free(object);
        }
}

static void compressed_tables_that_lie_are_said(void **state)
{
    (void)state;
    static const int64_t claims[] = {1, -1, 1 << 20, INT64_MAX / 2};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        for (unsigned type = TYPE_OLD; type <= TYPE_ZSTD + 1; type++) {
            if (type <= TYPE_ZLIB && claims[i] < 0)
                continue; /* what lies behind the claim is not asked for */
            fps_object *object = open_compressed(true, type, claims[i]);
            assert_true(is_damaged(object));
            assert_null(find_symbol(object, "acme_hidden"));
            fps_object_free(object);
        }
}

/* What is said of a comment that is too long, in a section that is compressed or as it is. */
static uint64_t offset_of_cut_name(bool compressed, size_t *at)
{
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    begin(&outer, true);
    *at = outer.size;
    if (compressed) {
        elf_put(&outer, TYPE_ZLIB, 8);
        elf_put(&outer, sizeof text, 8);
        elf_put(&outer, 1, 8);
        outer.size += pack_zlib((const uint8_t *)text, sizeof text, outer.data + outer.size, sizeof text);
    } else {
        elf_put_bytes(&outer, text, sizeof text);
    }
    elf_section(&outer, ".comment", SHT_PROGBITS, compressed ? SHF_COMPRESSED : 0, *at, outer.size - *at);
    elf_finish(&outer);
    fps_object *object = open_built(&outer);
    const fps_diagnostic *found = NULL, *next;
    for (size_t i = 0; !found && (next = fps_object_diagnostic(object, i)); i++)
        found = strcmp(next->code, "name-cut") == 0 ? next : NULL;
    assert_non_null(found);
    uint64_t offset = found->offset;
    fps_object_free(object);
    return offset;
}

static void a_cut_text_of_an_unpacked_section_has_no_offset_in_the_file(void **state)
{
    (void)state;
    size_t at;
    uint64_t offset = offset_of_cut_name(false, &at);
    assert_int_equal(offset, at);
    assert_int_equal(offset_of_cut_name(true, &at), UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_of_debug_data_are_the_objects),
        cmocka_unit_test(debug_data_that_may_hide_something_is_not_passed_over),
        cmocka_unit_test(damaged_debug_data_is_said),
        cmocka_unit_test(debug_data_inside_of_debug_data_is_not_opened),
        cmocka_unit_test(compressed_tables_are_read),
        cmocka_unit_test(compressed_tables_that_lie_are_said),
        cmocka_unit_test(a_cut_text_of_an_unpacked_section_has_no_offset_in_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
