/* A growing array with a maximum, over any element type. */
#include "util/array.h"

#include <stdint.h>
#include <stdlib.h>

enum { LEAST_CAPACITY = 16 };

fps_status fps__array_reserve(void **items, size_t count, size_t *capacity, size_t extra, size_t size,
                              size_t maximum)
{
    if (extra > maximum || count > maximum - extra)
        return FPS_ERROR_LIMIT;
    if (count + extra <= *capacity)
        return FPS_OK;
    size_t wanted = *capacity < LEAST_CAPACITY ? LEAST_CAPACITY : *capacity + *capacity / 2;
    if (wanted < count + extra)
        wanted = count + extra;
    if (wanted > maximum)
        wanted = maximum;
    if (wanted > SIZE_MAX / size)
        return FPS_ERROR_MEMORY;
    void *grown = realloc(*items, wanted * size);
    if (!grown)
        return FPS_ERROR_MEMORY;
    *items = grown;
    *capacity = wanted;
    return FPS_OK;
}
