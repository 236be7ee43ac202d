/* Release histories in a workbench: what the compiler reads of them.
 *
 *   fps__workbench_history_components(workbench, &arena, &ids, &count, &error)
 *   for each id: fps__workbench_load_history(workbench, id, &history, &error)      all histories of it as one
 *                fps__workbench_load_releases(workbench, id, &arena, &list, &count, &error)
 *
 * Texts and names come sorted by hash, each once; releases in the order of versions, with dates.
 */
#ifndef FPS_WORKBENCH_WORKBENCH_HISTORY_H
#define FPS_WORKBENCH_WORKBENCH_HISTORY_H

#include "history/history.h"
#include "workbench/workbench_internal.h"

/* ---- for the compiler ---- */

/* The ids of all components with a history, sorted; they live in the arena. FPS_ERROR_MEMORY, FPS_ERROR_CORRUPT. */
fps_status fps__workbench_history_components(fps_workbench *workbench, fps__arena *arena,
                                             const char *const **ids, size_t *count, fps_error *error);
/* The union of all histories of a component; the caller frees it. FPS_ERROR_NOT_FOUND: it has none;
 * FPS_ERROR_CORRUPT, FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__workbench_load_history(fps_workbench *workbench, const char *component,
                                       fps__history **history, fps_error *error);

/* Where a release is known from: the sum of these. */
enum { FPS__RELEASE_LISTED = 1, FPS__RELEASE_BUILT = 2, FPS__RELEASE_HISTORY = 4 };

typedef struct fps__known_release {
    const char *version;
    const char *date; /* YYYY-MM-DD, "" when unknown */
    unsigned origins;
} fps__known_release;

/* Every release of a component that anything in the workbench knows of: lists of the catalogue and of imported sets,
 * builds, histories. In the order of versions, each once; in the arena. FPS_ERROR_LIMIT, FPS_ERROR_MEMORY,
 * FPS_ERROR_CORRUPT. */
fps_status fps__workbench_load_releases(fps_workbench *workbench, const char *component, fps__arena *arena,
                                        const fps__known_release **releases, size_t *count, fps_error *error);

/* ---- for the workbench ---- */

extern const char fps__workbench_history_schema[];

/* Reads a job that is a history file, a repository or a source archive, on a reader's thread. */
void fps__workbench_read_history(const fps__workbench_plan *plan, fps__workbench_job *job);
/* Writes a history in a transaction of its own, in place of that of the same component and file. *known: it was there
 * already, and nothing was written. */
fps_status fps__workbench_write_history(fps_workbench *workbench, const fps__history *history,
                                        const char *file, bool *known, bool *replaced, fps_error *error);
/* The same inside a transaction of the caller's. */
fps_status fps__workbench_store_history(fps_workbench *workbench, const fps__history *history,
                                        const char *file, bool *known, bool *replaced, fps_error *error);
/* Takes in all histories of another workbench. */
fps_status fps__workbench_merge_histories(fps_workbench *workbench, fps_workbench *other, fps_error *error);

#endif
