/* Whether a name that a user gives means a component or package. */
#ifndef FPS_REPORT_CALLED_H
#define FPS_REPORT_CALLED_H

#include <fpscan/result.h>

/* Bytes of a package URL before its version, qualifiers and subpath. */
size_t fps__purl_base(const char *purl);
/* True when `wanted` is the id or the name, or a package URL with the same base as `purl`. Of the last three each may be NULL. */
bool fps__means(const char *wanted, const char *id, const char *name, const char *purl);
/* True when `wanted` means the component itself, and when it means one of its relatives. */
bool fps__means_component(const char *wanted, const fps_component *component);
bool fps__means_relative(const char *wanted, const fps_component *component);
bool fps__means_package(const char *wanted, const fps_package *package);

#endif
