/* Text files that were read into memory: lines, and the "name: value" fields in them. */
#include "util/lines.h"

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

bool fps__line_next(fps__span text, size_t *at, fps__span *line)
{
    if (*at >= text.size)
        return false;
    const uint8_t *start = text.data + *at, *end = memchr(start, '\n', text.size - *at);
    line->data = start;
    line->size = end ? (size_t)(end - start) : text.size - *at;
    *at += line->size + (end ? 1 : 0);
    return true;
}

fps__span fps__span_trim(fps__span text)
{
    while (text.size && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

bool fps__line_split(fps__span line, char separator, fps__span *name, fps__span *value)
{
    const uint8_t *found = line.size ? memchr(line.data, separator, line.size) : NULL;
    if (!found)
        return false;
    *name = (fps__span){line.data, (size_t)(found - line.data)};
    *value = fps__span_part(line, name->size + 1, line.size - name->size - 1);
    while (name->size && is_blank(name->data[name->size - 1]))
        name->size--;
    return name->size > 0;
}

bool fps__span_cut(fps__span *text, const char *separators, fps__span *part)
{
    if (!text->size)
        return false;
    size_t size = 0;
    while (size < text->size && (!text->data[size] || !strchr(separators, text->data[size])))
        size++;
    *part = fps__span_trim((fps__span){text->data, size});
    size += size < text->size;
    text->data += size;
    text->size -= size;
    return true;
}

bool fps__span_starts(fps__span text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size >= size && !memcmp(text.data, prefix, size);
}

bool fps__span_is(fps__span text, const char *wanted)
{
    if (strlen(wanted) != text.size)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (lower(text.data[i]) != lower((unsigned char)wanted[i]))
            return false;
    return true;
}
