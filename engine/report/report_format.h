/* An output format: an entry of the table in report.c, whose writer is in a file of its own. */
#ifndef FPS_REPORT_REPORT_FORMAT_H
#define FPS_REPORT_REPORT_FORMAT_H

#include "report/json_writer.h"
#include "report/report_view.h"

typedef void (*fps__writer)(const fps__view *view, fps__output *out);

/* One version of an output format: a static table entry. */
struct fps_report_format {
    const char *name;
    const char *alias;   /* NULL for none */
    const char *version; /* "" when it has none; of a format's entries the first is the default */
    unsigned states;     /* shown when the caller does not say */
    fps__writer write;
    const fps__json_form *form; /* of a document that is not JSON and has the same members; else NULL */
    bool gitlab;                /* CycloneDX with the properties that GitLab looks for */
};

/* What documents show unless the caller says otherwise: programs decide by them, so nothing that is not certain. */
#define FPS__STATES_OF_BILLS (1u << FPS_STATE_PRESENT)

enum { FPS__CYCLONEDX_VERSIONS = 4 };
extern const fps_report_format fps__report_table, fps__report_json, fps__report_csv, fps__report_markdown,
    fps__report_html, fps__report_sarif, fps__report_junit, fps__report_purls, fps__report_github,
    fps__report_gitlab, fps__report_openvex, fps__report_spdx, fps__report_spdx_tags, fps__report_spdx3,
    fps__report_cyclonedx[FPS__CYCLONEDX_VERSIONS], fps__report_cyclonedx_xml[FPS__CYCLONEDX_VERSIONS];

/* Runs a writer. `view` gives the result, the options (NULL: the defaults) and the states that are shown
 * unless the options choose others; the rest of it is filled in here. */
fps_status fps__report_run(fps__view *view, fps__writer put, fps_write_callback write, void *user,
                           fps_error *error);

#endif
