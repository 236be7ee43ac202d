/* Writes a result as an SPDX 2.3 document in JSON.
 *
 * The specification wants a SHA-1 of each element of `files`, which a scan does not take. So a file with
 * findings is a package of purpose FILE, whose relations are the same.
 */
#include "report/json_writer.h"
#include "report/report_bom.h"
#include "report/report_license.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { ID_SIZE = 96, CELL = 512 };

#define DOCUMENT_ID "SPDXRef-DOCUMENT"
#define TARGET_ID   "SPDXRef-Target"
#define OS_ID       "SPDXRef-OperatingSystem"

typedef struct document {
    const fps__view *view;
    fps__json *json;
} document;

/* "SPDXRef-KIND-INDEX-NAME", where the name only helps people: what an identifier cannot hold is '-'. */
static void make_id(const char *kind, size_t index, const char *name, char id[ID_SIZE])
{
    int used = snprintf(id, ID_SIZE, "SPDXRef-%s-%zu", kind, index);
    size_t at = used > 0 ? (size_t)used : 0;
    if (*name && at + 1 < ID_SIZE)
        id[at++] = '-';
    for (; *name && at + 1 < ID_SIZE; name++)
        id[at++] = isalnum((unsigned char)*name) || *name == '.' ? *name : '-';
    id[at] = '\0';
}

static void entry_id(const fps__entry *entry, char id[ID_SIZE])
{
    if (entry->package)
        make_id("Package", entry->index, entry->package->name, id);
    else
        make_id("Component", entry->index, entry->component->id, id);
}

static void layer_id(const fps__view *view, uint32_t layer, char id[ID_SIZE])
{
    if (layer < fps_result_layer_count(view->result))
        make_id("Layer", layer, "", id);
    else
        snprintf(id, ID_SIZE, TARGET_ID);
}

static void file_id(const fps__view *view, uint32_t file, char id[ID_SIZE])
{
    make_id("File", view->claims->place[file], "", id);
}

/* ---- packages ---- */

static void start_package(fps__json *json, const char *id, const char *name, const char *version)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "SPDXID", id);
    fps__json_text(json, "name", name);
    if (version && *version)
        fps__json_text(json, "versionInfo", version);
}

/* What every package says, and what nobody can say of one. */
static void end_package(fps__json *json, const char *purpose, const char *license)
{
    bool expression = fps__license_is_expression(license);
    if (purpose)
        fps__json_text(json, "primaryPackagePurpose", purpose);
    fps__json_text(json, "supplier", "NOASSERTION");
    fps__json_text(json, "downloadLocation", "NOASSERTION");
    fps__json_bool(json, "filesAnalyzed", false);
    fps__json_text(json, "licenseConcluded", "NOASSERTION");
    fps__json_text(json, "licenseDeclared", expression ? license : "NOASSERTION");
    if (!expression && *license) {
        fps__json_text_start(json, "licenseComments");
        fps__json_text_part(json, "declared in other words: ");
        fps__json_text_part(json, license);
        fps__json_text_stop(json);
    }
    fps__json_text(json, "copyrightText", "NOASSERTION");
    fps__json_end(json);
}

static void write_checksum(const char *digest, fps__json *json)
{
    const char *hex = fps__sha256_digits(digest);
    if (!hex)
        return;
    fps__json_array(json, "checksums");
    fps__json_object(json, NULL);
    fps__json_text(json, "algorithm", "SHA256");
    fps__json_text(json, "checksumValue", hex);
    fps__json_end(json);
    fps__json_end(json);
}

static void write_external(fps__json *json, const char *category, const char *type, const char *locator)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "referenceCategory", category);
    fps__json_text(json, "referenceType", type);
    fps__json_text(json, "referenceLocator", locator);
    fps__json_end(json);
}

static void write_names(const fps__entry *entry, fps__json *json)
{
    char text[FPS__IDENTIFIER_SIZE];
    if (fps__bom_purl(entry, text, sizeof text))
        write_external(json, "PACKAGE-MANAGER", "purl", text);
    if (fps__bom_cpe(entry, text, sizeof text))
        write_external(json, "SECURITY", "cpe23Type", text);
}

/* The names of an entry, and of each component that a package's files are by their content. */
static void write_references(const document *d, const fps__entry *entry)
{
    size_t cursor = 0;
    uint32_t last = FPS__NONE;
    const fps_finding *finding;
    fps__json_array(d->json, "externalRefs");
    write_names(entry, d->json);
    while (entry->package && (finding = fps__bom_next_finding(d->view, entry, &cursor))) {
        const fps__entry other = {.component = fps_result_component(d->view->result, finding->component),
                                  .best = finding};
        if (finding->component != last)
            write_names(&other, d->json);
        last = finding->component;
    }
    fps__json_end(d->json);
}

static void write_path(fps__json *json, const fps_file *file)
{
    fps__json_text_part(json, file->path);
    fps__json_text_part(json, file->archive_path ? "!" : "");
    fps__json_text_part(json, file->archive_path ? file->archive_path : "");
}

/* "found in /usr/bin/rsync: present, static, confidence 0.97, version 1.2.11 .. 1.2.13" */
static void write_finding_source(const document *d, const fps_finding *finding)
{
    char version[CELL], confidence[16];
    fps__version_text(&finding->version, version, sizeof version);
    fps__share_text(finding->confidence, confidence, sizeof confidence);
    const char *parts[] = {": ",
                           fps_state_name(finding->state),
                           ", ",
                           fps_linkage_name(finding->linkage),
                           ", confidence ",
                           confidence,
                           ", version ",
                           version};
    fps__json_text_part(d->json, "found in ");
    write_path(d->json, fps_result_file(d->view->result, finding->file));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fps__json_text_part(d->json, parts[i]);
}

static void write_source(const document *d, const fps__entry *entry)
{
    fps__json_text_start(d->json, "sourceInfo");
    if (entry->package) {
        fps__json_text_part(d->json, "listed by ");
        fps__json_text_part(d->json, entry->package->location);
        if (entry->best)
            fps__json_text_part(d->json, "; ");
    }
    if (entry->best)
        write_finding_source(d, entry->best);
    fps__json_text_stop(d->json);
}

static void write_entry(const document *d, const fps__entry *entry)
{
    char id[ID_SIZE];
    const char *name = entry->package              ? entry->package->name
                       : entry->component->name[0] ? entry->component->name
                                                   : entry->component->id;
    bool program = entry->component && entry->component->role == FPS_ROLE_PROGRAM;
    entry_id(entry, id);
    start_package(d->json, id, name, fps__bom_version(entry));
    write_source(d, entry);
    write_references(d, entry);
    end_package(d->json,
                entry->package ? NULL
                : program      ? "APPLICATION"
                               : "LIBRARY",
                fps__bom_license(entry));
}

static void write_target(const document *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    const fps_image *image = info->image;
    char purl[FPS__IDENTIFIER_SIZE];
    start_package(d->json, TARGET_ID, info->target && info->target[0] ? info->target : "target",
                  image ? image->manifest : NULL);
    if (image) {
        write_checksum(image->manifest, d->json);
        if (fps__bom_image_purl(image, purl, sizeof purl)) {
            fps__json_array(d->json, "externalRefs");
            write_external(d->json, "PACKAGE-MANAGER", "purl", purl);
            fps__json_end(d->json);
        }
    }
    bool file = info->target_type && strcmp(info->target_type, "file") == 0;
    end_package(d->json, image ? "CONTAINER" : file ? "FILE" : "OTHER", "");
}

static bool has_os(const fps_result_info *info)
{
    return info->os_id && info->os_id[0];
}

static void write_os(const document *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    start_package(d->json, OS_ID, info->os_id, info->os_version_id);
    if (info->os_name && info->os_name[0])
        fps__json_text(d->json, "summary", info->os_name);
    end_package(d->json, "OPERATING-SYSTEM", "");
}

static void write_layer(const document *d, uint32_t index)
{
    const fps_layer *layer = fps_result_layer(d->view->result, index);
    char id[ID_SIZE];
    layer_id(d->view, index, id);
    start_package(d->json, id, layer->diff_id[0] ? layer->diff_id : "layer", NULL);
    write_checksum(layer->digest, d->json);
    fps__json_text_start(d->json, "sourceInfo");
    fps__json_text_part(d->json, layer->base ? "layer of the base image" : "layer");
    fps__json_text_part(d->json, layer->read ? "" : ", not read");
    fps__json_text_part(d->json, layer->created_by[0] ? ", created by " : "");
    fps__json_text_part(d->json, layer->created_by);
    fps__json_text_stop(d->json);
    end_package(d->json, "ARCHIVE", "");
}

static bool file_has_findings(const document *d, const fps_file *file)
{
    for (size_t i = 0; i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(d->view->result, (size_t)file->findings_first + i);
        if (finding && fps__view_shows(d->view, finding))
            return true;
    }
    return false;
}

static void write_file(const document *d, uint32_t index)
{
    const fps_file *file = fps_result_file(d->view->result, index);
    char id[ID_SIZE];
    file_id(d->view, index, id);
    fps__json_object(d->json, NULL);
    fps__json_text(d->json, "SPDXID", id);
    fps__json_text_start(d->json, "name");
    write_path(d->json, file);
    fps__json_text_stop(d->json);
    fps__json_text_start(d->json, "packageFileName");
    fps__json_text_part(d->json, ".");
    write_path(d->json, file);
    fps__json_text_stop(d->json);
    if (file->visibility != FPS_VISIBILITY_VISIBLE) {
        fps__json_text_start(d->json, "comment");
        fps__json_text_part(d->json, fps_visibility_name(file->visibility));
        fps__json_text_part(d->json, " by a later layer");
        fps__json_text_stop(d->json);
    }
    end_package(d->json, "FILE", "");
}

static void write_packages(const document *d)
{
    const fps_result *result = d->view->result;
    fps__entry entry;
    fps__json_array(d->json, "packages");
    write_target(d);
    if (has_os(fps_result_get_info(result)))
        write_os(d);
    for (size_t i = 0; i < fps_result_layer_count(result); i++)
        write_layer(d, (uint32_t)i);
    for (size_t i = 0; i < fps_result_package_count(result); i++)
        if (fps__bom_package(d->view, i, &entry))
            write_entry(d, &entry);
    for (size_t i = 0; i < fps_result_component_count(result); i++)
        if (fps__bom_component(d->view, i, &entry))
            write_entry(d, &entry);
    for (size_t i = 0; i < fps_result_file_count(result); i++)
        if (file_has_findings(d, fps_result_file(result, i)))
            write_file(d, (uint32_t)i);
    fps__json_end(d->json);
}

/* ---- relationships ---- */

static void relate(fps__json *json, const char *from, const char *type, const char *to, const char *comment)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "spdxElementId", from);
    fps__json_text(json, "relationshipType", type);
    fps__json_text(json, "relatedSpdxElement", to);
    if (comment && *comment)
        fps__json_text(json, "comment", comment);
    fps__json_end(json);
}

/* A package lies in another, in the layer that brought it, or in the target. */
static void relate_package(const document *d, const fps__entry *entry)
{
    fps__entry other;
    char id[ID_SIZE], outer[ID_SIZE];
    entry_id(entry, id);
    if (fps__bom_package(d->view, entry->package->parent, &other))
        entry_id(&other, outer);
    else
        layer_id(d->view, fps__bom_layer(d->view, entry), outer);
    relate(d->json, outer, "CONTAINS", id, NULL);
    for (size_t i = 0; i < entry->package->depend_count; i++) {
        if (!fps__bom_package(d->view, entry->package->depends[i], &other))
            continue;
        entry_id(&other, outer);
        relate(d->json, id, "DEPENDS_ON", outer, NULL);
    }
}

static const char *link_type(const fps_finding *finding)
{
    if (finding->state == FPS_STATE_MENTIONED || finding->linkage == FPS_LINKAGE_DYNAMIC)
        return "DYNAMIC_LINK";
    return finding->linkage == FPS_LINKAGE_STATIC ? "STATIC_LINK" : "CONTAINS";
}

static void relate_file(const document *d, uint32_t index)
{
    const fps_result *result = d->view->result;
    const fps_file *file = fps_result_file(result, index);
    fps__entry other;
    char id[ID_SIZE], outer[ID_SIZE];
    file_id(d->view, index, id);
    if (fps__bom_package(d->view, fps__claims_owner(result, file), &other))
        entry_id(&other, outer);
    else
        layer_id(d->view, file->layer, outer);
    relate(d->json, outer, "CONTAINS", id, NULL);
    for (size_t i = 0; i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(result, (size_t)file->findings_first + i);
        if (!fps__view_shows(d->view, finding))
            continue;
        bool merged = fps__claims_merges(d->view, finding);
        const fps_drift *drift = fps__claims_contradiction(d->view, finding);
        if (!merged && fps__bom_component(d->view, finding->component, &other)) {
            entry_id(&other, outer);
            relate(d->json, id, link_type(finding), outer, drift ? drift->message : NULL);
        }
    }
}

static void write_relationships(const document *d)
{
    const fps_result *result = d->view->result;
    fps__entry entry;
    char id[ID_SIZE];
    fps__json_array(d->json, "relationships");
    relate(d->json, DOCUMENT_ID, "DESCRIBES", TARGET_ID, NULL);
    if (has_os(fps_result_get_info(result)))
        relate(d->json, TARGET_ID, "CONTAINS", OS_ID, NULL);
    for (size_t i = 0; i < fps_result_layer_count(result); i++) {
        layer_id(d->view, (uint32_t)i, id);
        relate(d->json, TARGET_ID, "CONTAINS", id, NULL);
    }
    for (size_t i = 0; i < fps_result_package_count(result); i++)
        if (fps__bom_package(d->view, i, &entry))
            relate_package(d, &entry);
    for (size_t i = 0; i < fps_result_file_count(result); i++)
        if (file_has_findings(d, fps_result_file(result, i)))
            relate_file(d, (uint32_t)i);
    fps__json_end(d->json);
}

/* ---- the document ---- */

/* The specification wants a time; without one it is the start of all. */
static void write_creation(const document *d)
{
    const char *version = d->view->options->tool_version;
    char timestamp[FPS__TIMESTAMP_SIZE];
    fps__timestamp_text(d->view->options->timestamp, timestamp);
    fps__json_object(d->json, "creationInfo");
    fps__json_text(d->json, "created", timestamp[0] ? timestamp : "1970-01-01T00:00:00Z");
    fps__json_array(d->json, "creators");
    fps__json_text_start(d->json, NULL);
    fps__json_text_part(d->json, "Tool: fpscan-");
    fps__json_text_part(d->json, version ? version : FPS_VERSION);
    fps__json_text_stop(d->json);
    fps__json_end(d->json);
    fps__json_end(d->json);
}

static void write_comment(const document *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    fps__json_text_start(d->json, "comment");
    fps__json_text_part(d->json, info->partial
                                     ? "Partial: some bytes that could hold a program were not looked at."
                                     : "Everything that could hold a program was looked at.");
    if (info->packages_known && !info->digests_compared)
        fps__json_text_part(d->json, " Digests of package files were not compared.");
    for (size_t i = 0; i < info->database_count; i++) {
        char digest[2 * sizeof info->databases[i].digest + 1];
        fps__hex(info->databases[i].digest, sizeof info->databases[i].digest, digest);
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
    fps__json json = {.out = out};
    document d = {view, &json};
    fps__json_object(&json, NULL);
    fps__json_text(&json, "spdxVersion", "SPDX-2.3");
    fps__json_text(&json, "dataLicense", "CC0-1.0");
    fps__json_text(&json, "SPDXID", DOCUMENT_ID);
    fps__json_text(&json, "name", info->target && info->target[0] ? info->target : "target");
    if (uuid) {
        fps__json_text_start(&json, "documentNamespace");
        fps__json_text_part(&json, "https://spdx.org/spdxdocs/fpscan-");
        fps__json_text_part(&json, uuid + strlen("urn:uuid:"));
        fps__json_text_stop(&json);
    }
    write_comment(&d);
    write_creation(&d);
    write_packages(&d);
    write_relationships(&d);
    fps__json_end(&json);
}

static void write_spdx(const fps__view *view, fps__output *out)
{
    char uuid[FPS__UUID_SIZE];
    if (fps__document_uuid(view, write_document, uuid))
        write_document(view, uuid, out);
    else
        out->status = FPS_ERROR_MEMORY;
}

const fps_report_format fps__report_spdx = {"spdx-json", "spdx", "2.3", 1u << FPS_STATE_PRESENT, write_spdx};
