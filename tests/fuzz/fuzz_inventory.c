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

enum { MEMORY = 64 << 20 };

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
    {"/e/conda-meta/a.json", "/e/conda-meta/b.json"},
    {"/usr/lib/opkg/status", "/usr/lib/opkg/info/a.list"},
    {"/var/db/pkg/c/a-1/CONTENTS", "/var/db/pkg/c/a-1/LICENSE"},
    {"/c/Cellar/a/1/INSTALL_RECEIPT.json", "/c/Cellar/b/1/INSTALL_RECEIPT.json"},
    {"/snap/a/1/meta/snap.yaml", "/h/hosted/p/a-1/pubspec.yaml"},
    {"/flatpak/app/a/x/s/c/metadata", "/flatpak/app/a/x/s/c/files/share/metainfo/a.metainfo.xml"},
    {"/b/bitnami/a/.spdx-a.spdx", "/b/bitnami/.bitnami_components.json"},
    {"/v/composer/installed.json", "/w/composer/installed.json"},
    {"/a.deps.json", "/b.deps.json"},
    {"/library/a/DESCRIPTION", "/library/b/DESCRIPTION"},
    {"/p/.meta/A-B-1/MYMETA.json", "/p/auto/A/B/.packlist"},
    {"/l/lib/luarocks/rocks-5.4/a/1-1/a-1-1.rockspec", "/l/lib/luarocks/rocks-5.4/a/1-1/rock_manifest"},
    {"/o/s/.opam-switch/packages/a.1/opam", "/o/s/.opam-switch/install/a.changes"},
    {"/l/a/ebin/a.app", "/l/b/ebin/b.app"},
    {"/s/.build/workspace-state.json", "/d/full_deploy/host/a/1/conaninfo.txt"},
    {"/v/vcpkg/status", "/v/vcpkg/updates/1"},
    {"/a/bom.json", "/b.spdx"},
};

static char store_name[256];

static void remark(void *user, const fps_diagnostic *diagnostic)
{
    *(size_t *)user += strlen(diagnostic->message);
}

/* The store of Nix holds one folder, whose name is what the input begins with. */
static void children(void *user, const char *folder, fps__inventory_child *child, void *child_user)
{
    (void)user;
    (void)folder;
    child(child_user, store_name);
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
    size_t named = first < sizeof store_name ? first : sizeof store_name - 1;
    memcpy(store_name, text, named);
    store_name[named] = '\0';
    fps__inventory inventory;
    const fps__inventory_options options = {
        .diagnostic = remark, .user = &seen, .memory = MEMORY, .children = children};
    if (!fps__inventory_read(&inventory, files, 2, &options, NULL))
        seen += walk(&inventory);
    fps__inventory_free(&inventory);
    return 0;
}
