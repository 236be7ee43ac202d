/* The bytes of a file that no region covers. */
#include "object/object_internal.h"

#include <stdlib.h>

enum {
    MAX_TABLES = 1 << 10,
    LEAST_GAP = 64, /* bytes; what is shorter holds nothing */
};

void fps__object_add_table(fps_object *object, uint64_t offset, uint64_t size)
{
    fps_gap table = {.offset = offset, .size = size, .table = true};
    if (size && FPS__ARRAY_PUSH(&object->tables, &table, MAX_TABLES) == FPS_ERROR_MEMORY)
        object->memory_failed = true;
}

static int compare_tables(const void *left, const void *right)
{
    const fps_gap *a = left, *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return (a->size < b->size) - (a->size > b->size);
}

static bool is_one_byte(const uint8_t *bytes, size_t size)
{
    return size < 2 || memcmp(bytes, bytes + 1, size - 1) == 0;
}

static bool add_gap(fps_object *object, uint64_t from, uint64_t to, bool table)
{
    if (to <= from || to - from < LEAST_GAP || is_one_byte(object->data.data + from, (size_t)(to - from)))
        return true;
    fps_gap gap = {from, to - from, table};
    return FPS__ARRAY_PUSH(&object->gaps, &gap, SIZE_MAX) == FPS_OK;
}

/* A run without regions, cut where tables begin and end. `*table` is the first that may reach into it. */
static bool add_gaps(fps_object *object, uint64_t from, uint64_t to, size_t *table)
{
    bool good = true;
    for (size_t i = *table; good && i < object->tables.count && object->tables.items[i].offset < to; i++) {
        const fps_gap *t = &object->tables.items[i];
        uint64_t end = t->size < to - t->offset ? t->offset + t->size : to,
                 start = t->offset > from ? t->offset : from;
        if (end <= from)
            continue;
        good = add_gap(object, from, start, false) && add_gap(object, start, end, true);
        from = end;
    }
    while (*table < object->tables.count && object->tables.items[*table].offset < to &&
           object->tables.items[*table].size <= to - object->tables.items[*table].offset)
        ++*table;
    return good && add_gap(object, from, to, false);
}

bool fps__object_find_gaps(fps_object *object)
{
    uint64_t at = 0;
    size_t table = 0;
    if (object->tables.count)
        qsort(object->tables.items, object->tables.count, sizeof *object->tables.items, compare_tables);
    for (size_t i = 0; i < object->regions.count; i++) { /* they are sorted and do not overlap */
        const fps_region *region = &object->regions.items[i];
        if (region->offset > at && !add_gaps(object, at, region->offset, &table))
            return false;
        at = region->offset + region->size > at ? region->offset + region->size : at;
    }
    return at >= object->data.size || add_gaps(object, at, object->data.size, &table);
}
