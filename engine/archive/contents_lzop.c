/* lzop files, which kernels are packed with too, and LZO1X, the compression in them.
 *
 * The file (lzop 1.04, src/lzop.c, and Linux, lib/decompress_unlzo.c): a magic of 9 bytes; versions of the program, the library and
 * the format (2 each); method and level (1 each); flags (4); a filter (4) where flag 0x800 is set; mode, two halves of a time (4
 * each); a name with its length before it (1); a checksum (4). Numbers are big-endian. Blocks follow: unpacked size (4; 0 ends the
 * file), packed size (4), checksums (4 each) by flags, data, stored where both sizes are the same. */
#include "archive/contents.h"

#include "util/error.h"

#include <stdlib.h>

enum {
    MAGIC = 9,
    FIXED = MAGIC + 2 + 2 + 2 + 1 + 1 + 4,
    FLAG_ADLER_UNPACKED = 0x1,
    FLAG_ADLER_PACKED = 0x2,
    FLAG_EXTRA = 0x40,
    FLAG_CRC_UNPACKED = 0x100,
    FLAG_CRC_PACKED = 0x200,
    FLAG_FILTER = 0x800,
    LEAST_VERSION = 0x940, /* since then the format's version and the level are there */
    MAX_BLOCK = 64 << 20,  /* lzop's own bound */
};

typedef struct lzop_header {
    uint32_t flags;
    uint64_t end; /* where the blocks begin */
} lzop_header;

static bool read_header(fps__span data, lzop_header *header)
{
    static const char magic[] = "\x89LZO\0\r\n\x1a\n";
    if (!fps__span_has(data, 0, FIXED) || memcmp(data.data, magic, MAGIC) != 0 ||
        fps__get16be(data.data + MAGIC) < LEAST_VERSION)
        return false;
    uint8_t method = data.data[MAGIC + 6];
    header->flags = fps__get32be(data.data + MAGIC + 8);
    uint64_t at = FIXED + (header->flags & FLAG_FILTER ? 4 : 0) + 12;
    if (method < 1 || method > 3 || !fps__span_has(data, at, 1))
        return false;
    at += 1 + (uint64_t)data.data[at] + 4;
    if ((header->flags & FLAG_EXTRA) && fps__span_has(data, at, 4))
        at += 4 + (uint64_t)fps__get32be(data.data + at) + 4;
    header->end = at;
    return fps__span_has(data, at, 4);
}

bool fps__is_lzop(fps__span data)
{
    lzop_header header;
    return read_header(data, &header);
}

typedef struct lzop_block {
    uint64_t unpacked, packed, data; /* sizes, and where its data begins */
} lzop_block;

/* The block at `at`; false at the end of the file (unpacked is 0 then) and where it is damaged. */
static bool read_block(fps__span data, uint32_t flags, uint64_t at, lzop_block *block)
{
    *block = (lzop_block){.unpacked = 1};
    if (!fps__span_has(data, at, 4))
        return false;
    block->unpacked = fps__get32be(data.data + at);
    if (!block->unpacked || !fps__span_has(data, at, 8))
        return false;
    block->packed = fps__get32be(data.data + at + 4);
    bool compressed = block->packed < block->unpacked;
    block->data = at + 8 + (flags & FLAG_ADLER_UNPACKED ? 4 : 0) + (flags & FLAG_CRC_UNPACKED ? 4 : 0) +
                  (compressed && (flags & FLAG_ADLER_PACKED) ? 4 : 0) +
                  (compressed && (flags & FLAG_CRC_PACKED) ? 4 : 0);
    return block->packed && block->packed <= block->unpacked && block->unpacked <= MAX_BLOCK &&
           fps__span_has(data, block->data, block->packed);
}

bool fps__list_lzop(fps__contents *contents, fps__span data)
{
    lzop_header header;
    lzop_block block;
    if (!read_header(data, &header))
        return false;
    uint64_t at = header.end, unpacked = 0;
    while (read_block(data, header.flags, at, &block)) {
        at = block.data + block.packed;
        unpacked += block.unpacked;
    }
    if (block.unpacked)
        fps__contents_fault(contents, "the lzop file is damaged or cut off");
    contents->end = block.unpacked ? data.size : at + 4;
    contents->single = true;
    /* The header is part of the file: it has the flags. */
    const fps__contained file = {.name = "", .size = at, .unpacked = unpacked, .packing = FPS__PACKING_LZO};
    return !unpacked || fps__contents_add(contents, data, &file);
}

/* ---- LZO1X (Linux, Documentation/staging/lzo.rst) ----
 *
 * A row of instructions, each an opcode with a distance, a length to copy from what is unpacked, and in its lowest two bits a
 * number of literals that follow. */

typedef struct lzo {
    fps__span in;
    size_t at;
    uint8_t *out;
    size_t used, room;
    bool bad; /* something was asked for that is not there */
} lzo;

static uint8_t take_byte(lzo *z)
{
    z->bad |= z->at >= z->in.size;
    return z->bad ? 0 : z->in.data[z->at++];
}

/* A length of which `bits` are in the opcode; zero there means that bytes of zero, 255 each, and a last one follow. */
static size_t take_length(lzo *z, unsigned opcode, unsigned mask, size_t base)
{
    size_t length = opcode & mask;
    if (length)
        return base + length;
    uint8_t byte;
    size_t zeros = 0;
    while (!(byte = take_byte(z)) && !z->bad)
        zeros += 255;
    return base + mask + zeros + byte;
}

static void copy_literals(lzo *z, size_t count)
{
    z->bad |= count > z->in.size - z->at || count > z->room - z->used;
    if (z->bad || !count)
        return;
    memcpy(z->out + z->used, z->in.data + z->at, count);
    z->at += count;
    z->used += count;
}

static void copy_match(lzo *z, size_t distance, size_t length)
{
    z->bad |= !distance || distance > z->used || length > z->room - z->used;
    for (size_t i = 0; !z->bad && i < length; i++, z->used++)
        z->out[z->used] = z->out[z->used - distance];
}

/* A match by the opcodes from 32 on; *state becomes the literals that follow. */
static void take_near_match(lzo *z, unsigned opcode, unsigned *state)
{
    if (opcode >= 64) {
        size_t length = opcode >= 128 ? 5 + ((opcode >> 5) & 3) : 3 + ((opcode >> 5) & 1);
        size_t distance = ((size_t)take_byte(z) << 3) + ((opcode >> 2) & 7) + 1;
        *state = opcode & 3;
        copy_match(z, distance, length);
        return;
    }
    size_t length = take_length(z, opcode, 31, 2);
    unsigned low = take_byte(z), high = take_byte(z), word = low | high << 8;
    *state = word & 3;
    copy_match(z, (word >> 2) + 1u, length);
}

/* A match by the opcodes from 16 to 31; true at the end of the stream. */
static bool take_far_match(lzo *z, unsigned opcode, unsigned *state)
{
    size_t length = take_length(z, opcode, 7, 2);
    unsigned low = take_byte(z), high = take_byte(z), word = low | high << 8;
    size_t distance = 16384u + ((opcode & 8u) << 11) + (word >> 2);
    *state = word & 3;
    if (distance == 16384)
        return true;
    copy_match(z, distance, length);
    return false;
}

/* An opcode below 16: literals behind an instruction without any, a short match otherwise. `literals`: of the instruction
 * before; 4 where they were a run. Returns those of this one. */
static unsigned take_low(lzo *z, unsigned opcode, unsigned literals)
{
    if (!literals) {
        copy_literals(z, take_length(z, opcode, 15, 3));
        return 4;
    }
    size_t far = literals == 4 ? 2049 : 1, length = literals == 4 ? 3 : 2;
    copy_match(z, ((size_t)take_byte(z) << 2) + (opcode >> 2) + far, length);
    copy_literals(z, opcode & 3);
    return opcode & 3;
}

/* Unpacks a block to its size; false when it is damaged. Bitstream version 0. */
static bool unpack_block(lzo *z)
{
    unsigned literals = 0;
    if (z->in.size && z->in.data[0] >= 18) {
        size_t count = (size_t)take_byte(z) - 17;
        copy_literals(z, count);
        literals = count < 4 ? (unsigned)count : 4;
    }
    while (!z->bad) {
        unsigned opcode = take_byte(z);
        if (opcode < 16) {
            literals = take_low(z, opcode, literals);
            continue;
        }
        if (opcode >= 32)
            take_near_match(z, opcode, &literals);
        else if (take_far_match(z, opcode, &literals))
            return !z->bad && z->used == z->room && z->at == z->in.size;
        copy_literals(z, literals);
    }
    return false;
}

static fps_status unpack_one(fps__span packed, size_t unpacked, uint8_t **room,
                             const fps__contents_sink *sink, fps_error *error)
{
    if (packed.size == unpacked)
        return sink->take(sink->user, packed, error);
    uint8_t *grown = realloc(*room, unpacked);
    if (!grown)
        return fps__fail_memory(error);
    *room = grown;
    lzo z = {.in = packed, .out = grown, .room = unpacked};
    if (!unpack_block(&z))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a block of the lzop file is damaged");
    return sink->take(sink->user, (fps__span){grown, unpacked}, error);
}

fps_status fps__lzop_unpack(fps__span blocks, const fps__contents_sink *sink, fps_error *error)
{
    lzop_header header;
    lzop_block block;
    uint8_t *room = NULL;
    fps_status status = FPS_OK;
    if (!read_header(blocks, &header))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, 0, "no lzop file");
    uint64_t at = header.end;
    while (!status && read_block(blocks, header.flags, at, &block)) {
        status = unpack_one(fps__span_part(blocks, block.data, block.packed), (size_t)block.unpacked, &room,
                            sink, error);
        at = block.data + block.packed;
    }
    free(room);
    return status;
}
