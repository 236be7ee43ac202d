/* Packs a database for fpscan: what matching needs, without what only imports need. */
#include "feed/feed.h"

#include "util/error.h"
#include "util/lines.h"
#include "util/text_files.h"

#include <errno.h>
#include <fpscan/advisory_build.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct packing {
    sqlite3 *db;
    const char *path; /* of the temporary file */
    sqlite3_stmt *keep;
} packing;

static fps_status run(packing *now, const char *sql, fps_error *error)
{
    return sqlite3_exec(now->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? FPS_OK
               : fps__advisory_fail(now->db, now->path, error);
}

static fps_status keep_name(packing *now, const char *space, const char *name, fps_error *error)
{
    sqlite3_reset(now->keep);
    sqlite3_bind_text(now->keep, 1, space, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(now->keep, 2, name, -1, SQLITE_TRANSIENT);
    return sqlite3_step(now->keep) == SQLITE_DONE ? FPS_OK : fps__advisory_fail(now->db, now->path, error);
}

/* The lines "Component:" and "Cpe:" of a catalogue. */
static fps_status keep_catalogue(void *user, fps__span text, const char *path, fps_error *error)
{
    packing *now = user;
    fps_status status = FPS_OK;
    fps__span line, name, value;
    (void)path;
    for (size_t at = 0; !status && fps__line_next(text, &at, &line);) {
        char copy[FPS__MAX_NAME];
        fps__subject subject;
        if (!fps__line_split(line, ':', &name, &value))
            continue;
        value = fps__span_trim(value);
        if (!value.size || value.size >= sizeof copy)
            continue;
        memcpy(copy, value.data, value.size);
        copy[value.size] = '\0';
        if (fps__span_is(name, "Cpe") && fps__subject_of_cpe(&subject, copy, NULL, NULL)) {
            status = keep_name(now, subject.space, subject.name, error);
        } else if (fps__span_is(name, "Component")) {
            status = keep_name(now, "oss-fuzz", copy, error);
            if (!status)
                status = keep_name(now, "generic", copy, error);
        }
    }
    return status;
}

/* Spaces of upstream's names hold everything; of these the catalogue chooses. */
#define CHOSEN "('cpe', 'oss-fuzz', 'generic')"

static const char copy_rows[] =
    "INSERT INTO meta SELECT * FROM old.meta;"
    "INSERT INTO source SELECT id, name, format, date, x'', files, records, bad FROM old.source;"
    "INSERT INTO link SELECT * FROM old.link;"
    "INSERT INTO package SELECT * FROM old.package p WHERE EXISTS (SELECT 1 FROM old.affected f WHERE f.package = p.id)"
    " AND (p.space NOT IN " CHOSEN
    " OR NOT (SELECT count(*) FROM keep) OR (p.space, p.name) IN (SELECT space, name FROM keep));"
    "INSERT INTO affected SELECT f.* FROM old.affected f JOIN old.advisory a ON a.id = f.advisory WHERE NOT a.withdrawn"
    " AND f.package IN (SELECT id FROM package);"
    "DELETE FROM package WHERE id NOT IN (SELECT package FROM affected);"
    "CREATE TEMP TABLE used (id INTEGER PRIMARY KEY); INSERT INTO used SELECT DISTINCT advisory FROM affected;"
    "INSERT INTO alias SELECT * FROM old.alias WHERE advisory IN (SELECT id FROM used);"
    "CREATE TEMP TABLE known (name TEXT PRIMARY KEY) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO known SELECT name FROM old.advisory WHERE id IN (SELECT id FROM used);"
    "INSERT OR IGNORE INTO known SELECT name FROM alias;"
    /* A CVE's score and title may come from a source that says nothing of these packages; what was rejected is known by its name. */
    "INSERT INTO advisory SELECT id, source, name, severity, score, vector, modified, withdrawn, title FROM old.advisory"
    " WHERE id IN (SELECT id FROM used) OR name IN (SELECT name FROM known);"
    "INSERT INTO routine SELECT * FROM old.routine WHERE advisory IN (SELECT id FROM used);"
    "INSERT INTO epss SELECT * FROM old.epss WHERE name IN (SELECT name FROM known);"
    "INSERT INTO kev SELECT * FROM old.kev WHERE name IN (SELECT name FROM known);"
    "INSERT INTO ssvc SELECT * FROM old.ssvc WHERE name IN (SELECT name FROM known);";

static fps_status fill(packing *now, const char *database, const char *catalogue, fps_error *error)
{
    sqlite3_stmt *attach = NULL;
    fps_status status = FPS_OK;
    if (sqlite3_prepare_v2(now->db, "ATTACH ? AS old", -1, &attach, NULL) != SQLITE_OK ||
        sqlite3_bind_text(attach, 1, database, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(attach) != SQLITE_DONE)
        status = fps__advisory_fail(now->db, database, error);
    sqlite3_finalize(attach);
    if (!status)
        status = run(
            now,
            "DROP INDEX affected_advisory;"
            "CREATE TEMP TABLE keep (space TEXT, name TEXT, PRIMARY KEY (space, name)) WITHOUT ROWID; BEGIN",
            error);
    if (!status && sqlite3_prepare_v2(now->db, "INSERT OR IGNORE INTO keep VALUES (?, ?)", -1, &now->keep,
                                      NULL) != SQLITE_OK)
        status = fps__advisory_fail(now->db, now->path, error);
    if (!status && catalogue)
        status = fps__text_files_read(catalogue, ".txt", keep_catalogue, now, error);
    if (!status && catalogue)
        status = run(now, "INSERT OR IGNORE INTO keep SELECT space, name FROM old.link", error);
    sqlite3_finalize(now->keep);
    if (!status)
        status = run(now, copy_rows, error);
    return status ? status : run(now, "COMMIT; DETACH old; ANALYZE; VACUUM", error);
}

fps_status fps_advisory_pack(const char *database, const char *path, const char *catalogue, fps_error *error)
{
    char *temporary = NULL;
    sqlite3 *check = NULL;
    fps_status status = fps__advisory_open(&check, database, false, error);
    sqlite3_close(check);
    if (status)
        return status;
    if (asprintf(&temporary, "%s.%ld", path, (long)getpid()) < 0)
        return fps__fail_memory(error);
    unlink(temporary);
    packing now = {.path = temporary};
    status = fps__advisory_open(&now.db, temporary, true, error);
    if (!status)
        status = run(&now, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", error);
    if (!status)
        status = fill(&now, database, catalogue, error);
    sqlite3_close(now.db);
    if (!status && rename(temporary, path))
        status = fps__fail_io(error, path, errno, "cannot rename to");
    if (status)
        unlink(temporary);
    free(temporary);
    return status;
}
