/* The few elements of a pom.xml that name its project.
 *
 * This is no general XML parser: it knows tags, comments, CDATA and processing instructions, checks that tags match, and
 * refuses document types. So there are no entities to expand and nothing to load, and a jar's pom.xml needs no more.
 * The format: XML 1.0; Maven, "POM Reference". */
#include "inventory/language_java.h"

#include "util/lines.h"

enum {
    MAX_DEPTH = 64,
    MAX_PROPERTIES = 512,
    MAX_VALUE = 512,     /* bytes of a coordinate */
    MAX_EXPANSIONS = 16, /* properties put in for one coordinate */
};

typedef struct property {
    fps__span name, value;
} property;

/* Of the project ([0]) and of its parent ([1]). */
enum { OWN, PARENT, BOTH };

typedef struct reader {
    fps__span text;
    size_t at;
    const char *fault;
    fps__span open[MAX_DEPTH]; /* names of the open elements */
    size_t depth;
    bool root;       /* was opened */
    fps__span value; /* text of the element that was opened last */
    fps__java_name names[BOTH];
    property *properties;
    size_t property_count;
} reader;

/* ---- the elements ---- */

/* Cuts off what lies before `end`, and the end too. */
static bool cut_until(reader *r, const char *end, fps__span *part)
{
    size_t size = strlen(end);
    for (size_t from = r->at; fps__span_has(r->text, from, size); from++) {
        const uint8_t *found = memchr(r->text.data + from, end[0], r->text.size - from);
        if (!found)
            break;
        from = (size_t)(found - r->text.data);
        if (fps__span_has(r->text, from, size) && memcmp(found, end, size) == 0) {
            *part = fps__span_part(r->text, r->at, from - r->at);
            r->at = from + size;
            return true;
        }
    }
    r->fault = "pom.xml ends inside a tag";
    return false;
}

static bool same(fps__span a, fps__span b)
{
    return a.size == b.size && (!a.size || memcmp(a.data, b.data, a.size) == 0);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static fps__span trim(fps__span text)
{
    while (text.size && is_space(text.data[0]))
        text = fps__span_part(text, 1, text.size - 1);
    while (text.size && is_space(text.data[text.size - 1]))
        text.size--;
    return text;
}

static fps__span tag_name(fps__span tag)
{
    size_t size = 0;
    while (size < tag.size && !is_space(tag.data[size]))
        size++;
    return fps__span_part(tag, 0, size);
}

static void take_text(reader *r, fps__span text)
{
    text = trim(text);
    if (text.size && !r->value.size)
        r->value = text;
}

static void take_name(fps__java_name *name, fps__span element, fps__span value)
{
    if (fps__span_is(element, "groupId"))
        name->group = value;
    else if (fps__span_is(element, "artifactId"))
        name->artifact = value;
    else if (fps__span_is(element, "version"))
        name->version = value;
}

/* The element that was opened last ends. */
static void close_element(reader *r)
{
    fps__span element = r->open[--r->depth];
    if (r->depth == 1)
        take_name(&r->names[OWN], element, r->value);
    else if (r->depth == 2 && fps__span_is(r->open[1], "parent"))
        take_name(&r->names[PARENT], element, r->value);
    else if (r->depth == 2 && fps__span_is(r->open[1], "properties") && r->property_count < MAX_PROPERTIES)
        r->properties[r->property_count++] = (property){element, r->value};
    r->value.size = 0;
}

static bool open_element(reader *r, fps__span tag)
{
    bool empty = tag.size && tag.data[tag.size - 1] == '/';
    fps__span name = tag_name(fps__span_part(tag, 0, tag.size - (empty ? 1 : 0)));
    if (!name.size)
        r->fault = "pom.xml has a tag without a name";
    else if (r->depth == MAX_DEPTH)
        r->fault = "pom.xml nests its elements too deeply";
    else if (!r->depth && !fps__span_is(name, "project"))
        r->fault = "pom.xml holds no project";
    if (r->fault)
        return false;
    r->root = true;
    r->open[r->depth++] = name;
    r->value = (fps__span){NULL, 0};
    if (empty)
        close_element(r);
    return true;
}

/* A '>' inside the quotes of an attribute does not end a tag. */
static bool cut_tag(reader *r, fps__span *tag)
{
    size_t start = r->at;
    uint8_t quote = 0;
    for (; r->at < r->text.size; r->at++) {
        uint8_t c = r->text.data[r->at];
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
        else if (!quote && c == '>') {
            *tag = fps__span_part(r->text, start, r->at++ - start);
            return true;
        }
    }
    r->fault = "pom.xml ends inside a tag";
    return false;
}

/* What begins with '<', which is read already. */
static bool read_markup(reader *r)
{
    fps__span rest = fps__span_part(r->text, r->at, r->text.size - r->at), part;
    if (fps__span_starts(rest, "!--"))
        return cut_until(r, "-->", &part);
    if (fps__span_starts(rest, "?"))
        return cut_until(r, "?>", &part);
    if (fps__span_starts(rest, "![CDATA[")) {
        r->at += strlen("![CDATA[");
        if (!cut_until(r, "]]>", &part))
            return false;
        take_text(r, part);
        return true;
    }
    if (fps__span_starts(rest, "!")) {
        r->fault = "pom.xml has a document type, which is not read";
        return false;
    }
    if (!cut_tag(r, &part))
        return false;
    if (!fps__span_starts(part, "/"))
        return open_element(r, part);
    fps__span name = tag_name(fps__span_part(part, 1, part.size - 1));
    if (!r->depth || !same(name, r->open[r->depth - 1])) {
        r->fault = "the tags of pom.xml do not match";
        return false;
    }
    close_element(r);
    return true;
}

static bool read_elements(reader *r)
{
    while (r->at < r->text.size && !(r->root && !r->depth)) {
        const uint8_t *mark = memchr(r->text.data + r->at, '<', r->text.size - r->at);
        size_t end = mark ? (size_t)(mark - r->text.data) : r->text.size;
        take_text(r, fps__span_part(r->text, r->at, end - r->at));
        r->at = end + (mark ? 1 : 0);
        if (mark && !read_markup(r))
            return false;
    }
    if (!r->root || r->depth)
        r->fault = r->root ? "pom.xml is cut off" : "pom.xml holds no project";
    return !r->fault;
}

/* ---- the values ---- */

/* What "${NAME}" stands for; empty where this file does not say it. */
static fps__span find_property(const reader *r, fps__span name)
{
    const fps__java_name *own = &r->names[OWN], *parent = &r->names[PARENT];
    const struct {
        const char *name;
        fps__span value;
    } known[] = {
        {"groupId", own->group.size ? own->group : parent->group},
        {"version", own->version.size ? own->version : parent->version},
        {"artifactId", own->artifact},
        {"parent.groupId", parent->group},
        {"parent.version", parent->version},
        {"parent.artifactId", parent->artifact},
    };
    for (size_t i = 0; i < r->property_count; i++)
        if (same(r->properties[i].name, name))
            return r->properties[i].value;
    if (fps__span_starts(name, "project.") || fps__span_starts(name, "pom.")) {
        size_t prefix = name.data[1] == 'r' ? strlen("project.") : strlen("pom.");
        name = fps__span_part(name, prefix, name.size - prefix);
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fps__span_is(name, known[i].name))
            return known[i].value;
    return (fps__span){NULL, 0};
}

/* The first "${NAME}" of a text. */
static bool find_reference(const char *text, size_t *start, size_t *end)
{
    const char *open = strstr(text, "${"), *close = open ? strchr(open, '}') : NULL;
    if (!close)
        return false;
    *start = (size_t)(open - text);
    *end = (size_t)(close - text) + 1;
    return true;
}

/* Puts properties into a value, one after the other. What cannot be put in, or grows too long, makes it empty. */
static bool put_in(const reader *r, fps__arena *arena, fps__span *value)
{
    char text[MAX_VALUE + 1];
    size_t start, end, size = value->size;
    bool good = size <= MAX_VALUE;
    if (!size || (good && !memchr(value->data, '$', size)))
        return true;
    memcpy(text, value->data, good ? size : 0);
    text[good ? size : 0] = '\0';
    for (int i = 0; good && find_reference(text, &start, &end); i++) {
        fps__span found = find_property(r, (fps__span){(const uint8_t *)text + start + 2, end - start - 3});
        size_t length = strlen(text);
        good = i < MAX_EXPANSIONS && found.size && length - (end - start) + found.size <= MAX_VALUE;
        if (!good)
            break;
        memmove(text + start + found.size, text + end, length - end + 1);
        memcpy(text + start, found.data, found.size);
    }
    char *copy = fps__arena_string(arena, good ? text : "");
    *value = fps__span_of(copy ? copy : "");
    return copy != NULL;
}

/* What a coordinate can be; anything else is none. */
static void check_value(fps__span *value)
{
    bool good = value->size <= MAX_VALUE;
    for (size_t i = 0; good && i < value->size; i++)
        good = value->data[i] > ' ' && value->data[i] < 0x7f && !strchr("<>&${}\"'\\/:|?*", value->data[i]);
    if (!good)
        value->size = 0;
}

fps_status fps__java_parse_pom_xml(fps__arena *arena, fps__span text, fps__java_name *name,
                                   const char **fault)
{
    property properties[MAX_PROPERTIES];
    reader r = {.text = text, .properties = properties};
    *name = (fps__java_name){{NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (!read_elements(&r)) {
        *fault = r.fault;
        return FPS_ERROR_CORRUPT;
    }
    *name = r.names[OWN];
    if (!name->group.size)
        name->group = r.names[PARENT].group;
    if (!name->version.size)
        name->version = r.names[PARENT].version;
    if (!put_in(&r, arena, &name->group) || !put_in(&r, arena, &name->artifact) ||
        !put_in(&r, arena, &name->version))
        return FPS_ERROR_MEMORY;
    check_value(&name->group);
    check_value(&name->artifact);
    check_value(&name->version);
    return FPS_OK;
}
