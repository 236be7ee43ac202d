/* The tables of an advisory database, and opening one. */
#include "advisory/advisory_database.h"

#include "util/array.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

/* `affected` is read by package and version, so that is its order on disk. `link` says under which further names a component of
 * the catalogue is known. */
const char fps__advisory_schema[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL, format TEXT NOT NULL, date TEXT NOT NULL,"
    " digest BLOB NOT NULL, files INTEGER NOT NULL, records INTEGER NOT NULL, bad INTEGER NOT NULL, UNIQUE (name, format));"
    "CREATE TABLE bad (source INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, example TEXT NOT NULL,"
    " PRIMARY KEY (source, reason)) WITHOUT ROWID;"
    "CREATE TABLE package (id INTEGER PRIMARY KEY, space TEXT NOT NULL, name TEXT NOT NULL, scheme INTEGER NOT NULL,"
    " UNIQUE (space, name));"
    "CREATE TABLE advisory (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, name TEXT NOT NULL, severity INTEGER NOT NULL,"
    " score REAL NOT NULL, vector TEXT NOT NULL, modified TEXT NOT NULL, withdrawn INTEGER NOT NULL, title TEXT NOT NULL,"
    " UNIQUE (source, name));"
    "CREATE TABLE alias (advisory INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (advisory, name)) WITHOUT ROWID;"
    "CREATE TABLE affected (package INTEGER NOT NULL, hi BLOB NOT NULL, lo BLOB NOT NULL, advisory INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, range TEXT NOT NULL, fixed TEXT NOT NULL, note TEXT,"
    " PRIMARY KEY (package, hi, lo, advisory, kind)) WITHOUT ROWID;"
    "CREATE TABLE routine (advisory INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (advisory, name)) WITHOUT ROWID;"
    "CREATE TABLE epss (name TEXT NOT NULL, source INTEGER NOT NULL, score REAL NOT NULL, percentile REAL NOT NULL,"
    " PRIMARY KEY (name, source)) WITHOUT ROWID;"
    "CREATE TABLE kev (name TEXT NOT NULL, source INTEGER NOT NULL, added TEXT NOT NULL, due TEXT NOT NULL,"
    " ransomware INTEGER NOT NULL, PRIMARY KEY (name, source)) WITHOUT ROWID;"
    "CREATE TABLE ssvc (name TEXT NOT NULL, source INTEGER NOT NULL, exploitation TEXT NOT NULL, automatable TEXT NOT NULL,"
    " impact TEXT NOT NULL, PRIMARY KEY (name, source)) WITHOUT ROWID;"
    "CREATE TABLE link (component TEXT NOT NULL, space TEXT NOT NULL, name TEXT NOT NULL, source INTEGER NOT NULL,"
    " PRIMARY KEY (component, space, name, source)) WITHOUT ROWID;";

const char fps__advisory_indexes[] = "CREATE INDEX IF NOT EXISTS affected_advisory ON affected (advisory);"
                                     "CREATE INDEX IF NOT EXISTS advisory_name ON advisory (name);"
                                     "CREATE INDEX IF NOT EXISTS alias_name ON alias (name);";

fps_status fps__advisory_fail(sqlite3 *db, const char *path, fps_error *error)
{
    int code = db ? sqlite3_errcode(db) : SQLITE_NOMEM;
    switch (code & 0xff) {
    case SQLITE_OK: /* what fails without a word, in sqlite3_deserialize, is memory */
    case SQLITE_NOMEM:
        return fps__fail_memory(error);
    case SQLITE_NOTADB:
        return fps__fail(error, FPS_ERROR_FORMAT, path, UINT64_MAX, "not an advisory database");
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
        return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "%s", sqlite3_errmsg(db));
    default:
        return fps__fail(error, FPS_ERROR_IO, path, UINT64_MAX, "%s", sqlite3_errmsg(db));
    }
}

const char *fps__advisory_text(sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    return text ? (const char *)text : "";
}

static fps_status read_number(sqlite3 *db, const char *path, const char *sql, int64_t *number,
                              fps_error *error)
{
    sqlite3_stmt *row = NULL;
    fps_status status = FPS_OK;
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK || sqlite3_step(row) != SQLITE_ROW)
        status = fps__advisory_fail(db, path, error);
    else
        *number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return status;
}

static fps_status make_tables(sqlite3 *db, const char *path, fps_error *error)
{
    char *sql = sqlite3_mprintf(
        "BEGIN IMMEDIATE; %s %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
        fps__advisory_schema, fps__advisory_indexes, FPS__ADVISORY_APPLICATION, FPS__ADVISORY_VERSION);
    if (!sql)
        return fps__fail_memory(error);
    fps_status status = FPS_OK;
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        status = fps__advisory_fail(db, path, error);
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    sqlite3_free(sql);
    return status;
}

static fps_status check(sqlite3 *db, const char *path, bool write, fps_error *error)
{
    int64_t application = 0, version = 0, tables = 0;
    fps_status status = read_number(db, path, "PRAGMA application_id", &application, error);
    if (!status)
        status = read_number(db, path, "PRAGMA user_version", &version, error);
    if (!status)
        status = read_number(db, path, "SELECT count(*) FROM sqlite_master", &tables, error);
    if (status)
        return status;
    if (write && !application && !version && !tables)
        return make_tables(db, path, error);
    if (application != FPS__ADVISORY_APPLICATION)
        return fps__fail(error, FPS_ERROR_FORMAT, path, UINT64_MAX, "not an advisory database");
    if (version != FPS__ADVISORY_VERSION)
        return fps__fail(error, FPS_ERROR_VERSION, path, UINT64_MAX,
                         "an advisory database of version %lld; this program knows version %d",
                         (long long)version, FPS__ADVISORY_VERSION);
    return FPS_OK;
}

static void harden(sqlite3 *db)
{
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 1);
    sqlite3_busy_timeout(db, 10000);
}

static fps_status finish_open(sqlite3 **db, const char *path, bool write, fps_status status, fps_error *error)
{
    /* An import needs the pages that it changes; a look-up reads few, and each once. */
    const char *settings =
        write ? "PRAGMA cell_size_check = ON; PRAGMA page_size = 4096; PRAGMA cache_size = -65536"
              : "PRAGMA cell_size_check = ON; PRAGMA cache_size = -8192";
    if (!status && sqlite3_exec(*db, settings, NULL, NULL, NULL) != SQLITE_OK)
        status = fps__advisory_fail(*db, path, error);
    if (!status)
        status = check(*db, path, write, error);
    if (status) {
        sqlite3_close(*db);
        *db = NULL;
    }
    return status;
}

fps_status fps__advisory_open(sqlite3 **db, const char *path, bool write, fps_error *error)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    fps_status status = FPS_OK;
    if (sqlite3_open_v2(path, db, flags, NULL) != SQLITE_OK)
        status = fps__advisory_fail(*db, path, error);
    else
        harden(*db);
    return finish_open(db, path, write, status, error);
}

fps_status fps__advisory_open_bytes(sqlite3 **db, const void *data, size_t size, const char *path,
                                    fps_error *error)
{
    fps_status status = FPS_OK;
    unsigned char *bytes = (unsigned char *)data; /* read-only: SQLite does not write to it */
    if (sqlite3_open_v2(":memory:", db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                        NULL) != SQLITE_OK)
        status = fps__advisory_fail(*db, path, error);
    if (!status) {
        harden(*db);
        if (sqlite3_deserialize(*db, "main", bytes, (sqlite3_int64)size, (sqlite3_int64)size,
                                SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
            status = fps__advisory_fail(*db, path, error);
    }
    return finish_open(db, path, false, status, error);
}

/* ---- the public handle ---- */

enum { MAX_SOURCES = 10000 };

static const char *keep_text(fps_advisory_database *database, const char *text, fps_status *status)
{
    char *copy = strdup(text);
    if (copy)
        database->texts[database->text_count++] = copy;
    else
        *status = FPS_ERROR_MEMORY;
    return copy;
}

static fps_status read_sources(fps_advisory_database *database, fps_error *error)
{
    int64_t count = 0;
    fps_status status =
        read_number(database->db, database->path, "SELECT count(*) FROM source", &count, error);
    if (status)
        return status;
    if (count > MAX_SOURCES)
        return fps__fail(error, FPS_ERROR_LIMIT, database->path, UINT64_MAX, "more than %d sources",
                         MAX_SOURCES);
    database->sources = calloc((size_t)count + 1, sizeof *database->sources);
    database->texts = calloc(3 * (size_t)count + 1, sizeof *database->texts);
    if (!database->sources || !database->texts)
        return fps__fail_memory(error);
    sqlite3_stmt *rows = NULL;
    static const char sql[] = "SELECT name, format, date, records, bad FROM source ORDER BY name, format";
    if (sqlite3_prepare_v2(database->db, sql, -1, &rows, NULL) != SQLITE_OK)
        return fps__advisory_fail(database->db, database->path, error);
    int got = SQLITE_DONE;
    while (!status && database->source_count < (size_t)count && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        fps_advisory_source *source = &database->sources[database->source_count++];
        source->name = keep_text(database, fps__advisory_text(rows, 0), &status);
        source->format = keep_text(database, fps__advisory_text(rows, 1), &status);
        source->date = keep_text(database, fps__advisory_text(rows, 2), &status);
        source->records = (uint64_t)sqlite3_column_int64(rows, 3);
        source->bad = (uint64_t)sqlite3_column_int64(rows, 4);
    }
    if (status)
        status = fps__fail_memory(error);
    else if (got != SQLITE_DONE && got != SQLITE_ROW)
        status = fps__advisory_fail(database->db, database->path, error);
    sqlite3_finalize(rows);
    return status;
}

static fps_status open_database(fps_advisory_database **database, const char *path, const void *data,
                                size_t size, fps_error *error)
{
    *database = NULL;
    fps_advisory_database *made = calloc(1, sizeof *made);
    if (made)
        made->path = strdup(path);
    fps_status status = made && made->path ? FPS_OK : fps__fail_memory(error);
    if (!status)
        status = data ? fps__advisory_open_bytes(&made->db, data, size, path, error)
                      : fps__advisory_open(&made->db, path, false, error);
    if (!status)
        status = read_sources(made, error);
    if (status) {
        fps_advisory_free(made);
        return status;
    }
    *database = made;
    return FPS_OK;
}

fps_status fps_advisory_open(fps_advisory_database **database, const char *path, fps_error *error)
{
    return open_database(database, path, NULL, 0, error);
}

fps_status fps_advisory_open_memory(fps_advisory_database **database, const void *data, size_t size,
                                    const char *name, fps_error *error)
{
    return open_database(database, name, data, size, error);
}

void fps_advisory_free(fps_advisory_database *database)
{
    if (!database)
        return;
    for (size_t i = 0; i < database->text_count; i++)
        free(database->texts[i]);
    free(database->texts);
    free(database->sources);
    sqlite3_close(database->db);
    free(database->path);
    free(database);
}

size_t fps_advisory_source_count(const fps_advisory_database *database)
{
    return database->source_count;
}

const fps_advisory_source *fps_advisory_source_entry(const fps_advisory_database *database, size_t index)
{
    return index < database->source_count ? &database->sources[index] : NULL;
}
