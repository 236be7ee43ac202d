/* Shared by the fuzz targets of ELF and PE: opens any bytes and checks what must hold for every object. */
#ifndef FUZZ_OBJECT_H
#define FUZZ_OBJECT_H

#include "../object/object_check.h"

#include <stdlib.h>

/* Ignores bytes of any format but `format`. */
static inline int fuzz_object(fps_format format, const uint8_t *data, size_t size)
{
    const fps_object_limits limits = {.symbols = 20000, .sections = 2000, .memory = (size_t)32 << 20};
    fps_object *object;
    fps_error error;
    if (fps_object_identify(data, size) != format)
        return 0;
    fps_status status = fps_object_open(&object, data, size, &limits, &error);
    if (status != FPS_OK && status != FPS_ERROR_CORRUPT)
        abort();
    if (status == FPS_OK && object_check(object, data, size))
        abort();
    fps_object_free(object);
    return 0;
}

#endif
