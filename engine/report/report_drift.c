/* Writes, as a table for people, where files differ from what packages claim. */
#include "report/report_format.h"
#include "report/report_summary.h"
#include "report/wrapped_output.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 6, PATH = 2, WIDEST = 64, CELL = 512 };

static const char *const headings[COLUMNS] = {"KIND", "LEVEL", "PATH", "PACKAGE", "CLAIMED", "FOUND"};

typedef struct drift_table {
    const fps__view *view;
    fps__output *out;
    size_t widths[COLUMNS];
} drift_table;

/* "-" for nothing. */
static const char *text_or_dash(const char *text)
{
    return text && *text ? text : "-";
}

static const char *cell(const drift_table *t, const fps_drift *drift, size_t column, char buffer[CELL])
{
    const fps_package *package = fps_result_package(t->view->result, drift->package);
    const fps_file *file = fps_result_file(t->view->result, drift->file);
    switch (column) {
    case 0:
        return fps_drift_kind_name(drift->kind);
    case 1:
        return fps__drift_level_text(drift);
    case PATH:
        if (!file || !file->archive_path)
            return drift->path;
        snprintf(buffer, CELL, "%s!%s", drift->path, file->archive_path);
        return buffer;
    case 3:
        return package ? text_or_dash(package->name) : "-";
    case 4:
        return text_or_dash(drift->claimed);
    default:
        if (!drift->component)
            return text_or_dash(drift->found);
        snprintf(buffer, CELL, "%s%s%s", drift->component, drift->found ? " " : "",
                 drift->found ? drift->found : "");
        return buffer;
    }
}

static void put_cell(const drift_table *t, size_t column, const char *text)
{
    size_t columns = fps__safe_columns(text), width = t->widths[column];
    bool cut = t->view->options->width && columns > width;
    fps__output_cut(t->out, text, cut ? width : 0);
    if (column + 1 < COLUMNS)
        fps__output_repeat(t->out, ' ', (columns < width ? width - columns : 0) + 2);
    else
        fps__output_text(t->out, "\n");
}

static void measure(drift_table *t)
{
    char buffer[CELL];
    for (size_t c = 0; c < COLUMNS; c++)
        t->widths[c] = strlen(headings[c]);
    for (size_t i = 0; i < fps_result_drift_count(t->view->result); i++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            size_t columns = fps__safe_columns(cell(t, fps_result_drift(t->view->result, i), c, buffer));
            if (columns > WIDEST)
                columns = WIDEST;
            if (columns > t->widths[c])
                t->widths[c] = columns;
        }
    }
}

static void put_table(drift_table *t)
{
    char buffer[CELL];
    measure(t);
    for (size_t c = 0; c < COLUMNS; c++)
        put_cell(t, c, headings[c]);
    for (size_t i = 0; i < fps_result_drift_count(t->view->result); i++)
        for (size_t c = 0; c < COLUMNS; c++)
            put_cell(t, c, cell(t, fps_result_drift(t->view->result, i), c, buffer));
    fps__output_text(t->out, "\n");
}

/* What stands below the table. */
static void put_prose(const fps__view *view, fps__output *out)
{
    if (!fps_result_get_info(view->result)->packages_known)
        fps__output_text(out, "No package database of the target says which files it has.\n");
    else if (!fps__summary_drift(view, out))
        fps__output_text(out, "No file differs from what its package claims.\n");
    fps__summary_drift_notes(view, out);
    fps__summary_suppressed(view, out);
    fps__summary_diagnostics(view, out);
}

static void write_drift(const fps__view *view, fps__output *out)
{
    drift_table table = {.view = view, .out = out};
    fps__wrapped wrapped;
    size_t width = view->options->width;
    if (fps_result_drift_count(view->result))
        put_table(&table);
    if (width)
        fps__wrapped_start(&wrapped, out, width);
    put_prose(view, width ? &wrapped.text : out);
    if (width)
        fps__wrapped_finish(&wrapped);
}

fps_status fps_report_drift(const fps_result *result, const fps_report_options *options,
                            fps_write_callback write, void *user, fps_error *error)
{
    fps__view view = {.result = result, .options = options};
    return fps__report_run(&view, write_drift, write, user, error);
}
