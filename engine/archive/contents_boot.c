/* Images that a boot loader reads: Linux kernels that unpack themselves, U-Boot's images of both kinds, Android's. */
#include "archive/contents.h"

#include <isa-l/crc.h>
#include <stdio.h>

/* ---- kernels that unpack themselves ---- */

/* The payload of a kernel. Linux, scripts/Makefile.lib: behind all but gzip streams, which have it themselves, the kernel keeps
 * the unpacked size in 4 bytes. */
static bool add_payload(fps__contents *contents, fps__span data, uint64_t offset, uint64_t size)
{
    enum { SIZE_BYTES = 4, LEAST = 64 };
    fps__span payload = fps__span_part(data, offset, size);
    if (payload.size < LEAST)
        return false;
    bool gzip = payload.data[0] == 0x1f && payload.data[1] == 0x8b;
    contents->start = contents->body = offset;
    contents->end = offset + size;
    contents->gaps_explained = true;
    return fps__contents_add_plain(contents, data, "payload", offset, gzip ? size : size - SIZE_BYTES);
}

/* The boot protocol of x86 since 2.08 (Linux, Documentation/arch/x86/boot.rst): sectors of the setup code at 0x1f1, 0xaa55 at
 * 0x1fe, "HdrS", the version, and offset and length of the payload in the protected-mode code. */
static bool list_x86(fps__contents *contents, fps__span data)
{
    enum { SECTORS = 0x1f1, FLAG = 0x1fe, MAGIC = 0x202, VERSION = 0x206, OFFSET = 0x248, LENGTH = 0x24c };
    enum { SECTOR = 512, DEFAULT_SECTORS = 4, LEAST_VERSION = 0x208 };
    if (!fps__span_has(data, LENGTH, 4) || memcmp(data.data + MAGIC, "HdrS", 4) != 0 ||
        fps__get16le(data.data + FLAG) != 0xaa55 || fps__get16le(data.data + VERSION) < LEAST_VERSION)
        return false;
    uint64_t sectors = data.data[SECTORS] ? data.data[SECTORS] : DEFAULT_SECTORS;
    return add_payload(contents, data, (sectors + 1) * SECTOR + fps__get32le(data.data + OFFSET),
                       fps__get32le(data.data + LENGTH));
}

/* Kernels that are EFI programs (Linux, drivers/firmware/efi/libstub/zboot-header.S). */
static bool list_zboot(fps__contents *contents, fps__span data)
{
    enum { OFFSET = 8, SIZE = 12, LEAST = 64 };
    if (!fps__span_has(data, 0, LEAST) || memcmp(data.data, "MZ", 2) != 0 ||
        memcmp(data.data + 4, "zimg", 4) != 0)
        return false;
    return add_payload(contents, data, fps__get32le(data.data + OFFSET), fps__get32le(data.data + SIZE));
}

/* The header of a compressed stream as the kernel's build writes them (Linux, scripts/Makefile.lib): gzip without a name, xz, the .lzma
 * form, lzop, the old frame of lz4, zstd. */
static bool begins_packed(fps__span data, uint64_t at)
{
    enum { LEAST = 18, LZMA_SIZE = 5, MOST_LZ4_BLOCK = 9 << 20 };
    static const char lzop[] = "\x89LZO\0\r\n\x1a\n";
    fps__span rest = fps__span_part(data, at, data.size - at);
    if (rest.size < LEAST)
        return false;
    const uint8_t *p = rest.data;
    uint64_t size = fps__get64le(p + LZMA_SIZE);
    switch (p[0]) {
    case 0x1f:
        return p[1] == 0x8b && p[2] == 8 && !p[3] && (p[8] == 0 || p[8] == 2 || p[8] == 4) && p[9] == 3;
    case 0xfd:
        return memcmp(p,
                      "\xfd"
                      "7zXZ\0",
                      6) == 0 &&
               crc32_gzip_refl(0, p + 6, 2) == fps__get32le(p + 8);
    case 0x5d:
        return !p[1] && !p[2] && p[4] < 8 && (size == UINT64_MAX || (size >> 12 && size < UINT32_MAX)) &&
               !p[13];
    case 0x89:
        return memcmp(p, lzop, sizeof lzop - 1) == 0;
    case 0x02:
        return fps__get32le(p) == 0x184c2102 && fps__get32le(p + 4) && fps__get32le(p + 4) < MOST_LZ4_BLOCK;
    case 0x28:
        return fps__get32le(p) == 0xfd2fb528 && !(p[4] & 8);
    default:
        return false;
    }
}

/* 32-bit ARM (Linux, arch/arm/boot/compressed/head.S and vmlinux.lds.S), in either byte order: the magic at 0x24, start and end behind it;
 * since 4.15 another magic at 0x34 and where a table is, which says where the unpacked size stands, the last word of the payload.
 * Nothing says where the payload begins: it is the first stream behind the header. */
static bool list_arm(fps__contents *contents, fps__span data)
{
    enum { MAGIC = 0x24, END = 0x2c, MORE = 0x34, TABLE = 0x38, HEADER = 0x3c, WORD = 4 };
    if (!fps__span_has(data, 0, HEADER))
        return false;
    const uint8_t *p = data.data;
    bool big = fps__get32be(p + MAGIC) == 0x016f2818;
    uint32_t (*get)(const uint8_t *) = big ? fps__get32be : fps__get32le;
    uint64_t end = get(p + END) - get(p + MAGIC + WORD), table = get(p + TABLE);
    if (get(p + MAGIC) != 0x016f2818 || end <= HEADER)
        return false;
    end = end < data.size ? end : data.size;
    if (get(p + MORE) == 0x45454545 && fps__span_has(data, table, 3 * WORD) && get(p + table) >= 2 &&
        get(p + table + WORD) == 0x5a534c4b && get(p + table + 2 * WORD) < end - WORD)
        end = get(p + table + 2 * WORD) + (uint64_t)WORD;
    uint64_t at = HEADER;
    while (at < end && !begins_packed(data, at))
        at++;
    return at < end && add_payload(contents, data, at, end - at);
}

bool fps__list_kernel(fps__contents *contents, fps__span data)
{
    return list_x86(contents, data) || list_zboot(contents, data) || list_arm(contents, data);
}

/* ---- U-Boot's images (U-Boot, include/image.h) ----
 *
 *   magic, CRC-32 of the header with zeros here, time, size of the data, load address, entry, CRC-32 of the data: 4 bytes each,
 *   big-endian; system, architecture, type, compression: 1 byte each; name (32). An image of type 4 has several parts: their sizes,
 *   a zero, and the parts, each filled to 4 bytes. */

enum { UIMAGE_HEADER = 64, UIMAGE_SIZE = 12, UIMAGE_DATA_CRC = 24, UIMAGE_TYPE = 30, TYPE_MULTI = 4 };

bool fps__is_uimage(fps__span data)
{
    uint8_t header[UIMAGE_HEADER];
    if (!fps__span_has(data, 0, UIMAGE_HEADER) || fps__get32be(data.data) != 0x27051956)
        return false;
    memcpy(header, data.data, sizeof header);
    memset(header + 4, 0, 4);
    return crc32_gzip_refl(0, header, sizeof header) == fps__get32be(data.data + 4);
}

/* The parts of an image of several; false when their table is damaged. */
static bool add_parts(fps__contents *contents, fps__span data)
{
    enum { MOST = 64 };
    uint64_t at = UIMAGE_HEADER, count = 0;
    while (count < MOST && fps__span_has(data, at + count * 4, 4) && fps__get32be(data.data + at + count * 4))
        count++;
    uint64_t next = at + (count + 1) * 4;
    for (uint64_t i = 0; i < count; i++) {
        char name[16];
        uint64_t size = fps__get32be(data.data + at + i * 4);
        int length = snprintf(name, sizeof name, "part%llu", (unsigned long long)i);
        const char *text = fps__contents_text(contents, (fps__span){(uint8_t *)name, (size_t)length});
        if (!fps__contents_add_plain(contents, data, text, next, size))
            return false;
        next += (size + 3) & ~(uint64_t)3;
    }
    return count;
}

bool fps__list_uimage(fps__contents *contents, fps__span data)
{
    uint64_t size = fps__get32be(data.data + UIMAGE_SIZE);
    fps__span body = fps__span_part(data, UIMAGE_HEADER, size);
    if (!body.data) {
        fps__contents_fault(contents, "the U-Boot image is cut off");
        size = data.size - UIMAGE_HEADER;
    } else if (crc32_gzip_refl(0, body.data, body.size) != fps__get32be(data.data + UIMAGE_DATA_CRC)) {
        fps__contents_fault(contents, "the checksum of the U-Boot image is not that of its data");
    }
    contents->body = UIMAGE_HEADER;
    contents->end = UIMAGE_HEADER + size;
    data = fps__span_part(data, 0, contents->end);
    bool parts = data.data[UIMAGE_TYPE] == TYPE_MULTI && add_parts(contents, data);
    return parts || fps__contents_add_plain(contents, data, "data", UIMAGE_HEADER, size) || !size;
}

/* ---- device trees, and FIT images, which are such ----
 *
 * Devicetree Specification 0.4, 5: a header of ten words, big-endian; the structure block is a row of tokens. FIT (Flattened
 * Image Tree 0.8, 2.4): /images/NAME has the bytes in "data", or where they are behind the tree in "data-offset", from the
 * start in "data-position", and "data-size". */

typedef struct fdt {
    uint32_t size, structure, strings, version, strings_size, structure_size;
} fdt;

enum { FDT_HEADER = 40, FDT_BEGIN = 1, FDT_END = 2, FDT_PROPERTY = 3, FDT_NOP = 4 };

static bool read_fdt(fps__span data, fdt *tree)
{
    if (!fps__span_has(data, 0, FDT_HEADER) || fps__get32be(data.data) != 0xd00dfeed)
        return false;
    *tree = (fdt){fps__get32be(data.data + 4),  fps__get32be(data.data + 8),  fps__get32be(data.data + 12),
                  fps__get32be(data.data + 20), fps__get32be(data.data + 32), fps__get32be(data.data + 36)};
    return tree->version >= 17 && tree->version < 32 && fps__get32be(data.data + 24) <= tree->version &&
           tree->size <= data.size && tree->structure >= FDT_HEADER && tree->structure % 4 == 0 &&
           tree->structure <= tree->size && tree->structure_size <= tree->size - tree->structure &&
           tree->strings <= tree->size && tree->strings_size <= tree->size - tree->strings &&
           tree->structure_size >= 16;
}

bool fps__is_device_tree(fps__span data)
{
    fdt tree;
    return read_fdt(data, &tree);
}

/* One image while its properties go by. */
typedef struct fit_image {
    fps__span name;
    uint64_t offset, size; /* of "data-offset" or "data-position", and "data-size" */
    bool inside, external;
} fit_image;

static bool is_called(fps__span strings, uint32_t offset, const char *name)
{
    return fps__span_has(strings, offset, strlen(name) + 1) &&
           memcmp(strings.data + offset, name, strlen(name) + 1) == 0;
}

/* A property of an image. `value` is a part of `data`. */
static void take_property(fps__contents *contents, fps__span data, const fdt *tree, fit_image *image,
                          uint32_t name, fps__span value)
{
    fps__span strings = fps__span_part(data, tree->strings, tree->strings_size);
    uint64_t number = value.size == 4 ? fps__get32be(value.data) : 0;
    if (is_called(strings, name, "data") && value.size) {
        const char *text = fps__contents_text(contents, image->name);
        fps__contents_add_plain(contents, data, text, (uint64_t)(value.data - data.data), value.size);
    } else if (is_called(strings, name, "data-offset") && value.size == 4) {
        image->offset = number + ((tree->size + (uint64_t)3) & ~(uint64_t)3);
        image->external = true;
    } else if (is_called(strings, name, "data-position") && value.size == 4) {
        image->offset = number;
        image->external = true;
    } else if (is_called(strings, name, "data-size")) {
        image->size = number;
    }
}

static void end_image(fps__contents *contents, fps__span data, fit_image *image)
{
    if (!image->external || !image->size)
        return;
    fps__contents_add_plain(contents, data, fps__contents_text(contents, image->name), image->offset,
                            image->size);
    if (fps__span_has(data, image->offset, image->size) && image->offset + image->size > contents->end)
        contents->end = image->offset + image->size;
}

/* The name at `at` of the structure block, without its NUL; what is left of the block where it has no end. */
static fps__span name_at(fps__span block, uint64_t at)
{
    fps__span rest = fps__span_part(block, at, block.size - at);
    return (fps__span){rest.data, strnlen((const char *)rest.data, rest.size)};
}

/* The tokens of the structure block. /images/NAME is at depth 3. */
static bool walk_tree(fps__contents *contents, fps__span data, const fdt *tree)
{
    enum { IMAGES = 2, IMAGE = 3, PROPERTY = 8 };
    fps__span block = fps__span_part(data, tree->structure, tree->structure_size);
    fit_image image = {.offset = 0};
    bool in_images = false;
    unsigned depth = 0;
    for (uint64_t at = 0; fps__span_has(block, at, 4);) {
        uint32_t token = fps__get32be(block.data + at);
        at += 4;
        if (token == FDT_BEGIN && at < block.size) {
            fps__span name = name_at(block, at);
            depth += depth < UINT32_MAX;
            if (depth == IMAGES)
                in_images = name.size == 6 && memcmp(name.data, "images", 6) == 0;
            if (depth == IMAGE && in_images)
                image = (fit_image){.name = name, .inside = true};
            at = (at + name.size + 4) & ~(uint64_t)3; /* its NUL, and as many as fill a word */
        } else if (token == FDT_END && depth) {
            if (depth-- == IMAGE && image.inside) {
                end_image(contents, data, &image);
                image.inside = false;
            }
        } else if (token == FDT_PROPERTY && fps__span_has(block, at, PROPERTY)) {
            uint64_t size = fps__get32be(block.data + at);
            fps__span value = fps__span_part(block, at + PROPERTY, size);
            if (!value.data)
                return false;
            if (depth == IMAGE && image.inside)
                take_property(contents, data, tree, &image, fps__get32be(block.data + at + 4), value);
            at += PROPERTY + ((size + 3) & ~(uint64_t)3);
        } else if (token != FDT_NOP) {
            return token == 9 && !depth;
        }
    }
    return false;
}

bool fps__list_device_tree(fps__contents *contents, fps__span data)
{
    fdt tree;
    if (!read_fdt(data, &tree))
        return false;
    contents->end = tree.size;
    contents->gaps_explained = true;
    if (!walk_tree(contents, data, &tree))
        fps__contents_fault(contents, "the structure of the device tree is damaged");
    return true;
}

/* ---- Android's boot images (Android, system/tools/mkbootimg, include/bootimg/bootimg.h) ---- */

enum { ANDROID_VERSION = 40, ANDROID_PAGE = 36, ANDROID_LEAST = 4096, ANDROID_PAGE_3 = 4096 };

bool fps__is_android_boot(fps__span data)
{
    if (!fps__span_has(data, 0, ANDROID_LEAST) || memcmp(data.data, "ANDROID!", 8) != 0)
        return false;
    uint32_t version = fps__get32le(data.data + ANDROID_VERSION),
             page = fps__get32le(data.data + ANDROID_PAGE);
    bool power = page >= 2048 && page <= 65536 && !(page & (page - 1));
    return version >= 3 ? version <= 4 : power;
}

/* Parts follow one another, each filled to a page. */
static void add_in_pages(fps__contents *contents, fps__span data, uint64_t page, const char *const *names,
                         const uint32_t *sizes)
{
    uint64_t at = contents->body = page;
    for (size_t i = 0; names[i]; i++) {
        fps__contents_add_plain(contents, data, names[i], at, sizes[i]);
        at += ((uint64_t)sizes[i] + page - 1) & ~(page - 1);
    }
    contents->end = at < data.size ? at : data.size;
}

bool fps__list_android_boot(fps__contents *contents, fps__span data)
{
    enum { DTBO = 1632, DTB = 1648, SIGNATURE = 1580 };
    const uint8_t *p = data.data;
    uint32_t version = fps__get32le(p + ANDROID_VERSION);
    if (version >= 3) {
        static const char *const names[] = {"kernel", "ramdisk", "signature", NULL};
        const uint32_t sizes[] = {fps__get32le(p + 8), fps__get32le(p + 12),
                                  version == 4 ? fps__get32le(p + SIGNATURE) : 0};
        add_in_pages(contents, data, ANDROID_PAGE_3, names, sizes);
    } else {
        static const char *const names[] = {"kernel", "ramdisk", "second", "recovery_dtbo", "dtb", NULL};
        const uint32_t sizes[] = {fps__get32le(p + 8), fps__get32le(p + 16), fps__get32le(p + 24),
                                  version >= 1 ? fps__get32le(p + DTBO) : 0,
                                  version >= 2 ? fps__get32le(p + DTB) : 0};
        add_in_pages(contents, data, fps__get32le(p + ANDROID_PAGE), names, sizes);
    }
    return true;
}
