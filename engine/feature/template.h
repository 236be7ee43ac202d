/* Version templates: literals with a slot in place of the version, so that every version gives the same
 * text. */
#ifndef FPS_FEATURE_TEMPLATE_H
#define FPS_FEATURE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FPS__MAX_TEMPLATE_LITERAL = 256, /* longer literals make no template */
    FPS__TEMPLATE_TEXT_SIZE = 320,   /* room for the longest template text */
    FPS__MAX_VERSION_TEXT = 63,      /* longest version text, bytes */
    FPS__MAX_VERSION_SUFFIX = 31,    /* longest suffix that a vendor puts behind it */
};

/* Finds the next version in text[from..length): digits with at least one dot and more digits ("1.2.13",
 * "9.2p1", "3.0.0-rc1") that do not directly follow a digit or a dot. False when there is none. */
bool fps__version_text_find(const char *text, size_t length, size_t from, size_t *start, size_t *size);

/* The length of what vendors put behind the version that ends at text[end]: "-fips", "+quic", "-dev", "~deb9u1"; 0 for
 * nothing. The finder above leaves it out, for it may be another word as well. */
size_t fps__version_text_suffix(const char *text, size_t length, size_t end);

/* Writes the template of `text` whose slot is [start, start + size), so that dates and copyright years do not
 * matter:
 *
 *   the slot                 {V}
 *   other runs of digits     #
 *   English names of months  M
 *   runs of white space      one space
 *
 * Returns the length written to `out`, at most FPS__TEMPLATE_TEXT_SIZE; 0 when the literal is too long. */
size_t fps__template_text(const char *text, size_t length, size_t start, size_t size, char *out);

/* True when fewer than four letters surround the slot: such a text does not tell whose version it is. */
bool fps__template_is_bare(const char *text, size_t length);

#endif
