/* A text that grows in a fixed buffer: it is whole or absent. */
#ifndef FPS_UTIL_CURSOR_H
#define FPS_UTIL_CURSOR_H

#include <fpscan/status.h>
#include <stdbool.h>

typedef struct fps__cursor {
    char *text;
    size_t size, used; /* bytes of the buffer, at least 1; bytes of text */
    bool full;         /* something did not fit */
} fps__cursor;

void fps__cursor_put(fps__cursor *cursor, const char *bytes, size_t size);
void fps__cursor_text(fps__cursor *cursor, const char *text);
/* Trusted text of at most 79 bytes. */
void fps__cursor_format(fps__cursor *cursor, const char *format, ...) FPS_PRINTF(2, 3);
/* Letters, digits, "-._~" and the bytes of `also` as they are, all others percent-encoded (RFC 3986). */
void fps__cursor_encoded(fps__cursor *cursor, const char *text, size_t size, const char *also);
/* Ends the text with its NUL and gives its length: 0 and "" when something did not fit. */
size_t fps__cursor_finish(fps__cursor *cursor);

#endif
