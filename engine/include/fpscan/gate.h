/* Gates: conditions under which a pipeline must fail.
 *
 *   fps_gate_parse(&gate, "component=openssl@<3.0.14", &error)
 *   if (fps_gate_check(gate, result, &options, reason, sizeof reason) == FPS_GATE_CLOSED)
 *       ... exit with 2, and show the reason ...
 *   fps_gate_free(gate)
 *
 *   drift                     some drift of level drift
 *   unowned                   an executable that no package claims
 *   component=NAME[@RANGE]    a component of this id or name, or a package of this name or source; NAME can be a package URL
 *
 *   new-component             a component, or a version of one, that no baseline and no ignore file excuses; needs a baseline
 *
 *   critical, high ...        a vulnerability of this severity or a higher one; kev: one that is known to be exploited
 *   risk>=N                   a vulnerability with this risk, 0 to 100, or more
 *
 * RANGE is one version (3.0 is that release alone); FIRST..LAST, ends included; or comparisons in a row: ">=1.2<1.2.13". A version
 * has a digit. A gate looks at what is present, not suppressed (fpscan/suppress.h) and, unless all_layers is set, visible. A finding that can be one of several members
 * of a family (fps_finding.relatives) closes a gate on each of them.
 */
#ifndef FPSCAN_GATE_H
#define FPSCAN_GATE_H

#include <fpscan/names.h>
#include <fpscan/report.h>

FPS_BEGIN_DECLS

typedef struct fps_gate fps_gate;

typedef enum fps_gate_verdict {
    FPS_GATE_OPEN = 0,
    FPS_GATE_CLOSED = 1,
    /* The gate cannot be decided: no package database of the target lists its files, or vulnerabilities were not looked up. */
    FPS_GATE_NO_DATA = 2,
} fps_gate_verdict;

/* Number of terms, and term `index` without its argument ("component="); static storage; NULL out of
 * range. */
FPS_API size_t fps_gate_term_count(void);
FPS_API const char *fps_gate_term(size_t index);

/* Reads a term. *gate is the caller's, to be freed by fps_gate_free; NULL on failure. FPS_ERROR_ARGUMENT: no
 * such term (the message lists them), or a range that is malformed or that no version can be in;
 * FPS_ERROR_MEMORY. */
FPS_API fps_status fps_gate_parse(fps_gate **gate, const char *term, fps_error *error);
/* Checks that the name of a gate on a component is known: a mistyped one would stay open for ever. FPS_OK also for all other gates;
 * FPS_ERROR_NOT_FOUND: nothing is called so, and the message suggests the nearest name. Thread-safe. */
FPS_API fps_status fps_gate_know(const fps_gate *gate, const fps_names *names, fps_error *error);
/* Decides. Unless the gate is open, reason[0..size) gets one line of text, truncated to fit. A version answer
 * of several releases closes a gate when one of them is in the range, and the reason says so. Of vulnerabilities it counts all and names
 * the first few, the highest risk first, in at most 160 bytes unless one of them is longer. `options` may
 * not be NULL; of them `all_layers` counts. Thread-safe. */
FPS_API fps_gate_verdict fps_gate_check(const fps_gate *gate, const fps_result *result,
                                        const fps_report_options *options, char *reason, size_t size);
/* NULL is allowed. */
FPS_API void fps_gate_free(fps_gate *gate);

FPS_END_DECLS

#endif
