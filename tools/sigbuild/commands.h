/* The settings and the commands of sigbuild. */
#ifndef TOOLS_SIGBUILD_COMMANDS_H
#define TOOLS_SIGBUILD_COMMANDS_H

#include "common/exit.h"
#include "common/message.h"
#include "common/options.h"

#include <fpscan/workbench.h>

struct settings {
    const char *workbench, *catalogue;
    const char *name, *version, *purl, *cpe, *license, *origin, *list;
    const char *output, *rules, *against;
    const char *tag, *source, *paths, *drop;
    const char *positive, *negative, *key;
    const char *cve;
    option_list leave_out, functions, unfixed, fixed;
    uint64_t parallel, most;
    bool versions, histories, builds, negatives, units, templates, patches;
    bool quiet, no_progress, all;
};
typedef struct settings settings;

/* Opens the workbench, creating it if `create`, and loads the catalogue if one is given. NULL on failure,
 * which has been reported on stderr. Freed by fps_workbench_free. */
fps_workbench *command_open(const settings *chosen, bool create);

/* What the verbs run: each returns the exit code, and has reported errors on stderr by then. */
int command_history(const settings *chosen, const option_result *parsed);
int command_add(const settings *chosen, const option_result *parsed);
int command_negative(const settings *chosen, const option_result *parsed);
int command_patch(const settings *chosen, const option_result *parsed);
int command_compile(const settings *chosen, const option_result *parsed);
int command_import(const settings *chosen, const option_result *parsed);
int command_merge(const settings *chosen, const option_result *parsed);
int command_verify(const settings *chosen, const option_result *parsed);
int command_donors(const settings *chosen, const option_result *parsed);
int command_owners(const settings *chosen, const option_result *parsed);
int command_test(const settings *chosen, const option_result *parsed);
int command_sign(const settings *chosen, const option_result *parsed);
int command_rules(const settings *chosen, const option_result *parsed);
int command_list(const settings *chosen, const option_result *parsed);
int command_stats(const settings *chosen, const option_result *parsed);

#endif
