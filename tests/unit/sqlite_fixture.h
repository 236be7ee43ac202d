/* SQLite databases made in memory, for tests of what reads them. */
#ifndef TESTS_SQLITE_FIXTURE_H
#define TESTS_SQLITE_FIXTURE_H

#include "util/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sqlite3.h>

/* The database that `sql` makes, with the header as ?1 of its last statement; the caller frees it. */
static inline fps__span make_sqlite(const char *sql, fps__span header)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    while (*sql) {
        sqlite3_stmt *statement;
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, &sql), SQLITE_OK);
        if (sqlite3_bind_parameter_count(statement))
            sqlite3_bind_blob(statement, 1, header.data, (int)header.size, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
        sqlite3_finalize(statement);
    }
    sqlite3_int64 size;
    unsigned char *image = sqlite3_serialize(db, "main", &size, 0);
    uint8_t *bytes = malloc((size_t)size);
    assert_true(image && bytes);
    memcpy(bytes, image, (size_t)size);
    sqlite3_free(image);
    sqlite3_close(db);
    return (fps__span){bytes, (size_t)size};
}

#endif
