/* Squashfs images that a test makes by hand, without compression, to bend what they say. The layout: Linux,
 * fs/squashfs/squashfs_fs.h. */
#ifndef FPS_TESTS_SQUASHFS_FIXTURE_H
#define FPS_TESTS_SQUASHFS_FIXTURE_H

#include "util/bytes.h"

#include <stdlib.h>
#include <string.h>

enum {
    SQUASHFS_SUPERBLOCK = 96,
    SQUASHFS_BLOCK = 4096,
    SQUASHFS_FILE_SIZE = 5000, /* bytes of the one file: a block and a half */
    /* places in the image */
    SQUASHFS_DATA = SQUASHFS_SUPERBLOCK,
    SQUASHFS_INODES = SQUASHFS_DATA + SQUASHFS_FILE_SIZE,
    SQUASHFS_ROOT = SQUASHFS_INODES + 2, /* the inode of the root, 32 bytes */
    SQUASHFS_FOLDER = SQUASHFS_ROOT + 32,
    SQUASHFS_FILE = SQUASHFS_FOLDER + 32,
    SQUASHFS_BLOCKS = SQUASHFS_FILE + 32, /* its list of blocks */
    SQUASHFS_DIRECTORIES = SQUASHFS_BLOCKS + 8,
    SQUASHFS_LISTING = SQUASHFS_DIRECTORIES + 2,
    SQUASHFS_IMAGE = SQUASHFS_LISTING + 2 * 12 + 8 + 6 + 8 + 4,
};

static inline void squashfs_directory(uint8_t *inode, uint16_t offset, uint16_t size)
{
    fps__put16le(inode, 1);
    fps__put16le(inode + 2, 0755);
    fps__put32le(inode + 16 + 4, 2);
    fps__put16le(inode + 16 + 8, (uint16_t)(size + 3));
    fps__put16le(inode + 16 + 10, offset);
}

/* One entry in a listing of its own; returns its size. */
static inline uint16_t squashfs_entry(uint8_t *at, uint16_t inode, uint16_t type, const char *name)
{
    size_t length = strlen(name);
    memset(at, 0, 20);
    fps__put16le(at + 12, inode);
    fps__put16le(at + 16, type);
    fps__put16le(at + 18, (uint16_t)(length - 1));
    memcpy(at + 20, name, length);
    return (uint16_t)(20 + length);
}

/* "/folder/file" with SQUASHFS_FILE_SIZE bytes, each its place modulo 251. The caller frees it. */
static inline uint8_t *squashfs_make(void)
{
    uint8_t *p = calloc(1, SQUASHFS_IMAGE);
    memcpy(p, "hsqs", 4);
    fps__put32le(p + 12, SQUASHFS_BLOCK);
    fps__put16le(p + 20, 1);
    fps__put16le(p + 22, 12);
    fps__put16le(p + 28, 4);
    fps__put64le(p + 40, SQUASHFS_IMAGE);
    fps__put64le(p + 64, SQUASHFS_INODES);
    fps__put64le(p + 72, SQUASHFS_DIRECTORIES);
    for (size_t i = 0; i < SQUASHFS_FILE_SIZE; i++)
        p[SQUASHFS_DATA + i] = (uint8_t)(i % 251);
    uint16_t root = squashfs_entry(p + SQUASHFS_LISTING, 32, 1, "folder");
    uint16_t folder = squashfs_entry(p + SQUASHFS_LISTING + root, 64, 2, "file");
    fps__put16le(p + SQUASHFS_INODES, (uint16_t)(0x8000 | (SQUASHFS_DIRECTORIES - SQUASHFS_ROOT)));
    fps__put16le(p + SQUASHFS_DIRECTORIES, (uint16_t)(0x8000 | (root + folder)));
    squashfs_directory(p + SQUASHFS_ROOT, 0, root);
    squashfs_directory(p + SQUASHFS_FOLDER, root, folder);
    fps__put16le(p + SQUASHFS_FILE, 2);
    fps__put16le(p + SQUASHFS_FILE + 2, 0644);
    fps__put32le(p + SQUASHFS_FILE + 16, SQUASHFS_DATA);
    fps__put32le(p + SQUASHFS_FILE + 20, UINT32_MAX); /* no fragment */
    fps__put32le(p + SQUASHFS_FILE + 28, SQUASHFS_FILE_SIZE);
    fps__put32le(p + SQUASHFS_BLOCKS, 0x01000000 | SQUASHFS_BLOCK);
    fps__put32le(p + SQUASHFS_BLOCKS + 4, 0x01000000 | (SQUASHFS_FILE_SIZE - SQUASHFS_BLOCK));
    return p;
}

#endif
