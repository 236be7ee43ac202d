/* The pool of texts of a set while it is written: each text once, in the order of first use. */
#ifndef FPS_COMPILER_SET_STRINGS_H
#define FPS_COMPILER_SET_STRINGS_H

#include <fpscan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fps__set_strings {
    char *bytes; /* the pool as it goes into the file */
    size_t size, capacity;
    uint32_t *slots; /* open addressing over offsets; 0 is free */
    size_t slot_count;
    size_t text_count;
} fps__set_strings;

/* Adds a text (NULL and "" are offset 0) unless it is there. FPS_ERROR_MEMORY; FPS_ERROR_LIMIT above 4 GiB.
 */
fps_status fps__set_strings_add(fps__set_strings *strings, const char *text, fps_error *error);
/* Offset of a text that was added. */
uint32_t fps__set_strings_offset(const fps__set_strings *strings, const char *text);
void fps__set_strings_free(fps__set_strings *strings);

#endif
