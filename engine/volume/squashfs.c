/* Squashfs 4. The layout: Linux, fs/squashfs/squashfs_fs.h.
 *
 * A reader of our own and not a library: it reads in memory, pays for each block before it is unpacked, and holds two blocks
 * and a few of the tables at a time, whatever the tables claim. */
#include "util/error.h"
#include "volume/filesystem.h"
#include "volume/unpack.h"

#include <stdlib.h>

enum {
    SUPERBLOCK = 96,
    LEAST_BLOCK_LOG = 12,
    MOST_BLOCK_LOG = 20,
    METADATA = 8192, /* bytes of a block of tables, unpacked */
    CACHED = 16,     /* such blocks that are kept */
    FRAGMENT_ENTRY = 16,
    FRAGMENTS_PER_BLOCK = METADATA / FRAGMENT_ENTRY,
    AS_IS = 0x8000,          /* a block of tables that is not compressed */
    DATA_AS_IS = 0x01000000, /* a block of data that is not compressed */
    NO_FRAGMENT = -1,
    LZMA_HEADER = 13,
};

/* Types of inodes; the extended ones follow the basic ones. */
enum { TYPE_DIRECTORY = 1, TYPE_FILE, TYPE_SYMLINK, TYPE_OTHER, EXTENDED = 7 };

typedef struct metadata_block {
    uint64_t at;   /* in the medium, plus one; 0: free */
    uint64_t next; /* where the next block begins */
    size_t size;
    uint8_t bytes[METADATA];
} metadata_block;

/* A place in a table. */
typedef struct cursor {
    uint64_t block; /* in the medium */
    size_t offset;  /* in what it unpacks to */
} cursor;

/* A block of data that is unpacked. */
typedef struct data_block {
    uint64_t at; /* in the medium, plus one; 0: none */
    uint32_t packed;
    size_t size;
    uint8_t *bytes;
} data_block;

typedef struct squashfs {
    fps__packing packing;
    uint32_t block_size, fragments;
    uint64_t inodes, directories, fragment_table;
    uint8_t *room; /* of one packed block, where they do not lie in memory */
    metadata_block *cache;
    data_block data, fragment;
    /* the current file */
    uint64_t size, start;
    uint32_t fragment_index, fragment_offset;
    cursor first, list; /* of its list of blocks: the first, and that of `block` */
    uint64_t block;     /* the next one in the list */
    uint64_t packed_at; /* where its bytes are */
    cursor text;        /* of a symbolic link */
    bool is_link;
} squashfs;

static bool identify(fps__span head, uint64_t size)
{
    const uint8_t *p = head.data;
    (void)size;
    return fps__span_has(head, 0, SUPERBLOCK) && memcmp(p, "hsqs", 4) == 0 && fps__get16le(p + 28) == 4 &&
           fps__get16le(p + 22) >= LEAST_BLOCK_LOG && fps__get16le(p + 22) <= MOST_BLOCK_LOG &&
           fps__get32le(p + 12) == (uint32_t)1 << fps__get16le(p + 22);
}

static fps_status open_superblock(fps__filesystem *fs, squashfs *s, fps_error *error)
{
    static const fps__packing packings[] = {FPS__PACKING_NONE, FPS__PACKING_ZLIB, FPS__PACKING_LZMA,
                                            FPS__PACKING_LZO,  FPS__PACKING_XZ,   FPS__PACKING_LZ4,
                                            FPS__PACKING_ZSTD};
    uint8_t room[SUPERBLOCK];
    const uint8_t *p;
    fps_status status = fps__medium_get(&fs->medium, 0, SUPERBLOCK, room, &p, error);
    if (status)
        return status;
    uint16_t packing = fps__get16le(p + 20);
    s->block_size = fps__get32le(p + 12);
    s->fragments = fps__get32le(p + 16);
    s->inodes = fps__get64le(p + 64);
    s->directories = fps__get64le(p + 72);
    s->fragment_table = fps__get64le(p + 80);
    fs->root = fps__get64le(p + 32);
    fs->end = fps__get64le(p + 40);
    if (!packing || packing >= sizeof packings / sizeof *packings)
        return fps__filesystem_unsupported(error, "squashfs with an unknown compression");
    s->packing = packings[packing];
    s->cache = calloc(CACHED, sizeof *s->cache);
    s->room = malloc(s->block_size + LZMA_HEADER);
    s->data.bytes = malloc(s->block_size);
    s->fragment.bytes = malloc(s->block_size);
    return s->cache && s->room && s->data.bytes && s->fragment.bytes ? FPS_OK : fps__fail_memory(error);
}

static fps_status open_squashfs(fps__filesystem *fs, fps_error *error)
{
    squashfs *s = fs->state = calloc(1, sizeof *s);
    return s ? open_superblock(fs, s, error) : fps__fail_memory(error);
}

static void close_squashfs(fps__filesystem *fs)
{
    squashfs *s = fs->state;
    if (!s)
        return;
    free(s->cache);
    free(s->room);
    free(s->data.bytes);
    free(s->fragment.bytes);
    free(s);
}

/* ---- tables ---- */

/* The table block at `at`, from the cache or unpacked. */
static fps_status get_block(fps__filesystem *fs, uint64_t at, const metadata_block **found, fps_error *error)
{
    squashfs *s = fs->state;
    metadata_block *block = &s->cache[(at ^ at >> 13) % CACHED];
    *found = block;
    if (block->at && block->at == at + 1)
        return FPS_OK;
    uint8_t header_room[2];
    const uint8_t *header, *packed;
    block->at = 0;
    fps_status status = fps__filesystem_spend(fs, METADATA, error);
    if (!status)
        status = fps__medium_get(&fs->medium, at, 2, header_room, &header, error);
    if (status)
        return status;
    uint16_t word = fps__get16le(header);
    size_t size = word & (AS_IS - 1);
    size = size ? size : AS_IS;
    if (size > METADATA)
        return fps__filesystem_corrupt(error, at, "a block of a squashfs table is too large");
    uint8_t room[METADATA];
    status = fps__medium_get(&fs->medium, at + 2, size, room, &packed, error);
    if (!status)
        status = fps__unpack(word & AS_IS ? FPS__PACKING_NONE : s->packing, (fps__span){packed, size},
                             block->bytes, METADATA, false, &block->size, error);
    block->next = at + 2 + size;
    block->at = status ? 0 : at + 1;
    return status;
}

/* Takes `size` bytes of a table, and moves the cursor behind them. */
static fps_status take(fps__filesystem *fs, cursor *from, uint8_t *to, size_t size, fps_error *error)
{
    while (size) {
        const metadata_block *block;
        fps_status status = get_block(fs, from->block, &block, error);
        if (status)
            return status;
        if (from->offset > block->size || !block->size)
            return fps__filesystem_corrupt(error, from->block,
                                           "a place in a squashfs table that is not there");
        size_t part = block->size - from->offset;
        part = part < size ? part : size;
        memcpy(to, block->bytes + from->offset, part);
        to += part;
        size -= part;
        from->offset += part;
        if (from->offset == block->size) {
            from->block = block->next;
            from->offset = 0;
        }
    }
    return FPS_OK;
}

/* ---- inodes ---- */

typedef struct inode {
    uint16_t type; /* of the basic ones */
    bool extended;
    fps__node node;
    cursor from; /* behind what was read */
    uint64_t directory_size;
    cursor directory;
} inode;

static fps_status take_file(fps__filesystem *fs, inode *i, fps_error *error)
{
    enum { BASIC = 16, LONG = 40 };
    squashfs *s = fs->state;
    uint8_t p[LONG];
    fps_status status = take(fs, &i->from, p, i->extended ? LONG : BASIC, error);
    if (status)
        return status;
    s->start = i->extended ? fps__get64le(p) : fps__get32le(p);
    i->node.size = i->extended ? fps__get64le(p + 8) : fps__get32le(p + 12);
    i->node.links = i->extended ? fps__get32le(p + 24) : 1;
    s->fragment_index = fps__get32le(p + (i->extended ? 28 : 4));
    s->fragment_offset = fps__get32le(p + (i->extended ? 32 : 8));
    s->size = i->node.size;
    s->first = s->list = i->from;
    s->block = 0;
    s->packed_at = s->start;
    s->is_link = false;
    return FPS_OK;
}

static fps_status take_directory(fps__filesystem *fs, inode *i, fps_error *error)
{
    enum { BASIC = 16, LONG = 24 };
    squashfs *s = fs->state;
    uint8_t p[LONG];
    fps_status status = take(fs, &i->from, p, i->extended ? LONG : BASIC, error);
    if (status)
        return status;
    i->directory_size = i->extended ? fps__get32le(p + 4) : fps__get16le(p + 8);
    i->directory.block = s->directories + fps__get32le(p + (i->extended ? 8 : 0));
    i->directory.offset = fps__get16le(p + (i->extended ? 18 : 10));
    return FPS_OK;
}

static fps_status take_link(fps__filesystem *fs, inode *i, fps_error *error)
{
    squashfs *s = fs->state;
    uint8_t p[8];
    fps_status status = take(fs, &i->from, p, sizeof p, error);
    if (status)
        return status;
    i->node.links = fps__get32le(p);
    i->node.size = fps__get32le(p + 4);
    s->text = i->from;
    s->is_link = true;
    return FPS_OK;
}

/* `node` is where the inode is: a block after the start of the inodes, and 16 bits of what it unpacks to. */
static fps_status take_inode(fps__filesystem *fs, uint64_t node, inode *i, fps_error *error)
{
    enum { COMMON = 16 };
    squashfs *s = fs->state;
    uint8_t p[COMMON];
    *i = (inode){.from = {s->inodes + (node >> 16), (size_t)(node & 0xffff)},
                 .node = {.type = FPS__VOLUME_OTHER}};
    fps_status status = take(fs, &i->from, p, sizeof p, error);
    if (status)
        return status;
    uint16_t type = fps__get16le(p);
    i->extended = type > EXTENDED;
    i->type = i->extended ? (uint16_t)(type - EXTENDED) : type;
    i->node.mode = fps__get16le(p + 2);
    i->node.modified = fps__get32le(p + 8);
    switch (i->type) {
    case TYPE_DIRECTORY:
        i->node.type = FPS__VOLUME_DIRECTORY;
        return take_directory(fs, i, error);
    case TYPE_FILE:
        i->node.type = FPS__VOLUME_FILE;
        return take_file(fs, i, error);
    case TYPE_SYMLINK:
        i->node.type = FPS__VOLUME_SYMLINK;
        return take_link(fs, i, error);
    default:
        return i->type && i->type <= EXTENDED
                   ? FPS_OK
                   : fps__filesystem_corrupt(error, UINT64_MAX, "an inode of an unknown type");
    }
}

static fps_status look(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    inode i;
    fps_status status = take_inode(fs, node, &i, error);
    *found = i.node;
    return status;
}

/* ---- directories ---- */

/* The entries behind one header; *left is the size of the listing that is not yet taken. */
static fps_status list_run(fps__filesystem *fs, cursor *from, uint64_t *left, fps_error *error)
{
    enum { HEADER = 12, ENTRY = 8, MOST_ENTRIES = 256, MOST_NAME = 256 };
    uint8_t p[HEADER], name[MOST_NAME];
    if (*left < HEADER)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a squashfs directory ends early");
    fps_status status = take(fs, from, p, HEADER, error);
    uint32_t count = status ? 0 : fps__get32le(p), block = fps__get32le(p + 4);
    *left -= HEADER;
    if (!status && count >= MOST_ENTRIES)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a run of a squashfs directory is too long");
    if (!status) /* their block may be one that was paid for long ago */
        status = fps__filesystem_spend(fs, HEADER + (count + 1) * ENTRY, error);
    for (uint32_t i = 0; i <= count && !status; i++) {
        status = *left >= ENTRY
                     ? take(fs, from, p, ENTRY, error)
                     : fps__filesystem_corrupt(error, UINT64_MAX, "a squashfs directory ends early");
        size_t length = status ? 0 : (size_t)fps__get16le(p + 6) + 1;
        if (!status && ((*left -= ENTRY) < length || length > MOST_NAME))
            return fps__filesystem_corrupt(error, UINT64_MAX, "a name in a squashfs directory is too long");
        *left -= length;
        if (!status)
            status = take(fs, from, name, length, error);
        if (!status)
            status =
                fps__filesystem_add(fs, (char *)name, length, (uint64_t)block << 16 | fps__get16le(p), error);
    }
    return status;
}

static fps_status list(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    enum { NOT_STORED = 3 }; /* "." and "..", which the size counts */
    inode i;
    fps_status status = take_inode(fs, node, &i, error);
    if (!status && i.node.type != FPS__VOLUME_DIRECTORY)
        return fps__filesystem_corrupt(error, UINT64_MAX, "the root is no directory");
    if (status || i.directory_size <= NOT_STORED)
        return status;
    uint64_t left = i.directory_size - NOT_STORED;
    while (left && !status)
        status = list_run(fs, &i.directory, &left, error);
    return status;
}

/* ---- data ---- */

/* Unpacks a block of data, or one that several files share, and pays for it. */
static fps_status get_data(fps__filesystem *fs, data_block *block, uint64_t at, uint32_t word,
                           fps_error *error)
{
    squashfs *s = fs->state;
    uint32_t size = word & (DATA_AS_IS - 1);
    const uint8_t *packed;
    if (block->at && block->at == at + 1 && block->packed == word)
        return FPS_OK;
    block->at = 0;
    if (size > s->block_size)
        return fps__filesystem_corrupt(error, at, "a block of data is larger than squashfs allows here");
    fps_status status = fps__filesystem_spend(fs, s->block_size, error);
    if (!status)
        status = fps__medium_get(&fs->medium, at, size, s->room, &packed, error);
    if (!status)
        status = fps__unpack(word & DATA_AS_IS ? FPS__PACKING_NONE : s->packing, (fps__span){packed, size},
                             block->bytes, s->block_size, false, &block->size, error);
    block->packed = word;
    block->at = status ? 0 : at + 1;
    return status;
}

static fps_status get_fragment(fps__filesystem *fs, fps_error *error)
{
    squashfs *s = fs->state;
    uint8_t pointer_room[8], entry[FRAGMENT_ENTRY];
    const uint8_t *pointer;
    if (s->fragment_index >= s->fragments)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a fragment that is not in the table");
    uint64_t index = s->fragment_index / FRAGMENTS_PER_BLOCK;
    fps_status status =
        fps__medium_get(&fs->medium, s->fragment_table + index * 8, 8, pointer_room, &pointer, error);
    if (status)
        return status;
    cursor from = {fps__get64le(pointer), s->fragment_index % FRAGMENTS_PER_BLOCK * FRAGMENT_ENTRY};
    status = take(fs, &from, entry, sizeof entry, error);
    return status ? status : get_data(fs, &s->fragment, fps__get64le(entry), fps__get32le(entry + 8), error);
}

/* Moves on in the list of blocks to `index`; *word is its size, *at where it is. */
static fps_status seek_block(fps__filesystem *fs, uint64_t index, uint32_t *word, uint64_t *at,
                             fps_error *error)
{
    squashfs *s = fs->state;
    uint8_t p[4];
    if (index < s->block) {
        s->list = s->first;
        s->block = 0;
        s->packed_at = s->start;
    }
    for (;;) {
        cursor from = s->list;
        fps_status status = take(fs, &from, p, sizeof p, error);
        if (status)
            return status;
        *word = fps__get32le(p);
        *at = s->packed_at;
        if (s->block == index) /* it is asked for again when it is not read at once */
            return FPS_OK;
        s->list = from;
        s->block++;
        s->packed_at += *word & (DATA_AS_IS - 1);
    }
}

/* The bytes that lie at `offset`, up to the end of their block. Empty: a hole of *hole bytes. */
static fps_status find_bytes(fps__filesystem *fs, uint64_t offset, fps__span *bytes, uint64_t *hole,
                             fps_error *error)
{
    squashfs *s = fs->state;
    uint64_t index = offset / s->block_size, in_block = offset % s->block_size, start = offset - in_block;
    uint64_t length = s->size - start < s->block_size ? s->size - start : s->block_size;
    bool in_fragment = length < s->block_size && s->fragment_index != (uint32_t)NO_FRAGMENT;
    uint32_t word = 1;
    uint64_t at;
    fps_status status = in_fragment ? get_fragment(fs, error) : seek_block(fs, index, &word, &at, error);
    *hole = length - in_block;
    *bytes = (fps__span){NULL, 0};
    if (status || !(word & (DATA_AS_IS - 1)))
        return status;
    if (!in_fragment)
        status = get_data(fs, &s->data, at, word, error);
    if (status)
        return status;
    const data_block *block = in_fragment ? &s->fragment : &s->data;
    uint64_t from = in_fragment ? s->fragment_offset + in_block : in_block;
    *bytes = fps__span_part((fps__span){block->bytes, block->size}, from, length - in_block);
    return bytes->size ? FPS_OK
                       : fps__filesystem_corrupt(error, UINT64_MAX, "a block of data unpacks to too little");
}

static fps_status read_squashfs(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size,
                                fps_error *error)
{
    squashfs *s = fs->state;
    if (s->is_link) {
        cursor from = s->text;
        return take(fs, &from, to, size, error);
    }
    while (size) {
        fps__span bytes;
        uint64_t hole;
        fps_status status = find_bytes(fs, offset, &bytes, &hole, error);
        if (status)
            return status;
        size_t part = hole < size ? (size_t)hole : size;
        if (bytes.size)
            memcpy(to, bytes.data, part);
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

const fps__filesystem_format fps__squashfs = {
    .name = "a squashfs file system",
    .identify = identify,
    .open = open_squashfs,
    .list = list,
    .look = look,
    .read = read_squashfs,
    .close = close_squashfs,
};
