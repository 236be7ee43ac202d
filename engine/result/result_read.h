/* Reads a JSON report (report/report.schema.json) back into a result.
 *
 * All that other formats show is in the report, so that they come out of it as out of the scan. What only `explain` shows is
 * not: tables of releases, and evidence beyond what the report was asked to hold.
 */
#ifndef FPS_RESULT_RESULT_READ_H
#define FPS_RESULT_RESULT_READ_H

#include "result/result_build.h"
#include "util/bytes.h"

#include <jansson.h>

/* True when the document is a report of ours, of any version. */
bool fps__result_is_report(const json_t *root);
/* Fills *result, to be freed by fps_result_free; NULL on failure. `path` names the document in errors. Texts and tables take at
 * most `memory` bytes. FPS_ERROR_VERSION: another major version; FPS_ERROR_CORRUPT: a member is missing, of another type or
 * out of range, and the message names its place; FPS_ERROR_LIMIT; FPS_ERROR_MEMORY. */
fps_status fps__result_read(fps_result **result, const json_t *root, const char *path, size_t memory,
                            fps_error *error);

#endif
