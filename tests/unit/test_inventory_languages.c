/* Proves what is read of PHP, .NET, R, Perl, Lua, OCaml, Erlang, Dart, Swift and Conan packages. */
#include "util/license_words.h"

#include "package_links_fixture.h"
#include "sqlite_fixture.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"

static void composer_lists_packages_in_both_of_its_formats(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/app/vendor/composer/installed.json",
         "{\"packages\":[{\"name\":\"Symfony/console\",\"version\":\"v5.4.0\",\"license\":[\"MIT\",\"BSD-3-Clause\"],"
         "\"authors\":[{\"name\":\"Ann\"}],\"require\":{\"php\":\">=7\",\"a/b\":\"^1\"},\"install-path\":\"../symfony/con\"},"
         "{\"name\":\"a/b\",\"version\":\"1.0\",\"install-path\":\"../../../../../etc\"},{\"version\":\"1\"}]}"},
        {"/old/vendor/composer/installed.json", "[{\"name\":\"c/d\",\"version\":\"2.0\"}]"},
        {"/bad/vendor/composer/installed.json", "{}"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text,
                        "/app/vendor/composer/installed.json: metadata of the package is damaged\n"
                        "/bad/vendor/composer/installed.json: metadata of the package is damaged\n");
    const fps__inventory_package *console =
        fixture_package(&inventory, "pkg:composer/symfony/console@v5.4.0");
    assert_string_equal(console->facts.license, "MIT OR BSD-3-Clause");
    assert_string_equal(console->facts.supplier, "Ann");
    assert_string_equal(console->root, "/app/vendor/symfony/con");
    assert_string_equal(fixture_depends(&inventory, "pkg:composer/symfony/console@v5.4.0"),
                        "pkg:composer/a/b@1.0\n");
    assert_string_equal(fixture_package(&inventory, "pkg:composer/a/b@1.0")->root, "");
    assert_string_equal(fixture_package(&inventory, "pkg:composer/c/d@2.0")->root, "/old/vendor/c/d");
    fps__inventory_free(&inventory);
}

static void dotnet_packages_own_their_assets(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/srv/App.deps.json",
         "{\"targets\":{\"net8\":{\"App/1.0\":{},\"A.B/13.0.3\":{\"dependencies\":{\"C\":\"1\"},\"runtime\":{\"lib/net6/A.dll\":{}}},"
         "\"C/1\":{\"native\":{\"runtimes/linux-x64/native/c.so\":{}}}}},\"libraries\":{\"App/1.0\":{\"type\":\"project\"},"
         "\"A.B/13.0.3\":{\"type\":\"package\"},\"C/1\":{\"type\":\"package\"},\"runtimepack.R/8\":{\"type\":\"runtimepack\"}}}"},
        {"/srv/Other.deps.json", "{\"libraries\":[]}"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "/srv/Other.deps.json: metadata of the package is damaged\n");
    assert_int_equal(inventory.packages.count, 3);
    fixture_path(fixture_package(&inventory, "pkg:nuget/A.B@13.0.3"), "/srv/A.dll");
    fixture_path(fixture_package(&inventory, "pkg:nuget/C@1"), "/srv/runtimes/linux-x64/native/c.so");
    assert_string_equal(fixture_depends(&inventory, "pkg:nuget/A.B@13.0.3"), "pkg:nuget/C@1\n");
    fixture_package(&inventory, "pkg:nuget/R@8");
    fps__inventory_free(&inventory);
}

static void only_installed_packages_of_r_count(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/usr/lib/R/library/Rcpp/DESCRIPTION",
         "Package: Rcpp\nVersion: 1.0.12\nLicense: GPL (>= 2)\nMaintainer: D <d@example.org>\nDepends: R (>= 3.5),\n"
         "        utils (>= 1)\nImports: methods\nBuilt: R 4.3.1; ; 2024; unix\n"},
        {"/usr/lib/R/library/utils/DESCRIPTION",
         "Package: utils\nVersion: 4.3.1\nBuilt: R 4.3.1; ; ; unix\n"},
        {"/opt/library/bare/DESCRIPTION", "Package: bare\nVersion: 2\n"},
        {"/src/notes/DESCRIPTION", "Package: sources\nVersion: 1\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    assert_int_equal(inventory.packages.count, 3);
    fixture_package(&inventory, "pkg:cran/bare@2");
    const fps__inventory_package *rcpp = fixture_package(&inventory, "pkg:cran/Rcpp@1.0.12");
    assert_string_equal(rcpp->facts.license, "GPL-2.0-or-later");
    assert_string_equal(rcpp->facts.supplier, "D <d@example.org>");
    assert_string_equal(rcpp->root, "/usr/lib/R/library/Rcpp");
    assert_string_equal(fixture_depends(&inventory, "pkg:cran/Rcpp@1.0.12"), "pkg:cran/utils@4.3.1\n");
    fps__inventory_free(&inventory);
}

static void perl_distributions_own_what_their_packlist_names(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/p/.meta/JSON-XS-4.03/MYMETA.json",
         "{\"name\":\"JSON-XS\",\"version\":\"4.03\",\"license\":[\"perl_5\"],\"author\":[\"Marc\"]}"},
        {"/p/.meta/JSON-XS-4.03/install.json", "{\"name\":\"JSON::XS\",\"version\":\"4.03\"}"},
        {"/p/auto/JSON/XS/.packlist", "/p/auto/JSON/XS/XS.so type=file\n"},
        {"/p/.meta/Try-Tiny-0.31/install.json", "{\"name\":\"Try::Tiny\"}"},
        {"/p/.meta/Mojo-Pg-4.27/MYMETA.json", "{\"name\":\"Mojo-Pg\",\"version\":\"4.27\"}"},
        {"/p/.meta/Mojo-Pg-4.27/install.json",
         "{\"name\":\"Mojo::Pg\",\"pathname\":\"S/SR/SRI/Mojo-Pg-4.27.tar.gz\"}"},
        {"/p/auto/Mojo/Pg/.packlist", "/p/Mojo/Pg.pm\n"},
        {"/p/.meta/JSON-PP-4.16/install.json", "{\"pathname\":\"I/IS/ISHIGAKI/JSON-PP-4.16.tar.gz\"}"},
        {"/p/.meta/Bad-1/install.json", "{\"pathname\":\"I/IS/../Bad-1.tar.gz\"}"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    assert_int_equal(inventory.packages.count, 5);
    const fps__inventory_package *package = fixture_package(&inventory, "pkg:cpan/JSON-XS@4.03");
    assert_string_equal(package->facts.license, "Artistic-1.0-Perl OR GPL-1.0-or-later");
    assert_string_equal(package->facts.supplier, "Marc");
    fixture_path(package, "/p/auto/JSON/XS/XS.so");
    fixture_package(&inventory, "pkg:cpan/Try-Tiny@0.31");
    fixture_path(fixture_package(&inventory, "pkg:cpan/SRI/Mojo-Pg@4.27"), "/p/Mojo/Pg.pm");
    fixture_package(&inventory, "pkg:cpan/ISHIGAKI/JSON-PP@4.16");
    fixture_package(&inventory, "pkg:cpan/Bad@1");
    fps__inventory_free(&inventory);
}

static void rocks_own_what_was_deployed(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/usr/local/lib/luarocks/rocks-5.4/lfs/1.8.0-1/lfs-1.8.0-1.rockspec",
         "package = \"lfs\"\ndescription = {\n   license = \"MIT\",\n}\n"},
        {"/usr/local/lib/luarocks/rocks-5.4/lfs/1.8.0-1/rock_manifest",
         "rock_manifest = {\n   lib = {\n      [\"lfs.so\"] = \"" MD5
         "\"\n   },\n   lua = {\n      socket = {\n"
         "         [\"a.lua\"] = \"" MD5 "\"\n      }\n   },\n   doc = { [\"x\"] = \"" MD5 "\" },\n"
         "   bin = { run = \"" MD5 "\" }\n}\n"},
        {"/o/lib/luarocks/rocks/old/1-1/old-1-1.rockspec",
         "-- license = \"none\"\ndescription = { old_license = \"X\", license = \"BSD-3-Clause\" }\n"},
        {"/o/lib/luarocks/rocks/old/1-1/rock_manifest",
         "rock_manifest = { lua = { [\"old.lua\"] = \"" MD5 "\" } }"},
        {"/r/lib/luarocks/rocks-5.1/cut/1-1/cut-1-1.rockspec", ""},
        {"/r/lib/luarocks/rocks-5.1/cut/1-1/rock_manifest", "rock_manifest = { lib = { [\"x"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text,
                        "/r/lib/luarocks/rocks-5.1/cut/1-1/rock_manifest: list of files is damaged\n");
    const fps__inventory_package *package = fixture_package(&inventory, "pkg:luarocks/lfs@1.8.0-1");
    assert_string_equal(package->facts.license, "MIT");
    const fps__inventory_package *old = fixture_package(&inventory, "pkg:luarocks/old@1-1");
    fixture_path(old, "/o/share/lua/5.1/old.lua");
    assert_string_equal(old->facts.license, "BSD-3-Clause");
    assert_int_equal(package->path_count, 3);
    assert_int_equal(fixture_path(package, "/usr/local/lib/lua/5.4/lfs.so")->digest_kind, FPS__DIGEST_MD5);
    fixture_path(package, "/usr/local/share/lua/5.4/socket/a.lua");
    assert_int_equal(fixture_path(package, "/usr/local/bin/run")->digest_kind, FPS__DIGEST_NONE);
    fps__inventory_free(&inventory);
}

static void opam_packages_own_what_they_added(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/h/.opam/5.1/.opam-switch/packages/zarith.1.13/opam",
         "opam-version: \"2.0\"\nlicense: [\"MIT\" \"ISC\"]\nmaintainer: \"X <x@example.org>\"\ndepends: [\n  \"ocaml\" "
         "{>= \"4.04\"}\n  \"absent\"\n]\n"},
        {"/h/.opam/5.1/.opam-switch/packages/ocaml.5.1.0/opam", "license: \"LGPL-2.1-only\"\n"},
        {"/h/.opam/5.1/.opam-switch/install/zarith.changes",
         "added: [\n  \"lib/zarith\" {\"D\"}\n  \"lib/zarith/z.so\" {\"F:x\"}\n]\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    const fps__inventory_package *package = fixture_package(&inventory, "pkg:opam/zarith@1.13");
    assert_string_equal(package->facts.license, "MIT AND ISC");
    assert_string_equal(package->facts.supplier, "X <x@example.org>");
    assert_int_equal(package->path_count, 2);
    fixture_path(package, "/h/.opam/5.1/lib/zarith/z.so");
    assert_string_equal(fixture_depends(&inventory, "pkg:opam/zarith@1.13"), "pkg:opam/ocaml@5.1.0\n");
    fps__inventory_free(&inventory);
}

static void an_erlang_application_says_its_version_once(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/l/crypto-5.1/ebin/crypto.app",
         "%% {vsn, \"0\"}\n{application, 'Crypto',\n [{description, \"says {vsn, \\\"9\\\"}\"},{vsn,\"5.1\"}]}.\n"},
        {"/l/x/ebin/x.app", "{application, x, [{vsn, "}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "/l/x/ebin/x.app: metadata of the package is damaged\n");
    assert_string_equal(fixture_package(&inventory, "pkg:otp/crypto@5.1")->root, "/l/crypto-5.1");
    fps__inventory_free(&inventory);
}

static void dart_swift_and_conan_packages_are_what_was_fetched(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/r/.pub-cache/hosted/pub.dev/path-1.8.3/pubspec.yaml",
         "name: path # the name\nversion: \"1.8.3\"\n"},
        {"/s/.build/workspace-state.json",
         "{\"object\":{\"dependencies\":[{\"packageRef\":{\"location\":\"https://u@github.com/apple/swift-nio.git\"},"
         "\"state\":{\"checkoutState\":{\"revision\":\"a\",\"version\":\"2.40.0\"}},\"subpath\":\"swift-nio\"},"
         "{\"packageRef\":{\"location\":\"/local\"},\"state\":{}}]}}"},
        {"/r/.conan/data/zlib/1.3/me/stable/package/ab/conaninfo.txt", ""},
        {"/d/full_deploy/host/openssl/3.2/Release/x86_64/conaninfo.txt", ""}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    assert_int_equal(inventory.packages.count, 4);
    fixture_package(&inventory, "pkg:pub/path@1.8.3");
    assert_string_equal(fixture_package(&inventory, "pkg:swift/github.com/apple/swift-nio@2.40.0")->root,
                        "/s/.build/checkouts/swift-nio");
    assert_string_equal(fixture_package(&inventory, "pkg:conan/zlib@1.3?channel=stable&user=me")->root,
                        "/r/.conan/data/zlib/1.3/me/stable/package/ab");
    fixture_package(&inventory, "pkg:conan/openssl@3.2");
    fps__inventory_free(&inventory);
}

static void phantoms_are_no_packages(void **state)
{
    (void)state;
    static const char *const phantoms[] = {
        "/app/node_modules/stub/test/fixtures/node_modules/evil/package.json",
        "/app/node_modules/@s/stub/fixtures/node_modules/evil/package.json",
        "/app/node_modules/.foo-AbCd12/package.json",
        "/app/node_modules/@s/.foo-AbCd12/package.json",
        "/usr/share/.cache/yarn/v6/npm-foo/node_modules/foo/package.json",
        "/l/site-packages/setuptools/tests/data/my.egg-info/PKG-INFO",
        "/l/site-packages/pkg_resources/tests/data/my.egg/EGG-INFO/PKG-INFO",
        "/l/site-packages/~ip-23.0.dist-info/METADATA",
        "/l/site-packages/-ip-23.0.dist-info/METADATA",
        "/u/.cache/uv/archive-v0/x/a-1.dist-info/METADATA",
        "/opt/conda/pkgs/requests-2.31-py311_0/lib/python3.11/site-packages/requests-2.31.dist-info/METADATA",
        "/usr/lib/R/site-library/Rcpp/tinytest/a/DESCRIPTION",
        "/usr/lib/python3.11/test/data/a.egg-info/PKG-INFO",
        "/g/gems/a-1/test/specifications/b-1.gemspec",
        "/app/vendor/a/b/tests/fixtures/vendor/composer/installed.json",
    };
    static const char *const packages[] = {
        "/app/node_modules/test/package.json",
        "/app/node_modules/.pnpm/a@1/node_modules/tests/package.json",
        "/app/node_modules/@s/test/package.json",
        "/test/node_modules/a/package.json",
        "/test/fixtures/app/node_modules/a/package.json",
        "/l/site-packages/tests-1.0.dist-info/METADATA",
        "/l/site-packages/setuptools/_vendor/a-1.dist-info/METADATA",
        "/usr/lib/python3.11/site-packages/test/x-1.dist-info/METADATA",
        "/u/.cache/pypoetry/virtualenvs/a/lib/python3.11/site-packages/x-1.dist-info/METADATA",
        "/app/node_modules/.bun/a@1/node_modules/a/package.json",
        "/pkgs/app/node_modules/a/package.json",
        "/app/vendor/composer/installed.json",
        "/u/.pub-cache/hosted/pub.dev/a-1/pubspec.yaml",
    };
    for (size_t i = 0; i < sizeof phantoms / sizeof *phantoms; i++)
        if (fps__inventory_wants(phantoms[i], 1))
            fail_msg("%s is wanted", phantoms[i]);
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
        if (!fps__inventory_wants(packages[i], 1))
            fail_msg("%s is not wanted", packages[i]);
}

static void the_cache_of_conan_lists_packages_and_their_folders(void **state)
{
    (void)state;
    static const struct {
        const char *statements, *fault;
        size_t packages;
    } cases[] = {
        {"CREATE TABLE packages (reference text, rrev text, path text);"
         "INSERT INTO packages VALUES ('zlib/1.3@me/stable', 'r', 'b/zlib1'), ('a/2', 'r', '../../../etc')",
         "", 2},
        {"CREATE TABLE packages (reference text, path text); INSERT INTO packages VALUES ('nothing', 'b/x')",
         "/h/p/cache.sqlite3: database of Conan is damaged, or lists too many packages\n", 0},
        {"CREATE TABLE other (reference text, path text);"
         "CREATE VIEW packages AS SELECT 'a/1' AS reference, 'p' AS path FROM other",
         "/h/p/cache.sqlite3: packages is not the table that Conan makes\n", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__span bytes = make_sqlite(cases[i].statements, (fps__span){NULL, 0});
        const fps__inventory_file file = {"/h/p/cache.sqlite3", bytes};
        fps__inventory inventory;
        fixture_faults faults = {0, ""};
        const fps__inventory_options options = {.diagnostic = fixture_fault, .user = &faults};
        assert_true(fps__inventory_wants(file.path, bytes.size));
        assert_int_equal(fps__inventory_read(&inventory, &file, 1, &options, NULL), FPS_OK);
        assert_string_equal(faults.text, cases[i].fault);
        assert_int_equal(inventory.packages.count, cases[i].packages);
        if (cases[i].packages) {
            assert_string_equal(
                fixture_package(&inventory, "pkg:conan/zlib@1.3?channel=stable&user=me")->root,
                "/h/p/b/zlib1/p");
            assert_string_equal(fixture_package(&inventory, "pkg:conan/a@2")->root, "");
        }
        fps__inventory_free(&inventory);
        free((void *)bytes.data);
    }
}

static void words_about_licences_become_spdx_where_they_are_certain(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"GPLv2+", "GPL-2.0-or-later"},
        {"(GPLv2+ or Artistic 2.0) and MIT", "(GPL-2.0-or-later OR Artistic-2.0) AND MIT"},
        {"GPL (>= 2)|LGPL-2.1", "GPL-2.0-or-later OR LGPL-2.1-only"},
        {"MIT + file LICENSE", "MIT"},
        {"apache license, version 2.0", "Apache-2.0"},
        {"LGPLv2.1", "LGPL-2.1-only"},
        {"BSD and MIT", ""},
        {"MIT and", ""},
        {"(MIT", ""},
        {"MIT)", ""},
        {"MIT MIT", ""},
        {"GPLv2 with exceptions", ""},
        {"MITx", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expression[FPS__LICENSE_WORDS_SIZE];
        fps__span words = {(const uint8_t *)cases[i][0], strlen(cases[i][0])};
        assert_int_equal(fps__license_words(words, expression), *cases[i][1] != '\0');
        assert_string_equal(expression, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(composer_lists_packages_in_both_of_its_formats),
        cmocka_unit_test(dotnet_packages_own_their_assets),
        cmocka_unit_test(only_installed_packages_of_r_count),
        cmocka_unit_test(perl_distributions_own_what_their_packlist_names),
        cmocka_unit_test(rocks_own_what_was_deployed),
        cmocka_unit_test(opam_packages_own_what_they_added),
        cmocka_unit_test(an_erlang_application_says_its_version_once),
        cmocka_unit_test(the_cache_of_conan_lists_packages_and_their_folders),
        cmocka_unit_test(words_about_licences_become_spdx_where_they_are_certain),
        cmocka_unit_test(phantoms_are_no_packages),
        cmocka_unit_test(dart_swift_and_conan_packages_are_what_was_fetched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
