/* Reads a package URL. The format: the purl specification. */
#include "inventory/bill.h"

#include "util/digest.h"
#include "util/lines.h"
#include "util/package_kind.h"

enum { PURL_SIZE = 2048 };

/* The kind whose name is the type; generic when there is none. */
static fps_package_kind kind_of(fps__span type)
{
    for (int i = 0; i < FPS__PACKAGE_KIND_COUNT; i++)
        if (fps__span_is(type, fps__package_kind_of((fps_package_kind)i)->name))
            return (fps_package_kind)i;
    return FPS_PACKAGE_GENERIC;
}

/* The text without its percent-encoding, in `plain` of PURL_SIZE bytes; empty when it is damaged or holds a NUL. */
static fps__span decode(fps__span text, char *plain)
{
    size_t used = 0;
    for (size_t i = 0; i < text.size && used < PURL_SIZE; i++) {
        int high = text.size - i > 2 ? fps__hex_digit((char)text.data[i + 1]) : -1;
        int low = high < 0 ? -1 : fps__hex_digit((char)text.data[i + 2]);
        bool coded = text.data[i] == '%';
        if (coded && low < 0)
            return (fps__span){NULL, 0};
        plain[used] = (char)(coded ? high << 4 | low : text.data[i]);
        i += coded ? 2 : 0;
        if (!plain[used++])
            return (fps__span){NULL, 0};
    }
    return (fps__span){(const uint8_t *)plain, used};
}

/* Cuts what follows the first `mark` off the end of `text`. */
static fps__span cut_end(fps__span *text, char mark, bool last)
{
    const uint8_t *found = !text->size ? NULL
                           : last      ? memrchr(text->data, mark, text->size)
                                       : memchr(text->data, mark, text->size);
    if (!found)
        return (fps__span){NULL, 0};
    size_t at = (size_t)(found - text->data);
    fps__span end = fps__span_part(*text, at + 1, text->size - at - 1);
    text->size = at;
    return end;
}

/* The name as packages of the kind write it: "group:artifact", "@scope/name"; without the namespace where that is a
 * distribution. */
static fps__span plain_name(const fps__package_kind *kind, fps__span path, char *plain)
{
    fps__span rest = path, name = cut_end(&rest, '/', true);
    if (!name.data)
        return decode(path, plain);
    if (kind->purl_name == FPS__PURL_GROUPED) {
        fps__span group = decode(rest, plain);
        if (!group.size || group.size + 1 >= PURL_SIZE)
            return (fps__span){NULL, 0};
        char other[PURL_SIZE];
        fps__span artifact = decode(name, other);
        if (!artifact.size || group.size + 1 + artifact.size > PURL_SIZE)
            return (fps__span){NULL, 0};
        plain[group.size] = ':';
        memcpy(plain + group.size + 1, other, artifact.size);
        return (fps__span){(const uint8_t *)plain, group.size + 1 + artifact.size};
    }
    return decode(kind->purl_namespace ? name : path, plain);
}

bool fps__bill_take_purl(fps__inventory_reading *reading, fps__span purl, fps_package *facts)
{
    char name_text[PURL_SIZE], version_text[PURL_SIZE];
    fps__span rest = fps__span_trim(purl), type;
    if (rest.size >= PURL_SIZE || !fps__span_starts(rest, "pkg:"))
        return false;
    for (size_t i = 0; i < rest.size; i++)
        if (rest.data[i] <= ' ' || rest.data[i] >= 127)
            return false;
    rest = fps__span_part(rest, 4, rest.size - 4);
    while (fps__span_starts(rest, "/"))
        rest = fps__span_part(rest, 1, rest.size - 1);
    cut_end(&rest, '#', false);
    cut_end(&rest, '?', false);
    fps__span path = cut_end(&rest, '/', false), version;
    type = rest;
    version = cut_end(&path, '@', true);
    fps_package_kind kind = kind_of(type);
    fps__span name = plain_name(fps__package_kind_of(kind), path, name_text);
    if (!type.size || !name.size)
        return false;
    facts->kind = kind;
    facts->name = fps__inventory_value(reading, name);
    version = decode(version, version_text);
    facts->version = version.size ? fps__inventory_value(reading, version) : facts->version;
    facts->purl = fps__inventory_value(reading, purl);
    return true;
}

fps__span fps__bill_qualifier(fps__span purl, const char *key, char *plain)
{
    fps__span rest = purl, part;
    cut_end(&rest, '#', false);
    rest = cut_end(&rest, '?', false);
    while (rest.size < PURL_SIZE && fps__span_cut(&rest, "&", &part)) {
        fps__span name = part, value = cut_end(&name, '=', false);
        if (value.size && fps__span_is(name, key))
            return decode(value, plain);
    }
    return (fps__span){NULL, 0};
}

/* "bash-5.1-2.el9.src.rpm" is version "5.1-2.el9" of "bash". */
static void take_srpm(fps__inventory_reading *reading, fps__span name, fps_package *facts)
{
    static const char ending[] = ".src.rpm";
    size_t end = sizeof ending - 1;
    if (name.size > end && memcmp(name.data + name.size - end, ending, end) == 0)
        name.size -= end;
    fps__span rest = name, release = cut_end(&rest, '-', true), version = cut_end(&rest, '-', true);
    if (!release.size || !version.size || !rest.size) {
        facts->source = fps__inventory_value(reading, name);
        return;
    }
    facts->source = fps__inventory_value(reading, rest);
    facts->source_version = fps__inventory_value(
        reading, (fps__span){version.data, (size_t)(name.data + name.size - version.data)});
}

void fps__bill_take_qualifiers(fps__inventory_reading *reading, fps__span purl, fps_package *facts)
{
    char plain[PURL_SIZE];
    const fps__package_kind *kind = fps__package_kind_of(facts->kind);
    fps__span value = {NULL, 0};
    if (kind->architecture && *kind->architecture)
        value = fps__bill_qualifier(purl, kind->architecture, plain);
    if (value.size)
        facts->architecture = fps__inventory_value(reading, value);
    value = fps__bill_qualifier(purl, "upstream", plain);
    if (value.size && facts->kind == FPS_PACKAGE_RPM) {
        take_srpm(reading, value, facts);
    } else if (value.size) {
        fps__span name = value, version = cut_end(&name, '@', true);
        facts->source = fps__inventory_value(reading, name);
        if (version.size)
            facts->source_version = fps__inventory_value(reading, version);
    }
}
