/* Writes the evidence of a CycloneDX component: how it was identified, and where it occurs. */
#include "report/report_cyclonedx.h"

#include <stdio.h>

enum {
    MAX_CANDIDATES = 8,  /* above this only the ends of an interval are identity entries */
    MAX_OCCURRENCES = 4, /* pieces of evidence that are listed for one file */
    CELL = 512
};

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

/* One entry for each possible release; they share the confidence of the answer. */
static void write_version_identities(const fps_finding *finding, fps__json *json)
{
    const fps_version_answer *version = &finding->version;
    size_t count = version->kind == FPS_VERSION_UNKNOWN ? 0 : version->candidate_count;
    for (size_t i = 0; i < count; i++)
        if (count <= MAX_CANDIDATES || i == 0 || i == count - 1)
            write_version_identity(finding, version->candidates[i], version->confidence / (double)count,
                                   json);
}

static void write_name(const fps__bom *bom, const char *name, const fps_finding *finding)
{
    fps__json_text(bom->json, "field", "name");
    fps__json_real(bom->json, "confidence", finding->confidence);
    if (bom->minor >= 6)
        fps__json_text(bom->json, "concludedValue", name);
    write_name_methods(finding, bom->json);
}

static void write_purl_identity(const char *purl, double confidence, fps__json *json)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "field", "purl");
    fps__json_real(json, "confidence", confidence);
    fps__json_text(json, "concludedValue", purl);
    fps__json_end(json);
}

/* The package URLs of a component and of all that it may be instead; they share the confidence. */
static void write_purl_identities(const fps_component *component, const fps_finding *best, fps__json *json)
{
    char purl[FPS__IDENTIFIER_SIZE];
    const fps__entry entry = {.component = component, .best = best};
    double share = best->confidence / (double)(component->relative_count + 1);
    double certain = fps__bom_version(&entry) ? component->version->confidence : 1.0;
    if (fps__bom_purl(&entry, purl, sizeof purl))
        write_purl_identity(purl, share * certain, json);
    for (size_t i = 0; i < component->relative_count; i++)
        if (fps__purl_text(component->relatives[i].purl, NULL, purl, sizeof purl))
            write_purl_identity(purl, share, json);
}

/* The identity of a component by its best finding. */
static void write_component_identities(const fps__bom *bom, const fps_component *component,
                                       const fps_finding *best)
{
    fps__json_object(bom->json, NULL);
    write_name(bom, component->name, best);
    fps__json_end(bom->json);
    write_purl_identities(component, best, bom->json);
    write_version_identities(best, bom->json);
}

/* The identity of a package by its package manager. */
static void write_package_identity(const fps__bom *bom, const fps_package *package)
{
    fps__json_text(bom->json, "field", "name");
    fps__json_real(bom->json, "confidence", 1);
    if (bom->minor >= 6)
        fps__json_text(bom->json, "concludedValue", package->name);
    fps__json_array(bom->json, "methods");
    write_method(bom->json, "manifest-analysis", 1, package->location);
    fps__json_end(bom->json);
}

/* What the package manager says, then each component that the package's files are by their content. */
static void write_package_identities(const fps__bom *bom, const fps__entry *entry)
{
    size_t cursor = 0;
    uint32_t last = FPS__NONE;
    const fps_finding *finding;
    fps__json_object(bom->json, NULL);
    write_package_identity(bom, entry->package);
    fps__json_end(bom->json);
    while ((finding = fps__bom_next_finding(bom->view, entry, &cursor))) {
        if (finding->component != last)
            write_component_identities(bom, fps_result_component(bom->view->result, finding->component),
                                       finding);
        last = finding->component;
    }
}

/* CycloneDX 1.5 allows one identity, later versions a list. */
static void write_identity(const fps__bom *bom, const fps__entry *entry)
{
    if (bom->minor < 6) {
        fps__json_object(bom->json, "identity");
        if (entry->package)
            write_package_identity(bom, entry->package);
        else
            write_name(bom, entry->component->name, entry->best);
        fps__json_end(bom->json);
        return;
    }
    fps__json_array(bom->json, "identity");
    if (entry->package)
        write_package_identities(bom, entry);
    else
        write_component_identities(bom, entry->component, entry->best);
    fps__json_end(bom->json);
}

/* True when the text of the evidence is the name of a symbol. */
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

/* The layer by its diff ID; nothing when unknown. */
static void write_layer(const fps__bom *bom, const char *name, uint32_t index)
{
    const fps_layer *layer = fps_result_layer(bom->view->result, index);
    if (!layer || !layer->diff_id[0])
        return;
    fps__json_text_part(bom->json, name);
    fps__json_text_part(bom->json, layer->diff_id);
}

static void write_details(const fps__bom *bom, const fps_finding *finding, const fps_evidence *evidence)
{
    fps__json *json = bom->json;
    const fps_file *file = fps_result_file(bom->view->result, finding->file);
    if (evidence && evidence->offset && evidence->offset != UINT64_MAX)
        fps__json_number(json, "offset", evidence->offset);
    if (evidence && is_symbol(evidence))
        fps__json_text(json, "symbol", evidence->text);
    fps__json_text_start(json, "additionalContext");
    fps__json_text_part(json, "linkage=");
    fps__json_text_part(json, fps_linkage_name(finding->linkage));
    fps__json_text_part(json, fps__is_renamed(bom->view, finding) ? ";renamed=true;state=" : ";state=");
    fps__json_text_part(json, fps_state_name(finding->state));
    if (file->visibility != FPS_VISIBILITY_VISIBLE) {
        fps__json_text_part(json, ";visibility=");
        fps__json_text_part(json, fps_visibility_name(file->visibility));
    }
    write_layer(bom, ";layer=", file->layer);
    if (finding->introduced != file->layer)
        write_layer(bom, ";introduced=", finding->introduced);
    if (evidence)
        write_context(evidence, json);
    fps__json_text_stop(json);
}

/* `name` is one of the file's. */
static void write_location(const fps__bom *bom, const char *name, const fps_finding *finding,
                           const fps_evidence *evidence)
{
    const fps_file *file = fps_result_file(bom->view->result, finding->file);
    fps__json_object(bom->json, NULL);
    fps__json_text_start(bom->json, "location");
    fps__json_text_part(bom->json, name);
    if (file->archive_path) {
        fps__json_text_part(bom->json, "!");
        fps__json_text_part(bom->json, file->archive_path);
    }
    fps__json_text_stop(bom->json);
    if (bom->minor >= 6)
        write_details(bom, finding, evidence);
    fps__json_end(bom->json);
}

/* Before 1.6 an occurrence is a path and nothing else, so one stands for all evidence of a file. */
static void write_occurrences(const fps__bom *bom, const fps__entry *entry)
{
    size_t cursor = 0;
    const fps_finding *finding;
    fps__json_array(bom->json, "occurrences");
    while ((finding = fps__bom_next_finding(bom->view, entry, &cursor))) {
        size_t most = bom->minor >= 6 ? MAX_OCCURRENCES : 1;
        const fps_file *file = fps_result_file(bom->view->result, finding->file);
        if (!finding->evidence_count)
            write_location(bom, file->path, finding, NULL);
        for (size_t e = 0; e < finding->evidence_count && e < most; e++)
            write_location(bom, file->path, finding, &finding->evidence[e]);
        for (size_t k = 0; k < file->link_count; k++)
            write_location(bom, file->links[k], finding, NULL);
    }
    fps__json_end(bom->json);
}

void fps__cyclonedx_evidence(const fps__bom *bom, const fps__entry *entry)
{
    if (bom->minor < 5)
        return;
    fps__json_object(bom->json, "evidence");
    write_identity(bom, entry);
    if (entry->best)
        write_occurrences(bom, entry);
    fps__json_end(bom->json);
}
