/* Writes a comparison as markdown, and as a page of HTML without scripts. Both have the same tables. */
#include "compare/compare_state.h"
#include "report/markdown_text.h"
#include "report/xml_text.h"

#include <stdio.h>
#include <string.h>

enum {
    COLUMNS = 6,
    FUNCTION_COLUMNS = 6,
    COUNT_TEXT = 48,
    MOST_FUNCTIONS = 1000,
    LAYER_TEXT = 16,
    PLACE_TEXT = 1024
};

/* A form of the page: how its parts are written. */
typedef struct form {
    void (*text)(fps__output *out, const char *text); /* untrusted */
    const char *page_start, *page_end, *title_start, *title_end, *section_start, *section_end;
    const char *line_start, *line_end;
    const char *table_start, *table_end, *row_start, *row_end, *cell_start, *cell_end, *head_start, *head_end;
    bool rules; /* a line of rules stands below the heads */
} form;

static const form markdown = {
    .text = fps__markdown_text,
    .page_start = "",
    .page_end = "",
    .title_start = "# ",
    .title_end = "\n",
    .section_start = "\n## ",
    .section_end = "\n",
    .line_start = "\n",
    .line_end = "\n",
    .table_start = "\n",
    .table_end = "",
    .row_start = "",
    .row_end = "|\n",
    .cell_start = "| ",
    .cell_end = " ",
    .head_start = "| ",
    .head_end = " ",
    .rules = true,
};

static const form html = {
    .text = fps__xml_text,
    .page_start =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<title>fpscan: comparison</title>\n<style>\n"
        "body { font-family: sans-serif; margin: 2em; }\n"
        "table { border-collapse: collapse; }\n"
        "td, th { border: 1px solid #bbb; padding: .2em .6em; text-align: left; overflow-wrap: anywhere; }\n"
        "</style>\n</head>\n<body>\n",
    .page_end = "</body>\n</html>\n",
    .title_start = "<h1>",
    .title_end = "</h1>\n",
    .section_start = "<h2>",
    .section_end = "</h2>\n",
    .line_start = "<p>",
    .line_end = "</p>\n",
    .table_start = "<table>\n",
    .table_end = "</table>\n",
    .row_start = "<tr>",
    .row_end = "</tr>\n",
    .cell_start = "<td>",
    .cell_end = "</td>",
    .head_start = "<th>",
    .head_end = "</th>",
};

static void put_between(const form *f, fps__output *out, const char *start, const char *text, const char *end)
{
    fps__output_text(out, start);
    f->text(out, text);
    fps__output_text(out, end);
}

static void put_row(const form *f, fps__output *out, const char *const *cells, size_t count, bool head)
{
    fps__output_text(out, f->row_start);
    for (size_t i = 0; i < count; i++)
        put_between(f, out, head ? f->head_start : f->cell_start, cells[i], head ? f->head_end : f->cell_end);
    fps__output_text(out, f->row_end);
    for (size_t i = 0; head && f->rules && i < count; i++)
        fps__output_text(out, "|---");
    fps__output_text(out, head && f->rules ? "|\n" : "");
}

static void put_change(const form *f, fps__output *out, const fps_change *change)
{
    char layer[LAYER_TEXT] = "", place[PLACE_TEXT];
    if (fps__change_layer(change) != UINT32_MAX)
        snprintf(layer, sizeof layer, "%u", fps__change_layer(change));
    if (change->place_count > 1)
        snprintf(place, sizeof place, "%.900s and %zu more", fps__change_path(change),
                 change->place_count - 1);
    const char *cells[COLUMNS] = {fps__change_name(change->kind),
                                  change->name,
                                  change->before ? change->before : "",
                                  change->after ? change->after : "",
                                  layer,
                                  change->place_count > 1 ? place : fps__change_path(change)};
    put_row(f, out, cells, COLUMNS, false);
}

static void put_section(const form *f, fps__output *out, const fps_comparison *now, unsigned section)
{
    static const char *const heads[COLUMNS] = {"change", "name", "before", "after", "layer", "file"};
    const fps_change *change;
    char counts[128];
    size_t written = 0;
    fps__counts_text(&now->counts[section], counts, sizeof counts);
    put_between(f, out, f->section_start, fps__section_title(section), f->section_end);
    put_between(f, out, f->line_start, counts, f->line_end);
    for (size_t i = 0; (change = fps_comparison_change(now, i)); i++) {
        if (change->section != section)
            continue;
        if (!written++) {
            fps__output_text(out, f->table_start);
            put_row(f, out, heads, COLUMNS, true);
        }
        put_change(f, out, change);
    }
    fps__output_text(out, written ? f->table_end : "");
}

static void put_layers(const form *f, fps__output *out, const fps_comparison *now)
{
    static const char *const heads[COLUMNS] = {"layer", "of", "bytes added", "removed", "changed", "made by"};
    size_t written = 0;
    for (size_t i = 0; i < now->layers.count; i++) {
        const fps__layer_bytes *layer = &now->layers.items[i];
        char index[COUNT_TEXT], added[COUNT_TEXT], removed[COUNT_TEXT], changed[COUNT_TEXT];
        if (!(layer->added | layer->removed | layer->changed))
            continue;
        if (!written++) {
            fps__output_text(out, f->table_start);
            put_row(f, out, heads, COLUMNS, true);
        }
        snprintf(index, sizeof index, "%u", layer->layer);
        snprintf(added, sizeof added, "%llu", (unsigned long long)layer->added);
        snprintf(removed, sizeof removed, "%llu", (unsigned long long)layer->removed);
        snprintf(changed, sizeof changed, "%llu", (unsigned long long)layer->changed);
        const char *cells[COLUMNS] = {
            index,   layer->side == FPS__BEFORE ? "before" : "after",
            added,   removed,
            changed, fps_result_layer(now->sides[layer->side], layer->layer)->created_by};
        put_row(f, out, cells, COLUMNS, false);
    }
    fps__output_text(out, written ? f->table_end : "");
}

static void put_functions(const form *f, fps__output *out, const fps_comparison *now)
{
    static const char *const heads[FUNCTION_COLUMNS] = {"component", "added",    "removed",
                                                        "changed",   "the same", "of these moved"};
    put_between(f, out, f->section_start, "Functions", f->section_end);
    fps__output_text(out, f->table_start);
    put_row(f, out, heads, FUNCTION_COLUMNS, true);
    for (size_t i = 0; i < now->function_components.count; i++) {
        const fps__function_counts *c = &now->function_components.items[i];
        const uint64_t numbers[FUNCTION_COLUMNS - 1] = {c->added, c->removed, c->changed, c->same, c->moved};
        char texts[FUNCTION_COLUMNS - 1][COUNT_TEXT];
        const char *cells[FUNCTION_COLUMNS] = {*c->component ? c->component : "unknown"};
        for (size_t n = 0; n < FUNCTION_COLUMNS - 1; n++) {
            snprintf(texts[n], sizeof texts[n], "%llu", (unsigned long long)numbers[n]);
            cells[n + 1] = texts[n];
        }
        put_row(f, out, cells, FUNCTION_COLUMNS, false);
    }
    fps__output_text(out, f->table_end);
}

static void put_function_changes(const form *f, fps__output *out, const fps_comparison *now)
{
    static const char *const heads[FUNCTION_COLUMNS] = {"change",  "component",    "function",
                                                        "address", "bytes before", "bytes after"};
    size_t count = now->function_changes.count, shown = count < MOST_FUNCTIONS ? count : MOST_FUNCTIONS;
    char address[COUNT_TEXT], before[COUNT_TEXT], after[COUNT_TEXT];
    if (!count)
        return;
    fps__output_text(out, f->table_start);
    put_row(f, out, heads, FUNCTION_COLUMNS, true);
    for (size_t i = 0; i < shown; i++) {
        const fps__function_change *c = &now->function_changes.items[i];
        snprintf(address, sizeof address, "0x%llx",
                 (unsigned long long)(c->kind == FPS_CHANGE_REMOVED ? c->address_before : c->address_after));
        snprintf(before, sizeof before, "%u", c->bytes_before);
        snprintf(after, sizeof after, "%u", c->bytes_after);
        const char *cells[FUNCTION_COLUMNS] = {fps__change_name(c->kind),
                                               *c->component ? c->component : "unknown",
                                               c->name,
                                               address,
                                               c->kind == FPS_CHANGE_ADDED ? "" : before,
                                               c->kind == FPS_CHANGE_REMOVED ? "" : after};
        put_row(f, out, cells, FUNCTION_COLUMNS, false);
    }
    fps__output_text(out, f->table_end);
    if (count > shown) {
        snprintf(after, sizeof after, "%zu more: json has all", count - shown);
        put_between(f, out, f->line_start, after, f->line_end);
    }
}

static void put_page(const form *f, fps__output *out, const fps_comparison *now)
{
    char created[FPS__TIMESTAMP_SIZE];
    fps__timestamp_text(now->options.timestamp, created);
    fps__output_text(out, f->page_start);
    put_between(f, out, f->title_start, "What changed", f->title_end);
    for (unsigned side = 0; side < FPS__SIDES; side++) {
        fps__output_text(out, f->line_start);
        fps__output_text(out, side == FPS__BEFORE ? "Before: " : "After: ");
        f->text(out, fps__side_title(now, side));
        fps__output_text(out, f->line_end);
    }
    for (size_t i = 0; i < now->note_count; i++)
        put_between(f, out, f->line_start, now->notes[i], f->line_end);
    for (unsigned section = 0; section < FPS_COMPARE_SECTIONS; section++)
        put_section(f, out, now, section);
    put_layers(f, out, now);
    if (now->has_functions) {
        put_functions(f, out, now);
        put_function_changes(f, out, now);
    }
    fps__output_text(out, f->line_start);
    fps__output_text(out, "fpscan ");
    f->text(out, fps__tool_version(&now->options));
    fps__output_text(out, *created ? ", " : "");
    fps__output_text(out, created);
    fps__output_text(out, f->line_end);
    fps__output_text(out, f->page_end);
}

void fps__comparison_markdown(const fps_comparison *comparison, fps__output *out)
{
    put_page(&markdown, out, comparison);
}

void fps__comparison_html(const fps_comparison *comparison, fps__output *out)
{
    put_page(&html, out, comparison);
}
