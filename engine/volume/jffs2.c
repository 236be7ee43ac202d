/* JFFS2, in either order of bytes. The layout: Linux, include/uapi/linux/jffs2.h.
 *
 * A log of nodes: all are found by their headers, which have a checksum; of each name and of each byte the node with the highest
 * version counts. */
#include "util/error.h"
#include "volume/filesystem.h"
#include "volume/unpack.h"

#include <isa-l/crc.h>
#include <stdlib.h>

enum {
    MAGIC = 0x1985,
    HEADER = 12,
    DIRENT = 40,
    INODE = 68,
    MOST_NODES = 4 << 20,
    MOST_GAP = 1 << 20,  /* bytes without a node: behind as many something else begins */
    MOST_DATA = 1 << 20, /* bytes of a node, unpacked: Linux writes a page */
    ROOT = 1,
    NAME = 255,
};

enum { TYPE_DIRENT = 0xe001, TYPE_INODE = 0xe002, ANY_TYPE = 0x2000 /* a bit that all types have */ };
/* A name in a directory, or a piece of a file. */
typedef struct log_node {
    uint32_t owner;   /* of a name its directory, of a piece its inode */
    uint32_t version; /* within the owner */
    uint64_t at;      /* in the medium */
    uint32_t hash;    /* of a name */
    uint32_t inode;   /* that a name is of */
} log_node;

typedef struct jffs2 {
    bool big;
    FPS__ARRAY(log_node) names;
    FPS__ARRAY(log_node) pieces;
    size_t first, count; /* pieces of the current file */
    uint8_t *packed, *unpacked;
} jffs2;

static uint16_t get16(bool big, const uint8_t *p)
{
    return big ? fps__get16be(p) : fps__get16le(p);
}

static uint32_t get32(bool big, const uint8_t *p)
{
    return big ? fps__get32be(p) : fps__get32le(p);
}

/* Linux begins the checksum with 0 and leaves its end as it is. */
static uint32_t checksum(const uint8_t *bytes, size_t size)
{
    return ~crc32_gzip_refl(UINT32_MAX, bytes, size);
}

static bool is_header(const uint8_t *p, bool big)
{
    return get16(big, p) == MAGIC && get16(big, p + 2) & ANY_TYPE && get32(big, p + 4) >= HEADER &&
           get32(big, p + 8) == checksum(p, 8);
}

static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    return fps__span_has(head, 0, HEADER) && (is_header(head.data, false) || is_header(head.data, true));
}

/* ---- opening ---- */

static fps_status keep_node(fps__filesystem *fs, const uint8_t *p, uint64_t at, uint64_t size,
                            fps_error *error)
{
    jffs2 *j = fs->state;
    bool big = j->big;
    uint16_t type = get16(big, p + 2);
    fps_status status = FPS_OK;
    if (size < DIRENT) /* a mark, or a node that is cut off */
        return FPS_OK;
    log_node node = {.owner = get32(big, p + 12), .version = get32(big, p + 16), .at = at};
    if (type == TYPE_DIRENT && get32(big, p + 32) == checksum(p, 32)) {
        node.inode = get32(big, p + 20);
        node.hash = get32(big, p + 36); /* the checksum of the name */
        status = FPS__ARRAY_PUSH(&j->names, &node, MOST_NODES);
    } else if (type == TYPE_INODE && size >= INODE && get32(big, p + 64) == checksum(p, 60)) {
        status = FPS__ARRAY_PUSH(&j->pieces, &node, MOST_NODES);
    }
    if (status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    return status ? fps__fail(error, status, NULL, at, "JFFS2 with more than %d nodes", MOST_NODES) : FPS_OK;
}

static fps_status scan_nodes(fps__filesystem *fs, fps_error *error)
{
    enum { STEP = 1 << 16 };
    jffs2 *j = fs->state;
    uint8_t room[INODE];
    const uint8_t *p;
    uint64_t at = 0, end = 0, paid = 0;
    while (at + HEADER <= fs->medium.size && at - end <= MOST_GAP) {
        if (at >= paid) {
            fps_status status = fps__filesystem_spend(fs, STEP, error);
            if (status)
                return status;
            paid = at + STEP;
        }
        size_t size = fs->medium.size - at < INODE ? (size_t)(fs->medium.size - at) : INODE;
        fps_status status = fps__medium_get(&fs->medium, at, size, room, &p, error);
        if (status)
            return status;
        if (!is_header(p, j->big)) {
            at += 4;
            continue;
        }
        uint64_t length = get32(j->big, p + 4);
        size = length < size ? (size_t)length : size;
        if (length <= fs->medium.size - at)
            status = keep_node(fs, p, at, size, error);
        if (status)
            return status;
        length = length < fs->medium.size - at ? (length + 3) & ~(uint64_t)3 : 4;
        at += length;
        end = at;
    }
    fs->end = end;
    return FPS_OK;
}

static int compare_versions(const log_node *a, const log_node *b)
{
    if (a->version != b->version)
        return a->version < b->version ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static int compare_names(const void *left, const void *right)
{
    const log_node *a = left, *b = right;
    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return compare_versions(a, b);
}

static int compare_pieces(const void *left, const void *right)
{
    const log_node *a = left, *b = right;
    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    return compare_versions(a, b);
}

static fps_status open_jffs2(fps__filesystem *fs, fps_error *error)
{
    uint8_t room[HEADER];
    const uint8_t *p;
    jffs2 *j = fs->state = calloc(1, sizeof *j);
    fps_status status =
        j ? fps__medium_get(&fs->medium, 0, HEADER, room, &p, error) : fps__fail_memory(error);
    if (status)
        return status;
    j->big = is_header(p, true);
    fs->root = ROOT;
    status = scan_nodes(fs, error);
    if (j->names.count)
        qsort(j->names.items, j->names.count, sizeof *j->names.items, compare_names);
    if (j->pieces.count)
        qsort(j->pieces.items, j->pieces.count, sizeof *j->pieces.items, compare_pieces);
    return status;
}

static void close_jffs2(fps__filesystem *fs)
{
    jffs2 *j = fs->state;
    if (j) {
        free(j->names.items);
        free(j->pieces.items);
        free(j->packed);
        free(j->unpacked);
    }
    free(j);
}

/* ---- names ---- */

static size_t first_of(const log_node *items, size_t count, uint64_t owner)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (items[middle].owner < owner)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of names with one checksum the last one counts: two names with one checksum in one directory are taken for one. */
static fps_status list(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    const jffs2 *j = fs->state;
    for (size_t i = first_of(j->names.items, j->names.count, node);
         i < j->names.count && j->names.items[i].owner == node; i++) {
        const log_node *name = &j->names.items[i], *next = name + 1;
        bool last = i + 1 == j->names.count || next->owner != name->owner || next->hash != name->hash;
        uint8_t room[DIRENT + NAME];
        const uint8_t *p;
        if (!last || !name->inode) /* without an inode: the name was removed */
            continue;
        fps_status status = fps__medium_get(&fs->medium, name->at, DIRENT, room, &p, error);
        size_t length = status ? 0 : p[28];
        if (!status)
            status = fps__medium_get(&fs->medium, name->at, DIRENT + length, room, &p, error);
        if (!status && checksum(p + DIRENT, length) != name->hash)
            return fps__filesystem_corrupt(error, name->at, "a damaged name of JFFS2");
        if (!status)
            status = fps__filesystem_add(fs, (const char *)p + DIRENT, length, name->inode, error);
        if (status)
            return status;
    }
    return FPS_OK;
}

/* ---- files ---- */

static fps_status look(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    jffs2 *j = fs->state;
    j->first = first_of(j->pieces.items, j->pieces.count, node);
    j->count = first_of(j->pieces.items, j->pieces.count, node + 1) - j->first;
    if (!j->count)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a name of an inode that JFFS2 does not have");
    uint8_t room[INODE];
    const uint8_t *p;
    fps_status status =
        fps__medium_get(&fs->medium, j->pieces.items[j->first + j->count - 1].at, INODE, room, &p, error);
    if (status)
        return status;
    uint32_t mode = get32(j->big, p + 20), type = mode & FPS__MODE_TYPE;
    /* the text of a link is its data, whatever the size says; names are not counted: each may be one of several */
    *found = fps__node_of_inode(mode, get32(j->big, p + (type == FPS__MODE_LINK ? 52 : 28)),
                                get32(j->big, p + 36), type == FPS__MODE_FILE ? 2 : 1);
    return FPS_OK;
}

/* Puts the part of a piece that lies in [offset, offset + size) there. */
static fps_status apply_piece(fps__filesystem *fs, const uint8_t *p, uint64_t at, uint64_t offset,
                              uint8_t *to, size_t size, fps_error *error)
{
    static const struct {
        uint8_t number;
        fps__packing packing;
    } packings[] = {
        {0, FPS__PACKING_NONE}, {2, FPS__PACKING_RTIME}, {6, FPS__PACKING_ZLIB}, {7, FPS__PACKING_LZO}};
    enum { ZERO = 1 };
    jffs2 *j = fs->state;
    uint64_t start = get32(j->big, p + 44);
    size_t packed = get32(j->big, p + 48), unpacked = get32(j->big, p + 52), got = 0, n = 0;
    uint8_t number = p[56];
    if (start >= offset + size || start + unpacked <= offset)
        return FPS_OK;
    while (n < sizeof packings / sizeof *packings && packings[n].number != number)
        n++;
    if (n == sizeof packings / sizeof *packings && number != ZERO)
        return fps__filesystem_unsupported(
            error, "a file of JFFS2 with a compression that is not zlib, LZO or rtime");
    if (unpacked > MOST_DATA || packed > MOST_DATA)
        return fps__filesystem_corrupt(error, at, "a node of JFFS2 of an impossible size");
    fps_status status = fps__filesystem_spend(fs, unpacked, error);
    if (status)
        return status;
    if (!j->unpacked)
        j->unpacked = malloc(MOST_DATA);
    if (!j->packed)
        j->packed = malloc(MOST_DATA);
    if (!j->unpacked || !j->packed)
        return fps__fail_memory(error);
    memset(j->unpacked, 0, unpacked);
    const uint8_t *bytes;
    status = fps__medium_get(&fs->medium, at + INODE, number == ZERO ? 0 : packed, j->packed, &bytes, error);
    if (!status && number != ZERO)
        status = fps__unpack(packings[n].packing, (fps__span){bytes, packed}, j->unpacked, unpacked, false,
                             &got, error);
    if (status)
        return status;
    uint64_t from = start > offset ? start : offset, end = start + unpacked;
    end = end < offset + size ? end : offset + size;
    memcpy(to + (from - offset), j->unpacked + (from - start), (size_t)(end - from));
    return FPS_OK;
}

static fps_status read_jffs2(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    jffs2 *j = fs->state;
    fps_status status = fps__filesystem_spend(fs, j->count, error);
    for (size_t i = 0; i < j->count && !status; i++) {
        uint8_t room[INODE];
        const uint8_t *p;
        uint64_t at = j->pieces.items[j->first + i].at;
        status = fps__medium_get(&fs->medium, at, INODE, room, &p, error);
        if (status)
            return status;
        uint64_t file = get32(j->big, p + 28);
        bool link = (get32(j->big, p + 20) & FPS__MODE_TYPE) == FPS__MODE_LINK;
        status = apply_piece(fs, p, at, offset, to, size, error);
        if (!link && file < offset + size) { /* it was cut there: what came before is gone */
            uint64_t from = file > offset ? file : offset;
            memset(to + (from - offset), 0, (size_t)(offset + size - from));
        }
    }
    return status;
}

const fps__filesystem_format fps__jffs2 = {
    .name = "a JFFS2 file system",
    .identify = identify,
    .open = open_jffs2,
    .list = list,
    .look = look,
    .read = read_jffs2,
    .close = close_jffs2,
};
