/* Upstream versions: taking them out of distribution versions, and putting them in the order of release. */
#include "util/version.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static size_t digits_at(const char *text)
{
    size_t count = 0;
    while (is_digit(text[count]))
        count++;
    return count;
}

static size_t letters_at(const char *text)
{
    size_t count = 0;
    while (is_letter(text[count]))
        count++;
    return count;
}

/* ---- upstream versions ---- */

static void cut(char *text, size_t length)
{
    text[length] = '\0';
}

static void drop_front(char *text, size_t count)
{
    memmove(text, text + count, strlen(text + count) + 1);
}

static void drop_epoch(char *text)
{
    size_t digits = digits_at(text);
    if (digits && text[digits] == ':')
        drop_front(text, digits + 1);
}

static void drop_revision(char *text)
{
    char *dash = strrchr(text, '-');
    if (dash && dash != text)
        *dash = '\0';
}

/* Cuts a last "+bN", the mark of a rebuild without a change of source. */
static void drop_rebuild(char *text)
{
    char *plus = strrchr(text, '+');
    if (plus && plus[1] == 'b' && digits_at(plus + 2) && !plus[2 + digits_at(plus + 2)])
        *plus = '\0';
}

static void keep_really(char *text)
{
    for (char *found; (found = strstr(text, "really"));) {
        size_t skip = (size_t)(found - text) + 6;
        while (text[skip] == '.' || text[skip] == '-' || text[skip] == '+' || text[skip] == '~')
            skip++;
        if (!text[skip]) {
            cut(text, (size_t)(found - text));
            return;
        }
        drop_front(text, skip);
    }
}

/* Words by which a distribution says how it changed the upstream archive; a digit, separator or the end
 * follows. */
static bool is_repack_word(const char *text, size_t length)
{
    static const char *const words[] = {"dfsg",  "ds",    "repack",  "repacked", "debian",   "deb",
                                        "nmu",   "bpo",   "cs",      "ubuntu",   "stripped", "orig",
                                        "clean", "nodoc", "srcless", "free",     "nonfree",  "stable"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && !strncmp(text, words[i], length))
            return true;
    return false;
}

/* Also cuts "+~", behind which Debian lists the versions of parts that it added. */
static void drop_repack(char *text)
{
    char *parts = strstr(text, "+~");
    if (parts && parts != text)
        *parts = '\0';
    for (size_t i = 1; text[i]; i++) {
        size_t start = i;
        while (text[start] && strchr("+~.-", text[start]))
            start++;
        size_t length = letters_at(text + start);
        bool begins = start > i || is_digit(text[i - 1]);
        if (begins && length && is_repack_word(text + start, length)) {
            cut(text, i);
            return;
        }
        if (start > i)
            i = start - 1;
    }
}

/* How far `text` begins with a word for "before the release", 0 for not at all. */
static size_t prerelease_word(const char *text, size_t length)
{
    static const char *const words[] = {"dev", "alpha", "beta", "pre", "preview", "rc"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t size = strlen(words[i]), at = 0;
        while (at < size && at < length && lower(text[at]) == words[i][at])
            at++;
        if (at == size && length == size)
            return i + 1;
    }
    return 0;
}

/* "3.0~rc1" to "3.0rc1": the mark in front of the word is the distribution's. */
static void join_prerelease(char *text, char mark)
{
    for (size_t i = 1; text[i]; i++)
        if (text[i] == mark && prerelease_word(text + i + 1, letters_at(text + i + 1)))
            drop_front(text + i, 1);
}

/* Alpine's "_p1" to "p1", and "_git2023" to "+git2023": both come after the release. */
static void join_alpine_suffix(char *text)
{
    static const char *const later[] = {"cvs", "svn", "git", "hg"};
    for (size_t i = 1; text[i]; i++) {
        if (text[i] != '_')
            continue;
        size_t length = letters_at(text + i + 1);
        if (length == 1 && text[i + 1] == 'p')
            drop_front(text + i, 1);
        for (size_t k = 0; k < sizeof later / sizeof *later; k++)
            if (length == strlen(later[k]) && !strncmp(text + i + 1, later[k], length))
                text[i] = '+';
    }
}

static void drop_alpine_revision(char *text)
{
    char *dash = strrchr(text, '-');
    if (dash && dash[1] == 'r' && digits_at(dash + 2) && !dash[2 + digits_at(dash + 2)])
        *dash = '\0';
}

static void drop_trailing_marks(char *text)
{
    size_t length = strlen(text);
    while (length && strchr("+~.-_^", text[length - 1]))
        cut(text, --length);
}

bool fps__version_upstream(const char *version, fps__version_scheme scheme, char upstream[FPS__MAX_VERSION])
{
    size_t length = strlen(version);
    upstream[0] = '\0';
    if (length >= FPS__MAX_VERSION)
        return false;
    memcpy(upstream, version, length + 1);
    switch (scheme) {
    case FPS__VERSION_DEBIAN:
        drop_epoch(upstream);
        drop_rebuild(upstream);
        drop_revision(upstream);
        keep_really(upstream);
        drop_repack(upstream);
        join_prerelease(upstream, '~');
        break;
    case FPS__VERSION_RPM:
        drop_epoch(upstream);
        drop_revision(upstream);
        join_prerelease(upstream, '~');
        break;
    case FPS__VERSION_ALPINE:
        drop_alpine_revision(upstream);
        join_prerelease(upstream, '_');
        join_alpine_suffix(upstream);
        break;
    case FPS__VERSION_PLAIN:
        if ((upstream[0] == 'v' || upstream[0] == 'V') && is_digit(upstream[1]))
            drop_front(upstream, 1);
        break;
    }
    drop_trailing_marks(upstream);
    if (is_digit(upstream[0]) || is_letter(upstream[0]))
        return true;
    upstream[0] = '\0';
    return false;
}

/* ---- order ---- */

/* What stands at a place of a version, in the order in which it sorts. */
typedef enum part_class {
    PART_TILDE,
    PART_PRERELEASE,
    PART_END,
    PART_LETTERS,
    PART_PLUS,
    PART_NUMBER,
} part_class;

typedef struct part {
    part_class class;
    const char *text;
    size_t length;
    size_t order; /* of pre-release words */
} part;

/* "3.0a1" and "3.0b2" are an alpha and a beta; "1.1.1a" and "6b" are releases of their own. */
static size_t prerelease_order(const char *text, size_t length)
{
    if (length == 1 && is_digit(text[1]) && (lower(text[0]) == 'a' || lower(text[0]) == 'b'))
        return lower(text[0]) == 'a' ? 2 : 3;
    return prerelease_word(text, length);
}

static part next_part(const char **cursor)
{
    const char *text = *cursor;
    while (*text && !is_digit(*text) && !is_letter(*text) && *text != '~' && *text != '+' && *text != '^')
        text++;
    part found = {PART_END, text, 0, 0};
    if (*text == '~') {
        found.class = PART_TILDE;
        found.length = 1;
    } else if (*text == '+' || *text == '^') {
        found.class = PART_PLUS;
        found.length = 1;
    } else if (is_digit(*text)) {
        found.class = PART_NUMBER;
        found.length = digits_at(text);
    } else if (is_letter(*text)) {
        found.length = letters_at(text);
        found.order = prerelease_order(text, found.length);
        found.class = found.order ? PART_PRERELEASE : PART_LETTERS;
    }
    *cursor = text + found.length;
    return found;
}

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_numbers(part a, part b)
{
    for (; a.length > 1 && *a.text == '0'; a.length--)
        a.text++;
    for (; b.length > 1 && *b.text == '0'; b.length--)
        b.text++;
    if (a.length != b.length)
        return compare_sizes(a.length, b.length);
    return memcmp(a.text, b.text, a.length);
}

static int compare_letters(part a, part b)
{
    for (size_t i = 0; i < a.length && i < b.length; i++)
        if (lower(a.text[i]) != lower(b.text[i]))
            return lower(a.text[i]) - lower(b.text[i]);
    return compare_sizes(a.length, b.length);
}

static int compare_parts(part a, part b)
{
    if (a.class != b.class)
        return a.class < b.class ? -1 : 1;
    switch (a.class) {
    case PART_NUMBER:
        return compare_numbers(a, b);
    case PART_LETTERS:
        return compare_letters(a, b);
    case PART_PRERELEASE:
        return compare_sizes(a.order, b.order);
    default:
        return 0;
    }
}

int fps__version_compare(const char *a, const char *b)
{
    for (;;) {
        part first = next_part(&a), second = next_part(&b);
        int order = compare_parts(first, second);
        if (order || first.class == PART_END)
            return order;
    }
}
