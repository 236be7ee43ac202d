/* Reads a cpio archive from a stream of blocks. */
#include "archive/archive_cpio.h"

#include "util/digest.h"
#include "util/error.h"

enum {
    NEWC_HEADER = 110,
    ODC_HEADER = 76,
    OLD_HEADER = 26,
    MAGIC = 6, /* bytes that tell the variants apart */
    TYPE_MASK = 0170000,
    TYPE_LINK = 0120000,
};

/* The variants differ in how they write numbers. */
typedef enum variant {
    VARIANT_NONE,
    VARIANT_NEWC, /* eight hexadecimal digits; names and files fill words of four bytes */
    VARIANT_ODC,  /* octal digits; nothing is filled */
    VARIANT_OLD,  /* words of two bytes in the order of the machine, which names and files fill */
    VARIANT_OLD_BIG,
} variant;

/* What is read of a header. */
typedef struct header {
    uint32_t mode, name, size;
} header;

/* Octal digits. */
static bool get_octal(const uint8_t *text, size_t digits, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '7')
            return false;
        *value = *value << 3 | (uint64_t)(text[i] - '0');
    }
    return true;
}

/* Eight hexadecimal digits. */
static bool get_hex(const uint8_t *text, uint32_t *value)
{
    uint8_t bytes[4];
    if (!fps__hex_read((const char *)text, 8, bytes, sizeof bytes))
        return false;
    *value = fps__get32be(bytes);
    return true;
}

static variant find_variant(const uint8_t *magic)
{
    if (memcmp(magic, "070701", MAGIC) == 0 || memcmp(magic, "070702", MAGIC) == 0)
        return VARIANT_NEWC;
    if (memcmp(magic, "070707", MAGIC) == 0)
        return VARIANT_ODC;
    if (fps__get16le(magic) == 070707)
        return VARIANT_OLD;
    return fps__get16be(magic) == 070707 ? VARIANT_OLD_BIG : VARIANT_NONE;
}

static size_t header_size(variant kind)
{
    return kind == VARIANT_NEWC ? NEWC_HEADER : kind == VARIANT_ODC ? ODC_HEADER : OLD_HEADER;
}

static uint32_t padding_of(variant kind, uint64_t size)
{
    uint32_t mask = kind == VARIANT_NEWC ? 3 : kind == VARIANT_ODC ? 0 : 1;
    return (uint32_t)(-size & mask);
}

static bool parse_newc(const uint8_t *p, header *out)
{
    enum { MODE = 14, FILE_SIZE = 54, NAME_SIZE = 94 };
    return get_hex(p + MODE, &out->mode) && get_hex(p + FILE_SIZE, &out->size) &&
           get_hex(p + NAME_SIZE, &out->name);
}

static bool parse_odc(const uint8_t *p, header *out)
{
    enum { MODE = 18, NAME_SIZE = 59, FILE_SIZE = 65 };
    uint64_t mode, name, size;
    if (!get_octal(p + MODE, 6, &mode) || !get_octal(p + NAME_SIZE, 6, &name) ||
        !get_octal(p + FILE_SIZE, 11, &size) || size > UINT32_MAX)
        return false;
    *out = (header){(uint32_t)mode, (uint32_t)name, (uint32_t)size};
    return true;
}

/* The size is two words, the higher one first, whatever the order of bytes. */
static bool parse_old(const uint8_t *p, bool big, header *out)
{
    enum { MODE = 6, NAME_SIZE = 20, FILE_SIZE = 22 };
    uint16_t (*get)(const uint8_t *) = big ? fps__get16be : fps__get16le;
    *out = (header){get(p + MODE), get(p + NAME_SIZE),
                    (uint32_t)get(p + FILE_SIZE) << 16 | get(p + FILE_SIZE + 2)};
    return true;
}

static bool parse(variant kind, const uint8_t *p, header *out)
{
    if (kind == VARIANT_NEWC)
        return parse_newc(p, out);
    return kind == VARIANT_ODC ? parse_odc(p, out) : parse_old(p, kind == VARIANT_OLD_BIG, out);
}

/* The magic of the old variants has two bytes alone: the type of file, and the end of the name must make sense too. */
bool fps__cpio_identify(fps__span data)
{
    header first;
    variant kind = data.size >= MAGIC ? find_variant(data.data) : VARIANT_NONE;
    if (kind == VARIANT_NONE)
        return false;
    if (kind == VARIANT_NEWC || kind == VARIANT_ODC)
        return data.size < header_size(kind) || parse(kind, data.data, &first);
    return data.size > OLD_HEADER && parse(kind, data.data, &first) && first.mode >> 12 && first.name > 1 &&
           first.name <= FPS__CPIO_PATH && fps__span_has(data, OLD_HEADER, first.name) &&
           !data.data[OLD_HEADER + first.name - 1];
}

static fps_status corrupt(fps_error *error, const char *what)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "%s", what);
}

/* Takes `size` bytes of the stream; `out` may be NULL. */
static fps_status take(fps__cpio *cpio, uint8_t *out, uint64_t size, fps_error *error)
{
    while (size) {
        if (!cpio->block.size) {
            fps_status status = cpio->next_block(cpio->user, &cpio->block, error);
            if (status == FPS_ERROR_NOT_FOUND)
                return corrupt(error, "cpio archive ends early");
            if (status)
                return status;
            continue;
        }
        size_t part = cpio->block.size < size ? cpio->block.size : (size_t)size;
        if (out) {
            memcpy(out, cpio->block.data, part);
            out += part;
        }
        cpio->block = (fps__span){cpio->block.data + part, cpio->block.size - part};
        size -= part;
    }
    return FPS_OK;
}

static fps_status skip_file(fps__cpio *cpio, fps_error *error)
{
    uint64_t rest = cpio->file_left + cpio->padding;
    cpio->file_left = cpio->padding = 0;
    return take(cpio, NULL, rest, error);
}

/* Takes a header and the name behind it. */
static fps_status take_header(fps__cpio *cpio, header *found, variant *kind, fps_error *error)
{
    uint8_t bytes[NEWC_HEADER];
    fps_status status = take(cpio, bytes, MAGIC, error);
    *kind = status ? VARIANT_NONE : find_variant(bytes);
    if (!status && *kind != VARIANT_NONE)
        status = take(cpio, bytes + MAGIC, header_size(*kind) - MAGIC, error);
    if (status)
        return status;
    if (*kind == VARIANT_NONE || !parse(*kind, bytes, found))
        return corrupt(error, "damaged header in a cpio archive");
    if (!found->name || found->name > FPS__CPIO_PATH)
        return corrupt(error, "name of a file in a cpio archive is too long");
    status = take(cpio, (uint8_t *)cpio->path, found->name, error);
    cpio->path[status ? 0 : found->name] = '\0';
    return status ? status : take(cpio, NULL, padding_of(*kind, header_size(*kind) + found->name), error);
}

fps_status fps__cpio_next(fps__cpio *cpio, fps_error *error)
{
    for (;;) {
        header found;
        variant kind;
        fps_status status = skip_file(cpio, error);
        if (!status)
            status = take_header(cpio, &found, &kind, error);
        if (status)
            return status;
        cpio->file_left = found.size;
        cpio->padding = padding_of(kind, found.size);
        if (strcmp(cpio->path, "TRAILER!!!") == 0) {
            status = skip_file(cpio, error);
            return status ? status : FPS_ERROR_NOT_FOUND;
        }
        if ((found.mode & TYPE_MASK) != TYPE_LINK &&
            found.size) /* of hard links the last one holds the bytes */
            return FPS_OK;
    }
}

fps_status fps__cpio_read(fps__cpio *cpio, uint8_t *out, size_t size, fps_error *error)
{
    if (size > cpio->file_left)
        size = (size_t)cpio->file_left;
    cpio->file_left -= size;
    return take(cpio, out, size, error);
}
