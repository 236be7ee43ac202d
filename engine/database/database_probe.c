/* Looking keys up: a directory of the top bits, then a short run of records; batches are prefetched. */
#include "database/database_index.h"

/* How many keys ahead of its records' fetch a group of the directory is fetched, and those ahead of the comparison. */
enum { AHEAD = 12 };

uint32_t fps__database_probe_one(const fps_database *database, uint64_t key)
{
    const fps__index *index = &database->kinds[key % FPS__KINDS];
    uint32_t first, end;
    if (!fps__index_run(index, key, &first, &end)) {
        fps__database_damaged(database);
        return FPS__NONE;
    }
    const uint8_t *records = index->records;
    const uint64_t wanted = fps__index_wanted(index, key), width = index->width, mask = index->record_mask;
    for (uint64_t place = first * width, stop = end * width; place < stop; place += width) {
        uint64_t record = fps__get64le(records + place / 8) >> place % 8 & mask;
        if (record < wanted)
            continue;
        uint64_t posting = record - wanted;
        if (posting > index->posting_mask)
            return FPS__NONE;
        if (posting < index->postings)
            return (uint32_t)posting;
        fps__database_damaged(database);
        return FPS__NONE;
    }
    return FPS__NONE;
}

static const uint8_t *group_of(const fps_database *database, uint64_t key)
{
    return fps__index_group(&database->kinds[key % FPS__KINDS], key);
}

/* Where the records of a key's bucket start; anywhere in those of its kind when the bucket is damaged. */
static const uint8_t *records_of(const fps_database *database, uint64_t key)
{
    const fps__index *index = &database->kinds[key % FPS__KINDS];
    uint32_t first = 0, end;
    fps__index_run(index, key, &first, &end);
    return index->records + (uint64_t)(first < index->key_count ? first : 0) * index->width / 8;
}

/* Three steps, each on another key: fetch its group, fetch its records, compare. */
void fps__database_probe(const fps_database *database, const uint64_t *keys, size_t count, uint32_t *postings)
{
    for (size_t i = 0; i < count && i < AHEAD; i++)
        __builtin_prefetch(group_of(database, keys[i]));
    for (size_t i = 0; i < count + AHEAD; i++) {
        if (i + AHEAD < count)
            __builtin_prefetch(group_of(database, keys[i + AHEAD]));
        if (i < count)
            __builtin_prefetch(records_of(database, keys[i]));
        if (i >= AHEAD)
            postings[i - AHEAD] = fps__database_probe_one(database, keys[i - AHEAD]);
    }
}
