/* Chunks and trees of btrfs. The layout: Linux, include/uapi/linux/btrfs_tree.h. All numbers are little-endian. */
#include "util/error.h"
#include "volume/btrfs.h"

#include <stdlib.h>

enum {
    KEY = 17,
    HEADER = 101, /* bytes before the items of a block */
    ITEM = 25,    /* of a leaf: a key, where the bytes lie behind the header, how many there are */
    POINTER = 33, /* of a node: a key, the address of the block, its generation */
    CHUNK = 48,   /* bytes of a chunk before its stripes */
    STRIPE = 32,
    SYSTEM_CHUNKS_SIZE = 160, /* in the superblock */
    SYSTEM_CHUNKS = 811,
    MOST_SYSTEM_CHUNKS = 2048,
    MOST_CHUNKS = 1 << 20,
    MOST_LEVEL = 7,
    SEARCH_COST = 256, /* bytes of the budget for a search in blocks that are there */
};
/* Chunks whose bytes are spread over stripes: RAID 0, 10, 5 and 6. */
static const uint64_t SPREAD = 8 | 64 | 128 | 256;
static const fps__btrfs_key no_key = {UINT64_MAX, UINT8_MAX, UINT64_MAX};

fps__btrfs_key fps__btrfs_read_key(const uint8_t *p)
{
    return (fps__btrfs_key){fps__get64le(p), p[8], fps__get64le(p + 9)};
}

int fps__btrfs_compare(const fps__btrfs_key *a, const fps__btrfs_key *b)
{
    if (a->object != b->object)
        return a->object < b->object ? -1 : 1;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* ---- addresses ---- */

/* The last chunk that begins at or before an address, NULL for none. */
static const fps__btrfs_chunk *find_chunk(const fps__btrfs_space *space, uint64_t address)
{
    size_t low = 0, high = space->chunks.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (space->chunks.items[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &space->chunks.items[low - 1] : NULL;
}

fps_status fps__btrfs_locate(const fps__btrfs_space *space, uint64_t address, uint64_t size, uint64_t *at,
                             fps_error *error)
{
    const fps__btrfs_chunk *chunk = find_chunk(space, address);
    uint64_t skipped = chunk ? address - chunk->address : 0;
    if (!chunk || skipped > chunk->size || size > chunk->size - skipped || skipped > UINT64_MAX / 2 ||
        chunk->at > UINT64_MAX / 2 - skipped)
        return fps__filesystem_corrupt(error, UINT64_MAX,
                                       "an address that the btrfs file system does not have");
    if (chunk->elsewhere)
        return fps__filesystem_unsupported(error,
                                           "a part of a btrfs file system that lies on several devices");
    *at = chunk->at + skipped;
    return FPS_OK;
}

/* Adds a chunk; the order of their addresses stays. One that is known, because the superblock had it, is passed over. */
static fps_status add_chunk(fps__filesystem *fs, uint64_t address, fps__span bytes, fps_error *error)
{
    fps__btrfs_space *space = fs->state;
    const fps__btrfs_chunk *before = find_chunk(space, address);
    if (bytes.size < CHUNK + STRIPE || !fps__get64le(bytes.data))
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged chunk of a btrfs file system");
    if (before && before->address == address)
        return FPS_OK;
    fps__btrfs_chunk chunk = {address, fps__get64le(bytes.data), 0, true};
    size_t stripes = fps__get16le(bytes.data + 44);
    for (size_t i = 0; i < stripes && fps__span_has(bytes, CHUNK + i * STRIPE, STRIPE); i++) {
        const uint8_t *stripe = bytes.data + CHUNK + i * STRIPE;
        if (fps__get64le(stripe) != space->device || (stripes > 1 && fps__get64le(bytes.data + 24) & SPREAD))
            continue;
        chunk.at = fps__get64le(stripe + 8);
        chunk.elsewhere = false;
        break;
    }
    fps_status status = fps__filesystem_spend(fs, sizeof chunk, error);
    size_t index = before ? (size_t)(before - space->chunks.items) + 1 : 0;
    if (!status)
        status = FPS__ARRAY_RESERVE(&space->chunks, 1, MOST_CHUNKS);
    if (status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    if (status)
        return status == FPS_ERROR_LIMIT && space->chunks.count == MOST_CHUNKS
                   ? fps__fail(error, status, NULL, UINT64_MAX, "btrfs with more than %d chunks", MOST_CHUNKS)
                   : status;
    fps__btrfs_chunk *place = space->chunks.items + index;
    memmove(place + 1, place, (space->chunks.count - index) * sizeof *place);
    *place = chunk;
    space->chunks.count++;
    return FPS_OK;
}

/* ---- blocks of trees ---- */

/* The place of a block that is kept, or of the one that was not used for longest. */
static fps__btrfs_node *choose_node(fps__btrfs_space *space, uint64_t address)
{
    fps__btrfs_node *oldest = &space->nodes[0];
    for (size_t i = 0; i < FPS__BTRFS_NODES; i++) {
        fps__btrfs_node *node = &space->nodes[i];
        if (node->address == address + 1)
            return node;
        oldest = node->used < oldest->used ? node : oldest;
    }
    oldest->address = 0;
    return oldest;
}

/* A block of a tree, whose header says its own address and its level. */
static fps_status get_node(fps__filesystem *fs, uint64_t address, unsigned level, const uint8_t **bytes,
                           fps_error *error)
{
    fps__btrfs_space *space = fs->state;
    uint64_t at = 0;
    fps_status status = fps__btrfs_locate(space, address, space->node_size, &at, error);
    if (status)
        return status;
    fps__btrfs_node *node = choose_node(space, address);
    bool kept = node->address;
    node->used = ++space->uses;
    if (!kept)
        status = fps__filesystem_spend(fs, space->node_size, error);
    if (!status && fs->medium.read && !node->bytes && !(node->bytes = malloc(space->node_size)))
        return fps__fail_memory(error);
    *bytes = node->bytes;
    if (!status && !(kept && fs->medium.read))
        status = fps__medium_get(&fs->medium, at, space->node_size, node->bytes, bytes, error);
    if (status)
        return status;
    node->address = address + 1;
    uint32_t count = fps__get32le(*bytes + 96);
    if (fps__get64le(*bytes + 48) != address || (*bytes)[100] != level ||
        count > (space->node_size - HEADER) / (level ? POINTER : ITEM))
        return fps__filesystem_corrupt(error, at, "a damaged block of a tree of btrfs");
    return FPS_OK;
}

/* How many of the entries of a block have at most this key. */
static size_t count_up_to(const uint8_t *node, size_t step, const fps__btrfs_key *key)
{
    size_t low = 0, high = fps__get32le(node + 96);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        fps__btrfs_key here = fps__btrfs_read_key(node + HEADER + middle * step);
        if (fps__btrfs_compare(&here, key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Goes down to the leaf where a key belongs. *next: the first key behind that leaf. A block must begin with the key that its parent
 * has for it, so no block can stand for many. */
static fps_status descend(fps__filesystem *fs, const fps__btrfs_tree *tree, const fps__btrfs_key *key,
                          const uint8_t **leaf, fps__btrfs_key *next, fps_error *error)
{
    uint64_t address = tree->address;
    fps_status status = fps__filesystem_spend(fs, SEARCH_COST, error);
    *next = no_key;
    if (!status && tree->level > MOST_LEVEL)
        status = fps__filesystem_corrupt(error, UINT64_MAX, "a tree of btrfs that is too deep");
    if (!status)
        status = get_node(fs, address, tree->level, leaf, error);
    for (unsigned level = tree->level; !status && level; level--) {
        size_t behind = count_up_to(*leaf, POINTER, key), count = fps__get32le(*leaf + 96);
        if (!count)
            return fps__filesystem_corrupt(error, UINT64_MAX, "an empty block of a tree of btrfs");
        behind = behind ? behind : 1;
        if (behind < count)
            *next = fps__btrfs_read_key(*leaf + HEADER + behind * POINTER);
        fps__btrfs_key first = fps__btrfs_read_key(*leaf + HEADER + (behind - 1) * POINTER);
        address = fps__get64le(*leaf + HEADER + (behind - 1) * POINTER + KEY);
        status = get_node(fs, address, level - 1, leaf, error);
        if (status)
            return status;
        fps__btrfs_key begins = fps__btrfs_read_key(*leaf + HEADER);
        if (!fps__get32le(*leaf + 96) || fps__btrfs_compare(&first, &begins) != 0)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged block of a tree of btrfs");
    }
    return status;
}

static fps_status take_item(const fps__btrfs_space *space, const uint8_t *leaf, size_t index,
                            const fps__btrfs_key *next, fps__btrfs_item *found, fps_error *error)
{
    const uint8_t *p = leaf + HEADER + index * ITEM;
    size_t count = fps__get32le(leaf + 96), size = fps__get32le(p + KEY + 4);
    uint64_t at = HEADER + (uint64_t)fps__get32le(p + KEY);
    found->key = fps__btrfs_read_key(p);
    found->next = index + 1 < count ? fps__btrfs_read_key(p + ITEM) : *next;
    if (at > space->node_size || size > space->node_size - at)
        return fps__filesystem_corrupt(error, UINT64_MAX, "an item of btrfs that does not lie in its block");
    found->bytes = (fps__span){leaf + at, size};
    return FPS_OK;
}

fps_status fps__btrfs_search(fps__filesystem *fs, const fps__btrfs_tree *tree, const fps__btrfs_key *key,
                             fps__btrfs_item *found, fps_error *error)
{
    const uint8_t *leaf;
    fps__btrfs_key next;
    fps_status status = descend(fs, tree, key, &leaf, &next, error);
    if (status)
        return status;
    size_t behind = count_up_to(leaf, ITEM, key);
    if (behind)
        return take_item(fs->state, leaf, behind - 1, &next, found, error);
    found->next = fps__get32le(leaf + 96) ? fps__btrfs_read_key(leaf + HEADER) : next;
    return FPS_ERROR_NOT_FOUND;
}

fps_status fps__btrfs_next(fps__filesystem *fs, const fps__btrfs_tree *tree, const fps__btrfs_key *key,
                           fps__btrfs_item *found, fps_error *error)
{
    fps_status status = fps__btrfs_search(fs, tree, key, found, error);
    if (!status && fps__btrfs_compare(&found->key, key) == 0)
        return FPS_OK;
    if (status && status != FPS_ERROR_NOT_FOUND)
        return status;
    fps__btrfs_key next = found->next;
    if (fps__btrfs_compare(&next, &no_key) == 0)
        return FPS_ERROR_NOT_FOUND;
    if (fps__btrfs_compare(&next, key) > 0)
        status = fps__btrfs_search(fs, tree, &next, found, error);
    if (status == FPS_ERROR_NOT_FOUND || (!status && fps__btrfs_compare(&found->key, &next) != 0))
        return fps__filesystem_corrupt(error, UINT64_MAX, "keys of btrfs that are not in order");
    return status;
}

/* ---- opening ---- */

/* The chunks that the superblock has, in which the tree of all chunks lies. */
static fps_status read_system_chunks(fps__filesystem *fs, const uint8_t *superblock, fps_error *error)
{
    uint32_t size = fps__get32le(superblock + SYSTEM_CHUNKS_SIZE);
    fps__span all = {superblock + SYSTEM_CHUNKS, size < MOST_SYSTEM_CHUNKS ? size : MOST_SYSTEM_CHUNKS};
    fps_status status = FPS_OK;
    for (size_t at = 0; !status && fps__span_has(all, at, KEY + CHUNK + STRIPE);) {
        fps__btrfs_key key = fps__btrfs_read_key(all.data + at);
        size_t length = CHUNK + (size_t)fps__get16le(all.data + at + KEY + 44) * STRIPE;
        if (key.type != FPS__BTRFS_CHUNK)
            return fps__filesystem_corrupt(error, FPS__BTRFS_SUPERBLOCK_AT,
                                           "a damaged chunk in the superblock");
        length = length < all.size - at - KEY ? length : all.size - at - KEY;
        status = add_chunk(fs, key.offset, (fps__span){all.data + at + KEY, length}, error);
        at += KEY + length;
    }
    return status;
}

fps_status fps__btrfs_open_chunks(fps__filesystem *fs, const uint8_t *superblock, fps_error *error)
{
    enum { CHUNKS = 256 }; /* the object of all chunks */
    fps__btrfs_tree tree = {fps__get64le(superblock + 88), superblock[199]};
    fps__btrfs_key key = {CHUNKS, FPS__BTRFS_CHUNK, 0};
    fps__btrfs_item item;
    fps_status status = read_system_chunks(fs, superblock, error);
    while (!status && (status = fps__btrfs_next(fs, &tree, &key, &item, error)) == FPS_OK) {
        if (item.key.object != CHUNKS || item.key.type != FPS__BTRFS_CHUNK)
            return FPS_OK;
        key = item.key;
        key.offset++;
        status = add_chunk(fs, item.key.offset, item.bytes, error);
        if (!key.offset)
            return status;
    }
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

void fps__btrfs_close_chunks(fps__btrfs_space *space)
{
    free(space->chunks.items);
    for (size_t i = 0; i < FPS__BTRFS_NODES; i++)
        free(space->nodes[i].bytes);
}
