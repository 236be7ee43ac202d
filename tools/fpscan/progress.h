/* One line on a terminal that tells how far a scan is. */
#ifndef TOOLS_FPSCAN_PROGRESS_H
#define TOOLS_FPSCAN_PROGRESS_H

#include "settings.h"

#include <fpscan/scan.h>

/* True when stderr is a terminal and the settings allow a progress line. */
bool progress_wanted(const settings *s);
/* An fps_scan_options.progress callback; `user` is not used. */
void progress_show(void *user, const fps_scan_progress *progress);
/* Takes the line away. */
void progress_clear(void);

#endif
