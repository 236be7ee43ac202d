/* From a loaded workbench to a compiled set: units, ownership, rarity, negative-corpus weights, templates. */
#ifndef FPS_INDEX_COMPILE_H
#define FPS_INDEX_COMPILE_H

#include "index/corpus.h"
#include "index/set.h"

typedef struct fps__compile_options {
    const char *name;              /* name of the set, NULL: "base" */
    const fps_database *against;   /* a set whose features keep their owner there, or NULL */
    const char *rules;             /* rules text to put into the set, NULL for none */
    const char *const *leave_out;  /* "COMPONENT=VERSION" or "@SUITE-OR-PACKAGE-VERSION-GLOB" builds to leave out, NULL-ended */
    size_t *dropped_features;      /* out, may be NULL: features that no component owns */
} fps__compile_options;

/* Makes the model of a set. Everything in it lives in `arena` or in `corpus`. Deterministic.
 * FPS_ERROR_MEMORY, FPS_ERROR_LIMIT, FPS_ERROR_ARGUMENT (no component at all). */
fps_status fps__compile(const fps__corpus *corpus, const fps__compile_options *options, fps__arena *arena,
                        fps__set_model *model, fps_error *error);

#endif
