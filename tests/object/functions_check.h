/* Checks what must hold for the functions of every object, whatever its bytes; used by unit tests and a
 * fuzz target. */
#ifndef FUNCTIONS_CHECK_H
#define FUNCTIONS_CHECK_H

#include "code/functions.h"

enum { FUNCTIONS_CHECK_DEPTH = 8 }; /* functions that may contain one byte, the limit of the finder */

static inline bool functions_check_inside(const fps_object *object, const fps__function *function)
{
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        if (region->executable && function->offset >= region->offset &&
            function->offset - region->offset < region->size)
            return function->size <= region->size - (function->offset - region->offset);
    }
    return false;
}

/* NULL if everything holds, else what is wrong. */
static inline const char *functions_check(const fps_object *object, const void *data,
                                          const fps__functions *functions)
{
    uint64_t bytes = 0, executable = 0;
    for (size_t i = 0; i < fps_object_region_count(object); i++)
        executable += fps_object_region(object, i)->executable ? fps_object_region(object, i)->size : 0;
    for (size_t i = 0; i < functions->count; i++) {
        const fps__function *function = &functions->items[i], *before = i ? function - 1 : NULL;
        if (!function->size || !functions_check_inside(object, function))
            return "a function is empty or not inside of one executable region";
        if (before && (function->offset < before->offset ||
                       (function->offset == before->offset && function->size <= before->size)))
            return "functions are not sorted or doubled";
        fps__code code = fps__function_code(object, data, function);
        for (size_t k = 0; k < code.relocation_count; k++) {
            if (code.relocations[k].offset < code.offset ||
                code.relocations[k].offset - code.offset >= code.size)
                return "a relocation is not inside of its function";
        }
        bytes += function->size;
    }
    if (bytes > FUNCTIONS_CHECK_DEPTH * executable)
        return "too many functions lie over each other";
    if (functions->executable_bytes > executable || functions->covered_bytes > functions->executable_bytes)
        return "the sums of bytes are wrong";
    for (size_t i = 0; i < functions->diagnostic_count; i++) {
        if (!functions->diagnostics[i].code || !functions->diagnostics[i].message)
            return "a diagnostic is not complete";
    }
    return NULL;
}

#endif
