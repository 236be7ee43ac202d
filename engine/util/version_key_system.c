/* Version keys of distributions: Debian, RPM, apk. */
#include "util/version_key_writer.h"

#include <string.h>

/* Writes "EPOCH:" as four bytes and steps over it; epoch 0 where there is none. */
static const char *put_epoch(fps__key_writer *key, const char *version)
{
    size_t digits = fps__key_digits(version);
    uint64_t epoch = 0;
    bool given = digits && digits <= 9 && version[digits] == ':';
    for (size_t i = 0; given && i < digits; i++)
        epoch = epoch * 10 + (uint64_t)(version[i] - '0');
    for (int shift = 24; shift >= 0; shift -= 8)
        fps__key_put(key, (unsigned)(epoch >> shift) & 0xff);
    return given ? version + digits + 1 : version;
}

/* Where the last dash of `text` stands, its length when there is none. */
static size_t last_dash(const char *text)
{
    const char *dash = strrchr(text, '-');
    return dash ? (size_t)(dash - text) : strlen(text);
}

/* ---- Debian ---- */

/* deb-version(7): parts without digits and numbers in turn. In a part without digits "~" comes before its end, then letters,
 * then all others. */
static void put_debian_part(fps__key_writer *key, const char *text, size_t length)
{
    enum { TILDE = 1, END = 2, OTHERS = 0x80 };
    size_t at = 0;
    do {
        for (; at < length && !fps__key_is_digit(text[at]); at++) {
            unsigned char c = (unsigned char)text[at];
            if (c == '~')
                fps__key_put(key, TILDE);
            else
                fps__key_put(key, fps__key_is_letter((char)c) ? c : OTHERS | c);
        }
        fps__key_put(key, END);
        size_t start = at;
        while (at < length && fps__key_is_digit(text[at]))
            at++;
        fps__key_put_digits(key, text + start, at - start);
    } while (at < length);
    fps__key_put(key, END);
}

bool fps__key_debian(fps__key_writer *key, const char *version)
{
    version = put_epoch(key, version);
    size_t dash = last_dash(version);
    put_debian_part(key, version, dash);
    put_debian_part(key, version + dash + (version[dash] == '-'),
                    version[dash] ? strlen(version + dash + 1) : 0);
    return true;
}

/* ---- RPM ---- */

/* rpm-version(7): runs of digits and of letters; whatever else is there only separates. "~" comes before the end, "^"
 * behind it, then letters, then numbers. */
static void put_rpm_part(fps__key_writer *key, const char *text, size_t length)
{
    enum { TILDE = 1, END = 2, CARET = 3, LETTERS = 4, NUMBER = 5 };
    for (size_t at = 0; at < length;) {
        size_t start = at;
        if (fps__key_is_digit(text[at])) {
            while (at < length && fps__key_is_digit(text[at]))
                at++;
            fps__key_put(key, NUMBER);
            fps__key_put_digits(key, text + start, at - start);
        } else if (fps__key_is_letter(text[at])) {
            while (at < length && fps__key_is_letter(text[at]))
                at++;
            fps__key_put(key, LETTERS);
            fps__key_put_text(key, text + start, at - start);
        } else {
            if (text[at] == '~' || text[at] == '^')
                fps__key_put(key, text[at] == '~' ? TILDE : CARET);
            at++;
        }
    }
    fps__key_put(key, END);
}

bool fps__key_rpm(fps__key_writer *key, const char *version)
{
    version = put_epoch(key, version);
    size_t dash = last_dash(version);
    put_rpm_part(key, version, dash);
    fps__key_put(key,
                 version[dash] != '\0'); /* a version without a release comes before all of its releases */
    put_rpm_part(key, version + dash + (version[dash] == '-'),
                 version[dash] ? strlen(version + dash + 1) : 0);
    return true;
}

/* ---- apk ---- */

enum {
    APK_BEFORE = 1, /* a suffix that comes before the release */
    APK_END = 2,
    APK_REVISION = 3,
    APK_COMMIT = 4,
    APK_SUFFIX_NUMBER = 5,
    APK_SUFFIX = 6,
    APK_LETTER = 7,
    APK_COMPONENT = 8,
};

/* One of "_alpha" .. "_p" with its number; the bytes read, 0 for no suffix. */
static size_t put_apk_suffix(fps__key_writer *key, const char *text)
{
    static const char *const suffixes[] = {"alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"};
    enum { BEFORE_RELEASE = 4 };
    for (unsigned i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t length = strlen(suffixes[i]);
        if (strncmp(text, suffixes[i], length) || fps__key_is_letter(text[length]))
            continue;
        fps__key_put(key, i < BEFORE_RELEASE ? APK_BEFORE : APK_SUFFIX);
        fps__key_put(key, i);
        size_t digits = fps__key_digits(text + length);
        if (digits) {
            fps__key_put(key, APK_SUFFIX_NUMBER);
            fps__key_put_digits(key, text + length, digits);
        }
        return length + digits;
    }
    return 0;
}

/* ".05" is less than ".5": numbers with leading zeros are compared as texts. */
static void put_apk_component(fps__key_writer *key, const char *digits, size_t length)
{
    fps__key_put(key, APK_COMPONENT);
    fps__key_put(key, *digits != '0');
    if (*digits == '0')
        fps__key_put_text(key, digits, length);
    else
        fps__key_put_digits(key, digits, length);
}

static const char *put_apk_numbers(fps__key_writer *key, const char *version)
{
    size_t digits = fps__key_digits(version);
    fps__key_put_digits(key, version, digits);
    version += digits;
    while (*version == '.' && (digits = fps__key_digits(version + 1))) {
        put_apk_component(key, version + 1, digits);
        version += 1 + digits;
    }
    if (*version >= 'a' && *version <= 'z') {
        fps__key_put(key, APK_LETTER);
        fps__key_put(key, (unsigned char)*version++);
    }
    return version;
}

bool fps__key_apk(fps__key_writer *key, const char *version)
{
    if (!fps__key_is_digit(*version))
        return false;
    version = put_apk_numbers(key, version);
    while (*version == '_') {
        size_t length = put_apk_suffix(key, version + 1);
        if (!length)
            return false;
        version += 1 + length;
    }
    if (*version == '~') {
        size_t length = strspn(version + 1, "0123456789abcdef");
        fps__key_put(key, APK_COMMIT);
        fps__key_put_text(key, version + 1, length);
        version += 1 + length;
    }
    if (version[0] == '-' && version[1] == 'r') {
        size_t digits = fps__key_digits(version + 2);
        fps__key_put(key, APK_REVISION);
        fps__key_put_digits(key, version + 2, digits);
        version += 2 + digits;
    }
    fps__key_put(key, APK_END);
    return !*version;
}
