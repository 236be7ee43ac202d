/* Programs and archives that are written in letters, so that a script or a document can carry them: base64 and uuencode.
 *
 * Base64 (RFC 4648, 4 and 5): 4 letters are 3 bytes, '=' fills the last ones. Between them may stand spaces and the ends of lines, also
 * as "\n" of a string in a program. Uuencode (POSIX, uuencode): "begin MODE NAME", lines that begin with the number of their bytes as
 * a letter above ' ', 4 letters for 3 bytes, and "end"; "begin-base64 MODE NAME" has base64 in its lines, and "====" behind them. */
#include "archive/contents.h"

#include "archive/archive_form.h"
#include "util/error.h"

#include <stdlib.h>

enum {
    NO_LETTER = 64,
    LEAST_RUN = 48,      /* letters: a shorter text is no program */
    CHECKED = 4096,      /* letters that decide: a PE header may lie behind a page of its own */
    ROOM = 48 << 10,     /* bytes that are given on together */
    MOST_NAME = 1 << 10, /* bytes of the first line of uuencode */
};

/* ---- letters ---- */

/* 0 to 63. */
static unsigned value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26u;
    if (c >= '0' && c <= '9')
        return c - '0' + 52u;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : NO_LETTER;
}

/* Rules of '-' and '_' are in many texts. */
static bool is_in_run(uint8_t c)
{
    return c != '-' && c != '_' && value_of(c) != NO_LETTER;
}

/* The first place at or behind `at` that is neither space nor the end of a line. */
static size_t skip_space(fps__span text, size_t at)
{
    while (at < text.size) {
        uint8_t c = text.data[at];
        bool written =
            c == '\\' && at + 1 < text.size && (text.data[at + 1] == 'n' || text.data[at + 1] == 'r');
        if (!written && c != ' ' && c != '\t' && c != '\r' && c != '\n')
            break;
        at += written ? 2 : 1;
    }
    return at;
}

/* Bytes that letters give, and where those letters end. */
typedef struct decoded {
    uint8_t *room;
    size_t used, end;
} decoded;

/* Takes whole groups of letters from `at` on, as far as they go or the room of `size` bytes does. */
static decoded decode(fps__span text, size_t at, uint8_t *room, size_t size)
{
    decoded made = {.room = room, .end = at};
    while (made.used + 3 <= size) {
        uint32_t bits = 0, letters = 0;
        for (; letters < 4; letters++, at++) {
            at = skip_space(text, at);
            unsigned value = at < text.size ? value_of(text.data[at]) : NO_LETTER;
            if (value == NO_LETTER)
                break;
            bits |= value << (18 - 6 * letters);
        }
        for (uint32_t i = 0; i + 1 < letters; i++)
            room[made.used++] = (uint8_t)(bits >> (16 - 8 * i));
        if (letters)
            made.end = at;
        if (letters < 4)
            break;
    }
    return made;
}

/* One line of uuencode at `at`; false behind the last one. */
static bool decode_line(fps__span text, size_t at, decoded *made)
{
    size_t count = at < text.size ? (text.data[at] - ' ') & 63u : 0, letters = (count + 2) / 3 * 4;
    if (!count || text.data[at] <= ' ' || text.data[at] > '`' || !fps__span_has(text, at + 1, letters))
        return false;
    const uint8_t *p = text.data + at + 1;
    for (size_t i = 0; i < letters; i++)
        if (p[i] < ' ' || p[i] > '`')
            return false;
    for (size_t i = 0; i < count; i++) {
        size_t bit = i * 8, letter = bit / 6, shift = bit % 6; /* 0, 2 or 4 bits of the letter are used up */
        unsigned both = ((p[letter] - ' ') & 63u) << 6 | ((p[letter + 1] - ' ') & 63u);
        made->room[made->used++] = (uint8_t)(both >> (4 - shift));
    }
    made->end = at + 1 + letters;
    return true;
}

/* ---- what is written ---- */

/* Where the letters of uuencode begin; 0 when it is none. */
static size_t find_body(fps__span text, bool *base64)
{
    static const char plain[] = "begin ", other[] = "begin-base64 ";
    *base64 = fps__span_has(text, 0, sizeof other) && memcmp(text.data, other, sizeof other - 1) == 0;
    size_t at = *base64 ? sizeof other - 1 : sizeof plain - 1;
    if (!fps__span_has(text, 0, at + 6) || (!*base64 && memcmp(text.data, plain, at) != 0))
        return 0;
    for (size_t digit = 0; digit < 3; digit++, at++)
        if (text.data[at] < '0' || text.data[at] > '7')
            return 0;
    size_t most = text.size - at < MOST_NAME ? text.size - at : MOST_NAME;
    const uint8_t *end = text.data[at] == ' ' ? memchr(text.data + at, '\n', most) : NULL;
    return end ? (size_t)(end - text.data) + 1 : 0;
}

static decoded decode_uu(fps__span text, size_t at, uint8_t *room, size_t size)
{
    enum { MOST_LINE = 63 };
    decoded made = {.room = room, .end = at};
    while (made.used + MOST_LINE <= size && decode_line(text, made.end, &made)) {
        const uint8_t *end = memchr(text.data + made.end, '\n', text.size - made.end);
        made.end = end ? (size_t)(end - text.data) + 1 : text.size;
    }
    return made;
}

bool fps__is_base64(fps__span text)
{
    uint8_t room[CHECKED / 4 * 3];
    if (!fps__span_has(text, 0, LEAST_RUN) || value_of(text.data[0]) == NO_LETTER)
        return false;
    decoded made =
        decode(fps__span_part(text, 0, text.size < CHECKED ? text.size : CHECKED), 0, room, sizeof room);
    return made.used >= LEAST_RUN / 4 * 3 && fps__begins_content((fps__span){room, made.used});
}

bool fps__is_uuencoded(fps__span text)
{
    uint8_t room[CHECKED / 4 * 3];
    bool base64;
    size_t body = find_body(text, &base64);
    if (!body)
        return false;
    decoded made = base64 ? decode(text, body, room, sizeof room) : decode_uu(text, body, room, sizeof room);
    return fps__begins_content((fps__span){room, made.used});
}

bool fps__holds_letters(fps__span head)
{
    if (fps__is_uuencoded(head))
        return true;
    size_t run = 0; /* letters up to `at`: where they are few, none of the next can end enough of them */
    for (size_t at = LEAST_RUN - 1; at < head.size; at += LEAST_RUN - run) {
        for (run = 0; run < LEAST_RUN && is_in_run(head.data[at - run]);)
            run++;
        if (run < LEAST_RUN)
            continue;
        size_t start = at + 1 - run;
        while (start && is_in_run(head.data[start - 1]))
            start--;
        if (fps__is_base64(fps__span_part(head, start, head.size - start)))
            return true;
        while (at < head.size && is_in_run(head.data[at]))
            at++;
        run = 0;
    }
    return false;
}

/* ---- reading ---- */

/* Letters say where they end only when they are read. */
bool fps__list_base64(fps__contents *contents, fps__span text)
{
    return fps__contents_add_stream(contents, text, 0, FPS__STORED_BASE64);
}

bool fps__list_uuencoded(fps__contents *contents, fps__span text)
{
    return fps__contents_add_stream(contents, text, 0, FPS__STORED_UUENCODED);
}

fps_status fps__letters_unpack(fps__span text, bool uu, const fps__contents_sink *sink, uint64_t *end,
                               fps_error *error)
{
    bool base64 = !uu;
    size_t at = uu ? find_body(text, &base64) : 0;
    uint8_t *room = malloc(ROOM);
    fps_status status = room ? FPS_OK : fps__fail_memory(error);
    for (bool more = true; !status && more;) {
        decoded made = base64 ? decode(text, at, room, ROOM) : decode_uu(text, at, room, ROOM);
        more = made.used && made.end > at;
        at = made.end;
        if (more)
            status = sink->take(sink->user, (fps__span){room, made.used}, error);
    }
    free(room);
    *end = at;
    return status;
}
