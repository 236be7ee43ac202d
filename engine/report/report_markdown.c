/* Writes a result as markdown, for comments on changes and for wikis: components, packages, drift, what was not looked at. */
#include "report/markdown_text.h"
#include "report/report_bom.h"
#include "report/report_format.h"
#include "report/report_summary.h"
#include "report/report_vulnerabilities.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { CELL = 512 };

static void put_cell(fps__output *out, const char *text)
{
    fps__output_text(out, "| ");
    fps__markdown_text(out, text);
    fps__output_text(out, " ");
}

static void put_path(fps__output *out, const fps_file *file)
{
    fps__markdown_text(out, file->path);
    fps__markdown_text(out, file->archive_path ? "!" : "");
    fps__markdown_text(out, file->archive_path ? file->archive_path : "");
}

/* The heading and the first two lines of a table, before its first row. */
static void start_table(fps__output *out, const char *title, const char *columns)
{
    fps__output_text(out, "\n## ");
    fps__output_text(out, title);
    fps__output_text(out, "\n\n");
    fps__output_text(out, columns);
    fps__output_text(out, "|\n");
    for (const char *p = columns; *p; p++)
        if (*p == '|')
            fps__output_text(out, "|---");
    fps__output_text(out, "|\n");
}

/* Why something is suppressed, behind the last text of its row. */
static void put_suppressed(fps__output *out, const fps_suppressed *suppressed)
{
    char why[FPS__SUPPRESSED_SIZE];
    if (!suppressed)
        return;
    fps__output_text(out, " suppressed, ");
    fps__markdown_text(out, fps__suppressed_text(suppressed, why, sizeof why));
}

static void put_component(const fps__view *view, const fps_component *component, const fps_finding *best,
                          fps__output *out)
{
    char version[CELL], confidence[16], names[CELL];
    size_t more = 0;
    for (size_t i = 0; i < component->finding_count; i++)
        more += fps__view_shows(view, fps_result_finding(view->result, component->findings[i]));
    fps__version_text(&best->version, version, sizeof version);
    fps__share_text(best->confidence, confidence, sizeof confidence);
    fps_family_text(names, sizeof names, component->id, component->relatives, component->relative_count,
                    false);
    put_cell(out, component->relative_count ? names : component->id);
    put_cell(out, version);
    put_cell(out, fps_state_name(best->state));
    put_cell(out, confidence);
    put_cell(out, fps__how(view, best));
    fps__output_text(out, "| ");
    put_path(out, fps_result_file(view->result, best->file));
    if (more > 1)
        fps__output_format(out, " and %zu more", more - 1);
    put_suppressed(out, fps__component_suppressed(view, component));
    fps__output_text(out, " |\n");
}

static void put_components(const fps__view *view, fps__output *out)
{
    const fps_component *component;
    const fps_finding *best;
    size_t next = 0, written = 0;
    while ((component = fps__view_next(view, &next, &best))) {
        if (fps__hides_runtime(view, component))
            continue;
        if (!written++)
            start_table(out, "Components", "| component | version | state | confidence | how | file ");
        put_component(view, component, best, out);
    }
    if (!written)
        fps__output_text(out, "\nNo components were found.\n");
}

static void put_packages(const fps__view *view, fps__output *out)
{
    fps__entry entry;
    size_t written = 0;
    for (size_t i = 0; i < fps_result_package_count(view->result); i++) {
        if (!fps__bom_package(view, i, &entry))
            continue;
        if (!written++)
            start_table(out, "Packages", "| package | version | kind | licence | listed by ");
        put_cell(out, entry.package->name);
        put_cell(out, entry.package->version);
        put_cell(out, fps_package_kind_name(entry.package->kind));
        put_cell(out, entry.package->license);
        put_cell(out, entry.package->location);
        put_suppressed(out, entry.package->suppressed);
        fps__output_text(out, "|\n");
    }
}

static void put_drift(const fps__view *view, fps__output *out)
{
    for (size_t i = 0; i < fps_result_drift_count(view->result); i++) {
        const fps_drift *drift = fps_result_drift(view->result, i);
        if (!i)
            start_table(out, "Drift", "| kind | level | path | what differs ");
        put_cell(out, fps_drift_kind_name(drift->kind));
        put_cell(out, fps__drift_level_text(drift));
        put_cell(out, drift->path);
        put_cell(out, drift->message);
        put_suppressed(out, drift->suppressed);
        fps__output_text(out, "|\n");
    }
}

static void put_diagnostics(const fps__view *view, fps__output *out)
{
    size_t written = 0;
    for (size_t i = 0; i < fps_result_diagnostic_count(view->result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(view->result, i);
        if (diagnostic->level != FPS_DIAGNOSTIC_PARTIAL)
            continue;
        if (!written++)
            start_table(out, "Not looked at", "| path | code | why ");
        put_cell(out, diagnostic->path ? diagnostic->path : "the target");
        put_cell(out, diagnostic->code);
        put_cell(out, diagnostic->message);
        fps__output_text(out, "|\n");
    }
}

static void put_vulnerabilities(const fps__view *view, fps__output *out)
{
    const fps_vulnerability *vulnerability;
    size_t written = 0;
    char risk[16], remark[1024];
    if (!fps_result_get_info(view->result)->vulnerabilities_checked)
        fps__output_text(out, "\nVulnerabilities: not checked.\n");
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(view->result, i)); i++) {
        if (!fps__shows_vulnerability(view, vulnerability))
            continue;
        if (!written++)
            start_table(
                out, "Vulnerabilities",
                "| risk | severity | vulnerability | component | version | fixed | title | path | remark ");
        snprintf(risk, sizeof risk, "%.0f", vulnerability->risk);
        fps__vulnerability_remark(vulnerability, remark, sizeof remark);
        const char *cells[] = {risk,
                               fps_severity_name(vulnerability->severity),
                               vulnerability->id,
                               fps__vulnerability_subject(view->result, vulnerability),
                               vulnerability->version,
                               vulnerability->fixed,
                               vulnerability->title,
                               fps__vulnerability_path(view->result, vulnerability),
                               remark};
        for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
            put_cell(out, cells[k]);
        fps__output_text(out, "|\n");
    }
}

static void write_markdown(const fps__view *view, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    char time[FPS__TIMESTAMP_SIZE];
    fps__timestamp_text(view->options->timestamp, time);
    fps__output_text(out, "# Components of ");
    fps__markdown_text(out, info->target && *info->target ? info->target : "the target");
    fps__output_text(out, "\n\nfpscan ");
    fps__markdown_text(out, fps__tool_version(view->options));
    fps__output_text(out, *time ? ", " : "");
    fps__output_text(out, time);
    if (info->os_name && *info->os_name) {
        fps__output_text(out, "; ");
        fps__markdown_text(out, info->os_name);
    }
    fps__output_text(out, ".\n");
    put_components(view, out);
    put_packages(view, out);
    put_vulnerabilities(view, out);
    put_drift(view, out);
    put_diagnostics(view, out);
}

const fps_report_format fps__report_markdown = {.name = "markdown",
                                                .version = "",
                                                .states = 1u << FPS_STATE_PRESENT | 1u << FPS_STATE_LIKELY,
                                                .write = write_markdown};
