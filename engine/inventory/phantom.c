/* Metadata that is no installed package's: test data that packages carry, caches, and what package managers left over. */
#include "inventory/phantom.h"

#include "util/bytes.h"
#include "util/lines.h"

static bool is_any(fps__span part, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (part.size == strlen(names[i]) && !memcmp(part.data, names[i], part.size))
            return true;
    return false;
}

/* The next part of the path; false at the end. */
static bool next_part(const char **path, fps__span *part)
{
    *path += strspn(*path, "/");
    size_t size = strcspn(*path, "/");
    *part = (fps__span){(const uint8_t *)*path, size};
    *path += size;
    return size > 0;
}

/* "python3.11" */
static bool is_standard_library(fps__span part)
{
    return part.size > 8 && !memcmp(part.data, "python", 6) && (part.data[6] == '2' || part.data[6] == '3') &&
           part.data[7] == '.';
}

bool fps__path_is_test_data(const char *path)
{
    /* folders that packages lie in, and folders of a package that hold data of its tests */
    static const char *const homes[] = {"node_modules", "site-packages", "dist-packages",
                                        "gems",         "vendor",        "site-library"};
    static const char *const tests[] = {"test",         "tests",     "__tests__", "testdata",
                                        "test-data",    "test_data", "testsuite", "fixtures",
                                        "__fixtures__", "fixture",   "tinytest",  "testthat"};
    bool inside = false, name = false;
    for (fps__span part; next_part(&path, &part);) {
        if (is_any(part, homes, sizeof homes / sizeof *homes))
            inside = name = true; /* a package's own name follows, which may be that of a test folder */
        else if (is_standard_library(part))
            inside = true;
        else if (name)
            name = part.data[0] == '@'; /* a scope stands before the name */
        else if (inside && *path && is_any(part, tests, sizeof tests / sizeof *tests))
            return true;
    }
    return false;
}

/* pip renames what it replaces, "foo" to "~oo" and "-oo", and passes such folders over; npm, "foo" to ".foo-HASH". Other
 * folders of node_modules that begin with a dot hold packages in folders of their own. */
static bool is_leftover(fps__span part, bool in_modules, const char *rest)
{
    static const char *const ends[] = {".dist-info", ".egg-info", ".egg"};
    uint8_t first = part.data[0];
    if (in_modules)
        return first == '.' && *rest && !strchr(rest + 1, '/');
    if (first != '~' && first != '-' && first != '.')
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t size = strlen(ends[i]);
        if (part.size > size && !memcmp(part.data + part.size - size, ends[i], size))
            return true;
    }
    return false;
}

/* "zlib-1.3-h4_0", as conda calls the folder of an extracted package, which environments are linked from. */
static bool is_extracted(fps__span part)
{
    unsigned dashes = 0;
    for (size_t i = 0; i < part.size; i++)
        dashes += part.data[i] == '-';
    return dashes >= 2;
}

bool fps__path_is_phantom(const char *path)
{
    /* below ".cache", where poetry keeps environments that are in use */
    static const char *const caches[] = {"uv", "yarn", "pip", "pnpm", "npm"};
    const char *rest = path;
    bool in_modules = false, in_packages = false, in_cache = false;
    for (fps__span part; next_part(&rest, &part);) {
        if ((in_cache && is_any(part, caches, sizeof caches / sizeof *caches)) ||
            is_leftover(part, in_modules, rest) || (in_packages && is_extracted(part)))
            return true;
        in_cache = is_any(part, (const char *const[]){".cache"}, 1);
        in_packages = is_any(part, (const char *const[]){"pkgs"}, 1);
        bool scope = in_modules && part.data[0] == '@';
        in_modules = scope || is_any(part, (const char *const[]){"node_modules"}, 1);
    }
    return fps__path_is_test_data(path);
}
