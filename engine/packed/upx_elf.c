/* ELF files packed by UPX: programs and shared libraries.
 *
 * A packed program has new headers, then l_info, p_info (12 bytes each) and blocks; each block is a b_info and compressed bytes
 * (UPX, src/stub/src/include/linux.h). The first block holds the ELF and program headers of the original, the next ones the
 * bytes of its PT_LOAD segments, one after another; behind the loader those between and behind the segments. A packed shared
 * library keeps its headers in number, what the dynamic linker reads, and its writable segments; only the rest is in blocks.
 *
 * The first block is found by what it must hold, not by "UPX!" in l_info: nobody but us reads that. */
#include "packed/upx_internal.h"

#include "util/clock.h"

#include <elf.h>
#include <stdlib.h>

enum {
    MAX_PROGRAM_HEADERS = 64,
    MAX_HEADERS = sizeof(Elf64_Ehdr) + MAX_PROGRAM_HEADERS * sizeof(Elf64_Phdr),
    BLOCK_INFO = 12, /* b_info */
    LEADING = 24,    /* l_info and p_info before the first b_info */
    MAX_TRIALS = 64, /* places that are tried: a place passes by chance once in a million ... */
    TRIAL_WORK = 8,  /* ... and times the size that is allowed which they may unpack to, together */
    MAX_RANGES = 256,
};

/* The headers of an ELF file, by themselves. */
typedef struct headers {
    fps__span bytes;
    bool wide, big;
    uint16_t type, machine;
    uint64_t sections; /* end of the section table, bytes; 0: none */
    uint64_t table;    /* of program headers */
    unsigned count, header_size, entry_size;
} headers;

typedef struct segment {
    uint32_t type, flags;
    uint64_t offset, address, size;
} segment;

typedef struct block {
    uint32_t unpacked, packed; /* bytes */
    unsigned method;
    fps__upx_filter filter;
} block;

typedef struct unpacking {
    const fps__packed_limits *limits;
    fps__unpacked *out;
    fps_error *error;
    headers outer, inner;
    uint8_t copy[MAX_HEADERS];         /* the inner headers */
    uint64_t at;                       /* the next block */
    fps__upx_range ranges[MAX_RANGES]; /* of the packed file, that are in the result */
    size_t range_count;
    unsigned method; /* of the first block that is compressed */
    uint64_t work;   /* bytes that trials may still unpack */
} unpacking;

static uint16_t get16(const headers *h, uint64_t at)
{
    return h->big ? fps__get16be(h->bytes.data + at) : fps__get16le(h->bytes.data + at);
}

static uint32_t get32(const headers *h, uint64_t at)
{
    return h->big ? fps__get32be(h->bytes.data + at) : fps__get32le(h->bytes.data + at);
}

static uint64_t get_word(const headers *h, uint64_t at)
{
    if (!h->wide)
        return get32(h, at);
    return h->big ? fps__get64be(h->bytes.data + at) : fps__get64le(h->bytes.data + at);
}

static bool read_headers(fps__span bytes, headers *h)
{
    if (!fps__span_has(bytes, 0, sizeof(Elf32_Ehdr)) || memcmp(bytes.data, ELFMAG, SELFMAG) != 0)
        return false;
    *h = (headers){.bytes = bytes,
                   .wide = bytes.data[EI_CLASS] == ELFCLASS64,
                   .big = bytes.data[EI_DATA] == ELFDATA2MSB};
    h->header_size = h->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    h->entry_size = h->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    if (!fps__span_has(bytes, 0, h->header_size))
        return false;
    h->type = get16(h, 16);
    h->machine = get16(h, 18);
    h->table = get_word(h, h->wide ? 32 : 28);
    uint64_t sections = get_word(h, h->wide ? 40 : 32);
    uint64_t section_bytes = (uint64_t)get16(h, h->wide ? 58 : 46) * get16(h, h->wide ? 60 : 48);
    h->sections = sections && sections < UINT64_MAX - section_bytes ? sections + section_bytes : 0;
    h->count = get16(h, h->wide ? 56 : 44);
    return h->count && h->count <= MAX_PROGRAM_HEADERS &&
           fps__span_has(bytes, h->table, (uint64_t)h->count * h->entry_size);
}

static segment get_segment(const headers *h, unsigned index)
{
    uint64_t at = h->table + (uint64_t)index * h->entry_size;
    return (segment){.type = get32(h, at),
                     .flags = get32(h, at + (h->wide ? 4 : 24)),
                     .offset = get_word(h, at + (h->wide ? 8 : 4)),
                     .address = get_word(h, at + (h->wide ? 16 : 8)),
                     .size = get_word(h, at + (h->wide ? 32 : 16))};
}

static bool has_dynamic(const headers *h)
{
    for (unsigned i = 0; i < h->count; i++)
        if (get_segment(h, i).type == PT_DYNAMIC)
            return true;
    return false;
}

/* ---- blocks ---- */

static bool read_block(const headers *outer, uint64_t at, block *b)
{
    if (!fps__span_has(outer->bytes, at, BLOCK_INFO))
        return false;
    const uint8_t *p = outer->bytes.data + at;
    *b = (block){.unpacked = get32(outer, at),
                 .packed = get32(outer, at + 4),
                 .method = p[8],
                 .filter = {.id = p[9], .mark = p[10]}};
    return b->unpacked && b->packed && b->packed <= b->unpacked &&
           (b->packed == b->unpacked || fps__upx_knows(b->method)) &&
           fps__span_has(outer->bytes, at + BLOCK_INFO, b->packed);
}

/* Takes note that a range of the packed file is in the result. When there is no room, it counts as foreign. */
static void note_range(unpacking *u, uint64_t from, uint64_t to)
{
    fps__upx_range *last = u->range_count ? &u->ranges[u->range_count - 1] : NULL;
    if (last && last->to == from)
        last->to = to;
    else if (u->range_count < MAX_RANGES)
        u->ranges[u->range_count++] = (fps__upx_range){from, to};
}

/* Unpacks a block to `out`, which has room for it. */
static fps_status expand(const unpacking *u, uint64_t at, const block *b, uint8_t *out)
{
    fps__span packed = fps__span_part(u->outer.bytes, at + BLOCK_INFO, b->packed);
    if (b->packed == b->unpacked) {
        memcpy(out, packed.data, packed.size);
        return FPS_OK;
    }
    uint64_t left = u->limits->size - (u->out->size < u->limits->size ? u->out->size : u->limits->size);
    fps__upx_run run = {.method = b->method,
                        .packed = packed,
                        .out = out,
                        .room = b->unpacked,
                        .memory = left,
                        .deadline_ms = u->limits->deadline_ms};
    fps_status status = fps__upx_expand(&run);
    if (status)
        return status;
    return run.made == b->unpacked && fps__upx_unfilter(&b->filter, out, b->unpacked) ? FPS_OK
                                                                                      : FPS_ERROR_CORRUPT;
}

/* Unpacks the next block into [offset, offset + most) of the result. */
static fps_status take_block(unpacking *u, uint64_t offset, uint64_t most, uint32_t *size)
{
    block b;
    if (!read_block(&u->outer, u->at, &b) || b.unpacked > most)
        return fps__fail(u->error, FPS_ERROR_CORRUPT, NULL, u->at,
                         "a block of it has sizes that cannot be, or a method that is not known");
    fps_status status = expand(u, u->at, &b, u->out->data + offset);
    if (status)
        return fps__upx_fail_run(status, u->at, u->error);
    if (!u->method && b.packed < b.unpacked)
        u->method = b.method;
    note_range(u, u->at, u->at + BLOCK_INFO + b.packed);
    u->at += BLOCK_INFO + b.packed;
    *size = b.unpacked;
    return FPS_OK;
}

static fps_status take_blocks(unpacking *u, uint64_t offset, uint64_t size)
{
    while (size) {
        uint32_t taken;
        fps_status status = take_block(u, offset, size, &taken);
        if (status)
            return status;
        offset += taken;
        size -= taken;
    }
    return FPS_OK;
}

/* ---- the first block ---- */

/* True when `bytes` begin with headers of the same machine, all of them there. */
static bool are_inner(const headers *outer, fps__span bytes, headers *inner)
{
    return read_headers(bytes, inner) && inner->wide == outer->wide && inner->big == outer->big &&
           inner->machine == outer->machine && inner->type == outer->type &&
           inner->table == inner->header_size;
}

/* What the first block may hold: headers alone, or all before it (shared libraries by UPX before 3.95). */
static bool may_be_first(const headers *h, uint64_t at)
{
    block b;
    if (!fps__span_has(h->bytes, at, BLOCK_INFO))
        return false;
    uint32_t size = get32(h, at);
    bool alone = size > h->header_size && size <= MAX_HEADERS && (size - h->header_size) % h->entry_size == 0;
    return (alone || (size >= h->header_size && size == at - LEADING)) && read_block(h, at, &b) &&
           !b.filter.id;
}

/* Pays for a trial; false for one that costs more than is left, or needs more memory than there may be. */
static bool spend(unpacking *u, uint64_t bytes)
{
    uint64_t left = u->limits->size - (u->out->size < u->limits->size ? u->out->size : u->limits->size);
    if (bytes > left || bytes > u->work)
        return false;
    u->work -= bytes;
    return true;
}

static fps_status try_first(unpacking *u, uint64_t at)
{
    block b;
    if (!read_block(&u->outer, at, &b) || !spend(u, b.unpacked))
        return FPS_ERROR_NOT_FOUND;
    uint8_t *bytes = malloc(b.unpacked);
    if (!bytes)
        return fps__fail_memory(u->error);
    fps_status status = expand(u, at, &b, bytes);
    headers inner;
    if (!status && are_inner(&u->outer, (fps__span){bytes, b.unpacked}, &inner)) {
        size_t size = inner.header_size + (size_t)inner.count * inner.entry_size;
        memcpy(u->copy, bytes, size);
        are_inner(&u->outer, (fps__span){u->copy, size}, &u->inner);
        u->at = at;
    } else if (status != FPS_ERROR_MEMORY && status != FPS_ERROR_CANCELLED) {
        status = FPS_ERROR_NOT_FOUND;
    }
    free(bytes);
    return status;
}

/* Finds the first block in what is loaded first, behind the program headers, or at the start of what is loaded next. */
static fps_status find_first(unpacking *u)
{
    const headers *h = &u->outer;
    uint64_t from = h->table + (uint64_t)h->count * h->entry_size, to = 0;
    fps__alarm alarm = {.deadline_ms = u->limits->deadline_ms};
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < h->count; i++) {
        segment s = get_segment(h, i);
        if (s.type != PT_LOAD || s.offset > h->bytes.size)
            continue;
        uint64_t end = s.size < h->bytes.size - s.offset ? s.offset + s.size : h->bytes.size;
        if (s.offset <= from)
            to = end > to ? end : to;
        else
            next = s.offset < next ? s.offset : next;
    }
    /* a shared library's blocks begin where the segment ended, or at the next one */
    to = (next != UINT64_MAX && next > to ? next : to) + LEADING + BLOCK_INFO;
    to = to < h->bytes.size ? to : h->bytes.size;
    unsigned trials = 0;
    for (uint64_t at = (from + 3) & ~(uint64_t)3; at < to && trials < MAX_TRIALS; at += 4) {
        if (fps__alarm_rings(&alarm))
            return FPS_ERROR_CANCELLED;
        if (!may_be_first(h, at))
            continue;
        trials++;
        fps_status status = try_first(u, at);
        if (status != FPS_ERROR_NOT_FOUND)
            return status;
    }
    return FPS_ERROR_NOT_FOUND;
}

/* ---- the result ---- */

/* The size of the original: p_filesize, if the original's own tables do not reach further. */
static fps_status reserve(unpacking *u)
{
    uint64_t loaded = u->inner.bytes.size, sum = 0;
    for (unsigned i = 0; i < u->inner.count; i++) {
        segment s = get_segment(&u->inner, i);
        if (s.type != PT_LOAD)
            continue;
        if (s.size > u->limits->size - sum || s.offset > u->limits->size)
            return fps__fail(u->error, FPS_ERROR_LIMIT, NULL, u->at,
                             "a segment of it has %llu bytes, more than the limits of size, memory or ratio "
                             "allow",
                             (unsigned long long)s.size);
        sum += s.size; /* segments may lie in one place: each is unpacked */
        loaded = s.offset + s.size > loaded ? s.offset + s.size : loaded;
    }
    uint64_t told = get32(&u->outer, u->at - LEADING + 16), size = loaded;
    if (told > size && told <= u->limits->size)
        size = told;
    else if (u->inner.sections > size && u->inner.sections <= u->limits->size)
        size = u->inner.sections;
    fps_status status = fps__upx_reserve(u->limits, size, u->out, u->error);
    if (!status)
        memcpy(u->out->data, u->copy, u->inner.bytes.size);
    return status;
}

static fps_status unpack_program(unpacking *u)
{
    fps_status status = FPS_OK;
    for (unsigned i = 0; !status && i < u->inner.count; i++) {
        segment s = get_segment(&u->inner, i);
        if (s.type == PT_LOAD)
            status = take_blocks(u, s.offset, s.size);
    }
    return status;
}

/* What the dynamic linker needs before the loader runs lies where it was, before the blocks. */
static fps_status unpack_first_segment(unpacking *u, const segment *s)
{
    uint32_t done;
    uint64_t plain = u->at - LEADING, headers_size = u->inner.bytes.size;
    if (s->offset)
        return fps__fail(u->error, FPS_ERROR_UNSUPPORTED, NULL, u->at,
                         "the first segment of the library does not begin the file");
    fps_status status = take_block(u, 0, u->out->size, &done);
    if (status)
        return status;
    const uint8_t *before = u->outer.bytes.data;
    if (done == plain &&
        memcmp(before + headers_size, u->out->data + headers_size, plain - headers_size) == 0)
        note_range(u, headers_size, plain);
    if (done >= s->size)
        return FPS_OK;
    if (done == headers_size && plain > headers_size) {
        uint64_t end = plain < s->size ? plain : s->size;
        memcpy(u->out->data + headers_size, before + headers_size, end - headers_size);
        note_range(u, headers_size, end);
        done = (uint32_t)end;
    }
    return take_blocks(u, done, s->size - done);
}

static bool is_code(const headers *h, uint64_t address)
{
    for (unsigned i = 0; i < h->count; i++) {
        segment s = get_segment(h, i);
        if (s.type == PT_LOAD && (s.flags & PF_X) && address >= s.address && address - s.address < s.size)
            return true;
    }
    return false;
}

/* The dynamic linker starts the loader of a library by DT_INIT; the third word before the loader, the fourth where the first is
 * 0, is what was there (UPX 4, src/p_lx_elf.cpp, un_DT_INIT). */
static void restore_init(unpacking *u)
{
    const headers *h = &u->outer;
    uint64_t at = (u->at + 3) & ~(uint64_t)3;
    if (!fps__span_has(h->bytes, at, 16))
        return;
    uint32_t init = get32(h, at + (get32(h, at) ? 8 : 12));
    unsigned word = h->wide ? 8 : 4;
    headers result = *h;
    result.bytes = (fps__span){u->out->data, u->out->size};
    for (unsigned i = 0; i < u->inner.count && is_code(&u->inner, init); i++) {
        segment s = get_segment(&u->inner, i);
        for (uint64_t d = s.offset; s.type == PT_DYNAMIC && s.size >= 2 * word &&
                                    fps__span_has(result.bytes, d, 2 * word) && d - s.offset < s.size;
             d += 2 * word)
            if (get_word(&result, d) == DT_INIT)
                for (unsigned b = 0; b < word; b++)
                    u->out->data[d + word + b] = (uint8_t)((uint64_t)init >> 8 * (h->big ? word - 1 - b : b));
    }
}

static fps_status unpack_library(unpacking *u)
{
    bool first = true;
    for (unsigned i = 0; i < u->inner.count; i++) {
        segment s = get_segment(&u->inner, i);
        if (s.type != PT_LOAD || (s.flags & PF_W))
            continue;
        fps_status status = first ? unpack_first_segment(u, &s) : take_blocks(u, s.offset, s.size);
        if (status)
            return status;
        first = false;
    }
    for (unsigned i = 0; i < u->inner.count && i < u->outer.count; i++) {
        segment s = get_segment(&u->inner, i), now = get_segment(&u->outer, i);
        if (s.type != PT_LOAD || !(s.flags & PF_W))
            continue;
        if (now.type != PT_LOAD || !fps__span_has(u->outer.bytes, now.offset, s.size))
            return fps__fail(u->error, FPS_ERROR_CORRUPT, NULL, now.offset,
                             "a writable segment of it lies outside of the file");
        memcpy(u->out->data + s.offset, u->outer.bytes.data + now.offset, s.size);
        note_range(u, now.offset, now.offset + s.size);
    }
    restore_init(u);
    return FPS_OK;
}

/* ---- what lies between and behind the segments: section headers, symbols ---- */

/* The bytes behind segment `index` that are in no segment. */
static fps__upx_range find_gap(const unpacking *u, unsigned index)
{
    segment s = get_segment(&u->inner, index);
    fps__upx_range gap = {s.offset + s.size, u->out->size};
    for (unsigned i = 0; s.type == PT_LOAD && i < u->inner.count; i++) {
        segment other = get_segment(&u->inner, i);
        if (i == index || other.type != PT_LOAD)
            continue;
        if (other.offset >= gap.from && other.offset < gap.to)
            gap.to = other.offset;
        else if (other.offset < gap.from && other.offset + other.size > gap.from)
            gap.to = gap.from;
    }
    return s.type == PT_LOAD ? gap : (fps__upx_range){0, 0};
}

/* Sizes of whole blocks: what p_blocksize says, which is the size of a segment. */
typedef struct block_sizes {
    uint64_t sizes[MAX_PROGRAM_HEADERS + 1];
    size_t count;
} block_sizes;

static void list_block_sizes(const unpacking *u, block_sizes *list)
{
    list->sizes[0] = get32(&u->outer, u->out->start - LEADING + 20);
    list->count = 1;
    for (unsigned i = 0; i < u->inner.count; i++) {
        segment s = get_segment(&u->inner, i);
        if (s.type == PT_LOAD)
            list->sizes[list->count++] = s.size;
    }
}

static bool is_block_size(const block_sizes *list, uint32_t size)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->sizes[i] == size)
            return true;
    return false;
}

/* The first block of a gap is as large as the gap, or as a block may be; it is not filtered. The loader lies before it, whose
 * size is not told where the marks are gone. */
static bool find_gap_block(unpacking *u, uint64_t size)
{
    enum { MAX_TABLE_TRIALS = 8 };
    block_sizes sizes;
    block b;
    unsigned trials = 0;
    fps__alarm alarm = {.deadline_ms = u->limits->deadline_ms};
    list_block_sizes(u, &sizes);
    for (uint64_t at = u->at; at < u->outer.bytes.size && trials < MAX_TABLE_TRIALS; at++) {
        if (fps__alarm_rings(&alarm))
            return false;
        if (!read_block(&u->outer, at, &b) || b.filter.id || b.filter.mark ||
            !(b.unpacked == size || (b.unpacked < size && is_block_size(&sizes, b.unpacked))) ||
            (b.packed == b.unpacked && (b.method || b.unpacked != size)))
            continue;
        if (!spend(u, b.unpacked))
            return false;
        trials++;
        uint8_t *bytes = malloc(b.unpacked);
        fps_status status = bytes ? expand(u, at, &b, bytes) : FPS_ERROR_MEMORY;
        free(bytes);
        if (!status) {
            u->at = at;
            return true;
        }
    }
    return false;
}

static void unpack_gaps(unpacking *u)
{
    bool first = true;
    for (unsigned i = 0; i < u->inner.count; i++) {
        fps__upx_range gap = find_gap(u, i);
        if (gap.from >= gap.to)
            continue;
        if ((first && !find_gap_block(u, gap.to - gap.from)) || take_blocks(u, gap.from, gap.to - gap.from)) {
            u->out->lacks = "what lies behind its segments (symbols, section headers)";
            return;
        }
        first = false;
    }
}

/* ---- the end ---- */

/* Where the packed program ends, and what of it is not in the result. */
static void measure(unpacking *u)
{
    const headers *h = &u->outer;
    uint64_t end = u->at, done = h->table + (uint64_t)h->count * h->entry_size;
    for (unsigned i = 0; i < h->count; i++) {
        segment s = get_segment(h, i);
        if (s.type == PT_LOAD && fps__span_has(h->bytes, s.offset, s.size) && s.offset + s.size > end)
            end = s.offset + s.size;
    }
    u->out->end = end;
    fps__upx_sort_ranges(u->ranges, u->range_count);
    for (size_t i = 0; i < u->range_count; i++) {
        u->out->foreign += fps__upx_count_bytes(h->bytes, done, u->ranges[i].from);
        done = u->ranges[i].to > done ? u->ranges[i].to : done;
    }
    u->out->foreign += fps__upx_count_bytes(h->bytes, done, end);
}

fps_status fps__upx_open_elf(fps__span bytes, const fps__packed_limits *limits, fps__unpacked *out,
                             fps_error *error)
{
    unpacking u = {.limits = limits, .out = out, .error = error, .work = UINT64_MAX};
    if (limits->size < UINT64_MAX / TRIAL_WORK)
        u.work = limits->size * TRIAL_WORK;
    if (!read_headers(bytes, &u.outer))
        return FPS_ERROR_NOT_FOUND;
    fps_status status = find_first(&u);
    if (status ==
        FPS_ERROR_CANCELLED) /* nothing says that it is packed; the analysis will meet the same deadline */
        return FPS_ERROR_NOT_FOUND;
    if (status)
        return status;
    out->start = u.at;
    status = reserve(&u);
    if (!status)
        status = has_dynamic(&u.outer) ? unpack_library(&u) : unpack_program(&u);
    if (status)
        return status;
    unpack_gaps(&u);
    measure(&u);
    out->method = fps__upx_method_name(u.method);
    return FPS_OK;
}
