/* Reads any bytes as a file of an inventory. The first byte chooses the file; a NUL in the rest separates a
 * second file that is read along with it.
 *
 * Reaches: fps__inventory_add_path, fps__inventory_end_paths
 */
#include "inventory/dpkg.h"
#include "inventory/language.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each file, with the one that is read along with it. */
static const char *const paths[][2] = {
    {"/var/lib/dpkg/status", "/var/lib/dpkg/info/a.list"},
    {"/var/lib/dpkg/info/a.md5sums", "/var/lib/dpkg/status"},
    {"/var/lib/dpkg/status.d/a", "/var/lib/dpkg/status.d/a.md5sums"},
    {"/var/lib/dpkg/diversions", "/var/lib/dpkg/info/a.conffiles"},
    {"/etc/dpkg/dpkg.cfg", "/var/lib/dpkg/status.d/a.md5sums"},
    {"/usr/share/doc/a/copyright", "/var/lib/dpkg/status"},
    {"/lib/apk/db/installed", "/etc/apk/protected_paths.d/a.list"},
    {"/s/a-1.dist-info/METADATA", "/s/a-1.dist-info/RECORD"},
    {"/s/a.egg-info/PKG-INFO", "/s/a.egg-info/installed-files.txt"},
    {"/node_modules/a/package.json", "/node_modules/a/node_modules/b/package.json"},
    {"/g/specifications/a-1.gemspec", "/g/specifications/b-1.gemspec"},
    {"/META-INF/maven/a/b/pom.properties", "/META-INF/maven/a/c/pom.properties"},
    {"/etc/os-release", "/var/lib/dpkg/status"},
    {"/var/lib/pacman/local/a-1-1/desc", "/var/lib/pacman/local/a-1-1/files"},
    {"/var/lib/pacman/local/a-1-1/mtree", "/var/lib/pacman/local/a-1-1/desc"},
};

static void remark(void *user, const fps_diagnostic *diagnostic)
{
    *(size_t *)user += strlen(diagnostic->message);
}

/* Reads every string to its end. */
static size_t walk(const fps__inventory *inventory)
{
    size_t seen = strlen(inventory->os_id) + strlen(inventory->os_name);
    for (size_t i = 0; i < inventory->packages.count; i++) {
        const fps__inventory_package *package = &inventory->packages.items[i];
        seen += strlen(package->facts.name) + strlen(package->facts.purl) + strlen(package->facts.license) +
                strlen(package->depends) + strlen(package->provides) + strlen(package->root);
        for (size_t c = 0; c < package->path_count; c++)
            seen += strlen(package->paths[c].path);
        for (size_t d = 0; d < package->facts.depend_count; d++)
            seen += inventory->packages.items[package->facts.depends[d]].facts.kind;
    }
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const char *const *chosen = paths[data[0] % (sizeof paths / sizeof *paths)];
    const uint8_t *text = data + 1, *cut = size > 1 ? memchr(text, 0, size - 1) : NULL;
    size_t first = cut ? (size_t)(cut - text) : size - 1, seen = 0;
    fps__inventory_file files[2] = {{chosen[0], {text, first}},
                                    {chosen[1], {text + first + 1, cut ? size - 2 - first : 0}}};
    if (strcmp(chosen[0], chosen[1]) > 0) {
        fps__inventory_file other = files[0];
        files[0] = files[1];
        files[1] = other;
    }
    fps__inventory inventory;
    if (!fps__inventory_read(&inventory, files, 2,
                             &(fps__inventory_options){.diagnostic = remark, .user = &seen}, NULL))
        seen += walk(&inventory);
    fps__inventory_free(&inventory);
    return 0;
}
