/* Reads a bbolt file in memory: buckets inside each other, keys and values in order. Only what is in it is read, nothing is written.
 *
 *   status = fps__bbolt_open(&base, bytes, &error);
 *   if (!status)
 *       status = fps__bbolt_walk(&base, &(fps__bbolt_bucket){.page = base.root}, visit, user, &error);
 *
 * Facts: the layout of go.etcd.io/bbolt, pages of a B+ tree whose branches hold page numbers and whose leaves hold keys with values
 * or buckets.
 */
#ifndef FPS_FEED_BBOLT_H
#define FPS_FEED_BBOLT_H

#include "util/bytes.h"

#include <fpscan/status.h>
#include <stdbool.h>

typedef struct fps__bbolt {
    fps__span bytes;
    uint32_t page_size;
    uint64_t pages_left; /* pages that may still be read: each page of the file is needed once */
    uint64_t root;       /* page of the root bucket */
} fps__bbolt;

/* A bucket: a page of the file, or an inline page. */
typedef struct fps__bbolt_bucket {
    uint64_t page; /* 0: inline */
    fps__span inline_page;
} fps__bbolt_bucket;

/* Called with each key; `bucket` is set where it names one, and `value` is empty then. A failure ends the walk. */
typedef fps_status (*fps__bbolt_visit)(void *user, fps__span key, fps__span value,
                                       const fps__bbolt_bucket *bucket, fps_error *error);

/* FPS_ERROR_FORMAT: no bbolt file; FPS_ERROR_CORRUPT. The bytes must outlive it. */
fps_status fps__bbolt_open(fps__bbolt *base, fps__span bytes, fps_error *error);
/* True when the bytes begin as a bbolt file does. */
bool fps__bbolt_identify(fps__span bytes);
/* Visits the keys of a bucket in order. FPS_ERROR_CORRUPT: a page outside of the file, pages in a circle, elements outside of their
 * page; what `visit` returned. */
fps_status fps__bbolt_walk(fps__bbolt *base, const fps__bbolt_bucket *bucket, fps__bbolt_visit visit,
                           void *user, fps_error *error);

#endif
