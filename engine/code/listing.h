/* Capstone for listings of all machines, and for those that have no decoder of their own. */
#ifndef FPS_CODE_LISTING_H
#define FPS_CODE_LISTING_H

#include "code/code.h"

#include <capstone/capstone.h>

/* Opens capstone, with details, for the code of a machine; each handle belongs to one thread, and cs_close
 * ends it. `code` tells ARM from Thumb and may be NULL. FPS_ERROR_UNSUPPORTED where capstone was built
 * without the machine, FPS_ERROR_MEMORY. */
fps_status fps__capstone_open(const fps__machine *machine, const fps__code *code, csh *handle);

#endif
