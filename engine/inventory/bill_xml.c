/* Reads CycloneDX in XML as the document in JSON that says the same, so that one reader serves both.
 *
 * This is no general XML parser: it knows elements, attributes, text, CDATA, comments and processing instructions, checks that tags
 * match, and refuses document types. So there are no entities to expand and nothing to load. Elements that no reader of bills asks
 * for are passed over. The format: XML 1.0; the schemas of CycloneDX 1.0 to 1.7. */
#include "inventory/bill_entry.h"

#include "util/lines.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_DEPTH = 128,     /* of elements; two for a component in another one */
    MAX_TEXT = 65536,    /* bytes of a value; the rest is left out */
    ELEMENT_COST = 1024, /* bytes that an element takes at most, measured from above */
};

/* The elements that are read, and what they are in JSON: a list, an object, or a text. */
static const struct element {
    const char *name;
    bool list;
} elements[] = {{"bom", false},        {"metadata", false},   {"component", false}, {"components", true},
                {"group", false},      {"name", false},       {"version", false},   {"description", false},
                {"purl", false},       {"cpe", false},        {"supplier", false},  {"publisher", false},
                {"author", false},     {"licenses", true},    {"license", false},   {"id", false},
                {"expression", false}, {"properties", true},  {"property", false},  {"evidence", false},
                {"occurrences", true}, {"occurrence", false}, {"location", false},  {"dependencies", true},
                {"dependency", false}};

typedef struct level {
    fps__span name; /* of the element, without prefix */
    json_t *value;  /* an object or a list; NULL where the element is passed over */
    bool list;
} level;

typedef struct reader {
    fps__span text;
    size_t at;
    const char *fault;
    level levels[MAX_DEPTH];
    size_t depth;
    char *value; /* MAX_TEXT bytes: the text of the innermost element so far */
    size_t value_size;
    json_t *root;
} reader;

static bool fail(reader *r, const char *fault)
{
    r->fault = r->fault ? r->fault : fault;
    return false;
}

/* ---- text ---- */

static void put(reader *r, const char *bytes, size_t size)
{
    if (r->value_size + size > MAX_TEXT)
        return;
    memcpy(r->value + r->value_size, bytes, size);
    r->value_size += size;
}

/* A code point in UTF-8. */
static void put_code(reader *r, unsigned long code)
{
    const char bytes[4] = {(char)(code < 0x80      ? code
                                  : code < 0x800   ? 0xC0 | code >> 6
                                  : code < 0x10000 ? 0xE0 | code >> 12
                                                   : 0xF0 | code >> 18),
                           (char)(code < 0x800     ? 0x80 | (code & 0x3F)
                                  : code < 0x10000 ? 0x80 | (code >> 6 & 0x3F)
                                                   : 0x80 | (code >> 12 & 0x3F)),
                           (char)(code < 0x10000 ? 0x80 | (code & 0x3F) : 0x80 | (code >> 6 & 0x3F)),
                           (char)(0x80 | (code & 0x3F))};
    put(r, bytes, code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
}

/* "&amp;" and its like, and "&#10;", at the beginning of `text`; its length, 0 when it is none of them. */
static size_t take_reference(reader *r, fps__span text)
{
    static const char *const names[][2] = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (fps__span_starts(text, names[i][0])) {
            put(r, names[i][1], 1);
            return strlen(names[i][0]);
        }
    unsigned long code = 0;
    bool hexadecimal = text.size > 2 && text.data[1] == '#' && text.data[2] == 'x';
    size_t first = hexadecimal ? 3 : 2, at = first;
    for (; text.size > 2 && text.data[1] == '#' && at < text.size && at < first + 7; at++) {
        uint8_t c = text.data[at];
        unsigned digit = c >= '0' && c <= '9'                  ? c - (unsigned)'0'
                         : hexadecimal && c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10
                         : hexadecimal && c >= 'A' && c <= 'F' ? c - (unsigned)'A' + 10
                                                               : 99;
        if (digit > 16)
            break;
        code = code * (hexadecimal ? 16 : 10) + digit;
    }
    bool good = at > first && at < text.size && text.data[at] == ';' && code && code <= 0x10FFFF &&
                (code < 0xD800 || code > 0xDFFF);
    if (good)
        put_code(r, code);
    return good ? at + 1 : 0;
}

/* Adds text between tags, or of an attribute, without its references. */
static bool take_text(reader *r, fps__span text)
{
    for (size_t at = 0; at < text.size;) {
        fps__span rest = fps__span_part(text, at, text.size - at);
        const uint8_t *mark = memchr(rest.data, '&', rest.size);
        size_t plain = mark ? (size_t)(mark - rest.data) : rest.size;
        put(r, (const char *)rest.data, plain);
        at += plain;
        size_t used = mark ? take_reference(r, fps__span_part(text, at, text.size - at)) : 0;
        if (mark && !used)
            return fail(r, "has an entity that XML itself does not have");
        at += used;
    }
    return true;
}

/* The text so far as a value in JSON, which is empty then. NULL, and a fault, when it is not UTF-8. */
static json_t *end_text(reader *r)
{
    fps__span text = fps__span_trim((fps__span){(const uint8_t *)r->value, r->value_size});
    json_t *value = json_stringn(text.size ? (const char *)text.data : "", text.size);
    r->value_size = 0;
    if (!value)
        fail(r, "has text that is not UTF-8");
    return value;
}

/* ---- elements ---- */

static fps__span without_prefix(fps__span name)
{
    const uint8_t *colon = name.size ? memchr(name.data, ':', name.size) : NULL;
    size_t skipped = colon ? (size_t)(colon - name.data) + 1 : 0;
    return fps__span_part(name, skipped, name.size - skipped);
}

static bool is_called(fps__span name, const char *wanted)
{
    return name.size == strlen(wanted) && memcmp(name.data, wanted, name.size) == 0;
}

static const struct element *element_of(fps__span name)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (is_called(name, elements[i].name))
            return &elements[i];
    return NULL;
}

/* Attributes become members of the object. */
static bool take_attributes(reader *r, fps__span tag, json_t *object)
{
    fps__span name, value;
    tag = fps__span_trim(tag);
    while (tag.size) {
        const uint8_t *equals = memchr(tag.data, '=', tag.size);
        size_t length = equals ? (size_t)(equals - tag.data) : tag.size;
        name = fps__span_trim(fps__span_part(tag, 0, length));
        tag = equals ? fps__span_trim(fps__span_part(tag, length + 1, tag.size - length - 1))
                     : (fps__span){NULL, 0};
        const uint8_t *end = tag.size && (tag.data[0] == '"' || tag.data[0] == '\'')
                                 ? memchr(tag.data + 1, tag.data[0], tag.size - 1)
                                 : NULL;
        if (!end || !name.size || name.size > 64)
            return fail(r, "has a damaged attribute");
        value = fps__span_part(tag, 1, (size_t)(end - tag.data) - 1);
        tag = fps__span_trim(fps__span_part(tag, value.size + 2, tag.size - value.size - 2));
        if (!object)
            continue;
        char key[65];
        snprintf(key, sizeof key, "%.*s", (int)name.size, (const char *)name.data);
        r->value_size = 0;
        json_t *text = take_text(r, value) ? end_text(r) : NULL;
        if (!text || json_object_set_new(object, key, text) != 0)
            return fail(r, "has a damaged attribute");
    }
    return true;
}

static bool open_element(reader *r, fps__span name, fps__span attributes)
{
    const struct element *known = element_of(without_prefix(name));
    bool read =
        r->depth ? r->levels[r->depth - 1].value && known : known && is_called(without_prefix(name), "bom");
    if (r->depth == MAX_DEPTH)
        return fail(r, "has elements that lie too deep in each other");
    if (r->root && !r->depth)
        return fail(r, "has more than one root");
    level *l = &r->levels[r->depth++];
    *l = (level){.name = name, .list = read && known->list};
    l->value = !read ? NULL : l->list ? json_array() : json_object();
    if (read && !l->value)
        return fail(r, "takes more memory than there is");
    bool good = take_attributes(r, attributes, l->list ? NULL : l->value);
    r->value_size = 0;
    return good;
}

/* Puts the value of a closed element where JSON has it; takes it over. */
static bool give(reader *r, fps__span name, json_t *value)
{
    level *above = r->depth ? &r->levels[r->depth - 1] : NULL;
    char key[65];
    snprintf(key, sizeof key, "%.*s", (int)(name.size < 64 ? name.size : 64), (const char *)name.data);
    if (!above) {
        r->root = value;
        return true;
    }
    if (above->list && is_called(without_prefix(above->name), "licenses"))
        return json_array_append_new(above->value, json_pack("{s:o}", key, value)) == 0;
    if (above->list)
        return json_array_append_new(above->value, value) == 0;
    if (is_called(name, "dependency")) { /* in another one: a reference */
        json_t *needs = json_object_get(above->value, "dependsOn");
        if (!needs && json_object_set_new(above->value, "dependsOn", needs = json_array()) != 0)
            needs = NULL;
        bool good = needs && json_array_append(needs, json_object_get(value, "ref")) == 0;
        json_decref(value);
        return good;
    }
    return json_object_set_new(above->value, key, value) == 0;
}

static bool close_element(reader *r, fps__span name)
{
    if (!r->depth || r->levels[r->depth - 1].name.size != name.size ||
        memcmp(r->levels[r->depth - 1].name.data, name.data, name.size) != 0)
        return fail(r, "has tags that do not match");
    level l = r->levels[--r->depth];
    r->levels[r->depth].value = NULL;
    if (!l.value)
        return true;
    if (!l.list) {
        json_t *text = end_text(r);
        if (!text || (!json_object_size(l.value) && !json_string_length(text)))
            json_decref(text);
        else if (json_object_size(l.value)) {
            if (json_string_length(text))
                json_object_set(l.value, "value", text);
            json_decref(text);
        } else {
            json_decref(l.value);
            l.value = text;
        }
    }
    r->value_size = 0;
    return give(r, without_prefix(l.name), l.value) || fail(r, "takes more memory than there is");
}

/* ---- the document ---- */

/* Cuts off what lies before `end`, and the end too. */
static bool cut_until(reader *r, const char *end, fps__span *part)
{
    size_t size = strlen(end);
    const uint8_t *found =
        r->at < r->text.size ? memmem(r->text.data + r->at, r->text.size - r->at, end, size) : NULL;
    if (!found)
        return fail(r, "ends inside a tag");
    *part = fps__span_part(r->text, r->at, (size_t)(found - r->text.data) - r->at);
    r->at += part->size + size;
    return true;
}

static bool read_tag(reader *r)
{
    fps__span rest = fps__span_part(r->text, r->at, r->text.size - r->at), part;
    static const char cdata[] = "<![CDATA[";
    if (fps__span_starts(rest, "<!--"))
        return cut_until(r, "-->", &part);
    if (fps__span_starts(rest, "<?"))
        return cut_until(r, "?>", &part);
    if (fps__span_starts(rest, cdata)) {
        r->at += sizeof cdata - 1;
        if (!cut_until(r, "]]>", &part))
            return false;
        put(r, (const char *)part.data, part.size);
        return true;
    }
    if (fps__span_starts(rest, "<!"))
        return fail(r, "has a document type, which a bill does not need");
    r->at++;
    if (!cut_until(r, ">", &part))
        return false;
    if (part.size && part.data[0] == '/')
        return close_element(r, fps__span_trim(fps__span_part(part, 1, part.size - 1)));
    bool empty = part.size && part.data[part.size - 1] == '/';
    part.size -= empty;
    size_t length = 0;
    while (length < part.size && !strchr(" \t\r\n", part.data[length]))
        length++;
    fps__span name = fps__span_part(part, 0, length);
    return open_element(r, name, fps__span_part(part, length, part.size - length)) &&
           (!empty || close_element(r, name));
}

static void read_document(reader *r)
{
    while (r->at < r->text.size && !r->fault) {
        const uint8_t *mark = memchr(r->text.data + r->at, '<', r->text.size - r->at);
        size_t size = mark ? (size_t)(mark - r->text.data) - r->at : r->text.size - r->at;
        bool wanted = r->depth && r->levels[r->depth - 1].value;
        if (wanted)
            take_text(r, fps__span_part(r->text, r->at, size));
        r->at += size;
        if (mark && !r->fault)
            read_tag(r);
    }
    if (r->depth && !r->fault)
        fail(r, "ends inside an element");
}

/* What the document takes at most: each tag an element. */
static uint64_t cost_of(fps__span text)
{
    uint64_t cost = (uint64_t)text.size * 2 + MAX_TEXT;
    for (size_t i = 0; i < text.size; i++)
        cost += text.data[i] == '<' || text.data[i] == '=' ? ELEMENT_COST / 2 : 0;
    return cost;
}

void fps__bill_read_cyclonedx_xml(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    const fps__arena *arena = &reading->inventory->arena;
    char message[160];
    if (arena->limit && cost_of(file->bytes) > arena->limit - arena->used) {
        fps__inventory_diagnose(reading, file->path,
                                "not read: its XML takes more memory than is left; raise --memory");
        return;
    }
    reader r = {.text = file->bytes, .value = malloc(MAX_TEXT)};
    reading->no_memory |= !r.value;
    if (r.value)
        read_document(&r);
    if (r.root && !r.fault)
        fps__bill_read_cyclonedx(reading, file, r.root);
    if (r.fault) {
        snprintf(message, sizeof message, "the bill %s, near byte %zu", r.fault, r.at);
        fps__inventory_diagnose(reading, file->path, message);
    }
    for (size_t i = 0; i < MAX_DEPTH; i++)
        json_decref(r.levels[i].value);
    json_decref(r.root);
    free(r.value);
}
