/* Validation of a set model before it is written. */
#ifndef FPS_COMPILER_SET_CHECK_H
#define FPS_COMPILER_SET_CHECK_H

#include "database/set.h"

/* FPS_ERROR_ARGUMENT names the first fault, FPS_ERROR_LIMIT a count that the format cannot hold,
 * FPS_ERROR_MEMORY. */
fps_status fps__set_check(const fps__set_model *model, fps_error *error);

#endif
