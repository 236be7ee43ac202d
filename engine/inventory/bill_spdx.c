/* Reads SPDX bills of materials: 2.x in JSON and as tags and values, 3.0 in JSON-LD. */
#include "inventory/bill_entry.h"

#include "util/cursor.h"
#include "util/lines.h"

enum { AGENT_SIZE = 1024 };

static bool is_known(fps__span value)
{
    return value.size && !fps__span_is(value, "unknown") && !fps__span_is(value, "NOASSERTION") &&
           !fps__span_is(value, "NONE");
}

static fps__span known(fps__span value)
{
    return is_known(value) ? value : (fps__span){NULL, 0};
}

/* "Organization: Name (address)", "Person: ..." */
static fps__span plain_supplier(fps__span value)
{
    static const char *const kinds[] = {"Organization:", "Person:"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (fps__span_starts(value, kinds[i]))
            value = fps__span_trim(fps__span_part(value, strlen(kinds[i]), value.size - strlen(kinds[i])));
    if (value.size > 3 && !memcmp(value.data + value.size - 3, " ()", 3)) /* an address that is empty */
        value.size -= 3;
    return known(value);
}

/* Purposes of what is no software that somebody installs; layers of images among them. */
static bool is_package(fps__span purpose)
{
    static const char *const others[] = {"CONTAINER", "ARCHIVE", "OPERATING-SYSTEM", "OPERATING_SYSTEM",
                                         "FILE",      "OTHER",   "operatingSystem"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (fps__span_is(purpose, others[i]))
            return false;
    return true;
}

static bool is_system(fps__span purpose)
{
    return fps__span_is(purpose, "OPERATING-SYSTEM") || fps__span_is(purpose, "OPERATING_SYSTEM") ||
           fps__span_is(purpose, "operatingSystem");
}

/* ---- 2.x in JSON ---- */

static void take_package(fps__inventory_reading *reading, const fps__inventory_file *file, const json_t *item)
{
    const json_t *references = json_object_get(item, "externalRefs");
    fps__span purpose = fps__manifest_member(item, "primaryPackagePurpose");
    fps__bill_entry entry = {.reference = fps__manifest_member(item, "SPDXID"),
                             .name = fps__manifest_member(item, "name"),
                             .version = known(fps__manifest_member(item, "versionInfo")),
                             .license = known(fps__manifest_member(item, "licenseDeclared")),
                             .supplier = plain_supplier(fps__manifest_member(item, "supplier")),
                             .package = is_package(purpose)};
    if (!entry.license.size)
        entry.license = known(fps__manifest_member(item, "licenseConcluded"));
    for (size_t i = 0; i < json_array_size(references); i++) {
        const json_t *reference = json_array_get(references, i);
        fps__span type = fps__manifest_member(reference, "referenceType"),
                  locator = fps__manifest_member(reference, "referenceLocator");
        if (fps__span_is(type, "purl") && !entry.purl.size)
            entry.purl = locator;
        if (fps__span_is(type, "cpe23Type") && !entry.cpe.size)
            entry.cpe = locator;
    }
    if (is_system(purpose))
        fps__bill_system(reading, entry.name, entry.version, fps__manifest_member(item, "summary"));
    else if (entry.package || entry.purl.size)
        fps__bill_add(reading, file, &entry);
}

/* "A DEPENDS_ON B" and its like. */
static void take_relation(fps__inventory_reading *reading, fps__span from, fps__span type, fps__span to)
{
    static const struct {
        const char *type;
        bool reversed;
        fps__bill_relation kind;
    } types[] = {{"DEPENDS_ON", false, FPS__BILL_NEEDS},
                 {"dependsOn", false, FPS__BILL_NEEDS},
                 {"DEPENDENCY_OF", true, FPS__BILL_NEEDS},
                 {"CONTAINS", false, FPS__BILL_HOLDS},
                 {"contains", false, FPS__BILL_HOLDS},
                 {"CONTAINED_BY", true, FPS__BILL_HOLDS},
                 {"hasDeclaredLicense", false, FPS__BILL_LICENSED}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (fps__span_is(type, types[i].type))
            fps__bill_relate(reading, types[i].reversed ? to : from, types[i].reversed ? from : to,
                             types[i].kind);
}

/* Licences that the document itself has: the words that they stand for. */
static void take_licenses(fps__inventory_reading *reading, const json_t *root)
{
    const json_t *list = json_object_get(root, "hasExtractedLicensingInfos");
    for (size_t i = 0; reading->whole && i < json_array_size(list) && fps__bill_goes_on(reading); i++)
        fps__bill_word_for(reading, fps__manifest_member(json_array_get(list, i), "licenseId"),
                           fps__manifest_member(json_array_get(list, i), "extractedText"));
}

void fps__bill_read_spdx(fps__inventory_reading *reading, const fps__inventory_file *file, const json_t *root)
{
    const json_t *packages = json_object_get(root, "packages"),
                 *relations = json_object_get(root, "relationships");
    fps__bill_subject(reading, fps__manifest_member(root, "name"));
    for (size_t i = 0; i < json_array_size(packages) && fps__bill_goes_on(reading); i++)
        take_package(reading, file, json_array_get(packages, i));
    take_licenses(reading, root);
    for (size_t i = 0; reading->whole && i < json_array_size(relations) && fps__bill_goes_on(reading); i++) {
        const json_t *item = json_array_get(relations, i);
        take_relation(reading, fps__manifest_member(item, "spdxElementId"),
                      fps__manifest_member(item, "relationshipType"),
                      fps__manifest_member(item, "relatedSpdxElement"));
    }
}

/* ---- 2.x as tags and values ---- */

typedef struct tagged {
    fps__bill_entry entry;
    fps__span purpose, concluded, summary;
} tagged;

static void end_tagged(fps__inventory_reading *reading, const fps__inventory_file *file, tagged *package)
{
    fps__bill_entry *entry = &package->entry;
    entry->version = known(entry->version);
    entry->license = is_known(entry->license) ? entry->license : known(package->concluded);
    entry->supplier = plain_supplier(entry->supplier);
    entry->package = is_package(package->purpose);
    if (is_system(package->purpose))
        fps__bill_system(reading, entry->name, entry->version, package->summary);
    else if (entry->name.size && (entry->package || entry->purl.size))
        fps__bill_add(reading, file, entry);
    *package = (tagged){.purpose = {NULL, 0}};
}

/* "PACKAGE-MANAGER purl pkg:..." */
static void take_reference(tagged *package, fps__span value)
{
    fps__span category, type;
    if (!fps__span_cut(&value, " \t", &category) || !fps__span_cut(&value, " \t", &type))
        return;
    if (fps__span_is(type, "purl") && !package->entry.purl.size)
        package->entry.purl = fps__span_trim(value);
    if (fps__span_is(type, "cpe23Type") && !package->entry.cpe.size)
        package->entry.cpe = fps__span_trim(value);
}

/* Without <text> around it. */
static fps__span plain_value(fps__span value)
{
    static const char open[] = "<text>", close[] = "</text>";
    value = fps__span_trim(value);
    if (fps__span_starts(value, open))
        value = fps__span_part(value, sizeof open - 1, value.size - (sizeof open - 1));
    size_t end = sizeof close - 1;
    if (value.size >= end && memcmp(value.data + value.size - end, close, end) == 0)
        value.size -= end;
    return value;
}

/* Passes over the lines of a text of several lines: what looks like a tag in them is none. */
static void skip_text(fps__span bytes, size_t *at, fps__span value)
{
    static const char open[] = "<text>", close[] = "</text>";
    fps__span line = value;
    bool inside = fps__span_starts(fps__span_trim(value), open);
    while (inside && !(line.size && memmem(line.data, line.size, close, sizeof close - 1)))
        inside = fps__line_next(bytes, at, &line);
}

/* Lines "Tag: value"; a package begins with its name, and ends where a file or a licence does. */
void fps__bill_read_spdx_tags(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    tagged package = {.purpose = {NULL, 0}};
    const struct {
        const char *tag;
        fps__span *value;
    } fields[] = {{"PackageName", &package.entry.name},
                  {"SPDXID", &package.entry.reference},
                  {"PackageVersion", &package.entry.version},
                  {"PackageLicenseDeclared", &package.entry.license},
                  {"PackageLicenseConcluded", &package.concluded},
                  {"PackageSupplier", &package.entry.supplier},
                  {"PrimaryPackagePurpose", &package.purpose},
                  {"PackageSummary", &package.summary}};
    fps__span license = {NULL, 0};
    size_t at = 0;
    for (fps__span line, tag, value; fps__line_next(file->bytes, &at, &line) && fps__bill_goes_on(reading);) {
        if (!fps__line_split(line, ':', &tag, &value))
            continue;
        skip_text(file->bytes, &at, value);
        value = plain_value(value);
        if (fps__span_is(tag, "PackageName") || fps__span_is(tag, "FileName") ||
            fps__span_is(tag, "LicenseID"))
            end_tagged(reading, file, &package);
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (fps__span_is(tag, fields[i].tag))
                *fields[i].value = value;
        fps__span from, type;
        if (fps__span_is(tag, "DocumentName"))
            fps__bill_subject(reading, value);
        else if (fps__span_is(tag, "ExternalRef"))
            take_reference(&package, value);
        else if (fps__span_is(tag, "LicenseID"))
            license = value;
        else if (fps__span_is(tag, "ExtractedText"))
            fps__bill_word_for(reading, license, value);
        else if (fps__span_is(tag, "Relationship") && fps__span_cut(&value, " \t", &from) &&
                 fps__span_cut(&value, " \t", &type))
            take_relation(reading, from, type, fps__span_trim(value));
    }
    end_tagged(reading, file, &package);
}

/* ---- 3.0 in JSON-LD ---- */

/* An element that is a software package. */
static void take_element(fps__inventory_reading *reading, const fps__inventory_file *file, const json_t *item)
{
    const json_t *names = json_object_get(item, "externalIdentifier");
    fps__span purpose = fps__manifest_member(item, "software_primaryPurpose");
    fps__bill_entry entry = {.reference = fps__manifest_member(item, "spdxId"),
                             .name = fps__manifest_member(item, "name"),
                             .version = known(fps__manifest_member(item, "software_packageVersion")),
                             .purl = fps__manifest_member(item, "software_packageUrl"),
                             .package = is_package(purpose)};
    for (size_t i = 0; i < json_array_size(names); i++) {
        const json_t *name = json_array_get(names, i);
        fps__span type = fps__manifest_member(name, "externalIdentifierType");
        if (fps__span_is(type, "packageUrl") && !entry.purl.size)
            entry.purl = fps__manifest_member(name, "identifier");
        if (fps__span_is(type, "cpe23") && !entry.cpe.size)
            entry.cpe = fps__manifest_member(name, "identifier");
    }
    if (is_system(purpose))
        fps__bill_system(reading, entry.name, entry.version, fps__manifest_member(item, "summary"));
    else if (entry.package || entry.purl.size)
        fps__bill_add(reading, file, &entry);
    fps__bill_relate(reading, entry.reference, fps__manifest_member(item, "suppliedBy"), FPS__BILL_SUPPLIED);
}

/* An organization or a person, with the address where the element has one. */
static void take_agent(fps__inventory_reading *reading, const json_t *item)
{
    const json_t *names = json_object_get(item, "externalIdentifier");
    fps__span reference = fps__manifest_member(item, "spdxId"),
              name = known(fps__manifest_member(item, "name")), address = {NULL, 0};
    for (size_t i = 0; i < json_array_size(names) && !address.size; i++)
        if (fps__span_is(fps__manifest_member(json_array_get(names, i), "externalIdentifierType"), "email"))
            address = fps__manifest_member(json_array_get(names, i), "identifier");
    char text[AGENT_SIZE];
    fps__cursor out = {text, sizeof text, 0, false};
    fps__cursor_put(&out, (const char *)name.data, name.size);
    fps__cursor_text(&out, name.size ? " <" : "<");
    fps__cursor_put(&out, (const char *)address.data, address.size);
    fps__cursor_text(&out, ">");
    size_t size = fps__cursor_finish(&out);
    fps__bill_word_for(reading, reference,
                       address.size && size ? (fps__span){(const uint8_t *)text, size} : name);
}

/* An expression, the licences of the document's own in it, and the texts of these. */
static void take_expression(fps__inventory_reading *reading, const json_t *item)
{
    const json_t *own = json_object_get(item, "simplelicensing_customIdToUri");
    fps__bill_word_for(reading, fps__manifest_member(item, "spdxId"),
                       fps__manifest_member(item, "simplelicensing_licenseExpression"));
    for (size_t i = 0; i < json_array_size(own) && fps__bill_goes_on(reading); i++)
        fps__bill_word_for(reading, fps__manifest_member(json_array_get(own, i), "key"),
                           fps__manifest_member(json_array_get(own, i), "value"));
}

void fps__bill_read_spdx3(fps__inventory_reading *reading, const fps__inventory_file *file,
                          const json_t *root)
{
    const json_t *graph = json_object_get(root, "@graph");
    for (size_t i = 0; i < json_array_size(graph) && fps__bill_goes_on(reading); i++) {
        const json_t *item = json_array_get(graph, i), *ends = json_object_get(item, "to");
        fps__span type = fps__manifest_member(item, "type");
        if (fps__span_is(type, "SpdxDocument"))
            fps__bill_subject(reading, fps__manifest_member(item, "name"));
        if (fps__span_is(type, "software_Package"))
            take_element(reading, file, item);
        if (fps__span_is(type, "Organization") || fps__span_is(type, "Person") || fps__span_is(type, "Agent"))
            take_agent(reading, item);
        if (fps__span_is(type, "simplelicensing_LicenseExpression"))
            take_expression(reading, item);
        if (fps__span_is(type, "simplelicensing_SimpleLicensingText"))
            fps__bill_word_for(reading, fps__manifest_member(item, "spdxId"),
                               fps__manifest_member(item, "simplelicensing_licenseText"));
        if (!reading->whole ||
            (!fps__span_is(type, "Relationship") && !fps__span_is(type, "LifecycleScopedRelationship")))
            continue;
        for (size_t k = 0; k < json_array_size(ends) && fps__bill_goes_on(reading); k++)
            take_relation(reading, fps__manifest_member(item, "from"),
                          fps__manifest_member(item, "relationshipType"),
                          fps__manifest_text(json_array_get(ends, k)));
    }
}
