/* Text files that were read into memory: lines, and the "name: value" fields in them. Nothing is copied. */
#ifndef FPS_UTIL_LINES_H
#define FPS_UTIL_LINES_H

#include "util/bytes.h"

/* The next line of `text` from `*at`, without its newline. False at the end. */
bool fps__line_next(fps__span text, size_t *at, fps__span *line);
/* Without blanks, tabs and carriage returns at both ends. */
fps__span fps__span_trim(fps__span text);
/* Splits "name SEPARATOR value" at the first separator; the name loses blanks behind it. False without one,
 * or with an empty name. */
bool fps__line_split(fps__span line, char separator, fps__span *name, fps__span *value);
/* Cuts off and gives what is before the first of `separators`, trimmed; false when `text` is used up. */
bool fps__span_cut(fps__span *text, const char *separators, fps__span *part);

/* The same bytes, ASCII letters in any case. */
bool fps__span_is(fps__span text, const char *wanted);
bool fps__span_starts(fps__span text, const char *prefix);
static inline fps__span fps__span_of(const char *text)
{
    return (fps__span){(const uint8_t *)text, strlen(text)};
}

#endif
