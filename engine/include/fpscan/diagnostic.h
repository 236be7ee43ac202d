/* The kinds of diagnostics: every code that fps_diagnostic.code can have, with its level and its meaning.
 *
 *   for (size_t i = 0; i < fps_diagnostic_kind_count(); i++)
 *       puts(fps_diagnostic_kind_entry(i)->code);
 *
 * Codes are a stable contract: a release may add some, and never renames one or changes what it means. The
 * table is constant, and everything here is thread-safe.
 */
#ifndef FPSCAN_DIAGNOSTIC_H
#define FPSCAN_DIAGNOSTIC_H

#include <fpscan/status.h>

FPS_BEGIN_DECLS

typedef struct fps_diagnostic_kind {
    const char *code;           /* "truncated-segment" */
    fps_diagnostic_level level; /* the highest that a diagnostic of this kind can have */
    const char *meaning;        /* one line for people; starts in lower case, has no final full stop */
} fps_diagnostic_kind;

/* Number of kinds. */
FPS_API size_t fps_diagnostic_kind_count(void);
/* Kind `index` in the order of codes (strcmp); static storage; NULL when `index` is out of range. */
FPS_API const fps_diagnostic_kind *fps_diagnostic_kind_entry(size_t index);
/* The kind of this code (not NULL); NULL when there is none. */
FPS_API const fps_diagnostic_kind *fps_diagnostic_kind_find(const char *code);

FPS_END_DECLS

#endif
