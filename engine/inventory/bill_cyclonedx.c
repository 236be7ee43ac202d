/* Reads CycloneDX bills of materials in JSON, and what bill_xml.c makes of XML. */
#include "inventory/bill_entry.h"

#include "util/cursor.h"
#include "util/lines.h"

enum { MAX_DEPTH = 32 }; /* of components inside components */

/* The types of components that are software which somebody installs. */
static bool is_package(fps__span type)
{
    static const char *const types[] = {"library",  "application", "framework",
                                        "platform", "firmware",    "device-driver"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (fps__span_is(type, types[i]))
            return true;
    return false;
}

/* The expression, or the identifiers and names of all licences, which hold together. */
static fps__span license_of(const json_t *licenses, char *text, size_t room)
{
    fps__cursor out = {text, room, 0, false};
    for (size_t i = 0; i < json_array_size(licenses); i++) {
        const json_t *item = json_array_get(licenses, i), *license = json_object_get(item, "license");
        fps__span name = fps__manifest_member(item, "expression");
        name = name.size ? name : fps__manifest_member(license, "id");
        name = name.size ? name : fps__manifest_member(license, "name");
        fps__cursor_text(&out, out.used && name.size ? " AND " : "");
        fps__cursor_put(&out, (const char *)name.data, name.size);
    }
    size_t size = fps__cursor_finish(&out);
    return (fps__span){(const uint8_t *)text, size};
}

/* True when some lie deeper than is read. */
static bool take_components(fps__inventory_reading *reading, const fps__inventory_file *file,
                            const json_t *components, fps__span above, unsigned depth)
{
    bool deep = false;
    for (size_t i = 0; i < json_array_size(components) && fps__bill_goes_on(reading); i++) {
        char license[1024];
        const json_t *item = json_array_get(components, i), *inside = json_object_get(item, "components");
        fps__span type = fps__manifest_member(item, "type");
        fps__bill_entry entry = {
            .reference = fps__manifest_member(item, "bom-ref"),
            .above = above,
            .purl = fps__manifest_member(item, "purl"),
            .cpe = fps__manifest_member(item, "cpe"),
            .group = fps__manifest_member(item, "group"),
            .name = fps__manifest_member(item, "name"),
            .version = fps__manifest_member(item, "version"),
            .supplier = fps__manifest_member(json_object_get(item, "supplier"), "name"),
            .properties = json_object_get(item, "properties"),
            .evidence = json_object_get(json_object_get(item, "evidence"), "occurrences"),
            .package = is_package(type),
            .program = fps__span_is(type, "application"),
        };
        entry.license = license_of(json_object_get(item, "licenses"), license, sizeof license);
        entry.supplier = entry.supplier.size ? entry.supplier : fps__manifest_member(item, "publisher");
        entry.supplier = entry.supplier.size ? entry.supplier : fps__manifest_member(item, "author");
        if (fps__span_is(type, "operating-system"))
            fps__bill_system(reading, entry.name, entry.version, fps__manifest_member(item, "description"));
        else
            fps__bill_add(reading, file, &entry);
        deep |= depth < MAX_DEPTH ? take_components(reading, file, inside, entry.reference, depth + 1)
                                  : json_array_size(inside) > 0;
    }
    return deep;
}

void fps__bill_read_cyclonedx(fps__inventory_reading *reading, const fps__inventory_file *file,
                              const json_t *root)
{
    const json_t *edges = json_object_get(root, "dependencies");
    const json_t *subject = json_object_get(json_object_get(root, "metadata"), "component");
    fps__bill_subject(reading, fps__manifest_member(subject, "name"));
    if (take_components(reading, file, json_object_get(root, "components"), (fps__span){NULL, 0}, 0))
        fps__inventory_diagnose(reading, file->path, "components lie too deep in each other");
    for (size_t i = 0; reading->whole && i < json_array_size(edges); i++) {
        const json_t *edge = json_array_get(edges, i), *needs = json_object_get(edge, "dependsOn");
        for (size_t k = 0; k < json_array_size(needs) && fps__bill_goes_on(reading); k++)
            fps__bill_relate(reading, fps__manifest_member(edge, "ref"),
                             fps__manifest_text(json_array_get(needs, k)), FPS__BILL_NEEDS);
    }
}
