/* Functions by the exception directory of PE files: x86-64 with chained and indirect entries, AArch64 with packed and full records,
 * and wild values. */
#include "../object/functions_check.h"
#include "../object/pe_builder.h"
#include "code/functions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { EXCEPTION = 3, AARCH64 = 0xaa64 };

static pe_builder built;

static void begin(uint16_t machine)
{
    pe_build(&built, true);
    pe_set(&built, 0x84, machine, 2);
    built.size = (built.data_end + 3) & ~(size_t)3;
}

static void put_words(size_t count, const uint32_t *words)
{
    for (size_t i = 0; i < count; i++)
        pe_put(&built, words[i], 4);
}

/* Finds the functions by tables alone; the list is the caller's to free. */
static size_t find(fps__function **list, fps__functions *all)
{
    fps_object *object;
    fps__arena arena = {0};
    const fps__function_options options = {.no_symbols = true};
    assert_int_equal(fps_object_open(&object, built.data, sizeof built.data, NULL, NULL), FPS_OK);
    assert_int_equal(fps__functions_find(object, built.data, sizeof built.data, &options, &arena, all, NULL),
                     FPS_OK);
    assert_null(functions_check(object, built.data, all));
    size_t count = 0;
    *list = calloc(all->count + 1, sizeof **list);
    assert_non_null(*list);
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].source == FPS__FUNCTION_UNWIND)
            (*list)[count++] = all->items[i];
    fps__arena_free(&arena);
    fps_object_free(object);
    return count;
}

static void check(size_t count, const uint32_t *starts, const uint32_t *sizes)
{
    fps__function *list;
    fps__functions all;
    size_t found = find(&list, &all);
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list[i].address, starts[i]);
        assert_int_equal(list[i].size, sizes[i]);
    }
    free(list);
}

static void chained_entries_belong_to_the_function_before(void **state)
{
    (void)state;
    begin(0x8664);
    size_t plain = pe_put(&built, 0x01, 4);            /* version 1, no flags */
    size_t chained = pe_put(&built, 0x01 | 4 << 3, 4); /* and UNW_FLAG_CHAININFO */
    const uint32_t at = pe_address(built.size),
                   words[] = {
                       PE_TEXT,
                       PE_TEXT + 0x20,
                       pe_address(plain),
                       PE_TEXT + 0x20,
                       PE_TEXT + 0x30,
                       pe_address(chained), /* goes on where the first ends */
                       PE_TEXT + 0x40,
                       PE_TEXT + 0x50,
                       pe_address(plain),
                       PE_TEXT + 0x80,
                       PE_TEXT + 0x90,
                       pe_address(chained), /* a part that lies elsewhere */
                       PE_TEXT + 0x90,
                       PE_TEXT + 0xa0,
                       (at + 24) | 1, /* goes on, by the address of another entry */
                       0,
                       0,
                       0,
                   };
    size_t table = built.size;
    put_words(sizeof words / 4, words);
    pe_directory(&built, EXCEPTION, table, sizeof words);
    check(3, (uint32_t[]){PE_TEXT, PE_TEXT + 0x40, PE_TEXT + 0x80}, (uint32_t[]){0x30, 0x10, 0x20});
}

static void packed_records_have_their_length(void **state)
{
    (void)state;
    begin(AARCH64);
    size_t full = pe_put(&built, 0x40 / 4 | 1u << 27, 4); /* 64 bytes, one code word */
    const uint32_t words[] = {
        PE_TEXT,        1 | (0x20 / 4) << 2, /* packed */
        PE_TEXT + 0x20, 2 | (0x10 / 4) << 2, /* a fragment of it */
        PE_TEXT + 0x40, pe_address(full),    /* a full record */
        PE_TEXT + 0x90, 3 | (0x10 / 4) << 2, /* reserved */
    };
    size_t table = built.size;
    put_words(sizeof words / 4, words);
    pe_directory(&built, EXCEPTION, table, sizeof words);
    check(2, (uint32_t[]){PE_TEXT, PE_TEXT + 0x40}, (uint32_t[]){0x30, 0x40});
}

static void wild_entries_are_told(void **state)
{
    (void)state;
    fps__function *list;
    fps__functions all;
    begin(0x8664);
    const uint32_t words[] = {
        PE_TEXT + 0x20, PE_TEXT,        pe_address(built.size), /* ends before it starts */
        0xfffffff0,     0xffffffff,     pe_address(built.size), /* no executable bytes */
        PE_TEXT,        PE_TEXT + 0x10, 0xfffffff1,             /* no unwind information */
    };
    size_t table = built.size;
    put_words(sizeof words / 4, words);
    pe_directory(&built, EXCEPTION, table, sizeof words);
    assert_int_equal(find(&list, &all), 0);
    free(list);
    for (size_t cut = 0; cut < 64; cut++) { /* a directory of any size, anywhere */
        pe_directory(&built, EXCEPTION, table + cut * 16, cut * 7);
        find(&list, &all);
        free(list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chained_entries_belong_to_the_function_before),
        cmocka_unit_test(packed_records_have_their_length),
        cmocka_unit_test(wild_entries_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
