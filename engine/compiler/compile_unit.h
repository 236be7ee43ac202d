/* Work on the units of one component; private to compile_stem.c and compile_unit.c. */
#ifndef FPS_COMPILER_COMPILE_UNIT_H
#define FPS_COMPILER_COMPILE_UNIT_H

#include "compiler/compile_internal.h"

typedef struct fps__object_ref {
    const fps__corpus_object *object;
    const char *stem;
    uint32_t stem_id, release;
} fps__object_ref;

/* A name under which builds of one object are compared, from release to release. */
typedef struct fps__stem {
    const char *name;
    bool member;       /* of an archive */
    uint32_t clusters; /* made so far */
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
    uint64_t *tuples; /* feature << 32 | stem << 16 | release, sorted */
    size_t tuple_count;
} fps__unit_work;

/* Lists the objects, members first, then the newest release, and numbers their stems. Builds of other
 * compilers and flags (origin "variant ...") are there for their functions; without `variants` they are left
 * out. False without memory. */
bool fps__unit_list_objects(fps__unit_work *w, bool variants);

#endif
