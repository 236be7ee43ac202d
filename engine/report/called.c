/* Whether a name that a user gives means a component or package. */
#include "report/called.h"

#include <string.h>

size_t fps__purl_base(const char *purl)
{
    size_t length = strcspn(purl, "?#"), at = length;
    while (at > 0 && purl[at - 1] != '/' && purl[at - 1] != '@')
        at--;
    /* "pkg:npm/@scope/name" has no version: an '@' that begins a part is of the name. */
    bool version = at > 1 && purl[at - 1] == '@' && purl[at - 2] != '/';
    return version ? at - 1 : length;
}

bool fps__means(const char *wanted, const char *id, const char *name, const char *purl)
{
    if ((id && strcmp(wanted, id) == 0) || (name && strcmp(wanted, name) == 0))
        return true;
    if (!purl || strncmp(wanted, "pkg:", 4) != 0)
        return false;
    size_t length = fps__purl_base(wanted);
    return length == fps__purl_base(purl) && strncmp(wanted, purl, length) == 0;
}

bool fps__means_component(const char *wanted, const fps_component *component)
{
    return fps__means(wanted, component->id, component->name, component->purl);
}

bool fps__means_relative(const char *wanted, const fps_component *component)
{
    for (size_t i = 0; i < component->relative_count; i++)
        if (fps__means(wanted, component->relatives[i].id, component->relatives[i].name,
                       component->relatives[i].purl))
            return true;
    return false;
}

bool fps__means_package(const char *wanted, const fps_package *package)
{
    return fps__means(wanted, package->name, package->source, package->purl);
}
