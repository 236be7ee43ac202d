/* Drift, what its kinds share: the differences found so far, and texts in the arena. */
#include "drift/drift_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

uint32_t fps__drift_owner(const fps__drift_work *work, size_t file)
{
    const fps__ownership *ownership = work->input->ownership;
    uint32_t node = work->node_of_file[file];
    return node < ownership->count ? ownership->owner[node] : UINT32_MAX;
}

void fps__drift_add(fps__drift_work *work, const fps_drift *item)
{
    if (FPS__ARRAY_PUSH(&work->items, item, UINT32_MAX) != FPS_OK)
        work->no_memory = true;
}

const char *fps__drift_text(fps__drift_work *work, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : fps__arena_alloc(work->arena, (size_t)length + 1);
    if (!text) {
        work->no_memory = true;
        return "";
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = '?';
    return text;
}

const char *fps__drift_join(fps__drift_work *work, const char *a, const char *between, const char *b)
{
    size_t size = strlen(a) + strlen(between) + strlen(b) + 1;
    char *text = fps__arena_alloc(work->arena, size);
    if (!text) {
        work->no_memory = true;
        return "";
    }
    snprintf(text, size, "%s%s%s", a, between, b);
    return text;
}

const char *fps__drift_path(fps__drift_work *work, uint32_t node)
{
    for (size_t size = 512; size <= 1 << 24; size *= 8) {
        char *path = fps__arena_alloc(work->arena, size);
        if (!path)
            break;
        if (fps__tree_path(work->input->tree, node, path, size))
            return path;
    }
    work->no_memory = true;
    return "";
}

const fps__digests *fps__drift_digests(const fps__drift_work *work, uint32_t node)
{
    return work->input->digests ? work->input->digests(work->input->user, node) : NULL;
}
