/* Merges the features of several objects into one set. */
#include "feature/feature.h"

#include "util/arena.h"
#include "util/error.h"
#include "util/table.h"

typedef struct kind_range {
    size_t first, count;
} kind_range;

static kind_range range_of(const fps__features *part, fps__feature_kind kind)
{
    const size_t counts[] = {part->literal_count,  part->name_count,  part->use_count,
                             part->template_count, part->exact_count, part->function_count};
    kind_range range = {0, counts[kind - 1]};
    for (int k = 0; k < (int)kind - 1; k++)
        range.first += counts[k];
    return range;
}

static void set_count(fps__features *merged, fps__feature_kind kind, size_t count)
{
    size_t *const counts[] = {&merged->literal_count,  &merged->name_count,  &merged->use_count,
                              &merged->template_count, &merged->exact_count, &merged->function_count};
    *counts[kind - 1] = count;
}

/* Appends the features of one kind of all parts, each key once. */
static fps_status merge_kind(const fps__features *parts, size_t count, fps__feature_kind kind,
                             fps__key_map *seen, fps__features *merged)
{
    for (size_t i = 0; i < count; i++) {
        kind_range range = range_of(&parts[i], kind);
        const fps__feature *items = parts[i].items + range.first;
        for (size_t k = 0; k < range.count; k++) {
            bool fresh;
            if (!fps__key_map_add(seen, items[k].key, &fresh))
                return FPS_ERROR_MEMORY;
            if (fresh)
                merged->items[merged->count++] = items[k];
        }
    }
    return FPS_OK;
}

fps_status fps__features_merge(const fps__features *parts, size_t count, struct fps__arena *arena,
                               fps__features *merged, fps_error *error)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i].count;
    *merged = (fps__features){.items = fps__arena_array(arena, total + 1, sizeof *merged->items)};
    fps__key_map seen = {0};
    fps_status status = merged->items ? FPS_OK : FPS_ERROR_MEMORY;
    for (int kind = FPS__FEATURE_LITERAL; status == FPS_OK && kind <= FPS__FEATURE_FUNCTION; kind++) {
        size_t before = merged->count;
        status = merge_kind(parts, count, (fps__feature_kind)kind, &seen, merged);
        set_count(merged, (fps__feature_kind)kind, merged->count - before);
    }
    for (size_t i = 0; status == FPS_OK && i < count; i++) {
        merged->code_bytes += parts[i].code_bytes;
        merged->small_code_bytes += parts[i].small_code_bytes;
    }
    fps__key_map_free(&seen);
    return status == FPS_OK ? FPS_OK : fps__fail_memory(error);
}
