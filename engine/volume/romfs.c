/* romfs (Linux, Documentation/filesystems/romfs.rst) and cramfs (Linux, include/uapi/linux/cramfs_fs.h): small file systems of
 * read-only memory. The node of either is where its header lies. */
#include "util/error.h"
#include "volume/filesystem.h"
#include "volume/unpack.h"

#include <stdlib.h>

/* ---- romfs ---- */

enum { ROMFS_HEADER = 16, ROMFS_NAME = 256, ROMFS_ALIGN = 16 };
enum { ROMFS_HARDLINK, ROMFS_DIRECTORY, ROMFS_FILE, ROMFS_SYMLINK, ROMFS_EXECUTABLE = 8 };

typedef struct romfs {
    uint64_t data; /* of the current file */
} romfs;

typedef struct romfs_header {
    uint32_t next, type, place, size;
    bool executable;
    uint64_t behind; /* its name */
    char name[ROMFS_NAME];
    size_t name_length;
} romfs_header;

/* The magic is a text that programs have: the words of the first 512 bytes add up to zero. */
static bool identify_romfs(fps__span head, uint64_t size)
{
    enum { SUMMED = 512 };
    uint32_t sum = 0;
    if (!fps__span_has(head, 0, 2 * ROMFS_HEADER) || memcmp(head.data, "-rom1fs-", 8) != 0)
        return false;
    uint32_t own = fps__get32be(head.data + 8), summed = own < SUMMED ? own : SUMMED;
    if (own < 2 * ROMFS_HEADER || own > size || !fps__span_has(head, 0, summed))
        return false;
    for (uint32_t i = 0; i + 4 <= summed; i += 4)
        sum += fps__get32be(head.data + i);
    return !sum;
}

/* A name that ends with a NUL and fills 16 bytes; *behind is where they end. */
static fps_status read_romfs_name(fps__filesystem *fs, uint64_t at, char name[ROMFS_NAME], size_t *length,
                                  uint64_t *behind, fps_error *error)
{
    uint8_t room[ROMFS_NAME];
    const uint8_t *p;
    uint64_t left = at < fs->medium.size ? fs->medium.size - at : 0;
    size_t size = left < ROMFS_NAME ? (size_t)left : ROMFS_NAME;
    fps_status status = fps__medium_get(&fs->medium, at, size, room, &p, error);
    if (status)
        return status;
    const uint8_t *end = memchr(p, '\0', size);
    if (!end)
        return fps__filesystem_corrupt(error, at, "a name of romfs without an end");
    *length = (size_t)(end - p);
    memcpy(name, p, *length);
    *behind = at + (*length / ROMFS_ALIGN + 1) * ROMFS_ALIGN;
    return FPS_OK;
}

static fps_status read_romfs_header(fps__filesystem *fs, uint64_t at, romfs_header *h, fps_error *error)
{
    uint8_t room[ROMFS_HEADER];
    const uint8_t *p;
    fps_status status = fps__medium_get(&fs->medium, at, ROMFS_HEADER, room, &p, error);
    if (status)
        return status;
    uint32_t next = fps__get32be(p);
    *h = (romfs_header){.next = next & ~(uint32_t)15,
                        .type = next & 7,
                        .executable = next & ROMFS_EXECUTABLE,
                        .place = fps__get32be(p + 4),
                        .size = fps__get32be(p + 8)};
    return read_romfs_name(fs, at + ROMFS_HEADER, h->name, &h->name_length, &h->behind, error);
}

static fps_status open_romfs(fps__filesystem *fs, fps_error *error)
{
    uint8_t room[ROMFS_HEADER];
    const uint8_t *p;
    char name[ROMFS_NAME];
    size_t length;
    romfs *r = fs->state = calloc(1, sizeof *r);
    fps_status status =
        r ? fps__medium_get(&fs->medium, 0, ROMFS_HEADER, room, &p, error) : fps__fail_memory(error);
    if (status)
        return status;
    fs->end = fps__get32be(p + 8);
    return read_romfs_name(fs, ROMFS_HEADER, name, &length, &fs->root, error);
}

static void close_state(fps__filesystem *fs)
{
    free(fs->state);
}

/* The first header of the root is the root itself: its children begin there. */
static fps_status list_romfs(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    romfs_header h;
    fps_status status = read_romfs_header(fs, node, &h, error);
    uint64_t at = node == fs->root ? node : h.place, most = fs->medium.size / (2 * ROMFS_HEADER);
    while (!status && at) {
        if (!most--)
            return fps__filesystem_corrupt(error, at, "a directory of romfs without an end");
        status = fps__filesystem_spend(fs, 2 * ROMFS_HEADER, error);
        if (!status)
            status = read_romfs_header(fs, at, &h, error);
        if (!status)
            status = fps__filesystem_add(fs, h.name, h.name_length, at, error);
        at = h.next;
    }
    return status;
}

static fps_status look_romfs(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    romfs *r = fs->state;
    romfs_header h;
    fps_status status = read_romfs_header(fs, node, &h, error);
    bool link = !status && h.type == ROMFS_HARDLINK;
    if (link)
        status = read_romfs_header(fs, h.place, &h, error);
    if (status)
        return status;
    *found = (fps__node){.type = FPS__VOLUME_OTHER, .size = h.size, .mode = h.executable ? 0755 : 0644};
    if (h.type == ROMFS_FILE)
        found->type = FPS__VOLUME_FILE;
    else if (h.type == ROMFS_SYMLINK)
        found->type = FPS__VOLUME_SYMLINK;
    else if (h.type == ROMFS_DIRECTORY && !link) /* links to directories are "." and ".." */
        found->type = FPS__VOLUME_DIRECTORY;
    r->data = h.behind;
    return FPS_OK;
}

static fps_status read_romfs(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    const romfs *r = fs->state;
    return fps__medium_copy(&fs->medium, r->data + offset, size, to, error);
}

const fps__filesystem_format fps__romfs = {
    .name = "a romfs file system",
    .identify = identify_romfs,
    .open = open_romfs,
    .list = list_romfs,
    .look = look_romfs,
    .read = read_romfs,
    .close = close_state,
};

/* ---- cramfs ---- */

enum {
    CRAMFS_SUPERBLOCK = 76,
    CRAMFS_ROOT = 64,
    CRAMFS_INODE = 12,
    CRAMFS_BLOCK = 4096,
    CRAMFS_MOST_PACKED = 2 * CRAMFS_BLOCK,
    CRAMFS_NAME = 63 * 4,
    CRAMFS_EXTENDED = 0x800, /* pointers have flags */
};
static const uint32_t CRAMFS_AS_IS = (uint32_t)1 << 31, CRAMFS_DIRECT = (uint32_t)1 << 30;
typedef struct cramfs {
    uint32_t flags;
    uint64_t data, size; /* of the current file */
    uint64_t block;      /* that was unpacked, plus one; 0: none */
    uint8_t bytes[CRAMFS_BLOCK];
} cramfs;

typedef struct cramfs_inode {
    uint32_t mode, size, name_length;
    uint64_t data;
} cramfs_inode;

static bool identify_cramfs(fps__span head, uint64_t size)
{
    (void)size;
    return fps__span_has(head, 0, CRAMFS_SUPERBLOCK) && fps__get32le(head.data) == 0x28cd3d45 &&
           memcmp(head.data + 16, "Compressed ROMFS", 16) == 0;
}

static fps_status open_cramfs(fps__filesystem *fs, fps_error *error)
{
    enum { KNOWN = 0xfff };
    uint8_t room[CRAMFS_SUPERBLOCK];
    const uint8_t *p;
    cramfs *c = fs->state = calloc(1, sizeof *c);
    fps_status status =
        c ? fps__medium_get(&fs->medium, 0, CRAMFS_SUPERBLOCK, room, &p, error) : fps__fail_memory(error);
    if (status)
        return status;
    c->flags = fps__get32le(p + 8);
    fs->root = CRAMFS_ROOT;
    fs->end = c->flags & 1 ? fps__get32le(p + 4) : fs->medium.size; /* version 1 did not say its size */
    return c->flags & ~(uint32_t)KNOWN ? fps__filesystem_unsupported(error, "cramfs with unknown features")
                                       : FPS_OK;
}

static fps_status read_cramfs_inode(fps__filesystem *fs, uint64_t at, cramfs_inode *i, fps_error *error)
{
    uint8_t room[CRAMFS_INODE];
    const uint8_t *p;
    fps_status status = fps__medium_get(&fs->medium, at, CRAMFS_INODE, room, &p, error);
    if (status)
        return status;
    uint32_t word = fps__get32le(p + 8);
    *i = (cramfs_inode){fps__get16le(p), fps__get32le(p + 4) & 0xffffff, (word & 63) * 4,
                        (uint64_t)(word >> 6) * 4};
    return FPS_OK;
}

static fps_status list_cramfs(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    cramfs_inode directory, i;
    fps_status status = read_cramfs_inode(fs, node, &directory, error);
    if (!status && (directory.mode & FPS__MODE_TYPE) != FPS__MODE_DIRECTORY)
        return fps__filesystem_corrupt(error, node, "the root is no directory");
    uint64_t at = directory.data, end = at + directory.size;
    while (!status && at < end) {
        uint8_t room[CRAMFS_NAME];
        const uint8_t *name;
        status = fps__filesystem_spend(fs, CRAMFS_INODE, error);
        if (!status)
            status = read_cramfs_inode(fs, at, &i, error);
        if (!status)
            status = fps__medium_get(&fs->medium, at + CRAMFS_INODE, i.name_length, room, &name, error);
        if (!status)
            status = fps__filesystem_add(fs, (const char *)name, strnlen((const char *)name, i.name_length),
                                         at, error);
        at += CRAMFS_INODE + (status ? 0 : i.name_length);
    }
    return status;
}

static fps_status look_cramfs(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    cramfs *c = fs->state;
    cramfs_inode i;
    fps_status status = read_cramfs_inode(fs, node, &i, error);
    if (status)
        return status;
    *found = fps__node_of_inode(i.mode, i.size, 0, 1);
    c->data = i.data;
    c->size = i.size;
    c->block = 0;
    return FPS_OK;
}

/* Where the packed bytes of a block are. A pointer names the end of its block, or, with flags, where it is. */
static fps_status find_cramfs_block(fps__filesystem *fs, uint64_t index, uint64_t *at, uint64_t *size,
                                    bool *as_is, fps_error *error)
{
    const cramfs *c = fs->state;
    uint64_t count = (c->size + CRAMFS_BLOCK - 1) / CRAMFS_BLOCK;
    uint8_t room[4];
    const uint8_t *p;
    fps_status status = fps__medium_get(&fs->medium, c->data + index * 4, 4, room, &p, error);
    if (status)
        return status;
    uint32_t pointer = fps__get32le(p);
    *as_is = c->flags & CRAMFS_EXTENDED && pointer & CRAMFS_AS_IS;
    if (c->flags & CRAMFS_EXTENDED && pointer & CRAMFS_DIRECT)
        return fps__filesystem_unsupported(error, "a file of cramfs with pointers to blocks elsewhere");
    uint64_t end = c->flags & CRAMFS_EXTENDED ? pointer & ~(CRAMFS_AS_IS | CRAMFS_DIRECT) : pointer;
    *at = c->data + count * 4;
    if (index) {
        status = fps__medium_get(&fs->medium, c->data + index * 4 - 4, 4, room, &p, error);
        uint32_t before = status ? 0 : fps__get32le(p);
        *at = c->flags & CRAMFS_EXTENDED ? before & ~(CRAMFS_AS_IS | CRAMFS_DIRECT) : before;
    }
    *size = end - *at;
    return status || (end >= *at && *size <= CRAMFS_MOST_PACKED)
               ? status
               : fps__filesystem_corrupt(error, *at, "a damaged block of cramfs");
}

static fps_status get_cramfs_block(fps__filesystem *fs, uint64_t index, fps_error *error)
{
    cramfs *c = fs->state;
    uint64_t at = 0, size = 0;
    uint8_t room[CRAMFS_MOST_PACKED];
    const uint8_t *p;
    bool as_is = false;
    size_t got;
    if (c->block == index + 1)
        return FPS_OK;
    c->block = 0;
    fps_status status = fps__filesystem_spend(fs, CRAMFS_BLOCK, error);
    if (!status)
        status = find_cramfs_block(fs, index, &at, &size, &as_is, error);
    if (!status)
        status = fps__medium_get(&fs->medium, at, (size_t)size, room, &p, error);
    if (status)
        return status;
    memset(c->bytes, 0, sizeof c->bytes);
    if (size) /* none: a hole */
        status = fps__unpack(as_is ? FPS__PACKING_NONE : FPS__PACKING_ZLIB, (fps__span){p, (size_t)size},
                             c->bytes, CRAMFS_BLOCK, false, &got, error);
    c->block = status ? 0 : index + 1;
    return status;
}

static fps_status read_cramfs(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size,
                              fps_error *error)
{
    cramfs *c = fs->state;
    while (size) {
        size_t in_block = (size_t)(offset % CRAMFS_BLOCK), part = CRAMFS_BLOCK - in_block;
        part = part < size ? part : size;
        fps_status status = get_cramfs_block(fs, offset / CRAMFS_BLOCK, error);
        if (status)
            return status;
        memcpy(to, c->bytes + in_block, part);
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

const fps__filesystem_format fps__cramfs = {
    .name = "a cramfs file system",
    .identify = identify_cramfs,
    .open = open_cramfs,
    .list = list_cramfs,
    .look = look_cramfs,
    .read = read_cramfs,
    .close = close_state,
};
