/* The ignore files and baselines of a run. */
#ifndef TOOLS_FPSCAN_SUPPRESSIONS_H
#define TOOLS_FPSCAN_SUPPRESSIONS_H

#include "settings.h"

#include <fpscan/suppress.h>

/* Reads --ignore, --ignore-file and --baseline, and by default .trivyignore in the current folder and .fpscanignore beside the config
 * file, or in the current folder, where these are no part of the targets [0..count). Called before the program is confined. False: a
 * message was printed. *list is freed by fps_suppressions_free in any case. */
bool suppressions_open(fps_suppressions **list, const settings *s, const char *const *targets, size_t count);
/* Marks what they say, and prints which entries have expired. False: a message was printed. */
bool suppressions_apply(const fps_suppressions *list, const settings *s, fps_result *result);

#endif
