/* Signatures of files: Ed25519 (RFC 8032) over all of their bytes, by OpenSSL. The signature of FILE is FILE.sig, one line of
 * base64. Keys are PEM files, as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them. */
#ifndef TOOLS_COMMON_SIGNATURE_H
#define TOOLS_COMMON_SIGNATURE_H

#include <stdbool.h>

#define SIGNATURE_EXTENSION ".sig"

/* Writes the signature of `path` with the private key in `key`. False: a message was printed, in the name of `program`. */
bool signature_make(const char *program, const char *path, const char *key);

typedef enum signature_verdict {
    SIGNATURE_GOOD,
    SIGNATURE_BAD,     /* it is of another file or key, or damaged */
    SIGNATURE_MISSING, /* there is none */
    SIGNATURE_FAILED,  /* the file or the key cannot be read: a message was printed */
} signature_verdict;

/* Checks the signature of `path` with the public key in `key`. */
signature_verdict signature_check(const char *program, const char *path, const char *key);

#endif
