/* Parses JSON of others: what a document takes in memory is told from its bytes before it is parsed. */
#ifndef FPS_UTIL_JSON_DOCUMENT_H
#define FPS_UTIL_JSON_DOCUMENT_H

#include "util/bytes.h"

#include <fpscan/status.h>
#include <jansson.h>

/* Bytes that the parsed document takes at most: brackets, colons and commas inside of texts count too. */
uint64_t fps__json_cost(fps__span text);

/* What json_loadb gives, in the same words. Without memory NULL, and the code of *fault is json_error_out_of_memory: jansson alone
 * would say that the text is wrong, or leave bytes out of it. */
json_t *fps__json_load(fps__span text, size_t flags, json_error_t *fault);
/* True when that is what is wrong. */
bool fps__json_no_memory(const json_error_t *fault);

/* The document in text[0..size), which may begin with a byte order mark; for json_decref. NULL on failure. `memory`: the most
 * bytes that it may take. `path` is that of the error, may be NULL. A member that an object has twice is refused, and so are
 * more than 2,048 levels. FPS_ERROR_LIMIT: it would take more memory; FPS_ERROR_CORRUPT: what is wrong with it, and where;
 * FPS_ERROR_MEMORY. */
json_t *fps__json_parse(fps__span text, uint64_t memory, const char *path, fps_error *error);

#endif
