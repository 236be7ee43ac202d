/* How far a scan is: a line on a terminal, or JSON objects for other programs. */
#ifndef TOOLS_FPSCAN_PROGRESS_H
#define TOOLS_FPSCAN_PROGRESS_H

#include "settings.h"

#include <fpscan/scan.h>

typedef void (*progress_function)(void *user, const fps_scan_progress *progress);

/* The fps_scan_options.progress that the settings ask for, which takes no `user`; NULL for none. */
progress_function progress_callback(const settings *s);
/* Erases the line, if there is one. */
void progress_clear(const settings *s);

#endif
