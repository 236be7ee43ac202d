/* Finds literals 64 bytes at a time.
 *
 * A block becomes two bit masks, `printable` and `zero`. The printable mask is ANDed with itself, shifted
 * (erosion), until a bit remains only where a run is at least five characters long:
 *
 *   pairs   printable & printable << 1      runs of 2 end here
 *   fours   pairs     & pairs     << 2      runs of 4
 *   runs    fours     & printable << 4      runs of 5
 *   ends    zero      & runs      << 1      a NUL behind such a run: the end of a literal
 *
 * so that the loop looks at single bits only where a literal ends. What a block shifts out is carried into
 * the next one.
 *
 * Masks by AVX2 cost half of those by SSE2: with hashing 3.2 to 4.0 GB/s instead of 2.6 to 3.0 on a busy core
 * (bench/micro/bench_literal).
 */
#include "feature/literal.h"

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef struct masks {
    uint64_t printable, zero;
} masks;

#if defined(__SSE2__)
static inline masks read_masks(const uint8_t *p)
{
    masks m = {0, 0};
    for (unsigned i = 0; i < 4; i++) {
        __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        __m128i text = _mm_sub_epi8(c, _mm_set1_epi8(0x20));
        __m128i space = _mm_sub_epi8(c, _mm_set1_epi8(9));
        text = _mm_cmpeq_epi8(_mm_min_epu8(text, _mm_set1_epi8(0x5e)), text);
        space = _mm_cmpeq_epi8(_mm_min_epu8(space, _mm_set1_epi8(4)), space);
        uint64_t printable = (uint32_t)_mm_movemask_epi8(_mm_or_si128(text, space));
        uint64_t zero = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(c, _mm_setzero_si128()));
        m.printable |= printable << (16 * i);
        m.zero |= zero << (16 * i);
    }
    return m;
}

__attribute__((target("avx2"))) static inline masks read_masks_avx2(const uint8_t *p)
{
    masks m = {0, 0};
    for (unsigned i = 0; i < 2; i++) {
        __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32 * i));
        __m256i text = _mm256_sub_epi8(c, _mm256_set1_epi8(0x20));
        __m256i space = _mm256_sub_epi8(c, _mm256_set1_epi8(9));
        text = _mm256_cmpeq_epi8(_mm256_min_epu8(text, _mm256_set1_epi8(0x5e)), text);
        space = _mm256_cmpeq_epi8(_mm256_min_epu8(space, _mm256_set1_epi8(4)), space);
        uint64_t printable = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(text, space));
        uint64_t zero = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(c, _mm256_setzero_si256()));
        m.printable |= printable << (32 * i);
        m.zero |= zero << (32 * i);
    }
    return m;
}
#elif defined(__aarch64__)
static inline uint64_t neon_mask(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    static const uint8_t bit_values[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t bits = vld1q_u8(bit_values);
    uint8x16_t low = vpaddq_u8(vandq_u8(a, bits), vandq_u8(b, bits));
    uint8x16_t high = vpaddq_u8(vandq_u8(c, bits), vandq_u8(d, bits));
    low = vpaddq_u8(low, high);
    low = vpaddq_u8(low, low);
    return vgetq_lane_u64(vreinterpretq_u64_u8(low), 0);
}

static inline masks read_masks(const uint8_t *p)
{
    uint8x16_t printable[4], zero[4];
    for (unsigned i = 0; i < 4; i++) {
        uint8x16_t c = vld1q_u8(p + 16 * i);
        uint8x16_t text = vcleq_u8(vsubq_u8(c, vdupq_n_u8(0x20)), vdupq_n_u8(0x5e));
        uint8x16_t space = vcleq_u8(vsubq_u8(c, vdupq_n_u8(9)), vdupq_n_u8(4));
        printable[i] = vorrq_u8(text, space);
        zero[i] = vceqq_u8(c, vdupq_n_u8(0));
    }
    masks m = {neon_mask(printable[0], printable[1], printable[2], printable[3]),
               neon_mask(zero[0], zero[1], zero[2], zero[3])};
    return m;
}
#else
static inline bool is_printable(uint8_t c)
{
    return (uint8_t)(c - 0x20) <= 0x5e || (uint8_t)(c - 9) <= 4;
}

static inline masks read_masks(const uint8_t *p)
{
    masks m = {0, 0};
    for (unsigned i = 0; i < 64; i++) {
        m.printable |= (uint64_t)is_printable(p[i]) << i;
        m.zero |= (uint64_t)(p[i] == 0) << i;
    }
    return m;
}
#endif

/* What one block passes on to the next. */
typedef struct carry {
    uint64_t printable, pairs, runs; /* masks of the block before */
    size_t length;                   /* printable bytes that end at the block's start */
} carry;

static bool emit_block(masks m, uint64_t ends, size_t base, size_t carried, fps__literal_callback callback,
                       void *user)
{
    for (; ends; ends &= ends - 1) {
        unsigned end = (unsigned)__builtin_ctzll(ends);
        uint64_t below = ~m.printable & (((uint64_t)1 << end) - 1);
        size_t start = below ? base + 64 - (unsigned)__builtin_clzll(below) : base - carried;
        if (!callback(user, start, base + end - start))
            return false;
    }
    return true;
}

/* The loop over blocks. It is inlined into a function for each reader of masks, and the reader into the
 * loop. */
static inline __attribute__((always_inline)) bool scan_blocks(fps__span bytes, fps__literal_callback callback,
                                                              void *user, masks (*read)(const uint8_t *))
{
    carry last = {0, 0, 0, 0};
    for (size_t base = 0; base < bytes.size; base += 64) {
        uint8_t tail[64];
        const uint8_t *block = bytes.data + base;
        if (bytes.size - base < 64) { /* padded with a byte that is neither printable nor zero */
            memset(tail, 0xff, sizeof tail);
            memcpy(tail, block, bytes.size - base);
            block = tail;
        }
        masks m = read(block);
        uint64_t pairs = m.printable & (m.printable << 1 | last.printable >> 63);
        uint64_t fours = pairs & (pairs << 2 | last.pairs >> 62);
        uint64_t runs = fours & (m.printable << 4 | last.printable >> 60);
        uint64_t ends = m.zero & (runs << 1 | last.runs >> 63);
        if (ends && !emit_block(m, ends, base, last.length, callback, user))
            return false;
        last.printable = m.printable;
        last.pairs = pairs;
        last.runs = runs;
        last.length = ~m.printable ? (size_t)__builtin_clzll(~m.printable) : last.length + 64;
    }
    return true;
}

bool fps__literal_scan_baseline(fps__span bytes, fps__literal_callback callback, void *user)
{
    return scan_blocks(bytes, callback, user, read_masks);
}

#if defined(__SSE2__)
__attribute__((target("avx2"))) static bool scan_avx2(fps__span bytes, fps__literal_callback callback,
                                                      void *user)
{
    return scan_blocks(bytes, callback, user, read_masks_avx2);
}
#endif

bool fps__literal_scan(fps__span bytes, fps__literal_callback callback, void *user)
{
#if defined(__SSE2__)
    if (__builtin_cpu_supports("avx2"))
        return scan_avx2(bytes, callback, user);
#endif
    return fps__literal_scan_baseline(bytes, callback, user);
}
