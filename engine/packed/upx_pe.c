/* PE files packed by UPX: programs and DLLs, PE32 and PE32+.
 *
 * The first section has room and no bytes, the second one the loader and one compressed run, which unpacks to all sections of
 * the original from the address of the first, then its headers and what is needed to build its imports, relocations, exports
 * and resources again (UPX, src/pefile.cpp). The last sections have the resources and imports that Windows reads itself.
 * PackHeader ("UPX!") tells method, sizes and filter; where it is gone, the methods are tried, and what comes out right is what
 * has the headers of a PE file for the same machine, named by an offset behind them. */
#include "packed/upx_internal.h"

#include "packed/upx_pe_internal.h"
#include "util/clock.h"

#include <stdlib.h>

enum {
    PACK_HEADER = 32, /* bytes, of version 10 and later (UPX, src/packhead.cpp) */
    MARK_BEFORE = 64, /* PackHeader begins at most so far before the second section ... */
    MARK_AFTER = 1024 /* ... and at most so far behind its start */
};

/* ---- headers ---- */

bool fps__upx_pe_read(fps__span bytes, uint64_t offset, fps__upx_pe *pe)
{
    enum { SIGNATURE = 4, COFF = 20 };
    if (!fps__span_has(bytes, offset, SIGNATURE + COFF + 2) ||
        memcmp(bytes.data + offset, "PE\0\0", SIGNATURE) != 0)
        return false;
    const uint8_t *p = bytes.data + offset;
    uint16_t magic = fps__get16le(p + 24);
    *pe = (fps__upx_pe){.bytes = bytes,
                        .offset = offset,
                        .wide = magic == 0x20b,
                        .machine = fps__get16le(p + 4),
                        .flags = fps__get16le(p + 22),
                        .count = fps__get16le(p + 6)};
    uint32_t optional = fps__get16le(p + 20);
    pe->size = SIGNATURE + COFF + (pe->wide ? 240u : 224u);
    pe->sections = offset + SIGNATURE + COFF + optional;
    return (magic == 0x10b || magic == 0x20b) && pe->count && pe->count <= FPS__UPX_PE_SECTIONS &&
           optional >= pe->size - SIGNATURE - COFF && fps__span_has(bytes, offset, pe->size) &&
           fps__span_has(bytes, pe->sections, (uint64_t)pe->count * FPS__UPX_PE_SECTION);
}

fps__upx_section fps__upx_pe_section(const fps__upx_pe *pe, unsigned index)
{
    const uint8_t *p = pe->bytes.data + pe->sections + (uint64_t)index * FPS__UPX_PE_SECTION;
    return (fps__upx_section){.room = fps__get32le(p + 8),
                              .address = fps__get32le(p + 12),
                              .size = fps__get32le(p + 16),
                              .offset = fps__get32le(p + 20),
                              .flags = fps__get32le(p + 36)};
}

fps__upx_directory fps__upx_pe_directory(const fps__upx_pe *pe, unsigned index)
{
    const uint8_t *p = pe->bytes.data + pe->offset + (pe->wide ? 136 : 120) + (uint64_t)index * 8;
    return (fps__upx_directory){fps__get32le(p), fps__get32le(p + 4)};
}

static uint32_t field(const fps__upx_pe *pe, unsigned offset)
{
    return fps__get32le(pe->bytes.data + pe->offset + offset);
}

/* ---- PackHeader ---- */

typedef struct pack_header {
    bool valid;
    unsigned method;
    fps__upx_filter filter;
    uint32_t packed, unpacked; /* bytes */
    uint64_t end;
} pack_header;

/* The last byte is the sum of those from the fifth on, modulo 251 (UPX, src/packhead.cpp, get_packheader_checksum). */
static bool is_pack_header(const uint8_t *p)
{
    unsigned sum = 0;
    for (unsigned i = 4; i < PACK_HEADER - 1; i++)
        sum += p[i];
    return p[4] >= 10 && fps__upx_knows(p[6]) && sum % 251 == p[PACK_HEADER - 1];
}

/* Where it is told by its fields and sum: the mark before them may be gone. */
static pack_header find_pack_header(fps__span bytes, uint64_t section)
{
    uint64_t from = section > MARK_BEFORE ? section - MARK_BEFORE : 0;
    for (uint64_t at = from; at < section + MARK_AFTER && fps__span_has(bytes, at, PACK_HEADER); at++) {
        const uint8_t *p = bytes.data + at;
        uint32_t unpacked = fps__get32le(p + 16), packed = fps__get32le(p + 20);
        if (!is_pack_header(p) || packed < 2 || unpacked < packed ||
            !fps__span_has(bytes, at + PACK_HEADER, packed))
            continue;
        return (pack_header){.valid = true,
                             .method = p[6],
                             .filter = {.id = p[28], .mark = p[29]},
                             .packed = packed,
                             .unpacked = unpacked,
                             .end = at + PACK_HEADER};
    }
    return (pack_header){.valid = false};
}

/* ---- the compressed run ---- */

typedef struct unpacking {
    const fps__packed_limits *limits;
    fps_error *error;
    fps__upx_pe outer, inner; /* inner.bytes are the image */
    pack_header header;
    uint8_t *image; /* what the run unpacks to: memory from `base` on, then the original's headers */
    uint64_t room;  /* bytes of memory that it takes */
    size_t size;    /* bytes of it */
    uint32_t base;  /* address of its first byte */
    uint64_t start, used;
    unsigned method;
    uint64_t work;     /* bytes that may still be read, made and searched to find out what fits */
    fps_status status; /* of the last try */
} unpacking;

/* Takes `bytes` off the work that is left; false when it was less. */
static bool spend(unpacking *u, uint64_t bytes)
{
    bool enough = bytes <= u->work;
    u->work -= enough ? bytes : u->work;
    return enough;
}

/* The first place of four bytes in [from, made) of the image, as far as the work allows to look; NULL where there is none. */
static const uint8_t *search_image(unpacking *u, size_t from, size_t made, const void *word)
{
    size_t size = made - from < u->work ? made - from : (size_t)u->work;
    const uint8_t *start = u->image + from, *found = memmem(start, size, word, 4);
    spend(u, found ? (uint64_t)(found - start) + 1 : size);
    return found;
}

/* The original's headers: the last word of the image is their offset. Where its end is not known, the word is looked for. */
static bool find_inner(unpacking *u, size_t made, bool exact)
{
    fps__span image = {u->image, made};
    fps__upx_pe pe;
    if (exact)
        return made >= 4 && fps__upx_pe_read(image, fps__get32le(u->image + made - 4), &pe) &&
               pe.machine == u->outer.machine && (u->inner = pe, true);
    const uint8_t *p;
    for (size_t from = 0; (p = search_image(u, from, made, "PE\0\0")); from = (size_t)(p - u->image) + 1) {
        uint64_t at = (uint64_t)(p - u->image);
        if (fps__deadline_passed(u->limits->deadline_ms))
            return false;
        if (!fps__upx_pe_read(image, at, &pe) || pe.machine != u->outer.machine ||
            pe.sections != at + pe.size || fps__upx_pe_section(&pe, 0).address != u->base)
            continue;
        uint8_t word[4];
        fps__put32le(word, (uint32_t)at);
        size_t behind = (size_t)(pe.sections + (uint64_t)pe.count * FPS__UPX_PE_SECTION);
        const uint8_t *end = behind < made ? search_image(u, behind, made, word) : NULL;
        if (end) {
            u->inner = pe;
            u->size = (size_t)(end - u->image) + 4;
            return true;
        }
    }
    return false;
}

/* Tries one method at one place; true when the original's headers came out. */
static bool try_run(unpacking *u, unsigned method, uint64_t at, uint64_t packed, size_t room, bool exact)
{
    fps__upx_run run = {.method = method,
                        .packed = fps__span_part(u->outer.bytes, at, packed),
                        .out = u->image,
                        .room = room,
                        .memory = u->limits->size > room ? u->limits->size - room : 0,
                        .deadline_ms = u->limits->deadline_ms};
    u->status = fps__upx_expand(&run);
    u->size = run.made;
    spend(u, run.made + run.used);
    bool lzma = method == FPS__UPX_LZMA;
    if (u->status && !(lzma && !exact && u->status == FPS_ERROR_CORRUPT && run.made > 4))
        return false;
    if (!find_inner(u, run.made, exact || !lzma)) {
        u->status = FPS_ERROR_CORRUPT;
        return false;
    }
    u->status = FPS_OK;
    u->method = method;
    u->start = at;
    u->used = run.used;
    return true;
}

/* All methods, at the first bytes of the section: PackHeader may lie there. A wrong method goes wrong after some hundred bytes;
 * what takes much longer is made to. */
static bool try_all(unpacking *u, uint64_t section, uint64_t size, size_t room)
{
    static const unsigned methods[] = {
        8, 2, 5, 9, 3, 6, 10, 4, 7, FPS__UPX_LZMA, FPS__UPX_DEFLATE, FPS__UPX_ZSTD};
    for (uint64_t skip = 0; skip < MARK_BEFORE && skip < size; skip++)
        for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
            if (try_run(u, methods[i], section + skip, size - skip, room, false))
                return true;
            if (u->status == FPS_ERROR_CANCELLED || u->status == FPS_ERROR_MEMORY || !u->work)
                return false;
        }
    return false;
}

/* Room without bytes that is executed into, then a section that has the entry: how a packer's program looks. */
static bool looks_packed(const fps__upx_pe *pe)
{
    enum { EXECUTE = 0x20000000, WRITE = (int)0x80000000 };
    if (pe->count < 2 || (pe->machine != 0x14c && pe->machine != 0x8664))
        return false;
    fps__upx_section first = fps__upx_pe_section(pe, 0), second = fps__upx_pe_section(pe, 1);
    uint32_t entry = field(pe, 40);
    return !first.size && first.room && (first.flags & EXECUTE) && second.size && (second.flags & EXECUTE) &&
           entry >= second.address && entry - second.address < second.size &&
           (uint64_t)first.address + first.room <= second.address &&
           fps__span_has(pe->bytes, second.offset, second.size) && second.offset > pe->offset;
}

static fps_status expand(unpacking *u)
{
    enum { WORK = 16 }; /* times what may go in and come out, for all tries */
    fps__upx_section first = fps__upx_pe_section(&u->outer, 0), second = fps__upx_pe_section(&u->outer, 1);
    u->base = first.address;
    u->header = find_pack_header(u->outer.bytes, second.offset);
    uint64_t room = (uint64_t)first.room + second.room;
    if (u->header.valid && u->header.unpacked > room)
        u->header.valid = false;
    room = u->header.valid ? u->header.unpacked : room;
    if (room > u->limits->size)
        return fps__fail(u->error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "it unpacks to %llu bytes, more than the limits of size, memory or ratio allow",
                         (unsigned long long)room);
    u->room = room;
    u->work = WORK * (room + second.size);
    u->image = malloc((size_t)room + 1);
    if (!u->image)
        return fps__fail_memory(u->error);
    if (u->header.valid && try_run(u, u->header.method, u->header.end, u->header.packed, (size_t)room, true))
        return FPS_OK;
    bool valid = u->header.valid;
    u->header.valid = false; /* it is not what the loader goes by */
    if (u->status != FPS_ERROR_CANCELLED && try_all(u, second.offset, second.size, (size_t)room))
        return FPS_OK;
    if (u->status == FPS_ERROR_CANCELLED || u->status == FPS_ERROR_MEMORY || valid)
        return fps__upx_fail_run(u->status, second.offset, u->error);
    return FPS_ERROR_NOT_FOUND;
}

/* ---- the result ---- */

/* Writes headers and sections as a file, and behind them what lies behind the packed sections. */
static fps_status write_file(unpacking *u, fps__unpacked *out)
{
    uint64_t behind = u->outer.bytes.size - out->end;
    const fps__upx_pe *inner = &u->inner;
    uint64_t headers = u->outer.offset + inner->size, table = (uint64_t)inner->count * FPS__UPX_PE_SECTION;
    uint64_t end = headers + table;
    for (unsigned i = 0; i < inner->count; i++) {
        fps__upx_section s = fps__upx_pe_section(inner, i);
        if (s.offset && (uint64_t)s.offset + s.size > end)
            end = (uint64_t)s.offset + s.size;
    }
    const fps__packed_limits left = {.size = u->limits->size - u->room}; /* the image is still there */
    fps_status status = fps__upx_reserve(&left, end + behind, out, u->error);
    if (status)
        return status;
    memcpy(out->data + end, u->outer.bytes.data + out->end, behind);
    out->end = u->outer.bytes.size;
    memcpy(out->data, u->outer.bytes.data, u->outer.offset);
    memcpy(out->data + u->outer.offset, inner->bytes.data + inner->offset, inner->size);
    fps__put16le(out->data + u->outer.offset + 20, (uint16_t)(inner->size - 24));
    memcpy(out->data + headers, inner->bytes.data + inner->sections, table);
    for (unsigned i = 0; i < inner->count; i++) {
        fps__upx_section s = fps__upx_pe_section(inner, i);
        uint64_t place = (uint64_t)s.address - u->base;
        if (!s.offset || s.address < u->base || place >= u->size || s.offset < headers + table)
            continue;
        if (fps__deadline_passed(u->limits->deadline_ms)) /* sections may all lie in one place */
            return fps__upx_fail_run(FPS_ERROR_CANCELLED, u->start, u->error);
        size_t size = s.size < u->size - place ? s.size : (size_t)(u->size - place);
        memcpy(out->data + s.offset, u->image + place, size);
    }
    return FPS_OK;
}

/* The end of the last section, and what is neither the compressed run nor in sections behind the second. */
static void measure(const unpacking *u, fps__unpacked *out)
{
    const fps__upx_pe *outer = &u->outer;
    out->start = u->start;
    for (unsigned i = 0; i < outer->count; i++) {
        fps__upx_section s = fps__upx_pe_section(outer, i);
        if (s.size && fps__span_has(outer->bytes, s.offset, s.size) && (uint64_t)s.offset + s.size > out->end)
            out->end = (uint64_t)s.offset + s.size;
    }
    fps__upx_section second = fps__upx_pe_section(outer, 1);
    uint64_t headers = outer->sections + (uint64_t)outer->count * FPS__UPX_PE_SECTION;
    uint64_t packed = u->method == FPS__UPX_LZMA && u->header.valid ? u->header.packed : u->used;
    enum { EXECUTE = 0x20000000 };
    fps__upx_range ranges[FPS__UPX_PE_SECTIONS + 2] = {
        {headers, u->start}, {u->start + packed, (uint64_t)second.offset + second.size}};
    size_t count = 2;
    for (unsigned i = 2; i < outer->count; i++) {
        fps__upx_section s = fps__upx_pe_section(outer, i);
        if (s.flags & EXECUTE)
            ranges[count++] = (fps__upx_range){s.offset, (uint64_t)s.offset + s.size};
    }
    fps__upx_sort_ranges(ranges, count);
    uint64_t done = 0; /* they may overlap: each byte counts once */
    for (size_t i = 0; i < count; i++) {
        uint64_t from = ranges[i].from > done ? ranges[i].from : done;
        out->foreign += fps__upx_count_bytes(outer->bytes, from, ranges[i].to);
        done = ranges[i].to > done ? ranges[i].to : done;
    }
}

static bool unfilter(unpacking *u)
{
    uint32_t code = field(&u->inner, 44), size = field(&u->inner, 28); /* BaseOfCode, SizeOfCode */
    if (code < u->base || code - u->base > u->size || size > u->size - (code - u->base))
        return !u->header.valid || !u->header.filter.id;
    uint8_t *bytes = u->image + (code - u->base);
    fps__upx_filter filter =
        u->header.valid ? u->header.filter : fps__upx_guess_filter(bytes, size, code - u->base);
    filter.base = code - u->base;
    return fps__upx_unfilter(&filter, bytes, size);
}

fps_status fps__upx_open_pe(fps__span bytes, const fps__packed_limits *limits, fps__unpacked *out,
                            fps_error *error)
{
    unpacking u = {.limits = limits, .error = error};
    if (!fps__span_has(bytes, 0, 64) || !fps__upx_pe_read(bytes, fps__get32le(bytes.data + 60), &u.outer) ||
        !looks_packed(&u.outer))
        return FPS_ERROR_NOT_FOUND;
    fps_status status = expand(&u);
    if (!status) {
        u.inner.bytes = (fps__span){u.image, u.size};
        if (!unfilter(&u))
            out->lacks = "its code: the filter is not known";
        fps__upx_image image = {.outer = &u.outer,
                                .inner = &u.inner,
                                .bytes = u.image,
                                .size = u.size,
                                .base = u.base,
                                .deadline_ms = limits->deadline_ms};
        const char *lacks = fps__upx_rebuild(&image);
        out->lacks = out->lacks ? out->lacks : lacks;
        measure(&u, out);
        out->method = fps__upx_method_name(u.method);
        status = write_file(&u, out);
    }
    free(u.image);
    return status;
}
