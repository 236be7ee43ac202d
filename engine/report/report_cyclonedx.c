/* Writes a result as a CycloneDX bill of materials in JSON or XML, versions 1.4 to 1.7. */
#include "report/report_cyclonedx.h"
#include "report/report_cyclonedx_xml.h"
#include "report/report_format.h"
#include "util/digest.h"

#include <stdio.h>
#include <string.h>

enum { CELL = 512 };

#define TARGET_REFERENCE "fpscan:target"
#define OS_REFERENCE     "fpscan:os"

typedef void (*entry_visitor)(const fps__bom *bom, const fps__entry *entry);

/* Packages, then the components that do not belong to a single package. */
static void each_top_entry(const fps__bom *bom, entry_visitor visit)
{
    fps__entry entry;
    for (size_t next = 0; fps__bom_next(bom->view, &next, &entry);)
        if (entry.package || !fps__bom_package(bom->view, bom->view->links->home[entry.index], NULL))
            visit(bom, &entry);
}

static void write_reference(const fps__bom *bom, const fps__entry *entry)
{
    char text[FPS__IDENTIFIER_SIZE];
    fps__bom_reference(bom->view, entry, text, sizeof text);
    fps__json_text(bom->json, NULL, text);
}

static bool has_os(const fps__bom *bom)
{
    const fps_result_info *info = fps_result_get_info(bom->view->result);
    return (info->os_id && info->os_id[0]) || (info->os_name && info->os_name[0]);
}

static void write_os(const fps__bom *bom)
{
    const fps_result_info *info = fps_result_get_info(bom->view->result);
    fps__json_object(bom->json, NULL);
    fps__json_text(bom->json, "type", "operating-system");
    fps__json_text(bom->json, "bom-ref", OS_REFERENCE);
    fps__json_text(bom->json, "name", info->os_id && info->os_id[0] ? info->os_id : info->os_name);
    if (info->os_version_id && info->os_version_id[0])
        fps__json_text(bom->json, "version", info->os_version_id);
    if (info->os_name && info->os_name[0])
        fps__json_text(bom->json, "description", info->os_name);
    fps__json_end(bom->json);
}

static void write_dependency(const fps__bom *bom, const fps__entry *entry)
{
    char text[FPS__IDENTIFIER_SIZE];
    fps__bom_reference(bom->view, entry, text, sizeof text);
    fps__json_object(bom->json, NULL);
    fps__json_text(bom->json, "ref", text);
    if (entry->package) {
        fps__entry other;
        size_t cursor = 0;
        fps__json_array(bom->json, "dependsOn");
        for (size_t i = 0; i < entry->package->depend_count; i++)
            if (fps__bom_package(bom->view, entry->package->depends[i], &other))
                write_reference(bom, &other);
        while (fps__bom_next_contained(bom->view, entry->index, &cursor, &other))
            write_reference(bom, &other);
        fps__json_end(bom->json);
    }
    fps__json_end(bom->json);
}

static void write_dependencies(const fps__bom *bom)
{
    fps__entry entry;
    fps__json *json = bom->json;
    fps__json_array(json, "dependencies");
    fps__json_object(json, NULL);
    fps__json_text(json, "ref", TARGET_REFERENCE);
    fps__json_array(json, "dependsOn");
    if (has_os(bom))
        fps__json_text(json, NULL, OS_REFERENCE);
    each_top_entry(bom, write_reference);
    fps__json_end(json);
    fps__json_end(json);
    for (size_t next = 0; fps__bom_next(bom->view, &next, &entry);)
        write_dependency(bom, &entry);
    fps__json_end(json);
}

static void write_tools(const fps__bom *bom)
{
    if (bom->minor >= 5) {
        fps__json_object(bom->json, "tools");
        fps__json_array(bom->json, "components");
    } else {
        fps__json_array(bom->json, "tools");
    }
    fps__json_object(bom->json, NULL);
    if (bom->minor >= 5)
        fps__json_text(bom->json, "type", "application");
    fps__json_text(bom->json, "name", "fpscan");
    fps__json_text(bom->json, "version", fps__tool_version(bom->view->options));
    fps__json_end(bom->json);
    fps__json_end(bom->json);
    if (bom->minor >= 5)
        fps__json_end(bom->json);
}

/* "sha256:..." as a hash; any other text is left out. */
static void write_digest(const char *digest, fps__json *json)
{
    const char *hex = fps__sha256_digits(digest);
    if (!hex)
        return;
    fps__json_array(json, "hashes");
    fps__json_object(json, NULL);
    fps__json_text(json, "alg", "SHA-256");
    fps__json_text(json, "content", hex);
    fps__json_end(json);
    fps__json_end(json);
}

static void write_target(const fps__bom *bom)
{
    const fps_result_info *info = fps_result_get_info(bom->view->result);
    char purl[FPS__IDENTIFIER_SIZE];
    fps__json_object(bom->json, "component");
    fps__json_text(bom->json, "type", info->image ? "container" : "file");
    fps__json_text(bom->json, "bom-ref", TARGET_REFERENCE);
    fps__json_text(bom->json, "name", info->target && info->target[0] ? info->target : "target");
    if (info->image) {
        if (info->image->manifest[0])
            fps__json_text(bom->json, "version", info->image->manifest);
        write_digest(info->image->manifest, bom->json);
        if (fps__bom_image_purl(info->image, purl, sizeof purl))
            fps__json_text(bom->json, "purl", purl);
    }
    fps__json_end(bom->json);
}

static void write_image_properties(const fps_image *image, fps__json *json)
{
    const struct {
        const char *name, *value;
    } facts[] = {
        {"image:format", image->format},
        {"image:reference", image->reference},
        {"image:manifest", image->manifest},
        {"image:config", image->config},
        {"image:os", image->os},
        {"image:architecture", image->architecture},
        {"image:variant", image->variant},
        {"image:osVersion", image->os_version},
        {"image:base:source", fps_base_source_name(image->base_source)},
        {"image:base:name", image->base_name},
        {"image:base:digest", image->base_digest},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (facts[i].value[0])
            fps__cyclonedx_property(json, facts[i].name, facts[i].value);
}

/* One property per layer: "0 sha256:DIFF sha256:BLOB base CREATED BY". */
static void write_layers(const fps__bom *bom)
{
    for (size_t i = 0; i < fps_result_layer_count(bom->view->result); i++) {
        const fps_layer *layer = fps_result_layer(bom->view->result, i);
        char index[16];
        snprintf(index, sizeof index, "%u ", layer->index);
        fps__json_object(bom->json, NULL);
        fps__json_text(bom->json, "name", "fpscan:layer");
        fps__json_text_start(bom->json, "value");
        const char *parts[] = {index,
                               layer->diff_id,
                               layer->digest[0] ? " " : "",
                               layer->digest,
                               layer->base ? " base" : "",
                               layer->read ? "" : " unread",
                               layer->created_by[0] ? " " : "",
                               layer->created_by};
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
            fps__json_text_part(bom->json, parts[p]);
        fps__json_text_stop(bom->json);
        fps__json_end(bom->json);
    }
}

static void write_drift(const fps__bom *bom)
{
    for (size_t i = 0; i < fps_result_drift_count(bom->view->result); i++) {
        fps__json_object(bom->json, NULL);
        fps__json_text(bom->json, "name", "fpscan:drift");
        fps__bom_drift(fps_result_drift(bom->view->result, i), "value", bom->json);
        fps__json_end(bom->json);
    }
}

/* A property by GitLab's taxonomy of properties. */
static void write_gitlab_property(const fps__bom *bom, const char *name, const char *value, size_t length)
{
    if (!length)
        return;
    fps__json_object(bom->json, NULL);
    fps__json_text_start(bom->json, "name");
    fps__json_text_part(bom->json, "gitlab:");
    fps__json_text_part(bom->json, name);
    fps__json_text_stop(bom->json);
    fps__json_text_start(bom->json, "value");
    fps__json_text_bytes(bom->json, value, length);
    fps__json_text_stop(bom->json);
    fps__json_end(bom->json);
}

/* Of an image the name, the tag and the system, else the target as the file that was looked at. */
static void write_gitlab(const fps__bom *bom)
{
    const fps_result_info *info = fps_result_get_info(bom->view->result);
    write_gitlab_property(bom, "meta:schema_version", "1", 1);
    if (!info->image) {
        write_gitlab_property(bom, "dependency_scanning:input_file:path", info->target,
                              info->target ? strlen(info->target) : 0);
        return;
    }
    const char *name = info->image->reference, *slash = strrchr(name, '/');
    size_t path = slash ? (size_t)(slash - name) : 0, length = path + strcspn(name + path, ":@");
    const char *tag = name[length] == ':' ? name + length + 1 : "";
    const char *system = info->os_name && *info->os_name ? info->os_name : info->os_id;
    write_gitlab_property(bom, "container_scanning:image:name", name, length);
    write_gitlab_property(bom, "container_scanning:image:tag", tag, strcspn(tag, "@"));
    write_gitlab_property(bom, "container_scanning:operating_system:name", system,
                          system ? strlen(system) : 0);
    write_gitlab_property(bom, "container_scanning:operating_system:version", info->os_version_id,
                          info->os_version_id ? strlen(info->os_version_id) : 0);
}

static void write_metadata(const fps__bom *bom)
{
    const fps_result_info *info = fps_result_get_info(bom->view->result);
    char timestamp[FPS__TIMESTAMP_SIZE];
    fps__json *json = bom->json;
    fps__json_object(json, "metadata");
    fps__timestamp_text(bom->view->options->timestamp, timestamp);
    if (timestamp[0])
        fps__json_text(json, "timestamp", timestamp);
    write_tools(bom);
    write_target(bom);
    fps__json_array(json, "properties");
    if (bom->gitlab)
        write_gitlab(bom);
    fps__cyclonedx_property(json, "target:type", info->target_type ? info->target_type : "");
    fps__cyclonedx_property(json, "partial", info->partial ? "true" : "false");
    if (info->packages_known)
        fps__cyclonedx_property(json, "digestsCompared", info->digests_compared ? "true" : "false");
    for (size_t i = 0; i < info->database_count; i++) {
        char digest[2 * sizeof info->databases[i].digest + 1], text[CELL];
        fps__hex_write(info->databases[i].digest, sizeof info->databases[i].digest, digest);
        snprintf(text, sizeof text, "%s %.400s", digest, info->databases[i].name);
        fps__cyclonedx_property(json, "set", text);
    }
    fps__cyclonedx_vulnerability_properties(bom);
    if (info->image)
        write_image_properties(info->image, json);
    write_layers(bom);
    write_drift(bom);
    fps__json_end(json);
    fps__json_end(json);
}

/* A scan finds what the sets know and never proves that there is nothing else: at best, completeness is
 * unknown. */
static void write_compositions(const fps__bom *bom)
{
    fps__json_array(bom->json, "compositions");
    fps__json_object(bom->json, NULL);
    fps__json_text(bom->json, "aggregate",
                   fps_result_get_info(bom->view->result)->partial ? "incomplete" : "unknown");
    fps__json_array(bom->json, "assemblies");
    fps__json_text(bom->json, NULL, TARGET_REFERENCE);
    fps__json_end(bom->json);
    fps__json_end(bom->json);
    fps__json_end(bom->json);
}

static void write_document(const fps__view *view, const char *serial, fps__output *out)
{
    const fps_report_format *format = view->format;
    fps__cyclonedx_xml xml = {.version = format->version};
    fps__json json = {.out = out, .form = format->form, .state = &xml};
    fps__bom bom = {view, &json, (unsigned)(format->version[2] - '0'), format->gitlab};
    char schema[64];
    snprintf(schema, sizeof schema, "http://cyclonedx.org/schema/bom-%s.schema.json", format->version);
    if (format->form)
        fps__output_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    fps__json_object(&json, NULL);
    fps__json_text(&json, "$schema", schema);
    fps__json_text(&json, "bomFormat", "CycloneDX");
    fps__json_text(&json, "specVersion", format->version);
    if (serial)
        fps__json_text(&json, "serialNumber", serial);
    fps__json_number(&json, "version", 1);
    write_metadata(&bom);
    fps__json_array(&json, "components");
    if (has_os(&bom))
        write_os(&bom);
    each_top_entry(&bom, fps__cyclonedx_entry);
    fps__json_end(&json);
    write_dependencies(&bom);
    write_compositions(&bom);
    fps__cyclonedx_vulnerabilities(&bom);
    fps__json_end(&json);
}

static void write_cyclonedx(const fps__view *view, fps__output *out)
{
    char serial[FPS__UUID_SIZE];
    if (fps__document_uuid(view, write_document, serial))
        write_document(view, serial, out);
    else
        out->status = FPS_ERROR_MEMORY;
}

/* The default, 1.6, is the newest that syft, grype, trivy and Dependency-Track all read (bench/README.md). */
#define JSON(number)                                                                                         \
    {                                                                                                        \
        .name = "cyclonedx-json", .alias = "cyclonedx", .version = number, .states = FPS__STATES_OF_BILLS,   \
        .write = write_cyclonedx                                                                             \
    }
#define XML(number)                                                                                          \
    {                                                                                                        \
        .name = "cyclonedx-xml", .version = number, .states = FPS__STATES_OF_BILLS,                          \
        .write = write_cyclonedx, .form = &fps__cyclonedx_xml_form                                           \
    }

const fps_report_format fps__report_cyclonedx[FPS__CYCLONEDX_VERSIONS] = {JSON("1.6"), JSON("1.4"),
                                                                          JSON("1.5"), JSON("1.7")};
const fps_report_format fps__report_cyclonedx_xml[FPS__CYCLONEDX_VERSIONS] = {XML("1.6"), XML("1.4"),
                                                                              XML("1.5"), XML("1.7")};
/* GitLab takes a bill as a CycloneDX report (artifacts: reports: cyclonedx), and tells by its properties of what. */
const fps_report_format fps__report_gitlab = {.name = "gitlab",
                                              .version = "1.6",
                                              .states = FPS__STATES_OF_BILLS,
                                              .write = write_cyclonedx,
                                              .gitlab = true};
