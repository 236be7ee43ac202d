/* Packages that a list inside a file names: the dependencies of a .NET application in a bundle, a bill of materials in an archive
 * or in a program. */
#ifndef FPS_SCAN_LISTED_PACKAGES_H
#define FPS_SCAN_LISTED_PACKAGES_H

#include "scan/unpacking.h"

/* True when a file of an archive is such a list, by its path. */
bool fps__list_wants(const char *path);
/* Adds the packages that the list names. `path`: of the file that it is in, inside the outermost one, kept; `name`: what the list is
 * called, by which its reader is chosen. What cannot be read is a remark; without memory u->no_memory is set. */
void fps__list_read(fps__unpacking *u, const char *path, const char *name, fps__span bytes);
/* The same for a bill that a program holds, packed by gzip, as CycloneDX in JSON. */
void fps__list_read_packed(fps__unpacking *u, const char *path, fps__span packed);

#endif
