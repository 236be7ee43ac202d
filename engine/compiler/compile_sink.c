/* sigbuild compile, last pass: units, bit sets, entries and postings, each once and in their final order. */
#include "compiler/compile_internal.h"
#include "database/layout.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { MAX_COUNT = 0x7fffffff };

static void fail(fps__compile_sink *sink, fps_status status)
{
    if (sink->status == FPS_OK)
        sink->status = status;
}

fps_status fps__sink_status(const fps__compile_sink *sink, fps_error *error)
{
    if (sink->status == FPS_ERROR_LIMIT)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "the set would have more than %d units, bit sets, entries, postings or templates",
                         MAX_COUNT);
    return sink->status == FPS_OK ? FPS_OK : fps__fail_memory(error);
}

/* ---- interning ---- */

typedef bool (*same_value)(const fps__compile_sink *sink, uint32_t id, const void *value);

/* The slot of an equal value, or the free one for a new value; NULL when the sink has failed. Slots hold the
 * ids of values plus one. */
static fps__table_slot *find_slot(fps__compile_sink *sink, fps__table *table, uint64_t hash,
                                  const void *value, same_value same)
{
    fps__table_slot *slot;
    fps_status status = fps__table_reserve(table, 1);
    if (status != FPS_OK)
        fail(sink, status);
    if (sink->status != FPS_OK)
        return NULL;
    FPS__TABLE_FIND(slot, table, hash, id, same(sink, id - 1, value));
    return slot;
}

/* Ends an addition: `count` values are there now, or it failed. Returns the new id. */
static uint32_t fill_slot(fps__compile_sink *sink, fps__table *table, fps__table_slot *slot, uint64_t hash,
                          size_t count, fps_status status)
{
    if (status != FPS_OK) {
        fail(sink, status);
        return FPS__NONE;
    }
    fps__table_add(table, slot, hash, (uint32_t)count);
    return slot->id - 1;
}

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
    fps__table_slot *slot = find_slot(sink, &sink->bit_set_table, hash, &set, same_bit_set);
    if (!slot || slot->id)
        return slot ? slot->id - 1 : FPS__NONE;
    uint64_t *copy = fps__arena_array(sink->arena, word_count ? word_count : 1, sizeof *copy);
    if (copy)
        memcpy(copy, words, word_count * sizeof *copy);
    set.words = copy;
    fps_status status = copy ? FPS__ARRAY_PUSH(&sink->bit_sets, &set, MAX_COUNT) : FPS_ERROR_MEMORY;
    return fill_slot(sink, &sink->bit_set_table, slot, hash, sink->bit_sets.count, status);
}

static bool same_entry(const fps__compile_sink *sink, uint32_t id, const void *value)
{
    return memcmp(&sink->entries.items[id], value, sizeof(fps__set_entry)) == 0;
}

static uint32_t intern_entry(fps__compile_sink *sink, const fps__set_entry *entry)
{
    uint64_t hash = XXH3_64bits(entry, sizeof *entry);
    fps__table_slot *slot = find_slot(sink, &sink->entry_table, hash, entry, same_entry);
    if (!slot || slot->id)
        return slot ? slot->id - 1 : FPS__NONE;
    fps_status status = FPS__ARRAY_PUSH(&sink->entries, entry, MAX_COUNT);
    return fill_slot(sink, &sink->entry_table, slot, hash, sink->entries.count, status);
}

void fps__sink_add_entry(fps__compile_sink *sink, uint64_t key, const fps__set_entry *entry)
{
    fps__compile_key_entry added = {fps__layout_stored_key(key), intern_entry(sink, entry)};
    if (sink->status == FPS_OK)
        fail(sink, FPS__ARRAY_PUSH(&sink->key_entries, &added, SIZE_MAX / sizeof added));
}

void fps__sink_add_template(fps__compile_sink *sink, const fps__set_template *template_)
{
    fps__set_template added = *template_;
    added.key = fps__layout_stored_key(template_->key);
    if (sink->status == FPS_OK)
        fail(sink, FPS__ARRAY_PUSH(&sink->templates, &added, MAX_COUNT));
}

static bool same_unit(const fps__compile_sink *sink, uint32_t id, const void *value)
{
    const fps__set_unit *a = &sink->units.items[id], *b = value;
    return a->component == b->component && a->code == b->code && strcmp(a->name, b->name) == 0;
}

uint32_t fps__sink_unit(fps__compile_sink *sink, const fps__set_unit *unit)
{
    uint64_t hash =
        XXH3_64bits_withSeed(unit->name, strlen(unit->name), (uint64_t)unit->component << 1 | unit->code);
    fps__table_slot *slot = find_slot(sink, &sink->unit_table, hash, unit, same_unit);
    if (!slot || slot->id)
        return slot ? slot->id - 1 : FPS__NONE;
    fps__set_unit copy = *unit;
    copy.name = fps__arena_string(sink->arena, unit->name);
    fps_status status = copy.name ? FPS__ARRAY_PUSH(&sink->units, &copy, MAX_COUNT) : FPS_ERROR_MEMORY;
    return fill_slot(sink, &sink->unit_table, slot, hash, sink->units.count, status);
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
    for (size_t i = 0; entries && i < sink->key_entries.count; i++)
        sink->key_entries.items[i].entry = entries[sink->key_entries.items[i].entry];
    ok = entries != NULL;
    free(entries);
    return ok;
}

static int compare_key_entries(const void *a, const void *b)
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

typedef FPS__ARRAY(uint32_t) entry_list;

static bool same_posting(const fps__compile_sink *sink, uint32_t id, const void *value)
{
    const fps__set_posting *a = &sink->postings.items[id], *b = value;
    return a->count == b->count && memcmp(a->entries, b->entries, a->count * sizeof *a->entries) == 0;
}

static uint32_t intern_posting(fps__compile_sink *sink, const uint32_t *entries, uint32_t count)
{
    fps__set_posting posting = {entries, count};
    uint64_t hash = XXH3_64bits(entries, count * sizeof *entries);
    fps__table_slot *slot = find_slot(sink, &sink->posting_table, hash, &posting, same_posting);
    if (!slot || slot->id)
        return slot ? slot->id - 1 : FPS__NONE;
    uint32_t *copy = fps__arena_array(sink->arena, count, sizeof *copy);
    if (copy)
        memcpy(copy, entries, count * sizeof *copy);
    posting.entries = copy;
    fps_status status = copy ? FPS__ARRAY_PUSH(&sink->postings, &posting, MAX_COUNT) : FPS_ERROR_MEMORY;
    return fill_slot(sink, &sink->posting_table, slot, hash, sink->postings.count, status);
}

/* The entries of the key at `first`, each once, into `entries`; returns where the next key starts. */
static size_t take_key(fps__compile_sink *sink, size_t first, entry_list *entries)
{
    const fps__compile_key_entry *list = sink->key_entries.items;
    size_t end = first;
    entries->count = 0;
    for (; end < sink->key_entries.count && list[end].key == list[first].key; end++)
        if (end == first || list[end].entry != list[end - 1].entry)
            fail(sink, FPS__ARRAY_PUSH(entries, &list[end].entry, MAX_COUNT));
    return end;
}

/* The entries are sorted by key: those of one key become one posting. */
static void make_keys(fps__compile_sink *sink, fps__set_model *model)
{
    size_t total = sink->key_entries.count;
    uint64_t *keys = fps__arena_array(sink->arena, total + 1, sizeof *keys);
    uint32_t *posting = fps__arena_array(sink->arena, total + 1, sizeof *posting);
    entry_list entries = {0};
    uint64_t count = 0;
    if (!keys || !posting)
        fail(sink, FPS_ERROR_MEMORY);
    for (size_t i = 0, end; sink->status == FPS_OK && i < total; i = end) {
        end = take_key(sink, i, &entries);
        if (sink->status != FPS_OK)
            break;
        keys[count] = sink->key_entries.items[i].key;
        posting[count++] = intern_posting(sink, entries.items, (uint32_t)entries.count);
    }
    free(entries.items);
    model->keys = keys;
    model->key_posting = posting;
    model->key_count = count;
}

/* ---- sums over units and releases ---- */

static uint32_t *entry_use(const fps__compile_sink *sink)
{
    uint32_t *use = calloc(sink->entries.count + 1, sizeof *use);
    for (size_t i = 0; use && i < sink->key_entries.count; i++) {
        fps__feature_kind kind = fps__feature_kind_of(sink->key_entries.items[i].key);
        if (kind == FPS__FEATURE_LITERAL || kind == FPS__FEATURE_NAME || kind == FPS__FEATURE_FUNCTION)
            use[sink->key_entries.items[i].entry]++;
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
    if (sink->status == FPS_OK && !order_all(sink))
        fail(sink, FPS_ERROR_MEMORY);
    if (sink->status != FPS_OK)
        return fps__sink_status(sink, error);
    if (sink->key_entries.count)
        qsort(sink->key_entries.items, sink->key_entries.count, sizeof *sink->key_entries.items,
              compare_key_entries);
    if (sink->templates.count)
        qsort(sink->templates.items, sink->templates.count, sizeof *sink->templates.items, compare_templates);
    make_keys(sink, model);
    if (sink->status == FPS_OK && !sum_up(sink, components))
        fail(sink, FPS_ERROR_MEMORY);
    if (sink->status != FPS_OK)
        return fps__sink_status(sink, error);
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

void fps__sink_free(fps__compile_sink *sink)
{
    free(sink->units.items);
    free(sink->bit_sets.items);
    free(sink->entries.items);
    free(sink->postings.items);
    free(sink->key_entries.items);
    free(sink->templates.items);
    fps__table_free(&sink->unit_table);
    fps__table_free(&sink->bit_set_table);
    fps__table_free(&sink->entry_table);
    fps__table_free(&sink->posting_table);
}
