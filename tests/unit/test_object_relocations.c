/* Relocations of relocatable ELF objects: both classes and byte orders, and tables that lie. */
#include "../object/elf_builder.h"
#include "../object/object_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { TEXT_SIZE = 64, TYPE = 26 };

static elf_builder built;

typedef struct layout {
    size_t text, table;
    uint32_t text_section, table_section;
} layout;

static void put_relocation(elf_builder *b, bool addend, uint64_t offset, uint32_t type)
{
    elf_put_word(b, offset);
    elf_put_word(b, b->wide ? (uint64_t)3 << 32 | type : (uint64_t)3 << 8 | type);
    if (addend)
        elf_put_word(b, 7);
}

/* An object of one text section with relocations at `offsets`; sh_info is set after the tables are written.
 */
static layout build(bool wide, bool big, bool addend, const uint64_t *offsets, size_t count)
{
    elf_builder *b = &built;
    layout at = {0};
    elf_begin(b, wide, big, ET_REL, EM_X86_64);
    at.text = elf_align(b, 16);
    b->size += TEXT_SIZE;
    at.table = elf_align(b, 8);
    for (size_t i = 0; i < count; i++)
        put_relocation(b, addend, offsets[i], TYPE + (uint32_t)i);
    size_t end = b->size;
    at.text_section = elf_section(b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, at.text, TEXT_SIZE);
    at.table_section = elf_section(b, ".rela.text", addend ? SHT_RELA : SHT_REL, 0, at.table, end - at.table);
    elf_finish(b);
    elf_set(b, elf_section_header(b, at.table_section) + (wide ? 44u : 28u), at.text_section, 4);
    return at;
}

static fps_object *open_built(void)
{
    fps_object *object = NULL;
    assert_int_equal(fps_object_open(&object, built.data, built.size, NULL, NULL), FPS_OK);
    const char *wrong = object_check(object, built.data, built.size);
    if (wrong)
        fail_msg("%s", wrong);
    return object;
}

static bool has_diagnostic(const fps_object *object, const char *code)
{
    for (size_t i = 0; i < fps_object_diagnostic_count(object); i++) {
        if (strcmp(fps_object_diagnostic(object, i)->code, code) == 0)
            return true;
    }
    return false;
}

static void every_form_gives_the_same_sorted_list(void **state)
{
    (void)state;
    static const uint64_t offsets[] = {40, 4, 17};
    for (unsigned form = 0; form < 8; form++) {
        layout at = build(form & 1, form & 2, form & 4, offsets, 3);
        fps_object *object = open_built();
        const fps_relocation *relocations = fps_object_relocation(object, 0);
        assert_int_equal(fps_object_relocation_count(object), 3);
        assert_int_equal(relocations[0].offset, at.text + 4);
        assert_int_equal(relocations[0].type, TYPE + 1);
        assert_int_equal(relocations[1].offset, at.text + 17);
        assert_int_equal(relocations[2].offset, at.text + 40);
        assert_int_equal(relocations[2].type, TYPE);
        assert_int_equal(fps_object_region(object, 0)->section, at.text_section);
        fps_object_free(object);
    }
}

static void those_outside_of_the_section_are_left_out_and_noted(void **state)
{
    (void)state;
    static const uint64_t offsets[] = {0, TEXT_SIZE, UINT64_MAX, TEXT_SIZE - 1};
    layout at = build(true, false, true, offsets, 4);
    fps_object *object = open_built();
    assert_int_equal(fps_object_relocation_count(object), 2);
    assert_int_equal(fps_object_relocation(object, 1)->offset, at.text + TEXT_SIZE - 1);
    assert_null(fps_object_relocation(object, 2));
    assert_true(has_diagnostic(object, "relocations-damaged"));
    fps_object_free(object);
}

static void only_code_of_relocatable_objects_has_them(void **state)
{
    (void)state;
    static const uint64_t offsets[] = {8};
    layout at = build(true, false, true, offsets, 1);
    elf_set(&built, elf_section_header(&built, at.text_section) + 8, SHF_ALLOC, 8);
    fps_object *object = open_built();
    assert_null(fps_object_relocation(object, 0));
    assert_int_equal(fps_object_relocation_count(object), 0);
    fps_object_free(object);

    at = build(true, false, true, offsets, 1);
    elf_set(&built, elf_section_header(&built, at.text_section) + 8,
            SHF_ALLOC | SHF_EXECINSTR | SHF_COMPRESSED, 8);
    object = open_built();
    assert_null(fps_object_relocation(object, 0));
    fps_object_free(object);

    build(true, false, true, offsets, 1);
    elf_set(&built, 16, ET_DYN, 2);
    object = open_built();
    assert_null(fps_object_relocation(object, 0));
    fps_object_free(object);
}

static void tables_that_overlap_are_bounded_by_the_file(void **state)
{
    (void)state;
    static const uint64_t offsets[] = {8};
    layout at = build(true, false, true, offsets, 1);
    size_t header = elf_section_header(&built, at.table_section);
    elf_set(&built, header + 24, 0, 8); /* the whole file is one table, */
    elf_set(&built, header + 32, built.size, 8);
    memcpy(built.data + elf_section_header(&built, 0), built.data + header,
           elf_section_size(&built)); /* twice */
    fps_object *object = open_built();
    assert_true(fps_object_relocation_count(object) <= built.size / 24);
    assert_true(has_diagnostic(object, "relocation-limit"));
    fps_object_free(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_gives_the_same_sorted_list),
        cmocka_unit_test(those_outside_of_the_section_are_left_out_and_noted),
        cmocka_unit_test(only_code_of_relocatable_objects_has_them),
        cmocka_unit_test(tables_that_overlap_are_bounded_by_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
