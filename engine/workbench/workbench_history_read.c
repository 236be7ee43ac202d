/* Reads what `add` takes as a release history: a history file, a git repository, a source archive. No SQLite. */
#include "workbench/workbench_history.h"

#include "util/error.h"

#include <stdio.h>
#include <sys/stat.h>

typedef struct reading {
    fps__workbench_job *job;
    fps__workbench_diagnostic **last;
    bool memory; /* there was none for a diagnostic */
} reading;

static void diagnose(void *user, const fps_diagnostic *diagnostic)
{
    reading *now = user;
    fps__arena *arena = &now->job->arena;
    fps__workbench_diagnostic *made = fps__arena_alloc(arena, sizeof *made);
    if (made) {
        made->diagnostic = *diagnostic;
        made->diagnostic.path =
            fps__arena_string(arena, diagnostic->path ? diagnostic->path : now->job->path);
        made->diagnostic.message = fps__arena_string(arena, diagnostic->message);
    }
    if (!made || !made->diagnostic.path || !made->diagnostic.message) {
        now->memory = true;
        return;
    }
    *now->last = made;
    now->last = &made->next;
}

/* One that cannot be read is left out as a whole, and named. */
static void leave_out(reading *now, const fps_error *error)
{
    fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_PARTIAL, "unreadable-history",
                                 *error->path ? error->path : now->job->path, UINT64_MAX, error->message};
    diagnose(now, &diagnostic);
}

static fps_status read_history(const fps__workbench_plan *plan, reading *now, fps__history **history,
                               fps_error *error)
{
    const fps_workbench_add_options *given = plan->options;
    fps_history_options options = {.component = given->name,
                                   .tag = given->tag,
                                   .paths = given->paths,
                                   .drop = given->drop,
                                   .most = given->most,
                                   .source = given->origin,
                                   .diagnostic = diagnose,
                                   .user = now};
    fps_history_source source = {.path = now->job->path, .version = given->version};
    struct stat facts;
    bool folder = !stat(now->job->path, &facts) && S_ISDIR(facts.st_mode);
    return !folder && fps__history_is_named(now->job->path)
               ? fps__history_read(now->job->path, history, error)
               : fps__history_make(&source, 1, &options, history, NULL, error);
}

void fps__workbench_read_history(const fps__workbench_plan *plan, fps__workbench_job *job)
{
    reading now = {.job = job, .last = &job->diagnostics};
    fps__history *history = NULL;
    fps_error error = {.message = ""};
    while (*now.last)
        now.last = &(*now.last)->next;
    fps_status status = read_history(plan, &now, &history, &error);
    if (!status && plan->options->name) {
        history->component = fps__arena_string(&history->arena, plan->options->name);
        status = history->component ? FPS_OK : FPS_ERROR_MEMORY;
    }
    /* Sorted and each key once, which is how the rows are kept. */
    if (!status)
        status = fps__history_merge((const fps__history *const *)&history, 1, &job->history, &error);
    fps__history_free(history);
    if (status && status != FPS_ERROR_MEMORY)
        leave_out(&now, &error);
    job->status = status == FPS_ERROR_MEMORY || now.memory ? fps__fail_memory(&job->error) : FPS_OK;
}
