/* Hash tables with open addressing. */
#include "util/table.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_SIZE = 1024 };

fps_status fps__table_reserve(fps__table *table, size_t extra)
{
    size_t size = table->size ? table->size : LEAST_SIZE;
    while (size / 4 * 3 < table->count + extra) {
        if (size > SIZE_MAX / 2 / sizeof *table->slots)
            return FPS_ERROR_MEMORY;
        size *= 2;
    }
    if (size == table->size)
        return FPS_OK;
    fps__table_slot *slots = calloc(size, sizeof *slots);
    if (!slots)
        return FPS_ERROR_MEMORY;
    for (size_t i = 0; i < table->size; i++) {
        if (!table->slots[i].id)
            continue;
        size_t at = table->slots[i].tag & (size - 1);
        while (slots[at].id)
            at = (at + 1) & (size - 1);
        slots[at] = table->slots[i];
    }
    free(table->slots);
    table->slots = slots;
    table->size = size;
    return FPS_OK;
}

void fps__table_free(fps__table *table)
{
    free(table->slots);
    *table = (fps__table){0};
}

/* Keys of features hold their kind in the low four bits and are good hashes above; 2^64 over the golden ratio spreads
 * what is no hash (Knuth, The Art of Computer Programming, volume 3, section 6.4). */
static size_t find_slot(const fps__key_map *map, uint64_t key)
{
    size_t slot = (size_t)((key >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 16) & (map->size - 1);
    while (map->keys[slot] && map->keys[slot] != key)
        slot = (slot + 1) & (map->size - 1);
    return slot;
}

static fps_status grow(fps__key_map *map, size_t size)
{
    fps__key_map grown = {calloc(size, sizeof *grown.keys), calloc(size, sizeof *grown.ids), size,
                          map->count};
    if (!grown.keys || !grown.ids) {
        fps__key_map_free(&grown);
        return FPS_ERROR_MEMORY;
    }
    for (size_t i = 0; i < map->size; i++) {
        if (!map->keys[i])
            continue;
        size_t slot = find_slot(&grown, map->keys[i]);
        grown.keys[slot] = map->keys[i];
        grown.ids[slot] = map->ids[i];
    }
    fps__key_map_free(map);
    *map = grown;
    return FPS_OK;
}

fps_status fps__key_map_reserve(fps__key_map *map, size_t count)
{
    size_t size = map->size ? map->size : LEAST_SIZE;
    if (count > SIZE_MAX / 32)
        return FPS_ERROR_MEMORY;
    while (size / 8 * 5 < count)
        size *= 2;
    return size == map->size ? FPS_OK : grow(map, size);
}

uint32_t *fps__key_map_add(fps__key_map *map, uint64_t key, bool *fresh)
{
    if (fps__key_map_reserve(map, map->count + 1) != FPS_OK)
        return NULL;
    size_t slot = find_slot(map, key);
    *fresh = !map->keys[slot];
    if (*fresh) {
        map->keys[slot] = key;
        map->ids[slot] = 0;
        map->count++;
    }
    return &map->ids[slot];
}

const uint32_t *fps__key_map_find(const fps__key_map *map, uint64_t key)
{
    if (!map->size)
        return NULL;
    size_t slot = find_slot(map, key);
    return map->keys[slot] ? &map->ids[slot] : NULL;
}

void fps__key_map_clear(fps__key_map *map)
{
    if (map->size)
        memset(map->keys, 0, map->size * sizeof *map->keys);
    map->count = 0;
}

void fps__key_map_free(fps__key_map *map)
{
    free(map->keys);
    free(map->ids);
    *map = (fps__key_map){0};
}
