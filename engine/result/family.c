/* A family answer in words: "openssl or boringssl". */
#include "util/cursor.h"

#include <fpscan/result.h>
#include <stdio.h>

enum { MOST_NAMED = 8 }; /* relatives that are named one by one */

/* "a, b or c", of which the first `named` relatives stand there; " or 3 others" stands for the rest. False: it does not fit. */
static bool put_names(fps__cursor *out, const char *first, const fps_relative *relatives, size_t count,
                      size_t named, bool by_name)
{
    size_t left = count - named;
    fps__cursor_text(out, first);
    for (size_t i = 0; i < named; i++) {
        fps__cursor_text(out, i + 1 == count ? " or " : ", ");
        fps__cursor_text(out, by_name && relatives[i].name[0] ? relatives[i].name : relatives[i].id);
    }
    if (left)
        fps__cursor_format(out, " or %zu %s", left, left == 1 ? "other" : "others");
    return !out->full;
}

size_t fps_family_text(char *text, size_t size, const char *first, const fps_relative *relatives,
                       size_t count, bool by_name)
{
    for (size_t named = (count < MOST_NAMED ? count : MOST_NAMED) + 1; named-- > 0;) {
        fps__cursor out = {.text = text, .size = size};
        if (put_names(&out, first, relatives, count, named, by_name))
            return fps__cursor_finish(&out);
    }
    int length = snprintf(text, size, "%s", first);
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}
