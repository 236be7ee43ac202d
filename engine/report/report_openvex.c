/* Writes vulnerabilities as OpenVEX 0.2.0: a statement for each finding that speaks for an entry of a bill
 * (report_statements.h), also for those that something suppresses. */
#include "report/report_format.h"
#include "report/report_statements.h"
#include "report/report_vulnerabilities.h"

#include <string.h>

/* The package URL of the entry, as in a bill of the same result, so that the two can be joined; its reference there where it has none. */
static void write_product(const fps__view *view, const fps__entry *entry, fps__json *json)
{
    char text[FPS__IDENTIFIER_SIZE];
    bool url = fps__bom_purl(entry, text, sizeof text) != 0;
    if (!url)
        fps__bom_reference(view, entry, text, sizeof text);
    fps__json_object(json, NULL);
    fps__json_text(json, "@id", text);
    if (url) {
        fps__json_object(json, "identifiers");
        fps__json_text(json, "purl", text);
        fps__json_end(json);
    }
    fps__json_end(json);
}

static void write_products(const fps__statements *made, size_t index, fps__json *json)
{
    fps__entry entry;
    fps__json_array(json, "products");
    for (size_t cursor = 0; fps__statements_entry(made, index, &cursor, &entry);)
        write_product(made->view, &entry, json);
    fps__json_end(json);
}

static void write_status(const fps__statements *made, size_t index, fps__json *json)
{
    const fps_vulnerability *vulnerability = fps_result_vulnerability(made->view->result, index);
    char remark[2048];
    fps__statements_remark(made, index, remark, sizeof remark);
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
        if (*remark)
            fps__json_text(json, "status_notes", remark);
        break;
    case FPS__VEX_INVESTIGATED:
        fps__json_text(json, "status", "under_investigation");
        fps__json_text(json, "status_notes", remark);
    }
}

static void write_statement(const fps__statements *made, size_t index, fps__json *json)
{
    const fps_vulnerability *vulnerability = fps_result_vulnerability(made->view->result, index);
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
    write_products(made, index, json);
    write_status(made, index, json);
    fps__json_end(json);
}

static void write_document(const fps__view *view, const char *serial, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    fps__statements made;
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
    if (!fps__statements_make(&made, view))
        out->status = FPS_ERROR_MEMORY;
    for (size_t i = 0; i < fps_result_vulnerability_count(view->result); i++)
        if (fps__statements_has(&made, i))
            write_statement(&made, i, &json);
    fps__statements_free(&made);
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
