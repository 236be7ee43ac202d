/* Takes a compiled set into a workbench: what it says of each key, in groups of keys of which it says the
 * same. */
#include "compiler/code_build.h"
#include "database/set.h"
#include "workbench/workbench_history.h"
#include "workbench/workbench_patch.h"

#include "util/error.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_LIST_TEXT = 64 * 1024 * 1024, MAX_DAY = 2932896 /* the last one of the year 9999 */ };

/* One set on its way in. */
typedef struct importing {
    fps_workbench *workbench;
    const fps_database *database;
    fps_error *error;
    fps__set_counts counts;
    fps_database_info info;
    int64_t set;         /* row id */
    uint64_t *first_key; /* of each entry: where its keys begin in `key_rows`; one more for the end */
    uint32_t *key_rows;  /* feature row ids, grouped by entry */
    fps__key_map lists;  /* (component, bit set) to release_list row id */
    FPS__ARRAY(char) text;
    fps__arena words; /* of code builds */
} importing;

static fps_status corrupt(importing *now, const char *what)
{
    return fps__fail(now->error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "the set names %s that is not there",
                     what);
}

/* ---- keys of each entry ---- */

static fps_status count_keys(importing *now)
{
    for (uint64_t i = 0; i < now->counts.keys; i++) {
        uint64_t key;
        uint32_t posting;
        if (!fps__database_key(now->database, i, &key, &posting))
            return corrupt(now, "a key");
        uint32_t size = fps__database_posting_size(now->database, posting);
        for (uint32_t k = 0; k < size; k++) {
            uint32_t entry = fps__database_posting_entry_id(now->database, posting, k);
            if (entry >= now->counts.entries)
                return corrupt(now, "an entry");
            now->first_key[entry + 1]++;
        }
    }
    for (uint64_t e = 0; e < now->counts.entries; e++)
        now->first_key[e + 1] += now->first_key[e];
    return FPS_OK;
}

/* Each key becomes a feature row; its id goes to all entries of its posting. `next`: where each entry goes
 * on. */
static fps_status assign_keys(importing *now, uint64_t *next)
{
    for (uint64_t i = 0; i < now->counts.keys; i++) {
        fps__corpus_feature feature = {0, NULL};
        uint32_t posting, row;
        if (!fps__database_key(now->database, i, &feature.key, &posting) || !feature.key)
            return corrupt(now, "a key");
        fps_status status = fps__workbench_resolve(now->workbench, &feature, 1, &row, now->error);
        if (status)
            return status;
        uint32_t size = fps__database_posting_size(now->database, posting);
        for (uint32_t k = 0; k < size; k++) {
            uint32_t entry = fps__database_posting_entry_id(now->database, posting, k);
            if (entry < now->counts.entries && next[entry] < now->first_key[entry + 1])
                now->key_rows[next[entry]++] = row;
        }
    }
    return FPS_OK;
}

static fps_status group_keys(importing *now)
{
    uint64_t entries = now->counts.entries;
    now->first_key = calloc(entries + 2, sizeof *now->first_key);
    if (!now->first_key)
        return fps__fail_memory(now->error);
    fps_status status = count_keys(now);
    if (status)
        return status;
    uint64_t total = now->first_key[entries];
    uint64_t *next = malloc((entries + 1) * sizeof *next);
    now->key_rows = total < SIZE_MAX / 8 ? malloc((total + 1) * sizeof *now->key_rows) : NULL;
    if (!next || !now->key_rows)
        status = fps__fail_memory(now->error);
    else {
        memcpy(next, now->first_key, entries * sizeof *next);
        status = assign_keys(now, next);
    }
    free(next);
    return status;
}

/* ---- releases ---- */

/* The word of release `index` of a component, or of its code build `index`. NULL when it is not there. */
static const char *list_word(importing *now, const fps__set_component *component, uint32_t index, bool code)
{
    fps__set_release release;
    fps__set_code_build build;
    if (!code)
        return fps__database_release(now->database, component->release_first + index, &release)
                   ? release.version
                   : NULL;
    if (!fps__database_code_build(now->database, component->build_first + index, &build) ||
        build.release >= component->release_count ||
        !fps__database_release(now->database, component->release_first + build.release, &release))
        return NULL;
    const uint8_t samples[2] = {component->sample_members, component->sample_others};
    return fps__code_build_word(&build, release.version, samples, &now->words);
}

static fps_status reserve_text(importing *now, size_t size)
{
    return fps__workbench_reserved(FPS__ARRAY_RESERVE(&now->text, size, MAX_LIST_TEXT), now->workbench->path,
                                   "releases of one component", now->error);
}

/* Writes the words of the releases or code builds for which `wanted` is true, with spaces between, into
 * now->text. */
static fps_status join_list(importing *now, const fps__set_component *component, fps__bit_set wanted,
                            bool code)
{
    now->text.count = 0;
    uint32_t count = code ? component->build_count : component->release_count;
    for (uint32_t r = 0; r < count; r++) {
        if (!fps__bit_set_has(wanted, r))
            continue;
        const char *word = list_word(now, component, r, code);
        if (!word)
            return corrupt(now, "a release or build");
        size_t length = strlen(word);
        fps_status status = reserve_text(now, length + 1);
        if (status)
            return status;
        if (now->text.count)
            now->text.items[now->text.count++] = ' ';
        memcpy(now->text.items + now->text.count, word, length);
        now->text.count += length;
    }
    fps_status status = reserve_text(now, 1);
    if (!status)
        now->text.items[now->text.count] = '\0';
    return status;
}

/* The release_list row of a component's bit set over releases or code builds, made when it is new. */
static fps_status find_list(importing *now, uint32_t component_id, uint32_t bit_set, bool code, int64_t *id)
{
    bool fresh;
    uint64_t key = ((uint64_t)component_id << 33 | (uint64_t)bit_set << 1 | code) + 1;
    uint32_t *row = fps__key_map_add(&now->lists, key, &fresh);
    if (!row)
        return fps__fail_memory(now->error);
    if (!fresh) {
        *id = *row;
        return FPS_OK;
    }
    fps__set_component component;
    fps__bit_set wanted;
    if (!fps__database_component(now->database, component_id, &component) ||
        !fps__database_bit_set(now->database, bit_set, &wanted))
        return corrupt(now, "a component or list of releases");
    fps_status status = join_list(now, &component, wanted, code);
    if (status)
        return status;
    sqlite3_stmt *statement =
        fps__workbench_statement_get(now->workbench, FPS__WORKBENCH_INSERT_LIST, now->error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    fps__workbench_bind_text(statement, 1, now->text.items);
    status = fps__workbench_run(now->workbench, statement, now->error);
    *id = sqlite3_last_insert_rowid(now->workbench->db);
    *row = (uint32_t)*id;
    return status;
}

/* ---- rows ---- */

static fps_status write_set(importing *now, bool *known)
{
    sqlite3_stmt *statement =
        fps__workbench_statement_get(now->workbench, FPS__WORKBENCH_FIND_SET, now->error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    sqlite3_bind_blob(statement, 1, now->info.digest, sizeof now->info.digest, SQLITE_STATIC);
    *known = sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_reset(statement);
    if (*known)
        return FPS_OK;
    uint64_t size;
    const char *rules = fps__database_rules(now->database, &size);
    statement = fps__workbench_statement_get(now->workbench, FPS__WORKBENCH_INSERT_SET, now->error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    sqlite3_bind_blob(statement, 1, now->info.digest, sizeof now->info.digest, SQLITE_STATIC);
    fps__workbench_bind_text(statement, 2, now->info.name);
    sqlite3_bind_text64(statement, 3, rules ? rules : "", rules ? size : 0, SQLITE_STATIC, SQLITE_UTF8);
    fps_status status = fps__workbench_run(now->workbench, statement, now->error);
    now->set = sqlite3_last_insert_rowid(now->workbench->db);
    return status;
}

/* A build without objects stands for each release that was built. */
static fps_status write_build(importing *now, const char *component, const char *version)
{
    char parameters[FPS__WORKBENCH_PARAMETERS];
    fps__workbench_facts facts = {.imported = true,
                                  .file = now->info.name,
                                  .tool = "sigbuild " FPS_VERSION,
                                  .parameters = parameters,
                                  .origin = "",
                                  .component = component,
                                  .version = version,
                                  .package = "",
                                  .package_version = "",
                                  .architecture = "",
                                  .source = "",
                                  .source_version = "",
                                  .built_using = "",
                                  .purl = "",
                                  .cpe = "",
                                  .license = ""};
    int64_t id;
    fps__workbench_parameters(parameters);
    fps__span parts[] = {{now->info.digest, sizeof now->info.digest},
                         {(const uint8_t *)component, strlen(component) + 1},
                         {(const uint8_t *)version, strlen(version) + 1}};
    if (fps__workbench_digest(parts, sizeof parts / sizeof *parts, facts.digest))
        return fps__fail_memory(now->error);
    return fps__workbench_insert_build(now->workbench, &facts, &id, now->error);
}

static fps_status write_component(importing *now, const fps__set_component *component, const char **releases)
{
    for (uint32_t r = 0; r < component->release_count; r++) {
        fps__set_release release;
        if (!fps__database_release(now->database, component->release_first + r, &release))
            return corrupt(now, "a release");
        releases[r] = release.version;
        fps_status status = release.built ? write_build(now, component->id, release.version) : FPS_OK;
        if (status)
            return status;
    }
    fps__catalogue_component made = {.id = component->id,
                                     .name = component->name,
                                     .purl = component->purl,
                                     .cpe = component->cpe,
                                     .license = component->license,
                                     .family = component->family,
                                     .sources = component->sources,
                                     .vendors = "",
                                     .role = component->role,
                                     .since = component->since,
                                     .releases = releases,
                                     .release_count = component->release_count};
    return fps__workbench_write_component(now->workbench, &made, FPS__WORKBENCH_FROM_SET, now->error);
}

static fps_status write_components(importing *now)
{
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < now->counts.components && !status; i++) {
        fps__set_component component;
        if (!fps__database_component(now->database, i, &component))
            return corrupt(now, "a component");
        const char **releases = calloc((size_t)component.release_count + 1, sizeof *releases);
        status = releases ? write_component(now, &component, releases) : fps__fail_memory(now->error);
        free(releases);
    }
    return status;
}

static fps_status write_group(importing *now, uint32_t id, uint8_t *list)
{
    fps__set_entry entry;
    fps__set_component component;
    fps__set_unit unit = {.name = ""}; /* as of an entry without a unit */
    uint64_t first = now->first_key[id], count = now->first_key[id + 1] - first;
    if (!count)
        return FPS_OK;
    if (!fps__database_entry_by_id(now->database, id, &entry) ||
        !fps__database_component(now->database, entry.component, &component) ||
        (entry.unit != FPS__NONE && !fps__database_unit(now->database, entry.unit, &unit)))
        return corrupt(now, "an entry");
    int64_t any, all;
    bool code = entry.flags & FPS__ENTRY_CODE;
    fps_status status = find_list(now, entry.component, entry.any, code, &any);
    if (!status)
        status = find_list(now, entry.component, entry.all, code, &all);
    if (status)
        return status;
    sqlite3_stmt *statement =
        fps__workbench_statement_get(now->workbench, FPS__WORKBENCH_INSERT_GROUP, now->error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    size_t size = fps__workbench_encode(list, now->key_rows + first, count);
    sqlite3_bind_int64(statement, 1, now->set);
    fps__workbench_bind_text(statement, 2, component.id);
    fps__workbench_bind_text(statement, 3, unit.name);
    sqlite3_bind_int64(statement, 4, any);
    sqlite3_bind_int64(statement, 5, all);
    sqlite3_bind_int(statement, 6, entry.weight);
    sqlite3_bind_int(statement, 7, entry.flags);
    sqlite3_bind_int64(statement, 8, (int64_t)count);
    sqlite3_bind_blob64(statement, 9, list, size, SQLITE_STATIC);
    return fps__workbench_run(now->workbench, statement, now->error);
}

static fps_status write_groups(importing *now)
{
    uint64_t most = 0;
    for (uint64_t e = 0; e < now->counts.entries; e++)
        if (now->first_key[e + 1] - now->first_key[e] > most)
            most = now->first_key[e + 1] - now->first_key[e];
    uint8_t *list = malloc(most * 5 + 1);
    fps_status status = list ? FPS_OK : fps__fail_memory(now->error);
    for (uint32_t e = 0; e < now->counts.entries && !status; e++)
        status = write_group(now, e, list);
    free(list);
    return status;
}

static fps_status write_template(importing *now, uint32_t id)
{
    fps__set_template template_;
    fps__set_component component;
    int64_t list;
    if (!fps__database_template(now->database, id, &template_) ||
        !fps__database_component(now->database, template_.component, &component))
        return corrupt(now, "a template");
    fps_status status = find_list(now, template_.component, template_.learnt_from, false, &list);
    sqlite3_stmt *statement =
        status ? NULL
               : fps__workbench_statement_get(now->workbench, FPS__WORKBENCH_INSERT_TEMPLATE, now->error);
    if (!statement)
        return status ? status : FPS_ERROR_CORRUPT;
    sqlite3_bind_int64(statement, 1, now->set);
    fps__workbench_bind_text(statement, 2, component.id);
    sqlite3_bind_int64(statement, 3, (int64_t)template_.key);
    fps__workbench_bind_text(statement, 4, template_.text);
    sqlite3_bind_int64(statement, 5, list);
    sqlite3_bind_int64(statement, 6, template_.negative_hits);
    return fps__workbench_run(now->workbench, statement, now->error);
}

/* ---- histories ---- */

/* The history key of each range's texts, by position: first_key[r] .. first_key[r + 1] of `keys`. */
typedef struct range_keys {
    uint32_t *first;
    uint64_t *keys;
} range_keys;

static void free_range_keys(range_keys *some)
{
    free(some->first);
    free(some->keys);
}

static fps_status group_history_keys(importing *now, range_keys *some)
{
    uint64_t ranges = now->counts.history_ranges, count = now->counts.history_keys, key;
    uint32_t range;
    some->first = calloc(ranges + 2, sizeof *some->first);
    some->keys = malloc(count * sizeof *some->keys + 1);
    if (!some->first || !some->keys)
        return fps__fail_memory(now->error);
    for (uint64_t i = 0; i < count; i++) {
        if (!fps__database_history_key(now->database, i, &key, &range))
            return corrupt(now, "a list of releases");
        some->first[range + 2]++; /* one place further on: filling moves each start to the next one's */
    }
    for (uint64_t r = 0; r < ranges; r++)
        some->first[r + 2] += some->first[r + 1];
    for (uint64_t i = 0; i < count; i++)
        if (fps__database_history_key(now->database, i, &key, &range))
            some->keys[some->first[range + 1]++] = key;
    return FPS_OK;
}

/* A day of a set as YYYY-MM-DD; nothing for 0 and for days that no calendar needs. */
static void print_day(uint32_t day, char date[16])
{
    time_t seconds = (time_t)day * 86400;
    struct tm parts;
    date[0] = '\0';
    if (day && day <= MAX_DAY && gmtime_r(&seconds, &parts))
        strftime(date, 16, "%Y-%m-%d", &parts);
}

static fps_status take_history_releases(importing *now, const fps__set_history *from, fps__history *history)
{
    for (uint32_t r = 0; r < from->count; r++) {
        fps__set_history_release release;
        char date[16];
        if (!fps__database_history_release(now->database, from->first + r, &release) || !*release.version ||
            strlen(release.version) >= FPS__MAX_VERSION)
            return corrupt(now, "a release of a history");
        print_day(release.day, date);
        fps__history_release made = {fps__arena_string(&history->arena, release.version), "",
                                     fps__arena_string(&history->arena, date)};
        if (!made.version || !made.date)
            return fps__fail_memory(now->error);
        fps_status status =
            fps__workbench_reserved(FPS__ARRAY_PUSH(&history->releases, &made, FPS__HISTORY_RELEASES),
                                    now->workbench->path, "releases of a history", now->error);
        if (status)
            return status;
    }
    return FPS_OK;
}

/* Units up to `last`, by number: their names are not in the set. */
static bool add_units(fps__history *history, uint32_t last)
{
    while (history->units.count <= last) {
        char name[16];
        snprintf(name, sizeof name, "%05zu", history->units.count); /* in their order as texts, too */
        const char *unit = fps__arena_string(&history->arena, name);
        if (!unit || FPS__ARRAY_PUSH(&history->units, &unit, UINT16_MAX + 1) != FPS_OK)
            return false;
    }
    return true;
}

/* The texts of one range. What the set does not keep of them is what lets them be kept again: they are of several
 * words, and of one unit without a name. */
static fps_status take_range(importing *now, const fps__set_history *from, uint32_t id,
                             const range_keys *some, fps__history *history)
{
    fps__set_history_range range;
    FPS__ARRAY(fps__history_range) ranges = {NULL, 0, 0};
    if (!fps__database_history_range(now->database, id, &range) || !range.pair_count)
        return corrupt(now, "a list of releases");
    fps_status status = FPS_OK;
    for (uint32_t p = 0; p < range.pair_count && !status; p++) {
        fps__history_range pair;
        if (!fps__database_history_pair(now->database, range.pairs + p, &pair.first, &pair.last) ||
            pair.last >= from->count || (p && pair.first < ranges.items[p - 1].last + 2))
            status = corrupt(now, "a range of releases");
        else if (FPS__ARRAY_PUSH(&ranges, &pair, UINT16_MAX))
            status = fps__fail_memory(now->error);
    }
    fps__history_text text = {.length = 1, .text_class = FPS__HISTORY_LETTERS | FPS__HISTORY_WORDS};
    if (!status && !add_units(history, range.unit))
        status = fps__fail_memory(now->error);
    if (!status &&
        (fps__history_intern(history, (fps__history_range[]){{range.unit, range.unit}}, 1, &text.units) ||
         fps__history_intern(history, ranges.items, ranges.count, &text.releases)))
        status = fps__fail_memory(now->error);
    free(ranges.items);
    for (uint32_t k = some->first[id]; k < some->first[id + 1] && !status; k++) {
        text.hash = some->keys[k];
        status = fps__workbench_reserved(FPS__ARRAY_PUSH(&history->texts, &text, FPS__HISTORY_KEYS),
                                         now->workbench->path, "texts of a history", now->error);
    }
    return status;
}

static fps_status store_history(importing *now, const fps__history *made)
{
    char file[sizeof now->info.digest * 2 + 8] = "set ";
    for (size_t i = 0; i < sizeof now->info.digest; i++)
        snprintf(file + 4 + 2 * i, 3, "%02x", now->info.digest[i]);
    fps__history *sorted;
    bool known, replaced;
    fps_status status = fps__history_merge(&made, 1, &sorted, now->error);
    if (!status)
        status = fps__workbench_store_history(now->workbench, sorted, file, &known, &replaced, now->error);
    fps__history_free(sorted);
    return status;
}

static fps_status write_history(importing *now, uint32_t index, const range_keys *some)
{
    fps__set_history from;
    fps__set_component component;
    uint32_t id;
    if (!fps__database_history_by_index(now->database, index, &id, &from) ||
        !fps__database_component(now->database, id, &component))
        return corrupt(now, "a history");
    fps__history *history = fps__history_create();
    if (!history)
        return fps__fail_memory(now->error);
    history->component = fps__arena_string(&history->arena, component.id);
    fps_status status =
        history->component ? take_history_releases(now, &from, history) : fps__fail_memory(now->error);
    for (uint32_t r = 0; r < from.range_count && !status; r++)
        status = take_range(now, &from, from.first_range + r, some, history);
    if (!status)
        status = store_history(now, history);
    fps__history_free(history);
    return status;
}

static fps_status write_histories(importing *now)
{
    range_keys some = {NULL, NULL};
    fps_status status = now->counts.histories ? group_history_keys(now, &some) : FPS_OK;
    for (uint32_t i = 0; i < now->counts.histories && !status; i++)
        status = write_history(now, i, &some);
    free_range_keys(&some);
    return status;
}

/* ---- patches ---- */

static fps_status write_patch(importing *now, uint32_t id)
{
    fps__set_patch patch;
    fps__set_component component;
    if (!fps__database_patch(now->database, id, &patch) ||
        !fps__database_component(now->database, patch.component, &component) || !*patch.cve)
        return corrupt(now, "a patch");
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < patch.count && !status; i++) {
        fps__set_patch_function function;
        if (!fps__database_patch_function(now->database, patch.first + i, &function))
            return corrupt(now, "a function of a patch");
        const fps__patch_row row = {.component = component.id,
                                    .cve = patch.cve,
                                    .name = function.name,
                                    .toolchain = function.toolchain,
                                    .origin = function.origin,
                                    .key = function.key,
                                    .machine = function.machine,
                                    .fixed = function.fixed};
        status = fps__workbench_store_patch_row(now->workbench, &row, now->error);
    }
    return status;
}

/* ---- all of it ---- */

static fps_status write_all(importing *now)
{
    fps_status status = write_components(now);
    if (!status)
        status = group_keys(now);
    if (!status)
        status = write_groups(now);
    for (uint32_t t = 0; t < now->counts.templates && !status; t++)
        status = write_template(now, t);
    if (!status)
        status = write_histories(now);
    for (uint32_t p = 0; p < now->counts.patches && !status; p++)
        status = write_patch(now, p);
    return status;
}

/* A set of other feature parameters cannot be mixed with builds of this program's. */
static fps_status check_parameters(importing *now)
{
    if (!now->info.refused_kinds)
        return FPS_OK;
    return fps__fail(now->error, FPS_ERROR_VERSION, NULL, UINT64_MAX,
                     "the set was made with other feature parameters (kinds 0x%x)", now->info.refused_kinds);
}

fps_status fps_workbench_import(fps_workbench *workbench, const fps_database *database, fps_error *error)
{
    importing now = {.workbench = workbench, .database = database, .error = error};
    fps_database_read_info(database, &now.info);
    fps__database_counts(database, &now.counts);
    bool known = false;
    fps_status status = check_parameters(&now);
    if (!status)
        status = fps__workbench_begin(workbench, error);
    if (status)
        return status;
    status = write_set(&now, &known);
    if (!status && !known)
        status = write_all(&now);
    free(now.first_key);
    free(now.key_rows);
    free(now.text.items);
    fps__arena_free(&now.words);
    fps__key_map_free(&now.lists);
    return fps__workbench_end(workbench, status, error);
}
