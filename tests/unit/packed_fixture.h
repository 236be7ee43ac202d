/* A packer for tests: NRV streams of literals and copies, and ELF programs of two segments in blocks as UPX writes them. */
#ifndef PACKED_FIXTURE_H
#define PACKED_FIXTURE_H

#include "packed/upx_internal.h"

#include <elf.h>
#include <stdlib.h>

typedef struct nrv_writer {
    uint8_t *out;
    size_t size, word_at;     /* bytes; where the word of bits lies that is being filled */
    unsigned word_size, free; /* bytes; bits that are free in the word */
    uint32_t word;
} nrv_writer;

static void nrv_flush(nrv_writer *w)
{
    for (unsigned i = 0; i < w->word_size; i++)
        w->out[w->word_at + i] = (uint8_t)(w->word >> 8 * i);
}

static void nrv_bit(nrv_writer *w, unsigned bit)
{
    if (!w->free) {
        w->word_at = w->size;
        w->size += w->word_size;
        w->free = 8 * w->word_size;
        w->word = 0;
    }
    w->word |= (uint32_t)(bit & 1) << --w->free;
    nrv_flush(w);
}

/* The bits of `value` below the first one, each with a mark whether it is the last; two a mark where `pairs`. */
static void nrv_number(nrv_writer *w, uint32_t value, bool pairs)
{
    int bits = 31 - __builtin_clz(value);
    if (!pairs) {
        for (int i = bits - 1; i >= 0; i--) {
            nrv_bit(w, value >> i);
            nrv_bit(w, i == 0);
        }
        return;
    }
    /* what the reader makes of it, backwards: x = 2a + bit, then x = 2(x - 1) + bit */
    uint8_t stack[64];
    int depth = 0;
    for (;;) {
        stack[depth++] = (uint8_t)(value & 1);
        uint32_t before = value >> 1;
        if (before == 1)
            break;
        stack[depth++] = (uint8_t)(before & 1);
        value = (before >> 1) + 1;
    }
    while (depth > 0) {
        nrv_bit(w, stack[--depth]);
        nrv_bit(w, depth == 0);
        if (depth > 0)
            nrv_bit(w, stack[--depth]);
    }
}

/* A copy of `length` bytes, at least 3, from `offset` back. `variant`: 0 NRV2B, 1 NRV2D, 2 NRV2E. */
static void nrv_copy(nrv_writer *w, unsigned variant, uint32_t *last, uint32_t offset, uint32_t length)
{
    uint32_t m = length - 1 - (offset > (variant ? 0x500u : 0xd00u)), low = 0;
    bool repeated = offset == *last;
    if (variant == 1)
        low = m >= 4 ? 0 : m >> 1;
    else if (variant == 2)
        low = m <= 2;
    nrv_bit(w, 0);
    if (repeated) {
        nrv_number(w, 2, variant);
    } else {
        uint32_t code = variant ? (offset - 1) << 1 | (low ^ 1) : offset - 1;
        nrv_number(w, 3 + (code >> 8), variant);
        w->out[w->size++] = (uint8_t)code;
        *last = offset;
    }
    if (variant == 2) {
        if (repeated)
            nrv_bit(w, low);
        if (low) {
            nrv_bit(w, m - 1);
        } else if (m <= 4) {
            nrv_bit(w, 1);
            nrv_bit(w, m - 3);
        } else {
            nrv_bit(w, 0);
            nrv_number(w, m - 3, false);
        }
        return;
    }
    if (m >= 4) {
        if (variant == 0 || repeated)
            nrv_bit(w, 0);
        nrv_bit(w, 0);
        nrv_number(w, m - 2, false);
    } else {
        if (variant == 0 || repeated)
            nrv_bit(w, m >> 1);
        nrv_bit(w, m);
    }
}

/* Packs by NRV method 2 to 10. Returns bytes written to `out`, which has room for twice the input. */
static inline size_t nrv_pack(unsigned method, const uint8_t *in, size_t size, uint8_t *out)
{
    static const unsigned sizes[] = {4, 1, 2};
    unsigned variant = (method - 2) / 3;
    nrv_writer w = {.out = out, .word_size = sizes[(method - 2) % 3]};
    uint32_t last = 1;
    for (size_t at = 0; at < size;) {
        size_t best = 0, from = 0;
        for (size_t back = 1; back <= at && back < 5000; back++) {
            size_t length = 0;
            while (at + length < size && length < 600 && in[at + length] == in[at + length - back])
                length++;
            if (length > best) {
                best = length;
                from = back;
            }
        }
        if (best >= 6) {
            nrv_copy(&w, variant, &last, (uint32_t)from, (uint32_t)best);
            at += best;
        } else {
            nrv_bit(&w, 1);
            w.out[w.size++] = in[at++];
        }
    }
    nrv_bit(&w, 0);
    nrv_number(&w, 3 + 0xffffff, variant);
    w.out[w.size++] = 0xff;
    return w.size;
}

enum { INNER_SIZE = 9000, INNER_CODE = 4096 };

typedef struct packed_file {
    uint8_t inner[INNER_SIZE], bytes[40000];
    size_t size;   /* of the packed file */
    size_t first;  /* its first block */
    size_t second; /* and the next one */
    bool wide, big;
} packed_file;

static void packed_set(const packed_file *f, uint8_t *at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * (f->big ? size - 1 - i : i));
}

/* ELF and program headers of `count` segments with these offsets, sizes and flags. */
static size_t packed_headers(const packed_file *f, uint8_t *to, uint16_t machine, unsigned count,
                             const uint32_t (*segments)[3])
{
    unsigned word = f->wide ? 8 : 4, header = f->wide ? 64 : 52, entry = f->wide ? 56 : 32;
    memset(to, 0, header + count * entry);
    memcpy(to, ELFMAG, SELFMAG);
    to[EI_CLASS] = f->wide ? ELFCLASS64 : ELFCLASS32;
    to[EI_DATA] = f->big ? ELFDATA2MSB : ELFDATA2LSB;
    to[EI_VERSION] = 1;
    packed_set(f, to + 16, ET_EXEC, 2);
    packed_set(f, to + 18, machine, 2);
    packed_set(f, to + 20, 1, 4);
    packed_set(f, to + 24, 0x10000 + segments[count - 1][0], word);
    packed_set(f, to + 24 + word, header, word);
    packed_set(f, to + header - 12, header, 2);
    packed_set(f, to + header - 10, entry, 2);
    packed_set(f, to + header - 8, count, 2);
    for (unsigned i = 0; i < count; i++) {
        uint8_t *p = to + header + i * entry;
        packed_set(f, p, PT_LOAD, 4);
        packed_set(f, p + (f->wide ? 4 : 24), segments[i][2], 4);
        packed_set(f, p + (f->wide ? 8 : 4), segments[i][0], word);
        packed_set(f, p + (f->wide ? 16 : 8), 0x10000 + segments[i][0], word);
        packed_set(f, p + (f->wide ? 32 : 16), segments[i][1], word);
        packed_set(f, p + (f->wide ? 40 : 20), segments[i][1], word);
    }
    return header + count * entry;
}

/* Appends a block; what does not become smaller is stored. */
static void packed_block(packed_file *f, unsigned method, const uint8_t *bytes, size_t size)
{
    static uint8_t packed[40000];
    size_t used = nrv_pack(method, bytes, size, packed);
    uint8_t *info = f->bytes + f->size;
    bool stored = used >= size;
    packed_set(f, info, size, 4);
    packed_set(f, info + 4, stored ? size : used, 4);
    info[8] = stored ? 0 : (uint8_t)method;
    memcpy(info + 12, stored ? bytes : packed, stored ? size : used);
    f->size += 12 + (stored ? size : used);
}

/* A program of two segments, "section headers" behind them, and how UPX packs it by `method`. */
static inline void packed_make(packed_file *f, bool wide, bool big, uint16_t machine, unsigned method)
{
    *f = (packed_file){.wide = wide, .big = big};
    const uint32_t inner[2][3] = {{0, 4000, PF_R | PF_X}, {INNER_CODE, 4000, PF_R | PF_W}};
    for (size_t i = 0; i < INNER_SIZE; i++)
        f->inner[i] = (uint8_t)("the acme engine has stopped"[i % 27] + (i % 501 ? 0 : (int)(i / 501)));
    memset(f->inner + 4000, 0, INNER_CODE - 4000);
    size_t headers = packed_headers(f, f->inner, machine, 2, inner);
    const uint32_t outer[2][3] = {{0, 30000, PF_R | PF_X}, {30000, 100, PF_R | PF_W}};
    f->size = packed_headers(f, f->bytes, machine, 2, outer) + 24;
    uint8_t *info = f->bytes + f->size - 24;
    memcpy(info + 4, "UPX!", 4);
    packed_set(f, info + 16, INNER_SIZE, 4);
    packed_set(f, info + 20, 4000, 4);
    f->first = f->size;
    packed_block(f, method, f->inner, headers);
    f->second = f->size;
    packed_block(f, method, f->inner + headers, 4000 - headers);
    packed_block(f, method, f->inner + INNER_CODE, 4000);
    f->size = (f->size + 3) & ~(size_t)3;
    for (unsigned i = 0; i < 500; i++) /* the loader */
        f->bytes[f->size++] = (uint8_t)(i * 7 | 1);
    packed_block(f, method, f->inner + 4000, INNER_CODE - 4000);
    packed_block(f, method, f->inner + INNER_CODE + 4000, INNER_SIZE - INNER_CODE - 4000);
    memcpy(f->bytes + f->size, "\0\0\0\0UPX!", 8);
    f->size += 48;
}

#endif
