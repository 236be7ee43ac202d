/* Whole scans of jars: which packages they are, which lie in them, and what is said of hostile ones. */
#include "package_fixture.h"
#include "scan_fixture.h"

#define POM(group, artifact) "META-INF/maven/" group "/" artifact "/pom.properties"
#define PROPERTIES(group, artifact, version)                                                                 \
    "groupId=" group "\nartifactId=" artifact "\nversion=" version "\n"

static int open_set(void **state)
{
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib", .purl = "pkg:generic/zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1.2", TEXTS({"zlib", 0, 50, 0}));
    *state = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return 0;
}

static int close_set(void **state)
{
    fps_database_free(*state);
    return 0;
}

static fixture_file member(const char *path, fps__span bytes)
{
    return (fixture_file){path, bytes.data, bytes.size};
}

static fps__span zip_of(const fixture_file *files, size_t count)
{
    return fixture_archive("zip", "none", files, count);
}

#define ZIP(...)                                                                                             \
    zip_of((const fixture_file[]){__VA_ARGS__},                                                              \
           sizeof((const fixture_file[]){__VA_ARGS__}) / sizeof(fixture_file))

static void let_go(fps__span bytes)
{
    free((void *)bytes.data);
}

/* Scans a directory with these bytes under each of the names, and frees them. */
static fps_result *scan_names(void **state, fps__span bytes, const char *const *names, const char *cache)
{
    char folder[256];
    fixture_folder(folder);
    for (; *names; names++)
        write_bytes(folder, *names, bytes.data, bytes.size);
    fps_result *result = scan_tree(folder, *state, &(fps_scan_options){.workers = 1, .cache_dir = cache});
    remove_tree(folder);
    let_go(bytes);
    return result;
}

static fps_result *scan_as(void **state, const char *name, fps__span bytes)
{
    return scan_names(state, bytes, (const char *const[]){name, NULL}, NULL);
}

/* All packages, a line each: "PURL in PARENT-PURL"; sorted as the result is. */
static void assert_packages(fps_result *result, const char *wanted)
{
    char text[4096] = "";
    for (size_t i = 0; i < fps_result_package_count(result); i++) {
        const fps_package *package = fps_result_package(result, i),
                          *parent = fps_result_package(result, package->parent);
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s%s\n", package->purl, parent ? " in " : "",
                 parent ? parent->purl : "");
    }
    assert_string_equal(text, wanted);
}

static void assert_no_remark(const fps_result *result)
{
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++)
        fail_msg("%s: %s", fps_result_diagnostic(result, i)->code, fps_result_diagnostic(result, i)->message);
}

static const fps_package *package_called(const fps_result *result, const char *name)
{
    for (size_t i = 0; i < fps_result_package_count(result); i++)
        if (strcmp(fps_result_package(result, i)->name, name) == 0)
            return fps_result_package(result, i);
    fail_msg("no %s", name);
    return NULL;
}

static void a_war_holds_each_of_its_jars(void **state)
{
    fps__span named = ZIP(fixture_text_file("x/A.class", "1")),
              versioned =
                  ZIP(fixture_text_file("META-INF/MANIFEST.MF", "Bundle-SymbolicName: org.b.own-b\n")),
              part = ZIP(fixture_text_file("x/B.class", "1")),
              library = ZIP(member("classes.jar", part), fixture_text_file("AndroidManifest.xml", "1"));
    fps_result *result =
        scan_as(state, "shop-1.5.war",
                ZIP(fixture_text_file(POM("org.shop", "shop"), PROPERTIES("org.shop", "shop", "1.5")),
                    member("WEB-INF/lib/own-b-2.0.jar", versioned), member("WEB-INF/lib/own-a.jar", named),
                    member("WEB-INF/lib/own-c-3.aar", library)));
    assert_no_remark(result);
    assert_packages(result, "pkg:maven/org.b/own-b@2.0 in pkg:maven/org.shop/shop@1.5\n"
                            "pkg:maven/org.shop/shop@1.5\n"
                            "pkg:generic/own-a in pkg:maven/org.shop/shop@1.5\n"
                            "pkg:generic/own-c@3 in pkg:maven/org.shop/shop@1.5\n");
    const fps_package *unversioned = package_called(result, "own-a");
    assert_string_equal(unversioned->version, "");
    assert_int_equal(unversioned->kind, FPS_PACKAGE_MAVEN);
    assert_string_equal(unversioned->location, "/shop-1.5.war!WEB-INF/lib/own-a.jar");
    fps_result_free(result);
    let_go(named);
    let_go(versioned);
    let_go(library);
    let_go(part);
}

static fps__span shaded_jar(void)
{
    elf_builder *b = malloc(sizeof *b);
    assert_non_null(b);
    elf_with_texts(b, TEXTS({"zlib", 0, 50, 0}));
    fps__span jar =
        ZIP(fixture_text_file(POM("org.a", "shaded"), PROPERTIES("org.a", "shaded", "1")),
            fixture_text_file("META-INF/maven/org.a/shaded/pom.xml", "<project/>"),
            member("libz.so", ((fps__span){b->data, b->size})),
            fixture_text_file(POM("org.b", "outer"), PROPERTIES("org.b", "outer", "2")),
            fixture_text_file("BOOT-INF/classes/" POM("org.c", "third"), PROPERTIES("org.c", "third", "3")));
    free(b);
    return jar;
}

static void artifacts_copied_into_a_jar_are_packages_in_it(void **state)
{
    static const char wanted[] =
        "pkg:maven/org.a/shaded@1 in pkg:maven/org.b/outer@2\npkg:maven/org.b/outer@2\n"
        "pkg:maven/org.c/third@3 in pkg:maven/org.b/outer@2\n";
    fps_result *result = scan_as(state, "outer-2.jar", shaded_jar());
    assert_no_remark(result);
    assert_packages(result, wanted);
    assert_int_equal(fps_result_file_count(result), 1);
    assert_string_equal(fps_result_package(result, fps_result_file(result, 0)->owner)->name, "org.b:outer");
    fps_result_free(result);

    fps__span inner = shaded_jar(); /* the same inside another archive */
    result = scan_as(state, "x.zip", ZIP(member("lib/outer-2.jar", inner)));
    let_go(inner);
    assert_packages(result, wanted);
    assert_string_equal(fps_result_package(result, fps_result_file(result, 0)->owner)->name, "org.b:outer");
    fps_result_free(result);
}

static void a_cached_jar_takes_the_name_of_the_file_that_it_is_found_as(void **state)
{
    char cache[256];
    fixture_folder(cache);
    assert_int_equal(rmdir(cache), 0);
    fps_result *result = scan_names(state, shaded_jar(), (const char *const[]){"outer-2.jar", NULL}, cache);
    assert_string_equal(package_called(result, "org.b:outer")->version, "2");
    fps_result_free(result);
    result =
        scan_names(state, shaded_jar(), (const char *const[]){"shaded-1.jar", "own-d-4.jar", NULL}, cache);
    remove_tree(cache);
    assert_packages(result, "pkg:maven/org.a/shaded@1 in pkg:generic/own-d@4\n"
                            "pkg:maven/org.a/shaded@1\n"
                            "pkg:maven/org.b/outer@2 in pkg:generic/own-d@4\n"
                            "pkg:maven/org.b/outer@2 in pkg:maven/org.a/shaded@1\n"
                            "pkg:maven/org.c/third@3 in pkg:generic/own-d@4\n"
                            "pkg:maven/org.c/third@3 in pkg:maven/org.a/shaded@1\n"
                            "pkg:generic/own-d@4\n");
    fps_result_free(result);
}

static void a_jar_behind_a_script_is_a_jar(void **state)
{
    static const char script[] = "#!/bin/bash\nexec java -jar \"$0\" \"$@\"\nexit 0\n";
    fps__span library = ZIP(fixture_text_file(POM("org.a", "lib"), PROPERTIES("org.a", "lib", "1.2.3"))),
              jar = ZIP(fixture_text_file(POM("org.a", "app"), PROPERTIES("org.a", "app", "1.0")),
                        member("BOOT-INF/lib/lib-1.2.3.jar", library));
    uint8_t *bytes = malloc(sizeof script + jar.size);
    assert_non_null(bytes);
    memcpy(bytes, script, sizeof script - 1);
    memcpy(bytes + sizeof script - 1, jar.data, jar.size);
    fps_result *result = scan_as(state, "app.jar", (fps__span){bytes, sizeof script - 1 + jar.size});
    let_go(library);
    let_go(jar);
    assert_no_remark(result);
    assert_packages(result,
                    "pkg:maven/org.a/app@1.0\npkg:maven/org.a/lib@1.2.3 in pkg:maven/org.a/app@1.0\n");
    fps_result_free(result);
}

static void a_spring_boot_jar_is_named_by_its_bill(void **state)
{
    fps_result *result = scan_as(
        state, "app.jar",
        ZIP(fixture_text_file("META-INF/MANIFEST.MF", "Start-Class: org.a.App\n"),
            fixture_text_file(
                "META-INF/sbom/application.cdx.json",
                "{\"metadata\":{\"component\":{\"group\":\"org.a\",\"name\":\"shop\",\"version\":\"7\"}}}")));
    assert_no_remark(result);
    assert_packages(result, "pkg:maven/org.a/shop@7\n");
    fps_result_free(result);
}

static void a_hostile_pom_is_named_and_the_rest_is_read(void **state)
{
    fps__span bad = ZIP(fixture_text_file(
                  "META-INF/maven/org.a/own-bad/pom.xml",
                  "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><project>&b;</project>")),
              good = ZIP(fixture_text_file(POM("org.a", "good"), PROPERTIES("org.a", "good", "1")));
    fps_result *result =
        scan_as(state, "app.zip", ZIP(member("own-bad-3.jar", bad), member("good-1.jar", good)));
    let_go(bad);
    let_go(good);
    assert_packages(result, "pkg:maven/org.a/good@1\npkg:maven/org.a/own-bad@3\n");
    assert_int_equal(fps_result_diagnostic_count(result), 1);
    const fps_diagnostic *d = fps_result_diagnostic(result, 0);
    assert_int_equal(d->level, FPS_DIAGNOSTIC_PARTIAL);
    assert_string_equal(d->code, "broken-package-database");
    assert_string_equal(d->path, "/app.zip!own-bad-3.jar!META-INF/maven/org.a/own-bad/pom.xml");
    fps_result_free(result);
}

static void folder_and_version_of_class_files_choose_the_group(void **state)
{
    static const uint8_t old[] = {0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 48},
                         new[] = {0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52};
    fps_result *result = scan_as(state, "dom4j-1.6.1.jar",
                                 ZIP(member("org/dom4j/io/A.class", ((fps__span){old, 8})),
                                     member("org/dom4j/B.class", ((fps__span){old, 8}))));
    assert_packages(result, "pkg:maven/dom4j/dom4j@1.6.1\n");
    fps_result_free(result);
    result = scan_as(state, "dom4j-2.1.jar",
                     ZIP(member("org/dom4j/io/A.class", ((fps__span){old, 8})),
                         member("org/dom4j/B.class", ((fps__span){new, 8}))));
    assert_packages(result, "pkg:maven/org.dom4j/dom4j@2.1\n");
    fps_result_free(result);
    result = scan_as(state, "dom4j-2.1.jar", ZIP(member("com/acme/io/A.class", ((fps__span){new, 8}))));
    assert_packages(result, "pkg:generic/dom4j@2.1\n");
    fps_result_free(result);
}

static void archives_that_are_no_jars_are_not_named_as_such(void **state)
{
    fps_result *result = scan_as(state, "own-1.0.zip", ZIP(fixture_text_file("readme", "1")));
    assert_packages(result, "");
    fps_result_free(result);
    result = scan_as(state, "own-1.0.jar", (fps__span){(const uint8_t *)strdup("no zip at all"), 13});
    assert_packages(result, "");
    fps_result_free(result);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_set, close_set)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_war_holds_each_of_its_jars),
        TEST(artifacts_copied_into_a_jar_are_packages_in_it),
        TEST(a_cached_jar_takes_the_name_of_the_file_that_it_is_found_as),
        TEST(a_jar_behind_a_script_is_a_jar),
        TEST(a_spring_boot_jar_is_named_by_its_bill),
        TEST(a_hostile_pom_is_named_and_the_rest_is_read),
        TEST(folder_and_version_of_class_files_choose_the_group),
        TEST(archives_that_are_no_jars_are_not_named_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
