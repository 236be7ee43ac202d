/* The index of one feature kind, or of histories, in an open set: a directory of buckets, and packed records. */
#ifndef FPS_DATABASE_DATABASE_INDEX_H
#define FPS_DATABASE_DATABASE_INDEX_H

#include "database/database_internal.h"

/* An index of these widths, still without sections. */
void fps__index_shape(fps__index *index, unsigned bits, unsigned width, unsigned posting_bits);
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

/* The group that has the bucket of a key. */
static inline const uint8_t *fps__index_group(const fps__index *index, uint64_t key)
{
    return index->directory + (key >> index->group_shift) * FPS__GROUP_SIZE;
}

/* The records of bucket `bucket` of a group. False: they are not there. */
static inline bool fps__index_bucket(const fps__index *index, const uint8_t *group, unsigned bucket,
                                     uint32_t *first, uint32_t *end)
{
    const uint8_t *bounds = group + FPS__GROUP_BOUNDS + bucket;
    uint32_t start = fps__get32le(group + FPS__GROUP_FIRST);
    *first = start + bounds[0];
    *end = start + bounds[1];
    return *end <= index->key_count;
}

/* The records of a key's bucket. False: they are not there. A bucket has at most 255, whatever the set says. */
static inline bool fps__index_run(const fps__index *index, uint64_t key, uint32_t *first, uint32_t *end)
{
    unsigned bucket = (unsigned)(key >> index->bucket_shift) % FPS__GROUP_BUCKETS;
    return fps__index_bucket(index, fps__index_group(index, key), bucket, first, end);
}

/* The record of a key with posting 0: the hash bits behind those of the bucket. */
static inline uint64_t fps__index_wanted(const fps__index *index, uint64_t key)
{
    uint64_t turned = key >> index->turn | key << (-index->turn & 63);
    return turned & index->record_mask & ~index->posting_mask;
}

#endif
