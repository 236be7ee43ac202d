/* Package URLs of packages, as the purl specification and its types say. */
#include "inventory/inventory.h"

#include "util/cursor.h"
#include "util/package_kind.h"

#include <string.h>

enum { PURL_SIZE = 2048 };

static void put_all(fps__cursor *cursor, const char *text)
{
    fps__cursor_encoded(cursor, text, strlen(text), ":");
}

static void put_lower(fps__cursor *cursor, const char *text)
{
    for (; *text; text++) {
        char low = (char)(*text >= 'A' && *text <= 'Z' ? *text + 32 : *text);
        fps__cursor_encoded(cursor, &low, 1, "");
    }
}

/* PEP 503: lower case, and runs of '-', '_' and '.' are one '-'. */
static void put_pypi_name(fps__cursor *cursor, const char *name)
{
    for (; *name; name++) {
        bool run = strchr("-_.", *name) != NULL;
        if (run && name[1] && strchr("-_.", name[1]))
            continue;
        char one[2] = {run ? '-' : *name, '\0'};
        put_lower(cursor, one);
    }
}

/* "scope/name" or "group:artifact": both halves encoded, '/' between them. */
static void put_halves(fps__cursor *cursor, const char *name, char separator)
{
    const char *split = strchr(name, separator);
    if (split && split != name && split[1]) {
        fps__cursor_encoded(cursor, name, (size_t)(split - name), "");
        fps__cursor_put(cursor, "/", 1);
        name = split + 1;
    }
    put_all(cursor, name);
}

/* Of system packages the distribution is the namespace. */
static void put_namespace(fps__cursor *cursor, const fps__package_kind *kind, const char *os_id)
{
    const char *space = *os_id ? os_id : kind->purl_namespace;
    if (!kind->system || !*space)
        return;
    put_lower(cursor, space);
    fps__cursor_put(cursor, "/", 1);
}

static void put_name(fps__cursor *cursor, const fps__package_kind *kind, const char *name)
{
    switch (kind->purl_name) {
    case FPS__PURL_EXACT:
        put_all(cursor, name);
        break;
    case FPS__PURL_LOWER:
        put_lower(cursor, name);
        break;
    case FPS__PURL_PYPI:
        put_pypi_name(cursor, name);
        break;
    case FPS__PURL_SCOPED:
        put_halves(cursor, name, '/');
        break;
    case FPS__PURL_GROUPED:
        put_halves(cursor, name, ':');
        break;
    }
}

static void put_qualifier(fps__cursor *cursor, bool *any, const char *key, const char *value)
{
    if (!*value)
        return;
    fps__cursor_put(cursor, *any ? "&" : "?", 1);
    fps__cursor_text(cursor, key);
    fps__cursor_put(cursor, "=", 1);
    put_all(cursor, value);
    *any = true;
}

/* In the order of their keys. `epoch` is what stands before the ':' of an rpm version. */
static void put_qualifiers(fps__cursor *cursor, const fps_package *facts, const char *epoch,
                           const char *distro)
{
    bool any = false;
    if (fps__package_kind_of(facts->kind)->system) {
        put_qualifier(cursor, &any, "arch", facts->architecture);
        put_qualifier(cursor, &any, "distro", distro);
        put_qualifier(cursor, &any, "epoch", epoch);
    }
    if (facts->kind == FPS_PACKAGE_GEM)
        put_qualifier(cursor, &any, "platform", facts->architecture);
    if (facts->kind != FPS_PACKAGE_RPM || !*facts->source)
        return;
    char upstream[PURL_SIZE];
    fps__cursor source = {upstream, sizeof upstream, 0, false};
    const char *colon = strchr(facts->source_version, ':');
    fps__cursor_text(&source, facts->source);
    if (*facts->source_version) {
        fps__cursor_put(&source, "-", 1);
        fps__cursor_text(&source, colon ? colon + 1 : facts->source_version);
    }
    fps__cursor_text(&source, ".src.rpm");
    fps__cursor_finish(&source);
    put_qualifier(cursor, &any, "upstream", upstream);
}

const char *fps__inventory_purl(fps__arena *arena, const fps_package *facts, const char *os_id,
                                const char *os_version_id)
{
    const fps__package_kind *kind = fps__package_kind_of(facts->kind);
    char text[PURL_SIZE], epoch[16] = "", distro[256] = "";
    const char *version = facts->version, *colon = strchr(version, ':');
    if (!*facts->name || (unsigned)facts->kind >= FPS__PACKAGE_KIND_COUNT)
        return "";
    if (facts->kind == FPS_PACKAGE_RPM && colon && (size_t)(colon - version) < sizeof epoch) {
        memcpy(epoch, version, (size_t)(colon - version));
        version = colon + 1;
    }
    fps__cursor place = {distro, sizeof distro, 0, false};
    if (*os_id && *os_version_id) {
        fps__cursor_text(&place, os_id);
        fps__cursor_put(&place, "-", 1);
        fps__cursor_text(&place, os_version_id);
        fps__cursor_finish(&place);
    }
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
    put_qualifiers(&cursor, facts, epoch, distro);
    size_t length = fps__cursor_finish(&cursor);
    const char *copy = length ? fps__arena_text(arena, text, length) : NULL;
    return copy ? copy : "";
}
