/* What a JSON document costs before it is read. */
#ifndef FPS_UTIL_JSON_COST_H
#define FPS_UTIL_JSON_COST_H

#include "util/bytes.h"

/* The most memory, in bytes, that jansson takes for the document: brackets inside texts count too. Thread-safe. */
uint64_t fps__json_cost(fps__span text);

#endif
