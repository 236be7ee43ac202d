/* The texts of a set while it is written: each text once, in the order of first use. */
#include "compiler/set_strings.h"

#include "util/array.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* The slot whose id is the offset of `text`, or the free one where it belongs. The empty text, at offset 0,
 * is in no slot. */
static fps__table_slot *find_slot(const fps__set_strings *strings, uint64_t hash, const char *text)
{
    fps__table_slot *slot;
    FPS__TABLE_FIND(slot, &strings->table, hash, offset, strcmp(strings->bytes + offset, text) == 0);
    return slot;
}

static bool append(fps__set_strings *strings, const char *text, size_t size)
{
    if (fps__array_reserve((void **)&strings->bytes, strings->size, &strings->capacity, size, 1,
                           UINT32_MAX) != FPS_OK)
        return false;
    memcpy(strings->bytes + strings->size, text, size);
    strings->size += size;
    return true;
}

fps_status fps__set_strings_add(fps__set_strings *strings, const char *text, fps_error *error)
{
    if (strings->size == 0 && !append(strings, "", 1))
        return fps__fail_memory(error);
    if (!text || !*text)
        return FPS_OK;
    if (fps__table_reserve(&strings->table, 1) != FPS_OK)
        return fps__fail_memory(error);
    uint64_t hash = XXH3_64bits(text, strlen(text));
    fps__table_slot *slot = find_slot(strings, hash, text);
    if (slot->id)
        return FPS_OK;
    size_t size = strlen(text) + 1, offset = strings->size;
    if (size > UINT32_MAX - offset)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "texts of the set exceed 4 GiB");
    if (!append(strings, text, size))
        return fps__fail_memory(error);
    fps__table_add(&strings->table, slot, hash, (uint32_t)offset);
    return FPS_OK;
}

uint32_t fps__set_strings_offset(const fps__set_strings *strings, const char *text)
{
    return text && *text ? find_slot(strings, XXH3_64bits(text, strlen(text)), text)->id : 0;
}

void fps__set_strings_free(fps__set_strings *strings)
{
    free(strings->bytes);
    fps__table_free(&strings->table);
    *strings = (fps__set_strings){0};
}
