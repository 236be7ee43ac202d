/* An arena: many small allocations that are freed at once. Not thread-safe; one owner at a time. */
#ifndef FPS_UTIL_ARENA_H
#define FPS_UTIL_ARENA_H

#include <stddef.h>

typedef struct fps__arena_block fps__arena_block;

typedef struct fps__arena {
    fps__arena_block *blocks; /* newest first */
    size_t used;              /* bytes handed out */
    size_t limit;             /* most bytes to hand out, 0 for no limit */
} fps__arena;

/* Memory is zeroed and aligned to 16 bytes. Returns NULL when memory or the limit is exhausted. */
void *fps__arena_alloc(fps__arena *arena, size_t size);
/* As above for `count` elements; the product is checked. */
void *fps__arena_array(fps__arena *arena, size_t count, size_t size);
/* A copy of `count` elements of `size` bytes; NULL without memory, and when there are none. */
void *fps__arena_copy(fps__arena *arena, const void *items, size_t count, size_t size);
/* A NUL-terminated copy of `length` bytes. */
char *fps__arena_text(fps__arena *arena, const char *text, size_t length);
char *fps__arena_string(fps__arena *arena, const char *text);
/* Frees everything but keeps one block for reuse (reset), or really everything (free). */
void fps__arena_reset(fps__arena *arena);
void fps__arena_free(fps__arena *arena);

/* Moves all of `other`'s memory into `arena`, which then owns it; pointers stay valid. */
void fps__arena_absorb(fps__arena *arena, fps__arena *other);

#endif
