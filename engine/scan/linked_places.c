/* Package databases that lie behind links, or in another folder: a target may have a link where a database is looked
 * for, or above it. */
#include "scan/linked_places.h"

#include "inventory/inventory.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_PATH = 1 << 14,
    MAX_DEPTH = 2, /* folders below a place: pacman has one for each package */
};

typedef struct search {
    const fps__tree *names;
    fps__linked_file *found;
    void *user;
    char *path;  /* of what is looked at, as the inventory would name it */
    char *place; /* of the node that it leads to */
    bool stopped;
} search;

/* A file counts where its own path is not one that the inventory knows: there it is found without links. */
static void look_at_file(search *s, uint32_t node, uint64_t size)
{
    if (fps__inventory_wants(s->path, size) && fps__tree_path(s->names, node, s->place, MAX_PATH) &&
        !fps__inventory_wants(s->place, size))
        s->stopped = !s->found(s->user, s->path, node);
}

/* Looks at a node that stands at s->path, and at what lies below it. */
static void look_at(search *s, uint32_t id, size_t length, unsigned depth)
{
    fps__tree_node node;
    if (!fps__tree_get(s->names, id, &node))
        return;
    if (node.type == FPS__ENTRY_FILE)
        look_at_file(s, id, node.size);
    if (node.type != FPS__ENTRY_DIRECTORY || depth > MAX_DEPTH)
        return;
    for (uint32_t child = fps__tree_child(s->names, id); child != FPS__NO_NODE && !s->stopped;
         child = fps__tree_sibling(s->names, child)) {
        fps__tree_node below;
        if (!fps__tree_get(s->names, child, &below))
            continue;
        int added = snprintf(s->path + length, MAX_PATH - length, "/%s", below.name);
        if (added < 0 || (size_t)added >= MAX_PATH - length)
            continue;
        if (below.type != FPS__ENTRY_SYMLINK) {
            look_at(s, child, length + (size_t)added, depth + 1);
            continue;
        }
        /* Of links below a place those to files count: links to folders could name each other without end. */
        uint32_t end = fps__tree_resolve(s->names, s->path, true);
        if (end != FPS__NO_NODE && fps__tree_get(s->names, end, &below) && below.type == FPS__ENTRY_FILE)
            look_at_file(s, end, below.size);
    }
}

/* Looks below `folder` for what is handed in as if it lay at `place`. */
static void look_in(search *s, const char *folder, const char *place)
{
    uint32_t node = fps__tree_resolve(s->names, folder, true);
    int length = snprintf(s->path, MAX_PATH, "%s", place);
    if (node != FPS__NO_NODE && length > 0 && length < MAX_PATH)
        look_at(s, node, (size_t)length, 0);
}

bool fps__find_linked_files(const fps__tree *names, fps__linked_file *found, void *user)
{
    search s = {
        .names = names, .found = found, .user = user, .path = malloc(MAX_PATH), .place = malloc(MAX_PATH)};
    bool good = s.path && s.place;
    const char *place, *folder;
    for (size_t i = 0; good && !s.stopped && (place = fps__inventory_place(i)); i++)
        look_in(&s, place, place);
    for (size_t i = 0; good && !s.stopped && (folder = fps__inventory_moved(i, &place)); i++)
        if (fps__tree_resolve(names, place, true) == FPS__NO_NODE)
            look_in(&s, folder, place);
    free(s.path);
    free(s.place);
    return good && !s.stopped;
}
