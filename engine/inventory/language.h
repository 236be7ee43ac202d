/* Packages of languages by the metadata that they install, also for metadata inside archives.
 *
 * The readers of metadata fill name, version, license and architecture of `facts`, whose kind the caller set
 * and whose texts are not NULL; what the bytes do not say stays as it was. Texts are copied into the arena of
 * `reading`. Each is true when name and version are there then.
 */
#ifndef FPS_INVENTORY_LANGUAGE_H
#define FPS_INVENTORY_LANGUAGE_H

#include "inventory/inventory.h"

/* METADATA of a wheel or a dist-info, PKG-INFO of an egg. `depends` (may be NULL) gets Requires-Dist without
 * those for extras. */
bool fps__language_metadata(fps__inventory_reading *reading, fps__span text, fps_package *facts,
                            const char **depends);

void fps__inventory_read_python(fps__inventory_reading *reading);

#endif
