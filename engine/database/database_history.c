/* Release histories of an open set: the checked accessors, the look-up of a text, and the part of the full check. */
#include "database/database_internal.h"
#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>

static uint64_t count_of(const fps_database *database, enum fps__layout_section kind)
{
    return database->sections[kind].count;
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
        !fps__database_has(database, FPS__SECTION_HISTORY_RANGES, read.first_range, read.range_count)) {
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

bool fps__database_history_range(const fps_database *database, uint32_t id, fps__set_history_range *range)
{
    *range = (fps__set_history_range){0};
    const uint8_t *item = fps__database_item(database, FPS__SECTION_HISTORY_RANGES, id);
    if (!item)
        return false;
    fps__set_history_range read = {.component = fps__get32le(item + FPS__HISTORY_RANGE_COMPONENT),
                                   .unit = fps__get16le(item + FPS__HISTORY_RANGE_UNIT),
                                   .texts = item[FPS__HISTORY_RANGE_TEXTS],
                                   .pairs = fps__get32le(item + FPS__HISTORY_RANGE_PAIRS),
                                   .pair_count = item[FPS__HISTORY_RANGE_PAIR_COUNT]};
    if (read.component >= count_of(database, FPS__SECTION_COMPONENTS) ||
        !fps__database_has(database, FPS__SECTION_HISTORY_PAIRS, read.pairs, read.pair_count)) {
        fps__database_damaged(database);
        return false;
    }
    *range = read;
    return true;
}

bool fps__database_history_pair(const fps_database *database, uint32_t pair, uint32_t *first, uint32_t *last)
{
    *first = *last = 0;
    const uint8_t *item = fps__database_item(database, FPS__SECTION_HISTORY_PAIRS, pair);
    if (!item)
        return false;
    uint32_t low = fps__get16le(item + FPS__HISTORY_PAIR_FIRST),
             high = fps__get16le(item + FPS__HISTORY_PAIR_LAST);
    if (low > high) {
        fps__database_damaged(database);
        return false;
    }
    *first = low;
    *last = high;
    return true;
}

/* ---- keys ---- */

static uint64_t key_at(const fps_database *database, uint64_t position)
{
    return fps__get64le(database->sections[FPS__SECTION_HISTORY_KEYS].data + (size_t)position * 8);
}

bool fps__database_history_key(const fps_database *database, uint64_t position, uint64_t *key,
                               uint32_t *range)
{
    *key = 0;
    *range = FPS__NONE;
    if (!fps__database_item(database, FPS__SECTION_HISTORY_KEYS, position))
        return false;
    uint64_t record = key_at(database, position);
    *key = record & ~FPS__HISTORY_RANGE_MASK;
    if ((record & FPS__HISTORY_RANGE_MASK) >= count_of(database, FPS__SECTION_HISTORY_RANGES)) {
        fps__database_damaged(database);
        return false;
    }
    *range = (uint32_t)(record & FPS__HISTORY_RANGE_MASK);
    return true;
}

/* How many of `count` keys that are spread evenly are expected below `distance`. */
static uint64_t keys_within(uint64_t distance, uint64_t count)
{
    return (uint64_t)(((unsigned __int128)distance * count) >> 64);
}

/* The first record that is not below `wanted`. Hashes are spread evenly: a guess is off by about the root of the number
 * of keys between, so that the third one is a few records off and a short walk ends it. Keys that are spread otherwise,
 * which a writer does not make, are halved. */
static uint64_t lower_bound(const fps_database *database, uint64_t wanted)
{
    enum { GUESSES = 2, STEPS = 64 };
    uint64_t count = count_of(database, FPS__SECTION_HISTORY_KEYS), at = keys_within(wanted, count), found;
    for (unsigned i = 0; i < GUESSES; i++) {
        uint64_t value = key_at(database, at);
        uint64_t back = value > wanted ? keys_within(value - wanted, count) : 0;
        uint64_t on = wanted > value ? keys_within(wanted - value, count) : 0;
        at = back > at ? 0 : at - back;
        at = on < count - at ? at + on : count - 1;
    }
    unsigned steps = 0;
    for (; at < count && key_at(database, at) < wanted && steps < STEPS; steps++)
        at++;
    for (; at > 0 && key_at(database, at - 1) >= wanted && steps < STEPS; steps++)
        at--;
    if (steps < STEPS)
        return at;
    FPS__LOWER_BOUND(found, count, middle, key_at(database, middle) < wanted);
    return found;
}

size_t fps__database_history_find(const fps_database *database, uint64_t literal_key, uint32_t *ranges,
                                  size_t most)
{
    uint64_t count = count_of(database, FPS__SECTION_HISTORY_KEYS),
             wanted = literal_key & ~FPS__HISTORY_RANGE_MASK;
    size_t found = 0;
    if (!count)
        return 0;
    for (uint64_t at = lower_bound(database, wanted); at < count; at++) {
        uint64_t record = key_at(database, at);
        if ((record ^ wanted) & ~FPS__HISTORY_RANGE_MASK)
            break;
        uint32_t range = (uint32_t)(record & FPS__HISTORY_RANGE_MASK);
        if (range >= count_of(database, FPS__SECTION_HISTORY_RANGES)) {
            fps__database_damaged(database);
            continue;
        }
        if (found < most)
            ranges[found] = range;
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
    for (uint64_t i = 0; i < v->counts.history_keys; i++) {
        uint64_t key;
        uint32_t range;
        if (!fps__database_history_key(v->database, i, &key, &range))
            return fault(v, "history key has a range that is not there", i);
        if (i && key_at(v->database, i - 1) >= key_at(v->database, i))
            return fault(v, "history keys are not ascending", i);
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
        if (history.first != releases || history.first_range != ranges || !history.count ||
            !history.range_count)
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
