/* Vulnerabilities in SPDX documents: of each element references to advisories (SPDX 2.3, F.2.3; 3.0, ExternalRef), a sentence of
 * the document's comment, and in 2.3, which has no place of their own for them, annotations. */
#include "report/report_spdx.h"
#include "report/report_vulnerabilities.h"

#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which entries have which ---- */

static size_t index_of(const fps__spdx *d, const fps__entry *entry)
{
    return entry->index + (entry->package ? 0 : fps_result_package_count(d->view->result));
}

static int compare_affected(const void *left, const void *right)
{
    const fps__spdx_affected *a = left, *b = right;
    return a->entry != b->entry ? FPS__COMPARE(a->entry, b->entry)
                                : FPS__COMPARE(a->vulnerability, b->vulnerability);
}

void fps__spdx_find_affected(fps__spdx *d)
{
    const fps_vulnerability *vulnerability;
    fps_status status = FPS_OK;
    for (size_t i = 0; !status && (vulnerability = fps_result_vulnerability(d->view->result, i)); i++) {
        fps__entry entry;
        if (!fps__shows_vulnerability(d->view, vulnerability))
            continue;
        for (size_t cursor = 0; !status && fps__bom_next_affected(d->view, vulnerability, &cursor, &entry);) {
            const fps__spdx_affected found = {index_of(d, &entry), i};
            status = FPS__ARRAY_PUSH(&d->affected, &found, SIZE_MAX / sizeof found);
        }
    }
    if (status)
        d->json->out->status = status;
    if (d->affected.count)
        qsort(d->affected.items, d->affected.count, sizeof *d->affected.items, compare_affected);
}

/* Links come from advisories of others; one that is none does not go into a document. */
static bool is_link(const char *link)
{
    if (strncmp(link, "https://", 8) != 0 && strncmp(link, "http://", 7) != 0)
        return false;
    for (const char *c = link; *c; c++)
        if (*c <= ' ' || *c >= 0x7f)
            return false;
    return true;
}

void fps__spdx_advisories(const fps__spdx *d, const fps__entry *entry, const char *array,
                          void (*write)(fps__json *json, const char *link, const char *comment))
{
    const fps__spdx_affected *items = d->affected.items;
    size_t wanted = index_of(d, entry), i;
    bool open = false;
    FPS__LOWER_BOUND(i, d->affected.count, at, items[at].entry < wanted);
    for (; i < d->affected.count && items[i].entry == wanted; i++) {
        const fps_vulnerability *v = fps_result_vulnerability(d->view->result, items[i].vulnerability);
        char comment[512];
        snprintf(comment, sizeof comment, "%s (%s)%s%s", v->id, fps_severity_name(v->severity),
                 *v->fixed ? ", fixed in " : "", v->fixed);
        if (!is_link(v->link))
            continue;
        if (array && !open)
            fps__json_array(d->json, array);
        open = true;
        write(d->json, v->link, comment);
    }
    if (array && open)
        fps__json_end(d->json);
}

/* ---- in words ---- */

static void put_text(const fps__spdx *d, const fps_vulnerability *vulnerability)
{
    fps__json *json = d->json;
    char remark[1024];
    fps__vulnerability_remark(vulnerability, remark, sizeof remark);
    const char *parts[] = {"vulnerability ",
                           vulnerability->id,
                           " (",
                           fps_severity_name(vulnerability->severity),
                           ") ",
                           fps__vulnerability_subject(d->view->result, vulnerability),
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
        write_tool(d, "annotator"); /* it begins an annotation in the form of tags */
        fps__json_text(d->json, "annotationDate", date);
        fps__json_text(d->json, "annotationType", "REVIEW");
        put_text(d, vulnerability);
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
        snprintf(text, sizeof text, " Vulnerabilities: %zu%s.", count,
                 d->security ? "" : ", see the annotations");
    else
        snprintf(text, sizeof text, " Vulnerabilities: not checked.");
    fps__json_text_part(d->json, text);
}
