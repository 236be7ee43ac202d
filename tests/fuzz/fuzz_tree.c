/* Makes layers of short names from any bytes, merges them, and checks what must hold for every tree.
 *
 * Reaches: fps__tree_resolve_lower, fps__tree_make_parent
 */
#include "image/tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_ENTRIES = 400, MAX_PARTS = 6, PATH = 4 * MAX_PARTS + 2 };

typedef struct bytes {
    const uint8_t *data;
    size_t left;
} bytes;

static uint8_t take(bytes *from)
{
    if (!from->left)
        return 0;
    from->left--;
    return *from->data++;
}

/* A path of one to six names, chosen from eight; a target may also be relative and contain "..". */
static void take_path(bytes *from, char path[PATH], bool target)
{
    uint8_t shape = take(from);
    size_t length = 0, parts = 1 + shape % MAX_PARTS;
    for (size_t i = 0; i < parts; i++) {
        uint8_t part = take(from);
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

static bool take_entry(bytes *from, fps__layer *layer)
{
    char path[PATH], target[PATH];
    uint8_t type = take(from);
    if (type & 128) /* the layer ends */
        return false;
    fps__layer_entry entry = {.type = (fps__entry_type)(type % 7), .mode = 0644, .content = FPS__NO_CONTENT};
    take_path(from, path, false);
    entry.path = fps__arena_string(&layer->arena, path);
    if (entry.type == FPS__ENTRY_SYMLINK || entry.type == FPS__ENTRY_HARDLINK) {
        take_path(from, target, entry.type == FPS__ENTRY_SYMLINK);
        entry.target = fps__arena_string(&layer->arena, target);
    }
    if (entry.type == FPS__ENTRY_FILE)
        entry.content = (uint32_t)layer->contents.count++;
    if (FPS__ARRAY_RESERVE(&layer->entries, 1, MAX_ENTRIES) != FPS_OK)
        return false;
    layer->entries.items[layer->entries.count++] = entry;
    return true;
}

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_content(const fps__tree *tree, uint32_t id)
{
    fps__tree_content content, before;
    require(fps__tree_get_content(tree, id, &content));
    for (; content.previous != FPS__NO_NODE; content = before) {
        require(fps__tree_get_content(tree, content.previous, &before));
        require(before.layer < content.layer);
    }
}

/* Each node is found by its path and is a child of its parent; a file has contents, followed by older ones. */
static void check(const fps__tree *tree)
{
    uint32_t living = 0, children = 0;
    for (uint32_t id = 0; id < fps__tree_count(tree); id++) {
        char path[FPS__LAYER_PATH + 1];
        fps__tree_node node, parent;
        if (!fps__tree_get(tree, id, &node))
            continue;
        living++;
        require(fps__tree_path(tree, id, path, sizeof path));
        require(fps__tree_find(tree, path) == id);
        require(node.type <= FPS__ENTRY_OTHER && node.type != FPS__ENTRY_HARDLINK);
        require((node.content != FPS__NO_NODE) == (node.type == FPS__ENTRY_FILE));
        require((node.target != NULL) == (node.type == FPS__ENTRY_SYMLINK));
        if (node.type == FPS__ENTRY_FILE)
            check_content(tree, node.content);
        require(id == FPS__TREE_ROOT || (fps__tree_get(tree, node.parent, &parent) && //
                                         parent.type == FPS__ENTRY_DIRECTORY));
        for (uint32_t at = fps__tree_child(tree, id); at != FPS__NO_NODE; at = fps__tree_sibling(tree, at)) {
            require(fps__tree_get(tree, at, &parent) && parent.parent == id);
            children++;
        }
    }
    require(living == children + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bytes from = {data, size};
    fps__tree *tree;
    if (fps__tree_create(&tree, 10000, NULL))
        return 0;
    for (uint32_t index = 0; from.left && index < 20; index++) {
        fps__layer layer = {.entries = {NULL, 0, 0}};
        while (from.left && take_entry(&from, &layer))
            ;
        layer.contents.count = 0;
        require(!fps__tree_apply(tree, &layer, index, NULL, NULL, NULL));
        check(tree);
        fps__layer_free(&layer);
    }
    fps__tree_free(tree);
    return 0;
}
