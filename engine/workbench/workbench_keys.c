/* Feature key to row id, in memory: SQLite would need a random page write for each new key. */
#include "workbench/workbench_internal.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 1024 };

static size_t slot_of(const fps__workbench_keys *keys, uint64_t key)
{
    return (size_t)((key >> 4) * 0x9e3779b97f4a7c15u >> 16) & (keys->capacity - 1);
}

static size_t find_slot(const fps__workbench_keys *keys, uint64_t key)
{
    size_t slot = slot_of(keys, key);
    while (keys->keys[slot] && keys->keys[slot] != key)
        slot = (slot + 1) & (keys->capacity - 1);
    return slot;
}

static bool grow(fps__workbench_keys *keys, size_t capacity)
{
    fps__workbench_keys grown = {calloc(capacity, sizeof *grown.keys), malloc(capacity * sizeof *grown.ids),
                                 capacity, keys->count};
    if (!grown.keys || !grown.ids) {
        fps__workbench_keys_free(&grown);
        return false;
    }
    for (size_t i = 0; i < keys->capacity; i++) {
        if (!keys->keys[i])
            continue;
        size_t slot = find_slot(&grown, keys->keys[i]);
        grown.keys[slot] = keys->keys[i];
        grown.ids[slot] = keys->ids[i];
    }
    fps__workbench_keys_free(keys);
    *keys = grown;
    return true;
}

bool fps__workbench_keys_reserve(fps__workbench_keys *keys, size_t count)
{
    size_t capacity = keys->capacity ? keys->capacity : FIRST_CAPACITY;
    if (count > SIZE_MAX / 32)
        return false;
    while (capacity / 8 * 5 < count)
        capacity *= 2;
    return capacity == keys->capacity || grow(keys, capacity);
}

uint32_t *fps__workbench_keys_place(fps__workbench_keys *keys, uint64_t key, bool *fresh)
{
    if (!fps__workbench_keys_reserve(keys, keys->count + 1))
        return NULL;
    size_t slot = find_slot(keys, key);
    *fresh = !keys->keys[slot];
    if (*fresh) {
        keys->keys[slot] = key;
        keys->ids[slot] = 0;
        keys->count++;
    }
    return &keys->ids[slot];
}

void fps__workbench_keys_clear(fps__workbench_keys *keys)
{
    if (keys->capacity)
        memset(keys->keys, 0, keys->capacity * sizeof *keys->keys);
    keys->count = 0;
}

void fps__workbench_keys_free(fps__workbench_keys *keys)
{
    free(keys->keys);
    free(keys->ids);
    *keys = (fps__workbench_keys){0};
}
