/* Packed programs that were made to cost more than what they unpack to. */
#include "packed_fixture.h"

#include "util/clock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <lzma.h>
#include <zstd.h>

static const fps__packed_limits roomy = {.size = 64 << 20};

/* ---- PE ---- */

enum {
    PE_AT = 64,
    PE_HEADER = 248, /* of PE32 with 16 directories */
    PE_SECTION = 40,
    PE_RUN = 0x400, /* where the compressed run lies in the file */
    PE_BASE = 0x1000,
    PE_MACHINE = 0x14c,
    PE_EXECUTE = 0x20000000,
};

static void put_pe_header(uint8_t *p, unsigned sections, uint32_t entry)
{
    memcpy(p, "PE\0\0", 4);
    fps__put16le(p + 4, PE_MACHINE);
    fps__put16le(p + 6, (uint16_t)sections);
    fps__put16le(p + 20, PE_HEADER - 24);
    fps__put16le(p + 24, 0x10b);
    fps__put32le(p + 40, entry);
}

static void put_pe_section(uint8_t *header, unsigned index, uint32_t room, uint32_t address, uint32_t size,
                           uint32_t offset)
{
    uint8_t *p = header + PE_HEADER + index * PE_SECTION;
    fps__put32le(p + 8, room);
    fps__put32le(p + 12, address);
    fps__put32le(p + 16, size);
    fps__put32le(p + 20, offset);
    fps__put32le(p + 36, PE_EXECUTE);
}

static void put_pe_directory(uint8_t *header, unsigned index, uint32_t address, uint32_t size)
{
    fps__put32le(header + 120 + index * 8, address);
    fps__put32le(header + 124 + index * 8, size);
}

/* A program whose `size` compressed bytes, at PE_RUN of `file`, unpack to an image of `room` bytes. */
static void put_packed_pe(uint8_t *file, uint32_t size, uint32_t room)
{
    enum { LOADER = 0x1000 };
    uint32_t first = room - LOADER;
    memcpy(file, "MZ", 2);
    fps__put32le(file + 60, PE_AT);
    put_pe_header(file + PE_AT, 2, PE_BASE + first);
    put_pe_section(file + PE_AT, 0, first, PE_BASE, 0, 0);
    put_pe_section(file + PE_AT, 1, LOADER, PE_BASE + first, size, PE_RUN);
}

static size_t pack_lzma(const uint8_t *in, size_t size, uint8_t *out, size_t room)
{
    lzma_options_lzma options;
    size_t used = 2;
    assert_false(lzma_lzma_preset(&options, 0));
    lzma_filter filters[] = {{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    out[0] = (uint8_t)((options.lc + options.lp) << 3 | options.pb);
    out[1] = (uint8_t)(options.lp << 4 | options.lc);
    assert_int_equal(lzma_raw_buffer_encode(filters, NULL, in, size, out, &used, room), LZMA_OK);
    return used;
}

/* An image of headers alone, each of which could be the original's but for the word behind it: to look for the word of each takes
 * minutes. */
static void many_headers_in_an_image_are_searched_within_its_work(void **state)
{
    (void)state;
    enum { ROOM = 16 << 20, UNIT = PE_HEADER + PE_SECTION, FILE_SIZE = 1 << 20 };
    uint8_t *image = malloc(ROOM), *file = calloc(1, FILE_SIZE);
    assert_non_null(image);
    assert_non_null(file);
    memset(image, 0xff, ROOM);
    for (size_t at = 1000; at + UNIT <= ROOM; at += UNIT) {
        put_pe_header(image + at, 1, UINT32_MAX);
        put_pe_section(image + at, 0, UINT32_MAX, PE_BASE, UINT32_MAX, UINT32_MAX);
        fps__put32le(image + at + PE_HEADER + 36, UINT32_MAX);
    }
    size_t size = pack_lzma(image, ROOM, file + PE_RUN, FILE_SIZE - PE_RUN);
    put_packed_pe(file, (uint32_t)size, ROOM);
    fps__unpacked out;
    uint64_t start = fps__clock_ms();
    assert_int_equal(fps__packed_open((fps__span){file, FILE_SIZE}, &roomy, &out, NULL), FPS_ERROR_NOT_FOUND);
    assert_true(fps__clock_ms() - start < 15000);
    free(file);
    free(image);
}

/* A program that unpacks to an image with a list of imports at IMPORTS and the original's headers at INNER. */
enum { IMAGE = 20000, IMPORTS = 1000, DESCRIPTORS = 4000, NAMES = 8000, TABLE = 12000, INNER = 16000 };
enum { THIRD = 0x2000, THIRD_SIZE = 0x2000, THIRD_ADDRESS = 0x100000, PE_FILE = THIRD + THIRD_SIZE };

static void make_inner(uint8_t image[IMAGE])
{
    memset(image, 0, IMAGE);
    put_pe_header(image + INNER, 1, PE_BASE);
    put_pe_section(image + INNER, 0, IMAGE, PE_BASE, 1000, PE_RUN);
    fps__put32le(image + INNER + 44, PE_BASE);
    fps__put32le(image + IMAGE - 4, INNER);
}

/* `sections` of the packed file: those behind the second are the bytes at THIRD. */
static void finish_pe(uint8_t file[PE_FILE], const uint8_t image[IMAGE], unsigned sections)
{
    size_t size = ZSTD_compress(file + PE_RUN, THIRD - PE_RUN, image, IMAGE, 3);
    assert_false(ZSTD_isError(size));
    put_packed_pe(file, (uint32_t)size, IMAGE);
    for (unsigned i = 2; i < sections; i++)
        put_pe_section(file + PE_AT, i, THIRD_SIZE, THIRD_ADDRESS, THIRD_SIZE, THIRD);
    fps__put16le(file + PE_AT + 6, (uint16_t)sections);
}

static fps__unpacked open_pe(const uint8_t file[PE_FILE])
{
    fps__unpacked out;
    fps_error error = {.message = ""};
    if (fps__packed_open((fps__span){file, PE_FILE}, &roomy, &out, &error))
        fail_msg("%s", error.message);
    free(out.data);
    return out;
}

static void image_and_result_are_within_the_limits_together(void **state)
{
    (void)state;
    static uint8_t file[PE_FILE], image[IMAGE];
    make_inner(image);
    finish_pe(file, image, 3);
    fps__unpacked out = open_pe(file);
    fps__packed_limits limits = {.size = IMAGE + out.size};
    assert_int_equal(fps__packed_open((fps__span){file, PE_FILE}, &limits, &out, NULL), FPS_OK);
    free(out.data);
    limits.size--;
    assert_int_equal(fps__packed_open((fps__span){file, PE_FILE}, &limits, &out, NULL), FPS_ERROR_LIMIT);
}

static void code_that_lies_in_several_sections_counts_once(void **state)
{
    (void)state;
    static uint8_t file[PE_FILE], image[IMAGE];
    make_inner(image);
    memset(file + THIRD, 1, THIRD_SIZE);
    finish_pe(file, image, 3);
    uint64_t once = open_pe(file).foreign;
    assert_in_range(once, THIRD_SIZE, THIRD_SIZE + 1000);
    finish_pe(file, image, 10);
    assert_int_equal(open_pe(file).foreign, once);
    memset(file + PE_RUN - 64, 1, 64); /* in front of the run, and in a section of all the file */
    put_pe_section(file + PE_AT, 9, PE_FILE, THIRD_ADDRESS, PE_FILE, 0);
    assert_int_equal(open_pe(file).foreign, fps__upx_count_bytes((fps__span){file, PE_FILE}, 0, PE_FILE));
}

/* Hundreds of DLLs with one long name, each of which is put into one place. */
static void names_of_imports_have_room_in_the_image(void **state)
{
    (void)state;
    enum { DLLS = 40, NAME = 1000 };
    static uint8_t file[PE_FILE], image[IMAGE];
    for (unsigned dlls = 2; dlls <= DLLS; dlls += DLLS - 2) {
        make_inner(image);
        put_pe_directory(image + INNER, 1, PE_BASE + DESCRIPTORS, DLLS * 20);
        fps__put32le(image + INNER + PE_HEADER + PE_SECTION, IMPORTS);
        for (unsigned i = 0; i < dlls; i++) {
            uint8_t *entry = image + IMPORTS + i * 9;
            fps__put32le(entry, 4);
            fps__put32le(entry + 4, TABLE);
            fps__put32le(image + DESCRIPTORS + i * 20 + 12, PE_BASE + NAMES);
        }
        memset(file, 0, PE_FILE);
        memset(file + THIRD + 4, 'n', NAME - 1);
        finish_pe(file, image, 3);
        put_pe_directory(file + PE_AT, 1, THIRD_ADDRESS, 100);
        const char *lacks = open_pe(file).lacks;
        if (dlls == 2)
            assert_null(lacks);
        else
            assert_string_equal(lacks, "its imports");
    }
}

/* Many resources that are the same bytes: each would be copied. */
static void resources_have_room_in_the_image(void **state)
{
    (void)state;
    enum { MOST = 100, SIZE = 1000, LEAF = 16 + MOST * 8, BYTES = LEAF + 16 };
    static uint8_t file[PE_FILE], image[IMAGE];
    for (unsigned count = 2; count <= MOST; count += MOST - 2) {
        make_inner(image);
        put_pe_directory(image + INNER, 2, PE_BASE + DESCRIPTORS, 1000);
        memset(file, 0, PE_FILE);
        uint8_t *tree = file + THIRD;
        fps__put16le(tree + 12, (uint16_t)count);
        for (unsigned i = 0; i < count; i++)
            fps__put32le(tree + 16 + i * 8 + 4, LEAF);
        fps__put32le(tree + LEAF, THIRD_ADDRESS + BYTES + 4);
        fps__put32le(tree + LEAF + 4, SIZE);
        fps__put32le(tree + BYTES, PE_BASE + NAMES);
        finish_pe(file, image, 3);
        put_pe_directory(file + PE_AT, 2, THIRD_ADDRESS, 1000);
        const char *lacks = open_pe(file).lacks;
        if (count == 2)
            assert_null(lacks);
        else
            assert_string_equal(lacks, "its resources");
    }
}

/* ---- ELF ---- */

/* An ELF program whose original has `count` segments of `size` bytes in one place; their blocks are not there. Returns the size of the
 * file so far. */
static size_t put_packed_elf(uint8_t *file, unsigned count, uint32_t size, uint32_t told)
{
    static uint32_t inner[64][3];
    packed_file f = {.wide = true, .big = false};
    const uint32_t outer[1][3] = {{0, 30000, PF_R | PF_X}};
    for (unsigned i = 0; i < count; i++)
        inner[i][1] = i ? size : 4000;
    size_t at = packed_headers(&f, file, EM_X86_64, 1, outer);
    fps__put32le(file + at + 16, told);
    fps__put32le(file + at + 20, 4000);
    at += 24;
    size_t headers = packed_headers(&f, file + at + 12, EM_X86_64, count, (const uint32_t(*)[3])inner);
    fps__put32le(file + at, (uint32_t)headers);
    fps__put32le(file + at + 4, (uint32_t)headers);
    at += 12 + headers;
    fps__put32le(file + at, (uint32_t)(4000 - headers)); /* the rest of the first segment, as it is */
    fps__put32le(file + at + 4, (uint32_t)(4000 - headers));
    return at + 12 + 4000 - headers;
}

static void segments_in_one_place_are_within_the_limits_together(void **state)
{
    (void)state;
    static uint8_t file[30000];
    fps__unpacked out;
    put_packed_elf(file, 3, 40 << 20, 0);
    assert_int_equal(fps__packed_open((fps__span){file, sizeof file}, &roomy, &out, NULL), FPS_ERROR_LIMIT);
}

/* Bytes behind the program that all look like a block, until the sizes of all segments were compared. */
static void the_search_for_the_tables_of_an_elf_file_ends_with_its_time(void **state)
{
    (void)state;
    enum { SIZE = 192 << 20 };
    uint8_t *file = malloc(SIZE);
    assert_non_null(file);
    for (size_t i = 0; i < SIZE; i++)
        file[i] = i % 4 == 0;
    memset(file, 0, 30000);
    size_t used = put_packed_elf(file, 64, 0, 9000);
    memset(file + used, 0xff, 30000 - used);
    fps__unpacked out;
    uint64_t start = fps__clock_ms();
    const fps__packed_limits limits = {.size = 64 << 20, .deadline_ms = fps__deadline_after(300)};
    assert_int_equal(fps__packed_open((fps__span){file, SIZE}, &limits, &out, NULL), FPS_OK);
    assert_string_equal(out.lacks, "what lies behind its segments (symbols, section headers)");
    assert_true(fps__clock_ms() - start < 3000);
    free(out.data);
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_headers_in_an_image_are_searched_within_its_work),
        cmocka_unit_test(image_and_result_are_within_the_limits_together),
        cmocka_unit_test(code_that_lies_in_several_sections_counts_once),
        cmocka_unit_test(names_of_imports_have_room_in_the_image),
        cmocka_unit_test(resources_have_room_in_the_image),
        cmocka_unit_test(segments_in_one_place_are_within_the_limits_together),
        cmocka_unit_test(the_search_for_the_tables_of_an_elf_file_ends_with_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
