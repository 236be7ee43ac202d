/* The sections of an explanation, each in a file of its own. */
#ifndef FPS_REPORT_REPORT_EXPLAIN_H
#define FPS_REPORT_REPORT_EXPLAIN_H

#include "report/report_view.h"

/* The evidence of a finding by unit of the component, the best unit first. A failed allocation becomes the
 * status of `out`. */
void fps__explain_evidence(const fps__view *view, const fps_finding *finding, fps__output *out);

/* How much of a file's executable bytes is attributed (and to which findings), generic and unknown. Nothing
 * for a file that is not an object. A failed allocation becomes the status of `out`. */
void fps__explain_code(const fps__view *view, const fps_file *file, fps__output *out);

/* Lines for the patches of a finding: what its code shows. */
void fps__explain_patches(const fps_finding *finding, fps__output *out);
/* Of each file and component all that is known of the vulnerability of the options, instead of an explanation. */
void fps__explain_vulnerability(const fps__view *view, fps__output *out);

typedef struct fps__function_totals {
    size_t functions;
    uint64_t instructions;
    uint64_t bytes; /* each byte once, where functions overlap */
} fps__function_totals;

/* Sums the functions among the evidence of a finding. A failed allocation becomes the status of `out`. */
fps__function_totals fps__explain_functions(const fps_finding *finding, fps__output *out);

#endif
