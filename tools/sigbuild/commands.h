/* What sigbuild's command line sets, and its commands. */
#ifndef TOOLS_SIGBUILD_COMMANDS_H
#define TOOLS_SIGBUILD_COMMANDS_H

#include "common/exit.h"
#include "common/message.h"
#include "common/options.h"

#include <fpscan/workbench.h>

typedef enum verb_id {
    VERB_ADD,
    VERB_NEGATIVE,
    VERB_COMPILE,
} verb_id;

typedef struct settings {
    const char *workbench, *catalogue;
    const char *name, *version, *purl, *cpe, *license, *origin, *list;
    const char *output, *rules, *against;
    option_list leave_out;
    uint64_t parallel;
    bool quiet, no_progress;
} settings;

/* Opens the workbench and loads the catalogue where one is given; says what went wrong. NULL on failure. */
fps_workbench *command_open(const settings *chosen);

tool_exit command_add(const settings *chosen, const option_result *parsed); /* also negative */
tool_exit command_compile(const settings *chosen, const option_result *parsed);

#endif
