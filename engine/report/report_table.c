/* Writes a result as a table for people. */
#include "report/report_format.h"
#include "report/report_summary.h"
#include "report/report_vulnerabilities.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 6, HOWS = 10, STATES = 3, DOUBTS = 6, WIDEST = 48, NARROWEST = 20, CELL = 256 };

/* The columns before the file; the last one is there only if there are layers. */
static const char *const headings[COLUMNS] = {"COMPONENT", "VERSION", "STATE", "CONFIDENCE", "HOW", "LAYER"};

/* The findings of one component with the same state and linkage. */
typedef struct row {
    const fps_component *component;
    const fps_finding *best;
    size_t files;
} row;

typedef struct table {
    const fps__view *view;
    fps__output *out;
    size_t columns; /* that are shown */
    size_t widths[COLUMNS];
    size_t rows;
    size_t notes;
    bool doubts[DOUBTS]; /* by fps_doubt: some row has it */
} table;

typedef void (*row_visitor)(table *t, const row *r);

static size_t how_index(const fps__view *view, const fps_finding *finding)
{
    size_t i = 0;
    while (i + 1 < HOWS && strcmp(fps__how_word(i), fps__how(view, finding)) != 0)
        i++;
    return i;
}

static void visit_component(table *t, const fps_component *component, row_visitor visit)
{
    row rows[STATES][HOWS] = {{{0}}};
    for (size_t i = 0; i < component->finding_count; i++) {
        const fps_finding *finding = fps_result_finding(t->view->result, component->findings[i]);
        if (!fps__view_shows(t->view, finding) || (unsigned)finding->state >= STATES)
            continue;
        row *r = &rows[finding->state][how_index(t->view, finding)];
        r->component = component;
        r->files++;
        if (!r->best || finding->confidence > r->best->confidence)
            r->best = finding;
    }
    for (size_t s = 0; s < STATES; s++)
        for (size_t h = 0; h < HOWS; h++)
            if (rows[s][h].best)
                visit(t, &rows[s][h]);
}

static void visit_rows(table *t, row_visitor visit)
{
    for (size_t i = 0; i < fps_result_component_count(t->view->result); i++) {
        const fps_component *component = fps_result_component(t->view->result, i);
        if (!fps__hides_runtime(t->view, component))
            visit_component(t, component, visit);
    }
}

static const char *layer_text(const table *t, const row *r, char *buffer, size_t size)
{
    const fps_layer *layer = fps_result_layer(t->view->result, fps__introduced(t->view->result, r->best));
    if (!layer)
        return "-";
    snprintf(buffer, size, "%u", layer->index);
    return buffer;
}

/* "openssl or boringssl" in a quarter of the terminal; the id of a component that it surely is. */
static const char *component_text(const table *t, const fps_component *component, char buffer[CELL])
{
    size_t width = t->view->options->width, most = width ? width / 4 : WIDEST;
    if (!component->relative_count)
        return component->id;
    most = most > WIDEST ? WIDEST : most < NARROWEST ? NARROWEST : most;
    fps_family_text(buffer, most + 1, component->id, component->relatives, component->relative_count, false);
    return buffer;
}

static const char *cell(const table *t, const row *r, size_t column, char *buffer, size_t size)
{
    switch (column) {
    case 0:
        return component_text(t, r->component, buffer);
    case 1:
        fps__version_text(&r->best->version, buffer, size);
        return buffer;
    case 2:
        return fps_state_name(r->best->state);
    case 3:
        fps__share_text(r->best->confidence, buffer, size);
        return buffer;
    case 4:
        return fps__how(t->view, r->best);
    default:
        return layer_text(t, r, buffer, size);
    }
}

static bool has_note(const row *r)
{
    return r->best->version.note != NULL;
}

static void measure(table *t, const row *r)
{
    char buffer[CELL];
    for (size_t c = 0; c < t->columns; c++) {
        size_t columns = fps__safe_columns(cell(t, r, c, buffer, sizeof buffer));
        if (columns > WIDEST)
            columns = WIDEST;
        if (columns > t->widths[c])
            t->widths[c] = columns;
    }
    t->rows++;
    t->notes += has_note(r);
    if (r->best->state == FPS_STATE_LIKELY && (unsigned)r->best->doubt < DOUBTS)
        t->doubts[r->best->doubt] = true;
}

static void put_padded(table *t, const char *text, size_t width)
{
    size_t columns = fps__safe_columns(text);
    fps__output_safe(t->out, text);
    fps__output_repeat(t->out, ' ', (columns < width ? width - columns : 0) + 2);
}

static void put_color(const table *t, const char *sequence)
{
    if (t->view->options->color)
        fps__output_format(t->out, "\033[%sm", sequence);
}

/* The end of `text` that fits into `room` columns, with "..." before it if it was truncated. */
static void put_tail(table *t, const char *text, size_t room)
{
    size_t columns = fps__safe_columns(text);
    bool cut = t->view->options->width && columns > room && room > 3;
    while (cut && columns > room - 3) {
        size_t length = fps__shown(text, strlen(text));
        columns -= length ? 1 : 4;
        text += length ? length : 1;
    }
    if (cut)
        fps__output_text(t->out, "...");
    fps__output_safe(t->out, text);
}

static size_t row_width(const table *t)
{
    size_t width = 0;
    for (size_t c = 0; c < t->columns; c++)
        width += t->widths[c] + 2;
    return width;
}

static void put_path(table *t, const fps_finding *finding, size_t room)
{
    const fps_file *file = fps_result_file(t->view->result, finding->file);
    if (!file)
        return;
    size_t behind = file->archive_path ? 1 + fps__safe_columns(file->archive_path) : 0;
    put_tail(t, file->path, !room ? 0 : room > behind + 8 ? room - behind : 8);
    if (file->archive_path) {
        fps__output_text(t->out, "!");
        fps__output_safe(t->out, file->archive_path);
    }
    if (file->visibility != FPS_VISIBILITY_VISIBLE)
        fps__output_format(t->out, " (%s)", fps_visibility_name(file->visibility));
}

static void put_row(table *t, const row *r)
{
    static const char *const colors[STATES] = {"32", "33", "2"};
    char buffer[CELL];
    size_t used = row_width(t),
           room = t->view->options->width > used + 20 ? t->view->options->width - used : 20;
    for (size_t c = 0; c < t->columns; c++) {
        if (c == 2)
            put_color(t, colors[r->best->state]);
        put_padded(t, cell(t, r, c, buffer, sizeof buffer), t->widths[c]);
        if (c == 2)
            put_color(t, "0");
    }
    size_t more = r->files - 1;
    put_path(t, r->best, more && room > 28 ? room - 8 : room);
    if (more)
        fps__output_format(t->out, " (+%zu)", more);
    fps__output_text(t->out, "\n");
    const fps_file *file = fps_result_file(t->view->result, r->best->file);
    for (size_t k = 0; file && k < file->link_count; k++) { /* further names of the same file */
        fps__output_format(t->out, "%*s= ", (int)used, "");
        put_tail(t, file->links[k], room);
        fps__output_text(t->out, "\n");
    }
}

static void put_headings(table *t)
{
    put_color(t, "1");
    for (size_t c = 0; c < t->columns; c++)
        put_padded(t, headings[c], t->widths[c]);
    fps__output_text(t->out, "FILE");
    put_color(t, "0");
    fps__output_text(t->out, "\n");
}

static void put_note(table *t, const row *r)
{
    char version[CELL], names[CELL];
    if (!has_note(r))
        return;
    fps__version_text(&r->best->version, version, sizeof version);
    fps__output_text(t->out, "  ");
    fps__output_safe(t->out, component_text(t, r->component, names));
    fps__output_text(t->out, " ");
    fps__output_safe(t->out, version);
    fps__output_text(t->out, " in ");
    put_path(t, r->best, 0);
    fps__output_text(t->out, ": ");
    fps__output_safe(t->out, r->best->version.note);
    fps__output_text(t->out, "\n");
}

/* What the doubts in the column HOW mean, each once. */
static void put_doubts(const table *t)
{
    size_t written = 0;
    for (size_t d = FPS_DOUBT_NONE + 1; d < DOUBTS; d++) {
        if (!t->doubts[d])
            continue;
        fps__output_text(t->out, written++ ? "" : "Likely, not present:\n");
        fps__output_format(t->out, "  %s\n", fps_doubt_text((fps_doubt)d));
    }
    if (written)
        fps__output_text(t->out, "\n");
}

static void write_table(const fps__view *view, fps__output *out)
{
    table t = {.view = view, .out = out};
    t.columns = fps_result_layer_count(view->result) ? COLUMNS : COLUMNS - 1;
    for (size_t c = 0; c < t.columns; c++)
        t.widths[c] = strlen(headings[c]);
    visit_rows(&t, measure);
    if (t.rows) {
        put_headings(&t);
        visit_rows(&t, put_row);
        fps__output_text(out, "\n");
    }
    if (t.notes) {
        fps__output_text(out, "Notes:\n");
        visit_rows(&t, put_note);
        fps__output_text(out, "\n");
    }
    put_doubts(&t);
    fps__table_vulnerabilities(view, out);
    fps__summary(view, out);
}

const fps_report_format fps__report_table = {.name = "table",
                                             .version = "",
                                             .states = 1u << FPS_STATE_PRESENT | 1u << FPS_STATE_LIKELY,
                                             .write = write_table};
