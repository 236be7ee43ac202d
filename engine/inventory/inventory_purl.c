/* Package URLs of packages, as the purl specification and its types say. */
#include "inventory/inventory.h"

#include "util/cursor.h"
#include "util/lines.h"
#include "util/package_kind.h"
#include "util/search.h"

#include <string.h>

enum { PURL_SIZE = 2048, MAX_QUALIFIERS = 12, MAX_TEXT = 512 };

static void put_all(fps__cursor *cursor, const char *text)
{
    fps__cursor_encoded(cursor, text, strlen(text), ":");
}

static void put_lower(fps__cursor *cursor, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char low = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
        fps__cursor_encoded(cursor, &low, 1, "");
    }
}

/* ---- the name ---- */

/* PEP 503: lower case, and runs of '-', '_' and '.' are one '-'. */
static void put_pypi_name(fps__cursor *cursor, const char *name)
{
    for (; *name; name++) {
        bool run = strchr("-_.", *name) != NULL;
        if (run && name[1] && strchr("-_.", name[1]))
            continue;
        put_lower(cursor, run ? "-" : name, 1);
    }
}

static void put_pub_name(fps__cursor *cursor, const char *name)
{
    for (; *name; name++) {
        bool letter = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z');
        put_lower(cursor, letter || (*name >= '0' && *name <= '9') ? name : "_", 1);
    }
}

/* "scope/name": each part encoded, '/' between them; empty parts are left out. */
static void put_path(fps__cursor *cursor, const char *name, bool lower)
{
    for (bool first = true; *name; name += *name == '/') {
        size_t size = strcspn(name, "/");
        if (size)
            fps__cursor_put(cursor, "/", first ? 0 : 1);
        if (lower)
            put_lower(cursor, name, size);
        else
            fps__cursor_encoded(cursor, name, size, name[size] ? "" : ":");
        first = first && !size;
        name += size;
    }
}

/* "group:artifact" */
static void put_grouped(fps__cursor *cursor, const char *name)
{
    const char *split = strchr(name, ':');
    if (split && split != name) {
        fps__cursor_encoded(cursor, name, (size_t)(split - name), "");
        fps__cursor_put(cursor, "/", 1);
        name = split + 1;
    }
    put_all(cursor, name);
}

static void put_name(fps__cursor *cursor, const fps__package_kind *kind, const char *name)
{
    switch (kind->purl_name) {
    case FPS__PURL_EXACT:
        put_all(cursor, name);
        break;
    case FPS__PURL_LOWER:
        put_lower(cursor, name, strlen(name));
        break;
    case FPS__PURL_PYPI:
        put_pypi_name(cursor, name);
        break;
    case FPS__PURL_PUB:
        put_pub_name(cursor, name);
        break;
    case FPS__PURL_PATH:
    case FPS__PURL_LOWER_PATH:
        put_path(cursor, name, kind->purl_name == FPS__PURL_LOWER_PATH);
        break;
    case FPS__PURL_GROUPED:
        put_grouped(cursor, name);
        break;
    }
}

/* ---- the distribution ---- */

/* Who makes a distribution, where os-release calls it otherwise: the vendor is the namespace by which advisories are
 * looked up. */
static const char *vendor_of(const char *os_id)
{
    static const struct {
        const char *id, *vendor;
        bool family; /* the id begins so */
    } vendors[] = {{"rhel", "redhat", false}, {"opensuse", "opensuse", true}, {"sles", "suse", true},
                   {"sled", "suse", false},   {"sle-", "suse", true},         {"sle_", "suse", true},
                   {"suse", "suse", true},    {"sl-micro", "suse", false},    {"amzn", "amazon", false},
                   {"ol", "oracle", false},   {"archarm", "arch", false}};
    for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++)
        if (vendors[i].family ? !strncmp(os_id, vendors[i].id, strlen(vendors[i].id))
                              : !strcmp(os_id, vendors[i].id))
            return vendors[i].vendor;
    return os_id;
}

static void put_namespace(fps__cursor *cursor, const fps__package_kind *kind, const char *os_id)
{
    const char *space = !kind->purl_namespace ? "" : *os_id ? vendor_of(os_id) : kind->purl_namespace;
    put_lower(cursor, space, strlen(space));
    fps__cursor_put(cursor, "/", *space ? 1 : 0);
}

/* "debian-12", or the id alone of a distribution that has no versions. */
static const char *distribution(const char *os_id, const char *os_version_id, char text[MAX_TEXT])
{
    fps__cursor place = {text, MAX_TEXT, 0, false};
    fps__cursor_text(&place, os_id);
    fps__cursor_put(&place, "-", *os_id && *os_version_id ? 1 : 0);
    fps__cursor_text(&place, *os_id ? os_version_id : "");
    fps__cursor_finish(&place);
    return text;
}

/* ---- the qualifiers ---- */

typedef struct qualifiers {
    struct {
        fps__span key, value;
    } items[MAX_QUALIFIERS]; /* in the order of their keys, each key once */
    size_t count;
} qualifiers;

static void add_qualifier(qualifiers *list, fps__span key, fps__span value)
{
    size_t at = 0;
    int order = 1;
    for (; at < list->count; at++) {
        fps__span known = list->items[at].key;
        order = memcmp(known.data, key.data, known.size < key.size ? known.size : key.size);
        order = order ? order : FPS__COMPARE(known.size, key.size);
        if (order >= 0)
            break;
    }
    if (!key.size || !value.size || !order || list->count == MAX_QUALIFIERS)
        return;
    memmove(&list->items[at + 1], &list->items[at], (list->count - at) * sizeof *list->items);
    list->items[at].key = key;
    list->items[at].value = value;
    list->count++;
}

static void add_text(qualifiers *list, const char *key, const char *value)
{
    add_qualifier(list, fps__span_of(key), fps__span_of(value));
}

/* Lines "key=value". */
static void add_lines(qualifiers *list, const char *lines)
{
    fps__span text = fps__span_of(lines), key, value;
    size_t at = 0;
    for (fps__span line; fps__line_next(text, &at, &line);)
        if (fps__line_split(line, '=', &key, &value))
            add_qualifier(list, key, value);
}

static void put_qualifiers(fps__cursor *cursor, const qualifiers *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fps__span key = list->items[i].key, value = list->items[i].value;
        fps__cursor_put(cursor, i ? "&" : "?", 1);
        fps__cursor_encoded(cursor, (const char *)key.data, key.size, "");
        fps__cursor_put(cursor, "=", 1);
        fps__cursor_encoded(cursor, (const char *)value.data, value.size, ":");
    }
}

/* The source package, as those who look up advisories by it read it; "" where it says nothing new. */
static const char *upstream(const fps_package *facts, fps__purl_upstream style, char text[MAX_TEXT])
{
    fps__cursor source = {text, MAX_TEXT, 0, false};
    const char *version = facts->source_version, *colon = strchr(version, ':');
    bool other_version = *version && strcmp(version, facts->version) != 0;
    text[0] = '\0';
    if (style == FPS__UPSTREAM_NONE || !*facts->source ||
        (style == FPS__UPSTREAM_NAME && !other_version && !strcmp(facts->source, facts->name)))
        return text;
    fps__cursor_text(&source, facts->source);
    if (style == FPS__UPSTREAM_SRPM) {
        fps__cursor_put(&source, "-", *version ? 1 : 0);
        fps__cursor_text(&source, colon ? colon + 1 : version);
        fps__cursor_text(&source, ".src.rpm");
    } else if (other_version) {
        fps__cursor_put(&source, "@", 1);
        fps__cursor_text(&source, version);
    }
    fps__cursor_finish(&source);
    return text;
}

const char *fps__inventory_purl(fps__arena *arena, const fps_package *facts, const char *os_id,
                                const char *os_version_id, const char *lines)
{
    const fps__package_kind *kind = fps__package_kind_of(facts->kind);
    char text[PURL_SIZE], epoch[16] = "", distro[MAX_TEXT], source[MAX_TEXT];
    const char *version = facts->version, *colon = strchr(version, ':');
    qualifiers list = {.count = 0};
    if (!*facts->name || (unsigned)facts->kind >= FPS__PACKAGE_KIND_COUNT)
        return "";
    if (facts->kind == FPS_PACKAGE_RPM && colon && (size_t)(colon - version) < sizeof epoch) {
        memcpy(epoch, version, (size_t)(colon - version));
        version = colon + 1;
        add_text(&list, "epoch", epoch);
    }
    add_text(&list, kind->architecture, *kind->architecture ? facts->architecture : "");
    if (kind->system)
        add_text(&list, "distro", distribution(os_id, os_version_id, distro));
    add_text(&list, "upstream", upstream(facts, kind->upstream, source));
    add_lines(&list, lines);
    fps__cursor cursor = {text, sizeof text, 0, false};
    fps__cursor_text(&cursor, "pkg:");
    bool no_group = kind->purl_name == FPS__PURL_GROUPED && !strchr(facts->name, ':');
    fps__cursor_text(&cursor, no_group ? fps__package_kind_of(FPS_PACKAGE_GENERIC)->name : kind->name);
    fps__cursor_put(&cursor, "/", 1);
    put_namespace(&cursor, kind, os_id);
    put_name(&cursor, kind, facts->name);
    if (*version) {
        fps__cursor_put(&cursor, "@", 1);
        put_all(&cursor, version);
    }
    put_qualifiers(&cursor, &list);
    size_t length = fps__cursor_finish(&cursor);
    const char *copy = length ? fps__arena_text(arena, text, length) : NULL;
    return copy ? copy : "";
}
