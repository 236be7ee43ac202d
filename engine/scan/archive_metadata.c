/* Metadata of language packages inside archives: which files hold it, and which package they tell of. Jars are read in
 * jar_packages.c. */
#include "scan/archive_metadata.h"

#include "inventory/language.h"
#include "inventory/phantom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum language { NONE, PYTHON, NPM, GEM } language;

/* The path inside the innermost archive. */
static const char *innermost(const char *path)
{
    const char *mark = strrchr(path, '!');
    return mark ? mark + 1 : path;
}

static bool ends_with(const char *path, const char *end)
{
    size_t length = strlen(path), size = strlen(end);
    return length >= size && strcmp(path + length - size, end) == 0;
}

/* `rooted` is the path inside the innermost archive, after a '/'. */
static language language_of(const char *rooted)
{
    if (fps__language_is_python(rooted))
        return PYTHON;
    if (fps__language_is_npm(rooted) ||
        strcmp(rooted, "/package/package.json") == 0) /* what npm pack makes */
        return NPM;
    return fps__language_is_gem(rooted) ? GEM : NONE;
}

static language classify(const char *path)
{
    char rooted[4096];
    /* an archive is a package: its test data lie as they would where packages are installed */
    int size = snprintf(rooted, sizeof rooted, "/site-packages/%s", path);
    if (size < 0 || (size_t)size >= sizeof rooted || fps__path_is_phantom(rooted))
        return NONE;
    snprintf(rooted, sizeof rooted, "/%s", innermost(path));
    return language_of(rooted);
}

bool fps__metadata_wants(const char *path)
{
    return classify(path) != NONE;
}

/* Length of `path` without its last `parts` parts. */
static size_t without_parts(const char *path, unsigned parts)
{
    size_t inner = (size_t)(innermost(path) - path), length = strlen(path);
    while (length > inner && parts) {
        length--;
        if (length == inner || path[length - 1] == '/')
            parts--;
    }
    return length;
}

/* What the paths of the package's own files begin with. */
static const char *root_of(language what, const char *path, fps__arena *arena)
{
    size_t length = strlen(path);
    if (what == GEM) { /* specifications/NAME.gemspec beside gems/NAME/ */
        size_t folder = without_parts(path, 2), stem = without_parts(path, 1);
        size_t size = length + sizeof "gems/";
        char *root = fps__arena_alloc(arena, size);
        if (root)
            snprintf(root, size, "%.*sgems/%.*s/", (int)folder, path,
                     (int)(length - stem - strlen(".gemspec")), path + stem);
        return root;
    }
    if (what == PYTHON)
        length = without_parts(path, ends_with(path, "/METADATA") || ends_with(path, "/PKG-INFO") ? 2 : 1);
    else if (what == NPM)
        length = without_parts(path, 1);
    return fps__arena_text(arena, path, length);
}

static fps_status parse(language what, fps__span bytes, fps__arena *arena, fps_package *package)
{
    switch (what) {
    case PYTHON:
        return fps__language_parse_python(arena, bytes, package, NULL);
    case NPM:
        return fps__language_parse_npm(arena, bytes, package, NULL);
    case GEM:
        return fps__language_parse_gem(arena, bytes, package, NULL);
    case NONE:
        break;
    }
    return FPS_ERROR_FORMAT;
}

bool fps__metadata_read(const char *path, fps__span bytes, fps__arena *arena, fps_package *package,
                        const char **root)
{
    static const fps_package_kind kinds[] = {FPS_PACKAGE_GENERIC, FPS_PACKAGE_PYPI, FPS_PACKAGE_NPM,
                                             FPS_PACKAGE_GEM};
    language what = classify(path);
    *package = fps__inventory_facts(kinds[what]);
    if (parse(what, bytes, arena, package) != FPS_OK)
        return false;
    package->source = *package->source ? package->source : package->name;
    package->source_version = *package->source_version ? package->source_version : package->version;
    package->purl = fps__inventory_purl(arena, package, "", "", "");
    package->location = path;
    package->layer = package->parent = UINT32_MAX;
    *root = root_of(what, path, arena);
    return *root != NULL;
}
