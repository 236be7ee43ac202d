/* Writes a result as an SPDX 3.0 document in JSON-LD: profiles Core, Software and SimpleLicensing, and Security where
 * vulnerabilities were looked up.
 *
 * Elements, relationships and licences are those of the SPDX 2.3 document; here each of them is an element of a graph, and an
 * element is called by its IRI: the name space of the document, '#', and the identifier that it has in SPDX 2.3.
 */
#include "report/report_spdx3.h"
#include "report/report_format.h"
#include "report/report_license.h"
#include "util/digest.h"
#include "util/package_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 512 };

#define CREATION "_:creationInfo"

/* `user` of the fps__spdx. */
typedef struct graph {
    const char *uuid; /* NULL while it is computed */
    size_t relations; /* written so far */
} graph;

void fps__spdx3_iri(const fps__spdx *d, const char *key, const char *id)
{
    const graph *g = d->user;
    fps__json_text_start(d->json, key);
    fps__json_text_part(d->json, "https://spdx.org/spdxdocs/fpscan-");
    fps__json_text_part(d->json, g->uuid ? g->uuid + strlen("urn:uuid:") : "");
    fps__json_text_part(d->json, "#");
    fps__json_text_part(d->json, id);
    fps__json_text_stop(d->json);
}

void fps__spdx3_start(const fps__spdx *d, const char *type, const char *id)
{
    fps__json_object(d->json, NULL);
    fps__json_text(d->json, "type", type);
    fps__spdx3_iri(d, "spdxId", id);
    fps__json_text(d->json, "creationInfo", CREATION);
}

static void put_named(const fps__spdx *d, const char *type, const char *id, const char *name)
{
    fps__spdx3_start(d, type, id);
    fps__json_text(d->json, "name", name);
    fps__json_end(d->json);
}

void fps__spdx3_list(const fps__spdx *d, const char *key, const char *const *ids, size_t count)
{
    fps__json_array(d->json, key);
    for (size_t i = 0; i < count; i++)
        fps__spdx3_iri(d, NULL, ids[i]);
    fps__json_end(d->json);
}

/* ---- who and when ---- */

static void put_creation(const fps__spdx *d)
{
    static const char *const agent[] = {"Agent"}, *const tool[] = {"Tool"};
    char date[FPS__TIMESTAMP_SIZE], name[CELL];
    fps__spdx_date(d, date);
    fps__json_object(d->json, NULL);
    fps__json_text(d->json, "type", "CreationInfo");
    fps__json_text(d->json, "@id", CREATION);
    fps__json_text(d->json, "specVersion", "3.0.1");
    fps__json_text(d->json, "created", date);
    fps__spdx3_list(d, "createdBy", agent, 1);
    fps__spdx3_list(d, "createdUsing", tool, 1);
    fps__json_end(d->json);
    snprintf(name, sizeof name, "fpscan-%s", fps__tool_version(d->view->options));
    put_named(d, "SoftwareAgent", "Agent", "fpscan");
    put_named(d, "Tool", "Tool", name);
}

void fps__spdx3_hashed_id(const char *kind, const char *words, char id[FPS__SPDX_ID_SIZE])
{
    char reference[FPS__SPDX_LICENSE_SIZE];
    fps__spdx_license_id(words, reference);
    snprintf(id, FPS__SPDX_ID_SIZE, "%s-%s", kind, strchr(reference, '-') + 1);
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool gather_supplier(const fps__spdx *d, const fps__entry *entry, char **names, size_t *count)
{
    char text[FPS__SPDX_SUPPLIER_SIZE];
    const char *supplier = fps__spdx_supplier_of(d, entry, text);
    if (!*supplier)
        return true;
    char *copy = strdup(supplier);
    if (copy)
        names[(*count)++] = copy;
    return copy != NULL;
}

/* All entries in turn; stops where `visit` is false. */
static bool each_entry(const fps__spdx *d,
                       bool (*visit)(const fps__spdx *, const fps__entry *, char **, size_t *), char **names,
                       size_t *count)
{
    fps__entry entry;
    bool good = true;
    for (size_t next = 0; good && fps__bom_next(d->view, &next, &entry);)
        good = visit(d, &entry, names, count);
    return good;
}

/* "a@example.org>" */
static void put_address(const fps__spdx *d, const char *address)
{
    fps__json_array(d->json, "externalIdentifier");
    fps__json_object(d->json, NULL);
    fps__json_text(d->json, "type", "ExternalIdentifier");
    fps__json_text(d->json, "externalIdentifierType", "email");
    fps__json_text_start(d->json, "identifier");
    fps__json_text_bytes(d->json, address, strcspn(address, ">"));
    fps__json_text_stop(d->json);
    fps__json_end(d->json);
    fps__json_end(d->json);
}

static void put_supplier(const fps__spdx *d, const char *supplier)
{
    char id[FPS__SPDX_ID_SIZE];
    size_t length = strcspn(supplier, "<");
    bool address = supplier[length] != '\0';
    while (length && supplier[length - 1] == ' ')
        length--;
    fps__spdx3_hashed_id("Supplier", supplier, id);
    fps__spdx3_start(d, fps__spdx_is_organization(supplier, length, address) ? "Organization" : "Person", id);
    fps__json_text_start(d->json, "name");
    fps__json_text_bytes(d->json, supplier, length ? length : strlen(supplier));
    fps__json_text_stop(d->json);
    if (address && length)
        put_address(d, supplier + strcspn(supplier, "<") + 1);
    fps__json_end(d->json);
}

static void put_suppliers(const fps__spdx *d)
{
    const fps_result *result = d->view->result;
    size_t most = fps_result_package_count(result) + fps_result_component_count(result), count = 0;
    char **names = calloc(most + 1, sizeof *names);
    if (!names || !each_entry(d, gather_supplier, names, &count))
        d->json->out->status = FPS_ERROR_MEMORY;
    if (count)
        qsort(names, count, sizeof *names, compare_texts);
    for (size_t i = 0; i < count; i++)
        if (!i || strcmp(names[i - 1], names[i]) != 0)
            put_supplier(d, names[i]);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

/* ---- packages and files ---- */

static void put_hash(const fps__spdx *d, const char *algorithm, const char *hex)
{
    if (!hex)
        return;
    fps__json_array(d->json, "verifiedUsing");
    fps__json_object(d->json, NULL);
    fps__json_text(d->json, "type", "Hash");
    fps__json_text(d->json, "algorithm", algorithm);
    fps__json_text(d->json, "hashValue", hex);
    fps__json_end(d->json);
    fps__json_end(d->json);
}

/* `comment` may be NULL. */
static void put_identifier(const fps__spdx *d, const char *type, const char *identifier, const char *comment)
{
    fps__json_object(d->json, NULL);
    fps__json_text(d->json, "type", "ExternalIdentifier");
    fps__json_text(d->json, "externalIdentifierType", type);
    if (comment)
        fps__json_text(d->json, "comment", comment);
    fps__json_text(d->json, "identifier", identifier);
    fps__json_end(d->json);
}

/* With `url` the package URL as well, which the element itself has no member for. Behind its own identifiers come those of all that
 * it may be instead: readers take the first for its own. */
static void put_names(const fps__spdx *d, const fps__entry *entry, bool url)
{
    char text[FPS__IDENTIFIER_SIZE];
    bool named = fps__bom_purl(entry, text, sizeof text) > 0;
    if (url && named)
        put_identifier(d, "packageUrl", text, NULL);
    bool cpe = fps__bom_cpe(entry, text, sizeof text) > 0;
    if (cpe)
        put_identifier(d, "cpe23", text, NULL);
    for (size_t i = 0; entry->component && i < entry->component->relative_count; i++) {
        const fps_relative *relative = &entry->component->relatives[i];
        if (named && fps__purl_text(relative->purl, NULL, text, sizeof text))
            put_identifier(d, "packageUrl", text, FPS__SPDX_CANDIDATE);
        if (cpe && fps__cpe_text(relative->cpe, NULL, text, sizeof text))
            put_identifier(d, "cpe23", text, FPS__SPDX_CANDIDATE);
    }
}

/* The identifiers of each component that a package's files are by their content stand beside the package's own. */
static void put_identifiers(const fps__spdx *d, const fps__entry *entry)
{
    char text[FPS__IDENTIFIER_SIZE];
    size_t cursor = 0;
    uint32_t last = FPS__NONE;
    const fps_finding *finding;
    if (!entry->best && !fps__bom_cpe(entry, text, sizeof text))
        return;
    fps__json_array(d->json, "externalIdentifier");
    put_names(d, entry, false);
    while (entry->package && (finding = fps__bom_next_finding(d->view, entry, &cursor))) {
        const fps__entry other = {.component = fps_result_component(d->view->result, finding->component),
                                  .best = finding};
        if (finding->component != last)
            put_names(d, &other, true);
        last = finding->component;
    }
    fps__json_end(d->json);
}

static void put_advisory(fps__json *json, const char *link, const char *comment)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "type", "ExternalRef");
    fps__json_text(json, "externalRefType", "securityAdvisory");
    fps__json_array(json, "locator");
    fps__json_text(json, NULL, link);
    fps__json_end(json);
    fps__json_text(json, "comment", comment);
    fps__json_end(json);
}

static bool put_entry(const fps__spdx *d, const fps__entry *entry, char **names, size_t *count)
{
    char id[FPS__SPDX_ID_SIZE], text[FPS__IDENTIFIER_SIZE], supplier[FPS__SPDX_SUPPLIER_SIZE];
    const char *made_by = fps__spdx_supplier_of(d, entry, supplier);
    const char *version = fps__spdx_version_of(entry, text, CELL);
    bool program = entry->component && entry->component->role == FPS_COMPONENT_PROGRAM;
    (void)names, (void)count;
    fps__spdx_entry_id(entry, id);
    fps__spdx3_start(d, "software_Package", id);
    fps__spdx_line(d->json, "name", fps__bom_name(entry));
    fps__spdx_source(d, entry, "software_sourceInfo");
    put_identifiers(d, entry);
    fps__spdx_advisories(d, entry, "externalRef", put_advisory);
    if (version)
        fps__spdx_line(d->json, "software_packageVersion", version);
    if (fps__bom_purl(entry, text, sizeof text))
        fps__json_text(d->json, "software_packageUrl", text);
    if (entry->component)
        fps__json_text(d->json, "software_primaryPurpose", program ? "application" : "library");
    if (*made_by) {
        fps__spdx3_hashed_id("Supplier", made_by, id);
        fps__spdx3_iri(d, "suppliedBy", id);
    }
    fps__json_end(d->json);
    return true;
}

static void put_target(const fps__spdx *d)
{
    const fps_result_info *info = fps_result_get_info(d->view->result);
    const fps_image *image = info->image;
    char purl[FPS__IDENTIFIER_SIZE];
    bool file = info->target_type && strcmp(info->target_type, "file") == 0;
    fps__spdx3_start(d, "software_Package", FPS__SPDX_TARGET);
    fps__spdx_line(d->json, "name", info->target && info->target[0] ? info->target : "target");
    if (image) {
        put_hash(d, "sha256", fps__sha256_digits(image->manifest));
        const char *version = image->manifest[0] ? image->manifest : image->config;
        if (*version)
            fps__json_text(d->json, "software_packageVersion", version);
        if (fps__bom_image_purl(image, purl, sizeof purl))
            fps__json_text(d->json, "software_packageUrl", purl);
    }
    fps__json_text(d->json, "software_primaryPurpose", image ? "container" : file ? "file" : "other");
    fps__json_end(d->json);
    if (!fps__spdx_has_os(info))
        return;
    fps__spdx3_start(d, "software_Package", FPS__SPDX_OS);
    fps__spdx_line(d->json, "name", info->os_id);
    if (info->os_name && info->os_name[0])
        fps__json_text(d->json, "summary", info->os_name);
    if (info->os_version_id && info->os_version_id[0])
        fps__spdx_line(d->json, "software_packageVersion", info->os_version_id);
    fps__json_text(d->json, "software_primaryPurpose", "operatingSystem");
    fps__json_end(d->json);
}

static void put_layers(const fps__spdx *d)
{
    for (size_t i = 0; i < fps_result_layer_count(d->view->result); i++) {
        const fps_layer *layer = fps_result_layer(d->view->result, i);
        char id[FPS__SPDX_ID_SIZE];
        fps__spdx_layer_id(d->view, (uint32_t)i, id);
        fps__spdx3_start(d, "software_Package", id);
        fps__spdx_line(d->json, "name", layer->diff_id[0] ? layer->diff_id : "layer");
        put_hash(d, "sha256", fps__sha256_digits(layer->digest));
        if (layer->created_by[0])
            fps__json_text(d->json, "software_sourceInfo", layer->created_by);
        fps__json_text(d->json, "software_primaryPurpose", "archive");
        fps__json_end(d->json);
    }
}

static void put_files(const fps__spdx *d)
{
    for (size_t i = 0; i < fps_result_file_count(d->view->result); i++) {
        const fps_file *file = fps_result_file(d->view->result, i);
        char id[FPS__SPDX_ID_SIZE], hex[41];
        if (!fps__spdx_shows_file(d->view, file))
            continue;
        fps__spdx_file_id(d->view, (uint32_t)i, id);
        fps__hex_write(file->sha1, 20, hex);
        fps__spdx3_start(d, "software_File", id);
        fps__json_text_start(d->json, "name");
        fps__json_text_part(d->json, ".");
        fps__spdx_path(d->json, file->path, file->archive_path);
        fps__json_text_stop(d->json);
        put_hash(d, "sha1", hex);
        fps__json_text(d->json, "software_primaryPurpose", "executable");
        fps__json_end(d->json);
    }
}

/* ---- licences ---- */

/* The element that says a licence: one for the same words. */
static void license_element(const char *words, char id[FPS__SPDX_ID_SIZE])
{
    char reference[FPS__SPDX_LICENSE_SIZE];
    fps__spdx_license_id(words, reference);
    snprintf(id, FPS__SPDX_ID_SIZE, "Expression-%s", reference);
}

/* Words that are no expression are a text, and an expression that refers to it. */
static void put_licenses(const fps__spdx *d)
{
    size_t count = 0;
    const char **words = fps__spdx_license_words(d, &count);
    if (!words)
        d->json->out->status = FPS_ERROR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        char id[FPS__SPDX_ID_SIZE], reference[FPS__SPDX_LICENSE_SIZE], buffer[FPS__LICENSE_WORDS_SIZE];
        const char *expression = fps__license_expression(words[i], buffer);
        fps__spdx_license_id(words[i], reference);
        if (!expression) {
            fps__spdx3_start(d, "simplelicensing_SimpleLicensingText", reference);
            fps__json_text(d->json, "simplelicensing_licenseText", words[i]);
            fps__json_end(d->json);
        }
        license_element(words[i], id);
        fps__spdx3_start(d, "simplelicensing_LicenseExpression", id);
        fps__json_text(d->json, "simplelicensing_licenseExpression", expression ? expression : reference);
        if (!expression) {
            fps__json_array(d->json, "simplelicensing_customIdToUri");
            fps__json_object(d->json, NULL);
            fps__json_text(d->json, "type", "DictionaryEntry");
            fps__json_text(d->json, "key", reference);
            fps__spdx3_iri(d, "value", reference);
            fps__json_end(d->json);
            fps__json_end(d->json);
        }
        fps__json_end(d->json);
    }
    free(words);
}

/* ---- relationships ---- */

static void put_relation(const fps__spdx *d, const char *type, const char *from, const char *to)
{
    graph *g = d->user;
    char id[FPS__SPDX_ID_SIZE];
    snprintf(id, sizeof id, "Relationship-%zu", g->relations++);
    fps__spdx3_start(d, "Relationship", id);
    fps__spdx3_iri(d, "from", from);
    fps__json_text(d->json, "relationshipType", type);
    fps__spdx3_list(d, "to", &to, 1);
}

static void relate(const fps__spdx *d, const fps__spdx_relation *relation)
{
    static const struct {
        const char *old, *type;
        bool reversed;
    } types[] = {{"CONTAINS", "contains", false},
                 {"DEPENDS_ON", "dependsOn", false},
                 {"STATIC_LINK", "hasStaticLink", false},
                 {"DYNAMIC_LINK", "hasDynamicLink", false},
                 {"OTHER", "contains", true}}; /* a file lies in something */
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].old, relation->type) != 0)
            continue;
        put_relation(d, types[i].type, types[i].reversed ? relation->to : relation->from,
                     types[i].reversed ? relation->from : relation->to);
        if (relation->comment && *relation->comment && !types[i].reversed)
            fps__json_text(d->json, "comment", relation->comment);
        fps__json_end(d->json);
    }
}

static bool relate_license(const fps__spdx *d, const fps__entry *entry, char **names, size_t *count)
{
    char id[FPS__SPDX_ID_SIZE], license[FPS__SPDX_ID_SIZE];
    (void)names, (void)count;
    if (!*fps__bom_license(entry))
        return true;
    fps__spdx_entry_id(entry, id);
    license_element(fps__bom_license(entry), license);
    put_relation(d, "hasDeclaredLicense", id, license);
    fps__json_end(d->json);
    return true;
}

/* ---- the document ---- */

static bool put_member(const fps__spdx *d, const fps__entry *entry, char **names, size_t *count)
{
    char id[FPS__SPDX_ID_SIZE];
    (void)names, (void)count;
    fps__spdx_entry_id(entry, id);
    fps__spdx3_iri(d, NULL, id);
    return true;
}

static void put_collections(const fps__spdx *d)
{
    static const char *const profiles[] = {"core", "software", "simpleLicensing", "security"};
    static const char *const bill[] = {"SBOM"}, *const target[] = {FPS__SPDX_TARGET};
    const fps_result_info *info = fps_result_get_info(d->view->result);
    fps__spdx3_start(d, "SpdxDocument", "DOCUMENT");
    fps__spdx_line(d->json, "name", info->target && info->target[0] ? info->target : "target");
    fps__spdx_comment(d);
    fps__json_array(d->json, "profileConformance");
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles - !info->vulnerabilities_checked; i++)
        fps__json_text(d->json, NULL, profiles[i]);
    fps__json_end(d->json);
    fps__spdx3_list(d, "rootElement", bill, 1);
    fps__json_end(d->json);
    fps__spdx3_start(d, "software_Sbom", "SBOM");
    fps__json_array(d->json, "software_sbomType");
    fps__json_text(d->json, NULL, "analyzed");
    fps__json_end(d->json);
    fps__spdx3_list(d, "rootElement", target, 1);
    fps__json_array(d->json, "element");
    fps__spdx3_iri(d, NULL, FPS__SPDX_TARGET);
    if (fps__spdx_has_os(info))
        fps__spdx3_iri(d, NULL, FPS__SPDX_OS);
    each_entry(d, put_member, NULL, NULL);
    fps__json_end(d->json);
    fps__json_end(d->json);
}

static void put_annotations(const fps__spdx *d)
{
    char id[FPS__SPDX_ID_SIZE];
    for (size_t i = 0; i < fps_result_drift_count(d->view->result); i++) {
        snprintf(id, sizeof id, "Annotation-%zu", i);
        fps__spdx3_start(d, "Annotation", id);
        fps__json_text(d->json, "annotationType", "other");
        fps__spdx3_iri(d, "subject", FPS__SPDX_TARGET);
        fps__bom_drift(fps_result_drift(d->view->result, i), "statement", d->json);
        fps__json_end(d->json);
    }
}

static void write_document(const fps__view *view, const char *uuid, fps__output *out)
{
    fps__json json = {.out = out};
    graph g = {uuid, 0};
    fps__spdx d = {.view = view, .json = &json, .relate = relate, .security = true, .user = &g};
    fps__spdx_find_affected(&d);
    fps__json_object(&json, NULL);
    fps__json_text(&json, "@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
    fps__json_array(&json, "@graph");
    put_creation(&d);
    put_collections(&d);
    put_suppliers(&d);
    put_target(&d);
    put_layers(&d);
    each_entry(&d, put_entry, NULL, NULL);
    put_files(&d);
    put_licenses(&d);
    fps__spdx_relationships(&d);
    each_entry(&d, relate_license, NULL, NULL);
    fps__spdx3_security(&d);
    put_annotations(&d);
    fps__json_end(&json);
    fps__json_end(&json);
    fps__spdx_free(&d);
}

static void write_spdx3(const fps__view *view, fps__output *out)
{
    char uuid[FPS__UUID_SIZE];
    if (fps__document_uuid(view, write_document, uuid))
        write_document(view, uuid, out);
    else
        out->status = FPS_ERROR_MEMORY;
}

const fps_report_format fps__report_spdx3 = {.name = "spdx-json",
                                             .alias = "spdx",
                                             .version = "3.0",
                                             .states = FPS__STATES_OF_BILLS,
                                             .write = write_spdx3};
