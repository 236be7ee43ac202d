/* Release histories of an open set: the checked accessors, the look-up of a text, and the part of the full check. */
#include "database/database_index.h"
#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>

static uint64_t count_of(const fps_database *database, enum fps__layout_section kind)
{
    return database->sections[kind].count;
}

uint64_t fps__database_range_count(const fps_database *database)
{
    uint64_t count = count_of(database, FPS__SECTION_HISTORY_RANGES);
    return count ? count - 1 : 0;
}

/* True when [first, first + count) are ranges. */
static bool has_ranges(const fps_database *database, uint32_t first, uint32_t count)
{
    uint64_t have = fps__database_range_count(database);
    return first <= have && count <= have - first;
}

uint32_t fps__database_history_count(const fps_database *database)
{
    return (uint32_t)count_of(database, FPS__SECTION_HISTORIES);
}

bool fps__database_history_by_index(const fps_database *database, uint32_t index, uint32_t *component,
                                    fps__set_history *history)
{
    *history = (fps__set_history){0};
    *component = FPS__NONE;
    const uint8_t *item = fps__database_item(database, FPS__SECTION_HISTORIES, index);
    if (!item)
        return false;
    uint32_t owner = fps__get32le(item + FPS__HISTORY_COMPONENT);
    fps__set_history read = {.first = fps__get32le(item + FPS__HISTORY_RELEASE_FIRST),
                             .count = fps__get32le(item + FPS__HISTORY_RELEASE_COUNT),
                             .first_range = fps__get32le(item + FPS__HISTORY_RANGE_FIRST),
                             .range_count = fps__get32le(item + FPS__HISTORY_RANGE_COUNT)};
    if (owner >= count_of(database, FPS__SECTION_COMPONENTS) ||
        !fps__database_has(database, FPS__SECTION_HISTORY_RELEASES, read.first, read.count) ||
        !has_ranges(database, read.first_range, read.range_count)) {
        fps__database_damaged(database);
        return false;
    }
    *component = owner;
    *history = read;
    return true;
}

bool fps__database_history(const fps_database *database, uint32_t component, fps__set_history *history)
{
    const fps__section_view *histories = &database->sections[FPS__SECTION_HISTORIES];
    uint64_t found;
    FPS__LOWER_BOUND(found, histories->count, at,
                     fps__get32le(histories->data + at * histories->item_size + FPS__HISTORY_COMPONENT) <
                         component);
    *history = (fps__set_history){0};
    uint32_t owner;
    if (found == histories->count ||
        fps__get32le(histories->data + found * histories->item_size + FPS__HISTORY_COMPONENT) != component)
        return false;
    return fps__database_history_by_index(database, (uint32_t)found, &owner, history);
}

bool fps__database_history_release(const fps_database *database, uint32_t id,
                                   fps__set_history_release *release)
{
    *release = (fps__set_history_release){.version = ""};
    const uint8_t *item = fps__database_item(database, FPS__SECTION_HISTORY_RELEASES, id);
    if (!item)
        return false;
    release->version = fps__database_text(database, fps__get32le(item + FPS__HISTORY_RELEASE_VERSION));
    release->day = fps__get32le(item + FPS__HISTORY_RELEASE_DAY);
    return true;
}

/* The component of a range: that of the last history that starts at or before it. FPS__NONE when there is none. */
static uint32_t range_component(const fps_database *database, uint32_t id)
{
    const fps__section_view *histories = &database->sections[FPS__SECTION_HISTORIES];
    uint64_t next;
    FPS__LOWER_BOUND(next, histories->count, at,
                     fps__get32le(histories->data + at * histories->item_size + FPS__HISTORY_RANGE_FIRST) <=
                         id);
    return next ? fps__get32le(histories->data + (next - 1) * histories->item_size + FPS__HISTORY_COMPONENT)
                : FPS__NONE;
}

/* The first pair of range `id`, which is there or closes them. */
static uint32_t first_pair(const fps_database *database, uint64_t id)
{
    const fps__section_view *ranges = &database->sections[FPS__SECTION_HISTORY_RANGES];
    return (uint32_t)fps__layout_field(ranges->data, id * ranges->width,
                                       fps__database_bits(database, FPS__SECTION_HISTORY_PAIRS));
}

bool fps__database_history_range(const fps_database *database, uint32_t id, fps__set_history_range *range)
{
    fps__fields fields;
    *range = (fps__set_history_range){0};
    if (id >= fps__database_range_count(database)) {
        fps__database_damaged(database);
        return false;
    }
    fps__database_fields(database, FPS__SECTION_HISTORY_RANGES, id, &fields);
    fps__set_history_range read = {.component = range_component(database, id)};
    read.pairs = fps__fields_next(&fields, fps__database_bits(database, FPS__SECTION_HISTORY_PAIRS));
    read.texts = fps__fields_next(&fields, FPS__RANGE_TEXTS_BITS);
    read.unit = fps__fields_next(&fields, FPS__RANGE_UNIT_BITS);
    uint32_t end = first_pair(database, (uint64_t)id + 1);
    if (read.component >= count_of(database, FPS__SECTION_COMPONENTS) || read.pairs > end ||
        end > count_of(database, FPS__SECTION_HISTORY_PAIRS)) {
        fps__database_damaged(database);
        return false;
    }
    read.pair_count = end - read.pairs;
    *range = read;
    return true;
}

bool fps__database_history_pair(const fps_database *database, uint32_t pair, uint32_t *first, uint32_t *last)
{
    fps__fields fields;
    *first = *last = 0;
    if (!fps__database_fields(database, FPS__SECTION_HISTORY_PAIRS, pair, &fields))
        return false;
    unsigned bits = database->sections[FPS__SECTION_HISTORY_PAIRS].width / 2;
    uint32_t low = fps__fields_next(&fields, bits), high = fps__fields_next(&fields, bits);
    if (low > high) {
        fps__database_damaged(database);
        return false;
    }
    *first = low;
    *last = high;
    return true;
}

/* ---- keys ---- */

bool fps__database_history_key(const fps_database *database, uint64_t position, uint64_t *key,
                               uint32_t *range)
{
    uint64_t id = 0;
    *key = 0;
    *range = FPS__NONE;
    if (position < database->history.key_count)
        *key = fps__index_key(&database->history, position, &id);
    if (position < database->history.key_count && id < database->history.postings) {
        *range = (uint32_t)id;
        return true;
    }
    fps__database_damaged(database);
    return false;
}

size_t fps__database_history_find(const fps_database *database, uint64_t literal_key, uint32_t *ranges,
                                  size_t most)
{
    const fps__index *index = &database->history;
    uint64_t wanted = fps__index_wanted(index, literal_key);
    uint32_t first, end;
    size_t found = 0;
    if (!fps__index_run(index, literal_key, &first, &end)) {
        fps__database_damaged(database);
        return 0;
    }
    for (; first < end; first++) {
        uint64_t range = fps__index_record(index, first) - wanted; /* huge for a record before it */
        if (range > index->posting_mask)
            continue;
        if (range >= index->postings) {
            fps__database_damaged(database);
            continue;
        }
        if (found < most)
            ranges[found] = (uint32_t)range;
        found++;
    }
    return found;
}

/* ---- the full check ---- */

typedef struct verification {
    const fps_database *database;
    fps_error *error;
    fps__set_counts counts;
    uint64_t pairs;  /* of the ranges so far */
    uint32_t *texts; /* keys of each range */
} verification;

static fps_status fault(const verification *v, const char *what, uint64_t id)
{
    return fps__fail(v->error, FPS_ERROR_CORRUPT, v->database->path, UINT64_MAX, "%s (item %llu)", what,
                     (unsigned long long)id);
}

/* How two ranges compare by their pairs, whose ids are good, and their units. */
static int compare_ranges(const fps_database *database, const fps__set_history_range *left,
                          const fps__set_history_range *right)
{
    uint32_t a[2], b[2];
    for (uint32_t i = 0; i < left->pair_count && i < right->pair_count; i++) {
        fps__database_history_pair(database, left->pairs + i, &a[0], &a[1]);
        fps__database_history_pair(database, right->pairs + i, &b[0], &b[1]);
        for (int end = 0; end < 2; end++)
            if (a[end] != b[end])
                return a[end] < b[end] ? -1 : 1;
    }
    if (left->pair_count != right->pair_count)
        return left->pair_count > right->pair_count ? 1 : -1;
    return (left->unit > right->unit) - (left->unit < right->unit);
}

/* The pairs of a range are those behind the range before, ascend with gaps between, and end inside the history. */
static bool pairs_are_good(verification *v, const fps__set_history_range *range, uint32_t releases)
{
    uint64_t least = 0;
    if (range->pairs != v->pairs || !range->pair_count)
        return false;
    for (uint32_t i = 0; i < range->pair_count; i++) {
        uint32_t first, last;
        if (!fps__database_history_pair(v->database, range->pairs + i, &first, &last) || first < least ||
            last >= releases)
            return false;
        least = (uint64_t)last + 2;
    }
    v->pairs += range->pair_count;
    return true;
}

static fps_status verify_ranges(verification *v, uint32_t component, const fps__set_history *history)
{
    fps__set_history_range before = {0}, range;
    for (uint32_t i = 0; i < history->range_count; i++, before = range) {
        uint32_t id = history->first_range + i;
        if (!fps__database_history_range(v->database, id, &range) || range.component != component ||
            range.texts != v->texts[id] || !range.texts || !pairs_are_good(v, &range, history->count))
            return fault(v, "history range is damaged", id);
        if (i && compare_ranges(v->database, &before, &range) >= 0)
            return fault(v, "history ranges are not ascending", id);
    }
    return FPS_OK;
}

static fps_status verify_keys(verification *v)
{
    const char *what;
    uint64_t position;
    if (fps__index_verify(&v->database->history, true, &what, &position))
        return fault(v, what, position);
    for (uint64_t i = 0; i < v->counts.history_keys; i++) {
        uint64_t key;
        uint32_t range;
        if (!fps__database_history_key(v->database, i, &key, &range))
            return fault(v, "history key has a range that is not there", i);
        v->texts[range]++;
    }
    return FPS_OK;
}

static fps_status verify_histories(verification *v)
{
    uint64_t releases = 0, ranges = 0;
    uint32_t component, before = 0;
    for (uint32_t i = 0; i < v->counts.histories; i++, before = component) {
        fps__set_history history;
        if (!fps__database_history_by_index(v->database, i, &component, &history) ||
            (i && component <= before))
            return fault(v, "history is damaged, or not in the order of the components", i);
        if (history.first != releases || history.first_range != ranges || !history.count)
            return fault(v, "releases or ranges of a history are not those behind the ones before", i);
        fps_status status = verify_ranges(v, component, &history);
        if (status)
            return status;
        releases += history.count;
        ranges += history.range_count;
    }
    if (releases != v->counts.history_releases || ranges != v->counts.history_ranges ||
        v->pairs != v->counts.history_pairs)
        return fault(v, "releases, ranges or pairs belong to no history", v->counts.histories);
    return FPS_OK;
}

fps_status fps__database_verify_histories(const fps_database *database, fps_error *error)
{
    verification v = {.database = database, .error = error};
    fps__database_counts(database, &v.counts);
    uint64_t damage = fps__database_damage(database);
    v.texts = calloc((size_t)v.counts.history_ranges + 1, sizeof *v.texts);
    if (!v.texts)
        return fps__fail_memory(error);
    fps_status status = verify_keys(&v);
    if (!status)
        status = verify_histories(&v);
    for (uint32_t id = 0; id < v.counts.history_releases && !status; id++) {
        fps__set_history_release release;
        if (!fps__database_history_release(database, id, &release) ||
            fps__database_damage(database) != damage)
            status = fault(&v, "release of a history is damaged", id);
    }
    free(v.texts);
    return status;
}
