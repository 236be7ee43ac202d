/* Explains each finding of a result: its evidence, its versions, and why it was rejected if it was. */
#include "report/report_explain.h"
#include "report/report_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 256, BEST_SCORES = 12, MAX_SCORES = 40 };

static void put_share(fps__output *out, const char *name, double share)
{
    char text[16];
    fps__share_text(share, text, sizeof text);
    fps__output_format(out, "%s %s", name, text);
}

/* "    label      " and untrusted text. */
static void put_line(fps__output *out, const char *label, const char *text)
{
    fps__output_format(out, "    %-12s ", label);
    fps__output_safe(out, text);
    fps__output_text(out, "\n");
}

static void put_counts(fps__output *out, const fps_finding *finding)
{
    char coverage[16];
    fps__output_format(out, "    %-12s ", "found");
    fps__output_format(out, "%u literals, %u names, %u functions, %u exact keys; %u names used\n",
                       finding->literals, finding->names, finding->functions, finding->exact, finding->uses);
    fps__output_format(out, "    %-12s ", "coverage");
    fps__share_text(finding->coverage, coverage, sizeof coverage);
    fps__output_format(out, "%s of the weight of %u active units (of %u); ", coverage, finding->units_active,
                       finding->units_total);
    put_share(out, "share of the file's known features", finding->share);
    fps__output_text(out, "\n");
}

/* Right-aligned, in any locale. */
static void put_score(fps__output *out, double score)
{
    long long thousandths = score > -1e9 && score < 1e9 ? (long long)(score * 1000) : 0;
    unsigned long long size = (unsigned long long)(thousandths < 0 ? -thousandths : thousandths);
    char text[24];
    snprintf(text, sizeof text, "%s%llu.%03llu", thousandths < 0 ? "-" : "", size / 1000, size % 1000);
    fps__output_format(out, "%10s  ", text);
}

static void put_release(fps__output *out, const fps_version_score *score)
{
    size_t columns = fps__safe_columns(score->version);
    fps__output_text(out, "      ");
    fps__output_safe(out, score->version);
    fps__output_repeat(out, ' ', columns < 16 ? 16 - columns : 0);
    fps__output_format(out, " %6u %6u ", score->hits, score->misses);
    put_score(out, score->score);
    if (score->excluded_by)
        fps__output_safe(out, score->excluded_by);
    else if (!score->built)
        fps__output_text(out, "(known release, no build of it in the sets)");
    else
        fps__output_text(out, "(in the answer)");
    fps__output_text(out, "\n");
}

/* The best ones, and more of those that nothing excludes. */
static void put_scores(const fps__view *view, const fps_version_answer *version, fps__output *out)
{
    size_t left = 0;
    if (!version->score_count)
        return;
    fps__output_text(
        out, "    versions     most likely first: texts of the release that the file has, and lacks, and its "
             "probability\n");
    fps__output_format(out, "      %-16s %6s %6s %10s  %s\n", "VERSION", "HITS", "MISSES", "SHARE",
                       "EXCLUDED BY");
    for (size_t i = 0; i < version->score_count; i++) {
        size_t most = version->scores[i].excluded_by ? BEST_SCORES : MAX_SCORES;
        if (view->options->all || i < most)
            put_release(out, &version->scores[i]);
        else
            left++;
    }
    if (left) {
        fps__output_text(out, "      ... and ");
        fps__output_count(out, left, "more release");
        fps__output_text(out, "\n");
    }
}

static void put_version(const fps__view *view, const fps_version_answer *version, fps__output *out)
{
    char text[CELL];
    fps__version_text(version, text, sizeof text);
    fps__output_text(out, "    version      ");
    fps__output_safe(out, text);
    fps__output_format(out, " (%s; ", fps_version_kind_name(version->kind));
    put_share(out, "confidence", version->confidence);
    fps__output_text(out, ")\n");
    if (version->candidate_count > 1) {
        fps__output_text(out, "    candidates  ");
        for (size_t i = 0; i < version->candidate_count; i++) {
            fps__output_text(out, " ");
            fps__output_safe(out, version->candidates[i]);
        }
        fps__output_text(out, "\n");
    }
    if (version->template_version)
        put_line(out, "template", version->template_version);
    if (version->toolchain)
        put_line(out, "toolchain", version->toolchain);
    if (version->note)
        put_line(out, "note", version->note);
    put_scores(view, version, out);
}

/* Sums up the functions of a finding. */
static void put_code(const fps__view *view, const fps_finding *finding, fps__output *out)
{
    const fps_file *file = fps_result_file(view->result, finding->file);
    fps__function_totals totals = fps__explain_functions(finding, out);
    if (!totals.functions)
        return;
    fps__output_format(out, "    %-12s ", "code");
    fps__output_count(out, totals.functions, "function");
    fps__output_text(out, " of ");
    fps__output_count(out, totals.instructions, "instruction");
    if (totals.bytes) {
        fps__output_text(out, " in ");
        fps__output_count(out, totals.bytes, "byte");
    }
    if (totals.bytes && file && file->code_bytes) {
        fps__output_text(out, ", ");
        fps__output_percent(out, totals.bytes, file->code_bytes, 0);
        fps__output_text(out, " of the file's executable bytes");
    }
    fps__output_text(out, "\n");
}

/* How the finding contradicts the package of its file, and the layer that introduced it if not the file's
 * own. */
static void put_contradiction(const fps__view *view, const fps_finding *finding, fps__output *out)
{
    const fps_file *file = fps_result_file(view->result, finding->file);
    const fps_drift *drift = fps__package_links_contradiction(view, finding);
    if (file && finding->introduced != file->layer &&
        finding->introduced < fps_result_layer_count(view->result)) {
        fps__output_format(out, "    %-12s ", "introduced");
        fps__output_format(out, "by layer %u\n", fps_result_layer(view->result, finding->introduced)->index);
    }
    if (drift)
        put_line(out, drift->level == FPS_DRIFT_LEVEL_NOTE ? "package" : "drift", drift->message);
}

/* The rule by which the component is present or likely. */
static void put_admission(const fps_finding *finding, fps__output *out)
{
    const char *explanation = fps_admission_explanation(finding->admitted_by);
    if (!finding->admitted_by)
        return;
    fps__output_format(out, "    %-12s ", "admitted by");
    fps__output_safe(out, finding->admitted_by);
    if (explanation)
        fps__output_format(out, ": %s", explanation);
    fps__output_text(out, "\n");
}

/* What the component may be instead. */
static void put_family(const fps_component *component, fps__output *out)
{
    char text[CELL];
    if (!component->relative_count)
        return;
    fps_family_text(text, sizeof text, component->id, component->relatives, component->relative_count, false);
    fps__output_format(out, "    %-12s ", "family");
    fps__output_safe(out, text);
    fps__output_text(out, ": nothing in the file tells them apart\n");
    for (size_t i = 0; i < component->relative_count; i++) {
        fps__relative_text(&component->relatives[i], text, sizeof text);
        put_line(out, "or", text);
    }
}

static void put_finding(const fps__view *view, const fps_finding *finding, fps__output *out)
{
    const fps_component *component = fps_result_component(view->result, finding->component);
    fps__output_text(out, "\n  ");
    fps__output_safe(out, component->name && component->name[0] ? component->name : component->id);
    fps__output_format(out, ": %s, %s, ", fps_state_name(finding->state), fps__how(view, finding));
    put_share(out, "confidence", finding->confidence);
    fps__output_text(out, "\n");
    put_line(out, "id", component->id);
    put_family(component, out);
    if (component->purl && component->purl[0])
        put_line(out, "purl", component->purl);
    if (component->role == FPS_COMPONENT_RUNTIME)
        put_line(out, "role", "runtime: never speaks for other components");
    put_version(view, &finding->version, out);
    put_counts(out, finding);
    put_code(view, finding, out);
    put_contradiction(view, finding, out);
    put_admission(finding, out);
    fps__explain_patches(finding, out);
    const char *doubt = fps_doubt_text(finding->doubt);
    if (doubt)
        put_line(out, "doubt", doubt);
    if (finding->against && (!doubt || strcmp(doubt, finding->against) != 0))
        put_line(out, "against", finding->against);
    fps__explain_evidence(view, finding, out);
}

/* Best state and confidence first, then in the order of the result: by id. */
static int compare_findings(const void *a, const void *b)
{
    const fps_finding *left = *(const fps_finding *const *)a, *right = *(const fps_finding *const *)b;
    if (left->state != right->state)
        return left->state < right->state ? -1 : 1;
    if (left->confidence != right->confidence)
        return left->confidence > right->confidence ? -1 : 1;
    return (left > right) - (left < right);
}

static void put_findings(const fps__view *view, const fps_file *file, fps__output *out)
{
    size_t count = 0;
    const fps_finding **shown = calloc((size_t)file->findings_count + 1, sizeof *shown);
    if (!shown) {
        out->status = FPS_ERROR_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, (size_t)file->findings_first + i);
        if (finding && fps__view_shows(view, finding))
            shown[count++] = finding;
    }
    qsort(shown, count, sizeof *shown, compare_findings);
    for (size_t i = 0; i < count; i++)
        put_finding(view, shown[i], out);
    if (!count)
        fps__output_text(out,
                         file->findings_count
                             ? "\n  no finding in it is of the component, states and confidence asked for\n"
                             : "\n  no component of the sets was found in it\n");
    free(shown);
}

/* "1 sha256:..., created by RUN make"; nothing if there is no such layer. */
static void put_layer(const fps_result *result, uint32_t index, fps__output *out)
{
    const fps_layer *layer = fps_result_layer(result, index);
    if (!layer)
        return;
    fps__output_format(out, "%u%s", layer->index, layer->diff_id[0] ? " " : "");
    fps__output_safe(out, layer->diff_id);
    if (layer->base)
        fps__output_text(out, " of the base image");
    if (layer->created_by[0]) {
        fps__output_text(out, ", created by ");
        fps__output_safe(out, layer->created_by);
    }
}

/* The layer and the package of a file. */
static void put_origin(const fps__view *view, const fps_file *file, fps__output *out)
{
    char text[CELL];
    const fps_package *package = fps_result_package(view->result, file->owner);
    if (file->layer < fps_result_layer_count(view->result)) {
        fps__output_text(out, "  layer: ");
        put_layer(view->result, file->layer, out);
        if (file->visibility != FPS_VISIBILITY_VISIBLE)
            fps__output_format(out, "; %s by a later one", fps_visibility_name(file->visibility));
        fps__output_text(out, "\n");
    }
    if (package) {
        fps__package_text(package, text, sizeof text);
        fps__output_format(out, "  package: %s ", fps_package_kind_name(package->kind));
        fps__output_safe(out, text);
        fps__output_text(out, "\n");
    }
}

/* A file with all its findings. Files without findings are named as well, so that none seems to be
 * forgotten. */
/* "  build ID: ..." and such, where the file has it. */
static void put_debug_name(fps__output *out, const char *label, const char *text)
{
    if (!text)
        return;
    fps__output_format(out, "  %s: ", label);
    fps__output_safe(out, text);
    fps__output_text(out, "\n");
}

static void put_file(const fps__view *view, const fps_file *file, fps__output *out)
{
    fps__output_safe(out, file->path);
    if (file->archive_path) {
        fps__output_text(out, "!");
        fps__output_safe(out, file->archive_path);
    }
    if (file->format == FPS_FORMAT_ELF || file->format == FPS_FORMAT_PE) {
        fps__output_format(out, ": %s ", file->format == FPS_FORMAT_ELF ? "ELF" : "PE");
        fps__output_safe(out, file->machine ? file->machine : "");
    }
    fps__output_text(out, ", ");
    fps__output_count(out, file->size, "byte");
    fps__output_text(out, "\n");
    put_debug_name(out, "build ID", file->build_id);
    put_debug_name(out, "debug link", file->debug_link);
    put_debug_name(out, "says that it is", file->claims);
    put_origin(view, file, out);
    fps__explain_code(view, file, out);
    put_findings(view, file, out);
    fps__output_text(out, "\n");
}

static void put_diagnostics(const fps_result *result, fps__output *out)
{
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(result, i);
        fps__output_text(out, diagnostic->level == FPS_DIAGNOSTIC_PARTIAL ? "partial: " : "note: ");
        fps__output_safe(out, diagnostic->path ? diagnostic->path : "(target)");
        if (diagnostic->offset != UINT64_MAX)
            fps__output_format(out, " at byte %llu", (unsigned long long)diagnostic->offset);
        fps__output_format(out, ": ");
        fps__output_safe(out, diagnostic->code);
        fps__output_text(out, ": ");
        fps__output_safe(out, diagnostic->message);
        fps__output_text(out, "\n");
    }
}

static void write_explanation(const fps__view *view, fps__output *out)
{
    size_t shown = 0;
    if (view->options->cve) {
        fps__explain_vulnerability(view, out);
        put_diagnostics(view->result, out);
        return;
    }
    for (size_t i = 0; i < fps_result_file_count(view->result); i++) {
        const fps_file *file = fps_result_file(view->result, i);
        if (!fps__view_shows_file(view, file))
            continue;
        put_file(view, file, out);
        shown++;
    }
    if (!shown)
        fps__output_text(out, "no ELF, PE or Mach-O file was found in the target\n");
    put_diagnostics(view->result, out);
}

fps_status fps_report_explain(const fps_result *result, const fps_report_options *options,
                              fps_write_callback write, void *user, fps_error *error)
{
    static const unsigned all = 1u << FPS_STATE_PRESENT | 1u << FPS_STATE_LIKELY | 1u << FPS_STATE_MENTIONED;
    fps__view view = {.result = result, .options = options, .states = all};
    return fps__report_run(&view, write_explanation, write, user, error);
}
