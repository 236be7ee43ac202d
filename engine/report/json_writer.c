/* A small streaming writer of documents: JSON, or another form of the same document. */
#include "report/json_writer.h"

#include <string.h>

static void new_line(fps__json *json)
{
    static const char indented[] = "\n                                ";
    size_t columns = (size_t)json->depth * 2,
           known = columns < sizeof indented - 2 ? columns : sizeof indented - 2;
    fps__output_bytes(json->out, indented, 1 + known);
    if (columns > known)
        fps__output_repeat(json->out, ' ', columns - known);
}

/* Starts the next member: comma, new line, key. */
static void start_member(fps__json *json, const char *key)
{
    uint64_t bit = 1ull << (json->depth & 63);
    if (json->depth) {
        if (json->filled & bit)
            fps__output_text(json->out, json->is_line & bit ? ", " : ",");
        if (!(json->is_line & bit))
            new_line(json);
    }
    json->filled |= bit;
    if (key) {
        fps__output_text(json->out, "\"");
        fps__output_text(json->out, key);
        fps__output_text(json->out, "\": ");
    }
}

static void open_value(fps__json *json, const char *key, bool is_array)
{
    if (json->form) {
        json->form->open(json, key, is_array);
        json->depth++;
        return;
    }
    start_member(json, key);
    fps__output_text(json->out, is_array ? "[" : "{");
    json->depth++;
    uint64_t bit = 1ull << (json->depth & 63);
    json->filled &= ~bit;
    json->is_array = is_array ? json->is_array | bit : json->is_array & ~bit;
    json->is_line = json->is_line & bit >> 1 ? json->is_line | bit : json->is_line & ~bit;
}

void fps__json_object(fps__json *json, const char *key)
{
    open_value(json, key, false);
}

void fps__json_line(fps__json *json, const char *key)
{
    open_value(json, key, false);
    json->is_line |= 1ull << (json->depth & 63);
}

void fps__json_row(fps__json *json, const char *key)
{
    open_value(json, key, true);
    json->is_line |= 1ull << (json->depth & 63);
}

void fps__json_named(fps__json *json, const char *name)
{
    fps__json_text(json, NULL, name);
    fps__output_text(json->out, ": {");
    json->depth++;
    uint64_t bit = 1ull << (json->depth & 63);
    json->filled &= ~bit;
    json->is_array &= ~bit;
    json->is_line &= ~bit;
}

void fps__json_array(fps__json *json, const char *key)
{
    open_value(json, key, true);
}

void fps__json_end(fps__json *json)
{
    uint64_t bit = 1ull << (json->depth & 63);
    json->depth--;
    if (json->form) {
        json->form->close(json);
        return;
    }
    if ((json->filled & bit) && !(json->is_line & bit))
        new_line(json);
    fps__output_text(json->out, json->is_array & bit ? "]" : "}");
    if (!json->depth)
        fps__output_text(json->out, "\n");
}

static void put_code(fps__output *out, uint32_t code)
{
    if (code >= 0x10000) {
        code -= 0x10000;
        fps__output_format(out, "\\u%04x\\u%04x", 0xD800u + (code >> 10), 0xDC00u + (code & 0x3FF));
    } else {
        fps__output_format(out, "\\u%04x", code);
    }
}

void fps__json_text_start(fps__json *json, const char *key)
{
    if (json->form) {
        json->form->text_start(json, key);
        return;
    }
    start_member(json, key);
    fps__output_text(json->out, "\"");
}

void fps__json_text_part(fps__json *json, const char *text)
{
    fps__json_text_bytes(json, text, strlen(text));
}

/* True for what HTML could take for its own, also inside a script. */
static bool is_markup(char c)
{
    return c == '<' || c == '>' || c == '&';
}

/* Bytes at the start that need no escape in a page: the common case. */
static size_t page_run(const char *text, size_t size)
{
    size_t plain = fps__plain_run(text, size), run = 0;
    while (run < plain && !is_markup(text[run]))
        run++;
    return run;
}

static void put_page_bytes(fps__output *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = page_run(text + i, size - i);
        if (length) {
            fps__output_bytes(out, text + i, length);
            i += length;
            continue;
        }
        length = fps__shown(text + i, size - i);
        if (!length)
            fps__output_format(out, "\\\\x%02x", (unsigned char)text[i]);
        else if (is_markup(text[i]))
            put_code(out, (unsigned char)text[i]);
        else if (text[i] == '"' || text[i] == '\\')
            fps__output_format(out, "\\%c", text[i]);
        else
            fps__output_bytes(out, text + i, length);
        i += length ? length : 1;
    }
}

void fps__json_text_bytes(fps__json *json, const char *text, size_t size)
{
    if (json->in_page) {
        put_page_bytes(json->out, text, size);
        return;
    }
    if (json->form) {
        json->form->text_bytes(json, text, size);
        return;
    }
    for (size_t i = 0; i < size;) {
        uint32_t code = 0;
        size_t length = fps__plain_run(text + i, size - i);
        if (length) {
            fps__output_bytes(json->out, text + i, length);
            i += length;
            continue;
        }
        length = fps__utf8_next(text + i, size - i, &code);
        bool escaped = !length || fps__is_escape(text + i, size - i);
        length = escaped ? 0 : length;
        if (escaped)
            fps__output_format(json->out, "\\\\x%02x", (unsigned char)text[i]);
        else if (code == '"' || code == '\\')
            fps__output_format(json->out, "\\%c", (char)code);
        else if (fps__is_hostile(code))
            put_code(json->out, code);
        else
            fps__output_bytes(json->out, text + i, length);
        i += length ? length : 1;
    }
}

void fps__json_text_stop(fps__json *json)
{
    if (json->form) {
        json->form->text_stop(json);
        return;
    }
    fps__output_text(json->out, "\"");
}

void fps__json_text(fps__json *json, const char *key, const char *text)
{
    if (!text) {
        fps__json_null(json, key);
        return;
    }
    fps__json_text_start(json, key);
    fps__json_text_part(json, text);
    fps__json_text_stop(json);
}

/* Around a value that is no text. */
static void start_value(fps__json *json, const char *key)
{
    if (json->form)
        json->form->text_start(json, key);
    else
        start_member(json, key);
}

static void stop_value(fps__json *json)
{
    if (json->form)
        json->form->text_stop(json);
}

void fps__json_number(fps__json *json, const char *key, uint64_t number)
{
    start_value(json, key);
    fps__output_decimal(json->out, number);
    stop_value(json);
}

void fps__json_real(fps__json *json, const char *key, double value)
{
    start_value(json, key);
    fps__output_real(json->out, value, 4);
    stop_value(json);
}

void fps__json_bool(fps__json *json, const char *key, bool value)
{
    start_value(json, key);
    fps__output_text(json->out, value ? "true" : "false");
    stop_value(json);
}

void fps__json_null(fps__json *json, const char *key)
{
    if (json->form)
        return;
    start_member(json, key);
    fps__output_text(json->out, "null");
}
