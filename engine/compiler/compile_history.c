/* sigbuild compile: what a set keeps of release histories.
 *
 * Of the texts that exactly the same releases hold, a few say as much as all: they come and go together. Those few are
 * taken from as many units as there are, so that a build without some of the files still has some. A text that many
 * histories hold says nothing of one of them; a few may: what they tell is the version of a component that is known to be
 * there.
 */
#include "compiler/compile_internal.h"
#include "compiler/compile_parameters.h"
#include "database/layout.h"

#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

/* Texts are told apart by what stands in a key of the set, so that a set that is taken in again gives the same. */
static uint64_t short_hash(uint64_t hash)
{
    return hash & ~FPS__HISTORY_RANGE_MASK;
}

/* A text that may be kept. */
typedef struct candidate {
    uint64_t hash; /* short */
    const fps__corpus_range *pairs;
    uint32_t pair_count, units; /* units: the first unit that has it */
    uint32_t round;             /* of the texts with the same units and releases, how many are before it */
} candidate;

typedef struct keeping {
    fps__compilation *c;
    const fps__set_model *model;
    uint64_t *holders; /* short hashes and the number of a history that has it, ascending, each once */
    size_t holder_count;
    FPS__ARRAY(candidate) candidates;
    FPS__ARRAY(uint32_t) components;
    FPS__ARRAY(fps__set_history) histories;
    FPS__ARRAY(fps__set_history_release) releases;
    FPS__ARRAY(fps__set_history_range) ranges;
    FPS__ARRAY(fps__set_history_pair) pairs;
    FPS__ARRAY(uint64_t) keys;
} keeping;

static int compare_numbers(const void *a, const void *b)
{
    return FPS__COMPARE(*(const uint64_t *)a, *(const uint64_t *)b);
}

/* ---- who holds a text ---- */

static fps_status gather_holders(keeping *now)
{
    const fps__corpus *corpus = now->c->corpus;
    size_t total = 0, kept = 0;
    for (uint32_t h = 0; h < corpus->history_count; h++)
        total += corpus->histories[h].text_count;
    now->holders = malloc(total * sizeof *now->holders + 1);
    if (!now->holders)
        return FPS_ERROR_MEMORY;
    total = 0;
    for (uint32_t h = 0; h < corpus->history_count; h++)
        for (uint32_t t = 0; t < corpus->histories[h].text_count; t++)
            now->holders[total++] = short_hash(corpus->histories[h].texts[t].hash) | h;
    qsort(now->holders, total, sizeof *now->holders, compare_numbers);
    for (size_t i = 0; i < total; i++)
        if (!kept || now->holders[kept - 1] != now->holders[i])
            now->holders[kept++] = now->holders[i];
    now->holder_count = kept;
    return FPS_OK;
}

static bool few_histories_hold(const keeping *now, uint64_t hash)
{
    size_t found;
    FPS__LOWER_BOUND(found, now->holder_count, at, now->holders[at] < hash);
    found += FPS__HISTORY_HOLDERS;
    return found >= now->holder_count || short_hash(now->holders[found]) != hash;
}

static bool is_worth(const fps__corpus_history_text *text)
{
    unsigned class = text->text_class;
    return class & FPS__CORPUS_TEXT_OWN_VERSION ||
           (class & FPS__CORPUS_TEXT_LETTERS &&
            (class & FPS__CORPUS_TEXT_WORDS || text->length >= FPS__HISTORY_LENGTH));
}

/* ---- the texts of one history ---- */

static int compare_starts(const void *a, const void *b)
{
    return FPS__COMPARE(((const fps__corpus_range *)a)->first, ((const fps__corpus_range *)b)->first);
}

/* Several texts [first, end) of one short hash: an imported one and the one that it was made of. They are in the
 * releases of both. */
static bool join_releases(keeping *now, const fps__corpus_history *history, uint32_t first, uint32_t end,
                          candidate *joined)
{
    size_t count = 0, kept = 0;
    for (uint32_t t = first; t < end; t++)
        count += history->lists[history->texts[t].releases].count;
    fps__corpus_range *all = fps__arena_array(now->c->arena, count + 1, sizeof *all);
    if (!all)
        return false;
    count = 0;
    for (uint32_t t = first; t < end; t++) {
        fps__corpus_list list = history->lists[history->texts[t].releases];
        memcpy(all + count, history->ranges + list.first, list.count * sizeof *all);
        count += list.count;
    }
    qsort(all, count, sizeof *all, compare_starts);
    for (size_t i = 0; i < count; i++) {
        if (!kept || all[i].first > all[kept - 1].last + 1)
            all[kept++] = all[i];
        else if (all[i].last > all[kept - 1].last)
            all[kept - 1].last = all[i].last;
    }
    joined->pairs = all;
    joined->pair_count = (uint32_t)kept;
    return true;
}

static fps_status gather_candidates(keeping *now, const fps__corpus_history *history)
{
    now->candidates.count = 0;
    for (uint32_t t = 0, end; t < history->text_count; t = end) {
        uint64_t hash = short_hash(history->texts[t].hash);
        bool worth = false;
        for (end = t; end < history->text_count && short_hash(history->texts[end].hash) == hash; end++)
            worth |= is_worth(&history->texts[end]);
        if (!worth || !few_histories_hold(now, hash))
            continue;
        /* the last one is not imported, if one is not: it knows its units */
        fps__corpus_list list = history->lists[history->texts[t].releases];
        fps__corpus_list units = history->lists[history->texts[end - 1].units];
        uint32_t unit = units.count ? history->ranges[units.first].first & UINT16_MAX : 0;
        candidate made = {hash, history->ranges + list.first, list.count, unit, 0};
        if (end - t > 1 && !join_releases(now, history, t, end, &made))
            return FPS_ERROR_MEMORY;
        if (made.pair_count <= UINT8_MAX && FPS__ARRAY_PUSH(&now->candidates, &made, UINT32_MAX))
            return FPS_ERROR_MEMORY;
    }
    return FPS_OK;
}

static int compare_releases(const candidate *a, const candidate *b)
{
    if (a->pairs == b->pairs && a->pair_count == b->pair_count)
        return 0;
    for (uint32_t i = 0; i < a->pair_count && i < b->pair_count; i++) {
        if (a->pairs[i].first != b->pairs[i].first)
            return a->pairs[i].first < b->pairs[i].first ? -1 : 1;
        if (a->pairs[i].last != b->pairs[i].last)
            return a->pairs[i].last < b->pairs[i].last ? -1 : 1;
    }
    return FPS__COMPARE(a->pair_count, b->pair_count);
}

static int compare_units(const void *a, const void *b)
{
    const candidate *left = a, *right = b;
    int order = compare_releases(left, right);
    if (!order)
        order = FPS__COMPARE(left->units, right->units);
    return order ? order : FPS__COMPARE(left->hash, right->hash);
}

static int compare_rounds(const void *a, const void *b)
{
    const candidate *left = a, *right = b;
    int order = compare_releases(left, right);
    if (!order)
        order = FPS__COMPARE(left->round, right->round);
    if (!order)
        order = FPS__COMPARE(left->units, right->units);
    return order ? order : FPS__COMPARE(left->hash, right->hash);
}

/* Puts the texts of each list of releases into the order in which they are taken: one of each list of units, then the
 * second of each. */
static void order_candidates(keeping *now)
{
    candidate *all = now->candidates.items;
    size_t count = now->candidates.count;
    if (!count)
        return;
    qsort(all, count, sizeof *all, compare_units);
    for (size_t i = 1; i < count; i++)
        if (all[i].units == all[i - 1].units && !compare_releases(&all[i], &all[i - 1]))
            all[i].round = all[i - 1].round + 1;
    qsort(all, count, sizeof *all, compare_rounds);
}

/* `texts` texts, which have the same releases and unit. */
static fps_status add_range(keeping *now, uint32_t component, const candidate *some, size_t texts)
{
    fps__set_history_range range = {component, some->units, (uint32_t)texts, (uint32_t)now->pairs.count,
                                    some->pair_count};
    fps_status status = FPS__ARRAY_PUSH(&now->ranges, &range, FPS__HISTORY_RANGE_MASK + 1);
    for (uint32_t i = 0; i < some->pair_count && !status; i++) {
        fps__set_history_pair pair = {some->pairs[i].first, some->pairs[i].last};
        status = FPS__ARRAY_PUSH(&now->pairs, &pair, FPS__NONE - 1);
    }
    for (size_t i = 0; i < texts && !status; i++) {
        uint64_t key = some[i].hash | (now->ranges.count - 1);
        status = FPS__ARRAY_PUSH(&now->keys, &key, FPS__NONE - 1);
    }
    return status;
}

static bool has_days(const fps__corpus_history *history)
{
    for (uint32_t r = 0; r < history->release_count; r++)
        if (history->days[r])
            return true;
    return false;
}

static fps_status add_history(keeping *now, const fps__corpus_history *history, uint32_t component)
{
    fps__set_history made = {.first = (uint32_t)now->releases.count,
                             .count = history->release_count,
                             .first_range = (uint32_t)now->ranges.count};
    fps_status status = gather_candidates(now, history);
    if (status ||
        (!now->candidates.count && !has_days(history))) /* nothing tells its releases or their days */
        return status;
    order_candidates(now);
    for (size_t first = 0, end; first < now->candidates.count && !status; first = end) {
        for (end = first + 1; end < now->candidates.count &&
                              !compare_releases(&now->candidates.items[first], &now->candidates.items[end]);
             end++) {
        }
        size_t taken = end - first < FPS__HISTORY_TEXTS ? end - first : FPS__HISTORY_TEXTS;
        candidate *some = &now->candidates.items[first];
        qsort(some, taken, sizeof *some, compare_units);
        for (size_t i = 0, next; i < taken && !status; i = next) {
            for (next = i; next < taken && some[next].units == some[i].units;)
                next++;
            status = add_range(now, component, some + i, next - i);
        }
    }
    made.range_count = (uint32_t)now->ranges.count - made.first_range;
    for (uint32_t r = 0; r < history->release_count && !status; r++) {
        fps__set_history_release release = {history->versions[r], history->days[r]};
        status = FPS__ARRAY_PUSH(&now->releases, &release, FPS__NONE - 1);
    }
    if (!status)
        status = FPS__ARRAY_PUSH(&now->components, &component, FPS__NONE - 1);
    return status ? status : FPS__ARRAY_PUSH(&now->histories, &made, FPS__NONE - 1);
}

/* ---- all of them ---- */

static fps_status add_histories(keeping *now)
{
    const fps__corpus *corpus = now->c->corpus;
    fps_status status = gather_holders(now);
    for (uint32_t h = 0; h < corpus->history_count && !status; h++) {
        uint32_t component = fps__compile_find_component(now->c, corpus->histories[h].component);
        if (component != FPS__NONE)
            status = add_history(now, &corpus->histories[h], component);
    }
    if (now->keys.count)
        qsort(now->keys.items, now->keys.count, sizeof *now->keys.items, compare_numbers);
    return status;
}

/* The array in the model, and its copy in the arena. */
#define MOVE(now, model, array, field, counter)                                                              \
    (((model)->field = fps__arena_copy((now)->c->arena, (now)->array.items, (now)->array.count,              \
                                       sizeof *(now)->array.items)),                                         \
     ((model)->counter = (uint32_t)(now)->array.count), !(now)->array.count || (model)->field)

static bool move_to_model(const keeping *now, fps__set_histories *model)
{
    return MOVE(now, model, components, components, count) && MOVE(now, model, histories, items, count) &&
           MOVE(now, model, releases, releases, release_count) &&
           MOVE(now, model, ranges, ranges, range_count) && MOVE(now, model, pairs, pairs, pair_count) &&
           MOVE(now, model, keys, keys, key_count);
}

fps_status fps__compile_histories(fps__compilation *c, fps__set_model *model, fps_error *error)
{
    keeping now = {.c = c, .model = model};
    fps_status status = c->corpus->history_count > FPS__HISTORY_RANGE_MASK ? FPS_ERROR_LIMIT : FPS_OK;
    if (!status && c->corpus->history_count)
        status = add_histories(&now);
    if (!status && !move_to_model(&now, &model->histories))
        status = FPS_ERROR_MEMORY;
    free(now.holders);
    free(now.candidates.items);
    free(now.components.items);
    free(now.histories.items);
    free(now.releases.items);
    free(now.ranges.items);
    free(now.pairs.items);
    free(now.keys.items);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX,
                         "the set would have more histories or lists of releases than it can hold");
    return status ? fps__fail_memory(error) : FPS_OK;
}
