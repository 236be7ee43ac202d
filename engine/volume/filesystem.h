/* The inside of volumes: the bytes under a file system, what a format gives, and the table of formats. */
#ifndef FPS_VOLUME_FILESYSTEM_H
#define FPS_VOLUME_FILESYSTEM_H

#include "util/array.h"
#include "util/bytes.h"
#include "volume/volume.h"

/* ---- the bytes under a file system ---- */

/* A range of bytes: in memory as they are, or behind a disk image that has to put them together. */
typedef struct fps__medium {
    fps__span span; /* in memory; NULL where `read` is set */
    fps_status (*read)(void *user, uint64_t offset, uint8_t *to, size_t size, fps_error *error);
    /* How many bytes from `offset` on are known to be zero without a look at them; may be NULL. */
    uint64_t (*hole)(void *user, uint64_t offset);
    void *user;     /* of `read` and `hole` */
    uint64_t start; /* added to each offset for `read` */
    uint64_t size;  /* bytes */
} fps__medium;

/* A part of a medium; it is cut where the medium ends. */
fps__medium fps__medium_part(const fps__medium *medium, uint64_t offset, uint64_t size);
/* `size` bytes at `offset`: *bytes points into memory, or to `room`, which has that many. FPS_ERROR_CORRUPT when they lie
 * behind the end; failures of the disk image. */
fps_status fps__medium_get(const fps__medium *medium, uint64_t offset, size_t size, uint8_t *room,
                           const uint8_t **bytes, fps_error *error);
/* The same into `to`. */
fps_status fps__medium_copy(const fps__medium *medium, uint64_t offset, size_t size, uint8_t *to,
                            fps_error *error);

/* ---- one file system ---- */

typedef struct fps__filesystem fps__filesystem;

/* Types in the mode of an inode (POSIX, <sys/stat.h>). */
enum {
    FPS__MODE_TYPE = 0170000,
    FPS__MODE_FILE = 0100000,
    FPS__MODE_DIRECTORY = 0040000,
    FPS__MODE_LINK = 0120000
};
static inline fps__volume_type fps__volume_type_of_mode(uint32_t mode)
{
    switch (mode & FPS__MODE_TYPE) {
    case FPS__MODE_FILE:
        return FPS__VOLUME_FILE;
    case FPS__MODE_DIRECTORY:
        return FPS__VOLUME_DIRECTORY;
    case FPS__MODE_LINK:
        return FPS__VOLUME_SYMLINK;
    default:
        return FPS__VOLUME_OTHER;
    }
}

/* What a file system says of a node: a number by which the format finds a file or directory again. */
typedef struct fps__node {
    fps__volume_type type;
    uint64_t size; /* bytes of a file, or of the text of a symbolic link */
    int64_t modified;
    uint32_t mode;
    uint32_t links;    /* names that the node has; 0 and 1: no other */
    uint64_t identity; /* the same for all names of one file; 0: the node is */
} fps__node;

/* A node by the fields of its inode; links: 0 and 1 are the same. */
static inline fps__node fps__node_of_inode(uint32_t mode, uint64_t size, int64_t modified, uint32_t links)
{
    return (fps__node){.type = fps__volume_type_of_mode(mode),
                       .size = size,
                       .modified = modified,
                       .mode = mode & 07777,
                       .links = links};
}

typedef struct fps__filesystem_format {
    const char *name; /* "a squashfs file system" */
    /* True when `head`, all bytes of a medium of `size` or the first of them, begins this file system. */
    bool (*identify)(fps__span head, uint64_t size);
    bool weak;       /* its magic is not enough to know it by the first page */
    bool subvolumes; /* a root may lie in a folder of its own, beside others */
    /* Reads the superblock; sets state, root and end. */
    fps_status (*open)(fps__filesystem *fs, fps_error *error);
    /* Adds what the directory `node` holds, by fps__filesystem_add. A failure keeps what was added. */
    fps_status (*list)(fps__filesystem *fs, uint64_t node, fps_error *error);
    /* What a node is. A file becomes the one that `read` reads, a link the one whose text it reads. */
    fps_status (*look)(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error);
    /* `size` bytes at `offset`, inside of the size; `to` is zeroed. Unpacked bytes are spent, those of `to` by the caller. */
    fps_status (*read)(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error);
    void (*close)(fps__filesystem *fs); /* frees the state, which may be NULL */
} fps__filesystem_format;

typedef struct fps__child {
    uint64_t node;
    uint32_t name; /* offset into the names */
} fps__child;

struct fps__filesystem {
    const fps__filesystem_format *format;
    const fps__volume_budget *budget;
    fps__medium medium;
    void *state;        /* of the format */
    uint64_t root;      /* its node */
    uint64_t end;       /* bytes of the medium that the file system has */
    const char *remark; /* set by `open`: what of all of it is not read; NULL for nothing */
    /* Children of all directories that the walk is in; each directory cuts off its own at its end. */
    FPS__ARRAY(fps__child) children;
    FPS__ARRAY(char) names; /* NUL-terminated */
};

extern const fps__filesystem_format fps__squashfs, fps__ext, fps__iso9660, fps__fat, fps__exfat,
    fps__erofs_format, fps__romfs, fps__cramfs, fps__jffs2, fps__ubifs, fps__xfs, fps__btrfs;

/* Adds a child of the directory that is listed. "." and ".." are left out; a name that is empty or has a '/' or a NUL is
 * FPS_ERROR_CORRUPT. The budget's failure; FPS_ERROR_LIMIT. */
fps_status fps__filesystem_add(fps__filesystem *fs, const char *name, size_t length, uint64_t node,
                               fps_error *error);
/* Pays for `bytes` that are about to be unpacked or read. */
fps_status fps__filesystem_spend(const fps__filesystem *fs, uint64_t bytes, fps_error *error);
/* FPS_ERROR_CORRUPT with a message; `offset` in the medium, or UINT64_MAX. */
fps_status fps__filesystem_corrupt(fps_error *error, uint64_t offset, const char *what);
fps_status fps__filesystem_unsupported(fps_error *error, const char *what);

#endif
