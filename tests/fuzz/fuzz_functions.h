/* Shared by the fuzz targets that find functions: any bytes of one format, with all tables and by control flow alone.
 */
#ifndef FUZZ_FUNCTIONS_H
#define FUZZ_FUNCTIONS_H

#include "../object/functions_check.h"

#include <stdlib.h>

static inline void fuzz_functions_find(const fps_object *object, const uint8_t *data, size_t size,
                                       const fps__function_options *options)
{
    fps__arena arena = {0};
    fps__functions functions;
    fps_error error;
    if (fps__functions_find(object, data, size, options, &arena, &functions, &error) != FPS_OK)
        abort();
    if (functions_check(object, data, &functions))
        abort();
    fps__arena_free(&arena);
}

static inline int fuzz_functions(fps_format format, const uint8_t *data, size_t size)
{
    const fps_object_limits limits = {.symbols = 20000, .sections = 2000, .memory = (size_t)32 << 20};
    const fps__function_options all = {.maximum = 20000}, bare = {.no_symbols = true, .no_tables = true};
    fps_object *object;
    fps_error error;
    if (fps_object_identify(data, size) != format ||
        fps_object_open(&object, data, size, &limits, &error) != FPS_OK)
        return 0;
    fuzz_functions_find(object, data, size, &all);
    fuzz_functions_find(object, data, size, &bare);
    fps_object_free(object);
    return 0;
}

#endif
