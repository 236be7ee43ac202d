/* Opens any bytes as what is loaded as it is, or as a WebAssembly module, and reads its features and what it says that it is.
 *
 * Reaches: fps_object_open_flat, fps__self_names, fps__has_self_name
 */
#include "match/self_name.h"
#include "util/arena.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const fps_object_limits limits = {.symbols = 20000, .sections = 2000, .memory = (size_t)32 << 20};
    fps_object *object;
    fps__features features;
    fps__self_name names[FPS__SELF_NAMES];
    fps__arena arena = {NULL, 0, 0};
    if (fps_object_open_flat(&object, data, size, &limits, NULL) != FPS_OK)
        return 0;
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        if (region->offset > size || region->size > size - region->offset)
            abort();
    }
    if (fps__features_extract(object, data, size, NULL, &arena, &features, NULL) == FPS_OK) {
        size_t count = fps__self_names(&features, names);
        for (size_t i = 0; i < count; i++)
            if (!names[i].version[0])
                abort();
    }
    volatile bool has = fps__has_self_name((fps__span){data, size});
    (void)has;
    fps_object_free(object);
    fps__arena_free(&arena);
    return 0;
}
