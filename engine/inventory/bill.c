/* Bills of materials that lie in the target: CycloneDX in JSON and XML, SPDX in JSON and as tags and values. */
#include "inventory/bill.h"

#include "inventory/manifest.h"
#include "util/cursor.h"
#include "util/lines.h"
#include "util/search.h"

#include <stdlib.h>

static const char *const patterns[] = {
    "bom.json", "*.bom.json", "sbom.json", "*.sbom.json", "*.cdx.json", "bom.xml",          "*.bom.xml",
    "sbom.xml", "*.sbom.xml", "*.cdx.xml", "*.spdx.json", "*.spdx",     "*.cyclonedx.json", NULL};

enum { MAX_DEPTH = 32 }; /* of components inside components */

static fps__inventory_package *add(fps__inventory_reading *reading, const fps__inventory_file *file,
                                   fps__span purl, fps__span version)
{
    fps_package facts = fps__inventory_facts(FPS_PACKAGE_GENERIC);
    facts.version = fps__inventory_value(reading, version);
    if (!fps__bill_take_purl(reading, purl, &facts) || !*facts.name)
        return NULL;
    fps__inventory_package *package = fps__inventory_add(reading, facts.kind);
    if (!package)
        return NULL;
    package->facts = facts;
    package->facts.location = fps__inventory_text(reading, file->path, strlen(file->path));
    package->billed = true;
    return package;
}

/* ---- CycloneDX ---- */

/* The expression, or the identifiers and names of all licences, which hold together. */
static const char *cyclonedx_license(fps__inventory_reading *reading, const json_t *licenses)
{
    char text[1024];
    fps__cursor out = {text, sizeof text, 0, false};
    for (size_t i = 0; i < json_array_size(licenses); i++) {
        const json_t *item = json_array_get(licenses, i), *license = json_object_get(item, "license");
        fps__span name = fps__manifest_member(item, "expression");
        name = name.size ? name : fps__manifest_member(license, "id");
        name = name.size ? name : fps__manifest_member(license, "name");
        fps__cursor_text(&out, out.used && name.size ? " AND " : "");
        fps__cursor_put(&out, (const char *)name.data, name.size);
    }
    size_t size = fps__cursor_finish(&out);
    return fps__inventory_value(reading, (fps__span){(const uint8_t *)text, size});
}

/* True when some lie deeper than is read. */
static bool take_components(fps__inventory_reading *reading, const fps__inventory_file *file,
                            const json_t *components, unsigned depth)
{
    bool deep = false;
    for (size_t i = 0; i < json_array_size(components) && !reading->full && !reading->no_memory; i++) {
        const json_t *item = json_array_get(components, i);
        fps__inventory_package *package =
            add(reading, file, fps__manifest_member(item, "purl"), fps__manifest_member(item, "version"));
        if (package) {
            fps__span supplier = fps__manifest_member(json_object_get(item, "supplier"), "name");
            supplier = supplier.size ? supplier : fps__manifest_member(item, "publisher");
            supplier = supplier.size ? supplier : fps__manifest_member(item, "author");
            package->facts.supplier = fps__inventory_value(reading, supplier);
            package->facts.license = cyclonedx_license(reading, json_object_get(item, "licenses"));
        }
        const json_t *inside = json_object_get(item, "components");
        deep |= depth < MAX_DEPTH ? take_components(reading, file, inside, depth + 1)
                                  : json_array_size(inside) > 0;
    }
    return deep;
}

/* The text between tags, with the five entities that XML itself has; empty when it holds others, or is too long. */
static fps__span plain_text(fps__span text, char *buffer, size_t size)
{
    static const char *const entities[][2] = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}};
    fps__cursor out = {buffer, size, 0, false};
    for (size_t at = 0, used = 1; at < text.size; at += used) {
        fps__span rest = fps__span_part(text, at, text.size - at);
        const char *byte = (const char *)rest.data;
        used = rest.data[0] == '&' ? 0 : 1;
        for (size_t i = 0; !used && i < sizeof entities / sizeof *entities; i++)
            if (fps__span_starts(rest, entities[i][0])) {
                byte = entities[i][1];
                used = strlen(entities[i][0]);
            }
        if (!used)
            return (fps__span){NULL, 0};
        fps__cursor_put(&out, byte, 1);
    }
    return (fps__span){(const uint8_t *)buffer, fps__cursor_finish(&out)};
}

/* CycloneDX in XML: the package URLs alone, which have name and version. */
static void read_xml(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    static const char open[] = "<purl>", close[] = "</purl>", name[] = "cyclonedx.org/schema/bom";
    const uint8_t *at = file->bytes.data, *end = at + file->bytes.size, *last;
    if (!memmem(at, file->bytes.size, name, sizeof name - 1))
        return;
    while (!reading->full && !reading->no_memory &&
           (at = memmem(at, (size_t)(end - at), open, sizeof open - 1))) {
        char buffer[2048];
        at += sizeof open - 1;
        last = memmem(at, (size_t)(end - at), close, sizeof close - 1);
        if (!last) {
            fps__manifest_damaged(reading, file);
            return;
        }
        add(reading, file, plain_text((fps__span){at, (size_t)(last - at)}, buffer, sizeof buffer),
            (fps__span){NULL, 0});
        at = last;
    }
}

/* ---- SPDX ---- */

static bool is_known(fps__span value)
{
    return value.size && !fps__span_is(value, "NOASSERTION") && !fps__span_is(value, "NONE");
}

/* "Organization: Name (address)", "Person: ..." */
static fps__span plain_supplier(fps__span value)
{
    static const char *const kinds[] = {"Organization:", "Person:"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (fps__span_starts(value, kinds[i]))
            return fps__span_trim(fps__span_part(value, strlen(kinds[i]), value.size - strlen(kinds[i])));
    return is_known(value) ? value : (fps__span){NULL, 0};
}

static void take_facts(fps__inventory_reading *reading, fps__inventory_package *package, fps__span license,
                       fps__span supplier)
{
    if (!package)
        return;
    package->facts.license = is_known(license) ? fps__inventory_value(reading, license) : "";
    package->facts.supplier = fps__inventory_value(reading, plain_supplier(supplier));
}

static void take_spdx_package(fps__inventory_reading *reading, const fps__inventory_file *file,
                              const json_t *item)
{
    const json_t *references = json_object_get(item, "externalRefs");
    for (size_t i = 0; i < json_array_size(references); i++) {
        const json_t *reference = json_array_get(references, i);
        if (!fps__span_is(fps__manifest_member(reference, "referenceType"), "purl"))
            continue;
        fps__inventory_package *package =
            add(reading, file, fps__manifest_member(reference, "referenceLocator"),
                fps__manifest_member(item, "versionInfo"));
        fps__span license = fps__manifest_member(item, "licenseDeclared");
        take_facts(reading, package,
                   is_known(license) ? license : fps__manifest_member(item, "licenseConcluded"),
                   fps__manifest_member(item, "supplier"));
        return;
    }
}

typedef struct tagged {
    fps__span name, version, license, supplier, purl;
} tagged;

static void end_tagged(fps__inventory_reading *reading, const fps__inventory_file *file, tagged *package)
{
    if (package->purl.size)
        take_facts(reading, add(reading, file, package->purl, package->version), package->license,
                   package->supplier);
    *package = (tagged){.name = {NULL, 0}};
}

/* Lines "Tag: value"; a package begins with its name. */
static void read_tags(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    tagged package = {.name = {NULL, 0}};
    const struct {
        const char *tag;
        fps__span *value;
    } known[] = {{"PackageName", &package.name},
                 {"PackageVersion", &package.version},
                 {"PackageLicenseDeclared", &package.license},
                 {"PackageSupplier", &package.supplier}};
    size_t at = 0;
    for (fps__span line, tag, value; fps__line_next(file->bytes, &at, &line) && !reading->full;) {
        if (!fps__line_split(line, ':', &tag, &value))
            continue;
        value = fps__span_trim(value);
        if (fps__span_is(tag, "PackageName"))
            end_tagged(reading, file, &package);
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (fps__span_is(tag, known[i].tag))
                *known[i].value = value;
        fps__span category, type;
        if (fps__span_is(tag, "ExternalRef") && fps__span_cut(&value, " \t", &category) &&
            fps__span_cut(&value, " \t", &type) && fps__span_is(type, "purl"))
            package.purl = fps__span_trim(value);
    }
    end_tagged(reading, file, &package);
}

/* ---- all of them ---- */

void fps__bill_read(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__span start = fps__span_trim(file->bytes);
    if (fps__span_starts(start, "SPDXVersion:")) {
        read_tags(reading, file);
        return;
    }
    if (start.size && start.data[0] == '<')
        read_xml(reading, file);
    if (start.size && start.data[0] != '{' && start.data[0] != 0xEF)
        return;
    json_t *root = fps__manifest_json(reading, file);
    const json_t *packages = json_object_get(root, "packages");
    bool deep = false;
    if (fps__span_is(fps__manifest_member(root, "bomFormat"), "CycloneDX"))
        deep = take_components(reading, file, json_object_get(root, "components"), 0);
    else if (fps__manifest_member(root, "spdxVersion").size)
        for (size_t i = 0; i < json_array_size(packages) && !reading->full && !reading->no_memory; i++)
            take_spdx_package(reading, file, json_array_get(packages, i));
    if (deep)
        fps__inventory_diagnose(reading, file->path, "components lie too deep in each other");
    json_decref(root);
}

/* The package URL up to its qualifiers, which bills write in many ways. */
static fps__span base_of(const fps__inventory_package *package)
{
    return (fps__span){(const uint8_t *)package->facts.purl, strcspn(package->facts.purl, "?#")};
}

static int compare_bases(const void *left, const void *right)
{
    const fps__inventory_package *const *a = left, *const *b = right;
    fps__span one = base_of(*a), other = base_of(*b);
    int order = memcmp(one.data, other.data, one.size < other.size ? one.size : other.size);
    order = order ? order : FPS__COMPARE(one.size, other.size);
    order = order ? order : (*a)->billed - (*b)->billed;
    return order ? order : FPS__COMPARE(*a, *b);
}

static bool same_base(const fps__inventory_package *a, const fps__inventory_package *b)
{
    fps__span one = base_of(a), other = base_of(b);
    return one.size && one.size == other.size && !memcmp(one.data, other.data, one.size);
}

void fps__bill_drop_repeated(fps__inventory_reading *reading)
{
    fps__inventory_package *packages = reading->inventory->packages.items;
    size_t count = reading->inventory->packages.count, kept = 0;
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= packages[i].billed;
    fps__inventory_package **order = any ? calloc(count, sizeof *order) : NULL;
    if (!order) {
        reading->no_memory |= any;
        return;
    }
    for (size_t i = 0; i < count; i++)
        order[i] = &packages[i];
    qsort(order, count, sizeof *order, compare_bases);
    for (size_t i = 1; i < count; i++)
        order[i]->repeated = order[i]->billed && same_base(order[i - 1], order[i]);
    for (size_t i = 0; i < count; i++)
        if (!packages[i].repeated)
            packages[kept++] = packages[i];
    reading->inventory->packages.count = kept;
    free(order);
}

/* Bitnami's own are read with their folders. */
static void read_bill(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    if (!fps__path_is_like(file->path, ".spdx-*.spdx"))
        fps__bill_read(reading, file);
}

const fps__inventory_reader fps__reader_bill = {.patterns = patterns, .read_file = read_bill};
