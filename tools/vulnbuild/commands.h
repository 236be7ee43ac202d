/* The settings and the commands of vulnbuild. */
#ifndef TOOLS_VULNBUILD_COMMANDS_H
#define TOOLS_VULNBUILD_COMMANDS_H

#include "common/exit.h"
#include "common/message.h"
#include "common/options.h"

#include <fpscan/advisory_build.h>

struct settings {
    const char *database, *source, *format, *output, *catalogue, *date, *release;
    bool force, bad, quiet, no_progress;
};
typedef struct settings settings;

/* The database that --database names; NULL, after a message, when none is given. */
const char *command_database(const settings *chosen);
/* Reports a failure and gives the exit code of it. */
int command_fail(const char *what, const fps_error *error);
/* Prints a row with tabs between the columns; control characters become "?". For lists of the library. */
fps_status command_print_row(void *user, const char *const *columns, size_t count);

/* What the verbs run: each returns the exit code, and has reported errors on stderr by then. */
int command_import(const settings *chosen, const option_result *parsed);
int command_changelog(const settings *chosen, const option_result *parsed);
int command_remove(const settings *chosen, const option_result *parsed);
int command_pack(const settings *chosen, const option_result *parsed);
int command_list(const settings *chosen, const option_result *parsed);
int command_stats(const settings *chosen, const option_result *parsed);
int command_show(const settings *chosen, const option_result *parsed);
int command_query(const settings *chosen, const option_result *parsed);
int command_diff(const settings *chosen, const option_result *parsed);
int command_verify(const settings *chosen, const option_result *parsed);

#endif
