/* Diagnostics of a few kinds about one input: the first of each kind in full, then how many more. */
#ifndef FPS_IMAGE_DIAGNOSTICS_H
#define FPS_IMAGE_DIAGNOSTICS_H

#include "source/source.h"

typedef struct fps__diagnostic_kind {
    fps_diagnostic_level level;
    const char *code, *message;
} fps__diagnostic_kind;

enum { FPS__DIAGNOSTIC_KINDS = 9, FPS__MAX_DIAGNOSTICS_OF_A_KIND = 20 };

typedef struct fps__diagnostics {
    const fps__diagnostic_kind *kinds;   /* at most FPS__DIAGNOSTIC_KINDS */
    fps__diagnostic_callback diagnostic; /* NULL: nobody listens */
    void *user;
    uint64_t counts[FPS__DIAGNOSTIC_KINDS];
} fps__diagnostics;

/* `message` NULL: that of the kind. `path` may be NULL; `offset` is UINT64_MAX when there is no place. */
void fps__diagnostics_add(fps__diagnostics *diagnostics, unsigned kind, const char *path, uint64_t offset,
                          const char *message);
/* Says how many were left out. */
void fps__diagnostics_finish(const fps__diagnostics *diagnostics);

#endif
