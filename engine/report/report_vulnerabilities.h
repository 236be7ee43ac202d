/* What the writers say of vulnerabilities: which are shown, and their parts in words. */
#ifndef FPS_REPORT_REPORT_VULNERABILITIES_H
#define FPS_REPORT_REPORT_VULNERABILITIES_H

#include "report/json_writer.h"
#include "report/report_view.h"

/* True when severity, type and fix are among those asked for; suppressed ones are shown only where `suppressed` of the options is
 * set. */
bool fps__shows_vulnerability(const fps__view *view, const fps_vulnerability *vulnerability);
/* The same whatever suppresses it: documents with a place for the reason have all. */
bool fps__chooses_vulnerability(const fps__view *view, const fps_vulnerability *vulnerability);

/* What a VEX document says of a vulnerability in a product. */
typedef enum fps__vex_status {
    FPS__VEX_AFFECTED, /* also where a baseline has it: what is old is there all the same */
    FPS__VEX_FIXED,
    FPS__VEX_NOT_AFFECTED,
    FPS__VEX_INVESTIGATED, /* the version, or a condition, leaves it open */
} fps__vex_status;
fps__vex_status fps__vulnerability_status(const fps_vulnerability *vulnerability);
/* The member `key`: what to do about one that affects the product. */
void fps__json_vex_action(fps__json *json, const char *key, const fps_vulnerability *vulnerability);

/* The id of the component, or the name of the package. */
const char *fps__vulnerability_subject(const fps_result *result, const fps_vulnerability *vulnerability);
/* The package URL of the package, or of the component, which has no version. */
const char *fps__vulnerability_purl(const fps_result *result, const fps_vulnerability *vulnerability);
/* Its first place: a path in the target, or the database or metadata file that lists the package. */
const char *fps__vulnerability_path(const fps_result *result, const fps_vulnerability *vulnerability);
/* Index of the layer of its first place, FPS__NONE when there are no layers. */
uint32_t fps__vulnerability_layer(const fps_result *result, const fps_vulnerability *vulnerability);
/* In words, what is to be known besides the row: "depends on the release: 1.1, 1.2 are affected", the condition, why it does not
 * count. "" for nothing. Untrusted. */
void fps__vulnerability_remark(const fps_vulnerability *vulnerability, char *text, size_t size);
/* "3.1/AV:..." without its prefix: the name of a scoring method, "CVSSv31", "other". */
const char *fps__vulnerability_method(const fps_vulnerability *vulnerability);

/* The section of a table, with its summary; the summary alone says that nothing was looked up. */
void fps__table_vulnerabilities(const fps__view *view, fps__output *out);
/* The members "vulnerabilities", "vulnerabilitiesChecked" and "advisorySources" of a JSON report. */
void fps__json_vulnerabilities(const fps__view *view, fps__json *json);
/* Rules and results of SARIF. */
void fps__sarif_vulnerability_rules(const fps__view *view, fps__json *json);
void fps__sarif_vulnerability_results(const fps__view *view, fps__json *json);

#endif
