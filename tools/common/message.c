/* Messages for people on stderr, in which no byte of an input can reach the terminal as a control sequence.
 */
#include "common/message.h"

#include <fpscan/report.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void message_put_safe(FILE *stream, const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size;) {
        size_t length = fps_report_printable(text + i, size - i);
        if (length)
            fwrite(text + i, 1, length, stream);
        else
            fprintf(stream, "\\x%02x", (unsigned char)text[i]);
        i += length ? length : 1;
    }
}

void message_print(const char *program, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s: ", program);
    message_put_safe(stderr, length < 0 ? format : text);
    fputc('\n', stderr);
    if (length >= 0)
        free(text);
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
