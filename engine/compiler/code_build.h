/* Code builds: their order, and each as one word for the lists of an imported set. */
#ifndef FPS_COMPILER_CODE_BUILD_H
#define FPS_COMPILER_CODE_BUILD_H

#include "database/set.h"
#include "util/arena.h"

/* By release, machine, origin, toolchain. */
int fps__code_build_compare(const void *a, const void *b);

/* A code build in one word, for lists whose words are separated by spaces: version, machine, toolchain and
 * origin with 0x1f between, spaces as 0x1e. `samples` are the
 * component's: of archive members, of all others; NULL for none. NULL without memory. */
char *fps__code_build_word(const fps__set_code_build *build, const char *version, const uint8_t samples[2],
                           fps__arena *arena);

/* The parts of such a word; `build->release` stays 0 and `*version` tells it. False for a word that is none,
 * or without memory. */
bool fps__code_build_parse(const char *word, fps__arena *arena, fps__set_code_build *build,
                           const char **version, uint8_t samples[2]);

#endif
