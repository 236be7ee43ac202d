/* Lists of names as the inventory keeps them: "a, b". */
#include "inventory/name_list.h"

#include <stdlib.h>

bool fps__name_list_init(fps__name_list *list, size_t size)
{
    list->cursor = (fps__cursor){malloc(size + 1), size + 1, 0, false};
    return list->cursor.text != NULL;
}

void fps__name_list_add(fps__name_list *list, fps__span name)
{
    if (!name.size || memchr(name.data, 0, name.size))
        return;
    fps__cursor_put(&list->cursor, ", ", list->cursor.used ? 2 : 0);
    fps__cursor_put(&list->cursor, (const char *)name.data, name.size);
}

bool fps__name_list_finish(fps__name_list *list, fps__arena *arena, const char **text)
{
    size_t size = fps__cursor_finish(&list->cursor);
    const char *copy = text && size ? fps__arena_text(arena, list->cursor.text, size) : "";
    free(list->cursor.text);
    if (text && copy)
        *text = copy;
    return copy != NULL;
}
