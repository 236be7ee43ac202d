/* The pool of texts of a set while it is written: each text once, in the order of first use. */
#include "compiler/set_strings.h"

#include "util/array.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { FIRST_SLOTS = 1024 };

/* The slot that holds `text`, or the free one where it belongs. */
static uint32_t *find_slot(const fps__set_strings *strings, const char *text)
{
    size_t slot = (size_t)XXH3_64bits(text, strlen(text)) & (strings->slot_count - 1);
    while (strings->slots[slot] && strcmp(strings->bytes + strings->slots[slot], text) != 0)
        slot = (slot + 1) & (strings->slot_count - 1);
    return &strings->slots[slot];
}

/* Keeps the table at most half full. */
static bool grow_slots(fps__set_strings *strings)
{
    if (strings->text_count * 2 < strings->slot_count)
        return true;
    uint32_t *old = strings->slots;
    size_t old_count = strings->slot_count;
    size_t count = old_count ? old_count * 2 : FIRST_SLOTS;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    strings->slots = slots;
    strings->slot_count = count;
    for (size_t i = 0; i < old_count; i++) {
        if (old[i])
            *find_slot(strings, strings->bytes + old[i]) = old[i];
    }
    free(old);
    return true;
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
    if (!grow_slots(strings))
        return fps__fail_memory(error);
    uint32_t *slot = find_slot(strings, text);
    if (*slot)
        return FPS_OK;
    size_t size = strlen(text) + 1, offset = strings->size;
    if (size > UINT32_MAX - offset)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "texts of the set exceed 4 GiB");
    if (!append(strings, text, size))
        return fps__fail_memory(error);
    *slot = (uint32_t)offset;
    strings->text_count++;
    return FPS_OK;
}

uint32_t fps__set_strings_offset(const fps__set_strings *strings, const char *text)
{
    return text && *text ? *find_slot(strings, text) : 0;
}

void fps__set_strings_free(fps__set_strings *strings)
{
    free(strings->bytes);
    free(strings->slots);
    *strings = (fps__set_strings){0};
}
