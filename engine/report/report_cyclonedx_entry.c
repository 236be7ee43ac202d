/* Writes the components of a CycloneDX document: packages of inventories, and components that no package
 * explains. Members come in the order of the XML schema. */
#include "report/report_cyclonedx.h"
#include "report/report_license.h"

#include <stdio.h>
#include <string.h>

enum { CELL = 512, MAX_LISTED = 16 };

void fps__cyclonedx_property(fps__json *json, const char *name, const char *value)
{
    fps__json_object(json, NULL);
    fps__json_text_start(json, "name");
    fps__json_text_part(json, "fpscan:");
    fps__json_text_part(json, name);
    fps__json_text_stop(json);
    fps__json_text(json, "value", value);
    fps__json_end(json);
}

void fps__cyclonedx_foreign(fps__json *json, const char *name, const char *value)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "name", name);
    fps__json_text(json, "value", value);
    fps__json_end(json);
}

static void write_known(fps__json *json, const char *name, const char *value)
{
    if (value && *value)
        fps__cyclonedx_property(json, name, value);
}

static void write_layer(const fps__bom *bom, uint32_t index)
{
    char text[16];
    const fps_layer *layer = fps_result_layer(bom->view->result, index);
    if (!layer)
        return;
    snprintf(text, sizeof text, "%u", layer->index);
    fps__cyclonedx_property(bom->json, "layer:index", text);
    write_known(bom->json, "layer:digest", layer->digest);
    write_known(bom->json, "layer:diffID", layer->diff_id);
}

static void write_version_properties(const fps_finding *best, fps__json *json)
{
    char text[CELL];
    const fps_version_answer *version = &best->version;
    fps__cyclonedx_property(json, "version:kind", fps_version_kind_name(version->kind));
    fps__share_text(version->confidence, text, sizeof text);
    fps__cyclonedx_property(json, "version:confidence", text);
    if (version->kind == FPS_VERSION_INTERVAL) {
        fps__version_range(version, text, sizeof text);
        fps__cyclonedx_property(json, "version:range", text);
    }
    write_known(json, "version:template", version->template_version);
    write_known(json, "version:toolchain", version->toolchain);
    write_known(json, "version:note", version->note);
}

/* The family, and what the component may be instead: the id of each, and its package URL, else the id again. A bill of our own is
 * read back by these (inventory/bill.c). */
static void write_candidates(const fps_component *component, fps__json *json)
{
    char text[FPS__IDENTIFIER_SIZE];
    if (component->relative_count)
        write_known(json, "family", component->family);
    for (size_t i = 0; i < component->relative_count; i++) {
        fps__relative_text(&component->relatives[i], text, sizeof text);
        fps__cyclonedx_property(json, "candidate:id", component->relatives[i].id);
        fps__cyclonedx_property(json, "candidate", text);
    }
}

/* The confidence again, for readers that do not know `identity`. */
static void write_finding_properties(const fps__bom *bom, const fps_component *component,
                                     const fps_finding *best)
{
    char text[CELL];
    fps__json *json = bom->json;
    fps__share_text(best->confidence, text, sizeof text);
    fps__cyclonedx_property(json, "confidence", text);
    fps__cyclonedx_property(json, "state", fps_state_name(best->state));
    fps__cyclonedx_property(json, "linkage", fps_linkage_name(best->linkage));
    fps__cyclonedx_property(json, "role", fps_component_role_name(component->role));
    write_version_properties(best, json);
    if (fps__is_renamed(bom->view, best))
        fps__cyclonedx_property(json, "renamed", "true");
    if (best->doubt != FPS_DOUBT_NONE) {
        fps__cyclonedx_property(json, "doubt", fps_doubt_name(best->doubt));
        fps__cyclonedx_property(json, "doubt:text", fps_doubt_text(best->doubt));
    }
    write_candidates(component, json);
    fps__suppressed_text(fps__component_suppressed(bom->view, component), text, sizeof text);
    write_known(json, "suppressed", text);
}

/* Says that later layers hide it: not every version can express that in the evidence. */
static void write_visibility(const fps__bom *bom, const fps__entry *entry)
{
    const fps_file *file = entry->best ? fps_result_file(bom->view->result, entry->best->file) : NULL;
    fps_visibility visibility = entry->package ? entry->package->visibility
                                : file         ? file->visibility
                                               : FPS_VISIBILITY_VISIBLE;
    if (visibility != FPS_VISIBILITY_VISIBLE)
        fps__cyclonedx_property(bom->json, "visibility", fps_visibility_name(visibility));
}

static void write_place(fps__json *json, const char *path, const char *archive_path)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "name", "fpscan:location");
    fps__json_text_start(json, "value");
    fps__json_text_part(json, path);
    fps__json_text_part(json, archive_path ? "!" : "");
    fps__json_text_part(json, archive_path ? archive_path : "");
    fps__json_text_stop(json);
    fps__json_end(json);
}

/* Where a component lies, for 1.4, which has no evidence; and what contradicts its packages. */
static void write_places(const fps__bom *bom, const fps__entry *entry)
{
    size_t cursor = 0, listed = 0;
    const fps_finding *finding;
    while ((finding = fps__bom_next_finding(bom->view, entry, &cursor)) && listed < MAX_LISTED) {
        const fps_file *file = fps_result_file(bom->view->result, finding->file);
        const fps_drift *drift = fps__package_links_contradiction(bom->view, finding);
        for (size_t k = 0; bom->minor < 5 && k <= file->link_count; k++)
            write_place(bom->json, k ? file->links[k - 1] : file->path, file->archive_path);
        if (drift)
            write_known(bom->json, "drift", drift->message);
        listed += bom->minor < 5 || drift;
    }
}

/* The source package once more, in the words of syft (and grype) and of trivy: of a package URL in CycloneDX they do not read
 * it, and match advisories by it. Measured by bench/interop. */
static void write_source(const fps__bom *bom, const fps__entry *entry)
{
    static const struct {
        fps_package_kind kind;
        const char *metadata, *source, *version;
    } words[] = {{FPS_PACKAGE_DEB, "dpkg-db-entry", "syft:metadata:source", "syft:metadata:sourceVersion"},
                 {FPS_PACKAGE_APK, "apk-db-entry", "syft:metadata:originPackage", NULL},
                 {FPS_PACKAGE_RPM, "rpm-db-entry", "syft:metadata:sourceRpm", NULL}};
    const fps_package *package = entry->package;
    if (!fps__bom_has_source(entry))
        return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char rpm[CELL];
        const char *epoch = strchr(package->source_version, ':');
        if (words[i].kind != package->kind)
            continue;
        snprintf(rpm, sizeof rpm, "%.200s-%.200s.src.rpm", package->source,
                 epoch ? epoch + 1 : package->source_version);
        fps__cyclonedx_foreign(bom->json, "syft:package:metadataType", words[i].metadata);
        fps__cyclonedx_foreign(bom->json, words[i].source,
                               package->kind == FPS_PACKAGE_RPM ? rpm : package->source);
        if (words[i].version)
            fps__cyclonedx_foreign(bom->json, words[i].version, package->source_version);
    }
    fps__cyclonedx_foreign(bom->json, "aquasecurity:trivy:SrcName", package->source);
    fps__cyclonedx_foreign(bom->json, "aquasecurity:trivy:SrcVersion", package->source_version);
}

/* What a program says of how it was linked: a property for each "KEY=VALUE". */
static void write_stated(const char *properties, fps__json *json)
{
    while (properties && *properties) {
        size_t size = strcspn(properties, "\n"), key = strcspn(properties, "=\n");
        fps__json_object(json, NULL);
        fps__json_text_start(json, "name");
        fps__json_text_part(json, "fpscan:package:build:");
        fps__json_text_bytes(json, properties, key);
        fps__json_text_stop(json);
        fps__json_text_start(json, "value");
        fps__json_text_bytes(json, properties + key + (key < size), size - key - (key < size));
        fps__json_text_stop(json);
        fps__json_end(json);
        properties += size + (properties[size] == '\n');
    }
}

static void write_package_properties(const fps__bom *bom, const fps__entry *entry)
{
    const fps_package *package = entry->package;
    const fps_package *parent = fps_result_package(bom->view->result, package->parent);
    const fps_finding *finding;
    size_t cursor = 0;
    uint32_t last = FPS__NONE;
    char text[FPS__IDENTIFIER_SIZE];
    fps__cyclonedx_property(bom->json, "package:kind", fps_package_kind_name(package->kind));
    fps__cyclonedx_property(bom->json, "package:statedBy", "target");
    write_known(bom->json, "package:architecture", package->architecture);
    write_known(bom->json, "package:source", package->source);
    write_known(bom->json, "package:sourceVersion", package->source_version);
    write_known(bom->json, "package:location", package->location);
    write_source(bom, entry);
    if (package->state != FPS_STATE_PRESENT)
        fps__cyclonedx_property(bom->json, "state", fps_state_name(package->state));
    write_stated(package->properties, bom->json);
    fps__suppressed_text(package->suppressed, text, sizeof text);
    write_known(bom->json, "suppressed", text);
    if (parent) {
        const fps__entry above = {.index = package->parent, .package = parent};
        fps__bom_reference(bom->view, &above, text, sizeof text);
        fps__cyclonedx_property(bom->json, "package:parent", text);
    }
    while ((finding = fps__bom_next_finding(bom->view, entry, &cursor))) {
        if (finding->component == last)
            continue;
        last = finding->component;
        fps__reference_text(fps_result_component(bom->view->result, last), text, sizeof text);
        fps__cyclonedx_property(bom->json, "identity", text);
        write_candidates(fps_result_component(bom->view->result, last), bom->json);
    }
}

static void write_properties(const fps__bom *bom, const fps__entry *entry)
{
    fps__json_array(bom->json, "properties");
    if (entry->package)
        write_package_properties(bom, entry);
    else
        write_finding_properties(bom, entry->component, entry->best);
    write_layer(bom, fps__bom_layer(bom->view, entry));
    write_visibility(bom, entry);
    write_places(bom, entry);
    fps__json_end(bom->json);
}

static void write_license(const char *license, fps__json *json)
{
    if (!license[0])
        return;
    fps__json_array(json, "licenses");
    fps__json_object(json, NULL);
    char words[FPS__LICENSE_WORDS_SIZE];
    const char *expression = fps__license_expression(license, words);
    if (expression) {
        fps__json_text(json, "expression", expression);
    } else {
        fps__json_object(json, "license");
        fps__json_text(json, "name", license);
        fps__json_end(json);
    }
    fps__json_end(json);
    fps__json_end(json);
}

/* Components that are only in files of this package. */
static void write_nested(const fps__bom *bom, size_t package)
{
    fps__entry inner;
    size_t cursor = 0, written = 0;
    while (fps__bom_next_contained(bom->view, package, &cursor, &inner)) {
        if (bom->view->links->home[inner.index] != package)
            continue;
        if (!written++)
            fps__json_array(bom->json, "components");
        fps__cyclonedx_entry(bom, &inner);
    }
    if (written)
        fps__json_end(bom->json);
}

void fps__cyclonedx_entry(const fps__bom *bom, const fps__entry *entry)
{
    char text[FPS__IDENTIFIER_SIZE];
    fps__json *json = bom->json;
    bool program = entry->component && entry->component->role == FPS_COMPONENT_PROGRAM;
    fps__json_object(json, NULL);
    fps__json_text(json, "type", program ? "application" : "library");
    fps__bom_reference(bom->view, entry, text, sizeof text);
    fps__json_text(json, "bom-ref", text);
    if (entry->package && entry->package->supplier && entry->package->supplier[0]) {
        fps__json_object(json, "supplier");
        fps__json_text(json, "name", entry->package->supplier);
        fps__json_end(json);
    }
    fps__json_text(json, "name", fps__bom_name(entry));
    if (fps__bom_version(entry))
        fps__json_text(json, "version", fps__bom_version(entry));
    write_license(fps__bom_license(entry), json);
    if (fps__bom_cpe(entry, text, sizeof text))
        fps__json_text(json, "cpe", text);
    if (fps__bom_purl(entry, text, sizeof text))
        fps__json_text(json, "purl", text);
    write_properties(bom, entry);
    if (entry->package)
        write_nested(bom, entry->index);
    fps__cyclonedx_evidence(bom, entry);
    fps__json_end(json);
}
