/* Passes over bytes where none of a few words of three bytes can begin: 32 bytes at a time where the processor has the
 * instructions. The method: Hyperscan's "Teddy", of its FDR matcher. Its table takes a byte in halves, so that words of one group
 * let others through; of these, the ones whose first two bytes begin no word are passed over by a second table. */
#ifndef FPS_UTIL_BYTE_FILTER_H
#define FPS_UTIL_BYTE_FILTER_H

#include "util/bytes.h"

enum { FPS__FILTER_BYTES = 3 };

/* By place in the word and half of the byte: a bit for each group of words that has it there. Zero holds no word. */
typedef struct fps__byte_filter {
    uint8_t low[FPS__FILTER_BYTES][16], high[FPS__FILTER_BYTES][16];
    uint64_t pairs[1024]; /* a bit for each two bytes, little-endian, that begin a word */
} fps__byte_filter;

/* Adds a word to a group, 0 to 7: the fewer words a group has, the fewer places are named that hold none. `any`: the last
 * byte may be any. */
void fps__byte_filter_add(fps__byte_filter *filter, const uint8_t word[FPS__FILTER_BYTES], bool any,
                          unsigned group);
/* The first place at or behind `from` where a word may begin; bytes.size when there is none. Thread-safe. */
size_t fps__byte_filter_next(const fps__byte_filter *filter, fps__span bytes, size_t from);

/* How many places the processor can look at together: 1, 32 or 64. */
unsigned fps__byte_filter_width(void);
/* fps__byte_filter_next with a width up to that; the places are the same. */
size_t fps__byte_filter_next_by(const fps__byte_filter *filter, fps__span bytes, size_t from, unsigned width);

#endif
