/* The progress line of a scan on a terminal. */
#ifndef TOOLS_FPSCAN_PROGRESS_H
#define TOOLS_FPSCAN_PROGRESS_H

#include "settings.h"

#include <fpscan/scan.h>

/* True when stderr is a terminal and the settings allow a progress line. */
bool progress_wanted(const settings *s);
/* An fps_scan_options.progress callback; `user` is not used. */
void progress_show(void *user, const fps_scan_progress *progress);
/* Erases the line. */
void progress_clear(void);

#endif
