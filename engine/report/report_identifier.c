/* Identifiers that bills of materials carry: package URL, CPE name, reference, serial number. */
#include "report/report_identifier.h"

#include "report/report_view.h"
#include "util/cursor.h"
#include "util/digest.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* True when `text`, which is shorter than FPS__IDENTIFIER_SIZE, is percent-encoded UTF-8: otherwise readers
 * refuse the whole package URL. */
static bool decodes(const char *text)
{
    char plain[FPS__IDENTIFIER_SIZE];
    size_t size = 0, length = 0;
    uint32_t code = 0;
    for (; *text && size < sizeof plain; text++) {
        unsigned byte = (unsigned char)*text;
        if (byte == '%') {
            int high = fps__hex_digit(text[1]), low = high < 0 ? -1 : fps__hex_digit(text[2]);
            if (low < 0)
                return false;
            byte = (unsigned)high << 4 | (unsigned)low;
            text += 2;
        }
        plain[size++] = (char)byte;
    }
    for (size_t i = 0; i < size; i += length) {
        length = fps__utf8_next(plain + i, size - i, &code);
        if (!length)
            return false;
    }
    return true;
}

size_t fps__purl_text(const char *purl, const char *version, char *text, size_t size)
{
    fps__cursor c = {text, size, 0, false};
    size_t base = strcspn(purl, "?#");
    if (strncmp(purl, "pkg:", 4) != 0)
        base = 0;
    fps__cursor_encoded(&c, purl, base, version ? "/:%+" : "/:%@+");
    if (base && version) {
        fps__cursor_put(&c, "@", 1);
        fps__cursor_encoded(&c, version, strlen(version), ":");
    }
    if (base)
        fps__cursor_encoded(&c, purl + base, strlen(purl + base), "/:%?#=&+");
    size_t length = fps__cursor_finish(&c);
    if (length < FPS__IDENTIFIER_SIZE && decodes(text))
        return length;
    *text = '\0';
    return 0;
}

/* Bytes of a patch level at the end of a version ("p1" of "9.2p1"), which NVD writes as the update behind it (openssh:9.2:p1,
 * ntp:4.2.8:p15); 0 for none. */
static size_t patch_level(const char *version, size_t length)
{
    size_t digits = 0;
    while (digits < length && isdigit((unsigned char)version[length - 1 - digits]))
        digits++;
    bool patch = digits && digits + 2 <= length && version[length - 1 - digits] == 'p' &&
                 isdigit((unsigned char)version[length - 2 - digits]);
    return patch ? digits + 1 : 0;
}

/* A part of a CPE name, escaped; "*" for an empty one. */
static void put_cpe_part(fps__cursor *c, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
            fps__cursor_put(c, "\\", 1);
        char low = (char)tolower((unsigned char)text[i]);
        fps__cursor_put(c, &low, 1);
    }
    if (!length)
        fps__cursor_put(c, "*", 1);
}

size_t fps__cpe_text(const char *cpe, const char *version, char *text, size_t size)
{
    fps__cursor c = {text, size, 0, false};
    unsigned colons = 0;
    size_t base = 0;
    for (; cpe[base]; base++)
        if (cpe[base] == ':' && (base == 0 || cpe[base - 1] != '\\') && ++colons == 5)
            break;
    bool usable = strncmp(cpe, "cpe:2.3:", 8) == 0 && colons >= 4;
    for (size_t i = 0; i < base; i++)
        usable = usable && cpe[i] > ' ' && cpe[i] < 127;
    if (usable) {
        fps__cursor_put(&c, cpe, base);
        fps__cursor_put(&c, ":", 1);
        size_t length = version ? strlen(version) : 0, patch = patch_level(version, length);
        put_cpe_part(&c, version, length - patch);
        fps__cursor_put(&c, ":", 1);
        put_cpe_part(&c, version ? version + length - patch : NULL, patch);
        fps__cursor_put(&c, ":*:*:*:*:*:*", 12);
    }
    return fps__cursor_finish(&c);
}

size_t fps__cpe_whole(const char *cpe, char *text, size_t size)
{
    enum { COLONS = 12 };
    fps__cursor c = {text, size, 0, false};
    unsigned colons = 0;
    bool good = cpe && strncmp(cpe, "cpe:2.3:", 8) == 0;
    for (const char *p = good ? cpe : ""; *p; p++) {
        good = good && *p > ' ' && *p < 127;
        colons += *p == ':' && p[-1] != '\\';
    }
    if (good && colons == COLONS)
        fps__cursor_text(&c, cpe);
    return fps__cursor_finish(&c);
}

size_t fps__cpe_vendor(const char *cpe, char *text, size_t size)
{
    const char *start = strncmp(cpe, "cpe:2.3:", 8) ? NULL : strchr(cpe + 8, ':');
    fps__cursor c = {text, size, 0, false};
    if (start)
        fps__cursor_put(&c, start + 1, strcspn(start + 1, ":"));
    return fps__cursor_finish(&c);
}

size_t fps__purl_namespace(const char *purl, char *text, size_t size)
{
    const char *type = strchr(purl, '/'), *last = NULL;
    fps__cursor c = {text, size, 0, false};
    for (const char *p = type ? type + 1 : ""; *p && !strchr("@?#", *p); p++)
        last = *p == '/' ? p : last;
    for (const char *p = type ? type + 1 : ""; last && p < last; p++) {
        bool coded = *p == '%' && fps__hex_digit(p[1]) >= 0 && fps__hex_digit(p[2]) >= 0;
        unsigned char plain =
            coded ? (unsigned char)(fps__hex_digit(p[1]) << 4 | fps__hex_digit(p[2])) : (unsigned char)*p;
        p += coded ? 2 : 0;
        if (plain >= ' ')
            fps__cursor_put(&c, (const char *)&plain, 1);
    }
    return fps__cursor_finish(&c);
}

static uint64_t hash_text(const char *text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text, strlen(text), seed);
}

/* Of the ids of its relatives; 0 for none. */
static uint64_t hash_family(const fps_component *component)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < component->relative_count; i++)
        hash = hash_text(component->relatives[i].id, hash);
    return hash;
}

size_t fps__reference_text(const fps_component *component, char *text, size_t size)
{
    fps__cursor c = {text, size, 0, false};
    const fps_version_answer *version = component->version;
    uint64_t hash = 0;
    for (size_t i = 0; i < version->candidate_count; i++)
        hash = hash_text(version->candidates[i], hash);
    const char *kind = fps_version_kind_name(version->kind);
    fps__cursor_encoded(&c, component->id, strlen(component->id), "/+");
    fps__cursor_put(&c, "@", 1);
    if (version->kind == FPS_VERSION_EXACT && version->version)
        fps__cursor_encoded(&c, version->version, strlen(version->version), ":");
    else
        fps__cursor_format(&c, "%s:%016llx", kind, (unsigned long long)hash);
    uint64_t family = hash_family(component);
    if (family)
        fps__cursor_format(&c, ":family:%016llx", (unsigned long long)family);
    if (c.full) {
        c = (fps__cursor){text, size, 0, false};
        fps__cursor_format(&c, "id:%016llx@%s:%016llx", (unsigned long long)hash_text(component->id, family),
                           kind, (unsigned long long)hash);
    }
    return fps__cursor_finish(&c);
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
    fps__hex_write(digest, 16, hex);
    snprintf(text, FPS__UUID_SIZE, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
    return true;
}
