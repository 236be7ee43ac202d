/* Writes a result as comma-separated values (RFC 4180): a line for each package, for each component in a
 * file, for each drift, and for each
 * vulnerability. A text that a spreadsheet would take for a formula gets a ' before it. */
#include "report/report_bom.h"
#include "report/report_format.h"
#include "report/report_vulnerabilities.h"

#include <stdio.h>
#include <string.h>

enum { CELL = 512, VULNERABILITY_COLUMNS = 9 };

static const char header[] = "type,name,version,state,confidence,kind,path,layer,layer_diff_id,visibility,"
                             "package,explained,purl,cpe,license,note,links,doubt,candidates,"
                             "vulnerability,severity,score,risk,epss,exploited,fixed,title,link\r\n";

typedef struct line {
    fps__output *out;
    bool started;
} line;

static void put_quoted(fps__output *out, const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size;) {
        size_t length = fps__shown(text + i, size - i);
        if (text[i] == '"')
            fps__output_text(out, "\"\"");
        else if (length)
            fps__output_bytes(out, text + i, length);
        else
            fps__output_format(out, "\\x%02x", (unsigned char)text[i]);
        i += length ? length : 1;
    }
}

/* True when a spreadsheet may take the text for a formula: = + - @, also in their wide forms. The apostrophe that is put
 * before such a text is put before one that it begins, too: so no two texts look the same. */
static bool is_formula(const char *text)
{
    static const char *const starts[] = {
        "=", "+", "-", "@", "'", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
    text += strspn(text, " ");
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(text, starts[i], strlen(starts[i])) == 0)
            return true;
    return *text == '\t' || *text == '\r' || *text == '\n';
}

/* One field made of three texts, none of them NULL. */
static void put_parts(line *l, const char *first, const char *second, const char *third)
{
    const char *start = *first ? first : *second ? second : third;
    if (l->started)
        fps__output_text(l->out, ",");
    l->started = true;
    if (!*start)
        return;
    fps__output_text(l->out, is_formula(start) ? "\"'" : "\"");
    put_quoted(l->out, first);
    put_quoted(l->out, second);
    put_quoted(l->out, third);
    fps__output_text(l->out, "\"");
}

static void put_field(line *l, const char *text)
{
    put_parts(l, text ? text : "", "", "");
}

static void put_fields(line *l, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_field(l, texts[i]);
}

static void put_path(line *l, const fps_file *file)
{
    put_parts(l, file->path, file->archive_path ? "!" : "", file->archive_path ? file->archive_path : "");
}

/* Further names of a file, ", " between them; NULL is allowed. */
static void put_links(line *l, const fps_file *file)
{
    fps__output_text(l->out, ",");
    if (!file || !file->link_count)
        return;
    fps__output_text(l->out, "\"");
    for (size_t i = 0; i < file->link_count; i++) {
        fps__output_text(l->out, i ? ", " : "");
        put_quoted(l->out, file->links[i]);
    }
    fps__output_text(l->out, "\"");
}

/* The doubt about a finding, and what it may be instead: package URLs, else ids, a space between them. NULL: no finding. */
static void put_doubt(line *l, const fps_finding *finding)
{
    char text[FPS__IDENTIFIER_SIZE];
    put_field(l, finding && finding->doubt != FPS_DOUBT_NONE ? fps_doubt_name(finding->doubt) : "");
    fps__output_text(l->out, ",");
    if (!finding || !finding->relative_count)
        return;
    for (size_t i = 0; i < finding->relative_count; i++) {
        fps__relative_text(&finding->relatives[i], text, sizeof text);
        fps__output_text(l->out, i ? " " : is_formula(text) ? "\"'" : "\"");
        put_quoted(l->out, text);
    }
    fps__output_text(l->out, "\"");
}

/* The columns of vulnerabilities, empty in all other rows. */
static void end_line(line *l)
{
    for (int i = 0; i < VULNERABILITY_COLUMNS; i++)
        put_field(l, "");
    fps__output_text(l->out, "\r\n");
}

static void put_layer(line *l, const fps_result *result, uint32_t index)
{
    char number[16] = "";
    const fps_layer *layer = fps_result_layer(result, index);
    if (layer)
        snprintf(number, sizeof number, "%u", layer->index);
    put_field(l, number);
    put_field(l, layer ? layer->diff_id : "");
}

/* A note, and why a statement suppresses the row. Both may be NULL. */
static void put_note(line *l, const char *note, const fps_suppressed *suppressed)
{
    char why[FPS__SUPPRESSED_SIZE];
    fps__suppressed_text(suppressed, why, sizeof why);
    put_parts(l, note ? note : "", !suppressed ? "" : note && *note ? "; suppressed, " : "suppressed, ", why);
}

/* Package URL, CPE name and licence of an entry. */
static void put_names(line *l, const fps__entry *entry)
{
    char text[FPS__IDENTIFIER_SIZE];
    fps__bom_purl(entry, text, sizeof text);
    put_field(l, text);
    fps__bom_cpe(entry, text, sizeof text);
    put_field(l, text);
    put_field(l, fps__bom_license(entry));
}

static void put_package(const fps__view *view, const fps__entry *entry, fps__output *out)
{
    line l = {out, false};
    const fps_package *package = entry->package;
    const char *facts[] = {"package",
                           package->name,
                           package->version,
                           package->state == FPS_STATE_PRESENT ? "" : fps_state_name(package->state),
                           "",
                           fps_package_kind_name(package->kind),
                           package->location};
    put_fields(&l, facts, sizeof facts / sizeof *facts);
    put_layer(&l, view->result, package->layer);
    put_field(&l,
              package->visibility == FPS_VISIBILITY_VISIBLE ? "" : fps_visibility_name(package->visibility));
    put_field(&l, package->source);
    put_field(&l, "");
    put_names(&l, entry);
    put_note(&l, "", package->suppressed);
    put_field(&l, "");
    put_doubt(&l, NULL);
    end_line(&l);
}

static void put_finding(const fps__view *view, const fps_finding *finding, fps__output *out)
{
    line l = {out, false};
    char version[CELL], confidence[16], owner[CELL] = "";
    const fps_file *file = fps_result_file(view->result, finding->file);
    const fps__entry entry = {.component = fps_result_component(view->result, finding->component),
                              .best = finding};
    const fps_package *package = fps_result_package(view->result, file->owner);
    const fps_drift *drift = fps__package_links_contradiction(view, finding);
    fps__version_text(&finding->version, version, sizeof version);
    fps__share_text(finding->confidence, confidence, sizeof confidence);
    if (package)
        fps__package_text(package, owner, sizeof owner);
    const char *facts[] = {"component", entry.component->id,
                           version,     fps_state_name(finding->state),
                           confidence,  fps_linkage_name(finding->linkage)};
    put_fields(&l, facts, sizeof facts / sizeof *facts);
    put_path(&l, file);
    put_layer(&l, view->result, fps__introduced(view->result, finding));
    put_field(&l, fps_visibility_name(file->visibility));
    put_field(&l, owner);
    put_field(&l, !package ? "" : drift ? "no" : "yes");
    put_names(&l, &entry);
    put_note(&l, drift ? drift->message : finding->version.note, finding->suppressed);
    put_links(&l, file);
    put_doubt(&l, finding);
    end_line(&l);
}

static void put_drift(const fps_result *result, const fps_drift *drift, fps__output *out)
{
    line l = {out, false};
    char owner[CELL] = "";
    const fps_file *file = fps_result_file(result, drift->file);
    const fps_package *package = fps_result_package(result, drift->package);
    if (package)
        fps__package_text(package, owner, sizeof owner);
    const char *facts[] = {"drift",      drift->component ? drift->component : "",
                           drift->found, fps__drift_level_text(drift),
                           "",           fps_drift_kind_name(drift->kind)};
    put_fields(&l, facts, sizeof facts / sizeof *facts);
    put_parts(&l, drift->path, file && file->archive_path ? "!" : "",
              file && file->archive_path ? file->archive_path : "");
    put_layer(&l, result, file ? file->layer : FPS__NONE);
    const char *rest[] = {"", owner, "", "", "", ""};
    put_fields(&l, rest, sizeof rest / sizeof *rest);
    put_note(&l, drift->message, drift->suppressed);
    put_links(&l, file);
    put_doubt(&l, NULL);
    end_line(&l);
}

static void put_vulnerability(const fps__view *view, const fps_vulnerability *vulnerability, fps__output *out)
{
    line l = {out, false};
    char remark[2 * CELL], score[16] = "", risk[16], epss[16] = "", text[FPS__IDENTIFIER_SIZE];
    const fps_package *package = fps_result_package(view->result, vulnerability->package);
    fps__vulnerability_remark(vulnerability, remark, sizeof remark);
    bool counts = vulnerability->suppression == FPS_SUPPRESSED_NOT;
    const char *facts[] = {"vulnerability",
                           fps__vulnerability_subject(view->result, vulnerability),
                           vulnerability->version,
                           counts ? fps_verdict_name(vulnerability->verdict)
                                  : fps_suppression_name(vulnerability->suppression),
                           "",
                           package ? fps_package_kind_name(package->kind) : "component",
                           fps__vulnerability_path(view->result, vulnerability)};
    put_fields(&l, facts, sizeof facts / sizeof *facts);
    put_layer(&l, view->result, fps__vulnerability_layer(view->result, vulnerability));
    fps__purl_text(fps__vulnerability_purl(view->result, vulnerability), NULL, text, sizeof text);
    const char *names[] = {"", package ? package->source : "", "", text, "", "", remark, ""};
    put_fields(&l, names, sizeof names / sizeof *names);
    if (vulnerability->score > 0)
        snprintf(score, sizeof score, "%.1f", vulnerability->score);
    snprintf(risk, sizeof risk, "%.1f", vulnerability->risk);
    if (vulnerability->epss >= 0)
        snprintf(epss, sizeof epss, "%.5f", vulnerability->epss);
    put_doubt(&l, NULL);
    const char *rest[VULNERABILITY_COLUMNS] = {vulnerability->id,
                                               fps_severity_name(vulnerability->severity),
                                               score,
                                               risk,
                                               epss,
                                               vulnerability->known_exploited ? "yes" : "",
                                               vulnerability->fixed,
                                               vulnerability->title,
                                               vulnerability->link};
    put_fields(&l, rest, VULNERABILITY_COLUMNS);
    fps__output_text(out, "\r\n");
}

/* One row says so when nothing was looked up: no rows must not look like no vulnerabilities. */
static void put_vulnerabilities(const fps__view *view, fps__output *out)
{
    const fps_vulnerability *vulnerability;
    if (!fps_result_get_info(view->result)->vulnerabilities_checked) {
        enum { COLUMNS_BEFORE = 19 };
        line l = {out, false};
        put_field(&l, "vulnerabilities");
        put_field(&l, "not checked");
        for (int i = 2; i < COLUMNS_BEFORE; i++)
            put_field(&l, "");
        end_line(&l);
    }
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(view->result, i)); i++)
        if (fps__shows_vulnerability(view, vulnerability))
            put_vulnerability(view, vulnerability, out);
}

static void write_csv(const fps__view *view, fps__output *out)
{
    fps__entry entry;
    fps__output_text(out, header);
    for (size_t i = 0; i < fps_result_package_count(view->result); i++)
        if (fps__bom_package(view, i, &entry))
            put_package(view, &entry, out);
    for (size_t i = 0; i < fps_result_finding_count(view->result); i++) {
        const fps_finding *finding = fps_result_finding(view->result, i);
        if (fps__view_shows(view, finding))
            put_finding(view, finding, out);
    }
    for (size_t i = 0; i < fps_result_drift_count(view->result); i++)
        put_drift(view->result, fps_result_drift(view->result, i), out);
    put_vulnerabilities(view, out);
}

const fps_report_format fps__report_csv = {
    .name = "csv", .version = "", .states = FPS__STATES_OF_BILLS, .write = write_csv};
