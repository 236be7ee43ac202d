/* Proves what is read of bills of materials that lie in the target, and that none takes more than it may. */
#include "package_links_fixture.h"

static void a_bill_lists_what_no_inventory_lists(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/app/node_modules/a/package.json", "{\"name\":\"a\",\"version\":\"1.0.0\"}"},
        {"/app/bom.json",
         "\xEF\xBB\xBF{\"bomFormat\":\"CycloneDX\",\"components\":[{\"purl\":\"pkg:npm/a@1.0.0?x=y\"},"
         "{\"purl\":\"pkg:npm/%40s/b@2.0.0\",\"supplier\":{\"name\":\"S\"},\"licenses\":[{\"license\":{\"id\":\"MIT\"}},"
         "{\"license\":{\"name\":\"Odd\"}}],\"components\":[{\"purl\":\"pkg:maven/g.h/c@3\",\"publisher\":\"P\","
         "\"licenses\":[{\"expression\":\"MIT OR ISC\"}]}]},{\"name\":\"no purl\"},{\"purl\":\"pkg:npm/%zz@1\"},"
         "{\"purl\":\"pkg:npm/a b@1\"},{\"purl\":\"npm/x@1\"},{\"purl\":\"pkg:unknown/d@4\"}]}"},
        {"/var/lib/db/sbom/e.spdx.json",
         "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"e\",\"versionInfo\":\"5\",\"supplier\":\"Organization: O\","
         "\"licenseDeclared\":\"NOASSERTION\",\"licenseConcluded\":\"ISC\",\"externalRefs\":[{\"referenceType\":\"cpe23Type\"},"
         "{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:apk/wolfi/e?arch=x86_64\"}]}]}"},
        {"/app/f.spdx",
         "SPDXVersion: SPDX-2.3\nPackageName: f\nPackageVersion: 6\nPackageSupplier: NOASSERTION\n"
         "ExternalRef: PACKAGE-MANAGER purl pkg:gem/f@6\nPackageName: g\nPackageComment: <text>a licence\n"
         "PackageName: in the text\nExternalRef: PACKAGE-MANAGER purl pkg:gem/in-the-text@1\nend</text>\n"},
        {"/app/sbom.json", "{\"another\":\"document\"}"},
        {"/app/x.cdx.json", "{\"bomFormat\":"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    assert_string_equal(faults.text, "/app/x.cdx.json: metadata of the package is damaged\n");
    assert_int_equal(inventory.packages.count, 6);
    assert_string_equal(fixture_package(&inventory, "pkg:npm/a@1.0.0")->facts.location,
                        "/app/node_modules/a/package.json");
    const fps_package *b = &fixture_package(&inventory, "pkg:npm/%40s/b@2.0.0")->facts;
    assert_string_equal(b->name, "@s/b");
    assert_string_equal(b->license, "MIT AND Odd");
    assert_string_equal(b->supplier, "S");
    assert_string_equal(fixture_package(&inventory, "pkg:maven/g.h/c@3")->facts.name, "g.h:c");
    assert_string_equal(fixture_package(&inventory, "pkg:maven/g.h/c@3")->facts.license, "MIT OR ISC");
    assert_int_equal(fixture_package(&inventory, "pkg:unknown/d@4")->facts.kind, FPS_PACKAGE_GENERIC);
    const fps_package *e = &fixture_package(&inventory, "pkg:apk/wolfi/e?arch=x86_64")->facts;
    assert_string_equal(e->name, "e");
    assert_string_equal(e->version, "5");
    assert_string_equal(e->license, "ISC");
    assert_string_equal(e->supplier, "O");
    assert_string_equal(fixture_package(&inventory, "pkg:gem/f@6")->facts.supplier, "");
    fps__inventory_free(&inventory);
}

#define BOM "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\">"

static void bills_in_xml_are_read_and_damaged_ones_named(void **state)
{
    (void)state;
    const fixture_text texts[] = {
        {"/a/bom.xml",
         "<?xml version=\"1.0\"?>\n<!-- a bill -->" BOM "<components><component type=\"library\" bom-ref='a'>"
         "<supplier><name>A &amp; B&#33;</name></supplier><name>a</name><version>1</version>"
         "<licenses><license><id>MIT</id></license><expression>Zlib</expression></licenses>"
         "<purl>pkg:npm/a@1?x=1&amp;y=2</purl><pedigree><ancestors><component><purl>pkg:npm/z@1</purl>"
         "</component></ancestors></pedigree><components><component type=\"library\"><name>b</name>"
         "<purl><![CDATA[pkg:npm/b@2]]></purl></component></components></component></components></bom>"},
        {"/b/bom.xml", BOM "<components><component><purl>pkg:npm/c@1"},
        {"/c/bom.xml", "<other><purl>pkg:npm/d@1</purl></other>"},
        {"/d/bom.xml", BOM "<components><component><name>&x;</name></component></components></bom>"},
        {"/e/bom.xml", "<!DOCTYPE x [<!ENTITY y 'z'>]>" BOM "</bom>"},
        {"/f/bom.xml", BOM "<components></bom></components>"},
        {"/g/bom.xml", BOM "<components><component><name>\xFF</name></component></components></bom>"},
        {"/h/bom.xml", BOM "</bom>" BOM "</bom>"}};
    fixture_faults faults;
    fps__inventory inventory = FIXTURE_READ(texts, &faults);
    static const char *const expected[] = {
        "/b/bom.xml: the bill ends inside an element", "/d/bom.xml: the bill has an entity",
        "/f/bom.xml: the bill has tags that do not match", "/g/bom.xml: the bill has text that is not UTF-8",
        "/h/bom.xml: the bill has more than one root"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(faults.text, expected[i]))
            fail_msg("'%s' is not in:\n%s", expected[i], faults.text);
    assert_null(strstr(faults.text, "/c/"));
    assert_int_equal(inventory.packages.count, 2);
    const fps__inventory_package *a = fixture_package(&inventory, "pkg:npm/a@1?x=1&y=2");
    fixture_package(&inventory, "pkg:npm/b@2");
    assert_string_equal(a->facts.supplier, "A & B!");
    assert_string_equal(a->facts.license, "MIT AND Zlib");
    fps__inventory_free(&inventory);
}

/* A text of `unit` again and again between `start` and `end`; free it. */
static char *repeat(const char *start, const char *unit, size_t count, const char *end)
{
    size_t size = strlen(unit);
    char *text = malloc(strlen(start) + count * size + strlen(end) + 1), *at = text;
    assert_non_null(text);
    at += sprintf(at, "%s", start);
    for (size_t i = 0; i < count; i++, at += size)
        memcpy(at, unit, size);
    strcpy(at, end);
    return text;
}

static void read_limited(const char *path, const char *text, size_t memory, fixture_faults *faults)
{
    fps__inventory inventory;
    const fps__inventory_file file = {path, {(const uint8_t *)text, strlen(text)}};
    const fps__inventory_options options = {.diagnostic = fixture_fault, .user = faults, .memory = memory};
    *faults = (fixture_faults){0, ""};
    assert_int_equal(fps__inventory_read(&inventory, &file, 1, &options, NULL), FPS_OK);
    assert_int_equal(inventory.packages.count, 0);
    fps__inventory_free(&inventory);
}

static void a_document_that_takes_too_much_memory_is_named(void **state)
{
    (void)state;
    fixture_faults faults;
    char *text = repeat("{\"bomFormat\":\"CycloneDX\",\"x\":[0", ",{}", 10000, "]}");
    read_limited("/bom.json", text, 1 << 20, &faults);
    assert_string_equal(faults.text,
                        "/bom.json: not read: its JSON takes more memory than packages may use; raise "
                        "--memory\n");
    read_limited("/bom.json", text, 64 << 20, &faults);
    assert_string_equal(faults.text, "");
    free(text);
}

static void a_document_that_nests_too_deep_is_named(void **state)
{
    (void)state;
    fixture_faults faults;
    char *text = repeat("", "[", 100000, "");
    read_limited("/conda-meta/a.json", text, 0, &faults);
    assert_string_equal(faults.text, "/conda-meta/a.json: metadata of the package is damaged\n");
    free(text);
    char *inside = repeat("{\"bomFormat\":\"CycloneDX\"", ",\"components\":[{\"a\":0", 40, ""),
         *whole = repeat(inside, "}]", 40, "}");
    read_limited("/bom.json", whole, 0, &faults);
    assert_string_equal(faults.text, "/bom.json: components lie too deep in each other\n");
    free(inside);
    free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bill_lists_what_no_inventory_lists),
        cmocka_unit_test(bills_in_xml_are_read_and_damaged_ones_named),
        cmocka_unit_test(a_document_that_takes_too_much_memory_is_named),
        cmocka_unit_test(a_document_that_nests_too_deep_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
