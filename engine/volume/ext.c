/* ext2, ext3 and ext4. The layout: Linux, fs/ext4/ext4.h, ext4_extents.h and xattr.h.
 *
 * Checksums are not held against anything: a file system that the kernel would mount after a repair still has its files. */
#include "util/error.h"
#include "volume/filesystem.h"

#include <stdlib.h>

enum {
    SUPERBLOCK_AT = 1024,
    SUPERBLOCK = 1024,
    MAGIC = 0xef53,
    ROOT = 2, /* inode */
    MOST_BLOCK = 65536,
    OLD_INODE = 128, /* bytes of an inode of revision 0, and of the part that all have */
    MOST_INODE = 4096,
    POINTERS = 60, /* bytes of the pointers to blocks, or of what lies in their place */
    EXTENT_MAGIC = 0xf30a,
    EXTENT = 12, /* bytes of an extent, of an index and of the header before them */
    MOST_DEPTH = 5,
    UNWRITTEN = 32768, /* an extent that is longer is allocated and zero */
    DIRECT = 12,       /* pointers to blocks before those to blocks of pointers */
};

enum {
    INCOMPAT_COMPRESSION = 1,
    INCOMPAT_RECOVER = 4,
    INCOMPAT_JOURNAL = 8,
    INCOMPAT_META_BG = 0x10,
    INCOMPAT_64BIT = 0x80
};
enum { FLAG_COMPRESSED = 4, FLAG_ENCRYPTED = 0x800, FLAG_EXTENTS = 0x80000, FLAG_INLINE = 0x10000000 };
typedef struct inode {
    uint64_t number; /* 0: none */
    uint64_t size;
    uint32_t flags, modified;
    uint16_t mode, links;
    size_t stored; /* bytes of it */
    uint8_t bytes[MOST_INODE];
} inode;

typedef struct ext {
    uint64_t blocks;
    uint32_t block_size, inodes, first_block, blocks_per_group, inodes_per_group;
    uint32_t incompatible, readable; /* features */
    uint32_t first_meta_group;
    uint16_t inode_size, descriptor;
    inode file; /* the current one */
    uint8_t room[MOST_BLOCK], listing[MOST_BLOCK];
} ext;

static bool is_power_of_two(uint32_t value)
{
    return value && !(value & (value - 1));
}

/* What a group has of clusters (of a revision without them, of fragments) and of inodes: a block has a bit for each. */
static bool are_group_sizes(const uint8_t *superblock)
{
    uint32_t bits = (uint32_t)8 * 1024 << fps__get32le(superblock + 24);
    uint32_t clusters = fps__get32le(superblock + 36), inodes = fps__get32le(superblock + 40);
    return clusters && clusters <= bits && inodes && inodes <= bits && fps__get32le(superblock + 32);
}

/* Two bytes of magic stand in many files: what else is there must make sense too, as Linux asks of it (fs/ext4/super.c). A table
 * of addresses 03ef53xx would pass for a superblock otherwise. */
static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    if (!fps__span_has(head, SUPERBLOCK_AT, 264))
        return false;
    const uint8_t *p = head.data + SUPERBLOCK_AT;
    uint32_t revision = fps__get32le(p + 76);
    return fps__get16le(p + 56) == MAGIC && fps__get32le(p + 24) <= 6 && revision <= 1 && fps__get32le(p) &&
           fps__get32le(p + 4) && fps__get32le(p + 20) <= 1 && are_group_sizes(p) &&
           fps__get32le(p + 16) <= fps__get32le(p) && fps__get16le(p + 60) <= 3 &&
           fps__get32le(p + 72) <= 4 &&
           (!revision || !fps__get16le(p + 90)) && /* the group of this copy of the superblock */
           (!revision || (is_power_of_two(fps__get16le(p + 88)) && fps__get16le(p + 88) >= OLD_INODE &&
                          fps__get16le(p + 88) <= MOST_INODE));
}

static fps_status open_superblock(fps__filesystem *fs, ext *e, fps_error *error)
{
    uint8_t room[SUPERBLOCK];
    const uint8_t *p;
    fps_status status = fps__medium_get(&fs->medium, SUPERBLOCK_AT, SUPERBLOCK, room, &p, error);
    if (status)
        return status;
    bool old = !fps__get32le(p + 76);
    e->incompatible = old ? 0 : fps__get32le(p + 96);
    e->readable = old ? 0 : fps__get32le(p + 100);
    bool wide = e->incompatible & INCOMPAT_64BIT;
    e->inodes = fps__get32le(p);
    e->blocks = fps__get32le(p + 4) | (wide ? (uint64_t)fps__get32le(p + 0x150) << 32 : 0);
    e->first_block = fps__get32le(p + 20);
    e->block_size = (uint32_t)1024 << fps__get32le(p + 24);
    e->blocks_per_group = fps__get32le(p + 32);
    e->inodes_per_group = fps__get32le(p + 40);
    e->inode_size = old ? OLD_INODE : fps__get16le(p + 88);
    e->descriptor = wide ? fps__get16le(p + 254) : 32;
    e->first_meta_group = fps__get32le(p + 260);
    if (e->incompatible & INCOMPAT_JOURNAL)
        return fps__filesystem_unsupported(error, "a journal of an ext file system that lies elsewhere");
    if (e->descriptor < 32 || e->descriptor > e->block_size || !is_power_of_two(e->descriptor) ||
        e->inode_size > e->block_size)
        return fps__filesystem_corrupt(error, SUPERBLOCK_AT, "an ext superblock whose sizes make no sense");
    if (e->incompatible & INCOMPAT_RECOVER)
        fs->remark = "its journal is not replayed: what was written last may be missing";
    fs->root = ROOT;
    fs->end = e->blocks > fs->medium.size / e->block_size ? fs->medium.size : e->blocks * e->block_size;
    return FPS_OK;
}

static fps_status open_ext(fps__filesystem *fs, fps_error *error)
{
    ext *e = fs->state = calloc(1, sizeof *e);
    return e ? open_superblock(fs, e, error) : fps__fail_memory(error);
}

static void close_ext(fps__filesystem *fs)
{
    free(fs->state);
}

static fps_status get_block(fps__filesystem *fs, uint64_t block, uint8_t *room, const uint8_t **bytes,
                            fps_error *error)
{
    const ext *e = fs->state;
    if (block >= e->blocks)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a block that the ext file system does not have");
    return fps__medium_get(&fs->medium, block * e->block_size, e->block_size, room, bytes, error);
}

/* ---- inodes ---- */

static bool is_power_of(uint64_t group, uint64_t base)
{
    while (group > 1 && group % base == 0)
        group /= base;
    return group == 1;
}

/* Whether a copy of the superblock begins the group (Linux, fs/ext4/balloc.c, ext4_bg_has_super). */
static bool has_superblock(const ext *e, uint64_t group)
{
    enum { SPARSE = 1 };
    return group <= 1 || !(e->readable & SPARSE) || is_power_of(group, 3) || is_power_of(group, 5) ||
           is_power_of(group, 7);
}

/* The block of descriptors that has the one of `group`. */
static uint64_t descriptor_block(const ext *e, uint64_t group)
{
    uint64_t in_block = e->block_size / e->descriptor, index = group / in_block;
    if (!(e->incompatible & INCOMPAT_META_BG) || index < e->first_meta_group)
        return e->first_block + 1 + index;
    uint64_t first = index * in_block;
    return e->first_block + first * e->blocks_per_group + has_superblock(e, first);
}

static fps_status read_inode(fps__filesystem *fs, uint64_t number, inode *found, fps_error *error)
{
    ext *e = fs->state;
    const uint8_t *p;
    if (found->number == number)
        return FPS_OK;
    found->number = 0;
    if (!number || number > e->inodes)
        return fps__filesystem_corrupt(error, UINT64_MAX, "an inode that the ext file system does not have");
    uint64_t group = (number - 1) / e->inodes_per_group, index = (number - 1) % e->inodes_per_group;
    fps_status status = get_block(fs, descriptor_block(e, group), e->room, &p, error);
    if (status)
        return status;
    p += group % (e->block_size / e->descriptor) * e->descriptor;
    uint64_t table = fps__get32le(p + 8) | (e->descriptor >= 64 ? (uint64_t)fps__get32le(p + 0x28) << 32 : 0);
    if (table >= e->blocks)
        return fps__filesystem_corrupt(error, UINT64_MAX,
                                       "a table of inodes that does not lie in the ext file system");
    status = fps__medium_copy(&fs->medium, table * e->block_size + index * e->inode_size, e->inode_size,
                              found->bytes, error);
    if (status)
        return status;
    p = found->bytes;
    found->mode = fps__get16le(p);
    found->size = fps__get32le(p + 4) | (uint64_t)fps__get32le(p + 108) << 32;
    found->modified = fps__get32le(p + 16);
    found->links = fps__get16le(p + 26);
    found->flags = fps__get32le(p + 32);
    found->stored = e->inode_size;
    found->number = number;
    if ((found->mode & FPS__MODE_TYPE) == FPS__MODE_LINK)
        found->size &= UINT32_MAX;
    return FPS_OK;
}

static fps_status look(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    ext *e = fs->state;
    fps_status status = read_inode(fs, node, &e->file, error);
    if (status)
        return status;
    *found = fps__node_of_inode(e->file.mode, e->file.size, e->file.modified, e->file.links);
    return e->file.mode & FPS__MODE_TYPE
               ? FPS_OK
               : fps__filesystem_corrupt(error, UINT64_MAX, "a name of an inode that is free");
}

/* ---- where the bytes are ---- */

/* A run of blocks of a file, from the one that was asked for. */
typedef struct run {
    uint64_t block; /* of the file system; 0: a hole */
    uint64_t count;
} run;

/* In a node of the tree: the last extent or index that begins at or before `block`; *next is where the one behind begins.
 * NULL: there is none. */
static const uint8_t *search_extents(const uint8_t *node, size_t size, uint64_t block, uint64_t *next)
{
    size_t count = fps__get16le(node + 2), most = (size - EXTENT) / EXTENT;
    const uint8_t *found = NULL;
    count = count < most ? count : most;
    for (size_t i = 1; i <= count; i++) {
        const uint8_t *entry = node + i * EXTENT;
        uint32_t first = fps__get32le(entry);
        if (first > block) {
            *next = first < *next ? first : *next;
            break;
        }
        found = entry;
    }
    return found;
}

static fps_status map_extents(fps__filesystem *fs, uint64_t block, run *found, fps_error *error)
{
    ext *e = fs->state;
    const uint8_t *node = e->file.bytes + 40;
    size_t size = POINTERS;
    uint64_t next = block + UINT32_MAX;
    for (unsigned level = 0; level <= MOST_DEPTH; level++) {
        if (fps__get16le(node) != EXTENT_MAGIC)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged tree of extents");
        bool leaf = !fps__get16le(node + 6);
        const uint8_t *entry = search_extents(node, size, block, &next);
        *found = (run){0, next - block};
        if (!entry)
            return FPS_OK;
        uint64_t first = fps__get32le(entry);
        if (leaf) {
            uint64_t count = fps__get16le(entry + 4), start = fps__get32le(entry + 8);
            bool zero = count > UNWRITTEN;
            count -= zero ? UNWRITTEN : 0;
            start |= (uint64_t)fps__get16le(entry + 6) << 32;
            if (block - first < count)
                *found = (run){zero ? 0 : start + (block - first), count - (block - first)};
            return FPS_OK;
        }
        uint64_t child = fps__get32le(entry + 4) | (uint64_t)fps__get16le(entry + 8) << 32;
        fps_status status = get_block(fs, child, e->room, &node, error);
        if (status)
            return status;
        size = e->block_size;
    }
    return fps__filesystem_corrupt(error, UINT64_MAX, "a tree of extents that is too deep");
}

/* Twelve blocks, and then blocks of pointers, one, two and three deep. */
static fps_status map_pointers(fps__filesystem *fs, uint64_t block, run *found, fps_error *error)
{
    ext *e = fs->state;
    const uint8_t *pointers = e->file.bytes + 40;
    uint64_t in_block = e->block_size / 4, span = 1;
    *found = (run){0, 1};
    if (block < DIRECT) {
        found->block = fps__get32le(pointers + block * 4);
        return FPS_OK;
    }
    block -= DIRECT;
    unsigned level = 0;
    for (; level < 3 && block >= span * in_block; level++) {
        span *= in_block;
        block -= span;
    }
    if (level == 3)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a file that is longer than its pointers reach");
    uint64_t at = fps__get32le(pointers + (DIRECT + level) * 4);
    for (;; span /= in_block) {
        found->block = at;
        found->count = at ? 1 : span * in_block - block % (span * in_block);
        if (!at)
            return FPS_OK;
        const uint8_t *p;
        fps_status status = get_block(fs, at, e->room, &p, error);
        if (status)
            return status;
        at = fps__get32le(p + block / span % in_block * 4);
        found->block = at;
        found->count = at ? 1 : span - block % span;
        if (!at || span == 1)
            return FPS_OK;
    }
}

/* What lies in the inode behind the first 60 bytes: the value of the attribute "system.data". */
static fps__span inline_rest(const inode *i)
{
    enum { MAGIC_SIZE = 4, ENTRY = 16, SYSTEM = 7, NAME = 4 };
    fps__span all = {i->bytes, i->stored}, none = {NULL, 0};
    if (i->stored <= OLD_INODE + 4)
        return none;
    size_t start = OLD_INODE + (size_t)fps__get16le(i->bytes + OLD_INODE);
    if (!fps__span_has(all, start, MAGIC_SIZE) || fps__get32le(i->bytes + start) != 0xea020000)
        return none;
    fps__span area = fps__span_part(all, start + MAGIC_SIZE, i->stored - start - MAGIC_SIZE);
    for (size_t at = 0; fps__span_has(area, at, ENTRY + NAME) && fps__get32le(area.data + at);) {
        const uint8_t *p = area.data + at;
        if (p[0] == NAME && p[1] == SYSTEM && memcmp(p + ENTRY, "data", NAME) == 0)
            return fps__span_part(area, fps__get16le(p + 2), fps__get32le(p + 8));
        at += (ENTRY + (size_t)p[0] + 3) & ~(size_t)3;
    }
    return none;
}

/* What is longer than the attribute is zero there, as the kernel reads it; mke2fs writes such files. */
static void read_inline(const inode *i, uint64_t offset, uint8_t *to, size_t size)
{
    fps__span rest = inline_rest(i);
    for (size_t n = 0; n < size && offset < POINTERS + rest.size; n++, offset++)
        to[n] = offset < POINTERS ? i->bytes[40 + offset] : rest.data[offset - POINTERS];
}

static fps_status read_ext(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    ext *e = fs->state;
    const inode *i = &e->file;
    bool extents = i->flags & FLAG_EXTENTS;
    if (i->flags & (FLAG_ENCRYPTED | FLAG_COMPRESSED))
        return fps__filesystem_unsupported(error, "an encrypted or compressed file of an ext file system");
    bool in_place = (i->mode & FPS__MODE_TYPE) == FPS__MODE_LINK && i->size < POINTERS && !extents;
    if (in_place || i->flags & FLAG_INLINE) {
        read_inline(i, offset, to, size);
        return FPS_OK;
    }
    while (size) {
        run found = {0, 1};
        uint64_t in_block = offset % e->block_size, block = offset / e->block_size;
        fps_status status =
            extents ? map_extents(fs, block, &found, error) : map_pointers(fs, block, &found, error);
        if (status)
            return status;
        uint64_t length =
            found.count < UINT32_MAX ? found.count * e->block_size - in_block : (uint64_t)1 << 40;
        size_t part = length < size ? (size_t)length : size;
        if (found.block >= e->blocks)
            return fps__filesystem_corrupt(error, UINT64_MAX,
                                           "a block that the ext file system does not have");
        if (found.block)
            status = fps__medium_copy(&fs->medium, found.block * e->block_size + in_block, part, to, error);
        if (status)
            return status;
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

/* ---- directories ---- */

/* The entries of one block of a directory. Blocks of the index of a hashed directory look like one empty entry. */
static fps_status list_entries(fps__filesystem *fs, fps__span block, fps_error *error)
{
    enum { ENTRY = 8 };
    for (size_t at = 0; at + ENTRY <= block.size;) {
        const uint8_t *p = block.data + at;
        size_t length = fps__get16le(p + 4), name = p[6];
        if (block.size == MOST_BLOCK && (length == 65535 || !length))
            length = block.size;
        if (length < ENTRY || length > block.size - at || ENTRY + name > length)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged directory of an ext file system");
        uint32_t number = fps__get32le(p);
        fps_status status =
            number && name ? fps__filesystem_add(fs, (const char *)p + ENTRY, name, number, error) : FPS_OK;
        if (status)
            return status;
        at += length;
    }
    return FPS_OK;
}

static fps_status list_inline(fps__filesystem *fs, const inode *i, fps_error *error)
{
    enum { PARENT = 4 };
    fps_status status = list_entries(fs, (fps__span){i->bytes + 40 + PARENT, POINTERS - PARENT}, error);
    fps__span rest = inline_rest(i);
    return status || !rest.size ? status : list_entries(fs, rest, error);
}

static fps_status list(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    ext *e = fs->state;
    fps_status status = read_inode(fs, node, &e->file, error);
    if (!status && (e->file.mode & FPS__MODE_TYPE) != FPS__MODE_DIRECTORY)
        return fps__filesystem_corrupt(error, UINT64_MAX, "the root is no directory");
    if (!status && e->file.flags & FLAG_ENCRYPTED)
        return fps__filesystem_unsupported(error, "an encrypted directory of an ext file system");
    if (!status && e->file.flags & FLAG_INLINE)
        return list_inline(fs, &e->file, error);
    fps_status worst = FPS_OK;
    for (uint64_t at = 0; !status && at < e->file.size; at += e->block_size) {
        memset(e->listing, 0, e->block_size);
        status = fps__filesystem_spend(fs, e->block_size, error);
        if (!status)
            status = read_ext(fs, at, e->listing, e->block_size, error);
        if (status)
            break;
        fps_status listed = list_entries(fs, (fps__span){e->listing, e->block_size}, error);
        status = listed == FPS_ERROR_CORRUPT ? FPS_OK : listed; /* the other blocks are read all the same */
        worst = listed ? listed : worst;
    }
    return status ? status : worst;
}

const fps__filesystem_format fps__ext = {
    .name = "an ext file system",
    .identify = identify,
    .open = open_ext,
    .list = list,
    .look = look,
    .read = read_ext,
    .close = close_ext,
};
