/* One layer as a list of entries: what it owns, and giving it back. */
#include "image/layer.h"

#include <stdlib.h>

void fps__layer_free(fps__layer *layer)
{
    fps__arena_free(&layer->arena);
    free(layer->entries.items);
    free(layer->contents.items);
    free(layer->diagnostics.items);
    *layer = (fps__layer){0};
}
