/* The trees of a btrfs file system: chunks, which say where an address lies on the device, and items, which are found by their keys.
 *
 *   fps__btrfs_open_chunks(fs, superblock, error)           after the sizes of `fps__btrfs_space` are set
 *   fps__btrfs_search(fs, tree, &key, &found, error)        the item at or before a key
 *   fps__btrfs_next(fs, tree, &key, &found, error)          the item at or behind a key
 *   fps__btrfs_locate(space, address, size, &at, error)     where bytes of a file lie
 *   fps__btrfs_close_chunks(space)
 */
#ifndef FPS_VOLUME_BTRFS_H
#define FPS_VOLUME_BTRFS_H

#include "volume/filesystem.h"

enum {
    FPS__BTRFS_SUPERBLOCK_AT = 65536,
    FPS__BTRFS_SUPERBLOCK = 4096,
    FPS__BTRFS_NODES = 32, /* blocks of trees that are kept */
};

/* Types of items (Linux, include/uapi/linux/btrfs_tree.h). */
enum {
    FPS__BTRFS_INODE = 1,
    FPS__BTRFS_NAME_HASH = 84, /* a name in a directory, by its hash */
    FPS__BTRFS_NAME = 96,      /* a name in a directory, in order */
    FPS__BTRFS_EXTENT = 108,
    FPS__BTRFS_ROOT = 132,
    FPS__BTRFS_ROOT_REF = 156, /* a subvolume in its parent */
    FPS__BTRFS_CHUNK = 228
};

typedef struct fps__btrfs_key {
    uint64_t object;
    uint8_t type;
    uint64_t offset;
} fps__btrfs_key;

/* The root of a tree. */
typedef struct fps__btrfs_tree {
    uint64_t address;
    uint8_t level;
} fps__btrfs_tree;

typedef struct fps__btrfs_item {
    fps__btrfs_key key;
    fps__span bytes;     /* until the next call */
    fps__btrfs_key next; /* of the item behind; all ones when there is none */
} fps__btrfs_item;

/* Addresses from `address` on lie at `at` of the device. */
typedef struct fps__btrfs_chunk {
    uint64_t address, size, at;
    bool elsewhere; /* on another device, or spread over several */
} fps__btrfs_chunk;

typedef struct fps__btrfs_node {
    uint64_t address; /* plus one; 0: none */
    uint64_t used;    /* when */
    uint8_t *bytes;   /* where the medium is not in memory */
} fps__btrfs_node;

typedef struct fps__btrfs_space {
    uint64_t device;
    uint32_t node_size, sector;
    FPS__ARRAY(fps__btrfs_chunk) chunks; /* by address */
    fps__btrfs_node nodes[FPS__BTRFS_NODES];
    uint64_t uses;
} fps__btrfs_space;

fps__btrfs_key fps__btrfs_read_key(const uint8_t *p); /* 17 bytes */
int fps__btrfs_compare(const fps__btrfs_key *a, const fps__btrfs_key *b);

/* All of these: `space` is the first member of the state of `fs`. FPS_ERROR_CORRUPT, FPS_ERROR_UNSUPPORTED for what lies on another
 * device, FPS_ERROR_MEMORY, failures of the medium and of the budget, which pays for each block before it is read. */
fps_status fps__btrfs_open_chunks(fps__filesystem *fs, const uint8_t *superblock, fps_error *error);
void fps__btrfs_close_chunks(fps__btrfs_space *space);
/* Where `size` bytes from an address on lie in the medium; they are in one chunk. */
fps_status fps__btrfs_locate(const fps__btrfs_space *space, uint64_t address, uint64_t size, uint64_t *at,
                             fps_error *error);
/* The last item with at most this key; FPS_ERROR_NOT_FOUND when all are behind it, with `found->next`. */
fps_status fps__btrfs_search(fps__filesystem *fs, const fps__btrfs_tree *tree, const fps__btrfs_key *key,
                             fps__btrfs_item *found, fps_error *error);
/* The first item with at least this key; FPS_ERROR_NOT_FOUND when there is none. */
fps_status fps__btrfs_next(fps__filesystem *fs, const fps__btrfs_tree *tree, const fps__btrfs_key *key,
                           fps__btrfs_item *found, fps_error *error);

#endif
