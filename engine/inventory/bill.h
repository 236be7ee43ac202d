/* Bills of materials that lie in the target: CycloneDX in JSON and XML, SPDX in JSON and as tags and values.
 *
 *   size_t first = inventory->packages.count;
 *   fps__bill_read(reading, file);                  packages from `first` on
 */
#ifndef FPS_INVENTORY_BILL_H
#define FPS_INVENTORY_BILL_H

#include "inventory/inventory_reading.h"

/* Adds the packages that the bill gives a package URL, each as of the kind that the URL says, generic where the table of
 * kinds has none. They are `billed`: a package that an inventory lists goes before them. A JSON document of another
 * format is passed over. */
void fps__bill_read(fps__inventory_reading *reading, const fps__inventory_file *file);
/* Removes billed packages whose package URL, without qualifiers, another package has. Run once, on sorted packages. */
void fps__bill_drop_repeated(fps__inventory_reading *reading);

/* Fills kind, name, version and purl from a package URL. False, and nothing is changed, when it is none. */
bool fps__bill_take_purl(fps__inventory_reading *reading, fps__span purl, fps_package *facts);

#endif
