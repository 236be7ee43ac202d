/* Licences as packages of RPM, Python, R and Lua name them, in SPDX where a name means one licence alone. */
#ifndef FPS_UTIL_LICENSE_WORDS_H
#define FPS_UTIL_LICENSE_WORDS_H

#include "util/bytes.h"

enum { FPS__LICENSE_WORDS_SIZE = 512 }; /* bytes of the longest expression, with its NUL */

/* Writes the SPDX expression of names that "and", "or" and "|" join, with parentheses. False, and "", when a name in it is
 * not known, or means any of several: then the words stay as they are. Thread-safe. */
bool fps__license_words(fps__span words, char expression[FPS__LICENSE_WORDS_SIZE]);

#endif
