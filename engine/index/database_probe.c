/* Looking keys up: a directory of the top bits, then a short run of 8-byte records, with prefetch for
 * batches. */
#include "index/database_internal.h"

enum {
    /* Longer buckets, which hash keys do not make, are halved first: a bad set costs log n, not n. */
    RUN_MAX = 16,
    /* How many keys ahead the directory is fetched, and below the records. */
    BATCH_DIRECTORY = 24,
    BATCH_RECORDS = 12,
};

/* Cuts the long run [*first, *end) down to a short one that holds the first record >= `least`, if the run has
 * one. */
static void narrow(const uint8_t *records, uint32_t *first, uint32_t *end, uint64_t least)
{
    while (*end - *first > RUN_MAX) {
        uint32_t middle = *first + (*end - *first) / 2;
        if (fps__get64le(records + (size_t)middle * 8) < least)
            *first = middle;
        else
            *end = middle + 1;
    }
}

/* The posting id of a record that has the wanted rest bits, else `found` as it was. */
static inline uint64_t take_match(const uint8_t *record, uint64_t wanted, uint64_t mask, uint64_t found)
{
    uint64_t difference = fps__get64le(record) ^ wanted;
    return difference <= mask ? difference : found;
}

static inline uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The posting in bucket [first, end) whose record has the rest bits of `key`. Records are compared in fours
 * without a branch between them, since where a key stands in its bucket cannot be predicted: a quarter off
 * the time of a batch. */
static uint32_t search(const fps_database *database, const fps__kind_index *index, uint64_t key,
                       uint32_t first, uint32_t end)
{
    if (end > index->key_count || first > end) {
        fps__database_damaged(database);
        return FPS__NONE;
    }
    uint64_t wanted = fps__layout_record(key, index->bits);
    uint64_t mask = fps__layout_posting_mask(index->bits), found = UINT64_MAX;
    if (end - first > RUN_MAX)
        narrow(index->records, &first, &end, wanted);
    const uint8_t *records = index->records + (size_t)first * 8;
    uint32_t size = end - first, last = size - 1;
    for (uint32_t i = 0; i < size; i += 4) {
        found = take_match(records + (size_t)i * 8, wanted, mask, found);
        found = take_match(records + (size_t)smaller(i + 1, last) * 8, wanted, mask, found);
        found = take_match(records + (size_t)smaller(i + 2, last) * 8, wanted, mask, found);
        found = take_match(records + (size_t)smaller(i + 3, last) * 8, wanted, mask, found);
    }
    if (found < database->sections[FPS__SECTION_POSTINGS].count)
        return (uint32_t)found;
    if (found != UINT64_MAX)
        fps__database_damaged(database);
    return FPS__NONE;
}

static const uint8_t *bucket_of(const fps__kind_index *index, uint64_t key)
{
    return index->directory + fps__layout_bucket(key, index->bits) * 4;
}

uint32_t fps__database_probe_one(const fps_database *database, uint64_t key)
{
    const fps__kind_index *index = &database->kinds[key & (FPS__KINDS - 1)];
    const uint8_t *bucket = bucket_of(index, key);
    return search(database, index, key, fps__get32le(bucket), fps__get32le(bucket + 4));
}

/* Three steps a key, each on another key: fetch its directory item, fetch its records, compare. */
void fps__database_probe(const fps_database *database, const uint64_t *keys, size_t count, uint32_t *postings)
{
    for (size_t i = 0; i < count && i < BATCH_DIRECTORY; i++)
        __builtin_prefetch(bucket_of(&database->kinds[keys[i] & (FPS__KINDS - 1)], keys[i]));
    for (size_t i = 0; i < count + BATCH_RECORDS; i++) {
        if (i + BATCH_DIRECTORY - BATCH_RECORDS < count) {
            uint64_t key = keys[i + BATCH_DIRECTORY - BATCH_RECORDS];
            __builtin_prefetch(bucket_of(&database->kinds[key & (FPS__KINDS - 1)], key));
        }
        if (i < count) {
            const fps__kind_index *index = &database->kinds[keys[i] & (FPS__KINDS - 1)];
            uint32_t first = fps__get32le(bucket_of(index, keys[i]));
            __builtin_prefetch(index->records + (size_t)(first < index->key_count ? first : 0) * 8);
        }
        if (i >= BATCH_RECORDS)
            postings[i - BATCH_RECORDS] = fps__database_probe_one(database, keys[i - BATCH_RECORDS]);
    }
}
