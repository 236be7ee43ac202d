/* Writes a result as one HTML file for people. The page shows the data with its own script; without scripts it has plain tables.
 *
 * Text of the target cannot run in it: outside the data it is escaped here, inside the data by the JSON writer, and the
 * Content-Security-Policy runs the one script and the one style sheet whose hashes it has, and loads nothing. */
#include "report/report_html.h"
#include "report/report_bom.h"
#include "report/report_format.h"
#include "report/report_summary.h"
#include "report/report_vulnerabilities.h"

#include <stdio.h>
#include <string.h>

enum { CELL = 512, REMARK = 1024 };

/* Untrusted text, also within quotes: markup is a character reference, and what cannot be shown is \xNN. */
static void put_plain(fps__output *out, const char *text)
{
    for (size_t i = 0, size = strlen(text); i < size;) {
        size_t length = fps__shown(text + i, size - i);
        if (length == 1 && strchr("<>&\"'", text[i]))
            fps__output_format(out, "&#%u;", (unsigned char)text[i]);
        else if (length)
            fps__output_bytes(out, text + i, length);
        else
            fps__output_format(out, "&#92;x%02x", (unsigned char)text[i]);
        i += length ? length : 1;
    }
}

static void put_span(fps__output *out, fps__span bytes)
{
    fps__output_bytes(out, (const char *)bytes.data, bytes.size);
}

static void put_cell(fps__output *out, const char *text)
{
    fps__output_text(out, "<td>");
    put_plain(out, text);
}

/* A cell with an index of a layer; empty without one. */
static void put_layer(fps__output *out, uint32_t layer)
{
    fps__output_text(out, "<td>");
    if (layer != FPS__NONE)
        fps__output_decimal(out, layer);
}

/* The caption and the head of a table; `columns` are trusted words with '|' between. */
static void start_table(fps__output *out, const char *title, const char *columns)
{
    fps__output_text(out, "<h2>");
    fps__output_text(out, title);
    fps__output_text(out, "</h2>\n<table class=\"plain\"><thead><tr>");
    for (size_t length; *columns; columns += length + (columns[length] == '|')) {
        length = strcspn(columns, "|");
        fps__output_text(out, "<th scope=\"col\">");
        fps__output_bytes(out, columns, length);
    }
    fps__output_text(out, "</thead><tbody>\n");
}

static void end_table(fps__output *out, size_t rows, const char *nothing)
{
    fps__output_text(out, rows ? "</tbody></table>\n" : nothing);
}

static void put_component(const fps__view *view, const fps_component *component, const fps_finding *best,
                          fps__output *out)
{
    char how[FPS__NOTED_SIZE];
    const fps_file *file = fps_result_file(view->result, best->file);
    const fps_package *package = fps_result_package(view->result, fps__package_links_explainer(view, best));
    char version[CELL], confidence[16], names[CELL];
    size_t shown = 0;
    for (size_t i = 0; i < component->finding_count; i++)
        shown += fps__view_shows(view, fps_result_finding(view->result, component->findings[i]));
    fps__version_text(&best->version, version, sizeof version);
    fps__share_text(best->confidence, confidence, sizeof confidence);
    fps_family_text(names, sizeof names, component->id, component->relatives, component->relative_count,
                    false);
    fps__output_text(out, "<tr>");
    put_cell(out, component->relative_count ? names : component->id);
    put_cell(out, version);
    put_cell(out, fps_state_name(best->state));
    put_cell(out, confidence);
    put_cell(out, fps__noted_text(fps__how(view, best), fps__component_suppressed(view, component), how,
                                  sizeof how));
    put_layer(out, fps__introduced(view->result, best));
    put_cell(out, package ? package->name : "none");
    put_cell(out, file->path);
    put_plain(out, file->archive_path ? "!" : "");
    put_plain(out, file->archive_path ? file->archive_path : "");
    if (shown > 1)
        fps__output_format(out, " and %zu more", shown - 1);
    fps__output_text(out, "\n");
}

static void put_components(const fps__view *view, fps__output *out)
{
    const fps_component *component;
    const fps_finding *best;
    size_t next = 0, written = 0;
    while ((component = fps__view_next(view, &next, &best))) {
        if (!written++)
            start_table(out, "Components", "Component|Version|State|Confidence|How|Layer|Explained by|File");
        put_component(view, component, best, out);
    }
    end_table(out, written, "<p>No components were found.\n");
}

static void put_vulnerabilities(const fps__view *view, fps__output *out)
{
    const fps_vulnerability *vulnerability;
    size_t written = 0;
    char risk[16], remark[REMARK];
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(view->result, i)); i++) {
        if (!fps__shows_vulnerability(view, vulnerability))
            continue;
        if (!written++)
            start_table(out, "Vulnerabilities",
                        "Severity|Risk|Vulnerability|Component|Version|Fixed in|Title|Remark|Where");
        const char *link = fps__page_link(vulnerability->link);
        snprintf(risk, sizeof risk, "%.0f", vulnerability->risk);
        fps__vulnerability_remark(vulnerability, remark, sizeof remark);
        fps__output_text(out, "<tr>");
        put_cell(out, fps_severity_name(vulnerability->severity));
        put_cell(out, risk);
        fps__output_text(out, *link ? "<td><a rel=\"noopener noreferrer\" href=\"" : "<td>");
        put_plain(out, link);
        fps__output_text(out, *link ? "\">" : "");
        put_plain(out, vulnerability->id);
        fps__output_text(out, *link ? "</a>" : "");
        put_cell(out, fps__vulnerability_subject(view->result, vulnerability));
        put_cell(out, vulnerability->version);
        put_cell(out, vulnerability->fixed);
        put_cell(out, vulnerability->title);
        put_cell(out, remark);
        put_cell(out, fps__vulnerability_path(view->result, vulnerability));
        fps__output_text(out, "\n");
    }
    end_table(out, written,
              fps_result_get_info(view->result)->vulnerabilities_checked
                  ? "<p>No vulnerabilities are known.\n"
                  : "<p>Vulnerabilities: not checked.\n");
}

static void put_packages(const fps__view *view, fps__output *out)
{
    fps__entry entry;
    char text[FPS__NOTED_SIZE];
    size_t written = 0;
    for (size_t i = 0; i < fps_result_package_count(view->result); i++) {
        if (!fps__bom_package(view, i, &entry))
            continue;
        if (!written++)
            start_table(out, "Packages", "Package|Version|Kind|Layer|Licence|Listed by");
        fps__output_text(out, "<tr>");
        put_cell(out, entry.package->name);
        put_cell(out, entry.package->version);
        put_cell(out, fps_package_kind_name(entry.package->kind));
        put_layer(out, entry.package->layer);
        put_cell(out, entry.package->license);
        put_cell(out, fps__noted_text(entry.package->location, entry.package->suppressed, text, sizeof text));
        fps__output_text(out, "\n");
    }
    end_table(out, written, "<p>No packages are listed.\n");
}

static void put_drift(const fps__view *view, fps__output *out)
{
    size_t count = fps_result_drift_count(view->result);
    char text[FPS__NOTED_SIZE];
    for (size_t i = 0; i < count; i++) {
        const fps_drift *drift = fps_result_drift(view->result, i);
        if (!i)
            start_table(out, "Drift", "Kind|Level|Path|What differs");
        fps__output_text(out, "<tr>");
        put_cell(out, fps_drift_kind_name(drift->kind));
        put_cell(out, fps__drift_level_text(drift));
        put_cell(out, drift->path);
        put_cell(out, fps__noted_text(drift->message, drift->suppressed, text, sizeof text));
        fps__output_text(out, "\n");
    }
    end_table(out, count, "");
}

static void put_diagnostics(const fps__view *view, fps__output *out)
{
    size_t written = 0;
    for (size_t i = 0; i < fps_result_diagnostic_count(view->result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(view->result, i);
        if (diagnostic->level != FPS_DIAGNOSTIC_PARTIAL)
            continue;
        if (!written++)
            start_table(out, "Not looked at", "Path|Code|Why");
        fps__output_text(out, "<tr>");
        put_cell(out, diagnostic->path ? diagnostic->path : "the target");
        put_cell(out, diagnostic->code);
        put_cell(out, diagnostic->message);
        fps__output_text(out, "\n");
    }
    end_table(out, written, "");
}

static void put_fact(fps__output *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    fps__output_text(out, "<div><dt>");
    fps__output_text(out, name);
    fps__output_text(out, "<dd>");
    put_plain(out, value);
    fps__output_text(out, "</div>\n");
}

static void put_facts(const fps__view *view, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    char created[FPS__TIMESTAMP_SIZE];
    fps__timestamp_text(view->options->timestamp, created);
    fps__output_text(out, "<dl class=\"facts\">\n");
    put_fact(out, "Type", info->target_type);
    put_fact(out, "Image", info->image ? info->image->reference : "");
    put_fact(out, "Manifest", info->image ? info->image->manifest : "");
    put_fact(out, "Base image", info->image ? info->image->base_name : "");
    put_fact(out, "System", info->os_name);
    put_fact(out, "Scanned", created);
    fps__output_text(out, "<div><dt>Looked at<dd>");
    fps__output_count(out, info->regular_files, "file");
    fps__output_text(out, ", ");
    fps__output_count(out, info->objects, "object");
    fps__output_text(out, "</div>\n</dl>\n");
}

/* How many findings are not in the document, and why. */
static void put_omitted(const fps__view *view, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    uint64_t others = info->omitted, hidden = info->omitted_hidden;
    fps__view_count_omitted(view, &others, &hidden);
    if (others) {
        fps__output_text(out, "<li>Not in this report: ");
        fps__output_count(out, others, "less certain finding");
        fps__output_text(out, ".\n");
    }
    if (hidden) {
        fps__output_text(out, "<li>Not in this report: ");
        fps__output_count(out, hidden, "finding");
        fps__output_text(out, " in files that later layers replace or delete.\n");
    }
}

/* What a reader must know to judge the numbers. */
static void put_remarks(const fps__view *view, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    size_t old = 0;
    for (size_t i = 0; i < info->vulnerability_source_count; i++)
        old += info->vulnerability_sources[i].old;
    fps__output_text(out, "<ul class=\"remarks\">\n");
    if (!info->vulnerabilities_checked)
        fps__output_text(out, "<li>Vulnerabilities were not checked.\n");
    if (old) {
        fps__output_text(out, "<li>");
        fps__output_count(out, old, "advisory source");
        fps__output_text(out, old == 1 ? " is older than 30 days.\n" : " are older than 30 days.\n");
    }
    if (!info->packages_known)
        fps__output_text(out, "<li>No package database says which files it has.\n");
    else if (!info->digests_compared)
        fps__output_text(out, "<li>Digests of package files were not compared.\n");
    put_omitted(view, out);
    fps__output_text(out, "</ul>\n");
}

static void put_header(const fps__view *view, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    size_t partial = 0;
    for (size_t i = 0; i < fps_result_diagnostic_count(view->result); i++)
        partial += fps_result_diagnostic(view->result, i)->level == FPS_DIAGNOSTIC_PARTIAL;
    fps__output_text(out, "<header>\n<p class=\"brand\"><b>fpscan</b> ");
    put_plain(out, fps__tool_version(view->options));
    fps__output_text(out, "\n<h1>");
    put_plain(out, info->target && *info->target ? info->target : "the target");
    fps__output_text(out, "</h1>\n");
    put_facts(view, out);
    if (partial) {
        fps__output_text(out, "<p class=\"partial\"><b>Not complete:</b> ");
        fps__output_count(out, partial, "place");
        fps__output_text(out, " that may hold a program could not be looked at.\n");
    }
    put_remarks(view, out);
    fps__output_text(out, "</header>\n");
}

static void put_head(const fps__view *view, const char *style, const char *script, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    fps__output_text(out,
                     "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
    fps__output_text(out, style);
    fps__output_text(out, "; script-src ");
    fps__output_text(out, script);
    fps__output_text(out, "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
                          "trusted-types 'none'\">\n"
                          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                          "<meta name=\"referrer\" content=\"no-referrer\">\n<title>fpscan: ");
    put_plain(out, info->target && *info->target ? info->target : "report");
    fps__output_text(out, "</title>\n<style>");
    put_span(out, fps__page_style());
    fps__output_text(out, "</style>\n</head>\n");
}

static void write_html(const fps__view *view, fps__output *out)
{
    char style[FPS__PAGE_HASH_SIZE], script[FPS__PAGE_HASH_SIZE];
    if (!fps__page_hash(fps__page_style(), style) || !fps__page_hash(fps__page_script(), script)) {
        out->status = FPS_ERROR_MEMORY;
        return;
    }
    put_head(view, style, script, out);
    fps__output_text(out, "<body>\n<a class=\"skip\" href=\"#results\">Skip to the results</a>\n");
    put_header(view, out);
    fps__output_text(out, "<main id=\"app\">\n<noscript>\n");
    put_components(view, out);
    put_vulnerabilities(view, out);
    put_drift(view, out);
    put_diagnostics(view, out);
    put_packages(view, out);
    fps__output_text(out, "</noscript>\n</main>\n<script type=\"application/json\" id=\"data\">\n");
    fps__page_data(view, out);
    fps__output_text(out, "</script>\n<script>");
    put_span(out, fps__page_script());
    fps__output_text(out, "</script>\n</body>\n</html>\n");
}

const fps_report_format fps__report_html = {.name = "html",
                                            .version = "",
                                            .states = 1u << FPS_STATE_PRESENT | 1u << FPS_STATE_LIKELY,
                                            .write = write_html};
