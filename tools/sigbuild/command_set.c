/* sigbuild compile, import, merge, verify and sign: between workbenches and compiled sets. */
#include "sigbuild/commands.h"
#include "sigbuild/summary.h"

#include "common/signature.h"

#include <fpscan/database.h>
#include <fpscan/scan.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const char *what, const fps_error *error)
{
    message_error("sigbuild", what, error);
    return TOOL_EXIT_ERROR;
}

/* What a finished set lacks and has. */
static void say_compiled(const fps_workbench_compile_result *result, const summary *learnt, bool all)
{
    if (result->dropped_features)
        message_print("sigbuild", "%zu features belong to no component and were left out",
                      result->dropped_features);
    if (result->histories)
        message_print("sigbuild", "%zu texts of %zu release histories are in the set", result->history_texts,
                      result->histories);
    if (result->patches)
        message_print("sigbuild", "%zu functions of %zu patches are in the set", result->patch_functions,
                      result->patches);
    if (result->patches_left_out)
        message_print("sigbuild", "%zu patches were left out: the set does not have their components",
                      result->patches_left_out);
    summary_print(learnt, all);
}

int command_compile(const settings *chosen, const option_result *parsed)
{
    (void)parsed;
    if (!chosen->output) {
        message_print("sigbuild", "which set? give --output FILE");
        return TOOL_EXIT_ERROR;
    }
    fps_workbench *bench = command_open(chosen, false);
    if (!bench)
        return TOOL_EXIT_ERROR;
    summary learnt = {.rows = NULL};
    fps_workbench_compile_options options = {.name = chosen->name,
                                             .rules = chosen->rules,
                                             .against = chosen->against,
                                             .leave_out = chosen->leave_out.items,
                                             .learnt = chosen->quiet ? NULL : summary_learn,
                                             .user = &learnt};
    fps_workbench_compile_result result;
    fps_error error;
    fps_status status = fps_workbench_compile(bench, chosen->output, &options, &result, &error);
    fps_workbench_free(bench);
    if (!status && !chosen->quiet)
        say_compiled(&result, &learnt, chosen->all);
    summary_free(&learnt);
    return status ? fail(chosen->output, &error) : TOOL_EXIT_OK;
}

int command_import(const settings *chosen, const option_result *parsed)
{
    fps_database *database;
    fps_error error;
    const char *path = parsed->operands[0];
    if (fps_database_open(&database, path, &error))
        return fail(path, &error);
    fps_workbench *bench = command_open(chosen, true);
    int code = TOOL_EXIT_ERROR;
    if (bench)
        code = fps_workbench_import(bench, database, &error) ? fail(path, &error) : TOOL_EXIT_OK;
    fps_workbench_free(bench);
    fps_database_free(database);
    return code;
}

int command_merge(const settings *chosen, const option_result *parsed)
{
    fps_workbench *bench = command_open(chosen, true);
    if (!bench)
        return TOOL_EXIT_ERROR;
    int code = TOOL_EXIT_OK;
    for (size_t i = 0; i < parsed->operand_count && code == TOOL_EXIT_OK; i++) {
        fps_error error;
        if (fps_workbench_merge(bench, parsed->operands[i], &error))
            code = fail(parsed->operands[i], &error);
    }
    fps_workbench_free(bench);
    return code;
}

/* Compiles the workbench under the name of the set and compares the two. */
static int rebuild(const settings *chosen, const char *path, const char *name)
{
    fps_workbench *bench = command_open(chosen, false);
    if (!bench)
        return TOOL_EXIT_ERROR;
    fps_workbench_compile_options options = {.name = name,
                                             .rules = chosen->rules,
                                             .against = chosen->against,
                                             .leave_out = chosen->leave_out.items};
    fps_error error;
    fps_status status = fps_workbench_verify(bench, path, &options, &error);
    fps_workbench_free(bench);
    return status ? fail(path, &error) : TOOL_EXIT_OK;
}

int command_verify(const settings *chosen, const option_result *parsed)
{
    fps_database *database;
    fps_error error;
    const char *path = parsed->operands[0];
    if (fps_database_open(&database, path, &error))
        return fail(path, &error);
    int code = TOOL_EXIT_OK;
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

int command_sign(const settings *chosen, const option_result *parsed)
{
    if (chosen->key)
        return signature_make("sigbuild", parsed->operands[0], chosen->key) ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
    message_print("sigbuild", "which key? give --key FILE (openssl genpkey -algorithm ed25519 -out FILE)");
    return TOOL_EXIT_ERROR;
}

static bool write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wbe");
    bool good = file && fwrite(bytes, 1, size, file) == size;
    if (file && fclose(file) != 0)
        good = false;
    if (!good)
        message_print("sigbuild", "%s: cannot be written", path);
    return good;
}

int command_rules(const settings *chosen, const option_result *parsed)
{
    fps_database *database;
    fps_error error = {.offset = UINT64_MAX};
    void *bytes = NULL;
    size_t size = 0;
    const char *path = parsed->operands[0];
    if (!chosen->output) {
        message_print("sigbuild", "which file? give --output FILE");
        return TOOL_EXIT_ERROR;
    }
    if (fps_database_open(&database, path, &error))
        return fail(path, &error);
    fps_status status = fps_scan_compile_rules(database, &bytes, &size, &error);
    int code = status                                     ? fail(path, &error)
               : write_bytes(chosen->output, bytes, size) ? TOOL_EXIT_OK
                                                          : TOOL_EXIT_ERROR;
    free(bytes);
    fps_database_free(database);
    return code;
}
