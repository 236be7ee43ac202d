/* UBIFS. The layout: Linux, fs/ubifs/ubifs-media.h. What the index holds is read; the journal behind it is not replayed. */
#include "util/error.h"
#include "volume/filesystem.h"
#include "volume/unpack.h"

#include <isa-l/crc.h>
#include <stdlib.h>

enum {
    COMMON = 24, /* bytes of the header of all nodes */
    SUPERBLOCK = 88,
    MASTER = 60,
    REFERENCE = 36,
    BRANCH = 20,
    INDEX = 28,
    INODE = 160,
    DIRENT = 56,
    DATA = 48,
    BLOCK = 4096,
    MOST_NODE = 1 << 20, /* bytes; Linux writes an index node of up to some KiB */
    MOST_LEVELS = 16,
    MOST_BLOCK = 16 << 20, /* bytes of an erase block */
    ROOT = 1,
    MOST_NAME = 255,
};
static const uint32_t MAGIC = 0x06101831;

enum {
    NODE_INODE = 0,
    NODE_DATA = 1,
    NODE_DIRENT = 2,
    NODE_SUPERBLOCK = 6,
    NODE_MASTER = 7,
    NODE_REFERENCE = 8,
    NODE_INDEX = 9
};
enum { KEY_INODE, KEY_DATA, KEY_DIRENT };
/* Where a node is. */
typedef struct place {
    uint32_t block, offset, size;
} place;

typedef struct ubifs {
    uint32_t block_size, blocks, inode; /* bytes and count of erase blocks; the current file */
    place root;
    place target; /* of a symbolic link: its inode */
    bool is_link;
    uint64_t size;
    uint64_t data_block; /* that was unpacked, plus one; 0: none */
    uint8_t data[BLOCK];
} ubifs;

static bool is_node(const uint8_t *p, unsigned type)
{
    return fps__get32le(p) == MAGIC && p[20] == type;
}

/* The checksum of the node is held against what is there of it. */
static bool identify(fps__span head, uint64_t size)
{
    enum { CHECKED = 8 }; /* bytes before those that the checksum covers */
    (void)size;
    if (!fps__span_has(head, 0, SUPERBLOCK) || !is_node(head.data, NODE_SUPERBLOCK))
        return false;
    uint32_t length = fps__get32le(head.data + 16), block = fps__get32le(head.data + 36);
    bool whole = length >= SUPERBLOCK && length <= BLOCK && fps__span_has(head, 0, length);
    return length == BLOCK && block >= 1024 && block <= MOST_BLOCK && fps__get32le(head.data + 40) &&
           (!whole ||
            fps__get32le(head.data + 4) == ~crc32_gzip_refl(0, head.data + CHECKED, length - CHECKED));
}

/* Reads the node at a place into memory of its own, at least `least` bytes. */
static fps_status get_node(fps__filesystem *fs, const place *from, unsigned type, size_t least,
                           uint8_t **node, fps_error *error)
{
    const ubifs *u = fs->state;
    *node = NULL;
    if (from->block >= u->blocks || from->size < least || from->size > MOST_NODE ||
        from->offset > u->block_size)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a node that the UBIFS does not have");
    fps_status status = fps__filesystem_spend(fs, from->size, error);
    if (status)
        return status;
    *node = malloc(from->size);
    if (!*node)
        return fps__fail_memory(error);
    uint64_t at = (uint64_t)from->block * u->block_size + from->offset;
    status = fps__medium_copy(&fs->medium, at, from->size, *node, error);
    if (!status && (!is_node(*node, type) || fps__get32le(*node + 16) > from->size))
        status = fps__filesystem_corrupt(error, at, "a damaged node of UBIFS");
    if (status) {
        free(*node);
        *node = NULL;
    }
    return status;
}

/* ---- opening ---- */

/* Whether something was written behind the index: the log names the blocks of the journal. */
static bool has_journal(fps__filesystem *fs, uint32_t log)
{
    enum { STEP = 8, MOST = 1 << 16 };
    const ubifs *u = fs->state;
    for (uint32_t at = 0; at + REFERENCE <= u->block_size && at < MOST; at += STEP) {
        uint8_t room[REFERENCE], bud_room[COMMON];
        const uint8_t *p, *bud;
        if (fps__medium_get(&fs->medium, (uint64_t)log * u->block_size + at, REFERENCE, room, &p, NULL))
            return false;
        if (!is_node(p, NODE_REFERENCE))
            continue;
        uint64_t written = (uint64_t)fps__get32le(p + 24) * u->block_size + fps__get32le(p + 28);
        if (!fps__medium_get(&fs->medium, written, COMMON, bud_room, &bud, NULL) &&
            fps__get32le(bud) == MAGIC)
            return true;
    }
    return false;
}

/* The last master node of either of its two blocks. */
static fps_status find_master(fps__filesystem *fs, fps_error *error)
{
    enum { STEP = 8, FIRST = 1, LAST = 2 };
    ubifs *u = fs->state;
    uint64_t best = 0;
    uint32_t log = 0;
    fps_status status = fps__filesystem_spend(fs, 2 * (uint64_t)u->block_size, error);
    for (uint32_t block = FIRST; block <= LAST && !status; block++)
        for (uint32_t at = 0; at + MASTER <= u->block_size; at += STEP) {
            uint8_t room[MASTER];
            const uint8_t *p;
            if (fps__medium_get(&fs->medium, (uint64_t)block * u->block_size + at, MASTER, room, &p, NULL))
                break;
            if (!is_node(p, NODE_MASTER) || fps__get64le(p + 8) < best)
                continue;
            best = fps__get64le(p + 8);
            log = fps__get32le(p + 44);
            u->root = (place){fps__get32le(p + 48), fps__get32le(p + 52), fps__get32le(p + 56)};
        }
    if (!status && !u->root.size)
        return fps__filesystem_corrupt(error, UINT64_MAX, "UBIFS without a master node");
    if (!status && has_journal(fs, log))
        fs->remark = "its journal is not replayed: what was written last may be missing";
    return status;
}

static fps_status open_ubifs(fps__filesystem *fs, fps_error *error)
{
    uint8_t room[SUPERBLOCK];
    const uint8_t *p;
    ubifs *u = fs->state = calloc(1, sizeof *u);
    fps_status status =
        u ? fps__medium_get(&fs->medium, 0, SUPERBLOCK, room, &p, error) : fps__fail_memory(error);
    if (status)
        return status;
    enum { ENCRYPTION = 0x10, AUTHENTICATION = 0x20 };
    u->block_size = fps__get32le(p + 36);
    u->blocks = fps__get32le(p + 40);
    fs->root = ROOT;
    fs->end = (uint64_t)u->blocks * u->block_size;
    if (fps__get32le(p + 28) & AUTHENTICATION)
        return fps__filesystem_unsupported(error, "UBIFS with authentication");
    if (fps__get32le(p + 28) & ENCRYPTION)
        fs->remark = "some of its files are encrypted";
    return find_master(fs, error);
}

static void close_ubifs(fps__filesystem *fs)
{
    free(fs->state);
}

/* ---- the index ---- */

static uint64_t key(uint64_t inode, unsigned type, uint32_t rest)
{
    return inode << 32 | (uint64_t)type << 29 | rest;
}

static uint64_t branch_key(const uint8_t *branch)
{
    return (uint64_t)fps__get32le(branch + 12) << 32 | fps__get32le(branch + 16);
}

/* Calls `take` for each leaf whose key is from `low` to `high`, in order. */
typedef struct search {
    uint64_t low, high;
    fps_status (*take)(fps__filesystem *fs, void *user, const place *leaf, fps_error *error);
    void *user;
} search;

static fps_status visit(fps__filesystem *fs, const search *s, const place *from, unsigned level,
                        fps_error *error)
{
    uint8_t *node;
    fps_status status = get_node(fs, from, NODE_INDEX, INDEX, &node, error);
    if (status)
        return status;
    size_t count = fps__get16le(node + 24);
    unsigned own = fps__get16le(node + 26);
    if (own >= level || count > (from->size - INDEX) / BRANCH)
        status = fps__filesystem_corrupt(error, UINT64_MAX, "a damaged index of UBIFS");
    for (size_t i = 0; i < count && !status; i++) {
        const uint8_t *branch = node + INDEX + i * BRANCH;
        uint64_t first = branch_key(branch), next = i + 1 < count ? branch_key(branch + BRANCH) : UINT64_MAX;
        if (first > s->high || (own ? next < s->low : first < s->low))
            continue;
        place child = {fps__get32le(branch), fps__get32le(branch + 4), fps__get32le(branch + 8)};
        status = own ? visit(fs, s, &child, own, error) : s->take(fs, s->user, &child, error);
    }
    free(node);
    return status;
}

static fps_status find_all(fps__filesystem *fs, const search *s, fps_error *error)
{
    const ubifs *u = fs->state;
    return visit(fs, s, &u->root, MOST_LEVELS, error);
}

static fps_status take_place(fps__filesystem *fs, void *user, const place *leaf, fps_error *error)
{
    (void)fs, (void)error;
    *(place *)user = *leaf;
    return FPS_OK;
}

/* The leaf of a key; size 0 when there is none. */
static fps_status find_leaf(fps__filesystem *fs, uint64_t wanted, place *leaf, fps_error *error)
{
    *leaf = (place){0, 0, 0};
    return find_all(fs, &(search){wanted, wanted, take_place, leaf}, error);
}

/* ---- directories and inodes ---- */

static fps_status take_dirent(fps__filesystem *fs, void *user, const place *leaf, fps_error *error)
{
    uint8_t *node;
    (void)user;
    fps_status status = get_node(fs, leaf, NODE_DIRENT, DIRENT, &node, error);
    if (status)
        return status;
    size_t length = fps__get16le(node + 50);
    if (length > MOST_NAME || length > leaf->size - DIRENT)
        status = fps__filesystem_corrupt(error, UINT64_MAX, "a damaged name of UBIFS");
    else if (fps__get64le(node + 40))
        status = fps__filesystem_add(fs, (const char *)node + DIRENT, length, fps__get64le(node + 40), error);
    free(node);
    return status;
}

static fps_status list(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    enum { HIGHEST = (1 << 29) - 1 };
    return find_all(
        fs, &(search){key(node, KEY_DIRENT, 0), key(node, KEY_DIRENT, HIGHEST), take_dirent, NULL}, error);
}

static fps_status look(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    ubifs *u = fs->state;
    uint8_t *inode;
    place leaf;
    fps_status status = node > UINT32_MAX
                            ? fps__filesystem_corrupt(error, UINT64_MAX, "an inode that UBIFS does not have")
                            : find_leaf(fs, key(node, KEY_INODE, 0), &leaf, error);
    if (!status)
        status = get_node(fs, &leaf, NODE_INODE, INODE, &inode, error);
    if (status)
        return status;
    uint32_t mode = fps__get32le(inode + 104), type = mode & FPS__MODE_TYPE, data = fps__get32le(inode + 112);
    *found = fps__node_of_inode(mode, type == FPS__MODE_LINK ? data : fps__get64le(inode + 48),
                                (int64_t)fps__get64le(inode + 72), fps__get32le(inode + 92));
    u->inode = (uint32_t)node;
    u->is_link = type == FPS__MODE_LINK;
    u->target = leaf;
    u->data_block = 0;
    if (u->is_link && data > leaf.size - INODE)
        status = fps__filesystem_corrupt(error, UINT64_MAX, "a damaged symbolic link of UBIFS");
    free(inode);
    return status;
}

/* ---- data ---- */

/* Makes u->data a block of the current file; a hole has no leaf. */
static fps_status get_data(fps__filesystem *fs, uint64_t number, fps_error *error)
{
    static const fps__packing packings[] = {FPS__PACKING_NONE, FPS__PACKING_LZO, FPS__PACKING_DEFLATE,
                                            FPS__PACKING_ZSTD};
    ubifs *u = fs->state;
    place leaf;
    uint8_t *node;
    size_t got;
    if (u->data_block == number + 1)
        return FPS_OK;
    u->data_block = 0;
    memset(u->data, 0, BLOCK);
    fps_status status = fps__filesystem_spend(fs, BLOCK, error);
    if (!status && number < (uint64_t)1 << 29)
        status = find_leaf(fs, key(u->inode, KEY_DATA, (uint32_t)number), &leaf, error);
    if (status)
        return status;
    if (number >= (uint64_t)1 << 29 || !leaf.size) {
        u->data_block = number + 1;
        return FPS_OK;
    }
    status = get_node(fs, &leaf, NODE_DATA, DATA, &node, error);
    if (status)
        return status;
    uint16_t packing = fps__get16le(node + 44);
    if (packing >= sizeof packings / sizeof *packings)
        status = fps__filesystem_unsupported(error, "a file of UBIFS with an unknown compression");
    else
        status = fps__unpack(packings[packing], (fps__span){node + DATA, leaf.size - DATA}, u->data, BLOCK,
                             true, &got, error);
    free(node);
    u->data_block = status ? 0 : number + 1;
    return status;
}

static fps_status read_link(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    const ubifs *u = fs->state;
    uint8_t *node;
    fps_status status = get_node(fs, &u->target, NODE_INODE, INODE, &node, error);
    if (status)
        return status;
    memcpy(to, node + INODE + offset, size);
    free(node);
    return FPS_OK;
}

static fps_status read_ubifs(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    ubifs *u = fs->state;
    if (u->is_link)
        return read_link(fs, offset, to, size, error);
    while (size) {
        size_t in_block = (size_t)(offset % BLOCK), part = BLOCK - in_block;
        part = part < size ? part : size;
        fps_status status = get_data(fs, offset / BLOCK, error);
        if (status)
            return status;
        memcpy(to, u->data + in_block, part);
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

const fps__filesystem_format fps__ubifs = {
    .name = "a UBIFS file system",
    .identify = identify,
    .open = open_ubifs,
    .list = list,
    .look = look,
    .read = read_ubifs,
    .close = close_ubifs,
};
