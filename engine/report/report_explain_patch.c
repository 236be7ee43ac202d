/* Explains what the code of a file shows of the patches of vulnerabilities. */
#include "report/report_explain.h"
#include "report/report_format.h"
#include "report/report_vulnerabilities.h"

#include <string.h>

enum { NAME_COLUMNS = 28 };

/* "debian bookworm gcc-12": the compiler once. */
static void put_build(const fps_patch_function *function, fps__output *out)
{
    bool named = *function->toolchain && strstr(function->origin, function->toolchain);
    fps__output_safe(out, function->origin);
    if (*function->toolchain && !named) {
        fps__output_text(out, *function->origin ? " " : "");
        fps__output_safe(out, function->toolchain);
    }
}

static void put_place(uint64_t address, fps__output *out)
{
    fps__output_text(out, "0x");
    fps__output_hexadecimal(out, address);
}

/* Why the code says nothing; NULL where it does. */
static const char *why_unknown(const fps_patch *patch)
{
    bool states[2] = {false, false};
    for (size_t i = 0; i < patch->function_count; i++)
        states[patch->functions[i].fixed] = true;
    return patch->state != FPS_PATCH_UNKNOWN ? NULL
           : states[0] && states[1]          ? "functions of both states are in the file"
           : patch->function_count
               ? "less than half of the functions that a build has are in the file"
               : "no function of the patch is in the file as a build that the sets know has it";
}

void fps__explain_patches(const fps_finding *finding, fps__output *out)
{
    size_t silent = 0;
    for (size_t i = 0; i < finding->patch_count; i++) {
        const fps_patch *patch = &finding->patches[i];
        silent += !patch->function_count;
        if (!patch->function_count)
            continue;
        const fps_patch_function *first = &patch->functions[0];
        const char *why = why_unknown(patch);
        fps__output_format(out, "    %-12s ", "patch");
        fps__output_safe(out, patch->cve);
        fps__output_format(out, " %s: %s", fps_patch_state_name(patch->state), why ? why : "");
        if (!why) {
            fps__output_safe(out, first->name);
            fps__output_text(out, " at ");
            put_place(first->address, out);
            if (patch->function_count > 1)
                fps__output_format(out, " and %zu more", patch->function_count - 1);
            fps__output_format(out, ", as in builds %s the fix", first->fixed ? "with" : "before");
        }
        fps__output_text(out, "\n");
    }
    if (!silent)
        return;
    fps__output_format(out, "    %-12s ", "patches");
    fps__output_count(out, silent, "patch");
    fps__output_text(out,
                     " that the sets know: no function of it is in the file as one of their builds has it\n");
}

/* ---- one vulnerability ---- */

static const fps_patch *find_patch(const fps_finding *finding, const char *cve)
{
    for (size_t i = 0; i < finding->patch_count; i++)
        if (strcmp(finding->patches[i].cve, cve) == 0)
            return &finding->patches[i];
    return NULL;
}

static void put_functions(const fps_patch *patch, fps__output *out)
{
    fps__output_format(out, "      %-12s %-8s %-*s %s\n", "ADDRESS", "STATE", NAME_COLUMNS, "FUNCTION",
                       "OF BUILD");
    for (size_t i = 0; i < patch->function_count; i++) {
        const fps_patch_function *function = &patch->functions[i];
        size_t columns = fps__safe_columns(function->name), digits = 3;
        for (uint64_t rest = function->address >> 4; rest; rest >>= 4)
            digits++;
        fps__output_text(out, "      ");
        put_place(function->address, out);
        fps__output_repeat(out, ' ', digits < 13 ? 13 - digits : 1);
        fps__output_format(out, "%-8s ", function->fixed ? "fixed" : "unfixed");
        fps__output_safe(out, function->name);
        fps__output_repeat(out, ' ', columns < NAME_COLUMNS ? NAME_COLUMNS - columns + 1 : 1);
        put_build(function, out);
        fps__output_text(out, "\n");
    }
}

static bool has_place(const fps_vulnerability *vulnerability, uint32_t file)
{
    for (size_t i = 0; i < vulnerability->file_count; i++)
        if (vulnerability->files[i] == file)
            return true;
    return false;
}

static bool is_called(const fps_vulnerability *vulnerability, const char *cve)
{
    bool called = strcmp(vulnerability->id, cve) == 0;
    for (size_t i = 0; i < vulnerability->name_count && !called; i++)
        called = strcmp(vulnerability->names[i], cve) == 0;
    return called;
}

/* What follows from the advisories, the packages and the code for the file. */
static void put_verdict(const fps__view *view, const fps_finding *finding, const char *cve, fps__output *out)
{
    const fps_component *own = fps_result_component(view->result, finding->component), *other;
    const fps_vulnerability *v;
    for (size_t i = 0; (v = fps_result_vulnerability(view->result, i)); i++) {
        char remark[1024];
        other = fps_result_component(view->result, v->component);
        if (!is_called(v, cve) || !has_place(v, finding->file) || (other && strcmp(other->id, own->id) != 0))
            continue;
        fps__vulnerability_remark(v, remark, sizeof remark);
        fps__output_text(out, "      advisories say: ");
        fps__output_text(out, fps_verdict_name(v->verdict));
        fps__output_text(out, *v->range ? " (" : "");
        fps__output_safe(out, v->range);
        fps__output_text(out, *v->range ? ")" : "");
        fps__output_text(out, v->suppression != FPS_SUPPRESSED_NOT ? "; suppressed: " : *remark ? "; " : "");
        fps__output_safe(out, remark);
        fps__output_text(out, "\n");
    }
}

static void put_answer(const fps__view *view, const fps_finding *finding, const char *cve, fps__output *out)
{
    const fps_component *component = fps_result_component(view->result, finding->component);
    const fps_patch *patch = find_patch(finding, cve);
    const char *why = patch ? why_unknown(patch) : NULL;
    char version[256];
    fps__version_text(&finding->version, version, sizeof version);
    fps__output_text(out, "  ");
    fps__output_safe(out, component->id);
    fps__output_text(out, " ");
    fps__output_safe(out, version);
    fps__output_text(out, ": ");
    fps__output_safe(out, cve);
    fps__output_format(out, " %s", fps_patch_state_name(patch ? patch->state : FPS_PATCH_UNKNOWN));
    if (finding->state != FPS_STATE_PRESENT)
        why = "the component is not known to be present";
    else if (!patch && fps_result_get_info(view->result)->from_report)
        why = "the report holds nothing of a patch of it";
    else if (!patch)
        why = "no set that was used has a patch of it for this component";
    fps__output_format(out, "%s%s\n", why ? ": " : "", why ? why : "");
    put_verdict(view, finding, cve, out);
    if (patch && patch->function_count)
        put_functions(patch, out);
}

void fps__explain_vulnerability(const fps__view *view, fps__output *out)
{
    const char *cve = view->options->cve;
    size_t shown = 0;
    for (size_t f = 0; f < fps_result_file_count(view->result); f++) {
        const fps_file *file = fps_result_file(view->result, f);
        bool named = false;
        for (uint32_t i = 0; i < file->findings_count; i++) {
            const fps_finding *finding = fps_result_finding(view->result, (size_t)file->findings_first + i);
            if (!finding || finding->state == FPS_STATE_MENTIONED || !fps__view_shows(view, finding))
                continue;
            if (!named) {
                fps__output_safe(out, file->path);
                fps__output_text(out, file->archive_path ? "!" : "");
                fps__output_safe(out, file->archive_path ? file->archive_path : "");
                fps__output_text(out, "\n");
            }
            named = true;
            put_answer(view, finding, cve, out);
            shown++;
        }
    }
    if (!shown) {
        fps__output_safe(out, cve);
        fps__output_text(out, " unknown: no component of the sets was found\n");
    }
}
