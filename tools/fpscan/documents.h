/* Documents of the user's that are read before a scan. */
#ifndef TOOLS_FPSCAN_DOCUMENTS_H
#define TOOLS_FPSCAN_DOCUMENTS_H

#include <fpscan/advisory.h>
#include <stdbool.h>

/* Reads a whole file, at most 256 MiB; document->data is the caller's. False: a message was printed. */
bool document_read(fps_advisory_document *document, const char *path);
/* Tells whether `folder` is no part of the target, which may be NULL or "-": a target must not decide what is shown of it. False without
 * memory. */
bool document_is_own(const char *folder, const char *target, bool *own);

#endif
