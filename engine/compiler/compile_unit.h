/* Work on the units of one component: what compile_unit.c and compile_function.c share, in compile_stem.c. */
#ifndef FPS_COMPILER_COMPILE_UNIT_H
#define FPS_COMPILER_COMPILE_UNIT_H

#include "compiler/compile_internal.h"

enum { FPS__MAX_STEMS = 1 << 16 }; /* of one component */

typedef struct fps__object_ref {
    const fps__corpus_object *object;
    const char *stem;
    uint32_t stem_id, release;
} fps__object_ref;

/* A name under which builds of one object are compared, from release to release. */
typedef struct fps__stem {
    const char *name;
    bool member;       /* of an archive */
    uint32_t clusters; /* and runs, made so far */
} fps__stem;

/* Features that the same objects hold: they come and go together. */
typedef struct fps__feature_group {
    uint64_t signature; /* of the set of stems */
    uint32_t stem;      /* the archive member, or the first stem */
    uint32_t count;
    bool single;                         /* one stem only */
    uint32_t literal_unit, literal_size; /* the cluster that grows */
    uint32_t name_unit;
} fps__feature_group;

typedef struct fps__unit_work {
    fps__compilation *c;
    fps__compile_sink *sink;
    uint32_t component;
    fps__object_ref *objects;
    size_t object_count;
    fps__stem *stems;
    uint32_t stem_count;
    uint16_t *builds; /* [stem * release_count + release]: objects of that stem and release */
    uint32_t release_count;
    uint16_t *weight;   /* of every corpus feature that the component holds, 0 when another owns it */
    uint32_t *unit_of;  /* of every such feature, FPS__NONE when it has none */
    uint32_t *group_of; /* of every such feature with a weight */
    fps__feature_group *groups;
    size_t group_count;
    uint64_t *tuples; /* feature << 32 | stem << 16 | release, sorted: stems and releases have 16 bits */
    size_t tuple_count;
} fps__unit_work;

/* True for a build by another compiler or with other flags (origin "variant ..."). */
bool fps__unit_is_variant(const fps__corpus_build *build);

/* Lists the objects, members first, then the newest release, and numbers their stems. Variants are there for their functions;
 * without `variants` they are left out. FPS_ERROR_MEMORY; FPS_ERROR_LIMIT for more than FPS__MAX_STEMS stems. */
fps_status fps__unit_list_objects(fps__unit_work *w, bool variants, fps_error *error);

/* The name of the library that an object is, or is a member of ("libz" for "libz.a(inflate.o)" and for
 * "libz.so.1"): its length, and where it starts in the stem. */
size_t fps__object_library(const fps__object_ref *ref, const char **name);

/* The id of the next unit of a stem. */
uint32_t fps__unit_make(fps__unit_work *w, fps__stem *stem, fps__unit_kind kind, bool code);

/* Says that the component holds a feature that another one owns: it explains such features in its own files,
 * without a vote. `flags` are added to the entry. */
void fps__unit_add_foreign(fps__unit_work *w, uint32_t feature, uint16_t flags);

/* Orders uint64_t, for qsort and bsearch. */
int fps__compare_u64(const void *a, const void *b);

#endif
