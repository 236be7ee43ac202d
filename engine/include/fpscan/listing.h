/* Normalised listings of functions, for people: what the key of a function is made of.
 *
 *   fps_listing_location place = {.address = 0x401230};
 *   fps_listing_write(data, size, &place, write, user, &error)
 *
 * Each listing begins with a line that names the function, its bounds and where they are known from, and a
 * line with its key: two builds of a function that have the same key are the same code but for what a linker
 * changes. Then comes a line an instruction: address, bytes, text, and in front of it a mark: ' ' the bytes
 * are part of the key, '*' some fields are masked, '-' dropped.
 */
#ifndef FPSCAN_LISTING_H
#define FPSCAN_LISTING_H

#include <fpscan/object.h>

/* Where a function is. */
typedef struct fps_listing_location {
    uint64_t address; /* its start or any address in it: virtual in ELF, RVA in PE. Relocatable objects have
                         no addresses yet: there it is the offset in the file, bytes */
    const char *name; /* of its symbol, instead of the address; NULL: the address counts */
} fps_listing_location;

/* Writes the listing of one function of the ELF or PE file whose bytes are data[0..size). Where several
 * readings of the code hold the address (candidates by control flow overlap), the best known is listed and
 * the others are named with their keys. `error` may be NULL. Thread-safe. FPS_ERROR_NOT_FOUND: no function is
 * there, or none of this name; the message says what is. FPS_ERROR_ARGUMENT: several functions have this
 * name. FPS_ERROR_UNSUPPORTED: code of this machine cannot be listed. FPS_ERROR_FORMAT, FPS_ERROR_CORRUPT,
 * FPS_ERROR_MEMORY as fps_object_open; else what `write` returns. */
FPS_API fps_status fps_listing_write(const void *data, size_t size, const fps_listing_location *place,
                                     fps_write_callback write, void *user, fps_error *error);

#endif
