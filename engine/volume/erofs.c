/* EROFS: superblock, inodes, directories, and files that are not compressed. The layout: Linux, fs/erofs/erofs_fs.h. Compressed
 * files are erofs_packed.c's. */
#include "volume/erofs.h"

#include "util/error.h"

#include <stdlib.h>

enum {
    SUPERBLOCK_AT = 1024,
    SUPERBLOCK = 128,
    LEAST_BLOCK = 9,
    MOST_BLOCK = 16,
    SLOT = 32, /* bytes: inodes begin at a multiple of them */
    COMPACT = 32,
    EXTENDED = 64,
    DIRENT = 12,
    KNOWN_FEATURES = 0x7f, /* all but 48-bit addresses and what is newer */
};

enum { CHUNK_BITS = 0x1f, CHUNK_INDEXES = 0x20 };
static const uint32_t HOLE = UINT32_MAX;

static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    if (!fps__span_has(head, SUPERBLOCK_AT, SUPERBLOCK))
        return false;
    const uint8_t *p = head.data + SUPERBLOCK_AT;
    return fps__get32le(p) == 0xe0f5e1e2 && p[12] >= LEAST_BLOCK && p[12] <= MOST_BLOCK &&
           fps__get16le(p + 14) && fps__get64le(p + 16) && fps__get32le(p + 36) &&
           fps__get32le(p + 40) <= fps__get32le(p + 36);
}

static fps_status open_superblock(fps__filesystem *fs, fps__erofs *e, fps_error *error)
{
    uint8_t room[SUPERBLOCK];
    const uint8_t *p;
    fps_status status = fps__medium_get(&fs->medium, SUPERBLOCK_AT, SUPERBLOCK, room, &p, error);
    if (status)
        return status;
    e->block_bits = p[12];
    e->blocks = fps__get32le(p + 36);
    e->metadata = (uint64_t)fps__get32le(p + 40) << e->block_bits;
    e->features = fps__get32le(p + 80);
    e->packed = fps__get64le(p + 96);
    fs->root = fps__get16le(p + 14);
    fs->end = (uint64_t)e->blocks << e->block_bits;
    if (e->features & ~(uint32_t)KNOWN_FEATURES)
        return fps__filesystem_unsupported(error, "EROFS with a feature that is newer than Linux 6.13");
    if (p[90])
        return fps__filesystem_unsupported(error, "EROFS with directories of another block size");
    return FPS_OK;
}

static fps_status open_erofs(fps__filesystem *fs, fps_error *error)
{
    fps__erofs *e = fs->state = calloc(1, sizeof *e);
    return e ? open_superblock(fs, e, error) : fps__fail_memory(error);
}

static void close_erofs(fps__filesystem *fs)
{
    fps__erofs *e = fs->state;
    if (e) {
        free(e->extent.bytes);
        free(e->packed_extent.bytes);
        free(e->listing);
    }
    free(e);
}

fps_status fps__erofs_inode_read(fps__filesystem *fs, uint64_t number, fps__erofs_inode *i, fps_error *error)
{
    enum { XATTR_HEADER = 12, XATTR = 4 };
    const fps__erofs *e = fs->state;
    uint8_t room[EXTENDED];
    const uint8_t *p;
    uint64_t at = e->metadata + number * SLOT;
    if (number > fs->medium.size / SLOT)
        return fps__filesystem_corrupt(error, UINT64_MAX, "an inode that the EROFS does not have");
    fps_status status = fps__medium_get(&fs->medium, at, COMPACT, room, &p, error);
    if (status)
        return status;
    bool extended = p[0] & 1;
    if (extended)
        status = fps__medium_get(&fs->medium, at, EXTENDED, room, &p, error);
    if (status)
        return status;
    uint32_t attributes = fps__get16le(p + 2);
    *i = (fps__erofs_inode){
        .layout = fps__get16le(p) >> 1 & 7,
        .mode = fps__get16le(p + 4),
        .links = extended ? fps__get32le(p + 44) : fps__get16le(p + 6),
        .size = extended ? fps__get64le(p + 8) : fps__get32le(p + 8),
        .modified = extended ? fps__get64le(p + 32) : 0,
        .place = fps__get32le(p + 16),
        .behind =
            at + (extended ? EXTENDED : COMPACT) + (attributes ? XATTR_HEADER + (attributes - 1) * XATTR : 0),
    };
    if (i->layout == FPS__EROFS_COMPRESSED_FULL || i->layout == FPS__EROFS_COMPRESSED_COMPACT)
        return fps__erofs_packed_open(fs, i, error);
    if (i->layout > FPS__EROFS_CHUNKS)
        return fps__filesystem_unsupported(error, "an inode of EROFS with an unknown layout");
    return FPS_OK;
}

/* ---- data ---- */

/* Where the bytes at `offset` are, and how many lie there. *at is UINT64_MAX for a hole. */
static fps_status find_flat(const fps__erofs *e, const fps__erofs_inode *i, uint64_t offset, uint64_t *at,
                            uint64_t *length)
{
    uint64_t block = (uint64_t)1 << e->block_bits, tail = i->size - i->size % block;
    bool in_tail = i->layout == FPS__EROFS_INLINE && offset >= tail;
    *at = in_tail ? i->behind + (offset - tail) : ((uint64_t)i->place << e->block_bits) + offset;
    *length = (in_tail || i->layout == FPS__EROFS_PLAIN ? i->size : tail) - offset;
    return FPS_OK;
}

static fps_status find_chunk(fps__filesystem *fs, const fps__erofs_inode *i, uint64_t offset, uint64_t *at,
                             uint64_t *length, fps_error *error)
{
    const fps__erofs *e = fs->state;
    unsigned bits = e->block_bits + (i->place & CHUNK_BITS);
    uint64_t unit = i->place & CHUNK_INDEXES ? 8 : 4, index = offset >> bits, chunk = (uint64_t)1 << bits;
    uint8_t room[8];
    const uint8_t *p;
    uint64_t table = (i->behind + unit - 1) & ~(unit - 1);
    fps_status status = fps__medium_get(&fs->medium, table + index * unit, unit, room, &p, error);
    if (status)
        return status;
    uint32_t block = fps__get32le(p + unit - 4);
    if (unit == 8 && fps__get16le(p + 2) && block != HOLE)
        return fps__filesystem_unsupported(error, "a file of EROFS whose bytes lie on another device");
    *length = chunk - (offset & (chunk - 1));
    *at = block == HOLE ? UINT64_MAX : ((uint64_t)block << e->block_bits) + (offset & (chunk - 1));
    return FPS_OK;
}

fps_status fps__erofs_read(fps__filesystem *fs, fps__erofs_inode *i, uint64_t offset, uint8_t *to,
                           size_t size, fps_error *error)
{
    if (i->layout == FPS__EROFS_COMPRESSED_FULL || i->layout == FPS__EROFS_COMPRESSED_COMPACT)
        return fps__erofs_packed_read(fs, i, offset, to, size, error);
    while (size) {
        uint64_t at = 0, length = 0;
        fps_status status = i->layout == FPS__EROFS_CHUNKS ? find_chunk(fs, i, offset, &at, &length, error)
                                                           : find_flat(fs->state, i, offset, &at, &length);
        if (status)
            return status;
        size_t part = length < size ? (size_t)length : size;
        if (at == UINT64_MAX)
            memset(to, 0, part);
        else
            status = fps__medium_copy(&fs->medium, at, part, to, error);
        if (status)
            return status;
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

static fps_status read_erofs(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    fps__erofs *e = fs->state;
    return fps__erofs_read(fs, &e->file, offset, to, size, error);
}

static fps_status look(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    fps__erofs *e = fs->state;
    e->extent.size = 0;
    fps_status status = fps__erofs_inode_read(fs, node, &e->file, error);
    if (status)
        return status;
    *found = fps__node_of_inode(e->file.mode, e->file.size, (int64_t)e->file.modified, e->file.links);
    return e->file.mode & FPS__MODE_TYPE
               ? FPS_OK
               : fps__filesystem_corrupt(error, UINT64_MAX, "an inode of EROFS that is empty");
}

/* ---- directories ---- */

/* One block: entries of twelve bytes, and behind them their names. */
static fps_status list_block(fps__filesystem *fs, fps__span block, fps_error *error)
{
    size_t first = block.size >= DIRENT ? fps__get16le(block.data + 8) : 0, count = first / DIRENT;
    if (!count || first % DIRENT || first > block.size)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged directory of EROFS");
    fps_status status = FPS_OK;
    for (size_t n = 0; n < count && !status; n++) {
        const uint8_t *p = block.data + n * DIRENT;
        size_t start = fps__get16le(p + 8), end = n + 1 < count ? fps__get16le(p + DIRENT + 8) : block.size;
        if (start < first || end < start || end > block.size)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged name in a directory of EROFS");
        size_t length = strnlen((const char *)block.data + start, end - start);
        status = fps__filesystem_add(fs, (const char *)block.data + start, length, fps__get64le(p), error);
    }
    return status;
}

static fps_status list(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    fps__erofs *e = fs->state;
    size_t block = (size_t)1 << e->block_bits;
    e->extent.size = 0;
    fps_status status = fps__erofs_inode_read(fs, node, &e->file, error), worst = FPS_OK;
    if (!status && (e->file.mode & FPS__MODE_TYPE) != FPS__MODE_DIRECTORY)
        return fps__filesystem_corrupt(error, UINT64_MAX, "the root is no directory");
    if (!e->listing && !(e->listing = malloc(block)))
        return fps__fail_memory(error);
    for (uint64_t at = 0; !status && at < e->file.size; at += block) {
        size_t part = e->file.size - at < block ? (size_t)(e->file.size - at) : block;
        status = fps__filesystem_spend(fs, part, error);
        if (!status)
            status = fps__erofs_read(fs, &e->file, at, e->listing, part, error);
        fps_status listed = status ? FPS_OK : list_block(fs, (fps__span){e->listing, part}, error);
        worst = listed == FPS_ERROR_CORRUPT ? listed : worst; /* the other blocks are read all the same */
        status = listed && listed != FPS_ERROR_CORRUPT ? listed : status;
    }
    return status ? status : worst;
}

const fps__filesystem_format fps__erofs_format = {
    .name = "an EROFS file system",
    .identify = identify,
    .open = open_erofs,
    .list = list,
    .look = look,
    .read = read_erofs,
    .close = close_erofs,
};
