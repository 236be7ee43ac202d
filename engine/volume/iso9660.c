/* ISO 9660 with Rock Ridge or Joliet, and the boot images of El Torito.
 *
 * The layouts: ECMA-119; IEEE P1281 (SUSP) and P1282 (Rock Ridge) as genisoimage writes them; "Joliet Specification"; "El Torito"
 * 1.0. Names come from Rock Ridge, else from Joliet, else from the primary tree. */
#include "util/error.h"
#include "volume/filesystem.h"
#include "volume/unpack.h"
#include "volume/utf16.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SECTOR = 2048,
    FIRST_DESCRIPTOR = 16, /* sector */
    MOST_DESCRIPTORS = 64,
    RECORD = 33, /* bytes of a record of a directory before its name */
    MOST_RECORD = 255,
    MOST_NAME = 1024,
    MOST_EXTENTS = 64,      /* of one file: each has up to 4 GiB */
    MOST_CONTINUATIONS = 8, /* of the fields behind a record */
    MOST_BOOT = 16,
    FLAG_DIRECTORY = 2,
    FLAG_MORE = 0x80, /* the next record has the next extent of the file */
    ZISOFS_POINTER = 4,
    MOST_ZISOFS_LOG = 17, /* blocks of 128 KiB */
};

/* Nodes are places of records in the image; those of boot images begin here. */
static const uint64_t BOOT_NODE = (uint64_t)1 << 60;

typedef struct extent {
    uint64_t at, size;
} extent;

/* What a record and the fields behind it say. */
typedef struct record {
    size_t length;
    uint64_t at, size; /* of the extent */
    uint8_t flags, interleaved;
    char name[MOST_NAME];
    size_t name_length;
    bool named, relocated; /* by Rock Ridge; "relocated": it belongs elsewhere */
    uint64_t child;        /* the directory in whose place this record stands, or 0 */
    uint32_t mode, links;
    char target[MOST_NAME];
    size_t target_length;
    bool slash, continues; /* of the target so far */
    uint64_t unpacked;     /* zisofs: the size of the file */
    uint8_t block_log, header;
} record;

typedef struct iso {
    bool joliet, rock_ridge;
    uint8_t skipped; /* bytes before the fields behind each record */
    extent boot[MOST_BOOT];
    unsigned boot_count;
    record current;
    bool
        is_link; /* the current record is of a symbolic link: a file may have a target too, and has its extents */
    extent extents[MOST_EXTENTS]; /* of the current file */
    unsigned extent_count;
    uint64_t size;
    uint8_t *block;    /* of a zisofs file, unpacked */
    uint64_t block_at; /* which one, plus one; 0: none */
} iso;

static bool identify(fps__span head, uint64_t size)
{
    (void)size;
    return fps__span_has(head, FIRST_DESCRIPTOR * SECTOR, SECTOR) &&
           memcmp(head.data + FIRST_DESCRIPTOR * SECTOR + 1, "CD001", 5) == 0;
}

/* ---- records ---- */

static void append(char *text, size_t *length, const uint8_t *bytes, size_t size)
{
    size_t room = MOST_NAME - 1 - *length;
    size = size < room ? size : room;
    memcpy(text + *length, bytes, size);
    *length += size;
}

/* The name as Rock Ridge or Joliet do not tell it: without version, and without the dot of an empty extension. */
static void take_plain_name(const iso *i, record *r, const uint8_t *bytes, size_t size)
{
    r->name_length = 0;
    if (i->joliet)
        r->name_length = fps__utf16_name(bytes, size / 2, true, r->name, MOST_NAME - 1);
    else
        append(r->name, &r->name_length, bytes, size);
    char *version = memrchr(r->name, ';', r->name_length);
    if (version && !(r->flags & FLAG_DIRECTORY))
        r->name_length = (size_t)(version - r->name);
    if (!i->joliet && r->name_length > 1 && r->name[r->name_length - 1] == '.')
        r->name_length--;
}

/* A part of the target of a symbolic link. */
static void take_target(record *r, fps__span field)
{
    enum { CONTINUE = 1, CURRENT = 2, PARENT = 4, ROOT = 8 };
    for (size_t at = 5; fps__span_has(field, at, 2); at += 2 + (size_t)field.data[at + 1]) {
        uint8_t flags = field.data[at];
        fps__span part = fps__span_part(field, at + 2, field.data[at + 1]);
        if (r->slash && !r->continues)
            append(r->target, &r->target_length, (const uint8_t *)"/", 1);
        if (flags & ROOT)
            append(r->target, &r->target_length, (const uint8_t *)"/", 1);
        else if (flags & CURRENT)
            append(r->target, &r->target_length, (const uint8_t *)".", 1);
        else if (flags & PARENT)
            append(r->target, &r->target_length, (const uint8_t *)"..", 2);
        else if (part.size)
            append(r->target, &r->target_length, part.data, part.size);
        r->slash = !(flags & ROOT);
        r->continues = flags & CONTINUE;
    }
}

static void take_field(record *r, fps__span field)
{
    const uint8_t *p = field.data;
    if (memcmp(p, "NM", 2) == 0 && field.size > 5 && !(p[4] & 6)) {
        r->name_length = r->named ? r->name_length : 0;
        r->named = true;
        append(r->name, &r->name_length, p + 5, field.size - 5);
    } else if (memcmp(p, "PX", 2) == 0 && field.size >= 36) {
        r->mode = fps__get32le(p + 4);
        r->links = fps__get32le(p + 12);
    } else if (memcmp(p, "SL", 2) == 0 && field.size > 5) {
        take_target(r, field);
    } else if (memcmp(p, "CL", 2) == 0 && field.size >= 12) {
        r->child = fps__get32le(p + 4);
    } else if (memcmp(p, "RE", 2) == 0) {
        r->relocated = true;
    } else if (memcmp(p, "ZF", 2) == 0 && field.size >= 16 && memcmp(p + 4, "pz", 2) == 0) {
        r->header = p[6];
        r->block_log = p[7];
        r->unpacked = fps__get32le(p + 8);
    }
}

/* The fields behind a record, and where they go on. */
static fps_status take_fields(fps__filesystem *fs, record *r, fps__span fields, fps_error *error)
{
    uint8_t room[SECTOR];
    for (unsigned areas = 0; areas < MOST_CONTINUATIONS; areas++) {
        uint64_t block = 0, offset = 0, size = 0;
        while (fields.size >= 4 && fields.data[2] >= 4 && fields.data[2] <= fields.size) {
            fps__span field = {fields.data, fields.data[2]};
            if (memcmp(field.data, "ST", 2) == 0)
                break;
            if (memcmp(field.data, "CE", 2) == 0 && field.size >= 28) {
                block = fps__get32le(field.data + 4);
                offset = fps__get32le(field.data + 12);
                size = fps__get32le(field.data + 20);
            } else {
                take_field(r, field);
            }
            fields = fps__span_part(fields, field.size, fields.size - field.size);
        }
        if (!size)
            return FPS_OK;
        const uint8_t *p;
        size = size < SECTOR ? size : SECTOR;
        fps_status status = fps__filesystem_spend(fs, size, error);
        if (!status)
            status = fps__medium_get(&fs->medium, block * SECTOR + offset, (size_t)size, room, &p, error);
        if (status)
            return status;
        if (p != room) /* it is read while the fields of the next area are looked for */
            memcpy(room, p, (size_t)size);
        fields = (fps__span){room, (size_t)size};
    }
    return FPS_OK;
}

/* Reads the record at `at` of the medium. Its length is 0 where no other follows in the sector. */
static fps_status read_record(fps__filesystem *fs, uint64_t at, record *r, fps_error *error)
{
    iso *i = fs->state;
    uint8_t room[MOST_RECORD];
    const uint8_t *p;
    memset(r, 0, sizeof *r);
    fps_status status = fps__medium_get(&fs->medium, at, 1, room, &p, error);
    if (status || !p[0])
        return status;
    size_t length = p[0];
    if (length < RECORD)
        return fps__filesystem_corrupt(error, at, "a damaged record of an ISO 9660 directory");
    status = fps__medium_get(&fs->medium, at, length, room, &p, error);
    if (status)
        return status;
    size_t name = p[32];
    if (RECORD + name > length)
        return fps__filesystem_corrupt(error, at, "a name that is longer than its ISO 9660 record");
    r->length = length;
    r->at = ((uint64_t)fps__get32le(p + 2) + p[1]) * SECTOR;
    r->size = fps__get32le(p + 10);
    r->flags = p[25];
    r->interleaved = p[26];
    take_plain_name(i, r, p + RECORD, name);
    size_t behind = RECORD + name + !(name & 1) + (i->rock_ridge ? i->skipped : 0);
    if (i->joliet || !i->rock_ridge || behind >= length)
        return FPS_OK;
    return take_fields(fs, r, (fps__span){p + behind, length - behind}, error);
}

/* ---- opening ---- */

/* The boot images that the catalogue names: a validation entry, the initial entry, and sections. */
static void read_boot_catalog(fps__filesystem *fs, uint32_t sector)
{
    enum { ENTRY = 32, BOOTABLE = 0x88 };
    iso *i = fs->state;
    uint8_t room[SECTOR];
    const uint8_t *p;
    if (fps__medium_get(&fs->medium, (uint64_t)sector * SECTOR, SECTOR, room, &p, NULL) || p[0] != 1)
        return;
    for (size_t at = ENTRY; at < SECTOR && i->boot_count < MOST_BOOT; at += ENTRY) {
        uint64_t place = (uint64_t)fps__get32le(p + at + 8) * SECTOR,
                 size = (uint64_t)fps__get16le(p + at + 6) * 512;
        uint8_t boot_room[36];
        const uint8_t *boot;
        if (p[at] != BOOTABLE || !place)
            continue;
        if (fps__medium_get(&fs->medium, place, sizeof boot_room, boot_room, &boot, NULL))
            continue;
        /* The catalogue has room for 32 MiB, and often says less: a FAT file system knows its size. */
        uint64_t sectors = fps__get16le(boot + 19) ? fps__get16le(boot + 19) : fps__get32le(boot + 32);
        uint64_t own = boot[0] == 0xeb || boot[0] == 0xe9 ? sectors * fps__get16le(boot + 11) : 0;
        size = own > size && own <= fs->medium.size - place ? own : size;
        if (size && size <= fs->medium.size - place)
            i->boot[i->boot_count++] = (extent){place, size};
    }
}

/* Whether the root's own record says that Rock Ridge is used: SP begins the fields behind it. */
static void find_rock_ridge(fps__filesystem *fs, uint64_t root)
{
    iso *i = fs->state;
    uint8_t room[MOST_RECORD];
    const uint8_t *p;
    if (fps__medium_get(&fs->medium, root, sizeof room, room, &p, NULL) || p[0] < RECORD + 1 + 7)
        return;
    const uint8_t *field = p + RECORD + 1;
    if (memcmp(field, "SP", 2) == 0 && field[4] == 0xbe && field[5] == 0xef) {
        i->rock_ridge = true;
        i->skipped = field[6];
    }
}

static fps_status read_descriptors(fps__filesystem *fs, iso *i, fps_error *error)
{
    enum { BOOT = 0, PRIMARY = 1, SUPPLEMENTARY = 2, END = 255, ROOT_RECORD = 156 };
    uint64_t primary = 0, joliet = 0;
    for (unsigned n = 0; n < MOST_DESCRIPTORS; n++) {
        uint8_t room[SECTOR];
        const uint8_t *p;
        uint64_t at = (uint64_t)(FIRST_DESCRIPTOR + n) * SECTOR;
        fps_status status = fps__medium_get(&fs->medium, at, SECTOR, room, &p, error);
        if (status && !primary)
            return status;
        if (status)
            break;
        if (memcmp(p + 1, "NSR0", 4) == 0)
            fs->remark = "it also has a UDF file system, which is not read";
        bool known = memcmp(p + 1, "CD001", 5) == 0;
        if (!known && memcmp(p + 1, "BEA01", 5) != 0 && memcmp(p + 1, "TEA01", 5) != 0 &&
            memcmp(p + 1, "NSR0", 4) != 0)
            break;
        if (known && p[0] == PRIMARY && !primary) {
            primary = at + ROOT_RECORD;
            fs->end = (uint64_t)fps__get32le(p + 80) * SECTOR;
            if (fps__get16le(p + 128) != SECTOR)
                return fps__filesystem_unsupported(error,
                                                   "ISO 9660 with blocks of another size than 2,048 bytes");
            find_rock_ridge(fs, (uint64_t)fps__get32le(p + ROOT_RECORD + 2) * SECTOR);
        } else if (known && p[0] == SUPPLEMENTARY && p[88] == '%' && p[89] == '/') {
            joliet = at + ROOT_RECORD;
        } else if (known && p[0] == BOOT && memcmp(p + 7, "EL TORITO", 9) == 0) {
            read_boot_catalog(fs, fps__get32le(p + 71));
        }
    }
    if (!primary)
        return fps__filesystem_corrupt(error, FIRST_DESCRIPTOR * SECTOR,
                                       "ISO 9660 without a primary descriptor");
    i->joliet = joliet && !i->rock_ridge;
    fs->root = i->joliet ? joliet : primary;
    return FPS_OK;
}

static fps_status open_iso(fps__filesystem *fs, fps_error *error)
{
    iso *i = fs->state = calloc(1, sizeof *i);
    return i ? read_descriptors(fs, i, error) : fps__fail_memory(error);
}

static void close_iso(fps__filesystem *fs)
{
    iso *i = fs->state;
    if (i)
        free(i->block);
    free(i);
}

/* ---- nodes ---- */

/* The extents of the file whose first record is the current one. */
static fps_status collect_extents(fps__filesystem *fs, uint64_t at, fps_error *error)
{
    iso *i = fs->state;
    record next;
    uint8_t flags = i->current.flags;
    i->extents[0] = (extent){i->current.at, i->current.size};
    i->extent_count = 1;
    i->size = i->current.size;
    uint64_t step = i->current.length;
    while (flags & FLAG_MORE) {
        at = step ? at + step : (at / SECTOR + 1) * SECTOR;
        fps_status status = read_record(fs, at, &next, error);
        if (status)
            return status;
        if (!next.length && !step)
            return fps__filesystem_corrupt(error, at,
                                           "a file of ISO 9660 that has fewer extents than it says");
        step = next.length;
        if (!step)
            continue;
        if (i->extent_count == MOST_EXTENTS)
            return fps__filesystem_corrupt(error, at, "a file of ISO 9660 with too many extents");
        i->extents[i->extent_count++] = (extent){next.at, next.size};
        i->size += next.size;
        flags = next.flags;
    }
    return FPS_OK;
}

static fps_status look(fps__filesystem *fs, uint64_t node, fps__node *found, fps_error *error)
{
    enum { TYPE_MASK = 0170000, LINK = 0120000, PLAIN = 0100000 };
    iso *i = fs->state;
    record *r = &i->current;
    i->block_at = 0;
    i->is_link = false;
    if (node >= BOOT_NODE) {
        memset(r, 0, sizeof *r);
        i->extents[0] = i->boot[(node - BOOT_NODE) % MOST_BOOT];
        i->extent_count = 1;
        *found = (fps__node){.type = FPS__VOLUME_FILE, .size = i->extents[0].size, .mode = 0644};
        i->size = found->size;
        return FPS_OK;
    }
    fps_status status = read_record(fs, node, r, error);
    if (status)
        return status;
    bool directory = r->flags & FLAG_DIRECTORY;
    uint32_t type = r->mode & TYPE_MASK;
    *found = (fps__node){.type = FPS__VOLUME_FILE,
                         .mode = r->mode     ? r->mode & 07777
                                 : directory ? 0755
                                             : 0644};
    if (directory)
        found->type = FPS__VOLUME_DIRECTORY;
    else if (type == LINK)
        found->type = FPS__VOLUME_SYMLINK;
    else if (type && type != PLAIN)
        found->type = FPS__VOLUME_OTHER;
    i->is_link = found->type == FPS__VOLUME_SYMLINK;
    found->size = r->target_length;
    if (found->type != FPS__VOLUME_FILE)
        return FPS_OK;
    if (r->interleaved)
        return fps__filesystem_unsupported(error, "an interleaved file of ISO 9660");
    status = collect_extents(fs, node, error);
    found->links = i->size ? r->links : 1;
    found->identity = r->at;
    found->size = r->block_log ? r->unpacked : i->size;
    return status;
}

static fps_status list_boot_images(fps__filesystem *fs, fps_error *error)
{
    const iso *i = fs->state;
    fps_status status = FPS_OK;
    for (unsigned n = 0; n < i->boot_count && !status; n++) {
        char name[32];
        int length = snprintf(name, sizeof name, "[boot image %u]", n + 1);
        status = fps__filesystem_add(fs, name, (size_t)length, BOOT_NODE + n, error);
    }
    return status;
}

static fps_status list_record(fps__filesystem *fs, uint64_t at, const record *r, fps_error *error)
{
    if (r->relocated)
        return FPS_OK;
    if (r->name_length == 1 && !r->named && (r->name[0] == '\0' || r->name[0] == '\1'))
        return FPS_OK;
    if (!r->name_length) /* the record of the directory itself, in Joliet */
        return FPS_OK;
    return fps__filesystem_add(fs, r->name, r->name_length, r->child ? r->child * SECTOR : at, error);
}

static fps_status list(fps__filesystem *fs, uint64_t node, fps_error *error)
{
    iso *i = fs->state;
    record *r = &i->current;
    bool more = false; /* the record before is one of several of a file */
    fps_status status = read_record(fs, node, r, error);
    if (!status && !(r->flags & FLAG_DIRECTORY))
        return fps__filesystem_corrupt(error, node, "the root is no directory");
    uint64_t at = r->at, end = at + r->size;
    if (!status)
        status = fps__filesystem_spend(fs, r->size, error);
    if (!status && node == fs->root)
        status = list_boot_images(fs, error);
    for (unsigned own = 0; !status && at < end;) {
        status = read_record(fs, at, r, error);
        if (status)
            break;
        if (!r->length) {
            at = (at / SECTOR + 1) * SECTOR;
            continue;
        }
        if (own < 2) /* the directory itself and its parent */
            own++;
        else if (!more)
            status = list_record(fs, at, r, error);
        more = r->flags & FLAG_MORE;
        at += r->length;
    }
    return status;
}

/* ---- data ---- */

static fps_status read_extents(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size,
                               fps_error *error)
{
    const iso *i = fs->state;
    for (unsigned n = 0; n < i->extent_count && size; n++) {
        const extent *e = &i->extents[n];
        if (offset >= e->size) {
            offset -= e->size;
            continue;
        }
        size_t part = e->size - offset < size ? (size_t)(e->size - offset) : size;
        fps_status status = fps__medium_copy(&fs->medium, e->at + offset, part, to, error);
        if (status)
            return status;
        to += part;
        size -= part;
        offset = 0;
    }
    return size ? fps__filesystem_corrupt(error, UINT64_MAX, "a file of ISO 9660 that ends early") : FPS_OK;
}

/* Makes i->block the block `index` of a zisofs file: pointers to blocks follow a header (Linux, fs/isofs/compress.c). */
static fps_status get_zisofs_block(fps__filesystem *fs, uint64_t index, fps_error *error)
{
    iso *i = fs->state;
    uint8_t pointers[2 * ZISOFS_POINTER];
    size_t size = (size_t)1 << i->current.block_log, got;
    if (i->block_at == index + 1)
        return FPS_OK;
    i->block_at = 0;
    fps_status status = fps__filesystem_spend(fs, size, error);
    if (!status)
        status = read_extents(fs, (uint64_t)i->current.header * 4 + index * ZISOFS_POINTER, pointers,
                              sizeof pointers, error);
    if (status)
        return status;
    uint32_t start = fps__get32le(pointers), end = fps__get32le(pointers + ZISOFS_POINTER);
    if (end < start || end - start > 2 * size)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged block of a zisofs file");
    uint8_t *block = realloc(i->block, 3 * size);
    if (!block)
        return fps__fail_memory(error);
    i->block = block;
    memset(block, 0, size);
    if (end > start) /* none: a block of zeros */
        status = read_extents(fs, start, block + size, end - start, error);
    if (!status && end > start)
        status = fps__unpack(FPS__PACKING_ZLIB, (fps__span){block + size, end - start}, block, size, false,
                             &got, error);
    i->block_at = status ? 0 : index + 1;
    return status;
}

static fps_status read_iso(fps__filesystem *fs, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    iso *i = fs->state;
    const record *r = &i->current;
    if (i->is_link) {
        memcpy(to, r->target + offset, size);
        return FPS_OK;
    }
    if (!r->block_log)
        return read_extents(fs, offset, to, size, error);
    if (r->block_log > MOST_ZISOFS_LOG || r->block_log < 12)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged zisofs file");
    while (size) {
        uint64_t block_size = (uint64_t)1 << r->block_log, in_block = offset % block_size;
        fps_status status = get_zisofs_block(fs, offset / block_size, error);
        size_t part = block_size - in_block < size ? (size_t)(block_size - in_block) : size;
        if (status)
            return status;
        memcpy(to, i->block + in_block, part);
        to += part;
        offset += part;
        size -= part;
    }
    return FPS_OK;
}

const fps__filesystem_format fps__iso9660 = {
    .name = "an ISO 9660 file system",
    .identify = identify,
    .weak = true, /* its magic lies at 32 KiB */
    .open = open_iso,
    .list = list,
    .look = look,
    .read = read_iso,
    .close = close_iso,
};
