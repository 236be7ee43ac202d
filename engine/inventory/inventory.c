/* One inventory: runs all readers over the captured files and sorts what they found. */
#include "inventory/bill.h"
#include "inventory/inventory_reading.h"
#include "inventory/phantom.h"

#include "util/error.h"

#include <stdlib.h>

#define READER(kind, name, ecosystem, scope, version, purl, space, arch, upstream, ends, reader)             \
    &fps__reader_##reader,
static const fps__inventory_reader *const readers[] = {&fps__reader_os_release, FPS__PACKAGE_KINDS(READER)};
#undef READER

enum { READERS = sizeof readers / sizeof *readers };

/* Packages that programs list: no file of an inventory has them. */
static const char *const no_patterns[] = {NULL};
const fps__inventory_reader fps__reader_program = {.patterns = no_patterns};

static bool fits(const fps__inventory_reader *reader, const char *path)
{
    for (const char *const *pattern = reader->patterns; pattern && *pattern; pattern++)
        if (fps__path_is_like(path, *pattern))
            return true;
    return false;
}

bool fps__inventory_wants(const char *path, uint64_t size)
{
    for (size_t i = 0; i < READERS; i++)
        if (readers[i]->wants ? readers[i]->wants(path, size) : fits(readers[i], path))
            return !fps__path_is_phantom(path);
    return false;
}

static void run_reader(fps__inventory_reading *reading, const fps__inventory_reader *reader)
{
    if (reader->read)
        reader->read(reading);
    for (size_t i = 0; reader->read_file && i < reading->count && !reading->no_memory; i++)
        if (fits(reader, reading->files[i].path))
            reader->read_file(reading, &reading->files[i]);
}

const char *fps__inventory_place(size_t index)
{
    for (size_t i = 0; i < READERS; i++)
        for (const char *const *place = readers[i]->places; place && *place; place++)
            if (index-- == 0)
                return *place;
    return NULL;
}

const char *fps__inventory_moved(size_t index, const char **place)
{
    static const char *const moved[][2] = {{"/usr/lib/sysimage/dpkg", "/var/lib/dpkg"},
                                           {"/usr/lib/sysimage/opkg", "/var/lib/opkg"},
                                           {"/usr/lib/sysimage/pacman/local", "/var/lib/pacman/local"},
                                           {"/usr/lib/sysimage/lib/pacman/local", "/var/lib/pacman/local"}};
    if (index >= sizeof moved / sizeof *moved)
        return NULL;
    *place = moved[index][1];
    return moved[index][0];
}

static int compare_packages(const void *left, const void *right)
{
    const fps_package *a = &((const fps__inventory_package *)left)->facts,
                      *b = &((const fps__inventory_package *)right)->facts;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = strcmp(a->name, b->name);
    if (!order)
        order = strcmp(a->version, b->version);
    if (!order)
        order = strcmp(a->location, b->location);
    return order ? order : strcmp(a->architecture, b->architecture);
}

static void finish_packages(fps__inventory_reading *reading)
{
    fps__inventory *inventory = reading->inventory;
    for (size_t i = 0; i < inventory->packages.count; i++) {
        fps_package *facts = &inventory->packages.items[i].facts;
        if (!*facts->source)
            facts->source = facts->name;
        if (!*facts->source_version)
            facts->source_version = facts->version;
        if (!*facts->purl)
            facts->purl =
                fps__inventory_purl(&inventory->arena, facts, inventory->os_id, inventory->os_version_id,
                                    inventory->packages.items[i].qualifiers);
    }
    if (inventory->packages.count)
        qsort(inventory->packages.items, inventory->packages.count, sizeof *inventory->packages.items,
              compare_packages);
    fps__bill_drop_repeated(reading);
    fps__inventory_link(reading);
}

fps_status fps__inventory_read(fps__inventory *inventory, const fps__inventory_file *files, size_t count,
                               const fps__inventory_options *options, fps_error *error)
{
    static const fps__inventory_options defaults;
    options = options ? options : &defaults;
    *inventory = (fps__inventory){.os_id = "", .os_version_id = "", .os_name = "", .os_like = ""};
    inventory->arena.limit = options->memory;
    fps__inventory_reading reading = {.inventory = inventory,
                                      .files = files,
                                      .count = count,
                                      .diagnostic = options->diagnostic,
                                      .user = options->user,
                                      .options = options,
                                      .alarm = {.deadline_ms = options->deadline_ms}};
    reading.taken = calloc(count + 1, sizeof *reading.taken);
    reading.no_memory = !reading.taken;
    for (size_t i = 0; i < READERS && !reading.no_memory; i++)
        run_reader(&reading, readers[i]);
    finish_packages(&reading);
    inventory->arena.limit = 0;
    free(reading.paths.items);
    free(reading.taken);
    if (!reading.no_memory)
        return FPS_OK;
    fps__inventory_free(inventory);
    return fps__fail_memory(error);
}

fps_status fps__inventory_read_bill(fps__inventory *inventory, const fps__inventory_file *file,
                                    const json_t *root, const fps__inventory_options *options,
                                    fps_error *error)
{
    *inventory = (fps__inventory){.os_id = "", .os_version_id = "", .os_name = "", .os_like = ""};
    inventory->arena.limit = options->memory;
    fps__inventory_reading reading = {.inventory = inventory,
                                      .files = file,
                                      .count = 1,
                                      .diagnostic = options->diagnostic,
                                      .user = options->user,
                                      .options = options,
                                      .whole = true,
                                      .alarm = {.deadline_ms = options->deadline_ms}};
    fps__bill_read_document(&reading, file, root);
    for (size_t i = 0; i < inventory->packages.count; i++) {
        fps_package *facts = &inventory->packages.items[i].facts;
        facts->source = *facts->source ? facts->source : facts->name;
        facts->source_version = *facts->source_version ? facts->source_version : facts->version;
    }
    inventory->arena.limit = 0;
    if (!reading.no_memory)
        return FPS_OK;
    fps__inventory_free(inventory);
    return fps__fail(error, FPS_ERROR_LIMIT, file->path, UINT64_MAX,
                     "the bill takes more memory than there is; raise --memory");
}

void fps__inventory_free(fps__inventory *inventory)
{
    if (!inventory)
        return;
    free(inventory->packages.items);
    free(inventory->diversions.items);
    free((void *)inventory->excluded.items);
    free(inventory->edges.items);
    free(inventory->words.items);
    fps__arena_free(&inventory->arena);
    *inventory = (fps__inventory){.os_id = "", .os_version_id = "", .os_name = "", .os_like = ""};
}
