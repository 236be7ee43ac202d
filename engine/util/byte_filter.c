/* Passes over bytes where none of a few words of three bytes can begin. */
#include "util/byte_filter.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

void fps__byte_filter_add(fps__byte_filter *filter, const uint8_t word[FPS__FILTER_BYTES], bool any,
                          unsigned group)
{
    uint8_t bit = (uint8_t)(1u << group);
    unsigned pair = fps__get16le(word);
    filter->pairs[pair / 64] |= UINT64_C(1) << pair % 64;
    for (size_t i = 0; i < FPS__FILTER_BYTES; i++) {
        filter->low[i][word[i] & 15] |= bit;
        filter->high[i][word[i] >> 4] |= bit;
    }
    for (unsigned half = 0; any && half < 16; half++) {
        filter->low[FPS__FILTER_BYTES - 1][half] |= bit;
        filter->high[FPS__FILTER_BYTES - 1][half] |= bit;
    }
}

static bool begins_word(const fps__byte_filter *f, const uint8_t *bytes)
{
    unsigned pair = fps__get16le(bytes);
    return f->pairs[pair / 64] >> pair % 64 & 1;
}

static size_t next_by_bytes(const fps__byte_filter *f, fps__span bytes, size_t at)
{
    for (; at + FPS__FILTER_BYTES <= bytes.size; at++) {
        const uint8_t *p = bytes.data + at;
        unsigned groups = 0xff;
        for (size_t i = 0; i < FPS__FILTER_BYTES; i++)
            groups &= (unsigned)f->low[i][p[i] & 15] & f->high[i][p[i] >> 4];
        if (groups && begins_word(f, p))
            return at;
    }
    return bytes.size;
}

#if defined(__x86_64__)

/* 32 places at a time; stops before the last ones. */
__attribute__((target("avx2"))) static size_t skip_blocks(const fps__byte_filter *f, fps__span bytes,
                                                          size_t at)
{
    enum { BLOCK = 32 };
    const __m256i half = _mm256_set1_epi8(15), none = _mm256_setzero_si256();
    __m256i low[FPS__FILTER_BYTES], high[FPS__FILTER_BYTES];
    for (size_t i = 0; i < FPS__FILTER_BYTES; i++) {
        low[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)f->low[i]));
        high[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)f->high[i]));
    }
    for (; at + BLOCK + FPS__FILTER_BYTES <= bytes.size; at += BLOCK) {
        __m256i groups = _mm256_set1_epi8(-1);
        for (size_t i = 0; i < FPS__FILTER_BYTES; i++) {
            __m256i block = _mm256_loadu_si256((const __m256i *)(const void *)(bytes.data + at + i));
            __m256i lower = _mm256_shuffle_epi8(low[i], _mm256_and_si256(block, half));
            __m256i upper = _mm256_shuffle_epi8(high[i], _mm256_and_si256(_mm256_srli_epi16(block, 4), half));
            groups = _mm256_and_si256(groups, _mm256_and_si256(lower, upper));
        }
        unsigned found = ~(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, none));
        for (; found; found &= found - 1) {
            size_t place = at + (size_t)__builtin_ctz(found);
            if (begins_word(f, bytes.data + place))
                return place;
        }
    }
    return at;
}

/* The same with 64 places at a time. */
__attribute__((target("avx512f,avx512bw"))) static size_t skip_wide_blocks(const fps__byte_filter *f,
                                                                           fps__span bytes, size_t at)
{
    enum { BLOCK = 64 };
    const __m512i half = _mm512_set1_epi8(15);
    __m512i low[FPS__FILTER_BYTES], high[FPS__FILTER_BYTES];
    for (size_t i = 0; i < FPS__FILTER_BYTES; i++) {
        low[i] = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)f->low[i]));
        high[i] = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)f->high[i]));
    }
    for (; at + BLOCK + FPS__FILTER_BYTES <= bytes.size; at += BLOCK) {
        __m512i groups = _mm512_set1_epi8(-1);
        for (size_t i = 0; i < FPS__FILTER_BYTES; i++) {
            __m512i block = _mm512_loadu_si512(bytes.data + at + i);
            __m512i lower = _mm512_shuffle_epi8(low[i], _mm512_and_si512(block, half));
            __m512i upper = _mm512_shuffle_epi8(high[i], _mm512_and_si512(_mm512_srli_epi16(block, 4), half));
            groups = _mm512_and_si512(groups, _mm512_and_si512(lower, upper));
        }
        for (uint64_t found = _mm512_test_epi8_mask(groups, groups); found; found &= found - 1) {
            size_t place = at + (size_t)__builtin_ctzll(found);
            if (begins_word(f, bytes.data + place))
                return place;
        }
    }
    return at;
}

#endif

unsigned fps__byte_filter_width(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw"))
        return 64;
    if (__builtin_cpu_supports("avx2"))
        return 32;
#endif
    return 1;
}

size_t fps__byte_filter_next_by(const fps__byte_filter *filter, fps__span bytes, size_t from, unsigned width)
{
#if defined(__x86_64__)
    if (width == 64)
        from = skip_wide_blocks(filter, bytes, from);
    else if (width == 32)
        from = skip_blocks(filter, bytes, from);
#endif
    (void)width;
    return next_by_bytes(filter, bytes, from);
}

size_t fps__byte_filter_next(const fps__byte_filter *filter, fps__span bytes, size_t from)
{
    return fps__byte_filter_next_by(filter, bytes, from, fps__byte_filter_width());
}
