/* Proves what is read of apk's database, and that damage in it is said. */
#include "package_links_fixture.h"

#define DATABASE "/lib/apk/db/installed"
#define SHA1     "2jmj7l5rSw0yVb/vlWAYkK/YBwk="

static void packages_have_facts_files_and_digests(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/etc/os-release", "ID=alpine\nVERSION_ID=3.18.0\n"},
        {"/lib/apk/protected_paths.d/more.list", "+var/www\n-etc/www\n# @x\n"},
        {DATABASE,
         "C:Q1abc=\nP:musl\nV:1.2.4-r0\nA:x86_64\nS:1\nI:2\nT:the libc\nU:url\nL:MIT\no:musl-src\nm:me\n"
         "t:1\nc:abc\np:so:libc.musl-x86_64.so.1=1 cmd:ldd=1.2\nr:musl-old\nF:lib\nM:0:0:755\n"
         "R:ld-musl-x86_64.so.1\na:0:0:755\nZ:Q1" SHA1 "\nR:libc.musl-x86_64.so.1\nF:etc\nR:conf\n"
         "Z:X3zz\nF:etc/init.d\nR:daemon\nF:usr/share/man\nR:page\nF:etc/www\nR:site\nF:var/www\nR:index\n"
         "F:\nR:top\n\n"
         "P:zlib\nV:1.2.13-r1\nA:x86_64\nL:Zlib\nD:so:libc.musl-x86_64.so.1 musl>=1 !other pc:none\n\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    const fps__inventory_package *musl = fixture_package(
        &inventory, "pkg:apk/alpine/musl@1.2.4-r0?arch=x86_64&distro=alpine-3.18.0&upstream=musl-src");
    assert_string_equal(musl->facts.supplier, "me");
    assert_string_equal(musl->facts.source, "musl-src");
    assert_string_equal(musl->facts.source_version, "1.2.4-r0");
    assert_string_equal(musl->facts.license, "MIT");
    assert_string_equal(musl->facts.location, DATABASE);
    assert_true(musl->paths_known);
    assert_string_equal(musl->provides, "so:libc.musl-x86_64.so.1=1, cmd:ldd=1.2");
    const fps__owned_path *library = fixture_path(musl, "/lib/ld-musl-x86_64.so.1");
    assert_int_equal(library->digest_kind, FPS__DIGEST_SHA1);
    assert_int_equal(library->digest[0], 0xda);
    assert_int_equal(library->flags, 0);
    assert_int_equal(fixture_path(musl, "/lib/libc.musl-x86_64.so.1")->digest_kind, FPS__DIGEST_NONE);
    assert_int_equal(fixture_path(musl, "/lib")->flags, FPS__OWNED_DIRECTORY);
    assert_int_equal(fixture_path(musl, "/etc/conf")->flags, FPS__OWNED_CONFIG);
    assert_int_equal(fixture_path(musl, "/etc/conf")->digest_kind, FPS__DIGEST_OTHER);
    assert_int_equal(fixture_path(musl, "/etc/init.d/daemon")->flags, 0);
    assert_int_equal(fixture_path(musl, "/usr/share/man/page")->flags, FPS__OWNED_OPTIONAL);
    assert_int_equal(fixture_path(musl, "/etc/www/site")->flags, 0);
    assert_int_equal(fixture_path(musl, "/var/www/index")->flags, FPS__OWNED_CONFIG);
    assert_non_null(fixture_path(musl, "/top"));
    assert_string_equal(
        fixture_depends(&inventory, "pkg:apk/alpine/zlib@1.2.13-r1?arch=x86_64&distro=alpine-3.18.0"),
        "pkg:apk/alpine/musl@1.2.4-r0?arch=x86_64&distro=alpine-3.18.0&upstream=musl-src\n");
    fps__inventory_free(&inventory);
}

static void both_places_are_read(void **state)
{
    (void)state;
    const fixture_text texts[] = {{"/usr/lib/apk/db/installed",
                                   "P:a\nV:1\nF:usr\nR:x\nZ:Q2"
                                   "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    const fps__owned_path *owned = fixture_path(fixture_package(&inventory, "pkg:apk/alpine/a@1"), "/usr/x");
    assert_int_equal(owned->digest_kind, FPS__DIGEST_SHA256);
    assert_int_equal(owned->digest[31], 0x55);
    fps__inventory_free(&inventory);
}

static void damage_is_said_and_the_rest_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t packages;
    } cases[] = {
        {"P:a\nV:1\n\nP:b\n\nP:c\nV:1\n\n", 2}, {"P:a\nV:1\nF:usr\nR:x\nZ:Q1short\n\n", 1},
        {"P:a\nV:1\nF:usr\nR:x\nZ:Q", 1},       {"P:a\nV:1\nnonsense\n\n", 1},
        {"P:a\nV:1\nF:usr\nR:\n\n", 1},         {"F:..\nR:..\n\n", 0},
        {"F:usr\nR:x\n\nP:a\nV:1\n\n", 1},      {"P:a\nV:1\nF:usr\nR:x\nP:b\nV:1\n\n", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture_faults faults;
        const fixture_text text = {DATABASE, cases[i].text};
        fps__inventory inventory = fixture_inventory(&text, 1, &faults);
        assert_string_equal(faults.text, DATABASE ": database of apk is damaged or cut off\n");
        assert_int_equal(inventory.packages.count, cases[i].packages);
        fps__inventory_free(&inventory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packages_have_facts_files_and_digests),
        cmocka_unit_test(both_places_are_read),
        cmocka_unit_test(damage_is_said_and_the_rest_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
