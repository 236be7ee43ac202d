/* Release histories as rows: writing them, reading them back, the union of a component's releases. */
#include "workbench/workbench_history.h"

#include "util/error.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_HISTORIES = 100000, MAX_VARINT = 5 };

/* Lists of ranges are there once for all histories: a varint for each gap and each length. Texts and names have no ids
 * of their own; within a history they lie in the order of their hashes. */
const char fps__workbench_history_schema[] =
    "CREATE TABLE history (id INTEGER PRIMARY KEY, digest BLOB NOT NULL, component TEXT NOT NULL,"
    " file TEXT NOT NULL, UNIQUE (component, file));"
    "CREATE TABLE history_source (history INTEGER NOT NULL, place INTEGER NOT NULL, location TEXT NOT NULL,"
    " revision TEXT NOT NULL, date TEXT NOT NULL, PRIMARY KEY (history, place)) WITHOUT ROWID;"
    "CREATE TABLE history_release (history INTEGER NOT NULL, place INTEGER NOT NULL, version TEXT NOT NULL,"
    " tag TEXT NOT NULL, date TEXT NOT NULL, PRIMARY KEY (history, place)) WITHOUT ROWID;"
    "CREATE TABLE history_unit (history INTEGER NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY (history, place)) WITHOUT ROWID;"
    "CREATE TABLE history_list (id INTEGER PRIMARY KEY, ranges BLOB NOT NULL UNIQUE);"
    "CREATE TABLE history_text (history INTEGER NOT NULL, hash INTEGER NOT NULL, length INTEGER NOT NULL,"
    " class INTEGER NOT NULL, units INTEGER NOT NULL, releases INTEGER NOT NULL,"
    " PRIMARY KEY (history, hash)) WITHOUT ROWID;"
    "CREATE TABLE history_name (history INTEGER NOT NULL, hash INTEGER NOT NULL, releases INTEGER NOT NULL,"
    " PRIMARY KEY (history, hash)) WITHOUT ROWID;";

/* ---- writing ---- */

static fps_status run_number(fps_workbench *workbench, fps__workbench_statement which, int64_t number,
                             fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, which, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    sqlite3_bind_int64(statement, 1, number);
    return fps__workbench_run(workbench, statement, error);
}

/* The history of this component and file that is there: its id, 0 for none, and whether it is the same. */
static fps_status find_history(fps_workbench *workbench, const char *component, const char *file,
                               const uint8_t digest[FPS__SHA256_SIZE], int64_t *id, bool *same,
                               fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_FIND_HISTORY, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    fps__workbench_bind_text(statement, 1, component);
    fps__workbench_bind_text(statement, 2, file);
    int got = sqlite3_step(statement);
    *id = got == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    *same = got == SQLITE_ROW && sqlite3_column_bytes(statement, 1) == FPS__SHA256_SIZE &&
            !memcmp(sqlite3_column_blob(statement, 1), digest, FPS__SHA256_SIZE);
    fps_status status =
        got == SQLITE_ROW || got == SQLITE_DONE ? FPS_OK : fps__workbench_fail(workbench, error);
    sqlite3_reset(statement);
    return status;
}

static fps_status delete_history(fps_workbench *workbench, int64_t id, fps_error *error)
{
    static const fps__workbench_statement order[] = {
        FPS__WORKBENCH_DELETE_HISTORY_TEXTS,   FPS__WORKBENCH_DELETE_HISTORY_NAMES,
        FPS__WORKBENCH_DELETE_HISTORY_UNITS,   FPS__WORKBENCH_DELETE_HISTORY_RELEASES,
        FPS__WORKBENCH_DELETE_HISTORY_SOURCES, FPS__WORKBENCH_DELETE_HISTORY};
    fps_status status = FPS_OK;
    for (size_t i = 0; i < sizeof order / sizeof *order && !status; i++)
        status = run_number(workbench, order[i], id, error);
    return status;
}

static fps_status insert_history(fps_workbench *workbench, const fps__history *history, const char *file,
                                 const uint8_t digest[FPS__SHA256_SIZE], int64_t *id, fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_HISTORY, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    sqlite3_bind_blob(statement, 1, digest, FPS__SHA256_SIZE, SQLITE_STATIC);
    fps__workbench_bind_text(statement, 2, history->component);
    fps__workbench_bind_text(statement, 3, file);
    fps_status status = fps__workbench_run(workbench, statement, error);
    *id = sqlite3_last_insert_rowid(workbench->db);
    return status;
}

/* One row of three texts or less, at its place. */
static fps_status insert_row(fps_workbench *workbench, fps__workbench_statement which, int64_t id,
                             size_t place, const char *const texts[3], fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, which, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, (int64_t)place);
    for (int i = 0; i < 3 && texts[i]; i++)
        fps__workbench_bind_text(statement, 3 + i, texts[i]);
    return fps__workbench_run(workbench, statement, error);
}

static size_t put_number(uint8_t *out, uint32_t value)
{
    size_t used = 0;
    for (; value >= 0x80; value >>= 7)
        out[used++] = (uint8_t)(value | 0x80);
    out[used++] = (uint8_t)value;
    return used;
}

static fps_status insert_list(fps_workbench *workbench, const fps__history_range *ranges, uint32_t count,
                              int64_t *row, fps_error *error)
{
    uint8_t *bytes = malloc((size_t)count * 2 * MAX_VARINT + 1);
    size_t used = 0;
    uint32_t end = 0;
    if (!bytes)
        return fps__fail_memory(error);
    for (uint32_t i = 0; i < count; i++) {
        used += put_number(bytes + used, ranges[i].first - end);
        used += put_number(bytes + used, ranges[i].last - ranges[i].first);
        end = ranges[i].last;
    }
    sqlite3_stmt *insert = fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_HISTORY_LIST, error);
    sqlite3_stmt *find = fps__workbench_statement_get(workbench, FPS__WORKBENCH_FIND_HISTORY_LIST, error);
    fps_status status = insert && find ? FPS_OK : FPS_ERROR_CORRUPT;
    if (!status) {
        sqlite3_bind_blob64(insert, 1, bytes, used, SQLITE_STATIC);
        status = fps__workbench_run(workbench, insert, error);
    }
    if (!status) {
        sqlite3_bind_blob64(find, 1, bytes, used, SQLITE_STATIC);
        if (sqlite3_step(find) == SQLITE_ROW)
            *row = sqlite3_column_int64(find, 0);
        else
            status = fps__workbench_fail(workbench, error);
        sqlite3_reset(find);
    }
    free(bytes);
    return status;
}

/* SQLite orders hashes as signed numbers: rows go in in that order, so that the tables grow at their ends. */
static size_t first_negative(const void *rows, size_t count, size_t size)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (*(const uint64_t *)((const char *)rows + middle * size) >> 63)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static fps_status insert_texts(fps_workbench *workbench, const fps__history *history, int64_t id,
                               const int64_t *lists, fps_error *error)
{
    size_t count = history->texts.count,
           first = first_negative(history->texts.items, count, sizeof(fps__history_text));
    fps_status status = FPS_OK;
    for (size_t i = 0; i < count && !status; i++) {
        const fps__history_text *text = &history->texts.items[(first + i) % count];
        sqlite3_stmt *statement =
            fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_HISTORY_TEXT, error);
        if (!statement)
            return FPS_ERROR_CORRUPT;
        sqlite3_bind_int64(statement, 1, id);
        sqlite3_bind_int64(statement, 2, (int64_t)text->hash);
        sqlite3_bind_int64(statement, 3, text->length);
        sqlite3_bind_int(statement, 4, text->text_class);
        sqlite3_bind_int64(statement, 5, lists[text->units]);
        sqlite3_bind_int64(statement, 6, lists[text->releases]);
        status = fps__workbench_run(workbench, statement, error);
    }
    return status;
}

static fps_status insert_names(fps_workbench *workbench, const fps__history *history, int64_t id,
                               const int64_t *lists, fps_error *error)
{
    size_t count = history->names.count,
           first = first_negative(history->names.items, count, sizeof(fps__history_name));
    fps_status status = FPS_OK;
    for (size_t i = 0; i < count && !status; i++) {
        const fps__history_name *name = &history->names.items[(first + i) % count];
        sqlite3_stmt *statement =
            fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_HISTORY_NAME, error);
        if (!statement)
            return FPS_ERROR_CORRUPT;
        sqlite3_bind_int64(statement, 1, id);
        sqlite3_bind_int64(statement, 2, (int64_t)name->hash);
        sqlite3_bind_int64(statement, 3, lists[name->releases]);
        status = fps__workbench_run(workbench, statement, error);
    }
    return status;
}

static fps_status insert_rows(fps_workbench *workbench, const fps__history *history, int64_t id,
                              fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < history->sources.count && !status; i++) {
        const fps__history_source *from = &history->sources.items[i];
        status = insert_row(workbench, FPS__WORKBENCH_INSERT_HISTORY_SOURCE, id, i,
                            (const char *const[]){from->where, from->commit, from->date}, error);
    }
    for (size_t i = 0; i < history->releases.count && !status; i++) {
        const fps__history_release *from = &history->releases.items[i];
        status = insert_row(workbench, FPS__WORKBENCH_INSERT_HISTORY_RELEASE, id, i,
                            (const char *const[]){from->version, from->tag, from->date}, error);
    }
    for (size_t i = 0; i < history->units.count && !status; i++)
        status = insert_row(workbench, FPS__WORKBENCH_INSERT_HISTORY_UNIT, id, i,
                            (const char *const[]){history->units.items[i], NULL, NULL}, error);
    int64_t *lists = malloc(history->lists.count * sizeof *lists + 1);
    if (!status && !lists)
        status = fps__fail_memory(error);
    for (size_t i = 0; i < history->lists.count && !status; i++)
        status = insert_list(workbench, history->ranges.items + history->lists.items[i].first,
                             history->lists.items[i].count, &lists[i], error);
    if (!status)
        status = insert_texts(workbench, history, id, lists, error);
    if (!status)
        status = insert_names(workbench, history, id, lists, error);
    free(lists);
    return status;
}

/* A component that nothing else knows gets its id as its name. */
static fps_status insert_component(fps_workbench *workbench, const char *id, fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_FIND_COMPONENT, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    fps__workbench_bind_text(statement, 1, id);
    bool known = sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_reset(statement);
    fps__catalogue_component made = {.id = id,
                                     .name = id,
                                     .purl = "",
                                     .cpe = "",
                                     .license = "",
                                     .family = "",
                                     .sources = "",
                                     .vendors = ""};
    return known ? FPS_OK : fps__workbench_write_component(workbench, &made, FPS__WORKBENCH_FROM_HAND, error);
}

fps_status fps__workbench_store_history(fps_workbench *workbench, const fps__history *history,
                                        const char *file, bool *known, bool *replaced, fps_error *error)
{
    uint8_t digest[FPS__SHA256_SIZE];
    char *text;
    size_t size;
    int64_t id = 0;
    *known = *replaced = false;
    fps_status status = fps__history_render(history, &text, &size, error);
    if (status)
        return status;
    status = fps__workbench_digest(&(fps__span){(const uint8_t *)text, size}, 1, digest);
    free(text);
    if (status)
        return fps__fail_memory(error);
    status = find_history(workbench, history->component, file, digest, &id, known, error);
    *replaced = id && !*known;
    if (!status && *replaced)
        status = delete_history(workbench, id, error);
    if (!status && !*known)
        status = insert_history(workbench, history, file, digest, &id, error);
    if (!status && !*known)
        status = insert_rows(workbench, history, id, error);
    if (!status)
        status = insert_component(workbench, history->component, error);
    return status;
}

fps_status fps__workbench_write_history(fps_workbench *workbench, const fps__history *history,
                                        const char *file, bool *known, bool *replaced, fps_error *error)
{
    fps_status status = fps__workbench_begin(workbench, error);
    if (status)
        return status;
    status = fps__workbench_store_history(workbench, history, file, known, replaced, error);
    return fps__workbench_end(workbench, status, error);
}

/* ---- reading ---- */

typedef struct loading {
    fps_workbench *workbench;
    fps__history *history;
    fps__key_map lists; /* row to list of the history, plus one */
    FPS__ARRAY(fps__history_range) ranges;
    fps_error *error;
} loading;

static fps_status damaged(loading *now, const char *what)
{
    char text[64];
    snprintf(text, sizeof text, "%s of a history", what);
    return fps__workbench_damaged(now->workbench, text, now->error);
}

static bool get_number(fps__span bytes, size_t *at, uint32_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 7 * MAX_VARINT && *at < bytes.size; shift += 7) {
        uint8_t byte = bytes.data[(*at)++];
        *value |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static fps_status read_ranges(loading *now, fps__span bytes)
{
    size_t at = 0;
    uint64_t end = 0;
    now->ranges.count = 0;
    while (at < bytes.size) {
        uint32_t gap, more;
        if (!get_number(bytes, &at, &gap) || !get_number(bytes, &at, &more))
            return damaged(now, "a list");
        uint64_t first = end + gap, last = first + more;
        if (last >= UINT32_MAX || (now->ranges.count && gap < 2))
            return damaged(now, "a list");
        fps__history_range range = {(uint32_t)first, (uint32_t)last};
        fps_status status = fps__workbench_reserved(FPS__ARRAY_PUSH(&now->ranges, &range, FPS__HISTORY_UNITS),
                                                    now->workbench->path, "ranges in a list", now->error);
        if (status)
            return status;
        end = last;
    }
    return now->ranges.count ? FPS_OK : damaged(now, "a list");
}

/* The list of a row, all of whose indexes are below `limit`. */
static fps_status find_list(loading *now, int64_t row, size_t limit, uint32_t *list)
{
    bool fresh;
    if (row < 1)
        return damaged(now, "a list");
    uint32_t *found = fps__key_map_add(&now->lists, (uint64_t)row, &fresh);
    if (!found)
        return fps__fail_memory(now->error);
    if (fresh) {
        sqlite3_stmt *read =
            fps__workbench_statement_get(now->workbench, FPS__WORKBENCH_READ_HISTORY_LIST, now->error);
        if (!read)
            return FPS_ERROR_CORRUPT;
        sqlite3_bind_int64(read, 1, row);
        fps_status status = damaged(now, "a list");
        if (sqlite3_step(read) == SQLITE_ROW)
            status = read_ranges(
                now, (fps__span){sqlite3_column_blob(read, 0), (size_t)sqlite3_column_bytes(read, 0)});
        sqlite3_reset(read);
        if (!status)
            status = fps__workbench_reserved(
                fps__history_intern(now->history, now->ranges.items, now->ranges.count, found),
                now->workbench->path, "lists in a history", now->error);
        if (status)
            return status;
        ++*found;
    }
    *list = *found - 1;
    fps__history_list entry = now->history->lists.items[*list];
    return now->history->ranges.items[entry.first + entry.count - 1].last < limit ? FPS_OK
                                                                                  : damaged(now, "a list");
}

static const char *keep(loading *now, sqlite3_stmt *row, int column)
{
    return fps__arena_string(&now->history->arena, fps__workbench_text(row, column));
}

static fps_status take_source(loading *now, sqlite3_stmt *row)
{
    fps__history_source made = {keep(now, row, 0), keep(now, row, 1), keep(now, row, 2)};
    return made.where && made.commit && made.date
               ? FPS__ARRAY_PUSH(&now->history->sources, &made, FPS__HISTORY_RELEASES)
               : FPS_ERROR_MEMORY;
}

static fps_status take_release(loading *now, sqlite3_stmt *row)
{
    fps__history_release made = {keep(now, row, 0), keep(now, row, 1), keep(now, row, 2)};
    return made.version && made.tag && made.date
               ? FPS__ARRAY_PUSH(&now->history->releases, &made, FPS__HISTORY_RELEASES)
               : FPS_ERROR_MEMORY;
}

static fps_status take_unit(loading *now, sqlite3_stmt *row)
{
    const char *made = keep(now, row, 0);
    return made ? FPS__ARRAY_PUSH(&now->history->units, &made, FPS__HISTORY_UNITS) : FPS_ERROR_MEMORY;
}

static fps_status take_text(loading *now, sqlite3_stmt *row)
{
    int64_t length = sqlite3_column_int64(row, 1), text_class = sqlite3_column_int64(row, 2);
    if (length < 1 || length > UINT32_MAX || text_class < 0 || text_class >= FPS__HISTORY_CLASSES)
        return damaged(now, "a text");
    fps__history_text made = {.hash = (uint64_t)sqlite3_column_int64(row, 0),
                              .length = (uint32_t)length,
                              .text_class = (uint8_t)text_class};
    fps_status status = find_list(now, sqlite3_column_int64(row, 3), now->history->units.count, &made.units);
    if (!status)
        status = find_list(now, sqlite3_column_int64(row, 4), now->history->releases.count, &made.releases);
    return status ? status : FPS__ARRAY_PUSH(&now->history->texts, &made, FPS__HISTORY_KEYS);
}

static fps_status take_name(loading *now, sqlite3_stmt *row)
{
    fps__history_name made = {.hash = (uint64_t)sqlite3_column_int64(row, 0)};
    fps_status status =
        find_list(now, sqlite3_column_int64(row, 1), now->history->releases.count, &made.releases);
    return status ? status : FPS__ARRAY_PUSH(&now->history->names, &made, FPS__HISTORY_KEYS);
}

static const struct {
    const char *sql;
    fps_status (*take)(loading *now, sqlite3_stmt *row);
} tables[] = {
    {"SELECT location, revision, date FROM history_source WHERE history = ? ORDER BY place", take_source},
    {"SELECT version, tag, date FROM history_release WHERE history = ? ORDER BY place", take_release},
    {"SELECT name FROM history_unit WHERE history = ? ORDER BY place", take_unit},
    {"SELECT hash, length, class, units, releases FROM history_text WHERE history = ? ORDER BY hash",
     take_text},
    {"SELECT hash, releases FROM history_name WHERE history = ? ORDER BY hash", take_name},
};

static fps_status load_table(loading *now, size_t table, int64_t id)
{
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(now->workbench, tables[table].sql, &rows, now->error);
    int got = SQLITE_DONE;
    if (!status)
        sqlite3_bind_int64(rows, 1, id);
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        status = tables[table].take(now, rows);
        if (status == FPS_ERROR_LIMIT || status == FPS_ERROR_MEMORY)
            status = fps__workbench_reserved(status, now->workbench->path, "rows in a history", now->error);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(now->workbench, now->error);
    sqlite3_finalize(rows);
    return status;
}

static fps_status load_stored(fps_workbench *workbench, int64_t id, const char *component,
                              fps__history **history, fps_error *error)
{
    loading now = {.workbench = workbench, .history = fps__history_create(), .error = error};
    *history = NULL;
    if (!now.history)
        return fps__fail_memory(error);
    now.history->component = fps__arena_string(&now.history->arena, component);
    fps_status status = now.history->component ? FPS_OK : fps__fail_memory(error);
    for (size_t i = 0; i < sizeof tables / sizeof *tables && !status; i++)
        status = load_table(&now, i, id);
    fps__key_map_free(&now.lists);
    free(now.ranges.items);
    if (status)
        fps__history_free(now.history);
    else
        *history = now.history;
    return status;
}

typedef FPS__ARRAY(fps__history *) history_list;

static fps_status load_all(fps_workbench *workbench, const char *component, history_list *all,
                           fps_error *error)
{
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(
        workbench, "SELECT id FROM history WHERE component = ? ORDER BY file", &rows, error);
    int got = SQLITE_DONE;
    if (!status)
        fps__workbench_bind_text(rows, 1, component);
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        fps__history *history = NULL;
        status = load_stored(workbench, sqlite3_column_int64(rows, 0), component, &history, error);
        if (!status && FPS__ARRAY_PUSH(all, &history, MAX_HISTORIES)) {
            fps__history_free(history);
            status = fps__fail_memory(error);
        }
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(workbench, error);
    sqlite3_finalize(rows);
    return status;
}

fps_status fps__workbench_load_history(fps_workbench *workbench, const char *component,
                                       fps__history **history, fps_error *error)
{
    history_list all = {NULL, 0, 0};
    *history = NULL;
    fps_status status = load_all(workbench, component, &all, error);
    if (!status && !all.count)
        status =
            fps__fail(error, FPS_ERROR_NOT_FOUND, workbench->path, UINT64_MAX, "no history of %s", component);
    if (!status)
        status = fps__history_merge((const fps__history *const *)all.items, all.count, history, error);
    for (size_t i = 0; i < all.count; i++)
        fps__history_free(all.items[i]);
    free(all.items);
    return status;
}

fps_status fps__workbench_history_components(fps_workbench *workbench, fps__arena *arena,
                                             const char *const **ids, size_t *count, fps_error *error)
{
    FPS__ARRAY(const char *) found = {NULL, 0, 0};
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(
        workbench, "SELECT DISTINCT component FROM history ORDER BY component", &rows, error);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        const char *id = fps__arena_string(arena, fps__workbench_text(rows, 0));
        if (!id || FPS__ARRAY_PUSH(&found, &id, MAX_HISTORIES))
            status = fps__fail_memory(error);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(workbench, error);
    sqlite3_finalize(rows);
    *count = status ? 0 : found.count;
    *ids = fps__arena_copy(arena, found.items, *count, sizeof *found.items);
    if (*count && !*ids)
        status = fps__fail_memory(error);
    free(found.items);
    return status;
}

/* ---- all releases ---- */

enum { MAX_RELEASES = 1000000 };

typedef FPS__ARRAY(fps__known_release) release_list;

static fps_status add_release(release_list *list, fps__arena *arena, fps__span version, const char *date,
                              unsigned origins)
{
    fps__known_release made = {fps__arena_text(arena, (const char *)version.data, version.size),
                               fps__arena_string(arena, date), origins};
    if (!made.version || !made.date)
        return FPS_ERROR_MEMORY;
    return *made.version ? FPS__ARRAY_PUSH(list, &made, MAX_RELEASES) : FPS_OK;
}

/* Rows of a text of words, a date and what they are. */
static const char *const release_queries[] = {
    "SELECT releases, '', 1 FROM component WHERE id = ?",
    "SELECT DISTINCT version, '', 2 FROM build WHERE component = ? AND negative = 0",
    ("SELECT r.version, r.date, 4 FROM history h JOIN history_release r ON r.history = h.id WHERE h.component = ?"
     " ORDER BY h.file, r.place"),
};

static fps_status collect_releases(fps_workbench *workbench, size_t query, const char *component,
                                   fps__arena *arena, release_list *list, fps_error *error)
{
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(workbench, release_queries[query], &rows, error);
    int got = SQLITE_DONE;
    if (!status)
        fps__workbench_bind_text(rows, 1, component);
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        const char *words = fps__workbench_text(rows, 0);
        while (*words && !status) {
            size_t size = query ? strlen(words) : strcspn(words, " ");
            status = fps__workbench_reserved(
                add_release(list, arena, (fps__span){(const uint8_t *)words, size},
                            fps__workbench_text(rows, 1), (unsigned)sqlite3_column_int(rows, 2)),
                workbench->path, "releases", error);
            words += size + (words[size] == ' ');
        }
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(workbench, error);
    sqlite3_finalize(rows);
    return status;
}

/* By version; of equal ones the catalogue's comes first, then as written. */
static int compare_releases(const void *a, const void *b)
{
    const fps__known_release *left = a, *right = b;
    int order = fps__version_compare(left->version, right->version);
    if (order)
        return order;
    if (left->origins != right->origins)
        return left->origins < right->origins ? -1 : 1;
    order = strcmp(left->version, right->version);
    return order ? order : strcmp(left->date, right->date);
}

fps_status fps__workbench_load_releases(fps_workbench *workbench, const char *component, fps__arena *arena,
                                        const fps__known_release **releases, size_t *count, fps_error *error)
{
    release_list list = {NULL, 0, 0};
    fps_status status = FPS_OK;
    for (size_t i = 0; i < sizeof release_queries / sizeof *release_queries && !status; i++)
        status = collect_releases(workbench, i, component, arena, &list, error);
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, compare_releases);
    size_t kept = 0;
    for (size_t i = 0; i < list.count; i++) {
        fps__known_release *last = kept ? &list.items[kept - 1] : NULL;
        if (!last || fps__version_compare(last->version, list.items[i].version)) {
            list.items[kept++] = list.items[i];
            continue;
        }
        last->origins |= list.items[i].origins;
        if (!*last->date)
            last->date = list.items[i].date;
    }
    *count = status ? 0 : kept;
    *releases = fps__arena_copy(arena, list.items, *count, sizeof *list.items);
    if (*count && !*releases)
        status = fps__fail_memory(error);
    free(list.items);
    return status;
}

/* ---- another workbench ---- */

fps_status fps__workbench_merge_histories(fps_workbench *workbench, fps_workbench *other, fps_error *error)
{
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(
        other, "SELECT id, component, file FROM history ORDER BY component, file", &rows, error);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        fps__history *history;
        bool known, replaced;
        status =
            load_stored(other, sqlite3_column_int64(rows, 0), fps__workbench_text(rows, 1), &history, error);
        if (!status) {
            fps__history *sorted;
            status = fps__history_merge((const fps__history *const *)&history, 1, &sorted, error);
            if (!status)
                status = fps__workbench_write_history(workbench, sorted, fps__workbench_text(rows, 2), &known,
                                                      &replaced, error);
            fps__history_free(sorted);
            fps__history_free(history);
        }
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(other, error);
    sqlite3_finalize(rows);
    return status;
}
