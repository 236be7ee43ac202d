/* Untrusted text in XML 1.0. */
#ifndef FPS_REPORT_XML_TEXT_H
#define FPS_REPORT_XML_TEXT_H

#include "util/output.h"

/* Writes text[0..size) so that it can stand between tags and in an attribute between double quotes. What XML cannot hold,
 * and what fps__is_hostile names, becomes the four characters \xNN, byte by byte; a line feed, carriage return or tab a
 * character reference. */
void fps__xml_bytes(fps__output *out, const char *text, size_t size);
/* The same for a NUL-terminated text. */
void fps__xml_text(fps__output *out, const char *text);

#endif
