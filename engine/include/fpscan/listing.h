/* Normalised listings of functions, for people: what the hash of a function is computed from.
 *
 *   fps_listing_location location = {.address = 0x401230};
 *   fps_listing_write(data, size, &location, write, user, &error)
 *
 * A listing starts with a line that names the function, its bounds and where they are known from, and a line
 * with its hash: two builds of a function with the same hash are the same code except for what a linker
 * changes. Then follows one line per instruction: a mark, address, bytes and text. The mark is
 *
 *   ' '   the bytes are part of the hash
 *   '*'   some fields are masked
 *   '-'   the instruction is ignored
 */
#ifndef FPSCAN_LISTING_H
#define FPSCAN_LISTING_H

#include <fpscan/object.h>

FPS_BEGIN_DECLS

/* Where a function is. */
typedef struct fps_listing_location {
    /* Its start or any address inside: virtual address in ELF, RVA in PE. Relocatable objects have no
     * addresses yet: there it is the offset in the file in bytes. */
    uint64_t address;
    const char *name; /* of its symbol, used instead of the address; NULL: the address is used */
} fps_listing_location;

/* Writes the listing of one function of the ELF, PE or Mach-O file data[0..size). Where control flow leaves several
 * candidates that overlap, the most reliable is listed and the others are named with their hashes. `write` is
 * called with `user` for each piece. Thread-safe. FPS_ERROR_NOT_FOUND: no function at this address or of this
 * name; the message says what there is instead. FPS_ERROR_ARGUMENT: several functions have this name.
 * FPS_ERROR_UNSUPPORTED: code of this machine cannot be listed. FPS_ERROR_FORMAT, FPS_ERROR_CORRUPT,
 * FPS_ERROR_MEMORY as fps_object_open; or what `write` returned. */
FPS_API fps_status fps_listing_write(const void *data, size_t size, const fps_listing_location *location,
                                     fps_write_callback write, void *user, fps_error *error);

FPS_END_DECLS

#endif
