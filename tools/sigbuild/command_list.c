/* sigbuild stats and list: what is in a workbench, one fact per line, columns separated by tabs. */
#include "sigbuild/commands.h"

#include <stdio.h>

/* Texts come from packages: control characters become "?". */
static void print_text(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static fps_status print_row(void *user, const char *const *columns, size_t count)
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

/* Prints a list of the workbench; `which` is a component or a feature, NULL for all. */
static int print_list(const settings *chosen, fps_workbench_list_kind kind, const char *which)
{
    fps_workbench *bench = command_open(chosen, false);
    if (!bench)
        return TOOL_EXIT_ERROR;
    fps_error error;
    fps_status status = fps_workbench_list(bench, kind, which, print_row, NULL, &error);
    fps_workbench_free(bench);
    if (status && status != FPS_ERROR_CANCELLED)
        message_error("sigbuild", chosen->workbench, &error);
    return status ? TOOL_EXIT_ERROR : TOOL_EXIT_OK;
}

int command_donors(const settings *chosen, const option_result *parsed)
{
    return print_list(chosen, FPS_WORKBENCH_DONORS, parsed->operand_count ? parsed->operands[0] : NULL);
}

int command_owners(const settings *chosen, const option_result *parsed)
{
    return print_list(chosen, FPS_WORKBENCH_OWNERS, parsed->operands[0]);
}

int command_list(const settings *chosen, const option_result *parsed)
{
    const struct {
        bool chosen;
        fps_workbench_list_kind list;
    } lists[] = {
        {chosen->templates, FPS_WORKBENCH_TEMPLATES}, {chosen->units, FPS_WORKBENCH_UNITS},
        {chosen->negatives, FPS_WORKBENCH_NEGATIVES}, {chosen->builds, FPS_WORKBENCH_BUILDS},
        {chosen->histories, FPS_WORKBENCH_HISTORIES}, {chosen->versions, FPS_WORKBENCH_VERSIONS},
        {chosen->patches, FPS_WORKBENCH_PATCHES},
    };
    fps_workbench_list_kind which = FPS_WORKBENCH_COMPONENTS;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].chosen)
            which = lists[i].list;
    return print_list(chosen, which, parsed->operand_count ? parsed->operands[0] : NULL);
}

int command_stats(const settings *chosen, const option_result *parsed)
{
    (void)parsed;
    fps_workbench *bench = command_open(chosen, false);
    if (!bench)
        return TOOL_EXIT_ERROR;
    fps_workbench_stats stats;
    fps_error error;
    fps_status status = fps_workbench_read_stats(bench, &stats, &error);
    fps_workbench_free(bench);
    if (status) {
        message_error("sigbuild", chosen->workbench, &error);
        return TOOL_EXIT_ERROR;
    }
    const struct {
        const char *name;
        uint64_t value;
    } lines[] = {
        {"components", stats.components},
        {"fingerprinted components", stats.fingerprinted},
        {"component versions", stats.versions},
        {"builds", stats.builds},
        {"negative builds", stats.negative_builds},
        {"objects", stats.objects},
        {"negative objects", stats.negative_objects},
        {"features", stats.features},
        {"object features", stats.object_features},
        {"version texts", stats.version_texts},
        {"imported sets", stats.imported_sets},
        {"imported groups", stats.imported_groups},
        {"histories", stats.histories},
        {"history releases", stats.history_releases},
        {"history texts", stats.history_texts},
        {"history names", stats.history_names},
        {"patches", stats.patches},
        {"patch functions", stats.patch_functions},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        printf("%s\t%llu\n", lines[i].name, (unsigned long long)lines[i].value);
    return TOOL_EXIT_OK;
}
