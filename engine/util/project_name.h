/* What a project is called by those who package it: distributions and package managers write one name in many ways. */
#ifndef FPS_UTIL_PROJECT_NAME_H
#define FPS_UTIL_PROJECT_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum { FPS__PROJECT_NAME_SIZE = 128 }; /* bytes of a reduced name, with its NUL; what is longer is cut */

/* What all of them have in common: "libexpat1", "expat" and "Expat2.1" give "expat". `name` has `length` bytes, and may be
 * anything. */
void fps__project_name_reduce(const char *name, size_t length, char reduced[FPS__PROJECT_NAME_SIZE]);
/* True when both names reduce to the same. */
bool fps__project_names_agree(const char *a, const char *b);

#endif
