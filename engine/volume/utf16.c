/* Names in UTF-16 as file systems store them, in UTF-8 (RFC 3629; surrogates alone as WTF-8 has them). */
#include "volume/utf16.h"

static size_t put(uint8_t out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

size_t fps__utf16_name(const uint8_t *units, size_t count, bool big_endian, char *name, size_t room)
{
    uint16_t (*get)(const uint8_t *) = big_endian ? fps__get16be : fps__get16le;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t c = get(units + i * 2), next = i + 1 < count ? get(units + i * 2 + 2) : 0;
        if (c >> 10 == 0xd800 >> 10 && next >> 10 == 0xdc00 >> 10) {
            c = 0x10000 + ((c & 0x3ff) << 10 | (next & 0x3ff));
            i++;
        }
        uint8_t out[4];
        size_t size = put(out, c);
        if (size > room - used)
            break;
        memcpy(name + used, out, size);
        used += size;
    }
    return used;
}
