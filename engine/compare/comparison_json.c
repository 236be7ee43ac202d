/* Writes a comparison as JSON by comparison.schema.json. */
#include "compare/compare_state.h"
#include "report/report_json.h"

#define SCHEMA_VERSION "1.0"

static void write_side(const fps_comparison *now, unsigned side, fps__json *json)
{
    const fps_result_info *info = fps_result_get_info(now->sides[side]);
    char created[FPS__TIMESTAMP_SIZE] = "";
    if (info->from_report)
        fps__timestamp_text(info->report_time, created);
    fps__json_object(json, side == FPS__BEFORE ? "before" : "after");
    fps__json_text(json, "path", info->target ? info->target : "");
    fps__json_text(json, "type", info->target_type ? info->target_type : "");
    fps__json_bool(json, "fromReport", info->from_report);
    fps__json_text(json, "created", created[0] ? created : NULL);
    fps__json_text(json, "manifest", info->image ? info->image->manifest : NULL);
    fps__json_bool(json, "partial", info->partial);
    fps__json_number(json, "layers", fps_result_layer_count(now->sides[side]));
    fps__json_end(json);
}

static void write_summary(const fps_comparison *now, fps__json *json)
{
    fps__json_object(json, "summary");
    for (unsigned section = 0; section < FPS_COMPARE_SECTIONS; section++) {
        const fps_change_counts *counts = &now->counts[section];
        fps__json_object(json, fps__section_name(section));
        fps__json_bool(json, "compared", counts->compared);
        fps__json_number(json, "added", counts->added);
        fps__json_number(json, "removed", counts->removed);
        fps__json_number(json, "changed", counts->changed);
        fps__json_number(json, "same", counts->same);
        fps__json_end(json);
    }
    fps__json_end(json);
}

static void write_bytes(const fps_comparison *now, fps__json *json)
{
    fps__json_object(json, "executableBytes");
    fps__json_number(json, "added", now->code[FPS__AFTER][FPS_CHANGE_ADDED]);
    fps__json_number(json, "removed", now->code[FPS__BEFORE][FPS_CHANGE_REMOVED]);
    fps__json_number(json, "changedBefore", now->code[FPS__BEFORE][FPS_CHANGE_CHANGED]);
    fps__json_number(json, "changedAfter", now->code[FPS__AFTER][FPS_CHANGE_CHANGED]);
    fps__json_array(json, "layers");
    for (size_t i = 0; i < now->layers.count; i++) {
        const fps__layer_bytes *bytes = &now->layers.items[i];
        const fps_layer *layer = fps_result_layer(now->sides[bytes->side], bytes->layer);
        fps__json_object(json, NULL);
        fps__json_text(json, "side", bytes->side == FPS__BEFORE ? "before" : "after");
        fps__json_number(json, "index", bytes->layer);
        fps__json_text(json, "diffID", layer->diff_id);
        fps__json_text(json, "createdBy", layer->created_by);
        fps__json_number(json, "added", bytes->added);
        fps__json_number(json, "removed", bytes->removed);
        fps__json_number(json, "changed", bytes->changed);
        fps__json_end(json);
    }
    fps__json_end(json);
    fps__json_end(json);
}

static void write_layer(fps__json *json, const char *key, uint32_t layer)
{
    if (layer == UINT32_MAX)
        fps__json_null(json, key);
    else
        fps__json_number(json, key, layer);
}

static void write_change(const fps_change *change, fps__json *json)
{
    fps__json_object(json, NULL);
    fps__json_text(json, "section", fps__section_name(change->section));
    fps__json_text(json, "change", fps__change_name(change->kind));
    fps__json_text(json, "name", change->name);
    fps__json_text(json, "before", change->before);
    fps__json_text(json, "after", change->after);
    if (change->section == FPS_COMPARE_VULNERABILITIES)
        fps__json_text(json, "severity", fps_severity_name(change->severity));
    if (change->section == FPS_COMPARE_CODE) {
        fps__json_number(json, "bytesBefore", change->bytes_before);
        fps__json_number(json, "bytesAfter", change->bytes_after);
    }
    fps__json_array(json, "places");
    for (size_t i = 0; i < change->place_count; i++) {
        const fps_change_place *place = &change->places[i];
        fps__json_line(json, NULL);
        fps__json_text(json, "pathBefore", place->path_before);
        fps__json_text(json, "pathAfter", place->path_after);
        write_layer(json, "layerBefore", place->layer_before);
        write_layer(json, "layerAfter", place->layer_after);
        fps__json_end(json);
    }
    fps__json_end(json);
    fps__json_end(json);
}

static void write_function_counts(const fps__function_counts *counts, fps__json *json)
{
    fps__json_number(json, "added", counts->added);
    fps__json_number(json, "removed", counts->removed);
    fps__json_number(json, "changed", counts->changed);
    fps__json_number(json, "same", counts->same);
    fps__json_number(json, "moved", counts->moved);
}

/* Addresses exceed 2^53, where many JSON readers lose digits, so they are strings. */
static void write_address(fps__json *json, const char *key, uint64_t address, bool there)
{
    if (!there) {
        fps__json_null(json, key);
        return;
    }
    fps__json_text_start(json, key);
    fps__output_text(json->out, "0x");
    fps__output_hexadecimal(json->out, address);
    fps__json_text_stop(json);
}

static void write_functions(const fps_comparison *now, fps__json *json)
{
    if (!now->has_functions) {
        fps__json_null(json, "functions");
        return;
    }
    fps__json_object(json, "functions");
    write_function_counts(&now->functions, json);
    fps__json_array(json, "components");
    for (size_t i = 0; i < now->function_components.count; i++) {
        const fps__function_counts *counts = &now->function_components.items[i];
        fps__json_object(json, NULL);
        fps__json_text(json, "component", *counts->component ? counts->component : NULL);
        write_function_counts(counts, json);
        fps__json_end(json);
    }
    fps__json_end(json);
    fps__json_array(json, "changes");
    for (size_t i = 0; i < now->function_changes.count; i++) {
        const fps__function_change *change = &now->function_changes.items[i];
        fps__json_line(json, NULL);
        fps__json_text(json, "change", fps__change_name(change->kind));
        fps__json_text(json, "component", *change->component ? change->component : NULL);
        fps__json_text(json, "name", *change->name ? change->name : NULL);
        write_address(json, "addressBefore", change->address_before, change->kind != FPS_CHANGE_ADDED);
        write_address(json, "addressAfter", change->address_after, change->kind != FPS_CHANGE_REMOVED);
        fps__json_number(json, "bytesBefore", change->bytes_before);
        fps__json_number(json, "bytesAfter", change->bytes_after);
        fps__json_number(json, "instructionsBefore", change->instructions_before);
        fps__json_number(json, "instructionsAfter", change->instructions_after);
        fps__json_end(json);
    }
    fps__json_end(json);
    fps__json_end(json);
}

void fps__comparison_json(const fps_comparison *comparison, fps__output *out)
{
    const fps_change *change;
    fps__json json = {.out = out};
    fps__json_head(&json, SCHEMA_VERSION, "comparison", &comparison->options);
    write_side(comparison, FPS__BEFORE, &json);
    write_side(comparison, FPS__AFTER, &json);
    fps__json_array(&json, "notes");
    for (size_t i = 0; i < comparison->note_count; i++)
        fps__json_text(&json, NULL, comparison->notes[i]);
    fps__json_end(&json);
    write_summary(comparison, &json);
    write_bytes(comparison, &json);
    fps__json_array(&json, "changes");
    for (size_t i = 0; (change = fps_comparison_change(comparison, i)); i++)
        write_change(change, &json);
    fps__json_end(&json);
    write_functions(comparison, &json);
    fps__json_end(&json);
}
