/* Writes a result as an SPDX 2.3 document, in JSON or as tags and values. Members come in the order that the latter wants.
 *
 * A file with findings is an element of `files` where its SHA-1 was computed, which the specification wants. Packages are not
 * analysed file by file (filesAnalyzed), and must not contain files then: what lies in a file, and whose it is, is said by
 * relationships of the file.
 */
#include "report/report_spdx.h"
#include "report/report_format.h"
#include "report/report_spdx_tags.h"
#include "util/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_relationship(const fps__spdx *d, const fps__spdx_relation *relation)
{
    fps__json *json = d->json;
    fps__json_object(json, NULL);
    fps__json_text(json, "spdxElementId", relation->from);
    fps__json_text(json, "relationshipType", relation->type);
    fps__json_text(json, "relatedSpdxElement", relation->to);
    if (relation->comment && *relation->comment)
        fps__json_text(json, "comment", relation->comment);
    fps__json_end(json);
}

static void relate(const fps__spdx *d, const char *from, const char *type, const char *to)
{
    d->relate(d, &(fps__spdx_relation){from, type, to, NULL});
}

/* A package is contained in another package, in the layer that introduced it, or in the target. What its files hold is
 * contained in it, for readers that do not follow files. */
static void relate_package(const fps__spdx *d, const fps__entry *entry)
{
    fps__entry other;
    char id[FPS__SPDX_ID_SIZE], outer[FPS__SPDX_ID_SIZE];
    fps__spdx_entry_id(entry, id);
    if (fps__bom_package(d->view, entry->package->parent, &other))
        fps__spdx_entry_id(&other, outer);
    else
        fps__spdx_layer_id(d->view, fps__bom_layer(d->view, entry), outer);
    relate(d, outer, "CONTAINS", id);
    for (size_t i = 0; i < entry->package->depend_count; i++) {
        if (!fps__bom_package(d->view, entry->package->depends[i], &other))
            continue;
        fps__spdx_entry_id(&other, outer);
        relate(d, id, "DEPENDS_ON", outer);
    }
    size_t cursor = 0;
    while (fps__bom_next_contained(d->view, entry->index, &cursor, &other)) {
        fps__spdx_entry_id(&other, outer);
        relate(d, id, "CONTAINS", outer);
    }
}

static const char *link_type(const fps_finding *finding)
{
    if (finding->state == FPS_STATE_MENTIONED || finding->linkage == FPS_LINKAGE_DYNAMIC)
        return "DYNAMIC_LINK";
    return finding->linkage == FPS_LINKAGE_STATIC ? "STATIC_LINK" : "CONTAINS";
}

/* The package that owns the file, else the layer or target that it lies in. */
static void owner_id(const fps__spdx *d, const fps_file *file, char id[FPS__SPDX_ID_SIZE])
{
    fps__entry owner;
    if (fps__bom_package(d->view, fps__package_links_owner(d->view->result, file), &owner))
        fps__spdx_entry_id(&owner, id);
    else
        fps__spdx_layer_id(d->view, file->layer, id);
}

static void relate_file(const fps__spdx *d, uint32_t index)
{
    const fps_result *result = d->view->result;
    const fps_file *file = fps_result_file(result, index);
    fps__entry other;
    char id[FPS__SPDX_ID_SIZE], outer[FPS__SPDX_ID_SIZE];
    fps__spdx_file_id(d->view, index, id);
    owner_id(d, file, outer);
    d->relate(d, &(fps__spdx_relation){id, "OTHER", outer, "the file lies in it"});
    for (size_t i = 0; i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(result, (size_t)file->findings_first + i);
        if (!fps__view_shows(d->view, finding))
            continue;
        bool merged = fps__package_links_merges(d->view, finding);
        const fps_drift *drift = fps__package_links_contradiction(d->view, finding);
        if (!merged && fps__bom_component(d->view, finding->component, &other)) {
            fps__spdx_entry_id(&other, outer);
            d->relate(d, &(fps__spdx_relation){id, link_type(finding), outer, drift ? drift->message : NULL});
        }
    }
}

/* A component is contained in the layer, or the target, that holds a file of it which no package owns. */
static void relate_component(const fps__spdx *d, const fps__entry *entry)
{
    size_t cursor = 0;
    const fps_finding *finding;
    char id[FPS__SPDX_ID_SIZE], outer[FPS__SPDX_ID_SIZE];
    while ((finding = fps__bom_next_finding(d->view, entry, &cursor))) {
        const fps_file *file = fps_result_file(d->view->result, finding->file);
        if (fps__bom_package(d->view, fps__package_links_owner(d->view->result, file), NULL))
            continue;
        fps__spdx_entry_id(entry, id);
        fps__spdx_layer_id(d->view, file->layer, outer);
        relate(d, outer, "CONTAINS", id);
        return;
    }
}

void fps__spdx_relationships(const fps__spdx *d)
{
    const fps_result *result = d->view->result;
    fps__entry entry;
    char id[FPS__SPDX_ID_SIZE];
    relate(d, FPS__SPDX_DOCUMENT, "DESCRIBES", FPS__SPDX_TARGET);
    if (fps__spdx_has_os(fps_result_get_info(result)))
        relate(d, FPS__SPDX_TARGET, "CONTAINS", FPS__SPDX_OS);
    for (size_t i = 0; i < fps_result_layer_count(result); i++) {
        fps__spdx_layer_id(d->view, (uint32_t)i, id);
        relate(d, FPS__SPDX_TARGET, "CONTAINS", id);
    }
    for (size_t next = 0; fps__bom_next(d->view, &next, &entry);)
        (entry.package ? relate_package : relate_component)(d, &entry);
    for (size_t i = 0; i < fps_result_file_count(result); i++)
        if (fps__spdx_shows_file(d->view, fps_result_file(result, i)))
            relate_file(d, (uint32_t)i);
}

/* The specification requires a time; without one it is the epoch. */
void fps__spdx_date(const fps__spdx *d, char date[FPS__TIMESTAMP_SIZE])
{
    fps__timestamp_text(d->view->options->timestamp, date);
    if (!date[0])
        snprintf(date, FPS__TIMESTAMP_SIZE, "1970-01-01T00:00:00Z");
}

static void write_tool(const fps__spdx *d, const char *key)
{
    fps__json_text_start(d->json, key);
    fps__json_text_part(d->json, "Tool: fpscan-");
    fps__json_text_part(d->json, fps__tool_version(d->view->options));
    fps__json_text_stop(d->json);
}

static void write_creation(const fps__spdx *d)
{
    char date[FPS__TIMESTAMP_SIZE];
    fps__spdx_date(d, date);
    fps__json_object(d->json, "creationInfo");
    fps__json_text(d->json, "created", date);
    fps__json_array(d->json, "creators");
    write_tool(d, NULL);
    fps__json_end(d->json);
    fps__json_end(d->json);
}

/* Where files differ from what packages claim. */
static void write_annotations(const fps__spdx *d)
{
    char date[FPS__TIMESTAMP_SIZE];
    fps__spdx_date(d, date);
    fps__json_array(d->json, "annotations");
    for (size_t i = 0; i < fps_result_drift_count(d->view->result); i++) {
        fps__json_object(d->json, NULL);
        write_tool(d, "annotator");
        fps__json_text(d->json, "annotationDate", date);
        fps__json_text(d->json, "annotationType", "OTHER");
        fps__bom_drift(fps_result_drift(d->view->result, i), "comment", d->json);
        fps__json_end(d->json);
    }
    fps__spdx_vulnerabilities(d, date, write_tool);
    fps__json_end(d->json);
}

void fps__spdx_comment(const fps__spdx *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    fps__json_text_start(d->json, "comment");
    fps__json_text_part(d->json, info->partial
                                     ? "Partial: some bytes that could hold a program were not looked at."
                                     : "Everything that could hold a program was looked at.");
    if (info->packages_known && !info->digests_compared)
        fps__json_text_part(d->json, " Digests of package files were not compared.");
    fps__spdx_vulnerability_comment(d);
    for (size_t i = 0; i < info->database_count; i++) {
        char digest[2 * sizeof info->databases[i].digest + 1];
        fps__hex_write(info->databases[i].digest, sizeof info->databases[i].digest, digest);
        fps__json_text_part(d->json, i ? ", " : " Signature sets: ");
        fps__json_text_part(d->json, info->databases[i].name);
        fps__json_text_part(d->json, " ");
        fps__json_text_part(d->json, digest);
    }
    fps__json_text_stop(d->json);
}

static void write_document(const fps__view *view, const char *uuid, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    fps__spdx_tags tags = {.after = NULL};
    fps__json json = {.out = out, .form = view->format->form, .state = &tags};
    fps__spdx d = {.view = view, .json = &json, .relate = write_relationship};
    fps__spdx_find_affected(&d);
    fps__json_object(&json, NULL);
    fps__json_text(&json, "spdxVersion", "SPDX-2.3");
    fps__json_text(&json, "dataLicense", "CC0-1.0");
    fps__json_text(&json, "SPDXID", FPS__SPDX_DOCUMENT);
    fps__spdx_line(&json, "name", info->target && info->target[0] ? info->target : "target");
    if (uuid) {
        fps__json_text_start(&json, "documentNamespace");
        fps__json_text_part(&json, "https://spdx.org/spdxdocs/fpscan-");
        fps__json_text_part(&json, uuid + strlen("urn:uuid:"));
        fps__json_text_stop(&json);
    }
    fps__spdx_comment(&d);
    write_creation(&d);
    fps__spdx_files(&d);
    fps__spdx_packages(&d);
    fps__spdx_licenses(&d);
    fps__json_array(&json, "relationships");
    fps__spdx_relationships(&d);
    fps__json_end(&json);
    write_annotations(&d);
    fps__json_end(&json);
    fps__spdx_free(&d);
}

static void write_spdx(const fps__view *view, fps__output *out)
{
    char uuid[FPS__UUID_SIZE];
    if (fps__document_uuid(view, write_document, uuid))
        write_document(view, uuid, out);
    else
        out->status = FPS_ERROR_MEMORY;
}

const fps_report_format fps__report_spdx = {.name = "spdx-json",
                                            .alias = "spdx",
                                            .version = "2.3",
                                            .states = FPS__STATES_OF_BILLS,
                                            .write = write_spdx};
const fps_report_format fps__report_spdx_tags = {.name = "spdx-tag-value",
                                                 .version = "2.3",
                                                 .states = FPS__STATES_OF_BILLS,
                                                 .write = write_spdx,
                                                 .form = &fps__spdx_tags_form};
