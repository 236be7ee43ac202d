/* The data of an HTML report: tables of one JSON object, each with its columns' names once and a row a line. */
#include "report/report_format.h"
#include "report/report_html.h"
#include "report/report_json.h"
#include "report/report_vulnerabilities.h"

#include <stdlib.h>
#include <string.h>

enum { CELL = 512, REMARK = 1024, PAGE_EVIDENCE = 4 }; /* pieces of a finding, as many as CycloneDX shows */

/* Opens {"columns": [...], "rows": [; `columns` are words with blanks between. */
static void start_table(fps__json *json, const char *key, const char *columns)
{
    fps__json_object(json, key);
    fps__json_row(json, "columns");
    for (size_t length; *columns; columns += length + (columns[length] == ' ')) {
        length = strcspn(columns, " ");
        fps__json_text_start(json, NULL);
        fps__json_text_bytes(json, columns, length);
        fps__json_text_stop(json);
    }
    fps__json_end(json);
    fps__json_array(json, "rows");
}

static void end_table(fps__json *json)
{
    fps__json_end(json);
    fps__json_end(json);
}

static void put_indexes(fps__json *json, const uint32_t *indexes, size_t count)
{
    fps__json_row(json, NULL);
    for (size_t i = 0; i < count; i++)
        fps__json_number(json, NULL, indexes[i]);
    fps__json_end(json);
}

static const char *plain(const char *text)
{
    return text ? text : "";
}

static void put_sources(const fps_result_info *info, fps__json *json)
{
    start_table(json, "sources", "name date old");
    for (size_t i = 0; i < info->vulnerability_source_count; i++) {
        const fps_vulnerability_source *source = &info->vulnerability_sources[i];
        fps__json_row(json, NULL);
        fps__json_text(json, NULL, source->name);
        fps__json_text(json, NULL, source->date);
        fps__json_bool(json, NULL, source->old);
        fps__json_end(json);
    }
    end_table(json);
}

static void put_layers(const fps__view *view, fps__json *json)
{
    start_table(json, "layers", "diffID createdBy size base read");
    for (size_t i = 0; i < fps_result_layer_count(view->result); i++) {
        const fps_layer *layer = fps_result_layer(view->result, i);
        fps__json_row(json, NULL);
        fps__json_text(json, NULL, plain(layer->diff_id));
        fps__json_text(json, NULL, plain(layer->created_by));
        fps__json_number(json, NULL, layer->size);
        fps__json_bool(json, NULL, layer->base);
        fps__json_bool(json, NULL, layer->read);
        fps__json_end(json);
    }
    end_table(json);
}

static void put_packages(const fps__view *view, fps__json *json)
{
    size_t layers = fps_result_layer_count(view->result), count = fps_result_package_count(view->result);
    start_table(json, "packages",
                "kind name version architecture license supplier purl location state visibility layer parent "
                "owned");
    for (size_t i = 0; i < count; i++) {
        const fps_package *package = fps_result_package(view->result, i);
        fps__json_row(json, NULL);
        fps__json_text(json, NULL, fps_package_kind_name(package->kind));
        fps__json_text(json, NULL, package->name);
        fps__json_text(json, NULL, package->version);
        fps__json_text(json, NULL, package->architecture);
        fps__json_text(json, NULL, plain(package->license));
        fps__json_text(json, NULL, plain(package->supplier));
        fps__json_text(json, NULL, plain(package->purl));
        fps__json_text(json, NULL, plain(package->location));
        fps__json_text(json, NULL, fps_state_name(package->state));
        fps__json_text(json, NULL, fps_visibility_name(package->visibility));
        fps__json_index(json, NULL, package->layer, layers);
        fps__json_index(json, NULL, package->parent, count);
        fps__json_number(json, NULL, package->owned);
        fps__json_end(json);
    }
    end_table(json);
}

/* The bytes are those of fps__code_share: parts of the executable bytes, which they add up to. */
static void put_files(const fps__view *view, fps__json *json)
{
    start_table(json, "files",
                "path archivePath visibility layer owner size format machine attributed generic unknown");
    for (size_t i = 0; i < fps_result_file_count(view->result); i++) {
        const fps_file *file = fps_result_file(view->result, i);
        if (!fps__view_shows_file(view, file))
            continue;
        fps__code_share share = fps__code_share_of(file);
        fps__json_row(json, NULL);
        fps__json_text(json, NULL, file->path);
        fps__json_text(json, NULL, file->archive_path);
        fps__json_text(json, NULL, fps_visibility_name(file->visibility));
        fps__json_index(json, NULL, file->layer, fps_result_layer_count(view->result));
        fps__json_index(json, NULL, fps__package_links_owner(view->result, file),
                        fps_result_package_count(view->result));
        fps__json_number(json, NULL, file->size);
        fps__json_text(json, NULL, fps_format_name(file->format));
        fps__json_text(json, NULL, plain(file->machine));
        fps__json_number(json, NULL, share.attributed);
        fps__json_number(json, NULL, share.generic);
        fps__json_number(json, NULL, share.unknown);
        fps__json_end(json);
    }
    end_table(json);
}

/* The components that are shown, and no others: a page from a JSON report is the page from the scan. numbers[i] becomes the row of
 * component `i`, FPS__NONE for one that is not shown. */
static void put_components(const fps__view *view, uint32_t *numbers, fps__json *json)
{
    const fps_component *component;
    const fps_finding *best;
    char names[CELL];
    size_t next = 0;
    uint32_t rows = 0;
    start_table(json, "components", "id label name role license purl");
    for (size_t i = 0; i < fps_result_component_count(view->result); i++)
        numbers[i] = FPS__NONE;
    while ((component = fps__view_next(view, &next, &best))) {
        numbers[next - 1] = rows++;
        fps_family_text(names, sizeof names, component->id, component->relatives, component->relative_count,
                        false);
        fps__json_row(json, NULL);
        fps__json_text(json, NULL, component->id);
        fps__json_text(json, NULL, component->relative_count ? names : component->id);
        fps__json_text(json, NULL, component->name);
        fps__json_text(json, NULL, fps_component_role_name(component->role));
        fps__json_text(json, NULL, component->license);
        fps__json_text(json, NULL, component->purl);
        fps__json_end(json);
    }
    end_table(json);
}

/* Pieces of evidence, best first: [kind, offset or null, unit, text, instructions]. */
static void put_evidence(const fps__view *view, const fps_finding *finding, fps__json *json)
{
    fps_report_evidence wanted = view->options->evidence;
    size_t count = wanted == FPS_REPORT_EVIDENCE_NONE ? 0 : finding->evidence_count;
    if (wanted == FPS_REPORT_EVIDENCE_SOME && count > PAGE_EVIDENCE)
        count = PAGE_EVIDENCE;
    fps__json_row(json, NULL);
    for (size_t i = 0; i < count; i++) {
        const fps_evidence *evidence = &finding->evidence[i];
        fps__json_row(json, NULL);
        fps__json_text(json, NULL, fps_evidence_kind_name(evidence->kind));
        if (evidence->offset == UINT64_MAX)
            fps__json_null(json, NULL);
        else
            fps__json_number(json, NULL, evidence->offset);
        fps__json_text(json, NULL, evidence->unit);
        fps__json_text(json, NULL, evidence->text);
        fps__json_number(json, NULL, evidence->instructions);
        fps__json_end(json);
    }
    fps__json_end(json);
}

static void put_finding(const fps__view *view, const uint32_t *numbers, size_t index, fps__json *json)
{
    const fps_finding *finding = fps_result_finding(view->result, index);
    char version[CELL], note[FPS__NOTED_SIZE];
    fps__version_text(&finding->version, version, sizeof version);
    fps__json_row(json, NULL);
    fps__json_number(json, NULL, numbers[finding->component]);
    fps__json_number(json, NULL, view->links->shown_index[finding->file]);
    fps__json_text(json, NULL, fps_state_name(finding->state));
    fps__json_text(json, NULL, fps__how(view, finding));
    fps__json_real(json, NULL, finding->confidence);
    fps__json_text(json, NULL, version);
    fps__json_text(json, NULL, fps_version_kind_name(finding->version.kind));
    fps__json_real(json, NULL, finding->version.confidence);
    fps__json_text(json, NULL,
                   fps__noted_text(finding->version.note, finding->suppressed, note, sizeof note));
    fps__json_index(json, NULL, fps__introduced(view->result, finding), fps_result_layer_count(view->result));
    fps__json_index(json, NULL, fps__package_links_explainer(view, finding),
                    fps_result_package_count(view->result));
    fps__json_bool(json, NULL, fps__package_links_merges(view, finding));
    fps__json_index(json, NULL, view->links->contradiction[index], fps_result_drift_count(view->result));
    fps__json_text(json, NULL, fps_doubt_text(finding->doubt));
    fps__json_text(json, NULL, finding->against);
    fps__json_text(json, NULL, finding->admitted_by ? fps_admission_explanation(finding->admitted_by) : NULL);
    fps__json_number(json, NULL, finding->evidence_total);
    put_evidence(view, finding, json);
    fps__json_end(json);
}

static void put_findings(const fps__view *view, const uint32_t *numbers, fps__json *json)
{
    start_table(json, "findings",
                "component file state how confidence version versionKind versionConfidence note layer "
                "explainedBy merged drift doubt against admitted evidenceTotal evidence");
    for (size_t i = 0; i < fps_result_finding_count(view->result); i++)
        if (fps__view_shows(view, fps_result_finding(view->result, i)))
            put_finding(view, numbers, i, json);
    end_table(json);
}

static void put_drift(const fps__view *view, fps__json *json)
{
    const fps_result *result = view->result;
    char text[FPS__NOTED_SIZE];
    start_table(json, "drift", "kind level path file package component claimed found message");
    for (size_t i = 0; i < fps_result_drift_count(result); i++) {
        const fps_drift *drift = fps_result_drift(result, i);
        bool has_file = drift->file < fps_result_file_count(result);
        fps__json_row(json, NULL);
        fps__json_text(json, NULL, fps_drift_kind_name(drift->kind));
        fps__json_text(json, NULL, fps__drift_level_text(drift));
        fps__json_text(json, NULL, drift->path);
        fps__json_index(json, NULL, has_file ? view->links->shown_index[drift->file] : FPS__NONE, FPS__NONE);
        fps__json_index(json, NULL, drift->package, fps_result_package_count(result));
        fps__json_text(json, NULL, drift->component);
        fps__json_text(json, NULL, drift->claimed);
        fps__json_text(json, NULL, drift->found);
        fps__json_text(json, NULL, fps__noted_text(drift->message, drift->suppressed, text, sizeof text));
        fps__json_end(json);
    }
    end_table(json);
}

static void put_vulnerability(const fps__view *view, const uint32_t *numbers, const fps_vulnerability *v,
                              fps__json *json)
{
    const fps_result *result = view->result;
    char remark[REMARK];
    fps__vulnerability_remark(v, remark, sizeof remark);
    fps__json_row(json, NULL);
    fps__json_text(json, NULL, v->id);
    fps__json_text(json, NULL, v->title);
    fps__json_text(json, NULL, fps__page_link(v->link));
    fps__json_text(json, NULL, fps_severity_name(v->severity));
    fps__json_real(json, NULL, v->score);
    fps__json_text(json, NULL, v->vector);
    fps__json_real(json, NULL, v->risk);
    fps__json_text(json, NULL, fps__vulnerability_subject(result, v));
    fps__json_index(json, NULL,
                    v->component < fps_result_component_count(result) ? numbers[v->component] : FPS__NONE,
                    FPS__NONE);
    fps__json_text(json, NULL, v->version);
    fps__json_text(json, NULL, fps_verdict_name(v->verdict));
    fps__json_text(json, NULL, v->range);
    fps__json_text(json, NULL, v->fixed);
    fps__json_bool(json, NULL, v->wont_fix);
    fps__json_text(json, NULL, remark);
    fps__json_text(json, NULL, v->source);
    fps__json_text(json, NULL, v->advisory);
    fps__json_bool(json, NULL, v->known_exploited);
    fps__json_bool(json, NULL, v->ransomware);
    fps__json_real(json, NULL, v->epss);
    fps__json_text(json, NULL, fps_suppression_name(v->suppression));
    fps__json_text(json, NULL, fps__vulnerability_path(result, v));
    fps__json_index(json, NULL, fps__vulnerability_layer(result, v), fps_result_layer_count(result));
    put_indexes(json, v->packages, v->package_count);
    fps__json_row(json, NULL);
    for (size_t i = 0; i < v->file_count; i++)
        if (fps__view_shows_file(view, fps_result_file(result, v->files[i])))
            fps__json_number(json, NULL, view->links->shown_index[v->files[i]]);
    fps__json_end(json);
    fps__json_end(json);
}

static void put_vulnerabilities(const fps__view *view, const uint32_t *numbers, fps__json *json)
{
    const fps_vulnerability *vulnerability;
    start_table(json, "vulnerabilities",
                "id title link severity score vector risk subject component version verdict range fixed "
                "wontFix remark source advisory exploited ransomware epss suppression path layer packages "
                "files");
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(view->result, i)); i++)
        if (fps__shows_vulnerability(view, vulnerability))
            put_vulnerability(view, numbers, vulnerability, json);
    end_table(json);
}

static void put_diagnostics(const fps__view *view, fps__json *json)
{
    start_table(json, "diagnostics", "level code path offset message");
    for (size_t i = 0; i < fps_result_diagnostic_count(view->result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(view->result, i);
        fps__json_row(json, NULL);
        fps__json_text(json, NULL, diagnostic->level == FPS_DIAGNOSTIC_PARTIAL ? "partial" : "note");
        fps__json_text(json, NULL, diagnostic->code);
        fps__json_text(json, NULL, diagnostic->path);
        if (diagnostic->offset == UINT64_MAX)
            fps__json_null(json, NULL);
        else
            fps__json_number(json, NULL, diagnostic->offset);
        fps__json_text(json, NULL, diagnostic->message);
        fps__json_end(json);
    }
    end_table(json);
}

void fps__page_data(const fps__view *view, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    fps__json json = {.out = out, .in_page = true};
    uint32_t *numbers = calloc(fps_result_component_count(view->result) + 1, sizeof *numbers);
    if (!numbers) {
        out->status = FPS_ERROR_MEMORY;
        return;
    }
    fps__json_object(&json, NULL);
    fps__json_shown(view, &json);
    fps__json_target(info, &json);
    fps__json_bool(&json, "vulnerabilitiesChecked", info->vulnerabilities_checked);
    put_sources(info, &json);
    put_layers(view, &json);
    put_packages(view, &json);
    put_files(view, &json);
    put_components(view, numbers, &json);
    put_findings(view, numbers, &json);
    put_vulnerabilities(view, numbers, &json);
    put_drift(view, &json);
    put_diagnostics(view, &json);
    fps__json_end(&json);
    free(numbers);
}
