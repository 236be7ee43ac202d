/* A set of 64-bit keys: open addressing, grows, never shrinks. */
#include "feature/key_set.h"

#include <stdlib.h>

static size_t place(const fps__key_set *set, uint64_t key)
{
    size_t i = (size_t)(key >> 4) & (set->size - 1); /* the low 4 bits are the kind */
    while (set->slots[i] && set->slots[i] != key)
        i = (i + 1) & (set->size - 1);
    return i;
}

static bool grow(fps__key_set *set)
{
    fps__key_set bigger = {NULL, set->size ? set->size * 2 : 4096, set->count};
    bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < set->size; i++)
        if (set->slots[i])
            bigger.slots[place(&bigger, set->slots[i])] = set->slots[i];
    free(set->slots);
    *set = bigger;
    return true;
}

fps__key_set_result fps__key_set_add(fps__key_set *set, uint64_t key)
{
    if (set->count >= set->size / 2 && !grow(set))
        return FPS__KEY_NO_MEMORY;
    size_t i = place(set, key);
    if (set->slots[i])
        return FPS__KEY_KNOWN;
    set->slots[i] = key;
    set->count++;
    return FPS__KEY_NEW;
}

void fps__key_set_free(fps__key_set *set)
{
    free(set->slots);
    *set = (fps__key_set){NULL, 0, 0};
}
