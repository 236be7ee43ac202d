/* Reads the functions of object files and archives by name: what a patch is learnt from. No SQLite. */
#include "workbench/workbench_patch.h"

#include "code/toolchain.h"
#include "util/error.h"

#include <stdlib.h>

enum { MAX_FUNCTIONS = 10000000 };

typedef struct reading {
    const char *path;
    fps__arena *arena;  /* of the names */
    fps__arena scratch; /* of one object */
    fps__named_functions *functions;
    fps_error *error;
} reading;

/* Functions without a name cannot be told apart, and a part of a function that the compiler moved away says little by itself. */
static bool has_own_name(const fps__feature *feature)
{
    static const char part[] = ".cold";
    const size_t length = sizeof part - 1;
    return fps__feature_kind_of(feature->key) == FPS__FEATURE_FUNCTION && feature->length &&
           (feature->length < length || memcmp(feature->text + feature->length - length, part, length) != 0);
}

static fps_status take_functions(reading *now, const fps_object *object, const fps__features *features)
{
    char toolchain[FPS__MAX_TOOLCHAIN];
    fps__toolchain_name(object, toolchain);
    const char *kept = fps__arena_string(now->arena, toolchain);
    fps_status status = kept ? FPS_OK : FPS_ERROR_MEMORY;
    for (size_t i = 0; i < features->count && !status; i++) {
        const fps__feature *feature = &features->items[i];
        if (!has_own_name(feature))
            continue;
        fps__named_function made = {.name = fps__arena_text(now->arena, feature->text, feature->length),
                                    .toolchain = kept,
                                    .key = feature->key,
                                    .instructions = feature->instructions,
                                    .machine = fps_object_get_info(object)->machine};
        status = made.name ? FPS__ARRAY_PUSH(now->functions, &made, MAX_FUNCTIONS) : FPS_ERROR_MEMORY;
    }
    return fps__workbench_reserved(status, now->path, "functions", now->error);
}

static fps_status read_object(reading *now, fps__span bytes)
{
    fps_object *object;
    fps__features features;
    const fps__feature_options options = {.functions = true, .certain_starts_only = true};
    fps_status status = fps_object_open(&object, bytes.data, bytes.size, NULL, now->error);
    if (status)
        return status;
    status =
        fps__features_extract(object, bytes.data, bytes.size, &options, &now->scratch, &features, now->error);
    if (!status)
        status = take_functions(now, object, &features);
    fps_object_free(object);
    fps__arena_reset(&now->scratch);
    return status;
}

static fps_status read_archive(reading *now, fps__span bytes)
{
    fps_ar *ar;
    fps_ar_member member;
    fps_status status = fps_ar_open(&ar, bytes.data, bytes.size, now->error);
    while (!status && !(status = fps_ar_next(ar, &member, now->error)))
        if (fps_object_identify(member.data, member.size) != FPS_FORMAT_NONE)
            status = read_object(now, (fps__span){member.data, member.size});
    fps_ar_free(ar);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static fps_status read_bytes(reading *now, fps__span bytes)
{
    switch (fps_object_identify(bytes.data, bytes.size)) {
    case FPS_FORMAT_NONE:
        return fps__fail(now->error, FPS_ERROR_FORMAT, now->path, UINT64_MAX,
                         "neither an object file nor an ar archive of them");
    case FPS_FORMAT_AR:
        return read_archive(now, bytes);
    default:
        return read_object(now, bytes);
    }
}

fps_status fps__workbench_read_functions(const char *path, fps__arena *arena, fps__named_functions *functions,
                                         fps_error *error)
{
    fps_error inner = {.message = "", .offset = UINT64_MAX};
    reading now = {.path = path, .arena = arena, .functions = functions, .error = &inner};
    fps__span bytes;
    fps_status status = fps__workbench_read_file(path, &bytes, error);
    if (status)
        return status;
    status = read_bytes(&now, bytes);
    free((void *)bytes.data);
    fps__arena_free(&now.scratch);
    if (status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    return status ? fps__fail(error, status, path, inner.offset, "%s", inner.message) : FPS_OK;
}
