/* The file that a set is written to: sections under a temporary name that becomes the real one at the end.
 *
 *   fps__set_output_open, then for each section fps__set_output_begin, _room or _bytes or _field ..., _end, then
 * fps__set_output_finish, and in every case fps__set_output_free. A write that fails is remembered and
 * reported by finish. One thread.
 */
#ifndef FPS_COMPILER_SET_OUTPUT_H
#define FPS_COMPILER_SET_OUTPUT_H

#include "database/layout.h"

#include <fpscan/status.h>

typedef struct fps__set_output fps__set_output;

/* What the section table says of a section. */
typedef struct fps__set_section {
    enum fps__layout_section kind;
    uint32_t item_size; /* bytes; 0 of packed items, which have `width` bits */
    unsigned width;
    unsigned feature, hash_bits; /* of directories and keys; feature also of patch functions */
    uint32_t parameters;         /* of that feature kind */
} fps__set_section;

/* Most bytes that one fps__set_output_room may ask for. */
enum { FPS__MAX_SET_OUTPUT_ROOM = 4096 };

/* FPS_ERROR_IO, FPS_ERROR_MEMORY. `path` must outlive the output. */
fps_status fps__set_output_open(fps__set_output **output, const char *path, fps_error *error);
/* Says that what follows is of this minor version: the file has the highest one that was said. */
void fps__set_output_needs(fps__set_output *output, uint16_t minor);
void fps__set_output_begin(fps__set_output *output, const fps__set_section *section);
/* The next `size` bytes of the section, for the caller to fill before the next call. */
uint8_t *fps__set_output_room(fps__set_output *output, size_t size);
void fps__set_output_bytes(fps__set_output *output, const void *data, size_t size);
/* The next field of a packed section: `bits` of them, at most FPS__MAX_FIELD_BITS; `value` has no others. */
void fps__set_output_field(fps__set_output *output, uint64_t value, unsigned bits);
void fps__set_output_end(fps__set_output *output);
/* Writes the section table and the header, flushes to the disk and renames. FPS_ERROR_IO: nothing is left
 * behind. */
fps_status fps__set_output_finish(fps__set_output *output, fps_error *error);
/* Removes the temporary file unless finish succeeded. NULL is fine. */
void fps__set_output_free(fps__set_output *output);

#endif
