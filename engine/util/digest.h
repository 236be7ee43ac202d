/* Digests as text: hexadecimal digits, and "sha256:" with 64 of them, as images write them. */
#ifndef FPS_UTIL_DIGEST_H
#define FPS_UTIL_DIGEST_H

#include "util/bytes.h"

enum {
    FPS__SHA256_SIZE = 32,                                          /* bytes */
    FPS__SHA256_DIGITS = 2 * FPS__SHA256_SIZE,                      /* hexadecimal digits */
    FPS__SHA256_PREFIX = 7,                                         /* characters of "sha256:" */
    FPS__SHA256_TEXT = FPS__SHA256_PREFIX + FPS__SHA256_DIGITS + 1, /* "sha256:" and digits, with the NUL */
};

/* The value of a hexadecimal digit in either case, -1 for any other character. */
int fps__hex_digit(char c);
/* Reads 2 * size digits into bytes[0..size); false unless text[0..length) is exactly that. */
bool fps__hex_read(const char *text, size_t length, uint8_t *bytes, size_t size);
/* Writes 2 * size lower-case digits and a NUL. */
void fps__hex_write(const uint8_t *bytes, size_t size, char *text);

/* The 64 digits of "sha256:DIGITS" in lower case, NULL when `text` is anything else. */
const char *fps__sha256_digits(const char *text);
/* Reads "sha256:DIGITS"; false when `text` is anything else. */
bool fps__sha256_read(const char *text, uint8_t digest[FPS__SHA256_SIZE]);
/* Writes "sha256:DIGITS" and a NUL. */
void fps__sha256_write(const uint8_t digest[FPS__SHA256_SIZE], char text[FPS__SHA256_TEXT]);

#endif
