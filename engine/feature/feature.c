/* The features of one object, kind after kind. */
#include "feature/feature.h"

#include "feature/collect.h"
#include "util/error.h"

#include <stdlib.h>
#include <xxhash.h>

uint32_t fps__feature_parameters(fps__feature_kind kind)
{
    static const uint32_t parameters[FPS__FEATURE_KINDS] = {
        [FPS__FEATURE_LITERAL] = 3,  [FPS__FEATURE_NAME] = 2,  [FPS__FEATURE_USE] = 1,
        [FPS__FEATURE_TEMPLATE] = 2, [FPS__FEATURE_EXACT] = 1, [FPS__FEATURE_FUNCTION] = 1,
        [FPS__FEATURE_CONTENT] = 1,
    };
    return (unsigned)kind < FPS__FEATURE_KINDS ? parameters[kind] : 0;
}

uint64_t fps__feature_literal_key(const char *text, size_t length)
{
    return fps__feature_key(XXH3_64bits(text, length), FPS__FEATURE_LITERAL);
}

uint64_t fps__feature_name_key(char class_letter, const char *text, size_t length)
{
    return fps__feature_key(XXH3_64bits_withSeed(text, length, (uint8_t)class_letter), FPS__FEATURE_NAME);
}

uint64_t fps__feature_content_key(uint64_t sum, uint64_t count)
{
    uint64_t both[2] = {sum, count};
    return fps__feature_key(XXH3_64bits(both, sizeof both), FPS__FEATURE_CONTENT);
}

bool fps__collect_again(fps__collector *collector, const fps__feature *feature)
{
    if (collector->status != FPS_OK)
        return false;
    if (FPS__ARRAY_RESERVE(&collector->items, 1, collector->maximum) != FPS_OK) {
        collector->status = collector->items.count >= collector->maximum ? FPS_ERROR_LIMIT : FPS_ERROR_MEMORY;
        return false;
    }
    collector->items.items[collector->items.count++] = *feature;
    return true;
}

bool fps__collect(fps__collector *collector, const fps__feature *feature)
{
    switch (fps__key_set_add(&collector->seen, feature->key)) {
    case FPS__KEY_NEW:
        return fps__collect_again(collector, feature);
    case FPS__KEY_NO_MEMORY:
        collector->status = FPS_ERROR_MEMORY;
        return false;
    case FPS__KEY_KNOWN:
        break;
    }
    return collector->status == FPS_OK;
}

static void count_kind(fps__collector *collector, size_t *counter, size_t *before)
{
    *counter = collector->items.count - *before;
    *before = collector->items.count;
}

fps_status fps__features_extract(const fps_object *object, const void *data, size_t size,
                                 const fps__feature_options *options, struct fps__arena *arena,
                                 fps__features *features, fps_error *error)
{
    fps__collector collector = {.object = object, .info = fps_object_get_info(object), .arena = arena};
    collector.bytes = (fps__span){data, size};
    collector.maximum = options && options->literals_max ? options->literals_max : FPS__MAX_LITERALS;
    collector.no_candidates = options && options->no_candidates;
    *features = (fps__features){0};
    size_t before = 0;
    fps__collect_literals(&collector);
    count_kind(&collector, &features->literal_count, &before);
    fps__collect_names(&collector);
    count_kind(&collector, &features->name_count, &before);
    fps__collect_uses(&collector);
    count_kind(&collector, &features->use_count, &before);
    fps__collect_templates(&collector, features->literal_count);
    count_kind(&collector, &features->template_count, &before);
    if (options && options->exact)
        fps__collect_exact(&collector);
    count_kind(&collector, &features->exact_count, &before);
    if (options && options->functions)
        fps__collect_functions(&collector);
    count_kind(&collector, &features->function_count, &before);
    features->code_bytes = collector.code_bytes;
    features->small_code_bytes = collector.small_code_bytes;
    features->diagnostics = collector.diagnostics;
    features->diagnostic_count = collector.diagnostic_count;
    features->count = collector.items.count;
    features->items = fps__arena_array(arena, features->count, sizeof *features->items);
    if (features->items && features->count)
        memcpy(features->items, collector.items.items, features->count * sizeof *features->items);
    else if (!features->items)
        collector.status = FPS_ERROR_MEMORY;
    free(collector.items.items);
    fps__key_set_free(&collector.seen);
    if (collector.status == FPS_ERROR_MEMORY) {
        *features = (fps__features){0};
        return fps__fail_memory(error);
    }
    if (collector.status != FPS_OK)
        return fps__fail(error, collector.status, NULL, UINT64_MAX,
                         "more than %zu features, the rest is left out", collector.maximum);
    return FPS_OK;
}
