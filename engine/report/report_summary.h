/* The summary below a table: drift, how much was scanned, what is not listed, what went wrong. */
#ifndef FPS_REPORT_REPORT_SUMMARY_H
#define FPS_REPORT_REPORT_SUMMARY_H

#include "report/report_view.h"

void fps__summary(const fps__view *view, fps__output *out);
/* Counts drift by kind; returns the total, without notes. */
size_t fps__summary_drift(const fps__view *view, fps__output *out);
/* Counts notes by kind, and says if digests could have been compared and were not. */
void fps__summary_drift_notes(const fps__view *view, fps__output *out);
/* What statements of the user's suppress: counts, with `suppressed` of the options a line each. */
void fps__summary_suppressed(const fps__view *view, fps__output *out);
/* What could not be scanned. */
void fps__summary_diagnostics(const fps__view *view, fps__output *out);
/* True for components of role runtime unless they are asked for. */
bool fps__hides_runtime(const fps__view *view, const fps_component *component);

#endif
