/* vulnbuild changelog: facts of Debian changelogs, in lines that vulnbuild import reads. */
#include "vulnbuild/commands.h"

#include <stdio.h>

static fps_status print_fact(void *user, const fps_advisory_fact *fact)
{
    const settings *chosen = user;
    const char *columns[] = {chosen->release, chosen->source ? chosen->source : fact->source,
                             fact->version,   fact->distribution,
                             fact->cve,       fact->negative ? "1" : "0"};
    return command_print_row(NULL, columns, sizeof columns / sizeof *columns);
}

int command_changelog(const settings *chosen, const option_result *parsed)
{
    fps_error error;
    settings copy = *chosen;
    if (!chosen->release) {
        message_print("vulnbuild", "which release of Debian? give --release NAME");
        return TOOL_EXIT_ERROR;
    }
    puts("#release\tsource\tversion\tdistribution\tcve\tnegative_context");
    if (chosen->date)
        printf("#date\t%.10s\n", chosen->date);
    fps_status status =
        fps_advisory_changelog(parsed->operands, parsed->operand_count, print_fact, &copy, &error);
    if (status && status != FPS_ERROR_CANCELLED)
        return command_fail(parsed->operands[0], &error);
    return status ? TOOL_EXIT_ERROR : TOOL_EXIT_OK;
}
