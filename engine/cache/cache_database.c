/* Opening the file of the result cache: who may have written it, its tables, its secret. */
#include "cache/cache_internal.h"

#include "util/clock.h"
#include "util/error.h"
#include "util/private_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

enum { BUSY_MS = FPS__LOCK_WAIT_MS, OPEN_PAUSE_US = 10000 };

/* Values come last in a row: what is asked of all rows then reads none of the pages that values fill. */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS secret (id INTEGER PRIMARY KEY CHECK (id = 1), bytes BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS result (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, used INTEGER NOT NULL,"
    " sum INTEGER NOT NULL, value BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS result_used ON result (used);";

static const char *const statements[FPS__CACHE_STATEMENTS] = {
    [FPS__CACHE_BEGIN] = "BEGIN IMMEDIATE",
    [FPS__CACHE_COMMIT] = "COMMIT",
    [FPS__CACHE_ROLLBACK] = "ROLLBACK",
    [FPS__CACHE_SECRET_READ] = "SELECT bytes FROM secret WHERE id = 1",
    [FPS__CACHE_GET] = "SELECT value, sum, used FROM result WHERE id = ?1",
    [FPS__CACHE_PUT] =
        "INSERT OR REPLACE INTO result (id, sum, used, kind, value) VALUES (?1, ?2, ?3, ?4, ?5)",
    [FPS__CACHE_DROP] = "DELETE FROM result WHERE id = ?1 AND sum = ?2",
    [FPS__CACHE_TOUCH] = "UPDATE result SET used = ?3 WHERE id = ?1 AND sum = ?2",
    [FPS__CACHE_PAGES] = "SELECT (SELECT page_count FROM pragma_page_count),"
                         " (SELECT freelist_count FROM pragma_freelist_count),"
                         " (SELECT page_size FROM pragma_page_size)",
    [FPS__CACHE_ROWS] = "SELECT count(*) FROM result",
    [FPS__CACHE_DROP_OLDEST] =
        "DELETE FROM result WHERE id IN (SELECT id FROM result ORDER BY used, id LIMIT ?1)",
    [FPS__CACHE_DROP_UNUSED] =
        "DELETE FROM result WHERE id IN (SELECT id FROM result WHERE used < ?1 LIMIT ?2)",
    [FPS__CACHE_COUNT] =
        "SELECT kind, count(*), sum(length(value)), min(used), max(used) FROM result GROUP BY kind",
};

fps_status fps__cache_fail(const fps__cache_database *database, fps_error *error)
{
    int code = !database->db ? SQLITE_NOMEM : database->code ? database->code : sqlite3_errcode(database->db);
    if (code == SQLITE_NOMEM)
        return fps__fail_memory(error);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR || code == SQLITE_OK)
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX,
                         "the result cache is damaged; 'fpscan cache clear' removes it");
    return fps__fail(error, FPS_ERROR_IO, database->path, UINT64_MAX, "result cache: %s",
                     sqlite3_errstr(code));
}

sqlite3_stmt *fps__cache_prepare(fps__cache_database *database, fps__cache_statement which)
{
    sqlite3_stmt **statement = &database->statements[which];
    if (!*statement && sqlite3_prepare_v3(database->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
                                          statement, NULL) != SQLITE_OK)
        return NULL;
    sqlite3_reset(*statement);
    return *statement;
}

bool fps__cache_step(sqlite3_stmt *statement)
{
    int got = statement ? sqlite3_step(statement) : SQLITE_NOMEM;
    if (statement)
        sqlite3_reset(statement);
    return got == SQLITE_DONE || got == SQLITE_ROW;
}

bool fps__cache_run(fps__cache_database *database, fps__cache_statement which)
{
    return fps__cache_step(fps__cache_prepare(database, which));
}

bool fps__cache_read_secret(fps__cache_database *database, uint8_t secret[FPS__CACHE_SECRET])
{
    sqlite3_stmt *row = fps__cache_prepare(database, FPS__CACHE_SECRET_READ);
    bool good = row && sqlite3_step(row) == SQLITE_ROW && sqlite3_column_bytes(row, 0) == FPS__CACHE_SECRET;
    const void *bytes = good ? sqlite3_column_blob(row, 0) : NULL;
    if (bytes)
        memcpy(secret, bytes, FPS__CACHE_SECRET);
    else
        database->code = sqlite3_errcode(database->db);
    if (row)
        sqlite3_reset(row);
    return bytes != NULL;
}

/* ---- the file ---- */

fps_status fps__cache_folder_open(const char *folder, bool create, int *fd, fps_error *error)
{
    fps_status status = create ? fps__private_folder_make(folder, error) : FPS_OK;
    return status == FPS_OK ? fps__private_folder_open(folder, fd, error) : status;
}

/* An empty file of mode 0600. The name appears by link(), so that whoever made it first has made it, and this
 * program never closes a descriptor of a file that SQLite may have locked: closing it would end the locks. */
static fps_status make_file(int folder, const char *path, fps_error *error)
{
    char temporary[64];
    snprintf(temporary, sizeof temporary, ".%s.%ld", FPS__CACHE_NAME, (long)getpid());
    int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fps__fail_io(error, path, errno, "make result cache");
    close(fd);
    int failed = linkat(folder, temporary, folder, FPS__CACHE_NAME, 0) != 0 && errno != EEXIST ? errno : 0;
    unlinkat(folder, temporary, 0);
    return failed ? fps__fail_io(error, path, failed, "make result cache") : FPS_OK;
}

/* The file is there, and nobody else can have written it or may read its secret. */
static fps_status check_file(int folder, const char *path, bool create, fps_error *error)
{
    struct stat info;
    int got = fstatat(folder, FPS__CACHE_NAME, &info, AT_SYMLINK_NOFOLLOW);
    if (got != 0 && errno == ENOENT && create) {
        fps_status status = make_file(folder, path, error);
        if (status != FPS_OK)
            return status;
        got = fstatat(folder, FPS__CACHE_NAME, &info, AT_SYMLINK_NOFOLLOW);
    }
    if (got != 0 && errno == ENOENT)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, path, UINT64_MAX, "there is no result cache");
    if (got != 0)
        return fps__fail_io(error, path, errno, "look at result cache");
    if (!S_ISREG(info.st_mode))
        return fps__fail(error, FPS_ERROR_ARGUMENT, path, UINT64_MAX, "the result cache is no regular file");
    fps_status status = fps__private_check(&info, path, "result cache", error);
    if (status == FPS_OK && (info.st_mode & (S_IRWXG | S_IRWXO)) &&
        fchmodat(folder, FPS__CACHE_NAME, 0600, 0) != 0)
        status = fps__fail_io(error, path, errno, "keep result cache from other users");
    return status;
}

/* ---- tables ---- */

static bool execute(fps__cache_database *database, const char *sql)
{
    return sqlite3_exec(database->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool read_number(fps__cache_database *database, const char *sql, int64_t *number)
{
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(database->db, sql, -1, &row, NULL) != SQLITE_OK)
        return false;
    bool good = sqlite3_step(row) == SQLITE_ROW;
    if (good)
        *number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return good;
}

typedef struct header {
    int64_t application, version, tables;
} header;

static bool read_header(fps__cache_database *database, header *h)
{
    return read_number(database, "PRAGMA application_id", &h->application) &&
           read_number(database, "PRAGMA user_version", &h->version) &&
           read_number(database, "SELECT count(*) FROM sqlite_master", &h->tables);
}

/* Ends a transaction that failed. */
static void roll_back(fps__cache_database *database)
{
    database->code = sqlite3_errcode(database->db);
    execute(database, "ROLLBACK");
}

/* The same in one transaction: another process may be making the tables just now, and half of what it did must not be
 * seen. */
static bool read_header_at_once(fps__cache_database *database, header *h)
{
    if (!execute(database, "BEGIN"))
        return false;
    if (read_header(database, h))
        return execute(database, "COMMIT");
    roll_back(database);
    return false;
}

/* What has to be said before the first table. SQLite does not wait for others while it changes the journal:
 * two processes that start at once try again, as long as for a lock: one that was stopped never lets go. */
static bool prepare_file(fps__cache_database *database)
{
    static const char sql[] =
        "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL";
    uint64_t deadline = fps__deadline_after(BUSY_MS);
    while (!execute(database, sql)) {
        if (sqlite3_errcode(database->db) != SQLITE_BUSY || fps__deadline_passed(deadline))
            return false;
        usleep(OPEN_PAUSE_US);
    }
    return true;
}

/* Makes the tables unless another process did so in the meantime. An older version is emptied. */
static bool make_tables(fps__cache_database *database)
{
    uint8_t secret[FPS__CACHE_SECRET];
    char sql[128];
    header now;
    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret ||
        !fps__cache_run(database, FPS__CACHE_BEGIN))
        return false;
    bool good = read_header(database, &now);
    if (good && now.version != FPS__CACHE_VERSION)
        good = execute(database, "DROP TABLE IF EXISTS result; DROP TABLE IF EXISTS secret");
    good = good && execute(database, schema);
    sqlite3_stmt *insert = NULL;
    good = good && sqlite3_prepare_v2(database->db, "INSERT OR IGNORE INTO secret VALUES (1, ?1)", -1,
                                      &insert, NULL) == SQLITE_OK;
    if (good) {
        sqlite3_bind_blob(insert, 1, secret, sizeof secret, SQLITE_STATIC);
        good = fps__cache_step(insert);
    }
    sqlite3_finalize(insert);
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                     FPS__CACHE_APPLICATION, FPS__CACHE_VERSION);
    good = good && execute(database, sql) && fps__cache_run(database, FPS__CACHE_COMMIT);
    if (!good)
        roll_back(database);
    return good;
}

static fps_status open_tables(fps__cache_database *database, fps_error *error)
{
    header h;
    if (!read_header_at_once(database, &h))
        return fps__cache_fail(database, error);
    bool fresh = !h.application && !h.version && !h.tables;
    if (!fresh && h.application != FPS__CACHE_APPLICATION)
        return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX,
                         "a SQLite file, but not a result cache; 'fpscan cache clear' removes it");
    if (h.version > FPS__CACHE_VERSION)
        return fps__fail(error, FPS_ERROR_VERSION, database->path, UINT64_MAX,
                         "result cache of version %lld, made by a newer program; this one knows version %d",
                         (long long)h.version, FPS__CACHE_VERSION);
    if (fresh && !prepare_file(database))
        return fps__cache_fail(database, error);
    if (h.version != FPS__CACHE_VERSION && !make_tables(database))
        return fps__cache_fail(database, error);
    return FPS_OK;
}

/* ---- opening and closing ---- */

static fps_status open_connection(fps__cache_database *database, fps_error *error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    if (sqlite3_open_v2(database->path, &database->db, flags, NULL) != SQLITE_OK)
        return fps__cache_fail(database, error);
    sqlite3_db_config(database->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(database->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(database->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_busy_timeout(database->db, BUSY_MS);
    if (!execute(database, "PRAGMA cell_size_check = ON; PRAGMA synchronous = NORMAL; PRAGMA temp_store = "
                           "MEMORY; PRAGMA cache_size = -8192;"
                           "PRAGMA journal_size_limit = 4194304"))
        return fps__cache_fail(database, error);
    return open_tables(database, error);
}

/* The path of the file with no symbolic link in it: SQLite is told to refuse them. */
static fps_status set_path(fps__cache_database *database, const char *folder, fps_error *error)
{
    char *real = realpath(folder, NULL);
    if (!real)
        return fps__fail_io(error, folder, errno, "open cache folder");
    int length = asprintf(&database->path, "%s/%s", real, FPS__CACHE_NAME);
    free(real);
    if (length >= 0)
        return FPS_OK;
    database->path = NULL;
    return fps__fail_memory(error);
}

fps_status fps__cache_database_open(fps__cache_database *database, const char *folder, bool create,
                                    uint8_t secret[FPS__CACHE_SECRET], fps_error *error)
{
    int fd;
    uint8_t unused[FPS__CACHE_SECRET];
    *database = (fps__cache_database){.db = NULL};
    fps_status status = fps__cache_folder_open(folder, create, &fd, error);
    if (status != FPS_OK)
        return status;
    /* no clearing while files are being opened */
    status = fps__private_lock(fd, false, folder, "result cache", error);
    if (status == FPS_OK)
        status = set_path(database, folder, error);
    if (status == FPS_OK)
        status = check_file(fd, database->path, create, error);
    if (status == FPS_OK)
        status = open_connection(database, error);
    if (status == FPS_OK && !fps__cache_read_secret(database, secret ? secret : unused))
        status = fps__cache_fail(database, error);
    close(fd);
    return status;
}

void fps__cache_database_close(fps__cache_database *database)
{
    for (size_t i = 0; i < FPS__CACHE_STATEMENTS; i++)
        sqlite3_finalize(database->statements[i]);
    sqlite3_close(database->db);
    free(database->path);
    *database = (fps__cache_database){.db = NULL};
}
