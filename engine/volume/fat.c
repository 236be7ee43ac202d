/* FAT12, FAT16, FAT32 and exFAT.
 *
 * The layouts: Microsoft, "FAT: General Overview of On-Disk Format" 1.03, and "exFAT file system specification". The node of a
 * directory is its first cluster, so that a directory that holds itself is seen. */
#include "util/array.h"
#include "util/error.h"
#include "volume/filesystem.h"
#include "volume/utf16.h"

#include <stdlib.h>

enum {
    BOOT = 512,
    ENTRY = 32,
    MOST_DIRECTORY = 256 << 20, /* bytes: exFAT allows as many */
    MOST_FILES = 4 << 20,       /* that are remembered */
    LONG_UNITS = 13,            /* units of a name in one entry of a long name */
    MOST_UNITS = 20 * LONG_UNITS,
    MOST_NAME = 3 * MOST_UNITS,
    STEP = 64 * 1024, /* bytes of a directory that are read at once, at most */
};

enum { ATTRIBUTE_LABEL = 8, ATTRIBUTE_DIRECTORY = 16, ATTRIBUTE_LONG = 15 };

/* Nodes of directories: the first cluster, and for one of exFAT whose clusters follow one another, how many there are. */
static const uint64_t DIRECTORY = (uint64_t)1 << 62, CHAINLESS = (uint64_t)1 << 61;
enum { COUNT_SHIFT = 32, COUNT_MASK = (1 << 28) - 1 };

/* Where the bytes of a file or directory are. */
typedef struct place {
    uint32_t cluster;     /* the first; 0: none */
    bool chainless;       /* the clusters follow one another */
    uint64_t size, valid; /* bytes; those behind the valid ones are zero */
} place;

typedef struct fat {
    bool exfat;
    unsigned width;               /* bits of an entry of the table */
    uint64_t table, heap, root;   /* in the medium: the table, cluster 2, and the root of FAT12 and FAT16 */
    uint64_t table_size;          /* bytes */
    uint64_t root_size;           /* of that root; 0: it is a chain of clusters */
    uint32_t cluster_size, count; /* bytes; clusters */
    FPS__ARRAY(place) files;      /* nodes of files are indexes */
    place file;                   /* the current one ... */
    uint64_t index;               /* ... and which cluster of it was read last ... */
    uint32_t cluster;             /* ... and where that is */
} fat;

static bool is_power_of_two(uint32_t value)
{
    return value && !(value & (value - 1));
}

static bool identify_fat(fps__span head, uint64_t size)
{
    const uint8_t *p = head.data;
    (void)size;
    if (!fps__span_has(head, 0, BOOT) || (p[0] != 0xeb && p[0] != 0xe9) || p[510] != 0x55 || p[511] != 0xaa)
        return false;
    uint32_t sector = fps__get16le(p + 11), table = fps__get16le(p + 22), total = fps__get16le(p + 19);
    table = table ? table : fps__get32le(p + 36);
    total = total ? total : fps__get32le(p + 32);
    return is_power_of_two(sector) && sector >= 512 && sector <= 4096 && is_power_of_two(p[13]) &&
           fps__get16le(p + 14) && p[16] >= 1 && p[16] <= 4 && p[21] >= 0xf0 && table && total &&
           fps__get16le(p + 14) + (uint64_t)table * p[16] < total;
}

static bool identify_exfat(fps__span head, uint64_t size)
{
    const uint8_t *p = head.data;
    (void)size;
    return fps__span_has(head, 0, BOOT) && memcmp(p + 3, "EXFAT   ", 8) == 0 && p[510] == 0x55 &&
           p[511] == 0xaa && p[108] >= 9 && p[108] <= 12 && p[109] <= 25 - p[108] && fps__get32le(p + 92);
}

static fps_status read_boot_sector(fps__filesystem *fs, fat *f, const uint8_t *p)
{
    uint64_t sector = fps__get16le(p + 11), reserved = fps__get16le(p + 14), total = fps__get16le(p + 19);
    uint64_t table = fps__get16le(p + 22), roots = fps__get16le(p + 17);
    bool large = !table; /* FAT32 */
    table = table ? table : fps__get32le(p + 36);
    total = total ? total : fps__get32le(p + 32);
    f->table = reserved * sector;
    f->table_size = table * sector;
    f->root = f->table + p[16] * f->table_size;
    f->root_size = large ? 0 : roots * ENTRY;
    f->heap = f->root + (f->root_size + sector - 1) / sector * sector;
    f->cluster_size = (uint32_t)sector * p[13];
    fs->end = total * sector;
    f->count = fs->end > f->heap ? (uint32_t)((fs->end - f->heap) / f->cluster_size) : 0;
    f->width = large ? 32 : f->count < 4085 ? 12 : 16; /* by the number of clusters, and nothing else */
    fs->root = DIRECTORY | (large ? fps__get32le(p + 44) : 0);
    return FPS_OK;
}

static fps_status read_exfat_sector(fps__filesystem *fs, fat *f, const uint8_t *p)
{
    unsigned shift = p[108];
    f->exfat = true;
    f->width = 32;
    f->table = (uint64_t)fps__get32le(p + 80) << shift;
    f->table_size = (uint64_t)fps__get32le(p + 84) << shift;
    f->heap = (uint64_t)fps__get32le(p + 88) << shift;
    f->count = fps__get32le(p + 92);
    f->cluster_size = (uint32_t)1 << (shift + p[109]);
    fs->root = DIRECTORY | fps__get32le(p + 96);
    fs->end = fps__get64le(p + 72) < UINT64_MAX >> shift ? fps__get64le(p + 72) << shift : fs->medium.size;
    return FPS_OK;
}

static fps_status open_fat(fps__filesystem *fs, fps_error *error)
{
    uint8_t room[BOOT];
    const uint8_t *p;
    fat *f = fs->state = calloc(1, sizeof *f);
    fps_status status = f ? fps__medium_get(&fs->medium, 0, BOOT, room, &p, error) : fps__fail_memory(error);
    if (status)
        return status;
    return fs->format == &fps__exfat ? read_exfat_sector(fs, f, p) : read_boot_sector(fs, f, p);
}

static void close_fat(fps__filesystem *fs)
{
    fat *f = fs->state;
    if (f)
        free(f->files.items);
    free(f);
}

/* ---- clusters ---- */

/* The cluster behind `cluster` in its chain; *end at the last one. */
static fps_status next_cluster(fps__filesystem *fs, uint32_t *cluster, bool *end, fps_error *error)
{
    const fat *f = fs->state;
    uint8_t room[4];
    const uint8_t *p;
    uint64_t at = f->width == 12 ? *cluster + *cluster / 2 : (uint64_t)*cluster * (f->width / 8);
    size_t size = f->width == 32 ? 4 : 2;
    if (at + size > f->table_size)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a cluster that the FAT does not have");
    fps_status status = fps__medium_get(&fs->medium, f->table + at, size, room, &p, error);
    if (status)
        return status;
    uint32_t next = size == 4 ? fps__get32le(p) : fps__get16le(p);
    if (f->width == 12)
        next = *cluster & 1 ? next >> 4 : next & 0xfff;
    uint32_t mask = f->width == 12 ? 0xfff : f->width == 16 ? 0xffff : f->exfat ? 0xffffffff : 0x0fffffff;
    next &= mask;
    *end = next >= (mask & ~(uint32_t)7);
    *cluster = next;
    if (!*end && (next < 2 || next - 2 >= f->count))
        return fps__filesystem_corrupt(error, UINT64_MAX, "a chain of clusters that is damaged");
    return FPS_OK;
}

/* Where cluster number `index` of the current file is, in the medium. */
static fps_status find_cluster(fps__filesystem *fs, uint64_t index, uint64_t *at, fps_error *error)
{
    fat *f = fs->state;
    bool end = false;
    if (f->file.chainless) {
        uint64_t cluster = f->file.cluster + index;
        if (cluster < 2 || cluster - 2 >= f->count)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a cluster that the file system does not have");
        *at = f->heap + (cluster - 2) * f->cluster_size;
        return FPS_OK;
    }
    if (index < f->index || !f->cluster) {
        f->index = 0;
        f->cluster = f->file.cluster;
    }
    if (f->cluster < 2 || f->cluster - 2 >= f->count)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a cluster that the file system does not have");
    while (f->index < index) {
        uint32_t cluster = f->cluster;
        fps_status status = next_cluster(fs, &cluster, &end, error);
        if (status)
            return status;
        if (end) {
            *at = 0;
            return FPS_ERROR_NOT_FOUND;
        }
        f->cluster = cluster;
        f->index++;
    }
    *at = f->heap + (uint64_t)(f->cluster - 2) * f->cluster_size;
    return FPS_OK;
}

static void set_file(fat *f, const place *file)
{
    f->file = *file;
    f->index = 0;
    f->cluster = file->cluster;
}

static fps_status read_fat(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    fat *f = fs->state;
    while (size && offset < f->file.valid) {
        uint64_t at, in_cluster = offset % f->cluster_size, left = f->file.valid - offset;
        fps_status status = find_cluster(fs, offset / f->cluster_size, &at, error);
        if (status == FPS_ERROR_NOT_FOUND)
            return fps__filesystem_corrupt(error, UINT64_MAX, "a file whose chain of clusters ends early");
        size_t part = f->cluster_size - in_cluster < size ? (size_t)(f->cluster_size - in_cluster) : size;
        part = left < part ? (size_t)left : part;
        if (!status)
            status = fps__medium_copy(&fs->medium, at + in_cluster, part, to, error);
        if (status)
            return status;
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

/* ---- directories ---- */

/* A directory that goes by, 32 bytes at a time. */
typedef struct listing {
    uint16_t units[MOST_UNITS]; /* of the long name so far */
    unsigned
        expected; /* FAT: the entry of the long name that comes next; exFAT: entries of this file to come */
    unsigned length; /* units of the name; 0: there is none */
    uint8_t checksum;
    place file; /* of exFAT */
    bool directory;
} listing;

static fps_status add_node(fps__filesystem *fs, const listing *l, const char *name, size_t length,
                           const place *file, fps_error *error)
{
    fat *f = fs->state;
    uint64_t node = DIRECTORY | file->cluster;
    if (l->directory && file->chainless)
        node |= CHAINLESS | (file->size / f->cluster_size & COUNT_MASK) << COUNT_SHIFT;
    if (l->directory)
        return fps__filesystem_add(fs, name, length, node, error);
    fps_status status = FPS__ARRAY_PUSH(&f->files, file, MOST_FILES);
    if (status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    if (status)
        return fps__fail(error, status, NULL, UINT64_MAX, "too many files");
    return fps__filesystem_add(fs, name, length, f->files.count - 1, error);
}

static size_t long_name(const listing *l, char name[MOST_NAME])
{
    uint8_t bytes[2 * MOST_UNITS];
    for (unsigned i = 0; i < l->length; i++)
        fps__put16le(bytes + 2 * i, l->units[i]);
    return fps__utf16_name(bytes, l->length, false, name, MOST_NAME);
}

/* The name of 8 and 3 bytes; flags say that a part of it is in lower case. */
static size_t short_name(const uint8_t *p, char *name)
{
    enum { LOWER_BASE = 8, LOWER_EXTENSION = 16, ESCAPED = 5 };
    size_t base = 8, extension = 3, used = 0;
    while (base && p[base - 1] == ' ')
        base--;
    while (extension && p[8 + extension - 1] == ' ')
        extension--;
    for (size_t i = 0; i < base + extension; i++) {
        bool behind = i >= base;
        uint8_t c = behind ? p[8 + i - base] : p[i];
        if (i == base)
            name[used++] = '.';
        c = !i && c == ESCAPED ? 0xe5 : c;
        bool lower = p[12] & (behind ? LOWER_EXTENSION : LOWER_BASE);
        name[used++] = (char)(lower && c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
    }
    return used;
}

/* One entry of a long name: the last part comes first. */
static void take_long_entry(listing *l, const uint8_t *p)
{
    enum { FIRST = 0x40 };
    static const uint8_t places[LONG_UNITS] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
    unsigned number = p[0] & 0x3f;
    if (p[0] & FIRST) {
        l->expected = number;
        l->length = 0;
        l->checksum = p[13];
    }
    if (!number || number != l->expected || number > MOST_UNITS / LONG_UNITS || p[13] != l->checksum) {
        l->expected = l->length = 0;
        return;
    }
    for (unsigned i = 0; i < LONG_UNITS; i++) {
        unsigned at = (number - 1) * LONG_UNITS + i;
        l->units[at] = fps__get16le(p + places[i]);
        if (p[0] & FIRST && l->units[at] && l->units[at] != 0xffff)
            l->length = at + 1;
    }
    l->expected--;
}

static uint8_t checksum_of(const uint8_t *name)
{
    uint8_t sum = 0;
    for (unsigned i = 0; i < 11; i++)
        sum = (uint8_t)((sum & 1 ? 0x80 : 0) + (sum >> 1) + name[i]);
    return sum;
}

/* One entry of FAT. Sets *end behind the last one. */
static fps_status take_fat_entry(fps__filesystem *fs, listing *l, const uint8_t *p, bool *end,
                                 fps_error *error)
{
    enum { DELETED = 0xe5 };
    const fat *f = fs->state;
    char name[MOST_NAME];
    *end = !p[0];
    if (p[0] && p[0] != DELETED && (p[11] & 0x3f) == ATTRIBUTE_LONG) {
        take_long_entry(l, p);
        return FPS_OK;
    }
    bool named = l->length && !l->expected && l->checksum == checksum_of(p);
    size_t length = named ? long_name(l, name) : short_name(p, name);
    l->expected = l->length = 0;
    if (*end || p[0] == DELETED || p[11] & ATTRIBUTE_LABEL)
        return FPS_OK;
    place file = {.cluster =
                      fps__get16le(p + 26) | (f->width == 32 ? (uint32_t)fps__get16le(p + 20) << 16 : 0),
                  .size = fps__get32le(p + 28)};
    file.valid = file.size;
    l->directory = p[11] & ATTRIBUTE_DIRECTORY;
    if (l->directory && (!memcmp(p, ".          ", 11) || !memcmp(p, "..         ", 11) || !file.cluster))
        return FPS_OK; /* itself, its parent and the root */
    return add_node(fs, l, name, length, &file, error);
}

/* One entry of exFAT: a file, then where it is, then its name in parts. */
static fps_status take_exfat_entry(fps__filesystem *fs, listing *l, const uint8_t *p, bool *end,
                                   fps_error *error)
{
    enum { FILE_ENTRY = 0x85, STREAM = 0xc0, NAME = 0xc1, UNITS = 15, NO_CHAIN = 2 };
    char name[MOST_NAME];
    *end = !p[0];
    if (p[0] == FILE_ENTRY) {
        *l = (listing){.expected = 0, .directory = fps__get16le(p + 4) & ATTRIBUTE_DIRECTORY};
    } else if (p[0] == STREAM) {
        l->expected = p[3];
        l->length = 0;
        l->file = (place){fps__get32le(p + 20), p[1] & NO_CHAIN, fps__get64le(p + 24), fps__get64le(p + 8)};
        l->file.valid = l->file.valid < l->file.size ? l->file.valid : l->file.size;
    } else if (p[0] == NAME && l->expected) {
        unsigned part = l->expected < UNITS ? l->expected : UNITS;
        for (unsigned i = 0; i < part && l->length < MOST_UNITS; i++)
            l->units[l->length++] = fps__get16le(p + 2 + 2 * i);
        l->expected -= part;
        if (!l->expected)
            return add_node(fs, l, name, long_name(l, name), &l->file, error);
    }
    return FPS_OK;
}

/* The entries of `size` bytes at `at`. */
static fps_status list_range(fps__filesystem *fs, listing *l, uint64_t at, uint64_t size, bool *end,
                             fps_error *error)
{
    const fat *f = fs->state;
    uint8_t room[STEP];
    while (size && !*end) {
        const uint8_t *p;
        size_t part = size < STEP ? (size_t)size : STEP;
        fps_status status = fps__filesystem_spend(fs, part, error);
        if (!status)
            status = fps__medium_get(&fs->medium, at, part, room, &p, error);
        for (size_t i = 0; i + ENTRY <= part && !status && !*end; i += ENTRY)
            status = f->exfat ? take_exfat_entry(fs, l, p + i, end, error)
                              : take_fat_entry(fs, l, p + i, end, error);
        if (status)
            return status;
        at += part;
        size -= part;
    }
    return FPS_OK;
}

static fps_status list(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    fat *f = fs->state;
    listing l = {.expected = 0};
    bool end = false;
    if (node == DIRECTORY && f->root_size)
        return list_range(fs, &l, f->root, f->root_size, &end, error);
    uint64_t most =
        node & CHAINLESS ? node >> COUNT_SHIFT & COUNT_MASK : MOST_DIRECTORY / f->cluster_size + 1;
    set_file(f, &(place){.cluster = (uint32_t)node, .chainless = node & CHAINLESS});
    most = most < f->count ? most : f->count;
    for (uint64_t index = 0; index < most && !end; index++) {
        uint64_t at;
        fps_status status = find_cluster(fs, index, &at, error);
        if (status == FPS_ERROR_NOT_FOUND)
            return FPS_OK;
        if (!status)
            status = list_range(fs, &l, at, f->cluster_size, &end, error);
        if (status)
            return status;
    }
    return end || most < MOST_DIRECTORY / f->cluster_size
               ? FPS_OK
               : fps__filesystem_corrupt(error, UINT64_MAX, "a directory without an end");
}

static fps_status look(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    fat *f = fs->state;
    if (node & DIRECTORY) {
        *found = (fps__node){.type = FPS__VOLUME_DIRECTORY, .mode = 0755};
        return FPS_OK;
    }
    if (node >= f->files.count)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a file that is not there");
    set_file(f, &f->files.items[node]);
    *found = (fps__node){.type = FPS__VOLUME_FILE, .size = f->file.size, .mode = 0755};
    return FPS_OK;
}

const fps__filesystem_format fps__fat = {
    .name = "a FAT file system",
    .identify = identify_fat,
    .open = open_fat,
    .list = list,
    .look = look,
    .read = read_fat,
    .close = close_fat,
};

const fps__filesystem_format fps__exfat = {
    .name = "an exFAT file system",
    .identify = identify_exfat,
    .open = open_fat,
    .list = list,
    .look = look,
    .read = read_fat,
    .close = close_fat,
};
