/* Explains how much of a file's executable bytes is attributed to components, generic and unknown. */
#include "report/report_explain.h"

#include <stdio.h>
#include <stdlib.h>

enum { BEST_COMPONENTS = 20, LABEL = 32, CELL = 256 };

typedef struct span {
    uint64_t start, end;
} span;

static int compare_spans(const void *a, const void *b)
{
    const span *left = a, *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return (left->end > right->end) - (left->end < right->end);
}

/* Number of bytes in the union of the spans. */
static uint64_t union_size(span *spans, size_t count)
{
    uint64_t bytes = 0, end = 0;
    if (count)
        qsort(spans, count, sizeof *spans, compare_spans);
    for (size_t i = 0; i < count; i++) {
        uint64_t start = spans[i].start > end ? spans[i].start : end;
        if (spans[i].end <= start)
            continue;
        bytes += spans[i].end - start;
        end = spans[i].end;
    }
    return bytes;
}

fps__function_totals fps__explain_functions(const fps_finding *finding, fps__output *out)
{
    fps__function_totals totals = {0};
    span *spans = calloc(finding->evidence_count + 1, sizeof *spans);
    size_t count = 0;
    if (!spans) {
        out->status = FPS_ERROR_MEMORY;
        return totals;
    }
    for (size_t i = 0; i < finding->evidence_count; i++) {
        const fps_evidence *e = &finding->evidence[i];
        if (e->kind != FPS_EVIDENCE_FUNCTION)
            continue;
        totals.functions++;
        totals.instructions += e->instructions;
        if (e->size && e->offset <= UINT64_MAX - e->size)
            spans[count++] = (span){e->offset, e->offset + e->size};
    }
    totals.bytes = union_size(spans, count);
    free(spans);
    return totals;
}

/* A component's part of a file. */
typedef struct part {
    const fps_finding *finding;
    fps__function_totals totals;
} part;

/* Largest first, then in the order of the findings. */
static int compare_parts(const void *a, const void *b)
{
    const part *left = a, *right = b;
    if (left->totals.bytes != right->totals.bytes)
        return left->totals.bytes > right->totals.bytes ? -1 : 1;
    return (left->finding > right->finding) - (left->finding < right->finding);
}

/* Gathers the findings that have functions; components that are only mentioned have none. */
static size_t gather_parts(const fps__view *view, const fps_file *file, part *parts, fps__output *out)
{
    size_t count = 0;
    for (uint32_t i = 0; i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, (size_t)file->findings_first + i);
        if (!finding || finding->state == FPS_STATE_MENTIONED || !fps__view_shows(view, finding))
            continue;
        fps__function_totals totals = fps__explain_functions(finding, out);
        if (totals.functions)
            parts[count++] = (part){finding, totals};
    }
    if (count)
        qsort(parts, count, sizeof *parts, compare_parts);
    return count;
}

static void put_share(fps__output *out, uint64_t bytes, uint64_t whole)
{
    fps__output_number(out, bytes, 15);
    fps__output_text(out, "  ");
    fps__output_percent(out, bytes, whole, 3);
}

static void put_row(fps__output *out, const char *label, uint64_t bytes, uint64_t whole, const char *remark)
{
    fps__output_format(out, "    %-*s", LABEL, label);
    put_share(out, bytes, whole);
    fps__output_format(out, "%s%s\n", remark[0] ? "  " : "", remark);
}

static void put_part(const fps__view *view, const part *p, uint64_t whole, fps__output *out)
{
    const fps_component *component = fps_result_component(view->result, p->finding->component);
    char version[CELL];
    fps__version_text(&p->finding->version, version, sizeof version);
    size_t columns = fps__safe_columns(component->id) + 1 + fps__safe_columns(version);
    fps__output_text(out, "      ");
    fps__output_safe(out, component->id);
    fps__output_text(out, " ");
    fps__output_safe(out, version);
    fps__output_repeat(out, ' ', columns < LABEL - 2 ? LABEL - 2 - columns : 1);
    put_share(out, p->totals.bytes, whole);
    fps__output_text(out, "  ");
    fps__output_count(out, p->totals.functions, "function");
    fps__output_text(out, "\n");
}

static void put_parts(const fps__view *view, const fps_file *file, fps__output *out)
{
    part *parts = calloc((size_t)file->findings_count + 1, sizeof *parts);
    if (!parts) {
        out->status = FPS_ERROR_MEMORY;
        return;
    }
    size_t count = gather_parts(view, file, parts, out);
    size_t shown = view->options->all || count <= BEST_COMPONENTS ? count : BEST_COMPONENTS;
    for (size_t i = 0; i < shown; i++)
        put_part(view, &parts[i], file->code_bytes, out);
    if (count > shown) {
        fps__output_text(out, "      ... and ");
        fps__output_count(out, count - shown, "more component");
        fps__output_text(out, "\n");
    }
    free(parts);
}

void fps__explain_code(const fps__view *view, const fps_file *file, fps__output *out)
{
    fps__code_share share = fps__code_share_of(file);
    if (file->format != FPS_FORMAT_ELF && file->format != FPS_FORMAT_PE)
        return;
    if (!share.executable) {
        fps__output_text(out, "  code: none that was looked at\n");
        return;
    }
    fps__output_text(out, "  code: ");
    fps__output_number(out, share.executable, 0);
    fps__output_text(out, " executable bytes\n");
    put_row(out, "attributed", share.attributed, share.executable, "");
    put_parts(view, file, out);
    put_row(out, "generic", share.generic, share.executable,
            "held by many components, or too small to say anything");
    put_row(out, "unknown", share.unknown, share.executable, "");
}
