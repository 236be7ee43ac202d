/* Telling from the first bytes of a file what it is. */
#ifndef FPS_SCAN_PEEK_H
#define FPS_SCAN_PEEK_H

#include "util/bytes.h"

/* True when the bytes begin an object or an archive of objects. A .deb is none, though it is an ar archive.
 */
bool fps__peek_object(fps__span head);
/* True when the bytes begin an archive, or a compressed file that may hold one or an object. A gzip file is
 * looked into: most of those in a root are documentation. `head` is all of a file or its first
 * FPS__SOURCE_HEAD bytes. */
bool fps__peek_archive(fps__span head);

#endif
