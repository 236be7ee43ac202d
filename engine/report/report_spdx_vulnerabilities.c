/* Vulnerabilities in SPDX documents: of each element references to advisories (SPDX 2.3, F.2.3; 3.0, ExternalRef), a sentence of
 * the document's comment, and in 2.3, which has no place of their own for them, annotations. */
#include "report/report_spdx.h"
#include "report/report_vulnerabilities.h"

#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which entries have which ---- */

static int compare_affected(const void *left, const void *right)
{
    const fps__spdx_affected *a = left, *b = right;
    return a->entry != b->entry ? FPS__COMPARE(a->entry, b->entry)
                                : FPS__COMPARE(a->vulnerability, b->vulnerability);
}

/* True when the vulnerability speaks for an entry, and is among those that are asked for. */
static bool shows(const fps__spdx *d, size_t vulnerability)
{
    return fps__statements_has(&d->statements, vulnerability) &&
           fps__shows_vulnerability(d->view, fps_result_vulnerability(d->view->result, vulnerability));
}

void fps__spdx_find_affected(fps__spdx *d)
{
    size_t count = fps_result_vulnerability_count(d->view->result);
    fps_status status = fps__statements_make(&d->statements, d->view) ? FPS_OK : FPS_ERROR_MEMORY;
    for (size_t i = 0; !status && i < count; i++) {
        fps__entry entry;
        for (size_t cursor = 0;
             !status && shows(d, i) && fps__statements_entry(&d->statements, i, &cursor, &entry);) {
            const fps__spdx_affected found = {fps__bom_place(d->view, &entry), i};
            status = FPS__ARRAY_PUSH(&d->affected, &found, SIZE_MAX / sizeof found);
        }
    }
    if (status)
        d->json->out->status = status;
    if (d->affected.count)
        qsort(d->affected.items, d->affected.count, sizeof *d->affected.items, compare_affected);
}

void fps__spdx_free(fps__spdx *d)
{
    free(d->affected.items);
    fps__statements_free(&d->statements);
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
    size_t wanted = fps__bom_place(d->view, entry), i;
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

static void put_text(const fps__spdx *d, size_t index)
{
    fps__json *json = d->json;
    const fps_vulnerability *vulnerability = fps_result_vulnerability(d->view->result, index);
    char remark[2048];
    fps__statements_remark(&d->statements, index, remark, sizeof remark);
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
    size_t count = fps_result_vulnerability_count(d->view->result);
    for (size_t i = 0; i < count; i++) {
        if (!shows(d, i))
            continue;
        fps__json_object(d->json, NULL);
        write_tool(d, "annotator"); /* it begins an annotation in the form of tags */
        fps__json_text(d->json, "annotationDate", date);
        fps__json_text(d->json, "annotationType", "REVIEW");
        put_text(d, i);
        fps__json_end(d->json);
    }
}

void fps__spdx_vulnerability_comment(const fps__spdx *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    char text[128];
    size_t count = 0;
    for (size_t i = 0; i < fps_result_vulnerability_count(d->view->result); i++)
        count += shows(d, i);
    if (info->vulnerabilities_checked)
        snprintf(text, sizeof text, " Vulnerabilities: %zu%s.", count,
                 d->security ? "" : ", see the annotations");
    else
        snprintf(text, sizeof text, " Vulnerabilities: not checked.");
    fps__json_text_part(d->json, text);
}
