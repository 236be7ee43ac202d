/* Fields in the format of Debian control files: paragraphs of "Name: value" with continuation lines. */
#ifndef FPS_INVENTORY_CONTROL_H
#define FPS_INVENTORY_CONTROL_H

#include "util/lines.h"

typedef enum fps__control_token {
    FPS__CONTROL_FIELD,
    FPS__CONTROL_BREAK,  /* the end of a paragraph; there may be several in a row */
    FPS__CONTROL_DAMAGE, /* a line that is neither a field nor a continuation: skipped */
    FPS__CONTROL_END,
} fps__control_token;

/* The next token of `text` from `*at`. A value is trimmed at its ends and keeps the newlines before its
 * continuation lines. */
fps__control_token fps__control_next(fps__span text, size_t *at, fps__span *name, fps__span *value);

/* A field that a reader wants, and where its value goes. */
typedef struct fps__control_field {
    const char *name;
    fps__span *value;
} fps__control_field;

/* Reads the paragraph at `*at`: the wanted fields that it has get their values, all others are emptied. *damaged becomes
 * true for a line that is no field. False at the end of the text. */
bool fps__control_paragraph(fps__span text, size_t *at, const fps__control_field *fields, size_t count,
                            bool *damaged);

#endif
