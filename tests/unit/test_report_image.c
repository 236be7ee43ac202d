/* Proves that reports of an image say which layer and package a component belongs to, what contradicts a
 * package, and leave out what later layers hide. */
#include "report/report_license.h"
#include "report_fixture.h"
#include "report_render.h"

#include <jansson.h>

static const fps_report_options plain = {.timestamp = -1}, layers = {.all_layers = true, .timestamp = -1};

static json_t *load(const fps_result *result, const char *name, const fps_report_options *options)
{
    json_error_t error;
    char *out = render(result, name, options);
    json_t *document = json_loads(out, JSON_REJECT_DUPLICATES, &error);
    if (!document)
        fail_msg("%s: %s", name, error.text);
    free(out);
    return document;
}

/* The member of an array of objects whose `key` is `value`; NULL for none. */
static json_t *find(const json_t *array, const char *key, const char *value)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        const char *text = json_string_value(json_object_get(item, key));
        if (text && strcmp(text, value) == 0)
            return item;
    }
    return NULL;
}

static bool holds(const json_t *array, const char *text)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item) if (json_is_string(item) &&
                                           strcmp(json_string_value(item), text) == 0) return true;
    return false;
}

static json_int_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* The finding of a component's release in the file of a path. */
static json_t *finding_of(const json_t *document, const char *version, const char *path)
{
    size_t i;
    json_t *component;
    json_array_foreach(json_object_get(document, "components"), i, component)
    {
        const char *seen = json_string_value(json_object_get(component, "version"));
        json_t *found = find(json_object_get(component, "files"), "path", path);
        if (found && seen && strcmp(seen, version) == 0)
            return found;
    }
    return NULL;
}

static void json_names_layers_packages_and_contradictions(void **state)
{
    (void)state;
    fps_result *r = fixture_image();
    json_t *document = load(r, "json", &plain), *drift = json_object_get(document, "drift"),
           *packages = json_object_get(document, "packages");
    json_t *own = finding_of(document, "1.2.13", "/usr/lib/libz.so.1"),
           *bundled = finding_of(document, "1.2.8", "/usr/bin/rsync");
    assert_int_equal(number(own, "explainedBy"), ZLIB_PACKAGE);
    assert_int_equal(number(own, "drift"), -1);
    assert_int_equal(number(bundled, "explainedBy"), -1);
    assert_int_equal(number(bundled, "layer"), APP_LAYER);
    assert_int_equal(number(bundled, "introducedLayer"), BASE_LAYER);
    assert_string_equal(json_string_value(json_object_get(bundled, "ownerName")), "rsync");
    json_t *why = json_array_get(drift, (size_t)number(bundled, "drift"));
    assert_string_equal(json_string_value(json_object_get(why, "kind")), "version");
    assert_string_equal(json_string_value(json_object_get(why, "level")), "drift");
    assert_int_equal(number(why, "otherPackage"), ZLIB_PACKAGE);
    json_t *rsync = json_array_get(packages, RSYNC), *zlib = json_array_get(packages, ZLIB_PACKAGE);
    assert_true(holds(json_object_get(rsync, "contains"), "zlib") &&
                holds(json_object_get(rsync, "contains"), "openssl"));
    assert_int_equal(json_array_size(json_object_get(rsync, "components")), 0);
    assert_true(holds(json_object_get(zlib, "components"), "zlib"));
    assert_int_equal(json_array_size(json_object_get(zlib, "contains")), 0);
    assert_int_equal(json_array_size(json_object_get(document, "layers")), FIXTURE_LAYERS);
    json_t *target = json_object_get(document, "target");
    assert_true(json_is_true(json_object_get(target, "packagesKnown")));
    assert_true(json_is_false(json_object_get(target, "digestsCompared")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(target, "os"), "versionId")), "12");
    json_decref(document);
    fps_result_free(r);
}

/* Every index of a file leads to the path that stands beside it. */
static void expect_places(const json_t *document)
{
    size_t i, n;
    json_t *component, *found;
    const json_t *files = json_object_get(document, "files");
    json_array_foreach(json_object_get(document, "components"), i, component)
    {
        json_array_foreach(json_object_get(component, "files"), n, found)
        {
            const json_t *file = json_array_get(files, (size_t)number(found, "file"));
            assert_string_equal(json_string_value(json_object_get(file, "path")),
                                json_string_value(json_object_get(found, "path")));
        }
    }
    json_array_foreach(json_object_get(document, "drift"), i, found)
    {
        const json_t *file = json_array_get(files, (size_t)number(found, "file"));
        if (number(found, "file") >= 0)
            assert_string_equal(json_string_value(json_object_get(file, "path")),
                                json_string_value(json_object_get(found, "path")));
    }
}

static void hidden_files_are_left_out_unless_all_layers_are_asked_for(void **state)
{
    (void)state;
    fps_result *r = fixture_image();
    json_t *document = load(r, "json", &plain);
    expect_places(document);
    assert_int_equal(json_array_size(json_object_get(document, "files")), 4);
    assert_null(finding_of(document, "7.87.0", "/usr/bin/old"));
    assert_null(finding_of(document, "1.2.13", "/opt/0"));
    json_decref(document);
    document = load(r, "json", &layers);
    expect_places(document);
    assert_int_equal(json_array_size(json_object_get(document, "files")), 6);
    json_t *old = finding_of(document, "7.87.0", "/usr/bin/old"),
           *before = finding_of(document, "1.2.13", "/opt/0");
    assert_string_equal(json_string_value(json_object_get(old, "visibility")), "deleted");
    assert_string_equal(json_string_value(json_object_get(before, "visibility")), "shadowed");
    json_decref(document);
    static const char *const formats[] = {"table", "csv", "spdx", "cyclonedx@1.4", "cyclonedx@1.6"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char *few = render(r, formats[i], &plain), *all = render(r, formats[i], &layers);
        assert_null(strstr(few, "/usr/bin/old"));
        assert_non_null(strstr(all, "/usr/bin/old"));
        free(few);
        free(all);
    }
    fps_result_free(r);
}

static const json_t *dependencies_of(const json_t *document, const char *reference)
{
    return json_object_get(find(json_object_get(document, "dependencies"), "ref", reference), "dependsOn");
}

static void a_bill_merges_what_a_package_explains_and_nests_what_it_does_not(void **state)
{
    (void)state;
    static const char rsync_reference[] = "package:deb/rsync@3.2.7-1",
                      zlib_reference[] = "package:deb/zlib1g@1:1.2.13.dfsg-1";
    fps_result *r = fixture_image();
    json_t *document = load(r, "cyclonedx@1.6", &plain),
           *components = json_object_get(document, "components");
    json_t *zlib = find(components, "bom-ref", zlib_reference),
           *rsync = find(components, "bom-ref", rsync_reference);
    json_t *identity = json_object_get(json_object_get(zlib, "evidence"), "identity");
    assert_non_null(find(identity, "concludedValue", "zlib1g"));
    assert_non_null(find(identity, "concludedValue", "pkg:generic/zlib@1.2.13"));
    assert_null(json_object_get(zlib, "components"));
    json_t *inside = json_object_get(rsync, "components");
    assert_int_equal(json_array_size(inside), 2);
    assert_non_null(find(inside, "bom-ref", "zlib@1.2.8"));
    assert_non_null(find(json_object_get(find(inside, "bom-ref", "zlib@1.2.8"), "properties"), "value",
                         "zlib 1.2.8 is inside, zlib1g says 1.2.13"));
    const json_t *needs = dependencies_of(document, rsync_reference);
    assert_true(holds(needs, zlib_reference) && holds(needs, "zlib@1.2.8") && holds(needs, "openssl@3.0.9"));
    assert_non_null(find(components, "bom-ref", "package:pypi/numpy@1.26.0"));
    assert_non_null(find(components, "bom-ref", "package:pypi/numpy@1.26.0#2"));
    assert_null(find(components, "bom-ref", "zlib@1.2.13"));
    json_t *target = json_object_get(json_object_get(document, "metadata"), "component");
    assert_string_equal(
        json_string_value(json_object_get(target, "purl")),
        "pkg:oci/shop@sha256:4444444444444444444444444444444444444444444444444444444444444444?arch=amd64"
        "&repository_url=example.org%2Fteam%2Fshop&tag=1.0");
    json_decref(document);
    document = load(r, "cyclonedx@1.6", &layers);
    assert_non_null(find(json_object_get(document, "components"), "bom-ref", "zlib@1.2.13"));
    json_decref(document);
    fps_result_free(r);
}

static bool related(const json_t *document, const char *from, const char *type, const char *to)
{
    size_t i;
    json_t *item;
    json_array_foreach(
        json_object_get(document, "relationships"), i,
        item) if (strstr(json_string_value(json_object_get(item, "spdxElementId")), from) &&
                  strcmp(json_string_value(json_object_get(item, "relationshipType")), type) == 0 &&
                  strstr(json_string_value(json_object_get(item, "relatedSpdxElement")), to)) return true;
    return false;
}

/* The wheel's file becomes zlib's own, as a library that was bundled whole is. */
static fps_result *image_with_bundled_library(const char *package)
{
    fps_result *r = fixture_image();
    for (size_t i = 0; i < r->findings.count; i++)
        if (r->files.items[r->findings.items[i].file].owner == WHEEL)
            r->findings.items[i].linkage = FPS_LINKAGE_OWN;
    r->packages.items[WHEEL].name = package;
    return r;
}

static void a_library_bundled_in_a_language_package_is_an_entry_of_its_own(void **state)
{
    (void)state;
    fps_result *r = image_with_bundled_library("numpy");
    json_t *document = load(r, "cyclonedx@1.6", &plain);
    json_t *numpy = find(json_object_get(document, "components"), "bom-ref", "package:pypi/numpy@1.26.0");
    assert_non_null(find(json_object_get(numpy, "components"), "purl", "pkg:generic/zlib@1.2.13"));
    assert_true(holds(dependencies_of(document, "package:pypi/numpy@1.26.0"), "zlib@1.2.13"));
    json_decref(document);
    document = load(r, "spdx", &plain);
    const json_t *zlib = find(json_object_get(document, "packages"), "versionInfo", "1.2.13");
    assert_string_equal(json_string_value(json_object_get(zlib, "name")), "zlib");
    assert_true(related(document, "SPDXRef-Package-3-numpy", "CONTAINS",
                        json_string_value(json_object_get(zlib, "SPDXID"))));
    json_decref(document);
    fps_result_free(r);
}

static void a_library_bundled_in_a_package_file_is_an_entry_of_its_own(void **state)
{
    (void)state;
    for (int same = 0; same < 2; same++) {
        fps_result *r = image_with_bundled_library("app");
        r->packages.items[WHEEL].kind = FPS_PACKAGE_DEB;
        r->packages.items[WHEEL].source = same ? "zlib" : "app";
        json_t *document = load(r, "cyclonedx@1.6", &plain);
        json_t *app = find(json_object_get(document, "components"), "name", "app");
        assert_int_equal(json_array_size(json_object_get(app, "components")), !same);
        json_decref(document);
        fps_result_free(r);
    }
}

static void a_language_package_with_the_name_of_a_component_is_the_component(void **state)
{
    (void)state;
    fps_result *r = image_with_bundled_library("@scope/ZLib");
    json_t *document = load(r, "cyclonedx@1.6", &plain);
    json_t *package = find(json_object_get(document, "components"), "name", "@scope/ZLib");
    assert_null(json_object_get(package, "components"));
    assert_non_null(find(json_object_get(json_object_get(package, "evidence"), "identity"), "concludedValue",
                         "pkg:generic/zlib@1.2.13"));
    json_decref(document);
    fps_result_free(r);
}

static void every_package_of_a_bill_has_a_supplier_and_a_version(void **state)
{
    (void)state;
    static const char *const suppliers[][2] = {
        {"Ann Onym <ann@example.org>", "Person: Ann Onym (ann@example.org)"},
        {"Zlib Team <z@example.org>", "Organization: Zlib Team (z@example.org)"},
        {"Example, Inc.", "Organization: Example, Inc."},
        {"<a@example.org>", "Organization: a@example.org"},
        {"", "Organization: Debian GNU/Linux 12 (bookworm)"}};
    fps_result *r = fixture_image();
    for (size_t i = 0; i < sizeof suppliers / sizeof *suppliers; i++) {
        r->packages.items[RSYNC].supplier = suppliers[i][0];
        json_t *document = load(r, "spdx", &plain);
        const json_t *rsync = find(json_object_get(document, "packages"), "name", "rsync");
        assert_string_equal(json_string_value(json_object_get(rsync, "supplier")), suppliers[i][1]);
        json_decref(document);
    }
    r->packages.items[RSYNC].supplier = "Ann Onym <ann@example.org>";
    json_t *document = load(r, "cyclonedx@1.6", &plain);
    const json_t *rsync = find(json_object_get(document, "components"), "name", "rsync");
    assert_string_equal(json_string_value(json_object_get(json_object_get(rsync, "supplier"), "name")),
                        "Ann Onym <ann@example.org>");
    json_decref(document);
    document = load(r, "spdx", &plain);
    size_t i;
    json_t *package;
    json_array_foreach(json_object_get(document, "packages"), i, package)
    {
        assert_true(json_string_length(json_object_get(package, "versionInfo")) > 0);
        assert_non_null(strstr(json_string_value(json_object_get(package, "supplier")), ": "));
    }
    const json_t *curl = find(json_object_get(document, "packages"), "name", "curl");
    assert_string_equal(json_string_value(json_object_get(curl, "supplier")), "Organization: haxx");
    json_decref(document);
    fps_result_free(r);
}

static void certain_words_about_a_licence_are_an_expression_in_bills(void **state)
{
    (void)state;
    fps_result *r = fixture_image();
    r->packages.items[RSYNC].license = "GPLv2+ and MIT";
    json_t *document = load(r, "spdx", &plain);
    const json_t *rsync = find(json_object_get(document, "packages"), "name", "rsync");
    assert_string_equal(json_string_value(json_object_get(rsync, "licenseDeclared")),
                        "GPL-2.0-or-later AND MIT");
    json_decref(document);
    document = load(r, "cyclonedx@1.6", &plain);
    rsync = find(json_object_get(document, "components"), "name", "rsync");
    const json_t *license = json_array_get(json_object_get(rsync, "licenses"), 0);
    assert_string_equal(json_string_value(json_object_get(license, "expression")),
                        "GPL-2.0-or-later AND MIT");
    json_decref(document);
    fps_result_free(r);
}

static void a_package_that_a_later_layer_removed_is_shown_on_demand(void **state)
{
    (void)state;
    fps_result *r = fixture_image();
    r->packages.items[RSYNC].visibility = FPS_VISIBILITY_DELETED;
    static const char *const formats[] = {"csv", "spdx", "cyclonedx@1.4", "cyclonedx@1.6"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char *few = render(r, formats[i], &plain), *all = render(r, formats[i], &layers);
        assert_null(strstr(few, "pkg:deb/debian/rsync"));
        assert_non_null(strstr(all, "pkg:deb/debian/rsync"));
        assert_true(strstr(all, "deleted") != NULL);
        free(few);
        free(all);
    }
    fps_result_free(r);
}

static void spdx_relates_layers_packages_files_and_components(void **state)
{
    (void)state;
    fps_result *r = fixture_image();
    json_t *document = load(r, "spdx", &plain), *packages = json_object_get(document, "packages");
    json_t *file = find(json_object_get(document, "files"), "fileName", "./usr/bin/rsync");
    const char *id = json_string_value(json_object_get(file, "SPDXID"));
    assert_true(related(document, "SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Target"));
    assert_true(related(document, "SPDXRef-Target", "CONTAINS", "SPDXRef-Layer-1"));
    assert_true(related(document, "SPDXRef-Layer-1", "CONTAINS", "SPDXRef-Package-0-rsync"));
    assert_true(related(document, "Package-0-rsync", "DEPENDS_ON", "Package-1-zlib1g"));
    assert_true(related(document, id, "OTHER", "Package-0-rsync"));
    assert_true(related(document, "Package-0-rsync", "CONTAINS", "-openssl"));
    assert_true(related(document, "SPDXRef-Layer-1", "CONTAINS", "-curl"));
    assert_true(related(document, "Package-0-rsync", "CONTAINS", "SPDXRef-Package-3-numpy"));
    assert_true(related(document, id, "STATIC_LINK", "-zlib"));
    assert_true(related(document, id, "CONTAINS", "-openssl"));
    assert_false(related(document, "Package-1-zlib1g", "STATIC_LINK", ""));
    json_t *rsync = find(packages, "name", "rsync"), *zlib = find(packages, "name", "zlib1g");
    const char *words = json_string_value(json_object_get(rsync, "licenseDeclared"));
    const json_t *extracted =
        find(json_object_get(document, "hasExtractedLicensingInfos"), "licenseId", words);
    assert_string_equal(json_string_value(json_object_get(extracted, "extractedText")),
                        fixture_packages[RSYNC].license);
    assert_string_equal(json_string_value(json_object_get(zlib, "licenseDeclared")),
                        fixture_packages[ZLIB_PACKAGE].license);
    assert_non_null(
        find(json_object_get(zlib, "externalRefs"), "referenceLocator", "pkg:generic/zlib@1.2.13"));
    json_t *created = json_object_get(json_object_get(document, "creationInfo"), "created");
    assert_string_equal(json_string_value(created), "1970-01-01T00:00:00Z");
    json_decref(document);
    fps_result_free(r);
}

static void the_drift_table_counts_and_says_what_was_not_compared(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "KIND       LEVEL  PATH",
        "unowned    drift  /opt/a b%/tool ",
        "component  note   /usr/bin/rsync ",
        "  1:1.2.13.dfsg-1 ",
        "  zlib 1.2.8\n",
        "Drift: 1 unowned, 1 version, 1 missing, 1 digest.\n",
        "Not counted as drift, because the packages themselves ship it so: 1.\n",
        "Packages and owners are what the target itself says; digests of package files were not compared.\n",
    };
    fps_result *r = fixture_image();
    char *out = render(r, "drift", &plain);
    expect_all(out, expected, sizeof expected / sizeof *expected);
    free(out);
    r->drift_count = 0;
    r->info.digests_compared = true;
    out = render(r, "drift", &plain);
    assert_string_equal(out, "No file differs from what its package claims.\n"
                             "Packages and owners are what the target itself says.\n");
    free(out);
    r->info.packages_known = false;
    out = render(r, "drift", &plain);
    assert_string_equal(out, "No package database of the target says which files it has.\n");
    free(out);
    fps_result_free(r);
}

static void what_stands_below_the_table_of_drift_fits_the_terminal(void **state)
{
    (void)state;
    const fps_report_options narrow = {.timestamp = -1, .width = 60};
    fps_result *r = fixture_image();
    r->drift_count = 0;
    char *out = render(r, "drift", &narrow);
    assert_string_equal(out, "No file differs from what its package claims.\n"
                             "Packages and owners are what the target itself says; digests\n"
                             "  of package files were not compared.\n");
    free(out);
    fps_result_free(r);
}

static void the_table_shows_layers_and_the_first_drift(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "Needs attention:\nCOMPONENT  VERSION  WHY                          HOW       LAYER  FILE\n",
        "zlib       1.2.8    zlib1g says 1:1.2.13.dfsg-1  linked    0      /usr/bin/rsync\n",
        "openssl    3.0.9    not in rsync                ",
        "curl       7.88.1   no package                  ",
        "\nExplained by packages:\n",
        "  2      /opt/app.whl!numpy.libs/libz-1234.so\n",
        "  unowned    /opt/a b%/tool: no package claims this executable\n",
        "Packages and owners are what the target itself says; digests of package files were not compared.\n",
        "Not listed: 2 findings in files that later layers replace or delete.\n"};
    fps_result *r = fixture_image();
    char *out = render(r, "table", &plain);
    expect_all(out, expected, sizeof expected / sizeof *expected);
    free(out);
    out = render(r, "table", &layers);
    assert_non_null(strstr(out, "/usr/bin/old (deleted)"));
    assert_non_null(strstr(out, "/opt/0 (shadowed)"));
    free(out);
    fps_result_free(r);
}

static void an_explanation_tells_layers_owners_and_contradictions(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "  layer: 0 sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa of the base "
        "image, created "
        "by ADD rootfs\n",
        "  package: deb rsync 3.2.7-1 amd64\n",
        "    introduced   by layer 0\n",
        "    drift        zlib 1.2.8 is inside, zlib1g says 1.2.13\n",
        "    package      rsync holds openssl 3.0.9, which it does not name\n",
        "/opt/app.whl!numpy.libs/libz-1234.so: ELF",
    };
    fps_result *r = fixture_image();
    char *out = render(r, "explain", &plain);
    expect_all(out, expected, sizeof expected / sizeof *expected);
    assert_null(strstr(out, "/usr/bin/old"));
    free(out);
    out = render(r, "explain", &layers);
    assert_non_null(strstr(out, "; deleted by a later one\n"));
    free(out);
    fps_result_free(r);
}

static void one_component_shows_its_packages_alone(void **state)
{
    (void)state;
    const fps_report_options one = {.component = "zlib", .timestamp = -1};
    fps_result *r = fixture_image();
    char *out = render(r, "cyclonedx", &one);
    assert_non_null(strstr(out, "package:deb/zlib1g"));
    assert_non_null(strstr(out, "zlib@1.2.8"));
    assert_null(strstr(out, "package:deb/rsync"));
    assert_null(strstr(out, "openssl@"));
    free(out);
    fps_result_free(r);
}

static void indexes_out_of_range_name_nothing(void **state)
{
    (void)state;
    static const char *const formats[] = {"table", "json", "csv", "cyclonedx", "spdx", "sarif", "drift"};
    fps_result *r = fixture_image();
    r->drift[2].file = r->drift[1].package = r->drift[3].other = 77;
    r->packages.items[WHEEL].parent = r->packages.items[WHEEL].layer = 1000;
    r->files.items[fixture_place(r, "/usr/bin/rsync")].owner = FIXTURE_PACKAGES;
    r->files.items[fixture_place(r, "/usr/bin/rsync")].layer = FIXTURE_LAYERS;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        free(render(r, formats[i], &layers));
    fps_result_free(r);
}

static void licences_of_the_list_are_told_from_other_words(void **state)
{
    (void)state;
    static const char *const good[] = {"MIT",         "GPL-2.0-only",
                                       "GPL-2.0+",    "LGPL-2.1-or-later AND (MIT OR Zlib)",
                                       "0BSD",        "zlib-acknowledgement",
                                       "((MIT))",     "(MIT)OR(Zlib)",
                                       "Apache-2.0+", "GPL-2.0-only WITH Classpath-exception-2.0 OR curl"};
    static const char *const bad[] = {"",
                                      " ",
                                      "GPL",
                                      "gpl-2.0-only",
                                      "GPLv2+",
                                      "MIT AND",
                                      "AND MIT",
                                      "MIT Zlib",
                                      "(MIT",
                                      "MIT)",
                                      "MIT WITH",
                                      "MIT WITH Zlib",
                                      "()",
                                      "MIT/X11",
                                      "LicenseRef-x",
                                      "+",
                                      "MIT OR OR Zlib",
                                      "MI",
                                      "MITx",
                                      "(MIT) WITH Classpath-exception-2.0",
                                      "MIT\n",
                                      "0BS",
                                      "zzz"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!fps__license_is_expression(good[i]))
            fail_msg("'%s' is an expression", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (fps__license_is_expression(bad[i]))
            fail_msg("'%s' is no expression", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_names_layers_packages_and_contradictions),
        cmocka_unit_test(hidden_files_are_left_out_unless_all_layers_are_asked_for),
        cmocka_unit_test(a_bill_merges_what_a_package_explains_and_nests_what_it_does_not),
        cmocka_unit_test(every_package_of_a_bill_has_a_supplier_and_a_version),
        cmocka_unit_test(certain_words_about_a_licence_are_an_expression_in_bills),
        cmocka_unit_test(a_package_that_a_later_layer_removed_is_shown_on_demand),
        cmocka_unit_test(a_library_bundled_in_a_language_package_is_an_entry_of_its_own),
        cmocka_unit_test(a_library_bundled_in_a_package_file_is_an_entry_of_its_own),
        cmocka_unit_test(a_language_package_with_the_name_of_a_component_is_the_component),
        cmocka_unit_test(spdx_relates_layers_packages_files_and_components),
        cmocka_unit_test(the_drift_table_counts_and_says_what_was_not_compared),
        cmocka_unit_test(what_stands_below_the_table_of_drift_fits_the_terminal),
        cmocka_unit_test(the_table_shows_layers_and_the_first_drift),
        cmocka_unit_test(an_explanation_tells_layers_owners_and_contradictions),
        cmocka_unit_test(one_component_shows_its_packages_alone),
        cmocka_unit_test(indexes_out_of_range_name_nothing),
        cmocka_unit_test(licences_of_the_list_are_told_from_other_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
