/* sigbuild compile, import, merge and verify: between workbenches and compiled sets. */
#include "sigbuild/commands.h"

#include <fpscan/database.h>
#include <stdio.h>

static tool_exit fail(const char *what, const fps_error *error)
{
    message_error("sigbuild", what, error);
    return TOOL_EXIT_ERROR;
}

tool_exit command_compile(const settings *chosen, const option_result *parsed)
{
    (void)parsed;
    if (!chosen->output) {
        message_print("sigbuild", "which set? give --output FILE");
        return TOOL_EXIT_ERROR;
    }
    fps_workbench *bench = command_open(chosen, false);
    if (!bench)
        return TOOL_EXIT_ERROR;
    size_t dropped = 0;
    fps_workbench_compile_options options = {chosen->name, chosen->rules, chosen->against,
                                             chosen->leave_out.items, &dropped};
    fps_error error;
    fps_status status = fps_workbench_compile(bench, chosen->output, &options, &error);
    fps_workbench_free(bench);
    if (status)
        return fail(chosen->output, &error);
    if (!chosen->quiet)
        message_print("sigbuild", "%zu features belong to nobody and were left out", dropped);
    return TOOL_EXIT_OK;
}

tool_exit command_import(const settings *chosen, const option_result *parsed)
{
    fps_database *database;
    fps_error error;
    const char *path = parsed->operands[0];
    if (fps_database_open(&database, path, &error))
        return fail(path, &error);
    fps_workbench *bench = command_open(chosen, true);
    tool_exit code = TOOL_EXIT_ERROR;
    if (bench)
        code = fps_workbench_import(bench, database, &error) ? fail(path, &error) : TOOL_EXIT_OK;
    fps_workbench_free(bench);
    fps_database_free(database);
    return code;
}

tool_exit command_merge(const settings *chosen, const option_result *parsed)
{
    fps_workbench *bench = command_open(chosen, true);
    if (!bench)
        return TOOL_EXIT_ERROR;
    tool_exit code = TOOL_EXIT_OK;
    for (size_t i = 0; i < parsed->operand_count && code == TOOL_EXIT_OK; i++) {
        fps_error error;
        if (fps_workbench_merge(bench, parsed->operands[i], &error))
            code = fail(parsed->operands[i], &error);
    }
    fps_workbench_free(bench);
    return code;
}

/* Rebuilds the set from the workbench, under the name that the set has. */
static tool_exit rebuild(const settings *chosen, const char *path, const char *name)
{
    fps_workbench *bench = command_open(chosen, false);
    if (!bench)
        return TOOL_EXIT_ERROR;
    fps_workbench_compile_options options = {name, chosen->rules, chosen->against, chosen->leave_out.items,
                                             NULL};
    fps_error error;
    fps_status status = fps_workbench_verify(bench, path, &options, &error);
    fps_workbench_free(bench);
    return status ? fail(path, &error) : TOOL_EXIT_OK;
}

tool_exit command_verify(const settings *chosen, const option_result *parsed)
{
    fps_database *database;
    fps_error error;
    const char *path = parsed->operands[0];
    if (fps_database_open(&database, path, &error))
        return fail(path, &error);
    tool_exit code = TOOL_EXIT_OK;
    if (fps_database_verify(database, &error))
        code = fail(path, &error);
    fps_database_info info;
    fps_database_read_info(database, &info);
    if (code == TOOL_EXIT_OK && chosen->workbench)
        code = rebuild(chosen, path, chosen->name ? chosen->name : info.name);
    if (code == TOOL_EXIT_OK)
        printf("%s: good%s\n", path, chosen->workbench ? ", and the same as the workbench gives" : "");
    fps_database_free(database);
    return code;
}
