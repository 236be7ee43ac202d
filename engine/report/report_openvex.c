/* Writes vulnerabilities as OpenVEX 0.2.0: a statement for each, also for those that something suppresses. */
#include "report/report_bom.h"
#include "report/report_format.h"
#include "report/report_identifier.h"
#include "report/report_vulnerabilities.h"

#include <string.h>

/* The package URL with a version, where it is known exactly; else the id of the component. */
static void write_product(const fps__view *view, const char *purl, const char *version, const char *name,
                          fps__json *json)
{
    char text[FPS__IDENTIFIER_SIZE];
    (void)view;
    fps__json_object(json, NULL);
    if (*purl && fps__purl_text(purl, version, text, sizeof text)) {
        fps__json_text(json, "@id", text);
        fps__json_object(json, "identifiers");
        fps__json_text(json, "purl", text);
        fps__json_end(json);
    } else {
        fps__json_text(json, "@id", name);
    }
    fps__json_end(json);
}

static void write_products(const fps__view *view, const fps_vulnerability *vulnerability, fps__json *json)
{
    const fps_component *component = fps_result_component(view->result, vulnerability->component);
    fps__json_array(json, "products");
    for (size_t i = 0; i < vulnerability->package_count; i++) {
        const fps_package *package = fps_result_package(view->result, vulnerability->packages[i]);
        write_product(view, package->purl, NULL, package->name, json);
    }
    if (component && !vulnerability->package_count) {
        bool exact = component->version->kind == FPS_VERSION_EXACT;
        write_product(view, component->purl, exact ? component->version->version : NULL, component->id, json);
    }
    fps__json_end(json);
}

static void write_status(const fps_vulnerability *vulnerability, fps__json *json)
{
    char remark[1024];
    fps__vulnerability_remark(vulnerability, remark, sizeof remark);
    switch (fps__vulnerability_status(vulnerability)) {
    case FPS__VEX_FIXED:
        fps__json_text(json, "status", "fixed");
        fps__json_text(json, "status_notes", remark);
        break;
    case FPS__VEX_NOT_AFFECTED:
        fps__json_text(json, "status", "not_affected");
        fps__json_text(json, "impact_statement", remark);
        break;
    case FPS__VEX_AFFECTED:
        fps__json_text(json, "status", "affected");
        fps__json_vex_action(json, "action_statement", vulnerability);
        if (*vulnerability->code)
            fps__json_text(json, "status_notes", vulnerability->code);
        break;
    case FPS__VEX_INVESTIGATED:
        fps__json_text(json, "status", "under_investigation");
        fps__json_text(json, "status_notes", remark);
    }
}

static void write_statement(const fps__view *view, const fps_vulnerability *vulnerability, fps__json *json)
{
    fps__json_object(json, NULL);
    fps__json_object(json, "vulnerability");
    if (*vulnerability->link)
        fps__json_text(json, "@id", vulnerability->link);
    fps__json_text(json, "name", vulnerability->id);
    fps__json_text(json, "description", vulnerability->title);
    fps__json_array(json, "aliases");
    for (size_t i = 0; i < vulnerability->name_count; i++)
        fps__json_text(json, NULL, vulnerability->names[i]);
    fps__json_end(json);
    fps__json_end(json);
    write_products(view, vulnerability, json);
    write_status(vulnerability, json);
    fps__json_end(json);
}

static void write_document(const fps__view *view, const char *serial, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    const fps_vulnerability *vulnerability;
    char time[FPS__TIMESTAMP_SIZE];
    fps__json json = {.out = out};
    fps__timestamp_text(view->options->timestamp, time);
    fps__json_object(&json, NULL);
    fps__json_text(&json, "@context", "https://openvex.dev/ns/v0.2.0");
    fps__json_text_start(&json, "@id");
    fps__json_text_part(&json, "https://openvex.dev/docs/fpscan-");
    fps__json_text_part(&json, serial ? serial + strlen("urn:uuid:") : "");
    fps__json_text_stop(&json);
    fps__json_text(&json, "author", "fpscan");
    fps__json_text(&json, "timestamp", *time ? time : "1970-01-01T00:00:00Z");
    fps__json_number(&json, "version", 1);
    fps__json_text(&json, "tooling",
                   info->vulnerabilities_checked ? "fpscan" : "fpscan; vulnerabilities: not checked");
    fps__json_array(&json, "statements");
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(view->result, i)); i++)
        if (fps__states_vulnerability(view, vulnerability))
            write_statement(view, vulnerability, &json);
    fps__json_end(&json);
    fps__json_end(&json);
}

static void write_openvex(const fps__view *view, fps__output *out)
{
    char serial[FPS__UUID_SIZE];
    if (fps__document_uuid(view, write_document, serial))
        write_document(view, serial, out);
    else
        out->status = FPS_ERROR_MEMORY;
}

const fps_report_format fps__report_openvex = {
    .name = "openvex", .version = "0.2.0", .states = FPS__STATES_OF_BILLS, .write = write_openvex};
