/* The names of a root in memory: layers merged by the rules of the OCI image-spec, or a directory that was
 * walked.
 *
 *   fps__tree_create(&tree, 0, &error)
 *   for each layer, lowest first:  fps__tree_apply(tree, &layer, index, &error)      or fps__tree_add for
 * each name fps__tree_find(tree, "/usr/bin/curl"), fps__tree_resolve(tree, "/bin/curl", true),
 * fps__tree_next, fps__tree_path fps__tree_free(tree)
 *
 * Parents that are symbolic links lead where a program inside the root would get: lib/x.so above a layer with
 * lib -> usr/lib is /usr/lib/x.so, as when containerd unpacks it. The name itself is never followed.
 *
 * Changed by one thread; read by any once nothing is added. About 64 bytes a name and the name.
 */
#ifndef FPS_IMAGE_TREE_H
#define FPS_IMAGE_TREE_H

#include "image/layer.h"

typedef struct fps__tree fps__tree;

#define FPS__NO_NODE UINT32_MAX
enum { FPS__TREE_ROOT = 0 }; /* the node of "/" */

/* The bytes behind a regular file. Hard links share them. */
typedef struct fps__tree_content {
    uint32_t layer;    /* whose entry supplies them; UINT32_MAX for a directory that was walked */
    uint32_t content;  /* index into that layer's contents */
    uint32_t previous; /* id of what it replaced in place at the same path, without a gap; FPS__NO_NODE */
} fps__tree_content;

typedef struct fps__tree_node {
    const char *name;   /* "" for the root */
    const char *target; /* of a symbolic link, else NULL */
    uint64_t size;
    uint32_t parent;
    uint32_t content; /* id for fps__tree_get_content; FPS__NO_NODE unless a regular file */
    uint32_t mode;
    uint32_t layer;       /* that supplied this entry; UINT32_MAX for a directory that was walked */
    fps__entry_type type; /* FILE, DIRECTORY, SYMLINK or OTHER */
} fps__tree_node;

/* `limit`: most names, 0: 4,000,000. FPS_ERROR_MEMORY. */
fps_status fps__tree_create(fps__tree **tree, uint32_t limit, fps_error *error);
/* Most bytes of memory that names may need, 0 for no limit, and the deadline of merging, on the scale of
 * util/clock.h, 0 for none. Beyond either, adding fails with FPS_ERROR_LIMIT. */
void fps__tree_set_limits(fps__tree *tree, uint64_t memory, uint64_t deadline_ms);
/* Merges one layer above what is there. Whiteouts and opaque markers act on what lower layers left, before
 * the layer's own entries, whatever the order; a file in the place of a directory removes what was below it,
 * and so does anything in the place of what is no directory; a hard link takes the bytes that its target has
 * when the layer's other entries are in place; of two entries of one path the last counts. Directories that
 * no entry names are made. Faults are diagnostics, notes: "dangling-hard-link" (the name is not there then,
 * nor what it replaced), "bad-whiteout" (it names nothing that lower layers left), "bad-parent" (links to its
 * parent go in circles, or to a path of more than FPS__LAYER_PATH bytes; the name is not there); of each kind
 * the first 20 and how many more. After FPS_ERROR_LIMIT (more names than allowed) and FPS_ERROR_MEMORY the
 * tree is not to be used. */
fps_status fps__tree_apply(fps__tree *tree, const fps__layer *layer, uint32_t index,
                           fps__diagnostic_callback diagnostic, void *user, fps_error *error);
/* Adds one name of a directory that is walked; texts are copied. `content` of `entry` becomes the content's
 * index. No link is followed: where the tree has one in the place of a parent, it becomes a directory. A
 * HARDLINK is a further name of entry->target. FPS_ERROR_NOT_FOUND: that is not there, and nothing was added.
 * FPS_ERROR_ARGUMENT (a whiteout), FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__tree_add(fps__tree *tree, const fps__layer_entry *entry, fps_error *error);

/* The node of a normalised path, no link followed; FPS__NO_NODE. */
uint32_t fps__tree_find(const fps__tree *tree, const char *path);
/* The same as a chrooted program would find it: links in between are followed, the last one when `last` is
 * true. At most 40 links. */
uint32_t fps__tree_resolve(const fps__tree *tree, const char *path, bool last);
uint32_t fps__tree_count(const fps__tree *tree); /* ids are 0 .. count - 1; some are gone */
/* False when there is no such node, or it is gone. Texts live as long as the tree. */
bool fps__tree_get(const fps__tree *tree, uint32_t id, fps__tree_node *node);
bool fps__tree_get_content(const fps__tree *tree, uint32_t id, fps__tree_content *content);
uint32_t fps__tree_content_count(const fps__tree *tree);
/* First child of a directory and the next of the same parent, in no particular order; FPS__NO_NODE at the
 * end. */
uint32_t fps__tree_child(const fps__tree *tree, uint32_t id);
uint32_t fps__tree_sibling(const fps__tree *tree, uint32_t id);
/* Writes the path of a node, NUL-terminated. Returns its length, 0 when `size` is too small: FPS__LAYER_PATH
 * + 1 always does for layers; a walked directory may be deeper. */
size_t fps__tree_path(const fps__tree *tree, uint32_t id, char *path, size_t size);
/* Writes the names in the order of their paths, one a line: type, permissions, layer, size, content
 * "LAYER.INDEX" with what it replaced behind '<', path, and " -> " with the target of a link. Stops at the
 * first failure of `write`, and returns it. FPS_ERROR_MEMORY. */
fps_status fps__tree_dump(const fps__tree *tree,
                          fps_status (*write)(void *user, const char *text, size_t length), void *user);
void fps__tree_free(fps__tree *tree);

#endif
