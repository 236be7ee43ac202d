/* Standard input as a target. */
#ifndef TOOLS_FPSCAN_SPOOL_H
#define TOOLS_FPSCAN_SPOOL_H

#include <stdbool.h>

enum { SPOOL_PATH = 4096 };

/* Copies standard input to a file in a folder of its own in TMPDIR, which is removed when the program has ended, and writes its
 * path. False: a message was printed. */
bool spool_input(char path[SPOOL_PATH]);

#endif
