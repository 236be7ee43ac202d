/* The base set that is part of the program. */
#ifndef TOOLS_FPSCAN_BASE_SET_H
#define TOOLS_FPSCAN_BASE_SET_H

#include <stddef.h>

/* Read-only and aligned to 4096 bytes; NULL when the program was built without one. */
const void *base_set_data(size_t *size);

/* The rules of the base set, compiled for fps_scan_use_rules. NULL and 0 when there are none. */
const void *base_rules_data(size_t *size);

#endif
