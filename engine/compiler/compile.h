/* From a loaded workbench to a compiled set: units, ownership, rarity, negative-corpus weights, templates. */
#ifndef FPS_COMPILER_COMPILE_H
#define FPS_COMPILER_COMPILE_H

#include "compiler/corpus.h"
#include "database/set.h"

typedef struct fps__compile_options {
    const char *name;             /* name of the set, NULL: "base" */
    const fps_database *against;  /* a set whose features keep their owner there, or NULL */
    const char *rules;            /* rules text to put into the set, NULL for none */
    const char *const *leave_out; /* "COMPONENT=VERSION" or "@SUITE-OR-PACKAGE-VERSION-GLOB" builds to leave
                                     out, NULL-ended */
    size_t *dropped_features;     /* out, may be NULL: features that no component owns */
} fps__compile_options;

/* True for a history as sources give it; what a set keeps of one names no source file. */
bool fps__compile_is_whole_history(const fps__corpus_history *history);

typedef struct fps__compiled fps__compiled;

/* Makes the model of a set from `corpus`, which must outlive it. Deterministic.
 * FPS_ERROR_MEMORY, FPS_ERROR_LIMIT, FPS_ERROR_ARGUMENT (no component at all). */
fps_status fps__compile(fps__compiled **compiled, const fps__corpus *corpus,
                        const fps__compile_options *options, fps_error *error);
/* The model, for fps__set_write; lives as long as `compiled`. */
const fps__set_model *fps__compiled_model(const fps__compiled *compiled);
void fps__compiled_free(fps__compiled *compiled);

#endif
