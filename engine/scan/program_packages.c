/* Packages that a program lists, as packages of the file that it is in. */
#include "scan/program_packages.h"

#include "scan/listed_packages.h"

#include <stdio.h>

/* What paths of files in the program would begin with: no file's path does, so that none belongs to its packages. */
static const char *root_of(fps__unpacking *u, const char *path)
{
    size_t size = strlen(path) + 2;
    char *root = fps__arena_alloc(&u->worker->kept, size);
    if (root)
        snprintf(root, size, "%s!", path);
    u->no_memory |= !root;
    return root;
}

void fps__unpacking_program(fps__unpacking *u, const char *path, const fps__program *program)
{
    const char *root = program->count ? root_of(u, path) : NULL;
    if (program->bill.size)
        fps__list_read_packed(u, path, program->bill);
    for (size_t i = 0; root && i < program->count && !u->no_memory; i++) {
        const fps__listed *listed = &program->items[i];
        fps_package package = fps__inventory_facts(listed->kind);
        package.name = package.source = listed->name;
        package.version = package.source_version = listed->version;
        package.properties = listed->properties;
        package.state = listed->likely ? FPS_STATE_LIKELY : FPS_STATE_PRESENT;
        package.location = path;
        package.purl =
            listed->purl ? listed->purl : fps__inventory_purl(&u->worker->kept, &package, "", "", "");
        fps__unpacking_root *added = fps__unpacking_add_package(u, &package, root);
        if (!added)
            return;
        added->main = listed->main;
        added->listed = !listed->main;
    }
}
