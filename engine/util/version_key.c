/* The table of version schemes, and what their keys are written with. */
#include "util/version_key_writer.h"

#include <string.h>

static const struct {
    const char *name;
    fps__key_maker make;
} schemes[FPS__KEY_SCHEMES] = {
    [FPS__KEY_GENERIC] = {"generic", fps__key_generic},
    [FPS__KEY_DEBIAN] = {"debian", fps__key_debian},
    [FPS__KEY_RPM] = {"rpm", fps__key_rpm},
    [FPS__KEY_APK] = {"apk", fps__key_apk},
    [FPS__KEY_SEMVER] = {"semver", fps__key_semver},
    [FPS__KEY_PEP440] = {"pep440", fps__key_pep440},
    [FPS__KEY_GO] = {"go", fps__key_go},
    [FPS__KEY_MAVEN] = {"maven", fps__key_maven},
    [FPS__KEY_GEM] = {"gem", fps__key_gem},
    [FPS__KEY_NPM] = {"npm", fps__key_semver},
    [FPS__KEY_OPENSSL] = {"openssl", fps__key_openssl},
};

const char *fps__key_scheme_name(fps__key_scheme scheme)
{
    return (unsigned)scheme < FPS__KEY_SCHEMES ? schemes[scheme].name : "unknown";
}

bool fps__key_scheme_find(const char *name, fps__key_scheme *scheme)
{
    for (unsigned i = 0; i < FPS__KEY_SCHEMES; i++)
        if (!strcmp(schemes[i].name, name)) {
            *scheme = (fps__key_scheme)i;
            return true;
        }
    return false;
}

size_t fps__version_key(fps__key_scheme scheme, const char *version, uint8_t bytes[FPS__MAX_KEY])
{
    fps__key_writer key = {.bytes = bytes};
    while (*version == ' ' || *version == '\t')
        version++;
    size_t length = strlen(version);
    if ((unsigned)scheme >= FPS__KEY_SCHEMES || !length || length >= FPS__MAX_KEY_VERSION)
        return 0;
    return schemes[scheme].make(&key, version) && !key.full ? key.used : 0;
}

size_t fps__version_key_exact(fps__key_scheme scheme, const char *version, uint8_t bytes[FPS__MAX_KEY])
{
    enum { NO_VERSION = 0xfe }; /* no scheme begins a key so */
    fps__key_writer key = {.bytes = bytes};
    size_t length = strlen(version), size = fps__version_key(scheme, version, bytes);
    if (size || !length || length >= FPS__MAX_KEY_VERSION)
        return size;
    fps__key_put(&key, NO_VERSION);
    fps__key_put_text(&key, version, length);
    return key.used;
}

int fps__version_key_compare(fps__key_scheme scheme, const char *a, const char *b, bool *known)
{
    uint8_t first[FPS__MAX_KEY], second[FPS__MAX_KEY];
    size_t first_size = fps__version_key(scheme, a, first), second_size = fps__version_key(scheme, b, second);
    *known = first_size && second_size;
    if (!*known)
        return 0;
    int order = memcmp(first, second, first_size < second_size ? first_size : second_size);
    return order ? order : (first_size > second_size) - (first_size < second_size);
}

/* ---- writing ---- */

void fps__key_put(fps__key_writer *key, unsigned byte)
{
    if (key->used == FPS__MAX_KEY)
        key->full = true;
    else
        key->bytes[key->used++] = (uint8_t)byte;
}

void fps__key_put_text(fps__key_writer *key, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fps__key_put(key, (unsigned char)text[i]);
    fps__key_put(key, 0);
}

void fps__key_put_digits(fps__key_writer *key, const char *digits, size_t length)
{
    for (; length && *digits == '0'; length--)
        digits++;
    fps__key_put(key, 0x10 + (length < 0xe0 ? (unsigned)length : 0xe0));
    for (size_t i = 0; i < length; i++)
        fps__key_put(key, (unsigned char)digits[i]);
}

void fps__key_flush_zeros(fps__key_writer *key, bool below)
{
    if (!key->zeros)
        return;
    unsigned count = key->zeros < 255 ? (unsigned)key->zeros : 255;
    fps__key_put(key, below ? FPS__KEY_ZEROS_BELOW : FPS__KEY_ZEROS_ABOVE);
    fps__key_put(key, below ? count : 255 - count);
    key->zeros = 0;
}

static bool is_zero(const char *digits, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (digits[i] != '0')
            return false;
    return true;
}

void fps__key_put_component(fps__key_writer *key, const char *digits, size_t length)
{
    if (is_zero(digits, length)) {
        key->zeros++;
        return;
    }
    fps__key_flush_zeros(key, false);
    fps__key_put(key, FPS__KEY_NUMBER);
    fps__key_put_digits(key, digits, length);
}

/* ---- reading ---- */

bool fps__key_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool fps__key_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char fps__key_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

size_t fps__key_digits(const char *text)
{
    size_t count = 0;
    while (fps__key_is_digit(text[count]))
        count++;
    return count;
}

size_t fps__key_letters(const char *text)
{
    size_t count = 0;
    while (fps__key_is_letter(text[count]))
        count++;
    return count;
}

bool fps__key_word(const char *text, const char *word)
{
    for (; *word; text++, word++)
        if (fps__key_lower(*text) != *word)
            return false;
    return !fps__key_is_letter(*text);
}
