/* Unwind records: encodings, augmentations, lengths, and records that lie. */
#include "code/pclntab.h"
#include "code/unwind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { CAPACITY = 4096, ADDRESS = 0x10000, DATA = 0x20000 };

typedef struct frame {
    uint8_t bytes[CAPACITY];
    size_t size;
    bool big;
    uint8_t word;
} frame;

static void set(frame *f, size_t at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        f->bytes[at + i] = (uint8_t)(value >> 8 * (f->big ? size - 1 - i : i));
}

static size_t put(frame *f, uint64_t value, size_t size)
{
    set(f, f->size, value, size);
    f->size += size;
    return f->size - size;
}

static void close_record(frame *f, size_t start)
{
    set(f, start, f->size - start - 4, 4);
}

/* `letters` is the augmentation; its data holds one byte each for L and R, and a pointer for P. */
static size_t put_cie(frame *f, const char *letters, uint8_t encoding)
{
    size_t start = put(f, 0, 4);
    put(f, 0, 4);
    put(f, 1, 1);
    for (const char *c = letters; *c; c++)
        put(f, (uint8_t)*c, 1);
    put(f, 0, 1);
    if (strncmp(letters, "eh", 2) == 0)
        put(f, 0, f->word);
    put(f, 1, 1);    /* alignment of code */
    put(f, 0x78, 1); /* of data: -8 */
    put(f, 16, 1);
    if (letters[0] == 'z')
        put(f, 0, 1);
    for (const char *c = letters; *c; c++) {
        if (*c == 'R')
            put(f, encoding, 1);
        else if (*c == 'L')
            put(f, 0x1b, 1);
        else if (*c == 'P') {
            put(f, 0x1b, 1);
            put(f, 0, 4);
        }
    }
    close_record(f, start);
    return start;
}

static size_t size_of(const frame *f, uint8_t encoding)
{
    static const size_t sizes[8] = {0, 0, 2, 4, 8};
    return encoding & 7 ? sizes[encoding & 7] : f->word;
}

static void put_fde(frame *f, size_t cie, uint8_t encoding, uint64_t address, uint64_t size)
{
    size_t start = put(f, 0, 4);
    put(f, f->size - cie, 4);
    uint64_t base = (encoding & 0x70) == 0x10 ? ADDRESS + f->size : (encoding & 0x70) == 0x30 ? DATA : 0;
    put(f, address - base, size_of(f, encoding));
    put(f, size, size_of(f, encoding));
    close_record(f, start);
}

static fps__unwind_table table_of(const frame *f)
{
    return (fps__unwind_table){.bytes = {f->bytes, f->size},
                               .address = ADDRESS,
                               .data_address = DATA,
                               .word = f->word,
                               .big_endian = f->big};
}

static fps__unwind_entry read_first(const frame *f)
{
    fps__unwind_walk walk = {.table = table_of(f)};
    fps__unwind_entry entry;
    assert_true(fps__unwind_next(&walk, &entry));
    return entry;
}

static void every_encoding_gives_the_same_function(void **state)
{
    (void)state;
    static const uint8_t encodings[] = {0x00, 0x03, 0x04, 0x0b, 0x0c, 0x10, 0x13,
                                        0x14, 0x1b, 0x1c, 0x33, 0x3b, 0x3c};
    for (unsigned form = 0; form < 4; form++) {
        for (size_t i = 0; i < sizeof encodings; i++) {
            frame f = {.big = form & 1, .word = form & 2 ? 8 : 4};
            size_t cie = put_cie(&f, "zR", encodings[i]);
            put_fde(&f, cie, encodings[i], 0x30000, 0x123);
            fps__unwind_entry entry = read_first(&f);
            assert_int_equal(entry.event, FPS__UNWIND_FUNCTION);
            assert_int_equal(entry.address, 0x30000);
            assert_int_equal(entry.size, 0x123);
        }
    }
}

static void every_augmentation_is_read(void **state)
{
    (void)state;
    static const char *const letters[] = {"", "eh", "zR", "zPLR", "zRS", "zLR", "zRB", "zBR", "zPR"};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        frame f = {.word = 8};
        uint8_t encoding = strchr(letters[i], 'R') ? 0x1b : 0;
        put_fde(&f, put_cie(&f, letters[i], encoding), encoding, 0x30000, 16);
        fps__unwind_entry entry = read_first(&f);
        if (entry.event != FPS__UNWIND_FUNCTION || entry.address != 0x30000 || entry.size != 16)
            fail_msg("augmentation \"%s\"", letters[i]);
    }
}

static void indirect_and_unknown_encodings_are_refused(void **state)
{
    (void)state;
    static const uint8_t encodings[] = {0x9b, 0x2b, 0x4b, 0x01, 0x09, 0x07, 0x50};
    for (size_t i = 0; i < sizeof encodings; i++) {
        frame f = {.word = 8};
        put_fde(&f, put_cie(&f, "zR", encodings[i]), 0x1b, 0x30000, 16);
        assert_int_equal(read_first(&f).event, FPS__UNWIND_BAD_ENTRY);
    }
}

static void a_wide_length_and_zeros_between_are_stepped_over(void **state)
{
    (void)state;
    frame f = {.word = 8};
    size_t cie = put_cie(&f, "zR", 0x1b);
    put(&f, 0, 4); /* the end of one object's records */
    put(&f, UINT32_MAX, 4);
    put(&f, 12, 8);
    put(&f, f.size - cie, 4);
    put(&f, 0x30000 - (ADDRESS + f.size), 4);
    put(&f, 32, 4);
    fps__unwind_entry entry = read_first(&f);
    assert_int_equal(entry.event, FPS__UNWIND_FUNCTION);
    assert_int_equal(entry.address, 0x30000);
    assert_int_equal(entry.size, 32);
}

static void a_record_without_end_stops_the_walk(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {0x7fffffff, 0xfffffffe, 40};
    for (size_t i = 0; i < 3; i++) {
        frame f = {.word = 8};
        size_t cie = put_cie(&f, "zR", 0x1b), at = f.size;
        put_fde(&f, cie, 0x1b, 0x30000, 16);
        set(&f, at, lengths[i], 4);
        fps__unwind_walk walk = {.table = table_of(&f)};
        fps__unwind_entry entry;
        assert_true(fps__unwind_next(&walk, &entry));
        assert_int_equal(entry.event, FPS__UNWIND_BAD_RECORD);
        assert_int_equal(entry.offset, at);
        assert_false(fps__unwind_next(&walk, &entry));
    }
    frame f = {.word = 8};
    put(&f, UINT32_MAX, 4);
    put(&f, UINT64_MAX - 4, 8);
    put(&f, 0, 8);
    assert_int_equal(read_first(&f).event, FPS__UNWIND_BAD_RECORD);
}

static void a_cie_out_of_bounds_costs_one_entry(void **state)
{
    (void)state;
    static const uint32_t distances[] = {0xffffffff, 1, 3, 0x10000, 5};
    for (size_t i = 0; i < sizeof distances / sizeof distances[0]; i++) {
        frame f = {.word = 8};
        size_t cie = put_cie(&f, "zR", 0x1b), at = f.size;
        put_fde(&f, cie, 0x1b, 0x30000, 16);
        put_fde(&f, cie, 0x1b, 0x9000, 32);
        set(&f, at + 4, distances[i], 4);
        fps__unwind_walk walk = {.table = table_of(&f)};
        fps__unwind_entry entry;
        assert_true(fps__unwind_next(&walk, &entry));
        assert_int_equal(entry.event, FPS__UNWIND_BAD_ENTRY);
        assert_true(fps__unwind_next(&walk, &entry));
        assert_int_equal(entry.event, FPS__UNWIND_FUNCTION);
        assert_int_equal(entry.address, 0x9000);
        assert_false(fps__unwind_next(&walk, &entry));
    }
}

static void any_cut_ends_well(void **state)
{
    (void)state;
    frame f = {.word = 8};
    size_t cie = put_cie(&f, "zPLR", 0x1b);
    put_fde(&f, cie, 0x1b, 0x30000, 16);
    for (size_t size = 0, full = f.size; size < full; size++) {
        f.size = size;
        fps__unwind_walk walk = {.table = table_of(&f)};
        fps__unwind_entry entry;
        for (size_t i = 0; fps__unwind_next(&walk, &entry); i++) {
            assert_int_not_equal(entry.event, FPS__UNWIND_FUNCTION);
            assert_true(i < 2);
        }
    }
}

static void the_header_leads_to_the_records(void **state)
{
    (void)state;
    frame f = {.word = 8};
    put(&f, 0x3b031b01, 4); /* version 1; pc-relative, udata4, data-relative sdata4 */
    put(&f, 0x500 - 4, 4);
    put(&f, 100, 4); /* entries, of which two are there */
    put(&f, 0x1000, 4);
    put(&f, 0x600, 4);
    put(&f, 0x2000, 4);
    put(&f, 0x700, 4);
    fps__unwind_table table = table_of(&f);
    table.data_address = ADDRESS;
    fps__unwind_header header;
    uint64_t fde;
    assert_true(fps__unwind_read_header(&table, &header));
    assert_int_equal(header.frame_address, ADDRESS + 0x500);
    assert_int_equal(header.entries, 2);
    assert_true(fps__unwind_header_entry(&table, &header, 1, &fde));
    assert_int_equal(fde, ADDRESS + 0x700);
    assert_false(fps__unwind_header_entry(&table, &header, 2, &fde));
    f.bytes[2] = 0xff;
    assert_true(fps__unwind_read_header(&table, &header));
    assert_int_equal(header.entries, 0);
    f.bytes[0] = 2;
    assert_false(fps__unwind_read_header(&table, &header));
}

/* A pclntab of Go 1.20 with two functions at 0x100 and 0x180 of the code. */
static void put_pclntab(frame *f, uint32_t magic)
{
    put(f, magic, 4);
    put(f, f->big ? 0x0000 : 0, 2);
    put(f, 1, 1);
    put(f, 8, 1);
    static const uint64_t fields[] = {2, 0, 0x400000, 72, 0, 0, 0, 80};
    for (size_t i = 0; i < 8; i++)
        put(f, fields[i], 8);
    memcpy(f->bytes + 72, "main.x\0", 8);
    f->size = 80;
    static const uint32_t entries[] = {0x100, 20, 0x180, 28, 0x200};
    for (size_t i = 0; i < 5; i++)
        put(f, entries[i], 4);
    static const uint32_t records[] = {0x100, 0, 0x180, 0x7fffffff};
    for (size_t i = 0; i < 4; i++)
        put(f, records[i], 4);
}

static void a_go_table_gives_functions_and_names(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        frame f = {.word = 8, .big = big};
        put_pclntab(&f, 0xfffffff1);
        fps__span bytes = {f.bytes, f.size};
        fps__pclntab table;
        fps__pclntab_function function;
        fps__pclntab_search search;
        fps__pclntab_search_init(&search, big);
        assert_int_equal(fps__pclntab_next(&search, bytes, 0), 0);
        assert_true(fps__pclntab_open(&table, bytes, big));
        assert_int_equal(table.count, 2);
        assert_true(fps__pclntab_read(&table, 0, &function));
        assert_int_equal(function.address, 0x400100);
        assert_int_equal(function.end, 0x400180);
        assert_string_equal(function.name, "main.x");
        assert_true(fps__pclntab_read(&table, 1, &function));
        assert_int_equal(function.end, 0x400200);
        assert_null(function.name);
    }
}

static void a_go_table_cut_or_changed_anywhere_stays_inside(void **state)
{
    (void)state;
    frame whole = {.word = 8};
    put_pclntab(&whole, 0xfffffff1);
    for (size_t at = 0; at < whole.size; at++) {
        frame f = whole;
        f.bytes[at] = 0xff;
        for (int cut = 0; cut < 2; cut++) {
            fps__span bytes = {f.bytes, cut ? at : f.size};
            fps__pclntab table;
            fps__pclntab_function function;
            if (!fps__pclntab_open(&table, bytes, false))
                continue;
            assert_true(table.count <= bytes.size);
            for (size_t i = 0; i < table.count; i++)
                fps__pclntab_read(&table, i, &function);
        }
    }
}

/* A header that is no table made the search find it again and again. */
static void a_search_goes_on_behind_what_it_found(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x55, 0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8,
                                    0xf1, 0xff, 0xff, 0xff, 0,    0, 1, 8};
    fps__span span = {bytes, sizeof bytes};
    fps__pclntab_search search;
    fps__pclntab_search_init(&search, false);
    assert_int_equal(fps__pclntab_next(&search, span, 0), 1);
    assert_int_equal(fps__pclntab_next(&search, span, 1), 1);
    assert_int_equal(fps__pclntab_next(&search, span, 2), 9);
    assert_int_equal(fps__pclntab_next(&search, span, 10), sizeof bytes);
    assert_int_equal(fps__pclntab_next(&search, span, sizeof bytes), sizeof bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_goes_on_behind_what_it_found),
        cmocka_unit_test(every_encoding_gives_the_same_function),
        cmocka_unit_test(every_augmentation_is_read),
        cmocka_unit_test(indirect_and_unknown_encodings_are_refused),
        cmocka_unit_test(a_wide_length_and_zeros_between_are_stepped_over),
        cmocka_unit_test(a_record_without_end_stops_the_walk),
        cmocka_unit_test(a_cie_out_of_bounds_costs_one_entry),
        cmocka_unit_test(any_cut_ends_well),
        cmocka_unit_test(the_header_leads_to_the_records),
        cmocka_unit_test(a_go_table_gives_functions_and_names),
        cmocka_unit_test(a_go_table_cut_or_changed_anywhere_stays_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
