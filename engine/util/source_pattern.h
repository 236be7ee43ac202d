/* Patterns of source packages: which packages of a distribution are builds of a component.
 *
 * A pattern is [ECOSYSTEM:]SOURCE[/PACKAGE] with "*" for any run of characters: "debian:zlib", "rpm:gcc-*",
 * "debian:util-linux/libuuid1".
 */
#ifndef FPS_UTIL_SOURCE_PATTERN_H
#define FPS_UTIL_SOURCE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* A package as patterns are matched against. */
typedef struct fps__source_name {
    const char *ecosystem; /* "debian", "rpm", "apk", "pypi", "npm" ... or "" */
    const char *source;
    const char *package; /* binary package; NULL: any */
} fps__source_name;

/* How well the pattern of `size` bytes fits, 0 for not at all: one with a PACKAGE goes before one without, an
 * exact one before one with wildcards, a longer before a shorter. */
size_t fps__source_pattern_rate(const char *pattern, size_t size, const fps__source_name *source);
/* The next pattern of a list separated by spaces: its first byte, and its length in *size. *list moves behind
 * it. NULL at the end. */
const char *fps__source_pattern_next(const char **list, size_t *size);

/* True when `text` matches `pattern`, in which "*" stands for any run of characters. */
bool fps__wildcard_match(const char *pattern, const char *text);

#endif
