/* Writes a result as a table for people: what needs attention first, then what packages explain. */
#include "report/report_format.h"
#include "report/report_summary.h"
#include "report/report_vulnerabilities.h"
#include "report/table_rows.h"
#include "report/wrapped_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DOUBTS = 6,
    WIDEST = 48,
    NARROWEST = 16,
    LEAST_FILE = 15,
    NARROW = 100,
    CELL = 256,
    MORE_FILES = 7 /* " (+123)" */
};
#define SURE .9 /* a confidence from here on is not worth a word */

/* The columns before the file, in their order; by bit of fps_report_options.columns. */
typedef enum column { COMPONENT, VERSION, WHY, STATE, CONFIDENCE, HOW, PACKAGE, LAYER, COLUMNS } column;
static const char *const headings[COLUMNS] = {"COMPONENT",  "VERSION", "WHY",     "STATE",
                                              "CONFIDENCE", "HOW",     "PACKAGE", "LAYER"};

typedef struct table {
    const fps__view *view;
    fps__output *out;
    fps__rows rows;
    unsigned columns; /* bits of those that are shown in the part in hand */
    size_t widths[COLUMNS];
    bool doubts[DOUBTS]; /* by fps_doubt: some row has it */
} table;

static bool has(const table *t, column c)
{
    return t->columns >> c & 1;
}

static void put_color(const table *t, const char *sequence)
{
    if (t->view->options->color)
        fps__output_format(t->out, "\033[%sm", sequence);
}

/* The widest that a column gets: the file needs room too. */
static size_t most_of(const table *t, column c)
{
    static const size_t narrow[COLUMNS] = {19, 17, 20, 9, 10, 12, 16, 5},
                        usual[COLUMNS] = {32, 32, 40, 9, 10, 24, 32, 5};
    size_t width = t->view->options->width;
    return !width ? WIDEST : width < NARROW ? narrow[c] : usual[c];
}

/* ---- cells ---- */

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

/* "1.2 or older", "between 2.9.14 and 2.15.4"; where that is long, as other formats have it. */
static const char *version_words(const table *t, const fps_version_answer *version, char buffer[CELL])
{
    size_t count = version->candidate_count;
    const char *first = count ? version->candidates[0] : "",
               *last = count ? version->candidates[count - 1] : "";
    bool unknown =
        version->kind == FPS_VERSION_UNKNOWN || !count || (version->open_below && version->open_above);
    int length = 0;
    if (version->kind != FPS_VERSION_EXACT && unknown)
        return "unknown";
    if (version->kind == FPS_VERSION_EXACT || (count == 1 && !version->open_below && !version->open_above)) {
        fps__version_text(version, buffer, CELL);
        return buffer;
    }
    if (version->open_above)
        length = snprintf(buffer, CELL, "%s or newer", first);
    else if (version->open_below)
        length = snprintf(buffer, CELL, "%s or older", last);
    else
        length = snprintf(buffer, CELL, count == 2 ? "%s or %s" : "between %s and %s", first, last);
    if (t->view->options->width && length > (int)most_of(t, VERSION))
        fps__version_text(version, buffer, CELL);
    return buffer;
}

static int add_words(char *buffer, int used, const char *words)
{
    int length = snprintf(buffer + used, (size_t)(CELL - used), "%s%s", used ? "; " : "", words);
    return length > 0 && used + length < CELL ? used + length : used;
}

/* Drift of a version names the package whose version it is, all other kinds the package that owns the file. */
static const char *contradiction_words(const fps_result *result, const fps_drift *drift, char words[CELL])
{
    const fps_package *owner = fps_result_package(result, drift->package),
                      *other = fps_result_package(result, drift->other);
    const fps_package *package = !owner || (other && drift->kind == FPS_DRIFT_VERSION) ? other : owner;
    const char *name = package ? package->name : "its package";
    switch (drift->kind) {
    case FPS_DRIFT_VERSION:
        snprintf(words, CELL, "%.60s says %.40s", name, drift->claimed ? drift->claimed : "another version");
        return words;
    case FPS_DRIFT_REPLACED:
        snprintf(words, CELL, "replaces %.80s", name);
        return words;
    case FPS_DRIFT_DIGEST:
        snprintf(words, CELL, "changed since %.80s", name);
        return words;
    default:
        snprintf(words, CELL, "not in %.80s", name);
        return words;
    }
}

static const char *why(const table *t, const fps__row *row, char buffer[CELL])
{
    char words[CELL];
    int used = 0;
    buffer[0] = '\0';
    bool unexplained = row->attention == FPS__ATTENTION_UNEXPLAINED;
    if (row->attention == FPS__ATTENTION_CONTRADICTED || (unexplained && row->drift))
        used = add_words(buffer, used, contradiction_words(t->view->result, row->drift, words));
    else if (unexplained)
        used = add_words(buffer, used, "no package");
    if (row->exploited)
        used = add_words(buffer, used, "exploited");
    if (row->attention != FPS__ATTENTION_NONE && row->vulnerabilities) {
        snprintf(words, sizeof words, "%zu known, %s", row->vulnerabilities, fps_severity_name(row->worst));
        used = add_words(buffer, used, words);
    }
    if (row->attention == FPS__ATTENTION_UNKNOWN)
        add_words(buffer, used, "version unknown");
    return buffer;
}

/* "linked", "texts only"; "likely, linked"; with a number where the finding is not sure. */
static const char *how(const table *t, const fps_finding *finding, char buffer[CELL])
{
    bool likely = finding->state == FPS_STATE_LIKELY && finding->doubt == FPS_DOUBT_NONE && !has(t, STATE);
    bool unsure = finding->confidence < SURE && finding->state != FPS_STATE_MENTIONED && !has(t, CONFIDENCE);
    char share[16] = "";
    if (unsure)
        fps__share_text(finding->confidence, share, sizeof share);
    snprintf(buffer, CELL, "%s%s%s%s", likely ? "likely, " : "", fps__how(t->view, finding),
             unsure ? " " : "", share);
    return buffer;
}

static const char *package_text(const table *t, const fps__row *row)
{
    const fps_package *package = fps_result_package(t->view->result, row->package);
    return package ? package->name : "-";
}

static const char *cell(const table *t, const fps__row *row, column c, char buffer[CELL])
{
    const fps_layer *layer;
    switch (c) {
    case COMPONENT:
        return component_text(t, row->component, buffer);
    case VERSION:
        return version_words(t, &row->best->version, buffer);
    case WHY:
        return why(t, row, buffer);
    case STATE:
        return fps_state_name(row->best->state);
    case CONFIDENCE:
        fps__share_text(row->best->confidence, buffer, CELL);
        return buffer;
    case HOW:
        return how(t, row->best, buffer);
    case PACKAGE:
        return package_text(t, row);
    default:
        layer = fps_result_layer(t->view->result, fps__introduced(t->view->result, row->best));
        snprintf(buffer, CELL, layer ? "%u" : "-", layer ? layer->index : 0);
        return buffer;
    }
}

/* ---- what is shown ---- */

static bool is_attention(const table *t, const fps__row *row)
{
    return t->view->options->group == FPS_REPORT_GROUP_COMPONENT && row->attention != FPS__ATTENTION_NONE;
}

/* The columns that were asked for, or those that say something. */
static void choose_columns(table *t, size_t first, size_t end)
{
    const fps__view *view = t->view;
    bool reason = false, differs = false, packages = fps_result_get_info(view->result)->packages_known;
    t->columns = view->options->columns;
    if (t->columns)
        return;
    t->columns = 1u << COMPONENT | 1u << VERSION | FPS_REPORT_COLUMN_FILE;
    for (size_t i = first; i < end; i++) {
        const fps__row *row = &t->rows.items.items[i];
        reason |= row->attention != FPS__ATTENTION_NONE;
        differs |= row->best->linkage != FPS_LINKAGE_OWN || row->best->state != FPS_STATE_PRESENT ||
                   row->best->confidence < SURE || fps__is_renamed(view, row->best);
    }
    /* on a narrow terminal the file matters more than how it came in */
    bool room = !reason || !view->options->width || view->options->width >= NARROW;
    t->columns |= (reason ? 1u << WHY : 0) | ((differs && room) || view->options->runtime ? 1u << HOW : 0) |
                  (packages && view->options->runtime ? 1u << PACKAGE : 0) |
                  (fps_result_layer_count(view->result) ? 1u << LAYER : 0);
}

static size_t row_width(const table *t)
{
    size_t width = 0;
    for (column c = COMPONENT; c < COLUMNS; c++)
        width += has(t, c) ? t->widths[c] + 2 : 0;
    return width;
}

/* What the cell of the file takes when nothing is cut. */
static size_t file_width(const table *t, const fps__row *row)
{
    const fps_file *file = fps_result_file(t->view->result, row->best->file);
    if (!file || !(t->columns & FPS_REPORT_COLUMN_FILE))
        return 0;
    size_t width = fps__safe_columns(file->path) + (row->files > 1 ? MORE_FILES : 0);
    if (file->archive_path)
        width += 1 + fps__safe_columns(file->archive_path);
    return file->visibility == FPS_VISIBILITY_VISIBLE
               ? width
               : width + strlen(" ()") + strlen(fps_visibility_name(file->visibility));
}

/* Gives what the longest file leaves of the line to columns that are cut. */
static void widen(table *t, const size_t wanted[COLUMNS], size_t file)
{
    static const column order[] = {WHY, COMPONENT, VERSION, HOW, PACKAGE};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        size_t width = t->view->options->width, used = row_width(t) + file, *mine = &t->widths[order[i]];
        if (!has(t, order[i]) || width <= used || wanted[order[i]] <= *mine)
            continue;
        size_t missing = wanted[order[i]] - *mine;
        *mine += missing < width - used ? missing : width - used;
    }
}

static void measure(table *t, size_t first, size_t end)
{
    char buffer[CELL];
    size_t wanted[COLUMNS] = {0}, longest = 0;
    memset(t->widths, 0, sizeof t->widths);
    for (size_t i = first; i < end; i++) {
        const fps__row *row = &t->rows.items.items[i];
        size_t file = file_width(t, row);
        longest = file > longest ? file : longest;
        for (column c = COMPONENT; c < COLUMNS; c++) {
            size_t columns = has(t, c) ? fps__safe_columns(cell(t, row, c, buffer)) : 0;
            wanted[c] = columns > wanted[c] ? columns : wanted[c];
            columns = columns > most_of(t, c) ? most_of(t, c) : columns;
            t->widths[c] = columns > t->widths[c] ? columns : t->widths[c];
        }
        if (row->best->state == FPS_STATE_LIKELY && (unsigned)row->best->doubt < DOUBTS)
            t->doubts[row->best->doubt] = true;
    }
    for (column c = COMPONENT; c < COLUMNS; c++)
        if (has(t, c) && strlen(headings[c]) > t->widths[c])
            t->widths[c] = strlen(headings[c]);
    widen(t, wanted, longest);
}

/* ---- writing ---- */

static void put_padded(table *t, const char *text, column c)
{
    size_t columns = fps__safe_columns(text), width = t->widths[c];
    fps__output_cut(t->out, text, width);
    fps__output_repeat(t->out, ' ', (columns < width ? width - columns : 0) + 2);
}

static void put_path(table *t, const fps_finding *finding, size_t room)
{
    const fps_file *file = fps_result_file(t->view->result, finding->file);
    if (!file)
        return;
    size_t behind = file->archive_path ? 1 + fps__safe_columns(file->archive_path) : 0;
    if (file->archive_path && room && behind + 8 > room) { /* the end says more than the archive's name */
        fps__output_tail(t->out, file->archive_path, room);
    } else {
        fps__output_tail(t->out, file->path, !room ? 0 : room - behind);
        if (file->archive_path) {
            fps__output_text(t->out, "!");
            fps__output_safe(t->out, file->archive_path);
        }
    }
    if (file->visibility != FPS_VISIBILITY_VISIBLE)
        fps__output_format(t->out, " (%s)", fps_visibility_name(file->visibility));
}

static const char *color_of(const fps__row *row, column c)
{
    static const char *const reasons[] = {"31", "33", "31", "33", "0"};
    if (c == WHY)
        return reasons[row->attention];
    return c == STATE || c == HOW ? (row->best->state == FPS_STATE_PRESENT ? "0" : "33") : "0";
}

static void put_row(table *t, const fps__row *row)
{
    char buffer[CELL];
    size_t width = t->view->options->width, used = row_width(t);
    size_t room = width > used + LEAST_FILE ? width - used : width ? LEAST_FILE : 0;
    for (column c = COMPONENT; c < COLUMNS; c++) {
        if (!has(t, c))
            continue;
        put_color(t, color_of(row, c));
        put_padded(t, cell(t, row, c, buffer), c);
        put_color(t, "0");
    }
    if (t->columns & FPS_REPORT_COLUMN_FILE) {
        put_path(t, row->best, row->files > 1 && room ? room - MORE_FILES : room);
        if (row->files > 1)
            fps__output_format(t->out, " (+%zu)", row->files - 1);
    }
    fps__output_text(t->out, "\n");
    const fps_file *file = fps_result_file(t->view->result, row->best->file);
    for (size_t k = 0; file && row->files == 1 && k < file->link_count; k++) { /* further names of the file */
        fps__output_format(t->out, "%*s= ", (int)used, "");
        fps__output_tail(t->out, file->links[k], room);
        fps__output_text(t->out, "\n");
    }
}

static void put_headings(table *t)
{
    put_color(t, "1");
    for (column c = COMPONENT; c < COLUMNS; c++)
        if (has(t, c))
            put_padded(t, headings[c], c);
    fps__output_text(t->out, t->columns & FPS_REPORT_COLUMN_FILE ? "FILE" : "");
    put_color(t, "0");
    fps__output_text(t->out, "\n");
}

/* What the rows of a group have in common. */
static void put_group(table *t, uint32_t group)
{
    const fps_result *result = t->view->result;
    const fps_package *package = fps_result_package(result, group);
    const fps_layer *layer = fps_result_layer(result, group);
    char text[CELL];
    put_color(t, "1");
    if (t->view->options->group == FPS_REPORT_GROUP_FILE) {
        const fps_file *file = fps_result_file(result, group);
        fps__output_safe(t->out, file ? file->path : "");
        if (file && file->archive_path) {
            fps__output_text(t->out, "!");
            fps__output_safe(t->out, file->archive_path);
        }
    } else if (t->view->options->group == FPS_REPORT_GROUP_PACKAGE) {
        if (package)
            fps__package_text(package, text, sizeof text);
        fps__output_safe(t->out, package ? text : "no package");
    } else if (layer) {
        fps__output_format(t->out, "layer %u", layer->index);
        fps__output_text(t->out, layer->created_by && *layer->created_by ? ": " : "");
        fps__output_cut(t->out, layer->created_by ? layer->created_by : "", 60);
    } else {
        fps__output_text(t->out, "no layer");
    }
    put_color(t, "0");
    fps__output_text(t->out, "\n");
}

/* Rows [first, end) have a title and columns of their own: what needs attention and what does not, or a group. */
static size_t end_of_part(const table *t, size_t first)
{
    const fps__row *list = t->rows.items.items;
    size_t end = first + 1;
    while (end < t->rows.items.count && list[end].group == list[first].group &&
           is_attention(t, &list[end]) == is_attention(t, &list[first]))
        end++;
    return end;
}

/* Titles are there where there is more than one part, or something needs attention. */
static void put_title(table *t, size_t first)
{
    const fps__row *row = &t->rows.items.items[first];
    bool packages = fps_result_get_info(t->view->result)->packages_known, now = is_attention(t, row);
    if (t->view->options->group != FPS_REPORT_GROUP_COMPONENT) {
        if (!first)
            put_headings(t);
        put_group(t, row->group);
        return;
    }
    fps__output_text(t->out, first ? "\n" : "");
    if (first || now) {
        put_color(t, "1");
        fps__output_text(t->out, now        ? "Needs attention:\n"
                                 : packages ? "Explained by packages:\n"
                                            : "Also found:\n");
        put_color(t, "0");
    }
    put_headings(t);
}

static void put_note(table *t, const fps__row *row)
{
    char version[CELL], names[CELL];
    if (!row->best->version.note)
        return;
    fps__version_text(&row->best->version, version, sizeof version);
    fps__output_text(t->out, "  ");
    fps__output_safe(t->out, component_text(t, row->component, names));
    fps__output_text(t->out, " ");
    fps__output_safe(t->out, version);
    fps__output_text(t->out, " in ");
    put_path(t, row->best, 0);
    fps__output_text(t->out, ": ");
    fps__output_safe(t->out, row->best->version.note);
    fps__output_text(t->out, "\n");
}

/* Where versions come from: only for those who want to know all. */
static void put_notes(table *t)
{
    size_t notes = 0;
    for (size_t i = 0; i < t->rows.items.count; i++)
        notes += t->rows.items.items[i].best->version.note != NULL;
    if (!notes || !t->view->options->runtime)
        return;
    fps__output_text(t->out, "Notes:\n");
    for (size_t i = 0; i < t->rows.items.count; i++)
        put_note(t, &t->rows.items.items[i]);
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

/* What is not a table of rows: it is for a terminal's columns as much as they are. */
static void put_rest(const fps__view *view, fps__output *out)
{
    fps__wrapped wrapped;
    size_t width = view->options->width;
    if (width)
        fps__wrapped_start(&wrapped, out, width);
    fps__table_vulnerabilities(view, width ? &wrapped.text : out);
    fps__summary(view, width ? &wrapped.text : out);
    if (width)
        fps__wrapped_finish(&wrapped);
}

static void write_table(const fps__view *view, fps__output *out)
{
    table t = {.view = view, .out = out};
    if (!fps__rows_make(view, &t.rows) && out->status == FPS_OK)
        out->status = FPS_ERROR_MEMORY;
    for (size_t first = 0, end; first < t.rows.items.count && out->status == FPS_OK; first = end) {
        end = end_of_part(&t, first);
        bool groups = view->options->group != FPS_REPORT_GROUP_COMPONENT; /* under one heading */
        choose_columns(&t, groups ? 0 : first, groups ? t.rows.items.count : end);
        measure(&t, groups ? 0 : first, groups ? t.rows.items.count : end);
        put_title(&t, first);
        for (size_t i = first; i < end; i++)
            put_row(&t, &t.rows.items.items[i]);
    }
    if (t.rows.items.count)
        fps__output_text(out, "\n");
    put_notes(&t);
    put_doubts(&t);
    free(t.rows.items.items);
    put_rest(view, out);
}

const fps_report_format fps__report_table = {.name = "table",
                                             .version = "",
                                             .states = 1u << FPS_STATE_PRESENT | 1u << FPS_STATE_LIKELY,
                                             .write = write_table};
