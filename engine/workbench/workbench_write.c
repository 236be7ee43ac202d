/* Writes build records and component facts as rows: one transaction each, so that a crash never leaves half a
 * package. */
#include "workbench/workbench_internal.h"

#include "util/error.h"

#include <limits.h>
#include <stdlib.h>

enum { MAX_VARINT = 5 };

static fps_status read_data_version(fps_workbench *workbench, int64_t *version, fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_DATA_VERSION, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    fps_status status =
        sqlite3_step(statement) == SQLITE_ROW ? FPS_OK : fps__workbench_fail(workbench, error);
    *version = status ? 0 : sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return status;
}

fps_status fps__workbench_load_keys(fps_workbench *workbench, fps_error *error)
{
    int64_t version;
    fps_status status = read_data_version(workbench, &version, error);
    if (status || (workbench->keys_loaded && version == workbench->data_version))
        return status;
    workbench->data_version = version;
    fps__key_map_free(&workbench->keys);
    workbench->next_feature = 1;
    sqlite3_stmt *rows;
    status = fps__workbench_prepare(workbench, "SELECT id, key FROM feature ORDER BY id", &rows, error);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(rows, 0);
        uint64_t key = (uint64_t)sqlite3_column_int64(rows, 1);
        bool fresh;
        if (id < 1 || id >= UINT32_MAX || !key) {
            status = fps__fail(error, FPS_ERROR_CORRUPT, workbench->path, UINT64_MAX,
                               "feature row %lld is damaged", (long long)id);
            break;
        }
        uint32_t *row = fps__key_map_add(&workbench->keys, key, &fresh);
        if (!row) {
            status = fps__fail_memory(error);
            break;
        }
        if (fresh)
            *row = (uint32_t)id;
        workbench->next_feature = (uint32_t)id + 1;
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(workbench, error);
    sqlite3_finalize(rows);
    workbench->keys_loaded = status == FPS_OK;
    return status;
}

fps_status fps__workbench_begin(fps_workbench *workbench, fps_error *error)
{
    fps_status status = fps__workbench_run_named(workbench, FPS__WORKBENCH_BEGIN, error);
    if (status)
        return status;
    status = fps__workbench_load_keys(workbench, error);
    return status ? fps__workbench_end(workbench, status, NULL) : FPS_OK;
}

/* ---- feature lists ---- */

static size_t put_varint(uint8_t *out, uint32_t value)
{
    size_t used = 0;
    for (; value >= 0x80; value >>= 7)
        out[used++] = (uint8_t)(value | 0x80);
    out[used++] = (uint8_t)value;
    return used;
}

/* Differences are modulo 2^32: neighbours in an object are mostly neighbours among the rows. */
size_t fps__workbench_encode(uint8_t *out, const uint32_t *ids, size_t count)
{
    size_t used = 0;
    uint32_t last = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t difference = ids[i] - last;
        uint32_t sign = difference & 0x80000000u ? UINT32_MAX : 0;
        used += put_varint(out + used, difference << 1 ^ sign);
        last = ids[i];
    }
    return used;
}

static bool get_varint(const uint8_t *list, size_t size, size_t *at, uint32_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 7 * MAX_VARINT && *at < size; shift += 7) {
        uint8_t byte = list[(*at)++];
        *value |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

bool fps__workbench_decode(const uint8_t *list, size_t size, uint32_t *ids, size_t count, uint32_t limit)
{
    size_t at = 0;
    uint32_t last = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t value;
        if (!get_varint(list, size, &at, &value))
            return false;
        last += value >> 1 ^ (value & 1 ? UINT32_MAX : 0);
        if (!last || last >= limit)
            return false;
        ids[i] = last;
    }
    return at == size;
}

/* ---- builds ---- */

static fps_status delete_build(fps_workbench *workbench, int64_t id, fps_error *error)
{
    static const fps__workbench_statement order[] = {
        FPS__WORKBENCH_DELETE_TEXTS, FPS__WORKBENCH_DELETE_OBJECTS, FPS__WORKBENCH_DELETE_BUILD};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        sqlite3_stmt *statement = fps__workbench_statement_get(workbench, order[i], error);
        if (!statement)
            return FPS_ERROR_CORRUPT;
        sqlite3_bind_int64(statement, 1, id);
        fps_status status = fps__workbench_run(workbench, statement, error);
        if (status)
            return status;
    }
    return FPS_OK;
}

static fps_status delete_same(fps_workbench *workbench, const fps__workbench_facts *facts, bool *replaced,
                              fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_FIND_BUILD, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    sqlite3_bind_blob(statement, 1, facts->digest, FPS__SHA256_SIZE, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, facts->negative);
    int got = sqlite3_step(statement);
    int64_t id = got == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    *replaced = got == SQLITE_ROW;
    fps_status status =
        got == SQLITE_ROW || got == SQLITE_DONE ? FPS_OK : fps__workbench_fail(workbench, error);
    sqlite3_reset(statement);
    return status || !*replaced ? status : delete_build(workbench, id, error);
}

fps_status fps__workbench_insert_build(fps_workbench *workbench, const fps__workbench_facts *facts,
                                       int64_t *id, fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_BUILD, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    const char *const texts[] = {
        facts->file,         facts->tool,    facts->parameters,     facts->origin,
        facts->component,    facts->version, facts->package,        facts->package_version,
        facts->architecture, facts->source,  facts->source_version, facts->built_using,
        facts->purl,         facts->cpe,     facts->license};
    sqlite3_bind_blob(statement, 1, facts->digest, FPS__SHA256_SIZE, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, facts->negative);
    sqlite3_bind_int(statement, 3, facts->imported);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        fps__workbench_bind_text(statement, 4 + (int)i, texts[i]);
    fps_status status = fps__workbench_run(workbench, statement, error);
    *id = sqlite3_last_insert_rowid(workbench->db);
    return status;
}

static fps_status insert_feature(fps_workbench *workbench, const fps__corpus_feature *feature, uint32_t id,
                                 fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_FEATURE, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, (int64_t)feature->key);
    sqlite3_bind_int(statement, 3, (int)fps__feature_kind_of(feature->key));
    if (feature->text)
        sqlite3_bind_text(statement, 4, feature->text, -1, SQLITE_STATIC);
    return fps__workbench_run(workbench, statement, error);
}

fps_status fps__workbench_resolve(fps_workbench *workbench, const fps__corpus_feature *features, size_t count,
                                  uint32_t *rows, fps_error *error)
{
    for (size_t i = 0; i < count; i++) {
        bool fresh;
        uint32_t *row = fps__key_map_add(&workbench->keys, features[i].key, &fresh);
        if (!row)
            return fps__fail_memory(error);
        if (fresh) {
            if (workbench->next_feature == UINT32_MAX)
                return fps__fail(error, FPS_ERROR_LIMIT, workbench->path, UINT64_MAX, "more than %u features",
                                 UINT32_MAX - 1);
            *row = workbench->next_feature++;
            fps_status status = insert_feature(workbench, &features[i], *row, error);
            if (status)
                return status;
        }
        rows[i] = *row;
    }
    return FPS_OK;
}

static fps_status insert_version_texts(fps_workbench *workbench, const fps__workbench_object *object,
                                       int64_t id, const uint32_t *rows, fps_error *error)
{
    for (uint32_t i = 0; i < object->version_text_count; i++) {
        sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_TEXT, error);
        if (!statement)
            return FPS_ERROR_CORRUPT;
        sqlite3_bind_int64(statement, 1, id);
        sqlite3_bind_int64(statement, 2, rows[object->version_texts[i].feature]);
        fps__workbench_bind_text(statement, 3, object->version_texts[i].version);
        fps_status status = fps__workbench_run(workbench, statement, error);
        if (status)
            return status;
    }
    return FPS_OK;
}

static fps_status insert_object(fps_workbench *workbench, const fps__workbench_object *object, int64_t build,
                                const uint32_t *rows, fps_error *error)
{
    uint32_t count = object->feature_count;
    uint32_t *ids = malloc(count * sizeof *ids + 1);
    uint8_t *list = malloc((size_t)count * MAX_VARINT + 1);
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_OBJECT, error);
    fps_status status = FPS_ERROR_CORRUPT;
    if (!ids || !list)
        status = fps__fail_memory(error);
    else if (statement) {
        for (uint32_t i = 0; i < count; i++)
            ids[i] = rows[object->features[i]];
        size_t size = fps__workbench_encode(list, ids, count);
        sqlite3_bind_int64(statement, 1, build);
        fps__workbench_bind_text(statement, 2, object->path);
        fps__workbench_bind_text(statement, 3, object->source);
        sqlite3_bind_int(statement, 4, (int)object->type);
        sqlite3_bind_int(statement, 5, object->machine);
        sqlite3_bind_int(statement, 6, object->member);
        if (object->build_id_size && object->build_id_size < INT_MAX)
            sqlite3_bind_blob(statement, 7, object->build_id, (int)object->build_id_size, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 8, (int64_t)object->size);
        sqlite3_bind_int64(statement, 9, count);
        sqlite3_bind_blob64(statement, 10, list, size, SQLITE_STATIC);
        fps__workbench_bind_text(statement, 11, object->toolchain);
        status = fps__workbench_run(workbench, statement, error);
    }
    free(ids);
    free(list);
    return status ? status
                  : insert_version_texts(workbench, object, sqlite3_last_insert_rowid(workbench->db), rows,
                                         error);
}

fps_status fps__workbench_write(fps_workbench *workbench, const fps__workbench_build *build, bool *replaced,
                                fps_error *error)
{
    int64_t id = 0;
    uint32_t *rows = malloc(build->features.count * sizeof *rows + 1);
    if (!rows)
        return fps__fail_memory(error);
    fps_status status = fps__workbench_begin(workbench, error);
    if (status) {
        free(rows);
        return status;
    }
    status = delete_same(workbench, &build->facts, replaced, error);
    if (!status)
        status = fps__workbench_insert_build(workbench, &build->facts, &id, error);
    if (!status)
        status = fps__workbench_resolve(workbench, build->features.items, build->features.count, rows, error);
    for (size_t i = 0; i < build->objects.count && !status; i++)
        status = insert_object(workbench, &build->objects.items[i], id, rows, error);
    free(rows);
    return fps__workbench_end(workbench, status, error);
}

/* ---- components ---- */

static char *join_releases(const fps__catalogue_component *component)
{
    size_t size = 1;
    for (uint32_t i = 0; i < component->release_count; i++)
        size += strlen(component->releases[i]) + 1;
    char *joined = calloc(1, size), *end = joined;
    for (uint32_t i = 0; joined && i < component->release_count; i++) {
        size_t length = strlen(component->releases[i]);
        if (i)
            *end++ = ' ';
        memcpy(end, component->releases[i], length);
        end += length;
    }
    return joined;
}

fps_status fps__workbench_write_component(fps_workbench *workbench, const fps__catalogue_component *component,
                                          int origin, fps_error *error)
{
    sqlite3_stmt *statement = fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_COMPONENT, error);
    char *releases = join_releases(component);
    fps_status status = FPS_ERROR_CORRUPT;
    if (!releases)
        status = fps__fail_memory(error);
    else if (statement) {
        const char *const texts[] = {component->name,    component->purl,   component->cpe,
                                     component->license, component->family, component->sources,
                                     component->vendors};
        fps__workbench_bind_text(statement, 1, component->id);
        sqlite3_bind_int(statement, 2, origin);
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            fps__workbench_bind_text(statement, 3 + (int)i, texts[i]);
        sqlite3_bind_int(statement, 10, (int)component->role);
        sqlite3_bind_int64(statement, 11, component->since);
        fps__workbench_bind_text(statement, 12, releases);
        status = fps__workbench_run(workbench, statement, error);
    }
    free(releases);
    return status;
}
