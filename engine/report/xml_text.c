/* Untrusted text in XML 1.0. */
#include "report/xml_text.h"

#include <string.h>

/* The reference for a character that means something to a reader of XML; NULL for others. */
static const char *reference_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    case '\t':
        return "&#9;";
    default:
        return NULL;
    }
}

/* U+FFFE and U+FFFF are no characters of XML (1.0, section 2.2). */
static bool is_no_character(const char *text, size_t length)
{
    return length == 3 && memcmp(text, "\xEF\xBF", 2) == 0 && (unsigned char)text[2] >= 0xBE;
}

void fps__xml_bytes(fps__output *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        const char *reference = reference_of(text[i]);
        size_t length = fps__shown(text + i, size - i);
        if (reference)
            fps__output_text(out, reference);
        else if (length && !is_no_character(text + i, length))
            fps__output_bytes(out, text + i, length);
        else
            fps__output_format(out, "\\x%02x", (unsigned char)text[i]);
        i += reference || !length || is_no_character(text + i, length) ? 1 : length;
    }
}

void fps__xml_text(fps__output *out, const char *text)
{
    fps__xml_bytes(out, text, strlen(text));
}
