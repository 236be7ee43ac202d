/* A growing array with a maximum, over any element type.
 *
 *   FPS__ARRAY(fps_drift) items = {0};
 *   status = FPS__ARRAY_PUSH(&items, &item, MAX_ITEMS);             one item, copied
 *   status = FPS__ARRAY_RESERVE(&items, extra, MAX_ITEMS);          room for more, to be filled by the caller
 *   free(items.items);
 *
 * A full array and a lack of memory are different failures: the first is the input's, the second the machine's.
 */
#ifndef FPS_UTIL_ARRAY_H
#define FPS_UTIL_ARRAY_H

#include <fpscan/status.h>
#include <stddef.h>
#include <string.h>

/* Declares `struct { TYPE *items; size_t count, capacity; }`; zero is the empty array. */
#define FPS__ARRAY(TYPE)                                                                                     \
    struct {                                                                                                 \
        TYPE *items;                                                                                         \
        size_t count, capacity;                                                                              \
    }

/* Makes room for `extra` more items of `size` bytes. FPS_ERROR_LIMIT: there would be more than `maximum` items.
 * FPS_ERROR_MEMORY. The array is unchanged after a failure. */
fps_status fps__array_reserve(void **items, size_t count, size_t *capacity, size_t extra, size_t size,
                              size_t maximum);

/* Room for `extra` more items in `array`; the next one is array->items[array->count++]. */
#define FPS__ARRAY_RESERVE(array, extra, maximum)                                                            \
    fps__array_reserve((void **)&(array)->items, (array)->count, &(array)->capacity, (extra),                \
                       sizeof *(array)->items, (maximum))

static inline fps_status fps__array_push(void **items, size_t *count, size_t *capacity, const void *item,
                                         size_t size, size_t maximum)
{
    fps_status status = FPS_OK;
    if (*count >= *capacity || *count >= maximum)
        status = fps__array_reserve(items, *count, capacity, 1, size, maximum);
    if (status == FPS_OK)
        memcpy((char *)*items + (*count)++ * size, item, size);
    return status;
}

/* Appends a copy of *item. The conditional makes the compiler check the type of `item`. */
#define FPS__ARRAY_PUSH(array, item, maximum)                                                                \
    fps__array_push((void **)&(array)->items, &(array)->count, &(array)->capacity,                           \
                    1 ? (item) : (array)->items, sizeof *(array)->items, (maximum))

#endif
