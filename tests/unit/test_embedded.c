/* Files of no known type: containers that are named, and what hides behind other bytes. */
#include "scan/embedded.h"

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
    assert_string_equal(fps__unread_container(file_with(0, "7z\xbc\xaf\x27\x1c", 6, 100)), "a 7z archive");
    assert_string_equal(fps__unread_container(file_with(0, "hsqs", 4, 100)), "a squashfs file system");
    assert_string_equal(
        fps__unread_container(file_with(0, "\4\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0{\"files\":{}}", 28, 100)),
        "an asar archive");
    assert_string_equal(fps__unread_container(file_with(1024 + 56, "\x53\xef", 2, 4096)),
                        "an ext file system");
    assert_string_equal(fps__unread_container(file_with(2, "-lh5-", 5, 100)), "an LHA archive");
}

static void a_magic_that_is_cut_off_or_elsewhere_names_nothing(void **state)
{
    (void)state;
    assert_null(fps__unread_container(file_with(0, "7z\xbc\xaf\x27\x1c", 6, 5)));
    assert_null(fps__unread_container(file_with(1, "hsqs", 4, 100)));
    assert_null(fps__unread_container(file_with(1024 + 56, "\x53\xef", 2, 1100)));
    assert_null(fps__unread_container((fps__span){NULL, 0}));
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

static void an_elf_file_behind_other_bytes_is_found(void **state)
{
    (void)state;
    fps__hidden hidden;
    assert_true(fps__find_hidden(elf_at(513, 4000), &hidden));
    assert_int_equal(hidden.offset, 513);
    assert_string_equal(hidden.what, "an ELF file");
}

static void the_magic_alone_is_no_elf_file(void **state)
{
    (void)state;
    fps__hidden hidden;
    elf_at(513, 4000);
    bytes[513 + 16] = 9; /* no type of file */
    assert_false(fps__find_hidden((fps__span){bytes, 4000}, &hidden));
    assert_false(fps__find_hidden(file_with(100,
                                            "\x7f"
                                            "ELF",
                                            4, 4000),
                                  &hidden));
    assert_false(fps__find_hidden(elf_at(3990, 4000), &hidden)); /* cut off */
}

static void a_stream_counts_behind_a_line_alone(void **state)
{
    (void)state;
    fps__hidden hidden;
    static const uint8_t xz[] = "exit\n\xfd"
                                "7zXZ\0\0\4abcdef";
    assert_true(fps__find_hidden(file_with(10, xz, sizeof xz, 4000), &hidden));
    assert_int_equal(hidden.offset, 15);
    bytes[14] = ' ';
    assert_false(fps__find_hidden((fps__span){bytes, 4000}, &hidden));
}

static void a_file_system_far_behind_is_found(void **state)
{
    (void)state;
    fps__hidden hidden;
    assert_true(fps__find_hidden(file_with(0x8001, "CD001", 5, 0x8006), &hidden));
    assert_string_equal(hidden.what, "an ISO 9660 file system");
    assert_false(fps__find_hidden(file_with(0x8001, "CD001", 5, 0x8005), &hidden));
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
        cmocka_unit_test(an_elf_file_behind_other_bytes_is_found),
        cmocka_unit_test(the_magic_alone_is_no_elf_file),
        cmocka_unit_test(a_stream_counts_behind_a_line_alone),
        cmocka_unit_test(a_file_system_far_behind_is_found),
        cmocka_unit_test(a_zip_behind_a_script_is_found_by_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
