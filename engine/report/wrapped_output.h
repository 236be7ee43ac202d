/* Prose for a terminal: lines are broken between words, so that the terminal does not break them within one. */
#ifndef FPS_REPORT_WRAPPED_OUTPUT_H
#define FPS_REPORT_WRAPPED_OUTPUT_H

#include "util/output.h"

enum { FPS__WORD_SIZE = 1024 }; /* bytes; a longer word goes out in parts */

typedef struct fps__wrapped {
    fps__output text; /* what is written here goes on to `out`, in lines of at most `width` columns */
    fps__output *out;
    size_t width;
    size_t column, indent, spaces; /* on the line; at its start; before the word */
    size_t used, columns;          /* of the word */
    bool started;                  /* the line has a word */
    bool escaped;                  /* inside of a colour */
    char word[FPS__WORD_SIZE];
} fps__wrapped;

/* What follows a break is indented by two columns more than the line. A word that is wider than a line, as paths can be, stays whole. */
void fps__wrapped_start(fps__wrapped *wrapped, fps__output *out, size_t width);
/* Hands on the rest; a failure goes to the status of `out`. */
void fps__wrapped_finish(fps__wrapped *wrapped);

#endif
