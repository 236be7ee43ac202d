/* Finds versions in literals, and makes templates of the rest. */
#include "feature/template.h"

#include <string.h>

enum { MIN_LETTERS = 4 }; /* around the slot, to tell whose version it is */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t skip_digits(const char *text, size_t length, size_t i)
{
    while (i < length && is_digit(text[i]))
        i++;
    return i;
}

/* The end of a suffix that belongs to the version ("n", "p1", "rc2", "-rc2", "-beta1"); `i` when there is
 * none. */
static size_t skip_suffix(const char *text, size_t length, size_t i)
{
    static const char *const words[] = {"alpha", "beta", "rc", "pre", "p", "b", "a"};
    size_t start = i < length && text[i] == '-' ? i + 1 : i;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        size_t size = strlen(words[w]);
        if (length - start <= size || memcmp(text + start, words[w], size) != 0 ||
            !is_digit(text[start + size]))
            continue;
        size_t end = skip_digits(text, length, start + size);
        if (end == length || !is_letter(text[end]))
            return end;
    }
    if (i < length && text[i] >= 'a' && text[i] <= 'z' &&
        (i + 1 == length || !(is_letter(text[i + 1]) || is_digit(text[i + 1]))))
        return i + 1;
    return i;
}

bool fps__version_text_find(const char *text, size_t length, size_t from, size_t *start, size_t *size)
{
    for (size_t i = from; i < length; i++) {
        if (!is_digit(text[i]))
            continue;
        size_t end = skip_digits(text, length, i), dots = 0;
        bool follows_dot = i > 0 && text[i - 1] == '.';
        while (end + 1 < length && text[end] == '.' && is_digit(text[end + 1])) {
            end = skip_digits(text, length, end + 1);
            dots++;
        }
        size_t last = skip_suffix(text, length, end);
        if (dots > 0 && !follows_dot && last - i <= FPS__MAX_VERSION_TEXT) {
            *start = i;
            *size = last - i;
            return true;
        }
        i = end;
    }
    return false;
}

size_t fps__version_text_suffix(const char *text, size_t length, size_t end)
{
    size_t i = end + 1;
    if (i >= length || !strchr("-+~", text[end]) || !is_letter(text[i]))
        return 0;
    while (i < length && (is_letter(text[i]) || is_digit(text[i]) || strchr(".-+~_", text[i])))
        i++;
    while (strchr(".-+~_", text[i - 1]))
        i--;
    return i - end <= FPS__MAX_VERSION_SUFFIX ? i - end : 0;
}

/* The length of the word at text[i] when it is the name of a month, in full or in three letters; else 0. */
static size_t month_length(const char *text, size_t length, size_t i)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    if (i > 0 && is_letter(text[i - 1]))
        return 0;
    size_t word = i;
    while (word < length && is_letter(text[word]))
        word++;
    word -= i;
    for (size_t m = 0; m < 12; m++)
        if ((word == 3 || word == strlen(months[m])) && memcmp(text + i, months[m], word) == 0)
            return word;
    return 0;
}

size_t fps__template_text(const char *text, size_t length, size_t start, size_t size, char *out)
{
    size_t used = 0;
    if (length > FPS__MAX_TEMPLATE_LITERAL)
        return 0;
    for (size_t i = 0; i < length;) {
        if (i == start) {
            memcpy(out + used, "{V}", 3);
            used += 3;
            i += size;
        } else if (is_digit(text[i])) {
            out[used++] = '#';
            i = skip_digits(text, i < start ? start : length, i);
        } else if (is_space(text[i])) {
            out[used++] = ' ';
            while (i < length && is_space(text[i]))
                i++;
        } else {
            size_t month = month_length(text, length, i);
            out[used++] = month ? 'M' : text[i];
            i += month ? month : 1;
        }
    }
    return used;
}

bool fps__template_is_bare(const char *text, size_t length)
{
    size_t letters = 0;
    for (size_t i = 0; i < length; i++)
        letters += is_letter(text[i]);
    return letters < 1 + MIN_LETTERS; /* the V of the slot is one */
}
