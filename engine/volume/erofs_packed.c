/* Compressed files of EROFS: the map from clusters to extents, in both forms, and the bytes of an extent. The layout: Linux,
 * fs/erofs/erofs_fs.h; how it is read: fs/erofs/zmap.c. */
#include "util/error.h"
#include "volume/erofs.h"
#include "volume/unpack.h"

#include <stdlib.h>

enum {
    MAP_HEADER = 8,
    INDEX = 8,              /* bytes of an entry of the full map */
    MOST_EXTENT = 16 << 20, /* bytes of a file in one extent: mkfs.erofs makes up to 4 MB */
    MOST_PACKED = 1 << 20,  /* bytes of an extent: Z_EROFS_PCLUSTER_MAX_SIZE */
    BLOCK_COUNT = 0x800,    /* an entry that tells the blocks of its extent */
};

enum {
    ADVICE_2B = 1,
    ADVICE_BIG1 = 2,
    ADVICE_BIG2 = 4,
    ADVICE_INLINE = 8,
    ADVICE_INTERLACED = 0x10,
    ADVICE_FRAGMENT = 0x20
};
enum { TYPE_PLAIN, TYPE_HEAD1, TYPE_NONHEAD, TYPE_HEAD2 };
enum { FEATURE_ZERO_PADDING = 1 };

/* What the map says of one cluster of a file. */
typedef struct cluster {
    unsigned type;
    uint32_t offset;   /* of a head: where in the cluster its extent begins */
    uint32_t back;     /* of others: clusters to the head */
    uint32_t blocks;   /* of the extent, 0 where the entry does not say */
    uint64_t block;    /* of a head */
    uint64_t next_map; /* in the medium: what follows this part of the map */
} cluster;

static uint64_t align(uint64_t at, uint64_t to)
{
    return (at + to - 1) / to * to;
}

fps_status fps__erofs_packed_open(fps__filesystem *fs, fps__erofs_inode *i, fps_error *error)
{
    enum { WHOLE = 0x80 };
    const fps__erofs *e = fs->state;
    uint8_t room[MAP_HEADER];
    const uint8_t *p;
    fps_status status = fps__medium_get(&fs->medium, align(i->behind, 8), MAP_HEADER, room, &p, error);
    if (status)
        return status;
    if (p[7] & WHOLE) { /* all of it is a part of the inode that fragments share */
        i->all_in_fragment = i->has_tail = true;
        i->advice = ADVICE_FRAGMENT;
        i->tail_at = fps__get64le(p) ^ (uint64_t)1 << 63;
        return FPS_OK;
    }
    i->advice = fps__get16le(p + 4);
    i->algorithms[0] = p[6] & 15;
    i->algorithms[1] = p[6] >> 4;
    i->cluster_bits = (uint8_t)(e->block_bits + (p[7] & 15));
    i->has_tail = i->advice & (ADVICE_INLINE | ADVICE_FRAGMENT);
    i->tail_size = fps__get16le(p + 2);
    i->tail_at = fps__get32le(p);
    if (i->advice & ~0x3f || i->cluster_bits > 16)
        return fps__filesystem_unsupported(error, "a compressed file of EROFS with an unknown map");
    return FPS_OK;
}

/* ---- the map ---- */

static fps_status load_full(fps__filesystem *fs, const fps__erofs_inode *i, uint64_t number, cluster *c,
                            fps_error *error)
{
    uint8_t room[INDEX];
    const uint8_t *p;
    uint64_t at = align(i->behind, 8) + MAP_HEADER + 8 + number * INDEX;
    fps_status status = fps__medium_get(&fs->medium, at, INDEX, room, &p, error);
    if (status)
        return status;
    *c = (cluster){.type = fps__get16le(p) & 3, .offset = fps__get16le(p + 2), .next_map = at + INDEX};
    if (c->type != TYPE_NONHEAD) {
        c->block = fps__get32le(p + 4);
        return FPS_OK;
    }
    c->back = fps__get16le(p + 4);
    if (c->back & BLOCK_COUNT) {
        c->blocks = c->back & ~(uint32_t)BLOCK_COUNT;
        c->back = 1;
    }
    return FPS_OK;
}

/* A pack of the compact map: a number of entries of a few bits, and behind them the first block. */
typedef struct pack {
    uint8_t bytes[32];
    unsigned entries, bits, low; /* bits of an entry, and of the lower part of it */
} pack;

static uint32_t pack_entry(const pack *k, unsigned number, unsigned *type)
{
    unsigned at = k->bits * number;
    uint32_t value = fps__get32le(k->bytes + at / 8) >> (at & 7);
    *type = value >> k->low & 3;
    return value & (((uint32_t)1 << k->low) - 1);
}

/* The blocks of the extents that begin before the entry `number` of the pack. */
static fps_status count_blocks(const pack *k, bool big, unsigned number, uint32_t *blocks, fps_error *error)
{
    int at = (int)number;
    *blocks = big ? 0 : 1;
    while (at > 0) {
        unsigned type;
        uint32_t low = pack_entry(k, (unsigned)--at, &type);
        if (!big) {
            at -= type == TYPE_NONHEAD ? (int)low : 0;
            *blocks += at >= 0;
        } else if (type != TYPE_NONHEAD) {
            ++*blocks;
        } else if (low & BLOCK_COUNT) {
            at--;
            *blocks += low & ~(uint32_t)BLOCK_COUNT;
        } else if (low <= 1) {
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged map of a file of EROFS");
        } else {
            at -= (int)low - 2;
        }
    }
    return FPS_OK;
}

static fps_status unpack_entry(const fps__erofs_inode *i, const pack *k, unsigned number, cluster *c,
                               fps_error *error)
{
    bool big = i->advice & ADVICE_BIG1;
    uint32_t low = pack_entry(k, number, &c->type);
    if (c->type != TYPE_NONHEAD) {
        uint32_t before;
        fps_status status = count_blocks(k, big, number, &before, error);
        c->offset = low;
        c->block = (uint64_t)fps__get32le(k->bytes + k->entries * k->bits / 8) + (status ? 0 : before);
        return status;
    }
    c->back = low;
    if (low & BLOCK_COUNT) {
        if (!big)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged map of a file of EROFS");
        c->blocks = low & ~(uint32_t)BLOCK_COUNT;
        c->back = 1;
    } else if (number + 1 ==
               k->entries) { /* the last one tells the way forward; the one before it the way back */
        unsigned type;
        low = pack_entry(k, number - 1, &type);
        c->back = (type != TYPE_NONHEAD ? 0 : low & BLOCK_COUNT ? 1 : low) + 1;
    }
    return FPS_OK;
}

static fps_status load_compact(fps__filesystem *fs, const fps__erofs_inode *i, uint64_t number, cluster *c,
                               fps_error *error)
{
    enum { PACK4 = 8, PACK2 = 32, PER_PACK2 = 16, FIRST_BLOCK = 4 };
    uint64_t base = align(i->behind, 8) + MAP_HEADER,
             all = (i->size + ((uint64_t)1 << i->cluster_bits) - 1) >> i->cluster_bits;
    uint64_t first = (PACK2 - base % PACK2) / 4 & 7, middle = 0;
    if (i->advice & ADVICE_2B && first < all)
        middle = (all - first) / PER_PACK2 * PER_PACK2;
    bool small = number >= first && number < first + middle;
    uint64_t at = base + number * 4;
    if (small)
        at = base + first * 4 + (number - first) * 2;
    else if (number >= first)
        at = base + first * 4 + middle * 2 + (number - first - middle) * 4;
    pack k = {.entries = small ? PER_PACK2 : 2};
    size_t size = small ? PACK2 : PACK4;
    uint64_t start = at / size * size;
    uint8_t room[PACK2];
    const uint8_t *p;
    if (i->cluster_bits > (small ? 12 : 14))
        return fps__filesystem_unsupported(error, "a compressed file of EROFS with clusters of that size");
    fps_status status = fps__medium_get(&fs->medium, start, size, room, &p, error);
    if (status)
        return status;
    memcpy(k.bytes, p, size);
    k.bits = (unsigned)(size - FIRST_BLOCK) * 8 / k.entries;
    k.low = i->cluster_bits > 12 ? i->cluster_bits : 12;
    *c = (cluster){.next_map = start + size};
    return unpack_entry(i, &k, (unsigned)((at - start) / (small ? 2 : 4)), c, error);
}

/* Each entry is paid for: a map that leads from one to the next costs as much as it is long. */
static fps_status load(fps__filesystem *fs, const fps__erofs_inode *i, uint64_t number, cluster *c,
                       fps_error *error)
{
    *c = (cluster){.type = TYPE_PLAIN};
    fps_status status = fps__filesystem_spend(fs, INDEX, error);
    if (status)
        return status;
    return i->layout == FPS__EROFS_COMPRESSED_FULL ? load_full(fs, i, number, c, error)
                                                   : load_compact(fs, i, number, c, error);
}

/* ---- extents ---- */

typedef struct extent {
    uint64_t start, size; /* in the file */
    uint64_t head;        /* cluster */
    unsigned type;
    uint64_t block;  /* where it is, */
    uint32_t blocks; /* and how many */
    uint64_t next_map;
} extent;

/* The head of the extent that has the byte at `offset`. */
static fps_status find_head(fps__filesystem *fs, const fps__erofs_inode *i, uint64_t offset, extent *x,
                            fps_error *error)
{
    uint64_t number = offset >> i->cluster_bits, mask = ((uint64_t)1 << i->cluster_bits) - 1;
    cluster c;
    fps_status status = load(fs, i, number, &c, error);
    x->next_map = c.next_map;
    if (!status && c.type != TYPE_NONHEAD && (offset & mask) < c.offset)
        c = (cluster){.type = TYPE_NONHEAD, .back = 1}; /* it belongs to the extent before */
    while (!status && c.type == TYPE_NONHEAD) {
        if (!c.back || c.back > number)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged map of a file of EROFS");
        number -= c.back;
        status = load(fs, i, number, &c, error);
    }
    if (status)
        return status;
    x->head = number;
    x->type = c.type;
    x->block = c.block;
    x->start = (number << i->cluster_bits) + c.offset;
    return c.offset > mask ? fps__filesystem_corrupt(error, UINT64_MAX, "a damaged map of a file of EROFS")
                           : FPS_OK;
}

/* Where the extent ends in the file, and how many blocks it has. */
static fps_status measure(fps__filesystem *fs, const fps__erofs_inode *i, extent *x, fps_error *error)
{
    const fps__erofs *e = fs->state;
    uint64_t end = i->size, most = x->start + MOST_EXTENT;
    bool big = x->type == TYPE_HEAD1   ? i->advice & ADVICE_BIG1
               : x->type == TYPE_HEAD2 ? i->advice & ADVICE_BIG2
                                       : false;
    x->blocks = (uint32_t)1 << (i->cluster_bits - e->block_bits);
    for (uint64_t number = x->head + 1; number << i->cluster_bits < i->size; number++) {
        cluster c;
        fps_status status = load(fs, i, number, &c, error);
        if (status)
            return status;
        if (c.type != TYPE_NONHEAD) {
            end = (number << i->cluster_bits) + c.offset;
            break;
        }
        if (number == x->head + 1 && big && c.blocks)
            x->blocks = c.blocks;
        if (number << i->cluster_bits > most)
            break;
    }
    x->size = (end < i->size ? end : i->size) - x->start;
    return x->size && x->start < i->size && x->size <= MOST_EXTENT
               ? FPS_OK
               : fps__filesystem_corrupt(error, UINT64_MAX, "an extent of EROFS of an impossible size");
}

/* Bytes that lie in the inode that fragments share. */
static fps_status read_fragment(fps__filesystem *fs, const fps__erofs_inode *i, uint64_t offset, uint8_t *to,
                                size_t size, fps_error *error)
{
    fps__erofs *e = fs->state;
    if (i == &e->fragments || !e->packed)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a fragment of EROFS that is not there");
    fps_status status =
        e->has_fragments ? FPS_OK : fps__erofs_inode_read(fs, e->packed, &e->fragments, error);
    if (status)
        return status;
    e->has_fragments = true;
    uint64_t at = i->tail_at + offset;
    if (at > e->fragments.size || size > e->fragments.size - at)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a fragment of EROFS that is not there");
    return fps__erofs_read(fs, &e->fragments, at, to, size, error);
}

/* Bytes that could not be compressed. Interlaced ones lie where they would in a block of the file, turned around its end. */
static fps_status copy_plain(const fps__erofs *e, const fps__erofs_inode *i, const extent *x,
                             fps__span packed, uint8_t *to, fps_error *error)
{
    size_t size = (size_t)x->size;
    if (size > packed.size)
        return fps__filesystem_corrupt(error, UINT64_MAX,
                                       "an extent of EROFS that is longer than its blocks");
    size_t block = (size_t)1 << e->block_bits;
    size_t skipped = i->advice & ADVICE_INTERLACED ? x->start & (block - 1) : 0;
    size_t first = skipped ? block - skipped : size;
    first = first < size ? first : size;
    if (skipped + first > packed.size)
        return fps__filesystem_corrupt(error, UINT64_MAX,
                                       "an extent of EROFS that is longer than its blocks");
    memcpy(to, packed.data + skipped, first);
    memcpy(to + first, packed.data, size - first);
    return FPS_OK;
}

static fps_status unpack_extent(fps__filesystem *fs, const fps__erofs_inode *i, const extent *x,
                                fps__span packed, uint8_t *to, fps_error *error)
{
    static const fps__packing packings[] = {FPS__PACKING_LZ4, FPS__PACKING_MICROLZMA, FPS__PACKING_DEFLATE,
                                            FPS__PACKING_ZSTD};
    const fps__erofs *e = fs->state;
    uint8_t algorithm = i->algorithms[x->type == TYPE_HEAD2];
    size_t zeros = 0, got;
    if (x->type == TYPE_PLAIN)
        return copy_plain(e, i, x, packed, to, error);
    if (algorithm >= sizeof packings / sizeof *packings)
        return fps__filesystem_unsupported(error, "a file of EROFS with an unknown compression");
    if (e->features & FEATURE_ZERO_PADDING ||
        algorithm) /* zeros come first, so that all of it ends with its block */
        while (zeros < packed.size && !packed.data[zeros])
            zeros++;
    packed = fps__span_part(packed, zeros, packed.size - zeros);
    fps_status status = fps__unpack(packings[algorithm], packed, to, (size_t)x->size, true, &got, error);
    if (!status && got < x->size)
        return fps__filesystem_corrupt(error, UINT64_MAX, "an extent of EROFS that unpacks to too little");
    return status;
}

/* Makes `cache` the extent. */
static fps_status get_extent(fps__filesystem *fs, const fps__erofs_inode *i, const extent *x,
                             fps__erofs_extent *cache, fps_error *error)
{
    const fps__erofs *e = fs->state;
    bool in_tail = i->advice & ADVICE_INLINE && x->head == i->tail;
    uint64_t at = in_tail ? i->tail_at : x->block << e->block_bits;
    size_t packed = in_tail ? i->tail_size : (size_t)x->blocks << e->block_bits;
    const uint8_t *p;
    cache->size = 0;
    if (packed > MOST_PACKED || x->blocks > (uint32_t)MOST_PACKED >> e->block_bits)
        return fps__filesystem_corrupt(error, UINT64_MAX, "an extent of EROFS of an impossible size");
    fps_status status = fps__filesystem_spend(fs, x->size, error);
    if (status)
        return status;
    uint8_t *bytes = realloc(cache->bytes, (size_t)x->size);
    uint8_t *room = fs->medium.read ? malloc(packed + 1) : NULL;
    cache->bytes = bytes ? bytes : cache->bytes;
    status = bytes && (room || !fs->medium.read) ? fps__medium_get(&fs->medium, at, packed, room, &p, error)
                                                 : fps__fail_memory(error);
    if (!status)
        status = unpack_extent(fs, i, x, (fps__span){p, packed}, bytes, error);
    free(room);
    cache->start = x->start;
    cache->size = status ? 0 : x->size;
    return status;
}

/* Finds which extent is the last one, which may lie elsewhere. */
static fps_status find_tail(fps__filesystem *fs, fps__erofs_inode *i, fps_error *error)
{
    extent x = {.start = 0};
    fps_status status = find_head(fs, i, i->size - 1, &x, error);
    if (status)
        return status;
    i->tail = x.head;
    i->tail_known = true;
    if (i->advice & ADVICE_INLINE)
        i->tail_at = x.next_map;
    else if (i->layout == FPS__EROFS_COMPRESSED_FULL) /* the upper half of where the fragment is */
        i->tail_at |= x.block << 32;
    return FPS_OK;
}

fps_status fps__erofs_packed_read(fps__filesystem *fs, fps__erofs_inode *i, uint64_t offset, uint8_t *to,
                                  size_t size, fps_error *error)
{
    fps__erofs *e = fs->state;
    fps__erofs_extent *cache = i == &e->fragments ? &e->packed_extent : &e->extent;
    if (i->all_in_fragment)
        return read_fragment(fs, i, offset, to, size, error);
    fps_status status = i->has_tail && !i->tail_known && size ? find_tail(fs, i, error) : FPS_OK;
    while (size && !status) {
        extent x = {.start = cache->start, .size = cache->size};
        bool cached = cache->size && offset >= cache->start && offset - cache->start < cache->size;
        status = cached ? FPS_OK : find_head(fs, i, offset, &x, error);
        if (!status && !cached)
            status = measure(fs, i, &x, error);
        bool in_fragment = !cached && i->advice & ADVICE_FRAGMENT && x.head == i->tail;
        if (!status && !cached && !in_fragment)
            status = get_extent(fs, i, &x, cache, error);
        if (status)
            return status;
        uint64_t skipped = offset - x.start;
        if (skipped >= x.size)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged map of a file of EROFS");
        size_t part = x.size - skipped < size ? (size_t)(x.size - skipped) : size;
        if (in_fragment)
            status = read_fragment(fs, i, skipped, to, part, error);
        else
            memcpy(to, cache->bytes + skipped, part);
        to += part;
        offset += part;
        size -= part;
    }
    return status;
}
