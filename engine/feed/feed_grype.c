/* Grype's database of version 6: SQLite, with a JSON value for each vulnerability and each affected package. */
#include "feed/feed_formats.h"

#include "inventory/sqlite_bytes.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fps__feed_is_grype(fps__span bytes, const char *path)
{
    static const char magic[] = "SQLite format 3";
    (void)path;
    return bytes.size > 100 && !memcmp(bytes.data, magic, sizeof magic) &&
           memmem(bytes.data, bytes.size < 65536 ? bytes.size : 65536, "affected_package_handles", 24);
}

typedef struct reader {
    fps__feed *feed;
    fps__sqlite base;
    fps_error *error;
} reader;

/* The record in a column; NULL where there is none. */
static fps_status read_blob(reader *now, sqlite3_stmt *row, int column, json_t **value)
{
    const fps__span text = {sqlite3_column_text(row, column), (size_t)sqlite3_column_bytes(row, column)};
    return fps__feed_record(now->feed, text, (const char *)sqlite3_column_text(row, 0), value, now->error);
}

static const char *column(sqlite3_stmt *row, int index)
{
    const char *text = (const char *)sqlite3_column_text(row, index);
    return text ? text : "";
}

/* ---- vulnerabilities ---- */

static fps_status put_vulnerability(reader *now, sqlite3_stmt *row)
{
    const char *name = column(row, 0), *state = column(row, 1);
    if (!*name || strlen(name) >= FPS__MAX_ADVISORY_NAME) {
        fps__feed_bad(now->feed, "a vulnerability without a name", name);
        return FPS_OK;
    }
    json_t *blob;
    fps_status status = read_blob(now, row, 2, &blob);
    if (status)
        return status;
    fps__feed_advisory advisory = {.name = name,
                                   .title = fps__member_text(blob, "description"),
                                   .modified = column(row, 3),
                                   .withdrawn = !strcmp(state, "rejected") || !strcmp(state, "withdrawn")};
    const json_t *severities = fps__member_array(blob, "severities");
    for (size_t i = 0; i < json_array_size(severities); i++) {
        const json_t *severity = json_array_get(severities, i), *value = json_object_get(severity, "value");
        const char *vector = fps__member_text(value, "vector");
        double score = vector ? fps__cvss_score(vector) : -1;
        if (score > advisory.score) {
            advisory.score = score;
            advisory.vector = vector;
        }
        if (json_is_string(value))
            advisory.severity = fps__severity_of_word(json_string_value(value));
    }
    int64_t id;
    fps__feed_count(now->feed);
    fps__feed_date(now->feed, advisory.modified);
    status = fps__feed_put_advisory(now->feed, &advisory, &id, now->error);
    if (!status)
        status = fps__feed_put_names(now->feed, id, fps__member_array(blob, "aliases"), now->error);
    json_decref(blob);
    return status;
}

/* ---- packages ---- */

/* The space of a package: an ecosystem ("python", "go-module", "deb") and perhaps a system. */
static bool find_space(char space[FPS__MAX_SPACE], const char *ecosystem, const char *system,
                       const char *major, const char *minor)
{
    static const struct {
        const char *name, *space;
    } spaces[] = {
        {"python", "pypi"},      {"npm", "npm"},
        {"go-module", "golang"}, {"rust-crate", "cargo"},
        {"gem", "gem"},          {"java-archive", "maven"},
        {"dotnet", "nuget"},     {"php-composer", "composer"},
        {"hex", "hex"},          {"dart-pub", "pub"},
        {"swift", "swift"},      {"bitnami", "bitnami"},
    };
    char release[32];
    if (*system) {
        const char *type = !strcmp(ecosystem, "deb") ? "deb" : !strcmp(ecosystem, "apk") ? "apk" : "rpm";
        snprintf(release, sizeof release, "%.12s%s%.12s", major, *minor ? "." : "", minor);
        return fps__space_of_system(space, type, system, release);
    }
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (!strcmp(ecosystem, spaces[i].name)) {
            strcpy(space, spaces[i].space);
            return true;
        }
    return false;
}

static fps_status put_ranges(reader *now, int64_t advisory, const fps__subject *subject, const json_t *blob)
{
    const json_t *ranges = fps__member_array(blob, "ranges");
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(ranges) && !status; i++) {
        const json_t *range = json_array_get(ranges, i), *fix = fps__member_object(range, "fix");
        const char *constraint = fps__member_text2(range, "version", "constraint"),
                   *state = fps__member_text(fix, "state");
        const char *fixed = fps__member_text(fix, "version");
        const bool ignored = state && !strcmp(state, "wont-fix"),
                   never = state && !strcmp(state, "not-affected");
        const fps__feed_range template = {.subject = subject,
                                          .kind = never     ? FPS__NOT_AFFECTED
                                                  : ignored ? FPS__AFFECTED_IGNORED
                                                            : FPS__AFFECTED,
                                          .fixed = fixed && *fixed ? fixed : NULL};
        if (!constraint || !*constraint || !strcmp(constraint, "none (unknown)"))
            status = fps__feed_put_range(now->feed, advisory, &template, now->error);
        else
            status = fps__feed_put_constraint(now->feed, advisory, &template, constraint, now->error);
    }
    return status;
}

/* Columns: name of the vulnerability, subject's parts, blob. */
static fps_status put_affected(reader *now, sqlite3_stmt *row, const fps__subject *subject, int blob_column)
{
    int64_t advisory;
    json_t *blob;
    fps_status status = read_blob(now, row, blob_column, &blob);
    if (blob && !status)
        status = fps__feed_put_cve(now->feed, column(row, 0), &advisory, now->error);
    if (blob && !status)
        status = put_ranges(now, advisory, subject, blob);
    json_decref(blob);
    return status;
}

static fps_status put_package(reader *now, sqlite3_stmt *row)
{
    char space[FPS__MAX_SPACE];
    fps__subject subject;
    if (!find_space(space, column(row, 1), column(row, 3), column(row, 4), column(row, 5)) ||
        !fps__subject_set(&subject, space, column(row, 2))) {
        fps__feed_bad(now->feed, "an ecosystem that is not known", column(row, 1));
        return FPS_OK;
    }
    return put_affected(now, row, &subject, 6);
}

static fps_status put_cpe(reader *now, sqlite3_stmt *row)
{
    fps__subject subject;
    if (!fps__subject_of_product(&subject, column(row, 1), column(row, 2)))
        return FPS_OK;
    return put_affected(now, row, &subject, 3);
}

static fps_status each(reader *now, const char *sql, fps_status (*put)(reader *, sqlite3_stmt *))
{
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(now->base.db, sql, -1, &row, NULL);
    fps_status status = FPS_OK;
    while (!code && !status && (code = sqlite3_step(row)) == SQLITE_ROW) {
        status = put(now, row);
        code = SQLITE_OK;
    }
    if (!status && code != SQLITE_DONE)
        status = fps__sqlite_fail(&now->base, code, now->error);
    sqlite3_finalize(row);
    return status;
}

fps_status fps__feed_read_grype(fps__feed *feed, fps__span bytes, const char *path, fps_error *error)
{
    static const struct {
        const char *sql;
        fps_status (*put)(reader *, sqlite3_stmt *);
    } queries[] = {
        {"SELECT v.name, v.status, b.value, v.modified_date FROM vulnerability_handles v JOIN blobs b ON b.id = v.blob_id",
         put_vulnerability},
        {"SELECT v.name, p.ecosystem, p.name, ifnull(o.name, ''), ifnull(o.major_version, ''), ifnull(o.minor_version, ''), b.value"
         " FROM affected_package_handles a JOIN vulnerability_handles v ON v.id = a.vulnerability_id JOIN packages p ON p.id = a.package_id"
         " LEFT JOIN operating_systems o ON o.id = a.operating_system_id JOIN blobs b ON b.id = a.blob_id",
         put_package},
        {"SELECT v.name, c.vendor, c.product, b.value FROM affected_cpe_handles a JOIN vulnerability_handles v ON v.id = a.vulnerability_id"
         " JOIN cpes c ON c.id = a.cpe_id JOIN blobs b ON b.id = a.blob_id",
         put_cpe},
    };
    static const char *const tables[] = {"vulnerability_handles",
                                         "affected_package_handles",
                                         "affected_cpe_handles",
                                         "packages",
                                         "cpes",
                                         "operating_systems",
                                         "blobs"};
    reader now = {.feed = feed, .error = error};
    (void)path;
    uint8_t *copy = malloc(bytes.size); /* SQLite takes bytes that it may change */
    if (!copy)
        return fps__fail_memory(error);
    memcpy(copy, bytes.data, bytes.size);
    fps_status status = fps__sqlite_open(&now.base, copy, bytes.size, error);
    for (size_t i = 0; i < sizeof tables / sizeof *tables && !status; i++)
        status = fps__sqlite_check_table(&now.base, tables[i], "name = 'id'", 1, "grype", error);
    for (size_t i = 0; i < sizeof queries / sizeof *queries && !status; i++)
        status = each(&now, queries[i].sql, queries[i].put);
    sqlite3_close(now.base.db);
    free(copy);
    return status == FPS_ERROR_UNSUPPORTED ? FPS_ERROR_CORRUPT : status;
}
