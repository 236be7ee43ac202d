/* Version templates: a literal with its version-like part cut out, so that it can be recognised in any
 * version. */
#ifndef FPS_FEATURE_TEMPLATE_H
#define FPS_FEATURE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FPS__MAX_TEMPLATE_LITERAL = 256, /* longer literals make no template */
    FPS__TEMPLATE_TEXT_SIZE = 320,   /* room for the longest template text */
    FPS__MAX_VERSION_TEXT = 63,      /* longest version text, bytes */
};

/* Finds the next version-like part of text[from..length): digits with at least one dot and more digits
 * ("1.2.13", "9.2p1", "3.0.0-rc1"), not glued to a digit or dot before it. False when there is none. */
bool fps__version_text_find(const char *text, size_t length, size_t from, size_t *start, size_t *size);

/* Writes the template of `text` whose slot is [start, start + size): the slot becomes "{V}", every other run
 * of digits "#", every English month name "M", every run of white space one space, so that dates and
 * copyright years do not matter. Returns the length written, at most FPS__TEMPLATE_TEXT_SIZE; 0 when the
 * literal is too long. */
size_t fps__template_text(const char *text, size_t length, size_t start, size_t size, char *out);

/* True when fewer than four letters stand around the slot: such a text says nothing of whose version it is.
 */
bool fps__template_is_bare(const char *text, size_t length);

#endif
