/* Reads rpmdb.sqlite from memory. */
#include "inventory/rpm.h"
#include "inventory/sqlite_bytes.h"

#include "util/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_PACKAGES = 1 << 20 };

typedef struct sqlite_reader {
    fps__sqlite base;
    uint64_t bytes; /* of headers that may still come: all of them lie in the file, each once */
    FPS__ARRAY(int64_t) numbers;
    const fps__rpm_visitor *visitor;
    fps_error *error;
} sqlite_reader;

/* Appends the package numbers that `sql` gives, up to `stop`. Returns SQLite's code. */
static int list_numbers(sqlite_reader *reader, const char *sql, int64_t stop)
{
    sqlite3_stmt *rows;
    int code = sqlite3_prepare_v2(reader->base.db, sql, -1, &rows, NULL);
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
        return fps__sqlite_fail(&reader->base, code, reader->error);
    reader->visitor->fault(reader->visitor->user, sqlite3_errmsg(reader->base.db));
    int64_t last = reader->numbers.count ? reader->numbers.items[reader->numbers.count - 1] : INT64_MIN;
    code = list_numbers(reader, "SELECT hnum FROM Packages NOT INDEXED ORDER BY hnum DESC", last);
    return code == SQLITE_INTERRUPT ? fps__sqlite_fail(&reader->base, code, reader->error) : FPS_OK;
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
    int code = sqlite3_prepare_v2(reader->base.db, "SELECT blob FROM Packages NOT INDEXED WHERE hnum = ?1",
                                  -1, &row, NULL);
    if (code)
        return fps__sqlite_fail(&reader->base, code, reader->error);
    fps_status status = FPS_OK;
    for (size_t i = 0; i < reader->numbers.count && !status; i++) {
        sqlite3_bind_int64(row, 1, reader->numbers.items[i]);
        code = sqlite3_step(row);
        if (code == SQLITE_ROW)
            status = give_row(reader, row);
        else if (code == SQLITE_INTERRUPT)
            status = fps__sqlite_fail(&reader->base, code, reader->error);
        else {
            char message[128];
            snprintf(message, sizeof message, "package %" PRId64 ": %s", reader->numbers.items[i],
                     code == SQLITE_DONE ? "no header" : sqlite3_errmsg(reader->base.db));
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
    sqlite_reader reader = {.bytes = size, .visitor = visitor, .error = error};
    status = fps__sqlite_open(&reader.base, copy, size, error);
    if (!status)
        status = fps__sqlite_check_table(&reader.base, "Packages",
                                         "name = 'blob' OR (name = 'hnum' AND pk = 1)", 2, "rpm", error);
    if (!status)
        status = list_packages(&reader);
    if (!status)
        status = give_packages(&reader);
    sqlite3_close(reader.base.db);
    free(reader.numbers.items);
    free(copy);
    return status;
}
