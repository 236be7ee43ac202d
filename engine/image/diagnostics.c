/* Diagnostics of a few kinds about one input: the first of each kind in full, then how many more. */
#include "image/diagnostics.h"

#include <stdio.h>

static void report(const fps__diagnostics *diagnostics, unsigned kind, const char *path, uint64_t offset,
                   const char *message)
{
    const fps__diagnostic_kind *of = &diagnostics->kinds[kind];
    fps_diagnostic diagnostic = {of->level, of->code, path, offset, message ? message : of->message};
    if (diagnostics->diagnostic)
        diagnostics->diagnostic(diagnostics->user, &diagnostic);
}

void fps__diagnostics_add(fps__diagnostics *diagnostics, unsigned kind, const char *path, uint64_t offset,
                          const char *message)
{
    if (++diagnostics->counts[kind] <= FPS__MAX_DIAGNOSTICS_OF_A_KIND)
        report(diagnostics, kind, path, offset, message);
}

void fps__diagnostics_finish(const fps__diagnostics *diagnostics)
{
    for (unsigned kind = 0; kind < FPS__DIAGNOSTIC_KINDS; kind++) {
        char message[64];
        if (diagnostics->counts[kind] <= FPS__MAX_DIAGNOSTICS_OF_A_KIND)
            continue;
        snprintf(message, sizeof message, "the same of %llu more names",
                 (unsigned long long)(diagnostics->counts[kind] - FPS__MAX_DIAGNOSTICS_OF_A_KIND));
        report(diagnostics, kind, NULL, UINT64_MAX, message);
    }
}
