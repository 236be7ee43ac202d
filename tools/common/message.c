/* Messages for people on stderr, in which no byte of an input can reach the terminal as a control sequence.
 */
#include "common/message.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decodes one UTF-8 sequence (RFC 3629). Gives its length, 0 when it is not one. */
static size_t decode(const unsigned char *p, size_t size, uint32_t *code)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xC2 && p[0] < 0xE0 ? 2 : (p[0] & 0xF0) == 0xE0 ? 3 : 4;
    if (p[0] >= 0x80 && (p[0] < 0xC2 || p[0] > 0xF4))
        return 0;
    if (length > size)
        return 0;
    uint32_t value = length == 1 ? p[0] : p[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3F);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 0;
    *code = value;
    return length;
}

size_t message_printable(const char *text, size_t size)
{
    uint32_t code = 0;
    size_t length = size ? decode((const unsigned char *)text, size, &code) : 0;
    bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    bool reorders = (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
                    (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
    return control || reorders ? 0 : length;
}

static void put_safe(FILE *stream, const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size;) {
        size_t length = message_printable(text + i, size - i);
        if (length)
            fwrite(text + i, 1, length, stream);
        else
            fprintf(stream, "\\x%02x", (unsigned char)text[i]);
        i += length ? length : 1;
    }
}

void message_print_list(const char *program, const char *format, va_list arguments)
{
    char *text = NULL;
    int length = vasprintf(&text, format, arguments);
    fprintf(stderr, "%s: ", program);
    put_safe(stderr, length < 0 ? format : text);
    fputc('\n', stderr);
    if (length >= 0)
        free(text);
}

void message_print(const char *program, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    message_print_list(program, format, arguments);
    va_end(arguments);
}

void message_error(const char *program, const char *what, const fps_error *error)
{
    const char *path = error->path[0] ? error->path : what ? what : "";
    const char *text = error->message[0] ? error->message : fps_status_name(error->status);
    const char *colon = path[0] ? ": " : "";
    if (error->offset != UINT64_MAX)
        message_print(program, "%s%s%s (at byte %" PRIu64 ")", path, colon, text, error->offset);
    else
        message_print(program, "%s%s%s", path, colon, text);
}
