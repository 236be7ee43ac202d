/* Remarks of a few kinds about one input: the first of each kind in full, then how many more. */
#include "image/notes.h"

#include <stdio.h>

static void report(const fps__notes *notes, unsigned kind, const char *path, uint64_t offset,
                   const char *message)
{
    const fps__note_kind *of = &notes->kinds[kind];
    fps_diagnostic diagnostic = {of->level, of->code, path, offset, message ? message : of->message};
    if (notes->diagnostic)
        notes->diagnostic(notes->user, &diagnostic);
}

void fps__notes_add(fps__notes *notes, unsigned kind, const char *path, uint64_t offset, const char *message)
{
    if (++notes->counts[kind] <= FPS__MOST_NOTES)
        report(notes, kind, path, offset, message);
}

void fps__notes_finish(const fps__notes *notes)
{
    for (unsigned kind = 0; kind < FPS__NOTE_KINDS; kind++) {
        char message[64];
        if (notes->counts[kind] <= FPS__MOST_NOTES)
            continue;
        snprintf(message, sizeof message, "the same of %llu more names",
                 (unsigned long long)(notes->counts[kind] - FPS__MOST_NOTES));
        report(notes, kind, NULL, UINT64_MAX, message);
    }
}
