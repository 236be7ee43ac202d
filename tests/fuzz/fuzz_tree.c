/* Makes layers of short names from any bytes, merges them, and checks what must hold for every tree.
 *
 * Reaches: fps__tree_resolve_lower, fps__tree_make_parent
 */
#include "fuzz_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    fuzz_bytes from = {data, size};
    fps__tree *tree;
    if (fps__tree_create(&tree, 10000, NULL))
        return 0;
    for (uint32_t index = 0; from.left && index < 20; index++) {
        fps__layer layer = {.entries = {NULL, 0, 0}};
        while (from.left && fuzz_take_entry(&from, &layer))
            ;
        layer.contents.count = 0;
        require(!fps__tree_apply(tree, &layer, index, NULL, NULL, NULL));
        check(tree);
        fps__layer_free(&layer);
    }
    fps__tree_free(tree);
    return 0;
}
