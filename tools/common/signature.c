/* Signs files and checks signatures with Ed25519. */
#include "common/signature.h"

#include "common/message.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIGNATURE = 64, TEXT = 88 }; /* bytes; in base64 with its end */

typedef struct mapping {
    const uint8_t *bytes;
    size_t size;
} mapping;

static bool map_file(const char *program, const char *path, mapping *made)
{
    struct stat st;
    *made = (mapping){NULL, 0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
    void *bytes = good ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    int reason = errno;
    if (fd >= 0)
        close(fd);
    if (bytes == MAP_FAILED) {
        message_print(program, "%s: cannot be read: %s", path,
                      reason ? strerror(reason) : "it is empty or no file");
        return false;
    }
    *made = (mapping){bytes, (size_t)st.st_size};
    return true;
}

static void unmap_file(mapping *made)
{
    if (made->bytes)
        munmap((void *)(uintptr_t)made->bytes, made->size);
}

static EVP_PKEY *read_key(const char *program, const char *path, bool private)
{
    FILE *file = fopen(path, "rbe");
    EVP_PKEY *key = NULL;
    if (file)
        key = private ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : PEM_read_PUBKEY(file, NULL, NULL, NULL);
    if (!file)
        message_print(program, "%s: cannot be read: %s", path, strerror(errno));
    else if (!key || EVP_PKEY_id(key) != EVP_PKEY_ED25519) {
        message_print(program, "%s: no %s Ed25519 key in PEM", path, private ? "private" : "public");
        EVP_PKEY_free(key);
        key = NULL;
    }
    if (file)
        fclose(file);
    return key;
}

static char *signature_path(const char *path)
{
    char *made = NULL;
    return asprintf(&made, "%s%s", path, SIGNATURE_EXTENSION) < 0 ? NULL : made;
}

static bool write_text(const char *program, const char *path, const char *text)
{
    FILE *file = fopen(path, "wbe");
    bool good = file && fprintf(file, "%s\n", text) > 0;
    if (file && fclose(file) != 0)
        good = false;
    if (!good)
        message_print(program, "%s: cannot be written: %s", path, strerror(errno));
    return good;
}

bool signature_make(const char *program, const char *path, const char *key_path)
{
    mapping file;
    uint8_t signature[SIGNATURE];
    char text[TEXT + 1], *to = signature_path(path);
    size_t size = sizeof signature;
    EVP_PKEY *key = read_key(program, key_path, true);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = to && key && context && map_file(program, path, &file);
    if (good) {
        good = EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
               EVP_DigestSign(context, signature, &size, file.bytes, file.size) == 1 &&
               size == sizeof signature;
        unmap_file(&file);
        if (!good)
            message_print(program, "%s: cannot be signed", path);
    }
    if (good) {
        EVP_EncodeBlock((uint8_t *)text, signature, SIGNATURE);
        good = write_text(program, to, text);
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    free(to);
    return good;
}

/* False when there is no signature in the file; *found tells whether there is a file. */
static bool read_signature(const char *path, uint8_t signature[SIGNATURE], bool *found)
{
    char *from = signature_path(path), text[TEXT + 2] = "";
    uint8_t decoded[SIGNATURE + 4];
    FILE *file = from ? fopen(from, "rbe") : NULL;
    size_t size = file ? fread(text, 1, TEXT + 1, file) : 0;
    *found = file != NULL;
    if (file)
        fclose(file);
    free(from);
    bool good = size >= TEXT && (size == TEXT || text[TEXT] == '\n') &&
                EVP_DecodeBlock(decoded, (const uint8_t *)text, TEXT) >= SIGNATURE;
    if (good)
        memcpy(signature, decoded, SIGNATURE);
    return good;
}

signature_verdict signature_check(const char *program, const char *path, const char *key_path)
{
    mapping file;
    uint8_t signature[SIGNATURE];
    bool found;
    if (!read_signature(path, signature, &found))
        return found ? SIGNATURE_BAD : SIGNATURE_MISSING;
    EVP_PKEY *key = read_key(program, key_path, false);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    signature_verdict verdict = SIGNATURE_FAILED;
    if (key && context && map_file(program, path, &file)) {
        bool good = EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                    EVP_DigestVerify(context, signature, SIGNATURE, file.bytes, file.size) == 1;
        verdict = good ? SIGNATURE_GOOD : SIGNATURE_BAD;
        unmap_file(&file);
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return verdict;
}
