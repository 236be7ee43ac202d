/* Reading the rows of one package for one version. */
#include "advisory/advisory_lookup.h"

#include "util/error.h"

#include <string.h>

/* What a range with the key says, and what is said of fixes below it: a fact of a distribution (AFFECTED before a fix, FIXED_FROM)
 * shows that the installed version has the fix. The primary key is (package, hi, lo, ...), so that both are ranges of it. */
static const char rows_sql[] =
    "SELECT f.advisory, f.kind, f.range, f.fixed, f.note, a.name, s.name, s.format, a.withdrawn, 1, f.hi <> x'ff', f.lo <> x''"
    " FROM affected f JOIN advisory a ON a.id = f.advisory JOIN source s ON s.id = a.source"
    " WHERE f.package = ?1 AND f.hi > ?2 AND f.lo <= ?2"
    " UNION ALL"
    " SELECT f.advisory, f.kind, f.range, f.fixed, f.note, a.name, s.name, s.format, a.withdrawn, 0, 1, 0"
    " FROM affected f JOIN advisory a ON a.id = f.advisory JOIN source s ON s.id = a.source"
    " WHERE f.package = ?1 AND f.hi <= ?2 AND f.fixed <> ''";

fps_status fps__lookup_open(fps__lookup *lookup, fps_advisory_database *database, fps_error *error)
{
    *lookup = (fps__lookup){.database = database};
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } all[] = {
        {&lookup->package, "SELECT id, scheme FROM package WHERE space = ? AND name = ?"},
        {&lookup->rows, rows_sql},
        {&lookup->names, "SELECT name FROM alias WHERE advisory = ?"},
        {&lookup->kin,
         "SELECT a.id, a.severity, a.score, a.vector, a.modified, a.withdrawn, a.title, s.name, s.format FROM advisory a JOIN source s ON s.id = a.source"
         " WHERE a.name = ?"},
        {&lookup->links, "SELECT DISTINCT space, name FROM link WHERE component = ?"},
        {&lookup->routines,
         "SELECT DISTINCT r.name FROM routine r JOIN advisory a ON a.id = r.advisory WHERE a.name = ? ORDER BY r.name"},
        {&lookup->own,
         "SELECT EXISTS (SELECT 1 FROM advisory a JOIN source s ON s.id = a.source JOIN affected f ON f.advisory = a.id"
         " WHERE s.name = ?1 AND NOT a.withdrawn AND f.package = ?3"
         " AND (a.name = ?2 OR a.id IN (SELECT advisory FROM alias WHERE name = ?2)))"},
        {&lookup->epss, "SELECT max(score), max(percentile) FROM epss WHERE name = ?"},
        {&lookup->kev, "SELECT added, due, ransomware FROM kev WHERE name = ? ORDER BY added LIMIT 1"},
        {&lookup->ssvc, "SELECT exploitation, automatable, impact FROM ssvc WHERE name = ? LIMIT 1"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (sqlite3_prepare_v3(database->db, all[i].sql, -1, SQLITE_PREPARE_PERSISTENT, all[i].statement,
                               NULL) != SQLITE_OK) {
            fps_status status = fps__advisory_fail(database->db, database->path, error);
            fps__lookup_close(lookup);
            return status;
        }
    return FPS_OK;
}

void fps__lookup_close(fps__lookup *lookup)
{
    sqlite3_stmt *const all[] = {lookup->package, lookup->rows,     lookup->names, lookup->kin, lookup->own,
                                 lookup->links,   lookup->routines, lookup->epss,  lookup->kev, lookup->ssvc};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sqlite3_finalize(all[i]);
    *lookup = (fps__lookup){.database = NULL};
}

fps_status fps__lookup_step(fps__lookup *lookup, sqlite3_stmt *statement, fps_error *error)
{
    int got = sqlite3_step(statement);
    if (got == SQLITE_ROW)
        return FPS_OK;
    fps_status status = got == SQLITE_DONE
                            ? FPS_ERROR_NOT_FOUND
                            : fps__advisory_fail(lookup->database->db, lookup->database->path, error);
    sqlite3_reset(statement);
    return status;
}

fps_status fps__lookup_package(fps__lookup *lookup, const fps__subject *subject, int64_t *package,
                               fps__key_scheme *scheme, fps_error *error)
{
    sqlite3_reset(lookup->package);
    sqlite3_bind_text(lookup->package, 1, subject->space, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(lookup->package, 2, subject->name, -1, SQLITE_TRANSIENT);
    fps_status status = fps__lookup_step(lookup, lookup->package, error);
    *package = status ? 0 : sqlite3_column_int64(lookup->package, 0);
    if (!status) {
        int number = sqlite3_column_int(lookup->package, 1);
        *scheme = number >= 0 && number < FPS__KEY_SCHEMES ? (fps__key_scheme)number : FPS__KEY_GENERIC;
    }
    sqlite3_reset(lookup->package);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static fps__affected_kind kind_of(int number)
{
    return number >= FPS__AFFECTED && number <= FPS__AFFECTED_IGNORED ? (fps__affected_kind)number
                                                                      : FPS__AFFECTED_IF;
}

fps_status fps__lookup_rows(fps__lookup *lookup, int64_t package, const uint8_t *key, size_t size,
                            fps__advisory_row_callback callback, void *user, fps_error *error)
{
    sqlite3_stmt *rows = lookup->rows;
    sqlite3_reset(rows);
    sqlite3_bind_int64(rows, 1, package);
    sqlite3_bind_blob(rows, 2, key, (int)size, SQLITE_TRANSIENT);
    fps_status status = FPS_OK;
    for (size_t count = 0; !status && !(status = fps__lookup_step(lookup, rows, error)); count++) {
        const fps__advisory_row row = {.advisory = sqlite3_column_int64(rows, 0),
                                       .kind = kind_of(sqlite3_column_int(rows, 1)),
                                       .range = fps__advisory_text(rows, 2),
                                       .fixed = fps__advisory_text(rows, 3),
                                       .note = fps__advisory_text(rows, 4),
                                       .name = fps__advisory_text(rows, 5),
                                       .source = fps__advisory_text(rows, 6),
                                       .format = fps__advisory_text(rows, 7),
                                       .withdrawn = sqlite3_column_int(rows, 8) != 0,
                                       .inside = sqlite3_column_int(rows, 9) != 0,
                                       .ends = sqlite3_column_int(rows, 10) != 0,
                                       .begins = sqlite3_column_int(rows, 11) != 0};
        status = count < FPS__MAX_ROWS_OF_PACKAGE
                     ? callback(user, &row, error)
                     : fps__fail(error, FPS_ERROR_CORRUPT, lookup->database->path, UINT64_MAX,
                                 "more than %d ranges of one package", FPS__MAX_ROWS_OF_PACKAGE);
    }
    sqlite3_reset(rows);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}
