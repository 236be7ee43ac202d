/* Where compressed data ends that other bytes follow. */
#include "archive/stream_end.h"

#include <isa-l/crc.h>
#include <zstd.h>

/* RFC 8878, 3.1: frames and skippable frames, one behind the other; the header of each block has its size. */
static size_t end_zstd(fps__span data)
{
    size_t end = 0;
    while (fps__span_has(data, end, 4)) {
        uint32_t magic = fps__get32le(data.data + end);
        if (magic != ZSTD_MAGICNUMBER && (magic & ZSTD_MAGIC_SKIPPABLE_MASK) != ZSTD_MAGIC_SKIPPABLE_START)
            break;
        size_t size = ZSTD_findFrameCompressedSize(data.data + end, data.size - end);
        if (ZSTD_isError(size))
            return data.size;
        end += size;
    }
    return end ? end : data.size;
}

/* ---- The .xz File Format 1.1.0 ----
 *
 *   stream    header, blocks, index, footer
 *   header    magic (6), flags (2), CRC-32 of the flags (4)
 *   index     0, number of records, records (size of a block without padding, unpacked size), padding to 4 bytes, CRC-32 (4)
 *   footer    CRC-32 of what follows but the magic (4), size of the index / 4 - 1 (4), flags (2), "YZ"
 */

enum { XZ_HEADER = 12, XZ_FOOTER = 12, XZ_FLAGS = 6 };

/* 1.2: 7 bits a byte, the lowest first, at most 63. */
static bool take_number(fps__span *index, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; index->size && shift < 63; shift += 7) {
        uint8_t byte = *index->data;
        *index = fps__span_part(*index, 1, index->size - 1);
        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* Whether an index, without its checksum, is that of blocks of `size` bytes together. */
static bool adds_up(fps__span index, uint64_t size)
{
    uint64_t records, unpadded, unpacked, sum = 0;
    if (*index.data)
        return false;
    index = fps__span_part(index, 1, index.size - 1);
    if (!take_number(&index, &records) || records > index.size)
        return false;
    for (; records; records--) {
        if (!take_number(&index, &unpadded) || !take_number(&index, &unpacked) || unpadded > size)
            return false;
        sum += (unpadded + 3) & ~(uint64_t)3;
        if (sum > size)
            return false;
    }
    return sum == size;
}

/* Whether the stream that `data` begins with has its footer at `at`. `work`: bytes of indexes that may still be looked at. */
static bool has_footer(fps__span data, size_t at, uint64_t *work)
{
    const uint8_t *footer = data.data + at;
    if (crc32_gzip_refl(0, footer + 4, 6) != fps__get32le(footer) ||
        fps__get16le(footer + 8) != fps__get16le(data.data + XZ_FLAGS))
        return false;
    uint64_t size = ((uint64_t)fps__get32le(footer + 4) + 1) * 4, most = at - XZ_HEADER;
    if (size < 8 || size > most || size > *work)
        return false;
    *work -= size;
    const uint8_t *index = footer - size;
    return crc32_gzip_refl(0, index, size - 4) == fps__get32le(footer - 4) &&
           adds_up((fps__span){index, (size_t)size - 4}, most - size);
}

/* Bytes of one stream, 0 when its end is not there. */
static size_t end_xz_stream(fps__span data, uint64_t *work)
{
    static const uint8_t magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};
    if (!fps__span_has(data, 0, XZ_HEADER + XZ_FOOTER) || memcmp(data.data, magic, sizeof magic) != 0)
        return 0;
    for (size_t at = XZ_HEADER + XZ_FOOTER - 2; fps__span_has(data, at, 2); at++) {
        const uint8_t *end = memmem(data.data + at, data.size - at, "YZ", 2);
        if (!end)
            return 0;
        at = (size_t)(end - data.data);
        if (at % 4 == 2 && has_footer(data, at + 2 - XZ_FOOTER, work)) /* a stream is a multiple of 4 bytes */
            return at + 2;
    }
    return 0;
}

/* Streams may have padding of zeros between them. */
static size_t end_xz(fps__span data)
{
    size_t end = 0, next = 0;
    uint64_t work = data.size; /* footers that fit nothing must not make it quadratic */
    while (next < data.size) {
        size_t size = end_xz_stream(fps__span_part(data, next, data.size - next), &work);
        if (!size)
            break;
        next = end = next + size;
        while (fps__span_has(data, next, 4) && !fps__get32le(data.data + next))
            next += 4;
    }
    return end ? end : data.size;
}

size_t fps__stream_end(fps__span data)
{
    if (!fps__span_has(data, 0, 4))
        return data.size;
    return data.data[0] == 0xfd ? end_xz(data) : end_zstd(data);
}
