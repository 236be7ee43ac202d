/* The tables of a workbench, its prepared statements, and SQLite's failures in words. */
#include "workbench/workbench_history.h"
#include "workbench/workbench_patch.h"

#include "util/error.h"

/* Feature keys have no index on purpose: fps_workbench.keys keeps them unique, and an index over random keys
 * would cost a page write for nearly every new key. Feature lists are zigzag varints of differences between
 * row ids. */
static const char schema[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE component (id TEXT NOT NULL, origin INTEGER NOT NULL, name TEXT NOT NULL,"
    " purl TEXT NOT NULL, cpe TEXT NOT NULL, license TEXT NOT NULL, family TEXT NOT NULL,"
    " sources TEXT NOT NULL, vendors TEXT NOT NULL, role INTEGER NOT NULL, since INTEGER NOT NULL,"
    " releases TEXT NOT NULL, PRIMARY KEY (id, origin)) WITHOUT ROWID;"
    "CREATE TABLE build (id INTEGER PRIMARY KEY, digest BLOB NOT NULL, negative INTEGER NOT NULL,"
    " imported INTEGER NOT NULL, file TEXT NOT NULL, tool TEXT NOT NULL, parameters TEXT NOT NULL,"
    " origin TEXT NOT NULL, component TEXT NOT NULL, version TEXT NOT NULL, package TEXT NOT NULL,"
    " package_version TEXT NOT NULL, architecture TEXT NOT NULL, source TEXT NOT NULL,"
    " source_version TEXT NOT NULL, built_using TEXT NOT NULL, purl TEXT NOT NULL, cpe TEXT NOT NULL,"
    " license TEXT NOT NULL, UNIQUE (digest, negative));"
    "CREATE TABLE object (id INTEGER PRIMARY KEY, build INTEGER NOT NULL REFERENCES build (id),"
    " path TEXT NOT NULL, source TEXT NOT NULL, type INTEGER NOT NULL, machine INTEGER NOT NULL,"
    " member INTEGER NOT NULL, toolchain TEXT NOT NULL, build_id BLOB, size INTEGER NOT NULL,"
    " feature_count INTEGER NOT NULL,"
    " features BLOB NOT NULL);"
    "CREATE INDEX object_build ON object (build);"
    "CREATE TABLE feature (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " text TEXT);"
    "CREATE TABLE version_text (object INTEGER NOT NULL, feature INTEGER NOT NULL,"
    " version TEXT NOT NULL, PRIMARY KEY (object, feature, version)) WITHOUT ROWID;"
    "CREATE TABLE imported_set (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, name TEXT NOT NULL,"
    " rules TEXT NOT NULL);"
    "CREATE TABLE release_list (id INTEGER PRIMARY KEY, releases TEXT NOT NULL);"
    "CREATE TABLE imported_group (id INTEGER PRIMARY KEY, imported_set INTEGER NOT NULL,"
    " component TEXT NOT NULL, unit TEXT NOT NULL, any_list INTEGER NOT NULL, all_list INTEGER NOT NULL,"
    " weight INTEGER NOT NULL, flags INTEGER NOT NULL, feature_count INTEGER NOT NULL,"
    " features BLOB NOT NULL);"
    "CREATE TABLE imported_template (id INTEGER PRIMARY KEY, imported_set INTEGER NOT NULL,"
    " component TEXT NOT NULL, key INTEGER NOT NULL, text TEXT NOT NULL, learnt_list INTEGER NOT NULL,"
    " negative_hits INTEGER NOT NULL);";

static const char *const statements[FPS__WORKBENCH_STATEMENTS] = {
    [FPS__WORKBENCH_BEGIN] = "BEGIN IMMEDIATE",
    [FPS__WORKBENCH_COMMIT] = "COMMIT",
    [FPS__WORKBENCH_ROLLBACK] = "ROLLBACK",
    [FPS__WORKBENCH_DATA_VERSION] = "PRAGMA data_version",
    [FPS__WORKBENCH_FIND_BUILD] = "SELECT id, parameters FROM build WHERE digest = ? AND negative = ?",
    [FPS__WORKBENCH_DELETE_TEXTS] =
        "DELETE FROM version_text WHERE object IN (SELECT id FROM object WHERE build = ?)",
    [FPS__WORKBENCH_DELETE_OBJECTS] = "DELETE FROM object WHERE build = ?",
    [FPS__WORKBENCH_DELETE_BUILD] = "DELETE FROM build WHERE id = ?",
    [FPS__WORKBENCH_INSERT_BUILD] =
        "INSERT INTO build (digest, negative, imported, file, tool, parameters, origin, component,"
        " version, package, package_version, architecture, source, source_version, built_using, purl,"
        " cpe, license) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [FPS__WORKBENCH_INSERT_OBJECT] =
        "INSERT INTO object (build, path, source, type, machine, member, build_id, size, feature_count,"
        " features, toolchain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [FPS__WORKBENCH_INSERT_FEATURE] = "INSERT INTO feature (id, key, kind, text) VALUES (?, ?, ?, ?)",
    [FPS__WORKBENCH_INSERT_TEXT] =
        "INSERT OR IGNORE INTO version_text (object, feature, version) VALUES (?, ?, ?)",
    [FPS__WORKBENCH_INSERT_COMPONENT] =
        "INSERT OR REPLACE INTO component (id, origin, name, purl, cpe, license, family, sources, vendors,"
        " role, since, releases) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [FPS__WORKBENCH_FIND_SET] = "SELECT id FROM imported_set WHERE digest = ?",
    [FPS__WORKBENCH_INSERT_SET] = "INSERT INTO imported_set (digest, name, rules) VALUES (?, ?, ?)",
    [FPS__WORKBENCH_INSERT_LIST] = "INSERT INTO release_list (releases) VALUES (?)",
    [FPS__WORKBENCH_INSERT_GROUP] =
        "INSERT INTO imported_group (imported_set, component, unit, any_list, all_list, weight, flags,"
        " feature_count, features) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [FPS__WORKBENCH_INSERT_TEMPLATE] =
        "INSERT INTO imported_template (imported_set, component, key, text, learnt_list, negative_hits)"
        " VALUES (?, ?, ?, ?, ?, ?)",
    [FPS__WORKBENCH_FIND_COMPONENT] = "SELECT 1 FROM component WHERE id = ?",
    [FPS__WORKBENCH_FIND_HISTORY] = "SELECT id, digest FROM history WHERE component = ? AND file = ?",
    [FPS__WORKBENCH_DELETE_HISTORY] = "DELETE FROM history WHERE id = ?",
    [FPS__WORKBENCH_DELETE_HISTORY_SOURCES] = "DELETE FROM history_source WHERE history = ?",
    [FPS__WORKBENCH_DELETE_HISTORY_RELEASES] = "DELETE FROM history_release WHERE history = ?",
    [FPS__WORKBENCH_DELETE_HISTORY_UNITS] = "DELETE FROM history_unit WHERE history = ?",
    [FPS__WORKBENCH_DELETE_HISTORY_TEXTS] = "DELETE FROM history_text WHERE history = ?",
    [FPS__WORKBENCH_DELETE_HISTORY_NAMES] = "DELETE FROM history_name WHERE history = ?",
    [FPS__WORKBENCH_INSERT_HISTORY] = "INSERT INTO history (digest, component, file) VALUES (?, ?, ?)",
    [FPS__WORKBENCH_INSERT_HISTORY_SOURCE] =
        "INSERT INTO history_source (history, place, location, revision, date) VALUES (?, ?, ?, ?, ?)",
    [FPS__WORKBENCH_INSERT_HISTORY_RELEASE] =
        "INSERT INTO history_release (history, place, version, tag, date) VALUES (?, ?, ?, ?, ?)",
    [FPS__WORKBENCH_INSERT_HISTORY_UNIT] = "INSERT INTO history_unit (history, place, name) VALUES (?, ?, ?)",
    [FPS__WORKBENCH_INSERT_HISTORY_LIST] = "INSERT OR IGNORE INTO history_list (ranges) VALUES (?)",
    [FPS__WORKBENCH_FIND_HISTORY_LIST] = "SELECT id FROM history_list WHERE ranges = ?",
    [FPS__WORKBENCH_READ_HISTORY_LIST] = "SELECT ranges FROM history_list WHERE id = ?",
    [FPS__WORKBENCH_INSERT_HISTORY_TEXT] =
        "INSERT INTO history_text (history, hash, length, class, units, releases) VALUES (?, ?, ?, ?, ?, ?)",
    [FPS__WORKBENCH_INSERT_HISTORY_NAME] =
        "INSERT INTO history_name (history, hash, releases) VALUES (?, ?, ?)",
    [FPS__WORKBENCH_INSERT_PATCH_FUNCTION] =
        "INSERT OR IGNORE INTO patch_function (component, cve, key, fixed, origin, toolchain, machine, name,"
        " parameters) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

fps_status fps__workbench_reserved(fps_status status, const char *path, const char *what, fps_error *error)
{
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, path, UINT64_MAX, "too many %s", what);
    return status == FPS_OK ? FPS_OK : fps__fail_memory(error);
}

fps_status fps__workbench_damaged(const fps_workbench *workbench, const char *what, fps_error *error)
{
    if (sqlite3_errcode(workbench->db) == SQLITE_NOMEM) /* sqlite3_column_blob() gives nothing then */
        return fps__fail_memory(error);
    return fps__fail(error, FPS_ERROR_CORRUPT, workbench->path, UINT64_MAX, "%s is damaged", what);
}

fps_status fps__workbench_fail(const fps_workbench *workbench, fps_error *error)
{
    int code = workbench->db ? sqlite3_errcode(workbench->db) : SQLITE_NOMEM;
    fps_status status = FPS_ERROR_IO;
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return fps__fail_memory(error);
    case SQLITE_NOTADB:
        return fps__fail(error, FPS_ERROR_FORMAT, workbench->path, UINT64_MAX, "not a workbench");
    case SQLITE_CORRUPT:
    case SQLITE_ERROR: /* a table or column is missing */
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
        status = FPS_ERROR_CORRUPT;
        break;
    default:
        break;
    }
    int reason = status == FPS_ERROR_IO ? sqlite3_system_errno(workbench->db) : 0;
    if (reason)
        return fps__fail_io(error, workbench->path, reason, sqlite3_errmsg(workbench->db));
    return fps__fail(error, status, workbench->path, UINT64_MAX, "%s", sqlite3_errmsg(workbench->db));
}

fps_status fps__workbench_execute(fps_workbench *workbench, const char *sql, fps_error *error)
{
    return sqlite3_exec(workbench->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? FPS_OK
               : fps__workbench_fail(workbench, error);
}

fps_status fps__workbench_prepare(fps_workbench *workbench, const char *sql, sqlite3_stmt **statement,
                                  fps_error *error)
{
    *statement = NULL;
    return sqlite3_prepare_v2(workbench->db, sql, -1, statement, NULL) == SQLITE_OK
               ? FPS_OK
               : fps__workbench_fail(workbench, error);
}

sqlite3_stmt *fps__workbench_statement_get(fps_workbench *workbench, fps__workbench_statement which,
                                           fps_error *error)
{
    sqlite3_stmt **statement = &workbench->statements[which];
    if (!*statement && fps__workbench_prepare(workbench, statements[which], statement, error))
        return NULL;
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    return *statement;
}

fps_status fps__workbench_run(fps_workbench *workbench, sqlite3_stmt *statement, fps_error *error)
{
    int got = sqlite3_step(statement);
    fps_status status =
        got == SQLITE_DONE || got == SQLITE_ROW ? FPS_OK : fps__workbench_fail(workbench, error);
    sqlite3_reset(statement);
    return status;
}

fps_status fps__workbench_run_named(fps_workbench *workbench, fps__workbench_statement which,
                                    fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, which, error);
    return statement ? fps__workbench_run(workbench, statement, error) : FPS_ERROR_CORRUPT;
}

fps_status fps__workbench_end(fps_workbench *workbench, fps_status status, fps_error *error)
{
    if (!status)
        status = fps__workbench_run_named(workbench, FPS__WORKBENCH_COMMIT, error);
    if (!status)
        return FPS_OK;
    if (!sqlite3_get_autocommit(workbench->db))
        fps__workbench_run_named(workbench, FPS__WORKBENCH_ROLLBACK, NULL);
    fps__key_map_free(&workbench->keys);
    workbench->keys_loaded = false;
    return status;
}

void fps__workbench_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text ? text : "", -1, SQLITE_STATIC);
}

const char *fps__workbench_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text ? (const char *)text : "";
}

static fps_status read_number(fps_workbench *workbench, const char *sql, int64_t *number, fps_error *error)
{
    sqlite3_stmt *statement;
    fps_status status = fps__workbench_prepare(workbench, sql, &statement, error);
    if (status)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    else
        status = fps__workbench_fail(workbench, error);
    sqlite3_finalize(statement);
    return status;
}

static fps_status make_tables(fps_workbench *workbench, fps_error *error)
{
    char sql[128];
    fps_status status = fps__workbench_execute(workbench, "BEGIN IMMEDIATE", error);
    if (!status)
        status = fps__workbench_execute(workbench, schema, error);
    if (!status)
        status = fps__workbench_execute(workbench, fps__workbench_history_schema, error);
    if (!status)
        status = fps__workbench_execute(workbench, fps__workbench_patch_schema, error);
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                     FPS__WORKBENCH_APPLICATION, FPS__WORKBENCH_VERSION);
    if (!status)
        status = fps__workbench_execute(workbench, sql, error);
    if (!status)
        status = fps__workbench_execute(
            workbench, "INSERT INTO meta VALUES ('creator', 'sigbuild " FPS_VERSION "'); COMMIT", error);
    if (status)
        sqlite3_exec(workbench->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* Version 3 only adds the tables of release histories, version 4 that of patches. */
static fps_status add_tables(fps_workbench *workbench, int64_t version, fps_error *error)
{
    char sql[128];
    fps_status status = fps__workbench_execute(workbench, "BEGIN IMMEDIATE", error);
    if (!status && version == FPS__WORKBENCH_WITHOUT_HISTORIES)
        status = fps__workbench_execute(workbench, fps__workbench_history_schema, error);
    if (!status)
        status = fps__workbench_execute(workbench, fps__workbench_patch_schema, error);
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA user_version = %d; COMMIT", FPS__WORKBENCH_VERSION);
    if (!status)
        status = fps__workbench_execute(workbench, sql, error);
    if (status)
        sqlite3_exec(workbench->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

fps_status fps__workbench_check_database(fps_workbench *workbench, fps_error *error)
{
    int64_t application = 0, version = 0, tables = 0;
    fps_status status = read_number(workbench, "PRAGMA application_id", &application, error);
    if (!status)
        status = read_number(workbench, "PRAGMA user_version", &version, error);
    if (!status)
        status = read_number(workbench, "SELECT count(*) FROM sqlite_master", &tables, error);
    if (status)
        return status;
    if (!application && !version && !tables)
        return make_tables(workbench, error);
    if (application != FPS__WORKBENCH_APPLICATION)
        return fps__fail(error, FPS_ERROR_FORMAT, workbench->path, UINT64_MAX,
                         "a SQLite file, but not a workbench");
    if (version == FPS__WORKBENCH_WITHOUT_HISTORIES || version == FPS__WORKBENCH_WITHOUT_PATCHES)
        return add_tables(workbench, version, error);
    if (version < FPS__WORKBENCH_VERSION)
        return fps__fail(
            error, FPS_ERROR_VERSION, workbench->path, UINT64_MAX,
            "workbench of version %lld, made by an older program; this one needs version %d: add the "
            "packages to a new one",
            (long long)version, FPS__WORKBENCH_VERSION);
    if (version > FPS__WORKBENCH_VERSION)
        return fps__fail(error, FPS_ERROR_VERSION, workbench->path, UINT64_MAX,
                         "workbench of version %lld, made by a newer program; this one knows version %d",
                         (long long)version, FPS__WORKBENCH_VERSION);
    return FPS_OK;
}

/* A stranger's file must not run anything: no triggers, no views, no functions with side effects, checked
 * cells. */
static fps_status harden(fps_workbench *workbench, fps_error *error)
{
    sqlite3_db_config(workbench->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(workbench->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(workbench->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(workbench->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_busy_timeout(workbench->db, 10000);
    return fps__workbench_execute(
        workbench, "PRAGMA cell_size_check = ON; PRAGMA page_size = 8192; PRAGMA cache_size = -262144",
        error);
}

fps_status fps__workbench_open_database(fps_workbench *workbench, bool create, fps_error *error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= create ? SQLITE_OPEN_CREATE : 0;
    if (sqlite3_open_v2(workbench->path, &workbench->db, flags, NULL) != SQLITE_OK)
        return fps__workbench_fail(workbench, error);
    fps_status status = harden(workbench, error);
    if (!status)
        status = fps__workbench_check_database(workbench, error);
    return status;
}

fps_status fps__workbench_start_log(fps_workbench *workbench, fps_error *error)
{
    workbench->logging = true;
    return fps__workbench_execute(
        workbench, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8192",
        error);
}
