/* Opening and closing a workbench, and the catalogue that it carries. */
#include "workbench/workbench_internal.h"

#include "util/error.h"

#include <stdlib.h>

enum { MAX_COMPONENTS = 1000000 };

static const char *copy_column(fps__arena *arena, sqlite3_stmt *rows, int column)
{
    return fps__arena_string(arena, fps__workbench_text(rows, column));
}

/* The catalogue as it was loaded last: what add goes by when it is given none. */
static fps_status load_stored_catalogue(fps_workbench *workbench, fps_error *error)
{
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(
        workbench, "SELECT id, sources FROM component WHERE origin = 0 ORDER BY id", &rows, error);
    int got = SQLITE_DONE;
    fps__catalogue *catalogue = &workbench->catalogue;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        fps__catalogue_component made = {.id = copy_column(&catalogue->arena, rows, 0),
                                         .sources = copy_column(&catalogue->arena, rows, 1)};
        if (made.id && made.sources)
            status = fps__workbench_reserved(FPS__ARRAY_PUSH(&catalogue->components, &made, MAX_COMPONENTS),
                                             workbench->path, "components", error);
        else
            status = fps__fail_memory(error);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(workbench, error);
    sqlite3_finalize(rows);
    return status;
}

static fps_status open_workbench(fps_workbench **workbench, const char *path, bool create, fps_error *error)
{
    *workbench = NULL;
    fps_workbench *made = calloc(1, sizeof *made);
    if (made)
        made->path = strdup(path);
    if (!made || !made->path) {
        fps_workbench_free(made);
        return fps__fail_memory(error);
    }
    fps_status status = fps__workbench_open_database(made, create, error);
    if (!status)
        status = load_stored_catalogue(made, error);
    if (status) {
        fps_workbench_free(made);
        return status;
    }
    *workbench = made;
    return FPS_OK;
}

fps_status fps_workbench_open(fps_workbench **workbench, const char *path, fps_error *error)
{
    return open_workbench(workbench, path, true, error);
}

fps_status fps_workbench_open_existing(fps_workbench **workbench, const char *path, fps_error *error)
{
    return open_workbench(workbench, path, false, error);
}

void fps_workbench_free(fps_workbench *workbench)
{
    if (!workbench)
        return;
    for (int i = 0; i < FPS__WORKBENCH_STATEMENTS; i++)
        sqlite3_finalize(workbench->statements[i]);
    if (workbench->logging) /* leaves one file, without a journal beside it */
        sqlite3_exec(workbench->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    sqlite3_close(workbench->db);
    fps__catalogue_free(&workbench->catalogue);
    fps__key_map_free(&workbench->keys);
    free(workbench->path);
    free(workbench);
}

static fps_status store_catalogue(fps_workbench *workbench, const fps__catalogue *catalogue, fps_error *error)
{
    fps_status status = fps__workbench_run_named(workbench, FPS__WORKBENCH_BEGIN, error);
    if (status)
        return status;
    status = fps__workbench_execute(workbench, "DELETE FROM component WHERE origin = 0", error);
    for (size_t i = 0; i < catalogue->components.count && !status; i++)
        status = fps__workbench_write_component(workbench, &catalogue->components.items[i],
                                                FPS__WORKBENCH_FROM_CATALOGUE, error);
    return fps__workbench_end(workbench, status, error);
}

fps_status fps_workbench_load_catalogue(fps_workbench *workbench, const char *path, fps_error *error)
{
    fps__catalogue catalogue = {.arena = {0}};
    fps_status status = fps__catalogue_load(&catalogue, path, error);
    if (!status)
        status = store_catalogue(workbench, &catalogue, error);
    if (status) {
        fps__catalogue_free(&catalogue);
        return status;
    }
    fps__catalogue_free(&workbench->catalogue);
    workbench->catalogue = catalogue;
    return FPS_OK;
}
