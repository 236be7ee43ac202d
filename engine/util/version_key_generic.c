/* Version keys of upstream releases that follow no written scheme, and of OpenSSL's. */
#include "util/version_key_writer.h"

#include <string.h>

/* libversion's rules (repology, doc/ALGORITHM.md), as facts: a version is padded with zeros; words come before the release, but
 * "post", "patch", "pl", "errata" and "p" with a number come behind it; a single letter behind a number, without a number of
 * its own, is a later release. Two rules of our own: "~" comes before the release, "+" and "^" come behind it. */

static bool is_later_word(const char *text, size_t length)
{
    static const char *const words[] = {"post", "patch", "pl", "errata"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (length == strlen(words[i]) && fps__key_word(text, words[i]))
            return true;
    return length == 1 && fps__key_lower(*text) == 'p' && fps__key_is_digit(text[1]);
}

static void put_word(fps__key_writer *key, const char *text, size_t length, bool behind_number)
{
    char letter = fps__key_lower(*text);
    bool suffix = behind_number && length == 1 && !fps__key_is_digit(text[1]),
         later = is_later_word(text, length);
    fps__key_flush_zeros(key, !suffix && !later);
    fps__key_put(key, suffix ? FPS__KEY_LETTER : later ? FPS__KEY_ABOVE : FPS__KEY_BELOW);
    fps__key_put(key, (unsigned char)letter);
}

bool fps__key_generic(fps__key_writer *key, const char *version)
{
    version += (*version == 'v' || *version == 'V') && fps__key_is_digit(version[1]);
    bool behind_number = false, any = false, behind_plus = false;
    while (*version) {
        size_t digits = fps__key_digits(version), letters = digits ? 0 : fps__key_letters(version);
        if (digits) {
            fps__key_put_component(key, version, digits);
        } else if (letters) {
            if (!behind_plus)
                put_word(key, version, letters, behind_number);
        } else if (strchr("~+^", *version)) {
            fps__key_flush_zeros(key, *version == '~');
            fps__key_put(key, *version == '~' ? FPS__KEY_BELOW : FPS__KEY_ABOVE);
            fps__key_put(key, 1);
        }
        any = any || digits || letters;
        behind_number = digits != 0;
        behind_plus = !digits && !letters && (*version == '+' || *version == '^');
        version += digits + letters ? digits + letters : 1;
    }
    fps__key_put(key, FPS__KEY_END);
    return any;
}

/* Words that OpenSSL puts behind a number for what comes before the release, in their order. */
static unsigned openssl_phase(const char *text, size_t length)
{
    static const char *const words[] = {"dev", "alpha", "beta", "pre", "rc"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (length == strlen(words[i]) && fps__key_word(text, words[i]))
            return i + 1;
    return 0;
}

bool fps__key_openssl(fps__key_writer *key, const char *version)
{
    version += (*version == 'v' || *version == 'V') && fps__key_is_digit(version[1]);
    if (!fps__key_is_digit(*version))
        return false;
    for (;;) {
        size_t digits = fps__key_digits(version);
        fps__key_put_component(key, version, digits);
        version += digits;
        if (version[0] != '.' || !fps__key_is_digit(version[1]))
            break;
        version++;
    }
    key->zeros = 0;
    const char *word = version + strspn(version, "-_~.");
    size_t letters = fps__key_letters(word);
    unsigned phase = openssl_phase(word, letters);
    if (phase) {
        fps__key_put(key, FPS__KEY_BELOW);
        fps__key_put(key, phase);
        const char *number = word + letters + strspn(word + letters, "-_.");
        fps__key_put_digits(key, number, fps__key_digits(number));
    } else {
        fps__key_put(key, FPS__KEY_END);
        letters = word == version ? letters : 0;
        for (size_t i = 0; i < letters; i++)
            fps__key_put(key, (unsigned char)fps__key_lower(word[i]));
        fps__key_put(key, 0);
    }
    return true;
}
