/* What is in an advisory database, in rows: sources, bad records, counts; all about one CVE; what differs between two. */
#include "feed/feed.h"

#include "util/error.h"

#include <fpscan/advisory_build.h>
#include <string.h>

enum { MAX_COLUMNS = 8 };

/* Gives each row of a query; `name`, where there is one, is its parameter. *count is raised by their number. */
static fps_status give_rows(sqlite3 *db, const char *path, const char *sql, const char *name,
                            fps_advisory_row_callback row, void *user, uint64_t *count, fps_error *error)
{
    sqlite3_stmt *rows = NULL;
    const char *columns[MAX_COLUMNS];
    fps_status status = FPS_OK;
    int got = SQLITE_DONE;
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK ||
        (name && sqlite3_bind_text(rows, 1, name, -1, SQLITE_STATIC) != SQLITE_OK))
        status = fps__advisory_fail(db, path, error);
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        int width = sqlite3_column_count(rows);
        for (int i = 0; i < width && i < MAX_COLUMNS; i++)
            columns[i] = fps__advisory_text(rows, i);
        ++*count;
        status = row(user, columns, (size_t)width);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__advisory_fail(db, path, error);
    sqlite3_finalize(rows);
    return status;
}

fps_status fps_advisory_list(const char *database, fps_advisory_list_kind kind, fps_advisory_row_callback row,
                             void *user, fps_error *error)
{
    static const char *const queries[] = {
        [FPS_ADVISORY_SOURCES] =
            "SELECT name, format, date, files, records, bad FROM source ORDER BY name, format",
        [FPS_ADVISORY_BAD] =
            "SELECT s.name, s.format, b.reason, b.count, b.example FROM bad b JOIN source s ON s.id = b.source"
            " ORDER BY s.name, s.format, b.count DESC",
        [FPS_ADVISORY_SPACES] =
            "SELECT p.space, count(DISTINCT p.id), count(*) FROM package p JOIN affected a ON a.package = p.id"
            " GROUP BY p.space ORDER BY 3 DESC, 1",
        [FPS_ADVISORY_COUNTS] =
            "SELECT 'sources', count(*) FROM source UNION ALL SELECT 'advisories', count(*) FROM advisory"
            " UNION ALL SELECT 'withdrawn', count(*) FROM advisory WHERE withdrawn UNION ALL SELECT 'further names', count(*) FROM alias"
            " UNION ALL SELECT 'packages', count(*) FROM package UNION ALL SELECT 'ranges', count(*) FROM affected"
            " UNION ALL SELECT 'conditional ranges', count(*) FROM affected WHERE kind = 1"
            " UNION ALL SELECT 'functions', count(*) FROM routine UNION ALL SELECT 'EPSS scores', count(*) FROM epss"
            " UNION ALL SELECT 'known exploited', count(*) FROM kev UNION ALL SELECT 'SSVC decisions', count(*) FROM ssvc"
            " UNION ALL SELECT 'bad records', ifnull(sum(bad), 0) FROM source",
    };
    if ((size_t)kind >= sizeof queries / sizeof *queries)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "no such list");
    sqlite3 *db = NULL;
    uint64_t count = 0;
    fps_status status = fps__advisory_open(&db, database, false, error);
    if (!status)
        status = give_rows(db, database, queries[kind], NULL, row, user, &count, error);
    sqlite3_close(db);
    return status;
}

fps_status fps_advisory_show(const char *database, const char *name, fps_advisory_row_callback row,
                             void *user, fps_error *error)
{
    /* The advisories that are called so, by their own name or a further one. */
#define NAMED "(SELECT id FROM advisory WHERE name = ?1 UNION SELECT advisory FROM alias WHERE name = ?1)"
    static const char *const queries[] = {
        "SELECT 'advisory', s.name, a.name, iif(a.withdrawn, 'withdrawn', ''), a.severity, a.score, a.modified, a.title FROM advisory a"
        " JOIN source s ON s.id = a.source WHERE a.id IN " NAMED " ORDER BY s.name, a.name",
        "SELECT DISTINCT 'name', name FROM alias WHERE advisory IN " NAMED " ORDER BY name",
        "SELECT 'range', s.name, p.space, p.name, CASE f.kind WHEN 0 THEN 'affected' WHEN 1 THEN 'conditional' WHEN 2 THEN 'not-affected'"
        " WHEN 3 THEN 'fixed' ELSE 'ignored' END, f.range, f.fixed, f.note FROM affected f JOIN package p ON p.id = f.package"
        " JOIN advisory a ON a.id = f.advisory JOIN source s ON s.id = a.source WHERE f.advisory IN " NAMED
        " ORDER BY p.space, p.name, f.lo",
        "SELECT DISTINCT 'routine', name FROM routine WHERE advisory IN " NAMED " ORDER BY name",
        "SELECT 'epss', score, percentile FROM epss WHERE name = ?1",
        "SELECT 'kev', added, due, iif(ransomware, 'ransomware', '') FROM kev WHERE name = ?1",
        "SELECT 'ssvc', exploitation, automatable, impact FROM ssvc WHERE name = ?1",
    };
    sqlite3 *db = NULL;
    uint64_t count = 0;
    fps_status status = fps__advisory_open(&db, database, false, error);
    for (size_t i = 0; i < sizeof queries / sizeof *queries && !status; i++)
        status = give_rows(db, database, queries[i], name, row, user, &count, error);
    if (!status && !count)
        status =
            fps__fail(error, FPS_ERROR_NOT_FOUND, database, UINT64_MAX, "nothing is called \"%s\"", name);
    sqlite3_close(db);
    return status;
}

fps_status fps_advisory_diff(const char *before, const char *after, fps_advisory_row_callback row, void *user,
                             fps_error *error)
{
#define ROWS(DB)                                                                                             \
    "SELECT a.name, p.space, p.name, f.kind, f.range, f.fixed FROM " DB ".affected f JOIN " DB               \
    ".package p ON p.id = f.package JOIN " DB ".advisory a ON a.id = f.advisory WHERE NOT a.withdrawn"
    static const char *const queries[] = {
        "SELECT '-', * FROM (" ROWS("main") " EXCEPT " ROWS("other") ") ORDER BY 2, 3, 4, 6",
        "SELECT '+', * FROM (" ROWS("other") " EXCEPT " ROWS("main") ") ORDER BY 2, 3, 4, 6",
    };
    sqlite3 *db = NULL, *check = NULL;
    uint64_t count = 0;
    fps_status status = fps__advisory_open(&check, after, false, error);
    sqlite3_close(check);
    if (!status)
        status = fps__advisory_open(&db, before, false, error);
    sqlite3_stmt *attach = NULL;
    if (!status && (sqlite3_prepare_v2(db, "ATTACH ? AS other", -1, &attach, NULL) != SQLITE_OK ||
                    sqlite3_bind_text(attach, 1, after, -1, SQLITE_STATIC) != SQLITE_OK ||
                    sqlite3_step(attach) != SQLITE_DONE))
        status = fps__advisory_fail(db, before, error);
    sqlite3_finalize(attach);
    for (size_t i = 0; i < sizeof queries / sizeof *queries && !status; i++)
        status = give_rows(db, before, queries[i], NULL, row, user, &count, error);
    sqlite3_close(db);
    return status;
}

/* ---- verify ---- */

/* The version behind the last `word` of a range in words, NULL when there is none; the text is cut there. */
static char *take_end(char *range, const char *word)
{
    char *found = NULL;
    for (char *at = range; (at = strstr(at, word)); at += strlen(word))
        if (at == range || at[-1] == ' ')
            found = at;
    if (!found)
        return NULL;
    if (found > range)
        found[-1] = '\0';
    return found + strlen(word);
}

/* The key that a row has at an end is that of the version in its words, with a NUL behind it where the words say so. */
static bool key_fits(sqlite3_stmt *row, int column, uint8_t key[FPS__MAX_KEY + 1], size_t size, bool next)
{
    if (size && next)
        key[size++] = 0;
    return size && (size_t)sqlite3_column_bytes(row, column) == size &&
           !memcmp(sqlite3_column_blob(row, column), key, size);
}

static bool end_fits(sqlite3_stmt *row, int column, fps__key_scheme scheme, const char *version, bool next)
{
    uint8_t key[FPS__MAX_KEY + 1];
    return key_fits(row, column, key, fps__version_key(scheme, version, key), next);
}

static bool row_fits(sqlite3_stmt *row)
{
    enum { HI, LO, RANGE, SCHEME, SPACE, NAME };
    char range[2 * FPS__MAX_KEY_VERSION + 32];
    fps__key_scheme scheme = (fps__key_scheme)sqlite3_column_int(row, SCHEME);
    if (scheme != fps__space_scheme(fps__advisory_text(row, SPACE), fps__advisory_text(row, NAME)) ||
        strlen(fps__advisory_text(row, RANGE)) >= sizeof range)
        return false;
    strcpy(range, fps__advisory_text(row, RANGE));
    char *exact = take_end(range, "version ");
    if (exact) {
        uint8_t key[FPS__MAX_KEY + 1];
        size_t size = fps__version_key_exact(scheme, exact, key);
        return key_fits(row, LO, key, size, false) && key_fits(row, HI, key, size, true);
    }
    char *through = take_end(range, "up to "), *before = take_end(range, "before ");
    char *after = take_end(range, "after "), *from = take_end(range, "from ");
    bool lower = from || after, upper = through || before;
    bool hi_fits =
        upper ? end_fits(row, HI, scheme, through ? through : before, through != NULL)
              : sqlite3_column_bytes(row, HI) == 1 && *(const uint8_t *)sqlite3_column_blob(row, HI) == 0xff;
    return hi_fits && (lower ? end_fits(row, LO, scheme, after ? after : from, after != NULL)
                             : sqlite3_column_bytes(row, LO) == 0);
}

static fps_status verify_ranges(sqlite3 *db, const char *path, fps_error *error)
{
    static const char sql[] =
        "SELECT f.hi, f.lo, f.range, p.scheme, p.space, p.name FROM affected f JOIN package p ON p.id = f.package";
    sqlite3_stmt *row = NULL;
    int got = SQLITE_DONE;
    fps_status status = FPS_OK;
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
        status = fps__advisory_fail(db, path, error);
    while (!status && (got = sqlite3_step(row)) == SQLITE_ROW)
        if (!row_fits(row))
            status = fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX,
                               "%s/%s: keys that are not those of \"%s\"", fps__advisory_text(row, 4),
                               fps__advisory_text(row, 5), fps__advisory_text(row, 2));
    if (!status && got != SQLITE_DONE)
        status = fps__advisory_fail(db, path, error);
    sqlite3_finalize(row);
    return status;
}

/* Each query gives a row for a fault, with its text. */
static fps_status verify_no_rows(sqlite3 *db, const char *path, const char *sql, fps_error *error)
{
    sqlite3_stmt *row = NULL;
    fps_status status = FPS_OK;
    int got = sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK ? sqlite3_step(row) : SQLITE_ERROR;
    if (got == SQLITE_ROW && strcmp(fps__advisory_text(row, 0), "ok") != 0)
        status = fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "%s", fps__advisory_text(row, 0));
    else if (got != SQLITE_DONE && got != SQLITE_ROW)
        status = fps__advisory_fail(db, path, error);
    sqlite3_finalize(row);
    return status;
}

fps_status fps_advisory_verify(const char *database, fps_error *error)
{
    static const char *const queries[] = {
        "PRAGMA integrity_check(1)",
        "SELECT 'a range of no package: ' || package FROM affected WHERE package NOT IN (SELECT id FROM package) LIMIT 1",
        "SELECT 'a range of no advisory: ' || advisory FROM affected WHERE advisory NOT IN (SELECT id FROM advisory) LIMIT 1",
        "SELECT 'a name of no advisory: ' || advisory FROM alias WHERE advisory NOT IN (SELECT id FROM advisory) LIMIT 1",
        "SELECT 'an advisory of no source: ' || name FROM advisory WHERE source NOT IN (SELECT id FROM source) LIMIT 1",
        "SELECT 'a range that ends before it begins: ' || range FROM affected WHERE lo >= hi LIMIT 1",
    };
    sqlite3 *db = NULL;
    fps_status status = fps__advisory_open(&db, database, false, error);
    for (size_t i = 0; i < sizeof queries / sizeof *queries && !status; i++)
        status = verify_no_rows(db, database, queries[i], error);
    if (!status)
        status = verify_ranges(db, database, error);
    sqlite3_close(db);
    return status;
}
