/* Hash tables with open addressing. They hold numbers; what a number stands for is the caller's.
 *
 * fps__table finds ids of things that the caller keeps in an array of its own:
 *
 *   uint64_t hash = XXH3_64bits(name, strlen(name));
 *   status = fps__table_reserve(&table, 1);
 *   fps__table_slot *slot;
 *   FPS__TABLE_FIND(slot, &table, hash, id, strcmp(names[id - 1], name) == 0);
 *   if (!slot->id)
 *       fps__table_add(&table, slot, hash, next_id);
 *
 * fps__key_map maps 64-bit keys to ids; without ids it is a set.
 */
#ifndef FPS_UTIL_TABLE_H
#define FPS_UTIL_TABLE_H

#include <fpscan/status.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct fps__table_slot {
    uint32_t tag; /* bits of the hash: most other things are told apart without a look at them */
    uint32_t id;  /* 0: free */
} fps__table_slot;

/* Zero is the empty table. At most three quarters of the slots are in use, so that a search always ends. */
typedef struct fps__table {
    fps__table_slot *slots;
    size_t size, count; /* slots (a power of two), ids */
} fps__table;

/* Makes room for `extra` more ids. FPS_ERROR_MEMORY; the table is unchanged then. */
fps_status fps__table_reserve(fps__table *table, size_t extra);
void fps__table_free(fps__table *table);

/* The part of a hash that a slot keeps. The low bits choose the slot and are the same anyway when a table is large. */
static inline uint32_t fps__table_tag(uint64_t hash)
{
    return (uint32_t)(hash ^ hash >> 32);
}

/* Puts into `slot` the slot of the id for which SAME holds, or the free one where it belongs. SAME is an expression over
 * `candidate`, the id of a slot whose tag fits. The table must have room for one more. */
#define FPS__TABLE_FIND(slot, table, hash, candidate, same)                                                  \
    do {                                                                                                     \
        const fps__table *fps__at = (table);                                                                 \
        uint32_t fps__tag = fps__table_tag(hash);                                                            \
        size_t fps__mask = fps__at->size - 1, fps__i = fps__tag & fps__mask;                                 \
        for (;; fps__i = (fps__i + 1) & fps__mask) {                                                         \
            uint32_t candidate = fps__at->slots[fps__i].id;                                                  \
            if (!candidate || (fps__at->slots[fps__i].tag == fps__tag && (same)))                            \
                break;                                                                                       \
        }                                                                                                    \
        (slot) = &fps__at->slots[fps__i];                                                                    \
    } while (0)

/* Fills the free slot that a search gave. */
static inline void fps__table_add(fps__table *table, fps__table_slot *slot, uint64_t hash, uint32_t id)
{
    *slot = (fps__table_slot){fps__table_tag(hash), id};
    table->count++;
}

/* Keys (never 0) and their ids. Zero is the empty map. */
typedef struct fps__key_map {
    uint64_t *keys; /* 0: free */
    uint32_t *ids;
    size_t size, count; /* slots (a power of two), keys */
} fps__key_map;

/* Makes room for `count` keys in all. FPS_ERROR_MEMORY; the map is unchanged then. */
fps_status fps__key_map_reserve(fps__key_map *map, size_t count);
/* The id of a key, 0 at first; *fresh: the key was not there. NULL without memory. The place is valid until the next
 * key is added. */
uint32_t *fps__key_map_add(fps__key_map *map, uint64_t key, bool *fresh);
/* The id of a key, NULL when it is not there. */
const uint32_t *fps__key_map_find(const fps__key_map *map, uint64_t key);
/* Forgets all keys and keeps the memory. */
void fps__key_map_clear(fps__key_map *map);
void fps__key_map_free(fps__key_map *map);

#endif
