/* The bytes of deflated members of a zip archive in memory, inflated by isa-l: three times as fast as libarchive with zlib.
 *
 *   fps__zip_members_open(&members, data)
 *   if (fps__zip_members_begin(members, offset))                              where libarchive is to read the bytes of a file
 *       while (fps__zip_members_next(members, room, &size, &at_end)) ...      else libarchive reads it
 *   fps__zip_members_free(members)
 *
 * Only what is plain and sound is read here. libarchive reads everything else, and says what is wrong with it.
 */
#ifndef FPS_ARCHIVE_ZIP_MEMBERS_H
#define FPS_ARCHIVE_ZIP_MEMBERS_H

#include "util/bytes.h"

#include <fpscan/status.h>
#include <stdbool.h>

enum { FPS__ZIP_BLOCK = 256 * 1024 /* bytes of a block; libarchive has the same */ };

typedef struct fps__zip_members fps__zip_members;

/* Reads the directory of a zip archive. Members are those that it and the local header call deflated, with the same sizes and
 * checksum, not encrypted, below 4 GiB. `data` must outlive them. FPS_ERROR_MEMORY. */
fps_status fps__zip_members_open(fps__zip_members **members, fps__span data);
/* Begins the member whose bytes start at `offset` in the data. False when it is none of them; `members` may be NULL. */
bool fps__zip_members_begin(fps__zip_members *members, uint64_t offset);
/* Writes the next block into `room` of FPS__ZIP_BLOCK bytes. `at_end`: it was the last one, and sizes and checksum of the
 * member are right. False when the member is damaged or not as its header says: what was read of it does not count. */
bool fps__zip_members_next(fps__zip_members *members, uint8_t *room, size_t *size, bool *at_end);
/* Where the first byte lies that the current member has not used. */
uint64_t fps__zip_members_offset(const fps__zip_members *members);
void fps__zip_members_free(fps__zip_members *members);

#endif
