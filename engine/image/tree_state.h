/* Inside of a tree: records in one array, texts in chunks, and a hash table over (parent, name).
 *
 * A record stays when its name is gone, and comes back when the same name does; so the hash table never
 * loses anything, and a tree needs memory for each distinct name once, whatever the layers do.
 */
#ifndef FPS_IMAGE_TREE_STATE_H
#define FPS_IMAGE_TREE_STATE_H

#include "image/tree.h"
#include "util/table.h"

enum {
    /* Names behind links, while a layer is merged: about five seconds. Then no link leads anywhere. */
    FPS__TREE_MAX_LINK_STEPS = 1 << 26,
};

typedef struct fps__tree_record {
    uint64_t size;
    uint32_t name, target; /* places of texts; the target's is 0 unless it is a symbolic link */
    uint32_t parent, child, next, before;
    uint32_t content; /* of a HARDLINK, while a layer is merged: index of what is known about it */
    uint32_t layer;
    uint16_t mode;
    uint8_t type;                /* fps__entry_type */
    bool gone : 1, replaced : 1; /* replaced: a link that the layer being merged has something else for */
} fps__tree_record;

struct fps__tree {
    uint32_t limit;       /* most records */
    uint64_t memory;      /* most bytes of records and texts; 0: no limit */
    uint64_t deadline_ms; /* for merging; 0: none */
    uint64_t seed;        /* of the hash: names are hostile */
    FPS__ARRAY(fps__tree_record) records;
    FPS__ARRAY(fps__tree_content) contents;
    FPS__ARRAY(char *) chunks; /* of texts */
    size_t chunk_used;         /* bytes of the last chunk */
    fps__table names;          /* ids of records; the root, 0, is never looked up */
    uint32_t link_steps;       /* names looked up behind symbolic links while the current layer is merged */
};

const char *fps__tree_text(const fps__tree *tree, uint32_t place);
/* Keeps a copy. FPS_ERROR_LIMIT (4 GiB of texts, or a text of more than 64 KiB), FPS_ERROR_MEMORY. */
fps_status fps__tree_keep(fps__tree *tree, const char *text, size_t length, uint32_t *place,
                          fps_error *error);
/* FPS_ERROR_LIMIT when the tree needs more memory than it may. */
fps_status fps__tree_check_memory(const fps__tree *tree, fps_error *error);
/* The living child of that name, or FPS__NO_NODE. */
uint32_t fps__tree_lookup(const fps__tree *tree, uint32_t parent, const char *name, size_t length);
/* The same, made when it is not there: `fresh`, then of type OTHER with nothing set. FPS_ERROR_LIMIT,
 * FPS_ERROR_MEMORY. */
fps_status fps__tree_enter(fps__tree *tree, uint32_t parent, fps__span name, uint32_t *id, bool *fresh,
                           fps_error *error);
/* Removes everything below a node; the second the node too, which is not the root. */
void fps__tree_clear(fps__tree *tree, uint32_t id);
void fps__tree_remove(fps__tree *tree, uint32_t id);

/* As fps__tree_resolve, while a layer is merged: names behind links are counted, and limited. `kept`: nothing
 * is found through a link that is being replaced. */
uint32_t fps__tree_resolve_lower(fps__tree *tree, const char *path, bool last, bool kept);
/* The directory that holds the name at the end of `path`, following links inside the root and making what is
 * not there, as entries of `layer`; those of a walk (UINT32_MAX) are followed through nothing and may be of
 * any length. FPS_ERROR_NOT_FOUND: the links go in circles, or lead to a path that is too long.
 * FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__tree_make_parent(fps__tree *tree, fps__span path, uint32_t layer, uint32_t *parent,
                                 fps_error *error);

#endif
