/* Opens libarchive's readers and takes their headers. Its own archive_read_open, archive_read_open_memory and
 * archive_read_next_header follow a NULL pointer when memory is not to be had: they ignore what
 * archive_read_set_callback_data and, in archive_read_new, archive_entry_new2 return (3.6.2).
 */
#ifndef FPS_ARCHIVE_READER_OPEN_H
#define FPS_ARCHIVE_READER_OPEN_H

#include "util/bytes.h"

#include <archive.h>
#include <archive_entry.h>

/* The bytes that a reader reads, and how far it is. */
typedef struct fps__reader_memory {
    fps__span bytes;
    size_t at;
} fps__reader_memory;

/* Opens `reader` over what `give` gives. ARCHIVE_OK, or as archive_read_open1. */
int fps__reader_open(struct archive *reader, void *user, archive_read_callback *give);
/* Opens `reader` over bytes in memory; `memory` must live as long as it. */
int fps__reader_open_memory(struct archive *reader, fps__reader_memory *memory, fps__span bytes);
/* Reads the next header into *entry, which is made for the first one; the caller frees it with archive_entry_free. As
 * archive_read_next_header2. */
int fps__reader_next(struct archive *reader, struct archive_entry **entry);

#endif
