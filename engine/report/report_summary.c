/* The summary below the table of a result: drift, how much was scanned, what is not listed, what went
 * wrong. */
#include "report/report_summary.h"

#include <string.h>

enum { MAX_REMARKS = 20, MAX_DRIFT = 10, DRIFT_KINDS = 6 };

bool fps__hides_runtime(const fps__view *view, const fps_component *component)
{
    return component->role == FPS_COMPONENT_RUNTIME && !view->options->runtime;
}

static void put_color(const fps__view *view, fps__output *out, const char *sequence)
{
    if (view->options->color)
        fps__output_format(out, "\033[%sm", sequence);
}

typedef struct totals {
    size_t components; /* ids that are listed */
    size_t runtime;    /* ids of role runtime that are not listed */
    size_t hidden;     /* findings that states and confidence hide */
    size_t covered;    /* findings in files that later layers hide */
    size_t files;      /* files with a listed finding */
    uint64_t releases; /* fingerprinted, in all sets */
} totals;

static totals count_totals(const fps__view *view)
{
    const fps_result *result = view->result;
    totals n = {0};
    const char *last = NULL, *last_runtime = NULL;
    const fps_component *shown;
    const fps_finding *best;
    size_t next = 0;
    while ((shown = fps__view_next(view, &next, &best))) {
        const char **seen = fps__hides_runtime(view, shown) ? &last_runtime : &last;
        if (*seen && strcmp(*seen, shown->id) == 0)
            continue;
        *seen = shown->id;
        *(seen == &last ? &n.components : &n.runtime) += 1;
    }
    uint32_t last_file = UINT32_MAX;
    for (size_t i = 0; i < fps_result_finding_count(result); i++) {
        const fps_finding *finding = fps_result_finding(result, i);
        const fps_component *component = fps_result_component(result, finding->component);
        if (!fps__view_shows_file(view, fps_result_file(result, finding->file))) {
            n.covered++;
        } else if (!fps__view_shows(view, finding)) {
            n.hidden++;
        } else if (!fps__hides_runtime(view, component) && finding->file != last_file) {
            n.files++;
            last_file = finding->file;
        }
    }
    const fps_result_info *info = fps_result_get_info(result);
    for (size_t i = 0; i < info->database_count; i++)
        n.releases += info->databases[i].fingerprinted_releases;
    n.hidden += info->omitted;
    n.covered += info->omitted_hidden;
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

/* " in 3.4 s", " in 2 min 5 s", " in 1 h 3 min": two units at most, as a person would say it. */
static void put_duration(fps__output *out, uint64_t milliseconds)
{
    unsigned long long seconds = (milliseconds + 500) / 1000, minutes = (seconds + 30) / 60;
    if (!milliseconds)
        return;
    if (milliseconds < 9950) {
        fps__output_text(out, " in ");
        fps__output_real(out, milliseconds < 100 ? .1 : (double)milliseconds / 1000, 1);
        fps__output_text(out, " s");
    } else if (seconds < 60)
        fps__output_format(out, " in %llu s", seconds);
    else if (seconds < 3600)
        fps__output_format(out, " in %llu min %llu s", seconds / 60, seconds % 60);
    else
        fps__output_format(out, " in %llu h %llu min", minutes / 60, minutes % 60);
}

/* How much of all files' code is attributed. */
static void put_code(const fps__view *view, fps__output *out)
{
    fps__code_share sum = {0};
    if (!view->options->code)
        return;
    for (size_t i = 0; i < fps_result_file_count(view->result); i++) {
        fps__code_share share = fps__code_share_of(fps_result_file(view->result, i));
        sum.executable += share.executable;
        sum.attributed += share.attributed;
        sum.generic += share.generic;
        sum.unknown += share.unknown;
    }
    if (!sum.executable)
        return;
    fps__output_text(out, "Code: ");
    put_size(out, sum.executable);
    fps__output_text(out, " that can run, of which ");
    const uint64_t parts[] = {sum.attributed, sum.generic, sum.unknown};
    static const char *const words[] = {" attributed to components, ", " generic, ", " unknown.\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        fps__output_percent(out, parts[i], sum.executable, 0);
        fps__output_text(out, words[i]);
    }
}

/* One line about findings that are not in the table. */
static void put_left_out(const totals *n, fps__output *out)
{
    const struct {
        size_t count;
        const char *noun, *why;
    } parts[] = {{n->runtime, "runtime component", ""},
                 {n->hidden, "less certain finding", " (see --states)"},
                 {n->covered, "finding", " in files that later layers replace or delete"}};
    bool first = true;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i].count)
            continue;
        fps__output_text(out, first ? "Not listed: " : ", ");
        fps__output_count(out, parts[i].count, parts[i].noun);
        fps__output_text(out, parts[i].why);
        first = false;
    }
    if (!first)
        fps__output_text(out, ".\n");
}

/* Other scanners list packages first: here documents do, and a table without rows must not look as if there were none. */
static void put_packages(const fps_result *result, fps__output *out)
{
    if (!fps_result_package_count(result))
        return;
    fps__output_text(out, "; ");
    fps__output_count(out, fps_result_package_count(result), "package");
    fps__output_text(out, " (-o purls lists them)");
}

/* Packages that programs list are not in the table, which shows what code and texts tell. */
static void put_listed(const fps_result *result, fps__output *out)
{
    size_t modules = 0, crates = 0;
    for (size_t i = 0; i < fps_result_package_count(result); i++) {
        modules += fps_result_package(result, i)->kind == FPS_PACKAGE_GOLANG;
        crates += fps_result_package(result, i)->kind == FPS_PACKAGE_CARGO;
    }
    if (!modules && !crates)
        return;
    fps__output_text(out, "Programs say that they are linked from ");
    if (modules)
        fps__output_count(out, modules, "Go module");
    if (modules && crates)
        fps__output_text(out, " and ");
    if (crates)
        fps__output_count(out, crates, "Rust crate");
    fps__output_text(out, "; json, csv and bills of materials list them.\n");
}

static void put_summary(const fps__view *view, fps__output *out)
{
    const fps_result *result = view->result;
    const fps_result_info *info = fps_result_get_info(view->result);
    totals n = count_totals(view);
    if (info->target_type && strcmp(info->target_type, "bill") == 0) {
        fps__output_text(out, "Read from a bill of materials: ");
        fps__output_count(out, fps_result_package_count(result), "package");
        fps__output_text(out, ", ");
        fps__output_count(out, n.components, "component");
        fps__output_text(out, ".\n");
    } else if (!info->regular_files && !info->objects) {
        fps__output_text(out, "There is no regular file in the target: nothing was looked at.\n");
    } else {
        fps__output_text(out, "Looked at ");
        fps__output_count(out, info->regular_files, "file");
        fps__output_text(out, " with "); /* also in archives, and in layers that later ones hide */
        fps__output_count(out, info->objects, "ELF, PE or Mach-O object");
        fps__output_text(out, " (");
        put_size(out, info->bytes);
        fps__output_text(out, ")");
        put_duration(out, view->options->scan_ms);
        fps__output_text(out, ": ");
        if (n.components) {
            fps__output_count(out, n.components, "component");
            fps__output_text(out, " in ");
            fps__output_count(out, n.files, "file");
        } else if (n.hidden || n.runtime || n.covered) {
            fps__output_text(out, "nothing to list");
        } else {
            fps__output_format(out,
                               "no component of the sets was found, which hold %llu fingerprinted releases",
                               (unsigned long long)n.releases);
            put_packages(view->result, out);
        }
        fps__output_text(out, ".\n");
    }
    put_left_out(&n, out);
    put_listed(view->result, out);
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

void fps__summary_diagnostics(const fps__view *view, fps__output *out)
{
    const fps_result *result = view->result;
    size_t partial = 0, notes = 0;
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++)
        *(fps_result_diagnostic(result, i)->level == FPS_DIAGNOSTIC_PARTIAL ? &partial : &notes) += 1;
    if (partial) {
        put_color(view, out, "33");
        fps__output_text(out, "Partial: ");
        put_color(view, out, "0");
        fps__output_count(out, partial, "place");
        fps__output_text(out, " that could hold a program could not be looked at:\n");
    }
    for (size_t i = 0, shown = 0; i < fps_result_diagnostic_count(result) && shown < MAX_REMARKS; i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(result, i);
        if (diagnostic->level != FPS_DIAGNOSTIC_PARTIAL)
            continue;
        put_remark(out, diagnostic);
        shown++;
    }
    if (partial > MAX_REMARKS)
        fps__output_format(out, "  ... and %zu more; the json format has them all\n", partial - MAX_REMARKS);
    if (notes) {
        fps__output_count(out, notes, "remark");
        fps__output_text(out, " without loss; the json format has them.\n");
    }
}

static size_t count_kind(const fps_result *result, fps_drift_level level, size_t kind)
{
    size_t count = 0;
    for (size_t i = 0; i < fps_result_drift_count(result); i++) {
        const fps_drift *drift = fps_result_drift(result, i);
        bool is_note = drift->level == FPS_DRIFT_LEVEL_NOTE;
        count += (size_t)drift->kind == kind && is_note == (level == FPS_DRIFT_LEVEL_NOTE);
    }
    return count;
}

/* "Drift: 2 unowned, 1 component." for one level; nothing if there is none. */
static size_t put_kinds(const fps__view *view, fps_drift_level level, const char *heading, fps__output *out)
{
    size_t all = 0;
    for (size_t kind = 0; kind < DRIFT_KINDS; kind++) {
        size_t count = count_kind(view->result, level, kind);
        if (!count)
            continue;
        if (!all)
            put_color(view, out, "33");
        fps__output_text(out, all ? ", " : heading);
        if (!all)
            put_color(view, out, "0");
        fps__output_number(out, count, 0);
        fps__output_format(out, " %s", fps_drift_kind_name((fps_drift_kind)kind));
        all += count;
    }
    if (all)
        fps__output_text(out, ".\n");
    return all;
}

size_t fps__summary_drift(const fps__view *view, fps__output *out)
{
    return put_kinds(view, FPS_DRIFT_LEVEL_DRIFT, "Drift: ", out);
}

void fps__summary_drift_notes(const fps__view *view, fps__output *out)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    size_t notes = 0;
    for (size_t kind = 0; kind < DRIFT_KINDS; kind++)
        notes += count_kind(view->result, FPS_DRIFT_LEVEL_NOTE, kind);
    if (notes) {
        fps__output_text(out, "Not counted as drift, because the packages themselves ship it so: ");
        fps__output_number(out, notes, 0);
        fps__output_text(out, ".\n");
    }
    if (info->packages_known)
        fps__output_format(out, "Packages and owners are what the target itself says%s.\n",
                           info->digests_compared ? "" : "; digests of package files were not compared");
}

/* How many files differ from what packages claim, and the first of them. */
static void put_drift(const fps__view *view, fps__output *out)
{
    size_t shown = 0, count = fps__summary_drift(view, out);
    for (size_t i = 0; i < fps_result_drift_count(view->result) && shown < MAX_DRIFT; i++) {
        const fps_drift *drift = fps_result_drift(view->result, i);
        if (drift->level == FPS_DRIFT_LEVEL_NOTE)
            continue;
        fps__output_format(out, "  %-9s  ", fps_drift_kind_name(drift->kind));
        fps__output_safe(out, drift->path);
        fps__output_text(out, ": ");
        fps__output_safe(out, drift->message);
        fps__output_text(out, drift->suppressed ? " [suppressed]\n" : "\n");
        shown++;
    }
    if (count > shown)
        fps__output_format(out, "  ... and %zu more; fpscan drift shows them all\n", count - shown);
    fps__summary_drift_notes(view, out);
    if (fps_result_drift_count(view->result))
        fps__output_text(out, "\n");
}

static void put_why(fps__output *out, const char *kind, const char *name, const char *path,
                    const fps_suppressed *suppressed)
{
    const char *const parts[] = {"  ", kind, " ", name, *path ? " in " : "", path, ": "};
    char why[FPS__SUPPRESSED_SIZE];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fps__output_safe(out, parts[i]);
    fps__output_safe(out, fps__suppressed_text(suppressed, why, sizeof why));
    fps__output_text(out, "\n");
}

/* Counts what statements of the user's suppress, or lists it; vulnerabilities have a place of their own. */
static void visit_suppressed(const fps__view *view, fps__output *out, size_t counts[3])
{
    const fps_result *result = view->result;
    for (size_t i = 0; i < fps_result_finding_count(result); i++) {
        const fps_finding *finding = fps_result_finding(result, i);
        if (!finding->suppressed || !fps__view_shows(view, finding))
            continue;
        counts[0]++;
        if (out)
            put_why(out, "component", fps_result_component(result, finding->component)->id,
                    fps_result_file(result, finding->file)->path, finding->suppressed);
    }
    for (size_t i = 0; i < fps_result_package_count(result); i++) {
        const fps_package *package = fps_result_package(result, i);
        counts[1] += package->suppressed != NULL;
        if (package->suppressed && out)
            put_why(out, "package", package->name, "", package->suppressed);
    }
    for (size_t i = 0; i < fps_result_drift_count(result); i++) {
        const fps_drift *drift = fps_result_drift(result, i);
        counts[2] += drift->suppressed != NULL;
        if (drift->suppressed && out)
            put_why(out, "drift", fps_drift_kind_name(drift->kind), drift->path, drift->suppressed);
    }
}

void fps__summary_suppressed(const fps__view *view, fps__output *out)
{
    static const char *const nouns[] = {"component", "package", "drift item"};
    size_t counts[3] = {0}, unused[3] = {0}, written = 0;
    visit_suppressed(view, NULL, counts);
    for (size_t i = 0; i < 3; i++) {
        if (!counts[i])
            continue;
        fps__output_text(out, written++ ? ", " : "Suppressed: ");
        fps__output_count(out, counts[i], nouns[i]);
    }
    if (written)
        fps__output_text(out, view->options->suppressed ? ":\n" : " (--show-suppressed lists them).\n");
    if (written && view->options->suppressed)
        visit_suppressed(view, out, unused);
}

void fps__summary(const fps__view *view, fps__output *out)
{
    put_drift(view, out);
    put_summary(view, out);
    put_code(view, out);
    fps__summary_suppressed(view, out);
    fps__summary_diagnostics(view, out);
}
