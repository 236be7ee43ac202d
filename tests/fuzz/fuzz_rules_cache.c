/* Reads any bytes as a file of compiled rules in the user's cache. The checksum of an input that starts with the magic is
 * corrected for the reader alone; opening rules gets the bytes as they are, because what a right checksum covers is the
 * user's own.
 *
 * Reaches: fps__rules_cache_load, fps__rules_cache_store, fps__rules_open
 */
#include "fuzz_files.h"
#include "match/rules.h"
#include "match/rules_cache.h"
#include "util/bytes.h"

#include <xxhash.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 32 }; /* magic 8, size 8, XXH3-128 of the rest 16 */

static const char rules_text[] =
    "Rule: acme\nComponent: acme\nMatch: ^acme (?<version>[0-9.]+)\nEffect: name\n";

/* The name that fps__rules_open gives to the file, learnt from what it wrote. */
static const char *cached_name(const char *folder)
{
    static char name[FUZZ_PATH];
    fps__rules *rules;
    if (*name)
        return name;
    if (fps__rules_open(&rules, rules_text, sizeof rules_text - 1, (fps__span){NULL, 0}, folder, NULL, NULL,
                        NULL) != FPS_OK)
        abort();
    fps__rules_free(rules);
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (entry->d_name[0] != '.')
            snprintf(name, sizeof name, "%s", entry->d_name);
    closedir(listing);
    if (!*name)
        abort();
    return name;
}

static void replace(const char *folder, const char *name, const uint8_t *data, size_t size)
{
    char path[2 * FUZZ_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
    fuzz_write(folder, name, data, size);
}

/* What is loaded is what was stored, or the reason is said. */
static void load(const char *folder, const char *name, const uint8_t *file, size_t size)
{
    void *body = NULL;
    size_t body_size = 0;
    fps_error error = {.message = ""};
    replace(folder, name, file, size);
    if (fps__rules_cache_load(folder, name, &body, &body_size, &error) == FPS_OK) {
        if (size < HEADER || body_size != size - HEADER || memcmp(body, file + HEADER, body_size) != 0)
            abort();
        free(body);
    } else if (body || !error.message[0]) {
        abort();
    }
}

static void repair(uint8_t *file, size_t size)
{
    XXH128_canonical_t sum;
    XXH128_canonicalFromHash(&sum, XXH3_128bits(file + HEADER, size - HEADER));
    fps__put64le(file + 8, size - HEADER);
    memcpy(file + 16, sum.digest, 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *folder = fuzz_folder();
    const char *name = cached_name(folder);
    fps__rules *rules;
    void *body;
    size_t body_size;
    uint8_t *copy = fuzz_copy(data, size);
    load(folder, "any", copy, size);
    if (size >= HEADER && memcmp(copy, "FPSRULE1", 8) == 0) {
        repair(copy, size);
        load(folder, "any", copy, size);
    }
    if (fps__rules_cache_store(folder, "any", data, size, NULL) != FPS_OK ||
        fps__rules_cache_load(folder, "any", &body, &body_size, NULL) != FPS_OK || body_size != size)
        abort();
    free(body);
    /* a file that is whole goes to vectorscan, which trusts it */
    if (size < HEADER || memcmp(data, copy, HEADER) != 0) {
        replace(folder, name, data, size);
        if (fps__rules_open(&rules, rules_text, sizeof rules_text - 1, (fps__span){NULL, 0}, folder, NULL,
                            NULL, NULL) != FPS_OK)
            abort();
        fps__rules_free(rules);
    }
    free(copy);
    return 0;
}
