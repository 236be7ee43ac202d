/* Reading one layer, or a plain tar, into the layers of a run. */
#ifndef FPS_SCAN_SCAN_LAYER_H
#define FPS_SCAN_SCAN_LAYER_H

#include "scan/scan_internal.h"

/* Which layer of the run is read, and how far the whole is. */
typedef struct fps__scan_layer_place {
    uint32_t index;         /* into run->layers */
    uint64_t before, total; /* bytes of blobs gone through before, and of all: for progress */
    bool whiteouts, windows;
} fps__scan_layer_place;

/* Reads a layer to its end, or to what ends it; wanted files go to the workers. Statuses of fps__layer_read. */
fps_status fps__scan_read_layer(fps__scan_run *run, fps__workers *workers, fps__stream *stream,
                                const fps__scan_layer_place *place, fps_error *error);
/* Tells the remarks of a layer that was read. False when its tar was not read to its end: then the run lacks
 * names. */
bool fps__scan_tell_layer(fps__scan_run *run, uint32_t index);

#endif
