/* Proves what is read of dpkg's database, and that damage in it is said. */
#include "inventory/dpkg.h"

#include "package_links_fixture.h"

#define STATUS "/var/lib/dpkg/status"
#define INFO   "/var/lib/dpkg/info/"
#define MD5    "d41d8cd98f00b204e9800998ecf8427e"

static void a_package_has_its_facts_and_files(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"},
        {STATUS,
         "Package: zlib1g\nStatus: install ok installed\nMaintainer: M <m@example.org>\nArchitecture: amd64\nMulti-Arch: same\n"
         "Source: zlib (1:1.2.13.dfsg-1)\nVersion: 1:1.2.13.dfsg-1+b1\nPre-Depends: libc6 (>= 2.14)\n"
         "Depends: none | other\nProvides: libz1\nBuilt-Using: a (= 1)\nStatic-Built-Using: b (= 2)\n"
         "Conffiles:\n /etc/z.conf " MD5 "\n /etc/old " MD5 " obsolete\n /etc/new newconffile\n"
         "Description: text\n more\n .\n\n"},
        {INFO "zlib1g:amd64.list", "/.\n/usr\n/usr/lib\n/usr/lib/libz.so.1\n/usr/lib/libz.so.1.2\n"
                                   "/usr/share/doc/zlib1g/copyright\n/etc/z.conf\n/opt/x\n"},
        {INFO "zlib1g:amd64.md5sums", MD5 "  usr/lib/libz.so.1.2\n"},
        {INFO "zlib1g:amd64.conffiles", "/etc/z.conf\nremove-on-upgrade /etc/gone\n"},
        {"/etc/dpkg/dpkg.cfg.d/docker", "# none\npath-exclude=/opt/*\npath-include /opt/keep\n"},
        {"/usr/share/doc/zlib1g/copyright", "Format: x\n\nFiles: *\nLicense: Zlib\n"},
    };
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_int_equal(faults.count, 0);
    const fps__inventory_package *package =
        fixture_package(&inventory, "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1%2Bb1?arch=amd64&distro=debian-12"
                                    "&upstream=zlib%401:1.2.13.dfsg-1");
    assert_string_equal(package->facts.source, "zlib");
    assert_string_equal(package->facts.source_version, "1:1.2.13.dfsg-1");
    assert_string_equal(package->facts.license, "Zlib");
    assert_string_equal(package->facts.supplier, "M <m@example.org>");
    assert_string_equal(package->facts.location, STATUS);
    assert_string_equal(package->depends, "libc6 (>= 2.14), none | other");
    assert_string_equal(package->provides, "libz1");
    assert_string_equal(package->built_using, "a (= 1), b (= 2)");
    assert_true(package->paths_known);
    assert_int_equal(package->path_count, 9);
    assert_int_equal(fixture_path(package, "/usr/lib")->flags, FPS__OWNED_DIRECTORY);
    assert_int_equal(fixture_path(package, "/usr/lib/libz.so.1")->flags, 0);
    const fps__owned_path *library = fixture_path(package, "/usr/lib/libz.so.1.2");
    assert_int_equal(library->flags, FPS__OWNED_REGULAR);
    assert_int_equal(library->digest_kind, FPS__DIGEST_MD5);
    assert_int_equal(library->digest[0], 0xd4);
    assert_int_equal(fixture_path(package, "/etc/z.conf")->flags, FPS__OWNED_CONFIG);
    assert_int_equal(fixture_path(package, "/etc/z.conf")->digest_kind, FPS__DIGEST_MD5);
    assert_int_equal(fixture_path(package, "/etc/old")->flags, FPS__OWNED_CONFIG | FPS__OWNED_OPTIONAL);
    assert_int_equal(fixture_path(package, "/etc/new")->digest_kind, FPS__DIGEST_NONE);
    assert_int_equal(fixture_path(package, "/opt/x")->flags, FPS__OWNED_OPTIONAL);
    assert_int_equal(fixture_path(package, "/usr/share/doc/zlib1g/copyright")->flags, FPS__OWNED_OPTIONAL);
    assert_string_equal(inventory.excluded.items[1], "!/opt/keep");
    fps__inventory_free(&inventory);
}

static void the_state_decides_what_is_installed(void **state)
{
    (void)state;
    const fixture_text texts[] = {{STATUS,
                                   "Package: a\nStatus: install ok installed\nVersion: 1\n\n"
                                   "Package: b\nStatus: deinstall ok config-files\nVersion: 1\n\n"
                                   "Package: c\nStatus: install reinstreq half-installed\nVersion: 1\n\n"
                                   "Package: d\nStatus: unknown ok not-installed\n\n"
                                   "Package: e\nStatus: install ok unpacked\nVersion: 1\n\n"
                                   "Package: f\nStatus: install ok triggers-pending\nVersion: 1\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_int_equal(faults.count, 0);
    assert_int_equal(inventory.packages.count, 4);
    assert_string_equal(inventory.packages.items[0].facts.name, "a");
    assert_string_equal(inventory.packages.items[1].facts.name, "c");
    assert_string_equal(inventory.packages.items[2].facts.name, "e");
    assert_string_equal(inventory.packages.items[3].facts.name, "f");
    assert_false(inventory.packages.items[0].paths_known);
    fps__inventory_free(&inventory);
}

static void two_architectures_have_lists_of_their_own(void **state)
{
    (void)state;
    const fixture_text texts[] = {{STATUS, "Package: z\nArchitecture: amd64\nVersion: 1\nDepends: c\n\n"
                                           "Package: z\nArchitecture: i386\nVersion: 1\nDepends: c\n\n"
                                           "Package: c\nArchitecture: amd64\nVersion: 1\n\n"
                                           "Package: c\nArchitecture: i386\nVersion: 1\nDepends: data\n\n"
                                           "Package: data\nArchitecture: all\nVersion: 1\nDepends: c\n\n"},
                                  {INFO "z:amd64.list", "/amd64\n"},
                                  {INFO "z:i386.list", "/i386\n"},
                                  {INFO "c:amd64.list", "/.\n"},
                                  {INFO "c:i386.list", "/.\n"},
                                  {INFO "data.list", "/.\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_int_equal(faults.count, 0);
    assert_non_null(fixture_path(fixture_package(&inventory, "pkg:deb/debian/z@1?arch=i386"), "/i386"));
    assert_non_null(fixture_path(fixture_package(&inventory, "pkg:deb/debian/z@1?arch=amd64"), "/amd64"));
    assert_string_equal(fixture_depends(&inventory, "pkg:deb/debian/z@1?arch=i386"),
                        "pkg:deb/debian/c@1?arch=i386\n");
    assert_string_equal(fixture_depends(&inventory, "pkg:deb/debian/c@1?arch=i386"),
                        "pkg:deb/debian/data@1?arch=all\n");
    assert_string_equal(fixture_depends(&inventory, "pkg:deb/debian/data@1?arch=all"),
                        "pkg:deb/debian/c@1?arch=amd64\npkg:deb/debian/c@1?arch=i386\n");
    fps__inventory_free(&inventory);
}

static void a_list_is_read_for_the_first_package_that_it_fits_alone(void **state)
{
    (void)state;
    const fixture_text texts[] = {{STATUS, "Package: a\nStatus: install ok installed\nVersion: 1\n\n"
                                           "Package: a\nStatus: install ok installed\nVersion: 2\n\n"},
                                  {INFO "a.list", "/.\n/bin\n/bin/a\n"},
                                  {INFO "a.md5sums", "d41d8cd98f00b204e9800998ecf8427e  bin/a\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_non_null(fixture_path(fixture_package(&inventory, "pkg:deb/debian/a@1"), "/bin/a"));
    assert_false(fixture_package(&inventory, "pkg:deb/debian/a@2")->paths_known);
    assert_int_equal(fixture_package(&inventory, "pkg:deb/debian/a@2")->path_count, 0);
    assert_int_equal(faults.count, 1); /* an installed package has no list of files */
    fps__inventory_free(&inventory);
}

static void dependencies_follow_alternatives_and_provides(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {STATUS, "Package: a\nVersion: 1\nDepends: missing | b (>= 1) | c, awk, d:any, a\nPre-Depends: b\n\n"
                 "Package: b\nVersion: 1\n\nPackage: c\nVersion: 1\n\nPackage: d\nVersion: 1\n\n"
                 "Package: mawk\nVersion: 1\nProvides: awk (= 1), other\n\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(fixture_depends(&inventory, "pkg:deb/debian/a@1"),
                        "pkg:deb/debian/b@1\npkg:deb/debian/d@1\npkg:deb/debian/mawk@1\n");
    fps__inventory_free(&inventory);
}

static void images_without_dpkg_have_a_file_a_package(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12\nArchitecture: amd64"},
        {"/var/lib/dpkg/status.d/libc6", "Package: libc6\nVersion: 2.36\nArchitecture: amd64\n"},
        {"/var/lib/dpkg/status.d/libc6.md5sums", MD5 "  lib/libc.so.6\n" MD5 "  ./usr/bin/ldd\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_int_equal(faults.count, 0);
    assert_int_equal(inventory.packages.count, 2);
    assert_false(inventory.packages.items[0].paths_known);
    assert_string_equal(inventory.packages.items[0].facts.location, "/var/lib/dpkg/status.d/base");
    assert_true(inventory.packages.items[1].paths_known);
    assert_int_equal(fixture_path(&inventory.packages.items[1], "/usr/bin/ldd")->flags, FPS__OWNED_REGULAR);
    assert_int_equal(inventory.packages.items[1].path_count, 2);
    fps__inventory_free(&inventory);
}

static void diversions_come_in_threes(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/var/lib/dpkg/diversions", "/bin/sh\n/bin/sh.distrib\ndash\n/a\n/b\n:\n/cut\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_int_equal(inventory.diversions.count, 2);
    assert_string_equal(inventory.diversions.items[0].to, "/bin/sh.distrib");
    assert_string_equal(inventory.diversions.items[0].by, "dash");
    assert_string_equal(inventory.diversions.items[1].by, ":");
    assert_string_equal(faults.text, "/var/lib/dpkg/diversions: diversions are damaged\n");
    fps__inventory_free(&inventory);
}

static void damage_is_said_and_the_rest_is_read(void **state)
{
    (void)state;
    static const struct {
        fixture_text texts[3];
        size_t packages;
        const char *faults;
    } cases[] = {
        {{{STATUS, "Package: a\nVersion: 1\nArchi"}},
         1,
         STATUS ": database of dpkg is damaged\n" STATUS ": database of dpkg is cut off\n"},
        {{{STATUS, "garbage\n\nPackage: a\nVersion: 1\n\n"}}, 1, STATUS ": database of dpkg is damaged\n"},
        {{{STATUS, "Version: 1\n\nPackage: a\nVersion: 1\n\n"}}, 1, STATUS ": database of dpkg is damaged\n"},
        {{{STATUS, "Package: a\nVersion: 1\nPackage: b\nVersion: 1\n\n"}},
         2,
         STATUS ": database of dpkg is damaged\n"},
        {{{STATUS, "Package: a\nVersion: 1\nVersion: 2\n\n"}}, 1, STATUS ": database of dpkg is damaged\n"},
        {{{STATUS, "Package: a\n\n"}}, 0, STATUS ": database of dpkg is damaged\n"},
        {{{STATUS, "Package: a\nVersion: 1\n\n"}, {INFO "a.list", "/x\nrelative\n/y\n"}},
         1,
         INFO "a.list: list of files is damaged\n"},
        {{{STATUS, "Package: a\nVersion: 1\n\n"}, {INFO "a.list", "/x\n/y"}},
         1,
         INFO "a.list: list of files is damaged\n"},
        {{{STATUS, "Package: a\nVersion: 1\n\n"}, {INFO "a.list", "/x\n"}, {INFO "a.md5sums", "12  x\n"}},
         1,
         INFO "a.md5sums: list of digests is damaged\n"},
        {{{STATUS, "Package: a\nVersion: 1\n\nPackage: b\nVersion: 1\n\n"}, {INFO "a.list", "/x\n"}},
         2,
         STATUS ": 1 installed packages have no list of files\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture_faults faults;
        size_t count = 0;
        while (count < 3 && cases[i].texts[count].path)
            count++;
        fps__inventory inventory = fixture_inventory(cases[i].texts, count, &faults);
        assert_string_equal(faults.text, cases[i].faults);
        assert_int_equal(inventory.packages.count, cases[i].packages);
        fps__inventory_free(&inventory);
    }
}

static void licences_become_expressions(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Format: x\n\nFiles: *\nCopyright: me\nLicense: GPL-2+\n text\n", "GPL-2.0-or-later"},
        {"Format: x\nLicense: ISC\n\nFiles: debian/*\nLicense: GPL-2\n", "ISC"},
        {"Format: x\nLicense: ISC\n\nFiles: debian/*\nLicense: GPL-2\n\nFiles: *\nLicense: Expat\n", "MIT"},
        {"Format: x\n\nFiles: *\nLicense: GPL-2 or Artistic, and BSD-3-clause\n",
         "(GPL-2.0-only OR Artistic-1.0-Perl) AND (BSD-3-Clause)"},
        {"Format: x\n\nFiles: *\nLicense: LGPL-2.1+ and zlib/libpng\n", "LGPL-2.1-or-later AND Zlib"},
        {"Format: x\n\nFiles: *\nLicense: own-words\n", ""},
        {"Format: x\n\nFiles: *\nLicense: GPL-2+ with exception\n", ""},
        {"Format: x\n\nFiles: *\nLicense: and\n", ""},
        {"Format: x\n\nFiles: *\nLicense: ISC or\n", ""},
        {"see /usr/share/common-licenses/GPL-3.\n", "GPL-3.0-only"},
        {"or (at your option) any later version ... `/usr/share/common-licenses/LGPL-2.1'.\n",
         "LGPL-2.1-or-later"},
        {"/usr/share/common-licenses/GPL-2 /usr/share/common-licenses/LGPL-2\n", ""},
        {"Format: x\n\nFiles:\n *\nLicense: GPL-2+\n\nFiles: libxy/*.c include/*.h\nLicense: LGPL-2.1+\n",
         "LGPL-2.1-or-later"},
        {"Format: x\n\nFiles: *\nLicense: GPL-2\n\nFiles: lib/*\nLicense: LGPL-2.1\n", "LGPL-2.1-only"},
        {"Format: x\n\nFiles: *\nLicense: GPL-2\n\nFiles: libxy/python/*\nLicense: MIT\n", "GPL-2.0-only"},
        {"Format: x\n\nFiles: a\nLicense: ISC\n\nFiles: b\nLicense: ISC\n\nFiles: debian/*\nLicense: MIT\n",
         "ISC"},
        {"Format: x\n\nFiles: a\nLicense: ISC\n\nFiles: b\nLicense: MIT\n", ""},
        {"License: The main library is licensed under GNU Lesser\nGeneral Public License (LGPL) version 2.1+.\n\n"
         "Files: tests/mock.*\nLicense: Apache-2.0\n see\n /usr/share/common-licenses/Apache-2.0\n",
         "LGPL-2.1-or-later"},
        {"The tools are licensed under the GNU General Public License version 3 or later. The libraries are\n"
         "licensed under the terms of the GNU Lesser General Public License, version 2.1.\n",
         "LGPL-2.1-only"},
        {"Redistribution and use in source and binary\nforms ... one file: /usr/share/common-licenses/GPL-2\n",
         ""},
        {"Files: tests/a\nLicense: /usr/share/common-licenses/GPL-2\n", ""},
        {"all rights reserved\n", ""},
        {"", ""},
    };
    char expression[FPS__LICENSE_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__span text = {(const uint8_t *)cases[i][0], strlen(cases[i][0])};
        assert_int_equal(fps__dpkg_license(text, "libxy1", expression), *cases[i][1] != '\0');
        assert_string_equal(expression, cases[i][1]);
    }
}

static void a_package_without_a_name_is_damage(void **state)
{
    (void)state;
    const fixture_text texts[] = {{STATUS, "Package:\n \n\t\nVersion: 1\nPre-Depends: b\n\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, STATUS ": database of dpkg is damaged\n");
    assert_int_equal(inventory.packages.count, 0);
    fps__inventory_free(&inventory);
}

static void packages_of_one_source_share_their_licence(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {STATUS, "Package: libx\nSource: x\nVersion: 1\n\nPackage: libx-data\nSource: x\nVersion: 1\n\n"
                 "Package: x\nVersion: 1\n\nPackage: y\nVersion: 1\n\n"},
        {"/usr/share/doc/libx-data/copyright", "Format: x\n\nFiles: *\nLicense: MIT\n"},
        {"/usr/share/doc/x/copyright", "in words\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(fixture_package(&inventory, "pkg:deb/debian/libx@1?upstream=x")->facts.license,
                        "MIT");
    assert_string_equal(fixture_package(&inventory, "pkg:deb/debian/x@1")->facts.license, "");
    assert_string_equal(fixture_package(&inventory, "pkg:deb/debian/y@1")->facts.license, "");
    fps__inventory_free(&inventory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_package_has_its_facts_and_files),
        cmocka_unit_test(the_state_decides_what_is_installed),
        cmocka_unit_test(two_architectures_have_lists_of_their_own),
        cmocka_unit_test(a_list_is_read_for_the_first_package_that_it_fits_alone),
        cmocka_unit_test(dependencies_follow_alternatives_and_provides),
        cmocka_unit_test(images_without_dpkg_have_a_file_a_package),
        cmocka_unit_test(diversions_come_in_threes),
        cmocka_unit_test(damage_is_said_and_the_rest_is_read),
        cmocka_unit_test(licences_become_expressions),
        cmocka_unit_test(a_package_without_a_name_is_damage),
        cmocka_unit_test(packages_of_one_source_share_their_licence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
