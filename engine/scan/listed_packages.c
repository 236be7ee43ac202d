/* Packages that a list inside a file names. The readers are those of installed packages. */
#include "scan/listed_packages.h"

#include "inventory/phantom.h"

#include <stdio.h>

enum { MAX_LIST = 64 << 20, SHARE = 4 }; /* bytes of a list; the part of --memory for its packages */

/* Kinds of lists that are complete in one file and name no file system. */
static const char *const endings[] = {".deps.json", ".cdx.json", ".spdx.json"};

static const char *innermost(const char *path)
{
    const char *mark = strrchr(path, '!'), *slash = strrchr(path, '/');
    const char *last = mark > slash || !slash ? mark : slash;
    return last ? last + 1 : path;
}

bool fps__list_wants(const char *path)
{
    char rooted[4096];
    size_t length = strlen(path);
    /* an archive is a package: its test data lie as they would where packages are installed */
    int rooted_size = snprintf(rooted, sizeof rooted, "/site-packages/%s", path);
    if (rooted_size < 0 || (size_t)rooted_size >= sizeof rooted || fps__path_is_phantom(rooted))
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = strlen(endings[i]);
        if (length > size && strcmp(path + length - size, endings[i]) == 0)
            return true;
    }
    return false;
}

/* One list while it is read. */
typedef struct reading {
    fps__unpacking *u;
    const char *path, *root;
} reading;

static void remark(void *user, const fps_diagnostic *diagnostic)
{
    const reading *r = user;
    fps_diagnostic copy = *diagnostic;
    copy.path = NULL;
    if (*r->path) /* as it is inside the package that was begun last */
        copy.path = r->path;
    fps__unpacking_remark_at(r->u, &copy);
}

static const char *keep(fps__unpacking *u, const char *text)
{
    return text ? fps__unpacking_keep(u, text) : "";
}

static void add_package(const reading *r, const fps_package *found)
{
    fps__unpacking *u = r->u;
    fps_package package = fps__inventory_facts(found->kind);
    package.name = keep(u, found->name);
    package.version = keep(u, found->version);
    package.architecture = keep(u, found->architecture);
    package.source = keep(u, found->source);
    package.source_version = keep(u, found->source_version);
    package.supplier = keep(u, found->supplier);
    package.license = keep(u, found->license);
    package.cpe = keep(u, found->cpe);
    package.purl = keep(u, found->purl);
    package.state = found->state;
    package.location = r->path;
    if (u->no_memory)
        return;
    fps__unpacking_root *added = fps__unpacking_add_package(u, &package, r->root);
    if (added)
        added->listed = true;
}

/* What paths of files in the list would begin with: no file's path does, so that none belongs to its packages. */
static const char *root_of(fps__unpacking *u, const char *path)
{
    size_t size = strlen(path) + 2;
    char *root = fps__arena_alloc(&u->worker->kept, size);
    if (root)
        snprintf(root, size, "%s!", path);
    u->no_memory |= !root;
    return root;
}

static void too_large(const reading *r)
{
    remark((void *)r, &(fps_diagnostic){FPS_DIAGNOSTIC_PARTIAL, "inventory-limit", NULL, UINT64_MAX,
                                        "the list of packages in the file is too large; it was not read"});
}

void fps__list_read(fps__unpacking *u, const char *path, const char *name, fps__span bytes)
{
    char place[512];
    const reading r = {u, path, root_of(u, path)};
    fps__inventory inventory;
    int size = snprintf(place, sizeof place, "/%s", innermost(name));
    const fps__inventory_file file = {place, bytes};
    const fps__inventory_options options = {.diagnostic = remark,
                                            .user = (void *)&r,
                                            .memory = u->run->scan->options.memory_limit / SHARE,
                                            .deadline_ms = u->deadline_ms};
    if (!r.root)
        return;
    if (size < 0 || (size_t)size >= sizeof place || bytes.size > MAX_LIST) {
        too_large(&r);
        return;
    }
    if (fps__inventory_read(&inventory, &file, 1, &options, NULL) != FPS_OK)
        too_large(&r);
    else
        for (size_t i = 0; i < inventory.packages.count && !u->no_memory; i++)
            add_package(&r, &inventory.packages.items[i].facts);
    fps__inventory_free(&inventory);
}

void fps__list_read_packed(fps__unpacking *u, const char *path, fps__span packed)
{
    const fps__archive_limits limits = {.total_size = MAX_LIST, .deadline_ms = u->deadline_ms};
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_entry entry;
    fps__span bytes;
    fps_error error;
    const reading r = {u, path, NULL};
    fps__archive_budget_init(&budget, &limits, packed.size);
    fps_status status = fps__archive_open(&archive, packed, &budget, &error);
    if (!status)
        status = fps__archive_next(archive, &entry, &error);
    if (!status)
        status = fps__archive_load(archive, &bytes, &error);
    if (!status)
        fps__list_read(u, path, "sbom.cdx.json", bytes);
    else
        remark((void *)&r,
               &(fps_diagnostic){FPS_DIAGNOSTIC_PARTIAL, "broken-dependency-list", NULL, UINT64_MAX,
                                 "the bill of materials in the program cannot be unpacked"});
    u->no_memory |= status == FPS_ERROR_MEMORY;
    fps__archive_free(archive);
}
