/* Prose for a terminal: lines are broken between words, so that the terminal does not break them within one. */
#include "report/wrapped_output.h"

static void put_word(fps__wrapped *wrapped)
{
    enum { DEEPER = 2 };
    if (!wrapped->used)
        return;
    if (wrapped->started && wrapped->column + wrapped->spaces + wrapped->columns > wrapped->width) {
        fps__output_text(wrapped->out, "\n");
        wrapped->column = 0;
        wrapped->spaces = wrapped->indent + DEEPER;
    }
    fps__output_repeat(wrapped->out, ' ', wrapped->spaces);
    fps__output_bytes(wrapped->out, wrapped->word, wrapped->used);
    wrapped->column += wrapped->spaces + wrapped->columns;
    wrapped->started |= wrapped->columns > 0;
    wrapped->spaces = wrapped->used = wrapped->columns = 0;
}

static void put_byte(fps__wrapped *wrapped, char c)
{
    if (c == '\n') {
        put_word(wrapped);
        fps__output_text(wrapped->out, "\n");
        wrapped->column = wrapped->indent = wrapped->spaces = 0;
        wrapped->started = false;
    } else if (c == ' ') {
        put_word(wrapped);
        wrapped->spaces++;
        wrapped->indent += !wrapped->started;
    } else {
        if (wrapped->used == sizeof wrapped->word)
            put_word(wrapped);
        wrapped->escaped |= c == '\033';
        wrapped->columns +=
            !wrapped->escaped && ((unsigned char)c & 0xC0) != 0x80; /* of UTF-8 the first byte */
        wrapped->escaped &= c != 'm';
        wrapped->word[wrapped->used++] = c;
    }
}

static fps_status wrap(void *user, const char *text, size_t length)
{
    fps__wrapped *wrapped = user;
    for (size_t i = 0; i < length; i++)
        put_byte(wrapped, text[i]);
    return wrapped->out->status;
}

void fps__wrapped_start(fps__wrapped *wrapped, fps__output *out, size_t width)
{
    *wrapped = (fps__wrapped){.out = out, .width = width};
    fps__output_start(&wrapped->text, wrap, wrapped);
}

void fps__wrapped_finish(fps__wrapped *wrapped)
{
    fps__output_finish(&wrapped->text, NULL);
    put_word(wrapped);
}
