/* Finds the databases of rpm in a root, and reads of each folder the one that is in use. */
#include "inventory/rpm.h"

#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_FAULTS = 8,                  /* faults of one database that are told one by one */
    PATHS_BUDGET = 64 * 1024 * 1024, /* bytes of paths that any database may have ... */
    PATHS_RATIO = 4,                 /* ... and how many for each of its bytes; real ones stay below 1 */
};

/* Where distributions keep it: the old place, the one of SUSE and Fedora since 36, and that of OSTree. */
static const char *const folders[] = {"/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm"};

typedef struct database_format {
    const char *name;
    const char *wal; /* name of its write-ahead log, NULL when it has none */
    fps_status (*read)(fps__span database, fps__span wal, const fps__rpm_visitor *visitor, fps_error *error);
} database_format;

static fps_status read_ndb(fps__span database, fps__span wal, const fps__rpm_visitor *visitor,
                           fps_error *error)
{
    (void)wal;
    return fps__rpm_read_ndb(database, visitor, error);
}

static fps_status read_bdb(fps__span database, fps__span wal, const fps__rpm_visitor *visitor,
                           fps_error *error)
{
    (void)wal;
    return fps__rpm_read_bdb(database, visitor, error);
}

/* Newest first. */
static const database_format formats[] = {{"rpmdb.sqlite", "rpmdb.sqlite-wal", fps__rpm_read_sqlite},
                                          {"Packages.db", NULL, read_ndb},
                                          {"Packages", NULL, read_bdb}};

enum { FOLDERS = sizeof folders / sizeof *folders, FORMATS = sizeof formats / sizeof *formats };

static bool wants(const char *path, uint64_t size)
{
    (void)size;
    for (size_t i = 0; i < FOLDERS; i++) {
        size_t length = strlen(folders[i]);
        if (strncmp(path, folders[i], length) || path[length] != '/')
            continue;
        const char *name = path + length + 1;
        for (size_t k = 0; k < FORMATS; k++)
            if (!strcmp(name, formats[k].name) || (formats[k].wal && !strcmp(name, formats[k].wal)))
                return true;
    }
    return false;
}

static const fps__inventory_file *find_file(const fps__inventory_reading *reading, const char *folder,
                                            const char *name)
{
    char path[128];
    if (!name)
        return NULL;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fps__inventory_find(reading, path);
}

/* ---- one database ---- */

typedef struct database_reading {
    fps__rpm_adding adding;
    size_t faults;
} database_reading;

static void take_fault(void *user, const char *message)
{
    database_reading *now = user;
    if (now->faults++ < MAX_FAULTS)
        fps__inventory_diagnose(now->adding.reading, now->adding.location, message);
}

static bool take_header(void *user, fps__span header)
{
    database_reading *now = user;
    fps_error error;
    fps_status status = fps__rpm_add_package(&now->adding, header, &error);
    if (status == FPS_ERROR_MEMORY)
        now->adding.reading->no_memory = true;
    else if (status)
        take_fault(now, error.message);
    return status != FPS_ERROR_MEMORY;
}

/* What was not told one by one is told as a number. */
static void tell_rest(database_reading *now)
{
    char message[96];
    if (now->adding.bad_names) {
        snprintf(message, sizeof message, "%zu file names are no absolute paths", now->adding.bad_names);
        fps__inventory_diagnose(now->adding.reading, now->adding.location, message);
    }
    if (now->faults > MAX_FAULTS) {
        snprintf(message, sizeof message, "%zu more faults of this database", now->faults - MAX_FAULTS);
        fps__inventory_diagnose(now->adding.reading, now->adding.location, message);
    }
}

/* True when all of it was read and it has packages. */
static bool read_database(fps__inventory_reading *reading, const database_format *format,
                          const fps__inventory_file *file, const fps__inventory_file *wal)
{
    const fps__span nothing = {NULL, 0};
    size_t before = reading->inventory->packages.count;
    uint64_t size = file->bytes.size + (wal ? wal->bytes.size : 0);
    database_reading now = {{reading, file->path, PATHS_BUDGET + PATHS_RATIO * size, 0}, 0};
    fps__rpm_visitor visitor = {&now, take_header, take_fault};
    fps_error error;
    fps_status status = format->read(file->bytes, wal ? wal->bytes : nothing, &visitor, &error);
    if (status == FPS_ERROR_MEMORY)
        reading->no_memory = true;
    else if (status && status != FPS_ERROR_CANCELLED)
        take_fault(&now, error.message);
    tell_rest(&now);
    return !now.faults && reading->inventory->packages.count > before;
}

/* ---- packages that two databases have ---- */

static int compare_packages(const fps__inventory_package *a, const fps__inventory_package *b)
{
    int order = strcmp(a->facts.name, b->facts.name);
    if (!order)
        order = strcmp(a->facts.version, b->facts.version);
    return order ? order : strcmp(a->facts.architecture, b->facts.architecture);
}

static int compare_known(const void *a, const void *b)
{
    return compare_packages(*(const fps__inventory_package *const *)a,
                            *(const fps__inventory_package *const *)b);
}

/* Takes away those of the packages from `middle` on that are among the ones from `first` to `middle` too. */
static void drop_repeated(fps__inventory_reading *reading, size_t first, size_t middle)
{
    fps__inventory *inventory = reading->inventory;
    fps__inventory_package *items = inventory->packages.items;
    size_t count = middle - first, kept = middle;
    if (!count || inventory->packages.count == middle)
        return;
    const fps__inventory_package **known = malloc(count * sizeof *known);
    if (!known) {
        reading->no_memory = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        known[i] = &items[first + i];
    qsort(known, count, sizeof *known, compare_known);
    for (size_t i = middle; i < inventory->packages.count; i++) {
        const fps__inventory_package *wanted = &items[i];
        if (!bsearch(&wanted, known, count, sizeof *known, compare_known))
            items[kept++] = items[i];
    }
    inventory->packages.count = kept;
    free(known);
}

/* A folder may hold what is left of an older format: it is read only when the newer one has nothing, or not
 * all. */
static void read_folder(fps__inventory_reading *reading, const char *folder, size_t first)
{
    for (size_t i = 0; i < FORMATS && !reading->no_memory; i++) {
        const fps__inventory_file *file = find_file(reading, folder, formats[i].name);
        if (!file)
            continue;
        size_t before = reading->inventory->packages.count;
        bool complete = read_database(reading, &formats[i], file, find_file(reading, folder, formats[i].wal));
        drop_repeated(reading, first, before);
        if (complete)
            return;
    }
}

static void read_folders(fps__inventory_reading *reading)
{
    size_t first = reading->inventory->packages.count;
    for (size_t i = 0; i < FOLDERS; i++)
        read_folder(reading, folders[i], first);
}

static const char *const linked_places[] = {"/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm", NULL};

const fps__inventory_reader fps__reader_rpm = {.wants = wants, .read = read_folders, .places = linked_places};
