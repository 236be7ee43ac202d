/* fpscan help diagnostics. */
#include "common/exit.h"
#include "outputs.h"

#include <fpscan/diagnostic.h>
#include <stdio.h>

int command_help_diagnostics(const settings *s, const option_result *parsed)
{
    const fps_diagnostic_kind *kind;
    (void)s;
    (void)parsed;
    for (size_t i = 0; (kind = fps_diagnostic_kind_entry(i)); i++)
        printf("%-26s %-8s %s\n", kind->code, kind->level == FPS_DIAGNOSTIC_PARTIAL ? "partial" : "note",
               kind->meaning);
    return outputs_flush() ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
}
