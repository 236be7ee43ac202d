/* fpscan baseline write: what a target has now, so that later scans fail only on what is new. */
#include "common/exit.h"
#include "outputs.h"
#include "run.h"

#include <fpscan/suppress.h>

static fps_status write_baseline(const output *o, const void *document, const fps_report_options *options,
                                 FILE *stream, fps_error *error)
{
    (void)o;
    return fps_baseline_write(document, options, outputs_put, stream, error);
}

int command_baseline_write(const settings *s, const option_result *parsed)
{
    run r = {.compares = true};
    output_list outputs;
    fps_report_options options;
    int code = TOOL_EXIT_ERROR;
    bool good =
        outputs_prepare_file(&outputs, s) && run_trusts_config(parsed) && outputs_options(&options, s);
    if (good)
        r.writes = outputs.items[0].path;
    if (good && run_target(&r, s, parsed->operands[0], false) &&
        outputs_write_with(&outputs, write_baseline, r.result, &options))
        code = run_exit_code(&r, s);
    outputs_free(&outputs);
    run_free(&r);
    return code;
}
