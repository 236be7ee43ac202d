/* Disks: images that have to be put together, and tables of partitions. */
#ifndef FPS_VOLUME_DISK_H
#define FPS_VOLUME_DISK_H

#include "volume/filesystem.h"
#include "volume/unpack.h"

/* How some bytes of a disk lie in its image. */
typedef enum fps__piece_kind {
    FPS__PIECE_ZERO,
    FPS__PIECE_PLAIN,
    FPS__PIECE_PACKED, /* part of a compressed block */
} fps__piece_kind;

typedef struct fps__piece {
    fps__piece_kind kind;
    uint64_t length; /* bytes of the disk that lie so, from the one that was asked for; at least 1 */
    uint64_t at;     /* in the image: of PLAIN that byte, of PACKED the compressed block */
    uint32_t packed, unpacked, skipped; /* PACKED: sizes of the block, and which of its bytes is meant */
    fps__packing packing;
    bool partial; /* PACKED: the packed size is a bound */
} fps__piece;

typedef struct fps__partition {
    uint64_t offset, size; /* bytes */
    uint32_t number;       /* as the system counts them; 0: bytes of no partition */
    uint32_t
        inner; /* 0: it lies on the disk; else on this one of the devices that partitions hold, counted from 1 */
    uint32_t volume; /* of such a device */
} fps__partition;

enum {
    FPS__MOST_PARTITIONS = 256,
    /* partitions, and what lies before, between and behind them */
    FPS__MOST_PARTS = 2 * FPS__MOST_PARTITIONS + 1,
};
typedef struct fps__partitions {
    fps__partition items[FPS__MOST_PARTS];
    uint32_t count;
    const char *kind;                   /* "partition", "volume" */
    uint64_t behind_table, behind_last; /* where the partitions may begin and end on the disk */
    bool damaged; /* the table names partitions that cannot be read, or more than are read */
} fps__partitions;

typedef struct fps__disk fps__disk;

typedef struct fps__disk_format {
    const char *name;
    /* `head`: all bytes of an image of `size`, or the first of them. */
    bool (*identify)(fps__span head, uint64_t size);
    /* Sets state, size and end, and remark. FPS_ERROR_UNSUPPORTED with what is not supported, FPS_ERROR_CORRUPT,
     * FPS_ERROR_MEMORY. */
    fps_status (*open)(fps__disk *disk, fps_error *error);
    /* Where the byte at `offset`, inside of the size, and those behind it lie. */
    fps_status (*find)(fps__disk *disk, uint64_t offset, fps__piece *piece, fps_error *error);
    void (*close)(fps__disk *disk); /* frees what the state has, which may be NULL; may be NULL */
    /* The partitions that the format itself has; NULL: they stand on the disk. */
    void (*list)(const fps__disk *disk, fps__partitions *found);
} fps__disk_format;

enum { FPS__DISK_CACHED = 16 };
typedef struct fps__unpacked_block {
    uint64_t at; /* in the image, plus one; 0: none */
    size_t size;
    uint64_t used; /* when, by fps__disk.uses */
    uint8_t *bytes;
} fps__unpacked_block;

struct fps__disk {
    const fps__disk_format *format;
    const fps__volume_budget *budget;
    fps__medium image;
    void *state;      /* of the format: memory of free, or NULL */
    uint64_t size;    /* bytes of the disk */
    uint64_t end;     /* bytes of the image that belong to it */
    char remark[160]; /* what is not read of the disk; "" for nothing */
    /* Compressed blocks that were unpacked last: files and the tables that lead to them take turns. */
    fps__unpacked_block unpacked[FPS__DISK_CACHED];
    uint64_t uses;
    uint8_t *packed_room;
};

/* The format of an image, NULL for none. */
const fps__disk_format *fps__disk_find(fps__span head, uint64_t size);
/* Opens the image that `disk` (zero but for image and budget) is of; *medium is the disk, while `disk` lives and is open. To be
 * closed also after a failure. */
fps_status fps__disk_open(fps__disk *disk, const fps__disk_format *format, fps__medium *medium,
                          fps_error *error);
void fps__disk_close(fps__disk *disk);

/* The format of a device that lies in a partition and has volumes of its own, NULL for none. */
const fps__disk_format *fps__disk_find_inner(fps__span head, uint64_t size);

extern const fps__disk_format fps__qcow, fps__vhd, fps__vmdk, fps__vdi, fps__android_sparse, fps__ubi,
    fps__lvm, fps__raid;

/* True when a table of partitions (GPT, or MBR) begins the disk. `head` has at least the first 8,192 bytes of a disk of `size`. */
bool fps__partitions_identify(fps__span head, uint64_t size);
/* Reads the table: partitions in the order of the disk, and what lies between them where it is not empty. FPS_ERROR_CORRUPT. */
fps_status fps__partitions_read(const fps__medium *disk, fps__partitions *found, fps_error *error);

#endif
