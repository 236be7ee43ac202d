/* Looking keys up: a directory of the top bits, then a short run of records; batches are prefetched. */
#include "database/database_index.h"

/* How many keys ahead of its records' fetch a group of the directory is fetched, and those ahead of the comparison. */
enum { AHEAD = 12 };

uint32_t fps__database_probe_one(const fps_database *database, uint64_t key)
{
    const fps__index *index = &database->kinds[key % FPS__KINDS];
    uint64_t wanted, posting;
    uint32_t first, end;
    if (!fps__index_find(index, key, &wanted, &first, &end)) {
        fps__database_damaged(database);
        return FPS__NONE;
    }
    if (first == end)
        return FPS__NONE;
    posting = fps__index_record(index, first) - wanted;
    if (posting > fps__layout_mask(index->posting_bits))
        return FPS__NONE;
    if (posting < index->postings)
        return (uint32_t)posting;
    fps__database_damaged(database);
    return FPS__NONE;
}

static void fetch_group(const fps_database *database, uint64_t key)
{
    __builtin_prefetch(fps__index_group(&database->kinds[key % FPS__KINDS], key));
}

static void fetch_records(const fps_database *database, uint64_t key)
{
    const fps__index *index = &database->kinds[key % FPS__KINDS];
    unsigned bucket = key >> index->bucket_shift & (FPS__GROUP_BUCKETS - 1);
    uint32_t first, end;
    if (fps__index_bucket(index, fps__index_group(index, key), bucket, &first, &end))
        __builtin_prefetch(index->records + (uint64_t)first * index->width / 8);
}

/* Three steps, each on another key: fetch its group, fetch its records, compare. */
void fps__database_probe(const fps_database *database, const uint64_t *keys, size_t count, uint32_t *postings)
{
    for (size_t i = 0; i < count && i < AHEAD; i++)
        fetch_group(database, keys[i]);
    for (size_t i = 0; i < count + AHEAD; i++) {
        if (i + AHEAD < count)
            fetch_group(database, keys[i + AHEAD]);
        if (i < count)
            fetch_records(database, keys[i]);
        if (i >= AHEAD)
            postings[i - AHEAD] = fps__database_probe_one(database, keys[i - AHEAD]);
    }
}
