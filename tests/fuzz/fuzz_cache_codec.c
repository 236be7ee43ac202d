/* Decodes any bytes as a cached file and as a cached layer. Accepted values must stay the same when they are
 * encoded and decoded again.
 *
 * Reaches: fps__field_items, fps__field_real
 */
#include "cache/cache_codec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const fps__buffer *a, const fps__buffer *b)
{
    return a->count == b->count && memcmp(a->items, b->items, a->count) == 0;
}

static fps__span span_of(const fps__buffer *buffer)
{
    return (fps__span){buffer->items, buffer->count};
}

static void try_file(fps__span bytes)
{
    fps__arena arena = {.limit = 256 << 20};
    fps__analysed_file file;
    fps__buffer first = {0}, again = {0};
    if (fps__analysed_decode(bytes, &arena, &file, NULL) == FPS_OK) {
        if (!fps__analysed_encode(&file, &first) ||
            fps__analysed_decode(span_of(&first), &arena, &file, NULL) != FPS_OK ||
            !fps__analysed_encode(&file, &again) || !same(&first, &again))
            abort();
    }
    free(first.items);
    free(again.items);
    fps__arena_free(&arena);
}

static void try_layer(fps__span bytes)
{
    fps__layer layer, other;
    fps__buffer first = {0}, again = {0};
    if (fps__layer_decode(bytes, &layer, NULL) == FPS_OK) {
        if (!fps__layer_encode(&layer, &first) ||
            fps__layer_decode(span_of(&first), &other, NULL) != FPS_OK ||
            !fps__layer_encode(&other, &again) || !same(&first, &again))
            abort();
        fps__layer_free(&other);
    }
    free(first.items);
    free(again.items);
    fps__layer_free(&layer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_file((fps__span){data, size});
    try_layer((fps__span){data, size});
    return 0;
}
