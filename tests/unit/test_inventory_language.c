/* Proves what is read of Python, npm, Ruby and Java packages. */
#include "inventory/language.h"

#include "package_links_fixture.h"

#define SITE "/usr/lib/python3/site-packages/"

static void a_dist_info_has_claims_with_digests(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {SITE "Foo_Bar-1.0.dist-info/METADATA",
         "Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.0\nLicense: MIT\n"
         "Requires-Dist: baz.qux (>=1) ; python_version > '3'\nRequires-Dist: dev; extra == 'test'\n"
         "Requires-Dist: absent\n\nName: not this\n"},
        {SITE "Foo_Bar-1.0.dist-info/RECORD",
         "foo/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\n"
         "\"foo/a, \"\"b\"\".py\",md5=abc,1\n../../../bin/foo,,\n"
         "foo/hex,sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855,0\nfoo/__pycache__/"
         "x.pyc,,\n"},
        {SITE "baz-qux-2.egg-info", "Name: baz-qux\nVersion: 2\nLicense: UNKNOWN\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "");
    assert_int_equal(inventory.packages.count, 2);
    const fps__inventory_package *package = fixture_package(&inventory, "pkg:pypi/foo-bar@1.0");
    assert_string_equal(package->facts.name, "Foo_Bar");
    assert_string_equal(package->facts.license, "MIT");
    assert_true(package->paths_known);
    const fps__owned_path *module = fixture_path(package, SITE "foo/__init__.py");
    assert_int_equal(module->digest_kind, FPS__DIGEST_SHA256);
    assert_int_equal(module->digest[0], 0xe3);
    assert_int_equal(module->flags, FPS__OWNED_REGULAR);
    assert_int_equal(fixture_path(package, SITE "foo/a, \"b\".py")->digest_kind, FPS__DIGEST_OTHER);
    assert_int_equal(fixture_path(package, "/usr/bin/foo")->flags, FPS__OWNED_REGULAR | FPS__OWNED_OPTIONAL);
    assert_memory_equal(fixture_path(package, SITE "foo/hex")->digest, module->digest, 32);
    assert_string_equal(fixture_depends(&inventory, "pkg:pypi/foo-bar@1.0"), "pkg:pypi/baz-qux@2\n");
    const fps__inventory_package *egg = fixture_package(&inventory, "pkg:pypi/baz-qux@2");
    assert_false(egg->paths_known);
    assert_string_equal(egg->facts.license, "");
    fps__inventory_free(&inventory);
}

static void a_licence_of_metadata_is_no_text_and_no_holder(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *license, *supplier;
    } cases[] = {
        {"License: Copyright (c) 2005-2023, NM Developers.\n        All rights reserved.\n\n"
         "Classifier: License :: OSI Approved :: BSD License\n",
         "", ""},
        {"License: Copyright (c) 2005-2023, NM Developers.\n        All rights reserved.\n"
         "Classifier: License :: OSI Approved :: BSD License\nAuthor: A\nMaintainer: M\nAuthor-email: a@example.org\n",
         "BSD License", "M"},
        {"License: Copyright 2020 Me\n", "", ""},
        {"License: (c) Me\n", "", ""},
        {"License: MIT License\n        \n        Copyright (c) 2020\n", "MIT", ""},
        {"License: Some long terms\n        that go on\nClassifier: License :: OSI Approved :: MIT License\n",
         "MIT", ""},
        {"License: BSD-3-Clause\nClassifier: License :: OSI Approved :: BSD License\n", "BSD-3-Clause", ""},
        {"License: GPL\nLicense-Expression: GPL-2.0-or-later\n", "GPL-2.0-or-later", ""},
        {"Classifier: License :: OSI Approved :: MIT License\nClassifier: License :: OSI Approved\n"
         "Classifier: License :: OSI Approved :: Apache Software License\nAuthor: UNKNOWN\nAuthor-email: A <a@example.org>\n",
         "MIT, Apache-2.0", "A <a@example.org>"},
        {"Author-email: \"B, A\" <a@example.org>, C <c@example.org>\n", "",
         "B, A <a@example.org>, C <c@example.org>"},
        {"Author: A \"B\" C\n", "", "A \"B\" C"},
        {"License: UNKNOWN\nClassifier: Topic :: Software\n", "", ""},
        {"License: Apache License, Version 2.0\n", "Apache-2.0", ""},
    };
    fps__arena arena = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024];
        snprintf(text, sizeof text, "Name: a\nVersion: 1\n%s", cases[i].fields);
        fps_package facts = fps__inventory_facts(FPS_PACKAGE_PYPI);
        assert_int_equal(fps__language_parse_python(&arena, (fps__span){(const uint8_t *)text, strlen(text)},
                                                    &facts, NULL),
                         FPS_OK);
        assert_string_equal(facts.license, cases[i].license);
        assert_string_equal(facts.supplier, cases[i].supplier);
    }
    fps__arena_free(&arena);
}

static void the_author_of_a_package_json_is_its_supplier(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"author\":\"Ann <ann@example.org> (page)\"", "Ann <ann@example.org> (page)"},
        {"\"author\":{\"name\":\"Ann\",\"email\":\"ann@example.org\"}", "Ann <ann@example.org>"},
        {"\"author\":7,\"maintainers\":[{\"name\":\"Bob\"}]", "Bob"},
        {"\"maintainers\":[]", ""}};
    fps__arena arena = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "{\"name\":\"a\",\"version\":\"1\",%s}", cases[i][0]);
        fps_package facts = fps__inventory_facts(FPS_PACKAGE_NPM);
        assert_int_equal(
            fps__language_parse_npm(&arena, (fps__span){(const uint8_t *)text, strlen(text)}, &facts, NULL),
            FPS_OK);
        assert_string_equal(facts.supplier, cases[i][1]);
    }
    fps__arena_free(&arena);
}

static void an_egg_lists_files_from_its_own_folder(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {SITE "x.egg-info/PKG-INFO", "Name: x\nVersion: 3\n"},
        {SITE "x.egg-info/installed-files.txt", "../x/__init__.py\nPKG-INFO\n"},
        {SITE "y.egg/EGG-INFO/PKG-INFO",
         "Name: y\nVersion: 1\nClassifier: License :: OSI Approved :: ISC License (ISCL)\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    const fps__inventory_package *package = fixture_package(&inventory, "pkg:pypi/x@3");
    assert_int_equal(package->path_count, 2);
    assert_non_null(fixture_path(package, SITE "x/__init__.py"));
    assert_non_null(fixture_path(package, SITE "x.egg-info/PKG-INFO"));
    assert_string_equal(fixture_package(&inventory, "pkg:pypi/y@1")->facts.license, "ISC");
    fps__inventory_free(&inventory);
}

static void npm_packages_nest_and_resolve_upwards(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/app/node_modules/a/package.json",
         "\xEF\xBB\xBF{\"name\":\"a\",\"version\":\"1.0.0\",\"license\":{\"type\":\"MIT\"},"
         "\"dependencies\":{\"b\":\"^1\",\"@s/c\":\"*\",\"none\":\"1\"}}"},
        {"/app/node_modules/a/node_modules/b/package.json",
         "{\"name\":\"b\",\"version\":\"1.0.0\",\"licenses\":[{\"type\":\"MIT\"},\"ISC\"],"
         "\"peerDependencies\":{\"a\":\"1\",\"b\":\"1\"}}"},
        {"/app/node_modules/b/package.json", "{\"name\":\"b\",\"version\":\"2.0.0\",\"license\":\"0BSD\"}"},
        {"/app/node_modules/@s/c/package.json", "{\"name\":\"@s/c\",\"version\":\"3.0.0\"}"},
        {"/app/node_modules/d/package.json", "{\"private\":true}"},
        {"/app/node_modules/e/package.json", "[\"no object\"]"},
        {"/app/node_modules/f/package.json", "{\"name\":"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text,
                        "/app/node_modules/f/package.json: metadata of the package is damaged\n");
    assert_int_equal(inventory.packages.count, 4);
    assert_string_equal(fixture_depends(&inventory, "pkg:npm/a@1.0.0"),
                        "pkg:npm/%40s/c@3.0.0\npkg:npm/b@1.0.0\n");
    assert_string_equal(fixture_depends(&inventory, "pkg:npm/b@1.0.0"), "pkg:npm/a@1.0.0\n");
    const fps__inventory_package *inner = fixture_package(&inventory, "pkg:npm/b@1.0.0");
    assert_string_equal(inner->root, "/app/node_modules/a/node_modules/b");
    assert_string_equal(inner->facts.license, "MIT OR ISC");
    assert_string_equal(fixture_package(&inventory, "pkg:npm/a@1.0.0")->facts.license, "MIT");
    assert_string_equal(fixture_package(&inventory, "pkg:npm/b@2.0.0")->facts.license, "0BSD");
    fps__inventory_free(&inventory);
}

static void gems_are_read_from_their_specifications(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/g/specifications/nokogiri-1.16-x86_64-linux.gemspec",
         "# -*- encoding: utf-8 -*-\n# stub: nokogiri 1.16 x86_64-linux lib\n\nGem::Specification.new do "
         "|s|\n"
         "  s.name = \"other\".freeze\n  s.licenses = [\"MIT\".freeze, \"Apache-2.0\".freeze]\n"
         "  s.authors = [\"Ann\".freeze, \"Bob\"]\n"
         "  s.add_runtime_dependency(%q<racc>.freeze, [\"~> 1.4\"])\n"
         "  s.add_development_dependency(%q<rake>.freeze, [\"1\"])\nend\n"},
        {"/g/specifications/default/racc-1.7.gemspec", "Gem::Specification.new do |s|\n  s.name = 'racc'\n  "
                                                       "s.version = \"1.7\"\n  s.license = 'Ruby'\nend\n"},
        {"/g/specifications/rake-13.gemspec", "# stub: rake 13 ruby lib\n"},
        {"/g/specifications/broken.gemspec", "  s.name = \"broken\n"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text,
                        "/g/specifications/broken.gemspec: metadata of the package is damaged\n");
    assert_int_equal(inventory.packages.count, 3);
    const fps__inventory_package *gem =
        fixture_package(&inventory, "pkg:gem/nokogiri@1.16?platform=x86_64-linux");
    assert_string_equal(gem->facts.license, "MIT OR Apache-2.0");
    assert_string_equal(gem->facts.supplier, "Ann, Bob");
    assert_string_equal(gem->root, "/g/gems/nokogiri-1.16-x86_64-linux");
    assert_string_equal(fixture_depends(&inventory, "pkg:gem/nokogiri@1.16?platform=x86_64-linux"),
                        "pkg:gem/racc@1.7\n");
    assert_string_equal(fixture_package(&inventory, "pkg:gem/racc@1.7")->root, "/g/gems/racc-1.7");
    fps__inventory_free(&inventory);
}

static void unpacked_applications_have_poms_and_run_times_a_release_file(void **state)
{
    (void)state;
    static const char pom[] = "#Generated\nversion=4.13\r\ngroupId = junit\nartifactId=junit-dep\n";
    const fixture_text texts[] = {
        {"/jdk/release",
         "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_VERSION=\"17.0.8\"\nJAVA_RUNTIME_VERSION=\"17.0.8+7\"\n"},
        {"/old/jre/release", "JAVA_VERSION=\"1.8.0_382\"\nOS_NAME=\"Linux\"\n"},
        {"/opt/Oracle-JDK/release",
         "IMPLEMENTOR=\"Oracle Corporation\"\nJAVA_VERSION=\"21.0.4\"\nBUILD_TYPE=\"commercial\"\n"},
        {"/srv/WEB-INF/classes/META-INF/maven/a/b/pom.xml",
         "<project><artifactId>b</artifactId><parent><groupId>a</groupId><version>7</version></parent></project>"},
        {"/srv/WEB-INF/classes/META-INF/maven/bad/bad/pom.xml",
         "<!DOCTYPE x [<!ENTITY y SYSTEM \"/etc/passwd\">]><project/>"},
        {"/srv/WEB-INF/classes/META-INF/maven/junit/junit/pom.properties", pom},
        {"/srv/WEB-INF/classes/META-INF/maven/junit/junit/pom.xml",
         "<project><version>said better beside it</version></project>"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text,
                        "/srv/WEB-INF/classes/META-INF/maven/bad/bad/pom.xml: pom.xml has a document "
                        "type, which is not read\n");
    assert_int_equal(inventory.packages.count, 6);
    assert_non_null(fixture_package(&inventory, "pkg:maven/junit/junit-dep@4.13"));
    assert_non_null(fixture_package(&inventory, "pkg:maven/a/b@7"));
    assert_non_null(fixture_package(&inventory, "pkg:maven/bad/bad"));
    assert_non_null(fixture_package(&inventory, "pkg:generic/eclipse-adoptium/openjdk@17.0.8"));
    assert_non_null(fixture_package(&inventory, "pkg:generic/openjdk@1.8.0_382"));
    assert_non_null(fixture_package(&inventory, "pkg:generic/oracle-corporation/jdk@21.0.4"));
    fps__inventory_free(&inventory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dist_info_has_claims_with_digests),
        cmocka_unit_test(a_licence_of_metadata_is_no_text_and_no_holder),
        cmocka_unit_test(the_author_of_a_package_json_is_its_supplier),
        cmocka_unit_test(an_egg_lists_files_from_its_own_folder),
        cmocka_unit_test(npm_packages_nest_and_resolve_upwards),
        cmocka_unit_test(gems_are_read_from_their_specifications),
        cmocka_unit_test(unpacked_applications_have_poms_and_run_times_a_release_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
