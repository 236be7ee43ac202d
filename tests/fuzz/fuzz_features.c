/* Opens any bytes as an object of any format, extracts all features, and reads every string that a feature
 * points to.
 *
 * Reaches: fps__collect_templates, fps__features_merge, fps__functions_find
 */
#include "feature/feature.h"
#include "util/arena.h"

#include <fpscan/object.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t seen; /* so that the compiler keeps the reads */

/* Reads the bytes of a feature, so that the sanitizer sees a pointer out of bounds. */
static uint64_t read_feature(const fps__feature *feature)
{
    uint64_t sum = feature->key;
    for (uint32_t i = 0; feature->text && i < feature->length; i++)
        sum += (unsigned char)feature->text[i];
    for (uint32_t i = 0; feature->version && i < feature->version_length; i++)
        sum += (unsigned char)feature->version[i];
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fps_object_limits limits = {.symbols = 20000, .sections = 4096, .memory = 64 << 20};
    static const fps__feature_options options = {.exact = true, .functions = true, .max_features = 100000};
    fps_object *object;
    if (fps_object_open(&object, data, size, &limits, NULL) != FPS_OK)
        return 0;
    fps__arena arena = {.limit = (size_t)256 << 20};
    fps__features features, merged;
    if (fps__features_extract(object, data, size, &options, &arena, &features, NULL) == FPS_OK &&
        fps__features_merge(&features, 1, &arena, &merged, NULL) == FPS_OK)
        for (size_t i = 0; i < features.count; i++)
            seen += read_feature(&features.items[i]);
    fps__arena_free(&arena);
    fps_object_free(object);
    return 0;
}
