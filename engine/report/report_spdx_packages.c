/* Writes the packages of an SPDX document: target, system, layers, entries of the bill, files with findings.
 */
#include "report/report_license.h"
#include "report/report_spdx.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { CELL = 512 };

/* "SPDXRef-KIND-INDEX-NAME", where the name only helps people: characters that are not allowed become '-'. */
static void make_id(const char *kind, size_t index, const char *name, char id[FPS__SPDX_ID_SIZE])
{
    int used = snprintf(id, FPS__SPDX_ID_SIZE, "SPDXRef-%s-%zu", kind, index);
    size_t at = used > 0 ? (size_t)used : 0;
    if (*name && at + 1 < FPS__SPDX_ID_SIZE)
        id[at++] = '-';
    for (; *name && at + 1 < FPS__SPDX_ID_SIZE; name++)
        id[at++] = isalnum((unsigned char)*name) || *name == '.' ? *name : '-';
    id[at] = '\0';
}

void fps__spdx_entry_id(const fps__entry *entry, char id[FPS__SPDX_ID_SIZE])
{
    if (entry->package)
        make_id("Package", entry->index, entry->package->name, id);
    else
        make_id("Component", entry->index, entry->component->id, id);
}

void fps__spdx_layer_id(const fps__view *view, uint32_t layer, char id[FPS__SPDX_ID_SIZE])
{
    if (layer < fps_result_layer_count(view->result))
        make_id("Layer", layer, "", id);
    else
        snprintf(id, FPS__SPDX_ID_SIZE, FPS__SPDX_TARGET);
}

void fps__spdx_file_id(const fps__view *view, uint32_t file, char id[FPS__SPDX_ID_SIZE])
{
    make_id("File", view->links->shown_index[file], "", id);
}

/* A text that must be a single line. */
static void put_line(fps__json *json, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\r\n");
        fps__json_text_bytes(json, text, length);
        text += length;
        if (*text)
            fps__json_text_part(json, *text++ == '\n' ? "\\x0a" : "\\x0d");
    }
}

void fps__spdx_line(fps__json *json, const char *key, const char *text)
{
    fps__json_text_start(json, key);
    put_line(json, text);
    fps__json_text_stop(json);
}

static void start_package(fps__json *json, const char *id, const char *name, const char *version)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "SPDXID", id);
    fps__spdx_line(json, "name", name);
    if (version && *version)
        fps__spdx_line(json, "versionInfo", version);
}

/* Members that every package has, and those whose value nobody knows. */
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

/* The identifiers of an entry, and of each component that a package's files are by their content. */
static void write_references(const fps__spdx *d, const fps__entry *entry)
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
    put_line(json, file->path);
    put_line(json, file->archive_path ? "!" : "");
    put_line(json, file->archive_path ? file->archive_path : "");
}

/* "found in /usr/bin/rsync: present, static, confidence 0.97, version 1.2.11 .. 1.2.13" */
static void write_finding_source(const fps__spdx *d, const fps_finding *finding)
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

static void write_source(const fps__spdx *d, const fps__entry *entry)
{
    fps__json_text_start(d->json, "sourceInfo");
    if (entry->package) {
        fps__json_text_part(d->json, "listed by ");
        fps__json_text_part(d->json, entry->package->location);
        if (entry->package->visibility != FPS_VISIBILITY_VISIBLE) {
            fps__json_text_part(d->json, ", ");
            fps__json_text_part(d->json, fps_visibility_name(entry->package->visibility));
            fps__json_text_part(d->json, " by a later layer");
        }
        if (entry->best)
            fps__json_text_part(d->json, "; ");
    }
    if (entry->best)
        write_finding_source(d, entry->best);
    fps__json_text_stop(d->json);
}

static void write_entry(const fps__spdx *d, const fps__entry *entry)
{
    char id[FPS__SPDX_ID_SIZE];
    const char *name = entry->package              ? entry->package->name
                       : entry->component->name[0] ? entry->component->name
                                                   : entry->component->id;
    bool program = entry->component && entry->component->role == FPS_COMPONENT_PROGRAM;
    fps__spdx_entry_id(entry, id);
    start_package(d->json, id, name, fps__bom_version(entry));
    write_source(d, entry);
    write_references(d, entry);
    end_package(d->json,
                entry->package ? NULL
                : program      ? "APPLICATION"
                               : "LIBRARY",
                fps__bom_license(entry));
}

static void write_target(const fps__spdx *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    const fps_image *image = info->image;
    char purl[FPS__IDENTIFIER_SIZE];
    start_package(d->json, FPS__SPDX_TARGET, info->target && info->target[0] ? info->target : "target",
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

bool fps__spdx_has_os(const fps_result_info *info)
{
    return info->os_id && info->os_id[0];
}

static void write_os(const fps__spdx *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    start_package(d->json, FPS__SPDX_OS, info->os_id, info->os_version_id);
    if (info->os_name && info->os_name[0])
        fps__json_text(d->json, "summary", info->os_name);
    end_package(d->json, "OPERATING-SYSTEM", "");
}

static void write_layer(const fps__spdx *d, uint32_t index)
{
    const fps_layer *layer = fps_result_layer(d->view->result, index);
    char id[FPS__SPDX_ID_SIZE];
    fps__spdx_layer_id(d->view, index, id);
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

bool fps__spdx_shows_file(const fps__view *view, const fps_file *file)
{
    for (size_t i = 0; i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, (size_t)file->findings_first + i);
        if (finding && fps__view_shows(view, finding))
            return true;
    }
    return false;
}

static void write_file(const fps__spdx *d, uint32_t index)
{
    const fps_file *file = fps_result_file(d->view->result, index);
    char id[FPS__SPDX_ID_SIZE];
    fps__spdx_file_id(d->view, index, id);
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

void fps__spdx_packages(const fps__spdx *d)
{
    const fps_result *result = d->view->result;
    fps__entry entry;
    fps__json_array(d->json, "packages");
    write_target(d);
    if (fps__spdx_has_os(fps_result_get_info(result)))
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
        if (fps__spdx_shows_file(d->view, fps_result_file(result, i)))
            write_file(d, (uint32_t)i);
    fps__json_end(d->json);
}
