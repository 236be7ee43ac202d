/* The XML form of CycloneDX documents: the schemas bom-1.4.xsd to bom-1.7.xsd.
 *
 * Members of an object become elements of their name, but for those of the tables. A list becomes an element with an element
 * for each item, but for lists whose items stand alone.
 */
#include "report/report_cyclonedx_xml.h"

#include "report/xml_text.h"

#include <string.h>

/* Lists. `list` and `item` are the tags of the list and of its items, NULL for none. */
static const struct list_rule {
    const char *key, *list, *item;
} lists[] = {
    {"components", "components", "component"},
    {"tools", "tools", "tool"}, /* of 1.4; later it is an object */
    {"properties", "properties", "property"},
    {"hashes", "hashes", "hash"},
    {"licenses", "licenses", NULL},
    {"identity", NULL, "identity"},
    {"methods", "methods", "method"},
    {"occurrences", "occurrences", "occurrence"},
    {"dependencies", "dependencies", "dependency"},
    {"dependsOn", NULL, "dependency"},
    {"compositions", "compositions", "composition"},
    {"assemblies", "assemblies", "assembly"},
    {"vulnerabilities", "vulnerabilities", "vulnerability"},
    {"references", "references", "reference"},
    {"ratings", "ratings", "rating"},
    {"affects", "affects", "target"},
    {"versions", "versions", "version"},
};

/* Members that are no element: attributes, the content of their object, or nothing. `inside` is the tag of the object. */
static const struct member_rule {
    const char *inside, *key;
    fps__cyclonedx_xml_text kind;
} members[] = {
    {"bom", "$schema", FPS__XML_NOTHING},         {"bom", "bomFormat", FPS__XML_NOTHING},
    {"bom", "specVersion", FPS__XML_NOTHING},     {"bom", "serialNumber", FPS__XML_ATTRIBUTE},
    {"bom", "version", FPS__XML_ATTRIBUTE},       {"component", "type", FPS__XML_ATTRIBUTE},
    {"component", "bom-ref", FPS__XML_ATTRIBUTE}, {"vulnerability", "bom-ref", FPS__XML_ATTRIBUTE},
    {"property", "name", FPS__XML_ATTRIBUTE},     {"property", "value", FPS__XML_CONTENT},
    {"hash", "alg", FPS__XML_ATTRIBUTE},          {"hash", "content", FPS__XML_CONTENT},
    {"dependency", "ref", FPS__XML_ATTRIBUTE},
};

static const struct list_rule *rule_of(const char *key)
{
    for (size_t i = 0; key && i < sizeof lists / sizeof *lists; i++)
        if (strcmp(lists[i].key, key) == 0)
            return &lists[i];
    return NULL;
}

static fps__cyclonedx_xml_text kind_of(const char *inside, const char *key)
{
    for (size_t i = 0; inside && i < sizeof members / sizeof *members; i++)
        if (strcmp(members[i].inside, inside) == 0 && strcmp(members[i].key, key) == 0)
            return members[i].kind;
    return FPS__XML_ELEMENT;
}

/* The innermost open value that has a tag; NULL outside of the document. */
static fps__cyclonedx_xml_level *holder(const fps__json *json)
{
    fps__cyclonedx_xml *xml = json->state;
    for (unsigned d = json->depth; d-- > 0;)
        if (xml->levels[d].element)
            return &xml->levels[d];
    return NULL;
}

static void new_line(const fps__json *json)
{
    const fps__cyclonedx_xml *xml = json->state;
    size_t columns = 0;
    for (unsigned d = 0; d < json->depth; d++)
        columns += xml->levels[d].element ? 2 : 0;
    fps__output_text(json->out, "\n");
    fps__output_repeat(json->out, ' ', columns);
}

/* Makes room for an element in the open one. */
static void start_element(const fps__json *json)
{
    fps__cyclonedx_xml_level *above = holder(json);
    if (!above)
        return;
    if (above->started)
        fps__output_text(json->out, ">");
    above->started = false;
    above->filled = true;
    new_line(json);
}

static void open_value(fps__json *json, const char *key, bool is_array)
{
    fps__cyclonedx_xml *xml = json->state;
    fps__cyclonedx_xml_level *level = &xml->levels[json->depth];
    const char *above = json->depth ? xml->levels[json->depth - 1].key : NULL;
    const struct list_rule *list = rule_of(key ? key : above);
    *level = (fps__cyclonedx_xml_level){.key = key ? key : above};
    if (is_array)
        level->element = list ? list->list : key;
    else if (key)
        level->element = key;
    else
        level->element = !json->depth ? "bom" : list ? list->item : NULL;
    if (!level->element)
        return;
    start_element(json);
    level->started = true;
    fps__output_format(json->out, "<%s", level->element);
    if (!json->depth)
        fps__output_format(json->out, " xmlns=\"http://cyclonedx.org/schema/bom/%s\"", xml->version);
}

static void close_value(fps__json *json)
{
    const fps__cyclonedx_xml *xml = json->state;
    const fps__cyclonedx_xml_level *level = &xml->levels[json->depth];
    if (level->element && level->started) {
        fps__output_text(json->out, "/>");
    } else if (level->element) {
        if (level->filled)
            new_line(json);
        fps__output_format(json->out, "</%s>", level->element);
    }
    if (!json->depth)
        fps__output_text(json->out, "\n");
}

static void start_text(fps__json *json, const char *key)
{
    fps__cyclonedx_xml *xml = json->state;
    fps__cyclonedx_xml_level *above = holder(json);
    const char *list = json->depth ? xml->levels[json->depth - 1].key : NULL;
    xml->open = key ? kind_of(above ? above->element : NULL, key) : FPS__XML_REFERENCE;
    xml->element = key;
    if (xml->open == FPS__XML_ATTRIBUTE) {
        fps__output_format(json->out, " %s=\"", key);
    } else if (xml->open == FPS__XML_REFERENCE) { /* a list of texts is a list of references */
        const struct list_rule *rule = rule_of(list);
        start_element(json);
        fps__output_format(json->out, "<%s ref=\"", rule && rule->item ? rule->item : "item");
    } else if (xml->open == FPS__XML_ELEMENT) {
        start_element(json);
        fps__output_format(json->out, "<%s>", key);
    } else if (xml->open == FPS__XML_CONTENT && above) {
        fps__output_text(json->out, ">");
        above->started = false;
    }
}

static void put_text(fps__json *json, const char *text, size_t size)
{
    const fps__cyclonedx_xml *xml = json->state;
    if (xml->open != FPS__XML_NOTHING)
        fps__xml_bytes(json->out, text, size);
}

static void stop_text(fps__json *json)
{
    const fps__cyclonedx_xml *xml = json->state;
    if (xml->open == FPS__XML_ATTRIBUTE)
        fps__output_text(json->out, "\"");
    else if (xml->open == FPS__XML_REFERENCE)
        fps__output_text(json->out, "\"/>");
    else if (xml->open == FPS__XML_ELEMENT)
        fps__output_format(json->out, "</%s>", xml->element);
}

const fps__json_form fps__cyclonedx_xml_form = {open_value, close_value, start_text, put_text, stop_text};
