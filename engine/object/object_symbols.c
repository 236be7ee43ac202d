/* The merged symbol table: several tables of one object, each symbol once, in the order of arrival. */
#include "object/object_internal.h"

#include <stdlib.h>
#include <xxhash.h>

/* A file can be built whose names all hash alike: a look-up gives up here and keeps the duplicate. */
enum { MAX_PROBES = 128 };

struct fps__symbol_set {
    fps_object *object;
    uint64_t *slots; /* upper half of the hash, and index + 1 in the lower 32 bits; 0 is free */
    size_t mask;
};

fps__symbol_set *fps__symbol_set_new(fps_object *object, size_t count)
{
    size_t room = (object->limits.memory - object->arena.used) / 2 / sizeof(fps_symbol);
    size_t most = object->limits.symbols < room ? object->limits.symbols : room;
    if (count > most) {
        fps__object_diagnose(object, FPS_DIAGNOSTIC_PARTIAL, "symbol-limit", UINT64_MAX,
                             "only %zu of %zu symbols are read", most, count);
        count = most;
    }
    fps__symbol_set *set = calloc(1, sizeof *set);
    size_t slots = 16;
    while (slots < count * 2)
        slots *= 2;
    if (set)
        set->slots = calloc(slots, sizeof *set->slots);
    object->symbols = fps__arena_array(&object->arena, count ? count : 1, sizeof *object->symbols);
    if (!set || !set->slots || !object->symbols) {
        fps__symbol_set_free(set);
        return NULL;
    }
    object->symbol_capacity = count;
    set->object = object;
    set->mask = slots - 1;
    return set;
}

void fps__symbol_set_free(fps__symbol_set *set)
{
    if (set)
        free(set->slots);
    free(set);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

static bool same_symbol(const fps_symbol *a, const fps_symbol *b)
{
    return a->address == b->address && a->defined == b->defined && same_text(a->name, b->name) &&
           (!a->version || !b->version || same_text(a->version, b->version)) &&
           (!a->library || !b->library || same_text(a->library, b->library));
}

static void complete(fps_symbol *old, const fps_symbol *fresh)
{
    if (!old->version)
        old->version = fresh->version;
    if (!old->size)
        old->size = fresh->size;
    if (old->type == FPS_SYMBOL_OTHER)
        old->type = fresh->type;
    old->dynamic = old->dynamic || fresh->dynamic;
    old->global = old->global || fresh->global;
}

void fps__symbol_set_add(fps__symbol_set *set, const fps_symbol *symbol)
{
    fps_object *object = set->object;
    if (object->symbol_count >= object->symbol_capacity)
        return;
    uint64_t hash = XXH3_64bits_withSeed(symbol->name, strlen(symbol->name), symbol->address);
    uint64_t tag = hash & ~(uint64_t)UINT32_MAX;
    size_t at = (size_t)hash & set->mask;
    for (unsigned probes = 0; set->slots[at] && probes < MAX_PROBES; probes++, at = (at + 1) & set->mask) {
        fps_symbol *old = &object->symbols[(uint32_t)set->slots[at] - 1];
        bool same_hash = (set->slots[at] ^ tag) <= UINT32_MAX;
        if (same_hash && same_symbol(old, symbol)) {
            complete(old, symbol);
            return;
        }
    }
    object->symbols[object->symbol_count++] = *symbol;
    if (!set->slots[at])
        set->slots[at] = tag | (uint32_t)object->symbol_count;
}
