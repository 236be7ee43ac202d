/* Brings the builds, components and imported sets of another workbench into one. */
#include "workbench/workbench_history.h"
#include "workbench/workbench_patch.h"

#include "util/error.h"

#include <stdlib.h>

enum { MAX_OBJECTS = 10000000, MAX_TEXTS = 100000000 };

/* The other workbench, and one build of it in hand. */
typedef struct merging {
    fps_workbench *workbench, *other;
    fps_error *error;
    uint64_t *key_of_row; /* of the other's feature rows */
    uint32_t row_count;   /* row ids are below this */
    sqlite3_stmt *objects, *texts, *feature_text;
    char parameters[FPS__WORKBENCH_PARAMETERS];
    fps__arena arena; /* of the build in hand */
    fps__workbench_build build;
} merging;

static fps_status damaged(merging *now, const char *what)
{
    return fps__workbench_damaged(now->other, what, now->error);
}

static const char *keep(merging *now, sqlite3_stmt *row, int column)
{
    return fps__arena_string(&now->arena, fps__workbench_text(row, column));
}

/* ---- features ---- */

static fps_status load_rows(merging *now)
{
    sqlite3_stmt *rows;
    fps_status status =
        fps__workbench_prepare(now->other, "SELECT id, key FROM feature ORDER BY id DESC", &rows, now->error);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(rows, 0);
        if (!now->key_of_row && id >= 1 && id < UINT32_MAX) {
            now->row_count = (uint32_t)id + 1; /* the first row has the greatest id */
            now->key_of_row = calloc(now->row_count, sizeof *now->key_of_row);
        }
        if (id < 1 || id >= now->row_count)
            status = damaged(now, "a feature row");
        else if (!now->key_of_row)
            status = fps__fail_memory(now->error);
        else
            now->key_of_row[id] = (uint64_t)sqlite3_column_int64(rows, 1);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(now->other, now->error);
    sqlite3_finalize(rows);
    return status;
}

static fps_status read_feature_text(merging *now, uint32_t row, const char **text)
{
    *text = NULL;
    sqlite3_bind_int64(now->feature_text, 1, row);
    fps_status status = FPS_OK;
    if (sqlite3_step(now->feature_text) != SQLITE_ROW)
        status = damaged(now, "a feature row");
    else if (sqlite3_column_type(now->feature_text, 0) != SQLITE_NULL &&
             !(*text = keep(now, now->feature_text, 0)))
        status = fps__fail_memory(now->error);
    sqlite3_reset(now->feature_text);
    return status;
}

/* The index in the build's features of a feature row of the other workbench. */
static fps_status index_row(merging *now, uint32_t row, uint32_t *index)
{
    fps__workbench_build *build = &now->build;
    uint64_t key = row < now->row_count ? now->key_of_row[row] : 0;
    bool fresh;
    if (!key)
        return damaged(now, "a feature list");
    uint32_t *id = fps__key_map_add(&build->keys, key, &fresh);
    if (!id)
        return fps__fail_memory(now->error);
    if (fresh) {
        fps__corpus_feature feature = {.key = key};
        fps_status status = read_feature_text(now, row, &feature.text);
        if (!status)
            status = fps__workbench_reserved(FPS__ARRAY_PUSH(&build->features, &feature, UINT32_MAX),
                                             now->other->path, "features in one build", now->error);
        if (status)
            return status;
        *id = (uint32_t)build->features.count - 1;
    }
    *index = *id;
    return FPS_OK;
}

/* ---- builds ---- */

static fps_status read_version_texts(merging *now, int64_t id, fps__workbench_object *object)
{
    fps_status status = FPS_OK;
    FPS__ARRAY(fps__workbench_version_text) texts = {NULL, 0, 0};
    sqlite3_bind_int64(now->texts, 1, id);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(now->texts)) == SQLITE_ROW) {
        int64_t row = sqlite3_column_int64(now->texts, 0);
        fps__workbench_version_text text = {.version = keep(now, now->texts, 1)};
        if (row < 1 || row >= now->row_count)
            status = damaged(now, "a version text");
        else if (!text.version)
            status = fps__fail_memory(now->error);
        else
            status = index_row(now, (uint32_t)row, &text.feature);
        if (!status)
            status = fps__workbench_reserved(FPS__ARRAY_PUSH(&texts, &text, MAX_TEXTS), now->other->path,
                                             "version texts in one object", now->error);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(now->other, now->error);
    sqlite3_reset(now->texts);
    fps__workbench_version_text *kept = fps__arena_array(&now->arena, texts.count + 1, sizeof *kept);
    if (!status && !kept)
        status = fps__fail_memory(now->error);
    if (!status && texts.count)
        memcpy(kept, texts.items, texts.count * sizeof *kept);
    object->version_texts = kept;
    object->version_text_count = (uint32_t)texts.count;
    free(texts.items);
    return status;
}

static fps_status read_features(merging *now, fps__workbench_object *object)
{
    int size = sqlite3_column_bytes(now->objects, 9);
    const uint8_t *list = sqlite3_column_blob(now->objects, 9);
    int64_t count = sqlite3_column_int64(now->objects, 8);
    if (count < 0 || count > size)
        return damaged(now, "a feature list");
    uint32_t *features = fps__arena_array(&now->arena, (size_t)count + 1, sizeof *features);
    if (!features)
        return fps__fail_memory(now->error);
    if (!fps__workbench_decode(list, (size_t)size, features, (size_t)count, now->row_count))
        return damaged(now, "a feature list");
    object->features = features;
    object->feature_count = (uint32_t)count;
    fps_status status = FPS_OK;
    for (int64_t i = 0; i < count && !status; i++)
        status = index_row(now, features[i], &features[i]);
    return status;
}

static fps_status read_object(merging *now)
{
    sqlite3_stmt *row = now->objects;
    fps__workbench_object object = {.path = keep(now, row, 1),
                                    .source = keep(now, row, 2),
                                    .type = (fps_object_type)sqlite3_column_int(row, 3),
                                    .machine = (uint16_t)sqlite3_column_int(row, 4),
                                    .member = sqlite3_column_int(row, 5) != 0,
                                    .build_id_size = (size_t)sqlite3_column_bytes(row, 6),
                                    .size = (uint64_t)sqlite3_column_int64(row, 7),
                                    .toolchain = keep(now, row, 10)};
    uint8_t *id = fps__arena_alloc(&now->arena, object.build_id_size + 1);
    if (!object.path || !object.source || !object.toolchain || !id)
        return fps__fail_memory(now->error);
    if (object.build_id_size)
        memcpy(id, sqlite3_column_blob(row, 6), object.build_id_size);
    object.build_id = id;
    fps_status status = read_features(now, &object);
    if (!status)
        status = read_version_texts(now, sqlite3_column_int64(row, 0), &object);
    if (!status)
        status = fps__workbench_reserved(FPS__ARRAY_PUSH(&now->build.objects, &object, MAX_OBJECTS),
                                         now->other->path, "objects in one build", now->error);
    return status;
}

static fps_status read_facts(merging *now, sqlite3_stmt *row)
{
    fps__workbench_facts *facts = &now->build.facts;
    *facts = (fps__workbench_facts){.negative = sqlite3_column_int(row, 2) != 0,
                                    .imported = sqlite3_column_int(row, 3) != 0};
    const char **texts[] = {
        &facts->file,         &facts->tool,    &facts->parameters,     &facts->origin,
        &facts->component,    &facts->version, &facts->package,        &facts->package_version,
        &facts->architecture, &facts->source,  &facts->source_version, &facts->built_using,
        &facts->purl,         &facts->cpe,     &facts->license};
    if (sqlite3_column_bytes(row, 1) != FPS__SHA256_SIZE)
        return damaged(now, "a build row");
    memcpy(facts->digest, sqlite3_column_blob(row, 1), FPS__SHA256_SIZE);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!(*texts[i] = keep(now, row, 4 + (int)i)))
            return fps__fail_memory(now->error);
    return FPS_OK;
}

/* A build that is there already is replaced only if it has other parameters than this program, and the new
 * one has not. */
static fps_status is_wanted(merging *now, bool *wanted)
{
    sqlite3_stmt *statement =
        fps__workbench_statement_get(now->workbench, FPS__WORKBENCH_FIND_BUILD, now->error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    sqlite3_bind_blob(statement, 1, now->build.facts.digest, FPS__SHA256_SIZE, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, now->build.facts.negative);
    int got = sqlite3_step(statement);
    bool current = !strcmp(now->build.facts.parameters, now->parameters);
    *wanted = got == SQLITE_DONE ||
              (got == SQLITE_ROW && current && strcmp(fps__workbench_text(statement, 1), now->parameters));
    fps_status status =
        got == SQLITE_DONE || got == SQLITE_ROW ? FPS_OK : fps__workbench_fail(now->workbench, now->error);
    sqlite3_reset(statement);
    return status;
}

static fps_status merge_build(merging *now, sqlite3_stmt *row)
{
    bool wanted = false, replaced;
    fps_status status = read_facts(now, row);
    if (!status)
        status = is_wanted(now, &wanted);
    if (!status && wanted) {
        int got = SQLITE_DONE;
        sqlite3_bind_int64(now->objects, 1, sqlite3_column_int64(row, 0));
        while (!status && (got = sqlite3_step(now->objects)) == SQLITE_ROW)
            status = read_object(now);
        if (!status && got != SQLITE_DONE)
            status = fps__workbench_fail(now->other, now->error);
        sqlite3_reset(now->objects);
    }
    if (!status && wanted)
        status = fps__workbench_write(now->workbench, &now->build, &replaced, now->error);
    now->build.objects.count = 0;
    now->build.features.count = 0;
    fps__key_map_free(&now->build.keys);
    fps__arena_reset(&now->arena);
    return status;
}

static fps_status merge_builds(merging *now)
{
    sqlite3_stmt *rows;
    fps_status status =
        fps__workbench_prepare(now->other,
                               "SELECT id, digest, negative, imported, file, tool, parameters, origin,"
                               " component, version, package, package_version, architecture, source,"
                               " source_version, built_using, purl, cpe, license FROM build ORDER BY id",
                               &rows, now->error);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW)
        status = merge_build(now, rows);
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(now->other, now->error);
    sqlite3_finalize(rows);
    return status;
}

/* ---- components and imported sets ---- */

/* Copies rows of the other workbench; `change` alters each in its columns before it is written. */
typedef struct row_copy {
    const char *select, *insert;
    int columns;
    fps_status (*change)(merging *now, sqlite3_stmt *from, sqlite3_stmt *to);
} row_copy;

static fps_status copy_rows(merging *now, const row_copy *copy, int64_t parameter)
{
    sqlite3_stmt *from = NULL, *to = NULL;
    fps_status status = fps__workbench_prepare(now->other, copy->select, &from, now->error);
    if (!status)
        status = fps__workbench_prepare(now->workbench, copy->insert, &to, now->error);
    if (!status && sqlite3_bind_parameter_count(from))
        sqlite3_bind_int64(from, 1, parameter);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(from)) == SQLITE_ROW) {
        for (int i = 0; i < copy->columns; i++)
            sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
        if (copy->change)
            status = copy->change(now, from, to);
        if (!status)
            status = fps__workbench_run(now->workbench, to, now->error);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(now->other, now->error);
    sqlite3_finalize(from);
    sqlite3_finalize(to);
    return status;
}

/* Feature rows of a group have other ids here. */
static fps_status change_group(merging *now, sqlite3_stmt *from, sqlite3_stmt *to)
{
    int size = sqlite3_column_bytes(from, 8);
    int64_t count = sqlite3_column_int64(from, 7);
    if (count < 0 || count > size)
        return damaged(now, "an imported group");
    size_t amount = (size_t)count;
    uint32_t *rows = malloc((amount + 1) * sizeof *rows);
    uint8_t *list = malloc(amount * 5 + 1);
    fps_status status = rows && list ? FPS_OK : fps__fail_memory(now->error);
    if (!status &&
        !fps__workbench_decode(sqlite3_column_blob(from, 8), (size_t)size, rows, amount, now->row_count))
        status = damaged(now, "an imported group");
    for (size_t i = 0; i < amount && !status; i++) {
        fps__corpus_feature feature = {now->key_of_row[rows[i]], NULL};
        status =
            feature.key ? read_feature_text(now, rows[i], &feature.text) : damaged(now, "an imported group");
        if (!status)
            status = fps__workbench_resolve(now->workbench, &feature, 1, &rows[i], now->error);
    }
    if (!status) /* SQLite keeps a copy */
        sqlite3_bind_blob64(to, 9, list, fps__workbench_encode(list, rows, amount), SQLITE_TRANSIENT);
    free(rows);
    free(list);
    fps__arena_reset(&now->arena);
    return status;
}

static fps_status read_offset(const merging *now, int64_t *last)
{
    sqlite3_stmt *row;
    fps_status status = fps__workbench_prepare(now->workbench, "SELECT ifnull(max(id), 0) FROM release_list",
                                               &row, now->error);
    if (!status && sqlite3_step(row) == SQLITE_ROW)
        *last = sqlite3_column_int64(row, 0);
    else if (!status)
        status = fps__workbench_fail(now->workbench, now->error);
    sqlite3_finalize(row);
    return status;
}

/* One imported set with all its rows; release lists get ids behind those that are here. */
static fps_status merge_set(merging *now, int64_t other_id)
{
    static const row_copy set_row = {"SELECT digest, name, rules FROM imported_set WHERE id = ?",
                                     "INSERT INTO imported_set (digest, name, rules) VALUES (?, ?, ?)", 3,
                                     NULL};
    fps_status status = copy_rows(now, &set_row, other_id);
    int64_t set = sqlite3_last_insert_rowid(now->workbench->db), offset = 0;
    if (!status)
        status = read_offset(now, &offset);
    char lists[256], groups[512], templates[512];
    sqlite3_snprintf(sizeof lists, lists,
                     "SELECT id + %lld, releases FROM release_list WHERE ?1 > 0 ORDER BY id",
                     (long long)offset);
    sqlite3_snprintf(sizeof groups, groups,
                     "SELECT %lld, component, unit, any_list + %lld, all_list + %lld, weight, flags,"
                     " feature_count, features FROM imported_group WHERE imported_set = ? ORDER BY id",
                     (long long)set, (long long)offset, (long long)offset);
    sqlite3_snprintf(sizeof templates, templates,
                     "SELECT %lld, component, key, text, learnt_list + %lld, negative_hits"
                     " FROM imported_template WHERE imported_set = ? ORDER BY id",
                     (long long)set, (long long)offset);
    const row_copy parts[] = {
        {lists, "INSERT INTO release_list (id, releases) VALUES (?, ?)", 2, NULL},
        {groups,
         "INSERT INTO imported_group (imported_set, component, unit, any_list, all_list, weight, flags,"
         " feature_count, features) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
         9, change_group},
        {templates,
         "INSERT INTO imported_template (imported_set, component, key, text, learnt_list, negative_hits)"
         " VALUES (?, ?, ?, ?, ?, ?)",
         6, NULL},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++)
        status = copy_rows(now, &parts[i], other_id);
    return status;
}

static fps_status merge_sets(merging *now)
{
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(now->other, "SELECT id, digest FROM imported_set ORDER BY id",
                                               &rows, now->error);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        sqlite3_stmt *find =
            fps__workbench_statement_get(now->workbench, FPS__WORKBENCH_FIND_SET, now->error);
        if (!find) {
            status = FPS_ERROR_CORRUPT;
            break;
        }
        sqlite3_bind_value(find, 1, sqlite3_column_value(rows, 1));
        bool known = sqlite3_step(find) == SQLITE_ROW;
        sqlite3_reset(find);
        if (!known)
            status = merge_set(now, sqlite3_column_int64(rows, 0));
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(now->other, now->error);
    sqlite3_finalize(rows);
    return status;
}

static fps_status merge_facts(merging *now)
{
    static const row_copy components = {
        "SELECT id, origin, name, purl, cpe, license, family, sources, vendors, role, since, releases"
        " FROM component ORDER BY id, origin",
        "INSERT OR IGNORE INTO component (id, origin, name, purl, cpe, license, family, sources, vendors,"
        " role, since, releases) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        12, NULL};
    fps_status status = fps__workbench_begin(now->workbench, now->error);
    if (status)
        return status;
    status = copy_rows(now, &components, 0);
    if (!status)
        status = merge_sets(now);
    return fps__workbench_end(now->workbench, status, now->error);
}

static fps_status prepare(merging *now)
{
    fps__workbench_parameters(now->parameters);
    fps_status status = load_rows(now);
    if (!status)
        status = fps__workbench_prepare(
            now->other,
            "SELECT id, path, source, type, machine, member, build_id, size,"
            " feature_count, features, toolchain FROM object WHERE build = ? ORDER BY id",
            &now->objects, now->error);
    if (!status)
        status = fps__workbench_prepare(now->other,
                                        "SELECT feature, version FROM version_text WHERE object = ?"
                                        " ORDER BY feature, version",
                                        &now->texts, now->error);
    if (!status)
        status = fps__workbench_prepare(now->other, "SELECT text FROM feature WHERE id = ?",
                                        &now->feature_text, now->error);
    return status;
}

fps_status fps_workbench_merge(fps_workbench *workbench, const char *other_path, fps_error *error)
{
    merging now = {.workbench = workbench, .error = error};
    fps_status status = fps_workbench_open_existing(&now.other, other_path, error);
    if (!status)
        status = prepare(&now);
    if (!status)
        status = fps__workbench_start_log(workbench, error);
    if (!status)
        status = merge_builds(&now);
    if (!status)
        status = merge_facts(&now);
    if (!status)
        status = fps__workbench_merge_histories(workbench, now.other, error);
    if (!status)
        status = fps__workbench_merge_patches(workbench, now.other, error);
    sqlite3_finalize(now.objects);
    sqlite3_finalize(now.texts);
    sqlite3_finalize(now.feature_text);
    free(now.key_of_row);
    free(now.build.objects.items);
    free(now.build.features.items);
    fps__key_map_free(&now.build.keys);
    fps__arena_free(&now.arena);
    fps_workbench_free(now.other);
    return status;
}
