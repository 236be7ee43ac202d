/* Writes the target, layers, packages and drift of a JSON report. */
#include "report/report_json.h"

#include <string.h>

void fps__json_index(fps__json *json, const char *key, uint32_t index, size_t count)
{
    if (index < count)
        fps__json_number(json, key, index);
    else
        fps__json_null(json, key);
}

void fps__json_location(const fps__view *view, const fps_file *file, fps__json *json)
{
    uint32_t owner = fps__package_links_owner(view->result, file);
    const fps_package *package = fps_result_package(view->result, owner);
    fps__json_text(json, "archivePath", file->archive_path);
    fps__json_index(json, "layer", file->layer, fps_result_layer_count(view->result));
    fps__json_text(json, "visibility", fps_visibility_name(file->visibility));
    fps__json_index(json, "owner", owner, fps_result_package_count(view->result));
    fps__json_text(json, "ownerName", package ? package->name : NULL);
}

static void write_image(const fps_image *image, fps__json *json)
{
    if (!image) {
        fps__json_null(json, "image");
        return;
    }
    fps__json_object(json, "image");
    fps__json_text(json, "format", image->format);
    fps__json_text(json, "reference", image->reference);
    fps__json_text(json, "manifest", image->manifest);
    fps__json_text(json, "config", image->config);
    fps__json_object(json, "platform");
    fps__json_text(json, "os", image->os);
    fps__json_text(json, "architecture", image->architecture);
    fps__json_text(json, "variant", image->variant);
    fps__json_text(json, "osVersion", image->os_version);
    fps__json_end(json);
    fps__json_object(json, "base");
    fps__json_text(json, "source", fps_base_source_name(image->base_source));
    fps__json_text(json, "name", image->base_name);
    fps__json_text(json, "digest", image->base_digest);
    fps__json_number(json, "layers", image->base_layers);
    fps__json_end(json);
    fps__json_end(json);
}

static void write_os(const fps_result_info *info, fps__json *json)
{
    fps__json_object(json, "os");
    fps__json_text(json, "id", info->os_id ? info->os_id : "");
    fps__json_text(json, "versionId", info->os_version_id ? info->os_version_id : "");
    fps__json_text(json, "name", info->os_name ? info->os_name : "");
    fps__json_end(json);
}

void fps__json_target(const fps_result_info *info, fps__json *json)
{
    fps__json_object(json, "target");
    fps__json_text(json, "path", info->target ? info->target : "");
    fps__json_text(json, "type", info->target_type ? info->target_type : "");
    write_image(info->image, json);
    write_os(info, json);
    fps__json_bool(json, "packagesKnown", info->packages_known);
    fps__json_text(json, "packagesStatedBy", "target");
    fps__json_bool(json, "digestsCompared", info->digests_compared);
    fps__json_number(json, "entries", info->entries);
    fps__json_number(json, "regularFiles", info->regular_files);
    fps__json_number(json, "objects", info->objects);
    fps__json_number(json, "bytes", info->bytes);
    fps__json_number(json, "skippedPseudo", info->skipped_pseudo);
    fps__json_bool(json, "partial", info->partial);
    fps__json_end(json);
}

void fps__json_shown(const fps__view *view, fps__json *json)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    uint64_t others = info->omitted, hidden = info->omitted_hidden;
    fps__view_count_omitted(view, &others, &hidden);
    fps__json_object(json, "shown");
    fps__json_array(json, "states");
    for (unsigned state = FPS_STATE_PRESENT; state <= FPS_STATE_MENTIONED; state++)
        if (view->states >> state & 1)
            fps__json_text(json, NULL, fps_state_name((fps_state)state));
    fps__json_end(json);
    fps__json_real(json, "minConfidence", view->options->min_confidence);
    fps__json_text(json, "component", view->options->component);
    fps__json_text(json, "scope", view->options->all_layers ? "all-layers" : "squashed");
    fps__json_text(json, "evidence", fps_report_evidence_name(view->options->evidence));
    fps__json_number(json, "omittedFindings", others);
    fps__json_number(json, "omittedHiddenFindings", hidden);
    fps__json_end(json);
}

void fps__json_layers(const fps_result *result, fps__json *json)
{
    fps__json_array(json, "layers");
    for (size_t i = 0; i < fps_result_layer_count(result); i++) {
        const fps_layer *layer = fps_result_layer(result, i);
        fps__json_object(json, NULL);
        fps__json_number(json, "index", layer->index);
        fps__json_text(json, "digest", layer->digest);
        fps__json_text(json, "diffID", layer->diff_id);
        fps__json_text(json, "createdBy", layer->created_by);
        fps__json_text(json, "mediaType", layer->media_type);
        fps__json_number(json, "size", layer->size);
        fps__json_bool(json, "base", layer->base);
        fps__json_bool(json, "read", layer->read);
        fps__json_end(json);
    }
    fps__json_end(json);
}

/* The ids of components in the files of a package: either those that are the package itself, or the
 * others. */
static void write_ids(const fps__view *view, size_t package, bool own, fps__json *json)
{
    const fps__package_links *links = view->links;
    const char *last = NULL;
    fps__json_array(json, own ? "components" : "contains");
    for (uint32_t i = links->first[package]; i < links->first[package + 1]; i++) {
        const fps_finding *finding = fps_result_finding(view->result, links->findings[i]);
        const char *id = fps_result_component(view->result, finding->component)->id;
        if (fps__package_links_merges(view, finding) != own || (last && strcmp(last, id) == 0))
            continue;
        fps__json_text(json, NULL, id);
        last = id;
    }
    fps__json_end(json);
}

/* What a program says of how it was linked, a text for each "KEY=VALUE"; nothing where it says nothing. */
static void write_properties(const char *properties, fps__json *json)
{
    if (!properties || !*properties)
        return;
    fps__json_array(json, "properties");
    for (size_t size; *properties; properties += size + (properties[size] == '\n')) {
        size = strcspn(properties, "\n");
        fps__json_text_start(json, NULL);
        fps__json_text_bytes(json, properties, size);
        fps__json_text_stop(json);
    }
    fps__json_end(json);
}

void fps__json_suppressed(const fps_suppressed *suppressed, fps__json *json)
{
    if (!suppressed)
        return;
    fps__json_object(json, "suppressed");
    fps__json_text(json, "kind", suppressed->baseline ? "baseline" : "ignored");
    fps__json_text(json, "reason", suppressed->reason);
    fps__json_text(json, "source", suppressed->source);
    fps__json_end(json);
}

static void write_package(const fps__view *view, size_t index, fps__json *json)
{
    const fps_package *package = fps_result_package(view->result, index);
    size_t count = fps_result_package_count(view->result);
    fps__json_object(json, NULL);
    fps__json_number(json, "index", index);
    fps__json_text(json, "kind", fps_package_kind_name(package->kind));
    fps__json_text(json, "name", package->name);
    fps__json_text(json, "version", package->version);
    fps__json_text(json, "architecture", package->architecture);
    fps__json_text(json, "source", package->source);
    fps__json_text(json, "sourceVersion", package->source_version);
    fps__json_text(json, "supplier", package->supplier ? package->supplier : "");
    fps__json_text(json, "license", package->license);
    fps__json_text(json, "purl", package->purl);
    fps__json_text(json, "cpe", package->cpe ? package->cpe : "");
    fps__json_text(json, "location", package->location);
    if (package->state != FPS_STATE_PRESENT)
        fps__json_text(json, "state", fps_state_name(package->state));
    write_properties(package->properties, json);
    fps__json_text(json, "visibility", fps_visibility_name(package->visibility));
    fps__json_index(json, "layer", package->layer, fps_result_layer_count(view->result));
    fps__json_index(json, "parent", package->parent, count);
    fps__json_array(json, "depends");
    for (size_t i = 0; i < package->depend_count; i++)
        fps__json_number(json, NULL, package->depends[i]);
    fps__json_end(json);
    fps__json_number(json, "owned", package->owned);
    write_ids(view, index, true, json);
    write_ids(view, index, false, json);
    fps__json_suppressed(package->suppressed, json);
    fps__json_end(json);
}

void fps__json_packages(const fps__view *view, fps__json *json)
{
    fps__json_array(json, "packages");
    for (size_t i = 0; i < fps_result_package_count(view->result); i++)
        write_package(view, i, json);
    fps__json_end(json);
}

void fps__json_drift(const fps__view *view, fps__json *json)
{
    const fps_result *result = view->result;
    size_t packages = fps_result_package_count(result);
    fps__json_array(json, "drift");
    for (size_t i = 0; i < fps_result_drift_count(result); i++) {
        const fps_drift *drift = fps_result_drift(result, i);
        bool has_file = drift->file < fps_result_file_count(result);
        fps__json_object(json, NULL);
        fps__json_text(json, "kind", fps_drift_kind_name(drift->kind));
        fps__json_text(json, "level", fps__drift_level_text(drift));
        fps__json_text(json, "path", drift->path);
        fps__json_index(json, "file", has_file ? view->links->shown_index[drift->file] : FPS__NONE,
                        FPS__NONE);
        fps__json_index(json, "package", drift->package, packages);
        fps__json_index(json, "otherPackage", drift->other, packages);
        fps__json_text(json, "component", drift->component);
        fps__json_text(json, "claimed", drift->claimed);
        fps__json_text(json, "found", drift->found);
        fps__json_text(json, "message", drift->message);
        fps__json_suppressed(drift->suppressed, json);
        fps__json_end(json);
    }
    fps__json_end(json);
}
