/* sigbuild compile: the compiled set of a workbench. */
#include "sigbuild/commands.h"

#include <stdio.h>

tool_exit command_compile(const settings *chosen, const option_result *parsed)
{
    (void)parsed;
    if (!chosen->output) {
        message_print("sigbuild", "which set? give --output FILE");
        return TOOL_EXIT_ERROR;
    }
    fps_workbench *bench = command_open(chosen);
    if (!bench)
        return TOOL_EXIT_ERROR;
    size_t dropped = 0;
    fps_compile_options options = {chosen->name, chosen->rules, chosen->against, chosen->leave_out.items,
                                   &dropped};
    fps_error error;
    fps_status status = fps_workbench_compile(bench, chosen->output, &options, &error);
    fps_workbench_free(bench);
    if (status) {
        message_error("sigbuild", chosen->output, &error);
        return TOOL_EXIT_ERROR;
    }
    if (!chosen->quiet)
        message_print("sigbuild", "%zu features belong to nobody and were left out", dropped);
    return TOOL_EXIT_OK;
}
