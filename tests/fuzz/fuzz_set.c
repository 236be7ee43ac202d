/* Opens any bytes as a compiled set and runs look-ups, every accessor, the full check and the dump.
 *
 * The checksums would stop nearly every mutation, so the sizes and checksums of inputs that start with the
 * magic are corrected first. Other inputs are opened unchanged.
 *
 * Reaches: fps__database_entry, fps_database_verify, fps__database_dump, fps__database_history_pair, fps__database_patch_function
 */
#include "../unit/set_repair.h"
#include "database/layout.h"
#include "database/set.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_STEPS = 4000, MAX_KEYS = 64 };

/* Looks up keys of the set, their neighbours, and keys of every kind. */
static void probe(const fps_database *database, const fps__set_counts *counts)
{
    uint64_t keys[MAX_KEYS];
    uint32_t postings[MAX_KEYS], posting;
    for (size_t i = 0; i < MAX_KEYS; i++) {
        keys[i] = i << 58 | i;
        if (i % 3 && counts->keys)
            fps__database_key(database, i * (counts->keys / MAX_KEYS + 1), &keys[i], &posting);
        if (i % 3 == 2)
            keys[i] ^= UINT64_C(1) << i;
    }
    fps__database_probe(database, keys, MAX_KEYS, postings);
    for (size_t i = 0; i < MAX_KEYS; i++) {
        if (fps__database_probe_one(database, keys[i]) != postings[i])
            abort();
    }
}

static void read_components(const fps_database *database, const fps__set_counts *counts)
{
    for (uint32_t id = 0; id <= counts->components && id < MAX_STEPS; id++) {
        fps__set_component component;
        fps__database_component(database, id, &component);
        if (strlen(component.id) + strlen(component.sources) > SIZE_MAX / 2)
            abort();
        for (uint32_t r = 0; r <= component.release_count && r < 8; r++)
            fps_database_release(database, id, r, NULL);
    }
    for (uint32_t id = 0; id <= counts->units && id < MAX_STEPS; id++) {
        fps__set_unit unit;
        fps__database_unit(database, id, &unit);
        for (uint32_t r = 0; r < 8; r++)
            fps__database_unit_total(database, id, r);
    }
}

static void read_postings(const fps_database *database, const fps__set_counts *counts)
{
    uint32_t steps = 0;
    for (uint64_t id = 0; id <= counts->entries + counts->list_items && steps < MAX_STEPS; id++) {
        uint32_t posting = (uint32_t)id;
        uint32_t size = fps__database_posting_size(database, posting);
        for (uint32_t i = 0; i <= size && steps++ < MAX_STEPS; i++) {
            fps__set_entry entry;
            fps__bit_set set;
            if (fps__database_entry(database, posting, i, &entry) &&
                fps__database_bit_set(database, entry.any, &set) &&
                fps__bit_set_length(set) > (uint64_t)set.word_count * 64)
                abort();
        }
    }
    for (uint32_t id = 0; id <= counts->templates && id < MAX_STEPS; id++) {
        fps__set_template template_;
        fps__database_template(database, id, &template_);
        if (strlen(template_.text) > SIZE_MAX / 2)
            abort();
    }
}

static void read_histories(const fps_database *database, const fps__set_counts *counts)
{
    uint32_t steps = 0;
    for (uint32_t i = 0; i <= counts->histories && i < MAX_STEPS; i++) {
        fps__set_history history, same;
        uint32_t component;
        if (!fps__database_history_by_index(database, i, &component, &history))
            continue;
        fps__database_history(database, component, &same);
        for (uint32_t r = 0; r < history.range_count && steps++ < MAX_STEPS; r++) {
            fps__set_history_range range;
            uint32_t first, last;
            fps__database_history_range(database, history.first_range + r, &range);
            for (uint32_t p = 0; p < range.pair_count && steps++ < MAX_STEPS; p++)
                if (fps__database_history_pair(database, range.pairs + p, &first, &last) && first > last)
                    abort();
        }
    }
    for (uint64_t i = 0; i <= counts->history_keys && i < MAX_STEPS; i++) {
        uint32_t range = 0, found[2] = {0, 0};
        uint64_t key;
        fps__database_history_key(database, i, &key, &range);
        size_t count = fps__database_history_find(database, i % 3 == 2 ? ~key : key, found, 2);
        if (count && found[0] >= counts->history_ranges)
            abort();
    }
}

static void read_patches(const fps_database *database, const fps__set_counts *counts)
{
    uint32_t steps = 0;
    for (uint32_t c = 0; c <= counts->components && c < MAX_STEPS; c++) {
        uint32_t first, count;
        fps__database_patches_of(database, c, &first, &count);
        for (uint32_t i = 0; i < count && steps++ < MAX_STEPS; i++) {
            fps__set_patch patch;
            if (!fps__database_patch(database, first + i, &patch))
                continue;
            for (uint32_t f = 0; f < patch.count && steps++ < MAX_STEPS; f++) {
                fps__set_patch_function function;
                fps__database_patch_function(database, patch.first + f, &function);
                if (strlen(function.name) + strlen(function.origin) > SIZE_MAX / 2)
                    abort();
            }
        }
    }
}

/* Stops a dump that a bad set makes too long. */
static fps_status count_text(void *user, const char *text, size_t length)
{
    size_t *left = user;
    (void)text;
    if (length > *left)
        return FPS_ERROR_CANCELLED;
    *left -= length;
    return FPS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps_database *database = NULL;
    fps_error error;
    uint8_t *copy = malloc(size + 1); /* aligned, unlike the input, and directly followed by a red zone */
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    if (size >= FPS__HEADER_SIZE && memcmp(data, FPS__LAYOUT_MAGIC, 8) == 0)
        set_repair(copy, size);
    if (fps_database_open_memory(&database, copy, size, "fuzz", &error) == FPS_OK) {
        fps__set_counts counts;
        size_t left = 256 * 1024;
        fps__database_counts(database, &counts);
        probe(database, &counts);
        read_components(database, &counts);
        read_postings(database, &counts);
        read_histories(database, &counts);
        read_patches(database, &counts);
        fps_status verified = fps_database_verify(database, &error);
        uint64_t damage = fps__database_damage(database);
        fps_status dumped = fps__database_dump(database, count_text, &left);
        /* a set that passes verify must read without errors */
        if (verified == FPS_OK && dumped == FPS_OK && fps__database_damage(database) != damage)
            abort();
        fps_database_free(database);
    }
    free(copy);
    return 0;
}
