/* The version of the library: of these headers at compile time, of the linked library at run time.
 *
 *   #if FPS_VERSION_MAJOR == 0 && FPS_VERSION_MINOR < 2
 *   if (strcmp(fps_version(), FPS_VERSION) != 0) ...      built against another release than the one linked
 *
 * CMakeLists.txt reads the three numbers from this file; they stand nowhere else. Before 1.0 there is no
 * promise about the ABI: link statically, or rebuild with every release. CHANGELOG.md names what changes.
 */
#ifndef FPSCAN_VERSION_H
#define FPSCAN_VERSION_H

#include <fpscan/api.h>

#define FPS_VERSION_MAJOR 0
#define FPS_VERSION_MINOR 1
#define FPS_VERSION_PATCH 0

#define FPS_VERSION_TEXT_(major, minor, patch)   #major "." #minor "." #patch
#define FPS_VERSION_EXPAND_(major, minor, patch) FPS_VERSION_TEXT_(major, minor, patch)
/* "MAJOR.MINOR.PATCH" of these headers. */
#define FPS_VERSION FPS_VERSION_EXPAND_(FPS_VERSION_MAJOR, FPS_VERSION_MINOR, FPS_VERSION_PATCH)

/* What documents call the program by where they need a URI: its package URL. */
#define FPS_HOME "pkg:generic/fpscan@" FPS_VERSION

FPS_BEGIN_DECLS

/* Returns "MAJOR.MINOR.PATCH" of the library that runs; static storage, never NULL. Thread-safe. */
FPS_API const char *fps_version(void);

FPS_END_DECLS

#endif
