/* What the writers say of vulnerabilities: which are shown, and their parts in words. */
#include "report/report_vulnerabilities.h"

#include "util/cursor.h"
#include "util/package_kind.h"

#include <string.h>

/* True unless later layers hide all of its places, and only what is visible is asked for. */
static bool is_seen(const fps__view *view, const fps_vulnerability *vulnerability)
{
    bool seen = view->options->all_layers;
    for (size_t i = 0; i < vulnerability->file_count && !seen; i++)
        seen = fps_result_file(view->result, vulnerability->files[i])->visibility == FPS_VISIBILITY_VISIBLE;
    for (size_t i = 0; i < vulnerability->package_count && !seen; i++)
        seen = fps_result_package(view->result, vulnerability->packages[i])->visibility ==
               FPS_VISIBILITY_VISIBLE;
    return seen;
}

bool fps__chooses_vulnerability(const fps__view *view, const fps_vulnerability *vulnerability)
{
    const fps_report_options *options = view->options;
    const fps_package *package = fps_result_package(view->result, vulnerability->package);
    bool os = package && fps__package_kind_of(package->kind)->system;
    return is_seen(view, vulnerability) &&
           !(options->severities && !(options->severities >> vulnerability->severity & 1)) &&
           !(options->ignore_unfixed && !*vulnerability->fixed) &&
           !(os ? options->no_os : options->no_library);
}

bool fps__shows_vulnerability(const fps__view *view, const fps_vulnerability *vulnerability)
{
    return (vulnerability->suppression == FPS_SUPPRESSED_NOT || view->options->suppressed) &&
           fps__chooses_vulnerability(view, vulnerability);
}

const char *fps__vulnerability_subject(const fps_result *result, const fps_vulnerability *vulnerability)
{
    const fps_component *component = fps_result_component(result, vulnerability->component);
    const fps_package *package = fps_result_package(result, vulnerability->package);
    return component ? component->id : package ? package->name : "";
}

fps__vex_status fps__vulnerability_status(const fps_vulnerability *vulnerability)
{
    switch (vulnerability->suppression) {
    case FPS_SUPPRESSED_NOT:
    case FPS_SUPPRESSED_BASELINE:
        return vulnerability->verdict == FPS_VERDICT_AFFECTED ? FPS__VEX_AFFECTED : FPS__VEX_INVESTIGATED;
    case FPS_SUPPRESSED_FIXED:
        return FPS__VEX_FIXED;
    default:
        return FPS__VEX_NOT_AFFECTED;
    }
}

void fps__json_vex_action(fps__json *json, const char *key, const fps_vulnerability *vulnerability)
{
    fps__json_text_start(json, key);
    fps__json_text_part(json,
                        *vulnerability->fixed ? "Update to version " : "No version with a fix is known.");
    fps__json_text_part(json, vulnerability->fixed);
    fps__json_text_stop(json);
}

const char *fps__vulnerability_purl(const fps_result *result, const fps_vulnerability *vulnerability)
{
    const fps_component *component = fps_result_component(result, vulnerability->component);
    const fps_package *package = fps_result_package(result, vulnerability->package);
    return component ? component->purl : package ? package->purl : "";
}

/* The first file that is visible, else the first one; NULL for none. */
static const fps_file *first_file(const fps_result *result, const fps_vulnerability *vulnerability)
{
    const fps_file *first = NULL;
    for (size_t i = 0; i < vulnerability->file_count; i++) {
        const fps_file *file = fps_result_file(result, vulnerability->files[i]);
        if (file && file->visibility == FPS_VISIBILITY_VISIBLE)
            return file;
        first = first ? first : file;
    }
    return first;
}

const char *fps__vulnerability_path(const fps_result *result, const fps_vulnerability *vulnerability)
{
    const fps_file *file = first_file(result, vulnerability);
    const fps_package *package = fps_result_package(result, vulnerability->package);
    return file ? file->path : package ? package->location : "";
}

uint32_t fps__vulnerability_layer(const fps_result *result, const fps_vulnerability *vulnerability)
{
    const fps_file *file = first_file(result, vulnerability);
    const fps_package *package = fps_result_package(result, vulnerability->package);
    return package ? package->layer : file ? file->layer : FPS__NONE;
}

/* What is to be said of one that counts: what the code shows, and what the version leaves open. */
static void put_open_remark(fps__cursor *cursor, const fps_vulnerability *vulnerability, size_t size)
{
    bool more = vulnerability->verdict != FPS_VERDICT_AFFECTED || vulnerability->wont_fix;
    fps__cursor_text(cursor, vulnerability->code);
    fps__cursor_text(cursor, *vulnerability->code && more ? "; " : "");
    if (vulnerability->verdict == FPS_VERDICT_DEPENDS) {
        fps__cursor_text(cursor, "depends on the release; affected: ");
        for (size_t i = 0; i < vulnerability->affected_count && cursor->used + 64 < size; i++) {
            fps__cursor_text(cursor, i ? ", " : "");
            fps__cursor_text(cursor, vulnerability->affected[i]);
        }
    } else if (vulnerability->verdict == FPS_VERDICT_CONDITIONAL) {
        fps__cursor_text(cursor, *vulnerability->note ? vulnerability->note : "under a condition");
    } else if (vulnerability->wont_fix) {
        fps__cursor_text(cursor, *vulnerability->note ? vulnerability->note
                                                      : "the distribution does not fix it soon");
    }
}

void fps__vulnerability_remark(const fps_vulnerability *vulnerability, char *text, size_t size)
{
    fps__cursor cursor = {.text = text, .size = size};
    if (vulnerability->suppression != FPS_SUPPRESSED_NOT) {
        static const char *const words[] = {"",      "",          "",          "withdrawn, says ",
                                            "VEX: ", "ignored: ", "baseline: "};
        fps__cursor_text(&cursor, words[vulnerability->suppression]);
        fps__cursor_text(&cursor, vulnerability->suppressed_by);
    } else {
        put_open_remark(&cursor, vulnerability, size);
    }
    if (!fps__cursor_finish(&cursor))
        *text = '\0';
}

const char *fps__vulnerability_method(const fps_vulnerability *vulnerability)
{
    static const struct {
        const char *prefix, *method;
    } methods[] = {{"CVSS:3.1", "CVSSv31"}, {"CVSS:3.0", "CVSSv3"}, {"CVSS:4", "CVSSv4"}, {"AV:", "CVSSv2"}};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (!strncmp(vulnerability->vector, methods[i].prefix, strlen(methods[i].prefix)))
            return methods[i].method;
    return "other";
}
