/* Writes the packages of an SPDX document: target, system, layers, entries of the bill. */
#include "report/report_license.h"
#include "report/report_spdx.h"
#include "util/package_kind.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { CELL = 512 };

#define UNKNOWN "unknown" /* a reader that asks for a version or supplier is told so */

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
        make_id("Package", entry->number, entry->package->name, id);
    else
        make_id("Component", entry->number, entry->component->id, id);
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

void fps__spdx_put_line(fps__json *json, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\r\n\\");
        fps__json_text_bytes(json, text, length);
        text += length;
        if (*text == '\\') /* a text that looks like an escape is one: no two names look the same */
            fps__json_text_part(json, text[1] == 'x' ? "\\x5c" : "\\");
        else if (*text)
            fps__json_text_part(json, *text == '\n' ? "\\x0a" : "\\x0d");
        text += *text != '\0';
    }
}

void fps__spdx_line(fps__json *json, const char *key, const char *text)
{
    fps__json_text_start(json, key);
    fps__spdx_put_line(json, text);
    fps__json_text_stop(json);
}

static void start_package(fps__json *json, const char *id, const char *name, const char *version)
{
    fps__json_object(json, NULL);
    fps__spdx_line(json, "name", name);
    fps__json_text(json, "SPDXID", id);
    if (version && *version)
        fps__spdx_line(json, "versionInfo", version);
}

/* Members that every package has, and those whose value nobody knows. */
static void end_package(fps__json *json, const char *purpose, const char *supplier, const char *license)
{
    char reference[FPS__SPDX_LICENSE_SIZE] = "NOASSERTION";
    char words[FPS__LICENSE_WORDS_SIZE];
    const char *expression = fps__license_expression(license, words);
    if (!expression && *license)
        fps__spdx_license_id(license, reference);
    if (purpose)
        fps__json_text(json, "primaryPackagePurpose", purpose);
    if (!fps__spdx_supplier(json, supplier))
        fps__json_text(json, "supplier", "Organization: " UNKNOWN);
    fps__json_text(json, "downloadLocation", "NOASSERTION");
    fps__json_bool(json, "filesAnalyzed", false);
    fps__json_text(json, "licenseConcluded", "NOASSERTION");
    fps__json_text(json, "licenseDeclared", expression ? expression : reference);
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

/* `comment` may be NULL. */
static void write_external(fps__json *json, const char *type, const char *locator, const char *comment)
{
    bool url = strcmp(type, "purl") == 0;
    fps__json_object(json, NULL);
    fps__json_text(json, "referenceCategory", url ? "PACKAGE-MANAGER" : "SECURITY");
    fps__json_text(json, "referenceType", type);
    fps__json_text(json, "referenceLocator", locator);
    if (comment)
        fps__json_text(json, "comment", comment);
    fps__json_end(json);
}

/* The identifiers of an entry, and behind its own those of all that it may be instead: readers take the first for its own. */
static void write_names(const fps__entry *entry, fps__json *json)
{
    char text[FPS__IDENTIFIER_SIZE];
    bool url = fps__bom_purl(entry, text, sizeof text) > 0;
    if (url)
        write_external(json, "purl", text, NULL);
    bool cpe = fps__bom_cpe(entry, text, sizeof text) > 0;
    if (cpe)
        write_external(json, "cpe23Type", text, NULL);
    for (size_t i = 0; entry->component && i < entry->component->relative_count; i++) {
        const fps_relative *relative = &entry->component->relatives[i];
        if (url && fps__purl_text(relative->purl, NULL, text, sizeof text))
            write_external(json, "purl", text, FPS__SPDX_CANDIDATE);
        if (cpe && fps__cpe_text(relative->cpe, NULL, text, sizeof text))
            write_external(json, "cpe23Type", text, FPS__SPDX_CANDIDATE);
    }
}

static void write_advisory(fps__json *json, const char *link, const char *comment)
{
    write_external(json, "advisory", link, comment);
}

/* The identifiers of an entry, and of each component that a package's files are by their content, and its advisories. */
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
    fps__spdx_advisories(d, entry, NULL, write_advisory);
    fps__json_end(d->json);
}

/* "found in /usr/bin/rsync: present, static, confidence 0.97, version 1.2.11 .. 1.2.13"; behind it the candidates and the doubt. */
static void write_finding_source(const fps__spdx *d, const fps_finding *finding)
{
    char version[CELL], confidence[16], family[CELL] = "";
    const fps_component *component = fps_result_component(d->view->result, finding->component);
    const char *doubt = fps_doubt_text(finding->doubt);
    if (component->relative_count)
        fps_family_text(family, sizeof family, component->id, component->relatives, component->relative_count,
                        false);
    fps__version_text(&finding->version, version, sizeof version);
    fps__share_text(finding->confidence, confidence, sizeof confidence);
    const char *parts[] = {": ",
                           fps_state_name(finding->state),
                           ", ",
                           fps_linkage_name(finding->linkage),
                           ", confidence ",
                           confidence,
                           ", version ",
                           version,
                           *family ? "; it is " : "",
                           family,
                           doubt ? "; " : "",
                           doubt ? doubt : ""};
    fps__json_text_part(d->json, "found in ");
    const fps_file *file = fps_result_file(d->view->result, finding->file);
    fps__spdx_path(d->json, file->path, file->archive_path);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fps__json_text_part(d->json, parts[i]);
}

void fps__spdx_source(const fps__spdx *d, const fps__entry *entry, const char *key)
{
    fps__json_text_start(d->json, key);
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
    char why[FPS__SUPPRESSED_SIZE];
    if (fps__suppressed_text(entry->package     ? entry->package->suppressed
                             : entry->component ? fps__component_suppressed(d->view, entry->component)
                                                : NULL,
                             why, sizeof why)) {
        fps__json_text_part(d->json, "; suppressed, ");
        fps__json_text_part(d->json, why);
    }
    fps__json_text_stop(d->json);
}

/* The name of the distribution, its id where it has none; never NULL. */
static const char *distribution(const fps_result_info *info)
{
    return info->os_name && info->os_name[0] ? info->os_name : info->os_id ? info->os_id : "";
}

/* Who made an entry: as the package's database says; of a component who its identifiers name; of a package without any
 * the distribution that it belongs to, or the namespace of its package URL. */
const char *fps__spdx_supplier_of(const fps__spdx *d, const fps__entry *entry,
                                  char text[FPS__SPDX_SUPPLIER_SIZE])
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    if (entry->package && entry->package->supplier && entry->package->supplier[0])
        return entry->package->supplier;
    if (entry->package && fps__package_kind_of(entry->package->kind)->system && info->os_name &&
        info->os_name[0])
        return info->os_name;
    if (entry->component && fps__cpe_vendor(entry->component->cpe, text, FPS__SPDX_SUPPLIER_SIZE))
        return text;
    fps__purl_namespace(entry->package ? entry->package->purl : entry->component->purl, text,
                        FPS__SPDX_SUPPLIER_SIZE);
    return text;
}

const char *fps__spdx_version_of(const fps__entry *entry, char *text, size_t size)
{
    const char *version = fps__bom_version(entry);
    if (version || !entry->component || !entry->component->version->candidate_count)
        return version;
    fps__version_range(entry->component->version, text, size);
    return text;
}

static void write_entry(const fps__spdx *d, const fps__entry *entry)
{
    char id[FPS__SPDX_ID_SIZE], range[CELL], supplier[FPS__SPDX_SUPPLIER_SIZE];
    bool program = entry->component && entry->component->role == FPS_COMPONENT_PROGRAM;
    const char *version = fps__spdx_version_of(entry, range, sizeof range);
    fps__spdx_entry_id(entry, id);
    start_package(d->json, id, fps__bom_name(entry), version ? version : UNKNOWN);
    if (fps__bom_has_source(entry)) { /* in the words that trivy reads */
        fps__json_text_start(d->json, "sourceInfo");
        fps__json_text_part(d->json, "built package from: ");
        fps__spdx_put_line(d->json, entry->package->source);
        fps__json_text_part(d->json, " ");
        fps__spdx_put_line(d->json, entry->package->source_version);
        fps__json_text_stop(d->json);
    }
    fps__spdx_source(d, entry, fps__bom_has_source(entry) ? "comment" : "sourceInfo");
    write_references(d, entry);
    end_package(d->json,
                entry->package ? NULL
                : program      ? "APPLICATION"
                               : "LIBRARY",
                fps__spdx_supplier_of(d, entry, supplier), fps__bom_license(entry));
}

static void write_target(const fps__spdx *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    const fps_image *image = info->image;
    char purl[FPS__IDENTIFIER_SIZE];
    start_package(d->json, FPS__SPDX_TARGET, info->target && info->target[0] ? info->target : "target",
                  image && image->manifest[0] ? image->manifest
                  : image && image->config[0] ? image->config
                                              : UNKNOWN);
    if (image) {
        write_checksum(image->manifest, d->json);
        if (fps__bom_image_purl(image, purl, sizeof purl)) {
            fps__json_array(d->json, "externalRefs");
            write_external(d->json, "purl", purl, NULL);
            fps__json_end(d->json);
        }
    }
    bool file = info->target_type && strcmp(info->target_type, "file") == 0;
    char name[CELL] = "";
    const char *slash = image ? strrchr(image->reference, '/') : NULL;
    if (slash)
        snprintf(name, sizeof name, "%.*s", (int)(slash - image->reference), image->reference);
    end_package(d->json, image ? "CONTAINER" : file ? "FILE" : "OTHER", name, "");
}

bool fps__spdx_has_os(const fps_result_info *info)
{
    return info->os_id && info->os_id[0];
}

static void write_os(const fps__spdx *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    start_package(d->json, FPS__SPDX_OS, info->os_id,
                  info->os_version_id && info->os_version_id[0] ? info->os_version_id : UNKNOWN);
    if (info->os_name && info->os_name[0])
        fps__json_text(d->json, "summary", info->os_name);
    end_package(d->json, "OPERATING-SYSTEM", distribution(info), "");
}

static void write_layer(const fps__spdx *d, uint32_t index)
{
    const fps_layer *layer = fps_result_layer(d->view->result, index);
    char id[FPS__SPDX_ID_SIZE];
    fps__spdx_layer_id(d->view, index, id);
    start_package(d->json, id, layer->diff_id[0] ? layer->diff_id : "layer",
                  layer->diff_id[0] ? layer->diff_id : UNKNOWN);
    write_checksum(layer->digest, d->json);
    fps__json_text_start(d->json, "sourceInfo");
    fps__json_text_part(d->json, layer->base ? "layer of the base image" : "layer");
    fps__json_text_part(d->json, layer->read ? "" : ", not read");
    fps__json_text_part(d->json, layer->created_by[0] ? ", created by " : "");
    fps__json_text_part(d->json, layer->created_by);
    fps__json_text_stop(d->json);
    end_package(d->json, "ARCHIVE", "", "");
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
    for (size_t next = 0; fps__bom_next(d->view, &next, &entry);)
        write_entry(d, &entry);
    fps__json_end(d->json);
}
