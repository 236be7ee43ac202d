/* One scan as the command line asks for it: sets, rules, limits, and the exit code that its result calls for.
 */
#ifndef TOOLS_FPSCAN_RUN_H
#define TOOLS_FPSCAN_RUN_H

#include "sets.h"

#include <fpscan/scan.h>

typedef struct run {
    set_pool sets;
    fps_scan *scan;
    fps_result *result; /* set when run_target was true */
} run;

/* Scans `target`. `explain` keeps all evidence and what was turned down. False: a line was printed. Freed by
 * run_free in any case. */
bool run_target(run *r, const settings *s, const char *target, bool explain);
void run_free(run *r);

/* False, and a line is printed, when options came from a config file that was not named and lies in the
 * target: what is scanned must not choose how it is scanned. */
bool run_trusts_config(const option_result *parsed);

/* The exit code of a finished scan; says on stderr what is behind a code other than 0. */
int run_exit_code(const run *r, const settings *s);

#endif
