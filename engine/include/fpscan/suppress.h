/* Statements of the user's on what does not count: ignore files and baselines.
 *
 *   fps_suppressions_create(&suppressions, now, &error)
 *   fps_suppressions_read(suppressions, "team.fpscanignore", data, size, &error)     an ignore file or a baseline, any number
 *   fps_scan_run(...), fps_advisory_match(...)
 *   fps_suppressions_apply(suppressions, result, &error)
 *   fps_suppressions_free(suppressions)
 *
 * What is suppressed stays in the result and in every report, with the reason, and closes no gate.
 *
 * An ignore file has an entry a line, as .trivyignore does; '#' starts the reason:
 *
 *   CVE-2024-1 exp:2026-12-31 # not reachable
 *   component:zlib version:1.2.11 path:/opt/vendor/lib*.so # the vendor patches it
 *   kind:drift/unowned path:/opt/app/bin/tool exp:2027-01-01 # built by us
 *   kind:partial code:unreadable-archive path:/srv/test.7z # a test
 *
 * or is JSON, {"ignore": [{"id": ..., "kind": ..., "component": ..., "version": ..., "product": ..., "path": ..., "code": ...,
 * "reason": ..., "expires": ...}]}, where a reason must be. All that an entry names must hold. Without a kind it is about
 * components, packages, drift and vulnerabilities; with an id about vulnerabilities, with a code about partial diagnostics.
 *
 * A baseline has a line of JSON for each thing that was there, below a line that says what the file is; fps_baseline_write makes it.
 */
#ifndef FPSCAN_SUPPRESS_H
#define FPSCAN_SUPPRESS_H

#include <fpscan/report.h>

FPS_BEGIN_DECLS

typedef struct fps_suppressions fps_suppressions;

/* An empty list; *suppressions is the caller's, to be freed by fps_suppressions_free; NULL on failure. `now`: seconds since 1970, for
 * expiry dates; 0: nothing expires. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_suppressions_create(fps_suppressions **suppressions, int64_t now, fps_error *error);
/* NULL is allowed. */
FPS_API void fps_suppressions_free(fps_suppressions *suppressions);
/* Adds the statements of a document, an ignore file or a baseline by its first bytes. `path` stands in messages and reasons; texts are
 * copied. FPS_ERROR_CORRUPT: it is damaged, and the message says where; FPS_ERROR_FORMAT: JSON that is none of both;
 * FPS_ERROR_VERSION: a baseline by a newer program; FPS_ERROR_LIMIT: more than 10,000 entries of ignore files, or 2,000,000 lines of
 * baselines; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_suppressions_read(fps_suppressions *suppressions, const char *path, const void *data,
                                         size_t size, fps_error *error);
/* Adds all that `result` has, as a baseline would hold it; `name` stands in reasons. `options` choose states as in fps_baseline_write.
 * FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
FPS_API fps_status fps_suppressions_add_result(fps_suppressions *suppressions, const char *name,
                                               const fps_result *result, const fps_report_options *options,
                                               fps_error *error);
/* Marks in `result` what does not count. A statement of an ignore file goes before a baseline. An entry that has expired does not
 * apply, and a note of the result says so. What a report that was read says is suppressed counts again. A thing of a baseline excuses one thing of the result: a component of the same version
 * answer, first in the same file, then in any; a package of the same version; drift of the same kind and component that claims and found the same,
 * at the same path or in a file of the same content; a component, or drift, in the same file with the same bytes; and each vulnerability of the same name and component. Call it after
 * fps_advisory_match, before the result is shared by threads. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_suppressions_apply(const fps_suppressions *suppressions, fps_result *result,
                                          fps_error *error);

/* Writes a baseline of all that `result` has: sorted, the same bytes for the same result. What another baseline suppresses is old and
 * stays so; vulnerabilities that something else suppresses are left out. Of `options` states, min_confidence and
 * all_layers choose what it holds; NULL: what is present or likely, and visible. `write` is called with `user` for each piece.
 * FPS_ERROR_MEMORY; or what `write` returned. */
FPS_API fps_status fps_baseline_write(const fps_result *result, const fps_report_options *options,
                                      fps_write_callback write, void *user, fps_error *error);

FPS_END_DECLS

#endif
