/* Packages that a program lists, as packages of the file that it is in. */
#ifndef FPS_SCAN_PROGRAM_PACKAGES_H
#define FPS_SCAN_PROGRAM_PACKAGES_H

#include "program/program.h"
#include "scan/unpacking.h"

/* Adds what the program at `path`, as a path inside the outermost file ("" for that itself), lists. The main one is the parent
 * of all others. Without memory u->no_memory is set. */
void fps__unpacking_program(fps__unpacking *u, const char *path, const fps__program *program);

#endif
