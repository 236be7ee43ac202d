/* Remarks of a few kinds about one input: the first of each kind in full, then how many more. */
#ifndef FPS_IMAGE_NOTES_H
#define FPS_IMAGE_NOTES_H

#include "source/source.h"

typedef struct fps__note_kind {
    fps_level level;
    const char *code, *message;
} fps__note_kind;

enum { FPS__NOTE_KINDS = 9, FPS__MOST_NOTES = 20 /* of a kind */ };

typedef struct fps__notes {
    const fps__note_kind *kinds;         /* at most FPS__NOTE_KINDS */
    fps__diagnostic_callback diagnostic; /* NULL: nobody listens */
    void *user;
    uint64_t counts[FPS__NOTE_KINDS];
} fps__notes;

/* `message` NULL: that of the kind. `path` may be NULL; `offset` is UINT64_MAX when there is no place. */
void fps__notes_add(fps__notes *notes, unsigned kind, const char *path, uint64_t offset, const char *message);
/* Says how many were left out. */
void fps__notes_finish(const fps__notes *notes);

#endif
