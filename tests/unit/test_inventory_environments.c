/* Proves what is read of conda, opkg, Portage, Nix, Homebrew, snap, Flatpak, vcpkg and Bitnami. */
#include "package_links_fixture.h"

#define MD5    "d41d8cd98f00b204e9800998ecf8427e"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void a_conda_environment_owns_its_files_as_they_were_installed(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/opt/env/conda-meta/zlib-1.3-h0_1.json",
         "{\"name\":\"zlib\",\"version\":\"1.3\",\"build\":\"h0_1\",\"subdir\":\"linux-64\",\"license\":\"Zlib\","
         "\"extracted_package_dir\":\"/opt/env/pkgs/zlib-1.3-h0_1\",\"channel\":\"https://example.org/conda-forge/linux-64\",\"fn\":\"zlib-1.3-h0_1.conda\","
         "\"depends\":[\"libgcc >=12\",\"absent\"],\"files\":[\"lib/libz.so.1\",\"lib/libz.so\",\"bin/text\",\"../../../etc/x\"],"
         "\"paths_data\":{\"paths\":[{\"_path\":\"lib/libz.so.1\",\"path_type\":\"hardlink\",\"sha256\":\"" SHA256
         "\"},"
         "{\"_path\":\"lib/libz.so\",\"path_type\":\"softlink\",\"sha256\":\"" SHA256 "\"},"
         "{\"_path\":\"bin/text\",\"path_type\":\"hardlink\",\"sha256\":\"" SHA256
         "\",\"prefix_placeholder\":\"/x\"}]}}"},
        {"/opt/env/conda-meta/libgcc-12-0.json",
         "{\"name\":\"libgcc\",\"version\":\"12\",\"channel\":\"https://example.org/t/my-channel\",\"files\":[]}"},
        {"/opt/env/conda-meta/cut.json", "{\"name\":\"cut\",\"version\":\"1\""},
        {"/opt/env/conda-meta/nameless.json", "{\"version\":\"1\"}"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    static const char zlib[] = "pkg:conda/zlib@1.3?build=h0_1&channel=conda-forge&subdir=linux-64&type=conda";
    assert_string_equal(faults.text,
                        "/opt/env/conda-meta/cut.json: metadata of the package is damaged\n"
                        "/opt/env/conda-meta/nameless.json: metadata of the package is damaged\n");
    const fps__inventory_package *package = fixture_package(&inventory, zlib);
    assert_string_equal(package->facts.license, "Zlib");
    assert_int_equal(package->path_count, 4);
    assert_string_equal(package->root, "/opt/env/pkgs/zlib-1.3-h0_1");
    assert_int_equal(fixture_path(package, "/opt/env/lib/libz.so.1")->digest_kind, FPS__DIGEST_SHA256);
    assert_int_equal(fixture_path(package, "/opt/env/lib/libz.so")->flags, FPS__OWNED_LINK);
    assert_int_equal(fixture_path(package, "/opt/env/bin/text")->digest_kind, FPS__DIGEST_NONE);
    fixture_path(package, "/etc/x");
    assert_string_equal(fixture_depends(&inventory, zlib), "pkg:conda/libgcc@12?channel=my-channel\n");
    fps__inventory_free(&inventory);
}

static void opkg_lists_what_is_installed_in_both_folders(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/etc/os-release", "ID=openwrt\nVERSION_ID=23.05\n"},
        {"/usr/lib/opkg/status",
         "Package: busybox\nVersion: 1.36-1\nDepends: libc, absent\nStatus: install user installed\nArchitecture: "
         "x86_64\n\nPackage: gone\nVersion: 1\nStatus: deinstall ok not-installed\n\nPackage: broken\nStatus: install "
         "ok installed\n\n"},
        {"/usr/lib/opkg/info/busybox.control",
         "Package: busybox\nLicense: GPL-2.0\nMaintainer: A <a@example.org>\nSourceName: bb\n"},
        {"/var/lib/opkg/info/busybox.list", "/bin/busybox\n/bin/sh\t0120777\tbusybox\n"},
        {"/var/lib/opkg/status",
         "Package: libc\nVersion: 1.2\nStatus: install ok installed\nArchitecture: x86_64\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    static const char busybox[] =
        "pkg:opkg/openwrt/busybox@1.36-1?arch=x86_64&distro=openwrt-23.05&upstream=bb";
    const fps__inventory_package *package = fixture_package(&inventory, busybox);
    assert_string_equal(faults.text, "/usr/lib/opkg/status: database of opkg is damaged\n");
    assert_int_equal(inventory.packages.count, 2);
    assert_string_equal(package->facts.license, "GPL-2.0");
    assert_string_equal(package->facts.supplier, "A <a@example.org>");
    assert_true(package->paths_known);
    fixture_path(package, "/bin/busybox");
    fixture_path(package, "/bin/sh");
    assert_string_equal(fixture_depends(&inventory, busybox),
                        "pkg:opkg/openwrt/libc@1.2?arch=x86_64&distro=openwrt-23.05\n");
    fps__inventory_free(&inventory);
}

static void portage_lists_files_with_digests(void **state)
{
    (void)state;
    const fixture_text texts[] = {{"/var/db/pkg/dev-libs/open-ssl-3.0.1_p2-r2/CONTENTS",
                                   "dir /usr\nobj /etc/x.cnf " MD5 " 1\nobj /usr/lib64/lib x.so " MD5
                                   " 1700000000\nsym /usr/lib64/l.so -> lib x.so 1700000000\n"},
                                  {"/var/db/pkg/dev-libs/open-ssl-3.0.1_p2-r2/LICENSE", "Apache-2.0\n"},
                                  {"/var/db/pkg/virtual/versionless/CONTENTS", ""},
                                  {"/var/db/pkg/a/b-1/CONTENTS", "obj /short\nwhat is this\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    const fps__inventory_package *package =
        fixture_package(&inventory, "pkg:ebuild/dev-libs/open-ssl@3.0.1_p2-r2");
    assert_string_equal(faults.text,
                        "/var/db/pkg/a/b-1/CONTENTS: list of files is damaged\n"
                        "/var/db/pkg/virtual/versionless/CONTENTS: metadata of the package is damaged\n");
    assert_string_equal(package->facts.license, "Apache-2.0");
    assert_string_equal(package->facts.source, "open-ssl");
    assert_int_equal(fixture_path(package, "/usr/lib64/lib x.so")->digest_kind, FPS__DIGEST_MD5);
    assert_int_equal(fixture_path(package, "/usr/lib64/l.so")->flags, FPS__OWNED_LINK);
    assert_true(fixture_path(package, "/etc/x.cnf")->flags & FPS__OWNED_CONFIG);
    fps__inventory_free(&inventory);
}

#define HASH "0123456789abcdfghijklmnpqrsvwxyz"

static void list_store(void *user, const char *folder, fps__inventory_child *child, void *child_user)
{
    static const char *const names[] = {HASH "-zlib-1.3.1",         HASH "-glibc-2.38-44-bin",
                                        HASH "-python3.11-x-y-2.0", HASH "-source",
                                        HASH "-zlib-1.3.1.drv",     "links",
                                        HASH "-fix-build-1.patch",  "short-1.0"};
    (void)user;
    assert_string_equal(folder, "/nix/store");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        child(child_user, names[i]);
}

static void folders_of_the_nix_store_are_packages(void **state)
{
    (void)state;
    fps__inventory inventory;
    assert_int_equal(
        fps__inventory_read(&inventory, NULL, 0, &(fps__inventory_options){.children = list_store}, NULL),
        FPS_OK);
    assert_int_equal(inventory.packages.count, 3);
    assert_string_equal(fixture_package(&inventory, "pkg:nix/zlib@1.3.1")->root,
                        "/nix/store/" HASH "-zlib-1.3.1");
    fixture_package(&inventory, "pkg:nix/glibc@2.38-44?output=bin");
    fixture_package(&inventory, "pkg:nix/python3.11-x-y@2.0");
    fps__inventory_free(&inventory);
}

static void folders_of_applications_belong_to_their_packages(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/brew/Cellar/openssl@3/3.3.0/INSTALL_RECEIPT.json",
         "{\"source\":{\"tap\":\"homebrew/core\"},\"runtime_dependencies\":[{\"full_name\":\"me/tap/x\"}]}"},
        {"/brew/Cellar/x/1.0_1/INSTALL_RECEIPT.json", "{\"source\":{\"tap\":\"me/tap\"}}"},
        {"/brew/Cellar/y/1/INSTALL_RECEIPT.json", "["},
        {"/snap/core22/1122/meta/snap.yaml", "title: x\nname: core22\nversion: '2024'\n  name: nested\n"},
        {"/snap/x/1/meta/snap.yaml", "version: 1\n"},
        {"/var/lib/flatpak/app/org.x.App/x86_64/stable/abc/metadata", "[Application]\n"},
        {"/var/lib/flatpak/app/org.x.App/x86_64/stable/abc/files/share/metainfo/org.x.App.metainfo.xml",
         "<component><releases>\n<release date=\"2024\" version='2.10'/><release version=\"2.8\"/></releases>"},
        {"/var/lib/flatpak/runtime/org.x.Platform/x86_64/23.08/abc/metadata", "[Runtime]\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "/brew/Cellar/y/1/INSTALL_RECEIPT.json: metadata of the "
                                     "package is damaged\n"
                                     "/snap/x/1/meta/snap.yaml: metadata of the package is damaged\n");
    assert_int_equal(inventory.packages.count, 5);
    assert_string_equal(fixture_package(&inventory, "pkg:brew/openssl%403@3.3.0")->root,
                        "/brew/Cellar/openssl@3/3.3.0");
    assert_string_equal(fixture_depends(&inventory, "pkg:brew/openssl%403@3.3.0"),
                        "pkg:brew/me/tap/x@1.0_1\n");
    assert_string_equal(fixture_package(&inventory, "pkg:snap/core22@2024")->root, "/snap/core22/1122");
    assert_string_equal(fixture_package(&inventory, "pkg:flatpak/org.x.App@2.10?arch=x86_64")->root,
                        "/var/lib/flatpak/app/org.x.App/x86_64/stable/abc");
    fixture_package(&inventory, "pkg:flatpak/org.x.Platform@23.08?arch=x86_64");
    fps__inventory_free(&inventory);
}

static void a_later_increment_of_vcpkg_counts(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/v/installed/vcpkg/status",
         "Package: zlib\nVersion: 1.3.1\nPort-Version: 1\nArchitecture: x64-linux\nStatus: install ok installed\n\n"
         "Package: zlib\nFeature: core\nArchitecture: x64-linux\nStatus: install ok installed\n\n"
         "Package: old\nVersion: 1\nArchitecture: x64-linux\nStatus: install ok installed\n\n"},
        {"/v/installed/vcpkg/updates/0000000001",
         "Package: old\nVersion: 1\nArchitecture: x64-linux\nStatus: purge ok "
         "not-installed\n\nPackage: zlib\nVersion: 1.3.1\nPort-Version: "
         "2\nArchitecture: x64-linux\nStatus: install ok installed\n"},
        {"/v/installed/vcpkg/info/zlib_1.3.1#2_x64-linux.list", "x64-linux/\nx64-linux/lib/libz.so\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    assert_int_equal(inventory.packages.count, 1);
    const fps__inventory_package *package =
        fixture_package(&inventory, "pkg:vcpkg/zlib@1.3.1?port_version=2&triplet=x64-linux");
    fixture_path(package, "/v/installed/x64-linux/lib/libz.so");
    fps__inventory_free(&inventory);
}

static void bitnami_applications_are_listed_once(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/opt/bitnami/redis/.spdx-redis.spdx",
         "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"redis\",\"versionInfo\":\"7.2\",\"licenseDeclared\":"
         "\"BSD-3-Clause\",\"externalRefs\":[{\"referenceType\":\"purl\",\"referenceLocator\":"
         "\"pkg:bitnami/redis@7.2-0?arch=amd64\"}]},{\"name\":\"lua\",\"externalRefs\":[{\"referenceType\":\"purl\","
         "\"referenceLocator\":\"pkg:generic/lua@5.1\"}]}]}"},
        {"/opt/bitnami/.bitnami_components.json",
         "{\"redis\":{\"version\":\"7.2-0\"},\"gosu\":{\"version\":\"1.17\",\"arch\":\"amd64\",\"distro\":\"debian-12\"}}"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    assert_int_equal(inventory.packages.count, 3);
    const fps__inventory_package *redis = fixture_package(&inventory, "pkg:bitnami/redis@7.2-0?arch=amd64");
    assert_string_equal(redis->root, "/opt/bitnami/redis");
    assert_string_equal(redis->facts.license, "BSD-3-Clause");
    assert_string_equal(fixture_package(&inventory, "pkg:generic/lua@5.1")->root, "");
    assert_string_equal(
        fixture_package(&inventory, "pkg:bitnami/gosu@1.17?arch=amd64&distro=debian-12")->root,
        "/opt/bitnami/gosu");
    fps__inventory_free(&inventory);
}

static void a_pattern_is_of_the_last_parts_of_a_path(void **state)
{
    (void)state;
    assert_true(fps__inventory_wants("/conda-meta/a.json", 1));
    assert_false(fps__inventory_wants("/xconda-meta/a.json", 1));
    assert_false(fps__inventory_wants("/conda-meta/b/a.json", 1));
    assert_false(fps__inventory_wants("/conda-meta/json", 1));
    assert_true(fps__inventory_wants("/var/db/pkg/a/b-1/CONTENTS", 1));
    assert_false(fps__inventory_wants("/x/var/db/pkg/a/b-1/CONTENTS", 1));
    assert_false(fps__inventory_wants("CONTENTS", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conda_environment_owns_its_files_as_they_were_installed),
        cmocka_unit_test(opkg_lists_what_is_installed_in_both_folders),
        cmocka_unit_test(portage_lists_files_with_digests),
        cmocka_unit_test(folders_of_the_nix_store_are_packages),
        cmocka_unit_test(folders_of_applications_belong_to_their_packages),
        cmocka_unit_test(a_later_increment_of_vcpkg_counts),
        cmocka_unit_test(bitnami_applications_are_listed_once),
        cmocka_unit_test(a_pattern_is_of_the_last_parts_of_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
