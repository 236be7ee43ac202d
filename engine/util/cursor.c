/* A text that grows in a fixed buffer: it is whole or absent. */
#include "util/cursor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fps__cursor_put(fps__cursor *cursor, const char *bytes, size_t size)
{
    if (cursor->full || size >= cursor->size - cursor->used) {
        cursor->full = true;
        return;
    }
    if (size)
        memcpy(cursor->text + cursor->used, bytes, size);
    cursor->used += size;
}

void fps__cursor_text(fps__cursor *cursor, const char *text)
{
    fps__cursor_put(cursor, text, strlen(text));
}

void fps__cursor_format(fps__cursor *cursor, const char *format, ...)
{
    char text[80];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fps__cursor_put(cursor, text, length > 0 ? (size_t)length : 0);
}

static bool is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

void fps__cursor_encoded(fps__cursor *cursor, const char *text, size_t size, const char *also)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (is_plain(byte) || (byte && strchr(also, byte)))
            fps__cursor_put(cursor, text + i, 1);
        else
            fps__cursor_format(cursor, "%%%02X", byte);
    }
}

size_t fps__cursor_finish(fps__cursor *cursor)
{
    if (cursor->full)
        cursor->used = 0;
    cursor->text[cursor->used] = '\0';
    return cursor->used;
}
