/* Runs a user's YARA rules over any bytes. The rules are fixed where the first byte is even; else they are the input up
 * to the first NUL, and what follows is scanned.
 *
 * Reaches: fps__yara_open, fps__expression_search, fps__yara_match
 */
#include "fuzz_files.h"
#include "match/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fixed[] =
    "rule named { meta: component = \"acme\" version_string = \"$v\" version_pattern = "
    "\"acme (?<version>[0-9]+([.][0-9]+)*)\" strings: $v = /acme [0-9.]{1,80}/ $w = \"begin\" condition: any of them }\n"
    "rule first { meta: component = \"other\" version_string = \"$a\" purl = \"pkg:generic/other\" strings: $a = { 4f 54 ?? "
    "[0-8] 31 } condition: $a }\n"
    "rule size { meta: version = \"1.0\" condition: filesize > 40 and uint16(0) == 0x4142 }\n";

static void take(void *user, const fps__yara_hit *hit)
{
    size_t *hits = user;
    ++*hits;
    if (!hit->rule || !memchr(hit->version, 0, sizeof hit->version) ||
        !memchr(hit->text, 0, sizeof hit->text))
        abort();
    for (const char *c = hit->text; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fps__yara *kept;
    char path[FUZZ_PATH];
    size_t hits = 0;
    fps_error error;
    if (!size)
        return 0;
    bool own = data[0] & 1;
    const uint8_t *end = own ? memchr(data + 1, 0, size - 1) : data;
    size_t length = own ? (end ? (size_t)(end - data) : size) - 1 : sizeof fixed - 1;
    fps__yara *yara = own ? NULL : kept;
    if (!yara) {
        int fd = fuzz_memory_file(own ? (const void *)(data + 1) : fixed, length, path);
        fps_status status = fps__yara_open(&yara, path, &error);
        close(fd);
        if (status != FPS_OK && (!own || !error.message[0]))
            abort();
        kept = own ? kept : yara;
    }
    size_t used = own ? 1 + length + (end != NULL) : 1;
    uint8_t *rest = fuzz_copy(data + used, size - used);
    if (yara)
        fps__yara_match(yara, rest, size - used, 1, take, &hits, &error);
    free(rest);
    if (own)
        fps__yara_free(yara);
    return 0;
}
