/* Random set models for the tests of the compiled set: the same seed gives the same model. */
#ifndef FPS_TESTS_SET_FIXTURE_H
#define FPS_TESTS_SET_FIXTURE_H

#include "database/layout.h"
#include "database/set.h"
#include "util/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct set_fixture {
    fps__arena arena;
    uint64_t random;
    fps__set_model model;
} set_fixture;

typedef struct set_fixture_shape {
    uint64_t seed;
    uint32_t components, entries, postings;
    uint64_t keys;
    bool skewed;     /* keys crowd together: seven of eight have the same top bits */
    bool boundaries; /* the lowest and the highest key of kinds 1 and 6 are in */
} set_fixture_shape;

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t fixture_random(set_fixture *fixture)
{
    uint64_t z = fixture->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline uint32_t fixture_below(set_fixture *fixture, uint32_t limit)
{
    return limit ? (uint32_t)(fixture_random(fixture) % limit) : 0;
}

/* Memory that must be there: the tests stop without it. */
static inline void *fixture_array(set_fixture *fixture, size_t count, size_t size)
{
    void *memory = fps__arena_array(&fixture->arena, count + 1, size);
    if (!memory)
        abort();
    return memory;
}

static inline const char *fixture_text(set_fixture *fixture, const char *stem, uint32_t number)
{
    char text[64];
    snprintf(text, sizeof text, "%s%06u", stem, number);
    const char *copy = fps__arena_string(&fixture->arena, text);
    if (!copy)
        abort();
    return copy;
}

static inline void fixture_components(set_fixture *fixture, uint32_t count)
{
    fps__set_model *model = &fixture->model;
    fps__set_component *components = fixture_array(fixture, count, sizeof *components);
    fps__set_release *releases = fixture_array(fixture, (size_t)count * 70, sizeof *releases);
    fps__set_unit *units = fixture_array(fixture, (size_t)count * 5, sizeof *units);
    fps__set_code_build *builds = fixture_array(fixture, (size_t)count * 5, sizeof *builds);
    for (uint32_t i = 0; i < count; i++) {
        fps__set_component *c = &components[i];
        *c = (fps__set_component){.id = fixture_text(fixture, "component-", i),
                                  .name = fixture_text(fixture, "Name ", i / 2),
                                  .purl = fixture_text(fixture, "pkg:generic/", i),
                                  .cpe = "",
                                  .license = "Zlib \"quoted\" \\ and\ttabbed\x01",
                                  .family = i % 3 ? "" : "family",
                                  .sources = "debian:x",
                                  .role = (fps_component_role)(i % 3),
                                  .since = 1990 + i % 30,
                                  .release_first = model->release_count,
                                  .release_count = i % 7 == 6 ? 0 : 1 + fixture_below(fixture, 69),
                                  .unit_first = model->unit_count,
                                  .unit_count = fixture_below(fixture, 6),
                                  .build_first = model->code_build_count,
                                  .sample_members = (uint8_t)(i % 4),
                                  .sample_others = (uint8_t)(i % 17)};
        c->build_count = c->release_count ? fixture_below(fixture, 6) : 0;
        for (uint32_t r = 0; r < c->release_count; r++) {
            uint32_t known = fixture_below(fixture, 3);
            releases[model->release_count++] =
                (fps__set_release){fixture_text(fixture, "1.", r), known != 0, known == 2};
        }
        for (uint32_t b = 0; b < c->build_count; b++)
            builds[model->code_build_count++] = (fps__set_code_build){
                fixture_below(fixture, c->release_count), b % 2 ? 62 : 183, fixture_text(fixture, "gcc-", b),
                b % 3 ? "debian bookworm" : "", b % 2 == 0};
        for (uint32_t u = 0; u < c->unit_count; u++) {
            bool code = u == 3 && c->build_count;
            uint32_t length = code ? c->build_count : c->release_count;
            uint32_t *totals = fixture_array(fixture, length, sizeof *totals);
            for (uint32_t r = 0; r < length; r++)
                totals[r] = code || releases[c->release_first + r].fingerprinted
                                ? 1 + fixture_below(fixture, u ? 60000 : 90000)
                                : 0;
            units[model->unit_count++] = (fps__set_unit){i, fixture_text(fixture, "unit.o#", u), code,
                                                         u == 4 ? NULL : totals, (fps__unit_kind)(u + code)};
        }
    }
    model->components = components;
    model->component_count = count;
    model->releases = releases;
    model->code_builds = builds;
    model->units = units;
}

static inline void fixture_entries(set_fixture *fixture, uint32_t entry_count, uint32_t posting_count)
{
    fps__set_model *model = &fixture->model;
    fps__bit_set *sets = fixture_array(fixture, (size_t)entry_count * 2, sizeof *sets);
    fps__set_entry *entries = fixture_array(fixture, entry_count, sizeof *entries);
    fps__set_posting *postings = fixture_array(fixture, posting_count, sizeof *postings);
    for (uint32_t i = 0; i < entry_count; i++) {
        uint32_t component = fixture_below(fixture, model->component_count);
        const fps__set_component *c = &model->components[component];
        uint16_t flags = (uint16_t)fixture_below(fixture, 8);
        uint32_t length = flags & FPS__ENTRY_CODE ? c->build_count : c->release_count;
        for (uint32_t j = 0; j < 2; j++) {
            uint32_t words = (length + 63) / 64;
            uint64_t *bits = fixture_array(fixture, words, sizeof *bits);
            for (uint32_t r = 0; r < length; r++)
                bits[r / 64] |= (fixture_random(fixture) & 1) << (r % 64);
            sets[i * 2 + j] = (fps__bit_set){bits, words};
        }
        uint32_t unit = c->unit_count ? c->unit_first + fixture_below(fixture, c->unit_count) : FPS__NONE;
        entries[i] =
            (fps__set_entry){component, unit, i * 2, i * 2 + 1, (uint16_t)fixture_below(fixture, 17), flags};
    }
    for (uint32_t i = 0; i < posting_count; i++) {
        uint32_t *ids = fixture_array(fixture, 8, sizeof *ids);
        uint32_t count = 0, wanted = i % 2 ? 1 : 1 + fixture_below(fixture, 8),
                 id = fixture_below(fixture, entry_count);
        for (; count < wanted && id < entry_count; id += 1 + fixture_below(fixture, 5))
            ids[count++] = id;
        postings[i] = (fps__set_posting){ids, count};
    }
    model->bit_sets = sets;
    model->bit_set_count = entry_count * 2;
    model->entries = entries;
    model->entry_count = entry_count;
    model->postings = postings;
    model->posting_count = posting_count;
}

static inline int fixture_compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static inline uint64_t fixture_key(set_fixture *fixture, bool skewed)
{
    uint64_t hash = fixture_random(fixture);
    if (skewed)
        hash = hash % 8 ? hash >> 6 : hash; /* seven of eight share their top 6 bits */
    return fps__layout_stored_key((hash & ~(uint64_t)15) | (1 + hash % 6));
}

static inline void fixture_keys(set_fixture *fixture, const set_fixture_shape *shape)
{
    fps__set_model *model = &fixture->model;
    uint64_t *keys = fixture_array(fixture, shape->keys, sizeof *keys);
    uint32_t *postings = fixture_array(fixture, shape->keys, sizeof *postings);
    for (uint64_t i = 0; i < shape->keys; i++)
        keys[i] = fixture_key(fixture, shape->skewed);
    if (shape->boundaries && shape->keys >= 4) {
        const uint64_t ends[4] = {1, 6, ~(uint64_t)15 | 1, ~(uint64_t)15 | 6};
        for (size_t i = 0; i < 4; i++)
            keys[i] = fps__layout_stored_key(ends[i]);
    }
    qsort(keys, shape->keys, sizeof *keys, fixture_compare_keys);
    for (uint64_t i = 0; i < shape->keys; i++) {
        if (i > 0 && keys[i] == keys[i - 1])
            continue;
        postings[model->key_count] = fixture_below(fixture, model->posting_count);
        keys[model->key_count++] = keys[i];
    }
    model->keys = keys;
    model->key_posting = postings;
}

/* Histories of every other component that has releases: each with lists of one to three pairs, and texts of them. */
static inline void fixture_histories(set_fixture *fixture, bool skewed)
{
    enum { RANGES = 9, RELEASES = 40, TEXTS = 5 };
    fps__set_histories *all = &fixture->model.histories;
    size_t most = fixture->model.component_count;
    uint32_t *components = fixture_array(fixture, most, sizeof *components);
    fps__set_history *items = fixture_array(fixture, most, sizeof *items);
    fps__set_history_release *releases = fixture_array(fixture, most * RELEASES, sizeof *releases);
    fps__set_history_range *ranges = fixture_array(fixture, most * RANGES, sizeof *ranges);
    fps__set_history_pair *pairs = fixture_array(fixture, most * RANGES * 3, sizeof *pairs);
    uint64_t *keys = fixture_array(fixture, most * RANGES * TEXTS, sizeof *keys);
    for (uint32_t c = 1; c < most; c += 2) {
        fps__set_history *history = &items[all->count];
        *history = (fps__set_history){all->release_count, RELEASES, all->range_count, RANGES};
        for (uint32_t r = 0; r < RELEASES; r++)
            releases[all->release_count++] = (fps__set_history_release){
                fixture_text(fixture, "2.", r), r % 4 ? 10000 + fixture_below(fixture, 9999) : 0};
        for (uint32_t r = 0; r < RANGES; r++) {
            fps__set_history_range *range = &ranges[all->range_count];
            *range = (fps__set_history_range){c, r % 5, 1 + fixture_below(fixture, TEXTS), all->pair_count,
                                              1 + r % 3};
            for (uint32_t p = 0; p < range->pair_count; p++)
                pairs[all->pair_count++] =
                    (fps__set_history_pair){r + p * 10, r + p * 10 + fixture_below(fixture, 9)};
            for (uint32_t t = 0; t < range->texts; t++) {
                uint64_t hash = fixture_random(fixture);
                keys[all->key_count++] = (skewed ? hash >> 24 : hash) << 20 | all->range_count;
            }
            all->range_count++;
        }
        components[all->count++] = c;
    }
    qsort(keys, all->key_count, sizeof *keys, fixture_compare_keys);
    all->components = components;
    all->items = items;
    all->releases = releases;
    all->ranges = ranges;
    all->pairs = pairs;
    all->keys = keys;
}

/* Patches of every other component, each with functions of both states. */
static inline void fixture_patches(set_fixture *fixture)
{
    enum { PATCHES = 3, FUNCTIONS = 4 };
    fps__set_patches *all = &fixture->model.patches;
    size_t most = (size_t)fixture->model.component_count * PATCHES;
    fps__set_patch *items = fixture_array(fixture, most, sizeof *items);
    fps__set_patch_function *functions = fixture_array(fixture, most * FUNCTIONS, sizeof *functions);
    for (uint32_t c = 0; c < fixture->model.component_count; c += 2)
        for (uint32_t p = 0; p < PATCHES; p++) {
            uint64_t key = fixture_random(fixture) >> 8;
            items[all->count++] =
                (fps__set_patch){c, fixture_text(fixture, "CVE-2026-", p), all->function_count, FUNCTIONS};
            for (uint32_t f = 0; f < FUNCTIONS; f++, key += 1 + (fixture_random(fixture) >> 12))
                functions[all->function_count++] =
                    (fps__set_patch_function){(key & ~UINT64_C(15)) + 16 * f + FPS__FEATURE_FUNCTION,
                                              fixture_text(fixture, "function_", f / 2),
                                              f % 3 ? "gcc-12" : "",
                                              f ? "debian bookworm gcc-12 -O2" : "",
                                              f % 2 ? 62 : 183,
                                              f % 2 != 0};
        }
    all->items = items;
    all->functions = functions;
}

static inline void fixture_make(set_fixture *fixture, const set_fixture_shape *shape)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->random = shape->seed;
    fps__set_model *model = &fixture->model;
    model->name = "fixture";
    model->creator = "test 1";
    model->parameters = "a=1 b=2";
    fixture_components(fixture, shape->components);
    fixture_entries(fixture, shape->entries, shape->postings);
    fixture_keys(fixture, shape);
    fps__set_template *templates = fixture_array(fixture, shape->components, sizeof *templates);
    for (uint32_t i = 0; i < shape->components && model->bit_set_count; i++) {
        const fps__set_entry *entry = &model->entries[fixture_below(fixture, model->entry_count)];
        if (entry->flags & FPS__ENTRY_CODE)
            continue;
        templates[model->template_count++] =
            (fps__set_template){fixture_key(fixture, false), fixture_text(fixture, "version {V} of ", i),
                                entry->component, entry->any, i};
    }
    model->templates = templates;
    model->rules = "rule a\n";
    model->rules_size = 7;
    fixture_histories(fixture, shape->skewed);
    fixture_patches(fixture);
}

static inline void fixture_free(set_fixture *fixture)
{
    fps__arena_free(&fixture->arena);
}

/* A path in a new folder below the temporary folder; `folder` receives the folder. */
static inline void fixture_folder(char folder[256])
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, 256, "%s/fps-set-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        abort();
}

/* The bytes of a file, 8-byte aligned, to be freed. */
static inline uint8_t *fixture_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        abort();
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size)
        abort();
    fclose(file);
    return bytes;
}

#endif
