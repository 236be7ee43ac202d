/* The texts of a set while it is written: each text once, in the order of first use. */
#ifndef FPS_COMPILER_SET_STRINGS_H
#define FPS_COMPILER_SET_STRINGS_H

#include "util/table.h"

#include <fpscan/status.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fps__set_strings {
    char *bytes; /* as they go into the file */
    size_t size, capacity;
    fps__table table; /* from texts to their offsets */
} fps__set_strings;

/* Adds a text (NULL and "" are offset 0) unless it is there. FPS_ERROR_MEMORY; FPS_ERROR_LIMIT above 4 GiB.
 */
fps_status fps__set_strings_add(fps__set_strings *strings, const char *text, fps_error *error);
/* Offset of a text that was added. */
uint32_t fps__set_strings_offset(const fps__set_strings *strings, const char *text);
void fps__set_strings_free(fps__set_strings *strings);

#endif
