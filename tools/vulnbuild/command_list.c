/* vulnbuild list, stats, show, query, diff and verify: what is in a database, one fact a line, columns separated by tabs. */
#include "vulnbuild/commands.h"

#include <stdio.h>

static void print_text(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

fps_status command_print_row(void *user, const char *const *columns, size_t count)
{
    (void)user;
    for (size_t i = 0; i < count; i++) {
        if (i)
            putchar('\t');
        print_text(columns[i]);
    }
    putchar('\n');
    return ferror(stdout) ? FPS_ERROR_CANCELLED : FPS_OK;
}

static int finish(fps_status status, const char *database, const fps_error *error)
{
    if (!status)
        return TOOL_EXIT_OK;
    return status == FPS_ERROR_CANCELLED ? TOOL_EXIT_ERROR : command_fail(database, error);
}

static int list(const settings *chosen, fps_advisory_list_kind kind)
{
    const char *database = command_database(chosen);
    fps_error error;
    if (!database)
        return TOOL_EXIT_ERROR;
    return finish(fps_advisory_list(database, kind, command_print_row, NULL, &error), database, &error);
}

int command_list(const settings *chosen, const option_result *parsed)
{
    (void)parsed;
    return list(chosen, chosen->bad ? FPS_ADVISORY_BAD : FPS_ADVISORY_SOURCES);
}

int command_stats(const settings *chosen, const option_result *parsed)
{
    (void)parsed;
    int code = list(chosen, FPS_ADVISORY_COUNTS);
    return code == TOOL_EXIT_OK ? list(chosen, FPS_ADVISORY_SPACES) : code;
}

int command_show(const settings *chosen, const option_result *parsed)
{
    const char *database = command_database(chosen);
    fps_error error;
    if (!database)
        return TOOL_EXIT_ERROR;
    return finish(fps_advisory_show(database, parsed->operands[0], command_print_row, NULL, &error), database,
                  &error);
}

static fps_status print_answer(void *user, const fps_advisory_answer *answer)
{
    const char *columns[] = {answer->id,    answer->withdrawn ? "withdrawn" : answer->verdict,
                             answer->range, answer->fixed,
                             answer->name,  answer->source,
                             answer->note};
    return command_print_row(user, columns, sizeof columns / sizeof *columns);
}

int command_query(const settings *chosen, const option_result *parsed)
{
    const char *database = command_database(chosen);
    fps_advisory_database *advisories;
    fps_error error;
    if (!database)
        return TOOL_EXIT_ERROR;
    fps_status status = fps_advisory_open(&advisories, database, &error);
    if (!status)
        status = fps_advisory_query(advisories, parsed->operands[0],
                                    parsed->operand_count > 1 ? parsed->operands[1] : NULL, print_answer,
                                    NULL, &error);
    fps_advisory_free(advisories);
    return finish(status, database, &error);
}

int command_diff(const settings *chosen, const option_result *parsed)
{
    (void)chosen;
    fps_error error;
    return finish(
        fps_advisory_diff(parsed->operands[0], parsed->operands[1], command_print_row, NULL, &error),
        parsed->operands[0], &error);
}

int command_verify(const settings *chosen, const option_result *parsed)
{
    const char *database = parsed->operand_count ? parsed->operands[0] : command_database(chosen);
    fps_error error;
    if (!database)
        return TOOL_EXIT_ERROR;
    if (fps_advisory_verify(database, &error))
        return command_fail(database, &error);
    printf("%s: good\n", database);
    return TOOL_EXIT_OK;
}
