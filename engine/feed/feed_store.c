/* What readers put into the database: packages, advisories, names, ranges. */
#include "feed/feed_state.h"

#include "util/cursor.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const char *const statements[FPS__FEED_STATEMENTS] = {
    [FPS__FEED_ADD_PACKAGE] = "INSERT INTO package (space, name, scheme) VALUES (?, ?, ?)",
    [FPS__FEED_FIND_PACKAGE] = "SELECT id FROM package WHERE space = ? AND name = ?",
    [FPS__FEED_ADD_ADVISORY] =
        "INSERT INTO advisory (source, name, severity, score, vector, modified, withdrawn, title)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    [FPS__FEED_FIND_ADVISORY] = "SELECT id FROM advisory WHERE source = ? AND name = ?",
    [FPS__FEED_FILL_ADVISORY] =
        "UPDATE advisory SET severity = max(severity, ?3), score = max(score, ?4), vector = iif(vector = '', ?5, vector),"
        " modified = max(modified, ?6), withdrawn = min(withdrawn, ?7), title = iif(title = '', ?8, title) WHERE source = ?1 AND name = ?2",
    [FPS__FEED_ADD_ALIAS] = "INSERT OR IGNORE INTO alias (advisory, name) VALUES (?, ?)",
    [FPS__FEED_ADD_RANGE] =
        "INSERT OR IGNORE INTO affected (package, hi, lo, advisory, kind, range, fixed, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [FPS__FEED_ADD_ROUTINE] = "INSERT OR IGNORE INTO routine (advisory, name) VALUES (?, ?)",
    [FPS__FEED_ADD_EPSS] =
        "INSERT OR REPLACE INTO epss (name, source, score, percentile) VALUES (?, ?, ?, ?)",
    [FPS__FEED_ADD_KEV] =
        "INSERT OR REPLACE INTO kev (name, source, added, due, ransomware) VALUES (?, ?, ?, ?, ?)",
    [FPS__FEED_ADD_SSVC] =
        "INSERT OR REPLACE INTO ssvc (name, source, exploitation, automatable, impact) VALUES (?, ?, ?, ?, ?)",
    [FPS__FEED_ADD_LINK] = "INSERT OR IGNORE INTO link (component, space, name, source) VALUES (?, ?, ?, ?)",
};

sqlite3_stmt *fps__feed_prepare(fps__feed *feed, fps__feed_statement which, fps_error *error)
{
    sqlite3_stmt **statement = &feed->statements[which];
    if (!*statement && sqlite3_prepare_v3(feed->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
                                          statement, NULL) != SQLITE_OK) {
        fps__advisory_fail(feed->db, feed->database, error);
        return NULL;
    }
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    return *statement;
}

void fps__feed_finalize(fps__feed *feed)
{
    for (int i = 0; i < FPS__FEED_STATEMENTS; i++)
        sqlite3_finalize(feed->statements[i]);
    memset(feed->statements, 0, sizeof feed->statements);
}

/* Runs a statement that was bound. */
static fps_status run(fps__feed *feed, sqlite3_stmt *statement, fps_error *error)
{
    int got = sqlite3_step(statement);
    fps_status status = got == SQLITE_DONE || got == SQLITE_ROW
                            ? FPS_OK
                            : fps__advisory_fail(feed->db, feed->database, error);
    sqlite3_reset(statement);
    return status;
}

static void bind(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text ? text : "", -1, SQLITE_STATIC);
}

/* Steps a query for one id; 0 when there is no row. */
static fps_status find_id(fps__feed *feed, sqlite3_stmt *statement, int64_t *id, fps_error *error)
{
    int got = sqlite3_step(statement);
    *id = got == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    fps_status status = got == SQLITE_DONE || got == SQLITE_ROW
                            ? FPS_OK
                            : fps__advisory_fail(feed->db, feed->database, error);
    sqlite3_reset(statement);
    return status;
}

/* ---- packages ---- */

static fps_status add_package(fps__feed *feed, const fps__subject *subject, int64_t *id, fps_error *error)
{
    sqlite3_stmt *statement = fps__feed_prepare(feed, FPS__FEED_FIND_PACKAGE, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    bind(statement, 1, subject->space);
    bind(statement, 2, subject->name);
    fps_status status = find_id(feed, statement, id, error);
    if (status || *id)
        return status;
    statement = fps__feed_prepare(feed, FPS__FEED_ADD_PACKAGE, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    bind(statement, 1, subject->space);
    bind(statement, 2, subject->name);
    sqlite3_bind_int(statement, 3, (int)fps__space_scheme(subject->space, subject->name));
    status = run(feed, statement, error);
    *id = sqlite3_last_insert_rowid(feed->db);
    return status;
}

/* The rows of packages by a hash of 64 bits of their names: two of a million share one with a chance of 1 in 40 million. */
static fps_status find_package(fps__feed *feed, const fps__subject *subject, int64_t *id, fps_error *error)
{
    uint64_t key = XXH3_64bits_withSeed(subject->name, strlen(subject->name),
                                        XXH3_64bits(subject->space, strlen(subject->space)));
    bool fresh;
    uint32_t *known = fps__key_map_add(&feed->packages, key ? key : 1, &fresh);
    if (!known)
        return fps__fail_memory(error);
    if (!fresh && *known) {
        *id = *known;
        return FPS_OK;
    }
    fps_status status = add_package(feed, subject, id, error);
    if (!status)
        *known = (uint32_t)*id;
    return status;
}

/* ---- advisories ---- */

/* Copies the first line of a text, at most `size` - 1 bytes of it, cut between characters. */
static void copy_line(char *to, size_t size, const char *text)
{
    size_t used = 0;
    text += strspn(text, " \t\r\n");
    for (; *text && *text != '\n' && *text != '\r' && used + 1 < size; text++)
        to[used++] = *text == '\t' ? ' ' : *text;
    if (*text && used + 1 >= size)
        while (used && ((unsigned char)to[used] & 0xc0) == 0x80)
            used--;
    while (used && ((unsigned char)to[used - 1] & 0xc0) == 0xc0)
        used--;
    while (used && to[used - 1] == ' ')
        used--;
    to[used] = '\0';
}

static fps_status bind_advisory(fps__feed *feed, fps__feed_statement which,
                                const fps__feed_advisory *advisory, const char *title, fps_error *error)
{
    sqlite3_stmt *statement = fps__feed_prepare(feed, which, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    char modified[11] = "";
    if (advisory->modified && strlen(advisory->modified) >= 10)
        memcpy(modified, advisory->modified, 10);
    fps__severity severity =
        advisory->score > 0 ? fps__severity_of_score(advisory->score) : advisory->severity;
    sqlite3_bind_int64(statement, 1, feed->part->id);
    bind(statement, 2, advisory->name);
    sqlite3_bind_int(statement, 3, (int)severity);
    sqlite3_bind_double(statement, 4, advisory->score > 0 && advisory->score <= 10 ? advisory->score : 0);
    bind(statement, 5, advisory->vector);
    bind(statement, 6, modified);
    sqlite3_bind_int(statement, 7, advisory->withdrawn);
    bind(statement, 8, title);
    return run(feed, statement, error);
}

fps_status fps__feed_put_advisory(fps__feed *feed, const fps__feed_advisory *advisory, int64_t *id,
                                  fps_error *error)
{
    char title[FPS__FEED_MAX_TITLE];
    *id = 0;
    fps_status status = fps__feed_start_part(feed, error);
    if (status)
        return status;
    copy_line(title, sizeof title, advisory->title ? advisory->title : "");
    status = bind_advisory(feed, FPS__FEED_ADD_ADVISORY, advisory, title, error);
    if (!status && sqlite3_changes(feed->db)) {
        *id = sqlite3_last_insert_rowid(feed->db);
        return FPS_OK;
    }
    if (!status)
        status = bind_advisory(feed, FPS__FEED_FILL_ADVISORY, advisory, title, error);
    sqlite3_stmt *statement = status ? NULL : fps__feed_prepare(feed, FPS__FEED_FIND_ADVISORY, error);
    if (!statement)
        return status ? status : FPS_ERROR_CORRUPT;
    sqlite3_bind_int64(statement, 1, feed->part->id);
    bind(statement, 2, advisory->name);
    return find_id(feed, statement, id, error);
}

static fps_status put_name(fps__feed *feed, fps__feed_statement which, int64_t advisory, const char *name,
                           fps_error *error)
{
    sqlite3_stmt *statement = fps__feed_prepare(feed, which, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    sqlite3_bind_int64(statement, 1, advisory);
    bind(statement, 2, name);
    return run(feed, statement, error);
}

fps_status fps__feed_put_alias(fps__feed *feed, int64_t advisory, const char *name, fps_error *error)
{
    if (!*name || strlen(name) >= FPS__MAX_ADVISORY_NAME)
        return FPS_OK;
    feed->names++;
    return put_name(feed, FPS__FEED_ADD_ALIAS, advisory, name, error);
}

fps_status fps__feed_put_routine(fps__feed *feed, int64_t advisory, const char *name, fps_error *error)
{
    return !name || !*name || strlen(name) > FPS__MAX_NAME
               ? FPS_OK
               : put_name(feed, FPS__FEED_ADD_ROUTINE, advisory, name, error);
}

/* ---- ranges ---- */

/* What a range is in words: "from 1.2 before 1.3". */
static void write_range(fps__cursor *cursor, const fps__feed_range *range)
{
    if (range->from && range->to && range->through && !range->after && !strcmp(range->from, range->to)) {
        fps__cursor_text(cursor, "version ");
        fps__cursor_text(cursor, range->from);
        return;
    }
    if (range->from) {
        fps__cursor_text(cursor, range->after ? "after " : "from ");
        fps__cursor_text(cursor, range->from);
    }
    if (range->to) {
        fps__cursor_text(cursor, range->from ? " " : "");
        fps__cursor_text(cursor, range->through ? "up to " : "before ");
        fps__cursor_text(cursor, range->to);
    }
    if (!range->from && !range->to)
        fps__cursor_text(cursor, "all versions");
}

/* The key of one end; see advisory_database.h. A range of one version may have one that its scheme does not know. */
static bool make_end(const fps__feed_range *range, const char *version, bool next,
                     uint8_t key[FPS__MAX_KEY + 1], size_t *size)
{
    bool single = range->from && range->to && range->through && !strcmp(range->from, range->to);
    fps__key_scheme scheme = fps__space_scheme(range->subject->space, range->subject->name);
    if (strpbrk(version, " \t\r\n"))
        return false;
    *size = single ? fps__version_key_exact(scheme, version, key) : fps__version_key(scheme, version, key);
    if (*size && next)
        key[(*size)++] = 0;
    return *size != 0;
}

fps_status fps__feed_put_range(fps__feed *feed, int64_t advisory, const fps__feed_range *range,
                               fps_error *error)
{
    uint8_t lo[FPS__MAX_KEY + 1], hi[FPS__MAX_KEY + 1] = {0xff};
    size_t lo_size = 0, hi_size = 1;
    const fps__subject *subject = range->subject;
    if ((range->from && !make_end(range, range->from, range->after, lo, &lo_size)) ||
        (range->to && !make_end(range, range->to, range->through, hi, &hi_size))) {
        fps__feed_bad(feed, "a version that is none for its package",
                      range->from && !lo_size ? range->from : range->to);
        return FPS_OK;
    }
    int order = memcmp(lo, hi, lo_size < hi_size ? lo_size : hi_size);
    if (lo_size && (order > 0 || (!order && lo_size >= hi_size))) {
        fps__feed_bad(feed, "a range that ends before it begins", range->from);
        return FPS_OK;
    }
    int64_t package = 0;
    fps_status status = find_package(feed, subject, &package, error);
    sqlite3_stmt *statement = status ? NULL : fps__feed_prepare(feed, FPS__FEED_ADD_RANGE, error);
    if (!statement)
        return status ? status : FPS_ERROR_CORRUPT;
    char words[2 * FPS__MAX_KEY_VERSION + 32], note[FPS__FEED_MAX_NOTE];
    fps__cursor cursor = {.text = words, .size = sizeof words};
    write_range(&cursor, range);
    fps__cursor_finish(&cursor);
    copy_line(note, sizeof note, range->note ? range->note : "");
    const char *fixed = range->fixed ? range->fixed : range->to && !range->through ? range->to : "";
    sqlite3_bind_int64(statement, 1, package);
    sqlite3_bind_blob(statement, 2, hi, (int)hi_size, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 3, lo_size ? lo : hi, (int)lo_size, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 4, advisory);
    sqlite3_bind_int(statement, 5, (int)range->kind);
    bind(statement, 6, words);
    bind(statement, 7, fixed);
    if (*note)
        bind(statement, 8, note);
    feed->ranges++;
    return run(feed, statement, error);
}

fps_status fps__feed_put_exact(fps__feed *feed, int64_t advisory, const fps__subject *subject,
                               fps__affected_kind kind, const char *version, fps_error *error)
{
    const fps__feed_range range = {
        .subject = subject, .kind = kind, .from = version, .to = version, .through = true};
    return fps__feed_put_range(feed, advisory, &range, error);
}

/* ---- facts about CVEs ---- */

fps_status fps__feed_put_epss(fps__feed *feed, const char *name, double score, double percentile,
                              fps_error *error)
{
    fps_status status = fps__feed_start_part(feed, error);
    sqlite3_stmt *statement = status ? NULL : fps__feed_prepare(feed, FPS__FEED_ADD_EPSS, error);
    if (!statement)
        return status ? status : FPS_ERROR_CORRUPT;
    bind(statement, 1, name);
    sqlite3_bind_int64(statement, 2, feed->part->id);
    sqlite3_bind_double(statement, 3, score);
    sqlite3_bind_double(statement, 4, percentile);
    return run(feed, statement, error);
}

fps_status fps__feed_put_kev(fps__feed *feed, const char *name, const char *added, const char *due,
                             bool ransomware, fps_error *error)
{
    fps_status status = fps__feed_start_part(feed, error);
    sqlite3_stmt *statement = status ? NULL : fps__feed_prepare(feed, FPS__FEED_ADD_KEV, error);
    if (!statement)
        return status ? status : FPS_ERROR_CORRUPT;
    bind(statement, 1, name);
    sqlite3_bind_int64(statement, 2, feed->part->id);
    bind(statement, 3, added);
    bind(statement, 4, due);
    sqlite3_bind_int(statement, 5, ransomware);
    return run(feed, statement, error);
}

fps_status fps__feed_put_ssvc(fps__feed *feed, const char *name, const char *exploitation,
                              const char *automatable, const char *impact, fps_error *error)
{
    fps_status status = fps__feed_start_part(feed, error);
    sqlite3_stmt *statement = status ? NULL : fps__feed_prepare(feed, FPS__FEED_ADD_SSVC, error);
    if (!statement)
        return status ? status : FPS_ERROR_CORRUPT;
    bind(statement, 1, name);
    sqlite3_bind_int64(statement, 2, feed->part->id);
    bind(statement, 3, exploitation);
    bind(statement, 4, automatable);
    bind(statement, 5, impact);
    return run(feed, statement, error);
}

fps_status fps__feed_put_link(fps__feed *feed, const char *component, const char *space, const char *name,
                              fps_error *error)
{
    fps_status status = fps__feed_start_part(feed, error);
    sqlite3_stmt *statement = status ? NULL : fps__feed_prepare(feed, FPS__FEED_ADD_LINK, error);
    if (!statement)
        return status ? status : FPS_ERROR_CORRUPT;
    bind(statement, 1, component);
    bind(statement, 2, space);
    bind(statement, 3, name);
    sqlite3_bind_int64(statement, 4, feed->part->id);
    return run(feed, statement, error);
}
