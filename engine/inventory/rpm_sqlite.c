/* Reads rpmdb.sqlite from memory: a hostile database, opened so that nothing but its table of packages is
 * run.
 */
#include "inventory/rpm.h"

#include "util/error.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    HEADER_SIZE = 100,
    MAX_BLOB = 257 * 1024 * 1024, /* a header of rpm has at most 256 MiB of data and 1 MiB of index */
    MAX_SCHEMA = 100 * 1000,      /* bytes of a statement; rpm's schema has 40 of below 200 */
    MAX_PACKAGES = 1 << 20,
    STEPS_BETWEEN = 1000,  /* instructions of the virtual machine between two looks */
    STEPS_FIRST = 1000,    /* looks that any database may cost ... */
    BYTES_PER_STEP = 1024, /* ... and one more for so many bytes: a package takes 20 instructions */
};

typedef struct sqlite_reader {
    sqlite3 *db;
    uint64_t looks; /* that are left */
    uint64_t bytes; /* of headers that may still come: all of them lie in the file, each once */
    FPS__ARRAY(int64_t) numbers;
    const fps__rpm_visitor *visitor;
    fps_error *error;
} sqlite_reader;

static int out_of_looks(void *user)
{
    sqlite_reader *reader = user;
    if (!reader->looks)
        return 1;
    reader->looks--;
    return 0;
}

/* SQLite runs out of memory on some damaged schemas too: that is a fault of the database, whose readers go
 * on. */
static fps_status fail(const sqlite_reader *reader, int code)
{
    if (code == SQLITE_INTERRUPT)
        return fps__fail(reader->error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "reading the database takes more steps than its size allows");
    bool latest = code == sqlite3_errcode(reader->db);
    return fps__fail(reader->error, code == SQLITE_NOTADB ? FPS_ERROR_FORMAT : FPS_ERROR_CORRUPT, NULL,
                     UINT64_MAX, "%s", latest ? sqlite3_errmsg(reader->db) : sqlite3_errstr(code));
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

/* Opens the bytes, which must stay, as a database that cannot be changed and whose schema is not trusted. */
static fps_status open_bytes(sqlite_reader *reader, uint8_t *bytes, size_t size)
{
    int code = sqlite3_open_v2(":memory:", &reader->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code)
        return reader->db ? fail(reader, code) : fps__fail_memory(reader->error);
    set_limits(reader->db, size);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_progress_handler(reader->db, STEPS_BETWEEN, out_of_looks, reader);
    code = sqlite3_deserialize(reader->db, "main", bytes, (sqlite3_int64)size, (sqlite3_int64)size,
                               SQLITE_DESERIALIZE_READONLY);
    if (!code)
        code =
            sqlite3_exec(reader->db, "PRAGMA cell_size_check = ON; PRAGMA query_only = ON", NULL, NULL, NULL);
    return code ? fail(reader, code) : FPS_OK;
}

/* The one number that `sql` gives. */
static fps_status ask(sqlite_reader *reader, const char *sql, int64_t *number)
{
    sqlite3_stmt *rows;
    int code = sqlite3_prepare_v2(reader->db, sql, -1, &rows, NULL);
    if (!code)
        code = sqlite3_step(rows);
    *number = code == SQLITE_ROW ? sqlite3_column_int64(rows, 0) : 0;
    fps_status status = code == SQLITE_ROW || code == SQLITE_DONE ? FPS_OK : fail(reader, code);
    sqlite3_finalize(rows);
    return status;
}

/* The table is one of stored columns, has pages of its own and no trigger: reading it runs no code of the
 * database's. */
static fps_status check_table(sqlite_reader *reader)
{
    static const char table[] =
        "SELECT count(*) FROM sqlite_schema WHERE name = 'Packages' AND type = 'table' "
        "AND rootpage > 1 AND sql LIKE 'CREATE TABLE%'";
    static const char others[] = "SELECT count(*) FROM sqlite_schema WHERE (name = 'Packages' COLLATE NOCASE "
                                 "AND type <> 'table') OR (tbl_name = 'Packages' COLLATE NOCASE AND type = "
                                 "'trigger')";
    static const char columns[] = "SELECT count(*) FROM pragma_table_xinfo('Packages') WHERE hidden = 0 AND "
                                  "(name = 'blob' OR (name = 'hnum' AND pk = 1))";
    int64_t tables, strangers, stored;
    fps_status status = ask(reader, table, &tables);
    if (!status)
        status = ask(reader, others, &strangers);
    if (!status)
        status = ask(reader, columns, &stored);
    if (!status && (tables != 1 || strangers || stored != 2))
        status = fps__fail(reader->error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX,
                           "Packages is not the table that rpm makes");
    return status;
}

/* Appends the package numbers that `sql` gives, up to `stop`. Returns SQLite's code. */
static int list_numbers(sqlite_reader *reader, const char *sql, int64_t stop)
{
    sqlite3_stmt *rows;
    int code = sqlite3_prepare_v2(reader->db, sql, -1, &rows, NULL);
    if (code)
        return code;
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        int64_t number = sqlite3_column_int64(rows, 0);
        if (number == stop)
            break;
        fps_status pushed = FPS__ARRAY_PUSH(&reader->numbers, &number, MAX_PACKAGES);
        if (pushed != FPS_OK) {
            code = pushed == FPS_ERROR_LIMIT ? SQLITE_FULL : SQLITE_NOMEM;
            break;
        }
    }
    sqlite3_finalize(rows);
    return code;
}

/* Reads the numbers from below, and where a page is damaged, from above too: what lies between is lost. */
static fps_status list_packages(sqlite_reader *reader)
{
    int code = list_numbers(reader, "SELECT hnum FROM Packages NOT INDEXED ORDER BY hnum", INT64_MIN);
    if (code == SQLITE_DONE)
        return FPS_OK;
    if (code != SQLITE_CORRUPT)
        return fail(reader, code);
    reader->visitor->fault(reader->visitor->user, sqlite3_errmsg(reader->db));
    int64_t last = reader->numbers.count ? reader->numbers.items[reader->numbers.count - 1] : INT64_MIN;
    code = list_numbers(reader, "SELECT hnum FROM Packages NOT INDEXED ORDER BY hnum DESC", last);
    return code == SQLITE_INTERRUPT ? fail(reader, code) : FPS_OK;
}

/* Gives the header that a row holds. */
static fps_status give_row(sqlite_reader *reader, sqlite3_stmt *row)
{
    const void *blob = sqlite3_column_blob(row, 0);
    size_t size = (size_t)sqlite3_column_bytes(row, 0);
    if (size > reader->bytes)
        return fps__fail(reader->error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "packages of the database share their pages");
    reader->bytes -= size;
    if (!reader->visitor->header(reader->visitor->user, (fps__span){blob, blob ? size : 0}))
        return fps__fail(reader->error, FPS_ERROR_CANCELLED, NULL, UINT64_MAX, "stopped");
    return FPS_OK;
}

/* Each package by its number: a damaged one does not hide the others. */
static fps_status give_packages(sqlite_reader *reader)
{
    sqlite3_stmt *row;
    int code = sqlite3_prepare_v2(reader->db, "SELECT blob FROM Packages NOT INDEXED WHERE hnum = ?1", -1,
                                  &row, NULL);
    if (code)
        return fail(reader, code);
    fps_status status = FPS_OK;
    for (size_t i = 0; i < reader->numbers.count && !status; i++) {
        sqlite3_bind_int64(row, 1, reader->numbers.items[i]);
        code = sqlite3_step(row);
        if (code == SQLITE_ROW)
            status = give_row(reader, row);
        else if (code == SQLITE_INTERRUPT)
            status = fail(reader, code);
        else {
            char message[128];
            snprintf(message, sizeof message, "package %" PRId64 ": %s", reader->numbers.items[i],
                     code == SQLITE_DONE ? "no header" : sqlite3_errmsg(reader->db));
            reader->visitor->fault(reader->visitor->user, message);
        }
        sqlite3_reset(row);
    }
    sqlite3_finalize(row);
    return status;
}

fps_status fps__rpm_read_sqlite(fps__span database, fps__span wal, const fps__rpm_visitor *visitor,
                                fps_error *error)
{
    uint8_t *copy = NULL;
    size_t size;
    const char *ignored;
    fps_status status = fps__rpm_apply_wal(database, wal, &copy, &size, &ignored, error);
    if (status)
        return status;
    if (ignored)
        visitor->fault(visitor->user, ignored);
    sqlite_reader reader = {
        .looks = STEPS_FIRST + size / BYTES_PER_STEP, .bytes = size, .visitor = visitor, .error = error};
    status = open_bytes(&reader, copy, size);
    if (!status)
        status = check_table(&reader);
    if (!status)
        status = list_packages(&reader);
    if (!status)
        status = give_packages(&reader);
    sqlite3_close(reader.db);
    free(reader.numbers.items);
    free(copy);
    return status;
}
