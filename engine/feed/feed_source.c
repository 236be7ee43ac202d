/* The rows of a source: its counts, its bad records, and how it is removed. */
#include "feed/feed_state.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CALLS = 20 }; /* of the callback, for each reason */

void fps__feed_count(fps__feed *feed)
{
    feed->part->records++;
}

const char *fps__feed_path(const fps__feed *feed)
{
    return feed->path;
}

void fps__feed_bad(fps__feed *feed, const char *reason, const char *example)
{
    fps__feed_part *part = feed->part;
    size_t i = 0;
    part->bad++;
    while (i < part->reasons.count && strcmp(part->reasons.items[i].text, reason) != 0)
        i++;
    if (i == part->reasons.count) {
        fps__feed_reason made = {.text = reason};
        strncpy(made.example, feed->path, sizeof made.example - 1);
        size_t used = strlen(made.example);
        if (example && used + 4 < sizeof made.example) {
            memcpy(made.example + used, ": ", 3);
            strncat(made.example, example, sizeof made.example - used - 3);
        }
        if (FPS__ARRAY_PUSH(&part->reasons, &made, FPS__FEED_MAX_BAD_REASONS))
            return;
    }
    if (++part->reasons.items[i].count <= MOST_CALLS && feed->options->skipped)
        feed->options->skipped(feed->options->user, example && *example ? example : feed->path, reason);
}

void fps__feed_date(fps__feed *feed, const char *date)
{
    /* Years that no record has, as Go's "0001-01-01", say nothing. */
    if (date && strlen(date) >= 10 && date[4] == '-' && strncmp(date, "1990", 4) > 0 &&
        strncmp(date, feed->part->date, 10) > 0)
        memcpy(feed->part->date, date, 10);
}

fps_status fps__feed_start_part(fps__feed *feed, fps_error *error)
{
    if (feed->part->id)
        return FPS_OK;
    sqlite3_stmt *statement = NULL;
    static const char sql[] =
        "INSERT INTO source (name, format, date, digest, files, records, bad) VALUES (?, ?, '', x'', 0, 0, 0)";
    fps_status status = FPS_OK;
    if (sqlite3_prepare_v2(feed->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_text(statement, 1, feed->source, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_bind_text(statement, 2, feed->part->format->name, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_DONE)
        status = fps__advisory_fail(feed->db, feed->database, error);
    feed->part->id = sqlite3_last_insert_rowid(feed->db);
    sqlite3_finalize(statement);
    return status;
}

static fps_status write_reasons(fps__feed *feed, fps__feed_part *part, fps_error *error)
{
    sqlite3_stmt *statement = NULL;
    fps_status status = FPS_OK;
    if (sqlite3_prepare_v2(feed->db, "INSERT INTO bad (source, reason, count, example) VALUES (?, ?, ?, ?)",
                           -1, &statement, NULL) != SQLITE_OK)
        status = fps__advisory_fail(feed->db, feed->database, error);
    for (size_t i = 0; i < part->reasons.count && !status; i++) {
        sqlite3_reset(statement);
        sqlite3_bind_int64(statement, 1, part->id);
        sqlite3_bind_text(statement, 2, part->reasons.items[i].text, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 3, (sqlite3_int64)part->reasons.items[i].count);
        sqlite3_bind_text(statement, 4, part->reasons.items[i].example, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) != SQLITE_DONE)
            status = fps__advisory_fail(feed->db, feed->database, error);
    }
    sqlite3_finalize(statement);
    return status;
}

fps_status fps__feed_write_parts(fps__feed *feed, fps_error *error)
{
    static const char sql[] =
        "UPDATE source SET date = ?, digest = ?, files = ?, records = ?, bad = ? WHERE id = ?";
    sqlite3_stmt *statement = NULL;
    fps_status status = FPS_OK;
    if (sqlite3_prepare_v2(feed->db, sql, -1, &statement, NULL) != SQLITE_OK)
        status = fps__advisory_fail(feed->db, feed->database, error);
    for (size_t i = 0; i < feed->part_count && !status; i++) {
        feed->part = &feed->parts[i];
        status = fps__feed_start_part(feed, error);
        if (status)
            break;
        sqlite3_reset(statement);
        const char *date =
            feed->part->date[0] || !feed->options->date ? feed->part->date : feed->options->date;
        sqlite3_bind_text(statement, 1, date, -1, SQLITE_STATIC);
        sqlite3_bind_blob(statement, 2, feed->digest, sizeof feed->digest, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 3, (sqlite3_int64)feed->part->files);
        sqlite3_bind_int64(statement, 4, (sqlite3_int64)feed->part->records);
        sqlite3_bind_int64(statement, 5, (sqlite3_int64)feed->part->bad);
        sqlite3_bind_int64(statement, 6, feed->part->id);
        if (sqlite3_step(statement) != SQLITE_DONE)
            status = fps__advisory_fail(feed->db, feed->database, error);
        if (!status)
            status = write_reasons(feed, feed->part, error);
    }
    sqlite3_finalize(statement);
    return status;
}

fps_status fps__feed_remove(sqlite3 *db, const char *path, const char *source, bool *found, fps_error *error)
{
    /* Each ends with the condition on the rows of the source. */
#define OF_SOURCE   "source IN (SELECT id FROM source WHERE name = ?1)"
#define OF_ADVISORY "advisory IN (SELECT id FROM advisory WHERE " OF_SOURCE ")"
    static const char *const steps[] = {
        "DELETE FROM affected WHERE " OF_ADVISORY, "DELETE FROM alias WHERE " OF_ADVISORY,
        "DELETE FROM routine WHERE " OF_ADVISORY,  "DELETE FROM advisory WHERE " OF_SOURCE,
        "DELETE FROM epss WHERE " OF_SOURCE,       "DELETE FROM kev WHERE " OF_SOURCE,
        "DELETE FROM ssvc WHERE " OF_SOURCE,       "DELETE FROM link WHERE " OF_SOURCE,
        "DELETE FROM bad WHERE " OF_SOURCE,        "DELETE FROM source WHERE name = ?1",
    };
    fps_status status = FPS_OK;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !status; i++) {
        sqlite3_stmt *statement = NULL;
        if (sqlite3_prepare_v2(db, steps[i], -1, &statement, NULL) != SQLITE_OK ||
            sqlite3_bind_text(statement, 1, source, -1, SQLITE_STATIC) != SQLITE_OK ||
            sqlite3_step(statement) != SQLITE_DONE)
            status = fps__advisory_fail(db, path, error);
        sqlite3_finalize(statement);
    }
    *found = !status && sqlite3_changes(db) > 0;
    return status;
}
