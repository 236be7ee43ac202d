/* Writing the index of one feature kind, or of histories: the directory of its buckets, and its keys. */
#include "compiler/set_index.h"

#include "util/error.h"

#include <stdbool.h>

/* Keys a bucket: 3 at most on average. A bucket more is 10 bits, and twice as many buckets save a bit of each key. Against
 * 6 a key has .15 bytes more, and a probe, single or one of a batch, takes a tenth less time (bench/micro/bench_index, 5 M
 * keys). */
enum { BUCKET_KEYS = 3 };

static unsigned record_width(const fps__set_index *index, unsigned bits)
{
    return index->hash_bits - bits + fps__layout_bits(index->posting_limit);
}

static uint64_t group_of(uint64_t key, unsigned bits)
{
    return key >> (64 - bits + FPS__GROUP_BITS);
}

/* True when each group can count its keys in the 8 bits of its directory item. */
static bool groups_fit(const fps__set_index *index, unsigned bits)
{
    for (uint64_t first = 0, i = 0; i < index->count; i++) {
        if (group_of(index->keys[i], bits) != group_of(index->keys[first], bits))
            first = i;
        if (i - first >= UINT8_MAX)
            return false;
    }
    return true;
}

/* The least number of bucket bits that will do; 0 when there is none. */
static unsigned choose_bits(const fps__set_index *index)
{
    unsigned bits = FPS__BITS_MIN;
    while (bits < FPS__MAX_BITS &&
           (index->count > (uint64_t)BUCKET_KEYS << bits || record_width(index, bits) > FPS__MAX_FIELD_BITS))
        bits++;
    while (bits <= FPS__MAX_BITS && !groups_fit(index, bits))
        bits++;
    return bits <= FPS__MAX_BITS && record_width(index, bits) <= FPS__MAX_FIELD_BITS ? bits : 0;
}

static void write_directory(fps__set_output *output, const fps__set_index *index, unsigned bits)
{
    uint64_t next = 0; /* keys of the buckets so far */
    for (uint64_t group = 0; group < UINT64_C(1) << (bits - FPS__GROUP_BITS); group++) {
        uint64_t first = next;
        uint8_t *item = fps__set_output_room(output, FPS__GROUP_SIZE);
        fps__put32le(item + FPS__GROUP_FIRST, (uint32_t)first);
        item[FPS__GROUP_BOUNDS] = 0;
        for (unsigned b = 0; b < FPS__GROUP_BUCKETS; b++) {
            uint64_t bucket = group * FPS__GROUP_BUCKETS + b;
            while (next < index->count && index->keys[next] >> (64 - bits) == bucket)
                next++;
            item[FPS__GROUP_BOUNDS + b + 1] = (uint8_t)(next - first);
        }
    }
}

fps_status fps__set_index_write(fps__set_output *output, const fps__set_index *index, fps_error *error)
{
    unsigned bits = choose_bits(index), posting_bits = fps__layout_bits(index->posting_limit);
    if (!bits)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "the format cannot hold the %llu keys of kind %u with postings below %llu",
                         (unsigned long long)index->count, index->feature,
                         (unsigned long long)index->posting_limit);
    fps__set_section section = {.kind = index->directory,
                                .item_size = FPS__GROUP_SIZE,
                                .feature = index->feature,
                                .parameters = index->parameters};
    fps__set_output_begin(output, &section);
    write_directory(output, index, bits);
    fps__set_output_end(output);
    section.kind = index->keys_section;
    section.item_size = 0;
    section.hash_bits = index->hash_bits;
    section.width = record_width(index, bits);
    fps__set_output_begin(output, &section);
    for (uint64_t i = 0; i < index->count; i++) {
        uint64_t rest = index->keys[i] << bits >> (64 - (index->hash_bits - bits));
        fps__set_output_field(output, rest << posting_bits | index->postings[i], section.width);
    }
    fps__set_output_end(output);
    return FPS_OK;
}
