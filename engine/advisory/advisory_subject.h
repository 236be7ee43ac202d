/* What statements of the user's ask about subjects and findings. */
#ifndef FPS_ADVISORY_ADVISORY_SUBJECT_H
#define FPS_ADVISORY_ADVISORY_SUBJECT_H

#include <fpscan/result.h>

/* Two package URLs name the same package when their types and names do, and the versions where both have one; `version` is that of
 * a `purl` without one. The release of a distribution is not compared: statements leave it out. */
bool fps__same_package(const char *wanted, const char *purl, const char *version);
/* Two CPE names name the same vendor and product. */
bool fps__same_product(const char *wanted, const char *cpe);
/* "2026-08-21", also with a time behind it, in seconds since 1970; -1 for what is no date. */
int64_t fps__date_seconds(const char *date);
/* Sorts vulnerabilities as result.h says, after suppressions have changed. */
void fps__sort_vulnerabilities(fps_result *result);

#endif
