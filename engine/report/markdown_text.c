/* Untrusted text in markdown. */
#include "report/markdown_text.h"

#include <string.h>

void fps__markdown_text(fps__output *out, const char *text)
{
    for (size_t i = 0, size = strlen(text); i < size;) {
        size_t length = fps__shown(text + i, size - i);
        bool own = length == 1 && strchr("\\`*_{}[]()<>#|&!~$@:'\"", text[i]);
        if (own)
            fps__output_format(out, "&#%u;", (unsigned char)text[i]);
        else if (length)
            fps__output_bytes(out, text + i, length);
        else
            fps__output_format(out, "&#92;x%02x", (unsigned char)text[i]);
        i += length ? length : 1;
    }
}
