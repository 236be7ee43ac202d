/* Layers and paths of short names from any bytes, shared by the targets of the tree and of drift. */
#ifndef FUZZ_TREE_H
#define FUZZ_TREE_H

#include "image/tree.h"

#include <stdlib.h>

enum { FUZZ_ENTRIES = 400, FUZZ_PARTS = 6, FUZZ_TREE_PATH = 4 * FUZZ_PARTS + 2 };

typedef struct fuzz_bytes {
    const uint8_t *data;
    size_t left;
} fuzz_bytes;

static inline uint8_t fuzz_take(fuzz_bytes *from)
{
    if (!from->left)
        return 0;
    from->left--;
    return *from->data++;
}

/* A path of one to six names, chosen from eight; a target may also be relative and contain "..". */
static inline void fuzz_take_path(fuzz_bytes *from, char path[FUZZ_TREE_PATH], bool target)
{
    uint8_t shape = fuzz_take(from);
    size_t length = 0, parts = 1 + shape % FUZZ_PARTS;
    for (size_t i = 0; i < parts; i++) {
        uint8_t part = fuzz_take(from);
        if (i || !target || shape & 64)
            path[length++] = '/';
        if (target && part & 64) {
            path[length++] = '.';
            path[length++] = '.';
        } else {
            path[length++] = (char)('a' + part % 8);
        }
    }
    path[length] = '\0';
}

static inline bool fuzz_take_entry(fuzz_bytes *from, fps__layer *layer)
{
    char path[FUZZ_TREE_PATH], target[FUZZ_TREE_PATH];
    uint8_t type = fuzz_take(from);
    if (type & 128) /* the layer ends */
        return false;
    fps__layer_entry entry = {.type = (fps__entry_type)(type % 7), .mode = 0644, .content = FPS__NO_CONTENT};
    fuzz_take_path(from, path, false);
    entry.path = fps__arena_string(&layer->arena, path);
    if (entry.type == FPS__ENTRY_SYMLINK || entry.type == FPS__ENTRY_HARDLINK) {
        fuzz_take_path(from, target, entry.type == FPS__ENTRY_SYMLINK);
        entry.target = fps__arena_string(&layer->arena, target);
    }
    if (entry.type == FPS__ENTRY_FILE)
        entry.content = (uint32_t)layer->contents.count++;
    if (FPS__ARRAY_RESERVE(&layer->entries, 1, FUZZ_ENTRIES) != FPS_OK)
        return false;
    layer->entries.items[layer->entries.count++] = entry;
    return true;
}

#endif
