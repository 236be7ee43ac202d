/* Names in UTF-16 as file systems store them, in UTF-8. */
#ifndef FPS_VOLUME_UTF16_H
#define FPS_VOLUME_UTF16_H

#include "util/bytes.h"

/* Writes `count` units of UTF-16 at `units` into name[0..room) as UTF-8 without a NUL, and cuts what does not fit; returns the
 * bytes. A surrogate without its other half becomes three bytes of its own, so that different names stay different. */
size_t fps__utf16_name(const uint8_t *units, size_t count, bool big_endian, char *name, size_t room);

#endif
