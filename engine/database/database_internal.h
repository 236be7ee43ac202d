/* An open set as the files database*.c see it: views into the mapping, and the counter of damage met. */
#ifndef FPS_DATABASE_DATABASE_INTERNAL_H
#define FPS_DATABASE_DATABASE_INTERNAL_H

#include "database/layout.h"
#include "database/set.h"
#include "util/arena.h"
#include "util/bytes.h"

#include <stdatomic.h>

/* A section that was found to lie inside the file. Absent sections have count 0. */
typedef struct fps__section_view {
    const uint8_t *data;
    uint64_t count;
    uint32_t item_size; /* 0: items are packed, of `width` bits */
    uint16_t width;
    uint8_t hash_bits; /* of keys */
    bool present;
} fps__section_view;

/* The index of one feature kind, or of histories. One that is absent or refused has key_count 0 and a directory of
 * zeros, so that a probe needs no test for it. */
typedef struct fps__index {
    const uint8_t *directory, *records;
    uint64_t postings;                  /* they are below */
    uint64_t record_mask, posting_mask; /* the bits of a record, and of the posting in it */
    uint32_t key_count;
    uint8_t bits;                      /* of a bucket's number */
    uint8_t bucket_shift, group_shift; /* from a key to the number of its bucket, and of its group */
    uint8_t width, posting_bits;       /* of a record, and of the posting in it */
    uint8_t turn;                      /* right, brings the bits of a key to where its record has them */
} fps__index;

enum { FPS__KINDS = 16, FPS__MAX_DIAGNOSTICS = 64 };

struct fps_database {
    const uint8_t *data;
    uint64_t size;
    void *mapping; /* to unmap, NULL when the bytes are the caller's */
    const char *path;
    fps__arena arena;
    uint16_t version_major, version_minor;
    uint64_t table_offset;
    uint32_t section_count;
    uint32_t refused_kinds;
    fps__section_view sections[FPS__SECTION_KINDS];
    fps__index kinds[FPS__KINDS], history;
    fps_diagnostic diagnostics[FPS__MAX_DIAGNOSTICS];
    size_t diagnostic_count;
    atomic_uint_fast64_t damage_count;
    atomic_uint_fast64_t *damage; /* of damage_count: look-ups hold a const database */
};

/* One entry of the section table. */
typedef struct fps__table_entry {
    uint32_t kind, feature, hash_bits, width, parameters, item_size;
    uint64_t offset, count, checksum;
} fps__table_entry;

/* Entry `index` of the table, which open has found to lie inside the file. */
void fps__database_table_entry(const fps_database *database, uint32_t index, fps__table_entry *entry);

/* Notes that a bad value was met. */
static inline void fps__database_damaged(const fps_database *database)
{
    atomic_fetch_add_explicit(database->damage, 1, memory_order_relaxed);
}

/* True when [first, first + count) are items of a section. */
static inline bool fps__database_has(const fps_database *database, enum fps__layout_section kind,
                                     uint32_t first, uint32_t count)
{
    uint64_t have = database->sections[kind].count;
    return first <= have && count <= have - first;
}

/* The text at an offset into the strings; "" and one more damage when it is outside. */
const char *fps__database_text(const fps_database *database, uint32_t offset);
/* True when the totals of a unit of a component with so many fingerprinted releases and code builds are there. */
bool fps__database_unit_totals_fit(const fps_database *database, uint32_t id, uint32_t releases,
                                   uint32_t builds);
/* The number of history ranges, without the one that closes them. */
uint64_t fps__database_range_count(const fps_database *database);
/* The parts of the full check that look at histories, and at patches. */
fps_status fps__database_verify_histories(const fps_database *database, fps_error *error);
fps_status fps__database_verify_patches(const fps_database *database, fps_error *error);

/* The bits of a field that names an item of a section. */
static inline unsigned fps__database_bits(const fps_database *database, enum fps__layout_section kind)
{
    return fps__layout_bits(database->sections[kind].count);
}

/* The bits of a field that names the owner of an entry. */
static inline unsigned fps__database_owner_bits(const fps_database *database)
{
    return fps__layout_bits(database->sections[FPS__SECTION_UNITS].count +
                            database->sections[FPS__SECTION_COMPONENTS].count);
}

/* The fields of a packed item, taken one after another. */
typedef struct fps__fields {
    const uint8_t *data;
    uint64_t position;
} fps__fields;

static inline uint32_t fps__fields_next(fps__fields *fields, unsigned bits)
{
    uint64_t value = fps__layout_field(fields->data, fields->position, bits);
    fields->position += bits;
    return (uint32_t)value;
}

/* Packed item `id` of a section; false and one more damage when there is none. */
static inline bool fps__database_fields(const fps_database *database, enum fps__layout_section kind,
                                        uint64_t id, fps__fields *fields)
{
    const fps__section_view *view = &database->sections[kind];
    if (id >= view->count) {
        fps__database_damaged(database);
        return false;
    }
    *fields = (fps__fields){view->data, id * view->width};
    return true;
}

/* Item `id` of a section, or NULL and one more damage when there is none. */
static inline const uint8_t *fps__database_item(const fps_database *database, enum fps__layout_section kind,
                                                uint64_t id)
{
    const fps__section_view *view = &database->sections[kind];
    if (id >= view->count) {
        fps__database_damaged(database);
        return NULL;
    }
    return view->data + id * view->item_size;
}

#endif
