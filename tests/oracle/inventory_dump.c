/* Prints the inventories of a root, one fact per line, for comparison with the package managers' own
 * output. */
#include "inventory/inventory.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct kept {
    FPS__ARRAY(fps__inventory_file) files;
} kept;

static int compare_files(const void *left, const void *right)
{
    return strcmp(((const fps__inventory_file *)left)->path, ((const fps__inventory_file *)right)->path);
}

static void remark(void *user, const fps_diagnostic *diagnostic)
{
    (void)user;
    printf("diagnostic\t%s\t%s\t%s\n", diagnostic->code, diagnostic->path ? diagnostic->path : "",
           diagnostic->message);
}

static fps_status keep(kept *all, const fps__source *source, const fps__source_entry *entry, fps_error *error)
{
    fps__source_content content = {.memory = NULL};
    fps_status status = fps__source_read(source, entry, UINT64_MAX, &content, error);
    if (status)
        return status;
    char *path = malloc(strlen(entry->path) + 1);
    if (!path || FPS__ARRAY_RESERVE(&all->files, 1, SIZE_MAX) != FPS_OK) {
        free(path);
        fps__source_release(&content);
        return fps__fail_memory(error);
    }
    strcpy(path, entry->path);
    all->files.items[all->files.count++] = (fps__inventory_file){path, content.bytes};
    return FPS_OK;
}

static fps_status keep_all(kept *all, fps__source *source, fps_error *error)
{
    fps__source_entry entry = {.path = NULL};
    fps_status status;
    while (!(status = fps__source_next(source, &entry, error))) {
        if (fps__inventory_wants(entry.path, entry.size))
            status = keep(all, source, &entry, error);
        fps__source_entry_free(&entry);
        if (status == FPS_ERROR_MEMORY)
            return status;
    }
    if (all->files.count)
        qsort(all->files.items, all->files.count, sizeof *all->files.items, compare_files);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static void print_path(const fps__owned_path *owned)
{
    static const char kinds[] = "-m12?";
    static const char letters[] = "cgordl";
    char flags[8] = "", digest[65] = "";
    size_t used = 0, size = owned->digest_kind == FPS__DIGEST_MD5      ? 16
                            : owned->digest_kind == FPS__DIGEST_SHA1   ? 20
                            : owned->digest_kind == FPS__DIGEST_SHA256 ? 32
                                                                       : 0;
    for (unsigned bit = 0; letters[bit]; bit++)
        if (owned->flags & 1U << bit)
            flags[used++] = letters[bit];
    for (size_t i = 0; i < size; i++)
        snprintf(digest + 2 * i, 3, "%02x", owned->digest[i]);
    printf("claim\t%s\t%s\t%c%s\n", owned->path, flags, kinds[owned->digest_kind], digest);
}

static void print_package(const fps__inventory *inventory, const fps__inventory_package *package)
{
    const fps_package *facts = &package->facts;
    printf("package\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", facts->name, facts->version, facts->architecture,
           facts->source, facts->source_version, facts->license, facts->purl, facts->location,
           package->paths_known ? package->root : "?");
    for (size_t i = 0; i < facts->depend_count; i++)
        printf("depends\t%s\n", inventory->packages.items[facts->depends[i]].facts.purl);
    if (*package->built_using)
        printf("built-using\t%s\n", package->built_using);
    for (size_t i = 0; i < package->path_count; i++)
        print_path(&package->paths[i]);
}

int main(int argc, char **argv)
{
    fps__source *source = NULL;
    fps_error error = {.message = "usage: inventory_dump ROOT"};
    fps__inventory inventory = {.os_id = ""};
    kept all = {{NULL, 0, 0}};
    fps_status status = argc == 2 ? fps__source_open(&source, argv[1], NULL, &error) : FPS_ERROR_ARGUMENT;
    if (!status)
        status = keep_all(&all, source, &error);
    if (!status)
        status = fps__inventory_read(&inventory, all.files.items, all.files.count,
                                     &(fps__inventory_options){.diagnostic = remark, .user = NULL}, &error);
    if (!status) {
        printf("os\t%s\t%s\t%s\n", inventory.os_id, inventory.os_version_id, inventory.os_name);
        for (size_t i = 0; i < inventory.packages.count; i++)
            print_package(&inventory, &inventory.packages.items[i]);
        for (size_t i = 0; i < inventory.diversions.count; i++)
            printf("diversion\t%s\t%s\t%s\n", inventory.diversions.items[i].from,
                   inventory.diversions.items[i].to, inventory.diversions.items[i].by);
    } else
        fprintf(stderr, "%s\n", error.message);
    fps__inventory_free(&inventory);
    for (size_t i = 0; i < all.files.count; i++) {
        free((void *)all.files.items[i].path);
        free((void *)all.files.items[i].bytes.data);
    }
    free(all.files.items);
    if (source)
        fps__source_close(source);
    return status ? 1 : 0;
}
