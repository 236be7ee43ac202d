/* Licences of Debian packages: what their copyright files say, as SPDX expressions. */
#ifndef FPS_INVENTORY_DPKG_H
#define FPS_INVENTORY_DPKG_H

#include "inventory/inventory_reading.h"

enum { FPS__LICENSE_SIZE = 1024 }; /* bytes of the longest expression, with its NUL */

/* Writes the SPDX expression of a copyright file: of "Files: *" in a machine-readable one, else of the texts
 * in /usr/share/common-licenses that it names. False, and "", when there is none or a name in it is not
 * known. */
bool fps__dpkg_license(fps__span copyright, char expression[FPS__LICENSE_SIZE]);

#define FPS__DPKG_DOCUMENTS "/usr/share/doc/" /* PACKAGE/copyright */

/* Fills the licences of the packages from index `first` on. A package whose documentation is a link to that
 * of another one has the licence of the packages of the same source. */
void fps__dpkg_read_licenses(fps__inventory_reading *reading, size_t first);

#endif
