/* Names of Python: modules of the standard library, and packages that are not called as their modules. */
#ifndef FPS_PROGRAM_PYTHON_NAMES_H
#define FPS_PROGRAM_PYTHON_NAMES_H

#include "util/bytes.h"

/* True for a module of the standard library, by the first part of its name. Thread-safe. */
bool fps__python_is_standard(fps__span module);
/* The name on the index of the package that a module is of: another one for a few, its own for all others. Static or `module`. */
fps__span fps__python_distribution(fps__span module);

#endif
