/* What the writers show of a result: the filter of states, confidence and layers, and versions in words. */
#include "report/report_view.h"

#include "report/called.h"
#include "report/report_identifier.h"
#include "util/cursor.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

bool fps__view_shows_file(const fps__view *view, const fps_file *file)
{
    return file && (view->options->all_layers || file->visibility == FPS_VISIBILITY_VISIBLE);
}

bool fps__view_shows(const fps__view *view, const fps_finding *finding)
{
    const char *wanted = view->options->component;
    const fps_component *component = fps_result_component(view->result, finding->component);
    if (wanted &&
        (!component || (!fps__means_component(wanted, component) && !fps__means_relative(wanted, component))))
        return false;
    return fps__view_shows_file(view, fps_result_file(view->result, finding->file)) &&
           (view->states >> finding->state & 1) && finding->confidence >= view->options->min_confidence;
}

const fps_finding *fps__view_best(const fps__view *view, const fps_component *component)
{
    const fps_finding *best = NULL;
    for (size_t i = 0; i < component->finding_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, component->findings[i]);
        if (!fps__view_shows(view, finding))
            continue;
        if (!best || finding->state < best->state ||
            (finding->state == best->state && finding->confidence > best->confidence))
            best = finding;
    }
    return best;
}

const fps_component *fps__view_next(const fps__view *view, size_t *cursor, const fps_finding **best)
{
    const fps_component *component;
    while ((component = fps_result_component(view->result, *cursor))) {
        ++*cursor;
        *best = fps__view_best(view, component);
        if (*best)
            break;
    }
    return component;
}

void fps__view_count_omitted(const fps__view *view, uint64_t *others, uint64_t *hidden)
{
    for (size_t i = 0; i < fps_result_finding_count(view->result); i++) {
        const fps_finding *finding = fps_result_finding(view->result, i);
        if (!fps__view_shows_file(view, fps_result_file(view->result, finding->file)))
            *hidden += 1;
        else if (!fps__view_shows(view, finding))
            *others += 1;
    }
}

size_t fps__version_text(const fps_version_answer *version, char *text, size_t size)
{
    size_t count = version->candidate_count;
    const char *first = count ? version->candidates[0] : "",
               *last = count ? version->candidates[count - 1] : "";
    int length;
    if (version->kind == FPS_VERSION_EXACT)
        length = snprintf(text, size, "%s", version->version ? version->version : first);
    else if (version->kind == FPS_VERSION_UNKNOWN || !count || (version->open_below && version->open_above))
        length = snprintf(text, size, "?");
    else if (version->open_above)
        length = snprintf(text, size, ">= %s", first);
    else if (version->open_below)
        length = snprintf(text, size, "<= %s", last);
    else
        length = snprintf(text, size, "%s%s%s", first,
                          count == 1   ? ""
                          : count == 2 ? ", "
                                       : " .. ",
                          count == 1 ? "" : last);
    return length > 0 ? (size_t)length : 0;
}

/* Appends a constraint; what a specifier would take for its own is percent-encoded. */
static void add_constraint(fps__cursor *out, const char *comparator, const char *version)
{
    fps__cursor_text(out, out->used && out->text[out->used - 1] != '/' ? "|" : "");
    fps__cursor_text(out, comparator);
    fps__cursor_encoded(out, version, strlen(version), "");
}

size_t fps__version_range(const fps_version_answer *version, char *text, size_t size)
{
    fps__cursor out = {.text = text, .size = size};
    size_t count = version->candidate_count;
    bool exact = version->kind == FPS_VERSION_EXACT;
    bool unknown =
        !count || version->kind == FPS_VERSION_UNKNOWN || (version->open_below && version->open_above);
    fps__cursor_text(&out, "vers:generic/");
    if (unknown)
        fps__cursor_text(&out, "*");
    else if (exact)
        add_constraint(&out, "", version->candidates[0]);
    if (!unknown && !exact && !version->open_below)
        add_constraint(&out, ">=", version->candidates[0]);
    if (!unknown && !exact && !version->open_above)
        add_constraint(&out, "<=", version->candidates[count - 1]);
    return fps__cursor_finish(&out);
}

fps__code_share fps__code_share_of(const fps_file *file)
{
    fps__code_share share = {.executable = file->code_bytes};
    uint64_t left = file->code_bytes;
    share.attributed = file->code_attributed < left ? file->code_attributed : left;
    left -= share.attributed;
    share.generic = file->code_generic < left ? file->code_generic : left;
    share.unknown = left - share.generic;
    return share;
}

void fps__share_text(double share, char *text, size_t size)
{
    unsigned hundredths = share > 0 ? (unsigned)(share >= 1 ? 100 : share * 100 + 1e-9) : 0;
    snprintf(text, size, "%u.%02u", hundredths / 100, hundredths % 100);
}

bool fps__is_renamed(const fps__view *view, const fps_finding *finding)
{
    return finding->renamed && !fps__package_links_merges(view, finding);
}

enum { OWN, RENAMED, LINKED, EMBEDDED, DOUBTS, MENTIONED = DOUBTS + FPS_DOUBT_SHARED, HOWS };

/* The words of doubts are those that fps_doubt_text begins with. */
static const char *const hows[HOWS] = {
    [OWN] = "own",
    [RENAMED] = "renamed",
    [LINKED] = "linked",
    [EMBEDDED] = "embedded",
    [DOUBTS + FPS_DOUBT_TEXTS_ONLY - 1] = "texts only",
    [DOUBTS + FPS_DOUBT_INTERFACE - 1] = "interface only",
    [DOUBTS + FPS_DOUBT_ONE_FILE - 1] = "one file only",
    [DOUBTS + FPS_DOUBT_FORK - 1] = "fork",
    [DOUBTS + FPS_DOUBT_PORT - 1] = "port",
    [DOUBTS + FPS_DOUBT_SHARED - 1] = "shared parts",
    [MENTIONED] = "mentioned",
};

const char *fps__how_word(size_t index)
{
    return index < HOWS ? hows[index] : NULL;
}

const char *fps__how(const fps__view *view, const fps_finding *finding)
{
    if (finding->state == FPS_STATE_MENTIONED || finding->linkage == FPS_LINKAGE_DYNAMIC)
        return hows[MENTIONED];
    if (finding->doubt > FPS_DOUBT_NONE && finding->doubt <= FPS_DOUBT_SHARED)
        return hows[DOUBTS + finding->doubt - 1];
    if (finding->linkage == FPS_LINKAGE_OWN)
        return hows[fps__is_renamed(view, finding) ? RENAMED : OWN];
    return hows[finding->linkage == FPS_LINKAGE_STATIC ? LINKED : EMBEDDED];
}

size_t fps__relative_text(const fps_relative *relative, char *text, size_t size)
{
    size_t length = fps__purl_text(relative->purl, NULL, text, size);
    if (length)
        return length;
    int written = snprintf(text, size, "%s", relative->id);
    return written < 0 ? 0 : (size_t)written < size ? (size_t)written : size - 1;
}

uint32_t fps__introduced(const fps_result *result, const fps_finding *finding)
{
    const fps_file *file = fps_result_file(result, finding->file);
    size_t layers = fps_result_layer_count(result);
    if (finding->introduced < layers)
        return finding->introduced;
    return file && file->layer < layers ? file->layer : FPS__NONE;
}

size_t fps__package_text(const fps_package *package, char *text, size_t size)
{
    int length = snprintf(text, size, "%s%s%s%s%s", package->name, package->version[0] ? " " : "",
                          package->version, package->architecture[0] ? " " : "", package->architecture);
    return length > 0 ? (size_t)length : 0;
}

const char *fps__suppressed_text(const fps_suppressed *suppressed, char *text, size_t size)
{
    if (!suppressed) {
        *text = '\0';
        return NULL;
    }
    snprintf(text, size, "%s%.300s (%.180s)",
             suppressed->baseline ? "baseline: " : "ignored: ", suppressed->reason, suppressed->source);
    return text;
}

const char *fps__noted_text(const char *note, const fps_suppressed *suppressed, char *text, size_t size)
{
    char why[FPS__SUPPRESSED_SIZE];
    if (!fps__suppressed_text(suppressed, why, sizeof why))
        return note;
    snprintf(text, size, "%.1400s%ssuppressed, %s", note ? note : "", note && *note ? "; " : "", why);
    return text;
}

const fps_suppressed *fps__component_suppressed(const fps__view *view, const fps_component *component)
{
    const fps_suppressed *first = NULL;
    for (size_t i = 0; i < component->finding_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, component->findings[i]);
        if (!fps__view_shows(view, finding))
            continue;
        if (!finding->suppressed)
            return NULL;
        first = first ? first : finding->suppressed;
    }
    return first;
}

const char *fps__drift_level_text(const fps_drift *drift)
{
    return drift->level == FPS_DRIFT_LEVEL_NOTE ? "note" : "drift";
}

const char *fps__tool_version(const fps_report_options *options)
{
    return options->tool_version ? options->tool_version : FPS_VERSION;
}

void fps__timestamp_text(int64_t seconds, char text[FPS__TIMESTAMP_SIZE])
{
    struct tm parts;
    time_t when = (time_t)seconds;
    text[0] = '\0';
    if (seconds >= 0 && seconds <= 253402300799 && gmtime_r(&when, &parts) &&
        !strftime(text, FPS__TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts))
        text[0] = '\0';
}
