/* The Nix store: each folder is a package, and its name says which: "HASH-NAME-VERSION", with "-OUTPUT" behind it for
 * what a package is split into. The rule for names: the Nix manual, builtins.parseDrvName. */
#include "inventory/manifest.h"

#include "util/lines.h"

#include <stdio.h>

#define STORE "/nix/store"

enum { HASH_SIZE = 32, PATH_SIZE = 512 };

static bool is_hash(fps__span name)
{
    for (size_t i = 0; i < HASH_SIZE && i < name.size; i++) {
        uint8_t c = name.data[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
            return false;
    }
    return name.size > HASH_SIZE + 1 && name.data[HASH_SIZE] == '-';
}

static bool ends(fps__span text, const char *end)
{
    size_t size = strlen(end);
    return text.size > size && !memcmp(text.data + text.size - size, end, size);
}

/* Cuts the name of the output off: "bin" of "1.3.1-bin". */
static fps__span take_output(fps__span *version)
{
    static const char *const outputs[] = {"-bin",  "-dev",  "-doc",  "-lib",    "-man",   "-out",
                                          "-info", "-dist", "-data", "-static", "-debug", "-devdoc"};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        if (ends(*version, outputs[i])) {
            size_t size = strlen(outputs[i]);
            version->size -= size;
            return (fps__span){version->data + version->size + 1, size - 1};
        }
    return (fps__span){NULL, 0};
}

/* Recipes and sources lie in the store, too, and are no packages. */
static void take_folder(void *user, const char *entry)
{
    fps__inventory_reading *reading = user;
    fps__span whole = fps__span_of(entry), name, version;
    char path[PATH_SIZE], qualifiers[64];
    if (!is_hash(whole) || ends(whole, ".drv") || ends(whole, ".patch") || ends(whole, ".tar.gz") ||
        ends(whole, ".tar.xz") || ends(whole, ".lock") || ends(whole, ".sh") || ends(whole, ".json") ||
        !fps__manifest_split(fps__span_part(whole, HASH_SIZE + 1, whole.size - HASH_SIZE - 1), false, &name,
                             &version))
        return;
    int size = snprintf(path, sizeof path, STORE "/%s", entry);
    const fps__inventory_file file = {path, {NULL, 0}};
    if (size < 0 || (size_t)size >= sizeof path)
        return;
    fps__span output = take_output(&version);
    fps__inventory_package *package = fps__manifest_add(reading, FPS_PACKAGE_NIX, &file, name, version);
    if (!package)
        return;
    package->root = package->facts.location;
    size = output.size ? snprintf(qualifiers, sizeof qualifiers, "output=%.*s\n", (int)output.size,
                                  (const char *)output.data)
                       : 0;
    package->qualifiers = fps__inventory_text(reading, qualifiers, size > 0 ? (size_t)size : 0);
}

static void read_store(fps__inventory_reading *reading)
{
    if (reading->options->children)
        reading->options->children(reading->options->user, STORE, take_folder, reading);
}

const fps__inventory_reader fps__reader_nix = {.read = read_store};
