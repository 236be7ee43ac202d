/* Sets of small numbers as bits. A set of releases has a fixed size: a component has at most 4,096 of them. */
#ifndef FPS_UTIL_BITS_H
#define FPS_UTIL_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FPS__MAX_RELEASES = 4096, /* of one component, in a set and in a decision */
    FPS__RELEASE_WORDS = FPS__MAX_RELEASES / 64,
};

/* Releases of one component, by index; zero is the empty set. */
typedef struct fps__release_bits {
    uint64_t words[FPS__RELEASE_WORDS];
} fps__release_bits;

/* How many words hold `count` bits. */
static inline size_t fps__bits_words(size_t count)
{
    return (count + 63) / 64;
}

static inline bool fps__bits_has(const uint64_t *words, size_t bit)
{
    return words[bit / 64] >> (bit % 64) & 1;
}

static inline void fps__bits_set(uint64_t *words, size_t bit)
{
    words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static inline void fps__bits_clear(uint64_t *words, size_t bit)
{
    words[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

/* into |= other and into &= other, word by word. */
static inline void fps__bits_or(uint64_t *into, const uint64_t *other, size_t words)
{
    for (size_t i = 0; i < words; i++)
        into[i] |= other[i];
}

static inline void fps__bits_and(uint64_t *into, const uint64_t *other, size_t words)
{
    for (size_t i = 0; i < words; i++)
        into[i] &= other[i];
}

static inline size_t fps__bits_count(const uint64_t *words, size_t count)
{
    size_t bits = 0;
    for (size_t i = 0; i < count; i++)
        bits += (size_t)__builtin_popcountll(words[i]);
    return bits;
}

#endif
