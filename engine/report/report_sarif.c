/* Writes drift and vulnerabilities of a result as SARIF 2.1.0: a rule for each kind, a result for each file. */
#include "report/report_sarif.h"
#include "report/json_writer.h"
#include "report/report_format.h"
#include "report/report_identifier.h"
#include "report/report_view.h"
#include "report/report_vulnerabilities.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The rules, in the order of fps_drift_kind. */
static const struct {
    const char *level, *severity, *text, *help; /* severity: 0.1 to 10, as GitHub sorts alerts */
} rules[] = {
    {"warning", "5.0", "An executable or shared object that no package claims.",
     "Find out how the file came into the image; package it, or name it as accepted."},
    {"warning", "5.0", "A file of a package holds a component that the package does not explain.",
     "The component needs updates of its own: the package manager does not list it."},
    {"error", "7.0", "A component's version differs from what a package says of it.",
     "Judge the file by the version that is found in it, not by the version of the package."},
    {"error", "7.0", "A file of a package is something else than its package.",
     "Find out what replaced the file, and reinstall the package."},
    {"warning", "5.0", "A package is listed, but its binary is not there.",
     "Remove the package properly, or reinstall it."},
    {"error", "7.0", "The bytes of a file differ from the manifest of its package.",
     "Find out what changed the file, and reinstall the package."},
};
enum { RULES = sizeof rules / sizeof *rules };

void fps__sarif_message(fps__json *json, const char *key, const char *text)
{
    fps__json_object(json, key);
    fps__json_text(json, "text", text);
    fps__json_end(json);
}

static void write_rules(const fps__view *view, fps__json *json)
{
    fps__json_array(json, "rules");
    for (size_t i = 0; i < RULES; i++) {
        char id[40], name[40];
        const char *kind = fps_drift_kind_name((fps_drift_kind)i);
        snprintf(id, sizeof id, "drift/%s", kind);
        snprintf(name, sizeof name, "Drift%c%s", toupper((unsigned char)kind[0]), kind + 1);
        fps__json_object(json, NULL);
        fps__json_text(json, "id", id);
        fps__json_text(json, "name", name);
        fps__sarif_message(json, "shortDescription", rules[i].text);
        fps__sarif_message(json, "fullDescription", rules[i].text);
        fps__sarif_message(json, "help", rules[i].help);
        fps__json_object(json, "defaultConfiguration");
        fps__json_text(json, "level", rules[i].level);
        fps__json_end(json);
        fps__json_object(json, "properties");
        fps__json_array(json, "tags");
        fps__json_text(json, NULL, "security");
        fps__json_text(json, NULL, "supply-chain");
        fps__json_end(json);
        fps__json_text(json, "precision", "high");
        fps__json_text(json, "security-severity", rules[i].severity);
        fps__json_end(json);
        fps__json_end(json);
    }
    fps__sarif_vulnerability_rules(view, json);
    fps__json_end(json);
}

/* A path as a relative URI: without its first '/', everything but plain characters percent-encoded. */
static void write_uri(const char *path, fps__json *json)
{
    char part[4] = "";
    path += strspn(path, "/");
    fps__json_text_start(json, "uri");
    if (!*path)
        fps__json_text_part(json, ".");
    for (; *path; path++) {
        bool plain = isalnum((unsigned char)*path) || strchr("-._~/+", *path);
        snprintf(part, sizeof part, plain ? "%c" : "%%%02X", (unsigned char)*path);
        fps__json_text_part(json, part);
    }
    fps__json_text_stop(json);
}

/* GitHub shows a result only where it has a line, and a binary has but one. */
void fps__sarif_artifact(const char *path, fps__json *json)
{
    fps__json_object(json, "physicalLocation");
    fps__json_object(json, "artifactLocation");
    write_uri(path, json);
    fps__json_text(json, "uriBaseId", "ROOTPATH");
    fps__json_end(json);
    fps__json_object(json, "region");
    fps__json_number(json, "startLine", 1);
    fps__json_end(json);
    fps__json_end(json);
}

static void write_logical(const char *name, const char *kind, fps__json *json)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "fullyQualifiedName", name);
    fps__json_text(json, "kind", kind);
    fps__json_end(json);
}

static void write_location(const fps_result *result, const fps_drift *drift, fps__json *json)
{
    const fps_package *package = fps_result_package(result, drift->package);
    const fps_file *file = fps_result_file(result, drift->file);
    fps__json_array(json, "locations");
    fps__json_object(json, NULL);
    fps__sarif_artifact(drift->path, json);
    if (package || drift->component || (file && file->archive_path)) {
        fps__json_array(json, "logicalLocations");
        if (package)
            write_logical(package->name, "package", json);
        if (file && file->archive_path)
            write_logical(file->archive_path, "member", json);
        if (drift->component)
            write_logical(drift->component, "module", json);
        fps__json_end(json);
    }
    fps__json_end(json);
    fps__json_end(json);
}

/* The file's other names. */
static void write_links(const fps_file *file, fps__json *json)
{
    if (!file || !file->link_count)
        return;
    fps__json_array(json, "relatedLocations");
    for (size_t i = 0; i < file->link_count; i++) {
        fps__json_object(json, NULL);
        fps__sarif_artifact(file->links[i], json);
        fps__json_end(json);
    }
    fps__json_end(json);
}

/* A fingerprint that stays the same while the same problem persists in the same file. */
static bool make_fingerprint(const fps_result *result, const fps_drift *drift, char *text)
{
    const fps_package *package = fps_result_package(result, drift->package);
    const fps_file *file = fps_result_file(result, drift->file);
    const char *parts[] = {fps_drift_kind_name(drift->kind), drift->path,
                           file && file->archive_path ? file->archive_path : "", package ? package->name : "",
                           drift->component ? drift->component : ""};
    void *uuid = fps__uuid_create();
    if (!uuid)
        return false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fps__uuid_add(uuid, parts[i], strlen(parts[i]) + 1);
    return fps__uuid_finish(uuid, text);
}

/* The finding that the item is about; NULL for none. */
static const fps_finding *finding_of(const fps_result *result, const fps_drift *drift)
{
    const fps_file *file = fps_result_file(result, drift->file);
    for (uint32_t i = 0; file && drift->component && i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(result, (size_t)file->findings_first + i);
        const fps_component *component = fps_result_component(result, finding->component);
        if (strcmp(component->id, drift->component) == 0)
            return finding;
    }
    return NULL;
}

/* What the component may be instead, and why it is no more than likely. */
static void write_family(const fps_finding *finding, fps__json *json)
{
    char text[FPS__IDENTIFIER_SIZE];
    if (finding && finding->doubt != FPS_DOUBT_NONE)
        fps__json_text(json, "doubt", fps_doubt_name(finding->doubt));
    if (!finding || !finding->relative_count)
        return;
    fps__json_array(json, "candidates");
    for (size_t i = 0; i < finding->relative_count; i++) {
        fps__relative_text(&finding->relatives[i], text, sizeof text);
        fps__json_text(json, NULL, text);
    }
    fps__json_end(json);
}

static void write_properties(const fps_result *result, const fps_drift *drift, fps__json *json)
{
    const fps_package *package = fps_result_package(result, drift->package),
                      *other = fps_result_package(result, drift->other);
    fps__json_object(json, "properties");
    if (package && package->purl[0])
        fps__json_text(json, "package", package->purl);
    if (other && other->purl[0])
        fps__json_text(json, "otherPackage", other->purl);
    if (drift->claimed)
        fps__json_text(json, "claimed", drift->claimed);
    if (drift->found)
        fps__json_text(json, "found", drift->found);
    write_family(finding_of(result, drift), json);
    fps__json_end(json);
}

static void write_result(const fps_result *result, const fps_drift *drift, fps__json *json)
{
    char id[40], fingerprint[FPS__UUID_SIZE], why[FPS__SUPPRESSED_SIZE];
    if ((unsigned)drift->kind >= RULES)
        return;
    bool note = drift->level == FPS_DRIFT_LEVEL_NOTE;
    snprintf(id, sizeof id, "drift/%s", fps_drift_kind_name(drift->kind));
    fps__json_object(json, NULL);
    fps__json_text(json, "ruleId", id);
    fps__json_number(json, "ruleIndex", (uint64_t)drift->kind);
    fps__json_text(json, "level", note ? "note" : rules[drift->kind].level);
    fps__sarif_message(json, "message", drift->message);
    write_location(result, drift, json);
    write_links(fps_result_file(result, drift->file), json);
    if (make_fingerprint(result, drift, fingerprint)) {
        fps__json_object(json, "partialFingerprints");
        fps__json_text(json, "fpscanDrift/v1", fingerprint + strlen("urn:uuid:"));
        fps__json_end(json);
    } else {
        json->out->status = FPS_ERROR_MEMORY;
    }
    if (drift->suppressed) {
        fps__json_array(json, "suppressions");
        fps__json_object(json, NULL);
        fps__json_text(json, "kind", "external");
        fps__json_text(json, "justification", fps__suppressed_text(drift->suppressed, why, sizeof why));
        fps__json_end(json);
        fps__json_end(json);
    }
    write_properties(result, drift, json);
    fps__json_end(json);
}

static void write_notification(fps__json *json, const char *level, const char *path, const char *text)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "level", level);
    fps__sarif_message(json, "message", text);
    if (path) {
        fps__json_array(json, "locations");
        fps__json_object(json, NULL);
        fps__sarif_artifact(path, json);
        fps__json_end(json);
        fps__json_end(json);
    }
    fps__json_end(json);
}

/* What was not scanned or not compared: an empty list must not look like a clean target. */
static void write_invocation(const fps_result *result, fps__json *json)
{
    const fps_result_info *info = fps_result_get_info(result);
    fps__json_array(json, "invocations");
    fps__json_object(json, NULL);
    fps__json_bool(json, "executionSuccessful", true);
    fps__json_array(json, "toolExecutionNotifications");
    if (!info->packages_known)
        write_notification(json, "note", NULL, "No package database says which files it has.");
    else if (!info->digests_compared)
        write_notification(json, "note", NULL, "Digests of package files were not compared.");
    if (!info->vulnerabilities_checked)
        write_notification(json, "note", NULL, "Vulnerabilities: not checked.");
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(result, i);
        write_notification(json, diagnostic->level == FPS_DIAGNOSTIC_PARTIAL ? "warning" : "note",
                           diagnostic->path, diagnostic->message);
    }
    fps__json_end(json);
    fps__json_end(json);
    fps__json_end(json);
}

static void write_tool(const fps__view *view, fps__json *json)
{
    fps__json_object(json, "tool");
    fps__json_object(json, "driver");
    fps__json_text(json, "name", "fpscan");
    fps__json_text(json, "version", fps__tool_version(view->options));
    fps__json_text(json, "informationUri", FPS_HOME);
    write_rules(view, json);
    fps__json_end(json);
    fps__json_end(json);
}

static void write_sarif(const fps__view *view, fps__output *out)
{
    fps__json json = {.out = out};
    fps__json_object(&json, NULL);
    fps__json_text(&json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    fps__json_text(&json, "version", "2.1.0");
    fps__json_array(&json, "runs");
    fps__json_object(&json, NULL);
    write_tool(view, &json);
    write_invocation(view->result, &json);
    fps__json_object(&json, "originalUriBaseIds");
    fps__json_object(&json, "ROOTPATH");
    fps__json_text(&json, "uri", "file:///");
    fps__json_end(&json);
    fps__json_end(&json);
    fps__json_array(&json, "results");
    for (size_t i = 0; i < fps_result_drift_count(view->result); i++)
        write_result(view->result, fps_result_drift(view->result, i), &json);
    fps__sarif_vulnerability_results(view, &json);
    fps__json_end(&json);
    fps__json_end(&json);
    fps__json_end(&json);
    fps__json_end(&json);
}

const fps_report_format fps__report_sarif = {
    .name = "sarif", .version = "2.1.0", .states = FPS__STATES_OF_BILLS, .write = write_sarif};
