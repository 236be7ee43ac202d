/* Where the parts of a zip archive lie. The format: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 to 4.5. */
#include "archive/zip_layout.h"

#include <stdlib.h>

enum {
    LOCAL_SIZE = 30,
    ENTRY_SIZE = 46,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    DESCRIPTOR_SIZE = 24, /* the longest, behind an entry */
    MAX_COMMENT = 0xffff,
    LEAST_GAP = 512,   /* extra fields and comments of files are shorter; what is shorter holds no program */
    MAX_LINK = 4096,   /* bytes of the target of a symbolic link */
    EMPTY_PACKED = 16, /* bytes that nothing may be packed to */
    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 8, /* sizes and checksum stand behind the entry */
};

typedef struct directory {
    fps__span data;
    uint64_t start, size; /* of the entries, in the data */
    uint64_t base;        /* what offsets count from */
    uint64_t end_record;
} directory;

/* One entry, as the directory has it or a local header. */
typedef struct entry {
    uint16_t flags, method, name_length;
    uint32_t checksum;
    uint64_t packed, offset;
    uint32_t unpacked; /* as the header has it */
    uint16_t made_by;
    uint32_t attributes; /* of the system that the directory says the entry was made on */
    const uint8_t *name;
    size_t size; /* of header, name, extra field and comment */
} entry;

static bool is_signature(fps__span data, uint64_t at, const char *signature)
{
    return fps__span_has(data, at, 4) && memcmp(data.data + at, signature, 4) == 0;
}

bool fps__is_padding(fps__span bytes)
{
    return bytes.size < 2 || memcmp(bytes.data, bytes.data + 1, bytes.size - 1) == 0;
}

bool fps__zip_is_local_header(fps__span data)
{
    enum { MAX_VERSION = 63, MAX_METHOD = 99, MAX_NAME = 1024 };
    if (!fps__span_has(data, 0, LOCAL_SIZE) || !is_signature(data, 0, "PK\x03\x04"))
        return false;
    uint16_t version = data.data[4], method = fps__get16le(data.data + 8),
             name = fps__get16le(data.data + 26);
    if (version > MAX_VERSION || method > MAX_METHOD || !name || name > MAX_NAME ||
        !fps__span_has(data, LOCAL_SIZE, name))
        return false;
    for (uint16_t i = 0; i < name; i++)
        if (data.data[LOCAL_SIZE + i] < ' ')
            return false;
    return true;
}

/* ---- the directory ---- */

static bool starts_directory(const directory *d, uint64_t start)
{
    return start <= d->end_record && d->size <= d->end_record - start &&
           (d->size ? is_signature(d->data, start, "PK\x01\x02") : true);
}

/* The directory ends where its end record begins, or begins where this says; the first makes offsets count from where
 * the archive begins. */
static bool place_directory(directory *d, uint64_t before, uint64_t offset, bool *displaced)
{
    *displaced = false;
    d->base = 0;
    if (d->size <= before && starts_directory(d, before - d->size)) {
        d->start = before - d->size;
        d->base = d->start >= offset ? d->start - offset : 0;
        return true;
    }
    d->start = offset;
    *displaced = true;
    return starts_directory(d, offset);
}

/* Numbers of the end record that do not fit stand in a second one, to which a locator leads. */
static bool read_end64(directory *d, uint64_t *before, uint64_t *offset)
{
    fps__span data = d->data;
    if (d->end_record < LOCATOR_SIZE + END64_SIZE ||
        !is_signature(data, d->end_record - LOCATOR_SIZE, "PK\x06\x07"))
        return false;
    uint64_t at = d->end_record - LOCATOR_SIZE - END64_SIZE;
    if (!is_signature(data, at, "PK\x06\x06"))
        at = fps__get64le(data.data + d->end_record - LOCATOR_SIZE + 8);
    if (!is_signature(data, at, "PK\x06\x06") || !fps__span_has(data, at, END64_SIZE))
        return false;
    d->size = fps__get64le(data.data + at + 40);
    *offset = fps__get64le(data.data + at + 48);
    *before = at;
    return true;
}

static bool read_end(directory *d, uint64_t at, bool *displaced)
{
    d->end_record = at;
    uint64_t before = at, offset = fps__get32le(d->data.data + at + 16);
    d->size = fps__get32le(d->data.data + at + 12);
    if ((d->size == UINT32_MAX || offset == UINT32_MAX) && !read_end64(d, &before, &offset))
        return false;
    return place_directory(d, before, offset, displaced);
}

/* The first end record of an archive that begins where the data does: more follows than a comment can be. */
static bool find_early_end(directory *d, bool *displaced)
{
    const uint8_t *data = d->data.data;
    for (uint64_t at = 0; fps__span_has(d->data, at, END_SIZE); at++) {
        const uint8_t *found = memmem(data + at, d->data.size - at, "PK\x05\x06", 4);
        if (!found || !fps__span_has(d->data, at = (uint64_t)(found - data), END_SIZE))
            return false;
        if (read_end(d, at, displaced) && d->size && !*displaced && !d->base)
            return true;
    }
    return false;
}

/* The end record whose comment ends the data, else the last one that leads to a directory. */
static bool find_end(directory *d, bool *displaced)
{
    uint64_t most = d->data.size, least = most > END_SIZE + MAX_COMMENT ? most - END_SIZE - MAX_COMMENT : 0;
    for (int exact = 1; exact >= 0; exact--)
        for (uint64_t at = most; at-- > least;)
            if (d->data.data[at] == 'P' && is_signature(d->data, at, "PK\x05\x06") &&
                fps__span_has(d->data, at, END_SIZE) &&
                (!exact || at + END_SIZE + fps__get16le(d->data.data + at + 20) == most) &&
                read_end(d, at, displaced))
                return true;
    return find_early_end(d, displaced);
}

/* ---- entries ---- */

/* The 64-bit forms of numbers that do not fit; they stand in this order, and only those that are needed. */
static void read_extra64(fps__span extra, bool unpacked, entry *e)
{
    for (uint64_t at = 0; fps__span_has(extra, at, 4);) {
        uint16_t id = fps__get16le(extra.data + at), size = fps__get16le(extra.data + at + 2);
        fps__span field = fps__span_part(extra, at + 4, size);
        at += 4 + (uint64_t)size;
        if (id != 1 || !field.size)
            continue;
        uint64_t use = unpacked ? 8 : 0;
        if (e->packed == UINT32_MAX && fps__span_has(field, use, 8)) {
            e->packed = fps__get64le(field.data + use);
            use += 8;
        }
        if (e->offset == UINT32_MAX && fps__span_has(field, use, 8))
            e->offset = fps__get64le(field.data + use);
        return;
    }
}

static bool read_entry(const directory *d, uint64_t at, entry *e)
{
    fps__span rest = fps__span_part(d->data, at, d->start + d->size - at);
    if (rest.size < ENTRY_SIZE || memcmp(rest.data, "PK\x01\x02", 4) != 0)
        return false;
    const uint8_t *p = rest.data;
    uint16_t extra = fps__get16le(p + 30), comment = fps__get16le(p + 32);
    *e = (entry){.flags = fps__get16le(p + 8),
                 .method = fps__get16le(p + 10),
                 .checksum = fps__get32le(p + 16),
                 .packed = fps__get32le(p + 20),
                 .unpacked = fps__get32le(p + 24),
                 .made_by = fps__get16le(p + 4),
                 .attributes = fps__get32le(p + 38),
                 .name_length = fps__get16le(p + 28),
                 .offset = fps__get32le(p + 42),
                 .name = p + ENTRY_SIZE};
    e->size = ENTRY_SIZE + (size_t)e->name_length + extra + comment;
    if (e->size > rest.size)
        return false;
    fps__span fields = fps__span_part(rest, ENTRY_SIZE + (uint64_t)e->name_length, extra);
    read_extra64(fields, fps__get32le(p + 24) == UINT32_MAX, e);
    return true;
}

static bool read_local(fps__span data, uint64_t at, entry *e)
{
    if (!is_signature(data, at, "PK\x03\x04") || !fps__span_has(data, at, LOCAL_SIZE))
        return false;
    const uint8_t *p = data.data + at;
    *e = (entry){.flags = fps__get16le(p + 6),
                 .method = fps__get16le(p + 8),
                 .checksum = fps__get32le(p + 14),
                 .packed = fps__get32le(p + 18),
                 .name_length = fps__get16le(p + 26),
                 .name = p + LOCAL_SIZE};
    e->size = LOCAL_SIZE + (size_t)e->name_length + fps__get16le(p + 28);
    return fps__span_has(data, at, e->size);
}

static bool agree(const entry *central, const entry *local)
{
    if (central->method != local->method || ((central->flags ^ local->flags) & FLAG_ENCRYPTED) ||
        central->name_length != local->name_length ||
        memcmp(central->name, local->name, central->name_length) != 0)
        return false;
    if (local->flags & FLAG_DESCRIPTOR)
        return true;
    bool wide = local->packed == UINT32_MAX;
    return central->checksum == local->checksum && (wide || central->packed == local->packed);
}

/* True for an entry that is no file by its type or name, and has bytes that such an entry has not: who goes by the type
 * does not see them, who goes by the local header takes a file. */
static bool hides_bytes(const entry *central)
{
    enum { DOS = 0, UNIX = 3, DOS_DIRECTORY = 0x10, TYPE = 0170000, LINK = 0120000, FILE_TYPE = 0100000 };
    unsigned system = central->made_by >> 8, type = central->attributes >> 16 & TYPE;
    bool slash = central->name_length && central->name[central->name_length - 1] == '/';
    if (system == UNIX && type == LINK && !slash)
        return central->packed > MAX_LINK || central->unpacked > MAX_LINK;
    bool other = slash || (system == UNIX && type && type != FILE_TYPE) ||
                 (system == DOS && (central->attributes & DOS_DIRECTORY));
    return other && (central->unpacked || central->packed > EMPTY_PACKED);
}

/* ---- what is covered ---- */

typedef FPS__ARRAY(fps__zip_gap) covers;

static fps_status cover(covers *c, uint64_t offset, uint64_t size)
{
    fps__zip_gap run = {offset, size};
    return FPS__ARRAY_PUSH(c, &run, SIZE_MAX);
}

/* An extra field of usual length belongs to the header; what is longer stays a gap. */
static fps_status cover_header(covers *c, uint64_t at, size_t fixed, const entry *e)
{
    size_t names = fixed + e->name_length;
    return cover(c, at, e->size - names < LEAST_GAP ? e->size : names);
}

static fps_status cover_entries(fps__zip_layout *layout, const directory *d, covers *c)
{
    fps_status status = FPS_OK;
    uint64_t at = d->start, end = d->start + d->size;
    while (!status && at < end) {
        entry central, local;
        if (!read_entry(d, at, &central)) {
            layout->differs = true;
            return FPS_OK;
        }
        status = cover_header(c, at, ENTRY_SIZE, &central);
        at += central.size;
        uint64_t place = central.offset <= UINT64_MAX - d->base ? central.offset + d->base : UINT64_MAX;
        if (!read_local(d->data, place, &local) ||
            !fps__span_has(d->data, place + local.size, central.packed)) {
            layout->differs = true;
            continue;
        }
        bool hides = hides_bytes(&central);
        layout->differs |= hides || !agree(&central, &local);
        uint64_t behind = place + local.size + central.packed;
        if (!status)
            status = cover_header(c, place, LOCAL_SIZE, &local);
        if (!status && !hides)
            status = cover(c, place + local.size, central.packed);
        if (!status && (local.flags & FLAG_DESCRIPTOR))
            status = cover(c, behind,
                           d->data.size - behind < DESCRIPTOR_SIZE ? d->data.size - behind : DESCRIPTOR_SIZE);
    }
    return status;
}

static int compare_runs(const void *left, const void *right)
{
    const fps__zip_gap *a = left, *b = right;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static fps_status add_gap(fps__zip_layout *layout, fps__span data, uint64_t from, uint64_t to)
{
    if (to <= from)
        return FPS_OK;
    fps__zip_gap gap = {from, to - from};
    fps__span bytes = fps__span_part(data, from, gap.size);
    bool unnamed = to <= layout->end && fps__zip_is_local_header(bytes);
    layout->differs |= unnamed;
    if (!unnamed && (gap.size < LEAST_GAP || fps__is_padding(bytes)))
        return FPS_OK;
    return FPS__ARRAY_PUSH(&layout->gaps, &gap, SIZE_MAX);
}

static fps_status find_gaps(fps__zip_layout *layout, fps__span data, covers *c)
{
    fps_status status = FPS_OK;
    uint64_t end = 0;
    if (c->count)
        qsort(c->items, c->count, sizeof *c->items, compare_runs);
    for (size_t i = 0; !status && i < c->count; i++) {
        status = add_gap(layout, data, end, c->items[i].offset);
        uint64_t behind = c->items[i].offset + c->items[i].size;
        end = behind > end ? behind : end;
    }
    return status ? status : add_gap(layout, data, end, data.size);
}

fps_status fps__zip_layout_read(fps__zip_layout *layout, fps__span data)
{
    directory d = {.data = data};
    covers c = {NULL, 0, 0};
    *layout = (fps__zip_layout){.known = false};
    if (data.size < END_SIZE || !find_end(&d, &layout->displaced))
        return FPS_OK;
    uint64_t comment = fps__get16le(data.data + d.end_record + 20),
             records = END_SIZE + LOCATOR_SIZE + END64_SIZE;
    uint64_t end = d.end_record + END_SIZE + comment;
    layout->known = true;
    layout->end = end < data.size ? end : data.size;
    uint64_t first = d.end_record > records ? d.end_record - records : 0;
    fps_status status = cover_entries(layout, &d, &c);
    if (!status)
        status =
            cover(&c, is_signature(data, first, "PK\x06\x06") ? first : d.end_record,
                  d.end_record + END_SIZE - (is_signature(data, first, "PK\x06\x06") ? first : d.end_record));
    if (!status)
        status = find_gaps(layout, data, &c);
    free(c.items);
    return status;
}

void fps__zip_layout_free(fps__zip_layout *layout)
{
    free(layout->gaps.items);
    layout->gaps.items = NULL;
    layout->gaps.count = layout->gaps.capacity = 0;
}
