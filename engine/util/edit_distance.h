/* How many letters two names differ in: for the name that a mistyped one may mean. */
#ifndef FPS_UTIL_EDIT_DISTANCE_H
#define FPS_UTIL_EDIT_DISTANCE_H

#include <stddef.h>

/* Letters to insert, remove, replace or swap with their neighbour, small and capital ones being equal (optimal string alignment);
 * `most` + 1 for more than `most`, and for names of more than 128 bytes. Thread-safe. */
size_t fps__edit_distance(const char *a, const char *b, size_t most);

/* The letters in which a name may differ from what a mistyped one means. */
size_t fps__edit_limit(const char *name);

#endif
