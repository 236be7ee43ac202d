/* The collector to which the makers of each kind of feature add, in this order:
 *
 *   fps__collect_literals(&collector);
 *   fps__collect_names(&collector);                       names that the object defines
 *   fps__collect_uses(&collector);                        names that it uses
 *   fps__collect_templates(&collector, literal_count);    of the literals, which are the first items
 *   fps__collect_exact(&collector);
 *   fps__collect_functions(&collector);
 *
 * Each does nothing once collector.status is a failure.
 */
#ifndef FPS_FEATURE_COLLECT_H
#define FPS_FEATURE_COLLECT_H

#include "feature/feature.h"
#include "util/arena.h"
#include "util/array.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/table.h"

enum { FPS__MAX_FEATURES = 8000000 }; /* of one object, when the options do not say */

typedef struct fps__collector {
    const fps_object *object;
    const fps_object_info *info;
    fps__span bytes; /* of the object */
    fps__arena *arena;
    FPS__ARRAY(fps__feature) items;
    fps__key_map seen; /* the keys of `items` */
    size_t maximum;
    fps__alarm alarm;                      /* when it rings, each maker ends with what it has */
    bool certain_starts_only;              /* as in the options */
    bool is_go;                            /* a Go program without code of C; set by fps__collect_literals */
    uint32_t relocations;                  /* that were looked at for what version variables point to */
    uint64_t code_bytes, small_code_bytes; /* set by fps__collect_functions, as are the next two */
    fps_diagnostic *diagnostics;
    size_t diagnostic_count;
    fps_status
        status; /* the first failure: FPS_ERROR_LIMIT keeps what was found, FPS_ERROR_MEMORY does not */
} fps__collector;

/* Adds a feature unless its key was seen before. False when nothing more can be added, or the alarm rang. */
bool fps__collect(fps__collector *collector, const fps__feature *feature);
/* The same, also for a key that was seen before. */
bool fps__collect_again(fps__collector *collector, const fps__feature *feature);

void fps__collect_literals(fps__collector *collector);
void fps__collect_names(fps__collector *collector);
void fps__collect_uses(fps__collector *collector);
void fps__collect_templates(fps__collector *collector, size_t literal_count);
void fps__collect_exact(fps__collector *collector);
void fps__collect_functions(fps__collector *collector);

#endif
