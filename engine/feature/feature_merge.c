/* One set of features out of those of several objects. */
#include "feature/collect.h"

#include "util/error.h"

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

fps_status fps__features_merge(const fps__features *parts, size_t count, struct fps__arena *arena,
                               fps__features *merged, fps_error *error)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i].count;
    *merged = (fps__features){.items = fps__arena_array(arena, total + 1, sizeof *merged->items)};
    fps__key_set seen = {NULL, 0, 0};
    bool ok = merged->items != NULL;
    for (int kind = FPS__FEATURE_LITERAL; ok && kind <= FPS__FEATURE_FUNCTION; kind++) {
        size_t before = merged->count;
        for (size_t i = 0; ok && i < count; i++) {
            kind_range range = range_of(&parts[i], (fps__feature_kind)kind);
            for (size_t k = range.first; ok && k < range.first + range.count; k++) {
                fps__key_set_result result = fps__key_set_add(&seen, parts[i].items[k].key);
                ok = result != FPS__KEY_NO_MEMORY;
                if (result == FPS__KEY_NEW)
                    merged->items[merged->count++] = parts[i].items[k];
            }
        }
        set_count(merged, (fps__feature_kind)kind, merged->count - before);
    }
    for (size_t i = 0; ok && i < count; i++) {
        merged->code_bytes += parts[i].code_bytes;
        merged->small_code_bytes += parts[i].small_code_bytes;
    }
    fps__key_set_free(&seen);
    return ok ? FPS_OK : fps__fail_memory(error);
}
