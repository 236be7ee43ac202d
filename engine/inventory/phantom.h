/* Metadata that is no installed package's: test data that packages carry, caches, and what package managers left over. */
#ifndef FPS_INVENTORY_PHANTOM_H
#define FPS_INVENTORY_PHANTOM_H

#include <stdbool.h>

/* True when the path lies in a test folder of a package of a language, below its own folder. Thread-safe. */
bool fps__path_is_test_data(const char *path);
/* The same, and for a path in a cache, and of a folder that the package manager itself passes over. Thread-safe. */
bool fps__path_is_phantom(const char *path);

#endif
