/* Finds literals, which are runs of printable characters that a NUL ends, at memory speed. */
#ifndef FPS_FEATURE_LITERAL_H
#define FPS_FEATURE_LITERAL_H

#include "util/bytes.h"

enum { FPS__LITERAL_MINIMUM = 5 }; /* characters */

/* Called for each literal in ascending order; `start` and `length` are bytes, from the start of the span.
 * False stops the search. */
typedef bool (*fps__literal_callback)(void *user, size_t start, size_t length);

/* Finds every run of at least FPS__LITERAL_MINIMUM bytes out of 0x20..0x7e and 0x09..0x0d that a NUL ends. A
 * run begins behind the last other byte, or at the start of the span. Returns false when the callback stopped
 * the search. */
bool fps__literal_scan(fps__span bytes, fps__literal_callback callback, void *user);

/* The same with only the instructions that every processor of the architecture has; what fps__literal_scan
 * falls back to. Tests and benches call it directly. */
bool fps__literal_scan_baseline(fps__span bytes, fps__literal_callback callback, void *user);

#endif
