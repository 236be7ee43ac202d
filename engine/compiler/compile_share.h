/* Who holds a key: builds, imported sets, unrelated files and sources. Private to compile_*.c. */
#ifndef FPS_COMPILER_COMPILE_SHARE_H
#define FPS_COMPILER_COMPILE_SHARE_H

#include "compiler/compile_internal.h"

/* How a component holds a key. */
enum {
    FPS__HELD_BY_BUILD = 1,  /* a build has it, and it is the component's there */
    FPS__HELD_BY_IMPORT = 2, /* an imported set has it as the component's */
    FPS__HELD_FOREIGN = 4,   /* a build or an imported set has it as another component's */
    FPS__HELD_BY_SOURCE = 8, /* some release's sources have it */
    FPS__HELD_LENT =
        16, /* an imported set has it as another's, which that set may leave out: it is too common */
};

typedef struct fps__holder {
    uint64_t key;       /* what a set stores of it */
    uint32_t component; /* FPS__NONE: an unrelated file */
    uint32_t how;       /* sum of FPS__HELD_... */
} fps__holder;

/* All holders of literals, names and functions; ascending by key and component. */
typedef struct fps__sharing {
    FPS__ARRAY(fps__holder) holders;
    uint32_t *overlap; /* component_count^2: literals of the one that the other holds as well */
    uint32_t *total;   /* by component: its literals */
    bool *has_builds;  /* by component: a build or an imported set says what is in it */
    bool *has_sources; /* by component: a history does */
    bool *is_imported; /* by component: an imported set has it, be it made anew from builds */
} fps__sharing;

/* The passes up to and with the shares: components, incidence, negatives, owners. `c` has corpus, options and arena, and ends
 * with fps__compilation_end. */
fps_status fps__compile_shares(fps__compilation *c, fps__sharing *sharing, fps_error *error);
void fps__compilation_end(fps__compilation *c);

/* Gathers the holders. Runs behind fps__compile_owner. FPS_ERROR_MEMORY; free `sharing` in any case. */
fps_status fps__compile_sharing(const fps__compilation *c, fps__sharing *sharing);
void fps__sharing_free(fps__sharing *sharing);

/* The holders [*first, *end) of a key. */
void fps__sharing_find(const fps__sharing *sharing, uint64_t key, size_t *first, size_t *end);

/* True for what a component is measured by: what is in its builds and its sources, as far as both are known. */
bool fps__sharing_measures(const fps__sharing *sharing, const fps__holder *holder);

/* Whose a literal or function is that a component holds. */
typedef enum fps__share {
    FPS__SHARE_OWN, /* its own: no other's, or only theirs who carry a copy of the component */
    FPS__SHARE_LENT, /* that of another component, which this one carries a copy of, or of which alone the sources hold it */
    FPS__SHARE_COMMON, /* several have it in their sources, and none is a copy of the other: a third gave it to them */
} fps__share;

/* `other` is the holder that decides, NULL for FPS__SHARE_OWN; it may be NULL. */
fps__share fps__compile_share(const fps__compilation *c, const fps__sharing *sharing, uint32_t component,
                              uint64_t key, const fps__holder **other);

#endif
