/* The text that names a scan target: a path, or SCHEME:PATH, which says how to read what lies there.
 *
 *   fps_target_path("oci-dir:images/web")      "images/web"
 *   fps_target_path("a:strange:name")          the same text: no scheme of this library
 *
 * A path that exists is taken as such, whatever colons it contains. Everything here is thread-safe.
 */
#ifndef FPSCAN_TARGET_H
#define FPSCAN_TARGET_H

#include <fpscan/status.h>

FPS_BEGIN_DECLS

/* Number of schemes that fps_scan_run knows. */
FPS_API size_t fps_target_scheme_count(void);
/* Scheme `index` with its colon ("oci-dir:"); static storage; NULL when `index` is out of range. */
FPS_API const char *fps_target_scheme(size_t index);
/* The path of `target` (not NULL): a pointer into it, behind the scheme and the "//" that may follow;
 * `target` itself where it has no known scheme, or where a file of that whole name exists. */
FPS_API const char *fps_target_path(const char *target);

FPS_END_DECLS

#endif
