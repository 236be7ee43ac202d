/* Where the parts of a zip archive lie. The format: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 to 4.5. */
#include "archive/zip_layout.h"

#include "archive/zip_directory.h"

#include <stdlib.h>

enum {
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    DESCRIPTOR_SIZE = 24, /* the longest, behind an entry */
    LEAST_GAP = 512,   /* extra fields and comments of files are shorter; what is shorter holds no program */
    MAX_LINK = 4096,   /* bytes of the target of a symbolic link */
    EMPTY_PACKED = 16, /* bytes that nothing may be packed to */
};

bool fps__is_padding(fps__span bytes)
{
    return bytes.size < 2 || memcmp(bytes.data, bytes.data + 1, bytes.size - 1) == 0;
}

bool fps__zip_is_local_header(fps__span data)
{
    enum { MAX_VERSION = 63, MAX_METHOD = 99, MAX_NAME = 1024 };
    if (!fps__span_has(data, 0, FPS__ZIP_LOCAL_SIZE) || !fps__zip_is_signature(data, 0, "PK\x03\x04"))
        return false;
    uint16_t version = data.data[4], method = fps__get16le(data.data + 8),
             name = fps__get16le(data.data + 26);
    if (version > MAX_VERSION || method > MAX_METHOD || !name || name > MAX_NAME ||
        !fps__span_has(data, FPS__ZIP_LOCAL_SIZE, name))
        return false;
    for (uint16_t i = 0; i < name; i++)
        if (data.data[FPS__ZIP_LOCAL_SIZE + i] < ' ')
            return false;
    return true;
}

static bool agree(const fps__zip_entry *central, const fps__zip_entry *local)
{
    if (central->method != local->method || ((central->flags ^ local->flags) & FPS__ZIP_ENCRYPTED) ||
        central->name_length != local->name_length ||
        memcmp(central->name, local->name, central->name_length) != 0)
        return false;
    if (local->flags & FPS__ZIP_DESCRIPTOR)
        return true;
    bool wide = local->packed == UINT32_MAX;
    return central->checksum == local->checksum && (wide || central->packed == local->packed);
}

/* True for an entry that is no file by its type or name, and has bytes that such an entry has not: who goes by the type
 * does not see them, who goes by the local header takes a file. */
static bool hides_bytes(const fps__zip_entry *central)
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
static fps_status cover_header(covers *c, uint64_t at, size_t fixed, const fps__zip_entry *e)
{
    size_t names = fixed + e->name_length;
    return cover(c, at, e->size - names < LEAST_GAP ? e->size : names);
}

static fps_status cover_entries(fps__zip_layout *layout, const fps__zip_directory *d, covers *c)
{
    fps_status status = FPS_OK;
    uint64_t at = d->start, end = d->start + d->size;
    while (!status && at < end) {
        fps__zip_entry central, local;
        if (!fps__zip_read_entry(d, at, &central)) {
            layout->differs = true;
            return FPS_OK;
        }
        status = cover_header(c, at, FPS__ZIP_ENTRY_SIZE, &central);
        at += central.size;
        uint64_t place = central.offset <= UINT64_MAX - d->base ? central.offset + d->base : UINT64_MAX;
        if (!fps__zip_read_local(d->data, place, &local) ||
            !fps__span_has(d->data, place + local.size, central.packed)) {
            layout->differs = true;
            continue;
        }
        bool hides = hides_bytes(&central);
        layout->differs |= hides || !agree(&central, &local);
        uint64_t behind = place + local.size + central.packed;
        if (!status)
            status = cover_header(c, place, FPS__ZIP_LOCAL_SIZE, &local);
        if (!status && !hides)
            status = cover(c, place + local.size, central.packed);
        if (!status && (local.flags & FPS__ZIP_DESCRIPTOR))
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
    fps__zip_directory d;
    covers c = {NULL, 0, 0};
    *layout = (fps__zip_layout){.known = false};
    if (!fps__zip_find_directory(&d, data, &layout->displaced))
        return FPS_OK;
    uint64_t comment = fps__get16le(data.data + d.end_record + 20),
             records = END_SIZE + LOCATOR_SIZE + END64_SIZE;
    uint64_t end = d.end_record + END_SIZE + comment;
    layout->known = true;
    layout->end = end < data.size ? end : data.size;
    uint64_t first = d.end_record > records ? d.end_record - records : 0;
    fps_status status = cover_entries(layout, &d, &c);
    if (!status)
        status = cover(&c, fps__zip_is_signature(data, first, "PK\x06\x06") ? first : d.end_record,
                       d.end_record + END_SIZE -
                           (fps__zip_is_signature(data, first, "PK\x06\x06") ? first : d.end_record));
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
