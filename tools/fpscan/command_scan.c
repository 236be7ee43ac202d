/* fpscan scan and fpscan explain. */
#include "common/exit.h"
#include "disassemble.h"
#include "outputs.h"
#include "run.h"

int command_scan(const settings *s, const option_result *parsed)
{
    run r = {0};
    output_list outputs;
    fps_report_options options;
    int code = TOOL_EXIT_ERROR;
    if (outputs_prepare(&outputs, s) && run_trusts_config(parsed) && outputs_options(&options, s) &&
        run_target(&r, s, parsed->operands[0], false) && outputs_write(&outputs, r.result, &options))
        code = run_exit_code(&r, s);
    outputs_free(&outputs);
    run_free(&r);
    return code;
}

int command_explain(const settings *s, const option_result *parsed)
{
    run r = {0};
    fps_report_options options;
    fps_error error = {.offset = UINT64_MAX};
    int code = TOOL_EXIT_ERROR;
    if (s->disassemble.count) /* needs no set */
        return run_trusts_config(parsed) && disassemble(run_skip_scheme(parsed->operands[0]), s)
                   ? TOOL_EXIT_OK
                   : TOOL_EXIT_ERROR;
    if (run_trusts_config(parsed) && outputs_options(&options, s) &&
        run_target(&r, s, parsed->operands[0], true)) {
        bool written = fps_report_explain(r.result, &options, outputs_put, stdout, &error) == FPS_OK;
        if (outputs_flush() && written)
            code = run_exit_code(&r, s);
    }
    run_free(&r);
    return code;
}
