/* Proves what is read of pacman's local database, and that damage in it is said. */
#include "package_links_fixture.h"
#include "stream_fixture.h"

#include "util/lines.h"

#define LOCAL  "/var/lib/pacman/local/"
#define ZLIB   LOCAL "zlib-1:1.3.1-2/"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MD5    "d41d8cd98f00b204e9800998ecf8427e"

static const char zlib_desc[] =
    "%NAME%\nzlib\n\n%VERSION%\n1:1.3.1-2\n\n%BASE%\nzlib-src\n\n%DESC%\nCompression library\n\n"
    "%URL%\nhttps://www.zlib.net/\n\n%ARCH%\nx86_64\n\n%BUILDDATE%\n1714000000\n\n%PACKAGER%\nA B <a@b.org>\n\n"
    "%SIZE%\n332480\n\n%REASON%\n1\n\n%LICENSE%\nZlib\n\n%VALIDATION%\npgp\n\n%DEPENDS%\nglibc>=2.38\nsh\n\n"
    "%OPTDEPENDS%\nminizip: zip files\n\n%PROVIDES%\nlibz.so=1-64\n\n";
static const char zlib_files[] =
    "%FILES%\netc/\netc/zlib.conf\nusr/\nusr/lib/\nusr/lib/libz.so\n"
    "usr/lib/libz.so.1.3.1\nusr/share/a b\n\n%BACKUP%\netc/zlib.conf\t" MD5 "\n\n";
static const char zlib_mtree[] =
    "#mtree\n/set type=file uid=0 gid=0 mode=644\n./.BUILDINFO time=1.0 size=1 sha256digest=" SHA256 "\n"
    "./usr time=1.0 mode=755 type=dir\n./etc/zlib.conf time=1.0 size=0 md5digest=" MD5 "\n"
    "./usr/lib/libz.so time=1.0 mode=777 type=link link=libz.so.1.3.1\n"
    "./usr/lib/libz.so.1.3.1 time=1.0 mode=755 size=0 md5digest=" MD5 " sha256digest=" SHA256 "\n"
    "./usr/share/a\\040b time=1.0 size=0 md5digest=" MD5 "\n";

static void packages_have_facts_files_and_digests(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/usr/lib/os-release", "ID=arch\nBUILD_ID=rolling\n"},
        {LOCAL "ALPM_DB_VERSION", "9\n"},
        {ZLIB "desc", zlib_desc},
        {ZLIB "files", zlib_files},
        {ZLIB "mtree", zlib_mtree},
        {LOCAL "glibc-2.39-1/desc", "%NAME%\nglibc\n\n%VERSION%\n2.39-1\n\n%ARCH%\nx86_64\n\n"
                                    "%LICENSE%\nGPL-2.0-or-later\nMIT OR Zlib\n\n"},
        {LOCAL "glibc-2.39-1/files", ""},
        {LOCAL "app-1-1/desc", "%NAME%\nApp\n\n%VERSION%\n1-1\n\n%ARCH%\nany\n\n%DEPENDS%\nlibz.so=1-64\n"},
        {LOCAL "app-1-1/files", "%FILES%\nusr/\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    assert_int_equal(inventory.packages.count, 3);
    const fps__inventory_package *zlib =
        fixture_package(&inventory, "pkg:alpm/arch/zlib@1:1.3.1-2?arch=x86_64&distro=arch&upstream=zlib-src");
    assert_string_equal(zlib->facts.supplier, "A B <a@b.org>");
    assert_string_equal(zlib->facts.source, "zlib-src");
    assert_string_equal(zlib->facts.license, "Zlib");
    assert_string_equal(zlib->facts.location, ZLIB "desc");
    assert_string_equal(zlib->depends, "glibc>=2.38, sh");
    assert_string_equal(zlib->provides, "libz.so=1-64");
    assert_true(zlib->paths_known);
    assert_int_equal(zlib->path_count, 7);
    assert_int_equal(fixture_path(zlib, "/usr")->flags, FPS__OWNED_DIRECTORY);
    assert_int_equal(fixture_path(zlib, "/usr/lib/libz.so")->flags, FPS__OWNED_LINK);
    assert_int_equal(fixture_path(zlib, "/etc/zlib.conf")->flags, FPS__OWNED_CONFIG | FPS__OWNED_REGULAR);
    const fps__owned_path *library = fixture_path(zlib, "/usr/lib/libz.so.1.3.1");
    assert_int_equal(library->flags, FPS__OWNED_REGULAR);
    assert_int_equal(library->digest_kind, FPS__DIGEST_SHA256);
    assert_int_equal(library->digest[31], 0x55);
    assert_int_equal(fixture_path(zlib, "/usr/share/a b")->digest_kind, FPS__DIGEST_MD5);
    const fps__inventory_package *glibc =
        fixture_package(&inventory, "pkg:alpm/arch/glibc@2.39-1?arch=x86_64&distro=arch");
    assert_string_equal(glibc->facts.license, "GPL-2.0-or-later AND (MIT OR Zlib)");
    assert_string_equal(
        fixture_depends(&inventory, "pkg:alpm/arch/zlib@1:1.3.1-2?arch=x86_64&distro=arch&upstream=zlib-src"),
        "pkg:alpm/arch/glibc@2.39-1?arch=x86_64&distro=arch\n");
    assert_string_equal(fixture_depends(&inventory, "pkg:alpm/arch/app@1-1?arch=any&distro=arch"),
                        "pkg:alpm/arch/zlib@1:1.3.1-2?arch=x86_64&distro=arch&upstream=zlib-src\n");
    fps__inventory_free(&inventory);
}

static void other_files_of_the_database_are_not_wanted(void **state)
{
    (void)state;
    static const char *const others[] = {
        LOCAL "desc",         LOCAL "a/install", LOCAL "a/b/desc", LOCAL, "/var/lib/pacman/sync/core.db",
        "/opt" LOCAL "a/desc"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(fps__inventory_wants(others[i], 1));
}

/* Reads a package whose manifest has these bytes. */
static fps__inventory read_packed(fixture_bytes manifest, fixture_faults *faults)
{
    const fps__inventory_file files[] = {{ZLIB "desc", fps__span_of(zlib_desc)},
                                         {ZLIB "files", fps__span_of(zlib_files)},
                                         {ZLIB "mtree", {manifest.data, manifest.size}}};
    fps__inventory inventory;
    *faults = (fixture_faults){0, ""};
    assert_int_equal(
        fps__inventory_read(&inventory, files, 3,
                            &(fps__inventory_options){.diagnostic = fixture_fault, .user = faults}, NULL),
        FPS_OK);
    return inventory;
}

static void a_packed_manifest_is_unpacked(void **state)
{
    (void)state;
    fixture_faults faults;
    fixture_bytes packed = fixture_pack("gzip", zlib_mtree, sizeof zlib_mtree - 1);
    for (size_t cut = 0; cut < 2; cut++) {
        packed.size -= 12 * cut;
        fps__inventory inventory = read_packed(packed, &faults);
        assert_int_equal(faults.count, cut);
        assert_int_equal(inventory.packages.items[0].path_count, 7);
        if (!cut)
            assert_int_equal(
                fixture_path(&inventory.packages.items[0], "/usr/lib/libz.so.1.3.1")->digest_kind,
                FPS__DIGEST_SHA256);
        fps__inventory_free(&inventory);
    }
    free(packed.data);
}

static void a_manifest_that_grows_too_large_is_left_out(void **state)
{
    (void)state;
    enum { SIZE = 80 << 20 };
    char *blanks = malloc(SIZE);
    assert_non_null(blanks);
    memset(blanks, '\n', SIZE);
    fixture_faults faults;
    fixture_bytes packed = fixture_pack("gzip", blanks, SIZE);
    free(blanks);
    fps__inventory inventory = read_packed(packed, &faults);
    assert_int_equal(faults.count, 1);
    assert_int_equal(inventory.packages.count, 1);
    fps__inventory_free(&inventory);
    free(packed.data);
}

static void damage_is_said_and_the_rest_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *desc, *files, *mtree; /* NULL: not there */
        size_t packages;
        const char *fault;
    } cases[] = {
        {"%NAME%\na\n\n", "", NULL, 0, LOCAL "a-1-1/desc: description of the package is damaged\n"},
        {"", NULL, NULL, 0, LOCAL "a-1-1/desc: description of the package is damaged\n"},
        {NULL, "%FILES%\nusr/\n", NULL, 0, LOCAL "a-1-1/files: the package has no description\n"},
        {"%NAME%\na\n%VERSION%\n1-1\n", NULL, NULL, 1,
         LOCAL "a-1-1/desc: the package has no list of files\n"},
        {"%NAME%\na\n%VERSION%\n1-1\n", "usr/\n", NULL, 1, LOCAL "a-1-1/files: list of files is damaged\n"},
        {"%NAME%\na\n%VERSION%\n1-1\n", "%FILES%\nusr/\nus", NULL, 1,
         LOCAL "a-1-1/files: list of files is damaged\n"},
        {"%NAME%\na\n%VERSION%\n1-1\n", "%FILES%\n..\n", NULL, 1,
         LOCAL "a-1-1/files: list of files is damaged\n"},
        {"%NAME%\na\n%VERSION%\n1-1\n", "%FILES%\nusr/\n", "./usr type=", 1,
         LOCAL "a-1-1/mtree: manifest of the package is damaged\n"},
        {"%NAME%\na\n%VERSION%\n1-1\n", "%FILES%\nusr/\n", "/set type=file\n./a sha256digest=12\n", 1,
         LOCAL "a-1-1/mtree: manifest of the package is damaged\n"},
        {"%NAME%\na\n%VERSION%\n1-1\n", "%FILES%\nusr/\n",
         "/set type=file\n/unset type\n./a md5=12\n\n#\n.\n", 1, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture_text texts[3];
        size_t count = 0;
        if (cases[i].desc)
            texts[count++] = (fixture_text){LOCAL "a-1-1/desc", cases[i].desc};
        if (cases[i].files)
            texts[count++] = (fixture_text){LOCAL "a-1-1/files", cases[i].files};
        if (cases[i].mtree)
            texts[count++] = (fixture_text){LOCAL "a-1-1/mtree", cases[i].mtree};
        fixture_faults faults;
        fps__inventory inventory = fixture_inventory(texts, count, &faults);
        assert_int_equal(inventory.packages.count, cases[i].packages);
        assert_string_equal(faults.text, cases[i].fault);
        fps__inventory_free(&inventory);
    }
}

static void another_version_of_the_database_is_said(void **state)
{
    (void)state;
    const fixture_text texts[] = {{LOCAL "ALPM_DB_VERSION", "10\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, LOCAL "ALPM_DB_VERSION: version of pacman's database is not known\n");
    fps__inventory_free(&inventory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packages_have_facts_files_and_digests),
        cmocka_unit_test(other_files_of_the_database_are_not_wanted),
        cmocka_unit_test(a_packed_manifest_is_unpacked),
        cmocka_unit_test(a_manifest_that_grows_too_large_is_left_out),
        cmocka_unit_test(damage_is_said_and_the_rest_is_read),
        cmocka_unit_test(another_version_of_the_database_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
