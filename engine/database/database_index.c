/* The index of one feature kind, or of histories: what open joins, keys by position, and the part of the full check. */
#include "database/database_index.h"
#include "util/search.h"

/* The number of bucket bits of a directory of `groups` groups, 0 when no directory has so many. */
static unsigned directory_bits(uint64_t groups)
{
    for (unsigned bits = FPS__BITS_MIN; bits <= FPS__MAX_BITS; bits++)
        if (groups == UINT64_C(1) << (bits - FPS__GROUP_BITS))
            return bits;
    return 0;
}

void fps__index_shape(fps__index *index, unsigned bits, unsigned width, unsigned posting_bits)
{
    *index = (fps__index){.record_mask = fps__layout_mask(width),
                          .posting_mask = fps__layout_mask(posting_bits),
                          .bits = (uint8_t)bits,
                          .bucket_shift = (uint8_t)(64 - bits),
                          .group_shift = (uint8_t)(64 - bits + FPS__GROUP_BITS),
                          .width = (uint8_t)width,
                          .posting_bits = (uint8_t)posting_bits,
                          .turn = (uint8_t)((64 - bits - width) % 64)};
}

bool fps__index_join(fps__index *index, const fps__section_view *directory, const fps__section_view *keys,
                     uint64_t postings)
{
    unsigned bits = directory->present && keys->present ? directory_bits(directory->count) : 0;
    unsigned posting_bits = fps__layout_bits(postings);
    if (!bits || keys->hash_bits <= bits || keys->hash_bits > FPS__MAX_HASH_BITS ||
        keys->width != keys->hash_bits - bits + posting_bits || keys->width > FPS__MAX_FIELD_BITS)
        return false;
    fps__index_shape(index, bits, keys->width, posting_bits);
    index->directory = directory->data;
    index->records = keys->data;
    index->postings = postings;
    index->key_count = (uint32_t)keys->count;
    const uint8_t *last = directory->data + (directory->count - 1) * FPS__GROUP_SIZE;
    uint32_t first, end;
    return fps__index_bucket(index, last, FPS__GROUP_BUCKETS - 1, &first, &end) && end == index->key_count &&
           fps__get32le(directory->data + FPS__GROUP_FIRST) == 0;
}

/* The number of groups. */
static uint64_t group_count(const fps__index *index)
{
    return UINT64_C(1) << (64 - index->group_shift);
}

/* The bucket that holds record `position`: the last one that starts at or before it. */
static uint64_t bucket_of_position(const fps__index *index, uint64_t position)
{
    uint64_t next;
    FPS__LOWER_BOUND(next, group_count(index), at,
                     fps__get32le(index->directory + at * FPS__GROUP_SIZE) <= position);
    uint64_t group = next ? next - 1 : 0;
    const uint8_t *item = index->directory + group * FPS__GROUP_SIZE;
    uint64_t inside = position - fps__get32le(item + FPS__GROUP_FIRST);
    unsigned bucket = 0;
    while (bucket < FPS__GROUP_BUCKETS - 1 && item[FPS__GROUP_BOUNDS + bucket + 1] <= inside)
        bucket++;
    return group * FPS__GROUP_BUCKETS + bucket;
}

uint64_t fps__index_key(const fps__index *index, uint64_t position, uint64_t *posting)
{
    uint64_t record = fps__index_record(index, position), bucket = bucket_of_position(index, position);
    *posting = record & index->posting_mask;
    return bucket << index->bucket_shift |
           (record & ~index->posting_mask) << (64 - index->width) >> index->bits;
}

/* The records [first, end) of a bucket, which are there, ascend and have postings that are there. */
static bool records_are_good(const fps__index *index, uint32_t first, uint32_t end, bool several,
                             uint64_t *position)
{
    uint64_t mask = index->posting_mask, before = 0;
    for (uint32_t i = first; i < end; i++) {
        uint64_t record = fps__index_record(index, i);
        *position = i;
        if (i > first && (several ? before : before | mask) >= record)
            return false;
        if ((record & mask) >= index->postings)
            return false;
        before = record;
    }
    return true;
}

fps_status fps__index_verify(const fps__index *index, bool several, const char **what, uint64_t *position)
{
    uint32_t next = 0, first, end;
    for (uint64_t group = 0; group < group_count(index); group++) {
        const uint8_t *item = index->directory + group * FPS__GROUP_SIZE;
        for (unsigned bucket = 0; bucket < FPS__GROUP_BUCKETS; bucket++, next = end) {
            *position = group * FPS__GROUP_BUCKETS + bucket;
            *what = "directory is not ascending";
            if (!fps__index_bucket(index, item, bucket, &first, &end) || first != next || end < first)
                return FPS_ERROR_CORRUPT;
            *what = "keys are not ascending, or have postings that are not there";
            if (!records_are_good(index, first, end, several, position))
                return FPS_ERROR_CORRUPT;
        }
    }
    *what = "directory does not cover the keys";
    *position = next;
    return next == index->key_count ? FPS_OK : FPS_ERROR_CORRUPT;
}
