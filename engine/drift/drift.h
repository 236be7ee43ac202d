/* Ownership of files, and where they differ from what packages claim.
 *
 *   fps__ownership_find(&ownership, &inventory, tree, 0, &error)      who owns which node
 *   fps__drift_find(&input, arena, &items, &count, &error)
 *   fps__ownership_free(&ownership)
 *
 * What is no drift, and why: usr-merge aliases (paths are resolved in the tree), diversions, alternatives,
 * conffiles, documentation left out by path-exclude, packages without md5sums, status.d without lists, rpm
 * config and ghost files, prelink, Python bytecode, products of ldconfig and initramfs.
 */
#ifndef FPS_DRIFT_DRIFT_H
#define FPS_DRIFT_DRIFT_H

#include "image/tree.h"
#include "inventory/inventory.h"

typedef struct fps__ownership {
    uint32_t *owner; /* by node of the tree: index of the package, UINT32_MAX for none */
    /* by node: what the package says of it, NULL when it is owned as part of a `root` */
    const fps__owned_path **owned_path;
    uint32_t count;      /* nodes */
    size_t *first_path;  /* by package, and one more: index of its first path in path_node */
    uint32_t *path_node; /* by path of a package: its node, FPS__NO_NODE when it is not there */
    bool any_system;     /* some system package says which files it has */
} fps__ownership;

/* Paths are resolved in the tree, after diversions. Directories have no owner. Of several packages that claim
 * a file, one that lists it with the node's type goes before one whose is not, a system package before a
 * language package, then the later one in the inventory. What a language package has as its `root` is its own
 * where nobody claims it; the nearest root counts, and "/" or a directory that a system package claims is no
 * root. Names of the same bytes that nobody claims go with the name that is claimed.
 *
 * Also sets facts.owned of every package, and facts.layer: the lowest layer among those that supply its
 * regular files (configuration files last: an upgrade leaves them where they were), else the one that
 * supplies the database. `tree` may be NULL: nothing is owned then. `deadline_ms` is on the scale of util/clock.h, 0 for
 * none: paths that are not looked up by then own nothing. FPS_ERROR_MEMORY. */
fps_status fps__ownership_find(fps__ownership *ownership, fps__inventory *inventory, const fps__tree *tree,
                               uint64_t deadline_ms, fps_error *error);
/* Names of the same bytes that the tree does not know as such, of a directory that was walked: those that nobody claims go
 * with the first that is claimed. `nodes` are `count` of them, FPS__NO_NODE for a name that is not there. */
void fps__ownership_share(fps__ownership *ownership, fps__inventory *inventory, const uint32_t *nodes,
                          size_t count);
void fps__ownership_free(fps__ownership *ownership);

typedef struct fps__drift_input {
    const fps__inventory *inventory;
    const fps__ownership *ownership;
    const fps__tree *tree;
    const fps_file *files; /* objects that were looked at; visibility is set. Owners are those of `ownership`:
                              what lies in an archive is the archive's owner's */
    size_t file_count;
    const fps_finding *findings; /* sorted by file; `file` indexes files, `component` indexes components */
    size_t finding_count;
    const fps_component *components; /* facts by id; may repeat */
    size_t component_count;
    /* Ids of all components that the sets know, NULL at the end. May be NULL: those of `components`. */
    const char *(*known)(void *user, size_t index);
    /* Patterns of source packages of a component ("debian:zlib rpm:zlib"), "" when unknown. */
    const char *(*sources)(void *user, const char *component);
    /* Releases of a component, oldest first; NULL at the end. */
    const char *(*release)(void *user, const char *component, size_t index);
    /* Digests of the bytes of a node, NULL when they were not computed. */
    const fps__digests *(*digests)(void *user, uint32_t node);
    /* The same, for the few nodes whose findings their package does not explain: may read the file to compute
     * them, so that what a distribution ships so is told from what was changed. May be NULL: `digests`. */
    const fps__digests *(*compute)(void *user, uint32_t node);
    /* Index into `files` of the object at a node, UINT32_MAX when it is none. */
    uint32_t (*file_of)(void *user, uint32_t node);
    bool partial;         /* not all names of the target are in the tree: what is missing is a note */
    uint64_t deadline_ms; /* on the scale of util/clock.h, 0: none; then the rest is not looked for */
    bool verify; /* compare all digests and say what could not be compared; else only those that are there */
    void *user;
} fps__drift_input;

/* Items are sorted by kind, path, component; texts live in `arena` or in what the input holds.
 * FPS_ERROR_MEMORY. */
fps_status fps__drift_find(const fps__drift_input *input, fps__arena *arena, fps_drift **items, size_t *count,
                           fps_error *error);

#endif
