/* Buffered output of the writers: the only way in which text of a target or a set reaches a reader. */
#ifndef FPS_UTIL_OUTPUT_H
#define FPS_UTIL_OUTPUT_H

#include <fpscan/status.h>
#include <stdbool.h>

typedef struct fps__output {
    fps_write_callback write;
    void *user;
    fps_status status; /* the first failure of `write`; nothing is written after it */
    size_t used;
    char buffer[8192];
} fps__output;

void fps__output_start(fps__output *out, fps_write_callback write, void *user);
/* Flushes the buffer. */
fps_status fps__output_finish(fps__output *out, fps_error *error);

void fps__output_bytes(fps__output *out, const char *bytes, size_t size);
void fps__output_text(fps__output *out, const char *text);
/* Trusted text only: formats and numbers, never what was read from a file. At most 255 bytes. */
void fps__output_format(fps__output *out, const char *format, ...) FPS_PRINTF(2, 3);
/* A number in decimal, and in hexadecimal without "0x"; faster than a format. */
void fps__output_decimal(fps__output *out, uint64_t number);
void fps__output_hexadecimal(fps__output *out, uint64_t number);
void fps__output_repeat(fps__output *out, char c, size_t times);
/* A number with at most `digits` (0..9) digits after the point, in any locale; NaN and infinity become
 * 0. */
void fps__output_real(fps__output *out, double value, unsigned digits);
/* A number in groups of three digits ("1,234,567"), right-aligned in `width` columns (at most 32). */
void fps__output_number(fps__output *out, uint64_t number, size_t width);
/* A part of a whole in percent with one digit, rounded down ("61.7 %"), the digits before the point in
 * `width` columns; 100 only when it is all. */
void fps__output_percent(fps__output *out, uint64_t part, uint64_t whole, int width);
/* "1 function", "1,234 functions". */
void fps__output_count(fps__output *out, uint64_t count, const char *noun);
/* True when the text begins as the writers show a byte that they cannot write: "\x1b". Its backslash is written so itself,
 * so that two different texts never look the same. */
bool fps__is_escape(const char *text, size_t size);
/* Length of the UTF-8 sequence at text[0..size) when it can go to a terminal as it is; 0 when it is not
 * well-formed, or fps__is_hostile. */
size_t fps__printable(const char *text, size_t size);
/* The same, and 0 for the backslash of what looks like an escape. */
size_t fps__shown(const char *text, size_t size);
/* Untrusted text for a terminal: what fps__shown refuses is shown as \xNN, byte by byte. */
void fps__output_safe(fps__output *out, const char *text);
/* The same in at most `columns` columns, the last three "..." if the text was truncated; 0: no limit. */
void fps__output_cut(fps__output *out, const char *text, size_t columns);
/* The same, where the end says most, as of paths: the first three are "..." then. */
void fps__output_tail(fps__output *out, const char *text, size_t columns);
/* Length of the run of printable ASCII without quotes and backslashes at the start: the common case of all
 * writers. */
size_t fps__plain_run(const char *text, size_t size);
/* Columns that fps__output_safe takes, one a code point. */
size_t fps__safe_columns(const char *text);

/* Length of the well-formed UTF-8 sequence at text[0..size) and its code point; 0: there is none (RFC 3629).
 */
size_t fps__utf8_next(const char *text, size_t size, uint32_t *code);
/* True for control characters and for those that are invisible or turn the direction of what follows. */
bool fps__is_hostile(uint32_t code);

#endif
