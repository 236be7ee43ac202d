/* Upstream versions: taking them out of distribution versions, and putting them in the order of release. */
#ifndef FPS_UTIL_VERSION_H
#define FPS_UTIL_VERSION_H

#include <stdbool.h>
#include <stddef.h>

/* Whose rules a version is written by. */
typedef enum fps__version_scheme {
    FPS__VERSION_PLAIN = 0,  /* upstream's own; taken as it is, without a leading "v" */
    FPS__VERSION_DEBIAN = 1, /* [EPOCH:]UPSTREAM[-REVISION], with +dfsg, +really, ~rc and the like inside */
    FPS__VERSION_RPM = 2,    /* [EPOCH:]VERSION[-RELEASE], ~ before and ^ behind a release; also pacman's */
    FPS__VERSION_ALPINE = 3, /* VERSION[_rcN|_pN|_gitN...][-rN] */
} fps__version_scheme;

enum { FPS__MAX_VERSION = 128 }; /* bytes of the longest upstream version, with its NUL */

/* Writes the upstream version of `version` into `upstream` (FPS__MAX_VERSION bytes):
 * "1:1.3.dfsg+really1.3.1-1+b1" gives "1.3.1". Release candidates lose the separator ("3.0~rc1" gives
 * "3.0rc1"); snapshots stay what they are
 * ("6.5+20250216", "1.2~git20230101"). False when nothing is left that begins with a letter or digit, or it
 * does not fit. */
bool fps__version_upstream(const char *version, fps__version_scheme scheme, char upstream[FPS__MAX_VERSION]);

/* Negative, zero or positive as release `a` comes before, with or after `b`. Numbers count as numbers, "."
 * "-" and "_" only separate, "~" and the words dev, alpha, beta, pre, preview and rc come before the release,
 * letters and "+" behind it: 1.1.1~git < 1.1.1alpha < 1.1.1rc1 < 1.1.1 < 1.1.1a < 1.1.1+1 < 1.1.1.1. A total
 * preorder; versions that differ in separators only are equal. */
int fps__version_compare(const char *a, const char *b);

#endif
