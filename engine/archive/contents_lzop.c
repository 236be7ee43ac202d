/* lzop files, which kernels are packed with too.
 *
 * The file (lzop 1.04, src/lzop.c, and Linux, lib/decompress_unlzo.c): a magic of 9 bytes; versions of the program, the library and
 * the format (2 each); method and level (1 each); flags (4); a filter (4) where flag 0x800 is set; mode, two halves of a time (4
 * each); a name with its length before it (1); a checksum (4). Numbers are big-endian. Blocks follow: unpacked size (4; 0 ends the
 * file), packed size (4), checksums (4 each) by flags, data, stored where both sizes are the same. */
#include "archive/contents.h"

#include "util/error.h"
#include "volume/unpack.h"

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
    const fps__contained file = {.name = "", .size = at, .unpacked = unpacked, .storage = FPS__STORED_LZOP};
    return !unpacked || fps__contents_add(contents, data, &file);
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
    size_t got;
    if (!fps__lzo_unpack(packed, grown, unpacked, &got) || got != unpacked)
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
