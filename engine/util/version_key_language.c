/* Version keys of languages: semantic versions (npm, Cargo, Go), PEP 440, RubyGems, Maven. */
#include "util/version_key_writer.h"

#include <string.h>

/* Numbers with dots between, padded with zeros; what stands behind them. */
static const char *put_numbers(fps__key_writer *key, const char *version)
{
    for (;;) {
        size_t digits = fps__key_digits(version);
        fps__key_put_component(key, version, digits);
        version += digits;
        if (version[0] != '.' || !fps__key_is_digit(version[1]))
            break;
        version++;
    }
    key->zeros = 0;
    fps__key_put(key, FPS__KEY_END);
    return version;
}

/* ---- semantic versions ---- */

enum { RELEASE_PRE = 1, RELEASE = 2 };

/* semver.org 2.0.0, 11: numbers come before words, and the shorter of two lists first. "rc2" right behind a number, as the
 * toolchain of Go writes it, counts as "rc.2". */
static const char *put_identifiers(fps__key_writer *key, const char *text, bool split)
{
    enum { END = 1, NUMBER = 2, WORD = 3 };
    while (*text && *text != '+') {
        size_t length = strcspn(text, ".+"), digits = fps__key_digits(text), letters = fps__key_letters(text);
        if (split && letters && letters < length && fps__key_digits(text + letters) == length - letters)
            length = letters;
        fps__key_put(key, digits == length ? NUMBER : WORD);
        if (digits == length)
            fps__key_put_digits(key, text, length);
        else
            fps__key_put_text(key, text, length);
        text += length;
        text += *text == '.';
    }
    fps__key_put(key, END);
    return text;
}

bool fps__key_semver(fps__key_writer *key, const char *version)
{
    while (*version == '=' || *version == 'v' || *version == 'V' || *version == ' ')
        version++;
    if (!fps__key_is_digit(*version))
        return false;
    version = put_numbers(key, version);
    bool attached = fps__key_is_letter(*version);
    bool before = attached || *version == '-' || *version == '.' || *version == '_';
    fps__key_put(key, before ? RELEASE_PRE : RELEASE);
    if (before)
        version = put_identifiers(key, attached ? version : version + 1, attached);
    return !*version || *version == '+' || *version == ' ';
}

bool fps__key_go(fps__key_writer *key, const char *version)
{
    return fps__key_semver(key, version[0] == 'g' && version[1] == 'o' ? version + 2 : version);
}

/* ---- PEP 440 ---- */

/* The letters of a phase at `*text`, with one separator before them, its number with one separator between; false and nothing
 * read when none of `words` stands there. `*which` is its index. */
static bool read_phase(const char **text, const char *const *words, size_t *which, const char **digits,
                       size_t *count)
{
    const char *at = *text;
    at += *at && strchr("-_.", *at);
    size_t letters = fps__key_letters(at);
    for (*which = 0; words[*which]; ++*which)
        if (letters == strlen(words[*which]) && fps__key_word(at, words[*which]))
            break;
    if (!letters || !words[*which])
        return false;
    at += letters;
    const char *number = at + (*at && strchr("-_.", *at));
    *count = fps__key_digits(number);
    *digits = number;
    *text = *count ? number + *count : at;
    return true;
}

static void put_local(fps__key_writer *key, const char **text)
{
    enum { END = 0, WORD = 1, NUMBER = 2 };
    *text += **text == '+';
    while (fps__key_is_digit(**text) || fps__key_is_letter(**text)) {
        size_t length = 0, digits = fps__key_digits(*text);
        while (fps__key_is_digit((*text)[length]) || fps__key_is_letter((*text)[length]))
            length++;
        fps__key_put(key, digits == length ? NUMBER : WORD);
        if (digits == length) {
            fps__key_put_digits(key, *text, length);
        } else {
            for (size_t i = 0; i < length; i++)
                fps__key_put(key, (unsigned char)fps__key_lower((*text)[i]));
            fps__key_put(key, 0);
        }
        *text += length;
        *text += **text && strchr("-_.", **text) ? 1 : 0;
    }
    fps__key_put(key, END);
}

/* The phases: none sorts where the absence of a phase sorts in packaging's `_cmpkey`. */
static void put_phases(fps__key_writer *key, const char **text)
{
    static const char *const pres[] = {"a", "alpha", "b", "beta", "c", "rc", "pre", "preview", NULL};
    static const uint8_t pre_order[] = {1, 1, 2, 2, 3, 3, 3, 3};
    static const char *const posts[] = {"post", "rev", "r", NULL}, *const devs[] = {"dev", NULL};
    size_t pre = 0, post = 0, dev = 0, pre_count = 0, post_count = 0, dev_count = 0;
    const char *pre_digits = "", *post_digits = "", *dev_digits = "";
    bool has_pre = read_phase(text, pres, &pre, &pre_digits, &pre_count), has_post = true;
    if ((*text)[0] == '-' && (post_count = fps__key_digits(*text + 1))) {
        post_digits = *text + 1;
        *text += 1 + post_count;
    } else {
        has_post = read_phase(text, posts, &post, &post_digits, &post_count);
    }
    bool has_dev = read_phase(text, devs, &dev, &dev_digits, &dev_count);
    if (has_pre) {
        fps__key_put(key, pre_order[pre]);
        fps__key_put_digits(key, pre_digits, pre_count);
    } else {
        fps__key_put(key, has_dev && !has_post ? 0 : 4);
    }
    fps__key_put(key, has_post);
    if (has_post)
        fps__key_put_digits(key, post_digits, post_count);
    fps__key_put(key, !has_dev);
    if (has_dev)
        fps__key_put_digits(key, dev_digits, dev_count);
}

bool fps__key_pep440(fps__key_writer *key, const char *version)
{
    version += *version == 'v' || *version == 'V';
    size_t digits = fps__key_digits(version);
    bool epoch = digits && version[digits] == '!';
    fps__key_put_digits(key, version, epoch ? digits : 0);
    version += epoch ? digits + 1 : 0;
    if (!fps__key_is_digit(*version))
        return false;
    version = put_numbers(key, version);
    put_phases(key, &version);
    if (*version && *version != '+' && *version != ' ')
        return false;
    put_local(key, &version);
    return !*version || *version == ' ';
}

/* ---- RubyGems ---- */

/* Gem::Version: zeros at the end of the numbers before the first word, and at the end of all, do not count; a word is less
 * than any number. */
bool fps__key_gem(fps__key_writer *key, const char *version)
{
    bool words = false;
    if (!fps__key_is_digit(*version))
        return false;
    while (*version) {
        size_t digits = fps__key_digits(version), letters = fps__key_letters(version);
        if (*version == '-') {
            key->zeros = words ? key->zeros : 0;
            words = true;
            fps__key_flush_zeros(key, true);
            fps__key_put(key, FPS__KEY_BELOW);
            fps__key_put_text(key, "pre", 3);
        } else if (digits) {
            fps__key_put_component(key, version, digits);
        } else if (letters) {
            key->zeros = words ? key->zeros : 0;
            words = true;
            fps__key_flush_zeros(key, true);
            fps__key_put(key, FPS__KEY_BELOW);
            fps__key_put_text(key, version, letters);
        } else if (*version != '.' && *version != ' ') {
            return false;
        }
        version += digits + letters ? digits + letters : 1;
    }
    fps__key_put(key, FPS__KEY_END);
    return true;
}

/* ---- Maven ---- */

/* The order of what can follow a common beginning: "alpha" .. "snapshot" < the end < "sp" < other words < "-1" < ".1". */
enum {
    MAVEN_BEFORE = 1,
    MAVEN_END = 3,
    MAVEN_SP = 4,
    MAVEN_WORD = 5,
    MAVEN_DASH_NUMBER = 6,
    MAVEN_ZEROS = 7,
    MAVEN_NUMBER = 8,
};

static void put_maven_word(fps__key_writer *key, const char *text, size_t length)
{
    static const struct {
        const char *word;
        uint8_t order; /* 0: says nothing */
        bool with_number;
    } words[] = {
        {"alpha", 1, false},     {"a", 1, true},   {"beta", 2, false},  {"b", 2, true},
        {"milestone", 3, false}, {"m", 3, true},   {"rc", 4, false},    {"cr", 4, false},
        {"snapshot", 5, false},  {"ga", 0, false}, {"final", 0, false}, {"release", 0, false},
        {"sp", 9, false},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].word) != length || !fps__key_word(text, words[i].word) ||
            (words[i].with_number && !fps__key_is_digit(text[length])))
            continue;
        if (words[i].order)
            fps__key_put(key, words[i].order == 9 ? MAVEN_SP : MAVEN_BEFORE);
        if (words[i].order && words[i].order != 9)
            fps__key_put(key, words[i].order);
        return;
    }
    fps__key_put(key, MAVEN_WORD);
    for (size_t i = 0; i < length; i++)
        fps__key_put(key, (unsigned char)fps__key_lower(text[i]));
    fps__key_put(key, 0);
}

static void put_maven_number(fps__key_writer *key, const char *digits, size_t length, bool dash)
{
    bool zero = strspn(digits, "0") >= length;
    if (zero) {
        key->zeros += !dash;
        return;
    }
    if (!dash && key->zeros) {
        fps__key_put(key, MAVEN_ZEROS);
        fps__key_put(key, 255 - (unsigned)(key->zeros < 255 ? key->zeros : 255));
    }
    key->zeros = 0;
    fps__key_put(key, dash ? MAVEN_DASH_NUMBER : MAVEN_NUMBER);
    fps__key_put_digits(key, digits, length);
}

bool fps__key_maven(fps__key_writer *key, const char *version)
{
    bool dash = false, word = false;
    while (*version) {
        size_t digits = fps__key_digits(version), letters = digits ? 0 : fps__key_letters(version);
        if (digits) {
            put_maven_number(key, version, digits, dash || word);
        } else if (letters) {
            key->zeros = 0;
            put_maven_word(key, version, letters);
        } else {
            dash = *version != '.';
        }
        if (digits || letters)
            dash = false;
        word = letters != 0;
        version += digits + letters ? digits + letters : 1;
    }
    fps__key_put(key, MAVEN_END);
    return true;
}
