/* Versions as byte strings that memcmp puts into the order of their ecosystem, so that a range of versions is a range of an
 * index. util/version.h orders upstream releases without a key; it tells 1.0 from 1.0.0, which ranges of advisories must not. */
#ifndef FPS_UTIL_VERSION_KEY_H
#define FPS_UTIL_VERSION_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are stored in advisory databases and do not change. */
typedef enum fps__key_scheme {
    FPS__KEY_GENERIC = 0, /* any upstream version, by the rules of libversion */
    FPS__KEY_DEBIAN = 1,  /* deb-version(7) */
    FPS__KEY_RPM = 2,     /* rpm-version(7) */
    FPS__KEY_APK = 3,     /* apk-package(5) */
    FPS__KEY_SEMVER =
        4, /* Semantic Versioning 2.0.0; any number of numbers, "v" and "=" allowed before them */
    FPS__KEY_PEP440 = 5,   /* PEP 440 */
    FPS__KEY_GO = 6,       /* Go modules, and "go1.22rc1" of the toolchain */
    FPS__KEY_MAVEN = 7,    /* the POM reference, "Version Order Specification" */
    FPS__KEY_GEM = 8,      /* Gem::Version */
    FPS__KEY_NPM = 9,      /* as SEMVER */
    FPS__KEY_OPENSSL = 10, /* numbers, then letters (1.0.2k < 1.0.2za) or a word for "before the release" */
    FPS__KEY_SCHEMES,
} fps__key_scheme;

enum {
    FPS__MAX_KEY_VERSION = 256, /* bytes of the longest version, with its NUL */
    FPS__MAX_KEY =
        4 * FPS__MAX_KEY_VERSION, /* bytes of the longest key: no byte of a version makes more than four */
};

/* Writes the key of `version` and gives its length in bytes; 0 when the version is not one of this scheme, or too long. Two
 * versions that the ecosystem calls equal have the same key. No key is the beginning of another one, and none begins with
 * 0xff: an end without a bound can be written so. Thread-safe. */
size_t fps__version_key(fps__key_scheme scheme, const char *version, uint8_t key[FPS__MAX_KEY]);
/* The same, with a key for what is no version of the scheme, too: the text behind 0xfe, so that it equals itself alone, is in ranges
 * without an end, and in no others. For lists of single versions, and to look one up: "4.11-final" is a release on PyPI. */
size_t fps__version_key_exact(fps__key_scheme scheme, const char *version, uint8_t key[FPS__MAX_KEY]);
/* Negative, zero or positive as `a` is before, with or after `b`; *known is false, and the answer 0, when one has no key. */
int fps__version_key_compare(fps__key_scheme scheme, const char *a, const char *b, bool *known);

/* "debian", "pep440"; static storage, never NULL. */
const char *fps__key_scheme_name(fps__key_scheme scheme);
/* False when no scheme has the name. */
bool fps__key_scheme_find(const char *name, fps__key_scheme *scheme);

#endif
