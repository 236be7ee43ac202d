/* The collector that the makers of single feature kinds add to; private to the feature stage. */
#ifndef FPS_FEATURE_COLLECT_H
#define FPS_FEATURE_COLLECT_H

#include "feature/feature.h"
#include "feature/key_set.h"
#include "util/arena.h"
#include "util/array.h"
#include "util/bytes.h"

enum { FPS__MAX_LITERALS = 8000000 };

typedef struct fps__collector {
    const fps_object *object;
    const fps_object_info *info;
    fps__span bytes;
    fps__arena *arena;
    FPS__ARRAY(fps__feature) items;
    fps__key_set seen;
    size_t maximum;
    bool is_go;                            /* found by fps__collect_literals */
    bool no_candidates;                    /* as in the options */
    uint64_t code_bytes, small_code_bytes; /* found by fps__collect_functions, as are the next two */
    fps_diagnostic *diagnostics;
    size_t diagnostic_count;
    fps_status status; /* the first failure; once set, nothing is added */
} fps__collector;

/* Adds a feature unless its key was seen before. False when nothing more can be added. */
bool fps__collect(fps__collector *collector, const fps__feature *feature);
/* The same, also for a key that was seen before. */
bool fps__collect_again(fps__collector *collector, const fps__feature *feature);

void fps__collect_literals(fps__collector *collector);
void fps__collect_names(fps__collector *collector); /* defined, then used: two passes */
void fps__collect_uses(fps__collector *collector);
void fps__collect_templates(fps__collector *collector, size_t literal_count);
void fps__collect_exact(fps__collector *collector);
void fps__collect_functions(fps__collector *collector);

#endif
