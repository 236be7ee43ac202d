/* Containers that list their files, and archives of other systems, made byte by byte from the descriptions of their formats. Each
 * holds `one` ("The first file of it.") and where it can `two` (600 bytes that begin with a NUL). */
#ifndef FPS_TESTS_CONTAINER_RECIPES_H
#define FPS_TESTS_CONTAINER_RECIPES_H

#include "util/bytes.h"

#include <isa-l/crc.h>
#include <stdio.h>
#include <stdlib.h>

enum { RECIPE_ROOM = 1 << 17, TWO_SIZE = 600 };

typedef struct recipe {
    uint8_t data[RECIPE_ROOM];
    size_t size;
} recipe;

static const char recipe_one[] = "The first file of it.";
enum { ONE_SIZE = sizeof recipe_one - 1 };

static inline void put_bytes(recipe *r, const void *bytes, size_t size)
{
    if (size > RECIPE_ROOM - r->size)
        abort();
    memcpy(r->data + r->size, bytes, size);
    r->size += size;
}

static inline void put_text(recipe *r, const char *text)
{
    put_bytes(r, text, strlen(text));
}

static inline void put_zeros(recipe *r, size_t size)
{
    if (size > RECIPE_ROOM - r->size)
        abort();
    memset(r->data + r->size, 0, size);
    r->size += size;
}

/* A number of `size` bytes, the lowest first, or the highest first. */
static inline void put_le(recipe *r, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++)
        r->data[r->size++] = (uint8_t)(number >> (8 * i));
}

static inline void put_be(recipe *r, uint64_t number, size_t size)
{
    for (size_t i = size; i--;)
        r->data[r->size++] = (uint8_t)(number >> (8 * i));
}

static inline void set_le(recipe *r, size_t at, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++)
        r->data[at + i] = (uint8_t)(number >> (8 * i));
}

static inline void set_be(recipe *r, size_t at, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++)
        r->data[at + i] = (uint8_t)(number >> (8 * (size - 1 - i)));
}

/* Zeros up to a multiple of `size`. */
static inline void put_padding(recipe *r, size_t size)
{
    put_zeros(r, (size - r->size % size) % size);
}

static inline uint32_t crc_of(const recipe *r, size_t from, size_t size)
{
    return crc32_gzip_refl(0, r->data + from, size);
}

static inline void put_two(recipe *r)
{
    size_t start = r->size;
    for (size_t i = 0; i < TWO_SIZE; i++)
        r->data[start + i] = (uint8_t)(i * 7);
    r->size += TWO_SIZE;
}

/* The same bytes as zlib or raw deflate data of one stored block. */
static inline void put_deflated(recipe *r, const void *bytes, size_t size, bool zlib)
{
    uint32_t a = 1, b = 0;
    if (zlib)
        put_bytes(r, "\x78\x01", 2);
    put_le(r, 1, 1);
    put_le(r, size, 2);
    put_le(r, ~size, 2);
    put_bytes(r, bytes, size);
    for (size_t i = 0; i < size; i++) {
        a = (a + ((const uint8_t *)bytes)[i]) % 65521;
        b = (b + a) % 65521;
    }
    if (zlib)
        put_be(r, b << 16 | a, 4);
}

/* ---- boot images ---- */

/* `type` 4: of two parts. */
static inline void make_uimage(recipe *r, unsigned type)
{
    r->size = 0;
    put_be(r, 0x27051956, 4);
    put_zeros(r, 24);
    put_be(r, (uint64_t)5 << 24 | 22 << 16 | type << 8 | 0, 4);
    put_text(r, "image of a test");
    put_zeros(r, 17);
    if (type == 4) {
        put_be(r, ONE_SIZE, 4);
        put_be(r, TWO_SIZE, 4);
        put_be(r, 0, 4);
    }
    put_text(r, recipe_one);
    if (type == 4) {
        put_padding(r, 4);
        put_two(r);
    }
    set_be(r, 12, r->size - 64, 4);
    set_be(r, 24, crc_of(r, 64, r->size - 64), 4);
    set_be(r, 4, crc_of(r, 0, 64), 4);
}

static inline void put_fdt_text(recipe *r, uint32_t token, const char *name)
{
    put_be(r, token, 4);
    put_bytes(r, name, strlen(name) + 1);
    put_padding(r, 4);
}

static inline void put_fdt_property(recipe *r, uint32_t name, const void *bytes, size_t size)
{
    put_be(r, 3, 4);
    put_be(r, size, 4);
    put_be(r, name, 4);
    put_bytes(r, bytes, size);
    put_padding(r, 4);
}

/* /images/one has its bytes in the tree, /images/two behind it. */
static inline void make_fit(recipe *r)
{
    static const char names[] = "data\0data-offset\0data-size"; /* at 0, 5 and 17 */
    r->size = 0;
    put_zeros(r, 40 + 16);
    size_t structure = r->size;
    put_fdt_text(r, 1, "");
    put_fdt_text(r, 1, "images");
    put_fdt_text(r, 1, "one");
    put_fdt_property(r, 0, recipe_one, ONE_SIZE);
    put_be(r, 2, 4);
    put_fdt_text(r, 1, "two");
    put_fdt_property(r, 5, "\0\0\0\0", 4);
    put_fdt_property(r, 17, "\0\0\2\x58", 4);
    for (int i = 0; i < 3; i++)
        put_be(r, 2, 4);
    put_be(r, 9, 4);
    size_t strings = r->size;
    put_bytes(r, names, sizeof names);
    put_padding(r, 4);
    const uint32_t header[] = {0xd00dfeed,
                               (uint32_t)r->size,
                               (uint32_t)structure,
                               (uint32_t)strings,
                               40,
                               17,
                               16,
                               0,
                               sizeof names,
                               (uint32_t)(strings - structure)};
    for (size_t i = 0; i < 10; i++)
        set_be(r, i * 4, header[i], 4);
    put_two(r);
}

static inline void make_android(recipe *r, unsigned version)
{
    enum { PAGE = 4096 };
    r->size = 0;
    put_text(r, "ANDROID!");
    put_zeros(r, PAGE - 8);
    set_le(r, 8, ONE_SIZE, 4);
    set_le(r, version >= 3 ? 12 : 16, TWO_SIZE, 4);
    set_le(r, 36, version >= 3 ? 0 : PAGE, 4);
    set_le(r, 40, version, 4);
    put_text(r, recipe_one);
    put_padding(r, PAGE);
    put_two(r);
    put_padding(r, PAGE);
}

/* The setup code of x86 with a payload behind it; NUL bytes where the kernel would have code. */
static inline void make_kernel(recipe *r, const void *payload, size_t size)
{
    r->size = 0;
    put_zeros(r, 1024);
    put_bytes(r, payload, size);
    put_le(r, size, 4);
    r->data[0x1f1] = 1;
    set_le(r, 0x1fe, 0xaa55, 2);
    memcpy(r->data + 0x202, "HdrS", 4);
    set_le(r, 0x206, 0x20f, 2);
    set_le(r, 0x24c, size + 4, 4);
}

/* The compressed kernel of 32-bit ARM, whose payload ends with the unpacked size: magic, start, end, mark of the byte order, and where the
 * table is that says where that size stands. Before 4.15 there is no table. */
static inline void make_zimage(recipe *r, const void *payload, size_t size, bool has_table)
{
    enum { CODE = 256, BEHIND = 300 };
    r->size = 0;
    put_zeros(r, CODE);
    set_le(r, 0x24, 0x016f2818, 4);
    set_le(r, 0x30, 0x04030201, 4);
    put_bytes(r, payload, size);
    size_t last = r->size - 4;
    put_zeros(r, BEHIND);
    if (has_table) {
        set_le(r, 0x34, 0x45454545, 4);
        set_le(r, 0x38, r->size, 4);
        put_le(r, 6, 4);
        put_le(r, 0x5a534c4b, 4);
        put_le(r, last, 4);
        put_zeros(r, 16);
    }
    set_le(r, 0x2c, r->size, 4);
}

/* ---- archives ---- */

static inline void make_asar(recipe *r)
{
    char header[200];
    int size = snprintf(
        header, sizeof header,
        "{\"files\":{\"a\":{\"files\":{\"one\":{\"size\":%d,\"offset\":\"0\"}}},\"two\":{\"size\":%d,\"offset\":\"%d\"},"
        "\"beside\":{\"size\":9,\"unpacked\":true}}}",
        ONE_SIZE, TWO_SIZE, ONE_SIZE);
    r->size = 0;
    put_le(r, 4, 4);
    put_le(r, (uint64_t)size + 8, 4);
    put_le(r, (uint64_t)size + 4, 4);
    put_le(r, (uint64_t)size, 4);
    put_text(r, header);
    put_text(r, recipe_one);
    put_two(r);
}

static inline void put_compound_entry(recipe *r, const char *name, unsigned type, uint32_t sector,
                                      uint64_t size)
{
    size_t start = r->size;
    for (const char *c = name; *c; c++)
        put_le(r, (uint8_t)*c, 2);
    put_zeros(r, 128 - (r->size - start));
    set_le(r, start + 64, (strlen(name) + 1) * 2, 2);
    r->data[start + 66] = (uint8_t)type;
    set_le(r, start + 116, sector, 4);
    set_le(r, start + 120, size, 8);
}

/* Sectors: 0 the table, 1 the directory, 2 the table of small sectors, 3 the stream of those, 4 to 12 a stream whose sectors lie in
 * reverse order, 13 and 14 of nobody. */
static inline void make_compound(recipe *r)
{
    enum { FREE = -1, END = -2, TABLE = -3, SECTOR = 512, BIG = 9 * SECTOR };
    r->size = 0;
    put_bytes(r, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
    put_zeros(r, SECTOR - 8);
    set_le(r, 24, 0x3e, 2);
    set_le(r, 26, 3, 2);
    set_le(r, 28, 0xfffe, 2);
    set_le(r, 30, 9, 2);
    set_le(r, 32, 6, 2);
    set_le(r, 44, 1, 4);
    set_le(r, 48, 1, 4);
    set_le(r, 56, 4096, 4);
    set_le(r, 60, 2, 4);
    set_le(r, 64, 1, 4);
    set_le(r, 68, (uint64_t)END, 4);
    for (size_t i = 0; i < 109; i++)
        set_le(r, 76 + i * 4, i ? (uint64_t)FREE : 0, 4);
    const int table[15] = {TABLE, END, END, END, END, 4, 5, 6, 7, 8, 9, 10, 11, FREE, FREE};
    for (size_t i = 0; i < SECTOR / 4; i++)
        put_le(r, i < 15 ? (uint64_t)table[i] : (uint64_t)FREE, 4);
    put_compound_entry(r, "Root Entry", 5, 3, SECTOR);
    put_compound_entry(r, "one", 2, 0, ONE_SIZE);
    put_compound_entry(r, "big", 2, 12, BIG);
    put_zeros(r, 128);
    for (size_t i = 0; i < SECTOR / 4; i++)
        put_le(r, i ? (uint64_t)FREE : (uint64_t)END, 4);
    put_text(r, recipe_one);
    put_padding(r, SECTOR);
    for (int i = 9; i--;) { /* sector 4 is the last one of the stream */
        for (int k = 0; k < SECTOR; k++)
            put_le(r, (uint64_t)i + 1, 1);
    }
    for (int i = 0; i < 2 * SECTOR; i++)
        put_le(r, 0xee, 1);
}

/* lzop -c of 8 times "The quick brown fox. ". */
static inline void make_lzop(recipe *r)
{
    static const uint8_t bytes[] = {
        0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a, 0x10, 0x40, 0x20, 0xa0, 0x09, 0x40,
        0x01, 0x05, 0x03, 0x00, 0x00, 0x09, 0x00, 0x00, 0x81, 0xa4, 0x6b, 0x0c, 0xe0, 0x53, 0x00,
        0x00, 0x00, 0x00, 0x05, 0x74, 0x2e, 0x74, 0x78, 0x74, 0x52, 0x4d, 0x06, 0x42, 0x00, 0x00,
        0x00, 0xa8, 0x00, 0x00, 0x00, 0x2e, 0x92, 0x79, 0x3b, 0x09, 0x00, 0x03, 0x54, 0x68, 0x65,
        0x20, 0x71, 0x75, 0x69, 0x63, 0x6b, 0x20, 0x62, 0x72, 0x6f, 0x77, 0x6e, 0x20, 0x66, 0x6f,
        0x78, 0x2e, 0x20, 0x20, 0x63, 0x50, 0x00, 0x0c, 0x69, 0x63, 0x6b, 0x20, 0x62, 0x72, 0x6f,
        0x77, 0x6e, 0x20, 0x66, 0x6f, 0x78, 0x2e, 0x20, 0x11, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
    r->size = 0;
    put_bytes(r, bytes, sizeof bytes);
}

/* The header of an ELF file for x86-64, and zeros: 400 bytes, in the streams and letters below. */
static const uint8_t recipe_program[400] = {
    0x7f, 'E', 'L', 'F', 2, 1, 1, [16] = 3, [18] = 62, [20] = 1, [52] = 64, [54] = 56, [58] = 64};

/* zlib.compress(recipe_program, 9) of Python, and two bytes behind it. */
static inline void make_zlib(recipe *r)
{
    static const uint8_t bytes[] = {0x78, 0xda, 0xab, 0x77, 0xf5, 0x71, 0x63, 0x62, 0x64, 0x64, 0x80, 0x01,
                                    0x66, 0x06, 0x3b, 0x06, 0x04, 0x0f, 0x3b, 0x70, 0x60, 0xb0, 0x00, 0x93,
                                    0xa3, 0x80, 0xfa, 0x00, 0x00, 0x77, 0x4b, 0x02, 0x55, 'e',  'n'};
    r->size = 0;
    put_bytes(r, bytes, sizeof bytes);
}

/* The deflated bytes of it, as Alpine's packages of version 3 have theirs. */
static inline void make_adb(recipe *r)
{
    enum { HEADER = 2, CHECKSUM = 4, BEHIND = 2 };
    recipe *zlib = malloc(sizeof *zlib);
    if (!zlib)
        abort();
    make_zlib(zlib);
    r->size = 0;
    put_text(r, "ADBd");
    put_bytes(r, zlib->data + HEADER, zlib->size - HEADER - CHECKSUM - BEHIND);
    free(zlib);
}

/* The first 96 bytes of the program: base64 in a string of a program, with the end of a line in it, and what ends it. */
static inline void make_base64(recipe *r)
{
    r->size = 0;
    put_text(r, "f0VMRgIBAQAAAAAAAAAAAAMAPgABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\\n"
                "AEAAOAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\";x");
}

static inline void make_uuencoded(recipe *r)
{
    r->size = 0;
    put_text(r, "begin 644 a\n"
                "M?T5,1@(!`0````````````,`/@`!````````````````````````````````\n"
                "M`````````$``.````$``````````````````````````````````````````\n"
                "`\nend\n");
}

/* lzip -c of the same text as lzop. */
static inline void make_lzip(recipe *r)
{
    static const uint8_t bytes[] = {
        0x4c, 0x5a, 0x49, 0x50, 0x01, 0x0c, 0x00, 0x2a, 0x1a, 0x08, 0xa2, 0x03, 0x25, 0x66, 0xf1, 0x4b,
        0x78, 0xc5, 0xa2, 0x05, 0xff, 0x2e, 0xe6, 0xd9, 0xd2, 0x20, 0x1a, 0xaf, 0x02, 0xee, 0x40, 0x2e,
        0x29, 0xd6, 0xd3, 0xff, 0xff, 0xe3, 0x92, 0x80, 0x00, 0x74, 0xce, 0x35, 0x3c, 0xa8, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x3d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
    r->size = 0;
    put_bytes(r, bytes, sizeof bytes);
}

/* [MS-CAB] 2: one folder without compression, one file. */
static inline void make_cabinet(recipe *r)
{
    r->size = 0;
    put_text(r, "MSCF");
    put_zeros(r, 32);
    set_le(r, 16, 44, 4);
    r->data[24] = 3;
    r->data[25] = 1;
    set_le(r, 26, 1, 2);
    set_le(r, 28, 1, 2);
    size_t data = 44 + 16 + 4;
    put_le(r, data, 4);
    put_le(r, 1, 2);
    put_le(r, 0, 2);
    put_le(r, ONE_SIZE, 4);
    put_le(r, 0, 4);
    put_le(r, 0, 2);
    put_le(r, 0x5a21, 2);
    put_le(r, 0x6000, 2);
    put_le(r, 0x20, 2);
    put_bytes(r, "one", 4);
    put_le(r, 0, 4); /* no checksum */
    put_le(r, ONE_SIZE, 2);
    put_le(r, ONE_SIZE, 2);
    put_text(r, recipe_one);
    set_le(r, 8, r->size, 4);
}

/* A header of level 0 and a stored file. */
static inline void make_lha(recipe *r)
{
    uint16_t crc = 0;
    r->size = 0;
    put_le(r, 25, 1);
    put_le(r, 0, 1);
    put_text(r, "-lh0-");
    put_le(r, ONE_SIZE, 4);
    put_le(r, ONE_SIZE, 4);
    put_le(r, 0, 4);
    put_le(r, 0x20, 1);
    put_le(r, 0, 1);
    put_le(r, 3, 1);
    put_text(r, "one");
    for (size_t i = 0; i < ONE_SIZE; i++) { /* CRC-16, reflected 0x8005 */
        crc ^= (uint8_t)recipe_one[i];
        for (int k = 0; k < 8; k++)
            crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
    }
    put_le(r, crc, 2);
    for (size_t i = 2; i < r->size; i++)
        r->data[1] = (uint8_t)(r->data[1] + r->data[i]);
    put_text(r, recipe_one);
    put_le(r, 0, 1);
}

/* The lower half of the checksum that a block of RAR 4 begins with. */
static inline void end_rar4(recipe *r, size_t start)
{
    set_le(r, start, crc_of(r, start + 2, r->size - start - 2) & 0xffff, 2);
}

static inline void make_rar4(recipe *r)
{
    r->size = 0;
    put_bytes(r, "Rar!\x1a\x07\0", 7);
    put_zeros(r, 2);
    put_le(r, 0x73, 1);
    put_le(r, 0, 2);
    put_le(r, 13, 2);
    put_zeros(r, 6);
    end_rar4(r, 7);
    size_t file = r->size;
    put_zeros(r, 2);
    put_le(r, 0x74, 1);
    put_le(r, 0x8000, 2);
    put_le(r, 32 + 3, 2);
    put_le(r, ONE_SIZE, 4);
    put_le(r, ONE_SIZE, 4);
    put_le(r, 3, 1);
    put_le(r, crc32_gzip_refl(0, (const uint8_t *)recipe_one, ONE_SIZE), 4);
    put_le(r, 0x5a216000, 4);
    put_le(r, 20, 1);
    put_le(r, 0x30, 1);
    put_le(r, 3, 2);
    put_le(r, 0x81a4, 4);
    put_text(r, "one");
    end_rar4(r, file);
    put_text(r, recipe_one);
    size_t end = r->size;
    put_zeros(r, 2);
    put_le(r, 0x7b, 1);
    put_le(r, 0x4000, 2);
    put_le(r, 7, 2);
    end_rar4(r, end);
}

static inline void put_rar5_block(recipe *r, const void *bytes, size_t size)
{
    size_t start = r->size;
    put_zeros(r, 4);
    put_le(r, size, 1);
    put_bytes(r, bytes, size);
    set_le(r, start, crc_of(r, start + 4, size + 1), 4);
}

static inline void make_rar5(recipe *r)
{
    uint8_t file[32] = {2, 2, ONE_SIZE, 4, ONE_SIZE, 0};
    uint32_t crc = crc32_gzip_refl(0, (const uint8_t *)recipe_one, ONE_SIZE);
    size_t size = 6;
    for (int i = 0; i < 4; i++)
        file[size++] = (uint8_t)(crc >> (8 * i));
    file[size++] = 0; /* stored */
    file[size++] = 1;
    file[size++] = 3;
    memcpy(file + size, "one", 3);
    r->size = 0;
    put_bytes(r, "Rar!\x1a\x07\1\0", 8);
    put_rar5_block(r, "\1\0\0", 3);
    put_rar5_block(r, file, size + 3);
    put_text(r, recipe_one);
    put_rar5_block(r, "\5\0\0", 3);
}

/* ---- bundles; each lies behind `program` ---- */

static inline void put_pyi_entry(recipe *r, size_t at, size_t packed, size_t size, unsigned zlib, char type,
                                 const char *name)
{
    size_t length = (18 + strlen(name) + 1 + 15) / 16 * 16, start = r->size;
    put_be(r, length, 4);
    put_be(r, at, 4);
    put_be(r, packed, 4);
    put_be(r, size, 4);
    put_le(r, zlib, 1);
    put_le(r, (uint8_t)type, 1);
    put_text(r, name);
    put_zeros(r, length - (r->size - start));
}

static inline void make_pyinstaller(recipe *r, fps__span program, const void *file, size_t size)
{
    r->size = 0;
    put_bytes(r, program.data, program.size);
    size_t base = r->size;
    put_text(r, recipe_one);
    size_t second = r->size - base;
    put_deflated(r, file, size, true);
    size_t table = r->size - base;
    put_pyi_entry(r, 0, ONE_SIZE, ONE_SIZE, 0, 'x', "one");
    put_pyi_entry(r, second, table - second, size, 1, 'b', "lib/two.so");
    put_pyi_entry(r, 0, 0, 0, 0, 'o', "an-option");
    size_t length = r->size - base - table;
    put_bytes(r, "MEI\014\013\012\013\016", 8);
    put_be(r, r->size - base - 8 + 88, 4);
    put_be(r, table, 4);
    put_be(r, length, 4);
    put_be(r, 311, 4);
    put_text(r, "libpython3.11.so.1.0");
    put_zeros(r, 64 - 20);
}

static inline void put_dotnet_file(recipe *r, size_t at, size_t size, size_t packed, const char *path)
{
    put_le(r, at, 8);
    put_le(r, size, 8);
    put_le(r, packed, 8);
    put_le(r, 1, 1);
    put_le(r, strlen(path), 1);
    put_text(r, path);
}

static inline void make_dotnet(recipe *r, fps__span program, const void *file, size_t size)
{
    static const uint8_t signature[] = {0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93,
                                        0x02, 0x14, 0xd7, 0xa0, 0x32, 0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae,
                                        0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae};
    r->size = 0;
    put_bytes(r, program.data, program.size);
    size_t place = r->size;
    put_zeros(r, 8);
    put_bytes(r, signature, sizeof signature);
    size_t first = r->size;
    put_text(r, recipe_one);
    size_t second = r->size;
    put_deflated(r, file, size, false);
    size_t header = r->size;
    set_le(r, place, header, 8);
    put_le(r, 6, 4);
    put_le(r, 0, 4);
    put_le(r, 2, 4);
    put_le(r, 8, 1);
    put_text(r, "bundleid");
    put_zeros(r, 40);
    put_dotnet_file(r, first, ONE_SIZE, 0, "one");
    put_dotnet_file(r, second, size, header - second, "lib/two.so");
}

/* A file in a frame of zstd whose one block is as it is (RFC 8878, 3.1.1), or plain. */
static inline void make_nuitka(recipe *r, fps__span program, const void *file, size_t size, bool packed,
                               bool in_middle)
{
    r->size = 0;
    put_bytes(r, program.data, program.size);
    size_t start = r->size;
    put_text(r, packed ? "KAY" : "KAX");
    if (packed) {
        put_le(r, 0xfd2fb528, 4);
        put_le(r, 0xa0, 1);
        put_le(r, size + 17, 4);
        put_le(r, (size + 17) << 3 | 1, 3);
    }
    put_bytes(r, "lib/two.so\0\0\0\0\0\0", 17); /* its name, and what stands between that and its bytes */
    put_bytes(r, file, size);
    if (in_middle)
        put_zeros(r, 600);
    else
        put_le(r, r->size - start, 8);
}

static inline void make_deno(recipe *r, fps__span program)
{
    r->size = 0;
    put_bytes(r, program.data, program.size);
    size_t first = r->size;
    put_text(r, recipe_one);
    size_t second = r->size;
    put_two(r);
    put_text(r, "d3n0l4nd");
    put_be(r, first, 8);
    put_be(r, second, 8);
}

static inline void make_bun(recipe *r, fps__span program)
{
    r->size = 0;
    put_bytes(r, program.data, program.size);
    size_t first = r->size;
    put_two(r);
    put_le(r, r->size - first, 8);
    put_le(r, 500, 4);
    put_le(r, 36, 4);
    put_zeros(r, 16);
    put_text(r, "\n---- Bun! ----\n");
    put_le(r, r->size + 8, 8);
}

static inline void make_node(recipe *r)
{
    r->size = 0;
    put_le(r, 0x0143da20, 4);
    put_le(r, 8, 4);
    put_le(r, 7, 8);
    put_text(r, "main.js");
    put_le(r, ONE_SIZE, 8);
    put_text(r, recipe_one);
    put_le(r, 1, 8);
    put_le(r, 9, 8);
    put_text(r, "asset.bin");
    put_le(r, TWO_SIZE, 8);
    put_two(r);
}

#endif
