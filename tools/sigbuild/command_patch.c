/* sigbuild patch: how the code of a component shows whether it has the fix of a vulnerability. */
#include "sigbuild/commands.h"
#include "sigbuild/inputs.h"

#include <stdio.h>

static void print_result(const fps_workbench_patch_result *result)
{
    printf("rows %zu\npatches %zu\nfunctions %zu\nsmall %zu\nempty %zu\n", result->rows, result->patches,
           result->functions, result->small, result->empty);
}

/* True, with a message, if what is given on the command line is not enough. A list says all by itself. */
static bool is_incomplete(const settings *chosen)
{
    const char *missing = NULL;
    if (chosen->list)
        missing = chosen->name || chosen->cve || chosen->functions.count || chosen->unfixed.count ||
                          chosen->fixed.count
                      ? "--list says everything: give nothing else, or no list"
                      : NULL;
    else if (!chosen->name || !chosen->cve)
        missing = "which patch? give --list FILE, or --name ID and --cve CVE";
    else if (!chosen->unfixed.count || !chosen->fixed.count)
        missing = "which code? give --unfixed FILE and --fixed FILE, each as often as needed";
    if (missing)
        message_print("sigbuild", "%s", missing);
    return missing != NULL;
}

static fps_status add(fps_workbench *bench, const settings *chosen,
                      const fps_workbench_patch_options *options, fps_workbench_patch_result *result,
                      fps_error *error)
{
    const fps_workbench_patch patch = {.component = chosen->name,
                                       .cves = chosen->cve,
                                       .functions = chosen->functions.count ? chosen->functions.items : NULL,
                                       .origin = chosen->origin,
                                       .unfixed = chosen->unfixed.items,
                                       .fixed = chosen->fixed.items};
    return chosen->list ? fps_workbench_add_patch_list(bench, chosen->list, options, result, error)
                        : fps_workbench_add_patches(bench, &patch, 1, options, result, error);
}

int command_patch(const settings *chosen, const option_result *parsed)
{
    (void)parsed;
    if (is_incomplete(chosen))
        return TOOL_EXIT_ERROR;
    fps_workbench *bench = command_open(chosen, false);
    if (!bench)
        return TOOL_EXIT_ERROR;
    listener now = listener_start(chosen);
    const fps_workbench_patch_options options = {.diagnostic = listener_diagnostic, .user = &now};
    fps_workbench_patch_result result;
    fps_error error;
    fps_status status = add(bench, chosen, &options, &result, &error);
    fps_workbench_free(bench);
    if (status) {
        message_error("sigbuild", NULL, &error);
        return TOOL_EXIT_ERROR;
    }
    if (!chosen->quiet)
        print_result(&result);
    if (result.functions)
        return TOOL_EXIT_OK;
    message_print("sigbuild", "nothing was learnt: no function tells the states of a patch apart");
    return TOOL_EXIT_ERROR;
}
