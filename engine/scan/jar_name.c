/* The file itself, if it is a jar. Its name decides which of the artifacts in it it is, and an answer that comes from the
 * cache does not know the name: so this comes last. */
#include "scan/jar_packages.h"

#include "inventory/language_java.h"

#include <stdlib.h>
#include <string.h>

/* A pom of the file itself, and not of a jar in it. */
static bool is_own_pom(const fps_package *package)
{
    return package->kind == FPS_PACKAGE_MAVEN && !strchr(package->location, '!') &&
           fps__jar_wants(package->location);
}

typedef struct naming {
    fps_package *packages; /* a copy, with room for one more */
    fps__analysed_member *members;
    const fps_package **poms; /* those of the file itself ... */
    uint32_t *indexes;        /* ... and where they are in `packages` */
    size_t pom_count;
} naming;

static bool copy_lists(const fps__analysed_file *found, fps__arena *arena, naming *n)
{
    n->packages = fps__arena_array(arena, found->package_count + 1, sizeof *n->packages);
    n->members = fps__arena_array(arena, found->count + 1, sizeof *n->members);
    n->poms = malloc((found->package_count + 1) * sizeof *n->poms);
    n->indexes = malloc((found->package_count + 1) * sizeof *n->indexes);
    if (!n->packages || !n->members || !n->poms || !n->indexes)
        return false;
    if (found->count)
        memcpy(n->members, found->members, found->count * sizeof *n->members);
    for (uint32_t i = 0; i < found->package_count; i++) {
        n->packages[i] = found->packages[i];
        if (!is_own_pom(&found->packages[i]))
            continue;
        n->indexes[n->pom_count] = i;
        n->poms[n->pom_count++] = &found->packages[i];
    }
    return true;
}

static bool is_own_index(const naming *n, uint32_t index)
{
    bool own = index == UINT32_MAX;
    for (size_t low = 0, high = n->pom_count; low < high && !own;) {
        size_t middle = low + (high - low) / 2;
        own = n->indexes[middle] == index;
        if (n->indexes[middle] < index)
            low = middle + 1;
        else
            high = middle;
    }
    return own;
}

/* Gives `main` what nothing else in the file owns. */
static void give(fps__analysed_file *found, const naming *n, uint32_t main)
{
    for (size_t i = 0; i < found->package_count; i++)
        if (i != main && is_own_index(n, n->packages[i].parent))
            n->packages[i].parent = main;
    for (size_t i = 0; i < found->count; i++)
        if (is_own_index(n, n->members[i].package))
            n->members[i].package = main;
    n->packages[main].parent = UINT32_MAX;
    found->packages = n->packages;
    found->members = n->members;
}

static bool name_jar(fps__analysed_file *found, const char *path, fps__arena *arena, naming *n)
{
    size_t main;
    fps_package facts = fps__inventory_facts(FPS_PACKAGE_MAVEN);
    fps_status status =
        fps__jar_identify(arena, &(fps__jar){found->manifest}, path, n->poms, n->pom_count, &facts, &main);
    if (status)
        return status != FPS_ERROR_MEMORY;
    uint32_t index = main < n->pom_count ? n->indexes[main] : (uint32_t)found->package_count++;
    facts.source = facts.name;
    facts.source_version = facts.version;
    facts.purl = fps__inventory_purl(arena, &facts, "", "", "");
    facts.location = main < n->pom_count                      ? n->poms[main]->location
                     : fps__jar_has_manifest(found->manifest) ? "META-INF/MANIFEST.MF"
                                                              : "";
    n->packages[index] = facts;
    give(found, n, index);
    return true;
}

bool fps__jar_name(fps__analysed_file *found, const char *path, fps__arena *arena)
{
    naming n = {.packages = NULL};
    bool named = found->manifest && fps__java_is_archive(path);
    if (!found->manifest || (!named && !*found->manifest))
        return true;
    bool good = copy_lists(found, arena, &n) && name_jar(found, named ? path : NULL, arena, &n);
    free((void *)n.poms);
    free(n.indexes);
    return good;
}
