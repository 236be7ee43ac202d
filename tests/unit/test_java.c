/* Proves how jars are named: file names, poms, manifests, the table of groups, and the decision among them. */
#include "inventory/language_java.h"

#include "util/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *text_of(char out[256], fps__span span)
{
    assert_true(span.size < 256);
    memcpy(out, span.size ? (const char *)span.data : "", span.size);
    out[span.size] = '\0';
    return out;
}

/* ---- file names ---- */

static void file_names_split_into_artifact_and_version(void **state)
{
    (void)state;
    static const struct {
        const char *file, *hint, *artifact, *version;
    } cases[] = {
        {"/app/lib/commons-lang3-3.12.0.jar", "", "commons-lang3", "3.12.0"},
        {"a.war!WEB-INF/lib/guava-31.1-jre.jar", "", "guava", "31.1-jre"},
        {"log4j-1.2-api-2.17.1.jar", "", "log4j-1.2-api", "2.17.1"},
        {"servlet-api-2.5-6.1.14.jar", "", "servlet-api-2.5", "6.1.14"},
        {"akka-http_2.13-10.2.10.jar", "", "akka-http_2.13", "10.2.10"},
        {"cats-core_2.13.jar", "", "cats-core_2.13", ""},
        {"stax-api-1.0-2.jar", "", "stax-api", "1.0-2"},
        {"poi-2.5.1-final-20040804.jar", "", "poi", "2.5.1-final-20040804"},
        {"demo-1.0-SNAPSHOT.jar", "", "demo", "1.0-SNAPSHOT"},
        {"demo-1.0-20240131.235959-7.jar", "", "demo", "1.0-20240131.235959-7"},
        {"netty-tcnative-2.0.61.Final-linux-x86_64.jar", "", "netty-tcnative", "2.0.61.Final"},
        {"guice-4.0-no_aop.jar", "", "guice", "4.0"},
        {"jackson-core-2.15.2.redhat-00001.jar", "", "jackson-core", "2.15.2.redhat-00001"},
        {"org.eclipse.core.jobs_3.10.800.v20200421.jar", "", "org.eclipse.core.jobs", "3.10.800.v20200421"},
        {"guava-r09.jar", "", "guava", "r09"},
        {"mssql-jdbc-12.6.1.jre11.jar", "12.6.1", "mssql-jdbc", "12.6.1.jre11"},
        {"log4j-1.2-api-2.17.1.jar", "1.2", "log4j-1.2-api", "2.17.1"},
        {"a-1-b-2.jar", "1-b-2", "a", "1-b-2"},
        {"app-1.5.hpi", "", "app", "1.5"},
        {"app.jar", "1.5", "app", ""},
        {"-1.jar", "", "-1", ""},
        {".jar", "", ".jar", ""},
        {"", "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__java_name name;
        char out[256];
        fps__java_split_file(cases[i].file, fps__span_of(cases[i].hint), &name);
        assert_string_equal(text_of(out, name.artifact), cases[i].artifact);
        assert_string_equal(text_of(out, name.version), cases[i].version);
    }
    assert_true(fps__java_is_archive("/x/A.JAR"));
    assert_true(fps__java_is_archive("x.zip!b.war"));
    assert_false(fps__java_is_archive("/x.jar/readme"));
    assert_false(fps__java_is_archive("/x/.jar"));
}

/* ---- pom.xml ---- */

#define PROJECT(text) "<?xml version='1.0'?>\n<!-- > -->\n<project xmlns=\"a>b\">\n" text "</project>\n"
#define NAMED(group, artifact, version)                                                                      \
    "<groupId>" group "</groupId><artifactId>" artifact "</artifactId><version>" version "</version>"

static void a_pom_names_its_project_by_itself_its_parent_and_its_properties(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } cases[] = {
        {PROJECT(NAMED("g", "a", "1")), "g:a:1"},
        {"\xEF\xBB\xBF" PROJECT("<artifactId> a\n</artifactId><parent>" NAMED("p", "q", "2") "</parent>"),
         "p:a:2"},
        {PROJECT("<dependencies><dependency>" NAMED("x", "y",
                                                    "9") "</dependency></dependencies>" NAMED("g", "a", "1")),
         "g:a:1"},
        {PROJECT(NAMED("${own}", "a-${project.version}", "${pom.parent.version}") "<parent>" NAMED(
             "p", "q", "2") "</parent><properties><own>o.${project.parent.groupId}</own></properties>"),
         "o.p:a-2:2"},
        {PROJECT(
             NAMED("${own}", "a", "${v}-${w}") "<properties><own>o</own><v>${w}.1</v><w>3</w></properties>"),
         "o:a:3.1-3"},
        {PROJECT(NAMED("g", "a", "${loop}") "<properties><loop>${loop}${loop}</loop></properties>"), "g:a:"},
        {PROJECT(NAMED("g", "a", "${unknown}")), "g:a:"},
        {"<project/>", "::"},
        {PROJECT(
             "<groupId><![CDATA[g]]></groupId><artifactId>a<!-- b --></artifactId><version>&x;1</version>"),
         "g:a:"},
        {PROJECT(NAMED("g", "a/../b", "1") "<build><plugins/></build>"), "g::1"},
    };
    fps__arena arena = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__java_name name;
        const char *fault = NULL;
        char group[256], artifact[256], version[256], all[800];
        assert_int_equal(fps__java_parse_pom_xml(&arena, fps__span_of(cases[i].text), &name, &fault), FPS_OK);
        snprintf(all, sizeof all, "%s:%s:%s", text_of(group, name.group), text_of(artifact, name.artifact),
                 text_of(version, name.version));
        assert_string_equal(all, cases[i].name);
    }
    fps__arena_free(&arena);
}

static void a_damaged_or_hostile_pom_is_refused_with_its_reason(void **state)
{
    (void)state;
    char deep[65 * 3 + 64] = "<project>";
    for (int i = 0; i < 64; i++)
        strcat(deep, "<a>");
    const struct {
        const char *text, *fault;
    } cases[] = {
        {"<!DOCTYPE project [<!ENTITY a \"b\">]><project>&a;</project>", "document type"},
        {"<project><groupId>g</groupId>", "cut off"},
        {"<project><groupId>g</project></groupId>", "do not match"},
        {"<project><!-- ", "ends inside a tag"},
        {"<project><a b='>", "ends inside a tag"},
        {"<project>< /project>", "without a name"},
        {"<html></html>", "no project"},
        {"", "no project"},
        {"PK\3\4", "no project"},
        {deep, "too deeply"},
    };
    fps__arena arena = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__java_name name;
        const char *fault = NULL;
        assert_int_equal(fps__java_parse_pom_xml(&arena, fps__span_of(cases[i].text), &name, &fault),
                         FPS_ERROR_CORRUPT);
        assert_non_null(fault);
        if (!strstr(fault, cases[i].fault))
            fail_msg("%zu: %s", i, fault);
    }
    fps__arena_free(&arena);
}

/* ---- the decision ---- */

typedef struct decision {
    const char *manifest, *file;
    const char *poms[4]; /* "GROUP:ARTIFACT VERSION" */
    const char *name, *version;
    size_t main; /* 9: none of the poms */
} decision;

static size_t make_poms(fps__arena *arena, const char *const texts[4], fps_package poms[4])
{
    size_t count = 0;
    for (; count < 4 && texts[count]; count++) {
        const char *space = strchr(texts[count], ' ');
        poms[count] = fps__inventory_facts(FPS_PACKAGE_MAVEN);
        poms[count].name = fps__arena_text(arena, texts[count], (size_t)(space - texts[count]));
        poms[count].version = space + 1;
    }
    return count;
}

static void decide(const decision *wanted)
{
    fps__arena arena = {NULL, 0, 0};
    fps_package poms[4], facts = fps__inventory_facts(FPS_PACKAGE_MAVEN);
    const fps_package *pointers[4] = {&poms[0], &poms[1], &poms[2], &poms[3]};
    size_t count = make_poms(&arena, wanted->poms, poms), main = 77;
    fps__jar jar = {fps__jar_keep_manifest(&arena, fps__span_of(wanted->manifest))};
    assert_non_null(jar.manifest);
    fps_status status = fps__jar_identify(&arena, &jar, wanted->file, pointers, count, &facts, &main);
    assert_int_equal(status, *wanted->name ? FPS_OK : FPS_ERROR_NOT_FOUND);
    assert_string_equal(facts.name, wanted->name);
    assert_string_equal(facts.version, wanted->version);
    assert_int_equal(main, wanted->main == 9 ? count : wanted->main);
    fps__arena_free(&arena);
}

static void the_pom_that_agrees_with_file_and_manifest_is_the_jars_own(void **state)
{
    (void)state;
    static const decision cases[] = {
        {"", "demo-2.1.jar", {"x:shaded 2.1", "org.a:demo 2.1"}, "org.a:demo", "2.1", 1},
        {"", "demo-2.1-all.jar", {"org.a:demo 2.1", "x:demo-core 2.1"}, "org.a:demo", "2.1", 0},
        {"", "org.a.demo-2.1.jar", {"x:y 1", "org.a:demo 2.1"}, "org.a:demo", "2.1", 1},
        {"", "demo.jar", {"org.a:demo 2.1", "x:y 1"}, "org.a:demo", "2.1", 0},
        {"", "renamed.jar", {"org.a:demo 2.1"}, "org.a:demo", "2.1", 0},
        {"Implementation-Title: demo\n", "app.jar", {"x:y 1", "org.a:demo 2.1"}, "org.a:demo", "2.1", 1},
        {"", "demo-2.1.jar", {"x:y 1"}, "demo", "2.1", 9},
        {"Implementation-Title: other\nImplementation-Version: 5\n", "app.jar", {"x:y 1"}, "other", "5", 9},
        {"", "demo-12.6.1.jre11.jar", {"org.a:demo 12.6.1"}, "org.a:demo", "12.6.1.jre11", 0},
        {"", "demo-1.0-20240131.235959-7.jar", {"org.a:demo 1.0-SNAPSHOT"}, "org.a:demo", "1.0-SNAPSHOT", 0},
        {"", "demo-2.1.jar", {"org.a:demo "}, "org.a:demo", "2.1", 0},
        {"", "demo-jakarta-2.1.jar", {"org.a:demo 2.1"}, "org.a:demo-jakarta", "2.1", 9},
        {"", NULL, {"x:y 1", "a:b 2"}, "", "", 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        decide(&cases[i]);
}

static void without_a_pom_manifest_and_file_name_tell_what_they_know(void **state)
{
    (void)state;
    static const decision cases[] = {
        /* continued lines; only the main section */
        {"Manifest-Version: 1.0\r\nImplementation-Vendor-Id: org.apa\r\n che.demo\r\nImplementation-Version: 3.1\r\n\r\n"
         "Name: a\r\nImplementation-Version: 9\r\n",
         "own-thing.jar",
         {NULL},
         "org.apache.demo:own-thing",
         "3.1",
         9},
        {"Bundle-SymbolicName: org.x.y-z;singleton:=true\nBundle-Version: 2.0.0.v2011\n",
         "y-z-2.0.jar",
         {NULL},
         "org.x:y-z",
         "2.0",
         9},
        {"Bundle-SymbolicName: com.netflix.thing.core\n",
         "thing-core-1.4.jar",
         {NULL},
         "com.netflix.thing:thing-core",
         "1.4",
         9},
        {"Bundle-SymbolicName: org.thing\n", "thing-1.4.jar", {NULL}, "thing", "1.4", 9},
        {"Implementation-Title: com.a.b#own-core;2.3.0\n",
         "own-core-2.3.0.jar",
         {NULL},
         "com.a.b:own-core",
         "2.3.0",
         9},
        {"Group-Id: org.j.plugins\nShort-Name: git\nPlugin-Version: 4.1 (private-x)\n",
         "git.hpi",
         {NULL},
         "org.j.plugins:git",
         "4.1",
         9},
        {"Implementation-Title: In Words\nImplementation-Version: ${version}\n",
         "own-thing-1.jar",
         {NULL},
         "own-thing",
         "1",
         9},
        {"Implementation-Title: demo\nImplementation-Version: 5\n", "app.jar", {NULL}, "demo", "5", 9},
        {"", "unknown-thing.jar", {NULL}, "unknown-thing", "", 9},
        {"Implementation-Title: In Words\n", NULL, {NULL}, "", "", 9},
        /* by the table of groups */
        {"Implementation-Title: spring-core\nImplementation-Version: 6.1.6\nAutomatic-Module-Name: spring.core\n",
         "spring-core-6.1.6.jar",
         {NULL},
         "org.springframework:spring-core",
         "6.1.6",
         9},
        {"",
         "jackson-module-scala_2.13-2.15.0.jar",
         {NULL},
         "com.fasterxml.jackson.module:jackson-module-scala_2.13",
         "2.15.0",
         9},
        {"Implementation-Vendor: JUnit.org\n",
         "junit-jupiter-5.jar",
         {NULL},
         "org.junit.jupiter:junit-jupiter",
         "5",
         9},
        {"Implementation-Vendor: rnorth.org\n", "junit-jupiter-5.jar", {NULL}, "junit-jupiter", "5", 9},
        /* sbt and Mill write the group as the vendor */
        {"Implementation-Title: fansi\nImplementation-Version: 0.5.0\nImplementation-Vendor: com.example.fan\n",
         "fansi_3-0.5.0.jar",
         {NULL},
         "com.example.fan:fansi_3",
         "0.5.0",
         9},
        {"Implementation-Vendor: Example Ltd\n", "fansi_3-0.5.0.jar", {NULL}, "fansi_3", "0.5.0", 9},
        /* a module whose last part is that of the artifact, below a group that has the artifact's first word */
        {"Automatic-Module-Name: com.h2database.store2\n",
         "h2-store2-2.2.224.jar",
         {NULL},
         "com.h2database:h2-store2",
         "2.2.224",
         9},
        {"Automatic-Module-Name: edu.demo.nlp.coretext\n",
         "demo-coretext-4.5.7.jar",
         {NULL},
         "edu.demo.nlp:demo-coretext",
         "4.5.7",
         9},
        {"Automatic-Module-Name: org.other.store2\n", "h2-store2-1.0.jar", {NULL}, "h2-store2", "1.0", 9},
        /* a jar of native libraries alone */
        {"Implementation-Vendor: lwdemo.org\nSpecification-Version: 3.3.6\nImplementation-Version: build 1\n",
         "lwdemo-zstd-3.3.6-natives-linux.jar",
         {NULL},
         "org.lwdemo:lwdemo-zstd",
         "3.3.6",
         9},
        /* a word that others use too: the jar's own bundle name contradicts the table */
        {"Automatic-Module-Name: com.acme.impl.h2\n", "h2-1.0.jar", {NULL}, "h2", "1.0", 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        decide(&cases[i]);
}

static void values_of_a_manifest_are_bounded(void **state)
{
    (void)state;
    char text[4096] = "Implementation-Title: ";
    memset(text + strlen(text), 'x', 3000);
    strcat(text, "\nBundle-Version: 1\nBundle-Version: 2\n");
    fps__arena arena = {NULL, 0, 0};
    assert_string_equal(fps__jar_keep_manifest(&arena, fps__span_of(text)), "Bundle-Version: 1\n");
    fps__arena_free(&arena);
}

/* ---- the table ---- */

static void the_table_of_groups_is_sorted_and_its_indexes_are_good(void **state)
{
    (void)state;
    uint16_t groups = 0;
    assert_true(fps__java_artifact_count > 1000);
    for (size_t i = 0; i < fps__java_artifact_count; i++) {
        const fps__java_artifact *now = &fps__java_artifacts[i];
        groups = now->group > groups ? now->group : groups;
        int order = i ? strcmp(now[-1].name, now->name) : -1;
        assert_true(order < 0 || (order == 0 && now[-1].group < now->group));
    }
    for (uint16_t i = 1; i <= groups; i++)
        assert_true(strcmp(fps__java_groups[i - 1], fps__java_groups[i]) < 0);
}

static void of_several_groups_a_hint_chooses(void **state)
{
    (void)state;
    static const struct {
        const char *artifact, *hint;
        bool host, old;
        const char *group;
    } cases[] = {
        {"hibernate-core", "org.hibernate.orm.core", true, false, "org.hibernate.orm"},
        {"hibernate-core", "org.hibernate.core", true, false, "org.hibernate"},
        {"hibernate-core", NULL, false, false, ""},
        {"h2", NULL, false, false, "com.h2database"},
        {"h2", "h2.engine", false, false, "com.h2database"},
        {"h2", "com.acme.core", true, false, ""},
        {"okhttp", "okhttp3.internal", false, false, "com.squareup.okhttp3"},
        {"dom4j", "org.dom4j", true, false, "org.dom4j"},
        {"dom4j", "org.dom4j", true, true, "dom4j"},
        {"no-such-thing", NULL, false, false, ""},
        {"", NULL, false, false, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__java_hints hints = {.count = cases[i].hint != NULL, .host = cases[i].host, .old = cases[i].old};
        hints.texts[0] = fps__span_of(cases[i].hint ? cases[i].hint : "");
        assert_string_equal(fps__java_group_of(fps__span_of(cases[i].artifact), &hints), cases[i].group);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_names_split_into_artifact_and_version),
        cmocka_unit_test(a_pom_names_its_project_by_itself_its_parent_and_its_properties),
        cmocka_unit_test(a_damaged_or_hostile_pom_is_refused_with_its_reason),
        cmocka_unit_test(the_pom_that_agrees_with_file_and_manifest_is_the_jars_own),
        cmocka_unit_test(without_a_pom_manifest_and_file_name_tell_what_they_know),
        cmocka_unit_test(values_of_a_manifest_are_bounded),
        cmocka_unit_test(the_table_of_groups_is_sorted_and_its_indexes_are_good),
        cmocka_unit_test(of_several_groups_a_hint_chooses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
