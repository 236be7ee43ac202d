/* The gates of --fail-on. */
#ifndef TOOLS_FPSCAN_GATES_H
#define TOOLS_FPSCAN_GATES_H

#include "run.h"

#include <fpscan/gate.h>

typedef struct gate_list {
    fps_gate **items;
    size_t count;
} gate_list;

/* Reads all terms before anything is scanned. `any_change`: --exit-code alone has a meaning. False: a message was printed. Freed by gates_free in any
 * case. */
bool gates_prepare(gate_list *gates, const settings *s, bool any_change);
/* Returns TOOL_EXIT_OK, TOOL_EXIT_ERROR if nothing has the name of a gate or the data for a gate is missing, or the exit code of
 * a closed gate, and prints the reason. */
int gates_check(const gate_list *gates, const settings *s, const run *r, const fps_report_options *options);
void gates_free(gate_list *gates);

#endif
