/* A growing array with a maximum, over any element type. */
#ifndef FPS_UTIL_ARRAY_H
#define FPS_UTIL_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Declares `struct { TYPE *items; size_t count, capacity; }`; zero is the empty array. */
#define FPS__ARRAY(TYPE)                                                                                     \
    struct {                                                                                                 \
        TYPE *items;                                                                                         \
        size_t count, capacity;                                                                              \
    }

/* Makes room for `extra` more items of `size` bytes, never above `maximum` items. False on overflow, at the
 * maximum, or without memory; the array is unchanged then. */
bool fps__array_reserve(void **items, size_t count, size_t *capacity, size_t extra, size_t size,
                        size_t maximum);

/* Room for one more in `array`; the new item is array.items[array.count++]. */
#define FPS__ARRAY_ROOM(array, extra, maximum)                                                               \
    fps__array_reserve((void **)&(array)->items, (array)->count, &(array)->capacity, (extra),                \
                       sizeof *(array)->items, (maximum))

#endif
