/* vulnbuild import, remove and pack: what changes a database, or makes one. */
#include "vulnbuild/commands.h"

#include <stdio.h>

static void print_skipped(void *user, const char *record, const char *reason)
{
    (void)user;
    message_print("vulnbuild", "skipped: %s: %s", record, reason);
}

int command_import(const settings *chosen, const option_result *parsed)
{
    const char *database = command_database(chosen);
    if (!database)
        return TOOL_EXIT_ERROR;
    const fps_advisory_import_options options = {.format = chosen->format,
                                                 .date = chosen->date,
                                                 .force = chosen->force,
                                                 .skipped = chosen->quiet ? NULL : print_skipped};
    fps_advisory_import_result result;
    fps_error error;
    if (fps_advisory_import(database, chosen->source, parsed->operands, parsed->operand_count, &options,
                            &result, &error))
        return command_fail(parsed->operands[0], &error);
    if (result.unchanged) {
        if (!chosen->quiet)
            message_print("vulnbuild", "%s: unchanged", parsed->operands[0]);
        return TOOL_EXIT_OK;
    }
    printf("files\t%llu\nother files\t%llu\nrecords\t%llu\nbad\t%llu\nranges\t%llu\nnames\t%llu\n",
           (unsigned long long)result.files, (unsigned long long)result.ignored,
           (unsigned long long)result.records, (unsigned long long)result.bad,
           (unsigned long long)result.ranges, (unsigned long long)result.names);
    return result.bad ? TOOL_EXIT_PARTIAL : TOOL_EXIT_OK;
}

int command_remove(const settings *chosen, const option_result *parsed)
{
    const char *database = command_database(chosen);
    fps_error error;
    if (!database)
        return TOOL_EXIT_ERROR;
    for (size_t i = 0; i < parsed->operand_count; i++)
        if (fps_advisory_remove(database, parsed->operands[i], &error))
            return command_fail(database, &error);
    return TOOL_EXIT_OK;
}

int command_pack(const settings *chosen, const option_result *parsed)
{
    (void)parsed;
    const char *database = command_database(chosen);
    fps_error error;
    if (!database)
        return TOOL_EXIT_ERROR;
    if (!chosen->output) {
        message_print("vulnbuild", "which file? give --output FILE");
        return TOOL_EXIT_ERROR;
    }
    if (fps_advisory_pack(database, chosen->output, chosen->catalogue, &error))
        return command_fail(chosen->output, &error);
    return TOOL_EXIT_OK;
}
