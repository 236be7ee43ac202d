/* What is in a workbench, for people: counts, and lists of components, versions, builds, units and templates.
 */
#include "compiler/compile.h"
#include "compiler/compile_report.h"
#include "workbench/workbench_internal.h"

#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_COLUMNS = 16, MAX_VERSIONS = 1024 * 1024 /* bytes of joined versions */ };

/* Functions of patches that tell their states apart: as compiler/compile_patch.c does. */
#define TELLING                                                                                              \
    "(SELECT p.* FROM patch_function p WHERE NOT EXISTS (SELECT 1 FROM patch_function o"                     \
    " WHERE o.component = p.component AND o.cve = p.cve AND o.key = p.key AND o.fixed <> p.fixed))"

static fps_status count_rows(fps_workbench *workbench, const char *sql, uint64_t *count, fps_error *error)
{
    sqlite3_stmt *row;
    fps_status status = fps__workbench_prepare(workbench, sql, &row, error);
    if (status)
        return status;
    if (sqlite3_step(row) == SQLITE_ROW)
        *count = (uint64_t)sqlite3_column_int64(row, 0);
    else
        status = fps__workbench_fail(workbench, error);
    sqlite3_finalize(row);
    return status;
}

fps_status fps_workbench_read_stats(fps_workbench *workbench, fps_workbench_stats *stats, fps_error *error)
{
    *stats = (fps_workbench_stats){0};
    const struct {
        const char *sql;
        uint64_t *count;
    } counts[] = {
        {"SELECT count(DISTINCT id) FROM component", &stats->components},
        {"SELECT count(*) FROM (SELECT DISTINCT component, version FROM build WHERE negative = 0)",
         &stats->versions},
        {"SELECT count(DISTINCT component) FROM build WHERE negative = 0", &stats->fingerprinted},
        {"SELECT count(*) FROM build WHERE negative = 0", &stats->builds},
        {"SELECT count(*) FROM build WHERE negative = 1", &stats->negative_builds},
        {"SELECT count(*) FROM object o JOIN build b ON b.id = o.build WHERE b.negative = 0",
         &stats->objects},
        {"SELECT count(*) FROM object o JOIN build b ON b.id = o.build WHERE b.negative = 1",
         &stats->negative_objects},
        {"SELECT count(*) FROM feature", &stats->features},
        {"SELECT ifnull(sum(feature_count), 0) FROM object", &stats->object_features},
        {"SELECT count(*) FROM version_text", &stats->version_texts},
        {"SELECT count(*) FROM imported_set", &stats->imported_sets},
        {"SELECT count(*) FROM imported_group", &stats->imported_groups},
        {"SELECT count(*) FROM history", &stats->histories},
        {"SELECT count(*) FROM history_release", &stats->history_releases},
        {"SELECT count(*) FROM history_text", &stats->history_texts},
        {"SELECT count(*) FROM history_name", &stats->history_names},
        {"SELECT count(*) FROM (SELECT DISTINCT component, cve FROM " TELLING ")", &stats->patches},
        {"SELECT count(*) FROM (SELECT DISTINCT component, cve, key FROM " TELLING ")",
         &stats->patch_functions},
    };
    fps_status status = FPS_OK;
    for (size_t i = 0; i < sizeof counts / sizeof *counts && !status; i++)
        status = count_rows(workbench, counts[i].sql, counts[i].count, error);
    return status;
}

/* ---- lists that are queries ---- */

static const char *const queries[] = {
    [FPS_WORKBENCH_COMPONENTS] =
        "SELECT b.component, ifnull(c.name, b.component), count(DISTINCT b.version), count(*)"
        " FROM build b LEFT JOIN component c ON c.id = b.component AND c.origin ="
        " (SELECT min(origin) FROM component WHERE id = b.component)"
        " WHERE b.negative = 0 AND (?1 IS NULL OR b.component = ?1) GROUP BY b.component ORDER BY "
        "b.component",
    [FPS_WORKBENCH_VERSIONS] =
        "SELECT component, version, count(*), group_concat(DISTINCT architecture) FROM build"
        " WHERE negative = 0 AND (?1 IS NULL OR component = ?1)"
        " GROUP BY component, version ORDER BY component, version",
    [FPS_WORKBENCH_BUILDS] =
        "SELECT component, version, package, package_version, architecture, source, origin, file,"
        " lower(hex(digest)), (SELECT count(*) FROM object WHERE build = build.id) FROM build"
        " WHERE negative = 0 AND (?1 IS NULL OR component = ?1)"
        " ORDER BY component, version, architecture, package, package_version, digest",
    [FPS_WORKBENCH_NEGATIVES] =
        "SELECT CASE WHEN source <> '' THEN source ELSE file END, package, package_version, architecture,"
        " file, lower(hex(digest)), (SELECT count(*) FROM object WHERE build = build.id) FROM build"
        " WHERE negative = 1 AND (?1 IS NULL OR source = ?1) ORDER BY 1, 2, 3, 4, digest",
    [FPS_WORKBENCH_HISTORIES] =
        "SELECT h.component, h.file, (SELECT count(*) FROM history_release WHERE history = h.id),"
        " (SELECT version FROM history_release WHERE history = h.id ORDER BY place LIMIT 1),"
        " (SELECT version FROM history_release WHERE history = h.id ORDER BY place DESC LIMIT 1),"
        " (SELECT date FROM history_release WHERE history = h.id ORDER BY place DESC LIMIT 1),"
        " (SELECT count(*) FROM history_text WHERE history = h.id),"
        " (SELECT count(*) FROM history_name WHERE history = h.id),"
        " (SELECT group_concat(location, ' ') FROM history_source WHERE history = h.id)"
        " FROM history h WHERE ?1 IS NULL OR h.component = ?1 ORDER BY h.component, h.file",
    [FPS_WORKBENCH_PATCHES] =
        "SELECT component, cve, count(DISTINCT CASE WHEN fixed = 0 THEN key END),"
        " count(DISTINCT CASE WHEN fixed = 1 THEN key END), group_concat(DISTINCT name),"
        " group_concat(DISTINCT CASE WHEN instr(origin, toolchain) THEN origin ELSE trim(origin || ' ' || toolchain) END)"
        " FROM (SELECT * FROM " TELLING " ORDER BY component, cve, name, origin, toolchain)"
        " WHERE ?1 IS NULL OR component = ?1 GROUP BY component, cve ORDER BY component, cve",
};

static fps_status list_query(fps_workbench *workbench, const char *sql, const char *component,
                             fps_workbench_row_callback row, void *user, fps_error *error)
{
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(workbench, sql, &rows, error);
    if (status)
        return status;
    if (component)
        fps__workbench_bind_text(rows, 1, component);
    int got;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        const char *columns[MAX_COLUMNS];
        int count = sqlite3_column_count(rows);
        for (int i = 0; i < count; i++)
            columns[i] = fps__workbench_text(rows, i);
        status = row(user, columns, (size_t)count);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(workbench, error);
    sqlite3_finalize(rows);
    return status;
}

/* ---- lists that need the workbench compiled ---- */

static bool is_chosen(const fps__set_model *model, uint32_t component, const char *wanted)
{
    return !wanted || !strcmp(model->components[component].id, wanted);
}

static fps_status list_units(const fps__set_model *model, const char *component,
                             fps_workbench_row_callback row, void *user)
{
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < model->unit_count && !status; i++) {
        const fps__set_unit *unit = &model->units[i];
        if (!is_chosen(model, unit->component, component))
            continue;
        uint32_t most = 0;
        for (uint32_t r = 0; r < model->components[unit->component].release_count; r++)
            most = unit->totals[r] > most ? unit->totals[r] : most;
        char weight[32];
        snprintf(weight, sizeof weight, "%.2f", most / 16.0);
        const char *columns[] = {model->components[unit->component].id, unit->name, weight};
        status = row(user, columns, 3);
    }
    return status;
}

/* Joins the versions of a bit set with spaces; *joined is the caller's to free. FPS_ERROR_LIMIT,
 * FPS_ERROR_MEMORY. */
static fps_status join_versions(const fps__set_model *model, uint32_t component, uint32_t bit_set,
                                char **joined)
{
    const fps__set_component *owner = &model->components[component];
    FPS__ARRAY(char) text = {NULL, 0, 0};
    fps_status status = FPS__ARRAY_RESERVE(&text, 1, MAX_VERSIONS);
    for (uint32_t r = 0; r < owner->release_count && status == FPS_OK; r++) {
        if (!fps__bit_set_has(model->bit_sets[bit_set], r))
            continue;
        const char *version = model->releases[owner->release_first + r].version;
        size_t length = strlen(version);
        status = FPS__ARRAY_RESERVE(&text, length + 2, MAX_VERSIONS);
        if (status != FPS_OK)
            break;
        if (text.count)
            text.items[text.count++] = ' ';
        memcpy(text.items + text.count, version, length);
        text.count += length;
    }
    if (status != FPS_OK) {
        free(text.items);
        return status;
    }
    text.items[text.count] = '\0';
    *joined = text.items;
    return FPS_OK;
}

static fps_status list_templates(const fps__set_model *model, const char *component,
                                 fps_workbench_row_callback row, void *user, fps_error *error)
{
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < model->template_count && !status; i++) {
        const fps__set_template *found = &model->templates[i];
        if (!is_chosen(model, found->component, component))
            continue;
        char hits[32];
        char *versions = NULL;
        status =
            fps__workbench_reserved(join_versions(model, found->component, found->learnt_from, &versions),
                                    NULL, "releases of one component", error);
        if (status)
            return status;
        snprintf(hits, sizeof hits, "%u", found->negative_hits);
        const char *columns[] = {model->components[found->component].id, found->text, versions, hits};
        status = row(user, columns, 4);
        free(versions);
    }
    return status;
}

static fps_status list_compiled(fps_workbench *workbench, fps_workbench_list_kind kind, const char *component,
                                fps_workbench_row_callback row, void *user, fps_error *error)
{
    fps__corpus corpus;
    fps__compiled *compiled = NULL;
    fps__compile_options options = {.name = NULL};
    fps_status status = fps__workbench_load(workbench, &corpus, error);
    if (status)
        return status;
    status = fps__compile(&compiled, &corpus, &options, error);
    if (!status) {
        const fps__set_model *model = fps__compiled_model(compiled);
        status = kind == FPS_WORKBENCH_UNITS ? list_units(model, component, row, user)
                                             : list_templates(model, component, row, user, error);
        if (status == FPS_ERROR_MEMORY)
            fps__fail_memory(error);
    }
    fps__compiled_free(compiled);
    fps__corpus_free(&corpus);
    return status;
}

static fps_status list_shares(fps_workbench *workbench, fps_workbench_list_kind kind, const char *which,
                              fps_workbench_row_callback row, void *user, fps_error *error)
{
    fps__corpus corpus;
    fps_status status = fps__workbench_load(workbench, &corpus, error);
    if (status)
        return status;
    status = kind == FPS_WORKBENCH_DONORS ? fps__report_donors(&corpus, which, row, user, error)
                                          : fps__report_owners(&corpus, which ? which : "", row, user, error);
    fps__corpus_free(&corpus);
    return status;
}

fps_status fps_workbench_list(fps_workbench *workbench, fps_workbench_list_kind kind, const char *component,
                              fps_workbench_row_callback row, void *user, fps_error *error)
{
    switch (kind) {
    case FPS_WORKBENCH_COMPONENTS:
    case FPS_WORKBENCH_VERSIONS:
    case FPS_WORKBENCH_BUILDS:
    case FPS_WORKBENCH_NEGATIVES:
    case FPS_WORKBENCH_HISTORIES:
    case FPS_WORKBENCH_PATCHES:
        return list_query(workbench, queries[kind], component, row, user, error);
    case FPS_WORKBENCH_UNITS:
    case FPS_WORKBENCH_TEMPLATES:
        return list_compiled(workbench, kind, component, row, user, error);
    case FPS_WORKBENCH_DONORS:
    case FPS_WORKBENCH_OWNERS:
        return list_shares(workbench, kind, component, row, user, error);
    }
    return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "no such list");
}
