/* Identifiers that bills of materials carry: package URL, CPE name, reference, serial number. */
#ifndef FPS_REPORT_REPORT_IDENTIFIER_H
#define FPS_REPORT_REPORT_IDENTIFIER_H

#include <fpscan/result.h>

enum { FPS__IDENTIFIER_SIZE = 1024, FPS__UUID_SIZE = 46 };

/* Each writes at most `size` bytes including the NUL and returns the length; 0 and "" when there is nothing
 * to name or it does not fit: an identifier is whole or absent. */

/* `purl` with "@VERSION" before its qualifiers; percent-encoded. `version` is NULL when there is none, or
 * when `purl` contains it. */
size_t fps__purl_text(const char *purl, const char *version, char *text, size_t size);
/* A whole CPE 2.3 name out of "cpe:2.3:PART:VENDOR:PRODUCT" and a version (NULL: '*'), escaped as NISTIR 7695
 * says. */
size_t fps__cpe_text(const char *cpe, const char *version, char *text, size_t size);
/* A CPE 2.3 name that has all of its 13 parts; NULL and every other text give "". */
size_t fps__cpe_whole(const char *cpe, char *text, size_t size);
/* A reference that is unique in the result: the id and "@VERSION", or a hash where that does not fit.
 * Never empty when `size` is FPS__IDENTIFIER_SIZE. */
size_t fps__reference_text(const fps_component *component, char *text, size_t size);

/* "urn:uuid:..." of version 5 (RFC 9562) over all bytes that were added, in a name space of our own. create
 * gives NULL without memory; finish frees in any case and is false when the hash failed; `text` has room for
 * FPS__UUID_SIZE. */
void *fps__uuid_create(void);
fps_status fps__uuid_add(void *uuid, const char *bytes, size_t size); /* is an fps_write_callback */
bool fps__uuid_finish(void *uuid, char *text);

/* The vendor that a CPE name gives, and the namespace of a package URL ("github.com/apple"); 0 and "" for none. */
size_t fps__cpe_vendor(const char *cpe, char *text, size_t size);
size_t fps__purl_namespace(const char *purl, char *text, size_t size);

#endif
