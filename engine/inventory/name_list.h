/* Lists of names as the inventory keeps them: "a, b".
 *
 *   if (!fps__name_list_init(&list, size))       out of memory
 *   fps__name_list_add(&list, name)              each name
 *   fps__name_list_finish(&list, arena, &text)   always, once it was begun: it frees the list
 */
#ifndef FPS_INVENTORY_NAME_LIST_H
#define FPS_INVENTORY_NAME_LIST_H

#include "util/arena.h"
#include "util/bytes.h"
#include "util/cursor.h"

typedef struct fps__name_list {
    fps__cursor cursor; /* over malloc */
} fps__name_list;

/* Room for `size` bytes of text, separators included. False without memory. */
bool fps__name_list_init(fps__name_list *list, size_t size);
/* An empty name, and one with a NUL, is left out. */
void fps__name_list_add(fps__name_list *list, fps__span name);
/* A copy in `arena` to `text` (may be NULL), "" when it did not fit; frees the list. False without memory. */
bool fps__name_list_finish(fps__name_list *list, fps__arena *arena, const char **text);

#endif
