/* The gates of --fail-on. */
#include "gates.h"

#include "common/exit.h"
#include "common/message.h"

#include <stdlib.h>

bool gates_prepare(gate_list *gates, const settings *s, bool any_change)
{
    *gates = (gate_list){calloc(s->fail_on.count + 1, sizeof *gates->items), 0};
    if (!gates->items) {
        message_print(PROGRAM, "out of memory");
        return false;
    }
    if (s->exit_code && !s->fail_on.count && !any_change) {
        /* elsewhere this closes for each finding: a pipeline must not pass because nothing was asked */
        message_print(
            PROGRAM,
            "--exit-code needs --fail-on, which says what closes: type --fail-on high, drift or component=NAME");
        return false;
    }
    for (size_t i = 0; i < s->fail_on.count; i++) {
        fps_error error = {.offset = UINT64_MAX};
        if (fps_gate_parse(&gates->items[gates->count], s->fail_on.items[i], &error) != FPS_OK) {
            message_error(PROGRAM, "--fail-on", &error);
            return false;
        }
        gates->count++;
    }
    return true;
}

/* False, and a message is printed, if nothing has the name of a gate: it would never close. */
static bool are_known(const gate_list *gates, const settings *s, const run *r)
{
    fps_names *names = gates->count ? run_names(r, true) : NULL;
    bool known = names || !gates->count;
    for (size_t i = 0; names && i < gates->count; i++) {
        fps_error error = {.offset = UINT64_MAX};
        if (fps_gate_know(gates->items[i], names, &error) == FPS_OK)
            continue;
        message_print(PROGRAM, "--fail-on %s: %s", s->fail_on.items[i], error.message);
        known = false;
    }
    fps_names_free(names);
    return known;
}

int gates_check(const gate_list *gates, const settings *s, const run *r, const fps_report_options *options)
{
    int code = are_known(gates, s, r) ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
    for (size_t i = 0; i < gates->count; i++) {
        char reason[512];
        fps_gate_verdict verdict = fps_gate_check(gates->items[i], r->result, options, reason, sizeof reason);
        if (verdict == FPS_GATE_OPEN)
            continue;
        message_print(PROGRAM, "--fail-on %s: %s", s->fail_on.items[i], reason);
        if (verdict == FPS_GATE_NO_DATA)
            code = TOOL_EXIT_ERROR;
        else if (code == TOOL_EXIT_OK)
            code = s->exit_code ? (int)s->exit_code : TOOL_EXIT_GATE;
    }
    return code;
}

void gates_free(gate_list *gates)
{
    for (size_t i = 0; i < gates->count; i++)
        fps_gate_free(gates->items[i]);
    free(gates->items);
}
