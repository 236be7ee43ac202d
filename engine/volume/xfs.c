/* XFS, versions 4 and 5. The layout: Linux, fs/xfs/libxfs/xfs_format.h, xfs_da_format.h and xfs_log_format.h. All numbers are
 * big-endian.
 *
 * A number of an inode or block has that of its allocation group in its upper bits. Checksums are not held against anything, as for
 * ext. */
#include "util/error.h"
#include "volume/filesystem.h"
#include "volume/xfs_log.h"

#include <stdlib.h>

enum {
    SUPERBLOCK = 512, /* the smallest sector; all fields that are read lie in it */
    MOST_BLOCK = 65536,
    LEAST_INODE = 256,
    MOST_INODE = 2048,
    CORE = 100,      /* bytes of an inode before what it holds */
    CORE_WIDE = 176, /* of version 3 */
    EXTENT = 16,
    MOST_LEVELS = 12, /* of a tree of extents; the smallest blocks need 9 */
};

enum { VERSION = 15, VERSION_DIRECTORIES = 0x2000, VERSION_MORE = 0x8000, MORE_TYPES = 0x200 };
enum { INCOMPAT_TYPES = 1, INCOMPAT_REPAIR = 0x10, INCOMPAT_KNOWN = 0x7ff };
enum { FLAG_REALTIME = 1, FLAG_BIGTIME = 8, FLAG_MANY_EXTENTS = 16 };

typedef enum inode_format { FORMAT_DEVICE, FORMAT_LOCAL, FORMAT_EXTENTS, FORMAT_TREE } inode_format;

typedef struct inode {
    uint64_t number; /* 0: none */
    uint64_t size;   /* bytes */
    int64_t modified;
    uint64_t extents; /* of FORMAT_EXTENTS */
    uint32_t links;
    uint16_t mode, flags;
    uint8_t format;
    size_t fork, fork_size; /* where what it holds lies in its bytes */
    uint8_t bytes[MOST_INODE];
} inode;

/* The block of a tree of extents that was read last at one level. */
typedef struct tree_block {
    uint64_t at;    /* in the medium, plus one; 0: none */
    uint8_t *bytes; /* where the medium is not in memory */
} tree_block;

typedef struct xfs {
    uint64_t blocks;
    uint32_t block_size, group_blocks, groups, inode_size, directory_block;
    uint8_t block_bits, inode_bits; /* of a block in its group; of an inode in its block */
    bool wide;                      /* version 5: blocks have longer headers */
    bool types;                     /* names in directories come with a type */
    inode file;                     /* the current one */
    tree_block tree[MOST_LEVELS];
    uint8_t *listing; /* a block of a directory */
} xfs;

/* A run of blocks of a file, from the one that was asked for. */
typedef struct run {
    uint64_t block; /* of the file system; 0: a hole */
    uint64_t count; /* at least 1 */
} run;

static bool is_power_of_two(uint64_t value)
{
    return value && !(value & (value - 1));
}

/* The logarithms in the superblock must be those of its sizes (xfs_validate_sb_common), so nothing else passes for one. */
static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    if (!fps__span_has(head, 0, SUPERBLOCK) || memcmp(head.data, "XFSB", 4) != 0)
        return false;
    const uint8_t *p = head.data;
    uint32_t block = fps__get32be(p + 4), inode_size = fps__get16be(p + 104);
    uint64_t blocks = fps__get64be(p + 8), group = fps__get32be(p + 84), groups = fps__get32be(p + 88);
    unsigned version = fps__get16be(p + 100) & VERSION;
    return version >= 1 && version <= 5 && is_power_of_two(block) && block >= 512 && block <= MOST_BLOCK &&
           p[120] < 32 && block == (uint32_t)1 << p[120] && is_power_of_two(inode_size) &&
           inode_size >= LEAST_INODE && inode_size <= MOST_INODE && inode_size <= block &&
           p[122] - p[120] + p[123] == 0 && inode_size == (uint32_t)1 << p[122] && group && groups &&
           p[124] < 32 && group <= (uint64_t)1 << p[124] && blocks <= group * groups &&
           blocks > group * (groups - 1);
}

/* What a mount would do first, and is not done here. */
static fps_status check_log(fps__filesystem *fs, const uint8_t *superblock, fps_error *error)
{
    const xfs *x = fs->state;
    uint64_t start = fps__get64be(superblock + 48), group = start >> x->block_bits;
    uint64_t block = group * x->group_blocks + (start & (((uint64_t)1 << x->block_bits) - 1));
    uint64_t count = fps__get32be(superblock + 96);
    bool dirty = true;
    if (!start) {
        fs->remark = "its log lies on another device: what was written last may be missing";
        return FPS_OK;
    }
    if (group < x->groups && block < x->blocks && count <= x->blocks - block) {
        fps__medium log = fps__medium_part(&fs->medium, block * x->block_size, count * x->block_size);
        fps_status status = fps__xfs_log_is_dirty(fs, &log, &dirty, error);
        if (status)
            return status;
    }
    if (dirty)
        fs->remark = "its log is not replayed: what was written last may be missing";
    return FPS_OK;
}

static fps_status open_superblock(fps__filesystem *fs, xfs *x, fps_error *error)
{
    uint8_t room[SUPERBLOCK];
    const uint8_t *p;
    fps_status status = fps__medium_get(&fs->medium, 0, SUPERBLOCK, room, &p, error);
    if (status)
        return status;
    if (!identify((fps__span){p, SUPERBLOCK},
                  fs->medium.size)) /* a file may be written to since it was looked at */
        return fps__filesystem_corrupt(error, 0, "a damaged superblock of XFS");
    uint16_t version = fps__get16be(p + 100);
    x->wide = (version & VERSION) == 5;
    x->types = x->wide ? fps__get32be(p + 216) & INCOMPAT_TYPES
                       : (version & VERSION_MORE) && (fps__get32be(p + 200) & MORE_TYPES);
    if (!x->wide && (!(version & VERSION_DIRECTORIES) || (version & VERSION) < 4))
        return fps__filesystem_unsupported(error, "an XFS file system with directories of version 1");
    if (x->wide && fps__get32be(p + 216) & ~(uint32_t)INCOMPAT_KNOWN)
        return fps__filesystem_unsupported(error, "an XFS file system with features that are not known");
    x->block_size = fps__get32be(p + 4);
    x->blocks = fps__get64be(p + 8);
    x->group_blocks = fps__get32be(p + 84);
    x->groups = fps__get32be(p + 88);
    x->inode_size = fps__get16be(p + 104);
    x->inode_bits = p[123];
    x->block_bits = p[124];
    uint8_t directory_bits = p[192];
    if (directory_bits > 7 || (uint64_t)x->block_size << directory_bits > MOST_BLOCK ||
        x->blocks > UINT64_MAX / MOST_BLOCK)
        return fps__filesystem_corrupt(error, 192, "an XFS superblock whose sizes make no sense");
    x->directory_block = x->block_size << directory_bits;
    x->listing = malloc(x->directory_block);
    if (!x->listing)
        return fps__fail_memory(error);
    fs->root = fps__get64be(p + 56);
    fs->end = x->blocks * x->block_size;
    return check_log(fs, p, error);
}

static fps_status open_xfs(fps__filesystem *fs, fps_error *error)
{
    xfs *x = fs->state = calloc(1, sizeof *x);
    return x ? open_superblock(fs, x, error) : fps__fail_memory(error);
}

static void close_xfs(fps__filesystem *fs)
{
    xfs *x = fs->state;
    for (size_t i = 0; x && i < MOST_LEVELS; i++)
        free(x->tree[i].bytes);
    if (x)
        free(x->listing);
    free(x);
}

/* Where a block that has its group in its upper bits lies in the medium. */
static fps_status place_block(const xfs *x, uint64_t block, uint64_t *at, fps_error *error)
{
    uint64_t group = block >> x->block_bits, in_group = block & (((uint64_t)1 << x->block_bits) - 1);
    uint64_t whole = group < x->groups ? group * x->group_blocks + in_group : x->blocks;
    if (in_group >= x->group_blocks || whole >= x->blocks)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a block that the XFS file system does not have");
    *at = whole * x->block_size;
    return FPS_OK;
}

/* ---- inodes ---- */

/* Seconds since 1970: two halves, or, with the flag, nanoseconds since 1901. */
static int64_t read_time(const uint8_t *p, bool big)
{
    return big ? (int64_t)(fps__get64be(p) / 1000000000) - ((int64_t)1 << 31) : (int32_t)fps__get32be(p);
}

static fps_status parse_inode(const xfs *x, inode *i, fps_error *error)
{
    const uint8_t *p = i->bytes;
    uint8_t version = p[4], fork_words = p[82];
    size_t core = version >= 3 ? CORE_WIDE : CORE;
    uint64_t more = version >= 3 ? fps__get64be(p + 120) : 0; /* further flags */
    if (p[0] != 'I' || p[1] != 'N' || version < 1 || version > 3)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged inode of an XFS file system");
    i->mode = fps__get16be(p + 2);
    i->format = p[5];
    i->links = version == 1 ? fps__get16be(p + 6) : fps__get32be(p + 16);
    i->modified = read_time(p + 40, more & FLAG_BIGTIME);
    i->size = fps__get64be(p + 56);
    i->extents = more & FLAG_MANY_EXTENTS ? fps__get64be(p + 24) : fps__get32be(p + 76);
    i->flags = fps__get16be(p + 90);
    i->fork = core;
    i->fork_size = fork_words ? (size_t)fork_words * 8 : x->inode_size - core;
    if (i->fork_size > x->inode_size - core || i->size > INT64_MAX)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged inode of an XFS file system");
    return FPS_OK;
}

/* Makes the inode of a number the current one. */
static fps_status read_inode(fps__filesystem *fs, uint64_t number, fps_error *error)
{
    xfs *x = fs->state;
    inode *i = &x->file;
    uint64_t at = 0;
    if (i->number == number)
        return FPS_OK;
    i->number = 0;
    fps_status status = number ? place_block(x, number >> x->inode_bits, &at, error)
                               : fps__filesystem_corrupt(error, UINT64_MAX, "an inode without a number");
    if (!status)
        status = fps__filesystem_spend(fs, x->inode_size, error);
    at += (number & (((uint64_t)1 << x->inode_bits) - 1)) * x->inode_size;
    if (!status)
        status = fps__medium_copy(&fs->medium, at, x->inode_size, i->bytes, error);
    if (!status)
        status = parse_inode(x, i, error);
    i->number = status ? 0 : number;
    for (size_t level = 0; level < MOST_LEVELS; level++)
        x->tree[level].at = 0;
    return status;
}

static fps_status look(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    const inode *i = &((xfs *)fs->state)->file;
    fps_status status = read_inode(fs, node, error);
    if (status)
        return status;
    *found = fps__node_of_inode(i->mode, i->size, i->modified, i->links);
    return i->mode & FPS__MODE_TYPE
               ? FPS_OK
               : fps__filesystem_corrupt(error, UINT64_MAX, "a name of an inode that is free");
}

/* ---- where the bytes are ---- */

/* How many of `count` records of `step` bytes begin with at most `block`, in their first eight bytes after a shift. */
static size_t count_up_to(const uint8_t *records, size_t count, size_t step, unsigned shift, uint64_t block)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        uint64_t first = fps__get64be(records + middle * step);
        if ((shift ? (first & INT64_MAX) >> shift : first) <= block)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

/* The run among extents, each of 128 bits: 1 whether it is unwritten, 54 its first block in the file, 52 where it lies, 21 its
 * length. *found comes with the hole that reaches to the end of the list. */
static fps_status search_extents(const xfs *x, const uint8_t *extents, size_t count, uint64_t block,
                                 run *found, fps_error *error)
{
    enum { FIRST_SHIFT = 9, LENGTH_BITS = 21 };
    size_t behind = count_up_to(extents, count, EXTENT, FIRST_SHIFT, block);
    if (behind < count) {
        uint64_t next = (fps__get64be(extents + behind * EXTENT) & INT64_MAX) >> FIRST_SHIFT;
        if (next <= block)
            return fps__filesystem_corrupt(error, UINT64_MAX, "extents that are not in order");
        found->count = next - block < found->count ? next - block : found->count;
    }
    if (!behind)
        return FPS_OK;
    const uint8_t *p = extents + (behind - 1) * EXTENT;
    uint64_t high = fps__get64be(p), low = fps__get64be(p + 8);
    uint64_t skipped = block - ((high & INT64_MAX) >> FIRST_SHIFT), length = low & ((1 << LENGTH_BITS) - 1);
    uint64_t start = (high & ((1 << FIRST_SHIFT) - 1)) << (64 - LENGTH_BITS) | low >> LENGTH_BITS, at;
    if (skipped >= length)
        return FPS_OK;
    found->count = length - skipped < found->count ? length - skipped : found->count;
    if (high >> 63)
        return FPS_OK; /* unwritten: zeros */
    fps_status status = place_block(x, start + skipped, &at, error);
    if (status)
        return status;
    found->block = at / x->block_size;
    return found->count <= x->blocks - found->block
               ? FPS_OK
               : fps__filesystem_corrupt(error, UINT64_MAX,
                                         "an extent that does not lie in the XFS file system");
}

/* A block of the tree of extents. One that was read last at its level costs nothing again. */
static fps_status get_tree_block(fps__filesystem *fs, unsigned level, uint64_t block, const uint8_t **bytes,
                                 fps_error *error)
{
    xfs *x = fs->state;
    tree_block *kept = &x->tree[level];
    uint64_t at;
    fps_status status = place_block(x, block, &at, error);
    if (status)
        return status;
    if (kept->at == at + 1 && fs->medium.read) {
        *bytes = kept->bytes;
        return FPS_OK;
    }
    if (kept->at != at + 1)
        status = fps__filesystem_spend(fs, x->block_size, error);
    kept->at = 0;
    if (!status && fs->medium.read && !kept->bytes && !(kept->bytes = malloc(x->block_size)))
        return fps__fail_memory(error);
    if (!status)
        status = fps__medium_get(&fs->medium, at, x->block_size, kept->bytes, bytes, error);
    kept->at = status ? 0 : at + 1;
    return status;
}

/* A tree whose root lies in the inode. Each level is one lower than the one above it, so it has an end. */
static fps_status map_tree(fps__filesystem *fs, uint64_t block, run *found, fps_error *error)
{
    enum { ROOT_HEADER = 4, HEADER = 24, HEADER_WIDE = 72, PAIR = 16 };
    const xfs *x = fs->state;
    const inode *i = &x->file;
    const uint8_t *node = i->bytes + i->fork;
    size_t header = ROOT_HEADER, most = (i->fork_size - ROOT_HEADER) / PAIR;
    unsigned level = fps__get16be(node), count = fps__get16be(node + 2);
    if (level >= MOST_LEVELS || !level)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a tree of extents that is too deep");
    while (level) {
        count = count < most ? count : (unsigned)most;
        size_t behind = count_up_to(node + header, count, 8, 0, block);
        if (behind < count) {
            uint64_t next = fps__get64be(node + header + behind * 8);
            found->count = next > block && next - block < found->count ? next - block : found->count;
        }
        if (!behind)
            return FPS_OK;
        uint64_t child = fps__get64be(node + header + most * 8 + (behind - 1) * 8);
        fps_status status = get_tree_block(fs, --level, child, &node, error);
        if (status)
            return status;
        if (memcmp(node, x->wide ? "BMA3" : "BMAP", 4) != 0 || fps__get16be(node + 4) != level)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged tree of extents");
        header = x->wide ? HEADER_WIDE : HEADER;
        most = (x->block_size - header) / PAIR;
        count = fps__get16be(node + 6);
    }
    return search_extents(x, node + header, count < most ? count : most, block, found, error);
}

static fps_status map(fps__filesystem *fs, uint64_t block, run *found, fps_error *error)
{
    enum {
        COST = 64
    }; /* bytes of the budget for a search in blocks that are there: runs may be short, and holes */
    const xfs *x = fs->state;
    const inode *i = &x->file;
    *found = (run){0, UINT32_MAX};
    fps_status status = fps__filesystem_spend(fs, COST, error);
    if (status)
        return status;
    if (i->flags & FLAG_REALTIME)
        return fps__filesystem_unsupported(error, "a file on the realtime device of an XFS file system");
    if (i->format == FORMAT_TREE && i->fork_size >= 8)
        return map_tree(fs, block, found, error);
    if (i->format != FORMAT_EXTENTS)
        return fps__filesystem_corrupt(error, UINT64_MAX, "an inode whose bytes lie nowhere");
    size_t most = i->fork_size / EXTENT;
    return search_extents(x, i->bytes + i->fork, i->extents < most ? (size_t)i->extents : most, block, found,
                          error);
}

static fps_status read_blocks(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size,
                              fps_error *error)
{
    const xfs *x = fs->state;
    while (size) {
        run found;
        uint64_t in_block = offset % x->block_size;
        fps_status status = map(fs, offset / x->block_size, &found, error);
        if (status)
            return status;
        uint64_t length = found.count * x->block_size - in_block;
        size_t part = length < size ? (size_t)length : size;
        if (found.block)
            status = fps__medium_copy(&fs->medium, found.block * x->block_size + in_block, part, to, error);
        if (status)
            return status;
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

/* The text of a symbolic link in blocks of its own. With version 5 a header begins each extent. */
static fps_status read_link(fps__filesystem *fs, uint8_t *to, size_t size, fps_error *error)
{
    enum { HEADER = 56 };
    const xfs *x = fs->state;
    size_t header = x->wide ? HEADER : 0;
    for (uint64_t block = 0; size;) {
        run found;
        fps_status status = map(fs, block, &found, error);
        if (!status && !found.block)
            status = fps__filesystem_corrupt(error, UINT64_MAX, "a symbolic link with a hole");
        if (status)
            return status;
        uint64_t length = found.count * x->block_size - header;
        size_t part = length < size ? (size_t)length : size;
        status = fps__medium_copy(&fs->medium, found.block * x->block_size + header, part, to, error);
        if (status)
            return status;
        to += part;
        size -= part;
        block += found.count;
    }
    return FPS_OK;
}

static fps_status read_xfs(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    const inode *i = &((xfs *)fs->state)->file;
    if (i->format == FORMAT_LOCAL) {
        if (i->size > i->fork_size)
            return fps__filesystem_corrupt(error, UINT64_MAX,
                                           "an inode that holds more than it has room for");
        memcpy(to, i->bytes + i->fork + offset, size);
        return FPS_OK;
    }
    if ((i->mode & FPS__MODE_TYPE) == FPS__MODE_LINK && !offset)
        return read_link(fs, to, size, error);
    return read_blocks(fs, offset, to, size, error);
}

/* ---- directories ---- */

/* A few names in the inode. Numbers have eight bytes as soon as one of them needs them. */
static fps_status list_short(fps__filesystem *fs, fps_error *error)
{
    enum { OFFSET = 2 }; /* bytes behind the length of a name: where its entry would lie in a block */
    const xfs *x = fs->state;
    const inode *i = &x->file;
    fps__span all = {i->bytes + i->fork, i->fork_size};
    if (all.size < 2 || i->size > all.size)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged directory of an XFS file system");
    size_t number = all.data[1] ? 8 : 4, at = 2 + number;
    for (unsigned n = 0; n < all.data[0]; n++) {
        size_t name = at < all.size ? all.data[at] : 0, tail = at + 1 + OFFSET + name + x->types;
        if (!name || tail + number > all.size)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged directory of an XFS file system");
        uint64_t child = number == 8 ? fps__get64be(all.data + tail) : fps__get32be(all.data + tail);
        fps_status status =
            fps__filesystem_add(fs, (const char *)all.data + at + 1 + OFFSET, name, child, error);
        if (status)
            return status;
        at = tail + number;
    }
    return FPS_OK;
}

/* The entries of one block. A directory of one block has its index behind them. */
static fps_status list_block(fps__filesystem *fs, fps__span block, fps_error *error)
{
    enum { HEADER = 16, HEADER_WIDE = 64, TAIL = 8, LEAST = 8, TAG = 2, FREE = 0xffff };
    const xfs *x = fs->state;
    const uint8_t *p = block.data;
    size_t end = block.size, at = x->wide ? HEADER_WIDE : HEADER;
    bool single = memcmp(p, x->wide ? "XDB3" : "XD2B", 4) == 0;
    if (!single && memcmp(p, x->wide ? "XDD3" : "XD2D", 4) != 0)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged directory of an XFS file system");
    if (single) {
        uint64_t index = (uint64_t)fps__get32be(p + end - TAIL) * 8 + TAIL;
        end = index < end ? end - (size_t)index : 0;
    }
    while (at + LEAST <= end) {
        bool unused = fps__get16be(p + at) == FREE;
        size_t name = p[at + 8 < end ? at + 8 : at];
        size_t length = unused ? fps__get16be(p + at + 2) : (8 + 1 + name + x->types + TAG + 7) & ~(size_t)7;
        if (length < LEAST || length > end - at)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged directory of an XFS file system");
        fps_status status =
            unused ? FPS_OK
                   : fps__filesystem_add(fs, (const char *)p + at + 9, name, fps__get64be(p + at), error);
        if (status)
            return status;
        at += length;
    }
    return FPS_OK;
}

/* Blocks with names lie in the first 32 GiB of a directory, and its index behind them. */
static fps_status list_blocks(fps__filesystem *fs, fps_error *error)
{
    const xfs *x = fs->state;
    const uint64_t names_end = (uint64_t)32 << 30;
    uint64_t end = x->file.size < names_end ? x->file.size : names_end;
    fps_status status = FPS_OK, worst = FPS_OK;
    for (uint64_t at = 0; !status && at < end; at += x->directory_block) {
        run found = {0, 1};
        status = map(fs, at / x->block_size, &found, error);
        if (!status && !found.block) {
            uint64_t skipped = found.count * x->block_size / x->directory_block;
            at += skipped ? (skipped - 1) * x->directory_block : 0;
            continue;
        }
        if (!status)
            status = fps__filesystem_spend(fs, x->directory_block, error);
        memset(x->listing, 0, x->directory_block);
        if (!status)
            status = read_blocks(fs, at, x->listing, x->directory_block, error);
        if (status)
            break;
        fps_status listed = list_block(fs, (fps__span){x->listing, x->directory_block}, error);
        status = listed == FPS_ERROR_CORRUPT ? FPS_OK : listed; /* the other blocks are read all the same */
        worst = listed ? listed : worst;
    }
    return status ? status : worst;
}

static fps_status list(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    const inode *i = &((xfs *)fs->state)->file;
    fps_status status = read_inode(fs, node, error);
    if (status)
        return status;
    if ((i->mode & FPS__MODE_TYPE) != FPS__MODE_DIRECTORY)
        return fps__filesystem_corrupt(error, UINT64_MAX, "the root is no directory");
    return i->format == FORMAT_LOCAL ? list_short(fs, error) : list_blocks(fs, error);
}

const fps__filesystem_format fps__xfs = {
    .name = "an XFS file system",
    .identify = identify,
    .open = open_xfs,
    .list = list,
    .look = look,
    .read = read_xfs,
    .close = close_xfs,
};
