/* Regions that never overlap: each call paints runs of bytes over what is still unclaimed. */
#include "object/object_internal.h"

#include <stdlib.h>

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* By offset; every other field that can differ follows, so that the order never depends on the sort. */
static int compare_regions(const void *left, const void *right)
{
    const fps_region *a = left, *b = right;
    int order = compare_numbers(a->offset, b->offset);
    if (!order)
        order = compare_numbers(b->size, a->size);
    if (!order)
        order = compare_numbers(a->address, b->address);
    if (!order)
        order = (a->kind > b->kind) - (a->kind < b->kind);
    if (!order)
        order = strcmp(a->name, b->name);
    return order ? order : (a->section > b->section) - (a->section < b->section);
}

static bool is_padding(const fps_object *object, uint64_t start, uint64_t end, uint64_t least)
{
    if (!least)
        return false;
    if (end - start < least)
        return true;
    for (uint64_t i = start; i < end; i++) {
        if (object->data.data[i])
            return false;
    }
    return true;
}

static void emit(fps_object *object, fps_region *painted, size_t *count, const fps_region *item,
                 uint64_t start, uint64_t end)
{
    fps_region *region = &painted[(*count)++];
    *region = *item;
    region->offset = start;
    region->size = end - start;
    if (item->loaded && object->info.type != FPS_OBJECT_RELOCATABLE)
        region->address += start - item->offset;
}

bool fps__object_paint(fps_object *object, fps_region *items, size_t count, uint64_t least)
{
    const fps_region *taken = object->regions.items;
    size_t taken_count = object->regions.count;
    if (!count)
        return true;
    size_t capacity = count + 2 * taken_count; /* a taken region splits one item at most */
    fps_region *painted = malloc(capacity * sizeof *painted);
    if (!painted)
        return false;
    qsort(items, count, sizeof *items, compare_regions);
    size_t made = 0, t = 0;
    uint64_t cursor = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t start = items[i].offset > cursor ? items[i].offset : cursor;
        uint64_t end = items[i].offset + items[i].size;
        while (start < end) {
            while (t < taken_count && taken[t].offset + taken[t].size <= start)
                painted[made++] = taken[t++];
            bool blocked = t < taken_count && taken[t].offset < end;
            uint64_t stop = blocked ? taken[t].offset : end;
            if (stop > start && !is_padding(object, start, stop, least))
                emit(object, painted, &made, &items[i], start, stop);
            start = blocked ? taken[t].offset + taken[t].size : end;
        }
        cursor = end > cursor ? end : cursor;
    }
    while (t < taken_count)
        painted[made++] = taken[t++];
    free(object->regions.items);
    object->regions.items = painted;
    object->regions.count = made;
    object->regions.capacity = capacity;
    return true;
}
