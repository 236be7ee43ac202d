/* Which of a few marks are somewhere in some bytes: one pass for all of them, where a search for each would read the bytes again.
 *
 *     fps__mark_search search;
 *     fps__mark_search_init(&search, marks, count);
 *     unsigned found = fps__mark_search_run(&search, bytes, 0);      // bit i: marks[i] may be there
 */
#ifndef FPS_UTIL_MARK_SEARCH_H
#define FPS_UTIL_MARK_SEARCH_H

#include "util/byte_filter.h"

enum { FPS__MOST_MARKS = 8 }; /* so that each has a group of the filter */

typedef struct fps__mark {
    const void *bytes;
    size_t size; /* at least FPS__FILTER_BYTES */
} fps__mark;

typedef struct fps__mark_search {
    const fps__mark *marks;
    size_t count;
    fps__byte_filter filter;
} fps__mark_search;

/* `marks` must outlive the search: at most FPS__MOST_MARKS of them. */
void fps__mark_search_init(fps__mark_search *search, const fps__mark *marks, size_t count);

/* Adds to `known` the bits of the marks that are in `bytes`, and ends as soon as all are known. A bit that is not set says that
 * the mark is not there. One that is set may be wrong: of bytes that are made of beginnings of marks nothing is said but that
 * they may hold them all. Thread-safe. */
unsigned fps__mark_search_run(const fps__mark_search *search, fps__span bytes, unsigned known);

#endif
