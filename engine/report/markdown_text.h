/* Untrusted text in markdown. */
#ifndef FPS_REPORT_MARKDOWN_TEXT_H
#define FPS_REPORT_MARKDOWN_TEXT_H

#include "util/output.h"

/* Writes `text` so that it can stand in a line or a cell of a table: what markdown or HTML would take for its own is a character
 * reference, and what fps__is_hostile names the characters \xNN. */
void fps__markdown_text(fps__output *out, const char *text);

#endif
