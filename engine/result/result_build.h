/* Building an fps_result: filled by the scan, sorted and indexed by finish, then read-only.
 *
 *   fps__result_create(&result, &error)
 *   ... append to files, findings, components, diagnostics with FPS__ARRAY_PUSH ...
 *   fps__result_finish(result, &error)
 *
 * Texts and tables live in result->arena.
 */
#ifndef FPS_RESULT_RESULT_BUILD_H
#define FPS_RESULT_RESULT_BUILD_H

#include "util/arena.h"
#include "util/array.h"

#include <fpscan/result.h>

struct fps_result {
    fps__arena arena; /* owns every text and table below */
    fps_result_info info;
    FPS__ARRAY(fps_file) files;
    FPS__ARRAY(fps_finding) findings;
    FPS__ARRAY(fps_component) components;
    FPS__ARRAY(fps_diagnostic) diagnostics;
    FPS__ARRAY(fps_layer) layers;
    FPS__ARRAY(fps_package) packages;
    FPS__ARRAY(fps_vulnerability) vulnerabilities; /* filled by advisory/ */
    fps_drift *drift;                              /* in the arena, sorted */
    size_t drift_count;
};

/* An empty result, freed with fps_result_free. FPS_ERROR_MEMORY. */
fps_status fps__result_create(fps_result **result, fps_error *error);

/* Sorts and indexes what was gathered in any order; the outcome does not depend on that order.
 * On entry: `findings[].file` indexes `files` as they stand; `findings[].component` indexes `components`, of
 * which only the facts (id, name, purl, cpe, license, family, role; none NULL but `id` and `name` may be
 * empty texts) are filled in. The same id may stand there more than once; the facts of the first that a
 * finding names, by order of files, count. On return: files by path, findings by file and component id,
 * diagnostics by path, offset and code; `components` are the groups of result.h; every index, the files'
 * ranges, evidence[].file and info.partial are right. FPS_ERROR_ARGUMENT an index out of range;
 * FPS_ERROR_MEMORY. The result can only be freed after a failure. */
fps_status fps__result_finish(fps_result *result, fps_error *error);
/* Sorts the diagnostics again after more of them were added, and sets info.partial. */
void fps__result_sort_diagnostics(fps_result *result);

#endif
