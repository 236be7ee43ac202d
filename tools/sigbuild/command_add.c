/* sigbuild add and negative: packages, archives and builds into a workbench. */
#include "sigbuild/commands.h"
#include "sigbuild/inputs.h"
#include "sigbuild/summary.h"

#include <stdio.h>

/* The user of the callbacks. */
typedef struct adding {
    listener now;
    summary learnt;
} adding;

static void tell_diagnostic(void *user, const fps_diagnostic *diagnostic)
{
    listener_diagnostic(&((adding *)user)->now, diagnostic);
}

static void tell_progress(void *user, uint64_t done, uint64_t total, const char *path)
{
    listener_progress(&((adding *)user)->now, done, total, path);
}

static void tell_learnt(void *user, const fps_workbench_learnt *learnt)
{
    summary_learn(&((adding *)user)->learnt, learnt);
}

static void print_result(const fps_workbench_add_result *result)
{
    printf("added %u\nreplaced %u\nunchanged %u\nskipped %u\nobjects %u\nfeatures %llu\ndamaged %u\n",
           result->packages, result->replaced, result->unchanged, result->skipped, result->objects,
           (unsigned long long)result->features, result->damaged);
    if (result->histories)
        printf("histories %u\n", result->histories);
}

/* True, with a message, when nothing of what was given was taken: what a person meant to add is not there. What is damaged was
 * said. */
static bool is_in_vain(const fps_workbench_add_result *result)
{
    if (result->packages || result->unchanged || result->histories || (!result->skipped && result->damaged))
        return false;
    if (result->skipped)
        message_print(
            "sigbuild",
            "nothing was added: no component of the catalogue is known by these files (%u skipped); give "
            "--name and --version",
            result->skipped);
    else
        message_print("sigbuild", "nothing was added: no package, library or program is in what was given");
    return true;
}

static int add(const settings *chosen, const option_result *parsed, bool negative)
{
    path_list paths = {NULL, 0, 0, NULL};
    fps_workbench *bench = NULL;
    int code = TOOL_EXIT_ERROR;
    if (path_list_collect(&paths, chosen, parsed))
        bench = command_open(chosen, true);
    if (bench) {
        adding user = {.now = listener_start(chosen)};
        fps_workbench_add_options options = {.name = chosen->name,
                                             .version = chosen->version,
                                             .purl = chosen->purl,
                                             .cpe = chosen->cpe,
                                             .license = chosen->license,
                                             .origin = chosen->origin,
                                             .tag = chosen->tag,
                                             .paths = chosen->paths,
                                             .drop = chosen->drop,
                                             .most = (uint32_t)chosen->most,
                                             .negative = negative,
                                             .parallel = (unsigned)chosen->parallel,
                                             .diagnostic = tell_diagnostic,
                                             .progress = tell_progress,
                                             .learnt = chosen->quiet ? NULL : tell_learnt,
                                             .user = &user};
        fps_workbench_add_result result;
        fps_error error;
        fps_status status = fps_workbench_add(bench, paths.items, paths.count, &options, &result, &error);
        listener_close_line(&user.now);
        if (status) {
            message_error("sigbuild", chosen->workbench, &error);
        } else {
            if (!chosen->quiet)
                print_result(&result);
            fflush(stdout); /* the summary on standard error comes behind it */
            summary_find_builds(&user.learnt, bench);
            summary_print(&user.learnt, chosen->all);
            code = is_in_vain(&result) ? TOOL_EXIT_ERROR : result.damaged ? TOOL_EXIT_PARTIAL : TOOL_EXIT_OK;
        }
        summary_free(&user.learnt);
    }
    fps_workbench_free(bench);
    path_list_free(&paths);
    return code;
}

int command_add(const settings *chosen, const option_result *parsed)
{
    return add(chosen, parsed, false);
}

int command_negative(const settings *chosen, const option_result *parsed)
{
    return add(chosen, parsed, true);
}
