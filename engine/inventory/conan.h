/* What the readers of Conan's packages share. */
#ifndef FPS_INVENTORY_CONAN_H
#define FPS_INVENTORY_CONAN_H

#include "inventory/inventory_reading.h"

/* The qualifiers of a package URL that say who published a package where; "" where one is missing or "_". */
const char *fps__conan_origin(fps__inventory_reading *reading, fps__span user, fps__span channel);
/* Adds the packages that the cache of Conan 2 lists. */
void fps__conan_read_cache(fps__inventory_reading *reading, const fps__inventory_file *file);

#endif
