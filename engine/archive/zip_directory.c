/* The central directory of a zip archive and its local headers. The format: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 to 4.5. */
#include "archive/zip_directory.h"

enum {
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    MAX_COMMENT = 0xffff,
};

bool fps__zip_is_signature(fps__span data, uint64_t at, const char *signature)
{
    return fps__span_has(data, at, 4) && memcmp(data.data + at, signature, 4) == 0;
}

/* ---- the directory ---- */

static bool starts_directory(const fps__zip_directory *d, uint64_t start)
{
    return start <= d->end_record && d->size <= d->end_record - start &&
           (d->size ? fps__zip_is_signature(d->data, start, "PK\x01\x02") : true);
}

/* The directory ends where its end record begins, or begins where this says; the first makes offsets count from where
 * the archive begins. */
static bool place_directory(fps__zip_directory *d, uint64_t before, uint64_t offset, bool *displaced)
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
static bool read_end64(fps__zip_directory *d, uint64_t *before, uint64_t *offset)
{
    fps__span data = d->data;
    if (d->end_record < LOCATOR_SIZE + END64_SIZE ||
        !fps__zip_is_signature(data, d->end_record - LOCATOR_SIZE, "PK\x06\x07"))
        return false;
    uint64_t at = d->end_record - LOCATOR_SIZE - END64_SIZE;
    if (!fps__zip_is_signature(data, at, "PK\x06\x06"))
        at = fps__get64le(data.data + d->end_record - LOCATOR_SIZE + 8);
    if (!fps__zip_is_signature(data, at, "PK\x06\x06") || !fps__span_has(data, at, END64_SIZE))
        return false;
    d->size = fps__get64le(data.data + at + 40);
    *offset = fps__get64le(data.data + at + 48);
    *before = at;
    return true;
}

static bool read_end(fps__zip_directory *d, uint64_t at, bool *displaced)
{
    d->end_record = at;
    uint64_t before = at, offset = fps__get32le(d->data.data + at + 16);
    d->size = fps__get32le(d->data.data + at + 12);
    if ((d->size == UINT32_MAX || offset == UINT32_MAX) && !read_end64(d, &before, &offset))
        return false;
    return place_directory(d, before, offset, displaced);
}

/* The first end record of an archive that begins where the data does: more follows than a comment can be. */
static bool find_early_end(fps__zip_directory *d, bool *displaced)
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

bool fps__zip_find_directory(fps__zip_directory *d, fps__span data, bool *displaced)
{
    *d = (fps__zip_directory){.data = data};
    if (data.size < END_SIZE)
        return false;
    uint64_t most = d->data.size, least = most > END_SIZE + MAX_COMMENT ? most - END_SIZE - MAX_COMMENT : 0;
    for (int exact = 1; exact >= 0; exact--)
        for (uint64_t at = most; at-- > least;)
            if (d->data.data[at] == 'P' && fps__zip_is_signature(d->data, at, "PK\x05\x06") &&
                fps__span_has(d->data, at, END_SIZE) &&
                (!exact || at + END_SIZE + fps__get16le(d->data.data + at + 20) == most) &&
                read_end(d, at, displaced))
                return true;
    return find_early_end(d, displaced);
}

/* ---- entries ---- */

/* The 64-bit forms of numbers that do not fit; they stand in this order, and only those that are needed. */
static void read_extra64(fps__span extra, bool unpacked, fps__zip_entry *e)
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

bool fps__zip_read_entry(const fps__zip_directory *d, uint64_t at, fps__zip_entry *e)
{
    fps__span rest = fps__span_part(d->data, at, d->start + d->size - at);
    if (rest.size < FPS__ZIP_ENTRY_SIZE || memcmp(rest.data, "PK\x01\x02", 4) != 0)
        return false;
    const uint8_t *p = rest.data;
    uint16_t extra = fps__get16le(p + 30), comment = fps__get16le(p + 32);
    *e = (fps__zip_entry){.flags = fps__get16le(p + 8),
                          .method = fps__get16le(p + 10),
                          .checksum = fps__get32le(p + 16),
                          .packed = fps__get32le(p + 20),
                          .unpacked = fps__get32le(p + 24),
                          .made_by = fps__get16le(p + 4),
                          .attributes = fps__get32le(p + 38),
                          .name_length = fps__get16le(p + 28),
                          .offset = fps__get32le(p + 42),
                          .name = p + FPS__ZIP_ENTRY_SIZE};
    e->size = FPS__ZIP_ENTRY_SIZE + (size_t)e->name_length + extra + comment;
    if (e->size > rest.size)
        return false;
    fps__span fields = fps__span_part(rest, FPS__ZIP_ENTRY_SIZE + (uint64_t)e->name_length, extra);
    read_extra64(fields, fps__get32le(p + 24) == UINT32_MAX, e);
    return true;
}

bool fps__zip_read_local(fps__span data, uint64_t at, fps__zip_entry *e)
{
    if (!fps__zip_is_signature(data, at, "PK\x03\x04") || !fps__span_has(data, at, FPS__ZIP_LOCAL_SIZE))
        return false;
    const uint8_t *p = data.data + at;
    *e = (fps__zip_entry){.flags = fps__get16le(p + 6),
                          .method = fps__get16le(p + 8),
                          .checksum = fps__get32le(p + 14),
                          .packed = fps__get32le(p + 18),
                          .unpacked = fps__get32le(p + 22),
                          .name_length = fps__get16le(p + 26),
                          .name = p + FPS__ZIP_LOCAL_SIZE};
    e->size = FPS__ZIP_LOCAL_SIZE + (size_t)e->name_length + fps__get16le(p + 28);
    return fps__span_has(data, at, e->size);
}
