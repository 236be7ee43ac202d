/* Bills of materials that lie in the target: CycloneDX in JSON and XML, SPDX in JSON and as tags and values.
 *
 *   size_t first = inventory->packages.count;
 *   fps__bill_read(reading, file);                  packages from `first` on
 */
#ifndef FPS_INVENTORY_BILL_H
#define FPS_INVENTORY_BILL_H

#include "inventory/inventory_reading.h"

#include <jansson.h>

/* Adds the packages that the bill gives a package URL, each as of the kind that the URL says, generic where the table of
 * kinds has none. They are `billed`: a package that an inventory lists goes before them. A JSON document of another
 * format is passed over. */
void fps__bill_read(fps__inventory_reading *reading, const fps__inventory_file *file);
/* The same of a document that was parsed: `root` is it where it is JSON, else NULL. */
void fps__bill_read_document(fps__inventory_reading *reading, const fps__inventory_file *file,
                             const json_t *root);
/* True when the document is a bill that is read: the bytes where it is no JSON, in which `root` is NULL. */
bool fps__bill_is_bill(fps__span text, const json_t *root);
/* Removes billed packages whose package URL, without qualifiers, another package has. Run once, on sorted packages. */
void fps__bill_drop_repeated(fps__inventory_reading *reading);

/* Fills kind, name, version and purl from a package URL. False, and nothing is changed, when it is none. */
bool fps__bill_take_purl(fps__inventory_reading *reading, fps__span purl, fps_package *facts);
/* Fills architecture and source package from the qualifiers of a package URL, where it has them. */
void fps__bill_take_qualifiers(fps__inventory_reading *reading, fps__span purl, fps_package *facts);
/* The value of a qualifier, decoded, in `plain` of 2,048 bytes; empty when there is none. */
fps__span fps__bill_qualifier(fps__span purl, const char *key, char *plain);

#endif
