/* A growing array with a maximum, over any element type. */
#include "util/array.h"

#include <stdint.h>
#include <stdlib.h>

bool fps__array_reserve(void **items, size_t count, size_t *capacity, size_t extra, size_t size,
                        size_t maximum)
{
    if (extra > maximum || count > maximum - extra)
        return false;
    if (count + extra <= *capacity)
        return true;
    size_t wanted = *capacity < 16 ? 16 : *capacity + *capacity / 2;
    if (wanted < count + extra)
        wanted = count + extra;
    if (wanted > maximum)
        wanted = maximum;
    if (wanted > SIZE_MAX / size)
        return false;
    void *grown = realloc(*items, wanted * size);
    if (!grown)
        return false;
    *items = grown;
    *capacity = wanted;
    return true;
}
