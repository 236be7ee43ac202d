/* Extracts the features of one object, one kind after the other. */
#include "feature/feature.h"

#include "feature/collect.h"
#include "util/error.h"

#include <stdlib.h>

/* The features added since the last call are those of one kind. */
static void count_kind(fps__collector *collector, size_t *counter, size_t *before)
{
    *counter = collector->items.count - *before;
    *before = collector->items.count;
}

static void collect_kinds(fps__collector *collector, const fps__feature_options *options,
                          fps__features *features)
{
    size_t before = 0;
    fps__collect_literals(collector);
    count_kind(collector, &features->literal_count, &before);
    fps__collect_names(collector);
    count_kind(collector, &features->name_count, &before);
    fps__collect_uses(collector);
    count_kind(collector, &features->use_count, &before);
    fps__collect_templates(collector, features->literal_count);
    count_kind(collector, &features->template_count, &before);
    if (options->exact)
        fps__collect_exact(collector);
    count_kind(collector, &features->exact_count, &before);
    if (options->functions)
        fps__collect_functions(collector);
    count_kind(collector, &features->function_count, &before);
}

/* Copies the texts of items [from, to) that lie neither in the object's bytes nor in the arena: of some names the object alone
 * has a text, such as COFF's of eight letters, which no zero ends. */
static void copy_texts(fps__collector *collector, size_t from, size_t to)
{
    uintptr_t start = (uintptr_t)collector->bytes.data;
    for (size_t i = from; i < to && collector->status != FPS_ERROR_MEMORY; i++) {
        fps__feature *feature = &collector->items.items[i];
        if (!feature->length || (uintptr_t)feature->text - start < collector->bytes.size)
            continue;
        const char *copy = fps__arena_text(collector->arena, feature->text, feature->length);
        if (copy)
            feature->text = copy;
        else
            collector->status = FPS_ERROR_MEMORY;
    }
}

/* Makes the features independent of the object, which may be closed before they are used. */
static void copy_names(fps__collector *collector, const fps__features *features)
{
    size_t names = features->literal_count, behind = names + features->name_count + features->use_count;
    size_t functions = behind + features->template_count + features->exact_count;
    copy_texts(collector, names, behind);
    copy_texts(collector, functions, functions + features->function_count);
}

fps_status fps__features_extract(const fps_object *object, const void *data, size_t size,
                                 const fps__feature_options *options, struct fps__arena *arena,
                                 fps__features *features, fps_error *error)
{
    static const fps__feature_options defaults;
    options = options ? options : &defaults;
    fps__collector collector = {.object = object,
                                .info = fps_object_get_info(object),
                                .bytes = {data, size},
                                .arena = arena,
                                .maximum = options->max_features ? options->max_features : FPS__MAX_FEATURES,
                                .alarm = {.deadline_ms = options->deadline_ms},
                                .certain_starts_only = options->certain_starts_only};
    *features = (fps__features){0};
    collect_kinds(&collector, options, features);
    copy_names(&collector, features);
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
    fps__key_map_free(&collector.seen);
    if (collector.status == FPS_ERROR_MEMORY) {
        *features = (fps__features){0};
        return fps__fail_memory(error);
    }
    if (collector.status != FPS_OK)
        return fps__fail(error, collector.status, NULL, UINT64_MAX,
                         "more than %zu features, the rest is left out", collector.maximum);
    return FPS_OK;
}
