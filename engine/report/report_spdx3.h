/* What the files of the SPDX 3.0 writer share: elements of the graph. */
#ifndef FPS_REPORT_REPORT_SPDX3_H
#define FPS_REPORT_REPORT_SPDX3_H

#include "report/report_spdx.h"

/* Starts an element of a type, with the members that every element has; fps__json_end ends it. */
void fps__spdx3_start(const fps__spdx *d, const char *type, const char *id);
/* The IRI of the element `id`, as the member `key`, or as the next item of an array where `key` is NULL. */
void fps__spdx3_iri(const fps__spdx *d, const char *key, const char *id);
/* The same for an array of them. */
void fps__spdx3_list(const fps__spdx *d, const char *key, const char *const *ids, size_t count);

/* "Supplier-" and a hash of the words: what has the same words is the same element. */
void fps__spdx3_hashed_id(const char *kind, const char *words, char id[FPS__SPDX_ID_SIZE]);

/* The profile Security: each vulnerability once, and an assessment of it for each entry that may have it, also where something
 * suppresses it. Nothing where none was looked up. */
void fps__spdx3_security(const fps__spdx *d);

#endif
