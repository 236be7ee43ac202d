/* Writes a result as a table for people. */
#include "report/report_view.h"

#include <string.h>

enum { COLUMNS = 6, HOWS = 5, STATES = 3, WIDEST = 48, MOST_REMARKS = 20, CELL = 256 };

static const char *const headings[COLUMNS] = {"COMPONENT", "VERSION", "STATE", "CONFIDENCE", "HOW", "FILE"};
static const char *const hows[HOWS] = {"own", "renamed", "linked", "embedded", "mentioned"};

/* The findings of one component that are in the same state and got there in the same way. */
typedef struct row {
    const fps_component *component;
    const fps_finding *best;
    size_t files;
} row;

typedef struct table {
    const fps__view *view;
    fps__output *out;
    size_t widths[COLUMNS - 1];
    size_t rows;
    size_t notes;
} table;

typedef void (*row_visitor)(table *t, const row *r);

static size_t how_index(const fps_finding *finding)
{
    size_t i = 0;
    while (i + 1 < HOWS && strcmp(hows[i], fps__how(finding)) != 0)
        i++;
    return i;
}

static bool is_hidden_runtime(const table *t, const fps_component *component)
{
    return component->role == FPS_ROLE_RUNTIME && !t->view->options->runtime;
}

static void visit_component(table *t, const fps_component *component, row_visitor visit)
{
    row rows[STATES][HOWS] = {{{0}}};
    for (size_t i = 0; i < component->finding_count; i++) {
        const fps_finding *finding = fps_result_finding(t->view->result, component->findings[i]);
        if (!fps__view_shows(t->view, finding) || (unsigned)finding->state >= STATES)
            continue;
        row *r = &rows[finding->state][how_index(finding)];
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
        if (!is_hidden_runtime(t, component))
            visit_component(t, component, visit);
    }
}

/* The text of all columns but the last. */
static const char *cell(const row *r, size_t column, char *buffer, size_t size)
{
    switch (column) {
    case 0:
        return r->component->id;
    case 1:
        fps__version_text(&r->best->version, buffer, size);
        return buffer;
    case 2:
        return fps_state_name(r->best->state);
    case 3:
        fps__share_text(r->best->confidence, buffer, size);
        return buffer;
    default:
        return fps__how(r->best);
    }
}

/* A note that only says "nearest" stands in the version column already. */
static bool has_note(const row *r)
{
    const fps_version_answer *version = &r->best->version;
    return version->note && (version->kind != FPS_VERSION_NEAREST || version->template_version);
}

static void measure(table *t, const row *r)
{
    char buffer[CELL];
    for (size_t c = 0; c + 1 < COLUMNS; c++) {
        size_t columns = fps__safe_columns(cell(r, c, buffer, sizeof buffer));
        if (columns > WIDEST)
            columns = WIDEST;
        if (columns > t->widths[c])
            t->widths[c] = columns;
    }
    t->rows++;
    t->notes += has_note(r);
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

/* The end of `text` that fits into `room` columns, with "..." before it when something was cut. */
static void put_tail(table *t, const char *text, size_t room)
{
    size_t columns = fps__safe_columns(text);
    bool cut = t->view->options->width && columns > room && room > 3;
    while (cut && columns > room - 3) {
        size_t length = fps_report_printable(text, strlen(text));
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
    for (size_t c = 0; c + 1 < COLUMNS; c++)
        width += t->widths[c] + 2;
    return width;
}

static void put_path(table *t, const fps_finding *finding, size_t room)
{
    const fps_file *file = fps_result_file(t->view->result, finding->file);
    if (!file)
        return;
    put_tail(t, file->path, room);
    if (file->archive_path) {
        fps__output_text(t->out, " in it ");
        fps__output_safe(t->out, file->archive_path);
    }
}

static void put_row(table *t, const row *r)
{
    static const char *const colors[STATES] = {"32", "33", "2"};
    char buffer[CELL];
    size_t used = row_width(t),
           room = t->view->options->width > used + 20 ? t->view->options->width - used : 20;
    for (size_t c = 0; c + 1 < COLUMNS; c++) {
        if (c == 2)
            put_color(t, colors[r->best->state]);
        put_padded(t, cell(r, c, buffer, sizeof buffer), t->widths[c]);
        if (c == 2)
            put_color(t, "0");
    }
    size_t more = r->files - 1;
    put_path(t, r->best, more && room > 28 ? room - 8 : room);
    if (more)
        fps__output_format(t->out, " (+%zu)", more);
    fps__output_text(t->out, "\n");
}

static void put_headings(table *t)
{
    put_color(t, "1");
    for (size_t c = 0; c + 1 < COLUMNS; c++)
        put_padded(t, headings[c], t->widths[c]);
    fps__output_text(t->out, headings[COLUMNS - 1]);
    put_color(t, "0");
    fps__output_text(t->out, "\n");
}

static void put_note(table *t, const row *r)
{
    char version[CELL];
    if (!has_note(r))
        return;
    fps__version_text(&r->best->version, version, sizeof version);
    fps__output_text(t->out, "  ");
    fps__output_safe(t->out, r->component->id);
    fps__output_text(t->out, " ");
    fps__output_safe(t->out, version);
    fps__output_text(t->out, " in ");
    put_path(t, r->best, 0);
    fps__output_text(t->out, ": ");
    fps__output_safe(t->out, r->best->version.note);
    fps__output_text(t->out, "\n");
}

typedef struct totals {
    size_t components; /* ids that are listed */
    size_t runtime;    /* ids of role runtime that are not listed */
    size_t hidden;     /* findings that states and confidence hide */
    size_t files;      /* files with a listed finding */
    uint64_t releases; /* fingerprinted, in all sets */
} totals;

static totals count_totals(const table *t)
{
    const fps_result *result = t->view->result;
    totals n = {0};
    const char *last = NULL, *last_runtime = NULL;
    for (size_t i = 0; i < fps_result_component_count(result); i++) {
        const fps_component *component = fps_result_component(result, i);
        const char **seen = is_hidden_runtime(t, component) ? &last_runtime : &last;
        if (!fps__view_best(t->view, component) || (*seen && strcmp(*seen, component->id) == 0))
            continue;
        *seen = component->id;
        *(seen == &last ? &n.components : &n.runtime) += 1;
    }
    uint32_t last_file = UINT32_MAX;
    for (size_t i = 0; i < fps_result_finding_count(result); i++) {
        const fps_finding *finding = fps_result_finding(result, i);
        const fps_component *component = fps_result_component(result, finding->component);
        if (!fps__view_shows(t->view, finding)) {
            n.hidden++;
        } else if (!is_hidden_runtime(t, component) && finding->file != last_file) {
            n.files++;
            last_file = finding->file;
        }
    }
    const fps_result_info *info = fps_result_get_info(result);
    for (size_t i = 0; i < info->database_count; i++)
        n.releases += info->databases[i].fingerprinted_releases;
    return n;
}

static void put_size(fps__output *out, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    double value = (double)bytes;
    while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    fps__output_real(out, value, unit ? 1 : 0);
    fps__output_format(out, " %s", units[unit]);
}

/* How much of the executable bytes of all files is known. */
static void put_code(const table *t)
{
    fps__code_share sum = {0};
    if (!t->view->options->code)
        return;
    for (size_t i = 0; i < fps_result_file_count(t->view->result); i++) {
        fps__code_share share = fps__code_share_of(fps_result_file(t->view->result, i));
        sum.executable += share.executable;
        sum.attributed += share.attributed;
        sum.generic += share.generic;
        sum.unknown += share.unknown;
    }
    if (!sum.executable)
        return;
    fps__output_text(t->out, "Code: ");
    put_size(t->out, sum.executable);
    fps__output_text(t->out, " that can run, of which ");
    const uint64_t parts[] = {sum.attributed, sum.generic, sum.unknown};
    static const char *const words[] = {" attributed to components, ", " generic, ", " unknown.\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        fps__output_percent(t->out, parts[i], sum.executable, 0);
        fps__output_text(t->out, words[i]);
    }
}

static void put_summary(table *t)
{
    const fps_result_info *info = fps_result_get_info(t->view->result);
    totals n = count_totals(t);
    fps__output *out = t->out;
    if (!info->regular_files) {
        fps__output_text(out, "There is no regular file in the target: nothing was looked at.\n");
    } else {
        fps__output_text(out, "Looked at ");
        fps__output_count(out, info->regular_files, "file");
        fps__output_text(out, " (");
        put_size(out, info->bytes);
        fps__output_format(out, "), %llu of them ELF or PE: ", (unsigned long long)info->objects);
        if (n.components) {
            fps__output_count(out, n.components, "component");
            fps__output_text(out, " in ");
            fps__output_count(out, n.files, "file");
        } else if (n.hidden || n.runtime) {
            fps__output_text(out, "nothing to list");
        } else {
            fps__output_format(out,
                               "no component of the sets was found, which hold %llu fingerprinted releases",
                               (unsigned long long)n.releases);
        }
        fps__output_text(out, ".\n");
    }
    if (n.runtime || n.hidden) {
        fps__output_text(out, "Not listed: ");
        if (n.runtime)
            fps__output_count(out, n.runtime, "runtime component");
        fps__output_text(out, n.runtime && n.hidden ? ", " : "");
        if (n.hidden)
            fps__output_count(out, n.hidden, "finding");
        fps__output_text(out, n.hidden ? " of other states or less confidence.\n" : ".\n");
    }
    if (info->skipped_pseudo) {
        fps__output_text(out, "Not entered: ");
        fps__output_count(out, info->skipped_pseudo, "pseudo file system");
        fps__output_text(out, ".\n");
    }
}

static void put_remark(fps__output *out, const fps_diagnostic *diagnostic)
{
    fps__output_text(out, "  ");
    fps__output_safe(out, diagnostic->path ? diagnostic->path : "(target)");
    if (diagnostic->offset != UINT64_MAX)
        fps__output_format(out, " at byte %llu", (unsigned long long)diagnostic->offset);
    fps__output_text(out, ": ");
    fps__output_safe(out, diagnostic->code);
    fps__output_text(out, ": ");
    fps__output_safe(out, diagnostic->message);
    fps__output_text(out, "\n");
}

static void put_remarks(table *t)
{
    const fps_result *result = t->view->result;
    size_t partial = 0, notes = 0;
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++)
        *(fps_result_diagnostic(result, i)->level == FPS_LEVEL_PARTIAL ? &partial : &notes) += 1;
    if (partial) {
        put_color(t, "33");
        fps__output_text(t->out, "Partial: ");
        put_color(t, "0");
        fps__output_count(t->out, partial, "place");
        fps__output_text(t->out, " that could hold a program could not be looked at:\n");
    }
    for (size_t i = 0, shown = 0; i < fps_result_diagnostic_count(result) && shown < MOST_REMARKS; i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(result, i);
        if (diagnostic->level != FPS_LEVEL_PARTIAL)
            continue;
        put_remark(t->out, diagnostic);
        shown++;
    }
    if (partial > MOST_REMARKS)
        fps__output_format(t->out, "  ... and %zu more; the json format has them all\n",
                           partial - MOST_REMARKS);
    if (notes) {
        fps__output_count(t->out, notes, "remark");
        fps__output_text(t->out, " without loss; the json format has them.\n");
    }
}

static void write_table(const fps__view *view, fps__output *out)
{
    table t = {.view = view, .out = out};
    for (size_t c = 0; c + 1 < COLUMNS; c++)
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
    put_summary(&t);
    put_code(&t);
    put_remarks(&t);
}

const fps_report_format fps__report_table = {
    "table", NULL, "", 1u << FPS_STATE_PRESENT | 1u << FPS_STATE_LIKELY, write_table,
};
