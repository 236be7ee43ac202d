/* Binary search over anything that is sorted. */
#ifndef FPS_UTIL_SEARCH_H
#define FPS_UTIL_SEARCH_H

#include <stddef.h>

/* Puts into `found` the first index in [0, count) for which PRECEDES is false, or `count`: the lower bound when
 * PRECEDES says "less than", the upper bound when it says "at most". PRECEDES is an expression over the index
 * `at`; it must be true for a first part of the elements and false for the rest.
 *
 *   size_t first;
 *   FPS__LOWER_BOUND(first, file_count, at, strcmp(files[at].path, path) < 0);
 */
#define FPS__LOWER_BOUND(found, total, at, precedes)                                                         \
    do {                                                                                                     \
        size_t fps__low = 0, fps__high = (total);                                                            \
        while (fps__low < fps__high) {                                                                       \
            size_t at = fps__low + (fps__high - fps__low) / 2;                                               \
            if (precedes)                                                                                    \
                fps__low = at + 1;                                                                           \
            else                                                                                             \
                fps__high = at;                                                                              \
        }                                                                                                    \
        (found) = fps__low;                                                                                  \
    } while (0)

/* Orders two numbers for qsort: -1, 0 or 1. */
#define FPS__COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

#endif
