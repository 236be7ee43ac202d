/* The index of one feature kind, or of histories, in an open set: a directory of buckets, and packed records. */
#ifndef FPS_DATABASE_DATABASE_INDEX_H
#define FPS_DATABASE_DATABASE_INDEX_H

#include "database/database_internal.h"

/* Joins the two sections of an index. `postings`: they are below. False: they do not belong together. */
bool fps__index_join(fps__index *index, const fps__section_view *directory, const fps__section_view *keys,
                     uint64_t postings);
/* Hash bits and posting of record `position`, which is below the number of keys. The hash bits that are not stored and
 * the kind are 0. */
uint64_t fps__index_key(const fps__index *index, uint64_t position, uint64_t *posting);
/* The part of the full check that looks at an index. `several`: a key may have several records. FPS_OK, or
 * FPS_ERROR_CORRUPT and what is wrong. */
fps_status fps__index_verify(const fps__index *index, bool several, const char **what, uint64_t *position);

static inline uint64_t fps__index_record(const fps__index *index, uint64_t position)
{
    return fps__layout_field(index->records, position * index->width, index->width);
}

/* The group of a key. */
static inline const uint8_t *fps__index_group(const fps__index *index, uint64_t key)
{
    return index->directory + (key >> index->group_shift) * FPS__GROUP_SIZE;
}

/* The records of bucket `bucket` of a group. False: they are not there. */
static inline bool fps__index_bucket(const fps__index *index, const uint8_t *group, unsigned bucket,
                                     uint32_t *first, uint32_t *end)
{
    uint32_t before = fps__get32le(group + FPS__GROUP_FIRST);
    const uint8_t *ends = group + FPS__GROUP_ENDS;
    *first = bucket ? before + ends[bucket - 1] : before;
    *end = before + ends[bucket];
    return *first <= *end && *end <= index->key_count;
}

/* The records [*first, *end) of a key's bucket from the first one on that is not before the key; `wanted` is the record
 * of the key with posting 0. False: the bucket is damaged. A bucket has at most 255 records. */
static inline bool fps__index_find(const fps__index *index, uint64_t key, uint64_t *wanted, uint32_t *first,
                                   uint32_t *end)
{
    unsigned bucket = key >> index->bucket_shift & (FPS__GROUP_BUCKETS - 1);
    if (!fps__index_bucket(index, fps__index_group(index, key), bucket, first, end))
        return false;
    *wanted = key << (64 - index->bucket_shift) >> index->rest_shift << index->posting_bits;
    while (*first < *end && fps__index_record(index, *first) < *wanted)
        ++*first;
    return true;
}

#endif
