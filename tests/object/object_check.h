/* Checks what must hold for every opened object, whatever its bytes; used by unit tests and fuzz targets. */
#ifndef OBJECT_CHECK_H
#define OBJECT_CHECK_H

#include <fpscan/object.h>
#include <string.h>

static inline fps_status object_check_drop(void *user, const char *text, size_t length)
{
    *(size_t *)user += strnlen(text, length);
    return FPS_OK;
}

static inline bool object_check_inside(const void *data, size_t size, const void *part, size_t part_size)
{
    uintptr_t start = (uintptr_t)data, at = (uintptr_t)part;
    return !part_size || (at >= start && at - start <= size && part_size <= size - (at - start));
}

static inline const char *object_check_regions(const fps_object *object, size_t size)
{
    uint64_t end = 0;
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        if (!region->name || !region->size)
            return "a region has no name or no bytes";
        if (region->offset < end)
            return "regions overlap or are not sorted";
        if (region->offset > size || region->size > size - region->offset)
            return "a region is not inside of the file";
        end = region->offset + region->size;
    }
    return fps_object_region(object, fps_object_region_count(object)) ? "a region too many" : NULL;
}

static inline const char *object_check_symbols(const fps_object *object)
{
    for (size_t i = 0; i < fps_object_symbol_count(object); i++) {
        const fps_symbol *symbol = fps_object_symbol(object, i);
        if (!symbol->name || !symbol->name[0] || strlen(symbol->name) > 4096)
            return "a symbol has no name or one that is not cut";
        if (symbol->version && strlen(symbol->version) > 4096)
            return "a version is not cut";
    }
    return NULL;
}

/* NULL if everything holds, else what is wrong. Reads every string and byte that the object returns. */
static inline const char *object_check(const fps_object *object, const void *data, size_t size)
{
    const fps_object_info *info = fps_object_get_info(object);
    const char *wrong = object_check_regions(object, size);
    if (!wrong)
        wrong = object_check_symbols(object);
    if (!wrong &&
        (!info->machine_name || !object_check_inside(data, size, info->build_id, info->build_id_size)))
        wrong = "the machine's name or the build-id is wrong";
    for (size_t i = 0; !wrong && i < fps_object_note_count(object); i++) {
        const fps_note *note = fps_object_note(object, i);
        if (!note->owner || !object_check_inside(data, size, note->data, note->size))
            wrong = "a note is not inside of the file";
    }
    for (size_t i = 0; !wrong && i < fps_object_diagnostic_count(object); i++) {
        const fps_diagnostic *diagnostic = fps_object_diagnostic(object, i);
        if (!diagnostic->code || !diagnostic->message || diagnostic->path)
            wrong = "a diagnostic is not complete";
    }
    size_t written = 0;
    if (!wrong && fps_object_dump(object, object_check_drop, &written) != FPS_OK)
        wrong = "the dump fails";
    return wrong;
}

#endif
