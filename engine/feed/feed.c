/* An import: finds the format of each file, reads it, and writes all of the source in one transaction. */
#include "feed/feed.h"

#include "feed/feed_state.h"
#include "feed/feed_walk.h"
#include "util/error.h"
#include "util/json_document.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Files that are in no known syntax although their name says so. */
static const fps__feed_format unreadable = {.name = "unreadable", .about = "files that are damaged"};

/* Raised when readers find more in the same bytes than before: a source is then read again. */
static const char readers_version[] = "readers 1";

typedef struct import {
    fps__feed feed;
    const fps__feed_format *wanted; /* NULL: each file says */
    fps_advisory_import_result result;
} import;

/* ---- formats ---- */

static const fps__feed_format *find_named(const char *name)
{
    const fps__feed_format *format;
    for (size_t i = 0; (format = fps__feed_format_entry(i)); i++)
        if (!strcmp(format->name, name))
            return format;
    return NULL;
}

static const fps__feed_format *find_by_bytes(const import *now, fps__span bytes, const char *path)
{
    const fps__feed_format *format;
    if (now->wanted)
        return now->wanted->is_bytes && now->wanted->is_bytes(bytes, path) ? now->wanted : NULL;
    for (size_t i = 0; (format = fps__feed_format_entry(i)); i++)
        if (format->is_bytes && format->is_bytes(bytes, path))
            return format;
    return NULL;
}

static const fps__feed_format *find_by_value(const import *now, const json_t *value)
{
    const fps__feed_format *format;
    if (now->wanted)
        return now->wanted->is_value(value) ? now->wanted : NULL;
    for (size_t i = 0; (format = fps__feed_format_entry(i)); i++)
        if (format->is_value && format->is_value(value))
            return format;
    return NULL;
}

/* The part of the source that has this format; the database row is made with its first record. */
static fps_status choose_part(import *now, const fps__feed_format *format, fps_error *error)
{
    fps__feed *feed = &now->feed;
    for (size_t i = 0; i < feed->part_count; i++)
        if (feed->parts[i].format == format) {
            feed->part = &feed->parts[i];
            return FPS_OK;
        }
    if (feed->part_count == FPS__FEED_MAX_PARTS)
        return fps__fail(error, FPS_ERROR_LIMIT, feed->path, UINT64_MAX, "more than %d formats",
                         FPS__FEED_MAX_PARTS);
    feed->part = &feed->parts[feed->part_count++];
    *feed->part = (fps__feed_part){.format = format};
    return FPS_OK;
}

/* ---- documents ---- */

static bool has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), tail = strlen(suffix);
    return length > tail && !strcmp(path + length - tail, suffix);
}

static fps__span skip_mark(fps__span bytes)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    return bytes.size >= 3 && !memcmp(bytes.data, mark, 3) ? fps__span_part(bytes, 3, bytes.size - 3) : bytes;
}

static bool is_json(fps__span bytes)
{
    size_t at = 0;
    while (at < bytes.size && strchr(" \t\r\n", bytes.data[at]) && bytes.data[at])
        at++;
    return at < bytes.size && (bytes.data[at] == '{' || bytes.data[at] == '[');
}

static bool is_yaml(const char *path)
{
    return has_suffix(path, ".yaml") || has_suffix(path, ".yml") || has_suffix(path, ".yaml.gz") ||
           has_suffix(path, ".yaml.xz");
}

/* A damaged file among others is a bad record; the file that the user named is an error. */
static fps_status give_up_file(import *now, bool alone, const fps_error *failure, fps_error *error)
{
    if (failure->status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    if (alone || now->wanted)
        return fps__fail(error, failure->status, now->feed.path, failure->offset, "%s", failure->message);
    fps_status status = choose_part(now, &unreadable, error);
    if (!status)
        fps__feed_bad(&now->feed,
                      failure->status == FPS_ERROR_LIMIT ? "a document beyond the limits" : "not well-formed",
                      failure->message);
    return status;
}

static fps_status read_value(import *now, json_t *value, bool alone, fps_error *error)
{
    const fps__feed_format *format = find_by_value(now, value);
    if (!format) {
        now->result.ignored++;
        return FPS_OK;
    }
    fps_status status = choose_part(now, format, error);
    if (status)
        return status;
    now->feed.part->files++;
    now->result.files++;
    fps_error failure = {.status = FPS_OK};
    status = format->read_value(&now->feed, value, &failure);
    if (!status)
        return FPS_OK;
    if (status == FPS_ERROR_CORRUPT && format->record && !failure.path[0]) /* the database has a path */
        return give_up_file(now, alone, &failure, error);
    if (error)
        *error = failure;
    return status;
}

/* A list of records is read as if each were a file. */
static fps_status read_values(import *now, json_t *value, bool alone, fps_error *error)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 0;
    const json_t *first = count ? json_array_get(value, 0) : NULL;
    const fps__feed_format *format = first ? find_by_value(now, first) : NULL;
    if (!format || !format->record)
        return read_value(now, value, alone, error);
    fps_status status = FPS_OK;
    for (size_t i = 0; i < count && !status; i++) {
        json_t *item = json_array_get(value, i);
        if (find_by_value(now, item))
            status = read_value(now, item, false, error);
        else if (!(status = choose_part(now, format, error)))
            fps__feed_bad(&now->feed, "a record that does not say what it is", fps__member_text(item, "id"));
    }
    return status;
}

static fps_status read_document(import *now, fps__span bytes, bool yaml, bool alone, fps_error *error)
{
    json_t *value = NULL;
    fps_error failure = {.status = FPS_OK};
    if (yaml) {
        fps__yaml_read(&value, bytes, &failure);
    } else {
        json_error_t reason;
        value = fps__json_load(bytes, JSON_REJECT_DUPLICATES, &reason);
        if (!value)
            fps__fail(&failure, fps__json_no_memory(&reason) ? FPS_ERROR_MEMORY : FPS_ERROR_CORRUPT, NULL,
                      reason.position > 0 ? (uint64_t)reason.position : UINT64_MAX, "line %d: %s",
                      reason.line, reason.text);
    }
    if (!value)
        return give_up_file(now, alone, &failure, error);
    fps_status status = read_values(now, value, alone, error);
    json_decref(value);
    return status;
}

static fps_status read_file(void *user, fps__span bytes, const char *path, bool alone, fps_error *error)
{
    import *now = user;
    now->feed.path = path;
    bytes = skip_mark(bytes);
    const fps__feed_format *format = find_by_bytes(now, bytes, path);
    if (format) {
        fps_status status = choose_part(now, format, error);
        if (status)
            return status;
        now->feed.part->files++;
        now->result.files++;
        fps_error failure = {.status = FPS_OK};
        status = format->read_bytes(&now->feed, bytes, path, &failure);
        if (status == FPS_ERROR_CORRUPT && format->record && !alone && !failure.path[0])
            return give_up_file(now, alone, &failure, error);
        if (status && error)
            *error = failure;
        return status;
    }
    if ((!now->wanted || now->wanted->is_value) && (is_json(bytes) || is_yaml(path)))
        return read_document(now, bytes, !is_json(bytes), alone, error);
    now->result.ignored++;
    return FPS_OK;
}

/* ---- the whole import ---- */

static fps_status hash_file(void *user, fps__span bytes, const char *path, bool alone, fps_error *error)
{
    (void)alone, (void)error;
    XXH3_state_t *hash = user;
    uint64_t size = bytes.size;
    XXH3_128bits_update(hash, path, strlen(path));
    XXH3_128bits_update(hash, &size, sizeof size);
    XXH3_128bits_update(hash, bytes.data, bytes.size);
    return FPS_OK;
}

/* The digest of all that is read, and of how it is read. */
static fps_status make_digest(import *now, const char *const *paths, size_t count, fps_error *error)
{
    XXH3_state_t *hash = XXH3_createState();
    if (!hash)
        return fps__fail_memory(error);
    const char *format = now->wanted ? now->wanted->name : "";
    XXH3_128bits_reset(hash);
    XXH3_128bits_update(hash, readers_version, sizeof readers_version);
    XXH3_128bits_update(hash, format, strlen(format) + 1);
    fps_status status = FPS_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = fps__feed_walk(paths[i], false, hash_file, hash, error);
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(hash));
    memcpy(now->feed.digest, digest.digest, sizeof now->feed.digest);
    XXH3_freeState(hash);
    return status;
}

static fps_status is_known(import *now, bool *known, fps_error *error)
{
    sqlite3_stmt *statement = NULL;
    fps_status status = FPS_OK;
    if (sqlite3_prepare_v2(now->feed.db, "SELECT count(*) FROM source WHERE name = ? AND digest = ?", -1,
                           &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_text(statement, 1, now->feed.source, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_bind_blob(statement, 2, now->feed.digest, sizeof now->feed.digest, SQLITE_STATIC) !=
            SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = fps__advisory_fail(now->feed.db, now->feed.database, error);
    else
        *known = sqlite3_column_int64(statement, 0) > 0;
    sqlite3_finalize(statement);
    return status;
}

static fps_status execute(import *now, const char *sql, fps_error *error)
{
    return sqlite3_exec(now->feed.db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? FPS_OK
               : fps__advisory_fail(now->feed.db, now->feed.database, error);
}

static fps_status replace_source(import *now, const char *const *paths, size_t count, fps_error *error)
{
    bool found;
    fps_status status = execute(now, fps__advisory_indexes, error);
    if (!status)
        status = fps__feed_remove(now->feed.db, now->feed.database, now->feed.source, &found, error);
    for (size_t i = 0; i < count && !status; i++)
        status = fps__feed_walk(paths[i], true, read_file, now, error);
    if (!status && !now->result.files)
        status = fps__fail(error, FPS_ERROR_FORMAT, paths[0], UINT64_MAX, "no file of a known format");
    return status ? status : fps__feed_write_parts(&now->feed, error);
}

/* Adds up the result and frees everything. */
static void finish(import *now)
{
    fps__feed_finalize(&now->feed);
    for (size_t i = 0; i < now->feed.part_count; i++) {
        now->result.records += now->feed.parts[i].records;
        now->result.bad += now->feed.parts[i].bad;
        free(now->feed.parts[i].reasons.items);
    }
    now->result.ranges = now->feed.ranges;
    now->result.names = now->feed.names;
    fps__key_map_free(&now->feed.packages);
    sqlite3_close(now->feed.db);
}

static fps_status run_import(import *now, const char *const *paths, size_t count, bool force,
                             fps_error *error)
{
    fps_status status = make_digest(now, paths, count, error);
    if (!status)
        status = fps__advisory_open(&now->feed.db, now->feed.database, true, error);
    if (!status)
        status = execute(now, "BEGIN IMMEDIATE", error);
    bool known = false;
    if (!status && !force)
        status = is_known(now, &known, error);
    now->result.unchanged = known;
    if (!status && !known)
        status = replace_source(now, paths, count, error);
    fps__feed_finalize(&now->feed);
    if (!status)
        status = execute(now, "COMMIT", error);
    if (status && now->feed.db)
        sqlite3_exec(now->feed.db, "ROLLBACK", NULL, NULL, NULL);
    finish(now);
    return status;
}

fps_status fps__feed_try(const fps__feed_format *wanted, fps__span bytes, const char *path,
                         fps_advisory_import_result *result, fps_error *error)
{
    static const fps_advisory_import_options options = {.format = NULL};
    import *now = calloc(1, sizeof *now);
    if (!now)
        return fps__fail_memory(error);
    now->wanted = wanted;
    now->feed.database = ":memory:";
    now->feed.source = "try";
    now->feed.options = &options;
    now->feed.path = path;
    fps_status status = fps__advisory_open(&now->feed.db, now->feed.database, true, error);
    if (!status)
        status = execute(now, "BEGIN", error);
    if (!status)
        status = read_file(now, bytes, path, true, error);
    if (!status)
        status = fps__feed_write_parts(&now->feed, error);
    finish(now);
    *result = now->result;
    free(now);
    return status;
}

/* "data/oss-fuzz-vulns.tar.xz": "oss-fuzz-vulns". */
static char *name_of_path(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    size_t start = length;
    while (start && path[start - 1] != '/')
        start--;
    char *name = strndup(path + start, length - start);
    static const char *const suffixes[] = {".gz",   ".xz",   ".zst", ".bz2", ".tar", ".zip",
                                           ".json", ".yaml", ".xml", ".csv", ".db",  ".tgz"};
    for (size_t i = 0; name && i < sizeof suffixes / sizeof *suffixes; i++)
        if (has_suffix(name, suffixes[i]))
            name[strlen(name) - strlen(suffixes[i])] = '\0';
    return name;
}

fps_status fps_advisory_import(const char *database, const char *source, const char *const *paths,
                               size_t count, const fps_advisory_import_options *options,
                               fps_advisory_import_result *result, fps_error *error)
{
    static const fps_advisory_import_options defaults = {.format = NULL};
    options = options ? options : &defaults;
    if (result)
        memset(result, 0, sizeof *result);
    if (!count)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "nothing to import");
    const fps__feed_format *wanted = options->format ? find_named(options->format) : NULL;
    if (options->format && !wanted)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "no format \"%s\"", options->format);
    import *now = calloc(1, sizeof *now);
    char *name = source ? strdup(source) : name_of_path(paths[0]);
    fps_status status = now && name ? FPS_OK : fps__fail_memory(error);
    if (!status) {
        now->wanted = wanted;
        now->feed.database = database;
        now->feed.source = name;
        now->feed.options = options;
        now->feed.path = paths[0];
        status = run_import(now, paths, count, options->force, error);
    }
    if (!status && result)
        *result = now->result;
    free(name);
    free(now);
    return status;
}

fps_status fps_advisory_remove(const char *database, const char *source, fps_error *error)
{
    sqlite3 *db = NULL;
    bool found = false;
    fps_status status = fps__advisory_open(&db, database, true, error);
    if (!status && sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        status = fps__advisory_fail(db, database, error);
    if (!status)
        status = fps__feed_remove(db, database, source, &found, error);
    if (!status && !found)
        status = fps__fail(error, FPS_ERROR_NOT_FOUND, database, UINT64_MAX, "no source \"%s\"", source);
    if (!status && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        status = fps__advisory_fail(db, database, error);
    sqlite3_close(db);
    return status;
}
