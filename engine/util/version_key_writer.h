/* What the schemes of version keys share: a buffer, numbers of any length, and runs of zeros. For util/version_key_*.c. */
#ifndef FPS_UTIL_VERSION_KEY_WRITER_H
#define FPS_UTIL_VERSION_KEY_WRITER_H

#include "util/version_key.h"

/* What stands at a place of a version that is padded with zeros without end, in the order in which it sorts. A run of zeros
 * sorts by what follows it: before the end where that is less than zero, behind the end where it is more. */
enum {
    FPS__KEY_BELOW = 1,       /* less than zero: a word for "before the release" */
    FPS__KEY_ZEROS_BELOW = 2, /* a run of zeros, then something less than zero */
    FPS__KEY_END = 3,
    FPS__KEY_ZEROS_ABOVE = 4, /* a run of zeros, then something more than zero */
    FPS__KEY_ABOVE = 5,       /* more than zero, less than any number: a word for "after the release" */
    FPS__KEY_NUMBER = 6,
    FPS__KEY_LETTER = 7, /* a letter right behind a number: 1.0a */
};

typedef struct fps__key_writer {
    uint8_t *bytes; /* FPS__MAX_KEY of them */
    size_t used;
    size_t zeros; /* that wait for what follows */
    bool full;
} fps__key_writer;

void fps__key_put(fps__key_writer *key, unsigned byte);
/* The bytes as they are, then a NUL: a shorter text sorts first. */
void fps__key_put_text(fps__key_writer *key, const char *text, size_t length);
/* Digits as a number: their count without leading zeros, then the digits. */
void fps__key_put_digits(fps__key_writer *key, const char *digits, size_t length);
/* A component of a version that is padded with zeros: a zero waits, another number is FPS__KEY_NUMBER. */
void fps__key_put_component(fps__key_writer *key, const char *digits, size_t length);
/* Writes the zeros that wait, before something less than zero or something more. */
void fps__key_flush_zeros(fps__key_writer *key, bool below);

bool fps__key_is_digit(char c);
bool fps__key_is_letter(char c);
char fps__key_lower(char c);
size_t fps__key_digits(const char *text);
size_t fps__key_letters(const char *text);
/* The text begins with `word` in any case, and no letter follows. */
bool fps__key_word(const char *text, const char *word);

/* The schemes; false when the version is not one of them. */
typedef bool (*fps__key_maker)(fps__key_writer *key, const char *version);
bool fps__key_generic(fps__key_writer *key, const char *version);
bool fps__key_openssl(fps__key_writer *key, const char *version);
bool fps__key_debian(fps__key_writer *key, const char *version);
bool fps__key_rpm(fps__key_writer *key, const char *version);
bool fps__key_apk(fps__key_writer *key, const char *version);
bool fps__key_semver(fps__key_writer *key, const char *version);
bool fps__key_go(fps__key_writer *key, const char *version);
bool fps__key_pep440(fps__key_writer *key, const char *version);
bool fps__key_maven(fps__key_writer *key, const char *version);
bool fps__key_gem(fps__key_writer *key, const char *version);

#endif
