/* Looking keys up: a directory of the top bits, then a short run of records; batches are prefetched. */
#include "database/database_internal.h"

enum {
    /* Longer buckets, which hash keys do not make, are halved first: a bad set costs log n, not n. */
    MAX_RUN = 16,
    /* How many keys ahead of its records' fetch a directory item is fetched, and those ahead of the
       comparison. */
    AHEAD = 12,
};

/* Cuts the long run [*first, *end) down to a short one that holds the first record >= `least`, if the run has
 * one. */
static void narrow(const uint8_t *records, uint32_t *first, uint32_t *end, uint64_t least)
{
    while (*end - *first > MAX_RUN) {
        uint32_t middle = *first + (*end - *first) / 2;
        if (fps__get64le(records + (size_t)middle * 8) < least)
            *first = middle;
        else
            *end = middle + 1;
    }
}

/* The posting in bucket [first, end) whose record has the rest bits of `key`. */
static uint32_t search(const fps_database *database, const fps__kind_index *index, uint64_t key,
                       uint32_t first, uint32_t end)
{
    if (end > index->key_count || first > end) {
        fps__database_damaged(database);
        return FPS__NONE;
    }
    uint64_t wanted = key >> FPS__KIND_BITS << index->record_shift;
    if (end - first > MAX_RUN)
        narrow(index->records, &first, &end, wanted);
    while (first < end && fps__get64le(index->records + (size_t)first * 8) < wanted)
        first++;
    if (first == end)
        return FPS__NONE;
    uint64_t posting = fps__get64le(index->records + (size_t)first * 8) - wanted;
    if (posting > index->posting_mask)
        return FPS__NONE;
    if (posting < database->sections[FPS__SECTION_POSTINGS].count)
        return (uint32_t)posting;
    fps__database_damaged(database);
    return FPS__NONE;
}

static const uint8_t *bucket_of(const fps__kind_index *index, uint64_t key)
{
    return index->directory + (key >> index->bucket_shift) * 4;
}

uint32_t fps__database_probe_one(const fps_database *database, uint64_t key)
{
    const fps__kind_index *index = &database->kinds[key % FPS__KINDS];
    const uint8_t *bucket = bucket_of(index, key);
    return search(database, index, key, fps__get32le(bucket), fps__get32le(bucket + 4));
}

/* Three steps, each on another key: fetch its directory item, fetch its records, compare. */
void fps__database_probe(const fps_database *database, const uint64_t *keys, size_t count, uint32_t *postings)
{
    for (size_t i = 0; i < count && i < AHEAD; i++)
        __builtin_prefetch(bucket_of(&database->kinds[keys[i] % FPS__KINDS], keys[i]));
    for (size_t i = 0; i < count + AHEAD; i++) {
        if (i + AHEAD < count) {
            uint64_t key = keys[i + AHEAD];
            __builtin_prefetch(bucket_of(&database->kinds[key % FPS__KINDS], key));
        }
        if (i < count) {
            const fps__kind_index *index = &database->kinds[keys[i] % FPS__KINDS];
            uint32_t first = fps__get32le(bucket_of(index, keys[i]));
            __builtin_prefetch(index->records + (size_t)(first < index->key_count ? first : 0) * 8);
        }
        if (i >= AHEAD)
            postings[i - AHEAD] = fps__database_probe_one(database, keys[i - AHEAD]);
    }
}
