/* Bills of materials: CycloneDX in JSON and XML, SPDX in JSON and as tags and values. They lie in a target, or are one. */
#include "inventory/bill.h"

#include "inventory/bill_entry.h"
#include "util/lines.h"
#include "util/search.h"

#include <stdlib.h>

static const char *const patterns[] = {
    "bom.json", "*.bom.json", "sbom.json", "*.sbom.json", "*.cdx.json", "bom.xml",          "*.bom.xml",
    "sbom.xml", "*.sbom.xml", "*.cdx.xml", "*.spdx.json", "*.spdx",     "*.cyclonedx.json", NULL};

enum {
    MAX_PLACES = 1 << 16, /* of one component */
    MAX_EDGES = 1 << 22,  /* of a bill */
    NAME_SIZE = 2048
};

#define CANDIDATE "fpscan:candidate" /* as report/report_cyclonedx_entry.c writes it */

/* ---- what only a bill that is read as a whole is asked for ---- */

static void take_places(fps__inventory_reading *reading, const json_t *evidence, fps__bill_facts *facts)
{
    size_t count = json_array_size(evidence) < MAX_PLACES ? json_array_size(evidence) : MAX_PLACES;
    const char **places = count ? fps__arena_array(&reading->inventory->arena, count, sizeof *places) : NULL;
    reading->no_memory |= count && !places;
    for (size_t i = 0; places && i < count; i++) {
        fps__span place = fps__manifest_member(json_array_get(evidence, i), "location");
        if (place.size)
            places[facts->place_count++] = fps__inventory_text(reading, (const char *)place.data, place.size);
    }
    facts->places = places;
}

/* What a component of our own bill may be instead: an id, and behind it a package URL where it has one. */
static void take_candidates(fps__inventory_reading *reading, const json_t *properties, fps__bill_facts *facts)
{
    size_t most = 0, count = 0;
    for (size_t i = 0; i < json_array_size(properties); i++)
        most += fps__span_is(fps__manifest_member(json_array_get(properties, i), "name"), CANDIDATE ":id");
    fps_relative *list = most ? fps__arena_array(&reading->inventory->arena, most, sizeof *list) : NULL;
    reading->no_memory |= most && !list;
    for (size_t i = 0; list && i < json_array_size(properties); i++) {
        fps__span name = fps__manifest_member(json_array_get(properties, i), "name"),
                  value = fps__manifest_member(json_array_get(properties, i), "value");
        if (fps__span_is(name, CANDIDATE ":id")) {
            const char *id = fps__inventory_value(reading, value);
            list[count++] = (fps_relative){id, id, "", ""};
        } else if (fps__span_is(name, CANDIDATE) && count && value.size > 4 &&
                   memcmp(value.data, "pkg:", 4) == 0) {
            list[count - 1].purl = fps__inventory_value(reading, value);
        }
    }
    facts->candidates = list;
    facts->candidate_count = count;
}

/* Properties that fpscan and other writers give to components: each names the text that it is for. */
static void take_properties(fps__inventory_reading *reading, const json_t *properties, fps_package *facts,
                            fps__bill_facts *bill)
{
    const struct {
        const char *name;
        const char **value;
    } known[] = {
        {"fpscan:package:architecture", &facts->architecture},
        {"fpscan:package:source", &facts->source},
        {"fpscan:package:sourceVersion", &facts->source_version},
        {"fpscan:package:location", &facts->location},
        {"syft:location:0:path", &facts->location},
        {"aquasecurity:trivy:FilePath", &facts->location},
        {"fpscan:state", &bill->state},
        {"fpscan:linkage", &bill->linkage},
        {"fpscan:role", &bill->role},
        {"fpscan:confidence", &bill->confidence},
        {"fpscan:version:kind", &bill->version_kind},
        {"fpscan:version:confidence", &bill->version_confidence},
        {"fpscan:version:range", &bill->range},
        {"fpscan:family", &bill->family},
        {"fpscan:doubt", &bill->doubt},
    };
    for (size_t i = 0; i < json_array_size(properties); i++) {
        fps__span name = fps__manifest_member(json_array_get(properties, i), "name");
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            if (fps__span_is(name, known[k].name))
                *known[k].value = fps__inventory_value(
                    reading, fps__manifest_member(json_array_get(properties, i), "value"));
    }
    bill->found = *bill->state != '\0';
}

static void take_whole(fps__inventory_reading *reading, fps__inventory_package *package,
                       const fps__bill_entry *entry)
{
    fps__bill_facts *bill = fps__arena_alloc(&reading->inventory->arena, sizeof *bill);
    reading->no_memory |= !bill;
    if (!bill)
        return;
    *bill = (fps__bill_facts){.state = "",
                              .linkage = "",
                              .role = "",
                              .confidence = "",
                              .version_kind = "",
                              .version_confidence = "",
                              .range = "",
                              .family = "",
                              .doubt = "",
                              .program = entry->program};
    bill->reference = fps__inventory_value(reading, entry->reference);
    bill->above = fps__inventory_value(reading, entry->above);
    package->facts.cpe = fps__inventory_value(reading, entry->cpe);
    fps__bill_take_qualifiers(reading, entry->purl, &package->facts);
    take_properties(reading, entry->properties, &package->facts, bill);
    if (bill->found) {
        take_places(reading, entry->evidence, bill);
        take_candidates(reading, entry->properties, bill);
    }
    package->bill = bill;
}

/* "group/name" of an entry without a package URL, in `text`. */
static fps__span whole_name(const fps__bill_entry *entry, char text[NAME_SIZE])
{
    if (!entry->group.size || !entry->name.size || entry->group.size + 1 + entry->name.size > NAME_SIZE)
        return entry->name;
    memcpy(text, entry->group.data, entry->group.size);
    text[entry->group.size] = '/';
    memcpy(text + entry->group.size + 1, entry->name.data, entry->name.size);
    return (fps__span){(const uint8_t *)text, entry->group.size + 1 + entry->name.size};
}

/* Name, version and kind by the package URL; where there is none, as the entry says. */
static bool take_identity(fps__inventory_reading *reading, const fps__bill_entry *entry, fps_package *facts)
{
    char name[NAME_SIZE];
    const char *version = fps__inventory_value(reading, entry->version);
    facts->version = version;
    bool named = fps__bill_take_purl(reading, entry->purl, facts) && *facts->name;
    if (!reading->whole)
        return named;
    if (!named && entry->package)
        facts->name = fps__inventory_value(reading, whole_name(entry, name));
    if (*version)
        facts->version = version;
    return *facts->name != '\0';
}

/* "Name (address)", as SPDX writes it, with the address as package managers write it: "Name <address>". */
static const char *supplier_of(fps__inventory_reading *reading, fps__span words)
{
    const char *text = fps__inventory_value(reading, words);
    const char *start = strrchr(text, '('), *end = text + strlen(text);
    if (!start || start < text + 2 || start[-1] != ' ' || end[-1] != ')' || !strchr(start, '@'))
        return text;
    char *copy = fps__arena_alloc(&reading->inventory->arena, (size_t)(end - text) + 1);
    reading->no_memory |= !copy;
    if (!copy)
        return text;
    memcpy(copy, text, (size_t)(end - text) + 1);
    copy[start - text] = '<';
    copy[end - text - 1] = '>';
    return copy;
}

void fps__bill_add(fps__inventory_reading *reading, const fps__inventory_file *file,
                   const fps__bill_entry *entry)
{
    fps_package facts = fps__inventory_facts(FPS_PACKAGE_GENERIC);
    if (!take_identity(reading, entry, &facts))
        return;
    fps__inventory_package *package = fps__inventory_add(reading, facts.kind);
    if (!package)
        return;
    package->facts = facts;
    package->facts.location = fps__inventory_text(reading, file->path, strlen(file->path));
    package->facts.license = fps__inventory_value(reading, entry->license);
    package->facts.supplier = supplier_of(reading, entry->supplier);
    package->billed = true;
    if (reading->whole)
        take_whole(reading, package, entry);
}

void fps__bill_relate(fps__inventory_reading *reading, fps__span from, fps__span to, fps__bill_relation kind)
{
    fps__inventory *inventory = reading->inventory;
    if (!reading->whole || !from.size || !to.size ||
        !fps__inventory_room(reading, FPS__ARRAY_RESERVE(&inventory->edges, 1, MAX_EDGES),
                             "more dependencies than are kept"))
        return;
    const char *start = fps__inventory_value(reading, from), *end = fps__inventory_value(reading, to);
    inventory->edges.items[inventory->edges.count++] = (fps__bill_edge){start, end, kind};
}

void fps__bill_word_for(fps__inventory_reading *reading, fps__span reference, fps__span words)
{
    fps__inventory *inventory = reading->inventory;
    if (!reading->whole || !reference.size || !words.size ||
        !fps__inventory_room(reading, FPS__ARRAY_RESERVE(&inventory->words, 1, MAX_EDGES),
                             "more licences and suppliers than are kept"))
        return;
    const char *name = fps__inventory_value(reading, reference), *text = fps__inventory_value(reading, words);
    inventory->words.items[inventory->words.count++] = (fps__bill_word){name, text};
}

void fps__bill_subject(fps__inventory_reading *reading, fps__span name)
{
    if (reading->whole && name.size && !reading->inventory->subject)
        reading->inventory->subject = fps__inventory_value(reading, name);
}

void fps__bill_system(fps__inventory_reading *reading, fps__span id, fps__span version, fps__span name)
{
    fps__inventory *inventory = reading->inventory;
    if (!reading->whole || *inventory->os_id)
        return;
    inventory->os_id = fps__inventory_value(reading, id);
    inventory->os_version_id = fps__inventory_value(reading, version);
    inventory->os_name = fps__inventory_value(reading, name);
}

/* ---- all of them ---- */

static bool is_xml(fps__span text)
{
    static const char space[] = "cyclonedx.org/schema/bom";
    return text.size && text.data[0] == '<' && memmem(text.data, text.size, space, sizeof space - 1);
}

/* Lines that begin with "#" are remarks; the first tag is that of the version. */
static bool is_tags(fps__span text)
{
    size_t at = 0;
    bool remark = true;
    fps__span line = {NULL, 0};
    while (remark && fps__line_next(text, &at, &line)) {
        line = fps__span_trim(line);
        remark = !line.size || line.data[0] == '#';
    }
    return fps__span_starts(line, "SPDXVersion:");
}

/* The reader of a document in JSON; NULL when it is no bill. */
typedef void json_reader(fps__inventory_reading *, const fps__inventory_file *, const json_t *);

static json_reader *reader_of(const json_t *root)
{
    fps__span context = fps__manifest_member(root, "@context");
    static const char spdx[] = "spdx.org/rdf/3";
    if (fps__span_is(fps__manifest_member(root, "bomFormat"), "CycloneDX"))
        return fps__bill_read_cyclonedx;
    if (fps__manifest_member(root, "spdxVersion").size)
        return fps__bill_read_spdx;
    if (context.size && memmem(context.data, context.size, spdx, sizeof spdx - 1))
        return fps__bill_read_spdx3;
    return NULL;
}

bool fps__bill_is_bill(fps__span text, const json_t *root)
{
    text = fps__span_trim(text);
    return root ? reader_of(root) != NULL : is_tags(text) || is_xml(text);
}

void fps__bill_read_document(fps__inventory_reading *reading, const fps__inventory_file *file,
                             const json_t *root)
{
    fps__span start = fps__span_trim(file->bytes);
    json_reader *reader = root ? reader_of(root) : NULL;
    if (reader)
        reader(reading, file, root);
    else if (!root && is_tags(start))
        fps__bill_read_spdx_tags(reading, file);
    else if (!root && is_xml(start))
        fps__bill_read_cyclonedx_xml(reading, file);
}

void fps__bill_read(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__span start = fps__span_trim(file->bytes);
    bool json = start.size && (start.data[0] == '{' || start.data[0] == 0xEF);
    json_t *root = json ? fps__manifest_json(reading, file) : NULL;
    if (root || !json)
        fps__bill_read_document(reading, file, root);
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
