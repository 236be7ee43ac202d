/* The vulnerabilities of a CycloneDX document, with analysis: one for each finding that speaks for an entry (report_statements.h). */
#include "report/report_cyclonedx.h"
#include "report/report_statements.h"
#include "report/report_vulnerabilities.h"

#include <stdio.h>
#include <string.h>

enum { CVSS4_SINCE = 6 /* minor version of the specification */, DETAIL = 2048 };

static const char *severity_of(fps_severity severity)
{
    return severity == FPS_SEVERITY_NEGLIGIBLE ? "info" : fps_severity_name(severity);
}

static void write_source(const char *id, const char *link, fps__json *json)
{
    fps__json_object(json, "source");
    fps__json_text(json, "name", !strncmp(id, "CVE-", 4) ? "NVD" : "advisory");
    if (*link)
        fps__json_text(json, "url", link);
    fps__json_end(json);
}

static void write_references(const fps_vulnerability *vulnerability, fps__json *json)
{
    if (!vulnerability->name_count)
        return;
    fps__json_array(json, "references");
    for (size_t i = 0; i < vulnerability->name_count; i++) {
        fps__json_object(json, NULL);
        fps__json_text(json, "id", vulnerability->names[i]);
        write_source(vulnerability->names[i], "", json);
        fps__json_end(json);
    }
    fps__json_end(json);
}

static void write_rating(const fps__bom *bom, const fps_vulnerability *vulnerability)
{
    const char *method = fps__vulnerability_method(vulnerability);
    fps__json_array(bom->json, "ratings");
    fps__json_object(bom->json, NULL);
    if (vulnerability->score > 0)
        fps__json_real(bom->json, "score", vulnerability->score);
    fps__json_text(bom->json, "severity", severity_of(vulnerability->severity));
    if (*vulnerability->vector) {
        fps__json_text(bom->json, "method",
                       !strcmp(method, "CVSSv4") && bom->minor < CVSS4_SINCE ? "other" : method);
        fps__json_text(bom->json, "vector", vulnerability->vector);
    }
    fps__json_end(bom->json);
    fps__json_end(bom->json);
}

/* One that is there although a baseline has it is exploitable all the same. */
static void write_analysis(const fps__statements *made, size_t index, fps__json *json)
{
    static const char *const states[] = {[FPS__VEX_AFFECTED] = "exploitable",
                                         [FPS__VEX_INVESTIGATED] = "in_triage",
                                         [FPS__VEX_FIXED] = "resolved",
                                         [FPS__VEX_NOT_AFFECTED] = "not_affected"};
    const fps_vulnerability *vulnerability = fps_result_vulnerability(made->view->result, index);
    char detail[DETAIL];
    fps__statements_remark(made, index, detail, sizeof detail);
    fps__json_object(json, "analysis");
    fps__json_text(json, "state",
                   vulnerability->suppression == FPS_SUPPRESSED_WITHDRAWN
                       ? "false_positive"
                       : states[fps__vulnerability_status(vulnerability)]);
    if (*detail)
        fps__json_text(json, "detail", detail);
    fps__json_end(json);
}

static void write_version(const char *version, const char *status, fps__json *json)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "version", version);
    fps__json_text(json, "status", status);
    fps__json_end(json);
}

/* The finding names the version that was looked up, which of a package may be its source package's. Another component of the same
 * project has its own. */
static void write_affect(const fps__bom *bom, const fps__entry *entry, const fps_vulnerability *vulnerability)
{
    static const char *const words[] = {[FPS__VEX_AFFECTED] = "affected",
                                        [FPS__VEX_INVESTIGATED] = "unknown",
                                        [FPS__VEX_FIXED] = "unaffected",
                                        [FPS__VEX_NOT_AFFECTED] = "unaffected"};
    char reference[FPS__IDENTIFIER_SIZE];
    bool other = entry->component && entry->index != vulnerability->component;
    const char *version = other ? fps__bom_version(entry) : vulnerability->version;
    fps__bom_reference(bom->view, entry, reference, sizeof reference);
    fps__json_object(bom->json, NULL);
    fps__json_text(bom->json, "ref", reference);
    fps__json_array(bom->json, "versions");
    if (vulnerability->verdict == FPS_VERDICT_DEPENDS)
        for (size_t i = 0; i < vulnerability->affected_count; i++)
            write_version(vulnerability->affected[i], "affected", bom->json);
    else if (version)
        write_version(version, words[fps__vulnerability_status(vulnerability)], bom->json);
    fps__json_end(bom->json);
    fps__json_end(bom->json);
}

static void write_affects(const fps__bom *bom, const fps__statements *made, size_t index)
{
    fps__entry entry;
    fps__json_array(bom->json, "affects");
    for (size_t cursor = 0; fps__statements_entry(made, index, &cursor, &entry);)
        write_affect(bom, &entry, fps_result_vulnerability(bom->view->result, index));
    fps__json_end(bom->json);
}

static void write_properties(const fps_vulnerability *vulnerability, fps__json *json)
{
    char number[32];
    fps__json_array(json, "properties");
    snprintf(number, sizeof number, "%.1f", vulnerability->risk);
    fps__cyclonedx_property(json, "risk", number);
    fps__cyclonedx_property(json, "verdict", fps_verdict_name(vulnerability->verdict));
    fps__cyclonedx_property(json, "range", vulnerability->range);
    if (*vulnerability->fixed)
        fps__cyclonedx_property(json, "fixed", vulnerability->fixed);
    fps__cyclonedx_property(json, "source", vulnerability->source);
    if (vulnerability->epss >= 0) {
        snprintf(number, sizeof number, "%.5f", vulnerability->epss);
        fps__cyclonedx_property(json, "epss", number);
    }
    if (vulnerability->known_exploited)
        fps__cyclonedx_property(json, "kev", vulnerability->kev_added);
    if (*vulnerability->exploitation)
        fps__cyclonedx_property(json, "ssvc:exploitation", vulnerability->exploitation);
    fps__json_end(json);
}

/* "vulnerability:CVE-2024-1/zlib@1.2.13": of the first entry that it speaks for, and no other one speaks for that. */
static void write_own_reference(const fps__bom *bom, const fps__statements *made, size_t index)
{
    char reference[FPS__IDENTIFIER_SIZE];
    fps__entry entry;
    size_t cursor = 0;
    if (!fps__statements_entry(made, index, &cursor, &entry))
        return;
    fps__bom_reference(bom->view, &entry, reference, sizeof reference);
    fps__json_text_start(bom->json, "bom-ref");
    fps__json_text_part(bom->json, "vulnerability:");
    fps__json_text_part(bom->json, fps_result_vulnerability(bom->view->result, index)->id);
    fps__json_text_part(bom->json, "/");
    fps__json_text_part(bom->json, reference);
    fps__json_text_stop(bom->json);
}

static void write_vulnerability(const fps__bom *bom, const fps__statements *made, size_t index)
{
    fps__json *json = bom->json;
    const fps_vulnerability *vulnerability = fps_result_vulnerability(bom->view->result, index);
    fps__json_object(json, NULL);
    write_own_reference(bom, made, index);
    fps__json_text(json, "id", vulnerability->id);
    write_source(vulnerability->id, vulnerability->link, json);
    write_references(vulnerability, json);
    write_rating(bom, vulnerability);
    fps__json_text(json, "description", vulnerability->title);
    if (*vulnerability->fixed) {
        fps__json_text_start(json, "recommendation");
        fps__json_text_part(json, "Upgrade to version ");
        fps__json_text_part(json, vulnerability->fixed);
        fps__json_text_stop(json);
    }
    write_analysis(made, index, json);
    write_affects(bom, made, index);
    write_properties(vulnerability, json);
    fps__json_end(json);
}

/* Suppressed ones are part of the document: their analysis says why they do not count. */
void fps__cyclonedx_vulnerabilities(const fps__bom *bom)
{
    fps__statements made;
    size_t count = fps_result_vulnerability_count(bom->view->result);
    if (!fps_result_get_info(bom->view->result)->vulnerabilities_checked)
        return;
    if (!fps__statements_make(&made, bom->view))
        bom->json->out->status = FPS_ERROR_MEMORY;
    fps__json_array(bom->json, "vulnerabilities");
    for (size_t i = 0; i < count; i++)
        if (fps__statements_has(&made, i))
            write_vulnerability(bom, &made, i);
    fps__json_end(bom->json);
    fps__statements_free(&made);
}

void fps__cyclonedx_vulnerability_properties(const fps__bom *bom)
{
    const fps_result_info *info = fps_result_get_info(bom->view->result);
    char text[512];
    fps__cyclonedx_property(bom->json, "vulnerabilities",
                            info->vulnerabilities_checked ? "checked" : "not checked");
    for (size_t i = 0; i < info->vulnerability_source_count; i++) {
        const fps_vulnerability_source *source = &info->vulnerability_sources[i];
        snprintf(text, sizeof text, "%.200s %.40s %s", source->name, source->format, source->date);
        fps__cyclonedx_property(bom->json, "advisories", text);
    }
}
