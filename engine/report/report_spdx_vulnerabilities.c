/* Vulnerabilities in an SPDX 2.3 document, which has no place of their own: annotations, and a sentence of the comment. */
#include "report/report_spdx.h"
#include "report/report_vulnerabilities.h"

#include <stdio.h>

static void write_text(const fps__view *view, const fps_vulnerability *vulnerability, fps__json *json)
{
    char remark[1024];
    fps__vulnerability_remark(vulnerability, remark, sizeof remark);
    const char *parts[] = {"vulnerability ",
                           vulnerability->id,
                           " (",
                           fps_severity_name(vulnerability->severity),
                           ") ",
                           fps__vulnerability_subject(view->result, vulnerability),
                           " ",
                           vulnerability->version,
                           *vulnerability->fixed ? ", fixed in " : "",
                           vulnerability->fixed,
                           ": ",
                           vulnerability->title,
                           *vulnerability->link ? " " : "",
                           vulnerability->link,
                           *remark ? "; " : "",
                           remark};
    fps__json_text_start(json, "comment");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fps__json_text_part(json, parts[i]);
    fps__json_text_stop(json);
}

void fps__spdx_vulnerabilities(const fps__spdx *d, const char *date,
                               void (*write_tool)(const fps__spdx *d, const char *key))
{
    const fps_vulnerability *vulnerability;
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(d->view->result, i)); i++) {
        if (!fps__shows_vulnerability(d->view, vulnerability))
            continue;
        fps__json_object(d->json, NULL);
        fps__json_text(d->json, "annotationDate", date);
        fps__json_text(d->json, "annotationType", "REVIEW");
        write_tool(d, "annotator");
        write_text(d->view, vulnerability, d->json);
        fps__json_end(d->json);
    }
}

void fps__spdx_vulnerability_comment(const fps__spdx *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    char text[128];
    size_t count = 0;
    const fps_vulnerability *vulnerability;
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(d->view->result, i)); i++)
        count += fps__shows_vulnerability(d->view, vulnerability);
    if (info->vulnerabilities_checked)
        snprintf(text, sizeof text, " Vulnerabilities: %zu, see the annotations.", count);
    else
        snprintf(text, sizeof text, " Vulnerabilities: not checked.");
    fps__json_text_part(d->json, text);
}
