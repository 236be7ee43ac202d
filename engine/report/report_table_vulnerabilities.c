/* The vulnerabilities of a table for people: what is most at risk first. */
#include "report/report_vulnerabilities.h"

#include <stdio.h>
#include <string.h>

enum {
    COLUMNS = 8, /* RISK SEVERITY ID COMPONENT VERSION FIXED LAYER FILE */
    COMPONENT = 3,
    VERSION = 4,
    FIXED = 5,
    LAYER = 6,
    CELL = 256,
    WIDEST = 40,
    NARROW = 100, /* columns of a terminal, below which cells are cut */
    MORE = 7,     /* columns of " (+123)" behind the file */
    LEAST = 9,    /* columns that a heading needs, and a cut cell says something in */
    TITLE = 60,
    INDENT = 6,
    LEAST_FILE = 8,
    FIRST = 10, /* that are listed unless everything is to be */
    SEVERITIES = 6,
};

static const char *const headings[COLUMNS] = {"RISK",    "SEVERITY", "VULNERABILITY", "COMPONENT",
                                              "VERSION", "FIXED",    "LAYER",         "FILE"};

typedef struct section {
    const fps__view *view;
    fps__output *out;
    size_t widths[COLUMNS];
    size_t count, suppressed, severities[SEVERITIES], exploited;
    bool layers;
} section;

/* The widest that a cell gets. */
static size_t most_of(const section *s, size_t column)
{
    static const size_t narrow[COLUMNS] = {4, 8, 16, 12, 10, 10, 5, WIDEST};
    size_t width = s->view->options->width;
    return width && width < NARROW ? narrow[column] : WIDEST;
}

static const char *fixed_text(const fps_vulnerability *vulnerability)
{
    return *vulnerability->fixed ? vulnerability->fixed : vulnerability->wont_fix ? "won't fix" : "-";
}

static const char *cell(const section *s, const fps_vulnerability *vulnerability, size_t column, char *buffer)
{
    uint32_t layer = fps__vulnerability_layer(s->view->result, vulnerability);
    switch (column) {
    case 0:
        snprintf(buffer, CELL, "%.0f", vulnerability->risk);
        return buffer;
    case 1:
        return fps_severity_name(vulnerability->severity);
    case 2:
        return vulnerability->id;
    case 3:
        return fps__vulnerability_subject(s->view->result, vulnerability);
    case 4:
        return vulnerability->version;
    case 5:
        return fixed_text(vulnerability);
    case LAYER:
        snprintf(buffer, CELL, layer == FPS__NONE ? "-" : "%u", layer);
        return buffer;
    default:
        return fps__vulnerability_path(s->view->result, vulnerability);
    }
}

static void put_color(const section *s, const char *sequence)
{
    if (s->view->options->color)
        fps__output_format(s->out, "\033[%sm", sequence);
}

static void count(section *s)
{
    const fps_vulnerability *vulnerability;
    char buffer[CELL];
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(s->view->result, i)); i++) {
        if (!fps__chooses_vulnerability(s->view, vulnerability))
            continue;
        bool counts = vulnerability->suppression == FPS_SUPPRESSED_NOT;
        s->suppressed += !counts;
        s->count += counts;
        s->severities[vulnerability->severity] += counts;
        s->exploited += counts && vulnerability->known_exploited;
        for (size_t c = 0; c < COLUMNS && fps__shows_vulnerability(s->view, vulnerability); c++) {
            size_t columns = fps__safe_columns(cell(s, vulnerability, c, buffer));
            columns = columns < most_of(s, c) ? columns : most_of(s, c);
            s->widths[c] = columns > s->widths[c] ? columns : s->widths[c];
        }
    }
}

/* Columns of all cells but the file's, with what stands behind that. */
static size_t used_columns(const section *s)
{
    size_t used = MORE;
    for (size_t c = 0; c + 1 < COLUMNS; c++)
        used += c == LAYER && !s->layers ? 0 : s->widths[c] + 2;
    return used;
}

/* Leaves the file its least room: the layer stands in the table of what needs attention, too, and the widest of the cells that can be
 * cut goes on being cut. */
static void fit(section *s)
{
    static const size_t cut[] = {COMPONENT, VERSION, FIXED};
    size_t width = s->view->options->width;
    while (width && used_columns(s) + LEAST_FILE > width) {
        size_t widest = COMPONENT;
        for (size_t i = 0; i < sizeof cut / sizeof *cut; i++)
            widest = s->widths[cut[i]] > s->widths[widest] ? cut[i] : widest;
        if (s->layers)
            s->layers = false;
        else if (s->widths[widest] > LEAST)
            s->widths[widest]--;
        else
            return;
    }
}

/* Columns that are left for the file; 0: any number. */
static size_t file_room(const section *s)
{
    size_t width = s->view->options->width, used = used_columns(s);
    return !width ? 0 : width > used + LEAST_FILE ? width - used : LEAST_FILE;
}

static void put_cells(section *s, const fps_vulnerability *vulnerability)
{
    static const char *const colors[SEVERITIES] = {"2", "2", "0", "33", "31", "1;31"};
    char buffer[CELL];
    for (size_t c = 0; c < COLUMNS; c++) {
        if (c == LAYER && !s->layers)
            continue;
        const char *text = cell(s, vulnerability, c, buffer);
        size_t columns = fps__safe_columns(text), width = s->widths[c];
        if (c == 1)
            put_color(s, colors[vulnerability->severity]);
        if (c == COLUMNS - 1)
            fps__output_tail(s->out, text, file_room(s));
        else
            fps__output_cut(s->out, text, width);
        if (c == 1)
            put_color(s, "0");
        if (c + 1 < COLUMNS)
            fps__output_repeat(s->out, ' ', (columns < width ? width - columns : 0) + 2);
    }
}

static void put_row(section *s, const fps_vulnerability *vulnerability)
{
    char remark[1024];
    size_t places = vulnerability->file_count ? vulnerability->file_count : vulnerability->package_count;
    put_cells(s, vulnerability);
    if (places > 1)
        fps__output_format(s->out, " (+%zu)", places - 1);
    fps__output_text(s->out, "\n      ");
    const char *mark = vulnerability->known_exploited ? "[exploited] " : "";
    size_t width = s->view->options->width, before = INDENT + strlen(mark);
    fps__output_text(s->out, mark);
    fps__output_cut(s->out, *vulnerability->title ? vulnerability->title : "no title",
                    !width || s->view->options->runtime ? TITLE
                    : width > before + LEAST            ? width - before
                                                        : LEAST);
    if (*vulnerability->link && (!width || s->view->options->runtime)) { /* nothing is cut off for it */
        fps__output_text(s->out, "  ");
        fps__output_safe(s->out, vulnerability->link);
    }
    fps__output_text(s->out, "\n");
    fps__vulnerability_remark(vulnerability, remark, sizeof remark);
    if (*remark) {
        fps__output_text(s->out, "      ");
        fps__output_safe(s->out, remark);
        fps__output_text(s->out, "\n");
    }
}

static void put_headings(section *s)
{
    put_color(s, "1");
    for (size_t c = 0; c < COLUMNS; c++) {
        if (c == LAYER && !s->layers)
            continue;
        fps__output_text(s->out, headings[c]);
        if (c + 1 < COLUMNS)
            fps__output_repeat(s->out, ' ', s->widths[c] - strlen(headings[c]) + 2);
    }
    put_color(s, "0");
    fps__output_text(s->out, "\n");
}

/* "Vulnerabilities: 12 (2 critical, 10 low), 1 known to be exploited; 4 suppressed." */
static void put_counts(section *s)
{
    const char *separator = " (";
    fps__output_text(s->out, "Vulnerabilities: ");
    fps__output_number(s->out, s->count, 0);
    for (int i = SEVERITIES - 1; i >= 0; i--)
        if (s->severities[i]) {
            fps__output_text(s->out, separator);
            fps__output_number(s->out, s->severities[i], 0);
            fps__output_format(s->out, " %s", fps_severity_name((fps_severity)i));
            separator = ", ";
        }
    fps__output_text(s->out, s->count ? ")" : "");
    if (s->exploited)
        fps__output_format(s->out, ", %zu known to be exploited", s->exploited);
    fps__output_text(s->out, ".\n");
    if (s->suppressed)
        fps__output_format(s->out, "Suppressed: %zu%s.\n", s->suppressed,
                           s->view->options->suppressed ? "" : "; --show-suppressed lists them");
}

/* The newest record of all sources, and how many sources are old. */
static void put_age(section *s)
{
    const fps_result_info *info = fps_result_get_info(s->view->result);
    const char *newest = "";
    size_t old = 0;
    for (size_t i = 0; i < info->vulnerability_source_count; i++) {
        const fps_vulnerability_source *source = &info->vulnerability_sources[i];
        newest = strcmp(source->date, newest) > 0 ? source->date : newest;
        old += source->old;
    }
    fps__output_text(s->out, "Advisories of ");
    fps__output_safe(s->out, *newest ? newest : "an unknown day");
    if (old)
        fps__output_format(s->out, "; %zu of %zu sources are older than 30 days: fpscan db status", old,
                           info->vulnerability_source_count);
    fps__output_text(s->out, ".\n\n");
}

/* Each source with the date of its newest record, and how many are old. */
static void put_sources(section *s)
{
    const fps_result_info *info = fps_result_get_info(s->view->result);
    size_t old = 0;
    fps__output_text(s->out, "Advisories: ");
    for (size_t i = 0; i < info->vulnerability_source_count; i++) {
        const fps_vulnerability_source *source = &info->vulnerability_sources[i];
        fps__output_text(s->out, i ? ", " : "");
        fps__output_safe(s->out, source->name);
        fps__output_text(s->out, " ");
        fps__output_safe(s->out, *source->date ? source->date : "without a date");
        old += source->old;
    }
    if (old)
        fps__output_format(s->out, "; %zu of them older than 30 days", old);
    fps__output_text(s->out, info->vulnerability_source_count ? ".\n\n" : "none.\n\n");
}

void fps__table_vulnerabilities(const fps__view *view, fps__output *out)
{
    section s = {.view = view, .out = out, .layers = fps_result_layer_count(view->result) > 0};
    const fps_vulnerability *vulnerability;
    if (!fps_result_get_info(view->result)->vulnerabilities_checked) {
        fps__output_text(out, "Vulnerabilities: not checked.\n\n");
        return;
    }
    for (size_t c = 0; c < COLUMNS; c++)
        s.widths[c] = strlen(headings[c]);
    count(&s);
    fit(&s);
    size_t shown = 0, more = 0;
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(view->result, i)); i++) {
        if (!fps__shows_vulnerability(view, vulnerability))
            continue;
        if (shown == FIRST && !view->options->runtime && !view->options->suppressed) {
            more++;
            continue;
        }
        if (!shown++)
            put_headings(&s);
        put_row(&s, vulnerability);
    }
    if (more)
        fps__output_format(out, "... and %zu more, which -v lists; these are the ten to fix first\n", more);
    if (shown)
        fps__output_text(out, "\n");
    put_counts(&s);
    if (view->options->runtime || !fps_result_get_info(view->result)->vulnerability_source_count)
        put_sources(&s);
    else
        put_age(&s);
}
