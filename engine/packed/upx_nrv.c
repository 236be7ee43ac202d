/* NRV2B, NRV2D and NRV2E: literals and copies, told apart by single bits that are read from words of 8, 16 or 32 bits. The
 * streams are described by the decompressors of UCL 1.03 (src/n2b_d.c, n2d_d.c, n2e_d.c, getbit.h). */
#include "packed/upx_internal.h"

#include "util/clock.h"

typedef struct nrv {
    fps__span in;
    size_t at;
    uint32_t word;      /* bits that are left, the next one at the top */
    unsigned left;      /* how many */
    unsigned word_size; /* bytes: 1, 2 or 4 */
    bool over;          /* the input ended too early */
} nrv;

static unsigned take_bit(nrv *n)
{
    if (!n->left) {
        if (!fps__span_has(n->in, n->at, n->word_size)) {
            n->over = true;
            return 1; /* ends every loop */
        }
        const uint8_t *p = n->in.data + n->at;
        n->word = n->word_size == 4   ? fps__get32le(p)
                  : n->word_size == 2 ? (uint32_t)fps__get16le(p) << 16
                                      : (uint32_t)p[0] << 24;
        n->left = 8 * n->word_size;
        n->at += n->word_size;
    }
    unsigned bit = n->word >> 31;
    n->word <<= 1;
    n->left--;
    return bit;
}

static uint32_t take_byte(nrv *n)
{
    if (n->at < n->in.size)
        return n->in.data[n->at++];
    n->over = true;
    return 0;
}

enum { NRV2B, NRV2D, NRV2E, LAST_OFFSET = 2, FIRST_OFFSET = 3 };

/* A number whose bits alternate with marks. False when it has more than 32 bits. */
static bool take_number(nrv *n, unsigned variant, uint32_t *number)
{
    uint32_t value = 1;
    for (;;) {
        if (value >> 30)
            return false;
        value = value * 2 + take_bit(n);
        if (take_bit(n))
            break;
        if (variant != NRV2B)
            value = (value - 1) * 2 + take_bit(n);
    }
    *number = value;
    return true;
}

static bool take_long_length(nrv *n, uint32_t *length)
{
    uint32_t value = 1;
    do {
        if (value >> 30)
            return false;
        value = value * 2 + take_bit(n);
    } while (!take_bit(n));
    *length = value;
    return true;
}

typedef struct copy {
    uint32_t offset, length;
    bool end; /* no copy: the end of the stream */
} copy;

/* Reads what a copy is; *last is the offset of the copy before. False for what no encoder writes. */
static bool take_copy(nrv *n, unsigned variant, uint32_t *last, copy *c)
{
    uint32_t number, length = 0;
    if (!take_number(n, variant, &number))
        return false;
    bool repeated = number == LAST_OFFSET;
    if (!repeated) {
        number = (number - FIRST_OFFSET) << 8 | take_byte(n);
        c->end = number == UINT32_MAX;
        if (c->end)
            return true;
        if (variant != NRV2B) {
            length = ~number & 1;
            number >>= 1;
        }
        *last = number + 1;
    }
    c->offset = *last;
    if (variant == NRV2B || repeated)
        length = take_bit(n);
    if (variant != NRV2E) {
        length = length * 2 + take_bit(n);
        if (!length) {
            if (!take_long_length(n, &length))
                return false;
            length += 2;
        }
    } else if (length) {
        length = 1 + take_bit(n);
    } else if (take_bit(n)) {
        length = 3 + take_bit(n);
    } else {
        if (!take_long_length(n, &length))
            return false;
        length += 3;
    }
    c->length = length + 1 + (c->offset > (variant == NRV2B ? 0xd00 : 0x500));
    return true;
}

fps_status fps__upx_expand_nrv(fps__upx_run *run)
{
    static const uint8_t word_sizes[] = {4, 1, 2};
    unsigned index = run->method - FPS__UPX_NRV2B_LE32, variant = index / 3;
    nrv n = {.in = run->packed, .word_size = word_sizes[index % 3]};
    fps__alarm alarm = {.deadline_ms = run->deadline_ms};
    uint32_t last = 1;
    size_t made = 0;
    fps_status status = FPS_ERROR_CORRUPT;
    for (;;) {
        copy c = {.end = false};
        while (!n.over && take_bit(&n) && !n.over) {
            if (made == run->room)
                goto out;
            run->out[made++] = (uint8_t)take_byte(&n);
        }
        if (n.over || !take_copy(&n, variant, &last, &c) || n.over)
            break;
        if (c.end) {
            status = FPS_OK;
            break;
        }
        if (c.offset > made || c.length > run->room - made)
            break;
        for (const uint8_t *from = run->out + made - c.offset; c.length; c.length--)
            run->out[made++] = *from++;
        if (fps__alarm_rings(&alarm)) {
            status = FPS_ERROR_CANCELLED;
            break;
        }
    }
out:
    run->made = made;
    run->used = n.at;
    return status;
}
