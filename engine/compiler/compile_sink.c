/* sigbuild compile, last part: interning of units, bit sets and entries, and their final order. */
#include "compiler/compile_internal.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { MAX_COUNT = 0x7fffffff };

/* ---- a table from hashes to ids ---- */

static bool table_grow(fps__compile_table *table)
{
    fps__compile_table bigger = {.size = table->size ? table->size * 2 : 1 << 14, .count = table->count};
    bigger.hashes = malloc(bigger.size * sizeof *bigger.hashes);
    bigger.ids = malloc(bigger.size * sizeof *bigger.ids);
    if (!bigger.hashes || !bigger.ids) {
        free(bigger.hashes);
        free(bigger.ids);
        return false;
    }
    memset(bigger.ids, 0xff, bigger.size * sizeof *bigger.ids);
    for (size_t i = 0; i < table->size; i++) {
        if (table->ids[i] == FPS__NONE)
            continue;
        size_t slot = table->hashes[i] & (bigger.size - 1);
        while (bigger.ids[slot] != FPS__NONE)
            slot = (slot + 1) & (bigger.size - 1);
        bigger.hashes[slot] = table->hashes[i];
        bigger.ids[slot] = table->ids[i];
    }
    free(table->hashes);
    free(table->ids);
    *table = bigger;
    return true;
}

typedef bool (*same_value)(const fps__compile_sink *sink, uint32_t id, const void *value);

/* Finds the id of an equal value. When there is none, puts `next` there and returns it. */
static uint32_t table_intern(fps__compile_table *table, const fps__compile_sink *sink, uint64_t hash,
                             const void *value, same_value same, uint32_t next)
{
    if (table->count >= table->size / 2 && !table_grow(table))
        return FPS__NONE;
    size_t slot = hash & (table->size - 1);
    for (; table->ids[slot] != FPS__NONE; slot = (slot + 1) & (table->size - 1))
        if (table->hashes[slot] == hash && same(sink, table->ids[slot], value))
            return table->ids[slot];
    table->hashes[slot] = hash;
    table->ids[slot] = next;
    table->count++;
    return next;
}

/* ---- interning ---- */

static bool same_bit_set(const fps__compile_sink *sink, uint32_t id, const void *value)
{
    const fps__bit_set *a = &sink->bit_sets.items[id], *b = value;
    return a->word_count == b->word_count &&
           memcmp(a->words, b->words, a->word_count * sizeof *a->words) == 0;
}

uint32_t fps__sink_bit_set(fps__compile_sink *sink, const uint64_t *words, uint32_t word_count)
{
    while (word_count && !words[word_count - 1])
        word_count--;
    fps__bit_set set = {words, word_count};
    uint64_t hash = XXH3_64bits(words, word_count * sizeof *words);
    uint32_t next = (uint32_t)sink->bit_sets.count;
    uint32_t id = table_intern(&sink->bit_set_table, sink, hash, &set, same_bit_set, next);
    if (id != next)
        return id;
    uint64_t *copy = fps__arena_array(sink->arena, word_count ? word_count : 1, sizeof *copy);
    if (!copy || FPS__ARRAY_RESERVE(&sink->bit_sets, 1, MAX_COUNT) != FPS_OK) {
        sink->no_memory = true;
        return FPS__NONE;
    }
    memcpy(copy, words, word_count * sizeof *copy);
    sink->bit_sets.items[sink->bit_sets.count++] = (fps__bit_set){copy, word_count};
    return id;
}

static bool same_entry(const fps__compile_sink *sink, uint32_t id, const void *value)
{
    return memcmp(&sink->entries.items[id], value, sizeof(fps__set_entry)) == 0;
}

static uint32_t intern_entry(fps__compile_sink *sink, const fps__set_entry *entry)
{
    uint32_t next = (uint32_t)sink->entries.count;
    uint32_t id =
        table_intern(&sink->entry_table, sink, XXH3_64bits(entry, sizeof *entry), entry, same_entry, next);
    if (id != next)
        return id;
    if (FPS__ARRAY_RESERVE(&sink->entries, 1, MAX_COUNT) != FPS_OK) {
        sink->no_memory = true;
        return FPS__NONE;
    }
    sink->entries.items[sink->entries.count++] = *entry;
    return id;
}

void fps__sink_add_entry(fps__compile_sink *sink, uint64_t key, const fps__set_entry *entry)
{
    uint32_t id = intern_entry(sink, entry);
    if (id == FPS__NONE ||
        FPS__ARRAY_RESERVE(&sink->claims, 1, SIZE_MAX / sizeof *sink->claims.items) != FPS_OK) {
        sink->no_memory = true;
        return;
    }
    sink->claims.items[sink->claims.count++] = (fps__compile_key_entry){key, id};
}

static bool same_unit(const fps__compile_sink *sink, uint32_t id, const void *value)
{
    const fps__set_unit *a = &sink->units.items[id], *b = value;
    return a->component == b->component && a->code == b->code && strcmp(a->name, b->name) == 0;
}

uint32_t fps__sink_unit(fps__compile_sink *sink, uint32_t component, const char *name, bool code)
{
    fps__set_unit unit = {.component = component, .name = name, .code = code};
    uint32_t next = (uint32_t)sink->units.count;
    uint64_t hash = XXH3_64bits_withSeed(name, strlen(name), (uint64_t)component << 1 | code);
    uint32_t id = table_intern(&sink->unit_table, sink, hash, &unit, same_unit, next);
    if (id != next)
        return id;
    unit.name = fps__arena_string(sink->arena, name);
    if (!unit.name || FPS__ARRAY_RESERVE(&sink->units, 1, MAX_COUNT) != FPS_OK) {
        sink->no_memory = true;
        return FPS__NONE;
    }
    sink->units.items[sink->units.count++] = unit;
    return id;
}

/* ---- final order: each kind is sorted by content and the ids that point to it are mapped ---- */

typedef struct ranked {
    const void *value;
    uint32_t old_id;
} ranked;

static int compare_units(const void *a, const void *b)
{
    const fps__set_unit *left = ((const ranked *)a)->value, *right = ((const ranked *)b)->value;
    if (left->component != right->component)
        return left->component < right->component ? -1 : 1;
    int order = strcmp(left->name, right->name);
    return order ? order : (left->code > right->code) - (left->code < right->code);
}

static int compare_bit_sets(const void *a, const void *b)
{
    const fps__bit_set *left = ((const ranked *)a)->value, *right = ((const ranked *)b)->value;
    if (left->word_count != right->word_count)
        return left->word_count < right->word_count ? -1 : 1;
    for (uint32_t i = left->word_count; i-- > 0;)
        if (left->words[i] != right->words[i])
            return left->words[i] < right->words[i] ? -1 : 1;
    return 0;
}

static int compare_entries(const void *a, const void *b)
{
    const fps__set_entry *left = ((const ranked *)a)->value, *right = ((const ranked *)b)->value;
    const uint32_t l[] = {left->component, left->unit, left->any, left->all, left->weight, left->flags};
    const uint32_t r[] = {right->component, right->unit, right->any, right->all, right->weight, right->flags};
    for (size_t i = 0; i < sizeof l / sizeof *l; i++)
        if (l[i] != r[i])
            return l[i] < r[i] ? -1 : 1;
    return 0;
}

/* Sorts `count` items of `size` bytes in place and returns new_id[old_id]; malloc, NULL without memory. */
static uint32_t *rank(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    char *copy = malloc(count * size + 1);
    ranked *order = malloc((count + 1) * sizeof *order);
    uint32_t *new_id = malloc((count + 1) * sizeof *new_id);
    if (copy && order && new_id) {
        if (count)
            memcpy(copy, items, count * size);
        for (size_t i = 0; i < count; i++)
            order[i] = (ranked){copy + i * size, (uint32_t)i};
        qsort(order, count, sizeof *order, compare);
        for (size_t i = 0; i < count; i++) {
            memcpy((char *)items + i * size, order[i].value, size);
            new_id[order[i].old_id] = (uint32_t)i;
        }
    } else {
        free(new_id);
        new_id = NULL;
    }
    free(copy);
    free(order);
    return new_id;
}

static bool order_all(fps__compile_sink *sink)
{
    uint32_t *units = rank(sink->units.items, sink->units.count, sizeof *sink->units.items, compare_units);
    uint32_t *sets =
        rank(sink->bit_sets.items, sink->bit_sets.count, sizeof *sink->bit_sets.items, compare_bit_sets);
    bool ok = units && sets;
    for (size_t i = 0; ok && i < sink->entries.count; i++) {
        fps__set_entry *entry = &sink->entries.items[i];
        entry->unit = entry->unit == FPS__NONE ? FPS__NONE : units[entry->unit];
        entry->any = sets[entry->any];
        entry->all = sets[entry->all];
    }
    for (size_t i = 0; ok && i < sink->templates.count; i++)
        sink->templates.items[i].learnt_from = sets[sink->templates.items[i].learnt_from];
    free(units);
    free(sets);
    uint32_t *entries =
        ok ? rank(sink->entries.items, sink->entries.count, sizeof *sink->entries.items, compare_entries)
           : NULL;
    for (size_t i = 0; entries && i < sink->claims.count; i++)
        sink->claims.items[i].entry = entries[sink->claims.items[i].entry];
    ok = entries != NULL;
    free(entries);
    return ok;
}

static int compare_claims(const void *a, const void *b)
{
    const fps__compile_key_entry *left = a, *right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return (left->entry > right->entry) - (left->entry < right->entry);
}

static int compare_templates(const void *a, const void *b)
{
    const fps__set_template *left = a, *right = b;
    if (left->component != right->component)
        return left->component < right->component ? -1 : 1;
    return strcmp(left->text, right->text);
}

/* ---- keys and postings ---- */

static bool same_posting(const fps__compile_sink *sink, uint32_t id, const void *value)
{
    const fps__set_posting *a = &sink->postings.items[id], *b = value;
    return a->count == b->count && memcmp(a->entries, b->entries, a->count * sizeof *a->entries) == 0;
}

static uint32_t intern_posting(fps__compile_sink *sink, const uint32_t *entries, uint32_t count)
{
    fps__set_posting posting = {entries, count};
    uint32_t next = (uint32_t)sink->postings.count;
    uint64_t hash = XXH3_64bits(entries, count * sizeof *entries);
    uint32_t id = table_intern(&sink->posting_table, sink, hash, &posting, same_posting, next);
    if (id != next)
        return id;
    uint32_t *copy = fps__arena_array(sink->arena, count, sizeof *copy);
    if (!copy || FPS__ARRAY_RESERVE(&sink->postings, 1, MAX_COUNT) != FPS_OK)
        return FPS__NONE;
    memcpy(copy, entries, count * sizeof *copy);
    posting.entries = copy;
    sink->postings.items[sink->postings.count++] = posting;
    return id;
}

/* Claims are sorted: those of one key become one posting. */
static bool make_keys(fps__compile_sink *sink, fps__set_model *model)
{
    size_t claims = sink->claims.count;
    uint64_t *keys = fps__arena_array(sink->arena, claims + 1, sizeof *keys);
    uint32_t *posting = fps__arena_array(sink->arena, claims + 1, sizeof *posting);
    FPS__ARRAY(uint32_t) entries = {0};
    uint64_t count = 0;
    bool ok = keys && posting;
    for (size_t i = 0, end; ok && i < claims; i = end) {
        entries.count = 0;
        for (end = i; end < claims && sink->claims.items[end].key == sink->claims.items[i].key; end++) {
            uint32_t entry = sink->claims.items[end].entry;
            if (entries.count && entries.items[entries.count - 1] == entry)
                continue;
            if (FPS__ARRAY_RESERVE(&entries, 1, MAX_COUNT) != FPS_OK) {
                ok = false;
                break;
            }
            entries.items[entries.count++] = entry;
        }
        if (!ok)
            break;
        keys[count] = sink->claims.items[i].key;
        posting[count] = intern_posting(sink, entries.items, (uint32_t)entries.count);
        ok = posting[count++] != FPS__NONE;
    }
    free(entries.items);
    model->keys = keys;
    model->key_posting = posting;
    model->key_count = count;
    return ok;
}

/* ---- sums over units and releases ---- */

static uint32_t *entry_use(const fps__compile_sink *sink)
{
    uint32_t *use = calloc(sink->entries.count + 1, sizeof *use);
    for (size_t i = 0; use && i < sink->claims.count; i++) {
        fps__feature_kind kind = fps__feature_kind_of(sink->claims.items[i].key);
        if (kind == FPS__FEATURE_LITERAL || kind == FPS__FEATURE_NAME || kind == FPS__FEATURE_FUNCTION)
            use[sink->claims.items[i].entry]++;
    }
    return use;
}

static bool sum_up(fps__compile_sink *sink, fps__set_component *components)
{
    uint32_t *use = entry_use(sink);
    for (size_t u = 0; use && u < sink->units.count; u++) {
        fps__set_component *owner = &components[sink->units.items[u].component];
        if (!owner->unit_count++)
            owner->unit_first = (uint32_t)u;
        uint32_t length = sink->units.items[u].code ? owner->build_count : owner->release_count;
        sink->units.items[u].totals = fps__arena_array(sink->arena, (size_t)length + 1, sizeof(uint32_t));
        if (!sink->units.items[u].totals) {
            free(use);
            return false;
        }
    }
    for (size_t e = 0; use && e < sink->entries.count; e++) {
        const fps__set_entry *entry = &sink->entries.items[e];
        if (!use[e] || entry->unit == FPS__NONE)
            continue;
        const fps__set_component *owner = &components[entry->component];
        fps__bit_set all = sink->bit_sets.items[entry->all];
        uint32_t *totals = (uint32_t *)(uintptr_t)sink->units.items[entry->unit].totals;
        uint32_t length = entry->flags & FPS__ENTRY_CODE ? owner->build_count : owner->release_count;
        for (uint32_t r = 0; r < length; r++)
            totals[r] += fps__bit_set_has(all, r) ? use[e] * entry->weight : 0;
    }
    free(use);
    return use != NULL;
}

fps_status fps__sink_finish(fps__compile_sink *sink, fps__set_component *components,
                            fps__set_release *releases, fps__set_model *model, fps_error *error)
{
    if (sink->no_memory || !order_all(sink))
        return fps__fail_memory(error);
    if (sink->claims.count)
        qsort(sink->claims.items, sink->claims.count, sizeof *sink->claims.items, compare_claims);
    if (sink->templates.count)
        qsort(sink->templates.items, sink->templates.count, sizeof *sink->templates.items, compare_templates);
    if (!make_keys(sink, model) || !sum_up(sink, components))
        return fps__fail_memory(error);
    model->components = components;
    model->releases = releases;
    model->units = sink->units.items;
    model->unit_count = (uint32_t)sink->units.count;
    model->bit_sets = sink->bit_sets.items;
    model->bit_set_count = (uint32_t)sink->bit_sets.count;
    model->entries = sink->entries.items;
    model->entry_count = (uint32_t)sink->entries.count;
    model->postings = sink->postings.items;
    model->posting_count = (uint32_t)sink->postings.count;
    model->templates = sink->templates.items;
    model->template_count = (uint32_t)sink->templates.count;
    return FPS_OK;
}

static void table_free(fps__compile_table *table)
{
    free(table->hashes);
    free(table->ids);
}

void fps__sink_free(fps__compile_sink *sink)
{
    free(sink->units.items);
    free(sink->bit_sets.items);
    free(sink->entries.items);
    free(sink->postings.items);
    free(sink->claims.items);
    free(sink->templates.items);
    table_free(&sink->unit_table);
    table_free(&sink->bit_set_table);
    table_free(&sink->entry_table);
    table_free(&sink->posting_table);
}
