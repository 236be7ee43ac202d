/* An arena: many small allocations that are freed at once. */
#include "util/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, FIRST_BLOCK = 64 * 1024, LARGEST_BLOCK = 4 * 1024 * 1024 };

struct fps__arena_block {
    fps__arena_block *next;
    size_t size;
    size_t used;
    _Alignas(ALIGNMENT) unsigned char data[];
};

static fps__arena_block *add_block(fps__arena *arena, size_t size)
{
    size_t wanted = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (wanted > LARGEST_BLOCK)
        wanted = LARGEST_BLOCK;
    if (wanted < size)
        wanted = size;
    fps__arena_block *block = malloc(sizeof *block + wanted);
    if (!block)
        return NULL;
    block->next = arena->blocks;
    block->size = wanted;
    block->used = 0;
    arena->blocks = block;
    return block;
}

void *fps__arena_alloc(fps__arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT - sizeof(fps__arena_block))
        return NULL;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (arena->limit && (size > arena->limit || arena->used > arena->limit - size))
        return NULL;
    fps__arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size)
        block = add_block(arena, size);
    if (!block)
        return NULL;
    void *memory = block->data + block->used;
    block->used += size;
    arena->used += size;
    return memset(memory, 0, size);
}

void *fps__arena_array(fps__arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return fps__arena_alloc(arena, count * size);
}

void *fps__arena_copy(fps__arena *arena, const void *items, size_t count, size_t size)
{
    void *copy = count ? fps__arena_array(arena, count, size) : NULL;
    return copy ? memcpy(copy, items, count * size) : NULL;
}

char *fps__arena_text(fps__arena *arena, const char *text, size_t length)
{
    if (length == SIZE_MAX)
        return NULL;
    char *copy = fps__arena_alloc(arena, length + 1);
    if (copy && length)
        memcpy(copy, text, length);
    return copy;
}

char *fps__arena_string(fps__arena *arena, const char *text)
{
    return fps__arena_text(arena, text, strlen(text));
}

void fps__arena_reset(fps__arena *arena)
{
    while (arena->blocks && arena->blocks->next) {
        fps__arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    if (arena->blocks)
        arena->blocks->used = 0;
    arena->used = 0;
}

void fps__arena_free(fps__arena *arena)
{
    while (arena->blocks) {
        fps__arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    arena->used = 0;
}

void fps__arena_absorb(fps__arena *arena, fps__arena *other)
{
    fps__arena_block **tail = &other->blocks;
    while (*tail)
        tail = &(*tail)->next;
    *tail = arena->blocks;
    arena->blocks = other->blocks;
    arena->used += other->used;
    other->blocks = NULL;
    other->used = 0;
}
