/* fpscan scan, fpscan drift and fpscan explain. */
#include "common/exit.h"
#include "common/message.h"
#include "disassemble.h"
#include "gates.h"
#include "outputs.h"
#include "run.h"

#include <fpscan/target.h>

/* Scans, writes the documents and returns the exit code. `write` writes the verb's own document; it is called
 * if no other was asked for. */
static int scan_and_write(const settings *s, const option_result *parsed,
                          bool (*write)(const fps_result *, const fps_report_options *))
{
    run r = {0};
    output_list outputs;
    gate_list gates = {NULL, 0};
    fps_report_options options;
    int code = TOOL_EXIT_ERROR;
    bool own = write && !s->outputs.count && !s->format;
    bool good = outputs_prepare(&outputs, s) && gates_prepare(&gates, s, false) &&
                run_trusts_config(parsed) && outputs_options(&options, s) &&
                run_target(&r, s, parsed->operands[0], false);
    if (good)
        outputs_say_time(&options, s, r.scan_ms);
    if (good && (own ? write(r.result, &options) : outputs_write(&outputs, r.result, &options))) {
        int partial = run_exit_code(&r, s), gate = gates_check(&gates, s, &r, &options);
        code = gate != TOOL_EXIT_OK ? gate : partial;
    }
    gates_free(&gates);
    outputs_free(&outputs);
    run_free(&r);
    return code;
}

int command_scan(const settings *s, const option_result *parsed)
{
    return scan_and_write(s, parsed, NULL);
}

static bool write_drift(const fps_result *result, const fps_report_options *options)
{
    fps_error error = {.offset = UINT64_MAX};
    if (fps_report_drift(result, options, outputs_put, stdout, &error) == FPS_OK)
        return outputs_flush();
    message_error(PROGRAM, NULL, &error);
    return false;
}

int command_drift(const settings *s, const option_result *parsed)
{
    settings with_digests = *s;
    with_digests.verify_digests = true;
    return scan_and_write(&with_digests, parsed, write_drift);
}

/* False, and a message is printed, if --component names nothing that the sets, the rules or the target have. */
static bool knows_component(const run *r, const settings *s)
{
    fps_names *names = s->component ? run_names(r, false) : NULL;
    bool known = !s->component || (names && fps_names_has(names, s->component));
    const char *nearest = known || !names ? NULL : fps_names_nearest(names, s->component);
    if (names && !known)
        message_print(PROGRAM, "--component: no component is called '%s'%s%s%s", s->component,
                      nearest ? ": did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    fps_names_free(names);
    return known;
}

/* Adds the names of all vulnerabilities that the sets have a patch of, or that the target has. */
static fps_status add_vulnerabilities(fps_names *names, const run *r, fps_error *error)
{
    fps_status status = FPS_OK;
    const fps_vulnerability *v;
    fps_patch_info patch;
    for (size_t i = 0; !status && (v = fps_result_vulnerability(r->result, i)); i++) {
        status = fps_names_add(names, v->id, error);
        for (size_t k = 0; !status && k < v->name_count; k++)
            status = fps_names_add(names, v->names[k], error);
    }
    for (size_t s = 0; s < r->sets.count; s++)
        for (size_t i = 0; !status && fps_database_read_patch(r->sets.items[s].database, i, &patch); i++)
            status = fps_names_add(names, patch.cve, error);
    return status;
}

/* False, and a message is printed, if --cve is nothing that a set has a patch of or that the target has. */
static bool knows_vulnerability(const run *r, const settings *s)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_names *names = NULL;
    if (!s->cve)
        return true;
    fps_status status = fps_names_create(&names, &error);
    if (!status)
        status = add_vulnerabilities(names, r, &error);
    bool known = !status && fps_names_has(names, s->cve);
    const char *nearest = known || status ? NULL : fps_names_nearest(names, s->cve);
    if (status)
        message_error(PROGRAM, NULL, &error);
    else if (!known)
        message_print(
            PROGRAM,
            "--cve: '%s' is unknown: no set that was used has a patch of it, and no component or package of the "
            "target has it by its version%s%s%s",
            s->cve, nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    fps_names_free(names);
    return known;
}

int command_explain(const settings *s, const option_result *parsed)
{
    run r = {0};
    fps_report_options options;
    fps_error error = {.offset = UINT64_MAX};
    int code = TOOL_EXIT_ERROR;
    if (s->disassemble.count) /* does not need a set */
        return run_trusts_config(parsed) && disassemble(fps_target_path(parsed->operands[0]), s)
                   ? TOOL_EXIT_OK
                   : TOOL_EXIT_ERROR;
    if (run_trusts_config(parsed) && outputs_options(&options, s) &&
        run_target(&r, s, parsed->operands[0], true) && knows_component(&r, s) &&
        knows_vulnerability(&r, s)) {
        bool written = fps_report_explain(r.result, &options, outputs_put, stdout, &error) == FPS_OK;
        if (outputs_flush() && written)
            code = run_exit_code(&r, s);
    }
    run_free(&r);
    return code;
}
