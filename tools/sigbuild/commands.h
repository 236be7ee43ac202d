/* What sigbuild's command line sets, and its commands. */
#ifndef TOOLS_SIGBUILD_COMMANDS_H
#define TOOLS_SIGBUILD_COMMANDS_H

#include "common/exit.h"
#include "common/message.h"
#include "common/options.h"

#include <fpscan/workbench.h>

typedef struct settings {
    const char *workbench, *catalogue;
    const char *name, *version, *purl, *cpe, *license, *origin, *list;
    const char *output, *rules, *against;
    option_list leave_out;
    uint64_t parallel;
    bool versions, builds, negatives, units, templates;
    bool quiet, no_progress;
} settings;

/* Opens the workbench, making it where `create`, and loads the catalogue where one is given; says what went
 * wrong. NULL on failure. */
fps_workbench *command_open(const settings *chosen, bool create);

tool_exit command_add(const settings *chosen, const option_result *parsed);
tool_exit command_negative(const settings *chosen, const option_result *parsed);
tool_exit command_compile(const settings *chosen, const option_result *parsed);
tool_exit command_import(const settings *chosen, const option_result *parsed);
tool_exit command_merge(const settings *chosen, const option_result *parsed);
tool_exit command_verify(const settings *chosen, const option_result *parsed);
tool_exit command_list(const settings *chosen, const option_result *parsed);
tool_exit command_stats(const settings *chosen, const option_result *parsed);

#endif
