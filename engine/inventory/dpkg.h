/* Licences of Debian packages: what their copyright files say, as SPDX expressions. */
#ifndef FPS_INVENTORY_DPKG_H
#define FPS_INVENTORY_DPKG_H

#include "inventory/inventory_reading.h"
#include "util/cursor.h"

enum { FPS__LICENSE_SIZE = 1024 }; /* bytes of the longest expression, with its NUL */

/* Writes the SPDX expression of a copyright file for the binary package `package`. False, and "", when the file does not
 * say it, or a name in it is not known: the licence of a part is never said of the whole. */
bool fps__dpkg_license(fps__span copyright, const char *package, char expression[FPS__LICENSE_SIZE]);

/* The licence field of a machine-readable copyright file that holds for the package: of the folder of its library, of
 * all files, of the file as a whole, or of all stanzas where they agree; empty for none. False for a file in prose. */
bool fps__copyright_field(fps__span copyright, const char *package, fps__span *license);
/* Puts the licence that a copyright file in prose states: "is licensed under ...", or the one licence of
 * /usr/share/common-licenses that it points to. False when it does not, or states several. */
bool fps__copyright_prose(fps__span copyright, const char *package, fps__cursor *out);
/* Puts a licence by its name in Debian, or by an expression of such names. False for one that is not known. */
bool fps__dpkg_put_license(fps__cursor *out, fps__span words, bool expression);

#define FPS__DPKG_DOCUMENTS "/usr/share/doc/" /* PACKAGE/copyright */

/* Fills the licences of the packages from index `first` on. A package whose documentation is a link to that
 * of another one has the licence of the packages of the same source. */
void fps__dpkg_read_licenses(fps__inventory_reading *reading, size_t first);

#endif
