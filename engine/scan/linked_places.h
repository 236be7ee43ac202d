/* Package databases that lie behind links: a target may have a link where a database is looked for, or above it. */
#ifndef FPS_SCAN_LINKED_PLACES_H
#define FPS_SCAN_LINKED_PLACES_H

#include "image/tree.h"

#include <stdbool.h>

/* A regular file at `node` whose bytes an inventory reads under `path`, where only links lead to it. False ends the
 * search. */
typedef bool fps__linked_file(void *user, const char *path, uint32_t node);

/* Finds these files by the names of a target, never outside of it; what lies at its place itself is left out. Work is at
 * most a step a name and place. False without memory, and when `found` ended it. */
bool fps__find_linked_files(const fps__tree *names, fps__linked_file *found, void *user);

#endif
