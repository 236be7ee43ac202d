/* Learns patches: which functions an object has before the patch of a vulnerability, and which from it on.
 *
 * A function is learnt only where builds of both states have it under its name, and none of the one has it as one of the other. One
 * that only one state has shows how the compiler put functions into others, which another compiler does otherwise. A key that
 * both states have, of this list or another, tells nothing (compiler/compile_patch.c).
 */
#include "workbench/workbench_patch.h"

#include "util/edit_distance.h"
#include "util/error.h"
#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

enum { MAX_FILES = 1000000, MAX_NAME = 128 };

const char fps__workbench_patch_schema[] =
    "CREATE TABLE patch_function (component TEXT NOT NULL, cve TEXT NOT NULL, key INTEGER NOT NULL,"
    " fixed INTEGER NOT NULL, origin TEXT NOT NULL, toolchain TEXT NOT NULL, machine INTEGER NOT NULL,"
    " name TEXT NOT NULL, parameters INTEGER NOT NULL,"
    " PRIMARY KEY (component, cve, key, fixed, origin, toolchain, machine, name)) WITHOUT ROWID;";

/* The functions of a file, which many rows may name. */
typedef struct known_file {
    const char *path;
    fps__named_functions functions;
} known_file;

/* All functions of one state of a patch, and their keys and names for searches. */
typedef struct state {
    FPS__ARRAY(const fps__named_function *) functions;
    uint64_t *keys;                    /* ascending */
    const fps__named_function **names; /* by name and machine */
} state;

typedef struct learning {
    fps_workbench *workbench;
    const fps_workbench_patch *patch; /* in hand */
    const fps_workbench_patch_options *options;
    fps_workbench_patch_result *result;
    fps_error *error;
    fps__arena arena;
    FPS__ARRAY(known_file) files;
    fps__table file_table; /* by path */
    fps__key_map patches;  /* hashes of components and CVEs so far */
} learning;

/* ---- the functions of a state ---- */

static fps_status find_file(learning *now, const char *path, uint32_t *index)
{
    uint64_t hash = XXH3_64bits(path, strlen(path));
    fps__table_slot *slot;
    if (fps__table_reserve(&now->file_table, 1))
        return fps__fail_memory(now->error);
    FPS__TABLE_FIND(slot, &now->file_table, hash, at, !strcmp(now->files.items[at - 1].path, path));
    if (!slot->id) {
        known_file made = {.path = fps__arena_string(&now->arena, path)};
        fps_status status =
            made.path ? fps__workbench_read_functions(path, &now->arena, &made.functions, now->error)
                      : fps__fail_memory(now->error);
        if (!status)
            status = fps__workbench_reserved(FPS__ARRAY_PUSH(&now->files, &made, MAX_FILES), path, "files",
                                             now->error);
        if (status) {
            free(made.functions.items);
            return status;
        }
        fps__table_add(&now->file_table, slot, hash, (uint32_t)now->files.count);
    }
    *index = slot->id - 1;
    return FPS_OK;
}

static int compare_keys(const void *a, const void *b)
{
    return FPS__COMPARE(*(const uint64_t *)a, *(const uint64_t *)b);
}

static int compare_names(const void *a, const void *b)
{
    const fps__named_function *left = *(const fps__named_function *const *)a,
                              *right = *(const fps__named_function *const *)b;
    int order = strcmp(left->name, right->name);
    return order ? order : FPS__COMPARE(left->machine, right->machine);
}

static fps_status index_state(learning *now, state *made)
{
    size_t count = made->functions.count;
    made->keys = malloc((count + 1) * sizeof *made->keys);
    made->names = malloc((count + 1) * sizeof *made->names);
    if (!made->keys || !made->names)
        return fps__fail_memory(now->error);
    for (size_t i = 0; i < count; i++) {
        made->keys[i] = made->functions.items[i]->key;
        made->names[i] = made->functions.items[i];
    }
    qsort(made->keys, count, sizeof *made->keys, compare_keys);
    qsort(made->names, count, sizeof *made->names, compare_names);
    return FPS_OK;
}

static fps_status read_state(learning *now, const char *const *paths, state *made)
{
    fps_status status = FPS_OK;
    for (; *paths && !status; paths++) {
        uint32_t file = 0;
        status = find_file(now, *paths, &file);
        for (size_t i = 0; !status && i < now->files.items[file].functions.count; i++) {
            const fps__named_function *one = &now->files.items[file].functions.items[i];
            status = fps__workbench_reserved(FPS__ARRAY_PUSH(&made->functions, &one, UINT32_MAX), *paths,
                                             "functions", now->error);
        }
    }
    return status ? status : index_state(now, made);
}

static void free_state(state *made)
{
    free(made->functions.items);
    free(made->keys);
    free(made->names);
}

static bool has_key(const state *in, uint64_t key)
{
    return bsearch(&key, in->keys, in->functions.count, sizeof key, compare_keys) != NULL;
}

/* The first function of a state with this name and machine; the count of functions when there is none. */
static size_t find_name(const state *in, const fps__named_function *function)
{
    size_t found;
    FPS__LOWER_BOUND(found, in->functions.count, at, compare_names(&in->names[at], &function) < 0);
    bool there = found < in->functions.count && compare_names(&in->names[found], &function) == 0;
    return there ? found : in->functions.count;
}

/* True when a function of this name has the same code in some build of each state. */
static bool is_unchanged(const state *one, const state *other, const fps__named_function *function)
{
    for (size_t i = find_name(one, function);
         i < one->functions.count && compare_names(&one->names[i], &function) == 0; i++)
        if (has_key(other, one->names[i]->key))
            return true;
    return false;
}

/* ---- rows ---- */

/* True for a function that is asked about: "inflate" also names what the compiler made of it, as "inflate.constprop.0". */
static bool is_wanted(const fps_workbench_patch *patch, const fps__named_function *function)
{
    size_t length = strcspn(function->name, ".");
    if (!patch->functions)
        return true;
    for (const char *const *name = patch->functions; *name; name++)
        if (!strcmp(*name, function->name) ||
            (strlen(*name) == length && !strncmp(*name, function->name, length)))
            return true;
    return false;
}

fps_status fps__workbench_store_patch_row(fps_workbench *workbench, const fps__patch_row *row,
                                          fps_error *error)
{
    sqlite3_stmt *statement =
        fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_PATCH_FUNCTION, error);
    if (!statement)
        return FPS_ERROR_CORRUPT;
    fps__workbench_bind_text(statement, 1, row->component);
    fps__workbench_bind_text(statement, 2, row->cve);
    sqlite3_bind_int64(statement, 3, (int64_t)row->key);
    sqlite3_bind_int(statement, 4, row->fixed);
    fps__workbench_bind_text(statement, 5, row->origin);
    fps__workbench_bind_text(statement, 6, row->toolchain);
    sqlite3_bind_int(statement, 7, row->machine);
    fps__workbench_bind_text(statement, 8, row->name);
    sqlite3_bind_int64(statement, 9, fps__feature_parameters(FPS__FEATURE_FUNCTION));
    return fps__workbench_run(workbench, statement, error);
}

static fps_status store(learning *now, const char *cve, const fps__named_function *function, bool fixed)
{
    const fps__patch_row row = {.component = now->patch->component,
                                .cve = cve,
                                .name = function->name,
                                .toolchain = function->toolchain,
                                .origin = now->patch->origin ? now->patch->origin : "",
                                .key = function->key,
                                .machine = function->machine,
                                .fixed = fixed};
    return fps__workbench_store_patch_row(now->workbench, &row, now->error);
}

/* What a row of a list gave. */
typedef struct gain {
    size_t named; /* functions that are asked about and that both states have */
    size_t small; /* of these, such as differ and are too small to tell anything */
    size_t taken; /* such as tell something */
} gain;

/* A function that some build does not change says nothing of the patch: where its code differs otherwise, another change did it, which may be
 * in a source without the patch. Its keys are kept in both states, for other rows that may take one of them for a sign. */
static fps_status take_function(learning *now, const char *cve, const fps__named_function *function,
                                bool fixed, bool unchanged, gain *got)
{
    bool small = function->instructions < FPS__PATCH_INSTRUCTIONS;
    got->named++;
    got->small += !unchanged && small;
    got->taken += !unchanged && !small;
    if (small)
        return FPS_OK;
    fps_status status = store(now, cve, function, fixed);
    return !status && unchanged ? store(now, cve, function, !fixed) : status;
}

static fps_status take_functions(learning *now, const char *cve, const state *own, const state *other,
                                 bool fixed, gain *got)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < own->functions.count && !status; i++) {
        const fps__named_function *function = own->functions.items[i];
        if (!is_wanted(now->patch, function) || find_name(other, function) == other->functions.count)
            continue;
        bool unchanged = is_unchanged(own, other, function) || is_unchanged(other, own, function);
        status = take_function(now, cve, function, fixed, unchanged, got);
    }
    return status;
}

/* ---- one patch ---- */

static fps_status say_nothing_learnt(learning *now, const char *cve, const gain *got)
{
    char message[256];
    const char *why = !got->named  ? "both states have no function that is asked about"
                      : got->small ? "the functions that differ are too small to tell anything"
                                   : "no function that is asked about differs between the states";
    snprintf(message, sizeof message, "%s of %s: %s", cve, now->patch->component, why);
    const fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_NOTE, "patch-without-function", now->patch->place,
                                       UINT64_MAX, message};
    now->result->empty++;
    if (now->options->diagnostic)
        now->options->diagnostic(now->options->user, &diagnostic);
    return FPS_OK;
}

static fps_status count_patch(learning *now, const char *cve)
{
    bool fresh;
    uint64_t key = XXH3_64bits(now->patch->component, strlen(now->patch->component) + 1);
    key = XXH3_64bits_withSeed(cve, strlen(cve), key);
    if (!fps__key_map_add(&now->patches, key ? key : 1, &fresh))
        return fps__fail_memory(now->error);
    now->result->patches += fresh;
    return FPS_OK;
}

static fps_status take_patch(learning *now, const char *cve, const state *unfixed, const state *fixed)
{
    gain got = {0};
    fps_status status = take_functions(now, cve, unfixed, fixed, false, &got);
    if (!status)
        status = take_functions(now, cve, fixed, unfixed, true, &got);
    now->result->functions += got.taken;
    now->result->small += got.small;
    if (status)
        return status;
    return got.taken ? count_patch(now, cve) : say_nothing_learnt(now, cve, &got);
}

/* "CVE-2022-37434": four digits, and four or more. */
static bool is_cve(const char *name)
{
    static const char digits[] = "0123456789";
    return !strncmp(name, "CVE-", 4) && strspn(name + 4, digits) == 4 && name[8] == '-' &&
           strspn(name + 9, digits) >= 4 && !name[9 + strspn(name + 9, digits)] && strlen(name) < MAX_NAME;
}

/* The id of a component of the workbench that is most like a mistyped one, in `arena`; "" for none. */
static fps_status find_nearest(learning *now, const char *id, const char **nearest)
{
    sqlite3_stmt *rows;
    size_t best = fps__edit_limit(id) + 1;
    int got = SQLITE_DONE;
    *nearest = "";
    fps_status status = fps__workbench_prepare(
        now->workbench, "SELECT DISTINCT id FROM component ORDER BY id", &rows, now->error);
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        size_t apart = fps__edit_distance(id, fps__workbench_text(rows, 0), best);
        if (apart >= best)
            continue;
        best = apart;
        *nearest = fps__arena_string(&now->arena, fps__workbench_text(rows, 0));
        status = *nearest ? FPS_OK : fps__fail_memory(now->error);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(now->workbench, now->error);
    sqlite3_finalize(rows);
    return status;
}

static fps_status check_component(learning *now)
{
    sqlite3_stmt *statement =
        fps__workbench_statement_get(now->workbench, FPS__WORKBENCH_FIND_COMPONENT, now->error);
    const char *nearest = "", *id = now->patch->component;
    if (!statement)
        return FPS_ERROR_CORRUPT;
    fps__workbench_bind_text(statement, 1, id);
    int got = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (got == SQLITE_ROW)
        return FPS_OK;
    fps_status status = got == SQLITE_DONE ? find_nearest(now, id, &nearest)
                                           : fps__workbench_fail(now->workbench, now->error);
    return status ? status
                  : fps__fail(now->error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX,
                              "the workbench knows no component \"%s\"%s%s%s", id,
                              *nearest ? ": did you mean \"" : "", nearest, *nearest ? "\"?" : "");
}

/* Each CVE of the list in turn. */
static fps_status take_vulnerabilities(learning *now, const state *unfixed, const state *fixed)
{
    fps_status status = FPS_OK;
    char *list = fps__arena_string(&now->arena, now->patch->cves), *rest = NULL;
    if (!list)
        return fps__fail_memory(now->error);
    char *cve = strtok_r(list, ",", &rest);
    if (!cve)
        return fps__fail(now->error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "no CVE is named");
    for (; cve && !status; cve = strtok_r(NULL, ",", &rest))
        status = is_cve(cve) ? take_patch(now, cve, unfixed, fixed)
                             : fps__fail(now->error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                                         "\"%.100s\" is no CVE: they are written CVE-2022-37434", cve);
    return status;
}

static fps_status learn_patch(learning *now)
{
    state unfixed = {.keys = NULL}, fixed = {.keys = NULL};
    fps_status status = check_component(now);
    if (!status && (!*now->patch->unfixed || !*now->patch->fixed))
        status = fps__fail(now->error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                           "a patch needs files of both states, before it and from it on");
    if (!status)
        status = read_state(now, now->patch->unfixed, &unfixed);
    if (!status)
        status = read_state(now, now->patch->fixed, &fixed);
    if (!status)
        status = take_vulnerabilities(now, &unfixed, &fixed);
    free_state(&unfixed);
    free_state(&fixed);
    return status;
}

/* The failure of one row, with its place in front. */
static fps_status fail_at(const fps_workbench_patch *patch, const fps_error *inner, fps_error *error)
{
    if (inner->status == FPS_ERROR_MEMORY || !patch->place) {
        if (error)
            *error = *inner;
        return inner->status;
    }
    return fps__fail(error, inner->status, patch->place, UINT64_MAX, "%s%s%s", inner->path,
                     *inner->path ? ": " : "", inner->message);
}

fps_status fps_workbench_add_patches(fps_workbench *workbench, const fps_workbench_patch *patches,
                                     size_t count, const fps_workbench_patch_options *options,
                                     fps_workbench_patch_result *result, fps_error *error)
{
    static const fps_workbench_patch_options defaults;
    fps_workbench_patch_result unwanted;
    fps_error inner = {.status = FPS_OK, .offset = UINT64_MAX};
    learning now = {.workbench = workbench,
                    .options = options ? options : &defaults,
                    .result = result ? result : &unwanted,
                    .error = &inner};
    *now.result = (fps_workbench_patch_result){0};
    fps_status status = fps__workbench_run_named(workbench, FPS__WORKBENCH_BEGIN, error);
    if (status)
        return status;
    for (size_t i = 0; i < count && !status; i++) {
        now.patch = &patches[i];
        now.result->rows++;
        status = learn_patch(&now);
        if (status)
            status = fail_at(now.patch, &inner, error);
    }
    for (size_t i = 0; i < now.files.count; i++)
        free(now.files.items[i].functions.items);
    free(now.files.items);
    fps__table_free(&now.file_table);
    fps__key_map_free(&now.patches);
    fps__arena_free(&now.arena);
    return fps__workbench_end(workbench, status, error);
}

fps_status fps__workbench_merge_patches(fps_workbench *workbench, fps_workbench *other, fps_error *error)
{
    sqlite3_stmt *rows;
    int got = SQLITE_DONE;
    fps_status status = fps__workbench_run_named(workbench, FPS__WORKBENCH_BEGIN, error);
    if (status)
        return status;
    status = fps__workbench_prepare(
        other,
        "SELECT component, cve, key, fixed, origin, toolchain, machine, name, parameters FROM patch_function",
        &rows, error);
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        sqlite3_stmt *insert =
            fps__workbench_statement_get(workbench, FPS__WORKBENCH_INSERT_PATCH_FUNCTION, error);
        for (int i = 0; insert && i < sqlite3_column_count(rows); i++)
            sqlite3_bind_value(insert, i + 1, sqlite3_column_value(rows, i));
        status = insert ? fps__workbench_run(workbench, insert, error) : FPS_ERROR_CORRUPT;
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(other, error);
    sqlite3_finalize(rows);
    return fps__workbench_end(workbench, status, error);
}
