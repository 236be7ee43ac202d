/* Joins the names of hard-linked files, in bounded memory. */
#ifndef FPS_SOURCE_SOURCE_LINKS_H
#define FPS_SOURCE_SOURCE_LINKS_H

#include "source/source.h"

typedef struct fps__link_node fps__link_node;

/* Zero is the empty table. */
typedef struct fps__links {
    fps__link_node **buckets;
    size_t bucket_count, count;
    size_t memory;  /* bytes held */
    size_t limit;   /* most bytes to hold, 0: 256 MiB */
    size_t dropped; /* names that were not kept because the table was full */
    size_t drained; /* buckets that are empty for good */
} fps__links;

/* Adds one of the `names` names of an inode. FPS_OK: `entry` holds all of them now, sorted, and is the
 * caller's. FPS_ERROR_NOT_FOUND: others are missing, the table took the entry over. FPS_ERROR_LIMIT: the
 * table is full, or a name has appeared since the count was taken: `entry` stays as it was, with this one
 * name. */
fps_status fps__links_add(fps__links *links, fps__source_entry *entry, uint32_t names);
/* Takes out any entry that still misses names. FPS_ERROR_NOT_FOUND when there is none. */
fps_status fps__links_drain(fps__links *links, fps__source_entry *entry);
void fps__links_free(fps__links *links);

#endif
