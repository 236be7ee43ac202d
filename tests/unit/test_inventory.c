/* Proves what all inventories share: os-release, package URLs, order, dependencies, paths and claims. */
#include "package_links_fixture.h"

#include "inventory/inventory_reading.h"

static void os_release_is_read_as_a_shell_would(void **state)
{
    (void)state;
    const fixture_text texts[] = {{"/usr/lib/os-release",
                                   "# comment\nNAME=plain\nPRETTY_NAME=\"A \\\"Great\\\" OS\" # more\nID='al "
                                   "pine'\r\nVERSION_ID=3.1\\8\nID_LIKE=\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(inventory.os_name, "A \"Great\" OS");
    assert_string_equal(inventory.os_id, "al pine");
    assert_string_equal(inventory.os_version_id, "3.18");
    assert_string_equal(inventory.os_like, "");
    fps__inventory_free(&inventory);
    assert_string_equal(inventory.os_id, "");

    const fixture_text both[] = {{"/etc/os-release", "ID=first\nNAME=First\n"},
                                 {"/usr/lib/os-release", "ID=second\nVERSION_ID=2\n"}};
    inventory = FIXTURE_READ(both, &faults);
    assert_string_equal(inventory.os_id, "first");
    assert_string_equal(inventory.os_name, "First");
    assert_string_equal(inventory.os_version_id, "");
    fps__inventory_free(&inventory);
}

static void nothing_is_an_empty_inventory(void **state)
{
    (void)state;
    fps__inventory inventory;
    assert_int_equal(fps__inventory_read(&inventory, NULL, 0, NULL, NULL), FPS_OK);
    assert_int_equal(inventory.packages.count, 0);
    assert_string_equal(inventory.os_id, "");
    fps__inventory_free(&inventory);
    fps__inventory_free(NULL);
}

static void package_urls_are_those_of_their_types(void **state)
{
    (void)state;
    static const struct {
        fps_package_kind kind;
        const char *name, *version, *architecture, *source, *os, *os_version, *purl;
    } cases[] = {
        {FPS_PACKAGE_DEB, "zlib1g", "1:1.2.13.dfsg-1+b1", "amd64", "zlib", "debian", "12",
         "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1%2Bb1?arch=amd64&distro=debian-12&upstream=zlib"},
        {FPS_PACKAGE_DEB, "a", "1~rc1", "", "a", "", "", "pkg:deb/debian/a@1~rc1"},
        {FPS_PACKAGE_APK, "Musl", "1.2-r0", "x86_64", "", "alpine", "3.18.0",
         "pkg:apk/alpine/musl@1.2-r0?arch=x86_64&distro=alpine-3.18.0"},
        {FPS_PACKAGE_RPM, "libX", "2:1.0-1.fc39", "i386", "x", "fedora", "39",
         "pkg:rpm/fedora/libX@1.0-1.fc39?arch=i386&distro=fedora-39&epoch=2&upstream=x-1.0-1.fc39.src.rpm"},
        {FPS_PACKAGE_RPM, "a", "1-1", "", "", "", "", "pkg:rpm/a@1-1"},
        {FPS_PACKAGE_PYPI, "Zope.._Interface", "1.0", "", "", "debian", "12", "pkg:pypi/zope-interface@1.0"},
        {FPS_PACKAGE_NPM, "@babel/core", "7.0.0", "", "", "", "", "pkg:npm/%40babel/core@7.0.0"},
        {FPS_PACKAGE_MAVEN, "org.a:b", "1 2", "", "", "", "", "pkg:maven/org.a/b@1%202"},
        {FPS_PACKAGE_MAVEN, "b", "", "", "", "", "", "pkg:generic/b"},
        {FPS_PACKAGE_GEM, "json", "2.6", "x86_64-linux", "", "", "",
         "pkg:gem/json@2.6?platform=x86_64-linux"},
        {FPS_PACKAGE_GEM, "a\xFF&?#/", "1", "", "", "", "", "pkg:gem/a%FF%26%3F%23%2F@1"},
        {FPS_PACKAGE_DEB, "libfoo1", "1.0-1+b3", "", "foo", "debian", "",
         "pkg:deb/debian/libfoo1@1.0-1%2Bb3?distro=debian&upstream=foo"},
        {FPS_PACKAGE_APK, "libssl3", "3.1-r0", "", "openssl", "wolfi", "20230201",
         "pkg:apk/wolfi/libssl3@3.1-r0?distro=wolfi-20230201&upstream=openssl"},
        {FPS_PACKAGE_RPM, "a", "1-1", "", "", "rhel", "9.2", "pkg:rpm/redhat/a@1-1?distro=rhel-9.2"},
        {FPS_PACKAGE_RPM, "a", "1-1", "", "", "opensuse-tumbleweed", "",
         "pkg:rpm/opensuse/a@1-1?distro=opensuse-tumbleweed"},
        {FPS_PACKAGE_RPM, "a", "1-1", "", "", "sles", "15.5", "pkg:rpm/suse/a@1-1?distro=sles-15.5"},
        {FPS_PACKAGE_RPM, "a", "1-1", "", "", "amzn", "2023", "pkg:rpm/amazon/a@1-1?distro=amzn-2023"},
        {FPS_PACKAGE_RPM, "a", "1-1", "", "", "ol", "9", "pkg:rpm/oracle/a@1-1?distro=ol-9"},
        {FPS_PACKAGE_RPM, "a", "1-1", "", "", "rocky", "9.1", "pkg:rpm/rocky/a@1-1?distro=rocky-9.1"},
        {FPS_PACKAGE_COMPOSER, "Acme/My.Lib", "v1", "", "", "debian", "12", "pkg:composer/acme/my.lib@v1"},
        {FPS_PACKAGE_SWIFT, "github.com/Apple/x", "1", "", "", "", "", "pkg:swift/github.com/Apple/x@1"},
        {FPS_PACKAGE_SWIFT, "//a///b/", "1", "", "", "", "", "pkg:swift/a/b@1"},
        {FPS_PACKAGE_BREW, "openssl@3", "3.3", "", "", "", "", "pkg:brew/openssl%403@3.3"},
        {FPS_PACKAGE_PUB, "My-Package", "1.0.0", "", "", "", "", "pkg:pub/my_package@1.0.0"},
        {FPS_PACKAGE_EBUILD, "dev-libs/x", "1-r1", "", "x", "gentoo", "2.14",
         "pkg:ebuild/dev-libs/x@1-r1?distro=gentoo-2.14"},
        {FPS_PACKAGE_VCPKG, "zlib", "1.3", "x64-linux", "", "", "", "pkg:vcpkg/zlib@1.3?triplet=x64-linux"},
        {FPS_PACKAGE_DEB, "", "1", "", "", "", "", ""},
    };
    fps__arena arena = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_package facts = fps__inventory_facts(cases[i].kind);
        facts.name = cases[i].name;
        facts.version = facts.source_version = cases[i].version;
        facts.architecture = cases[i].architecture;
        facts.source = cases[i].source;
        assert_string_equal(fps__inventory_purl(&arena, &facts, cases[i].os, cases[i].os_version, ""),
                            cases[i].purl);
    }
    fps_package conda = fps__inventory_facts(FPS_PACKAGE_CONDA);
    conda.name = "a";
    conda.version = "1";
    conda.architecture = "linux-64";
    assert_string_equal(
        fps__inventory_purl(&arena, &conda, "", "", "type=conda\nbuild=h1/&x\nbuild=2\nempty=\n"),
        "pkg:conda/a@1?build=h1%2F%26x&subdir=linux-64&type=conda");
    static char longest[5000];
    memset(longest, 'a', sizeof longest - 1);
    fps_package facts = fps__inventory_facts(FPS_PACKAGE_GEM);
    facts.name = longest;
    assert_string_equal(fps__inventory_purl(&arena, &facts, "", "", ""), "");
    fps__arena_free(&arena);
}

static void paths_never_leave_the_root(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"/", "/a//b/./c/", "/a/b/c"},
        {"/x/y", "z", "/x/y/z"},
        {"/x/y", "../../../z", "/z"},
        {"/x", "/etc", "/etc"},
        {"/", "./usr/bin", "/usr/bin"},
        {"/x", "..", NULL},
        {"/", "", NULL},
        {"/", "/.", NULL},
    };
    fps__inventory inventory = {.os_id = ""};
    fps__inventory_reading reading = {.inventory = &inventory};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__span name = {(const uint8_t *)cases[i][1], strlen(cases[i][1])};
        const char *path = fps__inventory_path(&reading, cases[i][0], name);
        if (cases[i][2])
            assert_string_equal(path, cases[i][2]);
        else
            assert_null(path);
    }
    assert_null(fps__inventory_path(&reading, "/", (fps__span){(const uint8_t *)"a\0b", 3}));
    static char longest[5000];
    memset(longest, 'a', sizeof longest);
    assert_null(fps__inventory_path(&reading, "/", (fps__span){(const uint8_t *)longest, sizeof longest}));
    fps__inventory_free(&inventory);
}

static void entries_of_one_path_become_one(void **state)
{
    (void)state;
    fps__inventory inventory = {.os_id = ""};
    fps__inventory_reading reading = {.inventory = &inventory};
    fps__inventory_package package = {.paths = NULL};
    fps__owned_path *owned = fps__inventory_add_path(&reading, "/b");
    assert_true(fps__owned_path_hex(owned, FPS__DIGEST_MD5,
                                    (fps__span){(const uint8_t *)"000102030405060708090a0B0c0d0e0F", 32}));
    fps__inventory_add_path(&reading, "/a")->flags = FPS__OWNED_LINK;
    fps__inventory_add_path(&reading, "/b")->flags = FPS__OWNED_CONFIG;
    assert_null(fps__inventory_add_path(&reading, NULL));
    fps__inventory_end_paths(&reading, &package);
    assert_int_equal(package.path_count, 2);
    assert_string_equal(package.paths[0].path, "/a");
    assert_int_equal(package.paths[1].flags, FPS__OWNED_CONFIG);
    assert_int_equal(package.paths[1].digest_kind, FPS__DIGEST_MD5);
    assert_int_equal(package.paths[1].digest[15], 15);
    assert_int_equal(reading.paths.count, 0);
    free(reading.paths.items);
    fps__inventory_free(&inventory);
}

static void digests_are_whole_or_refused(void **state)
{
    (void)state;
    fps__owned_path owned = {0};
    static const char sha1[] = "2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
    assert_true(fps__owned_path_base64(&owned, FPS__DIGEST_SHA1, (fps__span){(const uint8_t *)sha1, 28}));
    assert_memory_equal(
        owned.digest, "\xda\x39\xa3\xee\x5e\x6b\x4b\x0d\x32\x55\xbf\xef\x95\x60\x18\x90\xaf\xd8\x07\x09", 20);
    assert_true(fps__owned_path_base64(&owned, FPS__DIGEST_SHA1, (fps__span){(const uint8_t *)sha1, 27}));
    assert_false(fps__owned_path_base64(&owned, FPS__DIGEST_SHA1, (fps__span){(const uint8_t *)sha1, 26}));
    assert_false(fps__owned_path_base64(&owned, FPS__DIGEST_SHA256, (fps__span){(const uint8_t *)sha1, 28}));
    assert_false(fps__owned_path_base64(&owned, FPS__DIGEST_OTHER, (fps__span){NULL, 0}));
    assert_false(fps__owned_path_hex(&owned, FPS__DIGEST_MD5, (fps__span){(const uint8_t *)sha1, 28}));
    assert_false(fps__owned_path_hex(&owned, FPS__DIGEST_MD5,
                                     (fps__span){(const uint8_t *)"0001020304050607080g0a0b0c0d0e0f", 32}));
}

static void rpm_packages_need_names_and_files(void **state)
{
    (void)state;
    static const fps__owned_path shell[] = {{.path = "/usr/bin/bash"}, {.path = "/usr/bin/sh"}};
    static const char *const facts[][3] = {
        {"app", "/bin/sh, libz.so.1()(64bit), (a if b), rpmlib(X), /usr/share/none, app", ""},
        {"bash", "", "config(bash) = 5"},
        {"zlib", "config(bash)", "libz.so.1()(64bit), libz.so.1(ZLIB_1.2)(64bit)"}};
    fps__inventory inventory = {.os_id = "", .os_version_id = ""};
    fps__inventory_reading reading = {.inventory = &inventory};
    for (size_t i = 0; i < 3; i++) {
        fps__inventory_package *package = fps__inventory_add(&reading, FPS_PACKAGE_RPM);
        package->facts.name = facts[i][0];
        package->facts.purl = facts[i][0];
        package->depends = facts[i][1];
        package->provides = facts[i][2];
        package->paths = shell;
        package->path_count = i == 1 ? 2 : 0;
    }
    fps__inventory_link(&reading);
    assert_string_equal(fixture_depends(&inventory, "app"), "bash\nzlib\n");
    assert_string_equal(fixture_depends(&inventory, "zlib"), "bash\n");
    assert_string_equal(fixture_depends(&inventory, "bash"), "");
    fps__inventory_free(&inventory);
}

/* A name that everybody provides and needs is cut off, not multiplied out. */
static void dependencies_of_a_hostile_database_stay_few(void **state)
{
    (void)state;
    enum { PACKAGES = 2000 };
    fps__inventory inventory = {.os_id = "", .os_version_id = ""};
    fps__inventory_reading reading = {.inventory = &inventory};
    for (size_t i = 0; i < PACKAGES; i++) {
        fps__inventory_package *package = fps__inventory_add(&reading, FPS_PACKAGE_DEB);
        package->facts.name = i % 2 ? "odd" : "even";
        package->depends = "all, all, odd, even";
        package->provides = "all";
    }
    fps__inventory_link(&reading);
    for (size_t i = 0; i < PACKAGES; i++)
        assert_in_range(inventory.packages.items[i].facts.depend_count, 64, 3 * 64);
    fps__inventory_free(&inventory);
}

/* Without a database nothing but what the readers name is kept. */
static void only_databases_and_metadata_are_wanted(void **state)
{
    (void)state;
    static const char *const wanted[] = {"/var/lib/dpkg/status",
                                         "/var/lib/dpkg/status.d/base",
                                         "/var/lib/dpkg/info/a:amd64.list",
                                         "/var/lib/dpkg/diversions",
                                         "/etc/dpkg/dpkg.cfg.d/docker",
                                         "/usr/share/doc/a/copyright",
                                         "/lib/apk/db/installed",
                                         "/a/node_modules/@s/n/package.json",
                                         "/a/x-1.dist-info/RECORD",
                                         "/a/x.egg-info",
                                         "/g/specifications/default/json-2.gemspec",
                                         "/w/META-INF/maven/g/a/pom.properties"};
    static const char *const unwanted[] = {"/var/lib/dpkg/available",
                                           "/var/lib/dpkg/info/a.postinst",
                                           "/usr/share/doc/a/changelog",
                                           "/a/package.json",
                                           "/a/node_modules/b/dist/package.json",
                                           "/a/node_modules/.bin/package.json",
                                           "/a/node_modules/package.json",
                                           "/json.gemspec",
                                           "/etc/passwd"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_true(fps__inventory_wants(wanted[i], 100));
    for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
        assert_false(fps__inventory_wants(unwanted[i], 100));
    assert_true(fps__inventory_wants("/var/lib/dpkg/status", UINT64_MAX));
    assert_false(fps__inventory_wants("/usr/share/doc/a/copyright", 1 << 20));
    assert_false(fps__inventory_wants("/n/node_modules/a/package.json", 1 << 24));
}

static void count_timeouts(void *user, const fps_diagnostic *diagnostic)
{
    assert_string_equal(diagnostic->code, "timeout");
    assert_int_equal(diagnostic->level, FPS_DIAGNOSTIC_PARTIAL);
    ++*(size_t *)user;
}

static void what_is_read_after_the_deadline_is_left_out_and_said(void **state)
{
    (void)state;
    static const char status[] = "Package: a\nVersion: 1\n\n";
    const fps__inventory_file file = {"/var/lib/dpkg/status", {(const uint8_t *)status, sizeof status - 1}};
    size_t told = 0;
    fps__inventory inventory;
    const fps__inventory_options options = {.diagnostic = count_timeouts, .user = &told, .deadline_ms = 1};
    assert_int_equal(fps__inventory_read(&inventory, &file, 1, &options, NULL), FPS_OK);
    assert_int_equal(inventory.packages.count, 0);
    assert_int_equal(told, 1);
    fps__inventory_free(&inventory);
}

static void packages_that_need_more_memory_than_they_may_fail(void **state)
{
    (void)state;
    static const char status[] = "Package: a\nVersion: 1\n\n";
    const fps__inventory_file file = {"/var/lib/dpkg/status", {(const uint8_t *)status, sizeof status - 1}};
    fps__inventory inventory;
    const fps__inventory_options options = {.memory = 16};
    assert_int_equal(fps__inventory_read(&inventory, &file, 1, &options, NULL), FPS_ERROR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(os_release_is_read_as_a_shell_would),
        cmocka_unit_test(nothing_is_an_empty_inventory),
        cmocka_unit_test(what_is_read_after_the_deadline_is_left_out_and_said),
        cmocka_unit_test(packages_that_need_more_memory_than_they_may_fail),
        cmocka_unit_test(package_urls_are_those_of_their_types),
        cmocka_unit_test(paths_never_leave_the_root),
        cmocka_unit_test(entries_of_one_path_become_one),
        cmocka_unit_test(digests_are_whole_or_refused),
        cmocka_unit_test(rpm_packages_need_names_and_files),
        cmocka_unit_test(dependencies_of_a_hostile_database_stay_few),
        cmocka_unit_test(only_databases_and_metadata_are_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
