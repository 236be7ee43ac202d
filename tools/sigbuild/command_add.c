/* sigbuild add and negative: packages, archives and builds into a workbench. */
#include "sigbuild/commands.h"
#include "sigbuild/inputs.h"

#include <stdio.h>

static void print_result(const fps_workbench_add_result *result)
{
    printf("added %u\nreplaced %u\nunchanged %u\nskipped %u\nobjects %u\nfeatures %llu\ndamaged %u\n",
           result->packages, result->replaced, result->unchanged, result->skipped, result->objects,
           (unsigned long long)result->features, result->damaged);
    if (result->histories)
        printf("histories %u\n", result->histories);
}

/* True, with a message, when all that was given was skipped: what a person meant to add is not there. */
static bool is_in_vain(const fps_workbench_add_result *result)
{
    if (!result->skipped || result->packages || result->unchanged || result->histories)
        return false;
    message_print(
        "sigbuild",
        "nothing was added: no component of the catalogue is known by these files (%u skipped); give "
        "--name and --version",
        result->skipped);
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
        listener now = listener_start(chosen);
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
                                             .diagnostic = listener_diagnostic,
                                             .progress = listener_progress,
                                             .user = &now};
        fps_workbench_add_result result;
        fps_error error;
        fps_status status = fps_workbench_add(bench, paths.items, paths.count, &options, &result, &error);
        listener_close_line(&now);
        if (status) {
            message_error("sigbuild", chosen->workbench, &error);
        } else {
            print_result(&result);
            code = is_in_vain(&result) ? TOOL_EXIT_ERROR : result.damaged ? TOOL_EXIT_PARTIAL : TOOL_EXIT_OK;
        }
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
