/* A hostile SQLite database in memory, opened so that nothing of it but plain tables is run. */
#include "inventory/sqlite_bytes.h"

#include "util/error.h"

#include <stdbool.h>
#include <stdio.h>

enum {
    MAX_BLOB = 257 * 1024 * 1024, /* a header of rpm has at most 256 MiB of data and 1 MiB of index */
    MAX_SCHEMA = 100 * 1000,      /* bytes of a statement; rpm's schema has 40 of below 200 */
    STEPS_BETWEEN = 1000,         /* instructions of the virtual machine between two looks */
    STEPS_FIRST = 1000,           /* looks that any database may cost ... */
    BYTES_PER_STEP = 1024,        /* ... and one more for so many bytes: a package takes 20 instructions */
};

static int out_of_looks(void *user)
{
    fps__sqlite *base = user;
    if (!base->looks)
        return 1;
    base->looks--;
    return 0;
}

/* SQLite runs out of memory on some damaged schemas too: that is a fault of the database, whose readers go
 * on. */
fps_status fps__sqlite_fail(const fps__sqlite *base, int code, fps_error *error)
{
    if (code == SQLITE_INTERRUPT)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "reading the database takes more steps than its size allows");
    bool latest = code == sqlite3_errcode(base->db);
    return fps__fail(error, code == SQLITE_NOTADB ? FPS_ERROR_FORMAT : FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                     "%s", latest ? sqlite3_errmsg(base->db) : sqlite3_errstr(code));
}

/* No value is longer than the database. */
static void set_limits(sqlite3 *db, size_t size)
{
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, size < MAX_BLOB ? (int)size : MAX_BLOB);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, MAX_SCHEMA);
    sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 16);
    sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 10);
    sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, 2);
    sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, 25000);
    sqlite3_limit(db, SQLITE_LIMIT_FUNCTION_ARG, 8);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50);
    sqlite3_limit(db, SQLITE_LIMIT_VARIABLE_NUMBER, 10);
    sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
    sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
}

fps_status fps__sqlite_open(fps__sqlite *base, uint8_t *bytes, size_t size, fps_error *error)
{
    *base = (fps__sqlite){.looks = STEPS_FIRST + size / BYTES_PER_STEP};
    int code = sqlite3_open_v2(":memory:", &base->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code)
        return base->db ? fps__sqlite_fail(base, code, error) : fps__fail_memory(error);
    set_limits(base->db, size);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_progress_handler(base->db, STEPS_BETWEEN, out_of_looks, base);
    code = sqlite3_deserialize(base->db, "main", bytes, (sqlite3_int64)size, (sqlite3_int64)size,
                               SQLITE_DESERIALIZE_READONLY);
    if (!code)
        code =
            sqlite3_exec(base->db, "PRAGMA cell_size_check = ON; PRAGMA query_only = ON", NULL, NULL, NULL);
    return code ? fps__sqlite_fail(base, code, error) : FPS_OK;
}

/* The one number that `sql` gives. */
static fps_status ask(fps__sqlite *base, int64_t *number, fps_error *error, const char *sql)
{
    sqlite3_stmt *rows;
    int code = sqlite3_prepare_v2(base->db, sql, -1, &rows, NULL);
    if (!code)
        code = sqlite3_step(rows);
    *number = code == SQLITE_ROW ? sqlite3_column_int64(rows, 0) : 0;
    fps_status status =
        code == SQLITE_ROW || code == SQLITE_DONE ? FPS_OK : fps__sqlite_fail(base, code, error);
    sqlite3_finalize(rows);
    return status;
}

fps_status fps__sqlite_check_table(fps__sqlite *base, const char *table, const char *columns, int64_t count,
                                   const char *maker, fps_error *error)
{
    char sql[512];
    int64_t tables = 0, strangers = 0, stored = 0;
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM sqlite_schema WHERE name = '%s' AND type = 'table' AND rootpage > 1 "
             "AND sql LIKE 'CREATE TABLE%%'",
             table);
    fps_status status = ask(base, &tables, error, sql);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM sqlite_schema WHERE (name = '%s' COLLATE NOCASE AND type <> 'table') OR "
             "(tbl_name = '%s' COLLATE NOCASE AND type = 'trigger')",
             table, table);
    if (!status)
        status = ask(base, &strangers, error, sql);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_xinfo('%s') WHERE hidden = 0 AND (%s)",
             table, columns);
    if (!status)
        status = ask(base, &stored, error, sql);
    if (!status && (tables != 1 || strangers || stored != count))
        status = fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX,
                           "%s is not the table that %s makes", table, maker);
    return status;
}
