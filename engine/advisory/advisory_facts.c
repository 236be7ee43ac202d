/* What a database says of one version: rows of all subjects, one fact for each vulnerability. */
#include "advisory/advisory_state.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

typedef struct collecting {
    fps__matching *matching;
    uint32_t level;
    bool system;
} collecting;

static const char *copy(fps__matching *now, const char *text)
{
    return *text ? fps__arena_string(&now->scratch, text) : "";
}

/* What a row says of the version; false where it says nothing. */
static bool state_of(const fps__advisory_row *row, bool system, fps__fact *fact)
{
    if (row->withdrawn)
        return false;
    if (!row->inside) { /* a version with the fix lies at or below this one */
        fact->backport = row->kind == FPS__FIXED_FROM;
        fact->state = FPS__FACT_FIXED;
        return fact->backport ||
               (system && (row->kind == FPS__AFFECTED || row->kind == FPS__AFFECTED_IGNORED));
    }
    fact->state = row->kind == FPS__NOT_AFFECTED  ? FPS__FACT_DENIED
                  : row->kind == FPS__AFFECTED_IF ? FPS__FACT_CONDITIONAL
                                                  : FPS__FACT_AFFECTED;
    fact->wont_fix = row->kind == FPS__AFFECTED_IGNORED;
    return row->kind != FPS__FIXED_FROM;
}

static fps_status collect(void *user, const fps__advisory_row *row, fps_error *error)
{
    const collecting *from = user;
    fps__matching *now = from->matching;
    fps__fact fact = {.level = from->level, .begins = row->begins, .ends = row->ends};
    if (!state_of(row, from->system, &fact))
        return FPS_OK;
    fps_status status = fps__group_find(now, row->advisory, row->name, &fact.group, error);
    if (status)
        return status;
    fact.range = copy(now, row->range);
    fact.fixed = copy(now, row->fixed);
    fact.note = copy(now, row->note);
    fact.source = copy(now, row->source);
    fact.advisory = copy(now, row->name);
    if (!fact.range || !fact.fixed || !fact.note || !fact.source || !fact.advisory)
        return fps__fail_memory(error);
    status = FPS__ARRAY_PUSH(&now->facts, &fact, FPS__MAX_FACTS);
    return status == FPS_ERROR_LIMIT ? fps__fail(error, status, NULL, UINT64_MAX, "too many facts")
           : status                  ? fps__fail_memory(error)
                                     : FPS_OK;
}

/* The order in which facts of one group count: the least decides. A fix that a changelog names for a version at or below this one
 * goes before a range that says "before a later version"; a fix that a list names does not, because lists name a second fix where
 * the first one was not enough. */
static int weight_of(const fps__fact *fact)
{
    switch (fact->state) {
    case FPS__FACT_DENIED:
        return 0;
    case FPS__FACT_FIXED:
        return fact->backport ? 1 : 4;
    case FPS__FACT_AFFECTED:
        return 2;
    default:
        return 3;
    }
}

static int compare_facts(const void *a, const void *b)
{
    const fps__fact *first = a, *second = b;
    if (first->group != second->group)
        return first->group < second->group ? -1 : 1;
    if (first->level != second->level)
        return first->level < second->level ? -1 : 1;
    int order = weight_of(first) - weight_of(second);
    if (!order)
        order = (*first->fixed == '\0') - (*second->fixed == '\0');
    if (!order)
        order = strcmp(first->source, second->source);
    if (!order)
        order = strcmp(first->advisory, second->advisory);
    return order ? order : strcmp(first->range, second->range);
}

/* True when the project's own source names the vulnerability for one of the subjects: then this version is not affected unless it
 * says so. Others copy its ranges, and sometimes with a slip. */
static fps_status own_source_speaks(fps__matching *now, const fps__subjects *subjects, uint32_t group,
                                    bool *speaks, fps_error *error)
{
    sqlite3_stmt *row = now->lookup.own;
    fps_status status = FPS_OK;
    *speaks = false;
    for (size_t i = 0; i < subjects->count && !*speaks && !status; i++) {
        int64_t package;
        fps__key_scheme scheme;
        status = fps__lookup_package(&now->lookup, &subjects->items[i], &package, &scheme, error);
        if (status || !package)
            continue;
        sqlite3_reset(row);
        sqlite3_bind_text(row, 1, subjects->own, -1, SQLITE_TRANSIENT);
        sqlite3_bind_text(row, 2, now->groups.items[group].id, -1, SQLITE_TRANSIENT);
        sqlite3_bind_int64(row, 3, package);
        status = fps__lookup_step(&now->lookup, row, error);
        *speaks = !status && sqlite3_column_int(row, 0) != 0;
        sqlite3_reset(row);
    }
    return status;
}

/* Drops what others say of vulnerabilities that the project's own source speaks of. */
static fps_status drop_strangers(fps__matching *now, const fps__subjects *subjects, size_t first,
                                 fps_error *error)
{
    size_t kept = first;
    fps_status status = FPS_OK;
    for (size_t i = first; i < now->facts.count && !status; i++) {
        bool speaks = false;
        if (strcmp(now->facts.items[i].source, subjects->own) != 0)
            status = own_source_speaks(now, subjects, now->facts.items[i].group, &speaks, error);
        if (!speaks)
            now->facts.items[kept++] = now->facts.items[i];
    }
    now->facts.count = status ? now->facts.count : kept;
    return status;
}

/* Keeps the first fact of each group. */
static void reduce(fps__matching *now, size_t first)
{
    size_t kept = first;
    if (now->facts.count > first)
        qsort(now->facts.items + first, now->facts.count - first, sizeof *now->facts.items, compare_facts);
    for (size_t i = first; i < now->facts.count; i++)
        if (kept == first || now->facts.items[kept - 1].group != now->facts.items[i].group)
            now->facts.items[kept++] = now->facts.items[i];
    now->facts.count = kept;
}

/* Subjects of a distribution are a list of which the first one that is known of decides; those of a component all count. */
static fps_status read_rows(fps__matching *now, const fps__subjects *subjects, const char *version,
                            bool *known, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < subjects->count && !status; i++) {
        int64_t package;
        fps__key_scheme scheme = FPS__KEY_GENERIC;
        uint8_t key[FPS__MAX_KEY];
        collecting from = {now, subjects->system ? (uint32_t)i : 0, subjects->system};
        status = fps__lookup_package(&now->lookup, &subjects->items[i], &package, &scheme, error);
        /* A list may name a version that has no order; what a distribution has fixed goes by the order alone. */
        size_t size = status || !package ? 0
                      : subjects->system ? fps__version_key(scheme, version, key)
                                         : fps__version_key_exact(scheme, version, key);
        if (!size)
            continue;
        *known = true;
        status = fps__lookup_rows(&now->lookup, package, key, size, collect, &from, error);
    }
    return status;
}

fps_status fps__facts_of(fps__matching *now, const fps__subjects *subjects, const char *version,
                         uint32_t *set, fps_error *error)
{
    uint64_t key = XXH3_64bits(version, strlen(version));
    for (size_t i = 0; i < subjects->count; i++) {
        key = XXH3_64bits_withSeed(subjects->items[i].space, strlen(subjects->items[i].space), key);
        key = XXH3_64bits_withSeed(subjects->items[i].name, strlen(subjects->items[i].name), key);
    }
    bool fresh, known = false;
    uint32_t *place = fps__key_map_add(&now->set_keys, key ? key : 1, &fresh);
    *set = FPS__NO_INDEX;
    if (!place)
        return fps__fail_memory(error);
    if (!fresh) {
        *set = *place - 1; /* 0, for nothing known, gives FPS__NO_INDEX */
        return FPS_OK;
    }
    fps__fact_set made = {.first = now->facts.count};
    fps_status status = read_rows(now, subjects, version, &known, error);
    if (!status && known && subjects->own)
        status = drop_strangers(now, subjects, made.first, error);
    if (status || !known)
        return status;
    reduce(now, made.first);
    made.count = now->facts.count - made.first;
    if (FPS__ARRAY_PUSH(&now->sets, &made, FPS__MAX_FACTS))
        return fps__fail_memory(error);
    *set = (uint32_t)now->sets.count - 1;
    *fps__key_map_add(&now->set_keys, key ? key : 1, &fresh) = *set + 1;
    return FPS_OK;
}

const fps__fact *fps__facts_find(const fps__matching *now, uint32_t set, uint32_t group)
{
    if (set == FPS__NO_INDEX)
        return NULL;
    size_t low = now->sets.items[set].first, high = low + now->sets.items[set].count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const fps__fact *fact = &now->facts.items[middle];
        if (fact->group == group)
            return fact;
        if (fact->group < group)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
