/* Unpacks LZO1X, by the description of its stream in Linux, Documentation/staging/lzo.rst: the library of LZO has a licence
 * that does not let it be linked. */
#include "volume/unpack.h"

typedef struct lzo {
    fps__span in;
    size_t at; /* of the next byte */
    uint8_t *to;
    size_t used, room;
} lzo;

/* Copies literals from the input. */
static bool take(lzo *z, size_t count)
{
    if (!fps__span_has(z->in, z->at, count) || count > z->room - z->used)
        return false;
    memcpy(z->to + z->used, z->in.data + z->at, count);
    z->at += count;
    z->used += count;
    return true;
}

/* Copies bytes that came out before; they may overlap with those that are written. */
static bool repeat(lzo *z, size_t distance, size_t count)
{
    if (!distance || distance > z->used || count > z->room - z->used)
        return false;
    for (size_t i = 0; i < count; i++, z->used++)
        z->to[z->used] = z->to[z->used - distance];
    return true;
}

/* A length whose bits were all zero: each zero byte that follows adds 255, the first other byte its value. */
static bool add_length(lzo *z, size_t base, size_t *length)
{
    size_t zeros = 0;
    while (z->at < z->in.size && !z->in.data[z->at]) {
        z->at++;
        zeros++;
    }
    if (z->at >= z->in.size)
        return false;
    *length = base + zeros * 255 + z->in.data[z->at++];
    return true;
}

/* One instruction that copies; *trailing is how many literals follow it (0 to 3). `after`: literals that the one before
 * copied, 4 for a long run. Sets *end at the end mark. */
static bool copy(lzo *z, uint8_t code, size_t after, size_t *trailing, bool *end)
{
    size_t length, distance;
    if (code < 16 || code >= 64) {
        if (z->at >= z->in.size)
            return false;
        uint8_t high = z->in.data[z->at++];
        *trailing = code & 3;
        if (code >= 64) /* 3 to 8 bytes within 2 KiB */
            return repeat(z, ((size_t)high << 3) + (code >> 2 & 7) + 1, (code >> 5) + 1u);
        if (after == 4) /* 3 bytes within 2 to 3 KiB */
            return repeat(z, ((size_t)high << 2) + (code >> 2) + 2049, 3);
        return repeat(z, ((size_t)high << 2) + (code >> 2) + 1, 2);
    }
    bool near = code >= 32; /* within 16 KiB; else within 16 to 48 KiB */
    length = code & (near ? 31 : 7);
    if (!length && !add_length(z, near ? 31 : 7, &length))
        return false;
    if (!fps__span_has(z->in, z->at, 2))
        return false;
    uint16_t low = fps__get16le(z->in.data + z->at);
    z->at += 2;
    *trailing = low & 3;
    distance = near ? (low >> 2) + 1u : ((size_t)(code & 8) << 11) + (low >> 2) + 16384;
    *end = !near && distance == 16384;
    return *end || repeat(z, distance, length + 2);
}

bool fps__lzo_unpack(fps__span packed, uint8_t *to, size_t room, size_t *got)
{
    lzo z = {packed, 0, to, 0, room};
    size_t after = 0;
    bool end = false;
    *got = 0;
    if (!packed.size)
        return false;
    if (packed.data[0] > 17) { /* literals come first */
        after = packed.data[0] - 17u;
        z.at = 1;
        if (!take(&z, after))
            return false;
        after = after < 4 ? after : 4;
    }
    while (!end) {
        if (z.at >= packed.size)
            return false;
        uint8_t code = packed.data[z.at++];
        if (code < 16 && !after) { /* a long run of literals */
            size_t count = code;
            if (!count && !add_length(&z, 15, &count))
                return false;
            if (!take(&z, count + 3))
                return false;
            after = 4;
            continue;
        }
        size_t trailing = 0;
        if (!copy(&z, code, after, &trailing, &end) || (!end && !take(&z, trailing)))
            return false;
        after = trailing;
    }
    *got = z.used;
    return true;
}
