/* Finding literals: NUL-terminated runs of printable characters, at memory speed. */
#ifndef FPS_FEATURE_LITERAL_H
#define FPS_FEATURE_LITERAL_H

#include "util/bytes.h"

enum { FPS__LITERAL_MINIMUM = 5 };

/* Called for each literal in ascending order; false stops the search. `start` is in bytes from the start of
 * the span. */
typedef bool (*fps__literal_callback)(void *user, size_t start, size_t length);

/* Finds every run of at least FPS__LITERAL_MINIMUM bytes out of 0x20..0x7e and 0x09..0x0d that a NUL ends; a
 * run begins after the last other byte, or at the start of the span. Returns false when the callback stopped
 * it. */
bool fps__literal_scan(fps__span bytes, fps__literal_callback callback, void *user);

/* The same with no instructions but those that every processor of the architecture has: for tests and
 * benches. */
bool fps__literal_scan_baseline(fps__span bytes, fps__literal_callback callback, void *user);

/* The same one byte at a time: the oracle of the tests. */
bool fps__literal_scan_slow(fps__span bytes, fps__literal_callback callback, void *user);

#endif
