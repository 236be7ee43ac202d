/* A release history in memory: making, freeing, lists that are there once, the union of several. */
#include "history/history.h"

#include "util/error.h"
#include "util/table.h"

#include <stdlib.h>
#include <xxhash.h>

struct fps__history_lists {
    fps__table table;
};

fps__history *fps__history_create(void)
{
    fps__history *history = calloc(1, sizeof *history);
    if (history)
        history->interned = calloc(1, sizeof *history->interned);
    if (history && history->interned)
        return history;
    free(history);
    return NULL;
}

void fps__history_free(fps__history *history)
{
    if (!history)
        return;
    fps__arena_free(&history->arena);
    free(history->sources.items);
    free(history->releases.items);
    free(history->units.items);
    free(history->texts.items);
    free(history->names.items);
    free(history->lists.items);
    free(history->ranges.items);
    fps__table_free(&history->interned->table);
    free(history->interned);
    free(history);
}

fps_status fps__history_intern(fps__history *history, const fps__history_range *ranges, size_t count,
                               uint32_t *list)
{
    fps__table *table = &history->interned->table;
    size_t size = count * sizeof *ranges;
    uint64_t hash = XXH3_64bits(ranges, size);
    if (fps__table_reserve(table, 1))
        return FPS_ERROR_MEMORY;
    fps__table_slot *slot;
    const fps__history_list *lists = history->lists.items;
    const fps__history_range *all = history->ranges.items;
    FPS__TABLE_FIND(slot, table, hash, id,
                    lists[id - 1].count == count &&
                        (!size || !memcmp(all + lists[id - 1].first, ranges, size)));
    if (!slot->id) {
        fps__history_list made = {(uint32_t)history->ranges.count, (uint32_t)count};
        fps_status status = FPS__ARRAY_RESERVE(&history->ranges, count, FPS__HISTORY_LIST_ITEMS);
        if (!status)
            status = FPS__ARRAY_PUSH(&history->lists, &made, 2 * FPS__HISTORY_KEYS);
        if (status)
            return status;
        if (size)
            memcpy(history->ranges.items + history->ranges.count, ranges, size);
        history->ranges.count += count;
        fps__table_add(table, slot, hash, (uint32_t)history->lists.count);
    }
    *list = slot->id - 1;
    return FPS_OK;
}

/* ---- the union ---- */

/* Which index of the union an index of a part is. */
typedef struct renumbering {
    uint32_t *releases, *units; /* of the part's */
    uint32_t *lists[2];         /* of the part's, as releases and as units, plus one; 0: not asked for yet */
} renumbering;

typedef struct merging {
    fps__history *merged;
    const fps__history *const *parts;
    size_t count;
    renumbering *renumbered; /* of each part */
    uint8_t *bits;           /* one for each release or unit of the union */
    size_t bit_count;
    FPS__ARRAY(fps__history_range) ranges;
} merging;

typedef struct origin {
    const fps__history_release *release;
    uint32_t part, index;
    bool days_alone; /* the part has neither texts nor names */
} origin;

static int compare_origins(const void *a, const void *b)
{
    const origin *left = a, *right = b;
    int order = fps__version_compare(left->release->version, right->release->version);
    if (order)
        return order;
    if (left->days_alone != right->days_alone)
        return left->days_alone ? 1 : -1;
    return left->part != right->part ? (left->part > right->part) - (left->part < right->part)
                                     : (left->index > right->index) - (left->index < right->index);
}

/* Adds the release of [first, end), all of one version: the first one's names, and the first day that is known. */
static fps_status merge_release(merging *now, const origin *first, const origin *end)
{
    const char *date = "";
    for (const origin *o = first; o < end; o++) {
        date = *date ? date : o->release->date;
        now->renumbered[o->part].releases[o->index] = (uint32_t)now->merged->releases.count;
    }
    fps__history_release made = {fps__arena_string(&now->merged->arena, first->release->version),
                                 fps__arena_string(&now->merged->arena, first->release->tag),
                                 fps__arena_string(&now->merged->arena, date)};
    if (!made.version || !made.tag || !made.date)
        return FPS_ERROR_MEMORY;
    return FPS__ARRAY_PUSH(&now->merged->releases, &made, FPS__HISTORY_RELEASES);
}

static fps_status merge_releases(merging *now)
{
    size_t count = 0, used = 0;
    for (size_t p = 0; p < now->count; p++)
        count += now->parts[p]->releases.count;
    origin *all = malloc(count * sizeof *all + 1);
    if (!all)
        return FPS_ERROR_MEMORY;
    bool read = false; /* some part has sources */
    for (uint32_t p = 0; p < now->count; p++) {
        const fps__history *part = now->parts[p];
        bool days_alone = !part->texts.count && !part->names.count;
        read |= !days_alone;
        for (uint32_t i = 0; i < part->releases.count; i++)
            all[used++] = (origin){&part->releases.items[i], p, i, days_alone};
    }
    qsort(all, count, sizeof *all, compare_origins);
    fps_status status = FPS_OK;
    for (size_t i = 0, end; i < count && !status; i = end) {
        for (end = i + 1;
             end < count && !fps__version_compare(all[end].release->version, all[i].release->version);)
            end++;
        /* One whose sources nobody has read would look as if it lacked all that was found: days alone are lent to the
         * releases of others, and stand for themselves where there are no others. */
        if (!read || !all[i].days_alone)
            status = merge_release(now, &all[i], &all[end]);
    }
    free(all);
    return status;
}

static fps_status merge_units(merging *now)
{
    fps__key_map seen = {
        0}; /* 128 bits would be needed against collisions; a unit of two names is harmless */
    fps_status status = FPS_OK;
    for (size_t p = 0; p < now->count && !status; p++)
        for (size_t i = 0; i < now->parts[p]->units.count && !status; i++) {
            const char *name = now->parts[p]->units.items[i];
            bool fresh;
            uint32_t *index = fps__key_map_add(&seen, XXH3_64bits(name, strlen(name)) | 1, &fresh);
            if (!index)
                status = FPS_ERROR_MEMORY;
            if (index && fresh) {
                const char *copy = fps__arena_string(&now->merged->arena, name);
                *index = (uint32_t)now->merged->units.count;
                status =
                    copy ? FPS__ARRAY_PUSH(&now->merged->units, &copy, FPS__HISTORY_UNITS) : FPS_ERROR_MEMORY;
            }
            if (!status)
                now->renumbered[p].units[i] = *index;
        }
    fps__key_map_free(&seen);
    return status;
}

static void set_bits(merging *now, const fps__history *from, uint32_t list, const uint32_t *numbers)
{
    fps__history_list found = from->lists.items[list];
    for (uint32_t i = found.first; i < found.first + found.count; i++)
        for (uint32_t k = from->ranges.items[i].first; k <= from->ranges.items[i].last; k++)
            now->bits[numbers ? numbers[k] : k] = 1;
}

/* The bits as a list of the union; they are cleared. */
static fps_status take_bits(merging *now, uint32_t *list)
{
    now->ranges.count = 0;
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < now->bit_count && !status; i++) {
        if (!now->bits[i])
            continue;
        fps__history_range range = {i, i};
        if (now->ranges.count && now->ranges.items[now->ranges.count - 1].last + 1 == i)
            now->ranges.items[now->ranges.count - 1].last = i;
        else
            status = FPS__ARRAY_PUSH(&now->ranges, &range, FPS__HISTORY_UNITS);
    }
    memset(now->bits, 0, now->bit_count);
    return status ? status : fps__history_intern(now->merged, now->ranges.items, now->ranges.count, list);
}

/* The list of the union for a list of a part; `units`: of units, not of releases. */
static fps_status renumber(merging *now, uint32_t part, uint32_t list, bool units, uint32_t *renumbered)
{
    renumbering *numbers = &now->renumbered[part];
    uint32_t *known = &numbers->lists[units][list];
    if (!*known) {
        set_bits(now, now->parts[part], list, units ? numbers->units : numbers->releases);
        fps_status status = take_bits(now, known);
        if (status)
            return status;
        ++*known;
    }
    *renumbered = *known - 1;
    return FPS_OK;
}

static fps_status join_lists(merging *now, uint32_t *list, uint32_t other)
{
    if (*list == other)
        return FPS_OK;
    set_bits(now, now->merged, *list, NULL);
    set_bits(now, now->merged, other, NULL);
    return take_bits(now, list);
}

static int compare_texts(const void *a, const void *b)
{
    uint64_t left = ((const fps__history_text *)a)->hash, right = ((const fps__history_text *)b)->hash;
    return (left > right) - (left < right);
}

static int compare_names(const void *a, const void *b)
{
    uint64_t left = ((const fps__history_name *)a)->hash, right = ((const fps__history_name *)b)->hash;
    return (left > right) - (left < right);
}

static fps_status merge_texts(merging *now)
{
    fps__history *merged = now->merged;
    fps_status status = FPS_OK;
    for (uint32_t p = 0; p < now->count && !status; p++)
        for (size_t i = 0; i < now->parts[p]->texts.count && !status; i++) {
            fps__history_text text = now->parts[p]->texts.items[i];
            status = renumber(now, p, text.units, true, &text.units);
            if (!status)
                status = renumber(now, p, text.releases, false, &text.releases);
            if (!status)
                status = FPS__ARRAY_PUSH(&merged->texts, &text, 4 * FPS__HISTORY_KEYS);
        }
    if (merged->texts.count)
        qsort(merged->texts.items, merged->texts.count, sizeof *merged->texts.items, compare_texts);
    size_t kept = 0;
    for (size_t i = 0; i < merged->texts.count && !status; i++) {
        fps__history_text *last = kept ? &merged->texts.items[kept - 1] : NULL,
                          *text = &merged->texts.items[i];
        if (!last || last->hash != text->hash) {
            merged->texts.items[kept++] = *text;
            continue;
        }
        last->text_class |= text->text_class;
        status = join_lists(now, &last->units, text->units);
        if (!status)
            status = join_lists(now, &last->releases, text->releases);
    }
    merged->texts.count = kept;
    return status;
}

static fps_status merge_names(merging *now)
{
    fps__history *merged = now->merged;
    fps_status status = FPS_OK;
    for (uint32_t p = 0; p < now->count && !status; p++)
        for (size_t i = 0; i < now->parts[p]->names.count && !status; i++) {
            fps__history_name name = now->parts[p]->names.items[i];
            status = renumber(now, p, name.releases, false, &name.releases);
            if (!status)
                status = FPS__ARRAY_PUSH(&merged->names, &name, 4 * FPS__HISTORY_KEYS);
        }
    if (merged->names.count)
        qsort(merged->names.items, merged->names.count, sizeof *merged->names.items, compare_names);
    size_t kept = 0;
    for (size_t i = 0; i < merged->names.count && !status; i++) {
        fps__history_name *last = kept ? &merged->names.items[kept - 1] : NULL,
                          *name = &merged->names.items[i];
        if (!last || last->hash != name->hash)
            merged->names.items[kept++] = *name;
        else
            status = join_lists(now, &last->releases, name->releases);
    }
    merged->names.count = kept;
    return status;
}

static fps_status start_renumbering(merging *now)
{
    now->renumbered = calloc(now->count + 1, sizeof *now->renumbered);
    for (size_t p = 0; now->renumbered && p < now->count; p++) {
        const fps__history *part = now->parts[p];
        renumbering *numbers = &now->renumbered[p];
        numbers->releases = calloc(part->releases.count + 1, sizeof *numbers->releases);
        numbers->units = calloc(part->units.count + 1, sizeof *numbers->units);
        for (int i = 0; i < 2; i++)
            numbers->lists[i] = calloc(part->lists.count + 1, sizeof *numbers->lists[i]);
        if (!numbers->releases || !numbers->units || !numbers->lists[0] || !numbers->lists[1])
            return FPS_ERROR_MEMORY;
        for (size_t i = 0; i < part->sources.count; i++) {
            const fps__history_source *from = &part->sources.items[i];
            fps__history_source made = {fps__arena_string(&now->merged->arena, from->where),
                                        fps__arena_string(&now->merged->arena, from->commit),
                                        fps__arena_string(&now->merged->arena, from->date)};
            if (!made.where || !made.commit || !made.date ||
                FPS__ARRAY_PUSH(&now->merged->sources, &made, UINT32_MAX))
                return FPS_ERROR_MEMORY;
        }
    }
    return now->renumbered ? FPS_OK : FPS_ERROR_MEMORY;
}

fps_status fps__history_merge(const fps__history *const *parts, size_t count, fps__history **merged,
                              fps_error *error)
{
    merging now = {.merged = fps__history_create(), .parts = parts, .count = count};
    fps_status status = now.merged ? FPS_OK : FPS_ERROR_MEMORY;
    if (!status)
        status = start_renumbering(&now);
    if (!status)
        status = merge_releases(&now);
    if (!status)
        status = merge_units(&now);
    if (!status) {
        size_t releases = now.merged->releases.count, units = now.merged->units.count;
        now.bit_count = releases > units ? releases : units;
        now.bits = calloc(now.bit_count + 1, 1);
        now.merged->component = fps__arena_string(&now.merged->arena, count ? parts[0]->component : "");
        status = now.bits && now.merged->component ? FPS_OK : FPS_ERROR_MEMORY;
    }
    if (!status)
        status = merge_texts(&now);
    if (!status)
        status = merge_names(&now);
    for (size_t p = 0; now.renumbered && p < count; p++) {
        free(now.renumbered[p].releases);
        free(now.renumbered[p].units);
        free(now.renumbered[p].lists[0]);
        free(now.renumbered[p].lists[1]);
    }
    free(now.renumbered);
    free(now.bits);
    free(now.ranges.items);
    *merged = status ? NULL : now.merged;
    if (status)
        fps__history_free(now.merged);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX, "%s: too many releases, texts or names",
                         count ? parts[0]->component : "");
    return status ? fps__fail_memory(error) : FPS_OK;
}
