/* What version functions and variables hold: WebPGetDecoderVersion returns a constant, zlibVersion the address of a text. */
#ifndef FPS_FEATURE_VERSION_VALUE_H
#define FPS_FEATURE_VERSION_VALUE_H

#include "feature/feature.h"

#include <stddef.h>

/* True for a name that says that what it names tells a version. `name` need not end in NUL. */
bool fps__names_version(const char *name, size_t length);

/* The value that a function returns which does nothing else. */
typedef struct fps__returned {
    uint64_t value;
    bool is_address;
} fps__returned;

/* Reads the machine code of a function that starts at `address` (x86-64, i386, AArch64): a landing pad, a frame, at most one
 * jump ahead of it, the constant, the return. `machine` is ELF's e_machine. False for every other function. */
bool fps__returned_read(const uint8_t *code, size_t size, uint64_t address, uint16_t machine,
                        fps__returned *returned);

enum { FPS__NUMBER_VERSIONS = 11, FPS__NUMBER_VERSION_SIZE = 48 };

/* Writes the versions that a number can mean in the ways that projects pack versions ("10400" in hexadecimal is 1.4.0, 20913
 * is 2.9.13), at most FPS__NUMBER_VERSIONS; returns how many. Which of them is meant, the component's releases tell. */
size_t fps__number_versions(uint64_t number, char versions[][FPS__NUMBER_VERSION_SIZE]);

#endif
