/* What the code of an object refers to. */
#ifndef FPS_CODE_REFERENCES_H
#define FPS_CODE_REFERENCES_H

#include "code/code.h"

/* Visits the virtual addresses in [low, high) that executable bytes of `object` (whose bytes are data[0..size)) refer to,
 * some of them several times, and a few that are chance. Takes time in proportion to the executable bytes: 1 to 2 ns a
 * byte. False, and nothing is visited, when that is not known: in relocatable objects, and on machines whose entry has no
 * `references`. Thread-safe. */
bool fps__code_references(const fps_object *object, const void *data, size_t size, uint64_t low,
                          uint64_t high, fps__address_visitor visit, void *user);

#endif
