/* Buffered output of the writers; the only way by which text of a target or a set reaches a reader. */
#include "util/output.h"
#include "util/error.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fps__output_start(fps__output *out, fps_write_callback write, void *user)
{
    out->write = write;
    out->user = user;
    out->status = FPS_OK;
    out->used = 0;
}

static void hand_over(fps__output *out)
{
    if (out->used && out->status == FPS_OK)
        out->status = out->write(out->user, out->buffer, out->used);
    out->used = 0;
}

fps_status fps__output_finish(fps__output *out, fps_error *error)
{
    hand_over(out);
    if (out->status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    if (out->status != FPS_OK)
        return fps__fail(error, out->status, NULL, UINT64_MAX, "the report could not be written");
    return FPS_OK;
}

void fps__output_bytes(fps__output *out, const char *bytes, size_t size)
{
    if (size < sizeof out->buffer - out->used) {
        memcpy(out->buffer + out->used, bytes, size);
        out->used += size;
        return;
    }
    while (size) {
        size_t room = sizeof out->buffer - out->used;
        size_t part = size < room ? size : room;
        memcpy(out->buffer + out->used, bytes, part);
        out->used += part;
        bytes += part;
        size -= part;
        if (out->used == sizeof out->buffer)
            hand_over(out);
    }
}

void fps__output_text(fps__output *out, const char *text)
{
    fps__output_bytes(out, text, strlen(text));
}

void fps__output_format(fps__output *out, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length > 0)
        fps__output_bytes(out, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

/* At least `least` digits of the number, of 20. */
static void put_digits(fps__output *out, uint64_t number, size_t least)
{
    char text[20];
    size_t at = sizeof text;
    do
        text[--at] = (char)('0' + number % 10);
    while (number /= 10);
    while (at && sizeof text - at < least)
        text[--at] = '0';
    fps__output_bytes(out, text + at, sizeof text - at);
}

void fps__output_decimal(fps__output *out, uint64_t number)
{
    put_digits(out, number, 1);
}

void fps__output_hexadecimal(fps__output *out, uint64_t number)
{
    char text[16];
    size_t at = sizeof text;
    do
        text[--at] = "0123456789abcdef"[number & 15];
    while (number >>= 4);
    fps__output_bytes(out, text + at, sizeof text - at);
}

void fps__output_repeat(fps__output *out, char c, size_t times)
{
    char run[64];
    memset(run, c, sizeof run);
    for (; times > sizeof run; times -= sizeof run)
        fps__output_bytes(out, run, sizeof run);
    fps__output_bytes(out, run, times);
}

void fps__output_real(fps__output *out, double value, unsigned digits)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < digits; i++)
        scale *= 10;
    double magnitude = fabs(value);
    if (!isfinite(value))
        magnitude = 0;
    if (magnitude > 1e9)
        magnitude = 1e9;
    uint64_t scaled = (uint64_t)(magnitude * (double)scale + 0.5);
    uint64_t fraction = scaled % scale;
    if (value < 0 && scaled)
        fps__output_text(out, "-");
    put_digits(out, scaled / scale, 1);
    if (!fraction)
        return;
    while (fraction % 10 == 0) {
        fraction /= 10;
        digits--;
    }
    fps__output_text(out, ".");
    put_digits(out, fraction, digits);
}

void fps__output_number(fps__output *out, uint64_t number, size_t width)
{
    char text[32];
    size_t at = sizeof text;
    for (size_t digits = 0; !digits || number; digits++) {
        if (digits && digits % 3 == 0)
            text[--at] = ',';
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    }
    size_t length = sizeof text - at;
    fps__output_repeat(out, ' ', length < width ? width - length : 0);
    fps__output_bytes(out, text + at, length);
}

void fps__output_percent(fps__output *out, uint64_t part, uint64_t whole, int width)
{
    unsigned tenths = whole ? (unsigned)((double)part / (double)whole * 1000 + 1e-9) : 0;
    if (part >= whole)
        tenths = whole ? 1000 : 0;
    else if (tenths > 999)
        tenths = 999;
    fps__output_format(out, "%*u.%u %%", width, tenths / 10, tenths % 10);
}

void fps__output_count(fps__output *out, uint64_t count, const char *noun)
{
    fps__output_number(out, count, 0);
    fps__output_format(out, " %s%s", noun, count == 1 ? "" : "s");
}

size_t fps__utf8_next(const char *text, size_t size, uint32_t *code)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text;
    if (!size || (p[0] >= 0x80 && p[0] < 0xC2) || p[0] > 0xF4)
        return 0;
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
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

bool fps__is_hostile(uint32_t code)
{
    static const uint32_t ranges[][2] = {
        {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},       {0x61C, 0x61C},
        {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F},
        {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool fps__is_escape(const char *text, size_t size)
{
    return size >= 4 && text[0] == '\\' && text[1] == 'x' && is_hex(text[2]) && is_hex(text[3]);
}

size_t fps__printable(const char *text, size_t size)
{
    uint32_t code = 0;
    size_t length = fps__utf8_next(text, size, &code);
    return length && !fps__is_hostile(code) ? length : 0;
}

size_t fps__shown(const char *text, size_t size)
{
    return fps__is_escape(text, size) ? 0 : fps__printable(text, size);
}

size_t fps__plain_run(const char *text, size_t size)
{
    size_t length = 0;
    while (length < size && text[length] >= ' ' && text[length] <= '~' && text[length] != '"' &&
           text[length] != '\\')
        length++;
    return length;
}

static void put_safe(fps__output *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = fps__plain_run(text + i, size - i);
        if (!length)
            length = fps__shown(text + i, size - i);
        if (length)
            fps__output_bytes(out, text + i, length);
        else
            fps__output_format(out, "\\x%02x", (unsigned char)text[i]);
        i += length ? length : 1;
    }
}

size_t fps__safe_columns(const char *text)
{
    size_t columns = 0, size = strlen(text);
    for (size_t i = 0; i < size;) {
        size_t length = fps__shown(text + i, size - i);
        columns += length ? 1 : 4;
        i += length ? length : 1;
    }
    return columns;
}

void fps__output_safe(fps__output *out, const char *text)
{
    put_safe(out, text, strlen(text));
}

void fps__output_tail(fps__output *out, const char *text, size_t columns)
{
    size_t have = fps__safe_columns(text);
    bool cut = columns > 3 && have > columns;
    while (cut && have > columns - 3) {
        size_t length = fps__shown(text, strlen(text));
        have -= length ? 1 : 4;
        text += length ? length : 1;
    }
    if (cut)
        fps__output_text(out, "...");
    fps__output_safe(out, text);
}

void fps__output_cut(fps__output *out, const char *text, size_t columns)
{
    size_t size = strlen(text), end = 0;
    if (!columns || fps__safe_columns(text) <= columns) {
        put_safe(out, text, size);
        return;
    }
    size_t room = columns > 3 ? columns - 3 : 0;
    for (size_t used = 0;;) {
        size_t length = fps__shown(text + end, size - end);
        used += length ? 1 : 4;
        if (used > room)
            break;
        end += length ? length : 1;
    }
    put_safe(out, text, end);
    fps__output_text(out, "...");
}
