/* Files of no known type: containers that are named, and what hides behind other bytes. */
#include "scan/embedded.h"
#include "util/mark_search.h"

#include "container_recipes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SIZE = 70000 };

static uint8_t bytes[SIZE];

/* The first `size` bytes of a file of zeros with `text` at `offset`. */
static fps__span file_with(size_t offset, const void *text, size_t length, size_t size)
{
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes + offset, text, length);
    return (fps__span){bytes, size};
}

static const uint8_t elf_start[] = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0};

/* A valid header of an ELF file at `offset` of a file of `size` bytes. */
static fps__span elf_at(size_t offset, size_t size)
{
    fps__span file = file_with(offset, elf_start, sizeof elf_start, size);
    bytes[offset + 52] = 64; /* e_ehsize */
    return file;
}

static void containers_are_known_by_their_magic(void **state)
{
    (void)state;
    assert_string_equal(fps__unread_container(file_with(0, "ISc(", 4, 100)), "an InstallShield cabinet");
    assert_string_equal(fps__unread_container(file_with(0, "hsqs", 4, 100)), "a squashfs file system");
    assert_string_equal(fps__unread_container(file_with(1024 + 56, "\x53\xef", 2, 4096)),
                        "an ext file system");
    assert_string_equal(fps__unread_container(file_with(0, "7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0", 12, 100)),
                        "a ZPAQ archive");
    file_with(0, "\x60\xea\x22\0\x1e", 5,
              100); /* ARJ: a header of 34 bytes, of zeros but for its first part's size */
    assert_null(fps__unread_container((fps__span){bytes, 100}));
    bytes[38] = 0xcc, bytes[39] = 0x1c, bytes[40] = 0xa9, bytes[41] = 0x40;
    assert_string_equal(fps__unread_container((fps__span){bytes, 100}), "an ARJ archive");
}

static void a_magic_that_is_cut_off_or_elsewhere_names_nothing(void **state)
{
    (void)state;
    assert_null(fps__unread_container(file_with(0, "ISc(", 4, 3)));
    assert_null(fps__unread_container(file_with(1, "hsqs", 4, 100)));
    assert_null(fps__unread_container(file_with(1024 + 56, "\x53\xef", 2, 1100)));
    assert_null(fps__unread_container((fps__span){NULL, 0}));
    assert_null(fps__unread_container(
        file_with(0, "\xca\xfe\xba\xbe\0\0\0\2", 8, 100))); /* Mach-O files are found in it */
    file_with(1024 + 56, "\x53\xef", 2, 4096);
    bytes[1024 + 24] = 9; /* blocks of 512 KiB */
    assert_null(fps__unread_container((fps__span){bytes, 4096}));
}

static void binary_files_and_long_scripts_may_hide_something(void **state)
{
    (void)state;
    assert_true(fps__may_hide((fps__span){(const uint8_t *)"a\0b", 3}, 3));
    assert_true(fps__may_hide((fps__span){(const uint8_t *)"#!/bin/sh\n", 10}, 5000));
    assert_false(fps__may_hide((fps__span){(const uint8_t *)"#!/bin/sh\n", 10}, 4096));
    assert_false(fps__may_hide((fps__span){(const uint8_t *)"plain text", 10}, 5000));
    assert_false(fps__may_hide((fps__span){NULL, 0}, 0));
}

/* The first part of the bytes; NULL: there is none. */
static const char *first_part(fps__span file, bool no_objects, uint64_t *offset)
{
    fps__byte_filter filter;
    fps__part_search search = {.filter = &filter, .bytes = file, .no_objects = no_objects};
    fps__part_filter_init(&filter);
    fps__part part;
    if (!fps__find_part(&search, &part))
        return NULL;
    *offset = part.offset;
    return part.what;
}

/* Bytes in which words begin everywhere: of few values, so that halves of different words meet. */
static fps__span crowded_bytes(size_t size)
{
    static const uint8_t values[] = {'M', 'Z', 'P', 'K', 3, 0x1f, 0x8b, 8, 0x53, 0xef, 0, 0x5d, 0x43, 0x5a};
    uint32_t random = 1;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = values[(random >> 16) % sizeof values];
    }
    return (fps__span){bytes, size};
}

static void check_filter(unsigned width)
{
    static const struct {
        uint8_t bytes[FPS__FILTER_BYTES];
        bool any;
    } words[] = {
        {{'M', 'Z', 0}, true}, {{'P', 'K', 3}, false}, {{0x1f, 0x8b, 8}, false}, {{0x5d, 0, 0}, false}};
    enum { WORDS = sizeof words / sizeof *words };
    fps__byte_filter filter = {{{0}}, {{0}}, {0}};
    for (unsigned i = 0; i < WORDS; i++)
        fps__byte_filter_add(&filter, words[i].bytes, words[i].any, i % 2);
    fps__span file = crowded_bytes(20000);
    size_t next = fps__byte_filter_next_by(&filter, file, 0, width), named = 0, held = 0;
    for (size_t at = 0; at + FPS__FILTER_BYTES <= file.size; at++) {
        bool begins = false, pair = false;
        for (unsigned i = 0; i < WORDS; i++) {
            bool two = memcmp(bytes + at, words[i].bytes, 2) == 0;
            pair |= two;
            begins |= two && (words[i].any || bytes[at + 2] == words[i].bytes[2]);
        }
        held += begins;
        if (next != at) {
            assert_false(begins);
            continue;
        }
        assert_true(pair);
        named++;
        next = fps__byte_filter_next_by(&filter, file, at + 1, width);
    }
    assert_int_equal(next, file.size);
    assert_in_range(named, held, 2 * held);
}

static void a_filter_passes_over_no_word_and_over_nearly_all_else(void **state)
{
    (void)state;
    for (unsigned width = 1; width <= fps__byte_filter_width(); width *= width == 1 ? 32 : 2)
        check_filter(width);
}

static void marks_that_are_there_are_never_missed(void **state)
{
    (void)state;
    static const fps__mark marks[] = {{"first mark", 10}, {"second", 6}, {"third", 5}};
    fps__mark_search search;
    fps__mark_search_init(&search, marks, 3);
    assert_int_equal(fps__mark_search_run(&search, file_with(0, "fir", 3, 5000), 0), 0);
    assert_int_equal(fps__mark_search_run(&search, (fps__span){NULL, 0}, 4), 4);
    for (size_t at = 0; at < 100; at++) {
        fps__span file = file_with(at, "second third", 12, at + 12);
        assert_int_equal(fps__mark_search_run(&search, file, 0), 6);
        file.size--;
        assert_int_equal(fps__mark_search_run(&search, file, 0), 2);
        assert_int_equal(fps__mark_search_run(&search, file, 1), 3);
    }
    for (size_t at = 0; at + 3 <= SIZE; at += 3) /* beginnings alone: nothing is said of such bytes */
        memcpy(bytes + at, "fir", 3);
    assert_int_equal(fps__mark_search_run(&search, (fps__span){bytes, SIZE}, 0), 7);
}

static void an_elf_file_behind_other_bytes_is_found(void **state)
{
    (void)state;
    uint64_t offset;
    assert_string_equal(first_part(elf_at(513, 4000), false, &offset), "an ELF file");
    assert_int_equal(offset, 513);
    assert_null(first_part((fps__span){bytes, 4000}, true, &offset));
}

/* The header of the first object of YAFFS2 at an offset, before or behind an ELF file. */
static void volumes_at_sectors_are_found_in_order(void **state)
{
    (void)state;
    static const uint8_t yaffs[] = {3, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 'e', 't', 'c'};
    enum { AT = 5 * 512, MODE = 268 };
    uint64_t offset;
    for (size_t elf = AT - 1000; elf <= AT + 1000; elf += 2000) {
        fps__span file = elf_at(elf, 8000);
        memcpy(bytes + AT, yaffs, sizeof yaffs);
        bytes[AT + MODE] = 0xed;
        bytes[AT + MODE + 1] = 0x41;
        assert_string_equal(first_part(file, false, &offset),
                            elf < AT ? "an ELF file" : "a YAFFS2 file system");
        assert_int_equal(offset, elf < AT ? elf : AT);
        assert_null(first_part(file, true, &offset)); /* in an object */
    }
    memmove(bytes + AT + 8, bytes + AT, 512); /* not at a sector */
    memset(bytes + AT, 0, 8);
    memset(bytes, 0, AT);
    assert_string_equal(first_part((fps__span){bytes, 8000}, false, &offset), "an ELF file");
}

static void the_magic_alone_is_no_part(void **state)
{
    (void)state;
    uint64_t offset;
    static const char *const magics[] = {"\x7f"
                                         "ELF",
                                         "MZ",
                                         "!<arch>\n",
                                         "PK\3\4",
                                         "070701",
                                         "ustar",
                                         "hsqs",
                                         "7z\xbc\xaf\x27\x1c",
                                         "Rar!\x1a\x07",
                                         "MSCF",
                                         "LZIP\1",
                                         "BZh9",
                                         "\x1f\x8b\x08",
                                         "\xfd"
                                         "7zXZ",
                                         "\x28\xb5\x2f\xfd"};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        assert_null(first_part(file_with(700, magics[i], strlen(magics[i]), 4000), false, &offset));
        assert_null(first_part(file_with(4000 - strlen(magics[i]), magics[i], strlen(magics[i]), 4000), false,
                               &offset));
    }
    elf_at(513, 4000);
    bytes[513 + 16] = 9; /* no type of file */
    assert_null(first_part((fps__span){bytes, 4000}, false, &offset));
    assert_null(first_part(elf_at(3990, 4000), false, &offset)); /* cut off */
}

/* gzip -9n of 4 KiB of the letter 'a', and of 4 KiB that begin as an ELF file does. */
static void a_stream_counts_by_what_it_holds(void **state)
{
    (void)state;
    static const uint8_t text[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                   0xed, 0xc1, 0x01, 0x0d, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0xac,
                                   0xef, 0x5f, 0xc2, 0x1e, 0x0e, 0x28, 0x00, 0x00, 0x00, 0xe0,
                                   0xdd, 0x00, 0x73, 0xdc, 0x99, 0x9c, 0x00, 0x10, 0x00, 0x00};
    static const uint8_t program[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1,
                                      0x41, 0x11, 0x00, 0x30, 0x08, 0x00, 0xa0, 0xb9, 0x6e, 0xfa, 0xb2, 0x93,
                                      0xd5, 0xed, 0xe1, 0x01, 0x93, 0x5d, 0x3f, 0xe2, 0x01, 0x00, 0x00, 0x00,
                                      0xe7, 0x2d, 0x0a, 0x29, 0x26, 0xfb, 0x07, 0x10, 0x00, 0x00};
    uint64_t offset;
    assert_null(first_part(file_with(10, text, sizeof text, 4000), false, &offset));
    assert_string_equal(first_part(file_with(10, program, sizeof program, 4000), true, &offset),
                        "a gzip stream");
    assert_int_equal(offset, 10);
}

/* A program in letters or a zlib stream amid other bytes is a part; a text in them, or two bytes alike, is none. */
static void programs_in_letters_and_in_bare_streams_are_parts(void **state)
{
    (void)state;
    recipe *r = calloc(1, sizeof *r);
    uint64_t offset;
    assert_non_null(r);
    make_base64(r);
    assert_string_equal(first_part(file_with(700, r->data, r->size, 4000), false, &offset),
                        "an ELF file in base64");
    assert_int_equal(offset, 700);
    bytes[700] = 'g'; /* 0x83, and no ELF file */
    assert_null(first_part((fps__span){bytes, 4000}, false, &offset));
    make_uuencoded(r);
    assert_string_equal(first_part(file_with(700, r->data, r->size, 4000), false, &offset),
                        "a uuencoded file");
    make_zlib(r);
    assert_string_equal(first_part(file_with(700, r->data, r->size, 4000), false, &offset), "a zlib stream");
    assert_null(first_part(file_with(700, "\x78\x9c\x4b\x4c\x4c\x4c\x04\0", 8, 4000), false, &offset));
    free(r);
}

static void a_file_system_is_found_where_its_header_is_whole(void **state)
{
    (void)state;
    uint64_t offset;
    static const uint8_t squashfs[96] = {'h', 's', 'q', 's', 1, 0, 0,  0, 0, 0, 0, 0, 0, 0, 2, 0,
                                         0,   0,   0,   0,   4, 0, 17, 0, 0, 0, 0, 0, 4, 0, 0, 0};
    assert_string_equal(first_part(file_with(0x8001, "CD001", 5, 0x8006), false, &offset),
                        "an ISO 9660 file system");
    assert_null(first_part(file_with(0x8001, "CD001", 5, 0x8005), false, &offset));
    assert_string_equal(first_part(file_with(5000, squashfs, sizeof squashfs, 6000), false, &offset),
                        "a squashfs file system");
    assert_int_equal(offset, 5000);
    bytes[5000 + 22] = 16; /* the block size is 1 << 17 */
    assert_null(first_part((fps__span){bytes, 6000}, false, &offset));
}

static void what_nothing_explains_counts_from_a_page_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5000; i++)
        bytes[i] = (uint8_t)(i * 7);
    assert_true(fps__could_be_a_program((fps__span){bytes, 5000}));
    assert_false(fps__could_be_a_program((fps__span){bytes, 4095}));
    memset(bytes, 0xff, 5000); /* padding */
    assert_false(fps__could_be_a_program((fps__span){bytes, 5000}));
    memset(bytes, 'a', 4999); /* text */
    assert_false(fps__could_be_a_program((fps__span){bytes, 5000}));
}

/* A zip of one empty file "a", whose offsets count from `base`. */
static size_t put_zip(uint8_t *to, uint32_t base)
{
    uint8_t local[31] = "PK\3\4\x14", entry[47] = "PK\1\2\x14\0\x14", end[22] = "PK\5\6";
    local[26] = entry[28] = 1;
    local[30] = entry[46] = 'a';
    fps__put32le(entry + 42, base);
    fps__put16le(end + 8, 1);
    fps__put16le(end + 10, 1);
    fps__put32le(end + 12, sizeof entry);
    fps__put32le(end + 16, base + sizeof local);
    memcpy(to, local, sizeof local);
    memcpy(to + sizeof local, entry, sizeof entry);
    memcpy(to + sizeof local + sizeof entry, end, sizeof end);
    return sizeof local + sizeof entry + sizeof end;
}

static void a_zip_behind_a_script_is_found_by_its_end(void **state)
{
    (void)state;
    fps__span zip;
    for (uint32_t base = 0; base <= 1000; base += 1000) { /* offsets from the archive, then from the file */
        file_with(0, "#!/bin/sh\n", 10, SIZE);
        size_t size = 1000 + put_zip(bytes + 1000, base);
        assert_true(fps__find_zip((fps__span){bytes, size}, &zip));
        assert_ptr_equal(zip.data, bytes + 1000);
        assert_int_equal(zip.size, size - 1000);
        assert_false(
            fps__find_zip((fps__span){bytes, size + 1}, &zip)); /* bytes behind it that no comment covers */
        assert_false(fps__find_zip((fps__span){bytes, size - 1}, &zip));
    }
    assert_false(fps__find_zip((fps__span){NULL, 0}, &zip));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_are_known_by_their_magic),
        cmocka_unit_test(a_magic_that_is_cut_off_or_elsewhere_names_nothing),
        cmocka_unit_test(binary_files_and_long_scripts_may_hide_something),
        cmocka_unit_test(a_filter_passes_over_no_word_and_over_nearly_all_else),
        cmocka_unit_test(marks_that_are_there_are_never_missed),
        cmocka_unit_test(an_elf_file_behind_other_bytes_is_found),
        cmocka_unit_test(volumes_at_sectors_are_found_in_order),
        cmocka_unit_test(the_magic_alone_is_no_part),
        cmocka_unit_test(a_stream_counts_by_what_it_holds),
        cmocka_unit_test(programs_in_letters_and_in_bare_streams_are_parts),
        cmocka_unit_test(a_file_system_is_found_where_its_header_is_whole),
        cmocka_unit_test(what_nothing_explains_counts_from_a_page_on),
        cmocka_unit_test(a_zip_behind_a_script_is_found_by_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
