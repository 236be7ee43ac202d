/* Where the parts of a zip archive lie: what its central directory names, what it does not, and whether the local headers
 * say the same. Loaders of jars go by the directory at the end, streaming readers by the local headers. */
#ifndef FPS_ARCHIVE_ZIP_LAYOUT_H
#define FPS_ARCHIVE_ZIP_LAYOUT_H

#include "util/array.h"
#include "util/bytes.h"

#include <fpscan/status.h>
#include <stdbool.h>

typedef struct fps__zip_gap {
    uint64_t offset, size; /* bytes */
} fps__zip_gap;

typedef struct fps__zip_layout {
    bool known;     /* there is a central directory */
    bool displaced; /* it does not lie right before its end record, where most readers look for it */
    /* Its entries and the local headers contradict each other, or one of the two has more entries, or an entry that is no
     * file has the bytes of one. */
    bool differs;
    uint64_t end; /* of the end record and its comment */
    /* What no header, name, file or record covers, from the first byte to the last; no padding. Sorted. */
    FPS__ARRAY(fps__zip_gap) gaps;
} fps__zip_layout;

/* The bytes of entries are not looked at, so that the work is that of reading the directory. Without a directory nothing
 * is known. FPS_ERROR_MEMORY. Free it whatever the status. */
fps_status fps__zip_layout_read(fps__zip_layout *layout, fps__span data);
void fps__zip_layout_free(fps__zip_layout *layout);

/* True when the bytes begin a local header of an entry, by all that its fields may be. */
bool fps__zip_is_local_header(fps__span data);
/* True when all bytes are the same: padding. */
bool fps__is_padding(fps__span bytes);

#endif
