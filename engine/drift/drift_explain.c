/* Drift, what explains a component: its own source package, and what a package says it carries. */
#include "drift/drift_internal.h"

#include "util/package_kind.h"
#include "util/project_name.h"

#include <string.h>

/* ---- names of sources ---- */

fps__source_name fps__source_name_of(const fps_package *facts)
{
    const char *source = *facts->source ? facts->source : facts->name;
    return (fps__source_name){fps__package_kind_of(facts->kind)->ecosystem, source, facts->name};
}

/* Does the list say what the component is called there? A pattern without ecosystem says it for all. */
static bool names_ecosystem(const char *list, const char *ecosystem)
{
    const char *text;
    size_t size, length = strlen(ecosystem);
    while ((text = fps__source_pattern_next(&list, &size))) {
        const char *colon = memchr(text, ':', size);
        if (!colon || ((size_t)(colon - text) == length && memcmp(text, ecosystem, length) == 0))
            return true;
    }
    return false;
}

static bool list_fits(const char *list, const fps__source_name *name)
{
    const char *text;
    size_t size;
    while ((text = fps__source_pattern_next(&list, &size)))
        if (fps__source_pattern_rate(text, size, name))
            return true;
    return false;
}

/* Is the source called as the component is in some other ecosystem? */
static bool shares_name(const char *list, const char *component, const char *source)
{
    char wanted[FPS__PROJECT_NAME_SIZE], reduced[FPS__PROJECT_NAME_SIZE];
    const char *text;
    size_t size;
    fps__project_name_reduce(source, strlen(source), wanted);
    fps__project_name_reduce(component, strlen(component), reduced);
    if (strcmp(wanted, reduced) == 0)
        return true;
    while ((text = fps__source_pattern_next(&list, &size))) {
        const char *colon = memchr(text, ':', size), *start = colon ? colon + 1 : text;
        size_t length = size - (size_t)(start - text);
        const char *slash = memchr(start, '/', length);
        fps__project_name_reduce(start, slash ? (size_t)(slash - start) : length, reduced);
        if (fps__wildcard_match(reduced, wanted))
            return true;
    }
    return false;
}

static bool provides(const fps__drift_input *input, const fps__source_name *name, const char *component)
{
    const char *list = input->sources(input->user, component);
    if (names_ecosystem(list, name->ecosystem))
        return list_fits(list, name);
    return shares_name(list, component, name->source);
}

bool fps__source_provides(const fps__drift_input *input, const fps_package *facts, const char *component)
{
    fps__source_name name = fps__source_name_of(facts);
    name.package = NULL;
    return provides(input, &name, component);
}

/* ---- what a package says it carries ---- */

/* Reads one name, in or without "bundled(...)", and the version in brackets or behind "=" that follows. */
static const char *read_carried(const char *at, char name[128], char version[128])
{
    name[0] = version[0] = '\0';
    at += strspn(at, " \t\n,|");
    if (strncmp(at, "bundled(", 8) == 0)
        at += 8;
    size_t length = strcspn(at, " \t\n,|()=");
    if (length < 128) {
        memcpy(name, at, length);
        name[length] = '\0';
    }
    at += length;
    at += strspn(at, " \t)(");
    if (*at == '=') {
        at += strspn(at, "= \t");
        length = strcspn(at, " \t\n,|()");
        if (length < 128) {
            memcpy(version, at, length);
            version[length] = '\0';
        }
        at += length;
    }
    return at + strspn(at, " \t\n,|()");
}

fps__carried fps__carried_find(const fps__drift_input *input, const fps__inventory_package *package,
                               const char *component)
{
    enum { READ_AT_MOST = 1 << 18 }; /* bytes: bounds the work on a hostile database */
    const char *at = package->built_using;
    while (at && *at && at - package->built_using < READ_AT_MOST) {
        char name[128];
        fps__carried found = {.named = true};
        const char *next = read_carried(at, name, found.version);
        fps__source_name source = {fps__source_name_of(&package->facts).ecosystem, name, NULL};
        if (*name && (strcmp(name, component) == 0 || provides(input, &source, component)))
            return found;
        at = next > at ? next : at + 1;
    }
    return (fps__carried){.named = false};
}
