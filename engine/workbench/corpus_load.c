/* Loads a workbench into memory for compile, in an order that depends on what is in it and not on how it got
 * there. */
#include "workbench/workbench_history.h"
#include "workbench/workbench_internal.h"

#include "util/error.h"
#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_ROWS = 100000000 };

typedef struct release_list {
    const char **releases;
    uint32_t count;
} release_list;

/* Growing arrays on the way to those of the corpus, and the meaning of feature row ids. */
typedef struct loading {
    fps_workbench *workbench;
    fps__corpus *corpus;
    fps_error *error;
    char parameters[FPS__WORKBENCH_PARAMETERS];
    uint32_t *index_of_row; /* row id to feature index */
    uint32_t row_count;     /* row ids are below this */
    FPS__ARRAY(fps__corpus_build) builds;
    FPS__ARRAY(fps__corpus_object) objects;
    FPS__ARRAY(fps__corpus_negative) negatives;
    FPS__ARRAY(fps__corpus_version_text) version_texts;
    FPS__ARRAY(fps__corpus_component) components;
    FPS__ARRAY(fps__corpus_group) groups;
    FPS__ARRAY(fps__corpus_template) templates;
    FPS__ARRAY(fps__corpus_history) histories;
    FPS__ARRAY(fps__corpus_patch_function) patch_functions;
    FPS__ARRAY(release_list) lists; /* by row id */
    FPS__ARRAY(char) rules;
} loading;

static fps_status damaged(loading *now, const char *what, int64_t row)
{
    char text[64];
    snprintf(text, sizeof text, "%s row %lld", what, (long long)row);
    return fps__workbench_damaged(now->workbench, text, now->error);
}

/* Appends a row to an array of the loading; what is in it lives in the corpus' arena. */
#define PUSH(now, array, item)                                                                               \
    fps__workbench_reserved(FPS__ARRAY_PUSH(&(now)->array, (item), MAX_ROWS), (now)->workbench->path,        \
                            #array " rows", (now)->error)

static const char *keep_text(loading *now, sqlite3_stmt *rows, int column)
{
    const char *text = fps__workbench_text(rows, column);
    return *text ? fps__arena_string(&now->corpus->arena, text) : "";
}

/* Keeps several columns; false without memory. */
static bool keep_texts(loading *now, sqlite3_stmt *rows, int first, const char **const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(*texts[i] = keep_text(now, rows, first + (int)i)))
            return false;
    return true;
}

/* Runs a query and calls `read` for each row. */
static fps_status each_row(loading *now, const char *sql, fps_status (*read)(loading *, sqlite3_stmt *))
{
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(now->workbench, sql, &rows, now->error);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW)
        status = read(now, rows);
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(now->workbench, now->error);
    sqlite3_finalize(rows);
    return status;
}

/* ---- features ---- */

/* Row ids of a feature list, still without their meaning. */
static fps_status decode_rows(loading *now, sqlite3_stmt *row, int column, uint32_t count,
                              const uint32_t **features)
{
    const uint8_t *list = sqlite3_column_blob(row, column);
    int size = sqlite3_column_bytes(row, column);
    *features = NULL;
    if (size < 0 || count > (uint32_t)size)
        return damaged(now, "object", sqlite3_column_int64(row, 0));
    uint32_t *ids = fps__arena_array(&now->corpus->arena, (size_t)count + 1, sizeof *ids);
    if (!ids)
        return fps__fail_memory(now->error);
    if (!fps__workbench_decode(list, (size_t)size, ids, count, now->row_count))
        return damaged(now, "object", sqlite3_column_int64(row, 0));
    for (uint32_t i = 0; i < count; i++)
        now->index_of_row[ids[i]] = 1; /* in use; becomes its index */
    *features = ids;
    return FPS_OK;
}

static int compare_features(const void *a, const void *b)
{
    const fps__corpus_feature *first = a, *second = b;
    return FPS__COMPARE(first->key, second->key);
}

static fps_status read_feature(loading *now, sqlite3_stmt *row)
{
    int64_t id = sqlite3_column_int64(row, 0);
    if (id < 1 || id >= now->row_count)
        return damaged(now, "feature", id);
    if (!now->index_of_row[id])
        return FPS_OK;
    fps__corpus_feature *feature = &now->corpus->features[now->corpus->feature_count++];
    feature->key = (uint64_t)sqlite3_column_int64(row, 1);
    feature->text = sqlite3_column_type(row, 2) == SQLITE_NULL ? NULL : keep_text(now, row, 2);
    if (sqlite3_column_type(row, 2) != SQLITE_NULL && !feature->text)
        return fps__fail_memory(now->error);
    return feature->key ? FPS_OK : damaged(now, "feature", id);
}

static uint32_t find_feature(const fps__corpus *corpus, uint64_t key)
{
    size_t found;
    FPS__LOWER_BOUND(found, corpus->feature_count, at, corpus->features[at].key < key);
    return (uint32_t)found;
}

static fps_status read_index(loading *now, sqlite3_stmt *row)
{
    int64_t id = sqlite3_column_int64(row, 0);
    if (id >= 1 && id < now->row_count)
        now->index_of_row[id] = find_feature(now->corpus, (uint64_t)sqlite3_column_int64(row, 1));
    return FPS_OK;
}

/* Features in use, sorted by key, each key once; row ids get their index. */
static fps_status load_features(loading *now)
{
    fps__corpus *corpus = now->corpus;
    uint32_t used = 0, kept = 0;
    for (uint32_t i = 0; i < now->row_count; i++)
        used += now->index_of_row[i];
    corpus->features = fps__arena_array(&corpus->arena, (size_t)used + 1, sizeof *corpus->features);
    if (!corpus->features)
        return fps__fail_memory(now->error);
    fps_status status = each_row(now, "SELECT id, key, text FROM feature", read_feature);
    if (status)
        return status;
    if (corpus->feature_count != used)
        return fps__fail(now->error, FPS_ERROR_CORRUPT, now->workbench->path, UINT64_MAX,
                         "objects name features that are missing");
    qsort(corpus->features, used, sizeof *corpus->features, compare_features);
    for (uint32_t i = 0; i < used; i++)
        if (!kept || corpus->features[kept - 1].key != corpus->features[i].key)
            corpus->features[kept++] = corpus->features[i];
    corpus->feature_count = kept;
    return each_row(now, "SELECT id, key FROM feature", read_index);
}

static void translate(const loading *now, const uint32_t *features, uint32_t count)
{
    uint32_t *ids = (uint32_t *)features; /* made by decode_rows, not yet handed out */
    for (uint32_t i = 0; i < count; i++)
        ids[i] = now->index_of_row[ids[i]];
}

/* ---- builds and objects ---- */

static fps_status read_build(loading *now, sqlite3_stmt *row)
{
    bool imported = sqlite3_column_int(row, 1) != 0;
    const char *parameters = fps__workbench_text(row, 2);
    if (!imported && strcmp(parameters, now->parameters))
        return fps__fail(
            now->error, FPS_ERROR_VERSION, now->workbench->path, UINT64_MAX,
            "\"%s\" was added with feature parameters \"%s\", this program has \"%s\": add it again",
            fps__workbench_text(row, 3), parameters, now->parameters);
    fps__corpus_build build = {.imported = imported};
    const char **texts[] = {
        &build.origin,       &build.component, &build.version, &build.package, &build.package_version,
        &build.architecture, &build.source,    &build.purl,    &build.cpe,     &build.license};
    if (!keep_texts(now, row, 4, texts, sizeof texts / sizeof *texts))
        return fps__fail_memory(now->error);
    return PUSH(now, builds, &build);
}

enum { COLUMN_POSITION = 1, COLUMN_PATH, COLUMN_COUNT, COLUMN_FEATURES, COLUMN_TYPE, COLUMN_TOOLCHAIN = 8 };

static fps_status read_object(loading *now, sqlite3_stmt *row)
{
    int64_t position = sqlite3_column_int64(row, COLUMN_POSITION);
    if (position < 0 || (size_t)position >= now->builds.count)
        return damaged(now, "object", sqlite3_column_int64(row, 0));
    fps__corpus_object object = {.build = (uint32_t)position,
                                 .path = keep_text(now, row, COLUMN_PATH),
                                 .type = (fps_object_type)sqlite3_column_int(row, COLUMN_TYPE),
                                 .machine = (uint16_t)sqlite3_column_int(row, COLUMN_TYPE + 1),
                                 .member = sqlite3_column_int(row, COLUMN_TYPE + 2) != 0,
                                 .toolchain = keep_text(now, row, COLUMN_TOOLCHAIN),
                                 .feature_count = (uint32_t)sqlite3_column_int64(row, COLUMN_COUNT)};
    if (!object.path || !object.toolchain)
        return fps__fail_memory(now->error);
    fps_status status = decode_rows(now, row, COLUMN_FEATURES, object.feature_count, &object.features);
    return status ? status : PUSH(now, objects, &object);
}

static fps_status read_negative(loading *now, sqlite3_stmt *row)
{
    fps__corpus_negative negative = {.source = keep_text(now, row, COLUMN_POSITION),
                                     .path = keep_text(now, row, COLUMN_PATH),
                                     .feature_count = (uint32_t)sqlite3_column_int64(row, COLUMN_COUNT)};
    if (!negative.source || !negative.path)
        return fps__fail_memory(now->error);
    if (!*negative.source)
        negative.source = negative.path;
    fps_status status = decode_rows(now, row, COLUMN_FEATURES, negative.feature_count, &negative.features);
    return status ? status : PUSH(now, negatives, &negative);
}

static fps_status read_version_text(loading *now, sqlite3_stmt *row)
{
    int64_t object = sqlite3_column_int64(row, 1), feature = sqlite3_column_int64(row, 2);
    if (object < 0 || (size_t)object >= now->objects.count || feature < 1 || feature >= now->row_count)
        return damaged(now, "version_text", sqlite3_column_int64(row, 0));
    fps__corpus_version_text text = {(uint32_t)object, (uint32_t)feature, keep_text(now, row, 3)};
    now->index_of_row[feature] = 1;
    return text.version ? PUSH(now, version_texts, &text) : fps__fail_memory(now->error);
}

/* Temporary tables: the index in the corpus of each build and object, by row id. */
static const char order_builds[] =
    "CREATE TEMP TABLE build_order AS SELECT row_number() OVER (ORDER BY "
    "component, version, architecture, package,"
    " package_version, digest) - 1 AS position, id FROM build WHERE negative = 0;"
    "CREATE UNIQUE INDEX temp.build_order_id ON build_order (id);";
static const char order_objects[] = "CREATE TEMP TABLE object_order AS SELECT row_number() OVER (ORDER BY "
                                    "p.position, o.path, o.id) - 1 AS position, o.id AS id"
                                    " FROM object o JOIN build_order p ON p.id = o.build;"
                                    "CREATE UNIQUE INDEX temp.object_order_id ON object_order (id);";
static const char drop_orders[] =
    "DROP TABLE IF EXISTS temp.object_order; DROP TABLE IF EXISTS temp.build_order;";

static fps_status load_builds(loading *now)
{
    fps_status status = fps__workbench_execute(now->workbench, drop_orders, now->error);
    if (!status)
        status = fps__workbench_execute(now->workbench, order_builds, now->error);
    if (!status)
        status = fps__workbench_execute(now->workbench, order_objects, now->error);
    if (!status)
        status = each_row(
            now,
            "SELECT b.id, imported, parameters, file, origin, component, version, package, package_version,"
            " architecture, source, purl, cpe, license FROM build_order p JOIN build b ON b.id = p.id"
            " ORDER BY p.position",
            read_build);
    if (!status)
        status = each_row(
            now,
            "SELECT o.id, p.position, o.path, o.feature_count, o.features, o.type, o.machine, o.member,"
            " o.toolchain"
            " FROM object_order q JOIN object o ON o.id = q.id JOIN build_order p ON p.id = o.build"
            " ORDER BY q.position",
            read_object);
    if (!status)
        status = each_row(
            now,
            "SELECT o.id, CASE WHEN o.source <> '' THEN o.source ELSE b.source END, o.path, o.feature_count,"
            " o.features FROM build b JOIN object o ON o.build = b.id WHERE b.negative = 1"
            " ORDER BY 2, o.path, b.digest, o.id",
            read_negative);
    if (!status)
        status = each_row(now,
                          "SELECT t.object, q.position, t.feature, t.version FROM object_order q"
                          " JOIN version_text t ON t.object = q.id JOIN feature f ON f.id = t.feature"
                          " ORDER BY q.position, f.key, t.version",
                          read_version_text);
    return status;
}

/* ---- components ---- */

static const char **split_words(loading *now, const char *text, uint32_t *count)
{
    size_t room = 1;
    for (const char *c = text; *c; c++)
        room += *c == ' ';
    const char **words = fps__arena_array(&now->corpus->arena, room, sizeof *words);
    *count = 0;
    while (words && *text) {
        size_t length = strcspn(text, " ");
        if (length && !(words[(*count)++] = fps__arena_text(&now->corpus->arena, text, length)))
            return NULL;
        text += length + (text[length] == ' ');
    }
    return words;
}

/* Rows come by id and origin: the first of an id is the one to go by. */
static fps_status read_component(loading *now, sqlite3_stmt *row)
{
    const char *id = fps__workbench_text(row, 0);
    size_t count = now->components.count;
    if (count && !strcmp(now->components.items[count - 1].id, id))
        return FPS_OK;
    fps__corpus_component component = {.role = FPS_COMPONENT_LIBRARY};
    const char **texts[] = {&component.id,      &component.name,   &component.purl,    &component.cpe,
                            &component.license, &component.family, &component.sources, &component.vendors};
    int64_t role = sqlite3_column_int64(row, 8), since = sqlite3_column_int64(row, 9);
    component.role =
        role >= 0 && role <= FPS_COMPONENT_RUNTIME ? (fps_component_role)role : FPS_COMPONENT_LIBRARY;
    component.since = since > 0 && since < 10000 ? (uint32_t)since : 0;
    bool kept = keep_texts(now, row, 0, texts, sizeof texts / sizeof *texts);
    return kept ? PUSH(now, components, &component) : fps__fail_memory(now->error);
}

/* All releases that anything knows of; those of builds come with the builds, unless they are left out. */
static fps_status take_releases(loading *now, fps__corpus_component *component)
{
    const fps__known_release *all;
    size_t count;
    fps_status status = fps__workbench_load_releases(now->workbench, component->id, &now->corpus->arena, &all,
                                                     &count, now->error);
    if (status)
        return status;
    component->releases = fps__arena_array(&now->corpus->arena, count + 1, sizeof *component->releases);
    component->release_count = 0;
    if (!component->releases)
        return fps__fail_memory(now->error);
    for (size_t i = 0; i < count; i++)
        if (all[i].origins & (FPS__RELEASE_LISTED | FPS__RELEASE_HISTORY))
            component->releases[component->release_count++] = all[i].version;
    return FPS_OK;
}

/* A component of which a history is all there is has no row: nothing of it could be found. The last part of the query
 * gives a row to components that only builds name, which a merge can bring. */
static fps_status load_components(loading *now)
{
    fps_status status =
        each_row(now,
                 "SELECT id, name, purl, cpe, license, family, sources, vendors, role, since, origin"
                 " FROM component c"
                 " UNION ALL SELECT component, component, max(purl), max(cpe), max(license), '', '', "
                 "'',"
                 " 0, 0, 3 FROM build WHERE negative = 0 GROUP BY component ORDER BY 1, 11",
                 read_component);
    for (size_t i = 0; i < now->components.count && !status; i++)
        status = take_releases(now, &now->components.items[i]);
    return status;
}

/* ---- histories ---- */

/* Days from 1970-01-01 to a date YYYY-MM-DD; 0 for one before, and for anything else. */
static uint32_t day_of(const char *date)
{
    unsigned year, month, day;
    int used = 0;
    if (sscanf(date, "%4u-%2u-%2u%n", &year, &month, &day, &used) != 3 || used != 10 || year < 1970 ||
        month < 1 || month > 12 || day < 1 || day > 31)
        return 0;
    /* years that begin in March, so that the leap day is their last */
    unsigned shifted = month > 2 ? year : year - 1, since_march = (month + 9) % 12;
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (153 * since_march + 2) / 5 + day -
           719469;
}

static bool take_history_releases(loading *now, const fps__history *from, fps__corpus_history *made)
{
    fps__arena *arena = &now->corpus->arena;
    uint32_t *days = fps__arena_array(arena, from->releases.count + 1, sizeof *days);
    made->versions = fps__arena_array(arena, from->releases.count + 1, sizeof *made->versions);
    made->days = days;
    made->release_count = (uint32_t)from->releases.count;
    for (size_t i = 0; days && made->versions && i < from->releases.count; i++) {
        made->versions[i] = fps__arena_string(arena, from->releases.items[i].version);
        if (!made->versions[i])
            return false;
        days[i] = day_of(from->releases.items[i].date);
    }
    return days && made->versions;
}

static bool take_history_names(loading *now, const fps__history *from, fps__corpus_history *made)
{
    fps__arena *arena = &now->corpus->arena;
    fps__corpus_history_name *names = fps__arena_array(arena, from->names.count + 1, sizeof *names);
    made->units = fps__arena_array(arena, from->units.count + 1, sizeof *made->units);
    for (size_t i = 0; names && i < from->names.count; i++)
        names[i] = (fps__corpus_history_name){from->names.items[i].hash, from->names.items[i].releases};
    for (size_t i = 0; made->units && i < from->units.count; i++) {
        made->units[i] = fps__arena_string(arena, from->units.items[i]);
        if (!made->units[i])
            return false;
    }
    made->names = names;
    made->name_count = (uint32_t)from->names.count;
    made->unit_count = (uint32_t)from->units.count;
    return names && made->units;
}

static bool take_history(loading *now, const fps__history *from, fps__corpus_history *made)
{
    fps__arena *arena = &now->corpus->arena;
    fps__corpus_range *ranges = fps__arena_array(arena, from->ranges.count + 1, sizeof *ranges);
    fps__corpus_list *lists = fps__arena_array(arena, from->lists.count + 1, sizeof *lists);
    fps__corpus_history_text *texts = fps__arena_array(arena, from->texts.count + 1, sizeof *texts);
    if (!ranges || !lists || !texts || !take_history_releases(now, from, made))
        return false;
    for (size_t i = 0; i < from->ranges.count; i++)
        ranges[i] = (fps__corpus_range){from->ranges.items[i].first, from->ranges.items[i].last};
    for (size_t i = 0; i < from->lists.count; i++)
        lists[i] = (fps__corpus_list){from->lists.items[i].first, from->lists.items[i].count};
    for (size_t i = 0; i < from->texts.count; i++) {
        const fps__history_text *text = &from->texts.items[i];
        texts[i] = (fps__corpus_history_text){text->hash, text->length, text->units, text->releases,
                                              text->text_class};
    }
    if (!take_history_names(now, from, made))
        return false;
    made->ranges = ranges;
    made->lists = lists;
    made->texts = texts;
    made->text_count = (uint32_t)from->texts.count;
    return true;
}

_Static_assert((int)FPS__HISTORY_LETTERS == (int)FPS__CORPUS_TEXT_LETTERS &&
                   (int)FPS__HISTORY_WORDS == (int)FPS__CORPUS_TEXT_WORDS &&
                   (int)FPS__HISTORY_OWN_VERSION == (int)FPS__CORPUS_TEXT_OWN_VERSION,
               "classes of texts are taken over as they are");

static fps_status load_histories(loading *now)
{
    const char *const *ids;
    size_t count;
    fps_status status =
        fps__workbench_history_components(now->workbench, &now->corpus->arena, &ids, &count, now->error);
    for (size_t i = 0; i < count && !status; i++) {
        fps__history *history;
        fps__corpus_history made = {.component = ids[i]};
        status = fps__workbench_load_history(now->workbench, ids[i], &history, now->error);
        if (status)
            break;
        status =
            take_history(now, history, &made) ? PUSH(now, histories, &made) : fps__fail_memory(now->error);
        fps__history_free(history);
    }
    return status;
}

/* ---- what was imported ---- */

static fps_status read_list(loading *now, sqlite3_stmt *row)
{
    int64_t id = sqlite3_column_int64(row, 0);
    if (id < 1 || id >= MAX_ROWS)
        return damaged(now, "release_list", id);
    size_t missing = (size_t)id + 1 > now->lists.count ? (size_t)id + 1 - now->lists.count : 0;
    fps_status status = fps__workbench_reserved(FPS__ARRAY_RESERVE(&now->lists, missing, MAX_ROWS),
                                                now->workbench->path, "lists of releases", now->error);
    if (status)
        return status;
    for (; now->lists.count <= (size_t)id; now->lists.count++)
        now->lists.items[now->lists.count] = (release_list){NULL, 0};
    release_list *list = &now->lists.items[id];
    list->releases = split_words(now, fps__workbench_text(row, 1), &list->count);
    return list->releases ? FPS_OK : fps__fail_memory(now->error);
}

static bool find_list(const loading *now, sqlite3_stmt *row, int column, const char ***releases,
                      uint32_t *count)
{
    int64_t id = sqlite3_column_int64(row, column);
    if (id < 1 || (size_t)id >= now->lists.count || !now->lists.items[id].releases)
        return false;
    *releases = now->lists.items[id].releases;
    *count = now->lists.items[id].count;
    return true;
}

static fps_status read_group(loading *now, sqlite3_stmt *row)
{
    fps__corpus_group group = {.component = keep_text(now, row, 1),
                               .unit = keep_text(now, row, 2),
                               .weight = (uint16_t)sqlite3_column_int(row, 5),
                               .flags = (uint16_t)sqlite3_column_int(row, 6),
                               .feature_count = (uint32_t)sqlite3_column_int64(row, 7)};
    if (!find_list(now, row, 3, &group.any, &group.any_count) ||
        !find_list(now, row, 4, &group.all, &group.all_count))
        return damaged(now, "imported_group", sqlite3_column_int64(row, 0));
    if (!group.component || !group.unit)
        return fps__fail_memory(now->error);
    fps_status status = decode_rows(now, row, 8, group.feature_count, &group.features);
    return status ? status : PUSH(now, groups, &group);
}

static fps_status read_template(loading *now, sqlite3_stmt *row)
{
    fps__corpus_template template_ = {.component = keep_text(now, row, 1),
                                      .key = (uint64_t)sqlite3_column_int64(row, 2),
                                      .text = keep_text(now, row, 3),
                                      .negative_hits = (uint32_t)sqlite3_column_int64(row, 5)};
    if (!find_list(now, row, 4, &template_.learnt_from, &template_.learnt_from_count))
        return damaged(now, "imported_template", sqlite3_column_int64(row, 0));
    if (!template_.component || !template_.text)
        return fps__fail_memory(now->error);
    return PUSH(now, templates, &template_);
}

/* Rules of several sets follow each other, with an empty line between. */
static fps_status read_rules(loading *now, sqlite3_stmt *row)
{
    const char *text = fps__workbench_text(row, 0), *between = now->rules.count ? "\n\n" : "";
    size_t length = strlen(text), gap = strlen(between);
    if (!length)
        return FPS_OK;
    fps_status status = fps__workbench_reserved(FPS__ARRAY_RESERVE(&now->rules, length + gap, INT32_MAX),
                                                now->workbench->path, "bytes of rules", now->error);
    if (status)
        return status;
    memcpy(now->rules.items + now->rules.count, between, gap);
    memcpy(now->rules.items + now->rules.count + gap, text, length);
    now->rules.count += gap + length;
    return FPS_OK;
}

/* Sets go by their digest, not by the order of importing. */
static fps_status load_imported(loading *now)
{
    fps_status status = each_row(now, "SELECT id, releases FROM release_list ORDER BY id", read_list);
    if (!status)
        status = each_row(now,
                          "SELECT g.id, component, unit, any_list, all_list, weight, flags, feature_count,"
                          " features FROM imported_group g JOIN imported_set s ON s.id = g.imported_set"
                          " ORDER BY s.digest, g.id",
                          read_group);
    if (!status)
        status = each_row(now,
                          "SELECT t.id, component, key, text, learnt_list, negative_hits"
                          " FROM imported_template t JOIN imported_set s ON s.id = t.imported_set"
                          " ORDER BY component, key, s.digest, t.id",
                          read_template);
    if (!status)
        status = each_row(now, "SELECT rules FROM imported_set ORDER BY digest", read_rules);
    if (!status && now->rules.count) {
        now->corpus->rules = fps__arena_text(&now->corpus->arena, now->rules.items, now->rules.count);
        status = now->corpus->rules ? FPS_OK : fps__fail_memory(now->error);
    }
    return status;
}

/* ---- patches ---- */

static fps_status read_patch_function(loading *now, sqlite3_stmt *row)
{
    int64_t machine = sqlite3_column_int64(row, 7);
    fps__corpus_patch_function function = {.key = (uint64_t)sqlite3_column_int64(row, 5),
                                           .fixed = sqlite3_column_int(row, 6) != 0,
                                           .machine = (uint16_t)machine};
    const char **texts[] = {&function.component, &function.cve, &function.name, &function.toolchain,
                            &function.origin};
    if (sqlite3_column_int64(row, 8) != fps__feature_parameters(FPS__FEATURE_FUNCTION))
        return fps__fail(
            now->error, FPS_ERROR_VERSION, now->workbench->path, UINT64_MAX,
            "patches of \"%s\" were added with other function parameters than this program has: add "
            "them to a new workbench",
            fps__workbench_text(row, 0));
    if (machine < 0 || machine > UINT16_MAX || fps__feature_kind_of(function.key) != FPS__FEATURE_FUNCTION ||
        !*fps__workbench_text(row, 1))
        return fps__workbench_damaged(now->workbench, "a function of a patch", now->error);
    if (!keep_texts(now, row, 0, texts, sizeof texts / sizeof *texts))
        return fps__fail_memory(now->error);
    return PUSH(now, patch_functions, &function);
}

/* Keys are unsigned, and SQLite's numbers are not. */
static fps_status load_patches(loading *now)
{
    return each_row(now,
                    "SELECT component, cve, name, toolchain, origin, key, fixed, machine, parameters"
                    " FROM patch_function"
                    " ORDER BY component, cve, key < 0, key, fixed, origin, toolchain, machine, name",
                    read_patch_function);
}

/* ---- all of it ---- */

static fps_status prepare_rows(loading *now)
{
    sqlite3_stmt *row;
    fps_status status =
        fps__workbench_prepare(now->workbench, "SELECT max(id) FROM feature", &row, now->error);
    if (status)
        return status;
    int64_t last = 0;
    if (sqlite3_step(row) == SQLITE_ROW)
        last = sqlite3_column_int64(row, 0);
    else
        status = fps__workbench_fail(now->workbench, now->error);
    sqlite3_finalize(row);
    if (status)
        return status;
    if (last < 0 || last >= UINT32_MAX)
        return damaged(now, "feature", last);
    now->row_count = (uint32_t)last + 1;
    now->index_of_row = calloc(now->row_count, sizeof *now->index_of_row);
    return now->index_of_row ? FPS_OK : fps__fail_memory(now->error);
}

static void translate_all(const loading *now)
{
    for (size_t i = 0; i < now->objects.count; i++)
        translate(now, now->objects.items[i].features, now->objects.items[i].feature_count);
    for (size_t i = 0; i < now->negatives.count; i++)
        translate(now, now->negatives.items[i].features, now->negatives.items[i].feature_count);
    for (size_t i = 0; i < now->groups.count; i++)
        translate(now, now->groups.items[i].features, now->groups.items[i].feature_count);
    for (size_t i = 0; i < now->version_texts.count; i++)
        now->version_texts.items[i].feature = now->index_of_row[now->version_texts.items[i].feature];
}

/* A copy of a growing array in the corpus' arena; counts go with it. */
static void *copy_items(loading *now, const void *items, size_t count, size_t size, uint32_t *counter)
{
    void *copy = fps__arena_array(&now->corpus->arena, count + 1, size);
    if (copy && count)
        memcpy(copy, items, count * size);
    *counter = copy ? (uint32_t)count : 0;
    return copy;
}

#define MOVE_TO_CORPUS(now, array, counter)                                                                  \
    copy_items((now), (now)->array.items, (now)->array.count, sizeof *(now)->array.items,                    \
               &(now)->corpus->counter)

static fps_status move_to_corpus(loading *now)
{
    fps__corpus *corpus = now->corpus;
    corpus->builds = MOVE_TO_CORPUS(now, builds, build_count);
    corpus->objects = MOVE_TO_CORPUS(now, objects, object_count);
    corpus->negatives = MOVE_TO_CORPUS(now, negatives, negative_count);
    corpus->version_texts = MOVE_TO_CORPUS(now, version_texts, version_text_count);
    corpus->components = MOVE_TO_CORPUS(now, components, component_count);
    corpus->groups = MOVE_TO_CORPUS(now, groups, group_count);
    corpus->templates = MOVE_TO_CORPUS(now, templates, template_count);
    corpus->histories = MOVE_TO_CORPUS(now, histories, history_count);
    corpus->patch_functions = MOVE_TO_CORPUS(now, patch_functions, patch_function_count);
    bool good = corpus->builds && corpus->objects && corpus->negatives && corpus->version_texts &&
                corpus->components && corpus->groups && corpus->templates && corpus->histories &&
                corpus->patch_functions;
    return good ? FPS_OK : fps__fail_memory(now->error);
}

static void free_loading(loading *now)
{
    free(now->index_of_row);
    free(now->builds.items);
    free(now->objects.items);
    free(now->negatives.items);
    free(now->version_texts.items);
    free(now->components.items);
    free(now->groups.items);
    free(now->templates.items);
    free(now->histories.items);
    free(now->patch_functions.items);
    free(now->lists.items);
    free(now->rules.items);
}

fps_status fps__workbench_load(fps_workbench *workbench, fps__corpus *corpus, fps_error *error)
{
    *corpus = (fps__corpus){.arena = {0}};
    loading now = {.workbench = workbench, .corpus = corpus, .error = error};
    fps__workbench_parameters(now.parameters);
    fps_status status = prepare_rows(&now);
    if (!status)
        status = load_builds(&now);
    if (!status)
        status = load_components(&now);
    if (!status)
        status = load_histories(&now);
    if (!status)
        status = load_imported(&now);
    if (!status)
        status = load_patches(&now);
    if (!status)
        status = load_features(&now);
    if (!status) {
        translate_all(&now);
        status = move_to_corpus(&now);
    }
    sqlite3_exec(workbench->db, drop_orders, NULL, NULL, NULL);
    free_loading(&now);
    if (status)
        fps__corpus_free(corpus);
    return status;
}

void fps__corpus_free(fps__corpus *corpus)
{
    fps__arena_free(&corpus->arena);
    *corpus = (fps__corpus){.arena = {0}};
}
