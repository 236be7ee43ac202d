/* Writes a result as JSON by report.schema.json. */
#include "report/report_json.h"
#include "report/report_format.h"
#include "report/report_vulnerabilities.h"
#include "util/digest.h"

#define SCHEMA_VERSION "2.3"

enum { SOME_EVIDENCE = 8 }; /* pieces of a finding: CycloneDX shows 4; a Debian root gives 10 MB with 64 */

static void write_sets(const fps_result_info *info, fps__json *json)
{
    fps__json_array(json, "sets");
    for (size_t i = 0; i < info->database_count; i++) {
        const fps_database_info *set = &info->databases[i];
        char digest[2 * sizeof set->digest + 1];
        fps__hex_write(set->digest, sizeof set->digest, digest);
        fps__json_object(json, NULL);
        fps__json_text(json, "name", set->name);
        fps__json_text(json, "digest", digest);
        fps__json_text(json, "creator", set->creator);
        fps__json_text(json, "parameters", set->parameters);
        fps__json_number(json, "versionMajor", set->version_major);
        fps__json_number(json, "versionMinor", set->version_minor);
        fps__json_number(json, "size", set->size);
        fps__json_number(json, "components", set->components);
        fps__json_number(json, "releases", set->fingerprinted_releases);
        fps__json_end(json);
    }
    fps__json_end(json);
}

static void write_code(const fps_file *file, fps__json *json)
{
    fps__code_share share = fps__code_share_of(file);
    if (!share.executable) {
        fps__json_null(json, "code");
        return;
    }
    fps__json_object(json, "code");
    fps__json_number(json, "executable", share.executable);
    fps__json_number(json, "attributed", share.attributed);
    fps__json_number(json, "generic", share.generic);
    fps__json_number(json, "unknown", share.unknown);
    fps__json_end(json);
}

/* The SHA-1 of the bytes, null where it was not computed. */
static void write_sha1(const fps_file *file, fps__json *json)
{
    char hex[41];
    if (file->sha1)
        fps__hex_write(file->sha1, 20, hex);
    fps__json_text(json, "sha1", file->sha1 ? hex : NULL);
}

static void write_files(const fps__view *view, fps__json *json)
{
    fps__json_array(json, "files");
    for (size_t i = 0; i < fps_result_file_count(view->result); i++) {
        const fps_file *file = fps_result_file(view->result, i);
        if (!fps__view_shows_file(view, file))
            continue;
        fps__json_object(json, NULL);
        fps__json_text(json, "path", file->path);
        fps__json_location(view, file, json);
        fps__json_array(json, "links");
        for (size_t l = 0; l < file->link_count; l++)
            fps__json_text(json, NULL, file->links[l]);
        fps__json_end(json);
        fps__json_number(json, "size", file->size);
        write_sha1(file, json);
        fps__json_text(json, "format", fps_format_name(file->format));
        fps__json_text(json, "type", fps_object_type_name(file->type));
        fps__json_text(json, "machine", file->machine ? file->machine : "");
        write_code(file, json);
        fps__json_end(json);
    }
    fps__json_end(json);
}

static void write_version(const fps_version_answer *version, fps__json *json)
{
    fps__json_text(json, "versionKind", fps_version_kind_name(version->kind));
    fps__json_text(json, "version", version->kind == FPS_VERSION_EXACT ? version->version : NULL);
    fps__json_array(json, "versions");
    for (size_t i = 0; i < version->candidate_count; i++)
        fps__json_text(json, NULL, version->candidates[i]);
    fps__json_end(json);
    fps__json_bool(json, "versionOpenBelow", version->open_below);
    fps__json_bool(json, "versionOpenAbove", version->open_above);
    size_t count = version->candidate_count;
    fps__json_text(json, "versionFrom", count && !version->open_below ? version->candidates[0] : NULL);
    fps__json_text(json, "versionTo", count && !version->open_above ? version->candidates[count - 1] : NULL);
    fps__json_real(json, "versionConfidence", version->confidence);
    fps__json_text(json, "versionTemplate", version->template_version);
    fps__json_text(json, "versionToolchain", version->toolchain);
    fps__json_text(json, "versionNote", version->note);
}

/* What a finding alone says of its version, beside the releases that all findings of its component have. */
static void write_own_version(const fps_version_answer *version, fps__json *json)
{
    fps__json_real(json, "versionConfidence", version->confidence);
    fps__json_text(json, "versionTemplate", version->template_version);
    fps__json_text(json, "versionToolchain", version->toolchain);
    fps__json_text(json, "versionNote", version->note);
    if (!version->alone) {
        fps__json_null(json, "versionAlone");
        return;
    }
    fps__json_object(json, "versionAlone");
    write_version(version->alone, json);
    fps__json_end(json);
}

static void write_features(const fps_finding *finding, fps__json *json)
{
    fps__json_object(json, "features");
    fps__json_number(json, "literals", finding->literals);
    fps__json_number(json, "names", finding->names);
    fps__json_number(json, "uses", finding->uses);
    fps__json_number(json, "functions", finding->functions);
    fps__json_number(json, "exact", finding->exact);
    fps__json_end(json);
}

/* Why the finding is no more than likely; null where nothing speaks against it. */
static void write_doubt(const fps_finding *finding, fps__json *json)
{
    if (finding->doubt == FPS_DOUBT_NONE) {
        fps__json_null(json, "doubt");
        return;
    }
    fps__json_object(json, "doubt");
    fps__json_text(json, "kind", fps_doubt_name(finding->doubt));
    fps__json_text(json, "text", fps_doubt_text(finding->doubt));
    fps__json_end(json);
}

/* What the component may be instead. */
static void write_candidates(const fps_component *component, fps__json *json)
{
    fps__json_array(json, "candidates");
    for (size_t i = 0; i < component->relative_count; i++) {
        const fps_relative *relative = &component->relatives[i];
        fps__json_object(json, NULL);
        fps__json_text(json, "id", relative->id);
        fps__json_text(json, "name", relative->name);
        fps__json_text(json, "purl", relative->purl);
        fps__json_text(json, "cpe", relative->cpe);
        fps__json_end(json);
    }
    fps__json_end(json);
}

/* Addresses exceed 2^53, where many JSON readers lose digits, so they are strings. */
static void write_address(uint64_t address, fps__json *json)
{
    fps__json_text_start(json, "address");
    fps__output_text(json->out, "0x");
    fps__output_hexadecimal(json->out, address);
    fps__json_text_stop(json);
}

static void write_patch(const fps_patch *patch, fps__json *json)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "cve", patch->cve);
    fps__json_text(json, "state", fps_patch_state_name(patch->state));
    fps__json_array(json, "functions");
    for (size_t i = 0; i < patch->function_count; i++) {
        const fps_patch_function *function = &patch->functions[i];
        fps__json_line(json, NULL);
        fps__json_text(json, "name", function->name);
        fps__json_bool(json, "fixed", function->fixed);
        write_address(function->address, json);
        fps__json_number(json, "instructions", function->instructions);
        fps__json_text(json, "toolchain", function->toolchain);
        fps__json_text(json, "origin", function->origin);
        fps__json_end(json);
    }
    fps__json_end(json);
    fps__json_end(json);
}

/* Patches of vulnerabilities that the code shows something of. */
static void write_patches(const fps_finding *finding, fps__json *json)
{
    fps__json_array(json, "patches");
    for (size_t i = 0; i < finding->patch_count; i++)
        if (finding->patches[i].function_count)
            write_patch(&finding->patches[i], json);
    fps__json_end(json);
}

static void write_finding(const fps__view *view, const fps_finding *finding, fps__json *json)
{
    size_t layers = fps_result_layer_count(view->result),
           index = (size_t)(finding - fps_result_finding(view->result, 0));
    const fps_file *file = fps_result_file(view->result, finding->file);
    fps__json_object(json, NULL);
    fps__json_number(json, "file", view->links->shown_index[finding->file]);
    fps__json_text(json, "path", file->path);
    fps__json_location(view, file, json);
    fps__json_index(json, "introducedLayer", finding->introduced, layers);
    fps__json_index(json, "explainedBy", fps__package_links_explainer(view, finding),
                    fps_result_package_count(view->result));
    fps__json_index(json, "drift", view->links->contradiction[index], fps_result_drift_count(view->result));
    fps__json_text(json, "state", fps_state_name(finding->state));
    fps__json_text(json, "linkage", fps_linkage_name(finding->linkage));
    fps__json_bool(json, "renamed", fps__is_renamed(view, finding));
    fps__json_bool(json, "textsOnly", finding->doubt == FPS_DOUBT_TEXTS_ONLY);
    write_doubt(finding, json);
    write_own_version(&finding->version, json);
    fps__json_real(json, "confidence", finding->confidence);
    fps__json_real(json, "coverage", finding->coverage);
    fps__json_real(json, "share", finding->share);
    fps__json_number(json, "unitsActive", finding->units_active);
    fps__json_number(json, "unitsTotal", finding->units_total);
    write_features(finding, json);
    fps__json_number(json, "evidenceTotal", finding->evidence_total);
    fps__json_text(json, "against", finding->against);
    fps__json_text(json, "admittedBy", finding->admitted_by);
    write_patches(finding, json);
    fps__json_suppressed(finding->suppressed, json);
    fps__json_end(json);
}

static void write_offset(uint64_t offset, fps__json *json)
{
    if (offset == UINT64_MAX)
        fps__json_null(json, "offset");
    else
        fps__json_number(json, "offset", offset);
}

static void write_evidence(const fps__view *view, const fps_evidence *evidence, fps__json *json)
{
    fps__json_line(json, NULL);
    fps__json_number(json, "file", view->links->shown_index[evidence->file]);
    fps__json_text(json, "kind", fps_evidence_kind_name(evidence->kind));
    write_offset(evidence->offset, json);
    write_address(evidence->address, json);
    fps__json_real(json, "weight", evidence->weight);
    fps__json_text(json, "text", evidence->text);
    fps__json_text(json, "unit", evidence->unit);
    fps__json_number(json, "instructions", evidence->instructions);
    fps__json_number(json, "size", evidence->size);
    fps__json_end(json);
}

/* True for the pieces that the report holds. Without --evidence all these are the best, and the first text and rule that
 * name a version or component: what the other formats show. */
static bool holds_evidence(const fps__view *view, const fps_finding *finding, size_t index)
{
    fps_report_evidence wanted = view->options->evidence;
    fps_evidence_kind kind = finding->evidence[index].kind;
    if (wanted != FPS_REPORT_EVIDENCE_SOME || index < SOME_EVIDENCE)
        return wanted != FPS_REPORT_EVIDENCE_NONE;
    if (kind != FPS_EVIDENCE_TEMPLATE && kind != FPS_EVIDENCE_RULE)
        return false;
    for (size_t i = 0; i < index; i++)
        if (finding->evidence[i].kind == kind)
            return false;
    return true;
}

/* The shown findings of the component, or their evidence. */
static void write_findings(const fps__view *view, const fps_component *component, bool evidence,
                           fps__json *json)
{
    fps__json_array(json, evidence ? "evidence" : "files");
    for (size_t i = 0; i < component->finding_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, component->findings[i]);
        if (!fps__view_shows(view, finding))
            continue;
        if (!evidence)
            write_finding(view, finding, json);
        for (size_t e = 0; evidence && e < finding->evidence_count; e++)
            if (holds_evidence(view, finding, e))
                write_evidence(view, &finding->evidence[e], json);
    }
    fps__json_end(json);
}

/* The package that explains all shown findings. */
static uint32_t common_explainer(const fps__view *view, const fps_component *component)
{
    uint32_t common = FPS__NONE;
    bool first = true;
    for (size_t i = 0; i < component->finding_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, component->findings[i]);
        if (!fps__view_shows(view, finding))
            continue;
        uint32_t package = fps__package_links_explainer(view, finding);
        if (!first && package != common)
            return FPS__NONE;
        common = package;
        first = false;
    }
    return common;
}

static void write_components(const fps__view *view, fps__json *json)
{
    const fps_component *component;
    const fps_finding *best;
    size_t next = 0;
    fps__json_array(json, "components");
    while ((component = fps__view_next(view, &next, &best))) {
        fps__json_object(json, NULL);
        fps__json_text(json, "id", component->id);
        fps__json_text(json, "name", component->name);
        fps__json_text(json, "purl", component->purl);
        fps__json_text(json, "cpe", component->cpe);
        fps__json_text(json, "license", component->license);
        fps__json_text(json, "family", component->family);
        write_candidates(component, json);
        write_version(component->version, json);
        fps__json_text(json, "state", fps_state_name(best->state));
        fps__json_text(json, "role", fps_component_role_name(component->role));
        fps__json_text(json, "linkage", fps_linkage_name(best->linkage));
        fps__json_real(json, "confidence", best->confidence);
        write_doubt(best, json);
        fps__json_index(json, "explainedBy", common_explainer(view, component),
                        fps_result_package_count(view->result));
        write_findings(view, component, false, json);
        write_findings(view, component, true, json);
        fps__json_end(json);
    }
    fps__json_end(json);
}

static void write_diagnostics(const fps_result *result, fps__json *json)
{
    fps__json_array(json, "diagnostics");
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(result, i);
        fps__json_object(json, NULL);
        fps__json_text(json, "level", diagnostic->level == FPS_DIAGNOSTIC_PARTIAL ? "partial" : "note");
        fps__json_text(json, "code", diagnostic->code);
        fps__json_text(json, "path", diagnostic->path);
        write_offset(diagnostic->offset, json);
        fps__json_text(json, "message", diagnostic->message);
        fps__json_end(json);
    }
    fps__json_end(json);
}

void fps__json_head(fps__json *json, const char *schema, const char *document,
                    const fps_report_options *options)
{
    char created[FPS__TIMESTAMP_SIZE];
    fps__timestamp_text(options->timestamp, created);
    fps__json_object(json, NULL);
    fps__json_text(json, "schemaVersion", schema);
    if (document)
        fps__json_text(json, "document", document);
    fps__json_object(json, "tool");
    fps__json_text(json, "name", "fpscan");
    fps__json_text(json, "version", fps__tool_version(options));
    fps__json_end(json);
    fps__json_text(json, "created", created[0] ? created : NULL);
}

static void write_json(const fps__view *view, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    fps__json json = {.out = out};
    fps__json_head(&json, SCHEMA_VERSION, NULL, view->options);
    fps__json_shown(view, &json);
    fps__json_target(info, &json);
    write_sets(info, &json);
    fps__json_layers(view->result, &json);
    write_files(view, &json);
    fps__json_packages(view, &json);
    write_components(view, &json);
    fps__json_drift(view, &json);
    fps__json_vulnerabilities(view, &json);
    write_diagnostics(view->result, &json);
    fps__json_end(&json);
}

const fps_report_format fps__report_json = {.name = "json",
                                            .version = SCHEMA_VERSION,
                                            .states = 1u << FPS_STATE_PRESENT | 1u << FPS_STATE_LIKELY,
                                            .write = write_json};
