/* fpscan convert: a JSON report or a bill of materials in other formats. */
#include "common/exit.h"
#include "common/message.h"
#include "outputs.h"
#include "run.h"

#include <stdlib.h>

/* Documents are those that the scan would have written: with its time, its program and its scope, unless the command line or
 * the environment says otherwise. */
static void follow_report(fps_report_options *options, const settings *s, const fps_result_info *info)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    if (!info->from_report)
        return;
    if (!s->reproducible && !(epoch && *epoch))
        options->timestamp = info->report_time;
    if (info->report_tool && *info->report_tool)
        options->tool_version = info->report_tool;
    if (!s->scope)
        options->all_layers = info->report_all_layers;
}

int command_convert(const settings *s, const option_result *parsed)
{
    run r = {0};
    output_list outputs;
    fps_report_options options;
    int code = TOOL_EXIT_ERROR;
    if (outputs_prepare(&outputs, s) && outputs_options(&options, s) &&
        run_document(&r, s, parsed->operands[0])) {
        const fps_result_info *info = fps_result_get_info(r.result);
        follow_report(&options, s, info);
        if (outputs_write(&outputs, r.result, &options))
            code = info->from_report ? TOOL_EXIT_OK : run_exit_code(&r, s);
    }
    outputs_free(&outputs);
    run_free(&r);
    return code;
}
