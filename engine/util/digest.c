/* Digests as text: hexadecimal digits, and "sha256:" with 64 of them, as images write them. */
#include "util/digest.h"

int fps__hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool fps__hex_read(const char *text, size_t length, uint8_t *bytes, size_t size)
{
    if (length / 2 != size || length % 2)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = fps__hex_digit(text[2 * i]), low = fps__hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void fps__hex_write(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

const char *fps__sha256_digits(const char *text)
{
    if (strncmp(text, "sha256:", FPS__SHA256_PREFIX) != 0)
        return NULL;
    const char *digits = text + FPS__SHA256_PREFIX;
    size_t count = strspn(digits, "0123456789abcdef");
    return count == FPS__SHA256_DIGITS && !digits[count] ? digits : NULL;
}

bool fps__sha256_read(const char *text, uint8_t digest[FPS__SHA256_SIZE])
{
    const char *digits = fps__sha256_digits(text);
    return digits && fps__hex_read(digits, FPS__SHA256_DIGITS, digest, FPS__SHA256_SIZE);
}

void fps__sha256_write(const uint8_t digest[FPS__SHA256_SIZE], char text[FPS__SHA256_TEXT])
{
    memcpy(text, "sha256:", FPS__SHA256_PREFIX);
    fps__hex_write(digest, FPS__SHA256_SIZE, text + FPS__SHA256_PREFIX);
}
