/* Control-C during a scan. */
#ifndef TOOLS_FPSCAN_INTERRUPT_H
#define TOOLS_FPSCAN_INTERRUPT_H

#include <stdbool.h>

/* From here on the first SIGINT is noted, and the next one ends the program. */
void interrupt_catch(void);
/* For fps_scan_options.interrupted. */
bool interrupt_came(void *user);

#endif
