/* The words below a table: drift, how much was looked at, what is not listed, what went wrong. */
#ifndef FPS_REPORT_REPORT_SUMMARY_H
#define FPS_REPORT_REPORT_SUMMARY_H

#include "report/report_view.h"

void fps__summary(const fps__view *view, fps__output *out);
/* How many drifts of each kind there are; gives their number, without notes. */
size_t fps__summary_drift(const fps__view *view, fps__output *out);
/* How many notes of each kind there are, and that digests were not compared where they could have been. */
void fps__summary_drift_notes(const fps__view *view, fps__output *out);
/* What could not be looked at. */
void fps__summary_diagnostics(const fps__view *view, fps__output *out);
/* True for components of role runtime unless they are asked for. */
bool fps__hides_runtime(const fps__view *view, const fps_component *component);

#endif
