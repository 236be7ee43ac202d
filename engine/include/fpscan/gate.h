/* Gates: what a pipeline does not let pass.
 *
 *   fps_gate_parse(&gate, "component=openssl@<3.0.14", &error)
 *   if (fps_gate_check(gate, result, &options, reason, sizeof reason) == FPS_GATE_CLOSED) ... exit 2 ...
 *   fps_gate_free(gate)
 *
 * Terms: "drift" (any drift of level drift), "unowned" (an executable that no package claims),
 * "component=NAME[@RANGE]" (a component of this id or name, or a package of this name or source). RANGE is
 * one version, FIRST..LAST (both belong to it), or comparisons in a row: ">=1.2<1.2.13". A gate looks at what
 * is present and, unless all_layers is set, visible.
 */
#ifndef FPSCAN_GATE_H
#define FPSCAN_GATE_H

#include <fpscan/report.h>

typedef struct fps_gate fps_gate;

typedef enum fps_gate_verdict {
    FPS_GATE_OPEN = 0,
    FPS_GATE_CLOSED = 1,
    FPS_GATE_NO_DATA =
        2, /* what it asks for was not to be had: no package database says which files it has */
} fps_gate_verdict;

/* FPS_ERROR_ARGUMENT names the terms that there are, or what is wrong with the range, also when no version
 * can be in it; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_gate_parse(fps_gate **gate, const char *term, fps_error *error);
/* `reason` gets one line of words, cut to `size` bytes, unless the gate is open. A version answer of several
 * releases closes a gate when one of them is in the range, and the reason says so. Thread-safe. */
FPS_API fps_gate_verdict fps_gate_check(const fps_gate *gate, const fps_result *result,
                                        const fps_report_options *options, char *reason, size_t size);
FPS_API void fps_gate_free(fps_gate *gate); /* NULL is fine */

#endif
