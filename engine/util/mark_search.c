/* Which of a few marks are somewhere in some bytes: one pass for all of them. */
#include "util/mark_search.h"

enum {
    FREE_PLACES = 4096, /* where a mark may begin */
    BYTES_A_PLACE = 64, /* and one more for each of so many bytes: honest files have one in thousands */
};

void fps__mark_search_init(fps__mark_search *search, const fps__mark *marks, size_t count)
{
    search->marks = marks;
    search->count = count;
    memset(&search->filter, 0, sizeof search->filter);
    for (size_t i = 0; i < count; i++)
        fps__byte_filter_add(&search->filter, marks[i].bytes, false, (unsigned)i % FPS__MOST_MARKS);
}

unsigned fps__mark_search_run(const fps__mark_search *search, fps__span bytes, unsigned known)
{
    unsigned all = (1u << search->count) - 1;
    size_t places = FREE_PLACES + bytes.size / BYTES_A_PLACE;
    for (size_t at = 0; known != all; at++) {
        at = fps__byte_filter_next(&search->filter, bytes, at);
        if (at >= bytes.size)
            return known;
        if (!places--)
            return all;
        for (size_t i = 0; i < search->count; i++) {
            const fps__mark *mark = &search->marks[i];
            if (fps__span_has(bytes, at, mark->size) && memcmp(bytes.data + at, mark->bytes, mark->size) == 0)
                known |= 1u << i;
        }
    }
    return known;
}
