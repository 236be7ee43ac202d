/* Writes a comparison: the formats, words that they share, and the table for people. */
#include "compare/compare_state.h"

#include <stdio.h>
#include <string.h>

enum {
    FORMATS = 4,
    DEFAULT_WIDTH = 80,
    LEAST_WIDTH = 60,
    INDENT = 6,
    NAME = 30,
    SHOWN_FUNCTIONS = 20,
    MARK = 4,
    DOTS = 3,
    LONG = 8192
};

const char *fps_comparison_format_name(size_t index)
{
    static const char *const names[FORMATS] = {"table", "json", "markdown", "html"};
    return index < FORMATS ? names[index] : NULL;
}

fps_status fps_comparison_write(const fps_comparison *comparison, fps_comparison_format format,
                                const fps_report_options *options, fps_write_callback write, void *user,
                                fps_error *error)
{
    static void (*const writers[FORMATS])(const fps_comparison *, fps__output *) = {
        fps__comparison_table, fps__comparison_json, fps__comparison_markdown, fps__comparison_html};
    fps__output out;
    fps_comparison shown = *comparison; /* with other options; nothing in it is changed */
    if (options)
        shown.options = *options;
    fps__output_start(&out, write, user);
    if ((unsigned)format < FORMATS)
        writers[format](&shown, &out);
    return fps__output_finish(&out, error);
}

/* ---- words ---- */

const char *fps__section_title(unsigned section)
{
    static const char *const titles[FPS_COMPARE_SECTIONS] = {"Components", "Packages", "Vulnerabilities",
                                                             "Drift", "Executable code"};
    return section < FPS_COMPARE_SECTIONS ? titles[section] : "";
}

const char *fps__side_title(const fps_comparison *comparison, unsigned side)
{
    const char *target = fps_result_get_info(comparison->sides[side])->target;
    return target && *target ? target : "the target";
}

void fps__counts_text(const fps_change_counts *counts, char *text, size_t size)
{
    if (counts->compared)
        snprintf(text, size, "%llu added, %llu removed, %llu changed, %llu the same",
                 (unsigned long long)counts->added, (unsigned long long)counts->removed,
                 (unsigned long long)counts->changed, (unsigned long long)counts->same);
    else
        snprintf(text, size, "not compared");
}

const char *fps__change_path(const fps_change *change)
{
    const fps_change_place *place = &change->places[0];
    return place->path_after ? place->path_after : place->path_before;
}

uint32_t fps__change_layer(const fps_change *change)
{
    const fps_change_place *place = &change->places[0];
    return place->path_after ? place->layer_after : place->layer_before;
}

/* ---- the table ---- */

typedef struct table {
    const fps_comparison *comparison;
    fps__output *out;
    size_t width;  /* columns of a line */
    size_t name;   /* columns of names in the section */
    size_t values; /* columns of values */
    bool one_line; /* all rows of the section fit into a line with their places */
} table;

static void put_color(const table *t, const char *sequence)
{
    if (t->comparison->options.color)
        fps__output_format(t->out, "\033[%sm", sequence);
}

/* Columns of text that is cut to `most`. */
static size_t columns_of(const char *text, size_t most)
{
    size_t columns = fps__safe_columns(text);
    return columns < most ? columns : most;
}

static size_t values_columns(const fps_change *change)
{
    size_t before = change->before ? fps__safe_columns(change->before) : 0,
           after = change->after ? fps__safe_columns(change->after) : 0;
    return before + after + (change->before && change->after ? strlen(" -> ") : 0);
}

/* "  layer 3", "  (+2)" behind a path. */
static void put_suffix(const table *t, const fps_change *change)
{
    uint32_t layer = fps__change_layer(change);
    if (change->place_count > 1)
        fps__output_format(t->out, " (+%zu)", change->place_count - 1);
    if (layer != UINT32_MAX)
        fps__output_format(t->out, " [layer %u]", layer);
}

static size_t suffix_columns(const fps_change *change)
{
    char text[64] = "", layer[32] = "";
    if (change->place_count > 1)
        snprintf(text, sizeof text, " (+%zu)", change->place_count - 1);
    if (fps__change_layer(change) != UINT32_MAX)
        snprintf(layer, sizeof layer, " [layer %u]", fps__change_layer(change));
    return strlen(text) + strlen(layer);
}

/* The end of a path says most: what does not fit is cut at the beginning, at a '/'. */
static void put_path(const table *t, const char *path, size_t room)
{
    const char *start = path;
    bool is_long = strlen(path) > LONG; /* no path of a file: looking for its end would take too long */
    while (!is_long && fps__safe_columns(start) + (start == path ? 0 : DOTS) > room && strchr(start + 1, '/'))
        start = strchr(start + 1, '/');
    fps__output_text(t->out, start == path ? "" : "...");
    fps__output_cut(t->out, start, start == path ? room : room - DOTS);
}

static void put_values(const table *t, const fps_change *change, size_t room)
{
    const char *arrow = change->before && change->after ? " -> " : "";
    size_t half = (room - strlen(arrow)) / (change->before && change->after ? 2 : 1);
    bool fits = values_columns(change) <= room;
    if (change->before)
        fps__output_cut(t->out, change->before, fits ? 0 : half);
    fps__output_text(t->out, arrow);
    if (change->after)
        fps__output_cut(t->out, change->after, fits ? 0 : half);
}

static void put_mark(const table *t, fps_change_kind kind)
{
    static const char *const marks[] = {"+", "-", "~"}, *const colors[] = {"32", "31", "33"};
    fps__output_text(t->out, "  ");
    put_color(t, colors[kind]);
    fps__output_text(t->out, marks[kind]);
    put_color(t, "0");
    fps__output_text(t->out, " ");
}

static void put_change(const table *t, const fps_change *change)
{
    bool code = change->section == FPS_COMPARE_CODE;
    size_t left = t->width - MARK;
    put_mark(t, change->kind);
    if (code) {
        put_path(t, change->name, left - suffix_columns(change));
        put_suffix(t, change);
        fps__output_text(t->out, "\n");
        fps__output_repeat(t->out, ' ', INDENT);
        put_values(t, change, t->width - INDENT);
        fps__output_text(t->out, "\n");
        return;
    }
    size_t name = columns_of(change->name, t->name), room = left - t->name - 2;
    fps__output_cut(t->out, change->name, t->name);
    fps__output_repeat(t->out, ' ', t->name - name + 2);
    put_values(t, change, room);
    if (t->one_line) {
        fps__output_repeat(t->out, ' ', t->values - values_columns(change) + 2);
        fps__output_safe(t->out, fps__change_path(change));
    } else {
        fps__output_text(t->out, "\n");
        fps__output_repeat(t->out, ' ', INDENT);
        put_path(t, fps__change_path(change), t->width - INDENT - suffix_columns(change));
    }
    put_suffix(t, change);
    fps__output_text(t->out, "\n");
}

static void measure(table *t, unsigned section)
{
    const fps_change *change;
    size_t rest = 0;
    t->name = t->values = 0;
    for (size_t i = 0; (change = fps_comparison_change(t->comparison, i)); i++) {
        if (change->section != section)
            continue;
        size_t name = columns_of(change->name, NAME), values = values_columns(change),
               place = fps__safe_columns(fps__change_path(change)) + suffix_columns(change);
        t->name = name > t->name ? name : t->name;
        t->values = values > t->values ? values : t->values;
        rest = place > rest ? place : rest;
    }
    t->one_line = MARK + t->name + 2 + t->values + 2 + rest <= t->width;
}

static void put_section(table *t, unsigned section)
{
    char counts[128];
    const fps_change *change;
    fps__counts_text(&t->comparison->counts[section], counts, sizeof counts);
    put_color(t, "1");
    fps__output_text(t->out, fps__section_title(section));
    put_color(t, "0");
    fps__output_format(t->out, ": %s\n", counts);
    measure(t, section);
    for (size_t i = 0; (change = fps_comparison_change(t->comparison, i)); i++)
        if (change->section == section)
            put_change(t, change);
}

/* Executable bytes in all and by layer. */
static void put_bytes(const table *t)
{
    const fps_comparison *now = t->comparison;
    fps__output_text(t->out, "  executable bytes: ");
    fps__output_number(t->out, now->code[FPS__AFTER][FPS_CHANGE_ADDED], 0);
    fps__output_text(t->out, " added, ");
    fps__output_number(t->out, now->code[FPS__BEFORE][FPS_CHANGE_REMOVED], 0);
    fps__output_text(t->out, " removed, changed ");
    fps__output_number(t->out, now->code[FPS__BEFORE][FPS_CHANGE_CHANGED], 0);
    fps__output_text(t->out, " -> ");
    fps__output_number(t->out, now->code[FPS__AFTER][FPS_CHANGE_CHANGED], 0);
    fps__output_text(t->out, "\n");
    for (size_t i = 0; i < now->layers.count; i++) {
        const fps__layer_bytes *layer = &now->layers.items[i];
        if (!(layer->added | layer->removed | layer->changed))
            continue;
        fps__output_format(t->out, "  layer %u %s: ", layer->layer,
                           layer->side == FPS__BEFORE ? "before" : "after");
        fps__output_number(t->out, layer->side == FPS__BEFORE ? layer->removed : layer->added, 0);
        fps__output_text(t->out, layer->side == FPS__BEFORE ? " removed, " : " added, ");
        fps__output_number(t->out, layer->changed, 0);
        fps__output_text(t->out, " changed\n");
    }
}

static void put_function_counts(const table *t, const fps__function_counts *c)
{
    fps__output_format(t->out, "%llu added, %llu removed, %llu changed, %llu the same (%llu moved)\n",
                       (unsigned long long)c->added, (unsigned long long)c->removed,
                       (unsigned long long)c->changed, (unsigned long long)c->same,
                       (unsigned long long)c->moved);
}

static void put_functions(table *t)
{
    const fps_comparison *now = t->comparison;
    size_t shown = 0;
    put_color(t, "1");
    fps__output_text(t->out, "Functions");
    put_color(t, "0");
    fps__output_text(t->out, ": ");
    put_function_counts(t, &now->functions);
    for (size_t i = 0; i < now->function_components.count; i++) {
        const fps__function_counts *c = &now->function_components.items[i];
        fps__output_text(t->out, "  ");
        fps__output_cut(t->out, *c->component ? c->component : "unknown", NAME);
        fps__output_text(t->out, ": ");
        put_function_counts(t, c);
    }
    for (size_t i = 0; i < now->function_changes.count; i++) {
        const fps__function_change *change = &now->function_changes.items[i];
        if (shown >= SHOWN_FUNCTIONS && !now->options.all)
            break;
        put_mark(t, change->kind);
        if (*change->name)
            fps__output_cut(t->out, change->name, t->width / 2 - MARK);
        else
            fps__output_format(t->out, "0x%llx",
                               (unsigned long long)(change->kind == FPS_CHANGE_REMOVED
                                                        ? change->address_before
                                                        : change->address_after));
        if (change->kind == FPS_CHANGE_CHANGED)
            fps__output_format(t->out, "  %u -> %u bytes", change->bytes_before, change->bytes_after);
        else
            fps__output_format(t->out, "  %u bytes", change->bytes_before + change->bytes_after);
        fps__output_text(t->out, *change->component ? "  " : "");
        fps__output_cut(t->out, change->component, t->width / 4 - 2);
        fps__output_text(t->out, "\n");
        shown++;
    }
    if (now->function_changes.count > shown)
        fps__output_format(t->out, "  ... and %zu more: json has all\n", now->function_changes.count - shown);
}

void fps__comparison_table(const fps_comparison *comparison, fps__output *out)
{
    size_t width = comparison->options.width ? comparison->options.width : DEFAULT_WIDTH;
    table t = {.comparison = comparison, .out = out, .width = width < LEAST_WIDTH ? LEAST_WIDTH : width};
    for (unsigned side = 0; side < FPS__SIDES; side++) {
        fps__output_text(out, side == FPS__BEFORE ? "before  " : "after   ");
        put_path(&t, fps__side_title(comparison, side), t.width - strlen("before  "));
        fps__output_text(out, "\n");
    }
    for (unsigned section = 0; section < FPS_COMPARE_SECTIONS; section++) {
        fps__output_text(out, "\n");
        put_section(&t, section);
    }
    put_bytes(&t);
    if (comparison->has_functions) {
        fps__output_text(out, "\n");
        put_functions(&t);
    }
    fps__output_text(out, comparison->note_count ? "\n" : "");
    for (size_t i = 0; i < comparison->note_count; i++) {
        fps__output_text(out, "note: ");
        fps__output_safe(out, comparison->notes[i]);
        fps__output_text(out, "\n");
    }
}
