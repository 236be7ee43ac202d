/* Identifiers that bills of materials carry: package URL, CPE name, reference, serial number. */
#include "report/report_identifier.h"

#include "report/report_view.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* A text that grows in a fixed buffer; `full` once something did not fit. */
typedef struct cursor {
    char *text;
    size_t size, used;
    bool full;
} cursor;

static void put(cursor *c, const char *bytes, size_t size)
{
    if (c->full || size >= c->size - c->used) {
        c->full = true;
        return;
    }
    memcpy(c->text + c->used, bytes, size);
    c->used += size;
}

static size_t finish(cursor *c)
{
    if (c->full)
        c->used = 0;
    c->text[c->used] = '\0';
    return c->used;
}

/* Trusted text of at most 79 bytes. */
static void put_format(cursor *c, const char *format, ...)
{
    char text[80];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put(c, text, length > 0 ? (size_t)length : 0);
}

static bool is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~+", c));
}

/* Everything but plain characters and those of `also` is percent-encoded. */
static void put_encoded(cursor *c, const char *text, size_t size, const char *also)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (is_plain(byte) || strchr(also, byte))
            put(c, text + i, 1);
        else
            put_format(c, "%%%02X", byte);
    }
}

size_t fps__purl_text(const char *purl, const char *version, char *text, size_t size)
{
    cursor c = {text, size, 0, false};
    size_t base = strcspn(purl, "?#");
    if (strncmp(purl, "pkg:", 4) != 0)
        base = 0;
    put_encoded(&c, purl, base, version ? "/:%" : "/:%@");
    if (base && version) {
        put(&c, "@", 1);
        put_encoded(&c, version, strlen(version), ":");
    }
    if (base)
        put_encoded(&c, purl + base, strlen(purl + base), "/:%?#=&");
    return finish(&c);
}

size_t fps__cpe_text(const char *cpe, const char *version, char *text, size_t size)
{
    cursor c = {text, size, 0, false};
    unsigned colons = 0;
    size_t base = 0;
    for (; cpe[base]; base++)
        if (cpe[base] == ':' && (base == 0 || cpe[base - 1] != '\\') && ++colons == 5)
            break;
    bool usable = strncmp(cpe, "cpe:2.3:", 8) == 0 && colons >= 4;
    for (size_t i = 0; i < base; i++)
        usable = usable && cpe[i] > ' ' && cpe[i] < 127;
    if (usable) {
        put(&c, cpe, base);
        put(&c, ":", 1);
        for (const char *p = version ? version : ""; *p; p++) {
            if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
                put(&c, "\\", 1);
            char low = (char)tolower((unsigned char)*p);
            put(&c, &low, 1);
        }
        put(&c, version && *version ? "" : "*", version && *version ? 0 : 1);
        put(&c, ":*:*:*:*:*:*:*", 14);
    }
    return finish(&c);
}

static uint64_t hash_text(const char *text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text, strlen(text), seed);
}

size_t fps__reference_text(const fps_component *component, char *text, size_t size)
{
    cursor c = {text, size, 0, false};
    const fps_version_answer *version = component->version;
    uint64_t hash = 0;
    for (size_t i = 0; i < version->candidate_count; i++)
        hash = hash_text(version->candidates[i], hash);
    const char *kind = fps_version_kind_name(version->kind);
    put_encoded(&c, component->id, strlen(component->id), "/");
    put(&c, "@", 1);
    if (version->kind == FPS_VERSION_EXACT && version->version)
        put_encoded(&c, version->version, strlen(version->version), ":");
    else
        put_format(&c, "%s:%016llx", kind, (unsigned long long)hash);
    if (c.full) {
        c = (cursor){text, size, 0, false};
        put_format(&c, "id:%016llx@%s:%016llx", (unsigned long long)hash_text(component->id, 0), kind,
                   (unsigned long long)hash);
    }
    return finish(&c);
}

void *fps__uuid_create(void)
{
    /* UUIDv5 of "fpscan:result" in the URL namespace */
    static const unsigned char namespace_bytes[16] = {0x6b, 0x25, 0xc5, 0x9b, 0x9d, 0xa4, 0x5f, 0xc3,
                                                      0xa3, 0x05, 0xfe, 0x8d, 0x24, 0x49, 0xb9, 0x0d};
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && (EVP_DigestInit_ex(context, EVP_sha1(), NULL) != 1 ||
                    EVP_DigestUpdate(context, namespace_bytes, sizeof namespace_bytes) != 1)) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    return context;
}

fps_status fps__uuid_add(void *uuid, const char *bytes, size_t size)
{
    return EVP_DigestUpdate(uuid, bytes, size) == 1 ? FPS_OK : FPS_ERROR_MEMORY;
}

bool fps__uuid_finish(void *uuid, char *text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[33];
    bool good = EVP_DigestFinal_ex(uuid, digest, NULL) == 1;
    EVP_MD_CTX_free(uuid);
    if (!good)
        return false;
    digest[6] = (unsigned char)((digest[6] & 0x0F) | 0x50);
    digest[8] = (unsigned char)((digest[8] & 0x3F) | 0x80);
    fps__hex(digest, 16, hex);
    snprintf(text, FPS__UUID_SIZE, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
    return true;
}
