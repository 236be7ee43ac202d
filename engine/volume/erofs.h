/* The inside of EROFS: inodes, and the extents of compressed files. */
#ifndef FPS_VOLUME_EROFS_H
#define FPS_VOLUME_EROFS_H

#include "volume/filesystem.h"

typedef enum fps__erofs_layout {
    FPS__EROFS_PLAIN,
    FPS__EROFS_COMPRESSED_FULL, /* eight bytes for each cluster */
    FPS__EROFS_INLINE,          /* the last bytes follow the inode */
    FPS__EROFS_COMPRESSED_COMPACT,
    FPS__EROFS_CHUNKS,
} fps__erofs_layout;

typedef struct fps__erofs_inode {
    unsigned layout;
    uint16_t mode;
    uint32_t links;
    uint64_t size, modified;
    uint32_t place;  /* the first block, or what the chunks are like */
    uint64_t behind; /* in the medium: what follows the inode and its attributes */
    /* of compressed files */
    uint16_t advice;
    uint8_t algorithms[2], cluster_bits;
    bool has_tail, tail_known; /* the last extent lies elsewhere; which one that is, is known */
    bool all_in_fragment;
    uint32_t tail_size;
    uint64_t tail_at; /* in the medium, or in the inode that fragments share */
    uint64_t tail;    /* cluster with which the last extent begins */
} fps__erofs_inode;

/* An extent that is unpacked. */
typedef struct fps__erofs_extent {
    uint64_t start, size; /* in the file; size 0: there is none */
    uint8_t *bytes;
} fps__erofs_extent;

typedef struct fps__erofs {
    unsigned block_bits;
    uint32_t blocks, features;
    uint64_t metadata, packed; /* where the inodes begin; the inode that fragments share, 0: none */
    fps__erofs_inode file, fragments;
    bool has_fragments;
    fps__erofs_extent extent, packed_extent; /* of the current file, of the fragments */
    uint8_t *listing;
} fps__erofs;

/* Reads an inode. FPS_ERROR_CORRUPT, FPS_ERROR_UNSUPPORTED. */
fps_status fps__erofs_inode_read(fps__filesystem *fs, uint64_t number, fps__erofs_inode *inode,
                                 fps_error *error);
/* `size` bytes at `offset` of an inode, inside of its size. */
fps_status fps__erofs_read(fps__filesystem *fs, fps__erofs_inode *inode, uint64_t offset, uint8_t *to,
                           size_t size, fps_error *error);
/* The same of compressed inodes: the header of their map, and their bytes. Each extent is paid for before it is unpacked. */
fps_status fps__erofs_packed_open(fps__filesystem *fs, fps__erofs_inode *inode, fps_error *error);
fps_status fps__erofs_packed_read(fps__filesystem *fs, fps__erofs_inode *inode, uint64_t offset, uint8_t *to,
                                  size_t size, fps_error *error);

#endif
