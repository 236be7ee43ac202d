/* btrfs on one device, or the part of it that one device has. The layout: Linux, include/uapi/linux/btrfs_tree.h; how LZO is framed:
 * fs/btrfs/lzo.c.
 *
 * A node of the walk is an inode in a subvolume: the number of the subvolume in the order in which they were met stands in the upper 16
 * bits. Snapshots are subvolumes, and are read like all others. */
#include "volume/btrfs.h"

#include "util/error.h"
#include "util/table.h"
#include "volume/unpack.h"

#include <stdlib.h>

enum {
    INODE_ITEM = 160,
    NAME_ITEM = 30,   /* bytes before the name */
    EXTENT_ITEM = 21, /* bytes of an extent before what lies in it, or says where it lies */
    EXTENT_WHOLE = 53,
    ROOT_ITEM = 239, /* bytes of it that all versions have */
    TOP = 5,         /* the subvolume that holds all others */
    NODE_BITS = 48,
    MOST_SUBVOLUMES = 0xffff,
    MOST_UNPACKED = 1 << 20, /* bytes of a compressed extent; Linux makes them of 128 KiB */
};
/* Features that change where things lie: trees of extents of version 2, the tree of stripes. */
static const uint64_t UNREADABLE = 0x2000 | 0x4000;

typedef enum extent_kind { KIND_INLINE, KIND_REGULAR, KIND_PREALLOCATED } extent_kind;

typedef struct subvolume {
    uint64_t id;
    fps__btrfs_tree tree;
} subvolume;

typedef struct inode {
    uint64_t node; /* 0: none */
    uint64_t size;
    int64_t modified;
    uint32_t links, mode;
} inode;

typedef struct btrfs {
    fps__btrfs_space space; /* first, for btrfs_tree.c */
    fps__btrfs_tree roots;  /* the tree of all trees */
    FPS__ARRAY(subvolume) subvolumes;
    fps__key_map places;  /* of them in the array, plus one, by their id */
    inode file;           /* the current one */
    uint64_t unpacked_at; /* address of the compressed extent that was unpacked last, plus one; 0: none */
    uint64_t unpacked_size;
    uint8_t *unpacked, *packed; /* MOST_UNPACKED bytes each; `packed` where the medium is not in memory */
} btrfs;

/* A run of bytes of a file, from the one that was asked for. */
typedef struct run {
    uint64_t length;  /* at least 1 */
    uint64_t skipped; /* bytes of the extent before it */
    bool hole;
    fps__span extent; /* the item of the extent */
} run;

static bool is_power_of_two(uint32_t value)
{
    return value && !(value & (value - 1));
}

/* Whether the bytes of a superblock are those of one whose sizes make sense. */
static bool is_superblock(const uint8_t *p)
{
    uint32_t sector = fps__get32le(p + 144), node = fps__get32le(p + 148);
    return memcmp(p + 64, "_BHRfS_M", 8) == 0 && fps__get64le(p + 48) == FPS__BTRFS_SUPERBLOCK_AT &&
           is_power_of_two(sector) && sector >= 4096 && sector <= 65536 && is_power_of_two(node) &&
           node >= sector && node <= 65536;
}

static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    return fps__span_has(head, FPS__BTRFS_SUPERBLOCK_AT, FPS__BTRFS_SUPERBLOCK) &&
           is_superblock(head.data + FPS__BTRFS_SUPERBLOCK_AT);
}

/* The tree of a subvolume, from its item. */
static fps_status add_subvolume(fps__filesystem *fs, uint64_t id, uint64_t *root, fps_error *error)
{
    btrfs *b = fs->state;
    fps__btrfs_key key = {id, FPS__BTRFS_ROOT, UINT64_MAX};
    fps__btrfs_item item;
    const uint32_t *place = id ? fps__key_map_find(&b->places, id) : NULL;
    size_t index = place ? *place - 1 : b->subvolumes.count;
    if (!place) {
        fps_status status = fps__btrfs_search(fs, &b->roots, &key, &item, error);
        if (!id || status == FPS_ERROR_NOT_FOUND ||
            (!status &&
             (item.key.object != id || item.key.type != FPS__BTRFS_ROOT || item.bytes.size < ROOT_ITEM)))
            return fps__filesystem_corrupt(error, UINT64_MAX,
                                           "a subvolume that the btrfs file system does not have");
        if (status)
            return status;
        subvolume made = {id, {fps__get64le(item.bytes.data + 176), item.bytes.data[238]}};
        status = FPS__ARRAY_PUSH(&b->subvolumes, &made, MOST_SUBVOLUMES);
        if (status)
            return status == FPS_ERROR_MEMORY
                       ? fps__fail_memory(error)
                       : fps__fail(error, status, NULL, UINT64_MAX, "btrfs with more than %d subvolumes",
                                   MOST_SUBVOLUMES);
        bool fresh;
        uint32_t *kept = fps__key_map_add(&b->places, id, &fresh);
        if (!kept)
            return fps__fail_memory(error);
        *kept = (uint32_t)b->subvolumes.count;
    }
    enum { FIRST_INODE = 256 }; /* the root of each subvolume */
    *root = (uint64_t)index << NODE_BITS | FIRST_INODE;
    return FPS_OK;
}

static const fps__btrfs_tree *tree_of(const btrfs *b, uint64_t node)
{
    return &b->subvolumes.items[node >> NODE_BITS].tree;
}

static uint64_t number_of(uint64_t node)
{
    return node & (((uint64_t)1 << NODE_BITS) - 1);
}

static fps_status open_superblock(fps__filesystem *fs, btrfs *b, fps_error *error)
{
    uint8_t room[FPS__BTRFS_SUPERBLOCK];
    const uint8_t *p;
    fps_status status =
        fps__medium_get(&fs->medium, FPS__BTRFS_SUPERBLOCK_AT, FPS__BTRFS_SUPERBLOCK, room, &p, error);
    if (status)
        return status;
    if (!is_superblock(p)) /* a file may be written to since it was looked at */
        return fps__filesystem_corrupt(error, FPS__BTRFS_SUPERBLOCK_AT, "a damaged superblock of btrfs");
    if (fps__get64le(p + 188) & UNREADABLE)
        return fps__filesystem_unsupported(
            error, "a btrfs file system with trees of extents of version 2 or stripes");
    b->roots = (fps__btrfs_tree){fps__get64le(p + 80), p[198]};
    b->space.sector = fps__get32le(p + 144);
    b->space.node_size = fps__get32le(p + 148);
    b->space.device = fps__get64le(p + 201);
    fs->end = fps__get64le(p + 209);
    if (fps__get64le(p + 136) > 1)
        fs->remark = "one of several devices: what lies on others is not read";
    else if (fps__get64le(p + 96))
        fs->remark = "its log is not replayed: what was written last may be missing";
    status = fps__btrfs_open_chunks(fs, p, error);
    return status ? status : add_subvolume(fs, TOP, &fs->root, error);
}

static fps_status open_btrfs(fps__filesystem *fs, fps_error *error)
{
    btrfs *b = fs->state = calloc(1, sizeof *b);
    return b ? open_superblock(fs, b, error) : fps__fail_memory(error);
}

static void close_btrfs(fps__filesystem *fs)
{
    btrfs *b = fs->state;
    if (!b)
        return;
    fps__btrfs_close_chunks(&b->space);
    free(b->subvolumes.items);
    fps__key_map_free(&b->places);
    free(b->unpacked);
    free(b->packed);
    free(b);
}

/* ---- inodes ---- */

static fps_status read_inode(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    btrfs *b = fs->state;
    inode *i = &b->file;
    fps__btrfs_item item;
    fps__btrfs_key key = {number_of(node), FPS__BTRFS_INODE, 0};
    if (i->node == node)
        return FPS_OK;
    i->node = 0;
    fps_status status = fps__btrfs_search(fs, tree_of(b, node), &key, &item, error);
    if (status == FPS_ERROR_NOT_FOUND ||
        (!status && (fps__btrfs_compare(&item.key, &key) != 0 || item.bytes.size < INODE_ITEM)))
        return fps__filesystem_corrupt(error, UINT64_MAX,
                                       "an inode that the btrfs file system does not have");
    if (status)
        return status;
    const uint8_t *p = item.bytes.data;
    *i = (inode){node, fps__get64le(p + 16), (int64_t)fps__get64le(p + 136), fps__get32le(p + 40),
                 fps__get32le(p + 52)};
    return i->size <= INT64_MAX
               ? FPS_OK
               : fps__filesystem_corrupt(error, UINT64_MAX, "a damaged inode of a btrfs file system");
}

static fps_status look(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    const inode *i = &((btrfs *)fs->state)->file;
    fps_status status = read_inode(fs, node, error);
    if (status)
        return status;
    *found = fps__node_of_inode(i->mode, i->size, i->modified, i->links);
    return FPS_OK;
}

/* ---- directories ---- */

/* A subvolume in a directory. In a snapshot stand those of what it was made of, which are empty there (Linux, fs/btrfs/inode.c,
 * fixup_tree_root_location). */
static fps_status find_subvolume(fps__filesystem *fs, uint64_t directory, uint64_t id, uint64_t *node,
                                 fps_error *error)
{
    btrfs *b = fs->state;
    fps__btrfs_item item;
    fps__btrfs_key key = {b->subvolumes.items[directory >> NODE_BITS].id, FPS__BTRFS_ROOT_REF, id};
    fps_status status = fps__btrfs_search(fs, &b->roots, &key, &item, error);
    if (status && status != FPS_ERROR_NOT_FOUND)
        return status;
    if (status || fps__btrfs_compare(&item.key, &key) != 0 || item.bytes.size < 8 ||
        fps__get64le(item.bytes.data) != number_of(directory)) {
        *node = 0;
        return FPS_OK;
    }
    return add_subvolume(fs, id, node, error);
}

static fps_status add_name(fps__filesystem *fs, uint64_t directory, fps__span bytes, fps_error *error)
{
    enum { MOST_NAME = 255 };
    char name[MOST_NAME];
    size_t length = bytes.size < NAME_ITEM ? 0 : fps__get16le(bytes.data + 27);
    if (!length || length > MOST_NAME || !fps__span_has(bytes, NAME_ITEM, length))
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged directory of a btrfs file system");
    fps__btrfs_key key = fps__btrfs_read_key(bytes.data);
    uint64_t node = (directory & ~(((uint64_t)1 << NODE_BITS) - 1)) | key.object;
    memcpy(name, bytes.data + NAME_ITEM, length); /* the block may go while the subvolume is looked for */
    fps_status status = FPS_OK;
    if (key.type == FPS__BTRFS_ROOT)
        status = find_subvolume(fs, directory, key.object, &node, error);
    else if (key.object >> NODE_BITS || !key.object || key.type != FPS__BTRFS_INODE)
        status = fps__filesystem_corrupt(error, UINT64_MAX, "a damaged directory of a btrfs file system");
    return status || !node ? status : fps__filesystem_add(fs, name, length, node, error);
}

static fps_status list(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    btrfs *b = fs->state;
    fps__btrfs_key key = {number_of(node), FPS__BTRFS_NAME, 0};
    fps__btrfs_item item;
    fps_status worst = FPS_OK, status = read_inode(fs, node, error);
    if (!status && (b->file.mode & FPS__MODE_TYPE) != FPS__MODE_DIRECTORY)
        return fps__filesystem_corrupt(error, UINT64_MAX, "the root is no directory");
    while (!status && (status = fps__btrfs_next(fs, tree_of(b, node), &key, &item, error)) == FPS_OK) {
        if (item.key.object != key.object || item.key.type != key.type)
            return worst;
        key.offset = item.key.offset + 1;
        fps_status added = add_name(fs, node, item.bytes, error);
        status = added == FPS_ERROR_CORRUPT ? FPS_OK : added; /* the other names are read all the same */
        worst = added ? added : worst;
        if (!key.offset)
            return worst;
    }
    return status == FPS_ERROR_NOT_FOUND ? worst : status;
}

/* ---- where the bytes are ---- */

/* Bytes of the file that an extent has. */
static uint64_t extent_length(fps__span extent)
{
    const uint8_t *p = extent.data;
    if (p[20] == KIND_INLINE)
        return p[16] ? fps__get64le(p + 8) : extent.size - EXTENT_ITEM;
    return extent.size < EXTENT_WHOLE ? 0 : fps__get64le(p + 45);
}

static fps_status find_run(fps__filesystem *fs, uint64_t offset, run *found, fps_error *error)
{
    btrfs *b = fs->state;
    fps__btrfs_item item;
    fps__btrfs_key key = {number_of(b->file.node), FPS__BTRFS_EXTENT, offset};
    *found = (run){.hole = true, .length = INT64_MAX};
    fps_status status = fps__btrfs_search(fs, tree_of(b, b->file.node), &key, &item, error);
    if (status && status != FPS_ERROR_NOT_FOUND)
        return status;
    if (item.next.object == key.object && item.next.type == key.type) {
        if (item.next.offset <= offset)
            return fps__filesystem_corrupt(error, UINT64_MAX, "keys of btrfs that are not in order");
        found->length = item.next.offset - offset;
    }
    if (status || item.key.object != key.object || item.key.type != key.type)
        return FPS_OK;
    if (item.bytes.size < EXTENT_ITEM || item.bytes.data[20] > KIND_PREALLOCATED)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged extent of a btrfs file system");
    uint64_t skipped = offset - item.key.offset, length = extent_length(item.bytes);
    if (skipped >= length)
        return FPS_OK;
    found->skipped = skipped;
    found->extent = item.bytes;
    found->length = length - skipped < found->length ? length - skipped : found->length;
    found->hole = item.bytes.data[20] == KIND_PREALLOCATED ||
                  (item.bytes.data[20] == KIND_REGULAR && !fps__get64le(item.bytes.data + 21));
    return FPS_OK;
}

/* ---- compressed extents ---- */

/* LZO: the size of all, and for each sector of the file its packed size and bytes. A size does not lie across two sectors. */
static bool unpack_lzo(fps__span packed, size_t sector, uint8_t *to, size_t room, size_t *got)
{
    enum { MOST_SECTOR = 65536, SIZE = 4 };
    uint8_t piece[MOST_SECTOR];
    size_t at = SIZE, end = packed.size >= SIZE ? fps__get32le(packed.data) : 0, size;
    *got = 0;
    if (end > packed.size)
        return false;
    while (at + SIZE <= end && *got < room) {
        if (sector - at % sector < SIZE)
            at += sector - at % sector;
        if (!fps__span_has(packed, at, SIZE))
            return false;
        size_t length = fps__get32le(packed.data + at);
        fps__span part = fps__span_part(packed, at + SIZE, length);
        if (!part.size || !fps__lzo_unpack(part, piece, sector, &size))
            return false;
        size = size < room - *got ? size : room - *got;
        memcpy(to + *got, piece, size);
        *got += size;
        at += SIZE + length;
    }
    return true;
}

/* Unpacks into b->unpacked; what does not come out is zero. */
static fps_status unpack(const btrfs *b, uint8_t packing, fps__span packed, size_t room, fps_error *error)
{
    enum { ZLIB = 1, LZO = 2, ZSTD = 3 };
    size_t got = 0;
    fps_status status = FPS_OK;
    if (packing == LZO)
        status = unpack_lzo(packed, b->space.sector, b->unpacked, room, &got)
                     ? FPS_OK
                     : fps__filesystem_corrupt(error, UINT64_MAX, "a compressed block is damaged");
    else if (packing == ZLIB || packing == ZSTD)
        status = fps__unpack(packing == ZLIB ? FPS__PACKING_ZLIB : FPS__PACKING_ZSTD, packed, b->unpacked,
                             room, true, &got, error);
    else
        status = fps__filesystem_unsupported(error, "a packing of btrfs that is not known");
    if (!status)
        memset(b->unpacked + got, 0, room - got);
    return status;
}

static fps_status reserve_rooms(fps__filesystem *fs, btrfs *b, fps_error *error)
{
    if (!b->unpacked)
        b->unpacked = malloc(MOST_UNPACKED);
    if (!b->packed && fs->medium.read)
        b->packed = malloc(MOST_UNPACKED);
    return b->unpacked && (b->packed || !fs->medium.read) ? FPS_OK : fps__fail_memory(error);
}

/* Bytes of a compressed extent, which is unpacked whole and kept. */
static fps_status read_packed(fps__filesystem *fs, const run *found, uint8_t *to, size_t size,
                              fps_error *error)
{
    btrfs *b = fs->state;
    const uint8_t *p = found->extent.data;
    bool in_place = p[20] == KIND_INLINE;
    uint8_t packing = p[16];
    uint64_t room = fps__get64le(p + 8), skipped = found->skipped, at = 0;
    uint64_t address = in_place ? 0 : fps__get64le(p + 21), length = in_place ? 0 : fps__get64le(p + 29);
    if (!in_place) {
        uint64_t offset = fps__get64le(p + 37);
        skipped = offset <= room ? skipped + offset : room;
    }
    if (room > MOST_UNPACKED || length > MOST_UNPACKED || skipped > room || size > room - skipped)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged extent of a btrfs file system");
    if (in_place || !b->unpacked_at || b->unpacked_at != address + 1 || b->unpacked_size < room) {
        fps__span packed = fps__span_part(found->extent, EXTENT_ITEM, found->extent.size - EXTENT_ITEM);
        b->unpacked_at = 0;
        fps_status status = fps__filesystem_spend(fs, room + length, error);
        if (!status)
            status = reserve_rooms(fs, b, error);
        if (!status && !in_place)
            status = fps__btrfs_locate(&b->space, address, length, &at, error);
        if (!status && !in_place) {
            packed.size = (size_t)length;
            status = fps__medium_get(&fs->medium, at, packed.size, b->packed, &packed.data, error);
        }
        if (!status)
            status = unpack(b, packing, packed, (size_t)room, error);
        if (status)
            return status;
        b->unpacked_at = in_place ? 0 : address + 1;
        b->unpacked_size = room;
    }
    memcpy(to, b->unpacked + skipped, size);
    return FPS_OK;
}

static fps_status read_run(fps__filesystem *fs, const run *found, uint8_t *to, size_t size, fps_error *error)
{
    const btrfs *b = fs->state;
    const uint8_t *p = found->extent.data;
    uint64_t at = 0;
    if (p[17] || fps__get16le(p + 18))
        return fps__filesystem_unsupported(error, "an encrypted file of a btrfs file system");
    if (p[16])
        return read_packed(fs, found, to, size, error);
    if (p[20] == KIND_INLINE) {
        memcpy(to, p + EXTENT_ITEM + found->skipped, size);
        return FPS_OK;
    }
    uint64_t address = fps__get64le(p + 21), skipped = fps__get64le(p + 37) + found->skipped;
    fps_status status =
        skipped < found->skipped || skipped > UINT64_MAX - address
            ? fps__filesystem_corrupt(error, UINT64_MAX, "a damaged extent of a btrfs file system")
            : fps__btrfs_locate(&b->space, address + skipped, size, &at, error);
    return status ? status : fps__medium_copy(&fs->medium, at, size, to, error);
}

static fps_status read_btrfs(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    while (size) {
        run found;
        fps_status status = find_run(fs, offset, &found, error);
        if (status)
            return status;
        size_t part = found.length < size ? (size_t)found.length : size;
        if (!found.hole)
            status = read_run(fs, &found, to, part, error);
        if (status)
            return status;
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

const fps__filesystem_format fps__btrfs = {
    .name = "a btrfs file system",
    .identify = identify,
    .subvolumes = true,
    .open = open_btrfs,
    .list = list,
    .look = look,
    .read = read_btrfs,
    .close = close_btrfs,
};
