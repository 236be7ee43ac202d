/* Writes a result as a CycloneDX 1.6 bill of materials in JSON, with the evidence of each component. */
#include "report/json_writer.h"
#include "report/report_identifier.h"
#include "report/report_view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    MOST_CANDIDATES = 8,  /* above this only the ends of an interval are identity entries */
    MOST_OCCURRENCES = 4, /* pieces of evidence that are listed for one file */
    CELL = 512
};

#define TARGET_REFERENCE "fpscan:target"

typedef struct bom {
    const fps__view *view;
    fps__json *json;
} bom;

static void write_property(fps__json *json, const char *name, const char *value)
{
    fps__json_object(json, NULL);
    fps__json_text_start(json, "name");
    fps__json_text_part(json, "fpscan:");
    fps__json_text_part(json, name);
    fps__json_text_stop(json);
    fps__json_text(json, "value", value);
    fps__json_end(json);
}

static void write_method(fps__json *json, const char *technique, double confidence, const char *value)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "technique", technique);
    fps__json_real(json, "confidence", confidence);
    fps__json_text(json, "value", value);
    fps__json_end(json);
}

/* How the component itself was recognised, from the best finding. */
static void write_name_methods(const fps_finding *finding, fps__json *json)
{
    char text[CELL], coverage[16];
    fps__share_text(finding->coverage, coverage, sizeof coverage);
    fps__json_array(json, "methods");
    snprintf(text, sizeof text,
             "%u literals, %u names and %u functions in %u of %u units, %s of their weight",
             finding->literals, finding->names, finding->functions, finding->units_active,
             finding->units_total, coverage);
    if (finding->literals || finding->names || finding->functions)
        write_method(json, "binary-analysis", finding->confidence, text);
    snprintf(text, sizeof text, "%u exact hashes", finding->exact);
    if (finding->exact)
        write_method(json, "hash-comparison", finding->confidence, text);
    for (size_t i = 0; i < finding->evidence_count; i++) {
        if (finding->evidence[i].kind != FPS_EVIDENCE_RULE)
            continue;
        snprintf(text, sizeof text, "rule %s", finding->evidence[i].text);
        write_method(json, "binary-analysis", finding->confidence, text);
        break;
    }
    if (finding->uses) {
        snprintf(text, sizeof text, "%u names that its interface defines are imported", finding->uses);
        write_method(json, "other", finding->confidence, text);
    }
    fps__json_end(json);
}

static const char *template_text(const fps_finding *finding)
{
    for (size_t i = 0; i < finding->evidence_count; i++)
        if (finding->evidence[i].kind == FPS_EVIDENCE_TEMPLATE)
            return finding->evidence[i].text;
    return NULL;
}

static void write_version_identity(const fps_finding *finding, const char *candidate, double confidence,
                                   fps__json *json)
{
    const char *template = template_text(finding);
    char range[CELL], text[CELL + 32];
    fps__version_text(&finding->version, range, sizeof range);
    snprintf(text, sizeof text, "the features found agree with %s", range);
    fps__json_object(json, NULL);
    fps__json_text(json, "field", "version");
    fps__json_real(json, "confidence", confidence);
    fps__json_text(json, "concludedValue", candidate);
    fps__json_array(json, "methods");
    write_method(json, "binary-analysis", confidence, text);
    if (template)
        write_method(json, "binary-analysis", confidence, template);
    fps__json_end(json);
    fps__json_end(json);
}

/* One entry for each release that it can be; the confidence of the answer is shared among all of them. */
static void write_version_identities(const fps_finding *finding, fps__json *json)
{
    const fps_version_answer *version = &finding->version;
    size_t count = version->kind == FPS_VERSION_UNKNOWN ? 0 : version->candidate_count;
    for (size_t i = 0; i < count; i++)
        if (count <= MOST_CANDIDATES || i == 0 || i == count - 1)
            write_version_identity(finding, version->candidates[i], version->confidence / (double)count,
                                   json);
}

static const char *exact_version(const fps_component *component)
{
    return component->version->kind == FPS_VERSION_EXACT ? component->version->version : NULL;
}

static void write_identity(const fps_component *component, const fps_finding *best, fps__json *json)
{
    char purl[FPS__IDENTIFIER_SIZE];
    fps__json_array(json, "identity");
    fps__json_object(json, NULL);
    fps__json_text(json, "field", "name");
    fps__json_real(json, "confidence", best->confidence);
    fps__json_text(json, "concludedValue", component->name);
    write_name_methods(best, json);
    fps__json_end(json);
    if (fps__purl_text(component->purl, exact_version(component), purl, sizeof purl)) {
        double certain = exact_version(component) ? component->version->confidence : 1.0;
        fps__json_object(json, NULL);
        fps__json_text(json, "field", "purl");
        fps__json_real(json, "confidence", best->confidence * certain);
        fps__json_text(json, "concludedValue", purl);
        fps__json_end(json);
    }
    write_version_identities(best, json);
    fps__json_end(json);
}

/* True when the text of a piece of evidence is the name of a symbol. */
static bool is_symbol(const fps_evidence *evidence)
{
    return evidence->kind == FPS_EVIDENCE_NAME || evidence->kind == FPS_EVIDENCE_USE ||
           (evidence->kind == FPS_EVIDENCE_FUNCTION && evidence->text[0]);
}

/* ";kind=function;instructions=812;text=inflate" */
static void write_context(const fps_evidence *evidence, fps__json *json)
{
    char number[16];
    fps__json_text_part(json, ";kind=");
    fps__json_text_part(json, fps_evidence_kind_name(evidence->kind));
    if (evidence->kind == FPS_EVIDENCE_FUNCTION) {
        snprintf(number, sizeof number, "%u", evidence->instructions);
        fps__json_text_part(json, ";instructions=");
        fps__json_text_part(json, number);
    }
    if (evidence->text[0]) {
        fps__json_text_part(json, ";text=");
        fps__json_text_part(json, evidence->text);
    }
}

static void write_location(const fps_file *file, const fps_finding *finding, const fps_evidence *evidence,
                           fps__json *json)
{
    fps__json_object(json, NULL);
    fps__json_text_start(json, "location");
    fps__json_text_part(json, file->path);
    if (file->archive_path) {
        fps__json_text_part(json, "!");
        fps__json_text_part(json, file->archive_path);
    }
    fps__json_text_stop(json);
    if (evidence && evidence->offset && evidence->offset != UINT64_MAX)
        fps__json_number(json, "offset", evidence->offset);
    if (evidence && is_symbol(evidence))
        fps__json_text(json, "symbol", evidence->text);
    fps__json_text_start(json, "additionalContext");
    fps__json_text_part(json, "linkage=");
    fps__json_text_part(json, fps_linkage_name(finding->linkage));
    fps__json_text_part(json, finding->renamed ? ";renamed=true;state=" : ";state=");
    fps__json_text_part(json, fps_state_name(finding->state));
    if (evidence)
        write_context(evidence, json);
    fps__json_text_stop(json);
    fps__json_end(json);
}

static void write_occurrences(const bom *b, const fps_component *component)
{
    fps__json_array(b->json, "occurrences");
    for (size_t i = 0; i < component->finding_count; i++) {
        const fps_finding *finding = fps_result_finding(b->view->result, component->findings[i]);
        const fps_file *file = fps_result_file(b->view->result, finding->file);
        if (!file || !fps__view_shows(b->view, finding))
            continue;
        if (!finding->evidence_count)
            write_location(file, finding, NULL, b->json);
        for (size_t e = 0; e < finding->evidence_count && e < MOST_OCCURRENCES; e++)
            write_location(file, finding, &finding->evidence[e], b->json);
    }
    fps__json_end(b->json);
}

/* What has no place in CycloneDX, and the confidence again for readers that know no identity. */
static void write_properties(const fps_component *component, const fps_finding *best, fps__json *json)
{
    char text[CELL];
    const fps_version_answer *version = component->version;
    fps__json_array(json, "properties");
    fps__share_text(best->confidence, text, sizeof text);
    write_property(json, "confidence", text);
    write_property(json, "state", fps_state_name(best->state));
    write_property(json, "linkage", fps_linkage_name(best->linkage));
    write_property(json, "role", fps_role_name(component->role));
    write_property(json, "version:kind", fps_version_kind_name(version->kind));
    fps__share_text(version->confidence, text, sizeof text);
    write_property(json, "version:confidence", text);
    if (version->kind == FPS_VERSION_INTERVAL || version->kind == FPS_VERSION_NEAREST) {
        fps__version_text(version, text, sizeof text);
        write_property(json, "version:range", text);
    }
    if (version->template_version)
        write_property(json, "version:template", version->template_version);
    if (version->toolchain)
        write_property(json, "version:toolchain", version->toolchain);
    if (best->version.note)
        write_property(json, "version:note", best->version.note);
    if (best->renamed)
        write_property(json, "renamed", "true");
    fps__json_end(json);
}

static void write_component(const bom *b, const fps_component *component, const fps_finding *best)
{
    char text[FPS__IDENTIFIER_SIZE];
    fps__json *json = b->json;
    fps__json_object(json, NULL);
    fps__json_text(json, "type", component->role == FPS_ROLE_PROGRAM ? "application" : "library");
    fps__reference_text(component, text, sizeof text);
    fps__json_text(json, "bom-ref", text);
    fps__json_text(json, "name", component->name[0] ? component->name : component->id);
    if (exact_version(component))
        fps__json_text(json, "version", exact_version(component));
    if (component->license[0]) {
        fps__json_array(json, "licenses");
        fps__json_object(json, NULL);
        fps__json_text(json, "expression", component->license);
        fps__json_end(json);
        fps__json_end(json);
    }
    if (fps__cpe_text(component->cpe, exact_version(component), text, sizeof text))
        fps__json_text(json, "cpe", text);
    if (fps__purl_text(component->purl, exact_version(component), text, sizeof text))
        fps__json_text(json, "purl", text);
    fps__json_object(json, "evidence");
    write_identity(component, best, json);
    write_occurrences(b, component);
    fps__json_end(json);
    write_properties(component, best, json);
    fps__json_end(json);
}

typedef void (*component_visitor)(const bom *b, const fps_component *component, const fps_finding *best);

static void each_component(const bom *b, component_visitor visit)
{
    for (size_t i = 0; i < fps_result_component_count(b->view->result); i++) {
        const fps_component *component = fps_result_component(b->view->result, i);
        const fps_finding *best = fps__view_best(b->view, component);
        if (best)
            visit(b, component, best);
    }
}

static void write_reference(const bom *b, const fps_component *component, const fps_finding *best)
{
    (void)best;
    char text[FPS__IDENTIFIER_SIZE];
    fps__reference_text(component, text, sizeof text);
    fps__json_text(b->json, NULL, text);
}

static void write_leaf(const bom *b, const fps_component *component, const fps_finding *best)
{
    (void)best;
    char text[FPS__IDENTIFIER_SIZE];
    fps__reference_text(component, text, sizeof text);
    fps__json_object(b->json, NULL);
    fps__json_text(b->json, "ref", text);
    fps__json_end(b->json);
}

static void write_timestamp(int64_t seconds, fps__json *json)
{
    char text[64];
    struct tm parts;
    time_t when = (time_t)seconds;
    if (seconds >= 0 && seconds <= 253402300799 && gmtime_r(&when, &parts) &&
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts))
        fps__json_text(json, "timestamp", text);
}

static void write_tools(const bom *b)
{
    const char *version = b->view->options->tool_version;
    fps__json_object(b->json, "tools");
    fps__json_array(b->json, "components");
    fps__json_object(b->json, NULL);
    fps__json_text(b->json, "type", "application");
    fps__json_text(b->json, "name", "fpscan");
    fps__json_text(b->json, "version", version ? version : FPS_VERSION);
    fps__json_end(b->json);
    fps__json_end(b->json);
    fps__json_end(b->json);
}

static void write_metadata(const bom *b)
{
    const fps_result_info *info = fps_result_get_info(b->view->result);
    fps__json *json = b->json;
    fps__json_object(json, "metadata");
    write_timestamp(b->view->options->timestamp, json);
    write_tools(b);
    fps__json_object(json, "component");
    fps__json_text(json, "type", "file");
    fps__json_text(json, "bom-ref", TARGET_REFERENCE);
    fps__json_text(json, "name", info->target && info->target[0] ? info->target : "target");
    fps__json_end(json);
    fps__json_array(json, "properties");
    write_property(json, "target:type", info->target_type ? info->target_type : "");
    write_property(json, "partial", info->partial ? "true" : "false");
    for (size_t i = 0; i < info->database_count; i++) {
        char digest[2 * sizeof info->databases[i].digest + 1], text[CELL];
        fps__hex(info->databases[i].digest, sizeof info->databases[i].digest, digest);
        snprintf(text, sizeof text, "%s %.400s", digest, info->databases[i].name);
        write_property(json, "set", text);
    }
    fps__json_end(json);
    fps__json_end(json);
}

/* A scan for what the sets know never proves that there is nothing else: at best the whole is unknown. */
static void write_compositions(const bom *b)
{
    fps__json_array(b->json, "compositions");
    fps__json_object(b->json, NULL);
    fps__json_text(b->json, "aggregate",
                   fps_result_get_info(b->view->result)->partial ? "incomplete" : "unknown");
    fps__json_array(b->json, "assemblies");
    fps__json_text(b->json, NULL, TARGET_REFERENCE);
    fps__json_end(b->json);
    fps__json_end(b->json);
    fps__json_end(b->json);
}

static void write_document(const fps__view *view, const char *serial, fps__output *out)
{
    fps__json json = {.out = out};
    bom b = {view, &json};
    fps__json_object(&json, NULL);
    fps__json_text(&json, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    fps__json_text(&json, "bomFormat", "CycloneDX");
    fps__json_text(&json, "specVersion", "1.6");
    if (serial)
        fps__json_text(&json, "serialNumber", serial);
    fps__json_number(&json, "version", 1);
    write_metadata(&b);
    fps__json_array(&json, "components");
    each_component(&b, write_component);
    fps__json_end(&json);
    fps__json_array(&json, "dependencies");
    fps__json_object(&json, NULL);
    fps__json_text(&json, "ref", TARGET_REFERENCE);
    fps__json_array(&json, "dependsOn");
    each_component(&b, write_reference);
    fps__json_end(&json);
    fps__json_end(&json);
    each_component(&b, write_leaf);
    fps__json_end(&json);
    write_compositions(&b);
    fps__json_end(&json);
}

/* The serial number is a hash of the document without it: target, sets and findings, whatever the time and
 * place. */
static void write_cyclonedx(const fps__view *view, fps__output *out)
{
    char serial[FPS__UUID_SIZE];
    void *uuid = fps__uuid_create();
    fps__output hashed;
    fps__output_start(&hashed, fps__uuid_add, uuid);
    if (uuid)
        write_document(view, NULL, &hashed);
    bool good = uuid && fps__output_finish(&hashed, NULL) == FPS_OK;
    if (uuid)
        good = fps__uuid_finish(uuid, serial) && good;
    if (good)
        write_document(view, serial, out);
    else
        out->status = FPS_ERROR_MEMORY;
}

const fps_report_format fps__report_cyclonedx = {
    "cyclonedx-json", "cyclonedx", "1.6", 1u << FPS_STATE_PRESENT, write_cyclonedx,
};
