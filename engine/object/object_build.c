/* Filling an object while it is read: diagnostics, texts out of string tables, lists. */
#include "object/object_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void fps__object_diagnose(fps_object *object, fps_diagnostic_level level, const char *code, uint64_t offset,
                          const char *format, ...)
{
    if (object->level_counts[level] >= FPS__MAX_DIAGNOSTICS)
        return;
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *message = fps__arena_string(&object->arena, text);
    fps_diagnostic diagnostic = {.level = level, .code = code, .offset = offset, .message = message};
    if (!message || FPS__ARRAY_PUSH(&object->diagnostics, &diagnostic, SIZE_MAX) != FPS_OK)
        object->memory_failed = true;
    else
        object->level_counts[level]++;
}

char *fps__object_copy_text(fps_object *object, const char *text, size_t length)
{
    size_t most = FPS__COPIES_MIN + FPS__COPIES_SHARE * object->data.size;
    if (object->copied > most)
        return NULL;
    object->copied += length + 1;
    if (object->copied > most) {
        fps__object_diagnose(object, FPS_DIAGNOSTIC_NOTE, "name-limit", UINT64_MAX,
                             "names overlap so that copies of them would take more than %zu bytes", most);
        return NULL;
    }
    return fps__arena_text(&object->arena, text, length);
}

/* Where a text lies in the file; UINT64_MAX for one of a section that was unpacked. */
static uint64_t offset_of(const fps_object *object, const char *text)
{
    uintptr_t at = (uintptr_t)text - (uintptr_t)object->data.data;
    return at < object->data.size ? at : UINT64_MAX;
}

const char *fps__object_text_at(fps_object *object, fps__span table, uint64_t offset)
{
    if (offset >= table.size)
        return NULL;
    const char *start = (const char *)table.data + offset;
    size_t left = table.size - (size_t)offset;
    size_t reach = left > FPS__MAX_NAME ? FPS__MAX_NAME + 1 : left;
    if (memchr(start, 0, reach))
        return start;
    if (!object->name_cut) {
        object->name_cut = true;
        fps__object_diagnose(object, FPS_DIAGNOSTIC_NOTE, "name-cut", offset_of(object, start),
                             "a name is longer than %d bytes or has no end; it was cut", FPS__MAX_NAME);
    }
    return fps__object_copy_text(object, start, reach > FPS__MAX_NAME ? FPS__MAX_NAME : reach);
}

/* What becomes of a failed push: a full list is a diagnostic. */
static void check_push(fps_object *object, fps_status status, const char *what)
{
    if (status == FPS_ERROR_MEMORY)
        object->memory_failed = true;
    else if (status == FPS_ERROR_LIMIT)
        fps__object_diagnose(object, FPS_DIAGNOSTIC_NOTE, "list-limit", UINT64_MAX,
                             "more than %d %s: the rest is left out", FPS__MAX_TEXTS, what);
}

void fps__object_add_text(fps_object *object, fps_text_list list, const char *text)
{
    if (text)
        check_push(object, FPS__ARRAY_PUSH(&object->texts[list], &text, FPS__MAX_TEXTS), "texts");
}

void fps__object_add_note(fps_object *object, const fps_note *note)
{
    check_push(object, FPS__ARRAY_PUSH(&object->notes, note, FPS__MAX_TEXTS), "notes");
}

void fps__object_add_version_string(fps_object *object, const char *name, const char *value)
{
    fps_version_string string = {name, value};
    if (name && value)
        check_push(object, FPS__ARRAY_PUSH(&object->version_strings, &string, FPS__MAX_TEXTS),
                   "version strings");
}

static int compare_relocations(const void *left, const void *right)
{
    const fps_relocation *a = left, *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return (a->type > b->type) - (a->type < b->type);
}

static bool is_sorted(const fps_relocation *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (compare_relocations(&items[i - 1], &items[i]) > 0)
            return false;
    }
    return true;
}

void fps__object_sort_relocations(fps_object *object)
{
    if (!is_sorted(object->relocations, object->relocation_count))
        qsort(object->relocations, object->relocation_count, sizeof *object->relocations,
              compare_relocations);
}
