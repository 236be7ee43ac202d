/* Lists of statements on what does not count. */
#include "suppress/suppress_state.h"

#include "advisory/advisory_subject.h"
#include "util/error.h"
#include "util/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_TEXT = 512 };

fps_status fps_suppressions_create(fps_suppressions **suppressions, int64_t now, fps_error *error)
{
    fps_suppressions *list = calloc(1, sizeof *list);
    *suppressions = list;
    if (!list)
        return fps__fail_memory(error);
    list->now = now;
    return FPS_OK;
}

void fps_suppressions_free(fps_suppressions *suppressions)
{
    if (!suppressions)
        return;
    free(suppressions->ignores.items);
    for (size_t i = 0; i < FPS_COMPARE_SECTIONS; i++)
        free(suppressions->baseline[i].items);
    free((void *)suppressions->names.items);
    fps__arena_free(&suppressions->arena);
    free(suppressions);
}

fps_status fps_suppressions_read(fps_suppressions *suppressions, const char *path, const void *data,
                                 size_t size, fps_error *error)
{
    const fps__span text = {data, size};
    const char *name = fps__arena_string(&suppressions->arena, path);
    if (!name)
        return fps__fail_memory(error);
    return fps__is_baseline(text) ? fps__baseline_read(suppressions, name, text, error)
                                  : fps__ignore_read(suppressions, name, text, error);
}

const fps_suppressed *fps__suppressed_copy(fps_result *result, const char *reason, const char *source,
                                           bool baseline)
{
    fps_suppressed *copy = fps__arena_alloc(&result->arena, sizeof *copy);
    if (copy)
        *copy = (fps_suppressed){fps__arena_string(&result->arena, reason),
                                 fps__arena_string(&result->arena, source), baseline};
    return copy && copy->reason && copy->source ? copy : NULL;
}

fps_status fps__suppress_vulnerability(fps_result *result, fps_vulnerability *vulnerability,
                                       const fps_suppressed *why, fps_error *error)
{
    char text[REASON_TEXT];
    snprintf(text, sizeof text, "%.300s (%.180s)", why->reason, why->source);
    vulnerability->suppression = why->baseline ? FPS_SUPPRESSED_BASELINE : FPS_SUPPRESSED_IGNORED;
    vulnerability->suppressed_by = fps__arena_string(&result->arena, text);
    return vulnerability->suppressed_by ? FPS_OK : fps__fail_memory(error);
}

/* What a report that was read says is suppressed: who looks at it decides anew. */
static void reset(fps_result *result)
{
    for (size_t i = 0; i < result->findings.count; i++)
        result->findings.items[i].suppressed = NULL;
    for (size_t i = 0; i < result->packages.count; i++)
        result->packages.items[i].suppressed = NULL;
    for (size_t i = 0; i < result->drift_count; i++)
        result->drift[i].suppressed = NULL;
    for (size_t i = 0; i < result->vulnerabilities.count; i++) {
        fps_vulnerability *vulnerability = &result->vulnerabilities.items[i];
        if (vulnerability->suppression == FPS_SUPPRESSED_IGNORED ||
            vulnerability->suppression == FPS_SUPPRESSED_BASELINE)
            vulnerability->suppression = FPS_SUPPRESSED_NOT;
    }
    result->info.has_baseline = false;
}

fps_status fps_suppressions_apply(const fps_suppressions *suppressions, fps_result *result, fps_error *error)
{
    reset(result);
    fps_status status = fps__ignore_apply(suppressions, result, error);
    if (!status)
        status = fps__baseline_apply(suppressions, result, error);
    fps__sort_vulnerabilities(result);
    fps__result_sort_diagnostics(result);
    return status;
}
