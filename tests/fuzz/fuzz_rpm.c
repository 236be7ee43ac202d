/* Reads any bytes as an rpm database or as a bare header; the first byte chooses the kind.
 *
 * Reaches: fps__rpm_add_package, fps__rpm_apply_wal
 */
#include "inventory/rpm.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every string and every owned path must be readable, and the owned paths must be in order. */
static size_t walk(const fps__inventory *inventory)
{
    size_t seen = 0;
    for (size_t i = 0; i < inventory->packages.count; i++) {
        const fps__inventory_package *package = &inventory->packages.items[i];
        seen += strlen(package->facts.name) + strlen(package->facts.version) +
                strlen(package->facts.license) + strlen(package->facts.source) +
                strlen(package->facts.source_version) + strlen(package->depends) + strlen(package->provides) +
                strlen(package->built_using) + strlen(package->facts.purl);
        for (size_t k = 0; k < package->path_count; k++) {
            const char *path = package->paths[k].path;
            if (path[0] != '/' || !path[1] || (k && strcmp(package->paths[k - 1].path, path) >= 0))
                abort();
            seen += strlen(path) + package->paths[k].digest_kind;
        }
    }
    return seen;
}

static void tell(void *user, const fps_diagnostic *diagnostic)
{
    *(size_t *)user += strlen(diagnostic->message);
}

static void read_files(const fps__inventory_file *files, size_t count)
{
    fps__inventory inventory;
    size_t told = 0;
    if (fps__inventory_read(&inventory, files, count,
                            &(fps__inventory_options){.diagnostic = tell, .user = &told}, NULL))
        abort();
    told += walk(&inventory);
    fps__inventory_free(&inventory);
}

static void read_header(fps__span bytes)
{
    fps__inventory inventory = {.os_id = "", .os_version_id = ""};
    fps__inventory_reading reading = {.inventory = &inventory};
    fps__rpm_adding adding = {&reading, "/var/lib/rpm/Packages", 1 << 20, 0};
    fps__rpm_add_package(&adding, bytes, NULL);
    walk(&inventory);
    free(reading.paths.items);
    fps__inventory_free(&inventory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    fps__span bytes = {data + 3, size - 3}, none = {NULL, 0};
    /* The log begins after so many pages of 512 bytes. */
    size_t pages = (size_t)fps__get16le(data + 1) * 512;
    bool logged = (data[0] & 3) == 0 && pages && pages < bytes.size;
    fps__span wal = logged ? fps__span_part(bytes, pages, bytes.size - pages) : none;
    fps__span database = logged ? fps__span_part(bytes, 0, pages) : bytes;
    const fps__inventory_file sqlite[] = {{"/var/lib/rpm/rpmdb.sqlite", database},
                                          {"/var/lib/rpm/rpmdb.sqlite-wal", wal}};
    switch (data[0] & 3) {
    case 0:
        read_files(sqlite, 2);
        break;
    case 1:
        read_files(&(fps__inventory_file){"/var/lib/rpm/Packages.db", bytes}, 1);
        break;
    case 2:
        read_files(&(fps__inventory_file){"/var/lib/rpm/Packages", bytes}, 1);
        break;
    default:
        read_header(bytes);
    }
    return 0;
}
